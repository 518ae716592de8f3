//! Who goes next. Jobs wait in lanes, one for each tenant and priority; lanes are served in order of the tenants' shares,
//! jobs in a lane by their turn. Jobs of one kind share one answer: a kind that cannot start is closed until something
//! that may serve it is freed, so a pass costs what changed and not the length of the queue.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use measure::{JobId, PoolId, Span, TenantId};

pub(crate) use crate::cell::Turn;
use crate::cell::{Burst, Bursts, Cell, Counted, OFFSET_MOST, counted};
use crate::lane::{Head, Lane, Stand, meet, to_rank};
use crate::map::Map;
use crate::ordered::Ordered;

/// How deep tenants may be nested.
pub(crate) const DEPTH: usize = 4;

/// Shares from the organisation down to the project: the smaller goes first. The highest bit says that the tenant holds
/// as much as it is guaranteed.
pub(crate) type Standing = [u64; DEPTH];

/// Jobs that wait so long go before all others.
pub(crate) const OVERDUE: i16 = i16::MAX;

/// What decides where and whether a job can start now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) class: i16,
    /// A position in the hub's shapes.
    pub(crate) shape: u32,
    /// How long it may run, see [`class_of`]; `None` where nobody knows.
    pub(crate) run: Option<u8>,
    /// The array whose tasks it must not meet.
    pub(crate) apart: Option<JobId>,
    /// Its tenant, where that may not hold more than so much: its answer is its own then.
    pub(crate) own: Option<TenantId>,
    /// Whether it can be stopped early, where power has caps.
    pub(crate) stoppable: bool,
    /// Whether it has time, and does not raise its site's highest demand meanwhile.
    pub(crate) patient: bool,
    /// Pools whose provider does not take it.
    pub(crate) barred: Vec<PoolId>,
}

/// The first run class for which something holds that holds for all longer ones; one beyond the last if for none.
fn first_class(holds: impl Fn(u8) -> bool) -> u16 {
    let (mut least, mut most) = (0, 256);
    while least < most {
        let middle = u16::midpoint(least, most);
        if holds(middle as u8) { most = middle } else { least = middle + 1 }
    }
    least
}

/// The run class of a span: the smallest whose bound is no less.
pub(crate) fn class_of(span: Span) -> u8 {
    first_class(|class| bound(class) >= span).min(u16::from(u8::MAX)) as u8
}

/// The longest run class that ends within a span, if any does.
pub(crate) fn class_within(span: Span) -> Option<u8> {
    first_class(|class| bound(class) > span).min(u16::from(u8::MAX)).checked_sub(1).map(|class| class as u8)
}

/// The longest span of a class: steps of a quarter of a power of two, from a second to many million years, then no end.
pub(crate) fn bound(class: u8) -> Span {
    let (power, quarter) = (u32::from(class / 4), i64::from(class % 4));
    if power > 50 { Span(i64::MAX) } else { Span(((4 + quarter) * 250) << power) }
}

#[derive(Debug, Clone, Default)]
struct Class {
    /// Lanes with jobs, in order.
    order: Ordered<Stand>,
    mask: FixedBitSet,
}

#[derive(Debug, Clone)]
struct KindState {
    kind: Kind,
    waiting: u32,
    /// Lanes in which it waits.
    lanes: FixedBitSet,
    /// Its position among the answers.
    answer: u32,
}

/// Kinds that differ only in class and in how long they may run: where one finds no place, none that runs longer does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) shape: u32,
    /// Kinds, with how long they may run.
    kinds: Vec<(u32, u16)>,
    /// How many of them are open.
    open: u32,
}

/// A longer run than any that is known.
fn run_or_most(kind: &Kind) -> u16 {
    kind.run.map_or(u16::MAX, u16::from)
}

