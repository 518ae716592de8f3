//! Data near work: which pools have what a job reads, what must be brought to others, and how long a job waits for a place
//! beside its data.

use std::collections::{BTreeMap, BTreeSet};

use measure::{Name, PoolId, Span, Time};
use serde::{Deserialize, Serialize};

use crate::fact::Shape;
use crate::hub::{Hub, Job};
use crate::index::{Want, demand, replicas};

/// Data that jobs read, as it lies at sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSet {
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of its content in hexadecimal digits, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// By pool or site: how it is reached. A path is reached there only, what has a scheme from anywhere.
    pub at: BTreeMap<Name, String>,
}

impl DataSet {
    /// Whether another place can be given it.
    pub fn moves(&self) -> bool {
        self.at.values().any(|how| how.contains("://"))
    }
}

/// Where jobs of a shape should wait for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    /// Pools to which their data cannot be brought.
    pub(crate) never: Vec<PoolId>,
    /// Pools to which more must be brought than to the nearest one that could hold them.
    pub(crate) far: Vec<PoolId>,
    /// So long they wait for a place that is not far.
    patience: Span,
}

impl Near {
    /// Until when a job waits for a place that is not far.
    pub(crate) fn until(&self, job: &Job) -> Time {
        job.submitted.max(job.eligible) + self.patience
    }
}

impl Hub {
    /// Bytes of a job's inputs that must be brought to a pool; `None` if some of them cannot be.
    pub fn to_bring(&self, inputs: &[Name], pool: PoolId) -> Option<u64> {
        let pool = self.pools.get(&pool)?;
        // What runs images has no folder into which an agent could bring anything.
        let takes = !pool.nodes.iter().any(|state| state.node.images);
        let mut bytes = 0_u64;
        for name in inputs {
            let data = self.data.get(name)?;
            let there =
                data.at.contains_key(&pool.join.name) || pool.join.site.as_ref().is_some_and(|site| data.at.contains_key(site));
            if there && takes {
                continue;
            }
            if !takes || !data.moves() {
                return None;
            }
            bytes = bytes.saturating_add(data.bytes);
        }
        Some(bytes)
    }

    /// How long it takes to bring so much from one site to another.
    pub fn time_to_bring(&self, bytes: u64) -> Span {
        let rate = u128::from(self.derived.policy.transfer_megabytes.max(1)) * 1000;
        Span(i64::try_from(u128::from(bytes).div_ceil(rate)).unwrap_or(i64::MAX / 4).min(i64::MAX / 4))
    }

    /// How long a job waits rather than have so much brought: as long as that takes, and as long as what it costs is worth.
    pub fn worth_to_bring(&self, bytes: u64) -> Span {
        let policy = &self.derived.policy;
        let (each, hour) = (u128::from(policy.transfer_yuan_per_terabyte), u128::from(policy.wait_yuan_per_hour));
        // Yuan a terabyte × bytes ÷ yuan an hour, in milliseconds.
        let worth = (u128::from(bytes) * each * 3_600_000).checked_div(hour * 1_000_000_000_000).unwrap_or(0);
        let worth = i64::try_from(worth).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
        Span(self.time_to_bring(bytes).0.saturating_add(worth).min(i64::MAX / 4))
    }

    /// Whether a pool that is in touch could hold a shape when it is empty.
    pub(crate) fn could_pool_hold(&self, id: PoolId, shape: &Shape) -> bool {
        let index = &self.derived.index;
        self.pools[&id].contact
            && shape.asks.iter().any(|ask| {
                let want = Want::of(shape, ask);
                index.groups.iter().filter(|group| group.pool == id).any(|group| {
                    let demand = demand(&want, group, index.accelerated);
                    demand.is_ok_and(|demand| Hub::could_hold(group, shape.spread, demand, replicas(shape, ask, group)))
                })
            })
    }

    /// Where jobs of a shape with inputs should wait. Nobody knows how long the wait beside their data will be, so they wait there
    /// for as long as moving would take (and what it costs is worth), and move then: whatever comes, a job loses at most as much again as the better of the two
    /// would have cost (the bound of the ski-rental problem: Karlin, Manasse, Rudolph, Sleator, Competitive snoopy caching,
    /// 1988).
    fn nearness(&self, shape: &Shape) -> Near {
        let all: Vec<(PoolId, Option<u64>)> = self.pools.keys().map(|id| (*id, self.to_bring(&shape.inputs, *id))).collect();
        let never = all.iter().filter(|(_, bytes)| bytes.is_none()).map(|(id, _)| *id).collect();
        let reached: Vec<(PoolId, u64)> = all.into_iter().filter_map(|(id, bytes)| Some((id, bytes?))).collect();
        let could = reached.iter().filter(|(id, _)| self.could_pool_hold(*id, shape));
        let (least, most) = could.fold((u64::MAX, 0), |(least, most), (_, bytes)| (least.min(*bytes), most.max(*bytes)));
        let far = reached.into_iter().filter(|(_, bytes)| *bytes > least).map(|(id, _)| id).collect();
        Near { never, far, patience: self.worth_to_bring(most.saturating_sub(least)) }
    }

    /// The same of a job; jobs of one shape share the answer.
    pub(crate) fn near(&self, job: &Job) -> Near {
        self.derived.near.get(&job.seat.shape).cloned().unwrap_or_else(|| self.nearness(&job.spec.shape))
    }

    /// Remembers the answer for a shape that waits.
    pub(crate) fn remember_near(&mut self, shape: u32) {
        if !self.derived.near.contains_key(&shape) && !self.derived.shapes[shape as usize].shape.inputs.is_empty() {
            let near = self.nearness(&self.derived.shapes[shape as usize].shape);
            self.derived.near.insert(shape, near);
        }
    }

    /// Sets of pools that are barred to work with these inputs in turn, so that what has to be brought is little: those that
    /// are barred anyway come last.
    pub(crate) fn barred_by_distance(&self, inputs: &[Name], barred: &[PoolId]) -> Vec<Vec<PoolId>> {
        let open = self.pools.iter().filter(|(id, pool)| pool.contact && barred.binary_search(id).is_err());
        let open: Vec<(PoolId, u64)> = open.filter_map(|(id, _)| Some((*id, self.to_bring(inputs, *id)?))).collect();
        let levels: BTreeSet<u64> = open.iter().map(|(_, bytes)| *bytes).collect();
        let up_to = |level: &u64| {
            let farther = open.iter().filter(|(_, bytes)| bytes > level).map(|(id, _)| *id);
            let mut all: Vec<PoolId> = barred.iter().copied().chain(farther).collect();
            all.sort_unstable();
            all
        };
        levels.iter().map(up_to).collect()
    }

    /// Data, pools or what they could hold changed: where the answer for a shape is another one now, its jobs stand elsewhere.
    pub(crate) fn requeue_anchored(&mut self) {
        self.derived.sites_of.clear();
        let known: Vec<u32> = self.derived.near.keys().copied().collect();
        let mut changed = BTreeSet::new();
        for id in known {
            let near = self.nearness(&self.derived.shapes[id as usize].shape);
            if self.derived.near.get(&id) != Some(&near) {
                self.derived.near.insert(id, near);
                changed.insert(id);
            }
        }
        if changed.is_empty() {
            return;
        }
        let moves = |id: &measure::JobId| changed.contains(&self.jobs[id].seat.shape);
        let anchored: Vec<measure::JobId> = self.derived.anchored.iter().copied().filter(moves).collect();
        anchored.into_iter().for_each(|id| self.requeue(id));
    }
}
