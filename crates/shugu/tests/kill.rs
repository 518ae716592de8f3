//! What is acknowledged survives `kill -9` of hub and agent at any moment: no job is lost without a word, none runs twice.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Dice, Hub, kill_all, processes, run};
use serde_json::Value;

const JOBS: usize = 2000;
const KILLS: usize = 10;

/// Submits until `JOBS` are acknowledged, whatever happens to the hub meanwhile.
fn submit_all(hub: &Hub, lines: &Path, acknowledged: &Arc<Mutex<Vec<String>>>) -> std::thread::JoinHandle<()> {
    let (folder, url, token, acknowledged) = (hub.folder.clone(), hub.url.clone(), hub.token(), acknowledged.clone());
    let file = folder.join("batch.yaml");
    let job = format!("- command: [sh, -c, 'echo $SHUGU_JOB_ID >> {}']\n  cpus: 0.05\n", lines.display());
    std::fs::write(&file, job.repeat(20)).unwrap();
    std::thread::spawn(move || {
        while acknowledged.lock().unwrap().len() < JOBS {
            let said = common::said(
                common::shugu(&["submit", file.to_str().unwrap(), "--hub", &url, "--json"])
                    .env("SHUGU_TOKEN", &token)
                    .output()
                    .unwrap(),
            );
            if said.code == 0 {
                let answer: Value = serde_json::from_str(&said.out).unwrap();
                let ids = answer["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
                acknowledged.lock().unwrap().extend(ids);
            } else {
                assert_eq!(said.code, 1, "a hub that is away is no wrong input: {}", said.err);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    })
}

fn check_survives(what: &str, mut strike: impl FnMut(&mut Hub)) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let lines = folder.path().join("lines");
    let mut hub = Hub::start(&data, &[]).with_pool();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let submitting = submit_all(&hub, &lines, &acknowledged);
    let mut dice = Dice(0x5eed_0001);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(150 + dice.below(700)));
        strike(&mut hub);
    }
    submitting.join().unwrap();
    let begun = Instant::now();
    while ["waiting", "placed", "running", "stopping"]
        .iter()
        .any(|state| !hub.json(&["jobs", "--state", state, "--limit", "1"])["jobs"].as_array().unwrap().is_empty())
    {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}: jobs do not end");
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&lines).unwrap().lines() {
        *ran.entry(line.to_owned()).or_default() += 1;
    }
    let twice: Vec<_> = ran.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{what}: ran twice: {twice:?}");
    let acknowledged = acknowledged.lock().unwrap().clone();
    let missing: Vec<&String> = acknowledged.iter().filter(|id| !ran.contains_key(*id)).collect();
    let mut lost = 0;
    for id in missing {
        let job = hub.json(&["job", id]);
        assert_eq!(job["state"], "lost", "{what}: {id} did not run and is {job}");
        assert!(job["end"].as_str().is_some_and(|end| end.starts_with("was lost: ")), "{what}: {job}");
        lost += 1;
    }
    eprintln!("{what}: {} acknowledged, {} ran once, {lost} reported lost", acknowledged.len(), ran.len());
    let audit = run(&["check", data.to_str().unwrap(), "--json"]);
    let audit: Value = serde_json::from_str(&audit.out).unwrap();
    assert_eq!(audit["violations"], Value::Array(Vec::new()), "{what}: {audit}");
    assert_eq!(hub.stop(), 0);
    kill_all(&processes(&data, "shugu-keeper"));
}

#[test]
fn every_acknowledged_job_runs_once_while_the_hub_is_killed_ten_times() {
    check_survives("hub", Hub::kill_and_restart);
}

#[test]
fn every_acknowledged_job_runs_once_while_the_agent_is_killed_ten_times() {
    check_survives("agent", |hub| kill_all(&processes(&hub.folder, "\0agent\0")));
}

#[test]
fn jobs_of_a_killed_keeper_are_found_again_or_reported_lost() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let hub = Hub::start(&data, &[]).with_pool();
    let long = hub.submit(&["--cpus", "0.1", "--", "sleep", "3"]);
    hub.job_when(&long, |job| job["state"] == "running");
    kill_all(&processes(&data, "shugu-keeper"));
    // The agent goes with its keeper and is started again; the process itself goes on and is found.
    let job = hub.ended(&long);
    assert_eq!(job["state"], "lost");
    assert_eq!(job["end"], "was lost: its keeper was killed; it ended later and its exit code was not seen");
    // It was billed for the time it ran: it was not taken for dead while it lived.
    assert!(job["run_s"].as_f64().unwrap() > 2.0, "{job}");
    let next = hub.submit(&["--cpus", "0.1", "--", "true"]);
    assert_eq!(hub.ended(&next)["state"], "done");
    assert_eq!(hub.stop(), 0);
    kill_all(&processes(&data, "shugu-keeper"));
}

#[test]
fn a_time_limit_holds_although_the_keeper_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let hub = Hub::start(&data, &[]).with_pool();
    let limited = hub.submit(&["--cpus", "0.1", "--time-limit", "3s", "--", "sleep", "300"]);
    hub.job_when(&limited, |job| job["state"] == "running");
    kill_all(&processes(&data, "shugu-keeper"));
    assert_eq!(hub.ended(&limited)["end"], "ran longer than its time limit");
    assert_eq!(hub.stop(), 0);
    kill_all(&processes(&data, "shugu-keeper"));
}
