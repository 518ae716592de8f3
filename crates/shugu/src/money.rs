//! `shugu statement` and `shugu export`: money, for people and for other programs.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use serve::view::{Statement, StatementLine};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::html::{Cell, escape, page, table as html_table};
use crate::print_json;
use crate::table::{number, table};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A tenant's statement; a tenant's token says it already.
    #[arg(long, conflicts_with_all = ["provider", "all"])]
    tenant: Option<String>,
    /// A provider's statement; a provider's token says it already.
    #[arg(long, conflicts_with = "all")]
    provider: Option<String>,
    /// Everybody's at once; with --out, one file each in that folder.
    #[arg(long)]
    all: bool,
    /// A year, month or day, in the hub's local time; this month if left out.
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// As what.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write it to this file (a folder with --all) instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For scripts.
    Json,
    /// For a spreadsheet.
    Csv,
    /// A page to print.
    Html,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Html => "html",
        }
    }

    fn of(self, statement: &Statement) -> Outcome<String> {
        match self {
            Format::Text => Ok(shown(statement)),
            Format::Json => serde_json::to_string_pretty(statement)
                .map(|text| text + "\n")
                .map_err(|error| Failure::Failed(error.to_string())),
            Format::Csv => as_csv(std::slice::from_ref(statement)),
            Format::Html => Ok(as_html(statement)),
        }
    }
}

/// Everybody's.
#[derive(Debug, Deserialize, serde::Serialize)]
struct All {
    period: String,
    statements: Vec<Statement>,
    paid_yuan: serde_json::Value,
    received_yuan: serde_json::Value,
    fee_yuan: serde_json::Value,
}

pub(crate) fn statement(options: &Options, place: &Where, json: bool) -> Outcome {
    let format = if json { Format::Json } else { options.format };
    if options.all {
        return all(options, format, place);
    }
    let given = [("tenant", &options.tenant), ("provider", &options.provider), ("period", &options.period)];
    let query: Vec<String> = given.iter().filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_ref()?)))).collect();
    let asked = Client::of(place)?.get(&format!("/v1/statements?{}", query.join("&")));
    let statement: Statement = asked.map_err(|failure| match failure {
        // A tenant's or a provider's token says whose; an operator's does not.
        Failure::Wrong(message) if message.contains("say whose statement") => Failure::Wrong(
            "whose statement? --tenant NAME, --provider NAME, or --all; for example `shugu statement --tenant llm-lab --period 2026-11`"
                .to_owned(),
        ),
        other => other,
    })?;
    let text = format.of(&statement)?;
    match &options.out {
        Some(path) => {
            write(path, text.as_bytes())?;
            note(&format!("written to {}", path.display()));
        }
        None => print(&text)?,
    }
    if statement.lines.is_empty() && format == Format::Text {
        note("nothing was settled in this period");
    }
    Ok(())
}

