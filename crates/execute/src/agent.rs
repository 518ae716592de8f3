//! The agent: asks what is wanted, sees what is there, closes the gap, reports until answered.
//!
//! Threads feed one loop, so that no waiting for the hub delays a start: one hears the site's news, one holds the long
//! poll, one sends reports, one tells what the site has. The loop itself only compares (`reconcile`) and passes on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use dispatch::{End, LostReason, Report, Usage};
use measure::{JobId, Span};
use serde::de::IgnoredAny;

use crate::credential::Credential;
use crate::data::{self, Bringer, Delivery};
use crate::lease::Lease;
use crate::link::{Fault, Link};
use crate::reconcile::{Command, SeenJob, SeenReplica, Wish, reconcile};
use crate::site::{News, Order, Site};
use crate::wire::{Greeting, Hello, Inventory, LogAsk, Reported, Reports, Wanted, WantedJob, WantedReplica, at_site, from_site};
use crate::{folder, kubernetes, local, slurm};

/// What an agent is told on its command line.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its hub.
    pub link: Link,
    /// The token it was given: a joining token, or one that serves for ever. May be empty where it has joined before.
    pub token: String,
    /// The pool it is for.
    pub pool: String,
    /// Its own folder.
    pub folder: PathBuf,
    /// What starts the work.
    pub executor: Executor,
    /// From TERM to KILL when a job is cancelled.
    pub grace: Span,
    /// How long the folders of ended jobs, with their output, are kept.
    pub keep_output: Duration,
    /// Where output may be delivered with the agent's own keys: `s3://BUCKET/…/`, where `{tenant}` stands for the tenant.
    pub stores: Vec<String>,
}

/// What starts the work.
#[derive(Debug, Clone)]
pub enum Executor {
    /// This machine, through a keeper.
    Local(local::Options),
    /// A Slurm cluster.
    Slurm(slurm::Options),
    /// A Kubernetes cluster.
    Kubernetes(Box<kubernetes::Options>),
}

impl Executor {
    /// The word it is called by.
    pub fn name(&self) -> &'static str {
        match self {
            Executor::Local(_) => "local",
            Executor::Slurm(_) => "slurm",
            Executor::Kubernetes(_) => "kubernetes",
        }
    }
}

