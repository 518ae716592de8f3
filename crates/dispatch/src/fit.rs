//! Where a shape fits: best fit over an index of what is free.

use std::collections::{BTreeMap, BTreeSet};

use measure::{Cpu, Devices, Memory, PoolId};

use crate::fact::{Ask, Shape, Slot};
use crate::hub::{Hub, NodeState, Pool};
use crate::why::{PoolWhy, Short, Why};

/// Nodes of one pool and model, ordered so that the tightest comes first.
type Group = BTreeSet<(Devices, Cpu, Memory, u32)>;

/// What is free in pools that are in touch, by pool and model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Free(BTreeMap<(PoolId, Option<String>), Group>);

impl NodeState {
    fn devices_free(&self) -> Devices {
        Devices(self.node.devices.0.saturating_sub(self.devices_held.count_ones()))
    }

    fn key(&self, at: u32) -> (Devices, Cpu, Memory, u32) {
        let cpu = Cpu(self.node.cpu.0.saturating_sub(self.cpu_held.0));
        let memory = Memory(self.node.memory.0.saturating_sub(self.memory_held.0));
        (self.devices_free(), cpu, memory, at)
    }

    /// The lowest free devices, `count` of them, other than those `taken`.
    fn choose(&self, count: Devices, taken: u64) -> u64 {
        let mut chosen = 0;
        let held = self.devices_held | taken;
        for bit in (0..self.node.devices.0).filter(|bit| held >> bit & 1 == 0).take(count.0 as usize) {
            chosen |= 1 << bit;
        }
        chosen
    }
}

impl Free {
    pub(crate) fn rebuild(&mut self, id: PoolId, pool: &Pool) {
        self.0.retain(|(pool, _), _| *pool != id);
        for (at, state) in pool.nodes.iter().enumerate() {
            self.offer(id, pool.contact, at as u32, state);
        }
    }

    pub(crate) fn offer(&mut self, pool: PoolId, contact: bool, at: u32, state: &NodeState) {
        if contact {
            match self.0.get_mut(&(pool, state.node.model.clone())) {
                Some(group) => drop(group.insert(state.key(at))),
                None => drop(self.0.insert((pool, state.node.model.clone()), Group::from([state.key(at)]))),
            }
        }
    }

    pub(crate) fn forget(&mut self, pool: PoolId, contact: bool, at: u32, state: &NodeState) {
        if contact && let Some(group) = self.0.get_mut(&(pool, state.node.model.clone())) {
            group.remove(&state.key(at));
        }
    }
}

/// What one replica takes of a node of some kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Demand {
    devices: Devices,
    cpu: Cpu,
    memory: Memory,
}

/// A device is an accelerator or, where a node has none, a core (DESIGN.md §2).
fn demand(shape: &Shape, ask: &Ask, accelerated: bool) -> Demand {
    if accelerated {
        Demand { devices: ask.devices, cpu: shape.cpu, memory: shape.memory }
    } else {
        let cores = Cpu::cores(u64::from(ask.devices.0));
        Demand { devices: Devices(0), cpu: shape.cpu.max(cores), memory: shape.memory }
    }
}

/// The name by which a job asks for cores explicitly.
const CORES: &str = "cores";

fn model_suits(ask: &Ask, model: Option<&str>) -> bool {
    match model {
        _ if ask.devices.0 == 0 => true,
        Some(model) => ask.models.is_empty() || ask.models.iter().any(|wanted| wanted == model),
        None => ask.models.is_empty() || ask.models.iter().any(|wanted| wanted == CORES),
    }
}

impl Demand {
    /// How often it is contained in what a node has.
    fn times_in(self, devices: Devices, cpu: Cpu, memory: Memory) -> u64 {
        let parts = [(u64::from(devices.0), u64::from(self.devices.0)), (cpu.0, self.cpu.0), (memory.0, self.memory.0)];
        parts.iter().filter(|(_, asked)| *asked > 0).map(|(has, asked)| has / asked).min().unwrap_or(u64::MAX)
    }
}

