//! What holds for every history of requests, made at random.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch::{
    Ask, Command, End, Fact, Hub, Join, Node, Place, Policy, Report, Request, Shape, Spec, Stage, Usage, Why, check, decide,
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
    })
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let models = prop::collection::vec(select(&MODELS[..]), 0..2);
    let ask = (0_u32..9, models)
        .prop_map(|(devices, models)| Ask { devices: Devices(devices), models: models.into_iter().map(str::to_owned).collect() });
    let shape = (1_u32..4, prop::collection::vec(ask, 1..3), select(vec![0, 500, 1000, 8000]), 0_u64..3);
    (1_u32..3, shape, -1_i16..2).prop_map(|(tenant, (replicas, asks, cpu, gibibytes), priority)| Spec {
        tenant: TenantId(tenant),
        name: String::new(),
        shape: Shape { replicas, asks, cpu: Cpu(cpu), memory: Memory::mebibytes(gibibytes << 10) },
        time_limit: None,
        priority,
        command: Command::default(),
    })
}

fn any_report() -> impl Strategy<Value = Report> {
    let end = select(vec![End::Exited(0), End::Exited(1), End::Killed(9), End::OverTime, End::Cancelled]);
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
        1 => select(vec!["llm-lab", "vision-team"]).prop_map(|name| Request::Admit(name.parse().unwrap())),
        1 => (1_u32..4, select(vec!["provider-a", "provider-b"])).prop_map(|(pool, provider)| join(pool, provider)),
        2 => (pool(), prop::collection::vec(any_node(), 0..6)).prop_map(|(pool, nodes)| Request::See(pool, nodes)),
        2 => (pool(), prop::bool::weighted(0.8)).prop_map(|(pool, contact)| Request::Contact(pool, contact)),
        1 => (0_u32..1001).prop_map(|fee_permille| {
            Request::Census(vec![census::Change::Hub(census::HubSettings { fee_permille, ..Default::default() })])
        }),
        12 => any_spec().prop_map(|spec| Request::Submit(Arc::new(spec))),
        2 => job().prop_map(Request::Cancel),
        1 => job().prop_map(Request::Settle),
        1 => (pool(), job(), any_report()).prop_map(|(pool, job, report)| Request::Report(pool, job, report)),
    ];
    prop_oneof![
        20 => request.prop_map(Step::Ask),
        6 => (1_u64..30, any_report()).prop_map(|(job, report)| Step::Answer(job, report)),
        6 => Just(Step::Round),
        3 => (0_i64..60_000).prop_map(Step::Wait),
    ]
}

/// Two tenants, three pools in touch with their first machines, then anything.
fn any_history() -> impl Strategy<Value = Vec<Step>> {
    let pools = prop::collection::vec(prop::collection::vec(any_node(), 1..5), 0..4);
    (pools, prop::collection::vec(any_step(), 0..80)).prop_map(|(pools, steps)| {
        let mut history = vec![Request::Admit("llm-lab".parse().unwrap()), Request::Admit("vision-team".parse().unwrap())];
        for (number, nodes) in (1..).zip(pools) {
            history.extend([join(number, "provider-a"), Request::See(PoolId(number), nodes)]);
            history.push(Request::Contact(PoolId(number), true));
        }
        history.into_iter().map(Step::Ask).chain(steps).collect()
    })
}

/// A hub and all that happened to it.
#[derive(Clone, Default)]
struct Past {
    hub: Hub,
    now: Time,
    policy: Policy,
    facts: Vec<(Time, Fact)>,
}

