//! Small plans, which can be found by hand or by trying everything.

mod common;

use common::{SMALL, likely, scenario, solve};
use plan::{Aim, Case, Delays, Driver, Nobody, Outlook, Random, Step, build, builds, conflicts, hard};

#[test]
fn ten_petaflops_by_hand() {
    // Five lots of two systems, three halls of four racks: 10 + 9 = 19 M yuan.
    let (answer, plan) = solve(&likely(SMALL), 1e-9);
    let plan = plan.unwrap();
    assert!((answer.standing.best - 19.0).abs() < 1e-6, "{}", answer.standing.best);
    assert_eq!(plan.lots[0][0].iter().sum::<f64>(), 5.0);
    assert_eq!(plan.halls[0][0].iter().sum::<f64>(), 3.0);
    let built = builds(&scenario(SMALL), &likely(SMALL), &plan);
    assert_eq!(built.iter().map(|build| build.cost_yuan).sum::<f64>(), 19e6);
}

#[test]
fn a_cheaper_price_later_is_waited_for_and_electricity_is_paid() {
    // The price falls by a fifth a year, so the last order that still comes is made: the third quarter, at 0.8^0.5. Ten systems draw
    // 250 kW in the last quarter, 60 % of the time above 35 % idle: 250 kW · 2190 h · 0.74 at 1 yuan are 0.40515 M yuan.
    let text = SMALL
        .replace("price = \"1 M yuan\"", "price = \"1 M yuan\"\ncheaper = 0.2")
        .replace("\"0 yuan/kWh\"", "[\"9 yuan/kWh\", \"9 yuan/kWh\", \"9 yuan/kWh\", \"1 yuan/kWh\"]");
    let (answer, plan) = solve(&likely(&text), 1e-9);
    assert_eq!(plan.unwrap().lots[0][0], [0.0, 0.0, 5.0, 0.0]);
    let by_hand = 10.0 * 0.8_f64.sqrt() + 9.0 + 0.25 * 2.190 * (0.35 + 0.65 * 0.6);
    assert!((answer.standing.best - by_hand).abs() < 1e-6, "{} is {by_hand}", answer.standing.best);
}

#[test]
fn what_retires_is_built_again_unless_the_count_is_gross() {
    let standing = "\nhalls = { air = 1 }\n[[site.standing]]\ntechnology = \"server\"\nsystems = 4\nretire_from = \"2026-01\"\nretire_to = \"2026-12\"\n";
    let net = format!("{SMALL}{standing}");
    // Net: all four have retired by December; five lots, of which four racks go where the old ones stood: two more halls.
    assert!((solve(&likely(&net), 1e-9).0.standing.best - 16.0).abs() < 1e-6);
    // Gross: the four still count; three lots for six, one more hall.
    let gross = net.replace("computing = \"10 PFLOPS\"", "computing = \"10 PFLOPS\"\ncounts = \"gross\"");
    assert!((solve(&likely(&gross), 1e-9).0.standing.best - 9.0).abs() < 1e-6);
}

