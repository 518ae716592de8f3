//! What is free, by state, and for every want the states that serve it, best first.
//!
//! Nodes of one pool and model with the same things free are in one state. A want (what one replica needs) scores each
//! state once; a log of states that came to be lets it catch up when it is asked again, so what it costs follows what
//! changed. All of this is a cache: it is rebuilt from the nodes, and the order in which it was built decides nothing.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BinaryHeap};

use census::Census;
use measure::{Cpu, Memory, Name, PoolId, Precision, Pue, Time};

use crate::fact::{Ask, Shape, WHOLE};
use crate::hub::Pool;
use crate::map::Map;
use crate::node::{Demand, Free, NEVER};
use crate::pack::Packer;
use crate::policy::Weights;
use crate::share::{Amount, MEGA_A_VALUE, VALUE_UNIT};
use crate::sorted::Sorted;
use crate::table::Table;

/// The name by which a job asks for cores explicitly.
pub(crate) const CORES: &str = "cores";

/// Nodes of one pool and model.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) pool: PoolId,
    pub(crate) model: Option<String>,
    site: Option<Name>,
    /// Its pool's name.
    name: Name,
    pue: Option<Pue>,
    device_memory_gb: Option<u64>,
    peaks: BTreeMap<Precision, u64>,
    whole_devices: bool,
    whole_cores: bool,
    images: bool,
    /// What its nodes draw, where somebody said so.
    pub(crate) draws: Option<crate::power::Draws>,
    /// Value of a device in thousandths.
    pub(crate) value: u64,
    /// What an hour costs, as of an hour since 1970.
    pub(crate) rate: Option<(i64, measure::Rate, Option<std::sync::Arc<census::Agreement>>)>,
    /// What the group is worth beside packing, in points; see [`Index::judge`].
    points: i64,
    /// Alike nodes: devices, thousandths of cores, memory and how many there are.
    pub(crate) totals: BTreeMap<(u32, u64, u64), u64>,
}

/// What one replica needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Want {
    ask: Ask,
    cpu: Cpu,
    memory: Memory,
    sites: Vec<Name>,
    pools: Vec<Name>,
    pue_most: Option<Pue>,
    image: bool,
    outputs: bool,
}

impl Want {
    pub(crate) fn of(shape: &Shape, ask: &Ask) -> Want {
        // How many replicas there are is no matter of one.
        let ask =
            Ask { replicas: None, power: ask.power.map(|power| crate::fact::Computing { mega: 0, ..power }), ..ask.clone() };
        Want {
            ask,
            cpu: shape.cpu,
            memory: shape.memory,
            sites: shape.sites.clone(),
            pools: shape.pools.clone(),
            pue_most: shape.pue_most,
            image: shape.image,
            outputs: shape.outputs,
        }
    }
}

/// Why a group can never serve a want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Excluded {
    Model,
    Site,
    Pue,
    DeviceMemory,
    Power,
    Parts,
    Images,
    Outputs,
}

