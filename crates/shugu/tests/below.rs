//! A hub joins another hub as a provider: two hubs, and three, with real agents and real processes below.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::wire::Wire;
use common::{Dice, Hub, kill_all, processes, run};
use serde_json::{Value, json};

/// A hub with one machine of its own, of four accelerators that nobody has.
struct Province {
    hub: Hub,
    machine: Agent,
}

impl Province {
    fn start(folder: &Path) -> Province {
        let hub = Hub::start(&folder.join("province"), &["--no-local"]);
        let made = hub.json(&["access", "pool", "gui-1", "--provider", "gui"]);
        let arguments = ["--host=secret-node", "--devices=4", "--device-model=H800", "--grace=1s"];
        let machine = Agent::start(&hub.url, made["token"].as_str().unwrap(), "gui-1", &folder.join("machine"), &arguments);
        Province { hub: hub.with_pool(), machine }
    }
}

/// A token of a tenant of a hub, in a file.
fn token_of(hub: &Hub, tenant: &str, folder: &Path) -> PathBuf {
    let made = hub.json(&["access", "token", "tenant", tenant]);
    let file = folder.join(format!("{tenant}.token"));
    std::fs::write(&file, made["token"].as_str().unwrap()).unwrap();
    file
}

/// An agent that lets a hub join another one as a pool.
fn join(above: &Hub, pool: &str, below: &str, token: &Path, folder: &Path) -> Agent {
    let made = above.json(&["access", "pool", pool, "--provider", "gui-province", "--executor", "hub"]);
    let token = token.to_str().unwrap();
    let arguments = ["--executor", "hub", "--below", below, "--below-token-file", token, "--grace=1s"];
    Agent::start(&above.url, made["token"].as_str().unwrap(), pool, folder, &arguments)
}

/// A national hub over a provincial one.
struct Nation {
    hub: Hub,
    agent: Agent,
    /// Between the agent and the hub below.
    wire: Wire,
    province: Province,
    folder: tempfile::TempDir,
}

impl Nation {
    fn start(arguments: &[&str]) -> Nation {
        let folder = tempfile::tempdir().unwrap();
        let province = Province::start(folder.path());
        let token = token_of(&province.hub, "national", folder.path());
        let arguments: Vec<&str> = ["--no-local"].iter().chain(arguments).copied().collect();
        let hub = Hub::start(&folder.path().join("nation"), &arguments);
        let wire = Wire::to(province.hub.url.trim_start_matches("http://"));
        let agent = join(&hub, "province", &wire.url(), &token, &folder.path().join("agent"));
        let nation = Nation { hub: hub.with_pool(), agent, wire, province, folder };
        nation.wait("it is seen what there is below", |pool| pool["devices"] == 4);
        nation
    }

    fn pool(&self) -> Value {
        self.hub.json(&["pools"])["pools"][0].clone()
    }

