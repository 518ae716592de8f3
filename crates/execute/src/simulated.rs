//! An agent and a cluster manager without threads, for simulations: the agent is the real one, driven an event at a time; its site
//! is a manager in memory that starts, ends and forgets what it is told to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use dispatch::{End, EnergySource, Node};
use measure::{CoreTime, Energy, JobId, Memory, Span, Time};
use serde::de::IgnoredAny;

use crate::agent::state::State;
use crate::agent::threads::{Saying, letter};
use crate::agent::{Event, Stopped, begin};
use crate::clock::{self, Moment};
use crate::lease::Lease;
use crate::reconcile::SeenReplica;
use crate::site::{News, Order, Site};
use crate::wire::{Inventory, Reported, Reports, Wanted, WantedJob, from_site};
use crate::{Executor, Fault, Link, Options, slurm};

/// One execution of one replica, as it really was: what must never be twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The job.
    pub job: JobId,
    /// Which attempt.
    pub attempt: u32,
    /// Which replica.
    pub replica: u32,
    /// Steady time of its beginning.
    pub from: Moment,
    /// And of its end; `None` while it runs.
    pub until: Option<Moment>,
}

#[derive(Debug)]
struct Run {
    seen: Vec<SeenReplica>,
    /// When it starts, and when it ends by itself.
    starts: Moment,
    lasts: Duration,
    exit: i32,
    /// When it ends because it was told to.
    stops: Option<Moment>,
    cancelled: bool,
}

/// A cluster manager: it outlives its agents, and what it has begun it never begins again.
#[derive(Debug, Default)]
pub struct Manager {
    nodes: Vec<Node>,
    runs: BTreeMap<JobId, Run>,
    ever: BTreeSet<JobId>,
    /// It may know nothing from before, a new machine or one that forgot: until it is sure that the hub was told.
    fresh: bool,
    news: Option<Sender<Event>>,
    executions: Vec<Execution>,
    /// A bug on purpose: starts again what it has begun.
    pub doubles: bool,
}

impl Manager {
    /// One with these nodes.
    pub fn new(nodes: Vec<Node>) -> Manager {
        Manager { nodes, fresh: true, ..Manager::default() }
    }

    /// Everything that ever ran here.
    pub fn executions(&self) -> &[Execution] {
        &self.executions
    }

    /// When something will happen by itself.
    pub fn due(&self) -> Option<Moment> {
        let of = |run: &Run| match run.seen.first()? {
            SeenReplica::Queued => Some(run.stops.map_or(run.starts, |stops| stops.min(run.starts))),
            SeenReplica::Running { .. } => {
                let ends = run.starts + run.lasts;
                Some(run.stops.map_or(ends, |stops| stops.min(ends)))
            }
            SeenReplica::Ended { .. } => None,
        };
        self.runs.values().filter_map(of).min()
    }

    /// Lets happen what is due.
    pub fn step(&mut self) {
        let now = Moment::now();
        let due: Vec<JobId> = self.runs.keys().copied().collect();
        for id in due {
            let Some(run) = self.runs.get_mut(&id) else { continue };
            if matches!(run.seen.first(), Some(SeenReplica::Queued)) && run.starts <= now && run.stops.is_none() {
                let since = clock::now();
                run.seen.iter_mut().for_each(|seen| *seen = SeenReplica::Running { since });
                let (job, attempt) = from_site(id);
                let count = run.seen.len() as u32;
                let from = now;
                self.executions.extend((0..count).map(|replica| Execution { job, attempt, replica, from, until: None }));
                self.tell(id);
            }
            let Some(run) = self.runs.get(&id) else { continue };
            let running = matches!(run.seen.first(), Some(SeenReplica::Running { .. }));
            let queued = matches!(run.seen.first(), Some(SeenReplica::Queued));
            let stopped = run.stops.is_some_and(|stops| stops <= now) && (running || queued);
            if stopped || running && run.starts + run.lasts <= now {
                let end = if stopped { End::Cancelled } else { End::Exited(run.exit) };
                self.end(id, end);
            }
        }
    }

