//! The agent's way to its hub and back, each on a thread of its own, so that no waiting for the hub delays a start.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Instant;

use dispatch::Report;
use measure::JobId;
use serde::de::IgnoredAny;

use super::{Event, patiently};
use crate::lease::Lease;
use crate::link::{Fault, Link};
use crate::wire::{Inventory, Reported, Reports, Wanted, from_site};

pub(super) fn poll_wanted(link: Link, mut after: u64, lease: Lease, events: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let mut sent = Instant::now();
            let asked = patiently(|| {
                sent = Instant::now();
                link.get::<Wanted>(&format!("/v1/agent/wanted?after={after}&wait_ms=20000"))
            });
            match asked {
                Ok(wanted) => {
                    lease.answered(sent);
                    after = wanted.as_of;
                    if events.send(Event::Wanted(wanted)).is_err() {
                        return;
                    }
                }
                Err(fault) => {
                    let _ = events.send(Event::Refused(fault));
                    return;
                }
            }
        }
    });
}

/// What is said of a run.
pub(super) enum Saying {
    Report(Report),
    /// For people, and not kept.
    Note(String),
}

/// Sends what is said, all that has gathered at a time, in order.
pub(super) fn send_reports(link: Link, events: Sender<Event>) -> Sender<(JobId, Saying)> {
    let (outbox, gathered) = channel::<(JobId, Saying)>();
    thread::spawn(move || {
        while let Ok(first) = gathered.recv() {
            let (mut reports, mut sent) = (Reports::default(), Vec::new());
            for (run, saying) in std::iter::once(first).chain(gathered.try_iter().take(1999)) {
                let (job, attempt) = from_site(run);
                match saying {
                    Saying::Report(report) => {
                        if matches!(report, Report::Ended(..)) {
                            sent.push(run);
                        }
                        reports.reports.push((job, report));
                        reports.attempts.push(attempt);
                    }
                    Saying::Note(text) => reports.notes.push((job, text)),
                }
            }
            let event = match patiently(|| link.post::<_, Reported>("/v1/agent/reports", &reports)) {
                Ok(answer) => Event::Reported { sent, answer },
                Err(fault) => Event::Refused(fault),
            };
            if events.send(event).is_err() {
                return;
            }
        }
    });
    outbox
}

/// Tells the hub what the site has, the latest only.
pub(super) fn send_inventory(link: Link, events: Sender<Event>) -> Sender<Inventory> {
    let (outbox, gathered) = channel::<Inventory>();
    thread::spawn(move || {
        while let Ok(first) = gathered.recv() {
            let latest = gathered.try_iter().last().unwrap_or(first);
            match patiently(|| link.post::<_, IgnoredAny>("/v1/agent/inventory", &latest)) {
                Ok(_) => {}
                // A hub of the release before knows no such thing.
                Err(Fault::Refused { status: 404, .. }) => {
                    tracing::warn!("this hub does not take in what others use of the site; update it");
                }
                Err(fault) => {
                    let _ = events.send(Event::Refused(fault));
                    return;
                }
            }
        }
    });
    outbox
}
