//! `shugu check`: folds a journal from its first entry and compares everything with everything.

use std::collections::{BTreeMap, BTreeSet};

use dispatch::{Fact, Stage};
use measure::{JobId, Money};
use settle::{Account, Bill, Body, Entry, Ledger};

use crate::store::{
    CHARGE, Database, Outcome, SCHEMA, Store, StoreFault, Value, archive, broken_links, charge_row, fold, hex, schema, values,
};

/// What an audit found.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// How many entries the journal has.
    pub entries: u64,
    /// The hash of the last entry, which stands for all before it: noted elsewhere, it shows later whether the past was rewritten.
    pub head: String,
    /// Everything that is wrong, in words.
    pub violations: Vec<String>,
}

/// At most so many violations are told; the rest are counted.
const TOLD: usize = 100;

/// Between two looks at the whole state of a small hub, in entries.
const WHOLE_EVERY: u64 = 10_000;

/// Audits the hub in `store`, which may be running. Changes nothing. `expected` is the number and the hash of an entry that
/// were noted earlier.
///
/// # Errors
/// Where there is no journal or it cannot be read at all.
pub fn audit(store: &Store, expected: Option<(u64, &str)>) -> Result<Audit, StoreFault> {
    let database = store.open_read_only()?;
    let trouble = |source| StoreFault::Trouble { store: store.to_string(), source };
    // One transaction, so that a live hub does not move under us.
    database.freeze().map_err(trouble)?;
    let mut audit = Audit::default();
    if matches!(database, Database::Sqlite(_)) {
        let integrity: String = database.one("PRAGMA quick_check(1)", &[]).map_err(trouble)?;
        if integrity != "ok" {
            audit.violations.push(format!("{store}: {integrity}"));
        }
    }
    match schema(&database).map_err(trouble)? {
        None => return Err(StoreFault::Empty(store.to_string())),
        Some(found) if found < SCHEMA => return Err(StoreFault::TooOld(store.to_string())),
        Some(_) => {}
    }
    let (broken, head) = broken_links(&database, TOLD).map_err(trouble)?;
    audit.violations.extend(broken.into_iter().map(|(seq, told)| format!("entry {seq}: {told}")));
    audit.head = hex(&head);
    if let Some((seq, hash)) = expected {
        // What its archive lacks was told already.
        let stands = archive::hashes(&database, &BTreeSet::from([seq])).unwrap_or_default().get(&seq).map(|hash| hex(hash));
        if stands.as_deref() != Some(hash) {
            let stands = stands.map_or("is not there".to_owned(), |stands| format!("has {stands}"));
            audit.violations.push(format!("entry {seq}: it {stands} where {hash} was noted: the past was rewritten"));
        }
    }
    // What follows from entries that were changed proves nothing, and may be no hub at all.
    if !audit.violations.is_empty() {
        let last = "SELECT coalesce(max(seq), 0) FROM entry";
        audit.entries = database.one::<i64>(last, &[]).map_err(trouble)?.cast_unsigned();
        return Ok(audit);
    }
    let (mut visits, mut whole) = (0_u64, WHOLE_EVERY);
    let mut wrong = Vec::new();
    let mut charges = Charges::default();
    let mut failed = None;
    let folded = fold(store, &database, false, |ledger, entry| {
        visits += 1;
        look_at(ledger, entry, &mut wrong);
        if let Err(trouble) = charges.compare(&database, entry, &mut wrong) {
            failed = Some(trouble);
        }
        // The whole state is looked at now and then, the more seldom the larger it is; each entry only at what it touched.
        if visits >= whole {
            let nodes: usize = ledger.hub.pools.values().map(|pool| pool.nodes.len()).sum();
            whole = visits + WHOLE_EVERY.max(20 * (ledger.hub.jobs.len() + nodes) as u64);
            wrong.extend(dispatch::check(&ledger.hub).into_iter().map(|found| format!("after entry {}: {found}", entry.seq)));
        }
    });
    audit.violations.append(&mut wrong);
    let ledger = match folded {
        Ok(ledger) => ledger,
        Err(StoreFault::Damaged { seq, problem, .. }) => {
            audit.entries = visits;
            audit.violations.push(format!("entry {seq}: {problem}"));
            return Ok(audit);
        }
        Err(fault) => return Err(fault),
    };
    audit.entries = ledger.seq;
    audit.violations.extend(dispatch::check(&ledger.hub));
    if ledger.book.sum() != Money::ZERO {
        audit.violations.push(format!("the book sums to {}", ledger.book.sum()));
    }
    compare_corrections(&database, &mut audit.violations).map_err(trouble)?;
    compare_tables(&database, &ledger, &mut audit.violations).map_err(trouble)?;
    if let Some(failed) = failed {
        return Err(trouble(failed));
    }
    charges.finish(&database, &mut audit.violations).map_err(trouble)?;
    compare_holds(&ledger, &mut audit.violations);
    compare_opening(store, &database, &ledger, &mut audit.violations)?;
    if audit.violations.len() > TOLD {
        let more = audit.violations.len() - TOLD;
        audit.violations.truncate(TOLD);
        audit.violations.push(format!("and {more} more"));
    }
    Ok(audit)
}