/// Two sites, one technology, four periods: everything is tried.
fn tiny(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let mut draw = |low: i64, high: i64| random.between(low, high) as f64;
    let names = |what: &str, count: usize| (0..count).map(|at| format!("{what}-{at}")).collect::<Vec<_>>();
    Case {
        periods: 4,
        hours: 2190.0,
        year: vec![0; 4],
        site_names: names("site", 2),
        technology_names: names("rack", 1),
        cooling_names: names("hall", 1),
        year_names: names("year", 1),
        period_names: names("quarter", 4),
        computing: vec![draw(2, 5)],
        racks: vec![1.0],
        power: vec![draw(80, 120)],
        lot: vec![2.0],
        lead: vec![1],
        life: vec![20],
        orders: vec![(0, 3)],
        cooling: vec![0],
        idle: vec![0.3],
        available: vec![0.9],
        price: vec![(0..4).map(|_| draw(10, 20)).collect()],
        supply: vec![(0..4).map(|_| draw(1, 2)).collect()],
        serves: vec![vec![]],
        hall_racks: vec![draw(3, 5)],
        hall_lead: vec![2],
        hall_life: vec![40.0],
        hall_land: vec![1.0],
        hall_price: vec![vec![draw(5, 15)], vec![draw(5, 15)]],
        halls: vec![vec![vec![draw(0, 1); 4]], vec![vec![0.0; 4]]],
        halls_per_period: vec![1.0, 1.0],
        land: vec![2.0, 2.0],
        connected: vec![vec![draw(200, 500); 4], vec![draw(200, 500); 4]],
        grid: (0..2).map(|_| vec![Step { power: draw(200, 400), price: draw(3, 9), lead: 2 }]).collect(),
        open: vec![true, false],
        opening: vec![0.0, draw(2, 9)],
        upkeep: vec![0.5, 0.5],
        pue: vec![vec![1.2], vec![1.1]],
        electricity: vec![vec![0.0; 4]; 2],
        carbon: vec![vec![0.0; 4]; 2],
        green: vec![0.0; 2],
        arrived: vec![vec![vec![0.0; 4]]; 2],
        retired: vec![vec![vec![0.0; 4]]; 2],
        waits: vec![vec![false]; 2],
        factor: vec![1.0, 0.98, 0.96, 0.94],
        factor_end: 0.92,
        residual: true,
        fixed: vec![0.0; 4],
        budget: vec![f64::INFINITY],
        most_carbon: vec![f64::INFINITY],
        aims: vec![Aim {
            id: "aim".to_owned(),
            period: 3,
            wanted: draw(8, 30),
            held: Vec::new(),
            counts: vec![true],
            gross: false,
        }],
        crews: draw(1, 2),
        ..Case::default()
    }
}

/// The cheapest of all plans, tried one by one; `None` where none reaches the aim. Written from the rules, not from the rows.
fn everything(case: &Case) -> Option<f64> {
    let mut best: Option<f64> = None;
    let worth = |paid: f64, t: usize, lead: usize, life: f64| {
        paid * case.factor_end * (1.0 - (4.0 - (t + lead) as f64).max(0.0) / life).max(0.0)
    };
    // Orders that come in time: lots in quarters 0 to 2, halls and grid in 0 and 1.
    for lots in 0..3_usize.pow(6) {
        let lot = |s: usize, t: usize| (lots / 3_usize.pow((s * 3 + t) as u32) % 3) as f64;
        if (0..3).any(|t| lot(0, t) + lot(1, t) > case.supply[0][t]) {
            continue;
        }
        let mut lots_cost = 0.0;
        for (s, t) in (0..2).flat_map(|s| (0..3).map(move |t| (s, t))) {
            let paid = lot(s, t) * 2.0 * case.price[0][t];
            lots_cost += paid * case.factor[t] - worth(paid, t, 1, 20.0);
        }
        for halls in 0..16_usize {
            let hall = |s: usize, t: usize| (halls >> (s * 2 + t) & 1) as f64;
            if (0..2).any(|t| hall(0, t) + hall(1, t) > case.crews) {
                continue;
            }
            let mut halls_cost = 0.0;
            for (s, t) in (0..2).flat_map(|s| (0..2).map(move |t| (s, t))) {
                let paid = hall(s, t) * case.hall_price[s][0];
                halls_cost += paid * case.factor[t] - worth(paid, t, 2, 40.0);
            }
            // A site is opened when its first hall is begun, never sooner; upkeep runs from then on.
            let opened = (0..2).find(|t| hall(1, *t) > 0.0);
            let upkeep = |from: usize, each: f64| (from..4).map(|t| case.factor[t] * each).sum::<f64>();
            let opening = opened.map_or(0.0, |t| case.factor[t] * case.opening[1] + upkeep(t, case.upkeep[1]));
            for steps in 0..9_usize {
                // 0: never; 1 and 2: in quarter 0 or 1.
                let step = [steps % 3, steps / 3];
                let steps_cost: f64 =
                    (0..2).filter(|s| step[*s] > 0).map(|s| case.factor[step[s] - 1] * case.grid[s][0].price).sum();
                let reached: f64 = (0..2)
                    .map(|s| {
                        let came: f64 = (0..3).map(|t| lot(s, t) * 2.0).sum();
                        let space = case.hall_racks[0] * (case.halls[s][0][3] + hall(s, 0) + hall(s, 1));
                        let power = case.connected[s][3] + if step[s] > 0 { case.grid[s][0].power } else { 0.0 };
                        came.min(space).min(power / (case.power[0] * case.pue[s][0])) * case.computing[0]
                    })
                    .sum();
                // What came before there was room was given up at once and does not come back.
                let kept = |s: usize| {
                    let mut running: f64 = 0.0;
                    for t in 0..4 {
                        let came = if t > 0 && t - 1 < 3 { lot(s, t - 1) * 2.0 } else { 0.0 };
                        let begun: f64 = (0..2).filter(|b| b + 2 <= t).map(|b| hall(s, b)).sum();
                        let space = case.hall_racks[0] * (case.halls[s][0][t] + begun);
                        let grown = step[s] > 0 && step[s] - 1 + 2 <= t;
                        let power = case.connected[s][t] + if grown { case.grid[s][0].power } else { 0.0 };
                        running = (running + came).min(space).min(power / (case.power[0] * case.pue[s][0]));
                    }
                    running * case.computing[0]
                };
                let reached = reached.min(kept(0) + kept(1));
                if reached + 1e-9 < case.aims[0].wanted {
                    continue;
                }
                let cost = lots_cost + halls_cost + opening + steps_cost + upkeep(0, case.upkeep[0]);
                if best.is_none_or(|best| cost < best) {
                    best = Some(cost);
                }
            }
        }
    }
    best
}

