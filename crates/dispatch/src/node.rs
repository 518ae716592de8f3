//! A node, what jobs hold of it, and what is free there.

use std::collections::BTreeSet;

use measure::{Cpu, Devices, JobId, Memory, Time};
use smallvec::SmallVec;

use crate::fact::{Node, Occupied, Slot, WHOLE};

/// A node and what jobs hold of it.
#[derive(Debug, Clone)]
pub struct NodeState {
    /// The machine.
    pub node: Node,
    /// Devices held whole, a bit each.
    pub devices_held: u64,
    /// Devices held in parts, ascending, with the thousandths held; never zero, never more than all.
    pub parts: SmallVec<[(u8, u16); 4]>,
    /// Cores held.
    pub cpu_held: Cpu,
    /// Memory held.
    pub memory_held: Memory,
    /// What others than the hub's jobs hold, as the agent last said; `None` for nothing.
    pub others: Option<Box<Occupied>>,
    /// Whether it has an agent of its own that is not in touch: nothing can be started on it.
    pub silent: bool,
    /// The job for which it is kept.
    pub reserved: Option<JobId>,
    /// Jobs with a place here, once for each replica, and when each must have ended by its limit or is expected to.
    pub(crate) jobs: SmallVec<[(JobId, Time); 4]>,
    /// Pool and model in the index, and its state there: caches.
    pub(crate) group: u32,
    pub(crate) state: Option<u32>,
    /// Milliwatts that it draws by what is held, and since when it stands idle: caches, too.
    pub(crate) draws: i64,
    pub(crate) idle_from: Option<Time>,
}

impl PartialEq for NodeState {
    /// The cached position is no part of what a node is, and neither is the order of its jobs.
    fn eq(&self, other: &NodeState) -> bool {
        let sorted = |node: &NodeState| {
            let mut jobs = node.jobs.clone();
            jobs.sort_unstable();
            jobs
        };
        self.node == other.node
            && self.devices_held == other.devices_held
            && self.parts == other.parts
            && (self.cpu_held, self.memory_held, self.reserved) == (other.cpu_held, other.memory_held, other.reserved)
            && (self.silent, &self.others) == (other.silent, &other.others)
            && sorted(self) == sorted(other)
    }
}

impl Eq for NodeState {}

/// All bits of the first `count` devices.
pub(crate) fn mask(count: Devices) -> u64 {
    if count.0 >= 64 { u64::MAX } else { (1 << count.0) - 1 }
}

impl NodeState {
    pub(crate) fn new(node: Node) -> NodeState {
        let (cpu_held, memory_held) = (Cpu(0), Memory(0));
        let (parts, jobs) = (SmallVec::new(), SmallVec::new());
        NodeState {
            node,
            devices_held: 0,
            parts,
            cpu_held,
            memory_held,
            others: None,
            silent: false,
            reserved: None,
            jobs,
            group: 0,
            state: None,
            draws: 0,
            idle_from: None,
        }
    }

    /// Devices of which nothing is held, a bit each.
    pub(crate) fn untouched(&self) -> u64 {
        if self.silent {
            return 0;
        }
        let parted = self.parts.iter().fold(0, |set, (device, _)| set | 1 << device);
        let mut free = mask(self.node.devices) & !self.devices_held & !parted;
        // Where others use devices, the cluster manager says how many and not which: taken for the last ones.
        for _ in 0..self.others().devices.0.min(free.count_ones()) {
            free &= !(1 << (63 - free.leading_zeros()));
        }
        free
    }

    /// What others hold.
    pub(crate) fn others(&self) -> &Occupied {
        const NOTHING: &Occupied = &Occupied::NOTHING;
        self.others.as_deref().unwrap_or(NOTHING)
    }

    /// Whether it sleeps and nothing is about to wake it.
    pub fn sleeps(&self) -> bool {
        self.others().asleep && self.jobs.is_empty()
    }

