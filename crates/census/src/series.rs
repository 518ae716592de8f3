//! Signals: dated readings of a price, a carbon factor or a PUE, hour by hour.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use measure::{Malformed, Span, Time};
use serde::{Deserialize, Serialize};

use crate::change::Census;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKind {
    /// The price of electricity, yuan per kWh.
    Electricity,
    /// Kilograms of CO2 equivalent per kWh.
    Carbon,
    /// A site's PUE.
    Pue,
    /// What a site draws, in kW.
    Power,
    /// What a site may draw at most, in kW.
    PowerCap,
}

impl SeriesKind {
    /// All of them.
    pub const ALL: [SeriesKind; 5] =
        [SeriesKind::Electricity, SeriesKind::Carbon, SeriesKind::Pue, SeriesKind::Power, SeriesKind::PowerCap];

    /// The unit of a reading.
    pub fn unit(self) -> &'static str {
        match self {
            SeriesKind::Electricity => "yuan/kWh",
            SeriesKind::Carbon => "kg/kWh",
            SeriesKind::Pue => "ratio",
            SeriesKind::Power | SeriesKind::PowerCap => "kW",
        }
    }

    /// What is wrong with a reading, in millionths of the unit.
    ///
    /// # Errors
    /// In words.
    pub fn sensible(self, micro: i64) -> Result<(), &'static str> {
        match self {
            SeriesKind::Pue if micro < 1_000_000 => Err("a PUE below 1, which no facility can reach"),
            // No facility that anybody would run.
            SeriesKind::Pue if micro > 10_000_000 => Err("a PUE above 10"),
            // Electricity has been sold below zero.
            SeriesKind::Carbon | SeriesKind::Power | SeriesKind::PowerCap if micro < 0 => Err("a negative reading"),
            // Sums of what follows from readings must stay countable: 10 GW, and a thousand a kWh, are beyond all that was ever seen.
            SeriesKind::Power | SeriesKind::PowerCap if micro > 10_000_000 * 1_000_000 => Err("more than ten million kW"),
            // Lignite at a poor plant comes to less than 1.5.
            SeriesKind::Carbon if micro > 5 * 1_000_000 => {
                Err("more than 5 kg a kWh, which no grid emits; readings are in kg/kWh")
            }
            SeriesKind::Carbon | SeriesKind::Electricity if micro.unsigned_abs() > 1000 * 1_000_000 => {
                Err("more than a thousand a kWh")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for SeriesKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SeriesKind::Electricity => "electricity",
            SeriesKind::Carbon => "carbon",
            SeriesKind::Pue => "pue",
            SeriesKind::Power => "power",
            SeriesKind::PowerCap => "power-cap",
        })
    }
}

impl FromStr for SeriesKind {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<SeriesKind, Malformed> {
        let found = SeriesKind::ALL.into_iter().find(|kind| kind.to_string() == text);
        found.ok_or_else(|| Malformed::new(text, "electricity, carbon, pue, power or power-cap"))
    }
}

/// What a series is of: `site:ID`, or a region.
pub type SeriesKey = (SeriesKind, String);

/// Readings by their instants, in millionths of the kind's unit.
pub type Series = BTreeMap<Time, i64>;

/// Some readings of one series, in order of time; one of an instant that is known replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    /// What is read.
    pub kind: SeriesKind,
    /// `site:ID`, or a region.
    pub scope: String,
    /// Instants and millionths of the unit.
    pub values: Vec<(Time, i64)>,
    /// Where they are from.
    pub source: String,
}

/// A reading holds until the next one, and no longer than this: then a dated row holds again.
pub const HOLDS: Span = Span(2 * 3_600_000);

impl Census {
    /// The reading that holds at an instant, in millionths.
    pub fn reading(&self, kind: SeriesKind, scope: &str, at: Time) -> Option<i64> {
        if self.series.is_empty() {
            return None;
        }
        let series = self.series.get(&(kind, scope.to_owned()))?;
        let (from, micro) = series.range(..=at).next_back()?;
        (at - *from < HOLDS).then_some(*micro)
    }
}
