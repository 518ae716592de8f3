//! An attempt as the agent knows it, and how each replica of it ended: no I/O here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use dispatch::{End, EnergySource, LostReason};
use measure::{CoreTime, Energy, Memory, Time};
use serde::{Deserialize, Serialize};

use super::launch::Part;
use super::read::{JobSeen, Progress, Trouble};
use crate::reconcile::SeenReplica;
use crate::wire::WantedJob;

/// Why an attempt is ended by its agent. Kept in the attempt's folder, as what is removed from the cluster tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Why {
    Asked,
    OverTime,
    /// Others have its place, and it has not begun.
    PlaceTaken,
    /// It can never begin, and why.
    NotStarted(String),
    /// A part of it began, and the rest does not.
    NotLaunched,
    /// The cluster has taken its place from it.
    BySite,
}

impl Why {
    fn end(&self) -> End {
        match self {
            Why::Asked => End::Cancelled,
            Why::OverTime => End::OverTime,
            Why::PlaceTaken => End::Lost(LostReason::PlaceTaken),
            Why::NotStarted(told) => End::NotStarted(told.clone()),
            Why::NotLaunched => End::Lost(LostReason::NotLaunched),
            Why::BySite => End::Lost(LostReason::EndedBySite),
        }
    }
}

/// How long the end of a Job may be heard of after that of its pods.
const GONE_FOR: Duration = Duration::from_millis(1500);

/// A pod of an attempt.
#[derive(Debug, Clone)]
pub(super) struct PodSeen {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) node: Option<String>,
    pub(super) progress: Progress,
    /// Since when it is told to end.
    pub(super) deleting: Option<Instant>,
    /// Since when the cluster knows it no more.
    pub(super) gone: Option<Instant>,
    /// What it wrote is being read, or has been.
    pub(super) followed: bool,
    pub(super) logged: bool,
    /// Since when it is as it is.
    pub(super) since: Instant,
}

impl PodSeen {
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        match &self.progress {
            Progress::Waiting(trouble) => trouble.as_ref(),
            _ => None,
        }
    }

    fn ran(&self) -> bool {
        matches!(self.progress, Progress::Running(_) | Progress::Over { since: Some(_), .. })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// On its way to the cluster.
    Creating,
    /// The cluster has it.
    There,
    /// It is over and told.
    Over,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) job: WantedJob,
    pub(super) namespace: String,
    pub(super) parts: Vec<Part>,
    pub(super) stage: Stage,
    pub(super) stop: Option<Why>,
    /// The cluster was told to end it.
    pub(super) stopped: Option<Instant>,
    pub(super) jobs: BTreeMap<String, JobSeen>,
    /// Jobs that were there and are not any more.
    pub(super) gone: BTreeSet<String>,
    pub(super) pods: BTreeMap<u32, PodSeen>,
    /// What was told of each replica.
    pub(super) told: BTreeMap<u32, SeenReplica>,
    /// Since when the cluster has it.
    pub(super) taken: Instant,
    /// Some of it has run.
    pub(super) began: bool,
    /// Jobs that could start pods, so that being suspended means that they were stopped.
    pub(super) let_go: BTreeSet<String>,
    /// When it was let go on.
    pub(super) resumed: Option<Instant>,
    /// What was last noted, and when the cluster was last asked why it waits.
    pub(super) note: String,
    pub(super) explained: Option<Instant>,
}

impl Run {
    pub(super) fn new(job: WantedJob, namespace: String, parts: Vec<Part>, stage: Stage) -> Run {
        Run {
            job,
            namespace,
            parts,
            stage,
            stop: None,
            stopped: None,
            jobs: BTreeMap::new(),
            gone: BTreeSet::new(),
            pods: BTreeMap::new(),
            told: BTreeMap::new(),
            taken: Instant::now(),
            began: false,
            let_go: BTreeSet::new(),
            resumed: None,
            note: String::new(),
            explained: None,
        }
    }

    pub(super) fn ranks(&self) -> std::ops::Range<u32> {
        0..self.job.replicas.len() as u32
    }

    /// Whether some of its Jobs may not start pods yet.
    pub(super) fn suspended(&self) -> bool {
        self.jobs.values().any(|job| job.suspended)
    }

    /// When the first of it began to run.
    pub(super) fn since(&self) -> Option<Time> {
        let since = |pod: &PodSeen| match pod.progress {
            Progress::Running(since) => Some(since),
            Progress::Over { since, .. } => since,
            Progress::Waiting(_) => None,
        };
        self.pods.values().filter_map(since).min()
    }

    /// Another replica failed by itself, which ends them all.
    fn another_failed(&self, rank: u32) -> bool {
        let failed = |pod: &PodSeen| {
            pod.deleting.is_none() && matches!(&pod.progress, Progress::Over { end, .. } if *end != End::Exited(0))
        };
        self.pods.iter().any(|(other, pod)| *other != rank && failed(pod))
    }

