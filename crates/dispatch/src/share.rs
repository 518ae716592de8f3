//! What a tenant holds and used, in quantities that compare over the whole fleet, and its share of them.
//!
//! Devices are weighed by their value (their dense fp16 peak), so that an hour of one model compares with an hour of
//! another. Past use is forgotten by half every half-life. It is kept exactly: splitting a span in two changes nothing,
//! so whoever looks in between, or not, sees the same shares.

use measure::{Span, Time};
use serde::{Deserialize, Serialize};

/// Steps of forgetting in one half-life.
const STEPS: i64 = 32;
/// 2^(-1/32) in units of 2^-32: what is left after one step.
const KEPT_A_STEP: u128 = 4_202_935_003;
/// What is left after 32 half-lives is nothing.
const STEPS_MOST: i64 = 32 * STEPS;

/// Device-value in thousandths (see [`VALUE_UNIT`]), thousandths of cores, and mebibytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) value: u64,
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
}

/// A device of 100 TFLOPS dense fp16 is worth 1000; so is one of unknown power.
pub(crate) const VALUE_UNIT: u64 = 1000;
/// Millions of operations a second for one thousandth of value.
pub(crate) const MEGA_A_VALUE: u64 = 100_000_000 / VALUE_UNIT;

impl Amount {
    pub(crate) fn add(&mut self, other: Amount) {
        self.value += other.value;
        self.cpu += other.cpu;
        self.memory += other.memory;
    }

    pub(crate) fn take(&mut self, other: Amount) {
        self.value -= other.value;
        self.cpu -= other.cpu;
        self.memory -= other.memory;
    }

    fn parts(self) -> [u64; 3] {
        [self.value, self.cpu, self.memory]
    }
}

/// Use of the past: amounts × milliseconds, as of the last step of forgetting, and what came since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The step up to which `settled` is summed and forgotten.
    step: i64,
    /// Value, cores and memory × milliseconds at that step.
    settled: [u128; 3],
    /// What was used since that step.
    since: [u128; 3],
    /// Up to when.
    to: Time,
}

/// How fast use is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forgetting(i64);

impl Forgetting {
    pub(crate) fn half_life(half_life: Span) -> Forgetting {
        Forgetting((half_life.0 / STEPS).max(1))
    }

    pub(crate) fn step_of(self, at: Time) -> i64 {
        at.0.div_euclid(self.0)
    }

    pub(crate) fn span(self) -> Span {
        Span(self.0 * STEPS)
    }
}

impl Use {
    /// Moves on to `at`, with `held` all the while.
    pub(crate) fn move_to(&mut self, at: Time, held: Amount, forgetting: Forgetting) {
        let held = held.parts();
        let step = forgetting.step_of(at);
        if self.to.0 < at.0 {
            let from_step = forgetting.step_of(self.to);
            if step > from_step {
                let boundary = Time((from_step + 1) * forgetting.0);
                self.gather(held, boundary);
                self.settle(from_step + 1);
                // Whole steps in between, at most until everything before is forgotten.
                let first = (step - STEPS_MOST).max(from_step + 1);
                if first > self.step {
                    self.settled = [0; 3];
                    self.step = first;
                }
                for next in first + 1..=step {
                    self.to = Time((next - 1) * forgetting.0);
                    self.gather(held, Time(next * forgetting.0));
                    self.settle(next);
                }
                self.to = Time(step * forgetting.0);
            }
            self.gather(held, at);
        }
        if step > self.step {
            self.settle(step);
        }
    }

    fn gather(&mut self, held: [u64; 3], to: Time) {
        let span = u128::from((to - self.to).0.unsigned_abs());
        for (sum, held) in self.since.iter_mut().zip(held) {
            *sum += u128::from(held) * span;
        }
        self.to = to;
    }

    fn settle(&mut self, step: i64) {
        let steps = step - self.step;
        for (settled, since) in self.settled.iter_mut().zip(&mut self.since) {
            *settled += std::mem::take(since);
            if steps > STEPS_MOST {
                *settled = 0;
            } else {
                for _ in 0..steps {
                    *settled = (*settled * KEPT_A_STEP) >> 32;
                }
            }
        }
        self.step = step;
    }

    /// The dominant share of the fleet, in parts of 2^40: what was used up to the last step before `at`, and what is held
    /// now as if it had been held for a half-life, over what the fleet could have given.
    pub(crate) fn dominant(&self, at: Time, held: Amount, fleet: Amount, forgetting: Forgetting) -> u64 {
        let settled = match forgetting.step_of(at) {
            step if step > self.step => {
                let mut moved = *self;
                moved.move_to(Time(step * forgetting.0), held, forgetting);
                moved.settled
            }
            _ => self.settled,
        };
        let span = u128::from(forgetting.span().0.unsigned_abs());
        let share = |((used, held), all): ((u128, u64), u64)| {
            let whole = u128::from(all) * span * 2;
            ((used + u128::from(held) * span) << 40).checked_div(whole).unwrap_or(0)
        };
        let most = settled.into_iter().zip(held.parts()).zip(fleet.parts()).map(share).max();
        u64::try_from(most.unwrap_or(0)).unwrap_or(u64::MAX)
    }

    /// Used so far, in value × milliseconds, for showing.
    pub(crate) fn value(&self) -> u128 {
        self.settled[0] + self.since[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Amount = Amount { value: 8000, cpu: 64_000, memory: 1024 };

    #[test]
    fn looking_in_between_changes_nothing() {
        let forgetting = Forgetting::half_life(Span::HOUR);
        let moved = |stops: &[i64]| {
            let mut used = Use::default();
            stops.iter().for_each(|stop| used.move_to(Time(*stop), HELD, forgetting));
            used
        };
        let all = moved(&[40_000_000]);
        for between in [1, 112_499, 112_500, 112_501, 3_600_000, 39_999_999] {
            assert_eq!(moved(&[between, 40_000_000]), all, "a stop at {between}");
        }
        assert_eq!(moved(&[1 << 50, (1 << 50) + 7]), moved(&[5, (1 << 50) + 7]));
    }

    #[test]
    fn half_is_left_after_a_half_life() {
        let forgetting = Forgetting::half_life(Span::HOUR);
        let mut used = Use::default();
        used.move_to(Time(112_500), HELD, forgetting);
        let before = used.value();
        used.move_to(Time(112_500 + 3_600_000), Amount::default(), forgetting);
        assert!((before / 2).abs_diff(used.value()) < before / 100_000, "{} of {before}", used.value());
    }
}
