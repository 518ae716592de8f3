//! `shugu bench slurm`: how fast a Slurm cluster starts jobs through a hub, beside how fast it starts the same jobs
//! submitted directly, in one run. And how long a freed node waits for the next job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::agent::SlurmOptions;
use crate::bench::Hub;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Jobs of one core that do nothing, in each turn.
    #[arg(long, default_value_t = 1000)]
    jobs: usize,
    /// Turns of each kind, one after the other.
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Jobs that take a whole node each, to see how long a freed node waits.
    #[arg(long, default_value_t = 40)]
    wide: usize,
    /// Programs that submit directly at a time.
    #[arg(long, default_value_t = 4)]
    submitters: usize,
    /// A folder that every node sees [default: a temporary one].
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    slurm: SlurmOptions,
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = [values.len().saturating_sub(1) / 2, values.len() / 2];
    middle.iter().filter_map(|at| values.get(*at)).sum::<f64>() / 2.0
}

/// What jobs wrote: node, start and end of each.
type Marks = Vec<(String, f64, f64)>;

/// When the first job of a turn was submitted, and what they wrote.
type Turn = (f64, Marks);

fn marks(file: &Path) -> Marks {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mark = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [node, start, end] = words[..] else { return None };
        Some((node.to_owned(), start.replace(',', ".").parse().ok()?, end.replace(',', ".").parse().ok()?))
    };
    text.lines().filter_map(mark).collect()
}

/// A script that tells where and when it ran.
fn script(file: &Path, work: &str) -> String {
    format!("s=$EPOCHREALTIME; {work}; echo \"$SLURMD_NODENAME $s $EPOCHREALTIME\" >> '{}'", file.display())
}

