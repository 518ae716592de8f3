//! The journal as its writer has it: append-only entries, synced before anyone is answered; and what is kept beside history.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use measure::{JobId, Time};
use settle::{Bill, Entry, Ledger};

use super::archive::{self, File};
use super::chain::{self, Hash, link};
use super::fold::{entries_from, fold};
use super::lease::{self, Lease};
use super::rows::Rows;
use super::sql::{Database, Outcome, Trouble, values};
use super::tables::{ANSWERED, ASKED, SEGMENT};
use super::{Store, StoreFault};
use crate::hub::standby::{Duty, Heart};
use crate::hub::{Named, Receipts};
use crate::webhooks::Webhook;

/// The writer's connection, or that of a hub that may become it.
pub(crate) struct Journal {
    store: Store,
    database: Database,
    /// The hash of the last entry.
    head: Hash,
    /// The number by which this hub writes, where others might.
    fence: Option<i64>,
    /// For whom something is changed that is not history.
    to_note: RefCell<Option<Asked>>,
}

/// A row of the log of who did what.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: i64,
    pub(crate) at: Time,
    /// The token's number.
    pub(crate) token: i64,
    pub(crate) role: String,
    pub(crate) subject: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// What was answered; nothing is known of it where the hub ended before.
    pub(crate) status: Option<u16>,
    /// The first and the last entry that it brought about.
    pub(crate) entries: Option<(u64, u64)>,
    /// What it made that is not in the journal.
    pub(crate) made: Option<String>,
}

/// What is written beside entries.
pub(crate) struct Beside<'a> {
    /// What was answered to requests of a name.
    pub(crate) named: &'a BTreeMap<Named, Receipts>,
    /// Who asked for what.
    pub(crate) asked: &'a [Asked],
    /// What was answered to whom: rows and statuses.
    pub(crate) answered: &'a [(i64, u16)],
}

/// Nothing.
pub(crate) const NOTHING_BESIDE: Beside = Beside { named: &BTreeMap::new(), asked: &[], answered: &[] };

fn write_log(database: &Database, asked: &[Asked], answered: &[(i64, u16)]) -> Outcome<()> {
    let mut rows = super::sql::Rows::default();
    for row in asked {
        let (first, last) = row.entries.map(|(first, last)| (first.cast_signed(), last.cast_signed())).unzip();
        let Asked { id, at, token, role, subject, method, path, made, .. } = row;
        let status = row.status.map(i32::from);
        rows.add(&ASKED, values![*id, *at, *token, role, subject, method, path, status, first, last, made.clone()]);
    }
    for (id, status) in answered {
        rows.add(&ANSWERED, values![*id, i32::from(*status)]);
    }
    database.write(&rows)
}

/// Entries that a hub that follows reads at a time.
pub(crate) const FOLLOWED_AT_ONCE: usize = 2000;

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

impl Journal {
    /// Opens or makes the journal of a store and folds it.
    pub(crate) fn open(store: &Store) -> Result<(Journal, Ledger), StoreFault> {
        let database = store.open_writable()?;
        store.set_up(&database)?;
        let ledger = fold(store, &database, true, |_, _| {})?;
        let head = chain::head(&database).map_err(store.fault())?;
        Ok((Journal { store: store.clone(), database, head, fence: None, to_note: RefCell::default() }, ledger))
    }

    /// The hash of the last entry.
    pub(crate) fn head(&self) -> Hash {
        self.head
    }

