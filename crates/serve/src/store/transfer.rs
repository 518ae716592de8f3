//! Everything of one store into another, or some of it.

use super::sql::{Database, Outcome, Rows, Value};
use super::tables::ALL;

/// Rows copied at a time.
const PAGE: usize = 5000;

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// A whole hub.
    Hub,
    /// Its entries only.
    Entries,
    /// What is kept beside history and does not follow from it.
    Beside,
}

impl Which {
    fn has(self, table: &str) -> bool {
        match self {
            Which::Hub => true,
            Which::Entries => table == "entry",
            Which::Beside => ["token", "webhook", "audit"].contains(&table),
        }
    }
}

/// Copies tables of `from`, which should be frozen, to `to`, where they are empty. `progress` is told of the rows copied so far.
pub(crate) fn transfer(from: &Database, to: &Database, which: Which, mut progress: impl FnMut(u64)) -> Outcome<()> {
    let mut copied = 0;
    for (write, keys) in ALL.iter().filter(|(write, _)| which.has(write.table)) {
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
    if which == Which::Beside {
        return Ok(());
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
