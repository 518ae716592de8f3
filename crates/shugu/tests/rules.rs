//! What operators and providers lay down holds: terms of tenants, limits of pools, closings. And nobody else may.

mod common;

use common::{Hub, Said, kill_all, processes, run};
use serde_json::{Value, json};

fn token(hub: &Hub, role: &str, subject: &str) -> String {
    hub.json(&["access", "token", role, subject])["token"].as_str().unwrap().to_owned()
}

fn json_as(hub: &Hub, token: &str, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let said = hub.say_as(token, &arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

/// A pool with devices that do not exist: a place is given there, and nothing is ever started.
fn join_pool(hub: &Hub, name: &str, provider: &str, devices: u32) {
    let secret = hub.join_pool(name, provider);
    let node = json!({ "name": "n1", "model": "H800 SXM5 80GB", "devices": devices, "cpu": 64_000, "memory": 1_u64 << 36 });
    let hello = json!({ "version": "0", "executor": "local", "nodes": [node] });
    let request = ureq::post(format!("{}/v1/agent/hello", hub.url)).header("x-shugu-agent", name);
    request.header("authorization", format!("Bearer {secret}")).send_json(hello).unwrap();
}

/// The same of four nodes, of the third of which others use something.
fn join_four(hub: &Hub, name: &str, provider: &str) {
    let secret = hub.join_pool(name, provider);
    let node = |at: u32| json!({ "name": format!("n{at}"), "model": "H800 SXM5 80GB", "devices": 8, "cpu": 64_000, "memory": 1_u64 << 36 });
    let others = json!([["n3", { "node": 2, "devices": 1, "cpu": 1000, "reason": "down: a fan" }]]);
    let nodes: Vec<Value> = (1..=4).map(node).collect();
    let hello = json!({ "version": "0", "executor": "slurm", "nodes": nodes, "others": others });
    let request = ureq::post(format!("{}/v1/agent/hello", hub.url)).header("x-shugu-agent", name);
    request.header("authorization", format!("Bearer {secret}")).send_json(hello).unwrap();
}

fn reason(hub: &Hub, job: &str) -> Value {
    hub.json(&["why", job])["reason"]["code"].clone()
}

/// The first pool's reason in `why`.
fn short(hub: &Hub, job: &str) -> Value {
    hub.json(&["why", job])["pools"][0]["reason"]["code"].clone()
}

fn names(list: &Value) -> Vec<&str> {
    list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap()).collect()
}

fn check(said: &Said, code: i32, message: &str) {
    assert_eq!((said.code, said.err.trim()), (code, format!("error: {message}").as_str()));
}

#[test]
fn terms_are_stored_shown_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let hub = Hub::start(&data, &["--no-local"]);
    assert_eq!(hub.say(&["tenant", "gui-lab"]).code, 3, "nobody is let in by a look");
    let made = hub.json(&["tenant", "gui-lab", "--weight", "3", "--guaranteed", "16", "--most", "64"]);
    let expected = json!({
        "name": "gui-lab", "parent": null, "weight": 3, "guaranteed": 16, "most": 64, "patience": null,
        "devices_held": 0.0, "used_device_hours": 0.0, "share": null, "due": 1.0,
    });
    assert_eq!(made, expected);
    hub.json(&["tenant", "llm", "--parent", "gui-lab"]);
    hub.json(&["tenant", "farm", "--weight", "1"]);
    // What is not said stays as it is.
    let changed = hub.json(&["tenant", "gui-lab", "--weight", "1", "--no-most"]);
    assert_eq!((&changed["guaranteed"], &changed["most"], &changed["due"]), (&json!(16), &Value::Null, &json!(0.5)));
    let all = hub.json(&["tenants"]);
    assert_eq!(names(&all), ["farm", "gui-lab", "llm"]);
    assert_eq!(all["tenants"][2]["parent"], "gui-lab");
    assert_eq!(names(&json_as(&hub, &token(&hub, "tenant", "gui-lab"), &["tenants"])), ["gui-lab", "llm"]);
    assert_eq!(names(&json_as(&hub, &token(&hub, "tenant", "llm"), &["tenants"])), ["llm"]);
    assert_eq!(hub.stop(), 0);
    let hub = Hub::start(&data, &["--no-local"]);
    assert_eq!(hub.json(&["tenants"]), all);
    let table = hub.say(&["tenants"]).out;
    assert!(table.starts_with("TENANT"), "{table}");
}

