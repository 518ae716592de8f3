//! What is wrong in a scenario is refused, by file, line and field.

mod common;

use common::SMALL;
use plan::Scenario;

/// The first line in which a text differs is where the mistake is.
fn refused(replace: &str, by: &str, expected: &str) {
    assert!(SMALL.contains(replace), "{replace}");
    let text = SMALL.replacen(replace, by, 1);
    let line = SMALL[..SMALL.find(replace).unwrap()].matches('\n').count() + 1;
    let said = Scenario::read("plan.toml", &text, "2026-03-15").expect_err(by).to_string();
    assert_eq!(said, expected.replace("LINE", &line.to_string()), "{by}");
}

#[test]
fn mistakes_are_named() {
    refused(
        "\"20 kW\"",
        "\"20 horsepower\"",
        "plan.toml line LINE field technology[1].power: `horsepower` is no unit of it; `kW`, `MW`, `GW` would be",
    );
    refused("\"20 kW\"", "20", "plan.toml line LINE field technology[1].power: it has no unit; `kW`, `MW`, `GW` would be");
    refused("\"20 kW\"", "\"0 kW\"", "plan.toml line LINE field technology[1].power: has to be more than nothing");
    refused("\"1 MW\"", "\"-1 MW\"", "plan.toml line LINE field site[1].power: `-1 MW` is negative");
    refused(
        "\"2026-12\"",
        "\"2025-12\"",
        "plan.toml line LINE field target[1].by: 2025-12 lies before today, 2026-03-15: nothing can be planned for it any more",
    );
    refused(
        "\"2026-12\"",
        "\"2029-12\"",
        "plan.toml line LINE field target[1].by: 2029-12 does not lie in the horizon from 2026-01 to 2026-12",
    );
    refused("pue = 1.25", "pue = 0.9", "plan.toml line LINE field cooling[1].pue: a PUE below 1, which no facility can reach");
    refused(
        "cooling = \"air\"",
        "cooling = \"water\"",
        "plan.toml line LINE field technology[1].cooling: there is no cooling `water`; there are air",
    );
    refused(
        "lot = 2",
        "lots = 2",
        "plan.toml line LINE field technology[1].lots: is not known here; there are accelerator, available, cheaper, class, computing, cooling, devices, first, id, idle, last, lead, life, lot, power, precision, price, racks, serves, sparsity, supply",
    );
}

#[test]
fn a_technology_without_power_is_refused() {
    let text = SMALL.replace("power = \"20 kW\"\n", "");
    let said = Scenario::read("plan.toml", &text, "2026-03-15").unwrap_err().to_string();
    assert!(said.ends_with("field technology[1].power: is missing"), "{said}");
    assert!(said.starts_with("plan.toml line 2"), "{said}");
}
