//! A few seeds in every test run; `shugu simulate` runs thousands.

use simulate::play;

#[test]
fn everything_goes_wrong_and_nothing_is_lost_or_done_twice() {
    let mut happened = std::collections::BTreeSet::new();
    for seed in 1..=40 {
        let report = play(seed, false).unwrap();
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
        assert!(report.jobs > 0 && report.attempts > 0, "seed {seed} did nothing");
        happened.extend(report.happened.keys().copied());
    }
    // What never happens is not tried.
    for kind in
        ["hub dies", "hub stands still", "hub takes over", "agent dies", "site loses power", "site vanishes", "store loses power"]
    {
        assert!(happened.contains(kind), "{kind} did not happen in forty seeds");
    }
    for kind in ["letter lost", "answer lost", "letter comes twice", "link cut", "clock jumps"] {
        assert!(happened.contains(kind), "{kind} did not happen in forty seeds");
    }
}

/// Seeds that found something once, and what.
const FOUND: [(u64, &str); 1] =
    [(886, "an agent died, its clock was set back, and it could not reach its hub: its lease was longer than the hub's")];

#[test]
fn seeds_that_once_found_something_find_nothing() {
    for (seed, what) in FOUND {
        assert_eq!(play(seed, false).unwrap().violations, Vec::<String>::new(), "seed {seed}: {what}");
    }
}

#[test]
fn a_seed_tells_the_same_story_each_time_whatever_was_told_before() {
    let seeds = [3, 8, 15, 886];
    let told = |seed: &u64| play(*seed, true).unwrap();
    let first: Vec<_> = seeds.iter().map(told).collect();
    assert!(first.iter().any(|report| report.happened.contains_key("clock jumps")), "clocks are what seeds could leave behind");
    // The folder's name is chance of another kind.
    let plain = |story: &[String]| {
        let told = |line: &String| line.split("/shugu-simulate-").next().unwrap_or_default().to_owned();
        story.iter().map(told).collect::<Vec<_>>()
    };
    for (seed, one) in seeds.iter().zip(&first).rev() {
        let other = told(seed);
        assert_eq!((one.entries, &one.head), (other.entries, &other.head), "seed {seed}");
        let (one, other) = (plain(&one.story), plain(&other.story));
        let differs = one.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.len(), other.len(), "seed {seed}");
    }
}

/// Ten thousand seeds run in one process.
#[test]
fn a_seed_leaves_no_thread_behind() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    play(1, false).unwrap();
    let before = threads();
    for seed in 2..=6 {
        play(seed, false).unwrap();
    }
    // One that has nothing left to do may still be on its way out.
    let begun = std::time::Instant::now();
    while threads() > before {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{} threads, and {before} before", threads());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
