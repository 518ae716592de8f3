//! Instants and spans, in whole milliseconds. No clock lives here: time is an argument.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// An instant: milliseconds since 1970-01-01T00:00:00Z (in a replay, since the trace's own beginning).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

/// A length of time in milliseconds; negative where an instant lies before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// One hour, the unit of prices.
    pub const HOUR: Span = Span(3_600_000);

    /// A span of whole seconds.
    pub const fn seconds(seconds: i64) -> Span {
        Span(seconds * 1000)
    }

    /// The span in seconds, for printing only.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Time {
    /// The start of a date or instant: `2026-11-23`, `2026-11` (its first day), `2026`, or RFC 3339.
    pub fn parse_date(text: &str) -> Result<Time, Malformed> {
        let wanted = "a date such as 2026-11-23, a month such as 2026-11, or an instant such as 2026-11-23T08:00:00Z";
        let full = match text.len() {
            4 => format!("{text}-01-01T00:00:00Z"),
            7 => format!("{text}-01T00:00:00Z"),
            10 => format!("{text}T00:00:00Z"),
            _ => text.to_owned(),
        };
        let stamp: jiff::Timestamp = full.parse().map_err(|_| Malformed::new(text, wanted))?;
        Ok(Time(stamp.as_millisecond()))
    }

    /// The calendar date in UTC, `2026-11-23`.
    pub fn date(self) -> String {
        self.to_string().chars().take_while(|c| *c != 'T').collect()
    }

    /// The hour of the day, 0 to 23, at an offset of whole hours from UTC.
    pub fn hour_of_day(self, utc_offset_hours: i64) -> u8 {
        let hours = self.0.div_euclid(3_600_000) + utc_offset_hours;
        hours.rem_euclid(24) as u8
    }

    /// The next full hour strictly after this instant.
    pub fn next_hour(self) -> Time {
        Time((self.0.div_euclid(3_600_000) + 1) * 3_600_000)
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0 + other.0)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        self.0 += other.0;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0 - other.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Time, Malformed> {
        if let Some(number) = text.strip_suffix("ms")
            && let Ok(milliseconds) = number.parse()
        {
            return Ok(Time(milliseconds));
        }
        Time::parse_date(text)
    }
}

const SPAN_UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl fmt::Display for Span {
    /// `1d2h3m4s5ms`, leaving out what is zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut left = self.0.unsigned_abs();
        for (unit, scale) in SPAN_UNITS {
            let scale = scale.unsigned_abs();
            if left >= scale {
                write!(f, "{}{unit}", left / scale)?;
                left %= scale;
            }
        }
        Ok(())
    }
}

impl FromStr for Span {
    type Err = Malformed;
    /// Reads `90s`, `1h30m`, `250ms`, `2d`, or plain seconds (`90`).
    fn from_str(text: &str) -> Result<Span, Malformed> {
        let wrong = || Malformed::new(text, "a length of time, such as 90s, 1h30m or 2d");
        let (sign, mut rest) = match text.trim().strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.trim()),
        };
        if let Ok(seconds) = rest.parse::<i64>()
            && !rest.starts_with(['-', '+'])
        {
            return seconds.checked_mul(1000 * sign).map(Span).ok_or_else(wrong);
        }
        let mut total: i64 = 0;
        if rest.is_empty() || rest.starts_with('-') {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = &rest[..letters];
            let (_, scale) = SPAN_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
            total = number.checked_mul(*scale * sign).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
            rest = &rest[letters..];
        }
        Ok(Span(total))
    }
}
