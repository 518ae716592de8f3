//! The machine it runs on as a pool: real processes, held by a keeper that outlives the agent.

pub(crate) mod cgroup;
mod journal;
mod keeper;
mod process;
mod talk;

pub use keeper::keep;
pub use talk::quit;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use dispatch::{Command, End, Node};
use measure::{Cpu, Devices, Memory};

use crate::environment::environments;
use crate::folder::job_folder;
use crate::reconcile::SeenReplica;
use crate::site::{self, Site};
use crate::wire::{WantedJob, WantedReplica, at_site};
use talk::{Keeper, Launch};

/// What a line would say, were it the keeper's own memory, or what it and the agent say to each other.
pub(crate) fn told(line: &str) -> Vec<String> {
    let told = (
        serde_json::from_str::<journal::Line>(line).ok(),
        serde_json::from_str::<talk::Order>(line).ok(),
        serde_json::from_str::<talk::News>(line).ok(),
    );
    vec![format!("{told:?}")]
}

/// The word the keeper process is called by: `argv[0]`.
pub const KEEPER_NAME: &str = "shugu-keeper";

/// How this machine is used.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The program to start a keeper with: this one.
    pub program: PathBuf,
    /// What it is called in its pool, by which the replicas of a gang reach each other; its own name if `None`.
    pub host: Option<String>,
    /// Its accelerators, and their model as the census calls it. What a device can do is not guessed.
    pub devices: Option<(Devices, String)>,
}

/// This machine as a node.
pub fn this_machine(options: &Options) -> Node {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    let own = || nix::unistd::gethostname().ok()?.into_string().ok();
    // It is sent as a header.
    let plain = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    let name = options.host.clone().or_else(own).filter(plain);
    Node {
        name: name.unwrap_or_else(|| "localhost".to_owned()),
        model: options.devices.as_ref().map(|(_, model)| model.clone()),
        devices: options.devices.as_ref().map_or(Devices(0), |(devices, _)| *devices),
        cpu: Cpu::cores(cores as u64),
        memory: Memory(total.unwrap_or(0_u64) << 10),
        ..Node::default()
    }
}

/// How long a test job may take.
const TEST_MOST: Duration = Duration::from_secs(20);

/// Runs a job that does nothing the whole way: a keeper of its own in a folder below, a process, and word of its end.
///
/// # Errors
/// What went wrong, in words.
pub(crate) fn try_out(folder: &Path, options: &Options) -> Result<Duration, String> {
    let (own, begun) = (folder.join("probe"), Instant::now());
    let outcome = run_test(&own, options).map(|()| begun.elapsed());
    talk::quit(&own);
    let _ = std::fs::remove_dir_all(&own);
    outcome
}

fn run_test(own: &Path, options: &Options) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", own.display());
    std::fs::create_dir_all(own).map_err(failed)?;
    let (told, heard) = channel();
    let mut machine = Machine::open(own, options, move |news| told.send(news).is_ok()).map_err(failed)?;
    let command = Command { argv: vec!["true".to_owned()], ..Command::default() };
    let job = WantedJob {
        replicas: vec![WantedReplica { node: machine.host.clone(), devices: Vec::new() }],
        command,
        ..WantedJob::test()
    };
    machine.order(vec![site::Order::Launch(vec![job])]).map_err(failed)?;
    let until = Instant::now() + TEST_MOST;
    loop {
        match heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(site::News::Seen(_, _, SeenReplica::Ended { end: End::Exited(0), .. })) => return Ok(()),
            Ok(site::News::Seen(_, _, SeenReplica::Ended { end, .. })) => return Err(format!("it {end}")),
            Ok(site::News::Gone(error)) => return Err(failed(error)),
            Ok(_) => {}
            Err(_) => return Err(format!("no word of its end within {} s", TEST_MOST.as_secs())),
        }
    }
}

/// This machine, through its keeper.
pub(crate) struct Machine {
    keeper: Keeper,
    folder: PathBuf,
    host: String,
}

impl Machine {
    /// Connects to the keeper of `folder`, starting one with `program` if none runs; what it says goes to `news`.
    pub(crate) fn open(
        folder: &Path,
        options: &Options,
        news: impl Fn(site::News) -> bool + Send + 'static,
    ) -> io::Result<Machine> {
        let keeper = Keeper::connect(folder, &options.program)?;
        let heard = keeper.try_clone()?;
        let node = this_machine(options);
        let host = node.name.clone();
        thread::spawn(move || {
            let mut going = news(site::News::Nodes(vec![node]));
            for said in heard.news() {
                going = going
                    && match said {
                        Ok(talk::News::Seen(job, replica, seen)) => news(site::News::Seen(job, replica, seen)),
                        Ok(talk::News::Listed { fresh }) => news(site::News::Listed { fresh }),
                        Err(_) => break,
                    };
                if !going {
                    return;
                }
            }
            news(site::News::Gone(io::Error::other("its keeper ended")));
        });
        Ok(Machine { keeper, folder: folder.to_owned(), host })
    }

    /// The processes of a job on this machine: other replicas are for the agents of others.
    fn launches(&self, job: &WantedJob) -> Vec<Launch> {
        let launch = |(replica, env)| Launch {
            job: at_site(job.job, job.attempt),
            replica,
            argv: job.command.argv.clone(),
            env,
            directory: job.command.directory.clone(),
            time_limit: job.time_limit,
            memory: job.memory,
            cpu: job.cpu,
        };
        let own = job_folder(&self.folder, at_site(job.job, job.attempt));
        let peers: Vec<String> = job.replicas.iter().map(|replica| replica.node.clone()).collect();
        let all = (0..).zip(environments(job, &own, &peers)).zip(&job.replicas);
        all.filter(|(_, replica)| replica.node == self.host).map(|(one, _)| launch(one)).collect()
    }
}

impl Site for Machine {
    fn order(&mut self, orders: Vec<site::Order>) -> io::Result<()> {
        let told = |order| {
            Some(match order {
                site::Order::Launch(jobs) => talk::Order::Launch(jobs.iter().flat_map(|job| self.launches(job)).collect()),
                site::Order::Stop(run, grace) => talk::Order::Stop(run, grace),
                site::Order::Notify(run, signal, grace) => talk::Order::Notify(run, signal, grace),
                site::Order::Forget(runs) => talk::Order::Forget(runs),
                site::Order::Doubt => talk::Order::Doubt,
                site::Order::Sure => talk::Order::Sure,
                site::Order::Quit => talk::Order::Quit,
                // The agent itself would be asleep.
                site::Order::Sleep(_) => return None,
            })
        };
        let orders: Vec<talk::Order> = orders.into_iter().filter_map(told).collect();
        self.keeper.send(&orders)
    }
}
