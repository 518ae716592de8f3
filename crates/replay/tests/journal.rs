//! A hub's own journal as a trace.

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{outcome, policy, read_at, without_folder};
use dispatch::{Ask, Command, End, Join, Node, Report, Request, Shape, Spec, Usage};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};
use replay::Options;
use rusqlite::Connection;
use settle::{Entry, Ledger};

const BEGIN: Time = Time(1_790_000_000_000);

fn at(seconds: i64) -> Time {
    BEGIN + Span::seconds(seconds)
}

fn spec(name: &str, devices: u32) -> Request {
    let shape = Shape { asks: vec![Ask::of(Devices(devices), Vec::new())], ..Shape::default() };
    let command = Command { argv: vec!["train".to_owned()], ..Command::default() };
    let (tenant, name) = (TenantId(1), name.to_owned());
    Request::Submit(Arc::new(Spec { tenant, name, shape, time_limit: Some(Span::HOUR), priority: 3, command, ..Spec::default() }))
}

/// A hub of one node that ran two jobs, lost none, cancelled one that waited and still runs one.
fn history() -> Vec<Entry> {
    let (mut ledger, mut entries) = (Ledger::default(), Vec::new());
    let node = |name: &str, devices| Node {
        name: name.to_owned(),
        model: Some("Ascend 910B".to_owned()),
        devices: Devices(devices),
        cpu: Cpu::cores(8),
        memory: Memory::mebibytes(1024),
        ..Node::default()
    };
    let join =
        Join { name: "pool-a".parse().unwrap(), provider: "owner".parse().unwrap(), site: None, executor: "local".to_owned() };
    let ended = |job, seconds| {
        let usage = Usage { run: Span::seconds(seconds), ..Usage::default() };
        Request::Report(PoolId(1), JobId(job), 0, Report::Ended(End::Exited(0), usage))
    };
    let hub = census::HubSettings { name: "test hub".to_owned(), ..Default::default() };
    let story = [
        (0, Request::Census(vec![census::Change::Hub(hub)])),
        (0, Request::Admit("lab".parse().unwrap())),
        (0, Request::Join(join)),
        (0, Request::See(PoolId(1), vec![node("old", 8), node("new", 4)])),
        (0, Request::Contact(PoolId(1), true)),
        (1, Request::See(PoolId(1), vec![node("new", 4)])),
        (10, spec("first", 4)),
        (12, spec("waits", 4)),
        (13, spec("second", 2)),
        (14, Request::Cancel(JobId(2))),
        (70, ended(1, 60)),
        (90, ended(3, 15)),
        (95, spec("runs", 1)),
    ];
    for (seconds, request) in story {
        ledger.ask(at(seconds), request, &mut entries).unwrap();
        ledger.round(at(seconds), &mut entries);
    }
    entries
}

fn write(file: &Path, entries: &[Entry]) {
    let database = Connection::open(file).unwrap();
    database.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL)", ()).unwrap();
    for entry in entries {
        let (seq, body) = (i64::try_from(entry.seq).unwrap(), serde_json::to_string(&entry.body).unwrap());
        database.execute("INSERT INTO entry VALUES (?1, ?2, ?3)", (seq, entry.at.0, body)).unwrap();
    }
}

#[test]
fn a_hubs_own_history_is_replayed_on_its_own_pools() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("journal.db"), &history());
    let trace = read_at("journal", folder.path(), None).unwrap();
    assert_eq!(trace, read_at("journal", &folder.path().join("journal.db"), None).unwrap());
    let jobs: Vec<String> = trace
        .jobs
        .iter()
        .map(|job| format!("{} +{} {} {} {}", job.submit, job.run, job.tenant, job.name, job.priority))
        .collect();
    assert_eq!(jobs, ["0s +1m lab first 3", "3s +15s lab second 3"]);
    assert_eq!(trace.begins, Some(at(10)));
    assert_eq!(Options::of(&trace).start, at(10));
    let notes = ["Jobs left out because they have not ended: 1.", "Jobs left out because they ended before they had a place: 1."];
    assert_eq!(trace.notes, notes);
    let pools = trace.pools.clone().unwrap();
    assert_eq!(pools.len(), 1);
    assert_eq!(pools[0].1.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["new"]);
    let census = trace.census.clone().unwrap();
    assert_eq!(census.hub.name, "test hub");
    let outcome = outcome(&trace, &pools, policy("fifo"), &census, at(10));
    // The first takes all four devices for a minute; the second came three seconds after it.
    assert_eq!(outcome.figures.waits, [Span::ZERO, Span::seconds(57)]);
    assert_eq!(outcome.figures.completions, [Span::seconds(60), Span::seconds(72)]);
}

#[test]
fn a_shortened_history_is_read_like_a_whole_one() {
    let mut ledger = Ledger::default();
    history().iter().for_each(|entry| ledger.apply(entry));
    let mut opening = ledger.opening();
    // A shortened history bears one number throughout; the store counts its rows on.
    for (seq, entry) in opening.iter_mut().enumerate() {
        entry.seq = seq as u64 + 1;
    }
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("journal.db"), &opening);
    let trace = read_at("journal", folder.path(), None).unwrap();
    assert_eq!(trace.jobs, []);
    assert_eq!(trace.notes, ["Jobs left out because they have not ended: 1."]);
    assert_eq!(trace.pools.unwrap()[0].1.len(), 1);
}

#[test]
fn the_journal_of_a_hub_that_runs_is_read_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    write(&file, &[]);
    let writer = Connection::open(&file).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    let writing = writer.unchecked_transaction().unwrap();
    for Entry { seq, at, body } in history() {
        let (seq, body) = (i64::try_from(seq).unwrap(), serde_json::to_string(&body).unwrap());
        writing.execute("INSERT INTO entry VALUES (?1, ?2, ?3)", (seq, at.0, body)).unwrap();
    }
    // What is not yet committed did not happen.
    assert_eq!(read_at("journal", folder.path(), None).unwrap().jobs, []);
    writing.commit().unwrap();
    assert_eq!(read_at("journal", folder.path(), None).unwrap().jobs.len(), 2);
    drop(writer);
    let before = std::fs::read(&file).unwrap();
    assert_eq!(read_at("journal", folder.path(), None).unwrap().jobs.len(), 2);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn mistakes_in_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let message = || without_folder(&read_at("journal", &file, None).unwrap_err().to_string(), "journal.db");
    assert_eq!(message(), "cannot read journal.db: No such file or directory (os error 2)");
    assert!(!file.exists(), "reading makes no file");
    std::fs::write(&file, "not a database, but long enough to have what would be a header of one").unwrap();
    assert_eq!(message(), "cannot read journal.db as the journal of a hub: file is not a database");
    std::fs::remove_file(&file).unwrap();
    write(&file, &[]);
    assert_eq!(read_at("journal", &file, None).unwrap().jobs, []);
    let database = Connection::open(&file).unwrap();
    database.execute(r#"INSERT INTO entry VALUES (1, 0, '{"Fact":{"Ended":[7,{"Exited":0},{"run":1,"cpu":0,"peak_memory":0,"energy":0,"energy_source":"unknown"}]}}')"#, ()).unwrap();
    assert_eq!(message(), "journal.db entry 1 field body: job-7 was never submitted");
    database.execute("UPDATE entry SET seq = 12, body = '{\"Fact\":{}}'", ()).unwrap();
    assert_eq!(message(), "journal.db entry 12 field body: expected value at line 1 column 10");
    database.execute("DROP TABLE entry", ()).unwrap();
    assert_eq!(message(), "cannot read journal.db as the journal of a hub: no such table: entry");
}
