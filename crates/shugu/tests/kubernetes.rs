//! Kubernetes clusters as pools: a real hub, a real agent, and a cluster in small (`common/kubernetes.rs`) whose programs are real
//! processes. `KUBECONFIG` names a real cluster for the last test; without, it says that it was skipped.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::kubernetes::Kubernetes;
use common::{Dice, Hub, said, shugu};
use serde_json::{Value, json};

/// A hub with one cluster as its only pool.
struct Site {
    agent: Agent,
    cluster: Kubernetes,
    hub: Hub,
    folder: tempfile::TempDir,
}

const IMAGE: &str = "registry.example/base:1";

fn pool_token(hub: &Hub) -> String {
    let made = hub.json(&["access", "pool", "boxes", "--provider", "sample-provider", "--executor", "kubernetes"]);
    made["token"].as_str().unwrap().to_owned()
}

fn site_with(nodes: u32, more: &[&str], prepare: impl FnOnce(&Kubernetes)) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Kubernetes::start(&folder.path().join("cluster"), nodes, 8, 32);
    prepare(&cluster);
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let token = pool_token(&hub);
    let config = cluster.config();
    let mut arguments =
        vec!["--executor", "kubernetes", "--kubeconfig", config.to_str().unwrap(), "--image", IMAGE, "--grace", "2s"];
    arguments.extend(more);
    let agent = Agent::start(&hub.url, &token, "boxes", &folder.path().join("agent"), &arguments);
    Site { hub: hub.with_pool(), agent, cluster, folder }
}

fn site() -> Site {
    site_with(4, &[], |_| {})
}

fn submit(site: &Site, job: &Value) -> String {
    let file = site.hub.folder.join("job.yaml");
    std::fs::write(&file, job.to_string()).unwrap();
    site.hub.submit(&[file.to_str().unwrap()])
}

fn bash(script: &str) -> Value {
    json!(["bash", "-c", script])
}

fn job(command: &Value, more: Value) -> Value {
    let mut job = json!({"command": command, "cpus": 1});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    job
}

