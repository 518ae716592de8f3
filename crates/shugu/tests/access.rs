//! Nobody acts or reads outside their rights.

mod common;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::{Hub, kill_all, processes};
use serde_json::{Value, json};

fn token(hub: &Hub, role: &str, subject: &str) -> String {
    hub.json(&["access", "token", role, subject])["token"].as_str().unwrap().to_owned()
}

#[test]
fn tenants_see_and_touch_their_own_jobs_only() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let (lab, farm) = (token(&hub, "tenant", "llm-lab"), token(&hub, "tenant", "render-farm"));
    let mine = hub.say_as(&lab, &["submit", "--", "true"]).out.trim().to_owned();
    let theirs = hub.say_as(&farm, &["submit", "--", "true"]).out.trim().to_owned();
    let listed: Value = serde_json::from_str(&hub.say_as(&lab, &["jobs", "--json"]).out).unwrap();
    let tenants: Vec<&str> = listed["jobs"].as_array().unwrap().iter().map(|job| job["tenant"].as_str().unwrap()).collect();
    assert_eq!(tenants, ["llm-lab"]);
    // Asking for another's says nothing, not even that it exists.
    for command in ["job", "why", "logs", "cancel"] {
        let said = hub.say_as(&lab, &[command, &theirs]);
        assert_eq!((said.code, said.err.trim()), (3, format!("error: there is no {theirs}").as_str()), "{command}");
        assert_eq!(hub.say_as(&lab, &[command, "job-999"]).err.trim(), "error: there is no job-999");
    }
    assert_eq!(hub.say_as(&lab, &["jobs", "--tenant", "render-farm", "--json"]).out.matches("render-farm").count(), 0);
    assert_eq!(hub.say_as(&lab, &["submit", "--tenant", "render-farm", "--", "true"]).code, 3);
    assert_eq!(hub.say_as(&lab, &["statement", "--tenant", "render-farm"]).code, 3);
    assert_eq!(hub.say_as(&lab, &["statement"]).code, 0);
    assert_eq!(hub.say_as(&lab, &["access", "list"]).code, 3);
    assert_eq!(hub.say_as(&lab, &["access", "token", "operator", "me"]).code, 3);
    assert_eq!(hub.say_as(&lab, &["cancel", &mine]).code, 0);
}

#[test]
fn providers_submit_nothing_and_see_no_commands() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let id = hub.submit(&["--cpus", "0.1", "--", "echo", "secret"]);
    hub.ended(&id);
    let (local, other) = (token(&hub, "provider", "local"), token(&hub, "provider", "china-mobile"));
    let seen: Value = serde_json::from_str(&hub.say_as(&local, &["job", &id, "--json"]).out).unwrap();
    assert_eq!(seen["command"], Value::Array(Vec::new()));
    assert_eq!(hub.say_as(&other, &["job", &id]).code, 3);
    assert_eq!(hub.say_as(&local, &["logs", &id]).code, 3);
    assert_eq!(hub.say_as(&local, &["submit", "--", "true"]).code, 3);
    assert_eq!(hub.say_as(&local, &["statement"]).code, 0);
    assert_eq!(hub.say_as(&local, &["statement", "--tenant", "default"]).code, 3);
    common::kill_all(&common::processes(&hub.folder, "shugu-keeper"));
}

#[test]
fn a_revoked_token_opens_nothing_and_only_hashes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let made = hub.json(&["access", "token", "tenant", "llm-lab"]);
    let secret = made["token"].as_str().unwrap();
    assert_eq!(hub.say_as(secret, &["jobs"]).code, 0);
    assert_eq!(hub.say(&["access", "revoke", &made["id"].to_string()]).code, 0);
    assert_eq!(hub.say_as(secret, &["jobs"]).code, 3);
    let journal = std::fs::read(hub.folder.join("journal.db-wal")).unwrap_or_default();
    let database = std::fs::read(hub.folder.join("journal.db")).unwrap();
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(!holds(&journal) && !holds(&database));
}

