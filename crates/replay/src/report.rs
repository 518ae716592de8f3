//! What a replay prints: fields that stay, and a figure nobody knows is null.

use measure::Span;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::demand::DemandFigures;
use crate::effort::{Effort, peak_memory};
use crate::world::Outcome;

/// Jobs by what became of them; the last three add up to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct JobFigures {
    /// All that the trace submitted.
    pub submitted: u64,
    /// Ran to their end, or to their time limit.
    pub finished: u64,
    /// Refused by the hub when submitted.
    pub refused: u64,
    /// Still waiting when nothing could happen any more.
    pub unplaced: u64,
}

/// Times in seconds over all finished jobs. Percentiles are by nearest rank: times that jobs really had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The mean.
    pub mean: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// 95 of 100 took no longer.
    pub p95: Option<f64>,
    /// 99 of 100 took no longer.
    pub p99: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
}

impl Summary {
    /// Summarises times; all fields are unknown if there are none.
    pub fn of(times: &[Span]) -> Summary {
        if times.is_empty() {
            return Summary::default();
        }
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let rank = |percent: usize| Some(sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1].as_seconds());
        let sum: i128 = sorted.iter().map(|time| i128::from(time.0)).sum();
        let mean = Some(sum as f64 / sorted.len() as f64 / 1000.0);
        Summary { mean, p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) }
    }
}

/// Devices: accelerators or, where a hub has none at all, cores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DeviceFigures {
    /// How many there are.
    pub total: u64,
    /// The share held by jobs, on average from the first arrival to the last end.
    pub allocated_share_mean: Option<f64>,
    /// The share held by jobs after the last arrival.
    pub allocated_share_end: Option<f64>,
}

/// What the engine's work took on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EngineFigures {
    /// Jobs placed.
    pub placements: u64,
    /// Scheduling passes.
    pub rounds: u64,
    /// Seconds spent inside the engine.
    pub wall_s: f64,
    /// Placements in a second of them.
    pub placements_per_s: Option<f64>,
    /// The most memory the process held, in 10^6 bytes.
    pub peak_rss_mb: Option<f64>,
}

impl EngineFigures {
    /// The figures of an effort, and of this process's memory so far.
    pub fn of(effort: &Effort) -> EngineFigures {
        let wall_s = effort.wall.as_secs_f64();
        EngineFigures {
            placements: effort.placements,
            rounds: effort.rounds,
            wall_s,
            placements_per_s: Some(effort.placements as f64 / wall_s).filter(|rate| rate.is_finite()),
            peak_rss_mb: peak_memory().map(|bytes| bytes as f64 / 1e6),
        }
    }
}

/// Hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hours {
    /// The mean.
    pub mean: f64,
    /// The most.
    pub max: f64,
}

/// The best that each job could have done by itself, with its length and all hours known: against running at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Optimum {
    /// At the best start, in kilograms.
    pub start_kg: f64,
    /// In the best hours, in kilograms.
    pub hours_kg: f64,
    /// At the best start.
    pub start_ratio: Option<f64>,
    /// In the best hours, with pauses.
    pub hours_ratio: Option<f64>,
    /// How much of what the best starts save was saved.
    pub saved_of_start: Option<f64>,
    /// How much of what the best hours save was saved.
    pub saved_of_hours: Option<f64>,
}