#[test]
fn a_tenant_never_exceeds_its_most_and_a_provider_takes_what_it_allows() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    join_pool(&hub, "rack-1", "china-mobile", 8);
    let provider = token(&hub, "provider", "china-mobile");
    hub.json(&["tenant", "lab", "--most", "0"]);
    let wish = ["--tenant", "lab", "--devices", "2", "--", "true"];
    let job = hub.submit(&wish);
    assert_eq!(reason(&hub, &job), "quota");
    let held = |devices: f64| hub.json(&["tenants"])["tenants"][0]["devices_held"] == json!(devices);
    assert!(held(0.0));
    hub.json(&["tenant", "lab", "--most", "2"]);
    assert_eq!(hub.json(&["job", &job])["state"], "placed");
    assert!(held(2.0));
    hub.json(&["tenant", "lab", "--no-most"]);

    assert_eq!(json_as(&hub, &provider, &["limit", "rack-1"]), json!({ "pool": "rack-1", "most": null, "veto": [] }));
    json_as(&hub, &provider, &["limit", "rack-1", "--most", "3"]);
    let second = hub.submit(&wish);
    assert_eq!(short(&hub, &second), "limit");
    let both = json_as(&hub, &provider, &["limit", "rack-1", "--veto", "lab"]);
    assert_eq!(both, json!({ "pool": "rack-1", "most": 3, "veto": ["lab"] }));
    assert_eq!(short(&hub, &second), "veto");
    json_as(&hub, &provider, &["limit", "rack-1", "--no-most"]);
    assert_eq!(short(&hub, &second), "veto");
    json_as(&hub, &provider, &["limit", "rack-1", "--no-veto"]);
    assert_eq!(hub.json(&["job", &second])["state"], "placed");
    assert!(held(4.0));
}

