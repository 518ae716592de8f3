//! The hub and its book as one fold, and the one way both are driven, live and in replay.

use dispatch::{Fact, Hub, Refusal, Request, decide};
use measure::{Money, Time};
use serde::{Deserialize, Serialize};

use crate::bill::{Bill, bill, bill_of};
use crate::book::{Account, Book};

/// What the journal holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Something happened.
    Fact(Fact),
    /// A job was paid for and left the hub.
    Settled(Bill),
    /// An attempt of a job was paid for; the job waits again.
    Attempted(Bill),
    /// A balance, in a shortened history only.
    Carried(Account, Money),
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, counted from 1 without gaps.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// What.
    pub body: Body,
}

/// The hub, its book, and how far the journal has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The engine's state.
    pub hub: Hub,
    /// The money.
    pub book: Book,
    /// Number of the last entry.
    pub seq: u64,
}

impl Ledger {
    /// Takes an entry over. Total: it never refuses.
    pub fn apply(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        match &entry.body {
            Body::Fact(fact) => self.hub.apply(entry.at, fact),
            Body::Settled(bill) => {
                bill.postings.iter().for_each(|posting| self.book.post(posting));
                self.hub.apply(entry.at, &Fact::Settled(bill.job));
            }
            Body::Attempted(bill) => bill.postings.iter().for_each(|posting| self.book.post(posting)),
            Body::Carried(account, balance) => self.book.carry(account.clone(), *balance),
        }
    }

    /// Decides a request and takes its facts over, appending them to `entries`; jobs that end are billed at
    /// once. A refusal leaves everything as it was.
    pub fn ask(&mut self, now: Time, request: Request, entries: &mut Vec<Entry>) -> Result<(), Refusal> {
        for fact in decide(&self.hub, now, request)? {
            let ended = match &fact {
                Fact::Ended(id, ..) => Some(*id),
                _ => None,
            };
            let attempted = match &fact {
                Fact::Yielded(id, _, usage, _) => {
                    let place = self.hub.jobs.get(id).and_then(|job| job.stage.held()).cloned();
                    bill_of(&self.hub, *id, place.as_deref(), usage, now)
                }
                _ => None,
            };
            self.record(now, Body::Fact(fact), entries);
            if let Some(bill) = attempted {
                self.record(now, Body::Attempted(bill), entries);
            }
            if let Some(bill) = ended.and_then(|id| bill(&self.hub, id)) {
                self.record(now, Body::Settled(bill), entries);
            }
        }
        Ok(())
    }

    /// One scheduling pass, appending what it placed to `entries`.
    pub fn round(&mut self, now: Time, entries: &mut Vec<Entry>) {
        for fact in self.hub.round(now) {
            self.seq += 1;
            entries.push(Entry { seq: self.seq, at: now, body: Body::Fact(fact) });
        }
    }

    fn record(&mut self, at: Time, body: Body, entries: &mut Vec<Entry>) {
        let entry = Entry { seq: self.seq + 1, at, body };
        self.apply(&entry);
        entries.push(entry);
    }

    /// A shortened history: the fewest entries whose fold is this ledger, all bearing its last number.
    pub fn opening(&self) -> Vec<Entry> {
        let facts = self.hub.opening().into_iter().map(|(at, fact)| (at, Body::Fact(fact)));
        let carried = self.book.balances().map(|(account, money)| (Time(0), Body::Carried(account.clone(), money)));
        facts.chain(carried).map(|(at, body)| Entry { seq: self.seq, at, body }).collect()
    }
}
