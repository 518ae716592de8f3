//! The typed reason a job waits, in numbers, pool by pool.

use std::collections::BTreeMap;

use census::{Basis, SeriesKind};
use measure::{Cpu, Devices, JobId, Memory, Money, PoolId, Pue, Span, Time};

use crate::fact::{Shape, Spread};
use crate::hold::milli_of;
use crate::hub::{Hub, Pool, Stage};
use crate::index::{Excluded, Group, Want, demand, replicas};
use crate::node::{Demand, Free, NEVER, NodeState};
use crate::purse::can_pay;
use crate::queue::Kind;

/// What is said of a machine whose own agent is not in touch.
pub const SILENT: &str = "its agent is silent";

/// Why a job waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No pool has joined the hub yet.
    NoPools,
    /// What it needs exists but is held, or its pool is silent.
    Busy {
        /// Each pool's own reason.
        pools: Vec<PoolWhy>,
    },
    /// No pool could hold it, even empty.
    TooLarge {
        /// Each pool's own reason.
        pools: Vec<PoolWhy>,
    },
    /// It would fit, and jobs before it have not been served yet.
    Behind {
        /// The job at the head.
        first: JobId,
        /// How many are served before this one.
        ahead: u64,
    },
    /// It waits for other jobs.
    After {
        /// Those that have not come far enough.
        jobs: Vec<JobId>,
    },
    /// It may not be placed before an instant: its last attempt was lost.
    Later {
        /// That instant.
        at: Time,
    },
    /// It waits by choice, for hours that are cheaper or cleaner.
    ByChoice {
        /// Until when; it may be sooner, as the hours ahead are looked at anew.
        until: Time,
        /// How long it may still wait by choice.
        slack: Span,
        /// What that rests on, where it is known.
        costs: Option<HourCosts>,
    },
    /// Its tenant, or one above it, holds as much as it may.
    Quota {
        /// The most devices that tenant may hold.
        most: Devices,
        /// Thousandths of devices that it holds.
        held_milli: u64,
    },
    /// The budget of its tenant or of one above it cannot pay what it may cost: where it fits now, or wherever it could.
    Funds {
        /// What it may cost at least.
        needs: Money,
        /// What may be spent.
        left: Money,
    },
    /// It fits now and is placed in the next round.
    Next,
}

impl Why {
    /// The code scripts read.
    pub fn code(&self) -> &'static str {
        match self {
            Why::NoPools => "no_pools",
            Why::Busy { .. } => "busy",
            Why::TooLarge { .. } => "too_large",
            Why::Behind { .. } => "behind",
            Why::After { .. } => "after",
            Why::Later { .. } => "later",
            Why::ByChoice { .. } => "by_choice",
            Why::Quota { .. } => "quota",
            Why::Funds { .. } => "budget",
            Why::Next => "next",
        }
    }
}

/// What a kWh costs now and in the hour a job waits for, in millionths of a yuan, with its carbon at the policy's price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCosts {
    /// Now, where it is cheapest.
    pub now: i64,
    /// Then, where it is cheapest.
    pub then: i64,
    /// For how many of the hours ahead which signal is known from where.
    pub known: Vec<(SeriesKind, Basis, u32)>,
}

/// Why one pool cannot start a job now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolWhy {
    /// The pool.
    pub pool: PoolId,
    /// How many of its replicas would fit there now.
    pub fits: u32,
    /// What is short.
    pub short: Short,
}

