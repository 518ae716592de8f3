//! What is done at the hub below: submissions and cancellings. Each runs on a thread of its own and tells the worker what came of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use measure::{JobId, Span};
use serde::{Deserialize, Serialize};

use super::Options;
use super::door::{Door, may_pass};
use super::form;
use super::worker::Event;
use crate::folder::job_folder;
use crate::lease::Lease;
use crate::link::Fault;
use crate::wire::{LogAsk, Stream, WantedJob, at_site, name_at_site};

/// What an attempt is, and what was, or will be, submitted for it: a file of its folder.
const ATTEMPT: &str = "attempt";
/// Its id below: a file of its folder that stays as long as what it wrote may be asked for.
const ID: &str = "below";
/// Attempts of a job that are looked at for output.
const ATTEMPTS_MOST: u32 = 10_000;
/// What cannot be submitted for so long is told with the reason.
const TOLD_AFTER: Duration = Duration::from_secs(2);
/// No hub takes a shorter lease.
const LEASE_LEAST: Span = Span::seconds(3);
const PAUSE_MOST: Duration = Duration::from_secs(10);

/// Why an attempt has no job below.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// The hub below does not take such a job.
    Never(String),
    /// The tenant's money there is spent.
    NoMoney,
    /// It is not wanted any more, and the hub below has none of its name.
    Unwanted,
}

/// What is to be done.
pub(super) enum Errand {
    Submit(Box<WantedJob>, Arc<AtomicBool>),
    Cancel(JobId, String),
}

#[derive(Serialize, Deserialize)]
struct Attempt {
    job: WantedJob,
    form: String,
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(new, path)
}

fn attempt_in(own: &Path) -> io::Result<Attempt> {
    Ok(serde_json::from_slice(&fs::read(own.join(ATTEMPT))?)?)
}

/// The attempt that a folder is of.
pub(super) fn read_attempt(own: &Path) -> io::Result<WantedJob> {
    attempt_in(own).map(|attempt| attempt.job)
}

/// An attempt is over and told.
pub(super) fn forget_attempt(folder: &Path, run: JobId) {
    let _ = fs::remove_file(job_folder(folder, run).join(ATTEMPT));
}

/// Remembers an attempt's id below.
pub(super) fn write_id(folder: &Path, run: JobId, id: &str) {
    let own = job_folder(folder, run);
    if let Err(error) = fs::create_dir_all(&own).and_then(|()| write(&own.join(ID), id.as_bytes())) {
        tracing::warn!(%error, folder = %own.display(), "what a job writes below will not be found");
    }
}

/// A piece of output of a job, and the byte it begins at: of its last attempt that came to the hub below.
pub(crate) fn read_piece(folder: &Path, options: &Options, ask: &LogAsk) -> Option<(u64, Vec<u8>)> {
    let attempts =
        (1..=ATTEMPTS_MOST).take_while(|attempt| job_folder(folder, at_site(ask.job, *attempt)).exists() || *attempt == 1);
    let ids = attempts.filter_map(|attempt| fs::read_to_string(job_folder(folder, at_site(ask.job, attempt)).join(ID)).ok());
    let id = ids.last()?;
    let stream = match ask.stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    };
    match Door::new(options, "").output(id.trim(), stream, ask.replica, ask.from, ask.most) {
        Ok(piece) => piece,
        Err(fault) => {
            tracing::debug!(%fault, "output cannot be had from the hub below");
            None
        }
    }
}

/// What the pool below is made of, as far as submissions need it.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// By node, what its devices are called below; empty where all are called the same.
    pub(super) models: std::collections::BTreeMap<String, String>,
}

/// Runs errands, one after the other.
#[derive(Clone)]
pub(super) struct Errands {
    pub(super) door: Door,
    pub(super) folder: PathBuf,
    pub(super) mark: String,
    pub(super) pool: String,
    pub(super) layout: Arc<Mutex<Layout>>,
    pub(super) inbox: Sender<Event>,
}

