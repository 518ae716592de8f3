//! What others than the hub's jobs use of a cluster, from what Slurm says is allocated. No I/O here.

use std::collections::{BTreeMap, BTreeSet};

use dispatch::{Node, Occupied};
use measure::{Cpu, Devices, JobId, Memory};

use super::read::NodeLine;
use super::run::{Run, Stage};

/// One amount without another.
fn less(from: &Occupied, what: &Occupied) -> Occupied {
    Occupied {
        devices: Devices(from.devices.0.saturating_sub(what.devices.0)),
        cpu: Cpu(from.cpu.0.saturating_sub(what.cpu.0)),
        memory: Memory(from.memory.0.saturating_sub(what.memory.0)),
        ..from.clone()
    }
}

/// What others use of a node: what is allocated there, less what the hub counts for its own jobs. A node that is out of service is
/// used as a whole.
pub(super) fn others(line: &NodeLine, node: &Node, gres: Option<&str>, own: &[&Run]) -> Occupied {
    if let Some(reason) = line.out_of_service() {
        return Occupied { devices: node.devices, cpu: node.cpu, memory: node.memory, reason, ..Occupied::NOTHING };
    }
    let allocated = Occupied {
        devices: Devices(gres.and_then(|gres| line.gres_used.get(gres)).copied().unwrap_or(0)),
        cpu: Cpu::cores(u64::from(line.cpus_used)),
        memory: line.memory_used,
        asleep: line.sleeps(),
        ..Occupied::NOTHING
    };
    own.iter().fold(allocated, |left, run| less(&left, &run.job.holds(&line.name)))
}

/// What is in two looks: what starts or ends between looks at nodes and at jobs is in one of them only.
pub(crate) fn confirmed(
    before: Option<&BTreeMap<String, Occupied>>,
    now: &BTreeMap<String, Occupied>,
) -> Vec<(String, Occupied)> {
    let sure = |(name, now): (&String, &Occupied)| {
        let sure = match before.map_or(Some(now), |before| before.get(name)) {
            _ if !now.reason.is_empty() => now.clone(),
            Some(before) => Occupied {
                devices: now.devices.min(before.devices),
                cpu: now.cpu.min(before.cpu),
                memory: now.memory.min(before.memory),
                asleep: now.asleep,
                ..Occupied::NOTHING
            },
            None => Occupied { asleep: now.asleep, ..Occupied::NOTHING },
        };
        (!sure.is_nothing()).then(|| (name.clone(), sure))
    };
    now.iter().filter_map(sure).collect()
}

/// Attempts that wait for nodes of which others leave too little, in the order of their submission: those before take what
/// is left.
pub(super) fn taken(nodes: &[Node], others: &[(String, Occupied)], runs: &BTreeMap<JobId, Run>) -> Vec<JobId> {
    let mut left: BTreeMap<&str, Occupied> = BTreeMap::new();
    for (name, others) in others {
        let Some(node) = nodes.iter().find(|node| node.name == *name) else { continue };
        let all = Occupied { devices: node.devices, cpu: node.cpu, memory: node.memory, ..Occupied::NOTHING };
        let active = runs.values().filter(|run| run.active.is_some() && run.stage != Stage::Over);
        left.insert(name, active.fold(less(&all, others), |free, run| less(&free, &run.job.holds(name))));
    }
    let waiting = runs.iter().filter(|(_, run)| run.waits());
    let mut waiting: Vec<(u64, JobId)> = waiting.filter_map(|(id, run)| Some((run.slurm?, *id))).collect();
    waiting.sort_unstable();
    let mut taken = Vec::new();
    for (_, id) in waiting {
        let run = &runs[&id];
        let names: BTreeSet<&str> = run.job.replicas.iter().map(|replica| replica.node.as_str()).collect();
        let holds: Vec<(&str, Occupied)> = names.into_iter().map(|node| (node, run.job.holds(node))).collect();
        let fits = |(node, held): &(&str, Occupied)| {
            left.get(node).is_none_or(|free| {
                let memory = held.memory.0 == 0 || free.memory >= held.memory;
                free.devices >= held.devices && free.cpu >= held.cpu && memory
            })
        };
        if !holds.iter().all(fits) {
            taken.push(id);
            continue;
        }
        for (node, held) in holds {
            if let Some(free) = left.get_mut(node) {
                *free = less(free, &held);
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::slurm::read::nodes;
    use crate::wire::WantedJob;

    fn line(text: &str) -> NodeLine {
        nodes(&format!("NodeName=n1 CPUTot=64 RealMemory=1000 Gres=gpu:h100:8 {text}")).unwrap().remove(0)
    }

    fn node() -> Node {
        let (devices, cpu, memory) = (Devices(8), Cpu::cores(64), Memory::mebibytes(1000));
        Node { name: "n1".to_owned(), model: Some("h100".to_owned()), devices, cpu, memory, ..Node::default() }
    }

    fn run(slurm: u64, devices: u32, active: bool) -> Run {
        let job = WantedJob { job: JobId(slurm), cpu: Cpu::cores(4), ..WantedJob::sample(&["n1"], devices) };
        let mut run = Run::new(job, Stage::Queued);
        (run.slurm, run.active) = (Some(slurm), active.then(Instant::now));
        run
    }

    #[test]
    fn the_hubs_own_jobs_are_not_others() {
        let line = line("CPUAlloc=10 GresUsed=gpu:h100:5(IDX:0-4) State=MIXED");
        let own = run(1, 3, true);
        let all = others(&line, &node(), Some("gpu:h100"), &[&own]);
        assert_eq!((all.devices, all.cpu), (Devices(2), Cpu::cores(6)));
        // More than is allocated is never taken off.
        let own = [run(1, 3, true), run(2, 8, true), run(3, 0, true)];
        let none = others(&line, &node(), Some("gpu:h100"), &own.iter().collect::<Vec<&Run>>());
        assert!(none.is_nothing());
    }

    #[test]
    fn a_rise_is_told_when_two_looks_agree_and_a_fall_at_once() {
        let look = |devices| BTreeMap::from([("n1".to_owned(), Occupied { devices: Devices(devices), ..Occupied::NOTHING })]);
        let told =
            |before: Option<u32>, now| confirmed(before.map(look).as_ref(), &look(now)).first().map(|(_, all)| all.devices.0);
        assert_eq!(told(None, 3), Some(3), "the first look is all there is");
        assert_eq!((told(Some(0), 3), told(Some(3), 3), told(Some(3), 1), told(Some(3), 0)), (None, Some(3), Some(1), None));
        let down = others(&line("State=DOWN Reason=fan"), &node(), Some("gpu:h100"), &[]);
        let down = BTreeMap::from([("n1".to_owned(), down)]);
        assert_eq!(confirmed(Some(&look(0)), &down)[0].1.devices, Devices(8), "what is out of service is so at once");
    }

    #[test]
    fn whoever_waits_first_gets_what_others_leave() {
        let used = Occupied { devices: Devices(3), ..Occupied::NOTHING };
        let runs = BTreeMap::from([
            (JobId(1), run(1, 1, true)),
            (JobId(2), run(2, 3, false)),
            (JobId(3), run(3, 2, false)),
            (JobId(4), run(4, 1, false)),
        ]);
        assert_eq!(taken(&[node()], &[("n1".to_owned(), used)], &runs), [JobId(3)]);
        assert_eq!(taken(&[node()], &[], &runs), [], "where nobody else is, Slurm starts them in turn");
    }
}
