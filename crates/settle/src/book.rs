//! Accounts and postings. A posting names both sides, so an unbalanced book cannot be written down.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use measure::{JobId, Malformed, Money, Name, TenantId};
use serde::{Deserialize, Serialize};

/// Whose money it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Account {
    /// A tenant's.
    Tenant(TenantId),
    /// A provider's.
    Provider(Name),
    /// The hub's own.
    Hub,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Tenant(id) => write!(f, "{id}"),
            Account::Provider(name) => write!(f, "provider:{name}"),
            Account::Hub => f.write_str("hub"),
        }
    }
}

impl FromStr for Account {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Account, Malformed> {
        match text.split_once(':') {
            _ if text == "hub" => Ok(Account::Hub),
            Some(("provider", name)) => Ok(Account::Provider(name.parse()?)),
            _ => Ok(Account::Tenant(text.parse()?)),
        }
    }
}

/// Money that moves from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// For which job.
    pub job: JobId,
    /// Who pays.
    pub debit: Account,
    /// Who receives.
    pub credit: Account,
    /// How much; never negative.
    pub amount: Money,
}

/// Every account's balance: what it received minus what it paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    balances: BTreeMap<Account, Money>,
    /// How many postings were made.
    pub postings: u64,
}

impl Book {
    /// Takes a posting over.
    pub fn post(&mut self, posting: &Posting) {
        *self.balances.entry(posting.debit.clone()).or_default() -= posting.amount;
        *self.balances.entry(posting.credit.clone()).or_default() += posting.amount;
        self.postings += 1;
    }

    /// Sets a balance, as a shortened history carries it.
    pub fn carry(&mut self, account: Account, balance: Money) {
        self.balances.insert(account, balance);
    }

    /// Accounts and their balances.
    pub fn balances(&self) -> impl Iterator<Item = (&Account, Money)> {
        self.balances.iter().map(|(account, money)| (account, *money))
    }

    /// What an account received minus what it paid.
    pub fn balance(&self, account: &Account) -> Money {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// The sum over all accounts, which is always exactly zero.
    pub fn sum(&self) -> Money {
        self.balances.values().copied().sum()
    }
}
