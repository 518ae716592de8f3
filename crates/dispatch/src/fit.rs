//! Where a job fits, now or ever: alternatives in order, gangs whole in one pool on one model, the best states first.

use std::collections::BTreeMap;
use std::sync::Arc;

use measure::{Cpu, JobId, PoolId, Span, TenantId, Time};
use smallvec::SmallVec;

use crate::derived::{Derived, ShapeState};
use crate::fact::{Apart, Ask, Shape, Slot, Slots, Spread, WHOLE};
use crate::hold::{may_hold, milli_of};
use crate::hub::{Hub, Pool, Tenant};
use crate::index::{Group, Want, demand, replicas};
use crate::node::{Demand, Free, NEVER, NodeState};
use crate::power::Taken;
use crate::purse::Means;
use crate::queue::{Kind, bound};
use crate::table::Table;

/// A place found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) pool: PoolId,
    pub(crate) group: u32,
    pub(crate) ask: u8,
    pub(crate) cpu: Cpu,
    pub(crate) slots: Slots,
}

/// A group that could serve an alternative of a shape if it had room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// The alternative.
    pub(crate) ask: usize,
    pub(crate) group: u32,
    pub(crate) pool: PoolId,
    /// What a replica takes there, and how many there must be.
    pub(crate) demand: Demand,
    pub(crate) wanted: u32,
}

/// Nodes chosen in a group, with how many replicas each takes.
type Chosen = SmallVec<[(u32, u32); 1]>;

impl Hub {
    /// Where a job of a kind can start now. The first alternative that fits anywhere is taken. The job itself is only looked
    /// at where its siblings matter: everything else its kind says.
    pub(crate) fn find(&mut self, kind: &Kind, id: JobId) -> Option<Found> {
        let by = kind.run.map(|class| self.derived.clock + bound(class));
        let ShapeState { wants, shape, .. } = &self.derived.shapes[kind.shape as usize];
        let asks = wants.len();
        if shape.inputs.is_empty() {
            return (0..asks).find_map(|ask| self.find_ask(kind, id, ask, by));
        }
        // Nearer to its data first, whichever alternative that takes.
        let levels = self.barred_by_distance(&shape.inputs, &kind.barred);
        levels.into_iter().find_map(|barred| {
            let kind = Kind { barred, ..kind.clone() };
            (0..asks).find_map(|ask| self.find_ask(&kind, id, ask, by))
        })
    }

    fn find_ask(&mut self, kind: &Kind, id: JobId, at: usize, by: Option<Time>) -> Option<Found> {
        let Hub { pools, tenants, derived, jobs, .. } = self;
        let Derived { index, apart, shapes, power, clock, .. } = derived;
        let (mut tight, mut refused) = (false, Vec::new());
        let ShapeState { shape, wants, .. } = &shapes[kind.shape as usize];
        let (want, ask) = (wants[at], &shape.asks[at]);
        if (shape.replicas > 1 || ask.replicas.is_some() || ask.power.is_some())
            && !index.may_hold(want, by, shape.spread == Spread::Nodes, |group| replicas(shape, ask, group))
        {
            return None;
        }
        let met = kind.apart.and_then(|first| Some((jobs[id].spec.apart?, apart.get(&first)?)));
        let mut gangs: BTreeMap<u32, (u32, Chosen, Taken)> = BTreeMap::new();
        let mut found: Option<(PoolId, u32, Demand, Chosen)> = None;
        index.each(want, by, |state, in_group, demand| {
            let (group, pool) = (state.free.group, in_group.pool);
            let wanted = replicas(shape, ask, in_group);
            if !admits(pools, tenants, kind, in_group, demand, wanted) {
                return true;
            }
            // What must be woken may draw as much as if each replica woke a node.
            let (woken, wake) = in_group.draws.filter(|_| state.free.asleep).map_or((0, Span::ZERO), |draws| draws.waking());
            let each = in_group.draws.map(|draws| draws.asked(demand, 1).saturating_add(woken));
            let needs = in_group.draws.map(|draws| draws.asked(demand, wanted).saturating_add(woken * i64::from(wanted)));
            if !power.admits(kind, id, pool, needs, *clock, wake) {
                refused.push(pool);
                return true;
            }
            let most = if shape.spread == Spread::Nodes { 1 } else { demand.times_in(&state.free).min(u64::from(wanted)) as u32 };
            let avoided = |node: &u32| met.is_some_and(|(apart, met)| meets(pools, apart, met, pool, *node));
            if wanted <= most {
                let mut serves = |node: &u32| {
                    let in_rack = power.in_rack(pool, *node, each, wanted, &Taken::default()) == wanted;
                    tight |= !in_rack;
                    in_rack && !avoided(node)
                };
                let Some(node) = state.nodes.iter().find(|node| serves(node)) else { return true };
                found = Some((pool, group, demand, Chosen::from_buf([(node, wanted)])));
                return false;
            }
            let (left, chosen, taken) = gangs.entry(group).or_insert((wanted, Chosen::new(), Taken::default()));
            for node in state.nodes.iter().filter(|node| !avoided(node)) {
                let here = power.in_rack(pool, node, each, most.min(*left), taken);
                tight |= here < most.min(*left);
                if here == 0 {
                    continue;
                }
                power.take(pool, node, each, here, taken);
                chosen.push((node, here));
                *left -= here;
                if *left == 0 {
                    found = Some((pool, group, demand, std::mem::take(chosen)));
                    return false;
                }
            }
            true
        });
        power.tight |= tight;
        if found.is_none() {
            refused.into_iter().for_each(|pool| power.refuse(kind, pool));
        }
        let (pool, group, demand, chosen) = found?;
        let slots = self.slots(pool, group, demand, &chosen);
        Some(Found { pool, group, ask: at as u8, cpu: Cpu(demand.cpu), slots })
    }

