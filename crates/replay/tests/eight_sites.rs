//! A hub of eight sites at four grids, with as much room as a hub has: where and when together.

use std::path::{Path, PathBuf};

use dispatch::Policy;
use replay::{Choice, Options, Report, Signal, Source, cluster, run};

fn shipped(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file)
}

fn census() -> census::Census {
    let read = |name: &&str| {
        let path = shipped("sample/eight-sites").join(name);
        let name = path.display().to_string();
        std::fs::read_to_string(&path).ok().map(|text| census::File { name, text })
    };
    let files: Vec<census::File> = census::FILES.iter().filter_map(read).collect();
    census::read(&files).expect("the shipped folder is one")
}

fn signals(hour: usize) -> Vec<Signal> {
    let of = |grid: &str, site: u32| {
        let file = shipped(&format!("carbon/{}-2022.csv.gz", grid.to_uppercase())).display().to_string();
        Signal::read(&format!("carbon@{grid}-{site}:{file}"), hour).unwrap()
    };
    ["ciso", "erco", "nyis", "pjm"].iter().flat_map(|grid| [of(grid, 1), of(grid, 2)]).collect()
}

fn replay(policy: &str, choice: &Choice) -> Report {
    let census = census();
    let path = shipped("traces/gaia/pai_1k.csv.gz").display().to_string();
    let trace = Source::parse(&format!("gaia:{path}")).unwrap().read(choice).unwrap();
    let options = Options { signals: signals(3000), ..Options::of(&trace) };
    let pools = cluster::declared(&census).unwrap();
    let policy = Policy::named(policy).unwrap();
    let outcome = run(&trace, &pools, &census, &policy, options).unwrap();
    Report::new(&outcome, "test", &policy.name)
}

#[test]
fn work_that_may_wait_goes_where_and_when_power_is_clean_and_the_rest_waits_no_longer_for_it() {
    let choice = Choice { impatient: Some(4), ..Choice::default() };
    let at_once = replay("no-wait", &choice);
    let mut green = replay("green", &choice);
    green.against(&at_once);
    assert_eq!(green.jobs.finished, at_once.jobs.finished);
    assert_eq!(green.deadlines_missed, Some(0), "{green:?}");
    let saved = green.optimum.unwrap().saved_of_start.unwrap();
    assert!(saved > 0.75, "{saved}");
    let (before, after) = (at_once.wait_s_of_others.unwrap(), green.wait_s_of_others.unwrap());
    assert!(after <= before * 1.02 + 1.0, "{after} s instead of {before} s");
}
