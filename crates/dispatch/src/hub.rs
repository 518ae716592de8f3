//! The state of a hub: the fold over its facts. Only [`Hub::apply`] writes to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use census::{Census, Change, SeriesKind};
use measure::{Devices, JobId, Memory, Money, Name, PoolId, Span, TenantId, Time};

use crate::clear::Clear;
use crate::derived::{Derived, Seat};
use crate::fact::{
    Closing, End, Fact, Join, Limits, LostReason, Occupied, Place, Report, Reservation, Spec, Stop, Target, Terms, Usage,
};
use crate::jobs::Jobs;
use crate::node::NodeState;
use crate::pack::Work;
use crate::past::{Like, Runs};
use crate::policy::Policy;
use crate::share::{Amount, Use};
use crate::slack::Choice;
use crate::table::Table;

/// How far a job has come; each stage carries what exists in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// No place yet.
    Waiting,
    /// It has a place; the agent is to start it.
    Placed {
        /// Where.
        place: Arc<Place>,
        /// Since when.
        since: Time,
    },
    /// Its processes run.
    Running {
        /// Where.
        place: Arc<Place>,
        /// Since when.
        since: Time,
        /// When it was placed.
        placed: Time,
    },
    /// It is being stopped.
    Stopping {
        /// Where.
        place: Arc<Place>,
        /// When it was placed.
        placed: Time,
        /// When it started, if it had.
        started: Option<Time>,
        /// Why.
        stop: Stop,
    },
    /// It ended and is not yet paid.
    Ended {
        /// Where it was, if anywhere.
        place: Option<Arc<Place>>,
        /// How.
        end: End,
        /// What it used.
        usage: Usage,
        /// When.
        at: Time,
    },
}

impl Stage {
    /// The place held, if one is.
    pub fn held(&self) -> Option<&Arc<Place>> {
        match self {
            Stage::Placed { place, .. } | Stage::Running { place, .. } | Stage::Stopping { place, .. } => Some(place),
            Stage::Waiting | Stage::Ended { .. } => None,
        }
    }

    /// When that place was given.
    pub fn placed(&self) -> Option<Time> {
        match self {
            Stage::Placed { since: placed, .. } | Stage::Running { placed, .. } | Stage::Stopping { placed, .. } => Some(*placed),
            Stage::Waiting | Stage::Ended { .. } => None,
        }
    }

    /// The word people and scripts read.
    pub fn name(&self) -> &'static str {
        match self {
            Stage::Waiting => "waiting",
            Stage::Placed { .. } => "placed",
            Stage::Running { .. } => "running",
            Stage::Stopping { .. } => "stopping",
            Stage::Ended { end, .. } => end.state(),
        }
    }
}

/// A job that has not been settled.
#[derive(Debug, Clone)]
pub struct Job {
    /// What its tenant wants.
    pub spec: Arc<Spec>,
    /// When it was accepted.
    pub submitted: Time,
    /// How long it is expected to run, where somebody said so.
    pub expected: Option<Span>,
    /// The first of the jobs that were submitted together with it.
    pub burst: JobId,
    /// How often it was placed.
    pub attempt: u32,
    /// How often its place was lost.
    pub lost: u32,
    /// Not before that instant is it placed.
    pub eligible: Time,
    /// The pool in which others were stopped for it; it takes no second one.
    pub evicted_in: Option<PoolId>,
    /// That it waits by choice.
    pub choice: Option<Choice>,
    /// How long it waited by choice before.
    pub by_choice: Span,
    /// Where and when it would have begun, had it no choice of its hours; told once it made use of that.
    pub at_once: Option<(PoolId, Time)>,
    /// How much of it has run and is kept, as it was suspended.
    pub ran: Span,
    /// How far it has come.
    pub stage: Stage,
    pub(crate) brief: Brief,
    pub(crate) seat: Seat,
}

/// What of a spec every placement and every end looks at, side by side in the job: a million specs are in no processor's cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    pub(crate) tenant: TenantId,
    pub(crate) time_limit: Option<Span>,
    /// Memory of each replica.
    pub(crate) memory: Memory,
    pub(crate) like: Like,
    pub(crate) preemptible: bool,
    pub(crate) suspendable: bool,
    /// The tasks of its array lie apart.
    pub(crate) apart: bool,
}

