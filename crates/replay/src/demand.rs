//! The highest demand of each month, site by site: what a two-part tariff asks money for.

use std::collections::BTreeMap;

use dispatch::Hub;
use measure::{Money, Name, Power, Pue, Span, Time};
use serde::Serialize;

/// The months' highest demands so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peaks(BTreeMap<(Name, Time), Power>);

/// What came of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Months that are counted, those of all sites together.
    pub months: u64,
    /// The mean of a month's highest, summed over sites, cooling and losses included.
    pub peak: Power,
    /// What they cost; `None` where no tariff has a price for them.
    pub cost: Option<Money>,
}

/// The same, for printing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DemandFigures {
    /// Months in which something was drawn.
    pub months: u64,
    /// The mean of a month's highest demand in kW, summed over sites, cooling and losses included.
    pub peak_kw: f64,
    /// What the months' highest demands cost, in yuan.
    pub cost_yuan: Option<f64>,
}

impl Peaks {
    /// What sites have drawn up to now.
    pub(crate) fn see(&mut self, hub: &Hub) {
        for (site, load) in &hub.loads {
            // What draws the same for months has a highest demand in each of them.
            let rolled = if load.month_ends <= hub.clock() { hub.load(site) } else { None };
            let load = rolled.as_ref().unwrap_or(load);
            let known = self.0.entry((site.clone(), load.month_ends)).or_default();
            *known = (*known).max(load.highest);
        }
    }

    /// What it comes to; `None` where nobody said what nodes draw.
    pub(crate) fn demand(&self, hub: &Hub) -> Option<Demand> {
        let (mut total, mut cost) = (0_i128, None);
        for ((site, month_ends), highest) in &self.0 {
            let within = *month_ends + Span(-1);
            let pue = hub.census.pue(site, within).unwrap_or(Pue::LEAST);
            let power = i128::from(highest.0) * i128::from(pue.0) / 1000;
            total += power;
            if let (Some(price), _) = hub.census.demand(Some(site), within) {
                // Millionths of a kW are milliwatts.
                cost = Some(cost.unwrap_or(Money::ZERO) + Money((i128::from(price.0) * power / 1_000_000) as i64));
            }
        }
        let months: std::collections::BTreeSet<Time> = self.0.keys().map(|(_, month)| *month).collect();
        let count = i128::try_from(months.len()).ok().filter(|count| *count > 0)?;
        Some(Demand { months: months.len() as u64, peak: Power((total / count) as i64), cost })
    }
}

impl DemandFigures {
    pub(crate) fn of(demand: Demand) -> DemandFigures {
        let Demand { months, peak, cost } = demand;
        DemandFigures { months, peak_kw: peak.0 as f64 / 1e6, cost_yuan: cost.map(|cost| cost.0 as f64 / 1e6) }
    }
}
