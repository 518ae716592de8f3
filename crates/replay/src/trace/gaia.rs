//! Jobs of the GAIA artefact (ASPLOS 2024): when each arrives, how long it runs and on how many cores. No devices, no users.

use dispatch::{Ask, Shape, Spec, Suspend};
use measure::{Cpu, Devices, Name, Span};

use super::{Table, Trace, TraceJob};
use crate::trace::{Choice, TimeUnit};
use crate::wrong::Wrong;

const COLUMNS: &[&str] = &["arrival_time", "length", "cpus"];
/// Jobs that run no longer than this are of the short queue.
const SHORT: Span = Span(2 * 3_600_000);
/// How long the jobs of the short and of the long queue may wait.
pub(crate) const PATIENCE: (Span, Span) = (Span(6 * 3_600_000), Span(24 * 3_600_000));
/// In no list of jobs that may wait is every job shorter.
const HOUR_AT_LEAST: Span = Span::HOUR;
/// Those of the largest node there may be.
const CORES_MOST: u32 = crate::cluster::NODE_CORES as u32;
/// A hundred years.
const LONGEST_HOURS: f64 = 876_600.0;

/// Reads the jobs. Each queue is a tenant; what the artefact tells its policies of a queue, the mean length, is noted in `usual`.
pub(super) fn read(file: &str, text: &str, choice: &Choice) -> Result<Trace, Wrong> {
    let mut trace = Trace::default();
    let (short, long) = choice.patience.unwrap_or(PATIENCE);
    let (queue_short, queue_long): (Name, Name) = (name("short"), name("long"));
    // The means count a job of exactly two hours in both, as the artefact does.
    let mut sums = [(0_i128, 0_i128); 2];
    Table::open(file, text, COLUMNS, None)?.each(|row| {
        let time = |column: &str| {
            let number: Option<f64> = row.text(column).parse().ok().filter(|number: &f64| number.is_finite());
            let hours = number.map(|number| match choice.time_unit {
                TimeUnit::Seconds => number / 3600.0,
                TimeUnit::Hours => number,
            });
            let hours = hours.filter(|hours| (0.0..=LONGEST_HOURS).contains(hours));
            hours.map(|hours| Span((hours * 3.6e6).round() as i64)).ok_or_else(|| {
                row.wrong(column, format!("`{}` is no time: a number from 0 to a hundred years", row.text(column)))
            })
        };
        let run = time("length")?;
        let cpus = row
            .text("cpus")
            .parse::<f64>()
            .ok()
            .filter(|cpus| cpus.fract() == 0.0 && (1.0..=f64::from(CORES_MOST)).contains(cpus));
        let cpus =
            cpus.ok_or_else(|| row.wrong("cpus", format!("`{}` is no number of cores: 1 to {CORES_MOST}", row.text("cpus"))))?;
        let is_short = run < SHORT;
        if run <= SHORT {
            sums[0] = (sums[0].0 + i128::from(run.0), sums[0].1 + 1);
        }
        if run >= SHORT {
            sums[1] = (sums[1].0 + i128::from(run.0), sums[1].1 + 1);
        }
        let patience = if is_short { short } else { long };
        let waits = choice.impatient.is_none_or(|every| !(trace.jobs.len() as u32 + 1).is_multiple_of(every.max(1)));
        let spec = Spec {
            patience: Some(patience).filter(|patience| waits && *patience > Span::ZERO),
            suspend: choice.suspend.filter(|_| waits),
            ..Spec::default()
        };
        trace.jobs.push(TraceJob {
            submit: time("arrival_time")?,
            run,
            tenant: if is_short { queue_short.clone() } else { queue_long.clone() },
            name: format!("row-{}", trace.jobs.len() + 1),
            shape: Shape {
                replicas: 1,
                asks: vec![Ask::of(Devices(0), Vec::new())],
                cpu: Cpu::cores(cpus as u64),
                ..Shape::default()
            },
            spreads: false,
            time_limit: None,
            priority: 0,
            spec,
        });
        Ok(())
    })?;
    for (queue, (sum, count)) in [queue_short, queue_long].into_iter().zip(sums) {
        if count > 0 {
            trace.usual.insert(queue, Span((sum / count) as i64));
        }
    }
    let longest = trace.jobs.iter().map(|job| job.run).max().unwrap_or(Span::ZERO);
    if choice.time_unit == TimeUnit::Seconds && longest < HOUR_AT_LEAST && !trace.jobs.is_empty() {
        trace.notes.push(format!("The longest job runs {longest}: if {file} counts hours, say --time-unit hours."));
    }
    let cores: u64 = trace.jobs.iter().map(|job| job.shape.cpu.0 / 1000).sum();
    trace.pools = Some(crate::cluster::unlimited(cores));
    trace.power_per_core = Some(super::WATT);
    trace
        .notes
        .push("Energy is cores × run at 1 W a core, as the artefact counts: ratios mean something, sums do not.".to_owned());
    Ok(trace)
}

fn name(text: &str) -> Name {
    text.parse().expect("written here as a name")
}

/// Whether a job can be suspended, and what that costs, as it is written: `0s,0s` or `5m,2m`.
///
/// # Errors
/// In words.
pub fn suspend(text: &str) -> Result<Suspend, String> {
    let wrong = || format!("`{text}` is no cost of suspending: write SAVE,LOAD, such as 2m,5m");
    let (save, load) = text.split_once(',').ok_or_else(wrong)?;
    let span = |text: &str| text.trim().parse::<Span>().ok().filter(|span| *span >= Span::ZERO).ok_or_else(wrong);
    Ok(Suspend { save: span(save)?, load: span(load)? })
}
