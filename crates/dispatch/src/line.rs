//! How jobs come into the queue and leave it: turns, standings, dependencies, and what time alone brings.

use measure::{JobId, PoolId, TenantId, Time};

use crate::fact::When;
use crate::hub::{Hub, Job, Stage};
use crate::pack::Expectation;
use crate::past;
use crate::policy::{Order, Policy};
use crate::queue::{DEPTH, Kind, OVERDUE, Standing, Turn, class_of};
use crate::share::Forgetting;

/// The part of a job's turn that is its own, and the burst whose part comes on top, see [`Hub::offset`]. A job of which
/// somebody knows more stands for itself. So does one with a deadline: its turn is the latest instant at which it can start
/// and still end in time, so of several the most pressing goes first, and before work of the same tenant that has none
/// unless there is plenty of time.
fn key(job: &Job, order: Order) -> (i64, Option<JobId>) {
    match (order, job.expected, job.spec.deadline) {
        (Order::Age, ..) => (job.ready().0, None),
        (Order::Shortest, Some(expected), _) => (expected.0, None),
        (Order::Shortest, None, _) => (0, Some(job.burst)),
        (Order::Patience, _, Some(deadline)) => (deadline.0.saturating_sub(job.bound().map_or(0, |bound| bound.0)), None),
        (Order::Patience, _, None) => (job.ready().0, Some(job.burst)),
    }
}

impl Hub {
    /// Follows another policy from now on. What was decided stands.
    pub fn adopt(&mut self, policy: Policy) {
        self.derived.index.weights = policy.weights;
        self.derived.index.unlearned = true;
        self.derived.judged = None;
        // Turns are made anew with all they rest on.
        let mut waiting = self.unqueue_all();
        waiting.extend(std::mem::take(&mut self.derived.undecided));
        for id in &waiting {
            self.job_mut(*id).seat.decided = false;
        }
        self.hours_changed();
        self.derived.policy = policy;
        self.derived.near.clear();
        self.derived.estimated = None;
        waiting.into_iter().for_each(|id| self.enqueue(id));
    }

    /// Expects exactly this work from now on, whatever arrives: published protocols tell their policies so.
    pub fn expect_only(&mut self, work: Vec<Expectation>) {
        self.derived.told = Some(work);
        self.derived.index.unlearned = true;
    }

    /// Lets the packing learn, if there is something new.
    pub(crate) fn learn(&mut self) {
        if std::mem::take(&mut self.derived.index.unlearned) {
            let expected = self.derived.told.as_deref().unwrap_or(self.work.learned());
            let packing = self.derived.policy.packing;
            if !self.derived.index.packer.learn(packing, expected) {
                return;
            }
            self.derived.index.forget_scores();
        }
    }

    /// The policy that is followed.
    pub fn policy(&self) -> &Policy {
        &self.derived.policy
    }

    /// Waits in the queue from now on, if nothing else is waited for first.
    pub(crate) fn enqueue(&mut self, id: JobId) {
        self.enqueue_as_of(id, self.derived.clock);
    }

    /// As [`Hub::enqueue`], with what holds at an instant.
    pub(crate) fn enqueue_as_of(&mut self, id: JobId, now: Time) {
        let Some(job) = self.jobs.get(&id) else { return };
        if job.stage != Stage::Waiting || job.seat.ticket.is_some() || job.seat.unmet > 0 {
            return;
        }
        self.derived.put_off.remove(&id);
        if let Some(at) = job.not_before().filter(|at| *at > now) {
            if job.choice.is_some() {
                self.derived.put_off.insert(id);
            }
            self.derived.later.insert((at, id));
            return;
        }
        if self.may_choose(job) {
            self.derived.undecided.insert(id);
            return;
        }
        let shape = job.seat.shape;
        self.remember_near(shape);
        let job = &self.jobs[&id];
        let mut kind = self.kind_of(job, now);
        if let Some(shunned) = self.derived.shunned.get(&id) {
            kind.patient = self.derived.power.shaves;
            kind.barred.extend(shunned.iter());
            kind.barred.sort_unstable();
            kind.barred.dedup();
        }
        let (tenant, policy) = (job.spec.tenant, &self.derived.policy);
        let (key, burst) = match kind.patient {
            // Who has time goes behind who has none, and among each other whose time is up first.
            true => ((now + self.slack(job, now)).0, None),
            false => key(job, policy.order),
        };
        let turn = Turn { key, job: id };
        let burst = burst.unwrap_or(JobId(0));
        let lane = if policy.fair { tenant } else { TenantId(0) };
        if kind.class != OVERDUE {
            self.derived.overdue_below = self.derived.overdue_below.min(id);
        }
        let kind = self.derived.kind_id(&kind);
        if burst != JobId(0) && !self.derived.queue.knows(burst) {
            let offset = self.offset(tenant, burst);
            self.derived.queue.shift(burst, tenant, offset);
        }
        let standing = if self.derived.queue.has_lane(kind, lane) { [0; DEPTH] } else { self.standing(lane) };
        let ticket = self.derived.queue.push(kind, lane, standing, burst, turn);
        self.derived.moved = true;
        let anchored = self.anchor(id, now);
        let seat = &mut self.job_mut(id).seat;
        (seat.ticket, seat.anchored) = (Some(ticket), anchored);
    }