impl Brief {
    fn of(spec: &Spec) -> Brief {
        Brief {
            tenant: spec.tenant,
            time_limit: spec.time_limit,
            memory: spec.shape.memory,
            like: Like::of(spec),
            preemptible: spec.preemptible,
            suspendable: spec.suspend.is_some(),
            apart: spec.apart.is_some(),
        }
    }
}

impl PartialEq for Job {
    /// Where it stands in the queue is a cache, as is what its spec says.
    fn eq(&self, other: &Job) -> bool {
        (&self.spec, self.submitted, self.expected, self.burst) == (&other.spec, other.submitted, other.expected, other.burst)
            && (self.attempt, self.lost) == (other.attempt, other.lost)
            && (self.eligible, self.evicted_in, &self.stage) == (other.eligible, other.evicted_in, &other.stage)
            && (self.choice, self.by_choice, self.at_once, self.ran) == (other.choice, other.by_choice, other.at_once, other.ran)
    }
}

impl Eq for Job {}

impl Job {
    /// The longest it may run: its limit, else twice what somebody expects; `None` where nobody knows.
    pub fn bound(&self) -> Option<Span> {
        self.brief.time_limit.or(self.expected.map(|expected| Span(expected.0.saturating_mul(2))))
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name.
    pub name: Name,
    /// What it is due.
    pub terms: Terms,
    /// What it and its projects hold now.
    pub(crate) held: Amount,
    /// Thousandths of devices it and its projects hold now.
    pub milli_held: u64,
    /// What it and its projects used.
    pub(crate) used: Use,
    /// How long its own jobs ran.
    pub(crate) runs: Runs,
    /// What it and its projects may spend, where that is limited.
    pub purse: Option<crate::purse::Purse>,
}

impl Tenant {
    /// Whether what it may hold or spend is limited.
    pub(crate) fn is_capped(&self) -> bool {
        self.terms.most.is_some() || self.purse.is_some()
    }

    /// Past use that is not yet forgotten, in value × milliseconds.
    pub fn used(&self) -> u128 {
        self.used.value()
    }
}

/// A pool that joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What it said of itself.
    pub join: Join,
    /// Its nodes, in the order in which they were first seen.
    pub nodes: Vec<NodeState>,
    /// When they were last found changed.
    pub seen: Time,
    /// The mark of the agent that serves all of it; `None` before the first, and where each machine has its own.
    pub agent: Option<String>,
    /// The marks of the agents that serve one machine each, by the node's position; empty where one agent serves all.
    pub hosts: BTreeMap<u32, String>,
    /// Whether its agent, or that of one of its machines, is in touch; nothing is placed where none is.
    pub contact: bool,
    /// Jobs that hold a place here.
    pub(crate) jobs: Holders,
    /// What its provider allows.
    pub limits: Limits,
    /// Thousandths of devices (without accelerators: of cores) that jobs hold.
    pub(crate) milli_held: u64,
    /// By node, when every job there must have ended or is expected to; `CLOSED` where nothing may be kept.
    pub(crate) clear: Clear,
}

/// Jobs that hold a place, each at the position that its seat says; the order says nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holders(pub(crate) Vec<JobId>);

impl PartialEq for Holders {
    fn eq(&self, other: &Holders) -> bool {
        let sorted = |holders: &Holders| {
            let mut jobs = holders.0.clone();
            jobs.sort_unstable();
            jobs
        };
        self.0.len() == other.0.len() && sorted(self) == sorted(other)
    }
}

impl Eq for Holders {}

impl Pool {
    /// The model of its accelerators, if it has any (that of its first node with some).
    pub fn model(&self) -> Option<&str> {
        self.nodes.iter().find_map(|node| node.node.model.as_deref())
    }

    /// All its accelerators.
    pub fn devices(&self) -> Devices {
        self.nodes.iter().map(|node| node.node.devices).sum()
    }

