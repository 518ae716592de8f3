//! A plan as lists that people and scripts read: what is built, what there is in each period, what limits are worth, how costs may come.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::case::{Case, Input, Outlook};
use crate::check::Plan;
use crate::milp::{About, Family, Milp};
use crate::random::Random;
use crate::relax::words;
use crate::scenario::{Month, Scenario};

/// Something that is built.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Build {
    /// The month in which it is ordered, begun or opened.
    pub order: String,
    /// The month from which it is there, if nothing is late.
    pub ready: String,
    /// Where.
    pub site: String,
    /// `systems`, `halls`, `grid` or `opening`.
    pub what: &'static str,
    /// Which technology or cooling; the number of the step of a grid.
    pub of: String,
    /// How many systems or halls; of a grid, kW.
    pub count: f64,
    /// Computing power, in PFLOPS.
    pub computing_pflops: f64,
    /// Devices.
    pub devices: f64,
    /// Power of IT, in kW.
    pub it_kw: f64,
    /// Power with that of cooling and supply, in kW.
    pub facility_kw: f64,
    /// What it costs, in yuan, not discounted.
    pub cost_yuan: f64,
}

/// What there is in a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// Its first month.
    pub period: String,
    /// What runs, by technology, in PFLOPS of its own class and precision.
    pub computing_pflops: BTreeMap<String, f64>,
    /// Power of what runs, in MW, without fleets that are known as a whole only.
    pub facility_mw: f64,
    /// Energy, in GWh, likewise.
    pub energy_gwh: f64,
    /// Carbon, in kt, likewise.
    pub carbon_kt: f64,
    /// What is paid, in yuan.
    pub paid_yuan: f64,
    /// What is wanted and not served, by demand, in PFLOPS.
    pub missing_pflops: BTreeMap<String, f64>,
}

/// Everything that is built, in order of time.
pub fn builds(scenario: &Scenario, case: &Case, plan: &Plan) -> Vec<Build> {
    let mut builds = Vec::new();
    let month = |t: usize| Month(scenario.start.0 + t as i32 * scenario.months).to_string();
    for t in 0..case.periods {
        for s in 0..case.sites() {
            let empty = Build {
                order: month(t),
                ready: month(t),
                site: case.site_names[s].clone(),
                what: "opening",
                of: String::new(),
                count: 1.0,
                computing_pflops: 0.0,
                devices: 0.0,
                it_kw: 0.0,
                facility_kw: 0.0,
                cost_yuan: 0.0,
            };
            if plan.opened[s] == Some(t) {
                builds.push(Build { cost_yuan: case.opening[s] * 1e6, ..empty.clone() });
            }
            for (j, step) in case.grid[s].iter().enumerate().filter(|(j, _)| plan.steps[s][*j] == Some(t)) {
                builds.push(Build {
                    what: "grid",
                    of: (j + 1).to_string(),
                    count: step.power,
                    facility_kw: step.power,
                    ready: month(t + step.lead),
                    cost_yuan: step.price * 1e6,
                    ..empty.clone()
                });
            }
            for c in (0..case.coolings()).filter(|c| plan.halls[s][*c][t] > 0.0) {
                builds.push(Build {
                    what: "halls",
                    of: case.cooling_names[c].clone(),
                    count: plan.halls[s][c][t],
                    ready: month(t + case.hall_lead[c]),
                    cost_yuan: plan.halls[s][c][t] * case.hall_price[s][c] * 1e6,
                    ..empty.clone()
                });
            }
            for k in (0..case.technologies()).filter(|k| plan.lots[s][*k][t] > 0.0) {
                let count = plan.lots[s][k][t] * case.lot[k];
                builds.push(Build {
                    what: "systems",
                    of: case.technology_names[k].clone(),
                    count,
                    computing_pflops: count * case.computing[k],
                    devices: count * f64::from(scenario.technologies[k].devices),
                    it_kw: count * case.power[k],
                    facility_kw: count * case.drawn(s, k),
                    ready: month(t + case.lead[k]),
                    cost_yuan: count * case.price[k][t] * 1e6,
                    ..empty.clone()
                });
            }
        }
    }
    builds
}

/// What there is, period by period; fleets that are known as a whole are among the technologies, under their own names.
pub fn capacity(scenario: &Scenario, case: &Case, plan: &Plan) -> Vec<Capacity> {
    let totals = plan.totals(case);
    let at = |t: usize| {
        let mut computing = BTreeMap::new();
        for fleet in &scenario.fleets {
            let gone = fleet.retires.range.likely * (t + 1) as f64 / case.periods as f64;
            computing.insert(fleet.id.to_string(), fleet.computing.range.likely * (1.0 - gone));
        }
        for k in 0..case.technologies() {
            let running: f64 = (0..case.sites()).map(|s| plan.running[s][k][t]).sum();
            if running > 1e-9 {
                computing.insert(case.technology_names[k].clone(), running * case.computing[k]);
            }
        }
        Capacity {
            period: case.period_names[t].clone(),
            computing_pflops: computing,
            facility_mw: totals.power[t],
            energy_gwh: totals.energy[t],
            carbon_kt: totals.carbon[t],
            paid_yuan: totals.cash[t] * 1e6,
            missing_pflops: case.demand_names.iter().cloned().zip(plan.missing.iter().map(|missing| missing[t])).collect(),
        }
    };
    (0..case.periods).map(at).collect()
}

