//! The agent's folder: one folder for each attempt of a job, with what it wrote, and how long that is kept.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use measure::JobId;

use crate::site::Order;
use crate::wire::{LOG_PIECE, LogAsk, Stream, at_site, from_site};

/// Attempts of a job that are looked at for output.
const ATTEMPTS_MOST: u32 = 10_000;

/// The folder of an attempt of a job.
pub(crate) fn job_folder(folder: &Path, run: JobId) -> PathBuf {
    let (job, attempt) = from_site(run);
    // The first attempt has the job's own folder.
    folder.join("jobs").join(if attempt == 1 { job.to_string() } else { format!("{job}.{attempt}") })
}

/// Which attempt of a job a folder of this name belongs to.
pub(crate) fn run_of(name: &str) -> Option<JobId> {
    match name.split_once('.') {
        None => name.parse().ok(),
        Some((job, attempt)) => Some(at_site(job.parse().ok()?, attempt.parse().ok()?)),
    }
}

/// Where a replica's output is kept.
pub(crate) fn output_path(folder: &Path, job: JobId, replica: u32, stream: Stream) -> PathBuf {
    let name = match stream {
        Stream::Stdout => format!("replica-{replica}.stdout"),
        Stream::Stderr => format!("replica-{replica}.stderr"),
    };
    job_folder(folder, job).join(name)
}

/// The piece that was asked for, and the byte it begins at.
pub(crate) fn read_piece(folder: &Path, ask: &LogAsk) -> io::Result<(u64, Vec<u8>)> {
    // Of several attempts at this site, the last one that wrote.
    let attempts =
        (1..=ATTEMPTS_MOST).take_while(|attempt| job_folder(folder, at_site(ask.job, *attempt)).exists() || *attempt == 1);
    let path = attempts.map(|attempt| output_path(folder, at_site(ask.job, attempt), ask.replica, ask.stream));
    let path = path.filter(|path| path.exists()).last();
    let mut file = fs::File::open(path.unwrap_or_else(|| output_path(folder, ask.job, ask.replica, ask.stream)))?;
    let size = file.metadata()?.len();
    let from = if ask.from < 0 { size.saturating_sub(ask.from.unsigned_abs()) } else { ask.from.unsigned_abs() };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(ask.most.min(LOG_PIECE)).read_to_end(&mut bytes)?;
    Ok((from, bytes))
}

/// What an agent knows of the time before it started: kept in its folder, by the kind of its site.
pub(crate) struct Doubt {
    served: PathBuf,
    doubt: PathBuf,
}

impl Doubt {
    pub(crate) fn of(folder: &Path, kind: &str) -> Doubt {
        Doubt { served: folder.join(format!("{kind}.served")), doubt: folder.join(format!("{kind}.doubt")) }
    }

    /// Whether what was placed here before may have run for another agent. Told before anything is started; until it is sure,
    /// nothing of before can be known.
    pub(crate) fn begin(&self) -> io::Result<bool> {
        let fresh = !self.served.exists() || self.doubt.exists();
        if fresh {
            fs::write(&self.doubt, "")?;
            fs::write(&self.served, "")?;
        }
        Ok(fresh)
    }

    /// Remembers what the orders say of it.
    pub(crate) fn follow(&self, orders: &[Order]) -> io::Result<()> {
        for order in orders {
            match order {
                Order::Doubt => fs::write(&self.doubt, "")?,
                Order::Sure => match fs::remove_file(&self.doubt) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}

/// Removes the folders of jobs, other than those in `live`, in which nothing has changed for long.
pub(crate) fn tidy(folder: &Path, keep: Duration, live: &BTreeSet<JobId>) {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    for entry in fs::read_dir(folder.join("jobs")).into_iter().flatten().flatten() {
        let job = entry.file_name().to_str().and_then(run_of);
        if job.is_none_or(|job| live.contains(&job)) {
            continue;
        }
        let files = fs::read_dir(entry.path()).into_iter().flatten().flatten();
        let newest = files.filter_map(|file| changed(&file.path())).chain(changed(&entry.path())).max();
        let age = newest.and_then(|newest| SystemTime::now().duration_since(newest).ok());
        if age.is_some_and(|age| age > keep) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
