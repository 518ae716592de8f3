//! A Slurm cluster as a site. The agent runs as one user of the cluster, on a machine that has Slurm's tools, with its folder
//! where every node sees it; nothing is changed at the cluster.
//!
//! `read` understands what the tools print, `launch` makes files and arguments of a job, `records` reads what attempts leave
//! behind, `run` is one attempt and its end, `worker` knows them all and decides, `asking` waits for Slurm, which a `manager`
//! asks by its `tools` or by its `rest` service, `occupied` is what others use.

mod asking;
mod launch;
pub mod manager;
pub(crate) mod occupied;
pub mod read;
pub(crate) mod records;
pub mod rest;
mod run;
mod survey;
pub mod tools;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::folder::Doubt;
use crate::site::{News, Order, Site};
use manager::{Manager, Signal, Which};
pub(crate) use survey::survey;

/// How a cluster is used.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it is asked.
    pub manager: Manager,
    /// The partition; the cluster's default one if none.
    pub partition: Option<String>,
    /// Further arguments of `sbatch` for every job: account, quality of service, constraint.
    pub sbatch: Vec<String>,
    /// The countable resource that devices are: `gpu`, `npu`.
    pub gres: String,
    /// Whether idle nodes are put to sleep where the hub says so, by the cluster's own power saving.
    pub power_saving: bool,
    /// Models of the census by resource (`gpu:h100`); where none is said, the resource's own type is the model.
    pub models: BTreeMap<String, String>,
}

/// A cluster, served by a thread of its own.
pub(crate) struct Cluster {
    inbox: Sender<worker::Event>,
    doubt: Doubt,
    manager: Manager,
    mark: String,
}

impl Cluster {
    /// Serves the cluster from a folder that holds the agent's mark.
    pub(crate) fn open(folder: &Path, options: &Options, news: impl Fn(News) -> bool + Send + 'static) -> io::Result<Cluster> {
        std::fs::create_dir_all(folder.join("jobs"))?;
        launch::write_scripts(folder)?;
        let mark: String = std::fs::read_to_string(folder.join("agent.id"))?.trim().chars().take(8).collect();
        let doubt = Doubt::of(folder, "slurm");
        let fresh = doubt.begin()?;
        let (inbox, events) = channel();
        let worker = worker::Worker::new(folder, options, &mark, news, inbox.clone());
        thread::Builder::new().name("slurm".to_owned()).spawn(move || worker.run(fresh, &events))?;
        Ok(Cluster { inbox, doubt, manager: options.manager.clone(), mark })
    }

    /// Cancels whatever this agent ever submitted: nothing of it is wanted any more.
    fn quit(&self) {
        for job in self.manager.jobs(Which::Live).into_iter().flatten() {
            if launch::run_of_name(&self.mark, &job.name).is_some()
                && let Err(fault) = self.manager.signal(Signal::Kill, job.id, &job.name)
            {
                tracing::warn!(%fault, "a job that nobody wants could not be cancelled");
            }
        }
    }
}

impl Site for Cluster {
    fn order(&mut self, orders: Vec<Order>) -> io::Result<()> {
        self.doubt.follow(&orders)?;
        if orders.iter().any(|order| matches!(order, Order::Quit)) {
            self.quit();
        }
        self.inbox.send(worker::Event::Orders(orders)).map_err(|_| io::Error::other("its thread ended"))
    }
}