/// What must hold of one entry by itself.
fn look_at(ledger: &Ledger, entry: &Entry, wrong: &mut Vec<String>) {
    let mut say = |what: String| wrong.push(format!("entry {}: {what}", entry.seq));
    match &entry.body {
        Body::Settled(bill) | Body::Attempted(bill) => sound(bill, &mut say),
        Body::Corrected(correction) => {
            sound(&correction.bill, &mut say);
            let was: Money = correction.reversed.iter().map(|posting| posting.amount).sum();
            if was != correction.was {
                say(format!("{} was billed {} and {was} are taken back", correction.bill.job, correction.was));
            }
        }
        Body::Fact(Fact::Placed(id, _))
            if !matches!(ledger.hub.jobs.get(id).map(|job| &job.stage), Some(Stage::Placed { .. })) =>
        {
            say(format!("{id} was placed and is not"));
        }
        _ => {}
    }
}

/// Metered = charged = paid by the tenant = received by the provider + the hub's fee.
fn sound(bill: &Bill, say: &mut impl FnMut(String)) {
    let price = bill.charged() + bill.adjusted;
    if price != bill.price {
        say(format!("{} is billed {} where its use at what was agreed costs {price}", bill.job, bill.price));
    }
    let paid: Money = bill.postings.iter().map(|posting| posting.amount).sum();
    if paid != bill.price {
        say(format!("{} is billed {} and postings move {paid}", bill.job, bill.price));
    }
    let own = [Account::Tenant(bill.tenant), Account::Credit(bill.tenant)];
    if bill.postings.iter().any(|posting| posting.amount < Money::ZERO || !own.contains(&posting.debit)) {
        say(format!("{} has a posting that its tenant does not pay", bill.job));
    }
    let provider = bill.place.as_ref().map(|(_, provider)| Account::Provider(provider.clone()));
    let due = |posting: &&settle::Posting| posting.credit == Account::Hub || Some(&posting.credit) == provider.as_ref();
    if bill.postings.iter().filter(due).count() != bill.postings.len() {
        say(format!("{} pays somebody who is neither its provider nor the hub", bill.job));
    }
}

/// Corrections against the journal: each takes back exactly what the entry that it replaces had posted, and no entry is
/// replaced twice, or something would count twice.
fn compare_corrections(database: &Database, wrong: &mut Vec<String>) -> Outcome<()> {
    let corrections = "SELECT seq, body FROM entry WHERE body LIKE '{\"Corrected\"%' ORDER BY seq";
    let corrections = database.all(corrections, &[], |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?)))?;
    let mut replaced = BTreeSet::new();
    for (seq, body) in corrections {
        let Ok(Body::Corrected(correction)) = serde_json::from_str(&body) else { continue };
        if !replaced.insert(correction.of) {
            wrong.push(format!("entry {seq}: entry {} is replaced twice", correction.of));
        }
        let old = archive::lines(database, [correction.of]).ok();
        let old = old.and_then(|mut lines| lines.remove(&correction.of)).map(|line| line.body);
        let bill = match old.and_then(|body| serde_json::from_str(&body).ok()) {
            Some(Body::Settled(bill) | Body::Attempted(bill)) => bill,
            Some(Body::Corrected(other)) => other.bill,
            _ => {
                wrong.push(format!("entry {seq}: it replaces entry {}, which is no bill", correction.of));
                continue;
            }
        };
        let back: Vec<settle::Posting> = bill.postings.iter().map(settle::Posting::reversed).collect();
        if back != correction.reversed
            || (bill.job, bill.attempt, bill.tenant) != (correction.bill.job, correction.bill.attempt, correction.bill.tenant)
        {
            wrong.push(format!("entry {seq}: it does not take back what entry {} posted", correction.of));
        }
    }
    Ok(())
}

