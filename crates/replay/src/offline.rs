//! What jobs would have emitted had each run at once, and at best: with their lengths and all hours known, and nothing else in the way.
//! Bounds to compare with; no policy can know as much.

use census::SeriesKind;
use measure::Span;

use crate::signal::Signal;
use crate::trace::Trace;

const HOUR: i64 = Span::HOUR.0;

/// Sums over all jobs of cores × time × what an hour's signal says; in units that mean something as ratios only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Each at once.
    pub at_once: i128,
    /// Each at the best start within its patience.
    pub best_start: i128,
    /// Each in the best hours within its patience, with as many pauses as that takes, free of cost.
    pub best_hours: i128,
}

impl Sums {
    fn ratio(self, part: i128) -> Option<f64> {
        (self.at_once > 0).then(|| part as f64 / self.at_once as f64)
    }

    /// The best starts against running at once.
    pub fn start_ratio(self) -> Option<f64> {
        self.ratio(self.best_start)
    }

    /// The best hours against running at once.
    pub fn hours_ratio(self) -> Option<f64> {
        self.ratio(self.best_hours)
    }
}

/// The sums of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offline {
    /// By the carbon signal, where there is one.
    pub carbon: Option<Sums>,
    /// By the price of electricity, where it is a signal.
    pub cost: Option<Sums>,
    /// Thousandths of cores × milliseconds of all jobs.
    pub core_time: i128,
}

impl Offline {
    /// Of a trace whose jobs are cores; `None` without a signal.
    pub(crate) fn of(trace: &Trace, signals: &[Signal]) -> Option<Offline> {
        trace.power_per_core?;
        if signals.is_empty() {
            return None;
        }
        let sums = |kind| signals.iter().find(|signal| signal.kind == kind).map(|signal| sums(trace, signal));
        let core_time = trace.jobs.iter().map(|job| i128::from(job.shape.cpu.0) * i128::from(job.run.0)).sum();
        Some(Offline { carbon: sums(SeriesKind::Carbon), cost: sums(SeriesKind::Electricity), core_time })
    }
}

fn sums(trace: &Trace, signal: &Signal) -> Sums {
    let ends = trace.jobs.iter().map(|job| job.submit + job.run + job.spec.patience.unwrap_or(Span::ZERO));
    let last = ends.max().unwrap_or(Span::ZERO);
    let hours = Curve::of((0..=last.0 / HOUR + 1).map(|hour| signal.at(hour)).collect());
    let mut sums = Sums::default();
    for job in &trace.jobs {
        let (from, run, wait) = (job.submit.0, job.run.0, job.spec.patience.unwrap_or(Span::ZERO).0);
        let cores = i128::from(job.shape.cpu.0);
        sums.at_once += cores * hours.run(from, run);
        sums.best_start += cores * hours.best_start(from, run, wait);
        sums.best_hours += cores * hours.best_hours(from, run, wait);
    }
    sums
}

/// An hourly signal and its sums.
struct Curve {
    values: Vec<i64>,
    sums: Vec<i128>,
}

impl Curve {
    fn of(values: Vec<i64>) -> Curve {
        let mut sums = vec![0_i128];
        values
            .iter()
            .for_each(|value| sums.push(sums.last().expect("it begins with one") + i128::from(*value) * i128::from(HOUR)));
        Curve { values, sums }
    }

    fn up_to(&self, at: i64) -> i128 {
        let hour = (at / HOUR) as usize;
        self.sums[hour] + self.values.get(hour).map_or(0, |value| i128::from(*value) * i128::from(at % HOUR))
    }

    fn run(&self, from: i64, run: i64) -> i128 {
        self.up_to(from + run) - self.up_to(from)
    }

    /// A sum over a window changes evenly between hours, so the best window begins or ends with one, or is the first or the last.
    fn best_start(&self, from: i64, run: i64, wait: i64) -> i128 {
        let begins = (from / HOUR + 1..).map(|hour| hour * HOUR);
        let ends = ((from + run) / HOUR + 1..).map(|hour| hour * HOUR - run);
        let within = |start: &i64| *start <= from + wait;
        let all = [from, from + wait].into_iter().chain(begins.take_while(within)).chain(ends.take_while(within));
        all.map(|start| self.run(start, run)).min().expect("there is one at least")
    }

    fn best_hours(&self, from: i64, run: i64, wait: i64) -> i128 {
        let end = from + run + wait;
        let mut hours: Vec<(i64, i64)> = (from / HOUR..=(end - 1).max(from) / HOUR)
            .map(|hour| (self.values[hour as usize], end.min((hour + 1) * HOUR) - from.max(hour * HOUR)))
            .collect();
        hours.sort_unstable();
        let (mut left, mut sum) = (run, 0_i128);
        for (value, room) in hours {
            let taken = room.min(left);
            sum += i128::from(value) * i128::from(taken);
            left -= taken;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_window_begins_or_ends_with_an_hour_and_the_best_hours_lie_apart() {
        let curve = Curve::of(vec![50, 10, 40, 20, 90, 90]);
        let minutes = |minutes: i64| minutes * 60_000;
        // From half past the first hour, ninety minutes, three hours to wait.
        let (from, run, wait) = (minutes(30), minutes(90), minutes(180));
        assert_eq!(curve.run(from, run), i128::from(minutes(30) * 50 + minutes(60) * 10));
        assert_eq!(curve.best_start(from, run, wait), i128::from(minutes(60) * 10 + minutes(30) * 40));
        assert_eq!(curve.best_hours(from, run, wait), i128::from(minutes(60) * 10 + minutes(30) * 20));
        assert_eq!(curve.best_start(from, run, 0), curve.run(from, run));
        assert_eq!(curve.best_hours(from, run, 0), curve.run(from, run));
        // No window is better than the hours apart, and no start in between is better than those looked at.
        let each = (0..=180).map(|minute| curve.run(from + minutes(minute), run)).min();
        assert_eq!(each, Some(curve.best_start(from, run, wait)));
    }
}