/// What a replica takes on nodes of a group; a device is an accelerator or, where a node has none, a core. `Excluded`
/// says by which rule it is not served there. Work that names no model is kept away from cores if the hub has
/// accelerators, be they free, too small or gone for now: a job that wants eight devices does not mean eight cores then,
/// and who means cores can say so.
pub(crate) fn demand(want: &Want, group: &Group, accelerated_hub: bool) -> Result<Demand, Excluded> {
    let ask = &want.ask;
    let suits = match &group.model {
        _ if ask.devices.0 == 0 => true,
        Some(model) => ask.models.is_empty() || ask.models.iter().any(|wanted| wanted == model),
        None if ask.models.is_empty() => !accelerated_hub,
        None => ask.models.iter().any(|wanted| wanted == CORES),
    };
    if !suits {
        return Err(Excluded::Model);
    }
    let elsewhere = !want.pools.is_empty() && !want.pools.contains(&group.name);
    if elsewhere || !want.sites.is_empty() && !group.site.as_ref().is_some_and(|site| want.sites.contains(site)) {
        return Err(Excluded::Site);
    }
    if want.pue_most.is_some_and(|most| group.pue.is_none_or(|pue| pue > most)) {
        return Err(Excluded::Pue);
    }
    let needs = ask.device_memory_gb.map(u64::from);
    if ask.devices.0 > 0 && needs.is_some_and(|needs| group.device_memory_gb.is_none_or(|has| has < needs)) {
        return Err(Excluded::DeviceMemory);
    }
    if ask.power.is_some_and(|power| group.peaks.get(&power.precision).is_none_or(|peak| *peak == 0)) {
        return Err(Excluded::Power);
    }
    if group.whole_devices && group.model.is_some() && ask.part != WHOLE {
        return Err(Excluded::Parts);
    }
    if want.image && !group.images {
        return Err(Excluded::Images);
    }
    // What runs images has no folder that an agent could read.
    if want.outputs && group.images {
        return Err(Excluded::Outputs);
    }
    let cores = |cpu: u64| if group.whole_cores { Cpu::cores(cpu.div_ceil(1000).max(1)).0 } else { cpu };
    Ok(match group.model {
        Some(_) => Demand { devices: ask.devices.0, part: ask.part, cpu: cores(want.cpu.0), memory: want.memory.0 },
        None => {
            let asked = u64::from(ask.devices.0) * u64::from(ask.part);
            Demand { devices: 0, part: WHOLE, cpu: cores(want.cpu.0.max(asked)), memory: want.memory.0 }
        }
    })
}

/// How many replicas an ask means on a group.
pub(crate) fn replicas(shape: &Shape, ask: &Ask, group: &Group) -> u32 {
    let said = ask.replicas.unwrap_or(shape.replicas);
    let Some(power) = ask.power else { return said };
    let peak = group.peaks.get(&power.precision).copied().unwrap_or(0);
    let milli = u64::from(ask.devices.0) * u64::from(ask.part);
    let each = (u128::from(peak) * u128::from(milli) / u128::from(WHOLE)).max(1);
    u32::try_from(u128::from(power.mega).div_ceil(each)).unwrap_or(u32::MAX).max(1)
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    /// The look in which it was met last.
    met: u64,
    /// How many states came before it: what is remembered of one that was at its position before is not about it.
    born: u32,
    pub(crate) free: Free,
    pub(crate) nodes: Sorted<u32>,
    /// A node came here by being freed since the last round.
    gained: bool,
}

impl State {
    /// Whether what ends by then may start here; without an end, only where anything may.
    fn takes(&self, by: Option<Time>) -> bool {
        self.free.until == NEVER || by.is_some_and(|by| by <= self.free.until)
    }
}

/// A state that a node came to, and what tells most wants that they need not look at it.
#[derive(Debug, Clone, Copy)]
struct News {
    state: u32,
    group: u32,
    /// No replica finds more devices there.
    devices: u32,
}

/// The quarter of an hour that an instant lies in.
fn quarter(at: Time) -> i64 {
    at.0.div_euclid(900_000)
}

/// A state by its score, its pool and its first node; last its position, and how many came before it.
type Ranked = (i64, Reverse<PoolId>, Reverse<u32>, u32, u32);

/// States, best first. A state that no node is in is dropped when it comes to the top, one whose first node has left finds
/// its new place then, and one may stand here twice.
type Ranking = BinaryHeap<Ranked>;

