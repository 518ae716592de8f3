//! The tables, in both dialects, and how a journal of an earlier release gets what it lacks.

use measure::Time;
use settle::{Body, Entry};

use super::chain::{Hash, NO_ENTRY, link};
use super::rows;
use super::sql::{Database, Outcome, Trouble, values};

/// The form of the database: 2 since entries are linked by hashes and charges have a table, 3 since jobs are found by parts of their
/// names and each knows its entries, 4 since answers to requests of a known name are kept, 5 since it is kept who asked for changes, 6
/// since entries may be in an archive, 7 since charges tell what would have been emitted at once; an older one is brought there when it is opened. Only SQLite's ever were older than 4.
pub(crate) const SCHEMA: i64 = 7;

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- The journal. Bodies are JSON: an audit is a query.
CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL, hash BLOB) STRICT;
-- The newest shortened history, whose fold is the hub as of entry `meta.opening`.
CREATE TABLE opening (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
-- What people read; everything here follows from the entries.
CREATE TABLE tenant (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE pool (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, provider TEXT NOT NULL) STRICT;
CREATE TABLE job (
  id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, name TEXT NOT NULL, submit_seq INTEGER NOT NULL,
  state TEXT NOT NULL, pool INTEGER, ask INTEGER, \"end\" TEXT, exit_code INTEGER,
  submitted INTEGER NOT NULL, placed INTEGER, started INTEGER, ended INTEGER,
  provider TEXT, settled INTEGER, run INTEGER, device_time INTEGER, core_time INTEGER, cpu INTEGER, peak_memory INTEGER,
  energy INTEGER, energy_source TEXT, energy_cost INTEGER, carbon INTEGER, price INTEGER, fee INTEGER, placed_seq INTEGER
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
  created INTEGER NOT NULL, revoked INTEGER, expires INTEGER, agent TEXT
) STRICT;
";

/// What bills charge and what corrections change of that, one row an entry, for statements; and disputes.
const CHARGES: &str = "
CREATE TABLE charge (
  seq INTEGER PRIMARY KEY, of INTEGER, at INTEGER NOT NULL, job INTEGER NOT NULL, attempt INTEGER NOT NULL, tenant INTEGER NOT NULL,
  pool INTEGER NOT NULL, provider TEXT NOT NULL, energy_source TEXT NOT NULL, precision TEXT, utilisation INTEGER,
  run INTEGER NOT NULL, device_time INTEGER NOT NULL, core_time INTEGER NOT NULL, cpu INTEGER NOT NULL, energy INTEGER NOT NULL,
  energy_cost INTEGER, carbon INTEGER, carbon_market INTEGER, price INTEGER NOT NULL, fee INTEGER NOT NULL, credit INTEGER NOT NULL,
  delivered INTEGER, carbon_at_once INTEGER, market_at_once INTEGER
) STRICT;
CREATE INDEX charge_at ON charge (at);
CREATE INDEX charge_job ON charge (job);
CREATE TABLE dispute (
  seq INTEGER PRIMARY KEY, of INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, judged INTEGER, finding TEXT
) STRICT;
";

/// By which entries a job lived, and the ways to a page of jobs (each state, and each pool, has its own, so that no page is found by
/// looking at all).
const FINDING: &str = "
CREATE TABLE life (job INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (job, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX job_ended ON job (state, id) WHERE state IN ('done', 'failed', 'cancelled', 'lost');
CREATE INDEX job_pool ON job (pool, id) WHERE pool IS NOT NULL;
CREATE INDEX charge_pool ON charge (pool);
CREATE INDEX charge_tenant ON charge (tenant);
-- Who is told of what happens, and up to which entry they have been told.
CREATE TABLE webhook (
  name TEXT PRIMARY KEY, url TEXT NOT NULL, events TEXT NOT NULL, tenant TEXT, made INTEGER NOT NULL, told INTEGER NOT NULL, trouble TEXT
) STRICT, WITHOUT ROWID;
";

/// What was answered to requests that have a name, so that a repeat of one is answered the same and changes nothing.
const ANSWERS: &str = "
CREATE TABLE answer (
  asker INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, request BLOB NOT NULL, receipts TEXT NOT NULL, PRIMARY KEY (asker, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_at ON answer (at);
";

/// Who asked for which change, what was answered, and which entries it brought about.
const AUDIT: &str = "
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, token INTEGER NOT NULL, role TEXT NOT NULL, subject TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, status INTEGER, first INTEGER, last INTEGER, made TEXT
) STRICT;
CREATE INDEX audit_token ON audit (token, id);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_first ON audit (first) WHERE first IS NOT NULL;
";

/// Files of the archive; and the way to what is said of the census, which would else be found by looking at all of history.
const ARCHIVE: &str = "
CREATE TABLE segment (
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, head BLOB NOT NULL, begins INTEGER NOT NULL, ends INTEGER NOT NULL, file TEXT NOT NULL
) STRICT;
CREATE INDEX entry_census ON entry (seq) WHERE substr(body, 1, 18) = '{\"Fact\":{\"Census\":';
";

/// Whether an entry tells of the census, as the index of those says it.
pub(crate) const OF_CENSUS: &str = "substr(body, 1, 18) = '{\"Fact\":{\"Census\":'";

/// Names of jobs in parts of three characters.
const NAMES_SQLITE: &str =
    "CREATE VIRTUAL TABLE job_name USING fts5(name, content = '', detail = none, columnsize = 0, tokenize = 'trigram');";
const NAMES_POSTGRES: &str = "CREATE INDEX job_name ON job USING gin (lower(name) gin_trgm_ops);";

/// Where more than one hub can reach the store: which of them writes, by which number, and that it still does.
const WRITER: &str = "
CREATE TABLE writer (id INTEGER PRIMARY KEY, fence INTEGER NOT NULL, beat INTEGER NOT NULL, holder TEXT NOT NULL, url TEXT NOT NULL) STRICT;
INSERT INTO writer VALUES (1, 0, 0, '', '');
";

/// The same tables in the words of PostgreSQL, of which those that speak its protocol take all.
fn for_postgres(tables: &str) -> String {
    let plain = tables.replace(") STRICT, WITHOUT ROWID;", ");").replace(") STRICT;", ");");
    plain.replace(" INTEGER", " BIGINT").replace(" BLOB", " BYTEA")
}

/// Makes what is missing; `shared` where several hubs can reach it.
///
/// # Errors
/// [`Trouble`], and where the database is of a later release: which form it has.
pub(crate) fn set_up(database: &Database, shared: bool) -> Outcome<Result<(), i64>> {
    match schema(database)? {
        Some(found) if found > SCHEMA => return Ok(Err(found)),
        Some(_) => {}
        None => make(database, shared)?,
    }
    if matches!(database, Database::Sqlite(_)) {
        widen(database)?;
        chain(database)?;
        charges(database)?;
        finding(database)?;
        answers(database)?;
    }
    newest(database)?;
    Ok(Ok(()))
}

/// The form of a database; `None` for an empty one.
pub(crate) fn schema(database: &Database) -> Outcome<Option<i64>> {
    let tables: i64 = database.one(
        match database {
            Database::Sqlite(_) => "SELECT count(*) FROM sqlite_schema",
            Database::Postgres(_) => {
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'meta'"
            }
        },
        &[],
    )?;
    if tables == 0 {
        return Ok(None);
    }
    database.first("SELECT value FROM meta WHERE key = 'schema'", &[], |row| row.get(0))
}

fn make(database: &Database, shared: bool) -> Outcome<()> {
    let begin = format!("INSERT INTO meta VALUES ('schema', {SCHEMA}), ('opening', 0), ('last', 0), ('tokens', 0);");
    match database {
        Database::Sqlite(_) => {
            let writer = if shared { WRITER } else { "" };
            let all = [TABLES, CHARGES, FINDING, NAMES_SQLITE, ANSWERS, AUDIT, ARCHIVE, writer, &begin].concat();
            database.run(&format!("BEGIN; {all} COMMIT;"))
        }
        Database::Postgres(_) => {
            let encoding: String = database.one("SHOW server_encoding", &[])?;
            if !["UTF8", "UTF-8"].contains(&encoding.to_uppercase().as_str()) {
                return Err(Trouble::Shape(format!("the database is kept in {encoding}; a hub needs one in UTF8")));
            }
            let all = [TABLES, CHARGES, FINDING, ANSWERS, AUDIT, ARCHIVE, WRITER].map(for_postgres).concat();
            let made = database.run(&format!("BEGIN; {all} {begin} COMMIT;"));
            if let Err(trouble) = made {
                let _ = database.run("ROLLBACK");
                // Two hubs may begin at once: one of them makes the tables.
                std::thread::sleep(std::time::Duration::from_millis(300));
                return if schema(database)?.is_some() { Ok(()) } else { Err(trouble) };
            }
            // Where the server has no trigrams, names are found by looking at more of them.
            let extension = database.run("CREATE EXTENSION IF NOT EXISTS pg_trgm");
            if let Err(trouble) = extension.and_then(|()| database.run(NAMES_POSTGRES)) {
                tracing::warn!("jobs are found by parts of their names without an index: {trouble}");
            }
            Ok(())
        }
    }
}

fn is_there(database: &Database, table: &str) -> Outcome<bool> {
    Ok(database.one::<i64>("SELECT count(*) FROM sqlite_schema WHERE name = ?1", &values![table])? > 0)
}

/// Columns that journals of earlier releases have not: when a token ends and which agent alone may bear it, and the entry by
/// which a job was last placed.
const LATER_COLUMNS: [(&str, &str, &str); 4] =
    [("token", "expires", "INTEGER"), ("token", "agent", "TEXT"), ("job", "placed_seq", "INTEGER"), ("entry", "hash", "BLOB")];

fn widen(database: &Database) -> Outcome<()> {
    for (table, column, kind) in LATER_COLUMNS {
        let count = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        if database.one::<i64>(count, &values![table, column])? == 0 {
            database.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
        }
    }
    Ok(())
}

/// Links the entries that an earlier release wrote without a hash.
fn chain(database: &Database) -> Outcome<()> {
    let last = database.first("SELECT hash FROM entry ORDER BY seq DESC LIMIT 1", &[], |row| row.get::<Option<Hash>>(0))?;
    // All are linked in one transaction: where the last one is, all are.
    if !matches!(last, Some(None)) {
        return Ok(());
    }
    tracing::info!("the journal is of an earlier release: its entries are linked by hashes");
    database.transaction(None, || {
        let linked = "SELECT hash FROM entry WHERE hash IS NOT NULL ORDER BY seq DESC LIMIT 1";
        let mut head: Hash = database.first(linked, &[], |row| row.get(0))?.unwrap_or(NO_ENTRY);
        let mut after = 0;
        loop {
            let select = "SELECT seq, at, body FROM entry WHERE hash IS NULL AND seq > ?1 ORDER BY seq LIMIT 5000";
            let page = database
                .all(select, &values![after], |row| Ok((row.get::<i64>(0)?, row.get::<Time>(1)?, row.get::<String>(2)?)))?;
            let Some((last, ..)) = page.last() else { return Ok(()) };
            after = *last;
            for (seq, at, body) in page {
                head = link(&head, seq.cast_unsigned(), at, body.as_bytes());
                database.execute("UPDATE entry SET hash = ?2 WHERE seq = ?1", &values![seq, head])?;
            }
        }
    })
}

/// Entries in pages, so that something can be done with each.
fn each_entry(database: &Database, of: &str, mut act: impl FnMut(Entry) -> Outcome<()>) -> Outcome<()> {
    let sql = format!("SELECT seq, at, body FROM entry WHERE seq > ?1 AND ({of}) ORDER BY seq LIMIT 5000");
    let mut after = 0_u64;
    loop {
        let page = database.all(&sql, &values![after.cast_signed()], super::read::entry_row)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        page.into_iter().try_for_each(&mut act)?;
    }
}

/// Makes the tables of charges where they are missing, from the bills in the journal.
fn charges(database: &Database) -> Outcome<()> {
    if is_there(database, "charge")? {
        return Ok(());
    }
    database.transaction(None, || {
        database.run(CHARGES)?;
        database.run("DROP TABLE IF EXISTS attempt")?;
        each_entry(database, "body LIKE '{\"Settled\"%' OR body LIKE '{\"Attempted\"%'", |entry| {
            let (Body::Settled(bill) | Body::Attempted(bill)) = &entry.body else { return Ok(()) };
            let mut new = super::sql::Rows::default();
            rows::charge(database, &entry, None, bill, &mut new)?;
            database.write(&new)
        })
    })
}

/// Makes the tables by which jobs are found where they are missing, from the journal.
fn finding(database: &Database) -> Outcome<()> {
    if is_there(database, "life")? {
        return Ok(());
    }
    database.transaction(None, || {
        database.run(FINDING)?;
        database.run(NAMES_SQLITE)?;
        database.run("INSERT INTO job_name (rowid, name) SELECT id, name FROM job ORDER BY id")?;
        each_entry(database, "TRUE", |entry| {
            let mut new = super::sql::Rows::default();
            rows::live(&entry, &mut new);
            database.write(&new)
        })
    })
}

/// Makes the log of who asked for what, what an archive needs, and the columns of what was compared, where they are missing. The last step to this form.
fn newest(database: &Database) -> Outcome<()> {
    if schema(database)? == Some(SCHEMA) {
        return Ok(());
    }
    let postgres = matches!(database, Database::Postgres(_));
    // Two hubs of one store may begin at once.
    let tables = [AUDIT, ARCHIVE].concat();
    let tables = if postgres { for_postgres(&tables) } else { tables };
    let tables =
        tables.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS");
    let there = match database {
        Database::Sqlite(_) => "SELECT count(*) FROM pragma_table_info('charge') WHERE name = 'carbon_at_once'",
        Database::Postgres(_) => {
            "SELECT count(*) FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = 'charge' AND column_name = 'carbon_at_once'"
        }
    };
    let column = |name: &str| {
        let kind = if postgres { "IF NOT EXISTS" } else { "" };
        let whole = if postgres { "BIGINT" } else { "INTEGER" };
        database.run(&format!("ALTER TABLE charge ADD COLUMN {kind} {name} {whole}"))
    };
    database.transaction(None, || {
        database.run(&tables)?;
        if database.one::<i64>(there, &[])? == 0 {
            column("carbon_at_once")?;
            column("market_at_once")?;
            // No bill of an earlier release was of work that chose its hours.
            database.run("UPDATE charge SET carbon_at_once = carbon, market_at_once = carbon_market")?;
        }
        database.execute("UPDATE meta SET value = ?1 WHERE key = 'schema'", &values![SCHEMA]).map(drop)
    })
}

/// Makes the table of answers where it is missing.
fn answers(database: &Database) -> Outcome<()> {
    if is_there(database, "answer")? {
        return Ok(());
    }
    database
        .transaction(None, || database.run(&format!("{ANSWERS} INSERT INTO meta VALUES ('tokens', 0) ON CONFLICT DO NOTHING;")))
}
