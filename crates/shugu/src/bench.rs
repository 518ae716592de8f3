//! `shugu bench`: measures, with nothing skipped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use dispatch::{Ask, End, Join, Node, Report, Request, Shape, Spec, Usage};
use measure::{CoreTime, Cpu, Devices, Memory, Name, PoolId, Span, TenantId, Time};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use settle::{Entry, Ledger};

use crate::client::Client;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;
use crate::{
    bench_dashboard, bench_engine, bench_history, bench_matmul, bench_plan, bench_reads, bench_settle, bench_slurm, bench_stores,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// A whole hub with trivial jobs: submit, process ran, ended, posted; then durable submits, then a restart.
    Hub(HubOptions),
    /// The engine alone on a made hub: submit, place, start, end, with fair share, gangs and reservations.
    Engine(bench_engine::Options),
    /// What cores can do, by products of matrices.
    Matmul(bench_matmul::Options),
    /// Month's statements of everybody, over a made journal of settled jobs.
    Settle(bench_settle::Options),
    /// What the dashboard asks of a hub of sixty thousand nodes and a million jobs.
    Dashboard(bench_dashboard::Options),
    /// The same load on a hub of each store, SQLite and PostgreSQL, side by side.
    Stores(bench_stores::StoresOptions),
    /// Hubs whose histories are of different length: what the length costs, before and after the archive took what is old.
    History(bench_history::Options),
    /// Many open event streams and many reads a second on one hub.
    Reads(bench_reads::Options),
    /// Several hubs on PostgreSQL whose writer is killed or cut off again and again under load.
    Takeover(bench_stores::TakeoverOptions),
    /// A hard plan: its model, its relaxation, and how soon which gap is proven.
    Plan(bench_plan::Options),
    /// A Slurm cluster through a hub, beside the same jobs submitted directly.
    Slurm(bench_slurm::Options),
}

#[derive(Debug, Args)]
pub(crate) struct HubOptions {
    /// Jobs that run `true`.
    #[arg(long, default_value_t = 10_000)]
    jobs: usize,
    /// Cores of each, so that many run at once.
    #[arg(long, default_value = "0.02")]
    cpus: String,
    /// Durable submits in batches of 100, without running them.
    #[arg(long, default_value_t = 100_000)]
    submits: usize,
    /// Entries that a restart folds.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
}

pub(crate) fn run(bench: &Bench, json: bool) -> Outcome {
    let options = match bench {
        Bench::Hub(options) => options,
        Bench::Engine(options) => return bench_engine::run(options, json),
        Bench::Matmul(options) => return bench_matmul::run(options, json),
        Bench::Settle(options) => return bench_settle::run(options, json),
        Bench::Dashboard(options) => return bench_dashboard::run(options, json),
        Bench::Stores(options) => return bench_stores::stores(options, json),
        Bench::History(options) => return bench_history::run(options, json),
        Bench::Reads(options) => return bench_reads::run(options, json),
        Bench::Takeover(options) => return bench_stores::takeover(options, json),
        Bench::Plan(options) => return bench_plan::run(options, json),
        Bench::Slurm(options) => return bench_slurm::run(options, json),
    };
    let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir();
    let folder = folder.map_err(|error| Failure::Failed(format!("cannot make a temporary folder: {error}")))?;
    let life = whole_life(options, &folder.path().join("life"))?;
    let submits = durable_submits(options, &folder.path().join("submits"))?;
    let restart = restart(options, &folder.path().join("restart"))?;
    let all = json!({ "life": life, "submits": submits, "restart": restart });
    if json {
        return print_json(&all);
    }
    let figure = |value: &Value| value.as_f64().map_or_else(String::new, |value| format!("{value:.2}"));
    print(&format!(
        "submit → process ran → ended → posted   {} jobs, {} jobs/s, {} ms of CPU a job (hub {}, agent {}, keeper and processes {})\n\
         a bare start of the same program       {} ms of CPU\n\
         durable submits in batches of 100      {} jobs, {} jobs/s\n\
         restart                                {} entries folded in {} s\n",
        life["jobs"],
        figure(&life["jobs_per_s"]),
        figure(&life["cpu_ms_per_job"]),
        figure(&life["hub_cpu_ms_per_job"]),
        figure(&life["agent_cpu_ms_per_job"]),
        figure(&life["keeper_and_processes_cpu_ms_per_job"]),
        figure(&life["bare_process_cpu_ms"]),
        submits["jobs"],
        figure(&submits["jobs_per_s"]),
        restart["entries"],
        figure(&restart["ready_s"]),
    ))
}

/// A hub as a process of its own, as in real use.
pub(crate) struct Hub {
    child: Child,
    pub(crate) client: Client,
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::Failed(error.to_string())
}

/// The file in a hub's folder with what it said.
pub(crate) const SAID: &str = "said.txt";

impl Hub {
    pub(crate) fn start(folder: &Path, local: bool) -> Outcome<Hub> {
        Hub::start_on(folder, local, "127.0.0.1:0", "sqlite", None)
    }

