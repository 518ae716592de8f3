//! Whether tenants were served in fairness: of those whose waiting work would fit, the one that holds least for its weight is next. So
//! while its work waits and fits, nobody falls behind anybody else by more than what one job holds, each for its weight.
//!
//! Told from the journal by a count of its own: what the engine keeps of shares, lanes and lines is not asked. In simulations the past
//! is too short to count, so a share is what is held.

use std::cmp::Ordering;

use dispatch::{Fact, Hub, Job, Place, Stage};
use measure::{JobId, TenantId, Time};
use settle::{Body, Entry, Ledger};

/// Thousandths of cores, and bytes.
type Amount = [u128; 2];

/// Folds a journal and looks at every place that is given.
#[derive(Debug, Default)]
pub(crate) struct Fair {
    ledger: Ledger,
    /// Places that should have been another's.
    pub(crate) wrong: Vec<String>,
}

impl Fair {
    /// Takes an entry in.
    pub(crate) fn see(&mut self, entry: &Entry) {
        if let Body::Fact(Fact::Placed(id, place)) = &entry.body {
            self.wrong.extend(passed_over(&self.ledger.hub, *id, place, entry.at));
        }
        self.ledger.apply(entry);
    }
}

/// Who holds less for its weight than the tenant of a job, and has one waiting that would fit where this one is placed.
fn passed_over(hub: &Hub, id: JobId, place: &Place, at: Time) -> Option<String> {
    let job = hub.jobs.get(&id)?;
    // What was kept for it is its own, whoever holds less by now.
    if hub.reserved.contains_key(&id) {
        return None;
    }
    let fleet = fleet(hub);
    let fits = |other: &Job| {
        let (mine, theirs) = (&job.spec.shape, &other.spec.shape);
        // Only what is asked for once and for cores has a place that can be compared.
        let [ask] = theirs.asks.as_slice() else { return false };
        theirs.replicas as usize <= place.slots.len()
            && ask.devices == mine.asks[usize::from(place.ask)].devices
            && theirs.cpu <= mine.cpu
            && theirs.memory <= mine.memory
    };
    let waits = |other: &Job| {
        let spec = &other.spec;
        other.stage == Stage::Waiting
            && other.eligible <= at
            && spec.after.is_empty()
            && spec.tenant != job.spec.tenant
            && spec.priority == job.spec.priority
    };
    let behind = |other: &Job| less(hub, other.spec.tenant, job.spec.tenant, fleet);
    let (first, other) = hub.jobs.iter().find(|(_, other)| waits(other) && fits(other) && behind(other))?;
    let told = |tenant: TenantId| {
        let (held, weight) = (held(hub, tenant), hub.tenants[&tenant].terms.weight);
        format!("{} (weight {weight}) held {} cores", hub.tenants[&tenant].name, held[0] as f64 / 1000.0)
    };
    Some(format!("{id} was placed before {first}, which would fit: {}, {}", told(job.spec.tenant), told(other.spec.tenant)))
}

fn held(hub: &Hub, tenant: TenantId) -> Amount {
    let jobs = hub.jobs.values().filter(|job| job.spec.tenant == tenant);
    let places = jobs.filter_map(|job| Some((job.stage.held()?, job.spec.shape.memory)));
    places.fold([0; 2], |[cores, memory], (place, each)| {
        let count = place.slots.len() as u128;
        [cores + u128::from(place.cpu.0) * count, memory + u128::from(each.0) * count]
    })
}

/// What could be given: the machines of pools that are in touch.
fn fleet(hub: &Hub) -> Amount {
    let nodes = hub.pools.values().filter(|pool| pool.contact).flat_map(|pool| &pool.nodes).filter(|node| !node.silent);
    nodes.fold([0; 2], |[cores, memory], state| [cores + u128::from(state.node.cpu.0), memory + u128::from(state.node.memory.0)])
}

/// Whether one tenant holds less than another, each for its weight: by what it holds most of, as a part of all there is.
fn less(hub: &Hub, one: TenantId, other: TenantId, fleet: Amount) -> bool {
    let compared = |one: Amount, other: Amount| -> Ordering {
        // Over a common denominator.
        let most = |held: Amount| (held[0] * fleet[1]).max(held[1] * fleet[0]);
        most(one).cmp(&most(other))
    };
    let of = |tenant: TenantId| (held(hub, tenant), u128::from(hub.tenants[&tenant].terms.weight.max(1)));
    let ((one, one_weight), (other, other_weight)) = (of(one), of(other));
    compared(one.map(|part| part * other_weight), other.map(|part| part * one_weight)) == Ordering::Less
}
