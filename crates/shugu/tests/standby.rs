//! Several hubs on one PostgreSQL server, of which one writes. Run beside a server: `tools/postgres.sh cargo nextest run …`.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{Hub, make_database, postgres, run, said, shugu};
use serde_json::{Value, json};

/// A database on the server beside which the tests run.
fn database(name: &str) -> String {
    let server = postgres().expect("run it with tools/postgres.sh");
    let address = format!("{server}/{name}_{}", std::process::id());
    make_database(&address);
    address
}

fn hub_on(address: &str, folder: &Path, more: &[&str]) -> Hub {
    let mut arguments = vec!["--store", address, "--no-local"];
    arguments.extend(more);
    Hub::start(folder, &arguments)
}

fn post(url: &str, token: &str, name: &str, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5))).build().into();
    let request = agent.post(format!("{url}/v1/jobs")).header("authorization", format!("Bearer {token}"));
    match request.header("idempotency-key", name).send_json(body) {
        Ok(mut answer) => (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default()),
        Err(error) => (0, error.to_string().into()),
    }
}

/// Says that it is over, also where a test fails.
struct Over<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
#[ignore = "needs a PostgreSQL server beside it"]
fn a_second_hub_answers_who_reads_sends_who_writes_on_and_takes_over_when_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let address = database("second");
    let mut first = hub_on(&address, &folder.path().join("one"), &[]);
    let token = first.token();
    let job = first.submit(&["--name", "before", "--cpus", "1", "--", "true"]);
    let second = hub_on(&address, &folder.path().join("two"), &[]);

    // It knows the same jobs and tokens, and does nothing.
    let seen = said(shugu(&["jobs", "--hub", &second.url, "--token", &token, "--json"]).output().unwrap());
    assert_eq!(seen.code, 0, "{}", seen.err);
    assert!(seen.out.contains(&job), "{}", seen.out);
    let (status, told) = post(&second.url, &token, "try", &json!({ "command": ["true"], "cpus": 1 }));
    assert_eq!((status, &told["error"]["code"], &told["error"]["writer"]), (503, &json!("standby"), &json!(first.url)));
    // Whoever knows both addresses need not know which of them writes.
    let both = format!("{},{}", second.url, first.url);
    let sent = said(shugu(&["submit", "--hub", &both, "--token", &token, "--cpus", "1", "--", "true"]).output().unwrap());
    assert_eq!(sent.code, 0, "{}", sent.err);
    // A token made at one is good at the other.
    let made = first.json(&["access", "token", "tenant", "sample-lab"]);
    let lab = made["token"].as_str().unwrap().to_owned();
    std::thread::sleep(Duration::from_millis(500));
    let seen = said(shugu(&["jobs", "--hub", &second.url, "--token", &lab]).output().unwrap());
    assert_eq!(seen.code, 0, "{}", seen.err);

    first.kill();
    let begun = Instant::now();
    let sent = said(shugu(&["submit", "--hub", &both, "--token", &token, "--cpus", "1", "--", "true"]).output().unwrap());
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert_eq!(sent.out.trim(), "job-3");
    // The one that comes back stands by.
    let first = hub_on(&address, &folder.path().join("one"), &[]);
    let (status, told) = post(&first.url, &token, "again", &json!({ "command": ["true"], "cpus": 1 }));
    assert_eq!((status, &told["error"]["writer"]), (503, &json!(second.url)));
    // One that stops in order hands over at once.
    assert_eq!(second.stop(), 0);
    let begun = Instant::now();
    while post(&first.url, &token, "third", &json!({ "command": ["true"], "cpus": 1 })).0 != 201 {
        assert!(begun.elapsed() < Duration::from_secs(2), "it was not told that it may write");
        std::thread::sleep(Duration::from_millis(20));
    }
    let checked = run(&["check", "--store", &address]);
    assert_eq!(checked.code, 0, "{}", checked.out);
}

