//! Work that may wait for clean and cheap hours: until when, and when what runs is suspended.
//!
//! Whether a job waits by choice is said here and nowhere else. What is decided is a fact ([`Fact::PutOff`], and a stop of the kind
//! [`Stop::Suspended`]); what it rests on (readings, what is foretold, how long runs were) are facts, too. What is left to wait
//! shrinks while a job waits in the queue, and what has nothing left never waits by choice.

mod hours;
mod pick;

use std::collections::BTreeMap;
use std::sync::Arc;

use measure::{JobId, Name, PoolId, Span, TenantId, Time};

use crate::derived::Known;
use crate::fact::{End, Fact, Stop};
use crate::hub::{Hub, Job, Stage};
use crate::lengths::{Lengths, Survival};
use crate::policy::Start;
use crate::why::{HourCosts, Why};

pub use hours::Hours;
use pick::Part;

/// Hours looked ahead; beyond, the last day is taken to come again.
pub(crate) const AHEAD: usize = 7 * 24;

/// Where a month's highest demand is paid for, work waits by choice for no more than what is left of its time without this part of it: what
/// finds no room below that demand then has time to wait for its turn.
const RESERVE: i64 = 2;

/// What a job that waits by choice waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Since when.
    pub since: Time,
    /// Until when; it is looked at again before where the policy does.
    pub until: Time,
}

/// Pools where a job could run, and what the hours ahead cost there; places of one number cost the same.
struct Place {
    pools: Arc<Vec<PoolId>>,
    number: u32,
    hours: Arc<Hours>,
}

impl Job {
    /// How long it waited by choice up to an instant.
    pub fn waited_by_choice(&self, at: Time) -> Span {
        let now = self.choice.map_or(Span::ZERO, |choice| choice.until.min(at) - choice.since);
        self.by_choice + Span(now.0.max(0))
    }

    /// Since when it would have waited had it not waited by choice: what counts in the queue.
    pub(crate) fn ready(&self) -> Time {
        self.submitted + self.waited_by_choice(Time(i64::MAX))
    }

    /// Before when it is not placed.
    pub(crate) fn not_before(&self) -> Option<Time> {
        let chosen = self.choice.map_or(Time(i64::MIN), |choice| choice.until);
        Some(self.eligible.max(chosen)).filter(|at| *at > Time(i64::MIN))
    }

    /// How much of it has run and is kept if it is suspended.
    fn progress(&self, now: Time) -> Span {
        let Stage::Running { since, .. } = &self.stage else { return self.ran };
        let load = self.spec.suspend.filter(|_| self.ran > Span::ZERO).map_or(Span::ZERO, |costs| costs.load);
        self.ran + Span((now - *since - load).0.max(0))
    }
}

impl Hub {
    /// How long a job may still wait by choice; zero for one that may not.
    pub fn slack(&self, job: &Job, now: Time) -> Span {
        let patience = job.spec.patience.or_else(|| self.patience_of(job.spec.tenant));
        // A deadline alone leaves all the time up to it.
        let ((Some(_), _) | (_, Some(_))) = (patience, job.spec.deadline) else { return Span::ZERO };
        let ran = job.progress(now);
        let by_patience = patience.map(|patience| patience - ((now - job.submitted) - ran));
        let by_deadline = job.spec.deadline.map(|deadline| deadline - now - self.needs(job, ran));
        let left = by_patience.into_iter().chain(by_deadline).min().unwrap_or(Span::ZERO);
        Span(left.0.max(0))
    }

    /// How long a job of which so much has run needs to its end, so surely as the policy says.
    fn needs(&self, job: &Job, ran: Span) -> Span {
        let load = job.spec.suspend.map_or(Span::ZERO, |costs| costs.load);
        let run = match job.expected {
            Some(expected) => expected,
            None => self.survival(job).within(ran.0, self.derived.policy.timing.deadline_permille),
        };
        let run = job.spec.time_limit.map_or(run, |limit| limit.min(run));
        Span((run - ran).0.max(0)) + load
    }