/// The agent cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The hub does not want this agent.
    #[error(transparent)]
    Hub(#[from] Fault),
    /// This machine does not play along.
    #[error("{what}")]
    Machine {
        /// What was tried.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The token is for another pool.
    #[error("the token is for the pool {theirs}, and this agent was started for {own}")]
    OtherPool {
        /// As it was started.
        own: String,
        /// As the hub says.
        theirs: String,
    },
    /// Another agent serves this folder.
    #[error("another agent already serves {}", .0.display())]
    Twice(PathBuf),
}

enum Event {
    News(News),
    Wanted(Wanted),
    Reported {
        sent: Vec<JobId>,
        answer: Reported,
    },
    Refused(Fault),
    /// The inputs of a run are there, or cannot be.
    Brought(JobId, Result<BTreeMap<String, String>, String>),
    /// The outputs of a run are delivered, or cannot be.
    Delivered(JobId, Result<(), String>),
    /// Time to remove old output.
    Tidy,
}

/// Asks for all that is wanted now.
const EVERYTHING: &str = "/v1/agent/wanted?after=0&wait_ms=0";

/// Runs the agent until its hub refuses it for good or this machine fails it; a hub that is away is waited for.
///
/// # Errors
/// See [`Stopped`].
pub fn run(options: &Options) -> Result<(), Stopped> {
    let machine = |what: &str| {
        let what = format!("{what} {}", options.folder.display());
        move |source| Stopped::Machine { what, source }
    };
    std::fs::create_dir_all(&options.folder).map_err(machine("cannot make the agent's folder"))?;
    // Whoever can write to the keeper's socket can run programs as this user.
    let own = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&options.folder, own).map_err(machine("cannot close to others"))?;
    let mut lock = std::fs::File::create(options.folder.join("agent.lock")).map_err(machine("cannot write in"))?;
    // The lock of an agent that was just killed may be free a moment later.
    let mut tries = 20;
    let _lock = loop {
        match nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusiveNonblock) {
            Ok(held) => break held,
            Err(_) if tries == 0 => return Err(Stopped::Twice(options.folder.clone())),
            Err((file, _)) => lock = file,
        }
        tries -= 1;
        thread::sleep(Duration::from_millis(50));
    };
    let link = options.link.clone().marked(&mark(&options.folder).map_err(machine("cannot keep the agent's mark in"))?);
    let host = match &options.executor {
        Executor::Local(own) => Some(local::this_machine(own).name),
        _ => None,
    };
    let link = host.iter().fold(link, |link, host| link.hosted(host));
    let options = &Options { link, ..options.clone() };
    let (events, inbox) = channel();
    let heard = events.clone();
    let news = move |news| heard.send(Event::News(news)).is_ok();
    let site: Box<dyn Site> = match &options.executor {
        Executor::Local(own) => {
            let opened = local::Machine::open(&options.folder, own, news);
            Box::new(opened.map_err(machine("cannot start a keeper in"))?)
        }
        Executor::Slurm(cluster) => {
            let opened = slurm::Cluster::open(&options.folder, cluster, news);
            Box::new(opened.map_err(machine("cannot serve a Slurm cluster from"))?)
        }
        Executor::Kubernetes(cluster) => {
            let opened = kubernetes::Cluster::open(&options.folder, cluster, options.grace, news);
            Box::new(opened.map_err(machine("cannot serve a Kubernetes cluster from"))?)
        }
    };
    let lease = Lease::recall(&options.folder);
    let mut state = State::new(options, host, site, lease.clone(), events.clone());
    let fresh = state.hear_all(&inbox)?;
    // What is wanted before we say hello was placed for an earlier agent; if nothing of that time is known here,
    // those jobs may have run, and are never run again.
    let mut given_up = Ok(());
    let mut first = |link: &Link| {
        patiently(|| {
            if lease.over() {
                given_up = state.give_up();
            }
            link.get::<Wanted>(EVERYTHING)
        })
    };
    let credential = Credential::of(&options.folder);
    credential.obtain(&options.link, &options.token, &mut first)?.map_err(machine("cannot keep the agent's secret in"))?;
    let before = first(&options.link)?;
    given_up?;
    credential.keep_fresh(options.link.clone());
    lease.answered(Instant::now());
    let hello = Hello {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        executor: options.executor.name().to_owned(),
        nodes: state.inventory.nodes.clone(),
        others: state.inventory.others.clone(),
        shares: state.host.is_some(),
    };
    if before.for_another {
        // Remembered by the site first: should this agent die now, the next one knows it, too.
        state.order(vec![Order::Doubt])?;
    }
    let joined: Result<Greeting, Fault> = patiently(|| options.link.post("/v1/agent/hello", &hello));
    if let Err(Fault::Refused { status: 409, .. }) = &joined {
        // Another agent has the pool: nothing that this one ever started is wanted any more.
        state.order(vec![Order::Quit])?;
    }
    let greeting = joined?;
    if greeting.pool != options.pool {
        return Err(Stopped::OtherPool { own: options.pool.clone(), theirs: greeting.pool });
    }
    if fresh || before.for_another {
        let (reports, attempts) = state.lost(&before).into_iter().map(|(run, report)| named(run, report)).unzip();
        let reports = Reports { reports, attempts, notes: Vec::new() };
        let _: Reported = patiently(|| options.link.post("/v1/agent/reports", &reports))?;
        state.order(vec![Order::Sure])?;
    }
    // What this machine was called before it said hello may have been another name.
    let wanted = if state.host.is_some() { patiently(|| options.link.get(EVERYTHING))? } else { before };
    state.want(wanted);
    tracing::info!(hub = options.link.url(), folder = %options.folder.display(), "agent joined");
    poll_wanted(options.link.clone(), state.as_of, lease, events.clone());
    thread::spawn(move || {
        while events.send(Event::Tidy).is_ok() {
            thread::sleep(Duration::from_secs(3600));
        }
    });
    state.work(&inbox)
}