/// Asks every route of the hub's own document, and returns those that are not refused for want of rights.
fn open_to(hub: &Hub, token: &str) -> BTreeSet<String> {
    let http: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let document: Value = http.get(format!("{}/openapi.json", hub.url)).call().unwrap().body_mut().read_json().unwrap();
    let mut open = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let address = format!("{}{}", hub.url, path.replace("{name}", "x").replace("{id}", "1"));
            let request = ureq::http::Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(address)
                .header("authorization", format!("Bearer {token}"))
                .body("nonsense")
                .unwrap();
            let status = http.run(request).unwrap().status().as_u16();
            if status != 403 && status != 401 {
                open.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    open
}

#[test]
fn a_token_of_one_pool_can_do_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let public = ["GET /healthz", "GET /v1/signin"];
    let own = ["hello", "inventory", "logs/{id}", "renew", "reports"].map(|what| format!("POST /v1/agent/{what}"));
    let own: BTreeSet<String> =
        own.into_iter().chain(["GET /v1/agent/wanted".to_owned(), "GET /v1/agent/pool".to_owned()]).collect();
    let public: BTreeSet<String> = public.iter().map(|route| (*route).to_owned()).collect();
    let joining = hub.json(&["access", "pool", "rack-1", "--provider", "china-mobile"])["token"].as_str().unwrap().to_owned();
    let only: BTreeSet<String> =
        public.iter().cloned().chain(["POST /v1/agent/join".to_owned(), "GET /v1/agent/pool".to_owned()]).collect();
    assert_eq!(open_to(&hub, &joining), only);
    let secret = hub.join_pool("rack-1", "china-mobile");
    assert_eq!(open_to(&hub, &secret), own.union(&public).cloned().collect());
    // A joining token is good for one time, and the newest only.
    assert_eq!(open_to(&hub, &joining), public);
    assert_eq!(open_to(&hub, "shugu_nonsense"), public);
    // The document is not shorter than what is served.
    assert!(open_to(&hub, &hub.token()).len() > 20);
}

#[test]
fn an_agent_of_one_pool_learns_and_changes_nothing_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let id = hub.submit(&["--cpus", "0.1", "--", "sleep", "2"]);
    hub.job_when(&id, |job| job["state"] == "running");
    let secret = hub.join_pool("rack-1", "china-mobile");
    let http: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let bearer = format!("Bearer {secret}");
    let ask = |path: &str, body: Value| {
        let request = http.post(format!("{}{path}", hub.url)).header("authorization", &bearer).header("x-shugu-agent", "thief");
        let mut answer = request.send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    let node = json!({ "name": "thief", "model": null, "devices": 0, "cpu": 1000, "memory": 0 });
    let hello = json!({ "version": "0", "executor": "local", "nodes": [node], "shares": true });
    assert_eq!(ask("/v1/agent/hello", hello).0, 200);
    let ended = json!([[1, { "Ended": [{ "Exited": 0 }, { "run": 1, "cpu": 0, "peak_memory": 0, "energy": 0, "energy_source": "unknown" }] }]]);
    let (status, told) = ask("/v1/agent/reports", json!({ "reports": ended, "attempts": [1] }));
    assert!(status == 200 && told.contains("is not placed in"), "{status}: {told}");
    let request = http.get(format!("{}/v1/agent/wanted?after=0&wait_ms=0", hub.url));
    let request = request.header("authorization", &bearer).header("x-shugu-agent", "thief");
    let wanted: Value = request.call().unwrap().body_mut().read_json().unwrap();
    assert_eq!(wanted["jobs"], json!([]));
    assert_eq!(hub.ended(&id)["state"], "done");
    kill_all(&processes(&hub.folder, "shugu-keeper"));
}