    /// Copies from a copy what is kept beside history, as of an entry and its instant: tokens that were there, whom a webhook had told,
    /// who had asked for what.
    pub(crate) fn take_beside(&mut self, from: &Database, seq: u64, at: Time) -> Result<(), StoreFault> {
        let seq = seq.cast_signed();
        let take = || {
            super::transfer(from, &self.database, super::Which::Beside, |_| {})?;
            self.database.execute("DELETE FROM token WHERE created > ?1", &values![at])?;
            self.database.execute("UPDATE webhook SET told = ?1 WHERE told > ?1", &values![seq])?;
            self.database.execute("DELETE FROM audit WHERE at > ?1 OR last > ?2", &values![at, seq]).map(drop)
        };
        take().map_err(self.store.fault())
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Store {
        &self.store
    }

    /// Who writes; none where no other hub can.
    pub(crate) fn lease(&self) -> Result<Option<Lease>, StoreFault> {
        match self.store.is_shared() {
            false => Ok(None),
            true => Lease::look(&self.database).map(Some).map_err(self.store.fault()),
        }
    }

    /// Becomes the writer in place of one that was seen; whether it did.
    pub(crate) fn lead(&mut self, seen: &Lease, holder: &str, url: &str) -> Result<bool, StoreFault> {
        self.fence = seen.take(&self.database, holder, url).map_err(self.store.fault())?;
        Ok(self.fence.is_some())
    }

    /// Shows others that this one lives.
    pub(crate) fn heart(&self, duty: Arc<Duty>) -> Arc<Heart> {
        Heart::start(&self.store, self.fence, duty)
    }

    /// The number by which it writes, where others might.
    pub(crate) fn fence(&self) -> Option<i64> {
        self.fence
    }

    /// Shows that the writer lives; whether it still is the writer.
    pub(crate) fn beat(&self) -> Result<bool, StoreFault> {
        self.fence.map_or(Ok(true), |fence| lease::beat(&self.database, fence).map_err(self.store.fault()))
    }

    /// For simulations: this connection may make the file no larger.
    pub(crate) fn fill_disk(&self) {
        let _ = self.database.all("PRAGMA max_page_count = 1", &[], |_| Ok(()));
    }

    /// Lets another hub write.
    pub(crate) fn give_back(&mut self) -> Result<(), StoreFault> {
        let Some(fence) = self.fence.take() else { return Ok(()) };
        lease::give_back(&self.database, fence).map_err(self.store.fault())
    }

    /// Goes on where the journal ends; the last row of the log of who did what.
    pub(crate) fn resume(&mut self) -> Result<i64, StoreFault> {
        let last = self.database.one("SELECT coalesce(max(id), 0) FROM audit", &[]).map_err(self.store.fault())?;
        if execute::bug("head-not-resumed") {
            return Ok(last);
        }
        self.head = chain::head(&self.database).map_err(self.store.fault())?;
        Ok(last)
    }

    /// The next entries after one, at most [`FOLLOWED_AT_ONCE`].
    pub(crate) fn after(&self, seq: u64) -> Result<Vec<Entry>, StoreFault> {
        let entries = entries_from(&self.store, &self.database, seq + 1, FOLLOWED_AT_ONCE)?;
        let mut next = seq;
        let mut one = |entry: Result<Entry, StoreFault>| {
            let entry = entry?;
            next += 1;
            match entry.seq == next {
                true => Ok(entry),
                false => Err(StoreFault::Damaged { store: self.store.to_string(), seq: next, problem: "is missing".to_owned() }),
            }
        };
        entries.into_iter().map(&mut one).collect()
    }

    /// Appends a batch and updates the read tables, with what is known beside it, in one transaction, synced.
    pub(crate) fn append(&mut self, entries: &[Entry], beside: &Beside) -> Result<(), StoreFault> {
        let Some(last) = entries.last() else { return Ok(()) };
        crate::simulated::mishap(crate::simulated::Mishap::BeforeCommit).map_err(self.store.fault())?;
        if execute::bug("lost-append") && last.seq.is_multiple_of(40) {
            return Ok(());
        }
        let database = &self.database;
        let write = database.transaction(self.fence, || {
            let mut head = self.head;
            let mut rows = Rows::new(database);
            for entry in entries {
                let body = serde_json::to_string(&entry.body).expect("an entry is plain data");
                head = link(&head, entry.seq, entry.at, body.as_bytes());
                rows.take(entry, body, head)?;
            }
            for (Named { asker, name, digest }, receipts) in beside.named.iter().filter(|_| !execute::bug("names-not-kept")) {
                let receipts = serde_json::to_string(receipts).expect("receipts are plain data");
                rows.answered(values![*asker, name, last.at, *digest, receipts])?;
            }
            rows.write()?;
            write_log(database, beside.asked, beside.answered)?;
            database.execute("UPDATE meta SET value = ?1 WHERE key = 'last'", &values![last.seq.cast_signed()])?;
            Ok(head)
        });
        self.head = write.map_err(self.store.fault())?;
        crate::simulated::mishap(crate::simulated::Mishap::AfterCommit).map_err(self.store.fault())
    }

    /// What was answered to a request of this name before, and what that one asked.
    pub(crate) fn answer(&self, name: &Named) -> Result<Option<([u8; 32], Receipts)>, StoreFault> {
        let select = "SELECT request, receipts FROM answer WHERE asker = ?1 AND name = ?2";
        let found = self.database.first(select, &values![name.asker, &name.name], |row| {
            Ok((row.get(0)?, serde_json::from_str(row.get(1)?).map_err(|error| Trouble::Shape(error.to_string()))?))
        });
        found.map_err(self.store.fault())
    }

    /// Forgets what was answered before an instant.
    pub(crate) fn forget_answers(&mut self, before: Time) -> Result<(), StoreFault> {
        let stale = "SELECT count(*) FROM answer WHERE at < ?1";
        if self.database.one::<i64>(stale, &values![before]).map_err(self.store.fault())? == 0 {
            return Ok(());
        }
        self.change(|| self.database.execute("DELETE FROM answer WHERE at < ?1", &values![before]).map(drop))
    }

    /// The bill of an attempt of a job as it stands now (of its last attempt where none is told): the entry that says so, the
    /// bill, and when the attempt was billed first.
    pub(crate) fn bill(&self, job: JobId, attempt: Option<u32>) -> Result<Option<(u64, Bill, Time)>, StoreFault> {
        bill_of(&self.database, job, attempt).map_err(self.store.fault())
    }

    /// Replaces the shortened history, all at once. The entries themselves stay.
    pub(crate) fn shorten(&mut self, ledger: &Ledger) -> Result<(), StoreFault> {
        let opening = ledger.opening();
        let write = self.database.transaction(self.fence, || {
            self.database.execute("DELETE FROM opening", &[])?;
            self.database.write(&opening_rows(1, &opening))?;
            self.set_opening(ledger.seq, 1, opening.len() as i64)
        });
        write.map_err(self.store.fault())
    }

    /// Writes a part of a shortened history that is not used yet, its first line under this number.
    pub(crate) fn add_opening(&mut self, first: i64, lines: &[Entry]) -> Result<(), StoreFault> {
        let rows = opening_rows(first, lines);
        self.database.transaction(self.fence, || self.database.write(&rows)).map_err(self.store.fault())
    }

    /// From now on the hub is made of the lines of these numbers and of the entries after this one.
    pub(crate) fn use_opening(&mut self, seq: u64, first: i64, last: i64) -> Result<(), StoreFault> {
        self.database.transaction(self.fence, || self.set_opening(seq, first, last)).map_err(self.store.fault())
    }

    /// Forgets lines of shortened histories that are not used, at most so many; whether there may be more.
    pub(crate) fn forget_openings(&mut self, most: u64) -> Result<bool, StoreFault> {
        let unused = "DELETE FROM opening WHERE n IN (SELECT n FROM opening
            WHERE n < (SELECT value FROM meta WHERE key = 'opening_first') OR n > (SELECT value FROM meta WHERE key = 'opening_last')
            ORDER BY n LIMIT ?1)";
        let forget = || self.database.execute(unused, &values![most.cast_signed()]);
        self.database.transaction(self.fence, forget).map(|gone| gone == most).map_err(self.store.fault())
    }

