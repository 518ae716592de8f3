//! The demo shows the main job, and what it prints is what scripts rely on.

mod common;

use common::run;
use serde_json::Value;

#[test]
fn the_demo_runs_every_sample_job_to_its_meant_end_and_the_book_balances() {
    let said = run(&["demo", "--exit", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let shown: Value = serde_json::from_str(&said.out).unwrap();
    let jobs = shown["jobs"].as_array().unwrap();
    let states: Vec<&str> = jobs.iter().map(|job| job["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["done", "done", "done", "failed", "cancelled", "failed", "done", "done", "done"]);
    for job in jobs {
        for field in ["id", "tenant", "state", "pool", "wait_s", "run_s", "energy_kwh", "carbon_kg", "cost_yuan", "exit_code"] {
            assert!(job.get(field).is_some(), "{field} of {job}");
        }
    }
    assert_eq!(shown["census"]["sites"]["total"], 50);
    assert_eq!(shown["census"]["providers"], 48);
    assert_eq!(shown["postings_balance_yuan"].to_string(), "0");
    assert!(jobs.iter().any(|job| job["cost_yuan"].as_f64().unwrap() > 0.0), "somebody paid");
    assert!(shown["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}
