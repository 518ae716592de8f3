//! The machine it runs on as a pool: real processes, held by a keeper that outlives the agent.

mod journal;
mod keeper;
mod process;
mod talk;

pub use keeper::keep;
pub use talk::quit;

use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use dispatch::Node;
use measure::{Cpu, Devices, Memory};

use crate::environment::environments;
use crate::folder::job_folder;
use crate::site::{self, Site};
use crate::wire::{WantedJob, at_site};
use talk::{Keeper, Launch};

/// The word the keeper process is called by: `argv[0]`.
pub const KEEPER_NAME: &str = "shugu-keeper";

/// This machine as a node. It has no accelerators unless `devices` says so: what a device can do is not guessed.
pub fn this_machine() -> Node {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).filter(|name| !name.is_empty());
    Node {
        name: name.unwrap_or_else(|| "localhost".to_owned()),
        model: None,
        devices: Devices(0),
        cpu: Cpu::cores(cores as u64),
        memory: Memory(total.unwrap_or(0_u64) << 10),
        ..Node::default()
    }
}

/// This machine, through its keeper.
pub(crate) struct Machine {
    keeper: Keeper,
    folder: PathBuf,
}

impl Machine {
    /// Connects to the keeper of `folder`, starting one with `program` if none runs; what it says goes to `news`.
    pub(crate) fn open(folder: &Path, program: &Path, news: impl Fn(site::News) -> bool + Send + 'static) -> io::Result<Machine> {
        let keeper = Keeper::connect(folder, program)?;
        let heard = keeper.try_clone()?;
        thread::spawn(move || {
            let mut going = news(site::News::Nodes(vec![this_machine()]));
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
        Ok(Machine { keeper, folder: folder.to_owned() })
    }

    /// The processes of a job.
    fn launches(&self, job: &WantedJob) -> Vec<Launch> {
        let launch = |(replica, env)| Launch {
            job: at_site(job.job, job.attempt),
            replica,
            argv: job.command.argv.clone(),
            env,
            directory: job.command.directory.clone(),
            time_limit: job.time_limit,
            memory: job.memory,
        };
        let own = job_folder(&self.folder, at_site(job.job, job.attempt));
        let peers: Vec<String> = job.replicas.iter().map(|replica| replica.node.clone()).collect();
        (0..).zip(environments(job, &own, &peers)).map(launch).collect()
    }
}

impl Site for Machine {
    fn order(&mut self, orders: Vec<site::Order>) -> io::Result<()> {
        let told = |order| match order {
            site::Order::Launch(jobs) => talk::Order::Launch(jobs.iter().flat_map(|job| self.launches(job)).collect()),
            site::Order::Stop(run, grace) => talk::Order::Stop(run, grace),
            site::Order::Notify(run, signal, grace) => talk::Order::Notify(run, signal, grace),
            site::Order::Forget(runs) => talk::Order::Forget(runs),
            site::Order::Doubt => talk::Order::Doubt,
            site::Order::Sure => talk::Order::Sure,
            site::Order::Quit => talk::Order::Quit,
        };
        let orders: Vec<talk::Order> = orders.into_iter().map(told).collect();
        self.keeper.send(&orders)
    }
}
