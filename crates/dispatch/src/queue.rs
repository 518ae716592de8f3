//! Who goes next. Jobs wait in lanes, one for each tenant and priority; lanes are served in order of the tenants' shares,
//! jobs in a lane by their turn. Jobs of one kind share one answer: a kind that cannot start is closed until something
//! that may serve it is freed, so a pass costs what changed and not the length of the queue.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;
use measure::{JobId, PoolId, Span, TenantId, Time};

/// How deep tenants may be nested.
pub(crate) const DEPTH: usize = 4;

/// Shares from the organisation down to the project: the smaller goes first. The highest bit says that the tenant holds
/// as much as it is guaranteed.
pub(crate) type Standing = [u64; DEPTH];

/// The key by which jobs of one lane are served, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) key: i64,
    pub(crate) since: Time,
    pub(crate) job: JobId,
}

/// Jobs that wait so long go before all others.
pub(crate) const OVERDUE: i16 = i16::MAX;

/// What decides where and whether a job can start now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Pools whose provider does not take it.
    pub(crate) barred: Vec<PoolId>,
}

/// The run class of a span: the smallest whose bound is no less.
pub(crate) fn class_of(span: Span) -> u8 {
    (0..u8::MAX).find(|class| bound(*class) >= span).unwrap_or(u8::MAX)
}

/// The longest run class that ends within a span, if any does.
pub(crate) fn class_within(span: Span) -> Option<u8> {
    let over = (0..=u8::MAX).find(|class| bound(*class) > span).unwrap_or(u8::MAX);
    over.checked_sub(1)
}

/// The longest span of a class: steps of a quarter of a power of two, from a second to many years.
pub(crate) fn bound(class: u8) -> Span {
    let (power, quarter) = (u32::from(class / 4), i64::from(class % 4));
    Span(((4 + quarter) * 250).checked_shl(power.min(50)).unwrap_or(i64::MAX).max(0))
}

/// A turn as it counts: its own key and what its burst adds.
type Counted = (i64, Turn);

#[derive(Debug, Clone, Default)]
struct Lane {
    standing: Standing,
    kinds: BTreeMap<u32, Bursts>,
    /// The first turn of every kind.
    heads: BTreeSet<(Counted, u32)>,
    mask: FixedBitSet,
}

/// Jobs of one kind in a lane, by burst.
#[derive(Debug, Clone, Default)]
struct Bursts {
    turns: BTreeMap<JobId, BTreeSet<Turn>>,
    /// The first turn of every burst, in order and by burst.
    heads: BTreeSet<(Counted, JobId)>,
    known: BTreeMap<JobId, Counted>,
}

/// A burst with waiting jobs: by how much its turns are put off, and where they are.
#[derive(Debug, Clone)]
struct Shifted {
    tenant: TenantId,
    offset: i64,
    places: BTreeMap<(Reverse<i16>, TenantId, u32), u32>,
}

#[derive(Debug, Clone, Default)]
struct Class {
    order: BTreeSet<(Standing, TenantId)>,
    lanes: BTreeMap<TenantId, Lane>,
    mask: FixedBitSet,
}

#[derive(Debug, Clone)]
struct KindState {
    kind: Kind,
    waiting: u32,
    /// Its position among the answers.
    answer: u32,
}

/// Kinds that differ only in class and in how long they may run: where one finds no place, none that runs longer does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) shape: u32,
    kinds: Vec<u32>,
}

/// A longer run than any that is known.
fn run_or_most(kind: &Kind) -> u16 {
    kind.run.map_or(u16::MAX, u16::from)
}

/// See the module. A cache: what it holds follows from the jobs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    kinds: Vec<KindState>,
    ids: BTreeMap<Kind, u32>,
    unused: Vec<u32>,
    answers: Vec<Answer>,
    answer_ids: BTreeMap<Kind, u32>,
    unused_answers: Vec<u32>,
    classes: BTreeMap<Reverse<i16>, Class>,
    /// Kinds that may be able to start.
    open: FixedBitSet,
    pub(crate) waiting: usize,
    bursts: BTreeMap<JobId, Shifted>,
    /// While set, kinds keep their ids even if nothing of them waits.
    frozen: bool,
}

