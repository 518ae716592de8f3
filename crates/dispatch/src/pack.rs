//! How well a replica packs on a node: the score of a state, and the device that a part of one takes.

mod fgd;
mod price;
mod work;

use std::sync::Arc;

use crate::node::{Demand, Free};
use crate::policy::Packing;

use fgd::Fragmentation;
use price::Prices;
pub use price::part_prices;
pub use work::{Expectation, Work};

/// Chooses among states. What it knows of the work that arrives, it learned from what arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packer {
    packing: Packing,
    fragmentation: Option<Arc<Fragmentation>>,
    prices: Option<Arc<Prices>>,
    /// By group: the position of its model among those below.
    model_of: Vec<u32>,
    models: Vec<Option<String>>,
}

/// The node to which the artefact of FGD scales its BestFit: 128 cores and eight devices.
const REFERENCE_CPU: i64 = 128_000;
const REFERENCE_MILLI: i64 = 8000;

impl Packer {
    /// Chooses by `packing` from now on, for work such as `expected`. Whether scores change by that.
    pub(crate) fn learn(&mut self, packing: Packing, expected: &[Expectation]) -> bool {
        let same = std::mem::replace(&mut self.packing, packing) == packing;
        if same && matches!(packing, Packing::Bestfit | Packing::Tightest) {
            return false;
        }
        (self.fragmentation, self.prices) = (None, None);
        match packing {
            Packing::Fgd => self.fragmentation = Some(Arc::new(Fragmentation::new(expected, &self.models))),
            Packing::Default => self.prices = Some(Arc::new(Prices::new(expected, &self.models))),
            Packing::Bestfit | Packing::Tightest => {}
        }
        true
    }

    /// Notes the model of the next group. True if it is new, and what was learned must be learned anew.
    pub(crate) fn add_group(&mut self, model: Option<&String>) -> bool {
        let known = self.models.iter().position(|known| known.as_ref() == model);
        let at = known.unwrap_or(self.models.len());
        if known.is_none() {
            self.models.push(model.cloned());
        }
        self.model_of.push(at as u32);
        known.is_none()
    }

    /// Points of a packing score that weigh as much as one point of any other concern.
    pub(crate) fn unit(&self) -> i64 {
        match self.packing {
            Packing::Bestfit | Packing::Fgd => 1,
            Packing::Tightest => 1 << 40,
            Packing::Default => price::ONE / 100,
        }
    }

    /// The higher, the better; the demand fits.
    pub(crate) fn score(&self, free: &Free, demand: Demand) -> i64 {
        let model = || self.model_of[free.group as usize] as usize;
        match (self.packing, &self.fragmentation, &self.prices) {
            (Packing::Bestfit, ..) => bestfit(free, demand),
            (Packing::Fgd, Some(fragmentation), _) => fragmentation.best(free, demand, model()).0,
            (Packing::Default, _, Some(prices)) => match self.models[model()] {
                Some(_) => -prices.loss(free, demand, model()).0,
                None => cores(free, demand),
            },
            _ => tightest(free, demand),
        }
    }

    /// The position, among devices with anything left, of the one that a part is taken of.
    pub(crate) fn choose(&self, free: &Free, demand: Demand) -> usize {
        let model = self.model_of[free.group as usize] as usize;
        match (&self.fragmentation, &self.prices) {
            (Some(fragmentation), _) => fragmentation.best(free, demand, model).1,
            (_, Some(prices)) => prices.loss(free, demand, model).1,
            _ => tightest_device(free, demand),
        }
    }
}

/// The tightest device that suffices, the lowest among equals.
fn tightest_device(free: &Free, demand: Demand) -> usize {
    let suits = free.lefts.iter().enumerate().filter(|(_, left)| **left >= demand.part);
    suits.min_by_key(|(at, left)| (**left, *at)).map_or(0, |(at, _)| at)
}

/// Fewest thousandths of devices left, then cores, then memory.
fn tightest(free: &Free, demand: Demand) -> i64 {
    let milli = (free.milli() - demand.milli()).min((1 << 17) - 1);
    let cores = ((free.cpu - demand.cpu) / 100).min((1 << 20) - 1);
    let gibibytes = ((free.memory - demand.memory) >> 30).min((1 << 14) - 1);
    -(((milli << 34) | (cores << 14) | gibibytes) as i64)
}

/// Work on cores only keeps away from the cores that devices need as long as there are others, the tightest first.
fn cores(free: &Free, demand: Demand) -> i64 {
    (1 << 40) - ((free.cpu - demand.cpu).min(1 << 38) as i64)
}

/// 100 × (1 − the mean share of a reference node that is left), towards zero. The artefact then stretches the scores of all
/// nodes that fit to 0 … 100, which moves no maximum: the best alone comes to 100.
fn bestfit(free: &Free, demand: Demand) -> i64 {
    let cpu = (free.cpu - demand.cpu) as i64;
    let milli = (free.milli() - demand.milli()) as i64;
    let scale = REFERENCE_CPU / REFERENCE_MILLI;
    (2 * REFERENCE_CPU - cpu - scale * milli) / (REFERENCE_CPU / 50)
}
