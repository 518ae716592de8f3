//! What agents and hubs say to each other, and what a journal holds: each is written as it was read.

use execute::wire::{Greeting, Hello, Inventory, Joined, LogAsk, NewCredential, PoolInfo, Reported, Reports, Wanted};
use execute::{hubs::Hubs, wire};
use measure::{JobId, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use settle::Body;

const FILE: &str = "journal.db";

/// Every line as each of them; and all lines as a journal, one entry each, after its time and a blank.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        let (_, line) = timed(line);
        same::<Body>(line);
        same::<Hello>(line);
        same::<Greeting>(line);
        same::<PoolInfo>(line);
        same::<NewCredential>(line);
        same::<Joined>(line);
        same::<Inventory>(line);
        same::<Wanted>(line);
        same::<Reports>(line);
        same::<Reported>(line);
        same::<LogAsk>(line);
        Hubs::elsewhere(503, line);
        if let Ok(wanted) = serde_json::from_str::<Wanted>(line) {
            for job in wanted.jobs {
                let (id, attempt) = wire::from_site(wire::at_site(job.job, job.attempt));
                let small = job.job.0 < 1 << 40 && (1..1 << 24).contains(&job.attempt);
                assert!(!small || (id, attempt) == (job.job, job.attempt), "{} attempt {}", job.job, job.attempt);
            }
        }
    }
    let entries = (1..).zip(text.lines()).map(|(seq, line)| {
        let (at, body) = timed(line);
        (seq, at, body)
    });
    match replay::Trace::of_journal(FILE, entries) {
        Ok(trace) => {
            assert!(trace.jobs.is_sorted_by_key(|job| job.submit), "jobs out of order");
            assert!(trace.jobs.len() <= text.lines().count(), "more jobs than entries");
        }
        Err(wrong) => super::told(&wrong.to_string(), FILE, &text),
    }
    if let Some(number) = bytes.first_chunk().copied().map(u64::from_le_bytes) {
        let (job, attempt) = wire::from_site(JobId(number));
        assert_eq!(wire::at_site(job, attempt), JobId(number), "a site knows each attempt by one number");
    }
}

fn timed(line: &str) -> (Time, &str) {
    let told = line.split_once(' ').and_then(|(at, body)| Some((Time(at.parse().ok()?), body)));
    told.unwrap_or((Time(0), line))
}

/// What is read is written, and what was written is read, and is the same.
fn same<T: Serialize + DeserializeOwned>(line: &str) {
    let Ok(value) = serde_json::from_str::<T>(line) else { return };
    let written = serde_json::to_string(&value).expect("what was read is written");
    let again: T = serde_json::from_str(&written).unwrap_or_else(|problem| panic!("{problem}: {written}"));
    assert_eq!(serde_json::to_string(&again).expect("it was written before"), written, "of {line}");
}
