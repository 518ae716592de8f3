//! When a waiting job is expected to start: the engine itself runs forward, on the hub itself, and everything is undone.
//! And what smaller wish would start now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};

use crate::fact::{Fact, Place, Reservation, Shape, Spec};
use crate::hub::{Hub, Stage};
use crate::index::{Group, Index, Want, demand};
use crate::purse::{Means, Purse};
use crate::queue::Kind;
use crate::share::Use;

/// Placements and ends looked ahead; beyond, the pace so far is taken to go on.
const PLACEMENTS_MOST: usize = 1000;
const ENDS_MOST: usize = 1000;
/// So many closings are seen to end.
const HOURS_MOST: usize = 16;
/// Of more jobs that run where the one asked for could, only every so manieth is looked at.
const RUNNING_MOST: usize = 8192;

/// How an expected start is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foresight {
    /// Nodes are kept for it from then on.
    Kept,
    /// The engine, run forward with what jobs are expected to run, places it then.
    Foreseen,
    /// So many jobs are before it that only the pace of the first ones was taken to go on.
    Extrapolated,
    /// It does not start unless something changes that nobody can foresee.
    Unknown,
}

impl Foresight {
    /// The word scripts read.
    pub fn name(self) -> &'static str {
        match self {
            Foresight::Kept => "kept",
            Foresight::Foreseen => "foreseen",
            Foresight::Extrapolated => "extrapolated",
            Foresight::Unknown => "unknown",
        }
    }
}

/// A smaller wish that fits now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Smaller {
    /// Fewer devices for each replica.
    Devices {
        /// As asked.
        from: Devices,
        /// That fit.
        to: Devices,
    },
    /// Fewer replicas.
    Replicas {
        /// As asked.
        from: u32,
        /// That fit.
        to: u32,
    },
    /// Fewer cores for each replica.
    Cpu {
        /// As asked.
        from: Cpu,
        /// That fit.
        to: Cpu,
    },
    /// Less memory for each replica.
    Memory {
        /// As asked.
        from: Memory,
        /// That fits.
        to: Memory,
    },
    /// Any model instead of those named.
    AnyModel,
    /// A time limit short enough to end before nodes that are kept are needed.
    TimeLimit {
        /// The limit that fits.
        to: Span,
    },
}

/// What is expected of a waiting job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// When it is expected to start.
    pub starts_at: Option<Time>,
    /// How that is known.
    pub how: Foresight,
    /// The first jobs that are served before it.
    pub ahead: Vec<JobId>,
    /// How many there are.
    pub ahead_count: u64,
    /// The smallest changes that would start it now, and in which pool.
    pub smaller: Vec<(Smaller, PoolId)>,
}

/// What was done to the hub, to be undone in reverse.
enum Done {
    Placed {
        id: JobId,
        reservation: Option<Arc<Reservation>>,
        evicted_in: Option<PoolId>,
    },
    Ended {
        id: JobId,
        stage: Stage,
        placed: Time,
    },
    /// Its pause was over.
    Queued {
        id: JobId,
    },
    /// Something that was closed opened.
    Opened,
}

impl Hub {
    /// What is expected of a waiting job; `None` if it is unknown or does not wait. The hub is as before afterwards.
    pub fn foresee(&mut self, id: JobId, now: Time) -> Option<Forecast> {
        self.jobs.get(&id).filter(|job| job.stage == Stage::Waiting)?;
        if let Some(until) = self.waits_until(id, now) {
            let (starts_at, how) = (Some(until), Foresight::Foreseen);
            return Some(Forecast { starts_at, how, ahead: Vec::new(), ahead_count: 0, smaller: Vec::new() });
        }
        let job = &self.jobs[&id];
        let (spec, ticket) = (job.spec.clone(), job.seat.ticket);
        let (ahead, ahead_count) = ticket.map_or((Vec::new(), 0), |ticket| self.derived.queue.ahead(ticket, 10));
        let pauses = (ticket.is_none() && job.seat.unmet == 0).then(|| self.kind_of(job, job.eligible));
        let kind = ticket.map(|ticket| self.derived.queue.kind(ticket.kind).clone()).or(pauses);
        // Whoever pauses waits for nothing that a smaller wish would spare.
        let smaller = kind.as_ref().filter(|_| ticket.is_some()).map_or_else(Vec::new, |kind| {
            let means = self.means(kind, id);
            self.smaller(&spec, kind, means)
        });
        let dear = kind.as_ref().is_some_and(|kind| self.too_dear(kind, id).is_some());
        let (starts_at, how) = match (self.kept_until(id), kind) {
            // Nobody foresees what a budget will be.
            _ if dear => (None, Foresight::Unknown),
            (Some(at), _) if at > now => (Some(at), Foresight::Kept),
            (_, None) => (None, Foresight::Unknown),
            (_, Some(kind)) => self.run_forward(id, &kind, now, ahead_count),
        };
        let (starts_at, how) = match self.moves_at(id) {
            Some(at) if starts_at.is_none_or(|starts| starts > at) => (Some(at), Foresight::Foreseen),
            _ => (starts_at, how),
        };
        Some(Forecast { starts_at, how, ahead, ahead_count, smaller })
    }