/// See the module. A cache: what it holds follows from the jobs.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    kinds: Vec<KindState>,
    ids: Map<Kind, u32>,
    unused: Vec<u32>,
    answers: Vec<Answer>,
    answer_ids: Map<Kind, u32>,
    unused_answers: Vec<u32>,
    classes: BTreeMap<Reverse<i16>, Class>,
    lanes: Vec<Lane>,
    unused_lanes: Vec<u32>,
    /// By number of the tenant: its lanes, one for each class in which it waits.
    lanes_of: Vec<Vec<u32>>,
    cells: Vec<Cell>,
    unused_cells: Vec<u32>,
    /// The first one stands for jobs that stand for themselves.
    bursts: Bursts,
    burst_ids: Map<JobId, u32>,
    unused_bursts: Vec<u32>,
    /// Kinds that may be able to start, and the answers that have some.
    open: FixedBitSet,
    open_answers: FixedBitSet,
    /// Kinds that nodes may be kept for.
    wide: FixedBitSet,
    pub(crate) waiting: usize,
    /// How often a job came or went, or a lane moved.
    moves: u64,
    /// While set, kinds keep their ids even if nothing of them waits, and bursts their turns.
    frozen: bool,
}

/// The burst of jobs that stand for themselves.
const ALONE: u32 = 0;

impl Default for Queue {
    fn default() -> Queue {
        let alone = Burst { id: JobId(0), tenant: TenantId(0), cells: 0, ordered: Vec::new() };
        Queue {
            kinds: Vec::new(),
            ids: Map::default(),
            unused: Vec::new(),
            answers: Vec::new(),
            answer_ids: Map::default(),
            unused_answers: Vec::new(),
            classes: BTreeMap::new(),
            lanes: Vec::new(),
            unused_lanes: Vec::new(),
            lanes_of: Vec::new(),
            cells: Vec::new(),
            unused_cells: Vec::new(),
            bursts: Bursts { all: vec![alone], offsets: vec![0] },
            burst_ids: Map::default(),
            unused_bursts: Vec::new(),
            open: FixedBitSet::new(),
            open_answers: FixedBitSet::new(),
            wide: FixedBitSet::new(),
            waiting: 0,
            moves: 0,
            frozen: false,
        }
    }
}

/// Where a job stands in the queue: positions that stay while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) kind: u32,
    pub(crate) cell: u32,
    pub(crate) burst: u32,
    pub(crate) turn: Turn,
}

/// How far a pass has come in the order; what lies before has nothing open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    at: Option<(Reverse<i16>, Standing, TenantId)>,
    /// The lane that it has come to, and how often jobs and lanes had moved by then.
    lane: Option<(u32, u64)>,
    /// Lanes that had something open when the pass began: kinds do not open in a pass.
    lanes: Option<FixedBitSet>,
}

/// Puts something at a free position.
fn settle<T>(all: &mut Vec<T>, unused: &mut Vec<u32>, one: T) -> u32 {
    match unused.pop() {
        Some(id) => {
            all[id as usize] = one;
            id
        }
        None => {
            all.push(one);
            all.len() as u32 - 1
        }
    }
}

impl Queue {
    pub(crate) fn kind(&self, id: u32) -> &Kind {
        &self.kinds[id as usize].kind
    }

    /// The id of a kind; a new one is open, and `wide` says whether nodes may be kept for it.
    pub(crate) fn kind_id(&mut self, kind: &Kind, wide: impl FnOnce() -> bool) -> u32 {
        if let Some(id) = self.ids.get(kind) {
            return *id;
        }
        let answer = self.answer_id(kind);
        let state = KindState { kind: kind.clone(), waiting: 0, lanes: FixedBitSet::new(), answer };
        let id = settle(&mut self.kinds, &mut self.unused, state);
        self.ids.insert(kind.clone(), id);
        self.answers[answer as usize].kinds.push((id, run_or_most(kind)));
        self.open.grow(id as usize + 1);
        self.set_open(id, true);
        self.wide.grow(id as usize + 1);
        self.wide.set(id as usize, wide());
        id
    }

    /// The lane of a tenant in a class.
    fn lane(&self, tenant: TenantId, class: Reverse<i16>) -> Option<u32> {
        let lanes = self.lanes_of.get(tenant.0 as usize)?;
        lanes.iter().copied().find(|lane| self.lanes[*lane as usize].class == class)
    }

