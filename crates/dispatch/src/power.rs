//! What nodes draw, and how much their racks and sites may: one more thing that jobs hold.
//!
//! A node draws what it draws idle, and for each device and core that is held so much more, at full load: what is booked is never less
//! than what a meter would read, as far as the census tells the truth. A site's cap counts cooling and losses and may have hours; a
//! job that cannot be stopped early starts only where its power is free up to its end, so that no cap that is known falls below what
//! runs. Where a cap falls without notice, work is stopped (`shed`, [`crate::Stop::Capped`]).

mod load;
mod shed;

use std::collections::{BTreeMap, BTreeSet};

use measure::{JobId, Name, PoolId, Power, Span, Time};

use crate::fact::{Fact, Place, WHOLE};
use crate::hub::Hub;
use crate::map::Map;
use crate::node::{Demand, NEVER, NodeState};
use crate::queue::{Kind, bound};
use crate::slack::AHEAD;

pub use load::Load;

/// Milliwatts that a node of a group draws idle, more for each device and each core, and asleep; and how long it takes to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Draws {
    pub(crate) idle: i64,
    pub(crate) device: i64,
    pub(crate) core: i64,
    pub(crate) asleep: i64,
    pub(crate) wake: Span,
}

impl Draws {
    /// So many thousandths of devices and of cores; rounded up, so that parts come to no less than the whole.
    fn of(self, devices: u64, cores: u64) -> i64 {
        let part = |each: i64, milli: u64| (i128::from(each) * i128::from(milli) + 999) / 1000;
        i64::try_from(part(self.device, devices) + part(self.core, cores)).unwrap_or(i64::MAX / 4)
    }

    /// The same rounded down: what is free at least once they are given back.
    fn freed(self, devices: u64, cores: u64) -> i64 {
        let part = |each: i64, milli: u64| i128::from(each) * i128::from(milli) / 1000;
        i64::try_from(part(self.device, devices) + part(self.core, cores)).unwrap_or(i64::MAX / 4)
    }

    /// What replicas would draw.
    pub(crate) fn asked(self, demand: Demand, replicas: u32) -> i64 {
        self.of(demand.milli(), demand.cpu).saturating_mul(i64::from(replicas))
    }

    /// What a node draws more once it is awake, and how long it takes to wake.
    pub(crate) fn waking(self) -> (i64, Span) {
        (self.idle - self.asleep, self.wake)
    }

    /// What a node draws, with what others hold of it. One that is gone draws nothing.
    fn node(self, state: &NodeState) -> i64 {
        if state.node.cpu.0 == 0 && state.node.devices.0 == 0 {
            return 0;
        }
        if state.sleeps() {
            return self.asleep;
        }
        let others = state.others();
        let devices = state.milli_held() + u64::from(others.devices.0) * u64::from(WHOLE);
        self.idle + self.of(devices, state.cpu_held.0 + others.cpu.0)
    }
}

/// A site, in milliwatts without cooling and losses.
#[derive(Debug, Clone)]
struct Site {
    name: Name,
    draws: i64,
    /// The part of it that is drawn with nothing to do.
    idle: i64,
    capped: bool,
    /// Thousandths.
    pue: i64,
    /// From an instant on, at most so much.
    most: Vec<(Time, i64)>,
    /// Work that has time does not raise it beyond.
    free: i64,
    /// Somebody who has time found no room below that in this round: who has more of it does not go before.
    shut: bool,
    /// Held back for jobs whose nodes are free and whose power is not.
    kept: BTreeMap<JobId, i64>,
}

impl Site {
    /// The least it may draw at any time from one instant to another.
    fn least(&self, from: Time, to: Time) -> i64 {
        let begun = self.most.partition_point(|(at, _)| *at <= from).saturating_sub(1);
        self.most[begun.min(self.most.len())..]
            .iter()
            .take_while(|(at, _)| *at <= to.max(from))
            .map(|(_, most)| *most)
            .min()
            .unwrap_or(i64::MAX)
    }

    fn with_losses(&self, power: i64) -> Power {
        Power(i64::try_from(i128::from(power) * i128::from(self.pue) / 1000).unwrap_or(i64::MAX))
    }
}

#[derive(Debug, Clone)]
struct Rack {
    name: Name,
    draws: i64,
    most: i64,
}

/// A node that stands in no rack with a cap.
const NO_RACK: u32 = u32::MAX;

