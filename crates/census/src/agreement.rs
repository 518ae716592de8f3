//! What a provider and a tenant agree on when work is placed: prices by the hour of the day, a minimum, what idle and kept
//! devices cost, a discount and the hub's fee. Agreed once and written into the place, so that no later price changes it.

use measure::{CoreTime, Cpu, DeviceTime, Money, Name, Rate, Span, Time, parse_scaled};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Wrong};
use crate::tariff::TariffKind;

/// A provider's conditions towards a tenant, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// Their id in the census.
    pub id: Name,
    /// Whose.
    pub provider: Name,
    /// Towards whom; `*` for every tenant that has none of its own.
    pub tenant: String,
    /// From when.
    pub valid_from: Time,
    /// Until when, exclusive; `None` while no end is known.
    pub valid_to: Option<Time>,
    /// The time that is charged at least once something ran.
    pub minimum: Span,
    /// The price that is charged at least once something ran.
    pub minimum_price: Money,
    /// Thousandths of the price for time in which a place is held and nothing runs.
    pub idle_permille: u32,
    /// Thousandths of the price for devices kept for work that waits for more of them.
    pub kept_permille: u32,
    /// Thousandths of the price that are not charged.
    pub discount_permille: u32,
    /// The hub's fee in thousandths; the hub's own setting when work is placed where `None`.
    pub fee_permille: Option<u32>,
    /// Where they are from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const COLUMNS: &[&str] = &[
    "id",
    "provider",
    "tenant",
    "valid_from",
    "valid_to",
    "currency",
    "minimum_minutes",
    "minimum_yuan",
    "idle_permille",
    "kept_permille",
    "discount_permille",
    "fee_permille",
    "source",
    "note",
];

impl Conditions {
    pub(crate) fn read(row: &Row) -> Result<Conditions, Wrong> {
        let currency = row.text("currency");
        if currency != Money::CURRENCY {
            return Err(
                row.wrong("currency", format!("`{currency}` is not the currency of this hub's books; {} is", Money::CURRENCY))
            );
        }
        let amount = |column: &str| match row.text(column) {
            "" => Ok(0),
            text => match parse_scaled(text, 6) {
                Ok(micro) if micro > 1_000_000_000_000 => Err(row.wrong(column, format!("`{text}` is more than a million"))),
                Ok(micro) if micro >= 0 => Ok(micro),
                Ok(_) => Err(row.wrong(column, format!("`{text}` is negative"))),
                Err(problem) => Err(row.wrong(column, problem)),
            },
        };
        Ok(Conditions {
            id: row.parse("id")?,
            provider: row.parse("provider")?,
            tenant: row.said("tenant")?,
            valid_from: row.instant("valid_from")?,
            valid_to: row.end_after("valid_to", row.instant("valid_from")?)?,
            minimum: Span(amount("minimum_minutes")? * 60 / 1000),
            minimum_price: Money(amount("minimum_yuan")?),
            idle_permille: row.permille("idle_permille")?,
            kept_permille: row.permille("kept_permille")?,
            discount_permille: row.permille("discount_permille")?,
            fee_permille: if row.text("fee_permille").is_empty() { None } else { Some(row.permille("fee_permille")?) },
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What was agreed beyond the rate of the hour in which work was placed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Rates by local hours, end exclusive, that cover the day; empty where the rate is the same at every hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<(u8, u8, Rate)>,
    /// Local time minus UTC, in whole hours.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub utc_offset_hours: i64,
    /// See [`Conditions`], as all below.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minimum: Span,
    /// The least price.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minimum_price: Money,
    /// For held and idle.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub idle_permille: u32,
    /// For kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept_permille: u32,
    /// Not charged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount_permille: u32,
    /// The hub's; `None` where nothing was to be paid, and in journals that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_permille: Option<u32>,
}

/// What an attempt held, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Thousandths of devices.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub milli: u64,
    /// Cores.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cores: Cpu,
    /// From placing it to its end.
    pub span: Span,
    /// When it ended.
    pub until: Time,
    /// Devices kept for it before it was placed × time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: DeviceTime,
}

impl Held {
    /// Devices held for a span.
    pub fn devices(&self, span: Span) -> DeviceTime {
        // Of a part of a device, that part of its time is held.
        DeviceTime((i128::from(self.milli) * i128::from(span.0) / 1000) as i64)
    }

    /// Cores held for a span.
    pub fn core_time(&self, span: Span) -> CoreTime {
        self.cores * span
    }
}

/// A price in its parts: run + idle + kept + minimum − discount = price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// For time in which it ran.
    pub run: Money,
    /// For time in which its place was held and nothing ran.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub idle: Money,
    /// For devices kept for it before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: Money,
    /// What is missing to the minimum.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minimum: Money,
    /// What is let off.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount: Money,
}

impl Parts {
    /// What is to be paid.
    pub fn price(&self) -> Money {
        self.run + self.idle + self.kept + self.minimum - self.discount
    }
}

impl Agreement {
    /// Whether nothing is agreed beyond the rate.
    pub fn is_plain(&self) -> bool {
        *self == Agreement { utc_offset_hours: self.utc_offset_hours, ..Agreement::default() }
    }

