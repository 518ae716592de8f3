//! Plain machines, each with an agent of its own, are one pool: real processes, with a folder, a keeper and a name for each.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::{Dice, Hub, kill_all, processes, run};
use serde_json::{Value, json};

/// A hub without a machine of its own, and a pool of so many.
struct Rack {
    hub: Hub,
    agents: Vec<Agent>,
    lines: PathBuf,
    folder: tempfile::TempDir,
}

impl Rack {
    fn of(hosts: usize, arguments: &[&str]) -> Rack {
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<&str> = ["--no-local"].iter().chain(arguments).copied().collect();
        let hub = Hub::start(&folder.path().join("hub"), &arguments);
        let count = hosts.to_string();
        let made = hub.say(&["access", "pool", "rack", "--provider", "sample", "--hosts", &count]);
        let tokens: Vec<&str> = made.out.lines().collect();
        assert_eq!(tokens.len(), hosts, "a token for each: {} {}", made.out, made.err);
        let agent = |(number, token): (usize, &&str)| {
            let host = format!("--host=host-{number}");
            let folder = folder.path().join(format!("host-{number}"));
            Agent::start(&hub.url, token, "rack", &folder, &[&host, "--grace=1s"])
        };
        let agents = tokens.iter().enumerate().map(agent).collect();
        let lines = folder.path().join("lines");
        let rack = Rack { hub, agents, lines, folder };
        rack.wait("every machine joins", |pool| pool["nodes"] == hosts && pool["out_of_service"] == json!({}));
        rack
    }

    fn pool(&self) -> Value {
        self.hub.json(&["pools"])["pools"][0].clone()
    }

    fn wait(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        while !holds(&self.pool()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {}", self.pool());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lines that jobs left, and how often each.
    fn lines(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for line in std::fs::read_to_string(&self.lines).unwrap_or_default().lines() {
            *all.entry(line.to_owned()).or_default() += 1;
        }
        all
    }

    fn token(&self, host: usize) -> String {
        std::fs::read_to_string(self.agents[host].folder.join("credential")).unwrap().trim().to_owned()
    }

    fn mark(&self, host: usize) -> String {
        std::fs::read_to_string(self.agents[host].folder.join("agent.id")).unwrap().trim().to_owned()
    }

    fn check(&self) {
        let audit = run(&["check", self.hub.folder.to_str().unwrap(), "--json"]);
        let audit: Value = serde_json::from_str(&audit.out).unwrap();
        assert_eq!(audit["violations"], json!([]), "{audit}");
    }
}

impl Drop for Rack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.agents.iter().for_each(|agent| eprintln!("{}:\n{}", agent.folder.display(), agent.log()));
        }
        self.agents.iter_mut().for_each(Agent::kill);
        kill_all(&processes(self.folder.path(), "shugu-keeper"));
    }
}

/// All cores of a machine, as every one of these has.
fn cores() -> String {
    std::thread::available_parallelism().unwrap().to_string()
}

#[test]
fn a_gang_runs_over_three_machines_of_one_pool() {
    let rack = Rack::of(3, &[]);
    let told = format!("echo $RANK of $WORLD_SIZE by $MASTER_ADDR; echo $SHUGU_JOB_ID $RANK >> {}", rack.lines.display());
    let gang = rack.hub.submit(&["--replicas", "3", "--cpus", &cores(), "--", "sh", "-c", &told]);
    let ended = rack.hub.ended(&gang);
    assert_eq!((&ended["state"], &ended["pool"]), (&json!("done"), &json!("rack")), "{ended}");
    assert_eq!(rack.lines().into_values().collect::<Vec<_>>(), [1, 1, 1], "each replica ran once");
    for (rank, agent) in rack.agents.iter().enumerate() {
        let said = rack.hub.say(&["logs", &gang, "--replica", &rank.to_string()]).out;
        let first = said.strip_prefix(&format!("{rank} of 3 by ")).unwrap_or_else(|| panic!("{said}"));
        assert!(first.starts_with("host-"), "the first replica is reached by its machine's name: {said}");
        let outputs = std::fs::read_dir(agent.folder.join("jobs").join(&gang)).unwrap().flatten();
        let outputs: Vec<_> = outputs.filter(|file| file.file_name().to_string_lossy().contains("stdout")).collect();
        assert_eq!(outputs.len(), 1, "a machine runs its own replica only: {outputs:?}");
    }
    // Whoever looks first is told that a job runs here.
    let own = rack.agents[0].folder.display().to_string();
    let looked = rack.hub.json(&["join", "--hub", &rack.hub.url, "--pool", "rack", "--folder", &own, "--check"]);
    let findings = looked["findings"].as_array().unwrap();
    assert!(findings.iter().any(|one| one["what"] == "test job" && one["level"] == "ok"), "{looked}");
    // One replica that fails ends the others, on other machines, and is the reason.
    let long = rack.folder.path().join("long.sh");
    std::fs::write(&long, "if [ \"$1\" = fails ] && [ $RANK = 1 ]; then sleep 1; exit 7; fi; sleep 600").unwrap();
    let long = long.to_str().unwrap();
    let gang = rack.hub.submit(&["--replicas", "3", "--cpus", &cores(), "--", "sh", long, "fails"]);
    let ended = rack.hub.ended(&gang);
    assert_eq!((&ended["state"], &ended["exit_code"]), (&json!("failed"), &json!(7)), "{ended}");
    assert_eq!(processes(rack.folder.path(), "long.sh"), Vec::<i32>::new());
    // What is cancelled is ended everywhere.
    let gang = rack.hub.submit(&["--replicas", "3", "--cpus", &cores(), "--", "sh", long]);
    rack.hub.job_when(&gang, |job| job["state"] == "running");
    assert_eq!(processes(rack.folder.path(), "long.sh").len(), 3);
    assert_eq!(rack.hub.say(&["cancel", &gang]).code, 0);
    assert_eq!(rack.hub.ended(&gang)["state"], "cancelled");
    assert_eq!(processes(rack.folder.path(), "long.sh"), Vec::<i32>::new());
    assert_eq!(rack.pool()["cores_held"], 0.0);
    rack.check();
}

