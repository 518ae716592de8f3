//! How likely a plan is to reach its targets when things come late: dates are drawn many times, and each time whatever has come is
//! put to use.

use serde::Serialize;

use crate::case::Case;
use crate::check::Plan;
use crate::quantity::Range;
use crate::random::Random;
use crate::scenario::Scenario;

/// What is late together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// Deliveries of a technology.
    Delivery(usize),
    /// Building of halls.
    Building,
    /// Grid connections.
    Grid,
    /// A project under way.
    Project(usize),
}

impl Driver {
    /// What people call it.
    pub fn name(self, scenario: &Scenario) -> String {
        match self {
            Driver::Delivery(k) => format!("delivery of {}", scenario.technologies[k].id),
            Driver::Building => "building of halls".to_owned(),
            Driver::Grid => "grid connections".to_owned(),
            Driver::Project(at) => format!("project {}", scenario.projects[at].id),
        }
    }
}

/// A share of samples, and where the true share lies with 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share that was seen.
    pub seen: f64,
    /// Not less than this.
    pub low: f64,
    /// Not more than this.
    pub high: f64,
}

impl Share {
    /// Of so many, this many. Source of the interval: Wilson, Probable inference, the law of succession, and statistical inference,
    /// JASA 22, 1927.
    pub fn of(hits: usize, all: usize) -> Share {
        let z = 1.959_963_984_540_054;
        let (n, seen) = (all as f64, hits as f64 / all as f64);
        let middle = (seen + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (seen * (1.0 - seen) / n + z * z / (4.0 * n * n)).sqrt();
        let low = if hits == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if hits == all { 1.0 } else { (middle + half).min(1.0) };
        Share { seen, low, high }
    }
}

/// What samples say of a target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chance {
    /// The target.
    pub target: String,
    /// How likely it is met by its date.
    pub met: Share,
    /// What is reached by its date in 5, 50 and 95 of 100 samples or fewer, in PFLOPS.
    pub reached: [f64; 3],
}

enum What {
    Systems { site: usize, technology: usize, count: f64, life: f64 },
    Halls { site: usize, cooling: usize, count: f64 },
    Power { site: usize, kw: f64 },
}

struct Item {
    driver: Driver,
    /// Months from the start to its date.
    due: f64,
    slip: Range,
    what: What,
}

/// A plan whose dates may slip.
pub struct Delays<'a> {
    scenario: &'a Scenario,
    case: &'a Case,
    items: Vec<Item>,
    /// What a driver is, for the factor that its items share.
    drivers: Vec<Driver>,
    /// What stands at the start and has not retired by each target, by target, site and technology.
    standing: Vec<Vec<Vec<f64>>>,
    plan: &'a Plan,
}

