//! What holds for every history of requests, made at random.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch::{
    After, Apart, Ask, Backfill, Closing, Command, End, Fact, Hub, Join, Limits, LostReason, Node, Notice, Occupied, Place,
    Policy, Report, Request, Shape, Spec, Spread, Stage, Stop, Target, Task, Terms, Usage, WHOLE, When, Why, check, decide,
};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};
use proptest::prelude::*;
use proptest::sample::select;

/// What a step asks; jobs and pools are named by number and need not exist.
#[derive(Debug, Clone)]
enum Step {
    Ask(Request),
    /// The agent of the pool where the job is says so.
    Answer(u64, Report),
    Round,
    Wait(i64),
}

const MODELS: [&str; 3] = ["H800", "910B", "cores"];

fn any_node() -> impl Strategy<Value = Node> {
    let accelerated = (0_usize..2, 1_u32..=8).prop_map(|(model, devices)| (Some(MODELS[model].to_owned()), Devices(devices)));
    let kind = prop_oneof![3 => accelerated, 1 => Just((None, Devices(0)))];
    (0..6, kind, 0_u64..32, 0_u64..8).prop_map(|(name, (model, devices), cores, gibibytes)| Node {
        name: format!("node-{name}"),
        model,
        devices,
        cpu: Cpu::cores(cores),
        memory: Memory::mebibytes(gibibytes << 10),
        ..Node::default()
    })
}

fn any_ask() -> impl Strategy<Value = Ask> {
    let models = prop::collection::vec(select(&MODELS[..]), 0..2);
    let part = prop_oneof![4 => Just(WHOLE), 1 => select(vec![100_u16, 250, 333, 500, 900])];
    (0_u32..9, models, part, prop::option::weighted(0.1, 1_u32..4)).prop_map(|(devices, models, part, replicas)| Ask {
        devices: if part < WHOLE { Devices(1) } else { Devices(devices) },
        models: models.into_iter().map(str::to_owned).collect(),
        part,
        replicas,
        ..Ask::default()
    })
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let spread = prop_oneof![4 => Just(Spread::Pack), 1 => Just(Spread::Nodes)];
    let shape = (1_u32..4, prop::collection::vec(any_ask(), 1..3), select(vec![0, 500, 1000, 8000]), 0_u64..3, spread);
    let limit = prop::option::of((1_i64..600).prop_map(Span::seconds));
    let when = select(vec![When::Started, When::Ok, When::Ended]);
    let after = prop::collection::vec((1_u64..30, when).prop_map(|(job, when)| After { job: JobId(job), when }), 0..2);
    let after = prop_oneof![5 => Just(Vec::new()), 1 => after];
    let notice = prop::option::weighted(0.5, Just(Notice { signal: 10, grace: Span(5000) }));
    let gives_way = prop_oneof![2 => Just((false, None)), 1 => notice.prop_map(|notice| (true, notice))];
    let apart = prop_oneof![Just(None), Just(Some(Apart::Nodes)), Just(Some(Apart::Sites))];
    let array = prop_oneof![5 => Just((0, None)), 1 => (1_u32..4, apart)];
    (1_u32..4, shape, -1_i16..2, limit, after, gives_way, array, 0_u32..3).prop_map(
        |(
            tenant,
            (replicas, asks, cpu, gibibytes, spread),
            priority,
            time_limit,
            after,
            (preemptible, notice),
            (count, apart),
            retries,
        )| Spec {
            tenant: TenantId(tenant),
            shape: Shape {
                replicas,
                asks,
                cpu: Cpu(cpu),
                memory: Memory::mebibytes(gibibytes << 10),
                spread,
                ..Shape::default()
            },
            time_limit,
            priority,
            command: Command::default(),
            after,
            preemptible,
            notice,
            retries,
            array: (count > 0).then_some(Task { first: JobId(0), index: 0, count }),
            apart,
            ..Spec::default()
        },
    )
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let devices = || prop::option::weighted(0.3, (1_u32..9).prop_map(Devices));
    (prop::option::weighted(0.3, (1_u32..4).prop_map(TenantId)), 1_u32..4, devices(), devices())
        .prop_map(|(parent, weight, guaranteed, most)| Terms { parent, weight, guaranteed, most, patience: None })
}

