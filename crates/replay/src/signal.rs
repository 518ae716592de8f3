//! Signals that a replay is told beside its trace: hourly readings from a file.

use std::path::{Path, PathBuf};

use census::SeriesKind;
use measure::{Name, Span, Time};

use crate::trace::read_text;
use crate::wrong::{Error, Spot, Wrong};

/// Hourly readings of one kind, of one site or everywhere the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What is read.
    pub kind: SeriesKind,
    /// At which site; everywhere if none is said.
    pub site: Option<Name>,
    /// Millionths of the unit, an hour each.
    pub values: Vec<i64>,
    /// The row of the hour in which the trace begins; the rows before it are its past.
    pub begins: usize,
    /// What a reader of any figure must know.
    pub notes: Vec<String>,
}

/// Gaps of so many hours are bridged by the line between their neighbours.
const LINED: usize = 6;
/// And of so many by the same hours of the day before; longer ones are refused.
const BRIDGED: usize = 24;
/// Columns by which a table names carbon intensity.
const CARBON_COLUMNS: [&str; 4] = ["carbon_intensity", "carbon_intensity_avg", "avg_CI", "g_per_kwh"];

impl Signal {
    /// Reads `carbon:FILE` (g/kWh) or `electricity:FILE` (yuan/kWh), or of one site `carbon@SITE:FILE`: a table with a row an hour. The value is in the column that is named as
    /// such, else in the first.
    ///
    /// # Errors
    /// The first mistake, with its line and field.
    pub fn read(text: &str, start_hour: usize) -> Result<Signal, Error> {
        let wrong = || Error::Signal { text: text.to_owned() };
        let (kind, path) = text.split_once(':').ok_or_else(wrong)?;
        let (kind, site) = kind.split_once('@').map_or((kind, None), |(kind, site)| (kind, Some(site)));
        let site = site.map(|site| site.parse::<Name>().map_err(|_| wrong())).transpose()?;
        let kind = match kind {
            "carbon" => SeriesKind::Carbon,
            "electricity" => SeriesKind::Electricity,
            _ => return Err(wrong()),
        };
        let path = PathBuf::from(path);
        let signal = Signal::of(kind, &path.display().to_string(), &read_text(Path::new(&path))?, start_hour)?;
        Ok(Signal { site, ..signal })
    }