/// Joins a pool: leaves a secret of the agent's own with the hub, which uses the token up. Starts nothing.
///
/// # Errors
/// Where the hub refuses, or the folder cannot be written.
pub fn join(link: &Link, token: &str, folder: &Path) -> Result<(), Stopped> {
    let machine = |source| Stopped::Machine { what: format!("cannot write in {}", folder.display()), source };
    std::fs::create_dir_all(folder).map_err(machine)?;
    let link = link.clone().marked(&mark(folder).map_err(machine)?);
    let first = |link: &Link| link.get::<Wanted>(EVERYTHING);
    Credential::of(folder).obtain(&link, token, first)?.map_err(machine)
}

/// Which agent this is: made once, kept in its folder, so that a restarted agent is the same one.
fn mark(folder: &Path) -> io::Result<String> {
    let path = folder.join("agent.id");
    match std::fs::read_to_string(&path) {
        Ok(mark) if !mark.trim().is_empty() => return Ok(mark.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("the system has no randomness"))?;
    let mark: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let new = path.with_extension("new");
    std::fs::write(&new, &mark)?;
    std::fs::File::open(&new)?.sync_all()?;
    std::fs::rename(&new, &path)?;
    Ok(mark)
}

/// Repeats a request while the hub is away.
pub(crate) fn patiently<T>(mut ask: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let mut pause = Duration::from_millis(20);
    let mut told = false;
    loop {
        match ask() {
            Err(fault) if fault.retryable() => {
                if pause >= Duration::from_secs(1) && !std::mem::replace(&mut told, true) {
                    tracing::warn!(%fault, "the hub is away; it is asked again until it answers");
                }
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            answer => {
                if told {
                    tracing::info!("the hub answers again");
                }
                return answer;
            }
        }
    }
}

fn poll_wanted(link: Link, mut after: u64, lease: Lease, events: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let mut sent = Instant::now();
            let asked = patiently(|| {
                sent = Instant::now();
                link.get::<Wanted>(&format!("/v1/agent/wanted?after={after}&wait_ms=20000"))
            });
            match asked {
                Ok(wanted) => {
                    lease.answered(sent);
                    after = wanted.as_of;
                    if events.send(Event::Wanted(wanted)).is_err() {
                        return;
                    }
                }
                Err(fault) => {
                    let _ = events.send(Event::Refused(fault));
                    return;
                }
            }
        }
    });
}

/// What is said of a run.
enum Saying {
    Report(Report),
    /// For people, and not kept.
    Note(String),
}

/// Sends what is said, all that has gathered at a time, in order.
fn send_reports(link: Link, events: Sender<Event>) -> Sender<(JobId, Saying)> {
    let (outbox, gathered) = channel::<(JobId, Saying)>();
    thread::spawn(move || {
        while let Ok(first) = gathered.recv() {
            let (mut reports, mut sent) = (Reports::default(), Vec::new());
            for (run, saying) in std::iter::once(first).chain(gathered.try_iter().take(1999)) {
                let (job, attempt) = from_site(run);
                match saying {
                    Saying::Report(report) => {
                        if matches!(report, Report::Ended(..)) {
                            sent.push(run);
                        }
                        reports.reports.push((job, report));
                        reports.attempts.push(attempt);
                    }
                    Saying::Note(text) => reports.notes.push((job, text)),
                }
            }
            let event = match patiently(|| link.post::<_, Reported>("/v1/agent/reports", &reports)) {
                Ok(answer) => Event::Reported { sent, answer },
                Err(fault) => Event::Refused(fault),
            };
            if events.send(event).is_err() {
                return;
            }
        }
    });
    outbox
}

/// Tells the hub what the site has, the latest only.
fn send_inventory(link: Link, events: Sender<Event>) -> Sender<Inventory> {
    let (outbox, gathered) = channel::<Inventory>();
    thread::spawn(move || {
        while let Ok(first) = gathered.recv() {
            let latest = gathered.try_iter().last().unwrap_or(first);
            match patiently(|| link.post::<_, IgnoredAny>("/v1/agent/inventory", &latest)) {
                Ok(_) => {}
                // A hub of the release before knows no such thing.
                Err(Fault::Refused { status: 404, .. }) => {
                    tracing::warn!("this hub does not take in what others use of the site; update it");
                }
                Err(fault) => {
                    let _ = events.send(Event::Refused(fault));
                    return;
                }
            }
        }
    });
    outbox
}

/// A report as the hub names it: the job, and which attempt.
fn named(run: JobId, report: Report) -> ((JobId, Report), u32) {
    let (job, attempt) = from_site(run);
    ((job, report), attempt)
}

