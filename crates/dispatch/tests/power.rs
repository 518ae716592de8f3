//! What sites and racks may draw holds for every history of caps, failures and work, made at random; and a month's highest demand is
//! not raised by what has time.

use std::collections::BTreeMap;
use std::sync::Arc;

use census::{Change, HubSettings, NodePower, Rack, Readings, SeriesKind, Tariff, TariffKind};
use dispatch::{
    Ask, Closing, End, Fact, Hub, Join, Node, Notice, Occupied, Policy, Report, Request, Shape, Short, Spec, Stage, Stop,
    Suspend, Target, Usage, Why, check, decide,
};
use measure::{Cpu, Devices, JobId, Memory, Name, PoolId, Power, Span, TenantId, Time};
use proptest::prelude::*;

const WATT: i64 = 1000;
const MINUTE: Span = Span(60_000);

/// The hub begins with a day of January in Guizhou.
const BEGIN: Time = Time(1_767_225_600_000);

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn node_power(scope: &str, idle: i64, device: i64, core: i64) -> Change {
    let (idle, device, core) = (Power(idle * WATT), Power(device * WATT), Power(core * WATT));
    let id = name(&format!("power-of-{}", if scope == "*" { "all" } else { "some" }));
    let (asleep, wake) = (Power(20 * WATT), Span::seconds(120));
    let (source, note) = ("sample".to_owned(), String::new());
    Change::Power(NodePower { id, scope: scope.to_owned(), idle, device, core, asleep, wake, source, note })
}

fn row(kind: TariffKind, site: &str, hours: &[(u8, u8)], micro: i64) -> Change {
    Change::Tariff(Tariff {
        id: name(&format!("{kind}-{site}-{}", hours.len())),
        kind,
        scope: format!("site:{site}"),
        valid_from: Time(0),
        valid_to: None,
        hours: hours.to_vec(),
        micro,
        grade: "sample".to_owned(),
        source: "sample".to_owned(),
        note: String::new(),
    })
}

fn site(id: &str, pue: &str) -> Change {
    let site = serde_json::json!({ "Site": { "id": id, "name": id, "name_zh": "unknown", "named": true, "provider": null,
        "prefecture": "sample", "zone": "sample", "latitude": null, "longitude": null, "status": "operating",
        "status_date": "unknown", "racks": null, "racks_planned": null, "servers": null, "servers_planned": null,
        "computing_power_pflops": null, "computing_power_planned_pflops": null, "class": null, "precision": null,
        "sparsity": null, "pue": pue, "source": "sample", "note": "" } });
    serde_json::from_value(site).unwrap()
}

/// A hub, what runs when it is told to stop, and all that happened.
struct World {
    hub: Hub,
    now: Time,
    facts: Vec<(Time, Fact)>,
    /// When each job that was told to stop has.
    stops: BTreeMap<JobId, Time>,
}

impl World {
    fn new(policy: &str, changes: Vec<Change>) -> World {
        let mut world = World { hub: Hub::default(), now: BEGIN, facts: Vec::new(), stops: BTreeMap::new() };
        world.hub.adopt(Policy::named(policy).unwrap());
        world.ask(Request::Census(vec![Change::Hub(HubSettings { utc_offset_hours: 8, ..HubSettings::default() })]));
        world.ask(Request::Census(changes));
        world.ask(Request::Admit(name("llm-lab")));
        world
    }

    fn pool(&mut self, pool: &str, site: &str, count: u32, devices: u32) {
        let join = Join { name: name(pool), provider: name("provider"), site: Some(name(site)), executor: "replay".to_owned() };
        self.ask(Request::Join(join));
        let id = self.hub.pool_named(&name(pool)).unwrap();
        let node = |at: u32| Node {
            name: format!("{pool}-{at}"),
            model: (devices > 0).then(|| "H800".to_owned()),
            devices: Devices(devices),
            cpu: Cpu::cores(32),
            memory: Memory::mebibytes(1 << 16),
            ..Node::default()
        };
        self.ask(Request::See(id, (0..count).map(node).collect()));
        self.ask(Request::Contact(id, true));
    }

    fn ask(&mut self, request: Request) {
        for fact in decide(&self.hub, self.now, request).unwrap_or_default() {
            self.hub.apply(self.now, &fact);
            self.take(fact);
        }
    }

