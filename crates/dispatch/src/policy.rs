//! What a hub strives for: who goes next, where, and what gives way. A policy decides; only what it decided is history.

use measure::Span;
use serde::{Deserialize, Serialize};

/// What orders the jobs of one tenant, within a priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Who came first.
    Age,
    /// Who is expected to be done soonest; who came first where nobody knows.
    Shortest,
    /// Whose turn it would be if everybody waited in proportion to the work they ask for: short work soon, and no job for
    /// ever.
    #[default]
    Patience,
}

/// What happens behind a job that does not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backfill {
    /// Nothing behind it starts.
    Strict,
    /// Whatever fits starts; nothing is kept for anybody.
    Free,
    /// In each pool the first gang or wide job that waits has nodes kept for it; other work starts if it does not delay it.
    #[default]
    Easy,
    /// Every gang or wide job that must wait has nodes kept for it, up to `reservations` in a pool.
    Conservative,
}

/// How nodes are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    /// The node with the fewest devices, cores and memory left over.
    Tightest,
    /// The least free cores and devices left over, by share of a reference node (the FGD artefact's BestFit).
    Bestfit,
    /// The least growth of fragmentation (FGD, USENIX ATC 2023).
    Fgd,
    /// Ours.
    #[default]
    Default,
}

/// How much each concern weighs when pools are compared; all in points of a hundred, none by default but packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Fragmentation: how well the nodes are packed.
    pub packing: u32,
    /// The price of a device-hour.
    pub price: u32,
    /// Energy: the site's PUE.
    pub energy: u32,
    /// Carbon of a device-hour: the model's power, the site's PUE and the grid's factor.
    pub carbon: u32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { packing: 100, price: 0, energy: 0, carbon: 0 }
    }
}

/// When work that may wait starts. The four in the middle are published, to compare with: they take what is known of the hours ahead
/// for certain, decide once, and `lowest-hours` asks to be told how long each job runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// At once.
    #[default]
    Now,
    /// In the cheapest hour (GAIA's Lowest-Slot).
    LowestSlot,
    /// When a run of the usual length is cheapest (GAIA's Lowest-Window).
    LowestWindow,
    /// When most is saved for each hour up to the end (GAIA's Carbon-Time).
    CarbonTime,
    /// In the cheapest hours, with pauses (Wait Awhile).
    LowestHours,
    /// When it is thought to be cheapest by how long the tenant's runs were, looked at anew each hour; with pauses where a job
    /// can be suspended.
    Cheapest,
}

impl Start {
    /// Whether it is asked again each hour.
    pub(crate) fn looks_again(self) -> bool {
        self == Start::Cheapest
    }
}

/// What decides when work that may wait runs: what things cost, in money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// When it starts.
    pub start: Start,
    /// What a tonne of carbon dioxide is worth, in yuan.
    pub carbon_yuan_per_tonne: u32,
    /// How much the price of electricity counts, in thousandths of it.
    pub energy_permille: u32,
    /// How much a month's highest demand counts where its tariff has a price for it, in thousandths: with none, work that has time may
    /// raise it; else not, as a kW of it costs as much as a hundred hours of its energy or more.
    pub peak_permille: u32,
    /// How surely a deadline is kept, in thousandths: of the tenant's runs so many were no longer than a job is given.
    pub deadline_permille: u32,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing { start: Start::Now, carbon_yuan_per_tonne: 100, energy_permille: 1000, peak_permille: 0, deadline_permille: 990 }
    }
}