    fn wait(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        while !holds(&self.pool()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {}\n{}", self.pool(), self.agent.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Jobs below, newest first.
    fn below(&self) -> Vec<Value> {
        self.province.hub.json(&["jobs", "--limit", "1000"])["jobs"].as_array().unwrap().clone()
    }

    fn lines(&self) -> PathBuf {
        self.folder.path().join("lines")
    }

    fn mark(&self) -> String {
        std::fs::read_to_string(self.agent.folder.join("agent.id")).unwrap().trim().chars().take(16).collect()
    }

    /// Both hubs' journals are sound, and what one owes its provider is what the other is owed by its tenant, attempt by attempt.
    fn check(&self) {
        for hub in [&self.hub, &self.province.hub] {
            let audit = run(&["check", hub.folder.to_str().unwrap(), "--json"]);
            let audit: Value = serde_json::from_str(&audit.out).unwrap();
            assert_eq!(audit["violations"], json!([]), "{audit}");
        }
        let charges =
            |hub: &Hub, whose: &str| hub.get(&format!("/v1/charges?limit=1000&{whose}"))["charges"].as_array().unwrap().clone();
        let amounts = |charge: &Value| {
            ["device_hours", "core_hours", "energy_kwh", "energy_source", "run_s"].map(|field| charge[field].clone()).to_vec()
        };
        let mark = self.mark();
        let above = charges(&self.hub, "provider=gui-province").into_iter().map(|charge| {
            let job = charge["job"].as_str().unwrap().trim_start_matches("job-").to_owned();
            (format!("shugu-{mark}-{job}.{}", charge["attempt"]), amounts(&charge))
        });
        let below = charges(&self.province.hub, "tenant=national");
        let below = below.iter().map(|charge| (charge["job_name"].as_str().unwrap().to_owned(), amounts(charge)));
        let (mut above, below): (BTreeMap<_, _>, BTreeMap<_, _>) = (above.collect(), below.collect());
        assert!(!below.is_empty());
        // What never came to the hub below has used nothing.
        above.retain(|name, amounts| below.contains_key(name) || amounts[4] != 0.0);
        assert_eq!(above, below);
        let sums = |hub: &Hub, whose: [&str; 2]| -> Vec<Value> {
            let lines = hub.json(&["statement", whose[0], whose[1]])["lines"].clone();
            let sum = |field: &str| lines.as_array().unwrap().iter().map(|line| line[field].as_f64().unwrap()).sum::<f64>();
            ["device_hours", "core_hours", "energy_kwh"].map(|field| json!(format!("{:.12}", sum(field)))).to_vec()
        };
        assert_eq!(
            sums(&self.hub, ["--provider", "gui-province"]),
            sums(&self.province.hub, ["--tenant", "national"]),
            "what the national hub owes and what the provincial one is owed are of the same jobs"
        );
    }
}

impl Drop for Nation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the agent between\n{}\n--- the machine\n{}", self.agent.log(), self.province.machine.log());
        }
        self.agent.kill();
        self.province.machine.kill();
        kill_all(&processes(self.folder.path(), "shugu-keeper"));
    }
}

#[test]
fn a_job_placed_above_runs_below_and_what_it_says_and_uses_comes_up() {
    let nation = Nation::start(&[]);
    let (above, below) = (&nation.hub, &nation.province.hub);
    let nodes = above.get("/v1/pools/province/nodes");
    assert_eq!((&nodes["nodes"][0]["model"], &nodes["nodes"][0]["devices"]), (&json!("H800"), &json!(4)), "{nodes}");
    let script = "echo rank $RANK of $WORLD_SIZE on $CUDA_VISIBLE_DEVICES; echo bad >&2; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3";
    let job = [
        "--tenant",
        "llm-lab",
        "--devices",
        "2",
        "--cpus",
        "0.5",
        "--memory",
        "64MiB",
        "--name",
        "secret-name",
        "--",
        "sh",
        "-c",
        script,
    ];
    let id = above.submit(&job);
    let ended = above.ended(&id);
    assert_eq!(
        (&ended["state"], &ended["exit_code"], &ended["pool"]),
        (&json!("failed"), &json!(3), &json!("province")),
        "{ended}"
    );
    assert!(above.say(&["logs", &id]).out.starts_with("rank 0 of 1 on "), "{}", nation.agent.log());
    assert_eq!(above.say(&["logs", &id, "--stderr"]).out, "bad\n");
    assert_eq!(above.say(&["logs", &id, "--stderr", "--tail", "2"]).out, "d\n");
    let one = &nation.below()[0];
    for field in ["run_s", "cpu_s", "peak_memory_bytes", "energy_kwh", "energy_source", "exit_code", "end"] {
        assert_eq!(ended[field], one[field], "{field}: {ended} {one}");
    }
    assert!(ended["cpu_s"].as_f64().unwrap() > 0.0, "{ended}");
    // Every end comes up as what it is.
    let ends = [
        (&["--", "true"][..], "done", Value::Null),
        (&["--time-limit", "1s", "--", "sleep", "600"], "failed", json!("ran longer than its time limit")),
        (&["--", "sh", "-c", "kill -9 $$"], "failed", json!("was ended by signal 9")),
        (&["--", "/no/such/program"], "failed", Value::Null),
    ];
    for (arguments, state, end) in ends {
        let id = above.submit(&[&["--cpus", "0.1"], arguments].concat());
        let ended = above.ended(&id);
        assert_eq!(ended["state"], state, "{ended}");
        assert!(end.is_null() || ended["end"] == end, "{ended}");
    }
    let told = above.json(&["jobs", "--limit", "1"])["jobs"][0]["end"].clone();
    assert!(told.as_str().unwrap().starts_with("could not be started: "), "{told}");
    // Cancelled above, it is ended below.
    let long = above.submit(&["--cpus", "0.1", "--", "sleep", "602"]);
    above.job_when(&long, |job| job["state"] == "running");
    assert_eq!(above.say(&["cancel", &long]).code, 0);
    assert_eq!(above.ended(&long)["state"], "cancelled");
    assert_eq!(nation.below()[0]["state"], "cancelled");
    // Ended below by its operator, it is lost above, and says so.
    let long = above.submit(&["--cpus", "0.1", "--", "sleep", "603"]);
    above.job_when(&long, |job| job["state"] == "running");
    below.say(&["cancel", nation.below()[0]["id"].as_str().unwrap()]);
    let lost = above.ended(&long);
    assert_eq!(lost["end"], "was lost: the cluster manager, or somebody at the cluster, ended it", "{lost}");
    assert_eq!(nation.pool()["cores_held"], 0.0);
    nation.check();
}

