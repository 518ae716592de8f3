//! What a kilowatt-hour costs in each hour ahead: money, and carbon at the policy's price for it.

use std::collections::BTreeMap;

use census::{Basis, Census, SeriesKind};
use measure::{Name, Span, Time};

use super::AHEAD;
use crate::policy::Timing;

/// Costs of the hours ahead, the first being the one that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// When the first began.
    pub first: Time,
    /// Millionths of a yuan for a kWh at the machines, with the facility's share.
    pub costs: Vec<i64>,
    /// From where the values are known that it rests on: hours of each kind.
    pub bases: BTreeMap<(SeriesKind, Basis), u32>,
    /// Sums of cost × milliseconds up to each hour.
    sums: Vec<i64>,
}

/// A PUE nobody knows.
const NO_PUE: i64 = 1_000_000;
/// No hour of electricity costs more: sums of what follows must stay countable.
const COST_MOST: i64 = 1 << 24;

impl Hours {
    /// Of a site; `None` where an hour is unknown, as then no hour is known to be better than now.
    pub(crate) fn of(census: &Census, timing: &Timing, site: Option<&Name>, now: Time) -> Option<Hours> {
        let mut bases = BTreeMap::new();
        let mut ahead = |kind| {
            let known = census.ahead(kind, site, now, AHEAD);
            known.iter().flatten().for_each(|(_, basis)| *bases.entry((kind, *basis)).or_default() += 1);
            known
        };
        let mut costs = vec![0_i64; AHEAD];
        if timing.carbon_yuan_per_tonne > 0 {
            for (cost, carbon) in costs.iter_mut().zip(ahead(SeriesKind::Carbon)) {
                // Milligrams × yuan a tonne are 10^-9 yuan.
                *cost += carbon?.0.saturating_mul(i64::from(timing.carbon_yuan_per_tonne)) / 1000;
            }
        }
        if timing.energy_permille > 0 {
            for (cost, price) in costs.iter_mut().zip(ahead(SeriesKind::Electricity)) {
                // Where nobody told a price, all hours cost the same.
                *cost += price.map_or(0, |(micro, _)| micro.saturating_mul(i64::from(timing.energy_permille)) / 1000);
            }
        }
        for (cost, pue) in costs.iter_mut().zip(ahead(SeriesKind::Pue)) {
            let pue = pue.map_or(NO_PUE, |(micro, _)| micro);
            *cost =
                i64::try_from(i128::from(*cost) * i128::from(pue) / 1_000_000).unwrap_or(COST_MOST).clamp(-COST_MOST, COST_MOST);
        }
        Some(Hours::new(Time(now.0.div_euclid(Span::HOUR.0) * Span::HOUR.0), costs, bases))
    }

    pub(crate) fn new(first: Time, costs: Vec<i64>, bases: BTreeMap<(SeriesKind, Basis), u32>) -> Hours {
        let mut sums = vec![0];
        costs.iter().for_each(|cost| sums.push(sums.last().expect("it begins with one") + cost * Span::HOUR.0));
        Hours { first, costs, bases, sums }
    }

    /// The cost of an hour; beyond what is known the last day comes again.
    pub(crate) fn cost(&self, hour: usize) -> i64 {
        let (len, day) = (self.costs.len(), 24.min(self.costs.len()));
        self.costs[if hour < len { hour } else { len - day + (hour - len) % day }]
    }

    /// Cost × milliseconds up to an instant, from the beginning of the first hour.
    fn up_to(&self, at: i64) -> i64 {
        let (hour, within) = (at.div_euclid(Span::HOUR.0) as usize, at.rem_euclid(Span::HOUR.0));
        let whole = match self.sums.get(hour) {
            Some(sum) => *sum,
            None => {
                let beyond = self.sums.len() - 1..hour;
                self.sums[self.sums.len() - 1] + beyond.map(|hour| self.cost(hour) * Span::HOUR.0).sum::<i64>()
            }
        };
        whole + self.cost(hour) * within
    }

    /// Cost × milliseconds of a run without a pause.
    pub(crate) fn run(&self, from: Time, run: Span) -> i64 {
        let from = (from - self.first).0;
        self.up_to(from + run.0) - self.up_to(from)
    }

    /// The instant an hour begins.
    pub(crate) fn begin(&self, hour: usize) -> Time {
        self.first + Span(hour as i64 * Span::HOUR.0)
    }
}