    /// What others than the hub's jobs hold, by node.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Occupied)> {
        self.nodes.iter().filter_map(|state| Some((state.node.name.as_str(), state.others.as_deref()?)))
    }

    /// The jobs that hold a place here, ascending.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        let mut jobs = self.jobs.0.clone();
        jobs.sort_unstable();
        jobs.into_iter()
    }

    /// How many jobs hold a place here.
    pub fn jobs_len(&self) -> usize {
        self.jobs.0.len()
    }

    /// The machine that the agent of this mark serves, where each has its own.
    pub fn host_of(&self, agent: &str) -> Option<u32> {
        self.hosts.iter().find(|(_, known)| *known == agent).map(|(node, _)| *node)
    }

    /// Accelerators held by jobs, in whole or in part.
    pub fn devices_held(&self) -> Devices {
        Devices(self.nodes.iter().map(|node| node.devices_held.count_ones() + node.parts.len() as u32).sum())
    }
}

/// Everything the engine knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hub {
    /// What exists and what it costs.
    pub census: Arc<Census>,
    /// Who may submit.
    pub tenants: Table<TenantId, Tenant>,
    /// Where work runs.
    pub pools: Table<PoolId, Pool>,
    /// Jobs not yet settled.
    pub jobs: Jobs,
    /// What the agents of single machines said of their parts of jobs that run on several, in that order.
    pub(crate) heard: BTreeMap<JobId, Vec<(u32, Report)>>,
    /// When what takes no work.
    pub closings: BTreeMap<Target, Vec<Closing>>,
    /// Data that jobs read.
    pub data: BTreeMap<Name, crate::data::DataSet>,
    /// Nodes kept for waiting jobs.
    pub reserved: BTreeMap<JobId, Arc<Reservation>>,
    /// Since when each of them stood idle, in their order.
    pub(crate) idle_since: BTreeMap<JobId, Vec<Time>>,
    /// The work that arrives.
    pub(crate) work: Work,
    pub(crate) half_life: Option<Span>,
    /// What sites have drawn of late, where somebody said what their nodes draw.
    pub loads: BTreeMap<Name, crate::power::Load>,
    pub(crate) last_tenant: TenantId,
    pub(crate) last_pool: PoolId,
    pub(crate) last_job: JobId,
    pub(crate) derived: Derived,
}

impl Hub {
    /// The tenant of that name.
    pub fn tenant_named(&self, name: &Name) -> Option<TenantId> {
        self.derived.tenant_ids.get(name).copied()
    }

    /// The pool of that name.
    pub fn pool_named(&self, name: &Name) -> Option<PoolId> {
        self.pools.iter().find(|(_, pool)| pool.join.name == *name).map(|(id, _)| *id)
    }

    /// How many jobs wait, those that wait for others or for a time included.
    pub fn waiting(&self) -> usize {
        self.derived.waiting
    }

    /// How many of them wait by choice, for cleaner or cheaper hours.
    pub fn waiting_by_choice(&self) -> usize {
        self.derived.put_off.len()
    }

    /// How fast past use is forgotten.
    pub fn half_life(&self) -> Span {
        self.half_life.unwrap_or(Policy::HALF_LIFE)
    }

