//! A hub's data elsewhere, and back: made while a real hub works.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use common::agent::Agent;
use common::{Hub, run};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_copy_of_a_busy_hub_has_all_that_was_acknowledged_and_runs_on() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copies/monday");
    std::fs::create_dir(folder.path().join("copies")).unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let done = hub.submit(&["--name", "done", "--", "true"]);
    hub.ended(&done);
    // Somebody goes on submitting all the while.
    let over = AtomicBool::new(false);
    let (before, said) = std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            let mut many = 0;
            while !over.load(Ordering::Relaxed) {
                hub.submit(&["--name", "busy", "--", "true"]);
                many += 1;
            }
            many
        });
        let before = hub.submit(&["--name", "before", "--", "true"]);
        let said = hub.say(&["backup", text(&copy)]);
        over.store(true, Ordering::Relaxed);
        assert!(busy.join().unwrap() > 0);
        (before, said)
    });
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("nothing is wrong\nhead "), "{}", said.out);
    // It is never written over.
    let again = hub.say(&["backup", text(&copy)]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("exists already, and is never written over"), "{}", again.err);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("copies")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing half done is left");
    // The journal of the hub goes on from the head of the copy.
    let head = said.out.lines().last().unwrap().strip_prefix("head ").unwrap().to_owned();
    assert_eq!(hub.say(&["check", "--expect", &head]).code, 0);
    let (token, folder) = (hub.token(), hub.folder.clone());
    assert_eq!(hub.stop(), 0);

    // The disk with the journal is lost; the agent beside it has its own.
    std::fs::remove_file(folder.join("journal.db")).unwrap();
    std::fs::write(folder.join("journal.db-wal"), "what is left of another journal").unwrap();
    let restored = run(&["restore", text(&copy), "--dir", text(&folder)]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    let again = run(&["restore", text(&copy), "--dir", text(&folder)]);
    assert_eq!(again.code, 2, "{}", again.out);
    assert!(again.err.contains("journal.db exists already"), "{}", again.err);
    let hub = Hub::start(&folder, &[]).with_pool();
    assert_eq!(hub.token(), token);
    assert_eq!(hub.json(&["job", &done])["state"], "done");
    assert_eq!(hub.ended(&before)["state"], "done");
    let next = hub.submit(&["--name", "next", "--", "true"]);
    let number: u64 = next.strip_prefix("job-").unwrap().parse().unwrap();
    assert!(number > 100_000, "{next} may not be a number that somebody knows from after the copy");
    assert_eq!(hub.ended(&next)["state"], "done");
    assert_eq!(hub.say(&["check", "--expect", &head]).code, 0);
}

#[test]
fn an_agent_finds_a_restored_hub_and_what_the_copy_does_not_know_is_not_taken_for_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let mut hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let made = hub.json(&["access", "pool", "far", "--provider", "sample-provider"]);
    let agent = Agent::start(&hub.url, made["token"].as_str().unwrap(), "far", &folder.path().join("agent"), &[]);
    let before = hub.submit(&["--name", "before", "--", "true"]);
    hub.ended(&before);
    assert_eq!(hub.say(&["backup", text(&copy)]).code, 0);
    // After the copy, a job that runs on while the hub is lost with its folder.
    let lost = hub.submit(&["--name", "lost", "--", "sleep", "600"]);
    hub.job_when(&lost, |job| job["state"] == "running");
    hub.kill();
    std::fs::remove_dir_all(&hub.folder).unwrap();
    assert_eq!(run(&["restore", text(&copy), "--dir", text(&hub.folder)]).code, 0);
    hub.kill_and_restart();
    let next = hub.submit(&["--name", "next", "--", "sh", "-c", "echo it is $SHUGU_JOB_NAME"]);
    let job = hub.ended(&next);
    assert_eq!(job["state"], "done", "{job:#} {}", agent.log());
    assert_eq!(hub.say(&["logs", &next]).out, "it is next\n");
    assert!(common::processes(&folder.path().join("agent"), "sleep").is_empty(), "what nobody knows does not run on");
    assert_eq!(hub.say(&["check"]).code, 0);
}
