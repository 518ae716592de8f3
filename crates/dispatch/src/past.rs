//! How long jobs run, learned from those of the same tenant that have ended. Never a job's own time before its end.
//!
//! What tells most of a job is its siblings: the same wish, submitted shortly before. They are a burst. While none of a
//! burst has ended, it is thought to be short, so that one of it runs early and shows; each second that one runs makes all of
//! them look longer, and each that ends makes them look like it.

use std::collections::{BTreeMap, VecDeque};

use measure::{JobId, Span, Time};
use serde::{Deserialize, Serialize};

use crate::fact::Spec;
use crate::lengths::Lengths;

/// Runs remembered of each width.
const REMEMBERED: usize = 64;
/// What a job is taken to run of whose like nobody knows any.
pub(crate) const UNKNOWN_RUN: Span = Span::HOUR;
/// A submission belongs to the burst of the one before it if it comes no later after it.
const BURST_GAP: Span = Span::seconds(1800);
/// Estimates look at what runs, and at what other jobs showed, as of the last full step.
pub(crate) const STEP: i64 = 600_000;
/// Bursts that may go on, of one tenant; the oldest are closed beyond.
const CURRENT_MOST: usize = 256;
/// Kinds of work of one tenant whose runs are counted apart; the ones not heard of for longest are forgotten beyond.
const LIKES_MOST: usize = 256;
/// With fewer runs of its own kind, a job is taken to run as all of its tenant's do.
const ALIKE_LEAST: u32 = 64;
/// The width under which all runs of a tenant are remembered together.
const ANY: u8 = u8::MAX;

/// The latest runs of one width.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Latest {
    runs: VecDeque<Span>,
    sum: i64,
    /// The step of the last change, and the mean before it.
    step: i64,
    before: Option<Span>,
}

impl Latest {
    fn mean(&self) -> Option<Span> {
        (!self.runs.is_empty()).then(|| Span(self.sum / self.runs.len() as i64))
    }

    fn mean_at(&self, step: i64) -> Option<Span> {
        if self.step < step { self.mean() } else { self.before }
    }

    fn learn(&mut self, run: Span, step: i64) {
        if step > self.step {
            (self.before, self.step) = (self.mean(), step);
        }
        if self.runs.len() == REMEMBERED {
            self.sum -= self.runs.pop_front().map_or(0, |run| run.0);
        }
        self.sum += run.0;
        self.runs.push_back(run);
    }
}

/// One burst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Burst {
    /// Devices of each of its jobs, all replicas together; at least one.
    devices: u32,
    /// Jobs that have not ended.
    live: u32,
    /// Jobs that ended after a run, and how long they ran together.
    ended: i64,
    ran: i64,
    /// Jobs with a place, and the sum of the instants at which they got it.
    placed: i64,
    placed_sum: i64,
}

/// A burst that may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Current {
    devices: u32,
    stem: String,
    first: JobId,
    last: Time,
}

/// What jobs of a tenant have in common that run about as long: their name without the number at its end, and how wide they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Like(u64);

impl Like {
    pub(crate) fn of(spec: &Spec) -> Like {
        let cores = spec.shape.cpu.times(spec.shape.replicas).0.div_ceil(1000);
        let width = match spec.devices() {
            0 => width(u32::try_from(cores).unwrap_or(u32::MAX)),
            devices => width(devices) | 1 << 7,
        };
        // FNV-1a, as what is written in a history stands for the same later. Two kinds of one number are counted together.
        let fold = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Like(stem(&spec.name).as_bytes().iter().chain([&width]).fold(0xcbf2_9ce4_8422_2325, fold))
    }
}

/// The lengths of runs by what jobs have in common, and when one of them last ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Alike(BTreeMap<Like, (Time, Lengths)>);

impl PartialEq for Alike {
    /// As of [`Lengths`].
    fn eq(&self, _: &Alike) -> bool {
        true
    }
}

impl Eq for Alike {}

impl Alike {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn learn(&mut self, like: Like, run: Span, at: Time) {
        let (last, lengths) = self.0.entry(like).or_default();
        *last = at;
        lengths.learn(run);
        if self.0.len() > LIKES_MOST {
            let oldest = self.0.iter().map(|(like, (last, _))| (*last, *like)).min();
            oldest.map(|(_, like)| self.0.remove(&like));
        }
    }
}

