//! A set in order that is large and always changing: its members lie side by side in rows, so that a member comes or goes
//! with few looks at memory and a short move.

use std::cmp::Ordering;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Ordered<T> {
    /// The first member of each row.
    heads: Vec<T>,
    /// None of them is empty.
    rows: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Ordered<T> {
    fn default() -> Ordered<T> {
        Ordered { heads: Vec::new(), rows: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Ordered<T> {
    /// The most in a row: some two kilobytes.
    const ROW_MOST: usize = 16 + 2048 / size_of::<T>();

    /// The row in which a member is or would be, if there is any; `to` says how another one compares to it.
    fn row(&self, to: impl Fn(&T) -> Ordering) -> usize {
        self.heads.partition_point(|head| to(head) != Ordering::Greater).saturating_sub(1)
    }

    /// Takes one in, unless it is there; `to` says how another one compares to it.
    pub(crate) fn insert_by(&mut self, one: T, to: impl Fn(&T) -> Ordering) {
        if self.rows.is_empty() {
            self.heads.push(one);
            self.rows.push(vec![one]);
            self.len = 1;
            return;
        }
        let at = self.row(&to);
        let row = &mut self.rows[at];
        let Err(within) = row.binary_search_by(to) else { return };
        row.insert(within, one);
        self.len += 1;
        self.heads[at] = row[0];
        if row.len() > Self::ROW_MOST {
            // What only grows at its end leaves full rows behind.
            let from = if within == Self::ROW_MOST { Self::ROW_MOST } else { Self::ROW_MOST / 2 };
            let mut rest = Vec::with_capacity(Self::ROW_MOST + 1);
            rest.extend(row.drain(from..));
            self.heads.insert(at + 1, rest[0]);
            self.rows.insert(at + 1, rest);
        }
    }

    /// Lets go of one; `to` says how another one compares to it.
    pub(crate) fn remove_by(&mut self, to: impl Fn(&T) -> Ordering) {
        if self.rows.is_empty() {
            return;
        }
        let at = self.row(&to);
        let row = &mut self.rows[at];
        let Ok(within) = row.binary_search_by(to) else { return };
        row.remove(within);
        self.len -= 1;
        match row.first() {
            Some(head) => self.heads[at] = *head,
            None => {
                self.heads.remove(at);
                self.rows.remove(at);
            }
        }
        // Rows that have become short are made one, or there would be as many as members in the end.
        let short = self.rows.get(at).map_or(0, Vec::len);
        if short < Self::ROW_MOST / 8
            && let Some(next) = self.rows.get(at + 1).filter(|next| short + next.len() <= Self::ROW_MOST / 2)
        {
            let next = next.clone();
            self.rows[at].extend(next);
            self.heads.remove(at + 1);
            self.rows.remove(at + 1);
        }
    }

    /// Puts `one` into the place of another that `from` finds, where it belongs by `to`: mostly not far from there.
    pub(crate) fn move_by(&mut self, one: T, from: impl Fn(&T) -> Ordering, to: impl Fn(&T) -> Ordering) {
        if self.rows.is_empty() {
            return;
        }
        let at = self.row(&from);
        let after = self.heads.get(at + 1).is_none_or(|next| to(next) == Ordering::Greater);
        let row = &mut self.rows[at];
        let Ok(within) = row.binary_search_by(&from) else { return };
        let (left, right) = (&row[..within], &row[within + 1..]);
        match left.last().map(&to) {
            Some(Ordering::Greater) if at == 0 || to(&row[0]) == Ordering::Less => {
                let goes = left.partition_point(|known| to(known) == Ordering::Less);
                row.copy_within(goes..within, goes + 1);
                row[goes] = one;
            }
            Some(Ordering::Less) | None if after && (at == 0 || within > 0) => {
                let goes = within + right.partition_point(|known| to(known) == Ordering::Less);
                row.copy_within(within + 1..=goes, within);
                row[goes] = one;
            }
            _ => {
                self.remove_by(from);
                return self.insert_by(one, to);
            }
        }
        self.heads[at] = self.rows[at][0];
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.heads.first()
    }

    /// All, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().flatten()
    }

    /// All from one on, ascending; `to` says how another one compares to it.
    pub(crate) fn starting_by(&self, to: impl Fn(&T) -> Ordering) -> impl Iterator<Item = &T> {
        let (row, rest) = match self.rows.get(self.row(&to)..).and_then(<[_]>::split_first) {
            Some((row, rest)) => (&row[row.partition_point(|known| to(known) == Ordering::Less)..], rest),
            None => (&[][..], &[][..]),
        };
        row.iter().chain(rest.iter().flatten())
    }
}

impl<T: Copy + Ord> Ordered<T> {
    /// Takes one in, unless it is there.
    pub(crate) fn insert(&mut self, one: T) {
        self.insert_by(one, |known| known.cmp(&one));
    }

    pub(crate) fn remove(&mut self, one: &T) {
        self.remove_by(|known| known.cmp(one));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_a_set_in_order() {
        let (mut ordered, mut known) = (Ordered::default(), BTreeSet::new());
        let mut number = 1_u64;
        for step in 0..40_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let one = if step % 3 == 0 { step } else { number >> 33 & 4095 };
            // It grows to thousands and shrinks to none, several times.
            if step / 8000 % 2 == 0 {
                ordered.insert(one);
                known.insert(one);
            } else {
                ordered.remove(&one);
                known.remove(&one);
                if let Some(next) = known.range(one..).next().copied().or_else(|| known.first().copied()) {
                    ordered.remove(&next);
                    known.remove(&next);
                }
            }
            if let Some(moved) = known.range(one..).next().copied() {
                let to = if step % 5 == 0 { number >> 45 & 4095 } else { (moved + 7).saturating_sub(number >> 40 & 15) };
                if known.insert(to) || to == moved {
                    known.remove(&moved);
                    known.insert(to);
                    ordered.move_by(to, |known| known.cmp(&moved), |known| known.cmp(&to));
                }
            }
            assert_eq!((ordered.first(), ordered.len(), ordered.is_empty()), (known.first(), known.len(), known.is_empty()));
            if step % 50 == 0 {
                assert!(ordered.iter().eq(known.iter()));
                assert!(ordered.starting_by(|known| known.cmp(&one)).eq(known.range(one..)), "from {one}");
                assert!(ordered.rows.iter().all(|row| !row.is_empty() && row.len() <= Ordered::<u64>::ROW_MOST));
                assert!(ordered.rows.iter().map(|row| row[0]).eq(ordered.heads.iter().copied()));
            }
        }
    }
}
