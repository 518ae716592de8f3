//! From a request to facts, or a refusal that changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Money, Name, PoolId, Power, Span, TenantId, Time};

use crate::fact::{
    After, Ask, Closing, End, Fact, Join, Limits, LostReason, Node, Occupied, Report, Shape, Spec, Stop, Target, Task, Terms,
    Usage, WHOLE, When,
};
use crate::hosts;
use crate::hub::{Hub, Job, Stage};
use crate::purse::{self, Purse};
use crate::queue::DEPTH;
use crate::why::PoolWhy;

/// What can be asked of a hub.
#[derive(Debug, Clone)]
pub enum Request {
    /// Take these changes of the census over.
    Census(Vec<census::Change>),
    /// Jobs may read this data, or may no more.
    Keep(Name, Option<crate::data::DataSet>),
    /// Let a tenant in. Harmless if it is in already.
    Admit(Name),
    /// Let a pool in. Harmless if the same pool is in already.
    Join(Join),
    /// The pool's agent lists these nodes.
    See(PoolId, Vec<Node>),
    /// This is what others hold of the pool's nodes, by name; of nodes that are not named, nothing.
    Occupy(PoolId, Vec<(String, Occupied)>),
    /// The agent of this mark serves the pool. Refused while another one is in touch: two agents would each
    /// start what is wanted.
    Serve(PoolId, String),
    /// The pool's agent is in touch, or silent.
    Contact(PoolId, bool),
    /// The agent of this mark serves this one machine of the pool, beside others. Refused while another one that serves
    /// it is in touch.
    Host(PoolId, Node, String),
    /// The agent of the machine at this position of the pool is in touch, or silent.
    HostContact(PoolId, u32, bool),
    /// Run a job.
    Submit(Arc<Spec>),
    /// Stop a job.
    Cancel(JobId),
    /// What the pool's agent says of an attempt of a job, counted from 1; 0 for the one there is now.
    Report(PoolId, JobId, u32, Report),
    /// The same, by the agent of the machine at this position of the pool, of its part of the job.
    Hear(PoolId, u32, JobId, u32, Report),
    /// This is what the tenant is due.
    Arrange(TenantId, Terms),
    /// So much may the tenant spend from now on; `None` for as much as it likes.
    Fund(TenantId, Option<Purse>),
    /// Past use is forgotten so fast.
    HalfLife(Span),
    /// This is what the pool's provider allows.
    Limit(PoolId, Limits),
    /// The target takes no work in these times; the whole list, empty for none.
    Close(Target, Vec<Closing>),
    /// The job is expected to run so long, by somebody who knows.
    Expect(JobId, Span),
    /// The job's bill is posted.
    Settle(JobId),
}

