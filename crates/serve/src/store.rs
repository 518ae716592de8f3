//! The journal of facts on disk, and the tables people read, written in the same transaction.

mod read;
mod rows;
mod sqlite;

pub(crate) use read::{BookRow, ChargePage, Delivered, DisputeRow, JobFilter, JobRow, LIVE, Load, OVER, Reader, StatementRow};
pub(crate) use rows::{CHARGE, charge_row};
pub use sqlite::JournalWriter;
pub(crate) use sqlite::{SCHEMA, Sqlite, TokenRow, broken_links, fold, open_read_only};

use std::path::PathBuf;

/// The store failed. A failed append ends the process: a restart folds what is durable.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// SQLite says no.
    #[error("{}: {}", .path.display(), explain(.source))]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The journal is not what a hub wrote.
    #[error("{}: entry {seq}: {problem}", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// Which entry.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Written by a later version.
    #[error("{}: written by a later version of Shugu (schema {found}, this one knows {known})", .path.display())]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// Written by an earlier version, and not opened by this one yet.
    #[error("{}: written by an earlier version of Shugu: `shugu up` brings it to this one, and links its entries", .0.display())]
    TooOld(PathBuf),
    /// There is no journal.
    #[error("there is no hub in {}: {} does not exist", .0.parent().unwrap_or(.0).display(), .0.display())]
    Missing(PathBuf),
}

/// SQLite's words, with what to do about them.
fn explain(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => "the disk is full; what was acknowledged is safe: free some space and start again".to_owned(),
        Some(SystemIoFailure) => format!("the disk does not take it ({error}); what was acknowledged is safe"),
        Some(DatabaseCorrupt | NotADatabase) => {
            format!("the journal is damaged ({error}); restore it from a copy, nothing was changed")
        }
        _ => error.to_string(),
    }
}
