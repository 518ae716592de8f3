//! What is put right after a bill was made: readings that come late, disputes. A bill is never changed: a correction takes its
//! postings back, makes them anew, and names the entry it replaces, so that nothing counts twice.

use dispatch::{EnergySource, Hub, Usage};
use measure::{Cpu, Energy, Memory, Money, Power, Span, Time};
use serde::{Deserialize, Serialize};

use crate::bill::{Bill, rebill};
use crate::book::Posting;

/// A bill in place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The entry of the bill or correction that this replaces.
    pub of: u64,
    /// Why, in words.
    pub why: String,
    /// What was to be paid before.
    pub was: Money,
    /// The postings that take the old ones back.
    pub reversed: Vec<Posting>,
    /// The bill that holds from now on.
    pub bill: Bill,
}

/// A tenant or a provider contests a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The entry of the bill or correction that is contested.
    pub of: u64,
    /// Who contests it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An operator settles a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The entry of the dispute.
    pub dispute: u64,
    /// What was found.
    pub finding: String,
}

/// What a meter says of an attempt after it was billed. What it does not say stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was taken.
    pub read_at: Time,
    /// How long it ran.
    pub run: Option<Span>,
    /// Energy at the machine.
    pub energy: Option<Energy>,
    /// Core-time used.
    pub cpu: Option<measure::CoreTime>,
    /// Peak memory.
    pub peak_memory: Option<Memory>,
    /// Thousandths of what its devices can do.
    pub utilisation: Option<u16>,
}

/// A reading cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// The field and what is wrong with it.
    #[error("{0}: {1}")]
    Field(&'static str, String),
}

/// What is read of an attempt of a bill, as a whole; `None` if that is known already.
///
/// # Errors
/// Where the reading cannot be true: negative, longer than its place was held, taken before it ended or in the future, or older
/// than one that is known.
pub fn take(old: &Bill, ended: Time, reading: &Reading, now: Time) -> Result<Option<Usage>, Unsound> {
    let wrong = |field, problem: String| Err(Unsound::Field(field, problem));
    /// Clocks of meters differ from the hub's by some seconds.
    const AHEAD: Span = Span(5 * 60_000);
    if reading.read_at > now + AHEAD {
        return wrong("read_at", format!("{} lies in the future: it is {now} here", reading.read_at));
    }
    if let Some(known) = old.read_at.filter(|known| reading.read_at < *known) {
        return wrong(
            "read_at",
            format!("{} lies before the reading that is known, of {known}: a clock ran backward", reading.read_at),
        );
    }
    let begun = Time(ended.0 - old.held.map_or(old.run, |held| held.span).0);
    if reading.read_at < begun {
        return wrong("read_at", format!("{} lies before the attempt, which had its place from {begun} on", reading.read_at));
    }
    let most = old.held.map_or(old.run, |held| held.span);
    if let Some(run) = reading.run {
        if run < Span::ZERO {
            return wrong("run_s", format!("{} is negative", run.as_seconds()));
        }
        if run > most {
            return wrong("run_s", format!("it cannot have run for {run}: its place was held for {most}"));
        }
    }
    if let Some(energy) = reading.energy {
        if energy < Energy(0) {
            return wrong("energy_kwh", format!("{} is negative", energy.as_kwh()));
        }
        if energy > Power(1_000_000_000_000) * (most + Span::seconds(60)) {
            return wrong("energy_kwh", format!("{} is more than a gigawatt for {most}", energy.as_kwh()));
        }
    }
    if let Some(cpu) = reading.cpu {
        if cpu.0 < 0 {
            return wrong("cpu_s", format!("{} is negative", cpu.as_core_seconds()));
        }
        if cpu > Cpu::cores(100_000) * (most + Span::seconds(60)) {
            return wrong("cpu_s", format!("{} is more than a hundred thousand cores for {most}", cpu.as_core_seconds()));
        }
    }
    if let Some(permille) = reading.utilisation.filter(|permille| *permille > 1000) {
        return wrong("utilisation", format!("{} is more than all", f64::from(permille) / 1000.0));
    }
    let before = usage_of(old);
    let usage = Usage {
        run: reading.run.unwrap_or(before.run),
        cpu: reading.cpu.unwrap_or(before.cpu),
        peak_memory: reading.peak_memory.unwrap_or(before.peak_memory),
        energy: reading.energy.unwrap_or(before.energy),
        energy_source: if reading.energy.is_some() { EnergySource::Read } else { before.energy_source },
        utilisation: reading.utilisation.or(before.utilisation),
        facility: before.facility,
    };
    Ok((usage != before).then_some(usage))
}

/// What was used by a bill: energy at the machine, without the facility's share, where this hub counts that share.
pub fn usage_of(bill: &Bill) -> Usage {
    let energy = match bill.pue {
        // Rounded up, so that multiplying it again gives the same.
        Some(pue) => Energy(((i128::from(bill.energy.0) * 1000 + i128::from(pue.0) - 1) / i128::from(pue.0)) as i64),
        None => bill.energy,
    };
    let Bill { run, cpu, peak_memory, energy_source, utilisation, facility, .. } = *bill;
    Usage { run, cpu, peak_memory, energy, energy_source, utilisation, facility }
}

/// The correction of the bill in entry `of` to what was used, with so much adjusted; `credit` is what its tenant's credits
/// have left.
pub fn correct(
    hub: &Hub,
    (of, old, ended): (u64, &Bill, Time),
    usage: &Usage,
    adjusted: Money,
    read_at: Option<Time>,
    why: String,
    credit: Money,
) -> Correction {
    let mut bill = rebill(hub, old, ended, usage, adjusted, credit);
    bill.read_at = read_at.or(old.read_at);
    Correction { of, why, was: old.price, reversed: old.postings.iter().map(Posting::reversed).collect(), bill }
}
