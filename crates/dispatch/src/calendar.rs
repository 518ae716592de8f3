//! Time and gangs: nodes kept for a job that must wait, until they are free, and what may use them in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use measure::{JobId, PoolId, Span, Time};

use crate::clear::CLOSED;
use crate::derived::{Derived, ShapeState};
use crate::fact::{Fact, Place, Reservation, Shape, Spread};
use crate::fit::{Candidate, admits};
use crate::hub::{Hub, Stage};
use crate::index::replicas;
use crate::node::{Demand, Free, NEVER};
use crate::purse::can_pay;
use crate::queue::{OVERDUE, Ticket};

impl Hub {
    /// Keeps nodes for a job that cannot start now, where the policy lets it have some and in no group that is `contested`.
    /// `None` if it must wait without; the instant is when to look again.
    pub(crate) fn keep(&mut self, ticket: Ticket, contested: &FixedBitSet) -> Result<Fact, Option<Time>> {
        let (id, depth) = (ticket.turn.job, self.derived.policy.depth());
        if depth == 0 || self.reserved.contains_key(&id) {
            return Err(None);
        }
        let kind = self.derived.queue.kind(ticket.kind).clone();
        let (job, shape) = (&self.jobs[&id], self.derived.shapes[kind.shape as usize].shape.clone());
        // Where it may lie depends on its siblings, which come and go.
        if kind.apart.is_some() {
            return Err(None);
        }
        let from = job.submitted + self.derived.policy.reserve_after;
        let overdue = kind.class == OVERDUE;
        if !overdue {
            // What a small part of a node can hold finds one soon enough.
            if !self.derived.queue.is_wide(ticket.kind)
                || self.derived.index.kept() >= depth.saturating_mul(self.pools.len() as u32)
            {
                return Err(None);
            }
            if !self.derived.index.is_gang(&shape) && from > self.derived.clock {
                return Err(Some(from));
            }
        }
        let bound = job.bound();
        let mut best: Option<(Time, Reservation)> = None;
        for Candidate { ask, group, pool, demand, wanted } in self.candidates(kind.shape).iter().copied() {
            if contested.contains(group as usize) || self.derived.index.reservations(pool) >= depth {
                continue;
            }
            let known = &self.derived.index.groups[group as usize];
            let needs = known.draws.map(|draws| draws.asked(demand, wanted));
            let (power, now) = (&self.derived.power, self.derived.clock);
            let powered = power.could_ever(&kind, pool, needs, now)
                && (!kind.patient || power.admits(&kind, id, pool, needs, now, Span::ZERO));
            if !powered || !self.admits(&kind, known, demand, wanted) {
                continue;
            }
            let before = best.as_ref().map_or(CLOSED, |(best, _)| *best);
            let found = self.clear_for((pool, group), (demand, wanted), shape.spread, bound, (overdue, before));
            if let Some((clear, mut nodes)) = found {
                // Where nobody knows when they will be free, nothing else may start there.
                let at = if clear == NEVER { self.derived.clock } else { clear.max(self.derived.clock) };
                nodes.sort_unstable();
                best = Some((clear, Reservation { pool, nodes, ask: ask as u8, at, idle: Vec::new() }));
            }
        }
        best.map(|(_, reservation)| Fact::Reserved(id, Some(Arc::new(reservation)))).ok_or(None)
    }