impl<'a> Delays<'a> {
    /// `case` is the scenario at its likeliest: dates are those of its leads, whatever leads the plan was made with.
    pub fn new(scenario: &'a Scenario, case: &'a Case, plan: &'a Plan) -> Delays<'a> {
        let months = f64::from(scenario.months);
        let mut items = Vec::new();
        let delays = &scenario.delays;
        for s in 0..case.sites() {
            for t in 0..case.periods {
                let ordered = t as f64 * months;
                for (k, technology) in scenario.technologies.iter().enumerate().filter(|(k, _)| plan.lots[s][*k][t] > 0.0) {
                    let count = plan.lots[s][k][t] * case.lot[k];
                    items.push(Item {
                        driver: Driver::Delivery(k),
                        due: ordered + technology.lead.range.likely,
                        slip: delays.delivery.range,
                        what: What::Systems { site: s, technology: k, count, life: technology.life },
                    });
                }
                for (c, cooling) in scenario.coolings.iter().enumerate().filter(|(c, _)| plan.halls[s][*c][t] > 0.0) {
                    items.push(Item {
                        driver: Driver::Building,
                        due: ordered + cooling.lead.range.likely,
                        slip: delays.building.range,
                        what: What::Halls { site: s, cooling: c, count: plan.halls[s][c][t] },
                    });
                }
            }
            for (step, ordered) in scenario.sites[s].grid.iter().zip(&plan.steps[s]) {
                if let Some(ordered) = ordered {
                    items.push(Item {
                        driver: Driver::Grid,
                        due: *ordered as f64 * months + step.lead.range.likely,
                        slip: delays.grid.range,
                        what: What::Power { site: s, kw: step.power.range.likely },
                    });
                }
            }
        }
        for (at, project) in scenario.projects.iter().enumerate() {
            let due = f64::from(project.due.0 + 1 - scenario.start.0);
            let item = |what| Item { driver: Driver::Project(at), due, slip: project.late.range, what };
            if let Some((k, count)) = project.systems {
                let life = scenario.technologies[k].life;
                items.push(item(What::Systems { site: project.site, technology: k, count, life }));
            }
            for (c, count) in project.halls.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                items.push(item(What::Halls { site: project.site, cooling: c, count: *count }));
            }
            if project.power > 0.0 {
                items.push(item(What::Power { site: project.site, kw: project.power }));
            }
        }
        let mut drivers: Vec<Driver> = items.iter().map(|item| item.driver).collect();
        drivers.sort_unstable();
        drivers.dedup();
        let standing = case.aims.iter().map(|aim| {
            let at_site = |s: usize| {
                let mut standing = vec![0.0; case.technologies()];
                scenario.sites[s].standing.iter().for_each(|one| standing[one.technology] += one.systems);
                (0..case.technologies()).for_each(|k| standing[k] -= case.retired[s][k][aim.period]);
                standing
            };
            (0..case.sites()).map(at_site).collect()
        });
        let standing = standing.collect();
        Delays { scenario, case, items, drivers, standing, plan }
    }

    /// Everything that may be late together.
    pub fn drivers(&self) -> &[Driver] {
        &self.drivers
    }