#[test]
fn a_machine_that_falls_silent_takes_its_jobs_with_it_and_no_others() {
    let mut rack = Rack::of(2, &["--lost-after", "6s"]);
    let most = (cores().parse::<f64>().unwrap() * 0.75).to_string();
    let both = ["--replicas", "2", "--cpus", &most];
    let long = rack.folder.path().join("long.sh");
    std::fs::write(&long, "sleep 600").unwrap();
    let gang = rack.hub.submit(&[&both[..], &["--retries", "1", "--", "sh", long.to_str().unwrap()]].concat());
    let near = rack.hub.submit(&["--cpus", "0.5", "--", "sleep", "600"]);
    let far = rack.hub.submit(&["--cpus", &cores(), "--", "true"]);
    rack.hub.job_when(&gang, |job| job["state"] == "running");
    let near_at = rack.hub.job_when(&near, |job| job["state"] == "running");
    let silent = match rack.agents[1].folder.join("jobs").join(&near).exists() {
        true => 0,
        false => 1,
    };
    // Its keeper goes on without it: the machine is cut off, not dead.
    rack.agents[silent].kill();
    rack.wait("it is said to be silent", |pool| pool["out_of_service"][format!("host-{silent}")] == "its agent is silent");
    assert_eq!(rack.pool()["contact"], true, "the pool is in touch by the other");
    let waits = rack.hub.json(&["why", &far]).to_string();
    assert!(waits.contains("cores"), "{waits}");
    let lost = rack.hub.job_within(&gang, Duration::from_secs(60), |job| job["state"] == "waiting");
    assert_eq!(lost["state"], "waiting", "it is tried again");
    assert_eq!(rack.hub.json(&["job", &near])["started_at"], near_at["started_at"], "its neighbour's job goes on");
    // The machine is back: what it ran for the hub is over, and it takes work again.
    rack.agents[silent].restart();
    rack.wait("it is back", |pool| pool["out_of_service"] == json!({}));
    let again = rack.hub.submit(&[&both[..], &["--", "true"]].concat());
    assert_eq!(rack.hub.ended(&again)["state"], "done");
    assert_eq!(rack.hub.say(&["cancel", &near]).code, 0);
    assert_eq!(rack.hub.ended(&far)["state"], "done");
    rack.hub.say(&["cancel", &gang]);
    rack.hub.ended(&gang);
    assert_eq!(processes(rack.folder.path(), "long.sh"), Vec::<i32>::new(), "nothing of the gang goes on");
    rack.check();
}

