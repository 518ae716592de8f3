//! One scheduling pass: every waiting job is placed or has a reason.

use std::sync::Arc;

use census::{Agreement, Held};
use fixedbitset::FixedBitSet;
use measure::{Cpu, DeviceTime, JobId, Money, Rate, Span, TenantId, Time};

use crate::fact::{Fact, Place, Slot, Slots};
use crate::fit::Candidate;
use crate::hub::Hub;
use crate::node::NEVER;
use crate::policy::Backfill;
use crate::purse::{can_pay, most};
use crate::queue::{Cursor, OVERDUE, Ticket, class_within};

/// So many devices, whichever.
fn mask(devices: u32) -> u64 {
    if devices >= 64 { u64::MAX } else { (1 << devices) - 1 }
}

impl Hub {
    /// Places what fits, in order of turn, and returns the facts, which are applied already. Kinds that cannot start are
    /// not asked again until something that may serve them is freed, so a round costs what changed.
    pub fn round(&mut self, now: Time) -> Vec<Fact> {
        let mut facts = Vec::new();
        if self.wake(now) {
            self.drain().into_iter().for_each(|fact| self.record(fact, &mut facts));
        }
        if self.derived.index.tidy() {
            self.derived.index.clear_states();
            self.enter_all();
        }
        self.learn();
        self.judge();
        self.power_round(now, &mut facts);
        self.choose(now, &mut facts);
        self.derived.reopen_all |= self.derived.power.begin_round();
        loop {
            self.reopen();
            self.restand();
            self.serve_reserved(&mut facts);
            self.pass(&mut facts);
            self.promise(&mut facts);
            // A job that started elsewhere, or gave up, sets free what was kept for it.
            if !self.derived.index.has_gained() && !self.derived.reopen_all {
                return facts;
            }
        }
    }

    /// Takes over a fact that the engine itself decided.
    pub(crate) fn record(&mut self, fact: Fact, facts: &mut Vec<Fact>) {
        self.apply(self.derived.clock, &fact);
        facts.push(fact);
    }

    fn pass(&mut self, facts: &mut Vec<Fact>) {
        let mut cursor = Cursor::default();
        let strict = self.derived.policy.backfill == Backfill::Strict;
        loop {
            let next = match strict {
                true => self.derived.queue.first().filter(|ticket| self.derived.queue.is_open(ticket.kind)),
                false => self.derived.queue.next_open(&mut cursor),
            };
            let Some(ticket) = next else { return };
            self.jobs.ask_for(&ticket.turn.job);
            self.derived.queue.ask_for(ticket);
            if let Some(place) = self.place_for(ticket) {
                let tenant = self.jobs[&ticket.turn.job].brief.tenant;
                self.record(Fact::Placed(ticket.turn.job, Arc::new(place)), facts);
                self.derived.restand.remove(tenant.0 as usize);
                self.restand_family(tenant);
                continue;
            }
            self.derived.close(ticket.kind);
        }
    }

    /// Who cannot start may have others stopped, or nodes kept. In order of the line, as that is nothing that jobs of one kind
    /// share an answer to; only the first of the line are looked at.
    fn promise(&mut self, facts: &mut Vec<Fact>) {
        /// So many first, as mostly one of them gets what there is.
        const FIRST: usize = 4;
        const LOOKED_AT: usize = 64;
        let depth = self.derived.policy.depth();
        let evicts = self.derived.policy.preempt && self.derived.preemptible.values().any(|jobs| !jobs.is_empty());
        if !std::mem::take(&mut self.derived.moved) || !(evicts || depth > 0) {
            return;
        }
        let (mut looked, mut contested) = (0, None);
        let Some(mut above) = self.promises_above(evicts, depth) else { return };
        for most in [FIRST, LOOKED_AT] {
            let line = self.derived.queue.line(most, evicts, above);
            line.iter().skip(looked).take(FIRST).for_each(|ticket| self.jobs.ask_for(&ticket.turn.job));
            for ticket in line.iter().skip(looked) {
                let said = facts.len();
                self.promise_to(*ticket, &mut contested, facts);
                if facts.len() > said {
                    let Some(now) = self.promises_above(evicts, depth) else { return };
                    above = now;
                }
                if !evicts && i32::from(self.derived.queue.kind(ticket.kind).class) <= above {
                    return;
                }
            }
            if line.len() < most {
                return;
            }
            looked = most;
        }
    }

    /// Work of classes above may have nodes kept, or take over those of others; `None` where nobody may get anything.
    fn promises_above(&self, evicts: bool, depth: u32) -> Option<i32> {
        if evicts || (depth > 0 && self.derived.index.kept() < depth.saturating_mul(self.pools.len() as u32)) {
            return Some(i32::MIN);
        }
        self.reserved.keys().filter_map(|id| self.class_of_job(*id)).min().filter(|lowest| *lowest < OVERDUE).map(i32::from)
    }

