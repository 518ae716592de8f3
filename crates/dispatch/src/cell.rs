//! The jobs of one kind in one lane, by burst. Most cells hold a handful of jobs, some a hundred thousand: few are looked
//! through, many are kept in order.

use std::collections::BTreeSet;

use measure::JobId;

use crate::sorted::Sorted;

/// The key by which jobs of one lane are served, smallest first; of equal keys, who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) key: i64,
    pub(crate) job: JobId,
}

/// A turn as it counts: its own key and what its burst adds.
pub(crate) type Counted = (i64, Turn);

pub(crate) fn counted(turn: Turn, offset: i64) -> Counted {
    (turn.key.saturating_add(offset), turn)
}

/// The jobs of one burst in a cell, at least one.
#[derive(Debug, Clone)]
struct Group {
    burst: u32,
    turns: Sorted<Turn>,
}

impl Group {
    fn head(&self) -> Turn {
        self.turns.first().expect("a group has jobs")
    }
}

/// A burst with waiting jobs: whose it is, by how much its turns are put off, in how many cells it is, and in which of
/// them its place in the order is kept.
#[derive(Debug, Clone)]
pub(crate) struct Burst {
    pub(crate) id: JobId,
    pub(crate) tenant: measure::TenantId,
    pub(crate) offset: i64,
    pub(crate) cells: u32,
    pub(crate) ordered: Vec<u32>,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) lane: u32,
    /// Ascending by burst.
    groups: Vec<Group>,
    /// The first turn of every group, where there are many.
    order: Option<BTreeSet<(Counted, u32)>>,
}

/// Groups from which on their order is kept, and below which it is no more.
const ORDERED_FROM: usize = 32;
const ORDERED_BELOW: usize = 16;

