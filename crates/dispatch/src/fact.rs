//! The vocabulary: what can happen to a hub. Only these are kept in the journal; state is their fold.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use measure::{
    CoreTime, Cpu, DeviceTime, Devices, Energy, JobId, Memory, Money, Name, PoolId, Precision, Pue, Rate, Span, TenantId, Time,
};
use serde::{Deserialize, Serialize};

/// Something that happened. Facts are logged, not requests: what needed judgement (place, rate) is recorded
/// and never recomputed, so a new version of the engine cannot change yesterday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// Something about the census became known.
    Census(Box<census::Change>),
    /// Data that jobs may read; `None` if they may no more.
    Data(Name, Option<Box<crate::data::DataSet>>),
    /// A tenant may submit jobs.
    Admitted(TenantId, Name),
    /// A pool joined the hub.
    Joined(PoolId, Join),
    /// The pool's agent lists these nodes. Nodes keep their position for ever; one that is gone has no capacity.
    Seen(PoolId, Vec<Node>),
    /// The pool is served by the agent of this mark from now on. Work placed before was placed for another one.
    Served(PoolId, String),
    /// This machine stands at this position of the pool and is served by an agent of its own, of this mark.
    Hosted(PoolId, u32, Box<Node>, String),
    /// The agent of this one machine is in touch (true) or has fallen silent (false).
    HostContact(PoolId, u32, bool),
    /// What others than the hub's jobs hold of these nodes from now on; other nodes stay as they were.
    Occupied(PoolId, Vec<Occupied>),
    /// The pool's agent is in touch (true) or has fallen silent (false).
    Contact(PoolId, bool),
    /// A job was accepted.
    Submitted(JobId, Arc<Spec>),
    /// How long the job is expected to run, by somebody who knows.
    Expected(JobId, Span),
    /// A waiting job waits by choice until then, for hours that are cheaper or cleaner; it does no more from an instant that is not ahead.
    PutOff(JobId, Time),
    /// Had a job no choice of its hours, it would have begun in this pool at this instant: what it emits is compared with that.
    AtOnce(JobId, PoolId, Time),
    /// A job was given a place at a rate.
    Placed(JobId, Arc<Place>),
    /// Its processes run.
    Started(JobId),
    /// What the agent of one machine says of its part of a job that runs on several. The job itself starts once all parts
    /// have, and ends with the last.
    Heard(JobId, u32, Report),
    /// It shall be stopped.
    StopWanted(JobId, Stop),
    /// It ended.
    Ended(JobId, End, Usage),
    /// The attempt is over and the job waits again; not before that instant is it placed anew.
    Yielded(JobId, End, Usage, Time),
    /// It is paid; the job leaves the hub.
    Settled(JobId),
    /// What a tenant is due.
    Arranged(TenantId, Terms),
    /// What a tenant may spend; `None` lifts the limit.
    Funded(TenantId, Option<crate::purse::Purse>),
    /// So much left the purses of a tenant and of those above it; it came back where it is negative. Applied with what is paid,
    /// of which it follows.
    Drawn(TenantId, Money),
    /// How fast past use is forgotten: after this span half of it counts.
    HalfLife(Span),
    /// What the provider of a pool allows there.
    Limited(PoolId, Limits),
    /// When the target takes no work; the whole list, empty for none.
    Closed(Target, Vec<Closing>),
    /// These nodes are kept for a waiting job; `None` gives them up.
    Reserved(JobId, Option<Arc<Reservation>>),
    /// What became of a job so far, for a shortened history.
    Tried(JobId, Tried),
    /// What a tenant used and how long its jobs ran, for a shortened history.
    Remembered(TenantId, Box<Past>),
    /// What a site has drawn of late, for a shortened history.
    Load(Name, Box<crate::power::Load>),
    /// The work that arrived, for a shortened history.
    Demanded(Box<crate::pack::Work>),
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether its devices are given whole only, and no parts of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_devices: bool,
    /// Whether its cores are given whole only, and at least one to each replica.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_cores: bool,
    /// Whether it runs container images.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub images: bool,
}

impl Node {
    /// Device sets are one machine word.
    pub const DEVICES_MAX: u32 = 64;
}

