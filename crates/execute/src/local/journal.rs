//! What the keeper must remember over its own death: an append-only file of lines.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use measure::{JobId, Span, Time};
use serde::{Deserialize, Serialize};

use crate::reconcile::SeenReplica;

/// One replica of one job.
pub(super) type Key = (JobId, u32);

/// A line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Line {
    /// The machine's start that the following lines belong to.
    Boot(String),
    /// What was placed before may have run: not known to the hub yet.
    Doubt,
    /// The hub knows.
    Sure,
    /// These are about to be started: from here on they are never started again.
    Starting(Vec<(Key, Limits)>),
    /// Started as this process, whose own start the system dates so.
    Started(Key, i32, u64, Time),
    /// Ended.
    Ended(Key, SeenReplica),
    /// Told and durable at the hub.
    Forgotten(Vec<JobId>),
}

/// What a replica may use; kept, so that a new keeper still enforces it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    pub(super) time: Option<Span>,
    pub(super) memory: measure::Memory,
}

/// What the lines say of one replica.
#[derive(Debug, Clone)]
pub(super) enum Remembered {
    /// Nothing after `Starting`.
    Starting(Limits),
    /// A process.
    Started { pid: i32, born: u64, since: Time, limits: Limits },
    /// Over.
    Ended(SeenReplica),
}

/// The file.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Lines in the file that no longer matter.
    stale: usize,
}

/// What a journal said when it was opened.
pub(super) struct Memory {
    /// What is not forgotten.
    pub(super) replicas: BTreeMap<Key, Remembered>,
    /// Nothing from before is known: a new file, or the machine has restarted.
    pub(super) fresh: bool,
    /// The machine has restarted since: no process of before lives.
    pub(super) restarted: bool,
}

/// The identity of this start of the machine.
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

impl Journal {
    /// Opens or makes the journal of `folder` and reads it. A last line that broke off is ignored: what it
    /// would have said never took effect.
    pub(super) fn open(folder: &Path) -> io::Result<(Journal, Memory)> {
        let path = folder.join("keeper.journal");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut replicas = BTreeMap::new();
        let mut boot = None;
        let mut doubt = false;
        for line in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match line {
                Line::Boot(id) => boot = Some(id),
                Line::Doubt => doubt = true,
                Line::Sure => doubt = false,
                Line::Starting(keys) => {
                    replicas.extend(keys.into_iter().map(|(key, limits)| (key, Remembered::Starting(limits))))
                }
                Line::Started(key, pid, born, since) => {
                    let limits = match replicas.get(&key) {
                        Some(Remembered::Starting(limits)) => *limits,
                        _ => Limits::default(),
                    };
                    replicas.insert(key, Remembered::Started { pid, born, since, limits });
                }
                Line::Ended(key, seen) => drop(replicas.insert(key, Remembered::Ended(seen))),
                Line::Forgotten(jobs) => replicas.retain(|(job, _), _| !jobs.contains(job)),
            }
        }
        let here = boot_id();
        let restarted = boot.as_ref().is_some_and(|boot| *boot != here);
        let memory = Memory { replicas, fresh: boot.is_none() || restarted || doubt, restarted };
        let journal = Journal::rewrite(&path, &memory.replicas, memory.fresh)?;
        Ok((journal, memory))
    }

    /// Writes a journal anew with what still matters, beside the old one, and puts it in its place.
    fn rewrite(path: &Path, replicas: &BTreeMap<Key, Remembered>, doubt: bool) -> io::Result<Journal> {
        let new = path.with_extension("new");
        let mut text = Vec::new();
        let mut line = |line: &Line| -> io::Result<()> {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
            Ok(())
        };
        line(&Line::Boot(boot_id()))?;
        if doubt {
            line(&Line::Doubt)?;
        }
        for (key, remembered) in replicas {
            match remembered {
                Remembered::Starting(limits) => line(&Line::Starting(vec![(*key, *limits)]))?,
                Remembered::Started { pid, born, since, limits } => {
                    line(&Line::Starting(vec![(*key, *limits)]))?;
                    line(&Line::Started(*key, *pid, *born, *since))?;
                }
                Remembered::Ended(seen) => line(&Line::Ended(*key, seen.clone()))?,
            }
        }
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_data()?;
        std::fs::rename(&new, path)?;
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Journal { path: path.to_owned(), file, buffer: Vec::new(), stale: 0 })
    }

    /// Appends a line. It is in the file when this returns, so that it survives the keeper; not yet on the
    /// disk, because after a restart of the machine nothing is started again anyway.
    pub(super) fn append(&mut self, line: &Line) -> io::Result<()> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, line)?;
        self.buffer.push(b'\n');
        self.file.write_all(&self.buffer)
    }

    /// Rewrites the file when most of it is about forgotten jobs.
    pub(super) fn forget(&mut self, jobs: &[JobId], left: &BTreeMap<Key, Remembered>, doubt: bool) -> io::Result<()> {
        self.append(&Line::Forgotten(jobs.to_vec()))?;
        self.stale += jobs.len();
        if self.stale > 10_000 + 2 * left.len() {
            *self = Journal::rewrite(&self.path.clone(), left, doubt)?;
        }
        Ok(())
    }
}
