//! How long runs are, as a distribution: what a tenant's runs that ended say of one that has not.

use std::collections::BTreeMap;

use measure::Span;
use serde::{Deserialize, Serialize};

/// 2^(j/8) in units of 2^-16: an octave is cut into eight.
const EIGHTHS: [u64; 8] = [65_536, 71_468, 77_936, 84_990, 92_682, 101_070, 110_218, 120_194];
/// Beyond so many runs, older ones count half as much.
const COUNTED_MOST: u32 = 8192;

/// Runs that ended, counted by their length in eighths of an octave of milliseconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Lengths {
    counts: BTreeMap<u16, u32>,
    total: u32,
}

impl PartialEq for Lengths {
    /// Histories that were shortened before lengths were counted have forgotten some: that is no difference between hubs.
    fn eq(&self, _: &Lengths) -> bool {
        true
    }
}

impl Eq for Lengths {}

/// Which eighth of an octave a length lies in.
fn eighth(ms: i64) -> u16 {
    // Below, eighths are no longer whole milliseconds apart.
    let ms = ms.max(256).unsigned_abs();
    let octave = ms.ilog2();
    let mantissa = ((u128::from(ms) << 16) >> octave) as u64;
    let within = EIGHTHS.iter().rposition(|bound| *bound <= mantissa).unwrap_or(0);
    (octave * 8) as u16 + within as u16
}

/// The shortest length of an eighth, in milliseconds.
fn least(eighth: u16) -> i64 {
    let (octave, within) = (u32::from(eighth / 8), usize::from(eighth % 8));
    i64::try_from((u128::from(EIGHTHS[within]) << octave) >> 16).unwrap_or(i64::MAX)
}

impl Lengths {
    /// Takes a run over that has ended.
    pub(crate) fn learn(&mut self, run: Span) {
        *self.counts.entry(eighth(run.0)).or_default() += 1;
        self.total += 1;
        if self.total > COUNTED_MOST {
            self.counts.retain(|_, count| {
                *count /= 2;
                *count > 0
            });
            self.total = self.counts.values().sum();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How many runs are counted.
    pub(crate) fn total(&self) -> u32 {
        self.total
    }
}

/// What of a second of a run counts in sums of [`Survival`], so that a rare length is not rounded away.
const UNIT: i64 = 64;
/// A guess before anything is known: one run in each octave between a minute and eighteen hours.
const GUESSED: std::ops::RangeInclusive<u16> = 16..=26;

/// For each length, how likely a run is that long, and how much of it has been run by then on average.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survival {
    /// Lengths, ascending from zero: at each, how many runs are longer, and the mean time run by then in 64ths of a millisecond.
    steps: Vec<(i64, i64, i64)>,
    total: i64,
}

impl Survival {
    /// Of runs that ended, none of which may be longer than a limit.
    pub(crate) fn of(lengths: &Lengths, limit: Option<Span>) -> Survival {
        let guessed = || GUESSED.map(|octave| (octave * 8, 1_i64));
        let known = lengths.counts.iter().map(|(eighth, count)| (*eighth, i64::from(*count)));
        let mut counts: BTreeMap<u16, i64> = guessed().collect();
        // A guess is worth little once there is more to go by.
        if lengths.total >= 64 {
            counts.clear();
        }
        known.for_each(|(eighth, count)| *counts.entry(eighth).or_default() += count);
        let total: i64 = counts.values().sum();
        let mut steps = vec![(0, total, 0)];
        let limit = limit.map_or(i64::MAX, |limit| limit.0.max(1));
        let mut longer = total;
        for (eighth, count) in counts {
            let (from, to) = (least(eighth).min(limit), least(eighth + 1).min(limit));
            let push = |steps: &mut Vec<(i64, i64, i64)>, at: i64, longer: i64| {
                let (last, before, sum) = *steps.last().expect("it begins at zero");
                let area = i128::from(at - last) * i128::from(before + longer) * i128::from(UNIT) / (2 * i128::from(total));
                steps.push((at, longer, sum + area as i64));
            };
            push(&mut steps, from, longer);
            longer = if to >= limit { 0 } else { longer - count };
            push(&mut steps, to, longer);
            if to >= limit {
                break;
            }
        }
        Survival { steps, total }
    }

    /// Of a run whose length is known.
    pub(crate) fn exactly(run: Span) -> Survival {
        let run = run.0.max(1);
        Survival { steps: vec![(0, 1, 0), (run, 1, run * UNIT), (run, 0, run * UNIT)], total: 1 }
    }

    fn step(&self, at: i64) -> usize {
        self.steps.partition_point(|(from, ..)| *from <= at).saturating_sub(1)
    }

    /// How many of all runs are longer, in parts of [`Survival::total`].
    pub(crate) fn longer(&self, at: i64) -> i64 {
        let step = self.step(at.max(0));
        let (from, longer, _) = self.steps[step];
        match self.steps.get(step + 1) {
            None => 0,
            Some((to, after, _)) => {
                longer - ((longer - after) as i128 * (at.max(0) - from) as i128 / (to - from).max(1) as i128) as i64
            }
        }
    }

    /// Of how many runs.
    pub(crate) fn total(&self) -> i64 {
        self.total
    }

