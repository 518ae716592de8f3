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

/// The most that turns are put off, or brought forward: a hundred million years.
pub(crate) const OFFSET_MOST: i64 = i64::MAX / 2;

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
    fn new(burst: u32, turn: Turn) -> Group {
        let mut turns = Sorted::default();
        turns.insert(turn);
        Group { burst, turns }
    }

    fn head(&self) -> Turn {
        self.turns.first().expect("a group has jobs")
    }
}

/// A burst with waiting jobs: whose it is, in how many cells it is, and in which of them its place in the order is kept.
#[derive(Debug, Clone)]
pub(crate) struct Burst {
    pub(crate) id: JobId,
    pub(crate) tenant: measure::TenantId,
    pub(crate) cells: u32,
    pub(crate) ordered: Vec<u32>,
}

/// All bursts, and by how much the turns of each are put off: side by side, as every cell that is looked at asks for that.
#[derive(Debug, Clone)]
pub(crate) struct Bursts {
    pub(crate) all: Vec<Burst>,
    pub(crate) offsets: Vec<i64>,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) lane: u32,
    groups: Groups,
}

#[derive(Debug, Clone)]
enum Groups {
    /// Of one burst only, as mostly, or without jobs: one look at memory less.
    One(Group),
    /// Ascending by burst; with the first turn of every group where they are many.
    Several(Vec<Group>, Option<BTreeSet<(Counted, u32)>>),
}

impl Groups {
    fn as_slice(&self) -> &[Group] {
        match self {
            Groups::One(group) => std::slice::from_ref(group),
            Groups::Several(groups, _) => groups,
        }
    }
}

/// Groups from which on their order is kept, and below which it is no more.
const ORDERED_FROM: usize = 32;
const ORDERED_BELOW: usize = 16;

impl Cell {
    /// A cell with its first job.
    pub(crate) fn new(lane: u32, burst: u32, turn: Turn, bursts: &mut Bursts) -> Cell {
        bursts.all[burst as usize].cells += 1;
        Cell { lane, groups: Groups::One(Group::new(burst, turn)) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.groups, Groups::One(group) if group.turns.is_empty())
    }

    fn find(&self, burst: u32) -> Result<usize, usize> {
        self.groups.as_slice().binary_search_by_key(&burst, |group| group.burst)
    }