    /// Until when a job waits near its data, if it does, noted so that it moves then.
    fn anchor(&mut self, id: JobId, now: Time) -> Option<Time> {
        let job = &self.jobs[&id];
        if job.spec.shape.inputs.is_empty() {
            return None;
        }
        let near = self.near(job);
        self.derived.anchored.insert(id);
        let until = Some(near.until(job)).filter(|until| *until > now && !near.far.is_empty());
        self.derived.moves.extend(until.map(|until| (until, id)));
        until
    }

    /// What decides where and whether a job can start, as of an instant.
    pub(crate) fn kind_of(&self, job: &Job, now: Time) -> Kind {
        let tenant = job.spec.tenant;
        let overdue = job.ready() + self.derived.policy.wait_most <= now;
        let apart = job.spec.apart.and(job.spec.array).map(|task| task.first);
        let capped = self.derived.caps && self.path(tenant).any(|id| self.tenants[&id].is_capped());
        let vetoes = |pool: &crate::hub::Pool| self.path(tenant).any(|id| pool.limits.veto.contains(&id));
        let mut barred: Vec<PoolId> = match self.derived.vetoes {
            true => self.pools.iter().filter(|(_, pool)| vetoes(pool)).map(|(id, _)| *id).collect(),
            false => Vec::new(),
        };
        if !job.spec.shape.inputs.is_empty() {
            let near = self.near(job);
            let waits = near.until(job) > now;
            barred.extend(near.never);
            barred.extend(near.far.into_iter().filter(|_| waits));
            barred.sort_unstable();
            barred.dedup();
        }
        Kind {
            class: if overdue { OVERDUE } else { job.spec.priority },
            shape: job.seat.shape,
            run: job.bound().map(class_of),
            apart,
            own: capped.then_some(tenant),
            stoppable: self.derived.power.capped && (job.spec.preemptible || job.spec.suspend.is_some()),
            patient: false,
            barred,
        }
    }

    pub(crate) fn dequeue(&mut self, id: JobId) {
        let job = self.jobs.get_mut(&id).expect("a job leaves the queue before the hub");
        if let Some(ticket) = job.seat.ticket.take() {
            self.derived.queue.remove(ticket);
            self.derived.shunned.remove(&id);
            let anchored = job.seat.anchored.take();
            self.derived.anchored.remove(&id);
            anchored.map(|until| self.derived.moves.remove(&(until, id)));
        } else {
            job.not_before().map(|at| self.derived.later.remove(&(at, id)));
            self.derived.undecided.remove(&id);
            self.derived.put_off.remove(&id);
        }
    }

    /// Something that decides where it stands changed.
    pub(crate) fn requeue(&mut self, id: JobId) {
        if self.jobs[&id].seat.ticket.is_some() {
            let shunned = self.derived.shunned.get(&id).cloned();
            self.dequeue(id);
            self.derived.shunned.extend(shunned.map(|pools| (id, pools)));
            self.enqueue(id);
        }
    }

    pub(crate) fn requeue_all(&mut self) {
        let shunned = self.derived.shunned.clone();
        let waiting = self.unqueue_all();
        self.derived.shunned = shunned;
        waiting.into_iter().for_each(|id| self.enqueue(id));
    }

