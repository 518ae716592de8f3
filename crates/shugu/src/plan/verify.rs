//! Proof by replay: a trace runs through the engine on today's hub and on the planned one, both scaled down alike.

use ::plan::{Case, Plan, Scenario};
use ::replay::{Choice, Outcome as Replayed, Pools, Source, Summary, Trace};
use census::Census;
use dispatch::{Join, Node};
use measure::{Cpu, Devices, Memory, Name, Span};
use serde::Serialize;

use super::Options;
use crate::failure::{Failure, Outcome, note};
use crate::policy::policy;

/// A trace on both hubs.
#[derive(Debug, Serialize)]
pub(super) struct Verified {
    /// The trace.
    pub(super) trace: String,
    /// The policy.
    pub(super) policy: String,
    /// Nodes of today's hub, scaled.
    pub(super) nodes_before: usize,
    /// Nodes of the planned hub, scaled alike.
    pub(super) nodes_after: usize,
    /// Which part of the hub this is.
    pub(super) scale: f64,
    /// How much closer together jobs come than in the trace, so that they fill it.
    pub(super) arrivals_closer: f64,
    /// By class of job; the last is all of them.
    pub(super) classes: Vec<Class>,
}

/// Jobs of a class.
#[derive(Debug, Serialize)]
pub(super) struct Class {
    /// Which.
    pub(super) class: String,
    /// How many finished on both.
    pub(super) jobs: usize,
    /// Today.
    pub(super) before: Side,
    /// As planned.
    pub(super) after: Side,
}

/// How a class fares on a hub.
#[derive(Debug, Serialize)]
pub(super) struct Side {
    /// From submission to first place.
    pub(super) mean_wait_s: Option<f64>,
    /// 99 of 100 wait no longer.
    pub(super) p99_wait_s: Option<f64>,
    /// The part of all device-time, up to the last end, that the class held.
    pub(super) utilisation: Option<f64>,
}

/// Devices of a node in both hubs.
const NODE: u32 = 8;

/// A device, and a node, in thousandths of a device.
const DEVICE: u64 = dispatch::WHOLE as u64;
const WHOLE_NODE: u64 = DEVICE * NODE as u64;

/// Whether a job of so many thousandths of devices is meant.
type Is = fn(u64) -> bool;

/// Jobs by what they hold.
const CLASSES: [(&str, Is); 6] = [
    ("no device", |size| size == 0),
    ("a part of a device", |size| size > 0 && size < DEVICE),
    ("one device", |size| size == DEVICE),
    ("up to a node", |size| size > DEVICE && size <= WHOLE_NODE),
    ("several nodes", |size| size > WHOLE_NODE),
    ("all", |_| true),
];

/// A part of a hub: how many devices of a model, at a site.
struct Part {
    name: String,
    site: Option<Name>,
    model: Option<String>,
    devices: f64,
}

/// The part of a trace's time in which today's hub is overrun, where nobody says how large it is.
const BUSIEST: f64 = 0.1;
/// Fewer would not show what a plan adds.
const LEAST_NODES: u32 = 120;
/// All at once, as good as.
const CLOSEST: f64 = 1e6;

