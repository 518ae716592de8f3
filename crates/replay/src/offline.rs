//! What jobs would have emitted had each run at once, and at best: with their lengths and all hours known, and nothing else in the way.
//! Bounds to compare with; no policy can know as much.

use census::SeriesKind;
use measure::{Name, Power, Pue, Span};

use crate::signal::Signal;
use crate::trace::{Trace, TraceJob};

const HOUR: i64 = Span::HOUR.0;

/// What all jobs come to together, in kilograms or yuan, at what a core of the trace draws.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// Each at once; `None` where sites differ, as it is not said then at which.
    pub at_once: Option<f64>,
    /// Each at the best start within its patience, at the best site.
    pub best_start: f64,
    /// Each in the best hours within its patience, with as many pauses as that takes, free of cost, at the best site of each hour.
    pub best_hours: f64,
}

/// The sums of a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offline {
    /// By the carbon signals, where there are any.
    pub carbon: Option<Sums>,
    /// By the price of electricity, where it is a signal.
    pub cost: Option<Sums>,
    /// Thousandths of cores × milliseconds of all jobs.
    pub core_time: i128,
}

impl Offline {
    /// Of jobs of a trace that counts cores; `None` without a signal.
    pub(crate) fn of<'a>(
        trace: &Trace,
        jobs: impl Iterator<Item = &'a TraceJob> + Clone,
        signals: &[Signal],
        pue: impl Fn(Option<&Name>) -> Pue,
    ) -> Option<Offline> {
        let power = trace.power_per_core?;
        if signals.is_empty() {
            return None;
        }
        let sums = |kind| {
            let of_kind: Vec<&Signal> = signals.iter().filter(|signal| signal.kind == kind).collect();
            let pues: Vec<i64> = of_kind.iter().map(|signal| i64::from(pue(signal.site.as_ref()).0)).collect();
            (!of_kind.is_empty()).then(|| sums(jobs.clone(), &of_kind, &pues, power))
        };
        let core_time = jobs.clone().map(|job| i128::from(job.shape.cpu.0) * i128::from(job.run.0)).sum();
        Some(Offline { carbon: sums(SeriesKind::Carbon), cost: sums(SeriesKind::Electricity), core_time })
    }
}

/// With the facility's share of each site, in thousandths.
fn sums<'a>(jobs: impl Iterator<Item = &'a TraceJob> + Clone, signals: &[&Signal], pues: &[i64], power: Power) -> Sums {
    let ends = jobs.clone().map(|job| job.submit + job.run + job.spec.patience.unwrap_or(Span::ZERO));
    let last = ends.max().unwrap_or(Span::ZERO);
    let curve = |at: &dyn Fn(i64) -> i64| Curve::of((0..=last.0 / HOUR + 1).map(at).collect());
    let at = |(signal, pue): (&&Signal, &i64), hour: i64| signal.at(hour) * pue / 1000;
    let all = || signals.iter().zip(pues);
    let sites: Vec<Curve> = all().map(|one| curve(&|hour| at(one, hour))).collect();
    // Who may move at each pause runs at the best site of each hour.
    let best = curve(&|hour| all().map(|one| at(one, hour)).min().expect("there is a signal"));
    let (mut at_once, mut best_start, mut best_hours) = (0, 0, 0);
    for job in jobs {
        let (from, run, wait) = (job.submit.0, job.run.0, job.spec.patience.unwrap_or(Span::ZERO).0);
        let cores = i128::from(job.shape.cpu.0);
        at_once += cores * sites[0].run(from, run);
        best_start += cores * sites.iter().map(|site| site.best_start(from, run, wait)).min().expect("there is a site");
        best_hours += cores * best.best_hours(from, run, wait);
    }
    // Thousandths of cores × ms × millionths a kWh at 1 W a core are 1 / 3.6e18.
    let whole = |sum: i128| sum as f64 * (power.0 as f64 / 1000.0) / 3.6e18;
    let at_once = (signals.len() == 1).then(|| whole(at_once));
    Sums { at_once, best_start: whole(best_start), best_hours: whole(best_hours) }
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
