//! The journal in SQLite: append-only entries, one writer, synced before anyone is answered.

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use measure::{JobId, Time};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use settle::{Bill, Body, Entry, Ledger};
use sha2::{Digest, Sha256};

use super::StoreFault;
use super::rows::Rows;
use crate::webhooks::Webhook;

/// The form of the database: 2 since entries are linked by hashes and charges have a table, 3 since jobs are found by parts of their
/// names and each knows its entries; an older one is brought there when it is opened.
pub(crate) const SCHEMA: i64 = 3;

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- The journal. Bodies are JSON: an audit is a query.
CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
-- The newest shortened history, whose fold is the hub as of entry `meta.opening`.
CREATE TABLE opening (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
-- What people read; everything here follows from the entries.
CREATE TABLE tenant (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE pool (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, provider TEXT NOT NULL) STRICT;
CREATE TABLE job (
  id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, name TEXT NOT NULL, submit_seq INTEGER NOT NULL,
  state TEXT NOT NULL, pool INTEGER, ask INTEGER, end TEXT, exit_code INTEGER,
  submitted INTEGER NOT NULL, placed INTEGER, started INTEGER, ended INTEGER,
  provider TEXT, settled INTEGER, run INTEGER, device_time INTEGER, core_time INTEGER, cpu INTEGER, peak_memory INTEGER,
  energy INTEGER, energy_source TEXT, energy_cost INTEGER, carbon INTEGER, price INTEGER, fee INTEGER
) STRICT;
CREATE INDEX job_live ON job (state, id) WHERE state IN ('waiting', 'placed', 'running', 'stopping');
CREATE INDEX job_tenant ON job (tenant, id);
CREATE INDEX job_settled ON job (settled) WHERE settled IS NOT NULL;
CREATE TABLE posting (
  seq INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, job INTEGER NOT NULL,
  debit TEXT NOT NULL, credit TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX posting_at ON posting (at);
-- Only hashes of tokens are kept.
CREATE TABLE token (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, subject TEXT NOT NULL,
  created INTEGER NOT NULL, revoked INTEGER
) STRICT;
";

/// Made where it is missing, so that journals of earlier releases get it, too: what bills charge and what corrections change
/// of that, one row an entry, for statements; and disputes.
const CHARGES: &str = "
CREATE TABLE charge (
  seq INTEGER PRIMARY KEY, of INTEGER, at INTEGER NOT NULL, job INTEGER NOT NULL, attempt INTEGER NOT NULL, tenant INTEGER NOT NULL,
  pool INTEGER NOT NULL, provider TEXT NOT NULL, energy_source TEXT NOT NULL, precision TEXT, utilisation INTEGER,
  run INTEGER NOT NULL, device_time INTEGER NOT NULL, core_time INTEGER NOT NULL, cpu INTEGER NOT NULL, energy INTEGER NOT NULL,
  energy_cost INTEGER, carbon INTEGER, carbon_market INTEGER, price INTEGER NOT NULL, fee INTEGER NOT NULL, credit INTEGER NOT NULL,
  delivered INTEGER
) STRICT;
CREATE INDEX charge_at ON charge (at);
CREATE INDEX charge_job ON charge (job);
CREATE TABLE dispute (
  seq INTEGER PRIMARY KEY, of INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, judged INTEGER, finding TEXT
) STRICT;
DROP TABLE IF EXISTS attempt;
";

/// Made where they are missing, so that journals of earlier releases get them, too: by which entries a job lived, its name in parts of
/// three characters, and the ways to a page of jobs (each state, and each pool, has its own, so that no page is found by looking at all).
const FINDING: &str = "
CREATE TABLE life (job INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (job, seq)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE job_name USING fts5(name, content = '', detail = none, columnsize = 0, tokenize = 'trigram');
CREATE INDEX job_ended ON job (state, id) WHERE state IN ('done', 'failed', 'cancelled', 'lost');
CREATE INDEX job_pool ON job (pool, id) WHERE pool IS NOT NULL;
CREATE INDEX charge_pool ON charge (pool);
CREATE INDEX charge_tenant ON charge (tenant);
-- Who is told of what happens, and up to which entry they have been told.
CREATE TABLE webhook (
  name TEXT PRIMARY KEY, url TEXT NOT NULL, events TEXT NOT NULL, tenant TEXT, made INTEGER NOT NULL, told INTEGER NOT NULL, trouble TEXT
) STRICT, WITHOUT ROWID;
";

/// The writer's connection.
pub(crate) struct Sqlite {
    path: PathBuf,
    connection: Connection,
    /// The hash of the last entry.
    head: Hash,
}

/// A token as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct TokenRow {
    pub(crate) id: i64,
    pub(crate) hash: [u8; 32],
    pub(crate) role: String,
    pub(crate) subject: String,
    pub(crate) created: Time,
    pub(crate) revoked: Option<Time>,
    /// Until when it is valid.
    pub(crate) expires: Option<Time>,
    /// The mark of the only agent that it is good for.
    pub(crate) agent: Option<String>,
}

fn fault(path: &Path) -> impl Fn(rusqlite::Error) -> StoreFault + '_ {
    move |source| StoreFault::Sqlite { path: path.to_owned(), source }
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the log at every commit: what is answered survives power loss.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The schema of a database; `None` for a new one.
fn schema(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(None);
    }
    connection.query_row("SELECT value FROM meta WHERE key = 'schema'", [], |row| row.get(0)).optional()
}

/// Columns that journals of earlier releases have not: when a token ends and which agent alone may bear it, and the entry by
/// which a job was last placed.
const LATER_COLUMNS: [(&str, &str, &str); 4] =
    [("token", "expires", "INTEGER"), ("token", "agent", "TEXT"), ("job", "placed_seq", "INTEGER"), ("entry", "hash", "BLOB")];

fn widen(connection: &Connection) -> rusqlite::Result<()> {
    for (table, column, kind) in LATER_COLUMNS {
        let count = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        let there: i64 = connection.query_row(count, [table, column], |row| row.get(0))?;
        if there == 0 {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
        }
    }
    Ok(())
}

impl Sqlite {
    /// Opens or makes the journal at `path` and folds it.
    pub(crate) fn open(path: &Path) -> Result<(Sqlite, Ledger), StoreFault> {
        let connection = Connection::open(path).map_err(fault(path))?;
        set_up(&connection).map_err(fault(path))?;
        match schema(&connection).map_err(fault(path))? {
            Some(found) if found > SCHEMA => return Err(StoreFault::TooNew { path: path.to_owned(), found, known: SCHEMA }),
            Some(_) => {}
            None => {
                let make =
                    format!("BEGIN; {TABLES} INSERT INTO meta VALUES ('schema', {SCHEMA}), ('opening', 0), ('last', 0); COMMIT;");
                connection.execute_batch(&make).map_err(fault(path))?;
            }
        }
        widen(&connection).map_err(fault(path))?;
        let head = chain(&connection).map_err(fault(path))?;
        charges(&connection).map_err(fault(path))?;
        finding(&connection).map_err(fault(path))?;
        connection.execute("UPDATE meta SET value = ?1 WHERE key = 'schema'", [SCHEMA]).map_err(fault(path))?;
        let ledger = fold(path, &connection, true, |_, _| {})?;
        Ok((Sqlite { path: path.to_owned(), connection, head }, ledger))
    }

    /// Appends a batch and updates the read tables, in one transaction, synced.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), StoreFault> {
        let Some(last) = entries.last() else { return Ok(()) };
        let mut head = self.head;
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction()?;
            {
                let mut insert = transaction.prepare_cached("INSERT INTO entry (seq, at, body, hash) VALUES (?1, ?2, ?3, ?4)")?;
                let mut rows = Rows::new(&transaction);
                let mut body = Vec::new();
                for entry in entries {
                    body.clear();
                    serde_json::to_writer(&mut body, &entry.body).expect("an entry is plain data");
                    let text = std::str::from_utf8(&body).expect("JSON is UTF-8");
                    head = link(&head, entry.seq, entry.at, &body);
                    insert.execute(params![entry.seq.cast_signed(), entry.at.0, text, head])?;
                    rows.take(entry)?;
                }
                rows.write()?;
                let mut last_row = transaction.prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'last'")?;
                last_row.execute([last.seq.cast_signed()])?;
            }
            transaction.commit()
        };
        write().map_err(fault(&self.path))?;
        self.head = head;
        Ok(())
    }

    /// The bill of an attempt of a job as it stands now (of its last attempt where none is told): the entry that says so, the
    /// bill, and when the attempt was billed first.
    pub(crate) fn bill(&self, job: JobId, attempt: Option<u32>) -> Result<Option<(u64, Bill, Time)>, StoreFault> {
        bill_of(&self.connection, job, attempt).map_err(fault(&self.path))
    }

    /// Replaces the shortened history. The entries themselves stay.
    pub(crate) fn shorten(&mut self, ledger: &Ledger) -> Result<(), StoreFault> {
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction()?;
            transaction.execute("DELETE FROM opening", [])?;
            {
                let mut insert = transaction.prepare("INSERT INTO opening (at, body) VALUES (?1, ?2)")?;
                for entry in ledger.opening() {
                    let body = serde_json::to_string(&entry.body).expect("an entry is plain data");
                    insert.execute(params![entry.at.0, body])?;
                }
            }
            transaction.execute("UPDATE meta SET value = ?1 WHERE key = 'opening'", [ledger.seq.cast_signed()])?;
            transaction.commit()
        };
        write().map_err(fault(&self.path))
    }

    /// Every token, revoked ones too.
    pub(crate) fn tokens(&self) -> Result<Vec<TokenRow>, StoreFault> {
        let read = || -> rusqlite::Result<Vec<TokenRow>> {
            let mut select = self
                .connection
                .prepare("SELECT id, hash, role, subject, created, revoked, expires, agent FROM token ORDER BY id")?;
            let row = |row: &rusqlite::Row| {
                Ok(TokenRow {
                    id: row.get(0)?,
                    hash: row.get(1)?,
                    role: row.get(2)?,
                    subject: row.get(3)?,
                    created: Time(row.get(4)?),
                    revoked: row.get::<_, Option<i64>>(5)?.map(Time),
                    expires: row.get::<_, Option<i64>>(6)?.map(Time),
                    agent: row.get(7)?,
                })
            };
            select.query_map([], row)?.collect()
        };
        read().map_err(fault(&self.path))
    }

    /// Adds a token and returns its number.
    pub(crate) fn add_token(
        &mut self,
        hash: [u8; 32],
        role: &str,
        subject: &str,
        at: Time,
        expires: Option<Time>,
        agent: Option<&str>,
    ) -> Result<i64, StoreFault> {
        let insert = "INSERT INTO token (hash, role, subject, created, expires, agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let expires = expires.map(|end| end.0);
        self.connection.execute(insert, params![hash, role, subject, at.0, expires, agent]).map_err(fault(&self.path))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Lets a token end at an instant.
    pub(crate) fn end_token(&mut self, id: i64, at: Time) -> Result<(), StoreFault> {
        let update = "UPDATE token SET expires = ?2 WHERE id = ?1";
        self.connection.execute(update, params![id, at.0]).map(drop).map_err(fault(&self.path))
    }

    /// Keeps a webhook, in place of one of its name.
    pub(crate) fn keep_webhook(&mut self, hook: &Webhook) -> Result<(), StoreFault> {
        let insert =
            "INSERT OR REPLACE INTO webhook (name, url, events, tenant, made, told, trouble) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let Webhook { name, url, events, tenant, made, told, trouble } = hook;
        let row = params![name, url, events.join(","), tenant, made.0, told.cast_signed(), trouble];
        self.connection.execute(insert, row).map(drop).map_err(fault(&self.path))
    }

    /// Notes how far the receiver of a webhook has been told, if it is still the one that was made then.
    pub(crate) fn note_webhook(&mut self, hook: &Webhook) -> Result<(), StoreFault> {
        let update = "UPDATE webhook SET told = ?3, trouble = ?4 WHERE name = ?1 AND made = ?2";
        let row = params![hook.name, hook.made.0, hook.told.cast_signed(), hook.trouble];
        self.connection.execute(update, row).map(drop).map_err(fault(&self.path))
    }

    /// Forgets a webhook; whether there was one.
    pub(crate) fn forget_webhook(&mut self, name: &str) -> Result<bool, StoreFault> {
        let gone = self.connection.execute("DELETE FROM webhook WHERE name = ?1", [name]).map_err(fault(&self.path))?;
        Ok(gone > 0)
    }

    /// Revokes a token.
    pub(crate) fn revoke_token(&mut self, id: i64, at: Time) -> Result<(), StoreFault> {
        let update = "UPDATE token SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL";
        self.connection.execute(update, params![id, at.0]).map(drop).map_err(fault(&self.path))
    }
}

