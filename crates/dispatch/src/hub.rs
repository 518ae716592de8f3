//! The state of a hub: the fold over its facts. Only [`Hub::apply`] writes to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use census::Census;
use measure::{Cpu, Devices, JobId, Memory, Name, PoolId, TenantId, Time};

use crate::fact::{End, Fact, Join, Node, Place, Shape, Slot, Spec, Stop, Usage};
use crate::fit::Free;
use crate::order::Turn;

/// How far a job has come; each stage carries what exists in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// No place yet.
    Waiting,
    /// It has a place; the agent is to start it.
    Placed {
        /// Where.
        place: Place,
        /// Since when.
        since: Time,
    },
    /// Its processes run.
    Running {
        /// Where.
        place: Place,
        /// Since when.
        since: Time,
        /// When it was placed.
        placed: Time,
    },
    /// It is being stopped.
    Stopping {
        /// Where.
        place: Place,
        /// When it was placed.
        placed: Time,
        /// When it started, if it had.
        started: Option<Time>,
        /// Why.
        stop: Stop,
    },
    /// It ended and is not yet paid.
    Ended {
        /// Where it was, if anywhere.
        place: Option<Place>,
        /// How.
        end: End,
        /// What it used.
        usage: Usage,
        /// When.
        at: Time,
    },
}

impl Stage {
    /// The place held, if one is.
    pub fn held(&self) -> Option<&Place> {
        match self {
            Stage::Placed { place, .. } | Stage::Running { place, .. } | Stage::Stopping { place, .. } => Some(place),
            Stage::Waiting | Stage::Ended { .. } => None,
        }
    }

    /// When that place was given.
    pub(crate) fn placed(&self) -> Option<Time> {
        match self {
            Stage::Placed { since: placed, .. } | Stage::Running { placed, .. } | Stage::Stopping { placed, .. } => Some(*placed),
            Stage::Waiting | Stage::Ended { .. } => None,
        }
    }

    /// The word people and scripts read.
    pub fn name(&self) -> &'static str {
        match self {
            Stage::Waiting => "waiting",
            Stage::Placed { .. } => "placed",
            Stage::Running { .. } => "running",
            Stage::Stopping { .. } => "stopping",
            Stage::Ended { end, .. } => end.state(),
        }
    }
}

/// A job that has not been settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What its tenant wants.
    pub spec: Arc<Spec>,
    /// When it was accepted.
    pub submitted: Time,
    /// How far it has come.
    pub stage: Stage,
    pub(crate) shape: ShapeId,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name.
    pub name: Name,
}

/// A node and what jobs hold of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// The machine.
    pub node: Node,
    /// Devices held, a bit each.
    pub devices_held: u64,
    /// Cores held.
    pub cpu_held: Cpu,
    /// Memory held.
    pub memory_held: Memory,
}

/// A pool that joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What it said of itself.
    pub join: Join,
    /// Its nodes, in the order in which they were first seen.
    pub nodes: Vec<NodeState>,
    /// When they were last found changed.
    pub seen: Time,
    /// The mark of the agent that serves it; `None` before the first.
    pub agent: Option<String>,
    /// Whether its agent is in touch; nothing is placed where it is not.
    pub contact: bool,
    /// Jobs that hold a place here.
    pub jobs: BTreeSet<JobId>,
}

impl Pool {
    /// The model of its accelerators, if it has any (that of its first node with some).
    pub fn model(&self) -> Option<&str> {
        self.nodes.iter().find_map(|node| node.node.model.as_deref())
    }

    /// All its accelerators.
    pub fn devices(&self) -> Devices {
        self.nodes.iter().map(|node| node.node.devices).sum()
    }

    /// Accelerators held by jobs.
    pub fn devices_held(&self) -> Devices {
        Devices(self.nodes.iter().map(|node| node.devices_held.count_ones()).sum())
    }
}

/// Position of a shape in [`Hub::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShapeId(pub(crate) u32);

/// What is known of one shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShapeState {
    pub(crate) shape: Shape,
    /// Waiting jobs of the shape, in the order in which they are served.
    pub(crate) waiting: BTreeSet<Turn>,
    /// Its first job cannot start until something is freed.
    pub(crate) blocked: bool,
}