#[derive(Debug, Clone)]
struct WantState {
    want: Want,
    users: u32,
    /// By group; filled as groups come to be.
    demands: Vec<Option<Demand>>,
    /// States open to anything, and those open only to what ends in time, by quarter of an hour: most close too soon for a job, and those
    /// are not looked through.
    open: Ranking,
    timed: BTreeMap<i64, Ranking>,
    /// So many quarters there may be before those are dropped in whose states no node is any more.
    timed_most: usize,
    seen: usize,
    epoch: u64,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) groups: Vec<Group>,
    group_ids: BTreeMap<(PoolId, Option<String>), u32>,
    /// Groups by pool and model: the order in which they came to be decides nothing.
    in_order: Vec<u32>,
    pub(crate) states: Vec<State>,
    by_free: Map<Free, u32>,
    /// States that no node is in and none comes to any more.
    unused_states: Vec<u32>,
    born: u32,
    /// While set, states keep their positions.
    frozen: bool,
    log: Vec<News>,
    gained: Vec<u32>,
    wants: Vec<WantState>,
    want_ids: Map<Want, u32>,
    /// Scores of an older epoch are void.
    pub(crate) epoch: u64,
    pub(crate) accelerated: bool,
    pub(crate) packer: Packer,
    pub(crate) weights: Weights,
    /// A model came that the packer has not learned of.
    pub(crate) unlearned: bool,
    /// Jobs for which nodes are kept, by number of the pool, and of all pools.
    reservations: Vec<u32>,
    kept: u32,
    /// The most devices and thousandths of cores of a node.
    widest: (u32, u64),
    unused_wants: Vec<u32>,
    /// Looks at rankings so far.
    looks: u64,
    /// Kept so that looking allocates nothing: states met.
    met: Vec<Ranked>,
    room: Vec<u64>,
    /// Counts changes of what pools have and of what is known of it.
    pub(crate) totals_seen: u64,
}

/// Quarters of an hour of which it is not asked whether any node may still be used up to then.
const TIMED_FEW: usize = 64;
/// Entries in rankings beyond which all are forgotten, and states beyond which the empty ones are.
const RANKED_MOST: usize = 4_000_000;
const STATES_MOST: usize = 262_144;

/// What a core draws, where only sites are compared.
const CORE: measure::Power = measure::Power(5000);

impl Index {
    /// The group of a pool and model, known to the census or not.
    pub(crate) fn group(&mut self, pool: PoolId, state: &Pool, model: Option<&str>, census: &Census) -> u32 {
        let key = (pool, model.map(str::to_owned));
        if let Some(known) = self.group_ids.get(&key) {
            return *known;
        }
        let id = self.groups.len() as u32;
        let mut group = Group {
            pool,
            model: key.1.clone(),
            site: None,
            name: state.join.name.clone(),
            pue: None,
            device_memory_gb: None,
            peaks: BTreeMap::new(),
            whole_devices: false,
            whole_cores: false,
            images: false,
            draws: None,
            value: 0,
            points: 0,
            rate: None,
            totals: BTreeMap::new(),
        };
        group.resolve(state, census);
        self.unlearned |= self.packer.add_group(group.model.as_ref());
        self.groups.push(group);
        self.group_ids.insert(key, id);
        self.in_order = self.group_ids.values().copied().collect();
        self.epoch += 1;
        id
    }

    /// The census changed: what is known of the groups may have.
    pub(crate) fn resolve(&mut self, pools: &Table<PoolId, Pool>, census: &Census) {
        for group in &mut self.groups {
            group.resolve(&pools[&group.pool], census);
        }
        self.totals_seen += 1;
        self.epoch += 1;
    }

    /// Scores are to be made anew.
    pub(crate) fn forget_scores(&mut self) {
        self.epoch += 1;
    }

