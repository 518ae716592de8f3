//! Who gives way: work that allows it is stopped for work of higher priority, or for a tenant that takes back what it lent.
//! The least is lost, in one pool only, and what is freed is kept for whom it was freed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use measure::{JobId, PoolId, Span, TenantId};

use crate::fact::{Fact, Reservation, Rule, Spread, Stop};
use crate::fit::Candidate;
use crate::hub::{Hub, Stage};
use crate::node::{Demand, Free, NEVER, NodeState};
use crate::queue::Ticket;

/// Jobs that are stopped, and by which rule.
type Stopped = Vec<(JobId, Rule)>;

/// A node on which replicas fit once some jobs are stopped, and what is lost by that.
struct Room {
    loss: u128,
    node: u32,
    replicas: u32,
    stopped: Stopped,
}

/// From the notice to the end by force, where the work asks for no notice.
const GRACE: Span = Span(30_000);

impl Hub {
    /// Stops others for a job that cannot start now, if a rule lets it. Facts in order: who is stopped, then what is kept.
    pub(crate) fn evict(&mut self, ticket: Ticket) -> Vec<Fact> {
        let id = ticket.turn.job;
        if !self.derived.policy.preempt || self.derived.preemptible.values().all(BTreeSet::is_empty) {
            return Vec::new();
        }
        let job = &self.jobs[&id];
        // Nodes it has been promised by stopping others are on their way.
        if job.evicted_in.is_some() && self.reserved.contains_key(&id) {
            return Vec::new();
        }
        let (spec, evicted_in) = (job.spec.clone(), job.evicted_in);
        let bound = job.bound();
        let end = bound.map_or(NEVER, |bound| self.derived.clock + GRACE + bound);
        let kind = self.derived.queue.kind(ticket.kind).clone();
        if kind.apart.is_some() {
            return Vec::new();
        }
        let milli = u64::from(spec.devices()) * u64::from(spec.shape.asks[0].part);
        let victims = self.victims(spec.tenant, spec.priority, milli);
        if victims.is_empty() {
            return Vec::new();
        }
        let mut best: Option<(u128, Stopped, Reservation)> = None;
        for Candidate { ask, group, pool: at, demand, wanted } in self.candidates(kind.shape).iter().copied() {
            let pool = &self.pools[&at];
            let elsewhere = evicted_in.is_some_and(|only| only != at);
            let known = &self.derived.index.groups[group as usize];
            if elsewhere || !pool.contact || !self.may_take(&kind, known, demand, wanted) {
                continue;
            }
            let spread = spec.shape.spread == Spread::Nodes;
            let open = |node: &u32| {
                let node = &pool.nodes[*node as usize];
                node.group == group && node.reserved.is_none() && self.closes(at, pool, node) >= end
            };
            let nodes: Vec<u32> = (0..pool.nodes.len() as u32).filter(open).collect();
            let Some(rooms) = self.rooms(at, &nodes, demand, wanted, spread, &victims) else { continue };
            let mut stopped: Stopped = rooms.iter().flat_map(|room| room.stopped.iter().copied()).collect();
            stopped.sort_unstable_by_key(|(job, _)| *job);
            stopped.dedup_by_key(|(job, _)| *job);
            // A gang on several nodes is lost once.
            let loss: u128 = stopped.iter().map(|(job, _)| self.loss(*job)).sum();
            // Whoever is stopped gives its power back, too.
            let freed =
                stopped.iter().filter_map(|(job, _)| self.drawn(self.jobs[job].stage.held()?)).map(|power| power.0).sum::<i64>();
            let needs = known.draws.map_or(0, |draws| draws.asked(demand, wanted));
            if self.derived.power.left(&kind, at, self.derived.clock).saturating_add(freed) < needs {
                continue;
            }
            let grace = |(job, _): &(JobId, Rule)| self.jobs[job].spec.notice.map_or(GRACE, |notice| notice.grace);
            let starts = self.derived.clock + stopped.iter().map(grace).max().unwrap_or(GRACE);
            let ends = bound.map_or(NEVER, |bound| starts + bound);
            let mut kept: Vec<u32> = rooms.iter().map(|room| room.node).collect();
            kept.sort_unstable();
            // Nobody is stopped for work that could not end before a node closes.
            if best.as_ref().is_none_or(|(least, ..)| loss < *least)
                && self.leaves_guarantees(&stopped, spec.tenant)
                && kept.iter().all(|node| self.closes(at, pool, &pool.nodes[*node as usize]) >= ends)
            {
                best = Some((loss, stopped, Reservation { pool: at, nodes: kept, ask: ask as u8, at: starts, idle: Vec::new() }));
            }
        }
        let Some((_, stopped, reservation)) = best.filter(|(_, stopped, _)| !stopped.is_empty()) else { return Vec::new() };
        let stop = |(job, rule): (JobId, Rule)| Fact::StopWanted(job, Stop::Preempted { by: id, rule });
        let mut facts: Vec<Fact> = stopped.into_iter().map(stop).collect();
        facts.push(Fact::Reserved(id, Some(Arc::new(reservation))));
        facts
    }