impl Optimum {
    /// Against what running at once emits, and with what was emitted.
    fn against(self, at_once: Option<f64>, emitted: Option<f64>) -> Optimum {
        let ratio = |best: f64| Some(best / at_once?).filter(|ratio: &f64| ratio.is_finite());
        let saved = |best: f64| Some((at_once? - emitted?) / (at_once? - best)).filter(|part: &f64| part.is_finite());
        Optimum {
            start_ratio: ratio(self.start_kg),
            hours_ratio: ratio(self.hours_kg),
            saved_of_start: saved(self.start_kg),
            saved_of_hours: saved(self.hours_kg),
            ..self
        }
    }
}

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The trace, as it was named.
    pub trace: String,
    /// The policy, as it was named.
    pub policy: String,
    /// The date given to the trace's beginning.
    pub start: String,
    /// Jobs by what became of them.
    pub jobs: JobFigures,
    /// From submission to placement.
    pub wait_s: Summary,
    /// From submission to the end.
    pub jct_s: Summary,
    /// From the first arrival to the last end, in seconds.
    pub makespan_s: Option<f64>,
    /// Jain's index over tenants of the mean share of their jobs' time that was run: 1 where all fare alike.
    pub fairness_jain: Option<f64>,
    /// Attempts that gave way to others, or whose place closed.
    pub yielded: u64,
    /// How the devices were used.
    pub devices: DeviceFigures,
    /// Energy of the devices over all runs, with the facility's share where a PUE is published.
    pub energy_kwh: Option<f64>,
    /// What that emitted.
    pub carbon_kg: Option<f64>,
    /// What was paid, exactly.
    pub cost_yuan: Option<Box<RawValue>>,
    /// What was emitted, against running every job at once; where a signal was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carbon_ratio: Option<f64>,
    /// What the jobs cost, against running every job at once: time held at one price, and electricity where its price is a signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_ratio: Option<f64>,
    /// Hours in which jobs did not run from submission to end; where a signal was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_h: Option<Hours>,
    /// Mean wait, in seconds, of the jobs that may not wait by choice; where a signal was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_s_of_others: Option<f64>,
    /// Jobs that waited longer than they may, or ended after their deadline; where a signal was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadlines_missed: Option<u64>,
    /// What could have been saved at best; where a carbon signal was given and nothing limits who runs when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimum: Option<Optimum>,
    /// The months' highest demands; where somebody said what nodes draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand: Option<DemandFigures>,
    /// What the engine's work took.
    pub engine: EngineFigures,
    /// SHA-256 over the entries, each as a line of JSON: equal input gives equal history.
    pub journal_sha256: String,
    /// What a reader of these figures must know.
    pub notes: Vec<String>,
}

impl Report {
    /// Against another run of the same trace, where sites differ and so "at once" is what that one made of it.
    pub fn against(&mut self, other: &Report) {
        let at_once = other.carbon_kg.filter(|kg| *kg > 0.0);
        self.carbon_ratio = self.carbon_kg.zip(at_once).map(|(mine, theirs)| mine / theirs);
        self.optimum = self.optimum.map(|best| best.against(at_once, self.carbon_kg));
    }

    /// The figures of an outcome; `trace` and `policy` as they were asked for.
    pub fn new(outcome: &Outcome, trace: &str, policy: &str) -> Report {
        let Outcome { figures, effort, .. } = outcome;
        let finished = figures.waits.len() as u64;
        let told = outcome.signals.then_some(());
        let carbon_ratio = outcome.carbon_ratio();
        let best = outcome.offline.and_then(|offline| offline.carbon);
        let optimum = best.map(|best| {
            let unknown = Optimum {
                start_kg: best.best_start,
                hours_kg: best.best_hours,
                start_ratio: None,
                hours_ratio: None,
                saved_of_start: None,
                saved_of_hours: None,
            };
            unknown.against(best.at_once, figures.carbon.map(measure::Carbon::as_kg))
        });
        let hours = Summary::of(&figures.delays);
        let wait_h = told.and(hours.mean.zip(hours.max)).map(|(mean, max)| Hours { mean: mean / 3600.0, max: max / 3600.0 });
        let exactly = |text: String| RawValue::from_string(text).expect("a plain decimal is a JSON number");
        Report {
            trace: trace.to_owned(),
            policy: policy.to_owned(),
            start: outcome.start.to_string(),
            jobs: JobFigures {
                submitted: finished + outcome.refused + outcome.unplaced,
                finished,
                refused: outcome.refused,
                unplaced: outcome.unplaced,
            },
            wait_s: Summary::of(&figures.waits),
            jct_s: Summary::of(&figures.completions),
            makespan_s: figures.makespan().map(Span::as_seconds),
            fairness_jain: figures.fairness(),
            yielded: figures.yielded,
            devices: DeviceFigures {
                total: figures.devices(),
                allocated_share_mean: figures.allocated_share_mean(),
                allocated_share_end: figures.allocated_share_end(),
            },
            energy_kwh: figures.energy.map(measure::Energy::as_kwh),
            carbon_kg: figures.carbon.map(measure::Carbon::as_kg),
            cost_yuan: figures.cost().map(|cost| exactly(cost.yuan())),
            carbon_ratio,
            cost_ratio: told.and_then(|()| outcome.cost_ratio()),
            wait_h,
            wait_s_of_others: told.and_then(|()| Summary::of(&figures.waits_of_others).mean),
            deadlines_missed: told.map(|()| figures.deadlines_missed),
            optimum,
            demand: outcome.demand.map(DemandFigures::of),
            engine: EngineFigures::of(effort),
            journal_sha256: outcome.journal_sha256.clone(),
            notes: outcome.notes.clone(),
        }
    }
}
