//! An attempt as the agent knows it, and how it ended: no I/O here.

use std::time::Instant;

use dispatch::{End, LostReason};
use measure::{CoreTime, Span, Time};

use super::manager::Sample;
use super::read::JobLine;
use crate::wire::WantedJob;

/// Why an attempt is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Asked,
    OverTime,
    PlaceTaken,
}

/// An attempt that is being stopped.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) why: Why,
    pub(super) signal: i32,
    pub(super) grace: Span,
    pub(super) told: Option<Instant>,
    pub(super) kill_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// On its way to Slurm.
    Submitting,
    /// Slurm has it.
    Queued,
    /// It runs.
    Running,
    /// Slurm is asked how it ended.
    Ending,
    /// It is over and told.
    Over,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) job: WantedJob,
    pub(super) slurm: Option<u64>,
    pub(super) stage: Stage,
    pub(super) since: Option<Time>,
    pub(super) submitted: Instant,
    pub(super) stop: Option<Stop>,
    /// When Slurm last said that it has nodes.
    pub(super) active: Option<Instant>,
    pub(super) reason: String,
    pub(super) missing: u32,
    /// When Slurm first said that it is over.
    pub(super) over: Option<Instant>,
    /// When it was last looked at whether it hangs, and that it does.
    pub(super) looked: Instant,
    pub(super) stuck: bool,
    /// The most that it was seen to use.
    pub(super) used: Sample,
}

impl Run {
    pub(super) fn new(job: WantedJob, stage: Stage) -> Run {
        Run {
            job,
            slurm: None,
            stage,
            since: None,
            submitted: Instant::now(),
            stop: None,
            active: None,
            reason: String::new(),
            missing: 0,
            over: None,
            looked: Instant::now(),
            stuck: false,
            used: Sample::default(),
        }
    }

    /// It was taken for over and is not, or not for certain.
    pub(super) fn go_on(&mut self) {
        if self.stage == Stage::Ending {
            self.stage = if self.since.is_some() { Stage::Running } else { Stage::Queued };
        }
    }

    /// Whether it waits at the cluster for its nodes, and may go on waiting.
    pub(super) fn waits(&self) -> bool {
        self.stage == Stage::Queued && self.active.is_none() && self.stop.is_none()
    }
}

/// What is known of a replica's run.
#[derive(Clone, Copy)]
pub(super) struct Ran {
    pub(super) since: Option<Time>,
    pub(super) at: Time,
    pub(super) cpu: CoreTime,
}

/// The end of a replica that told its own, in the light of what Slurm and the hub did.
pub(super) fn told_end(end: End, state: &str, stop: Option<Why>) -> End {
    match (&end, stop, state) {
        (End::NotStarted(_), ..) => end,
        (_, Some(Why::OverTime), _) => End::OverTime,
        (End::Exited(0), ..) => end,
        (_, _, "OUT_OF_MEMORY") => End::OverMemory,
        (_, _, "TIMEOUT" | "DEADLINE") => End::OverTime,
        (_, Some(Why::Asked), _) => End::Cancelled,
        (End::Killed(_), _, "PREEMPTED" | "CANCELLED") => End::Lost(LostReason::EndedBySite),
        (End::Killed(_), _, "NODE_FAIL" | "BOOT_FAIL") => End::Lost(LostReason::NodeFailed),
        _ => end,
    }
}