/// Everything the engine knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hub {
    /// What exists and what it costs.
    pub census: Census,
    /// Who may submit.
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// Where work runs.
    pub pools: BTreeMap<PoolId, Pool>,
    /// Jobs not yet settled.
    pub jobs: BTreeMap<JobId, Job>,
    pub(crate) shapes: Vec<ShapeState>,
    pub(crate) shape_ids: BTreeMap<Shape, ShapeId>,
    /// Shapes with waiting jobs that have not been asked since something was freed, by their first turn.
    pub(crate) askable: BTreeSet<(Turn, ShapeId)>,
    pub(crate) free: Free,
    pub(crate) last_tenant: TenantId,
    pub(crate) last_pool: PoolId,
    pub(crate) last_job: JobId,
}

impl Hub {
    /// The tenant of that name.
    pub fn tenant_named(&self, name: &Name) -> Option<TenantId> {
        self.tenants.iter().find(|(_, tenant)| tenant.name == *name).map(|(id, _)| *id)
    }

    /// The pool of that name.
    pub fn pool_named(&self, name: &Name) -> Option<PoolId> {
        self.pools.iter().find(|(_, pool)| pool.join.name == *name).map(|(id, _)| *id)
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.shapes.iter().map(|shape| shape.waiting.len()).sum()
    }

