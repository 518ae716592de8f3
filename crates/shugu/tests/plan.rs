//! Planning, as a planner does it: a scenario, its plan, its census, and what is wrong or cannot be.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn shugu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shugu"));
    command.current_dir(folder).args(arguments).env_remove("SHUGU_CENSUS").env_remove("SHUGU_HUB").output().unwrap()
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/guizhou/plan-2026.toml").canonicalize().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_way_to_190_eflops_is_planned_and_its_census_shows_the_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = shipped();
    let plan = ["plan", scenario.to_str().unwrap(), "--at", "2026-01-01", "--gap", "0.02", "--no-extremes"];
    let output = shugu(folder.path(), &[&plan[..], &["--census-out", "planned", "--json"]].concat());
    let document = json(&output);
    assert!(output.status.success());
    assert_eq!(document["status"], "proven");
    assert!(document["gap"].as_f64().unwrap() <= 0.02);
    for field in ["objective_yuan", "probability_target_met", "model_s", "solve_s"] {
        assert!(document[field].is_number(), "{field}");
    }
    let added: f64 = document["builds"].as_array().unwrap().iter().map(|build| build["computing_pflops"].as_f64().unwrap()).sum();
    assert!(added > 39_000.0, "{added} PFLOPS are added");
    let [.., before_last, _, _, _, _] = document["capacity"].as_array().unwrap().as_slice() else { panic!("eight periods") };
    let there: f64 = before_last["computing_pflops"].as_object().unwrap().values().map(|one| one.as_f64().unwrap()).sum();
    assert!(there >= 190_000.0 - 1.0, "{there} PFLOPS in the last quarter of 2026");
    assert_eq!(document["census_out"], "planned");

    // The folder is a census like any other.
    let output = shugu(folder.path(), &["census", "--census", "planned", "--at", "2026-06-30", "--json"]);
    let census = json(&output);
    let targets = census["targets"].as_array().unwrap();
    let target = targets.iter().find(|target| target["id"] == "compute-total-target-2026-12-31").unwrap();
    let permille = (document["probability_target_met"].as_f64().unwrap() * 1000.0).round();
    assert_eq!(target["forecast"]["probability_permille"].as_f64(), Some(permille));
    let said = shugu(folder.path(), &["report", "--census", "planned", "--at", "2026-06-30"]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("forecast of compute_total_target"), "{said:?}");

    // A folder that is there is not written over.
    let again = shugu(folder.path(), &[&plan[..], &["--census-out", "planned"]].concat());
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("planned is there already"));
}

#[test]
fn a_site_that_the_census_does_not_know_is_planned_for_a_provider_who_is_not_known_yet() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = r#"
name = "sample"
start = "2026-01"
periods = 4
census = "guizhou"

[[target]]
id = "ten"
by = "2026-12"
computing = "10 PFLOPS"

[[cooling]]
id = "air"
racks = 4
price = "3 M yuan"
lead = "3 months"
pue = 1.25

[[technology]]
id = "server"
computing = "1 PFLOPS"
racks = 1
power = "20 kW"
price = "1 M yuan"
lot = 2
lead = "3 months"
life = "60 months"
cooling = "air"

