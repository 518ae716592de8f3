//! Budgets and credits of tenants, late readings and disputes of bills: for operators, and what tenants and providers may do of it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::money::write;
use crate::print_json;
use crate::table::{or_dash, table};

/// A number as it is written: money passes through no float.
fn exact(name: &str, text: Option<&String>) -> Outcome<Option<Box<RawValue>>> {
    let Some(text) = text else { return Ok(None) };
    measure::parse_scaled(text, 6).map_err(|problem| Failure::Wrong(format!("--{name}: {problem}")))?;
    RawValue::from_string(text.clone())
        .map(Some)
        .map_err(|_| Failure::Wrong(format!("--{name}: `{text}` is not a plain number, such as 12.5")))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

#[derive(Debug, Args)]
pub(crate) struct BudgetOptions {
    /// The tenant.
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// What it and its projects may spend, in yuan.
    #[arg(long, value_name = "YUAN", conflicts_with = "none")]
    amount: Option<String>,
    /// The part, 0 to 1, from which on people are warned.
    #[arg(long, value_name = "PART", requires = "amount")]
    warn: Option<String>,
    /// From when on nothing may be spent any more.
    #[arg(long, value_name = "DATE", requires = "amount")]
    until: Option<String>,
    /// Fill it up again at the beginning of each month.
    #[arg(long, requires = "amount")]
    monthly: bool,
    /// It may spend as much as it likes.
    #[arg(long)]
    none: bool,
}

/// Sets a budget, lifts it, or shows what a tenant has, may spend and has held.
pub(crate) fn budget(options: &BudgetOptions, place: &Where, json: bool) -> Outcome {
    let (client, path) = (Client::of(place)?, format!("/v1/tenants/{}/budget", encode(&options.tenant)));
    let account: Value = match exact("amount", options.amount.as_ref())? {
        Some(amount) => {
            let mut body = json!({ "monthly": options.monthly, "until": options.until });
            body.as_object_mut().expect("it was made as one").retain(|_, value| !value.is_null());
            #[derive(serde::Serialize)]
            struct Form {
                amount_yuan: Box<RawValue>,
                #[serde(skip_serializing_if = "Option::is_none")]
                warn: Option<Box<RawValue>>,
                #[serde(flatten)]
                rest: Value,
            }
            client.put(&path, &Form { amount_yuan: amount, warn: exact("warn", options.warn.as_ref())?, rest: body })?
        }
        None if options.none => client.take(&path)?,
        None => client.get(&format!("/v1/tenants/{}/account", encode(&options.tenant)))?,
    };
    if json { print_json(&account) } else { print(&shown(&account)) }
}

fn shown(account: &Value) -> String {
    let budget = &account["budget"];
    let mut rows = vec![
        vec!["paid".to_owned(), text(&account["paid_yuan"])],
        vec!["held for jobs that have a place".to_owned(), text(&account["held_yuan"])],
        vec!["credits".to_owned(), text(&account["credit_yuan"])],
    ];
    for credit in account["credits"].as_array().into_iter().flatten() {
        rows.push(vec![format!("  until {}", text(&credit["until"])), text(&credit["left_yuan"])]);
    }
    if budget.is_null() {
        rows.push(vec!["budget".to_owned(), "none: it may spend as much as it likes".to_owned()]);
    } else {
        rows.push(vec!["budget".to_owned(), text(&budget["amount_yuan"])]);
        rows.push(vec!["left of it".to_owned(), text(&budget["left_yuan"])]);
        for (name, key) in [("ends", "until"), ("filled up again", "renews")] {
            if !budget[key].is_null() {
                rows.push(vec![name.to_owned(), text(&budget[key])]);
            }
        }
    }
    let mut out = table(&[&text(&account["tenant"]), "yuan"], &["yuan"], rows);
    if budget["warned"] == json!(true) {
        out.push_str("warning: most of the budget is spent or held\n");
    }
    out
}

#[derive(Debug, Args)]
pub(crate) struct CreditOptions {
    /// The tenant.
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// How much, in yuan.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// Until when it may be used.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Of which programme it is.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Gives a tenant a credit.
pub(crate) fn credit(options: &CreditOptions, place: &Where, json: bool) -> Outcome {
    #[derive(serde::Serialize)]
    struct Form<'a> {
        amount_yuan: Box<RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: &'a Option<String>,
        reason: &'a str,
    }
    let amount_yuan = exact("amount", Some(&options.amount))?.expect("it is given");
    let form = Form { amount_yuan, until: &options.until, reason: &options.reason };
    let account: Value = Client::of(place)?.post(&format!("/v1/tenants/{}/credits", encode(&options.tenant)), &form)?;
    if json { print_json(&account) } else { print(&shown(&account)) }
}

#[derive(Debug, Args)]
pub(crate) struct ReadingOptions {
    /// The job, such as job-7.
    #[arg(value_name = "JOB")]
    job: String,
    /// Which attempt of it, counted from 1; the last one if left out.
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    /// When it was read; now if left out.
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// Energy at the machine, in kWh.
    #[arg(long, value_name = "KWH")]
    energy: Option<String>,
    /// How long it ran, in seconds.
    #[arg(long, value_name = "SECONDS")]
    run: Option<String>,
    /// Core-seconds used.
    #[arg(long, value_name = "SECONDS")]
    cpu: Option<String>,
    /// The part of what its devices can do that they did, 0 to 1.
    #[arg(long, value_name = "PART")]
    utilisation: Option<String>,
}

/// Tells what a meter read of an attempt after it had ended.
pub(crate) fn reading(options: &ReadingOptions, place: &Where, json: bool) -> Outcome {
    #[derive(serde::Serialize)]
    struct Form<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        read_at: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        energy_kwh: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        run_s: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cpu_s: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        utilisation: Option<Box<RawValue>>,
    }
    let form = Form {
        attempt: options.attempt,
        read_at: &options.at,
        energy_kwh: exact("energy", options.energy.as_ref())?,
        run_s: exact("run", options.run.as_ref())?,
        cpu_s: exact("cpu", options.cpu.as_ref())?,
        utilisation: exact("utilisation", options.utilisation.as_ref())?,
    };
    let told: Value = Client::of(place)?.post(&format!("/v1/jobs/{}/readings", encode(&options.job)), &form)?;
    if json {
        return print_json(&told);
    }
    match told["changed"] == json!(true) {
        true => note(&format!(
            "corrected in entry {}: {} yuan were billed, {} are now",
            told["entry"], told["was_yuan"], told["price_yuan"]
        )),
        false => note("nothing changes: this is known already"),
    }
    Ok(())
}