    fn take(&mut self, fact: Fact) {
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after {fact:?}");
        if let Fact::StopWanted(id, _) = &fact {
            let grace = self.hub.jobs[id].spec.notice.map_or(Span(30_000), |notice| notice.grace);
            self.stops.insert(*id, self.now + grace);
        }
        self.facts.push((self.now, fact));
    }

    fn round(&mut self) {
        let mut planned = self.hub.clone();
        for fact in planned.round(self.now) {
            self.hub.apply(self.now, &fact);
            self.take(fact);
        }
        assert_eq!(self.hub.opening(), planned.opening(), "a round applies what it returns");
        self.hub = planned;
        let waiting: Vec<JobId> = self.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
        let mut seer = self.hub.clone();
        for id in waiting {
            assert_ne!(seer.why_waiting(id), Some(Why::Next), "a round leaves no job that could start: {id} at {}", self.now);
        }
        for id in self.placed() {
            let pool = self.hub.jobs[&id].stage.held().unwrap().pool;
            self.ask(Request::Report(pool, id, 0, Report::Started));
        }
    }

    fn placed(&self) -> Vec<JobId> {
        self.hub.jobs.iter().filter(|(_, job)| matches!(job.stage, Stage::Placed { .. })).map(|(id, _)| id).collect()
    }

    fn end(&mut self, id: JobId, end: End) {
        let Some(place) = self.hub.jobs.get(&id).and_then(|job| job.stage.held().cloned()) else { return };
        self.stops.remove(&id);
        self.ask(Request::Report(place.pool, id, 0, Report::Ended(end, Usage::default())));
    }

    /// Lives through a span: whoever was told to stop does when its grace is over, and a round is made whenever one is due.
    fn live(&mut self, span: Span, mut seen: impl FnMut(&World)) {
        let until = self.now + span;
        loop {
            self.round();
            seen(self);
            let due = self.hub.next_wake().filter(|at| *at > self.now);
            let bounds = self.hub.jobs.iter().filter_map(|(id, job)| Some((job.stage.placed()? + job.spec.time_limit?, id)));
            let limit = bounds.filter(|(_, id)| self.hub.jobs[id].stage.held().is_some()).min();
            let stop = self.stops.iter().map(|(id, at)| (*at, *id)).min();
            let next = [due, limit.map(|(at, _)| at), stop.map(|(at, _)| at), Some(until)].into_iter().flatten().min().unwrap();
            self.now = self.now.max(next.min(until));
            if let Some((_, id)) = stop.filter(|(at, _)| *at <= self.now) {
                self.end(id, End::Cancelled);
            } else if let Some((_, id)) = limit.filter(|(at, _)| *at <= self.now) {
                self.end(id, End::OverTime);
            } else if self.now >= until {
                self.round();
                seen(self);
                return;
            }
        }
    }

    /// What sites and racks draw beyond what they may, once all is over that is told to stop.
    fn over(&self) -> Vec<(Name, i64, i64)> {
        let mut after = self.hub.clone();
        for id in self.stops.keys() {
            let Some(place) = after.jobs[id].stage.held().cloned() else { continue };
            let ended = Request::Report(place.pool, *id, 0, Report::Ended(End::Cancelled, Usage::default()));
            for fact in decide(&after, self.now, ended).unwrap_or_default() {
                after.apply(self.now, &fact);
            }
        }
        over_by_jobs(&after)
    }

    fn fold(&self) -> Hub {
        let mut hub = Hub::default();
        self.facts.iter().for_each(|(at, fact)| hub.apply(*at, fact));
        hub
    }
}

/// What is above a cap where jobs draw anything: what stands idle draws what it draws, and what others do nobody here can stop.
fn over_by_jobs(hub: &Hub) -> Vec<(Name, i64, i64)> {
    let mut over = hub.over_cap();
    over.retain(|(name, ..)| {
        let places = hub.jobs.values().filter_map(|job| job.stage.held());
        let here = |place: &&Arc<dispatch::Place>| {
            let pool = &hub.pools[&place.pool];
            let rack = hub.census.racks.get(name).filter(|rack| rack.pool == pool.join.name);
            let in_rack =
                |rack: &Rack| place.slots.iter().any(|slot| rack.nodes.contains(&pool.nodes[slot.node as usize].node.name));
            pool.join.site.as_ref() == Some(name) || rack.is_some_and(in_rack)
        };
        places.filter(here).any(|place| hub.drawn(place).is_some_and(|power| power > Power(0)))
    });
    over
}

