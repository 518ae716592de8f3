//! A shortened history: the fewest facts whose fold is this hub.

use std::sync::Arc;

use measure::Time;

use crate::fact::{Fact, Limits, Past, Reservation, Terms, Tried};
use crate::hub::{Hub, Job, Stage};

impl Hub {
    /// Facts with their times whose fold equals this hub, leaving out everything that is over. A snapshot
    /// is a shorter history: there is no second format and no code to restore one.
    pub fn opening(&self) -> Vec<(Time, Fact)> {
        let start = Time(0);
        let empty = census::Census::default();
        let mut facts: Vec<(Time, Fact)> =
            empty.changes_to(&self.census).into_iter().map(|change| (start, Fact::Census(Box::new(change)))).collect();
        facts.extend(self.data.iter().map(|(name, data)| (start, Fact::Data(name.clone(), Some(Box::new(data.clone()))))));
        facts.extend(self.tenants.iter().map(|(id, tenant)| (start, Fact::Admitted(*id, tenant.name.clone()))));
        facts.extend(self.half_life.map(|half_life| (start, Fact::HalfLife(half_life))));
        // Parents before their projects, whichever was admitted first.
        let mut arranged: Vec<_> = self.tenants.iter().filter(|(_, tenant)| tenant.terms != Terms::default()).collect();
        arranged.sort_by_key(|(id, _)| (self.path(**id).count(), **id));
        facts.extend(arranged.into_iter().map(|(id, tenant)| (start, Fact::Arranged(*id, tenant.terms))));
        for (id, pool) in &self.pools {
            facts.push((start, Fact::Joined(*id, pool.join.clone())));
            if !pool.nodes.is_empty() {
                facts.push((pool.seen, Fact::Seen(*id, pool.nodes.iter().map(|state| state.node.clone()).collect())));
            }
            let others: Vec<_> = pool.nodes.iter().filter_map(|state| state.others.as_deref().cloned()).collect();
            if !others.is_empty() {
                facts.push((pool.seen, Fact::Occupied(*id, others)));
            }
            facts.extend(pool.agent.clone().map(|agent| (start, Fact::Served(*id, agent))));
            for (node, agent) in &pool.hosts {
                let state = &pool.nodes[*node as usize];
                facts.push((start, Fact::Hosted(*id, *node, Box::new(state.node.clone()), agent.clone())));
                if !state.silent {
                    facts.push((start, Fact::HostContact(*id, *node, true)));
                }
            }
            if pool.contact {
                facts.push((start, Fact::Contact(*id, true)));
            }
            if pool.limits != Limits::default() {
                facts.push((start, Fact::Limited(*id, pool.limits.clone())));
            }
        }
        let closed = self.closings.iter().map(|(target, closings)| (start, Fact::Closed(target.clone(), closings.clone())));
        facts.extend(closed);
        // What has ended comes first, whole: it gave back what a job that runs may hold now.
        let (ended, live): (Vec<_>, Vec<_>) = self.jobs.iter().partition(|(_, job)| matches!(job.stage, Stage::Ended { .. }));
        let mut last = Vec::new();
        for (id, job) in ended.into_iter().chain(live) {
            let id = &id;
            facts.push((job.submitted, Fact::Submitted(*id, job.spec.clone())));
            facts.extend(job.expected.map(|expected| (job.submitted, Fact::Expected(*id, expected))));
            // A place counts one more.
            let placed = u32::from(job.stage != Stage::Waiting && !matches!(job.stage, Stage::Ended { place: None, .. }));
            facts.extend(job.at_once.map(|(pool, since)| (job.submitted, Fact::AtOnce(*id, pool, since))));
            let Job { lost, eligible, evicted_in, burst, ran, by_choice, .. } = *job;
            let attempt = job.attempt - placed;
            let tried = Tried { attempt, lost, eligible, evicted_in, burst, ran, by_choice };
            let tried = (job.submitted, Fact::Tried(*id, tried));
            match job.stage {
                // Last, since that others are stopped for it changes it, too.
                Stage::Waiting => {
                    last.push(tried);
                    last.extend(job.choice.map(|choice| (choice.since, Fact::PutOff(*id, choice.until))));
                }
                _ => facts.push(tried),
            }
            let heard = self.heard.get(id).into_iter().flatten();
            let heard = heard.map(|(node, report)| (start, Fact::Heard(*id, *node, report.clone())));
            match &job.stage {
                Stage::Waiting => {}
                Stage::Placed { place, since } => facts.push((*since, Fact::Placed(*id, place.clone()))),
                Stage::Running { place, since, placed } => {
                    facts.push((*placed, Fact::Placed(*id, place.clone())));
                    facts.push((*since, Fact::Started(*id)));
                }
                Stage::Stopping { place, placed, started, stop } => {
                    facts.push((*placed, Fact::Placed(*id, place.clone())));
                    facts.extend(started.map(|since| (since, Fact::Started(*id))));
                    facts.push((start, Fact::StopWanted(*id, *stop)));
                }
                Stage::Ended { place, end, usage, at } => {
                    facts.extend(place.clone().map(|place| (job.submitted, Fact::Placed(*id, place))));
                    facts.push((*at, Fact::Ended(*id, end.clone(), *usage)));
                }
            }
            facts.extend(heard);
        }
        facts.extend(last);
        let reserved = self.reserved.iter().map(|(id, reservation)| {
            let idle = self.idle_since.get(id).cloned().unwrap_or_default();
            (start, Fact::Reserved(*id, Some(Arc::new(Reservation { idle, ..Reservation::clone(reservation) }))))
        });
        facts.extend(reserved);
        // Of everybody: jobs that ended and are not yet paid were applied again above, and charged as they were not.
        for (id, tenant) in &self.tenants {
            let past = Past { used: tenant.used, runs: tenant.runs.clone() };
            facts.push((start, Fact::Remembered(*id, Box::new(past))));
        }
        // Places took out of them again, above.
        facts.extend(
            self.tenants
                .iter()
                .filter(|(_, tenant)| tenant.purse.is_some())
                .map(|(id, tenant)| (start, Fact::Funded(*id, tenant.purse))),
        );
        // Places changed them above.
        facts.extend(self.loads.iter().map(|(site, load)| (start, Fact::Load(site.clone(), Box::new(load.clone())))));
        if !self.work.is_empty() {
            facts.push((start, Fact::Demanded(Box::new(self.work.clone()))));
        }
        facts.push((start, Fact::Counted { tenant: self.last_tenant, pool: self.last_pool, job: self.last_job }));
        facts
    }
}
