//! What a planner asks: targets, what may be built, where, within which limits, and how sure each number is.

use std::collections::BTreeMap;
use std::fmt;

use measure::{Kind, Name};

use crate::section::Value;

/// A calendar month, counted from year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(pub i32);

impl Month {
    /// Reads `2026-03`.
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let (year, month) = (year.parse::<i32>().ok()?, month.parse::<i32>().ok()?);
        ((1900..3000).contains(&year) && (1..=12).contains(&month)).then_some(Month(year * 12 + month - 1))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

/// How a date of a project may slip: months late, as a triangular distribution.
pub type Slip = Value;

/// What is to be reached by when.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its id.
    pub id: Name,
    /// By the end of this month.
    pub by: Month,
    /// How much, in PFLOPS.
    pub computing: Value,
    /// Of which kind.
    pub kind: Kind,
    /// Whether what was retired still counts.
    pub gross: bool,
    /// Whether it must still be there in every later period.
    pub lasts: bool,
    /// Where it is from.
    pub source: String,
}

/// A fleet that is known as a whole and not by site.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// Its id.
    pub id: Name,
    /// How much at the start, in PFLOPS.
    pub computing: Value,
    /// Of which kind.
    pub kind: Kind,
    /// The part of it that has retired by the end of the horizon, evenly over it.
    pub retires: Value,
    /// The accelerator that stands for it where it is replayed.
    pub accelerator: Option<String>,
    /// Which demand it can serve.
    pub serves: Vec<String>,
}

/// Systems that may be bought.
#[derive(Debug, Clone)]
pub struct Technology {
    /// Its id.
    pub id: Name,
    /// What one counts for.
    pub kind: Kind,
    /// Computing power of a system, in PFLOPS.
    pub computing: Value,
    /// Racks of a system.
    pub racks: f64,
    /// Devices of a system.
    pub devices: u32,
    /// The accelerator in the census.
    pub accelerator: Option<String>,
    /// IT power of a system, in kW.
    pub power: Value,
    /// Price of a system at the start, in M yuan.
    pub price: Value,
    /// By which part it gets cheaper in a year.
    pub cheaper: Value,
    /// Systems of an order.
    pub lot: u32,
    /// From order to delivery.
    pub lead: Value,
    /// How many months it runs.
    pub life: f64,
    /// Systems the market gives in each period.
    pub supply: Vec<Value>,
    /// The first and the last period in which it may be ordered.
    pub orders: (usize, usize),
    /// In which cooling it stands.
    pub cooling: usize,
    /// The part of its power that it draws when it does nothing.
    pub idle: f64,
    /// The part of time in which it is there to be used.
    pub available: f64,
    /// Which demand it can serve.
    pub serves: Vec<String>,
}

/// A way to build and cool halls.
#[derive(Debug, Clone)]
pub struct Cooling {
    /// Its id.
    pub id: Name,
    /// Racks of a hall.
    pub racks: f64,
    /// What a hall costs, in M yuan.
    pub price: Value,
    /// From start to use.
    pub lead: Value,
    /// Facility power over IT power.
    pub pue: Value,
    /// Plots that a hall takes of a site's land.
    pub land: f64,
    /// How many months a hall stands.
    pub life: f64,
}

/// More power for a site.
#[derive(Debug, Clone)]
pub struct Grid {
    /// How much, in kW.
    pub power: Value,
    /// What it costs, in M yuan.
    pub price: Value,
    /// From order to use.
    pub lead: Value,
}

/// Systems that stand at a site at the start.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Which; a position in the scenario's technologies.
    pub technology: usize,
    /// How many.
    pub systems: f64,
    /// From when to when they retire, evenly; never where it is left out.
    pub retire: Option<(Month, Month)>,
}

