//! A plan as people understand it, taken from the solver's numbers; and every rule looked at again without the solver or its rows.

use serde::Serialize;

use crate::case::Case;
use crate::rows::{Columns, Table};

/// What is built where and when. Indices as in [`Case`].
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    /// Lots ordered, by site, technology, period.
    pub lots: Vec<Vec<Vec<f64>>>,
    /// Halls begun, by site, cooling, period.
    pub halls: Vec<Vec<Vec<f64>>>,
    /// When each grid step is ordered, by site and step.
    pub steps: Vec<Vec<Option<usize>>>,
    /// When a site is opened; none where it never is, or is from the start.
    pub opened: Vec<Option<usize>>,
    /// Systems that run, by site, technology, period.
    pub running: Vec<Vec<Vec<f64>>>,
    /// PFLOPS of work done, by site, technology, period.
    pub work: Vec<Vec<Vec<f64>>>,
    /// PFLOPS of work done for demands, by technology, demand, period.
    pub served: Vec<Vec<Vec<f64>>>,
    /// PFLOPS missing, by demand and period.
    pub missing: Vec<Vec<f64>>,
}

/// What a plan costs, in M yuan.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Cost {
    /// Systems, as paid.
    pub systems: f64,
    /// Halls, as paid.
    pub halls: f64,
    /// Grid connections, as paid.
    pub grid: f64,
    /// Opening and upkeep, as paid.
    pub sites: f64,
    /// Electricity, as paid.
    pub electricity: f64,
    /// Projects under way, as paid.
    pub projects: f64,
    /// What is missing, at what it costs to miss it.
    pub missing: f64,
    /// Carbon, at its price.
    pub carbon: f64,
    /// What the objective is: all of it discounted, less what things are still worth at the end.
    pub objective: f64,
}

impl Cost {
    /// What is paid, not discounted: no price of carbon and of what is missing, which nobody pays.
    pub fn paid(&self) -> f64 {
        self.systems + self.halls + self.grid + self.sites + self.electricity + self.projects
    }

    /// What is paid to build: without upkeep and electricity of what runs.
    pub fn built(&self) -> f64 {
        self.systems + self.halls + self.grid + self.projects
    }
}

/// What was found wrong with a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Broken {
    /// Which rule, where and when.
    pub rule: String,
    /// By how much, as a part of what the rule is about.
    pub by: f64,
}

/// What a plan comes to in each period.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Totals {
    /// Money paid, in M yuan.
    pub cash: Vec<f64>,
    /// Energy, in GWh.
    pub energy: Vec<f64>,
    /// Carbon, in kt.
    pub carbon: Vec<f64>,
    /// Facility power of what runs, in MW.
    pub power: Vec<f64>,
    /// Green energy, in GWh.
    pub green: Vec<f64>,
}

impl Plan {
    /// The plan in a solver's values; whole numbers are rounded.
    pub fn of(case: &Case, at: &Columns, values: &[f64]) -> Plan {
        let periods = case.periods;
        let counted = |table: &Table, a: usize, b: usize, t: usize| table.value(values, a, b, t).round();
        let added = |table: &Table, a: usize, b: usize| -> Vec<f64> {
            let before = |t: usize| if t == 0 { 0.0 } else { counted(table, a, b, t - 1) };
            (0..periods).map(|t| counted(table, a, b, t) - before(t)).collect()
        };
        let first = |table: &Table, a: usize, b: usize| (0..periods).find(|t| counted(table, a, b, *t) > 0.5);
        let by_period = |table: &Table, a: usize, b: usize| (0..periods).map(|t| table.value(values, a, b, t).max(0.0)).collect();
        let sites = 0..case.sites();
        let by_technology = |s: usize, table: &Table| (0..case.technologies()).map(|k| by_period(table, s, k)).collect();
        Plan {
            lots: sites.clone().map(|s| (0..case.technologies()).map(|k| added(&at.lots, s, k)).collect()).collect(),
            halls: sites.clone().map(|s| (0..case.coolings()).map(|c| added(&at.halls, s, c)).collect()).collect(),
            steps: sites.clone().map(|s| (0..case.grid[s].len()).map(|j| first(&at.steps, s, j)).collect()).collect(),
            opened: sites.clone().map(|s| first(&at.open, s, 0)).collect(),
            running: sites.clone().map(|s| by_technology(s, &at.running)).collect(),
            work: sites.clone().map(|s| by_technology(s, &at.busy)).collect(),
            served: (0..case.technologies()).map(|k| (0..case.demands()).map(|q| by_period(&at.flow, k, q)).collect()).collect(),
            missing: (0..case.demands()).map(|q| by_period(&at.missing, q, 0)).collect(),
        }
    }