    /// Takes a fact over at its time. Total: it never refuses. A fact that cannot follow from what came
    /// before is our own mistake or a damaged journal, and stops the process.
    pub fn apply(&mut self, at: Time, fact: &Fact) {
        self.derived.clock = self.derived.clock.max(at);
        match fact {
            Fact::Census(change) => {
                Arc::make_mut(&mut self.census).apply(change);
                match &**change {
                    // Prices and factors are weighed in the next round; nothing that is held is worth more or less by them.
                    Change::Readings(readings) if readings.kind == SeriesKind::PowerCap => self.redraw_all(),
                    Change::Readings(readings) if readings.kind != SeriesKind::Pue => {
                        self.derived.judged = None;
                        self.hours_changed();
                    }
                    Change::Outlook(_) => self.derived.hours_ahead.clear(),
                    _ => {
                        self.revalue(at);
                        self.requeue_anchored();
                    }
                }
            }
            Fact::Data(name, data) => {
                match data {
                    Some(data) => drop(self.data.insert(name.clone(), (**data).clone())),
                    None => drop(self.data.remove(name)),
                }
                self.requeue_anchored();
            }
            Fact::Admitted(id, name) => {
                let (terms, held, used) = (Terms::default(), Amount::default(), Use::default());
                let tenant = Tenant { name: name.clone(), terms, held, milli_held: 0, used, runs: Runs::default(), purse: None };
                self.tenants.insert(*id, tenant);
                self.derived.tenant_ids.insert(name.clone(), *id);
                self.last_tenant = self.last_tenant.max(*id);
            }
            Fact::Joined(id, join) => {
                let (join, nodes, jobs) = (join.clone(), Vec::new(), Holders::default());
                let limits = Limits::default();
                let pool = Pool {
                    join,
                    nodes,
                    seen: Time(0),
                    agent: None,
                    hosts: BTreeMap::new(),
                    contact: false,
                    jobs,
                    limits,
                    milli_held: 0,
                    clear: Clear::default(),
                };
                self.pools.insert(*id, pool);
                self.redraw_all();
                self.last_pool = self.last_pool.max(*id);
                self.requeue_anchored();
            }
            Fact::Seen(id, nodes) => {
                self.see(at, *id, nodes);
                self.requeue_anchored();
            }
            Fact::Served(id, agent) => {
                let pool = self.pools.get_mut(id).expect("a pool joins before it is served");
                pool.agent = Some(agent.clone());
                if !std::mem::take(&mut pool.hosts).is_empty() {
                    pool.nodes.iter_mut().for_each(|state| state.silent = false);
                    self.refresh_pool(*id);
                }
            }
            Fact::Hosted(id, node, machine, agent) => self.host(at, *id, *node, machine, agent),
            Fact::HostContact(id, node, contact) => self.host_contact(*id, *node, *contact),
            Fact::Occupied(id, nodes) => {
                let pool = self.pools.get_mut(id).expect("a pool joins before others use it");
                for occupied in nodes {
                    let node = pool.nodes.get_mut(occupied.node as usize).expect("a node is seen before others use it");
                    node.others = (!occupied.is_nothing()).then(|| Box::new(occupied.clone()));
                }
                self.derived.moved = true;
                nodes.iter().for_each(|occupied| self.refresh(*id, occupied.node, true));
            }
            Fact::Contact(id, contact) => {
                self.pools.get_mut(id).expect("a pool joins before it is in touch").contact = *contact;
                self.refresh_pool(*id);
                self.requeue_anchored();
            }
            Fact::Submitted(id, spec) => self.submit(at, *id, spec),
            Fact::Expected(id, expected) => {
                self.job_mut(*id).expected = Some(*expected);
                self.requeue(*id);
            }
            Fact::PutOff(id, until) => self.put_off(at, *id, *until),
            Fact::AtOnce(id, pool, since) => self.job_mut(*id).at_once = Some((*pool, *since)),
            Fact::Placed(id, place) => self.place(at, *id, place),
            Fact::Started(id) => {
                let job = self.job_mut(*id);
                if let Stage::Placed { place, since } = &job.stage {
                    job.stage = Stage::Running { place: place.clone(), since: at, placed: *since };
                    self.satisfy(*id, crate::fact::When::Started);
                    self.watch(*id);
                }
            }
            Fact::Heard(id, node, report) => {
                let told = self.heard.entry(*id).or_default();
                told.retain(|(known, _)| known != node);
                told.push((*node, report.clone()));
            }
            Fact::StopWanted(id, stop) => {
                let job = self.job_mut(*id);
                let (place, placed, started) = match &job.stage {
                    Stage::Placed { place, since } => (place.clone(), *since, None),
                    Stage::Running { place, since, placed } => (place.clone(), *placed, Some(*since)),
                    Stage::Stopping { place, placed, started, .. } => (place.clone(), *placed, *started),
                    Stage::Waiting | Stage::Ended { .. } => return,
                };
                let pool = place.pool;
                job.stage = Stage::Stopping { place, placed, started, stop: *stop };
                if let Stop::Preempted { by, .. } = stop
                    && let Some(winner) = self.jobs.get_mut(by).filter(|job| job.stage == Stage::Waiting)
                {
                    winner.evicted_in = Some(pool);
                }
            }
            Fact::Ended(id, end, usage) => self.end(at, *id, end, *usage),
            Fact::Yielded(id, end, usage, eligible) => {
                self.keep_progress(*id, end, usage.run);
                self.give_back(at, *id);
                self.heard.remove(id);
                self.job_mut(*id).lost += u32::from(matches!(end, End::Lost(reason) if *reason != LostReason::PlaceTaken));
                self.wait(*id, *eligible);
            }
            Fact::Settled(id) => drop(self.jobs.remove(id)),
            Fact::Arranged(id, terms) => {
                let parent = self.tenants[id].terms.parent;
                let held = if terms.parent == parent { Money::ZERO } else { self.held_money(*id) };
                parent.into_iter().for_each(|old| self.draw(old, -held));
                self.tenants.get_mut(id).expect("a tenant is admitted before it has terms").terms = *terms;
                terms.parent.into_iter().for_each(|new| self.draw(new, held));
                self.find_caps();
                self.revalue(at);
                self.requeue_all();
            }
            Fact::Funded(id, purse) => {
                self.tenants.get_mut(id).expect("a tenant is admitted before it has money").purse = *purse;
                self.find_caps();
                self.derived.hours.extend(purse.iter().flat_map(|purse| [purse.until, purse.renews]).flatten());
                self.derived.reopen_all = true;
                self.requeue_all();
            }
            Fact::Drawn(id, amount) => self.draw(*id, *amount),
            Fact::HalfLife(half_life) => {
                self.half_life = Some(*half_life);
                self.revalue(at);
            }
            Fact::Limited(id, limits) => {
                self.pools.get_mut(id).expect("a pool joins before it is limited").limits = limits.clone();
                self.derived.vetoes = self.pools.values().any(|pool| !pool.limits.veto.is_empty());
                self.derived.reopen_all = true;
                self.requeue_all();
            }
            Fact::Closed(target, closings) => {
                match closings.is_empty() {
                    true => drop(self.closings.remove(target)),
                    false => drop(self.closings.insert(target.clone(), closings.clone())),
                }
                self.close_target(target);
            }
            Fact::Reserved(id, reservation) => {
                self.keep_idle(at, *id, reservation.as_deref());
                self.reserve(*id, reservation.as_ref());
            }
            Fact::Tried(id, tried) => {
                let job = self.job_mut(*id);
                (job.attempt, job.lost, job.evicted_in, job.burst) = (tried.attempt, tried.lost, tried.evicted_in, tried.burst);
                (job.ran, job.by_choice) = (tried.ran, tried.by_choice);
                match job.stage {
                    Stage::Waiting => self.wait(*id, tried.eligible),
                    _ => job.eligible = tried.eligible,
                }
            }
            Fact::Remembered(id, past) => {
                let tenant = self.tenants.get_mut(id).expect("a tenant is admitted before it has a past");
                tenant.used = past.used;
                tenant.runs = past.runs.clone();
                self.derived.restand.grow_and_insert(id.0 as usize);
                self.derived.estimated = None;
            }
            Fact::Load(site, load) => drop(self.loads.insert(site.clone(), (**load).clone())),
            Fact::Demanded(work) => {
                self.work = (**work).clone();
                self.derived.index.unlearned = true;
            }
            Fact::Counted { tenant, pool, job } => {
                self.last_tenant = *tenant;
                self.last_pool = *pool;
                self.last_job = *job;
            }
        }
    }

