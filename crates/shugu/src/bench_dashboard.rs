//! `shugu bench dashboard`: a made hub as large as a province – sites, pools, nodes, a million jobs – served for real, and how long what
//! the dashboard asks takes. `--keep` leaves it there, for a browser.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use census::{Census, Change, Tariff, TariffKind};
use clap::Args;
use dispatch::{Ask, End, EnergySource, Join, Node, Report, Request, Shape, Spec, Usage};
use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Name, PoolId, Span, TenantId, Time};
use serde_json::{Value, json};
use settle::{Entry, Ledger};

use crate::bench::Hub;
use crate::client::encode;
use crate::failure::{Failure, Outcome, note, print};
use crate::table::table;
use crate::{print_json, shipped};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Nodes of eight devices each, over the census's sites.
    #[arg(long, default_value_t = 60_000)]
    pub(crate) nodes: u32,
    /// Jobs in the journal.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) jobs: u64,
    /// Tenants.
    #[arg(long, default_value_t = 200)]
    pub(crate) tenants: u32,
    /// How often each question is asked.
    #[arg(long, default_value_t = 40)]
    pub(crate) rounds: usize,
    /// Make the hub in this new folder, and leave it there: `shugu up --no-local --dir FOLDER` serves it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
}

fn name(text: &str) -> Name {
    text.parse().expect("it is a name")
}

const MODELS: [&str; 3] = ["Ascend 910B", "H800", "A100"];
const NAMES: [&str; 8] =
    ["train-llm", "evaluate", "render", "folding", "tokenise", "embed-corpus", "训练-语音", "weather-ensemble"];

/// The shipped census with a price for everything.
fn census() -> Census {
    let mut census = shipped::guizhou();
    let tariff = |id: &str, kind, micro| Tariff {
        id: name(id),
        kind,
        scope: "*".to_owned(),
        valid_from: Time(0),
        valid_to: None,
        hours: Vec::new(),
        micro,
        grade: "sample".to_owned(),
        source: "a benchmark".to_owned(),
        note: String::new(),
    };
    census.apply(&Change::Tariff(tariff("bench-core", TariffKind::CoreHour, 120_000)));
    census.apply(&Change::Tariff(tariff("bench-device", TariffKind::DeviceHour, 8_000_000)));
    census
}

