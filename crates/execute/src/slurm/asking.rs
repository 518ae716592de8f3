//! What waits for Slurm's tools: looks at queue and nodes, signals, submissions. Each runs on a thread of its own and tells
//! the worker what came of it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use measure::JobId;

use super::launch::{self, Layout};
use super::read::{self, JobLine, NodeLine};
use super::tools::{Fault, Tools, Verdict};
use super::worker::Event;
use crate::folder::job_folder;
use crate::wire::{WantedJob, at_site};

/// What the queue's thread is asked.
pub(super) enum QueueAsk {
    Active,
    Ended(Vec<(JobId, u64)>),
}

/// A signal for a job of Slurm's, and whose it is. The name is told with the number: a controller that was killed gives
/// numbers of jobs that it had not written down to others.
pub(super) struct Signalled {
    pub(super) signal: Signal,
    pub(super) slurm: u64,
    pub(super) run: JobId,
}

/// What jobs are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Signal {
    /// Be gone, if it has not started.
    Leave,
    /// This signal, all processes.
    Send(i32),
    /// Be gone.
    Kill,
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn active_jobs(tools: &Tools) -> Result<Vec<JobLine>, Fault> {
    Ok(read::jobs(&tools.run("squeue", &words(&["--noheader", "--me", "--Format", read::JOB_FIELDS]), None)?)?)
}

/// What Slurm remembers of jobs; of those that it has forgotten, what its accounting does where there is one.
pub(super) fn ended_jobs(tools: &Tools, accounting: bool, ids: &[u64]) -> Result<Vec<JobLine>, Fault> {
    let list = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let ask = |ids: &[u64]| {
        let jobs = format!("--jobs={}", list(ids));
        let asked = words(&["--noheader", "--states=all", &jobs, "--Format", read::JOB_FIELDS]);
        match tools.run("squeue", &asked, None) {
            Ok(text) => Ok(read::jobs(&text)?),
            // It says so where it knows none of them.
            Err(Fault::Failed { told, .. }) if told.contains("Invalid job id") => Ok(Vec::new()),
            Err(fault) => Err(fault),
        }
    };
    let mut found = ask(ids)?;
    let unknown: Vec<u64> = ids.iter().copied().filter(|id| found.iter().all(|job| job.id != *id)).collect();
    if accounting && !unknown.is_empty() {
        let jobs = format!("--jobs={}", list(&unknown));
        let fields = "--format=JobIDRaw,State,ExitCode,Reason,JobName";
        let asked = words(&["--noheader", "--parsable2", "--allocations", &jobs, fields]);
        match tools.run("sacct", &asked, None).and_then(|text| Ok(read::accounted(&text)?)) {
            Ok(more) => found.extend(more),
            Err(fault) => tracing::warn!(%fault, "the cluster's accounting cannot be asked"),
        }
    }
    Ok(found)
}

pub(super) fn look_at_nodes(tools: &Tools, partition: &str) -> Result<Vec<NodeLine>, Fault> {
    let mut nodes = read::nodes(&tools.run("scontrol", &words(&["--oneliner", "--details", "show", "node"]), None)?)?;
    nodes.retain(|node| node.partitions.iter().any(|name| name == partition));
    let own = read::partitions(&tools.run("scontrol", &words(&["--oneliner", "show", "partition", partition]), None)?)?;
    if own.iter().any(|own| !own.up) {
        for node in &mut nodes {
            node.states.push("DOWN".to_owned());
            node.reason = format!("its partition {partition} takes no jobs");
        }
    }
    Ok(nodes)
}

/// Sends signals, one after the other.
pub(super) fn send_signals(tools: &Tools, mark: &str, asks: &Receiver<Signalled>, inbox: &Sender<Event>) {
    for Signalled { signal, slurm, run } in asks {
        let mut arguments = match signal {
            Signal::Leave => words(&["--state=PENDING"]),
            Signal::Send(signal) => vec!["--full".to_owned(), format!("--signal={signal}")],
            Signal::Kill => Vec::new(),
        };
        arguments.extend([format!("--name={}", launch::name(mark, run)), slurm.to_string()]);
        if let Err(fault) = tools.run("scancel", &arguments, None) {
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
    pub(super) tools: Tools,
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
        let arguments = launch::arguments(&self.folder, job, &name, &layout, &self.extra);
        let (mut pause, begun) = (Duration::from_millis(500), Instant::now());
        loop {
            let outcome = self.tools.run("sbatch", &arguments, Some(&own)).and_then(|text| {
                // `17` or, where clusters are joined, `17;name`.
                let id = text.trim().split(';').next().and_then(|id| id.parse().ok());
                id.ok_or_else(|| read::Garbled { tool: "sbatch", missing: "a job's number", line: text.trim().to_owned() }.into())
            });
            let fault = match outcome {
                Ok(id) => return self.inbox.send(Event::Submitted(run, Ok(id))).is_ok(),
                Err(fault) => fault,
            };
            // It may have been taken all the same: it is looked for by its name before anything else is done.
            let taken = loop {
                let by_name =
                    words(&["--noheader", "--me", "--states=all", &format!("--name={name}"), "--Format", read::JOB_FIELDS]);
                match self.tools.run("squeue", &by_name, None).and_then(|text| Ok(read::jobs(&text)?)) {
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
