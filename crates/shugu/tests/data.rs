//! Data near work: two pools, one of which has what a job reads, and a real transfer of a gibibyte between them.

mod common;

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
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
    assert!(
        !set(&["east=https://me:secret@sample.example/x"]).err.contains("secret"),
        "what may be a password is not told again"
    );
    assert!(set(&["east=s3://bucket/"]).err.contains("names no object"));
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

/// A real object store that checks signatures, from `./test`; without it nothing is tested.
struct Store {
    child: std::process::Child,
    url: String,
    root: PathBuf,
}

impl Store {
    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "sample-id"), ("AWS_SECRET_ACCESS_KEY", "sample-secret")];

    fn start(folder: &Path) -> Option<Store> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin/s3s-fs");
        let root = folder.join("store");
        std::fs::create_dir_all(root.join("results")).unwrap();
        let port = common::free_port().to_string();
        let mut command = std::process::Command::new(&program);
        command.args([
            "--host",
            "127.0.0.1",
            "--port",
            &port,
            "--access-key",
            Store::KEYS[0].1,
            "--secret-key",
            Store::KEYS[1].1,
        ]);
        let child = command.arg(&root).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn();
        let Ok(child) = child else {
            eprintln!("SKIPPED: there is no {}; ./test installs it", program.display());
            return None;
        };
        let begun = Instant::now();
        while TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the store serves");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Store { child, url: format!("http://127.0.0.1:{port}"), root })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A hub and one pool whose agent has keys.
fn with_keys(folder: &Path, url: &str, secret: &str) -> (Hub, Agent) {
    let hub = Hub::start(&folder.join("hub"), &["--no-local"]);
    let made = hub.json(&["access", "pool", "east", "--provider", "sample-provider"]);
    let keys = [Store::KEYS[0], (Store::KEYS[1].0, secret), ("AWS_ENDPOINT_URL", url)];
    let own = folder.join("east");
    let prefix = ["--s3-output", "s3://results/{tenant}/"];
    let agent = Agent::start_with(&hub.url, made["token"].as_str().unwrap(), "east", &own, &prefix, &keys);
    (hub.with_pool(), agent)
}

#[test]
fn what_a_job_writes_goes_to_an_object_store_and_is_read_from_there_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let Some(store) = Store::start(folder.path()) else { return };
    let (hub, _agent) = with_keys(folder.path(), &store.url, Store::KEYS[1].1);
    // More than fits into one part, and a folder.
    let script = "head -c 70000000 /dev/zero > model.bin; mkdir -p run/logs; echo one > run/logs/1; echo two > run/2; env | grep -c ^AWS || true";
    let outputs = ["--output", "model.bin=s3://results/default/", "--output", "run=s3://results/default/whole"];
    let writes = hub.submit(&[&outputs[..], &["--cpus", "0.5", "--", "sh", "-c", script, "sh"]].concat());
    let ended = hub.ended(&writes);
    assert_eq!(ended["end"], Value::Null, "{ended}");
    assert_eq!(hub.say(&["logs", &writes]).out, "0\n", "no key reaches a job");
    let at = |name: &str| store.root.join("results/default").join(name);
    assert_eq!(std::fs::metadata(at("model.bin")).unwrap().len(), 70_000_000);
    assert_eq!(std::fs::read_to_string(at("whole/logs/1")).unwrap(), "one\n");
    assert_eq!(ended["outputs"][0]["to"], "s3://results/default/");
    // Another job reads it.
    let set = ["data", "set", "model", "--size", "70000000", "--at", "sample=s3://results/default/model.bin"];
    let said = hub.say(&set);
    assert_eq!(said.code, 2, "{}", said.err);
    let said = hub.say(&[&set[..6], &["east=s3://results/default/model.bin"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let reads = hub.submit(&["--input", "model", "--cpus", "0.5", "--", "sh", "-c", "wc -c < $SHUGU_INPUT_MODEL"]);
    assert_eq!(hub.ended(&reads)["state"], "done");
    assert_eq!(hub.say(&["logs", &reads]).out, "70000000\n");
    // The site's keys are for a tenant's own results only.
    let to = ["--output", "x=s3://results/speech/", "--cpus", "0.5", "--", "touch", "x"];
    let end = hub.ended(&hub.submit(&to));
    assert_eq!(end["state"], "failed");
    assert!(end["end"].as_str().unwrap().contains("this site's keys are not for that"), "{end}");
    let said = hub.say(&["submit", "--output", "x=https://me:secret@sample.example/x", "--", "true"]);
    assert!(
        said.code == 2 && said.err.contains("has a name or a password in it") && !said.err.contains("secret"),
        "{}",
        said.err
    );
}

#[test]
fn a_store_that_does_not_know_the_keys_is_told_of_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let Some(store) = Store::start(folder.path()) else { return };
    let (hub, agent) = with_keys(folder.path(), &store.url, "another-secret");
    let job = hub.submit(&["--output", "x=s3://results/default/", "--cpus", "0.5", "--", "touch", "x"]);
    let ended = hub.ended(&job);
    let end = ended["end"].as_str().unwrap();
    assert_eq!(
        end,
        "ended well, and its output could not be delivered: x to s3://results/default/: s3://results/default/x answers 403 (SignatureDoesNotMatch)"
    );
    assert!(!store.root.join("results/default/x").exists() && !agent.log().contains("Signature="), "{}", agent.log());
}

#[test]
fn an_end_is_told_once_the_output_is_where_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    // Takes what is sent to it, the first time half of it only, and then as slowly as a file says.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let (got, go) = (folder.path().join("got"), folder.path().join("go"));
    let (taken, may) = (got.clone(), go.clone());
    std::thread::spawn(move || {
        for (times, stream) in listener.incoming().flatten().enumerate() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut size = 0_usize;
            for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
                size = line.to_lowercase().strip_prefix("content-length: ").map_or(size, |size| size.parse().unwrap());
            }
            let mut body = vec![0; if times == 0 { size / 2 } else { size }];
            if std::io::Read::read_exact(&mut reader, &mut body).is_err() || times == 0 {
                continue;
            }
            std::fs::write(&taken, &body).unwrap();
            while !may.exists() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = (&stream).write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    let output = format!("big={url}");
    let job = hub.submit(&["--output", &output, "--cpus", "0.5", "--", "sh", "-c", "head -c 9000000 /dev/zero > big"]);
    let next = hub.submit(&["--cpus", "0.1", "--", "true"]);
    let begun = Instant::now();
    while std::fs::metadata(&got).map_or(0, |data| data.len()) < 9_000_000 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it arrives whole: {}", hub.say(&["why", &job]).out);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(hub.ended(&next)["state"], "done");
    assert_eq!(hub.json(&["job", &job])["state"], "running", "its end is not told yet");
    std::fs::write(&go, "").unwrap();
    assert_eq!(hub.ended(&job)["state"], "done");
    // One that is cancelled meanwhile is cancelled.
    std::fs::remove_file(&go).unwrap();
    std::fs::remove_file(&got).unwrap();
    let job = hub.submit(&["--output", &output, "--cpus", "0.5", "--", "sh", "-c", "head -c 9000000 /dev/zero > big"]);
    hub.job_when(&job, |_| std::fs::metadata(&got).is_ok_and(|data| data.len() == 9_000_000));
    assert_eq!(hub.say(&["cancel", &job]).code, 0);
    assert_eq!(hub.ended(&job)["state"], "cancelled");
    std::fs::write(&go, "").unwrap();
    common::kill_all(&common::processes(&hub.folder, "shugu-keeper"));
}
