//! What must always be true, as a function: run after every entry in tests, and by `shugu check` on a live journal.

use std::collections::BTreeMap;

use measure::{Cpu, Devices, Memory, TenantId};

use crate::fact::WHOLE;
use crate::hub::{Hub, Stage};
use crate::node::mask;

/// Everything that is wrong with a hub; empty for every hub that the engine can make.
pub fn check(hub: &Hub) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, pool) in &hub.pools {
        for (at, node) in pool.nodes.iter().enumerate() {
            let (mut devices, mut cpu, mut memory) = (0_u64, Cpu(0), Memory(0));
            let mut parts: BTreeMap<u8, u16> = BTreeMap::new();
            // What is given fits into the node as it was last seen; one that shrank or vanished since may still
            // run what it held before.
            let (mut devices_given, mut cpu_given, mut memory_given) = (false, false, false);
            for job in pool.jobs.0.iter().filter_map(|job| hub.jobs.get(job)) {
                let Some(place) = job.stage.held().filter(|place| place.pool == *id) else { continue };
                let lately = job.stage.placed() > Some(pool.seen);
                for slot in place.slots.iter().filter(|slot| slot.node as usize == at) {
                    let parted = parts.keys().fold(0, |set, device| set | 1_u64 << device);
                    if devices & slot.devices != 0 || (slot.part == WHOLE && parted & slot.devices != 0) {
                        wrong.push(format!("{id} node {at}: a device is held by two replicas"));
                    }
                    match slot.part {
                        WHOLE => devices |= slot.devices,
                        part => *parts.entry(slot.devices.trailing_zeros() as u8).or_default() += part,
                    }
                    cpu += place.cpu;
                    memory += job.spec.shape.memory;
                    devices_given |= lately && slot.devices & !mask(node.node.devices) != 0;
                    cpu_given |= lately && place.cpu != Cpu(0);
                    memory_given |= lately && job.spec.shape.memory != Memory(0);
                }
            }
            if parts.values().any(|held| *held > WHOLE) {
                wrong.push(format!("{id} node {at}: more than all of a device is held in parts"));
            }
            if (devices, cpu, memory) != (node.devices_held, node.cpu_held, node.memory_held)
                || !parts.iter().map(|(device, held)| (*device, *held)).eq(node.parts.iter().copied())
            {
                wrong.push(format!("{id} node {at}: what its jobs hold is not what the node counts"));
            }
            let devices = Devices(devices.count_ones() + parts.len() as u32);
            let too_many = devices_given || (cpu_given && cpu > node.node.cpu) || (memory_given && memory > node.node.memory);
            if too_many {
                let has = &node.node;
                wrong.push(format!(
                    "{id} node {at}: holds {devices} devices, {cpu} cores and {memory} of {}, {} and {}",
                    has.devices, has.cpu, has.memory
                ));
            }
        }
    }
    for (id, job) in hub.jobs.iter() {
        let id = &id;
        let later = job.not_before().filter(|at| *at > hub.derived.clock || hub.derived.later.contains(&(*at, *id)));
        // Whether it waits by choice is said by the next round.
        let due = job.seat.unmet == 0 && later.is_none() && !hub.derived.undecided.contains(id);
        let stands = job.seat.ticket.is_some();
        if stands != (job.stage == Stage::Waiting && due) {
            wrong.push(format!(
                "{id}: is {} and {} in the queue",
                job.stage.name(),
                if stands { "stands" } else { "does not stand" }
            ));
        }
        if let Some(place) = job.stage.held() {
            let ask = job.spec.shape.asks.get(usize::from(place.ask));
            let said = ask.map(|ask| ask.replicas.unwrap_or(job.spec.shape.replicas));
            if ask.is_none_or(|ask| ask.power.is_none()) && said != u32::try_from(place.slots.len()).ok() {
                wrong.push(format!("{id}: has {} places for {} replicas", place.slots.len(), job.spec.shape.replicas));
            }
            let seat = job.seat.among_holders as usize;
            if hub.pools.get(&place.pool).and_then(|pool| pool.jobs.0.get(seat)) != Some(id) {
                wrong.push(format!("{id}: its pool does not know it"));
            }
        }
        if let Some(reservation) = hub.reserved.get(id)
            && job.stage != Stage::Waiting
        {
            wrong.push(format!("{id}: {} nodes are kept for it, and it is {}", reservation.nodes.len(), job.stage.name()));
        }
        if *id > hub.last_job {
            wrong.push(format!("{id}: was never counted"));
        }
    }
    for (id, parts) in &hub.heard {
        let place = hub.jobs.get(id).and_then(|job| job.stage.held());
        let of_place = |node: &u32| place.is_some_and(|place| place.slots.iter().any(|slot| slot.node == *node));
        if !parts.iter().all(|(node, _)| of_place(node)) {
            wrong.push(format!("{id}: a machine told of a part that it has not"));
        }
    }
    let mut held: BTreeMap<TenantId, u64> = BTreeMap::new();
    for job in hub.jobs.values() {
        if let Some(place) = job.stage.held() {
            let milli: u64 = place.slots.iter().map(crate::fact::Slot::milli).sum();
            hub.path(job.spec.tenant).for_each(|above| *held.entry(above).or_default() += milli);
        }
    }
    for (id, tenant) in &hub.tenants {
        let milli = held.get(id).copied().unwrap_or(0);
        if milli != tenant.milli_held {
            wrong.push(format!("{}: holds {milli} thousandths of devices and counts {}", tenant.name, tenant.milli_held));
        }
    }
    hub.check_power(&mut wrong);
    for (id, reservation) in &hub.reserved {
        let nodes = hub.pools.get(&reservation.pool).map(|pool| &pool.nodes);
        let kept = |node: &u32| nodes.and_then(|nodes| nodes.get(*node as usize)).is_some_and(|node| node.reserved == Some(*id));
        if !reservation.nodes.iter().all(kept) {
            wrong.push(format!("{id}: a node kept for it does not know it"));
        }
    }
    wrong
}
