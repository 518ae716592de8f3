//! Which hours a job is best run in. Pure sums over the hours ahead; nothing here knows a hub.
//!
//! `lowest_slot`, `lowest_window` and `carbon_time` are the policies of GAIA (Hanafy and others, Going Green for Less Green: Optimizing the
//! Cost of Reducing Cloud Carbon Emissions, ASPLOS 2024), `lowest_hours` is Wait Awhile (Wiesner and others, Let's Wait Awhile,
//! Middleware 2021) as it is defined there. `cheapest` and `cheapest_parts` are ours: they know how long runs were, and not how
//! long this one is.

use measure::{Span, Time};

use super::Hours;
use crate::fact::Suspend;
use crate::lengths::Survival;

const HOUR: i64 = Span::HOUR.0;

/// What to do from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Run, and be asked again then, where that is known already.
    Run {
        /// When it is to stop.
        until: Option<Time>,
    },
    /// Wait.
    Wait {
        /// Until when.
        until: Time,
    },
}

/// The cheapest hour that begins within what is left to wait, or the one there is; of equal ones the first.
pub(crate) fn lowest_slot(hours: &Hours, now: Time, left: Span) -> Time {
    let last = ((now + left - hours.first).0 / HOUR) as usize;
    let best = (0..=last).min_by_key(|hour| hours.cost(*hour)).unwrap_or(0);
    hours.begin(best).max(now)
}

/// Instants a whole number of hours from now, up to what is left to wait.
fn hourly(now: Time, left: Span) -> impl Iterator<Item = Time> {
    (0..=left.0 / HOUR).map(move |hour| now + Span(hour * HOUR))
}

/// The start, a whole number of hours from now, from which a run of an expected length is cheapest; of equal ones the first.
pub(crate) fn lowest_window(hours: &Hours, now: Time, left: Span, run: Span) -> Time {
    hourly(now, left).min_by_key(|start| hours.run(*start, run)).unwrap_or(now)
}

/// The start, a whole number of hours from now, that saves most for each hour up to the end of a run of an expected length.
pub(crate) fn carbon_time(hours: &Hours, now: Time, left: Span, run: Span) -> Time {
    let at_once = hours.run(now, run);
    let mut best = (now, 0_i128, 1_i128);
    for start in hourly(now, left) {
        let (saved, time) = (i128::from(at_once - hours.run(start, run)), i128::from((start - now + run).0.max(1)));
        if saved * best.2 > best.1 * time {
            best = (start, saved, time);
        }
    }
    best.0
}

/// The cheapest hours for what is left of a run of known length, however many pauses that takes; of equal ones the first.
pub(crate) fn lowest_hours(hours: &Hours, now: Time, left: Span, rest: Span) -> Part {
    let (begin, end) = ((now - hours.first).0, (now + left + rest - hours.first).0);
    let count = (end as u64).div_ceil(HOUR as u64) as usize;
    let room = |hour: usize| (end.min((hour as i64 + 1) * HOUR)) - begin.max(hour as i64 * HOUR);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|hour| hours.cost(*hour));
    let (mut taken, mut wanted) = (vec![0; count], rest.0);
    for hour in order {
        taken[hour] = room(hour).min(wanted);
        wanted -= taken[hour];
    }
    if taken[0] == 0 {
        let first = taken.iter().position(|taken| *taken > 0).unwrap_or(0);
        return Part::Wait { until: hours.begin(first) };
    }
    // Hours taken whole one after the other are one part of the run.
    let mut run = 0;
    for (hour, taken) in taken.iter().enumerate() {
        run += taken;
        if *taken < room(hour) {
            break;
        }
    }
    Part::Run { until: (run < rest.0).then_some(now + Span(run)) }
}

/// What a run is thought to cost that starts at the beginning of each hour; in units that compare between sites.
pub(crate) fn whole_hours(hours: &Hours, weights: &[i64], count: usize) -> Vec<i64> {
    let cost = |hour: usize| weights.iter().enumerate().map(|(at, weight)| hours.cost(hour + at) * weight).sum();
    (0..count).map(cost).collect()
}

/// What a run of unknown length is thought to cost that goes on from now without a pause; of which so much has run.
pub(crate) fn at_once(hours: &Hours, now: Time, survival: &Survival, ran: Span) -> i64 {
    let rest_of_hour = HOUR - (now - hours.first).0;
    // From now on, the hours of the run are not those of the clock.
    let first = survival.by(ran.0 + rest_of_hour) - survival.by(ran.0);
    let after = survival.hourly(ran.0 + rest_of_hour);
    hours.cost(0) * first + after.iter().enumerate().map(|(at, weight)| hours.cost(1 + at) * weight).sum::<i64>()
}