/// See [`Sqlite::bill`].
pub(super) fn bill_of(connection: &Connection, job: JobId, attempt: Option<u32>) -> rusqlite::Result<Option<(u64, Bill, Time)>> {
    let select = "SELECT charge.seq, entry.body, first.at FROM charge JOIN entry ON entry.seq = charge.seq
        JOIN entry AS first ON first.seq = coalesce(charge.of, charge.seq)
        WHERE charge.job = ?1 AND (?2 IS NULL OR charge.attempt = ?2)
        ORDER BY charge.attempt DESC, charge.seq DESC LIMIT 1";
    let row = |row: &rusqlite::Row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), super::rows::bill_in(row.get_ref(1)?.as_str()?)?, Time(row.get(2)?)))
    };
    connection.prepare_cached(select)?.query_row(params![job.0.cast_signed(), attempt], row).optional()
}

/// The SHA-256 of an entry and of the one before it.
pub(crate) type Hash = [u8; 32];

/// What the first entry follows.
pub(crate) const NO_ENTRY: Hash = [0; 32];

/// The hash of an entry: of that before it, its number, its instant and its body, numbers as eight bytes, the highest first.
pub(crate) fn link(before: &Hash, seq: u64, at: Time, body: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(at.0.to_be_bytes());
    hasher.update(body);
    hasher.finalize().into()
}

