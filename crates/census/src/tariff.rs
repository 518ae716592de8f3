//! Dated prices and factors. Nothing here is a constant: every row says from when, to when and by whom.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use measure::{CarbonFactor, Malformed, Money, Name, Rate, Span, Time, parse_scaled};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Wrong};
use crate::series::SeriesKind;

/// What a row prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TariffKind {
    /// Yuan per kWh, by hour of the day.
    Electricity,
    /// Yuan per kW of the month's highest demand, the second part of a two-part tariff.
    Demand,
    /// Yuan per kVA of installed capacity and month, its alternative.
    Capacity,
    /// Kilograms of CO2 equivalent per kWh.
    Carbon,
    /// The same without power that somebody bought as green, for market-based figures.
    ResidualCarbon,
    /// Yuan per device-hour, for a pool, a model or everything.
    DeviceHour,
    /// Yuan per core-hour, likewise.
    CoreHour,
    /// Kilowatts that a site may draw at most, cooling and losses included, by hour of the day.
    PowerCap,
}

impl fmt::Display for TariffKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TariffKind::Electricity => "electricity",
            TariffKind::Demand => "demand",
            TariffKind::Capacity => "capacity",
            TariffKind::Carbon => "carbon",
            TariffKind::ResidualCarbon => "residual-carbon",
            TariffKind::DeviceHour => "device-hour",
            TariffKind::CoreHour => "core-hour",
            TariffKind::PowerCap => "power-cap",
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
    /// `site:ID` or a region for electricity and carbon; for computing `pool:NAME`, `provider:ID/model:MODEL`, `provider:ID`,
    /// `model:MODEL` or `*`, of which the first that says something holds.
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
            ("electricity", "yuan/kW-month") => TariffKind::Demand,
            ("electricity", "yuan/kVA-month") => TariffKind::Capacity,
            ("carbon", "kg/kWh") => TariffKind::Carbon,
            ("residual-carbon", "kg/kWh") => TariffKind::ResidualCarbon,
            ("compute", "yuan/device-hour") => TariffKind::DeviceHour,
            ("compute", "yuan/core-hour") => TariffKind::CoreHour,
            ("power-cap", "kW") => TariffKind::PowerCap,
            ("electricity" | "carbon" | "residual-carbon" | "compute" | "power-cap", unit) => {
                let problem = format!(
                    "`{unit}` is not a unit of this kind; electricity has yuan/kWh, yuan/kW-month or yuan/kVA-month, carbon kg/kWh, compute yuan/device-hour or yuan/core-hour, power-cap kW"
                );
                return Err(row.wrong("unit", problem));
            }
            (kind, _) => {
                let problem = format!("`{kind}` is not electricity, carbon, residual-carbon, compute or power-cap");
                return Err(row.wrong("kind", problem));
            }
        };
        let date = |column: &str| Time::parse_date(row.text(column)).map_err(|problem| row.wrong(column, problem));
        let micro = parse_scaled(row.text("price"), 6).map_err(|problem| row.wrong("price", problem))?;
        // Spot electricity has known prices below zero; the other kinds have not.
        if micro < 0 && kind != TariffKind::Electricity {
            return Err(row.wrong("price", format!("`{}` is negative", row.text("price"))));
        }
        if micro.abs() > 1_000_000_000_000 {
            return Err(row.wrong("price", format!("`{}` is more than a million", row.text("price"))));
        }
        if kind == TariffKind::PowerCap && !row.text("scope").starts_with("site:") {
            return Err(
                row.wrong("scope", format!("`{}` is no site:ID; what a site may draw is said site by site", row.text("scope")))
            );
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

    pub(crate) fn holds(&self, at: Time, utc_offset_hours: i64) -> bool {
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

    /// A site's own row, else its region's.
    pub(crate) fn at_site(&self, kind: TariffKind, site: Option<&Name>, at: Time) -> Option<i64> {
        let own = site.and_then(|site| self.tariff(kind, &format!("site:{site}"), at));
        own.or_else(|| self.tariff(kind, &self.hub.region, at)).map(|tariff| tariff.micro)
    }

    /// A reading of the hour, of the site before its region's.
    fn read(&self, kind: SeriesKind, site: Option<&Name>, at: Time) -> Option<i64> {
        let own = site.and_then(|site| self.reading(kind, &format!("site:{site}"), at));
        own.or_else(|| self.reading(kind, &self.hub.region, at))
    }

    /// The price of electricity per kWh at a site, if one is known for that hour: read from a market before a tariff.
    pub fn electricity(&self, site: Option<&Name>, at: Time) -> Option<Money> {
        let known = self.read(SeriesKind::Electricity, site, at);
        known.or_else(|| self.at_site(TariffKind::Electricity, site, at)).map(Money)
    }

    /// The price of a month's highest demand per kW, and of installed capacity per kVA, where a tariff has them.
    pub fn demand(&self, site: Option<&Name>, at: Time) -> (Option<Money>, Option<Money>) {
        let price = |kind| self.at_site(kind, site, at).map(Money);
        (price(TariffKind::Demand), price(TariffKind::Capacity))
    }

    /// The carbon factor of the grid at a site, if one is known: location-based.
    pub fn carbon(&self, site: Option<&Name>, at: Time) -> Option<CarbonFactor> {
        let known = self.read(SeriesKind::Carbon, site, at);
        known.or_else(|| self.at_site(TariffKind::Carbon, site, at)).map(CarbonFactor)
    }

    /// The factor of power that is not bought as green: the residual mix where one is published, else the grid's average,
    /// which is too low then.
    pub fn residual_carbon(&self, site: Option<&Name>, at: Time) -> Option<CarbonFactor> {
        self.at_site(TariffKind::ResidualCarbon, site, at).map(CarbonFactor).or_else(|| self.carbon(site, at))
    }

    /// What an hour costs in a provider's pool: the pool's own price, else the provider's for the model or for all, else the
    /// model's, else everybody's, else nothing.
    pub fn rate(&self, (pool, provider): (&Name, &Name), model: Option<&str>, at: Time) -> Rate {
        let scopes = [
            Some(format!("pool:{pool}")),
            model.map(|model| format!("provider:{provider}/model:{model}")),
            Some(format!("provider:{provider}")),
            model.map(|model| format!("model:{model}")),
            Some("*".to_owned()),
        ];
        let price = |kind| {
            let found = scopes.iter().flatten().find_map(|scope| self.tariff(kind, scope, at));
            found.map_or(Money::ZERO, |tariff| Money(tariff.micro))
        };
        Rate { device_hour: price(TariffKind::DeviceHour), core_hour: price(TariffKind::CoreHour) }
    }
}

/// What is wrong with the rows of one kind and scope together, each with its line: an hour of some day with two prices, or
/// with none between days that have one. `Err` names the line to be mended, its field and the problem.
pub(crate) fn gaps_and_overlaps(rows: &[(u64, Tariff)]) -> Result<(), (u64, &'static str, String)> {
    let mut groups: BTreeMap<(TariffKind, &str), Vec<&(u64, Tariff)>> = BTreeMap::new();
    // Of several caps the least holds, and where there is none nothing is capped.
    let priced = rows.iter().filter(|row| row.1.kind != TariffKind::PowerCap);
    priced.for_each(|row| groups.entry((row.1.kind, &row.1.scope)).or_default().push(row));
    for ((kind, scope), rows) in groups {
        let mut dates: Vec<Time> = rows.iter().flat_map(|(_, row)| [Some(row.valid_from), row.valid_to]).flatten().collect();
        dates.sort_unstable();
        dates.dedup();
        let mut gap: Option<Time> = None;
        for (at, from) in dates.iter().enumerate() {
            let valid: Vec<&&(u64, Tariff)> =
                rows.iter().filter(|(_, row)| row.valid_from <= *from && row.valid_to.is_none_or(|end| *from < end)).collect();
            let Some((line, first)) = valid.first() else {
                gap = dates.get(at + 1).and(Some(*from));
                continue;
            };
            if let Some(since) = gap {
                let problem = format!("{kind} of `{scope}` has no price from {} to {}", since.date(), from.date());
                return Err((*line, "valid_from", problem));
            }
            let covers = |row: &Tariff, hour: u8| row.hours.is_empty() || row.hours.iter().any(|(a, b)| (*a..*b).contains(&hour));
            for hour in 0_u8..24 {
                let mut on = valid.iter().filter(|(_, row)| covers(row, hour));
                match (on.next(), on.next()) {
                    (Some((_, one)), Some((line, other))) => {
                        let problem =
                            format!("{} and {} both price {kind} of `{scope}` at {hour} h on {}", one.id, other.id, from.date());
                        return Err((*line, "valid_from", problem));
                    }
                    (None, _) => {
                        let problem = format!("no row prices {kind} of `{scope}` at {hour} h from {} on", from.date());
                        return Err((*line, if first.hours.is_empty() { "valid_from" } else { "hours" }, problem));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