    /// How long runs were that a job is thought to be like, and which those are.
    fn lengths(&self, job: &Job) -> (&Lengths, Known) {
        let (lengths, like) = self.tenants[&job.spec.tenant].runs.lengths(job.brief.like);
        (lengths, (job.spec.tenant, like))
    }

    /// What is known of how long a job runs: that of those it is like, for as long as it is nearly as it was, or its own.
    fn survival(&self, job: &Job) -> Arc<Survival> {
        let (lengths, known) = self.lengths(job);
        match (job.expected, job.spec.time_limit) {
            (Some(expected), _) => Arc::new(Survival::exactly(expected)),
            (None, limit @ Some(_)) => Arc::new(Survival::of(lengths, limit)),
            (None, None) => match self.derived.survivals.get(&known) {
                Some((_, known)) => known.clone(),
                None => Arc::new(Survival::of(lengths, None)),
            },
        }
    }

    /// Learns how long such runs are as a job's, where there is something to learn.
    fn learn_lengths(&mut self, id: JobId) {
        let (lengths, known) = self.lengths(&self.jobs[&id]);
        let (total, before) = (lengths.total(), self.derived.survivals.get(&known).map(|(total, _)| *total));
        if before.is_none_or(|before| total < before || total - before > before / 32) {
            let survival = Arc::new(Survival::of(lengths, None));
            self.derived.survivals.insert(known, (total, survival));
            self.derived.whole_hours.retain(|(of, _), _| *of != known);
        }
    }

    /// How long the jobs of a tenant may wait by choice that do not say so: as it is arranged with it, or with those above it.
    pub fn patience_of(&self, tenant: TenantId) -> Option<Span> {
        self.path(tenant).find_map(|id| self.tenants[&id].terms.patience)
    }

    /// Whether a job is looked at before it enters the queue.
    pub(crate) fn may_choose(&self, job: &Job) -> bool {
        let start = self.derived.policy.timing.start;
        start != Start::Now
            && !job.seat.decided
            && (job.spec.patience.is_some() || job.spec.deadline.is_some() || self.patience_of(job.spec.tenant).is_some())
            // What the published policies said once is not asked again.
            && (start.looks_again() || job.choice.is_none() || job.spec.suspend.is_some())
    }

    /// Decides for whoever came, and each hour for whoever waits by choice or may be suspended.
    pub(crate) fn choose(&mut self, now: Time, facts: &mut Vec<Fact>) {
        if self.derived.policy.timing.start == Start::Now {
            return;
        }
        let hour = now.0.div_euclid(Span::HOUR.0);
        if self.derived.chosen != Some(hour) {
            self.derived.chosen = Some(hour);
            self.forget_hours();
            if self.derived.policy.timing.start.looks_again() {
                let shunned: Vec<JobId> = self.derived.shunned.keys().copied().collect();
                shunned.into_iter().for_each(|id| self.undecide(id));
                let put_off: Vec<JobId> = self.derived.put_off.iter().copied().collect();
                put_off.into_iter().for_each(|id| self.choose_for(id, now, facts));
                let running: Vec<JobId> = self.derived.suspendable.iter().copied().collect();
                running.into_iter().for_each(|id| self.suspend_or_not(id, now, facts));
            }
        }
        while let Some((_, id)) = self.derived.slack_ends.first().copied().filter(|(at, _)| *at <= now) {
            self.derived.slack_ends.pop_first();
            self.undecide(id);
        }
        while let Some((_, id)) = self.derived.pauses.first().copied().filter(|(at, _)| *at <= now) {
            self.derived.pauses.pop_first();
            self.suspend_or_not(id, now, facts);
        }
        while let Some(id) = self.derived.undecided.pop_first() {
            self.choose_for(id, now, facts);
        }
    }

