//! What is asked of a cluster, and how: by Slurm's tools, or by its REST service where the provider prefers that.

use std::path::PathBuf;

use super::read::{JobLine, NodeLine, Partition};
use super::rest::Rest;
use super::tools::{Fault, Tools};

/// How a cluster is asked.
#[derive(Debug, Clone)]
pub enum Manager {
    /// Slurm's tools, on a machine of the cluster.
    Tools(Tools),
    /// `slurmrestd`, as a user with a JSON web token.
    Rest(Rest),
}

/// Which of one's own jobs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    /// Those that are not over.
    Live,
    /// Those that Slurm remembers.
    All,
    /// Those of this name.
    Named(&'a str),
    /// Those of these numbers.
    Numbers(&'a [u64]),
}

/// What jobs are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Signal {
    /// Be gone, if it has not started.
    Leave,
    /// This signal, all processes.
    Send(i32),
    /// Be gone.
    Kill,
}

/// What a cluster is set to, as far as it says.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// Its name.
    pub(super) cluster: String,
    /// Slurm's release.
    pub(super) release: String,
    /// Whether slurmdbd remembers jobs.
    pub(super) accounting: bool,
    /// After how long the controller forgets a job that is over.
    pub(super) forgets_after: String,
    /// Whether jobs are given memory, as they are given CPUs; `None` if it does not say.
    pub(super) memory_given: Option<bool>,
    /// Whether jobs are kept to it.
    pub(super) memory_kept: Option<bool>,
    /// Whether what jobs use is sampled while they run.
    pub(super) sampled: bool,
    /// Whether the energy of nodes is read.
    pub(super) energy: bool,
    /// Whether nodes can be switched off and on; `None` if it does not say.
    pub(super) sleeps: Option<bool>,
}

/// Nodes of a job with as many tasks on each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Their names; empty for any one node.
    pub(super) nodes: Vec<String>,
    /// Tasks on each.
    pub(super) each: usize,
    /// Countable resources on each, `gpu:h100:4`.
    pub(super) gres: Option<String>,
    /// Memory on each, in MiB.
    pub(super) memory: Option<u64>,
}

/// A job for Slurm. Its script and the script's arguments are the agent's own, and hold nothing that a tenant wrote.
#[derive(Debug, Clone, Default)]
pub(super) struct Submission {
    pub(super) name: String,
    pub(super) comment: String,
    /// Where Slurm's own words go; appended.
    pub(super) output: PathBuf,
    /// Time limit, in Slurm's minutes.
    pub(super) minutes: Option<i64>,
    pub(super) partition: String,
    /// CPUs of each task.
    pub(super) cpus: u64,
    /// Several are one job of Slurm's all the same.
    pub(super) parts: Vec<Part>,
    pub(super) script: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Where it is submitted from, and runs.
    pub(super) directory: PathBuf,
}

/// What a job used so far, all its processes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    /// Of which job.
    pub id: u64,
    /// The most memory so far, in bytes: of a gang, the sum of its tasks' own.
    pub memory: u64,
    /// Joules of its nodes since it began; zero where nobody reads them.
    pub joules: u64,
}

impl Manager {
    pub(super) fn settings(&self) -> Result<Settings, Fault> {
        match self {
            Manager::Tools(tools) => tools.settings(),
            Manager::Rest(rest) => rest.settings(),
        }
    }

    pub(super) fn partitions(&self) -> Result<Vec<Partition>, Fault> {
        match self {
            Manager::Tools(tools) => tools.partitions(),
            Manager::Rest(rest) => rest.partitions(),
        }
    }

    pub(super) fn nodes(&self) -> Result<Vec<NodeLine>, Fault> {
        match self {
            Manager::Tools(tools) => tools.nodes(),
            Manager::Rest(rest) => rest.nodes(),
        }
    }

    /// The nodes of a partition, which are out of service with it.
    pub(super) fn nodes_of(&self, partition: &str) -> Result<Vec<NodeLine>, Fault> {
        let mut nodes = self.nodes()?;
        nodes.retain(|node| node.partitions.iter().any(|name| name == partition));
        if self.partitions()?.iter().any(|own| own.name == partition && !own.up) {
            for node in &mut nodes {
                node.states.push("DOWN".to_owned());
                node.reason = format!("its partition {partition} takes no jobs");
            }
        }
        Ok(nodes)
    }

    pub(super) fn jobs(&self, which: Which) -> Result<Vec<JobLine>, Fault> {
        match self {
            Manager::Tools(tools) => tools.jobs(which),
            Manager::Rest(rest) => rest.jobs(which),
        }
    }

    /// What Slurm remembers of jobs; of those that it has forgotten, what its accounting does where there is one.
    pub(super) fn ended(&self, accounting: bool, ids: &[u64]) -> Result<Vec<JobLine>, Fault> {
        let mut found = self.jobs(Which::Numbers(ids))?;
        let unknown: Vec<u64> = ids.iter().copied().filter(|id| found.iter().all(|job| job.id != *id)).collect();
        if accounting && !unknown.is_empty() {
            let more = match self {
                Manager::Tools(tools) => tools.accounted(&unknown),
                Manager::Rest(rest) => rest.accounted(&unknown),
            };
            match more {
                Ok(more) => found.extend(more),
                Err(fault) => tracing::warn!(%fault, "the cluster's accounting cannot be asked"),
            }
        }
        Ok(found)
    }

    /// What jobs that run use.
    pub(super) fn samples(&self, ids: &[u64]) -> Result<Vec<Sample>, Fault> {
        match self {
            Manager::Tools(tools) => tools.samples(ids),
            // The service does not sample.
            Manager::Rest(_) => Ok(Vec::new()),
        }
    }

    /// Tells a job of this number and name something. The name is told with the number: a controller that was killed gives numbers
    /// of jobs that it had not written down to others.
    pub(super) fn signal(&self, signal: Signal, id: u64, name: &str) -> Result<(), Fault> {
        match self {
            Manager::Tools(tools) => tools.signal(signal, id, name),
            Manager::Rest(rest) => rest.signal(signal, id, name),
        }
    }

    /// Has nodes put to sleep once what runs there has ended.
    pub(super) fn sleep(&self, nodes: &[String]) -> Result<(), Fault> {
        match self {
            Manager::Tools(tools) => tools.sleep(nodes),
            // It tells of nodes and changes none, up to the release that is asked.
            Manager::Rest(_) => Err(Fault::Unlike("the cluster's REST service puts no node to sleep; its tools do".to_owned())),
        }
    }

    /// Submits a job, with the provider's own arguments of `sbatch`; returns its number.
    pub(super) fn submit(&self, submission: &Submission, extra: &[String]) -> Result<u64, Fault> {
        match self {
            Manager::Tools(tools) => tools.submit(submission, extra),
            Manager::Rest(rest) => rest.submit(submission, extra),
        }
    }
}
