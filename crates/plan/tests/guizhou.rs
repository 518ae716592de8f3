//! The shipped scenarios: each route of the hand calculations, and the plan of 2026. The figures by hand are those of the press and
//! what follows from them: 133 CloudMatrix384 for 40 EFLOPS, 16,000 servers of 910B, the ratio of 2025, the ratio of 500 servers.

mod common;

use common::solve;
use plan::{Build, Case, Chance, Delays, Nobody, Options, Outlook, Scenario, build, builds};

fn shipped(name: &str) -> Scenario {
    let path = format!("{}/../../data/guizhou/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Scenario::read(&path, &std::fs::read_to_string(&path).unwrap(), "2026-01-01").unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// What a route builds under an outlook.
fn route(name: &str, outlook: Outlook) -> (Vec<Build>, f64) {
    let scenario = shipped(name);
    let case = Case::of(&scenario, outlook);
    let (_, plan) = solve(&case, 1e-6);
    let plan = plan.unwrap();
    (builds(&scenario, &case, &plan), plan.cost(&case).systems / 1000.0)
}

fn sum(builds: &[Build], of: fn(&Build) -> f64) -> f64 {
    builds.iter().filter(|build| build.what == "systems").map(of).sum()
}

#[track_caller]
fn near(found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() <= 0.02, "{found} is not within 2 % of {by_hand}");
}

#[test]
fn cloudmatrix_as_by_hand() {
    let (built, bn_yuan) = route("route-cloudmatrix384", Outlook::Likely);
    near(sum(&built, |build| build.count), 133.0);
    near(sum(&built, |build| build.devices), 51_000.0);
    near(sum(&built, |build| build.it_kw) / 1000.0, 75.0);
    near(sum(&built, |build| build.facility_kw) / 1000.0, 89.0);
    near(bn_yuan, 7.8);
}

#[test]
fn servers_of_910b_as_by_hand() {
    let (built, least) = route("route-ascend-910b", Outlook::Best);
    let (_, most) = route("route-ascend-910b", Outlook::Worst);
    near(sum(&built, |build| build.count), 16_000.0);
    near(sum(&built, |build| build.devices), 128_000.0);
    near(sum(&built, |build| build.it_kw) / 1000.0, 90.0);
    near(sum(&built, |build| build.facility_kw) / 1000.0, 108.0);
    near(least, 16.0);
    near(most, 64.0);
}

#[test]
fn ratios_as_by_hand() {
    near(route("route-ratio-2025", Outlook::Likely).1, 9.4);
    near(route("route-ratio-500-servers", Outlook::Best).1, 62.0);
    near(route("route-ratio-500-servers", Outlook::Worst).1, 94.0);
}

#[test]
fn the_range_of_2026_contains_every_calculation_by_hand() {
    let scenario = shipped("plan-2026");
    let built = |outlook: Outlook| {
        let case = Case::of(&scenario, outlook);
        // 2 % suffice to tell 6 from 8 and 94 from 130.
        let (milp, at) = build(&case);
        let effort = plan::Effort { gap: 0.02, single: true, ..plan::Effort::default() };
        let answer = plan::search(&milp, &at, &effort, None, &common::Patient);
        let plan = plan::Plan::of(&case, &at, &answer.values.unwrap());
        assert_eq!(plan.broken(&case), []);
        plan.cost(&case).built() / 1000.0
    };
    let (best, worst) = (built(Outlook::Best), built(Outlook::Worst));
    assert!(best <= 7.8 && worst >= 94.0, "{best} to {worst}");
}

#[test]
fn a_thousand_samples_agree_with_a_hundred_thousand() {
    let scenario = shipped("plan-2026");
    let case = Case::of(&scenario, Outlook::Likely);
    let (milp, at) = build(&case);
    let effort = plan::Effort { gap: 0.02, single: true, ..plan::Effort::default() };
    let answer = plan::search(&milp, &at, &effort, None, &common::Patient);
    let plan = plan::Plan::of(&case, &at, &answer.values.unwrap());
    let delays = Delays::new(&scenario, &case, &plan);
    let met = |chances: Vec<Chance>| chances[0].met;
    let (few, many) = (met(delays.chances(1000, 1, None)), met(delays.chances(100_000, 77, None)));
    assert!(few.low <= many.seen && many.seen <= few.high, "{few:?} {many:?}");
}

#[test]
fn a_relaxation_has_one_optimum_whichever_way_it_is_found() {
    let (milp, _) = build(&plan::hard(4, 6, 12, 3));
    let by = |method| plan::solve(&milp, &Options { relaxed: true, method, ..Options::default() }, None, &Nobody).objective;
    let (simplex, interior) = (by("simplex"), by("ipm"));
    assert!((simplex - interior).abs() <= 1e-6 * simplex.abs(), "{simplex} is {interior}");
}