/// A run of unknown length that may be suspended at any hour's end and go on later.
pub(crate) struct Pausing<'a> {
    pub(crate) now: Time,
    /// How long it may still wait.
    pub(crate) left: Span,
    pub(crate) survival: &'a Survival,
    /// How long it ran.
    pub(crate) ran: Span,
    /// Whether it runs now, so that to stop it costs what saving takes.
    pub(crate) running: bool,
    pub(crate) costs: Suspend,
}

impl Pausing<'_> {
    fn rest_of_hour(&self, hours: &Hours) -> i64 {
        HOUR - (self.now - hours.first).0
    }

    /// What it is thought to cost if it runs in this hour, and then in the best way there is: the best of all ways to go on from each
    /// state (how long it ran, how long it may still wait), from the last hour back to this one.
    pub(crate) fn run(&self, hours: &Hours) -> i64 {
        let rest = self.rest_of_hour(hours);
        let now = hours.cost(0) * self.in_this_hour(hours);
        let load = if self.running { 0 } else { share(self.survival, self.ran.0, self.costs.load) * hours.cost(0) };
        now + load + ways(hours, self.left.0, self.survival, self.ran.0 + rest, self.costs).0
    }

    /// How much of it is thought to run in this hour, if it does.
    pub(crate) fn in_this_hour(&self, hours: &Hours) -> i64 {
        self.survival.by(self.ran.0 + self.rest_of_hour(hours)) - self.survival.by(self.ran.0)
    }

    /// The same if it does not run in this hour; `None` if it must.
    pub(crate) fn wait(&self, hours: &Hours) -> Option<i64> {
        let rest = self.rest_of_hour(hours);
        if self.left.0 < rest {
            return None;
        }
        let save = if self.running { share(self.survival, self.ran.0, self.costs.save) * hours.cost(0) } else { 0 };
        Some(save + ways(hours, self.left.0 - rest, self.survival, self.ran.0, self.costs).1)
    }
}

/// So much time of those runs that lasted so long, in 64ths of a millisecond of all runs. What has not begun loads nothing.
fn share(survival: &Survival, ran: i64, span: Span) -> i64 {
    if ran == 0 {
        return 0;
    }
    (i128::from(survival.longer(ran)) * i128::from(span.0) * 64 / i128::from(survival.total())) as i64
}

/// The least that the rest is thought to cost from the beginning of the next hour on: of what ran in the hour before, and of what
/// did not.
fn ways(hours: &Hours, left: i64, survival: &Survival, ran: i64, costs: Suspend) -> (i64, i64) {
    let weights = survival.hourly(ran);
    let pauses = (left / HOUR) as usize;
    if costs == Suspend::default() {
        // Whether it ran before makes no difference: one table does.
        let mut best = vec![0_i64; pauses + 2];
        for hour in (0..weights.len() + pauses).rev() {
            let cost = hours.cost(hour + 1);
            for pause in hour.saturating_sub(weights.len())..=pauses.min(hour) {
                let run = weights.get(hour - pause).map_or(0, |weight| cost * weight) + best[pause];
                best[pause] = if pause < pauses { run.min(best[pause + 1]) } else { run };
            }
        }
        return (best[0], best[0]);
    }
    let saves: Vec<i64> = (0..=weights.len()).map(|hour| share(survival, ran + hour as i64 * HOUR, costs.save)).collect();
    let loads: Vec<i64> = (0..=weights.len()).map(|hour| share(survival, ran + hour as i64 * HOUR, costs.load)).collect();
    // By how many pauses there were: what is still to come, if it ran in the hour before, and if it did not.
    let (mut ran_before, mut paused) = (vec![0_i64; pauses + 2], vec![0_i64; pauses + 2]);
    for hour in (0..weights.len() + pauses).rev() {
        let cost = hours.cost(hour + 1);
        for pause in hour.saturating_sub(weights.len())..=pauses.min(hour) {
            let at = hour - pause;
            let run = weights.get(at).map_or(0, |weight| cost * weight) + ran_before[pause];
            let wait = if pause < pauses { paused[pause + 1] } else { i64::MAX / 2 };
            let (save, load) = (saves[at.min(weights.len())] * cost, loads[at.min(weights.len())] * cost);
            ran_before[pause] = run.min(wait.saturating_add(save));
            paused[pause] = (run + load).min(wait);
        }
    }
    (ran_before[0], paused[0])
}