#[derive(Debug, Clone, Default)]
struct Stands {
    site: Option<u32>,
    /// By node; empty where none of them stands in a rack with a cap.
    racks: Vec<u32>,
}

/// See the module. Follows from the census and from what nodes hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    /// Somebody said what nodes draw, or may.
    on: bool,
    /// Some rack or site is capped.
    pub(crate) capped: bool,
    /// The policy keeps work that has time from raising a month's highest demand.
    asked: bool,
    /// And some site pays for it.
    pub(crate) shaves: bool,
    sites: Vec<Site>,
    racks: Vec<Rack>,
    stands: Map<PoolId, Stands>,
    /// Something did not start for want of power since it was last asked.
    pub(crate) tight: bool,
    /// The hour that caps ahead are of.
    hour: Option<i64>,
    /// Something draws more than before, or may draw less.
    grown: bool,
    /// When a cap changes, or something is to be stopped before it does.
    looks: BTreeSet<Time>,
}

/// What is short where power is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPower {
    /// Nobody said what these nodes draw, and their site or rack is capped.
    Unknown,
    /// A site, with cooling and losses, or a rack may not draw so much.
    Cap {
        /// The rack; `None` for the site.
        rack: Option<Name>,
        /// What it may draw, now or before the job would have ended.
        most: Power,
        /// What it draws.
        draws: Power,
        /// What the job would add.
        needs: Power,
    },
    /// It has time, and would raise the month's highest demand of its site, which is paid for.
    Peak {
        /// Up to where demand may rise meanwhile.
        most: Power,
        /// What the site draws.
        draws: Power,
        /// What the job would add.
        needs: Power,
    },
}

/// The power that is left in racks while a gang is looked for.
#[derive(Debug, Default)]
pub(crate) struct Taken(BTreeMap<u32, i64>);

impl Books {
    fn site(&self, pool: PoolId) -> Option<&Site> {
        self.sites.get(self.stands.get(&pool)?.site? as usize)
    }

    /// Whether a pool's site lets replicas start, which would draw so much; `None` where nobody knows what.
    /// A node that takes so long to wake is held for that long, too.
    pub(crate) fn admits(&self, kind: &Kind, id: JobId, pool: PoolId, needs: Option<i64>, now: Time, wake: Span) -> bool {
        !(self.capped || kind.patient) || self.short(kind, id, pool, needs, now, wake).is_none()
    }

    /// A round begins: whoever has time is asked again, in order. Whether anybody was sent away so far.
    pub(crate) fn begin_round(&mut self) -> bool {
        let open = |site: &mut Site| std::mem::replace(&mut site.shut, false);
        self.sites.iter_mut().map(open).fold(false, |any, shut| any | shut)
    }

    /// Somebody found no power at a pool's site.
    pub(crate) fn refuse(&mut self, kind: &Kind, pool: PoolId) {
        self.tight = true;
        if let Some(site) = self.stands.get(&pool).and_then(|stands| stands.site).filter(|_| kind.patient) {
            self.sites[site as usize].shut = true;
        }
    }

    fn short(&self, kind: &Kind, id: JobId, pool: PoolId, needs: Option<i64>, now: Time, wake: Span) -> Option<NoPower> {
        let site = self.site(pool)?;
        let racked = self.stands.get(&pool).is_some_and(|stands| !stands.racks.is_empty());
        let Some(needs) = needs else { return (site.capped || racked).then_some(NoPower::Unknown) };
        let told = |most: i64| (site.with_losses(most), site.with_losses(site.draws), site.with_losses(needs));
        if site.capped {
            let to = Time(until(kind, now).0.saturating_add(wake.0));
            // Of those for whom power is held back the first comes first, or each would wait for the others.
            let before = |other: &JobId| *other < id || !site.kept.contains_key(&id);
            let kept: i64 = site.kept.iter().filter(|(other, _)| **other != id && before(other)).map(|(_, kept)| *kept).sum();
            let most = site.least(now, to);
            if site.draws.saturating_add(needs).saturating_add(kept) > most {
                let (most, draws, needs) = told(most.saturating_sub(kept));
                return Some(NoPower::Cap { rack: None, most, draws, needs });
            }
        }
        if kind.patient && (site.shut || site.draws.saturating_add(needs) > site.free) {
            let (most, draws, needs) = told(site.free);
            return Some(NoPower::Peak { most, draws, needs });
        }
        None
    }

