//! Which idle nodes sleep, and how long those of a place take to wake. The cluster manager switches them; that one sleeps is a fact
//! (`Occupied`), and that it should follows anew from each look.

use std::collections::BTreeMap;

use measure::{PoolId, Span, Time};

use crate::fact::Place;
use crate::hub::Hub;
use crate::policy::Policy;

impl Hub {
    /// How long the nodes of a place take to wake, those that sleep; nothing where none does or nobody said.
    pub fn wake_of(&self, place: &Place) -> Span {
        let Some(pool) = self.pools.get(&place.pool) else { return Span::ZERO };
        let asleep = place.slots.iter().filter_map(|slot| pool.nodes.get(slot.node as usize)).filter(|node| node.others().asleep);
        let wake = asleep.filter_map(|node| Some(self.derived.index.groups[node.group as usize].draws?.wake));
        wake.max().unwrap_or(Span::ZERO)
    }

    /// The nodes of a pool that should sleep at an instant: those that stood idle for as long as the policy says, but for a few of
    /// each model. What sleeps already stays on the list.
    pub fn should_sleep(&self, pool: PoolId, now: Time) -> Vec<&str> {
        let Policy { sleep_after, sleep_spare, .. } = self.derived.policy;
        let Some(pool) = self.pools.get(&pool).filter(|_| sleep_after > Span::ZERO) else { return Vec::new() };
        let mut awake: BTreeMap<u32, u32> = BTreeMap::new();
        let mut names = Vec::new();
        for state in &pool.nodes {
            let Some(since) = state.idle_from else { continue };
            if state.sleeps() {
                names.push(state.node.name.as_str());
                continue;
            }
            let spare = awake.entry(state.group).or_default();
            *spare += 1;
            if *spare > sleep_spare && since + sleep_after <= now {
                names.push(state.node.name.as_str());
            }
        }
        names
    }
}