    /// Weighs price, energy and carbon of the groups at an instant: from 0 for the worst to 100 for the best, times the
    /// weights. What is not known counts as worst. Returns whether anything changed.
    pub(crate) fn judge(&mut self, pools: &Table<PoolId, Pool>, census: &Census, now: Time) -> bool {
        let weights = self.weights;
        if weights.price == 0 && weights.energy == 0 && weights.carbon == 0 {
            return false;
        }
        let figures = |group: &Group| -> [Option<i128>; 3] {
            let join = &pools[&group.pool].join;
            let factor = census.carbon(join.site.as_ref(), now).map(|factor| i128::from(factor.0));
            let rate = census.rate((&join.name, &join.provider), group.model.as_deref(), now);
            let price = match group.model {
                Some(_) => rate.device_hour,
                None => rate.core_hour,
            };
            let tdp = |model| census.accelerators.get(model).and_then(|model: &census::Accelerator| model.tdp);
            // Cores are taken to draw as much at one site as at another.
            let power = group.model.as_ref().map_or(Some(CORE), tdp);
            let carbon = || Some(i128::from(power?.0) * i128::from(group.pue?.0) * factor?);
            [Some(i128::from(price.0)).filter(|price| *price > 0), group.pue.map(|pue| i128::from(pue.0)), carbon()]
        };
        let figures: Vec<[Option<i128>; 3]> = self.groups.iter().map(figures).collect();
        let mut changed = false;
        for (at, group) in self.groups.iter_mut().enumerate() {
            let mut points = 0;
            for (concern, weight) in [weights.price, weights.energy, weights.carbon].into_iter().enumerate() {
                let known = || figures.iter().filter_map(|figure| figure[concern]);
                let (Some(least), Some(most)) = (known().min(), known().max()) else { continue };
                let Some(mine) = figures[at][concern] else { continue };
                let share = if most == least { 100 } else { (most - mine) * 100 / (most - least) };
                points += i64::from(weight) * i64::try_from(share).unwrap_or(0);
            }
            changed |= std::mem::replace(&mut group.points, points) != points;
        }
        if changed {
            self.epoch += 1;
        }
        changed
    }

    pub(crate) fn want(&mut self, want: Want) -> u32 {
        if let Some(known) = self.want_ids.get(&want) {
            self.wants[*known as usize].users += 1;
            return *known;
        }
        let state = WantState {
            want: want.clone(),
            users: 1,
            demands: Vec::new(),
            open: Ranking::new(),
            timed: BTreeMap::new(),
            timed_most: TIMED_FEW,
            seen: 0,
            epoch: u64::MAX,
        };
        let id = match self.unused_wants.pop() {
            Some(id) => {
                self.wants[id as usize] = state;
                id
            }
            None => {
                self.wants.push(state);
                self.wants.len() as u32 - 1
            }
        };
        self.want_ids.insert(want, id);
        id
    }

    /// One shape less has this want; the last one takes it along.
    pub(crate) fn release(&mut self, want: u32) {
        let state = &mut self.wants[want as usize];
        state.users -= 1;
        if state.users == 0 {
            self.want_ids.remove(&state.want);
            state.forget(u64::MAX);
            self.unused_wants.push(want);
        }
    }

    /// Counts the alike nodes of a pool's groups.
    pub(crate) fn count_totals(&mut self, id: PoolId, pool: &Pool) {
        self.groups.iter_mut().filter(|group| group.pool == id).for_each(|group| group.totals.clear());
        for state in &pool.nodes {
            let node = &state.node;
            let totals = &mut self.groups[state.group as usize].totals;
            *totals.entry((node.devices.0, node.cpu.0, node.memory.0)).or_default() += 1;
        }
        self.totals_seen += 1;
        let totals = || self.groups.iter().flat_map(|group| group.totals.keys());
        let widest = (totals().map(|(devices, ..)| *devices).max(), totals().map(|(_, cpu, _)| *cpu).max());
        self.widest = (widest.0.unwrap_or(0), widest.1.unwrap_or(0));
        self.accelerated = self.groups.iter().any(|group| group.model.is_some() && !group.totals.is_empty());
        self.epoch += 1;
    }

    pub(crate) fn reserve(&mut self, pool: PoolId, change: i32) {
        let at = pool.0 as usize;
        self.reservations.resize(self.reservations.len().max(at + 1), 0);
        self.reservations[at] = self.reservations[at].saturating_add_signed(change);
        self.kept = self.kept.saturating_add_signed(change);
    }