    fn set_opening(&self, seq: u64, first: i64, last: i64) -> Outcome<()> {
        let all = [("opening", seq.cast_signed()), ("opening_first", first), ("opening_last", last)];
        all.into_iter().try_for_each(|(key, value)| set(&self.database, key, value))
    }

    /// Takes a file into the archive.
    pub(crate) fn archived(&mut self, file: &File, name: &str) -> Result<(), StoreFault> {
        let mut rows = super::sql::Rows::default();
        let (first, last) = (file.first.cast_signed(), file.last.cast_signed());
        rows.add(&SEGMENT, values![first, last, file.head, file.from, file.until, name]);
        self.database.transaction(self.fence, || self.database.write(&rows)).map_err(self.store.fault())
    }

    /// Says that entries up to this one may be in the archive only.
    pub(crate) fn begin_drop(&mut self, last: u64) -> Result<(), StoreFault> {
        let begin = || ["dropped", "dropping"].into_iter().try_for_each(|key| set(&self.database, key, last.cast_signed()));
        self.database.transaction(self.fence, begin).map_err(self.store.fault())
    }

    /// Says that all of them are gone.
    pub(crate) fn end_drop(&mut self) -> Result<(), StoreFault> {
        self.database.transaction(self.fence, || set(&self.database, "dropping", 0)).map_err(self.store.fault())
    }