/// What is short in a pool. `free` is the most on any one node now, `largest` on an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Short {
    /// It has no device of a wanted model.
    Model {
        /// The models wanted; empty for any.
        wanted: Vec<String>,
    },
    /// It is none of the pools allowed, or stands at none of the sites allowed.
    Site,
    /// Its site's PUE is higher than allowed, or unknown.
    Pue {
        /// The highest allowed.
        most: Pue,
    },
    /// Its devices have less memory than asked, or nobody knows how much.
    DeviceMemory {
        /// GB asked of a device.
        asked: u32,
    },
    /// Nobody knows its devices' power at the precision asked.
    Power,
    /// Its devices are given whole only.
    WholeDevices,
    /// It runs no container images.
    Images,
    /// Nothing that a job writes there can be delivered.
    Outputs,
    /// No node has so many devices free.
    Devices {
        /// For one replica.
        asked: Devices,
        /// The most on one node.
        free: Devices,
        /// The most on an empty node.
        largest: Devices,
    },
    /// No device has so much of it free.
    Part {
        /// Thousandths asked.
        asked: u16,
        /// The most on one device.
        free: u16,
    },
    /// No node has so many cores free.
    Cpu {
        /// For one replica.
        asked: Cpu,
        /// The most on one node.
        free: Cpu,
        /// The most on an empty node.
        largest: Cpu,
    },
    /// No node has so much memory free.
    Memory {
        /// For one replica.
        asked: Memory,
        /// The most on one node.
        free: Memory,
        /// The most on an empty node.
        largest: Memory,
    },
    /// Some replicas would fit, but not all.
    Replicas {
        /// The whole gang.
        asked: u32,
        /// How many would fit.
        fit: u32,
    },
    /// It fits on nodes that are kept for others, or that close before it would have ended.
    Kept {
        /// How many nodes that are.
        nodes: u32,
        /// Work that ends by then may use one of them.
        until: Time,
    },
    /// It fits on nodes that take no work now: they, their pool or their site are closed.
    Closed {
        /// How many nodes that are.
        nodes: u32,
        /// When the first of them opens again, where that is known.
        until: Option<Time>,
    },
    /// It fits on nodes of which others than the hub use too much, or that the cluster manager has taken out of service.
    Occupied {
        /// How many nodes that are.
        nodes: u32,
        /// What the cluster manager says of the first of them that it says something of.
        reason: String,
    },
    /// Its provider allows no more work of the hub.
    Limit {
        /// Devices (or cores) allowed.
        most: Devices,
        /// Thousandths held.
        held_milli: u64,
    },
    /// The job waits for a place nearer to its data.
    Data {
        /// Bytes that would have to be brought; `None` if they cannot be.
        bring: Option<u64>,
        /// From then on it may be placed there all the same.
        until: Option<Time>,
    },
    /// Its nodes may not draw so much more, or it has time and would raise what a month's highest demand costs.
    PowerShort(crate::power::NoPower),
    /// Its provider does not take the tenant's work.
    Veto,
    /// Other tasks of its array are there, and it must lie apart from them.
    Apart,
    /// The pool's agent is not in touch.
    Silent,
}

impl Short {
    /// The code scripts read.
    pub fn code(&self) -> &'static str {
        match self {
            Short::Model { .. } => "model",
            Short::Site => "site",
            Short::Pue { .. } => "pue",
            Short::DeviceMemory { .. } => "device_memory",
            Short::Power => "power",
            Short::WholeDevices => "whole_devices",
            Short::Images => "images",
            Short::Outputs => "outputs",
            Short::Devices { .. } => "devices",
            Short::Part { .. } => "part",
            Short::Cpu { .. } => "cpu",
            Short::Memory { .. } => "memory",
            Short::Replicas { .. } => "replicas",
            Short::Kept { .. } => "kept",
            Short::Closed { .. } => "closed",
            Short::Occupied { .. } => "occupied",
            Short::Limit { .. } => "limit",
            Short::Data { .. } => "data",
            Short::PowerShort(crate::power::NoPower::Unknown) => "power_unknown",
            Short::PowerShort(crate::power::NoPower::Cap { .. }) => "power_cap",
            Short::PowerShort(crate::power::NoPower::Peak { .. }) => "peak",
            Short::Veto => "veto",
            Short::Apart => "apart",
            Short::Silent => "silent",
        }
    }
}

/// Whom a question is about: of which kind it is, what it wants, and until when it waits near its data.
type Who<'a> = (&'a Kind, &'a crate::fact::Spec, Option<Time>);

/// What is asked of the nodes of a group.
struct Asked {
    replicas: u32,
    demand: Demand,
    spread: Spread,
    accelerated: bool,
}