#[test]
fn what_others_have_below_is_not_given_above_and_a_wait_below_says_why() {
    let nation = Nation::start(&[]);
    let (above, below) = (&nation.hub, &nation.province.hub);
    let other = below.submit(&["--tenant", "secret-tenant", "--name", "secret-job", "--devices", "3", "--", "sleep", "600"]);
    nation.wait("others' devices are seen", |pool| pool["devices_others"] == 3);
    let wide = above.submit(&["--devices", "2", "--", "true"]);
    let why = above.json(&["why", &wide]);
    assert_eq!((&why["state"], &why["pools"][0]["fits"]), (&json!("waiting"), &json!(0)), "{why}");
    let one = above.submit(&["--devices", "1", "--", "sleep", "600"]);
    above.job_when(&one, |job| job["state"] == "running");
    assert_eq!(
        (&nation.pool()["devices_others"], &nation.pool()["devices_held"]),
        (&json!(3), &json!(1)),
        "its own is not others'"
    );
    // What it may hold at most is all that it is lent.
    assert_eq!(below.say(&["cancel", &other]).code, 0);
    let waited = above.ended(&wide);
    assert_eq!(waited["state"], "done", "{waited}");
    assert_eq!(below.say(&["tenant", "national", "--most", "2"]).code, 0);
    nation.wait("no more is lent than it may hold", |pool| pool["devices_others"] == 2);
    assert_eq!(below.say(&["tenant", "national", "--no-most"]).code, 0);
    nation.wait("all is lent again", |pool| pool["devices_others"] == 0);
    // A closed node takes nothing and says why.
    assert_eq!(below.say(&["cordon", "gui-1", "--reason", "secret-reason"]).code, 0);
    nation.wait("closed below", |pool| pool["out_of_service"]["secret-node"] == "cordoned at the hub below");
    assert_eq!(below.say(&["open", "gui-1"]).code, 0);
    nation.wait("open below", |pool| pool["out_of_service"] == json!({}));
    assert_eq!(above.say(&["cancel", &one]).code, 0);
    above.ended(&one);
    // What is not shown to tenants below may keep a job waiting there: above it is told why.
    assert_eq!(below.say(&["limit", "gui-1", "--most", "0"]).code, 0);
    let waits = above.submit(&["--devices", "1", "--", "true"]);
    let told = above.job_when(&waits, |job| job["note"].is_string())["note"].clone();
    assert!(told.as_str().unwrap().starts_with("the hub below has not started it: "), "{told}");
    assert!(above.json(&["why", &waits])["message"].as_str().unwrap().contains(told.as_str().unwrap()));
    assert_eq!(above.json(&["job", &waits])["state"], "placed");
    assert_eq!(below.say(&["limit", "gui-1", "--no-most"]).code, 0);
    assert_eq!(above.ended(&waits)["state"], "done");
    // Without money there nothing is lent.
    assert_eq!(below.say(&["budget", "national", "--amount", "0"]).code, 0);
    nation.wait("no money", |pool| pool["out_of_service"]["secret-node"] == "the budget at the hub below is spent");
    assert_eq!(below.say(&["budget", "national", "--none"]).code, 0);
    nation.wait("money", |pool| pool["out_of_service"] == json!({}));
    nation.check();
}

