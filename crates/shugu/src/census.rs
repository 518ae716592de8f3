//! `shugu census`: counts a hub, or a census folder by itself.

use std::path::PathBuf;

use census::{By, Count};
use clap::Args;
use measure::Time;
use serde_json::Value;

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, print};
use crate::print_json;
use crate::shipped;
use crate::table::{number, table};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Count as of this date: 2025-12-31.
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Break the ladder down: site, provider, zone, model or class.
    #[arg(long, value_name = "WHAT")]
    by: Option<String>,
    /// Count what the hub's census said on this date, before it was restated.
    #[arg(long, value_name = "DATE", conflicts_with = "census")]
    known: Option<String>,
    #[command(subcommand)]
    command: Option<CensusCommand>,
    /// Count this census folder (or the shipped `guizhou`) instead of asking a hub.
    #[arg(long, env = "SHUGU_CENSUS", value_name = "FOLDER")]
    census: Option<PathBuf>,
    /// Show every published figure and target, not only computing power, centres and providers.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Subcommand)]
enum CensusCommand {
    /// Show only figures that cannot all be true, each with the reason.
    Contradictions,
    /// Show everything that was ever said of a row, oldest first: what was restated is still there.
    History {
        /// The id of a figure, site, provider, tariff or target.
        #[arg(value_name = "ID")]
        id: String,
    },
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let at = options.at.as_deref().map(Time::parse_date).transpose();
    let at = at.map_err(|problem| Failure::Wrong(format!("--at: {problem}")))?;
    if let Some(CensusCommand::History { id }) = &options.command {
        let told: Value = Client::of(place)?.get(&format!("/v1/census/history?id={}", encode(id)))?;
        if json {
            return print_json(&told);
        }
        let row = |row: &Value| vec![row["entry"].to_string(), text(&row["known_from"]), row["said"].to_string()];
        return print(&table(
            &["entry", "known from", "said"],
            &["entry"],
            told["history"].as_array().into_iter().flatten().map(row),
        ));
    }
    let by = options.by.as_deref().map(str::parse::<By>).transpose();
    let by = by.map_err(|problem| Failure::Wrong(format!("--by: {problem}")))?;
    let document: Value = match &options.census {
        Some(path) => {
            let count: Count = census::count(&shipped::census_at(path)?, &[], at.unwrap_or_else(serve::now), by);
            serde_json::to_value(count).map_err(|error| Failure::Failed(error.to_string()))?
        }
        None => {
            let given = [("at", &options.at), ("by", &options.by), ("known", &options.known)];
            let query: Vec<String> =
                given.iter().filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_ref()?)))).collect();
            Client::of(place)?.get(&format!("/v1/census?{}", query.join("&")))?
        }
    };
    if options.command.is_some() {
        let found = &document["contradictions"];
        if json {
            return print_json(&serde_json::json!({ "as_of": document["as_of"], "contradictions": found }));
        }
        let told = found.as_array().into_iter().flatten().map(|row| format!("{} [{}]\n", text(&row["what"]), text(&row["rule"])));
        return print(&told.collect::<String>());
    }
    if json { print_json(&document) } else { print(&shown(&document, options.all)) }
}

/// Metrics that a first look is about.
const FIRST: [&str; 6] =
    ["compute_total", "compute_intelligent", "data_centres", "providers_on_hub", "intelligent_share", "compute_total_target"];

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "unknown".to_owned(), str::to_owned)
}

