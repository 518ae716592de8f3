//! A scenario as plain numbers, with one value for everything that is not sure. Indices: site `s`, technology `k`, cooling `c`,
//! demand `q`, period `t`, year `y`. Power in kW, energy in GWh, computing in PFLOPS, money in M yuan, carbon in kt.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::quantity::Range;
use crate::scenario::Scenario;
use crate::section::Value;

/// What is not sure. Each is drawn by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Computing power of a technology's system.
    Computing(usize),
    /// Its power.
    Power(usize),
    /// Its price.
    Price(usize),
    /// How fast it gets cheaper.
    Cheaper(usize),
    /// How much of it the market gives.
    Supply(usize),
    /// How long it takes to come.
    DeliveryLead(usize),
    /// What a hall of a cooling costs.
    HallPrice(usize),
    /// How long it takes.
    HallLead(usize),
    /// A cooling's PUE, or that of a site.
    Pue(usize),
    /// A site's connected power.
    SitePower(usize),
    /// What its grid steps give.
    GridPower(usize),
    /// What they cost.
    GridPrice(usize),
    /// How long they take.
    GridLead(usize),
    /// What opening and upkeep cost.
    Upkeep(usize),
    /// Prices of electricity, at every site alike.
    Electricity,
    /// Factors of carbon, at every site alike.
    Carbon,
    /// The price of carbon.
    CarbonPrice,
    /// The discount.
    Discount,
    /// How much of what runs is used.
    Used,
    /// What a target comes to.
    Target(usize),
    /// A fleet's computing power.
    Fleet(usize),
    /// How much of it retires.
    FleetRetires(usize),
    /// A demand.
    Demand(usize),
    /// What it costs when it is not served.
    Shortage(usize),
    /// What is still to be paid for a project.
    ToPay(usize),
    /// The budget.
    Budget,
    /// The limit of carbon.
    MostCarbon,
}

impl Input {
    /// Whether more of it makes a target harder or dearer to meet.
    fn bad_when_high(self) -> bool {
        use Input::{Budget, Cheaper, Computing, Fleet, GridPower, MostCarbon, SitePower, Supply};
        !matches!(self, Computing(_) | Cheaper(_) | Supply(_) | SitePower(_) | GridPower(_) | Fleet(_) | Budget | MostCarbon)
    }

    /// What people call it; names are taken from the scenario.
    pub fn name(self, scenario: &Scenario) -> String {
        let technology = |k: usize| scenario.technologies[k].id.to_string();
        let cooling = |c: usize| scenario.coolings[c].id.to_string();
        let site = |s: usize| scenario.sites[s].id.to_string();
        match self {
            Input::Computing(k) => format!("computing power of {}", technology(k)),
            Input::Power(k) => format!("power of {}", technology(k)),
            Input::Price(k) => format!("price of {}", technology(k)),
            Input::Cheaper(k) => format!("fall in price of {}", technology(k)),
            Input::Supply(k) => format!("supply of {}", technology(k)),
            Input::DeliveryLead(k) => format!("delivery of {}", technology(k)),
            Input::HallPrice(c) => format!("price of {} halls", cooling(c)),
            Input::HallLead(c) => format!("building of {} halls", cooling(c)),
            Input::Pue(c) => format!("PUE of {}", cooling(c)),
            Input::SitePower(s) => format!("power of {}", site(s)),
            Input::GridPower(s) => format!("grid steps of {}", site(s)),
            Input::GridPrice(s) => format!("price of the grid at {}", site(s)),
            Input::GridLead(s) => format!("grid connection of {}", site(s)),
            Input::Upkeep(s) => format!("opening and upkeep of {}", site(s)),
            Input::Electricity => "electricity price".to_owned(),
            Input::Carbon => "carbon factor".to_owned(),
            Input::CarbonPrice => "carbon price".to_owned(),
            Input::Discount => "discount".to_owned(),
            Input::Used => "use of what runs".to_owned(),
            Input::Target(at) => format!("target {}", scenario.targets[at].id),
            Input::Fleet(at) => format!("fleet {}", scenario.fleets[at].id),
            Input::FleetRetires(at) => format!("retirement of {}", scenario.fleets[at].id),
            Input::Demand(q) => format!("demand {}", scenario.demands[q].id),
            Input::Shortage(q) => format!("cost of missing {}", scenario.demands[q].id),
            Input::ToPay(at) => format!("cost of {}", scenario.projects[at].id),
            Input::Budget => "budget".to_owned(),
            Input::MostCarbon => "limit of carbon".to_owned(),
        }
    }
}

