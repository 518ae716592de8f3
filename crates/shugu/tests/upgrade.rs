//! Journals of earlier versions: each was written by a real hub of its time, and is brought to this version when it is opened.

mod common;

use std::io::Read;
use std::path::Path;

use common::{Hub, run};

fn earlier(name: &str, folder: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals").join(name);
    let mut journal = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut journal).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("journal.db"), journal).unwrap();
}

#[test]
fn a_journal_of_schema_2_keeps_its_jobs_money_and_hashes_and_is_searched_like_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("hub");
    earlier("schema-2.db.gz", &at);
    // Until a hub of this version has opened it, an audit says what to do.
    let old = run(&["check", at.to_str().unwrap()]);
    assert!(old.err.contains("written by an earlier version of Shugu"), "{}", old.err);

    let hub = Hub::start(&at, &["--lost-after", "5s"]);
    // What stood in the journal stands: its last entry has the hash that the earlier version told.
    let head = "150:8c175dde7f9e09cc1bba641969b56827f2af4197890d6d5acb0c77e955c3a6ac";
    let audit = hub.say(&["check", "--expect", head]);
    assert_eq!(audit.code, 0, "{}{}", audit.out, audit.err);

    let names = |hub: &Hub, query: &[&str]| -> Vec<String> {
        let all = hub.json(&[&["jobs"], query].concat());
        all["jobs"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&hub, &["--search", "TRAIN-"]), ["train-two", "train-one"], "by parts of names of then");
    assert_eq!(names(&hub, &["--search", "训练"]), ["训练 三"], "of two characters, too");
    assert_eq!(names(&hub, &["--state", "failed,cancelled"]), ["long", "train-two"]);
    assert_eq!(names(&hub, &["--search", "job-3"]), ["other"]);
    let events = hub.json(&["job", "job-1", "--history"]);
    let told: Vec<&str> = events["events"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(told, ["submitted", "placed", "ended", "billed", "disputed"], "what each entry of then told of it");

    let account = hub.json(&["budget", "llm-lab"]);
    assert_eq!((account["budget"]["amount_yuan"].as_f64(), account["credit_yuan"].as_f64()), (Some(100.0), Some(5.0)));
    assert_eq!(hub.json(&["dispute", "list"])["disputes"].as_array().unwrap().len(), 1);
    // The job that had a place when the earlier hub ended, at an agent that is no more, is over in the end, and new ones run.
    assert_eq!(hub.ended("job-7")["state"], "lost");
    let hub = hub.with_pool();
    let new = hub.submit(&["--name", "train-three", "--", "true"]);
    assert_eq!(hub.ended(&new)["state"], "done");
    assert_eq!(names(&hub, &["--search", "train-"]), ["train-three", "train-two", "train-one"], "old and new alike");
    assert_eq!(hub.say(&["check"]).code, 0);
}

#[test]
fn a_journal_of_schema_5_has_an_archive_as_soon_as_it_is_served_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("hub");
    earlier("schema-5.db.gz", &at);
    let archive = at.join("archive").display().to_string();
    let hub = Hub::start(&at, &["--archive", &archive, "--keep", "1s", "--archive-entries", "100"]);
    let head = "135:3564ee9fa0ec8c74900da0251f21e8f93d643d1785c4034766d4eca6c2e61e6e";
    assert_eq!(hub.say(&["check", "--expect", head]).code, 0);
    let begun = std::time::Instant::now();
    while !hub.json(&["archive"])["files"].as_array().unwrap().iter().any(|file| file["only_here"] == true) {
        assert!(begun.elapsed().as_secs() < 60, "what is a day old is archived, and left there");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(hub.json(&["job", "job-5"])["end"], "exited with code 3");
    assert_eq!(hub.json(&["dispute", "list"])["disputes"].as_array().unwrap().len(), 1);
    let audit = hub.say(&["check", "--expect", head]);
    assert_eq!(audit.code, 0, "{}{}", audit.out, audit.err);
}

#[test]
fn a_journal_of_schema_6_tells_that_its_jobs_would_have_emitted_what_they_did() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("hub");
    earlier("schema-6.db.gz", &at);
    let hub = Hub::start(&at, &["--no-local"]);
    let audit = hub.say(&["check", "--expect", "137:5f180fb44b239c141f6bfa359a89b977d584ec21b215ab514134df065441a2c4"]);
    assert_eq!(audit.code, 0, "{}{}", audit.out, audit.err);
    let emitted = &hub.json(&["job", "job-1"])["emitted"];
    // 2 kWh, as a reading said that came later.
    assert_eq!(emitted["carbon_kg"].as_f64(), Some(0.9978));
    assert_eq!(emitted["carbon_kg"], emitted["carbon_at_once_kg"]);
    assert_eq!(emitted["carbon_market_kg"], emitted["carbon_market_at_once_kg"]);
}
