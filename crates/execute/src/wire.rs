//! What an agent and the hub say to each other, as JSON over HTTP. The agent always speaks first.

use dispatch::{Command, Node, Notice, Occupied, Output, Report, Task};
use measure::{Cpu, Devices, JobId, Memory, Span, Time};
use serde::{Deserialize, Serialize};

/// The header by which an agent says which one it is, in every request. The hub lets one agent at a time serve a pool.
pub const MARK_HEADER: &str = "x-shugu-agent";

/// The header by which an agent of a plain machine names that machine: others may serve its pool beside it.
pub const HOST_HEADER: &str = "x-shugu-host";

/// `POST /v1/agent/hello`: the agent is here, and this is what its site has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// Version of the agent.
    pub version: String,
    /// What starts the work.
    pub executor: String,
    /// Every node.
    pub nodes: Vec<Node>,
    /// What others than the hub's jobs hold, by node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(String, Occupied)>,
    /// True if it starts the replicas of its own machine only, so that others may serve the pool beside it.
    #[serde(default)]
    pub shares: bool,
}

/// The answer to [`Hello`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Greeting {
    /// The pool that the token is for.
    pub pool: String,
}

/// `GET /v1/agent/pool`, with a joining token or an agent's secret: what it is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PoolInfo {
    /// The pool.
    pub pool: String,
    /// Whose it is.
    pub provider: String,
    /// Where it stands.
    pub site: Option<String>,
    /// What should start the work there.
    pub executor: String,
    /// The hub's release.
    pub version: String,
    /// The hub's clock.
    pub now: Time,
    /// Models that the hub's census knows, so that it can tell what they are worth.
    pub models: Vec<String>,
}

/// `POST /v1/agent/join` with a joining token, `POST /v1/agent/renew` with the secret of before: the agent's own secret from
/// now on.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewCredential {
    /// `shugu_` and 64 hexadecimal digits.
    pub credential: String,
}

/// The answer to [`NewCredential`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Joined {
    /// The pool that the agent may serve.
    pub pool: String,
    /// When the secret ends, unless it is renewed.
    pub expires_at: String,
}

/// `POST /v1/agent/inventory`: what the site has now, whenever it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Every node.
    pub nodes: Vec<Node>,
    /// What others than the hub's jobs hold, by node; of nodes that are not named, nothing.
    pub others: Vec<(String, Occupied)>,
}

/// `GET /v1/agent/wanted?after=SEQ&wait_ms=N`: what should run at the pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// The journal entry up to which this holds; ask again with `after` set to it.
    pub as_of: u64,
    /// True if `jobs` is everything that should run; else only what changed after `after`.
    pub full: bool,
    /// True if another agent served the pool so far: what is wanted now was placed for it, and may have run.
    #[serde(default)]
    pub for_another: bool,
    /// Jobs that hold a place here.
    pub jobs: Vec<WantedJob>,
    /// Jobs that no longer do (never in a full answer).
    pub gone: Vec<JobId>,
    /// All nodes that stand idle and should sleep, where the cluster can do that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sleep: Vec<String>,
    /// Output somebody wants to read.
    pub log_asks: Vec<LogAsk>,
    /// After so long a silence the hub takes what runs here for lost, and may start it elsewhere: the agent stops it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Span>,
}

/// A job as the pool should run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedJob {
    /// Its id, which is also its name at the site.
    pub job: JobId,
    /// Which attempt of the job this is, counted from 1.
    #[serde(default = "first_attempt")]
    pub attempt: u32,
    /// True if it shall be stopped.
    pub stop: bool,
    /// How it is told to stop, if it asks for something other than the agent's own way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// Which task of an array it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array: Option<Task>,
    /// What its tenant calls it.
    pub name: String,
    /// Its tenant.
    pub tenant: String,
    /// Whether it is a task of an array whose tasks may not meet on a node.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// What each replica runs.
    pub command: Command,
    /// Where each replica runs.
    pub replicas: Vec<WantedReplica>,
    /// Cores for each replica.
    pub cpu: Cpu,
    /// Memory for each replica; zero is no limit.
    pub memory: Memory,
    /// When it is stopped, counted from its start.
    pub time_limit: Option<Span>,
    /// Data that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<WantedInput>,
    /// What is brought where once it has ended well, before its end is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
}

/// Data that a job reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedInput {
    /// By which the job names it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content in hexadecimal digits, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A path at this site, where it lies, or an address from which it is brought.
    pub from: String,
}

