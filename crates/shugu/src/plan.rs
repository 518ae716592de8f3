//! `shugu plan`: what to build, where, when and with what, so that a target is met; how likely, and for how much.

mod frontier;
mod planned;
mod show;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ::plan::{
    Answer, Build, Capacity, Case, Chance, Conflict, Cost, Delays, Effort, Ending, Late, Milp, Outlook, Plan, Progress, Ranges,
    Scenario, SearchStanding, Share, Worth,
};
use census::Census;
use clap::Args;
use measure::Time;
use serde::Serialize;

use crate::failure::{Failure, Outcome, note, print};
use crate::table::table;
use crate::{print_json, shipped};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The scenario, a TOML file; docs/plan.md says what may be in it.
    #[arg(value_name = "SCENARIO.toml")]
    pub(crate) scenario: PathBuf,
    /// Plan as of this date: targets before it are refused [default: today].
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Good enough when no plan can be cheaper by more than this part.
    #[arg(long, value_name = "PART", default_value_t = 0.005)]
    pub(crate) gap: f64,
    /// Stop after so many nodes of the tree, for the same answer every time.
    #[arg(long, value_name = "NODES")]
    nodes: Option<i32>,
    /// Stop after so many seconds and keep the best; Ctrl-C does the same at any time.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<f64>,
    /// Seeds the solver, the search and all that is drawn.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u32,
    /// Draws of delays, and of everything that is not sure.
    #[arg(long, default_value_t = 1000)]
    pub(crate) samples: usize,
    /// The cheapest plan that meets every target with this probability, 0 to 1: found by planning with ever later dates.
    #[arg(long, value_name = "PART")]
    probability: Option<f64>,
    /// Do not plan again for the best and the worst of all assumptions.
    #[arg(long)]
    no_extremes: bool,
    /// Write the census as it will be if the plan is carried out, with its forecasts, to this new folder.
    #[arg(long, value_name = "FOLDER")]
    census_out: Option<PathBuf>,
    /// Plan for other targets and limits too: the frontier of cost, computing power, carbon and date, with so many points a line.
    #[arg(long, value_name = "POINTS")]
    pub(crate) frontier: Option<usize>,
    /// Draw the frontier as SVG.
    #[arg(long, value_name = "FILE.svg", requires = "frontier")]
    picture: Option<PathBuf>,
    /// Run this trace (KIND:PATH, as for `replay`) through the engine on today's hub and on the planned one.
    #[arg(long, value_name = "KIND:PATH")]
    pub(crate) verify: Option<String>,
    /// The policy of --verify.
    #[arg(long, default_value = "default", requires = "verify")]
    pub(crate) policy: String,
    /// Nodes that today's hub is scaled down to for --verify, so that a trace can fill it; the planned one is scaled alike
    /// [default: as many as the trace would fill in all but its busiest tenth].
    #[arg(long, value_name = "NODES", requires = "verify")]
    pub(crate) verify_nodes: Option<u32>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    scenario: String,
    status: &'static str,
    objective_yuan: Option<f64>,
    bound_yuan: Option<f64>,
    gap: Option<f64>,
    paid_yuan: Option<f64>,
    built_yuan: Option<f64>,
    cost_yuan: Option<BTreeMap<&'static str, f64>>,
    builds: Vec<Build>,
    capacity: Vec<Capacity>,
    targets: Vec<Chance>,
    probability_target_met: Option<f64>,
    probability_interval: Option<[f64; 2]>,
    drivers: Vec<Drives>,
    ranges: Option<Ranges>,
    extremes: Option<Extremes>,
    worth: Vec<Worth>,
    conflicts: Vec<Conflict>,
    planned_late: Option<f64>,
    frontier: Vec<frontier::Point>,
    verified: Option<verify::Verified>,
    columns: usize,
    rows: usize,
    nodes: i64,
    model_s: f64,
    solve_s: f64,
    samples_s: f64,
    census_out: Option<PathBuf>,
}

/// What a driver of delays costs in probability.
#[derive(Debug, Serialize)]
struct Drives {
    what: String,
    /// How likely the target would be met were this never late.
    if_never_late: f64,
}

