//! What follows from the rest of the hub and is kept at hand: queue, index, timers. Two hubs that differ in it only are the
//! same hub, and it is rebuilt by folding the facts. Rounds, forecasts and a change of policy write here too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use measure::{JobId, Name, PoolId, TenantId, Time};

use crate::fact::Shape;
use crate::fit::Candidate;
use crate::index::{Index, Want};
use crate::map::Map;
use crate::node::NodeState;
use crate::pack::Expectation;
use crate::past::Like;
use crate::policy::Policy;
use crate::queue::{Kind, OVERDUE, Queue, Ticket};
use crate::share::Amount;

/// Whose runs a job is thought to be like: those of its kind of work, or all of its tenant's.
pub(crate) type Known = (TenantId, Option<Like>);

/// Pools by their sites.
pub(crate) type Sites = Vec<(Option<Name>, Arc<Vec<PoolId>>)>;

/// A shape that live jobs have.
#[derive(Debug, Clone)]
pub(crate) struct ShapeState {
    pub(crate) shape: Arc<Shape>,
    /// By ask: what one replica wants.
    pub(crate) wants: Vec<u32>,
    users: u32,
    /// The state of the index in which some pool was found that could hold it.
    could: u64,
    /// The groups that could serve it, as of an epoch of the index.
    pub(crate) candidates: (u64, Arc<[Candidate]>),
    /// Shapes that ask for as much or more, as of a state of the shapes.
    as_much: (u64, FixedBitSet),
}

/// Where a job stands: its shape, its ticket while it may be placed, and how many jobs it still waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) shape: u32,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) unmet: u32,
    /// Until when it waits for a place near its data.
    pub(crate) anchored: Option<Time>,
    /// It was decided that it does not wait by choice, as of this hour.
    pub(crate) decided: bool,
    /// Its position among the jobs that hold a place in its pool, while it does.
    pub(crate) among_holders: u32,
}

impl Seat {
    pub(crate) fn new(shape: u32) -> Seat {
        Seat { shape, ticket: None, unmet: 0, anchored: None, decided: false, among_holders: 0 }
    }
}