impl Past {
    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Wait(milliseconds) => self.now = self.now + Span(*milliseconds),
                Step::Ask(request) => self.ask(request),
                Step::Answer(number, report) => {
                    let held = self.hub.jobs.get(&JobId(*number)).and_then(|job| job.stage.held());
                    if let Some(pool) = held.map(|place| place.pool) {
                        self.ask(&Request::Report(pool, JobId(*number), report.clone()));
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
        for fact in planned.round(self.now, self.policy) {
            self.hub.apply(self.now, &fact);
            self.witness(fact);
        }
        self.hub = planned;
        for (id, job) in &self.hub.jobs {
            let why = self.hub.why_waiting(*id, self.policy);
            assert_eq!(why.is_some(), job.stage == Stage::Waiting);
            assert_ne!(why, Some(Why::Next), "a round leaves no job that could start");
        }
    }

    fn witness(&mut self, fact: Fact) {
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after {fact:?}");
        if let Fact::Placed(id, place) = &fact {
            check_place(&self.hub, *id, place);
        }
        if let Fact::Seen(id, _) = &fact {
            let nodes = &self.hub.pools[id].nodes;
            let names: BTreeSet<&str> = nodes.iter().map(|state| state.node.name.as_str()).collect();
            assert_eq!(names.len(), nodes.len(), "a machine listed twice is one machine");
        }
        self.facts.push((self.now, fact));
    }

    /// Ends all that holds a place, and places what then fits, until nothing runs.
    fn drain(&mut self) {
        let pools: Vec<PoolId> = self.hub.pools.keys().copied().collect();
        pools.iter().for_each(|pool| self.ask(&Request::Contact(*pool, true)));
        self.round();
        loop {
            let held = self.hub.jobs.iter().filter_map(|(id, job)| Some((*id, job.stage.held()?.pool)));
            let held: Vec<(JobId, PoolId)> = held.collect();
            if held.is_empty() {
                return;
            }
            for (job, pool) in held {
                self.ask(&Request::Report(pool, job, Report::Ended(End::Exited(0), Usage::default())));
            }
            self.round();
        }
    }
}

/// A place just given has what the job asked for, on nodes that have it, held by nobody else.
fn check_place(hub: &Hub, id: JobId, place: &Place) {
    let (shape, pool) = (&hub.jobs[&id].spec.shape, &hub.pools[&place.pool]);
    let ask = &shape.asks[usize::from(place.ask)];
    assert!(pool.contact, "{id} is placed where the agent is silent");
    assert_eq!(place.slots.len(), shape.replicas as usize);
    for slot in &place.slots {
        let state = &pool.nodes[slot.node as usize];
        let (mut devices, mut cpu, mut memory) = (0, Cpu(0), Memory(0));
        for other in hub.jobs.values() {
            let Some(held) = other.stage.held().filter(|held| held.pool == place.pool) else { continue };
            for taken in held.slots.iter().filter(|taken| taken.node == slot.node) {
                assert_eq!(devices & taken.devices, 0, "a device is held twice");
                devices |= taken.devices;
                cpu += held.cpu;
                memory += other.spec.shape.memory;
            }
        }
        match &state.node.model {
            _ if ask.devices.0 == 0 => assert_eq!(slot.devices, 0),
            Some(model) => {
                assert!(ask.models.is_empty() || ask.models.contains(model));
                assert_eq!(slot.devices.count_ones(), ask.devices.0);
                assert!(64 - slot.devices.leading_zeros() <= state.node.devices.0, "a device that is not there");
                assert!(devices.count_ones() <= state.node.devices.0);
            }
            None => {
                assert!(ask.models.is_empty() || ask.models.contains(&"cores".to_owned()));
                assert!(place.cpu >= Cpu::cores(u64::from(ask.devices.0)));
                let accelerators = hub.pools.values().any(|pool| pool.model().is_some());
                assert!(!(ask.models.is_empty() && accelerators), "cores serve where the hub has accelerators");
            }
        }
        assert!(place.cpu >= shape.cpu);
        assert!(place.cpu.0 == 0 || cpu <= state.node.cpu, "cores are held twice");
        assert!(shape.memory.0 == 0 || memory <= state.node.memory, "memory is held twice");
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
    select(vec![Policy::Default, Policy::Fifo])
}

fn past(policy: Policy, steps: &[Step]) -> Past {
    let mut past = Past { policy, ..Past::default() };
    past.run(steps);
    past
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_histories_give_equal_facts_and_facts_fold_to_the_hub(policy in any_policy(), steps in any_history()) {
        let (one, other) = (past(policy, &steps), past(policy, &steps));
        prop_assert_eq!(&one.facts, &other.facts);
        prop_assert_eq!(&one.hub, &other.hub);
        check_equal(&one.hub, &fold(&one.facts));
    }

    #[test]
    fn a_shortened_history_has_the_same_future(policy in any_policy(), steps in any_history(), cut in 0.0..1.0) {
        let (before, after) = steps.split_at((steps.len() as f64 * cut) as usize);
        let mut whole = past(policy, before);
        let mut short = Past { hub: fold(&whole.hub.opening()), ..whole.clone() };
        check_equal(&whole.hub, &short.hub);
        prop_assert_eq!(check(&short.hub), Vec::<String>::new());
        whole.run(after);
        short.run(after);
        whole.drain();
        short.drain();
        prop_assert_eq!(whole.facts, short.facts);
        check_equal(&whole.hub, &short.hub);
    }

    #[test]
    fn no_job_is_lost_or_doubled(policy in any_policy(), steps in any_history()) {
        let past = past(policy, &steps);
        let (mut submitted, mut settled, mut last) = (BTreeSet::new(), BTreeSet::new(), 0);
        let (mut placed, mut ended) = (BTreeMap::new(), BTreeMap::new());
        for (_, fact) in &past.facts {
            match fact {
                Fact::Submitted(id, _) => {
                    last += 1;
                    prop_assert_eq!(*id, JobId(last));
                    submitted.insert(*id);
                }
                Fact::Placed(id, _) => *placed.entry(*id).or_insert(0) += 1,
                Fact::Ended(id, ..) => *ended.entry(*id).or_insert(0) += 1,
                Fact::Settled(id) => drop(settled.insert(*id)),
                _ => {}
            }
        }
        prop_assert!(placed.values().chain(ended.values()).all(|times| *times == 1));
        let lives: BTreeSet<JobId> = past.hub.jobs.keys().copied().collect();
        prop_assert!(lives.is_disjoint(&settled));
        prop_assert_eq!(&(&lives | &settled), &submitted);
    }

    #[test]
    fn nothing_waits_for_ever_without_being_told(policy in any_policy(), steps in any_history()) {
        let mut past = past(policy, &steps);
        past.drain();
        let waits = past.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting);
        let whys: Vec<Why> = waits.filter_map(|(id, _)| past.hub.why_waiting(*id, policy)).collect();
        let told = |why: &Why| match why {
            Why::NoPools | Why::TooLarge { .. } => true,
            // Under first come, first served, a head that became too large holds up what is behind it.
            Why::Behind { .. } => policy == Policy::Fifo,
            Why::Busy { .. } | Why::Next => false,
        };
        prop_assert!(whys.iter().all(told), "the hub is empty, and yet: {whys:?}");
    }
}
