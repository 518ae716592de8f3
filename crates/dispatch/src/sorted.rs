//! A set in order that is mostly small: its first members lie side by side, the rest in rows.

use std::collections::VecDeque;

use crate::ordered::Ordered;

/// See the module. While there is a rest, there are first ones.
#[derive(Debug, Clone)]
pub(crate) struct Sorted<T> {
    first: VecDeque<T>,
    /// Never empty.
    rest: Option<Box<Ordered<T>>>,
}

/// The most that lie side by side.
const FIRST_MOST: usize = 64;

impl<T> Default for Sorted<T> {
    fn default() -> Sorted<T> {
        Sorted { first: VecDeque::new(), rest: None }
    }
}

impl<T: Copy + Ord> Sorted<T> {
    /// Takes in what is not there.
    pub(crate) fn insert(&mut self, one: T) {
        if let Some(rest) = &mut self.rest
            && self.first.back().is_some_and(|last| *last < one)
        {
            rest.insert(one);
            return;
        }
        let at = self.first.partition_point(|known| *known < one);
        self.first.insert(at, one);
        if self.first.len() > FIRST_MOST {
            let rest = self.rest.get_or_insert_default();
            self.first.drain(FIRST_MOST / 2..).for_each(|one| rest.insert(one));
        }
    }

    pub(crate) fn remove(&mut self, one: T) {
        // Mostly the first one goes, and nothing else is looked at then.
        if self.first.front() == Some(&one) {
            self.first.pop_front();
        } else {
            match (self.first.binary_search(&one), &mut self.rest) {
                (Ok(at), _) => drop(self.first.remove(at)),
                (Err(_), Some(rest)) => rest.remove(&one),
                (Err(_), None) => {}
            }
        }
        let fill = self.first.is_empty();
        if let Some(rest) = &mut self.rest {
            while self.first.len() < FIRST_MOST / 2
                && let Some(next) = rest.first().copied().filter(|_| fill)
            {
                rest.remove(&next);
                self.first.push_back(next);
            }
            if rest.is_empty() {
                self.rest = None;
            }
        }
    }

    /// Asks for its first members, which are going to be looked at.
    pub(crate) fn ask_for(&self) {
        self.first.as_slices().0.iter().take(2).for_each(crate::ahead::ask_for);
    }

    pub(crate) fn len(&self) -> usize {
        self.first.len() + self.rest.as_ref().map_or(0, |rest| rest.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(crate) fn first(&self) -> Option<T> {
        self.first.front().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.first.iter().chain(self.rest.iter().flat_map(|rest| rest.iter())).copied()
    }

    /// How many are before, where `before` holds for the first ones up to some point.
    pub(crate) fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        match (self.first.partition_point(&before), &self.rest) {
            (all, Some(rest)) if all == self.first.len() => all + rest.iter().take_while(|one| before(one)).count(),
            (some, _) => some,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