#[test]
fn a_closed_pool_starts_nothing_until_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let closed = hub.json(&["cordon", "local", "--reason", "new fans"]);
    let closing = &closed["closings"][0];
    assert_eq!((&closing["pool"], &closing["kind"], &closing["begun"]), (&json!("local"), &json!("cordon"), &json!(true)));
    assert_eq!((&closing["stop_at"], &closing["reason"]), (&Value::Null, &json!("new fans")));
    let waits = hub.submit(&["--cpus", "0.1", "--", "true"]);
    let why = hub.json(&["why", &waits]);
    assert_eq!((&why["state"], &why["pools"][0]["reason"]["code"]), (&json!("waiting"), &json!("closed")), "{why}");
    assert_eq!(why["message"], json!("it fits nowhere now; closest is local: fits on 1 node that is closed"));
    assert_eq!(hub.json(&["closings"]), closed);
    assert_eq!(hub.say(&["open", "local"]).out, "local is open\n");
    assert_eq!(hub.ended(&waits)["state"], "done");
    assert_eq!(hub.json(&["closings"])["closings"], json!([]));

    // A drain stops what runs; what may be started anew waits for the pool to open. Nodes close for themselves.
    let long = hub.submit(&["--cpus", "0.1", "--preemptible", "--", "sleep", "600"]);
    hub.job_when(&long, |job| job["state"] == "running" && job["run_s"].as_f64().unwrap() > 1.0);
    let machine = nix::unistd::gethostname().unwrap().into_string().unwrap();
    let node = format!("local/{machine}");
    let drained = hub.json(&["drain", &node]);
    assert_eq!((&drained["closings"][0]["node"], &drained["closings"][0]["kind"]), (&json!(machine), &json!("drain")));
    hub.job_when(&long, |job| job["state"] == "waiting");
    let left = hub.json(&["open", "local"]);
    assert_eq!(left["closings"][0]["node"], json!(machine), "its node is closed still");
    // Its waiting goes on to be counted, and the time in which it ran is no part of it.
    let again = hub.json(&["job", &long]);
    assert_eq!((&again["state"], &again["run_s"]), (&json!("waiting"), &Value::Null), "{again}");
    let waited = |job: &Value| job["wait_s"].as_f64().unwrap();
    hub.job_when(&long, |job| waited(job) >= waited(&again) + 1.0);
    assert_eq!(hub.json(&["open", &node])["closings"], json!([]));
    let second = hub.job_when(&long, |job| job["state"] == "running");
    assert!(waited(&second) >= waited(&again) + 1.0, "{second}");
    let seconds = |text: &Value| measure::Time::parse_date(text.as_str().unwrap()).unwrap();
    let since = (seconds(&second["started_at"]) - seconds(&second["submitted_at"])).as_seconds();
    assert!(waited(&second) <= since - 1.0, "it ran for more than a second before: {second}");
    hub.say(&["cancel", &long]);
    let over = hub.ended(&long);
    assert_eq!(over["wait_s"], second["wait_s"], "{over}");
    assert_eq!(hub.json(&["jobs", "--search", &long])["jobs"][0]["wait_s"], over["wait_s"]);

    // Until a window begins, what ends before it may start.
    hub.json(&["window", "local", "--from", "2h", "--until", "3h"]);
    hub.json(&["window", "local", "--from", "4h", "--until", "5h"]);
    let ahead = hub.json(&["closings"]);
    assert_eq!(ahead["closings"].as_array().unwrap().len(), 2, "windows add up");
    assert_eq!((&ahead["closings"][1]["kind"], &ahead["closings"][1]["begun"]), (&json!("window"), &json!(false)));
    let unlimited = hub.submit(&["--cpus", "0.1", "--time-limit", "4h", "--", "true"]);
    let short = hub.submit(&["--cpus", "0.1", "--time-limit", "1m", "--", "true"]);
    assert_eq!(hub.ended(&short)["state"], "done");
    assert_eq!(hub.json(&["job", &unlimited])["state"], "waiting");
    assert_eq!(hub.json(&["cordon", "local"])["closings"].as_array().unwrap().len(), 1, "anything else takes their place");
    assert_eq!(hub.say(&["open", "local"]).code, 0);
    assert_eq!(hub.ended(&unlimited)["state"], "done");
    kill_all(&processes(&hub.folder, "shugu-keeper"));
}