/// What was last said about a job, so that it is not said again with every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Launched,
    Started,
    Ended,
}

struct State<'a> {
    options: &'a Options,
    /// The one machine it serves, where it serves one: replicas on others are for the agents of others.
    host: Option<String>,
    site: Box<dyn Site>,
    reports: Sender<(JobId, Saying)>,
    inventories: Sender<Inventory>,
    /// What the site has.
    inventory: Inventory,
    wanted: BTreeMap<JobId, WantedJob>,
    seen: BTreeMap<JobId, SeenJob>,
    said: BTreeMap<JobId, Said>,
    /// Jobs the site was ordered to stop.
    stopping: BTreeSet<JobId>,
    /// Ends that the hub has taken, with its entry then: older answers about what is wanted must not revive them.
    done: BTreeMap<JobId, u64>,
    lease: Lease,
    /// Runs that were ended because the lease was over.
    given_up: BTreeSet<JobId>,
    as_of: u64,
    orders: Vec<Order>,
    launches: Vec<WantedJob>,
    forget: Vec<JobId>,
    bringer: Bringer,
    /// Runs whose inputs are being brought, with what ends that, and those whose inputs are there.
    bringing: BTreeMap<JobId, Arc<AtomicBool>>,
    brought: BTreeMap<JobId, BTreeMap<String, String>>,
    /// Runs whose outputs are being delivered, with what ends that, and what became of it.
    delivering: BTreeMap<JobId, Arc<AtomicBool>>,
    delivered: BTreeMap<JobId, Result<(), String>>,
    events: Sender<Event>,
}