    /// Jobs for which nodes are kept.
    pub(crate) fn kept(&self) -> u32 {
        self.kept
    }

    /// Whether a shape is a gang, or asks for half of the widest node or more.
    pub(crate) fn is_wide(&self, shape: &Shape) -> bool {
        let half_of_cores = shape.cpu.0 > 0 && shape.cpu.0.saturating_mul(2) >= self.widest.1;
        let half = |ask: &Ask| ask.devices.0 > 0 && ask.devices.0.saturating_mul(2) >= self.widest.0;
        self.is_gang(shape) || half_of_cores || shape.asks.iter().all(half)
    }

    /// Whether a shape has several replicas, or may have.
    pub(crate) fn is_gang(&self, shape: &Shape) -> bool {
        let several = |ask: &Ask| ask.replicas.is_some_and(|replicas| replicas > 1) || ask.power.is_some();
        shape.replicas > 1 || shape.asks.iter().any(several)
    }

    pub(crate) fn reservations(&self, pool: PoolId) -> u32 {
        self.reservations.get(pool.0 as usize).copied().unwrap_or(0)
    }

    /// Puts a node into the state of what it has free; `gained` if more is free than before.
    pub(crate) fn enter(&mut self, node: u32, free: Free, gained: bool) -> u32 {
        let id = match self.by_free.get(&free) {
            Some(id) => *id,
            None => {
                self.born = self.born.wrapping_add(1);
                let (free_there, born) = (free.clone(), self.born);
                let id = match self.unused_states.pop() {
                    Some(id) => {
                        let state = &mut self.states[id as usize];
                        (state.met, state.born, state.free) = (0, born, free_there);
                        id
                    }
                    None => {
                        self.states.push(State { met: 0, born, free: free_there, nodes: Sorted::default(), gained: false });
                        self.states.len() as u32 - 1
                    }
                };
                self.by_free.insert(free, id);
                id
            }
        };
        let state = &mut self.states[id as usize];
        if state.nodes.first().is_none_or(|first| node < first) {
            let Free { group, whole, lefts, .. } = &state.free;
            self.log.push(News { state: id, group: *group, devices: (*whole).max(u32::from(!lefts.is_empty())) });
        }
        state.nodes.insert(node);
        if gained && !std::mem::replace(&mut state.gained, true) {
            self.gained.push(id);
        }
        id
    }

    /// Takes a node out of its state. True if something was freed there that nobody has looked at yet: that goes with it.
    pub(crate) fn leave(&mut self, state: u32, node: u32) -> bool {
        let known = &mut self.states[state as usize];
        known.nodes.remove(node);
        let gained = known.gained;
        self.let_go(state);
        gained
    }

    /// Forgets a state without nodes that none comes to again: its end is an instant, and those of others are others.
    fn let_go(&mut self, id: u32) {
        let State { free, nodes, gained, .. } = &self.states[id as usize];
        if nodes.is_empty() && free.until != NEVER && !gained && !self.frozen {
            self.by_free.remove(free);
            self.unused_states.push(id);
        }
    }

    /// Keeps states at their positions, or lets go of those that no node comes to any more.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// States that nodes came to by being freed since this was last asked, if any node is still there.
    pub(crate) fn take_gained(&mut self) -> Vec<u32> {
        let mut gained = std::mem::take(&mut self.gained);
        for id in &gained {
            self.states[*id as usize].gained = false;
            self.let_go(*id);
        }
        gained.retain(|id| !self.states[*id as usize].nodes.is_empty());
        gained
    }

    /// Whether anything was freed since that was last asked.
    pub(crate) fn has_gained(&self) -> bool {
        !self.gained.is_empty()
    }