    /// When a job that waits near its data moves, if it would start then as things are now.
    fn moves_at(&mut self, id: JobId) -> Option<Time> {
        let job = &self.jobs[&id];
        let until = job.seat.anchored?;
        let (kind, spec) = (self.kind_of(job, until), job.spec.clone());
        let means = self.means(&kind, id);
        self.fits_now(&kind, &spec.shape, means.as_ref()).map(|_| until)
    }

    /// What would become of a job if it were submitted now: why it would wait, and what is expected of it.
    pub fn try_out(&mut self, spec: &Arc<Spec>, now: Time) -> Result<Option<(crate::Why, Forecast)>, crate::Refusal> {
        let facts = crate::decide(self, now, crate::Request::Submit(spec.clone()))?;
        let id = JobId(self.last_job.0 + 1);
        self.learn();
        let kept = (self.derived.clock, self.last_job, self.derived.overdue_below);
        let moved = self.derived.moved;
        let work = self.work.clone();
        let runs = self.tenants[&spec.tenant].runs.clone();
        // Only the first task of an array is tried; nothing is recorded, and the job is taken out again.
        self.derived.index.unlearned = false;
        for fact in
            facts.iter().filter(|fact| matches!(fact, Fact::Submitted(known, _) | Fact::Expected(known, _) if *known == id))
        {
            self.apply(now, fact);
        }
        // What would be learned from its arrival is not.
        self.derived.index.unlearned = false;
        let why = self.why_waiting(id);
        let forecast = match why {
            Some(crate::Why::Next) | None => None,
            _ => self.foresee(id, now),
        };
        self.dequeue(id);
        self.derived.waiting -= 1;
        for after in &spec.after {
            if let Some(dependents) = self.derived.dependents.get_mut(&after.job) {
                dependents.retain(|dependent| *dependent != id);
                if dependents.is_empty() {
                    self.derived.dependents.remove(&after.job);
                }
            }
        }
        self.derived.release(self.jobs[&id].seat.shape);
        self.jobs.remove(&id);
        (self.derived.clock, self.last_job, self.derived.overdue_below) = kept;
        self.derived.moved = moved;
        self.work = work;
        self.tenants.get_mut(&spec.tenant).expect("it was decided for an admitted tenant").runs = runs;
        self.derived.index.unlearned = false;
        Ok(why.zip(forecast))
    }

    /// The jobs that run where a job of a kind could, as they are expected to end; of very many only those whose number is a
    /// multiple of the second figure.
    fn ends_for(&mut self, kind: &Kind, now: Time) -> (BTreeSet<(Time, JobId)>, u64) {
        let Hub { pools, derived, .. } = self;
        let wants = &derived.shapes[kind.shape as usize].wants;
        let index = &mut derived.index;
        let serves = |index: &mut Index, group: u32| wants.iter().any(|want| index.demand_of(*want, group).is_some());
        let groups = (0..index.groups.len() as u32).filter(|group| serves(index, *group)).collect::<Vec<u32>>();
        let mut there: Vec<PoolId> = groups.into_iter().map(|group| index.groups[group as usize].pool).collect();
        there.retain(|pool| kind.barred.binary_search(pool).is_err());
        there.sort_unstable();
        there.dedup();
        let running: usize = there.iter().map(|id| pools[id].jobs_len()).sum();
        let of_how_many = running.div_ceil(RUNNING_MOST).max(1) as u64;
        let looked_at = there.iter().flat_map(|id| self.pools[id].jobs.0.iter()).filter(|id| id.0 % of_how_many == 0);
        let mut ends: Vec<(Time, JobId)> = looked_at.map(|id| (self.expected_end(*id, now), *id)).collect();
        if ends.len() > ENDS_MOST {
            ends.select_nth_unstable(ENDS_MOST);
            ends.truncate(ENDS_MOST);
        }
        (ends.into_iter().collect(), of_how_many)
    }

