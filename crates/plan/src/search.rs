//! Finding the cheapest plan, and proving how much cheaper none can be: one thread raises the bound on the whole program, the other
//! looks for plans – first what is built, with orders of any size, then whole orders, then by freeing some sites, periods or technologies
//! of the best plan again.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::highs::{End, Found, Options, Watch, solve};
use crate::milp::Milp;
use crate::random::Random;
use crate::rows::{Columns, Decided};

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

/// Somebody who waits. Both are called by the thread that asked for the search.
pub trait Progress {
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

/// How often whoever waits is asked whether to stop.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// How long a search that was stopped may take to end well. The solver looks up from a large relaxation only when it has solved it;
/// nobody who said stop waits for that: its thread is left to itself and ends when it sees that all is over.
const GRACE: Duration = Duration::from_secs(1);

/// Two threads give way to each other by the clock; with a limit of nodes neither asks it.
#[expect(clippy::disallowed_methods, reason = "patience is no part of an answer: with a limit of nodes there is none")]
fn now() -> Instant {
    Instant::now()
}

/// What the threads of a search share.
struct Shared {
    milp: Milp,
    at: Columns,
    effort: Effort,
    now: Mutex<(Standing, Option<Vec<f64>>)>,
    /// How the thread that raises the bound ended, and its nodes.
    bounded: Mutex<Option<(End, i64)>>,
    /// The cheapest that was built with orders of any size, and its values.
    built: Mutex<Option<(f64, Vec<f64>)>>,
    /// Whether orders for it were looked for.
    ordered: AtomicBool,
    over: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (Standing, Option<Vec<f64>>)> {
        self.now.lock().expect("nobody panics while holding it")
    }

    fn best(&self) -> (Standing, Option<Vec<f64>>) {
        self.lock().clone()
    }

    fn built(&self) -> MutexGuard<'_, Option<(f64, Vec<f64>)>> {
        self.built.lock().expect("nobody panics while holding it")
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// One thread's hold on what is shared; the listener learns that all are gone when the last one is.
#[derive(Clone)]
struct Hold {
    shared: Arc<Shared>,
    told: Sender<Standing>,
}

impl Deref for Hold {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Hold {
    fn raise(&self, bound: f64) -> bool {
        let mut now = self.lock();
        // Less than this is no news to anybody, and no reason to go on.
        let higher = bound > now.0.bound + 1e-5 * bound.abs();
        if bound > now.0.bound {
            now.0.bound = bound;
        }
        if higher {
            self.tell(now.0);
        }
        higher
    }

    fn offer(&self, objective: f64, values: &[f64]) {
        let mut now = self.lock();
        if objective < now.0.best - 1e-9 * now.0.best.abs().min(1e12) {
            now.0.best = objective;
            now.1 = Some(values.to_vec());
            self.tell(now.0);
        }
    }

    fn tell(&self, standing: Standing) {
        if standing.gap() <= self.effort.gap {
            self.end();
        }
        // A listener who left has stopped the search.
        let _ = self.told.send(standing);
    }