/// What a limit is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worth {
    /// The limit, over all periods in which it binds.
    pub limit: String,
    /// What one more of its unit saves, in yuan, discounted: by the relaxation, in which everything can be had in parts.
    pub saves_yuan: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// What one more unit of each limit that binds saves, dearest first. A target is the other way round: one less of it saves that.
pub fn worths(case: &Case, milp: &Milp, duals: &[f64]) -> Vec<Worth> {
    let mut sums: BTreeMap<About, f64> = BTreeMap::new();
    for (row, dual) in duals.iter().enumerate() {
        let about = milp.about[row];
        let lasts = matches!(about.family, Family::Space | Family::Power | Family::Crews | Family::Supply);
        // Limits of ratios have no unit of which one more could be had.
        let ratio = matches!(about.family, Family::Pue | Family::Green);
        if about.family.is_limit() && !ratio && dual.abs() > 1e-9 {
            *sums.entry(if lasts { About { when: None, ..about } } else { about }).or_default() += dual.abs();
        }
    }
    let mut worths: Vec<Worth> = sums
        .into_iter()
        .map(|(about, saves)| Worth { limit: words(case, about), saves_yuan: saves * 1e6, unit: about.family.unit() })
        .collect();
    worths.sort_by(|left, right| right.saves_yuan.total_cmp(&left.saves_yuan));
    worths
}

/// How a figure may come out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The least of all draws.
    pub least: f64,
    /// 5 of 100 draws are below.
    pub p5: f64,
    /// Half of them.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// The most of all draws.
    pub most: f64,
}

impl Spread {
    fn of(mut drawn: Vec<f64>) -> Spread {
        drawn.sort_by(f64::total_cmp);
        let at = |level: f64| drawn[(level * (drawn.len() - 1) as f64).round() as usize];
        Spread { least: at(0.0), p5: at(0.05), p50: at(0.5), p95: at(0.95), most: at(1.0) }
    }
}

/// How much one assumption moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swing {
    /// The assumption.
    pub assumption: String,
    /// What is paid when it alone is as good as it may be, in yuan.
    pub best_yuan: f64,
    /// What is paid when it alone is as bad.
    pub worst_yuan: f64,
}

/// How a plan comes out when nothing is sure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranges {
    /// What is paid over the horizon, in yuan, not discounted.
    pub paid_yuan: Spread,
    /// Of it, what is built: systems, halls, grid, projects.
    pub built_yuan: Spread,
    /// What is there at each target's date, in PFLOPS, if nothing is late.
    pub reached_pflops: BTreeMap<String, Spread>,
    /// What moves the cost most.
    pub swings: Vec<Swing>,
}

/// The same plan under assumptions drawn each by itself, as triangular distributions over their ranges.
pub fn ranges(scenario: &Scenario, plan: &Plan, samples: usize, seed: u64) -> Ranges {
    let inputs = Case::unsure(scenario);
    let mut random = Random::new(seed);
    let (mut paid, mut built) = (Vec::new(), Vec::new());
    let mut reached: Vec<Vec<f64>> = vec![Vec::new(); scenario.targets.len()];
    for _ in 0..samples.max(1) {
        let levels: BTreeMap<Input, f64> = inputs.iter().map(|input| (*input, random.part())).collect();
        let case = Case::of(scenario, Outlook::Levels(&levels));
        let cost = plan.cost(&case);
        paid.push(cost.paid() * 1e6);
        built.push(cost.built() * 1e6);
        for (at, reached) in reached.iter_mut().enumerate() {
            let target = &scenario.targets[at].computing.range;
            let level = levels.get(&Input::Target(at)).copied();
            let wanted = level.map_or(target.likely, |level| target.quantile(level));
            reached.push(plan.reached(&case, at) + wanted - case.aims[at].wanted);
        }
    }
    let alone = |input: Input, level: f64| {
        let levels = BTreeMap::from([(input, level)]);
        plan.cost(&Case::of(scenario, Outlook::Levels(&levels))).paid() * 1e6
    };
    let mut swings: Vec<Swing> = inputs
        .iter()
        .map(|input| Swing { assumption: input.name(scenario), best_yuan: alone(*input, 0.0), worst_yuan: alone(*input, 1.0) })
        .collect();
    let size = |swing: &Swing| (swing.worst_yuan - swing.best_yuan).abs();
    swings.retain(|swing| size(swing) > 0.0);
    swings.sort_by(|left, right| size(right).total_cmp(&size(left)));
    let names = scenario.targets.iter().map(|target| target.id.to_string());
    Ranges {
        paid_yuan: Spread::of(paid),
        built_yuan: Spread::of(built),
        reached_pflops: names.zip(reached.into_iter().map(Spread::of)).collect(),
        swings,
    }
}