    /// Leaves entries to the archive, but for these. What is to be left must have been said before ([`Journal::begin_drop`]).
    pub(crate) fn drop_entries(&mut self, first: u64, last: u64, but: &[u64]) -> Result<(), StoreFault> {
        let but = but.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let but = if but.is_empty() { String::new() } else { format!(" AND seq NOT IN ({but})") };
        let delete = format!("DELETE FROM entry WHERE seq >= {first} AND seq <= {last}{but}");
        self.database.transaction(self.fence, || self.database.run(&delete)).map_err(self.store.fault())
    }

    /// Every token, revoked ones too.
    pub(crate) fn tokens(&self) -> Result<Vec<TokenRow>, StoreFault> {
        tokens(&self.database).map_err(self.store.fault())
    }

    /// Changes something that is not history, and notes for whom, in one transaction.
    fn change<T>(&self, mut act: impl FnMut() -> Outcome<T>) -> Result<T, StoreFault> {
        let changed = self.database.transaction(self.fence, || {
            let value = act()?;
            // Of several changes for one asker the first one makes the row.
            if let Some(row) = &*self.to_note.borrow() {
                write_log(&self.database, std::slice::from_ref(row), &[])?;
            }
            Ok(value)
        });
        let value = changed.map_err(self.store.fault())?;
        self.to_note.replace(None);
        Ok(value)
    }

    /// What is changed next that is not history is for this asker.
    pub(crate) fn to_note(&self, row: Asked) {
        self.to_note.replace(Some(row));
    }

    /// Whether anything was changed since then.
    pub(crate) fn noted(&self) -> bool {
        self.to_note.replace(None).is_none()
    }

    /// Writes rows of the log of who did what, and what was answered to others.
    pub(crate) fn note(&mut self, asked: &[Asked], answered: &[(i64, u16)]) -> Result<(), StoreFault> {
        if asked.is_empty() && answered.is_empty() {
            return Ok(());
        }
        self.database.transaction(self.fence, || write_log(&self.database, asked, answered)).map_err(self.store.fault())
    }

    /// Changes tokens, and tells those who follow the store that they did change.
    fn change_tokens<T>(&self, mut act: impl FnMut() -> Outcome<T>) -> Result<T, StoreFault> {
        self.change(|| {
            self.database.execute("UPDATE meta SET value = value + 1 WHERE key = 'tokens'", &[])?;
            act()
        })
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
        self.change_tokens(|| {
            let id: i64 = self.database.one("SELECT coalesce(max(id), 0) + 1 FROM token", &[])?;
            let insert =
                "INSERT INTO token (id, hash, role, subject, created, expires, agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            self.database.execute(insert, &values![id, hash, role, subject, at, expires, agent])?;
            if let Some(row) = &mut *self.to_note.borrow_mut() {
                row.made = Some(format!("token {id}: {role} {subject}"));
            }
            Ok(id)
        })
    }

    /// Lets a token end at an instant.
    pub(crate) fn end_token(&mut self, id: i64, at: Time) -> Result<(), StoreFault> {
        let update = "UPDATE token SET expires = ?2 WHERE id = ?1";
        self.change_tokens(|| self.database.execute(update, &values![id, at]).map(drop))
    }

    /// Revokes a token.
    pub(crate) fn revoke_token(&mut self, id: i64, at: Time) -> Result<(), StoreFault> {
        let update = "UPDATE token SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL";
        self.change_tokens(|| self.database.execute(update, &values![id, at]).map(drop))
    }

