//! Every attempt that the cluster has, from its submission to its end. One thread decides; others wait for Slurm's tools.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use dispatch::{End, EnergySource, LostReason, Node, Occupied};
use measure::{CoreTime, Energy, JobId, Memory, Span, Time};

use super::asking::{QueueAsk, Signalled, Submitter, send_signals};
use super::launch::{self, Layout};
use super::manager::{Manager, Sample, Signal, Which};
use super::occupied;
use super::read::{JobLine, NodeLine};
use super::records;
use super::run::{Ran, Run, Stage, Stop, Why, silent_end, told_end};
use super::tools::Fault;
use crate::energy;
use crate::folder::{job_folder, run_of};
use crate::reconcile::SeenReplica;
use crate::site::{News, Order};
use crate::wire::{WantedJob, at_site};

/// How many `sbatch` run at a time.
const SUBMITTERS: usize = 4;
/// Between two looks at the queue while something is about to change, while nothing is, and while nothing is there.
const QUEUE_BUSY: Duration = Duration::from_millis(200);
const QUEUE_CALM: Duration = Duration::from_secs(1);
const QUEUE_EMPTY: Duration = Duration::from_secs(30);
/// Between two looks at the nodes.
const NODES: Duration = Duration::from_millis(1500);
/// Between two looks at what running jobs use, where the cluster samples it.
const SAMPLES: Duration = Duration::from_secs(5);
/// Looks are so rare that the tools run at most this part of the time: a fourth for the queue, a thirtieth for the nodes.
const QUEUE_SHARE: u32 = 4;
const NODES_SHARE: u32 = 30;
/// What waits at the cluster for so long is told with its reason.
const TOLD_AFTER: Duration = Duration::from_secs(2);
/// How long an attempt waits at the cluster for nodes that others took.
const PATIENCE: Duration = Duration::from_secs(5);
/// What ended so lately may still be counted among what a node's jobs use.
const LATELY: Duration = Duration::from_secs(4);
/// How long a shared folder may take to show what a node wrote.
const SHOWN_WITHIN: Duration = Duration::from_secs(6);
/// How often Slurm must know nothing of a job before it is taken for gone.
const MISSING_MOST: u32 = 5;
/// Between two looks at whether a gang hangs.
const LOOKED_EVERY: Duration = Duration::from_secs(5);
/// When a signal that had no effect is sent again.
const AGAIN: Duration = Duration::from_secs(5);
/// Between two times that nodes are put to sleep, and after the cluster has refused it.
const SLEEP: Duration = Duration::from_secs(5);
const SLEEPLESS: Duration = Duration::from_secs(600);
/// From TERM to KILL where a time limit was passed.
const LIMIT_GRACE: Span = Span::seconds(10);

/// What the worker hears.
pub(super) enum Event {
    Orders(Vec<Order>),
    Submitted(JobId, Result<u64, Fault>),
    /// What the queue holds, as of a look that began then.
    Active(Instant, Result<Vec<JobLine>, Fault>),
    /// What became of attempts whose jobs are not in the queue any more.
    Ended(Vec<(JobId, u64)>, Result<Vec<JobLine>, Fault>),
    Nodes(Result<Vec<NodeLine>, Fault>),
    /// What jobs that run use so far.
    Samples(Result<Vec<Sample>, Fault>),
    /// This one was not told.
    Unsignalled(JobId),
    /// Nodes could not be put to sleep.
    Sleepless(Fault),
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn span(span: Span) -> Duration {
    Duration::from_millis(span.0.max(0).unsigned_abs())
}

/// See the module.
pub(super) struct Worker<N> {
    folder: PathBuf,
    options: super::Options,
    mark: String,
    news: N,
    inbox: Sender<Event>,
    layout: Arc<Mutex<Layout>>,
    runs: BTreeMap<JobId, Run>,
    submit: Sender<WantedJob>,
    submissions: Option<Receiver<WantedJob>>,
    queue: Sender<QueueAsk>,
    queue_asks: Option<Receiver<QueueAsk>>,
    nodes_ask: Sender<()>,
    nodes_asks: Option<Receiver<()>>,
    signals: Sender<Signalled>,
    signal_asks: Option<Receiver<Signalled>>,
    queue_due: Option<Instant>,
    queue_asked: Instant,
    nodes_due: Option<Instant>,
    nodes_asked: Instant,
    /// When something last changed.
    changed: Instant,
    nodes: Vec<Node>,
    /// What the last look at the nodes found others to use, and what the hub was told.
    reading: Option<BTreeMap<String, Occupied>>,
    others: Vec<(String, Occupied)>,
    /// Nodes that the hub would have asleep, and when the cluster may be asked for that again.
    sleep: Vec<String>,
    sleep_due: Instant,
    partition: String,
    accounting: bool,
    /// Whether what jobs use is sampled there, and the energy of nodes with it; when it is looked at next.
    sampled: bool,
    energy: bool,
    samples_due: Option<Instant>,
    samples_asked: Instant,
    /// Jobs that were told to go because they were there twice or wanted by nobody.
    doubles: BTreeSet<u64>,
    /// What went wrong last, so that it is said once.
    fault: Option<String>,
}

impl<N: Fn(News) -> bool + Send + 'static> Worker<N> {
    pub(super) fn new(folder: &Path, options: &super::Options, mark: &str, news: N, inbox: Sender<Event>) -> Worker<N> {
        let (submit, submissions) = channel();
        let (queue, queue_asks) = channel();
        let (nodes_ask, nodes_asks) = channel();
        let (signals, signal_asks) = channel();
        let start = Instant::now();
        Worker {
            folder: folder.to_owned(),
            options: options.clone(),
            mark: mark.to_owned(),
            news,
            inbox,
            layout: Arc::default(),
            runs: BTreeMap::new(),
            submit,
            submissions: Some(submissions),
            queue,
            queue_asks: Some(queue_asks),
            nodes_ask,
            nodes_asks: Some(nodes_asks),
            signals,
            signal_asks: Some(signal_asks),
            queue_due: Some(start),
            queue_asked: start,
            nodes_due: Some(start),
            nodes_asked: start,
            changed: start,
            nodes: Vec::new(),
            reading: None,
            others: Vec::new(),
            sleep: Vec::new(),
            sleep_due: start,
            partition: String::new(),
            accounting: false,
            sampled: false,
            energy: false,
            samples_due: Some(start + SAMPLES),
            samples_asked: start,
            doubles: BTreeSet::new(),
            fault: None,
        }
    }