    /// What is there of something ordered `lead` periods before: the sum up to `t − lead`.
    fn until(added: &[f64], t: usize, lead: usize) -> f64 {
        if t < lead { 0.0 } else { added[..=t - lead].iter().sum() }
    }

    /// Systems of a technology that came to a site and are not due to retire.
    pub fn most_running(&self, case: &Case, s: usize, k: usize, t: usize) -> f64 {
        let lots = &self.lots[s][k];
        let came = Plan::until(lots, t, case.lead[k]) - Plan::until(lots, t, case.lead[k] + case.life[k]);
        case.arrived[s][k][t] - case.retired[s][k][t] + case.lot[k] * came
    }

    /// Computing power of what runs and counts towards an aim, in PFLOPS, without what is there whatever is built.
    pub fn reached(&self, case: &Case, aim: usize) -> f64 {
        self.reached_in(case, aim, case.aims[aim].period)
    }

    /// The same in another period.
    pub fn reached_in(&self, case: &Case, aim: usize, t: usize) -> f64 {
        let aim = &case.aims[aim];
        let mut sum = 0.0;
        for k in (0..case.technologies()).filter(|k| aim.counts[*k]) {
            for s in 0..case.sites() {
                sum += case.computing[k] * self.running[s][k][t];
                if aim.gross {
                    let gone = Plan::until(&self.lots[s][k], t, case.lead[k] + case.life[k]) * case.lot[k];
                    sum += case.computing[k] * (case.retired[s][k][t] + gone);
                }
            }
        }
        sum
    }

    /// What it comes to, period by period.
    pub fn totals(&self, case: &Case) -> Totals {
        let none = || vec![0.0; case.periods];
        let mut totals = Totals { cash: case.fixed.clone(), energy: none(), carbon: none(), power: none(), green: none() };
        for t in 0..case.periods {
            for s in 0..case.sites() {
                let mut energy = 0.0;
                for k in 0..case.technologies() {
                    let (running, work) = (self.running[s][k][t], self.work[s][k][t]);
                    energy += running * case.energy_there(s, k) + work * case.energy_of_work(s, k);
                    totals.power[t] += running * case.drawn(s, k) / 1000.0;
                    totals.cash[t] += self.lots[s][k][t] * case.lot[k] * case.price[k][t];
                }
                for c in 0..case.coolings() {
                    totals.cash[t] += self.halls[s][c][t] * case.hall_price[s][c];
                }
                for (step, ordered) in case.grid[s].iter().zip(&self.steps[s]) {
                    totals.cash[t] += if *ordered == Some(t) { step.price } else { 0.0 };
                }
                totals.cash[t] += if self.opened[s] == Some(t) { case.opening[s] } else { 0.0 };
                let open = case.open[s] || self.opened[s].is_some_and(|opened| opened <= t);
                totals.cash[t] += if open { case.upkeep[s] } else { 0.0 } + energy * case.electricity[s][t];
                totals.energy[t] += energy;
                totals.carbon[t] += energy * case.carbon[s][t];
                totals.green[t] += energy * case.green[s];
            }
        }
        totals
    }

