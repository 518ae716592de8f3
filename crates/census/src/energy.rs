//! How well sites use energy and water, and which of their power is green. All of it dated.

use std::fmt;
use std::str::FromStr;

use measure::{Carbon, Energy, Malformed, Money, Name, Power, Pue, Span, Time};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Stated, Wrong};

/// What is told of a facility's effectiveness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Power usage effectiveness: facility energy over IT energy (ISO/IEC 30134-2), at least 1.
    Pue,
    /// Carbon usage effectiveness: kg CO2e over IT kWh (ISO/IEC 30134-8).
    Cue,
    /// Water usage effectiveness: litres over IT kWh (ISO/IEC 30134-9).
    Wue,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Metric::Pue => "pue",
            Metric::Cue => "cue",
            Metric::Wue => "wue",
        })
    }
}

impl FromStr for Metric {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Metric, Malformed> {
        [Metric::Pue, Metric::Cue, Metric::Wue]
            .into_iter()
            .find(|metric| metric.to_string() == text)
            .ok_or_else(|| Malformed::new(text, "pue, cue or wue"))
    }
}

/// A published or measured effectiveness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effectiveness {
    /// Its id in the census.
    pub id: Name,
    /// `site:ID`, or what it covers in the source's own words.
    pub scope: String,
    /// Which of them.
    pub metric: Metric,
    /// The figure.
    pub value: Stated,
    /// The category of ISO/IEC 30134 (1 to 3), by where it is measured; `None` where the source does not say.
    pub category: Option<u8>,
    /// What counts as the facility, or `unstated`.
    pub boundary: String,
    /// The first day of the period it was measured over, or `unknown`.
    pub period_from: String,
    /// The first day after that period, or `unknown`.
    pub period_to: String,
    /// How good the source is.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const EFFECTIVENESS_COLUMNS: &[&str] =
    &["id", "scope", "metric", "value", "category", "boundary", "period_from", "period_to", "quality", "source", "note"];

impl Effectiveness {
    pub(crate) fn read(row: &Row) -> Result<Effectiveness, Wrong> {
        let metric = row.parse("metric")?;
        let value: Stated =
            row.amount("value")?.ok_or_else(|| row.wrong("value", "is unknown; a row without a figure says nothing"))?;
        if metric == Metric::Pue && value.most() < i64::from(Pue::LEAST.0) * 1000 {
            return Err(row.wrong("value", format!("`{value}` lies below 1, which no facility can reach")));
        }
        let category = match row.text("category") {
            "unstated" | "unknown" | "" => None,
            text => Some(text.parse().ok().filter(|number| (1..=3).contains(number)).ok_or_else(|| {
                row.wrong("category", format!("`{text}` is no category of ISO/IEC 30134: 1, 2, 3 or unstated"))
            })?),
        };
        let one = Effectiveness {
            id: row.parse("id")?,
            scope: row.said("scope")?,
            metric,
            value,
            category,
            boundary: row.said("boundary")?,
            period_from: row.date_or_unknown("period_from")?,
            period_to: row.date_or_unknown("period_to")?,
            quality: row.said("quality")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        };
        let dates = Time::parse_date(&one.period_from).ok().zip(Time::parse_date(&one.period_to).ok());
        if dates.is_some_and(|(from, to)| to <= from) {
            return Err(row.wrong("period_to", "does not lie after period_from"));
        }
        Ok(one)
    }
}

/// How a part of a site's electricity is green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GreenKind {
    /// By certificates, bought apart from the power.
    Certificate,
    /// By a contract with whoever generates it.
    Contract,
}

impl FromStr for GreenKind {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<GreenKind, Malformed> {
        match text {
            "certificate" => Ok(GreenKind::Certificate),
            "contract" => Ok(GreenKind::Contract),
            _ => Err(Malformed::new(text, "certificate or contract")),
        }
    }
}

/// The part of a site's electricity that is green. Several for one time are added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Green {
    /// Its id in the census.
    pub id: Name,
    /// `site:ID`, `provider:ID`, or `*` for every site.
    pub scope: String,
    /// By what.
    pub kind: GreenKind,
    /// Thousandths of the electricity.
    pub permille: u32,
    /// From when.
    pub valid_from: Time,
    /// Until when, exclusive; `None` while no end is known.
    pub valid_to: Option<Time>,
    /// Where it is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const GREEN_COLUMNS: &[&str] = &["id", "scope", "kind", "share", "valid_from", "valid_to", "source", "note"];

