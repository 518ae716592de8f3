//! Where a shape fits: best fit over an index of what is free.

use std::collections::{BTreeMap, BTreeSet};

use measure::{Cpu, Devices, Memory, PoolId};

use crate::fact::{Ask, Node, Shape, Slot};
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

    /// The lowest free devices, `count` of them.
    fn choose(&self, count: Devices) -> u64 {
        let mut chosen = 0;
        for bit in (0..self.node.devices.0).filter(|bit| self.devices_held >> bit & 1 == 0).take(count.0 as usize) {
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

fn replicas_held(node: &Node, demand: Demand) -> u64 {
    let parts =
        [(u64::from(node.devices.0), u64::from(demand.devices.0)), (node.cpu.0, demand.cpu.0), (node.memory.0, demand.memory.0)];
    parts.iter().filter(|(_, asked)| *asked > 0).map(|(has, asked)| has / asked).min().unwrap_or(u64::MAX)
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
    /// Whether `pool`, empty, could hold every replica of `shape` at one of its asks.
    pub(crate) fn could_hold(&self, pool: &Pool, shape: &Shape, ask: &Ask) -> bool {
        let held = |state: &NodeState| match model_suits(ask, state.node.model.as_deref()) {
            true => replicas_held(&state.node, demand(shape, ask, state.node.model.is_some())),
            false => 0,
        };
        let mut total: u64 = 0;
        pool.nodes.iter().any(|state| {
            total = total.saturating_add(held(state));
            total >= u64::from(shape.replicas)
        })
    }

    /// Whether an ask that names no model is to be kept away from cores, because the hub has accelerators
    /// that could serve it: a job that wants eight devices does not mean eight cores then.
    fn accelerators_only(&self, shape: &Shape, ask: &Ask) -> bool {
        let accelerated = |pool: &Pool| pool.model().is_some() && self.could_hold(pool, shape, ask);
        ask.devices.0 > 0 && ask.models.is_empty() && self.pools.values().any(accelerated)
    }

    /// The best place for a shape now, or why there is none. Earlier asks are preferred; within an ask, the
    /// pool that is left with the fewest free devices and cores on the nodes taken. A gang goes to one pool.
    pub(crate) fn fit(&self, shape: &Shape) -> Result<Found, Why> {
        for (at, ask) in shape.asks.iter().enumerate() {
            let accelerators_only = self.accelerators_only(shape, ask);
            let mut best: Option<((u64, u64, PoolId), Found)> = None;
            for ((pool, model), group) in &self.free.0 {
                if !model_suits(ask, model.as_deref()) || (accelerators_only && model.is_none()) {
                    continue;
                }
                let demand = demand(shape, ask, model.is_some());
                let Some((rest, nodes)) = fill(group, demand, shape.replicas) else { continue };
                let key = (rest.0, rest.1, *pool);
                if best.as_ref().is_none_or(|(found, _)| key < *found) {
                    let slots = self.slots(*pool, &nodes, demand.devices);
                    best = Some((key, Found { pool: *pool, ask: at as u8, cpu: demand.cpu, slots, model: model.clone() }));
                }
            }
            if let Some((_, found)) = best {
                return Ok(found);
            }
        }
        Err(self.why(shape))
    }

    fn slots(&self, pool: PoolId, nodes: &[u32], devices: Devices) -> Vec<Slot> {
        let states = &self.pools[&pool].nodes;
        let mut chosen: BTreeMap<u32, u64> = BTreeMap::new();
        let slot = |node: &u32| {
            let taken = chosen.entry(*node).or_default();
            let mut state = states[*node as usize].clone();
            state.devices_held |= *taken;
            let mine = state.choose(devices);
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
        let pools: Vec<PoolWhy> = self.pools.iter().map(|(id, pool)| self.pool_why(*id, pool, shape)).collect();
        if self.could_any_hold(shape) { Why::Busy { pools } } else { Why::TooLarge { pools } }
    }

    /// Whether any pool, empty, could hold the shape at any of its asks.
    pub(crate) fn could_any_hold(&self, shape: &Shape) -> bool {
        shape.asks.iter().any(|ask| self.pools.values().any(|pool| self.could_hold(pool, shape, ask)))
    }

    fn pool_why(&self, id: PoolId, pool: &Pool, shape: &Shape) -> PoolWhy {
        let mut fits = 0;
        let mut short = None;
        for ask in &shape.asks {
            let accelerators_only = self.accelerators_only(shape, ask);
            let suits = |state: &&NodeState| {
                let model = state.node.model.as_deref();
                model_suits(ask, model) && !(accelerators_only && model.is_none())
            };
            let nodes: Vec<&NodeState> = pool.nodes.iter().filter(suits).collect();
            let (now, reason) = shortage(&nodes, shape, ask);
            fits = fits.max(now);
            short = short.or(Some(reason));
        }
        let short = if pool.contact { short } else { Some(Short::Silent) };
        PoolWhy {
            pool: id,
            fits: u32::try_from(fits).unwrap_or(u32::MAX).min(shape.replicas),
            short: short.unwrap_or(Short::Model { wanted: Vec::new() }),
        }
    }
}

/// The tightest nodes for `replicas`, and what they are left with in devices and cores; `None` if they do not
/// all fit. Replicas share a node where they can, so that a gang is spread over as few as possible.
fn fill(group: &Group, demand: Demand, replicas: u32) -> Option<((u64, u64), Vec<u32>)> {
    let mut nodes = Vec::with_capacity(replicas as usize);
    let mut rest = (0, 0);
    let from = (demand.devices, demand.cpu, demand.memory, 0);
    let mut left = u64::from(replicas);
    // A gang first takes nodes it fills whole; one replica takes the tightest node there is.
    for (devices, cpu, memory, node) in group.range(from..) {
        if *cpu < demand.cpu || *memory < demand.memory {
            continue;
        }
        let parts = [(u64::from(devices.0), u64::from(demand.devices.0)), (cpu.0, demand.cpu.0), (memory.0, demand.memory.0)];
        let held = parts.iter().filter(|(_, asked)| *asked > 0).map(|(has, asked)| has / asked).min().unwrap_or(left);
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
fn shortage(nodes: &[&NodeState], shape: &Shape, ask: &Ask) -> (u64, Short) {
    if nodes.is_empty() {
        return (0, Short::Model { wanted: ask.models.clone() });
    }
    let mut fits: u64 = 0;
    let (mut most_devices, mut most_cpu, mut most_memory) = (Devices(0), Cpu(0), Memory(0));
    let (mut largest, mut widest, mut roomiest) = (Devices(0), Cpu(0), Memory(0));
    let mut asked = demand(shape, ask, true);
    for state in nodes {
        asked = demand(shape, ask, state.node.model.is_some());
        let (devices, cpu, memory, _) = state.key(0);
        let free = Node { devices, cpu, memory, ..state.node.clone() };
        fits = fits.saturating_add(replicas_held(&free, asked));
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
        Short::Replicas { asked: shape.replicas, fit: u32::try_from(fits).unwrap_or(u32::MAX) }
    };
    (fits, short)
}
