//! How much any policy could have allocated in the packing protocol: a relaxation, so that a result can be judged.

use std::collections::BTreeMap;

use dispatch::{Spec, WHOLE, part_prices};

use crate::fill::milli;

/// What is allowed to be wasted of a price, in 64ths of what is placed; the bound is the least over these.
const RATES: [i64; 6] = [0, 2, 4, 6, 8, 12];
/// Kinds of pods that are looked at.
const KINDS: usize = 8;

/// The most thousandths of devices that a policy can have allocated after all arrivals, if it drops no pod that fits.
///
/// With prices of parts by which no content of a device costs more than one device, what is placed wastes at least its
/// price over its size: used ≤ capacity − Σ waste. A policy may choose what to drop, but not when: once a part of more than
/// half a device was dropped although it may run on any model, nothing that asks for as much of everything fits any more,
/// since its device would have taken the dropped one. So everything before the first such drop was placed, and of what came
/// later only the smaller. With A all that may be placed, R its size, and the waste of what a policy may leave out clipped
/// to a rate r: used ≤ (r R + capacity − waste(A)) / (1 + r). The bound is the least over rates and kinds of pods, and the
/// most over where the first drop may be.
pub(crate) fn bound(arrivals: &[&Spec], capacity: u64) -> u64 {
    let part = |spec: &Spec| {
        let ask = &spec.shape.asks[0];
        (ask.devices.0 == 1 && ask.part < WHOLE).then_some(ask.part)
    };
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<(u16, u64, u64), usize> = BTreeMap::new();
    for spec in arrivals {
        let Some(size) = part(spec) else { continue };
        *counts.entry(size).or_default() += 1;
        if size > WHOLE / 2 && spec.shape.asks[0].models.is_empty() {
            *kinds.entry((size, spec.shape.cpu.0, spec.shape.memory.0)).or_default() += 1;
        }
    }
    let waste = wastes(&counts);
    let capacity = capacity as i64;
    let total: u64 = arrivals.iter().map(|spec| milli(spec)).sum();
    let mut best = (total as i64).min(capacity);
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    for ((size, cpu, memory), _) in kinds.into_iter().take(KINDS) {
        let smaller = |spec: &Spec| {
            let ask = &spec.shape.asks[0];
            let as_large = ask.devices.0 > 0 && ask.part >= size;
            !(as_large && spec.shape.cpu.0 >= cpu && spec.shape.memory.0 >= memory)
        };
        let clipped = |spec: &Spec, rate: usize| {
            part(spec).map_or(0, |part| waste[usize::from(part)].min(RATES[rate] * 16 * i64::from(part)))
        };
        let (mut size_of_all, mut wasted) = (0_i64, [0_i64; RATES.len()]);
        for spec in arrivals.iter().filter(|spec| smaller(spec)) {
            size_of_all += milli(spec) as i64;
            wasted.iter_mut().enumerate().for_each(|(rate, sum)| *sum += clipped(spec, rate));
        }
        let most = |size_of_all: i64, wasted: &[i64; RATES.len()]| {
            let by_rate = RATES
                .iter()
                .zip(wasted)
                .map(|(rate, wasted)| (rate * size_of_all * 16 + 1024 * capacity - wasted).div_euclid(1024 + rate * 16));
            by_rate.min().unwrap_or(capacity).min(size_of_all)
        };
        let mut bound = 0;
        for spec in arrivals {
            let first = part(spec) == Some(size)
                && spec.shape.cpu.0 <= cpu
                && spec.shape.memory.0 <= memory
                && spec.shape.asks[0].models.is_empty();
            if first {
                bound = bound.max(most(size_of_all, &wasted));
                for (rate, sum) in wasted.iter_mut().enumerate() {
                    *sum += waste[usize::from(size)] - if smaller(spec) { clipped(spec, rate) } else { 0 };
                }
            } else if !smaller(spec) {
                wasted.iter_mut().enumerate().for_each(|(rate, sum)| *sum += clipped(spec, rate));
            }
            if !smaller(spec) {
                size_of_all += milli(spec) as i64;
            }
        }
        best = best.min(bound.max(most(size_of_all, &wasted)));
    }
    best.max(0) as u64
}

/// By size: what a part costs over what it takes, in 1024ths of a thousandth, with prices that no content of a device
/// exceeds.
fn wastes(counts: &BTreeMap<u16, u64>) -> Vec<i64> {
    let prices = part_prices(counts);
    let one = 1_i64 << 20;
    let mut dearest = vec![0_i64; usize::from(WHOLE) + 1];
    for room in 1..dearest.len() {
        dearest[room] = dearest[room - 1];
        for (size, price) in prices.iter().filter(|(size, _)| usize::from(**size) <= room) {
            dearest[room] = dearest[room].max(dearest[room - usize::from(*size)] + price.min(&one));
        }
    }
    let most = dearest[usize::from(WHOLE)].max(one);
    let mut wastes = vec![0; usize::from(WHOLE) + 1];
    for (size, price) in prices {
        wastes[usize::from(size)] = (1000 * 1024 * price.min(one)).div_euclid(most) - 1024 * i64::from(size);
    }
    wastes
}