/// Links the entries that an earlier release wrote without a hash, and returns the last one's.
fn chain(connection: &Connection) -> rusqlite::Result<Hash> {
    let last = "SELECT hash FROM entry ORDER BY seq DESC LIMIT 1";
    let last: Option<Option<Hash>> = connection.query_row(last, [], |row| row.get(0)).optional()?;
    // All are linked in one transaction: where the last one is, all are.
    let mut head = match last {
        None => return Ok(NO_ENTRY),
        Some(Some(head)) => return Ok(head),
        Some(None) => {
            let hash = "SELECT hash FROM entry WHERE hash IS NOT NULL ORDER BY seq DESC LIMIT 1";
            connection.query_row(hash, [], |row| row.get(0)).optional()?.unwrap_or(NO_ENTRY)
        }
    };
    tracing::info!("the journal is of an earlier release: its entries are linked by hashes");
    connection.execute_batch("BEGIN")?;
    {
        let mut select = connection.prepare("SELECT seq, at, body FROM entry WHERE hash IS NULL ORDER BY seq")?;
        let mut update = connection.prepare("UPDATE entry SET hash = ?2 WHERE seq = ?1")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            head = link(&head, seq.cast_unsigned(), Time(row.get(1)?), row.get_ref(2)?.as_str()?.as_bytes());
            update.execute(params![seq, head])?;
        }
    }
    connection.execute_batch("COMMIT")?;
    Ok(head)
}

