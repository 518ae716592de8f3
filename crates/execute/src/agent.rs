//! The agent: asks what is wanted, sees what is there, closes the gap, reports until answered.
//!
//! Threads feed one loop, so that no waiting for the hub delays a start: one hears the site's news, one holds the long
//! poll, one sends reports, one tells what the site has. The loop itself only compares (`reconcile`) and passes on.

pub(crate) mod state;
pub(crate) mod threads;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use dispatch::Report;
use measure::{JobId, Span};

use crate::clock::{self, Moment};
use crate::credential::Credential;
use crate::lease::Lease;
use crate::link::{Fault, Link};
use crate::site::{News, Order, Site};
use crate::wire::{Greeting, Hello, Reported, Reports, Wanted, from_site};
use crate::{below, kubernetes, local, slurm};
use state::State;

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
    /// Another hub.
    Hub(Box<below::Options>),
}

impl Executor {
    /// The word it is called by.
    pub fn name(&self) -> &'static str {
        match self {
            Executor::Local(_) => "local",
            Executor::Slurm(_) => "slurm",
            Executor::Kubernetes(_) => "kubernetes",
            Executor::Hub(_) => "hub",
        }
    }

    /// Whether the energy that is told holds the facility's share: another hub has counted it in.
    pub(crate) fn counts_facility(&self) -> bool {
        matches!(self, Executor::Hub(_))
    }

    /// Whether the agent itself brings what jobs read and delivers what they write; where not, the site has that done, or refuses.
    pub(crate) fn carries_data(&self) -> bool {
        !matches!(self, Executor::Hub(_))
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

pub(crate) enum Event {
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
    let options = Arc::new(Options { link, ..options.clone() });
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
        Executor::Hub(hub) => {
            let opened = below::Below::open(&options.folder, hub, news);
            Box::new(opened.map_err(machine("cannot serve a hub below from"))?)
        }
    };
    let lease = Lease::recall(&options.folder);
    let outboxes = (
        threads::send_reports(options.link.clone(), events.clone()),
        threads::send_inventory(options.link.clone(), events.clone()),
    );
    let mut state = State::new(options.clone(), host, site, lease.clone(), events.clone(), outboxes);
    begin(&options, &mut state, &lease, &inbox)?;
    Credential::of(&options.folder).keep_fresh(options.link.clone());
    threads::poll_wanted(options.link.clone(), state.as_of, lease, events.clone());
    thread::spawn(move || {
        while events.send(Event::Tidy).is_ok() {
            thread::sleep(Duration::from_secs(3600));
        }
    });
    state.work(&inbox)
}

/// What an agent does before its work: hears its site, shows who it is, and tells what it cannot know of.
pub(crate) fn begin(options: &Options, state: &mut State, lease: &Lease, inbox: &Receiver<Event>) -> Result<(), Stopped> {
    let machine = |what: &str| {
        let what = format!("{what} {}", options.folder.display());
        move |source| Stopped::Machine { what, source }
    };
    let fresh = state.hear_all(inbox)?;
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
    lease.answered(Moment::now());
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
    Ok(())
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
            // In a simulation it is the simulation that tries again.
            Err(fault) if fault.retryable() && !clock::is_told() => {
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

/// A report as the hub names it: the job, and which attempt.
fn named(run: JobId, report: Report) -> ((JobId, Report), u32) {
    let (job, attempt) = from_site(run);
    ((job, report), attempt)
}
