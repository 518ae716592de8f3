//! What waits for Slurm: looks at queue and nodes, signals, submissions. Each runs on a thread of its own and tells
//! the worker what came of it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use measure::JobId;

use super::launch::{self, Layout};
use super::manager::{Manager, Signal, Which};
use super::tools::{Fault, Verdict};
use super::worker::Event;
use crate::folder::job_folder;
use crate::wire::{WantedJob, at_site};

/// What the queue's thread is asked.
pub(super) enum QueueAsk {
    Active,
    Ended(Vec<(JobId, u64)>),
    Samples(Vec<u64>),
    Sleep(Vec<String>),
}

/// A signal for a job of Slurm's, and whose it is.
pub(super) struct Signalled {
    pub(super) signal: Signal,
    pub(super) slurm: u64,
    pub(super) run: JobId,
}

/// Sends signals, one after the other.
pub(super) fn send_signals(manager: &Manager, mark: &str, asks: &Receiver<Signalled>, inbox: &Sender<Event>) {
    for Signalled { signal, slurm, run } in asks {
        if let Err(fault) = manager.signal(signal, slurm, &launch::name(mark, run)) {
            // It may have ended meanwhile.
            tracing::debug!(%fault, "a job could not be signalled");
            if fault.verdict() == Verdict::Passing && inbox.send(Event::Unsignalled(run)).is_err() {
                return;
            }
        }
    }
}

/// How long a submission is repeated that fails for a reason nobody knows.
const UNKNOWN_MOST: Duration = Duration::from_secs(120);

/// Submits attempts, one after the other.
pub(super) struct Submitter {
    pub(super) manager: Manager,
    pub(super) partition: String,
    pub(super) folder: PathBuf,
    pub(super) mark: String,
    pub(super) layout: Arc<Mutex<Layout>>,
    pub(super) extra: Vec<String>,
    pub(super) inbox: Sender<Event>,
}

impl Submitter {
    /// False if nobody listens any more.
    pub(super) fn submit(&self, job: &WantedJob) -> bool {
        let run = at_site(job.job, job.attempt);
        let layout = self.layout.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let own = job_folder(&self.folder, run);
        let mut pause = Duration::from_millis(500);
        while let Err(error) = launch::write_attempt(&self.folder, job, &layout) {
            if error.kind() == std::io::ErrorKind::InvalidInput {
                let fault = Fault::Failed { program: "the job".to_owned(), told: error.to_string() };
                return self.inbox.send(Event::Submitted(run, Err(fault))).is_ok();
            }
            // A full disk, a shared folder that is away: the site's trouble and not the job's.
            tracing::warn!(%error, folder = %own.display(), "an attempt cannot be written down; it is tried again");
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(30));
        }
        let name = launch::name(&self.mark, run);
        let submission = launch::submission(&self.folder, job, &name, &self.partition, &layout);
        let (mut pause, begun) = (Duration::from_millis(500), Instant::now());
        loop {
            let outcome = self.manager.submit(&submission, &self.extra);
            let fault = match outcome {
                Ok(id) => return self.inbox.send(Event::Submitted(run, Ok(id))).is_ok(),
                Err(fault) => fault,
            };
            // It may have been taken all the same: it is looked for by its name before anything else is done.
            let taken = loop {
                match self.manager.jobs(Which::Named(&name)) {
                    Ok(found) => break found.iter().min_by_key(|job| (job.over(), job.id)).map(|job| job.id),
                    Err(fault) => tracing::debug!(%fault, "the queue cannot be asked"),
                }
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(30));
            };
            if let Some(id) = taken {
                return self.inbox.send(Event::Submitted(run, Ok(id))).is_ok();
            }
            let given_up = match fault.verdict() {
                Verdict::Refused => true,
                Verdict::Unknown => begun.elapsed() > UNKNOWN_MOST,
                Verdict::Passing => false,
            };
            if given_up {
                return self.inbox.send(Event::Submitted(run, Err(fault))).is_ok();
            }
            tracing::warn!(%fault, job = %job.job, "could not be submitted; it is tried again");
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }
}