impl Cell {
    pub(crate) fn new(lane: u32) -> Cell {
        Cell { lane, groups: Vec::with_capacity(1), order: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn find(&self, burst: u32) -> Result<usize, usize> {
        self.groups.binary_search_by_key(&burst, |group| group.burst)
    }

    /// `me` is the cell's own position.
    pub(crate) fn insert(&mut self, me: u32, burst: u32, turn: Turn, bursts: &mut [Burst]) {
        let offset = bursts[burst as usize].offset;
        match self.find(burst) {
            Ok(at) => {
                let before = self.groups[at].head();
                self.groups[at].turns.insert(turn);
                if turn < before
                    && let Some(order) = &mut self.order
                {
                    order.remove(&(counted(before, offset), burst));
                    order.insert((counted(turn, offset), burst));
                }
            }
            Err(at) => {
                let mut turns = Sorted::default();
                turns.insert(turn);
                self.groups.insert(at, Group { burst, turns });
                bursts[burst as usize].cells += 1;
                if let Some(order) = &mut self.order {
                    order.insert((counted(turn, offset), burst));
                    bursts[burst as usize].ordered.push(me);
                } else if self.groups.len() > ORDERED_FROM {
                    let heads = self.groups.iter().map(|group| (group.head(), group.burst));
                    self.order = Some(heads.map(|(head, at)| (counted(head, bursts[at as usize].offset), at)).collect());
                    self.groups.iter().for_each(|group| bursts[group.burst as usize].ordered.push(me));
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, me: u32, burst: u32, turn: Turn, bursts: &mut [Burst]) {
        let at = self.find(burst).expect("what waits is in its burst");
        let offset = bursts[burst as usize].offset;
        let before = self.groups[at].head();
        let turns = &mut self.groups[at].turns;
        turns.remove(turn);
        let after = turns.first();
        if let Some(order) = self.order.as_mut().filter(|_| after != Some(before)) {
            order.remove(&(counted(before, offset), burst));
            order.extend(after.map(|after| (counted(after, offset), burst)));
        }
        if after.is_some() {
            return;
        }
        self.groups.remove(at);
        bursts[burst as usize].cells -= 1;
        if self.order.is_none() {
            return;
        }
        bursts[burst as usize].ordered.retain(|cell| *cell != me);
        if self.groups.len() < ORDERED_BELOW {
            self.order = None;
            self.groups.iter().for_each(|group| bursts[group.burst as usize].ordered.retain(|cell| *cell != me));
        }
    }

    /// The turns of a burst are put off otherwise now, where the cell keeps an order.
    pub(crate) fn shift(&mut self, burst: u32, from: i64, to: i64) {
        if let Ok(at) = self.find(burst)
            && let Some(order) = &mut self.order
        {
            let head = self.groups[at].head();
            order.remove(&(counted(head, from), burst));
            order.insert((counted(head, to), burst));
        }
    }

    /// The first turn as it counts, and its burst.
    pub(crate) fn first(&self, bursts: &[Burst]) -> Option<(Counted, u32)> {
        match &self.order {
            Some(order) => order.first().copied(),
            None => self.heads(bursts).min(),
        }
    }

    /// The first turn and its burst, if there is one burst only.
    pub(crate) fn only(&self) -> Option<(u32, Turn)> {
        match &self.groups[..] {
            [group] => Some((group.burst, group.head())),
            _ => None,
        }
    }

    fn heads<'a>(&'a self, bursts: &'a [Burst]) -> impl Iterator<Item = (Counted, u32)> + 'a {
        self.groups.iter().map(|group| (counted(group.head(), bursts[group.burst as usize].offset), group.burst))
    }

    /// The first turn of every burst, or of the `most` first bursts.
    pub(crate) fn first_of_bursts(&self, most: usize, bursts: &[Burst], into: &mut impl Extend<(Counted, u32)>) {
        match &self.order {
            Some(order) => into.extend(order.iter().take(most).copied()),
            None => into.extend(self.heads(bursts)),
        }
    }

    /// The first turns of a burst.
    pub(crate) fn turns_of(&self, burst: u32) -> impl Iterator<Item = Turn> + '_ {
        self.find(burst).into_iter().flat_map(|at| self.groups[at].turns.iter())
    }

    /// How many turns count as less.
    pub(crate) fn before(&self, than: Counted, bursts: &[Burst]) -> usize {
        let before = |group: &Group| {
            let offset = bursts[group.burst as usize].offset;
            group.turns.partition_point(|turn| counted(*turn, offset) < than)
        };
        self.groups.iter().map(before).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64.
    fn mixed(number: u64) -> u64 {
        let number = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number ^ (number >> 27)
    }

    #[test]
    fn few_and_many_turns_are_served_in_the_same_order() {
        let burst = |id| Burst { id: JobId(id), tenant: measure::TenantId(1), offset: 0, cells: 0, ordered: Vec::new() };
        let mut bursts: Vec<Burst> = (0..80).map(burst).collect();
        let mut cell = Cell::new(0);
        let mut known: BTreeSet<(u32, Turn)> = BTreeSet::new();
        for step in 0..20_000_u64 {
            let number = mixed(step);
            let burst = (number % if step / 4000 % 2 == 0 { 80 } else { 3 }) as u32;
            let turn = Turn { key: (number >> 8) as i64 % 1000, job: JobId(step) };
            let grows = step % 8000 < 5000;
            if grows || number >> 40 & 1 == 0 {
                cell.insert(7, burst, turn, &mut bursts);
                known.insert((burst, turn));
            }
            if !grows || number >> 41 & 3 == 0 {
                let nth = (number >> 20) as usize % known.len().max(1);
                if let Some((burst, turn)) = known.iter().nth(nth).copied() {
                    known.remove(&(burst, turn));
                    cell.remove(7, burst, turn, &mut bursts);
                }
            }
            if step % 5 == 0 {
                let to = (number >> 30) as i64 % 500;
                let from = std::mem::replace(&mut bursts[burst as usize].offset, to);
                if bursts[burst as usize].ordered.contains(&7) {
                    cell.shift(burst, from, to);
                }
            }
            let all = || known.iter().map(|(burst, turn)| (counted(*turn, bursts[*burst as usize].offset), *burst));
            assert_eq!(cell.first(&bursts), all().min());
            if step % 97 == 0 {
                let than = counted(turn, 100);
                assert_eq!(cell.before(than, &bursts), all().filter(|(known, _)| *known < than).count());
                assert_eq!(cell.turns_of(burst).collect::<Vec<_>>(), {
                    known
                        .range((burst, Turn { key: i64::MIN, ..turn })..)
                        .take_while(|(known, _)| *known == burst)
                        .map(|(_, turn)| *turn)
                        .collect::<Vec<_>>()
                });
            }
        }
        assert!(known.len() > 1000, "there were many: {}", known.len());
    }
}