    /// What it costs, added up again from what is built and runs.
    pub fn cost(&self, case: &Case) -> Cost {
        let mut cost = Cost::default();
        let mut worth = 0.0;
        for t in 0..case.periods {
            let factor = case.factor[t];
            cost.projects += case.fixed[t];
            cost.objective += factor * case.fixed[t];
            for s in 0..case.sites() {
                for k in 0..case.technologies() {
                    let paid = self.lots[s][k][t] * case.lot[k] * case.price[k][t];
                    let age = case.periods as f64 - (t + case.lead[k]) as f64;
                    cost.systems += paid;
                    cost.objective += factor * paid;
                    worth += paid * (1.0 - age.max(0.0) / case.life[k] as f64).max(0.0);
                    let energy = self.running[s][k][t] * case.energy_there(s, k) + self.work[s][k][t] * case.energy_of_work(s, k);
                    cost.electricity += energy * case.electricity[s][t];
                    cost.carbon += energy * case.carbon[s][t] * case.carbon_price;
                    cost.objective += factor * energy * (case.electricity[s][t] + case.carbon[s][t] * case.carbon_price);
                }
                for c in 0..case.coolings() {
                    let paid = self.halls[s][c][t] * case.hall_price[s][c];
                    let age = case.periods as f64 - (t + case.hall_lead[c]) as f64;
                    cost.halls += paid;
                    cost.objective += factor * paid;
                    worth += paid * (1.0 - age.max(0.0) / case.hall_life[c]).max(0.0);
                }
                let mut sites = 0.0;
                for (step, ordered) in case.grid[s].iter().zip(&self.steps[s]) {
                    if *ordered == Some(t) {
                        cost.grid += step.price;
                        cost.objective += factor * step.price;
                    }
                }
                if self.opened[s] == Some(t) {
                    sites += case.opening[s];
                }
                if case.open[s] || self.opened[s].is_some_and(|opened| opened <= t) {
                    sites += case.upkeep[s];
                }
                cost.sites += sites;
                cost.objective += factor * sites;
            }
            for q in 0..case.demands() {
                cost.missing += self.missing[q][t] * case.shortage[q];
                cost.objective += factor * self.missing[q][t] * case.shortage[q];
            }
        }
        if case.residual {
            cost.objective -= case.factor_end * worth;
        }
        cost
    }

    /// Every rule that it breaks by more than a millionth, worst first.
    pub fn broken(&self, case: &Case) -> Vec<Broken> {
        let mut look = Look { case, found: Vec::new() };
        for s in 0..case.sites() {
            look.site(self, s);
        }
        look.hub(self);
        look.found.sort_by(|left, right| right.by.total_cmp(&left.by));
        look.found
    }
}

/// The tolerance of every rule, as a part of the larger of 1 and the limit; the solver's own is a tenth of it.
const TOLERANCE: f64 = 1e-6;

struct Look<'a> {
    case: &'a Case,
    found: Vec<Broken>,
}

