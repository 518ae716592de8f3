//! Our own packing: what a placement costs in chances to sell the rest of the node.
//!
//! Parts of devices are goods in a market. Their prices are the duals of a covering problem: the fewest devices that hold
//! what has arrived (Gilmore and Gomory's cutting stock, solved by column generation). A partly held device is worth the
//! dearest parts that still fit it; a rest into which nothing that arrives fits is worth nothing. A node's devices are worth
//! only as much as its cores can sell: against each kind of expected work, whichever runs out first counts. A replica goes
//! where this worth falls least; small terms prefer the tighter device and the fuller node.
//!
//! All in integers. No size of a part is a constant here: everything is learned from what has arrived.

use crate::fact::WHOLE;
use crate::node::{Demand, Free};
use crate::pack::work::Expectation;

/// The worth of a whole free device.
pub(crate) const ONE: i64 = 1 << 20;
/// Of a thousandth of a device.
const MILLI: i64 = ONE >> 10;
/// Expected sizes are told apart in at most so many classes.
const CLASSES_MOST: usize = 40;

/// What arrives on one model, by cores per worth, ascending, with sums that make [`Profile::worth`] two products.
#[derive(Debug, Clone, Default)]
struct Profile {
    ratio: Vec<i64>,
    /// Σ weight of the kinds before.
    devices_bind: Vec<i64>,
    /// Σ weight × worth per core of the kinds from here on.
    cores_bind: Vec<i64>,
}

impl Profile {
    /// What of devices worth `devices` can be sold with so many cores: Σ weight × min(devices, cores × worth per core).
    fn worth(&self, cores: u64, devices: i64) -> i64 {
        if devices <= 0 || self.ratio.is_empty() {
            return 0;
        }
        let limit = i128::from(cores) * i128::from(ONE) / i128::from(devices);
        let kinds = self.ratio.partition_point(|ratio| i128::from(*ratio) <= limit);
        let sum =
            i128::from(devices) * i128::from(self.devices_bind[kinds]) + i128::from(cores) * i128::from(self.cores_bind[kinds]);
        (sum >> 20) as i64
    }
}

/// What is learned of the work that arrives.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    /// By thousandths left of a device.
    worth: Vec<i64>,
    profiles: Vec<Profile>,
}

impl Prices {
    pub(crate) fn new(expected: &[Expectation], models: &[Option<String>]) -> Prices {
        let sizes = Sizes::of(expected);
        let cells = usize::from(WHOLE) / sizes.cell;
        let mut by_cell = vec![0; cells + 1];
        for left in 1..=cells {
            by_cell[left] = by_cell[left - 1];
            for (size, price) in sizes.cells.iter().zip(&sizes.prices).filter(|(size, _)| **size <= left) {
                by_cell[left] = by_cell[left].max(by_cell[left - size] + price);
            }
            by_cell[left] = by_cell[left].min(ONE);
        }
        by_cell[cells] = ONE;
        let worth = (0..=usize::from(WHOLE)).map(|left| by_cell[left / sizes.cell]).collect();
        Prices { worth, profiles: profiles(expected, &sizes, models) }
    }

    /// What placing costs, and the device taken: the position, among those with anything left, of the one that loses least.
    pub(crate) fn loss(&self, free: &Free, demand: Demand, model: usize) -> (i64, usize) {
        let worth = |left: u16| self.worth[usize::from(left)];
        let (devices, milli) = match free.lefts.is_empty() {
            true => (i64::from(free.whole) * ONE, i64::from(free.whole) * i64::from(WHOLE)),
            false => free.lefts.iter().fold((0, 0), |(sum, milli), left| (sum + worth(*left), milli + i64::from(*left))),
        };
        let (mut taken, mut left, mut chosen) = (i64::from(demand.devices) * ONE, demand.milli() as i64, 0);
        if demand.devices > 0 && demand.part < WHOLE {
            let mut best = (ONE - worth(WHOLE - demand.part), WHOLE, 0);
            if !free.lefts.is_empty() {
                let fits = free.lefts.iter().enumerate().filter(|(_, left)| **left >= demand.part);
                best = fits.map(|(at, left)| (worth(*left) - worth(left - demand.part), *left, at)).min().unwrap_or(best);
            }
            (taken, left, chosen) = (best.0, i64::from(best.1), best.2);
        }
        let profile = &self.profiles[model];
        let fall = profile.worth(free.cpu, devices) - profile.worth(free.cpu - demand.cpu, devices - taken);
        (fall + left * MILLI / 32 + milli * MILLI / 64, chosen)
    }
}

