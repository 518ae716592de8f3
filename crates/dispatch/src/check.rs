//! What must always be true, as a function: run after every entry in tests, and by `shugu check` on a live journal.

use measure::{Cpu, Devices, Memory};

use crate::hub::{Hub, Stage};

/// Everything that is wrong with a hub; empty for every hub that the engine can make.
pub fn check(hub: &Hub) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, pool) in &hub.pools {
        for (at, node) in pool.nodes.iter().enumerate() {
            let (mut devices, mut cpu, mut memory) = (0_u64, Cpu(0), Memory(0));
            // What is given fits into the node as it was last seen; one that shrank or vanished since may still
            // run what it held before.
            let (mut devices_given, mut cpu_given, mut memory_given) = (false, false, false);
            for job in pool.jobs.iter().filter_map(|job| hub.jobs.get(job)) {
                let Some(place) = job.stage.held().filter(|place| place.pool == *id) else { continue };
                let lately = job.stage.placed() > Some(pool.seen);
                for slot in place.slots.iter().filter(|slot| slot.node as usize == at) {
                    if devices & slot.devices != 0 {
                        wrong.push(format!("{id} node {at}: a device is held by two replicas"));
                    }
                    devices |= slot.devices;
                    cpu += place.cpu;
                    memory += job.spec.shape.memory;
                    devices_given |= lately && slot.devices != 0;
                    cpu_given |= lately && place.cpu != Cpu(0);
                    memory_given |= lately && job.spec.shape.memory != Memory(0);
                }
            }
            if (devices, cpu, memory) != (node.devices_held, node.cpu_held, node.memory_held) {
                wrong.push(format!("{id} node {at}: what its jobs hold is not what the node counts"));
            }
            let devices = Devices(devices.count_ones());
            let too_many = (devices_given && devices > node.node.devices)
                || (cpu_given && cpu > node.node.cpu)
                || (memory_given && memory > node.node.memory);
            if too_many {
                let has = &node.node;
                wrong.push(format!(
                    "{id} node {at}: holds {devices} devices, {cpu} cores and {memory} of {}, {} and {}",
                    has.devices, has.cpu, has.memory
                ));
            }
        }
    }
    for (id, job) in &hub.jobs {
        let state = &hub.shapes[job.shape.0 as usize];
        let waits = state.waiting.iter().any(|turn| turn.job() == *id);
        if waits != (job.stage == Stage::Waiting) {
            wrong.push(format!(
                "{id}: is {} and {} in the queue",
                job.stage.name(),
                if waits { "stands" } else { "does not stand" }
            ));
        }
        if let Some(place) = job.stage.held() {
            if place.slots.len() != job.spec.shape.replicas as usize {
                wrong.push(format!("{id}: has {} places for {} replicas", place.slots.len(), job.spec.shape.replicas));
            }
            if !hub.pools.get(&place.pool).is_some_and(|pool| pool.jobs.contains(id)) {
                wrong.push(format!("{id}: its pool does not know it"));
            }
        }
        if *id > hub.last_job {
            wrong.push(format!("{id}: was never counted"));
        }
    }
    wrong
}
