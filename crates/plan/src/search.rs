//! Finding the cheapest plan, and proving how much cheaper none can be: one thread raises the bound on the whole program, the other
//! looks for plans – first window by window in time, then by freeing some sites, periods or technologies of the best plan again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::highs::{End, Found, Options, Watch, solve};
use crate::milp::Milp;
use crate::random::Random;
use crate::rows::Columns;

/// How far to go.
#[derive(Debug, Clone)]
pub struct Effort {
    /// Good enough when no plan can be cheaper by more than this part.
    pub gap: f64,
    /// Nodes of the tree that raises the bound, and of every small search; with a node limit and no other stop the answer is the same
    /// every time.
    pub nodes: Option<i32>,
    /// Small searches around the best plan; without end where there is none.
    pub rounds: Option<usize>,
    /// Every run with one seed begins alike.
    pub seed: i32,
    /// Only the bound's thread, which also finds plans: for small programs, where it is soon done.
    pub single: bool,
}

impl Default for Effort {
    fn default() -> Effort {
        Effort { gap: 1e-4, nodes: None, rounds: None, seed: 1, single: false }
    }
}

/// What somebody who waits is told. All in M yuan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// No plan is cheaper.
    pub bound: f64,
    /// The best plan so far; infinite where there is none.
    pub best: f64,
}

impl Standing {
    /// How much cheaper a plan might be, as a part of the best.
    pub fn gap(&self) -> f64 {
        if self.best.is_finite() && self.bound.is_finite() {
            ((self.best - self.bound) / self.best.abs().max(1e-9)).max(0.0)
        } else {
            f64::INFINITY
        }
    }
}

/// Somebody who waits.
pub trait Progress: Sync {
    /// Bound or best plan moved.
    fn moved(&self, standing: Standing);
    /// Whether to stop and keep the best.
    fn stops(&self) -> bool;
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Within the gap.
    Proven,
    /// Stopped before, by a limit or by somebody.
    Stopped,
    /// There is no plan.
    Infeasible,
    /// The solver failed; its code.
    Failed(i32),
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How it ended.
    pub ending: Ending,
    /// Values of the best plan, if one was found.
    pub values: Option<Vec<f64>>,
    /// Bound and best.
    pub standing: Standing,
    /// Nodes of the tree that raised the bound.
    pub nodes: i64,
}

struct Shared<'a> {
    effort: &'a Effort,
    progress: &'a dyn Progress,
    now: Mutex<(Standing, Option<Vec<f64>>)>,
    over: AtomicBool,
}

impl Shared<'_> {
    fn raise(&self, bound: f64) {
        let mut now = self.now.lock().expect("nobody panics while holding it");
        if bound > now.0.bound + 1e-9 * bound.abs() {
            now.0.bound = bound;
            self.told(now.0);
        }
    }

    fn offer(&self, objective: f64, values: &[f64]) -> bool {
        let mut now = self.now.lock().expect("nobody panics while holding it");
        let better = objective < now.0.best - 1e-9 * now.0.best.abs().min(1e12);
        if better {
            now.0.best = objective;
            now.1 = Some(values.to_vec());
            self.told(now.0);
        }
        better
    }

    fn told(&self, standing: Standing) {
        if standing.gap() <= self.effort.gap {
            self.over.store(true, Ordering::Relaxed);
        }
        self.progress.moved(standing);
    }

    fn best(&self) -> (Standing, Option<Vec<f64>>) {
        self.now.lock().expect("nobody panics while holding it").clone()
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.progress.stops()
    }
}

/// The bound's thread watches its own bound and plans.
struct Bounding<'a>(&'a Shared<'a>);

impl Watch for Bounding<'_> {
    fn moved(&self, bound: f64, _: f64) {
        if bound.is_finite() {
            self.0.raise(bound);
        }
    }
    fn found(&self, objective: f64, values: &[f64]) {
        self.0.offer(objective, values);
    }
    fn stops(&self) -> bool {
        self.0.over()
    }
}

/// A small search of the other thread: its bounds say nothing of the whole.
struct Looking<'a>(&'a Shared<'a>);

impl Watch for Looking<'_> {
    fn moved(&self, _: f64, _: f64) {}
    fn found(&self, _: f64, _: &[f64]) {}
    fn stops(&self) -> bool {
        self.0.over()
    }
}