/// Prices of parts of devices by size, in units of which a whole device is worth 2^20: see the module.
pub fn part_prices(counts: &std::collections::BTreeMap<u16, u64>) -> std::collections::BTreeMap<u16, i64> {
    let one = |(part, count): (&u16, &u64)| Expectation { cpu: 0, part: *part, devices: 1, models: Vec::new(), count: *count };
    let sizes = Sizes::of(&counts.iter().map(one).collect::<Vec<_>>());
    counts.keys().map(|part| (*part, sizes.price(*part))).collect()
}

/// The sizes of parts in cells of so many thousandths, rounded up, with their prices.
struct Sizes {
    cell: usize,
    cells: Vec<usize>,
    prices: Vec<i64>,
}

impl Sizes {
    fn of(expected: &[Expectation]) -> Sizes {
        let mut counts = vec![0_i64; usize::from(WHOLE)];
        for one in expected.iter().filter(|one| one.devices == 1 && one.part < WHOLE) {
            counts[usize::from(one.part)] += one.count as i64;
        }
        let present: Vec<usize> = (1..counts.len()).filter(|size| counts[*size] > 0).collect();
        let classes = |cell: usize| {
            let mut cells: Vec<usize> = present.iter().map(|size| size.div_ceil(cell)).collect();
            cells.dedup();
            cells
        };
        let widths = [1, 2, 5, 10, 20, 25, 50, 100];
        let mut cell = *widths.iter().find(|cell| classes(**cell).len() <= CLASSES_MOST).unwrap_or(&100);
        if cell == 1 {
            cell = present.iter().fold(usize::from(WHOLE), |common, size| divisor(common, *size));
        }
        let cells = classes(cell);
        let count = |class: &usize| present.iter().filter(|size| size.div_ceil(cell) == *class).map(|size| counts[*size]).sum();
        let prices = prices(&cells, &cells.iter().map(count).collect::<Vec<i64>>(), usize::from(WHOLE) / cell);
        Sizes { cell, cells, prices }
    }

    fn price(&self, part: u16) -> i64 {
        self.cells.binary_search(&usize::from(part).div_ceil(self.cell)).map_or(0, |at| self.prices[at])
    }
}

fn divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { divisor(other, one % other) }
}

fn profiles(expected: &[Expectation], sizes: &Sizes, models: &[Option<String>]) -> Vec<Profile> {
    struct Kind<'a> {
        ratio: i64,
        weight: i128,
        price: i64,
        cores: i64,
        one: &'a Expectation,
    }
    let kind = |one: &'_ Expectation| {
        let whole = one.devices > 1 || one.part == WHOLE;
        let price = if whole { i64::from(one.devices) * ONE } else { sizes.price(one.part) };
        (price, i64::try_from(one.cpu).unwrap_or(i64::MAX >> 24).min(i64::MAX >> 24))
    };
    let mut kinds: Vec<Kind> = Vec::new();
    for one in expected.iter().filter(|one| one.devices > 0) {
        let (price, cores) = kind(one);
        if price > 0 {
            let weight = i128::from(one.count) * i128::from(price >> 6);
            kinds.push(Kind { ratio: cores * ONE / price, weight, price, cores: cores.max(1), one });
        }
    }
    kinds.sort_by(|a, b| (a.ratio, a.weight, a.price, a.cores, a.one).cmp(&(b.ratio, b.weight, b.price, b.cores, b.one)));
    // Of all work, not only of what a model may run: a model that more work asks for is worth more.
    let total = kinds.iter().map(|kind| kind.weight).sum::<i128>().max(1);
    let profile = |model: &Option<String>| {
        let mut profile = Profile { ratio: Vec::new(), devices_bind: vec![0], cores_bind: vec![0] };
        let (mut before, mut all) = (0, 0);
        for kind in &kinds {
            if !kind.one.models.is_empty() && !model.as_ref().is_some_and(|model| kind.one.models.contains(model)) {
                continue;
            }
            let share = (kind.weight << 20) / total;
            before += share as i64;
            all += (share * i128::from(kind.price) / i128::from(kind.cores)) as i64;
            profile.ratio.push(kind.ratio);
            profile.devices_bind.push(before);
            profile.cores_bind.push(all);
        }
        profile.cores_bind.iter_mut().for_each(|sum| *sum = all - *sum);
        profile
    };
    models.iter().map(profile).collect()
}

