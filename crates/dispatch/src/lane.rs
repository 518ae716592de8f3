//! The jobs of a tenant in one class, by kind, and the order of such lanes.

use std::cmp::{Ordering, Reverse};

use fixedbitset::FixedBitSet;
use measure::TenantId;

use crate::cell::{Bursts, Cell, Counted, Turn, counted};
use crate::queue::{Standing, Ticket};

/// The jobs of a tenant in one class.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) class: Reverse<i16>,
    pub(crate) tenant: TenantId,
    pub(crate) standing: Standing,
    pub(crate) waiting: u32,
    /// By kind, ascending.
    pub(crate) cells: Vec<LaneCell>,
    pub(crate) mask: FixedBitSet,
    /// By word of the mask: how many cells lie before it.
    ranks: Vec<u32>,
}

/// A cell in a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneCell {
    pub(crate) kind: u32,
    pub(crate) cell: u32,
    /// The first turn and its burst, where the cell has only one: at hand, as lanes are gone through for every job placed.
    pub(crate) only: Option<(u32, Turn)>,
}

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
        Lane { class, tenant, standing, waiting: 0, cells: Vec::new(), mask: FixedBitSet::new(), ranks: Vec::new() }
    }

    /// The position of a kind's cell, or where it belongs.
    pub(crate) fn place(&self, kind: u32) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&kind, |place| place.kind)
    }

    /// Notes that a kind has a cell, or has none any more.
    pub(crate) fn mark(&mut self, kind: u32, has: bool) {
        self.mask.grow(kind as usize + 1);
        self.mask.set(kind as usize, has);
        self.ranks.resize(self.mask.as_slice().len(), self.cells.len() as u32 - u32::from(has));
        let word = kind as usize / usize::BITS as usize;
        self.ranks[word + 1..].iter_mut().for_each(|rank| *rank = if has { *rank + 1 } else { *rank - 1 });
    }

    /// Visits the cells of kinds in a set.
    #[inline]
    pub(crate) fn within<'a>(&'a self, kinds: &FixedBitSet, mut visit: impl FnMut(&'a LaneCell)) {
        // The cells lie as the bits of the mask do, so a bit's rank is a cell's position.
        let words = self.mask.as_slice().iter().zip(kinds.as_slice()).zip(&self.ranks);
        for ((mine, wanted), rank) in words {
            let mut both = mine & wanted;
            while both != 0 {
                let lowest = both & both.wrapping_neg();
                both ^= lowest;
                visit(&self.cells[*rank as usize + (mine & (lowest - 1)).count_ones() as usize]);
            }
        }
    }

    /// The first job, of the kinds in a set if one is given. This is what a pass spends most of its time on.
    pub(crate) fn first<'a>(&'a self, kinds: Option<&FixedBitSet>, cells: &[Cell], bursts: &Bursts) -> Option<Ticket> {
        let mut best: Option<(Counted, u32, &LaneCell)> = None;
        let mut least = i64::MAX;
        let mut look = |place: &'a LaneCell| {
            if place.is_after(least, bursts) {
                return;
            }
            let Some((counted, burst)) = place.first(cells, bursts) else { return };
            if best.as_ref().is_none_or(|(least, ..)| counted < *least) {
                least = counted.0;
                best = Some((counted, burst, place));
            }
        };
        match kinds {
            Some(kinds) => self.within(kinds, &mut look),
            None => self.cells.iter().for_each(look),
        }
        best.map(|((_, turn), burst, place)| Ticket { kind: place.kind, cell: place.cell, burst, turn })
    }
}

impl LaneCell {
    /// Whether its first turn counts as later than a key, where that is at hand: most come later.
    #[inline]
    pub(crate) fn is_after(&self, key: i64, bursts: &Bursts) -> bool {
        self.only.is_some_and(|(burst, turn)| turn.key.saturating_add(bursts.offsets[burst as usize]) > key)
    }

    /// The first turn as it counts, and its burst.
    #[inline]
    pub(crate) fn first(&self, cells: &[Cell], bursts: &Bursts) -> Option<(Counted, u32)> {
        match self.only {
            Some((burst, turn)) => Some((counted(turn, bursts.offsets[burst as usize]), burst)),
            None => cells[self.cell as usize].first(bursts),
        }
    }
}

/// Whether two sets have a member in common.
pub(crate) fn meet(one: &FixedBitSet, other: &FixedBitSet) -> bool {
    one.as_slice().iter().zip(other.as_slice()).any(|(one, other)| one & other != 0)
}