#[test]
fn neither_hub_learns_what_is_the_others() {
    let nation = Nation::start(&[]);
    let (above, below) = (&nation.hub, &nation.province.hub);
    let hidden = below.submit(&["--tenant", "hidden-tenant", "--name", "hidden-job", "--cpus", "0.1", "--", "sleep", "600"]);
    let job =
        above.submit(&["--tenant", "covert-lab", "--name", "covert-name", "--cpus", "0.1", "--", "sh", "-c", "env; sleep 600"]);
    above.job_when(&job, |job| job["state"] == "running");
    let one = nation.below().into_iter().find(|job| job["tenant"] == "national").unwrap();
    assert_eq!(one["name"], format!("shugu-{}-1.1", nation.mark()), "{one}");
    // All that the hub below knows of it, its program's environment included.
    let id = one["id"].as_str().unwrap();
    let bundle = below.get(&format!("/v1/jobs/{id}/bundle")).to_string();
    let known =
        [bundle, below.say(&["logs", id]).out, below.json(&["jobs"]).to_string(), below.get("/v1/tenants").to_string()].concat();
    assert!(known.contains("SHUGU_TENANT=national"), "{known}");
    assert!(!known.contains("covert"), "{known}");
    // All that the hub above knows.
    let known = [
        above.get("/v1/pools").to_string(),
        above.get("/v1/pools/province/nodes").to_string(),
        above.json(&["job", &job]).to_string(),
        above.json(&["why", &job]).to_string(),
        above.json(&["job", &job, "--history"]).to_string(),
        std::fs::read_dir(&nation.agent.folder).unwrap().map(|entry| format!("{:?}", entry.unwrap().file_name())).collect(),
        nation.agent.log(),
    ]
    .concat();
    assert!(!known.contains("hidden"), "{known}");
    // Nor may whoever has the tenant's token look at others below.
    let token = std::fs::read_to_string(nation.folder.path().join("national.token")).unwrap();
    assert_eq!(below.say_as(&token, &["job", &hidden]).code, 3);
    assert_eq!(below.say(&["cancel", &hidden]).code, 0);
    assert_eq!(above.say(&["cancel", &job]).code, 0);
    above.ended(&job);
}