/// Run times of a tenant's ended jobs, the latest of each width, and its bursts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    by_width: BTreeMap<u8, Latest>,
    bursts: BTreeMap<JobId, Burst>,
    /// All runs that ended, by their length.
    #[serde(default, skip_serializing_if = "Lengths::is_empty")]
    lengths: Lengths,
    /// The same by what jobs have in common.
    #[serde(default, skip_serializing_if = "Alike::is_empty")]
    alike: Alike,
    /// By devices and stem.
    current: Vec<Current>,
}

/// The width class of a job: the power of two at or above its devices.
fn width(devices: u32) -> u8 {
    devices.clamp(1, 1 << 31).next_power_of_two().trailing_zeros() as u8
}

/// A name without the number at its end: what jobs of one burst have in common.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|last: char| last.is_ascii_digit() || matches!(last, '-' | '_' | '.'))
}

pub(crate) fn step_of(at: Time) -> i64 {
    at.0.div_euclid(STEP)
}

impl Runs {
    /// The burst that a job belongs to, named by its first; the job is counted in.
    pub(crate) fn join(&mut self, id: JobId, devices: u32, name: &str, at: Time) -> JobId {
        let (devices, stem) = (devices.max(1), stem(name));
        let found = self.current.binary_search_by(|known| (known.devices, known.stem.as_str()).cmp(&(devices, stem)));
        let first = match found {
            Ok(found) => {
                let known = &mut self.current[found];
                if at - known.last > BURST_GAP {
                    let old = std::mem::replace(&mut known.first, id);
                    known.last = at;
                    self.forget_idle(old);
                    id
                } else {
                    known.last = at;
                    known.first
                }
            }
            Err(found) => {
                self.current.insert(found, Current { devices, stem: stem.to_owned(), first: id, last: at });
                if self.current.len() > CURRENT_MOST {
                    let oldest = (0..self.current.len()).min_by_key(|at| (self.current[*at].last, self.current[*at].first));
                    let closed = self.current.remove(oldest.expect("there are many"));
                    self.forget_idle(closed.first);
                }
                id
            }
        };
        let burst = self.bursts.entry(first).or_insert(Burst { devices, ..Burst::default() });
        burst.live += 1;
        first
    }

    fn forget_idle(&mut self, first: JobId) {
        if self.bursts.get(&first).is_some_and(|burst| burst.live == 0) {
            self.bursts.remove(&first);
        }
    }

    pub(crate) fn placed(&mut self, first: JobId, at: Time) {
        if let Some(burst) = self.bursts.get_mut(&first) {
            burst.placed += 1;
            burst.placed_sum += at.0;
        }
    }

    /// The place got at `at` is given back.
    pub(crate) fn given_back(&mut self, first: JobId, at: Time) {
        if let Some(burst) = self.bursts.get_mut(&first) {
            burst.placed -= 1;
            burst.placed_sum -= at.0;
        }
    }

    /// A job of the burst ended, after a run if it had one.
    pub(crate) fn ended(&mut self, first: JobId, like: Like, run: Option<Span>, at: Time) {
        let Some(burst) = self.bursts.get_mut(&first) else { return };
        burst.live -= 1;
        let devices = burst.devices;
        if let Some(run) = run {
            burst.ended += 1;
            burst.ran += run.0;
            self.lengths.learn(run);
            self.alike.learn(like, run, at);
            for width in [width(devices), ANY] {
                self.by_width.entry(width).or_default().learn(run, step_of(at));
            }
        }
        if !self.current.iter().any(|known| known.first == first) {
            self.forget_idle(first);
        }
    }

    /// How long a job of this width is thought to run, by what others showed before a step.
    fn like(&self, devices: u32, step: i64) -> Span {
        let mean = |width| self.by_width.get(&width).and_then(|latest| latest.mean_at(step));
        mean(width(devices)).or_else(|| mean(ANY)).unwrap_or(UNKNOWN_RUN)
    }