    /// `me` is the cell's own position.
    pub(crate) fn insert(&mut self, me: u32, burst: u32, turn: Turn, bursts: &mut Bursts) {
        let offset = bursts.offsets[burst as usize];
        if let Groups::One(group) = &mut self.groups {
            if group.turns.is_empty() {
                *group = Group::new(burst, turn);
                bursts.all[burst as usize].cells += 1;
                return;
            }
            if group.burst == burst {
                return group.turns.insert(turn);
            }
            let known = std::mem::replace(group, Group { burst, turns: Sorted::default() });
            self.groups = Groups::Several(vec![known], None);
        }
        let at = self.find(burst);
        let Groups::Several(groups, order) = &mut self.groups else { return };
        match at {
            Ok(at) => {
                let before = groups[at].head();
                groups[at].turns.insert(turn);
                if turn < before
                    && let Some(order) = order
                {
                    order.remove(&(counted(before, offset), burst));
                    order.insert((counted(turn, offset), burst));
                }
            }
            Err(at) => {
                groups.insert(at, Group::new(burst, turn));
                bursts.all[burst as usize].cells += 1;
                if let Some(order) = order {
                    order.insert((counted(turn, offset), burst));
                    bursts.all[burst as usize].ordered.push(me);
                } else if groups.len() > ORDERED_FROM {
                    let heads = groups.iter().map(|group| (group.head(), group.burst));
                    *order = Some(heads.map(|(head, at)| (counted(head, bursts.offsets[at as usize]), at)).collect());
                    groups.iter().for_each(|group| bursts.all[group.burst as usize].ordered.push(me));
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, me: u32, burst: u32, turn: Turn, bursts: &mut Bursts) {
        let at = self.find(burst).expect("what waits is in its burst");
        let (groups, order) = match &mut self.groups {
            Groups::One(group) => {
                group.turns.remove(turn);
                bursts.all[burst as usize].cells -= u32::from(group.turns.is_empty());
                return;
            }
            Groups::Several(groups, order) => (groups, order),
        };
        let offset = bursts.offsets[burst as usize];
        let before = groups[at].head();
        let turns = &mut groups[at].turns;
        turns.remove(turn);
        let after = turns.first();
        if let Some(order) = order.as_mut().filter(|_| after != Some(before)) {
            order.remove(&(counted(before, offset), burst));
            order.extend(after.map(|after| (counted(after, offset), burst)));
        }
        if after.is_some() {
            return;
        }
        groups.remove(at);
        bursts.all[burst as usize].cells -= 1;
        if order.is_some() {
            bursts.all[burst as usize].ordered.retain(|cell| *cell != me);
            if groups.len() < ORDERED_BELOW {
                *order = None;
                groups.iter().for_each(|group| bursts.all[group.burst as usize].ordered.retain(|cell| *cell != me));
            }
        }
        if let [_] = groups[..] {
            self.groups = Groups::One(groups.remove(0));
        }
    }

    /// The turns of a burst are put off otherwise now, where the cell keeps an order.
    pub(crate) fn shift(&mut self, burst: u32, from: i64, to: i64) {
        if let Ok(at) = self.find(burst)
            && let Groups::Several(groups, Some(order)) = &mut self.groups
        {
            let head = groups[at].head();
            order.remove(&(counted(head, from), burst));
            order.insert((counted(head, to), burst));
        }
    }

    /// The first turn as it counts, and its burst.
    pub(crate) fn first(&self, bursts: &Bursts) -> Option<(Counted, u32)> {
        match &self.groups {
            Groups::Several(_, Some(order)) => order.first().copied(),
            _ => self.heads(bursts).min(),
        }
    }

    /// The first turn and its burst, if there is one burst only.
    pub(crate) fn only(&self) -> Option<(u32, Turn)> {
        match &self.groups {
            Groups::One(group) => Some((group.burst, group.turns.first()?)),
            Groups::Several(..) => None,
        }
    }

    fn heads<'a>(&'a self, bursts: &'a Bursts) -> impl Iterator<Item = (Counted, u32)> + 'a {
        let head = |group: &Group| Some((counted(group.turns.first()?, bursts.offsets[group.burst as usize]), group.burst));
        self.groups.as_slice().iter().filter_map(head)
    }

    /// The first turn of every burst, or of the `most` first bursts.
    pub(crate) fn first_of_bursts(&self, most: usize, bursts: &Bursts, into: &mut impl Extend<(Counted, u32)>) {
        match &self.groups {
            Groups::Several(_, Some(order)) => into.extend(order.iter().take(most).copied()),
            _ => into.extend(self.heads(bursts)),
        }
    }

    /// The first turns of a burst.
    pub(crate) fn turns_of(&self, burst: u32) -> impl Iterator<Item = Turn> + '_ {
        self.find(burst).into_iter().flat_map(|at| self.groups.as_slice()[at].turns.iter())
    }

    /// Asks for its first turns, which are going to be looked at.
    pub(crate) fn ask_for_turns(&self) {
        if let Groups::One(group) = &self.groups {
            group.turns.ask_for();
        }
    }

    /// How many turns count as less.
    pub(crate) fn before(&self, than: Counted, bursts: &Bursts) -> usize {
        let before = |group: &Group| {
            let offset = bursts.offsets[group.burst as usize];
            group.turns.partition_point(|turn| counted(*turn, offset) < than)
        };
        self.groups.as_slice().iter().map(before).sum()
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
        let burst = |id| Burst { id: JobId(id), tenant: measure::TenantId(1), cells: 0, ordered: Vec::new() };
        let mut bursts = Bursts { all: (0..80).map(burst).collect(), offsets: vec![0; 80] };
        let first = Turn { key: 0, job: JobId(u64::MAX) };
        let mut cell = Cell::new(0, 0, first, &mut bursts);
        cell.remove(7, 0, first, &mut bursts);
        assert!(cell.is_empty());
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
                let from = std::mem::replace(&mut bursts.offsets[burst as usize], to);
                if bursts.all[burst as usize].ordered.contains(&7) {
                    cell.shift(burst, from, to);
                }
            }
            let all = || known.iter().map(|(burst, turn)| (counted(*turn, bursts.offsets[*burst as usize]), *burst));
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