    /// Whether nobody uses it or waits for it.
    fn idle(&self) -> bool {
        self.jobs.is_empty() && self.reserved.is_none() && !self.silent && self.others().is_idle()
    }

    /// Notes since when it stands idle, as of an instant.
    pub(crate) fn note_idle(&mut self, at: Time) {
        self.idle_from = self.idle().then(|| self.idle_from.unwrap_or(at));
    }

    /// Thousandths of devices held.
    pub fn milli_held(&self) -> u64 {
        let parts: u64 = self.parts.iter().map(|(_, held)| u64::from(*held)).sum();
        u64::from(self.devices_held.count_ones()) * u64::from(WHOLE) + parts
    }

    /// Jobs with a place here.
    pub fn jobs(&self) -> BTreeSet<JobId> {
        self.jobs.iter().map(|(job, _)| *job).collect()
    }

    /// Thousandths of devices, cores and memory that nobody holds; nothing on a silent machine.
    pub fn left(&self) -> (u64, Cpu, Memory) {
        let free = Free::of(self, self.group, NEVER);
        (free.milli(), Cpu(free.cpu), Memory(free.memory))
    }

    pub(crate) fn cpu_free(&self) -> u64 {
        let free = self.node.cpu.0.saturating_sub(self.cpu_held.0).saturating_sub(self.others().cpu.0);
        if self.silent { 0 } else { free }
    }

    pub(crate) fn memory_free(&self) -> u64 {
        let free = self.node.memory.0.saturating_sub(self.memory_held.0).saturating_sub(self.others().memory.0);
        if self.silent { 0 } else { free }
    }

    /// What is left of each device with anything left, by position; empty if no device is held in parts.
    pub(crate) fn lefts(&self) -> SmallVec<[(u8, u16); 8]> {
        let there = mask(self.node.devices);
        if self.silent || self.parts.iter().all(|(device, _)| there >> device & 1 == 0) {
            return SmallVec::new();
        }
        let untouched = self.untouched();
        let left = |device: u8| {
            let held = self.parts.iter().find(|(known, _)| *known == device).map(|(_, held)| *held);
            match held {
                Some(held) if held < WHOLE => Some((device, WHOLE - held)),
                None if untouched >> device & 1 == 1 => Some((device, WHOLE)),
                _ => None,
            }
        };
        (0..self.node.devices.0.min(64) as u8).filter_map(left).collect()
    }

    pub(crate) fn hold(&mut self, job: JobId, slot: &Slot, cpu: Cpu, memory: Memory, until: Time) {
        if slot.part == WHOLE {
            self.devices_held |= slot.devices;
        } else {
            let device = slot.devices.trailing_zeros() as u8;
            match self.parts.binary_search_by_key(&device, |(known, _)| *known) {
                Ok(at) => self.parts[at].1 += slot.part,
                Err(at) => self.parts.insert(at, (device, slot.part)),
            }
        }
        self.cpu_held += cpu;
        self.memory_held += memory;
        self.jobs.push((job, until));
    }

    pub(crate) fn give_back(&mut self, job: JobId, slot: &Slot, cpu: Cpu, memory: Memory) {
        if slot.part == WHOLE {
            self.devices_held &= !slot.devices;
        } else {
            let device = slot.devices.trailing_zeros() as u8;
            let at = self.parts.binary_search_by_key(&device, |(known, _)| *known).expect("what is given back was held");
            self.parts[at].1 -= slot.part;
            if self.parts[at].1 == 0 {
                self.parts.remove(at);
            }
        }
        self.cpu_held -= cpu;
        self.memory_held -= memory;
        let at = self.jobs.iter().position(|(held, _)| *held == job).expect("what is given back was held");
        self.jobs.swap_remove(at);
    }
}

/// What one replica takes of a node of some kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Demand {
    pub(crate) devices: u32,
    /// Thousandths of the device; [`WHOLE`] unless `devices` is one.
    pub(crate) part: u16,
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
}

