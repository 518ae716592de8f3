//! Things by counted id that are never removed: the position follows from the id.

use std::ops::Index;

use measure::{PoolId, TenantId};

/// An id counted from 1.
pub trait CountedId: Copy + Ord {
    /// The id as a number.
    fn number(self) -> usize;
}

impl CountedId for PoolId {
    fn number(self) -> usize {
        self.0 as usize
    }
}

impl CountedId for TenantId {
    fn number(self) -> usize {
        self.0 as usize
    }
}

/// Values in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<K, V>(Vec<(K, V)>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table(Vec::new())
    }
}

impl<K: CountedId, V> Table<K, V> {
    /// Where an id is or would be. Almost always that is the number itself: ids have gaps only where a history was cut.
    fn position(&self, id: K) -> Result<usize, usize> {
        let guess = id.number().wrapping_sub(1);
        match self.0.get(guess) {
            Some((known, _)) if *known == id => Ok(guess),
            _ => self.0.binary_search_by_key(&id, |(known, _)| *known),
        }
    }

    /// The value of an id.
    pub fn get(&self, id: &K) -> Option<&V> {
        self.position(*id).ok().map(|at| &self.0[at].1)
    }

    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        self.position(*id).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether an id has a value.
    pub fn contains_key(&self, id: &K) -> bool {
        self.position(*id).is_ok()
    }

    pub(crate) fn insert(&mut self, id: K, value: V) {
        match self.position(id) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (id, value)),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(id, value)| (id, value))
    }

    /// Ids, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(id, _)| id)
    }

    /// Values, in the order of ids.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<K: CountedId, V> Index<&K> for Table<K, V> {
    type Output = V;
    fn index(&self, id: &K) -> &V {
        self.get(id).expect("ids that are held are known")
    }
}

impl<'a, K, V> IntoIterator for &'a Table<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