#[test]
fn trying_everything_finds_nothing_cheaper() {
    let mut found = 0;
    for seed in 0..60 {
        let case = tiny(seed);
        let (answer, plan) = solve(&case, 1e-9);
        match everything(&case) {
            Some(cost) => {
                found += 1;
                assert!(
                    (answer.standing.best - cost).abs() < 1e-6 * cost.abs().max(1.0),
                    "{seed}: {} is {cost}",
                    answer.standing.best
                );
            }
            None => assert!(plan.is_none(), "{seed}: there is no plan"),
        }
    }
    assert!((10..60).contains(&found), "{found} of 60 have a plan");
}

#[test]
fn relaxing_a_limit_never_costs_more() {
    let mut planned = 0;
    for seed in 0..24 {
        let mut case = hard(2, 4, 6, seed);
        // Easy enough to be reached, tight enough to bind.
        case.aims[0].wanted *= 0.3;
        let (tight, plan) = solve(&case, 1e-6);
        planned += usize::from(plan.is_some());
        let mut random = Random::new(seed);
        let mut looser = case.clone();
        let more = 1.0 + random.part();
        match seed % 8 {
            0 => looser.budget.iter_mut().for_each(|budget| *budget *= more),
            1 => looser.land.iter_mut().for_each(|land| *land += 3.0),
            2 => looser.connected.iter_mut().flatten().for_each(|power| *power *= more),
            3 => looser.supply.iter_mut().flatten().for_each(|supply| *supply += 1.0),
            4 => looser.crews += 2.0,
            5 => looser.most_carbon.iter_mut().for_each(|carbon| *carbon *= more),
            6 => looser.aims[0].wanted *= 0.9,
            _ => looser.halls_per_period.iter_mut().for_each(|halls| *halls += 1.0),
        }
        let (loose, _) = solve(&looser, 1e-6);
        let (before, after) = (tight.standing.best, loose.standing.best);
        assert!(!before.is_finite() || after <= before + 2e-6 * before.abs(), "{seed}: {after} is more than {before}");
    }
    assert!(planned > 15, "{planned} of 24 have a plan");
}

#[test]
fn what_contradicts_is_named_with_the_least_that_would_do() {
    // Half a megawatt feeds 20 systems of 25 kW; 30 are wanted.
    let text = SMALL.replace("10 PFLOPS", "30 PFLOPS").replace("1 MW", "500 kW");
    let case = likely(&text);
    let (milp, _) = build(&case);
    let found = conflicts(&case, &milp, &Nobody).unwrap();
    let first = &found[0];
    assert_eq!(first.limit, "target ten in 2026-10");
    assert_eq!((first.is, first.needed.map(|needed| (needed * 1e6).round() / 1e6)), (30.0, Some(20.0)));
    assert!(found.iter().any(|conflict| conflict.limit.starts_with("power at here")), "{found:?}");
}