    /// Whether a site could ever let so much start with nothing else there but what stands idle.
    pub(crate) fn could_ever(&self, kind: &Kind, pool: PoolId, needs: Option<i64>, now: Time) -> bool {
        let Some(site) = self.site(pool).filter(|site| site.capped) else { return true };
        needs.is_some_and(|needs| site.idle.saturating_add(needs) <= site.least(now, until(kind, now)))
    }

    /// What is left of what a site may draw while a job of a kind runs.
    pub(crate) fn left(&self, kind: &Kind, pool: PoolId, now: Time) -> i64 {
        let site = self.site(pool).filter(|site| site.capped);
        site.map_or(i64::MAX, |site| site.least(now, until(kind, now)).saturating_sub(site.draws))
    }

    /// What a forecast changes and is to be as before.
    pub(crate) fn remember(&self) -> Vec<(i64, BTreeMap<JobId, i64>)> {
        self.sites.iter().map(|site| (site.free, site.kept.clone())).collect()
    }

    pub(crate) fn restore(&mut self, before: Vec<(i64, BTreeMap<JobId, i64>)>) {
        for (site, (free, kept)) in self.sites.iter_mut().zip(before) {
            (site.free, site.kept) = (free, kept);
        }
    }

    /// The racks of a pool's nodes, where some of them have a cap.
    fn racks_of(&self, pool: PoolId) -> Option<&[u32]> {
        self.stands.get(&pool).map(|stands| stands.racks.as_slice()).filter(|racks| !racks.is_empty())
    }

    /// How many replicas that draw so much each a node's rack lets start, beside what was taken of it.
    pub(crate) fn in_rack(&self, pool: PoolId, node: u32, each: Option<i64>, most: u32, taken: &Taken) -> u32 {
        let Some(racks) = self.racks_of(pool) else { return most };
        let rack = racks.get(node as usize).copied().unwrap_or(NO_RACK);
        let Some(known) = self.racks.get(rack as usize) else { return most };
        let Some(each) = each else { return 0 };
        let left = known.most - known.draws - taken.0.get(&rack).copied().unwrap_or(0);
        u32::try_from(left.max(0).checked_div(each).unwrap_or(i64::MAX)).unwrap_or(u32::MAX).min(most)
    }

    /// Takes replicas of a rack while a gang is looked for.
    pub(crate) fn take(&self, pool: PoolId, node: u32, each: Option<i64>, count: u32, taken: &mut Taken) {
        let Some(rack) = self.racks_of(pool).and_then(|racks| racks.get(node as usize)).filter(|rack| **rack != NO_RACK) else {
            return;
        };
        *taken.0.entry(*rack).or_default() += each.unwrap_or(0).saturating_mul(i64::from(count));
    }

    /// Holds power back for a job whose nodes are free. Whether none was so far: it comes before later ones from now on.
    pub(crate) fn keep(&mut self, pool: PoolId, id: JobId, needs: Option<i64>) -> bool {
        self.tight = true;
        let site = self.stands.get(&pool).and_then(|stands| stands.site);
        site.zip(needs).is_some_and(|(site, needs)| self.sites[site as usize].kept.insert(id, needs).is_none())
    }

    /// Holds none back any more. Whether others may have something now.
    pub(crate) fn release(&mut self, pool: PoolId, id: JobId) -> bool {
        let site = self.stands.get(&pool).and_then(|stands| stands.site);
        site.is_some_and(|site| self.sites[site as usize].kept.remove(&id).is_some())
    }

    /// When power alone may bring something about.
    pub(crate) fn next_look(&self) -> Option<Time> {
        self.looks.first().copied()
    }
}

/// Until when a job of a kind counts against caps: one that can be stopped is, once a cap is about to fall, but not started just before.
fn until(kind: &Kind, now: Time) -> Time {
    let end = kind.run.map_or(NEVER, |class| Time((now + bound(class)).0.saturating_add(LATE.0)).min(NEVER));
    if kind.stoppable { end.min(now + NOTICE) } else { end }
}

/// A job may end so long after it should: an agent has to hear of it, and ends by force what does not end by itself.
const LATE: Span = Span(90_000);

/// Before a cap falls it is looked so long ahead who has to stop; no work is given a longer notice.
const NOTICE: Span = Span::HOUR;

