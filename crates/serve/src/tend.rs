//! What lets history grow while the hub serves: a shortened history now and then, so that a start after `kill -9` is quick; entries in an
//! archive, so that they lie in a second place; and room in the store for what comes.
//!
//! It reads beside the hub and folds by itself. What is to be written it asks of the hub's thread, in parts that take a moment each: nobody
//! waits for it longer than for another request, and where another hub writes it can change nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use measure::{Span, Time};
use settle::Entry;
use tokio::sync::watch;

use crate::clock;
use crate::hub::{Away, HubHandle};
use crate::store::archive::{self, File, Line};
use crate::store::{Database, Journal, NO_ENTRY, Outcome, Store, StoreFault, Trouble, fold, values};

/// Where the past is kept beside the store.
#[derive(Debug, Clone)]
pub struct Archive {
    /// A folder, which hubs of one store share.
    pub folder: PathBuf,
    /// How long the store keeps what is in the archive; for ever where nothing is said.
    pub keep: Option<Span>,
    /// Entries of a file.
    pub entries: u32,
}

impl Archive {
    /// Entries of a file where nothing is said: some megabytes.
    pub const ENTRIES: u32 = 100_000;
}

/// Between two looks at what is to be done.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Where something failed it is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// A start reads so many entries one by one at most, unless the hub itself is larger.
const SHORTEN_EVERY: u64 = 100_000;
/// Rows that are written, or given up, at a time.
const PART: usize = 2000;
/// What has not filled a file for so long is archived even so.
const FILE_WITHIN: Span = Span(24 * Span::HOUR.0);

/// Why it cannot go on.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Away(#[from] Away),
    #[error("{}: {source}", .folder.display())]
    Folder {
        folder: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("it panicked: {0}")]
    Panic(#[from] tokio::task::JoinError),
}

/// How far everything is.
struct State {
    last: u64,
    /// Up to where history is shortened, and by how many lines.
    opening: u64,
    lines: u64,
    dropped: u64,
    files: Vec<File>,
    /// When the oldest entry was written that no file has.
    waits: Option<Time>,
    /// Whether a hub ended before it had given up what it said it would.
    unfinished: bool,
}

fn look(database: &Database) -> Outcome<State> {
    let meta = |key: &str| {
        let select = "SELECT value FROM meta WHERE key = ?1";
        Ok::<_, Trouble>(database.first(select, &values![key], |row| row.get::<i64>(0))?.unwrap_or(0))
    };
    let files = archive::files(database)?;
    let archived = files.last().map_or(0, |file| file.last);
    let next = "SELECT at FROM entry WHERE seq > ?1 ORDER BY seq LIMIT 1";
    Ok(State {
        last: meta("last")?.cast_unsigned(),
        opening: meta("opening")?.cast_unsigned(),
        lines: (meta("opening_last")? - meta("opening_first")? + 1).max(0).cast_unsigned(),
        dropped: archive::dropped(database)?,
        unfinished: meta("dropping")? != 0,
        waits: database.first(next, &values![archived.cast_signed()], |row| row.get(0))?,
        files,
    })
}

/// Tends a hub's history until it stops.
pub(crate) async fn tend(hub: HubHandle, store: Store, archive: Option<Archive>, mut stopping: watch::Receiver<bool>) {
    let tender = Tender { hub, store, archive };
    let mut wait = LOOK_EVERY;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        // A hub that stands by leaves it to the one that writes.
        tender.hub.leading().await;
        let done = tokio::select! {
            done = tender.once() => done,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        wait = match done {
            Ok(()) => LOOK_EVERY,
            Err(Stop::Away(Away::Stopping)) => return,
            Err(stop) => {
                tracing::warn!("history is not tended, and grows: {stop}; tried again in {} s", AGAIN_AFTER.as_secs());
                AGAIN_AFTER
            }
        };
    }
}

struct Tender {
    hub: HubHandle,
    store: Store,
    archive: Option<Archive>,
}