    /// `contested` remembers for which class it was last asked what is.
    fn promise_to(&mut self, ticket: Ticket, contested: &mut Option<(i16, FixedBitSet)>, facts: &mut Vec<Fact>) {
        if self.reserved.contains_key(&ticket.turn.job) {
            return;
        }
        if !self.could_pay(ticket) {
            return;
        }
        let stopped = self.evict(ticket);
        if !stopped.is_empty() {
            stopped.into_iter().for_each(|fact| self.record(fact, facts));
            return;
        }
        let class = self.derived.queue.kind(ticket.kind).class;
        if contested.as_ref().is_none_or(|(of, _)| *of != class) {
            *contested = Some((class, self.contested(class)));
        }
        let Some((_, contested)) = contested else { return };
        match self.keep(ticket, contested) {
            Ok(fact) => self.record(fact, facts),
            Err(Some(at)) => drop(self.derived.looks.insert(at)),
            Err(None) => self.displace(ticket, contested, facts),
        }
    }

    /// The class in which a waiting job stands.
    fn class_of_job(&self, id: measure::JobId) -> Option<i16> {
        let ticket = self.jobs.get(&id)?.seat.ticket?;
        Some(self.derived.queue.kind(ticket.kind).class)
    }

    /// More urgent work takes over what is kept for the least urgent.
    fn displace(&mut self, ticket: Ticket, contested: &FixedBitSet, facts: &mut Vec<Fact>) {
        let class = self.derived.queue.kind(ticket.kind).class;
        if !self.derived.queue.is_wide(ticket.kind) {
            return;
        }
        let lower = |id: &measure::JobId| {
            let lower = self.class_of_job(*id)?;
            (lower < class && self.jobs[id].evicted_in.is_none()).then_some((lower, std::cmp::Reverse(*id)))
        };
        let Some((_, std::cmp::Reverse(other))) = self.reserved.keys().filter_map(lower).min() else { return };
        let (theirs, moved) = (self.reserved[&other].clone(), self.derived.moved);
        // Giving it up helps there only, unless it sets power free that others share.
        let shape = self.derived.queue.kind(ticket.kind).shape;
        let helps = |one: &Candidate| one.pool == theirs.pool && !contested.contains(one.group as usize);
        if !self.derived.power.capped && !self.candidates(shape).iter().any(helps) {
            return;
        }
        self.reserve(other, None);
        let found = self.keep(ticket, contested);
        self.reserve(other, Some(&theirs));
        self.derived.moved = moved;
        if let Ok(fact) = found {
            self.record(Fact::Reserved(other, None), facts);
            self.record(fact, facts);
        }
    }

    /// The place of the first job of a kind, if it fits now.
    pub(crate) fn place_for(&mut self, ticket: Ticket) -> Option<Place> {
        let mut kind = self.derived.queue.kind(ticket.kind).clone();
        loop {
            let found = self.find(&kind, ticket.turn.job)?;
            self.derived.queue.ask_for_turns(ticket);
            let place = self.agree(ticket.turn.job, found.group, found.ask, found.cpu, found.slots);
            let tenant = self.jobs[&ticket.turn.job].brief.tenant;
            if kind.own.is_none() || can_pay(&self.tenants, tenant, place.hold, self.derived.clock) {
                return Some(place);
            }
            // Another pool may be cheaper.
            let at = kind.barred.binary_search(&place.pool).err()?;
            kind.barred.insert(at, place.pool);
        }
    }

    /// A place in a group, with what is agreed for it and what it may cost.
    pub(crate) fn agree(&mut self, id: JobId, group: u32, ask: u8, cpu: Cpu, slots: Slots) -> Place {
        let pool = self.derived.index.groups[group as usize].pool;
        let (rate, agreed) = self.rate(group, self.jobs[&id].brief.tenant);
        let mut place = Place { pool, ask, cpu, slots, rate, agreed, hold: Money::ZERO, kept: DeviceTime(0) };
        if place.agreed.as_ref().is_some_and(|agreed| agreed.kept_permille > 0) {
            place.kept = self.kept_idle(id, &place);
        }
        if rate != Rate::default() || place.agreed.is_some() {
            let job = &self.jobs[&id];
            let span = job.bound().unwrap_or_else(|| self.guess(id));
            let held = Held {
                milli: place.slots.iter().map(Slot::milli).sum(),
                cores: place.cores(),
                kept: place.kept,
                ..Held::default()
            };
            place.hold = most(rate, place.agreed.as_deref(), &held, span);
        }
        place
    }