/// A small generator: the same hub each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Lives of jobs over the last four weeks in virtual time, the last of them still running or waiting; entries go to `write`.
pub(crate) fn live(options: &Options, mut write: impl FnMut(&[Entry]) -> Outcome) -> Outcome<Ledger> {
    let wrong = |refusal: dispatch::Refusal| Failure::Failed(refusal.to_string());
    let (mut ledger, mut entries, mut chance) = (Ledger::default(), Vec::new(), Chance(0x9e37_79b9_7f4a_7c15));
    let end = serve::now();
    let start = end + Span(-28 * 24 * Span::HOUR.0);
    let census = census();
    let sites: Vec<(Name, Name)> = census
        .sites
        .values()
        .map(|site| (site.id.clone(), site.provider.clone().unwrap_or_else(|| name("sample-provider"))))
        .collect();
    ledger.ask(start, Request::Census(Census::default().changes_to(&census)), &mut entries).map_err(wrong)?;
    for tenant in 0..options.tenants {
        ledger.ask(start, Request::Admit(name(&format!("tenant-{tenant}"))), &mut entries).map_err(wrong)?;
    }
    let pools = sites.len() as u32;
    for (at, (site, provider)) in sites.into_iter().enumerate() {
        let count = (options.nodes / pools).max(1);
        let join = Join { name: name(&format!("pool-{at}")), provider, site: Some(site), executor: "bench".to_owned() };
        let node = |number| Node {
            name: format!("node-{number}"),
            model: Some(MODELS[at % MODELS.len()].to_owned()),
            devices: Devices(8),
            cpu: Cpu::cores(64),
            memory: Memory::mebibytes(1 << 20),
            ..Node::default()
        };
        let id = PoolId(at as u32 + 1);
        for request in [Request::Join(join), Request::See(id, (0..count).map(node).collect()), Request::Contact(id, true)] {
            ledger.ask(start, request, &mut entries).map_err(wrong)?;
        }
    }
    let (steps, waiting) = (200, options.jobs / 20);
    let batch = (options.jobs - waiting).div_ceil(steps);
    let step = Span(28 * 24 * Span::HOUR.0 / steps as i64);
    let submit = |chance: &mut Chance, devices: u32, number: u64| {
        let tenant = TenantId(chance.below(u64::from(options.tenants)) as u32 + 1);
        let shape = Shape { asks: vec![Ask::of(Devices(devices), Vec::new())], cpu: Cpu::cores(4), ..Shape::default() };
        let called = format!("{}-{number}", NAMES[chance.below(NAMES.len() as u64) as usize]);
        Request::Submit(Arc::new(Spec { tenant, name: called, shape, ..Spec::default() }))
    };
    let bar = indicatif::ProgressBar::new(options.jobs).with_message("jobs");
    let (mut at, mut made) = (start, 0);
    for _ in 0..steps {
        let count = batch.min(options.jobs - waiting - made);
        for _ in 0..count {
            made += 1;
            let wanted = 1 + chance.below(4) as u32;
            ledger.ask(at, submit(&mut chance, wanted, made), &mut entries).map_err(wrong)?;
        }
        ledger.round(at, &mut entries);
        let placed: Vec<(JobId, PoolId)> =
            ledger.hub.jobs.iter().filter_map(|(id, job)| Some((id, job.stage.held()?.pool))).collect();
        for (id, pool) in &placed {
            ledger.ask(at, Request::Report(*pool, *id, 0, Report::Started), &mut entries).map_err(wrong)?;
        }
        at = at + step;
        // The last step's jobs run on.
        if made < options.jobs - waiting {
            for (id, pool) in placed {
                let run = Span(1 + chance.below(step.0.unsigned_abs()) as i64);
                let (energy, cpu) = (Energy(run.0 * 400), CoreTime(run.0 * 3000));
                let usage = Usage { run, cpu, energy, energy_source: EnergySource::Modelled, ..Usage::default() };
                let ended = if chance.below(20) == 0 { End::Exited(1) } else { End::Exited(0) };
                ledger.ask(at, Request::Report(pool, id, 0, Report::Ended(ended, usage)), &mut entries).map_err(wrong)?;
            }
        }
        bar.set_position(made);
        write(&entries)?;
        entries.clear();
    }
    // No pool has nodes for these, whatever ends.
    let all: u32 = ledger.hub.pools.values().map(|pool| pool.devices().0).sum();
    let filler = u64::from(all / 8).saturating_sub(batch);
    for _ in 0..filler.min(waiting / 2) {
        made += 1;
        ledger.ask(end, submit(&mut chance, 8, made), &mut entries).map_err(wrong)?;
    }
    while made < options.jobs {
        made += 1;
        let tenant = TenantId(chance.below(u64::from(options.tenants)) as u32 + 1);
        let shape = Shape {
            asks: vec![Ask::of(Devices(8), Vec::new())],
            replicas: options.nodes.div_ceil(pools),
            cpu: Cpu::cores(4),
            ..Shape::default()
        };
        let spec = Spec { tenant, name: format!("gang-{made}"), shape, ..Spec::default() };
        ledger.ask(end, Request::Submit(Arc::new(spec)), &mut entries).map_err(wrong)?;
        if entries.len() > 10_000 {
            write(&entries)?;
            entries.clear();
            bar.set_position(made);
        }
    }
    ledger.round(end, &mut entries);
    write(&entries)?;
    bar.finish_and_clear();
    Ok(ledger)
}