#[derive(Debug, Clone)]
enum Step {
    Submit(Box<Spec>),
    /// A job ends, well or lost.
    End(u64, bool),
    /// A cap in kW that a site is told to keep from so many minutes on.
    Cap(bool, i64, i64),
    Pue(bool, i64),
    Others(u32, u32, u32),
    Contact(u32, bool),
    Close(bool, i64),
    Nodes(u32, u32),
    Wait(i64),
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let limit = prop::option::of((1_i64..600).prop_map(|minutes| Span(minutes * MINUTE.0)));
    let stops = prop_oneof![
        2 => Just((false, None, None)),
        1 => Just((true, None, None)),
        1 => (1_i64..20).prop_map(|minutes| (true, Some(Notice { signal: 10, grace: Span(minutes * MINUTE.0) }), None)),
        1 => Just((true, None, Some(Suspend::default()))),
    ];
    (1_u32..4, 0_u32..9, 0_u64..33, limit, stops, prop::option::weighted(0.3, 0_i64..24), 0_i16..2).prop_map(
        |(replicas, devices, cores, time_limit, (preemptible, notice, suspend), patience, priority)| Spec {
            tenant: TenantId(1),
            shape: Shape {
                replicas,
                asks: vec![Ask { devices: Devices(devices), ..Ask::default() }],
                cpu: Cpu::cores(cores.max(u64::from(devices == 0))),
                ..Shape::default()
            },
            time_limit,
            preemptible,
            notice,
            suspend,
            priority,
            patience: patience.map(|hours| Span(hours * Span::HOUR.0)),
            retries: 3,
            ..Spec::default()
        },
    )
}

/// `surprises` may bring caps that fall, and loads that rise, without notice.
fn any_step(surprises: bool) -> impl Strategy<Value = Step> {
    let ahead = if surprises { 0_i64..300 } else { 121_i64..600 };
    let told = prop_oneof![
        12 => any_spec().prop_map(|spec| Step::Submit(Box::new(spec))),
        4 => (1_u64..60, any::<bool>()).prop_map(|(job, well)| Step::End(job, well)),
        3 => (any::<bool>(), 4_i64..40, ahead).prop_map(|(west, kw, minutes)| Step::Cap(west, kw, minutes)),
        1 => (1_u32..4, any::<bool>()).prop_map(|(pool, contact)| Step::Contact(pool, contact)),
        1 => (any::<bool>(), 0_i64..120).prop_map(|(west, minutes)| Step::Close(west, minutes)),
        6 => (1_i64..240).prop_map(Step::Wait),
    ];
    if !surprises {
        return told.boxed();
    }
    prop_oneof![
        12 => told,
        1 => (any::<bool>(), 1000_i64..1600).prop_map(|(west, pue)| Step::Pue(west, pue)),
        1 => (1_u32..4, 0_u32..4, 0_u32..9).prop_map(|(pool, node, devices)| Step::Others(pool, node, devices)),
        1 => (1_u32..4, 1_u32..6).prop_map(|(pool, nodes)| Step::Nodes(pool, nodes)),
    ]
    .boxed()
}

fn sites() -> [&'static str; 2] {
    ["east", "west"]
}