fn any_occupied() -> impl Strategy<Value = (String, Occupied)> {
    (0..6, 0_u32..9, 0_u64..65, 0_u64..65).prop_map(|(node, devices, cores, gibibytes)| {
        let (devices, cpu, memory) = (Devices(devices), Cpu::cores(cores), Memory::mebibytes(gibibytes << 10));
        (format!("node-{node}"), Occupied { devices, cpu, memory, asleep: devices == Devices(0), ..Occupied::NOTHING })
    })
}

fn any_closing() -> impl Strategy<Value = (Target, Vec<Closing>)> {
    let pool = (1_u32..4).prop_map(PoolId);
    let target = (pool, prop::option::of(0..6)).prop_map(|(pool, node)| match node {
        Some(node) => Target::Node(pool, format!("node-{node}")),
        None => Target::Pool(pool),
    });
    let instant = || (0_i64..900_000).prop_map(Time);
    let closing = (instant(), prop::option::of(instant()), prop::option::of(instant()))
        .prop_map(|(from, until, stop_at)| Closing { from, until, stop_at, reason: String::new(), by_provider: false });
    (target, prop::collection::vec(closing, 0..2))
}

fn any_report() -> impl Strategy<Value = Report> {
    let end = select(vec![
        End::Exited(0),
        End::Exited(1),
        End::Killed(9),
        End::OverTime,
        End::Cancelled,
        End::Lost(LostReason::MachineRestarted),
        End::Lost(LostReason::PlaceTaken),
    ]);
    let ended = (end, 0_i64..100_000).prop_map(|(end, run)| Report::Ended(end, Usage { run: Span(run), ..Usage::default() }));
    prop_oneof![Just(Report::Started), ended]
}

fn join(pool: u32, provider: &str) -> Request {
    let name = format!("pool-{pool}").parse().unwrap();
    Request::Join(Join { name, provider: provider.parse().unwrap(), site: None, executor: "replay".to_owned() })
}

fn any_step() -> impl Strategy<Value = Step> {
    let (pool, job) = (|| (1_u32..4).prop_map(PoolId), || (1_u64..30).prop_map(JobId));
    let request = prop_oneof![
        1 => select(vec!["llm-lab", "vision-team", "speech"]).prop_map(|name| Request::Admit(name.parse().unwrap())),
        1 => (1_u32..4, select(vec!["provider-a", "provider-b"])).prop_map(|(pool, provider)| join(pool, provider)),
        2 => (pool(), prop::collection::vec(any_node(), 0..6)).prop_map(|(pool, nodes)| Request::See(pool, nodes)),
        1 => (pool(), prop::collection::vec(any_occupied(), 0..3)).prop_map(|(pool, nodes)| Request::Occupy(pool, nodes)),
        2 => (pool(), prop::bool::weighted(0.8)).prop_map(|(pool, contact)| Request::Contact(pool, contact)),
        1 => (0_u32..1001).prop_map(|fee_permille| {
            Request::Census(vec![census::Change::Hub(census::HubSettings { fee_permille, ..Default::default() })])
        }),
        12 => any_spec().prop_map(|spec| Request::Submit(Arc::new(spec))),
        2 => job().prop_map(Request::Cancel),
        1 => job().prop_map(Request::Settle),
        1 => (pool(), job(), 0_u32..3, any_report()).prop_map(|(pool, job, attempt, report)| Request::Report(pool, job, attempt, report)),
        1 => (pool(), any_node(), 0_u8..3).prop_map(|(pool, node, agent)| Request::Host(pool, node, format!("agent-{agent}"))),
        2 => (pool(), 0_u32..5, prop::bool::weighted(0.8)).prop_map(|(pool, node, contact)| Request::HostContact(pool, node, contact)),
        1 => (pool(), 0_u32..5, job(), 0_u32..3, any_report())
            .prop_map(|(pool, node, job, attempt, report)| Request::Hear(pool, node, job, attempt, report)),
        1 => ((1_u32..4).prop_map(TenantId), any_terms()).prop_map(|(tenant, terms)| Request::Arrange(tenant, terms)),
        1 => (pool(), prop::option::of((0_u32..9).prop_map(Devices)), prop::option::weighted(0.3, (1_u32..4).prop_map(TenantId)))
            .prop_map(|(pool, most, veto)| Request::Limit(pool, Limits { most, veto: veto.into_iter().collect() })),
        1 => any_closing().prop_map(|(target, closings)| Request::Close(target, closings)),
        1 => (job(), (0_i64..600).prop_map(Span::seconds)).prop_map(|(job, span)| Request::Expect(job, span)),
    ];
    prop_oneof![
        20 => request.prop_map(Step::Ask),
        6 => (1_u64..30, any_report()).prop_map(|(job, report)| Step::Answer(job, report)),
        6 => Just(Step::Round),
        3 => (0_i64..60_000).prop_map(Step::Wait),
    ]
}