    /// Raises the bound until all is over. Where it no longer moves, looks for plans for a while: with a better plan the bound begins
    /// higher.
    fn bound(&self) {
        let Effort { gap, nodes, seed, single, .. } = self.effort;
        let options = Options {
            gap,
            nodes: nodes.unwrap_or(i32::MAX),
            seed,
            effort: if single { 0.05 } else { 0.02 },
            ..Options::default()
        };
        let mut near: Option<Neighbourhoods> = None;
        let mut patience = PATIENCE.mul_f64(size(&self.milp).powf(1.5));
        loop {
            let begun = now();
            let (_, begin) = self.best();
            // With a limit of nodes every run is to be alike, and alone the bound has nobody to give way to.
            let patient = (!single && nodes.is_none()).then_some(patience);
            let watch = Bounding { hold: self, patience: patient, moved: Mutex::new(begun) };
            let found = solve(&self.milp, &options, begin.as_deref(), &watch);
            if found.bound.is_finite() {
                self.raise(found.bound);
            }
            if let Some(values) = &found.values {
                self.offer(found.objective, values);
            }
            *self.bounded.lock().expect("nobody panics while holding it") = Some((found.end, found.nodes));
            // A limit of nodes is a limit of everything.
            if self.effort.rounds.is_none() && nodes.is_some() || found.end != End::Stopped {
                self.end();
            }
            if self.over() || !watch.stalls() {
                return;
            }
            let near = near.get_or_insert_with(|| Neighbourhoods::new(self, 1));
            let (rests, long) = (now(), begun.elapsed().mul_f64(2.0));
            while rests.elapsed() < long && !self.over() {
                if self.ordered.load(Ordering::Relaxed) {
                    near.around();
                } else {
                    near.build();
                }
            }
            patience *= 2;
        }
    }
}

/// The bound's thread watches its own bound and plans.
struct Bounding<'a> {
    hold: &'a Hold,
    /// How long a bound may stand still while plans are there; none for ever.
    patience: Option<Duration>,
    /// When the bound moved last.
    moved: Mutex<Instant>,
}

impl Bounding<'_> {
    fn stalls(&self) -> bool {
        let since = self.moved.lock().expect("nobody panics while holding it").elapsed();
        self.patience.is_some_and(|patience| since > patience) && self.hold.built().is_some()
    }
}

impl Watch for Bounding<'_> {
    fn moved(&self, bound: f64, _: f64) {
        if bound.is_finite() && self.hold.raise(bound) {
            *self.moved.lock().expect("nobody panics while holding it") = now();
        }
    }
    fn found(&self, objective: f64, values: &[f64]) {
        self.hold.offer(objective, values);
    }
    fn stops(&self) -> bool {
        self.hold.over() || self.stalls()
    }
    fn known(&self, objective: f64) -> Option<Vec<f64>> {
        // With a limit of nodes every run is to be alike, whichever thread is quicker.
        let now = self.hold.lock();
        let better = self.hold.effort.nodes.is_none() && now.0.best < objective - 1e-6 * objective.abs().min(1e12);
        now.1.clone().filter(|_| better)
    }
}

/// A small search of the other thread: its bounds say nothing of the whole.
struct Looking<'a>(&'a Hold);

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
    let shared = Arc::new(Shared {
        milp: milp.clone(),
        at: at.clone(),
        effort: effort.clone(),
        now: Mutex::new((none, None)),
        bounded: Mutex::new(None),
        built: Mutex::new(None),
        ordered: AtomicBool::new(known.is_some()),
        over: AtomicBool::new(false),
    });
    let (told, listens) = channel();
    let hold = Hold { shared: shared.clone(), told };
    if let Some(values) = known.filter(|values| milp.worst_break(values).0 < 1e-6) {
        hold.offer(milp.objective(values), values);
    }
    let looks = (!effort.single).then(|| hold.clone());
    let mut threads = vec![std::thread::spawn(move || hold.bound())];
    threads.extend(looks.map(|hold| std::thread::spawn(move || Neighbourhoods::new(&hold, 0).look())));
    let mut stopped: Option<Instant> = None;
    let ended = loop {
        match listens.recv_timeout(ASKED_EVERY) {
            Ok(standing) => progress.moved(standing),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break true,
        }
        if shared.over() || progress.stops() {
            shared.end();
            let since = *stopped.get_or_insert_with(now);
            // With a limit of nodes every run is to be alike, however long its last step takes.
            if effort.nodes.is_none() && since.elapsed() > GRACE {
                break false;
            }
        }
    };
    if ended {
        threads.into_iter().for_each(|thread| thread.join().expect("the search does not panic"));
    }
    let (standing, values) = shared.best();
    let bounded = *shared.bounded.lock().expect("nobody panics while holding it");
    let ending = match bounded.map(|(end, _)| end) {
        _ if standing.gap() <= effort.gap => Ending::Proven,
        Some(End::Infeasible) if values.is_none() => Ending::Infeasible,
        Some(End::Failed(code)) if values.is_none() => Ending::Failed(code),
        _ => Ending::Stopped,
    };
    Answer { ending, values, standing, nodes: bounded.map_or(0, |(_, nodes)| nodes) }
}