impl Hub {
    /// Why a waiting job waits; `None` if it is unknown or not waiting. Catches caches up, and changes nothing else.
    pub fn why_waiting(&mut self, id: JobId) -> Option<Why> {
        self.jobs.get(&id).filter(|job| job.stage == Stage::Waiting)?;
        if let Some(until) = self.waits_until(id, self.derived.clock) {
            return Some(self.why_by_choice(id, until));
        }
        let job = &self.jobs[&id];
        let (spec, anchored) = (job.spec.clone(), job.seat.anchored);
        let Some(ticket) = job.seat.ticket else {
            if job.seat.unmet > 0 {
                let waits = |after: &&crate::fact::After| {
                    self.derived.dependents.get(&after.job).is_some_and(|dependents| dependents.contains(&id))
                };
                return Some(Why::After { jobs: spec.after.iter().filter(waits).map(|after| after.job).collect() });
            }
            return Some(Why::Later { at: job.eligible });
        };
        if self.pools.is_empty() {
            return Some(Why::NoPools);
        }
        self.learn();
        let kind = self.derived.queue.kind(ticket.kind).clone();
        // As the round does: another pool may be cheaper.
        let (mut affordable, mut dear, mut cheaper) = (false, None::<Money>, kind.clone());
        while let Some(found) = self.find(&cheaper, id) {
            let place = self.agree(id, found.group, found.ask, found.cpu, found.slots);
            affordable = kind.own.is_none() || can_pay(&self.tenants, spec.tenant, place.hold, self.derived.clock);
            let Err(at) = cheaper.barred.binary_search(&place.pool) else { break };
            if affordable {
                break;
            }
            dear = dear.into_iter().chain([place.hold]).min();
            cheaper.barred.insert(at, place.pool);
        }
        let left = self.spendable(spec.tenant).map_or(Money::ZERO, |(_, left)| left);
        if let Some(needs) = dear.filter(|_| !affordable) {
            return Some(Why::Funds { needs, left });
        }
        if affordable {
            let strict = self.derived.policy.backfill == crate::policy::Backfill::Strict;
            let (first, ahead) = self.derived.queue.ahead(ticket, 1);
            return Some(match first.first() {
                Some(first) if strict => Why::Behind { first: *first, ahead },
                _ => Why::Next,
            });
        }
        if let Some((needs, left)) = self.too_dear(&kind, id) {
            return Some(Why::Funds { needs, left });
        }
        if let Some((most, held_milli)) = self.over_quota(&kind, &spec) {
            return Some(Why::Quota { most, held_milli });
        }
        let pools = self.pools_why_for(&spec.shape, Some((&kind, &spec, anchored)));
        Some(if self.could_any_hold(&spec.shape) { Why::Busy { pools } } else { Why::TooLarge { pools } })
    }

    /// The quota that keeps a job of a kind from starting, if one does.
    fn over_quota(&self, kind: &Kind, spec: &crate::fact::Spec) -> Option<(Devices, u64)> {
        kind.own?;
        // The alternative that asks for least: if that is too much, all are.
        let milli = |ask: &crate::fact::Ask| {
            (u64::from(ask.devices.0) * u64::from(ask.part))
                .saturating_mul(u64::from(ask.replicas.unwrap_or(spec.shape.replicas)))
        };
        let least = spec.shape.asks.iter().map(milli).min()?;
        self.path(spec.tenant).find_map(|id| {
            let tenant = &self.tenants[&id];
            let most = tenant.terms.most?;
            (tenant.milli_held.saturating_add(least) > u64::from(most.0) * 1000).then_some((most, tenant.milli_held))
        })
    }

    /// What each pool lacks for a shape.
    pub(crate) fn pools_why(&self, shape: &Shape) -> Vec<PoolWhy> {
        self.pools_why_for(shape, None)
    }

