//! An attempt as the agent knows it: no I/O here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use dispatch::{End, LostReason};
use measure::Time;

use crate::wire::WantedJob;

/// Why an attempt is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The hub above, or this agent's lease, wants it.
    Asked,
    /// Others took its place below before it could start.
    PlaceTaken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// On its way to the hub below.
    Submitting,
    /// The hub below has it and has not started it.
    Waiting,
    /// It runs.
    Running,
    /// It is over and told.
    Over,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) job: WantedJob,
    /// Its id below.
    pub(super) below: Option<String>,
    pub(super) stage: Stage,
    pub(super) since: Option<Time>,
    pub(super) submitted: Instant,
    /// The node below of each replica, once it has a place there and that was asked for.
    pub(super) nodes: Vec<String>,
    pub(super) stop: Option<Why>,
    /// Seen by whoever submits it.
    pub(super) unwanted: Arc<AtomicBool>,
    /// When its cancelling was last asked for, and whether that is on its way.
    pub(super) told: Option<Instant>,
    pub(super) cancelling: bool,
    /// When the hub below was last asked for it alone, and for why it waits.
    pub(super) looked: Option<Instant>,
    pub(super) reasoned: Option<Instant>,
    /// What was last told of why it waits.
    pub(super) note: String,
    /// How often the hub below knew nothing of it.
    pub(super) missing: u32,
}

impl Run {
    pub(super) fn new(job: WantedJob, stage: Stage) -> Run {
        Run {
            job,
            below: None,
            stage,
            since: None,
            submitted: Instant::now(),
            nodes: Vec::new(),
            stop: None,
            unwanted: Arc::default(),
            told: None,
            cancelling: false,
            looked: None,
            reasoned: None,
            note: String::new(),
            missing: 0,
        }
    }

    /// It is to be stopped, for the first reason that there is.
    pub(super) fn stop(&mut self, why: Why) {
        if why == Why::Asked {
            self.unwanted.store(true, Ordering::Relaxed);
            self.stop = Some(why);
        }
        self.stop.get_or_insert(why);
    }

    /// How its end below is told above: a cancelling that nobody asked for is the site's doing, and a place that it gave back before
    /// it began is none of its tries.
    pub(super) fn told_end(&self, end: End, began: bool) -> End {
        match (end, self.stop) {
            (End::Cancelled, Some(Why::Asked)) => End::Cancelled,
            (End::Cancelled, Some(Why::PlaceTaken)) if !began => End::Lost(LostReason::PlaceTaken),
            (End::Cancelled, _) => End::Lost(LostReason::EndedBySite),
            (end, _) => end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_nobody_asked_for_is_told_as_the_sites() {
        let told = |why: Option<Why>, end: End, began: bool| {
            let mut run = Run::new(WantedJob::sample(&["n1"], 0), Stage::Running);
            why.into_iter().for_each(|why| run.stop(why));
            run.told_end(end, began)
        };
        assert_eq!(told(Some(Why::Asked), End::Cancelled, true), End::Cancelled);
        assert_eq!(told(None, End::Cancelled, true), End::Lost(LostReason::EndedBySite));
        assert_eq!(told(Some(Why::PlaceTaken), End::Cancelled, false), End::Lost(LostReason::PlaceTaken));
        assert_eq!(told(Some(Why::PlaceTaken), End::Cancelled, true), End::Lost(LostReason::EndedBySite));
        assert_eq!(told(Some(Why::Asked), End::Exited(3), true), End::Exited(3));
        let mut run = Run::new(WantedJob::sample(&["n1"], 0), Stage::Waiting);
        run.stop(Why::PlaceTaken);
        run.stop(Why::Asked);
        assert_eq!(run.stop, Some(Why::Asked), "what is asked for counts before what was going on");
    }
}
