//! The event loop: what a live hub hears from its tenants and agents, a trace says here in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use census::{Census, Change};
use dispatch::{End, EnergySource, Fact, Hub, Place, Policy, Refusal, Report, Request, Spec, Start, Suspend, Usage, WHOLE};
use measure::{Devices, Energy, JobId, Name, PoolId, Power, Span, TenantId, Time};
use settle::{Body, Entry, Ledger};

use crate::cluster::{EXECUTOR, Pools, widest_node};
use crate::demand::{Demand, Peaks};
use crate::effort::Effort;
use crate::figures::Figures;
use crate::offline::Offline;
use crate::signal::Signal;
use crate::trace::{Trace, TraceJob, note};
use crate::witness::Witness;

/// What a replay is told beside the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The date of the trace's beginning, so that dated prices and factors apply.
    pub start: Time,
    /// Signals beside the trace. A policy that looks again is told each hour of them when it comes, and forecasts; the others know all
    /// hours from the beginning, as they were published.
    pub signals: Vec<Signal>,
    /// How the hours ahead are foretold.
    pub model: forecast::Model,
    /// Whether a policy that looks again knows all hours, too: what it would do with forecasts that are never off.
    pub hours_known: bool,
}

impl Options {
    /// 2026-01-01T00:00:00Z.
    pub const START: Time = Time(1_767_225_600_000);

    /// The date at which the trace itself says it began, else [`Options::START`].
    pub fn of(trace: &Trace) -> Options {
        Options { start: trace.begins.unwrap_or(Options::START), ..Options::default() }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { start: Options::START, signals: Vec::new(), model: forecast::Model::default(), hours_known: false }
    }
}

/// What came of a replay.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The date of the trace's beginning.
    pub start: Time,
    /// The figures of the history.
    pub figures: Figures,
    /// Jobs the hub refused when they were submitted.
    pub refused: u64,
    /// Jobs still waiting when nothing could happen any more.
    pub unplaced: u64,
    /// What the engine's work took.
    pub effort: Effort,
    /// SHA-256 over the entries, each as a line of JSON, in lower-case hexadecimal digits.
    pub journal_sha256: String,
    /// Whether signals were given.
    pub signals: bool,
    /// What the jobs would have emitted at other hours, where there are signals and nothing limits who runs when.
    pub offline: Option<Offline>,
    /// The months' highest demands, where somebody said what nodes draw.
    pub demand: Option<Demand>,
    /// What a reader of the figures must know.
    pub notes: Vec<String>,
}

impl Outcome {
    /// What was emitted, against running every job at once with nothing in the way.
    pub fn carbon_ratio(&self) -> Option<f64> {
        let at_once = self.offline?.carbon?.at_once?;
        (at_once > 0.0).then_some(self.figures.carbon?.as_kg() / at_once)
    }

    /// What was paid, against running every job at once: for electricity where its price is a signal, else for the time in which
    /// cores were held, at one price.
    pub fn cost_ratio(&self) -> Option<f64> {
        let offline = self.offline?;
        match offline.cost {
            Some(cost) => {
                let paid = self.figures.energy_cost?.0 as f64 / 1e6;
                Some(paid / cost.at_once?).filter(|ratio: &f64| ratio.is_finite())
            }
            None => (offline.core_time > 0).then(|| self.figures.core_time() as f64 / offline.core_time as f64),
        }
    }
}

/// Replays a trace to its end. The hub refuses only what no pool could be: a node of too many devices, say.
pub fn run(trace: &Trace, pools: &Pools, census: &Census, policy: &Policy, options: Options) -> Result<Outcome, Refusal> {
    let mut world = World::new(trace, pools, census, policy, options)?;
    while world.step() {}
    Ok(world.outcome())
}