/// Steps, shown one a line.
#[derive(Clone)]
struct History(Vec<Step>);

impl std::ops::Deref for History {
    type Target = [Step];
    fn deref(&self) -> &[Step] {
        &self.0
    }
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "\n{step:?}"))
    }
}

/// Three tenants, up to three pools in touch with their first machines, then anything.
fn any_history() -> impl Strategy<Value = History> {
    let pools = prop::collection::vec(prop::collection::vec(any_node(), 1..5), 0..4);
    (pools, prop::collection::vec(any_step(), 0..80)).prop_map(|(pools, steps)| {
        let names = ["llm-lab", "vision-team", "speech"];
        let mut history: Vec<Request> = names.iter().map(|name| Request::Admit(name.parse().unwrap())).collect();
        for (number, nodes) in (1..).zip(pools) {
            history.extend([join(number, "provider-a"), Request::See(PoolId(number), nodes)]);
            history.push(Request::Contact(PoolId(number), true));
        }
        History(history.into_iter().map(Step::Ask).chain(steps).collect())
    })
}

/// A hub and all that happened to it.
#[derive(Clone, Default)]
struct Past {
    hub: Hub,
    now: Time,
    facts: Vec<(Time, Fact)>,
}

impl Past {
    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Wait(milliseconds) => self.now = self.now + Span(*milliseconds),
                Step::Ask(request) => self.ask(request),
                Step::Answer(number, report) => {
                    let held = self.hub.jobs.get(&JobId(*number)).and_then(|job| job.stage.held()).cloned();
                    let Some(place) = held else { continue };
                    let pool = place.pool;
                    // Every other job is told of machine by machine.
                    match number % 2 {
                        0 => self.ask(&Request::Report(pool, JobId(*number), 0, report.clone())),
                        _ => {
                            let slot = &place.slots[*number as usize % place.slots.len()];
                            self.ask(&Request::Hear(pool, slot.node, JobId(*number), 0, report.clone()));
                        }
                    }
                }
                Step::Round => self.round(),
            }
        }
    }

    fn ask(&mut self, request: &Request) {
        let before = self.hub.opening();
        let decided = decide(&self.hub, self.now, request.clone());
        assert_eq!(before, self.hub.opening(), "deciding changes nothing");
        for fact in decided.unwrap_or_default() {
            self.hub.apply(self.now, &fact);
            self.witness(fact);
        }
    }

    fn round(&mut self) {
        let mut planned = self.hub.clone();
        for fact in planned.round(self.now) {
            self.hub.apply(self.now, &fact);
            self.witness(fact);
        }
        assert_eq!(self.hub.opening(), planned.opening(), "a round applies what it returns");
        self.hub = planned;
        let waiting: Vec<JobId> = self.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
        let mut seer = self.hub.clone();
        for id in waiting {
            let why = seer.why_waiting(id);
            assert!(why.is_some(), "whoever waits is told why");
            assert_ne!(why, Some(Why::Next), "a round leaves no job that could start: {id}");
        }
    }

    fn witness(&mut self, fact: Fact) {
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after {fact:?}");
        if let Fact::Placed(id, place) = &fact {
            check_place(&self.hub, *id, place, self.now);
        }
        if let Fact::Seen(id, _) = &fact {
            let nodes = &self.hub.pools[id].nodes;
            let names: BTreeSet<&str> = nodes.iter().map(|state| state.node.name.as_str()).collect();
            assert_eq!(names.len(), nodes.len(), "a machine listed twice is one machine");
        }
        if let Fact::StopWanted(id, Stop::Preempted { by, .. }) = &fact {
            let (victim, winner) = (&self.hub.jobs[id], &self.hub.jobs[by]);
            assert!(victim.spec.preemptible, "{id} does not give way");
            let pool = victim.stage.held().map(|place| place.pool);
            assert_eq!(winner.evicted_in, pool, "{by} has others stopped in one pool only");
        }
        self.facts.push((self.now, fact));
    }

    /// Ends all that holds a place, and places what then fits, until nothing runs.
    fn drain(&mut self) {
        let pools: Vec<PoolId> = self.hub.pools.keys().copied().collect();
        for pool in &pools {
            if !self.hub.pools[pool].hosts.is_empty() {
                let nodes: Vec<Node> = self.hub.pools[pool].nodes.iter().map(|state| state.node.clone()).collect();
                for (at, node) in (0_u32..).zip(nodes) {
                    self.ask(&Request::Host(*pool, node.clone(), format!("agent of {}", node.name)));
                    self.ask(&Request::HostContact(*pool, at, true));
                }
            }
            self.ask(&Request::Contact(*pool, true));
            self.ask(&Request::Limit(*pool, Limits::default()));
            self.ask(&Request::Occupy(*pool, Vec::new()));
        }
        for target in self.hub.closings.keys().cloned().collect::<Vec<_>>() {
            self.ask(&Request::Close(target, Vec::new()));
        }
        for tenant in self.hub.tenants.keys().copied().collect::<Vec<_>>() {
            self.ask(&Request::Arrange(tenant, Terms::default()));
        }
        // Nobody's pause is longer than this.
        self.now = self.now + Span(2 * Span::HOUR.0);
        self.round();
        loop {
            let held = self.hub.jobs.iter().filter_map(|(id, job)| Some((id, job.stage.held()?.pool)));
            let held: Vec<(JobId, PoolId)> = held.collect();
            if held.is_empty() {
                let wake = self.hub.next_wake().filter(|at| *at > self.now);
                match wake {
                    Some(at)
                        if self.hub.jobs.values().any(|job| job.stage == Stage::Waiting) && at < self.now + Span(1 << 50) =>
                    {
                        self.now = at;
                        self.round();
                        continue;
                    }
                    _ => return,
                }
            }
            for (job, pool) in held {
                self.ask(&Request::Report(pool, job, 0, Report::Ended(End::Exited(0), Usage::default())));
            }
            self.round();
        }
    }
}