    /// Whether the price is nothing but the rate × time, whoever gets which part of it.
    pub fn is_rate_alone(&self) -> bool {
        Agreement { fee_permille: None, ..self.clone() }.is_plain()
    }

    /// The price of an attempt that ran for the last `run` of what it held. Time at one rate is summed and rounded once.
    pub fn parts(&self, rate: Rate, held: &Held, run: Span) -> Parts {
        let from = Time(held.until.0 - run.0);
        let mut parts = Parts {
            run: self.cost(rate, held, from, held.until),
            idle: self.cost(rate, held, Time(held.until.0 - held.span.0), from).permille(self.idle_permille),
            kept: rate.price(held.kept, CoreTime(0)).permille(self.kept_permille),
            ..Parts::default()
        };
        if run > Span::ZERO {
            let least = self.cost(rate, held, from, from + self.minimum).max(self.minimum_price);
            parts.minimum = Money((least.0 - parts.run.0).max(0));
        }
        parts.discount = (parts.run + parts.idle + parts.kept + parts.minimum).permille(self.discount_permille);
        parts
    }

    /// The most that holding so much for a span can cost, wherever in the day it lies.
    pub fn most(&self, rate: Rate, held: &Held, span: Span) -> Money {
        /// Nobody holds money for longer than a year, nor more than a billion yuan, whatever limit a job has.
        const LONGEST: Span = Span(366 * 24 * 3_600_000);
        const MOST: Money = Money(1_000_000_000_000_000);
        let span = span.min(LONGEST);
        let rates = self.hours.iter().map(|(_, _, rate)| *rate).chain([rate]);
        let most = |span: Span| rates.clone().map(|rate| rate.price(held.devices(span), held.core_time(span))).max();
        let run = most(span.max(self.minimum)).unwrap_or_default().max(self.minimum_price);
        let most = (run.min(MOST) + rate.price(held.kept, CoreTime(0)).permille(self.kept_permille)).min(MOST);
        most - most.permille(self.discount_permille)
    }

    fn cost(&self, rate: Rate, held: &Held, from: Time, to: Time) -> Money {
        if self.hours.is_empty() || to <= from {
            let span = Span((to - from).0.max(0));
            return rate.price(held.devices(span), held.core_time(span));
        }
        let mut spans = vec![Span::ZERO; self.hours.len()];
        let mut at = from;
        while at < to {
            let (end, hour) = (at.next_hour().min(to), at.hour_of_day(self.utc_offset_hours));
            if let Some(band) = self.hours.iter().position(|(first, last, _)| (*first..*last).contains(&hour)) {
                spans[band] += end - at;
            }
            at = end;
        }
        let cost = |(span, (_, _, rate)): (&Span, &(u8, u8, Rate))| rate.price(held.devices(*span), held.core_time(*span));
        spans.iter().zip(&self.hours).map(cost).sum()
    }
}

impl Census {
    /// What an hour costs in a provider's pool, and what is agreed beyond it, for a tenant that is placed at an instant; `None`
    /// where nothing is.
    pub fn agreement(
        &self,
        (pool, provider): (&Name, &Name),
        model: Option<&str>,
        tenant: &str,
        at: Time,
    ) -> (Rate, Option<Agreement>) {
        let rate = self.rate((pool, provider), model, at);
        let offset = self.hub.utc_offset_hours;
        let local = at + Span(offset * Span::HOUR.0);
        let holds = |one: &&Conditions| {
            one.provider == *provider && one.valid_from <= local && one.valid_to.is_none_or(|end| local < end)
        };
        let own = |wanted: &str| self.conditions.values().filter(holds).find(|one| one.tenant == wanted);
        let mut agreed = Agreement { utc_offset_hours: offset, ..Agreement::default() };
        if let Some(one) = own(tenant).or_else(|| own("*")) {
            (agreed.minimum, agreed.minimum_price) = (one.minimum, one.minimum_price);
            (agreed.idle_permille, agreed.kept_permille) = (one.idle_permille, one.kept_permille);
            (agreed.discount_permille, agreed.fee_permille) = (one.discount_permille, one.fee_permille);
        }
        if self
            .tariffs
            .values()
            .any(|tariff| matches!(tariff.kind, TariffKind::DeviceHour | TariffKind::CoreHour) && !tariff.hours.is_empty())
        {
            let midnight = Time(local.0.div_euclid(24 * Span::HOUR.0) * 24 * Span::HOUR.0 - offset * Span::HOUR.0);
            for hour in 0_u8..24 {
                let rate = self.rate((pool, provider), model, midnight + Span(i64::from(hour) * Span::HOUR.0));
                match agreed.hours.last_mut().filter(|(_, _, last)| *last == rate) {
                    Some((_, end, _)) => *end = hour + 1,
                    None => agreed.hours.push((hour, hour + 1, rate)),
                }
            }
            if agreed.hours.len() == 1 {
                agreed.hours.clear();
            }
        }
        // Whatever is paid, the hub's part of it is agreed now.
        if rate != Rate::default() || !agreed.is_plain() {
            agreed.fee_permille = Some(agreed.fee_permille.unwrap_or(self.hub.fee_permille));
        }
        (rate, (!agreed.is_plain()).then_some(agreed))
    }
}