#[test]
fn each_job_runs_once_while_the_agent_and_the_hubs_are_killed() {
    let mut nation = Nation::start(&[]);
    let lines = nation.lines();
    let file = nation.folder.path().join("batch.yaml");
    let job = |number: usize| {
        let replicas = 1 + number % 2;
        format!(
            "- command: [sh, -c, 'echo {number} $RANK >> {}; sleep 0.5']\n  cpus: 0.1\n  replicas: {replicas}\n",
            lines.display()
        )
    };
    std::fs::write(&file, (0..90).map(job).collect::<String>()).unwrap();
    let made = nation.hub.json(&["submit", file.to_str().unwrap()]);
    let ids: Vec<String> = made["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    let mut dice = Dice(0x5eed_0025);
    let mut strikes = 0;
    let live = |nation: &Nation| {
        let counts = nation.hub.get("/v1/hub");
        counts["waiting"].as_u64().unwrap() + counts["placed"].as_u64().unwrap() > 0
    };
    while live(&nation) && strikes < 40 {
        strikes += 1;
        std::thread::sleep(Duration::from_millis(100 + dice.below(500)));
        match dice.below(5) {
            0 => nation.hub.kill_and_restart(),
            1 => nation.province.hub.kill_and_restart(),
            // What was on its way is lost, and so are answers.
            2 => {
                nation.wire.cut();
                std::thread::sleep(Duration::from_millis(dice.below(200)));
                nation.wire.mend();
            }
            _ => {
                nation.agent.kill();
                std::thread::sleep(Duration::from_millis(dice.below(300)));
                nation.agent.restart();
            }
        }
    }
    let mut wanted = BTreeMap::new();
    for (number, id) in ids.iter().enumerate() {
        let ended = nation.hub.job_within(id, Duration::from_secs(120), |job| !job["cost_yuan"].is_null());
        assert_eq!(ended["state"], "done", "{ended}");
        wanted.extend((0..1 + number % 2).map(|rank| (format!("{number} {rank}"), 1)));
    }
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&lines).unwrap().lines() {
        *ran.entry(line.to_owned()).or_default() += 1;
    }
    assert_eq!(ran, wanted);
    assert_eq!(nation.below().len(), ids.len(), "one job below for each above");
    assert!(strikes >= 10, "{strikes} strikes");
    eprintln!("{} jobs, {} replicas ran once, {strikes} strikes", ids.len(), wanted.len());
    nation.check();
}

#[test]
fn what_runs_below_is_ended_when_the_hub_above_is_away_for_its_lease() {
    let mut nation = Nation::start(&["--lost-after", "9s"]);
    let job = nation.hub.submit(&["--retries", "1", "--cpus", "0.1", "--", "sleep", "604"]);
    nation.hub.job_when(&job, |job| job["state"] == "running");
    nation.hub.kill();
    let begun = Instant::now();
    while nation.below()[0]["state"] != "cancelled" {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", nation.below()[0]);
        std::thread::sleep(Duration::from_millis(100));
    }
    nation.hub.kill_and_restart();
    // It is tried again, since it was lost and not cancelled.
    let again = nation.hub.job_within(&job, Duration::from_secs(60), |job| job["state"] == "waiting");
    assert_eq!(again["ended_at"], Value::Null, "{again}");
    assert_eq!(nation.hub.say(&["cancel", &job]).code, 0);
    nation.hub.ended(&job);
    nation.check();
}

#[test]
fn what_runs_below_is_ended_when_its_agent_is_dead_before_the_hub_above_takes_it_for_lost() {
    let mut nation = Nation::start(&["--lost-after", "12s"]);
    let lines = nation.lines();
    let script = format!("echo begun >> {}; sleep 605", lines.display());
    let job = nation.hub.submit(&["--retries", "1", "--cpus", "0.1", "--", "sh", "-c", &script]);
    nation.hub.job_when(&job, |job| job["state"] == "running");
    nation.agent.kill();
    // Hubs below that are started anew give it as long as ever, and forget nothing.
    nation.province.hub.kill_and_restart();
    nation.hub.job_within(&job, Duration::from_secs(60), |job| job["state"] == "waiting");
    assert_eq!(nation.below()[0]["state"], "cancelled", "it is over below when it may begin elsewhere");
    assert_eq!(processes(nation.folder.path(), "sleep 605"), Vec::<i32>::new());
    nation.agent.restart();
    nation.hub.job_within(&job, Duration::from_secs(90), |job| job["state"] == "running");
    assert_eq!(std::fs::read_to_string(&lines).unwrap().lines().count(), 2, "two attempts, one after the other");
    assert_eq!(nation.hub.say(&["cancel", &job]).code, 0);
    nation.hub.ended(&job);
}