/// What others than the hub's jobs hold of a node: users who go to the cluster manager directly, or the manager itself,
/// that has taken the node out of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupied {
    /// The node's position in its pool.
    pub node: u32,
    /// Accelerators.
    #[serde(default, skip_serializing_if = "nothing")]
    pub devices: Devices,
    /// Cores.
    #[serde(default, skip_serializing_if = "nothing")]
    pub cpu: Cpu,
    /// Memory.
    #[serde(default, skip_serializing_if = "nothing")]
    pub memory: Memory,
    /// Why, in the manager's words, where it is not simply used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether it is switched off to save power: it wakes for work.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asleep: bool,
    /// Whether only services hold something that run on each node, such as pods of a DaemonSet: nobody works there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub services: bool,
}

fn nothing<T: Default + PartialEq>(amount: &T) -> bool {
    *amount == T::default()
}

impl Occupied {
    /// Nothing.
    pub const NOTHING: Occupied = Occupied {
        node: 0,
        devices: Devices(0),
        cpu: Cpu(0),
        memory: Memory(0),
        reason: String::new(),
        asleep: false,
        services: false,
    };

    /// Whether it is nothing.
    pub fn is_nothing(&self) -> bool {
        self.takes_nothing() && !self.asleep
    }

    /// Whether all of the node is there for work, be it asleep or not.
    pub fn takes_nothing(&self) -> bool {
        (self.devices, self.cpu, self.memory) == (Devices(0), Cpu(0), Memory(0)) && self.reason.is_empty()
    }

    /// Whether nobody works there: it may sleep.
    pub fn is_idle(&self) -> bool {
        self.takes_nothing() || self.services && self.reason.is_empty()
    }
}

/// All of a device, in the thousandths in which parts of one are counted.
pub const WHOLE: u16 = 1000;

fn whole() -> u16 {
    WHOLE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_whole(part: &u16) -> bool {
    *part == WHOLE
}

/// One way a replica may be served.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ask {
    /// Devices on one node; zero for work on cores only.
    pub devices: Devices,
    /// Acceptable models; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Thousandths of the one device asked for, 1 to [`WHOLE`]; less than all of it only where `devices` is one.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub part: u16,
    /// Replicas of this alternative, where they differ from the shape's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// The least memory of a device, in GB as makers count; a model of unknown memory does not serve then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_memory_gb: Option<u32>,
    /// The least computing power of all replicas together: so many are started as reach it on the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Computing>,
}

impl Ask {
    fn asks_as_much(&self, other: &Ask) -> bool {
        let cores = |ask: &Ask| ask.models.iter().any(|model| model == crate::index::CORES);
        if other.power.is_some() || self.power.is_some() || cores(other) || cores(self) {
            return false;
        }
        let devices = match (other.devices.0, other.part) {
            (0, _) => true,
            (_, WHOLE) => self.part == WHOLE && self.devices >= other.devices,
            (_, part) => self.devices.0 > 0 && self.part >= part,
        };
        let models =
            other.models.is_empty() || (!self.models.is_empty() && self.models.iter().all(|model| other.models.contains(model)));
        // Work on cores only runs on any node; what needs a device runs on fewer.
        let models = models || other.devices.0 == 0;
        devices && models && other.device_memory_gb.is_none_or(|least| self.device_memory_gb.is_some_and(|mine| mine >= least))
    }

    /// Whole devices of any of these models.
    pub fn of(devices: Devices, models: Vec<String>) -> Ask {
        Ask { devices, models, ..Ask::default() }
    }
}

impl Default for Ask {
    /// Cores only.
    fn default() -> Ask {
        Ask { devices: Devices(0), models: Vec::new(), part: WHOLE, replicas: None, device_memory_gb: None, power: None }
    }
}

/// Computing power at a precision, dense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Computing {
    /// At which precision.
    pub precision: Precision,
    /// Millions of operations a second.
    pub mega: u64,
}

/// How the replicas of a job lie to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// They share nodes where they can.
    #[default]
    Pack,
    /// No two on one node.
    Nodes,
}