#[test]
fn every_replica_runs_once_while_agents_and_hub_are_killed() {
    let mut rack = Rack::of(3, &[]);
    let note = format!("echo $SHUGU_JOB_ID $RANK >> {}; sleep 0.2", rack.lines.display());
    let job = |replicas: u32| format!("- command: [sh, -c, '{note}']\n  cpus: 0.25\n  replicas: {replicas}\n");
    let file = rack.folder.path().join("batch.yaml");
    std::fs::write(&file, (0..60).map(|number| job(1 + number % 4)).collect::<String>()).unwrap();
    let made = rack.hub.json(&["submit", file.to_str().unwrap()]);
    let ids: Vec<String> = made["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    let mut dice = Dice(0x5eed_0003);
    for _ in 0..12 {
        std::thread::sleep(Duration::from_millis(100 + dice.below(400)));
        match dice.below(4) {
            3 => rack.hub.kill_and_restart(),
            host => {
                rack.agents[host as usize].kill();
                rack.agents[host as usize].restart();
            }
        }
    }
    let mut wanted = BTreeMap::new();
    for (number, id) in ids.iter().enumerate() {
        let ended = rack.hub.ended(id);
        assert_eq!(ended["state"], "done", "{ended}");
        wanted.extend((0..1 + number % 4).map(|rank| (format!("{id} {rank}"), 1)));
    }
    assert_eq!(rack.lines(), wanted);
    rack.check();
}

#[test]
fn an_agent_speaks_for_its_own_machine_only() {
    let rack = Rack::of(2, &[]);
    let alone = rack.hub.submit(&["--cpus", "0.1", "--", "sleep", "600"]);
    rack.hub.job_when(&alone, |job| job["state"] == "running");
    let at = usize::from(!rack.agents[0].folder.join("jobs").join(&alone).exists());
    let (own, other) = (at, 1 - at);
    let post = |path: &str, token: &str, mark: &str, host: &str, body: Value| {
        let request = ureq::post(format!("{}{path}", rack.hub.url)).config().http_status_as_error(false).build();
        let request = request.header("authorization", format!("Bearer {token}"));
        let mut answer = request.header("x-shugu-agent", mark).header("x-shugu-host", host).send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    let end = json!({ "reports": [[1, { "Ended": [{ "Exited": 0 }, { "run": 1, "cpu": 0, "peak_memory": 0, "energy": 0, "energy_source": "unknown" }] }]] });
    // A secret is good for the agent that it was made for.
    let (code, told) = post("/v1/agent/reports", &rack.token(other), &rack.mark(own), "x", end.clone());
    assert_eq!(code, 403, "{told}");
    // What another machine runs is none of its business.
    let (code, told) = post("/v1/agent/reports", &rack.token(other), &rack.mark(other), "x", end);
    assert!(code == 200 && told.contains("is not placed in"), "{code} {told}");
    // Nor may it say that it is the other machine, which is in touch.
    let node = json!({ "name": format!("host-{own}"), "model": null, "devices": 0, "cpu": 64_000, "memory": 0 });
    let hello = json!({ "version": "0", "executor": "local", "nodes": [node], "shares": true });
    let (code, told) = post("/v1/agent/hello", &rack.token(other), &rack.mark(other), &format!("host-{own}"), hello.clone());
    assert_eq!(code, 400, "{told}");
    // Nor may one that joins later.
    let made = rack.hub.json(&["access", "pool", "rack", "--provider", "sample"]);
    let secret = format!("shugu_{:0>64}", "0123456789abcdef77");
    let join = json!({ "credential": secret });
    assert_eq!(post("/v1/agent/join", made["token"].as_str().unwrap(), "thief", "x", join).0, 200);
    let (code, told) = post("/v1/agent/hello", &secret, "thief", &format!("host-{own}"), hello);
    assert_eq!(code, 409, "{told}");
    assert_eq!(rack.hub.json(&["job", &alone])["state"], "running");
    let (_, told) = post(
        "/v1/agent/hello",
        &rack.token(own),
        &rack.mark(own),
        "x",
        json!({ "version": "0", "executor": "slurm", "nodes": [] }),
    );
    assert!(told.contains("another agent serves rack"), "a cluster is no machine of a rack: {told}");
    rack.hub.say(&["cancel", &alone]);
}

#[test]
fn a_pool_that_one_agent_served_goes_on_where_its_machine_has_an_agent_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let own = folder.path().join("agent");
    std::fs::create_dir_all(&own).unwrap();
    // As the release before did it: one agent for all of the pool.
    let made = hub.json(&["access", "pool", "rack", "--provider", "sample"]);
    let post = |path: &str, token: &str, body: Value| {
        let request = ureq::post(format!("{}{path}", hub.url)).header("authorization", format!("Bearer {token}"));
        request.header("x-shugu-agent", "mark-of-before").send_json(body).unwrap();
    };
    let secret = format!("shugu_{:0>64}", "0123456789abcdef78");
    post("/v1/agent/join", made["token"].as_str().unwrap(), json!({ "credential": secret }));
    let node = json!({ "name": "host-0", "model": null, "devices": 0, "cpu": 1000, "memory": 0 });
    post("/v1/agent/hello", &secret, json!({ "version": "0", "executor": "slurm", "nodes": [node] }));
    let job = hub.submit(&["--cpus", "0.5", "--", "true"]);
    hub.job_when(&job, |job| job["state"] == "placed");
    std::fs::write(own.join("agent.id"), "mark-of-before").unwrap();
    std::fs::write(own.join("credential"), &secret).unwrap();
    let mut agent = Agent::start(&hub.url, "", "rack", &own, &["--host=host-0"]);
    // It knows nothing of what ran there before, and says so itself: it was not taken for silent.
    assert_eq!(hub.ended(&job)["end"], "was lost: its machine restarted, or another agent took its pool over", "{}", agent.log());
    let next = hub.submit(&["--cpus", "0.5", "--", "true"]);
    assert_eq!(hub.ended(&next)["state"], "done");
    assert_eq!(hub.json(&["pools"])["pools"][0]["nodes"], 1);
    agent.kill();
    kill_all(&processes(folder.path(), "shugu-keeper"));
}
