//! HiGHS, the only thing here that is not our own code, behind a few safe calls. Nothing else of the crate knows it.
#![allow(
    unsafe_code,
    reason = "the solver is a C library; every call here keeps its buffers alive and of the lengths it is told"
)]

use std::ffi::{CString, c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use highs_sys as c;

use crate::milp::Milp;

/// How a program is solved.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether whole numbers may be any numbers.
    pub relaxed: bool,
    /// Stop when the gap is so small, as a part of the objective.
    pub gap: f64,
    /// Stop after so many nodes.
    pub nodes: i32,
    /// Stop after so many seconds, whatever was reached.
    pub seconds: f64,
    /// How much of the time goes into finding plans, 0 to 1.
    pub effort: f64,
    /// Every run with one seed is alike.
    pub seed: i32,
    /// `simplex`, `ipm` or `choose`, for the first relaxation.
    pub method: &'static str,
    /// Plans that cost more are not looked for.
    pub cutoff: Option<f64>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            relaxed: false,
            gap: 1e-4,
            nodes: i32::MAX,
            seconds: f64::INFINITY,
            effort: 0.05,
            seed: 1,
            method: "choose",
            cutoff: None,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Solved to what was asked.
    Solved,
    /// Stopped before; values are the best that were found, if any were.
    Stopped,
    /// No values can satisfy all rows.
    Infeasible,
    /// It can get better without end, or the solver failed.
    Failed(i32),
}

/// What a run found.
#[derive(Debug, Clone)]
pub struct Found {
    /// How it ended.
    pub end: End,
    /// Values of the columns, if any are known that satisfy all rows.
    pub values: Option<Vec<f64>>,
    /// What one more unit of each row's limit saves, for relaxed programs.
    pub duals: Vec<f64>,
    /// Objective of the values.
    pub objective: f64,
    /// No values have a lower objective.
    pub bound: f64,
    /// Nodes of the tree that were looked at.
    pub nodes: i64,
}

/// What is told while a run goes on.
pub trait Watch: Sync {
    /// A bound, and the objective of the best plan (infinite if there is none).
    fn moved(&self, bound: f64, best: f64);
    /// A better plan; called from the solver's thread.
    fn found(&self, objective: f64, values: &[f64]);
    /// Whether to stop.
    fn stops(&self) -> bool;
    /// Values of a plan that somebody else knows and whose objective is lower than this, for the run to go on with.
    fn known(&self, _objective: f64) -> Option<Vec<f64>> {
        None
    }
}

/// Nobody watches.
pub struct Nobody;

impl Watch for Nobody {
    fn moved(&self, _: f64, _: f64) {}
    fn found(&self, _: f64, _: &[f64]) {}
    fn stops(&self) -> bool {
        false
    }
}

/// A flag that stops, for runs nobody else watches.
impl Watch for AtomicBool {
    fn moved(&self, _: f64, _: f64) {}
    fn found(&self, _: f64, _: &[f64]) {}
    fn stops(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

struct Watched<'a>(&'a dyn Watch);

unsafe extern "C" fn told(
    kind: c_int,
    _message: *const c_char,
    out: *const c::HighsCallbackDataOut,
    back: *mut c::HighsCallbackDataIn,
    watched: *mut c_void,
) {
    // SAFETY: HiGHS gives `out` for the time of the call, and `watched` is the one that `solve` keeps alive while it runs.
    let (out, watch) = unsafe { (&*out, (*watched.cast::<Watched>()).0) };
    match c::HighsInt::from(kind) {
        c::kHighsCallbackMipLogging | c::kHighsCallbackMipInterrupt => watch.moved(out.mip_dual_bound, out.mip_primal_bound),
        c::kHighsCallbackMipImprovingSolution if !out.mip_solution.is_null() => {
            // SAFETY: the length is what HiGHS tells of its own buffer.
            let values = unsafe { std::slice::from_raw_parts(out.mip_solution, out.mip_solution_size as usize) };
            watch.found(out.objective_function_value, values);
        }
        c::kHighsCallbackCallbackMipUserSolution if !back.is_null() => {
            if let Some(values) = watch.known(out.mip_primal_bound) {
                // SAFETY: `back` is of HiGHS for the time of the call; it copies the values.
                unsafe { c::Highs_setCallbackSolution(back, values.len() as c::HighsInt, values.as_ptr()) };
            }
            return;
        }
        _ => {}
    }
    if !back.is_null() && watch.stops() {
        // SAFETY: as above.
        unsafe { (*back).user_interrupt = 1 };
    }
}

/// A solver; one thread.
struct Solver(*mut c_void);

impl Drop for Solver {
    fn drop(&mut self) {
        // SAFETY: made by `Highs_create`, and freed here only.
        unsafe { c::Highs_destroy(self.0) };
    }
}

impl Solver {
    fn new() -> Solver {
        // SAFETY: has no conditions.
        let solver = Solver(unsafe { c::Highs_create() });
        solver.flag("output_flag", false);
        solver.number("threads", 1);
        solver
    }

    fn name(option: &str) -> CString {
        CString::new(option).expect("names of options have no zero in them")
    }

    fn flag(&self, option: &str, value: bool) {
        // SAFETY: the solver lives, and the name for the time of the call; so in the next three.
        unsafe { c::Highs_setBoolOptionValue(self.0, Solver::name(option).as_ptr(), c_int::from(value)) };
    }

    fn number(&self, option: &str, value: i32) {
        unsafe { c::Highs_setIntOptionValue(self.0, Solver::name(option).as_ptr(), value) };
    }

    fn real(&self, option: &str, value: f64) {
        unsafe { c::Highs_setDoubleOptionValue(self.0, Solver::name(option).as_ptr(), value) };
    }

