//! A set in order that is mostly small: its first members lie side by side, the rest in a tree.

use std::collections::{BTreeSet, VecDeque};

/// See the module. While there is a rest, there are first ones.
#[derive(Debug, Clone)]
pub(crate) struct Sorted<T> {
    first: VecDeque<T>,
    rest: BTreeSet<T>,
}

/// The most that lie side by side.
const FIRST_MOST: usize = 64;

impl<T> Default for Sorted<T> {
    fn default() -> Sorted<T> {
        Sorted { first: VecDeque::new(), rest: BTreeSet::new() }
    }
}

impl<T: Copy + Ord> Sorted<T> {
    /// Takes in what is not there.
    pub(crate) fn insert(&mut self, one: T) {
        if !self.rest.is_empty() && self.first.back().is_some_and(|last| *last < one) {
            self.rest.insert(one);
            return;
        }
        let at = self.first.partition_point(|known| *known < one);
        self.first.insert(at, one);
        if self.first.len() > FIRST_MOST {
            self.rest.extend(self.first.drain(FIRST_MOST / 2..));
        }
    }

    pub(crate) fn remove(&mut self, one: T) {
        let Ok(at) = self.first.binary_search(&one) else {
            self.rest.remove(&one);
            return;
        };
        self.first.remove(at);
        if self.first.is_empty() {
            while self.first.len() < FIRST_MOST / 2
                && let Some(next) = self.rest.pop_first()
            {
                self.first.push_back(next);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(crate) fn first(&self) -> Option<T> {
        self.first.front().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.first.iter().chain(&self.rest).copied()
    }

    /// How many are before, where `before` holds for the first ones up to some point.
    pub(crate) fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        match self.first.partition_point(&before) {
            all if all == self.first.len() => all + self.rest.iter().take_while(|one| before(one)).count(),
            some => some,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_set_in_order() {
        let (mut sorted, mut known) = (Sorted::default(), BTreeSet::new());
        let mut number = 1_u64;
        for step in 0..30_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let one = number >> 33 & 1023;
            // It grows to hundreds and shrinks to none, several times.
            if (step / 3000) % 2 == 0 {
                if known.insert(one) {
                    sorted.insert(one);
                }
            } else {
                let next = known.range(one..).next().copied().or_else(|| known.first().copied());
                if let Some(next) = next {
                    known.remove(&next);
                    sorted.remove(next);
                }
            }
            assert_eq!(
                (sorted.first(), sorted.len(), sorted.is_empty()),
                (known.first().copied(), known.len(), known.is_empty())
            );
            if step % 50 == 0 {
                assert!(sorted.iter().eq(known.iter().copied()));
                assert_eq!(sorted.partition_point(|known| *known < one), known.range(..one).count());
            }
        }
    }
}