    /// What is reached by each target's date in one sample, in PFLOPS; `never` is never late. The same number and seed give the same
    /// sample, whoever is never late.
    pub fn sample(&self, seed: u64, number: u64, never: Option<Driver>) -> Vec<f64> {
        let mut random = Random::new(seed ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03));
        let common = self.scenario.delays.common;
        let shared: Vec<f64> = self.drivers.iter().map(|_| normal(&mut random)).collect();
        let come: Vec<f64> = self
            .items
            .iter()
            .map(|item| {
                let own = normal(&mut random);
                if item.slip.high <= 0.0 || never == Some(item.driver) {
                    return item.due;
                }
                let at = self.drivers.binary_search(&item.driver).expect("every item's driver is listed");
                let mixed = common.sqrt() * shared[at] + (1.0 - common).sqrt() * own;
                item.due + item.slip.quantile(below(mixed))
            })
            .collect();
        (0..self.case.aims.len()).map(|aim| self.reached(aim, &come)).collect()
    }

    /// What can run by a target's date of what has come by then. What was planned to run goes first, then what would have been given
    /// up for it; within each, what computes most for its power. One could do better in places, never worse.
    fn reached(&self, at: usize, come: &[f64]) -> f64 {
        let (case, aim) = (self.case, &self.case.aims[at]);
        let end = f64::from(self.scenario.targets[at].by.0 + 1 - self.scenario.start.0);
        let (sites, technologies, coolings) = (case.sites(), case.technologies(), case.coolings());
        let mut there = self.standing[at].clone();
        let mut racks: Vec<Vec<f64>> =
            (0..sites).map(|s| (0..coolings).map(|c| self.scenario.sites[s].halls[c] * case.hall_racks[c]).collect()).collect();
        let mut power: Vec<f64> = self.scenario.sites.iter().map(|site| site.power.range.likely).collect();
        let mut gone = 0.0;
        for (item, come) in self.items.iter().zip(come).filter(|(_, come)| **come <= end + 1e-9) {
            match item.what {
                What::Systems { site, technology, count, life } => {
                    if come + life > end {
                        there[site][technology] += count;
                    } else if aim.counts[technology] {
                        gone += count * case.computing[technology];
                    }
                }
                What::Halls { site, cooling, count } => racks[site][cooling] += count * case.hall_racks[cooling],
                What::Power { site, kw } => power[site] += kw,
            }
        }
        let mut reached = 0.0;
        for s in 0..sites {
            if aim.gross {
                let retired =
                    (0..technologies).filter(|k| aim.counts[*k]).map(|k| case.retired[s][k][aim.period] * case.computing[k]);
                reached += retired.sum::<f64>();
            }
            let mut order: Vec<usize> = (0..technologies).filter(|k| aim.counts[*k]).collect();
            let worth = |k: usize| case.computing[k] / case.drawn(s, k);
            order.sort_by(|left, right| worth(*right).total_cmp(&worth(*left)));
            for planned in [true, false] {
                for k in &order {
                    let most = if planned { there[s][*k].min(self.plan.running[s][*k][aim.period]) } else { there[s][*k] };
                    let room = (racks[s][case.cooling[*k]] / case.racks[*k]).min(power[s] / case.drawn(s, *k));
                    let runs = most.min(room).max(0.0);
                    there[s][*k] -= runs;
                    racks[s][case.cooling[*k]] -= runs * case.racks[*k];
                    power[s] -= runs * case.drawn(s, *k);
                    reached += runs * case.computing[*k];
                }
            }
        }
        reached + if aim.gross { gone } else { 0.0 }
    }

    /// Many samples, on all cores; equal seeds give equal answers.
    pub fn chances(&self, samples: usize, seed: u64, never: Option<Driver>) -> Vec<Chance> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(samples.max(1));
        let each = samples.div_ceil(threads);
        let drawn: Vec<Vec<f64>> = std::thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|thread| {
                    let numbers = thread * each..((thread + 1) * each).min(samples);
                    scope.spawn(move || numbers.map(|number| self.sample(seed, number as u64, never)).collect::<Vec<_>>())
                })
                .collect();
            parts.into_iter().flat_map(|part| part.join().expect("samples do not panic")).collect()
        });
        let chance = |(at, aim): (usize, &crate::case::Aim)| {
            let mut reached: Vec<f64> = drawn.iter().map(|sample| sample[at]).collect();
            let hits = reached.iter().filter(|reached| **reached >= aim.wanted * (1.0 - 1e-6) - 1e-6).count();
            reached.sort_by(f64::total_cmp);
            let part = |level: f64| reached[((level * (samples - 1) as f64).round()) as usize];
            let fixed = self.scenario.targets[at].computing.range.likely - aim.wanted;
            Chance {
                target: aim.id.clone(),
                met: Share::of(hits, samples),
                reached: [part(0.05), part(0.5), part(0.95)].map(|reached| reached + fixed),
            }
        };
        self.case.aims.iter().enumerate().map(chance).collect()
    }
}

/// A number of the standard normal distribution. Source: Box and Muller, A note on the generation of random normal deviates, 1958.
fn normal(random: &mut Random) -> f64 {
    let (radius, angle) = (1.0 - random.part(), random.part());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// The part of the standard normal distribution below a number.
fn below(number: f64) -> f64 {
    0.5 * libm::erfc(-number / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_an_interval() {
        let share = Share::of(90, 100);
        assert_eq!((share.seen, (share.low * 1e4).round(), (share.high * 1e4).round()), (0.9, 8256.0, 9448.0));
        assert_eq!((Share::of(0, 10).low, Share::of(10, 10).high), (0.0, 1.0));
    }

    #[test]
    fn normal_numbers_are_normal() {
        let mut random = Random::new(7);
        let drawn: Vec<f64> = (0..20_000).map(|_| below(normal(&mut random))).collect();
        for level in [0.1, 0.5, 0.9] {
            let part = drawn.iter().filter(|one| **one <= level).count() as f64 / drawn.len() as f64;
            assert!((part - level).abs() < 0.01, "{level}: {part}");
        }
    }
}