impl Look<'_> {
    /// `value` is at most `limit`.
    fn most(&mut self, value: f64, limit: f64, rule: impl FnOnce() -> String) {
        let by = if limit == f64::INFINITY { 0.0 } else { (value - limit) / limit.abs().max(1.0) };
        if by > TOLERANCE || by.is_nan() {
            self.found.push(Broken { rule: rule(), by });
        }
    }

    fn site(&mut self, plan: &Plan, s: usize) {
        let case = self.case;
        let name = &case.site_names[s];
        let opened = plan.opened[s];
        let mut land = 0.0;
        for c in 0..case.coolings() {
            land += case.hall_land[c] * plan.halls[s][c].iter().sum::<f64>();
        }
        self.most(land, case.land[s], || format!("{name}: more halls than land"));
        for (at, pair) in plan.steps[s].windows(2).enumerate() {
            let later = pair[1].is_some_and(|second| pair[0].is_none_or(|first| second < first));
            self.most(f64::from(u8::from(later)), 0.0, || format!("{name}: grid step {} before step {}", at + 2, at + 1));
        }
        for t in 0..case.periods {
            let begun: f64 = (0..case.coolings()).map(|c| plan.halls[s][c][t]).sum();
            let open = case.open[s] || opened.is_some_and(|opened| opened <= t);
            let many = if open { case.halls_per_period[s] } else { 0.0 };
            self.most(begun, many, || format!("{name}: {begun} halls begun in period {t}, which is more than it builds"));
            let mut drawn = 0.0;
            for k in 0..case.technologies() {
                let what = &case.technology_names[k];
                let (running, lots) = (plan.running[s][k][t], plan.lots[s][k][t]);
                drawn += running * case.drawn(s, k) / 1000.0;
                self.most(-lots, 0.0, || format!("{name}: {what} ordered less than nothing in period {t}"));
                let may = if case.may_order(k, t) { lots } else { 0.0 };
                self.most(lots, may, || format!("{name}: {what} ordered in period {t}, when it may not be"));
                self.most(running, plan.most_running(case, s, k, t), || {
                    format!("{name}: more {what} runs in period {t} than came")
                });
                if t > 0 && !case.waits[s][k] {
                    let came = case.arrived[s][k][t] - case.arrived[s][k][t - 1]
                        + case.lot[k]
                            * (Plan::until(&plan.lots[s][k], t, case.lead[k])
                                - Plan::until(&plan.lots[s][k], t - 1, case.lead[k]));
                    self.most(running - plan.running[s][k][t - 1], came, || {
                        format!("{name}: {what} that had retired runs again in period {t}")
                    });
                }
                let most = running * case.available[k] * case.computing[k];
                self.most(plan.work[s][k][t], most, || format!("{name}: {what} works more than it can in period {t}"));
            }
            for c in 0..case.coolings() {
                let racks = (0..case.technologies()).filter(|k| case.cooling[*k] == c);
                let racks: f64 = racks.map(|k| plan.running[s][k][t] * case.racks[k]).sum();
                let halls = case.halls[s][c][t] + Plan::until(&plan.halls[s][c], t, case.hall_lead[c]);
                let what = &case.cooling_names[c];
                self.most(racks, halls * case.hall_racks[c], || format!("{name}: no {what} hall for racks in period {t}"));
            }
            let steps = case.grid[s].iter().zip(&plan.steps[s]);
            let come = steps.filter(|(step, ordered)| ordered.is_some_and(|ordered| ordered + step.lead <= t));
            let connected = case.connected[s][t] + come.map(|(step, _)| step.power).sum::<f64>();
            self.most(drawn, connected / 1000.0, || format!("{name}: draws more than is connected in period {t}"));
        }
    }

    fn hub(&mut self, plan: &Plan) {
        let case = self.case;
        let totals = plan.totals(case);
        for t in 0..case.periods {
            for k in 0..case.technologies() {
                let what = &case.technology_names[k];
                let ordered: f64 = (0..case.sites()).map(|s| plan.lots[s][k][t]).sum();
                self.most(ordered, case.supply[k][t], || format!("more {what} ordered in period {t} than the market gives"));
                let served: f64 = (0..case.demands()).map(|q| plan.served[k][q][t]).sum();
                let work: f64 = (0..case.sites()).map(|s| plan.work[s][k][t]).sum();
                self.most(served, work, || format!("{what} serves more than it works in period {t}"));
                let wrong: f64 = (0..case.demands()).filter(|q| !case.serves[k][*q]).map(|q| plan.served[k][q][t]).sum();
                self.most(wrong, 0.0, || format!("{what} serves what it cannot in period {t}"));
            }
            for q in 0..case.demands() {
                let served: f64 = (0..case.technologies()).map(|k| plan.served[k][q][t]).sum();
                let what = &case.demand_names[q];
                self.most(case.demand[q][t], served + plan.missing[q][t], || format!("{what} forgotten in period {t}"));
            }
            let begun: f64 = plan.halls.iter().flatten().map(|halls| halls[t]).sum();
            self.most(begun, case.crews, || format!("more halls begun in period {t} than crews build"));
            if let Some(most) = case.most_pue {
                let it: f64 = (0..case.sites())
                    .flat_map(|s| (0..case.technologies()).map(move |k| (s, k)))
                    .map(|(s, k)| plan.running[s][k][t] * case.power[k] / 1000.0)
                    .sum();
                self.most(totals.power[t], most * it, || format!("more PUE than {most} in period {t}"));
            }
        }
        for y in 0..case.years() {
            let of = |by_period: &[f64]| -> f64 { (0..case.periods).filter(|t| case.year[*t] == y).map(|t| by_period[t]).sum() };
            let year = &case.year_names[y];
            self.most(of(&totals.cash), case.budget[y], || format!("more spent in {year} than may be"));
            self.most(of(&totals.carbon), case.most_carbon[y], || format!("more emitted in {year} than may be"));
            if let Some(least) = case.least_green {
                self.most(least * of(&totals.energy), of(&totals.green), || format!("less green power in {year} than must be"));
            }
        }
        for (at, aim) in case.aims.iter().enumerate() {
            self.most(aim.wanted, plan.reached(case, at), || format!("target {} is not reached", aim.id));
            for (t, wanted) in aim.held.iter().enumerate().skip(aim.period + 1) {
                self.most(*wanted, plan.reached_in(case, at, t), || format!("target {} does not last to period {t}", aim.id));
            }
        }
    }
}