fn within(most: u64, what: &str, until: impl Fn() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < Duration::from_secs(most), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_kind_of_job_ends_as_it_should() {
    let site = site();
    let wide = json!({"replicas": 4, "devices": 8, "spread": "nodes"});
    let table = [
        (job(&bash("echo done"), json!({})), "done"),
        (job(&bash("exit 3"), json!({})), "exited with code 3"),
        (job(&bash("kill -9 $$"), json!({})), "was ended by signal 9"),
        (
            job(&json!(["/no/such/program"]), json!({})),
            "could not be started: exec: \"/no/such/program\": No such file or directory (os error 2)",
        ),
        (job(&bash("trap '' TERM; sleep 60"), json!({"time_limit": "2s"})), "ran longer than its time limit"),
        (job(&bash("test $WORLD_SIZE = 4 && echo $RANK"), wide.clone()), "done"),
        (job(&bash("if [ $RANK = 2 ]; then exit 9; else sleep 60; fi"), wide), "exited with code 9"),
        (job(&bash("echo $RANK $SHUGU_DEVICES"), json!({"replicas": 5, "devices": 3})), "done"),
        (
            job(
                &json!(["printf", "%s|", "$(RANK)", "$$ $(touch /tmp/shugu-must-not-be) `id`"]),
                json!({"name": "a'b;c $(d)", "image": "registry.example/own:2"}),
            ),
            "done",
        ),
        (
            job(&bash("true"), json!({"image": "registry.example/INVALID"})),
            "could not be started: the image registry.example/INVALID cannot be had: couldn't parse image name",
        ),
    ];
    let ids: Vec<String> = table.iter().map(|(job, _)| submit(&site, job)).collect();
    for (id, (job, end)) in ids.iter().zip(&table) {
        let ended = site.hub.ended(id);
        assert_eq!(ended["end"].as_str().unwrap_or("done"), *end, "{job}: {ended}\n{}", site.agent.log());
    }
    let logs = |id: &str, replica: &str| site.hub.say(&["logs", id, "--replica", replica]).out;
    assert_eq!(logs(&ids[0], "0"), "done\n");
    assert_eq!((0..4).map(|rank| logs(&ids[5], &rank.to_string())).collect::<String>(), "0\n1\n2\n3\n");
    let uneven: String = (0..5).map(|rank| logs(&ids[7], &rank.to_string())).collect();
    assert_eq!(uneven, "0 0,1,2\n1 0,1,2\n2 0,1,2\n3 0,1,2\n4 0,1,2\n");
    assert_eq!(logs(&ids[8], "0"), "$(RANK)|$$ $(touch /tmp/shugu-must-not-be) `id`|");
    let limited = site.hub.json(&["job", &ids[4]]);
    assert!((2.0..20.0).contains(&limited["run_s"].as_f64().unwrap()), "a program that ignores TERM is killed: {limited}");
    within(20, "what is told is removed from the cluster", || {
        let left = [site.cluster.objects("jobs"), site.cluster.objects("services")].concat();
        left.is_empty()
    });
    assert!(!site.agent.log().contains("nobody wants"), "{}", site.agent.log());
    // A tenant has a namespace, with a quota, into which nobody else speaks.
    let names = |kind: &str| -> Vec<String> {
        site.cluster.objects(kind).iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (names("namespaces"), names("resourcequotas").len(), names("networkpolicies").len()),
        (vec!["shugu-default".to_owned()], 1, 1)
    );
}

#[test]
fn a_job_is_stopped_where_it_runs_and_where_it_waits() {
    let site = site();
    let running = site.hub.submit(&[
        "--cpus",
        "1",
        "--",
        "bash",
        "-c",
        "trap 'echo saved; exit 1' TERM; echo ready; while :; do sleep 0.1; done",
    ]);
    site.hub.job_when(&running, |job| job["state"] == "running");
    within(10, "what it writes is read while it runs", || site.hub.say(&["logs", &running]).out == "ready\n");
    assert_eq!(site.hub.say(&["cancel", &running]).code, 0);
    assert_eq!(site.hub.ended(&running)["state"], "cancelled");
    let written = site.hub.say(&["logs", &running]).out;
    // A shell may say that what it waited for was ended, too.
    assert_eq!(written.replace("Terminated\n", ""), "ready\nsaved\n");
    // Its image cannot be pulled, for now.
    let waiting = site.hub.submit(&["--cpus", "1", "--image", "registry.example/missing:1", "--", "true"]);
    let told = || site.hub.json(&["why", &waiting])["message"].as_str().unwrap_or_default().to_owned();
    within(10, "why says what the cluster says", || {
        told().contains("Kubernetes has not started it: the image registry.example/missing:1 cannot be pulled: not found")
    });
    assert_eq!(site.hub.say(&["cancel", &waiting]).code, 0);
    assert_eq!(site.hub.ended(&waiting)["state"], "cancelled");
}

#[test]
fn what_others_use_and_what_is_out_of_service_is_seen_and_left_alone() {
    let site = site_with(2, &[], |_| {});
    let pool = || site.hub.json(&["pools"])["pools"][0].clone();
    let taken = site.cluster.occupy("node-0", 6);
    within(5, "what others use is seen", || pool()["devices_others"] == 6);
    let ids: Vec<String> = (0..2).map(|_| submit(&site, &job(&bash("sleep 2"), json!({"devices": 4})))).collect();
    for id in &ids {
        let runs = site.hub.job_when(id, |job| job["state"] == "running");
        assert_eq!(runs["nodes"], json!(["node-1"]), "{runs}");
    }
    ids.iter().for_each(|id| assert_eq!(site.hub.ended(id)["state"], "done"));
    site.cluster.node("node-1", |node| node["spec"]["unschedulable"] = true.into());
    within(5, "a cordoned node is out of service", || pool()["out_of_service"] == json!({"node-1": "cordoned"}));
    let waits = submit(&site, &job(&bash("true"), json!({"devices": 4})));
    within(5, "it waits for others", || site.hub.json(&["why", &waits])["pools"][0]["reason"]["code"] == "occupied");
    site.cluster.remove(&taken);
    assert_eq!(site.hub.ended(&waits)["state"], "done");
}

#[test]
fn idle_nodes_are_switched_off_and_work_switches_them_on() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Kubernetes::start(&folder.path().join("cluster"), 3, 8, 32);
    cluster.with_service();
    let busy = cluster.occupy("node-2", 1);
    let census = folder.path().join("census");
    std::fs::create_dir(&census).unwrap();
    let about = "name = \"Sample\"\nregion = \"here\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 0\n";
    std::fs::write(census.join("hub.toml"), about).unwrap();
    let power = "id,scope,idle_w,device_w,core_w,asleep_w,wake_s,source,note\nnodes,*,300,500,5,10,90,sample,\n";
    std::fs::write(census.join("power.csv"), power).unwrap();
    let policy = folder.path().join("sleepy.toml");
    std::fs::write(&policy, "base = \"default\"\nsleep_after = \"2s\"\nsleep_spare = 1\n").unwrap();
    let (census, policy) = (census.to_str().unwrap(), policy.to_str().unwrap());
    // Its agent asks every few seconds then, and not every twenty.
    let more = ["--no-local", "--policy", policy, "--census", census, "--lost-after", "40s"];
    let hub = Hub::start(&folder.path().join("hub"), &more);
    let token = pool_token(&hub);
    let (off, on, log) = cluster.switches();
    let config = cluster.config();
    let arguments = ["--executor", "kubernetes", "--kubeconfig", config.to_str().unwrap(), "--image", IMAGE, "--grace", "2s"];
    let switches = ["--sleep-program", off.to_str().unwrap(), "--wake-program", on.to_str().unwrap()];
    let all = [&arguments[..], &switches[..]].concat();
    let agent = Agent::start(&hub.url, &token, "boxes", &folder.path().join("agent"), &all);
    let mut site = Site { hub: hub.with_pool(), agent, cluster, folder };

    let asleep = |site: &Site| {
        let told = site.hub.json(&["pools", "boxes", "--nodes"]);
        let nodes = told["nodes"].as_array().unwrap().iter().filter(|node| node["asleep"] == true);
        nodes.map(|node| node["name"].as_str().unwrap().to_owned()).collect::<Vec<String>>()
    };
    let switched = || std::fs::read_to_string(&log).unwrap_or_default();
    within(30, "the first stays awake, the second sleeps", || asleep(&site) == ["node-1"] && switched() == "off node-1\n");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(switched(), "off node-1\n", "somebody works on the third");
    site.cluster.remove(&busy);
    let both = "off node-1\noff node-2\n";
    within(30, "then it sleeps, too", || asleep(&site) == ["node-1", "node-2"] && switched() == both);
    let barred =
        |node: &Value| node["spec"]["unschedulable"] == true && node["metadata"]["annotations"]["shugu/asleep"].is_string();
    assert_eq!(site.cluster.objects("nodes").iter().filter(|node| barred(node)).count(), 2, "the cluster's own users see it");

    // An agent that is started anew finds them asleep; work for all nodes wakes them, and says so while it waits.
    site.agent.restart_with(&[]);
    let wide = submit(&site, &job(&bash("sleep 1"), json!({"replicas": 3, "devices": 8, "spread": "nodes"})));
    let why = || site.hub.json(&["why", &wide])["message"].as_str().unwrap_or_default().to_owned();
    within(10, "its nodes wake", || why().contains("asleep and wake within about 90 s"));
    assert_eq!(site.hub.ended(&wide)["state"], "done", "{}", site.agent.log());
    let told = switched();
    for node in ["node-1", "node-2"] {
        let own: Vec<&str> = told.lines().filter(|line| line.ends_with(node)).collect();
        assert_eq!(own[..2], [format!("off {node}"), format!("on {node}")], "{told}");
    }
    let off = || switched().lines().filter(|line| line.starts_with("off")).count();
    within(30, "and they sleep again", || off() == 4);

    // One job for the spare node, and one more: that wakes a single node.
    let hold = job(&bash("sleep 4"), json!({"devices": 8}));
    let ids = [submit(&site, &hold), submit(&site, &hold)];
    ids.iter().for_each(|id| assert_eq!(site.hub.ended(id)["state"], "done", "{}", site.agent.log()));
    assert_eq!(switched().lines().filter(|line| line.starts_with("on")).count(), 3, "{}", switched());
}

