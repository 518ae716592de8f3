//! `shugu replay`: history, or somebody else's, under this engine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ::replay::{Choice, Kind, Pools, Report, Source, TimeUnit, cluster};
use clap::Args;
use dispatch::Policy;
use measure::{Span, Time};
use serde_json::{Value, json};

use crate::failure::{Failure, Outcome, note, print};
use crate::policy::policy;
use crate::table::{number, seconds, table};
use crate::{print_json, shipped};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// KIND:PATH, where KIND is openb, philly, swf, journal (a hub's data folder), gaia (jobs that may wait, with --signal), or
    /// openb-fill (the packing protocol, with --nodes and --orders); files may be gzipped.
    #[arg(long, value_name = "KIND:PATH")]
    trace: String,
    /// Orders of arrival for openb-fill: PREFIX.pods.gz and PREFIX.nodes.gz; several for a mean over them.
    #[arg(long, value_name = "PREFIX", num_args = 1..)]
    orders: Vec<String>,
    /// Alike nodes with accelerators: 128x8.
    #[arg(long, value_name = "NODESxDEVICES", conflicts_with_all = ["census", "nodes"])]
    cluster: Option<String>,
    /// The pools that a census folder declares, and its prices and factors.
    #[arg(long, value_name = "FOLDER", conflicts_with = "nodes")]
    census: Option<PathBuf>,
    /// A node list of the openb traces.
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// default, fair, fifo, sjf, bestfit, fgd, green, no-wait, lowest-slot, lowest-window, carbon-time, suspend-resume,
    /// protocol-fifo, protocol-sjf, or a TOML file; several, parted by commas, are compared in one table.
    #[arg(long, default_value = "default", value_delimiter = ',')]
    policy: Vec<String>,
    /// An hourly signal, KIND:FILE.csv, where KIND is carbon (g/kWh) or electricity (yuan/kWh), or of one site KIND@SITE:FILE.csv. The value is in the
    /// column that is named so, else in the first.
    #[arg(long, value_name = "KIND:FILE", num_args = 1..)]
    signal: Vec<String>,
    /// The row of the signals, counted from 0, at which the trace begins; what lies before is the past.
    #[arg(long, value_name = "HOUR", default_value_t = 0)]
    start_hour: usize,
    /// How the hours ahead are foretold where a policy is not told them: persistence, same-hour, same-week-hour, mstl or profile.
    #[arg(long, value_name = "MODEL", default_value_t)]
    forecast: forecast::Model,
    /// Tell a policy that goes by forecasts all hours of the signals instead: what it would save if they were never off.
    #[arg(long)]
    hours_known: bool,
    /// How long jobs of a gaia trace may wait: one span for all, or SHORT,LONG for those that run less than two hours and the others
    /// [default: 6h,24h].
    #[arg(long, value_name = "SPAN")]
    patience: Option<String>,
    /// Every so manieth job of a gaia trace may not wait by choice.
    #[arg(long, value_name = "N")]
    impatient: Option<u32>,
    /// Jobs of a gaia trace can be suspended and go on later, which costs so much time each: 0s,0s or 2m,5m.
    #[arg(long, value_name = "SAVE,LOAD")]
    suspend: Option<String>,
    /// The unit of times in a gaia trace: seconds, or hours as in its lists of a year.
    #[arg(long, value_name = "UNIT", default_value = "seconds")]
    time_unit: String,
    /// Only this virtual cluster of a philly trace; `all` for each by itself.
    #[arg(long, value_name = "NAME")]
    vc: Option<String>,
    /// Nodes for each virtual cluster under `--vc all`: a table with the columns vc and nodes.
    #[arg(long, value_name = "FILE")]
    vc_nodes: Option<PathBuf>,
    /// Draw use, queue and waits over time as SVG.
    #[arg(long, value_name = "FILE.svg")]
    picture: Option<PathBuf>,
    /// The date given to the trace's beginning, for dated prices and factors [default: 2026-01-01, or a journal's own].
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Seeds what a trace leaves to chance; none of these traces leaves anything, so it changes nothing yet.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    store: crate::store::StoreOptions,
}