/// Plans for the best and the worst of all assumptions.
#[derive(Debug, Serialize)]
struct Extremes {
    /// What the cheapest plan builds for, when everything is as good as it may be, in yuan.
    best_built_yuan: Option<f64>,
    /// The same when everything is as bad; none where no plan exists then.
    worst_built_yuan: Option<f64>,
}

/// Somebody at a terminal, with a limit of time and Ctrl-C.
pub(crate) struct Waiting {
    begin: Instant,
    seconds: Option<f64>,
    bar: indicatif::ProgressBar,
}

/// Set by Ctrl-C.
static STOPPED: AtomicBool = AtomicBool::new(false);

impl Waiting {
    pub(crate) fn new(what: &str, seconds: Option<f64>) -> Waiting {
        let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
        bar.set_style(indicatif::ProgressStyle::with_template("{spinner} {prefix}{msg} {elapsed}").expect("it is well formed"));
        bar.enable_steady_tick(Duration::from_millis(250));
        bar.set_prefix(format!("{what}: "));
        Waiting { begin: Instant::now(), seconds, bar }
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Waiting {
    fn moved(&self, standing: SearchStanding) {
        let yuan = |million: f64| if million.is_finite() { show::yuan(million * 1e6) } else { "none yet".to_owned() };
        let gap = if standing.gap().is_finite() { format!(", gap {:.2} %", standing.gap() * 100.0) } else { String::new() };
        self.bar.set_message(format!(
            "best {}, none below {}{gap}; Ctrl-C keeps the best;",
            yuan(standing.best),
            yuan(standing.bound)
        ));
    }

    fn stops(&self) -> bool {
        STOPPED.load(Ordering::Relaxed) || self.seconds.is_some_and(|seconds| self.begin.elapsed().as_secs_f64() > seconds)
    }
}

/// The solver's view of somebody who waits, for what has no bound to tell.
struct Asked<'a>(&'a Waiting);

impl ::plan::Watch for Asked<'_> {
    fn moved(&self, _: f64, _: f64) {}
    fn found(&self, _: f64, _: &[f64]) {}
    fn stops(&self) -> bool {
        self.0.stops()
    }
}

/// A case solved.
pub(crate) struct Solved {
    pub(crate) case: Case,
    pub(crate) milp: Milp,
    pub(crate) answer: Answer,
    pub(crate) plan: Option<Plan>,
    pub(crate) model: Duration,
    pub(crate) solve: Duration,
}

/// Programs of fewer columns are done before a second thread helps.
const SMALL: usize = 2500;

impl Options {
    pub(crate) fn solve(&self, what: &str, case: Case, gap: f64, known: Option<&[f64]>) -> Outcome<Solved> {
        let begin = Instant::now();
        let (milp, at) = ::plan::build(&case);
        let model = begin.elapsed();
        let effort = Effort { gap, nodes: self.nodes, rounds: None, seed: self.seed as i32, single: milp.columns() < SMALL };
        let waiting = Waiting::new(what, self.seconds);
        let answer = ::plan::search(&milp, &at, &effort, known, &waiting);
        waiting.done();
        if let Ending::Failed(code) = answer.ending {
            return Err(Failure::Failed(format!(
                "the solver gave up, with its code {code}: are the numbers of the scenario sane?"
            )));
        }
        let plan = answer.values.as_ref().map(|values| Plan::of(&case, &at, values));
        Ok(Solved { case, milp, answer, plan, model, solve: begin.elapsed() - model })
    }
}

/// Ctrl-C once keeps the best, twice ends.
pub(crate) fn listen() {
    std::thread::spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if STOPPED.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
            }
        });
    });
}