    /// Whether anything of a tenant waits.
    pub(crate) fn has_lanes(&self, tenant: TenantId) -> bool {
        self.lanes_of.get(tenant.0 as usize).is_some_and(|lanes| !lanes.is_empty())
    }

    /// Whether a tenant already has a lane in the class of a kind.
    pub(crate) fn has_lane(&self, kind: u32, tenant: TenantId) -> bool {
        self.lane(tenant, Reverse(self.kinds[kind as usize].kind.class)).is_some()
    }

    /// A job waits from now on. `burst` is known, or zero for a job that stands for itself; `standing` counts if the tenant
    /// has no lane yet.
    pub(crate) fn push(&mut self, kind: u32, tenant: TenantId, standing: Standing, burst: JobId, turn: Turn) -> Ticket {
        self.waiting += 1;
        self.moves += 1;
        self.kinds[kind as usize].waiting += 1;
        let class_key = Reverse(self.kinds[kind as usize].kind.class);
        let lane_id = self.lane(tenant, class_key);
        let class = self.classes.entry(class_key).or_default();
        class.mask.grow_and_insert(kind as usize);
        let lane_id = lane_id.unwrap_or_else(|| {
            let id = settle(&mut self.lanes, &mut self.unused_lanes, Lane::new(class_key, tenant, standing));
            let at = tenant.0 as usize;
            self.lanes_of.resize_with(self.lanes_of.len().max(at + 1), Vec::new);
            self.lanes_of[at].push(id);
            let stand = Stand { share: standing[0], lane: id };
            class.order.insert_by(stand, to_rank(&self.lanes, (standing, tenant, id)));
            id
        });
        let lane = &mut self.lanes[lane_id as usize];
        lane.waiting += 1;
        let known = self.burst_ids.get(&burst).copied();
        let burst = if burst == JobId(0) { ALONE } else { known.expect("a burst is shifted before its jobs wait") };
        let cell = match lane.place(kind) {
            Ok(at) => {
                let id = lane.heads[at].cell;
                let cell = &mut self.cells[id as usize];
                cell.insert(id, burst, turn, &mut self.bursts);
                lane.set(at, Head::of(id, cell));
                id
            }
            Err(at) => {
                let cell = Cell::new(lane_id, burst, turn, &mut self.bursts);
                let cell = settle(&mut self.cells, &mut self.unused_cells, cell);
                lane.insert(at, kind, Head::of(cell, &self.cells[cell as usize]));
                self.kinds[kind as usize].lanes.grow_and_insert(lane_id as usize);
                cell
            }
        };
        Ticket { kind, cell, burst, turn }
    }

    /// What a ticket says is going to be looked at.
    pub(crate) fn ask_for(&self, ticket: Ticket) {
        crate::ahead::ask_for(&self.cells[ticket.cell as usize]);
    }

    /// The same of what lies behind that.
    pub(crate) fn ask_for_turns(&self, ticket: Ticket) {
        self.cells[ticket.cell as usize].ask_for_turns();
    }

    /// Whether a burst has waiting jobs.
    pub(crate) fn knows(&self, burst: JobId) -> bool {
        self.burst_ids.contains_key(&burst)
    }

    /// Whose burst it is, if it has waiting jobs.
    pub(crate) fn tenant_of(&self, burst: JobId) -> Option<TenantId> {
        self.burst_ids.get(&burst).map(|at| self.bursts.all[*at as usize].tenant)
    }

    /// Bursts with waiting jobs, and whose they are.
    pub(crate) fn bursts(&self) -> Vec<(JobId, TenantId)> {
        self.live_bursts().map(|at| (self.bursts.all[at as usize].id, self.bursts.all[at as usize].tenant)).collect()
    }

    fn live_bursts(&self) -> impl Iterator<Item = u32> {
        let bursts = (0_u32..).zip(&self.bursts.all);
        bursts.filter(|(at, burst)| self.burst_ids.get(&burst.id) == Some(at)).map(|(at, _)| at)
    }