    fn unqueue_all(&mut self) -> Vec<JobId> {
        let waiting: Vec<JobId> = self.jobs.iter().filter(|(_, job)| job.seat.ticket.is_some()).map(|(id, _)| id).collect();
        waiting.iter().for_each(|id| self.dequeue(*id));
        waiting
    }

    /// Looks which of the jobs it waits for have not come far enough. One that has left the hub had: whoever waits for it
    /// and may not start any more was ended with it.
    pub(crate) fn depend(&mut self, id: JobId) {
        let spec = self.jobs[&id].spec.clone();
        for after in &spec.after {
            let met = self.jobs.get(&after.job).is_none_or(|job| match (&job.stage, after.when) {
                (Stage::Ended { .. }, _) => true,
                (Stage::Running { .. }, When::Started) => true,
                (Stage::Stopping { started, .. }, When::Started) => started.is_some(),
                _ => false,
            });
            if !met {
                self.job_mut(id).seat.unmet += 1;
                self.derived.dependents.entry(after.job).or_default().push(id);
            }
        }
    }

    /// Another job came as far as `when`; an end is further than any start.
    pub(crate) fn satisfy(&mut self, id: JobId, when: When) {
        let Some(dependents) = self.derived.dependents.remove(&id) else { return };
        let mut left = Vec::new();
        for dependent in dependents {
            let Some(job) = self.jobs.get_mut(&dependent).filter(|job| job.stage == Stage::Waiting) else { continue };
            let waits = job.spec.after.iter().filter(|after| after.job == id);
            let still = waits.filter(|after| when == When::Started && after.when != When::Started).count() as u32;
            if still > 0 {
                left.push(dependent);
                continue;
            }
            job.seat.unmet = job.seat.unmet.saturating_sub(1);
            self.enqueue(dependent);
        }
        if !left.is_empty() {
            self.derived.dependents.insert(id, left);
        }
    }

    /// Shares from the organisation down to the tenant, each by its weight.
    pub(crate) fn standing(&self, tenant: TenantId) -> Standing {
        let mut standing = [0; DEPTH];
        if !self.derived.policy.fair {
            return standing;
        }
        let forgetting = Forgetting::half_life(self.half_life());
        let depth = self.path(tenant).count();
        for (above, id) in self.path(tenant).enumerate() {
            let (level, Some(tenant)) = (depth - 1 - above, self.tenants.get(&id)) else { continue };
            if level >= DEPTH {
                continue;
            }
            let share = tenant.used.dominant(self.derived.clock, tenant.held, self.derived.fleet, forgetting);
            let within = tenant.terms.guaranteed.is_some_and(|devices| tenant.milli_held < u64::from(devices.0) * 1000);
            standing[level] = (share / u64::from(tenant.terms.weight.max(1))).min(u64::MAX >> 1) | u64::from(!within) << 63;
        }
        standing
    }

    /// By how much the turn of a burst's jobs is put off: for each doubling of the work they are thought to need, by the
    /// patience of the policy. Short work passes long work that is not much older, and every job's turn comes.
    fn offset(&self, tenant: TenantId, burst: JobId) -> i64 {
        let runs = &self.tenants[&tenant].runs;
        let estimate = runs.estimate(burst, past::step_of(self.derived.clock));
        match self.derived.policy.order {
            Order::Shortest => estimate.0,
            _ => {
                let seconds = estimate.0.unsigned_abs().div_ceil(1000);
                // In steps of a 64th of a doubling, so that an estimate that settles stops moving anybody.
                let work = past::log2_256(seconds.saturating_mul(u64::from(runs.devices(burst)))) / 4 * 4;
                i64::try_from(i128::from(self.derived.policy.patience.0) * i128::from(work) / 256).unwrap_or(i64::MAX / 4)
            }
        }
    }

    /// Estimates anew what has shown something since.
    fn estimate(&mut self) {
        let step = past::step_of(self.derived.clock);
        let changed = std::mem::take(&mut self.derived.bursts_changed);
        let bursts = if self.derived.estimated.replace(step) == Some(step) {
            changed.into_iter().filter_map(|burst| Some((burst, self.derived.queue.tenant_of(burst)?))).collect()
        } else {
            self.derived.queue.bursts()
        };
        for (burst, tenant) in bursts {
            let offset = self.offset(tenant, burst);
            self.derived.queue.shift(burst, tenant, offset);
        }
    }

