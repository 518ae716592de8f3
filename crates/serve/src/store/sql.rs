//! One way to speak to a database, whichever of the two it is: statements in the SQL that both take (`?1`, `?2` mark values), values and
//! rows in plain kinds, many rows at once. Where the two need other words, [`Database`] has them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use measure::Time;

use super::postgres::{self, Postgres};

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

macro_rules! into_value {
    ($($kind:ty => $how:expr),* $(,)?) => {
        $(impl From<$kind> for Value {
            fn from(value: $kind) -> Value {
                let how: fn($kind) -> Value = $how;
                how(value)
            }
        })*
    };
}
into_value! {
    i64 => Value::Integer,
    i32 => |value| Value::Integer(value.into()),
    u32 => |value| Value::Integer(value.into()),
    u8 => |value| Value::Integer(value.into()),
    Time => |value| Value::Integer(value.0),
    f64 => Value::Real,
    String => Value::Text,
    &str => |value| Value::Text(value.to_owned()),
    &String => |value| Value::Text(value.clone()),
    [u8; 32] => |value| Value::Blob(value.to_vec()),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// The values of a statement, in the order of their marks.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::Value::from($value)),*] };
}
pub(crate) use values;

/// What a database says against a statement.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// SQLite does.
    #[error("{}", explain(.0))]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL, or what speaks its protocol, does.
    #[error("{}", postgres::explain(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// It did not answer in time, or not at all.
    #[error("{0}")]
    Away(String),
    /// Another hub writes: its fence is higher than ours.
    #[error("another hub writes to this store now")]
    Fenced,
    /// What stands there is not what a hub writes.
    #[error("{0}")]
    Shape(String),
    /// A file of the archive cannot be read or written.
    #[error("archive: {0}")]
    Archive(String),
}

impl Trouble {
    /// Whether the server gave up a transaction for another's sake, as those do that put all of them in one order.
    fn wants_another_try(&self) -> bool {
        use tokio_postgres::error::SqlState;
        let Trouble::Postgres(error) = self else { return false };
        error.code().is_some_and(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
    }
}

/// How often a transaction is tried again.
const TRIES_MOST: u32 = 20;

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

pub(crate) type Outcome<T> = Result<T, Trouble>;

/// A value as a row has it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// What a column can be read as.
pub(crate) trait Cell<'a>: Sized {
    /// `None` where it is something else.
    fn from_seen(seen: Seen<'a>) -> Option<Self>;
}

macro_rules! cell {
    ($($kind:ty: $pattern:pat => $value:expr),* $(,)?) => {
        $(impl<'a> Cell<'a> for $kind {
            fn from_seen(seen: Seen<'a>) -> Option<$kind> {
                match seen { $pattern => $value, _ => None }
            }
        })*
    };
}
cell! {
    i64: Seen::Integer(number) => Some(number),
    i32: Seen::Integer(number) => number.try_into().ok(),
    u32: Seen::Integer(number) => number.try_into().ok(),
    u16: Seen::Integer(number) => number.try_into().ok(),
    u8: Seen::Integer(number) => number.try_into().ok(),
    Time: Seen::Integer(number) => Some(Time(number)),
    &'a str: Seen::Text(text) => Some(text),
    String: Seen::Text(text) => Some(text.to_owned()),
    Vec<u8>: Seen::Blob(bytes) => Some(bytes.to_vec()),
    [u8; 32]: Seen::Blob(bytes) => bytes.try_into().ok(),
}

impl<'a> Cell<'a> for f64 {
    fn from_seen(seen: Seen<'a>) -> Option<f64> {
        match seen {
            Seen::Real(number) => Some(number),
            Seen::Integer(number) => Some(number as f64),
            _ => None,
        }
    }
}

impl<'a> Cell<'a> for Value {
    fn from_seen(seen: Seen<'a>) -> Option<Value> {
        Some(match seen {
            Seen::Null => Value::Null,
            Seen::Integer(number) => Value::Integer(number),
            Seen::Real(number) => Value::Real(number),
            Seen::Text(text) => Value::Text(text.to_owned()),
            Seen::Blob(bytes) => Value::Blob(bytes.to_vec()),
        })
    }
}

impl<'a, T: Cell<'a>> Cell<'a> for Option<T> {
    fn from_seen(seen: Seen<'a>) -> Option<Option<T>> {
        match seen {
            Seen::Null => Some(None),
            seen => T::from_seen(seen).map(Some),
        }
    }
}