/// The kinds of nodes that may serve an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    Accelerated,
}

impl Allowed {
    fn has(self, ask: &Ask, model: Option<&str>) -> bool {
        model_suits(ask, model) && (self == Allowed::All || model.is_some())
    }
}

/// A place found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) pool: PoolId,
    pub(crate) ask: u8,
    pub(crate) cpu: Cpu,
    pub(crate) slots: Vec<Slot>,
    pub(crate) model: Option<String>,
}

impl Hub {
    /// Whether `pool`, empty, could hold every replica of `shape` at `ask`, on nodes of one model that is allowed.
    fn could_hold(pool: &Pool, shape: &Shape, ask: &Ask, allowed: Allowed) -> bool {
        let mut totals: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        pool.nodes.iter().any(|state| {
            let (node, model) = (&state.node, state.node.model.as_deref());
            if !allowed.has(ask, model) {
                return false;
            }
            let held = demand(shape, ask, model.is_some()).times_in(node.devices, node.cpu, node.memory);
            let total = totals.entry(model).or_default();
            *total = total.saturating_add(held);
            *total >= u64::from(shape.replicas)
        })
    }

    /// On which nodes an ask may be served. One that names no model is kept away from cores if the hub has
    /// accelerators, be they free, too small or gone for now: a job that wants eight devices does not mean eight
    /// cores then, and who means cores can say so.
    fn allowed(&self, ask: &Ask) -> Allowed {
        let meant = ask.devices.0 > 0 && ask.models.is_empty();
        if meant && self.pools.values().any(|pool| pool.model().is_some()) { Allowed::Accelerated } else { Allowed::All }
    }

    /// The best place for a shape now, if there is one. Earlier asks are preferred; within an ask, the
    /// pool that is left with the fewest free devices and cores on the nodes taken. A gang goes to one pool.
    pub(crate) fn fit(&self, shape: &Shape) -> Option<Found> {
        for (at, ask) in shape.asks.iter().enumerate() {
            let allowed = self.allowed(ask);
            let mut best = None;
            for ((pool, model), group) in &self.free.0 {
                if !allowed.has(ask, model.as_deref()) {
                    continue;
                }
                let demand = demand(shape, ask, model.is_some());
                let Some((rest, nodes)) = fill(group, demand, shape.replicas) else { continue };
                let key = (rest.0, rest.1, *pool);
                if best.as_ref().is_none_or(|(found, _)| key < *found) {
                    best = Some((key, (nodes, demand, model)));
                }
            }
            if let Some(((_, _, pool), (nodes, demand, model))) = best {
                let slots = self.slots(pool, &nodes, demand.devices);
                return Some(Found { pool, ask: at as u8, cpu: demand.cpu, slots, model: model.clone() });
            }
        }
        None
    }

    fn slots(&self, pool: PoolId, nodes: &[u32], devices: Devices) -> Vec<Slot> {
        let states = &self.pools[&pool].nodes;
        let mut chosen: BTreeMap<u32, u64> = BTreeMap::new();
        let slot = |node: &u32| {
            let taken = chosen.entry(*node).or_default();
            let mine = states[*node as usize].choose(devices, *taken);
            *taken |= mine;
            Slot { node: *node, devices: mine }
        };
        nodes.iter().map(slot).collect()
    }

    /// Why a shape cannot start now, pool by pool.
    pub(crate) fn why(&self, shape: &Shape) -> Why {
        if self.pools.is_empty() {
            return Why::NoPools;
        }
        let pools = self.pools_why(shape);
        if self.could_any_hold(shape) { Why::Busy { pools } } else { Why::TooLarge { pools } }
    }

    /// What each pool lacks for a shape.
    pub(crate) fn pools_why(&self, shape: &Shape) -> Vec<PoolWhy> {
        self.pools.iter().map(|(id, pool)| self.pool_why(*id, pool, shape)).collect()
    }

