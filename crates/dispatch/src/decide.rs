//! From a request to facts, or a refusal that changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use measure::{CoreTime, Cpu, Energy, JobId, Memory, Name, PoolId, Power, TenantId, Time};

use crate::fact::{Ask, End, Fact, Join, Node, Report, Spec, Stop, Usage};
use crate::hub::{Hub, Stage};
use crate::why::PoolWhy;

/// What can be asked of a hub.
#[derive(Debug, Clone)]
pub enum Request {
    /// Take these changes of the census over.
    Census(Vec<census::Change>),
    /// Let a tenant in. Harmless if it is in already.
    Admit(Name),
    /// Let a pool in. Harmless if the same pool is in already.
    Join(Join),
    /// The pool's agent lists these nodes.
    See(PoolId, Vec<Node>),
    /// The agent of this mark serves the pool. Refused while another one is in touch: two agents would each
    /// start what is wanted.
    Serve(PoolId, String),
    /// The pool's agent is in touch, or silent.
    Contact(PoolId, bool),
    /// Run a job.
    Submit(Arc<Spec>),
    /// Stop a job.
    Cancel(JobId),
    /// What the pool's agent says of a job.
    Report(PoolId, JobId, Report),
    /// The job's bill is posted.
    Settle(JobId),
}

/// The hub's no, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The job was never submitted, or it ended and was settled.
    #[error("{0} is not waiting or running")]
    UnknownJob(JobId),
    /// The tenant was never admitted.
    #[error("{0} is not admitted to this hub")]
    UnknownTenant(TenantId),
    /// The pool never joined.
    #[error("{0} has not joined this hub")]
    UnknownPool(PoolId),
    /// A pool of this name joined with other properties.
    #[error("a pool named {0} has joined already, of another provider, site or executor")]
    PoolNameTaken(Name),
    /// Another agent serves the pool.
    #[error("another agent serves {0}, or did until a moment ago; it may be replaced once it has been silent for a minute")]
    ServedByAnother(PoolId),
    /// The job has ended.
    #[error("{0} has ended")]
    AlreadyEnded(JobId),
    /// The job is not placed in the reporting pool.
    #[error("{job} is not placed in {pool}")]
    NotPlacedThere {
        /// The job.
        job: JobId,
        /// The pool that reported.
        pool: PoolId,
    },
    /// No pool could hold it, even empty.
    #[error("no pool of this hub could ever hold it")]
    TooLarge {
        /// Each pool's reason.
        pools: Vec<PoolWhy>,
    },
    /// A field of the job makes no sense.
    #[error("{field}: {problem}")]
    Senseless {
        /// The field.
        field: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// A node has more devices than a device set can name.
    #[error("node {node} has {devices} devices; {max} is the most a node may have", max = Node::DEVICES_MAX)]
    TooManyDevices {
        /// The node.
        node: String,
        /// How many.
        devices: u32,
    },
}

/// The facts that follow from `request`. Changes nothing; the same hub and request give the same answer.
pub fn decide(hub: &Hub, now: Time, request: Request) -> Result<Vec<Fact>, Refusal> {
    match request {
        Request::Census(changes) => Ok(changes.into_iter().map(|change| Fact::Census(Box::new(change))).collect()),
        Request::Admit(name) => Ok(match hub.tenant_named(&name) {
            Some(_) => Vec::new(),
            None => vec![Fact::Admitted(TenantId(hub.last_tenant.0 + 1), name)],
        }),
        Request::Join(join) => match hub.pool_named(&join.name) {
            Some(id) if hub.pools[&id].join == join => Ok(Vec::new()),
            Some(_) => Err(Refusal::PoolNameTaken(join.name)),
            None => Ok(vec![Fact::Joined(PoolId(hub.last_pool.0 + 1), join)]),
        },
        Request::See(pool, nodes) => see(hub, pool, nodes),
        Request::Serve(id, agent) => {
            let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
            match &pool.agent {
                Some(known) if *known == agent => Ok(Vec::new()),
                Some(_) if pool.contact => Err(Refusal::ServedByAnother(id)),
                _ => Ok(vec![Fact::Served(id, agent)]),
            }
        }
        Request::Contact(id, contact) => {
            let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
            Ok(if pool.contact == contact { Vec::new() } else { vec![Fact::Contact(id, contact)] })
        }
        Request::Submit(spec) => submit(hub, spec),
        Request::Cancel(id) => cancel(hub, id),
        Request::Report(pool, job, report) => self::report(hub, now, pool, job, report),
        Request::Settle(id) => match hub.jobs.get(&id).map(|job| &job.stage) {
            Some(Stage::Ended { .. }) => Ok(vec![Fact::Settled(id)]),
            _ => Err(Refusal::UnknownJob(id)),
        },
    }
}

