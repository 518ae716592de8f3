//! Pools whose machines have an agent each. A machine falls silent alone, and a job that runs on several is the sum of its
//! parts: it starts with the last of them and ends with the last of them.

use measure::{JobId, PoolId, Span, Time};

use crate::decide::{Refusal, ended_now, plausible, report, sensible_nodes};
use crate::fact::{End, Fact, Node, Place, Report, Stop, Usage};
use crate::hub::{Hub, Stage};

/// A machine says that it is there, through an agent of its own. It keeps its position by its agent's mark, so that it may
/// be renamed, and by its name, so that another agent may take it over once the one before is silent.
pub(crate) fn serve(hub: &Hub, id: PoolId, machine: Node, agent: String) -> Result<Vec<Fact>, Refusal> {
    let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
    sensible_nodes(std::slice::from_ref(&machine))?;
    let whole = pool.hosts.is_empty() && pool.contact && pool.agent.as_ref().is_some_and(|known| *known != agent);
    if whole {
        return Err(Refusal::ServedByAnother(id));
    }
    let named = pool.nodes.iter().position(|state| state.node.name == machine.name).map(|at| at as u32);
    let at = match (pool.host_of(&agent), named) {
        (Some(mine), Some(named)) if mine != named => {
            return Err(Refusal::Senseless { field: "host", problem: "another machine of the pool has this name" });
        }
        (Some(mine), _) => mine,
        (None, Some(named)) if pool.hosts.contains_key(&named) && !pool.nodes[named as usize].silent => {
            return Err(Refusal::ServedByAnother(id));
        }
        (None, named) => named.unwrap_or(pool.nodes.len() as u32),
    };
    let known = pool.hosts.get(&at) == Some(&agent) && pool.nodes.get(at as usize).is_some_and(|state| state.node == machine);
    Ok(if known { Vec::new() } else { vec![Fact::Hosted(id, at, Box::new(machine), agent)] })
}

/// A machine is in touch, or silent; its pool is in touch while one of its machines is.
pub(crate) fn contact(hub: &Hub, id: PoolId, node: u32, contact: bool) -> Result<Vec<Fact>, Refusal> {
    let pool = hub.pools.get(&id).ok_or(Refusal::UnknownPool(id))?;
    if !pool.hosts.contains_key(&node) {
        return Err(Refusal::UnknownTarget);
    }
    let others = (0..).zip(&pool.nodes).any(|(at, state)| at != node && !state.silent);
    let mut facts = Vec::new();
    if pool.nodes[node as usize].silent == contact {
        facts.push(Fact::HostContact(id, node, contact));
    }
    if pool.contact != (contact || others) {
        facts.push(Fact::Contact(id, contact || others));
    }
    Ok(facts)
}

/// What the agent of one machine says of its part of a job.
pub(crate) fn hear(
    hub: &Hub,
    now: Time,
    (id, node): (PoolId, u32),
    job: JobId,
    attempt: u32,
    told: Report,
) -> Result<Vec<Fact>, Refusal> {
    let place = hub.jobs.get(&job).and_then(|known| known.stage.held()).filter(|place| place.pool == id);
    let Some(place) = place else { return report(hub, now, id, job, attempt, told) };
    let known = &hub.jobs[&job];
    if attempt != 0 && attempt != known.attempt {
        return Ok(Vec::new());
    }
    if place.slots.iter().all(|slot| slot.node == node) {
        return report(hub, now, id, job, attempt, told);
    }
    if !place.slots.iter().any(|slot| slot.node == node) {
        return Err(Refusal::NotPlacedThere { job, pool: id });
    }
    let mut parts = hub.heard.get(&job).cloned().unwrap_or_default();
    let before = parts.iter().find(|(known, _)| *known == node).map(|(_, report)| report);
    // Agents repeat themselves until they are answered.
    if matches!(before, Some(Report::Ended(..))) || before == Some(&told) {
        return Ok(Vec::new());
    }
    let told = match told {
        Report::Ended(end, usage) => Report::Ended(end, plausible(usage, known.stage.placed().unwrap_or(now), now)),
        Report::Started => Report::Started,
    };
    parts.retain(|(known, _)| *known != node);
    parts.push((node, told.clone()));
    let mut facts = vec![Fact::Heard(job, node, told)];
    let whole = parts.len() == machines(place);
    if let Some((end, usage)) = sum(&parts).filter(|_| whole) {
        facts.extend(ended_now(hub, now, job, end, usage));
        return Ok(facts);
    }
    let broken = parts.iter().any(|(_, report)| matches!(report, Report::Ended(end, _) if *end != End::Exited(0)));
    match known.stage {
        Stage::Placed { .. } | Stage::Running { .. } if broken => facts.push(Fact::StopWanted(job, Stop::Broken)),
        Stage::Placed { .. } if whole => facts.push(Fact::Started(job)),
        _ => {}
    }
    Ok(facts)
}