/// A place just given has what the job asked for, on nodes that have it, held by nobody else, where everybody lets it.
fn check_place(hub: &Hub, id: JobId, place: &Place, now: Time) {
    let (job, pool) = (&hub.jobs[&id], &hub.pools[&place.pool]);
    let shape = &job.spec.shape;
    let ask = &shape.asks[usize::from(place.ask)];
    assert!(pool.contact, "{id} is placed where the agent is silent");
    assert!(!pool.limits.veto.contains(&job.spec.tenant), "{id} is placed where its tenant is not taken");
    assert_eq!(place.slots.len(), ask.replicas.unwrap_or(shape.replicas) as usize, "a gang is whole");
    let end = job.bound().map(|bound| now + bound);
    let mut nodes = BTreeSet::new();
    for slot in &place.slots {
        let state = &pool.nodes[slot.node as usize];
        assert!(!state.silent, "{id} is placed on a machine that is silent");
        assert!(nodes.insert(slot.node) || shape.spread == Spread::Pack, "{id} has two replicas on a node");
        if let Some(reservation) = state.reserved.filter(|other| *other != id).map(|other| &hub.reserved[&other]) {
            assert!(end.is_some_and(|end| end <= reservation.at), "{id} is in the way of a reservation");
        }
        let own = [Target::Pool(place.pool), Target::Node(place.pool, state.node.name.clone())];
        for closing in own.iter().filter_map(|target| hub.closings.get(target)).flatten() {
            let over = closing.until.is_some_and(|until| until <= now);
            assert!(over || end.is_some_and(|end| end <= closing.from), "{id} is placed where it is closed: {closing:?}");
        }
        let (mut cpu, mut memory) = (Cpu(0), Memory(0));
        for other in hub.jobs.values() {
            let Some(held) = other.stage.held().filter(|held| held.pool == place.pool) else { continue };
            for _ in held.slots.iter().filter(|taken| taken.node == slot.node) {
                cpu += held.cpu;
                memory += other.spec.shape.memory;
            }
        }
        match &state.node.model {
            _ if ask.devices.0 == 0 => assert_eq!(slot.devices, 0),
            Some(model) => {
                assert!(ask.models.is_empty() || ask.models.contains(model));
                assert_eq!((slot.devices.count_ones(), slot.part), (ask.devices.0, ask.part));
                assert!(64 - slot.devices.leading_zeros() <= state.node.devices.0, "a device that is not there");
            }
            None => {
                assert!(ask.models.is_empty() || ask.models.contains(&"cores".to_owned()));
                assert!(place.cpu.0 >= u64::from(ask.devices.0) * u64::from(ask.part));
                let accelerators = hub.pools.values().any(|pool| pool.model().is_some());
                assert!(!(ask.models.is_empty() && accelerators), "cores serve where the hub has accelerators");
            }
        }
        assert!(place.cpu >= shape.cpu);
        assert!(place.cpu.0 == 0 || cpu <= state.node.cpu, "cores are held twice");
        assert!(shape.memory.0 == 0 || memory <= state.node.memory, "memory is held twice");
    }
    if let (Some(task), Some(apart)) = (job.spec.array, job.spec.apart) {
        for (other, state) in hub.jobs.iter() {
            let sibling = other != id && state.spec.array.is_some_and(|other| other.first == task.first);
            let Some(held) = state.stage.held().filter(|held| sibling && held.pool == place.pool) else { continue };
            let meets = apart == Apart::Sites || held.slots.iter().any(|slot| nodes.contains(&slot.node));
            assert!(!meets, "{id} meets {other}");
        }
    }
    let mut tenant = Some(job.spec.tenant);
    while let Some(state) = tenant.map(|id| &hub.tenants[&id]) {
        let most = state.terms.most.map_or(u64::MAX, |most| u64::from(most.0) * 1000);
        let mine: u64 = place.slots.iter().map(dispatch::Slot::milli).sum();
        assert!(mine == 0 || state.milli_held <= most, "{} holds more than it may", state.name);
        tenant = state.terms.parent;
    }
}

