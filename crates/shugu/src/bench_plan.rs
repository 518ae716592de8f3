//! `shugu bench plan`: how fast a hard plan is written down, and how soon which gap is proven. The cases are made up, the same for
//! everybody; `--export` gives them to other programs, such as `tools/plan_peer.py`.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use ::plan::{Effort, Plan, Progress, SearchStanding};
use clap::Args;
use serde_json::json;

use crate::failure::{Failure, Outcome, print};
use crate::plan::{Waiting, listen};
use crate::print_json;
use crate::table::table;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Sites.
    #[arg(long, default_value_t = 10)]
    sites: usize,
    /// Kinds of racks, at most 8.
    #[arg(long, default_value_t = 8)]
    technologies: usize,
    /// Quarters.
    #[arg(long, default_value_t = 20)]
    periods: usize,
    /// Which of all such cases.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Search for so long.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Stop at this gap.
    #[arg(long, default_value_t = 0.001)]
    gap: f64,
    /// Only write the program and solve its relaxation.
    #[arg(long)]
    relaxed: bool,
    /// Write the case as JSON.
    #[arg(long, value_name = "FILE.json")]
    export: Option<PathBuf>,
}

/// Who waits, and writes down when what moved.
struct Log {
    begin: Instant,
    waiting: Waiting,
    moves: Mutex<Vec<(f64, SearchStanding)>>,
}

impl Progress for Log {
    fn moved(&self, standing: SearchStanding) {
        self.moves.lock().expect("nobody panics while holding it").push((self.begin.elapsed().as_secs_f64(), standing));
        self.waiting.moved(standing);
    }

    fn stops(&self) -> bool {
        self.waiting.stops()
    }
}

/// Times the model is written, of which the fastest counts.
const TIMES: usize = 7;

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let case = ::plan::hard(options.sites, options.technologies, options.periods, options.seed);
    if let Some(path) = &options.export {
        let text = serde_json::to_string(&case).map_err(|problem| Failure::Failed(problem.to_string()))?;
        std::fs::write(path, text).map_err(|problem| Failure::Failed(format!("cannot write {}: {problem}", path.display())))?;
    }
    let mut model_s = f64::INFINITY;
    for _ in 0..TIMES {
        let begin = Instant::now();
        let built = ::plan::build(&case);
        model_s = model_s.min(begin.elapsed().as_secs_f64());
        drop(built);
    }
    let (milp, at) = ::plan::build(&case);
    let begin = Instant::now();
    let relaxed = ::plan::Options { relaxed: true, ..::plan::Options::default() };
    let relaxed = ::plan::solve(&milp, &relaxed, None, &::plan::Nobody);
    let relaxed_s = begin.elapsed().as_secs_f64();
    let mut document = json!({
        "sites": options.sites, "technologies": options.technologies, "periods": options.periods, "seed": options.seed,
        "columns": milp.columns(), "rows": milp.rows(), "entries": milp.index.len(),
        "model_s": model_s, "relaxed_myuan": relaxed.objective, "relaxed_s": relaxed_s,
    });
    let mut moves = Vec::new();
    if !options.relaxed {
        listen();
        let waiting = Waiting::new("searching", Some(options.seconds));
        let log = Log { begin: Instant::now(), waiting, moves: Mutex::default() };
        let answer = ::plan::search(&milp, &at, &Effort { gap: options.gap, ..Effort::default() }, None, &log);
        let solve_s = log.begin.elapsed().as_secs_f64();
        log.waiting.done();
        moves = log.moves.into_inner().expect("nobody panics while holding it");
        let gap_at = |seconds: f64| moves.iter().rev().find(|(at, _)| *at <= seconds).map(|(_, standing)| standing.gap());
        let plan = answer.values.as_ref().map(|values| Plan::of(&case, &at, values));
        document["solve_s"] = json!(solve_s);
        document["best_myuan"] = json!(answer.standing.best);
        document["bound_myuan"] = json!(answer.standing.bound);
        document["gap"] = json!(answer.standing.gap());
        document["gap_at_60_s"] = json!(gap_at(60.0));
        document["nodes"] = json!(answer.nodes);
        document["rules_broken"] = json!(plan.map(|plan| plan.broken(&case).len()));
    }
    if json {
        return print_json(&document);
    }
    let mut out = format!(
        "{} sites, {} technologies, {} quarters, seed {}: {} columns, {} rows, {} entries\nmodel in {:.2} ms (best of {TIMES}); relaxation {:.6} M yuan in {relaxed_s:.2} s\n",
        options.sites,
        options.technologies,
        options.periods,
        options.seed,
        milp.columns(),
        milp.rows(),
        milp.index.len(),
        model_s * 1e3,
        relaxed.objective,
    );
    if !moves.is_empty() {
        let every = (moves.len() / 20).max(1);
        let shown = moves.iter().enumerate().filter(|(at, _)| at % every == 0 || at + 1 == moves.len());
        let figure = |value: f64| if value.is_finite() { format!("{value:.1}") } else { "–".to_owned() };
        let row = |(_, (at, standing)): (usize, &(f64, SearchStanding))| {
            let gap = standing.gap() * 100.0;
            let gap = if gap.is_finite() { format!("{gap:.2} %") } else { "–".to_owned() };
            vec![format!("{at:.1} s"), figure(standing.bound), figure(standing.best), gap]
        };
        let header = ["after", "no plan below", "best", "gap"];
        out.push_str(&format!("\n{}", table(&header, &header, shown.map(row))));
        out.push_str(&format!("\nrules broken, looked at without the solver: {}\n", document["rules_broken"]));
    }
    print(&out)
}