/// Which value everything takes that is not sure.
#[derive(Clone, Copy)]
pub enum Outlook<'a> {
    /// The likeliest of everything.
    Likely,
    /// Everything as good as it may be.
    Best,
    /// Everything as bad as it may be.
    Worst,
    /// Each input at its own level, 0 the best and 1 the worst; `None` for the likeliest.
    Levels(&'a BTreeMap<Input, f64>),
}

impl Outlook<'_> {
    fn level(&self, input: Input) -> Option<f64> {
        match self {
            Outlook::Likely => None,
            Outlook::Best => Some(0.0),
            Outlook::Worst => Some(1.0),
            Outlook::Levels(levels) => levels.get(&input).copied(),
        }
    }

    fn of(&self, input: Input, range: &Range) -> f64 {
        match self.level(input) {
            None => range.likely,
            Some(level) => range.quantile(if input.bad_when_high() { level } else { 1.0 - level }),
        }
    }
}

/// Months by which everything of a kind is planned to be late.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Late {
    /// Systems.
    pub delivery: f64,
    /// Halls.
    pub building: f64,
    /// Grid connections.
    pub grid: f64,
}

/// A step by which a site's power grows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// kW.
    pub power: f64,
    /// M yuan.
    pub price: f64,
    /// Periods from order to use.
    pub lead: usize,
}

/// A target as numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aim {
    /// Its name.
    pub id: String,
    /// By the end of this period.
    pub period: usize,
    /// How much is wanted, without what is there whatever is built: fleets, and in a gross count what has retired.
    pub wanted: f64,
    /// How much must stay, in every period, of which those after the one above count; empty where it need not last.
    pub held: Vec<f64>,
    /// Which technologies count.
    pub counts: Vec<bool>,
    /// Whether what retired counts.
    pub gross: bool,
}