    /// How a replica ended, and when it began and ended if that is known; `None` if it has not.
    fn ended(&self, rank: u32, now: Instant) -> Option<(Option<Time>, Option<Time>, End)> {
        let ran = || self.began || self.pods.values().any(PodSeen::ran);
        let stop = || {
            self.stop.as_ref().map(|why| match why {
                // It began in the moment in which it was given up.
                Why::PlaceTaken if ran() => Why::NotLaunched.end(),
                why => why.end(),
            })
        };
        let Some(pod) = self.pods.get(&rank) else {
            let part = self.parts.iter().find(|part| part.ranks.contains(&rank))?;
            let gone = self.gone.contains(&part.name);
            let job = self.jobs.get(&part.name);
            let end = match job {
                Some(job) if job.complete => End::Exited(0),
                Some(JobSeen { failed: Some(reason), .. }) if reason == "DeadlineExceeded" => End::OverTime,
                Some(JobSeen { failed: Some(_), .. }) => stop().unwrap_or(End::Lost(LostReason::Vanished)),
                _ if gone => stop().unwrap_or(End::Lost(LostReason::EndedBySite)),
                _ => return None,
            };
            let end =
                if self.stop.is_none() && end.state() == "lost" && self.another_failed(rank) { End::Cancelled } else { end };
            return Some((None, None, end));
        };
        let lost = || match (stop(), self.another_failed(rank)) {
            (Some(end), _) => end,
            (None, true) => End::Cancelled,
            (None, false) => End::Lost(LostReason::EndedBySite),
        };
        let complete = || {
            let part = self.parts.iter().find(|part| part.ranks.contains(&rank));
            part.and_then(|part| self.jobs.get(&part.name)).is_some_and(|job| job.complete)
        };
        // What its Job came to may be heard of a moment later.
        let gone = pod.gone.is_some_and(|at| self.stop.is_some() || at + GONE_FOR <= now || complete());
        match &pod.progress {
            Progress::Over { since, at, end } => {
                let end = match (end, &self.stop) {
                    (End::NotStarted(_) | End::OverMemory | End::Lost(LostReason::NodeFailed | LostReason::PlaceTaken), _) => {
                        end.clone()
                    }
                    (_, Some(Why::OverTime)) => End::OverTime,
                    (End::Exited(0) | End::OverTime, _) => end.clone(),
                    (End::Lost(LostReason::EndedBySite), None) => end.clone(),
                    _ if pod.deleting.is_some()
                        || pod.gone.is_some()
                        || self.stop.is_some() && *end == End::Lost(LostReason::Vanished) =>
                    {
                        lost()
                    }
                    _ => end.clone(),
                };
                Some((*since, *at, end))
            }
            Progress::Running(since) if gone && complete() => Some((Some(*since), None, End::Exited(0))),
            Progress::Waiting(_) if gone && complete() => Some((None, None, End::Exited(0))),
            Progress::Running(since) if gone => Some((Some(*since), None, lost())),
            Progress::Waiting(_) if gone => {
                let end = lost();
                Some((
                    None,
                    None,
                    if end == End::Lost(LostReason::EndedBySite) { End::Lost(LostReason::PlaceTaken) } else { end },
                ))
            }
            _ => None,
        }
    }

