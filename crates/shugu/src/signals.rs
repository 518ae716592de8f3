//! `shugu signal`: readings of prices, carbon, PUE and power, from a file, an address or Prometheus.
//!
//! A sources file lists what is followed:
//!
//! ```toml
//! [[signal]]
//! kind = "power"                       # electricity, carbon, pue, power or power-cap
//! scope = "site:guian-sample"          # a site, or a region
//! prometheus = "http://127.0.0.1:9090"
//! query = "sum(site_power_kw)"
//! every = "1m"
//!
//! [[signal]]
//! kind = "electricity"
//! scope = "guizhou"
//! csv = "https://market.example/prices.csv"   # an address or a path; columns at,value
//! every = "1h"
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Subcommand;
use measure::Time;
use serde_json::Value;

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::readings::{self, Reading, Source, plain};
use crate::table::{number, table};

#[derive(Debug, Subcommand)]
pub(crate) enum SignalCommand {
    /// Take the readings of a CSV file (columns at,value) over.
    Add {
        /// electricity (yuan/kWh), carbon (kg/kWh), pue, power or power-cap (kW).
        #[arg(long)]
        kind: String,
        /// `site:ID`, or a region.
        #[arg(long)]
        scope: String,
        /// The file, or an http address.
        #[arg(value_name = "FILE.csv")]
        csv: String,
        /// Where it is from, for whoever asks later; the file's name if left out.
        #[arg(long)]
        source: Option<String>,
    },
    /// Show readings of the last day.
    List {
        /// Only of this kind.
        #[arg(long)]
        kind: Option<String>,
        /// Only of this scope.
        #[arg(long)]
        scope: Option<String>,
        /// From when on.
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// How far each model of forecasts was off, not only the one that is used.
        #[arg(long)]
        compare: bool,
    },
    /// Follow the sources of a file until Ctrl-C.
    Follow {
        /// The sources.
        #[arg(value_name = "SOURCES.toml")]
        file: PathBuf,
        /// Ask each once, and stop.
        #[arg(long)]
        once: bool,
    },
}

#[derive(serde::Serialize)]
struct Form<'a> {
    kind: &'a str,
    scope: &'a str,
    source: &'a str,
    readings: Vec<Reading>,
}

pub(crate) fn run(command: &SignalCommand, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    match command {
        SignalCommand::Add { kind, scope, csv, source } => {
            let readings = from_csv(csv)?;
            let told = tell(&client, kind, scope, source.as_deref().unwrap_or(csv), readings);
            let told = told.map_err(|failure| in_file(csv, 0, failure))?;
            if json {
                return print_json(&told);
            }
            note(&format!("{} readings taken, {} were known", told["taken"], told["known"]));
            Ok(())
        }
        SignalCommand::List { kind, scope, from, compare } => {
            let given = [("kind", kind), ("scope", scope), ("from", from)];
            let mut query: Vec<String> =
                given.iter().filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_ref()?)))).collect();
            query.extend(compare.then(|| "compare=true".to_owned()));
            let list: Value = client.get(&format!("/v1/signals?{}", query.join("&")))?;
            if json {
                return print_json(&list);
            }
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let mut rows = Vec::new();
            for one in list["signals"].as_array().into_iter().flatten() {
                for reading in one["readings"].as_array().into_iter().flatten() {
                    rows.push(vec![
                        text(&one["kind"]),
                        text(&one["scope"]),
                        text(&reading[0]),
                        number(reading[1].as_f64()),
                        text(&one["unit"]),
                    ]);
                }
            }
            print(&table(&["kind", "scope", "at", "value", "unit"], &["value"], rows))?;
            for one in list["signals"].as_array().into_iter().flatten().filter(|one| one["forecast"].is_string()) {
                let error = one["forecast_error"].as_f64().map_or_else(
                    || "how far it is off a day ahead is not known yet".to_owned(),
                    |error| format!("off by {:.1} % a day ahead, on average of the last thirty days", error * 100.0),
                );
                note(&format!(
                    "{} of {} is foretold ({}): {error}",
                    text(&one["kind"]),
                    text(&one["scope"]),
                    text(&one["forecast"])
                ));
                let errors = one["errors"].as_object().into_iter().flatten();
                let all: Vec<String> =
                    errors.filter_map(|(model, error)| Some(format!("{model} {:.1} %", error.as_f64()? * 100.0))).collect();
                if !all.is_empty() {
                    note(&format!("each model, a day ahead: {}", all.join(", ")));
                }
            }
            Ok(())
        }
        SignalCommand::Follow { file, once } => follow(&client, &read(file)?, *once),
    }
}