/// All numbers of a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Case {
    /// Number of periods.
    pub periods: usize,
    /// Hours of a period.
    pub hours: f64,
    /// The index of the year of each period, from 0.
    pub year: Vec<usize>,
    /// Names for rows: sites, technologies, coolings, demands, years.
    pub site_names: Vec<String>,
    /// See above.
    pub technology_names: Vec<String>,
    /// See above.
    pub cooling_names: Vec<String>,
    /// See above.
    pub demand_names: Vec<String>,
    /// See above.
    pub year_names: Vec<String>,
    /// What periods are called.
    pub period_names: Vec<String>,
    /// PFLOPS of a system, by technology.
    pub computing: Vec<f64>,
    /// Racks of a system.
    pub racks: Vec<f64>,
    /// kW of IT of a system.
    pub power: Vec<f64>,
    /// Systems of an order.
    pub lot: Vec<f64>,
    /// Periods from order to delivery.
    pub lead: Vec<usize>,
    /// Periods that a system runs.
    pub life: Vec<usize>,
    /// First and last period of ordering.
    pub orders: Vec<(usize, usize)>,
    /// The cooling of each technology.
    pub cooling: Vec<usize>,
    /// Part of its power when idle.
    pub idle: Vec<f64>,
    /// Part of the time in which it can be used.
    pub available: Vec<f64>,
    /// M yuan a system, by technology and period.
    pub price: Vec<Vec<f64>>,
    /// Lots the market gives, by technology and period.
    pub supply: Vec<Vec<f64>>,
    /// Whether a technology serves a demand.
    pub serves: Vec<Vec<bool>>,
    /// Racks of a hall, by cooling.
    pub hall_racks: Vec<f64>,
    /// Periods to build one.
    pub hall_lead: Vec<usize>,
    /// Periods one stands.
    pub hall_life: Vec<f64>,
    /// Plots of one.
    pub hall_land: Vec<f64>,
    /// M yuan of one, by site and cooling.
    pub hall_price: Vec<Vec<f64>>,
    /// Halls that are there, by site, cooling and period.
    pub halls: Vec<Vec<Vec<f64>>>,
    /// Halls that may be begun in a period, by site.
    pub halls_per_period: Vec<f64>,
    /// Plots by site.
    pub land: Vec<f64>,
    /// kW connected, by site and period.
    pub connected: Vec<Vec<f64>>,
    /// Grid steps by site.
    pub grid: Vec<Vec<Step>>,
    /// Whether a site is open from the start.
    pub open: Vec<bool>,
    /// M yuan to open one.
    pub opening: Vec<f64>,
    /// M yuan a period.
    pub upkeep: Vec<f64>,
    /// Facility over IT power, by site and cooling.
    pub pue: Vec<Vec<f64>>,
    /// Yuan a kWh, by site and period.
    pub electricity: Vec<Vec<f64>>,
    /// kg a kWh, by site and period.
    pub carbon: Vec<Vec<f64>>,
    /// Green part, by site.
    pub green: Vec<f64>,
    /// Systems that stand at the start or come of projects, counted up to each period, by site and technology.
    pub arrived: Vec<Vec<Vec<f64>>>,
    /// Of those, what must have retired by each period.
    pub retired: Vec<Vec<Vec<f64>>>,
    /// Whether some of it comes of a project and may have to wait for a hall, by site and technology.
    pub waits: Vec<Vec<bool>>,
    /// Discount factor of each period.
    pub factor: Vec<f64>,
    /// That of the end of the horizon.
    pub factor_end: f64,
    /// Whether what is left counts.
    pub residual: bool,
    /// M yuan a kt.
    pub carbon_price: f64,
    /// Part of what runs that is used where there are no demands.
    pub used: f64,
    /// PFLOPS wanted, less what fleets serve, by demand and period.
    pub demand: Vec<Vec<f64>>,
    /// M yuan a PFLOPS and period, by demand.
    pub shortage: Vec<f64>,
    /// M yuan a year; without end where there is none.
    pub budget: Vec<f64>,
    /// kt a year.
    pub most_carbon: Vec<f64>,
    /// What is paid whatever is planned, by period.
    pub fixed: Vec<f64>,
    /// Targets.
    pub aims: Vec<Aim>,
    /// Halls begun in a period, over all sites.
    pub crews: f64,
    /// Facility over IT power of all that runs.
    pub most_pue: Option<f64>,
    /// Green part of a year's electricity.
    pub least_green: Option<f64>,
}

/// Whole periods that months take.
fn whole(months: f64, period: i32) -> usize {
    (months / f64::from(period) - 1e-9).ceil().max(0.0) as usize
}

/// Mixes of halls at a site that are counted out.
const MOST_MIXES: f64 = 1000.0;

impl Case {
    /// A scenario as it looks under an outlook.
    pub fn of(scenario: &Scenario, outlook: Outlook) -> Case {
        Case::by(scenario, &Late::default(), &|input, range| outlook.of(input, range))
    }

    /// The same, with leads as late as they may be said to be.
    pub fn late(scenario: &Scenario, outlook: Outlook, late: &Late) -> Case {
        Case::by(scenario, late, &|input, range| outlook.of(input, range))
    }

    /// Everything of a scenario that is not sure.
    pub fn unsure(scenario: &Scenario) -> Vec<Input> {
        let unsure = RefCell::new(BTreeSet::new());
        Case::by(scenario, &Late::default(), &|input, range| {
            if !range.is_sure() {
                unsure.borrow_mut().insert(input);
            }
            range.likely
        });
        unsure.into_inner().into_iter().collect()
    }

