//! What people are told of a hub's archive.

use std::path::PathBuf;

use measure::Time;

use crate::store::archive::{self, File};
use crate::store::{self, Store, StoreFault};

/// Whether some entries of a store are in its archive only.
///
/// # Errors
/// Where the store cannot be read.
pub fn leans_on_archive(store: &Store) -> Result<bool, StoreFault> {
    archive::dropped(&store.open_read_only()?).map(|dropped| dropped > 0).map_err(store.fault())
}

/// How many bytes of a file of the embedded database hold something; the rest is room for what comes.
///
/// # Errors
/// Where the store cannot be read, or is none of the embedded database.
pub fn bytes_in_use(store: &Store) -> Result<u64, StoreFault> {
    let database = store.open_read_only()?;
    let figure = |name: &str| database.one::<i64>(&format!("PRAGMA {name}"), &[]).map_err(store.fault());
    let pages = figure("page_count")? - figure("freelist_count")?;
    Ok((pages * figure("page_size")?).cast_unsigned())
}

/// A file of a hub's archive.
#[derive(Debug, Clone)]
pub struct ArchiveFile {
    /// Its first entry.
    pub first: u64,
    /// Its last.
    pub last: u64,
    /// When the first was written.
    pub from: Time,
    /// When the last was.
    pub until: Time,
    /// The hash of the last.
    pub head: String,
    /// Where it is.
    pub path: PathBuf,
    /// How large it is; nothing where it is missing.
    pub bytes: Option<u64>,
    /// Whether the store may have them no more.
    pub only_here: bool,
}

/// The files of a hub's archive, the oldest first.
///
/// # Errors
/// Where the store cannot be read.
pub fn archive_files(store: &Store) -> Result<Vec<ArchiveFile>, StoreFault> {
    let database = store.open_read_only()?;
    match store::schema(&database).map_err(store.fault())? {
        None => return Err(StoreFault::Empty(store.to_string())),
        Some(found) if found < store::SCHEMA => return Err(StoreFault::TooOld(store.to_string())),
        Some(_) => {}
    }
    let dropped = archive::dropped(&database).map_err(store.fault())?;
    let files = archive::files(&database).map_err(store.fault())?;
    let told = |file: File| ArchiveFile {
        first: file.first,
        last: file.last,
        from: file.from,
        until: file.until,
        head: store::hex(&file.head),
        bytes: std::fs::metadata(&file.path).ok().map(|file| file.len()),
        only_here: file.last <= dropped,
        path: file.path,
    };
    Ok(files.into_iter().map(told).collect())
}
