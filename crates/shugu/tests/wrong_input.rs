//! Whatever is wrong, its message names file, line and field or says what to do, and nothing is half done.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::{Hub, free_port, run, said, shugu};

/// A folder with the shipped census in it, one file changed.
fn census_with(file: &str, change: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guizhou");
    for entry in std::fs::read_dir(shipped).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let path = folder.path().join(file);
    std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    folder
}

fn check_census(file: &str, change: impl Fn(String) -> String, message: &str) {
    let folder = census_with(file, change);
    let said = run(&["census", "--census", folder.path().to_str().unwrap()]);
    let expected = format!("error: {}/{message}", folder.path().display());
    assert_eq!((said.code, said.err.trim(), said.out.as_str()), (2, expected.as_str(), ""));
    // The hub does not start on it either, and leaves nothing behind that would.
    let data = folder.path().join("hub");
    let up = run(&[
        "up",
        "--no-local",
        "--listen",
        "127.0.0.1:0",
        "--dir",
        data.to_str().unwrap(),
        "--census",
        folder.path().to_str().unwrap(),
    ]);
    assert_eq!(up.code, 2);
    assert!(!data.exists());
}

#[test]
fn a_census_with_a_mistake_is_refused_with_file_line_and_field() {
    check_census(
        "hub.toml",
        |text| text.replace("currency = \"CNY\"", "currency = CNY"),
        "hub.toml line 4: string values must be quoted, expected literal string",
    );
    check_census(
        "tariffs.csv",
        |text| {
            text.replacen(",0.562,", ",-0.562,", 1).replacen(
                "electricity,guizhou,2025-12-01,,8-10",
                "carbon,guizhou,2025-12-01,,8-10",
                1,
            )
        },
        "tariffs.csv line 3 field unit: `yuan/kWh` is not a unit of this kind; electricity has yuan/kWh, yuan/kW-month or yuan/kVA-month, carbon kg/kWh, compute yuan/device-hour or yuan/core-hour, power-cap kW",
    );
    check_census(
        "tariffs.csv",
        |text| text.replacen(",0.4989,", ",-0.4989,", 1),
        "tariffs.csv line 6 field price: `-0.4989` is negative",
    );
    check_census(
        "providers.csv",
        |text| format!("{text}{}\n", text.lines().nth(1).unwrap()),
        "providers.csv line 50 field id: `china-telecom` stands in this file twice",
    );
}

fn submit_file(hub: &Hub, text: &str) -> (i32, String) {
    let path = hub.folder.join("job.yaml");
    std::fs::write(&path, text).unwrap();
    let said = hub.say(&["submit", path.to_str().unwrap()]);
    assert_eq!(said.out, "");
    (said.code, said.err.trim().replace(&path.display().to_string(), "job.yaml"))
}

#[test]
fn a_job_with_a_mistake_is_refused_with_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    let cases = [
        (
            "command: [true]\ndevices: 0\n",
            "error: job.yaml line 2 field devices: 0 devices; ask for at least one, or leave it out for work on cores only",
        ),
        (
            "command: [true]\ndevices: 8\nmodels: [H900]\n",
            "error: job.yaml line 3 field models: `H900` is no device model of this hub's census",
        ),
        (
            "command: []\n",
            "error: job.yaml line 1 field command: is empty; it says what to run, such as [\"python3\", \"train.py\"]",
        ),
        (
            "command: [true]\ncpus: lots\n",
            "error: job.yaml line 2 field cpus: `lots` is not a number of cores, such as 2, 0.5 or 500m",
        ),
        ("command: [true]\ncpus: 1\nafter_ok: [job-99]\n", "error: job.yaml line 3 field after_ok: there is no job-99"),
    ];
    for (text, message) in cases {
        let (code, told) = submit_file(&hub, text);
        assert_eq!(code, 2, "{told}");
        assert!(told.starts_with(message), "{told}");
    }
    let (code, told) = submit_file(&hub, "command: [true]\nreplica: 2\n");
    assert_eq!(code, 2);
    assert!(told.contains("job.yaml line 2") && told.contains("replica"), "{told}");
    let (code, told) = submit_file(&hub, "command: [true\n");
    assert_eq!(code, 2);
    assert!(told.contains("job.yaml line "), "{told}");
    assert!(hub.json(&["jobs"])["jobs"].as_array().unwrap().is_empty(), "nothing was taken");
}