    /// How much of a run has been run on average once it was given so long, in 64ths of a millisecond.
    pub(crate) fn by(&self, at: i64) -> i64 {
        if at <= 0 {
            return 0;
        }
        let step = self.step(at);
        let (from, longer, sum) = self.steps[step];
        if self.steps.get(step + 1).is_none() {
            return sum;
        }
        let here = self.longer(at);
        sum + (i128::from(at - from) * i128::from(longer + here) * i128::from(UNIT) / (2 * i128::from(self.total))) as i64
    }

    /// What is thought to run in each whole hour of a run that has lasted so long, in 64ths of a millisecond of all runs, up to where no
    /// more than one in five hundred such runs goes on: what lies beyond changes no choice that is worth making.
    pub(crate) fn hourly(&self, ran: i64) -> Vec<i64> {
        let mut weights = Vec::new();
        let few = (self.longer(ran) / 500).max(0);
        let (mut at, mut before, mut step) = (ran, self.by(ran), self.step(ran.max(0)));
        while at < self.longest() {
            at += Span::HOUR.0;
            while self.steps.get(step + 1).is_some_and(|(to, ..)| *to <= at) {
                step += 1;
            }
            let (by, longer) = self.at_step(step, at);
            weights.push(by - before);
            before = by;
            if longer <= few {
                break;
            }
        }
        weights
    }

    /// Within a step: what has been run by then, and how many runs are longer.
    fn at_step(&self, step: usize, at: i64) -> (i64, i64) {
        let (from, longer, sum) = self.steps[step];
        let Some((to, after, _)) = self.steps.get(step + 1) else { return (sum, 0) };
        let here = longer - ((longer - after) as i128 * (at - from) as i128 / (to - from).max(1) as i128) as i64;
        (sum + (i128::from(at - from) * i128::from(longer + here) * i128::from(UNIT) / (2 * i128::from(self.total))) as i64, here)
    }

    /// The longest there is.
    pub(crate) fn longest(&self) -> i64 {
        self.steps.last().expect("it begins at zero").0
    }

    /// The mean of what is left of a run that has lasted so long; `None` if none was ever so long.
    pub(crate) fn left(&self, ran: i64) -> Option<Span> {
        let longer = self.longer(ran);
        (longer > 0).then(|| {
            let left = i128::from(self.by(self.longest()) - self.by(ran)) * i128::from(self.total) / i128::from(longer);
            Span((left / i128::from(UNIT)) as i64)
        })
    }

    /// So long that of runs that have lasted `ran`, so many thousandths are over by then.
    pub(crate) fn within(&self, ran: i64, permille: u32) -> Span {
        let longer = self.longer(ran);
        if longer == 0 {
            return Span(ran);
        }
        let few = |at: i64| i128::from(self.longer(at)) * 1000 <= i128::from(longer) * i128::from(1000 - permille.min(1000));
        let (mut low, mut high) = (ran, self.longest());
        while low + 1000 < high {
            let middle = low + (high - low) / 2;
            if few(middle) { high = middle } else { low = middle }
        }
        Span(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighths_of_octaves_lie_side_by_side() {
        for ms in [256, 300, 999, 1000, 65_536, 71_467, 71_468, 3_600_000, i64::MAX / 4] {
            let eighth = eighth(ms);
            assert!(least(eighth) <= ms && ms < least(eighth + 1), "{ms}");
        }
    }

    #[test]
    fn what_is_left_of_a_run_grows_with_how_long_it_lasted() {
        let mut lengths = Lengths::default();
        (0..900).for_each(|_| lengths.learn(Span::seconds(600)));
        (0..100).for_each(|_| lengths.learn(Span(36_000_000)));
        let survival = Survival::of(&lengths, None);
        let hours = |span: Option<Span>| span.map(|span| span.0 as f64 / 3.6e6);
        let mean = hours(survival.left(0)).unwrap();
        assert!((1.0..1.4).contains(&mean), "{mean}");
        let later = hours(survival.left(3_600_000)).unwrap();
        assert!((8.5..9.5).contains(&later), "{later}");
        assert_eq!(survival.left(50_000_000), None);
        assert!(survival.within(0, 850).0 < 700_000);
        assert!(survival.within(0, 950).0 > 33_000_000);
        assert_eq!(survival.by(i64::MAX / 4), survival.by(survival.longest()));
    }

    #[test]
    fn counts_are_read_as_they_were_written() {
        let mut lengths = Lengths::default();
        (1..100).for_each(|minutes| lengths.learn(Span(minutes * 60_000)));
        let read: Lengths = serde_json::from_str(&serde_json::to_string(&lengths).unwrap()).unwrap();
        assert_eq!((read.counts, read.total), (lengths.counts, lengths.total));
    }

    #[test]
    fn a_known_length_is_all_there_is() {
        let survival = Survival::exactly(Span(1000));
        assert_eq!((survival.by(500), survival.by(2000)), (500 * UNIT, 1000 * UNIT));
        assert_eq!(survival.left(400), Some(Span(600)));
        assert_eq!((survival.longer(999), survival.longer(1000)), (1, 0));
    }

    #[test]
    fn nothing_runs_longer_than_its_limit() {
        let mut lengths = Lengths::default();
        (0..100).for_each(|_| lengths.learn(Span(36_000_000)));
        let survival = Survival::of(&lengths, Some(Span(7_200_000)));
        assert_eq!(survival.longest(), 7_200_000);
        assert_eq!(survival.by(7_200_000), 7_200_000 * UNIT);
    }
}
