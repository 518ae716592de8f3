//! Slurm clusters as pools, on real ones: `./test` installs Debian's packages and runs these in a stage of their own.

mod common;

use std::time::{Duration, Instant};

use common::Hub;
use common::agent::Agent;
use common::slurm::{Cluster, Settings};
use serde_json::Value;

const SMALL: Settings = Settings::new(4, 64);

/// A hub with one cluster as its only pool.
struct Site {
    hub: Hub,
    agent: Agent,
    cluster: Cluster,
    _folder: tempfile::TempDir,
}

fn pool_token(hub: &Hub, name: &str, executor: &str) -> String {
    let made = hub.json(&["access", "pool", name, "--provider", &format!("{name}-provider"), "--executor", executor]);
    made["token"].as_str().unwrap().to_owned()
}

fn site(name: &str, settings: &Settings) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path(), name, settings);
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let token = pool_token(&hub, name, "slurm");
    let agent = cluster.agent(&hub.url, &token);
    let hub = hub.with_pool();
    Site { hub, agent, cluster, _folder: folder }
}

fn submit(site: &Site, job: &Value) -> String {
    let file = site.hub.folder.join("job.yaml");
    std::fs::write(&file, job.to_string()).unwrap();
    site.hub.submit(&[file.to_str().unwrap()])
}

fn bash(script: &str) -> Value {
    serde_json::json!(["bash", "-c", script])
}

#[test]
#[ignore = "needs Slurm"]
fn every_kind_of_job_ends_as_it_should() {
    check_every_kind(&site("alpha", &SMALL));
}

#[test]
#[ignore = "needs Slurm"]
fn so_it_does_where_the_cluster_is_asked_by_its_rest_service() {
    let mut site = site("alpha", &Settings { rest: true, ..SMALL });
    check_every_kind(&site);
    // Replicas in unlike numbers on their nodes are one job of several parts.
    let uneven = serde_json::json!({ "command": bash("sleep 600"), "cpus": 1, "replicas": 5, "devices": 3 });
    let uneven = submit(&site, &uneven);
    site.hub.job_when(&uneven, |job| job["state"] == "running");
    // The agent is killed and found again what it had; a notice reaches the program.
    let noticed = serde_json::json!({ "command": bash("trap 'echo saved; exit 0' USR1; echo ready; while :; do sleep 0.1; done"), "cpus": 1,
        "notice": { "signal": "USR1", "grace": "20s" } });
    let noticed = submit(&site, &noticed);
    site.hub.job_when(&noticed, |job| job["state"] == "running");
    site.agent.kill();
    site.agent.restart_with(&[]);
    for job in [&uneven, &noticed] {
        assert_eq!(site.hub.say(&["cancel", job]).code, 0);
    }
    assert_eq!(site.hub.ended(&uneven)["end"], "was cancelled", "{}", site.agent.log());
    site.hub.ended(&noticed);
    assert!(site.hub.say(&["logs", &noticed]).out.contains("saved"), "{}", site.agent.log());
    // What others take is seen by this way, too.
    site.cluster.tool("sbatch", &["--nodelist=n1", "--gres=gpu:8", "--output=/dev/null", "--wrap=sleep 30"]);
    let begun = Instant::now();
    while site.hub.json(&["pools"])["pools"][0]["devices_others"] != 8 {
        assert!(begun.elapsed() < Duration::from_secs(15), "{}", site.hub.json(&["pools"]));
        std::thread::sleep(Duration::from_millis(100));
    }
    // A token that is not taken fails no job: its provider renews it.
    let own = site.cluster.folder.join("token");
    let token = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, "nonsense").unwrap();
    let late = site.hub.submit(&["--cpus", "1", "--", "true"]);
    std::thread::sleep(Duration::from_secs(3));
    assert_ne!(site.hub.json(&["job", &late])["state"], "failed");
    std::fs::write(&own, token).unwrap();
    assert_eq!(site.hub.ended(&late)["state"], "done", "{}", site.agent.log());
    let survey = |token: &str| {
        let agent = site.cluster.folder.join("agent").display().to_string();
        let url = site.cluster.rest.clone().unwrap();
        let how = ["--slurm-rest", &url, "--slurm-token", token, "--slurm-user", "root", "--json"];
        site.hub
            .say(
                &[
                    &["join", "--hub", &site.hub.url, "--pool", "alpha", "--executor", "slurm", "--folder", &agent, "--check"],
                    &how[..],
                ]
                .concat(),
            )
            .out
    };
    let told = survey(own.to_str().unwrap());
    assert!(told.contains("Slurm 22.05") && told.contains("ran on n") && !told.contains("\"bad\""), "{told}");
}

