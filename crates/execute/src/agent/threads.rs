//! The agent's way to its hub and back, each on a thread of its own, so that no waiting for the hub delays a start.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use dispatch::Report;
use measure::JobId;
use serde::de::IgnoredAny;

use super::{Event, patiently};
use crate::clock::Moment;
use crate::lease::Lease;
use crate::link::{Fault, Link};
use crate::wire::{Inventory, Reported, Reports, Wanted, from_site};

pub(crate) fn poll_wanted(link: Link, mut after: u64, lease: Lease, events: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let mut sent = Moment::now();
            let asked = patiently(|| {
                sent = Moment::now();
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
pub(crate) enum Saying {
    Report(Report),
    /// For people, and not kept.
    Note(String),
}

/// Where an agent leaves what is to be told: of runs, and of what the site has.
pub(crate) type Outboxes = (Sender<(JobId, Saying)>, Sender<Inventory>);

/// What is said, as it is sent, and the runs whose end is in it.
pub(crate) fn letter(sayings: impl Iterator<Item = (JobId, Saying)>) -> (Reports, Vec<JobId>) {
    let (mut reports, mut sent) = (Reports::default(), Vec::new());
    for (run, saying) in sayings {
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
    (reports, sent)
}

/// Sends what is said, all that has gathered at a time, in order.
pub(crate) fn send_reports(link: Link, events: Sender<Event>) -> Sender<(JobId, Saying)> {
    let (outbox, gathered) = channel::<(JobId, Saying)>();
    thread::spawn(move || {
        while let Ok(first) = gathered.recv() {
            let (reports, sent) = letter(std::iter::once(first).chain(gathered.try_iter().take(1999)));
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
pub(crate) fn send_inventory(link: Link, events: Sender<Event>) -> Sender<Inventory> {
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