/// On how many machines a place is.
fn machines(place: &Place) -> usize {
    let mut nodes: Vec<u32> = place.slots.iter().map(|slot| slot.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes.len()
}

/// How a job ended whose parts all have: the first that failed gives the reason, since the others were stopped for it. Its run
/// is that of the longest part: clocks of machines differ, spans do not.
fn sum(parts: &[(u32, Report)]) -> Option<(End, Usage)> {
    let mut total = Usage::default();
    let (mut failure, mut cancelled) = (None, false);
    for (_, report) in parts {
        let Report::Ended(end, usage) = report else { return None };
        total.run = Span(total.run.0.max(usage.run.0));
        total.cpu += usage.cpu;
        total.peak_memory += usage.peak_memory;
        total.energy += usage.energy;
        total.energy_source = usage.energy_source;
        cancelled |= *end == End::Cancelled;
        if !matches!(end, End::Exited(0) | End::Cancelled) && failure.is_none() {
            failure = Some(end.clone());
        }
    }
    Some((failure.unwrap_or(if cancelled { End::Cancelled } else { End::Exited(0) }), total))
}

impl Hub {
    /// Whether a job holds a place on the machine at this position of its pool, and its part there is not over.
    pub fn runs_on(&self, id: JobId, node: u32) -> bool {
        let held = self.jobs.get(&id).and_then(|job| job.stage.held());
        let over = |(at, report): &(u32, Report)| *at == node && matches!(report, Report::Ended(..));
        held.is_some_and(|place| place.slots.iter().any(|slot| slot.node == node))
            && !self.heard.get(&id).is_some_and(|parts| parts.iter().any(over))
    }

    /// Takes over that a machine stands at a position of its pool and is served by an agent of its own.
    pub(crate) fn host(&mut self, at: Time, id: PoolId, node: u32, machine: &Node, agent: &str) {
        let pool = self.pools.get_mut(&id).expect("a pool joins before its machines do");
        pool.agent = None;
        // A machine that has no agent of its own, where others have, is out of reach.
        let first = pool.hosts.is_empty();
        if first {
            pool.nodes.iter_mut().for_each(|state| state.silent = true);
        }
        let same = pool.hosts.insert(node, agent.to_owned()).is_some_and(|known| known == agent);
        if pool.nodes.get(node as usize).is_none_or(|state| state.node != *machine) {
            let mut nodes: Vec<Node> = pool.nodes.iter().map(|state| state.node.clone()).collect();
            match nodes.get_mut(node as usize) {
                Some(known) => *known = machine.clone(),
                None => nodes.push(machine.clone()),
            }
            self.see(at, id, &nodes);
        }
        self.pools.get_mut(&id).expect("it is there").nodes[node as usize].silent |= !same;
        if first {
            self.refresh_pool(id);
        }
        self.refresh_host(id, node);
    }

    /// Takes over that one machine of a pool is in touch, or no more.
    pub(crate) fn host_contact(&mut self, id: PoolId, node: u32, contact: bool) {
        let pool = self.pools.get_mut(&id).expect("a pool joins before its machines are in touch");
        pool.nodes[node as usize].silent = !contact;
        self.refresh_host(id, node);
    }

    /// Enters one machine anew.
    fn refresh_host(&mut self, id: PoolId, node: u32) {
        self.derived.moved = true;
        self.refresh(id, node, true);
        self.count_fleet();
        self.requeue_anchored();
    }
}
