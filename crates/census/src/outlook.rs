//! What is known of the hours ahead of a signal, and from where.

use measure::{Name, Span, Time};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::series::{HOLDS, SeriesKind};
use crate::tariff::TariffKind;

/// What somebody foretold of a series, hour by hour. The newest replaces the one before it; what was read counts before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// What is foretold.
    pub kind: SeriesKind,
    /// `site:ID`, or a region.
    pub scope: String,
    /// The hour of the first value.
    pub from: Time,
    /// Millionths of the kind's unit, an hour each.
    pub values: Vec<i64>,
    /// How far such values were off so far, a day ahead, in thousandths of the mean reading; `None` before any could be compared.
    pub error_permille: Option<u32>,
    /// By which model, or who says so.
    pub source: String,
}

/// From where the value of an hour is known, best first: this is the order in which one stands in for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// It was read, or published for that hour.
    Read,
    /// It was foretold.
    Foretold,
    /// The same hour of the newest of the last seven days that has a reading.
    SameHour,
    /// A dated tariff or factor.
    Dated,
}

impl Basis {
    /// All of them, best first.
    pub const ALL: [Basis; 4] = [Basis::Read, Basis::Foretold, Basis::SameHour, Basis::Dated];

    /// The word scripts read.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Read => "read",
            Basis::Foretold => "foretold",
            Basis::SameHour => "same-hour",
            Basis::Dated => "dated",
        }
    }
}

/// An hour's value, in millionths of the unit, and from where it is known.
pub type Known = (i64, Basis);

/// For so many days back the same hour stands in for one of which nothing is known.
const DAYS: i64 = 7;

impl Census {
    /// What is known of the hours from the one of `at` on, at a site: what is told of the site itself before what is told of
    /// its region. `None` for an hour of which nothing is known.
    pub fn ahead(&self, kind: SeriesKind, site: Option<&Name>, at: Time, hours: usize) -> Vec<Option<Known>> {
        let own = site.map(|site| format!("site:{site}"));
        let mut ahead = own.as_deref().map_or_else(|| vec![None; hours], |own| self.ahead_of(kind, own, at, hours));
        if ahead.iter().any(Option::is_none) {
            let region = self.ahead_of(kind, &self.hub.region, at, hours);
            ahead.iter_mut().zip(region).for_each(|(own, region)| *own = own.or(region));
        }
        let dated = match kind {
            SeriesKind::Electricity => Some(TariffKind::Electricity),
            SeriesKind::Carbon => Some(TariffKind::Carbon),
            SeriesKind::Pue | SeriesKind::Power | SeriesKind::PowerCap => None,
        };
        for (hour, known) in ahead.iter_mut().enumerate().filter(|(_, known)| known.is_none()) {
            let at = hour_of(at) + Span(hour as i64 * Span::HOUR.0);
            let dated = dated.and_then(|dated| self.at_site(dated, site, at));
            *known = dated.map(|micro| (micro, Basis::Dated));
        }
        ahead
    }

    /// The same of one scope, by readings and what was foretold only.
    fn ahead_of(&self, kind: SeriesKind, scope: &str, at: Time, hours: usize) -> Vec<Option<Known>> {
        let first = hour_of(at);
        let mut ahead = vec![None; hours];
        if self.series.is_empty() && self.outlooks.is_empty() {
            return ahead;
        }
        let key = (kind, scope.to_owned());
        let slot = |of: Time| usize::try_from((of - first).0.div_euclid(Span::HOUR.0)).ok().filter(|slot| *slot < hours);
        if let Some(outlook) = self.outlooks.get(&key) {
            for (hour, micro) in outlook.values.iter().enumerate() {
                if let Some(slot) = slot(outlook.from + Span(hour as i64 * Span::HOUR.0)) {
                    ahead[slot] = Some((*micro, Basis::Foretold));
                }
            }
        }
        let Some(series) = self.series.get(&key) else { return ahead };
        // What holds now holds for the rest of this hour.
        if let Some((from, micro)) = series.range(..=at).next_back()
            && at - *from < HOLDS
            && hours > 0
        {
            ahead[0] = Some((*micro, Basis::Read));
        }
        for (of, micro) in series.range(first + Span::HOUR..first + Span(hours as i64 * Span::HOUR.0)) {
            if let Some(slot) = slot(*of) {
                ahead[slot] = Some((*micro, Basis::Read));
            }
        }
        if ahead.iter().all(Option::is_some) {
            return ahead;
        }
        // The newest reading of each hour of the day, of the days before.
        let mut day = [None; 24];
        for (of, micro) in series.range(Time(first.0 - DAYS * 24 * Span::HOUR.0)..first + Span::HOUR).filter(|(of, _)| **of <= at)
        {
            day[usize::from(of.hour_of_day(0))] = Some(*micro);
        }
        for (hour, known) in ahead.iter_mut().enumerate().filter(|(_, known)| known.is_none()) {
            let of = first + Span(hour as i64 * Span::HOUR.0);
            *known = day[usize::from(of.hour_of_day(0))].map(|micro| (micro, Basis::SameHour));
        }
        ahead
    }
}

/// The beginning of an hour.
fn hour_of(at: Time) -> Time {
    Time(at.0.div_euclid(Span::HOUR.0) * Span::HOUR.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::series::Readings;

    const HOUR: i64 = Span::HOUR.0;

    fn census(read: &[(i64, i64)], foretold: Option<(i64, &[i64])>) -> Census {
        let mut census = Census::default();
        census.hub.region = "here".to_owned();
        let values = read.iter().map(|(hour, micro)| (Time(hour * HOUR), *micro)).collect();
        let (kind, scope) = (SeriesKind::Carbon, "here".to_owned());
        census.apply(&Change::Readings(Readings { kind, scope: scope.clone(), values, source: String::new() }));
        if let Some((from, values)) = foretold {
            let (from, values) = (Time(from * HOUR), values.to_vec());
            census.apply(&Change::Outlook(Outlook { kind, scope, from, values, error_permille: None, source: String::new() }));
        }
        census
    }

    #[test]
    fn what_was_read_counts_before_what_was_foretold_and_that_before_the_same_hour_of_days_before() {
        let census = census(&[(0, 10), (1, 11), (2, 12), (24, 100)], Some((24, &[900, 901])));
        let ahead = census.ahead(SeriesKind::Carbon, None, Time(24 * HOUR + 60_000), 5);
        let expected = [Some((100, Basis::Read)), Some((901, Basis::Foretold)), Some((12, Basis::SameHour)), None, None];
        assert_eq!(ahead, expected);
    }

    #[test]
    fn a_late_reading_holds_for_two_hours_and_a_week_later_nothing_stands_in() {
        let census = census(&[(0, 10)], None);
        assert_eq!(census.ahead(SeriesKind::Carbon, None, Time(HOUR + 1), 1), [Some((10, Basis::Read))]);
        assert_eq!(census.ahead(SeriesKind::Carbon, None, Time(3 * HOUR), 1), [None]);
        assert_eq!(census.ahead(SeriesKind::Carbon, None, Time(3 * HOUR), 22)[21], Some((10, Basis::SameHour)));
        assert_eq!(census.ahead(SeriesKind::Carbon, None, Time(8 * 24 * HOUR), 1), [None]);
    }
}
