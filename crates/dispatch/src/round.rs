//! One scheduling pass: every waiting job is placed or has a reason.

use std::sync::Arc;

use measure::{Rate, Time};

use crate::fact::{Fact, Place};
use crate::hub::Hub;
use crate::node::NEVER;
use crate::policy::Backfill;
use crate::queue::{Cursor, Kind, OVERDUE, Ticket, class_within};

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
            if let Some(place) = self.place_for(ticket) {
                let tenant = self.jobs[&ticket.turn.job].spec.tenant;
                self.record(Fact::Placed(ticket.turn.job, Arc::new(place)), facts);
                self.derived.restand.remove(&tenant);
                self.restand_family(tenant);
                continue;
            }
            self.derived.close(ticket.kind);
        }
    }

    /// Who cannot start may have others stopped, or nodes kept. In order of the line, as that is nothing that jobs of one kind
    /// share an answer to; only the first of the line are looked at.
    fn promise(&mut self, facts: &mut Vec<Fact>) {
        const LOOKED_AT: usize = 64;
        let depth = self.derived.policy.depth();
        let evicts = self.derived.policy.preempt && self.derived.preemptible.values().any(|jobs| !jobs.is_empty());
        let keeps = depth > 0 && self.derived.index.kept() < depth.saturating_mul(self.pools.len() as u32);
        if !std::mem::take(&mut self.derived.moved) || !(evicts || depth > 0) {
            return;
        }
        let lowest = self.reserved.keys().filter_map(|id| self.class_of_job(*id)).min();
        let derived = &self.derived;
        let asks = |kind: &Kind| {
            let wide = kind.class == OVERDUE || derived.index.is_wide(&derived.shapes[kind.shape as usize].shape);
            evicts || (wide && (keeps || lowest.is_some_and(|lowest| lowest < kind.class)))
        };
        if !evicts && !keeps && lowest.is_none_or(|lowest| lowest == OVERDUE) {
            return;
        }
        for ticket in derived.queue.line(LOOKED_AT, asks) {
            let id = ticket.turn.job;
            if self.reserved.contains_key(&id) {
                continue;
            }
            let stopped = self.evict(ticket);
            if !stopped.is_empty() {
                stopped.into_iter().for_each(|fact| self.record(fact, facts));
                continue;
            }
            match self.keep(ticket) {
                Ok(fact) => self.record(fact, facts),
                Err(Some(at)) => drop(self.derived.looks.insert(at)),
                Err(None) => self.displace(ticket, facts),
            }
        }
    }

    /// The class in which a waiting job stands.
    fn class_of_job(&self, id: measure::JobId) -> Option<i16> {
        let ticket = self.jobs.get(&id)?.seat.ticket?;
        Some(self.derived.queue.kind(ticket.kind).class)
    }

    /// More urgent work takes over what is kept for the least urgent.
    fn displace(&mut self, ticket: Ticket, facts: &mut Vec<Fact>) {
        let kind = self.derived.queue.kind(ticket.kind);
        let (class, shape) = (kind.class, kind.shape);
        if class != OVERDUE && !self.derived.index.is_wide(&self.derived.shapes[shape as usize].shape) {
            return;
        }
        let lower = |id: &measure::JobId| {
            let lower = self.class_of_job(*id)?;
            (lower < class && self.jobs[id].evicted_in.is_none()).then_some((lower, std::cmp::Reverse(*id)))
        };
        let Some((_, std::cmp::Reverse(other))) = self.reserved.keys().filter_map(lower).min() else { return };
        let (theirs, moved) = (self.reserved[&other].clone(), self.derived.moved);
        self.reserve(other, None);
        let found = self.keep(ticket);
        self.reserve(other, Some(&theirs));
        self.derived.moved = moved;
        if let Ok(fact) = found {
            self.record(Fact::Reserved(other, None), facts);
            self.record(fact, facts);
        }
    }

    /// The place of the first job of a kind, if it fits now.
    pub(crate) fn place_for(&mut self, ticket: Ticket) -> Option<Place> {
        let kind = self.derived.queue.kind(ticket.kind).clone();
        let spec = self.jobs[&ticket.turn.job].spec.clone();
        let found = self.find(&kind, &spec)?;
        let rate = self.rate(found.group);
        Some(Place { pool: found.pool, ask: found.ask, cpu: found.cpu, slots: found.slots, rate })
    }

    /// What an hour costs in a group now.
    pub(crate) fn rate(&mut self, group: u32) -> Rate {
        let now = self.derived.clock;
        let hour = now.0.div_euclid(measure::Span::HOUR.0);
        let known = &mut self.derived.index.groups[group as usize];
        match known.rate {
            Some((same, rate)) if same == hour => rate,
            _ => {
                let rate = self.census.rate(&self.pools[&known.pool].join.name, known.model.as_deref(), now);
                known.rate = Some((hour, rate));
                rate
            }
        }
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
            self.derived.reserved_changed.extend(self.reserved.keys());
        }
        if gained.is_empty() && !all {
            return;
        }
        let now = self.derived.clock;
        for (answer, shape) in self.derived.queue.answers() {
            if all {
                self.derived.queue.reopen_answer(answer, None);
                continue;
            }
            // Up to when the best of what was gained may be used.
            let wants = &self.derived.shapes[shape as usize].wants;
            let index = &mut self.derived.index;
            let serves = |want: &u32| gained.iter().filter_map(|state| index.serves(*want, *state)).max();
            match wants.iter().filter_map(serves).max() {
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
