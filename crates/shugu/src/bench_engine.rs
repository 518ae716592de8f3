//! `shugu bench engine`: the engine alone, on a made hub, with nothing skipped: every job is submitted, placed, reported as
//! started and as ended through the same calls that a live hub makes. Only the journal's disk is left out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use dispatch::{Ask, End, Fact, Hub, Join, Node, Report, Request, Shape, Spec, Stage, Usage, decide};
use measure::{Cpu, Devices, JobId, Memory, PoolId, Span, TenantId, Time};
use replay::EngineFigures;
use serde_json::{Value, json};

use crate::failure::{Failure, Outcome, print};
use crate::policy::policy;
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Nodes, in pools of a thousand.
    #[arg(long, default_value_t = 60_000)]
    nodes: u32,
    /// Devices of each node.
    #[arg(long, default_value_t = 8)]
    devices_per_node: u32,
    /// Jobs, all submitted before the first one starts.
    #[arg(long, default_value_t = 1_000_000)]
    jobs: u64,
    /// The share of jobs that are gangs of 2 to 16 whole nodes, from 0 to 1.
    #[arg(long, default_value_t = 0.1)]
    gang_share: f64,
    /// Tenants, of weights 1 to 4, every tenth with projects.
    #[arg(long, default_value_t = 200)]
    tenants: u32,
    /// default, fair, fifo, sjf, bestfit, fgd, or a TOML file.
    #[arg(long, default_value = "default")]
    policy: String,
    /// Seeds the made jobs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Nodes of a pool.
const POOL: u32 = 1000;
/// Models of the made hub, one a pool in turn.
const MODELS: [&str; 3] = ["H800 SXM5 80GB", "Ascend 910B3", "A100 SXM4 80GB"];
/// The made jobs begin here.
const START: Time = Time(1_767_225_600_000);

/// SplitMix64: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

/// A hub and the time spent inside it.
struct Engine {
    hub: Hub,
    wall: Duration,
    /// Of which in rounds.
    rounds_wall: Duration,
    placements: u64,
    rounds: u64,
    refused: u64,
}

impl Engine {
    fn ask(&mut self, now: Time, request: Request) {
        match decide(&self.hub, now, request) {
            Ok(facts) => facts.iter().for_each(|fact| self.hub.apply(now, fact)),
            Err(_) => self.refused += 1,
        }
    }

    fn spend(&mut self, work: impl FnOnce(&mut Engine)) {
        let begun = Instant::now();
        work(self);
        self.wall += begun.elapsed();
    }
}

/// What a made job asks for, and how long it runs.
fn job(numbers: &mut Numbers, options: &Options, tenants: &[TenantId]) -> (Arc<Spec>, Span) {
    let per_node = options.devices_per_node;
    let gang = (numbers.below(1_000_000) as f64) < options.gang_share * 1e6;
    let replicas = if gang { 2 << numbers.below(4) } else { 1 };
    let devices = if gang { per_node } else { (1 << numbers.below(4)).min(per_node) };
    let models = match numbers.below(4) {
        0 => vec![MODELS[numbers.below(3) as usize].to_owned()],
        _ => Vec::new(),
    };
    let part = if !gang && devices == 1 && numbers.below(4) == 0 { 500 } else { dispatch::WHOLE };
    // Minutes to hours, as limits are: the quarter hour above.
    let run = Span::seconds(60 + numbers.below(7200) as i64);
    let limit = Span::seconds((run.0 / 900_000 + 1) * 900);
    let shape = Shape {
        replicas: replicas as u32,
        asks: vec![Ask { part, ..Ask::of(Devices(devices), models) }],
        cpu: Cpu::cores(u64::from(devices) * 8),
        memory: Memory::mebibytes((u64::from(devices) * 64) << 10),
        ..Shape::default()
    };
    let tenant = tenants[numbers.below(tenants.len() as u64) as usize];
    let priority = (numbers.below(20) == 0) as i16;
    let name = format!("train-{}", numbers.below(50));
    (Arc::new(Spec { tenant, name, shape, time_limit: Some(limit), priority, ..Spec::default() }), run)
}

