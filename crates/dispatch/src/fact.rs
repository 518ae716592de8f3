//! The vocabulary: what can happen to a hub. Only these are kept in the journal; state is their fold.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Name, PoolId, Rate, Span, TenantId};
use serde::{Deserialize, Serialize};

/// Something that happened. Facts are logged, not requests: what needed judgement (place, rate) is recorded
/// and never recomputed, so a new version of the engine cannot change yesterday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// Something about the census became known.
    Census(Box<census::Change>),
    /// A tenant may submit jobs.
    Admitted(TenantId, Name),
    /// A pool joined the hub.
    Joined(PoolId, Join),
    /// The pool's agent lists these nodes. Nodes keep their position for ever; one that is gone has no capacity.
    Seen(PoolId, Vec<Node>),
    /// The pool is served by the agent of this mark from now on. Work placed before was placed for another one.
    Served(PoolId, String),
    /// The pool's agent is in touch (true) or has fallen silent (false).
    Contact(PoolId, bool),
    /// A job was accepted.
    Submitted(JobId, Arc<Spec>),
    /// A job was given a place at a rate.
    Placed(JobId, Place),
    /// Its processes run.
    Started(JobId),
    /// It shall be stopped.
    StopWanted(JobId, Stop),
    /// It ended.
    Ended(JobId, End, Usage),
    /// It is paid; the job leaves the hub.
    Settled(JobId),
    /// The ids given so far, for a shortened history.
    Counted {
        /// The last tenant.
        tenant: TenantId,
        /// The last pool.
        pool: PoolId,
        /// The last job.
        job: JobId,
    },
}

/// What a pool is when it joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Its name, unique in the hub.
    pub name: Name,
    /// Who owns it.
    pub provider: Name,
    /// The site it stands at; `None` for a machine that is no data centre.
    pub site: Option<Name>,
    /// What starts the work there: `local`, `slurm`, `kubernetes`, or `replay`.
    pub executor: String,
}

/// A machine of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its name at the site.
    pub name: String,
    /// The model of its accelerators; `None` where there are none.
    pub model: Option<String>,
    /// Its accelerators, at most [`Node::DEVICES_MAX`].
    pub devices: Devices,
    /// Its cores.
    pub cpu: Cpu,
    /// Its memory.
    pub memory: Memory,
}

impl Node {
    /// Device sets are one machine word.
    pub const DEVICES_MAX: u32 = 64;
}

/// One way a replica may be served.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ask {
    /// Devices on one node; zero for work on cores only.
    pub devices: Devices,
    /// Acceptable models; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

/// What decides where a job fits. Jobs of one shape share one answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// How many replicas start together, or not at all.
    pub replicas: u32,
    /// Alternatives in order of preference; never empty.
    pub asks: Vec<Ask>,
    /// Cores for each replica.
    pub cpu: Cpu,
    /// Memory for each replica; zero reserves and limits nothing.
    pub memory: Memory,
}

/// What to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment beyond the agent's own and Shugu's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory; the job's own folder if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
}

/// A job as its tenant wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Who pays.
    pub tenant: TenantId,
    /// What the tenant calls it.
    pub name: String,
    /// What it needs.
    pub shape: Shape,
    /// When it is stopped, counted from its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<Span>,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i16,
    /// What it runs.
    pub command: Command,
}

/// The devices of one node that one replica holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Position of the node in its pool.
    pub node: u32,
    /// Bit n is device n.
    pub devices: u64,
}

/// Where an attempt runs and at what rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The pool.
    pub pool: PoolId,
    /// Which alternative of the shape was served.
    pub ask: u8,
    /// Cores each replica holds; on a node without accelerators a device asked for is a core.
    pub cpu: Cpu,
    /// One for each replica.
    pub slots: Vec<Slot>,
    /// The price agreed.
    pub rate: Rate,
}

/// Why a job shall be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// Its tenant or an operator asked.
    Cancelled,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Every replica's program returned; this is the first code that is not zero, else zero.
    Exited(i32),
    /// A signal ended it.
    Killed(i32),
    /// It ran longer than its limit.
    OverTime,
    /// It used more memory than it asked for.
    OverMemory,
    /// It was stopped on request, before or while it ran.
    Cancelled,
    /// Its program could not be started.
    NotStarted(String),
    /// What became of it is not known.
    Lost(LostReason),
}

impl End {
    /// The word people and scripts read: `done`, `failed`, `cancelled` or `lost`.
    pub fn state(&self) -> &'static str {
        match self {
            End::Exited(0) => "done",
            End::Exited(_) | End::Killed(_) | End::OverTime | End::OverMemory | End::NotStarted(_) => "failed",
            End::Cancelled => "cancelled",
            End::Lost(_) => "lost",
        }
    }

    /// The exit code as a shell would give it, where there is one.
    pub fn exit_code(&self) -> Option<i32> {
        match self {
            End::Exited(code) => Some(*code),
            End::Killed(signal) => Some(signal.saturating_add(128)),
            _ => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exited with code {code}"),
            End::Killed(signal) => write!(f, "was ended by signal {signal}"),
            End::OverTime => f.write_str("ran longer than its time limit"),
            End::OverMemory => f.write_str("used more memory than it asked for"),
            End::Cancelled => f.write_str("was cancelled"),
            End::NotStarted(problem) => write!(f, "could not be started: {problem}"),
            End::Lost(reason) => write!(f, "was lost: {reason}"),
        }
    }
}

/// Why it is not known what became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LostReason {
    /// The process that held it was killed before the job's process was known for certain.
    KeeperKilledWhileStarting,
    /// The process that held it was killed; the job ended later and nobody saw with which code.
    ExitUnseen,
    /// The machine restarted.
    MachineRestarted,
}

impl fmt::Display for LostReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LostReason::KeeperKilledWhileStarting => "its keeper was killed while starting it; it may or may not have run",
            LostReason::ExitUnseen => "its keeper was killed; it ended later and its exit code was not seen",
            LostReason::MachineRestarted => "its machine restarted, or another agent took its pool over",
        })
    }
}

/// Where a figure of energy comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergySource {
    /// Nobody measured or modelled it.
    #[default]
    Unknown,
    /// Read from the processor's own counter (RAPL), shared out by core-time.
    Rapl,
    /// Core-time × the processor's power per core.
    Modelled,
}

/// What an attempt used. Zero where nothing ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// How long its place was held by running processes.
    pub run: Span,
    /// Core-time used, all replicas together.
    pub cpu: CoreTime,
    /// Peak memory, all replicas together.
    pub peak_memory: Memory,
    /// Energy at the machine, without the facility's share.
    pub energy: Energy,
    /// How the energy is known.
    pub energy_source: EnergySource,
}

/// What an agent says of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// Its processes run.
    Started,
    /// It ended.
    Ended(End, Usage),
}