    /// A hub whose journal is in a store. A hub that stands by may have no operator's token of its own.
    pub(crate) fn start_on(folder: &Path, local: bool, listen: &str, store: &str, token: Option<&str>) -> Outcome<Hub> {
        Hub::start_with(folder, local, listen, token, &[("SHUGU_STORE", store)])
    }

    /// A hub with this in its environment.
    pub(crate) fn start_with(
        folder: &Path,
        local: bool,
        listen: &str,
        token: Option<&str>,
        environment: &[(&str, &str)],
    ) -> Outcome<Hub> {
        let program = std::env::current_exe().map_err(|error| failed(&error))?;
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let said =
            std::fs::OpenOptions::new().create(true).append(true).open(folder.join(SAID)).map_err(|error| failed(&error))?;
        let mut command = Command::new(program);
        command
            // What is measured is the hub, not its limits.
            .args(["up", "--rate", "0", "--waiting", "0", "--listen", listen, "--dir"])
            .arg(folder)
            .env("SHUGU_STORE", "sqlite")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said);
        if !local {
            command.arg("--no-local");
        }
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).map_err(|error| failed(&error))?;
        let url = line.trim().strip_prefix("ready ").ok_or_else(|| Failure::Failed(format!("the hub said {line:?}")))?;
        let token = match token {
            Some(token) => token.to_owned(),
            None => std::fs::read_to_string(folder.join("operator.token")).map_err(|error| failed(&error))?,
        };
        Ok(Hub { child, client: Client::new(url, token.trim(), None) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a word.
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn stop(self) {
        drop(self);
    }

    /// What it has in memory, in bytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// CPU time in milliseconds of the hub, its agent, and the keeper with every process it reaped.
fn cpu_milliseconds(hub: &Hub, folder: &Path) -> (f64, f64, f64) {
    let ticks = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64;
    let of = |pid: i32, with_children: bool| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<f64> = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.split_whitespace().map(|f| f.parse().unwrap_or(0.0)).collect())
            .unwrap_or_default();
        let sum: f64 = fields.iter().skip(11).take(if with_children { 4 } else { 2 }).sum();
        sum * 1000.0 / ticks
    };
    let (mut agent, mut keeper) = (0.0, 0.0);
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(line) = std::fs::read_to_string(format!("/proc/{pid}/cmdline")) else { continue };
        if !line.contains(&folder.display().to_string()) {
            continue;
        }
        if line.starts_with(execute::local::KEEPER_NAME) {
            keeper += of(pid, true);
        } else if line.contains("\0agent\0") {
            agent += of(pid, false);
        }
    }
    (of(hub.child.id().cast_signed(), false), agent, keeper)
}

fn trivial(cpus: &str, count: usize) -> Value {
    let job = json!({ "command": ["true"], "cpus": cpus, "tenant": "bench" });
    Value::Array(vec![job; count])
}

fn whole_life(options: &HubOptions, folder: &Path) -> Outcome<Value> {
    let hub = Hub::start(folder, true)?;
    let bare = bare_process_milliseconds();
    // A first job, so that everything is there before the clock runs.
    let _: Value = hub.client.post("/v1/jobs", &trivial(&options.cpus, 1))?;
    wait_for_posted(&hub, 1)?;
    let before = cpu_milliseconds(&hub, folder);
    let bar = progress("trivial jobs", options.jobs as u64);
    let begun = Instant::now();
    let mut left = options.jobs;
    while left > 0 {
        let batch = left.min(100);
        let _: Value = hub.client.post("/v1/jobs", &trivial(&options.cpus, batch))?;
        left -= batch;
    }
    loop {
        let ended = ended_jobs(&hub)?.saturating_sub(1);
        bar.set_position(ended);
        if ended >= options.jobs as u64 {
            break;
        }
        if begun.elapsed() > Duration::from_secs(600) {
            return Err(Failure::Failed(format!("only {ended} of {} jobs ended within ten minutes", options.jobs)));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let wall = begun.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let after = cpu_milliseconds(&hub, folder);
    let done: serve::view::JobList = hub.client.get("/v1/jobs?state=done&limit=1000")?;
    if done.jobs.len() < options.jobs.min(1000) {
        return Err(Failure::Failed("not every job was done".to_owned()));
    }
    hub.stop();
    let jobs = options.jobs as f64;
    let each = (after.0 - before.0, after.1 - before.1, after.2 - before.2);
    Ok(json!({
        "jobs": options.jobs,
        "wall_s": wall,
        "jobs_per_s": jobs / wall,
        "cpu_ms_per_job": (each.0 + each.1 + each.2) / jobs,
        "hub_cpu_ms_per_job": each.0 / jobs,
        "agent_cpu_ms_per_job": each.1 / jobs,
        "keeper_and_processes_cpu_ms_per_job": each.2 / jobs,
        "bare_process_cpu_ms": bare,
    }))
}

/// What starting and reaping `true` costs by itself, for comparison.
fn bare_process_milliseconds() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let used = |who| {
        let usage = getrusage(who).ok();
        usage.map_or(0.0, |usage| {
            let milliseconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 * 1000.0 + time.tv_usec() as f64 / 1000.0;
            milliseconds(usage.user_time()) + milliseconds(usage.system_time())
        })
    };
    let all = || used(UsageWho::RUSAGE_SELF) + used(UsageWho::RUSAGE_CHILDREN);
    let before = all();
    for _ in 0..500 {
        let _ = Command::new("true").stdin(Stdio::null()).stdout(Stdio::null()).status();
    }
    (all() - before) / 500.0
}

fn ended_jobs(hub: &Hub) -> Outcome<u64> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut hub.client.stream("/metrics")?, &mut text).map_err(|error| failed(&error))?;
    let counts = text.lines().filter(|line| line.starts_with("shugu_jobs_ended_total{"));
    Ok(counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum())
}

