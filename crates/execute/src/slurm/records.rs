//! What an attempt leaves in its folder: who runs it, and how each replica ended. It outlives Slurm's own memory of a job.

use std::fs;
use std::path::Path;

use dispatch::{End, LostReason};
use measure::{CoreTime, Span, Time};

/// Which of Slurm's jobs runs the attempt, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) slurm: u64,
    pub(super) since: Time,
}

/// How one replica ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) since: Time,
    pub(super) at: Time,
    pub(super) end: End,
    pub(super) cpu: CoreTime,
}

/// `1767225600.123456`, with whatever decimal point the shell's language has.
fn time(text: &str) -> Option<Time> {
    let (seconds, parts) = text.split_once(['.', ','])?;
    let milliseconds: i64 = parts.get(..3)?.parse().ok()?;
    Some(Time(seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(milliseconds)?))
}

/// `1m2.345s` in microseconds.
fn minutes(text: &str) -> Option<i64> {
    let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
    let (seconds, thousandths) = seconds.split_once(['.', ','])?;
    let whole = minutes.parse::<i64>().ok()?.checked_mul(60)?.checked_add(seconds.parse::<i64>().ok()?)?;
    whole.checked_mul(1_000_000)?.checked_add(thousandths.get(..3)?.parse::<i64>().ok()? * 1000)
}

/// `None` where nobody has begun, or where the file is not whole yet.
pub(super) fn claim(folder: &Path) -> Option<Claim> {
    read_claim(&fs::read_to_string(folder.join("claim")).ok()?)
}

fn read_claim(text: &str) -> Option<Claim> {
    let words: Vec<&str> = text.strip_suffix('\n')?.split(' ').collect();
    let [slurm, since, "."] = words[..] else { return None };
    Some(Claim { slurm: slurm.parse().ok()?, since: time(since)? })
}

/// `None` where the replica has not ended by itself, or the file is not whole yet.
pub(super) fn record(folder: &Path, replica: usize) -> Option<Record> {
    read_record(&fs::read_to_string(folder.join(format!("end.{replica}"))).ok()?)
}

/// After their last replica ended, jobs leave the queue within this.
const LEAVES_WITHIN: Span = Span::seconds(20);
/// When one replica failed, Slurm ends the others within this; it waits for half a minute between TERM and KILL.
const FOLLOWS_WITHIN: Span = Span::seconds(90);
/// All replicas of a gang begin within this.
const BEGINS_WITHIN: Span = Span::seconds(120);

/// Whether what starts a gang's replicas hangs, as it does when a controller or a node's daemon is killed at the wrong moment: by
/// what the replicas of a gang that began then have left behind.
pub(super) fn stuck(folder: &Path, replicas: usize, since: Time, now: Time) -> bool {
    let records: Vec<Option<Record>> = (0..replicas).map(|replica| record(folder, replica)).collect();
    let ended = records.iter().flatten();
    let all = records.iter().all(Option::is_some) && ended.clone().all(|record| record.at + LEAVES_WITHIN < now);
    let failed = ended.clone().any(|record| record.end != End::Exited(0) && record.at + FOLLOWS_WITHIN < now);
    let began = |replica: usize| folder.join(format!("replica-{replica}.stdout")).exists();
    let (some, every) = ((0..replicas).any(began), (0..replicas).all(began));
    all || failed || some && !every && since + BEGINS_WITHIN < now
}

/// A shell tells the end by a signal as a code above this.
const BY_SIGNAL: i32 = 128;
/// The highest number of a signal.
const SIGNAL_MOST: i32 = 64;

fn read_record(text: &str) -> Option<Record> {
    let lines: Vec<&str> = text.lines().collect();
    let [codes, problem, _own, children, "."] = lines[..] else { return None };
    let words: Vec<&str> = codes.split(' ').collect();
    let [code, since, at] = words[..] else { return None };
    let code: i32 = code.parse().ok()?;
    let end = match code {
        _ if !problem.is_empty() => End::NotStarted(problem.to_owned()),
        code if code > BY_SIGNAL && code <= BY_SIGNAL + SIGNAL_MOST => End::Killed(code - BY_SIGNAL),
        code => End::Exited(code),
    };
    let cpu = children.split(' ').map(minutes).try_fold(0, |sum: i64, more| sum.checked_add(more?))?;
    // Core-microseconds are the unit of core-time.
    Some(Record { since: time(since)?, at: time(at)?, end, cpu: CoreTime(cpu) })
}

/// Why Slurm wrote that it ended the job, if it did. Only Slurm writes there: what the job says goes to files of its own.
pub(super) fn ended_by_slurm(folder: &Path) -> Option<End> {
    let told = fs::read(folder.join(super::launch::SLURM_OUTPUT)).unwrap_or_default();
    read_slurm_output(&String::from_utf8_lossy(&told).to_lowercase())
}

fn read_slurm_output(told: &str) -> Option<End> {
    if ["memory limit", "oom-kill", "oom_kill", "out of memory"].iter().any(|words| told.contains(words)) {
        return Some(End::OverMemory);
    }
    // `slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***`
    let (_, due) = told.rsplit_once(" cancelled at ")?;
    Some(match due {
        _ if due.contains("due to time limit") => End::OverTime,
        _ if due.contains("due to node failure") => End::Lost(LostReason::NodeFailed),
        _ => End::Lost(LostReason::EndedBySite),
    })
}

