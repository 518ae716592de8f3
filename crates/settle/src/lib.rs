//! From device-time to money: what a job used × the rate agreed when it was placed, as postings with both sides.
//!
//! A [`Ledger`] is the hub and its book together, the state that a journal of [`Entry`]s folds to; live hub and
//! replay both drive it. Never here: a clock, a float, a price looked up after the job was placed.

mod bill;
mod book;
mod correct;
mod ledger;
mod period;

pub use bill::{AtOnce, Bill, bill_of, rebill};
pub use book::{Account, Book, Credit, Posting};
pub use correct::{Correction, Dispute, Reading, Unsound, Verdict, correct, take, usage_of};
pub use ledger::{Body, Entry, Ledger};
pub use period::Period;