/// A replay between two instants.
#[derive(Debug)]
pub struct World<'a> {
    trace: &'a Trace,
    /// The hub is told how long each job will run, as some published simulations tell their policies.
    oracle: bool,
    start: Time,
    node: Devices,
    tenants: BTreeMap<Name, TenantId>,
    ledger: Ledger,
    /// Position in the trace of the next job to arrive.
    next: usize,
    /// Position in the trace of each accepted job; ids are counted from 1.
    accepted: Vec<usize>,
    /// When what runs will end, by the attempt it is.
    ends: BinaryHeap<Reverse<(Time, JobId, u32)>>,
    /// What is left to run of jobs that saved their state when they were stopped.
    left: BTreeMap<JobId, Span>,
    entries: Vec<Entry>,
    witness: Witness,
    effort: Effort,
    now: Time,
    /// Something was freed by the round itself.
    again: bool,
    /// Jobs that save their state.
    saving: BTreeSet<JobId>,
    signals: Vec<Signal>,
    /// Of each signal, where the hub is told it hour by hour.
    foretold: Vec<forecast::Forecaster>,
    /// The hour of the trace that is told next, if any is.
    hour: Option<i64>,
    model: forecast::Model,
    peaks: Peaks,
    refused: u64,
    cut: u64,
}

