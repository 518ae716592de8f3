//! A shortened history: the fewest facts whose fold is this hub.

use measure::Time;

use crate::fact::Fact;
use crate::hub::{Hub, Stage};

impl Hub {
    /// Facts with their times whose fold equals this hub, leaving out everything that is over. A snapshot
    /// is a shorter history: there is no second format and no code to restore one.
    pub fn opening(&self) -> Vec<(Time, Fact)> {
        let start = Time(0);
        let empty = census::Census::default();
        let mut facts: Vec<(Time, Fact)> =
            empty.changes_to(&self.census).into_iter().map(|change| (start, Fact::Census(Box::new(change)))).collect();
        facts.extend(self.tenants.iter().map(|(id, tenant)| (start, Fact::Admitted(*id, tenant.name.clone()))));
        for (id, pool) in &self.pools {
            facts.push((start, Fact::Joined(*id, pool.join.clone())));
            if !pool.nodes.is_empty() {
                facts.push((pool.seen, Fact::Seen(*id, pool.nodes.iter().map(|state| state.node.clone()).collect())));
            }
            facts.extend(pool.agent.clone().map(|agent| (start, Fact::Served(*id, agent))));
            if pool.contact {
                facts.push((start, Fact::Contact(*id, true)));
            }
        }
        // What has ended comes first, whole: it gave back what a job that runs may hold now.
        let (ended, live): (Vec<_>, Vec<_>) = self.jobs.iter().partition(|(_, job)| matches!(job.stage, Stage::Ended { .. }));
        for (id, job) in ended.into_iter().chain(live) {
            facts.push((job.submitted, Fact::Submitted(*id, job.spec.clone())));
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
        }
        facts.push((start, Fact::Counted { tenant: self.last_tenant, pool: self.last_pool, job: self.last_job }));
        facts
    }
}
