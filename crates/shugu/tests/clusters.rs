//! One hub, two Slurm clusters and this machine as three providers: a thousand mixed jobs, in peace and while everything is
//! killed, and with the link to an agent cut for longer than its lease.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::slurm::{Cluster, Settings};
use common::wire::Wire;
use common::{Dice, Hub, kill_all, processes, run};
use serde_json::{Value, json};

const WIDE: Settings = Settings::new(8, 16);

struct World {
    hub: Hub,
    clusters: Vec<Cluster>,
    agents: Vec<Agent>,
    wires: Vec<Wire>,
    lines: PathBuf,
    folder: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for agent in &self.agents {
                eprintln!("{}:\n{}", agent.folder.display(), agent.log());
            }
        }
    }
}

fn world(settings: &Settings, arguments: &[&str]) -> World {
    let folder = tempfile::tempdir().unwrap();
    let clusters: Vec<Cluster> = ["alpha", "beta"].map(|name| Cluster::start(folder.path(), name, settings)).into();
    let hub = Hub::start(&folder.path().join("hub"), arguments);
    let (mut agents, mut wires) = (Vec::new(), Vec::new());
    for cluster in &clusters {
        let provider = format!("{}-provider", cluster.name);
        let made = hub.json(&["access", "pool", &cluster.name, "--provider", &provider, "--executor", "slurm"]);
        let wire = Wire::to(hub.url.trim_start_matches("http://"));
        agents.push(cluster.agent(&wire.url(), made["token"].as_str().unwrap()));
        wires.push(wire);
    }
    let begun = Instant::now();
    while hub.json(&["pools"])["pools"].as_array().unwrap().iter().filter(|pool| pool["contact"] == true).count() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "three pools join");
        std::thread::sleep(Duration::from_millis(50));
    }
    let lines = folder.path().join("lines");
    World { hub, clusters, agents, wires, lines, folder }
}

/// How jobs should end, by kind.
const KINDS: [(&str, &str); 6] = [
    ("single", "done"),
    ("gang", "done"),
    ("array", "done"),
    ("failing", "exited with code 3"),
    ("cancelled", "was cancelled"),
    ("over-limit", "ran longer than its time limit"),
];

/// A thousand jobs of all kinds, in batches.
fn mixed(lines: &Path) -> Vec<Value> {
    let note = format!("echo $SHUGU_JOB_ID.$SHUGU_REPLICA >> {}", lines.display());
    let job =
        |kind: &str, script: &str| json!({ "name": kind, "cpus": 1, "command": ["bash", "-c", format!("{note}; {script}")] });
    let mut batches = Vec::new();
    for batch in 0..20 {
        let mut jobs = Vec::new();
        jobs.extend((0..20).map(|at| {
            let mut single = job("single", "sleep 0.1");
            if at % 2 == 0 {
                single["devices"] = json!(1 + at % 8);
            }
            single
        }));
        jobs.extend((0..4).map(|at| {
            let mut gang = job("gang", "sleep 0.2");
            gang["replicas"] = json!(2 + (batch * 4 + at) % 7);
            gang["devices"] = json!(1 + at);
            if at % 2 == 0 {
                gang["spread"] = json!("nodes");
            }
            gang
        }));
        let mut array = job("array", "true");
        array["array"] = json!(15);
        jobs.push(array);
        jobs.extend((0..5).map(|_| job("failing", "exit 3")));
        jobs.extend((0..3).map(|_| job("cancelled", "sleep 600")));
        jobs.extend((0..3).map(|_| {
            let mut limited = job("over-limit", "sleep 600");
            limited["time_limit"] = json!("2s");
            limited
        }));
        batches.push(Value::Array(jobs));
    }
    batches
}

