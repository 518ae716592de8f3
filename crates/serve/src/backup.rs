//! Copies of a hub's data: made while it runs, proved by the journal's own hashes, and brought back.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use measure::Time;
use nix::fcntl::{Flock, FlockArg};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use settle::Body;

use crate::audit::{Audit, audit};
use crate::store::archive::{self, File};
use crate::store::{self, Database, Journal, Lease, Store, StoreFault, Which};
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
    /// The other store has a hub.
    #[error("there is a hub in {0} already, and it is never written over")]
    Taken(String),
    /// A hub writes to the store.
    #[error("a hub writes to {0} ({1}): stop it first")]
    Writing(String, String),
    /// Both are the same.
    #[error("{0} is where the hub is")]
    Same(String),
    /// The copy does not reach so far.
    #[error("there is nothing to restore: the copy has {0}")]
    Beyond(String),
    /// The copy is not what a hub wrote.
    #[error("{} is damaged: {problem}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
}

/// Copies the hub in `folder`, whose journal is in `store` and which may be running, to a new folder `to`, and audits the copy. What
/// was acknowledged before the call is in it; the folder appears whole or not at all.
///
/// # Errors
/// See [`BackupFault`].
pub fn backup(folder: &Path, store: &Store, to: &Path) -> Result<Audit, BackupFault> {
    if to.exists() {
        return Err(BackupFault::There(to.to_owned()));
    }
    let new = beside(to);
    let made = copy(folder, store, &new).and_then(|audit| {
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

/// Up to where a past is restored, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// All there is.
    End,
    /// An instant.
    Time(Time),
    /// An entry.
    Entry(u64),
}

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The last entry of the copy that is in it, and its hash, which is the same there.
    pub last: u64,
    /// See above.
    pub head: String,
    /// What was found in the restored hub, which has an entry more: that numbers of jobs are left out.
    pub audit: Audit,
}

/// Brings the copy in `from` back to a hub's folder and a store that have no journal, up to a point, and audits it.
///
/// # Errors
/// See [`BackupFault`].
pub fn restore(from: &Path, folder: &Path, store: &Store, until: Point) -> Result<Restored, BackupFault> {
    let _lock = lock(folder)?;
    let journal = folder.join(JOURNAL);
    if journal.exists() {
        return Err(BackupFault::There(journal));
    }
    if let Store::Postgres(_) = store {
        make_empty(store)?;
    }
    let new = folder.join("restore.new");
    // Left by a restore that was killed.
    if new.exists() {
        std::fs::remove_dir_all(&new).map_err(io_fault(&new))?;
    }
    let made = copy(from, &Store::in_folder(from), &new).and_then(|audit| {
        let (last, head) = match until {
            Point::End => (audit.entries, audit.head),
            point => cut(&new, point)?,
        };
        let audit = skip(&new)?;
        // What a lost journal had not taken in yet is no part of this one.
        for beside in ["journal.db-wal", "journal.db-shm"].map(|name| folder.join(name)).iter().filter(|path| path.exists()) {
            std::fs::remove_file(beside).map_err(io_fault(beside))?;
        }
        // The journal last: a folder is a hub's as soon as it is there, and until then this may be done again.
        for name in FILES.into_iter().filter(|name| new.join(name).exists()) {
            std::fs::rename(new.join(name), folder.join(name)).map_err(io_fault(folder))?;
        }
        bring_archive(&new, folder, store)?;
        match store {
            Store::Sqlite(_) | Store::Shared(_) => std::fs::rename(new.join(JOURNAL), &journal).map_err(io_fault(folder))?,
            Store::Postgres(_) => drop(carry(&Store::in_folder(&new), store, &mut |_| {})?),
        }
        sync(folder)?;
        Ok(Restored { last, head, audit })
    });
    let _ = std::fs::remove_dir_all(&new);
    made
}

/// Moves a hub that is stopped from one store to another, audits it there, and leaves a mark where it was, so that it is not
/// started twice. `progress` is told how many rows were copied.
///
/// # Errors
/// See [`BackupFault`]; the hub is where it was.
pub fn move_store(folder: &Path, from: &Store, to: &Store, mut progress: impl FnMut(u64)) -> Result<Audit, BackupFault> {
    if from.to_string() == to.to_string() {
        return Err(BackupFault::Same(from.to_string()));
    }
    let _lock = lock(folder)?;
    let fault = |store: &Store, source| StoreFault::Trouble { store: store.to_string(), source };
    if from.open_read_only().is_ok() {
        // One of an earlier release has not all the tables that are copied.
        from.set_up(&from.open_writable()?)?;
    }
    if let Store::Postgres(_) = from {
        // Any hub that still writes there must not go on.
        let database = from.open_writable()?;
        let seen = Lease::look(&database).map_err(|source| fault(from, source))?;
        std::thread::sleep(std::time::Duration::from_millis(1500));
        if seen.take(&database, "", "").map_err(|source| fault(from, source))?.is_none() {
            return Err(BackupFault::Writing(from.to_string(), seen.url));
        }
    }
    match to {
        Store::Sqlite(path) | Store::Shared(path) if path.exists() => return Err(BackupFault::There(path.clone())),
        Store::Sqlite(_) | Store::Shared(_) => {}
        Store::Postgres(_) => make_empty(to)?,
    }
    let moved = carry(from, to, &mut progress).inspect_err(|_| {
        // Half a hub is none.
        let _ = match to {
            Store::Sqlite(path) | Store::Shared(path) => std::fs::remove_file(path).map_err(|_| ()),
            Store::Postgres(_) => to.open_writable().map(|database| drop(database.wipe())).map_err(|_| ()),
        };
    })?;
    match from {
        Store::Sqlite(path) | Store::Shared(path) => {
            let beside = path.with_file_name(format!("journal.moved-at-{}.db", moved.entries));
            std::fs::rename(path, &beside).map_err(io_fault(&beside))?;
            sync(folder)?;
        }
        Store::Postgres(_) => {
            let database = from.open_writable()?;
            let mark = "INSERT INTO meta (key, value) VALUES ('moved', 1) ON CONFLICT (key) DO NOTHING";
            database.execute(mark, &[]).map_err(|source| fault(from, source))?;
        }
    }
    Ok(moved)
}

/// Makes sure that a database has no hub, or one that was moved away, which is forgotten there.
fn make_empty(store: &Store) -> Result<(), BackupFault> {
    let database = store.open_writable()?;
    let trouble = |source| StoreFault::Trouble { store: store.to_string(), source };
    if store::schema(&database).map_err(trouble)?.is_none() {
        return Ok(());
    }
    let entries: i64 = database.one("SELECT count(*) FROM entry", &[]).map_err(trouble)?;
    if entries > 0 && !store.moved(&database)? {
        return Err(BackupFault::Taken(store.to_string()));
    }
    database.wipe().map_err(trouble)?;
    Ok(())
}

/// Copies a hub from a store to an empty one, and audits it there: every entry has the hash that it had.
fn carry(from: &Store, to: &Store, progress: &mut dyn FnMut(u64)) -> Result<Audit, BackupFault> {
    let source = from.open_read_only()?;
    source.freeze().map_err(from.fault())?;
    let target = to.open_writable()?;
    to.set_up(&target)?;
    store::transfer(&source, &target, Which::Hub, progress).map_err(to.fault())?;
    // What lies beside the one does not lie beside the other.
    let paths: BTreeMap<u64, PathBuf> =
        archive::files(&source).map_err(from.fault())?.into_iter().map(|file| (file.first, file.path)).collect();
    archive::place(&target, |file| paths.get(&file.first).unwrap_or(&file.path).clone()).map_err(to.fault())?;
    let head = store::head(&source).map_err(from.fault())?;
    drop((source, target));
    let audit = audit(to, None)?;
    let damaged = |problem: String| BackupFault::Damaged { path: PathBuf::from(to.to_string()), problem };
    match audit.violations.first() {
        Some(problem) => Err(damaged(problem.clone())),
        None if audit.head != store::hex(&head) => Err(damaged(format!("its last entry has the hash {}", audit.head))),
        None => Ok(audit),
    }
}

/// Copies the entries of a store, and nothing else, to a new file that can be replayed.
///
/// # Errors
/// Where one cannot be read or the other not be written.
pub fn extract(store: &Store, to: &Path) -> Result<(), StoreFault> {
    let source = store.open_read_only()?;
    source.freeze().map_err(store.fault())?;
    if store::schema(&source).map_err(store.fault())?.is_none() {
        return Err(StoreFault::Empty(store.to_string()));
    }
    let file = Store::Sqlite(to.to_owned());
    let target = file.open_writable()?;
    file.set_up(&target)?;
    store::transfer(&source, &target, Which::Entries, |_| {}).map_err(file.fault())?;
    archive::fill(&source, &target).map_err(file.fault())
}

/// The file of a hub's journal in its folder, or in a copy.
const JOURNAL: &str = "journal.db";

fn lock(folder: &Path) -> Result<Flock<std::fs::File>, BackupFault> {
    std::fs::create_dir_all(folder).map_err(io_fault(folder))?;
    let lock = std::fs::File::create(folder.join("hub.lock")).map_err(io_fault(folder))?;
    Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| BackupFault::Running(folder.to_owned()))
}