/// What is freed of a plan to look for a better one near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freed {
    Sites,
    Periods,
    Technologies,
}

const FREED: [Freed; 3] = [Freed::Sites, Freed::Periods, Freed::Technologies];

/// What is freed of what is built, while orders may be of any size.
const FREED_OF_BUILT: [Freed; 2] = [Freed::Sites, Freed::Periods];

/// Rounds near what was built first, before orders are made whole.
const ROUNDS: usize = 8;

/// Seconds that a small search may take, at size 1.
const SECONDS: f64 = 2.0;

/// Seconds to find anything to build, at size 1; without a plan the same is tried again with more, to some end.
const FIRST: [f64; 3] = [5.0, 15.0, 45.0];

/// How long a bound may stand still, at size 1.
const PATIENCE: Duration = Duration::from_secs(4);

/// How much larger a program is than one that a small search of some seconds is right for.
fn size(milp: &Milp) -> f64 {
    (milp.columns() as f64 / 5000.0).max(1.0)
}

/// How much a kind frees, as a part of what decides, and how much it gained of late.
#[derive(Debug, Clone, Copy)]
struct Reach {
    part: f64,
    gained: f64,
}

impl Reach {
    /// Frees more where small searches are soon done, less where they are not.
    fn learn(&mut self, found: &Found, before: f64) {
        let gain = ((before - found.objective) / before.abs().max(1e-9)).clamp(0.0, 0.01) * 100.0;
        self.gained = 0.7 * self.gained + 0.3 * gain;
        let factor = match found.end {
            End::Solved if found.nodes < i64::from(NODES) / 10 => 1.15,
            End::Solved => 1.0,
            _ => 0.85,
        };
        self.part = (self.part * factor).clamp(0.05, 1.0);
    }
}

/// Nodes of a small search.
const NODES: i32 = 200;

/// Whether a column is free.
type Free = Box<dyn Fn(&Decided) -> bool>;

struct Neighbourhoods<'a> {
    shared: &'a Hold,
    /// The program with orders of any size.
    loose: Milp,
    random: Random,
    sites: usize,
    periods: usize,
    technologies: usize,
    reach: [Reach; FREED.len()],
    reach_of_built: [Reach; FREED_OF_BUILT.len()],
    size: f64,
}