    /// The groups that waiting work of classes above one could use if it had them, other than work that has nodes kept: nothing
    /// may be kept there for that class, or wide work would overtake narrow work of higher priority.
    pub(crate) fn contested(&mut self, class: i16) -> FixedBitSet {
        let Hub { pools, tenants, derived, jobs, reserved, .. } = self;
        let Derived { queue, index, shapes, .. } = derived;
        let mut kept: BTreeMap<u32, u32> = BTreeMap::new();
        for ticket in reserved.keys().filter_map(|id| jobs.get(id)?.seat.ticket) {
            *kept.entry(ticket.kind).or_default() += 1;
        }
        let mut contested = FixedBitSet::with_capacity(index.groups.len());
        let mut seen = FixedBitSet::with_capacity(shapes.len());
        for (id, waiting) in queue.above(class) {
            let kind = queue.kind(id);
            // Where tasks lie apart it is their siblings that they wait for.
            if kind.apart.is_some() || kept.get(&id).is_some_and(|kept| *kept >= waiting) {
                continue;
            }
            let plain = kind.barred.is_empty() && kind.own.is_none();
            if plain && seen.put(kind.shape as usize) {
                continue;
            }
            let ShapeState { shape, wants, .. } = &shapes[kind.shape as usize];
            for (want, ask) in wants.iter().zip(&shape.asks) {
                for group in 0..index.groups.len() {
                    let Some(demand) = index.demand_of(*want, group as u32) else { continue };
                    let known = &index.groups[group];
                    let wanted = replicas(shape, ask, known);
                    let usable = || pools[&known.pool].contact && Hub::could_hold(known, shape.spread, demand, wanted);
                    if !contested.contains(group) && admits(pools, tenants, kind, known, demand, wanted) && usable() {
                        contested.insert(group);
                    }
                }
            }
        }
        contested
    }

    /// The nodes of a group that hold so many replicas soonest, all clear before an instant, and when the last of them is clear.
    fn clear_for(
        &self,
        (id, group): (PoolId, u32),
        (demand, wanted): (Demand, u32),
        spread: Spread,
        bound: Option<Span>,
        (overdue, before): (bool, Time),
    ) -> Option<(Time, Vec<u32>)> {
        let pool = &self.pools[&id];
        // Small nodes may hold nothing of it, and some may close: more are looked at where the first ones do not do.
        for most in [wanted as usize, (wanted as usize).saturating_mul(2).max(32)] {
            let soonest = pool.clear.soonest(group, before, most);
            // Each with the replicas it holds and when it closes.
            let mut nodes: Vec<(u32, u64, Time)> = Vec::with_capacity(soonest.len());
            for (clear, node) in soonest.iter().copied() {
                if clear == NEVER && !overdue {
                    break;
                }
                // It must have ended before any of the nodes closes, whichever is clear last.
                let end = bound.map_or(NEVER, |bound| clear.max(self.derived.clock) + bound);
                nodes.retain(|(_, _, closes)| *closes >= end);
                let state = &pool.nodes[node as usize];
                let closes = self.closes(id, pool, state);
                let most = demand.times_in(&Free::cleared(state, group)).min(u64::from(wanted));
                let here = if spread == Spread::Nodes { most.min(1) } else { most };
                if here > 0 && closes >= end {
                    nodes.push((node, here, closes));
                }
                if nodes.iter().map(|(_, here, _)| here).sum::<u64>() >= u64::from(wanted) {
                    return Some((clear, nodes.into_iter().map(|(node, ..)| node).collect()));
                }
            }
            if soonest.len() < most {
                break;
            }
        }
        None
    }

    /// What becomes of reservations whose nodes changed: the job starts there, or gives them up if they can never hold it.
    pub(crate) fn serve_reserved(&mut self, facts: &mut Vec<Fact>) {
        for id in std::mem::take(&mut self.derived.reserved_changed) {
            match self.try_kept(id) {
                Some(Some(place)) => self.record(Fact::Placed(id, Arc::new(place)), facts),
                Some(None) => self.record(Fact::Reserved(id, None), facts),
                None => {}
            }
        }
    }

