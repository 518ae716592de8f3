//! What jobs hold of nodes, pools and tenants, and the index of what is free that follows.

use std::sync::Arc;

use measure::{Cpu, Devices, JobId, PoolId, TenantId, Time};

use crate::clear::CLOSED;
use crate::derived::Derived;
use crate::fact::{Closing, Node, Place, Reservation, Target, WHOLE};
use crate::hub::{Brief, Hub, Pool, Tenant};
use crate::node::{Free, NEVER, NodeState};
use crate::share::{Amount, Forgetting};
use crate::table::Table;

/// Thousandths that count towards a pool's limit: of devices, or of cores on nodes without.
fn limited_milli(place: &Place, pool: &Pool) -> u64 {
    let accelerated = |node: u32| pool.nodes[node as usize].node.model.is_some();
    let each = |slot: &crate::fact::Slot| if accelerated(slot.node) { slot.milli() } else { place.cpu.0 };
    place.slots.iter().map(each).sum()
}

/// Thousandths of devices.
fn device_milli(place: &Place) -> u64 {
    place.slots.iter().map(crate::fact::Slot::milli).sum()
}

impl Hub {
    /// From the tenant up to its organisation.
    pub(crate) fn path(&self, tenant: TenantId) -> impl Iterator<Item = TenantId> + '_ {
        path(&self.tenants, tenant)
    }

    fn amount(&self, id: JobId) -> Amount {
        let job = &self.jobs[&id];
        let place = job.stage.held().expect("what amounts to something has a place");
        // All replicas are on nodes of one pool and model.
        let group = self.pools[&place.pool].nodes[place.slots[0].node as usize].group;
        let count = u32::try_from(place.slots.len()).unwrap_or(u32::MAX);
        let (cpu, memory) = (place.cpu.times(count), job.brief.memory.times(count));
        self.derived.index.groups[group as usize].amount(device_milli(place), cpu, memory)
    }

    /// Books what a job with a place holds; `opened` if its nodes were kept for it so far, and what is left of them is not.
    pub(crate) fn hold(&mut self, at: Time, id: JobId, placed: Time, opened: bool) {
        let job = &self.jobs[&id];
        let place = job.stage.held().expect("it has just been placed").clone();
        let brief = job.brief;
        let wake = self.wake_of(&place);
        let until = job.bound().map_or(NEVER, |bound| placed + bound + wake);
        let pool = self.pools.get_mut(&place.pool).expect("a place is in a pool");
        pool.jobs.0.push(id);
        let position = pool.jobs.0.len() as u32 - 1;
        pool.milli_held += limited_milli(&place, pool);
        for slot in &place.slots {
            pool.nodes[slot.node as usize].hold(id, slot, place.cpu, brief.memory, until);
        }
        for (at, slot) in place.slots.iter().enumerate() {
            if at == 0 || place.slots[at - 1].node != slot.node {
                self.refresh(place.pool, slot.node, opened);
            }
        }
        let (amount, milli) = (self.amount(id), device_milli(&place));
        self.book(at, brief.tenant, |held, milli_held| {
            held.add(amount);
            *milli_held += milli;
        });
        let job = self.jobs.get_mut(&id).expect("it has just been placed");
        job.seat.among_holders = position;
        self.tenants.get_mut(&brief.tenant).expect("jobs are of admitted tenants").runs.placed(job.burst, placed);
        if brief.preemptible {
            self.derived.moved = true;
            self.derived.preemptible.entry(brief.tenant).or_default().insert(id);
        }
        if brief.apart
            && let Some(task) = &job.spec.array
        {
            let nodes = place.slots.iter().map(|slot| slot.node).collect();
            self.derived.apart.entry(task.first).or_default().insert(id, (place.pool, nodes));
        }
    }

    /// Takes back what a job holds; its stage is to be changed after.
    pub(crate) fn give_back(&mut self, at: Time, id: JobId) {
        let (amount, job) = (self.amount(id), &self.jobs[&id]);
        // Where it ran nobody knew until when, and now it is known.
        self.derived.moved |= job.bound().is_none() || job.brief.preemptible;
        let place = job.stage.held().expect("what is given back was held").clone();
        let (Brief { memory, tenant, preemptible, apart, .. }, burst) = (job.brief, job.burst);
        let placed = job.stage.placed().expect("it has a place");
        let (array, among_holders) = (if apart { job.spec.array } else { None }, job.seat.among_holders);
        let pool = self.pools.get_mut(&place.pool).expect("a place is in a pool");
        pool.jobs.0.swap_remove(among_holders as usize);
        if let Some(moved) = pool.jobs.0.get(among_holders as usize) {
            self.jobs.get_mut(moved).expect("it holds a place").seat.among_holders = among_holders;
        }
        let limit = pool.limits.most.is_some();
        pool.milli_held -= limited_milli(&place, pool);
        for slot in &place.slots {
            let state = &mut pool.nodes[slot.node as usize];
            state.give_back(id, slot, place.cpu, memory);
            // Until now it was used by another than whom it is kept for.
            if let Some((reservation, idle)) =
                state.reserved.and_then(|kept| self.reserved.get(&kept).zip(self.idle_since.get_mut(&kept)))
                && let Ok(position) = reservation.nodes.binary_search(&slot.node)
            {
                idle[position] = at;
            }
        }
        for (at, slot) in place.slots.iter().enumerate() {
            if at == 0 || place.slots[at - 1].node != slot.node {
                self.refresh(place.pool, slot.node, true);
            }
        }
        self.tenants.get_mut(&tenant).expect("jobs are of admitted tenants").runs.given_back(burst, placed);
        self.derived.bursts_changed.insert(burst);
        let milli = device_milli(&place);
        self.book(at, tenant, |held, milli_held| {
            held.take(amount);
            *milli_held -= milli;
        });
        self.derived.suspendable.remove(&id);
        if preemptible && let Some(jobs) = self.derived.preemptible.get_mut(&tenant) {
            jobs.remove(&id);
        }
        if let Some(task) = array
            && let Some(tasks) = self.derived.apart.get_mut(&task.first)
        {
            tasks.remove(&id);
            if tasks.is_empty() {
                self.derived.apart.remove(&task.first);
            }
            self.derived.reopen_all = true;
        }
        let capped = self.derived.caps && self.path(tenant).any(|id| self.tenants[&id].is_capped());
        self.derived.reopen_all |= limit || capped;
    }

    /// Changes what a tenant and those above it hold, up to which their use is summed first.
    fn book(&mut self, at: Time, tenant: TenantId, mut change: impl FnMut(&mut Amount, &mut u64)) {
        let forgetting = Forgetting::half_life(self.half_life());
        let mut next = Some(tenant);
        while let Some(id) = next {
            let tenant = self.tenants.get_mut(&id).expect("jobs are of admitted tenants");
            tenant.used.move_to(at, tenant.held, forgetting);
            change(&mut tenant.held, &mut tenant.milli_held);
            next = tenant.terms.parent;
        }
        self.derived.restand.grow_and_insert(tenant.0 as usize);
    }

    /// Values changed (models, terms, half-life): everything held is summed anew.
    pub(crate) fn revalue(&mut self, at: Time) {
        self.derived.index.resolve(&self.pools, &self.census);
        let forgetting = Forgetting::half_life(self.half_life());
        for tenant in self.tenants.values_mut() {
            tenant.used.move_to(at, tenant.held, forgetting);
            tenant.held = Amount::default();
            tenant.milli_held = 0;
        }
        let holders: Vec<(JobId, TenantId)> =
            self.pools.values().flat_map(|pool| pool.jobs.0.iter()).map(|id| (*id, self.jobs[id].brief.tenant)).collect();
        for (id, tenant) in holders {
            let (amount, milli) = (self.amount(id), device_milli(self.jobs[&id].stage.held().expect("it holds a place")));
            self.book(at, tenant, |held, milli_held| {
                held.add(amount);
                *milli_held += milli;
            });
        }
        for pool in self.pools.values_mut() {
            let held = pool.jobs.0.iter().map(|id| self.jobs[id].stage.held().expect("it holds a place"));
            pool.milli_held = held.map(|place| limited_milli(place, pool)).sum();
        }
        self.redraw_all();
        self.derived.restand.extend(self.tenants.keys().map(|id| id.0 as usize));
        self.derived.families.clear();
        for id in self.tenants.keys() {
            let top = self.path(*id).last().expect("a path has an end");
            let (families, top) = (&mut self.derived.families, top.0 as usize);
            families.resize_with(families.len().max(top + 1), Vec::new);
            families[top].push(*id);
        }
        self.count_fleet();
        self.derived.judged = None;
        self.derived.reopen_all = true;
    }

    pub(crate) fn see(&mut self, at: Time, id: PoolId, nodes: &[Node]) {
        let pool = self.pools.get_mut(&id).expect("a pool joins before it is seen");
        pool.seen = at;
        for (at, node) in nodes.iter().enumerate() {
            match pool.nodes.get_mut(at) {
                Some(known) => known.node = node.clone(),
                None => pool.nodes.push(NodeState { silent: !pool.hosts.is_empty(), ..NodeState::new(node.clone()) }),
            }
        }
        pool.clear.resize(pool.nodes.len());
        let models: Vec<Option<String>> = nodes.iter().map(|node| node.model.clone()).collect();
        for (at, model) in models.into_iter().enumerate() {
            let pool = &self.pools[&id];
            let group = self.derived.index.group(id, pool, model.as_deref(), &self.census);
            let node = &mut self.pools.get_mut(&id).expect("it is there").nodes[at];
            if node.group != group {
                // It leaves the states of its old group before it is entered into the new one.
                Derived::withdraw(&mut self.derived.index, node, at as u32);
                node.group = group;
            }
        }
        self.derived.index.count_totals(id, &self.pools[&id]);
        self.derived.widen();
        self.refresh_pool(id);
        self.revalue(at);
    }

    pub(crate) fn count_fleet(&mut self) {
        let mut fleet = Amount::default();
        for pool in self.pools.values().filter(|pool| pool.contact) {
            for state in pool.nodes.iter().filter(|state| !state.silent) {
                let group = &self.derived.index.groups[state.group as usize];
                fleet.add(group.amount(u64::from(state.node.devices.0) * u64::from(WHOLE), state.node.cpu, state.node.memory));
            }
        }
        self.derived.fleet = fleet;
        self.derived.step = i64::MIN;
    }

    /// Enters every node of a pool anew.
    pub(crate) fn refresh_pool(&mut self, id: PoolId) {
        self.derived.moved = true;
        for node in 0..self.pools[&id].nodes.len() {
            self.refresh(id, node as u32, true);
        }
        let touched = self.reserved.iter().filter(|(_, reservation)| reservation.pool == id).map(|(job, _)| *job);
        self.derived.reserved_changed.extend(touched);
        self.count_fleet();
    }

    /// Up to when work on a node must have ended.
    pub(crate) fn until(&self, id: PoolId, pool: &Pool, node: &NodeState) -> Time {
        let mut until = NEVER;
        if let Some(reservation) = node.reserved.and_then(|job| self.reserved.get(&job)) {
            until = until.min(reservation.at);
        }
        until.min(self.closes(id, pool, node))
    }

    /// When a node closes, by its own closings, its pool's and its site's.
    pub(crate) fn closes(&self, id: PoolId, pool: &Pool, node: &NodeState) -> Time {
        self.closings_of(id, pool, node).map(|closing| closing.from).min().unwrap_or(NEVER)
    }

    /// When a node that is closed opens again, where that is known.
    pub(crate) fn opens(&self, id: PoolId, pool: &Pool, node: &NodeState) -> Option<Time> {
        let now = self.derived.clock;
        let closed = self.closings_of(id, pool, node).filter(|closing| closing.from <= now);
        closed.map(|closing| closing.until.unwrap_or(NEVER)).max().filter(|until| *until < NEVER)
    }

    /// The closings of a node, of its pool and of its site that are not over.
    fn closings_of<'a>(&'a self, id: PoolId, pool: &Pool, node: &NodeState) -> impl Iterator<Item = &'a Closing> {
        let targets = || {
            let own = [Target::Pool(id), Target::Node(id, node.node.name.clone())];
            own.into_iter().chain(pool.join.site.clone().map(Target::Site)).collect::<Vec<Target>>()
        };
        // Nothing is closed as a rule.
        let targets = if self.closings.is_empty() { Vec::new() } else { targets() };
        let now = self.derived.clock;
        let closings = targets.into_iter().filter_map(|target| self.closings.get(&target)).flatten();
        closings.filter(move |closing| closing.until.is_none_or(|until| now < until))
    }

    /// Brings the index up to date with a node; `gained` if it may have more free than before.
    pub(crate) fn refresh(&mut self, id: PoolId, at: u32, gained: bool) {
        self.redraw(id, at);
        let now = self.derived.clock;
        self.pools.get_mut(&id).expect("it is there").nodes[at as usize].note_idle(now);
        let pool = &self.pools[&id];
        let node = &pool.nodes[at as usize];
        let (until, group) = (self.until(id, pool, node), node.group);
        let entry = pool.contact.then(|| Free::of(node, node.group, until));
        let clear = match pool.contact && node.reserved.is_none() {
            true => node.jobs.iter().map(|(_, end)| *end).max().unwrap_or(Time(i64::MIN)),
            false => CLOSED,
        };
        if gained && let Some(job) = node.reserved {
            self.derived.reserved_changed.insert(job);
        }
        let pool = self.pools.get_mut(&id).expect("it is there");
        pool.clear.set(at, clear, group);
        let node = &mut pool.nodes[at as usize];
        let index = &mut self.derived.index;
        let unseen = node.state.take().is_some_and(|state| index.leave(state, at));
        node.state = entry.map(|free| index.enter(at, free, gained || unseen));
    }

    /// Keeps nodes for a job, or gives up what is kept.
    /// Notes since when nodes that a job has kept for it stand idle; one that it had kept before stands so for as long as it did.
    pub(crate) fn keep_idle(&mut self, at: Time, id: JobId, reservation: Option<&Reservation>) {
        let before = self.reserved.get(&id).zip(self.idle_since.remove(&id));
        let Some(new) = reservation else { return };
        let as_before = |node: &u32| {
            let (old, idle) = before.as_ref().filter(|(old, _)| old.pool == new.pool)?;
            idle.get(old.nodes.binary_search(node).ok()?).copied()
        };
        let idle = match new.idle.is_empty() {
            true => new.nodes.iter().map(|node| as_before(node).unwrap_or(at)).collect(),
            false => new.idle.clone(),
        };
        self.idle_since.insert(id, idle);
    }

    /// Keeps no nodes for a job any more that it has a place now; those that the place takes are entered anew with it.
    pub(crate) fn take_reserved(&mut self, id: JobId, place: &Place) {
        self.derived.moved = true;
        if self.reserved.contains_key(&id) {
            let mut taken: Vec<u32> = place.slots.iter().map(|slot| slot.node).collect();
            taken.sort_unstable();
            self.let_go(id, |pool, node| pool != place.pool || taken.binary_search(&node).is_err());
        }
    }

    /// Keeps no nodes for a job any more, and enters those anew that `anew` names.
    fn let_go(&mut self, id: JobId, anew: impl Fn(PoolId, u32) -> bool) {
        let Some(old) = self.reserved.remove(&id) else { return };
        self.derived.index.reserve(old.pool, -1);
        self.derived.reopen_all |= self.derived.power.release(old.pool, id);
        for node in &old.nodes {
            let state = &mut self.pools.get_mut(&old.pool).expect("it was reserved there").nodes[*node as usize];
            if state.reserved == Some(id) {
                state.reserved = None;
                if anew(old.pool, *node) {
                    self.refresh(old.pool, *node, true);
                }
            }
        }
    }

    /// Keeps nodes for a job, or no more.
    pub(crate) fn reserve(&mut self, id: JobId, reservation: Option<&Arc<Reservation>>) {
        self.let_go(id, |_, _| true);
        let Some(new) = reservation else {
            self.derived.moved = true;
            return;
        };
        self.derived.index.reserve(new.pool, 1);
        let plain =
            if new.idle.is_empty() { new.clone() } else { Arc::new(Reservation { idle: Vec::new(), ..Reservation::clone(new) }) };
        self.reserved.insert(id, plain);
        for node in &new.nodes {
            self.pools.get_mut(&new.pool).expect("it is reserved there").nodes[*node as usize].reserved = Some(id);
            self.refresh(new.pool, *node, false);
        }
        self.derived.reserved_changed.insert(id);
    }

    /// The closings of a target changed.
    pub(crate) fn close_target(&mut self, target: &Target) {
        let closings = self.closings.get(target).into_iter().flatten();
        self.derived.hours.extend(closings.flat_map(|closing| [closing.stop_at, closing.until]).flatten());
        self.pools_of(target).into_iter().for_each(|id| self.refresh_pool(id));
    }

    /// The pools of which a target is, or is part.
    pub(crate) fn pools_of(&self, target: &Target) -> Vec<PoolId> {
        match target {
            Target::Site(site) => {
                self.pools.iter().filter(|(_, pool)| pool.join.site.as_ref() == Some(site)).map(|(id, _)| *id).collect()
            }
            Target::Pool(id) | Target::Node(id, _) => self.pools.contains_key(id).then_some(*id).into_iter().collect(),
        }
    }

    /// Whether a pool's limit has room for so many thousandths.
    pub(crate) fn has_room(pool: &Pool, milli: u64) -> bool {
        pool.limits.most.is_none_or(|most| pool.milli_held.saturating_add(milli) <= u64::from(most.0) * u64::from(WHOLE))
    }
}

/// From the tenant up to its organisation.
pub(crate) fn path(tenants: &Table<TenantId, Tenant>, tenant: TenantId) -> impl Iterator<Item = TenantId> + '_ {
    std::iter::successors(Some(tenant), |id| tenants.get(id)?.terms.parent)
}

/// Whether a tenant and those above it may hold so many thousandths of devices more.
pub(crate) fn may_hold(tenants: &Table<TenantId, Tenant>, tenant: TenantId, milli: u64) -> bool {
    path(tenants, tenant).all(|id| {
        let tenant = &tenants[&id];
        tenant
            .terms
            .most
            .is_none_or(|Devices(most)| tenant.milli_held.saturating_add(milli) <= u64::from(most) * u64::from(WHOLE))
    })
}

/// Thousandths of devices that a number of replicas takes, and what counts towards a pool's limit: the same, or cores where
/// there are no devices.
pub(crate) fn milli_of(demand: crate::node::Demand, replicas: u32, accelerated: bool) -> (u64, u64) {
    let devices = demand.milli().saturating_mul(u64::from(replicas));
    let Cpu(cores) = Cpu(demand.cpu).times(replicas);
    (devices, if accelerated { devices } else { cores })
}
