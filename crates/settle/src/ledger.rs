//! The hub and its book as one fold, and the one way both are driven, live and in replay.

use dispatch::{Fact, Hub, Purse, Refusal, Request, decide};
use measure::{JobId, Money, TenantId, Time};
use serde::{Deserialize, Serialize};

use crate::bill::{Bill, bill_of};
use crate::book::{Account, Book, Credit, Posting};
use crate::correct::{Correction, Dispute, Verdict};

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
    /// A bill was put right.
    Corrected(Box<Correction>),
    /// A bill is contested.
    Disputed(Dispute),
    /// A dispute was settled.
    Judged(Verdict),
    /// A tenant was given a credit; whose programme it is from, in words.
    Granted(TenantId, Credit, String),
    /// What was left of a tenant's credits that ended.
    Expired(TenantId, Money),
    /// What is left of a tenant's credits, in a shortened history only.
    Credits(TenantId, Vec<Credit>),
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
            Body::Fact(fact) => {
                if let Fact::Placed(id, place) = fact
                    && let Some(job) = self.hub.jobs.get(id)
                {
                    self.book.hold(job.spec.tenant, place.hold);
                }
                self.hub.apply(entry.at, fact);
            }
            Body::Settled(bill) => {
                self.pay(entry.at, bill);
                self.hub.apply(entry.at, &Fact::Settled(bill.job));
            }
            Body::Attempted(bill) => self.pay(entry.at, bill),
            Body::Carried(account, balance) => self.book.carry(account.clone(), *balance),
            Body::Corrected(correction) => {
                correction.reversed.iter().chain(&correction.bill.postings).for_each(|posting| self.book.post(posting));
                self.hub.apply(entry.at, &Fact::Drawn(correction.bill.tenant, correction.bill.price - correction.was));
            }
            Body::Disputed(_) | Body::Judged(_) => {}
            Body::Granted(tenant, credit, _) => self.book.grant(*tenant, *credit),
            Body::Expired(tenant, left) => {
                let (debit, credit) = (Account::Credit(*tenant), Account::Grants);
                self.book.post(&Posting { job: JobId(0), debit, credit, amount: *left });
            }
            Body::Credits(tenant, credits) => self.book.carry_credits(*tenant, credits.clone()),
        }
    }

    /// What was held becomes what is paid.
    fn pay(&mut self, at: Time, bill: &Bill) {
        bill.postings.iter().for_each(|posting| self.book.post(posting));
        self.book.hold(bill.tenant, Money::ZERO - bill.hold);
        self.hub.apply(at, &Fact::Drawn(bill.tenant, bill.price - bill.hold));
    }

    /// Decides a request and takes its facts over, appending them to `entries`; attempts that end are billed at
    /// once. A refusal leaves everything as it was.
    pub fn ask(&mut self, now: Time, request: Request, entries: &mut Vec<Entry>) -> Result<(), Refusal> {
        let facts = decide(&self.hub, now, request)?;
        if !facts.is_empty() {
            self.expire(now, entries);
        }
        for fact in facts {
            let bill = match &fact {
                Fact::Ended(id, end, usage) | Fact::Yielded(id, end, usage, _) => {
                    let job = self.hub.jobs.get(id);
                    let place = job.and_then(|job| job.stage.held()).cloned();
                    let placed = job.and_then(|job| job.stage.placed());
                    let credit = job.map_or(Money::ZERO, |job| self.book.credit(job.spec.tenant, now));
                    bill_of(&self.hub, *id, place.as_deref(), usage, (placed, now), end, credit)
                }
                _ => None,
            };
            let settled = matches!(fact, Fact::Ended(..));
            self.record(now, Body::Fact(fact), entries);
            if let Some(bill) = bill {
                self.record(now, if settled { Body::Settled(bill) } else { Body::Attempted(bill) }, entries);
            }
        }
        Ok(())
    }

    /// One scheduling pass, appending what it placed to `entries`. Credits that ended and budgets that are filled up come first.
    pub fn round(&mut self, now: Time, entries: &mut Vec<Entry>) {
        self.expire(now, entries);
        for (tenant, purse) in self.hub.renewals(now) {
            self.record(now, Body::Fact(Fact::Funded(tenant, Some(purse))), entries);
        }
        for fact in self.hub.round(now) {
            self.seq += 1;
            if let Fact::Placed(id, place) = &fact {
                self.book.hold(self.hub.jobs[id].spec.tenant, place.hold);
            }
            entries.push(Entry { seq: self.seq, at: now, body: Body::Fact(fact) });
        }
    }

    /// When time alone may next bring something about.
    pub fn next_wake(&self) -> Option<Time> {
        self.hub.next_wake().into_iter().chain(self.book.next_end()).min()
    }

    /// Takes back what is left of credits that ended, before anything is paid with them.
    pub fn expire(&mut self, now: Time, entries: &mut Vec<Entry>) {
        for (tenant, left) in self.book.expired(now) {
            self.record(now, Body::Expired(tenant, left), entries);
        }
    }

    /// Takes something about money over.
    pub fn record(&mut self, at: Time, body: Body, entries: &mut Vec<Entry>) {
        let entry = Entry { seq: self.seq + 1, at, body };
        self.apply(&entry);
        entries.push(entry);
    }

    /// What a tenant may spend, if that is limited.
    pub fn purse(&self, tenant: TenantId) -> Option<Purse> {
        self.hub.tenants.get(&tenant)?.purse
    }

    /// A shortened history: the fewest entries whose fold is this ledger, all bearing its last number.
    pub fn opening(&self) -> Vec<Entry> {
        let facts = self.hub.opening().into_iter().map(|(at, fact)| (at, Body::Fact(fact)));
        let carried = self.book.balances().map(|(account, money)| (Time(0), Body::Carried(account.clone(), money)));
        let credits = self.book.credits().map(|(tenant, credits)| (Time(0), Body::Credits(tenant, credits.to_vec())));
        facts.chain(carried).chain(credits).map(|(at, body)| Entry { seq: self.seq, at, body }).collect()
    }
}
