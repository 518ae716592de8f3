//! The gap between wanted and seen, as a pure function of one job. Running it twice is harmless.

use dispatch::{End, EnergySource, Report, Usage};
use measure::{CoreTime, Energy, Memory, Span, Time};
use serde::{Deserialize, Serialize};

/// One replica as the site shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeenReplica {
    /// The site's manager has it and has not started it.
    Queued,
    /// Its process runs.
    Running {
        /// Since when, by the site's clock.
        since: Time,
    },
    /// It is over.
    Ended {
        /// When it started; `None` if it never did.
        since: Option<Time>,
        /// When it ended.
        at: Time,
        /// How.
        end: End,
        /// Core-time used.
        cpu: CoreTime,
        /// Peak memory.
        peak_memory: Memory,
        /// Energy used.
        energy: Energy,
        /// How the energy is known.
        energy_source: EnergySource,
    },
}

/// A job as the site shows it: its replicas, `None` where the site knows nothing of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenJob {
    /// By rank.
    pub replicas: Vec<Option<SeenReplica>>,
}

/// What the hub wants of a job here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It should run, with so many replicas.
    Run(u32),
    /// It should be stopped, with so many replicas.
    Stop(u32),
    /// It has no place here.
    Nothing,
}

/// What closes the gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Start every replica.
    Launch,
    /// Stop what runs.
    Stop,
    /// Tell the hub.
    Tell(Report),
    /// Forget a job that is over and told.
    Forget,
}

/// What to do about one job.
pub fn reconcile(wish: Wish, seen: Option<&SeenJob>) -> Vec<Command> {
    let known: Vec<&SeenReplica> = seen.iter().flat_map(|seen| seen.replicas.iter().flatten()).collect();
    let queued = known.iter().any(|replica| matches!(replica, SeenReplica::Queued));
    let running = queued || known.iter().any(|replica| matches!(replica, SeenReplica::Running { .. }));
    match wish {
        Wish::Nothing if known.is_empty() => Vec::new(),
        Wish::Nothing if running => vec![Command::Stop],
        Wish::Nothing => vec![Command::Forget],
        Wish::Run(_) if known.is_empty() => vec![Command::Launch],
        Wish::Stop(_) if known.is_empty() => vec![Command::Tell(Report::Ended(End::Cancelled, Usage::default()))],
        Wish::Stop(_) if running => vec![Command::Stop],
        // A gang is whole or it is over: one replica that fails ends the others.
        Wish::Run(_) if running && known.iter().any(|replica| failed(replica)) => vec![Command::Stop],
        // All replicas are started together, so those not seen yet will be.
        Wish::Run(replicas) | Wish::Stop(replicas) if (known.len() as u32) < replicas => Vec::new(),
        Wish::Run(_) if queued => Vec::new(),
        Wish::Run(_) if running => vec![Command::Tell(Report::Started)],
        Wish::Run(_) | Wish::Stop(_) => vec![Command::Tell(ended(&known))],
    }
}

fn failed(replica: &SeenReplica) -> bool {
    matches!(replica, SeenReplica::Ended { end, .. } if *end != End::Exited(0))
}

/// The job's end from its replicas' ends. A replica that was stopped because another one failed says nothing;
/// the first other failure by time is the job's.
fn ended(known: &[&SeenReplica]) -> Report {
    let mut usage = Usage::default();
    let (mut first, mut last): (Option<Time>, Option<Time>) = (None, None);
    let mut failure: Option<(Time, &End)> = None;
    let mut cancelled = false;
    for replica in known {
        let SeenReplica::Ended { since, at, end, cpu, peak_memory, energy, energy_source } = replica else { continue };
        usage.cpu += *cpu;
        usage.peak_memory += *peak_memory;
        usage.energy += *energy;
        usage.energy_source = *energy_source;
        if let Some(since) = since {
            first = Some(first.map_or(*since, |first| first.min(*since)));
            last = Some(last.map_or(*at, |last| last.max(*at)));
        }
        cancelled |= *end == End::Cancelled;
        if !matches!(end, End::Exited(0) | End::Cancelled) && failure.is_none_or(|(earliest, _)| *at < earliest) {
            failure = Some((*at, end));
        }
    }
    usage.run = first.zip(last).map_or(Span::ZERO, |(first, last)| last - first);
    let end = match failure {
        Some((_, end)) => end.clone(),
        None if cancelled => End::Cancelled,
        None => End::Exited(0),
    };
    Report::Ended(end, usage)
}