/// Numbers of jobs that a restored hub leaves out for each millisecond since its last entry: no hub takes a thousand jobs a second for
/// long.
const LEFT_OUT_EACH_MS: u64 = 1;

/// The least that it leaves out.
const LEFT_OUT: u64 = 100_000;

/// Leaves out the numbers of jobs that may have been given after the copy: agents may still run those, and tenants may name them.
fn skip(folder: &Path) -> Result<Audit, BackupFault> {
    let place = Store::in_folder(folder);
    let (mut store, mut ledger) = Journal::open(&place)?;
    let now = clock::now();
    let since = u64::try_from((now - ledger.hub.clock()).0).unwrap_or(0);
    let mut entries = Vec::new();
    let fact = ledger.hub.leaves_out(LEFT_OUT.max(since * LEFT_OUT_EACH_MS));
    ledger.record(now, Body::Fact(fact), &mut entries);
    store.append(&entries, &store::NOTHING_BESIDE)?;
    drop(store);
    Ok(audit(&place, None)?)
}

/// Where a copy has its archive, beside its journal.
const ARCHIVE: &str = "archive";

fn in_copy(file: &File) -> PathBuf {
    Path::new(ARCHIVE).join(file.path.file_name().unwrap_or_default())
}

/// Copies the files of the archive that the copied journal knows, and tells it where they are now.
fn copy_archive(store: &Store, new: &Path) -> Result<(), BackupFault> {
    let source = store.open_read_only()?;
    let paths: BTreeMap<u64, PathBuf> =
        archive::files(&source).map_err(store.fault())?.into_iter().map(|file| (file.first, file.path)).collect();
    let copy = Store::in_folder(new);
    let database = copy.open_writable()?;
    let files = archive::files(&database).map_err(copy.fault())?;
    if !files.is_empty() {
        std::fs::create_dir_all(new.join(ARCHIVE)).map_err(io_fault(new))?;
    }
    for file in &files {
        let (from, to) = (paths.get(&file.first).unwrap_or(&file.path), new.join(in_copy(file)));
        std::fs::copy(from, &to).map_err(io_fault(from))?;
        sync(&to)?;
    }
    archive::place(&database, in_copy).map_err(copy.fault())?;
    // A copy is one file, and its archive.
    database.run("PRAGMA journal_mode = DELETE").map_err(copy.fault())?;
    Ok(())
}

