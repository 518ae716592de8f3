//! The event loop: what a live hub hears from its tenants and agents, a trace says here in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use census::Census;
use dispatch::{Command, End, EnergySource, Fact, Hub, Place, Policy, Refusal, Report, Request, Spec, Usage};
use measure::{Devices, Energy, JobId, Name, PoolId, Power, Span, TenantId, Time};
use settle::{Body, Entry, Ledger};

use crate::cluster::{EXECUTOR, Pools, widest_node};
use crate::effort::Effort;
use crate::figures::Figures;
use crate::trace::{Trace, TraceJob, note};
use crate::witness::Witness;

/// What a replay is told beside the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The date of the trace's beginning, so that dated prices and factors apply.
    pub start: Time,
}

impl Options {
    /// 2026-01-01T00:00:00Z.
    pub const START: Time = Time(1_767_225_600_000);

    /// The date at which the trace itself says it began, else [`Options::START`].
    pub fn of(trace: &Trace) -> Options {
        Options { start: trace.begins.unwrap_or(Options::START) }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { start: Options::START }
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
    /// What a reader of the figures must know.
    pub notes: Vec<String>,
}

/// Replays a trace to its end. The hub refuses only what no pool could be: a node of too many devices, say.
pub fn run(trace: &Trace, pools: &Pools, census: &Census, policy: Policy, options: Options) -> Result<Outcome, Refusal> {
    let mut world = World::new(trace, pools, census, policy, options)?;
    while world.step() {}
    Ok(world.outcome())
}

/// A replay between two instants.
#[derive(Debug)]
pub struct World<'a> {
    trace: &'a Trace,
    policy: Policy,
    start: Time,
    node: Devices,
    tenants: BTreeMap<Name, TenantId>,
    ledger: Ledger,
    /// Position in the trace of the next job to arrive.
    next: usize,
    /// Position in the trace of each accepted job; ids are counted from 1.
    accepted: Vec<usize>,
    ends: BinaryHeap<Reverse<(Time, JobId)>>,
    entries: Vec<Entry>,
    witness: Witness,
    effort: Effort,
    refused: u64,
    cut: u64,
}

impl<'a> World<'a> {
    /// A hub with its census, tenants and pools, in touch and empty.
    pub fn new(trace: &'a Trace, pools: &Pools, census: &Census, policy: Policy, options: Options) -> Result<World<'a>, Refusal> {
        let mut world = World {
            trace,
            policy,
            start: options.start,
            node: widest_node(pools),
            tenants: BTreeMap::new(),
            ledger: Ledger::default(),
            next: 0,
            accepted: Vec::with_capacity(trace.jobs.len()),
            ends: BinaryHeap::new(),
            entries: Vec::new(),
            witness: Witness::default(),
            effort: Effort::default(),
            refused: 0,
            cut: 0,
        };
        world.ask(options.start, Request::Census(Census::default().changes_to(census)))?;
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
    /// then all arrivals join, then there is one round. False once nothing will ever happen again.
    pub fn step(&mut self) -> bool {
        let arrival = self.trace.jobs.get(self.next).map(|job| self.start + job.submit);
        let end = self.ends.peek().map(|Reverse((at, _))| *at);
        let Some(now) = arrival.into_iter().chain(end).min() else { return false };
        self.entries.clear();
        while let Some(Reverse((_, id))) = self.ends.peek().copied().filter(|Reverse((at, _))| *at == now) {
            self.ends.pop();
            self.end(now, id);
        }
        while let Some(job) = self.trace.jobs.get(self.next).filter(|job| self.start + job.submit == now) {
            self.submit(now, job);
            self.next += 1;
        }
        self.round(now);
        self.witness.see(&self.entries);
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
        if figures.energy.is_some_and(|energy| energy > Energy(0)) {
            notes.push("Energy is devices × thermal design power × run: no host, and no idle device, is in it.".to_owned());
        }
        if !figures.accelerated() {
            notes.push("There are no accelerators here: a device is a core.".to_owned());
        }
        let unplaced = figures.unended();
        let (start, refused, effort) = (self.start, self.refused, self.effort);
        Outcome { start, figures, refused, unplaced, effort, journal_sha256, notes }
    }

    fn ask(&mut self, now: Time, request: Request) -> Result<(), Refusal> {
        self.effort.spend(|| self.ledger.ask(now, request, &mut self.entries))
    }

    /// What a pool's agent says in a replay is always true and in time, so the hub cannot refuse it.
    fn report(&mut self, now: Time, pool: PoolId, id: JobId, report: Report) {
        self.ask(now, Request::Report(pool, id, report)).expect("a job is reported on by the pool it was placed in");
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
            command: Command::default(),
        };
        match self.ask(now, Request::Submit(Arc::new(spec))) {
            Ok(()) => {
                self.accepted.push(self.next);
                self.cut += u64::from(cut);
            }
            Err(_) => self.refused += 1,
        }
    }

    fn round(&mut self, now: Time) {
        let before = self.entries.len();
        self.effort.spend(|| self.ledger.round(now, self.policy, &mut self.entries));
        self.effort.rounds += 1;
        for at in before..self.entries.len() {
            let Body::Fact(Fact::Placed(id, place)) = &self.entries[at].body else { continue };
            let (id, pool) = (*id, place.pool);
            self.effort.placements += 1;
            self.report(now, pool, id, Report::Started);
            let (run, _) = fate(self.job(id));
            self.ends.push(Reverse((now + run, id)));
        }
    }

    fn end(&mut self, now: Time, id: JobId) {
        let job = self.ledger.hub.jobs.get(&id).expect("a job stays until it has ended");
        let place = job.stage.held().expect("it was placed when its end was foreseen");
        let pool = place.pool;
        let (run, end) = fate(self.job(id));
        let (energy, energy_source) = energy(&self.ledger.hub, place, run);
        let usage = Usage { run, energy, energy_source, ..Usage::default() };
        self.report(now, pool, id, Report::Ended(end, usage));
    }

    fn job(&self, id: JobId) -> &'a TraceJob {
        let at = usize::try_from(id.0).expect("ids fit a word") - 1;
        &self.trace.jobs[self.accepted[at]]
    }
}

/// How long a job runs once it has started, and how it ends: as in the trace, or at its limit.
fn fate(job: &TraceJob) -> (Span, End) {
    match job.time_limit {
        Some(limit) if limit < job.run => (limit, End::OverTime),
        _ => (job.run, End::Exited(0)),
    }
}

/// Devices × the power their model is designed for × run. Without devices, or for a model of unknown power,
/// nobody knows: it is not nothing.
fn energy(hub: &Hub, place: &Place, run: Span) -> (Energy, EnergySource) {
    let devices: u32 = place.slots.iter().map(|slot| slot.devices.count_ones()).sum();
    let first = place.slots.first().map(|slot| &hub.pools[&place.pool].nodes[slot.node as usize].node);
    let model = first.and_then(|node| node.model.as_ref()).and_then(|model| hub.census.accelerators.get(model));
    match model.and_then(|model| model.tdp) {
        Some(Power(each)) if devices > 0 => (Power(each * i64::from(devices)) * run, EnergySource::Modelled),
        _ => (Energy(0), EnergySource::Unknown),
    }
}
