//! The hours ahead of a signal (carbon intensity, a price), from its past alone, and how far such forecasts were off so far.
//!
//! A [`Forecaster`] is told one reading after the other and can be asked at any time. The same one serves a live hub and a replay.
//! What comes out are whole numbers, and these are what the hub keeps: no float decides anything. Never here: a clock, a file, a
//! reading of the future.

mod mstl;
mod profile;
mod score;

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use profile::Profile;
use score::Score;
use serde::{Deserialize, Serialize};

/// Hours that are foretold.
pub const AHEAD: usize = 48;
/// Hours of the past that are kept: four weeks.
const KEPT: usize = 28 * 24;

/// How the hours ahead are foretold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// As it is now.
    Persistence,
    /// As at the same hour of the day before.
    SameHour,
    /// As at the same hour of the week before.
    SameWeekHour,
    /// Seasons of a day and a week by LOESS, on top of the level as it is now.
    Mstl,
    /// The usual day of late, and of what this hour differs from it a part that fades.
    #[default]
    Profile,
}

impl Model {
    /// All of them.
    pub const ALL: [Model; 5] = [Model::Persistence, Model::SameHour, Model::SameWeekHour, Model::Mstl, Model::Profile];
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Model::Persistence => "persistence",
            Model::SameHour => "same-hour",
            Model::SameWeekHour => "same-week-hour",
            Model::Mstl => "mstl",
            Model::Profile => "profile",
        })
    }
}

impl FromStr for Model {
    type Err = String;
    fn from_str(text: &str) -> Result<Model, String> {
        let found = Model::ALL.into_iter().find(|model| model.to_string() == text);
        found.ok_or_else(|| format!("`{text}` is no model: persistence, same-hour, same-week-hour, mstl or profile"))
    }
}

/// A signal as it has been read so far, hour by hour.
#[derive(Debug, Clone)]
pub struct Forecaster {
    model: Model,
    /// The latest readings, oldest first.
    past: VecDeque<i64>,
    /// The hour of the day of the next reading, counted from any hour.
    hour: usize,
    profile: Profile,
    score: Score,
}

impl Forecaster {
    /// Nothing read yet.
    pub fn new(model: Model) -> Forecaster {
        Forecaster { model, past: VecDeque::new(), hour: 0, profile: Profile::default(), score: Score::default() }
    }

    /// The reading of the next hour.
    pub fn read(&mut self, value: i64) {
        self.score.compare(value);
        if self.past.len() == KEPT {
            self.past.pop_front();
        }
        self.past.push_back(value);
        self.profile.read(self.hour, value);
        self.hour = (self.hour + 1) % 24;
        // A model that takes long to fit is judged by one hour a day.
        let judged = self.model != Model::Mstl || self.hour == 0;
        self.score.foretell(if judged { self.ahead(24).get(23).copied() } else { None });
    }

    /// The hours after the last reading; empty before the first.
    pub fn ahead(&self, hours: usize) -> Vec<i64> {
        let Some(last) = self.past.back().copied() else { return Vec::new() };
        let before = |hour: usize, cycle: usize| {
            let back = cycle * (hour / cycle + 1) - hour;
            self.past.len().checked_sub(back).map_or(last, |at| self.past[at])
        };
        let mut ahead = match self.model {
            Model::Persistence => vec![last; hours],
            Model::SameHour => (0..hours).map(|hour| before(hour, 24)).collect(),
            Model::SameWeekHour if self.past.len() >= 168 => (0..hours).map(|hour| before(hour, 168)).collect(),
            Model::SameWeekHour => (0..hours).map(|hour| before(hour, 24)).collect(),
            Model::Mstl => {
                let past: Vec<f64> = self.past.iter().map(|value| *value as f64).collect();
                mstl::ahead(&past, hours).unwrap_or_else(|| self.profile.ahead(self.hour, hours))
            }
            Model::Profile => self.profile.ahead(self.hour, hours),
        };
        // What is put together from parts may lie below all that ever was: a signal that is never negative does not become so.
        let floor = self.past.iter().copied().min().map_or(0, |lowest| lowest.min(0));
        ahead.iter_mut().for_each(|value| *value = (*value).max(floor));
        ahead
    }

    /// How far what was foretold a day ahead was off of late, on average, in thousandths of the mean reading; `None` before there is
    /// anything to compare.
    pub fn error_permille(&self) -> Option<u32> {
        self.score.permille()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days that are alike, but for a swell of the whole day.
    fn reading(hour: i64) -> i64 {
        let sun = (hour.rem_euclid(24) - 12).abs() * 10_000;
        300_000 + sun + (hour / 24 % 5) * 20_000
    }

    fn told(model: Model, hours: i64) -> Forecaster {
        let mut forecaster = Forecaster::new(model);
        (0..hours).for_each(|hour| forecaster.read(reading(hour)));
        forecaster
    }

    #[test]
    fn the_hours_before_stand_for_the_hours_ahead() {
        assert_eq!(told(Model::Persistence, 100).ahead(3), [reading(99); 3]);
        let day = told(Model::SameHour, 100).ahead(30);
        assert_eq!((day[0], day[23], day[24], day[29]), (reading(76), reading(99), reading(76), reading(81)));
        let week = told(Model::SameWeekHour, 200).ahead(2);
        assert_eq!(week, [reading(32), reading(33)]);
    }

    #[test]
    fn the_usual_day_is_learned_and_beats_what_only_repeats() {
        let error = |model| told(model, 24 * 60).error_permille().unwrap();
        assert!(error(Model::Profile) < error(Model::SameHour), "{} {}", error(Model::Profile), error(Model::SameHour));
        assert!(error(Model::SameHour) < error(Model::Persistence) + 200);
    }

    #[test]
    fn a_day_and_a_week_that_recur_are_carried_on_by_the_library() {
        let swell = |hour: i64| reading(hour % 24) + if hour / 24 % 7 > 4 { 90_000 } else { 0 };
        let mut forecaster = Forecaster::new(Model::Mstl);
        (0..63 * 24).for_each(|hour| forecaster.read(swell(hour)));
        for (at, told) in forecaster.ahead(48).into_iter().enumerate() {
            let real = swell(63 * 24 + at as i64);
            assert!((told - real).abs() < real / 50, "hour {at}: {told} for {real}");
        }
        assert!(forecaster.error_permille().unwrap() < 30, "{:?}", forecaster.error_permille());
    }

    #[test]
    fn after_one_hour_far_below_the_others_nothing_negative_is_foretold() {
        for model in Model::ALL {
            let mut forecaster = told(model, 24 * 28);
            forecaster.read(1000);
            assert!(forecaster.ahead(48).into_iter().all(|value| value >= 0), "{model}");
        }
        // A price may have been negative, and may be again.
        let mut forecaster = told(Model::Persistence, 24);
        forecaster.read(-1000);
        assert_eq!(forecaster.ahead(1), [-1000]);
    }

    #[test]
    fn nothing_read_foretells_nothing_and_one_reading_only_itself() {
        for model in Model::ALL {
            assert!(Forecaster::new(model).ahead(5).is_empty());
            assert_eq!(told(model, 1).ahead(2), [reading(0); 2]);
            assert_eq!(told(model, 20).error_permille(), None);
            assert_eq!(model.to_string().parse(), Ok(model));
        }
    }
}