    /// The turns of a burst are put off by so much from now on.
    pub(crate) fn shift(&mut self, burst: JobId, tenant: TenantId, offset: i64) {
        let offset = offset.clamp(-OFFSET_MOST, OFFSET_MOST);
        let Some(at) = self.burst_ids.get(&burst).copied() else {
            let new = Burst { id: burst, tenant, cells: 0, ordered: Vec::new() };
            let Bursts { all, offsets } = &mut self.bursts;
            let at = settle(all, &mut self.unused_bursts, new);
            offsets.resize(all.len(), 0);
            offsets[at as usize] = offset;
            self.burst_ids.insert(burst, at);
            return;
        };
        let from = std::mem::replace(&mut self.bursts.offsets[at as usize], offset);
        if from != offset {
            self.bursts.all[at as usize].ordered.iter().for_each(|cell| self.cells[*cell as usize].shift(at, from, offset));
        }
    }

    fn forget_burst(&mut self, at: u32) {
        self.burst_ids.remove(&self.bursts.all[at as usize].id);
        self.unused_bursts.push(at);
    }

    /// A job waits no more.
    pub(crate) fn remove(&mut self, ticket: Ticket) {
        let Ticket { kind, cell: cell_id, burst, turn } = ticket;
        self.moves += 1;
        let cell = &mut self.cells[cell_id as usize];
        cell.remove(cell_id, burst, turn, &mut self.bursts);
        let (lane_id, emptied, head) = (cell.lane, cell.is_empty(), Head::of(cell_id, cell));
        if burst != ALONE && self.bursts.all[burst as usize].cells == 0 && !self.frozen {
            self.forget_burst(burst);
        }
        let lane = &mut self.lanes[lane_id as usize];
        lane.waiting -= 1;
        let class_key = lane.class;
        let at = lane.place(kind).expect("what waits is in a cell of its lane");
        lane.set(at, head);
        if emptied {
            lane.remove(at);
            self.kinds[kind as usize].lanes.remove(lane_id as usize);
            self.unused_cells.push(cell_id);
        }
        let class = self.classes.get_mut(&class_key).expect("what waits has a class");
        if lane.waiting == 0 {
            let (rank, tenant) = ((lane.standing, lane.tenant, lane_id), lane.tenant);
            class.order.remove_by(to_rank(&self.lanes, rank));
            self.lanes_of[tenant.0 as usize].retain(|known| *known != lane_id);
            self.unused_lanes.push(lane_id);
        }
        self.waiting -= 1;
        let state = &mut self.kinds[kind as usize];
        state.waiting -= 1;
        if state.waiting == 0 {
            class.mask.remove(kind as usize);
            if class.order.is_empty() {
                self.classes.remove(&class_key);
            }
            if !self.frozen {
                self.forget(kind);
            }
        }
    }

    fn answer_id(&mut self, kind: &Kind) -> u32 {
        let key = Kind { class: 0, run: None, ..kind.clone() };
        if let Some(id) = self.answer_ids.get(&key) {
            return *id;
        }
        let answer = Answer { shape: kind.shape, kinds: Vec::new(), open: 0 };
        let id = settle(&mut self.answers, &mut self.unused_answers, answer);
        self.answer_ids.insert(key, id);
        id
    }

    fn set_open(&mut self, kind: u32, open: bool) {
        let before = self.open.contains(kind as usize);
        self.open.set(kind as usize, open);
        let at = self.kinds[kind as usize].answer as usize;
        let answer = &mut self.answers[at];
        answer.open = answer.open + u32::from(open) - u32::from(before);
        self.open_answers.grow(at + 1);
        self.open_answers.set(at, answer.open > 0);
    }

    fn forget(&mut self, kind: u32) {
        self.set_open(kind, false);
        let answer = self.kinds[kind as usize].answer;
        let kinds = &mut self.answers[answer as usize].kinds;
        kinds.retain(|(known, _)| *known != kind);
        if kinds.is_empty() {
            let key = Kind { class: 0, run: None, ..self.kinds[kind as usize].kind.clone() };
            self.answer_ids.remove(&key);
            self.unused_answers.push(answer);
        }
        self.ids.remove(&self.kinds[kind as usize].kind);
        self.unused.push(kind);
    }