/// A row of an answer.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of a column, counted from 0.
    pub(crate) fn get<'a, T: Cell<'a>>(&'a self, at: usize) -> Outcome<T> {
        use rusqlite::types::ValueRef;
        let seen = match self {
            Row::Sqlite(row) => match row.get_ref(at)? {
                ValueRef::Null => Seen::Null,
                ValueRef::Integer(number) => Seen::Integer(number),
                ValueRef::Real(number) => Seen::Real(number),
                ValueRef::Text(bytes) => {
                    Seen::Text(std::str::from_utf8(bytes).map_err(|_| Trouble::Shape(format!("column {at} is no UTF-8")))?)
                }
                ValueRef::Blob(bytes) => Seen::Blob(bytes),
            },
            Row::Postgres(row) => row.try_get::<_, Option<Seen>>(at)?.unwrap_or(Seen::Null),
        };
        T::from_seen(seen).ok_or_else(|| Trouble::Shape(format!("column {at} is {seen:?}, which it cannot be")))
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Of which kind a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Blob,
}

/// Rows that are written many at a time: inserted, or changed where the first column says so.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    pub(crate) how: How,
}

/// What a [`Write`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Insert,
    /// Leaves what is there already.
    InsertNew,
    /// Changes the row of this id; what is null stays as it was.
    Fill,
    /// Changes the row of this id.
    Set,
}

impl Write {
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    /// For one row: a mark each column.
    fn for_one(&self) -> String {
        let (table, names) = (self.table, self.names());
        let marks: Vec<String> = (1..=names.len()).map(|at| format!("?{at}")).collect();
        match self.how {
            How::Insert => format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", ")),
            How::InsertNew => {
                format!("INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT DO NOTHING", names.join(", "), marks.join(", "))
            }
            How::Fill | How::Set => {
                let set = names.iter().zip(&marks).skip(1).map(|(name, mark)| match self.how {
                    How::Fill => format!("{name} = coalesce({mark}, {name})"),
                    _ => format!("{name} = {mark}"),
                });
                format!("UPDATE {table} SET {} WHERE {} = ?1", set.collect::<Vec<_>>().join(", "), names[0])
            }
        }
    }

    /// For any number of rows: an array each column.
    fn for_many(&self) -> String {
        let (table, names) = (self.table, self.names());
        let arrays = self.columns.iter().enumerate().map(|(at, (_, kind))| {
            let kind = match kind {
                Kind::Integer => "bigint",
                Kind::Text => "text",
                Kind::Blob => "bytea",
            };
            format!("CAST(?{} AS {kind}[])", at + 1)
        });
        let arrays = arrays.collect::<Vec<_>>().join(", ");
        let all = names.join(", ");
        match self.how {
            How::Insert => format!("INSERT INTO {table} ({all}) SELECT * FROM unnest({arrays})"),
            How::InsertNew => format!("INSERT INTO {table} ({all}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"),
            How::Fill | How::Set => {
                let set = names.iter().skip(1).map(|name| match self.how {
                    How::Fill => format!("{name} = coalesce(new.{name}, {table}.{name})"),
                    _ => format!("{name} = new.{name}"),
                });
                let set = set.collect::<Vec<_>>().join(", ");
                format!(
                    "UPDATE {table} SET {set} FROM unnest({arrays}) AS new({all}) WHERE {table}.{id} = new.{id}",
                    id = names[0]
                )
            }
        }
    }
}

/// Rows for some writes, each a run of values as long as its columns.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<(&'static Write, Vec<Value>)>);