#[test]
fn an_agent_that_is_cut_off_from_the_hub_below_loses_its_lease_there_and_nothing_runs_twice() {
    let nation = Nation::start(&["--lost-after", "9s"]);
    let lines = nation.lines();
    let script = format!("echo begun >> {}; sleep 606", lines.display());
    let job = nation.hub.submit(&["--retries", "1", "--cpus", "0.1", "--", "sh", "-c", &script]);
    nation.hub.job_when(&job, |job| job["state"] == "running");
    nation.wire.cut();
    let begun = Instant::now();
    while nation.below()[0]["state"] != "cancelled" {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", nation.below()[0]);
        std::thread::sleep(Duration::from_millis(100));
    }
    // Above it has its place for as long as nobody can say what became of it.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(nation.hub.json(&["job", &job])["state"], "running");
    nation.wire.mend();
    let lost = nation.hub.job_when(&job, |job| job["state"] == "waiting");
    assert_eq!(lost["ended_at"], Value::Null, "{lost}");
    assert_eq!(std::fs::read_to_string(&lines).unwrap().lines().count(), 1);
    assert_eq!(nation.hub.say(&["cancel", &job]).code, 0);
    nation.hub.ended(&job);
    nation.check();
}

#[test]
fn a_hub_below_that_is_away_has_nothing_to_give_and_loses_nothing() {
    let mut nation = Nation::start(&[]);
    let job = nation.hub.submit(&["--cpus", "0.1", "--", "sh", "-c", "sleep 4; echo done"]);
    nation.hub.job_when(&job, |job| job["state"] == "running");
    nation.province.hub.kill();
    nation.wait("it is seen to be away", |pool| pool["out_of_service"]["secret-node"] == "the hub below is away");
    let waits = nation.hub.submit(&["--cpus", "0.1", "--", "true"]);
    assert_eq!(nation.hub.json(&["job", &job])["state"], "running", "what runs below is not lost by that");
    assert_eq!(nation.hub.json(&["job", &waits])["state"], "waiting");
    nation.province.hub.kill_and_restart();
    assert_eq!(nation.hub.ended(&job)["state"], "done");
    assert_eq!(nation.hub.say(&["logs", &job]).out, "done\n");
    assert_eq!(nation.hub.ended(&waits)["state"], "done");
    nation.check();
}

#[test]
fn a_hub_below_a_hub_below_a_hub() {
    let nation = Nation::start(&[]);
    let folder = nation.folder.path();
    let world = Hub::start(&folder.join("world"), &["--no-local"]);
    let token = token_of(&nation.hub, "worldwide", folder);
    let mut agent = join(&world, "nation", &nation.hub.url, &token, &folder.join("agent-of-the-world"));
    let world = world.with_pool();
    let job = world.submit(&["--devices", "2", "--cpus", "0.1", "--", "sh", "-c", "echo from far; exit 5"]);
    let ended = world.ended(&job);
    assert_eq!((&ended["exit_code"], &ended["pool"]), (&json!(5), &json!("nation")), "{ended} {}", agent.log());
    assert_eq!(world.say(&["logs", &job]).out, "from far\n");
    let below = nation.below()[0].clone();
    for field in ["run_s", "cpu_s", "energy_kwh", "energy_source"] {
        assert_eq!(ended[field], below[field], "{field}");
    }
    agent.kill();
    nation.check();
}