#[test]
fn what_the_cluster_takes_away_is_told_apart() {
    let site = site();
    let long = |more: Value| submit(&site, &job(&bash("sleep 60"), more));
    let (evicted, greedy, silent) = (long(json!({})), long(json!({})), long(json!({"devices": 8, "retries": 1})));
    for id in [&evicted, &greedy, &silent] {
        site.hub.job_when(id, |job| job["state"] == "running");
    }
    site.cluster.evict(&evicted);
    site.cluster.run_out_of_memory(&greedy);
    let end = |id: &str| site.hub.ended(id)["end"].as_str().unwrap_or("done").to_owned();
    assert!(end(&evicted).contains("somebody at the cluster, ended it"), "{}", end(&evicted));
    assert_eq!(end(&greedy), "used more memory than it asked for");
    let node = site.hub.json(&["job", &silent])["nodes"][0].as_str().unwrap().to_owned();
    site.cluster.silence(&node);
    let again = site.hub.job_when(&silent, |job| job["attempt"] == 2 || job["attempts"] == 2 || job["state"] == "waiting");
    assert!(!again["state"].as_str().unwrap().contains("running"), "{again}");
    // Kueue would admit what it stopped once more; the hub alone says whether it runs again.
    let preempted = long(json!({}));
    site.hub.job_when(&preempted, |job| job["state"] == "running");
    site.cluster.suspend(&preempted, true);
    assert!(end(&preempted).contains("ended it"), "{}", end(&preempted));
}

