//! `shugu bench history`: what a history costs that grows: the same questions to hubs of a million entries and of ten, before and after what
//! is old went into the archive, and what each figure grows by.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use crate::bench::Hub;
use crate::failure::{Failure, Outcome, note, print};
use crate::table::table;
use crate::{bench_dashboard, print_json};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Jobs in the history of each hub, six entries each.
    #[arg(long, value_delimiter = ',', default_values_t = [250_000, 2_500_000])]
    jobs: Vec<u64>,
    /// How often each question is asked.
    #[arg(long, default_value_t = 40)]
    rounds: usize,
    /// How long the store keeps what is in the archive; the history is of four weeks.
    #[arg(long, default_value = "1d")]
    keep: String,
}

/// What is asked: of what happened lately, and of what is old.
const QUESTIONS: [(&str, &str); 8] = [
    ("newest jobs", "/v1/jobs?limit=50"),
    ("jobs of a tenant that failed", "/v1/jobs?limit=50&tenant=tenant-7&state=failed"),
    ("jobs of a rare name", "/v1/jobs?limit=50&search=llm-4242"),
    ("an old page of jobs", "/v1/jobs?limit=50&after=job-5000"),
    ("an old job", "/v1/jobs/job-4000"),
    ("what happened to it", "/v1/jobs/job-4000/history"),
    ("the facts behind its bill", "/v1/jobs/job-4000/bundle"),
    ("charges of a tenant", "/v1/charges?limit=50&tenant=tenant-7"),
];

/// Figures by name, in the order in which they were measured.
#[derive(Default)]
struct Figures(Vec<(String, f64)>);

impl Figures {
    fn add(&mut self, what: impl Into<String>, figure: f64) {
        self.0.push((what.into(), figure));
    }

