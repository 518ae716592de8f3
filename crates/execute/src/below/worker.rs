//! Every attempt that the hub below has, from its submission to its end. One thread decides; others wait for the hub below.

mod begin;
mod jobs;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use dispatch::{Node, Occupied};
use measure::JobId;

use super::door::Door;
use super::errand::{self, Errand, Layout, NotTaken};
use super::look::{Ask, Reading};
use super::read::{self, JobLine};
use super::room::{self, Amount, Seen};
use super::run::{Run, Stage, Why};
use super::survey;
use crate::link::Fault;
use crate::site::{News, Order};
use crate::slurm::occupied::confirmed;
use crate::wire::{at_site, name_at_site};
use begin::Unfit;

/// How many errands run at a time.
const ERRANDS: usize = 4;
/// Between two looks at jobs while something is about to change, while nothing is, and while nothing is there.
const JOBS_BUSY: Duration = Duration::from_millis(200);
const JOBS_CALM: Duration = Duration::from_secs(1);
const JOBS_EMPTY: Duration = Duration::from_secs(30);
/// Between two looks at the nodes.
const NODES: Duration = Duration::from_millis(1500);
/// Looks are so rare that the hub below answers them at most this part of the time: a fourth for jobs, a twentieth for nodes.
const JOBS_SHARE: u32 = 4;
const NODES_SHARE: u32 = 20;
/// Between two looks at a single job, and how many are looked at in one go.
const EACH_AGAIN: Duration = Duration::from_millis(500);
const EACH_MOST: usize = 40;
/// What waits below for so long is told with its reason, and again so often.
const TOLD_AFTER: Duration = Duration::from_secs(2);
const TOLD_AGAIN: Duration = Duration::from_secs(10);
/// How long an attempt waits below for what others took.
const PATIENCE: Duration = Duration::from_secs(10);
/// When a cancelling that had no effect is asked for again.
const AGAIN: Duration = Duration::from_secs(5);
/// How often the hub below must know nothing of a job before it is taken for gone.
const MISSING_MOST: u32 = 5;
/// A hub below that has not answered for so long has nothing to give.
const AWAY_AFTER: Duration = Duration::from_secs(10);

/// What the worker hears.
pub(super) enum Event {
    Orders(Vec<Order>),
    /// An attempt's id below, or why it has none.
    Submitted(JobId, Result<String, NotTaken>),
    /// What is to be told of an attempt that has not started.
    Delayed(JobId, String),
    /// The tenant's jobs that have a place, as of a look that began then.
    Live(Instant, Result<Vec<JobLine>, Fault>),
    /// One attempt's job; `None` if the hub below has none of its id.
    One(JobId, Result<Option<Box<JobLine>>, Fault>),
    /// It was asked to cancel this one, if it could be asked.
    Cancelled(JobId),
    /// What there is.
    Room(Result<Reading, Fault>),
}

/// See the module.
pub(super) struct Worker<N> {
    folder: PathBuf,
    options: super::Options,
    mark: String,
    news: N,
    inbox: Sender<Event>,
    door: Door,
    /// The pool there, and as whom it is asked.
    pool: String,
    tenant: String,
    layout: Arc<Mutex<Layout>>,
    runs: BTreeMap<JobId, Run>,
    errands: Sender<Errand>,
    errands_taken: Option<Receiver<Errand>>,
    looks: Sender<Ask>,
    looks_taken: Option<Receiver<Ask>>,
    rooms: Sender<()>,
    rooms_taken: Option<Receiver<()>>,
    jobs_due: Option<Instant>,
    nodes_due: Option<Instant>,
    nodes_asked: Instant,
    /// When something last changed.
    changed: Instant,
    nodes: Vec<Node>,
    /// What the last look found others to have, and what was told of it.
    found: Option<BTreeMap<String, Occupied>>,
    others: Vec<(String, Occupied)>,
    /// Nodes of which the hub above has too much by the last look, and by the last two.
    over_now: BTreeSet<String>,
    over: BTreeSet<String>,
    /// When the hub below last answered, and what went wrong since, so that it is said once.
    answered: Instant,
    fault: Option<String>,
    /// Jobs below that nobody wants, and when they were last told to go.
    unwanted: BTreeMap<String, Instant>,
}