/// The hub's no, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The job was never submitted, or it ended and was settled.
    #[error("{0} is not waiting or running")]
    UnknownJob(JobId),
    /// Nobody told of the data.
    #[error("there is no data set {0}")]
    UnknownData(Name),
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
    /// It cannot end in time, even if it started now.
    #[error("it cannot end by {deadline}: it may run for {bound}, which from now on is until {earliest}")]
    TooLate {
        /// When it should end.
        deadline: Time,
        /// How long it may run.
        bound: Span,
        /// When it would end at the earliest.
        earliest: Time,
    },
    /// Its tenant, or one above it, has nothing left to spend.
    #[error("the budget of its tenant, or of one above it, is spent or held for jobs that have a place: {left} are left")]
    NoFunds {
        /// Whose budget.
        tenant: TenantId,
        /// What is left.
        left: Money,
    },
    /// A job it is to wait for is not there any more, or never was.
    #[error("after: {0} is not waiting or running")]
    UnknownAfter(JobId),
    /// Nobody knows the target.
    #[error("there is no such site, pool or node")]
    UnknownTarget,
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
        Request::Keep(name, data) => {
            let same = hub.data.get(&name) == data.as_ref();
            Ok(if same { Vec::new() } else { vec![Fact::Data(name, data.map(Box::new))] })
        }
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
        Request::Occupy(pool, nodes) => occupy(hub, pool, nodes),
        Request::Serve(id, agent) => {
            let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
            match &pool.agent {
                Some(known) if *known == agent => Ok(Vec::new()),
                _ if pool.contact && (pool.agent.is_some() || !pool.hosts.is_empty()) => Err(Refusal::ServedByAnother(id)),
                _ => Ok(vec![Fact::Served(id, agent)]),
            }
        }
        Request::Contact(id, contact) => {
            let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
            Ok(if pool.contact == contact { Vec::new() } else { vec![Fact::Contact(id, contact)] })
        }
        Request::Host(pool, machine, agent) => hosts::serve(hub, pool, machine, agent),
        Request::HostContact(pool, node, contact) => hosts::contact(hub, pool, node, contact),
        Request::Hear(pool, node, job, attempt, report) => hosts::hear(hub, now, (pool, node), job, attempt, report),
        Request::Submit(spec) => submit(hub, now, spec),
        Request::Cancel(id) => cancel(hub, id),
        Request::Report(pool, job, attempt, report) => self::report(hub, now, pool, job, attempt, report),
        Request::Arrange(id, terms) => arrange(hub, id, terms),
        Request::Fund(id, purse) => fund(hub, now, id, purse),
        Request::HalfLife(span) if span.0 <= 0 => {
            Err(Refusal::Senseless { field: "half_life", problem: "is longer than nothing" })
        }
        Request::HalfLife(span) => Ok(if hub.half_life() == span { Vec::new() } else { vec![Fact::HalfLife(span)] }),
        Request::Limit(id, limits) => match hub.pools.get(&id) {
            None => Err(Refusal::UnknownPool(id)),
            Some(pool) if pool.limits == limits => Ok(Vec::new()),
            Some(_) => Ok(vec![Fact::Limited(id, limits)]),
        },
        Request::Close(target, closings) => close(hub, target, closings),
        Request::Expect(id, expected) => match hub.jobs.get(&id) {
            Some(job) if job.expected == Some(expected) => Ok(Vec::new()),
            Some(Job { stage: Stage::Waiting, .. }) => Ok(vec![Fact::Expected(id, Span(expected.0.max(0)))]),
            Some(_) | None => Err(Refusal::UnknownJob(id)),
        },
        Request::Settle(id) => match hub.jobs.get(&id).map(|job| &job.stage) {
            Some(Stage::Ended { .. }) => Ok(vec![Fact::Settled(id)]),
            _ => Err(Refusal::UnknownJob(id)),
        },
    }
}