impl Hub {
    /// What a site has drawn of late, by what its jobs held; `None` where nobody said what its nodes draw.
    pub fn load(&self, site: &Name) -> Option<Load> {
        let offset = self.offset_of_day();
        self.loads.get(site).map(|load| load.at(self.derived.clock.max(load.since), offset))
    }

    /// Up to what a site's demand may rise under this policy while work has time; `None` where nothing keeps it from rising.
    pub fn shaved_to(&self, site: &Name) -> Option<Power> {
        let known = self.derived.power.sites.iter().find(|known| known.name == *site)?;
        (known.free < i64::MAX).then(|| known.with_losses(known.free))
    }

    fn offset_of_day(&self) -> Span {
        Span(self.census.hub.utc_offset_hours * Span::HOUR.0)
    }

    fn drawn_by_node(&self, state: &NodeState) -> i64 {
        self.derived.index.groups[state.group as usize].draws.map_or(0, |draws| draws.node(state))
    }

    /// A node may draw more or less than before; what it drew is known.
    pub(crate) fn redraw(&mut self, id: PoolId, at: u32) {
        if !self.derived.power.on {
            return;
        }
        let state = &self.pools[&id].nodes[at as usize];
        let draws = self.drawn_by_node(state);
        let more = draws - state.draws;
        if more != 0 {
            self.pools.get_mut(&id).expect("it is there").nodes[at as usize].draws = draws;
            self.drew(id, at, more);
        }
    }

    fn drew(&mut self, id: PoolId, node: u32, more: i64) {
        let (at, offset) = (self.derived.clock, self.offset_of_day());
        let Hub { loads, derived, .. } = self;
        let Some(stands) = derived.power.stands.get(&id) else { return };
        if let Some(rack) = stands.racks.get(node as usize).filter(|rack| **rack != NO_RACK) {
            derived.power.racks[*rack as usize].draws += more;
        }
        if let Some(site) = stands.site {
            let site = &mut derived.power.sites[site as usize];
            site.draws += more;
            let load = loads.entry(site.name.clone()).or_insert_with(|| Load::new(at, offset));
            load.take(at, site.draws, offset);
            if site.free < i64::MAX {
                site.free = site.free.max(load.highest.0);
            }
        }
        derived.reopen_all |= more < 0 && derived.power.tight;
        derived.power.grown |= more > 0;
    }

    /// The census changed, or nodes did: all that is drawn is summed up anew.
    pub(crate) fn redraw_all(&mut self) {
        let (census, power) = (&self.census, &mut self.derived.power);
        let told = !census.powers.is_empty() || !census.racks.is_empty();
        let said = || census.sites.keys().any(|site| census.is_power_capped(site));
        let on = told || said();
        if !on && !power.on {
            return;
        }
        let was = power.capped;
        let mut books = Books { on, tight: true, grown: true, ..Books::default() };
        let mut numbers: BTreeMap<Name, u32> = BTreeMap::new();
        for (id, pool) in &self.pools {
            let site = pool.join.site.as_ref().map(|name| {
                *numbers.entry(name.clone()).or_insert_with(|| {
                    let capped = census.is_power_capped(name);
                    let before = power.sites.iter().find(|known| known.name == *name);
                    let kept = before.map(|site| site.kept.clone()).unwrap_or_default();
                    let (pue, most, free, shut) = (1000, Vec::new(), i64::MAX, false);
                    books.sites.push(Site { name: name.clone(), draws: 0, idle: 0, capped, pue, most, free, shut, kept });
                    books.sites.len() as u32 - 1
                })
            });
            let mut racks = Vec::new();
            for rack in census.racks.values().filter(|rack| rack.pool == pool.join.name) {
                racks.resize(pool.nodes.len(), NO_RACK);
                let number = books.racks.len() as u32;
                for (at, _) in pool.nodes.iter().enumerate().filter(|(_, state)| rack.nodes.contains(&state.node.name)) {
                    racks[at] = number;
                }
                books.racks.push(Rack { name: rack.id.clone(), draws: 0, most: rack.cap.0 });
            }
            books.stands.insert(*id, Stands { site, racks });
        }
        books.capped = !books.racks.is_empty() || books.sites.iter().any(|site| site.capped);
        let capped = books.capped;
        *power = books;
        let ids: Vec<PoolId> = self.pools.keys().copied().collect();
        for id in ids {
            for at in 0..self.pools[&id].nodes.len() {
                let node = &mut self.pools.get_mut(&id).expect("it is there").nodes[at];
                let known = self.derived.index.groups[node.group as usize].draws;
                node.draws = known.map_or(0, |draws| draws.node(node));
                let (draws, idle) = (node.draws, known.map_or(0, |draws| draws.idle).min(node.draws));
                self.add_up(id, at as u32, draws, idle);
            }
        }
        // One change a site, as of now.
        let (at, offset) = (self.derived.clock, self.offset_of_day());
        for site in &self.derived.power.sites {
            let known = self.loads.get(&site.name).map_or(0, |load| load.now.0);
            if known != site.draws {
                self.loads.entry(site.name.clone()).or_insert_with(|| Load::new(at, offset)).take(at, site.draws, offset);
            }
        }
        self.look_ahead(at);
        self.derived.reopen_all = true;
        if capped != was {
            self.requeue_all();
        }
    }