    fn end(&mut self, id: JobId, end: End) {
        let (now, at) = (Moment::now(), clock::now());
        let Some(run) = self.runs.get_mut(&id) else { return };
        for seen in &mut run.seen {
            let since = match seen {
                SeenReplica::Running { since } => Some(*since),
                SeenReplica::Queued => None,
                SeenReplica::Ended { .. } => continue,
            };
            *seen = SeenReplica::Ended {
                since,
                at,
                end: end.clone(),
                cpu: CoreTime(1),
                peak_memory: Memory(1),
                energy: Energy(1),
                energy_source: EnergySource::Modelled,
            };
        }
        let (job, attempt) = from_site(id);
        for one in self.executions.iter_mut().filter(|one| (one.job, one.attempt) == (job, attempt) && one.until.is_none()) {
            one.until = Some(now);
        }
        self.tell(id);
    }

    fn tell(&self, id: JobId) {
        let (Some(news), Some(run)) = (&self.news, self.runs.get(&id)) else { return };
        for (replica, seen) in run.seen.iter().enumerate() {
            let _ = news.send(Event::News(News::Seen(id, replica as u32, seen.clone())));
        }
    }

    /// Power is lost: what ran is over, and nothing is remembered where `forgets`.
    pub fn lose_power(&mut self, forgets: bool) {
        let live: Vec<JobId> = self.runs.keys().copied().collect();
        for id in live {
            self.end(id, End::Lost(dispatch::LostReason::MachineRestarted));
        }
        if forgets {
            self.runs.clear();
            self.ever.clear();
            self.fresh = true;
        }
    }

    fn open(&mut self, news: Sender<Event>) {
        let told = |what| drop(news.send(Event::News(what)));
        for (id, run) in &self.runs {
            run.seen.iter().enumerate().for_each(|(at, seen)| told(News::Seen(*id, at as u32, seen.clone())));
        }
        told(News::Nodes(self.nodes.clone()));
        told(News::Listed { fresh: self.fresh });
        self.news = Some(news);
    }

    fn launch(&mut self, job: &WantedJob) {
        let run = crate::wire::at_site(job.job, job.attempt);
        if !self.ever.insert(run) && !self.doubles {
            return;
        }
        // Its program says how long it takes to begin, how long it lasts, and how it ends.
        let number = |at: usize| job.command.argv.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let queued = vec![SeenReplica::Queued; job.replicas.len().max(1)];
        let new = Run {
            seen: queued,
            starts: Moment::now() + Duration::from_millis(number(1)),
            lasts: Duration::from_millis(number(2)),
            exit: number(3) as i32,
            stops: None,
            cancelled: false,
        };
        self.runs.insert(run, new);
        self.tell(run);
    }

    fn stop(&mut self, run: JobId, grace: Span) {
        // Half of the grace is enough for most.
        let stops = Moment::now() + Duration::from_millis(grace.0.max(0).unsigned_abs() / 2);
        match self.runs.get_mut(&run) {
            Some(known) if !known.cancelled => (known.stops, known.cancelled) = (Some(stops), true),
            Some(_) => {}
            // Never begun: it never will be.
            None => drop(self.ever.insert(run)),
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Launch(jobs) => jobs.iter().for_each(|job| self.launch(job)),
            Order::Stop(run, grace) | Order::Notify(run, _, grace) => self.stop(run, grace),
            Order::Forget(runs) => {
                for run in &runs {
                    self.runs.remove(run);
                    self.ever.remove(run);
                }
            }
            Order::Sleep(_) => {}
            Order::Doubt => self.fresh = true,
            Order::Sure => self.fresh = false,
            Order::Quit => {
                let live: Vec<JobId> = self.runs.keys().copied().collect();
                live.into_iter().for_each(|id| self.end(id, End::Cancelled));
            }
        }
    }
}

/// The agent's view of the manager.
struct Desk(Rc<RefCell<Manager>>);

impl Site for Desk {
    fn order(&mut self, orders: Vec<Order>) -> std::io::Result<()> {
        let mut manager = self.0.borrow_mut();
        orders.into_iter().for_each(|order| manager.order(order));
        manager.step();
        Ok(())
    }
}