#[test]
fn what_no_pool_could_ever_hold_is_refused_at_once_with_the_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let said = hub.say(&["submit", "--cpus", "100000", "--", "true"]);
    assert_eq!(said.code, 3);
    assert!(
        said.err.starts_with("error: no pool of this hub could ever hold it (local: 100000 cores asked of one node, "),
        "{}",
        said.err
    );
    let said = hub.say(&["submit", "--devices", "8", "--model", "H800", "--", "true"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("local: has no H800 SXM5 80GB"), "{}", said.err);
    common::kill_all(&common::processes(&hub.folder, "shugu-keeper"));
}

/// Sends bytes as they are and returns the status line.
fn raw(url: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
    // The hub may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn garbage_at_the_api_is_refused_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let mut dice = common::Dice(7);
    let garbage: Vec<u8> = (0..10 << 20).map(|_| dice.below(256) as u8).collect();
    let head = |length: usize| {
        format!(
            "POST /v1/jobs HTTP/1.1\r\nhost: hub\r\nconnection: close\r\nauthorization: Bearer {}\r\ncontent-length: {length}\r\n\r\n",
            hub.token()
        )
    };
    let mut large = head(garbage.len()).into_bytes();
    large.extend(&garbage);
    let answer = raw(&hub.url, &large);
    assert!(answer.is_empty() || answer.contains("413"), "{answer}");
    let mut small = head(1000).into_bytes();
    small.extend(&garbage[..1000]);
    assert!(raw(&hub.url, &small).contains("400"));
    raw(&hub.url, &garbage);
    assert_eq!(raw(&hub.url, b"GET /v1/jobs HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n"), "HTTP/1.1 401 Unauthorized");
    assert_eq!(hub.json(&["jobs"])["jobs"].as_array().unwrap().len(), 0);
}

#[test]
fn a_port_in_use_and_a_folder_in_use_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let taken = hub.url.trim_start_matches("http://").to_owned();
    let other = folder.path().join("other");
    let said = run(&["up", "--no-local", "--dir", other.to_str().unwrap(), "--listen", &taken]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains(&format!("cannot listen on {taken}: ")) && said.err.contains("choose one with --listen"),
        "{}",
        said.err
    );
    let port = format!("127.0.0.1:{}", free_port());
    let said = run(&["up", "--no-local", "--dir", hub.folder.to_str().unwrap(), "--listen", &port]);
    assert_eq!((said.code, said.err.contains("another hub already serves ")), (1, true), "{}", said.err);
    let said = run(&["up", "--no-local", "--dir", other.to_str().unwrap(), "--listen", "0.0.0.0:0"]);
    assert_eq!((said.code, said.err.contains("add --tls")), (2, true), "{}", said.err);
}

#[test]
fn a_journal_that_was_cut_is_found_and_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let mut hub = Hub::start(&data, &["--no-local"]);
    for _ in 0..20 {
        hub.submit(&["--", "true"]);
    }
    hub.kill();
    drop(hub);
    // An entry in the middle is gone.
    let cut = rusqlite::Connection::open(data.join("journal.db")).unwrap();
    let last: i64 = cut.query_row("SELECT max(seq) FROM entry", [], |row| row.get(0)).unwrap();
    cut.execute("DELETE FROM entry WHERE seq = ?1", [last - 10]).unwrap();
    drop(cut);
    let message = format!("entry {}: is missing; the next one found is {}", last - 10, last - 9);
    let said = run(&["up", "--no-local", "--listen", "127.0.0.1:0", "--dir", data.to_str().unwrap()]);
    assert_eq!((said.code, said.err.contains(&message)), (1, true), "{}", said.err);
    let said = run(&["check", data.to_str().unwrap()]);
    assert_eq!((said.code, said.out.contains(&message)), (1, true), "{}{}", said.out, said.err);
    // The end of the file is gone.
    let path = data.join("journal.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let said = run(&["up", "--no-local", "--listen", "127.0.0.1:0", "--dir", data.to_str().unwrap()]);
    assert_eq!((said.code, said.err.contains("the journal is damaged")), (1, true), "{}", said.err);
    let said = run(&["check", folder.path().join("nowhere").to_str().unwrap()]);
    assert_eq!((said.code, said.err.contains("there is no hub in ")), (1, true), "{}", said.err);
}