/// Where a job stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) kind: u32,
    pub(crate) lane: TenantId,
    /// 0 for a job that stands for itself.
    pub(crate) burst: JobId,
    pub(crate) turn: Turn,
}

/// How far a pass has come in the order; what lies before has nothing open.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cursor(Option<(Reverse<i16>, Standing, TenantId)>);

impl Bursts {
    /// Brings the head of a burst up to date.
    fn head(&mut self, burst: JobId, offset: i64) {
        let first = self.turns.get(&burst).and_then(|turns| turns.first().copied());
        let counted = first.map(|turn| (turn.key.saturating_add(offset), turn));
        if let Some(old) = self.known.get(&burst).copied() {
            if Some(old) == counted {
                return;
            }
            self.heads.remove(&(old, burst));
        }
        match counted {
            Some(counted) => {
                self.heads.insert((counted, burst));
                self.known.insert(burst, counted);
            }
            None => {
                self.known.remove(&burst);
                self.turns.remove(&burst);
            }
        }
    }
}

impl Lane {
    /// Brings the head of a kind up to date, which was `before`.
    fn head(&mut self, kind: u32, before: Option<Counted>) {
        let Some(bursts) = self.kinds.get(&kind) else { return };
        let first = bursts.heads.first().map(|(counted, _)| *counted);
        if first == before {
            return;
        }
        if let Some(before) = before {
            self.heads.remove(&(before, kind));
        }
        match first {
            Some(first) => drop(self.heads.insert((first, kind))),
            None => drop(self.kinds.remove(&kind)),
        }
    }

    /// The kind whose first job is the first of those that are open.
    fn first_open(&self, open: &FixedBitSet) -> Option<u32> {
        const FEW: usize = 32;
        if self.mask.intersection_count(open) > FEW {
            return self.heads.iter().map(|(_, kind)| *kind).find(|kind| open.contains(*kind as usize));
        }
        let head = |kind: usize| (self.kinds[&(kind as u32)].heads.first().map(|(counted, _)| *counted), kind as u32);
        self.mask.intersection(open).map(head).min().map(|(_, kind)| kind)
    }

    /// The ticket of a kind's first job.
    fn ticket(&self, tenant: TenantId, kind: u32) -> Option<Ticket> {
        let ((_, turn), burst) = *self.kinds.get(&kind)?.heads.first()?;
        Some(Ticket { kind, lane: tenant, burst, turn })
    }
}

impl Queue {
    pub(crate) fn kind(&self, id: u32) -> &Kind {
        &self.kinds[id as usize].kind
    }

    /// The id of a kind; a new one is open.
    pub(crate) fn kind_id(&mut self, kind: &Kind) -> u32 {
        if let Some(id) = self.ids.get(kind) {
            return *id;
        }
        let answer = self.answer_id(kind);
        let state = KindState { kind: kind.clone(), waiting: 0, answer };
        let id = match self.unused.pop() {
            Some(id) => {
                self.kinds[id as usize] = state;
                id
            }
            None => {
                self.kinds.push(state);
                self.kinds.len() as u32 - 1
            }
        };
        self.ids.insert(kind.clone(), id);
        self.answers[answer as usize].kinds.push(id);
        self.open.grow(id as usize + 1);
        self.open.insert(id as usize);
        id
    }

    pub(crate) fn push(&mut self, ticket: Ticket, standing: Standing) {
        let Ticket { kind, lane: tenant, burst, turn } = ticket;
        self.waiting += 1;
        self.kinds[kind as usize].waiting += 1;
        let class_key = Reverse(self.kinds[kind as usize].kind.class);
        let offset = match self.bursts.get_mut(&burst) {
            Some(known) => {
                *known.places.entry((class_key, tenant, kind)).or_default() += 1;
                known.offset
            }
            None => 0,
        };
        let class = self.classes.entry(class_key).or_default();
        class.mask.grow(kind as usize + 1);
        class.mask.insert(kind as usize);
        let lane = match class.lanes.get_mut(&tenant) {
            Some(lane) => lane,
            None => {
                class.order.insert((standing, tenant));
                class.lanes.entry(tenant).or_insert(Lane { standing, ..Lane::default() })
            }
        };
        lane.mask.grow(kind as usize + 1);
        lane.mask.insert(kind as usize);
        let bursts = lane.kinds.entry(kind).or_default();
        let before = bursts.heads.first().map(|(counted, _)| *counted);
        bursts.turns.entry(burst).or_default().insert(turn);
        bursts.head(burst, offset);
        lane.head(kind, before);
    }