fn wrong(error: &::replay::Error) -> Failure {
    Failure::Wrong(error.to_string())
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let policies: Vec<Policy> = options.policy.iter().map(|name| policy(name)).collect::<Outcome<_>>()?;
    if let Some(pods) = options.trace.strip_prefix("openb-fill:") {
        return fill(options, &PathBuf::from(pods), &policies, json);
    }
    if !options.orders.is_empty() {
        return Err(Failure::Wrong("--orders: only openb-fill has orders of arrival".to_owned()));
    }
    let mut source = Source::parse(&options.trace).map_err(|error| wrong(&error))?;
    let named = source.to_string();
    // A journal on a server is copied first: a replay reads it from its beginning, and the hub goes on.
    let copy = match &source {
        Source { kind: Kind::Journal, path } if path.is_dir() => copied(options, path)?,
        _ => None,
    };
    if let Some((_, file)) = &copy {
        source.path.clone_from(file);
    }
    if options.vc.as_deref() == Some("all") {
        return every_cluster(options, &source, &policies, json);
    }
    let trace = source.read(&choice(options, &source)?).map_err(|error| wrong(&error))?;
    let given = options.census.as_ref().map(|path| shipped::census_at(path)).transpose()?;
    let pools = pools(options, &source, &trace, given.as_ref())?;
    let census = given.or_else(|| trace.census.clone()).unwrap_or_default();
    let mut world = ::replay::Options::of(&trace);
    (world.model, world.hours_known) = (options.forecast, options.hours_known);
    for text in &options.signal {
        let signal = ::replay::Signal::read(text, options.start_hour).map_err(|error| wrong(&error))?;
        if world.signals.iter().any(|known| (known.kind, &known.site) == (signal.kind, &signal.site)) {
            return Err(Failure::Wrong(format!("--signal {text}: there is another of that kind and place")));
        }
        world.signals.push(signal);
    }
    if source.kind == Kind::Gaia && world.signals.is_empty() {
        note("no --signal: all hours are alike, and nothing waits by choice");
    }
    if let Some(start) = &options.start {
        world.start = Time::parse_date(start).map_err(|problem| Failure::Wrong(format!("--start: {problem}")))?;
    }
    let run_one = |policy: &Policy| {
        ::replay::run(&trace, &pools, &census, policy, world.clone()).map_err(|refusal| Failure::Wrong(refusal.to_string()))
    };
    let mut outcomes = Vec::new();
    for policy in &policies {
        outcomes.push((policy.name.clone(), run_one(policy)?));
    }
    // Where sites differ, what running at once comes to depends on where: a run of its own tells.
    let differ = |outcome: &::replay::Outcome| {
        outcome.offline.and_then(|offline| offline.carbon).is_some_and(|carbon| carbon.at_once.is_none())
    };
    let at_once = match outcomes.first() {
        Some((_, outcome)) if differ(outcome) => {
            let known = outcomes.iter().find(|(name, _)| name == AT_ONCE).map(|(_, outcome)| outcome.clone());
            let policy = Policy::named(AT_ONCE).expect("it is one of ours");
            Some(known.map_or_else(|| run_one(&policy), Ok)?)
        }
        _ => None,
    };
    if let Some(path) = &options.picture {
        let drawn = ::replay::picture(&outcomes).map_err(Failure::Failed)?;
        std::fs::write(path, drawn).map_err(|problem| Failure::Failed(format!("cannot write {}: {problem}", path.display())))?;
        note(&format!("drawn in {}", path.display()));
    }
    let mut reports: Vec<Report> = outcomes.iter().map(|(name, outcome)| Report::new(outcome, &named, name)).collect();
    if let Some(at_once) = at_once.map(|outcome| Report::new(&outcome, &named, AT_ONCE)) {
        reports.iter_mut().for_each(|report| report.against(&at_once));
    }
    let [report] = &reports[..] else { return compare(&reports, json) };
    if json {
        return print_json(report);
    }
    report.notes.iter().for_each(|said| note(said));
    let document = serde_json::to_value(report).map_err(|error| Failure::Failed(error.to_string()))?;
    print(&shown(&document))
}