#[test]
fn a_gang_starts_no_pod_before_all_fit_and_goes_elsewhere_if_they_do_not() {
    let site = site_with(2, &[], |_| {});
    let gang = submit(&site, &job(&bash("sleep 0.3; echo $RANK"), json!({"replicas": 4, "devices": 4})));
    assert_eq!(site.hub.ended(&gang)["state"], "done");
    // Taken in the moment in which the hub places it: no agent can know before.
    let taken = site.cluster.occupy("node-1", 8);
    let second = submit(&site, &job(&bash("echo $RANK"), json!({"replicas": 4, "devices": 4})));
    std::thread::sleep(Duration::from_secs(2));
    let started =
        site.cluster.objects("pods").iter().any(|pod| pod["spec"]["nodeName"] == "node-0" && pod["status"]["phase"] == "Running");
    assert!(!started, "no part of it starts while another part does not fit");
    site.cluster.remove(&taken);
    let ended = site.hub.job_within(&second, Duration::from_secs(120), |job| !job["cost_yuan"].is_null());
    assert_eq!(ended["state"], "done", "{ended}");
}

#[test]
fn what_was_removed_while_nobody_listened_is_told() {
    let mut site = site();
    let long = submit(&site, &job(&bash("sleep 60"), json!({})));
    site.hub.job_when(&long, |job| job["state"] == "running");
    site.agent.kill();
    site.cluster.break_watches();
    let jobs = site.cluster.objects("jobs");
    let (namespace, name) = (jobs[0]["metadata"]["namespace"].as_str().unwrap(), jobs[0]["metadata"]["name"].as_str().unwrap());
    site.cluster.remove(&("jobs".to_owned(), namespace.to_owned(), name.to_owned()));
    site.cluster.evict(&long);
    site.agent.restart();
    let end = site.hub.ended(&long)["end"].as_str().unwrap().to_owned();
    assert!(end.contains("somebody at the cluster, ended it"), "{end}\n{}", site.agent.log());
    // What may not be made never starts.
    site.cluster.deny("create jobs");
    let refused = site.hub.submit(&["--cpus", "1", "--", "true"]);
    assert!(site.hub.ended(&refused)["end"].as_str().unwrap().contains("the agent cannot create it"));
}

