//! What the worker makes of a cluster's news, as values: no cluster, no time.

use serde_json::{Value, json};

use super::super::Switches;
use super::*;

struct Told {
    state: State,
    folder: tempfile::TempDir,
}

const MARK: &str = "ab12cd34";

fn made<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn node(name: &str, devices: &str) -> core::Node {
    made(json!({
        "metadata": {"name": name, "uid": format!("uid-{name}")},
        "status": {
            "allocatable": {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": devices},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }))
}

fn job(suspended: bool, started: bool) -> Job {
    let name = launch::name(MARK, JobId(1));
    made(json!({
        "metadata": {"name": name, "uid": "uid-job", "namespace": "shugu-llm-lab", "labels": {launch::AGENT: MARK, launch::RUN: "1-1"}},
        "spec": {"suspend": suspended, "template": {"spec": {"containers": []}}},
        "status": if started { json!({"startTime": "2026-01-01T00:00:00Z"}) } else { json!({}) },
    }))
}

fn pod(uid: &str, status: Value) -> core::Pod {
    let labels = json!({launch::AGENT: MARK, launch::RUN: "1-1", "batch.kubernetes.io/job-completion-index": "0"});
    made(json!({
        "metadata": {"name": format!("pod-{uid}"), "uid": uid, "namespace": "shugu-llm-lab", "labels": labels},
        "spec": {"nodeName": "n1", "containers": []},
        "status": status,
    }))
}

fn state(name: &str, told: Value) -> Value {
    let status = json!({"name": "job", "image": "", "imageID": "", "ready": true, "restartCount": 0, "state": {name: told}});
    let phase = match name {
        "running" => "Running",
        "terminated" if told["exitCode"] == 0 => "Succeeded",
        "terminated" => "Failed",
        _ => "Pending",
    };
    json!({"phase": phase, "containerStatuses": [status]})
}

fn runs() -> Value {
    state("running", json!({"startedAt": "2026-01-01T00:00:01Z"}))
}

fn ended(code: i32) -> Value {
    let at = |second: u32| format!("2026-01-01T00:00:0{second}Z");
    state("terminated", json!({"exitCode": code, "reason": "Error", "startedAt": at(1), "finishedAt": at(5)}))
}

fn wanted(devices: u32) -> WantedJob {
    WantedJob::sample(&["n1"], devices)
}

fn listed<K>(objects: Vec<K>) -> Vec<watcher::Event<K>> {
    let all = objects.into_iter().map(watcher::Event::InitApply);
    std::iter::once(watcher::Event::Init).chain(all).chain([watcher::Event::InitDone]).collect()
}

impl Told {
    /// A worker in a folder, which has heard of one node, and of Jobs and pods of before.
    fn start(folder: tempfile::TempDir, devices: &str, jobs: Vec<Job>, pods: Vec<core::Pod>) -> Told {
        let switches = Some(Switches { off: "off".into(), on: "on".into() });
        let options = Options { image: "registry.example/base:1".to_owned(), switches, ..Options::default() };
        let mut told = Told { state: State::new(folder.path(), &options, MARK, Span::seconds(10), false), folder };
        listed(vec![node("n1", devices)]).into_iter().for_each(|event| told.state.hear(Event::Node(Box::new(event))));
        listed(pods).into_iter().for_each(|event| told.state.hear(Event::Pod(Box::new(event))));
        listed(jobs).into_iter().for_each(|event| told.state.hear(Event::Job(Box::new(event))));
        told
    }

    fn fresh(devices: &str) -> Told {
        let mut told = Told::start(tempfile::tempdir().unwrap(), devices, Vec::new(), Vec::new());
        told.out();
        told
    }

    fn order(&mut self, order: Order) -> String {
        self.state.hear(Event::Orders(vec![order], std::sync::mpsc::channel().0));
        self.out()
    }

    fn pod(&mut self, uid: &str, status: Value) -> String {
        self.state.hear(Event::Pod(Box::new(watcher::Event::Apply(pod(uid, status)))));
        self.out()
    }

    fn job(&mut self, suspended: bool, started: bool) -> String {
        self.state.hear(Event::Job(Box::new(watcher::Event::Apply(job(suspended, started)))));
        self.out()
    }

    fn tick(&mut self) -> String {
        self.state.tick();
        self.out()
    }

    /// What was decided, in words.
    fn out(&mut self) -> String {
        let word = |out: Out| match out {
            Out::Tell(News::Seen(_, rank, SeenReplica::Queued)) => format!("{rank} queued"),
            Out::Tell(News::Seen(_, rank, SeenReplica::Running { .. })) => format!("{rank} runs"),
            Out::Tell(News::Seen(_, rank, SeenReplica::Ended { end, .. })) => format!("{rank} {end}"),
            Out::Tell(News::Noted(_, told)) => told,
            Out::Tell(News::Nodes(nodes)) => format!("{} nodes", nodes.len()),
            Out::Tell(News::Others(others)) => format!("others: {others:?}"),
            Out::Tell(News::Listed { .. }) => "listed".to_owned(),
            Out::Tell(News::Gone(error)) => error.to_string(),
            Out::Ask(Ask::Create(..)) => "create".to_owned(),
            Out::Ask(Ask::Resume(..)) => "resume".to_owned(),
            Out::Ask(Ask::End(_, names, wait)) => format!("end {}{}", names.join(" "), if wait { " and wait" } else { "" }),
            Out::Ask(Ask::Check(_, names)) => format!("check {}", names.join(" ")),
            Out::Ask(Ask::Follow { pod, .. }) => format!("follow {pod}"),
            Out::Ask(Ask::Explain(..)) => "explain".to_owned(),
            Out::Ask(Ask::Sleep(node)) => format!("put {node} to sleep"),
            Out::Ask(Ask::Wake(node)) => format!("wake {node}"),
            Out::Ask(Ask::Rise(node)) => format!("let pods onto {node}"),
            Out::Quit(_) => "quit".to_owned(),
        };
        std::mem::take(&mut self.state.out).into_iter().map(word).collect::<Vec<_>>().join("; ")
    }

    fn logged(&mut self, uid: &str) -> String {
        self.state.hear(Event::Logged(JobId(1), 0, uid.to_owned()));
        self.out()
    }

    /// The agent is killed and started anew; the cluster has these now.
    fn restart(self, jobs: Vec<Job>, pods: Vec<core::Pod>) -> Told {
        Told::start(self.folder, "8", jobs, pods)
    }

    /// The node is told of anew: asleep since then, if it is, and ready or not.
    fn node(&mut self, asleep: Option<Time>, ready: bool) -> String {
        let mut node = node("n1", "8");
        if let Some(since) = asleep {
            node.metadata.annotations = Some([("shugu/asleep".to_owned(), since.to_string())].into());
            node.spec = made(
                json!({"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}),
            );
        }
        if !ready {
            node.status.as_mut().unwrap().conditions = made(json!([{"type": "Ready", "status": "Unknown"}]));
        }
        self.state.hear(Event::Node(Box::new(watcher::Event::Apply(node))));
        self.tick()
    }

    /// Somebody else's pod on the node, which asks for so many cores.
    fn other(&mut self, uid: &str, cores: &str, owner: &str) -> String {
        let resources = if cores.is_empty() { json!({}) } else { json!({"requests": {"cpu": cores}}) };
        let owner = json!([{"apiVersion": "apps/v1", "kind": owner, "name": "its", "uid": "uid-owner"}]);
        let pod = made(json!({
            "metadata": {"name": uid, "uid": uid, "namespace": "other", "ownerReferences": owner},
            "spec": {"nodeName": "n1", "containers": [{"name": "one", "resources": resources}]},
            "status": {"phase": "Running"},
        }));
        self.state.hear(Event::Pod(Box::new(watcher::Event::Apply(pod))));
        self.out()
    }

    /// Launched, taken by the cluster.
    fn launched() -> Told {
        let mut told = Told::fresh("8");
        assert_eq!(told.order(Order::Launch(vec![wanted(1)])), "create");
        told.state.hear(Event::Created(JobId(1), Ok(())));
        assert_eq!(told.out(), "0 queued");
        assert_eq!(told.job(false, true), "");
        told
    }
}

#[test]
fn a_job_is_made_followed_told_and_removed() {
    let mut told = Told::launched();
    assert_eq!(told.order(Order::Launch(vec![wanted(1)])), "", "it is made once");
    assert_eq!(told.pod("a", json!({"phase": "Pending"})), "");
    assert_eq!(told.pod("a", runs()), "follow pod-a; 0 runs");
    assert_eq!(told.pod("a", ended(3)), "", "what it wrote is not read yet");
    assert_eq!(told.logged("a"), "0 exited with code 3");
    assert_eq!(told.order(Order::Forget(vec![JobId(1)])), "end shugu-ab12cd34-1-1");
    assert_eq!(told.job(false, true), "", "it is on its way out");
}

#[test]
fn a_stop_is_an_end_and_says_so_also_after_the_agent_was_killed() {
    let mut told = Told::launched();
    told.pod("a", runs());
    assert_eq!(told.order(Order::Stop(JobId(1), Span::seconds(10))), "end shugu-ab12cd34-1-1 and wait");
    let mut again = told.restart(Vec::new(), Vec::new());
    assert_eq!(again.out(), "0 was cancelled; 1 nodes; listed");
}

#[test]
fn what_the_cluster_took_and_does_not_know_any_more_is_lost_and_not_made_anew() {
    let told = Told::launched();
    let mut again = told.restart(Vec::new(), Vec::new());
    assert!(again.out().starts_with("0 was lost: the cluster manager, or somebody at the cluster, ended it"));
    assert_eq!(again.order(Order::Launch(vec![wanted(1)])), "", "it is known until it is forgotten");
}

#[test]
fn what_the_cluster_never_took_is_made_when_it_is_wanted() {
    let mut told = Told::fresh("8");
    told.order(Order::Launch(vec![wanted(1)]));
    let mut again = told.restart(Vec::new(), Vec::new());
    assert_eq!(again.out(), "1 nodes; listed");
    assert_eq!(again.order(Order::Launch(vec![wanted(1)])), "create");
    let mut third = again.restart(vec![job(false, true)], vec![pod("a", runs())]);
    assert_eq!(
        third.out(),
        "create; follow pod-a; 1 nodes; listed",
        "it was taken after all: what is there already is as good as made"
    );
    third.state.hear(Event::Created(JobId(1), Ok(())));
    assert_eq!(third.out(), "0 runs");
}

#[test]
fn a_second_pod_of_a_replica_changes_nothing() {
    let mut told = Told::launched();
    told.pod("a", runs());
    assert_eq!(told.pod("b", ended(0)), "");
    told.pod("a", ended(7));
    assert_eq!(told.logged("a"), "0 exited with code 7");
}

#[test]
fn work_for_devices_is_not_made_where_the_node_has_none_now() {
    let mut told = Told::fresh("0");
    let lost = "0 was lost: its place was taken by others, or failed, before it could start there";
    assert_eq!(told.order(Order::Launch(vec![wanted(1)])), format!("end shugu-ab12cd34-1-1; {lost}"));
}

#[test]
fn what_a_quota_holds_back_may_go_another_time_and_what_is_forbidden_never_does() {
    let refused = |told_so: &str| {
        let mut told = Told::fresh("8");
        told.order(Order::Launch(vec![wanted(1)]));
        told.state.hear(Event::Created(JobId(1), Err(told_so.to_owned())));
        told.out()
    };
    assert!(refused("exceeded quota: shugu").ends_with("before it could start there"));
    assert!(refused("admission webhook denied it").ends_with("could not be started: admission webhook denied it"));
}

#[test]
fn a_job_that_is_suspended_after_it_ran_is_the_cluster_s_doing() {
    let mut told = Told::launched();
    told.pod("a", runs());
    assert_eq!(told.job(true, false), "");
    assert_eq!(told.tick(), "end shugu-ab12cd34-1-1 and wait");
    let mut gone = pod("a", runs());
    gone.metadata.deletion_timestamp = made(json!("2026-01-01T00:00:09Z"));
    told.state.hear(Event::Pod(Box::new(watcher::Event::Delete(gone))));
    assert!(told.out().contains("somebody at the cluster, ended it"));
}

#[test]
fn what_is_not_listed_after_a_break_is_looked_for_before_it_is_lost() {
    let mut told = Told::launched();
    listed(Vec::<Job>::new()).into_iter().for_each(|event| told.state.hear(Event::Job(Box::new(event))));
    assert!(told.out().contains("somebody at the cluster, ended it"), "it was seen and is gone");
    let mut unseen = Told::fresh("8");
    unseen.order(Order::Launch(vec![wanted(1)]));
    unseen.state.hear(Event::Created(JobId(1), Ok(())));
    unseen.out();
    listed(Vec::<Job>::new()).into_iter().for_each(|event| unseen.state.hear(Event::Job(Box::new(event))));
    assert_eq!(unseen.out(), "check shugu-ab12cd34-1-1", "it may have been made after the list");
    unseen.state.hear(Event::Gone(vec!["shugu-ab12cd34-1-1".to_owned()]));
    assert!(unseen.out().contains("somebody at the cluster, ended it"));
}

#[test]
fn what_nobody_wants_is_removed() {
    let mut told = Told::start(tempfile::tempdir().unwrap(), "8", vec![job(false, true)], vec![pod("a", runs())]);
    let all = told.out();
    assert!(all.contains("end shugu-ab12cd34-1-1"), "{all}");
}

#[test]
fn only_a_node_on_which_nobody_works_is_put_to_sleep() {
    let sleep = || Order::Sleep(vec!["n1".to_owned()]);
    let mut told = Told::fresh("8");
    told.order(sleep());
    assert_eq!(told.other("d", "250m", "DaemonSet"), "");
    let services = "others: [(\"n1\", Occupied { node: 0, devices: Devices(0), cpu: Cpu(250), memory: Memory(0), reason: \"\", asleep: false, services: true })]";
    assert_eq!(told.tick(), format!("put n1 to sleep; {services}"));
    assert_eq!(told.tick(), "", "it is told once");
    told.node(Some(clock()), true);
    told.order(Order::Launch(vec![wanted(1)]));
    assert_eq!(told.tick(), "", "what wakes it before it sleeps would be undone");
    told.state.hear(Event::Switched("n1".to_owned(), Ok(())));
    assert_eq!(told.tick(), "wake n1");
    let mut other = Told::fresh("8");
    other.order(sleep());
    other.other("best-effort", "", "ReplicaSet");
    assert_eq!(other.tick(), "", "a pod that asks for nothing works, too");
    let mut own = Told::launched();
    own.order(sleep());
    assert_eq!(own.tick(), "");
}

#[test]
fn work_wakes_its_node_and_waits_until_it_is_awake() {
    let mut told = Told::fresh("8");
    let is_asleep = "others: [(\"n1\", Occupied { node: 0, devices: Devices(0), cpu: Cpu(0), memory: Memory(0), reason: \"\", asleep: true, services: false })]";
    assert_eq!(told.node(Some(clock()), true), is_asleep, "it sleeps from the moment in which it is told to");
    assert_eq!(told.order(Order::Launch(vec![wanted(1)])), "create");
    assert_eq!(told.tick(), "wake n1");
    told.state.hear(Event::Created(JobId(1), Ok(())));
    assert_eq!(told.out(), "0 queued");
    assert_eq!(told.job(false, true), "");
    let unscheduled = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]);
    told.pod("a", json!({"phase": "Pending", "conditions": unscheduled}));
    assert_eq!(
        told.tick(),
        "Kubernetes has not started it: n1 was asleep and wakes",
        "it may still be going off, so ready is not awake"
    );
    let since = Some(clock() + Span::seconds(-60));
    assert_eq!(told.node(since, false), "", "off");
    assert_eq!(told.node(since, true), "let pods onto n1");
    assert_eq!(told.node(None, true), "others: []");
    assert_eq!(told.pod("a", runs()), "follow pod-a; 0 runs");
}

#[test]
fn a_node_that_does_not_wake_is_out_of_service() {
    let mut told = Told::fresh("8");
    let since = Some(clock() + Span::seconds(-600));
    told.node(since, false);
    told.order(Order::Launch(vec![wanted(1)]));
    assert_eq!(told.tick(), "wake n1");
    told.state.hear(Event::Created(JobId(1), Ok(())));
    told.job(false, true);
    told.tick();
    told.out();
    told.state.sleep.pass(Duration::from_secs(901));
    let after = told.tick();
    assert!(after.starts_with("wake n1; others: ") && after.contains("asleep, and does not wake"), "{after}");
    assert!(after.ends_with("; end shugu-ab12cd34-1-1 and wait"), "its job goes elsewhere: {after}");
    assert_eq!(told.node(since, true), "let pods onto n1", "it woke after all");
}
