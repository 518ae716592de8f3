//! `shugu replay`: history, or somebody else's, under this engine.

use std::path::PathBuf;

use ::replay::{Choice, Kind, Pools, Report, Source, cluster};
use clap::Args;
use measure::Time;
use serde_json::Value;

use crate::failure::{Failure, Outcome, note, print};
use crate::table::{number, seconds, table};
use crate::{print_json, shipped, up};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// KIND:PATH, where KIND is openb, philly, swf or journal (a hub's data folder); files may be gzipped.
    #[arg(long, value_name = "KIND:PATH")]
    trace: String,
    /// Alike nodes with accelerators: 128x8.
    #[arg(long, value_name = "NODESxDEVICES", conflicts_with_all = ["census", "nodes"])]
    cluster: Option<String>,
    /// The pools that a census folder declares, and its prices and factors.
    #[arg(long, value_name = "FOLDER", conflicts_with = "nodes")]
    census: Option<PathBuf>,
    /// A node list of the openb traces.
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Who goes next: default or fifo.
    #[arg(long, default_value = "default")]
    policy: String,
    /// Only this virtual cluster of a philly trace.
    #[arg(long, value_name = "NAME")]
    vc: Option<String>,
    /// The date given to the trace's beginning, for dated prices and factors [default: 2026-01-01, or a journal's own].
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Seeds what a trace leaves to chance; none of these traces leaves anything, so it changes nothing yet.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn wrong(error: &::replay::Error) -> Failure {
    Failure::Wrong(error.to_string())
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let policy = up::policy(&options.policy)?;
    let source = Source::parse(&options.trace).map_err(|error| wrong(&error))?;
    let trace = source.read(&Choice { virtual_cluster: options.vc.clone() }).map_err(|error| wrong(&error))?;
    let given = options.census.as_ref().map(|path| shipped::census_at(path)).transpose()?;
    let pools = pools(options, &source, &trace, given.as_ref())?;
    let census = given.or_else(|| trace.census.clone()).unwrap_or_default();
    let mut world = ::replay::Options::of(&trace);
    if let Some(start) = &options.start {
        world.start = Time::parse_date(start).map_err(|problem| Failure::Wrong(format!("--start: {problem}")))?;
    }
    let outcome = ::replay::run(&trace, &pools, &census, policy, world).map_err(|refusal| Failure::Wrong(refusal.to_string()))?;
    let report = Report::new(&outcome, &source.to_string(), &options.policy);
    if json {
        return print_json(&report);
    }
    report.notes.iter().for_each(|said| note(said));
    let document = serde_json::to_value(&report).map_err(|error| Failure::Failed(error.to_string()))?;
    print(&shown(&document))
}

fn pools(options: &Options, source: &Source, trace: &::replay::Trace, census: Option<&::census::Census>) -> Outcome<Pools> {
    let pools = match (&options.cluster, census, &options.nodes) {
        (Some(text), ..) => cluster::parse(text),
        (_, Some(census), _) => cluster::declared(census),
        (.., Some(path)) => cluster::openb_nodes(path),
        _ => match (&trace.pools, beside(source)) {
            (Some(pools), _) => Ok(pools.clone()),
            (None, Some(path)) => {
                note(&format!("nodes of {}", path.display()));
                cluster::openb_nodes(&path)
            }
            (None, None) => {
                let message = "on what? give --cluster NODESxDEVICES, --census FOLDER or --nodes FILE";
                return Err(Failure::Wrong(message.to_owned()));
            }
        },
    };
    pools.map_err(|error| wrong(&error))
}

/// The openb node list that lies beside the pod list.
fn beside(source: &Source) -> Option<PathBuf> {
    let folder = (source.kind == Kind::Openb).then(|| source.path.parent())??;
    let names = ["openb_node_list_all_node.csv.gz", "openb_node_list_all_node.csv"];
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

fn shown(report: &Value) -> String {
    let figure = |value: &Value| number(value.as_f64());
    let spans = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), seconds);
    let share = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let (jobs, devices, engine) = (&report["jobs"], &report["devices"], &report["engine"]);
    let mut out = format!(
        "jobs         {} submitted, {} finished, {} refused, {} unplaced\n",
        jobs["submitted"], jobs["finished"], jobs["refused"], jobs["unplaced"]
    );
    out.push_str(&format!("makespan     {}\n", spans(&report["makespan_s"])));
    let allocated = (share(&devices["allocated_share_mean"]), share(&devices["allocated_share_end"]));
    out.push_str(&format!(
        "devices      {}, {} allocated on average, {} at the last arrival\n",
        devices["total"], allocated.0, allocated.1
    ));
    out.push_str(&format!(
        "energy       {} kWh, {} kg CO2, {} yuan\n",
        figure(&report["energy_kwh"]),
        figure(&report["carbon_kg"]),
        report["cost_yuan"].as_number().map_or_else(|| "unknown".to_owned(), ToString::to_string)
    ));
    out.push_str(&format!(
        "engine       {} placements in {} rounds and {}, {} a second; {} MB at most\n",
        engine["placements"],
        engine["rounds"],
        spans(&engine["wall_s"]),
        figure(&engine["placements_per_s"]),
        figure(&engine["peak_rss_mb"])
    ));
    out.push_str(&format!("journal      sha256 {}\n\n", report["journal_sha256"].as_str().unwrap_or_default()));
    let columns = ["mean", "p50", "p95", "p99", "max"];
    let row = |name: &str, value: &Value| {
        let mut row = vec![name.to_owned()];
        row.extend(columns.iter().map(|column| spans(&value[column])));
        row
    };
    let header: Vec<&str> = std::iter::once("").chain(columns).collect();
    out.push_str(&table(&header, &columns, [row("wait", &report["wait_s"]), row("completion", &report["jct_s"])]));
    out
}
