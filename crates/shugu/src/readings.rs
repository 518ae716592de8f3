//! Readings of prices, carbon, PUE and power, and the files that say where they come from (`signals` tells what such a file holds).

use std::time::Duration;

use measure::{Span, Time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure::{Failure, Outcome};

/// What is followed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sources {
    #[serde(default)]
    signal: Vec<Source>,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What is read: electricity, carbon, pue, power or power-cap.
    pub kind: String,
    /// A site, or a region.
    pub scope: String,
    /// The address of a Prometheus.
    #[serde(default)]
    pub prometheus: Option<String>,
    /// What it is asked.
    #[serde(default)]
    pub query: Option<String>,
    /// A table, by its address or path.
    #[serde(default)]
    pub csv: Option<String>,
    /// How often, a length of time.
    #[serde(default)]
    pub every: Option<String>,
}

impl Source {
    /// How often it is asked.
    ///
    /// # Errors
    /// Where it says no length of time, or less than a second.
    pub fn every(&self) -> Outcome<Duration> {
        let span: Span = match &self.every {
            None => Span(60_000),
            Some(text) => text.parse().map_err(|problem| Failure::Wrong(format!("every: {problem}")))?,
        };
        let least = Span(1000);
        if span < least {
            return Err(Failure::Wrong(format!("every: `{span}` is less than a second")));
        }
        Ok(Duration::from_millis(span.0.unsigned_abs()))
    }

    /// What it is called in messages.
    pub fn name(&self) -> String {
        match (&self.prometheus, &self.csv) {
            (Some(url), _) => format!("{url} {}", self.query.as_deref().unwrap_or_default()),
            (None, csv) => csv.clone().unwrap_or_default(),
        }
    }
}

/// A reading, as a hub is told it.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// From when it holds.
    pub at: String,
    /// A decimal without exponent, to six places.
    pub value: Box<RawValue>,
}

/// Reads the text of a sources file.
///
/// # Errors
/// The first mistake, with the file and the line, or which source.
pub fn sources(file: &str, text: &str) -> Outcome<Vec<Source>> {
    let sources: Sources = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        Failure::Wrong(format!("{file} line {line}: {}", error.message()))
    })?;
    for (at, source) in sources.signal.iter().enumerate() {
        let wrong = |problem: &str| Failure::Wrong(format!("{file} signal {}: {problem}", at + 1));
        match (&source.prometheus, &source.query, &source.csv) {
            (Some(_), Some(_), None) | (None, None, Some(_)) => {}
            _ => return Err(wrong("says either prometheus and query, or csv")),
        }
        source.every().map_err(|problem| wrong(&problem.to_string()))?;
        source.kind.parse::<census::SeriesKind>().map_err(|problem| wrong(&format!("kind: {problem}")))?;
    }
    if sources.signal.is_empty() {
        return Err(Failure::Wrong(format!("{file}: it lists no signal")));
    }
    Ok(sources.signal)
}

/// A decimal without exponent, to six places; none of what is too large for it.
pub fn plain(text: &str) -> Option<Box<RawValue>> {
    let exact = measure::parse_scaled(text.trim(), 6).ok();
    let micro = exact.or_else(|| {
        let micro = text.trim().parse::<f64>().ok()? * 1e6;
        (micro.abs() < 9e18).then_some(micro.round() as i64)
    })?;
    RawValue::from_string(measure::print_scaled(micro, 6)).ok()
}

/// Reads a table of readings, `at,value` in order of time.
///
/// # Errors
/// The first mistake, with the file, the line and the field.
pub fn csv(place: &str, text: &str) -> Outcome<Vec<Reading>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| Failure::Wrong(format!("{place} line 1: {error}")))?;
    if !header.iter().eq(["at", "value"]) {
        return Err(Failure::Wrong(format!("{place} line 1: the header must be at,value")));
    }
    let mut readings = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let wrong = |field: &str, problem: String| Failure::Wrong(format!("{place} line {} field {field}: {problem}", row + 2));
        let record = record.map_err(|error| wrong("at", error.to_string()))?;
        let at = Time::parse_date(&record[0]).map_err(|problem| wrong("at", problem.to_string()))?;
        let value = plain(&record[1]).ok_or_else(|| wrong("value", format!("`{}` is not a plain number", &record[1])))?;
        readings.push(Reading { at: at.to_string(), value });
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_file_of_sources_or_readings_names_the_file() {
        let wrong = |text: &str| sources("sources.toml", text).unwrap_err().to_string();
        let signal = "[[signal]]\nkind = \"power\"\nscope = \"site:a\"\ncsv = \"a.csv\"\n";
        assert_eq!(wrong(&format!("{signal}every = \"0s\"")), "sources.toml signal 1: every: `0s` is less than a second");
        assert_eq!(wrong(&signal.replace("power", "heat")).split(": `").next(), Some("sources.toml signal 1: kind"));
        assert_eq!(wrong(""), "sources.toml: it lists no signal");
        let value = |text: &str| csv("a.csv", &format!("at,value\n2026-01-01,{text}\n")).map(|all| all[0].value.get().to_owned());
        assert_eq!(value("1e3").unwrap(), "1000");
        let told = "a.csv line 2 field value: `1e300` is not a plain number";
        assert_eq!(value("1e300").unwrap_err().to_string(), told, "and not the largest there is");
    }
}