impl<'a> World<'a> {
    /// A hub with its census, tenants and pools, in touch and empty.
    pub fn new(
        trace: &'a Trace,
        pools: &Pools,
        census: &Census,
        policy: &Policy,
        options: Options,
    ) -> Result<World<'a>, Refusal> {
        let mut world = World {
            trace,
            oracle: policy.name == ORACLE,
            start: options.start,
            node: widest_node(pools),
            tenants: BTreeMap::new(),
            ledger: Ledger::default(),
            next: 0,
            accepted: Vec::with_capacity(trace.jobs.len()),
            ends: BinaryHeap::new(),
            left: BTreeMap::new(),
            entries: Vec::new(),
            witness: Witness::default(),
            effort: Effort::default(),
            now: Time(i64::MIN),
            again: false,
            saving: BTreeSet::new(),
            signals: options.signals,
            foretold: Vec::new(),
            hour: None,
            model: options.model,
            peaks: Peaks::default(),
            refused: 0,
            cut: 0,
        };
        world.ledger.hub.adopt(policy.clone());
        world.ask(options.start, Request::HalfLife(policy.half_life))?;
        let mut census = census.clone();
        if !world.signals.is_empty() && census.hub.region.is_empty() {
            census.hub.region = "grid".to_owned();
        }
        world.ask(options.start, Request::Census(Census::default().changes_to(&census)))?;
        world.tell_past(&census.hub.region, options.hours_known)?;
        for (name, data) in &trace.data {
            world.ask(options.start, Request::Keep(name.clone(), Some(data.clone())))?;
        }
        for tenant in trace.tenants() {
            world.ask(options.start, Request::Admit(tenant))?;
        }
        world.tenants = world.ledger.hub.tenants.iter().map(|(id, tenant)| (tenant.name.clone(), *id)).collect();
        for (join, nodes) in pools {
            world.ask(options.start, Request::Join(dispatch::Join { executor: EXECUTOR.to_owned(), ..join.clone() }))?;
            let id = world.ledger.hub.pool_named(&join.name).expect("it has just joined");
            world.ask(options.start, Request::See(id, nodes.clone()))?;
            world.ask(options.start, Request::Contact(id, true))?;
        }
        world.witness.see(&world.entries);
        Ok(world)
    }

    /// Lives through the next instant at which something happens: first all jobs that end free their devices,
    /// then all arrivals join, then there is a round, and another if work was stopped for other work. False once nothing will
    /// ever happen again.
    pub fn step(&mut self) -> bool {
        let arrival = self.trace.jobs.get(self.next).map(|job| self.start + job.submit);
        let end = self.ends.peek().map(|Reverse((at, ..))| *at);
        // What runs may have to be suspended.
        let pauses = end.is_some() && self.start_of_all() != Start::Now;
        let comes = arrival.is_some() || self.ledger.hub.waiting() > 0 || pauses;
        let wake = self.ledger.hub.next_wake().filter(|at| *at > self.now && comes);
        let more = arrival.is_some() || end.is_some() || self.ledger.hub.waiting() > 0;
        let hour = self.hour.filter(|_| more).map(|hour| self.start + Span(hour * Span::HOUR.0));
        let Some(now) = arrival.into_iter().chain(end).chain(wake).chain(hour).min() else { return false };
        self.now = now;
        self.entries.clear();
        if hour == Some(now) {
            self.tell_hour(now);
        }
        while let Some(Reverse((_, id, attempt))) = self.ends.peek().copied().filter(|Reverse((at, ..))| *at == now) {
            self.ends.pop();
            if self.ledger.hub.jobs.get(&id).is_some_and(|job| job.attempt == attempt && job.stage.held().is_some()) {
                self.end(now, id);
            }
        }
        while let Some(job) = self.trace.jobs.get(self.next).filter(|job| self.start + job.submit == now) {
            self.submit(now, job);
            self.next += 1;
        }
        self.again = true;
        while std::mem::take(&mut self.again) {
            self.round(now);
        }
        // What started just now is asked for its first pause.
        if self.ledger.hub.next_wake().is_some_and(|at| at <= now) {
            self.round(now);
        }
        self.witness.see(&self.entries);
        self.peaks.see(&self.ledger.hub);
        true
    }

    /// The hub as it is now.
    pub fn hub(&self) -> &Hub {
        &self.ledger.hub
    }

    /// The hub and its book as they are now.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The entries of the last instant; before the first, those of the beginning.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What came of it so far.
    pub fn outcome(self) -> Outcome {
        let mut notes = self.trace.notes.clone();
        let (figures, journal_sha256) = self.witness.finish();
        note(&mut notes, &format!("Jobs wider than a node, which run as replicas of {} devices each", self.node), self.cut);
        note(&mut notes, "Jobs stopped at their time limit", figures.over_time);
        let by_core = self.trace.power_per_core.is_some();
        let told = !self.ledger.hub.census.powers.is_empty();
        if told && !by_core {
            notes.push(
                "Energy is what the census says that devices and cores draw at full load × run: what stands idle is in no job's."
                    .to_owned(),
            );
        } else if !by_core && figures.energy.is_some_and(|energy| energy > Energy(0)) {
            notes.push("Energy is devices × thermal design power × run: no host, and no idle device, is in it.".to_owned());
        }
        if !by_core && !figures.accelerated() {
            notes.push("There are no accelerators here: a device is a core.".to_owned());
        }
        let unplaced = figures.unended();
        notes.extend(self.signals.iter().flat_map(|signal| signal.notes.clone()));
        let (refused, effort) = (self.refused, self.effort);
        let (census, start) = (&self.ledger.hub.census, self.start);
        let pue = |site: Option<&measure::Name>| site.and_then(|site| census.pue(site, start)).unwrap_or(measure::Pue::LEAST);
        let offline = Offline::of(self.trace, self.accepted.iter().map(|at| &self.trace.jobs[*at]), &self.signals, pue);
        let signals = !self.signals.is_empty();
        let demand = self.peaks.demand(&self.ledger.hub);
        Outcome { signals, start, figures, refused, unplaced, effort, journal_sha256, offline, demand, notes }
    }

    fn ask(&mut self, now: Time, request: Request) -> Result<(), Refusal> {
        self.effort.spend(|| self.ledger.ask(now, request, &mut self.entries))
    }

    /// What a pool's agent says in a replay is always true and in time, so the hub cannot refuse it.
    fn report(&mut self, now: Time, pool: PoolId, id: JobId, report: Report) {
        self.ask(now, Request::Report(pool, id, 0, report)).expect("a job is reported on by the pool it was placed in");
    }

    fn submit(&mut self, now: Time, job: &TraceJob) {
        let shape = job.shape_on(self.node);
        let cut = shape.replicas != job.shape.replicas;
        let spec = Spec {
            tenant: self.tenants[&job.tenant],
            name: job.name.clone(),
            shape,
            time_limit: job.time_limit,
            priority: job.priority,
            suspend: job.spec.suspend.or((self.start_of_all() == Start::LowestHours).then(Suspend::default)),
            ..job.spec.clone()
        };
        match self.ask(now, Request::Submit(Arc::new(spec))) {
            Ok(()) => {
                self.accepted.push(self.next);
                self.cut += u64::from(cut);
                if let Some(run) = self.told_of(job) {
                    let id = JobId(self.accepted.len() as u64);
                    self.ask(now, Request::Expect(id, run)).expect("it was accepted just now");
                }
            }
            Err(_) => self.refused += 1,
        }
    }

    fn round(&mut self, now: Time) {
        let before = self.entries.len();
        self.effort.spend(|| self.ledger.round(now, &mut self.entries));
        self.effort.rounds += 1;
        let mut at = before;
        while let Some(entry) = self.entries.get(at) {
            match &entry.body {
                Body::Fact(Fact::Placed(id, place)) => {
                    let (id, pool) = (*id, place.pool);
                    self.effort.placements += 1;
                    self.report(now, pool, id, Report::Started);
                    let job = &self.ledger.hub.jobs[&id];
                    let load = job.spec.suspend.map_or(Span::ZERO, |costs| costs.load);
                    let run = self.left.get(&id).map_or_else(|| fate(self.job(id)).0, |left| *left + load);
                    self.ends.push(Reverse((now + run, id, self.ledger.hub.jobs[&id].attempt)));
                }
                Body::Fact(Fact::StopWanted(id, _)) => self.stop(now, *id),
                _ => {}
            }
            at += 1;
        }
    }

    /// Work that is told to stop does so at once; with a notice it saves its state, which may take a while.
    fn stop(&mut self, now: Time, id: JobId) {
        let job = &self.ledger.hub.jobs[&id];
        let dispatch::Stage::Stopping { placed, .. } = &job.stage else { return };
        let (ran, attempt, costs) = (now - *placed, job.attempt, job.spec.suspend);
        if job.spec.notice.is_some() || costs.is_some() {
            let left = self.left.get(&id).copied();
            let load = costs.filter(|_| left.is_some()).map_or(Span::ZERO, |costs| costs.load);
            let left = left.unwrap_or_else(|| fate(self.job(id)).0) - Span((ran - load).0.max(0));
            let save = costs.map_or(Span::ZERO, |costs| costs.save);
            if left <= save {
                // It is done before its state is saved.
                return;
            }
            self.left.insert(id, left);
            if save > Span::ZERO {
                self.saving.insert(id);
                self.ends.push(Reverse((now + save, id, attempt)));
                return;
            }
        }
        self.stopped(now, id);
        // Its place may be wanted at this very instant.
        self.again = true;
    }

    /// What was told to stop has stopped.
    fn stopped(&mut self, now: Time, id: JobId) {
        let job = &self.ledger.hub.jobs[&id];
        let dispatch::Stage::Stopping { place, placed, .. } = &job.stage else { return };
        let (pool, run) = (place.pool, now - *placed);
        let (energy, energy_source) = energy(&self.ledger.hub, place, run, self.trace.power_per_core);
        let usage = Usage { run, energy, energy_source, ..Usage::default() };
        self.report(now, pool, id, Report::Ended(End::Cancelled, usage));
    }

    fn end(&mut self, now: Time, id: JobId) {
        if self.saving.remove(&id) {
            return self.stopped(now, id);
        }
        let job = self.ledger.hub.jobs.get(&id).expect("a job stays until it has ended");
        let placed = job.stage.placed().expect("it was placed when its end was foreseen");
        let place = job.stage.held().expect("it was placed when its end was foreseen");
        let pool = place.pool;
        let (_, end) = fate(self.job(id));
        self.left.remove(&id);
        let run = now - placed;
        let (energy, energy_source) = energy(&self.ledger.hub, place, run, self.trace.power_per_core);
        let usage = Usage { run, energy, energy_source, ..Usage::default() };
        self.report(now, pool, id, Report::Ended(end, usage));
    }

    fn start_of_all(&self) -> Start {
        self.ledger.hub.policy().timing.start
    }

    /// How long the hub is told that a job will run: what published policies are told, and nobody else.
    fn told_of(&self, job: &TraceJob) -> Option<Span> {
        match self.start_of_all() {
            Start::LowestHours => Some(job.run),
            Start::LowestWindow | Start::CarbonTime => self.trace.usual.get(&job.tenant).copied(),
            _ => self.oracle.then_some(job.run),
        }
    }

    /// The hours before the trace; all of them for policies that know what comes.
    fn tell_past(&mut self, region: &str, known: bool) -> Result<(), Refusal> {
        if self.signals.is_empty() {
            return Ok(());
        }
        let hourly = self.start_of_all() == Start::Cheapest && !known;
        let last = self.trace.jobs.iter().map(|job| job.submit + job.run + job.spec.patience.unwrap_or(Span::ZERO)).max();
        let hours = last.map_or(0, |last| last.0 / Span::HOUR.0 + 1) + HOURS_BEYOND;
        let mut changes = Vec::new();
        for signal in &self.signals {
            let mut values = signal.past(self.start);
            if hourly {
                let mut foretold = forecast::Forecaster::new(self.model);
                // From a midnight on, as profiles are of days.
                values.iter().for_each(|(_, value)| foretold.read(*value));
                self.foretold.push(foretold);
            } else {
                values.extend((0..hours).map(|hour| (self.start + Span(hour * Span::HOUR.0), signal.at(hour))));
            }
            changes.push(readings(signal.kind, &signal.scope(region), values));
        }
        self.hour = hourly.then_some(0);
        self.ask(self.start, Request::Census(changes))
    }

    /// An hour has come: its readings, and what they let foretell.
    fn tell_hour(&mut self, now: Time) {
        let Some(hour) = self.hour else { return };
        let region = self.ledger.hub.census.hub.region.clone();
        let mut changes = Vec::new();
        for (signal, foretold) in self.signals.iter().zip(&mut self.foretold) {
            foretold.read(signal.at(hour));
            let scope = signal.scope(&region);
            changes.push(readings(signal.kind, &scope, vec![(now, signal.at(hour))]));
            changes.push(Change::Outlook(census::Outlook {
                kind: signal.kind,
                scope,
                from: now + Span::HOUR,
                values: foretold.ahead(forecast::AHEAD),
                error_permille: foretold.error_permille(),
                source: self.model.to_string(),
            }));
        }
        self.hour = Some(hour + 1);
        self.ask(now, Request::Census(changes)).expect("readings are taken over");
    }

    fn job(&self, id: JobId) -> &'a TraceJob {
        let at = usize::try_from(id.0).expect("ids fit a word") - 1;
        &self.trace.jobs[self.accepted[at]]
    }
}

