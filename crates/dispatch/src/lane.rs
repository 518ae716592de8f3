//! The jobs of a tenant in one class, by kind, and the order of such lanes.

use std::cmp::{Ordering, Reverse};

use fixedbitset::FixedBitSet;
use measure::{JobId, TenantId};

use crate::cell::{Bursts, Cell, Counted, OFFSET_MOST, Turn};
use crate::queue::{Standing, Ticket};

/// The jobs of a tenant in one class.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) class: Reverse<i16>,
    pub(crate) tenant: TenantId,
    pub(crate) standing: Standing,
    pub(crate) waiting: u32,
    /// The kinds of its cells, ascending, and of each cell what comes first.
    pub(crate) kinds: Vec<u32>,
    pub(crate) heads: Vec<Head>,
    jobs: Vec<JobId>,
    pub(crate) mask: FixedBitSet,
    /// By byte of the mask: how many cells lie before it.
    ranks: Vec<u32>,
}

/// What comes first in a cell, at hand and small, as lanes are gone through for every job placed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// The key of its first turn, where the cell has only one burst; so small that no offset brings it beyond what a number holds.
    key: i64,
    /// That burst, or [`SEVERAL`].
    burst: u32,
    pub(crate) cell: u32,
}

/// No burst: the cell itself says which of its bursts comes first.
const SEVERAL: u32 = u32::MAX;

/// How many bits are set in a byte. Not every processor that this is compiled for knows it by itself.
const ONES: [u8; 256] = {
    let (mut ones, mut byte) = ([0; 256], 1);
    while byte < 256 {
        ones[byte] = ones[byte / 2] + (byte % 2) as u8;
        byte += 1;
    }
    ones
};

/// A lane in order, with the highest of its shares, which mostly decides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub(crate) share: u64,
    pub(crate) lane: u32,
}

/// What lanes are in the order of.
pub(crate) type Rank = (Standing, TenantId, u32);

/// How a lane compares to a rank.
pub(crate) fn to_rank(lanes: &[Lane], rank: Rank) -> impl Fn(&Stand) -> Ordering {
    move |stand| {
        stand.share.cmp(&rank.0[0]).then_with(|| {
            let lane = &lanes[stand.lane as usize];
            (lane.standing, lane.tenant, stand.lane).cmp(&rank)
        })
    }
}

impl Lane {
    pub(crate) fn new(class: Reverse<i16>, tenant: TenantId, standing: Standing) -> Lane {
        let (kinds, heads, jobs, mask, ranks) = (Vec::new(), Vec::new(), Vec::new(), FixedBitSet::new(), Vec::new());
        Lane { class, tenant, standing, waiting: 0, kinds, heads, jobs, mask, ranks }
    }

    /// The position of a kind's cell, or where it belongs.
    pub(crate) fn place(&self, kind: u32) -> Result<usize, usize> {
        self.kinds.binary_search(&kind)
    }

    /// A kind has a cell from now on, at the position where it belongs.
    pub(crate) fn insert(&mut self, at: usize, kind: u32, (head, job): (Head, JobId)) {
        self.kinds.insert(at, kind);
        self.heads.insert(at, head);
        self.jobs.insert(at, job);
        self.mask.grow_and_insert(kind as usize);
        self.ranks.resize(size_of_val(self.mask.as_slice()), self.kinds.len() as u32 - 1);
        self.ranks[kind as usize / 8 + 1..].iter_mut().for_each(|rank| *rank += 1);
    }

    /// What comes first in a cell is another job now.
    pub(crate) fn set(&mut self, at: usize, (head, job): (Head, JobId)) {
        (self.heads[at], self.jobs[at]) = (head, job);
    }

    /// The kind of the cell at a position has none any more.
    pub(crate) fn remove(&mut self, at: usize) {
        let kind = self.kinds.remove(at) as usize;
        self.heads.remove(at);
        self.jobs.remove(at);
        self.mask.remove(kind);
        self.ranks[kind / 8 + 1..].iter_mut().for_each(|rank| *rank -= 1);
    }

