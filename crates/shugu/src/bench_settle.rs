//! `shugu bench settle`: jobs of many tenants at many providers run through the engine and its books, in virtual time; the journal is
//! written as a hub writes it; then a real hub serves everybody's statements of the month, and the exports.

use std::sync::Arc;
use std::time::Instant;

use census::{Census, Change, HubSettings, Tariff, TariffKind};
use clap::Args;
use dispatch::{Ask, End, EnergySource, Join, Node, Report, Request, Shape, Spec, Usage};
use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Money, Name, PoolId, Span, TenantId, Time};
use serde_json::{Value, json};
use settle::{Entry, Ledger};

use crate::bench::Hub;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Jobs that ran and were paid.
    #[arg(long, default_value_t = 100_000)]
    jobs: u64,
    /// Providers, with a pool each.
    #[arg(long, default_value_t = 48)]
    providers: u32,
    /// Tenants.
    #[arg(long, default_value_t = 200)]
    tenants: u32,
}

/// Within one month of the hub's local time.
const MONTH: &str = "2026-10";

fn name(text: &str) -> Name {
    text.parse().expect("it is a name")
}

/// A hub with prices, carbon factors and a fee.
fn census(options: &Options) -> Census {
    let tariff = |id: &str, kind, scope: &str, micro| Tariff {
        id: name(id),
        kind,
        scope: scope.to_owned(),
        valid_from: Time(0),
        valid_to: None,
        hours: Vec::new(),
        micro,
        grade: "sample".to_owned(),
        source: "a benchmark".to_owned(),
        note: String::new(),
    };
    let settings = HubSettings {
        name: "Sample hub".to_owned(),
        region: "sample".to_owned(),
        currency: Money::CURRENCY.to_owned(),
        utc_offset_hours: 8,
        fee_permille: 20,
        ..HubSettings::default()
    };
    let mut census = Census::default();
    let mut changes = vec![
        Change::Hub(settings),
        Change::Tariff(tariff("electricity", TariffKind::Electricity, "sample", 500_000)),
        Change::Tariff(tariff("carbon", TariffKind::Carbon, "sample", 498_900)),
        Change::Tariff(tariff("core", TariffKind::CoreHour, "*", 120_000)),
    ];
    for provider in 0..options.providers {
        let price = 6_000_000 + i64::from(provider) * 100_000;
        changes.push(Change::Tariff(tariff(
            &format!("price-{provider}"),
            TariffKind::DeviceHour,
            &format!("provider:provider-{provider}"),
            price,
        )));
    }
    changes.iter().for_each(|change| census.apply(change));
    census
}