/// Makes the tables of charges where they are missing, from the bills in the journal.
fn charges(connection: &Connection) -> rusqlite::Result<()> {
    let there: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'charge'", [], |row| row.get(0))?;
    if there > 0 {
        return Ok(());
    }
    connection.execute_batch(&format!("BEGIN; {CHARGES}"))?;
    {
        let bills = "SELECT seq, at, body FROM entry WHERE body LIKE '{\"Settled\"%' OR body LIKE '{\"Attempted\"%' ORDER BY seq";
        let mut select = connection.prepare(bills)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let bill = super::rows::bill_in(row.get_ref(2)?.as_str()?)?;
            let entry =
                Entry { seq: row.get::<_, i64>(0)?.cast_unsigned(), at: Time(row.get(1)?), body: Body::Settled(bill.clone()) };
            super::rows::charge(connection, &entry, None, &bill)?;
        }
    }
    connection.execute_batch("COMMIT")
}

/// Makes the tables by which jobs are found where they are missing, from the journal.
fn finding(connection: &Connection) -> rusqlite::Result<()> {
    let there: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'life'", [], |row| row.get(0))?;
    if there > 0 {
        return Ok(());
    }
    connection
        .execute_batch(&format!("BEGIN; {FINDING} INSERT INTO job_name (rowid, name) SELECT id, name FROM job ORDER BY id;"))?;
    {
        let mut select = connection.prepare("SELECT seq, at, body FROM entry ORDER BY seq")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let broken = |error: serde_json::Error| {
                rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, error.into())
            };
            let body = serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(broken)?;
            super::rows::live(connection, &Entry { seq: row.get::<_, i64>(0)?.cast_unsigned(), at: Time(row.get(1)?), body })?;
        }
    }
    connection.execute_batch("COMMIT")
}

