//! Which hub writes, where several can reach the store: one row holds a number, the fence, that grows with every change of the writer,
//! and a beat that grows while it lives. Clocks are never compared: whoever waits counts by its own how long the beat has stood still.
//!
//! Every append proves by the same row, as its last statement, that the fence is still its own; so a writer that was taken for dead
//! and is not can change nothing any more. A lock of the session would be shorter, and not every server that speaks the protocol has it.

use super::sql::{Database, Outcome, values};

/// The row as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) fence: i64,
    pub(crate) beat: i64,
    /// Which process holds it; empty where the last one ended in order.
    pub(crate) holder: String,
    /// Where it is reached.
    pub(crate) url: String,
    /// How often tokens were changed.
    pub(crate) tokens: i64,
}

impl Lease {
    pub(crate) fn look(database: &Database) -> Outcome<Lease> {
        let select = "SELECT fence, beat, holder, url, (SELECT value FROM meta WHERE key = 'tokens') FROM writer WHERE id = 1";
        let found = database.first(select, &[], |row| {
            Ok(Lease { fence: row.get(0)?, beat: row.get(1)?, holder: row.get(2)?, url: row.get(3)?, tokens: row.get(4)? })
        })?;
        found.ok_or_else(|| super::Trouble::Shape("the table of the writer is empty".to_owned()))
    }

    /// Takes it over, unless it has changed since it was seen; the new fence.
    pub(crate) fn take(&self, database: &Database, holder: &str, url: &str) -> Outcome<Option<i64>> {
        let update = "UPDATE writer SET fence = fence + 1, beat = beat + 1, holder = ?1, url = ?2 WHERE id = 1 AND fence = ?3 AND beat = ?4";
        let taken = database.execute(update, &values![holder, url, self.fence, self.beat])?;
        Ok((taken == 1).then_some(self.fence + 1))
    }
}

/// Shows that the writer lives; whether it still is the writer.
pub(crate) fn beat(database: &Database, fence: i64) -> Outcome<bool> {
    let update = "UPDATE writer SET beat = beat + 1 WHERE id = 1 AND fence = ?1";
    Ok(database.execute(update, &values![fence])? == 1)
}

/// Gives it back, so that the next one need not wait.
pub(crate) fn give_back(database: &Database, fence: i64) -> Outcome<()> {
    let update = "UPDATE writer SET beat = beat + 1, holder = '' WHERE id = 1 AND fence = ?1";
    database.execute(update, &values![fence]).map(drop)
}