    fn json(&self) -> Value {
        self.0.iter().map(|(what, figure)| (what.clone(), json!(figure))).collect::<serde_json::Map<_, _>>().into()
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

/// The middle of some times and the 99th of a hundred, in milliseconds.
fn quantiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get(((times.len() as f64 - 1.0) * part).round() as usize).copied().unwrap_or(f64::NAN);
    (at(0.5), at(0.99))
}

fn ask(hub: &Hub, rounds: usize, stage: &str, figures: &mut Figures) -> Outcome {
    for (what, path) in QUESTIONS {
        let mut times = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let begun = Instant::now();
            hub.client.bytes(path)?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        figures.add(format!("{what}, {stage}, p99 ms"), quantiles(times).1);
    }
    Ok(())
}

/// Submits one job after the other for so long or until something holds; the times of answers in milliseconds.
fn submit(hub: &Hub, most: Duration, mut until: impl FnMut() -> Outcome<bool>) -> Outcome<Vec<f64>> {
    let (begun, mut times, mut looked) = (Instant::now(), Vec::new(), Instant::now());
    while begun.elapsed() < most {
        let sent = Instant::now();
        let _: Value = hub.client.post("/v1/jobs", &json!([{ "command": ["true"], "cpus": 1 }]))?;
        times.push(sent.elapsed().as_secs_f64() * 1e3);
        if looked.elapsed() > Duration::from_millis(500) {
            looked = Instant::now();
            if until()? {
                break;
            }
        }
    }
    Ok(times)
}

/// Bytes of files in a folder, and of the pages of the journal that hold something.
fn sizes(folder: &Path) -> Outcome<(u64, u64)> {
    let archive = std::fs::read_dir(folder.join("archive")).into_iter().flatten().flatten();
    let archive = archive.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    Ok((serve::bytes_in_use(&serve::Store::in_folder(folder)).map_err(failed)?, archive))
}

fn check(folder: &Path, stage: &str, figures: &mut Figures) -> Outcome {
    let begun = Instant::now();
    let audit = serve::audit(&serve::Store::in_folder(folder), None).map_err(failed)?;
    if let Some(wrong) = audit.violations.first() {
        return Err(Failure::Failed(format!("{stage}: {wrong}")));
    }
    figures.add(format!("check, {stage}, s"), begun.elapsed().as_secs_f64());
    Ok(())
}

fn measure(options: &Options, jobs: u64, folder: &Path) -> Outcome<Figures> {
    let mut figures = Figures::default();
    let made = bench_dashboard::Options { nodes: 8000, jobs, tenants: 50, rounds: 1, keep: None };
    let mut journal = serve::JournalWriter::create(&folder.join("journal.db")).map_err(failed)?;
    let begun = Instant::now();
    let ledger = bench_dashboard::live(&made, |entries| journal.append(entries).map_err(failed))?;
    journal.finish(&ledger).map_err(failed)?;
    let entries = ledger.seq;
    figures.add("entries", entries as f64);
    figures.add("entries made a second", entries as f64 / begun.elapsed().as_secs_f64());
    drop(ledger);
    figures.add("store before, MB", sizes(folder)?.0 as f64 / 1e6);
    let listen = "127.0.0.1:0";
    let begun = Instant::now();
    let hub = Hub::start_with(folder, false, listen, None, &[])?;
    figures.add("start, s", begun.elapsed().as_secs_f64());
    ask(&hub, options.rounds, "store", &mut figures)?;
    let (middle, most) = quantiles(submit(&hub, Duration::from_secs(5), || Ok(false))?);
    figures.add("submit, store, p50 ms", middle);
    figures.add("submit, store, p99 ms", most);
    figures.add("memory, MB", hub.memory().unwrap_or(0) as f64 / 1e6);
    drop(hub);
    check(folder, "store", &mut figures)?;

    let archive = folder.join("archive").display().to_string();
    let environment = [("SHUGU_ARCHIVE", archive.as_str()), ("SHUGU_KEEP", options.keep.as_str())];
    let hub = Hub::start_with(folder, false, listen, None, &environment)?;
    let begun = Instant::now();
    let store = serve::Store::in_folder(folder);
    // All that is full and old: it takes a while in which nothing changes to know.
    let mut same = ((0, 0), Instant::now());
    let times = submit(&hub, Duration::from_secs(3600), || {
        let files = serve::archive_files(&store).map_err(failed)?;
        let come = (files.len(), files.iter().filter(|file| file.only_here).count());
        if come != same.0 {
            same = (come, Instant::now());
        }
        Ok(same.1.elapsed() > Duration::from_secs(15))
    })?;
    let took = begun.elapsed().as_secs_f64() - 15.0;
    let gone = serve::archive_files(&store).map_err(failed)?.iter().filter(|file| file.only_here).map(|file| file.last).max();
    figures.add("entries in the archive only", gone.unwrap_or(0) as f64);
    figures.add("archived and dropped a second", gone.unwrap_or(0) as f64 / took);
    let (middle, most) = quantiles(times);
    figures.add("submit, meanwhile, p50 ms", middle);
    figures.add("submit, meanwhile, p99 ms", most);
    ask(&hub, options.rounds, "archive", &mut figures)?;
    let (store, archive) = sizes(folder)?;
    figures.add("store after, MB", store as f64 / 1e6);
    figures.add("archive, MB", archive as f64 / 1e6);
    hub.kill();
    let begun = Instant::now();
    let hub = Hub::start_with(folder, false, listen, None, &environment)?;
    figures.add("start after it was killed, s", begun.elapsed().as_secs_f64());
    drop(hub);
    check(folder, "archive", &mut figures)?;
    Ok(figures)
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    if options.jobs.iter().any(|jobs| *jobs < 6000) || options.rounds == 0 {
        return Err(Failure::Wrong("--jobs is at least 6000, --rounds at least 1".to_owned()));
    }
    let mut all = Vec::new();
    for jobs in &options.jobs {
        let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir().map_err(failed)?;
        note(&format!("a hub of {jobs} jobs"));
        all.push(measure(options, *jobs, folder.path())?);
    }
    if json {
        return print_json(&all.iter().map(Figures::json).collect::<Vec<_>>());
    }
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return Ok(()) };
    let shown = |value: f64| match value {
        value if value.fract() == 0.0 || value >= 100.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    };
    let row = |at: usize| {
        let grown = last.0[at].1 / first.0[at].1;
        let figures = all.iter().map(|figures| shown(figures.0[at].1));
        std::iter::once(first.0[at].0.clone()).chain(figures).chain([format!("{grown:.2} ×")]).collect()
    };
    let names: Vec<String> = options.jobs.iter().map(|jobs| format!("{jobs} jobs")).collect();
    let header: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).chain(["grows"]).collect();
    print(&table(&header, &header[1..], (0..first.0.len()).map(row)))
}