    /// When the last fact came about.
    pub fn clock(&self) -> Time {
        self.derived.clock
    }

    /// What leaves out so many numbers of jobs, so that what follows bears none that somebody may know for something else.
    pub fn leaves_out(&self, jobs: u64) -> Fact {
        Fact::Counted { tenant: self.last_tenant, pool: self.last_pool, job: JobId(self.last_job.0 + jobs) }
    }

    /// How long a job is thought to run: what somebody expects, else what its burst and its tenant's past show; never more
    /// than its limit.
    pub fn guess(&self, id: JobId) -> Span {
        let job = &self.jobs[&id];
        let shown = || self.tenants[&job.spec.tenant].runs.estimate(job.burst, crate::past::step_of(self.derived.clock));
        let guess = job.expected.unwrap_or_else(shown);
        job.spec.time_limit.map_or(guess, |limit| limit.min(guess))
    }

    pub(crate) fn job_mut(&mut self, id: JobId) -> &mut Job {
        self.jobs.get_mut(&id).expect("a job is submitted before anything happens to it")
    }

    /// Whether any tenant is limited in what it may hold or spend.
    fn find_caps(&mut self) {
        self.derived.purses = self.tenants.values().any(|tenant| tenant.purse.is_some());
        self.derived.caps = self.derived.purses || self.tenants.values().any(|tenant| tenant.terms.most.is_some());
    }

