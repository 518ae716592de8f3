//! What one agent serves: a whole pool, or one machine of a pool whose machines have an agent each.

use std::collections::BTreeSet;

use dispatch::{Hub, Place, Pool, Report, Request};
use measure::{JobId, PoolId};

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Post {
    /// The pool.
    pub(crate) pool: PoolId,
    /// The machine, by its position in the pool; `None` for all of it.
    pub(crate) host: Option<u32>,
}

impl Post {
    pub(crate) fn whole(pool: PoolId) -> Post {
        Post { pool, host: None }
    }

    pub(crate) fn host(pool: PoolId, node: u32) -> Post {
        Post { pool, host: Some(node) }
    }

    /// Every post of a pool.
    pub(crate) fn all(id: PoolId, pool: &Pool) -> Vec<Post> {
        match pool.hosts.is_empty() {
            true => vec![Post::whole(id)],
            false => (0..pool.nodes.len() as u32).map(|node| Post::host(id, node)).collect(),
        }
    }

    /// The posts that a place is at.
    pub(crate) fn of_place(hub: &Hub, place: &Place) -> Vec<Post> {
        if hub.pools.get(&place.pool).is_none_or(|pool| pool.hosts.is_empty()) {
            return vec![Post::whole(place.pool)];
        }
        let nodes: BTreeSet<u32> = place.slots.iter().map(|slot| slot.node).collect();
        nodes.into_iter().map(|node| Post::host(place.pool, node)).collect()
    }

    /// That its agent is in touch, or silent.
    pub(crate) fn touch(self, contact: bool) -> Request {
        match self.host {
            None => Request::Contact(self.pool, contact),
            Some(node) => Request::HostContact(self.pool, node, contact),
        }
    }

    /// What its agent says of a job.
    pub(crate) fn report(self, job: JobId, attempt: u32, report: Report) -> Request {
        let attempt = if execute::bug("stale-reports") { 0 } else { attempt };
        match self.host {
            None => Request::Report(self.pool, job, attempt, report),
            Some(node) => Request::Hear(self.pool, node, job, attempt, report),
        }
    }

    /// Whether its agent is in touch.
    pub(crate) fn contact(self, hub: &Hub) -> bool {
        let Some(pool) = hub.pools.get(&self.pool) else { return false };
        pool.contact && self.host.is_none_or(|node| pool.nodes.get(node as usize).is_some_and(|state| !state.silent))
    }
}