    /// Jobs that a job of a tenant and priority may have stopped, and by which rule.
    fn victims(&self, tenant: TenantId, priority: i16, milli: u64) -> Stopped {
        // Whoever is within its guarantee takes back from those outside that hold more than their own.
        let within = |id: TenantId| {
            let tenant = &self.tenants[&id];
            let least = tenant.terms.guaranteed.map(|devices| u64::from(devices.0) * 1000)?;
            (tenant.milli_held.saturating_add(milli) <= least).then_some(id)
        };
        let mine = self.path(tenant).find_map(within);
        let lent = |other: TenantId| {
            let Some(mine) = mine else { return false };
            let outside = |id: &TenantId| !self.path(tenant).any(|own| own == *id);
            !self.path(other).any(|id| id == mine) && self.path(other).filter(outside).all(|id| self.spare(id) > 0)
        };
        let mut victims = Vec::new();
        for (owner, jobs) in &self.derived.preemptible {
            let reclaim = lent(*owner);
            for id in jobs {
                let job = &self.jobs[id];
                if !matches!(job.stage, Stage::Placed { .. } | Stage::Running { .. }) {
                    continue;
                }
                if job.spec.priority < priority {
                    victims.push((*id, Rule::Priority));
                } else if reclaim && job.spec.priority <= priority {
                    victims.push((*id, Rule::Reclaim));
                }
            }
        }
        victims.sort_unstable_by_key(|(id, _)| *id);
        victims
    }

    /// Thousandths of devices that a tenant and its projects hold beyond what it is guaranteed.
    fn spare(&self, id: TenantId) -> u64 {
        let tenant = &self.tenants[&id];
        tenant.milli_held.saturating_sub(tenant.terms.guaranteed.map_or(0, |devices| u64::from(devices.0) * 1000))
    }

    /// Whether those who are stopped for a tenant to take back what it lent keep what they themselves are guaranteed.
    fn leaves_guarantees(&self, stopped: &[(JobId, Rule)], tenant: TenantId) -> bool {
        let mut taken: BTreeMap<TenantId, u64> = BTreeMap::new();
        for (id, _) in stopped.iter().filter(|(_, rule)| *rule == Rule::Reclaim) {
            let job = &self.jobs[id];
            let milli: u64 = job.stage.held().iter().flat_map(|place| &place.slots).map(crate::fact::Slot::milli).sum();
            for above in self.path(job.spec.tenant).filter(|id| !self.path(tenant).any(|own| own == *id)) {
                *taken.entry(above).or_default() += milli;
            }
        }
        taken.into_iter().all(|(id, milli)| self.tenants[&id].terms.guaranteed.is_none() || milli <= self.spare(id))
    }

    /// What is lost if a job is stopped now: value × time since its start; work that gets a notice saves its state.
    pub(crate) fn loss(&self, id: JobId) -> u128 {
        let job = &self.jobs[&id];
        let Some(place) = job.stage.held() else { return 0 };
        let milli: u64 = place.slots.iter().map(|slot| slot.milli().max(place.cpu.0 / 100)).sum();
        let since = match job.stage {
            Stage::Running { since, .. } if job.spec.notice.is_none() => (self.derived.clock - since).0.max(0),
            _ => 0,
        };
        u128::from(milli) * u128::from(since.unsigned_abs() + 1)
    }

    /// Nodes on which so many replicas fit once some jobs are stopped: one replica after the other where it costs least, or,
    /// if less is lost by that, as many as fit on each node.
    fn rooms(
        &self,
        pool: PoolId,
        nodes: &[u32],
        demand: Demand,
        wanted: u32,
        spread: bool,
        victims: &[(JobId, Rule)],
    ) -> Option<Vec<Room>> {
        let room = |node: u32, replicas: u32| self.make_room(pool, node, demand, replicas, victims);
        let most = |node: &u32| {
            let most = self.most_room(pool, *node, demand, victims).min(if spread { 1 } else { u64::from(wanted) }) as u32;
            (most > 0).then_some((*node, most))
        };
        let most: BTreeMap<u32, u32> = nodes.iter().filter_map(most).collect();
        let ones = most.keys().filter_map(|node| room(*node, 1));
        let mut next: BTreeMap<(u128, u32), Room> = ones.map(|room| ((room.loss, room.node), room)).collect();
        let (mut singly, mut left) = (BTreeMap::new(), wanted);
        while left > 0
            && let Some((_, taken)) = next.pop_first()
        {
            left -= 1;
            if taken.replicas < most[&taken.node]
                && let Some(more) = room(taken.node, taken.replicas + 1)
            {
                next.insert((more.loss.saturating_sub(taken.loss), more.node), more);
            }
            singly.insert(taken.node, taken);
        }
        let singly = (left == 0).then(|| singly.into_values().collect::<Vec<Room>>());
        let many = most.iter().filter(|(_, most)| **most > 1).filter_map(|(node, most)| room(*node, *most));
        let mut many: Vec<(u128, u32)> = many.map(|room| (room.loss / u128::from(room.replicas), room.node)).collect();
        many.sort_unstable();
        let (mut densely, mut left) = (Vec::new(), wanted);
        for (_, node) in many {
            if let Some(taken) = room(node, most[&node].min(left)).filter(|_| left > 0) {
                left -= taken.replicas;
                densely.push(taken);
            }
        }
        let loss = |rooms: &Vec<Room>| rooms.iter().map(|room| room.loss).sum::<u128>();
        [singly, Some(densely).filter(|_| left == 0)].into_iter().flatten().min_by_key(loss)
    }