fn check_every_kind(site: &Site) {
    let job = |command: Value| serde_json::json!({ "command": command, "cpus": 1 });
    let with = |mut job: Value, more: Value| {
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let wide = serde_json::json!({ "replicas": 4, "devices": 8, "spread": "nodes" });
    let table = [
        (job(bash("echo done")), "done"),
        (job(bash("exit 3")), "exited with code 3"),
        (job(bash("kill -9 $$")), "was ended by signal 9"),
        (job(serde_json::json!(["/no/such/program"])), "could not be started: there is no program /no/such/program"),
        (
            with(job(bash("true")), serde_json::json!({ "directory": "/no/such/folder" })),
            "could not be started: there is no folder /no/such/folder",
        ),
        (with(job(bash("trap '' TERM; sleep 60")), serde_json::json!({ "time_limit": "2s" })), "ran longer than its time limit"),
        (with(job(bash("test $WORLD_SIZE = 4 && echo $RANK")), wide.clone()), "done"),
        (with(job(bash("if [ $RANK = 2 ]; then exit 9; else sleep 60; fi")), wide), "exited with code 9"),
        (with(job(bash("echo $CUDA_VISIBLE_DEVICES")), serde_json::json!({ "replicas": 5, "devices": 3 })), "done"),
        (
            with(
                job(serde_json::json!(["printf", "%s", "$(touch /tmp/shugu-must-not-be) `id` ; \n\"'\\ *"])),
                serde_json::json!({ "name": "a'b;c $(d)" }),
            ),
            "done",
        ),
    ];
    let ids: Vec<String> = table.iter().map(|(job, _)| submit(site, job)).collect();
    for (id, (job, end)) in ids.iter().zip(&table) {
        let ended = site.hub.ended(id);
        let told = ended["end"].as_str().unwrap_or("done");
        assert_eq!(told, *end, "{job}: {ended}\n{}", site.agent.log());
        assert_eq!(ended["pool"], "alpha");
    }
    let logs = |id: &str, replica: &str| site.hub.say(&["logs", id, "--replica", replica]).out;
    assert_eq!(logs(&ids[0], "0"), "done\n");
    assert_eq!((0..4).map(|rank| logs(&ids[6], &rank.to_string())).collect::<String>(), "0\n1\n2\n3\n");
    // Five replicas of three devices: two on two nodes, one on a third, no device given twice.
    let devices: Vec<String> = (0..5).map(|rank| logs(&ids[8], &rank.to_string())).collect();
    assert_eq!(devices.iter().filter(|given| *given == "0,1,2\n").count(), 3, "{devices:?}");
    assert_eq!(devices.iter().filter(|given| *given == "3,4,5\n").count(), 2, "{devices:?}");
    assert_eq!(logs(&ids[9], "0"), "$(touch /tmp/shugu-must-not-be) `id` ; \n\"'\\ *");
    assert!(!std::path::Path::new("/tmp/shugu-must-not-be").exists());
    let limited = site.hub.json(&["job", &ids[5]]);
    let ran = limited["run_s"].as_f64().unwrap();
    assert!((2.0..30.0).contains(&ran), "a program that ignores TERM is killed: {limited}");
}

#[test]
#[ignore = "needs Slurm"]
fn a_batch_script_of_two_nodes_runs_its_tasks_on_both() {
    let site = site("alpha", &SMALL);
    let path = site.hub.folder.join("two.sbatch");
    let script = "#!/bin/bash\n#SBATCH -N 2 --ntasks-per-node=2 -t 5\n\
        srun bash -c 'echo task $SLURM_PROCID of $SLURM_NTASKS, $SLURM_LOCALID on node $SLURM_NODEID of $SLURM_NNODES' | sort\n";
    std::fs::write(&path, script).unwrap();
    let said = site.hub.say(&["sbatch", "--wait", path.to_str().unwrap()]);
    assert_eq!((said.code, said.out.as_str()), (0, "Submitted batch job 1\n"), "{}", said.err);
    assert!(said.err.contains("the script runs in each of 2 replicas"), "{}", said.err);
    let wrote = |replica: &str, tasks: &str| {
        let said = site.hub.say(&["logs", "--replica", replica, "job-1"]);
        let errors = site.hub.say(&["logs", "--replica", replica, "--stderr", "job-1"]);
        assert_eq!((said.code, said.out.as_str()), (0, tasks), "{} {} {}", said.err, errors.out, errors.err);
    };
    wrote("0", "task 0 of 4, 0 on node 0 of 2\ntask 1 of 4, 1 on node 0 of 2\n");
    wrote("1", "task 2 of 4, 0 on node 1 of 2\ntask 3 of 4, 1 on node 1 of 2\n");
}

#[test]
#[ignore = "needs Slurm"]
fn a_job_is_stopped_where_it_runs_and_where_it_waits() {
    let mut site = site("alpha", &SMALL);
    let running = site.hub.submit(&["--cpus", "1", "--", "sleep", "600"]);
    site.hub.job_when(&running, |job| job["state"] == "running");
    assert_eq!(site.hub.say(&["cancel", &running]).code, 0);
    assert_eq!(site.hub.ended(&running)["end"], "was cancelled");
    // The cluster has it and does not start it yet.
    site.agent.restart_with(&["--sbatch=--begin=now+1hour"]);
    let waiting = site.hub.submit(&["--cpus", "1", "--", "sleep", "600"]);
    let queued = || site.cluster.tool("squeue", &["--noheader", "--states=pending", "--format=%i"]);
    let begun = Instant::now();
    while queued().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not reach the cluster: {}", site.agent.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = |said: &str| said.contains("does not wait: it is placed at alpha; Slurm has not started it: BeginTime");
    let begun = Instant::now();
    while !told(site.hub.json(&["why", &waiting])["message"].as_str().unwrap()) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", site.hub.json(&["why", &waiting]));
        std::thread::sleep(Duration::from_millis(100));
    }
    // An agent that is started anew knows it, too.
    site.agent.restart_with(&[]);
    assert_eq!(site.hub.say(&["cancel", &waiting]).code, 0);
    assert_eq!(site.hub.ended(&waiting)["end"], "was cancelled");
    assert_eq!(queued(), "");
    // A program that saves its state gets its signal first.
    let saving = submit(
        &site,
        &serde_json::json!({ "cpus": 1, "preemptible": true, "notice": { "signal": "USR1", "grace": "30s" },
            "command": bash("trap 'echo saved; exit 0' USR1; echo ready; while :; do sleep 0.1; done") }),
    );
    site.hub.job_when(&saving, |job| job["state"] == "running");
    let begun = Instant::now();
    while site.hub.say(&["logs", &saving]).out != "ready\n" {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(site.hub.say(&["cancel", &saving]).code, 0);
    site.hub.ended(&saving);
    assert_eq!(site.hub.say(&["logs", &saving]).out, "ready\nsaved\n");
}

/// `n[1-2,4]` as names.
fn expand(nodes: &str) -> Vec<String> {
    let list = nodes.trim_start_matches('n').trim_matches(&['[', ']'][..]);
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        from.parse::<u32>().unwrap()..=to.parse::<u32>().unwrap()
    };
    list.split(',').flat_map(range).map(|node| format!("n{node}")).collect()
}