/// Looks for the cheapest plan. `known` are values of plans that are known, to begin with.
pub fn search(milp: &Milp, at: &Columns, effort: &Effort, known: Option<&[f64]>, progress: &dyn Progress) -> Answer {
    let none = Standing { bound: f64::NEG_INFINITY, best: f64::INFINITY };
    let shared = Shared { effort, progress, now: Mutex::new((none, None)), over: AtomicBool::new(false) };
    if let Some(values) = known.filter(|values| milp.worst_break(values).0 < 1e-6) {
        shared.offer(milp.objective(values), values);
    }
    let bounding = || {
        let options = Options {
            gap: effort.gap,
            nodes: effort.nodes.unwrap_or(i32::MAX),
            seed: effort.seed,
            effort: if effort.single { 0.05 } else { 0.02 },
            ..Options::default()
        };
        let (_, begin) = shared.best();
        let found = solve(milp, &options, begin.as_deref(), &Bounding(&shared));
        if found.bound.is_finite() {
            shared.raise(found.bound);
        }
        if let Some(values) = &found.values {
            shared.offer(found.objective, values);
        }
        if matches!(found.end, End::Solved | End::Infeasible | End::Failed(_)) {
            shared.over.store(true, Ordering::Relaxed);
        }
        found
    };
    let found = if effort.single {
        bounding()
    } else {
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| Neighbourhoods::new(milp, at, &shared).look());
            let found = bounding();
            if effort.rounds.is_none() && effort.nodes.is_some() {
                // A limit of nodes is a limit of everything.
                shared.over.store(true, Ordering::Relaxed);
            }
            looking.join().expect("the search does not panic");
            found
        })
    };
    let (standing, values) = shared.best();
    let ending = match found.end {
        _ if standing.gap() <= effort.gap => Ending::Proven,
        End::Infeasible if values.is_none() => Ending::Infeasible,
        End::Failed(code) if values.is_none() => Ending::Failed(code),
        _ => Ending::Stopped,
    };
    Answer { ending, values, standing, nodes: found.nodes }
}

/// What is freed of the best plan to look for a better one near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freed {
    Sites,
    Periods,
    Technologies,
}

/// Seconds a window may take at most where a program is small.
const MOST_PATIENCE: f64 = 50.0;

const FREED: [Freed; 3] = [Freed::Sites, Freed::Periods, Freed::Technologies];

struct Neighbourhoods<'a> {
    milp: &'a Milp,
    at: &'a Columns,
    shared: &'a Shared<'a>,
    random: Random,
    sites: usize,
    periods: usize,
    technologies: usize,
    /// How much each kind frees, as a part of what decides; grows where small searches are soon done, shrinks where they are not.
    part: [f64; 3],
    /// How much each kind gained of late; what gained more is tried more often.
    gained: [f64; 3],
    /// How much larger the program is than one that a small search of some seconds is right for.
    size: f64,
}

