//! What an agent and the hub say to each other, as JSON over HTTP. The agent always speaks first.

use dispatch::{Command, Node, Report};
use measure::{Cpu, JobId, Memory, Span};
use serde::{Deserialize, Serialize};

/// The header by which an agent says which one it is, in every request. The hub lets one agent at a time serve a pool.
pub const MARK_HEADER: &str = "x-shugu-agent";

/// `POST /v1/agent/hello`: the agent is here, and this is what its site has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// Version of the agent.
    pub version: String,
    /// What starts the work.
    pub executor: String,
    /// Every node.
    pub nodes: Vec<Node>,
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
    /// Output somebody wants to read.
    pub log_asks: Vec<LogAsk>,
}

/// A job as the pool should run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedJob {
    /// Its id, which is also its name at the site.
    pub job: JobId,
    /// True if it shall be stopped.
    pub stop: bool,
    /// What its tenant calls it.
    pub name: String,
    /// Its tenant.
    pub tenant: String,
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