    /// Whether a burst has waiting jobs.
    pub(crate) fn knows(&self, burst: JobId) -> bool {
        self.bursts.contains_key(&burst)
    }

    /// Whose burst it is, if it has waiting jobs.
    pub(crate) fn tenant_of(&self, burst: JobId) -> Option<TenantId> {
        self.bursts.get(&burst).map(|known| known.tenant)
    }

    /// Bursts with waiting jobs, and whose they are.
    pub(crate) fn bursts(&self) -> Vec<(JobId, TenantId)> {
        self.bursts.iter().map(|(burst, known)| (*burst, known.tenant)).collect()
    }

    /// The turns of a burst are put off by so much from now on.
    pub(crate) fn shift(&mut self, burst: JobId, tenant: TenantId, offset: i64) {
        let known = self.bursts.entry(burst).or_insert(Shifted { tenant, offset, places: BTreeMap::new() });
        if known.offset == offset {
            return;
        }
        known.offset = offset;
        for (class, tenant, kind) in known.places.keys() {
            let lane = self.classes.get_mut(class).and_then(|class| class.lanes.get_mut(tenant)).expect("what waits has a lane");
            let bursts = lane.kinds.get_mut(kind).expect("what waits is in its kind");
            let before = bursts.heads.first().map(|(counted, _)| *counted);
            bursts.head(burst, offset);
            lane.head(*kind, before);
        }
    }

    /// Whether the ticket's tenant already has a lane in the class of its kind.
    pub(crate) fn has_lane(&self, ticket: Ticket) -> bool {
        let class = Reverse(self.kinds[ticket.kind as usize].kind.class);
        self.classes.get(&class).is_some_and(|class| class.lanes.contains_key(&ticket.lane))
    }