    /// A job in the queue that waits for some pools only, while it has time, is asked again.
    fn undecide(&mut self, id: JobId) {
        if self.jobs.get(&id).is_some_and(|job| job.stage == Stage::Waiting && job.seat.ticket.is_some()) {
            self.dequeue(id);
            self.job_mut(id).seat.decided = false;
            self.enqueue(id);
        }
    }

    /// When something is to be decided by time alone.
    pub(crate) fn next_choice(&self) -> Option<Time> {
        let derived = &self.derived;
        let anybody = !(derived.put_off.is_empty() && derived.suspendable.is_empty() && derived.shunned.is_empty());
        let hourly = derived.policy.timing.start.looks_again() && anybody;
        let hour = derived.chosen.filter(|_| hourly).map(|hour| Time((hour + 1) * Span::HOUR.0));
        let ends = derived.slack_ends.first().map(|(at, _)| *at);
        let pause = derived.pauses.first().map(|(at, _)| *at);
        hour.into_iter().chain(ends).chain(pause).min()
    }

    fn choose_for(&mut self, id: JobId, now: Time, facts: &mut Vec<Fact>) {
        let Some(job) = self.jobs.get(&id).filter(|job| job.stage == Stage::Waiting) else { return };
        let (choice, first) = (job.choice, job.attempt == 0 && job.choice.is_none() && job.at_once.is_none());
        let (part, shunned) = self.part(id, now);
        // What has no choice, neither of when nor of where, is compared with nothing.
        let free = matches!(part, Part::Run { .. }) && shunned.is_empty() && !self.derived.power.shaves;
        if first && !free {
            self.note_at_once(id, now, facts);
        }
        match part {
            Part::Wait { until } if choice.is_none_or(|choice| choice.until != until) => {
                self.record(Fact::PutOff(id, until), facts)
            }
            Part::Wait { .. } => {}
            Part::Run { until } => {
                self.derived.pauses.extend(until.map(|until| (until, id)));
                if choice.is_some() {
                    self.record(Fact::PutOff(id, now), facts);
                }
                self.let_in(id, now, shunned);
            }
        }
    }

    /// Notes where a job would be placed at once; where it fits nowhere now it would have waited anyway, and nothing is noted.
    fn note_at_once(&mut self, id: JobId, now: Time, facts: &mut Vec<Fact>) {
        self.derived.undecided.remove(&id);
        self.job_mut(id).seat.decided = true;
        self.enqueue(id);
        let pool = self.jobs[&id].seat.ticket.and_then(|ticket| self.place_for(ticket)).map(|place| place.pool);
        self.dequeue(id);
        self.job_mut(id).seat.decided = false;
        if let Some(pool) = pool {
            self.record(Fact::AtOnce(id, pool, now), facts);
        }
    }

    /// Until when a job waits by choice, or will once the next round says so; one that will not stands in the queue then.
    pub(crate) fn waits_until(&mut self, id: JobId, now: Time) -> Option<Time> {
        if let Some(choice) = self.jobs[&id].choice.filter(|choice| choice.until > now) {
            return Some(choice.until);
        }
        if !self.derived.undecided.contains(&id) {
            return None;
        }
        let (part, shunned) = self.part(id, now);
        match part {
            Part::Wait { until } => Some(until),
            Part::Run { .. } => {
                self.let_in(id, now, shunned);
                None
            }
        }
    }

    /// A job does not wait by choice: it stands in the queue, for all pools but those where waiting is better.
    fn let_in(&mut self, id: JobId, now: Time, shunned: Vec<PoolId>) {
        self.derived.undecided.remove(&id);
        let left = self.slack(&self.jobs[&id], now);
        if !shunned.is_empty() || (self.derived.power.shaves && left > Span::ZERO) {
            self.derived.slack_ends.insert((now + left, id));
            self.derived.shunned.insert(id, Arc::new(shunned));
        }
        self.job_mut(id).seat.decided = true;
        self.enqueue(id);
    }

