//! Everything of one store into another.

use super::sql::{Database, Outcome, Rows, Value};
use super::tables::ALL;

/// Rows copied at a time.
const PAGE: usize = 5000;

/// Copies every table of `from`, which should be frozen, to `to`, whose tables are empty; or only the journal itself. `progress` is told
/// of the rows copied so far.
pub(crate) fn transfer(from: &Database, to: &Database, journal_only: bool, mut progress: impl FnMut(u64)) -> Outcome<()> {
    let mut copied = 0;
    let tables = if journal_only { &ALL[..1] } else { &ALL[..] };
    for (write, keys) in tables {
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