fn play(steps: &[Step], strictly: bool, policy: &str) {
    let mut changes = vec![site("east", "1.25"), site("west", "1.1"), node_power("*", 500, 700, 5)];
    changes.push(row(TariffKind::PowerCap, "east", &[], 30 * 1_000_000));
    changes.push(row(TariffKind::PowerCap, "west", &[(10, 14), (18, 21)], 16 * 1_000_000));
    changes.push(row(TariffKind::Demand, "east", &[], 35 * 1_000_000));
    let nodes = (0..2).map(|at| format!("gpu-{at}")).collect();
    let (id, pool, cap, source, note) = (name("rack-1"), name("gpu"), Power(9000 * WATT), "sample".to_owned(), String::new());
    changes.push(Change::Rack(Rack { id, pool, nodes, cap, source, note }));
    let mut world = World::new(policy, changes);
    world.pool("gpu", "east", 4, 8);
    world.pool("cores", "east", 3, 0);
    world.pool("more", "west", 3, 8);
    let seen = |world: &World| {
        assert_eq!(world.over(), [], "whatever is over a cap is told to stop");
        if strictly {
            assert_eq!(over_by_jobs(&world.hub), [], "a cap that is known two hours ahead is never exceeded");
        }
    };
    for step in steps {
        match step {
            Step::Submit(spec) => world.ask(Request::Submit(Arc::new(Spec::clone(spec)))),
            Step::End(job, well) => {
                let end = if *well { End::Exited(0) } else { End::Lost(dispatch::LostReason::MachineRestarted) };
                world.end(JobId(*job), end);
            }
            Step::Cap(west, kw, minutes) => {
                let values = vec![(world.now + Span(minutes * MINUTE.0), kw * 1_000_000)];
                let scope = format!("site:{}", sites()[usize::from(*west)]);
                let readings = Readings { kind: SeriesKind::PowerCap, scope, values, source: "sample".to_owned() };
                world.ask(Request::Census(vec![Change::Readings(readings)]));
            }
            Step::Pue(west, pue) => {
                let (values, scope) = (vec![(world.now, pue * 1000)], format!("site:{}", sites()[usize::from(*west)]));
                let readings = Readings { kind: SeriesKind::Pue, scope, values, source: "sample".to_owned() };
                world.ask(Request::Census(vec![Change::Readings(readings)]));
            }
            Step::Others(pool, node, devices) => {
                let pool = PoolId(*pool);
                let machine = world.hub.pools[&pool].nodes[*node as usize % world.hub.pools[&pool].nodes.len()].node.name.clone();
                let occupied = Occupied { devices: Devices(*devices), cpu: Cpu::cores(u64::from(*devices)), ..Occupied::NOTHING };
                world.ask(Request::Occupy(pool, vec![(machine, occupied)]));
            }
            Step::Contact(pool, contact) => world.ask(Request::Contact(PoolId(*pool), *contact)),
            Step::Close(west, minutes) => {
                let (from, until) = (world.now + Span(minutes * MINUTE.0), Some(world.now + Span(minutes * 2 * MINUTE.0)));
                let closing = Closing { from, until, stop_at: Some(from), reason: String::new(), by_provider: false };
                world.ask(Request::Close(Target::Site(name(sites()[usize::from(*west)])), vec![closing]));
            }
            Step::Nodes(pool, count) => {
                let pool = PoolId(*pool);
                let all: Vec<Node> = world.hub.pools[&pool].nodes.iter().map(|state| state.node.clone()).collect();
                let more = (0..*count).map(|at| Node { name: format!("{pool}-more-{at}"), ..all[0].clone() });
                world.ask(Request::See(pool, all.iter().cloned().chain(more).collect()));
            }
            Step::Wait(minutes) => world.live(Span(minutes * MINUTE.0), seen),
        }
    }
    world.live(Span(36 * Span::HOUR.0), seen);
    // The same history is the same hub, and so is a shortened one.
    let fold = world.fold();
    assert_eq!(fold.opening(), world.hub.opening());
    assert_eq!(fold.loads, world.hub.loads);
    let mut again = Hub::default();
    world.hub.opening().iter().for_each(|(at, fact)| again.apply(*at, fact));
    assert_eq!(again.opening(), world.hub.opening());
    assert_eq!(check(&again), Vec::<String>::new());
    // What is foreseen leaves no trace.
    let mut seer = world.hub.clone();
    let waiting: Vec<JobId> = seer.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
    for id in waiting {
        assert!(seer.why_waiting(id).is_some());
        seer.foresee(id, world.now);
        assert_eq!(check(&seer), Vec::<String>::new());
    }
    assert_eq!(seer.opening(), world.hub.opening());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// With caps that are told two hours ahead, nothing is ever above one.
    #[test]
    fn no_cap_is_exceeded(steps in prop::collection::vec(any_step(false), 1..60), green in any::<bool>()) {
        play(&steps, true, if green { "green" } else { "default" });
    }

    /// Where caps fall and loads rise without notice, as much as must is told to stop at once.
    #[test]
    fn what_is_above_a_cap_without_notice_is_stopped(steps in prop::collection::vec(any_step(true), 1..60), green in any::<bool>()) {
        play(&steps, false, if green { "green" } else { "default" });
    }
}

