//! The columns of every table, once: what a batch writes of them, and what all of a table is.

use super::sql::{How, Kind, Write};

/// A write of these columns of a table.
macro_rules! columns {
    ($how:ident $table:literal: $($column:literal $kind:ident),* $(,)?) => {
        Write { table: $table, columns: &[$(($column, Kind::$kind)),*], how: How::$how }
    };
}

pub(super) static ENTRY: Write = columns!(Insert "entry": "seq" Integer, "at" Integer, "body" Text, "hash" Blob);
/// A line of the shortened history.
pub(super) static OPENING: Write = columns!(Insert "opening": "n" Integer, "at" Integer, "body" Text);
/// A file of the archive.
pub(super) static SEGMENT: Write = columns!(Insert "segment":
    "first" Integer, "last" Integer, "head" Blob, "begins" Integer, "ends" Integer, "file" Text);
static TENANT: Write = columns!(Insert "tenant": "id" Integer, "name" Text);
static POOL: Write = columns!(Insert "pool": "id" Integer, "name" Text, "provider" Text);

/// What is known of a job when it is submitted.
pub(super) static JOB: Write = columns!(Insert "job":
    "id" Integer, "tenant" Integer, "name" Text, "submit_seq" Integer, "state" Text, "submitted" Integer);
/// What becomes of it.
pub(super) static STATE: Write = columns!(Fill "job":
    "id" Integer, "state" Text, "pool" Integer, "ask" Integer, "placed" Integer, "started" Integer, "\"end\"" Text,
    "exit_code" Integer, "ended" Integer, "placed_seq" Integer);
/// What its last bill says.
pub(super) static MONEY: Write = columns!(Set "job":
    "id" Integer, "provider" Text, "settled" Integer, "run" Integer, "device_time" Integer, "core_time" Integer, "cpu" Integer,
    "peak_memory" Integer, "energy" Integer, "energy_source" Text, "energy_cost" Integer, "carbon" Integer, "price" Integer,
    "fee" Integer);
static WHOLE_JOB: Write = columns!(Insert "job":
    "id" Integer, "tenant" Integer, "name" Text, "submit_seq" Integer, "state" Text, "pool" Integer, "ask" Integer, "\"end\"" Text,
    "exit_code" Integer, "submitted" Integer, "placed" Integer, "started" Integer, "ended" Integer, "provider" Text,
    "settled" Integer, "run" Integer, "device_time" Integer, "core_time" Integer, "cpu" Integer, "peak_memory" Integer,
    "energy" Integer, "energy_source" Text, "energy_cost" Integer, "carbon" Integer, "price" Integer, "fee" Integer,
    "placed_seq" Integer);
/// SQLite's index of parts of names.
pub(super) static NAME: Write = columns!(Insert "job_name": "rowid" Integer, "name" Text);
pub(super) static LIFE: Write = columns!(InsertNew "life": "job" Integer, "seq" Integer);

pub(super) static POSTING: Write = columns!(Insert "posting":
    "seq" Integer, "n" Integer, "at" Integer, "job" Integer, "debit" Text, "credit" Text, "amount" Integer);
pub(crate) static CHARGE: Write = columns!(Insert "charge":
    "seq" Integer, "of" Integer, "at" Integer, "job" Integer, "attempt" Integer, "tenant" Integer, "pool" Integer,
    "provider" Text, "energy_source" Text, "precision" Text, "utilisation" Integer, "run" Integer, "device_time" Integer,
    "core_time" Integer, "cpu" Integer, "energy" Integer, "energy_cost" Integer, "carbon" Integer, "carbon_market" Integer,
    "price" Integer, "fee" Integer, "credit" Integer, "delivered" Integer,
    "carbon_at_once" Integer, "market_at_once" Integer);
pub(super) static DISPUTE: Write =
    columns!(Insert "dispute": "seq" Integer, "of" Integer, "at" Integer, "by" Text, "reason" Text);
pub(super) static VERDICT: Write = columns!(Set "dispute": "seq" Integer, "judged" Integer, "finding" Text);
static WHOLE_DISPUTE: Write = columns!(Insert "dispute":
    "seq" Integer, "of" Integer, "at" Integer, "by" Text, "reason" Text, "judged" Integer, "finding" Text);

static TOKEN: Write = columns!(Insert "token":
    "id" Integer, "hash" Blob, "role" Text, "subject" Text, "created" Integer, "revoked" Integer, "expires" Integer, "agent" Text);
static WEBHOOK: Write = columns!(Insert "webhook":
    "name" Text, "url" Text, "events" Text, "tenant" Text, "made" Integer, "told" Integer, "trouble" Text);
static ANSWER: Write = columns!(Insert "answer": "asker" Integer, "name" Text, "at" Integer, "request" Blob, "receipts" Text);
/// Who asked for which change.
pub(super) static ASKED: Write = columns!(Insert "audit":
    "id" Integer, "at" Integer, "token" Integer, "role" Text, "subject" Text, "method" Text, "path" Text, "status" Integer,
    "first" Integer, "last" Integer, "made" Text);
/// What was answered then.
pub(super) static ANSWERED: Write = columns!(Set "audit": "id" Integer, "status" Integer);

/// Every table with all of its columns, the journal first, and how many of the first columns are its key. Beside them are `meta`,
/// and where several hubs share a store `writer`, which is no part of a hub.
pub(super) static ALL: [(&Write, usize); 14] = [
    (&ENTRY, 1),
    (&SEGMENT, 1),
    (&OPENING, 1),
    (&TENANT, 1),
    (&POOL, 1),
    (&WHOLE_JOB, 1),
    (&LIFE, 2),
    (&POSTING, 2),
    (&CHARGE, 1),
    (&WHOLE_DISPUTE, 1),
    (&TOKEN, 1),
    (&WEBHOOK, 1),
    (&ANSWER, 2),
    (&ASKED, 1),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;
    use crate::store::sql::{Database, values};

    /// What is not here is not moved, copied or wiped.
    #[test]
    fn every_table_of_the_schema_is_here_with_every_column() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::writable(&folder.path().join("journal.db")).unwrap();
        crate::store::schema::set_up(&database, false).unwrap().unwrap();
        let tables =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'job_name%' AND name NOT LIKE 'sqlite_%'";
        let there: BTreeSet<String> = database.all(tables, &[], |row| row.get(0)).unwrap().into_iter().collect();
        let here: BTreeSet<String> = ALL.iter().map(|(write, _)| write.table.to_owned()).chain(["meta".to_owned()]).collect();
        assert_eq!(here, there);
        for (write, _) in ALL {
            let columns =
                database.all("SELECT name FROM pragma_table_info(?1)", &values![write.table], |row| row.get::<String>(0));
            let there: BTreeSet<String> = columns.unwrap().into_iter().collect();
            let here: BTreeSet<String> = write.columns.iter().map(|(name, _)| name.trim_matches('"').to_owned()).collect();
            assert_eq!(here, there, "{}", write.table);
        }
    }
}