    fn pools_why_for(&self, shape: &Shape, who: Option<Who>) -> Vec<PoolWhy> {
        let mut groups: BTreeMap<PoolId, Vec<(u32, &Group)>> = BTreeMap::new();
        for (at, group) in self.derived.index.groups.iter().enumerate() {
            groups.entry(group.pool).or_default().push((at as u32, group));
        }
        let none = Vec::new();
        self.pools.iter().map(|(id, pool)| self.pool_why(*id, pool, shape, groups.get(id).unwrap_or(&none), who)).collect()
    }

    /// What is short at the ask, and on the nodes of the model, where most replicas could start now.
    fn pool_why(&self, id: PoolId, pool: &Pool, shape: &Shape, groups: &[(u32, &Group)], who: Option<Who>) -> PoolWhy {
        let wanted = shape.asks.first().map_or_else(Vec::new, |ask| ask.models.clone());
        let mut nearest = (0_u64, 1_u32, Short::Model { wanted });
        let excluded = |short: &Short| {
            matches!(
                short,
                Short::Model { .. }
                    | Short::Site
                    | Short::Pue { .. }
                    | Short::DeviceMemory { .. }
                    | Short::Power
                    | Short::WholeDevices
                    | Short::Images
                    | Short::Outputs
            )
        };
        for ask in &shape.asks {
            let want = Want::of(shape, ask);
            for (at, group) in groups {
                let asked = replicas(shape, ask, group);
                match demand(&want, group, self.derived.index.accelerated) {
                    Ok(demand) => {
                        let nodes = pool.nodes.iter().filter(|state| state.group == *at);
                        let (fits, short) = self.shortage(
                            id,
                            pool,
                            nodes,
                            &Asked { replicas: asked, demand, spread: shape.spread, accelerated: group.model.is_some() },
                            who,
                        );
                        let power = who.filter(|_| fits >= u64::from(asked) && !matches!(short, Short::Limit { .. }));
                        let power = power.and_then(|(kind, ..)| self.no_power(kind, JobId(0), *at, demand, asked));
                        let short = power.map_or(short, Short::PowerShort);
                        if fits > nearest.0 || excluded(&nearest.2) {
                            nearest = (fits, asked, short);
                        }
                    }
                    Err(why) if matches!(nearest.2, Short::Model { .. }) => {
                        nearest.2 = match why {
                            Excluded::Model => continue,
                            Excluded::Site => Short::Site,
                            Excluded::Pue => Short::Pue { most: shape.pue_most.unwrap_or(Pue(0)) },
                            Excluded::DeviceMemory => Short::DeviceMemory { asked: ask.device_memory_gb.unwrap_or(0) },
                            Excluded::Power => Short::Power,
                            Excluded::Parts => Short::WholeDevices,
                            Excluded::Images => Short::Images,
                            Excluded::Outputs => Short::Outputs,
                        };
                    }
                    Err(_) => {}
                }
            }
        }
        let (fits, asked, short) = nearest;
        let fits = u32::try_from(fits).unwrap_or(u32::MAX).min(asked);
        match (pool.contact, who) {
            (false, _) => PoolWhy { pool: id, fits: 0, short: Short::Silent },
            (true, Some((kind, spec, until))) if kind.barred.contains(&id) => {
                let vetoed = self.path(spec.tenant).any(|tenant| pool.limits.veto.contains(&tenant));
                let bring = self.to_bring(&spec.shape.inputs, id);
                let short = if vetoed { Short::Veto } else { Short::Data { bring, until } };
                PoolWhy { pool: id, fits: 0, short }
            }
            _ => PoolWhy { pool: id, fits, short },
        }
    }