    fn submit(&mut self, at: Time, id: JobId, spec: &Arc<Spec>) {
        let seat = Seat::new(self.derived.intern(&spec.shape));
        // Remembered for the next one of its like; nodes may have changed since it was decided.
        if !self.derived.could_hold(&spec.shape) && self.could_any_hold(&spec.shape) {
            self.derived.holds(seat.shape);
        }
        self.derived.index.unlearned |= self.work.arrive(&spec.shape);
        let (stage, eligible) = (Stage::Waiting, Time(i64::MIN));
        let tenant = self.tenants.get_mut(&spec.tenant).expect("a tenant is admitted before it submits");
        let burst = tenant.runs.join(id, spec.devices(), &spec.name, at);
        let job = Job {
            spec: spec.clone(),
            submitted: at,
            expected: None,
            burst,
            attempt: 0,
            lost: 0,
            eligible,
            evicted_in: None,
            choice: None,
            by_choice: Span::ZERO,
            at_once: None,
            ran: Span::ZERO,
            stage,
            brief: Brief::of(spec),
            seat,
        };
        self.jobs.insert(id, job);
        self.last_job = self.last_job.max(id);
        self.derived.waiting += 1;
        self.depend(id);
        self.enqueue(id);
    }

    fn place(&mut self, at: Time, id: JobId, place: &Arc<Place>) {
        let opened = self.reserved.contains_key(&id);
        self.take_reserved(id, place);
        self.idle_since.remove(&id);
        self.draw(self.jobs[&id].brief.tenant, place.hold);
        self.dequeue(id);
        self.derived.waiting -= 1;
        let job = self.job_mut(id);
        (job.by_choice, job.choice) = (job.waited_by_choice(at), None);
        job.attempt += 1;
        job.evicted_in = None;
        job.stage = Stage::Placed { place: place.clone(), since: at };
        self.hold(at, id, at, opened);
    }

    fn end(&mut self, at: Time, id: JobId, end: &End, usage: Usage) {
        let job = &self.jobs[&id];
        let place = job.stage.held().cloned();
        let (tenant, burst, like) = (job.brief.tenant, job.burst, job.brief.like);
        if place.is_some() {
            self.give_back(at, id);
            self.heard.remove(&id);
        } else if job.stage == Stage::Waiting {
            self.reserve(id, None);
            self.idle_since.remove(&id);
            self.dequeue(id);
            self.derived.waiting -= 1;
        }
        let (ran, before) = (place.is_some() && matches!(end, End::Exited(_) | End::OverTime), self.jobs[&id].ran);
        let tenant = self.tenants.get_mut(&tenant).expect("a tenant never leaves the hub");
        tenant.runs.ended(burst, like, ran.then_some(before + usage.run), at);
        self.derived.bursts_changed.insert(burst);
        self.derived.release(self.jobs[&id].seat.shape);
        self.job_mut(id).stage = Stage::Ended { place, end: end.clone(), usage, at };
        self.satisfy(id, if *end == End::Exited(0) { crate::fact::When::Ok } else { crate::fact::When::Ended });
    }

    /// Makes a job wait that has a place no more.
    fn wait(&mut self, id: JobId, eligible: Time) {
        self.dequeue(id);
        let job = self.job_mut(id);
        if job.stage != Stage::Waiting {
            job.stage = Stage::Waiting;
            self.derived.waiting += 1;
        }
        let job = self.job_mut(id);
        job.eligible = eligible;
        job.seat.decided = false;
        self.enqueue(id);
    }
}