    fn add_up(&mut self, id: PoolId, node: u32, draws: i64, idle: i64) {
        let Some(stands) = self.derived.power.stands.get(&id) else { return };
        let (site, rack) = (stands.site, stands.racks.get(node as usize).copied().unwrap_or(NO_RACK));
        if let Some(site) = site {
            self.derived.power.sites[site as usize].draws += draws;
            self.derived.power.sites[site as usize].idle += idle;
        }
        if rack != NO_RACK {
            self.derived.power.racks[rack as usize].draws += draws;
        }
    }

    /// Whether work that has time is kept from raising the month's highest demand.
    fn shaves(&self) -> bool {
        let timing = &self.derived.policy.timing;
        self.derived.power.on && timing.peak_permille > 0 && timing.start.looks_again()
    }

    /// What sites may draw in the week ahead, and up to where work that has time may raise it.
    fn look_ahead(&mut self, now: Time) {
        let (shaves, offset) = (self.shaves(), self.offset_of_day());
        let Hub { census, loads, derived, .. } = self;
        let power = &mut derived.power;
        power.hour = Some(now.0.div_euclid(Span::HOUR.0));
        (power.asked, power.shaves) = (shaves, false);
        for site in &mut power.sites {
            site.pue = census.pue(&site.name, now).map_or(1000, |pue| i64::from(pue.0));
            let pue = i128::from(site.pue);
            if site.capped {
                let hour = now.0.div_euclid(Span::HOUR.0);
                let ends = Time((hour + AHEAD as i64) * Span::HOUR.0);
                let mut instants: BTreeSet<Time> = (1..AHEAD as i64).map(|more| Time((hour + more) * Span::HOUR.0)).collect();
                instants.insert(now);
                let scope = (census::SeriesKind::PowerCap, format!("site:{}", site.name));
                let told = census.series.get(&scope).into_iter().flat_map(|series| series.range(now..ends));
                instants.extend(told.map(|(at, _)| *at));
                site.most.clear();
                for at in instants {
                    let cap = census.power_cap(&site.name, at);
                    let most = cap.map_or(i64::MAX, |cap| i64::try_from(i128::from(cap.0) * 1000 / pue).unwrap_or(i64::MAX));
                    if site.most.last().is_none_or(|(_, before)| *before != most) {
                        site.most.push((at, most));
                    }
                }
                // Before a fall it is looked who has to stop; at once where that is due already.
                let falls = site.most.windows(2).filter(|two| two[1].1 < two[0].1);
                power.looks.extend(falls.map(|two| now.max(Time(two[1].0.0 - NOTICE.0))));
                power.looks.extend(site.most.iter().skip(1).map(|(at, _)| *at));
                power.grown = true;
            }
            let paid = shaves && census.demand(Some(&site.name), now).0.is_some_and(|price| price > measure::Money::ZERO);
            power.shaves |= paid;
            let free = loads.get(&site.name).filter(|_| paid).and_then(|load| load.at(now.max(load.since), offset).free());
            site.free = free.map_or(i64::MAX, |free| free.0);
        }
    }

    /// Brings caps up to date with an instant, and stops what they leave no room for.
    pub(crate) fn power_round(&mut self, now: Time, facts: &mut Vec<Fact>) {
        if !self.derived.power.on {
            return;
        }
        let hour = now.0.div_euclid(Span::HOUR.0);
        let looks = |hub: &Hub| hub.derived.power.looks.first().is_some_and(|at| *at <= now);
        if self.derived.power.hour != Some(hour) || self.derived.power.asked != self.shaves() || looks(self) {
            self.look_ahead(now);
            self.derived.reopen_all |= self.derived.power.tight;
        }
        let mut due = false;
        while looks(self) {
            self.derived.power.looks.pop_first();
            due = true;
        }
        let grown = std::mem::take(&mut self.derived.power.grown);
        if self.derived.power.capped && (due || (grown && !self.over_cap().is_empty())) {
            self.shed(now).into_iter().for_each(|fact| self.record(fact, facts));
        }
    }

