//! A month or a day of accounts, in the hub's local time.

use std::fmt;

use measure::{Malformed, Span, Time};

/// From an instant to another, exclusive, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    text: String,
    /// First instant.
    pub from: Time,
    /// First instant after it.
    pub to: Time,
}

impl Period {
    /// Reads `2026`, `2026-11` or `2026-11-23` at an offset of whole hours from UTC.
    pub fn parse(text: &str, utc_offset_hours: i64) -> Result<Period, Malformed> {
        let wrong = || Malformed::new(text, "a period: a year, month or day, such as 2026-11");
        let from = Time::parse_date(text).map_err(|_| wrong())?;
        // The next one begins where the text of the date changes: at most 366 days on.
        let next = match text.len() {
            4 => format!("{:04}", text.parse::<u32>().map_err(|_| wrong())? + 1),
            7 => {
                let (year, month) = text.split_once('-').ok_or_else(wrong)?;
                let (year, month): (u32, u32) = (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
                if month == 12 { format!("{:04}-01", year + 1) } else { format!("{year:04}-{:02}", month + 1) }
            }
            10 => (from + Span(24 * Span::HOUR.0)).date(),
            _ => return Err(wrong()),
        };
        let offset = Span(-utc_offset_hours * Span::HOUR.0);
        let to = Time::parse_date(&next).map_err(|_| wrong())? + offset;
        Ok(Period { text: text.to_owned(), from: from + offset, to })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