#[test]
fn the_nodes_of_a_pool_are_listed_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    join_four(&hub, "rack-1", "china-mobile");
    let page = |query: &str| hub.get(&format!("/v1/pools/rack-1/nodes{query}"));
    let job = hub.submit(&["--devices", "8", "--cpus", "2", "--replicas", "2", "--", "true"]);
    hub.job_when(&job, |job| job["state"] == "placed");
    let part = hub.submit(&["--devices", "0.5", "--cpus", "1", "--", "true"]);
    hub.job_when(&part, |job| job["state"] == "placed");
    hub.json(&["cordon", "rack-1/n4", "--reason", "new fans"]);
    let all = page("");
    let names: Vec<&str> = all["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!((names, &all["total"], &all["next"]), (vec!["n1", "n2", "n3", "n4"], &json!(4), &Value::Null));
    let sum = |field: &str| all["nodes"].as_array().unwrap().iter().map(|node| node[field].as_f64().unwrap()).sum::<f64>();
    assert_eq!((sum("jobs"), sum("devices"), sum("devices_free")), (3.0, 32.0, 32.0 - 16.0 - 0.5 - 1.0), "{all}");
    assert_eq!(all["nodes"][0]["state"], json!("open"));
    assert_eq!((&all["nodes"][2]["state"], &all["nodes"][2]["reason"]), (&json!("out_of_service"), &json!("down: a fan")));
    assert_eq!((&all["nodes"][3]["state"], &all["nodes"][3]["reason"]), (&json!("cordoned"), &json!("new fans")));
    let first = page("?limit=3");
    assert_eq!((&first["next"], first["nodes"].as_array().unwrap().len()), (&json!("n3"), 3));
    let last = page("?limit=1&after=n3");
    assert_eq!((&last["nodes"][0]["name"], &last["next"]), (&json!("n4"), &Value::Null));
    let text = hub.say(&["pools", "rack-1", "--nodes", "--limit", "3"]);
    assert!(text.out.contains("out of service") && text.err.contains("3 of 4 nodes; the next ones: --after n3"), "{}", text.err);
    assert_eq!(hub.json(&["pools", "rack-1"])["pools"].as_array().unwrap().len(), 1);
    // Who sees what is as with pools: a provider its own, a tenant all, but not what was said of a closing.
    let lab = json_as(&hub, &token(&hub, "tenant", "lab"), &["pools", "rack-1", "--nodes"]);
    assert_eq!((&lab["nodes"][3]["state"], lab["nodes"][3].get("reason")), (&json!("cordoned"), None));
    check(&hub.say_as(&token(&hub, "provider", "china-unicom"), &["pools", "rack-1", "--nodes"]), 3, "there is no pool rack-1");
    json_as(&hub, &token(&hub, "provider", "china-mobile"), &["pools", "rack-1", "--nodes"]);
    check(&hub.say(&["pools", "rack-2"]), 3, "there is no pool rack-2");
    check(&hub.say(&["pools", "rack-1", "--nodes", "--limit", "0"]), 2, "limit: lies between 1 and 1000");
    check(&hub.say(&["pools", "rack-1", "--nodes", "--after", "n9"]), 2, "after: there is no node n9 in rack-1");
    assert_eq!(hub.say(&["pools", "--nodes"]).code, 2);
}

#[test]
fn a_provider_rules_over_its_own_pools_and_a_tenant_over_none() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", "guizhou"]);
    join_pool(&hub, "rack-1", "china-mobile", 8);
    join_pool(&hub, "rack-2", "china-unicom", 8);
    let (mobile, unicom) = (token(&hub, "provider", "china-mobile"), token(&hub, "provider", "china-unicom"));
    let lab = token(&hub, "tenant", "lab");
    // A site is told with its name.
    let window = hub.json(&["window", "site:guian-china-mobile", "--from", "1h", "--until", "2h"]);
    assert_eq!(window["closings"][0]["site_name"], json!("China Mobile (Guizhou) Data Center"), "{window}");
    let told = hub.say(&["closings"]).out;
    assert!(told.contains("site:guian-china-mobile (China Mobile (Guizhou) Data Center)  window"), "{told}");
    assert!(hub.say(&["cordon", "site:nowhere"]).err.contains("there is no site nowhere"));
    hub.json(&["open", "site:guian-china-mobile"]);
    // What an operator closed its provider does not open, nor the other way round.
    hub.json(&["cordon", "rack-1", "--reason", "under inspection"]);
    let both = json_as(&hub, &mobile, &["drain", "rack-1"]);
    assert_eq!((&both["closings"][0]["by"], &both["closings"][1]["by"]), (&json!("operator"), &json!("provider")));
    let left = json_as(&hub, &mobile, &["open", "rack-1"]);
    assert_eq!((&left["closings"][0]["by"], &left["closings"][1]), (&json!("operator"), &Value::Null));
    json_as(&hub, &mobile, &["cordon", "rack-1"]);
    let left = hub.json(&["open", "rack-1"]);
    assert_eq!((&left["closings"][0]["by"], &left["closings"][1]), (&json!("provider"), &Value::Null));
    assert_eq!(json_as(&hub, &mobile, &["open", "rack-1"])["closings"], json!([]));
    let in_an_hour = ["--from", "1h", "--until", "2h"];
    let each = |pool: &'static str| -> Vec<Vec<&'static str>> {
        let window = [&["window", pool][..], &in_an_hour[..]].concat();
        vec![
            vec!["cordon", pool],
            vec!["drain", pool, "--deadline", "1h"],
            window,
            vec!["open", pool],
            vec!["limit", pool, "--most", "4"],
        ]
    };
    for command in each("rack-1") {
        assert_eq!(hub.say_as(&mobile, &command).code, 0, "{command:?}");
    }
    for (command, nowhere) in each("rack-2").iter().zip(each("rack-9")) {
        check(&hub.say_as(&mobile, command), 3, "there is no pool rack-2");
        check(&hub.say_as(&mobile, &nowhere), 3, "there is no pool rack-9");
        check(&hub.say_as(&lab, command), 3, "a token of role tenant may not do this");
    }
    check(&hub.say_as(&mobile, &["cordon", "rack-2/n1"]), 3, "there is no pool rack-2");
    check(&hub.say_as(&mobile, &["cordon", "rack-1/n9"]), 3, "there is no node n9 in rack-1");
    assert_eq!(hub.say_as(&mobile, &["cordon", "rack-1/n1"]).code, 0);
    check(
        &hub.say_as(&mobile, &["cordon", "site:guian-china-mobile"]),
        3,
        "only an operator closes and opens a site; name your pools",
    );
    assert_eq!(hub.say(&["cordon", "site:guian-china-mobile"]).code, 0);
    assert_eq!(hub.json(&["closings"])["closings"].as_array().unwrap().len(), 2);
    assert_eq!(json_as(&hub, &mobile, &["closings"])["closings"].as_array().unwrap().len(), 1);
    assert_eq!(json_as(&hub, &unicom, &["closings"])["closings"], json!([]));
    for command in [&["tenant", "lab", "--weight", "9"][..], &["closings"], &["tenants"]] {
        assert_eq!(hub.say_as(&mobile, command).code, if command == ["closings"] { 0 } else { 3 }, "{command:?}");
        assert_eq!(hub.say_as(&lab, command).code, if command == ["tenants"] { 0 } else { 3 }, "{command:?}");
    }
}