impl WantedJob {
    /// What it holds of a node, as the hub counts it.
    pub(crate) fn holds(&self, node: &str) -> Occupied {
        let here = self.replicas.iter().filter(|replica| replica.node == node);
        let (mut count, mut devices) = (0, 0);
        for replica in here {
            count += 1;
            devices += replica.devices.len() as u32;
        }
        Occupied { devices: Devices(devices), cpu: self.cpu.times(count), memory: self.memory.times(count), ..Occupied::NOTHING }
    }
}

fn first_attempt() -> u32 {
    1
}

/// Attempts of a job are told apart at a site by these bits of its number.
const ATTEMPT_SHIFT: u32 = 40;

/// The number by which an attempt of a job is known at a site: the job's own for the first, which is all that releases
/// before knew of. A site never starts again what it ever began to start, so each attempt is another thing to it.
pub fn at_site(job: JobId, attempt: u32) -> JobId {
    JobId(job.0 | u64::from(attempt.max(1) - 1) << ATTEMPT_SHIFT)
}

/// The job and attempt of a number known at a site.
pub fn from_site(run: JobId) -> (JobId, u32) {
    (JobId(run.0 & ((1 << ATTEMPT_SHIFT) - 1)), (run.0 >> ATTEMPT_SHIFT) as u32 + 1)
}

/// What an attempt is called where others give work, too; `mark` tells agents apart. It says nothing of whose job it is.
pub(crate) fn name_at_site(mark: &str, run: JobId) -> String {
    let (job, attempt) = from_site(run);
    format!("shugu-{mark}-{}.{attempt}", job.0)
}

/// The attempt of a name that an agent of this mark gave.
pub(crate) fn run_of_name(mark: &str, name: &str) -> Option<JobId> {
    let (job, attempt) = name.strip_prefix("shugu-")?.strip_prefix(mark)?.strip_prefix('-')?.split_once('.')?;
    Some(at_site(JobId(job.parse().ok()?), attempt.parse().ok().filter(|attempt| *attempt > 0)?))
}

/// Where one replica runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedReplica {
    /// The node's name.
    pub node: String,
    /// Its devices there.
    pub devices: Vec<u32>,
}

/// `POST /v1/agent/reports`: what happened, repeated until answered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reports {
    /// In the order in which it happened.
    pub reports: Vec<(JobId, Report)>,
    /// The attempt that each is about, in the same order; the hub takes a missing one for the one it knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<u32>,
    /// What the site says of jobs that it has and has not started, for people; not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<(JobId, String)>,
}

/// The answer to [`Reports`], given once they are durable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reported {
    /// The journal entry up to which the hub has come.
    pub as_of: u64,
    /// Reports the hub does not take, with its reason; repeating them is useless.
    pub refused: Vec<(JobId, String)>,
}

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of output that somebody wants to read; answered by `POST /v1/agent/logs/ID` with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAsk {
    /// To be answered under this number.
    pub id: u64,
    /// Of which job.
    pub job: JobId,
    /// Of which replica.
    pub replica: u32,
    /// Which stream.
    pub stream: Stream,
    /// From which byte; a negative number counts from the end.
    pub from: i64,
    /// At most so many bytes.
    pub most: u64,
}

/// The most bytes of output in one answer.
pub const LOG_PIECE: u64 = 1 << 20;

impl WantedJob {
    /// A job that nobody submitted, of no replica yet: what a site runs to try itself out.
    pub(crate) fn test() -> WantedJob {
        WantedJob {
            job: JobId(1),
            attempt: 1,
            stop: false,
            notice: None,
            array: None,
            apart: false,
            name: "join-test".to_owned(),
            tenant: "shugu".to_owned(),
            command: Command { argv: vec!["true".to_owned()], ..Command::default() },
            replicas: Vec::new(),
            cpu: Cpu::cores(1),
            memory: Memory(0),
            time_limit: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }
}

#[cfg(test)]
impl WantedJob {
    /// A job of one core for each replica, with a replica on each of these nodes and so many devices for each.
    pub(crate) fn sample(nodes: &[&str], devices: u32) -> WantedJob {
        let replica = |node: &&str| WantedReplica { node: (*node).to_owned(), devices: (0..devices).collect() };
        let (name, tenant) = ("train".to_owned(), "llm-lab".to_owned());
        WantedJob { name, tenant, replicas: nodes.iter().map(replica).collect(), ..WantedJob::test() }
    }
}
