//! What a site has drawn of late, by what its jobs held.

use measure::{Energy, Power, Span, Time};
use serde::{Deserialize, Serialize};

use crate::purse::month_after;

/// What a site has drawn of late, by what its jobs held: the month's highest, and the mean of each day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// What its nodes draw, without cooling and losses.
    pub now: Power,
    /// Since when.
    pub since: Time,
    /// The highest of this local month.
    pub highest: Power,
    /// When the next one begins.
    pub month_ends: Time,
    /// Since when this local day is summed up.
    pub day_from: Time,
    /// When the next one begins.
    pub day_ends: Time,
    /// What was drawn since.
    pub today: Energy,
    /// The mean of each of the last seven days, newest last.
    pub days: Vec<Power>,
}

impl Load {
    const DAYS: usize = 7;

    pub(super) fn new(at: Time, offset: Span) -> Load {
        let (now, today) = (Power(0), Energy(0));
        let (month_ends, day_ends) = (month_after(at, offset), day_after(at, offset));
        Load { now, since: at, highest: now, month_ends, day_from: at, day_ends, today, days: Vec::new() }
    }

    /// As it is at an instant that is not before the last change.
    pub fn at(&self, at: Time, offset: Span) -> Load {
        let mut load = self.clone();
        load.advance(at, offset);
        load
    }

    fn advance(&mut self, at: Time, offset: Span) {
        if at - self.day_ends > Span((Load::DAYS as i64 + 1) * DAY) {
            // Longer ago than is remembered.
            let begin = Time(day_after(at, offset).0 - (Load::DAYS as i64 + 1) * DAY);
            (self.since, self.day_from, self.day_ends, self.today) = (begin, begin, Time(begin.0 + DAY), Energy(0));
        }
        while self.day_ends <= at {
            self.today += self.now * (self.day_ends - self.since);
            let span = (self.day_ends - self.day_from).0.max(1);
            // Millijoules over milliseconds are watts; a thousand of them each are milliwatts.
            self.days.push(Power((i128::from(self.today.0) * 1000 / i128::from(span)) as i64));
            if self.days.len() > Load::DAYS {
                self.days.remove(0);
            }
            (self.since, self.day_from, self.today) = (self.day_ends, self.day_ends, Energy(0));
            self.day_ends = day_after(self.day_ends, offset);
        }
        if at > self.since {
            self.today += self.now * (at - self.since);
            self.since = at;
        }
        if self.month_ends <= at {
            self.highest = self.now;
            self.month_ends = month_after(at, offset);
        }
    }

    pub(super) fn take(&mut self, at: Time, now: i64, offset: Span) {
        self.advance(at, offset);
        self.now = Power(now);
        self.highest = self.highest.max(self.now);
    }

    /// Up to where it may rise without costing anything: the month's highest, or what it takes to get through the days as they were.
    pub(super) fn free(&self) -> Option<Power> {
        Some(self.days.iter().copied().max()?.max(self.highest))
    }
}

const DAY: i64 = 24 * Span::HOUR.0;

fn day_after(at: Time, offset: Span) -> Time {
    Time(((at + offset).0.div_euclid(DAY) + 1) * DAY - offset.0)
}