    pub(crate) fn remove(&mut self, ticket: Ticket) {
        let Ticket { kind, lane: tenant, burst, turn } = ticket;
        let key = Reverse(self.kinds[kind as usize].kind.class);
        let mut offset = 0;
        if let Some(known) = self.bursts.get_mut(&burst) {
            offset = known.offset;
            let place = (key, tenant, kind);
            let count = known.places.get_mut(&place).expect("what waits is in a place of its burst");
            *count -= 1;
            if *count == 0 {
                known.places.remove(&place);
                if known.places.is_empty() && !self.frozen {
                    self.bursts.remove(&burst);
                }
            }
        }
        let class = self.classes.get_mut(&key).expect("what waits has a class");
        let lane = class.lanes.get_mut(&tenant).expect("what waits has a lane");
        let bursts = lane.kinds.get_mut(&kind).expect("what waits is in its kind");
        let before = bursts.heads.first().map(|(counted, _)| *counted);
        bursts.turns.get_mut(&burst).expect("what waits is in its burst").remove(&turn);
        bursts.head(burst, offset);
        lane.head(kind, before);
        if !lane.kinds.contains_key(&kind) {
            lane.mask.remove(kind as usize);
            if lane.kinds.is_empty() {
                class.order.remove(&(lane.standing, tenant));
                class.lanes.remove(&tenant);
            }
        }
        self.waiting -= 1;
        let state = &mut self.kinds[kind as usize];
        state.waiting -= 1;
        if state.waiting == 0 {
            class.mask.remove(kind as usize);
            if class.lanes.is_empty() {
                self.classes.remove(&key);
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
        let answer = Answer { shape: kind.shape, kinds: Vec::new() };
        let id = match self.unused_answers.pop() {
            Some(id) => {
                self.answers[id as usize] = answer;
                id
            }
            None => {
                self.answers.push(answer);
                self.answers.len() as u32 - 1
            }
        };
        self.answer_ids.insert(key, id);
        id
    }

    fn forget(&mut self, kind: u32) {
        let answer = self.kinds[kind as usize].answer;
        let kinds = &mut self.answers[answer as usize].kinds;
        kinds.retain(|known| *known != kind);
        if kinds.is_empty() {
            let key = Kind { class: 0, run: None, ..self.kinds[kind as usize].kind.clone() };
            self.answer_ids.remove(&key);
            self.unused_answers.push(answer);
        }
        self.ids.remove(&self.kinds[kind as usize].kind);
        self.open.remove(kind as usize);
        self.unused.push(kind);
    }

    /// Keeps the ids of kinds, or lets go of those that nothing waits under.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
        if !frozen {
            let empty = |id: &u32| self.kinds[*id as usize].waiting == 0;
            let idle: Vec<u32> = self.ids.values().copied().filter(empty).collect();
            idle.into_iter().for_each(|id| self.forget(id));
            self.bursts.retain(|_, burst| !burst.places.is_empty());
        }
    }

    /// A tenant stands elsewhere now.
    pub(crate) fn stand(&mut self, tenant: TenantId, standing: Standing) {
        for class in self.classes.values_mut() {
            let Some(lane) = class.lanes.get_mut(&tenant) else { continue };
            if lane.standing != standing {
                class.order.remove(&(lane.standing, tenant));
                class.order.insert((standing, tenant));
                lane.standing = standing;
            }
        }
    }

    /// Tenants with a lane.
    pub(crate) fn tenants(&self) -> BTreeSet<TenantId> {
        self.classes.values().flat_map(|class| class.lanes.keys().copied()).collect()
    }

    /// The next job in order of a kind that is open, from the cursor on.
    pub(crate) fn next_open(&self, cursor: &mut Cursor) -> Option<Ticket> {
        if self.open.is_clear() {
            return None;
        }
        let from = cursor.0;
        for (key, class) in self.classes.range(from.map_or(Reverse(i16::MAX), |(class, ..)| class)..) {
            if class.mask.is_disjoint(&self.open) {
                continue;
            }
            let start = from
                .filter(|(class, ..)| class == key)
                .map_or(([0; DEPTH], TenantId(0)), |(_, standing, tenant)| (standing, tenant));
            for (standing, tenant) in class.order.range(start..) {
                let lane = &class.lanes[tenant];
                if lane.mask.is_disjoint(&self.open) {
                    continue;
                }
                cursor.0 = Some((*key, *standing, *tenant));
                return lane.ticket(*tenant, lane.first_open(&self.open)?);
            }
        }
        None
    }

    /// The first jobs in order of kinds that are not open and that `asks` names, at most `most`; of one burst only a few.
    pub(crate) fn line(&self, most: usize, asks: impl Fn(&Kind) -> bool) -> Vec<Ticket> {
        const OF_A_BURST: usize = 8;
        let mut line = Vec::new();
        for class in self.classes.values() {
            for (_, tenant) in &class.order {
                let lane = &class.lanes[tenant];
                let mut jobs: Vec<(Counted, u32, JobId)> = Vec::new();
                for (kind, bursts) in &lane.kinds {
                    if self.open.contains(*kind as usize) || !asks(self.kind(*kind)) {
                        continue;
                    }
                    for ((counted, head), burst) in bursts.heads.iter().take(most) {
                        let offset = counted.saturating_sub(head.key);
                        let turns = bursts.turns[burst].iter().take(OF_A_BURST);
                        jobs.extend(turns.map(|turn| ((turn.key.saturating_add(offset), *turn), *kind, *burst)));
                    }
                }
                jobs.sort_unstable();
                let tickets = jobs.into_iter().map(|((_, turn), kind, burst)| Ticket { kind, lane: *tenant, burst, turn });
                line.extend(tickets.take(most - line.len()));
                if line.len() >= most {
                    return line;
                }
            }
        }
        line
    }

    /// The first job in order, open or not.
    pub(crate) fn first(&self) -> Option<Ticket> {
        let (_, class) = self.classes.first_key_value()?;
        let (_, tenant) = class.order.first()?;
        let lane = &class.lanes[tenant];
        lane.ticket(*tenant, lane.heads.first()?.1)
    }

    pub(crate) fn is_open(&self, kind: u32) -> bool {
        self.open.contains(kind as usize)
    }

    /// A kind finds no place, and so does none of the same answer that runs as long or longer.
    pub(crate) fn close(&mut self, kind: u32) {
        let state = &self.kinds[kind as usize];
        self.close_answer(state.answer as usize, state.kind.run);
    }

    /// Opens the kinds of an answer that may run so long: whatever they are, or only up to a run class.
    pub(crate) fn reopen_answer(&mut self, answer: u32, most: Option<u8>) {
        let Queue { kinds, answers, open, .. } = self;
        for id in &answers[answer as usize].kinds {
            let state = &kinds[*id as usize];
            if state.waiting > 0 && most.is_none_or(|most| state.kind.run.is_some_and(|run| run <= most)) {
                open.insert(*id as usize);
            }
        }
    }

    /// How many positions of answers there are.
    pub(crate) fn answers_len(&self) -> usize {
        self.answers.len()
    }

    /// The shape of the answer at a position, if one of its kinds is open.
    pub(crate) fn open_answer(&self, at: usize) -> Option<u32> {
        let answer = &self.answers[at];
        answer.kinds.iter().any(|kind| self.open.contains(*kind as usize)).then_some(answer.shape)
    }

    /// Closes the kinds of the answer at a position that run as long as a class, or longer.
    pub(crate) fn close_answer(&mut self, at: usize, run: Option<u8>) {
        let Queue { kinds, answers, open, .. } = self;
        let least = run.map_or(u16::MAX, u16::from);
        for other in &answers[at].kinds {
            if run_or_most(&kinds[*other as usize].kind) >= least {
                open.remove(*other as usize);
            }
        }
    }

    /// Answers that are waited for, with the shape of each.
    pub(crate) fn answers(&self) -> Vec<(u32, u32)> {
        self.answer_ids.values().map(|id| (*id, self.answers[*id as usize].shape)).collect()
    }

    /// Which kinds are open, to be given back to [`Queue::restore`].
    pub(crate) fn remember(&self) -> FixedBitSet {
        self.open.clone()
    }

    /// Opens what was open, and what came since.
    pub(crate) fn restore(&mut self, open: &FixedBitSet) {
        for id in 0..self.kinds.len() {
            let was = id >= open.len() || open.contains(id);
            self.open.set(id, was && self.kinds[id].waiting > 0);
        }
    }

    /// Jobs before a ticket in the order that is served: the first of them, at most `most`, and how many there are.
    pub(crate) fn ahead(&self, ticket: Ticket, most: usize) -> (Vec<JobId>, u64) {
        let class_key = Reverse(self.kinds[ticket.kind as usize].kind.class);
        let offset = |burst: &JobId| self.bursts.get(burst).map_or(0, |known| known.offset);
        let mine = (ticket.turn.key.saturating_add(offset(&ticket.burst)), ticket.turn);
        let (mut first, mut count) = (Vec::new(), 0);
        for (key, class) in self.classes.range(..=class_key) {
            for (_, tenant) in &class.order {
                let own = *key == class_key && *tenant == ticket.lane;
                let lane = &class.lanes[tenant];
                for bursts in lane.kinds.values() {
                    for (burst, turns) in &bursts.turns {
                        count += match own {
                            false => turns.len(),
                            true => {
                                let shift = offset(burst);
                                turns.iter().take_while(|turn| (turn.key.saturating_add(shift), **turn) < mine).count()
                            }
                        };
                    }
                }
                if first.len() < most {
                    let heads = lane.heads.iter().filter(|(counted, _)| !own || *counted < mine);
                    first.extend(heads.take(most - first.len()).map(|((_, turn), _)| turn.job));
                }
                if own {
                    return (first, count as u64);
                }
            }
        }
        (first, count as u64)
    }
}