[[site]]
id = "sample-site"
power = "1 MW"
land = 4
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"
"#;
    std::fs::write(folder.path().join("plan.toml"), scenario).unwrap();
    let output = shugu(folder.path(), &["plan", "plan.toml", "--at", "2026-01-01", "--census-out", "planned", "--json"]);
    assert_eq!(json(&output)["census_out"], "planned", "{}", String::from_utf8_lossy(&output.stderr));
    let written = |name: &str| std::fs::read_to_string(folder.path().join("planned").join(name)).unwrap();
    assert!(written("providers.csv").contains("planned,Not yet known,尚未确定,placeholder,unknown"));
    assert!(written("sites.csv").contains("sample-site,sample-site,sample-site"));
    let output = shugu(folder.path(), &["census", "--census", "planned", "--at", "2026-01-31", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_cannot_be_says_why_and_what_is_wrong_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(shipped()).unwrap();
    let write = |name: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        std::fs::write(folder.path().join(name), text.replace(from, to)).unwrap();
    };
    write("far.toml", "\"190 EFLOPS\"", "\"900 EFLOPS\"");
    let output = shugu(folder.path(), &["plan", "far.toml", "--at", "2026-01-01"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("target compute-total-target-2026-12-31 in 2026-10 is"), "{said}");
    assert!(said.contains("would do"), "{said}");
    let document = json(&shugu(folder.path(), &["plan", "far.toml", "--at", "2026-01-01", "--json"]));
    assert_eq!(document["status"], "infeasible");
    assert!(document["conflicts"].as_array().unwrap().iter().any(|one| one["needed"].is_number()));

    write("unit.toml", "\"559 kW\"", "\"559 hp\"");
    let output = shugu(folder.path(), &["plan", "unit.toml", "--at", "2026-01-01"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("unit.toml line ") && said.contains("technology[1].power") && said.contains("`hp`"), "{said}");

    let output = shugu(folder.path(), &["plan", shipped().to_str().unwrap(), "--at", "2027-06-01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("lies before today, 2027-06-01"), "{output:?}");
}

#[test]
fn a_surer_plan_is_dearer_and_a_trace_waits_less_on_it() {
    let folder = tempfile::tempdir().unwrap();
    // One delivery that may be up to six months late, with time enough to order sooner.
    let text = r#"
name = "sample"
start = "2026-01"
periods = 8
residual = false
[delays]
delivery = "0 .. 1 .. 6 months"
[[target]]
id = "grown"
by = "2027-09"
computing = "30 PFLOPS"
[[fleet]]
id = "today"
computing = "20 PFLOPS"
accelerator = "Ascend 910B3"
[[cooling]]
id = "air"
racks = 100
price = "1 M yuan"
lead = "0 months"
pue = 1.2
[[technology]]
id = "server"
accelerator = "Ascend 910B3"
devices = 8
computing = "2.5 PFLOPS"
racks = 1
power = "6 kW"
price = "2 M yuan"
cheaper = 0.2
lead = "3 months"
life = "60 months"
cooling = "air"
[[site]]
id = "here"
power = "1 MW"
land = 1
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"
"#;
    std::fs::write(folder.path().join("sample.toml"), text).unwrap();
    // A hundred sample jobs of a node each, an hour long, one every ten minutes.
    let swf: String = (1..=100).map(|job| format!("{job} {} -1 3600 8 -1 -1 8 -1 -1 1 1 1 1 1 -1 -1 -1\n", job * 600)).collect();
    std::fs::write(folder.path().join("sample.swf"), swf).unwrap();
    let plan = ["plan", "sample.toml", "--at", "2026-01-01", "--json"];
    let cheap = json(&shugu(folder.path(), &plan));
    let sure = json(&shugu(folder.path(), &[&plan[..], &["--probability", "0.95"]].concat()));
    let of = |document: &Value, field: &str| document[field].as_f64().unwrap();
    assert!(of(&cheap, "probability_target_met") < 0.95, "{}", cheap["probability_target_met"]);
    assert!(of(&sure, "probability_target_met") >= 0.95, "{}", sure["probability_target_met"]);
    assert!(of(&sure, "objective_yuan") > of(&cheap, "objective_yuan"));

    let verify = ["--verify", "swf:sample.swf", "--verify-nodes", "4", "--frontier", "3", "--picture", "frontier.svg"];
    let document = json(&shugu(folder.path(), &[&plan[..], &verify].concat()));
    let verified = &document["verified"];
    assert_eq!((&verified["nodes_before"], &verified["nodes_after"]), (&Value::from(4), &Value::from(6)));
    let all = verified["classes"].as_array().unwrap().last().unwrap();
    assert!(of(&all["after"], "mean_wait_s") < of(&all["before"], "mean_wait_s"), "{all}");
    let points = document["frontier"].as_array().unwrap();
    let costs: Vec<f64> =
        points.iter().filter(|point| point["moved"] == "computing").map(|point| of(point, "objective_yuan")).collect();
    assert!(costs.is_sorted() && costs.len() == 3, "{costs:?}");
    assert!(std::fs::read_to_string(folder.path().join("frontier.svg")).unwrap().contains("<svg"));
}