fn job(devices: u32, hours: Option<i64>) -> Spec {
    Spec {
        tenant: TenantId(1),
        shape: Shape { asks: vec![Ask { devices: Devices(devices), ..Ask::default() }], ..Shape::default() },
        time_limit: hours.map(|hours| Span(hours * Span::HOUR.0)),
        ..Spec::default()
    }
}

impl World {
    fn submit(&mut self, spec: Spec) -> JobId {
        self.ask(Request::Submit(Arc::new(spec)));
        self.hub.jobs.iter().map(|(id, _)| id).max().unwrap()
    }

    fn runs(&self, id: JobId) -> bool {
        self.hub.jobs.get(&id).is_some_and(|job| job.stage.held().is_some())
    }

    fn short(&mut self, id: JobId) -> Short {
        match self.hub.why_waiting(id) {
            Some(Why::Busy { pools }) => pools[0].short.clone(),
            why => panic!("{id} waits for another reason: {why:?}"),
        }
    }
}

/// A site of PUE 1 whose two nodes draw 500 W idle and 1 kW for each of their eight devices.
fn plain(policy: &str, cap_kw: i64, hours: &[(u8, u8)]) -> World {
    let mut changes = vec![site("east", "1"), node_power("model:H800", 500, 1000, 0)];
    changes.push(row(TariffKind::PowerCap, "east", hours, cap_kw * 1_000_000));
    let mut world = World::new(policy, changes);
    world.pool("gpu", "east", 2, 8);
    world
}

#[test]
fn a_cap_counts_what_stands_idle_and_says_what_it_keeps_from_starting() {
    let mut world = plain("default", 10, &[]);
    let first = world.submit(job(8, None));
    world.live(MINUTE, |_| {});
    let second = world.submit(job(2, None));
    world.live(MINUTE, |_| {});
    assert!(world.runs(first) && !world.runs(second));
    let Short::PowerShort(short) = world.short(second) else { panic!("it is short of power") };
    let kw = |kw: i64| Power(kw * 1000 * WATT);
    assert_eq!(short, dispatch::NoPower::Cap { rack: None, most: kw(10), draws: kw(9), needs: kw(2) });
    world.end(first, End::Exited(0));
    world.live(MINUTE, |_| {});
    assert!(world.runs(second), "what is given back can be drawn by others");
}

#[test]
fn work_starts_only_where_its_power_is_free_up_to_its_end() {
    // In the evening from six on, which is ten hours from now.
    let mut world = plain("default", 5, &[(18, 24)]);
    let (short, long) = (world.submit(job(8, Some(9))), world.submit(job(8, Some(11))));
    let stoppable = Spec { preemptible: true, ..job(8, Some(11)) };
    world.live(MINUTE, |_| {});
    assert!(world.runs(short) && !world.runs(long));
    let gives_way = world.submit(stoppable);
    world.live(MINUTE, |_| {});
    assert!(world.runs(gives_way), "what can be stopped may start");
    world.live(Span(9 * Span::HOUR.0 + 50 * MINUTE.0), |_| {});
    assert!(world.runs(gives_way));
    world.live(Span(9 * MINUTE.0), |_| {});
    assert!(!world.runs(gives_way), "and is stopped before the cap falls");
    let stopped = |(_, fact): &(Time, Fact)| matches!(fact, Fact::StopWanted(id, Stop::Capped) if *id == gives_way);
    assert!(world.facts.iter().any(stopped));
}

#[test]
fn nodes_of_which_nobody_knows_what_they_draw_take_no_work_under_a_cap() {
    let mut world = plain("default", 10, &[]);
    world.pool("new", "east", 1, 0);
    let id = world.submit(Spec {
        shape: Shape { cpu: Cpu::cores(1), pools: vec![name("new")], asks: vec![Ask::default()], ..Shape::default() },
        ..job(0, None)
    });
    world.live(MINUTE, |_| {});
    let why = world.hub.why_waiting(id);
    let Some(Why::Busy { pools }) = why else { panic!("{why:?}") };
    assert!(pools.iter().any(|pool| pool.short == Short::PowerShort(dispatch::NoPower::Unknown)), "{pools:?}");
}