fn made_hub(engine: &mut Engine, options: &Options) -> Vec<TenantId> {
    let name = |text: String| text.parse().expect("it is a name");
    for pool in 0..options.nodes.div_ceil(POOL) {
        let join = Join {
            name: name(format!("pool-{pool}")),
            provider: name(format!("provider-{}", pool % 48)),
            site: None,
            executor: "bench".to_owned(),
        };
        let node = |number: u32| Node {
            name: format!("node-{number}"),
            model: Some(MODELS[(pool % 3) as usize].to_owned()),
            devices: Devices(options.devices_per_node),
            cpu: Cpu::cores(u64::from(options.devices_per_node) * 16),
            memory: Memory::mebibytes(1 << 20),
            ..Node::default()
        };
        let count = POOL.min(options.nodes - pool * POOL);
        let id = PoolId(pool + 1);
        for request in [Request::Join(join), Request::See(id, (0..count).map(node).collect()), Request::Contact(id, true)] {
            engine.ask(START, request);
        }
    }
    for tenant in 0..options.tenants {
        engine.ask(START, Request::Admit(name(format!("tenant-{tenant}"))));
        let parent = (tenant % 10 > 7 && tenant > 10).then(|| TenantId(tenant / 10 * 10 + 1));
        let terms = dispatch::Terms { parent, weight: tenant % 4 + 1, ..dispatch::Terms::default() };
        engine.ask(START, Request::Arrange(TenantId(tenant + 1), terms));
    }
    engine.hub.tenants.keys().copied().collect()
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    if options.nodes == 0 || options.jobs == 0 || options.tenants == 0 || !(1..=64).contains(&options.devices_per_node) {
        return Err(Failure::Wrong("a hub has nodes of 1 to 64 devices, tenants, and jobs".to_owned()));
    }
    if !(0.0..=1.0).contains(&options.gang_share) {
        return Err(Failure::Wrong(format!("--gang-share {} is no share: it is from 0 to 1", options.gang_share)));
    }
    let mut engine =
        Engine { hub: Hub::default(), wall: Duration::ZERO, rounds_wall: Duration::ZERO, placements: 0, rounds: 0, refused: 0 };
    engine.hub.adopt(policy(&options.policy)?);
    let tenants = made_hub(&mut engine, options);
    let mut numbers = Numbers(options.seed);
    let bar = indicatif::ProgressBar::new(options.jobs * 2);
    bar.set_style(
        indicatif::ProgressStyle::with_template("{msg} {pos} of {len} {wide_bar} {elapsed}").expect("it is well formed"),
    );
    let mut runs = Vec::with_capacity(options.jobs as usize + 1);
    runs.push(Span::ZERO);
    // A thousand a second arrive, so that ages and bursts differ.
    let mut now = START;
    for first in (0..options.jobs).step_by(1000) {
        let made: Vec<(Arc<Spec>, Span)> =
            (first..options.jobs.min(first + 1000)).map(|_| job(&mut numbers, options, &tenants)).collect();
        now = now + Span::seconds(1);
        engine.spend(|engine| {
            for (spec, run) in made {
                engine.ask(now, Request::Submit(spec));
                if runs.len() as u64 <= engine.hub.jobs.len() as u64 {
                    runs.push(run);
                }
            }
        });
        bar.inc(1000);
    }
    let accepted = engine.hub.jobs.len() as u64;
    let submit_s = engine.wall.as_secs_f64();
    let mut ends: std::collections::BTreeSet<(Time, JobId)> = std::collections::BTreeSet::new();
    let (mut idle, mut why) = (None, None);
    loop {
        let mut facts = Vec::new();
        let before = engine.wall;
        engine.spend(|engine| facts = engine.hub.round(now));
        engine.rounds_wall += engine.wall - before;
        engine.rounds += 1;
        let mut placed = Vec::new();
        for fact in &facts {
            if let Fact::Placed(id, place) = fact {
                placed.push((*id, place.pool));
                ends.insert((now + runs[id.0 as usize], *id));
            }
        }
        engine.placements += placed.len() as u64;
        bar.inc(placed.len() as u64);
        engine.spend(|engine| {
            for (id, pool) in placed {
                engine.ask(now, Request::Report(pool, id, 1, Report::Started));
            }
        });
        if idle.is_none() {
            idle = Some(idle_round(&mut engine.hub, now));
            why = Some(ask_why(&mut engine.hub, now));
        }
        // Ends of one second are one batch.
        let Some((first, _)) = ends.first().copied() else { break };
        now = Time((first.0 + 999).div_euclid(1000) * 1000);
        let later = ends.split_off(&(Time(now.0 + 1), JobId(0)));
        let over = std::mem::replace(&mut ends, later);
        engine.spend(|engine| {
            for (_, id) in over {
                let pool = engine.hub.jobs[&id].stage.held().expect("it ran").pool;
                let usage = Usage { run: runs[id.0 as usize], ..Usage::default() };
                engine.ask(now, Request::Report(pool, id, 1, Report::Ended(End::Exited(0), usage)));
                engine.ask(now, Request::Settle(id));
            }
        });
    }
    bar.finish_and_clear();
    let unplaced = engine.hub.jobs.len();
    let effort = replay::Effort { placements: engine.placements, rounds: engine.rounds, wall: engine.wall };
    let figures = EngineFigures::of(&effort);
    let (why_s, how) = why.unwrap_or((0.0, "unknown"));
    let document = json!({
        "nodes": options.nodes,
        "devices": u64::from(options.nodes) * u64::from(options.devices_per_node),
        "jobs": accepted,
        "refused": engine.refused,
        "unplaced": unplaced,
        "policy": options.policy,
        "makespan_s": (now - START).as_seconds(),
        "submit_s": submit_s,
        "rounds_s": engine.rounds_wall.as_secs_f64(),
        "placements_per_s_in_rounds": engine.placements as f64 / engine.rounds_wall.as_secs_f64(),
        "idle_round_us": idle.map(|idle| idle * 1e6),
        "why_ms": why_s * 1e3,
        "why_foresight": how,
        "engine": figures,
    });
    if json {
        return print_json(&document);
    }
    let figure = |value: &Value| value.as_f64().map_or_else(String::new, |value| format!("{value:.2}"));
    print(&format!(
        "placements   {} in {} rounds and {} s of engine time, {} a second (submit, place, start, end, settle)\n\
         in rounds    {} s, {} a second (placing alone)\n\
         idle round   {} µs with {} jobs submitted\n\
         why          {} ms with the start run forward ({how})\n\
         memory       {} MB at most\n",
        document["engine"]["placements"],
        document["engine"]["rounds"],
        figure(&document["engine"]["wall_s"]),
        figure(&document["engine"]["placements_per_s"]),
        figure(&document["rounds_s"]),
        figure(&document["placements_per_s_in_rounds"]),
        figure(&document["idle_round_us"]),
        accepted,
        figure(&document["why_ms"]),
        figure(&document["engine"]["peak_rss_mb"]),
    ))
}