/// Prices of sizes: the duals of "fewest devices of `capacity` cells that hold `counts[i]` parts of `sizes[i]` cells", by
/// the revised simplex method on patterns found by a knapsack, in 32.32 fixed point. No content of a device costs more than
/// [`ONE`], within one part in 65536.
fn prices(sizes: &[usize], counts: &[i64], capacity: usize) -> Vec<i64> {
    const F: i64 = 1 << 32;
    const PIVOTS_MOST: usize = 200;
    let n = sizes.len();
    let product = |a: i64, b: i64| ((i128::from(a) * i128::from(b)) >> 32) as i64;
    // The inverse of the basis, which begins with one pattern of each size alone, and how often each pattern is used.
    let mut inverse = vec![vec![0_i64; n]; n];
    let mut used = vec![0_i128; n];
    for (at, size) in sizes.iter().enumerate() {
        let fit = (capacity / size) as i64;
        inverse[at][at] = F / fit;
        used[at] = i128::from(counts[at]) * i128::from(F / fit);
    }
    let mut duals = vec![0_i64; n];
    for _ in 0..PIVOTS_MOST {
        for (at, dual) in duals.iter_mut().enumerate() {
            *dual = inverse.iter().map(|row| row[at]).sum::<i64>().max(0);
        }
        let (best, pattern) = knapsack(sizes, &duals, capacity);
        if best <= F + (F >> 16) {
            break;
        }
        let direction: Vec<i64> = inverse.iter().map(|row| row.iter().zip(&pattern).map(|(a, b)| a * b).sum()).collect();
        let mut leaving: Option<usize> = None;
        for at in (0..n).filter(|at| direction[*at] > F >> 14) {
            let sooner = |known: usize| used[at] * i128::from(direction[known]) < used[known] * i128::from(direction[at]);
            if leaving.is_none_or(sooner) {
                leaving = Some(at);
            }
        }
        let Some(leaving) = leaving else { break };
        let quotient = |a: i128| (a << 32) / i128::from(direction[leaving]);
        let row: Vec<i64> = inverse[leaving].iter().map(|a| quotient(i128::from(*a)) as i64).collect();
        let often = quotient(used[leaving]);
        for at in (0..n).filter(|at| *at != leaving && direction[*at] != 0) {
            for (a, b) in inverse[at].iter_mut().zip(&row) {
                *a -= product(direction[at], *b);
            }
            used[at] = (used[at] - ((i128::from(direction[at]) * often) >> 32)).max(0);
        }
        inverse[leaving] = row;
        used[leaving] = often;
    }
    // From 2^32 to ONE.
    duals.iter().map(|dual| (dual + 2048) >> 12).collect()
}

/// The dearest content of a device, and how many of each size are in it; the lowest size among equals.
fn knapsack(sizes: &[usize], prices: &[i64], capacity: usize) -> (i64, Vec<i64>) {
    let (mut best, mut last) = (vec![0; capacity + 1], vec![usize::MAX; capacity + 1]);
    for room in 1..=capacity {
        best[room] = best[room - 1];
        for (at, size) in sizes.iter().enumerate().filter(|(_, size)| **size <= room) {
            if best[room - size] + prices[at] > best[room] {
                best[room] = best[room - size] + prices[at];
                last[room] = at;
            }
        }
    }
    let mut pattern = vec![0; sizes.len()];
    let mut room = capacity;
    while room > 0 {
        match last[room] {
            usize::MAX => room -= 1,
            at => {
                pattern[at] += 1;
                room -= sizes[at];
            }
        }
    }
    (best[capacity], pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_that_nothing_fits_is_worth_nothing() {
        let part = |part, count| Expectation { cpu: 1000, part, devices: 1, models: Vec::new(), count };
        let prices = Prices::new(&[part(500, 10), part(300, 2), part(810, 4)], &[Some("any".to_owned())]);
        assert_eq!(prices.worth[190], 0);
        assert_eq!(prices.worth[1000], ONE);
        assert_eq!(prices.worth[500], ONE / 2);
        assert!(prices.worth.is_sorted(), "more is never worth less");
    }

    #[test]
    fn no_content_of_a_device_costs_more_than_the_device() {
        let sizes = [3, 7, 11, 13, 20, 29, 50];
        let prices = prices(&sizes, &[100, 5, 80, 33, 2, 60, 41], 100);
        assert!(knapsack(&sizes, &prices, 100).0 <= ONE + (ONE >> 12), "{prices:?}");
        assert!(prices.iter().all(|price| *price >= 0));
    }
}