    /// Says that nodes came to these states.
    pub(crate) fn gain(&mut self, states: &[u32]) {
        for id in states {
            if !std::mem::replace(&mut self.states[*id as usize].gained, true) {
                self.gained.push(*id);
            }
        }
    }

    /// The group at a position in the order of pools and models.
    pub(crate) fn in_order(&self, at: usize) -> u32 {
        self.in_order[at]
    }

    /// What the want takes of a node of the group, if it may be served there.
    pub(crate) fn demand_of(&mut self, want: u32, group: u32) -> Option<Demand> {
        let state = &mut self.wants[want as usize];
        if state.epoch != self.epoch {
            state.forget(self.epoch);
        }
        while state.demands.len() < self.groups.len() {
            let next = demand(&state.want, &self.groups[state.demands.len()], self.accelerated);
            state.demands.push(next.ok());
        }
        state.demands[group as usize]
    }

    /// Brings a want's rankings up to date.
    pub(crate) fn catch_up(&mut self, want: u32) {
        if self.groups.is_empty() {
            return;
        }
        self.demand_of(want, 0);
        let Index { states, log, wants, groups, packer, weights, .. } = self;
        let WantState { demands, open, timed, seen, timed_most, .. } = &mut wants[want as usize];
        let fresh = *seen == usize::MAX;
        let everything = 0..states.len() as u32;
        let news = if fresh { &[][..] } else { &log[*seen..] };
        *seen = log.len();
        let mut add = |id: u32| {
            let known = &states[id as usize];
            let (Some(demand), Some(first)) = (demands[known.free.group as usize], known.nodes.first()) else { return };
            if !demand.fits(&known.free) {
                return;
            }
            let score = packer.score(&known.free, demand);
            let points = groups[known.free.group as usize].points * packer.unit();
            // Waking a node costs time and power: it is done where packing alone would not bring it about.
            let woken = if known.free.asleep { packer.unit() * 100 * i64::from(weights.packing.max(1)) } else { 0 };
            let score = score * i64::from(weights.packing) + points - woken;
            let ranking = match known.free.until {
                NEVER => &mut *open,
                until => timed.entry(quarter(until)).or_default(),
            };
            ranking.push((score, Reverse(groups[known.free.group as usize].pool), Reverse(first), id, known.born));
        };
        if fresh {
            everything.for_each(&mut add);
        } else {
            let serves = |one: &&News| demands[one.group as usize].is_some_and(|demand| demand.devices <= one.devices);
            news.iter().filter(serves).for_each(|one| add(one.state));
        }
        if timed.len() > *timed_most {
            // What no node is in any more comes again with its next node.
            timed.retain(|_, ranking| ranking.iter().any(|ranked| is_there(ranked, states)));
            *timed_most = (timed.len() * 2).max(TIMED_FEW);
        }
    }

    /// The states that serve a want now, best score first, those of equal score by their first node. With `by`, also
    /// those that only take what ends by then. `visit` returns true to go on.
    pub(crate) fn each(&mut self, want: u32, by: Option<Time>, mut visit: impl FnMut(&State, &Group, Demand) -> bool) {
        self.catch_up(want);
        self.looks += 1;
        let Index { states, wants, groups, met, looks, .. } = self;
        let state = &mut wants[want as usize];
        met.clear();
        loop {
            let mut best = top(&mut state.open, states).map(|best| (best, &mut state.open));
            for (_, ranking) in state.timed.range_mut(quarter(by.unwrap_or(NEVER))..) {
                if let Some(timed) = top(ranking, states).filter(|timed| best.as_ref().is_none_or(|(best, _)| timed > best)) {
                    best = Some((timed, ranking));
                }
            }
            let Some((best, ranking)) = best else { break };
            // What stands here twice is dropped once, or a gang would take its nodes twice.
            let known = &mut states[best.3 as usize];
            if std::mem::replace(&mut known.met, *looks) == *looks {
                ranking.pop();
                continue;
            }
            let known = &states[best.3 as usize];
            let demand = state.demands[known.free.group as usize].expect("a state is ranked where it serves");
            if known.takes(by) && !visit(known, &groups[known.free.group as usize], demand) {
                break;
            }
            // Only what is passed leaves its place, and comes back to it.
            ranking.pop();
            met.push(best);
        }
        for entry in met.drain(..) {
            let until = states[entry.3 as usize].free.until;
            if until == NEVER { &mut state.open } else { state.timed.entry(quarter(until)).or_default() }.push(entry);
        }
    }