/// Where something may be built.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its id; of the census where it is there.
    pub id: Name,
    /// Power that is connected, of the facility, in kW.
    pub power: Value,
    /// Steps by which it may grow, in order.
    pub grid: Vec<Grid>,
    /// Halls that are there and empty or filled with what stands there, by cooling.
    pub halls: Vec<f64>,
    /// Halls that may be begun in a period.
    pub halls_per_period: u32,
    /// Plots for halls that are not yet there.
    pub land: f64,
    /// Whether it is open.
    pub open: bool,
    /// What opening it costs, in M yuan.
    pub opening: Value,
    /// What it costs in a period while it is open, in M yuan.
    pub upkeep: Value,
    /// Electricity, by period.
    pub electricity: Vec<Value>,
    /// Carbon of the grid's electricity, by period.
    pub carbon: Vec<Value>,
    /// The part of its electricity that is green by contract.
    pub green: f64,
    /// Facility power over IT power, by cooling.
    pub pue: Vec<Value>,
    /// How much dearer building is here than the price of a hall says.
    pub building_factor: f64,
    /// What stands there.
    pub standing: Vec<Standing>,
}

/// What is bought already, and comes whatever is planned.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id.
    pub id: Name,
    /// Where; a position in the scenario's sites.
    pub site: usize,
    /// Which systems and how many.
    pub systems: Option<(usize, f64)>,
    /// Halls that come with it, by cooling.
    pub halls: Vec<f64>,
    /// Power that comes with it, in kW.
    pub power: f64,
    /// When all of it can be used.
    pub due: Month,
    /// What is still to be paid for it, in M yuan.
    pub to_pay: Value,
    /// How late it may be.
    pub late: Slip,
}

/// Work that wants to be served.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Its id: training, inference …
    pub id: String,
    /// How much in each period, in PFLOPS on average.
    pub computing: Vec<Value>,
    /// What it costs when it is not served, in M yuan a PFLOPS and period.
    pub shortage: Value,
}

/// A limit for each year of the horizon.
#[derive(Debug, Clone)]
pub struct Yearly {
    /// By calendar year.
    pub by_year: BTreeMap<i32, Value>,
}

/// How late things may be.
#[derive(Debug, Clone)]
pub struct Slips {
    /// Halls.
    pub building: Slip,
    /// Grid connections.
    pub grid: Slip,
    /// Systems.
    pub delivery: Slip,
    /// How much of it is common to all of a kind: 0 independent, 1 all alike.
    pub common: f64,
}

/// A whole scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The census whose sites it builds on: a folder, or a name of a shipped one.
    pub census: Option<String>,
    /// The first month.
    pub start: Month,
    /// How many periods.
    pub periods: usize,
    /// Months of a period.
    pub months: i32,
    /// Discount a year.
    pub discount: Value,
    /// What a tonne costs.
    pub carbon_price: Value,
    /// Whether what is left of things at the end counts as their worth.
    pub residual: bool,
    /// The part of what runs that is used, where no demand says it.
    pub used: Value,
    /// The highest power usage effectiveness of all that runs.
    pub most_pue: Option<f64>,
    /// The least part of a year's electricity that is green.
    pub least_green: Option<f64>,
    /// Halls that may be begun in a period, over all sites.
    pub crews: Option<u32>,
    /// In order.
    pub targets: Vec<Target>,
    /// What is known as a whole.
    pub fleets: Vec<Fleet>,
    /// What may be bought.
    pub technologies: Vec<Technology>,
    /// How it is housed.
    pub coolings: Vec<Cooling>,
    /// Where.
    pub sites: Vec<Site>,
    /// What is under way.
    pub projects: Vec<Project>,
    /// What wants to be served.
    pub demands: Vec<Demand>,
    /// Money that may be spent in a year, in M yuan.
    pub budget: Option<Yearly>,
    /// What may be emitted in a year, in kt.
    pub most_carbon: Option<Yearly>,
    /// How late things may be.
    pub delays: Slips,
}

impl Scenario {
    /// The period in which a month lies; negative before the start.
    pub fn period_of(&self, month: Month) -> i32 {
        (month.0 - self.start.0).div_euclid(self.months)
    }

    /// The calendar year of a period's first month.
    pub fn year_of(&self, period: usize) -> i32 {
        (self.start.0 + period as i32 * self.months).div_euclid(12)
    }

    /// The first month of a period.
    pub fn month_of(&self, period: usize) -> Month {
        Month(self.start.0 + period as i32 * self.months)
    }

    /// The last period that has ended by the end of a month.
    pub fn ended_by(&self, month: Month) -> i32 {
        (month.0 + 1 - self.start.0).div_euclid(self.months) - 1
    }
}