#[test]
#[ignore = "needs a PostgreSQL server beside it"]
fn a_writer_that_was_taken_for_dead_and_is_not_can_change_nothing_any_more() {
    use nix::sys::signal::{Signal, kill};
    let folder = tempfile::tempdir().unwrap();
    let address = database("frozen");
    let first = hub_on(&address, &folder.path().join("one"), &[]);
    let second = hub_on(&address, &folder.path().join("two"), &[]);
    let token = first.token();
    // As if its machine had stood still for a while.
    kill(first.pid(), Signal::SIGSTOP).unwrap();
    let begun = Instant::now();
    while post(&second.url, &token, "while", &json!({ "command": ["true"], "cpus": 1 })).0 != 201 {
        assert!(begun.elapsed() < Duration::from_secs(6), "the second did not take over");
        std::thread::sleep(Duration::from_millis(50));
    }
    kill(first.pid(), Signal::SIGCONT).unwrap();
    // Whatever it thinks it is, its append is refused; it stands by from then on.
    let begun = Instant::now();
    loop {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.post(format!("{}/v1/jobs", first.url)).header("authorization", format!("Bearer {token}"));
        let answer = request.send_json(json!({ "command": ["true"], "cpus": 1 }));
        if let Ok(mut answer) = answer {
            assert_ne!(answer.status().as_u16(), 201, "two hubs wrote");
            let told: Value = answer.body_mut().read_json().unwrap_or_default();
            if told["error"]["writer"] == json!(second.url) {
                break;
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the first does not stand by");
        std::thread::sleep(Duration::from_millis(50));
    }
    let seen = second.say_as(&token, &["jobs", "--json"]);
    let jobs: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(jobs["jobs"].as_array().map(Vec::len), Some(1), "{jobs}");
}

#[test]
#[ignore = "needs a PostgreSQL server beside it"]
fn a_hub_moves_to_a_server_and_back_and_its_last_hash_stays() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("hub");
    let address = database("moved");
    let dir = home.display().to_string();
    // SQLite first, whatever the other tests run on.
    let hub = Hub::start(&home, &["--store", "sqlite"]).with_pool();
    let job = hub.submit(&["--", "true"]);
    let before = hub.ended(&job);
    let busy = run(&["move", "--dir", &dir, "--from", "sqlite", "--to", &address]);
    assert_eq!(busy.code, 2, "{}", busy.out);
    assert!(busy.err.contains("a hub runs in"), "{}", busy.err);
    assert_eq!(hub.stop(), 0);
    let head = |said: &common::Said| said.out.lines().last().unwrap().to_owned();
    let there = run(&["move", "--dir", &dir, "--from", "sqlite", "--to", &address]);
    assert_eq!(there.code, 0, "{}", there.err);
    let checked = run(&["check", &dir, "--store", &address]);
    assert_eq!((checked.code, head(&checked)), (0, head(&there)), "{}", checked.out);
    // It is not there twice.
    let again = run(&["move", "--dir", &dir, "--from", "sqlite", "--to", &address]);
    assert_eq!(again.code, 2, "{}", again.out);
    let hub = Hub::start(&home, &["--store", &address]).with_pool();
    assert_eq!(hub.json(&["job", &job])["cost_yuan"], before["cost_yuan"]);
    let next = hub.submit(&["--name", "on-the-server", "--", "true"]);
    hub.ended(&next);
    let found = hub.json(&["jobs", "--search", "the-serv"]);
    assert_eq!(found["jobs"][0]["id"], json!(next));
    let writing =
        run(&["move", "--dir", &folder.path().join("other").display().to_string(), "--from", &address, "--to", "sqlite"]);
    assert_eq!(writing.code, 2, "{}", writing.out);
    assert!(writing.err.contains("a hub writes to"), "{}", writing.err);
    assert_eq!(hub.stop(), 0);
    let back = run(&["move", "--dir", &dir, "--from", &address, "--to", "sqlite"]);
    assert_eq!(back.code, 0, "{}", back.err);
    let refused = run(&["check", &dir, "--store", &address]);
    assert!(refused.code != 0 || refused.out.contains("nothing is wrong"), "{}", refused.err);
    let twice = run(&["up", "--dir", &dir, "--store", &address, "--listen", "127.0.0.1:0"]);
    assert_eq!(twice.code, 1, "{}", twice.out);
    assert!(twice.err.contains("has been moved to another store"), "{}", twice.err);
    let hub = Hub::start(&home, &["--store", "sqlite"]).with_pool();
    assert_eq!(hub.ended(&next)["state"], "done");
    let last = hub.submit(&["--", "true"]);
    hub.ended(&last);
    let checked = run(&["check", &dir, "--store", "sqlite", "--expect", head(&back).strip_prefix("head ").unwrap()]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
}

#[test]
#[ignore = "needs a PostgreSQL server beside it"]
fn a_hub_on_a_server_is_copied_while_it_runs_and_brought_back_to_another_database() {
    let folder = tempfile::tempdir().unwrap();
    let (address, other) = (database("copied"), database("restored"));
    let text = |name: &str| folder.path().join(name).display().to_string();
    let hub = Hub::start(&folder.path().join("hub"), &["--store", &address]).with_pool();
    let job = hub.submit(&["--", "true"]);
    let cost = hub.ended(&job)["cost_yuan"].clone();
    let copied = run(&["backup", &text("copy"), "--dir", &text("hub"), "--store", &address]);
    assert_eq!(copied.code, 0, "{}", copied.err);
    let later = hub.submit(&["--name", "later", "--", "true"]);
    hub.ended(&later);
    // A database with a hub in it is never written over.
    let over = run(&["restore", &text("copy"), "--dir", &text("new"), "--store", &address]);
    assert_eq!(over.code, 2, "{}", over.out);
    assert!(over.err.contains("is never written over"), "{}", over.err);
    assert_eq!(hub.stop(), 0);
    let restored = run(&["restore", &text("copy"), "--dir", &text("new"), "--store", &other]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    let hub = hub_on(&other, &folder.path().join("new"), &[]);
    assert_eq!(hub.json(&["job", &job])["cost_yuan"], cost);
    let next = hub.submit(&["--cpus", "1", "--", "true"]);
    let number: u64 = next.strip_prefix("job-").unwrap().parse().unwrap();
    assert!(number > 100_000, "{next} may not be a number that somebody knows from after the copy");
    let head = copied.out.lines().last().unwrap().strip_prefix("head ").unwrap().to_owned();
    let checked = run(&["check", "--store", &other, "--expect", &head]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
}

#[test]
#[ignore = "needs a PostgreSQL server beside it"]
fn what_three_hubs_acknowledge_is_there_once_while_the_writer_is_killed_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let address = database("three");
    let mut hubs: Vec<Hub> = (0..3).map(|at| hub_on(&address, &folder.path().join(format!("hub-{at}")), &[])).collect();
    let token = hubs[0].token();
    let urls: Vec<String> = hubs.iter().map(|hub| hub.url.clone()).collect();
    let over = std::sync::atomic::AtomicBool::new(false);
    let takeovers = std::sync::Mutex::new(Vec::new());
    let kept: Vec<BTreeMap<String, String>> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let (urls, token, over) = (&urls, &token, &over);
                scope.spawn(move || {
                    let agent: ureq::Agent = ureq::Agent::config_builder()
                        .http_status_as_error(false)
                        .timeout_global(Some(Duration::from_secs(3)))
                        .build()
                        .into();
                    let (mut kept, mut at, mut number) = (BTreeMap::new(), 0, 0_u32);
                    while !over.load(std::sync::atomic::Ordering::Relaxed) {
                        let name = format!("sender-{sender}-{number}");
                        let body = json!({ "name": name, "command": ["true"], "cpus": 1 });
                        // The same request under the same name, until some hub answers for all.
                        let id = loop {
                            let request =
                                agent.post(format!("{}/v1/jobs", urls[at])).header("authorization", format!("Bearer {token}"));
                            let answer = request.header("idempotency-key", &name).send_json(&body);
                            match answer {
                                Ok(mut answer) if answer.status().as_u16() == 201 => {
                                    if let Ok(told) = answer.body_mut().read_json::<Value>() {
                                        break told["id"].as_str().unwrap().to_owned();
                                    }
                                }
                                Ok(answer) => assert_eq!(answer.status().as_u16(), 503),
                                Err(_) => {}
                            }
                            at = (at + 1) % urls.len();
                            std::thread::sleep(Duration::from_millis(10));
                        };
                        kept.insert(name, id);
                        number += 1;
                    }
                    kept
                })
            })
            .collect();
        let done = Over(&over);
        for _ in 0..4 {
            std::thread::sleep(Duration::from_millis(700));
            let writes =
                |hub: &Hub| post(&hub.url, &token, "probe", &json!({ "name": "probe", "command": ["true"], "cpus": 1 })).0 == 201;
            let at = hubs.iter().position(writes).expect("one of them writes");
            hubs[at].kill();
            let begun = Instant::now();
            let others: Vec<usize> = (0..3).filter(|other| *other != at).collect();
            while !others.iter().any(|other| writes(&hubs[*other])) {
                assert!(begun.elapsed() < Duration::from_secs(10), "nobody took over");
                std::thread::sleep(Duration::from_millis(20));
            }
            takeovers.lock().unwrap().push(begun.elapsed());
            hubs[at].kill_and_restart();
        }
        drop(done);
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let slowest = takeovers.into_inner().unwrap().into_iter().max().unwrap();
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    let all: BTreeMap<String, String> = kept.into_iter().flatten().collect();
    let ids: std::collections::BTreeSet<&String> = all.values().collect();
    assert_eq!(ids.len(), all.len(), "two requests got one job");
    drop(hubs);
    let rows =
        std::process::Command::new("psql").args([&address, "-Atc", "SELECT name, 'job-' || id FROM job"]).output().unwrap();
    let rows = said(rows).out;
    let there: Vec<(&str, &str)> = rows.lines().filter_map(|line| line.split_once('|')).collect();
    let probes = there.iter().filter(|(name, _)| *name == "probe").count();
    assert!(probes <= 1, "the probe ran {probes} times");
    assert_eq!(there.len() - probes, all.len(), "each request made one job");
    for (name, id) in there.iter().filter(|(name, _)| *name != "probe") {
        assert_eq!(all.get(*name).map(String::as_str), Some(*id), "{name}");
    }
    let checked = run(&["check", "--store", &address]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    println!("{} jobs, slowest takeover {slowest:?}", all.len());
}