    /// A job runs that may be suspended: it goes on, or is told to stop.
    fn suspend_or_not(&mut self, id: JobId, now: Time, facts: &mut Vec<Fact>) {
        let runs = |job: &&Job| matches!(job.stage, Stage::Running { .. });
        if self.jobs.get(&id).filter(runs).is_none() {
            return;
        }
        match self.part(id, now).0 {
            Part::Run { until } => self.derived.pauses.extend(until.map(|until| (until, id))),
            Part::Wait { until } => {
                let job = &self.jobs[&id];
                // It began as soon as it fitted, and would have gone on.
                if let (None, Stage::Running { place, since, .. }) = (job.at_once, &job.stage) {
                    self.record(Fact::AtOnce(id, place.pool, *since), facts);
                }
                self.record(Fact::StopWanted(id, Stop::Suspended { until }), facts);
            }
        }
    }

    /// What a job should do from now on, and in which pools it should not while it has time.
    fn part(&mut self, id: JobId, now: Time) -> (Part, Vec<PoolId>) {
        let run = (Part::Run { until: None }, Vec::new());
        self.learn_lengths(id);
        let job = &self.jobs[&id];
        let mut left = self.slack(job, now);
        if self.derived.power.shaves {
            let all = left + (now - job.submitted);
            left = left - Span(all.0 / RESERVE);
        }
        if left <= Span::ZERO {
            return run;
        }
        let at = self.places_for(id, now);
        let start = self.derived.policy.timing.start;
        if start == Start::Cheapest {
            return self.cheapest_part(id, &at, (now, left));
        }
        let job = &self.jobs[&id];
        let (ran, survival) = (job.progress(now), self.survival(job));
        let usual = || job.expected.or_else(|| survival.left(0)).unwrap_or(Span::HOUR);
        let rest = || Span((usual() - ran).0.max(1));
        // The published ones know of one place only.
        let Some(Place { hours, .. }) = at.first() else { return run };
        let begin = |at: Time| if at <= now { Part::Run { until: None } } else { Part::Wait { until: at } };
        let part = match (start, job.spec.suspend) {
            (Start::LowestSlot, _) => begin(pick::lowest_slot(hours, now, left)),
            (Start::LowestWindow, _) => begin(pick::lowest_window(hours, now, left, rest())),
            (Start::CarbonTime, _) => begin(pick::carbon_time(hours, now, left, rest())),
            (Start::LowestHours, Some(_)) => pick::lowest_hours(hours, now, left, rest()),
            (Start::LowestHours | Start::Cheapest | Start::Now, _) => Part::Run { until: None },
        };
        (part, Vec::new())
    }

