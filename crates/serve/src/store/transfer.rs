//! Everything of one store into another.

use super::sql::{Database, How, Kind, Outcome, Rows, Value, Write};

/// A table, its columns, and how many of the first of them are its key.
struct Table(Write, usize);

macro_rules! table {
    ($name:literal, $keys:literal, [$($column:literal $kind:ident),* $(,)?]) => {
        Table(Write { table: $name, columns: &[$(($column, Kind::$kind)),*], how: How::Insert }, $keys)
    };
}

static TABLES: [Table; 13] = [
    table!("entry", 1, ["seq" Integer, "at" Integer, "body" Text, "hash" Blob]),
    table!("opening", 1, ["n" Integer, "at" Integer, "body" Text]),
    table!("tenant", 1, ["id" Integer, "name" Text]),
    table!("pool", 1, ["id" Integer, "name" Text, "provider" Text]),
    table!("job", 1, [
        "id" Integer, "tenant" Integer, "name" Text, "submit_seq" Integer, "state" Text, "pool" Integer, "ask" Integer,
        "\"end\"" Text, "exit_code" Integer, "submitted" Integer, "placed" Integer, "started" Integer, "ended" Integer,
        "provider" Text, "settled" Integer, "run" Integer, "device_time" Integer, "core_time" Integer, "cpu" Integer,
        "peak_memory" Integer, "energy" Integer, "energy_source" Text, "energy_cost" Integer, "carbon" Integer, "price" Integer,
        "fee" Integer, "placed_seq" Integer,
    ]),
    table!("posting", 2, ["seq" Integer, "n" Integer, "at" Integer, "job" Integer, "debit" Text, "credit" Text, "amount" Integer]),
    table!("token", 1, [
        "id" Integer, "hash" Blob, "role" Text, "subject" Text, "created" Integer, "revoked" Integer, "expires" Integer, "agent" Text,
    ]),
    table!("charge", 1, [
        "seq" Integer, "of" Integer, "at" Integer, "job" Integer, "attempt" Integer, "tenant" Integer, "pool" Integer,
        "provider" Text, "energy_source" Text, "precision" Text, "utilisation" Integer, "run" Integer, "device_time" Integer,
        "core_time" Integer, "cpu" Integer, "energy" Integer, "energy_cost" Integer, "carbon" Integer, "carbon_market" Integer,
        "price" Integer, "fee" Integer, "credit" Integer, "delivered" Integer,
    ]),
    table!("dispute", 1, [
        "seq" Integer, "of" Integer, "at" Integer, "by" Text, "reason" Text, "judged" Integer, "finding" Text,
    ]),
    table!("life", 2, ["job" Integer, "seq" Integer]),
    table!("webhook", 1, [
        "name" Text, "url" Text, "events" Text, "tenant" Text, "made" Integer, "told" Integer, "trouble" Text,
    ]),
    table!("answer", 2, ["asker" Integer, "name" Text, "at" Integer, "request" Blob, "receipts" Text]),
    table!("audit", 1, [
        "id" Integer, "at" Integer, "token" Integer, "role" Text, "subject" Text, "method" Text, "path" Text, "status" Integer,
        "first" Integer, "last" Integer, "made" Text,
    ]),
];

/// Rows copied at a time.
const PAGE: usize = 5000;

/// Copies every table of `from`, which should be frozen, to `to`, whose tables are empty; or only the journal itself. `progress` is told
/// of the rows copied so far.
pub(crate) fn transfer(from: &Database, to: &Database, journal_only: bool, mut progress: impl FnMut(u64)) -> Outcome<()> {
    let mut copied = 0;
    let tables = if journal_only { &TABLES[..1] } else { &TABLES[..] };
    for Table(write, keys) in tables {
        let names: Vec<&str> = write.columns.iter().map(|(name, _)| *name).collect();
        let (all, key) = (names.join(", "), names[..*keys].join(", "));
        let marks: Vec<String> = (1..=*keys).map(|at| format!("?{at}")).collect();
        let order = format!("ORDER BY {key} LIMIT {PAGE}");
        let first = format!("SELECT {all} FROM {} {order}", write.table);
        let next = format!("SELECT {all} FROM {} WHERE ({key}) > ({}) {order}", write.table, marks.join(", "));
        let mut last: Vec<Value> = Vec::new();
        loop {
            let sql = if last.is_empty() { &first } else { &next };
            let page = from.all(sql, &last, |row| (0..names.len()).map(|at| row.get(at)).collect::<Outcome<Vec<Value>>>())?;
            let Some(end) = page.last() else { break };
            last = end[..*keys].to_vec();
            copied += page.len() as u64;
            let mut rows = Rows::default();
            page.into_iter().for_each(|row| rows.extend(write, row.into_iter()));
            to.transaction(None, || to.write(&rows))?;
            progress(copied);
        }
    }
    if matches!(to, Database::Sqlite(_)) {
        to.run("INSERT INTO job_name (rowid, name) SELECT id, name FROM job ORDER BY id")?;
    }
    // What says that the journal is whole comes last.
    for (key, value) in
        from.all("SELECT key, value FROM meta WHERE key <> 'schema'", &[], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?
    {
        let set = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        to.execute(set, &super::sql::values![key, value])?;
    }
    Ok(())
}
