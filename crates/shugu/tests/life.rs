//! A job's life on a real machine: real processes, limits, signals, output, money.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{Hub, kill_all, processes};
use serde_json::Value;

struct Place {
    hub: Option<Hub>,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
        Place { hub: Some(hub), folder }
    }

    fn hub(&self) -> &Hub {
        self.hub.as_ref().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.hub.take());
        kill_all(&processes(&self.folder.path().join("hub"), "shugu-keeper"));
    }
}

fn logs(hub: &Hub, id: &str, more: &[&str]) -> String {
    let mut arguments = vec!["logs", id];
    arguments.extend(more);
    let said = hub.say(&arguments);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

#[test]
fn a_gang_starts_whole_and_each_replica_knows_its_peers() {
    let place = Place::new();
    let hub = place.hub();
    let script = "echo $RANK of $WORLD_SIZE in $SHUGU_TENANT on $(echo $SHUGU_PEERS | tr ',' '\\n' | wc -l) peers at $MASTER_ADDR:$MASTER_PORT; pwd";
    let id = hub.submit(&["--replicas", "3", "--cpus", "0.1", "--name", "gang", "--", "sh", "-c", script]);
    let job = hub.ended(&id);
    assert_eq!((job["state"].as_str(), job["replicas"].as_u64()), (Some("done"), Some(3)));
    for rank in 0..3 {
        let out = logs(hub, &id, &["--replica", &rank.to_string()]);
        assert!(out.starts_with(&format!("{rank} of 3 in default on 3 peers at ")), "{out}");
        assert!(out.trim_end().ends_with(&format!("/jobs/{id}")), "its own folder: {out}");
    }
    let beyond = hub.say(&["logs", &id, "--replica", "3"]);
    assert_eq!((beyond.code, beyond.err.trim()), (2, "error: replica: the job has replicas 0 to 2"));
}

#[test]
fn one_failing_replica_ends_its_gang() {
    let place = Place::new();
    let hub = place.hub();
    let id = hub.submit(&["--replicas", "2", "--cpus", "0.1", "--", "sh", "-c", "test $RANK = 0 || exit 7; sleep 60"]);
    let begun = Instant::now();
    let job = hub.ended(&id);
    assert_eq!((job["state"].as_str(), job["exit_code"].as_i64()), (Some("failed"), Some(7)));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn limits_of_time_and_memory_are_enforced() {
    let place = Place::new();
    let hub = place.hub();
    let slow = hub.submit(&["--cpus", "0.1", "--time-limit", "1s", "--", "sleep", "60"]);
    let greedy = "python3 -c 'import time; held = bytearray(300 << 20); time.sleep(60)'";
    let large = hub.submit(&["--cpus", "0.1", "--memory", "64MiB", "--", "sh", "-c", greedy]);
    assert_eq!(hub.ended(&slow)["end"], "ran longer than its time limit");
    let job = hub.ended(&large);
    assert_eq!((job["state"].as_str(), job["end"].as_str()), (Some("failed"), Some("used more memory than it asked for")));
    assert!(job["peak_memory_bytes"].as_i64().unwrap() > 64 << 20, "{job}");
}

#[test]
fn cancel_asks_first_and_then_insists() {
    let place = Place::new();
    let hub = place.hub();
    let polite =
        hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "trap 'echo leaving; exit 0' TERM; while :; do sleep 0.05; done"]);
    let stubborn = hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"]);
    for id in [&polite, &stubborn] {
        hub.job_when(id, |job| job["state"] == "running");
    }
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    assert_eq!(hub.say(&["cancel", &polite, &stubborn]).code, 0);
    assert_eq!(hub.ended(&polite)["state"], "cancelled");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(logs(hub, &polite, &[]), "leaving\n");
    assert_eq!(hub.ended(&stubborn)["state"], "cancelled");
    assert!(begun.elapsed() > Duration::from_secs(9), "it had its grace");
    let again = hub.say(&["cancel", &polite]);
    assert_eq!((again.code, again.err.trim()), (3, "error: job-1 has ended: it is cancelled"));
}

#[test]
fn nothing_of_a_job_outlives_it() {
    let place = Place::new();
    let hub = place.hub();
    let id = hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "sleep 987 & echo $!"]);
    assert_eq!(hub.ended(&id)["state"], "done");
    let child = logs(hub, &id, &[]);
    std::thread::sleep(Duration::from_millis(100));
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[test]
fn output_is_followed_while_it_is_written() {
    let place = Place::new();
    let hub = place.hub();
    let id =
        hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "for n in 1 2 3; do echo line $n; sleep 0.4; done; echo problem >&2"]);
    assert_eq!(logs(hub, &id, &["--follow"]), "line 1\nline 2\nline 3\n");
    assert_eq!(logs(hub, &id, &["--stderr"]), "problem\n");
    assert_eq!(logs(hub, &id, &["--tail", "7"]), "line 3\n");
}

