//! Attempts, as the hub below tells of them, and what is done about it.

use std::collections::BTreeSet;
use std::time::Instant;

use dispatch::{End, LostReason};
use measure::JobId;

use super::super::errand::{Errand, NotTaken};
use super::super::look::Ask;
use super::super::read::{self, JobLine};
use super::super::run::{Run, Stage, Why};
use super::super::{room, survey};
use super::{AGAIN, MISSING_MOST, PATIENCE, TOLD_AFTER, TOLD_AGAIN, Worker};
use crate::clock;
use crate::reconcile::SeenReplica;
use crate::site::News;
use crate::wire::run_of_name;

impl<N: Fn(News) -> bool + Send + 'static> Worker<N> {
    pub(super) fn submitted(&mut self, id: JobId, taken: Result<String, NotTaken>) {
        // Forgotten meanwhile: what nobody wants is cancelled when it is next seen.
        let Some(run) = self.runs.get_mut(&id) else { return };
        match taken {
            Ok(below) => {
                (run.below, run.stage, run.submitted) = (Some(below), Stage::Waiting, Instant::now());
                self.tell_state(id);
                self.look_soon();
            }
            Err(NotTaken::Never(told)) => self.finish(id, None, End::NotStarted(told)),
            // It has not run, and goes elsewhere; the next look says that there is nothing to be had here.
            Err(NotTaken::NoMoney) => {
                let spent = room::none_of(&self.nodes, survey::SPENT);
                self.tell_others(spent.into_iter().collect());
                self.finish(id, None, End::Lost(LostReason::PlaceTaken));
            }
            Err(NotTaken::Unwanted) => self.finish(id, None, End::Cancelled),
        }
    }

    /// Tells how far an attempt is that is not over.
    pub(super) fn tell_state(&self, id: JobId) {
        let run = &self.runs[&id];
        let seen = match (run.stage, run.since) {
            (Stage::Submitting | Stage::Over, _) => return,
            (Stage::Running, Some(since)) => SeenReplica::Running { since },
            _ => SeenReplica::Queued,
        };
        for replica in 0..run.job.replicas.len() as u32 {
            self.tell(News::Seen(id, replica, seen.clone()));
        }
    }

    /// Compares the tenant's jobs that have a place with what is known, as of a look that began then.
    pub(super) fn compare(&mut self, begun: Instant, lines: &[JobLine]) {
        let mut seen = BTreeSet::new();
        for line in lines {
            let Some(id) = run_of_name(&self.mark, &line.name) else { continue };
            match self.runs.get(&id) {
                Some(run) if run.below.as_ref() == Some(&line.id) => {
                    seen.insert(id);
                    self.see(id, line);
                }
                // Its id is on its way.
                Some(run) if run.stage == Stage::Submitting => {}
                _ => {
                    let told = self.unwanted.get(&line.id).copied();
                    if told.is_none() {
                        tracing::warn!(
                            job = line.id,
                            name = line.name,
                            "the hub below has a job that nobody wants; it is cancelled"
                        );
                    }
                    if told.is_none_or(|told| told.elapsed() > AGAIN) {
                        self.unwanted.insert(line.id.clone(), Instant::now());
                        let _ = self.errands.send(Errand::Cancel(id, line.id.clone()));
                    }
                }
            }
        }
        let gone = |(id, run): (&JobId, &Run)| {
            let gone = run.stage == Stage::Running && !seen.contains(id) && run.submitted < begun;
            gone.then(|| Some((*id, run.below.clone()?))).flatten()
        };
        let gone: Vec<(JobId, String)> = self.runs.iter().filter_map(gone).collect();
        if !gone.is_empty() {
            self.changed = Instant::now();
            let _ = self.looks.send(Ask::Each(gone));
        }
    }

    /// Takes over what the hub below says of an attempt.
    pub(super) fn see(&mut self, id: JobId, line: &JobLine) {
        let Some(run) = self.runs.get_mut(&id).filter(|run| !matches!(run.stage, Stage::Submitting | Stage::Over)) else {
            return;
        };
        run.missing = 0;
        if line.ended_at.is_some() {
            // It is over when it is paid, too: what it used is known for certain then.
            if line.cost_yuan.as_ref().is_some_and(|cost| !cost.is_null()) {
                self.finish(id, Some(line), read::end_of(line));
            }
            return;
        }
        if !line.nodes.is_empty() {
            run.nodes.clone_from(&line.nodes);
        }
        let (stage, since) = state_of(line);
        if (stage, since) != (run.stage, run.since) {
            (run.stage, run.since) = (stage, since);
            // An attempt that began in spite of a place that seemed taken goes on, unless it is too late for that.
            if stage == Stage::Running && run.stop == Some(Why::PlaceTaken) && run.told.is_none() {
                run.stop = None;
            }
            self.changed = Instant::now();
            self.tell_state(id);
        }
        let Some(run) = self.runs.get_mut(&id).filter(|run| run.stage == Stage::Waiting) else { return };
        if line.state == "waiting" {
            run.nodes.clear();
            let due = run.reasoned.map_or(run.submitted + TOLD_AFTER, |told| told + TOLD_AGAIN);
            if due <= Instant::now() {
                run.reasoned = Some(Instant::now());
                let _ = self.looks.send(Ask::Why(id, line.id.clone()));
            }
        } else if let Some(note) = line.note.clone().filter(|note| run.note != *note) {
            run.note.clone_from(&note);
            self.tell(News::Noted(id, note));
        }
    }

    /// The hub below knows nothing of an attempt that it had.
    pub(super) fn missing(&mut self, id: JobId) {
        let Some(run) = self.runs.get_mut(&id).filter(|run| !matches!(run.stage, Stage::Submitting | Stage::Over)) else {
            return;
        };
        run.missing += 1;
        if run.missing >= MISSING_MOST {
            self.finish(id, None, End::Lost(LostReason::Vanished));
        }
    }

    /// An attempt is over, as its job below says, or without one.
    pub(super) fn finish(&mut self, id: JobId, line: Option<&JobLine>, end: End) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let began = line.is_some_and(read::began);
        let end = if line.is_some() { run.told_end(end, began) } else { end };
        run.stage = Stage::Over;
        let count = run.job.replicas.len();
        let nothing = JobLine::default();
        for (replica, seen) in (0..).zip(read::replicas(line.unwrap_or(&nothing), &end, count, clock::now())) {
            self.tell(News::Seen(id, replica, seen));
        }
        self.changed = Instant::now();
    }

    /// Cancels what is to be stopped, and what waits for what others took.
    pub(super) fn press_on(&mut self) {
        let at = Instant::now();
        let late = |run: &Run| {
            run.stage == Stage::Waiting && run.stop.is_none() && run.nodes.is_empty() && run.submitted + PATIENCE <= at
        };
        let over = |run: &Run| run.job.replicas.iter().any(|replica| self.over.contains(&replica.node));
        // One at a time, the last first: what it leaves may be enough for those before it.
        let last = self.runs.values_mut().filter(|run| late(run) && over(run)).max_by_key(|run| run.submitted);
        if let Some(run) = last {
            tracing::info!(job = %run.job.job, reason = run.note, "others took its place below before it could start");
            run.stop(Why::PlaceTaken);
            self.over.clear();
        }
        for (id, run) in &mut self.runs {
            let live = matches!(run.stage, Stage::Waiting | Stage::Running);
            let due = !run.cancelling && run.told.is_none_or(|told| told + AGAIN <= at);
            if let Some(below) = run.below.as_ref().filter(|_| live && run.stop.is_some() && due) {
                (run.told, run.cancelling) = (Some(at), true);
                let _ = self.errands.send(Errand::Cancel(*id, below.clone()));
            }
        }
    }
}

/// How far a job below is that is not over.
pub(super) fn state_of(line: &JobLine) -> (Stage, Option<measure::Time>) {
    let since = read::time(line.started_at.as_ref());
    match line.state.as_str() {
        // What is being stopped ran if it had started.
        "running" | "stopping" if since.is_some() => (Stage::Running, since),
        _ => (Stage::Waiting, None),
    }
}