/// Moves the archive of a copy to a hub's folder. What lies there of one that is lost is written over.
fn bring_archive(new: &Path, folder: &Path, store: &Store) -> Result<(), BackupFault> {
    let (copy, there) = (Store::in_folder(new), folder.join(ARCHIVE));
    let database = copy.open_writable()?;
    let files = archive::files(&database).map_err(copy.fault())?;
    if files.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(&there).map_err(io_fault(&there))?;
    for file in &files {
        std::fs::rename(&file.path, folder.join(in_copy(file))).map_err(io_fault(&file.path))?;
    }
    sync(&there)?;
    if let Store::Postgres(_) = store {
        let folder = std::path::absolute(folder).map_err(io_fault(folder))?;
        archive::place(&database, |file| folder.join(in_copy(file))).map_err(copy.fault())?;
    }
    database.run("PRAGMA journal_mode = DELETE").map_err(copy.fault())?;
    Ok(())
}

/// Entries that are written together while a past is made anew.
const TOGETHER: usize = 5000;

/// Makes the hub in a copy anew as it was at a point: every entry until then, and all that follows from them; the last one and its hash,
/// which is that in the copy.
fn cut(folder: &Path, until: Point) -> Result<(u64, String), BackupFault> {
    let (whole, path) = (Store::in_folder(folder), folder.join("journal.until.db"));
    let (mut journal, mut ledger) = Journal::open(&Store::Sqlite(path.clone()))?;
    let mut at = Time(0);
    let (mut entries, mut fault) = (Vec::new(), None);
    store::read_entries(&whole, 1, |chunk| {
        for entry in chunk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(found) => {
                    fault = Some(found);
                    return false;
                }
            };
            let over = match until {
                Point::End => false,
                Point::Time(time) => entry.at > time,
                Point::Entry(seq) => entry.seq > seq,
            };
            if over {
                return false;
            }
            ledger.apply(&entry);
            at = entry.at;
            entries.push(entry);
            if entries.len() >= TOGETHER {
                fault = journal.append(&entries, &store::NOTHING_BESIDE).err();
                entries.clear();
            }
        }
        fault.is_none()
    })?;
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    journal.append(&entries, &store::NOTHING_BESIDE)?;
    let source = whole.open_read_only()?;
    let last = ledger.seq;
    match until {
        _ if last == 0 => return Err(BackupFault::Beyond("no entry of so early a time".to_owned())),
        Point::Entry(wanted) if wanted > last => return Err(BackupFault::Beyond(format!("{last} entries"))),
        _ => {}
    }
    let stands = archive::hashes(&source, &[last].into()).map_err(whole.fault())?;
    if stands.get(&last) != Some(&journal.head()) {
        let problem = format!("entry {last} has another hash than what it and those before it hold");
        return Err(BackupFault::Damaged { path: folder.join(JOURNAL), problem });
    }
    journal.take_beside(&source, last, at)?;
    journal.shorten(&ledger)?;
    let head = store::hex(&journal.head());
    drop((source, journal));
    std::fs::rename(&path, folder.join(JOURNAL)).map_err(io_fault(&path))?;
    for name in ["journal.until.db-wal", "journal.until.db-shm"].map(|name| folder.join(name)) {
        let _ = std::fs::remove_file(name);
    }
    Ok((last, head))
}

