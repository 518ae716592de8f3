//! What several tests need.
#![allow(dead_code, reason = "not every test needs all of it")]

use plan::{Answer, Case, Effort, Ending, Outlook, Plan, Progress, Scenario, SearchStanding, build, search};

/// Nobody waits.
pub struct Patient;

impl Progress for Patient {
    fn moved(&self, _: SearchStanding) {}
    fn stops(&self) -> bool {
        false
    }
}

/// Solves a case to the end; the plan is looked at again without the solver.
pub fn solve(case: &Case, gap: f64) -> (Answer, Option<Plan>) {
    let (milp, at) = build(case);
    let answer = search(&milp, &at, &Effort { gap, single: true, ..Effort::default() }, None, &Patient);
    let plan = answer.values.as_ref().map(|values| Plan::of(case, &at, values));
    if let Some(plan) = &plan {
        assert_eq!(plan.broken(case), [], "the plan keeps every rule");
        let cost = plan.cost(case).objective;
        assert!((cost - answer.standing.best).abs() <= 1e-6 * cost.abs().max(1.0), "{cost} is {}", answer.standing.best);
        assert_eq!(answer.ending, Ending::Proven);
    }
    (answer, plan)
}

/// A scenario of a text.
pub fn scenario(text: &str) -> Scenario {
    Scenario::read("test.toml", text, "2026-01-01").unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Its likeliest case.
pub fn likely(text: &str) -> Case {
    Case::of(&scenario(text), Outlook::Likely)
}

/// A site, a cooling, a technology and a target, as small as they can be: 10 PFLOPS in lots of 2 systems of 1 PFLOPS, 1 rack and 1 M
/// yuan each, halls of 4 racks at 3 M yuan, 20 kW a system.
pub const SMALL: &str = r#"
name = "small"
start = "2026-01"
periods = 4
discount = 0
residual = false

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
id = "here"
power = "1 MW"
land = 10
electricity = "0 yuan/kWh"
carbon = "0.5 kg/kWh"
"#;