    /// The same, of a text.
    ///
    /// # Errors
    /// The first mistake, with its line and field.
    pub fn of(kind: SeriesKind, file: &str, text: &str, start_hour: usize) -> Result<Signal, Wrong> {
        let wrong = |line: u64, field: &str, problem: String| Wrong {
            file: file.to_owned(),
            spot: if line == 0 { Spot::Whole } else { Spot::Line(line) },
            field: Some(field.to_owned()).filter(|field| !field.is_empty()),
            problem,
        };
        let mut rows: Vec<(u64, Option<f64>)> = Vec::new();
        let (mut column, mut named) = (0, "first column".to_owned());
        // A line with nothing on it is an hour without a value; at the end it is only a line.
        for (line, text) in (1..).zip(text.trim_end().lines()) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = match reader.records().next() {
                None => csv::StringRecord::from(vec![""; column + 1]),
                Some(record) => record.map_err(|_| wrong(line, "", "is not readable as CSV".to_owned()))?,
            };
            if line == 1 {
                let known = CARBON_COLUMNS.iter().filter(|_| kind == SeriesKind::Carbon);
                let found = known.filter_map(|name| record.iter().position(|cell| cell.trim() == *name)).next();
                column = found.unwrap_or(0);
                if record.get(column).is_some_and(|cell| cell.trim().parse::<f64>().is_err() && !cell.trim().is_empty()) {
                    named = record[column].trim().to_owned();
                    continue;
                }
            }
            let cell = record.get(column).ok_or_else(|| wrong(line, &named, "is missing".to_owned()))?.trim();
            let value = match cell {
                "" | "nan" | "NaN" | "null" => None,
                _ => {
                    let number = cell.parse::<f64>().ok().filter(|value| value.is_finite());
                    Some(number.ok_or_else(|| wrong(line, &named, format!("`{cell}` is no number")))?)
                }
            };
            rows.push((line, value));
        }
        let scale = if kind == SeriesKind::Carbon { 1e3 } else { 1e6 };
        let known: Vec<f64> = rows.iter().filter_map(|(_, value)| *value).collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        if kind == SeriesKind::Carbon && !known.is_empty() && mean < 2.0 {
            let problem = format!("the mean is {mean:.3}: that looks like kg/kWh, and g/kWh is what is read here");
            return Err(wrong(0, &named, problem));
        }
        if kind == SeriesKind::Carbon && mean > 3000.0 {
            return Err(wrong(
                0,
                &named,
                format!("the mean is {mean:.0}: no grid emits so many g/kWh; is it in mg or in lb/MWh?"),
            ));
        }
        for (line, value) in rows.iter().filter_map(|(line, value)| Some((*line, (*value)?))) {
            let micro = value * scale;
            if !(-1e15..=1e15).contains(&micro) {
                return Err(wrong(line, &named, format!("`{value}` is out of all bounds")));
            }
            kind.sensible(micro.round() as i64).map_err(|problem| wrong(line, &named, format!("`{value}` is {problem}")))?;
        }
        if known.is_empty() || rows.len() <= start_hour {
            return Err(wrong(0, &named, format!("has {} hours; the trace begins in hour {start_hour}", rows.len())));
        }
        let (values, bridged) = bridge(&rows).map_err(|(line, hours)| {
            wrong(line, &named, format!("from here on {hours} hours in a row have no value; up to {BRIDGED} are bridged"))
        })?;
        let mut notes = Vec::new();
        if bridged > 0 {
            notes.push(format!("{bridged} hours of {file} have no value: up to {LINED} in a row lie on the line between their neighbours, up to {BRIDGED} are as the day before."));
        }
        let values = values.into_iter().map(|value| (value * scale).round() as i64).collect();
        Ok(Signal { kind, site: None, values, begins: start_hour, notes })
    }

    /// Of what it is a series.
    pub(crate) fn scope(&self, region: &str) -> String {
        self.site.as_ref().map_or_else(|| region.to_owned(), |site| format!("site:{site}"))
    }

    /// The reading of an hour of the trace. After its last row the table begins anew.
    pub fn at(&self, hour: i64) -> i64 {
        self.values[(self.begins as i64 + hour).rem_euclid(self.values.len() as i64) as usize]
    }

    /// The readings of the hours before the trace, and their instants.
    pub(crate) fn past(&self, start: Time) -> Vec<(Time, i64)> {
        (0..self.begins).map(|row| (start + Span(-((self.begins - row) as i64) * Span::HOUR.0), self.values[row])).collect()
    }
}

/// Values with short gaps filled, and how many hours that were; the line and length of a gap that is too long.
fn bridge(rows: &[(u64, Option<f64>)]) -> Result<(Vec<f64>, usize), (u64, usize)> {
    let (mut values, mut bridged, mut at) = (Vec::with_capacity(rows.len()), 0, 0);
    while at < rows.len() {
        if let Some(value) = rows[at].1 {
            values.push(value);
            at += 1;
            continue;
        }
        let gap = rows[at..].iter().take_while(|(_, value)| value.is_none()).count();
        if gap > BRIDGED {
            return Err((rows[at].0, gap));
        }
        bridged += gap;
        if gap > LINED && at >= 24 {
            (0..gap).for_each(|_| values.push(values[values.len() - 24]));
            at += gap;
            continue;
        }
        let (before, after) = (values.last().copied(), rows.get(at + gap).and_then(|row| row.1));
        // At an end the one neighbour holds.
        let (from, to) = (before.or(after).unwrap_or_default(), after.or(before).unwrap_or_default());
        values.extend((1..=gap).map(|step| from + (to - from) * step as f64 / (gap + 1) as f64));
        at += gap;
    }
    Ok((values, bridged))
}