/// A name that nobody else uses, in the same folder, so that it can be renamed.
fn beside(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    to.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

fn copy(folder: &Path, store: &Store, new: &Path) -> Result<Audit, BackupFault> {
    let source = store.open_read_only()?;
    std::fs::create_dir_all(new).map_err(io_fault(new))?;
    // It holds secrets.
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(new, private).map_err(io_fault(new))?;
    let path = new.join(JOURNAL);
    match source {
        Database::Sqlite(source) => pages(&source, &path).map_err(|source| Store::Sqlite(path.clone()).fault()(source.into()))?,
        Database::Postgres(_) => drop(carry(store, &Store::Sqlite(path.clone()), &mut |_| {})?),
    }
    copy_archive(store, new)?;
    for name in FILES {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => execute::credential::write_secret(&new.join(name), &text).map_err(io_fault(new))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(BackupFault::Io { path: folder.join(name), source }),
        }
    }
    sync(&path)?;
    sync(new)?;
    let audit = audit(&Store::in_folder(new), None)?;
    match audit.violations.first() {
        Some(problem) => Err(BackupFault::Damaged { path: folder.to_owned(), problem: problem.clone() }),
        None => Ok(audit),
    }
}

/// Copies a file of SQLite, page by page, while it is written.
fn pages(source: &Connection, path: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open(path)?;
    {
        // All pages in one step: one moment of a journal that goes on being written.
        let backup = Backup::new(source, &mut target)?;
        while backup.step(-1)? != StepResult::Done {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    // A copy is one file, which anything can carry elsewhere.
    target.pragma_update(None, "journal_mode", "DELETE")
}

fn sync(path: &Path) -> Result<(), BackupFault> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(io_fault(path))
}

fn io_fault(path: &Path) -> impl FnOnce(io::Error) -> BackupFault {
    let path = path.to_owned();
    move |source| BackupFault::Io { path, source }
}