    /// Moves lanes to where their tenants stand now, and jobs in them to where their bursts do.
    pub(crate) fn restand(&mut self) {
        self.estimate();
        let forgetting = Forgetting::half_life(self.half_life());
        let step = forgetting.step_of(self.derived.clock);
        if step != self.derived.step {
            self.derived.step = step;
            let lanes = self.derived.queue.tenants();
            self.derived.restand.clear();
            for tenant in lanes {
                let standing = self.standing(tenant);
                self.derived.queue.stand(tenant, standing);
            }
            return;
        }
        let mut tenants = std::mem::take(&mut self.derived.restand);
        tenants.ones().for_each(|tenant| self.restand_family(TenantId(tenant as u32)));
        tenants.clear();
        self.derived.restand = tenants;
    }

    /// Moves a tenant's lane, and those that share an organisation with it.
    pub(crate) fn restand_family(&mut self, tenant: TenantId) {
        let top = self.path(tenant).last().unwrap_or(tenant);
        match self.derived.families.get(top.0 as usize).map_or(0, Vec::len) {
            // It came since families were last looked for.
            0 => self.restand_one(tenant),
            members => (0..members).for_each(|at| self.restand_one(self.derived.families[top.0 as usize][at])),
        }
    }

    fn restand_one(&mut self, tenant: TenantId) {
        if self.derived.queue.has_lanes(tenant) {
            let standing = self.standing(tenant);
            self.derived.queue.stand(tenant, standing);
        }
    }

    /// The next instant at which time alone may bring something about, so that a round is due then.
    pub fn next_wake(&self) -> Option<Time> {
        let derived = &self.derived;
        let later = derived.later.first().map(|(at, _)| *at);
        let looks = derived.looks.first().copied();
        let hours = derived.hours.first().copied();
        let overdue = self.jobs.from(derived.overdue_below).next().map(|(_, job)| job.submitted + derived.policy.wait_most);
        let overdue = overdue.filter(|at| *at < Time(i64::MAX) && derived.queue.waiting > 0);
        let moves = derived.moves.first().map(|(at, _)| *at);
        later
            .into_iter()
            .chain(self.next_choice())
            .chain(moves)
            .chain(looks)
            .chain(derived.power.next_look())
            .chain(hours)
            .chain(overdue)
            .min()
    }

    /// What time alone brought: jobs whose hour has come, kinds to be asked again, closings that begin or end, and jobs
    /// that waited too long. True if a closing begins to stop what is left, or ends.
    pub(crate) fn wake(&mut self, now: Time) -> bool {
        self.derived.clock = self.derived.clock.max(now);
        let now = self.derived.clock;
        while let Some((_, id)) = self.derived.later.first().copied().filter(|(at, _)| *at <= now) {
            self.derived.later.pop_first();
            self.enqueue(id);
        }
        while let Some((_, id)) = self.derived.moves.first().copied().filter(|(at, _)| *at <= now) {
            self.requeue(id);
        }
        while self.derived.looks.first().is_some_and(|at| *at <= now) {
            self.derived.looks.pop_first();
            self.derived.moved = true;
        }
        let mut closes = false;
        while self.derived.hours.first().is_some_and(|at| *at <= now) {
            self.derived.hours.pop_first();
            closes = true;
        }
        if closes {
            let pools: Vec<PoolId> = self.pools.keys().copied().collect();
            pools.into_iter().for_each(|id| self.refresh_pool(id));
        }
        self.promote(now);
        closes
    }

    /// Jobs are numbered in the order in which they came, so those that waited too long are the first that wait.
    fn promote(&mut self, now: Time) {
        let most = self.derived.policy.wait_most;
        if self.derived.queue.waiting == 0 {
            return;
        }
        let mut late = Vec::new();
        let (mut below, mut passed) = (self.derived.overdue_below, true);
        for (id, job) in self.jobs.from(below) {
            if job.submitted + most > now {
                break;
            }
            // One that waited by choice is not late yet, and is to be looked at again.
            passed &= job.stage != Stage::Waiting || job.ready() + most <= now;
            if passed {
                below = JobId(id.0 + 1);
            }
            if let Some(ticket) = job.seat.ticket
                && self.derived.queue.kind(ticket.kind).class != OVERDUE
            {
                late.push(id);
            }
        }
        self.derived.overdue_below = below;
        late.into_iter().for_each(|id| self.requeue(id));
    }
}
