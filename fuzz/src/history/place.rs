//! Where what is placed may be.

use dispatch::{Hub, Place, Slot, Spec, Spread, Target};
use measure::{JobId, Time};

/// A place just given is where everybody lets the job be, and has what it asked for. That nothing is held twice is checked
/// by the engine itself.
pub(super) fn check_place(hub: &Hub, id: JobId, place: &Place, now: Time) {
    let (job, pool) = (&hub.jobs[&id], &hub.pools[&place.pool]);
    let Spec { shape, tenant, .. } = &*job.spec;
    let ask = &shape.asks[usize::from(place.ask)];
    assert!(pool.contact, "{id} is placed where the agent is silent");
    let silent = place.slots.iter().any(|slot| pool.nodes[slot.node as usize].silent);
    assert!(!silent, "{id} is placed on a machine that is silent");
    assert!(!pool.limits.veto.contains(tenant), "{id} is placed where its tenant is not taken");
    assert!(place.cpu >= shape.cpu, "{id} has too few cores");
    let site = pool.join.site.as_ref();
    assert!(shape.sites.is_empty() || site.is_some_and(|site| shape.sites.contains(site)), "{id} is placed at another site");
    let pue = site.and_then(|site| hub.census.sites.get(site)?.pue).map(|pue| pue.micro / 1000);
    assert!(
        shape.pue_most.is_none_or(|most| pue.is_some_and(|pue| pue <= i64::from(most.0))),
        "{id} is placed at a wasteful site"
    );
    // An agent runs images on all of its nodes or on none.
    assert!(hub.to_bring(&shape.inputs, place.pool).is_some(), "{id} is placed where its data cannot be");
    let images = pool.nodes.iter().any(|state| state.node.images);
    assert!(images || !shape.image, "{id} is an image and is placed where none are run");
    let end = job.bound().map(|bound| now + bound);
    for (at, slot) in place.slots.iter().enumerate() {
        let state = &pool.nodes[slot.node as usize];
        let alone = place.slots[..at].iter().all(|other| other.node != slot.node);
        assert!(alone || shape.spread == Spread::Pack, "{id} has two replicas on a node");
        if let Some(reservation) = state.reserved.filter(|other| *other != id).map(|other| &hub.reserved[&other]) {
            assert!(end.is_some_and(|end| end <= reservation.at), "{id} is in the way of a reservation");
        }
        let own = site.cloned().map(Target::Site);
        let own = own.into_iter().chain([Target::Pool(place.pool), Target::Node(place.pool, state.node.name.clone())]);
        for closing in own.filter_map(|target| hub.closings.get(&target)).flatten() {
            let over = closing.until.is_some_and(|until| until <= now);
            assert!(over || end.is_some_and(|end| end <= closing.from), "{id} is placed where it is closed: {closing:?}");
        }
        if let Some(model) = state.node.model.as_ref().filter(|_| ask.devices.0 > 0) {
            assert!(ask.models.is_empty() || ask.models.contains(model), "{id} has devices of another model");
            assert_eq!((slot.devices.count_ones(), slot.part), (ask.devices.0, ask.part), "{id} has what it did not ask for");
            assert!(64 - slot.devices.leading_zeros() <= state.node.devices.0, "{id} has a device that is not there");
            let memory =
                hub.census.accelerators.get(model).and_then(|model| model.memory_gb).map(|memory| memory.micro / 1_000_000);
            let least = ask.device_memory_gb.map(i64::from);
            assert!(
                least.is_none_or(|least| memory.is_some_and(|memory| memory >= least)),
                "{id} has devices of too little memory"
            );
        }
    }
    let mine: u64 = place.slots.iter().map(Slot::milli).sum();
    let mut above = Some(*tenant);
    while let Some(state) = above.map(|id| &hub.tenants[&id]) {
        let most = state.terms.most.map_or(u64::MAX, |most| u64::from(most.0) * 1000);
        assert!(mine == 0 || state.milli_held <= most, "{} holds more than it may", state.name);
        above = state.terms.parent;
    }
}