/// The end of a replica that left no record.
pub(super) fn silent_end(line: Option<&JobLine>, stop: Option<Why>, began: bool, gang: bool) -> End {
    let state = line.map(|line| line.state.as_str());
    match (state, stop) {
        (_, Some(Why::OverTime)) => End::OverTime,
        (_, Some(Why::PlaceTaken)) if !began => End::Lost(LostReason::PlaceTaken),
        (Some("OUT_OF_MEMORY"), _) => End::OverMemory,
        (Some("TIMEOUT" | "DEADLINE"), _) => End::OverTime,
        (Some("NODE_FAIL" | "BOOT_FAIL"), _) => End::Lost(LostReason::NodeFailed),
        (_, Some(Why::Asked)) => End::Cancelled,
        (Some("CANCELLED" | "PREEMPTED" | "REVOKED"), _) => End::Lost(LostReason::EndedBySite),
        (Some("COMPLETED" | "FAILED" | "LAUNCH_FAILED"), _) => match line.map_or(0, |line| line.status) {
            // The script's own words, see `job.sh`.
            status if status == 125 << 8 => End::NotStarted("its node does not see the agent's folder".to_owned()),
            // A controller that was killed started it once more under its own number, not knowing that it had: the second
            // one ended at once, and of the first one it knows nothing.
            status if status == 124 << 8 => End::Lost(LostReason::Vanished),
            status if status & 0x7f != 0 => End::Killed(status & 0x7f),
            // The code of what starts the replicas, and none of theirs.
            _ if gang => End::Lost(LostReason::NotLaunched),
            _ if line.is_some_and(|line| line.reason.contains("LaunchFailure")) => End::Lost(LostReason::NotLaunched),
            0 => End::Lost(LostReason::ExitUnseen),
            // A replica that began leaves a record of its code: this one is Slurm's own, of a start that a node's daemon did not survive.
            _ if !began => End::Lost(LostReason::NotLaunched),
            status => End::Exited(status >> 8 & 0xff),
        },
        _ => End::Lost(LostReason::Vanished),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: &str, status: i32) -> JobLine {
        JobLine { id: 7, state: state.to_owned(), status, reason: String::new(), name: "shugu-ab-1.1".to_owned() }
    }

    #[test]
    fn what_a_program_told_counts_unless_slurm_or_the_hub_ended_it() {
        let told = |end: End, state: &str, stop| told_end(end, state, stop).to_string();
        assert_eq!(told(End::Exited(3), "FAILED", None), "exited with code 3");
        assert_eq!(told(End::Exited(0), "COMPLETED", Some(Why::Asked)), "exited with code 0");
        assert_eq!(told(End::Killed(15), "CANCELLED", Some(Why::Asked)), "was cancelled");
        assert_eq!(told(End::Killed(15), "CANCELLED", Some(Why::OverTime)), "ran longer than its time limit");
        assert_eq!(told(End::Exited(0), "COMPLETED", Some(Why::OverTime)), "ran longer than its time limit");
        assert_eq!(told(End::Killed(15), "TIMEOUT", None), "ran longer than its time limit");
        assert_eq!(told(End::Killed(9), "OUT_OF_MEMORY", None), "used more memory than it asked for");
        assert!(told(End::Killed(15), "PREEMPTED", None).contains("somebody at the cluster, ended it"));
        assert!(told(End::Killed(9), "NODE_FAIL", None).contains("a node it ran on failed"));
        assert_eq!(told(End::NotStarted("no".to_owned()), "FAILED", Some(Why::Asked)), "could not be started: no");
    }

    #[test]
    fn what_left_no_record_ended_as_slurm_says_or_is_lost_with_a_word() {
        let silent =
            |state: &str, status, stop, began, gang| silent_end(Some(&line(state, status)), stop, began, gang).to_string();
        assert_eq!(silent("TIMEOUT", 15, None, true, false), "ran longer than its time limit");
        assert_eq!(silent("CANCELLED", 15, Some(Why::Asked), true, false), "was cancelled");
        assert!(silent("CANCELLED", 0, Some(Why::PlaceTaken), false, false).contains("its place was taken"));
        assert!(silent("CANCELLED", 15, None, true, false).contains("somebody at the cluster"));
        assert!(silent("NODE_FAIL", 0, None, true, true).contains("a node it ran on failed"));
        assert_eq!(silent("FAILED", 9, None, true, false), "was ended by signal 9");
        assert!(silent("FAILED", 125 << 8, None, false, false).contains("does not see the agent's folder"));
        assert!(silent("FAILED", 1 << 8, None, true, true).contains("its cluster failed while starting it"));
        assert_eq!(silent_end(Some(&line("FAILED", 1 << 8)), None, false, false), End::Lost(LostReason::NotLaunched));
        assert_eq!(silent("FAILED", 3 << 8, None, true, false), "exited with code 3");
        assert_eq!(silent_end(Some(&line("FAILED", 124 << 8)), None, true, false), End::Lost(LostReason::Vanished));
        let forgotten = silent_end(None, None, true, false);
        assert_eq!(forgotten, End::Lost(LostReason::Vanished));
    }
}
