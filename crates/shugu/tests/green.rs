//! Work that may wait, on a real hub with a real machine: it waits for clean hours, is suspended when they are over, and goes on.

mod common;

use std::path::Path;

use common::Hub;
use measure::Time;
use serde_json::json;

const HOUR: i64 = 3_600_000;

fn hour() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_millis() as i64 / HOUR
}

/// Three days of readings up to this hour in which every hour of the day is as it says, in kg/kWh.
fn tell(hub: &Hub, folder: &Path, this: i64, of: impl Fn(i64) -> f64) {
    let file = folder.join("carbon.csv");
    let rows = (this - 72..=this).map(|hour| format!("{},{}\n", Time(hour * HOUR), of(hour)));
    std::fs::write(&file, format!("at,value\n{}", rows.collect::<String>())).unwrap();
    hub.json(&["signal", "add", "--kind", "carbon", "--scope", "unknown", file.to_str().unwrap()]);
}

fn events(hub: &Hub, job: &str) -> Vec<String> {
    let told = hub.get(&format!("/v1/jobs/{job}/history"));
    let all = told["events"].as_array().unwrap_or_else(|| panic!("{told}")).clone();
    all.iter().map(|event| event["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_job_waits_for_the_clean_hour_says_so_and_starts_once_it_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--policy", "green"]).with_pool();
    let this = hour();
    // Clean is the third hour from now, as on the days before.
    let clean = |hour: i64| (hour - this - 3).rem_euclid(24) == 0;
    tell(&hub, folder.path(), this, |hour| if clean(hour) { 0.1 } else { 0.6 });
    let list = hub.json(&["signal", "list", "--kind", "carbon"]);
    let signal = &list["signals"][0];
    assert_eq!(signal["forecast"], "forecast: profile");
    assert!(signal["forecast_error"].as_f64().unwrap() < 0.1, "{signal}");
    assert_eq!(signal["foretold"].as_array().unwrap().len(), 48);
    let waits = hub.submit(&["--patience", "today", "--", "true"]);
    let at_once = hub.submit(&["--", "true"]);
    assert_eq!(hub.ended(&at_once)["state"], "done", "what cannot wait does not");
    if hour() != this {
        return; // The hour struck: another run has one to itself.
    }
    let why = hub.json(&["why", &waits]);
    let reason = &why["reason"];
    assert_eq!((&why["state"], &reason["code"]), (&json!("waiting"), &json!("by_choice")), "{why}");
    assert_eq!(reason["until"], json!(Time((this + 3) * HOUR).to_string()));
    assert_eq!(why["starts_at"], reason["until"]);
    // At 100 yuan a tonne.
    assert_eq!((&reason["yuan_per_kwh"], &reason["yuan_per_kwh_then"]), (&json!("0.06"), &json!("0.01")), "{reason}");
    assert!(reason["hours_ahead"].as_array().unwrap().iter().any(|one| one["known"] == "foretold"), "{reason}");
    let told = hub.say(&["why", &waits]).out;
    assert!(told.contains("waits by choice until"), "{told}");
    // So would one that is not yet submitted.
    let tried = hub.say(&["submit", "--patience", "today", "--dry-run", "--", "true"]);
    assert!(tried.out.contains("it waits by choice until"), "{}{}", tried.out, tried.err);
    let tried = hub.say(&["submit", "--dry-run", "--", "true"]);
    assert!(tried.out.contains("would start"), "{}{}", tried.out, tried.err);
    // A tenant's terms say it for jobs that do not.
    hub.json(&["tenant", "default", "--patience", "6h"]);
    let by_terms = hub.submit(&["--", "true"]);
    assert_eq!(hub.json(&["why", &by_terms])["reason"]["code"], "by_choice");
    let not_at_all = hub.submit(&["--patience", "now", "--", "true"]);
    hub.ended(&not_at_all);
    // This hour turns out the cleanest of all.
    tell(&hub, folder.path(), this, |hour| if hour == this { 0.01 } else { 0.6 });
    assert_eq!(hub.ended(&waits)["state"], "done");
    assert_eq!(hub.ended(&by_terms)["state"], "done");
    assert_eq!(events(&hub, &waits)[..5], ["submitted", "at_once", "put_off", "put_off", "placed"]);
    // What it waited by choice stands apart from what it waited in the queue.
    let seen = hub.json(&["job", &waits]);
    let (all, chosen) = (seen["wait_s"].as_f64().unwrap(), seen["wait_by_choice_s"].as_f64().unwrap());
    assert!(0.0 < chosen && chosen <= all && all - chosen < 10.0, "{seen}");
    assert_eq!(hub.json(&["job", &not_at_all])["wait_by_choice_s"], 0.0);
    assert!(hub.say(&["job", &waits]).out.contains("of it by choice"));
    // What it emitted stands beside what it would have, begun at once: in the same hour here.
    let emitted = &hub.json(&["job", &waits])["emitted"];
    assert!(emitted["carbon_kg"].is_f64() && emitted["carbon_at_once_kg"] == emitted["carbon_kg"], "{emitted}");
    let statement = hub.json(&["statement", "--tenant", "default"]);
    assert!(statement["lines"][0]["carbon_market_at_once_kg"].is_f64(), "{statement}");
    let said = hub.say(&["submit", "--patience", "soon", "--", "true"]);
    assert!(said.err.contains("patience: `soon` is none of now, today, this-week"), "{}", said.err);
    assert_eq!(hub.stop(), 0);
}

#[test]
fn a_job_is_suspended_when_clean_hours_are_over_and_goes_on_in_the_next_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(&folder.path().join("hub"), &["--policy", "green"]).with_pool();
    let this = hour();
    tell(&hub, folder.path(), this, |hour| if (hour - this).rem_euclid(24) == 0 { 0.1 } else { 0.6 });
    let (state, file) = (folder.path().join("state"), folder.path().join("job.yaml"));
    let program = format!("test -f {0} && exit 0; trap 'touch {0}; exit 0' USR1; echo runs; sleep 600 & wait", state.display());
    let job = json!({
        "command": ["sh", "-c", program], "patience": "today", "suspend": { "save": "1s", "load": "1s" },
        "notice": { "signal": "USR1", "grace": "30s" },
    });
    std::fs::write(&file, job.to_string()).unwrap();
    let id = hub.submit(&[file.to_str().unwrap()]);
    hub.job_when(&id, |job| job["state"] == "running");
    // It must have begun to listen for the signal.
    while !hub.say(&["logs", &id]).out.contains("runs") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    tell(&hub, folder.path(), this, |hour| if (hour - this - 2).rem_euclid(24) == 0 { 0.1 } else { 0.6 });
    if hour() != this {
        return;
    }
    let waits = hub.job_when(&id, |job| job["state"] == "waiting");
    assert!(state.exists(), "it saved its state: {waits}");
    assert_eq!(hub.json(&["why", &id])["reason"]["code"], "by_choice");
    // What was decided is history: a hub that starts again knows it.
    hub.kill_and_restart();
    assert_eq!(hub.json(&["why", &id])["reason"]["code"], "by_choice");
    tell(&hub, folder.path(), this, |hour| if hour == this { 0.01 } else { 0.6 });
    assert_eq!(hub.ended(&id)["state"], "done");
    let events = events(&hub, &id);
    assert!(events.iter().filter(|kind| *kind == "placed").count() == 2, "{events:?}");
    assert_eq!(hub.stop(), 0);
}