/// Waits until so many jobs have told.
fn wait_for(file: &Path, jobs: usize) -> Outcome<Marks> {
    let begun = Instant::now();
    loop {
        let all = marks(file);
        if all.len() >= jobs {
            return Ok(all);
        }
        if begun.elapsed() > Duration::from_secs(600) {
            return Err(Failure::Failed(format!("only {} of {jobs} jobs ran within ten minutes", all.len())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The gaps on each node between the end of a job and the start of the next.
fn gaps(marks: &[(String, f64, f64)]) -> Vec<f64> {
    let mut by_node: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (node, start, end) in marks {
        by_node.entry(node).or_default().push((*start, *end));
    }
    for runs in by_node.values_mut() {
        runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    by_node.values().flat_map(|runs| runs.windows(2).map(|pair| pair[1].0 - pair[0].1)).collect()
}

struct Bench<'a> {
    options: &'a Options,
    folder: PathBuf,
    hub: Hub,
    agent: Child,
}

impl Bench<'_> {
    fn start<'a>(options: &'a Options, folder: &Path) -> Outcome<Bench<'a>> {
        let hub = Hub::start(&folder.join("hub"), false)?;
        let made: serve::view::MadeToken =
            hub.client.post("/v1/pools", &json!({ "name": "cluster", "provider": "sample-provider", "executor": "slurm" }))?;
        let program = std::env::current_exe().map_err(|error| failed(&error))?;
        let mut command = Command::new(program);
        command.args(["agent", "--executor", "slurm", "--pool", "cluster", "--hub", hub.client.url(), "--folder"]);
        command.arg(folder.join("agent")).args(options.slurm.arguments()).env("SHUGU_TOKEN", &made.token);
        let agent = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(|error| failed(&error))?;
        let bench = Bench { options, folder: folder.to_owned(), hub, agent };
        let begun = Instant::now();
        loop {
            let pools: serve::view::PoolList = bench.hub.client.get("/v1/pools")?;
            if pools.pools.iter().any(|pool| pool.contact) {
                return Ok(bench);
            }
            if begun.elapsed() > Duration::from_secs(60) {
                return Err(Failure::Failed("the agent did not join within a minute; is there a cluster?".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Through the hub; when the first was submitted, and what they told.
    fn by_hub(&self, name: &str, jobs: usize, job: &Value, work: &str) -> Outcome<Turn> {
        let file = self.folder.join(name);
        let mut job = job.clone();
        job["command"] = json!(["bash", "-c", script(&file, work)]);
        job["tenant"] = json!("bench");
        let begun = now();
        let mut left = jobs;
        while left > 0 {
            let batch = left.min(100);
            let _: Value = self.hub.client.post("/v1/jobs", &vec![&job; batch])?;
            left -= batch;
        }
        Ok((begun, wait_for(&file, jobs)?))
    }

    /// By `sbatch`, as a user of the cluster would.
    fn directly(&self, name: &str, jobs: usize, arguments: &[&str], work: &str) -> Outcome<Turn> {
        let file = self.folder.join(name);
        let path = self.folder.join(format!("{name}.sh"));
        std::fs::write(&path, format!("#!/bin/bash\n{}\n", script(&file, work))).map_err(|error| failed(&error))?;
        let (options, tools) = (self.options.slurm.options(&[]), self.options.slurm.tools());
        let begun = now();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let outcome: Outcome = std::thread::scope(|scope| {
            let submit = || -> Outcome {
                while next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < jobs {
                    let mut all: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
                    // With a file for what it writes, as Slurm makes one unless told otherwise, and as the hub keeps it.
                    let output = format!("--output={}/%j.out", self.folder.display());
                    all.extend([output, "--no-requeue".to_owned(), path.display().to_string()]);
                    all.splice(0..0, options.sbatch.iter().cloned());
                    tools.run("sbatch", &all, None).map_err(|fault| failed(&fault))?;
                }
                Ok(())
            };
            let submitters: Vec<_> = (0..self.options.submitters).map(|_| scope.spawn(submit)).collect();
            submitters.into_iter().try_for_each(|submitter| submitter.join().expect("a submitter does not panic"))
        });
        outcome?;
        Ok((begun, wait_for(&file, jobs)?))
    }
}

impl Drop for Bench<'_> {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.agent.id().cast_signed()), Signal::SIGTERM);
        let _ = self.agent.wait();
    }
}

/// Jobs a second, from the first submission to the last start.
fn rate((begun, marks): &Turn) -> f64 {
    let last = marks.iter().map(|(_, start, _)| *start).fold(*begun, f64::max);
    marks.len() as f64 / (last - begun)
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let temporary = tempfile::Builder::new().prefix("shugu-bench-").tempdir().map_err(|error| failed(&error))?;
    let folder = options.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    let bench = Bench::start(options, &folder)?;
    let one = json!({ "cpus": 1 });
    // Both once before the clock runs.
    bench.by_hub("warm.hub", 20, &one, ":")?;
    bench.directly("warm.direct", 20, &["--cpus-per-task=1"], ":")?;
    let (mut by_hub, mut directly) = (Vec::new(), Vec::new());
    for turn in 0..options.turns {
        directly.push(rate(&bench.directly(&format!("direct.{turn}"), options.jobs, &["--cpus-per-task=1"], ":")?));
        by_hub.push(rate(&bench.by_hub(&format!("hub.{turn}"), options.jobs, &one, ":")?));
    }
    // A node each: whatever it has of cores.
    let pools: serve::view::PoolList = bench.hub.client.get("/v1/pools")?;
    let pool = pools.pools.first().ok_or_else(|| Failure::Failed("the cluster has left".to_owned()))?;
    let cores = (pool.cores / pool.nodes.max(1) as f64).floor().max(1.0);
    let wide = json!({ "cpus": cores });
    let gap_hub = median(gaps(&bench.by_hub("wide.hub", options.wide, &wide, "sleep 1")?.1));
    let whole = format!("--cpus-per-task={cores}");
    let gap_direct = median(gaps(&bench.directly("wide.direct", options.wide, &[&whole], "sleep 1")?.1));
    let ratios: Vec<f64> = by_hub.iter().zip(&directly).map(|(hub, direct)| hub / direct).collect();
    let all = json!({
        "jobs": options.jobs, "turns": options.turns,
        "by_hub_jobs_per_s": by_hub, "directly_jobs_per_s": directly, "ratio": median(ratios),
        "gap_by_hub_s": gap_hub, "gap_directly_s": gap_direct, "gap_added_s": gap_hub - gap_direct,
    });
    drop(bench);
    if json {
        return print_json(&all);
    }
    print(&format!(
        "started through the hub       {:.1} jobs/s\nsubmitted directly            {:.1} jobs/s\nratio                         {:.2}\n\
         a freed node waits            {gap_hub:.2} s for the hub's next job, {gap_direct:.2} s for one that is queued at the cluster\n",
        median(by_hub.clone()),
        median(directly.clone()),
        all["ratio"].as_f64().unwrap_or(0.0),
    ))
}