/// Seconds of a round in which nothing changed: the median of a hundred.
fn idle_round(hub: &mut Hub, now: Time) -> f64 {
    let mut times: Vec<f64> = (0..100)
        .map(|_| {
            let begun = Instant::now();
            let facts = hub.round(now);
            assert!(facts.is_empty(), "nothing changed");
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[50]
}

/// Seconds that `why` with its forecast takes for a job in the middle of the queue: the longest of five.
fn ask_why(hub: &mut Hub, now: Time) -> (f64, &'static str) {
    let waiting: Vec<JobId> = hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect();
    let mut longest = (0.0, "unknown");
    for part in 1..=5 {
        let Some(id) = waiting.get(waiting.len() * part / 6).copied() else { continue };
        let begun = Instant::now();
        let why = hub.why_waiting(id);
        let forecast = hub.foresee(id, now);
        let took = begun.elapsed().as_secs_f64();
        if let (Some(_), Some(forecast)) = (why, forecast)
            && took > longest.0
        {
            longest = (took, forecast.how.name());
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_share_of_gangs_is_refused_by_name() {
        for gang_share in [-0.1, 1.5, f64::NAN] {
            let (nodes, devices_per_node, jobs, tenants, seed) = (1, 8, 1, 1, 1);
            let options = Options { nodes, devices_per_node, jobs, gang_share, tenants, policy: "default".to_owned(), seed };
            let refused = run(&options, false);
            assert!(matches!(refused, Err(Failure::Wrong(told)) if told.starts_with("--gang-share ")), "{gang_share}");
        }
    }
}