    /// What a place draws where it is, beyond what its nodes draw idle.
    pub fn drawn(&self, place: &Place) -> Option<Power> {
        let pool = self.pools.get(&place.pool)?;
        let each = |slot: &crate::fact::Slot| {
            let group = pool.nodes.get(slot.node as usize)?.group;
            Some(self.derived.index.groups[group as usize].draws?.of(slot.milli(), place.cpu.0))
        };
        place.slots.iter().map(each).sum::<Option<i64>>().map(Power)
    }

    /// Why power keeps replicas of a kind from starting in a group where they fit; `racks` is asked where the site has room.
    pub(crate) fn no_power(&self, kind: &Kind, id: JobId, group: u32, demand: Demand, replicas: u32) -> Option<NoPower> {
        let (power, known) = (&self.derived.power, &self.derived.index.groups[group as usize]);
        if !(power.capped || kind.patient) {
            return None;
        }
        let needs = known.draws.map(|draws| draws.asked(demand, replicas));
        if let Some(short) = power.short(kind, id, known.pool, needs, self.derived.clock, Span::ZERO) {
            return Some(short);
        }
        // The rack of this group with most left.
        let racks = power.racks_of(known.pool)?;
        let each = known.draws.map(|draws| draws.asked(demand, 1))?;
        let nodes = self.pools[&known.pool].nodes.iter().zip(racks).filter(|(state, _)| state.group == group);
        let racks: BTreeSet<u32> = nodes.map(|(_, rack)| *rack).collect();
        if racks.contains(&NO_RACK) {
            return None;
        }
        let left = |rack: &u32| power.racks[*rack as usize].most - power.racks[*rack as usize].draws;
        let rack = &power.racks[racks.into_iter().max_by_key(left)? as usize];
        let (most, draws, needs) = (Power(rack.most), Power(rack.draws), Power(each));
        (rack.draws + each > rack.most).then(|| NoPower::Cap { rack: Some(rack.name.clone()), most, draws, needs })
    }

    /// What is wrong with what is booked; for [`crate::check`].
    pub(crate) fn check_power(&self, wrong: &mut Vec<String>) {
        let power = &self.derived.power;
        if !power.on {
            return;
        }
        let (mut sites, mut racks) = (vec![0; power.sites.len()], vec![0; power.racks.len()]);
        for (id, pool) in &self.pools {
            for (at, state) in pool.nodes.iter().enumerate() {
                let draws = self.drawn_by_node(state);
                if draws != state.draws {
                    wrong.push(format!("{id} node {at}: draws {draws} mW and counts {}", state.draws));
                }
                let Some(stands) = power.stands.get(id) else { continue };
                stands.site.into_iter().for_each(|site| sites[site as usize] += draws);
                stands.racks.get(at).filter(|rack| **rack != NO_RACK).into_iter().for_each(|rack| racks[*rack as usize] += draws);
            }
        }
        let counts = power.sites.iter().map(|site| (&site.name, site.draws)).zip(sites);
        for ((name, counted), draws) in counts.chain(power.racks.iter().map(|rack| (&rack.name, rack.draws)).zip(racks)) {
            if counted != draws {
                wrong.push(format!("{name}: draws {draws} mW and counts {counted}"));
            }
        }
    }

    /// Sites and racks that draw more than they may now, in milliwatts without losses: name, draws, most. What is being stopped still
    /// draws.
    pub fn over_cap(&self) -> Vec<(Name, i64, i64)> {
        let (power, now) = (&self.derived.power, self.derived.clock);
        let sites = power.sites.iter().filter(|site| site.capped).map(|site| (&site.name, site.draws, site.least(now, now)));
        let racks = power.racks.iter().map(|rack| (&rack.name, rack.draws, rack.most));
        sites
            .chain(racks)
            .filter(|(_, draws, most)| draws > most)
            .map(|(name, draws, most)| (name.clone(), draws, most))
            .collect()
    }
}
