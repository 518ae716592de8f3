//! The work that arrives: what was asked for and how often. All that a policy may know of the future.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::Shape;

/// A kind of work that is expected, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expectation {
    /// Thousandths of cores.
    pub cpu: u64,
    /// Thousandths of each device.
    pub part: u16,
    /// Devices; zero for cores only.
    pub devices: u32,
    /// Acceptable models; empty for any.
    pub models: Vec<String>,
    /// How often, relative to the others.
    pub count: u64,
}

/// Kinds beyond which the rarest half is forgotten, and arrivals beyond which the past counts half.
const KINDS_MOST: usize = 4096;
const ARRIVALS_MOST: u64 = 1 << 20;
/// Learned anew whenever so many have arrived as before, and at the latest after so many more.
const LEARN_EVERY: u64 = 1 << 16;

/// What arrived so far, and what had when it was last learned from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Work {
    /// By cores, part and devices, then by models.
    seen: BTreeMap<(u64, u16, u32), BTreeMap<Vec<String>, u64>>,
    arrived: u64,
    next: u64,
    learned: Arc<Vec<Expectation>>,
}

/// As it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    seen: Vec<Expectation>,
    arrived: u64,
    next: u64,
    learned: Arc<Vec<Expectation>>,
}

impl From<Work> for Written {
    fn from(work: Work) -> Written {
        Written { seen: work.expectations(), arrived: work.arrived, next: work.next, learned: work.learned }
    }
}

impl From<Written> for Work {
    fn from(written: Written) -> Work {
        let Written { seen, arrived, next, learned } = written;
        let mut work = Work { seen: BTreeMap::new(), arrived, next, learned };
        for one in seen {
            work.seen.entry((one.cpu, one.part, one.devices)).or_default().insert(one.models, one.count);
        }
        work
    }
}

impl Work {
    /// Counts an arrival. True if it is time to learn again.
    pub(crate) fn arrive(&mut self, shape: &Shape) -> bool {
        let ask = &shape.asks[0];
        let replicas = u64::from(ask.replicas.unwrap_or(shape.replicas));
        let part = if ask.devices.0 == 0 { 0 } else { ask.part };
        let kinds = self.seen.entry((shape.cpu.0, part, ask.devices.0)).or_default();
        match kinds.get_mut(&ask.models) {
            Some(count) => *count += replicas,
            None => drop(kinds.insert(ask.models.clone(), replicas)),
        }
        self.arrived += 1;
        if self.arrived < self.next {
            return false;
        }
        if self.arrived >= ARRIVALS_MOST {
            self.forget();
        }
        while self.seen.len() > KINDS_MOST {
            self.forget();
        }
        self.next = self.arrived + self.arrived.clamp(1, LEARN_EVERY);
        self.learned = Arc::new(self.expectations());
        true
    }

    fn forget(&mut self) {
        self.arrived /= 2;
        for kinds in self.seen.values_mut() {
            kinds.values_mut().for_each(|count| *count /= 2);
            kinds.retain(|_, count| *count > 0);
        }
        self.seen.retain(|_, kinds| !kinds.is_empty());
        if self.seen.len() > KINDS_MOST {
            let mut counts: Vec<u64> = self.seen.values().map(|kinds| kinds.values().sum()).collect();
            counts.sort_unstable_by(|one, other| other.cmp(one));
            let least = counts[KINDS_MOST / 2];
            self.seen.retain(|_, kinds| kinds.values().sum::<u64>() > least);
        }
    }

    fn expectations(&self) -> Vec<Expectation> {
        let of = |(key, kinds): (&(u64, u16, u32), &BTreeMap<Vec<String>, u64>)| {
            let (cpu, part, devices) = *key;
            let one = move |(models, count): (&Vec<String>, &u64)| Expectation {
                cpu,
                part,
                devices,
                models: models.clone(),
                count: *count,
            };
            kinds.iter().map(one).collect::<Vec<_>>()
        };
        self.seen.iter().flat_map(of).collect()
    }

    /// What was learned last.
    pub(crate) fn learned(&self) -> &[Expectation] {
        &self.learned
    }

    /// Whether nothing ever arrived.
    pub(crate) fn is_empty(&self) -> bool {
        self.arrived == 0
    }
}

impl Expectation {
    /// The most frequent kinds that make up 95 of 100 arrivals, the larger first where equally frequent: the typical work
    /// of FGD. As in its artefact, CPU-only work counts and memory does not.
    pub fn typical(mut all: Vec<Expectation>) -> Vec<Expectation> {
        let total: u64 = all.iter().map(|one| one.count).sum();
        let size = |one: &Expectation| (one.cpu, one.part, one.devices, one.models.clone());
        all.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| size(other).cmp(&size(one))));
        let mut sum = 0;
        all.retain(|one| {
            let taken = sum * 100 < total * 95;
            sum += one.count;
            taken
        });
        all
    }
}