fn packs(spread: &Spread) -> bool {
    *spread == Spread::Pack
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
    /// How the replicas lie to each other.
    #[serde(default, skip_serializing_if = "packs")]
    pub spread: Spread,
    /// Sites at which it may run (where its data must stay); empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Name>,
    /// Pools at which it may run (as what is measured there must); empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<Name>,
    /// The highest published PUE of a site at which it may run; a site of unknown PUE does not serve then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pue_most: Option<Pue>,
    /// Whether it is a container image, and so runs only where images are run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub image: bool,
    /// Data that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Name>,
    /// Whether some of what it writes is delivered, and so runs only where an agent sees that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outputs: bool,
}

impl Shape {
    /// Whether this asks for as much as another or more, so that it fits nowhere where that does not. False where in doubt.
    pub(crate) fn asks_as_much(&self, other: &Shape) -> bool {
        let limits = other.sites.is_empty()
            && other.pools.is_empty()
            && other.pue_most.is_none()
            && (self.image || !other.image)
            && other.inputs.is_empty()
            && (self.outputs || !other.outputs);
        let amounts = self.cpu >= other.cpu && self.memory >= other.memory;
        let spread = other.spread == Spread::Pack || self.spread == other.spread;
        let replicas = |shape: &Shape, ask: &Ask| ask.replicas.unwrap_or(shape.replicas);
        let as_much = |ask: &Ask, than: &Ask| ask.asks_as_much(than) && replicas(self, ask) >= replicas(other, than);
        limits && amounts && spread && self.asks.iter().all(|ask| other.asks.iter().any(|than| as_much(ask, than)))
    }
}

impl Default for Shape {
    /// One replica that asks for nothing yet.
    fn default() -> Shape {
        let (cpu, memory) = (Cpu(0), Memory(0));
        Shape {
            replicas: 1,
            asks: Vec::new(),
            cpu,
            memory,
            spread: Spread::Pack,
            sites: Vec::new(),
            pools: Vec::new(),
            pue_most: None,
            image: false,
            inputs: Vec::new(),
            outputs: false,
        }
    }
}

/// What to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment beyond the agent's own and Shugu's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory; the job's own folder if none, or the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The container image that it runs in; the site's own software if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// Something that a job writes and that is brought somewhere once it has ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// A file or a folder, in the job's own folder unless it is absolute.
    pub path: String,
    /// An address, or a path at the site; ends with a slash where the name is kept.
    pub to: String,
}

/// What another job must have come to before this one is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// The other job.
    pub job: JobId,
    /// How far it must have come.
    pub when: When,
}

/// How far another job must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// It has started.
    Started,
    /// It ended well. If it ends otherwise, this job never starts.
    Ok,
    /// It ended, however.
    Ended,
}

/// Which task of an array a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The job of the first task; it names the array.
    pub first: JobId,
    /// Counted from 0.
    pub index: u32,
    /// How many tasks there are.
    pub count: u32,
}

impl Task {
    /// The most tasks an array has.
    pub const MOST: u32 = 100_000;
}

/// Where the tasks of one array must not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Apart {
    /// On one node.
    Nodes,
    /// At one site; pools that stand at no site count as one each.
    Sites,
}

/// How work that can save its state is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The signal it gets first.
    pub signal: i32,
    /// From there to its end by force.
    pub grace: Span,
}

/// That a job may be suspended: told to stop as its notice says, it saves its state, and started again it goes on from there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspend {
    /// How long saving takes.
    #[serde(default, skip_serializing_if = "nothing")]
    pub save: Span,
    /// How long it takes from its start until it goes on.
    #[serde(default, skip_serializing_if = "nothing")]
    pub load: Span,
}

/// That a job goes on only while whoever submitted it is heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// By what whoever it is is told from others who speak for the same tenant.
    pub holder: String,
    /// After so long a silence it is cancelled.
    pub span: Span,
}

/// A job as its tenant wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When it should have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Time>,
    /// How often it may be tried again after its place was lost; its program's own failure is never retried.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// Jobs it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<After>,
    /// The array it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array: Option<Task>,
    /// Where the tasks of its array must not meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
    /// Whether it may be stopped for another job and be started anew later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preemptible: bool,
    /// How it is told to stop; without, it is ended as a cancelled job is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// What is brought where once it has ended well. Never with a secret: a job is written down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// How long it may wait by choice, pauses included, for hours that are cheaper or cleaner; as its tenant's terms say where it does
    /// not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Span>,
    /// That it may be suspended and go on later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Suspend>,
    /// Whose silence ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
}