#[test]
fn a_full_disk_ends_the_hub_with_what_to_do_and_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(&small).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: a small file system cannot be mounted here, so a full disk was not tried");
        return;
    }
    let data = small.join("hub");
    let listen = format!("127.0.0.1:{}", free_port());
    let arguments = ["up", "--no-local", "--dir", data.to_str().unwrap(), "--listen", &listen];
    let mut hub = shugu(&arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let url = format!("http://{listen}");
    let mut acknowledged = 0;
    let padding = "x".repeat(200_000);
    for _ in 0..200 {
        let mut submit = shugu(&["submit", "--hub", &url, "--env", &format!("PADDING={}", &padding[..100_000]), "--", "true"]);
        let said = said(submit.env("SHUGU_DIR", &data).output().unwrap());
        acknowledged += usize::from(said.code == 0);
        if hub.try_wait().unwrap().is_some() {
            break;
        }
        if said.code != 0 {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    let ended = said(hub.wait_with_output().unwrap());
    let unmount = || drop(std::process::Command::new("umount").arg("-l").arg(&small).status());
    let told = ended.err.contains("the disk is full; what was acknowledged is safe");
    if ended.code != 1 || !told || acknowledged == 0 {
        unmount();
        panic!("{acknowledged} acknowledged, exit {}: {}", ended.code, ended.err);
    }
    // With room again, everything acknowledged is there.
    let copy = folder.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(&data).unwrap().flatten() {
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    unmount();
    let hub = Hub::start(&copy, &["--no-local"]);
    let found = hub.json(&["jobs", "--limit", "1000"])["jobs"].as_array().unwrap().len();
    assert!(found >= acknowledged, "{found} of {acknowledged}");
    assert_eq!(hub.stop(), 0);
    assert_eq!(run(&["check", copy.to_str().unwrap()]).code, 0);
}

#[test]
fn wrong_usage_is_exit_code_two() {
    assert_eq!(run(&["jobs", "--no-such-flag"]).code, 2);
    assert_eq!(run(&["replay", "--trace", "nonsense:x"]).code, 2);
    assert_eq!(run(&["submit"]).code, 2);
    assert_eq!(run(&["jobs", "--hub", "http://127.0.0.1:9", "--token", "x"]).code, 1, "nothing listens there");
    // Nobody is asked for a token of a hub that there is not.
    let nowhere = run(&["pools", "--dir", "/nonexistent"]);
    let told =
        "error: no hub: /nonexistent holds none; name one with --hub or its folder with --dir, or start one with `shugu up`";
    assert_eq!((nowhere.code, nowhere.err.trim_end()), (2, told));
    let unknown = run(&["pools", "--dir", "/nonexistent", "--hub", "http://127.0.0.1:9"]);
    assert!(unknown.code == 2 && unknown.err.contains("no token"), "{}", unknown.err);
}

#[test]
fn a_mistake_in_the_settings_file_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shugu.toml");
    std::fs::write(&path, "dir = \"x\"\nprot = \"7878\"\n").unwrap();
    let said = said(shugu(&["jobs"]).env("SHUGU_CONFIG", &path).output().unwrap());
    assert_eq!(said.code, 2);
    assert!(said.err.contains("shugu.toml line 2 field prot: is not known"), "{}", said.err);
}