    fn by(scenario: &Scenario, late: &Late, look: &dyn Fn(Input, &Range) -> f64) -> Case {
        let Scenario { periods, months, .. } = *scenario;
        let year = |t: usize| scenario.year_of(t) - scenario.year_of(0);
        let years = year(periods - 1) as usize + 1;
        let at = |input: Input, value: &Value| look(input, &value.range);
        let discount = at(Input::Discount, &scenario.discount);
        let factor = |t: f64| (1.0 + discount).powf(-t * f64::from(months) / 12.0);
        let technologies = &scenario.technologies;
        let mut case = Case {
            periods,
            hours: 730.0 * f64::from(months),
            year: (0..periods).map(|t| year(t) as usize).collect(),
            site_names: scenario.sites.iter().map(|site| site.id.to_string()).collect(),
            technology_names: technologies.iter().map(|technology| technology.id.to_string()).collect(),
            cooling_names: scenario.coolings.iter().map(|cooling| cooling.id.to_string()).collect(),
            demand_names: scenario.demands.iter().map(|demand| demand.id.clone()).collect(),
            year_names: (0..years).map(|y| (scenario.year_of(0) + y as i32).to_string()).collect(),
            period_names: (0..periods).map(|t| scenario.month_of(t).to_string()).collect(),
            factor: (0..periods).map(|t| factor(t as f64)).collect(),
            factor_end: factor(periods as f64),
            residual: scenario.residual,
            carbon_price: at(Input::CarbonPrice, &scenario.carbon_price) / 1000.0,
            used: at(Input::Used, &scenario.used),
            crews: scenario.crews.map_or(f64::INFINITY, f64::from),
            most_pue: scenario.most_pue,
            least_green: scenario.least_green,
            fixed: vec![0.0; periods],
            ..Case::default()
        };
        for (k, technology) in technologies.iter().enumerate() {
            case.computing.push(at(Input::Computing(k), &technology.computing));
            case.racks.push(technology.racks);
            case.power.push(at(Input::Power(k), &technology.power));
            case.lot.push(f64::from(technology.lot));
            case.lead.push(whole(at(Input::DeliveryLead(k), &technology.lead) + late.delivery, months));
            case.life.push(whole(technology.life, months).max(1));
            case.orders.push(technology.orders);
            case.cooling.push(technology.cooling);
            case.idle.push(technology.idle);
            case.available.push(technology.available);
            let (price, fall) = (at(Input::Price(k), &technology.price), at(Input::Cheaper(k), &technology.cheaper));
            case.price.push((0..periods).map(|t| price * (1.0 - fall).powf(t as f64 * f64::from(months) / 12.0)).collect());
            let lots = |value: &Value| (at(Input::Supply(k), value) / f64::from(technology.lot) + 1e-9).floor();
            case.supply.push(technology.supply.iter().map(lots).collect());
            case.serves.push(scenario.demands.iter().map(|demand| technology.serves.contains(&demand.id)).collect());
        }
        for (c, cooling) in scenario.coolings.iter().enumerate() {
            case.hall_racks.push(cooling.racks);
            case.hall_lead.push(whole(at(Input::HallLead(c), &cooling.lead) + late.building, months));
            case.hall_life.push((cooling.life / f64::from(months)).max(1.0));
            case.hall_land.push(cooling.land);
        }
        for (s, site) in scenario.sites.iter().enumerate() {
            let coolings = scenario.coolings.iter().enumerate();
            case.hall_price
                .push(coolings.map(|(c, cooling)| at(Input::HallPrice(c), &cooling.price) * site.building_factor).collect());
            case.halls.push(site.halls.iter().map(|halls| vec![*halls; periods]).collect());
            case.halls_per_period.push(f64::from(site.halls_per_period));
            case.land.push(site.land);
            case.connected.push(vec![at(Input::SitePower(s), &site.power); periods]);
            case.grid.push(
                site.grid
                    .iter()
                    .map(|step| Step {
                        power: at(Input::GridPower(s), &step.power),
                        price: at(Input::GridPrice(s), &step.price),
                        lead: whole(at(Input::GridLead(s), &step.lead) + late.grid, months),
                    })
                    .collect(),
            );
            case.open.push(site.open);
            case.opening.push(at(Input::Upkeep(s), &site.opening));
            case.upkeep.push(at(Input::Upkeep(s), &site.upkeep));
            case.pue.push(site.pue.iter().enumerate().map(|(c, pue)| at(Input::Pue(c), pue)).collect());
            case.electricity.push(site.electricity.iter().map(|price| at(Input::Electricity, price)).collect());
            case.carbon.push(site.carbon.iter().map(|factor| at(Input::Carbon, factor)).collect());
            case.green.push(site.green);
            let none = || vec![vec![0.0; periods]; technologies.len()];
            let (mut arrived, mut retired) = (none(), none());
            for standing in &site.standing {
                for t in 0..periods {
                    arrived[standing.technology][t] += standing.systems;
                    if let Some((from, to)) = standing.retire {
                        // Evenly over the months of the span, counted at the end of the period.
                        let end = scenario.month_of(t).0 + months;
                        let part = f64::from(end - from.0) / f64::from(to.0 + 1 - from.0);
                        retired[standing.technology][t] += standing.systems * part.clamp(0.0, 1.0);
                    }
                }
            }
            case.arrived.push(arrived);
            case.waits.push(vec![false; technologies.len()]);
            case.retired.push(retired);
        }
        for (at_project, project) in scenario.projects.iter().enumerate() {
            // From the first period that begins after it is done.
            let from = (project.due.0 + 1 - scenario.start.0 + months - 1).div_euclid(months).clamp(0, periods as i32) as usize;
            for t in from..periods {
                if let Some((k, systems)) = project.systems {
                    case.waits[project.site][k] = true;
                    case.arrived[project.site][k][t] += systems;
                }
                case.connected[project.site][t] += project.power;
                for (c, halls) in project.halls.iter().enumerate() {
                    case.halls[project.site][c][t] += halls;
                }
            }
            let paid = from.min(periods - 1);
            case.fixed[paid] += at(Input::ToPay(at_project), &project.to_pay);
        }
        let left = |at_fleet: usize, t: usize| {
            let fleet = &scenario.fleets[at_fleet];
            let gone = at(Input::FleetRetires(at_fleet), &fleet.retires) * (t + 1) as f64 / periods as f64;
            at(Input::Fleet(at_fleet), &fleet.computing) * (1.0 - gone)
        };
        for (at_target, target) in scenario.targets.iter().enumerate() {
            let period = scenario.ended_by(target.by) as usize;
            let wanted = at(Input::Target(at_target), &target.computing);
            let still_there = |t: usize| -> f64 {
                let there = scenario.fleets.iter().enumerate().filter(|(_, fleet)| fleet.kind == target.kind);
                match target.gross {
                    true => there.map(|(at_fleet, fleet)| at(Input::Fleet(at_fleet), &fleet.computing)).sum(),
                    false => there.map(|(at_fleet, _)| left(at_fleet, t)).sum(),
                }
            };
            let there = still_there(period);
            case.aims.push(Aim {
                id: target.id.to_string(),
                period,
                wanted: wanted - there,
                held: match target.lasts {
                    true => (0..periods).map(|t| wanted - still_there(t)).collect(),
                    false => Vec::new(),
                },
                counts: technologies.iter().map(|technology| technology.kind == target.kind).collect(),
                gross: target.gross,
            });
        }
        for (q, demand) in scenario.demands.iter().enumerate() {
            let there = |t: usize| -> f64 {
                // A fleet that serves several shares itself evenly among them.
                let serving = scenario.fleets.iter().enumerate().filter(|(_, fleet)| fleet.serves.contains(&demand.id));
                serving.map(|(at_fleet, fleet)| 0.9 * left(at_fleet, t) / fleet.serves.len() as f64).sum()
            };
            let wanted = demand.computing.iter().enumerate();
            case.demand.push(wanted.map(|(t, value)| (at(Input::Demand(q), value) - there(t)).max(0.0)).collect());
            case.shortage.push(at(Input::Shortage(q), &demand.shortage));
        }
        let yearly = |limit: &Option<crate::scenario::Yearly>, input: Input| -> Vec<f64> {
            let of = |y: usize| limit.as_ref()?.by_year.get(&(scenario.year_of(0) + y as i32));
            (0..years).map(|y| of(y).map_or(f64::INFINITY, |value| at(input, value))).collect()
        };
        case.budget = yearly(&scenario.budget, Input::Budget);
        case.most_carbon = yearly(&scenario.most_carbon, Input::MostCarbon);
        case
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.site_names.len()
    }

