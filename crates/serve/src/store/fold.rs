//! From the journal to the hub.

use std::sync::mpsc::sync_channel;

use measure::Time;
use settle::{Body, Entry, Ledger};

use super::segment::Line;
use super::sql::{Database, Trouble, values};
use super::{Store, StoreFault, archive};

/// Entries read at a time.
const PAGE: usize = super::segment::GROUP;

/// Folds the journal: the shortened history first if wanted, then every entry after it. `visit` sees each entry
/// after it was applied. Reading and decoding run beside folding, on a thread of their own.
pub(crate) fn fold(
    store: &Store,
    database: &Database,
    from_opening: bool,
    mut visit: impl FnMut(&Ledger, &Entry),
) -> Result<Ledger, StoreFault> {
    let mut ledger = Ledger::default();
    let damaged = |seq, problem: String| StoreFault::Damaged { store: store.to_string(), seq, problem };
    let value = |key: &str| -> Result<u64, StoreFault> {
        let value = database.one::<i64>("SELECT value FROM meta WHERE key = ?1", &values![key]);
        value.map(i64::cast_unsigned).map_err(store.fault())
    };
    let last = value("last")?;
    if from_opening {
        let opened = value("opening")?;
        let openings = database
            .all(super::journal::OPENING, &[], |row| Ok((row.get::<Time>(0)?, serde_json::from_str::<Body>(row.get(1)?))));
        for (at, body) in openings.map_err(store.fault())? {
            let body = body.map_err(|error| damaged(opened, format!("shortened history: {error}")))?;
            ledger.apply(&Entry { seq: opened, at, body });
        }
        ledger.seq = opened;
    }
    let (sender, receiver) = sync_channel::<Vec<Result<Entry, StoreFault>>>(8);
    let first = ledger.seq + 1;
    std::thread::scope(|scope| {
        let send = sender;
        scope.spawn(move || {
            let outcome = read_entries(store, first, |chunk| send.send(chunk).is_ok());
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
pub(crate) fn fold_until(store: &Store, until: Time) -> Result<Ledger, StoreFault> {
    let mut ledger = Ledger::default();
    let mut fault = None;
    read_entries(store, 1, |chunk| {
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

/// Shows every entry of a journal, in order.
///
/// # Errors
/// Where there is none, or one cannot be read.
pub fn read_journal(store: &Store, mut visit: impl FnMut(&Entry)) -> Result<(), StoreFault> {
    let mut fault = None;
    read_entries(store, 1, |chunk| {
        for entry in chunk {
            match entry {
                Ok(entry) => visit(&entry),
                Err(found) => fault = Some(found),
            }
        }
        fault.is_none()
    })?;
    fault.map_or(Ok(()), Err)
}

/// Reads entries from `first` on, in chunks, until `take` says stop.
pub(crate) fn read_entries(
    store: &Store,
    first: u64,
    mut take: impl FnMut(Vec<Result<Entry, StoreFault>>) -> bool,
) -> Result<(), StoreFault> {
    let database = store.open_read_only()?;
    let mut next = first;
    loop {
        let chunk = entries_from(store, &database, next, PAGE)?;
        let last = chunk.iter().rev().find_map(|entry| entry.as_ref().ok().map(|entry| entry.seq));
        let more = take(chunk);
        match last {
            Some(last) if more => next = last + 1,
            _ => return Ok(()),
        }
    }
}

/// At most so many entries from one on, at least one where there are any; one that cannot be read is a fault in its place.
pub(crate) fn entries_from(
    store: &Store,
    database: &Database,
    first: u64,
    most: usize,
) -> Result<Vec<Result<Entry, StoreFault>>, StoreFault> {
    let select = "SELECT seq, at, body FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
    let read = database.all(select, &values![first.cast_signed(), most as i64], |row| {
        let (seq, at) = (row.get::<i64>(0)?.cast_unsigned(), row.get(1)?);
        let body = serde_json::from_str(row.get(2)?);
        let damaged =
            |error: serde_json::Error| StoreFault::Damaged { store: store.to_string(), seq, problem: error.to_string() };
        Ok(body.map(|body| Entry { seq, at, body }).map_err(damaged))
    });
    let read = read.map_err(store.fault())?;
    // Looked at after that: entries go only once it is said that they do.
    let dropped = archive::dropped(database).map_err(store.fault())?;
    if first > dropped {
        return Ok(read);
    }
    let lines = archive::lines_from(database, first.max(1), dropped).map_err(store.fault())?;
    let damaged =
        |line: &Line, error: Trouble| StoreFault::Damaged { store: store.to_string(), seq: line.seq, problem: error.to_string() };
    Ok(lines.iter().take(most).map(|line| archive::entry(line).map_err(|error| damaged(line, error))).collect())
}