    /// How many replicas the nodes could start now, and what the next one lacks.
    fn shortage<'a>(
        &self,
        id: PoolId,
        pool: &Pool,
        nodes: impl Iterator<Item = &'a NodeState>,
        what: &Asked,
        who: Option<Who>,
    ) -> (u64, Short) {
        let Asked { replicas, demand: asked, spread, accelerated } = *what;
        let by = who.and_then(|(kind, ..)| kind.run).map(|class| self.derived.clock + crate::queue::bound(class));
        let (mut fits, mut kept): (u64, u64) = (0, 0);
        let (mut kept_nodes, mut kept_until) = (0, NEVER);
        let (mut closed, mut closed_nodes, mut opens): (u64, u32, Option<Time>) = (0, 0, None);
        let (mut occupied, mut occupied_nodes, mut reason): (u64, u32, &str) = (0, 0, "");
        let (mut most_devices, mut most_part, mut most_cpu, mut most_memory) = (Devices(0), 0, Cpu(0), Memory(0));
        let (mut largest, mut widest, mut roomiest) = (Devices(0), Cpu(0), Memory(0));
        for state in nodes {
            let until = self.until(id, pool, state);
            // Whoever does not wait yet is refused for what there is at all.
            let free = match who {
                Some(_) => Free::of(state, state.group, until),
                None => Free::empty(&state.node, state.group),
            };
            let until = if who.is_some() { until } else { NEVER };
            let here = asked.times_in(&free);
            let here = if spread == Spread::Nodes { here.min(1) } else { here };
            if until == NEVER || by.is_some_and(|by| by <= until) {
                fits = fits.saturating_add(here);
            } else if here > 0 && until <= self.derived.clock && self.closes(id, pool, state) == until {
                closed = closed.saturating_add(here);
                closed_nodes += 1;
                opens = opens.into_iter().chain(self.opens(id, pool, state)).min();
            } else if here > 0 {
                kept = kept.saturating_add(here);
                kept_nodes += 1;
                kept_until = kept_until.min(until);
            }
            if who.is_some() && (state.silent || state.others.is_some()) {
                let told = if state.silent { SILENT } else { &state.others().reason };
                let without = NodeState { others: None, silent: false, ..state.clone() };
                let more = asked.times_in(&Free::of(&without, state.group, until));
                let more = if spread == Spread::Nodes { more.min(1) } else { more };
                if more > here {
                    occupied = occupied.saturating_add(more - here);
                    occupied_nodes += 1;
                    reason = if reason.is_empty() { told } else { reason };
                }
            }
            most_devices = most_devices.max(Devices(free.whole));
            most_part = most_part.max(free.lefts.iter().copied().max().unwrap_or(if free.whole > 0 { 1000 } else { 0 }));
            (most_cpu, most_memory) = (most_cpu.max(Cpu(free.cpu)), most_memory.max(Memory(free.memory)));
            largest = largest.max(state.node.devices);
            widest = widest.max(state.node.cpu);
            roomiest = roomiest.max(state.node.memory);
        }
        let fit = u32::try_from(fits).unwrap_or(u32::MAX);
        let short = if fits >= u64::from(replicas) {
            match pool.limits.most {
                Some(most) if !Hub::has_room(pool, milli_of(asked, replicas, accelerated).1) => {
                    Short::Limit { most, held_milli: pool.milli_held }
                }
                _ if who.is_some_and(|(kind, ..)| kind.apart.is_some()) => Short::Apart,
                _ => Short::Replicas { asked: replicas, fit },
            }
        } else if fits.saturating_add(kept) >= u64::from(replicas) {
            Short::Kept { nodes: kept_nodes, until: kept_until }
        } else if fits.saturating_add(kept).saturating_add(closed) >= u64::from(replicas) {
            Short::Closed { nodes: closed_nodes, until: opens }
        } else if fits.saturating_add(kept).saturating_add(closed).saturating_add(occupied) >= u64::from(replicas) {
            Short::Occupied { nodes: occupied_nodes, reason: reason.to_owned() }
        } else if asked.part < 1000 && asked.part > most_part {
            Short::Part { asked: asked.part, free: most_part }
        } else if asked.part == 1000 && Devices(asked.devices) > most_devices {
            Short::Devices { asked: Devices(asked.devices), free: most_devices, largest }
        } else if Cpu(asked.cpu) > most_cpu {
            Short::Cpu { asked: Cpu(asked.cpu), free: most_cpu, largest: widest }
        } else if Memory(asked.memory) > most_memory {
            Short::Memory { asked: Memory(asked.memory), free: most_memory, largest: roomiest }
        } else {
            Short::Replicas { asked: replicas, fit }
        };
        (fits, short)
    }
}
