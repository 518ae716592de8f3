//! Who is stopped where a cap leaves no room for what runs.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use measure::{JobId, Span, Time};

use super::{LATE, NOTICE, Stands};
use crate::fact::{Fact, Slot, Stop};
use crate::hub::{Hub, Job, Pool, Stage};

/// What is capped, by its number.
#[derive(Debug, Clone, Copy)]
enum Fuse {
    Site(u32),
    Rack(u32),
}

/// A job that may be stopped for a cap; those first that are stopped first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Victim {
    /// Its notice would not be over by then.
    late: bool,
    /// It does not allow it.
    stays: bool,
    /// What is lost for each milliwatt.
    loss: u128,
    last: Reverse<JobId>,
    draws: i64,
    /// When it is told to stop.
    from: Time,
}

impl Hub {
    /// Who is stopped so that no cap is exceeded: where least is lost for what is set free, those first that can be stopped, and each
    /// early enough to save what it has.
    pub(super) fn shed(&mut self, now: Time) -> Vec<Fact> {
        let power = &self.derived.power;
        let mut over: Vec<(Fuse, Time, i64)> = Vec::new();
        for (at, site) in power.sites.iter().enumerate().filter(|(_, site)| site.capped) {
            let falls = site.most.iter().filter(|(when, most)| site.draws > *most && *when <= now + NOTICE);
            over.extend(falls.map(|(when, most)| (Fuse::Site(at as u32), now.max(*when), site.draws - most)));
        }
        let racks = power.racks.iter().enumerate().filter(|(_, rack)| rack.draws > rack.most);
        over.extend(racks.map(|(at, rack)| (Fuse::Rack(at as u32), now, rack.draws - rack.most)));
        let mut stopped: BTreeSet<JobId> = BTreeSet::new();
        let mut looks = Vec::new();
        for (fuse, when, mut excess) in over {
            let mut victims: Vec<Victim> = Vec::new();
            for (id, pool) in self.pools.iter() {
                let Some(stands) = power.stands.get(id) else { continue };
                for id in &pool.jobs.0 {
                    let draws = self.drawn_behind(fuse, stands, pool, *id);
                    let job = &self.jobs[id];
                    // A cap that is exceeded already waits for nobody's end.
                    let over_by_then = when > now && self.ends(job).is_some_and(|end| end + LATE <= when);
                    if matches!(job.stage, Stage::Stopping { .. }) || over_by_then || stopped.contains(id) {
                        excess -= draws;
                    } else if draws > 0 {
                        let grace = job.spec.notice.map_or(Span::ZERO, |notice| notice.grace);
                        let from = Time(when.0 - grace.0 - LATE.0);
                        let stays = !(job.spec.preemptible || job.spec.suspend.is_some());
                        let loss = self.loss(*id) / u128::from(draws.unsigned_abs());
                        victims.push(Victim { late: when > now && from < now, stays, loss, last: Reverse(*id), draws, from });
                    }
                }
            }
            victims.sort_unstable();
            for Victim { last: Reverse(id), draws, from, .. } in victims {
                if excess <= 0 {
                    break;
                }
                excess -= draws;
                match from <= now {
                    true => drop(stopped.insert(id)),
                    false => looks.push(from),
                }
            }
        }
        self.derived.power.looks.extend(looks);
        stopped.into_iter().map(|id| Fact::StopWanted(id, Stop::Capped)).collect()
    }

    /// When a job that has a place has ended by its limit, which counts from its start.
    fn ends(&self, job: &Job) -> Option<Time> {
        let begins = match &job.stage {
            Stage::Running { since, .. } => *since,
            stage => stage.placed()? + self.wake_of(stage.held()?),
        };
        Some(begins + job.bound()?)
    }

    /// What ends with a job of what is drawn behind a fuse.
    fn drawn_behind(&self, fuse: Fuse, stands: &Stands, pool: &Pool, id: JobId) -> i64 {
        let Some(place) = self.jobs[&id].stage.held() else { return 0 };
        let behind = |node: u32| match fuse {
            Fuse::Site(site) => stands.site == Some(site),
            Fuse::Rack(rack) => stands.racks.get(node as usize) == Some(&rack),
        };
        let each = |slot: &Slot| {
            let group = pool.nodes[slot.node as usize].group;
            self.derived.index.groups[group as usize].draws.map_or(0, |draws| draws.freed(slot.milli(), place.cpu.0))
        };
        place.slots.iter().filter(|slot| behind(slot.node)).map(each).sum()
    }
}
