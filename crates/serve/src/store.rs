//! The journal of facts in a database, and the tables people read, written in the same transaction: SQLite beside the hub, or a server
//! that speaks PostgreSQL's protocol. `sql` speaks to either, `schema` and `tables` say what there is, `journal` writes, `fold` makes the hub of it,
//! `read` answers.

pub(crate) mod archive;
mod chain;
mod fold;
mod journal;
mod lease;
mod postgres;
mod read;
mod rows;
mod schema;
mod segment;
mod sql;
mod tables;
mod transfer;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use chain::{NO_ENTRY, broken_links, head, hex};
pub(crate) use fold::fold;
pub(crate) use fold::read_entries;
pub use fold::read_journal;
pub use journal::JournalWriter;
pub(crate) use journal::{Asked, Beside, FOLLOWED_AT_ONCE, Journal, NOTHING_BESIDE, TokenRow};
pub(crate) use lease::{Lease, beat};
pub use postgres::Address;
pub(crate) use read::{
    AskedPage, BookRow, ChargePage, Delivered, DisputeRow, Emitted, JobFilter, JobRow, LIVE, Load, Missed, OVER, QUESTIONS_MOST,
    Reader, StatementRow,
};
pub(crate) use rows::charge_row;
pub(crate) use schema::{SCHEMA, schema};
pub use sql::Trouble;
pub(crate) use sql::{Database, Outcome, Value, values};

pub(crate) use tables::CHARGE;
pub(crate) use transfer::{Which, transfer};

use postgres::Postgres;

/// Where a hub keeps its journal.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a process has a handful of them")]
pub enum Store {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A database of a server.
    Postgres(Address),
    /// A file of the embedded database that several hubs of a simulation share.
    Shared(PathBuf),
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Store::Sqlite(path) | Store::Shared(path) => path.display().fmt(f),
            Store::Postgres(address) => address.fmt(f),
        }
    }
}

impl Store {
    /// The file in a hub's data folder.
    pub fn in_folder(folder: &Path) -> Store {
        Store::Sqlite(folder.join("journal.db"))
    }

    /// Reads what people write: `sqlite` for the file in the data folder, or the address of a server. A password that is not in the
    /// address is taken from `password`.
    ///
    /// # Errors
    /// In words.
    pub fn parse(text: &str, folder: &Path, password: Option<&str>) -> Result<Store, String> {
        match text.split_once("://") {
            None if text == "sqlite" => Ok(Store::in_folder(folder)),
            Some(("postgres" | "postgresql", _)) => Address::parse(text, password).map(Store::Postgres),
            _ => Err("is `sqlite` or postgres://USER@HOST/DATABASE".to_owned()),
        }
    }

    /// What another process of this program must find in its environment to use the same.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        match self {
            Store::Sqlite(_) | Store::Shared(_) => vec![("SHUGU_STORE", "sqlite".to_owned())],
            Store::Postgres(address) => address.environment(),
        }
    }

    pub(crate) fn fault(&self) -> impl Fn(Trouble) -> StoreFault + '_ {
        |source| StoreFault::Trouble { store: self.to_string(), source }
    }

    /// A connection that changes nothing, for readers beside a live hub.
    pub(crate) fn open_read_only(&self) -> Result<Database, StoreFault> {
        let database = match self {
            Store::Sqlite(path) | Store::Shared(path) if !path.exists() => return Err(StoreFault::Missing(path.to_owned())),
            Store::Sqlite(path) | Store::Shared(path) => Database::read_only(path),
            Store::Postgres(address) => Postgres::connect(address, false).map(|postgres| Database::Postgres(Box::new(postgres))),
        };
        database.map_err(self.fault())
    }

    /// Whether several hubs can reach it.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self, Store::Sqlite(_))
    }

    /// Makes what the database lacks.
    pub(crate) fn set_up(&self, database: &Database) -> Result<(), StoreFault> {
        let made = schema::set_up(database, self.is_shared()).map_err(self.fault())?;
        made.map_err(|found| StoreFault::TooNew { store: self.to_string(), found, known: SCHEMA })?;
        if self.moved(database)? { Err(StoreFault::Moved(self.to_string())) } else { Ok(()) }
    }

    /// Whether the hub that was here is elsewhere now.
    pub(crate) fn moved(&self, database: &Database) -> Result<bool, StoreFault> {
        let mark = "SELECT count(*) FROM meta WHERE key = 'moved'";
        database.one::<i64>(mark, &[]).map(|marks| marks > 0).map_err(self.fault())
    }

    pub(crate) fn open_writable(&self) -> Result<Database, StoreFault> {
        let database = match self {
            Store::Sqlite(path) | Store::Shared(path) => Database::writable(path),
            Store::Postgres(address) => Postgres::connect(address, true).map(|postgres| Database::Postgres(Box::new(postgres))),
        };
        database.map_err(self.fault())
    }
}

/// The store failed. A failed append ends the process: a restart folds what is durable.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The database says no.
    #[error("{store}: {source}")]
    Trouble {
        /// Which.
        store: String,
        /// What it said.
        #[source]
        source: Trouble,
    },
    /// The journal is not what a hub wrote.
    #[error("{store}: entry {seq}: {problem}")]
    Damaged {
        /// The database.
        store: String,
        /// Which entry.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Written by a later version.
    #[error("{store}: written by a later version of Shugu (schema {found}, this one knows {known})")]
    TooNew {
        /// The database.
        store: String,
        /// Its schema.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// Written by an earlier version, and not opened by this one yet.
    #[error("{0}: written by an earlier version of Shugu: `shugu up` brings it to this one, and links its entries")]
    TooOld(String),
    /// There is no journal.
    #[error("there is no hub in {}: {} does not exist", .0.parent().unwrap_or(.0).display(), .0.display())]
    Missing(PathBuf),
    /// There is a database, and no hub's.
    #[error("there is no hub in {0} yet")]
    Empty(String),
    /// The hub was moved elsewhere.
    #[error("{0}: the hub that was here has been moved to another store; starting it here would tell its story twice")]
    Moved(String),
}