    /// Whether some group has room for so many replicas as `wanted` says it needs, with states that only take what ends by then.
    /// Quicker than looking for the best, and never wrong when it says no.
    pub(crate) fn may_hold(&mut self, want: u32, by: Option<Time>, spread: bool, wanted: impl Fn(&Group) -> u32) -> bool {
        self.catch_up(want);
        let Index { states, wants, groups, room, .. } = self;
        let state = &mut wants[want as usize];
        room.clear();
        room.resize(groups.len(), 0_u64);
        let timed = state.timed.range_mut(quarter(by.unwrap_or(NEVER))..).map(|(_, ranking)| ranking);
        for ranking in std::iter::once(&mut state.open).chain(timed) {
            let mut empty = 0;
            for ranked in ranking.iter() {
                if !is_there(ranked, states) {
                    empty += 1;
                    continue;
                }
                let known = &states[ranked.3 as usize];
                let group = known.free.group as usize;
                let Some(demand) = state.demands[group].filter(|_| known.takes(by)) else { continue };
                let each = if spread { 1 } else { demand.times_in(&known.free) };
                room[group] = room[group].saturating_add(each.saturating_mul(known.nodes.len() as u64));
            }
            if empty * 2 > ranking.len() {
                // What no node is in any more comes again with its next node.
                ranking.retain(|ranked| is_there(ranked, states));
            }
        }
        room.iter().zip(groups.iter()).any(|(room, group)| *room > 0 && *room >= u64::from(wanted(group)))
    }

    /// Forgets what takes too much memory. Returns whether the nodes must be entered anew.
    pub(crate) fn tidy(&mut self) -> bool {
        let ranked: usize = self.wants.iter().map(WantState::ranked).sum();
        if ranked > RANKED_MOST || self.log.len() > RANKED_MOST {
            self.log.clear();
            self.epoch += 1;
        }
        self.states.len() > STATES_MOST
    }

    /// Forgets all states; every node must be entered anew.
    pub(crate) fn clear_states(&mut self) {
        self.states.clear();
        self.unused_states.clear();
        self.by_free.clear();
        self.log.clear();
        self.gained.clear();
        self.epoch += 1;
    }

    /// Up to when any of these wants may be served on any of these states, if one fits somewhere.
    pub(crate) fn serve(&mut self, wants: &[u32], on: &[u32]) -> Option<Time> {
        let mut latest = None;
        for want in wants.iter().filter(|_| !on.is_empty()) {
            self.demand_of(*want, 0);
            let demands = &self.wants[*want as usize].demands;
            for state in on {
                let free = &self.states[*state as usize].free;
                if latest.is_none_or(|latest| free.until > latest)
                    && demands[free.group as usize].is_some_and(|demand| demand.fits(free))
                {
                    latest = Some(free.until);
                    if free.until == NEVER {
                        return latest;
                    }
                }
            }
        }
        latest
    }
}

/// Whether a node is in the state that was ranked.
fn is_there(&(.., id, born): &Ranked, states: &[State]) -> bool {
    let state = &states[id as usize];
    state.born == born && !state.nodes.is_empty()
}