/// Hours that are told beyond the last end: a policy that knows what comes looks a week ahead.
const HOURS_BEYOND: i64 = 8 * 24;

fn readings(kind: census::SeriesKind, region: &str, values: Vec<(Time, i64)>) -> Change {
    Change::Readings(census::Readings { kind, scope: region.to_owned(), values, source: "replay".to_owned() })
}

/// The policy that is told how long jobs will run.
const ORACLE: &str = "protocol-sjf";

/// How long a job runs once it has started, and how it ends: as in the trace, or at its limit.
fn fate(job: &TraceJob) -> (Span, End) {
    match job.time_limit {
        Some(limit) if limit < job.run => (limit, End::OverTime),
        _ => (job.run, End::Exited(0)),
    }
}

/// Devices × the power their model is designed for × run. Without devices, or for a model of unknown power,
/// nobody knows: it is not nothing.
fn energy(hub: &Hub, place: &Place, run: Span, core: Option<Power>) -> (Energy, EnergySource) {
    if let Some(core) = core {
        let power = Power(i64::try_from(i128::from(core.0) * i128::from(place.cores().0) / 1000).unwrap_or(i64::MAX));
        return (power * run, EnergySource::Modelled);
    }
    if let Some(power) = hub.drawn(place) {
        return (power * run, EnergySource::Modelled);
    }
    let milli: u64 = place.slots.iter().map(dispatch::Slot::milli).sum();
    let first = place.slots.first().map(|slot| &hub.pools[&place.pool].nodes[slot.node as usize].node);
    let model = first.and_then(|node| node.model.as_ref()).and_then(|model| hub.census.accelerators.get(model));
    match model.and_then(|model| model.tdp) {
        Some(Power(each)) if milli > 0 => (Power(each * milli as i64 / i64::from(WHOLE)) * run, EnergySource::Modelled),
        _ => (Energy(0), EnergySource::Unknown),
    }
}