    /// The groups that could serve a shape, by alternative and then by pool and model.
    pub(crate) fn candidates(&mut self, shape: u32) -> Arc<[Candidate]> {
        let Derived { index, shapes, .. } = &mut self.derived;
        let ShapeState { shape, wants, candidates, .. } = &mut shapes[shape as usize];
        if candidates.0 == index.epoch {
            return candidates.1.clone();
        }
        let mut found = Vec::new();
        for (ask, want) in wants.iter().enumerate() {
            for position in 0..index.groups.len() {
                let group = index.in_order(position);
                if let Some(demand) = index.demand_of(*want, group) {
                    let known = &index.groups[group as usize];
                    let wanted = replicas(shape, &shape.asks[ask], known);
                    found.push(Candidate { ask, group, pool: known.pool, demand, wanted });
                }
            }
        }
        *candidates = (index.epoch, found.into());
        candidates.1.clone()
    }

    /// A pool where another shape of a job of this kind would start now, with nothing remembered of it: the first that has
    /// room and can be paid. What lies apart or is cut short by a kept node is not looked at.
    pub(crate) fn fits_now(&self, kind: &Kind, shape: &Shape, means: Option<&Means>) -> Option<PoolId> {
        let index = &self.derived.index;
        let by = kind.run.map(|class| self.derived.clock + bound(class));
        let mut room = vec![0_u64; index.groups.len()];
        for ask in &shape.asks {
            let want = Want::of(shape, ask);
            let demands: Vec<Option<Demand>> =
                index.groups.iter().map(|group| demand(&want, group, index.accelerated).ok()).collect();
            room.fill(0);
            for state in index.states.iter().filter(|state| !state.nodes.is_empty()) {
                let group = state.free.group as usize;
                let Some(demand) = demands[group] else { continue };
                if state.free.until == NEVER || by.is_some_and(|by| by <= state.free.until) {
                    let each = demand.times_in(&state.free);
                    let each = if shape.spread == Spread::Nodes { each.min(1) } else { each };
                    room[group] = room[group].saturating_add(each.saturating_mul(state.nodes.len() as u64));
                }
            }
            for (at, group) in index.groups.iter().enumerate() {
                let (Some(demand), wanted) = (demands[at], replicas(shape, ask, group)) else { continue };
                let paid = means.is_none_or(|means| means.pay(at, demand, wanted));
                let powered = self.no_power(kind, JobId(0), at as u32, demand, wanted).is_none();
                if room[at] >= u64::from(wanted) && paid && powered && self.admits(kind, group, demand, wanted) {
                    return Some(group.pool);
                }
            }
        }
        None
    }

    /// Whether limits and vetoes let a job of a kind into a pool.
    pub(crate) fn admits(&self, kind: &Kind, group: &Group, demand: Demand, replicas: u32) -> bool {
        admits(&self.pools, &self.tenants, kind, group, demand, replicas)
    }

    /// The same, but for what others hold of the pool's limit: some of them may be stopped.
    pub(crate) fn may_take(&self, kind: &Kind, group: &Group, demand: Demand, replicas: u32) -> bool {
        let (devices, limited) = milli_of(demand, replicas, group.model.is_some());
        let most = self.pools[&group.pool].limits.most;
        kind.barred.binary_search(&group.pool).is_err()
            && most.is_none_or(|most| limited <= u64::from(most.0) * u64::from(WHOLE))
            && kind.own.is_none_or(|tenant| may_hold(&self.tenants, tenant, devices))
    }

