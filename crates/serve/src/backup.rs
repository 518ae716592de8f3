//! Copies of a hub's data: made while it runs, proved by the journal's own hashes, and brought back.

use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use settle::Body;

use crate::audit::{Audit, audit};
use crate::server::journal_path;
use crate::store::{Sqlite, StoreFault, open_read_only};
use crate::{clock, tls, webhooks};

/// What a hub is beside its journal: its certificate, which agents know, and the token of the first start. Jobs of the local pool stay
/// where they are: they are the agent's.
const FILES: [&str; 4] = [tls::CERTIFICATE, tls::KEY, "operator.token", webhooks::KEY];

/// A copy could not be made or brought back; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A folder or file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something is there already.
    #[error("{} exists already, and is never written over", .0.display())]
    There(PathBuf),
    /// A hub runs in it.
    #[error("a hub runs in {}", .0.display())]
    Running(PathBuf),
    /// The copy is not what a hub wrote.
    #[error("{} is damaged: {problem}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
}

/// Copies the hub in `folder`, which may be running, to a new folder `to`, and audits the copy. What was acknowledged before the call is
/// in it; the folder appears whole or not at all.
///
/// # Errors
/// See [`BackupFault`].
pub fn backup(folder: &Path, to: &Path) -> Result<Audit, BackupFault> {
    if to.exists() {
        return Err(BackupFault::There(to.to_owned()));
    }
    let new = beside(to);
    let made = copy(folder, &new).and_then(|audit| {
        std::fs::rename(&new, to).map_err(io_fault(to))?;
        sync(to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(audit)
    });
    if made.is_err() {
        // It may never have been made.
        let _ = std::fs::remove_dir_all(&new);
    }
    made
}

/// Brings the copy in `from` back to a hub's folder that has no journal, and audits it.
///
/// # Errors
/// See [`BackupFault`].
pub fn restore(from: &Path, folder: &Path) -> Result<Audit, BackupFault> {
    std::fs::create_dir_all(folder).map_err(io_fault(folder))?;
    let lock = std::fs::File::create(folder.join("hub.lock")).map_err(io_fault(folder))?;
    let _lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| BackupFault::Running(folder.to_owned()))?;
    let journal = journal_path(folder);
    if journal.exists() {
        return Err(BackupFault::There(journal));
    }
    let new = folder.join("restore.new");
    // Left by a restore that was killed.
    if new.exists() {
        std::fs::remove_dir_all(&new).map_err(io_fault(&new))?;
    }
    let made = copy(from, &new).and_then(|_| skip(&new)).and_then(|audit| {
        // What a lost journal had not taken in yet is no part of this one.
        for beside in ["journal.db-wal", "journal.db-shm"].map(|name| folder.join(name)).iter().filter(|path| path.exists()) {
            std::fs::remove_file(beside).map_err(io_fault(beside))?;
        }
        // The journal last: a folder is a hub's as soon as it is there, and until then this may be done again.
        for name in FILES.into_iter().filter(|name| new.join(name).exists()) {
            std::fs::rename(new.join(name), folder.join(name)).map_err(io_fault(folder))?;
        }
        std::fs::rename(journal_path(&new), &journal).map_err(io_fault(folder))?;
        sync(folder)?;
        Ok(audit)
    });
    let _ = std::fs::remove_dir_all(&new);
    made
}

/// Numbers of jobs that a restored hub leaves out for each millisecond since its last entry: no hub takes a thousand jobs a second for
/// long.
const LEFT_OUT_EACH_MS: u64 = 1;

/// The least that it leaves out.
const LEFT_OUT: u64 = 100_000;

/// Leaves out the numbers of jobs that may have been given after the copy: agents may still run those, and tenants may name them.
fn skip(folder: &Path) -> Result<Audit, BackupFault> {
    let (mut store, mut ledger) = Sqlite::open(&journal_path(folder))?;
    let now = clock::now();
    let since = u64::try_from((now - ledger.hub.clock()).0).unwrap_or(0);
    let mut entries = Vec::new();
    let fact = ledger.hub.leaves_out(LEFT_OUT.max(since * LEFT_OUT_EACH_MS));
    ledger.record(now, Body::Fact(fact), &mut entries);
    store.append(&entries)?;
    drop(store);
    Ok(audit(folder, None)?)
}

/// A name that nobody else uses, in the same folder, so that it can be renamed.
fn beside(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    to.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

fn copy(folder: &Path, new: &Path) -> Result<Audit, BackupFault> {
    let source = open_read_only(&journal_path(folder))?;
    std::fs::create_dir_all(new).map_err(io_fault(new))?;
    // It holds secrets.
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(new, private).map_err(io_fault(new))?;
    let path = journal_path(new);
    let sqlite = |source| StoreFault::Sqlite { path: path.clone(), source };
    let mut target = Connection::open(&path).map_err(sqlite)?;
    {
        // All pages in one step: one moment of a journal that goes on being written.
        let backup = Backup::new(&source, &mut target).map_err(sqlite)?;
        while backup.step(-1).map_err(sqlite)? != StepResult::Done {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    // A copy is one file, which anything can carry elsewhere.
    target.pragma_update(None, "journal_mode", "DELETE").map_err(sqlite)?;
    drop(target);
    for name in FILES {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => execute::credential::write_secret(&new.join(name), &text).map_err(io_fault(new))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(BackupFault::Io { path: folder.join(name), source }),
        }
    }
    sync(&path)?;
    sync(new)?;
    let audit = audit(new, None)?;
    match audit.violations.first() {
        Some(problem) => Err(BackupFault::Damaged { path: folder.to_owned(), problem: problem.clone() }),
        None => Ok(audit),
    }
}

fn sync(path: &Path) -> Result<(), BackupFault> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(io_fault(path))
}

fn io_fault(path: &Path) -> impl FnOnce(io::Error) -> BackupFault {
    let path = path.to_owned();
    move |source| BackupFault::Io { path, source }
}