/// What the dashboard's pages ask.
const QUESTIONS: [(&str, &str); 18] = [
    ("hub: at a glance", "/v1/hub"),
    ("hub: census", "/v1/census"),
    ("hub: sites", "/v1/sites"),
    ("hub: load, 24 h", "/v1/load?hours=24"),
    ("pools", "/v1/pools"),
    ("tenants", "/v1/tenants"),
    ("jobs", "/v1/jobs?limit=50"),
    ("jobs: page in the middle", "/v1/jobs?limit=50&after=job-500000"),
    ("jobs: running", "/v1/jobs?limit=50&state=running"),
    ("jobs: failed or lost", "/v1/jobs?limit=50&state=failed,lost"),
    ("jobs: of a tenant", "/v1/jobs?limit=50&tenant=tenant-7"),
    ("jobs: failed, of a tenant", "/v1/jobs?limit=50&tenant=tenant-7&state=failed"),
    ("jobs: at a pool, done", "/v1/jobs?limit=50&pool=pool-3&state=done"),
    ("jobs: of a common name", "/v1/jobs?limit=50&search=llm"),
    ("jobs: of a rare name", "/v1/jobs?limit=50&search=llm-4242"),
    ("jobs: of no name", "/v1/jobs?limit=50&search=nothing-is-called-so"),
    ("jobs: of two characters", "/v1/jobs?limit=50&search=%E8%AE%AD%E7%BB%83"),
    ("charges of a tenant", "/v1/charges?limit=50&tenant=tenant-7"),
];

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    if options.jobs < 1000 || !(50..=1_000_000).contains(&options.nodes) || options.rounds == 0 {
        return Err(Failure::Wrong("--jobs is at least 1000, --nodes 50 to 1000000, --rounds at least 1".to_owned()));
    }
    let temporary = tempfile::Builder::new().prefix("shugu-bench-").tempdir();
    let temporary = temporary.map_err(|error| Failure::Failed(format!("cannot make a temporary folder: {error}")))?;
    let folder = options.keep.clone().unwrap_or_else(|| temporary.path().join("hub"));
    std::fs::create_dir(&folder).map_err(|error| Failure::Wrong(format!("--keep {}: {error}", folder.display())))?;
    let fault = |fault: serve::StoreFault| Failure::Failed(fault.to_string());
    let begun = Instant::now();
    let mut journal = serve::JournalWriter::create(&folder.join("journal.db")).map_err(fault)?;
    let ledger = live(options, |entries| journal.append(entries).map_err(fault))?;
    journal.finish(&ledger).map_err(fault)?;
    let (made_s, entries) = (begun.elapsed().as_secs_f64(), ledger.seq);
    drop(ledger);
    let begun = Instant::now();
    let hub = Hub::start(&folder, false)?;
    let ready_s = begun.elapsed().as_secs_f64();
    let mut answers = Vec::new();
    for (what, path) in QUESTIONS {
        let mut times = Vec::with_capacity(options.rounds);
        let mut bytes = 0;
        for _ in 0..options.rounds {
            let begun = Instant::now();
            bytes = hub.client.bytes(path)?.len();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
        answers.push(
            json!({ "what": what, "path": path, "bytes": bytes, "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0) }),
        );
    }
    let page: Value = hub.client.get("/v1/jobs?limit=1&state=done")?;
    let id = page["jobs"][0]["id"].as_str().unwrap_or("job-1").to_owned();
    let begun = Instant::now();
    hub.client.bytes(&format!("/v1/jobs/{}/history", encode(&id)))?;
    let history_ms = begun.elapsed().as_secs_f64() * 1e3;
    let memory = hub.memory();
    let figures = json!({
        "nodes": options.nodes, "jobs": options.jobs, "entries": entries, "made_s": made_s, "ready_s": ready_s,
        "hub_rss_mb": memory.map(|bytes| bytes as f64 / 1e6), "history_ms": history_ms, "answers": answers,
    });
    if options.keep.is_some() {
        note(&format!("the hub is in {}: shugu up --no-local --dir {0}", folder.display()));
    }
    if json {
        return print_json(&figures);
    }
    let row = |answer: &Value| {
        let figure = |key: &str| answer[key].as_f64().map_or_else(String::new, |value| format!("{value:.1}"));
        vec![
            answer["what"].as_str().unwrap_or_default().to_owned(),
            figure("p50_ms"),
            figure("p99_ms"),
            answer["bytes"].to_string(),
        ]
    };
    let header = ["asked", "p50 ms", "p99 ms", "bytes"];
    print(&format!(
        "{} nodes, {} jobs, {entries} entries, made in {made_s:.0} s; served after {ready_s:.1} s, {:.0} MB\n{}",
        options.nodes,
        options.jobs,
        memory.map_or(f64::NAN, |bytes| bytes as f64 / 1e6),
        table(&header, &header[1..], answers.iter().map(row))
    ))
}