#[test]
fn a_provider_sees_before_it_joins_what_would_be_lent_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut province = Province::start(folder.path());
    let token = token_of(&province.hub, "national", folder.path());
    let operator = folder.path().join("operator.token");
    std::fs::write(&operator, province.hub.token()).unwrap();
    let above = Hub::start(&folder.path().join("nation"), &["--no-local"]);
    let made = above.json(&["access", "pool", "province", "--provider", "gui-province", "--executor", "hub"]);
    let own = folder.path().join("agent").display().to_string();
    let survey = |token: &Path, more: &[&str]| {
        let (token, joining) = (token.to_str().unwrap(), made["token"].as_str().unwrap());
        let how = ["join", "--hub", &above.url, "--pool", "province", "--executor", "hub", "--folder", &own, "--check"];
        above.say_as(joining, &[&how[..], &["--below", &province.hub.url, "--below-token-file", token], more].concat())
    };
    let said = survey(&token, &[]);
    for told in
        ["ok    tenant      national", "ok    pool below  gui-1", "4 devices", "ok    trial       a job of one core would start"]
    {
        assert!(said.out.contains(told), "{told}: {} {}", said.out, said.err);
    }
    assert_eq!(said.code, 0);
    // What would be wrong is said before anything is joined.
    let said = survey(&operator, &[]);
    assert!(said.code == 1 && said.out.contains("the token is of role operator"), "{} {}", said.out, said.err);
    let said = survey(&token, &["--below-pool", "gui-2"]);
    assert!(said.code == 1 && said.out.contains("no pool gui-2; there are gui-1"), "{}", said.out);
    let said = survey(&folder.path().join("none"), &[]);
    assert!(said.code == 2 && said.err.contains("there is no such file"), "{}", said.err);
    let joining = made["token"].as_str().unwrap();
    let said = above
        .say_as(joining, &["join", "--hub", &above.url, "--pool", "province", "--executor", "hub", "--folder", &own, "--check"]);
    assert!(said.code == 2 && said.err.contains("--below and --below-token-file"), "{}", said.err);
    province.machine.kill();
    kill_all(&processes(folder.path(), "shugu-keeper"));
}

#[test]
fn what_cannot_be_passed_on_is_refused_in_words_and_what_can_is() {
    let nation = Nation::start(&[]);
    let (above, below) = (&nation.hub, &nation.province.hub);
    let file = nation.folder.path().join("corpus");
    std::fs::write(&file, "words\n").unwrap();
    let at = |pool: &str| format!("{pool}={}", file.display());
    let set = |hub: &Hub, name: &str, size: &str, pool: &str| {
        assert_eq!(hub.say(&["data", "set", name, "--size", size, "--at", &at(pool)]).code, 0);
    };
    set(above, "corpus", "6", "province");
    set(below, "corpus", "6", "gui-1");
    set(above, "other", "6", "province");
    let out = nation.folder.path().join("out");
    std::fs::create_dir_all(&out).unwrap();
    let output = format!("result={}/", out.display());
    let script = "cat $SHUGU_INPUT_CORPUS > result";
    let good = above.submit(&["--cpus", "0.1", "--input", "corpus", "--output", &output, "--", "sh", "-c", script]);
    assert_eq!(above.ended(&good)["state"], "done", "{}", above.json(&["job", &good]));
    assert_eq!(std::fs::read_to_string(out.join("result")).unwrap(), "words\n", "it is delivered by the agent below");
    let unknown = above.submit(&["--cpus", "0.1", "--input", "other", "--", "true"]);
    let told = above.ended(&unknown)["end"].clone();
    let expected =
        "could not be started: its input other cannot be had: the hub below has no data of this name, size and checksum";
    assert_eq!(told, expected);
    let tasks = nation.folder.path().join("apart.yaml");
    std::fs::write(&tasks, "command: [\"true\"]\ncpus: 0.1\narray: 2\napart: nodes\n").unwrap();
    let task = above.json(&["submit", tasks.to_str().unwrap()]);
    let told = above.ended(task["id"].as_str().unwrap_or("job-3"))["end"].clone();
    assert!(told.as_str().unwrap().contains("may not meet on a node"), "{told}");
    nation.check();
}
