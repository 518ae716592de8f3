//! Dated prices and factors. Nothing here is a constant: every row says from when, to when and by whom.

use std::fmt;
use std::str::FromStr;

use measure::{CarbonFactor, Malformed, Money, Name, Rate, Span, Time, parse_scaled};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Wrong};

/// What a row prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TariffKind {
    /// Yuan per kWh, by hour of the day.
    Electricity,
    /// Kilograms of CO2 equivalent per kWh.
    Carbon,
    /// Yuan per device-hour, for a pool, a model or everything.
    DeviceHour,
    /// Yuan per core-hour, likewise.
    CoreHour,
}

impl fmt::Display for TariffKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TariffKind::Electricity => "electricity",
            TariffKind::Carbon => "carbon",
            TariffKind::DeviceHour => "device-hour",
            TariffKind::CoreHour => "core-hour",
        })
    }
}

/// One dated price or factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Its id in the census.
    pub id: Name,
    /// What it prices.
    pub kind: TariffKind,
    /// A region for electricity and carbon; `pool:NAME`, `model:MODEL` or `*` for computing.
    pub scope: String,
    /// From when.
    pub valid_from: Time,
    /// Until when, exclusive; `None` while no end is known.
    pub valid_to: Option<Time>,
    /// Local hours, end exclusive; empty for the whole day.
    pub hours: Vec<(u8, u8)>,
    /// Millionths of the unit (yuan, or kilograms).
    pub micro: i64,
    /// How good the source is; `sample` for a price that nobody has published.
    pub grade: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const COLUMNS: &[&str] =
    &["id", "kind", "scope", "valid_from", "valid_to", "hours", "price", "unit", "grade", "source", "note"];

fn parse_hours(text: &str) -> Result<Vec<(u8, u8)>, Malformed> {
    let wrong = || Malformed::new(text, "hours such as 10-13;17-22, from 0 to 24, or nothing for the whole day");
    let part = |part: &str| {
        let (from, to) = part.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (u8::from_str(from.trim()).map_err(|_| wrong())?, u8::from_str(to.trim()).map_err(|_| wrong())?);
        if from < to && to <= 24 { Ok((from, to)) } else { Err(wrong()) }
    };
    text.split(';').filter(|part| !part.trim().is_empty()).map(part).collect()
}

impl Tariff {
    pub(crate) fn read(row: &Row) -> Result<Tariff, Wrong> {
        let kind = match (row.text("kind"), row.text("unit")) {
            ("electricity", "yuan/kWh") => TariffKind::Electricity,
            ("carbon", "kg/kWh") => TariffKind::Carbon,
            ("compute", "yuan/device-hour") => TariffKind::DeviceHour,
            ("compute", "yuan/core-hour") => TariffKind::CoreHour,
            ("electricity" | "carbon" | "compute", unit) => {
                let problem = format!(
                    "`{unit}` is not a unit of this kind; electricity has yuan/kWh, carbon kg/kWh, compute yuan/device-hour or yuan/core-hour"
                );
                return Err(row.wrong("unit", problem));
            }
            (kind, _) => return Err(row.wrong("kind", format!("`{kind}` is not electricity, carbon or compute"))),
        };
        let date = |column: &str| Time::parse_date(row.text(column)).map_err(|problem| row.wrong(column, problem));
        let micro = parse_scaled(row.text("price"), 6).map_err(|problem| row.wrong("price", problem))?;
        // Spot electricity has known prices below zero; the other kinds have not.
        if micro < 0 && kind != TariffKind::Electricity {
            return Err(row.wrong("price", format!("`{}` is negative", row.text("price"))));
        }
        let tariff = Tariff {
            id: row.parse("id")?,
            kind,
            scope: row.said("scope")?,
            valid_from: date("valid_from")?,
            valid_to: if row.text("valid_to").is_empty() { None } else { Some(date("valid_to")?) },
            hours: parse_hours(row.text("hours")).map_err(|problem| row.wrong("hours", problem))?,
            micro,
            grade: row.said("grade")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        };
        if tariff.valid_to.is_some_and(|end| end <= tariff.valid_from) {
            return Err(row.wrong("valid_to", "does not lie after valid_from"));
        }
        Ok(tariff)
    }

    fn holds(&self, at: Time, utc_offset_hours: i64) -> bool {
        let hour = at.hour_of_day(utc_offset_hours);
        let in_hours = self.hours.is_empty() || self.hours.iter().any(|(from, to)| (*from..*to).contains(&hour));
        // Dates of a tariff are local dates.
        let local = at + Span(utc_offset_hours * Span::HOUR.0);
        in_hours && self.valid_from <= local && self.valid_to.is_none_or(|end| local < end)
    }
}

impl Census {
    /// The newest row of a kind and scope that holds at an instant.
    fn tariff(&self, kind: TariffKind, scope: &str, at: Time) -> Option<&Tariff> {
        let holds =
            |tariff: &&Tariff| tariff.kind == kind && tariff.scope == scope && tariff.holds(at, self.hub.utc_offset_hours);
        self.tariffs.values().filter(holds).max_by_key(|tariff| tariff.valid_from)
    }

    /// The price of electricity per kWh, if one is known for that hour.
    pub fn electricity(&self, at: Time) -> Option<Money> {
        self.tariff(TariffKind::Electricity, &self.hub.region, at).map(|tariff| Money(tariff.micro))
    }

    /// The carbon factor of the hub's grid, if one is known.
    pub fn carbon(&self, at: Time) -> Option<CarbonFactor> {
        self.tariff(TariffKind::Carbon, &self.hub.region, at).map(|tariff| CarbonFactor(tariff.micro))
    }

    /// What an hour costs in a pool: the pool's own price, else its model's, else everybody's, else nothing.
    pub fn rate(&self, pool: &Name, model: Option<&str>, at: Time) -> Rate {
        let scopes = [Some(format!("pool:{pool}")), model.map(|model| format!("model:{model}")), Some("*".to_owned())];
        let price = |kind| {
            let found = scopes.iter().flatten().find_map(|scope| self.tariff(kind, scope, at));
            found.map_or(Money::ZERO, |tariff| Money(tariff.micro))
        };
        Rate { device_hour: price(TariffKind::DeviceHour), core_hour: price(TariffKind::CoreHour) }
    }
}
