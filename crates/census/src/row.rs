//! One row of a CSV file, read strictly: every mistake names its file, line and field.

use std::fmt;
use std::str::FromStr;

use measure::{Malformed, Time, parse_scaled, print_scaled};
use serde::{Deserialize, Serialize};

/// A mistake in a census folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}{}: {problem}", Part(" line ", .line.map(|n| n.to_string())), Part(" field ", .field.clone()))]
pub struct Wrong {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: Option<u64>,
    /// The column or key.
    pub field: Option<String>,
    /// What is wrong and what would be right.
    pub problem: String,
}

struct Part(&'static str, Option<String>);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(text) => write!(f, "{}{text}", self.0),
            None => Ok(()),
        }
    }
}

/// How a published number bounds the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// The number itself.
    Exactly,
    /// `>=`
    AtLeast,
    /// `>`
    MoreThan,
    /// `<=`
    AtMost,
    /// `<`
    LessThan,
    /// `~`
    About,
}

const BOUNDS: [(&str, Bound); 5] =
    [(">=", Bound::AtLeast), ("<=", Bound::AtMost), (">", Bound::MoreThan), ("<", Bound::LessThan), ("~", Bound::About)];

/// A number as a source states it: `14000`, `>=30`, `~1.1`; exact to six decimal places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stated {
    /// What the source says about the number.
    pub bound: Bound,
    /// Millionths.
    pub micro: i64,
}

impl Stated {
    /// For printing only.
    pub fn as_f64(self) -> f64 {
        self.micro as f64 / 1e6
    }

    /// The least it can be, in millionths. About a number is taken for within a twentieth of it.
    pub fn least(self) -> i64 {
        match self.bound {
            Bound::Exactly | Bound::AtLeast | Bound::MoreThan => self.micro,
            Bound::AtMost | Bound::LessThan => i64::MIN,
            Bound::About => self.micro.saturating_sub(self.micro.saturating_abs() / 20),
        }
    }

    /// The most it can be, in millionths.
    pub fn most(self) -> i64 {
        match self.bound {
            Bound::Exactly | Bound::AtMost | Bound::LessThan => self.micro,
            Bound::AtLeast | Bound::MoreThan => i64::MAX,
            Bound::About => self.micro.saturating_add(self.micro.saturating_abs() / 20),
        }
    }
}

impl FromStr for Stated {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Stated, Malformed> {
        let found = BOUNDS.iter().find_map(|(sign, bound)| text.strip_prefix(sign).map(|rest| (*bound, rest)));
        let (bound, number) = found.unwrap_or((Bound::Exactly, text));
        let wrong = |_| Malformed::new(text, "`unknown` or a plain number, after >=, >, <=, < or ~ where the source says so");
        Ok(Stated { bound, micro: parse_scaled(number, 6).map_err(wrong)? })
    }
}

impl fmt::Display for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = BOUNDS.iter().find(|(_, bound)| *bound == self.bound).map_or("", |(sign, _)| sign);
        f.pad(&format!("{sign}{}", print_scaled(self.micro, 6)))
    }
}

impl TryFrom<String> for Stated {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Stated, Malformed> {
        text.parse()
    }
}

impl From<Stated> for String {
    fn from(stated: Stated) -> String {
        stated.to_string()
    }
}

/// A table whose header is exactly `columns`.
pub(crate) struct Table<'a> {
    file: &'a str,
    columns: &'static [&'static str],
    rows: Vec<(u64, csv::StringRecord)>,
}

impl<'a> Table<'a> {
    pub(crate) fn read(file: &'a str, text: &str, columns: &'static [&'static str]) -> Result<Table<'a>, Wrong> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let wrong = |line, problem| Wrong { file: file.to_owned(), line: Some(line), field: None, problem };
        let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
        if let Some(name) = columns.iter().find(|name| !header.iter().any(|found| found == **name)) {
            return Err(wrong(1, format!("the column `{name}` is missing; the header must be {}", columns.join(","))));
        }
        if let Some(name) = header.iter().find(|name| !columns.contains(name)) {
            return Err(wrong(1, format!("the column `{name}` is not known; the header must be {}", columns.join(","))));
        }
        if !header.iter().eq(columns.iter().copied()) {
            return Err(wrong(1, format!("the columns are out of order; the header must be {}", columns.join(","))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                wrong(line, "not readable as CSV in UTF-8".to_owned())
            })?;
            let line = record.position().map_or(0, |position| line_after_blanks(text, position));
            if record.len() != columns.len() {
                let found = record.len();
                return Err(wrong(line, format!("{found} fields where the header has {}", columns.len())));
            }
            rows.push((line, record));
        }
        Ok(Table { file, columns, rows })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { file: self.file, columns: self.columns, line: *line, record })
    }
}