#[test]
fn a_wrong_value_names_its_field_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    join_pool(&hub, "rack-1", "china-mobile", 8);
    let neither = "is neither an instant such as 2026-11-23T08:00:00Z nor a span from now such as 2h";
    let cases: [(&[&str], &str); 9] = [
        (&["tenant", "lab", "--weight", "0"], "weight: a weight lies between 1 and 1000000"),
        (&["tenant", "lab", "--guaranteed", "8", "--most", "4"], "most: nobody is guaranteed more than it may hold"),
        (&["tenant", "lab", "--parent", "nobody"], "parent: there is no tenant nobody"),
        (&["limit", "rack-1", "--veto", "nobody"], "veto: there is no tenant nobody"),
        (&["drain", "rack-1", "--deadline", "soon"], &format!("deadline: `soon` {neither}")),
        (&["window", "rack-1", "--from", "x", "--until", "2h"], &format!("from: `x` {neither}")),
        (
            &["window", "rack-1", "--from", "3h", "--until", "2h"],
            "until: it would end before it has begun, or before what is left is stopped",
        ),
        (&["window", "rack-1", "--from", "2020-01-01", "--until", "2h"], "from: 2020-01-01T00:00:00Z is over"),
        (
            &["cordon", "Rack-1"],
            "pool: `Rack-1` is not a name of 1 to 63 lower-case letters, digits, hyphens or dots, such as llm-lab",
        ),
    ];
    for (command, message) in cases {
        let said = hub.say(command);
        assert_eq!(said.code, 2, "{command:?}: {}", said.err);
        assert!(said.err.starts_with(&format!("error: {message}")), "{command:?}: {}", said.err);
    }
    assert_eq!(hub.json(&["tenants"])["tenants"], json!([]), "nobody was let in");
    assert_eq!(hub.json(&["closings"])["closings"], json!([]));
    let usage = run(&["cordon", "rack-1/"]);
    assert_eq!(usage.code, 2);
    assert!(usage.err.contains("POOL/NODE"), "{}", usage.err);
    assert_eq!(run(&["tenant", "lab", "--most", "many"]).code, 2);
}