/// Folds the journal: the shortened history first if wanted, then every entry after it. `visit` sees each entry
/// after it was applied. Reading and decoding run beside folding, on a thread of their own.
pub(crate) fn fold(
    path: &Path,
    connection: &Connection,
    from_opening: bool,
    mut visit: impl FnMut(&Ledger, &Entry),
) -> Result<Ledger, StoreFault> {
    let mut ledger = Ledger::default();
    let value = |key: &str| connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, i64>(0));
    let last = value("last").map_err(fault(path))?.cast_unsigned();
    let damaged = |seq, problem: String| StoreFault::Damaged { path: path.to_owned(), seq, problem };
    if from_opening {
        let opened = value("opening").map_err(fault(path))?.cast_unsigned();
        for (at, body) in openings(connection).map_err(fault(path))? {
            let body: Body =
                serde_json::from_str(&body).map_err(|error| damaged(opened, format!("shortened history: {error}")))?;
            ledger.apply(&Entry { seq: opened, at, body });
        }
        ledger.seq = opened;
    }
    let (sender, receiver) = sync_channel::<Vec<Result<Entry, StoreFault>>>(8);
    let first = ledger.seq + 1;
    std::thread::scope(|scope| {
        let reader = path.to_owned();
        let send = sender;
        scope.spawn(move || {
            let outcome = read_entries(&reader, first, |chunk| send.send(chunk).is_ok());
            if let Err(fault) = outcome {
                let _ = send.send(vec![Err(fault)]);
            }
        });
        for entry in receiver.into_iter().flatten() {
            let entry = entry?;
            if entry.seq > last {
                break; // Written by the live hub after we looked.
            }
            if entry.seq != ledger.seq + 1 {
                return Err(damaged(ledger.seq + 1, format!("is missing; the next one found is {}", entry.seq)));
            }
            ledger.apply(&entry);
            visit(&ledger, &entry);
        }
        if ledger.seq != last {
            return Err(damaged(ledger.seq + 1, format!("is missing; the journal should reach entry {last}")));
        }
        Ok(ledger)
    })
}