/// The policy under which nothing waits by choice.
const AT_ONCE: &str = "no-wait";

/// Which part of a trace is taken, and what its jobs are taken to say.
fn choice(options: &Options, source: &Source) -> Outcome<Choice> {
    let gaia = source.kind == Kind::Gaia;
    for (given, name) in [(options.patience.is_some(), "--patience"), (options.suspend.is_some(), "--suspend")] {
        if given && !gaia {
            return Err(Failure::Wrong(format!("{name}: only the jobs of a gaia trace are told that from outside")));
        }
    }
    let span = |text: &str| {
        let span = text.trim().parse::<Span>().ok().filter(|span| *span >= Span::ZERO);
        span.ok_or_else(|| Failure::Wrong(format!("--patience: `{text}` is no length of time, such as 6h")))
    };
    let patience = options.patience.as_deref().map(|text| match text.split_once(',') {
        Some((short, long)) => Ok((span(short)?, span(long)?)),
        None => span(text).map(|span| (span, span)),
    });
    let time_unit = match options.time_unit.as_str() {
        "seconds" => TimeUnit::Seconds,
        "hours" => TimeUnit::Hours,
        other => return Err(Failure::Wrong(format!("--time-unit: `{other}` is neither seconds nor hours"))),
    };
    let suspend = options.suspend.as_deref().map(::replay::suspend_costs).transpose();
    Ok(Choice {
        virtual_cluster: options.vc.clone(),
        time_unit,
        patience: patience.transpose()?,
        impatient: options.impatient,
        suspend: suspend.map_err(|problem| Failure::Wrong(format!("--suspend: {problem}")))?,
    })
}

/// The journal of a data folder whose hub keeps it on a server, or some of it in an archive, in a file for as long as the folder lives.
fn copied(options: &Options, folder: &Path) -> Outcome<Option<(tempfile::TempDir, PathBuf)>> {
    let store = options.store.of(folder)?;
    // What is wrong with a file that is none is told by whoever reads it.
    if matches!(store, serve::Store::Sqlite(_)) && !serve::leans_on_archive(&store).unwrap_or(false) {
        return Ok(None);
    }
    let failed = |error: std::io::Error| Failure::Failed(format!("cannot make a temporary folder: {error}"));
    let place = tempfile::Builder::new().prefix("shugu-replay-").tempdir().map_err(failed)?;
    let file = place.path().join("journal.db");
    serve::extract(&store, &file).map_err(|fault| Failure::Failed(fault.to_string()))?;
    Ok(Some((place, file)))
}

/// Several policies in one table.
fn compare(reports: &[Report], json: bool) -> Outcome {
    if json {
        return print_json(&json!({ "runs": reports }));
    }
    reports.iter().flat_map(|report| &report.notes).collect::<BTreeSet<_>>().into_iter().for_each(|said| note(said));
    if reports.iter().all(|report| report.wait_h.is_some()) {
        return print(&waiting(reports));
    }
    print(&comparison(reports.iter().map(|report| (String::new(), report))))
}

