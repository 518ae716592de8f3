//! What happens when: small histories, told fact by fact.

mod common;

use common::{check_story, cluster, jobs, outcome, policy, story};
use replay::{Options, Report};

#[test]
fn a_wide_job_waits_for_devices_and_smaller_work_passes_it() {
    check_story(
        "0 100 6
         10 50 8
         20 5 2",
        "1x8",
        policy("default"),
        "0 job-1 submitted
         0 job-1 placed 0:111111
         10 job-2 submitted
         20 job-3 submitted
         20 job-3 placed 0:11000000
         25 job-3 exited with code 0
         100 job-1 exited with code 0
         100 job-2 placed 0:11111111
         150 job-2 exited with code 0",
    );
}

#[test]
fn under_fifo_nothing_starts_behind_a_job_that_does_not_fit() {
    check_story(
        "0 100 6
         10 50 8
         20 5 2",
        "1x8",
        policy("fifo"),
        "0 job-1 submitted
         0 job-1 placed 0:111111
         10 job-2 submitted
         20 job-3 submitted
         100 job-1 exited with code 0
         100 job-2 placed 0:11111111
         150 job-2 exited with code 0
         150 job-3 placed 0:11
         155 job-3 exited with code 0",
    );
}

#[test]
fn devices_freed_at_an_instant_serve_the_jobs_that_arrive_at_it() {
    check_story(
        "0 10 8
         10 10 8",
        "1x8",
        policy("fifo"),
        "0 job-1 submitted
         0 job-1 placed 0:11111111
         10 job-1 exited with code 0
         10 job-2 submitted
         10 job-2 placed 0:11111111
         20 job-2 exited with code 0",
    );
}

#[test]
fn a_job_wider_than_a_node_becomes_whole_nodes_or_is_refused() {
    let trace = "0 10 16
                 0 10 12";
    check_story(
        trace,
        "3x8",
        policy("default"),
        "0 job-1 submitted
         0 job-1 placed 0:11111111 1:11111111
         10 job-1 exited with code 0",
    );
    let (_, outcome) = story(&jobs(trace), &cluster("3x8"), policy("default"));
    assert_eq!(outcome.refused, 1);
    assert_eq!(outcome.notes[0], "Jobs wider than a node, which run as replicas of 8 devices each: 1.");
}

#[test]
fn a_job_ends_at_its_time_limit() {
    check_story(
        "0 100 1 60
         0 100 1 100",
        "1x2",
        policy("default"),
        "0 job-1 submitted
         0 job-2 submitted
         0 job-1 placed 0:1
         0 job-2 placed 0:10
         60 job-1 ran longer than its time limit
         100 job-2 exited with code 0",
    );
}

#[test]
fn a_job_that_takes_no_time_ends_in_the_instant_it_starts_and_makes_room_in_it() {
    check_story(
        "5 0 1
         5 3 1",
        "1x1",
        policy("default"),
        "5 job-1 submitted
         5 job-2 submitted
         5 job-1 placed 0:1
         5 job-1 exited with code 0
         5 job-2 placed 0:1
         8 job-2 exited with code 0",
    );
}

/// Arrivals, widths and lengths without a pattern, from a counter.
fn many(count: u64) -> String {
    let mixed = |seed: u64| seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
    let line = |at: u64| format!("{} {} {}\n", at * 3, mixed(at) % 400, 1 + mixed(at + count) % 17);
    (0..count).map(line).collect()
}

#[test]
fn no_job_is_lost_and_nothing_remains_held() {
    for policy in [policy("default"), policy("fifo")] {
        let (told, outcome) = story(&jobs(&many(300)), &cluster("5x8"), policy);
        let report = Report::new(&outcome, "many", "either");
        assert_eq!(report.jobs.submitted, 300);
        assert_eq!(report.jobs.finished + report.jobs.refused + report.jobs.unplaced, 300);
        assert!(report.jobs.refused > 0, "a width of 9 to 15 or 17 cannot be cut into nodes of 8");
        assert_eq!(told.matches("submitted").count() as u64, report.jobs.finished);
        assert_eq!(told.matches("placed").count() as u64, report.engine.placements);
        assert_eq!(told.matches("exited").count() as u64, report.jobs.finished);
        assert_eq!(outcome.figures.unended(), 0);
    }
}

#[test]
fn under_fifo_jobs_start_in_the_order_of_their_arrival() {
    let (told, _) = story(&jobs(&many(300)), &cluster("5x8"), policy("fifo"));
    let placed: Vec<u64> = told
        .lines()
        .filter(|line| line.contains("placed"))
        .map(|line| line.split(' ').nth(1).and_then(|id| id.strip_prefix("job-")?.parse().ok()).expect("a story names jobs"))
        .collect();
    assert!(placed.is_sorted(), "{placed:?}");
}

#[test]
fn equal_input_gives_an_equal_history() {
    let (trace, pools) = (jobs(&many(200)), cluster("4x8"));
    let run = |policy| outcome(&trace, &pools, policy, &census::Census::default(), Options::START);
    let (first, again) = (run(policy("default")), run(policy("default")));
    assert_eq!(first.journal_sha256, again.journal_sha256);
    assert_eq!(first.journal_sha256.len(), 64);
    assert_ne!(first.journal_sha256, run(policy("fifo")).journal_sha256);
    let printed = |outcome| {
        let mut report = serde_json::to_value(Report::new(outcome, "many", "default")).expect("a report is JSON");
        report["engine"] = serde_json::Value::Null;
        report
    };
    assert_eq!(printed(&first), printed(&again));
}
