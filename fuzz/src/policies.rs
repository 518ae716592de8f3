//! Files that people write for a hub or its command line: policies, plan scenarios, settings, who signs people in, what is followed.

use std::sync::Arc;

use dispatch::{Ask, End, Fact, Hub, Join, Node, Policy, Report, Request, Shape, Spec, Usage, decide};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};
use plan::{Case, Outlook, Scenario};
use serve::Oidc;

const FILE: &str = "ours.toml";

/// The text as each of them.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match shugu::policy::read(FILE, &text) {
        Ok(policy) => holds_of(policy),
        Err(failure) => super::told(&failure.to_string(), FILE, &text),
    }
    match Scenario::read(FILE, &text, "2026-01-15") {
        Ok(scenario) => {
            for outlook in [Outlook::Likely, Outlook::Best, Outlook::Worst] {
                Case::of(&scenario, outlook);
            }
            Case::unsure(&scenario);
        }
        Err(wrong) => super::told(&wrong.to_string(), FILE, &text),
    }
    match shugu::settings::read(FILE, &text) {
        Ok(settings) => assert!(settings.iter().all(|(name, _)| name.starts_with("SHUGU_")), "{settings:?}"),
        Err(failure) => super::told(&failure.to_string(), FILE, &text),
    }
    if let Err(problem) = Oidc::read_text(FILE, &text) {
        super::told(&problem, FILE, &text);
    }
    if let Err(failure) = shugu::readings::sources(FILE, &text) {
        super::told(&failure.to_string(), FILE, &text);
    }
    match shugu::readings::csv(FILE, &text) {
        Ok(readings) => {
            for reading in &readings {
                assert!(measure::parse_scaled(reading.value.get(), 6).is_ok(), "`{}` is no reading", reading.value.get());
                assert!(Time::parse_date(&reading.at).is_ok(), "`{}` is no instant", reading.at);
            }
        }
        Err(failure) => super::told(&failure.to_string(), FILE, &text),
    }
}

/// A policy is written as it is read, and a hub can follow it.
fn holds_of(policy: Policy) {
    let written = toml::to_string(&policy).expect("a policy is written");
    let again = shugu::policy::read(FILE, &written).unwrap_or_else(|failure| panic!("{failure}:\n{written}"));
    assert_eq!(again, policy, "{written}");
    let mut hub = Hub::default();
    hub.adopt(policy);
    let ask = |hub: &mut Hub, now, request| {
        for fact in decide(hub, now, request).unwrap_or_default() {
            hub.apply(now, &fact);
        }
    };
    let node = |number: u32| Node {
        name: format!("node-{number}"),
        model: Some("910B".to_owned()),
        devices: Devices(8),
        cpu: Cpu::cores(64),
        memory: Memory::mebibytes(1 << 20),
        ..Node::default()
    };
    for number in [1, 2] {
        let name = format!("pool-{number}").parse().expect("it is a name");
        let join = Join { name, provider: "provider".parse().expect("it is a name"), site: None, executor: "test".to_owned() };
        ask(&mut hub, Time(0), Request::Join(join));
        ask(&mut hub, Time(0), Request::See(PoolId(number), (0..2).map(node).collect()));
        ask(&mut hub, Time(0), Request::Contact(PoolId(number), true));
    }
    for name in ["llm-lab", "speech"] {
        ask(&mut hub, Time(0), Request::Admit(name.parse().expect("it is a name")));
    }
    for (step, now) in [0, 1, 600_001, 86_400_000, 10_000_000_000].map(Time).into_iter().enumerate() {
        for (replicas, devices) in [(2, 8), (1, 8), (1, 1), (3, 4)] {
            let shape = Shape { replicas, asks: vec![Ask::of(Devices(devices), Vec::new())], ..Shape::default() };
            let tenant = TenantId(1 + (replicas + step as u32) % 2);
            let spec = Spec { tenant, shape, preemptible: step % 2 == 0, time_limit: Some(Span(700_000)), ..Spec::default() };
            ask(&mut hub, now, Request::Submit(Arc::new(spec)));
        }
        let placed: Vec<JobId> =
            hub.round(now).iter().filter_map(|fact| if let Fact::Placed(id, _) = fact { Some(*id) } else { None }).collect();
        for id in placed.into_iter().step_by(2) {
            let pool = hub.jobs[&id].stage.held().map(|place| place.pool);
            let report = Report::Ended(End::Exited(0), Usage::default());
            ask(&mut hub, now, Request::Report(pool.expect("it was placed"), id, 0, report));
        }
        assert_eq!(dispatch::check(&hub), Vec::<String>::new());
    }
}