    /// How many replicas fit on a node once all of these jobs are stopped.
    fn most_room(&self, pool: PoolId, at: u32, demand: Demand, victims: &[(JobId, Rule)]) -> u64 {
        let mut scratch = self.pools[&pool].nodes[at as usize].clone();
        let held: BTreeSet<JobId> = scratch.jobs.iter().map(|(job, _)| *job).collect();
        for id in held.iter().filter(|id| victims.binary_search_by_key(*id, |(id, _)| *id).is_ok()) {
            self.take_off(&mut scratch, at, *id);
        }
        demand.times_in(&Free::of(&scratch, scratch.group, NEVER))
    }

    /// Takes a job off a copy of a node.
    fn take_off(&self, scratch: &mut NodeState, at: u32, id: JobId) {
        let job = &self.jobs[&id];
        let place = job.stage.held().expect("victims have a place");
        for slot in place.slots.iter().filter(|slot| slot.node == at) {
            scratch.give_back(id, slot, place.cpu, job.spec.shape.memory);
        }
    }

    /// A node with the jobs to be stopped so that so many replicas fit on it; none if they fit already.
    fn make_room(&self, pool: PoolId, at: u32, demand: Demand, replicas: u32, victims: &[(JobId, Rule)]) -> Option<Room> {
        let state = &self.pools[&pool].nodes[at as usize];
        let fits = |node: &NodeState| demand.times_in(&Free::of(node, state.group, NEVER)) >= u64::from(replicas);
        let mut scratch = state.clone();
        if fits(&scratch) {
            return Some(Room { loss: 0, node: at, replicas, stopped: Vec::new() });
        }
        let mut here: Vec<(u128, JobId, Rule)> = Vec::new();
        for (job, _) in &state.jobs {
            if let Ok(found) = victims.binary_search_by_key(job, |(id, _)| *id)
                && here.iter().all(|(_, known, _)| known != job)
            {
                here.push((self.loss(*job), *job, victims[found].1));
            }
        }
        here.sort_unstable_by_key(|(loss, job, _)| (*loss, *job));
        let mut stopped = Vec::new();
        for (loss, id, rule) in here {
            self.take_off(&mut scratch, at, id);
            stopped.push((loss, id, rule));
            if fits(&scratch) {
                // Whoever turns out not to be needed stays: the dearest first.
                let mut needed = stopped.clone();
                for candidate in stopped.iter().rev().skip(1) {
                    let mut kept = scratch.clone();
                    let job = &self.jobs[&candidate.1];
                    let place = job.stage.held().expect("victims have a place");
                    for slot in place.slots.iter().filter(|slot| slot.node == at) {
                        kept.hold(candidate.1, slot, place.cpu, job.spec.shape.memory, NEVER);
                    }
                    if fits(&kept) {
                        scratch = kept;
                        needed.retain(|known| known.1 != candidate.1);
                    }
                }
                let loss = needed.iter().map(|(loss, ..)| *loss).sum();
                let stopped = needed.into_iter().map(|(_, id, rule)| (id, rule)).collect();
                return Some(Room { loss, node: at, replicas, stopped });
            }
        }
        None
    }

    /// Stops what is left where a closing says so; the work waits again if it may be started anew.
    pub(crate) fn drain(&self) -> Vec<Fact> {
        let now = self.derived.clock;
        let mut stopped = BTreeSet::new();
        for (target, closings) in &self.closings {
            let due = closings
                .iter()
                .any(|closing| closing.stop_at.is_some_and(|at| at <= now) && closing.until.is_none_or(|until| now < until));
            if !due {
                continue;
            }
            for pool in self.pools_of(target).iter().map(|id| &self.pools[id]) {
                match target {
                    crate::fact::Target::Node(_, name) => {
                        let nodes = pool.nodes.iter().filter(|state| state.node.name == *name);
                        stopped.extend(nodes.flat_map(|state| state.jobs.iter().map(|(job, _)| *job)));
                    }
                    _ => stopped.extend(pool.jobs()),
                }
            }
        }
        stopped.retain(|id| matches!(self.jobs[id].stage, Stage::Placed { .. } | Stage::Running { .. }));
        stopped.into_iter().map(|id| Fact::StopWanted(id, Stop::Drained)).collect()
    }
}