fn all(options: &Options, format: Format, place: &Where) -> Outcome {
    let query = options.period.as_ref().map_or_else(String::new, |period| format!("?period={}", encode(period)));
    let all: All = Client::of(place)?.get(&format!("/v1/statements/all{query}"))?;
    if let Some(folder) = &options.out {
        std::fs::create_dir_all(folder).map_err(|error| Failure::Failed(format!("{}: {error}", folder.display())))?;
        for statement in &all.statements {
            let name = format!("{}-{}-{}.{}", statement.kind, statement.name, statement.period, format.extension());
            write(&folder.join(name), format.of(statement)?.as_bytes())?;
        }
        note(&format!("{} statements written to {}", all.statements.len(), folder.display()));
        return Ok(());
    }
    match format {
        Format::Json => print_json(&all),
        Format::Csv => print(&as_csv(&all.statements)?),
        Format::Html => Err(Failure::Wrong("--format html with --all needs a folder: --out FOLDER".to_owned())),
        Format::Text => {
            let row =
                |one: &Statement| vec![one.kind.clone(), one.name.clone(), one.lines.len().to_string(), one.total_yuan.0.yuan()];
            print(&table(&["kind", "name", "lines", "yuan"], &["lines", "yuan"], all.statements.iter().map(row)))?;
            print(&format!(
                "{}: tenants pay {} = providers receive {} + fees {}\n",
                all.period, all.paid_yuan, all.received_yuan, all.fee_yuan
            ))
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// As what.
    #[arg(value_enum)]
    format: ExportFormat,
    /// A year, month or day, in the hub's local time; this month if left out.
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ExportFormat {
    /// FOCUS 1.2 cost and usage, as CSV.
    Focus,
    /// Every charge and correction, as Parquet.
    Parquet,
}

pub(crate) fn export(options: &ExportOptions, place: &Where, json: bool) -> Outcome {
    let name = match options.format {
        ExportFormat::Focus => "focus",
        ExportFormat::Parquet => "parquet",
    };
    let query = options.period.as_ref().map_or_else(String::new, |period| format!("?period={}", encode(period)));
    let bytes = Client::of(place)?.bytes(&format!("/v1/exports/{name}{query}"))?;
    write(&options.out, &bytes)?;
    if json {
        return print_json(&serde_json::json!({ "format": name, "file": options.out, "bytes": bytes.len() }));
    }
    note(&format!("{} bytes written to {}", bytes.len(), options.out.display()));
    Ok(())
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    let failed = |error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(readable).map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

const COLUMNS: [&str; 9] = ["jobs", "device-h", "core-h", "kWh", "kg CO2", "energy cost", "price", "hub's fee", "amount"];

fn cells(line: &StatementLine) -> [String; 9] {
    [
        line.jobs.to_string(),
        number(Some(line.device_hours)),
        number(Some(line.core_hours)),
        number(Some(line.energy_kwh)),
        number(line.carbon_kg),
        line.energy_cost_yuan.map_or_else(|| "unknown".to_owned(), |cost| cost.0.yuan()),
        line.price_yuan.0.yuan(),
        line.fee_yuan.0.yuan(),
        line.amount_yuan.0.yuan(),
    ]
}

fn sides(statement: &Statement) -> (&'static str, &'static str) {
    if statement.kind == "provider" { ("tenant", "receives") } else { ("provider", "pays") }
}

/// What was emitted, and what would have been had all begun at once, in a sentence; nothing where it is unknown.
fn emitted(statement: &Statement) -> Option<String> {
    let sum = |of: fn(&StatementLine) -> Option<f64>| statement.lines.iter().map(of).sum::<Option<f64>>();
    let pair = |as_it_was: Option<f64>, at_once: Option<f64>| Some((number(Some(as_it_was?)), number(Some(at_once?))));
    if statement.lines.is_empty() {
        return None;
    }
    let (was, would) = pair(sum(|told| told.carbon_kg), sum(|told| told.carbon_at_once_kg))?;
    let by_market = pair(sum(|told| told.carbon_market_kg), sum(|told| told.carbon_market_at_once_kg));
    let market = by_market.map(|(was, would)| format!("; market-based {was} and {would} kg")).unwrap_or_default();
    Some(format!("emitted {was} kg CO2, and {would} kg had all begun at once where it first fitted{market}"))
}

/// A statement as people read it.
pub(crate) fn shown(statement: &Statement) -> String {
    let (counterpart, verb) = sides(statement);
    let mut out = format!("{} {} {verb} for {}, in {}\n", statement.kind, statement.name, statement.period, statement.currency);
    let row = |line: &StatementLine| {
        let mut row = vec![line.pool.clone(), line.counterpart.clone()];
        // What energy cost is told, not charged: it stays off the terminal.
        row.extend(cells(line).into_iter().enumerate().filter(|(at, _)| *at != 5).map(|(_, cell)| cell));
        row
    };
    let header = ["pool", counterpart, "jobs", "device-h", "core-h", "kWh", "kg CO2", "price", "hub's fee", verb];
    out.push_str(&table(&header, &header[2..], statement.lines.iter().map(row)));
    out.push_str(&format!("total {}\n", statement.total_yuan.0));
    out.extend(emitted(statement).map(|told| format!("{told}\n")));
    out
}

fn as_csv(statements: &[Statement]) -> Outcome<String> {
    let failed = |error: csv::Error| Failure::Failed(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "kind",
        "name",
        "period",
        "currency",
        "pool",
        "counterpart",
        "jobs",
        "device_hours",
        "core_hours",
        "energy_kwh",
        "energy_cost_yuan",
        "carbon_kg",
        "price_yuan",
        "fee_yuan",
        "amount_yuan",
        "carbon_market_kg",
        "carbon_at_once_kg",
        "carbon_market_at_once_kg",
    ];
    writer.write_record(header).map_err(failed)?;
    for statement in statements {
        for line in &statement.lines {
            let known = |number: Option<f64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
            let row = [
                statement.kind.clone(),
                statement.name.clone(),
                statement.period.clone(),
                statement.currency.clone(),
                line.pool.clone(),
                line.counterpart.clone(),
                line.jobs.to_string(),
                line.device_hours.to_string(),
                line.core_hours.to_string(),
                line.energy_kwh.to_string(),
                line.energy_cost_yuan.map_or_else(|| "unknown".to_owned(), |cost| cost.0.yuan()),
                known(line.carbon_kg),
                line.price_yuan.0.yuan(),
                line.fee_yuan.0.yuan(),
                line.amount_yuan.0.yuan(),
                known(line.carbon_market_kg),
                known(line.carbon_at_once_kg),
                known(line.carbon_market_at_once_kg),
            ];
            writer.write_record(row).map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| Failure::Failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::Failed(error.to_string()))
}

fn as_html(statement: &Statement) -> String {
    let (counterpart, verb) = sides(statement);
    let title = format!("Statement {} – {}", statement.period, statement.name);
    let header: Vec<&str> = ["pool", counterpart].into_iter().chain(COLUMNS[..8].iter().copied()).chain([verb]).collect();
    let row = |line: &StatementLine| {
        let names = [line.pool.clone(), line.counterpart.clone()].map(Cell::text);
        names.into_iter().chain(cells(line).map(Cell::number)).collect()
    };
    let body = format!(
        "<h1>Statement</h1><p class=lead>The {} <b>{}</b> {verb} for {}, in {}.</p>{}<p class=total>Total <b>{}</b></p>{}\
         <p class=small>Energy cost is told and not charged. Amounts are exact to a millionth of a yuan; what is paid is rounded to a fen on \
         the invoice. Each line is the sum of entries of the hub's journal: <code>shugu dispute bundle JOB</code> gives those behind a job.</p>",
        escape(&statement.kind),
        escape(&statement.name),
        escape(&statement.period),
        escape(&statement.currency),
        html_table(&header, statement.lines.iter().map(row).collect()),
        statement.total_yuan.0,
        emitted(statement).map(|told| format!("<p class=small>Jobs {}.</p>", escape(&told))).unwrap_or_default()
    );
    page(&title, &body)
}