/// The agent itself, from its start to its death.
pub struct Agent {
    options: Arc<Options>,
    state: State,
    inbox: Receiver<Event>,
    events: Sender<Event>,
    lease: Lease,
    sayings: Receiver<(JobId, Saying)>,
    inventories: Receiver<Inventory>,
    /// Said and not answered yet.
    unanswered: Option<(Reports, Vec<JobId>)>,
    untold: Option<Inventory>,
}

impl Agent {
    /// Starts it in its folder. Where the hub cannot be reached it ends, and is to be started again.
    ///
    /// # Errors
    /// See [`Stopped`].
    pub fn start(link: &Link, token: &str, pool: &str, folder: &Path, manager: &Rc<RefCell<Manager>>) -> Result<Agent, Stopped> {
        let options = Arc::new(Options {
            link: link.clone(),
            token: token.to_owned(),
            pool: pool.to_owned(),
            folder: folder.to_owned(),
            // By whose name a pool may have many nodes and one agent; nothing is asked of it.
            executor: Executor::Slurm(slurm::Options {
                manager: slurm::manager::Manager::Tools(slurm::tools::Tools::default()),
                partition: None,
                sbatch: Vec::new(),
                gres: "gpu".to_owned(),
                power_saving: false,
                models: BTreeMap::new(),
            }),
            grace: Span::seconds(2),
            keep_output: Duration::from_secs(3600),
            stores: Vec::new(),
        });
        let (events, inbox) = channel();
        let ((reports, sayings), (inventory, inventories)) = (channel(), channel());
        manager.borrow_mut().open(events.clone());
        let lease = Lease::recall(folder);
        let desk = Box::new(Desk(manager.clone()));
        let mut state = State::new(options.clone(), None, desk, lease.clone(), events.clone(), (reports, inventory));
        begin(&options, &mut state, &lease, &inbox)?;
        let mut agent = Agent { options, state, inbox, events, lease, sayings, inventories, unanswered: None, untold: None };
        agent.state.turn(Vec::new(), true)?;
        Ok(agent)
    }

    /// Takes in what the site told.
    ///
    /// # Errors
    /// Where it cannot go on.
    pub fn turn(&mut self) -> Result<(), Stopped> {
        let happened: Vec<Event> = self.inbox.try_iter().collect();
        if happened.is_empty() { self.state.tick() } else { self.state.turn(happened, false) }
    }

    /// Asks the hub what is wanted.
    ///
    /// # Errors
    /// Where it cannot go on; an answer that is lost is no reason.
    pub fn poll(&mut self) -> Result<(), Stopped> {
        let sent = Moment::now();
        let asked = self.options.link.get::<Wanted>(&format!("/v1/agent/wanted?after={}&wait_ms=0", self.state.as_of));
        self.heard(asked.map(|wanted| {
            self.lease.answered(sent);
            Event::Wanted(wanted)
        }));
        self.turn()
    }

    /// Tells the hub what is to be told; what was not answered is told again first.
    ///
    /// # Errors
    /// Where it cannot go on.
    pub fn report(&mut self) -> Result<(), Stopped> {
        if let Some(latest) = self.inventories.try_iter().last() {
            self.untold = Some(latest);
        }
        if let Some(latest) = &self.untold {
            match self.options.link.post::<_, IgnoredAny>("/v1/agent/inventory", latest) {
                Ok(_) => self.untold = None,
                Err(fault) => self.heard(Err(fault)),
            }
        }
        let (reports, sent) = match self.unanswered.take() {
            Some(again) => again,
            None => letter(self.sayings.try_iter().take(2000)),
        };
        if !reports.reports.is_empty() || !reports.notes.is_empty() {
            match self.options.link.post::<_, Reported>("/v1/agent/reports", &reports) {
                Ok(answer) => self.heard(Ok(Event::Reported { sent, answer })),
                Err(fault) => {
                    self.unanswered = Some((reports, sent));
                    self.heard(Err(fault));
                }
            }
        }
        self.turn()
    }

    fn heard(&self, answer: Result<Event, Fault>) {
        match answer {
            Ok(event) => drop(self.events.send(event)),
            Err(fault) if fault.retryable() => {}
            Err(fault) => drop(self.events.send(Event::Refused(fault))),
        }
    }
}

/// The time that a thread's clocks show from now on.
pub fn tell_time(wall: Time, steady: Duration) {
    clock::tell(wall, Moment::after(steady));
}