    /// A replica as the hub is told of it; `None` while there is nothing to tell, or what it wrote is not yet read.
    pub(super) fn replica(&self, rank: u32, clock: Time, now: Instant) -> Option<SeenReplica> {
        if self.stage == Stage::Creating {
            return None;
        }
        if let Some((since, at, end)) = self.ended(rank, now) {
            let pod = self.pods.get(&rank);
            let unread =
                pod.is_some_and(|pod| pod.ran() && pod.gone.is_none() && !pod.logged && now < pod.since + super::READ_WITHIN);
            let at = at.unwrap_or(clock);
            return (!unread).then_some(SeenReplica::Ended {
                since,
                at: since.map_or(at, |since| at.max(since)),
                end,
                // The cluster tells neither.
                cpu: CoreTime(0),
                peak_memory: Memory(0),
                energy: Energy(0),
                energy_source: EnergySource::Unknown,
            });
        }
        match self.pods.get(&rank).map(|pod| &pod.progress) {
            Some(Progress::Running(since)) => Some(SeenReplica::Running { since: *since }),
            Some(Progress::Over { .. }) => None,
            _ => Some(SeenReplica::Queued),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(replicas: usize) -> Run {
        let nodes: Vec<String> = (0..replicas).map(|node| format!("n{node}")).collect();
        let job = WantedJob::sample(&nodes.iter().map(String::as_str).collect::<Vec<_>>(), 0);
        let parts = super::super::launch::parts("ab", &job, false);
        Run::new(job, "shugu-llm-lab".to_owned(), parts, Stage::There)
    }

    fn with(mut run: Run, rank: u32, progress: Progress, how: &str) -> Run {
        let is = |word: &str| how.contains(word);
        let pod = PodSeen {
            uid: rank.to_string(),
            name: String::new(),
            node: None,
            progress,
            deleting: is("deleting").then(Instant::now),
            gone: is("gone").then(|| Instant::now() - GONE_FOR),
            followed: true,
            logged: !is("unread"),
            since: Instant::now(),
        };
        run.pods.insert(rank, pod);
        run
    }

    fn over(end: End) -> Progress {
        Progress::Over { since: Some(Time(5000)), at: Some(Time(9000)), end }
    }

    fn stopped(mut run: Run, why: Why) -> Run {
        run.stop = Some(why);
        run
    }

    fn told(run: &Run, rank: u32) -> String {
        match run.replica(rank, Time(10_000), Instant::now()) {
            None => "nothing".to_owned(),
            Some(SeenReplica::Queued) => "queued".to_owned(),
            Some(SeenReplica::Running { .. }) => "runs".to_owned(),
            Some(SeenReplica::Ended { at, end, .. }) => format!("{end} at {}", at.0),
        }
    }

    const KILLED: End = End::Killed(15);

    #[test]
    fn a_program_s_own_end_counts_unless_the_agent_ended_it() {
        assert_eq!(told(&with(run(1), 0, over(End::Exited(3)), ""), 0), "exited with code 3 at 9000");
        assert_eq!(told(&stopped(with(run(1), 0, over(KILLED), "deleting"), Why::Asked), 0), "was cancelled at 9000");
        assert_eq!(
            told(&stopped(with(run(1), 0, over(End::Exited(0)), "deleting"), Why::Asked), 0),
            "exited with code 0 at 9000"
        );
        assert_eq!(
            told(&stopped(with(run(1), 0, over(End::Exited(0)), "deleting"), Why::OverTime), 0),
            "ran longer than its time limit at 9000"
        );
        assert_eq!(
            told(&stopped(with(run(1), 0, over(End::OverMemory), "deleting"), Why::Asked), 0),
            "used more memory than it asked for at 9000"
        );
    }

    #[test]
    fn what_somebody_at_the_cluster_removes_is_lost_with_a_word() {
        assert!(told(&with(run(1), 0, over(KILLED), "deleting"), 0).contains("somebody at the cluster"));
        assert!(told(&with(run(1), 0, Progress::Running(Time(5000)), "deleting gone"), 0).contains("somebody at the cluster"));
        assert!(told(&with(run(1), 0, Progress::Waiting(None), "gone"), 0).contains("its place was taken"));
        let mut removed = run(1);
        removed.gone.insert("shugu-ab-1-1".to_owned());
        assert!(told(&removed, 0).contains("somebody at the cluster"));
        assert_eq!(told(&stopped(removed, Why::Asked), 0), "was cancelled at 10000");
    }

    #[test]
    fn the_rest_of_a_gang_ends_with_the_first_that_fails() {
        let gang = with(with(run(2), 0, over(KILLED), "deleting"), 1, over(End::Exited(3)), "");
        assert_eq!(
            (told(&gang, 0), told(&gang, 1)),
            ("was cancelled at 9000".to_owned(), "exited with code 3 at 9000".to_owned())
        );
        let mut late = with(run(2), 1, over(End::Exited(3)), "");
        late.jobs
            .insert("shugu-ab-1-1".to_owned(), JobSeen { failed: Some("BackoffLimitExceeded".to_owned()), ..JobSeen::default() });
        assert_eq!(told(&late, 0), "was cancelled at 10000", "it never had a pod");
    }

    #[test]
    fn an_end_is_told_when_what_it_wrote_is_read() {
        assert_eq!(told(&with(run(1), 0, over(End::Exited(0)), "unread"), 0), "nothing");
        assert_eq!(told(&with(run(1), 0, Progress::Running(Time(5000)), "unread"), 0), "runs");
        assert_eq!(told(&run(1), 0), "queued");
    }

    #[test]
    fn what_cannot_start_says_why() {
        let told_so = Why::NotStarted("no image".to_owned());
        assert_eq!(
            told(&stopped(with(run(1), 0, Progress::Waiting(None), "deleting gone"), told_so), 0),
            "could not be started: no image at 10000"
        );
        let never = Progress::Over { since: None, at: Some(Time(9000)), end: End::Lost(LostReason::Vanished) };
        assert!(told(&stopped(with(run(1), 0, never, "deleting"), Why::PlaceTaken), 0).contains("its place was taken"));
    }
}
