//! `shugu simulate`: the whole hub on simulated time, network and disk, with everything going wrong, seed after seed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
#[command(
    after_help = "Hubs, agents and cluster managers are the real ones, in one process without threads, sockets and processes. A seed decides\nwhat happens: `--from N --seeds 1 --story` tells again, step by step, what a seed found. docs/simulate.md says what must hold."
)]
pub(crate) struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Tell what happens in each.
    #[arg(long)]
    story: bool,
    /// Seeds at a time [default: one a core].
    #[arg(long)]
    threads: Option<usize>,
    /// Stop at the first seed that finds something.
    #[arg(long)]
    first: bool,
}

#[derive(Default)]
struct Found {
    bad: Vec<simulate::Report>,
    happened: BTreeMap<&'static str, u64>,
    jobs: u64,
    attempts: u64,
    entries: u64,
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let (next, end) = (AtomicU64::new(options.from), options.from + options.seeds);
    let found = Mutex::new(Found::default());
    let bar = indicatif::ProgressBar::new(options.seeds).with_message("seeds");
    let begun = Instant::now();
    let outcome: Outcome = std::thread::scope(|scope| {
        let one = || -> Outcome {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    return Ok(());
                }
                let report =
                    simulate::play(seed, options.story).map_err(|error| Failure::Failed(format!("seed {seed}: {error}")))?;
                bar.inc(1);
                if options.story && !json {
                    print(&format!("seed {seed}\n{}\n", report.story.join("\n")))?;
                }
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                for (kind, times) in &report.happened {
                    *found.happened.entry(kind).or_default() += u64::from(*times);
                }
                found.jobs += report.jobs as u64;
                found.attempts += report.attempts as u64;
                found.entries += report.entries;
                if !report.violations.is_empty() {
                    found.bad.push(report);
                    if options.first {
                        next.store(end, Ordering::Relaxed);
                    }
                }
            }
        };
        let all: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(one)).collect();
        all.into_iter().try_for_each(|one| one.join().unwrap_or(Err(Failure::Failed("a seed panicked".to_owned()))))
    });
    bar.finish_and_clear();
    outcome?;
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.bad.sort_by_key(|report| report.seed);
    let wall = begun.elapsed().as_secs_f64();
    if json {
        let bad: Vec<_> =
            found.bad.iter().map(|report| json!({ "seed": report.seed, "violations": report.violations })).collect();
        print_json(&json!({
            "seeds": options.seeds, "wall_s": wall, "jobs": found.jobs, "attempts": found.attempts, "entries": found.entries,
            "happened": found.happened, "violations": bad,
        }))?;
    } else {
        let happened: Vec<String> = found.happened.iter().map(|(kind, times)| format!("{kind} {times}")).collect();
        print(&format!(
            "{} seeds in {wall:.0} s: {} jobs acknowledged, {} attempts, {} entries\n{}\n",
            options.seeds,
            found.jobs,
            found.attempts,
            found.entries,
            happened.join(", ")
        ))?;
        for report in &found.bad {
            let more = report.violations.len().saturating_sub(5);
            let told: Vec<String> = report.violations.iter().take(5).map(|what| format!("  {what}\n")).collect();
            let more = if more > 0 { format!("  and {more} more\n") } else { String::new() };
            print(&format!("seed {} (shugu simulate --from {0} --seeds 1 --story):\n{}{more}", report.seed, told.concat()))?;
        }
        if found.bad.is_empty() {
            print("nothing is wrong\n")?;
        }
    }
    if found.bad.is_empty() { Ok(()) } else { Err(Failure::Told) }
}