    /// Number of technologies.
    pub fn technologies(&self) -> usize {
        self.technology_names.len()
    }

    /// Number of coolings.
    pub fn coolings(&self) -> usize {
        self.cooling_names.len()
    }

    /// Number of demands.
    pub fn demands(&self) -> usize {
        self.demand_names.len()
    }

    /// Number of years.
    pub fn years(&self) -> usize {
        self.year_names.len()
    }

    /// Every mix of halls that may be added on a site's land, so many of each cooling; none where they are too many to count out.
    pub fn mixes(&self, s: usize) -> Option<Vec<Vec<f64>>> {
        let mut mixes = vec![(Vec::new(), self.land[s])];
        for land in &self.hall_land {
            let many = |left: f64| (left / land + 1e-9).floor().max(0.0);
            if mixes.iter().map(|(_, left)| many(*left) + 1.0).sum::<f64>() > MOST_MIXES {
                return None;
            }
            let with = |(mix, left): &(Vec<f64>, f64), n: usize| ([mix.as_slice(), &[n as f64]].concat(), left - n as f64 * land);
            mixes = mixes.iter().flat_map(|mix| (0..=many(mix.1) as usize).map(|n| with(mix, n)).collect::<Vec<_>>()).collect();
        }
        Some(mixes.into_iter().map(|(mix, _)| mix).collect())
    }