/// Runs the jobs in virtual time; each batch of entries goes to `write`.
fn run_jobs(options: &Options, mut write: impl FnMut(&[Entry]) -> Outcome) -> Outcome<Ledger> {
    let wrong = |refusal: dispatch::Refusal| Failure::Failed(refusal.to_string());
    let mut ledger = Ledger::default();
    let mut entries = Vec::new();
    let start = Time::parse_date("2026-09-30T16:00:00Z").map_err(|problem| Failure::Failed(problem.to_string()))?;
    ledger.ask(start, Request::Census(Census::default().changes_to(&census(options))), &mut entries).map_err(wrong)?;
    for tenant in 0..options.tenants {
        ledger.ask(start, Request::Admit(name(&format!("tenant-{tenant}"))), &mut entries).map_err(wrong)?;
    }
    for provider in 0..options.providers {
        let id = PoolId(provider + 1);
        let join = Join {
            name: name(&format!("pool-{provider}")),
            provider: name(&format!("provider-{provider}")),
            site: None,
            executor: "bench".to_owned(),
        };
        let node = |number| Node {
            name: format!("node-{number}"),
            model: Some("sample".to_owned()),
            devices: Devices(8),
            cpu: Cpu::cores(64),
            memory: Memory::mebibytes(1 << 20),
            ..Node::default()
        };
        for request in [Request::Join(join), Request::See(id, (0..16).map(node).collect()), Request::Contact(id, true)] {
            ledger.ask(start, request, &mut entries).map_err(wrong)?;
        }
    }
    // As many as all pools hold, so that every provider has some.
    let batch = u64::from(options.providers) * 128;
    let step = Span(30 * 24 * Span::HOUR.0 / (options.jobs.div_ceil(batch) as i64 + 1));
    let (mut at, mut made, mut chance) = (start, 0, 0x9e37_79b9_7f4a_7c15_u64);
    let mut next = move || {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        chance
    };
    let bar = indicatif::ProgressBar::new(options.jobs).with_message("jobs");
    while made < options.jobs {
        let count = batch.min(options.jobs - made);
        for _ in 0..count {
            let tenant = TenantId((next() % u64::from(options.tenants)) as u32 + 1);
            let shape = Shape { asks: vec![Ask::of(Devices(1), Vec::new())], cpu: Cpu::cores(4), ..Shape::default() };
            let spec = Spec { tenant, name: "train".to_owned(), shape, ..Spec::default() };
            ledger.ask(at, Request::Submit(Arc::new(spec)), &mut entries).map_err(wrong)?;
        }
        ledger.round(at, &mut entries);
        at = Time(at.0 + step.0);
        let placed: Vec<(JobId, PoolId)> =
            ledger.hub.jobs.iter().filter_map(|(id, job)| Some((id, job.stage.held()?.pool))).collect();
        for (id, pool) in placed {
            let run = Span(1 + (next() % step.0.max(2).unsigned_abs()) as i64);
            let energy = Energy(run.0 * 400);
            let usage =
                Usage { run, cpu: CoreTime(run.0 * 3000), energy, energy_source: EnergySource::Modelled, ..Usage::default() };
            ledger.ask(at, Request::Report(pool, id, 0, Report::Ended(End::Exited(0), usage)), &mut entries).map_err(wrong)?;
            made += 1;
        }
        bar.set_position(made);
        write(&entries)?;
        entries.clear();
    }
    bar.finish_and_clear();
    Ok(ledger)
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    if options.jobs == 0 || !(1..=1000).contains(&options.providers) || !(1..=100_000).contains(&options.tenants) {
        return Err(Failure::Wrong("--jobs is at least 1, --providers 1 to 1000, --tenants 1 to 100000".to_owned()));
    }
    let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir();
    let folder = folder.map_err(|error| Failure::Failed(format!("cannot make a temporary folder: {error}")))?;
    let fault = |fault: serve::StoreFault| Failure::Failed(fault.to_string());
    let begun = Instant::now();
    let mut journal = serve::JournalWriter::create(&folder.path().join("journal.db")).map_err(fault)?;
    let ledger = run_jobs(options, |entries| journal.append(entries).map_err(fault))?;
    journal.finish(&ledger).map_err(fault)?;
    let made_s = begun.elapsed().as_secs_f64();
    if ledger.book.sum() != Money::ZERO {
        return Err(Failure::Failed(format!("the books sum to {}", ledger.book.sum())));
    }
    let hub = Hub::start(folder.path(), false)?;
    let timed = |path: &str| -> Outcome<(f64, Vec<u8>)> {
        let begun = Instant::now();
        let bytes = hub.client.bytes(path)?;
        Ok((begun.elapsed().as_secs_f64(), bytes))
    };
    let (statements_s, bytes) = timed(&format!("/v1/statements/all?period={MONTH}"))?;
    let all: Value = serde_json::from_slice(&bytes).map_err(|error| Failure::Failed(error.to_string()))?;
    let (one_s, _) = timed(&format!("/v1/statements?tenant=tenant-0&period={MONTH}"))?;
    let (parquet_s, parquet) = timed(&format!("/v1/exports/parquet?period={MONTH}"))?;
    let statements = all["statements"].as_array().map_or(0, Vec::len);
    let figures = json!({
        "jobs": options.jobs, "entries": ledger.seq, "providers": options.providers, "tenants": options.tenants, "made_s": made_s,
        "statements": statements, "statements_s": statements_s, "one_statement_s": one_s, "parquet_s": parquet_s, "parquet_bytes": parquet.len(),
        "paid_yuan": all["paid_yuan"], "received_yuan": all["received_yuan"], "fee_yuan": all["fee_yuan"],
    });
    if json {
        return print_json(&figures);
    }
    print(&format!(
        "{} settled jobs, {} entries, made in {made_s:.1} s\n\
         {statements} statements of everybody     {statements_s:.2} s\none statement                     {one_s:.2} s\nParquet of all charges            {parquet_s:.2} s, {} bytes\n\
         tenants pay {} = providers receive {} + fees {}\n",
        options.jobs,
        ledger.seq,
        parquet.len(),
        all["paid_yuan"],
        all["received_yuan"],
        all["fee_yuan"],
    ))
}
