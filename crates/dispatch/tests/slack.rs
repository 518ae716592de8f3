//! How much time work has, by what its tenant's runs have shown.

use std::sync::Arc;

use dispatch::{Ask, End, Fact, Hub, Join, Node, Policy, Report, Request, Shape, Spec, Usage, decide};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};

fn ask(hub: &mut Hub, now: Time, request: Request) {
    let facts = decide(hub, now, request).expect("it is sound");
    facts.iter().for_each(|fact| hub.apply(now, fact));
}

#[test]
fn a_deadline_is_kept_by_runs_of_the_same_work_and_not_by_all_of_its_tenant_s() {
    let mut hub = Hub::default();
    hub.adopt(Policy::named("green").unwrap());
    let join =
        Join { name: "boxes".parse().unwrap(), provider: "sample".parse().unwrap(), site: None, executor: "test".to_owned() };
    let node = Node { name: "one".to_owned(), cpu: Cpu::cores(4), memory: Memory::mebibytes(1 << 20), ..Node::default() };
    let requests = [Request::Join(join), Request::See(PoolId(1), vec![node]), Request::Contact(PoolId(1), true)];
    requests.into_iter().for_each(|request| ask(&mut hub, Time(0), request));
    ask(&mut hub, Time(0), Request::Admit("lab".parse().unwrap()));
    let spec = |name: &str| {
        let shape = Shape { asks: vec![Ask::of(Devices(0), Vec::new())], cpu: Cpu::cores(1), ..Shape::default() };
        Spec { tenant: TenantId(1), name: name.to_owned(), shape, ..Spec::default() }
    };
    // Reports take a minute, and every other job is a training of ten hours.
    let mut now = Time(0);
    for number in 1..=200_u64 {
        let (name, run) = if number % 2 == 0 { ("report", Span::seconds(60)) } else { ("train", Span::seconds(36_000)) };
        ask(&mut hub, now, Request::Submit(Arc::new(spec(&format!("{name}-{number}")))));
        let placed = hub.round(now);
        assert!(placed.iter().any(|fact| matches!(fact, Fact::Placed(..))), "{placed:?}");
        ask(&mut hub, now, Request::Report(PoolId(1), JobId(number), 1, Report::Started));
        now = now + run;
        let usage = Usage { run, ..Usage::default() };
        ask(&mut hub, now, Request::Report(PoolId(1), JobId(number), 1, Report::Ended(End::Exited(0), usage)));
        ask(&mut hub, now, Request::Settle(JobId(number)));
    }
    let mut slack = |number: u64, name: &str| {
        let deadline = Some(now + Span::seconds(5 * 3600));
        ask(&mut hub, now, Request::Submit(Arc::new(Spec { deadline, ..spec(name) })));
        hub.slack(&hub.jobs[JobId(number)], now).0 / 60_000
    };
    assert!((290..300).contains(&slack(201, "report-201")), "all but its own minute or two");
    assert_eq!(slack(202, "other"), 0, "nobody knows which of both it is");
}