#[cfg(test)]
mod tests {
    use measure::JobId;

    use super::*;

    fn said(job: JobId, command: &Command) -> String {
        match command {
            Command::Launch => format!("{job}: launch"),
            Command::Stop => format!("{job}: stop"),
            Command::Tell(Report::Started) => format!("{job}: started"),
            Command::Tell(Report::Ended(end, _)) => format!("{job}: {end}"),
            Command::Forget => format!("{job}: forget"),
        }
    }

    fn running() -> Option<SeenReplica> {
        Some(SeenReplica::Running { since: Time(0) })
    }

    fn over(at: i64, end: End) -> Option<SeenReplica> {
        Some(SeenReplica::Ended {
            since: Some(Time(0)),
            at: Time(at),
            end,
            cpu: CoreTime(7),
            peak_memory: Memory(3),
            energy: Energy(1),
            energy_source: EnergySource::Modelled,
        })
    }

    fn check(wish: Wish, replicas: &[Option<SeenReplica>], expected: &str) {
        let seen = SeenJob { replicas: replicas.to_vec() };
        let seen = if replicas.is_empty() { None } else { Some(&seen) };
        let commands: Vec<String> = reconcile(wish, seen).iter().map(|command| said(JobId(1), command)).collect();
        assert_eq!(commands.join(", "), expected);
    }

    #[test]
    fn what_is_wanted_and_not_there_is_launched() {
        check(Wish::Run(1), &[], "job-1: launch");
    }

    #[test]
    fn a_gang_has_started_when_every_replica_runs() {
        check(Wish::Run(2), &[running(), None], "");
        check(Wish::Run(2), &[running(), running()], "job-1: started");
    }

    #[test]
    fn what_waits_at_the_site_has_not_started_and_can_be_stopped() {
        let queued = || Some(SeenReplica::Queued);
        check(Wish::Run(2), &[queued(), queued()], "");
        check(Wish::Run(2), &[queued(), running()], "");
        check(Wish::Stop(2), &[queued(), queued()], "job-1: stop");
        check(Wish::Nothing, &[queued()], "job-1: stop");
    }

    #[test]
    fn one_failing_replica_ends_the_gang_and_is_its_reason() {
        check(Wish::Run(2), &[running(), over(5, End::Exited(3))], "job-1: stop");
        check(Wish::Run(2), &[over(9, End::Cancelled), over(5, End::Exited(3))], "job-1: exited with code 3");
        check(Wish::Run(2), &[over(9, End::Killed(9)), over(5, End::Exited(3))], "job-1: exited with code 3");
    }

    #[test]
    fn nothing_is_told_before_every_replica_is_heard_of() {
        check(Wish::Run(2), &[over(5, End::NotStarted("no".to_owned())), None], "");
        check(Wish::Stop(2), &[over(5, End::Cancelled), None], "");
    }

    #[test]
    fn a_gang_is_over_when_its_last_replica_is() {
        check(Wish::Run(2), &[running(), over(5, End::Exited(0))], "job-1: started");
        check(Wish::Run(2), &[over(4, End::Exited(0)), over(5, End::Exited(0))], "job-1: exited with code 0");
    }

    #[test]
    fn a_job_stopped_before_it_was_launched_never_runs() {
        check(Wish::Stop(1), &[], "job-1: was cancelled");
        check(Wish::Stop(1), &[running()], "job-1: stop");
        check(Wish::Stop(1), &[over(5, End::Cancelled)], "job-1: was cancelled");
    }

    #[test]
    fn a_job_that_ended_by_itself_before_it_could_be_stopped_is_done() {
        check(Wish::Stop(1), &[over(5, End::Exited(0))], "job-1: exited with code 0");
    }

    #[test]
    fn what_nobody_wants_is_stopped_then_forgotten() {
        check(Wish::Nothing, &[running()], "job-1: stop");
        check(Wish::Nothing, &[over(5, End::Cancelled)], "job-1: forget");
        check(Wish::Nothing, &[], "");
    }

    #[test]
    fn usage_is_summed_over_replicas() {
        let seen = SeenJob { replicas: vec![over(4, End::Exited(0)), over(9, End::Exited(0))] };
        let [Command::Tell(Report::Ended(End::Exited(0), usage))] = &reconcile(Wish::Run(2), Some(&seen))[..] else {
            panic!("a job whose replicas are over is told");
        };
        assert_eq!((usage.run, usage.cpu, usage.peak_memory), (Span(9), CoreTime(14), Memory(6)));
    }
}