    /// Visits the positions of the cells of kinds in a set.
    #[inline]
    pub(crate) fn within(&self, kinds: &FixedBitSet, mut visit: impl FnMut(usize)) {
        // The cells lie as the bits of the mask do, so a bit's rank is a cell's position.
        let (ranks, _) = self.ranks.as_chunks::<{ size_of::<usize>() }>();
        for ((mine, wanted), ranks) in self.mask.as_slice().iter().zip(kinds.as_slice()).zip(ranks) {
            let mut both = mine & wanted;
            if both == *mine {
                let first = ranks[0] as usize;
                (first..first + mine.count_ones() as usize).for_each(&mut visit);
                continue;
            }
            while both != 0 {
                let bit = both.trailing_zeros() as usize;
                let before = (mine & !(usize::MAX << bit)) >> (bit & !7);
                visit(ranks[bit / 8] as usize + usize::from(ONES[before & 0xff]));
                both &= both - 1;
            }
        }
    }

    /// The first job, of the kinds in a set if one is given. This is what a pass spends most of its time on.
    pub(crate) fn first(&self, kinds: Option<&FixedBitSet>, cells: &[Cell], bursts: &Bursts) -> Option<Ticket> {
        let mut best: Option<(Counted, u32, usize)> = None;
        let mut least = i64::MAX;
        let look = |at: usize| {
            let head = &self.heads[at];
            let (counted, burst) = match head.burst {
                SEVERAL => match cells[head.cell as usize].first(bursts) {
                    Some(first) => first,
                    None => return,
                },
                burst => {
                    let key = head.key + bursts.offsets[burst as usize];
                    if key > least {
                        return;
                    }
                    ((key, Turn { key: head.key, job: self.jobs[at] }), burst)
                }
            };
            if best.as_ref().is_none_or(|(best, ..)| counted < *best) {
                least = counted.0;
                best = Some((counted, burst, at));
            }
        };
        match kinds {
            Some(kinds) => self.within(kinds, look),
            None => (0..self.heads.len()).for_each(look),
        }
        best.map(|((_, turn), burst, at)| Ticket { kind: self.kinds[at], cell: self.heads[at].cell, burst, turn })
    }
}

impl Head {
    pub(crate) fn of(id: u32, cell: &Cell) -> (Head, JobId) {
        let only = cell.only().filter(|(_, turn)| turn.key.unsigned_abs() <= OFFSET_MOST.unsigned_abs());
        let (burst, turn) = only.unwrap_or((SEVERAL, Turn { key: 0, job: JobId(0) }));
        (Head { key: turn.key, burst, cell: id }, turn.job)
    }

    /// The key of the first turn as it counts.
    #[inline]
    pub(crate) fn key(&self, cells: &[Cell], bursts: &Bursts) -> i64 {
        match self.burst {
            SEVERAL => cells[self.cell as usize].first(bursts).map_or(i64::MAX, |((key, _), _)| key),
            burst => self.key + bursts.offsets[burst as usize],
        }
    }
}

/// Whether two sets have a member in common.
pub(crate) fn meet(one: &FixedBitSet, other: &FixedBitSet) -> bool {
    one.as_slice().iter().zip(other.as_slice()).any(|(one, other)| one & other != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_wanted_kinds_are_those_that_looking_at_each_finds() {
        let mut lane = Lane::new(Reverse(0), TenantId(1), [0; 4]);
        let mut number = 1_u64;
        let mut next = |below: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        };
        for _ in 0..3000 {
            let kind = next(300) as u32;
            match lane.place(kind) {
                Ok(at) => lane.remove(at),
                Err(at) => lane.insert(at, kind, (Head { key: i64::from(kind), burst: 0, cell: kind }, JobId(1))),
            }
            let wanted: FixedBitSet = (0..next(300)).map(|_| next(320) as usize).collect();
            let mut found = Vec::new();
            lane.within(&wanted, |at| found.push(lane.heads[at].cell));
            let kinds = lane.kinds.iter().copied();
            assert_eq!(found, kinds.filter(|kind| wanted.contains(*kind as usize)).collect::<Vec<u32>>());
        }
    }
}