    /// How long what a job takes over was kept for it and stood idle. What was kept elsewhere, what it does not take and what
    /// others still used meanwhile is no time of its own.
    fn kept_idle(&self, id: JobId, place: &Place) -> DeviceTime {
        let Some(reservation) = self.reserved.get(&id).filter(|reservation| reservation.pool == place.pool) else {
            return DeviceTime(0);
        };
        let since = |slot: &Slot| Some(self.idle_since.get(&id)?[reservation.nodes.binary_search(&slot.node).ok()?]);
        let kept = |slot: &Slot| {
            let idle = (self.derived.clock - since(slot)?).max(Span::ZERO);
            Some(i128::from(slot.milli()) * i128::from(idle.0) / 1000)
        };
        DeviceTime(place.slots.iter().filter_map(kept).sum::<i128>() as i64)
    }

    /// What an hour costs a tenant in a group now, and what else it agrees to there.
    pub(crate) fn rate(&mut self, group: u32, tenant: TenantId) -> (Rate, Option<Arc<Agreement>>) {
        let now = self.derived.clock;
        let hour = now.0.div_euclid(Span::HOUR.0);
        let known = &mut self.derived.index.groups[group as usize];
        let (census, join) = (&self.census, &self.pools[&known.pool].join);
        let name = self.tenants[&tenant].name.as_str();
        let own = census.conditions.values().any(|one| one.tenant == name);
        if let Some((_, rate, agreed)) = known.rate.as_ref().filter(|(same, ..)| *same == hour && !own) {
            return (*rate, agreed.clone());
        }
        let (rate, agreed) = census.agreement((&join.name, &join.provider), known.model.as_deref(), name, now);
        let agreed = agreed.map(Arc::new);
        if !own {
            known.rate = Some((hour, rate, agreed.clone()));
        }
        (rate, agreed)
    }

    /// Whether a job's tenant could pay for it wherever it may start; stopping others for it, or keeping nodes, is idle else.
    fn could_pay(&mut self, ticket: Ticket) -> bool {
        let (kind, id) = (self.derived.queue.kind(ticket.kind).clone(), ticket.turn.job);
        if kind.own.is_none() || !self.derived.purses {
            return true;
        }
        let tenant = self.jobs[&id].brief.tenant;
        let candidates = self.candidates(kind.shape);
        candidates.iter().all(|one| {
            let slot = Slot { node: 0, devices: mask(one.demand.devices), part: one.demand.part };
            let slots = Slots::from_elem(slot, one.wanted as usize);
            let place = self.agree(id, one.group, 0, Cpu(one.demand.cpu), slots);
            can_pay(&self.tenants, tenant, place.hold, self.derived.clock)
        })
    }

    /// Weighs the groups anew once an hour, as prices and factors have hours.
    fn judge(&mut self) {
        let hour = self.derived.clock.0.div_euclid(measure::Span::HOUR.0);
        if self.derived.judged != Some(hour) {
            self.derived.judged = Some(hour);
            let now = self.derived.clock;
            if self.derived.index.judge(&self.pools, &self.census, now) {
                self.derived.reopen_all = true;
            }
        }
    }

    /// Opens the kinds that something freed since the last round may serve.
    pub(crate) fn reopen(&mut self) {
        let all = std::mem::take(&mut self.derived.reopen_all);
        let gained = self.derived.index.take_gained();
        if all {
            self.derived.power.tight = false;
            self.derived.reserved_changed.extend(self.reserved.keys());
        }
        if gained.is_empty() && !all {
            return;
        }
        let now = self.derived.clock;
        for answer in 0..self.derived.queue.answers_len() {
            let Some(shape) = self.derived.queue.closed_answer(answer) else { continue };
            if all {
                self.derived.queue.reopen_answer(answer, None);
                continue;
            }
            // Up to when the best of what was gained may be used.
            let wants = &self.derived.shapes[shape as usize].wants;
            match self.derived.index.serve(wants, &gained) {
                None => {}
                Some(NEVER) => self.derived.queue.reopen_answer(answer, None),
                Some(until) => {
                    if let Some(most) = class_within(until - now) {
                        self.derived.queue.reopen_answer(answer, Some(most));
                    }
                }
            }
        }
    }

    fn enter_all(&mut self) {
        let pools: Vec<measure::PoolId> = self.pools.keys().copied().collect();
        for id in &pools {
            for node in &mut self.pools.get_mut(id).expect("it is there").nodes {
                node.state = None;
            }
        }
        pools.into_iter().for_each(|id| self.refresh_pool(id));
    }
}