/// The census as people read it.
pub(crate) fn shown(count: &Value, all: bool) -> String {
    let rows = |name: &str| count[name].as_array().cloned().unwrap_or_default();
    let mut out = format!("{}, as of {}\n\n", text(&count["hub"]), text(&count["as_of"]));
    out.push_str("Computing power in EFLOPS, one row a kind; kinds are never added. Unknown means no source says.\n");
    let rungs = ["announced", "built", "connected", "schedulable", "allocated", "delivered", "measured"];
    let ladder = rows("ladder").into_iter().map(|row| {
        let mut cells = vec![text(&row["class"]), text(&row["precision"]), text(&row["sparsity"])];
        cells.extend(rungs.iter().map(|rung| number(row[format!("{rung}_eflops")].as_f64())));
        cells
    });
    let header: Vec<&str> = ["class", "precision", "sparsity"].into_iter().chain(rungs).collect();
    out.push_str(&table(&header, &rungs, ladder));
    if let Some(devices) = count["devices_of_unknown_power"].as_u64().filter(|devices| *devices > 0) {
        out.push_str(&format!("{devices} connected devices have no known peak and are in no row.\n"));
    }
    if let Some(cores) = count["cores_of_unknown_power"].as_f64().filter(|cores| *cores > 0.0) {
        out.push_str(&format!("{cores} connected cores have no known peak, so general computing is unknown.\n"));
    }
    let groups: Vec<Vec<String>> = rows("groups")
        .iter()
        .flat_map(|group| {
            let key = text(&group["key"]);
            let ladder = group["ladder"].as_array().cloned().unwrap_or_default();
            ladder.into_iter().map(move |row| {
                let mut cells = vec![key.clone(), text(&row["class"]), text(&row["precision"])];
                cells.extend(rungs.iter().map(|rung| number(row[format!("{rung}_eflops")].as_f64())));
                cells
            })
        })
        .collect();
    if !rows("groups").is_empty() {
        let unknown = rows("groups").iter().filter(|group| group["ladder"].as_array().is_none_or(Vec::is_empty)).count();
        let header: Vec<&str> = ["", "class", "precision"].into_iter().chain(rungs).collect();
        let rest = if unknown > 0 { format!("; of {unknown} nothing is known at a stated precision") } else { String::new() };
        out.push_str(&format!("\nBroken down{rest}\n"));
        if !groups.is_empty() {
            out.push_str(&table(&header, &rungs, groups));
        }
    }
    let sites = &count["sites"];
    let statuses = sites["by_status"].as_object().cloned().unwrap_or_default();
    let statuses: Vec<String> = statuses.iter().map(|(status, number)| format!("{number} {status}")).collect();
    out.push_str(&format!("\nSites: {} ({} named): {}\n", sites["total"], sites["named"], statuses.join(", ")));
    out.push_str(&format!("Providers: {} ({} named)\n", count["providers"], count["providers_named"]));
    let wanted = |row: &Value| all || FIRST.contains(&row["metric"].as_str().unwrap_or_default());
    let figure = |row: Value, date: &str| {
        vec![
            text(&row["metric"]),
            text(&row["stated"]),
            text(&row["unit"]),
            text(&row[date]),
            text(&row["scope"]),
            text(&row["precision"]),
            row["progress"].as_f64().map_or_else(String::new, |progress| format!("{:.0} %", progress * 100.0)),
        ]
    };
    for (title, name, date) in [("Published, shown beside and never added", "published", "date"), ("Targets", "targets", "due")] {
        let mut found: Vec<Value> = rows(name).into_iter().filter(wanted).collect();
        found.sort_by_key(|row| (text(&row["metric"]), text(&row["scope"]), text(&row[date])));
        if !all {
            // The newest of each metric and scope; the rest is history.
            let same = |one: &Value, other: &Value| ["metric", "scope"].iter().all(|key| one[key] == other[key]);
            found = found
                .iter()
                .enumerate()
                .filter(|(at, row)| found.get(at + 1).is_none_or(|next| !same(row, next)))
                .map(|(_, row)| row.clone())
                .collect();
        }
        if !found.is_empty() {
            out.push_str(&format!("\n{title}:\n"));
            let header = ["metric", "stated", "unit", date, "scope", "precision", if name == "targets" { "reached" } else { "" }];
            let forecasts: Vec<String> = found.iter().filter_map(forecast).collect();
            out.push_str(&table(&header, &["stated", "reached"], found.into_iter().map(|row| figure(row, date))));
            forecasts.iter().for_each(|said| out.push_str(&format!("  {said}\n")));
        }
    }
    let contradictions = rows("contradictions");
    if !contradictions.is_empty() {
        out.push_str("\nContradictions, told and not averaged:\n");
        contradictions.iter().for_each(|row| out.push_str(&format!("  {}\n", text(&row["what"]))));
    }
    out
}

/// What a plan says of a target, in a sentence.
pub(crate) fn forecast(row: &Value) -> Option<String> {
    let forecast = row["forecast"].as_object()?;
    let said = |key: &str| forecast.get(key).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let likely = forecast
        .get("probability_permille")
        .and_then(Value::as_u64)
        .map_or_else(|| "with unknown probability".to_owned(), |permille| format!("with {:.0} %", permille as f64 / 10.0));
    let text = |key: &str| row[key].as_str().unwrap_or("unknown").to_owned();
    Some(format!(
        "forecast of {}: {} ({} to {}) {} by {}, enough {likely}; {}, as of {}",
        text("metric"),
        said("value"),
        said("low"),
        said("high"),
        text("unit"),
        text("due"),
        said("source"),
        said("as_of")
    ))
}