    /// The place of a job on the nodes kept for it, if it fits there now; nothing in it if it never will.
    pub(crate) fn try_kept(&mut self, id: JobId) -> Option<Option<Place>> {
        let reservation = self.reserved.get(&id)?.clone();
        let job = &self.jobs[&id];
        let ticket = job.seat.ticket.filter(|_| job.stage == Stage::Waiting)?;
        let (tenant, now) = (job.brief.tenant, self.derived.clock);
        let kind = self.derived.queue.kind(ticket.kind).clone();
        let ShapeState { shape, wants, .. } = &self.derived.shapes[kind.shape as usize];
        let (shape, want) = (shape.clone(), wants[usize::from(reservation.ask)]);
        let ask = &shape.asks[usize::from(reservation.ask)];
        let pool = &self.pools[&reservation.pool];
        let group = pool.nodes[reservation.nodes[0] as usize].group;
        let bound = job.bound();
        let closes_before_its_end = |hub: &Hub, start: Time| {
            let (end, pool) = (bound.map_or(NEVER, |bound| start + bound), &hub.pools[&reservation.pool]);
            let closes = |at: &u32| hub.closes(reservation.pool, pool, &pool.nodes[*at as usize]) < end;
            !hub.closings.is_empty() && reservation.nodes.iter().any(closes)
        };
        // By when it was to start: what is given up follows from what is known, and not from when somebody looks.
        let closed = closes_before_its_end(self, reservation.at);
        // Nodes may have become another model since.
        let alike = reservation.nodes.iter().all(|at| pool.nodes[*at as usize].group == group);
        let holds = pool.contact && alike && !closed && self.could_ever(&reservation, want, &shape);
        let Some(demand) = self.derived.index.demand_of(want, group).filter(|_| holds) else { return Some(None) };
        let in_group = &self.derived.index.groups[group as usize];
        let wanted = replicas(&shape, ask, in_group);
        let chosen = self.kept_for(reservation.pool, &reservation.nodes, demand, shape.spread, wanted);
        if chosen.is_empty() || !self.admits(&kind, in_group, demand, wanted) {
            return None;
        }
        if closes_before_its_end(self, now) {
            return Some(None);
        }
        let sleep = reservation.nodes.iter().filter(|node| self.pools[&reservation.pool].nodes[**node as usize].sleeps()).count();
        let (woken, wake) = in_group.draws.filter(|_| sleep > 0).map_or((0, Span::ZERO), |draws| draws.waking());
        let needs = in_group.draws.map(|draws| draws.asked(demand, wanted).saturating_add(woken * sleep as i64));
        if !self.derived.power.admits(&kind, id, reservation.pool, needs, now, wake) {
            // What has time keeps nothing from others; from the rest, what is given back of power is held for it as its nodes are.
            if kind.patient {
                return Some(None);
            }
            self.derived.reopen_all |= self.derived.power.keep(reservation.pool, id, needs);
            return None;
        }
        let slots = self.slots(reservation.pool, group, demand, &chosen);
        let place = self.agree(id, group, reservation.ask, measure::Cpu(demand.cpu), slots);
        // What cannot be paid for gives up what was kept for it.
        Some(Some(place).filter(|place| kind.own.is_none() || can_pay(&self.tenants, tenant, place.hold, now)))
    }

    /// Whether reserved nodes, empty, still hold the job.
    fn could_ever(&mut self, reservation: &Reservation, want: u32, shape: &Shape) -> bool {
        let mut total = 0;
        for at in &reservation.nodes {
            let state = &self.pools[&reservation.pool].nodes[*at as usize];
            let group = state.group;
            let cleared = Free::cleared(state, group);
            let Some(demand) = self.derived.index.demand_of(want, group) else { return false };
            let most = demand.times_in(&cleared).min(u64::from(u32::MAX));
            total += if shape.spread == Spread::Nodes { most.min(1) } else { most };
        }
        let first = self.pools[&reservation.pool].nodes[reservation.nodes[0] as usize].group;
        let ask = &shape.asks[usize::from(reservation.ask)];
        total >= u64::from(replicas(shape, ask, &self.derived.index.groups[first as usize]))
    }

    /// When a job that has nodes kept for it is expected to start there.
    pub fn kept_until(&self, id: JobId) -> Option<Time> {
        self.reserved.get(&id).map(|reservation| reservation.at)
    }
}