    fn text(&self, option: &str, value: &str) {
        unsafe { c::Highs_setStringOptionValue(self.0, Solver::name(option).as_ptr(), Solver::name(value).as_ptr()) };
    }

    fn info(&self, name: &str) -> f64 {
        let mut value = 0.0;
        // SAFETY: writes one number.
        unsafe { c::Highs_getDoubleInfoValue(self.0, Solver::name(name).as_ptr(), &raw mut value) };
        value
    }

    fn nodes(&self) -> i64 {
        let mut value = 0;
        // SAFETY: writes one number.
        unsafe { c::Highs_getInt64InfoValue(self.0, Solver::name("mip_node_count").as_ptr(), &raw mut value) };
        value
    }
}

/// Solves a program. `begin` are values to begin with, if some are known.
pub fn solve(milp: &Milp, options: &Options, begin: Option<&[f64]>, watch: &dyn Watch) -> Found {
    let solver = Solver::new();
    solver.real("mip_rel_gap", options.gap);
    solver.number("mip_max_nodes", options.nodes);
    solver.real("mip_heuristic_effort", options.effort);
    solver.number("random_seed", options.seed);
    solver.text("solver", options.method);
    if options.seconds.is_finite() {
        solver.real("time_limit", options.seconds);
    }
    if let Some(cutoff) = options.cutoff {
        solver.real("objective_bound", cutoff);
    }
    let (columns, rows) = (milp.columns() as c::HighsInt, milp.rows() as c::HighsInt);
    let whole = !options.relaxed && milp.integer.iter().any(|integer| *integer);
    let integrality: Vec<c::HighsInt> = milp.integer.iter().map(|integer| c::HighsInt::from(*integer && whole)).collect();
    // SAFETY: all buffers are of the lengths told and live for the time of the call; HiGHS copies them.
    let passed = unsafe {
        c::Highs_passMip(
            solver.0,
            columns,
            rows,
            milp.index.len() as c::HighsInt,
            c::kHighsMatrixFormatRowwise,
            c::kHighsObjSenseMinimize,
            milp.offset,
            milp.cost.as_ptr(),
            milp.lower.as_ptr(),
            milp.upper.as_ptr(),
            milp.row_lower.as_ptr(),
            milp.row_upper.as_ptr(),
            milp.start.as_ptr(),
            milp.index.as_ptr(),
            milp.value.as_ptr(),
            integrality.as_ptr(),
        )
    };
    if passed == c::kHighsStatusError {
        return failed(-1);
    }
    if let Some(values) = begin.filter(|values| values.len() == milp.columns() && whole) {
        // SAFETY: as above; the other three may be null.
        unsafe { c::Highs_setSolution(solver.0, values.as_ptr(), std::ptr::null(), std::ptr::null(), std::ptr::null()) };
    }
    let mut watched = Watched(watch);
    // SAFETY: `watched` lives until the run is over, and HiGHS calls back during it only.
    unsafe {
        c::Highs_setCallback(solver.0, Some(told), (&raw mut watched).cast());
        for kind in [
            c::kHighsCallbackMipLogging,
            c::kHighsCallbackMipImprovingSolution,
            c::kHighsCallbackMipInterrupt,
            c::kHighsCallbackCallbackMipUserSolution,
            c::kHighsCallbackSimplexInterrupt,
            c::kHighsCallbackIpmInterrupt,
        ] {
            c::Highs_startCallback(solver.0, kind);
        }
        c::Highs_run(solver.0);
    }
    // SAFETY: the solver lives.
    let status = unsafe { c::Highs_getModelStatus(solver.0) };
    let end = match status {
        c::MODEL_STATUS_OPTIMAL => End::Solved,
        c::MODEL_STATUS_INFEASIBLE => End::Infeasible,
        c::MODEL_STATUS_REACHED_TIME_LIMIT | c::kHighsModelStatusInterrupt | c::kHighsModelStatusSolutionLimit => End::Stopped,
        c::MODEL_STATUS_REACHED_ITERATION_LIMIT => End::Stopped,
        c::kHighsModelStatusObjectiveBound => End::Stopped,
        // An empty program has nothing to say.
        c::MODEL_STATUS_MODEL_EMPTY => End::Solved,
        other => End::Failed(other),
    };
    let mut feasible: c::HighsInt = 0;
    // SAFETY: writes one number.
    unsafe { c::Highs_getIntInfoValue(solver.0, Solver::name("primal_solution_status").as_ptr(), &raw mut feasible) };
    let mut values = vec![0.0; milp.columns()];
    let (mut reduced, mut activity, mut duals) = (vec![0.0; milp.columns()], vec![0.0; milp.rows()], vec![0.0; milp.rows()]);
    // SAFETY: buffers of the lengths of columns and rows.
    unsafe {
        c::Highs_getSolution(solver.0, values.as_mut_ptr(), reduced.as_mut_ptr(), activity.as_mut_ptr(), duals.as_mut_ptr())
    };
    let known = feasible == c::kHighsSolutionStatusFeasible && !matches!(end, End::Infeasible | End::Failed(_));
    let objective = if known { solver.info("objective_function_value") } else { f64::INFINITY };
    let bound = match (end, whole) {
        (_, true) => solver.info("mip_dual_bound"),
        (End::Solved, false) => objective,
        _ => f64::NEG_INFINITY,
    };
    Found { end, values: known.then_some(values), duals, objective, bound, nodes: if whole { solver.nodes() } else { 0 } }
}

fn failed(code: i32) -> Found {
    Found {
        end: End::Failed(code),
        values: None,
        duals: Vec::new(),
        objective: f64::INFINITY,
        bound: f64::NEG_INFINITY,
        nodes: 0,
    }
}