    /// How long a job of a burst is thought to run, as of a step: (C/2 + 16 A) / (4 + 16 E), where C is the mean of its like,
    /// A what the burst ran so far and E how many of it have ended.
    pub(crate) fn estimate(&self, first: JobId, step: i64) -> Span {
        let Some(burst) = self.bursts.get(&first) else { return UNKNOWN_RUN };
        let running = (burst.placed * step * STEP - burst.placed_sum).max(0);
        let shown = self.like(burst.devices, step).0 / 2 + 16 * (burst.ran + running);
        Span((shown / (4 + 16 * burst.ended)).max(1))
    }

    /// How long runs of a kind of work were, where enough are known; else how long all its runs were.
    pub(crate) fn lengths(&self, like: Like) -> (&Lengths, Option<Like>) {
        match self.alike.0.get(&like).filter(|(_, lengths)| lengths.total() >= ALIKE_LEAST) {
            Some((_, lengths)) => (lengths, Some(like)),
            None => (&self.lengths, None),
        }
    }

    /// Devices of each job of a burst.
    pub(crate) fn devices(&self, first: JobId) -> u32 {
        self.bursts.get(&first).map_or(1, |burst| burst.devices)
    }
}

/// 256 × log2, piecewise linear between powers of two.
pub(crate) fn log2_256(number: u64) -> i64 {
    let exponent = i64::from(number.max(1).ilog2());
    let mantissa = (u128::from(number.max(1)) << 8 >> exponent) as i64 - 256;
    exponent * 256 + mantissa
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_ended_shows_what_its_siblings_are() {
        let mut runs = Runs::default();
        let first = runs.join(JobId(1), 8, "train-1", Time(0));
        assert_eq!(runs.join(JobId(2), 8, "train-2", Time(1_800_000)), first);
        assert_ne!(runs.join(JobId(3), 8, "other", Time(1_800_000)), first);
        assert_eq!(runs.estimate(first, 0), Span(UNKNOWN_RUN.0 / 8));
        runs.placed(first, Time(0));
        assert!(runs.estimate(first, 600) > Span(4 * 3_500_000), "the longer one runs, the longer they look");
        runs.given_back(first, Time(0));
        runs.ended(first, Like::of(&Spec::default()), Some(Span(200_000)), Time(200_000));
        let known = runs.estimate(first, 600);
        assert!((150_000..250_000).contains(&known.0), "{known}");
    }

    #[test]
    fn work_is_alike_by_the_stem_of_its_name_and_its_width() {
        let spec = |name: &str, cpu: u64| {
            let mut spec = Spec { name: name.to_owned(), ..Spec::default() };
            spec.shape.cpu = measure::Cpu::cores(cpu);
            spec
        };
        let like = |name: &str, cpu: u64| Like::of(&spec(name, cpu));
        assert_eq!(like("train-1", 3), like("train-22", 4));
        assert!(like("train-1", 4) != like("train-1", 5) && like("train", 4) != like("report", 4));
        let mut runs = Runs::default();
        for job in 0..200 {
            let short = job % 2 == 0;
            let (kind, run) = if short { ("report", 60) } else { ("train", 36_000) };
            let first = runs.join(JobId(job), 0, kind, Time(0));
            runs.ended(first, like(kind, 1), Some(Span::seconds(run)), Time(1));
        }
        let known = |name: &str| (runs.lengths(like(name, 1)).0.total(), runs.lengths(like(name, 1)).1.is_some());
        assert_eq!((known("report"), known("train"), known("other")), ((100, true), (100, true), (200, false)));
        for job in 0..300 {
            let first = runs.join(JobId(1000 + job), 0, "x", Time(2));
            runs.ended(first, Like(job), Some(Span(1)), Time(2 + job as i64));
        }
        assert_eq!(runs.alike.0.len(), LIKES_MOST, "what nobody submits any more is forgotten");
        assert_eq!(runs.lengths(like("report", 1)).1, None);
    }

    #[test]
    fn logarithms_rise_steadily() {
        assert_eq!([1, 2, 3, 4, 1 << 40].map(log2_256), [0, 256, 384, 512, 40 * 256]);
        assert!((1..5000).all(|number| log2_256(number) <= log2_256(number + 1)));
    }
}