/// What any text would say, were it one of these files.
pub(crate) fn told(text: &str) -> Vec<String> {
    let ended = read_slurm_output(&text.to_lowercase());
    vec![format!("{:?}", read_claim(text)), format!("{:?}", read_record(text)), format!("{ended:?}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_when_it_is_whole() {
        let text = "3 1767225600.123456 1767225661.500000\n\n0m0.001s 0m0.002s\n1m2.340s 0m0.010s\n.\n";
        let record = read_record(text).unwrap();
        assert_eq!((record.since, record.at), (Time(1_767_225_600_123), Time(1_767_225_661_500)));
        assert_eq!((record.end, record.cpu), (End::Exited(3), CoreTime(62_350_000)));
        for cut in 0..text.len() - 1 {
            assert_eq!(read_record(&text[..cut]), None, "{:?}", &text[..cut]);
        }
    }

    #[test]
    fn a_record_tells_signals_and_what_could_not_be_started() {
        let end = |code: &str, problem: &str| {
            read_record(&format!("{code} 1.000000 2,000000\n{problem}\n0m0.0s 0m0.0s\n0m0.000s 0m0.000s\n.\n")).unwrap().end
        };
        assert_eq!(end("143", ""), End::Killed(15));
        assert_eq!(end("255", ""), End::Exited(255));
        assert_eq!(end("127", "there is no program /x"), End::NotStarted("there is no program /x".to_owned()));
    }

    #[test]
    fn a_launcher_that_hangs_is_known_by_what_its_replicas_left() {
        let hangs = |ends: &[Option<(i32, i64)>], began: usize, now: i64| {
            let folder = tempfile::tempdir().unwrap();
            for (replica, end) in ends.iter().enumerate() {
                if let Some((code, at)) = end {
                    let text = format!("{code} 1.000000 {at}.000000\n\n0m0.0s 0m0.0s\n0m0.000s 0m0.000s\n.\n");
                    fs::write(folder.path().join(format!("end.{replica}")), text).unwrap();
                }
            }
            (0..began).for_each(|replica| fs::write(folder.path().join(format!("replica-{replica}.stdout")), "").unwrap());
            stuck(folder.path(), ends.len(), Time(1000), Time(now * 1000))
        };
        assert!(!hangs(&[Some((0, 10)), Some((0, 11))], 2, 30), "it may leave the queue yet");
        assert!(hangs(&[Some((0, 10)), Some((0, 11))], 2, 32), "all have ended");
        assert!(!hangs(&[Some((0, 10)), None], 2, 10_000), "the other one runs");
        assert!(!hangs(&[Some((3, 10)), None], 2, 99), "the other one is being ended");
        assert!(hangs(&[Some((3, 10)), None], 2, 101), "the other one should have been ended");
        assert!(!hangs(&[None, None], 1, 120), "the other one may begin yet");
        assert!(hangs(&[None, None], 1, 122), "the other one never begins");
        assert!(!hangs(&[None, None], 2, 10_000) && !hangs(&[None, None], 0, 10_000));
    }

    #[test]
    fn slurm_tells_why_it_ended_a_job() {
        let told = |text: &str| read_slurm_output(&text.to_lowercase());
        assert_eq!(told(""), None);
        assert_eq!(
            told(
                "slurmstepd-n1: error: StepId=1.batch exceeded memory limit (436297728 > 104857600), being killed\nslurmstepd-n1: error: *** JOB 1 ON n1 CANCELLED AT 2026-11-24T13:25:23 ***\n"
            ),
            Some(End::OverMemory)
        );
        let line = |due: &str| told(&format!("slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-01-01T00:00:00{due} ***\n"));
        assert_eq!(line(" DUE TO TIME LIMIT"), Some(End::OverTime));
        assert_eq!(line(" DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS"), Some(End::Lost(LostReason::NodeFailed)));
        assert_eq!(line(" DUE TO PREEMPTION"), Some(End::Lost(LostReason::EndedBySite)));
        assert_eq!(line(""), Some(End::Lost(LostReason::EndedBySite)));
    }

    #[test]
    fn a_claim_is_read_when_it_is_whole() {
        assert_eq!(read_claim("17 1767225600.123456 .\n"), Some(Claim { slurm: 17, since: Time(1_767_225_600_123) }));
        for cut in ["17 1767225600.123456 .", "17 1767225600.12", "17", ""] {
            assert_eq!(read_claim(cut), None);
        }
    }

    #[test]
    fn times_beyond_all_time_are_no_records() {
        assert_eq!(read_claim("7 9223372036854775807.999 .\n"), None);
        let children = |text: &str| read_record(&format!("0 1.000 2.000\n\n\n{text}\n.\n")).map(|record| record.cpu);
        assert_eq!(children("1m2.345s 0m0.010s"), Some(CoreTime(62_355_000)));
        assert_eq!(children("9223372036854775807m0.000s"), None);
        assert_eq!(children("153722867280m54.000s 153722867280m54.000s"), None);
    }
}