    /// Keeps the ids of kinds, or lets go of those that nothing waits under.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
        if !frozen {
            let kinds = (0_u32..).zip(&self.kinds);
            let empty = kinds.filter(|(id, state)| state.waiting == 0 && self.ids.get(&state.kind) == Some(id));
            let idle: Vec<u32> = empty.map(|(id, _)| id).collect();
            idle.into_iter().for_each(|id| self.forget(id));
            let over: Vec<u32> = self.live_bursts().filter(|at| self.bursts.all[*at as usize].cells == 0).collect();
            over.into_iter().for_each(|at| self.forget_burst(at));
        }
    }

    /// A tenant stands elsewhere now.
    pub(crate) fn stand(&mut self, tenant: TenantId, standing: Standing) {
        let Queue { lanes, lanes_of, classes, moves, .. } = self;
        *moves += 1;
        for id in lanes_of.get(tenant.0 as usize).into_iter().flatten() {
            let lane = &lanes[*id as usize];
            if lane.standing != standing {
                let class = classes.get_mut(&lane.class).expect("a lane has a class");
                let (from, to) = ((lane.standing, tenant, *id), (standing, tenant, *id));
                class.order.move_by(Stand { share: standing[0], lane: *id }, to_rank(lanes, from), to_rank(lanes, to));
                lanes[*id as usize].standing = standing;
            }
        }
    }

    /// Tenants with a lane.
    pub(crate) fn tenants(&self) -> Vec<TenantId> {
        let lanes = (0..).zip(&self.lanes_of);
        lanes.filter(|(_, lanes)| !lanes.is_empty()).map(|(tenant, _)| TenantId(tenant)).collect()
    }

    /// The next job in order of a kind that is open, from the cursor on.
    pub(crate) fn next_open(&self, cursor: &mut Cursor) -> Option<Ticket> {
        if self.open.is_clear() {
            return None;
        }
        let Cursor { at, lane: known, lanes } = cursor;
        // Where only kinds were closed since, it is still the turn of the same lane, if it has others.
        if let Some(lane) = known.filter(|(_, moves)| *moves == self.moves).map(|(lane, _)| &self.lanes[lane as usize])
            && meet(&lane.mask, &self.open)
        {
            return lane.first(Some(&self.open), &self.cells, &self.bursts);
        }
        let lanes = lanes.get_or_insert_with(|| self.lanes_with(&self.open));
        let from = *at;
        for (key, class) in self.classes.range(from.map_or(Reverse(i16::MAX), |(class, ..)| class)..) {
            if !meet(&class.mask, &self.open) {
                continue;
            }
            let start = from
                .filter(|(class, ..)| class == key)
                .map_or(([0; DEPTH], TenantId(0), 0), |(_, standing, tenant)| (standing, tenant, 0));
            let stands = class.order.starting_by(to_rank(&self.lanes, start));
            for Stand { lane: id, .. } in stands.filter(|stand| lanes.contains(stand.lane as usize)) {
                let lane = &self.lanes[*id as usize];
                if meet(&lane.mask, &self.open) {
                    (*at, *known) = (Some((*key, lane.standing, lane.tenant)), Some((*id, self.moves)));
                    return lane.first(Some(&self.open), &self.cells, &self.bursts);
                }
            }
        }
        None
    }

    /// The lanes in which any of these kinds waits.
    fn lanes_with(&self, kinds: &FixedBitSet) -> FixedBitSet {
        let mut lanes = FixedBitSet::with_capacity(self.lanes.len());
        kinds.ones().for_each(|kind| lanes.union_with(&self.kinds[kind].lanes));
        lanes
    }

    /// What is wide is another question now.
    pub(crate) fn widen(&mut self, wide: impl Fn(&Kind) -> bool) {
        for (id, state) in self.kinds.iter().enumerate() {
            self.wide.set(id, wide(&state.kind));
        }
    }

    /// The first jobs in order of kinds that are not open, at most `most` of classes above one; of one burst only a few.
    /// Unless `all`, only of those that are wide.
    pub(crate) fn line(&self, most: usize, all: bool, above: i32) -> Vec<Ticket> {
        const OF_A_BURST: usize = 8;
        let mut wanted = if all { FixedBitSet::with_capacity(self.kinds.len()) } else { self.wide.clone() };
        if all {
            wanted.insert_range(..);
        }
        wanted.difference_with(&self.open);
        let mut line = Vec::new();
        let mut of_cell = Vec::new();
        let classes = self.classes.iter().take_while(|(class, _)| i32::from(class.0) > above);
        for Stand { lane, .. } in classes.flat_map(|(_, class)| class.order.iter()) {
            let lane = &self.lanes[*lane as usize];
            if !meet(&lane.mask, &wanted) {
                continue;
            }
            let left = most - line.len();
            // Of a long lane few cells are looked at: beyond `last` none is wanted.
            let (mut first, mut last, mut most_kept) = (Vec::new(), i64::MAX, left * 2 + 16);
            lane.within(&wanted, |at| {
                let key = lane.heads[at].key(&self.cells, &self.bursts);
                if key > last {
                    return;
                }
                first.push((key, at));
                if first.len() > most_kept {
                    last = first.select_nth_unstable(left - 1).1.0;
                    first.retain(|(key, _)| *key <= last);
                    most_kept = first.len() * 2 + 16;
                }
            });
            if first.len() > left {
                last = first.select_nth_unstable(left - 1).1.0;
                first.retain(|(key, _)| *key <= last);
            }
            // What follows in a burst comes after its first one.
            let mut heads: Vec<(Counted, u32, u32, u32)> = Vec::new();
            for (_, at) in first {
                let (kind, cell) = (lane.kinds[at], lane.heads[at].cell);
                self.cells[cell as usize].first_of_bursts(left, &self.bursts, &mut of_cell);
                heads.extend(of_cell.drain(..).map(|(counted, burst)| (counted, burst, kind, cell)));
            }
            if heads.len() > left {
                heads.select_nth_unstable(left);
                heads.truncate(left);
            }
            let mut jobs: Vec<(Counted, u32, u32, u32)> = Vec::new();
            for ((_, _), burst, kind, cell) in heads {
                let offset = self.bursts.offsets[burst as usize];
                let turns = self.cells[cell as usize].turns_of(burst).take(OF_A_BURST);
                jobs.extend(turns.map(|turn| (counted(turn, offset), burst, kind, cell)));
            }
            jobs.sort_unstable();
            line.extend(jobs.into_iter().take(left).map(|((_, turn), burst, kind, cell)| Ticket { kind, cell, burst, turn }));
            if line.len() >= most {
                break;
            }
        }
        line
    }

    /// The first job in order, open or not.
    pub(crate) fn first(&self) -> Option<Ticket> {
        let (_, class) = self.classes.first_key_value()?;
        let Stand { lane, .. } = class.order.first()?;
        self.lanes[*lane as usize].first(None, &self.cells, &self.bursts)
    }

    pub(crate) fn is_open(&self, kind: u32) -> bool {
        self.open.contains(kind as usize)
    }

    pub(crate) fn is_wide(&self, kind: u32) -> bool {
        self.wide.contains(kind as usize)
    }

    /// A kind finds no place, and so does none of the same answer that runs as long or longer.
    /// Returns the position of that answer.
    pub(crate) fn close(&mut self, kind: u32) -> usize {
        let state = &self.kinds[kind as usize];
        let answer = state.answer as usize;
        self.close_answer(answer, state.kind.run);
        answer
    }

    /// Kinds that wait in the classes above one, and how many jobs of each.
    pub(crate) fn above(&self, class: i16) -> impl Iterator<Item = (u32, u32)> + '_ {
        let kinds = self.classes.range(..Reverse(class)).flat_map(|(_, class)| class.mask.ones());
        kinds.map(|kind| (kind as u32, self.kinds[kind].waiting))
    }

    /// How many jobs wait, by shape; one shape may come several times.
    pub(crate) fn waiting_by_shape(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.kinds.iter().filter(|state| state.waiting > 0).map(|state| (state.kind.shape, u64::from(state.waiting)))
    }

    /// Opens the kinds of an answer that may run so long: whatever they are, or only up to a run class.
    pub(crate) fn reopen_answer(&mut self, at: usize, most: Option<u8>) {
        let most = most.map_or(u16::MAX, u16::from);
        let Queue { kinds, answers, open, open_answers, .. } = self;
        let answer = &mut answers[at];
        for (kind, _) in answer.kinds.iter().filter(|(_, run)| *run <= most) {
            if !open.contains(*kind as usize) && kinds[*kind as usize].waiting > 0 {
                open.insert(*kind as usize);
                answer.open += 1;
            }
        }
        open_answers.set(at, answer.open > 0);
    }

    /// How many positions of answers there are.
    pub(crate) fn answers_len(&self) -> usize {
        self.answers.len()
    }

    /// The shape of the answer at a position, if one of its kinds is closed.
    pub(crate) fn closed_answer(&self, at: usize) -> Option<u32> {
        let answer = &self.answers[at];
        (answer.open < answer.kinds.len() as u32).then_some(answer.shape)
    }

    /// The positions of answers of which a kind is open, each with its shape.
    pub(crate) fn open_answers(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.open_answers.ones().map(|at| (at, self.answers[at].shape))
    }

    /// Closes the kinds of the answer at a position that run as long as a class, or longer.
    pub(crate) fn close_answer(&mut self, at: usize, run: Option<u8>) {
        let least = run.map_or(u16::MAX, u16::from);
        let Queue { answers, open, open_answers, .. } = self;
        let answer = &mut answers[at];
        for (kind, _) in answer.kinds.iter().filter(|(_, run)| *run >= least) {
            if open.contains(*kind as usize) {
                open.remove(*kind as usize);
                answer.open -= 1;
            }
        }
        open_answers.set(at, answer.open > 0);
    }

    /// Which kinds are open, to be given back to [`Queue::restore`].
    pub(crate) fn remember(&self) -> FixedBitSet {
        self.open.clone()
    }

    /// Opens what was open, and what came since.
    pub(crate) fn restore(&mut self, open: &FixedBitSet) {
        for id in 0..self.kinds.len() {
            let was = id >= open.len() || open.contains(id);
            if self.kinds[id].waiting > 0 {
                self.set_open(id as u32, was);
            }
        }
    }

    /// Jobs before a ticket in the order that is served: the first of them, at most `most`, and how many there are.
    pub(crate) fn ahead(&self, ticket: Ticket, most: usize) -> (Vec<JobId>, u64) {
        let own = self.cells[ticket.cell as usize].lane;
        let class_key = self.lanes[own as usize].class;
        let mine = counted(ticket.turn, self.bursts.offsets[ticket.burst as usize]);
        let (mut first, mut count) = (Vec::new(), 0);
        for Stand { lane: id, .. } in self.classes.range(..=class_key).flat_map(|(_, class)| class.order.iter()) {
            let lane = &self.lanes[*id as usize];
            count += match *id == own {
                false => lane.waiting as usize,
                true => lane.heads.iter().map(|head| self.cells[head.cell as usize].before(mine, &self.bursts)).sum(),
            };
            if first.len() < most {
                let heads = lane.heads.iter().filter_map(|head| self.cells[head.cell as usize].first(&self.bursts));
                let mut heads: Vec<(Counted, u32)> = heads.filter(|(counted, _)| *id != own || *counted < mine).collect();
                heads.sort_unstable();
                first.extend(heads.iter().take(most - first.len()).map(|((_, turn), _)| turn.job));
            }
            if *id == own {
                break;
            }
        }
        (first, count as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_classes_are_the_smallest_that_suffice() {
        let spans = (0..=255).flat_map(|class| [bound(class), Span(bound(class).0.saturating_add(1)), Span(bound(class).0 - 1)]);
        for span in spans.chain([Span(i64::MIN), Span(0), Span(1), Span(i64::MAX)]) {
            assert_eq!(class_of(span), (0..u8::MAX).find(|class| bound(*class) >= span).unwrap_or(u8::MAX), "{span}");
            let over = (0..=u8::MAX).find(|class| bound(*class) > span).unwrap_or(u8::MAX);
            assert_eq!(class_within(span), over.checked_sub(1), "{span}");
        }
    }
}