/// Submits a batch, however often the hub is away; ids with the kinds they are of.
fn submit(world: &World, batch: &Value, ids: &mut BTreeMap<String, String>) {
    let file = world.folder.path().join("batch.yaml");
    std::fs::write(&file, batch.to_string()).unwrap();
    let said = world.hub.say(&["submit", file.to_str().unwrap(), "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    let number = |id: &Value| id.as_str().unwrap().trim_start_matches("job-").parse::<u64>().unwrap();
    for (id, job) in answer["ids"].as_array().unwrap().iter().zip(batch.as_array().unwrap()) {
        // An array is told by its first task; the others follow it.
        let tasks = (0..job["array"].as_u64().unwrap_or(1)).map(|task| format!("job-{}", number(id) + task));
        ids.extend(tasks.map(|task| (task, job["name"].as_str().unwrap().to_owned())));
    }
}

fn live(world: &World) -> usize {
    let count = |state: &&str| world.hub.json(&["jobs", "--state", state, "--limit", "1000"])["jobs"].as_array().unwrap().len();
    ["waiting", "placed", "running", "stopping"].iter().map(count).sum()
}

/// Every job ended as it should or is explained, each replica ran once at most, and the books balance.
fn check(world: &World, ids: &BTreeMap<String, String>, losses_allowed: bool) {
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&world.lines).unwrap_or_default().lines() {
        *ran.entry(line.to_owned()).or_default() += 1;
    }
    let twice: Vec<_> = ran.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "ran twice: {twice:?}");
    let mut pools: BTreeMap<String, usize> = BTreeMap::new();
    let mut lost: BTreeMap<String, usize> = BTreeMap::new();
    for (id, kind) in ids {
        let job = world.hub.json(&["job", id]);
        let expected = KINDS.iter().find(|(name, _)| name == kind).unwrap().1;
        let told = job["end"].as_str().unwrap_or("done").to_owned();
        if told.starts_with("was lost: ") {
            *lost.entry(told).or_default() += 1;
            continue;
        }
        assert_eq!(told, expected, "{kind}: {job}");
        if expected == "done" || kind == "failing" {
            let replicas = job["replicas"].as_u64().unwrap();
            let missing: Vec<u64> = (0..replicas).filter(|rank| !ran.contains_key(&format!("{id}.{rank}"))).collect();
            assert!(missing.is_empty(), "{id} ended as {told} and replicas {missing:?} left no line");
        }
        *pools.entry(job["pool"].as_str().unwrap_or("nowhere").to_owned()).or_default() += 1;
    }
    eprintln!("{} jobs by pool: {pools:?}; lost: {lost:?}", ids.len());
    assert!(losses_allowed || lost.is_empty(), "{lost:?}");
    for pool in ["alpha", "beta", "local"] {
        assert!(pools.contains_key(pool), "nothing ran at {pool}: {pools:?}");
    }
    let audit = run(&["check", world.hub.folder.to_str().unwrap(), "--json"]);
    let audit: Value = serde_json::from_str(&audit.out).unwrap();
    assert_eq!(audit["violations"], json!([]), "{audit}");
    for cluster in &world.clusters {
        assert_eq!(cluster.tool("squeue", &["--noheader", "--format=%i %j %T"]), "", "{} is left empty", cluster.name);
    }
}

/// Runs the thousand jobs, with something happening between looks.
fn play(world: &mut World, losses_allowed: bool, mut happen: impl FnMut(&mut World)) {
    let mut ids = BTreeMap::new();
    let mut cancelled = Vec::new();
    let begun = Instant::now();
    for batch in mixed(&world.lines) {
        submit(world, &batch, &mut ids);
        happen(world);
    }
    assert_eq!(ids.len(), 1000);
    loop {
        // Cancelled while they wait, are on their way, or run.
        for (id, kind) in &ids {
            if kind == "cancelled" && !cancelled.contains(id) && cancelled.len() * 2 < begun.elapsed().as_secs() as usize {
                let said = world.hub.say(&["cancel", id]);
                // One that was lost is over.
                assert!(said.code == 0 || losses_allowed, "{}", said.err);
                cancelled.push(id.clone());
            }
        }
        if cancelled.len() == 60 && live(world) == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(600), "{} jobs do not end", live(world));
        happen(world);
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("a thousand jobs in {:?}", begun.elapsed());
    check(world, &ids, losses_allowed);
}

fn end(world: &mut World) {
    assert_eq!(world.hub.ask_to_stop(), 0);
    kill_all(&processes(&world.hub.folder, "shugu-keeper"));
}

#[test]
#[ignore = "needs Slurm"]
fn a_thousand_mixed_jobs_of_three_providers_end_as_they_should() {
    let mut world = world(&WIDE, &[]);
    play(&mut world, false, |_| {});
    end(&mut world);
}