impl<'a> Neighbourhoods<'a> {
    fn new(shared: &'a Hold, which: u64) -> Neighbourhoods<'a> {
        let most =
            |of: &dyn Fn(&Decided) -> Option<usize>| shared.at.decided.iter().filter_map(of).max().map_or(0, |most| most + 1);
        let mut loose = shared.milp.clone();
        for decided in shared.at.decided.iter().filter(|decided| decided.technology.is_some()) {
            loose.integer[decided.column as usize] = false;
        }
        let reach = |part| Reach { part, gained: 1.0 };
        Neighbourhoods {
            shared,
            loose,
            random: Random::new(shared.effort.seed as u64 + 1_000_003 * which),
            sites: most(&|decided| decided.site),
            periods: most(&|decided| Some(decided.period)),
            technologies: most(&|decided| decided.technology),
            reach: [reach(0.2), reach(0.25), reach(0.3)],
            reach_of_built: [reach(0.3), reach(0.3)],
            size: size(&shared.milp),
        }
    }

    fn solve(&self, milp: &Milp, gap: f64, nodes: i32, seconds: f64, begin: Option<&[f64]>) -> Found {
        let Effort { nodes: limit, seed, .. } = self.shared.effort;
        // A limit of time makes a run its own; a limit of nodes makes it the same as every other.
        let seconds = if limit.is_some() { f64::INFINITY } else { seconds };
        let options = Options { gap, nodes: limit.unwrap_or(nodes).min(nodes), seconds, seed, ..Options::default() };
        solve(milp, &options, begin, &Looking(self.shared))
    }

    fn look(mut self) {
        if self.shared.best().1.is_none() {
            self.begin();
        }
        let mut round = 0;
        while !self.shared.over() && self.shared.effort.rounds.is_none_or(|rounds| round < rounds) {
            self.around();
            round += 1;
        }
    }

    /// A first plan: what is built, as if orders could be of any size; then the orders for it.
    fn begin(&mut self) {
        let built = FIRST.into_iter().find_map(|seconds| {
            let found = self.solve(&self.loose, 0.01, 500, seconds * self.size.powf(1.5), None);
            found.values.filter(|_| !self.shared.over())
        });
        if let Some(built) = built {
            *self.shared.built() = Some((self.shared.milp.objective(&built), built));
            for _ in 0..ROUNDS {
                self.build();
            }
            self.order();
        }
        self.shared.ordered.store(true, Ordering::Relaxed);
    }

    /// Looks near what is built for something better, with orders of any size.
    fn build(&mut self) {
        let Some((cost, built)) = self.shared.built().clone().filter(|_| !self.shared.over()) else { return };
        let (kind, free) = self.free(&self.reach_of_built.clone(), &FREED_OF_BUILT);
        let mut near = self.loose.clone();
        hold(&mut near, &self.shared.at, &built, |decided| decided.technology.is_some() || free(decided));
        let found = self.solve(&near, 1e-3, NODES, SECONDS * self.size, Some(&built));
        self.reach_of_built[kind].learn(&found, cost);
        let mut best = self.shared.built();
        if let Some(values) = found.values.filter(|_| best.as_ref().is_none_or(|best| found.objective < best.0)) {
            *best = Some((found.objective, values));
        }
    }

    /// Looks for orders for what is built.
    fn order(&self) {
        let Some((_, built)) = self.shared.built().clone().filter(|_| !self.shared.over()) else { return };
        let mut program = self.shared.milp.clone();
        hold(&mut program, &self.shared.at, &built, |decided| decided.technology.is_some());
        let found = self.solve(&program, 0.005, 500, 4.0 * SECONDS * self.size, None);
        self.accept(&found);
    }

    /// Frees a part of the best plan and looks for a better one there.
    fn around(&mut self) {
        let (before, best) = self.shared.best();
        let Some(best) = best else {
            // No plan yet, however that came: all of it is looked at, with more room.
            let found = self.solve(&self.shared.milp, 0.05, 2000, 10.0 * SECONDS * self.size, None);
            self.accept(&found);
            return;
        };
        let (kind, free) = self.free(&self.reach.clone(), &FREED);
        let mut program = self.shared.milp.clone();
        hold(&mut program, &self.shared.at, &best, free);
        let found = self.solve(&program, 1e-3, NODES, SECONDS * self.size, Some(&best));
        self.accept(&found);
        self.reach[kind].learn(&found, before.best);
    }

    /// A kind, by chance, what gained more of late rather than what gained less, though none is ever given up; and what it frees.
    fn free(&mut self, reach: &[Reach], kinds: &[Freed]) -> (usize, Free) {
        let weights = || reach.iter().map(|reach| reach.gained + 0.05);
        let mut at = self.random.part() * weights().sum::<f64>();
        let kind = weights().position(|weight| {
            at -= weight;
            at < 0.0
        });
        let kind = kind.unwrap_or(kinds.len() - 1);
        let part = reach[kind].part;
        let free: Free = match kinds[kind] {
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
        (kind, free)
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
        let milp = &self.shared.milp;
        if let Some(values) = found.values.as_ref().filter(|values| milp.worst_break(values).0 < 1e-6) {
            self.shared.offer(milp.objective(values), values);
        }
    }
}

/// Holds what is not free at what it is in a plan: at what is added in each period, so that more or less of what is free moves all that
/// is counted up later.
fn hold(program: &mut Milp, at: &Columns, plan: &[f64], free: impl Fn(&Decided) -> bool) {
    let mut last = 0.0;
    for decided in at.decided.iter().filter(|decided| decided.site.is_some()) {
        let value = plan[decided.column as usize].round();
        let added = if decided.above.is_some() { value - last } else { value };
        last = value;
        if free(decided) {
            continue;
        }
        match decided.above {
            Some(row) => (program.row_lower[row as usize], program.row_upper[row as usize]) = (added, added),
            None => {
                let column = decided.column as usize;
                (program.lower[column], program.upper[column]) = (value, value);
            }
        }
    }
}