    /// Whether any pool, empty, could hold the shape at any of its asks.
    pub(crate) fn could_any_hold(&self, shape: &Shape) -> bool {
        let could = |ask: &Ask, allowed| self.pools.values().any(|pool| Hub::could_hold(pool, shape, ask, allowed));
        shape.asks.iter().any(|ask| could(ask, self.allowed(ask)))
    }

    /// What is short at the ask, and on the nodes of the model, where most replicas could start now.
    fn pool_why(&self, id: PoolId, pool: &Pool, shape: &Shape) -> PoolWhy {
        let mut nearest = (0, Short::Model { wanted: shape.asks.first().map_or_else(Vec::new, |ask| ask.models.clone()) });
        for ask in &shape.asks {
            let allowed = self.allowed(ask);
            let mut by_model: BTreeMap<Option<&str>, Vec<&NodeState>> = BTreeMap::new();
            for state in pool.nodes.iter().filter(|state| allowed.has(ask, state.node.model.as_deref())) {
                by_model.entry(state.node.model.as_deref()).or_default().push(state);
            }
            for (model, nodes) in &by_model {
                let (fits, short) = shortage(nodes, shape.replicas, demand(shape, ask, model.is_some()));
                if fits > nearest.0 || matches!(nearest.1, Short::Model { .. }) {
                    nearest = (fits, short);
                }
            }
        }
        let (fits, short) = nearest;
        let fits = u32::try_from(fits).unwrap_or(u32::MAX).min(shape.replicas);
        if pool.contact { PoolWhy { pool: id, fits, short } } else { PoolWhy { pool: id, fits: 0, short: Short::Silent } }
    }
}

/// The tightest nodes for `replicas`, and what they are left with in devices and cores; `None` if they do not
/// all fit. Replicas share a node where they can.
fn fill(group: &Group, demand: Demand, replicas: u32) -> Option<((u64, u64), Vec<u32>)> {
    let mut nodes = Vec::new();
    let mut rest = (0, 0);
    let from = (demand.devices, demand.cpu, demand.memory, 0);
    let mut left = u64::from(replicas);
    for (devices, cpu, memory, node) in group.range(from..) {
        if *cpu < demand.cpu || *memory < demand.memory {
            continue;
        }
        let held = demand.times_in(*devices, *cpu, *memory);
        let here = held.min(left);
        nodes.extend(std::iter::repeat_n(*node, here as usize));
        rest.0 += u64::from(devices.0) - u64::from(demand.devices.0) * here;
        rest.1 += cpu.0 - demand.cpu.0 * here;
        left -= here;
        if left == 0 {
            return Some((rest, nodes));
        }
    }
    None
}

/// How many replicas the nodes could start now, and what the next one lacks.
fn shortage(nodes: &[&NodeState], replicas: u32, asked: Demand) -> (u64, Short) {
    let mut fits: u64 = 0;
    let (mut most_devices, mut most_cpu, mut most_memory) = (Devices(0), Cpu(0), Memory(0));
    let (mut largest, mut widest, mut roomiest) = (Devices(0), Cpu(0), Memory(0));
    for state in nodes {
        let (devices, cpu, memory, _) = state.key(0);
        fits = fits.saturating_add(asked.times_in(devices, cpu, memory));
        (most_devices, most_cpu, most_memory) = (most_devices.max(devices), most_cpu.max(cpu), most_memory.max(memory));
        largest = largest.max(state.node.devices);
        widest = widest.max(state.node.cpu);
        roomiest = roomiest.max(state.node.memory);
    }
    let short = if asked.devices > most_devices {
        Short::Devices { asked: asked.devices, free: most_devices, largest }
    } else if asked.cpu > most_cpu {
        Short::Cpu { asked: asked.cpu, free: most_cpu, largest: widest }
    } else if asked.memory > most_memory {
        Short::Memory { asked: asked.memory, free: most_memory, largest: roomiest }
    } else {
        Short::Replicas { asked: replicas, fit: u32::try_from(fits).unwrap_or(u32::MAX) }
    };
    (fits, short)
}