/// The hub as it was at an instant: the fold of every entry until then.
pub(crate) fn fold_until(path: &Path, until: Time) -> Result<Ledger, StoreFault> {
    let mut ledger = Ledger::default();
    let mut fault = None;
    read_entries(path, 1, |chunk| {
        for entry in chunk {
            match entry {
                Ok(entry) if entry.at > until => return false,
                Ok(entry) => ledger.apply(&entry),
                Err(found) => {
                    fault = Some(found);
                    return false;
                }
            }
        }
        true
    })?;
    fault.map_or(Ok(ledger), Err)
}

/// Whether each entry's hash is that of what it holds and of the one before it; those that are not or are missing, at most so many,
/// each with what is wrong, and the last one's hash. A change of one entry is found there and nowhere else: the next ones are linked to the hash that stands there.
pub(crate) fn broken_links(connection: &Connection, most: usize) -> rusqlite::Result<(Vec<(u64, String)>, Hash)> {
    let (mut before, mut broken, mut next) = (NO_ENTRY, Vec::new(), 1);
    let mut select = connection.prepare("SELECT seq, at, CAST(body AS BLOB), hash FROM entry ORDER BY seq")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let seq = row.get::<_, i64>(0)?.cast_unsigned();
        let expected = link(&before, seq, Time(row.get(1)?), row.get_ref(2)?.as_blob()?);
        let stands: Option<Hash> = row.get(3).unwrap_or(None);
        if broken.len() < most {
            let told = "its hash is not that of its content and of the entries before it: it was changed after it was written";
            match seq == next {
                // Its own hash follows one that is gone, and says nothing.
                false => broken.push((next, format!("is missing; the next one found is {seq}"))),
                true if stands != Some(expected) => broken.push((seq, told.to_owned())),
                true => {}
            }
        }
        next = seq + 1;
        before = stands.unwrap_or(expected);
    }
    Ok((broken, before))
}

fn openings(connection: &Connection) -> rusqlite::Result<Vec<(Time, String)>> {
    let mut select = connection.prepare("SELECT at, body FROM opening ORDER BY n")?;
    select.query_map([], |row| Ok((Time(row.get(0)?), row.get(1)?)))?.collect()
}

/// Reads entries from `first` on, in chunks, until `take` says stop.
fn read_entries(path: &Path, first: u64, mut take: impl FnMut(Vec<Result<Entry, StoreFault>>) -> bool) -> Result<(), StoreFault> {
    let connection = open_read_only(path)?;
    let mut read = || -> rusqlite::Result<()> {
        let mut select = connection.prepare("SELECT seq, at, body FROM entry WHERE seq >= ?1 ORDER BY seq")?;
        let mut rows = select.query([first.cast_signed()])?;
        let mut chunk = Vec::with_capacity(1024);
        while let Some(row) = rows.next()? {
            let (seq, at) = (row.get::<_, i64>(0)?.cast_unsigned(), Time(row.get(1)?));
            let body = serde_json::from_str(row.get_ref(2)?.as_str()?);
            let entry = body.map(|body| Entry { seq, at, body });
            chunk.push(entry.map_err(|error| StoreFault::Damaged { path: path.to_owned(), seq, problem: error.to_string() }));
            if chunk.len() == 1024 && !take(std::mem::replace(&mut chunk, Vec::with_capacity(1024))) {
                return Ok(());
            }
        }
        take(chunk);
        Ok(())
    };
    read().map_err(fault(path))
}

/// A connection that changes nothing, for readers beside a live hub.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, StoreFault> {
    if !path.exists() {
        return Err(StoreFault::Missing(path.to_owned()));
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fault(path))?;
    connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(fault(path))?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Writes a new journal as the hub would, for measuring what is read of it.
pub struct JournalWriter(Sqlite);

impl JournalWriter {
    /// A journal at `path`.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path) -> Result<JournalWriter, StoreFault> {
        Ok(JournalWriter(Sqlite::open(path)?.0))
    }

    /// Appends entries in batches.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), StoreFault> {
        entries.chunks(10_000).try_for_each(|chunk| self.0.append(chunk))
    }

    /// Leaves a shortened history of what was written.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self, ledger: &Ledger) -> Result<(), StoreFault> {
        self.0.shorten(ledger)
    }
}