impl Green {
    pub(crate) fn read(row: &Row) -> Result<Green, Wrong> {
        let share = row.text("share");
        let permille = measure::parse_scaled(share, 3).map_err(|problem| row.wrong("share", problem))?;
        let permille = u32::try_from(permille).ok().filter(|permille| *permille <= 1000);
        Ok(Green {
            id: row.parse("id")?,
            scope: row.said("scope")?,
            kind: row.parse("kind")?,
            permille: permille.ok_or_else(|| row.wrong("share", format!("`{share}` is no share: 0 to 1")))?,
            valid_from: row.instant("valid_from")?,
            valid_to: row.end_after("valid_to", row.instant("valid_from")?)?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl Census {
    /// A site's PUE at an instant: a reading of the hour, else the newest published by then, else what its row says. A bound
    /// such as `<1.2` is taken at its edge: what follows from it is an upper bound then.
    pub fn pue(&self, site: &Name, at: Time) -> Option<Pue> {
        let read = self.reading(crate::SeriesKind::Pue, &format!("site:{site}"), at);
        let stated = || self.pue_stated(site, at).map(|pue| pue.micro);
        read.or_else(stated).and_then(|micro| u32::try_from(micro / 1000).ok()).map(Pue)
    }

    /// A site's PUE at an instant as its sources give it: the newest published by then, else what its row says.
    pub fn pue_stated(&self, site: &Name, at: Time) -> Option<Stated> {
        let scope = format!("site:{site}");
        let from = |one: &&Effectiveness| Time::parse_date(&one.period_from).ok();
        let known = self.effectiveness.values().filter(|one| one.metric == Metric::Pue && one.scope == scope);
        let newest = known.filter(|one| from(one).is_some_and(|date| date <= at)).max_by_key(from).map(|one| one.value);
        newest.or_else(|| self.sites.get(site)?.pue)
    }

    /// Thousandths of a site's electricity that are green at an instant, by certificate or contract; at most all of it.
    pub fn green(&self, site: Option<&Name>, provider: &Name, at: Time) -> u32 {
        let local = at + Span(self.hub.utc_offset_hours * Span::HOUR.0);
        let covers = |green: &&Green| match green.scope.split_once(':') {
            Some(("site", id)) => site.is_some_and(|site| site.as_str() == id),
            Some(("provider", id)) => provider.as_str() == id,
            _ => green.scope == "*",
        };
        let holds = |green: &&Green| green.valid_from <= local && green.valid_to.is_none_or(|end| local < end);
        self.green.values().filter(covers).filter(holds).map(|green| green.permille).sum::<u32>().min(1000)
    }
}

/// What a site drew in a period, from readings of its power, and what that cost and emitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteEnergy {
    /// Hours of the period for which there are readings; the rest is not guessed.
    pub hours_read: f64,
    /// Hours of the period.
    pub hours: f64,
    /// What it drew in the hours read.
    pub energy_kwh: f64,
    /// The highest reading.
    pub peak_kw: Option<f64>,
    /// By the price of each hour; `None` where one of them has no price.
    pub energy_cost: Option<Money>,
    /// The highest reading × the demand price of a two-part tariff, for the whole month; `None` without such a price.
    pub demand_cost: Option<Money>,
    /// Location-based; `None` where an hour has no factor.
    pub carbon_kg: Option<f64>,
    /// Market-based.
    pub carbon_market_kg: Option<f64>,
    /// Energy over IT energy, by the PUE of each hour.
    pub pue: Option<f64>,
    /// Carbon over IT energy, kg/kWh (ISO/IEC 30134-8), location-based.
    pub cue: Option<f64>,
}

impl Census {
    /// What a site drew from `from` to `to`, exclusive; `None` without a reading of its power.
    pub fn site_energy(&self, site: &Name, from: Time, to: Time) -> Option<SiteEnergy> {
        let series = self.series.get(&(crate::SeriesKind::Power, format!("site:{site}")))?;
        let provider = self.sites.get(site).and_then(|site| site.provider.clone());
        // A reading of before may still hold.
        let readings: Vec<(Time, i64)> =
            series.range(Time(from.0 - crate::HOLDS.0)..to).map(|(at, micro)| (*at, *micro)).collect();
        let (mut energy, mut it, mut read) = (Energy(0), Some(Energy(0)), Span::ZERO);
        let (mut cost, mut carbon, mut market) = (Some(Money::ZERO), Some(Carbon(0)), Some(Carbon(0)));
        let mut peak: Option<i64> = None;
        for (position, (begin, micro)) in readings.iter().enumerate() {
            let next = readings.get(position + 1).map_or(to, |(next, _)| *next);
            let (mut at, end) = (from.max(*begin), to.min(next).min(*begin + crate::HOLDS));
            if at < end {
                peak = peak.max(Some(*micro));
            }
            while at < end {
                let until = at.next_hour().min(end);
                // Millionths of a kW are milliwatts.
                let part = Power(*micro) * (until - at);
                energy += part;
                read += until - at;
                let of_it = self.pue(site, at).map(|pue| Energy((i128::from(part.0) * 1000 / i128::from(pue.0)) as i64));
                it = it.zip(of_it).map(|(sum, more)| sum + more);
                cost = cost.zip(self.electricity(Some(site), at)).map(|(sum, price)| sum + price.per_kwh(part));
                carbon = carbon.zip(self.carbon(Some(site), at)).map(|(sum, factor)| sum + part * factor);
                let green = provider.as_ref().map_or(0, |provider| self.green(Some(site), provider, at));
                let grey = Energy((i128::from(part.0) * i128::from(1000 - green) / 1000) as i64);
                market = market.zip(self.residual_carbon(Some(site), at)).map(|(sum, factor)| sum + grey * factor);
                at = until;
            }
        }
        let peak = peak?;
        let demand =
            self.demand(Some(site), from).0.map(|price| Money((i128::from(price.0) * i128::from(peak) / 1_000_000) as i64));
        let it = it.map(Energy::as_kwh).filter(|it| *it > 0.0);
        Some(SiteEnergy {
            hours_read: read.as_seconds() / 3600.0,
            hours: (to - from).as_seconds() / 3600.0,
            energy_kwh: energy.as_kwh(),
            peak_kw: Some(peak as f64 / 1e6),
            energy_cost: cost,
            demand_cost: demand,
            carbon_kg: carbon.map(Carbon::as_kg),
            carbon_market_kg: market.map(Carbon::as_kg),
            pue: it.map(|it| energy.as_kwh() / it),
            cue: it.zip(carbon).map(|(it, carbon)| carbon.as_kg() / it),
        })
    }
}
