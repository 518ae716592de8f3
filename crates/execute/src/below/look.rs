//! Looks at the hub below, one after the other on a thread of its own, so that no waiting for it delays a start.

use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use measure::JobId;

use super::door::Door;
use super::read::{JobLine, NodeLine};
use super::worker::Event;
use crate::link::Fault;

/// What is looked at.
pub(super) enum Ask {
    /// The tenant's jobs that have a place.
    Live,
    /// These attempts, by their ids below.
    Each(Vec<(JobId, String)>),
    /// Why this one waits.
    Why(JobId, String),
}

/// What the pool below has, and what the tenant may have of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) nodes: Vec<NodeLine>,
    /// Devices that it may hold at most, and those that it holds.
    pub(super) most: Option<(u32, f64)>,
    /// Whether its money there is spent.
    pub(super) spent: bool,
}

/// What there is, for a tenant.
pub(super) fn reading(door: &Door, pool: &str, tenant: &str) -> Result<Reading, Fault> {
    let nodes = door.nodes(pool)?;
    let known = door.tenant(tenant)?;
    let spent = door.left(tenant)?.is_some_and(|left| left <= 0.0);
    Ok(Reading { nodes, most: known.and_then(|known| Some((known.most?, known.devices_held))), spent })
}

/// Looks at jobs as it is asked to.
pub(super) fn look_at_jobs(door: &Door, asks: &Receiver<Ask>, inbox: &Sender<Event>) {
    for ask in asks {
        let going = match ask {
            Ask::Live => {
                let begun = Instant::now();
                inbox.send(Event::Live(begun, door.live(false))).is_ok()
            }
            Ask::Each(runs) => runs.into_iter().all(|(run, id)| {
                let found: Result<Option<JobLine>, Fault> = door.job(&id);
                inbox.send(Event::One(run, found.map(|found| found.map(Box::new)))).is_ok()
            }),
            Ask::Why(run, id) => match door.why(&id) {
                Ok(told) => inbox.send(Event::Delayed(run, format!("the hub below has not started it: {told}"))).is_ok(),
                Err(fault) => {
                    tracing::debug!(%fault, "the hub below does not say why a job waits");
                    true
                }
            },
        };
        if !going {
            return;
        }
    }
}

/// Looks at nodes as it is asked to.
pub(super) fn look_at_nodes(door: &Door, pool: &str, tenant: &str, asks: &Receiver<()>, inbox: &Sender<Event>) {
    for () in asks {
        if inbox.send(Event::Room(reading(door, pool, tenant))).is_err() {
            return;
        }
    }
}
