//! The one place where tests touch the crate's types: text in, text out.
#![allow(dead_code, reason = "every test file uses some of it")]

use std::fmt::Write;
use std::path::Path;

use census::Census;
use dispatch::{Fact, Policy, check};
use measure::Time;
use replay::{Choice, Error, Options, Outcome, Pools, Source, Trace, World};
use settle::Body;

/// Reads `content` as a trace of a kind, from a file of that name.
pub fn read_as(kind: &str, file: &str, content: &[u8], vc: Option<&str>) -> Result<Trace, Error> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join(file);
    std::fs::write(&path, content).expect("the folder takes a file");
    read_at(kind, &path, vc)
}

/// Reads the trace at a path.
pub fn read_at(kind: &str, path: &Path, vc: Option<&str>) -> Result<Trace, Error> {
    let source = Source::parse(&format!("{kind}:{}", path.display()))?;
    source.read(&Choice { virtual_cluster: vc.map(str::to_owned), ..Choice::default() })
}

/// The mistake found in `content`, with the folder cut from the file's name.
pub fn mistake(kind: &str, file: &str, content: &str) -> String {
    let message = read_as(kind, file, content.as_bytes(), None).expect_err("the trace has a mistake").to_string();
    without_folder(&message, file)
}

/// A message about `file` without the folder it lay in.
pub fn without_folder(message: &str, file: &str) -> String {
    match message.split_once(&format!("/{file}")) {
        Some((folder, rest)) => {
            let begin = folder.find('/').unwrap_or(0);
            format!("{}{file}{rest}", &message[..begin])
        }
        None => message.to_owned(),
    }
}

/// A trace in the standard workload format, given as `submit run processors [limit]` a line; the user is the
/// line's number.
pub fn jobs(lines: &str) -> Trace {
    let mut text = String::new();
    for (at, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let (submit, run, processors) = (parts[0], parts[1], parts[2]);
        let (limit, number) = (parts.get(3).unwrap_or(&"-1"), at + 1);
        writeln!(text, "{number} {submit} -1 {run} -1 -1 -1 {processors} {limit} -1 1 {number} 1 -1 -1 -1 -1 -1").unwrap();
    }
    read_as("swf", "jobs.swf", text.as_bytes(), None).expect("the test's jobs make sense")
}

/// A policy by its name.
pub fn policy(name: &str) -> Policy {
    Policy::named(name).expect("the test's policy has a name")
}

/// `NODESxDEVICES`.
pub fn cluster(text: &str) -> Pools {
    replay::cluster::parse(text).expect("the test's cluster makes sense")
}

/// Replays with what must always be true checked after every instant; returns the story, a line a fact about
/// a job, in seconds since the beginning, and the outcome.
pub fn story(trace: &Trace, pools: &Pools, policy: Policy) -> (String, Outcome) {
    let mut world = World::new(trace, pools, &Census::default(), &policy, Options::default()).expect("the cluster is one");
    let mut story = String::new();
    while world.step() {
        assert_eq!(check(world.hub()), Vec::<String>::new());
        assert_eq!(world.ledger().book.sum(), measure::Money::ZERO);
        for entry in world.entries() {
            let at = (entry.at - Options::START).as_seconds();
            if let Body::Fact(fact) = &entry.body
                && let Some(text) = told(fact)
            {
                writeln!(story, "{at} {text}").unwrap();
            }
        }
    }
    (story, world.outcome())
}

fn told(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Submitted(id, _) => format!("{id} submitted"),
        Fact::Placed(id, place) => {
            let slots: Vec<String> = place.slots.iter().map(|slot| format!("{}:{:b}", slot.node, slot.devices)).collect();
            format!("{id} placed {}", slots.join(" "))
        }
        Fact::Ended(id, end, _) => format!("{id} {end}"),
        _ => return None,
    })
}

/// Replays and returns the outcome.
pub fn outcome(trace: &Trace, pools: &Pools, policy: Policy, census: &Census, start: Time) -> Outcome {
    replay::run(trace, pools, census, &policy, Options { start, ..Options::default() }).expect("the cluster is one")
}

/// Checks a story line by line, without regard to indentation.
pub fn check_story(trace: &str, pools: &str, policy: Policy, expected: &str) {
    let (story, _) = story(&jobs(trace), &cluster(pools), policy);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(story.lines().collect::<Vec<_>>(), expected);
}
