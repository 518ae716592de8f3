//! The traces that ship, whole, against what is known of them.

mod common;

use std::path::PathBuf;

use census::Census;
use common::{cluster, outcome, policy, read_at, story};
use replay::{Options, Report};

fn shipped(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/traces").join(path)
}

/// Two other simulators give the same figures for this virtual cluster on the same nodes.
#[test]
fn first_come_first_served_on_one_virtual_cluster() {
    let trace = read_at("philly", &shipped("philly/philly_jobs.csv.gz"), Some("103959")).unwrap();
    let (_, outcome) = story(&trace, &cluster("4x8"), policy("fifo"));
    let report = Report::new(&outcome, "philly", "fifo");
    let rounded = |figure: Option<f64>| (figure.unwrap() * 10.0).round() / 10.0;
    assert_eq!(report.jobs.finished, 986);
    assert_eq!(rounded(report.jct_s.mean), 220_860.3);
    assert_eq!(rounded(report.wait_s.mean), 162_717.8);
    assert_eq!(report.wait_s.max, Some(419_171.0));
    assert_eq!(report.makespan_s, Some(7_914_913.0));
}

/// The same protocol with the shortest job first, which is told how long jobs run.
#[test]
fn the_shortest_first_on_one_virtual_cluster() {
    let report = one_cluster("protocol-sjf");
    let rounded = |figure: Option<f64>| (figure.unwrap() * 10.0).round() / 10.0;
    assert_eq!((rounded(report.jct_s.mean), rounded(report.wait_s.mean)), (107_031.2, 48_888.7));
    assert_eq!((report.wait_s.max, report.makespan_s), (Some(1_989_582.0), Some(7_914_913.0)));
}

/// Tiresias, which does not know either how long jobs run, comes to 154,538 s there.
#[test]
fn the_default_knows_the_past_only_and_beats_what_is_published() {
    let report = one_cluster("default");
    assert_eq!(report.jobs.finished, 986);
    assert!(report.jct_s.mean.unwrap() <= 140_000.0, "{:?}", report.jct_s.mean);
    assert!(report.wait_s.max.unwrap() <= 2.0 * 419_171.0, "{:?}", report.wait_s.max);
}

fn one_cluster(name: &str) -> Report {
    let trace = read_at("philly", &shipped("philly/philly_jobs.csv.gz"), Some("103959")).unwrap();
    let outcome = outcome(&trace, &cluster("4x8"), policy(name), &Census::default(), Options::START);
    Report::new(&outcome, "philly", name)
}

#[test]
fn the_whole_philly_trace() {
    let trace = read_at("philly", &shipped("philly/philly_jobs.csv.gz"), None).unwrap();
    assert_eq!(trace.jobs.len(), 15_249);
    let tenants: std::collections::BTreeSet<_> = trace.jobs.iter().map(|job| &job.tenant).collect();
    assert_eq!(tenants.len(), 15);
    let run = || outcome(&trace, &cluster("251x8"), policy("default"), &Census::default(), Options::START);
    let (first, again) = (run(), run());
    assert_eq!((first.figures.waits.len(), first.refused, first.unplaced), (15_249, 0, 0));
    assert_eq!(first.journal_sha256, again.journal_sha256);
}

#[test]
fn the_pooled_philly_trace_names_its_own_machine() {
    let trace = read_at("swf", &shipped("philly/philly_pooled.swf.gz"), None).unwrap();
    assert_eq!(trace.jobs.len(), 15_215);
    assert_eq!(trace.pools, Some(cluster("128x8")));
    assert_eq!(trace.notes.len(), 1, "every requested time is the run time");
}

#[test]
fn the_whole_openb_trace() {
    let trace = read_at("openb", &shipped("openb/openb_pod_list_default.csv.gz"), None).unwrap();
    let pools = replay::cluster::openb_nodes(&shipped("openb/openb_node_list_all_node.csv.gz")).unwrap();
    assert_eq!((trace.jobs.len(), pools[0].1.len()), (8152, 1523));
    let outcome = outcome(&trace, &pools, policy("default"), &Census::default(), Options::START);
    assert_eq!((outcome.figures.waits.len(), outcome.refused, outcome.unplaced), (8152, 0, 0));
    assert_eq!(outcome.figures.devices(), 6212);
    let notes = [
        "This trace names no tenants: the quality of service of a pod stands in for one.",
        "Pods never scheduled, which run here for the time from their creation to their deletion: 897.",
    ];
    assert_eq!(outcome.notes, notes);
}