    /// Serves until the agent is gone.
    pub(super) fn run(mut self, fresh: bool, events: &Receiver<Event>) {
        let mut pause = Duration::from_millis(500);
        while let Err(fault) = self.learn() {
            if matches!(fault, Fault::Unlike(_) | Fault::Missing { .. }) {
                self.tell(News::Gone(std::io::Error::other(fault.to_string())));
                return;
            }
            self.complain(&fault);
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(30));
        }
        self.start_threads();
        if !(self.news)(News::Listed { fresh }) {
            return;
        }
        loop {
            self.press_on();
            self.ask();
            let wait = self.next_due().saturating_duration_since(Instant::now());
            match events.recv_timeout(wait.min(Duration::from_secs(1))) {
                Ok(event) => {
                    if !self.hear(event) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Says what is wrong with the cluster, once.
    fn complain(&mut self, fault: &Fault) {
        let told = fault.to_string();
        if self.fault.as_ref() != Some(&told) {
            tracing::warn!(fault = told, "the cluster cannot be asked; it is asked again");
            self.fault = Some(told);
        }
    }

    fn well(&mut self) {
        if self.fault.take().is_some() {
            tracing::info!("the cluster answers again");
        }
    }

    fn tell(&self, news: News) -> bool {
        (self.news)(news)
    }

    /// Everything there is at first: the cluster, its nodes, and attempts of before.
    fn learn(&mut self) -> Result<(), Fault> {
        let manager = self.options.manager.clone();
        if let Manager::Rest(_) = manager {
            self.options.sbatch.iter().try_for_each(|argument| super::rest::said(argument).map(drop))?;
        }
        let settings = manager.settings()?;
        self.accounting = settings.accounting;
        (self.sampled, self.energy) = (settings.sampled, settings.energy);
        let partitions = manager.partitions()?;
        let wanted = self.options.partition.clone();
        let chosen =
            partitions.iter().find(|partition| wanted.as_ref().map_or(partition.default, |name| partition.name == *name));
        let Some(chosen) = chosen else {
            let names: Vec<&str> = partitions.iter().map(|partition| partition.name.as_str()).collect();
            let what = wanted.map_or_else(|| "no default partition".to_owned(), |name| format!("no partition {name}"));
            return Err(Fault::Unlike(format!("the cluster has {what}; there are {}", names.join(", "))));
        };
        self.partition.clone_from(&chosen.name);
        let nodes = self.ask_nodes()?;
        // Where it is not known, memory is said all the same: a cluster that gives none takes it for a limit.
        if settings.memory_given != Some(false) {
            let share = |node: &NodeLine| node.memory.0 / u64::from(node.cpus.max(1));
            let least = nodes.iter().map(share).min().unwrap_or(0);
            self.lay_out(|layout| layout.memory_per_cpu = Some(Memory(least)));
        }
        let jobs = manager.jobs(Which::All)?;
        self.recall(&jobs);
        let active = Instant::now();
        let waits: BTreeSet<u64> = jobs.iter().filter(|job| job.pending()).map(|job| job.id).collect();
        for run in self.runs.values_mut() {
            run.active = run.slurm.filter(|id| !waits.contains(id)).map(|_| active);
        }
        self.look_at(&nodes);
        for run in self.runs.keys().copied().collect::<Vec<JobId>>() {
            self.tell_state(run);
        }
        Ok(())
    }

    fn lay_out(&self, change: impl FnOnce(&mut Layout)) {
        change(&mut self.layout.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn ask_nodes(&self) -> Result<Vec<NodeLine>, Fault> {
        self.options.manager.nodes_of(&self.partition)
    }

    /// Attempts that were begun before this start.
    fn recall(&mut self, jobs: &[JobLine]) {
        self.runs.clear();
        for entry in fs::read_dir(self.folder.join("jobs")).into_iter().flatten().flatten() {
            let Some(run) = entry.file_name().to_str().and_then(run_of) else { continue };
            let job = match launch::read_attempt(&entry.path()) {
                Ok(job) => job,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    tracing::warn!(%error, folder = %entry.path().display(), "an attempt cannot be read; it is left aside");
                    continue;
                }
            };
            let name = launch::name(&self.mark, run);
            let claim = records::claim(&entry.path());
            // Whether the cluster took it, and under which number, its queue says.
            let found = || {
                let own = jobs.iter().filter(|job| job.name == name);
                own.min_by_key(|job| (job.over(), job.id)).map(|job| job.id)
            };
            let slurm = claim.map(|claim| claim.slurm).or_else(found);
            let Some(slurm) = slurm else {
                // Never taken. If it is wanted it will be launched; should the cluster take it twice, one of the two runs.
                let _ = fs::remove_file(entry.path().join(launch::ATTEMPT));
                continue;
            };
            let mut known = Run::new(job, if claim.is_some() { Stage::Running } else { Stage::Queued });
            (known.slurm, known.since) = (Some(slurm), claim.map(|claim| claim.since));
            self.runs.insert(run, known);
        }
    }

    fn start_threads(&mut self) {
        let manager = self.options.manager.clone();
        let submissions = Arc::new(Mutex::new(self.submissions.take().expect("threads are started once")));
        for _ in 0..SUBMITTERS {
            let submitter = Submitter {
                manager: manager.clone(),
                partition: self.partition.clone(),
                folder: self.folder.clone(),
                mark: self.mark.clone(),
                layout: self.layout.clone(),
                extra: self.options.sbatch.clone(),
                inbox: self.inbox.clone(),
            };
            let submissions = submissions.clone();
            thread::spawn(move || {
                loop {
                    let next = submissions.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    if !submitter.submit(&job) {
                        return;
                    }
                }
            });
        }
        let asks = self.queue_asks.take().expect("threads are started once");
        let (inbox, asked, accounting) = (self.inbox.clone(), manager.clone(), self.accounting);
        thread::spawn(move || {
            for ask in asks {
                let event = match ask {
                    QueueAsk::Active => {
                        let begun = Instant::now();
                        Event::Active(begun, asked.jobs(Which::Live))
                    }
                    QueueAsk::Ended(runs) => {
                        let ids: Vec<u64> = runs.iter().map(|(_, id)| *id).collect();
                        let found = asked.ended(accounting, &ids);
                        Event::Ended(runs, found)
                    }
                    QueueAsk::Samples(ids) => Event::Samples(asked.samples(&ids)),
                    QueueAsk::Sleep(nodes) => match asked.sleep(&nodes) {
                        Ok(()) => continue,
                        Err(fault) => Event::Sleepless(fault),
                    },
                };
                if inbox.send(event).is_err() {
                    return;
                }
            }
        });
        let asks = self.nodes_asks.take().expect("threads are started once");
        let (inbox, asked, partition) = (self.inbox.clone(), manager.clone(), self.partition.clone());
        thread::spawn(move || {
            for () in asks {
                if inbox.send(Event::Nodes(asked.nodes_of(&partition))).is_err() {
                    return;
                }
            }
        });
        let asks = self.signal_asks.take().expect("threads are started once");
        let (inbox, mark) = (self.inbox.clone(), self.mark.clone());
        thread::spawn(move || send_signals(&manager, &mark, &asks, &inbox));
    }

    /// When to look again.
    fn next_due(&self) -> Instant {
        let late = Instant::now() + Duration::from_secs(60);
        let due = [self.queue_due, self.nodes_due].into_iter().flatten().min();
        let running = || self.runs.values().filter(|run| run.stage == Stage::Running);
        let kill = running().filter_map(|run| run.stop.as_ref()?.kill_at).min();
        let limit = running().filter(|run| run.stop.is_none()).filter_map(|run| {
            let left = run.since? + run.job.time_limit? - now();
            Some(Instant::now() + span(left))
        });
        [due, kill, limit.min()].into_iter().flatten().min().unwrap_or(late)
    }

    /// Asks what is due.
    fn ask(&mut self) {
        let at = Instant::now();
        if self.queue_due.is_some_and(|due| due <= at) {
            self.queue_due = None;
            self.queue_asked = at;
            let _ = self.queue.send(QueueAsk::Active);
        }
        if self.nodes_due.is_some_and(|due| due <= at) {
            self.nodes_due = None;
            self.nodes_asked = at;
            let _ = self.nodes_ask.send(());
        }
        if self.samples_due.is_some_and(|due| due <= at) && self.sampled {
            let running = self.runs.values().filter(|run| run.stage == Stage::Running);
            let ids: Vec<u64> = running.filter_map(|run| run.slurm).collect();
            self.samples_asked = at;
            self.samples_due = match ids.is_empty() {
                true => Some(at + SAMPLES),
                false => {
                    let _ = self.queue.send(QueueAsk::Samples(ids));
                    None
                }
            };
        }
    }

    /// Takes an event over; false if nobody listens any more.
    fn hear(&mut self, event: Event) -> bool {
        match event {
            Event::Orders(orders) => orders.into_iter().for_each(|order| self.follow(order)),
            Event::Submitted(run, outcome) => self.submitted(run, outcome),
            Event::Active(begun, Ok(lines)) => {
                self.well();
                self.compare(begun, &lines);
                let live = self.runs.values().filter(|run| run.stage != Stage::Over);
                let (mut any, mut waits) = (false, false);
                for run in live {
                    any = true;
                    waits |= run.stage != Stage::Running || run.stop.is_some();
                }
                let pause = match (any, waits || self.changed.elapsed() < Duration::from_secs(3)) {
                    (true, true) => QUEUE_BUSY,
                    (true, false) => QUEUE_CALM,
                    (false, _) => QUEUE_EMPTY,
                };
                self.queue_due = Some(Instant::now() + pause.max((begun.elapsed()) * QUEUE_SHARE));
            }
            Event::Active(_, Err(fault)) => {
                self.complain(&fault);
                self.queue_due = Some(Instant::now() + Duration::from_secs(1));
            }
            Event::Ended(runs, Ok(lines)) => self.ended(&runs, &lines),
            Event::Ended(runs, Err(fault)) => {
                self.complain(&fault);
                for (id, _) in runs {
                    // It is found missing again, and asked for again.
                    if let Some(run) = self.runs.get_mut(&id) {
                        run.go_on();
                    }
                }
            }
            Event::Nodes(Ok(lines)) => {
                let took = self.nodes_asked.elapsed();
                self.look_at(&lines);
                self.put_to_sleep(&lines);
                self.nodes_due = Some(Instant::now() + NODES.max(took * NODES_SHARE));
            }
            Event::Nodes(Err(fault)) => {
                self.complain(&fault);
                self.nodes_due = Some(Instant::now() + NODES * 2);
            }
            Event::Samples(found) => {
                let took = self.samples_asked.elapsed();
                self.samples_due = Some(Instant::now() + SAMPLES.max(took * NODES_SHARE));
                match found {
                    Ok(samples) => {
                        let samples: BTreeMap<u64, Sample> = samples.into_iter().map(|sample| (sample.id, sample)).collect();
                        for run in self.runs.values_mut() {
                            let Some(sample) = run.slurm.and_then(|id| samples.get(&id)) else { continue };
                            run.used.memory = run.used.memory.max(sample.memory);
                            run.used.joules = run.used.joules.max(sample.joules);
                        }
                    }
                    // It ended meanwhile, or its node does not answer.
                    Err(fault) => tracing::debug!(%fault, "what jobs use cannot be sampled"),
                }
            }
            Event::Sleepless(fault) => {
                tracing::warn!(%fault, "the cluster puts no node to sleep; it is asked again in {} minutes", SLEEPLESS.as_secs() / 60);
                self.sleep_due = Instant::now() + SLEEPLESS;
            }
            Event::Unsignalled(id) => {
                if let Some(stop) = self.runs.get_mut(&id).and_then(|run| run.stop.as_mut()) {
                    (stop.told, stop.kill_at) = (None, None);
                }
            }
        }
        // Whether anybody listens is found out by telling; nothing to tell is no reason to go.
        true
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Launch(jobs) => {
                for job in jobs {
                    let run = at_site(job.job, job.attempt);
                    if self.runs.contains_key(&run) {
                        continue;
                    }
                    self.runs.insert(run, Run::new(job.clone(), Stage::Submitting));
                    let _ = self.submit.send(job);
                }
                self.look_soon();
            }
            Order::Stop(run, grace) => self.stop(run, Why::Asked, nix::sys::signal::Signal::SIGTERM as i32, grace),
            Order::Notify(run, signal, grace) => self.stop(run, Why::Asked, signal, grace),
            Order::Forget(runs) => {
                for run in runs {
                    self.runs.remove(&run);
                    let _ = fs::remove_file(job_folder(&self.folder, run).join(launch::ATTEMPT));
                }
            }
            Order::Sleep(nodes) => self.sleep = nodes,
            Order::Doubt | Order::Sure | Order::Quit => {}
        }
    }

    /// Has those nodes put to sleep that the hub would have asleep, that stand idle and that no attempt is for.
    fn put_to_sleep(&mut self, lines: &[NodeLine]) {
        if !self.options.power_saving || self.sleep.is_empty() || Instant::now() < self.sleep_due {
            return;
        }
        let runs = || self.runs.values().filter(|run| run.stage != Stage::Over);
        let used: BTreeSet<&str> = runs().flat_map(|run| &run.job.replicas).map(|replica| replica.node.as_str()).collect();
        let may = |line: &&NodeLine| line.may_sleep() && self.sleep.contains(&line.name) && !used.contains(line.name.as_str());
        let nodes: Vec<String> = lines.iter().filter(may).map(|line| line.name.clone()).collect();
        if !nodes.is_empty() {
            self.sleep_due = Instant::now() + SLEEP;
            let _ = self.queue.send(QueueAsk::Sleep(nodes));
        }
    }

    fn look_soon(&mut self) {
        self.changed = Instant::now();
        if let Some(due) = &mut self.queue_due {
            *due = (*due).min(Instant::now() + QUEUE_BUSY);
        }
    }

    fn stop(&mut self, run: JobId, why: Why, signal: i32, grace: Span) {
        if let Some(run) = self.runs.get_mut(&run).filter(|run| run.stage != Stage::Over) {
            run.stop.get_or_insert(Stop { why, signal, grace, told: None, kill_at: None });
            self.look_soon();
        }
    }

    fn submitted(&mut self, id: JobId, outcome: Result<u64, Fault>) {
        let Some(run) = self.runs.get_mut(&id) else {
            // Forgotten meanwhile: what nobody wants is cancelled when it is next seen.
            return;
        };
        match outcome {
            Ok(slurm) => {
                run.slurm = Some(slurm);
                run.submitted = Instant::now();
                run.stage = Stage::Queued;
            }
            Err(fault) => {
                let told = match &fault {
                    Fault::Failed { told, .. } => told.trim_start_matches("sbatch: error: ").to_owned(),
                    _ => fault.to_string(),
                };
                let ends = vec![(End::NotStarted(told), None); run.job.replicas.len()];
                self.finish(id, ends);
                return;
            }
        }
        self.tell_state(id);
        self.look_soon();
    }

    /// Tells how far an attempt is that is not over.
    fn tell_state(&self, id: JobId) {
        let run = &self.runs[&id];
        for replica in 0..run.job.replicas.len() as u32 {
            let seen = match (run.stage, run.since) {
                (Stage::Submitting | Stage::Over, _) => return,
                (_, Some(since)) => SeenReplica::Running { since },
                (_, None) => SeenReplica::Queued,
            };
            self.tell(News::Seen(id, replica, seen));
        }
    }

    /// Compares the queue with what is known, as of a look that began then.
    fn compare(&mut self, begun: Instant, lines: &[JobLine]) {
        let mut states: BTreeMap<(u64, JobId), &JobLine> = BTreeMap::new();
        for line in lines {
            let Some(run) = launch::run_of_name(&self.mark, &line.name) else { continue };
            // Of a job made of parts, the part that is furthest.
            let known = states.entry((line.id, run)).or_insert(line);
            if known.pending() {
                *known = line;
            }
        }
        self.find_doubles(lines);
        let (mut started, mut missing, mut bounced, mut waiting) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (id, run) in &mut self.runs {
            let Some(slurm) = run.slurm.filter(|_| matches!(run.stage, Stage::Queued | Stage::Running)) else { continue };
            match states.get(&(slurm, *id)) {
                Some(line) if line.pending() => {
                    if run.reason != line.reason && run.submitted.elapsed() > TOLD_AFTER {
                        run.reason.clone_from(&line.reason);
                        waiting.push(*id);
                    }
                    run.missing = 0;
                    // It had its nodes, and they could not start it.
                    if run.active.take().is_some() && run.stage == Stage::Queued {
                        bounced.push(*id);
                    }
                }
                Some(_) => {
                    (run.missing, run.active) = (0, Some(Instant::now()));
                    // Slurm says that a job runs before it knows whether its node can start it; the job itself knows.
                    if run.stage == Stage::Queued
                        && let Some(claim) = records::claim(&job_folder(&self.folder, *id))
                    {
                        (run.stage, run.since) = (Stage::Running, Some(claim.since));
                        if let Some(stop) = &mut run.stop {
                            stop.told = None;
                        }
                        started.push(*id);
                    }
                }
                None if run.submitted < begun => missing.push(*id),
                None => {}
            }
        }
        if !started.is_empty() || !missing.is_empty() {
            self.changed = Instant::now();
        }
        for id in waiting {
            self.tell(News::Noted(id, format!("Slurm has not started it: {}", self.runs[&id].reason)));
        }
        for id in bounced {
            tracing::info!(job = %self.runs[&id].job.job, "its nodes could not start it; it is given back to the hub");
            self.stop(id, Why::PlaceTaken, nix::sys::signal::Signal::SIGTERM as i32, Span::ZERO);
        }
        started.into_iter().for_each(|id| self.tell_state(id));
        let mut asks = Vec::new();
        for id in missing {
            let done = |record: &Option<records::Record>| record.as_ref().is_some_and(|record| record.end == End::Exited(0));
            let records = self.records(id);
            let run = self.runs.get_mut(&id).expect("it is known");
            if let Some(claim) = records::claim(&job_folder(&self.folder, id)) {
                run.since = Some(claim.since);
            }
            if records.iter().all(done) {
                self.conclude(id, None, records);
            } else {
                run.stage = Stage::Ending;
                asks.push((id, run.slurm.expect("it was submitted")));
            }
        }
        for some in asks.chunks(200) {
            let _ = self.queue.send(QueueAsk::Ended(some.to_vec()));
        }
        self.give_up_taken_places();
        self.end_what_hangs();
    }

    /// Gangs whose launcher hangs are ended: their replicas have ended, or never began.
    fn end_what_hangs(&mut self) {
        let clock = now();
        for (id, run) in &mut self.runs {
            let gang = run.stage == Stage::Running && run.stop.is_none() && run.job.replicas.len() > 1;
            if !gang || run.looked.elapsed() < LOOKED_EVERY {
                continue;
            }
            run.looked = Instant::now();
            let (Some(since), Some(slurm)) = (run.since, run.slurm) else { continue };
            if records::stuck(&job_folder(&self.folder, *id), run.job.replicas.len(), since, clock) {
                if !std::mem::replace(&mut run.stuck, true) {
                    tracing::warn!(slurm, job = %run.job.job, "what starts its replicas hangs; the job is ended at the cluster");
                }
                let _ = self.signals.send(Signalled { signal: Signal::Kill, slurm, run: *id });
            }
        }
    }

    /// Jobs of this agent's names that are not what it knows: the cluster took a job without being able to say so.
    fn find_doubles(&mut self, lines: &[JobLine]) {
        for line in lines {
            let Some(id) = launch::run_of_name(&self.mark, &line.name) else { continue };
            match self.runs.get_mut(&id) {
                Some(run) if run.slurm == Some(line.id) => continue,
                // Its number is on its way.
                Some(run) if run.stage == Stage::Submitting => continue,
                Some(run) => {
                    if records::claim(&job_folder(&self.folder, id)).is_some_and(|claim| claim.slurm == line.id) {
                        run.slurm = Some(line.id);
                        continue;
                    }
                    // One that runs and is not the first of its name ends by itself.
                    if line.pending() && self.doubles.insert(line.id) {
                        tracing::warn!(
                            slurm = line.id,
                            name = line.name,
                            "the cluster has a job twice; one of them is cancelled"
                        );
                        let _ = self.signals.send(Signalled { signal: Signal::Leave, slurm: line.id, run: id });
                    }
                }
                None => {
                    if self.doubles.insert(line.id) {
                        tracing::warn!(
                            slurm = line.id,
                            name = line.name,
                            "the cluster has a job that nobody wants; it is cancelled"
                        );
                    }
                    let _ = self.signals.send(Signalled { signal: Signal::Kill, slurm: line.id, run: id });
                }
            }
        }
    }

    fn records(&self, id: JobId) -> Vec<Option<records::Record>> {
        let own = job_folder(&self.folder, id);
        (0..self.runs[&id].job.replicas.len()).map(|replica| records::record(&own, replica)).collect()
    }

    /// Attempts that wait for nodes of which others use too much are given up, so that the hub finds another place.
    fn give_up_taken_places(&mut self) {
        let late = |run: &Run| run.waits() && run.submitted.elapsed() > PATIENCE;
        if self.others.is_empty() || !self.runs.values().any(late) {
            return;
        }
        let taken = occupied::taken(&self.nodes, &self.others, &self.runs);
        for id in taken.into_iter().filter(|id| late(&self.runs[id])).collect::<Vec<JobId>>() {
            tracing::info!(job = %self.runs[&id].job.job, reason = self.runs[&id].reason, "others took its place before it could start");
            self.stop(id, Why::PlaceTaken, nix::sys::signal::Signal::SIGTERM as i32, Span::ZERO);
        }
    }

    /// What Slurm says of jobs that it was asked about.
    fn ended(&mut self, runs: &[(JobId, u64)], lines: &[JobLine]) {
        for (run_id, id) in runs.iter().copied() {
            if !self.runs.contains_key(&run_id) {
                continue;
            }
            let records = self.records(run_id);
            let whole = records.iter().all(Option::is_some);
            let run = self.runs.get_mut(&run_id).expect("it is known");
            if run.stage != Stage::Ending || run.slurm != Some(id) {
                run.go_on();
                continue;
            }
            let own = |line: &&JobLine| line.id == id && launch::run_of_name(&self.mark, &line.name) == Some(run_id);
            let line = lines.iter().find(own);
            let claim = records::claim(&job_folder(&self.folder, run_id));
            if let Some(claim) = claim.filter(|claim| claim.slurm != id) {
                // Another one of its name was first.
                (run.slurm, run.since, run.missing) = (Some(claim.slurm), Some(claim.since), 0);
                run.go_on();
                continue;
            }
            match line {
                Some(line) if !line.over() => run.go_on(),
                Some(line) => {
                    let own = ["COMPLETED", "FAILED"].contains(&line.state.as_str());
                    let waited = run.over.get_or_insert_with(Instant::now).elapsed();
                    if own && !whole && waited < SHOWN_WITHIN {
                        // What its nodes wrote is not seen yet from here.
                        run.go_on();
                        continue;
                    }
                    self.conclude(run_id, Some(line), records);
                }
                None if whole => self.conclude(run_id, None, records),
                None => {
                    run.missing += 1;
                    if run.missing >= MISSING_MOST && claim.is_none() && run.stop.is_none() {
                        // It never ran: the controller lost it, and takes it once more. Should it turn up again, one of the two runs.
                        tracing::warn!(slurm = id, job = %run.job.job, "the cluster has lost a job that it had taken; it is submitted again");
                        (run.slurm, run.missing, run.stage) = (None, 0, Stage::Submitting);
                        let _ = self.submit.send(run.job.clone());
                    } else if run.missing >= MISSING_MOST {
                        self.conclude(run_id, None, records);
                    } else {
                        run.go_on();
                    }
                }
            }
        }
    }

    /// An attempt is over: how each replica ended.
    fn conclude(&mut self, id: JobId, line: Option<&JobLine>, records: Vec<Option<records::Record>>) {
        let run = &self.runs[&id];
        let state = line.map_or("", |line| line.state.as_str());
        let stop = run.stop.as_ref().map(|stop| stop.why);
        let by_slurm = records::ended_by_slurm(&job_folder(&self.folder, id));
        let failed = records.iter().flatten().any(|record| record.end != End::Exited(0));
        let at = now();
        let ends = records
            .into_iter()
            .map(|record| match record {
                Some(record) => (told_end(record.end.clone(), state, stop), Some(record)),
                // The rest of a gang is ended with the first that fails.
                None if failed && stop.is_none() => (End::Cancelled, None),
                None => (silent_end(line, stop, run.since.is_some(), run.job.replicas.len() > 1), None),
            })
            .map(|(end, record)| match end {
                // The state of the job says so as a rule, but not where memory is sampled, or where Slurm had forgotten the job.
                End::Killed(9 | 15) if stop.is_none() => (by_slurm.clone().unwrap_or(end), record),
                end => (end, record),
            })
            .map(|(end, record)| match end {
                End::Lost(LostReason::EndedBySite) if run.stuck => (End::Lost(LostReason::NotLaunched), record),
                end => (end, record),
            })
            .map(|(end, record)| {
                let since = record.as_ref().map(|record| record.since).or(run.since);
                let (ended, cpu) = record.map_or((at, CoreTime(0)), |record| (record.at, record.cpu));
                (end, Some(Ran { since, at: ended, cpu }))
            })
            .collect();
        self.finish(id, ends);
    }

    fn finish(&mut self, id: JobId, ends: Vec<(End, Option<Ran>)>) {
        let (at, used) = (now(), self.runs[&id].used);
        let read = self.energy && used.joules > 0;
        for (replica, (end, ran)) in (0..).zip(ends) {
            let Ran { since, at, cpu } = ran.unwrap_or(Ran { since: None, at, cpu: CoreTime(0) });
            // Slurm tells both of the whole job; the sum over its replicas is what counts.
            let first = replica == 0;
            let (energy, energy_source) = match read {
                true if first => {
                    (Energy(i64::try_from(used.joules.saturating_mul(1000)).unwrap_or(i64::MAX)), EnergySource::Cluster)
                }
                true => (Energy(0), EnergySource::Cluster),
                false => energy::modelled(cpu),
            };
            let peak_memory = Memory(if first { used.memory } else { 0 });
            let seen = SeenReplica::Ended { since, at, end, cpu, peak_memory, energy, energy_source };
            self.tell(News::Seen(id, replica, seen));
        }
        let run = self.runs.get_mut(&id).expect("it is known");
        run.stage = Stage::Over;
        run.over = Some(Instant::now());
        self.changed = Instant::now();
    }

    /// Signals what is to be stopped, and what ran too long.
    fn press_on(&mut self) {
        let (at, clock) = (Instant::now(), now());
        let over_time = |run: &Run| {
            run.stage == Stage::Running
                && run.stop.is_none()
                && run.since.zip(run.job.time_limit).is_some_and(|(since, limit)| since + limit <= clock)
        };
        let late: Vec<JobId> = self.runs.iter().filter(|(_, run)| over_time(run)).map(|(id, _)| *id).collect();
        for id in late {
            self.stop(id, Why::OverTime, nix::sys::signal::Signal::SIGTERM as i32, LIMIT_GRACE);
        }
        for (id, run) in &mut self.runs {
            let (Some(stop), Some(slurm)) = (&mut run.stop, run.slurm) else { continue };
            let due = stop.told.is_none_or(|told| told + AGAIN <= at);
            let signal = match run.stage {
                Stage::Queued if stop.told.is_none() || stop.why == Why::PlaceTaken => due.then_some(Signal::Leave),
                Stage::Queued => due.then_some(Signal::Kill),
                Stage::Running if stop.why == Why::PlaceTaken => None,
                Stage::Running => match stop.kill_at {
                    None => {
                        stop.kill_at = Some(at + span(stop.grace));
                        Some(Signal::Send(stop.signal))
                    }
                    Some(kill_at) if kill_at <= at => {
                        stop.kill_at = Some(at + AGAIN);
                        Some(Signal::Kill)
                    }
                    Some(_) => None,
                },
                Stage::Submitting | Stage::Ending | Stage::Over => None,
            };
            if let Some(signal) = signal {
                stop.told = Some(at);
                let _ = self.signals.send(Signalled { signal, slurm, run: *id });
            }
        }
        // An attempt that began in spite of a place that seemed taken goes on.
        for run in self.runs.values_mut().filter(|run| run.stage == Stage::Running) {
            if run.stop.as_ref().is_some_and(|stop| stop.why == Why::PlaceTaken) {
                run.stop = None;
            }
        }
    }

    /// What there is, and what others use of it.
    fn look_at(&mut self, lines: &[NodeLine]) {
        let held = |run: &&Run| match run.stage {
            Stage::Over => run.over.is_some_and(|over| over.elapsed() < LATELY),
            _ => run.active.is_some() || run.stage == Stage::Ending,
        };
        let own: Vec<&Run> = self.runs.values().filter(held).collect();
        let (mut nodes, mut reading) = (Vec::with_capacity(lines.len()), BTreeMap::new());
        let (mut addresses, mut all_gres) = (BTreeMap::new(), BTreeMap::new());
        for line in lines {
            let (node, gres) = launch::node(line, &self.options.gres, &self.options.models);
            reading.insert(line.name.clone(), occupied::others(line, &node, gres.as_deref(), &own));
            addresses.insert(line.name.clone(), line.address.clone());
            gres.map(|gres| all_gres.insert(line.name.clone(), gres));
            nodes.push(node);
        }
        self.lay_out(|layout| (layout.addresses, layout.gres) = (addresses, all_gres));
        if nodes != self.nodes {
            self.nodes.clone_from(&nodes);
            self.tell(News::Nodes(nodes));
        }
        let others = occupied::confirmed(self.reading.as_ref(), &reading);
        self.reading = Some(reading);
        if others != self.others {
            self.others.clone_from(&others);
            self.tell(News::Others(others));
        }
    }
}
