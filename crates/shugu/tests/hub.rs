//! A hub over its own life: stopped and started, joined by agents, followed by those who watch.

mod common;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use common::{Hub, kill_all, processes, shugu};
use serde_json::Value;

#[test]
fn a_job_goes_on_while_its_hub_is_stopped_and_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let hub = Hub::start(&data, &[]).with_pool();
    let done = hub.submit(&["--cpus", "0.1", "--", "true"]);
    hub.ended(&done);
    let long = hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "sleep 2; exit 5"]);
    hub.job_when(&long, |job| job["state"] == "running");
    assert_eq!(hub.stop(), 0);
    let hub = Hub::start(&data, &[]).with_pool();
    assert_eq!(hub.json(&["job", &done])["state"], "done");
    let job = hub.ended(&long);
    assert_eq!((job["state"].as_str(), job["exit_code"].as_i64()), (Some("failed"), Some(5)));
    assert_eq!(hub.submit(&["--cpus", "0.1", "--", "true"]), "job-3", "ids go on");
    assert_eq!(hub.json(&["check", data.to_str().unwrap()])["violations"], Value::Array(Vec::new()));
    assert_eq!(hub.stop(), 0);
    kill_all(&processes(&data, "shugu-keeper"));
}

#[test]
fn an_agent_joins_with_the_token_of_its_pool_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    let waits = hub.submit(&["--", "sh", "-c", "echo at $SHUGU_PEERS"]);
    assert_eq!(hub.json(&["why", &waits])["reason"]["code"], "no_pools");
    let nowhere = hub.say(&["access", "pool", "rack-1", "--provider", "china-mobile", "--site", "atlantis"]);
    assert_eq!((nowhere.code, nowhere.err.trim()), (2, "error: site: the census has no site atlantis"));
    let made = hub.json(&["access", "pool", "rack-1", "--provider", "china-mobile", "--site", "guian-china-mobile"]);
    let agent_folder = folder.path().join("rack-1");
    let agent = |token: &str| {
        let mut agent = shugu(&["agent", "--hub", &hub.url, "--pool", "rack-1", "--folder", agent_folder.to_str().unwrap()]);
        agent.env("SHUGU_TOKEN", token).stderr(Stdio::piped());
        agent
    };
    let stranger = agent(&hub.token()).output().unwrap();
    assert_eq!(stranger.status.code(), Some(3), "an operator is no agent");
    let mut running = agent(made["token"].as_str().unwrap()).process_group(0).spawn().unwrap();
    assert_eq!(hub.ended(&waits)["pool"], "rack-1");
    let provider = hub.json(&["statement", "--provider", "china-mobile"]);
    assert_eq!(provider["lines"][0]["jobs"], 1);
    let twice = agent(made["token"].as_str().unwrap()).output().unwrap();
    assert!(String::from_utf8_lossy(&twice.stderr).contains("another agent already serves"));
    running.kill().unwrap();
    running.wait().unwrap();
    kill_all(&processes(&agent_folder, "shugu-keeper"));
}

#[test]
fn a_second_agent_of_a_pool_starts_nothing_while_the_first_serves_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    // Whoever has copied the folder of an agent has its secret, too.
    let token = &hub.join_pool("rack-1", "china-mobile");
    let agent = |name: &str| {
        let own = folder.path().join(name);
        let mut agent = shugu(&["agent", "--hub", &hub.url, "--pool", "rack-1", "--folder", own.to_str().unwrap()]);
        agent.env("SHUGU_TOKEN", token).stderr(Stdio::piped()).process_group(0);
        agent
    };
    let mut first = agent("first").spawn().unwrap();
    let id = hub.submit(&["--cpus", "0.1", "--", "sleep", "1"]);
    hub.job_when(&id, |job| job["state"] == "running");
    let second = common::said(agent("second").output().unwrap());
    assert_eq!(second.code, 3);
    assert!(second.err.contains("another agent serves rack-1"), "{}", second.err);
    assert_eq!(hub.ended(&id)["state"], "done");
    assert!(!folder.path().join("second/jobs").join(&id).exists());
    first.kill().unwrap();
    first.wait().unwrap();
    kill_all(&processes(folder.path(), "shugu-keeper"));
}

#[test]
fn whoever_follows_hears_of_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let address = hub.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let ask = format!("GET /v1/events HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {}\r\n\r\n", hub.token());
    std::io::Write::write_all(&mut stream, ask.as_bytes()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.by_ref().take_while(|line| !line.is_empty()).any(|line| line.contains("text/event-stream")));
    let id = hub.submit(&["--", "true"]);
    assert_eq!(hub.say(&["cancel", &id]).code, 0);
    let data: Vec<Value> = lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).take(3).collect();
    // The job's tenant is let in with it.
    assert_eq!(data[0], serde_json::json!({ "name": "default" }));
    let told: Vec<(&str, &str)> =
        data[1..].iter().map(|data| (data["id"].as_str().unwrap(), data["state"].as_str().unwrap())).collect();
    assert_eq!(told, [("job-1", "waiting"), ("job-1", "cancelled")]);
}

#[test]
fn a_list_is_read_page_by_page_and_filtered() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let file = hub.folder.join("many.yaml");
    std::fs::write(&file, "- {command: [true], name: a}\n- {command: [true], name: b}\n".repeat(25)).unwrap();
    assert_eq!(hub.json(&["submit", file.to_str().unwrap()])["ids"].as_array().unwrap().len(), 50);
    let mut names = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut arguments = vec!["jobs", "--limit", "20"];
        if let Some(after) = &after {
            arguments.extend(["--after", after.as_str()]);
        }
        let page = hub.json(&arguments);
        names.extend(page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    let expected: Vec<String> = (1..=50).rev().map(|number| format!("job-{number}")).collect();
    assert_eq!(names, expected);
    assert_eq!(hub.json(&["jobs", "--name", "b", "--state", "waiting", "--limit", "100"])["jobs"].as_array().unwrap().len(), 25);
    assert_eq!(hub.say(&["jobs", "--state", "asleep"]).code, 2);
}