/// A sources file, whose mistakes are named.
pub(crate) fn read(file: &Path) -> Outcome<Vec<Source>> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::Wrong(format!("{}: {error}", file.display())))?;
    readings::sources(&file.display().to_string(), &text)
}

/// Asks each source when it is due. One that fails is said, and asked again.
pub(crate) fn follow(client: &Client, sources: &[Source], once: bool) -> Outcome {
    let mut due: Vec<Instant> = vec![Instant::now(); sources.len()];
    let mut known: Vec<Option<Time>> = vec![None; sources.len()];
    let mut told: Vec<Option<String>> = vec![None; sources.len()];
    let mut failed = false;
    loop {
        for (at, source) in sources.iter().enumerate().filter(|(at, _)| due[*at] <= Instant::now()).collect::<Vec<_>>() {
            let every = source.every()?;
            match ask(client, source, every, known[at]) {
                Ok((taken, last)) => {
                    known[at] = last.or(known[at]);
                    if once || told[at].take().is_some() {
                        note(&format!("{} of {}: {taken} new readings", source.kind, source.scope));
                    }
                }
                Err(Failure::Wrong(problem) | Failure::Failed(problem) | Failure::Refused(problem)) => {
                    failed = true;
                    // Said once, not at every try.
                    if told[at].as_ref() != Some(&problem) {
                        note(&format!("{} of {}: {problem}", source.kind, source.scope));
                        told[at] = Some(problem);
                    }
                }
                Err(Failure::Told) => {}
            }
            due[at] = Instant::now() + every;
        }
        if once {
            return if failed { Err(Failure::Told) } else { Ok(()) };
        }
        let next = due.iter().min().copied().unwrap_or_else(Instant::now);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// How many readings were new, and the last instant that is known.
fn ask(client: &Client, source: &Source, every: Duration, known: Option<Time>) -> Outcome<(u64, Option<Time>)> {
    let readings = match (&source.prometheus, &source.query, &source.csv) {
        (Some(url), Some(query), _) => match from_prometheus(url, query, every, known)? {
            // No further step is over yet.
            readings if readings.is_empty() && known.is_some() => return Ok((0, None)),
            readings => readings,
        },
        (_, _, Some(csv)) => from_csv(csv)?,
        _ => Vec::new(),
    };
    if readings.is_empty() {
        return Err(Failure::Failed(format!("{} has no readings", source.name())));
    }
    let last = readings.last().and_then(|reading| Time::parse_date(&reading.at).ok());
    let (mut taken, mut before) = (0, 0);
    // A year of hours is more than one request should hold.
    for some in chunks(readings, 5000) {
        let count = some.len();
        let told = tell(client, &source.kind, &source.scope, &source.name(), some);
        let told = told.map_err(|failure| match &source.csv {
            Some(csv) => in_file(csv, before, failure),
            None => failure,
        })?;
        taken += told["taken"].as_u64().unwrap_or(0);
        before += count;
    }
    Ok((taken, last))
}

fn chunks(mut readings: Vec<Reading>, most: usize) -> Vec<Vec<Reading>> {
    let mut all = Vec::new();
    while readings.len() > most {
        let rest = readings.split_off(most);
        all.push(std::mem::replace(&mut readings, rest));
    }
    all.push(readings);
    all
}

/// What the hub says of a reading, by the line it is on; so many were told before.
fn in_file(csv: &str, before: usize, failure: Failure) -> Failure {
    let Failure::Wrong(problem) = failure else { return failure };
    let line = || {
        let (number, rest) = problem.strip_prefix("readings[")?.split_once("].")?;
        let (field, told) = rest.split_once(": ")?;
        // After the header.
        Some(format!("{csv} line {} field {field}: {told}", before + number.parse::<usize>().ok()? + 2))
    };
    Failure::Wrong(line().unwrap_or(problem))
}

fn tell(client: &Client, kind: &str, scope: &str, source: &str, readings: Vec<Reading>) -> Outcome<Value> {
    client.post("/v1/signals", &Form { kind, scope, source, readings })
}

fn fetch(address: &str) -> Outcome<String> {
    let failed = |error: ureq::Error| Failure::Failed(format!("{address}: {error}"));
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
    let mut response = agent.get(address).call().map_err(failed)?;
    response.body_mut().with_config().limit(64 << 20).read_to_string().map_err(failed)
}

/// `at,value` in order of time, from a path or an address.
fn from_csv(place: &str) -> Outcome<Vec<Reading>> {
    let text = match place.starts_with("http://") || place.starts_with("https://") {
        true => fetch(place)?,
        false => std::fs::read_to_string(place).map_err(|error| Failure::Wrong(format!("{place}: {error}")))?,
    };
    readings::csv(place, &text)
}

/// The values of a query since the last known one, or of the last hour, one for each step.
fn from_prometheus(url: &str, query: &str, every: Duration, known: Option<Time>) -> Outcome<Vec<Reading>> {
    let now = serve::now();
    let step = i64::try_from(every.as_secs().max(1)).unwrap_or(60);
    let from = known.map_or(now.0 / 1000 - 3600, |known| known.0 / 1000 + 1);
    // Steps lie at whole multiples, so that a value asked for twice is the same reading.
    let (start, end) = (from.div_euclid(step) * step + step, (now.0 / 1000).div_euclid(step) * step);
    if end < start {
        return Ok(Vec::new());
    }
    let address =
        format!("{}/api/v1/query_range?query={}&start={start}&end={end}&step={step}", url.trim_end_matches('/'), encode(query));
    let answer: Value = serde_json::from_str(&fetch(&address)?).map_err(|error| Failure::Failed(format!("{url}: {error}")))?;
    let series = answer["data"]["result"].as_array().cloned().unwrap_or_default();
    if series.len() > 1 {
        return Err(Failure::Failed(format!(
            "{url}: `{query}` gives {} series; one is needed, such as sum({query})",
            series.len()
        )));
    }
    let values = series.first().and_then(|one| one["values"].as_array().cloned()).unwrap_or_default();
    let reading = |pair: &Value| {
        let at = Time((pair[0].as_f64()? * 1000.0).round() as i64).to_string();
        Some(Reading { at, value: plain(pair[1].as_str()?)? })
    };
    Ok(values.iter().filter_map(reading).collect())
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnergyOptions {
    /// The site.
    #[arg(value_name = "SITE")]
    site: String,
    /// A year, month or day, in the hub's local time; this month if left out.
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
}

/// What a site drew, cost and emitted.
pub(crate) fn energy(options: &EnergyOptions, place: &Where, json: bool) -> Outcome {
    let query = options.period.as_ref().map_or_else(String::new, |period| format!("?period={}", encode(period)));
    let told: Value = Client::of(place)?.get(&format!("/v1/sites/{}/energy{query}", encode(&options.site)))?;
    if json {
        return print_json(&told);
    }
    let line = |name: &str, key: &str, unit: &str| vec![name.to_owned(), number(told[key].as_f64()), unit.to_owned()];
    let rows = vec![
        line("hours read", "hours_read", "h"),
        line("of", "hours", "h"),
        line("energy", "energy_kwh", "kWh"),
        line("highest reading", "peak_kw", "kW"),
        line("energy cost", "energy_cost_yuan", "yuan"),
        line("demand cost", "demand_cost_yuan", "yuan"),
        line("carbon, location-based", "carbon_kg", "kg"),
        line("carbon, market-based", "carbon_market_kg", "kg"),
        line("PUE", "pue", ""),
        line("CUE", "cue", "kg/kWh"),
    ];
    let title = format!("{} {}", options.site, told["period"].as_str().unwrap_or_default());
    print(&table(&[&title, "", " "], &[""], rows))
}