#[test]
fn a_hub_beyond_loopback_speaks_tls_and_is_known_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--tls"]);
    assert!(hub.url.starts_with("https://"), "{}", hub.url);
    let fingerprint = std::fs::read_to_string(hub.folder.join("hub.fingerprint")).unwrap();
    let joining = hub.json(&["access", "pool", "rack-1", "--provider", "china-mobile"])["token"].as_str().unwrap().to_owned();
    let agent = |name: &str, fingerprint: &[&str]| {
        let own = folder.path().join(name);
        let arguments =
            [&["agent", "--hub", &hub.url, "--pool", "rack-1", "--folder", own.to_str().unwrap()], fingerprint].concat();
        common::said(common::shugu(&arguments).env("SHUGU_TOKEN", &joining).output().unwrap())
    };
    let unknown = agent("unknown", &[]);
    assert_eq!(unknown.code, 3);
    assert!(unknown.err.contains("is not to be trusted") && unknown.err.contains("--fingerprint"), "{}", unknown.err);
    let other = format!("sha256:{}", "ab".repeat(32));
    let wrong = agent("wrong", &["--fingerprint", &other]);
    assert!(wrong.err.contains(&fingerprint) && wrong.err.contains(&other), "{}", wrong.err);
    // Neither has sent the token: it is still good.
    let own = folder.path().join("right");
    let url = hub.url.clone();
    let mut right = Agent::start(&url, &joining, "rack-1", &own, &["--fingerprint", &fingerprint]);
    let id = hub.submit(&["--cpus", "0.1", "--", "true"]);
    assert_eq!(hub.ended(&id)["state"], "done");
    // Later starts need neither token nor fingerprint, and a hub that is started anew has the same certificate.
    hub.kill_and_restart();
    right.forget_token();
    right.restart_with(&[]);
    let begun = Instant::now();
    let id = hub.submit(&["--cpus", "0.1", "--", "true"]);
    assert_eq!(hub.ended(&id)["state"], "done");
    assert!(begun.elapsed() < Duration::from_secs(20));
    let log = right.log();
    let secret = std::fs::read_to_string(own.join("credential")).unwrap();
    assert!(!log.contains(secret.trim()) && !log.contains(&joining), "{log}");
    kill_all(&processes(folder.path(), "shugu-keeper"));
}

#[test]
fn a_token_may_lie_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let file = folder.path().join("token");
    let path = file.to_str().unwrap();
    let elsewhere = |arguments: &[&str], environment: &[(&str, &str)]| {
        let all = [arguments, &["--hub", &hub.url]].concat();
        common::said(common::shugu(&all).envs(environment.iter().copied()).output().unwrap())
    };
    std::fs::write(&file, format!("{}\n", hub.token())).unwrap();
    assert_eq!(elsewhere(&["jobs", "--token-file", path], &[]).code, 0);
    assert_eq!(elsewhere(&["jobs"], &[("SHUGU_TOKEN_FILE", path)]).code, 0);
    // What is said on the command line goes before the environment, of which the token itself goes first.
    assert_eq!(elsewhere(&["jobs", "--token-file", path], &[("SHUGU_TOKEN", "wrong")]).code, 0);
    assert_eq!(elsewhere(&["jobs", "--token", "wrong"], &[("SHUGU_TOKEN_FILE", path)]).code, 3);
    assert_eq!(elsewhere(&["jobs"], &[("SHUGU_TOKEN_FILE", "/nonexistent"), ("SHUGU_TOKEN", &hub.token())]).code, 0);
    let wrong = |arguments: &[&str], told: &str| {
        let said = elsewhere(arguments, &[]);
        assert!(said.code == 2 && said.err.contains(told), "{} {}", said.code, said.err);
    };
    wrong(&["jobs", "--token", "x", "--token-file", path], "--token and --token-file: give one of them");
    wrong(&["jobs", "--token-file", "/nonexistent"], "--token-file /nonexistent: No such file or directory");
    let agent = folder.path().join("agent");
    let agent = ["agent", "--pool", "rack-1", "--folder", agent.to_str().unwrap(), "--token-file", path];
    std::fs::write(&file, "\n").unwrap();
    wrong(&agent, &format!("--token-file {path}: is empty"));
    std::fs::write(&file, "one\ntwo\n").unwrap();
    wrong(&agent, &format!("--token-file {path}: holds more than one word; a token is one"));
    wrong(&[&["join"], &agent[1..]].concat(), "holds more than one word");
}