impl Demand {
    /// Thousandths of devices.
    pub(crate) fn milli(self) -> u64 {
        u64::from(self.devices) * u64::from(self.part)
    }

    /// How often it is contained in what a node has.
    pub(crate) fn times_in(self, free: &Free) -> u64 {
        let each = |has: u64, asked: u64| has.checked_div(asked).unwrap_or(u64::MAX);
        let devices = match (self.devices, self.part) {
            (0, _) => u64::MAX,
            (_, WHOLE) => each(u64::from(free.whole), u64::from(self.devices)),
            (_, part) if free.lefts.is_empty() => u64::from(free.whole) * u64::from(WHOLE / part),
            (_, part) => free.lefts.iter().map(|left| u64::from(left / part)).sum(),
        };
        devices.min(each(free.cpu, self.cpu)).min(each(free.memory, self.memory))
    }

    /// Whether it is contained at all.
    pub(crate) fn fits(self, free: &Free) -> bool {
        self.cpu <= free.cpu
            && self.memory <= free.memory
            && match (self.devices, self.part) {
                (0, _) => true,
                (devices, WHOLE) => devices <= free.whole,
                (_, part) if free.lefts.is_empty() => part <= WHOLE && free.whole > 0,
                (_, part) => free.lefts.iter().any(|left| *left >= part),
            }
    }
}

/// What is free on a node. Nodes in one state share one score.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Free {
    /// Pool and model, a position in the index.
    pub(crate) group: u32,
    /// Only work that ends before may start; [`Time`]'s maximum where anything may.
    pub(crate) until: Time,
    /// Devices of which nothing is held.
    pub(crate) whole: u32,
    /// What is left of each device with anything left, by position; empty if no device is held in parts.
    pub(crate) lefts: SmallVec<[u16; 8]>,
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
    /// Whether it must be woken first.
    pub(crate) asleep: bool,
}

/// No end. One before the last instant, which says that a node is closed.
pub(crate) const NEVER: Time = Time(i64::MAX - 1);

impl Free {
    pub(crate) fn of(state: &NodeState, group: u32, until: Time) -> Free {
        let mut lefts: SmallVec<[u16; 8]> = match state.parts.is_empty() {
            true => SmallVec::new(),
            false => state.lefts().into_iter().map(|(_, left)| left).collect(),
        };
        if lefts.iter().all(|left| *left == WHOLE) {
            lefts.clear();
        }
        let (whole, cpu, memory) = (state.untouched().count_ones(), state.cpu_free(), state.memory_free());
        Free { group, until, whole, lefts, cpu, memory, asleep: state.sleeps() }
    }

    /// What an empty node has free.
    pub(crate) fn empty(node: &Node, group: u32) -> Free {
        let (whole, cpu, memory) = (node.devices.0, node.cpu.0, node.memory.0);
        Free { group, until: NEVER, whole, lefts: SmallVec::new(), cpu, memory, asleep: false }
    }

    /// What a node has once the hub's jobs there have ended: nobody knows when others give back what they hold, or when a
    /// silent one is back.
    pub(crate) fn cleared(state: &NodeState, group: u32) -> Free {
        let (node, others) = (&state.node, state.others());
        if state.silent {
            return Free { whole: 0, cpu: 0, memory: 0, ..Free::empty(node, group) };
        }
        Free {
            whole: node.devices.0.saturating_sub(others.devices.0),
            cpu: node.cpu.0.saturating_sub(others.cpu.0),
            memory: node.memory.0.saturating_sub(others.memory.0),
            ..Free::empty(node, group)
        }
    }

    /// Thousandths of devices left.
    pub(crate) fn milli(&self) -> u64 {
        match self.lefts.is_empty() {
            true => u64::from(self.whole) * u64::from(WHOLE),
            false => self.lefts.iter().map(|left| u64::from(*left)).sum(),
        }
    }
}
