//! What a plan says of a target: how much will be there by its date, and how likely that is enough.

use measure::{Name, Time};
use serde::{Deserialize, Serialize};

use crate::row::{Row, Stated, Wrong};

/// A forecast of a target, made on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Its id in the census.
    pub id: Name,
    /// The target.
    pub target: Name,
    /// The date on which it was made, or from which its plan begins.
    pub as_of: String,
    /// What is likeliest to be there by the target's date, in the target's unit.
    pub value: Option<Stated>,
    /// What it is not below in 95 of 100 cases.
    pub low: Option<Stated>,
    /// What it is not above in 95 of 100 cases.
    pub high: Option<Stated>,
    /// How likely the target is met, in thousandths.
    pub probability_permille: Option<u16>,
    /// Which plan says so.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const COLUMNS: &[&str] = &["id", "target", "as_of", "value", "low", "high", "probability_permille", "source", "note"];

impl Forecast {
    pub(crate) fn read(row: &Row) -> Result<Forecast, Wrong> {
        let probability = match row.text("probability_permille") {
            "" | "unknown" => None,
            text => match text.parse::<u16>() {
                Ok(permille) if permille <= 1000 => Some(permille),
                _ => return Err(row.wrong("probability_permille", format!("`{text}` is no whole number from 0 to 1000"))),
            },
        };
        Ok(Forecast {
            id: row.parse("id")?,
            target: row.parse("target")?,
            as_of: row.date("as_of")?,
            value: row.known("value")?,
            low: row.known("low")?,
            high: row.known("high")?,
            probability_permille: probability,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

/// The newest forecast of a target that was made by an instant.
pub(crate) fn newest<'a>(all: impl Iterator<Item = &'a Forecast>, target: &Name, at: Time) -> Option<&'a Forecast> {
    let made_by = |one: &&Forecast| one.target == *target && Time::parse_date(&one.as_of).is_ok_and(|date| date <= at);
    all.filter(made_by).max_by(|one, other| (&one.as_of, &one.id).cmp(&(&other.as_of, &other.id)))
}