/// Several policies under signals: what waiting saved, beside the best that was there to save.
fn waiting(reports: &[Report]) -> String {
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let header = [
        "policy",
        "jobs",
        "carbon",
        "cost",
        "saved of best start",
        "of best hours",
        "mean wait",
        "longest",
        "too late",
        "pauses",
        "month's peak",
    ];
    let row = |report: &Report| {
        let best = report.optimum;
        let hours = |part: fn(&::replay::Hours) -> f64| {
            report.wait_h.as_ref().map_or_else(|| "–".to_owned(), |wait| seconds(part(wait) * 3600.0))
        };
        vec![
            report.policy.clone(),
            report.jobs.finished.to_string(),
            share(report.carbon_ratio),
            share(report.cost_ratio),
            share(best.and_then(|best| best.saved_of_start)),
            share(best.and_then(|best| best.saved_of_hours)),
            hours(|wait| wait.mean),
            hours(|wait| wait.max),
            report.deadlines_missed.unwrap_or(0).to_string(),
            report.yielded.to_string(),
            report.demand.map_or_else(|| "–".to_owned(), |demand| format!("{:.1} kW", demand.peak_kw)),
        ]
    };
    table(&header, &header[1..], reports.iter().map(row))
}

fn comparison<'a>(reports: impl Iterator<Item = (String, &'a Report)>) -> String {
    let spans = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), seconds);
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let header =
        ["", "policy", "jobs", "mean completion", "mean wait", "p99 wait", "longest wait", "makespan", "allocated", "fairness"];
    let row = |(name, report): (String, &Report)| {
        vec![
            name,
            report.policy.clone(),
            report.jobs.finished.to_string(),
            spans(report.jct_s.mean),
            spans(report.wait_s.mean),
            spans(report.wait_s.p99),
            spans(report.wait_s.max),
            spans(report.makespan_s),
            share(report.devices.allocated_share_mean),
            report.fairness_jain.map_or_else(|| "–".to_owned(), |fairness| format!("{fairness:.3}")),
        ]
    };
    table(&header, &header[2..], reports.map(row))
}