/// The best of a ranking, brought up to date.
fn top(ranking: &mut Ranking, states: &[State]) -> Option<Ranked> {
    loop {
        let mut top = ranking.peek_mut()?;
        let state = &states[top.3 as usize];
        match state.nodes.first().filter(|_| state.born == top.4) {
            None => drop(PeekMut::pop(top)),
            Some(first) if top.2 == Reverse(first) => return Some(*top),
            Some(first) => top.2 = Reverse(first),
        }
    }
}

impl WantState {
    /// How many entries its rankings have.
    fn ranked(&self) -> usize {
        self.open.len() + self.timed.values().map(BinaryHeap::len).sum::<usize>()
    }

    fn forget(&mut self, epoch: u64) {
        self.demands.clear();
        self.open.clear();
        self.timed.clear();
        self.seen = usize::MAX;
        self.epoch = epoch;
    }
}

impl Group {
    fn resolve(&mut self, pool: &Pool, census: &Census) {
        self.rate = None;
        let nodes = || pool.nodes.iter().map(|state| &state.node).filter(|node| node.model == self.model);
        (self.whole_devices, self.whole_cores) = (nodes().any(|node| node.whole_devices), nodes().any(|node| node.whole_cores));
        self.images = nodes().any(|node| node.images);
        self.site.clone_from(&pool.join.site);
        self.name.clone_from(&pool.join.name);
        // The newest published: a reading of one hour moves no work.
        self.pue = pool.join.site.as_ref().and_then(|site| census.pue(site, NEVER));
        let model = self.model.as_ref().and_then(|model| census.accelerators.get(model));
        let whole = |stated: census::Stated| u64::try_from(stated.micro / 1_000_000).ok();
        let told = census.node_power(&pool.join.name, self.model.as_deref());
        self.draws = told.map(|told| crate::power::Draws {
            idle: told.idle.0,
            device: told.device.0,
            core: told.core.0,
            asleep: told.asleep.0,
            wake: told.wake,
        });
        self.device_memory_gb = model.and_then(|model| model.memory_gb).and_then(whole);
        self.peaks = model.map(|model| model.dense_peak_mega.clone()).unwrap_or_default();
        self.value = match &self.model {
            None => 0,
            Some(_) => self.peaks.get(&Precision::Fp16).map_or(VALUE_UNIT, |mega| (mega / MEGA_A_VALUE).max(1)),
        };
    }

    /// What thousandths of devices, cores and memory amount to here.
    pub(crate) fn amount(&self, milli: u64, cpu: Cpu, memory: Memory) -> Amount {
        Amount { value: milli * self.value / u64::from(WHOLE), cpu: cpu.0, memory: memory.0 >> 20 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_ends_at_an_instant_goes_with_its_last_node() {
        let mut index = Index::default();
        let free = |until| Free { until, ..Free::empty(&crate::fact::Node::default(), 0) };
        let open = index.enter(0, free(NEVER), false);
        for hour in 0..1000 {
            let state = index.enter(1, free(Time(hour)), hour % 2 == 0);
            index.leave(state, 1);
            drop(index.take_gained());
        }
        assert!(index.states.len() <= 3, "{} states for two nodes", index.states.len());
        // What everything may start on comes again and again.
        index.leave(open, 0);
        assert_eq!(index.enter(0, free(NEVER), false), open);
    }

    #[test]
    fn what_is_ranked_of_a_state_is_not_taken_for_the_one_that_comes_after_it() {
        let mut index = Index::default();
        let free = |until| Free { until, ..Free::empty(&crate::fact::Node::default(), 0) };
        let before = index.enter(7, free(Time(1)), false);
        let ranked = (0, Reverse(PoolId(1)), Reverse(7), before, index.states[before as usize].born);
        assert!(is_there(&ranked, &index.states));
        index.leave(before, 7);
        let after = index.enter(7, free(Time(2)), false);
        assert_eq!(after, before, "its position is used again");
        assert!(!is_there(&ranked, &index.states));
        assert_eq!(top(&mut Ranking::from(vec![ranked]), &index.states), None);
    }
}
