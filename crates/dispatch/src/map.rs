//! A table that is only looked up. It cannot be gone through, so no order of hashes decides anything.

use std::borrow::Borrow;
use std::hash::Hash;

use foldhash::fast::FixedState;

/// See the module.
#[derive(Debug, Clone)]
#[expect(clippy::disallowed_types, reason = "what is disallowed is its order, and this shows none")]
pub(crate) struct Map<K, V>(std::collections::HashMap<K, V, FixedState>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map(Default::default())
    }
}

impl<K: Hash + Eq, V> Map<K, V> {
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, value);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