impl Errands {
    /// False if nobody listens any more.
    pub(super) fn run(&self, errand: &Errand) -> bool {
        match errand {
            Errand::Submit(job, unwanted) => {
                let run = at_site(job.job, job.attempt);
                let taken = self.submit(job, run, unwanted);
                if let Ok(id) = &taken {
                    write_id(&self.folder, run, id);
                }
                self.inbox.send(Event::Submitted(run, taken)).is_ok()
            }
            Errand::Cancel(run, id) => {
                if let Err(fault) = self.door.cancel(id) {
                    tracing::debug!(%fault, id, "a job below could not be cancelled; it is tried again");
                }
                self.inbox.send(Event::Cancelled(*run)).is_ok()
            }
        }
    }

    /// Submits an attempt until the hub below has it or refuses it for good, and returns its id there. It is looked for by its name
    /// before each try, and submitted under that name: whatever happens between, to this agent or to the hub below, there is one.
    fn submit(&self, job: &WantedJob, run: JobId, unwanted: &AtomicBool) -> Result<String, NotTaken> {
        let name = name_at_site(&self.mark, run);
        let (mut pause, begun, mut told) = (Duration::from_millis(100), Instant::now(), String::new());
        loop {
            let problem = match self.try_once(job, run, &name, unwanted) {
                Ok(id) => return Ok(id),
                Err(Not::Taken(why)) => return Err(why),
                Err(Not::Yet(problem)) => problem,
            };
            if begun.elapsed() > TOLD_AFTER && problem != told {
                tracing::warn!(problem, name, "could not be submitted below; it is tried again");
                let note = format!("it is not at the hub below yet: {problem}");
                if self.inbox.send(Event::Delayed(run, note)).is_err() {
                    return Err(NotTaken::Unwanted);
                }
                told = problem;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(PAUSE_MOST);
        }
    }

    fn try_once(&self, job: &WantedJob, run: JobId, name: &str, unwanted: &AtomicBool) -> Result<String, Not> {
        if let Some(known) = self.door.named(name)? {
            return Ok(known.id);
        }
        if unwanted.load(Ordering::Relaxed) {
            return Err(Not::Taken(NotTaken::Unwanted));
        }
        let own = job_folder(&self.folder, run);
        // Word for word what was sent before, if anything was: the hub below knows it again by that.
        let form = match attempt_in(&own) {
            Ok(attempt) => attempt.form,
            Err(_) => {
                let known = if job.inputs.is_empty() { Vec::new() } else { self.door.data()? };
                let layout = self.layout.lock().unwrap_or_else(PoisonError::into_inner);
                let mut models: Vec<&str> =
                    job.replicas.iter().filter_map(|replica| layout.models.get(&replica.node).map(String::as_str)).collect();
                models.sort_unstable();
                models.dedup();
                let lease = Lease::recall(&self.folder).without_word();
                let lease = lease.map(|span| (self.mark.as_str(), span.max(LEASE_LEAST)));
                let form = form::form(job, name, &self.pool, models, &known, lease);
                drop(layout);
                let form = form.map_err(|told| Not::Taken(NotTaken::Never(told)))?;
                let attempt = Attempt { job: job.clone(), form };
                let bytes = serde_json::to_vec(&attempt).map_err(io::Error::other);
                let written = fs::create_dir_all(&own).and_then(|()| write(&own.join(ATTEMPT), &bytes?));
                // A full disk is the site's trouble, and not the job's.
                written.map_err(|error| Not::Yet(format!("{}: {error}", own.display())))?;
                attempt.form
            }
        };
        Ok(self.door.submit(name, &form)?)
    }
}

/// Why a try came to nothing.
enum Not {
    /// It is tried again.
    Yet(String),
    /// It is not.
    Taken(NotTaken),
}

impl From<Fault> for Not {
    fn from(fault: Fault) -> Not {
        match fault {
            Fault::Refused { status: 402, .. } => Not::Taken(NotTaken::NoMoney),
            fault if may_pass(&fault) => Not::Yet(fault.to_string()),
            Fault::Refused { message, .. } => Not::Taken(NotTaken::Never(format!("the hub below refuses it: {message}"))),
            fault => Not::Yet(fault.to_string()),
        }
    }
}
