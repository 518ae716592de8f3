//! Data near work: two pools, one of which has what a job reads, and a real transfer of a gibibyte between them.

mod common;

use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::Hub;
use common::agent::Agent;
use serde_json::Value;

const BYTES: u64 = 1 << 30;

/// Serves a file by HTTP, with ranges.
fn serve(file: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/corpus", listener.local_addr().unwrap());
    let file = file.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let file = file.clone();
            std::thread::spawn(move || answer(stream, &file));
        }
    });
    url
}

fn answer(mut stream: TcpStream, path: &PathBuf) {
    let mut from = 0;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap_or_default().to_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut file = std::fs::File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(from)).unwrap();
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", size - from);
    // Whoever was killed reads no further.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| std::io::copy(&mut file, &mut stream).map(drop));
}

struct Site {
    _east: Agent,
    west: Agent,
    hub: Hub,
    cores: String,
    _folder: tempfile::TempDir,
}

/// Pools east, where the data lies, and west; moving takes some five seconds by the hub's policy.
fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    std::fs::File::create(&corpus).unwrap().set_len(BYTES).unwrap();
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, "transfer_megabytes = 200\n").unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--policy", policy.to_str().unwrap()]);
    let agent = |pool: &str| {
        let made = hub.json(&["access", "pool", pool, "--provider", "sample-provider"]);
        Agent::start(&hub.url, made["token"].as_str().unwrap(), pool, &folder.path().join(pool), &[])
    };
    let (east, west) = (agent("east"), agent("west"));
    let url = serve(&corpus);
    let begun = Instant::now();
    let joined =
        |hub: &Hub| hub.json(&["pools"])["pools"].as_array().unwrap().iter().filter(|pool| pool["contact"] == true).count();
    while joined(&hub) < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "two pools join");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Zeros, a gibibyte of them.
    let sum = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14";
    let said = hub.say(&["data", "set", "corpus", "--size", "1GiB", "--sha256", sum, "--at", &format!("east={url}")]);
    assert_eq!(said.code, 0, "{}", said.err);
    let cores = std::thread::available_parallelism().unwrap().to_string();
    Site { _east: east, west, hub, cores, _folder: folder }
}

impl Site {
    fn submit(&self, script: &str) -> String {
        self.hub.submit(&["--input", "corpus", "--cpus", &self.cores, "--", "bash", "-c", script])
    }

    fn why(&self, job: &str) -> String {
        self.hub.say(&["why", job]).out
    }

    fn running(&self, job: &str) -> Value {
        self.hub.job_within(job, Duration::from_secs(120), |job| job["state"] == "running")
    }
}

#[test]
fn a_job_runs_where_its_data_is_if_the_wait_is_short_and_takes_the_data_along_if_it_is_not() {
    let mut site = site();
    let first = site.submit("sleep 2");
    assert_eq!(site.running(&first)["pool"], "east");
    // Waiting is shorter.
    let second = site.submit("wc -c < $SHUGU_INPUT_CORPUS; sleep 90");
    let told = site.why(&second);
    assert!(told.contains("west") && told.contains("has not 1GiB of the job's data; it is brought from"), "{told}");
    assert_eq!(site.running(&second)["pool"], "east");
    let told = site.why(&second);
    assert!(told.contains("is running at east, where its data is"), "{told}");
    // Moving is shorter; the agent is killed while it brings the data, and goes on.
    let third = site.submit("wc -c < $SHUGU_INPUT_CORPUS");
    site.hub.job_within(&third, Duration::from_secs(30), |job| job["state"] == "placed");
    let told = site.why(&third);
    assert!(told.contains("to which 1GiB of its data is brought: nothing nearer was free for 5"), "{told}");
    site.west.kill();
    site.west.restart();
    let moved = site.hub.ended(&third);
    assert_eq!(
        (&moved["pool"], &moved["state"], &moved["inputs"]),
        (&"west".into(), &"done".into(), &serde_json::json!(["corpus"]))
    );
    assert_eq!(site.hub.say(&["logs", &third]).out, format!("{BYTES}\n"));
    assert_eq!(site.hub.json(&["job", &second])["state"], "running", "the wait would have been longer");
    // What was brought serves the next one at once.
    let fourth = site.submit("true");
    assert_eq!(site.hub.ended(&fourth)["pool"], "west");
    assert_eq!(site.hub.say(&["cancel", &second]).code, 0);
    site.hub.ended(&second);
    assert_eq!(site.hub.say(&["logs", &second]).out, format!("{BYTES}\n"));
}

#[test]
fn data_that_cannot_be_had_is_told_and_only_operators_say_where_it_lies() {
    let site = site();
    let said = site.hub.say(&["submit", "--input", "nothing", "--", "true"]);
    assert_eq!((said.code, said.err.contains("inputs: there is no data set nothing")), (2, true), "{}", said.err);
    let set = |arguments: &[&str]| {
        let mut all = vec!["data", "set", "broken", "--size", "1GiB", "--at"];
        all.extend(arguments);
        site.hub.say(&all)
    };
    assert!(set(&["nowhere=/data"]).err.contains("at.nowhere: there is no pool nowhere"));
    assert!(set(&["east=data"]).err.contains("is neither a path that begins with / nor an address"));
    assert!(set(&["east=https://me:secret@sample.example/x"]).err.contains("names a user"));
    assert_eq!(set(&["east=http://127.0.0.1:9/gone"]).code, 0);
    // Another size than it has.
    let url = site.hub.json(&["data", "list"])["data"][1]["at"]["east"].as_str().unwrap().to_owned();
    assert_eq!(site.hub.say(&["data", "set", "corpus", "--size", "10MiB", "--at", &format!("east={url}")]).code, 0);
    let wrong = site.submit("true");
    let end = site.hub.ended(&wrong)["end"].as_str().unwrap().to_owned();
    assert!(
        end.starts_with("could not be started: corpus cannot be brought: the source gives more than the 10485760 bytes"),
        "{end}"
    );
    let tenant = site.hub.json(&["access", "token", "tenant", "llm-lab"])["token"].as_str().unwrap().to_owned();
    let said = site.hub.say_as(&tenant, &["data", "set", "own", "--size", "1", "--at", "east=/etc/shadow"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let seen = site.hub.say_as(&tenant, &["data", "list"]);
    assert!(seen.out.contains("corpus") && !seen.out.contains("http"), "{}", seen.out);
    assert_eq!(site.hub.say(&["data", "forget", "broken"]).code, 0);
    assert_eq!(site.hub.say(&["data", "forget", "broken"]).code, 3);
}