#[test]
fn a_program_that_does_not_exist_says_so() {
    let place = Place::new();
    let hub = place.hub();
    let id = hub.submit(&["--cpus", "0.1", "--", "no-such-program"]);
    let job = hub.ended(&id);
    assert_eq!(
        (job["state"].as_str(), job["end"].as_str()),
        (Some("failed"), Some("could not be started: there is no program no-such-program"))
    );
}

#[test]
fn a_job_that_waits_says_why_and_wait_says_how_it_ended() {
    let place = Place::new();
    let hub = place.hub();
    let cores = hub.json(&["pools"])["pools"][0]["cores"].as_f64().unwrap();
    let first = hub.submit(&["--cpus", &cores.to_string(), "--", "sleep", "1"]);
    hub.job_when(&first, |job| job["state"] == "running");
    let second = hub.submit(&["--cpus", "1", "--", "false"]);
    let why = hub.json(&["why", &second]);
    assert_eq!((why["state"].as_str(), why["reason"]["code"].as_str()), (Some("waiting"), Some("busy")));
    assert_eq!(why["pools"][0]["reason"], serde_json::json!({ "code": "cpu", "asked": 1.0, "free": 0.0, "largest": cores }));
    let wait = hub.say(&["wait", &first, &second]);
    assert_eq!(wait.code, 1, "false is not done: {}", wait.out);
    assert_eq!(hub.say(&["wait", &first]).code, 0);
}

#[test]
fn a_statement_is_the_sum_of_its_jobs_to_the_last_millionth() {
    let folder = tempfile::tempdir().unwrap();
    let census = folder.path().join("census");
    std::fs::create_dir(&census).unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data");
    let settings =
        std::fs::read_to_string(format!("{shipped}/guizhou/hub.toml")).unwrap().replace("fee_permille = 0", "fee_permille = 35");
    std::fs::write(census.join("hub.toml"), settings).unwrap();
    let tariffs = std::fs::read_to_string(format!("{shipped}/sample/tariffs.csv")).unwrap().replace(",0.12,", ",1200.03,");
    std::fs::write(census.join("tariffs.csv"), tariffs).unwrap();
    let data = folder.path().join("hub");
    let hub = Hub::start(&data, &["--census", census.to_str().unwrap()]).with_pool();
    let ids: Vec<String> = (0..5).map(|_| hub.submit(&["--cpus", "0.3", "--tenant", "llm-lab", "--", "sleep", "0.2"])).collect();
    let cost = |id: &String| micro(&hub.ended(id)["cost_yuan"]);
    let sum: i64 = ids.iter().map(cost).sum();
    assert!(sum > 0);
    let tenant = hub.json(&["statement", "--tenant", "llm-lab"]);
    let provider = hub.json(&["statement", "--provider", "local"]);
    assert_eq!(micro(&tenant["total_yuan"]), sum);
    let fee: i64 = provider["lines"].as_array().unwrap().iter().map(|line| micro(&line["fee_yuan"])).sum();
    assert!(fee > 0);
    assert_eq!(micro(&provider["total_yuan"]) + fee, sum);
    let unknown = hub.say(&["statement", "--tenant", "nobody"]);
    assert_eq!((unknown.code, unknown.err.trim()), (3, "error: there is no tenant nobody"));
    assert_eq!(hub.stop(), 0);
    kill_all(&processes(&data, "shugu-keeper"));
}

fn micro(yuan: &Value) -> i64 {
    (yuan.as_f64().unwrap() * 1e6).round() as i64
}

#[test]
fn a_hub_replays_its_own_history_and_comes_to_the_same_jobs() {
    let place = Place::new();
    let hub = place.hub();
    let ids: Vec<String> = (0..4).map(|_| hub.submit(&["--cpus", "1", "--", "sleep", "0.3"])).collect();
    ids.iter().for_each(|id| drop(hub.ended(id)));
    let trace = format!("journal:{}", hub.folder.display());
    let first = hub.json(&["replay", "--trace", &trace]);
    let second = hub.json(&["replay", "--trace", &trace]);
    assert_eq!(first["jobs"]["finished"], 4);
    assert_eq!(first["journal_sha256"], second["journal_sha256"]);
}

#[test]
fn all_that_a_job_wrote_is_read_however_much_it_is() {
    let place = Place::new();
    let hub = place.hub();
    let id = hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x"]);
    hub.ended(&id);
    assert_eq!(logs(hub, &id, &[]).len(), 20_000_000);
    assert_eq!(logs(hub, &id, &["--follow"]).len(), 20_000_000);
}

#[test]
fn jobs_cancelled_while_they_are_started_do_not_go_on() {
    let place = Place::new();
    let hub = place.hub();
    let file = hub.folder.join("many.yaml");
    std::fs::write(&file, "- {command: [sleep, '7654'], cpus: 0.01}\n".repeat(20)).unwrap();
    for _ in 0..5 {
        let ids = hub.json(&["submit", file.to_str().unwrap()])["ids"].clone();
        let ids: Vec<&str> = ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        let mut cancel = vec!["cancel"];
        cancel.extend(&ids);
        assert_eq!(hub.say(&cancel).code, 0);
        ids.iter().for_each(|id| assert_eq!(hub.ended(id)["state"], "cancelled"));
    }
    std::thread::sleep(Duration::from_millis(500));
    let keeper = processes(&hub.folder, "shugu-keeper")[0];
    let children = std::fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children")).unwrap();
    assert_eq!(children.trim(), "", "nothing that was cancelled runs");
}