/// Whether nodes may be kept for a kind.
fn is_wide(index: &Index, shapes: &[ShapeState], kind: &Kind) -> bool {
    kind.class == OVERDUE || index.is_wide(&shapes[kind.shape as usize].shape)
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Derived {
    pub(crate) policy: Policy,
    pub(crate) tenant_ids: BTreeMap<Name, TenantId>,
    /// By number of an organisation: all of its projects and itself.
    pub(crate) families: Vec<Vec<TenantId>>,
    pub(crate) shapes: Vec<ShapeState>,
    shape_ids: Map<Shape, u32>,
    /// Counts the shapes that came.
    shapes_seen: u64,
    unused_shapes: Vec<u32>,
    pub(crate) queue: Queue,
    pub(crate) index: Index,
    pub(crate) power: crate::power::Books,
    /// Work that is expected whatever arrives.
    pub(crate) told: Option<Vec<Expectation>>,
    /// All that nodes in touch have.
    pub(crate) fleet: Amount,
    pub(crate) waiting: usize,
    /// Jobs that wait for a job, or did until they were cancelled.
    pub(crate) dependents: BTreeMap<JobId, Vec<JobId>>,
    /// Jobs that may be placed from an instant on.
    pub(crate) later: BTreeSet<(Time, JobId)>,
    /// Where jobs of a shape with inputs should wait.
    pub(crate) near: BTreeMap<u32, crate::data::Near>,
    /// Waiting jobs that read data, and those of them that may go farther from it from an instant on.
    pub(crate) anchored: BTreeSet<JobId>,
    pub(crate) moves: BTreeSet<(Time, JobId)>,
    /// Jobs of which it is to be decided whether they wait by choice, those that do, and those that run and may be suspended.
    pub(crate) undecided: BTreeSet<JobId>,
    pub(crate) put_off: BTreeSet<JobId>,
    pub(crate) suspendable: BTreeSet<JobId>,
    /// Pools that a job in the queue does not take while it has time, as waiting is better; and when it has none.
    pub(crate) shunned: BTreeMap<JobId, Arc<Vec<PoolId>>>,
    pub(crate) slack_ends: BTreeSet<(Time, JobId)>,
    /// Where jobs of a shape could run, by site.
    pub(crate) sites_of: BTreeMap<u32, Arc<Sites>>,
    /// When what runs is to be asked whether it is suspended.
    pub(crate) pauses: BTreeSet<(Time, JobId)>,
    /// The hour for which all who wait by choice were asked, and what it and those after it cost, by site.
    pub(crate) chosen: Option<i64>,
    /// Sites where all hours cost the same have one number.
    pub(crate) hours_ahead: BTreeMap<Option<Name>, Option<(u32, Arc<crate::slack::Hours>)>>,
    /// What a run is thought to cost from the beginning of each hour on, by what it is like and that number.
    pub(crate) whole_hours: BTreeMap<(Known, u32), Arc<Vec<i64>>>,
    /// How long such runs are, as of a number of them.
    pub(crate) survivals: BTreeMap<Known, (u32, Arc<crate::lengths::Survival>)>,
    /// When to look again who may have nodes kept.
    pub(crate) looks: BTreeSet<Time>,
    /// Something changed since it was last looked who may have nodes kept, or others stopped.
    pub(crate) moved: bool,
    /// When closings begin to stop, or end.
    pub(crate) hours: BTreeSet<Time>,
    /// Jobs below were looked at for whether they waited too long.
    pub(crate) overdue_below: JobId,
    /// Tenants whose standing is to be computed anew, by number.
    pub(crate) restand: FixedBitSet,
    /// Bursts whose estimate is to be made anew, and the step that the others are of.
    pub(crate) bursts_changed: BTreeSet<JobId>,
    pub(crate) estimated: Option<i64>,
    /// The step of forgetting that standings are of.
    pub(crate) step: i64,
    /// The hour that the points of groups are of.
    pub(crate) judged: Option<i64>,
    /// Reservations whose nodes were freed in part, or that may have lost some.
    pub(crate) reserved_changed: BTreeSet<JobId>,
    /// Live jobs that may be stopped for others, by tenant.
    pub(crate) preemptible: BTreeMap<TenantId, BTreeSet<JobId>>,
    /// The tasks of arrays whose tasks must not meet, with where they are.
    pub(crate) apart: BTreeMap<JobId, BTreeMap<JobId, (PoolId, Vec<u32>)>>,
    /// Some provider does not take some tenant's work, or some tenant may not hold more than so much.
    pub(crate) vetoes: bool,
    pub(crate) caps: bool,
    /// Whether any tenant is limited in what it may spend.
    pub(crate) purses: bool,
    /// Something was freed that the index does not show (a limit, an array): every kind may be asked again.
    pub(crate) reopen_all: bool,
    /// The latest instant heard of.
    pub(crate) clock: Time,
}

impl PartialEq for Derived {
    fn eq(&self, _: &Derived) -> bool {
        true
    }
}

impl Eq for Derived {}

impl Derived {
    /// The position of a shape, which has one more user now.
    pub(crate) fn intern(&mut self, shape: &Shape) -> u32 {
        if let Some(id) = self.shape_ids.get(shape) {
            self.shapes[*id as usize].users += 1;
            return *id;
        }
        let wants = shape.asks.iter().map(|ask| self.index.want(Want::of(shape, ask))).collect();
        let (candidates, as_much) = ((u64::MAX, Arc::default()), (0, FixedBitSet::new()));
        let state = ShapeState { shape: Arc::new(shape.clone()), wants, users: 1, could: u64::MAX, candidates, as_much };
        self.shapes_seen += 1;
        let id = match self.unused_shapes.pop() {
            Some(id) => {
                self.shapes[id as usize] = state;
                id
            }
            None => {
                self.shapes.push(state);
                self.shapes.len() as u32 - 1
            }
        };
        self.shape_ids.insert(shape.clone(), id);
        id
    }

    /// Whether it was found before that some pool could hold a shape.
    pub(crate) fn could_hold(&self, shape: &Shape) -> bool {
        self.shape_ids.get(shape).is_some_and(|id| self.shapes[*id as usize].could == self.index.totals_seen)
    }

    /// Some pool could hold a shape.
    pub(crate) fn holds(&mut self, id: u32) {
        self.shapes[id as usize].could = self.index.totals_seen;
    }

    /// The id of a kind in the queue.
    pub(crate) fn kind_id(&mut self, kind: &Kind) -> u32 {
        let Derived { queue, index, shapes, .. } = self;
        queue.kind_id(kind, || is_wide(index, shapes, kind))
    }

    /// Says anew what is wide, after nodes changed.
    pub(crate) fn widen(&mut self) {
        let Derived { queue, index, shapes, .. } = self;
        queue.widen(|kind| is_wide(index, shapes, kind));
    }

    /// A kind finds no place, and neither does what asks for as much or more and runs as long or longer.
    pub(crate) fn close(&mut self, kind: u32) {
        /// Beyond so many answers it is cheaper to ask each.
        const FEW: usize = 256;
        let own = self.queue.close(kind);
        let closed = self.queue.kind(kind);
        // What power keeps from starting may keep only what cannot be stopped early, or what has time.
        let alone = closed.apart.is_some() || closed.own.is_some() || !closed.barred.is_empty();
        if alone || closed.patient || self.power.capped || self.queue.answers_len() > FEW {
            return;
        }
        let (shape, run) = (closed.shape as usize, closed.run);
        if self.shapes[shape].as_much.0 != self.shapes_seen {
            let mut as_much = FixedBitSet::with_capacity(self.shapes.len());
            let asks_as_much =
                |at: &usize| self.shapes[*at].users > 0 && self.shapes[*at].shape.asks_as_much(&self.shapes[shape].shape);
            as_much.extend((0..self.shapes.len()).filter(asks_as_much));
            self.shapes[shape].as_much = (self.shapes_seen, as_much);
        }
        let as_much = &self.shapes[shape].as_much.1;
        let hopeless = self.queue.open_answers().filter(|(at, shape)| *at != own && as_much.contains(*shape as usize));
        let hopeless: Vec<usize> = hopeless.map(|(at, _)| at).collect();
        hopeless.into_iter().for_each(|at| self.queue.close_answer(at, run));
    }

    /// Takes a node out of the index.
    pub(crate) fn withdraw(index: &mut Index, node: &mut NodeState, at: u32) {
        if let Some(state) = node.state.take() {
            index.leave(state, at);
        }
    }

    /// One user less; the last one takes the shape with it.
    pub(crate) fn release(&mut self, id: u32) {
        let state = &mut self.shapes[id as usize];
        state.users -= 1;
        if state.users == 0 {
            self.near.remove(&id);
            self.sites_of.remove(&id);
            self.shape_ids.remove(&*state.shape);
            for want in std::mem::take(&mut state.wants) {
                self.index.release(want);
            }
            self.unused_shapes.push(id);
        }
    }
}