/// Reads a scenario and the census that it builds on.
pub(crate) fn read(path: &Path, at: Option<&str>) -> Outcome<(Scenario, Census)> {
    let text =
        std::fs::read_to_string(path).map_err(|problem| Failure::Wrong(format!("cannot read {}: {problem}", path.display())))?;
    let today = match at {
        Some(date) => Time::parse_date(date).map_err(|problem| Failure::Wrong(format!("--at: {problem}")))?.date(),
        None => serve::now().date(),
    };
    let scenario =
        Scenario::read(&path.display().to_string(), &text, &today).map_err(|wrong| Failure::Wrong(wrong.to_string()))?;
    let base = match &scenario.census {
        None => shipped::nothing_known(),
        Some(name) => {
            let beside = path.parent().unwrap_or(Path::new(".")).join(name);
            shipped::census_at(if beside.is_dir() { &beside } else { Path::new(name) })?
        }
    };
    for technology in &scenario.technologies {
        if let Some(model) = technology.accelerator.as_ref().filter(|model| !base.accelerators.contains_key(*model)) {
            let problem = format!("{}: `{}` of {} is no model of accelerators.csv", path.display(), model, technology.id);
            return Err(Failure::Wrong(problem));
        }
    }
    Ok((scenario, base))
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    for (name, part, most) in [("--gap", Some(options.gap), 1.0), ("--probability", options.probability, 0.9999)] {
        if part.is_some_and(|part| !(0.0..=most).contains(&part)) {
            return Err(Failure::Wrong(format!("{name}: is a part of 1, from 0 to {most}")));
        }
    }
    let (scenario, base) = read(&options.scenario, options.at.as_deref())?;
    if let Some(folder) = options.census_out.as_ref().filter(|folder| folder.exists()) {
        return Err(Failure::Wrong(format!("--census-out: {} is there already", folder.display())));
    }
    listen();
    let likely = Case::of(&scenario, Outlook::Likely);
    let mut solved = options.solve("planning", likely.clone(), options.gap, None)?;
    let mut planned_late = None;
    if let (Some(wanted), Some(_)) = (options.probability, &solved.plan)
        && let Some((level, better)) = surer(options, &scenario, &likely, wanted, &solved)?
    {
        planned_late = Some(level);
        solved = better;
    }
    let mut document = begin(&scenario, &solved);
    document.planned_late = planned_late;
    let Some(plan) = &solved.plan else {
        let waiting = Waiting::new("looking for what stands in the way", options.seconds);
        if solved.answer.ending == Ending::Infeasible {
            document.conflicts = ::plan::conflicts(&solved.case, &solved.milp, &Asked(&waiting)).unwrap_or_default();
        }
        waiting.done();
        return without_plan(&document, json);
    };
    let cost = plan.cost(&solved.case);
    // What the solver says is not believed, but looked at again.
    let broken = plan.broken(&solved.case);
    if let Some(worst) = broken.first() {
        return Err(Failure::Failed(format!("the plan breaks its own rules, which is a fault of this program: {}", worst.rule)));
    }
    let gap_of_cost = (cost.objective - solved.answer.standing.best).abs() / cost.objective.abs().max(1.0);
    if gap_of_cost > 1e-6 {
        return Err(Failure::Failed(format!(
            "the plan costs {} and not {}, which is a fault of this program",
            cost.objective, solved.answer.standing.best
        )));
    }
    fill(options, &scenario, &likely, &solved, plan, &cost, &mut document)?;
    if let Some(points) = options.frontier {
        document.frontier = frontier::frontier(options, &scenario, points, &solved)?;
        if let Some(path) = &options.picture {
            let drawn = frontier::picture(&document.frontier).map_err(Failure::Failed)?;
            std::fs::write(path, drawn)
                .map_err(|problem| Failure::Failed(format!("cannot write {}: {problem}", path.display())))?;
            note(&format!("drawn in {}", path.display()));
        }
    }
    let rows = ::plan::planned_rows(&scenario, &solved.case, plan, &document.builds, &document.targets, &base);
    if let Some(folder) = &options.census_out {
        planned::write(folder, &options.scenario, scenario.census.as_deref(), &rows)?;
        document.census_out = Some(folder.clone());
    }
    if options.verify.is_some() {
        document.verified = Some(verify::verify(options, &scenario, &solved.case, plan, &base)?);
    }
    if json { print_json(&document) } else { print(&shown(&scenario, &solved.case, &document)) }
}