impl<'a> State<'a> {
    fn new(options: &'a Options, host: Option<String>, site: Box<dyn Site>, lease: Lease, events: Sender<Event>) -> State<'a> {
        State {
            options,
            host,
            site,
            reports: send_reports(options.link.clone(), events.clone()),
            inventories: send_inventory(options.link.clone(), events.clone()),
            inventory: Inventory::default(),
            wanted: BTreeMap::new(),
            seen: BTreeMap::new(),
            said: BTreeMap::new(),
            stopping: BTreeSet::new(),
            done: BTreeMap::new(),
            lease,
            given_up: BTreeSet::new(),
            as_of: 0,
            orders: Vec::new(),
            launches: Vec::new(),
            forget: Vec::new(),
            bringer: Bringer::default(),
            bringing: BTreeMap::new(),
            brought: BTreeMap::new(),
            delivering: BTreeMap::new(),
            delivered: BTreeMap::new(),
            events,
        }
    }

    /// Hears the site out; true if it knows nothing from before.
    fn hear_all(&mut self, inbox: &Receiver<Event>) -> Result<bool, Stopped> {
        while let Ok(event) = inbox.recv() {
            match event {
                Event::News(News::Seen(job, replica, seen)) => self.hear(job, replica, seen),
                Event::News(News::Listed { fresh }) => return Ok(fresh),
                Event::News(News::Noted(..)) => {}
                Event::News(News::Nodes(nodes)) => self.inventory.nodes = nodes,
                Event::News(News::Others(others)) => self.inventory.others = others,
                Event::News(News::Gone(source)) => return Err(self.gone(source)),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    fn gone(&self, source: io::Error) -> Stopped {
        Stopped::Machine { what: format!("cannot go on in {}", self.options.folder.display()), source }
    }

    fn hear(&mut self, job: JobId, replica: u32, seen: crate::reconcile::SeenReplica) {
        let known = self.seen.entry(job).or_default();
        let at = replica as usize;
        if known.replicas.len() <= at {
            known.replicas.resize(at + 1, None);
        }
        known.replicas[at] = Some(seen);
    }

    /// Jobs placed before this agent's time of which nothing is known here: they may have run, and are never run again.
    fn lost(&mut self, before: &Wanted) -> Vec<(JobId, Report)> {
        let runs = before.jobs.iter().map(|job| at_site(job.job, job.attempt));
        let unknown = runs.filter(|job| !self.seen.contains_key(job));
        let lost: Vec<JobId> = unknown.collect();
        self.said.extend(lost.iter().map(|job| (*job, Said::Ended)));
        lost.into_iter().map(|job| (job, Report::Ended(End::Lost(LostReason::MachineRestarted), Usage::default()))).collect()
    }

    fn order(&mut self, orders: Vec<Order>) -> Result<(), Stopped> {
        self.site.order(orders).map_err(|source| self.gone(source))
    }

    /// Takes over what is wanted and returns the jobs it concerns.
    fn want(&mut self, news: Wanted) -> BTreeSet<JobId> {
        let mut touched = BTreeSet::new();
        if news.full {
            touched.extend(self.wanted.keys().chain(self.seen.keys()));
            self.wanted.clear();
        }
        let revived = |job: &JobId| self.done.get(job).is_some_and(|done| news.as_of < *done);
        for job in news.jobs {
            let run = at_site(job.job, job.attempt);
            if revived(&run) {
                continue;
            }
            // A job has one attempt at a time.
            for earlier in 1..job.attempt {
                let over = at_site(job.job, earlier);
                if self.wanted.remove(&over).is_some() {
                    touched.insert(over);
                }
            }
            touched.insert(run);
            self.wanted.insert(run, job);
        }
        if !news.gone.is_empty() {
            let gone: BTreeSet<JobId> = news.gone.into_iter().collect();
            let over: Vec<JobId> = self.wanted.keys().copied().filter(|run| gone.contains(&from_site(*run).0)).collect();
            for run in over {
                touched.insert(run);
                self.wanted.remove(&run);
            }
        }
        self.lease.set(news.lease);
        self.given_up.retain(|run| self.wanted.contains_key(run) || self.seen.contains_key(run));
        self.as_of = news.as_of;
        self.done.retain(|_, done| *done > news.as_of);
        for ask in news.log_asks {
            answer_logs(self.options, ask);
        }
        touched
    }

    fn work(&mut self, inbox: &Receiver<Event>) -> Result<(), Stopped> {
        let mut touched: BTreeSet<JobId> = self.wanted.keys().chain(self.seen.keys()).copied().collect();
        loop {
            for job in std::mem::take(&mut touched) {
                self.close_gap(job);
            }
            self.send_orders()?;
            let first = match inbox.recv_timeout(Duration::from_secs(1)) {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    if self.lease.over() {
                        self.give_up()?;
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let gathered: Vec<Event> = std::iter::once(first).chain(inbox.try_iter().take(9999)).collect();
            for event in gathered {
                match event {
                    Event::News(News::Seen(job, replica, seen)) => {
                        self.hear(job, replica, seen);
                        touched.insert(job);
                    }
                    Event::News(News::Listed { .. }) => {}
                    Event::News(News::Noted(run, text)) => {
                        let _ = self.reports.send((run, Saying::Note(text)));
                    }
                    Event::News(News::Nodes(nodes)) => {
                        self.inventory.nodes = nodes;
                        let _ = self.inventories.send(self.inventory.clone());
                    }
                    Event::News(News::Others(others)) => {
                        self.inventory.others = others;
                        let _ = self.inventories.send(self.inventory.clone());
                    }
                    Event::News(News::Gone(source)) => return Err(self.gone(source)),
                    Event::Wanted(wanted) => touched.extend(self.want(wanted)),
                    Event::Reported { sent, answer } => {
                        for (job, reason) in &answer.refused {
                            tracing::warn!(%job, reason, "the hub does not take a report");
                        }
                        for job in sent {
                            self.wanted.remove(&job);
                            self.done.insert(job, answer.as_of);
                            touched.insert(job);
                        }
                    }
                    Event::Brought(run, outcome) => {
                        self.take_brought(run, outcome);
                        touched.insert(run);
                    }
                    Event::Delivered(run, outcome) => {
                        if self.delivering.remove(&run).is_some() {
                            self.delivered.insert(run, outcome);
                            touched.insert(run);
                        }
                    }
                    Event::Tidy => {
                        let inputs: Vec<_> = self.wanted.values().flat_map(|job| job.inputs.clone()).collect();
                        let live = self.wanted.keys().chain(self.seen.keys()).copied().collect();
                        let (folder, keep) = (self.options.folder.clone(), self.options.keep_output);
                        thread::spawn(move || {
                            folder::tidy(&folder, keep, &live);
                            data::tidy(&folder, keep, &inputs);
                        });
                    }
                    Event::Refused(fault) => return Err(fault.into()),
                }
            }
        }
    }

    /// Ends what runs, because the hub will soon take it for lost.
    fn give_up(&mut self) -> Result<(), Stopped> {
        let over = |seen: &SeenJob| seen.replicas.iter().flatten().all(|one| matches!(one, SeenReplica::Ended { .. }));
        let runs: BTreeSet<JobId> = self.wanted.keys().chain(self.seen.keys()).copied().collect();
        let live = |run: &JobId| self.seen.get(run).is_none_or(|seen| !over(seen)) && !self.given_up.contains(run);
        let runs: Vec<JobId> = runs.into_iter().filter(live).collect();
        if runs.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            runs = runs.len(),
            "the hub has been away for too long; what runs is ended before the hub takes it for lost"
        );
        for run in runs {
            self.given_up.insert(run);
            self.close_gap(run);
        }
        self.send_orders()
    }

    fn close_gap(&mut self, id: JobId) {
        let wish = match self.wanted.get(&id) {
            None => Wish::Nothing,
            Some(job) if job.stop || self.given_up.contains(&id) => Wish::Stop(self.replicas(job)),
            Some(job) => Wish::Run(self.replicas(job)),
        };
        let said = self.said.get(&id).copied();
        if !matches!(wish, Wish::Run(_)) {
            self.brought.remove(&id);
            if let Some(unwanted) = self.bringing.remove(&id) {
                unwanted.store(true, Ordering::Relaxed);
            }
            if let Some(unwanted) = self.delivering.get(&id) {
                unwanted.store(true, Ordering::Relaxed);
            }
        }
        for command in reconcile(wish, self.seen.get(&id)) {
            match command {
                Command::Launch if said.is_none() => {
                    if let Some(job) = self.with_inputs(id) {
                        self.launches.push(job);
                        self.said.insert(id, Said::Launched);
                    }
                }
                Command::Stop => self.stop(id),
                // It is being launched: the site will say what became of it.
                Command::Tell(Report::Ended(..)) if said == Some(Said::Launched) && !self.seen.contains_key(&id) => self.stop(id),
                Command::Tell(report) => {
                    // Stopped, and not because anybody asked: for a silence of the hub.
                    let asked = self.wanted.get(&id).is_some_and(|job| job.stop);
                    let report = match report {
                        Report::Ended(End::Cancelled, usage) if !asked => Report::Ended(End::Lost(LostReason::Silent), usage),
                        report => report,
                    };
                    let Some(report) = self.with_outputs(id, report) else { continue };
                    let saying = if report == Report::Started { Said::Started } else { Said::Ended };
                    if said < Some(saying) {
                        self.said.insert(id, saying);
                        let _ = self.reports.send((id, Saying::Report(report)));
                    }
                }
                Command::Forget => self.forget.push(id),
                Command::Launch => {}
            }
        }
        if wish == Wish::Nothing && (self.forget.last() == Some(&id) || !self.seen.contains_key(&id)) {
            self.seen.remove(&id);
            // A launch that is on its way is heard of later, and stopped then.
            self.said.remove(&id);
            self.stopping.remove(&id);
            self.delivering.remove(&id);
            self.delivered.remove(&id);
        }
    }

    /// An end as it is told, once what the job wrote is where it should be; has it delivered before.
    fn with_outputs(&mut self, id: JobId, report: Report) -> Option<Report> {
        let Report::Ended(End::Exited(0), usage) = &report else { return Some(report) };
        let Some(job) = self.wanted.get(&id).filter(|job| !job.outputs.is_empty()) else { return Some(report) };
        // Of a gang over several machines, that of the first replica delivers.
        let first = job.replicas.first().is_some_and(|first| self.host.as_ref().is_none_or(|host| first.node == *host));
        if !first || self.said.get(&id) == Some(&Said::Ended) {
            return Some(report);
        }
        match self.delivered.remove(&id) {
            Some(Ok(())) => return Some(report),
            Some(Err(told)) if !job.stop => {
                return Some(Report::Ended(End::Undelivered(told.chars().take(500).collect()), *usage));
            }
            // What it sends is not waited for: the other side may never answer.
            _ if job.stop => {
                if let Some(unwanted) = self.delivering.remove(&id) {
                    unwanted.store(true, Ordering::Relaxed);
                }
                return Some(Report::Ended(End::Cancelled, *usage));
            }
            _ if self.delivering.contains_key(&id) => return None,
            _ => {}
        }
        let unwanted = Arc::new(AtomicBool::new(false));
        let delivery = Delivery {
            folder: folder::job_folder(&self.options.folder, id),
            outputs: job.outputs.clone(),
            tenant: job.tenant.clone(),
            stores: self.options.stores.clone(),
        };
        self.delivering.insert(id, unwanted.clone());
        let (events, reports) = (self.events.clone(), self.reports.clone());
        thread::spawn(move || {
            let tell = |told| drop(reports.send((id, Saying::Note(told))));
            let outcome = data::deliver(&delivery, &unwanted, &tell);
            let _ = events.send(Event::Delivered(id, outcome));
        });
        None
    }

    /// How many replicas of a job run where this agent starts them.
    fn replicas(&self, job: &WantedJob) -> u32 {
        let here = |replica: &&WantedReplica| self.host.as_ref().is_none_or(|host| replica.node == *host);
        job.replicas.iter().filter(here).count() as u32
    }

    /// A job as it is launched, once its inputs are at the site; has them brought before.
    fn with_inputs(&mut self, id: JobId) -> Option<WantedJob> {
        let mut job = self.wanted[&id].clone();
        if job.inputs.is_empty() {
            return Some(job);
        }
        if let Some(found) = self.brought.remove(&id) {
            job.command.env.extend(found);
            return Some(job);
        }
        if self.bringing.contains_key(&id) {
            return None;
        }
        let unwanted = Arc::new(AtomicBool::new(false));
        self.bringing.insert(id, unwanted.clone());
        let (bringer, folder, events) = (self.bringer.clone(), self.options.folder.clone(), self.events.clone());
        let reports = self.reports.clone();
        thread::spawn(move || {
            let tell = |told| drop(reports.send((id, Saying::Note(told))));
            let outcome = bringer.bring(&folder, &job.inputs, &unwanted, &tell);
            let _ = events.send(Event::Brought(id, outcome));
        });
        None
    }

    fn take_brought(&mut self, id: JobId, outcome: Result<BTreeMap<String, String>, String>) {
        // Not wanted any more, or wanted anew meanwhile.
        if self.bringing.get(&id).is_none_or(|unwanted| unwanted.load(Ordering::Relaxed)) {
            return;
        }
        self.bringing.remove(&id);
        match outcome {
            Ok(found) => drop(self.brought.insert(id, found)),
            Err(told) => {
                self.said.insert(id, Said::Ended);
                let report = Report::Ended(End::NotStarted(told), Usage::default());
                let _ = self.reports.send((id, Saying::Report(report)));
            }
        }
    }

    /// Orders a job stopped, once. A site follows orders in turn, so a launch sent before is stopped too.
    fn stop(&mut self, id: JobId) {
        if self.stopping.insert(id) {
            self.orders.push(match self.wanted.get(&id).and_then(|job| job.notice) {
                Some(notice) => Order::Notify(id, notice.signal, notice.grace),
                None => Order::Stop(id, self.options.grace),
            });
        }
    }

    fn send_orders(&mut self) -> Result<(), Stopped> {
        let mut orders = std::mem::take(&mut self.orders);
        if !self.launches.is_empty() {
            orders.push(Order::Launch(std::mem::take(&mut self.launches)));
        }
        if !self.forget.is_empty() {
            orders.push(Order::Forget(std::mem::take(&mut self.forget)));
        }
        if orders.is_empty() {
            return Ok(());
        }
        self.order(orders)
    }
}

/// Sends a piece of output, from a thread of its own: reading may be slow, starting jobs may not.
fn answer_logs(options: &Options, ask: LogAsk) {
    let (link, folder) = (options.link.clone(), options.folder.clone());
    thread::spawn(move || {
        let piece = folder::read_piece(&folder, &ask);
        let (from, bytes, found) = match piece {
            Ok((from, bytes)) => (from, bytes, true),
            Err(_) => (0, Vec::new(), false),
        };
        let path = format!("/v1/agent/logs/{}?from={from}&found={found}", ask.id);
        if let Err(fault) = link.post_bytes(&path, &bytes) {
            tracing::debug!(%fault, "output could not be sent");
        }
    });
}