impl Rows {
    /// Adds a row.
    pub(crate) fn add<const N: usize>(&mut self, write: &'static Write, row: [Value; N]) {
        self.extend(write, row.into_iter());
    }

    pub(crate) fn extend(&mut self, write: &'static Write, row: impl ExactSizeIterator<Item = Value>) {
        assert_eq!(row.len(), write.columns.len(), "{}", write.table);
        match self.0.iter_mut().find(|(known, _)| std::ptr::eq(*known, write)) {
            Some((_, values)) => values.extend(row),
            None => self.0.push((write, row.collect())),
        }
    }
}

/// A connection to a database.
pub(crate) enum Database {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Postgres>),
}

impl Database {
    /// Whether whoever answers is still there.
    pub(crate) fn alive(&self) -> bool {
        match self {
            Database::Sqlite(_) => true,
            Database::Postgres(postgres) => postgres.alive(),
        }
    }

    /// The folder of the file; none where there is no file.
    pub(crate) fn folder(&self) -> PathBuf {
        match self {
            Database::Sqlite(connection) => {
                connection.path().and_then(|path| Path::new(path).parent()).map(Path::to_owned).unwrap_or_default()
            }
            Database::Postgres(_) => PathBuf::new(),
        }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Outcome<u64> {
        match self {
            Database::Sqlite(connection) => {
                Ok(connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))? as u64)
            }
            Database::Postgres(postgres) => postgres.execute(sql, values),
        }
    }

    /// Runs statements without values, one after the other.
    pub(crate) fn run(&self, sql: &str) -> Outcome<()> {
        match self {
            Database::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Database::Postgres(postgres) => postgres.run(sql),
        }
    }

    /// Every row of an answer.
    pub(crate) fn all<T>(&self, sql: &str, values: &[Value], mut read: impl FnMut(&Row) -> Outcome<T>) -> Outcome<Vec<T>> {
        match self {
            Database::Sqlite(connection) => {
                let mut select = connection.prepare_cached(sql)?;
                let mut rows = select.query(rusqlite::params_from_iter(values))?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    all.push(read(&Row::Sqlite(row))?);
                }
                Ok(all)
            }
            Database::Postgres(postgres) => postgres.all(sql, values)?.iter().map(|row| read(&Row::Postgres(row))).collect(),
        }
    }

    /// The rows whose column is one of these numbers, in no order: one by one where asking costs nothing, at once where it does.
    pub(crate) fn all_of<T>(
        &self,
        select: &str,
        column: &str,
        numbers: &[i64],
        mut read: impl FnMut(&Row) -> Outcome<T>,
    ) -> Outcome<Vec<T>> {
        let mut all = Vec::new();
        match self {
            Database::Sqlite(_) => {
                let one = format!("{select} WHERE {column} = ?1");
                for number in numbers {
                    all.extend(self.all(&one, &[Value::Integer(*number)], &mut read)?);
                }
            }
            Database::Postgres(_) => {
                for some in numbers.chunks(1000) {
                    let among = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    all.extend(self.all(&format!("{select} WHERE {column} IN ({among})"), &[], &mut read)?);
                }
            }
        }
        Ok(all)
    }

    /// The first row of an answer, if there is one.
    pub(crate) fn first<T>(&self, sql: &str, values: &[Value], mut read: impl FnMut(&Row) -> Outcome<T>) -> Outcome<Option<T>> {
        match self {
            Database::Sqlite(connection) => {
                let mut select = connection.prepare_cached(sql)?;
                let mut rows = select.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
            }
            Database::Postgres(postgres) => postgres.all(sql, values)?.first().map(|row| read(&Row::Postgres(row))).transpose(),
        }
    }

    /// The first column of the only row.
    pub(crate) fn one<T: for<'a> Cell<'a>>(&self, sql: &str, values: &[Value]) -> Outcome<T> {
        let found = self.first(sql, values, |row| row.get(0))?;
        found.ok_or_else(|| Trouble::Shape(format!("`{sql}` has no answer")))
    }

    /// Writes rows.
    pub(crate) fn write(&self, rows: &Rows) -> Outcome<()> {
        match self {
            Database::Sqlite(connection) => {
                for (write, values) in &rows.0 {
                    let mut statement = connection.prepare_cached(&write.for_one())?;
                    for row in values.chunks(write.columns.len()) {
                        statement.execute(rusqlite::params_from_iter(row))?;
                    }
                }
                Ok(())
            }
            Database::Postgres(postgres) => {
                let many = rows.0.iter().map(|(write, values)| (write.for_many(), write.columns, values.as_slice()));
                postgres.write(many.collect())
            }
        }
    }

    /// Carries something out wholly or not at all, synced before it returns. In a store that several hubs can reach, only for the hub
    /// whose fence is the newest.
    pub(crate) fn transaction<T>(&self, fence: Option<i64>, mut act: impl FnMut() -> Outcome<T>) -> Outcome<T> {
        let begin = if matches!(self, Database::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let mut tries = 0;
        loop {
            self.run(begin)?;
            let outcome =
                act().and_then(|value| self.prove(fence).map(|()| value)).and_then(|value| self.run("COMMIT").map(|()| value));
            match outcome {
                Ok(value) => return Ok(value),
                Err(trouble) => {
                    // What made it fail is what is told; a connection that is gone has rolled back by itself.
                    let _ = self.run("ROLLBACK");
                    // Where another hub has written meanwhile, its entries are in the way before the fence is looked at.
                    if let Some(fence) = fence
                        && matches!(super::lease::beat(self, fence), Ok(false))
                        && !execute::bug("unfenced")
                    {
                        return Err(Trouble::Fenced);
                    }
                    tries += 1;
                    if tries > TRIES_MOST || !trouble.wants_another_try() {
                        return Err(trouble);
                    }
                }
            }
        }
    }

    /// Proves that this hub still is the one that writes, where another might; the last thing before a commit.
    fn prove(&self, fence: Option<i64>) -> Outcome<()> {
        match fence {
            Some(fence) if !super::lease::beat(self, fence)? && !execute::bug("unfenced") => Err(Trouble::Fenced),
            _ => Ok(()),
        }
    }

    /// Begins to read everything as of one moment; ends with the connection, or with `COMMIT`.
    pub(crate) fn freeze(&self) -> Outcome<()> {
        match self {
            Database::Sqlite(_) => self.run("BEGIN"),
            Database::Postgres(_) => self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        }
    }

    /// Reads a table by this index, where a hint is known: its rows in the order of ids, so that a page is found without sorting.
    pub(crate) fn by_index(&self, table: &str, index: &str) -> String {
        match self {
            Database::Sqlite(_) => format!("{table} INDEXED BY {index}"),
            Database::Postgres(_) => table.to_owned(),
        }
    }

    /// Joins in the order that is written, where a hint is known.
    pub(crate) fn then_join(&self) -> &'static str {
        match self {
            Database::Sqlite(_) => "CROSS JOIN",
            Database::Postgres(_) => "JOIN",
        }
    }

    /// A column whose index is not the way meant.
    pub(crate) fn not_by(&self, column: &'static str) -> Cow<'static, str> {
        match self {
            Database::Sqlite(_) => format!("+{column}").into(),
            Database::Postgres(_) => column.into(),
        }
    }

    /// Drops every table of a hub.
    pub(crate) fn wipe(&self) -> Outcome<()> {
        let tables = super::tables::ALL.iter().map(|(write, _)| write.table);
        for table in tables.chain(["writer", "meta"]) {
            self.run(&format!("DROP TABLE IF EXISTS {table}"))?;
        }
        Ok(())
    }

    /// Opens a file that is there, to read only, beside whoever writes it.
    pub(crate) fn read_only(path: &Path) -> Outcome<Database> {
        let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Database::Sqlite(connection))
    }

    /// Opens or makes a file, to write.
    pub(crate) fn writable(path: &Path) -> Outcome<Database> {
        let connection = rusqlite::Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL syncs the log at every commit: what is answered survives power loss.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Database::Sqlite(connection))
    }
}
