//! Jobs that go on only while whoever submitted them is heard of: an agent of a hub above must not leave anything running that its
//! own hub takes for lost. Kept by nobody but this thread: after a start it is not known who was silent for how long, and everybody has
//! a moment to be heard of. Other than with agents, whose jobs may go on meanwhile, a lease must not be longer for that.

use std::collections::BTreeMap;
use std::time::Duration;

use dispatch::{Fact, Hub, Spec};
use execute::clock::Moment;
use measure::{JobId, TenantId};
use settle::{Body, Entry};

/// Who holds leases: a tenant, and by what whoever speaks for it is told from others who do.
type Holder = (TenantId, String);

/// How long a holder may take to be heard of after a start.
const AFTER_A_START: Duration = Duration::from_secs(120);

struct Held {
    /// When it was last heard of, or since when it might have been.
    heard: Moment,
    /// Whether it was, in this hub's time.
    known: bool,
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
        hub.jobs.iter().for_each(|(id, job)| leases.take(id, &job.spec, false));
        leases
    }

    fn take(&mut self, job: JobId, spec: &Spec, known: bool) {
        let Some(lease) = &spec.lease else { return };
        let holder = (spec.tenant, lease.holder.clone());
        let new = || Held { heard: Moment::now(), known, jobs: BTreeMap::new() };
        let held = self.holders.entry(holder.clone()).or_insert_with(new);
        held.jobs.insert(job, Duration::from_millis(lease.span.0.max(0).unsigned_abs()));
        self.of.insert(job, holder);
    }

    /// Takes over what happened. Whoever submits is heard of.
    pub(super) fn note(&mut self, entries: &[Entry]) {
        for entry in entries {
            match &entry.body {
                Body::Fact(Fact::Submitted(job, spec)) => self.take(*job, spec, true),
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
            (held.heard, held.known) = (Moment::now(), true);
        }
    }

    /// Jobs whose holder has been silent for too long.
    pub(super) fn over(&self) -> Vec<JobId> {
        let silent = self.holders.values().flat_map(|held| {
            let (quiet, most) = (held.heard.elapsed(), if held.known { Duration::MAX } else { AFTER_A_START });
            held.jobs.iter().filter(move |(_, lease)| quiet > most.min(**lease)).map(|(job, _)| *job)
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

    #[test]
    fn after_a_start_a_holder_has_a_moment_to_be_heard_of_and_no_new_lease() {
        let at = |second: u64| clock::tell(Time(0), Moment::after(Duration::from_secs(second)));
        at(1000);
        let mut leases = Leases::default();
        let lease = |seconds| Some(Lease { holder: "a".to_owned(), span: Span::seconds(seconds) });
        leases.take(JobId(1), &Spec { lease: lease(86_400), ..Spec::default() }, false);
        leases.take(JobId(2), &Spec { lease: lease(60), ..Spec::default() }, false);
        at(1061);
        assert_eq!(leases.over(), [JobId(2)]);
        at(1121);
        assert_eq!(leases.over(), [JobId(1), JobId(2)]);
        leases.heard(TenantId::default(), "a".to_owned());
        at(1241);
        assert_eq!(leases.over(), [JobId(2)]);
    }
}