/// Every virtual cluster of a trace by itself.
fn every_cluster(options: &Options, source: &Source, policies: &[Policy], json: bool) -> Outcome {
    let path = options.vc_nodes.clone().or_else(|| {
        let beside = source.path.parent()?.join("vc_config_load0.9.csv");
        beside.is_file().then_some(beside)
    });
    let path = path.ok_or_else(|| Failure::Wrong("--vc all: say how many nodes each has: --vc-nodes FILE".to_owned()))?;
    note(&format!("nodes of eight devices each, of {}", path.display()));
    let clusters = cluster::per_virtual_cluster(&path).map_err(|error| wrong(&error))?;
    let bar = indicatif::ProgressBar::new(clusters.len() as u64 * policies.len() as u64);
    let mut runs = Vec::new();
    for (name, pools) in &clusters {
        let trace =
            source.read(&Choice { virtual_cluster: Some(name.clone()), ..Choice::default() }).map_err(|error| wrong(&error))?;
        for policy in policies {
            let census = ::census::Census::default();
            let outcome = ::replay::run(&trace, pools, &census, policy, ::replay::Options::of(&trace));
            let outcome = outcome.map_err(|refusal| Failure::Wrong(refusal.to_string()))?;
            runs.push((name.clone(), Report::new(&outcome, &source.to_string(), &policy.name)));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    if json {
        let runs: Vec<Value> = runs.iter().map(|(vc, report)| json!({ "vc": vc, "run": report })).collect();
        return print_json(&json!({ "clusters": runs }));
    }
    print(&comparison(runs.iter().map(|(name, report)| (name.clone(), report))))
}

/// The packing protocol.
fn fill(options: &Options, pods: &Path, policies: &[Policy], json: bool) -> Outcome {
    let Some(nodes) = &options.nodes else {
        return Err(Failure::Wrong("openb-fill needs --nodes FILE, the list of nodes".to_owned()));
    };
    if options.orders.is_empty() {
        return Err(Failure::Wrong("openb-fill needs --orders PREFIX, for PREFIX.pods.gz and PREFIX.nodes.gz".to_owned()));
    }
    let mut runs = Vec::new();
    for prefix in &options.orders {
        let fill = ::replay::Fill::read(pods, nodes, prefix).map_err(|error| wrong(&error))?;
        for policy in policies {
            let report = fill.run(policy).map_err(|refusal| Failure::Wrong(refusal.to_string()))?;
            runs.push((prefix.clone(), report));
        }
    }
    if json {
        let one = |(prefix, report): &(String, ::replay::FillReport)| json!({ "orders": prefix, "policy": report.policy, "fill": report, "engine": report.engine });
        let all: Vec<Value> = runs.iter().map(one).collect();
        return match &all[..] {
            [one] => print_json(one),
            _ => print_json(&json!({ "runs": all })),
        };
    }
    let at = [80, 90, 95, 100, 110, 120, 130];
    let header: Vec<String> =
        ["orders", "policy"].into_iter().map(str::to_owned).chain(at.iter().map(|at| format!("{at} %"))).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).chain(["unallocated", "bound", "dropped", "ms"]).collect();
    let percent = |milli: u64, of: u64| milli as f64 * 100.0 / of as f64;
    let figures = |report: &::replay::FillReport| {
        let mut figures: Vec<f64> = at.iter().map(|at| report.curve[*at].unwrap_or(f64::NAN)).collect();
        figures.push(100.0 - report.curve[130].unwrap_or_else(|| percent(report.used_milli, report.capacity_milli)));
        figures.push(100.0 - percent(report.bound_milli, report.capacity_milli));
        figures.extend([report.failed as f64, report.engine.wall_s * 1e3]);
        figures
    };
    let line = |name: &str, policy: &str, figures: &[f64]| {
        let mut line = vec![name.to_owned(), policy.to_owned()];
        line.extend(
            figures.iter().enumerate().map(|(at, figure)| if at == 9 { format!("{figure:.0}") } else { format!("{figure:.2}") }),
        );
        line
    };
    let short = |prefix: &str| {
        Path::new(prefix).file_name().map_or_else(|| prefix.to_owned(), |name| name.to_string_lossy().into_owned())
    };
    let mut lines: Vec<Vec<String>> =
        runs.iter().map(|(prefix, report)| line(&short(prefix), &report.policy, &figures(report))).collect();
    if options.orders.len() > 1 {
        for policy in policies {
            let mine: Vec<Vec<f64>> =
                runs.iter().filter(|(_, report)| report.policy == policy.name).map(|(_, report)| figures(report)).collect();
            let means: Vec<f64> =
                (0..mine[0].len()).map(|at| mine.iter().map(|figures| figures[at]).sum::<f64>() / mine.len() as f64).collect();
            lines.push(line("mean", &policy.name, &means));
        }
    }
    note(
        "per cent of all device capacity allocated, by per cent arrived; no policy that drops nothing that fits leaves less than the bound",
    );
    print(&table(&header, &header[2..], lines))
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
    if let Some(wait) = report["wait_h"].as_object() {
        out.push_str(&format!(
            "waiting      {} h on average, {} h at most; {} waited longer than they may\n",
            figure(&wait["mean"]),
            figure(&wait["max"]),
            report["deadlines_missed"]
        ));
        out.push_str(&format!(
            "at once      carbon {} of running each job at once, cost {}\n",
            share(&report["carbon_ratio"]),
            share(&report["cost_ratio"])
        ));
    }
    if let Some(best) = report["optimum"].as_object() {
        out.push_str(&format!(
            "at best      carbon {} with the best start of each job, {} with pauses; saved {} and {} of that\n",
            share(&best["start_ratio"]),
            share(&best["hours_ratio"]),
            share(&best["saved_of_start"]),
            share(&best["saved_of_hours"])
        ));
    }
    if let Some(demand) = report["demand"].as_object() {
        let cost = demand["cost_yuan"].as_f64().map(|cost| format!(", {cost:.2} yuan for all of them")).unwrap_or_default();
        out.push_str(&format!(
            "demand       {} kW at most in a month on average, over {} months{cost}\n",
            figure(&demand["peak_kw"]),
            demand["months"]
        ));
    }
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