impl Spec {
    /// Devices of all replicas together, as the first alternative asks for them.
    pub(crate) fn devices(&self) -> u32 {
        let ask = self.shape.asks.first();
        ask.map_or(0, |ask| ask.devices.0.saturating_mul(ask.replicas.unwrap_or(self.shape.replicas)))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What a tenant is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The tenant it is a project of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TenantId>,
    /// Its weight among its siblings, at least 1.
    pub weight: u32,
    /// Devices it gets back from borrowers whenever it needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guaranteed: Option<Devices>,
    /// Devices it never exceeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Devices>,
    /// How long its jobs may wait by choice that do not say so themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Span>,
}

impl Default for Terms {
    /// No parent, weight 1, no quota.
    fn default() -> Terms {
        Terms { parent: None, weight: 1, guaranteed: None, most: None, patience: None }
    }
}

/// What the provider of a pool allows there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Devices the hub may hold at a time; of a pool without accelerators, cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Devices>,
    /// Tenants whose work is not taken.
    #[serde(default, skip_serializing_if = "std::collections::BTreeSet::is_empty")]
    pub veto: std::collections::BTreeSet<TenantId>,
}

/// What can be closed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    /// Every pool at a site.
    Site(Name),
    /// A pool.
    Pool(PoolId),
    /// A node of a pool, by name.
    Node(PoolId, String),
}

/// A time in which a target takes no work. A cordon begins at once and stops nothing, a drain stops what is left at a
/// deadline, and a maintenance window lies ahead: until it begins, work that ends before it may still start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Nothing is to run past this instant that is not running by now.
    pub from: Time,
    /// Open again from here on; `None` until somebody opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When what still runs is stopped, to be started anew elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_at: Option<Time>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether the pool's provider said so; if not, an operator did. Neither opens what the other closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_provider: bool,
}

/// Nodes kept for a waiting job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Their pool.
    pub pool: PoolId,
    /// Their positions in it, ascending.
    pub nodes: Vec<u32>,
    /// Which alternative of the shape they serve.
    pub ask: u8,
    /// When they are expected to be free. Other work may use them if it ends before.
    pub at: Time,
    /// Since when each stood idle, in a shortened history only; since the fact where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<Time>,
}

/// What became of a job so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How often it was placed.
    pub attempt: u32,
    /// How often its place was lost.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: u32,
    /// From when it may be placed again.
    pub eligible: Time,
    /// The pool in which others were stopped for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evicted_in: Option<PoolId>,
    /// The first of the jobs that were submitted together with it.
    pub burst: JobId,
    /// How much of it has run and is kept.
    #[serde(default, skip_serializing_if = "nothing")]
    pub ran: Span,
    /// How long it waited by choice.
    #[serde(default, skip_serializing_if = "nothing")]
    pub by_choice: Span,
}

/// What a tenant used and how long its jobs ran; see `share.rs` and `past.rs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Past use.
    #[serde(rename = "use")]
    pub used: crate::share::Use,
    /// Past run times.
    pub runs: crate::past::Runs,
}

/// The devices of one node that one replica holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Position of the node in its pool.
    pub node: u32,
    /// Bit n is device n.
    pub devices: u64,
    /// Thousandths of its one device; [`WHOLE`] where its devices are all its own.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub part: u16,
}

/// Slots of a place: those of one replica, as most are, lie in the place itself.
pub type Slots = smallvec::SmallVec<[Slot; 1]>;

impl Slot {
    /// Whole devices of a node, a bit each.
    pub fn whole(node: u32, devices: u64) -> Slot {
        Slot { node, devices, part: WHOLE }
    }

    /// Thousandths of devices held.
    pub fn milli(&self) -> u64 {
        u64::from(self.devices.count_ones()) * u64::from(self.part)
    }
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
    pub slots: Slots,
    /// The price agreed for an hour of the time of day in which it was placed.
    pub rate: Rate,
    /// What else was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Arc<census::Agreement>>,
    /// What it may cost: held of its tenant's money until it is paid.
    #[serde(default, skip_serializing_if = "nothing")]
    pub hold: Money,
    /// Devices kept for it before × time, where that is charged.
    #[serde(default, skip_serializing_if = "nothing")]
    pub kept: DeviceTime,
}