    /// Takes a fact over at its time. Total: it never refuses. A fact that cannot follow from what came
    /// before is our own mistake or a damaged journal, and stops the process.
    pub fn apply(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::Census(change) => self.census.apply(change),
            Fact::Admitted(id, name) => {
                self.tenants.insert(*id, Tenant { name: name.clone() });
                self.last_tenant = self.last_tenant.max(*id);
            }
            Fact::Joined(id, join) => {
                let (join, nodes, jobs) = (join.clone(), Vec::new(), BTreeSet::new());
                let pool = Pool { join, nodes, seen: Time(0), agent: None, contact: false, jobs };
                self.pools.insert(*id, pool);
                self.last_pool = self.last_pool.max(*id);
            }
            Fact::Seen(id, nodes) => self.see(at, *id, nodes),
            Fact::Served(id, agent) => {
                let pool = self.pools.get_mut(id).expect("a pool joins before it is served");
                pool.agent = Some(agent.clone());
            }
            Fact::Contact(id, contact) => {
                let pool = self.pools.get_mut(id).expect("a pool joins before it is in touch");
                pool.contact = *contact;
                self.free.rebuild(*id, pool);
                self.unblock();
            }
            Fact::Submitted(id, spec) => self.submit(at, *id, spec),
            Fact::Placed(id, place) => self.place(at, *id, place),
            Fact::Started(id) => {
                let job = self.jobs.get_mut(id).expect("a job starts after it was submitted");
                if let Stage::Placed { place, since } = &job.stage {
                    job.stage = Stage::Running { place: place.clone(), since: at, placed: *since };
                }
            }
            Fact::StopWanted(id, stop) => {
                let job = self.jobs.get_mut(id).expect("a job is stopped after it was submitted");
                let (place, placed, started) = match &job.stage {
                    Stage::Placed { place, since } => (place.clone(), *since, None),
                    Stage::Running { place, since, placed } => (place.clone(), *placed, Some(*since)),
                    _ => return,
                };
                job.stage = Stage::Stopping { place, placed, started, stop: *stop };
            }
            Fact::Ended(id, end, usage) => self.end(at, *id, end, *usage),
            Fact::Settled(id) => drop(self.jobs.remove(id)),
            Fact::Counted { tenant, pool, job } => {
                self.last_tenant = *tenant;
                self.last_pool = *pool;
                self.last_job = *job;
            }
        }
    }

    fn see(&mut self, at: Time, id: PoolId, nodes: &[Node]) {
        let pool = self.pools.get_mut(&id).expect("a pool joins before it is seen");
        pool.seen = at;
        for (at, node) in nodes.iter().enumerate() {
            match pool.nodes.get_mut(at) {
                Some(known) => known.node = node.clone(),
                None => {
                    pool.nodes.push(NodeState { node: node.clone(), devices_held: 0, cpu_held: Cpu(0), memory_held: Memory(0) })
                }
            }
        }
        self.free.rebuild(id, pool);
        self.unblock();
    }

    fn submit(&mut self, at: Time, id: JobId, spec: &Arc<Spec>) {
        let shape = match self.shape_ids.get(&spec.shape) {
            Some(shape) => *shape,
            None => {
                let new = ShapeId(u32::try_from(self.shapes.len()).expect("fewer than four billion shapes"));
                self.shapes.push(ShapeState { shape: spec.shape.clone(), waiting: BTreeSet::new(), blocked: false });
                self.shape_ids.insert(spec.shape.clone(), new);
                new
            }
        };
        self.jobs.insert(id, Job { spec: spec.clone(), submitted: at, stage: Stage::Waiting, shape });
        self.last_job = self.last_job.max(id);
        self.wait(shape, Turn::new(spec.priority, at, id));
    }

    fn place(&mut self, at: Time, id: JobId, place: &Place) {
        let job = self.jobs.get_mut(&id).expect("a job is placed after it was submitted");
        job.stage = Stage::Placed { place: place.clone(), since: at };
        let (shape, turn) = (job.shape, Turn::new(job.spec.priority, job.submitted, id));
        let memory = job.spec.shape.memory;
        self.wait_no_more(shape, turn);
        self.hold(id, place, memory);
    }

    fn hold(&mut self, id: JobId, place: &Place, memory: Memory) {
        let pool = self.pools.get_mut(&place.pool).expect("a place is in a pool");
        pool.jobs.insert(id);
        for Slot { node, devices } in &place.slots {
            let state = &mut pool.nodes[*node as usize];
            self.free.forget(place.pool, pool.contact, *node, state);
            state.devices_held |= devices;
            state.cpu_held += place.cpu;
            state.memory_held += memory;
            self.free.offer(place.pool, pool.contact, *node, state);
        }
    }

    fn end(&mut self, at: Time, id: JobId, end: &End, usage: Usage) {
        let job = self.jobs.get_mut(&id).expect("a job ends after it was submitted");
        let place = job.stage.held().cloned();
        let was_waiting = job.stage == Stage::Waiting;
        job.stage = Stage::Ended { place: place.clone(), end: end.clone(), usage, at };
        let (shape, turn, memory) = (job.shape, Turn::new(job.spec.priority, job.submitted, id), job.spec.shape.memory);
        if was_waiting {
            self.wait_no_more(shape, turn);
        }
        let Some(place) = place else { return };
        let pool = self.pools.get_mut(&place.pool).expect("a place is in a pool");
        pool.jobs.remove(&id);
        for Slot { node, devices } in &place.slots {
            let state = &mut pool.nodes[*node as usize];
            self.free.forget(place.pool, pool.contact, *node, state);
            state.devices_held &= !devices;
            state.cpu_held -= place.cpu;
            state.memory_held -= memory;
            self.free.offer(place.pool, pool.contact, *node, state);
        }
        self.unblock();
    }

    /// Puts a turn into its shape's queue, and the shape among those to be asked if it may be.
    fn wait(&mut self, id: ShapeId, turn: Turn) {
        let state = &mut self.shapes[id.0 as usize];
        let before = state.waiting.first().copied();
        state.waiting.insert(turn);
        if !state.blocked && before.is_none_or(|first| turn < first) {
            if let Some(first) = before {
                self.askable.remove(&(first, id));
            }
            self.askable.insert((turn, id));
        }
    }

    /// Takes a turn out of its shape's queue.
    fn wait_no_more(&mut self, id: ShapeId, turn: Turn) {
        let state = &mut self.shapes[id.0 as usize];
        let was_first = state.waiting.first() == Some(&turn);
        state.waiting.remove(&turn);
        if was_first && !state.blocked {
            self.askable.remove(&(turn, id));
            if let Some(next) = state.waiting.first() {
                self.askable.insert((*next, id));
            }
        }
    }

    /// Something was freed: every shape may be asked again.
    fn unblock(&mut self) {
        for (at, state) in self.shapes.iter_mut().enumerate() {
            if std::mem::take(&mut state.blocked)
                && let Some(first) = state.waiting.first()
            {
                self.askable.insert((*first, ShapeId(at as u32)));
            }
        }
    }

    /// Records that the first job of a shape cannot start, until something is freed. This is a cache of
    /// [`Hub::fit`]'s answer, not state: two hubs that differ in it only are the same hub.
    pub(crate) fn block(&mut self, id: ShapeId) {
        let state = &mut self.shapes[id.0 as usize];
        if let Some(first) = state.waiting.first() {
            self.askable.remove(&(*first, id));
        }
        state.blocked = true;
    }
}