#[test]
fn kueue_admits_what_has_a_queue() {
    let site = site_with(2, &["--queue", "hub"], Kubernetes::with_kueue);
    let queued = site.hub.submit(&["--cpus", "1", "--", "true"]);
    within(10, "a Job waits for Kueue", || site.cluster.objects("jobs").len() == 1);
    let jobs = site.cluster.objects("jobs");
    assert_eq!(
        (&jobs[0]["spec"]["suspend"], &jobs[0]["metadata"]["labels"]["kueue.x-k8s.io/queue-name"]),
        (&json!(true), &json!("shugu"))
    );
    assert_eq!(site.cluster.objects("localqueues")[0]["spec"]["clusterQueue"], "hub");
    let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": jobs[0]["metadata"]["name"], "uid": "1"}]);
    let condition = json!([{"type": "QuotaReserved", "status": "False", "message": "insufficient unused quota"}]);
    let workload = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "Workload", "metadata": {"ownerReferences": owner}, "status": {"conditions": condition}});
    site.cluster.make("workloads", "shugu-default", "job-1", workload);
    within(20, "why says what Kueue says", || {
        site.hub.json(&["why", &queued])["message"].as_str().unwrap_or_default().contains("Kueue: insufficient unused quota")
    });
    site.cluster.suspend(&queued, false);
    assert_eq!(site.hub.ended(&queued)["state"], "done");
}

#[test]
fn everything_breaks_and_no_job_is_lost_or_runs_twice() {
    let mut site = site();
    let lines = site.folder.path().join("lines");
    let (singles, gangs) = (120, 10);
    for number in 0..singles {
        let script = format!("echo single-{number} >> {}; sleep 0.{}", lines.display(), number % 9);
        submit(&site, &job(&bash(&script), if number % 3 == 0 { json!({}) } else { json!({"devices": number % 3}) }));
    }
    for number in 0..gangs {
        let script = format!("echo gang-{number}-$RANK >> {}; sleep 0.5", lines.display());
        submit(&site, &job(&bash(&script), json!({"replicas": 4, "devices": 4})));
    }
    let mut dice = Dice(7);
    let states = |site: &Site| -> Vec<Value> { site.hub.json(&["jobs", "--limit", "1000"])["jobs"].as_array().unwrap().clone() };
    let over = |site: &Site| {
        states(site).iter().all(|job| ["done", "failed", "cancelled", "lost"].contains(&job["state"].as_str().unwrap()))
    };
    let begun = Instant::now();
    let mut strikes = 0;
    while !over(&site) {
        assert!(begun.elapsed() < Duration::from_secs(180), "{}", site.agent.log());
        if strikes < 16 {
            strikes += 1;
            match dice.below(4) {
                0 => {
                    site.agent.kill();
                    std::thread::sleep(Duration::from_millis(dice.below(500)));
                    site.agent.restart();
                }
                1 => site.cluster.restart_server(Duration::from_millis(dice.below(800))),
                2 => site.cluster.break_watches(),
                _ => site.hub.kill_and_restart(),
            }
        }
        std::thread::sleep(Duration::from_millis(300 + dice.below(400)));
    }
    let ended = states(&site);
    let bad: Vec<&Value> = ended.iter().filter(|job| job["state"] != "done").collect();
    assert!(bad.is_empty(), "{bad:?}\n{}", site.agent.log());
    let mut told: Vec<String> = std::fs::read_to_string(&lines).unwrap().lines().map(str::to_owned).collect();
    let all = told.len();
    told.sort();
    told.dedup();
    assert_eq!((all, told.len()), (singles + gangs * 4, singles + gangs * 4), "each replica ran once");
    assert_eq!(site.hub.say(&["check"]).code, 0);
}

#[test]
fn the_agent_of_a_thousand_nodes_needs_little_memory() {
    let site = site_with(1000, &[], |_| {});
    assert_eq!(site.hub.json(&["pools"])["pools"][0]["devices"], 8000);
    std::thread::sleep(Duration::from_secs(5));
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", site.agent.pid())).unwrap();
    let ticks = || read("stat").split_whitespace().skip(13).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>();
    let (before, began) = (ticks(), Instant::now());
    std::thread::sleep(Duration::from_secs(5));
    let share = (ticks() - before) as f64 / began.elapsed().as_secs_f64();
    let memory =
        read("status").lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    println!("{share:.1} % of a core, {} MiB", memory.unwrap() >> 10);
    assert!(memory.unwrap() < 100 << 10, "{memory:?} kB");
}

