//! A table read strictly: the header is exactly what the format says, and every mistake names its line and
//! field.

use std::fmt;
use std::str::FromStr;

use measure::{Malformed, Name, Span, parse_scaled};

use crate::wrong::{Spot, Wrong};

/// A table whose header is exactly `columns`.
pub(crate) struct Table<'a> {
    file: &'a str,
    columns: &'static [&'static str],
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Table<'a> {
    /// Checks the header. `shorter` is a header that some files of the format have instead, and what it means
    /// that they do.
    pub(crate) fn open(
        file: &'a str,
        text: &'a str,
        columns: &'static [&'static str],
        shorter: Option<(&[&str], &str)>,
    ) -> Result<Table<'a>, Wrong> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let wrong = |problem: String| Wrong { file: file.to_owned(), spot: Spot::Line(1), field: None, problem };
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?;
        if let Some((_, meaning)) = shorter.filter(|(shorter, _)| header.iter().eq(shorter.iter().copied())) {
            return Err(wrong(meaning.to_owned()));
        }
        if !header.iter().eq(columns.iter().copied()) {
            let found = header.iter().collect::<Vec<_>>().join(",");
            return Err(wrong(format!("the header must be {}, not {found}", columns.join(","))));
        }
        Ok(Table { file, columns, reader })
    }

    /// Shows every row to `visit`, which may refuse it.
    pub(crate) fn each(mut self, mut visit: impl FnMut(&Row) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut record = csv::StringRecord::new();
        loop {
            let wrong = |line, problem| Wrong { file: self.file.to_owned(), spot: Spot::Line(line), field: None, problem };
            let more = self.reader.read_record(&mut record).map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                wrong(line, "is not readable as CSV".to_owned())
            })?;
            if !more {
                return Ok(());
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != self.columns.len() {
                let (found, wanted) = (record.len(), self.columns.len());
                return Err(wrong(line, format!("{found} fields where the header has {wanted}")));
            }
            visit(&Row { file: self.file, columns: self.columns, line, record: &record })?;
        }
    }
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

    /// The text of a column that this table may not have; empty then.
    pub(crate) fn optional(&self, column: &str) -> &str {
        if self.columns.contains(&column) { self.text(column) } else { "" }
    }

    pub(crate) fn wrong(&self, column: &str, problem: impl fmt::Display) -> Wrong {
        let (file, field) = (self.file.to_owned(), Some(column.to_owned()));
        Wrong { file, spot: Spot::Line(self.line), field, problem: problem.to_string() }
    }

    /// A whole number from nought.
    pub(crate) fn whole(&self, column: &str) -> Result<u32, Wrong> {
        let text = self.text(column);
        text.parse().map_err(|_| self.wrong(column, Malformed::new(text, "a whole number from 0 to 4294967295")))
    }

    /// A length of time in seconds.
    pub(crate) fn seconds(&self, column: &str) -> Result<Span, Wrong> {
        seconds(self.text(column)).map_err(|problem| self.wrong(column, problem))
    }

    /// A name made of the text of a column.
    pub(crate) fn name(&self, column: &str, text: &str) -> Result<Name, Wrong> {
        Name::from_str(text).map_err(|problem| self.wrong(column, problem))
    }
}

/// A hundred years: what exceeds it is no time in a trace, and sums of what does not cannot overflow.
const LONGEST: Span = Span::seconds(100 * 366 * 86_400);

/// Reads seconds, to the millisecond; neither negative nor more than a hundred years.
pub(crate) fn seconds(text: &str) -> Result<Span, Malformed> {
    let wrong = || Malformed::new(text, "a number of seconds, from 0 to a hundred years, with at most three decimal places");
    let span = parse_scaled(text, 3).map(Span).map_err(|_| wrong())?;
    if (Span::ZERO..=LONGEST).contains(&span) { Ok(span) } else { Err(wrong()) }
}