    /// The devices that replicas take on chosen nodes.
    pub(crate) fn slots(&self, pool: PoolId, group: u32, demand: Demand, chosen: &[(u32, u32)]) -> Slots {
        let nodes = &self.pools[&pool].nodes;
        let mut slots = Slots::with_capacity(chosen.iter().map(|(_, count)| *count as usize).sum());
        for (at, count) in chosen {
            let node = &nodes[*at as usize];
            if demand.devices == 0 {
                slots.extend((0..*count).map(|_| Slot::whole(*at, 0)));
            } else if demand.part == WHOLE {
                let mut free = node.untouched();
                for _ in 0..*count {
                    let mut devices = 0;
                    for _ in 0..demand.devices {
                        devices |= free & free.wrapping_neg();
                        free &= free - 1;
                    }
                    slots.push(Slot::whole(*at, devices));
                }
            } else {
                let mut after: Option<NodeState> = None;
                for nth in 0..*count {
                    let node = after.as_ref().unwrap_or(node);
                    let free = Free::of(node, group, NEVER);
                    let position = self.derived.index.packer.choose(&free, demand);
                    let lefts = node.lefts();
                    let device = match lefts.is_empty() || free.lefts.is_empty() {
                        true => node.untouched().trailing_zeros() as u8,
                        false => lefts[position].0,
                    };
                    let slot = Slot { node: *at, devices: 1 << device, part: demand.part };
                    if nth + 1 < *count {
                        let mut next = node.clone();
                        next.hold(JobId(0), &slot, Cpu(demand.cpu), measure::Memory(demand.memory), NEVER);
                        after = Some(next);
                    }
                    slots.push(slot);
                }
            }
        }
        slots
    }

    /// Whether the nodes of a group, all empty, hold so many replicas. Alike nodes are counted together.
    pub(crate) fn could_hold(group: &Group, spread: Spread, demand: Demand, replicas: u32) -> bool {
        let mut total: u64 = 0;
        for ((devices, cpu, memory), count) in &group.totals {
            let (whole, lefts, cpu, memory) = (*devices, SmallVec::new(), *cpu, *memory);
            let free = Free { group: 0, until: NEVER, whole, lefts, cpu, memory, asleep: false };
            let most = demand.times_in(&free).min(u64::from(replicas));
            let most = if spread == Spread::Nodes { most.min(1) } else { most };
            total = total.saturating_add(most.saturating_mul(*count));
        }
        total >= u64::from(replicas)
    }

    /// Whether any pool, empty, could hold a shape at any of its asks.
    pub(crate) fn could_any_hold(&self, shape: &Shape) -> bool {
        let index = &self.derived.index;
        let could = |ask: &Ask| {
            let want = Want::of(shape, ask);
            index.groups.iter().any(|group| {
                let demand = demand(&want, group, index.accelerated);
                demand.is_ok_and(|demand| Hub::could_hold(group, shape.spread, demand, replicas(shape, ask, group)))
            })
        };
        shape.asks.iter().any(could)
    }

    /// How many replicas kept nodes take now, whatever they are kept for.
    pub(crate) fn kept_for(&self, id: PoolId, nodes: &[u32], demand: Demand, spread: Spread, wanted: u32) -> Chosen {
        let (mut chosen, mut left, mut taken) = (Chosen::new(), wanted, Taken::default());
        let (pool, power) = (&self.pools[&id], &self.derived.power);
        for at in nodes {
            let node: &NodeState = &pool.nodes[*at as usize];
            let most = demand.times_in(&Free::of(node, node.group, NEVER)).min(u64::from(left)) as u32;
            let here = if spread == Spread::Nodes { most.min(1) } else { most };
            let draws = self.derived.index.groups[node.group as usize].draws;
            let woken = draws.filter(|_| node.sleeps()).map_or(0, |draws| draws.waking().0);
            let each = draws.map(|draws| draws.asked(demand, 1).saturating_add(woken));
            let here = power.in_rack(id, *at, each, here, &taken);
            if here > 0 {
                power.take(id, *at, each, here, &mut taken);
                chosen.push((*at, here));
                left -= here;
            }
        }
        if left == 0 { chosen } else { Chosen::new() }
    }
}

/// See [`Hub::admits`].
pub(crate) fn admits(
    pools: &Table<PoolId, Pool>,
    tenants: &Table<TenantId, Tenant>,
    kind: &Kind,
    group: &Group,
    demand: Demand,
    replicas: u32,
) -> bool {
    let (devices, limited) = milli_of(demand, replicas, group.model.is_some());
    kind.barred.binary_search(&group.pool).is_err()
        && Hub::has_room(&pools[&group.pool], limited)
        && kind.own.is_none_or(|tenant| may_hold(tenants, tenant, devices))
}

/// Whether a node is where another task of the job's array must not be met.
fn meets(pools: &Table<PoolId, Pool>, apart: Apart, met: &BTreeMap<JobId, (PoolId, Vec<u32>)>, pool: PoolId, node: u32) -> bool {
    let site = |pool: &PoolId| pools[pool].join.site.as_ref();
    met.values().any(|(other, nodes)| match apart {
        Apart::Nodes => *other == pool && nodes.contains(&node),
        Apart::Sites => *other == pool || (site(other).is_some() && site(other) == site(&pool)),
    })
}