#[test]
fn rows_that_only_help_change_no_optimum() {
    let mut helped = 0;
    for seed in 0..4 {
        // Two of five sites are to be opened. In half of the cases the second step of the grid comes before the first.
        let mut case = hard(5, 3, 7, seed);
        case.aims.clear();
        // Power is short, halls are soon there, and what is missing is dear: there is something to decide.
        case.connected.iter_mut().flatten().for_each(|power| *power *= 0.4);
        case.hall_lead = vec![1; 3];
        case.shortage.iter_mut().for_each(|cost| *cost *= 3.0);
        if seed % 2 == 1 {
            case.grid.iter_mut().for_each(|steps| (steps[0].lead, steps[1].lead) = (3, 2));
        } else {
            case.grid.iter_mut().for_each(|steps| (steps[0].lead, steps[1].lead) = (1, 2));
        }
        let (milp, _) = build(&case);
        let optimum = |milp: &plan::Milp| {
            let found = plan::solve(milp, &plan::Options { gap: 1e-7, ..plan::Options::default() }, None, &Nobody);
            assert_eq!(found.end, plan::End::Solved, "{seed}");
            found.objective
        };
        let relaxed = |milp: &plan::Milp| {
            plan::solve(milp, &plan::Options { relaxed: true, ..plan::Options::default() }, None, &Nobody).objective
        };
        let (with, without) = (optimum(&milp), optimum(&milp.unhelped()));
        assert!((with - without).abs() <= 1e-6 * without.abs(), "{seed}: {with} with, {without} without");
        helped += usize::from(relaxed(&milp) > relaxed(&milp.unhelped()) + 1e-6);
    }
    assert!(helped > 2, "they raise the relaxation of only {helped} of 4");
}

#[test]
fn two_threads_with_a_limit_of_nodes_are_like_every_other_two() {
    let mut case = hard(4, 3, 6, 2);
    case.aims.clear();
    let once = || {
        let (milp, at) = build(&case);
        let effort = plan::Effort { gap: 1e-4, nodes: Some(5), rounds: Some(3), ..plan::Effort::default() };
        plan::search(&milp, &at, &effort, None, &common::Patient)
    };
    let (first, second) = (once(), once());
    assert!(first.values.is_some() && first.standing.bound <= first.standing.best);
    assert_eq!((first.values, first.standing), (second.values, second.standing));
}

#[test]
fn one_run_is_like_every_other() {
    let case = hard(3, 4, 8, 5);
    let once = || {
        let (milp, at) = build(&case);
        let effort = plan::Effort { gap: 0.0, nodes: Some(20), rounds: Some(0), single: true, ..plan::Effort::default() };
        plan::search(&milp, &at, &effort, None, &common::Patient).values
    };
    assert_eq!(once(), once());
}

#[test]
fn lateness_takes_its_part_of_the_probability() {
    // Ordered in July at the latest, three months to come: at the end of September, and up to three months late without harm. Up to
    // six months late, evenly likely at first and ever less: 1 - (3/6)^2 of all are in time; all alike, as nothing is independent.
    let text = SMALL
        .replace("residual = false\n", "residual = false\n[delays]\ndelivery = \"0 .. 0 .. 6 months\"\ncommon = 1\n")
        .replace("price = \"1 M yuan\"", "price = \"1 M yuan\"\ncheaper = 0.2");
    let scenario = scenario(&text);
    let case = Case::of(&scenario, Outlook::Likely);
    let (_, plan) = solve(&case, 1e-9);
    let plan = plan.unwrap();
    assert_eq!(plan.lots[0][0], [0.0, 0.0, 5.0, 0.0], "prices fall, so it is ordered late");
    let delays = Delays::new(&scenario, &case, &plan);
    let few = &delays.chances(1000, 1, None)[0];
    let many = &delays.chances(100_000, 2, None)[0];
    assert!((many.met.seen - 0.75).abs() < 0.005, "{:?}", many.met);
    assert!(few.met.low <= many.met.seen && many.met.seen <= few.met.high, "{:?} {:?}", few.met, many.met);
    assert_eq!(delays.chances(200, 1, Some(Driver::Delivery(0)))[0].met.seen, 1.0, "never late is always in time");
    assert_eq!(delays.chances(300, 1, None), delays.chances(300, 1, None), "equal seeds, equal answers");
}