impl Tender {
    /// Reads the store, away from whoever waits.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store, &Database) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, Stop> {
        let store = self.store.clone();
        let read = move || {
            let database = store.open_read_only()?;
            read(&store, &database)
        };
        Ok(tokio::task::spawn_blocking(read).await??)
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Journal) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, Stop> {
        Ok(self.hub.write(write).await?)
    }

    /// Does what is due.
    async fn once(&self) -> Result<(), Stop> {
        let state = self.read(|store, database| look(database).map_err(store.fault())).await?;
        // What it costs is in proportion to what was written since.
        let mut opening = state.opening;
        if state.last - opening.min(state.last) >= SHORTEN_EVERY.max(2 * state.lines) {
            opening = self.shorten().await?;
        }
        let Some(archive) = &self.archive else { return Ok(()) };
        let mut files = state.files;
        let full = |archived: u64| state.last.saturating_sub(archived) >= u64::from(archive.entries);
        let late = state.waits.is_some_and(|at| clock::now() - at > FILE_WITHIN);
        while full(files.last().map_or(0, |file| file.last)) || (late && files.last().map_or(0, |file| file.last) < state.last) {
            let file = self.file(archive, files.last()).await?;
            files.push(file);
        }
        let Some(keep) = archive.keep else { return Ok(()) };
        let old = Time(clock::now().0 - keep.0);
        // The last entry stays: the next one is linked to it.
        let old = |file: &&File| file.last > state.dropped && file.until < old && file.last < state.last;
        let mut due: Vec<File> = files.iter().filter(old).cloned().collect();
        if due.last().is_some_and(|file| file.last > opening) {
            opening = self.shorten().await?;
        }
        // What a hub began to drop before it ended may be there in part.
        let begun = files.iter().find(|file| file.last == state.dropped);
        due.splice(0..0, begun.filter(|_| state.unfinished).cloned());
        for file in due.iter().filter(|file| file.last <= opening) {
            self.drop_entries(file).await?;
        }
        Ok(())
    }

    /// Leaves a shortened history of everything until now; up to which entry.
    async fn shorten(&self) -> Result<u64, Stop> {
        while self.write(|journal| journal.forget_openings(PART as u64)).await? {}
        let (seq, lines, first) = self
            .read(|store, database| {
                let ledger = fold(store, database, true, |_, _| {})?;
                let used: i64 = database.one("SELECT coalesce(max(n), 0) FROM opening", &[]).map_err(store.fault())?;
                Ok((ledger.seq, ledger.opening(), used + 1))
            })
            .await?;
        let last = first + lines.len() as i64 - 1;
        let mut lines = lines.into_iter();
        let mut n = first;
        loop {
            let part: Vec<Entry> = lines.by_ref().take(PART).collect();
            if part.is_empty() {
                break;
            }
            let (at, count) = (n, part.len() as i64);
            self.write(move |journal| journal.add_opening(at, &part)).await?;
            n += count;
        }
        self.write(move |journal| journal.use_opening(seq, first, last)).await?;
        while self.write(|journal| journal.forget_openings(PART as u64)).await? {}
        Ok(seq)
    }

    /// Writes the next file.
    async fn file(&self, archive: &Archive, after: Option<&File>) -> Result<File, Stop> {
        let Archive { folder, entries, .. } = archive.clone();
        std::fs::create_dir_all(&folder).map_err(|source| Stop::Folder { folder: folder.clone(), source })?;
        let (last, before) = after.map_or((0, NO_ENTRY), |file| (file.last, file.head));
        let (file, name) = self
            .read(move |store, database| {
                let file = next_file(database, &folder, last, before, entries).map_err(store.fault())?;
                // Beside the journal it goes wherever the hub's folder goes.
                let beside = database.folder();
                let path = file.path.strip_prefix(&beside).ok().filter(|_| beside != Path::new("")).unwrap_or(&file.path);
                let name = path.to_string_lossy().into_owned();
                Ok((file, name))
            })
            .await?;
        let kept = file.clone();
        self.write(move |journal| journal.archived(&kept, &name)).await?;
        tracing::info!(first = file.first, last = file.last, "archived to {}", file.path.display());
        Ok(file)
    }

    /// Leaves the entries of a file to the archive, but for those that stay.
    async fn drop_entries(&self, file: &File) -> Result<(), Stop> {
        let (first, last) = (file.first, file.last);
        let stays = self.stays(file).await?;
        self.write(move |journal| journal.begin_drop(last)).await?;
        for first in (first..=last).step_by(PART) {
            let last = last.min(first + PART as u64 - 1);
            let but: Vec<u64> = stays.iter().copied().filter(|seq| (first..=last).contains(seq)).collect();
            self.write(move |journal| journal.drop_entries(first, last, &but)).await?;
        }
        self.write(Journal::end_drop).await
    }

    /// Those entries of a file that the store keeps.
    async fn stays(&self, file: &File) -> Result<Vec<u64>, Stop> {
        let file = file.clone();
        let read = move |store: &Store, _: &Database| {
            let mut stays = Vec::new();
            let read = archive::read(&file, |lines| {
                for line in &lines {
                    if archive::stays(&archive::entry(line)?) {
                        stays.push(line.seq);
                    }
                }
                Ok(())
            });
            read.map(|()| stays).map_err(store.fault())
        };
        self.read(read).await
    }
}

/// Writes the file of what comes after an entry of this hash.
fn next_file(database: &Database, folder: &Path, after: u64, before: [u8; 32], entries: u32) -> Outcome<File> {
    let select = "SELECT seq, at, body FROM entry WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let lines = database.all(select, &values![after.cast_signed(), entries], |row| {
        Ok(Line { seq: row.get::<i64>(0)?.cast_unsigned(), at: row.get(1)?, body: row.get(2)? })
    })?;
    if let Some((line, seq)) = lines.iter().zip(after + 1..).find(|(line, seq)| line.seq != *seq) {
        return Err(Trouble::Shape(format!("entry {seq} is missing; the next one found is {}", line.seq)));
    }
    let last = lines.last().map_or(0, |line| line.seq.cast_signed());
    let head = database.one("SELECT hash FROM entry WHERE seq = ?1", &values![last])?;
    archive::write(folder, before, &lines, head)
}
