//! A plan as rows of a census folder: pools that will stand, stages that sites will reach, projects, and what is forecast of targets.
//! What it adds to a folder is announced, never more: nobody has seen it.

use std::collections::BTreeMap;

use census::{Census, columns};

use crate::case::Case;
use crate::check::Plan;
use crate::delay::Chance;
use crate::outcome::Build;
use crate::scenario::Scenario;

/// Rows to add to each file of a census folder, as lines of CSV.
pub type Rows = BTreeMap<&'static str, Vec<String>>;

/// Devices of a node, where a system has more than one node of them.
const DEVICES_OF_A_NODE: u32 = 8;

/// A line of CSV with the columns of a file; what is not given is `unknown`, or empty where it is a word of its own.
fn line(file: &str, given: &[(&str, String)]) -> String {
    let cell = |column: &&str| {
        let value = given.iter().find(|(name, _)| name == column).map_or_else(
            || match *column {
                "note" | "name_zh" => String::new(),
                "precision" | "sparsity" => "unstated".to_owned(),
                _ => "unknown".to_owned(),
            },
            |(_, value)| value.clone(),
        );
        if value.contains([',', '"', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    };
    columns(file).expect("only files that a plan adds to").iter().map(cell).collect::<Vec<_>>().join(",")
}

/// The rows of a plan over a census. `chances` are those of the targets, in order.
pub fn rows(scenario: &Scenario, case: &Case, plan: &Plan, builds: &[Build], chances: &[Chance], base: &Census) -> Rows {
    let mut rows = Rows::new();
    let source = format!("plan {}", scenario.name);
    let begin = scenario.start.to_string();
    let mut add = |file: &'static str, given: &[(&str, String)]| rows.entry(file).or_default().push(line(file, given));
    let said = str::to_owned;
    let mut nobody = false;
    for (s, site) in scenario.sites.iter().enumerate() {
        let known = base.sites.get(&site.id);
        let provider = known.and_then(|known| known.provider.as_ref()).map(ToString::to_string);
        let mine: Vec<&Build> = builds.iter().filter(|build| build.site == site.id.as_str()).collect();
        let last = case.periods - 1;
        let standing: Vec<(usize, f64)> = (0..case.technologies())
            .map(|k| (k, plan.running[s][k][last].floor()))
            .filter(|(_, running)| *running > 0.0)
            .collect();
        if mine.is_empty() && standing.is_empty() {
            continue;
        }
        if known.is_none() {
            let status = if site.open { "operating" } else { "announced" };
            add(
                "sites.csv",
                &[
                    ("id", site.id.to_string()),
                    ("name", site.id.to_string()),
                    ("name_zh", site.id.to_string()),
                    ("prefecture", said("unknown")),
                    ("zone", said("unknown")),
                    ("kind", said("named")),
                    ("status", said(status)),
                    ("status_date", begin.clone()),
                    ("source", source.clone()),
                ],
            );
        }
        let provider = provider.unwrap_or_else(|| {
            nobody = true;
            said("planned")
        });
        for (k, running) in standing {
            let technology = &scenario.technologies[k];
            let devices = technology.devices;
            let (nodes, each) = match devices {
                0..=DEVICES_OF_A_NODE => (running, devices),
                _ => ((running * f64::from(devices) / f64::from(DEVICES_OF_A_NODE)).floor(), DEVICES_OF_A_NODE),
            };
            let accelerator = technology.accelerator.as_ref().filter(|model| base.accelerators.contains_key(*model));
            add(
                "pools.csv",
                &[
                    ("id", format!("plan-{}-{}", site.id, technology.id)),
                    ("site", site.id.to_string()),
                    ("provider", provider.clone()),
                    ("accelerator", accelerator.cloned().unwrap_or_default()),
                    ("nodes", format!("{nodes}")),
                    ("devices_per_node", accelerator.map_or(0, |_| each).to_string()),
                    ("cpus_per_node", said("192")),
                    ("memory_gib_per_node", said("1536")),
                    ("evidence", said("announced")),
                    ("as_of", case.period_names[last].clone()),
                    ("source", source.clone()),
                    ("note", said("Planned; cores and memory of a node are an assumption.")),
                ],
            );
        }
        let paid: f64 = mine.iter().map(|build| build.cost_yuan).sum();
        let computing: f64 = mine.iter().map(|build| build.computing_pflops).sum();
        let Some(due) = mine.iter().map(|build| build.ready.clone()).max() else { continue };
        let mut project = vec![
            ("id", format!("plan-{}", site.id)),
            ("name", format!("{}: {}", scenario.name, site.id)),
            ("site", site.id.to_string()),
            ("provider", provider.clone()),
            ("planned_bn_yuan", format!("{:.4}", paid / 1e9)),
            ("as_of", begin.clone()),
            ("due", due),
            ("quality", said("plan")),
            ("source", source.clone()),
        ];
        let kinds: Vec<_> = (0..case.technologies())
            .filter(|k| plan.lots[s][*k].iter().any(|lots| *lots > 0.0))
            .map(|k| scenario.technologies[k].kind)
            .collect();
        if let Some(kind) = kinds.first().filter(|first| kinds.iter().all(|kind| kind == *first)) {
            project.extend([
                ("computing_power_pflops", format!("{computing:.3}")),
                ("class", kind.class.to_string()),
                ("precision", kind.precision.to_string()),
                ("sparsity", kind.sparsity.to_string()),
            ]);
        }
        add("projects.csv", &project);
        if let Some(opened) = plan.opened[s] {
            let operating = mine.iter().filter(|build| build.what == "systems").map(|build| build.ready.clone()).min();
            for (stage, date) in [("building", Some(case.period_names[opened].clone())), ("operating", operating)] {
                let last = known.and_then(|known| base.stages_of(&known.id).last()).map(|stage| stage.date.clone());
                let Some(date) = date.filter(|date| last.is_none_or(|last| last < *date)) else { continue };
                add(
                    "stages.csv",
                    &[
                        ("site", site.id.to_string()),
                        ("stage", said(stage)),
                        ("date", date),
                        ("quality", said("plan")),
                        ("source", source.clone()),
                    ],
                );
            }
        }
    }
    if nobody && !base.providers.keys().any(|id| id.as_str() == "planned") {
        add(
            "providers.csv",
            &[
                ("id", said("planned")),
                ("name", said("Not yet known")),
                ("name_zh", said("尚未确定")),
                ("kind", said("placeholder")),
                ("provides", said("unknown")),
                ("source", source.clone()),
            ],
        );
    }
    for (target, chance) in scenario.targets.iter().zip(chances) {
        let Some(known) = base.targets.get(&target.id) else { continue };
        // A target of a census has a unit of its own.
        let scale = if known.unit == "EFLOPS" { 1e3 } else { 1.0 };
        let [low, middle, high] = chance.reached.map(|pflops| format!("{:.3}", pflops / scale));
        add(
            "forecasts.csv",
            &[
                ("id", format!("plan-{}", target.id)),
                ("target", target.id.to_string()),
                ("as_of", begin.clone()),
                ("value", middle),
                ("low", low),
                ("high", high),
                ("probability_permille", format!("{:.0}", chance.met.seen * 1000.0)),
                ("source", source.clone()),
                ("note", said("By delays drawn; if the assumptions hold.")),
            ],
        );
    }
    rows
}