fn join(hub: &Hub, token: &str, folder: &Path, config: &Path, more: &[&str]) -> common::Said {
    let mut all = vec!["join", "--hub", &hub.url, "--pool", "boxes", "--executor", "kubernetes", "--image", IMAGE];
    all.extend(["--kubeconfig", config.to_str().unwrap(), "--folder", folder.to_str().unwrap()]);
    all.extend(more);
    said(shugu(&all).env("SHUGU_TOKEN", token).output().unwrap())
}

#[test]
fn a_provider_is_told_what_is_found_before_it_joins() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Kubernetes::start(&folder.path().join("cluster"), 3, 8, 32);
    cluster.occupy("node-2", 5);
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let token = pool_token(&hub);
    let own = folder.path().join("agent");
    let said = join(&hub, &token, &own, &cluster.config(), &["--check", "--model", "Sample-GPU=H800 SXM5 80GB"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for line in [
        "Kubernetes v1.36.0-sample",
        "all 19 that the agent needs",
        "3 with 24 devices",
        "ran in the namespace shugu-join-test and ended well",
    ] {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
    assert!(cluster.objects("jobs").is_empty(), "nothing is left but the namespace");
    cluster.deny("create jobs");
    let said = join(&hub, &token, &own, &cluster.config(), &["--yes"]);
    assert_ne!(said.code, 0);
    assert!(said.out.contains("the agent may not create jobs; see docs/kubernetes/rbac.yaml"), "{}", said.out);
    // Whoever has nodes switched off needs one right more, and programs that can be run.
    let (off, on, _) = cluster.switches();
    let switches = ["--check", "--sleep-program", off.to_str().unwrap(), "--wake-program", on.to_str().unwrap()];
    cluster.deny("patch nodes");
    let said = join(&hub, &token, &own, &cluster.config(), &switches);
    assert!(said.out.contains("the agent may not patch nodes, create jobs"), "{}", said.out);
    let config = cluster.config();
    let said = join(&hub, &token, &own, &config, &["--sleep-program", config.to_str().unwrap(), "--wake-program", switches[4]]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("kubeconfig: is no program: it may not be executed"), "{}", said.err);
    let said = join(&hub, &token, &own, &config, &switches[..3]);
    assert!(said.err.contains("--wake-program"), "{}", said.err);
    let said = join(&hub, &token, &own, &folder.path().join("no-such-file"), &["--yes"]);
    assert!(said.err.contains("there is no such file"), "{}", said.err);
}

/// On a real cluster, if there is one. Its programs are those of an image that the test is told: `SHUGU_TEST_IMAGE`.
#[test]
fn on_a_real_cluster_jobs_end_as_they_should() {
    let Some(config) = std::env::var_os("KUBECONFIG") else {
        eprintln!("SKIPPED: no KUBECONFIG names a real Kubernetes cluster; a cluster in small was used by the other tests");
        return;
    };
    let image = std::env::var("SHUGU_TEST_IMAGE").unwrap_or_else(|_| "registry.k8s.io/e2e-test-images/busybox:1.29-4".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let token = pool_token(&hub);
    let arguments = ["--executor", "kubernetes", "--kubeconfig", config.to_str().unwrap(), "--image", &image];
    let _agent = Agent::start(&hub.url, &token, "boxes", &folder.path().join("agent"), &arguments);
    let hub = hub.with_pool();
    let done = hub.submit(&["--cpus", "0.1", "--", "true"]);
    let stopped = hub.submit(&["--cpus", "0.1", "--", "sleep", "600"]);
    let ended = |id: &str| hub.job_within(id, Duration::from_secs(300), |job| !job["cost_yuan"].is_null());
    assert_eq!(ended(&done)["state"], "done");
    hub.job_within(&stopped, Duration::from_secs(300), |job| job["state"] == "running");
    assert_eq!(hub.say(&["cancel", &stopped]).code, 0);
    assert_eq!(ended(&stopped)["state"], "cancelled");
}
