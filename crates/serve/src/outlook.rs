//! What readings let foretell: made anew with each hour that is read, and taken over with it.

use std::collections::BTreeMap;

use census::{Change, Outlook, Series, SeriesKind};
use forecast::{AHEAD, Forecaster, Model};
use measure::{Span, Time};

/// So much of the past is looked at.
const PAST: i64 = 28 * 24;
/// An hour without a reading is as the one before it, for so many hours; after a longer silence the past begins anew.
const BRIDGED: i64 = 6;
/// With less than a day nothing is foretold.
const LEAST: i64 = 24;

/// The PUE of a facility that draws nothing beside its machines, in millionths.
const PUE_LEAST: i64 = 1_000_000;

/// What was read before changes nothing.
pub(crate) fn since(now: Time) -> Time {
    Time(now.0 - PAST * Span::HOUR.0)
}

fn hour_of(at: Time) -> i64 {
    at.0.div_euclid(Span::HOUR.0)
}

/// What is foretold of a series with these readings, by what was read up to now. `None` where there is too little to go by, or
/// nothing that changes by the hour.
pub(crate) fn outlook(kind: SeriesKind, scope: &str, series: &Series, now: Time) -> Option<Change> {
    let (forecaster, last) = told(Model::default(), kind, series, now)?;
    let mut values = forecaster.ahead(AHEAD);
    if kind == SeriesKind::Pue {
        // What is put together from parts may be less than any facility can reach.
        values.iter_mut().for_each(|value| *value = (*value).max(PUE_LEAST));
    }
    Some(Change::Outlook(Outlook {
        kind,
        scope: scope.to_owned(),
        from: Time((last + 1) * Span::HOUR.0),
        values,
        error_permille: forecaster.error_permille(),
        source: format!("forecast: {}", Model::default()),
    }))
}

/// How far each model was off a day ahead of late, as a part of the mean reading; those of which that is not known yet are left out.
pub(crate) fn errors(kind: SeriesKind, series: &Series, now: Time) -> BTreeMap<String, f64> {
    let error = |model: &Model| Some((model.to_string(), f64::from(told(*model, kind, series, now)?.0.error_permille()?) / 1e3));
    Model::ALL.iter().filter_map(error).collect()
}

/// A model that was told what was read up to now, and the last hour that was.
fn told(model: Model, kind: SeriesKind, series: &Series, now: Time) -> Option<(Forecaster, i64)> {
    if !matches!(kind, SeriesKind::Carbon | SeriesKind::Electricity | SeriesKind::Pue) {
        return None;
    }
    let (last, _) = series.range(..=now).next_back()?;
    let last = hour_of(*last);
    let mut forecaster = Forecaster::new(model);
    let (mut value, mut silent, mut hours) = (None, 0, 0);
    for hour in last - PAST + 1..=last {
        let (from, to) = (Time(hour * Span::HOUR.0), Time((hour + 1) * Span::HOUR.0));
        match series.range(from..to).next_back() {
            Some((_, read)) => (value, silent) = (Some(*read), 0),
            None => silent += 1,
        }
        if silent > BRIDGED && hours > 0 {
            (forecaster, value, hours) = (Forecaster::new(model), None, 0);
        }
        if let Some(value) = value {
            forecaster.read(value);
            hours += 1;
        }
    }
    (hours >= LEAST).then_some((forecaster, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = Span::HOUR.0;

    fn series(hours: std::ops::Range<i64>) -> Series {
        hours.map(|hour| (Time(hour * HOUR + 60_000), 1000 * (hour % 24))).collect()
    }

    #[test]
    fn every_model_says_how_far_it_was_off() {
        let found = errors(SeriesKind::Carbon, &series(0..10 * 24), Time((10 * 24 - 1) * HOUR + 120_000));
        let found: Vec<(&str, bool)> = found.iter().map(|(model, error)| (model.as_str(), *error == 0.0)).collect();
        // Each day is as the one before it.
        let exact = ["persistence", "same-hour", "same-week-hour"];
        assert_eq!(found.len(), Model::ALL.len(), "{found:?}");
        assert!(found.iter().filter(|(model, _)| exact.contains(model)).all(|(_, right)| *right), "{found:?}");
        assert_eq!(errors(SeriesKind::PowerCap, &series(0..240), Time(240 * HOUR)), BTreeMap::new(), "a cap is an order");
    }

    fn foretold(series: &Series, now: i64) -> Option<Outlook> {
        match outlook(SeriesKind::Carbon, "here", series, Time(now * HOUR))? {
            Change::Outlook(outlook) => Some(outlook),
            _ => None,
        }
    }

    #[test]
    fn a_day_like_the_others_is_foretold_from_the_hour_after_the_last_reading_on() {
        let outlook = foretold(&series(0..100), 100).unwrap();
        assert_eq!((outlook.from, outlook.values.len()), (Time(100 * HOUR), AHEAD));
        assert_eq!(outlook.values[..3], [4000, 5000, 6000]);
        assert_eq!(outlook.error_permille, Some(0));
    }

    #[test]
    fn what_is_ahead_or_too_little_is_no_past() {
        assert_eq!(foretold(&series(0..23), 23), None);
        // Prices of tomorrow are published, and not read.
        let outlook = foretold(&series(0..100), 50).unwrap();
        assert_eq!(outlook.from, Time(50 * HOUR));
    }

    #[test]
    fn a_pue_follows_the_warmth_of_the_day_and_is_never_below_one() {
        // 1.1 by night and 1.3 by day; then an hour of nearly nothing.
        let pue = |hour: i64| if (8..20).contains(&(hour % 24)) { 1_300_000 } else { 1_100_000 };
        let ahead = |last: i64| {
            let series = (0..240).map(|hour| (Time(hour * HOUR), if hour < 239 { pue(hour) } else { last })).collect();
            match super::outlook(SeriesKind::Pue, "site:here", &series, Time(240 * HOUR)) {
                Some(Change::Outlook(outlook)) => outlook.values,
                _ => Vec::new(),
            }
        };
        assert_eq!((ahead(1_100_000)[0], ahead(1_100_000)[12]), (1_100_000, 1_300_000));
        assert!(ahead(1_000_000).iter().all(|value| *value >= 1_000_000));
    }

    #[test]
    fn a_short_silence_is_bridged_and_after_a_long_one_the_past_begins_anew() {
        let gap = |hours: std::ops::Range<i64>| {
            let mut series = series(0..100);
            series.retain(|at, _| !hours.contains(&(at.0 / HOUR)));
            foretold(&series, 100)
        };
        assert!(gap(60..66).is_some());
        assert!(gap(60..70).is_some(), "thirty hours are left");
        assert_eq!(gap(70..80), None, "and now twenty");
        assert_eq!(super::outlook(SeriesKind::PowerCap, "here", &series(0..100), Time(100 * HOUR)), None);
    }
}
