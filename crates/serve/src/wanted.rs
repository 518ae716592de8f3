//! What each pool should be running, and what changed of it: derived from the hub, never stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use dispatch::{Fact, Hub, Join, Stage};
use execute::wire::{Wanted, WantedInput, WantedJob, WantedReplica};
use measure::{JobId, Name, PoolId, Span};
use settle::{Body, Entry};
use tokio::sync::watch;

/// How many changes of a pool are remembered; an agent further behind is told everything.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
struct PoolChanges {
    /// Entry and job, in order.
    changes: VecDeque<(u64, JobId)>,
    /// Everything after this entry is remembered.
    complete_after: u64,
}

/// Changes by pool, and a bell for each pool's waiting agent.
pub(crate) struct WantedLog {
    pools: Mutex<BTreeMap<PoolId, PoolChanges>>,
    bells: Mutex<BTreeMap<PoolId, watch::Sender<u64>>>,
    start: u64,
    lease: Span,
}

impl WantedLog {
    /// Begins at the entry up to which the hub was folded; agents may be silent for so long.
    pub(crate) fn new(start: u64, lease: Span) -> WantedLog {
        WantedLog { pools: Mutex::default(), bells: Mutex::default(), start, lease }
    }

    /// How long agents may be silent.
    pub(crate) fn lease(&self) -> Span {
        self.lease
    }

    /// Notes what a batch changed. `hub` is the state after it; `pool_of` knows jobs that have just left.
    pub(crate) fn note(&self, entries: &[Entry], hub: &Hub, placed: &mut BTreeMap<JobId, PoolId>) {
        let mut touched = BTreeMap::new();
        {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in entries {
                let (job, pool) = match &entry.body {
                    Body::Fact(Fact::Placed(job, place)) => {
                        placed.insert(*job, place.pool);
                        (*job, Some(place.pool))
                    }
                    Body::Fact(Fact::StopWanted(job, _)) => (*job, placed.get(job).copied()),
                    Body::Fact(Fact::Ended(job, ..) | Fact::Yielded(job, ..)) => (*job, placed.remove(job)),
                    _ => continue,
                };
                let Some(pool) = pool else { continue };
                let state =
                    pools.entry(pool).or_insert_with(|| PoolChanges { changes: VecDeque::new(), complete_after: self.start });
                state.changes.push_back((entry.seq, job));
                while state.changes.len() > REMEMBERED {
                    if let Some((seq, _)) = state.changes.pop_front() {
                        state.complete_after = seq;
                    }
                }
                // An agent knows of an end it reported; only a new place or a stop must wake it.
                if !matches!(&entry.body, Body::Fact(Fact::Ended(..) | Fact::Yielded(..))) {
                    touched.insert(pool, entry.seq);
                }
            }
        }
        debug_assert!(touched.keys().all(|pool| hub.pools.contains_key(pool)));
        for (pool, seq) in touched {
            self.ring(pool, seq);
        }
    }

    /// Wakes the pool's agent.
    pub(crate) fn ring(&self, pool: PoolId, seq: u64) {
        self.bell(pool, |bell| {
            bell.send_replace(seq);
        });
    }

    /// Rings when the pool's agent should look again.
    pub(crate) fn listen(&self, pool: PoolId) -> watch::Receiver<u64> {
        self.bell(pool, watch::Sender::subscribe)
    }

    fn bell<T>(&self, pool: PoolId, with: impl FnOnce(&watch::Sender<u64>) -> T) -> T {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        with(bells.entry(pool).or_insert_with(|| watch::Sender::new(0)))
    }

    /// What should run at `pool`: everything, or what changed after entry `after`. `seq` is the hub's last entry.
    pub(crate) fn wanted(&self, hub: &Hub, seq: u64, pool: PoolId, after: u64) -> Wanted {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let complete_after = pools.get(&pool).map_or(self.start, |state| state.complete_after);
        let mut wanted = Wanted { as_of: seq, lease: Some(self.lease), ..Wanted::default() };
        let Some(state) = hub.pools.get(&pool) else { return wanted };
        // An agent that is ahead of us remembers another journal.
        if after < complete_after || after > seq || after == 0 {
            wanted.full = true;
            wanted.jobs = state.jobs().filter_map(|job| wanted_job(hub, job)).collect();
            return wanted;
        }
        let changes = pools.get(&pool).map(|state| &state.changes);
        let mut jobs: Vec<JobId> =
            changes.into_iter().flatten().rev().take_while(|(seq, _)| *seq > after).map(|(_, job)| *job).collect();
        jobs.sort();
        jobs.dedup();
        for job in jobs {
            match wanted_job(hub, job).filter(|_| state.holds(&job)) {
                Some(job) => wanted.jobs.push(job),
                None => wanted.gone.push(job),
            }
        }
        wanted
    }
}

/// What a pool is told of data that a job reads. What was forgotten meanwhile has no address: a job that runs goes on.
fn input(hub: &Hub, pool: &Join, name: &Name) -> WantedInput {
    let data = hub.data.get(name);
    let here = data.and_then(|data| data.at.get(&pool.name).or_else(|| data.at.get(pool.site.as_ref()?)));
    let elsewhere = || data.and_then(|data| data.at.values().find(|how| how.contains("://")));
    WantedInput {
        name: name.to_string(),
        bytes: data.map_or(0, |data| data.bytes),
        sha256: data.and_then(|data| data.sha256.clone()),
        from: here.or_else(elsewhere).cloned().unwrap_or_default(),
    }
}

fn wanted_job(hub: &Hub, id: JobId) -> Option<WantedJob> {
    let job = hub.jobs.get(&id)?;
    let place = job.stage.held()?;
    let dispatch::Pool { nodes, join, .. } = hub.pools.get(&place.pool)?;
    let replica = |slot: &dispatch::Slot| WantedReplica {
        node: nodes[slot.node as usize].node.name.clone(),
        devices: (0..64).filter(|bit| slot.devices >> bit & 1 == 1).collect(),
    };
    Some(WantedJob {
        job: id,
        attempt: job.attempt,
        array: job.spec.array,
        notice: job.spec.notice,
        stop: matches!(job.stage, Stage::Stopping { .. }),
        name: job.spec.name.clone(),
        tenant: hub.tenants.get(&job.spec.tenant)?.name.to_string(),
        command: job.spec.command.clone(),
        replicas: place.slots.iter().map(replica).collect(),
        cpu: place.cpu,
        memory: job.spec.shape.memory,
        time_limit: job.spec.time_limit,
        inputs: job.spec.shape.inputs.iter().map(|name| input(hub, join, name)).collect(),
    })
}