fn begin(scenario: &Scenario, solved: &Solved) -> Document {
    let standing = solved.answer.standing;
    Document {
        scenario: scenario.name.clone(),
        status: match solved.answer.ending {
            Ending::Proven => "proven",
            Ending::Infeasible => "infeasible",
            Ending::Stopped | Ending::Failed(_) => "stopped",
        },
        objective_yuan: Some(standing.best * 1e6).filter(|yuan| yuan.is_finite()),
        bound_yuan: Some(standing.bound * 1e6).filter(|yuan| yuan.is_finite()),
        gap: Some(standing.gap()).filter(|gap| gap.is_finite()),
        paid_yuan: None,
        built_yuan: None,
        cost_yuan: None,
        builds: Vec::new(),
        capacity: Vec::new(),
        targets: Vec::new(),
        probability_target_met: None,
        probability_interval: None,
        drivers: Vec::new(),
        ranges: None,
        extremes: None,
        worth: Vec::new(),
        conflicts: Vec::new(),
        planned_late: None,
        frontier: Vec::new(),
        verified: None,
        columns: solved.milp.columns(),
        rows: solved.milp.rows(),
        nodes: solved.answer.nodes,
        model_s: solved.model.as_secs_f64(),
        solve_s: solved.solve.as_secs_f64(),
        samples_s: 0.0,
        census_out: None,
    }
}

/// The least likely of all targets.
fn least(chances: &[Chance]) -> Option<Share> {
    chances.iter().map(|chance| chance.met).min_by(|left, right| left.seen.total_cmp(&right.seen))
}

fn fill(
    options: &Options,
    scenario: &Scenario,
    likely: &Case,
    solved: &Solved,
    plan: &Plan,
    cost: &Cost,
    document: &mut Document,
) -> Outcome {
    document.paid_yuan = Some(cost.paid() * 1e6);
    document.built_yuan = Some(cost.built() * 1e6);
    let parts = [
        ("systems", cost.systems),
        ("halls", cost.halls),
        ("grid", cost.grid),
        ("sites", cost.sites),
        ("electricity", cost.electricity),
        ("projects", cost.projects),
        ("missing", cost.missing),
        ("carbon", cost.carbon),
    ];
    document.cost_yuan = Some(parts.into_iter().map(|(name, million)| (name, million * 1e6)).collect());
    document.builds = ::plan::builds(scenario, &solved.case, plan);
    document.capacity = ::plan::capacity(scenario, &solved.case, plan);
    let begin = Instant::now();
    let seed = u64::from(options.seed);
    if !scenario.targets.is_empty() && options.samples > 0 {
        let delays = Delays::new(scenario, likely, plan);
        document.targets = delays.chances(options.samples, seed, None);
        let met = least(&document.targets);
        document.probability_target_met = met.map(|met| met.seen);
        document.probability_interval = met.map(|met| [met.low, met.high]);
        for driver in delays.drivers() {
            let without = least(&delays.chances(options.samples, seed, Some(*driver))).map_or(0.0, |met| met.seen);
            document.drivers.push(Drives { what: driver.name(scenario), if_never_late: without });
        }
        document.drivers.sort_by(|left, right| right.if_never_late.total_cmp(&left.if_never_late));
        document.ranges = Some(::plan::ranges(scenario, plan, options.samples, seed));
    }
    document.samples_s = begin.elapsed().as_secs_f64();
    let relaxed = ::plan::Options { relaxed: true, ..::plan::Options::default() };
    let relaxed = ::plan::solve(&solved.milp.unhelped(), &relaxed, None, &::plan::Nobody);
    if relaxed.end == ::plan::End::Solved {
        document.worth = ::plan::worths(&solved.case, &solved.milp, &relaxed.duals);
    }
    if !options.no_extremes && !Case::unsure(scenario).is_empty() {
        let built = |what: &str, outlook: Outlook| -> Outcome<Option<f64>> {
            let solved = options.solve(what, Case::of(scenario, outlook), options.gap.max(0.01), None)?;
            Ok(solved.plan.as_ref().map(|plan| plan.cost(&solved.case).built() * 1e6))
        };
        document.extremes = Some(Extremes {
            best_built_yuan: built("planning for the best", Outlook::Best)?,
            worst_built_yuan: built("planning for the worst", Outlook::Worst)?,
        });
    }
    Ok(())
}