    fn run_forward(&mut self, target: JobId, kind: &Kind, now: Time, ahead: u64) -> (Option<Time>, Foresight) {
        let (mut ends, of_how_many) = self.ends_for(kind, now);
        let before = self.before();
        let mut done = Vec::new();
        let (mut placements, mut answer) = (0, (None, Foresight::Unknown));
        let (mut facts, mut ended) = (Vec::new(), 0);
        self.derived.clock = self.derived.clock.max(now);
        // What time alone will bring: closings that end, and jobs that pause.
        let mut hours: BTreeSet<Time> = self.derived.hours.iter().copied().take(HOURS_MOST).collect();
        let mut later: BTreeSet<(Time, JobId)> = self.derived.later.iter().copied().take(ENDS_MOST).collect();
        'ahead: loop {
            let first = |events: &BTreeSet<(Time, JobId)>| events.first().map(|(at, _)| *at);
            let next = [first(&ends), first(&later), hours.first().copied()].into_iter().flatten().min();
            let Some(at) = next else { break };
            self.derived.clock = self.derived.clock.max(at);
            if hours.remove(&at) {
                done.push(Done::Opened);
                self.refresh_closed();
            }
            while let Some((_, id)) = later.first().copied().filter(|(eligible, _)| *eligible <= at) {
                later.pop_first();
                done.push(Done::Queued { id });
                self.enqueue_as_of(id, at);
            }
            while let Some((_, id)) = ends.first().copied().filter(|(end, _)| *end == at && ended < ENDS_MOST) {
                ends.pop_first();
                ended += 1;
                let job = &self.jobs[&id];
                let (stage, placed) = (job.stage.clone(), job.stage.placed().expect("what ends was placed"));
                self.give_back(at, id);
                // It waits for nothing and stands nowhere: out of the way until this is undone.
                self.job_mut(id).stage = Stage::Waiting;
                done.push(Done::Ended { id, stage, placed });
            }
            facts.clear();
            self.step_forward(&mut facts, &mut done);
            for fact in &facts {
                let Fact::Placed(id, place) = fact else { continue };
                placements += 1;
                if *id == target && of_how_many == 1 {
                    answer = (Some(at + self.wake_of(place)), Foresight::Foreseen);
                    break 'ahead;
                }
                ends.insert((self.expected_end(*id, at), *id));
            }
            if placements >= PLACEMENTS_MOST || ended >= ENDS_MOST || (of_how_many > 1 && ends.is_empty()) {
                answer = self.extrapolate(kind, at - now, placements as u64 * of_how_many, ahead, now);
                break;
            }
        }
        self.undo(done, before);
        answer
    }

    /// When a job starts that has so many ahead of it, where so many were placed in a span.
    fn extrapolate(&self, kind: &Kind, span: Span, placed: u64, ahead: u64, now: Time) -> (Option<Time>, Foresight) {
        if placed == 0 {
            return (None, Foresight::Unknown);
        }
        let (rivals, waiting) = self.rivals(kind);
        let ahead = u128::from(ahead) * u128::from(rivals) / u128::from(waiting.max(1));
        let after = u128::from(span.0.max(1).unsigned_abs()) * ahead.max(1) / u128::from(placed);
        let after = i64::try_from(after).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
        (Some(now + Span(after.max(1))), Foresight::Extrapolated)
    }

    /// How many of the jobs that wait could run where one of this kind could, and how many there are.
    fn rivals(&self, kind: &Kind) -> (u64, u64) {
        let index = &self.derived.index;
        let groups = |shape: u32| {
            let shape = &self.derived.shapes[shape as usize].shape;
            let wants: Vec<Want> = shape.asks.iter().map(|ask| Want::of(shape, ask)).collect();
            let serves = |group: &Group| wants.iter().any(|want| demand(want, group, index.accelerated).is_ok());
            index.groups.iter().map(serves).collect::<Vec<bool>>()
        };
        let mine = groups(kind.shape);
        let mut known: BTreeMap<u32, bool> = BTreeMap::new();
        let (mut rivals, mut all) = (0, 0);
        for (shape, waiting) in self.derived.queue.waiting_by_shape() {
            let meets = || groups(shape).iter().zip(&mine).any(|(theirs, mine)| *theirs && *mine);
            all += waiting;
            rivals += if *known.entry(shape).or_insert_with(meets) { waiting } else { 0 };
        }
        (rivals, all)
    }

    /// Enters the nodes anew that something closes, now or later.
    fn refresh_closed(&mut self) {
        let pools: BTreeSet<PoolId> = self.closings.keys().flat_map(|target| self.pools_of(target)).collect();
        pools.into_iter().for_each(|id| self.refresh_pool(id));
    }

    /// One pass of the engine on what is to be undone: nobody is stopped, and no further nodes are kept.
    fn step_forward(&mut self, facts: &mut Vec<Fact>, done: &mut Vec<Done>) {
        self.derived.reopen_all |= self.derived.power.begin_round();
        self.reopen();
        self.restand();
        for id in std::mem::take(&mut self.derived.reserved_changed) {
            if let Some(Some(place)) = self.try_kept(id) {
                self.place_ahead(id, place, facts, done);
            }
        }
        let mut cursor = crate::queue::Cursor::default();
        let strict = self.derived.policy.backfill == crate::policy::Backfill::Strict;
        loop {
            let next = match strict {
                true => self.derived.queue.first().filter(|ticket| self.derived.queue.is_open(ticket.kind)),
                false => self.derived.queue.next_open(&mut cursor),
            };
            let Some(ticket) = next else { return };
            match self.place_for(ticket) {
                None => self.derived.close(ticket.kind),
                Some(place) => self.place_ahead(ticket.turn.job, place, facts, done),
            }
        }
    }

    fn place_ahead(&mut self, id: JobId, place: Place, facts: &mut Vec<Fact>, done: &mut Vec<Done>) {
        let job = &self.jobs[&id];
        let tenant = job.spec.tenant;
        done.push(Done::Placed { id, reservation: self.reserved.get(&id).cloned(), evicted_in: job.evicted_in });
        self.record(Fact::Placed(id, Arc::new(place)), facts);
        self.restand_family(tenant);
    }

    fn expected_end(&self, id: JobId, now: Time) -> Time {
        let job = &self.jobs[&id];
        let placed = job.stage.placed().unwrap_or(now);
        // What runs longer than was thought is thought to run as long again.
        let guess = self.guess(id);
        let end = placed + guess;
        if end > now { end } else { now + Span(((now - placed).0 / 2).max(1000)) }
    }

    fn before(&mut self) -> Before {
        self.derived.queue.freeze(true);
        self.derived.index.freeze(true);
        Before {
            clock: self.derived.clock,
            open: self.derived.queue.remember(),
            gained: self.derived.index.take_gained(),
            reserved_changed: self.derived.reserved_changed.clone(),
            restand: self.derived.restand.clone(),
            reopen_all: self.derived.reopen_all,
            moved: self.derived.moved,
            overdue_below: self.derived.overdue_below,
            bursts_changed: self.derived.bursts_changed.clone(),
            used: self.tenants.iter().map(|(id, tenant)| (*id, tenant.used, tenant.purse)).collect(),
            idle_since: self.idle_since.clone(),
            loads: self.loads.clone(),
            power: self.derived.power.remember(),
        }
    }

    fn undo(&mut self, done: Vec<Done>, before: Before) {
        // Nodes are entered into the index as of the time that it is again.
        self.derived.clock = before.clock;
        if done.iter().any(|step| matches!(step, Done::Opened)) {
            self.refresh_closed();
        }
        for step in done.into_iter().rev() {
            match step {
                Done::Placed { id, reservation, evicted_in } => {
                    self.give_back(self.derived.clock, id);
                    let job = self.job_mut(id);
                    job.stage = Stage::Waiting;
                    job.attempt -= 1;
                    job.evicted_in = evicted_in;
                    self.derived.waiting += 1;
                    self.enqueue_as_of(id, before.clock);
                    self.reserve(id, reservation.as_ref());
                }
                Done::Opened => {}
                // It still stands among those that pause.
                Done::Queued { id } => {
                    if let Some(ticket) = self.job_mut(id).seat.ticket.take() {
                        self.derived.queue.remove(ticket);
                    }
                }
                Done::Ended { id, stage, placed } => {
                    self.job_mut(id).stage = stage;
                    self.hold(self.derived.clock, id, placed, false);
                }
            }
        }
        for (id, used, purse) in before.used {
            let tenant = self.tenants.get_mut(&id).expect("tenants stay");
            (tenant.used, tenant.purse) = (used, purse);
        }
        self.idle_since = before.idle_since;
        self.loads = before.loads;
        self.derived.power.restore(before.power);
        self.derived.queue.freeze(false);
        self.derived.index.freeze(false);
        self.derived.queue.restore(&before.open);
        drop(self.derived.index.take_gained());
        self.derived.index.gain(&before.gained);
        self.derived.reserved_changed = before.reserved_changed;
        self.derived.restand = before.restand;
        self.derived.reopen_all = before.reopen_all;
        self.derived.moved = before.moved;
        self.derived.overdue_below = before.overdue_below;
        self.derived.bursts_changed = before.bursts_changed;
        // Shares are as before, and so must be where the lanes stand.
        self.derived.step = i64::MIN;
        self.restand();
    }

    /// The smallest changes of a wish that would start it now, and that can be paid.
    fn smaller(&self, spec: &Arc<Spec>, kind: &Kind, mut means: Option<Means>) -> Vec<(Smaller, PoolId)> {
        let shape = &spec.shape;
        let mut found = Vec::new();
        let ask = &shape.asks[0];
        let alone = |ask: crate::fact::Ask, rest: &Shape| Shape { asks: vec![ask], ..rest.clone() };
        let devices =
            (1..ask.devices.0).rev().map(|less| (less, alone(crate::fact::Ask { devices: Devices(less), ..ask.clone() }, shape)));
        self.first_that_fits(
            kind,
            means.as_ref(),
            devices,
            |to| Smaller::Devices { from: ask.devices, to: Devices(to) },
            &mut found,
        );
        let all = ask.replicas.unwrap_or(shape.replicas);
        let replicas = halvings(u64::from(all)).map(|less| {
            let ask = crate::fact::Ask { replicas: None, power: None, ..ask.clone() };
            (less as u32, Shape { replicas: less as u32, ..alone(ask, shape) })
        });
        self.first_that_fits(kind, means.as_ref(), replicas, |to| Smaller::Replicas { from: all, to }, &mut found);
        let cpu = halvings(shape.cpu.0).map(|less| (less, Shape { cpu: Cpu(less), ..shape.clone() }));
        self.first_that_fits(kind, means.as_ref(), cpu, |to| Smaller::Cpu { from: shape.cpu, to: Cpu(to) }, &mut found);
        let memory = halvings(shape.memory.0).map(|less| (less, Shape { memory: Memory(less), ..shape.clone() }));
        self.first_that_fits(
            kind,
            means.as_ref(),
            memory,
            |to| Smaller::Memory { from: shape.memory, to: Memory(to) },
            &mut found,
        );
        if !ask.models.is_empty() {
            let any = std::iter::once((0, alone(crate::fact::Ask { models: Vec::new(), ..ask.clone() }, shape)));
            self.first_that_fits(kind, means.as_ref(), any, |_| Smaller::AnyModel, &mut found);
        }
        let bounds = (0..kind.run.unwrap_or(u8::MAX)).rev();
        // From a minute up to a year: beyond, nobody would say so.
        let bounds = bounds.filter(|class| (60_001..365 * 24 * Span::HOUR.0).contains(&crate::queue::bound(*class).0));
        let shorter: Vec<u8> = bounds.step_by(4).take(24).collect();
        for run in shorter {
            let kind = Kind { run: Some(run), ..kind.clone() };
            if let Some(means) = &mut means {
                means.span = crate::queue::bound(run);
            }
            if let Some(pool) = self.fits_now(&kind, &spec.shape, means.as_ref()) {
                found.push((Smaller::TimeLimit { to: crate::queue::bound(run) }, pool));
                break;
            }
        }
        found
    }

    fn first_that_fits<T: Copy>(
        &self,
        kind: &Kind,
        means: Option<&Means>,
        smaller: impl Iterator<Item = (T, Shape)>,
        told: impl Fn(T) -> Smaller,
        found: &mut Vec<(Smaller, PoolId)>,
    ) {
        for (to, shape) in smaller.take(64) {
            if shape.cpu.0 == 0 && shape.asks.iter().any(|ask| ask.devices.0 == 0) {
                break;
            }
            if let Some(pool) = self.fits_now(kind, &shape, means) {
                found.push((told(to), pool));
                return;
            }
        }
    }
}

/// What is to be as it was.
struct Before {
    clock: Time,
    open: FixedBitSet,
    gained: Vec<u32>,
    reserved_changed: BTreeSet<JobId>,
    restand: FixedBitSet,
    reopen_all: bool,
    moved: bool,
    overdue_below: JobId,
    bursts_changed: BTreeSet<JobId>,
    used: Vec<(TenantId, Use, Option<Purse>)>,
    idle_since: BTreeMap<JobId, Vec<Time>>,
    loads: BTreeMap<measure::Name, crate::power::Load>,
    power: Vec<(i64, BTreeMap<JobId, i64>)>,
}

/// Seven eighths of a number, three quarters, … down to an eighth, then by halves.
fn halvings(from: u64) -> impl Iterator<Item = u64> {
    let eighths = (1..8).rev().map(move |part| (u128::from(from) * part / 8) as u64);
    let halves = (4..12).map(move |shift| from >> shift);
    let mut last = from;
    eighths.chain(halves).filter(move |less| *less > 0 && std::mem::replace(&mut last, *less) != *less)
}
