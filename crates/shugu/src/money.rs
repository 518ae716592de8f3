//! `shugu statement`: money.

use clap::Args;
use serve::view::{Statement, StatementLine};

use crate::client::{Client, Where, encode};
use crate::failure::{Outcome, note, print};
use crate::print_json;
use crate::table::{number, table};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A tenant's statement; a tenant's token says it already.
    #[arg(long, conflicts_with = "provider")]
    tenant: Option<String>,
    /// A provider's statement; a provider's token says it already.
    #[arg(long)]
    provider: Option<String>,
    /// A year, month or day, in the hub's local time; this month if left out.
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
}

pub(crate) fn statement(options: &Options, place: &Where, json: bool) -> Outcome {
    let given = [("tenant", &options.tenant), ("provider", &options.provider), ("period", &options.period)];
    let query: Vec<String> = given.iter().filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_ref()?)))).collect();
    let statement: Statement = Client::of(place)?.get(&format!("/v1/statements?{}", query.join("&")))?;
    if json {
        return print_json(&statement);
    }
    print(&shown(&statement))?;
    if statement.lines.is_empty() {
        note("nothing was settled in this period");
    }
    Ok(())
}

/// A statement as people read it.
pub(crate) fn shown(statement: &Statement) -> String {
    let receives = statement.kind == "provider";
    let verb = if receives { "receives" } else { "pays" };
    let mut out = format!("{} {} {verb} for {}, in {}\n", statement.kind, statement.name, statement.period, statement.currency);
    let row = |line: &StatementLine| {
        vec![
            line.pool.clone(),
            line.counterpart.clone(),
            line.jobs.to_string(),
            number(Some(line.device_hours)),
            number(Some(line.core_hours)),
            number(Some(line.energy_kwh)),
            number(line.carbon_kg),
            line.price_yuan.0.yuan(),
            line.fee_yuan.0.yuan(),
            line.amount_yuan.0.yuan(),
        ]
    };
    let counterpart = if receives { "tenant" } else { "provider" };
    let header = ["pool", counterpart, "jobs", "device-h", "core-h", "kWh", "kg CO2", "price", "hub's fee", verb];
    out.push_str(&table(&header, &header[2..], statement.lines.iter().map(row)));
    out.push_str(&format!("total {}\n", statement.total_yuan.0));
    out
}