/// The line on which a record stands: the reader gives the one where the blank lines before it began.
fn line_after_blanks(text: &str, position: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let blanks = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count();
    position.line() + blanks as u64
}

/// One row of a [`Table`].
pub(crate) struct Row<'a> {
    file: &'a str,
    columns: &'static [&'static str],
    line: u64,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// The text of a column, which may be empty.
    pub(crate) fn text(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| *name == column).expect("a reader asks for columns of its own header");
        self.record[at].trim()
    }

    /// The line in the file.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn wrong(&self, column: &str, problem: impl fmt::Display) -> Wrong {
        Wrong { file: self.file.to_owned(), line: Some(self.line), field: Some(column.to_owned()), problem: problem.to_string() }
    }

    /// A column that must say something.
    pub(crate) fn said(&self, column: &str) -> Result<String, Wrong> {
        match self.text(column) {
            "" => Err(self.wrong(column, "is empty")),
            text => Ok(text.to_owned()),
        }
    }

    /// A column that names a date, kept as precise as it is written.
    pub(crate) fn date(&self, column: &str) -> Result<String, Wrong> {
        let text = self.said(column)?;
        Time::parse_date(&text).map_err(|problem| self.wrong(column, problem))?;
        Ok(text)
    }

    /// The same, or `unknown`.
    pub(crate) fn date_or_unknown(&self, column: &str) -> Result<String, Wrong> {
        match self.text(column) {
            "unknown" => Ok("unknown".to_owned()),
            _ => self.date(column),
        }
    }

    /// The start of a date.
    pub(crate) fn instant(&self, column: &str) -> Result<Time, Wrong> {
        Time::parse_date(self.text(column)).map_err(|problem| self.wrong(column, problem))
    }

    /// An exclusive end, if one is known.
    pub(crate) fn end_after(&self, column: &str, from: Time) -> Result<Option<Time>, Wrong> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        match self.instant(column)? {
            end if end > from => Ok(Some(end)),
            _ => Err(self.wrong(column, "does not lie after valid_from")),
        }
    }

    /// Thousandths, from 0 to 1000; 0 where nothing is said.
    pub(crate) fn permille(&self, column: &str) -> Result<u32, Wrong> {
        let text = self.text(column);
        let number = if text.is_empty() { Some(0) } else { text.parse::<u32>().ok().filter(|number| *number <= 1000) };
        number.ok_or_else(|| self.wrong(column, format!("`{text}` is not a number of thousandths from 0 to 1000")))
    }

    pub(crate) fn parse<T: FromStr<Err = Malformed>>(&self, column: &str) -> Result<T, Wrong> {
        self.text(column).parse().map_err(|problem| self.wrong(column, problem))
    }

    /// `None` for `unknown`, `unstated` or nothing.
    pub(crate) fn known<T: FromStr<Err = Malformed>>(&self, column: &str) -> Result<Option<T>, Wrong> {
        match self.text(column) {
            "" | "unknown" | "unstated" => Ok(None),
            _ => self.parse(column).map(Some),
        }
    }

    /// A known number that may not lie below zero.
    pub(crate) fn amount(&self, column: &str) -> Result<Option<Stated>, Wrong> {
        let stated: Option<Stated> = self.known(column)?;
        match stated {
            Some(stated) if stated.micro < 0 => Err(self.wrong(column, format!("`{stated}` is negative"))),
            _ => Ok(stated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_a_number_lies_around_it_however_large_it_is() {
        let around = |text: &str| text.parse::<Stated>().map(|stated| (stated.least(), stated.most()));
        assert_eq!(around("~1.1"), Ok((1_045_000, 1_155_000)));
        assert_eq!(around("~9223372036854").map(|(_, most)| most), Ok(i64::MAX));
        assert_eq!(around("~-9223372036854.775808").map(|(least, _)| least), Ok(i64::MIN));
    }
}