/// Nodes keep their position: known ones by name, new ones at the end, vanished ones without capacity.
fn see(hub: &Hub, id: PoolId, seen: Vec<Node>) -> Result<Vec<Fact>, Refusal> {
    let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
    sensible_nodes(&seen)?;
    let by_name: BTreeMap<&str, &Node> = seen.iter().map(|node| (node.name.as_str(), node)).collect();
    let known = |known: &crate::node::NodeState| {
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

/// Whether nodes have no more than a node can.
pub(crate) fn sensible_nodes(nodes: &[Node]) -> Result<(), Refusal> {
    if let Some(node) = nodes.iter().find(|node| node.devices.0 > Node::DEVICES_MAX) {
        return Err(Refusal::TooManyDevices { node: node.name.clone(), devices: node.devices.0 });
    }
    if nodes.iter().any(|node| node.cpu > Cpu::cores(1 << 16) || node.memory > Memory::mebibytes(1 << 30)) {
        return Err(Refusal::Senseless { field: "nodes", problem: "no node has more than 65536 cores or 1 PiB of memory" });
    }
    Ok(())
}

/// What changed of what others hold. Nodes that nobody knows are left out: the agent lists them before long.
fn occupy(hub: &Hub, id: PoolId, occupied: Vec<(String, Occupied)>) -> Result<Vec<Fact>, Refusal> {
    let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
    let mut by_name: BTreeMap<String, Occupied> = occupied.into_iter().collect();
    let mut changed = Vec::new();
    for (at, state) in (0_u32..).zip(&pool.nodes) {
        let mut now = by_name.remove(&state.node.name).unwrap_or(Occupied::NOTHING);
        now.node = at;
        // Nobody holds more than there is.
        now.devices = now.devices.min(state.node.devices);
        now.cpu = now.cpu.min(state.node.cpu);
        now.memory = now.memory.min(state.node.memory);
        let unchanged = state.others.as_deref().map_or(now.is_nothing(), |known| *known == now);
        if !unchanged {
            changed.push(now);
        }
    }
    Ok(if changed.is_empty() { Vec::new() } else { vec![Fact::Occupied(id, changed)] })
}

/// What is wrong with a job whatever the hub is.
fn sensible(spec: &Spec) -> Result<(), Refusal> {
    let senseless = |field, problem| Err(Refusal::Senseless { field, problem });
    let Shape { replicas, asks, cpu, .. } = &spec.shape;
    if *replicas == 0 || asks.iter().any(|ask| ask.replicas == Some(0)) {
        return senseless("replicas", "a job has at least one replica");
    }
    if asks.is_empty() || asks.len() > 16 {
        return senseless("alternatives", "a job has 1 to 16 alternatives");
    }
    if cpu.0 == 0 && asks.iter().any(|ask: &Ask| ask.devices.0 == 0) {
        return senseless("devices", "a job asks for at least one device, or for cores");
    }
    if asks.iter().any(|ask| ask.part == 0 || ask.part > WHOLE || (ask.part < WHOLE && ask.devices != Devices(1))) {
        return senseless("part", "a part is 1 to 1000 thousandths, and of one device only");
    }
    if asks.iter().any(|ask| ask.power.is_some_and(|power| power.mega == 0 || ask.devices.0 == 0)) {
        return senseless("power", "computing power is asked for in devices, and more than none of it");
    }
    if spec.time_limit.is_some_and(|limit| limit.0 <= 0) {
        return senseless("time_limit", "a time limit is longer than nothing");
    }
    if spec.array.is_some_and(|task| task.count == 0 || task.count > Task::MOST) {
        return senseless("array", "an array has 1 to 100000 tasks");
    }
    if spec.apart.is_some() && spec.array.is_none() {
        return senseless("apart", "only the tasks of an array can lie apart");
    }
    if spec.notice.is_some_and(|notice| notice.grace.0 < 0 || !(1..=64).contains(&notice.signal)) {
        return senseless("notice", "a notice is a signal from 1 to 64 and a span");
    }
    Ok(())
}

fn submit(hub: &Hub, now: Time, spec: Arc<Spec>) -> Result<Vec<Fact>, Refusal> {
    if !hub.tenants.contains_key(&spec.tenant) {
        return Err(Refusal::UnknownTenant(spec.tenant));
    }
    sensible(&spec)?;
    if let Some((tenant, left)) = purse::least(&hub.tenants, spec.tenant, now).filter(|(_, left)| *left <= Money::ZERO) {
        return Err(Refusal::NoFunds { tenant, left });
    }
    if let Some(unknown) = spec.shape.inputs.iter().find(|name| !hub.data.contains_key(*name)) {
        return Err(Refusal::UnknownData(unknown.clone()));
    }
    if let Some(After { job, .. }) = spec.after.iter().find(|after| !hub.jobs.contains_key(&after.job)) {
        return Err(Refusal::UnknownAfter(*job));
    }
    let failed = |after: &&After| {
        after.when == When::Ok && matches!(&hub.jobs[&after.job].stage, Stage::Ended { end, .. } if *end != End::Exited(0))
    };
    if let Some(After { job, .. }) = spec.after.iter().find(failed) {
        return Err(Refusal::UnknownAfter(*job));
    }
    // A hub without pools takes jobs in: its agents may not be there yet.
    if hub.pools.values().any(|pool| !pool.nodes.is_empty())
        && !hub.derived.could_hold(&spec.shape)
        && !hub.could_any_hold(&spec.shape)
    {
        return Err(Refusal::TooLarge { pools: hub.pools_why(&spec.shape) });
    }
    let bound = spec.time_limit.unwrap_or(Span::ZERO);
    if let Some(deadline) = spec.deadline
        && (now + bound > deadline || deadline <= now)
    {
        return Err(Refusal::TooLate { deadline, bound, earliest: now + bound });
    }
    let first = JobId(hub.last_job.0 + 1);
    let tasks: Vec<Arc<Spec>> = match spec.array {
        None => vec![spec],
        Some(Task { count, .. }) => {
            let task = |index| Arc::new(Spec { array: Some(Task { first, index, count }), ..(*spec).clone() });
            (0..count).map(task).collect()
        }
    };
    Ok((first.0..).map(JobId).zip(tasks).map(|(id, task)| Fact::Submitted(id, task)).collect())
}

fn arrange(hub: &Hub, id: TenantId, terms: Terms) -> Result<Vec<Fact>, Refusal> {
    let senseless = |field, problem| Err(Refusal::Senseless { field, problem });
    let known = hub.tenants.get(&id).ok_or(Refusal::UnknownTenant(id))?;
    if terms.weight == 0 || terms.weight > 1_000_000 {
        return senseless("weight", "a weight lies between 1 and 1000000");
    }
    if terms.most.zip(terms.guaranteed).is_some_and(|(most, guaranteed)| most < guaranteed) {
        return senseless("most", "nobody is guaranteed more than it may hold");
    }
    if let Some(parent) = terms.parent {
        if !hub.tenants.contains_key(&parent) {
            return Err(Refusal::UnknownTenant(parent));
        }
        if hub.path(parent).any(|above| above == id) {
            return senseless("parent", "a tenant is no project of its own projects");
        }
        // Whatever is below it comes along.
        let below = hub.tenants.keys().filter_map(|other| hub.path(*other).position(|above| above == id)).max().unwrap_or(0);
        if hub.path(parent).count() + below >= DEPTH {
            return senseless("parent", "tenants are nested four deep at most");
        }
    }
    Ok(if known.terms == terms { Vec::new() } else { vec![Fact::Arranged(id, terms)] })
}

/// A budget begins full, but for what jobs that have a place hold already.
fn fund(hub: &Hub, now: Time, id: TenantId, purse: Option<Purse>) -> Result<Vec<Fact>, Refusal> {
    let senseless = |field, problem| Err(Refusal::Senseless { field, problem });
    let known = hub.tenants.get(&id).ok_or(Refusal::UnknownTenant(id))?;
    let Some(purse) = purse else {
        return Ok(if known.purse.is_none() { Vec::new() } else { vec![Fact::Funded(id, None)] });
    };
    if purse.amount < Money::ZERO {
        return senseless("amount", "a budget is not negative");
    }
    if purse.warn_permille > 1000 {
        return senseless("warn", "people are warned at some part of the budget, which is at most all of it");
    }
    if purse.until.is_some_and(|until| until <= now) {
        return senseless("until", "lies in the past");
    }
    Ok(vec![Fact::Funded(id, Some(Purse { left: purse.amount - hub.held_money(id), ..purse }))])
}

fn close(hub: &Hub, target: Target, closings: Vec<Closing>) -> Result<Vec<Fact>, Refusal> {
    let known = match &target {
        Target::Site(site) => {
            hub.census.sites.contains_key(site) || hub.pools.values().any(|pool| pool.join.site.as_ref() == Some(site))
        }
        Target::Pool(id) => hub.pools.contains_key(id),
        Target::Node(id, name) => hub.pools.get(id).is_some_and(|pool| pool.nodes.iter().any(|state| state.node.name == *name)),
    };
    if !known {
        return Err(Refusal::UnknownTarget);
    }
    if closings.iter().any(|closing| closing.until.is_some_and(|until| until <= closing.from)) {
        return Err(Refusal::Senseless { field: "until", problem: "a closing ends after it begins" });
    }
    if closings.iter().any(|closing| closing.stop_at.is_some_and(|at| at < closing.from)) {
        return Err(Refusal::Senseless { field: "stop_at", problem: "nothing is stopped before the closing begins" });
    }
    let unchanged = hub.closings.get(&target).map_or(&[][..], Vec::as_slice) == closings;
    Ok(if unchanged { Vec::new() } else { vec![Fact::Closed(target, closings)] })
}

fn cancel(hub: &Hub, id: JobId) -> Result<Vec<Fact>, Refusal> {
    let job = hub.jobs.get(&id).ok_or(Refusal::UnknownJob(id))?;
    match &job.stage {
        Stage::Waiting => Ok(ended(hub, id, End::Cancelled, Usage::default())),
        Stage::Placed { .. } | Stage::Running { .. } => Ok(vec![Fact::StopWanted(id, Stop::Cancelled)]),
        Stage::Stopping { stop: Stop::Cancelled, .. } => Ok(Vec::new()),
        // It would be started anew.
        Stage::Stopping { .. } => Ok(vec![Fact::StopWanted(id, Stop::Cancelled)]),
        Stage::Ended { .. } => Err(Refusal::AlreadyEnded(id)),
    }
}

/// A report may come twice, late, or for a job that is settled: agents repeat until they are answered.
pub(crate) fn report(hub: &Hub, now: Time, pool: PoolId, id: JobId, attempt: u32, report: Report) -> Result<Vec<Fact>, Refusal> {
    if !hub.pools.contains_key(&pool) {
        return Err(Refusal::UnknownPool(pool));
    }
    let Some(job) = hub.jobs.get(&id) else {
        return if id <= hub.last_job { Ok(Vec::new()) } else { Err(Refusal::UnknownJob(id)) };
    };
    // What is said of an attempt that is over changes nothing.
    if matches!(job.stage, Stage::Ended { .. })
        || (attempt != 0 && attempt != job.attempt)
        || (attempt != 0 && job.stage == Stage::Waiting)
    {
        return Ok(Vec::new());
    }
    let held = job.stage.held().filter(|place| place.pool == pool);
    let (Some(_), Some(placed)) = (held, job.stage.placed()) else { return Err(Refusal::NotPlacedThere { job: id, pool }) };
    match report {
        Report::Started => Ok(if matches!(job.stage, Stage::Placed { .. }) { vec![Fact::Started(id)] } else { Vec::new() }),
        Report::Ended(end, usage) => {
            let usage = plausible(usage, placed, now);
            Ok(ended_now(hub, now, id, end, usage))
        }
    }
}

/// What follows from the end of an attempt: the job waits again, or is over.
pub(crate) fn ended_now(hub: &Hub, now: Time, id: JobId, end: End, usage: Usage) -> Vec<Fact> {
    match again(&hub.jobs[&id], &end, now) {
        Some(eligible) => vec![Fact::Yielded(id, end, usage, eligible)],
        None => ended(hub, id, end, usage),
    }
}

/// A job's end, and that of all that can never start after it.
fn ended(hub: &Hub, id: JobId, end: End, usage: Usage) -> Vec<Fact> {
    let mut facts = vec![Fact::Ended(id, end.clone(), usage)];
    if end == End::Exited(0) {
        return facts;
    }
    let (mut next, mut known) = (vec![id], BTreeSet::from([id]));
    while let Some(failed) = next.pop() {
        for dependent in hub.derived.dependents.get(&failed).into_iter().flatten() {
            // One that was cancelled in the meantime may have left the hub.
            let Some(job) = hub.jobs.get(dependent) else { continue };
            let hopeless = job.spec.after.iter().any(|after| after.job == failed && after.when == When::Ok);
            if job.stage == Stage::Waiting && hopeless && known.insert(*dependent) {
                facts.push(Fact::Ended(*dependent, End::Unmet(failed), Usage::default()));
                next.push(*dependent);
            }
        }
    }
    facts
}

/// The first pause before a job is tried again after its place was lost; each further one is twice as long.
const BACK_OFF: Span = Span(30_000);
/// The longest pause.
const BACK_OFF_MOST: Span = Span(3_600_000);

/// From when a job may be placed again whose attempt ended so; `None` if it is over. A program's own failure is never
/// retried, and neither is what its tenant stopped.
fn again(job: &Job, end: &End, now: Time) -> Option<Time> {
    let tries_left = job.lost < job.spec.retries;
    match (&job.stage, end) {
        (Stage::Stopping { stop: Stop::Cancelled, .. }, _) => None,
        (Stage::Stopping { stop: Stop::Preempted { .. } | Stop::Suspended { .. }, .. }, End::Cancelled) => Some(now),
        (Stage::Stopping { stop: Stop::Drained | Stop::Capped, .. }, End::Cancelled) if job.spec.preemptible || tries_left => {
            Some(now)
        }
        // It never ran: that is no try.
        (_, End::Lost(LostReason::PlaceTaken)) => Some(now),
        (_, End::Lost(_)) if tries_left => {
            let pause = BACK_OFF.0.checked_shl(job.lost.min(20)).unwrap_or(i64::MAX).min(BACK_OFF_MOST.0);
            Some(now + Span(pause))
        }
        _ => None,
    }
}

/// Nobody is billed for more than the hub itself saw: a run is no longer than the time since it was placed.
pub(crate) fn plausible(usage: Usage, placed: Time, now: Time) -> Usage {
    let longest = (now - placed).0.max(0);
    let run = measure::Span(usage.run.0.clamp(0, longest));
    // Nothing gives energy or core-time back.
    // And nobody uses more than a hundred thousand cores, or a gigawatt: sums over a year must stay sums.
    let most = run + measure::Span::seconds(60);
    let cpu = CoreTime(usage.cpu.0.clamp(0, (Cpu::cores(100_000) * most).0));
    let energy = Energy(usage.energy.0.clamp(0, (Power(1_000_000_000_000) * most).0));
    let utilisation = usage.utilisation.map(|permille| permille.min(1000));
    Usage { run, cpu, energy, utilisation, ..usage }
}