#[test]
#[ignore = "needs Slurm"]
fn what_a_user_of_the_cluster_takes_is_seen_and_left_alone() {
    let site = site("alpha", &SMALL);
    let held = || site.hub.json(&["pools"])["pools"][0]["devices_others"].as_u64().unwrap();
    let begun = Instant::now();
    site.cluster.tool("sbatch", &["--nodes=3", "--exclusive", "--gres=gpu:8", "--output=/dev/null", "--wrap=sleep 600"]);
    while held() != 24 {
        assert!(begun.elapsed() < Duration::from_secs(5), "after {:?} the hub sees {} devices used", begun.elapsed(), held());
        std::thread::sleep(Duration::from_millis(50));
    }
    eprintln!("seen after {:?}", begun.elapsed());
    let free = site.hub.submit(&["--devices", "8", "--cpus", "1", "--", "sleep", "1"]);
    assert_eq!(site.hub.ended(&free)["state"], "done");
    let placed = site.hub.submit(&["--devices", "1", "--cpus", "1", "--", "sleep", "2"]);
    let placed = site.hub.job_when(&placed, |job| job["state"] == "running");
    let taken = site.cluster.tool("squeue", &["--noheader", "--name=wrap", "--format=%N"]);
    let free: Vec<String> = (1..5).map(|node| format!("n{node}")).filter(|node| !expand(&taken).contains(node)).collect();
    assert_eq!(placed["nodes"], serde_json::json!(free));
    let wide = submit(&site, &serde_json::json!({ "devices": 8, "cpus": 1, "replicas": 2, "command": ["true"] }));
    let why = site.hub.json(&["why", &wide]);
    assert_eq!(why["pools"][0]["reason"]["code"], "occupied", "{why}");
    // The cluster's own jobs of the hub are not taken for those of others.
    let own = site.hub.submit(&["--devices", "4", "--cpus", "1", "--", "sleep", "8"]);
    site.hub.job_when(&own, |job| job["state"] == "running");
    for _ in 0..50 {
        assert_eq!(held(), 24);
        std::thread::sleep(Duration::from_millis(100));
    }
    site.cluster.tool("scancel", &["--user=root", "--name=wrap"]);
    assert_eq!(site.hub.ended(&wide)["state"], "done");
    // A node that its administrator takes out of service says why.
    site.cluster.tool("scontrol", &["update", "nodename=n4", "state=drain", "reason=fan is broken"]);
    let begun = Instant::now();
    loop {
        let pool = site.hub.json(&["pools"])["pools"][0].clone();
        if pool["out_of_service"]["n4"].as_str().is_some_and(|reason| reason.ends_with("fan is broken")) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{pool}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs Slurm"]
fn a_place_that_others_took_first_is_given_up_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let alpha = Cluster::start(folder.path(), "alpha", &Settings::new(1, 8));
    let beta = Cluster::start(folder.path(), "beta", &Settings::new(1, 8));
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let tokens = [pool_token(&hub, "alpha", "slurm"), pool_token(&hub, "beta", "slurm")];
    let _alpha_agent = alpha.agent(&hub.url, &tokens[0]);
    let hub = hub.with_pool();
    // Only alpha is there, so the job goes there; at the same moment its node is taken by somebody else.
    alpha.tool("sbatch", &["--exclusive", "--gres=gpu:8", "--output=/dev/null", "--wrap=sleep 600"]);
    let job = hub.submit(&["--devices", "8", "--cpus", "1", "--", "true"]);
    let _beta_agent = beta.agent(&hub.url, &tokens[1]);
    let ended = hub.ended(&job);
    assert_eq!((&ended["state"], &ended["pool"]), (&"done".into(), &"beta".into()), "{ended}");
}

#[test]
#[ignore = "needs Slurm"]
fn a_failed_node_loses_its_job_and_a_job_with_retries_runs_elsewhere() {
    let mut site = site("alpha", &Settings::new(2, 8));
    let node_of = |cluster: &Cluster, devices: &str| {
        let jobs = cluster.tool("squeue", &["--noheader", "--states=running", "--Format=tres-per-node:|,NodeList:|"]);
        let line =
            jobs.lines().find(|line| line.contains(&format!(":{devices}|"))).unwrap_or_else(|| panic!("{jobs}")).to_owned();
        line.trim_end_matches('|').rsplit('n').next().unwrap().parse::<usize>().unwrap()
    };
    let once = site.hub.submit(&["--devices", "8", "--cpus", "1", "--", "sleep", "600"]);
    site.hub.job_when(&once, |job| job["state"] == "running");
    let failed = node_of(&site.cluster, "8");
    site.cluster.fail_node(failed);
    let ended = site.hub.ended(&once);
    assert_eq!(ended["end"], "was lost: a node it ran on failed", "{}", site.agent.log());
    let again = site.hub.submit(&["--devices", "5", "--cpus", "1", "--retries", "1", "--", "sleep", "3"]);
    site.hub.job_when(&again, |job| job["state"] == "running");
    let other = node_of(&site.cluster, "5");
    assert_ne!(other, failed, "nothing is placed on a node that failed");
    site.cluster.start_node(failed);
    site.cluster.fail_node(other);
    let ended = site.hub.job_within(&again, Duration::from_secs(300), |job| !job["cost_yuan"].is_null());
    assert_eq!(ended["state"], "done", "{ended} {}", site.agent.log());
}

#[test]
#[ignore = "needs Slurm"]
fn more_memory_than_asked_for_is_told_apart() {
    let site = site("beta", &Settings { memory: true, ..Settings::new(2, 8) });
    let greedy = site.hub.submit(&[
        "--cpus",
        "1",
        "--memory",
        "100MiB",
        "--",
        "python3",
        "-c",
        "x = bytearray(400 << 20); import time; time.sleep(60)",
    ]);
    assert_eq!(site.hub.ended(&greedy)["end"], "used more memory than it asked for");
    // What a job uses while it runs is looked at every few seconds.
    let script = "x = bytearray(60 << 20); import time; time.sleep(12)";
    let modest = site.hub.submit(&["--cpus", "1", "--memory", "200MiB", "--", "python3", "-c", script]);
    let ended = site.hub.ended(&modest);
    let peak = ended["peak_memory_bytes"].as_i64().unwrap();
    assert!(ended["state"] == "done" && (60 << 20..200 << 20).contains(&peak), "{ended}");
}

#[test]
#[ignore = "needs Slurm"]
fn a_job_that_nobody_wants_or_that_is_there_twice_is_cancelled() {
    let site = site("alpha", &SMALL);
    let job = site.hub.submit(&["--cpus", "1", "--", "sleep", "20"]);
    site.hub.job_when(&job, |job| job["state"] == "running");
    let name = site.cluster.tool("squeue", &["--noheader", "--format=%j"]);
    let double =
        site.cluster.tool("sbatch", &["--parsable", "--output=/dev/null", &format!("--job-name={name}"), "--wrap=sleep 600"]);
    let begun = Instant::now();
    let states = || site.cluster.tool("squeue", &["--noheader", "--states=all", "--format=%i %T"]);
    while !states().contains(&format!("{double} CANCELLED")) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", states());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(site.hub.ended(&job)["state"], "done");
}

#[test]
#[ignore = "needs Slurm"]
fn what_slurm_has_forgotten_its_accounting_remembers() {
    let mut site = site("gamma", &Settings { accounting: true, ..Settings::new(1, 8) });
    let job = site.hub.submit(&["--cpus", "1", "--", "sleep", "600"]);
    site.hub.job_when(&job, |job| job["state"] == "running");
    site.agent.kill();
    // Killed with its witness: it leaves no record, and Slurm has forgotten it when the agent is back.
    let id = site.cluster.tool("squeue", &["--noheader", "--format=%i"]);
    site.cluster.kill_jobs(1, false);
    let begun = Instant::now();
    while site.cluster.try_tool("squeue", &["--noheader", "--states=all", &format!("--jobs={id}")]).status.success() {
        assert!(begun.elapsed() < Duration::from_secs(120), "Slurm does not forget");
        std::thread::sleep(Duration::from_millis(500));
    }
    site.agent.restart_with(&[]);
    assert_eq!(site.hub.ended(&job)["end"], "was ended by signal 9", "{}", site.agent.log());
    assert!(!site.agent.folder.join("jobs").join(&job).join("end.0").exists(), "it left no record");
}

#[test]
#[ignore = "needs Slurm"]
fn a_launcher_that_hangs_does_not_keep_a_gang_s_nodes_for_ever() {
    let site = site("alpha", &SMALL);
    let script = "echo here; sleep 8; exit $RANK";
    let gang = site.hub.submit(&["--cpus", "1", "--replicas", "2", "--devices", "8", "--", "bash", "-c", script]);
    site.hub.job_when(&gang, |job| job["state"] == "running");
    // One that is stopped before it has started both is given longer.
    let begun = Instant::now();
    for replica in ["0", "1"] {
        while !site.hub.say(&["logs", &gang, "--replica", replica]).out.contains("here") {
            assert!(begun.elapsed() < Duration::from_secs(60), "replica {replica} begins: {}", site.agent.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    // Its replicas end, and what started them does not hear of it.
    let launchers = common::processes(&site.agent.folder, "srun");
    assert!(!launchers.is_empty(), "srun runs");
    for pid in &launchers {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(*pid), nix::sys::signal::Signal::SIGSTOP).unwrap();
    }
    let ended = site.hub.job_within(&gang, Duration::from_secs(120), |job| !job["cost_yuan"].is_null());
    assert_eq!(ended["end"], "exited with code 1", "{}", site.agent.log());
    assert!(site.agent.log().contains("what starts its replicas hangs"), "{}", site.agent.log());
}

#[test]
#[ignore = "needs Slurm"]
fn idle_nodes_sleep_and_work_wakes_them() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path(), "alpha", &Settings { power_saving: true, ..Settings::new(3, 8) });
    let policy = folder.path().join("sleepy.toml");
    std::fs::write(&policy, "base = \"default\"\nsleep_after = \"3s\"\nsleep_spare = 1\n").unwrap();
    let census = folder.path().join("census");
    std::fs::create_dir(&census).unwrap();
    std::fs::write(
        census.join("hub.toml"),
        "name = \"Sample\"\nregion = \"here\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 0\n",
    )
    .unwrap();
    std::fs::write(
        census.join("power.csv"),
        "id,scope,idle_w,device_w,core_w,asleep_w,wake_s,source,note\nnodes,*,300,500,5,10,90,sample,\n",
    )
    .unwrap();
    let census = census.to_str().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--policy", policy.to_str().unwrap(), "--census", census]);
    let token = pool_token(&hub, "alpha", "slurm");
    let agent = cluster.agent(&hub.url, &token);
    let site = Site { hub: hub.with_pool(), agent, cluster, _folder: folder };
    let asleep = || site.cluster.tool("sinfo", &["--noheader", "--states=powered_down", "--format=%D"]);
    let begun = Instant::now();
    while asleep() != "2" {
        assert!(begun.elapsed() < Duration::from_secs(60), "two of three idle nodes sleep: {}", site.cluster.tool("sinfo", &[]));
        std::thread::sleep(Duration::from_millis(200));
    }
    let nodes = || site.hub.json(&["pools", "alpha", "--nodes"])["nodes"].as_array().unwrap().clone();
    while nodes().iter().filter(|node| node["asleep"] == true).count() != 2 {
        assert!(begun.elapsed() < Duration::from_secs(70), "the hub knows: {:?}", nodes());
        std::thread::sleep(Duration::from_millis(200));
    }
    // What fits on the node that is awake goes there; a gang over all of them wakes the others, and says so.
    let small = submit(&site, &serde_json::json!({ "command": bash("sleep 1"), "cpus": 1 }));
    assert_eq!(site.hub.ended(&small)["state"], "done");
    assert_eq!(asleep(), "2");
    let gang = serde_json::json!({ "command": bash("sleep 1"), "cpus": 1, "replicas": 3, "spread": "nodes" });
    let gang = submit(&site, &gang);
    let why = || site.hub.json(&["why", &gang]);
    let begun = Instant::now();
    while why()["state"] != "placed" {
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", why());
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = why()["message"].as_str().unwrap().to_owned();
    assert!(told.contains("asleep") && told.contains("90 s"), "{told}");
    let done = site.hub.ended(&gang);
    assert_eq!(done["state"], "done", "{done} {}", site.agent.log());
    let woken = std::fs::read_to_string(site.cluster.folder.join("log/woken")).unwrap();
    assert_eq!(woken.lines().count(), 2, "{woken}");
    let begun = Instant::now();
    while asleep() != "2" {
        assert!(begun.elapsed() < Duration::from_secs(60), "they sleep again");
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(site.agent);
}