#[derive(Debug, Subcommand)]
pub(crate) enum DisputeCommand {
    /// Contest the bill of a job's attempt.
    Open {
        /// The job.
        #[arg(value_name = "JOB")]
        job: String,
        /// Which attempt, counted from 1; the last one if left out.
        #[arg(long, value_name = "N")]
        attempt: Option<u32>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show disputes, newest first.
    List,
    /// Settle a dispute: the bill stands, or another price holds.
    Settle {
        /// Its number.
        #[arg(value_name = "DISPUTE")]
        id: u64,
        /// What was found.
        #[arg(long, value_name = "TEXT")]
        finding: String,
        /// What is to be paid instead, in yuan.
        #[arg(long, value_name = "YUAN")]
        price: Option<String>,
    },
    /// Write all facts behind a job's bills into one file.
    Bundle {
        /// The job.
        #[arg(value_name = "JOB")]
        job: String,
        /// The file; stdout if left out.
        #[arg(long, value_name = "FILE.json")]
        out: Option<PathBuf>,
    },
}

/// Disputes about bills.
pub(crate) fn dispute(command: &DisputeCommand, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    match command {
        DisputeCommand::Open { job, attempt, reason } => {
            let mut form = json!({ "reason": reason });
            if let Some(attempt) = attempt {
                form["attempt"] = json!(attempt);
            }
            let told: Value = client.post(&format!("/v1/jobs/{}/disputes", encode(job)), &form)?;
            if json {
                return print_json(&told);
            }
            note(&format!("dispute {} is open; an operator settles it", told["id"]));
            Ok(())
        }
        DisputeCommand::List => {
            let list: Value = client.get("/v1/disputes")?;
            if json {
                return print_json(&list);
            }
            let row = |one: &Value| {
                let settled = or_dash(one["settled_at"].as_str().map(str::to_owned));
                ["id", "job", "attempt", "by", "reason"]
                    .map(|key| text(&one[key]))
                    .into_iter()
                    .chain([settled, text(&one["finding"])])
                    .collect()
            };
            let rows: Vec<Vec<String>> = list["disputes"].as_array().into_iter().flatten().map(row).collect();
            print(&table(&["dispute", "job", "attempt", "by", "reason", "settled", "finding"], &["dispute", "attempt"], rows))
        }
        DisputeCommand::Settle { id, finding, price } => {
            #[derive(serde::Serialize)]
            struct Form<'a> {
                finding: &'a str,
                #[serde(skip_serializing_if = "Option::is_none")]
                price_yuan: Option<Box<RawValue>>,
            }
            let form = Form { finding, price_yuan: exact("price", price.as_ref())? };
            let told: Value = client.post(&format!("/v1/disputes/{id}/verdict"), &form)?;
            if json {
                return print_json(&told);
            }
            note(&format!("dispute {id} is settled"));
            Ok(())
        }
        DisputeCommand::Bundle { job, out } => {
            let bundle: Value = client.get(&format!("/v1/jobs/{}/bundle", encode(job)))?;
            let Some(path) = out else { return print_json(&bundle) };
            let text = serde_json::to_string_pretty(&bundle).map_err(|error| Failure::Failed(error.to_string()))?;
            write(path, (text + "\n").as_bytes())?;
            note(&format!("written to {}", path.display()));
            Ok(())
        }
    }
}
