//! What each agent should be running, and what changed of it: derived from the hub, never stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use dispatch::{Fact, Hub, Join, Place, Report, Stage};
use execute::wire::{Wanted, WantedInput, WantedJob, WantedReplica};
use measure::{JobId, Name, Span};
use settle::{Body, Entry};
use tokio::sync::watch;

use crate::post::Post;

/// How many changes are remembered for each agent; an agent further behind is told everything.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
struct Changes {
    /// Entry and job, in order.
    changes: VecDeque<(u64, JobId)>,
    /// Everything after this entry is remembered.
    complete_after: u64,
}

/// Changes by post, and a bell for the agent that waits there.
pub(crate) struct WantedLog {
    posts: Mutex<BTreeMap<Post, Changes>>,
    bells: Mutex<BTreeMap<Post, watch::Sender<u64>>>,
    start: u64,
    lease: Span,
}

impl WantedLog {
    /// Begins at the entry up to which the hub was folded; agents may be silent for so long.
    pub(crate) fn new(start: u64, lease: Span) -> WantedLog {
        WantedLog { posts: Mutex::default(), bells: Mutex::default(), start, lease }
    }

    /// How long agents may be silent.
    pub(crate) fn lease(&self) -> Span {
        self.lease
    }

    /// Notes what a batch changed. `hub` is the state after it; `placed` knows jobs that have just left.
    pub(crate) fn note(&self, entries: &[Entry], hub: &Hub, placed: &mut BTreeMap<JobId, Arc<Place>>) {
        let mut touched = BTreeMap::new();
        {
            let mut posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in entries {
                let since = Changes { changes: VecDeque::new(), complete_after: entry.seq };
                let (job, at) = match &entry.body {
                    // What was placed there before was noted for another post.
                    Body::Fact(Fact::Hosted(pool, node, ..)) => {
                        posts.entry(Post::host(*pool, *node)).or_insert(since);
                        continue;
                    }
                    Body::Fact(Fact::Served(pool, _)) => {
                        posts.insert(Post::whole(*pool), since);
                        continue;
                    }
                    Body::Fact(Fact::Placed(job, place)) => {
                        placed.insert(*job, place.clone());
                        (*job, Post::of_place(hub, place))
                    }
                    Body::Fact(Fact::StopWanted(job, _)) => {
                        (*job, placed.get(job).map(|place| Post::of_place(hub, place)).unwrap_or_default())
                    }
                    Body::Fact(Fact::Ended(job, ..) | Fact::Yielded(job, ..)) => {
                        (*job, placed.remove(job).map(|place| Post::of_place(hub, &place)).unwrap_or_default())
                    }
                    Body::Fact(Fact::Heard(job, node, Report::Ended(..))) => {
                        (*job, placed.get(job).map(|place| Post::host(place.pool, *node)).into_iter().collect())
                    }
                    _ => continue,
                };
                // An agent knows of an end it reported; only a new place or a stop must wake it.
                let wakes = matches!(&entry.body, Body::Fact(Fact::Placed(..) | Fact::StopWanted(..)));
                for post in at {
                    let state =
                        posts.entry(post).or_insert_with(|| Changes { changes: VecDeque::new(), complete_after: self.start });
                    state.changes.push_back((entry.seq, job));
                    while state.changes.len() > REMEMBERED {
                        if let Some((seq, _)) = state.changes.pop_front() {
                            state.complete_after = seq;
                        }
                    }
                    if wakes {
                        touched.insert(post, entry.seq);
                    }
                }
            }
        }
        for (post, seq) in touched {
            self.ring(post, seq);
        }
    }

    /// Wakes an agent.
    pub(crate) fn ring(&self, post: Post, seq: u64) {
        self.bell(post, |bell| {
            bell.send_replace(seq);
        });
    }

    /// Rings when the agent should look again.
    pub(crate) fn listen(&self, post: Post) -> watch::Receiver<u64> {
        self.bell(post, watch::Sender::subscribe)
    }

    fn bell<T>(&self, post: Post, with: impl FnOnce(&watch::Sender<u64>) -> T) -> T {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        with(bells.entry(post).or_insert_with(|| watch::Sender::new(0)))
    }

    /// What should run at `post`: everything, or what changed after entry `after`. `seq` is the hub's last entry.
    pub(crate) fn wanted(&self, hub: &Hub, seq: u64, post: Post, after: u64) -> Wanted {
        let posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
        let complete_after = posts.get(&post).map_or(self.start, |state| state.complete_after);
        let mut wanted = Wanted { as_of: seq, lease: Some(self.lease), ..Wanted::default() };
        let Some(state) = hub.pools.get(&post.pool) else { return wanted };
        // Told with every answer: that time passes wakes no agent.
        wanted.sleep = hub.should_sleep(post.pool, execute::clock::now()).into_iter().map(str::to_owned).collect();
        let held = |job: &JobId| hub.jobs.get(job)?.stage.held().map(|place| place.pool);
        let here = |job: &JobId| held(job) == Some(post.pool) && post.host.is_none_or(|node| hub.runs_on(*job, node));
        // An agent that is ahead of us remembers another journal.
        if after < complete_after && !execute::bug("wanted-gap") || after > seq || after == 0 {
            wanted.full = true;
            wanted.jobs = state.jobs().filter(here).filter_map(|job| wanted_job(hub, job)).collect();
            return wanted;
        }
        let changes = posts.get(&post).map(|state| &state.changes);
        let mut jobs: Vec<JobId> =
            changes.into_iter().flatten().rev().take_while(|(seq, _)| *seq > after).map(|(_, job)| *job).collect();
        jobs.sort();
        jobs.dedup();
        for job in jobs {
            match wanted_job(hub, job).filter(|_| here(&job)) {
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
        apart: job.spec.apart == Some(dispatch::Apart::Nodes),
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
        outputs: job.spec.outputs.clone(),
    })
}