fn wait_for_posted(hub: &Hub, jobs: u64) -> Outcome {
    let begun = Instant::now();
    while ended_jobs(hub)? < jobs {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err(Failure::Failed("no job ended within a minute".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn durable_submits(options: &HubOptions, folder: &Path) -> Outcome<Value> {
    let hub = Hub::start(folder, false)?;
    let _: Value = hub.client.post("/v1/jobs", &trivial("1", 1))?;
    let bar = progress("durable submits", options.submits as u64);
    let batch = trivial("1", 100);
    let begun = Instant::now();
    // Four clients at a time, as a hub has more than one tenant; each waits for its answer.
    let clients: Vec<_> = (0..4).map(|_| Client::clone(&hub.client)).collect();
    let each = options.submits / 100 / clients.len();
    let outcome: Outcome = std::thread::scope(|scope| {
        let send = |client: &Client| -> Outcome {
            for _ in 0..each {
                let _: Value = client.post("/v1/jobs", &batch)?;
                bar.inc(100);
            }
            Ok(())
        };
        let running: Vec<_> = clients.iter().map(|client| scope.spawn(move || send(client))).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(Failure::Failed("a client panicked".to_owned()))))
    });
    outcome?;
    let wall = begun.elapsed().as_secs_f64();
    bar.finish_and_clear();
    hub.stop();
    let jobs = each * clients.len() * 100;
    Ok(json!({ "jobs": jobs, "wall_s": wall, "jobs_per_s": jobs as f64 / wall }))
}

/// Lives of trivial jobs until the journal is long enough, written as a hub writes them, without a shortened history.
fn restart(options: &HubOptions, folder: &Path) -> Outcome<Value> {
    let wrong = |refusal: dispatch::Refusal| Failure::Failed(refusal.to_string());
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut ledger = Ledger::default();
    let mut entries: Vec<Entry> = Vec::new();
    let name: Name = "bench".parse().expect("it is a name");
    let node = Node {
        name: "node".to_owned(),
        model: None,
        devices: Devices(0),
        cpu: Cpu::cores(64),
        memory: Memory::mebibytes(65_536),
        ..Node::default()
    };
    let join = Join { name: name.clone(), provider: name.clone(), site: None, executor: "local".to_owned() };
    let pool = PoolId(1);
    for request in [Request::Admit(name), Request::Join(join), Request::See(pool, vec![node]), Request::Contact(pool, true)] {
        ledger.ask(Time(0), request, &mut entries).map_err(wrong)?;
    }
    let shape = Shape { asks: vec![Ask::default()], cpu: Cpu(20), ..Shape::default() };
    let command = dispatch::Command { argv: vec!["true".to_owned()], ..dispatch::Command::default() };
    let spec = Arc::new(Spec { tenant: TenantId(1), name: "true".to_owned(), shape, command, ..Spec::default() });
    let mut at = 0;
    while ledger.seq < options.entries {
        at += 3;
        ledger.ask(Time(at), Request::Submit(spec.clone()), &mut entries).map_err(wrong)?;
        ledger.round(Time(at), &mut entries);
        let job = ledger.hub.jobs.keys().next().ok_or_else(|| Failure::Failed("the job was not accepted".to_owned()))?;
        ledger.ask(Time(at + 1), Request::Report(pool, job, 0, Report::Started), &mut entries).map_err(wrong)?;
        let usage = Usage { run: Span(1), cpu: CoreTime(900), ..Usage::default() };
        ledger
            .ask(Time(at + 2), Request::Report(pool, job, 0, Report::Ended(End::Exited(0), usage)), &mut entries)
            .map_err(wrong)?;
    }
    let written = serve::JournalWriter::create(&folder.join("journal.db")).and_then(|mut journal| journal.append(&entries));
    written.map_err(|fault| Failure::Failed(fault.to_string()))?;
    drop((entries, ledger));
    let begun = Instant::now();
    let hub = Hub::start(folder, false)?;
    let ready = begun.elapsed().as_secs_f64();
    hub.stop();
    Ok(json!({ "entries": options.entries, "ready_s": ready }))
}

fn progress(what: &str, length: u64) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(length).with_message(what.to_owned());
    bar.set_style(
        indicatif::ProgressStyle::with_template("{msg} {pos} of {len} {wide_bar} {elapsed}")
            .expect("the template is well formed"),
    );
    bar
}
