//! Jobs of Microsoft's Philly trace, with recovered durations, as a table.

use std::collections::BTreeSet;

use dispatch::{Ask, Shape, Spec};
use measure::Devices;

use super::{Table, Trace, TraceJob};
use crate::wrong::Error;

const COLUMNS: &[&str] = &["job_id", "vc", "submit_s", "gpus", "duration_s"];

/// Reads the jobs, or those of one virtual cluster. Cores and memory are not in this trace: none are asked for.
pub(super) fn read(file: &str, text: &str, wanted: Option<&str>) -> Result<Trace, Error> {
    let mut trace = Trace::default();
    let mut found = BTreeSet::new();
    Table::open(file, text, COLUMNS, None)?.each(|row| {
        let vc = row.text("vc");
        if !found.contains(vc) {
            found.insert(vc.to_owned());
        }
        // Every row is read, so that a mistake is found whichever virtual cluster is wanted.
        let job = TraceJob {
            submit: row.seconds("submit_s")?,
            run: row.seconds("duration_s")?,
            tenant: row.name("vc", &format!("vc-{vc}"))?,
            name: row.text("job_id").to_owned(),
            shape: Shape { replicas: 1, asks: vec![Ask::of(Devices(row.whole("gpus")?), Vec::new())], ..Shape::default() },
            spreads: true,
            time_limit: None,
            priority: 0,
            spec: Spec::default(),
        };
        if wanted.is_none_or(|wanted| wanted == vc) {
            trace.jobs.push(job);
        }
        Ok(())
    })?;
    match wanted.filter(|wanted| !found.contains(*wanted)) {
        Some(wanted) => {
            Err(Error::NoSuchCluster { file: file.to_owned(), wanted: wanted.to_owned(), found: found.into_iter().collect() })
        }
        None => Ok(trace),
    }
}