#[test]
#[ignore = "needs Slurm"]
fn no_job_is_lost_without_a_word_or_run_twice_while_everything_is_killed() {
    let mut world = world(&WIDE, &[]);
    let mut dice = Dice(0x5eed_0042);
    let mut last = Instant::now();
    let mut strikes = 0;
    play(&mut world, true, |world| {
        if strikes == 40 {
            // Slurm takes nodes out of service over what it went through; their administrator puts them back.
            world.clusters.iter().for_each(Cluster::resume);
        }
        if last.elapsed() < Duration::from_millis(1500) || strikes == 40 {
            return;
        }
        last = Instant::now();
        strikes += 1;
        let which = dice.below(2) as usize;
        match dice.below(5) {
            0 => world.hub.kill_and_restart(),
            1 => world.agents[which].restart_with(&[]),
            2 => kill_all(&processes(&world.hub.folder, "\0agent\0")),
            3 => {
                world.clusters[which].kill_controller();
                world.clusters[which].start_controller();
            }
            _ => {
                let node = 1 + dice.below(8) as usize;
                world.clusters[which].kill_daemon(node);
                world.clusters[which].start_node(node);
            }
        }
    });
    assert!(strikes >= 20, "only {strikes} strikes");
    end(&mut world);
}

#[test]
#[ignore = "needs Slurm"]
fn a_link_that_is_cut_for_longer_than_the_lease_loses_jobs_with_a_word_and_runs_none_twice() {
    let small = Settings::new(2, 8);
    let mut world = world(&small, &["--lost-after", "20s"]);
    let note = format!("echo $SHUGU_JOB_ID.$SHUGU_ATTEMPT >> {}", world.lines.display());
    let job = |name: &str, seconds: u32, retries: u32| {
        json!({ "name": name, "devices": 8, "cpus": 1, "retries": retries,
            "command": ["bash", "-c", format!("echo begun >&2; sleep {seconds}; {note}")] })
    };
    // Four nodes of eight devices: each of these has one. Two are at each cluster.
    let jobs = json!([job("long", 60, 0), job("long", 60, 0), job("again", 60, 1), job("again", 60, 1)]);
    let mut ids = BTreeMap::new();
    submit(&world, &jobs, &mut ids);
    for id in ids.keys() {
        world.hub.job_when(id, |job| job["state"] == "running");
    }
    let at_alpha: Vec<String> = ids.keys().filter(|id| world.hub.json(&["job", id])["pool"] == "alpha").cloned().collect();
    assert_eq!(at_alpha.len(), 2);
    world.wires[0].cut();
    let cut = Instant::now();
    for id in &at_alpha {
        let lost = |job: &Value| job["state"] == "lost" || job["pool"] != "alpha" || job["state"] == "waiting";
        let job = world.hub.job_within(id, Duration::from_secs(60), lost);
        eprintln!("{id} after {:?}: {} at {}, {}", cut.elapsed(), job["state"], job["pool"], job["end"]);
    }
    assert!(cut.elapsed() > Duration::from_secs(18), "what runs is kept while it may come back");
    // What ran there has been ended before it could be started elsewhere.
    assert_eq!(world.clusters[0].tool("squeue", &["--noheader", "--states=running"]), "");
    world.wires[0].mend();
    for (id, kind) in &ids {
        let job = world.hub.job_within(id, Duration::from_secs(180), |job| !job["cost_yuan"].is_null());
        let told = job["end"].as_str().unwrap_or("done");
        let lost = "was lost: its pool's agent was silent for longer than this hub waits; it may or may not have run";
        let expected = if at_alpha.contains(id) && kind == "long" { lost } else { "done" };
        assert_eq!(told, expected, "{job}");
    }
    let lines = std::fs::read_to_string(&world.lines).unwrap();
    let mut ran: Vec<&str> = lines.lines().map(|line| line.split('.').next().unwrap()).collect();
    ran.sort_unstable();
    let count = ran.len();
    ran.dedup();
    assert_eq!(ran.len(), count, "ran twice: {lines}");
    // The agent is back, and its cluster takes work again.
    let next: Vec<String> = (0..4).map(|_| world.hub.submit(&["--devices", "8", "--cpus", "1", "--", "sleep", "2"])).collect();
    for id in &next {
        assert_eq!(world.hub.ended(id)["state"], "done");
    }
    end(&mut world);
}
