//! Jobs that go on only while whoever submitted them is heard of: an agent of a hub above must not leave anything running that its
//! own hub takes for lost. Kept by nobody but this thread; after a start everybody has as long as ever to be heard of.

use std::collections::BTreeMap;
use std::time::Duration;

use dispatch::{Fact, Hub, Spec};
use execute::clock::Moment;
use measure::{JobId, TenantId};
use settle::{Body, Entry};

/// Who holds leases: a tenant, and by what whoever speaks for it is told from others who do.
type Holder = (TenantId, String);

struct Held {
    heard: Moment,
    jobs: BTreeMap<JobId, Duration>,
}

/// Whose jobs end when they fall silent, and when they were last heard of.
#[derive(Default)]
pub(super) struct Leases {
    holders: BTreeMap<Holder, Held>,
    of: BTreeMap<JobId, Holder>,
}

impl Leases {
    /// Of the jobs of a hub.
    pub(super) fn of(hub: &Hub) -> Leases {
        let mut leases = Leases::default();
        hub.jobs.iter().for_each(|(id, job)| leases.take(id, &job.spec));
        leases
    }

    fn take(&mut self, job: JobId, spec: &Spec) {
        let Some(lease) = &spec.lease else { return };
        let holder = (spec.tenant, lease.holder.clone());
        let held = self.holders.entry(holder.clone()).or_insert_with(|| Held { heard: Moment::now(), jobs: BTreeMap::new() });
        held.jobs.insert(job, Duration::from_millis(lease.span.0.max(0).unsigned_abs()));
        self.of.insert(job, holder);
    }

    /// Takes over what happened. Whoever submits is heard of.
    pub(super) fn note(&mut self, entries: &[Entry]) {
        for entry in entries {
            match &entry.body {
                Body::Fact(Fact::Submitted(job, spec)) => self.take(*job, spec),
                Body::Fact(Fact::Ended(job, ..)) => {
                    let Some(holder) = self.of.remove(job) else { continue };
                    if let Some(held) = self.holders.get_mut(&holder) {
                        held.jobs.remove(job);
                        if held.jobs.is_empty() {
                            self.holders.remove(&holder);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Somebody was heard of.
    pub(super) fn heard(&mut self, tenant: TenantId, holder: String) {
        if let Some(held) = self.holders.get_mut(&(tenant, holder)) {
            held.heard = Moment::now();
        }
    }

    /// Jobs whose holder has been silent for too long.
    pub(super) fn over(&self) -> Vec<JobId> {
        let silent = self.holders.values().flat_map(|held| {
            let quiet = held.heard.elapsed();
            held.jobs.iter().filter(move |(_, lease)| quiet > **lease).map(|(job, _)| *job)
        });
        silent.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dispatch::{End, Lease, Usage};
    use execute::clock;
    use measure::{Span, Time};

    use super::*;

    #[test]
    fn a_lease_is_over_when_its_own_holder_is_silent_and_no_other() {
        let at = |second: u64| clock::tell(Time(0), Moment::after(Duration::from_secs(second)));
        at(100);
        let entry = |seq, fact| Entry { seq, at: Time(0), body: Body::Fact(fact) };
        let job = |number, tenant, holder: &str| {
            let lease = Some(Lease { holder: holder.to_owned(), span: Span::seconds(10) });
            entry(number, Fact::Submitted(JobId(number), Arc::new(Spec { tenant: TenantId(tenant), lease, ..Spec::default() })))
        };
        let mut leases = Leases::default();
        let plain = entry(4, Fact::Submitted(JobId(4), Arc::default()));
        leases.note(&[job(1, 1, "a"), job(2, 1, "b"), job(3, 2, "a"), plain]);
        at(109);
        leases.heard(TenantId(1), "a".to_owned());
        assert_eq!(leases.over(), []);
        at(111);
        assert_eq!(leases.over(), [JobId(2), JobId(3)]);
        leases.note(&[entry(5, Fact::Ended(JobId(2), End::Cancelled, Usage::default()))]);
        at(120);
        assert_eq!(leases.over(), [JobId(1), JobId(3)]);
    }
}