impl<'a> Neighbourhoods<'a> {
    fn new(milp: &'a Milp, at: &'a Columns, shared: &'a Shared<'a>) -> Neighbourhoods<'a> {
        let most = |of: &dyn Fn(&crate::rows::Decided) -> Option<usize>| {
            at.decided.iter().filter_map(of).max().map_or(0, |most| most + 1)
        };
        Neighbourhoods {
            milp,
            at,
            shared,
            random: Random::new(shared.effort.seed as u64),
            sites: most(&|decided| decided.site),
            periods: most(&|decided| Some(decided.period)),
            technologies: most(&|decided| decided.technology),
            part: [0.2, 0.25, 0.3],
            gained: [1.0; 3],
            size: (milp.columns() as f64 / 5000.0).max(1.0),
        }
    }

    fn options(&self, gap: f64, nodes: i32, seconds: f64) -> Options {
        let Effort { nodes: limit, seed, .. } = *self.shared.effort;
        // A limit of time makes a run its own; a limit of nodes makes it the same as every other.
        let seconds = if limit.is_some() { f64::INFINITY } else { seconds };
        Options { gap, nodes: limit.unwrap_or(nodes).min(nodes), seconds, seed, ..Options::default() }
    }

    fn look(mut self) {
        if self.shared.best().1.is_none() {
            self.windows();
        }
        let mut round = 0;
        while !self.shared.over() && self.shared.effort.rounds.is_none_or(|rounds| round < rounds) {
            self.around();
            round += 1;
        }
    }

    /// Window by window: what lies before is fixed, what lies in it and some way behind is whole, the rest is any number.
    fn windows(&mut self) {
        let (step, ahead) = (self.periods.div_ceil(5).max(1), (self.periods.div_ceil(5) + 1).max(2));
        let mut program = self.milp.clone();
        let mut begin = 0;
        // A window that ends without a plan is looked at again, with more time: giving up would lose all windows before it.
        let mut patience = 2.0;
        let mut last: Option<Vec<f64>> = None;
        while begin < self.periods && !self.shared.over() {
            for decided in &self.at.decided {
                let whole = decided.period >= begin && decided.period < begin + ahead;
                program.integer[decided.column as usize] = whole;
            }
            let found = solve(&program, &self.options(0.005, 500, patience * self.size.powf(1.5)), None, &Looking(self.shared));
            let Some(values) = found.values else {
                if found.end == End::Stopped && self.shared.effort.nodes.is_none() && patience < MOST_PATIENCE {
                    patience *= 3.0;
                    continue;
                }
                return;
            };
            for decided in self.at.decided.iter().filter(|decided| (begin..begin + step).contains(&decided.period)) {
                fix(&mut program, decided.column, values[decided.column as usize].round());
            }
            begin += step;
            last = Some(values);
        }
        if let Some(values) = last.filter(|values| self.milp.worst_break(values).0 < 1e-6) {
            self.shared.offer(self.milp.objective(&values), &values);
        }
    }

    /// Frees a part of the best plan and looks for a better one there.
    fn around(&mut self) {
        let (before, best) = self.shared.best();
        let Some(best) = best else {
            // No plan yet: wherever the windows ended without one, all of it is looked at again with more room.
            let found = solve(self.milp, &self.options(0.05, 2000, 20.0 * self.size), None, &Looking(self.shared));
            self.accept(&found);
            return;
        };
        let mut program = self.milp.clone();
        let kind = self.kind();
        let part = self.part[kind];
        let free: Box<dyn Fn(&crate::rows::Decided) -> bool> = match FREED[kind] {
            Freed::Sites => {
                let chosen = self.choose(self.sites, part);
                Box::new(move |decided| decided.site.is_none_or(|site| chosen[site]))
            }
            Freed::Periods => {
                let width = ((self.periods as f64 * part).ceil() as usize).clamp(2.min(self.periods), self.periods);
                let begin = self.random.between(0, (self.periods - width) as i64) as usize;
                Box::new(move |decided| (begin..begin + width).contains(&decided.period))
            }
            Freed::Technologies => {
                let chosen = self.choose(self.technologies, part);
                Box::new(move |decided| decided.technology.is_some_and(|technology| chosen[technology]))
            }
        };
        for decided in self.at.decided.iter().filter(|decided| !free(decided)) {
            fix(&mut program, decided.column, best[decided.column as usize].round());
        }
        let nodes = 200;
        let found = solve(&program, &self.options(1e-3, nodes, 2.0 * self.size), Some(&best), &Looking(self.shared));
        self.accept(&found);
        let gain = ((before.best - found.objective) / before.best.abs().max(1e-9)).clamp(0.0, 0.01) * 100.0;
        self.gained[kind] = 0.7 * self.gained[kind] + 0.3 * gain;
        let part = &mut self.part[kind];
        match found.end {
            End::Solved if found.nodes < i64::from(nodes) / 10 => *part = (*part * 1.15).min(1.0),
            End::Solved => {}
            _ => *part = (*part * 0.85).max(0.05),
        }
    }

    /// A kind, by chance; none is ever given up.
    fn kind(&mut self) -> usize {
        let weights = self.gained.map(|gained| gained + 0.05);
        let mut at = self.random.part() * weights.iter().sum::<f64>();
        for (kind, weight) in weights.iter().enumerate() {
            at -= weight;
            if at < 0.0 {
                return kind;
            }
        }
        weights.len() - 1
    }

    fn choose(&mut self, count: usize, part: f64) -> Vec<bool> {
        let wanted = ((count as f64 * part).ceil() as usize).clamp(1, count.max(1));
        let mut all: Vec<usize> = (0..count).collect();
        for at in 0..wanted.min(count) {
            let other = self.random.between(at as i64, count as i64 - 1) as usize;
            all.swap(at, other);
        }
        let mut chosen = vec![false; count];
        all.iter().take(wanted).for_each(|at| chosen[*at] = true);
        chosen
    }

    fn accept(&self, found: &Found) {
        if let Some(values) = found.values.as_ref().filter(|values| self.milp.worst_break(values).0 < 1e-6) {
            self.shared.offer(self.milp.objective(values), values);
        }
    }
}

fn fix(program: &mut Milp, column: u32, value: f64) {
    program.lower[column as usize] = value;
    program.upper[column as usize] = value;
}
