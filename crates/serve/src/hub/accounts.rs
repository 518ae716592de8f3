//! Money as the hub's thread has it before it, for whoever puts something about it right.

use measure::{JobId, Time};
use settle::{Bill, Body, Entry, Ledger};

use crate::clock;
use crate::store::{Journal, StoreFault};

/// The ledger, with what the journal says of bills that have left it.
pub(crate) struct Accounts<'a> {
    pub(crate) ledger: &'a mut Ledger,
    pub(super) store: &'a Journal,
    pub(super) entries: &'a mut Vec<Entry>,
}

impl Accounts<'_> {
    /// Takes something over; it is durable before anybody is answered.
    pub(crate) fn record(&mut self, body: Body) -> u64 {
        self.ledger.record(clock::now(), body, self.entries);
        self.ledger.seq
    }

    /// The bill of an attempt of a job as it stands: the entry that says so, the bill, and when the attempt was billed first.
    pub(crate) fn bill(&self, job: JobId, attempt: Option<u32>) -> Result<Option<(u64, Bill, Time)>, StoreFault> {
        let known = self.store.bill(job, attempt)?;
        // What is not written yet is newer than what is, but may be of an earlier attempt.
        let unwritten = self.entries.iter().filter_map(|entry| {
            let bill = match &entry.body {
                Body::Settled(bill) | Body::Attempted(bill) => bill,
                Body::Corrected(correction) => &correction.bill,
                _ => return None,
            };
            let wanted = bill.job == job && bill.place.is_some() && attempt.is_none_or(|attempt| attempt == bill.attempt);
            wanted.then(|| (entry.seq, bill.clone(), bill.held.map_or(entry.at, |held| held.until)))
        });
        Ok(unwritten.chain(known).max_by_key(|(seq, bill, _)| (bill.attempt, *seq)))
    }
}
