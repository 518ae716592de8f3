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
    /// The kinds of its cells, ascending; of each cell what comes first, and which job that is, apart as it is rarely asked.
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

    /// The same numbers everywhere, each below what is asked.
    fn numbers() -> impl FnMut(u64) -> u64 {
        let mut number = 1_u64;
        move |below| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        }
    }

    #[test]
    fn the_first_job_is_the_one_that_looking_at_all_turns_finds_however_early_or_late_they_are() {
        const KEYS: [i64; 6] = [i64::MIN, i64::MAX, -OFFSET_MOST, OFFSET_MOST, OFFSET_MOST + 1, 7];
        let mut next = numbers();
        for _ in 0..300 {
            let burst = |id| crate::cell::Burst { id: JobId(id), tenant: TenantId(1), cells: 0, ordered: Vec::new() };
            let offsets = (0..6).map(|_| [-OFFSET_MOST, OFFSET_MOST, 0, 5][next(4) as usize]).collect();
            let mut bursts = Bursts { all: (0..6).map(burst).collect(), offsets };
            let (mut lane, mut cells, mut turns) = (Lane::new(Reverse(0), TenantId(1), [0; 4]), Vec::<Cell>::new(), Vec::new());
            for job in 0..next(60) {
                let (kind, burst) = (next(20) as u32, next(6) as u32);
                let key = if next(2) == 0 { KEYS[next(6) as usize] } else { next(9) as i64 };
                let turn = Turn { key, job: JobId(job) };
                let cell = match lane.place(kind) {
                    Ok(at) => {
                        let id = lane.heads[at].cell;
                        cells[id as usize].insert(id, burst, turn, &mut bursts);
                        lane.set(at, Head::of(id, &cells[id as usize]));
                        id
                    }
                    Err(at) => {
                        let id = cells.len() as u32;
                        cells.push(Cell::new(0, burst, turn, &mut bursts));
                        lane.insert(at, kind, Head::of(id, &cells[id as usize]));
                        id
                    }
                };
                turns.push(Ticket { kind, cell, burst, turn });
            }
            let wanted: FixedBitSet = (0..next(20)).map(|_| next(22) as usize).collect();
            let counted = |ticket: &Ticket| crate::cell::counted(ticket.turn, bursts.offsets[ticket.burst as usize]);
            let of_wanted =
                turns.iter().filter(|ticket| wanted.contains(ticket.kind as usize)).min_by_key(|ticket| counted(ticket));
            assert_eq!(lane.first(Some(&wanted), &cells, &bursts), of_wanted.copied());
            assert_eq!(lane.first(None, &cells, &bursts), turns.iter().min_by_key(|ticket| counted(ticket)).copied());
        }
    }

    #[test]
    fn the_cells_of_wanted_kinds_are_those_that_looking_at_each_finds() {
        let mut lane = Lane::new(Reverse(0), TenantId(1), [0; 4]);
        let mut next = numbers();
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
