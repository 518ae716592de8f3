//! What must hold in the end, whatever went wrong.

use std::collections::BTreeMap;
use std::path::Path;

use dispatch::Fact;
use execute::clock::Moment;
use execute::simulated::Execution;
use measure::JobId;
use serve::Store;
use settle::{Body, Entry};

use crate::fair::Fair;
use crate::play::Report;

/// What people were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// By the name of a job: its id.
    pub(crate) acknowledged: BTreeMap<String, String>,
    /// What they should not have been told.
    pub(crate) wrong: Vec<String>,
}

/// When the hub took something in: the number of the last entry that it knew then, and steady time.
pub(crate) type TakenIn = (u64, Moment);

/// Attempts that are over for the hub, and the entries that say so.
#[derive(Debug, Default)]
struct Over {
    placed: BTreeMap<JobId, u32>,
    attempts: Vec<(JobId, u32, u64)>,
}

impl Over {
    fn see(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Fact(Fact::Placed(id, _)) => *self.placed.entry(*id).or_default() += 1,
            Body::Fact(Fact::Ended(id, ..) | Fact::Yielded(id, ..)) => {
                let attempt = self.placed.get(id).copied().unwrap_or(0);
                self.attempts.push((*id, attempt, entry.seq));
            }
            _ => {}
        }
    }

    /// No place is given away while what it was given to still runs there.
    fn judge(&self, taken_in: &[TakenIn], by_job: &BTreeMap<JobId, Vec<(usize, &Execution)>>, wrong: &mut Vec<String>) {
        for (job, attempt, seq) in &self.attempts {
            // Told no earlier than it happened: what a hub that died took in is known with the next turn only.
            let at = taken_in.partition_point(|(known, _)| known < seq);
            let Some((_, at)) = taken_in.get(at) else { continue };
            let runs = by_job.get(job).into_iter().flatten().filter(|(_, one)| one.attempt == *attempt);
            for (pool, one) in runs.filter(|(_, one)| one.until.is_none_or(|until| until > *at)) {
                wrong.push(format!("{job} attempt {} was over for the hub while it ran in pool-{pool}", one.attempt));
            }
        }
    }
}

/// Judges a story by the store that is left, when hubs took in what it holds, and what really ran, pool by pool.
pub(crate) fn judge(store: &Path, told: &Told, taken_in: &[TakenIn], executions: &[Vec<Execution>], gone: &[bool]) -> Report {
    let store = Store::Shared(store.to_owned());
    let mut report = Report { jobs: told.acknowledged.len(), violations: told.wrong.clone(), ..Report::default() };
    let wrong = &mut report.violations;
    match serve::audit(&store, None) {
        Ok(audit) => {
            wrong.extend(audit.violations.into_iter().map(|found| format!("check: {found}")));
            (report.entries, report.head) = (audit.entries, audit.head);
        }
        Err(fault) => wrong.push(format!("the journal cannot be audited: {fault}")),
    }
    // Acknowledged = kept, once.
    let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut ended: BTreeMap<JobId, u32> = BTreeMap::new();
    let (mut over, mut fair) = (Over::default(), Fair::default());
    let read = serve::read_journal(&store, |entry| {
        over.see(entry);
        fair.see(entry);
        match &entry.body {
            Body::Fact(Fact::Submitted(id, spec)) => kept.entry(spec.name.clone()).or_default().push(id.to_string()),
            Body::Fact(Fact::Ended(id, ..)) => *ended.entry(*id).or_default() += 1,
            _ => {}
        }
    });
    if let Err(fault) = read {
        wrong.push(format!("the journal cannot be read: {fault}"));
    }
    for (name, id) in &told.acknowledged {
        match kept.get(name).map(Vec::as_slice) {
            None => wrong.push(format!("{name} was acknowledged as {id} and is lost")),
            Some([only]) if only == id => {}
            Some(ids) => wrong.push(format!("{name} was acknowledged as {id} and is kept as {}", ids.join(", "))),
        }
    }
    for (name, ids) in kept.iter().filter(|(_, ids)| ids.len() > 1) {
        wrong.push(format!("{name} was submitted once and is kept as {}", ids.join(", ")));
    }
    // Everything that can finish did, and once.
    for ids in kept.values() {
        for id in ids {
            let Ok(id) = id.parse::<JobId>() else { continue };
            match ended.get(&id).copied().unwrap_or(0) {
                1 => {}
                0 => wrong.push(format!("{id} has not ended, after {} places", over.placed.get(&id).copied().unwrap_or(0))),
                times => wrong.push(format!("{id} ended {times} times")),
            }
        }
    }
    // No attempt begins twice, and no two attempts of a job run at once.
    let mut by_job: BTreeMap<JobId, Vec<(usize, &Execution)>> = BTreeMap::new();
    for (pool, executions) in executions.iter().enumerate() {
        executions.iter().for_each(|one| by_job.entry(one.job).or_default().push((pool, one)));
    }
    for (job, runs) in &by_job {
        for (number, (pool, one)) in runs.iter().enumerate() {
            for (other_pool, other) in &runs[number + 1..] {
                if (one.attempt, one.replica) == (other.attempt, other.replica) {
                    wrong.push(format!("{job} attempt {} replica {} began twice", one.attempt, one.replica));
                } else if one.attempt != other.attempt {
                    let over = |run: &Execution, next: &Execution| run.until.is_some_and(|until| until <= next.from);
                    if !over(one, other) && !over(other, one) {
                        wrong.push(format!(
                            "{job} attempts {} (pool-{pool}) and {} (pool-{other_pool}) ran at once",
                            one.attempt, other.attempt
                        ));
                    }
                }
            }
        }
        for (pool, one) in runs {
            if one.until.is_none() && !gone[*pool] {
                wrong.push(format!("{job} attempt {} still runs in pool-{pool}", one.attempt));
            }
        }
    }
    over.judge(taken_in, &by_job, wrong);
    wrong.append(&mut fair.wrong);
    report.attempts = by_job.values().map(Vec::len).sum();
    report
}