    /// Facility power of a system at a site, in kW.
    pub fn drawn(&self, s: usize, k: usize) -> f64 {
        self.pue[s][self.cooling[k]] * self.power[k]
    }

    /// Energy of a system that is there for a period, in GWh: what it draws idle, or at the usual use where no demand says more.
    pub fn energy_there(&self, s: usize, k: usize) -> f64 {
        let busy = if self.demand.is_empty() { self.used } else { 0.0 };
        self.drawn(s, k) * self.hours / 1e6 * (self.idle[k] + (1.0 - self.idle[k]) * busy)
    }

    /// Energy that one PFLOPS of work for a period adds, in GWh.
    pub fn energy_of_work(&self, s: usize, k: usize) -> f64 {
        self.drawn(s, k) * self.hours / 1e6 * (1.0 - self.idle[k]) / (self.available[k] * self.computing[k])
    }

    /// What a GWh at a site costs in a period with its carbon, discounted, in M yuan.
    pub fn energy_cost(&self, s: usize, t: usize) -> f64 {
        self.factor[t] * (self.electricity[s][t] + self.carbon_price * self.carbon[s][t])
    }

    /// Whether a technology may be ordered in a period and still comes within the horizon.
    pub fn may_order(&self, k: usize, t: usize) -> bool {
        (self.orders[k].0..=self.orders[k].1).contains(&t) && t + self.lead[k] < self.periods
    }

    /// What a lot ordered in a period costs, discounted, less its straight-line worth at the end.
    pub fn lot_cost(&self, k: usize, t: usize) -> f64 {
        let price = self.price[k][t] * self.lot[k];
        let aged = (self.periods as f64 - (t + self.lead[k]) as f64) / self.life[k] as f64;
        price * (self.factor[t] - self.worth(aged))
    }

    /// What a hall begun in a period costs, likewise.
    pub fn hall_cost(&self, s: usize, c: usize, t: usize) -> f64 {
        let aged = (self.periods as f64 - (t + self.hall_lead[c]) as f64) / self.hall_life[c];
        self.hall_price[s][c] * (self.factor[t] - self.worth(aged))
    }

    fn worth(&self, aged: f64) -> f64 {
        if self.residual { self.factor_end * (1.0 - aged.max(0.0)).max(0.0) } else { 0.0 }
    }

    /// What is paid whatever is planned, discounted: projects, and upkeep of what is open from the start is planned and not here.
    pub fn fixed_cost(&self) -> f64 {
        self.fixed.iter().zip(&self.factor).map(|(paid, factor)| paid * factor).sum()
    }

    /// The most lots of a technology that a site could ever order in one period.
    pub fn most_lots(&self, k: usize, t: usize) -> f64 {
        if self.may_order(k, t) { self.supply[k][t].max(0.0) } else { 0.0 }
    }
}