/// The cheapest plan that meets its targets as surely as wanted: dates are planned as late as at a level of their distributions, and
/// the least level that does is looked for. Where no level does, the one that does best.
fn surer(options: &Options, scenario: &Scenario, likely: &Case, wanted: f64, first: &Solved) -> Outcome<Option<(f64, Solved)>> {
    let probability = |plan: &Plan| {
        least(&Delays::new(scenario, likely, plan).chances(options.samples.max(1000), u64::from(options.seed), None))
            .map_or(1.0, |met| met.seen)
    };
    if first.plan.as_ref().is_some_and(|plan| probability(plan) >= wanted) {
        return Ok(None);
    }
    let delays = &scenario.delays;
    // Leads are whole periods: levels between two steps give the same plan, so a few are enough.
    let mut tried: BTreeSet<[usize; 3]> = BTreeSet::new();
    let mut best: Option<(f64, f64, Solved)> = None;
    for level in [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0] {
        let late = Late {
            delivery: delays.delivery.range.quantile(level),
            building: delays.building.range.quantile(level),
            grid: delays.grid.range.quantile(level),
        };
        let case = Case::late(scenario, Outlook::Likely, &late);
        let grid = case.grid.iter().flatten().map(|step| step.lead).sum();
        if !tried.insert([case.lead.iter().sum(), case.hall_lead.iter().sum(), grid]) {
            continue;
        }
        let solved =
            options.solve(&format!("planning with dates later than {:.0} of 100", level * 100.0), case, options.gap, None)?;
        let Some(plan) = &solved.plan else { break };
        let reached = probability(plan);
        let enough = reached >= wanted;
        if best.as_ref().is_none_or(|(most, ..)| reached > *most) {
            best = Some((reached, level, solved));
        }
        if enough {
            break;
        }
    }
    if best.as_ref().is_none_or(|(reached, ..)| *reached < wanted) {
        note(&format!(
            "no plan that was tried meets its targets with {:.0} %; the surest is shown, later targets or earlier starts would help",
            wanted * 100.0
        ));
    }
    let before = first.plan.as_ref().map_or(0.0, probability);
    Ok(best.filter(|(reached, ..)| *reached > before).map(|(_, level, solved)| (level, solved)))
}

/// There is no plan: what stands in the way.
fn without_plan(document: &Document, json: bool) -> Outcome {
    if json {
        print_json(document)?;
        return Err(Failure::Told);
    }
    if document.status != "infeasible" {
        return Err(Failure::Failed("stopped before a plan was found".to_owned()));
    }
    let mut out = String::from("There is no plan. These limits contradict each other:\n\n");
    let (give, pull): (Vec<_>, Vec<_>) = document.conflicts.iter().partition(|conflict| conflict.needed.is_some());
    for conflict in &give {
        let needed = conflict.needed.unwrap_or_default();
        let (is, needed) = (show::amount(conflict.is), show::amount(needed));
        out.push_str(&format!("  {} is {is} {}; {needed} would do\n", conflict.limit, conflict.unit));
    }
    for conflict in pull.iter().take(12) {
        out.push_str(&format!("  {} is {} {}\n", conflict.limit, show::amount(conflict.is), conflict.unit));
    }
    if pull.len() > 12 {
        out.push_str(&format!("  and {} more; --json has them all\n", pull.len() - 12));
    }
    if give.is_empty() {
        out.push_str("  nothing that may give way helps\n");
    } else {
        out.push_str("\nThe first, changed as they say and all at once, are the least change after which there is a plan.\n");
    }
    print(&out)?;
    Err(Failure::Failed("no plan meets all limits".to_owned()))
}

