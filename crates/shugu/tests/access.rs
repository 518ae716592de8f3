//! Nobody acts or reads outside their rights.

mod common;

use common::Hub;
use serde_json::Value;

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