impl<N: Fn(News) -> bool + Send + 'static> Worker<N> {
    pub(super) fn new(folder: &Path, options: &super::Options, mark: &str, news: N, inbox: Sender<Event>) -> Worker<N> {
        let (errands, errands_taken) = channel();
        let (looks, looks_taken) = channel();
        let (rooms, rooms_taken) = channel();
        let start = Instant::now();
        Worker {
            folder: folder.to_owned(),
            door: Door::new(options, mark),
            options: options.clone(),
            mark: mark.to_owned(),
            news,
            inbox,
            pool: String::new(),
            tenant: String::new(),
            layout: Arc::default(),
            runs: BTreeMap::new(),
            errands,
            errands_taken: Some(errands_taken),
            looks,
            looks_taken: Some(looks_taken),
            rooms,
            rooms_taken: Some(rooms_taken),
            jobs_due: Some(start),
            nodes_due: Some(start),
            nodes_asked: start,
            changed: start,
            nodes: Vec::new(),
            found: None,
            others: Vec::new(),
            over_now: BTreeSet::new(),
            over: BTreeSet::new(),
            answered: start,
            fault: None,
            unwanted: BTreeMap::new(),
        }
    }

    /// Serves until the agent is gone.
    pub(super) fn run(mut self, fresh: bool, events: &Receiver<Event>) {
        let mut pause = Duration::from_millis(200);
        loop {
            match self.learn() {
                Ok(()) => break,
                Err(Unfit::Wrong(told)) => {
                    self.tell(News::Gone(io::Error::other(told)));
                    return;
                }
                Err(Unfit::Away(fault)) => self.complain(&fault),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(10));
        }
        self.start_threads();
        if !self.tell(News::Listed { fresh }) {
            return;
        }
        loop {
            self.press_on();
            self.ask();
            let due = [self.jobs_due, self.nodes_due].into_iter().flatten().min();
            let wait = due.map_or(Duration::from_secs(1), |due| due.saturating_duration_since(Instant::now()));
            match events.recv_timeout(wait.min(Duration::from_secs(1))) {
                Ok(event) => self.hear(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Says what is wrong with the hub below, once.
    fn complain(&mut self, fault: &Fault) {
        let told = fault.to_string();
        if self.fault.as_ref() != Some(&told) {
            tracing::warn!(fault = told, "the hub below cannot be asked; it is asked again");
            self.fault = Some(told);
        }
    }

    fn well(&mut self) {
        self.answered = Instant::now();
        if self.fault.take().is_some() {
            tracing::info!("the hub below answers again");
        }
    }

    fn tell(&self, news: News) -> bool {
        (self.news)(news)
    }

    /// Asks what is due.
    fn ask(&mut self) {
        let at = Instant::now();
        if self.jobs_due.is_some_and(|due| due <= at) {
            self.jobs_due = None;
            // Of those that wait the list says nothing: each is looked at.
            let waits = |run: &Run| run.stage == Stage::Waiting || (run.stage == Stage::Running && run.nodes.is_empty());
            let due = |run: &Run| run.looked.is_none_or(|looked| looked + EACH_AGAIN <= at);
            let mut each: Vec<(&JobId, &mut Run)> = self.runs.iter_mut().filter(|(_, run)| waits(run) && due(run)).collect();
            // A token is answered only so often: those that were not looked at for longest first.
            each.sort_by_key(|(_, run)| run.looked);
            let looked = |(id, run): (&JobId, &mut Run)| {
                run.looked = Some(at);
                Some((*id, run.below.clone()?))
            };
            let each = each.into_iter().take(EACH_MOST).filter_map(looked).collect();
            let _ = self.looks.send(Ask::Each(each));
            let _ = self.looks.send(Ask::Live);
        }
        if self.nodes_due.is_some_and(|due| due <= at) {
            self.nodes_due = None;
            self.nodes_asked = at;
            let _ = self.rooms.send(());
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Orders(orders) => orders.into_iter().for_each(|order| self.follow(order)),
            Event::Submitted(run, taken) => self.submitted(run, taken),
            Event::Delayed(id, text) => {
                if let Some(run) = self.runs.get_mut(&id).filter(|run| run.stage < Stage::Running && run.note != text) {
                    run.note.clone_from(&text);
                    self.tell(News::Noted(id, text));
                }
            }
            Event::Live(begun, Ok(lines)) => {
                self.well();
                self.compare(begun, &lines);
                let live = || self.runs.values().filter(|run| run.stage != Stage::Over);
                let about = live().any(|run| run.stage != Stage::Running || run.stop.is_some() || run.nodes.is_empty());
                let pause = match (live().next(), about || self.changed.elapsed() < Duration::from_secs(3)) {
                    (Some(_), true) => JOBS_BUSY,
                    (Some(_), false) => JOBS_CALM,
                    (None, _) => JOBS_EMPTY,
                };
                self.jobs_due = Some(Instant::now() + pause.max(begun.elapsed() * JOBS_SHARE));
            }
            Event::Live(_, Err(fault)) => {
                self.complain(&fault);
                self.jobs_due = Some(Instant::now() + Duration::from_secs(1));
            }
            Event::One(run, Ok(line)) => {
                self.well();
                match line {
                    Some(line) if line.name == name_at_site(&self.mark, run) => self.see(run, &line),
                    // None, or another one's: it was brought back from an older copy of itself.
                    _ => self.missing(run),
                }
            }
            Event::One(_, Err(fault)) => self.complain(&fault),
            Event::Cancelled(id) => {
                if let Some(run) = self.runs.get_mut(&id) {
                    (run.told, run.cancelling) = (Some(Instant::now()), false);
                }
            }
            Event::Room(Ok(reading)) => {
                self.well();
                let took = self.nodes_asked.elapsed();
                self.look_at(&reading);
                self.nodes_due = Some(Instant::now() + NODES.max(took * NODES_SHARE));
            }
            Event::Room(Err(fault)) => {
                self.complain(&fault);
                self.nodes_due = Some(Instant::now() + NODES);
                if self.answered.elapsed() > AWAY_AFTER {
                    self.found = None;
                    self.tell_others(room::none_of(&self.nodes, "the hub below is away").into_iter().collect());
                }
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Launch(jobs) => {
                for job in jobs {
                    let run = at_site(job.job, job.attempt);
                    if self.runs.contains_key(&run) {
                        continue;
                    }
                    let known = Run::new(job.clone(), Stage::Submitting);
                    let _ = self.errands.send(Errand::Submit(Box::new(job), known.unwanted.clone()));
                    self.runs.insert(run, known);
                }
                self.look_soon();
            }
            // How long it gets then its own hub knows: the notice was submitted with it.
            Order::Stop(id, _) | Order::Notify(id, ..) => {
                if let Some(run) = self.runs.get_mut(&id).filter(|run| run.stage != Stage::Over) {
                    run.stop(Why::Asked);
                    self.look_soon();
                }
            }
            Order::Forget(runs) => {
                for run in runs {
                    self.runs.remove(&run);
                    errand::forget_attempt(&self.folder, run);
                }
            }
            Order::Sleep(_) | Order::Doubt | Order::Sure | Order::Quit => {}
        }
    }

    fn look_soon(&mut self) {
        self.changed = Instant::now();
        if let Some(due) = &mut self.jobs_due {
            *due = (*due).min(Instant::now() + JOBS_BUSY);
        }
    }

    /// What there is, and what others have of it.
    fn look_at(&mut self, reading: &Reading) {
        let models: BTreeSet<Option<&String>> = reading.nodes.iter().map(|line| line.model.as_ref()).collect();
        let called = |model: &str| self.options.models.get(model).map_or(model, String::as_str).to_owned();
        let nodes: Vec<Node> = reading.nodes.iter().map(|line| line.node(called)).collect();
        {
            let mut layout = self.layout.lock().unwrap_or_else(PoisonError::into_inner);
            let several = models.len() > 1;
            let named = reading.nodes.iter().filter(|_| several);
            layout.models = named.filter_map(|line| Some((line.name.clone(), line.model.clone()?))).collect();
        }
        if nodes != self.nodes {
            self.nodes.clone_from(&nodes);
            self.tell(News::Nodes(nodes));
        }
        let (mut held, mut own) = (BTreeMap::new(), BTreeMap::new());
        let live = || self.runs.values().filter(|run| run.stage != Stage::Over);
        for run in live() {
            room::hold(&run.job, run.job.replicas.iter().map(|replica| replica.node.as_str()), &mut held);
            room::hold(&run.job, run.nodes.iter().map(String::as_str), &mut own);
        }
        let waits = live().any(|run| run.stage < Stage::Running);
        let seen = |(line, node): (&read::NodeLine, &Node)| {
            let (devices, cpu, memory) = line.free();
            // What is kept for a job that waits may be kept for one of this hub's own.
            let free = match line.kept && !waits {
                true => Amount::default(),
                false => Amount { devices: u64::from(devices), cpu, memory },
            };
            let closed = if reading.spent { Some(survey::SPENT.to_owned()) } else { line.closed() };
            Seen { node: node.clone(), free, closed }
        };
        let seen: Vec<Seen> = reading.nodes.iter().zip(&self.nodes).map(seen).collect();
        let sum = |all: &BTreeMap<String, Amount>| all.values().map(|amount| amount.devices).sum::<u64>();
        // What is on its way counts as held already.
        let most = reading.most.map(|(most, holds)| {
            u64::from(most).saturating_sub(holds.ceil() as u64).saturating_sub(sum(&held).saturating_sub(sum(&own)))
        });
        let found = room::room(&seen, &held, &own, most);
        let others = confirmed(self.found.as_ref(), &found.others);
        self.found = Some(found.others);
        self.over = found.over.intersection(&self.over_now).cloned().collect();
        self.over_now = found.over;
        self.tell_others(others);
    }

    fn tell_others(&mut self, others: Vec<(String, Occupied)>) {
        if others != self.others {
            self.others.clone_from(&others);
            self.tell(News::Others(others));
        }
    }
}