    /// Keeps a webhook, in place of one of its name.
    pub(crate) fn keep_webhook(&mut self, hook: &Webhook) -> Result<(), StoreFault> {
        let insert = "INSERT INTO webhook (name, url, events, tenant, made, told, trouble) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (name) DO UPDATE SET url = excluded.url, events = excluded.events, tenant = excluded.tenant,
              made = excluded.made, told = excluded.told, trouble = excluded.trouble";
        let Webhook { name, url, events, tenant, made, told, trouble } = hook;
        let row = values![name, url, events.join(","), tenant.clone(), *made, told.cast_signed(), trouble.clone()];
        self.change(|| self.database.execute(insert, &row).map(drop))
    }

    /// Notes how far the receiver of a webhook has been told, if it is still the one that was made then.
    pub(crate) fn note_webhook(&mut self, hook: &Webhook) -> Result<(), StoreFault> {
        let update = "UPDATE webhook SET told = ?3, trouble = ?4 WHERE name = ?1 AND made = ?2";
        let row = values![&hook.name, hook.made, hook.told.cast_signed(), hook.trouble.clone()];
        self.change(|| self.database.execute(update, &row).map(drop))
    }

    /// Forgets a webhook; whether there was one.
    pub(crate) fn forget_webhook(&mut self, name: &str) -> Result<bool, StoreFault> {
        self.change(|| Ok(self.database.execute("DELETE FROM webhook WHERE name = ?1", &values![name])? > 0))
    }
}

/// The lines of the shortened history. Of an earlier release there is one, and its numbers are not noted.
pub(super) const OPENING: &str = "SELECT at, body FROM opening
    WHERE n >= coalesce((SELECT value FROM meta WHERE key = 'opening_first'), 0)
      AND n <= coalesce((SELECT value FROM meta WHERE key = 'opening_last'), 9223372036854775807) ORDER BY n";

fn opening_rows(first: i64, lines: &[Entry]) -> super::sql::Rows {
    let mut rows = super::sql::Rows::default();
    for (n, entry) in (first..).zip(lines) {
        let body = serde_json::to_string(&entry.body).expect("an entry is plain data");
        rows.add(&super::tables::OPENING, values![n, entry.at, body]);
    }
    rows
}

fn set(database: &Database, key: &str, value: i64) -> Outcome<()> {
    let set = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    database.execute(set, &values![key, value]).map(drop)
}

/// See [`Journal::tokens`].
pub(crate) fn tokens(database: &Database) -> Outcome<Vec<TokenRow>> {
    let select = "SELECT id, hash, role, subject, created, revoked, expires, agent FROM token ORDER BY id";
    database.all(select, &[], |row| {
        Ok(TokenRow {
            id: row.get(0)?,
            hash: row.get(1)?,
            role: row.get(2)?,
            subject: row.get(3)?,
            created: row.get(4)?,
            revoked: row.get(5)?,
            expires: row.get(6)?,
            agent: row.get(7)?,
        })
    })
}

/// See [`Journal::bill`].
pub(super) fn bill_of(database: &Database, job: JobId, attempt: Option<u32>) -> Outcome<Option<(u64, Bill, Time)>> {
    let select = "SELECT charge.seq, first.at FROM charge JOIN charge AS first ON first.seq = coalesce(charge.of, charge.seq)
        WHERE charge.job = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR charge.attempt = ?2)
        ORDER BY charge.attempt DESC, charge.seq DESC LIMIT 1";
    let found = database.first(select, &values![job.0.cast_signed(), attempt], |row| {
        Ok((row.get::<i64>(0)?.cast_unsigned(), row.get::<Time>(1)?))
    })?;
    let Some((seq, first)) = found else { return Ok(None) };
    Ok(Some((seq, super::rows::bill_in(&archive::body(database, seq)?)?, first)))
}

/// Writes a new journal as the hub would, for measuring what is read of it.
pub struct JournalWriter(Journal);

impl JournalWriter {
    /// A journal at `path`.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path) -> Result<JournalWriter, StoreFault> {
        Ok(JournalWriter(Journal::open(&Store::Sqlite(path.to_owned()))?.0))
    }

    /// Appends entries in batches.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), StoreFault> {
        entries.chunks(10_000).try_for_each(|chunk| self.0.append(chunk, &NOTHING_BESIDE))
    }

    /// Leaves a shortened history of what was written.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self, ledger: &Ledger) -> Result<(), StoreFault> {
        self.0.shorten(ledger)
    }
}