pub(super) fn verify(options: &Options, scenario: &Scenario, case: &Case, plan: &Plan, base: &Census) -> Outcome<Verified> {
    let wrong = |error: ::replay::Error| Failure::Wrong(format!("--verify: {error}"));
    let source = Source::parse(options.verify.as_deref().unwrap_or_default()).map_err(wrong)?;
    let policy = policy(&options.policy)?;
    let mut trace = source.read(&Choice::default()).map_err(wrong)?;
    // The trace's own models are not those of this hub.
    let named = trace.jobs.iter_mut().flat_map(|job| job.shape.asks.iter_mut()).filter(|ask| !ask.models.is_empty());
    if named.map(|ask| ask.models.clear()).count() > 0 {
        note("--verify: jobs of the trace that name models take any, as its models are not those of this hub");
    }
    let last = case.aims.iter().map(|aim| aim.period).max().unwrap_or(case.periods - 1);
    let (before, after) = (parts(scenario, case, plan, base, None)?, parts(scenario, case, plan, base, Some(last))?);
    let devices = |parts: &[Part]| parts.iter().map(|part| part.devices).sum::<f64>();
    if devices(&before) < f64::from(NODE) {
        return Err(Failure::Wrong(
            "--verify: the scenario has nothing today to compare with: a fleet with an `accelerator`, or what stands at its sites".to_owned(),
        ));
    }
    let nodes = options.verify_nodes.unwrap_or_else(|| usual_nodes(&trace, 1.0).max(LEAST_NODES));
    // Jobs come so much closer together that they fill that many nodes, or all at once where even that does not.
    let fills = |closer: f64| usual_nodes(&trace, closer) >= nodes;
    let (mut low, mut high) = (1.0, 1.0);
    while !fills(high) && high < CLOSEST {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..10 {
        let middle = f64::midpoint(low, high);
        if fills(middle) { high = middle } else { low = middle }
    }
    let closer = high;
    if closer > 1.0 {
        trace.jobs.iter_mut().for_each(|job| job.submit = nearer(job.submit, closer));
    }
    let scale = f64::from(nodes) * f64::from(NODE) / devices(&before);
    let (before, after) = (pools(&before, scale), pools(&after, scale));
    let count = |pools: &Pools| pools.iter().map(|(_, nodes)| nodes.len()).sum::<usize>();
    let run = |pools: &Pools| {
        ::replay::run(&trace, pools, base, &policy, ::replay::Options::of(&trace))
            .map_err(|refusal| Failure::Wrong(format!("--verify: {refusal}")))
    };
    let (nodes_before, nodes_after) = (count(&before), count(&after));
    let (today, planned) = (run(&before)?, run(&after)?);
    let class = |(name, is): &(&str, Is)| {
        let jobs = today.figures.sizes.iter().filter(|size| is(**size)).count();
        Class {
            class: (*name).to_owned(),
            jobs,
            before: side(&today, nodes_before, *is),
            after: side(&planned, nodes_after, *is),
        }
    };
    let classes: Vec<Class> = CLASSES.iter().map(class).filter(|class| class.jobs > 0).collect();
    Ok(Verified {
        trace: source.to_string(),
        policy: policy.name.clone(),
        nodes_before,
        nodes_after,
        scale,
        arrivals_closer: closer,
        classes,
    })
}

/// Nodes that all jobs of a trace would hold, did none ever wait, in all but the busiest tenth of its time; and no fewer than its widest
/// job needs. So today's hub is full at its peaks, and what is added shows.
fn usual_nodes(trace: &Trace, closer: f64) -> u32 {
    let held = |job: &::replay::TraceJob| {
        let devices =
            job.shape.asks.first().map_or(0.0, |ask| f64::from(ask.devices.0) * f64::from(ask.part) / f64::from(dispatch::WHOLE));
        devices * f64::from(job.shape.replicas.max(1))
    };
    let mut events: Vec<(Span, f64)> = trace
        .jobs
        .iter()
        .flat_map(|job| {
            let submit = nearer(job.submit, closer);
            [(submit, held(job)), (submit + job.run, -held(job))]
        })
        .collect();
    events.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let mut now = 0.0;
    let mut levels: Vec<(f64, f64)> = Vec::new();
    for pair in events.windows(2) {
        now += pair[0].1;
        levels.push((now, (pair[1].0 - pair[0].0).as_seconds()));
    }
    levels.sort_by(|left, right| right.0.total_cmp(&left.0));
    let time: f64 = levels.iter().map(|(_, seconds)| seconds).sum();
    let mut busiest = 0.0;
    let level = levels.iter().find(|(_, seconds)| {
        busiest += seconds;
        busiest >= time * BUSIEST
    });
    let widest = trace.jobs.iter().map(held).fold(0.0, f64::max);
    (level.map_or(0.0, |(level, _)| *level).max(widest) / f64::from(NODE)).ceil().clamp(1.0, 1e6) as u32
}

fn nearer(submit: Span, closer: f64) -> Span {
    Span((submit.0 as f64 / closer) as i64)
}

/// Today's parts, or those of the plan at a period.
fn parts(scenario: &Scenario, case: &Case, plan: &Plan, base: &Census, planned: Option<usize>) -> Outcome<Vec<Part>> {
    let mut parts = Vec::new();
    for fleet in &scenario.fleets {
        let Some(model) = &fleet.accelerator else {
            note(&format!("--verify: the fleet {} names no `accelerator` and is left out", fleet.id));
            continue;
        };
        let peak = base.accelerators.get(model).and_then(|known| known.dense_peak_mega.get(&fleet.kind.precision).copied());
        let Some(peak) = peak.filter(|mega| *mega > 0) else {
            return Err(Failure::Wrong(format!(
                "the fleet {}: no {} peak of `{model}` is known",
                fleet.id, fleet.kind.precision
            )));
        };
        let retired = planned.map_or(0.0, |t| fleet.retires.range.likely * (t + 1) as f64 / case.periods as f64);
        let devices = fleet.computing.range.likely * 1e9 / peak as f64 * (1.0 - retired);
        parts.push(Part { name: fleet.id.to_string(), site: None, model: Some(model.clone()), devices });
    }
    for (s, site) in scenario.sites.iter().enumerate() {
        for (k, technology) in scenario.technologies.iter().enumerate() {
            let systems = match planned {
                Some(t) => plan.running[s][k][t],
                None => site.standing.iter().filter(|one| one.technology == k).map(|one| one.systems).sum(),
            };
            let devices = systems * f64::from(technology.devices);
            if devices > 0.0 {
                let name = format!("{}-{}", site.id, technology.id);
                parts.push(Part { name, site: Some(site.id.clone()), model: technology.accelerator.clone(), devices });
            }
        }
    }
    Ok(parts)
}

/// Pools of whole nodes; what a small part lacks to a node, the next one gets.
fn pools(parts: &[Part], scale: f64) -> Pools {
    let mut left = 0.0;
    let pool = |part: &Part| {
        let exact = part.devices * scale / f64::from(NODE) + left;
        let nodes = exact.floor().max(0.0);
        left = exact - nodes;
        if nodes < 1.0 {
            return None;
        }
        let node = |number: u32| Node {
            name: format!("{}-{number}", part.name),
            model: part.model.clone(),
            devices: Devices(NODE),
            cpu: Cpu::cores(192),
            memory: Memory::mebibytes(2 << 20),
            ..Node::default()
        };
        let join = Join {
            name: part.name.parse().ok()?,
            provider: "planned".parse().ok()?,
            site: part.site.clone(),
            executor: "replay".to_owned(),
        };
        Some((join, (0..nodes as u32).map(node).collect()))
    };
    parts.iter().filter_map(pool).collect()
}

fn side(run: &Replayed, nodes: usize, is: Is) -> Side {
    let figures = &run.figures;
    let mine: Vec<usize> = (0..figures.sizes.len()).filter(|at| is(figures.sizes[*at])).collect();
    let waits: Vec<Span> = mine.iter().map(|at| figures.waits[*at]).collect();
    let summary = Summary::of(&waits);
    let held: f64 = mine
        .iter()
        .map(|at| {
            (figures.completions[*at] - figures.waits[*at]).as_seconds() * figures.sizes[*at] as f64 / f64::from(dispatch::WHOLE)
        })
        .sum();
    let time = figures.makespan().map(|span| span.as_seconds()).filter(|seconds| *seconds > 0.0);
    let all = nodes as f64 * f64::from(NODE);
    Side { mean_wait_s: summary.mean, p99_wait_s: summary.p99, utilisation: time.map(|time| held / (time * all)) }
}