    /// Ours: where and when what is left of a job is thought to be cheapest. It runs now where that is no dearer than to wait for
    /// the best place and hour, and waits where it is dearer everywhere.
    fn cheapest_part(&mut self, id: JobId, at: &[Place], (now, left): (Time, Span)) -> (Part, Vec<PoolId>) {
        let run = (Part::Run { until: None }, Vec::new());
        if at.is_empty() {
            return run;
        }
        let job = &self.jobs[&id];
        let (ran, survival, suspend) = (job.progress(now), self.survival(job), job.spec.suspend);
        let held = job.stage.held().map(|place| place.pool);
        // Places where all hours cost the same are one.
        let mut distinct: Vec<&Place> = Vec::with_capacity(at.len());
        for place in at {
            if !distinct.iter().any(|known| known.number == place.number) {
                distinct.push(place);
            }
        }
        let (costs_now, later) = match suspend {
            Some(costs) => {
                let pausing = pick::Pausing { now, left, survival: &survival, ran, running: held.is_some(), costs };
                // As if it stayed where it goes on: what it might gain by moving at each pause is not counted on.
                let waits = distinct.iter().map(|place| pausing.wait(&place.hours));
                let Some(wait) = waits.min().flatten() else { return run };
                let holds = |place: &&&Place| {
                    held.is_some_and(|pool| at.iter().any(|one| one.number == place.number && one.pools.contains(&pool)))
                };
                let here = distinct.iter().find(holds).or_else(|| distinct.iter().min_by_key(|place| place.hours.cost(0)));
                let Some(here) = here else { return run };
                let (base, weight) = (pausing.run(&here.hours), pausing.in_this_hour(&here.hours));
                // Elsewhere it is dearer by this hour's difference at least.
                let elsewhere = |place: &&Place| (place.number, base + (place.hours.cost(0) - here.hours.cost(0)) * weight);
                let all = distinct.iter().map(elsewhere);
                let only = |(number, _): &(u32, i64)| held.is_none() || *number == here.number;
                (all.filter(only).collect::<Vec<_>>(), Some((wait, here.hours.begin(1))))
            }
            None => {
                let last = |hours: &Hours| ((now + left - hours.first).0 / Span::HOUR.0) as usize;
                let whole: Vec<Arc<Vec<i64>>> =
                    distinct.iter().map(|place| self.whole_hours(id, place, last(&place.hours) + 1, &survival, ran)).collect();
                let on_the_hour = |hours: &Hours| hours.first == now;
                let now_at = |(place, whole): (&&Place, &Arc<Vec<i64>>)| {
                    let cost =
                        if on_the_hour(&place.hours) { whole[0] } else { pick::at_once(&place.hours, now, &survival, ran) };
                    (place.number, cost)
                };
                let costs_now = distinct.iter().zip(&whole).map(now_at).collect();
                let hours_of = |(place, whole): (&&Place, &Arc<Vec<i64>>)| {
                    let from_next = whole.iter().enumerate().take(last(&place.hours) + 1).skip(1);
                    from_next.map(|(hour, cost)| (*cost, place.hours.begin(hour))).min()
                };
                (costs_now, distinct.iter().zip(&whole).filter_map(hours_of).min())
            }
        };
        let Some((cost, until)) = later else { return run };
        if costs_now.iter().map(|(_, now)| *now).min().is_none_or(|now| now > cost) {
            return (Part::Wait { until }, Vec::new());
        }
        let dear = |place: &&Place| costs_now.iter().any(|(number, now)| *number == place.number && *now > cost);
        let mut shunned: Vec<PoolId> = at.iter().filter(dear).flat_map(|place| place.pools.iter().copied()).collect();
        shunned.sort_unstable();
        (Part::Run { until: None }, shunned)
    }

    /// What a run of unknown length is thought to cost from the beginning of each hour on; of jobs that are alike and have not run, the
    /// same for all.
    fn whole_hours(&mut self, id: JobId, place: &Place, count: usize, survival: &Survival, ran: Span) -> Arc<Vec<i64>> {
        let job = &self.jobs[&id];
        let alike = ran == Span::ZERO && job.expected.is_none() && job.spec.time_limit.is_none();
        let key = (self.lengths(job).1, place.number);
        if let Some(known) = self.derived.whole_hours.get(&key).filter(|known| alike && known.len() >= count) {
            return known.clone();
        }
        // A day more often than not.
        let costs = Arc::new(pick::whole_hours(&place.hours, &survival.hourly(ran.0), count.max(if alike { 25 } else { 0 })));
        if alike {
            self.derived.whole_hours.insert(key, costs.clone());
        }
        costs
    }

