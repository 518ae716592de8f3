//! Nobody waits for ever: what must start in the end does, however much other work keeps coming.

use std::collections::BTreeSet;
use std::sync::Arc;

use dispatch::{Ask, End, Fact, Hub, Join, Node, Policy, Report, Request, Shape, Spec, Usage, decide};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};

const LIMIT: Span = Span(600_000);

/// A hub of four nodes of eight devices, and when what runs will end: everything runs to its limit.
struct World {
    hub: Hub,
    ends: BTreeSet<(Time, JobId)>,
}

impl World {
    fn new(policy: Policy) -> World {
        let mut world = World { hub: Hub::default(), ends: BTreeSet::new() };
        world.hub.adopt(policy);
        let node = |number| Node {
            name: format!("node-{number}"),
            model: Some("910B".to_owned()),
            devices: Devices(8),
            cpu: Cpu::cores(64),
            memory: Memory::mebibytes(1 << 20),
            ..Node::default()
        };
        let join = Join {
            name: "pool".parse().unwrap(),
            provider: "provider".parse().unwrap(),
            site: None,
            executor: "test".to_owned(),
        };
        let hello = [Request::Join(join), Request::See(PoolId(1), (0..4).map(node).collect()), Request::Contact(PoolId(1), true)];
        hello.into_iter().for_each(|request| world.ask(Time(0), request));
        for name in ["many", "one"] {
            world.ask(Time(0), Request::Admit(name.parse().unwrap()));
        }
        world
    }

    fn ask(&mut self, now: Time, request: Request) {
        decide(&self.hub, now, request).unwrap().iter().for_each(|fact| self.hub.apply(now, fact));
    }

    fn submit(&mut self, now: Time, tenant: u32, replicas: u32, devices: u32, priority: i16) -> JobId {
        let shape = Shape { replicas, asks: vec![Ask::of(Devices(devices), Vec::new())], ..Shape::default() };
        let spec = Spec { tenant: TenantId(tenant), shape, priority, time_limit: Some(LIMIT), ..Spec::default() };
        self.ask(now, Request::Submit(Arc::new(spec)));
        self.hub.jobs.last().unwrap()
    }

    /// Ends what is due, and one round. The jobs placed.
    fn live(&mut self, now: Time) -> Vec<JobId> {
        let later = self.ends.split_off(&(now + Span(1), JobId(0)));
        for (_, id) in std::mem::replace(&mut self.ends, later) {
            self.ask(
                now,
                Request::Report(PoolId(1), id, 0, Report::Ended(End::Exited(0), Usage { run: LIMIT, ..Usage::default() })),
            );
            self.ask(now, Request::Settle(id));
        }
        let placed = |fact: &Fact| if let Fact::Placed(id, _) = fact { Some(*id) } else { None };
        let placed: Vec<JobId> = self.hub.round(now).iter().filter_map(placed).collect();
        self.ends.extend(placed.iter().map(|id| (now + LIMIT, *id)));
        placed
    }

    /// How long a job waits that comes after twenty minutes, while two jobs of one device each come every ten seconds, which is
    /// more than the hub can do. `None` if it has not started after `most`.
    fn wait_in_a_flood(&mut self, flood_priority: i16, most: Span, submit: impl Fn(&mut World, Time) -> JobId) -> Option<Span> {
        let (begin, mut watched) = (Time(1_200_000), None);
        for now in (0..).step_by(10_000).map(Time) {
            for _ in 0..2 {
                self.submit(now, 1, 1, 1, flood_priority);
            }
            if now == begin {
                watched = Some(submit(self, now));
            }
            let placed = self.live(now);
            if watched.is_some_and(|id| placed.contains(&id)) {
                return Some(now - begin);
            }
            if now > begin + most {
                return None;
            }
        }
        None
    }
}

fn policies() -> [Policy; 4] {
    ["default", "fair", "sjf", "bestfit"].map(|name| Policy { wait_most: Span(7_200_000), ..Policy::named(name).unwrap() })
}

#[test]
fn a_gang_of_the_whole_hub_starts_although_small_work_never_stops_coming() {
    for policy in policies() {
        let wait = World::new(policy.clone()).wait_in_a_flood(0, Span(20_000_000), |world, now| world.submit(now, 2, 4, 8, 0));
        // Nodes are kept for it, and empty once what ran there has ended.
        assert!(wait.is_some_and(|wait| wait <= LIMIT), "{}: {wait:?}", policy.name);
    }
}

#[test]
fn low_priority_starts_although_higher_never_stops_coming() {
    for policy in policies() {
        let wait = World::new(policy.clone()).wait_in_a_flood(5, Span(20_000_000), |world, now| world.submit(now, 2, 1, 1, -5));
        // Priority holds until it waited too long, and then it is next.
        let waits = policy.wait_most..=policy.wait_most + LIMIT;
        assert!(wait.is_some_and(|wait| waits.contains(&wait)), "{}: {wait:?}", policy.name);
    }
}

#[test]
fn wide_work_of_low_priority_overtakes_no_narrow_work_of_higher_priority() {
    for policy in policies() {
        for (replicas, devices) in [(1, 8), (2, 8)] {
            let submit = |world: &mut World, now| world.submit(now, 2, replicas, devices, -5);
            let wait = World::new(policy.clone()).wait_in_a_flood(5, Span(20_000_000), submit);
            // No node is kept for it before it waited too long.
            let waits = policy.wait_most..=policy.wait_most + LIMIT + LIMIT;
            assert!(wait.is_some_and(|wait| waits.contains(&wait)), "{}: {wait:?}", policy.name);
        }
    }
}

#[test]
fn one_tenant_is_served_although_another_never_stops_coming() {
    for policy in policies().into_iter().filter(|policy| policy.fair) {
        let wait = World::new(policy.clone()).wait_in_a_flood(0, Span(20_000_000), |world, now| world.submit(now, 2, 1, 1, 0));
        assert!(wait.is_some_and(|wait| wait <= LIMIT), "{}: {wait:?}", policy.name);
    }
}
