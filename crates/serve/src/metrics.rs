//! Counters for Prometheus.

use std::sync::atomic::AtomicI64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct EndLabel {
    pub(crate) state: &'static str,
}

/// Everything that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) submitted: Counter,
    pub(crate) ended: Family<EndLabel, Counter>,
    pub(crate) entries: Counter,
    pub(crate) batches: Counter,
    pub(crate) waiting: Gauge<i64, AtomicI64>,
    pub(crate) by_choice: Gauge<i64, AtomicI64>,
    pub(crate) live: Gauge<i64, AtomicI64>,
    pub(crate) commit_seconds: Histogram,
    pub(crate) round_seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let mut registry = Registry::with_prefix("shugu");
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        let metrics = Metrics {
            submitted: Counter::default(),
            ended: Family::default(),
            entries: Counter::default(),
            batches: Counter::default(),
            waiting: Gauge::default(),
            by_choice: Gauge::default(),
            live: Gauge::default(),
            commit_seconds: seconds(),
            round_seconds: seconds(),
            registry: Registry::default(),
        };
        registry.register("jobs_submitted", "Jobs accepted", metrics.submitted.clone());
        registry.register("jobs_ended", "Jobs ended, by state", metrics.ended.clone());
        registry.register("journal_entries", "Entries appended to the journal", metrics.entries.clone());
        registry.register("journal_batches", "Transactions appended to the journal", metrics.batches.clone());
        registry.register("jobs_waiting", "Jobs without a place", metrics.waiting.clone());
        registry.register("jobs_waiting_by_choice", "Jobs that wait for cleaner or cheaper hours", metrics.by_choice.clone());
        registry.register("jobs_live", "Jobs not yet settled", metrics.live.clone());
        registry.register_with_unit("commit", "Time to make a batch durable", Unit::Seconds, metrics.commit_seconds.clone());
        registry.register_with_unit("round", "Time of a scheduling round", Unit::Seconds, metrics.round_seconds.clone());
        Metrics { registry, ..metrics }
    }

    /// In the exposition format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }
}