#[test]
fn a_gang_that_waits_for_power_is_not_passed_over_for_ever() {
    let mut world = plain("default", 12, &[]);
    let small: Vec<JobId> = (0..8).map(|_| world.submit(job(1, Some(4)))).collect();
    world.live(MINUTE, |_| {});
    assert!(small.iter().all(|id| world.runs(*id)));
    let gang = world.submit(Spec { shape: Shape { replicas: 2, ..job(5, Some(1)).shape }, ..job(5, Some(1)) });
    let mut begun = None;
    for minute in 0..(12 * 60) {
        // Small work keeps coming, and one of it ends each half hour.
        if minute % 30 == 0 {
            world.submit(job(1, Some(4)));
        }
        world.live(MINUTE, |_| {});
        if world.runs(gang) {
            begun = Some(minute);
            break;
        }
    }
    assert!(begun.is_some_and(|minute| minute <= 5 * 60), "{begun:?}");
}

#[test]
fn two_gangs_that_wait_for_power_do_not_wait_for_each_other() {
    let mut changes = vec![site("east", "1"), node_power("model:H800", 500, 1000, 0)];
    changes.push(row(TariffKind::PowerCap, "east", &[], 14 * 1_000_000));
    let mut world = World::new("default", changes);
    world.pool("gpu", "east", 3, 8);
    world.pool("more", "east", 3, 8);
    let first = world.submit(job(8, Some(2)));
    world.live(MINUTE, |_| {});
    assert!(world.runs(first));
    // Each needs ten kilowatts of the eleven that are there beside what stands idle.
    let gang = || Spec { shape: Shape { replicas: 2, ..job(5, Some(1)).shape }, ..job(5, Some(1)) };
    let gangs = [world.submit(gang()), world.submit(gang())];
    let mut begun = BTreeMap::new();
    for minute in 0..(8 * 60) {
        world.live(MINUTE, |_| {});
        let running = gangs.iter().filter(|id| world.runs(**id) && !begun.contains_key(*id));
        let running: Vec<JobId> = running.copied().collect();
        begun.extend(running.into_iter().map(|id| (id, minute)));
    }
    assert_eq!(begun.len(), 2, "{begun:?}");
}

#[test]
fn work_that_has_time_does_not_raise_the_months_highest_demand() {
    let mut changes = vec![site("east", "1"), node_power("model:H800", 500, 1000, 0)];
    changes.push(row(TariffKind::Demand, "east", &[], 35 * 1_000_000));
    changes.push(row(TariffKind::Carbon, "east", &[], 500_000));
    let mut world = World::new("green", changes);
    world.pool("gpu", "east", 2, 8);
    // On the first day, of which nothing is known, half of the devices are used all day.
    let first = world.submit(job(8, Some(24)));
    world.live(Span(24 * Span::HOUR.0), |_| {});
    assert!(!world.runs(first));
    let urgent = world.submit(job(6, Some(2)));
    world.live(MINUTE, |_| {});
    let patient = world.submit(Spec { patience: Some(Span(12 * Span::HOUR.0)), ..job(4, Some(1)) });
    world.live(MINUTE, |_| {});
    assert!(world.runs(urgent) && !world.runs(patient));
    assert!(matches!(world.short(patient), Short::PowerShort(dispatch::NoPower::Peak { .. })));
    world.live(Span(2 * Span::HOUR.0), |_| {});
    assert!(world.runs(patient), "it starts below what was drawn before");
    // What has no time left raises it.
    world.live(Span(2 * Span::HOUR.0), |_| {});
    world.submit(job(8, Some(20)));
    world.live(MINUTE, |_| {});
    let late = world.submit(Spec { patience: Some(Span(6 * Span::HOUR.0)), ..job(4, Some(1)) });
    world.live(Span(5 * Span::HOUR.0), |_| {});
    assert!(!world.runs(late));
    world.live(Span(70 * MINUTE.0), |_| {});
    assert!(world.runs(late), "it waits no longer than it may");
    assert_eq!(world.hub.loads[&name("east")].highest, Power(13_000 * WATT));
}