fn shown(scenario: &Scenario, case: &Case, document: &Document) -> String {
    let yuan = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), show::yuan);
    let percent = |part: f64| format!("{:.1} %", part * 100.0);
    let mut out = format!("{}\n\n", document.scenario);
    let gap = document.gap.map_or_else(|| "unknown".to_owned(), |gap| format!("{:.2} %", gap * 100.0));
    out.push_str(&format!(
        "built for {}, paid in all {} ({}: no plan is cheaper by more than {gap})\n",
        yuan(document.built_yuan),
        yuan(document.paid_yuan),
        document.status
    ));
    if let Some(ranges) = &document.ranges {
        let (built, paid) = (ranges.built_yuan, ranges.paid_yuan);
        out.push_str(&format!(
            "if assumptions vary: built {} to {}, paid {} to {} (90 of 100 draws)\n",
            show::yuan(built.p5),
            show::yuan(built.p95),
            show::yuan(paid.p5),
            show::yuan(paid.p95)
        ));
    }
    if let Some(extremes) = &document.extremes {
        let worst = extremes.worst_built_yuan.map_or_else(|| "no plan at all".to_owned(), show::yuan);
        out.push_str(&format!("planned anew, built {} at best and {worst} at worst\n", yuan(extremes.best_built_yuan)));
    }
    for (target, chance) in scenario.targets.iter().zip(&document.targets) {
        let [low, middle, high] = chance.reached.map(show::computing);
        out.push_str(&format!(
            "target {} by {}: {middle} of {} ({low} to {high}), met with {} ({} to {})\n",
            chance.target,
            target.by,
            show::computing(target.computing.range.likely),
            percent(chance.met.seen),
            percent(chance.met.low),
            percent(chance.met.high)
        ));
    }
    if let Some(level) = document.planned_late {
        out.push_str(&format!("planned with dates as late as in {:.0} of 100 cases\n", level * 100.0));
    }
    out.push('\n');
    out.push_str(&show::builds(&document.builds));
    out.push('\n');
    out.push_str(&show::capacity(&document.capacity));
    let drives: Vec<&Drives> = document
        .drivers
        .iter()
        .filter(|one| document.probability_target_met.is_some_and(|met| one.if_never_late > met + 1e-9))
        .collect();
    if !drives.is_empty() {
        out.push_str("\nWhat makes it late (how likely the target were met if it never were):\n");
        drives.iter().take(8).for_each(|one| out.push_str(&format!("  {}  {}\n", percent(one.if_never_late), one.what)));
    }
    if let Some(ranges) = &document.ranges {
        let row =
            |swing: &::plan::Swing| vec![swing.assumption.clone(), show::yuan(swing.best_yuan), show::yuan(swing.worst_yuan)];
        out.push_str("\nWhat moves the cost most, each alone:\n");
        out.push_str(&table(
            &["assumption", "paid at best", "paid at worst"],
            &["paid at best", "paid at worst"],
            ranges.swings.iter().take(8).map(row),
        ));
    }
    if !document.worth.is_empty() {
        out.push_str("\nWhat one more of a limit saves, by the relaxation:\n");
        for worth in document.worth.iter().take(8) {
            out.push_str(&format!("  {}: {} a {}\n", worth.limit, show::yuan(worth.saves_yuan), singular(worth.unit)));
        }
    }
    if !document.frontier.is_empty() {
        out.push_str("\nTrade-offs:\n");
        out.push_str(&show::frontier(&document.frontier));
    }
    if let Some(verified) = &document.verified {
        out.push('\n');
        out.push_str(&show::verified(verified));
    }
    if let Some(folder) = &document.census_out {
        out.push_str(&format!("\nthe planned census is in {}\n", folder.display()));
    }
    out.push_str(&format!(
        "\n{} sites, {} technologies, {} periods: {} columns, {} rows; model {:.3} s, solved in {:.1} s, sampled in {:.1} s\n",
        case.sites(),
        case.technologies(),
        case.periods,
        document.columns,
        document.rows,
        document.model_s,
        document.solve_s,
        document.samples_s
    ));
    out
}

fn singular(unit: &str) -> &str {
    match unit {
        "racks" => "rack",
        "plots" => "plot",
        "lots" => "lot",
        "halls" => "hall",
        other => other,
    }
}
