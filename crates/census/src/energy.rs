//! How well sites use energy and water, and which of their power is green. All of it dated.

use std::fmt;
use std::str::FromStr;

use measure::{Malformed, Name, Pue, Span, Time};
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
        let scope = format!("site:{site}");
        let read = self.reading(crate::SeriesKind::Pue, &scope, at);
        let from = |one: &&Effectiveness| Time::parse_date(&one.period_from).ok();
        let known = self.effectiveness.values().filter(|one| one.metric == Metric::Pue && one.scope == scope);
        let newest = || known.filter(|one| from(one).is_some_and(|date| date <= at)).max_by_key(from).map(|one| one.value);
        let stated = || newest().or_else(|| self.sites.get(site)?.pue).map(|pue| pue.micro);
        read.or_else(stated).and_then(|micro| u32::try_from(micro / 1000).ok()).map(Pue)
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