/// A policy; every field has a default, so a file says only what differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// Whether tenants share fairly; if not, their jobs stand in one line.
    pub fair: bool,
    /// How fast past use is forgotten, in milliseconds; a text such as "7d" in a file.
    #[serde(with = "span_text")]
    pub half_life: Span,
    /// What orders the jobs of one tenant.
    pub order: Order,
    /// Under `patience`, how much longer a job waits than one of half its expected work.
    #[serde(with = "span_text")]
    pub patience: Span,
    /// What happens behind a job that does not fit.
    pub backfill: Backfill,
    /// Under `conservative`, how many jobs may have nodes kept for them in a pool.
    pub reservations: u32,
    /// A job that is no gang has nodes kept for it only after it waited so long.
    #[serde(with = "span_text")]
    pub reserve_after: Span,
    /// A job that waited so long goes before all others.
    #[serde(with = "span_text")]
    pub wait_most: Span,
    /// Whether work that allows it is stopped for work of higher priority, or for a tenant that takes back what it lent.
    pub preempt: bool,
    /// How many megabytes a second are brought from one site to another, where data must be.
    pub transfer_megabytes: u32,
    /// What it costs to bring a terabyte from one site to another, in yuan; weighed where an hour has a price.
    pub transfer_yuan_per_terabyte: u32,
    /// What an hour that a job waits near its data is worth, in yuan; zero for nobody knows.
    pub wait_yuan_per_hour: u32,
    /// How nodes are chosen.
    pub packing: Packing,
    /// How much each concern weighs.
    pub weights: Weights,
    /// When work that may wait runs.
    pub timing: Timing,
    /// A node that stood idle so long is put to sleep where its cluster manager can do that; zero for never.
    #[serde(with = "span_text")]
    pub sleep_after: Span,
    /// So many idle nodes of each model in a pool stay awake.
    pub sleep_spare: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            name: "default".to_owned(),
            fair: true,
            half_life: Policy::HALF_LIFE,
            order: Order::Patience,
            patience: Span(36 * Span::HOUR.0),
            backfill: Backfill::Easy,
            reservations: 64,
            reserve_after: Span::seconds(600),
            wait_most: Span(7 * 24 * Span::HOUR.0),
            preempt: true,
            transfer_megabytes: 125,
            transfer_yuan_per_terabyte: 0,
            wait_yuan_per_hour: 0,
            packing: Packing::Default,
            weights: Weights::default(),
            timing: Timing::default(),
            sleep_after: Span::ZERO,
            sleep_spare: 1,
        }
    }
}

impl Policy {
    /// Half of past use is forgotten in a week, unless told otherwise.
    pub const HALF_LIFE: Span = Span(7 * 24 * Span::HOUR.0);

    /// The names of the policies that need no file.
    pub const NAMES: [&str; 14] = [
        "default",
        "fair",
        "fifo",
        "sjf",
        "bestfit",
        "fgd",
        "green",
        "no-wait",
        "lowest-slot",
        "lowest-window",
        "carbon-time",
        "suspend-resume",
        "protocol-fifo",
        "protocol-sjf",
    ];

    /// The policy of that name, if there is one.
    pub fn named(name: &str) -> Option<Policy> {
        let base = Policy { name: name.to_owned(), ..Policy::default() };
        // One line, strictly from its head: what the published queue simulations do.
        let line = Policy { fair: false, order: Order::Age, backfill: Backfill::Strict, preempt: false, ..base.clone() };
        let line = Policy { packing: Packing::Tightest, wait_most: Span(i64::MAX), ..line };
        Some(match name {
            "default" => base,
            "fair" => Policy { order: Order::Age, ..base },
            "fifo" | "protocol-fifo" => line,
            "protocol-sjf" => Policy { order: Order::Shortest, ..line },
            "sjf" => Policy { order: Order::Shortest, fair: false, ..base },
            "bestfit" => Policy { packing: Packing::Bestfit, ..base },
            "fgd" => Policy { packing: Packing::Fgd, ..base },
            "green" => {
                let timing = Timing { start: Start::Cheapest, peak_permille: 1000, ..Timing::default() };
                Policy { timing, weights: Weights { packing: 10, price: 10, carbon: 100, ..Weights::default() }, ..base }
            }
            // By carbon alone, as they were published.
            "no-wait" => Policy { timing: carbon_alone(Start::Now), ..base },
            "lowest-slot" => Policy { timing: carbon_alone(Start::LowestSlot), ..base },
            "lowest-window" => Policy { timing: carbon_alone(Start::LowestWindow), ..base },
            "carbon-time" => Policy { timing: carbon_alone(Start::CarbonTime), ..base },
            "suspend-resume" => Policy { timing: carbon_alone(Start::LowestHours), ..base },
            _ => return None,
        })
    }

    /// How many jobs may have nodes kept for them in a pool.
    pub(crate) fn depth(&self) -> u32 {
        match self.backfill {
            Backfill::Strict | Backfill::Free => 0,
            Backfill::Easy => 1,
            Backfill::Conservative => self.reservations,
        }
    }
}

/// Nothing but carbon counts.
fn carbon_alone(start: Start) -> Timing {
    Timing { start, carbon_yuan_per_tonne: 1000, energy_permille: 0, ..Timing::default() }
}

/// Spans as people write them.
mod span_text {
    use measure::Span;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(span)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span: Span = text.parse().map_err(D::Error::custom)?;
        if span.0 < 0 { Err(D::Error::custom("a length of time is not negative")) } else { Ok(span) }
    }
}