#[test]
fn a_job_learns_no_token_and_cannot_say_that_it_is_another() {
    let place = Place::new();
    let hub = place.hub();
    let id = hub.submit(&[
        "--cpus",
        "0.1",
        "--env",
        "SHUGU_JOB_ID=job-99",
        "--",
        "sh",
        "-c",
        "env | grep -c SHUGU_TOKEN; echo $SHUGU_JOB_ID",
    ]);
    hub.ended(&id);
    assert_eq!(logs(hub, &id, &[]), format!("0\n{id}\n"));
}

/// Whether this user may make control groups here, as a keeper would.
fn has_control_groups(folder: &Path) -> bool {
    let survey = execute::survey::survey(&execute::Executor::Local(execute::local::Options::default()), folder);
    survey.findings.iter().any(|finding| finding.what == "groups" && finding.level == execute::survey::Level::Good)
}

#[test]
fn what_a_job_leaves_behind_in_a_session_of_its_own_is_counted_and_ends_with_it() {
    let place = Place::new();
    let hub = place.hub();
    if !has_control_groups(&hub.folder.join("probe")) {
        eprintln!("SKIPPED: this user may make no control groups here");
        return;
    }
    let stray = hub.folder.join("stray.sh");
    std::fs::write(&stray, "while :; do :; done").unwrap();
    let told = format!("setsid sh {} & sleep 1", stray.display());
    let id = hub.submit(&["--cpus", "0.1", "--", "sh", "-c", &told]);
    let ended = hub.ended(&id);
    assert_eq!(ended["state"], "done");
    assert_eq!(processes(&hub.folder, "stray.sh"), Vec::<i32>::new(), "nothing of it goes on");
    // Nobody waited for the stray, and it used most of a core for a second.
    assert!(ended["cpu_s"].as_f64().unwrap() > 0.2, "{ended}");
}

#[test]
fn jobs_of_a_day_are_those_of_the_hubs_own_day() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    let id = hub.submit(&["--cpus", "1", "--", "true"]);
    let submitted = measure::Time::parse_date(hub.json(&["job", &id])["submitted_at"].as_str().unwrap()).unwrap();
    let day = |days: i64| (submitted + measure::Span::seconds(8 * 3600 + days * 86_400)).date();
    let count = |arguments: &[&str]| hub.json(&[&["jobs"], arguments].concat())["jobs"].as_array().unwrap().len();
    assert_eq!(count(&["--from", &day(0), "--until", &day(0)]), 1, "a day includes itself");
    assert_eq!(count(&["--until", &day(-1)]), 0);
    assert_eq!(count(&["--from", &day(1)]), 0);
    assert_eq!(count(&["--from", &day(0)[..7], "--until", &day(0)[..4]]), 1, "months and years do, too");
    assert_eq!(count(&["--until", &submitted.to_string()]), 0, "an instant is itself");
    let said = hub.say(&["jobs", "--until", "soon"]);
    assert!(said.code == 2 && said.err.contains("until: `soon` is not a date"), "{}", said.err);
}

#[test]
fn a_study_says_when_its_turn_came() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let request = ureq::post(format!("{}/v1/studies", hub.url)).header("authorization", format!("Bearer {}", hub.token()));
    let begun = request.send_json(serde_json::json!({ "kind": "replay", "policies": ["fifo"] })).unwrap();
    assert_eq!(begun.status(), 201);
    let begun = Instant::now();
    let study = loop {
        let study = hub.get("/v1/studies")["studies"][0].clone();
        if !study["ended_at"].is_null() {
            break study;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{study}");
        std::thread::sleep(Duration::from_millis(20));
    };
    let at = |field: &str| measure::Time::parse_date(study[field].as_str().unwrap()).unwrap();
    assert!(at("asked_at") <= at("started_at") && at("started_at") <= at("ended_at"), "{study}");
}

#[test]
fn what_a_source_gives_as_a_bound_is_told_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    let sites = hub.get("/v1/sites");
    let site = |id: &str| sites["sites"].as_array().unwrap().iter().find(|site| site["id"] == id).unwrap();
    let park = site("guian-china-telecom-park");
    assert_eq!((&park["pue"], &park["bounds"]["pue"]), (&serde_json::json!(1.2), &serde_json::json!("<1.2")), "{park}");
    let centre = site("guian-supercomputing-center");
    assert_eq!(centre["bounds"], serde_json::json!({ "computing_power_pflops": ">=30" }), "{centre}");
    assert_eq!(site("guian-tencent-qixing")["bounds"]["pue"], "~1.1");
    assert!(site("guian-huawei-machang").get("bounds").is_none());
}