fn check_equal(one: &Hub, other: &Hub) {
    assert_eq!(one.opening(), other.opening());
}

fn fold<'a>(facts: impl IntoIterator<Item = &'a (Time, Fact)>) -> Hub {
    let mut hub = Hub::default();
    facts.into_iter().for_each(|(at, fact)| hub.apply(*at, fact));
    hub
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let backfill = select(vec![Backfill::Easy, Backfill::Conservative, Backfill::Free]);
    let named = select(vec!["default", "fifo", "fair", "sjf", "bestfit", "fgd"]);
    (named, backfill, select(vec![0, 60, 600]), select(vec![300, 100_000])).prop_map(
        |(name, backfill, reserve_after, wait_most)| {
            let policy = Policy::named(name).unwrap();
            match policy.backfill {
                Backfill::Strict => policy,
                _ => Policy {
                    backfill,
                    reserve_after: Span::seconds(reserve_after),
                    wait_most: Span::seconds(wait_most),
                    ..policy
                },
            }
        },
    )
}

fn past(policy: &Policy, steps: &[Step]) -> Past {
    let mut past = Past::default();
    past.hub.adopt(policy.clone());
    past.run(steps);
    past
}

/// Ten thousand histories in all, or so many of each kind as `SHUGU_CASES` says.
#[expect(clippy::disallowed_methods, reason = "how long to look is no part of the engine")]
fn cases() -> ProptestConfig {
    let cases = std::env::var("SHUGU_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2048);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn equal_histories_give_equal_facts_and_facts_fold_to_the_hub(policy in any_policy(), steps in any_history()) {
        let (one, other) = (past(&policy, &steps), past(&policy, &steps));
        prop_assert_eq!(&one.facts, &other.facts);
        prop_assert_eq!(&one.hub, &other.hub);
        check_equal(&one.hub, &fold(&one.facts));
    }

    #[test]
    fn a_shortened_history_has_the_same_future(policy in any_policy(), steps in any_history(), cut in 0.0..1.0) {
        let (before, after) = steps.split_at((steps.len() as f64 * cut) as usize);
        let mut whole = past(&policy, before);
        // A hub that starts anew learns what the time is from its first round, and asks everybody who waits again.
        whole.round();
        whole.hub.adopt(policy.clone());
        let opening: Vec<(Time, Fact)> = whole.hub.opening();
        let text: Vec<String> = opening.iter().map(|(_, fact)| serde_json::to_string(fact).unwrap()).collect();
        let read = opening.iter().zip(&text).map(|((at, _), text)| (*at, serde_json::from_str(text).unwrap()));
        let mut short = Past { hub: fold(&read.collect::<Vec<_>>()), ..whole.clone() };
        short.hub.adopt(policy);
        check_equal(&whole.hub, &short.hub);
        prop_assert_eq!(check(&short.hub), Vec::<String>::new());
        whole.round();
        short.round();
        check_equal(&whole.hub, &short.hub);
        whole.run(after);
        short.run(after);
        whole.drain();
        short.drain();
        prop_assert_eq!(whole.facts, short.facts);
        check_equal(&whole.hub, &short.hub);
    }

    #[test]
    fn no_job_is_lost_or_doubled(policy in any_policy(), steps in any_history()) {
        let past = past(&policy, &steps);
        let (mut submitted, mut settled, mut last) = (BTreeSet::new(), BTreeSet::new(), 0);
        let (mut placed, mut ended) = (BTreeMap::new(), BTreeMap::new());
        for (_, fact) in &past.facts {
            match fact {
                Fact::Submitted(id, _) => {
                    last += 1;
                    prop_assert_eq!(*id, JobId(last));
                    submitted.insert(*id);
                }
                Fact::Placed(id, _) => prop_assert!(placed.insert(*id, true) != Some(true), "{} is placed twice", id),
                Fact::Yielded(id, ..) => prop_assert_eq!(placed.insert(*id, false), Some(true)),
                Fact::Ended(id, ..) => *ended.entry(*id).or_insert(0) += 1,
                Fact::Settled(id) => drop(settled.insert(*id)),
                _ => {}
            }
        }
        prop_assert!(ended.values().all(|times| *times == 1));
        let lives: BTreeSet<JobId> = past.hub.jobs.keys().collect();
        prop_assert!(lives.is_disjoint(&settled));
        prop_assert_eq!(&(&lives | &settled), &submitted);
    }

    #[test]
    fn nothing_waits_for_ever_without_being_told(policy in any_policy(), steps in any_history()) {
        let mut past = past(&policy, &steps);
        past.drain();
        let waits: Vec<JobId> =
            past.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
        let strict = policy.backfill == Backfill::Strict;
        for id in waits {
            let told = match past.hub.why_waiting(id).expect("it waits") {
                Why::NoPools | Why::TooLarge { .. } => true,
                // Whoever waits for a job that waits for ever is told for whom.
                Why::After { jobs } => !jobs.is_empty(),
                // Under first come, first served, a head that became too large holds up what is behind it.
                Why::Behind { .. } => strict,
                Why::Busy { .. } | Why::Next | Why::ByChoice { .. } | Why::Later { .. } | Why::Quota { .. } | Why::Funds { .. } => false,
            };
            prop_assert!(told, "the hub is empty, and yet {} waits: {:?}", id, past.hub.why_waiting(id));
        }
    }

    #[test]
    fn looking_ahead_changes_nothing(policy in any_policy(), steps in any_history(), after in any_history()) {
        let mut seer = past(&policy, &steps);
        seer.round();
        let mut blind = seer.clone();
        let now = seer.now;
        let waiting: Vec<JobId> = seer.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
        for id in waiting {
            drop(seer.hub.foresee(id, now));
            prop_assert_eq!(&seer.hub, &blind.hub);
            prop_assert_eq!(check(&seer.hub), Vec::<String>::new());
        }
        let tried = after.0.iter().filter_map(|step| match step { Step::Ask(Request::Submit(spec)) => Some(spec), _ => None });
        for spec in tried {
            drop(seer.hub.try_out(spec, now));
            prop_assert_eq!(&seer.hub, &blind.hub);
        }
        seer.run(&after);
        blind.run(&after);
        prop_assert_eq!(seer.facts, blind.facts);
    }
}
