//! Fragmentation gradient descent (Weng et al., USENIX ATC 2023): the device power that expected work cannot use grows least.

use crate::fact::WHOLE;
use crate::node::{Demand, Free};
use crate::pack::work::Expectation;

/// 10^9 × ln(s / (100 − s)) for s = 51 … 99, rounded: where 100 / (1 + e^−x) reaches the next whole score.
const LOGIT: [i64; 49] = [
    40_005_335,
    80_042_708,
    120_144_312,
    160_342_650,
    200_670_695,
    241_162_057,
    281_851_152,
    322_773_392,
    363_965_377,
    405_465_108,
    447_312_218,
    489_548_225,
    532_216_814,
    575_364_145,
    619_039_208,
    663_294_217,
    708_185_058,
    753_771_802,
    800_119_300,
    847_297_860,
    895_384_047,
    944_461_609,
    994_622_575,
    1_045_968_555,
    1_098_612_289,
    1_152_679_510,
    1_208_311_206,
    1_265_666_373,
    1_324_925_415,
    1_386_294_361,
    1_450_010_176,
    1_516_347_489,
    1_585_627_264,
    1_658_228_077,
    1_734_601_055,
    1_815_289_967,
    1_900_958_761,
    1_992_430_165,
    2_090_741_097,
    2_197_224_577,
    2_313_634_929,
    2_442_347_035,
    2_586_689_344,
    2_751_535_313,
    2_944_438_979,
    3_178_053_830,
    3_476_098_690,
    3_891_820_298,
    4_595_119_850,
];

/// A multi-device kind of work: cores, devices, and its count on each model.
#[derive(Debug, Clone)]
struct Wide {
    cpu: u64,
    devices: u32,
    count: Vec<i64>,
}

/// Fragmentation of a node × the total count: total × what is left − what expected work can use of it. The latter is a sum
/// over devices, read from a table by model, class of cores and what is left, and a term for multi-device work.
#[derive(Debug, Clone)]
pub(crate) struct Fragmentation {
    total: i64,
    /// The cores at which some expected work begins to fit, ascending.
    classes: Vec<u64>,
    /// By model, class and thousandths left of a device: what one-device work can use, × count.
    usable: Vec<i64>,
    wide: Vec<Wide>,
    /// The least decrease × total that scores 1, 2, … 99.
    scores: Vec<i64>,
}

const LEFTS: usize = WHOLE as usize + 1;

fn suits(one: &Expectation, model: Option<&String>) -> bool {
    one.models.is_empty() || model.is_some_and(|model| one.models.contains(model))
}

impl Fragmentation {
    pub(crate) fn new(expected: &[Expectation], models: &[Option<String>]) -> Fragmentation {
        let typical = Expectation::typical(expected.to_vec());
        let total: i64 = typical.iter().map(|one| one.count as i64).sum();
        let with_devices = || typical.iter().filter(|one| one.devices > 0);
        let mut classes: Vec<u64> = with_devices().map(|one| one.cpu).chain([0]).collect();
        classes.sort_unstable();
        classes.dedup();
        let mut usable = vec![0; models.len() * classes.len() * LEFTS];
        for (row, (model, class)) in
            usable.chunks_mut(LEFTS).zip(models.iter().flat_map(|model| classes.iter().map(move |class| (model, class))))
        {
            for one in with_devices().filter(|one| one.devices == 1 && one.cpu <= *class && suits(one, model.as_ref())) {
                row[usize::from(one.part)] += one.count as i64;
            }
            // Counts of the work that fits, then what it can use.
            for left in 1..LEFTS {
                row[left] += row[left - 1];
            }
            row.iter_mut().enumerate().for_each(|(left, count)| *count *= left as i64);
        }
        let count = |one: &Expectation| {
            models.iter().map(|model| if suits(one, model.as_ref()) { one.count as i64 } else { 0 }).collect()
        };
        let wide = with_devices().filter(|one| one.devices > 1);
        let wide = wide.map(|one| Wide { cpu: one.cpu, devices: one.devices, count: count(one) }).collect();
        let least = |logit: i64| (i128::from(logit) * 1000 * i128::from(total) + 999_999_999).div_euclid(1_000_000_000) as i64;
        let below = LOGIT.iter().rev().map(|logit| least(-logit));
        let scores = below.chain([0]).chain(LOGIT.iter().map(|logit| least(*logit))).collect();
        Fragmentation { total, classes, usable, wide, scores }
    }

    fn row(&self, model: usize, cpu: u64) -> &[i64] {
        let class = self.classes.partition_point(|least| *least <= cpu) - 1;
        &self.usable[(model * self.classes.len() + class) * LEFTS..][..LEFTS]
    }

    fn usable_wide(&self, model: usize, cpu: u64, whole: u32) -> i64 {
        if whole < 2 {
            return 0;
        }
        let fits = |wide: &&Wide| wide.cpu <= cpu && wide.devices <= whole;
        let count: i64 = self.wide.iter().filter(fits).map(|wide| wide.count[model]).sum();
        count * i64::from(WHOLE) * i64::from(whole)
    }

    fn score(&self, decrease: i64) -> i64 {
        self.scores.partition_point(|least| *least <= decrease) as i64
    }

    /// The score of the best device, and its position among those with anything left.
    pub(crate) fn best(&self, free: &Free, demand: Demand, model: usize) -> (i64, usize) {
        let cpu = free.cpu - demand.cpu;
        let (before, after) = (self.row(model, free.cpu), self.row(model, cpu));
        let sum = |row: &[i64]| -> i64 {
            match free.lefts.is_empty() {
                true => row[usize::from(WHOLE)] * i64::from(free.whole),
                false => free.lefts.iter().map(|left| row[usize::from(*left)]).sum(),
            }
        };
        let fixed = demand.milli() as i64 * self.total + sum(after) - sum(before) - self.usable_wide(model, free.cpu, free.whole);
        if demand.devices == 0 {
            return (self.score(fixed + self.usable_wide(model, cpu, free.whole)), 0);
        }
        if demand.part == WHOLE {
            let taken = i64::from(demand.devices) * after[usize::from(WHOLE)];
            return (self.score(fixed - taken + self.usable_wide(model, cpu, free.whole - demand.devices)), 0);
        }
        let on = |left: u16| {
            let rest = after[usize::from(left - demand.part)] - after[usize::from(left)];
            self.score(fixed + rest + self.usable_wide(model, cpu, free.whole - u32::from(left == WHOLE)))
        };
        if free.lefts.is_empty() {
            return (on(WHOLE), 0);
        }
        let mut best = (i64::MIN, 0);
        for (at, left) in free.lefts.iter().enumerate().filter(|(_, left)| **left >= demand.part) {
            let score = on(*left);
            if score > best.0 {
                best = (score, at);
            }
        }
        best
    }
}