/// Nodes keep their position: known ones by name, new ones at the end, vanished ones without capacity.
fn see(hub: &Hub, id: PoolId, seen: Vec<Node>) -> Result<Vec<Fact>, Refusal> {
    let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
    if let Some(node) = seen.iter().find(|node| node.devices.0 > Node::DEVICES_MAX) {
        return Err(Refusal::TooManyDevices { node: node.name.clone(), devices: node.devices.0 });
    }
    if seen.iter().any(|node| node.cpu > Cpu::cores(1 << 16) || node.memory > Memory::mebibytes(1 << 30)) {
        return Err(Refusal::Senseless { field: "nodes", problem: "no node has more than 65536 cores or 1 PiB of memory" });
    }
    let by_name: BTreeMap<&str, &Node> = seen.iter().map(|node| (node.name.as_str(), node)).collect();
    let known = |known: &crate::hub::NodeState| {
        let still = by_name.get(known.node.name.as_str()).map(|node| (*node).clone());
        still.unwrap_or_else(|| Node { devices: measure::Devices(0), cpu: Cpu(0), memory: Memory(0), ..known.node.clone() })
    };
    let mut nodes: Vec<Node> = pool.nodes.iter().map(known).collect();
    // A machine listed twice is one machine.
    let mut names: BTreeSet<&str> = pool.nodes.iter().map(|state| state.node.name.as_str()).collect();
    nodes.extend(seen.iter().filter(|node| names.insert(node.name.as_str())).cloned());
    let unchanged = nodes.len() == pool.nodes.len() && nodes.iter().zip(&pool.nodes).all(|(new, old)| *new == old.node);
    Ok(if unchanged { Vec::new() } else { vec![Fact::Seen(id, nodes)] })
}

fn submit(hub: &Hub, spec: Arc<Spec>) -> Result<Vec<Fact>, Refusal> {
    let senseless = |field, problem| Err(Refusal::Senseless { field, problem });
    if !hub.tenants.contains_key(&spec.tenant) {
        return Err(Refusal::UnknownTenant(spec.tenant));
    }
    if spec.shape.replicas == 0 {
        return senseless("replicas", "a job has at least one replica");
    }
    if spec.shape.asks.is_empty() || spec.shape.asks.len() > 16 {
        return senseless("alternatives", "a job has 1 to 16 alternatives");
    }
    if spec.shape.cpu.0 == 0 && spec.shape.asks.iter().any(|ask: &Ask| ask.devices.0 == 0) {
        return senseless("devices", "a job asks for at least one device, or for cores");
    }
    if spec.time_limit.is_some_and(|limit| limit.0 <= 0) {
        return senseless("time_limit", "a time limit is longer than nothing");
    }
    // A hub without pools takes jobs in: its agents may not be there yet.
    if hub.pools.values().any(|pool| !pool.nodes.is_empty()) && !hub.could_any_hold(&spec.shape) {
        return Err(Refusal::TooLarge { pools: hub.pools_why(&spec.shape) });
    }
    Ok(vec![Fact::Submitted(JobId(hub.last_job.0 + 1), spec)])
}

fn cancel(hub: &Hub, id: JobId) -> Result<Vec<Fact>, Refusal> {
    let job = hub.jobs.get(&id).ok_or(Refusal::UnknownJob(id))?;
    match &job.stage {
        Stage::Waiting => Ok(vec![Fact::Ended(id, End::Cancelled, Usage::default())]),
        Stage::Placed { .. } | Stage::Running { .. } => Ok(vec![Fact::StopWanted(id, Stop::Cancelled)]),
        Stage::Stopping { .. } => Ok(Vec::new()),
        Stage::Ended { .. } => Err(Refusal::AlreadyEnded(id)),
    }
}

/// A report may come twice, late, or for a job that is settled: agents repeat until they are answered.
fn report(hub: &Hub, now: Time, pool: PoolId, id: JobId, report: Report) -> Result<Vec<Fact>, Refusal> {
    if !hub.pools.contains_key(&pool) {
        return Err(Refusal::UnknownPool(pool));
    }
    let Some(job) = hub.jobs.get(&id) else {
        return if id <= hub.last_job { Ok(Vec::new()) } else { Err(Refusal::UnknownJob(id)) };
    };
    if matches!(job.stage, Stage::Ended { .. }) {
        return Ok(Vec::new());
    }
    let held = job.stage.held().filter(|place| place.pool == pool);
    let (Some(_), Some(placed)) = (held, job.stage.placed()) else { return Err(Refusal::NotPlacedThere { job: id, pool }) };
    match report {
        Report::Started => Ok(if matches!(job.stage, Stage::Placed { .. }) { vec![Fact::Started(id)] } else { Vec::new() }),
        Report::Ended(end, usage) => Ok(vec![Fact::Ended(id, end, plausible(usage, placed, now))]),
    }
}

/// Nobody is billed for more than the hub itself saw: a run is no longer than the time since it was placed.
fn plausible(usage: Usage, placed: Time, now: Time) -> Usage {
    let longest = (now - placed).0.max(0);
    let run = measure::Span(usage.run.0.clamp(0, longest));
    // Nothing gives energy or core-time back.
    // And nobody uses more than a hundred thousand cores, or a gigawatt: sums over a year must stay sums.
    let most = run + measure::Span::seconds(60);
    let cpu = CoreTime(usage.cpu.0.clamp(0, (Cpu::cores(100_000) * most).0));
    let energy = Energy(usage.energy.0.clamp(0, (Power(1_000_000_000_000) * most).0));
    Usage { run, cpu, energy, ..usage }
}