/// The tables people read against the fold.
fn compare_tables(database: &Database, ledger: &Ledger, wrong: &mut Vec<String>) -> Outcome<()> {
    let select = "SELECT id, state FROM job WHERE state IN ('waiting', 'placed', 'running', 'stopping')";
    let live = database.all(select, &[], |row| {
        let (id, state) = (JobId(row.get::<i64>(0)?.cast_unsigned()), row.get::<&str>(1)?);
        let folded = ledger.hub.jobs.get(&id).map(|job| job.stage.name());
        if folded != Some(state) {
            wrong.push(format!("{id}: the table says {state}, the journal says {}", folded.unwrap_or("it is over")));
        }
        Ok(())
    })?;
    if live.len() != ledger.hub.jobs.len() {
        wrong.push(format!("{} jobs are live in the table and {} in the journal", live.len(), ledger.hub.jobs.len()));
    }
    let mut book = settle::Book::default();
    let select = "SELECT seq, n, job, debit, credit, amount FROM posting WHERE (seq, n) > (?1, ?2) ORDER BY seq, n LIMIT 10000";
    let mut after = (-1_i64, -1_i64);
    loop {
        let page = database.all(select, &values![after.0, after.1], |row| {
            after = (row.get(0)?, row.get(1)?);
            let job = JobId(row.get::<i64>(2)?.cast_unsigned());
            match (row.get::<&str>(3)?.parse(), row.get::<&str>(4)?.parse()) {
                (Ok(debit), Ok(credit)) => book.post(&settle::Posting { job, debit, credit, amount: Money(row.get(5)?) }),
                _ => wrong.push(format!("{job}: a posting names an account that cannot be")),
            }
            Ok(())
        })?;
        if page.is_empty() {
            break;
        }
    }
    if book.postings != ledger.book.postings || !book.balances().eq(ledger.book.balances()) {
        wrong.push("the postings in the table are not those of the journal".to_owned());
    }
    Ok(())
}

/// Every charge and dispute that statements, exports and the report are read from, against the entry that it follows from.
#[derive(Default)]
struct Charges {
    charges: i64,
    disputes: BTreeMap<i64, Contested>,
}

/// A dispute as its table has it: of which entry, when, by whom, why; when it was judged, and what was found.
type Contested = (i64, i64, String, String, Option<i64>, Option<String>);

impl Charges {
    fn compare(&mut self, database: &Database, entry: &Entry, wrong: &mut Vec<String>) -> Outcome<()> {
        let (seq, at) = (entry.seq.cast_signed(), entry.at.0);
        let expected = match &entry.body {
            Body::Settled(bill) | Body::Attempted(bill) => charge_row(database, entry, None, bill)?,
            Body::Corrected(correction) => charge_row(database, entry, Some(correction.of), &correction.bill)?,
            Body::Disputed(dispute) => {
                let told = (dispute.of.cast_signed(), at, dispute.by.clone(), dispute.reason.clone(), None, None);
                self.disputes.insert(seq, told);
                None
            }
            Body::Judged(verdict) => {
                if let Some(dispute) = self.disputes.get_mut(&verdict.dispute.cast_signed()) {
                    (dispute.4, dispute.5) = (Some(at), Some(verdict.finding.clone()));
                }
                None
            }
            _ => None,
        };
        let Some(expected) = expected else { return Ok(()) };
        self.charges += 1;
        let stands = format!("SELECT {} FROM charge WHERE seq = ?1", CHARGE.names().join(", "));
        let found = database
            .first(&stands, &values![seq], |row| (0..expected.len()).map(|at| row.get(at)).collect::<Outcome<Vec<Value>>>())?;
        if found.as_ref() != Some(&expected) {
            wrong.push(format!("entry {seq}: the table of charges does not say what it says"));
        }
        Ok(())
    }

    fn finish(&self, database: &Database, wrong: &mut Vec<String>) -> Outcome<()> {
        let contested = "SELECT of, at, by, reason, judged, finding FROM dispute WHERE seq = ?1";
        for (seq, expected) in &self.disputes {
            let found = database.first(contested, &values![*seq], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })?;
            if found.as_ref() != Some(expected) {
                wrong.push(format!("entry {seq}: the table of disputes does not say what it says"));
            }
        }
        for (table, expected) in [("charge", self.charges), ("dispute", self.disputes.len() as i64)] {
            let rows: i64 = database.one(&format!("SELECT count(*) FROM {table}"), &[])?;
            if rows != expected {
                wrong.push(format!("the table {table} has {rows} rows where the journal has {expected}"));
            }
        }
        Ok(())
    }
}

/// What is held of tenants is what their jobs' places may cost, and nothing else.
fn compare_holds(ledger: &Ledger, wrong: &mut Vec<String>) {
    let mut places = std::collections::BTreeMap::new();
    for job in ledger.hub.jobs.values() {
        let hold = job.stage.held().map_or(Money::ZERO, |place| place.hold);
        if hold != Money::ZERO {
            *places.entry(job.spec.tenant).or_insert(Money::ZERO) += hold;
        }
    }
    if !ledger.book.holds().eq(places) {
        wrong.push("what is held of tenants is not what their places may cost".to_owned());
    }
}

/// The shortened history must lead to the same hub as the whole.
fn compare_opening(store: &Store, database: &Database, ledger: &Ledger, wrong: &mut Vec<String>) -> Result<(), StoreFault> {
    let short = fold(store, database, true, |_, _| {})?;
    if short.opening() != ledger.opening() {
        wrong.push("the shortened history does not lead to the hub that the whole history leads to".to_owned());
    }
    Ok(())
}
