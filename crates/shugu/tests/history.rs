//! A history that grows: what is old is in an archive, everything is seen as before, and the past is proved and brought back.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{Hub, run};
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A hub whose archive has a file for each hundred entries, and whose store keeps nothing that is in it.
fn start(folder: &Path, archive: &Path) -> Hub {
    Hub::start(folder, &["--archive", text(archive), "--keep", "1s", "--archive-entries", "100"])
}

fn files(hub: &Hub) -> Vec<Value> {
    hub.json(&["archive"])["files"].as_array().unwrap().clone()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} within a minute");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A hub with some jobs whose entries are in the archive only, the first of these jobs, and how it was seen before.
fn archived(folder: &Path) -> (Hub, String, [Value; 3]) {
    let hub = start(&folder.join("hub"), &folder.join("hub/archive")).with_pool();
    let first = hub.submit(&["--name", "the-first", "--env", "COLOUR=green", "--", "sh", "-c", "echo hello"]);
    hub.ended(&first);
    let before = seen(&hub, &first);
    for _ in 0..60 {
        hub.submit(&["--name", "many", "--", "true"]);
    }
    until("entries are left to the archive", || {
        hub.submit(&["--name", "more", "--", "true"]);
        let files = files(&hub);
        files.len() > 2 && files.iter().filter(|file| file["only_here"] == true).count() > 1
    });
    (hub, first, before)
}

/// A job's page, its life and the facts behind its bill.
fn seen(hub: &Hub, job: &str) -> [Value; 3] {
    ["", "/history", "/bundle"].map(|what| hub.get(&format!("/v1/jobs/{job}{what}")))
}

#[test]
fn what_is_in_the_archive_is_seen_proved_and_corrected_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut hub, first, before) = archived(folder.path());
    if common::postgres().is_none() {
        let there = rusqlite::Connection::open(hub.folder.join("journal.db")).unwrap();
        let here = "SELECT count(*) FROM entry JOIN job ON job.submit_seq = entry.seq WHERE job.name = 'the-first'";
        let here: i64 = there.query_row(here, [], |row| row.get(0)).unwrap();
        assert_eq!(here, 0, "the store has it no more");
    }
    assert_eq!(seen(&hub, &first), before);
    let listed = hub.json(&["jobs", "--name", "the-first"]);
    assert_eq!(listed["jobs"][0]["id"].as_str(), Some(first.as_str()), "{listed}");
    // The books go on: what was billed long ago is disputed and put right.
    let attempt = hub.json(&["job", &first]);
    assert_eq!(attempt["state"], "done");
    let corrected = hub.say(&["reading", &first, "--energy", "1"]);
    assert_eq!(corrected.code, 0, "{}", corrected.err);
    let checked = hub.say(&["check"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    let head = checked.out.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    // A hub that was killed goes on with it.
    hub.kill_and_restart();
    let (now, then) = (&seen(&hub, &first)[1]["events"], &before[1]["events"]);
    assert_eq!(now.as_array().unwrap()[..then.as_array().unwrap().len()], then.as_array().unwrap()[..]);
    assert_eq!(hub.say(&["check", "--expect", &head]).code, 0);
    // Its own history is replayed from both.
    let report = hub.json(&["replay", "--trace", &format!("journal:{}", text(&hub.folder))]);
    assert!(report["jobs"]["finished"].as_u64().unwrap() > 50, "{report}");
}

#[test]
fn a_file_of_the_archive_that_was_changed_or_is_gone_is_told_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, first, before) = archived(folder.path());
    let files = files(&hub);
    let submitted = before[2]["entries"][0]["seq"].as_u64().unwrap();
    let of_job = files.iter().position(|file| file["last"].as_u64().unwrap() >= submitted).unwrap();
    let path = |at: usize| std::path::PathBuf::from(files[at]["file"].as_str().unwrap());
    let (path, other) = (path(of_job), path(of_job - 1));
    let whole = std::fs::read(&path).unwrap();
    std::fs::copy(&other, &path).unwrap();
    let checked = hub.say(&["check"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains(&format!("{}: it has entry 1 where entry 101 should be", text(&path))), "{}", checked.out);
    std::fs::remove_file(&path).unwrap();
    let checked = hub.say(&["check"]);
    assert!(checked.out.contains("No such file"), "{}", checked.out);
    let job = hub.say(&["job", &first]);
    assert_eq!(job.code, 1, "{}", job.out);
    let next = hub.submit(&["--name", "next", "--", "true"]);
    assert_eq!(hub.ended(&next)["state"], "done");
    std::fs::write(&path, whole).unwrap();
    assert_eq!(hub.say(&["check"]).code, 0);
}

#[test]
fn a_past_is_restored_up_to_any_entry_with_the_hash_that_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, first, before) = archived(folder.path());
    let copy = folder.path().join("copy");
    let made = hub.say(&["backup", text(&copy)]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(hub.stop(), 0);

    // All of it, elsewhere: with the archive.
    let whole = folder.path().join("whole");
    let restored = run(&["restore", text(&copy), "--dir", text(&whole), "--store", "sqlite"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    let listed = run(&["archive", "--dir", text(&whole), "--store", "sqlite"]);
    assert!(listed.out.lines().skip(1).all(|line| line.contains(text(&whole))), "{}", listed.out);
    let again = Hub::start(&whole, &["--store", "sqlite"]);
    assert_eq!(seen(&again, &first), before);
    assert_eq!(run(&["check", text(&whole), "--store", "sqlite"]).code, 0);
    drop(again);

    // Up to the entry by which the first job was settled, and not further.
    let entries = before[2]["entries"].as_array().unwrap();
    let (last, hash) = (&entries.last().unwrap()["seq"], entries.last().unwrap()["sha256"].as_str().unwrap());
    let part = folder.path().join("part");
    let restored = run(&["restore", text(&copy), "--dir", text(&part), "--store", "sqlite", "--until-entry", &last.to_string()]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert!(restored.out.contains(&format!("as of {last}:{hash}")), "{} should end at {last}:{hash}", restored.out);
    let hub = Hub::start(&part, &["--store", "sqlite"]);
    assert_eq!(seen(&hub, &first), before);
    assert_eq!(hub.json(&["jobs"])["jobs"].as_array().unwrap().len(), 1);
    hub.submit(&["--name", "next", "--", "true"]);
    assert_eq!(run(&["check", text(&part), "--store", "sqlite", "--expect", &format!("{last}:{hash}")]).code, 0);

    let beyond = run(&[
        "restore",
        text(&copy),
        "--dir",
        text(&folder.path().join("beyond")),
        "--store",
        "sqlite",
        "--until-entry",
        "1000000",
    ]);
    assert_eq!(beyond.code, 2, "{}", beyond.out);
    assert!(beyond.err.contains("there is nothing to restore: the copy has"), "{}", beyond.err);
    let early = run(&[
        "restore",
        text(&copy),
        "--dir",
        text(&folder.path().join("early")),
        "--store",
        "sqlite",
        "--until",
        "2020-01-01T00:00:00Z",
    ]);
    assert_eq!(early.code, 2, "{}", early.out);
    assert!(!folder.path().join("early/journal.db").exists());
}