    /// Where a job could run, by site. Sites of which nobody knows what they cost are left out.
    fn places_for(&mut self, id: JobId, now: Time) -> Vec<Place> {
        let shape = self.jobs[&id].seat.shape;
        if !self.derived.sites_of.contains_key(&shape) {
            let wanted = self.derived.shapes[shape as usize].shape.clone();
            let mut sites: BTreeMap<Option<Name>, Vec<PoolId>> = BTreeMap::new();
            for (id, pool) in self.pools.iter().filter(|(id, _)| self.could_pool_hold(**id, &wanted)) {
                sites.entry(pool.join.site.clone()).or_default().push(*id);
            }
            let sites = sites.into_iter().map(|(site, pools)| (site, Arc::new(pools))).collect();
            self.derived.sites_of.insert(shape, Arc::new(sites));
        }
        let sites = self.derived.sites_of[&shape].clone();
        let mut known = Vec::with_capacity(sites.len());
        for (site, pools) in sites.iter() {
            if !self.derived.hours_ahead.contains_key(site) {
                let hours = Hours::of(&self.census, &self.derived.policy.timing, site.as_ref(), now);
                let same = |hours: &Hours| {
                    let all = self.derived.hours_ahead.values().flatten();
                    all.into_iter().find(|(_, known)| known.costs == hours.costs).cloned()
                };
                let number = self.derived.hours_ahead.len() as u32;
                let entry = hours.map(|hours| same(&hours).unwrap_or_else(|| (number, Arc::new(hours))));
                self.derived.hours_ahead.insert(site.clone(), entry);
            }
            let hours = self.derived.hours_ahead[site].clone();
            known.extend(hours.map(|(number, hours)| Place { pools: pools.clone(), number, hours }));
        }
        known
    }

    /// Something is known anew of the hours ahead: whoever waits by choice, or may be suspended, is asked again.
    pub(crate) fn hours_changed(&mut self) {
        self.forget_hours();
        self.derived.chosen = None;
    }

    fn forget_hours(&mut self) {
        self.derived.hours_ahead.clear();
        self.derived.whole_hours.clear();
    }

    pub(crate) fn why_by_choice(&mut self, id: JobId, until: Time) -> Why {
        let now = self.derived.clock;
        let places = self.places_for(id, now);
        let slack = self.slack(&self.jobs[&id], now);
        let then = |hours: &Hours| hours.cost(((until - hours.first).0 / Span::HOUR.0) as usize);
        let best = places.iter().map(|place| &place.hours).min_by_key(|hours| then(hours));
        let cheapest = places.iter().map(|place| place.hours.cost(0)).min();
        let costs = best.zip(cheapest).map(|(hours, cheapest)| {
            let known = hours.bases.iter().map(|((kind, basis), count)| (*kind, *basis, *count)).collect();
            HourCosts { now: cheapest, then: then(hours), known }
        });
        Why::ByChoice { until, slack, costs }
    }

    /// A job waits by choice until an instant, or no more.
    pub(crate) fn put_off(&mut self, at: Time, id: JobId, until: Time) {
        self.dequeue(id);
        let job = self.job_mut(id);
        job.by_choice = job.waited_by_choice(at);
        job.choice = (until > at).then_some(Choice { since: at, until });
        self.enqueue(id);
    }

    /// A job has started: it is asked for pauses from now on.
    pub(crate) fn watch(&mut self, id: JobId) {
        if !self.jobs[&id].brief.suspendable {
            return;
        }
        match self.derived.policy.timing.start {
            Start::Cheapest => drop(self.derived.suspendable.insert(id)),
            Start::LowestHours => drop(self.derived.pauses.insert((self.derived.clock, id))),
            _ => {}
        }
    }

    /// An attempt is over of which something may be kept.
    pub(crate) fn keep_progress(&mut self, id: JobId, end: &End, run: Span) {
        let job = &self.jobs[&id];
        self.derived.suspendable.remove(&id);
        let Some(costs) = job.spec.suspend.filter(|_| *end == End::Cancelled) else { return };
        if let Stage::Stopping { stop: Stop::Suspended { .. } | Stop::Preempted { .. }, .. } = job.stage {
            let load = if job.ran > Span::ZERO { costs.load } else { Span::ZERO };
            let kept = Span((run - load - costs.save).0.max(0));
            self.job_mut(id).ran += kept;
        }
    }
}