impl Place {
    /// Cores of all replicas together.
    pub fn cores(&self) -> Cpu {
        self.cpu.times(u32::try_from(self.slots.len()).unwrap_or(u32::MAX))
    }
}

/// Why a job shall be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// Its tenant or an operator asked.
    Cancelled,
    /// Another job needs its place; it is started anew later.
    Preempted {
        /// The job that gets its place.
        by: JobId,
        /// By which rule.
        rule: Rule,
    },
    /// Cheaper or cleaner hours are ahead; it goes on then.
    Suspended {
        /// When that is thought to be.
        until: Time,
    },
    /// Its site or rack draws more than it may, or would; as with one whose place closes.
    Capped,
    /// Its node, pool or site closes; it is started anew elsewhere if it gives way or may be tried again.
    Drained,
    /// A part of it on another machine ended badly, and a gang is whole or it is over.
    Broken,
}

/// Why one job may take another's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Its priority is higher.
    Priority,
    /// Its tenant takes back what it lent.
    Reclaim,
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
    /// A job it waited for did not end well.
    Unmet(JobId),
    /// Its program could not be started.
    NotStarted(String),
    /// Its program ended well, and what it wrote could not be brought to where it should be.
    Undelivered(String),
    /// What became of it is not known.
    Lost(LostReason),
}

impl End {
    /// The word people and scripts read: `done`, `failed`, `cancelled` or `lost`.
    pub fn state(&self) -> &'static str {
        match self {
            End::Exited(0) => "done",
            End::Exited(_) | End::Killed(_) | End::OverTime | End::OverMemory | End::NotStarted(_) | End::Undelivered(_) => {
                "failed"
            }
            End::Unmet(_) | End::Cancelled => "cancelled",
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
            End::Unmet(job) => write!(f, "was cancelled: {job}, which had to end well before it, did not"),
            End::NotStarted(problem) => write!(f, "could not be started: {problem}"),
            End::Undelivered(problem) => write!(f, "ended well, and its output could not be delivered: {problem}"),
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
    /// A node it ran on failed.
    NodeFailed,
    /// The cluster manager or somebody at the cluster ended it.
    EndedBySite,
    /// Others took its place before it could start, or a node of it failed; it has not run.
    PlaceTaken,
    /// The cluster manager knows nothing of it any more, and no record of its end was left.
    Vanished,
    /// Its pool's agent was silent for longer than the hub waits.
    Silent,
    /// The cluster failed while starting it.
    NotLaunched,
}

impl fmt::Display for LostReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LostReason::KeeperKilledWhileStarting => "its keeper was killed while starting it; it may or may not have run",
            LostReason::ExitUnseen => "its keeper was killed; it ended later and its exit code was not seen",
            LostReason::MachineRestarted => "its machine restarted, or another agent took its pool over",
            LostReason::NodeFailed => "a node it ran on failed",
            LostReason::EndedBySite => "the cluster manager, or somebody at the cluster, ended it",
            LostReason::PlaceTaken => "its place was taken by others, or failed, before it could start there",
            LostReason::Vanished => "the cluster manager knows nothing of it any more, and it left no record of its end",
            LostReason::NotLaunched => "its cluster failed while starting it; it may or may not have run",
            LostReason::Silent => "its pool's agent was silent for longer than this hub waits; it may or may not have run",
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
    /// Read from the nodes by their cluster manager, for a job and all that ran beside it.
    Cluster,
    /// Read from a meter and told after the job had ended.
    Read,
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
    /// Energy at the machine, without the facility's share unless `facility` says so.
    pub energy: Energy,
    /// How the energy is known.
    pub energy_source: EnergySource,
    /// Thousandths of what its devices can do that they were read to do; `None` without a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<u16>,
    /// Whether the energy holds the facility's share already, as another hub has counted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub facility: bool,
}

/// What an agent says of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// Its processes run.
    Started,
    /// It ended.
    Ended(End, Usage),
}
