//! Accounts and postings. A posting names both sides, so an unbalanced book cannot be written down.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use measure::{JobId, Malformed, Money, Name, TenantId, Time};
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
    /// A tenant's credits (computing vouchers), which pay before its own money.
    Credit(TenantId),
    /// Whoever gives credits.
    Grants,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Tenant(id) => write!(f, "{id}"),
            Account::Provider(name) => write!(f, "provider:{name}"),
            Account::Hub => f.write_str("hub"),
            Account::Credit(id) => write!(f, "credit:{id}"),
            Account::Grants => f.write_str("grants"),
        }
    }
}

impl FromStr for Account {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Account, Malformed> {
        match text.split_once(':') {
            _ if text == "hub" => Ok(Account::Hub),
            _ if text == "grants" => Ok(Account::Grants),
            Some(("provider", name)) => Ok(Account::Provider(name.parse()?)),
            Some(("credit", id)) => Ok(Account::Credit(id.parse()?)),
            _ => Ok(Account::Tenant(text.parse()?)),
        }
    }
}

/// Money that moves from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// For which job; the first id of all, 0, for what is for none.
    pub job: JobId,
    /// Who pays.
    pub debit: Account,
    /// Who receives.
    pub credit: Account,
    /// How much; never negative.
    pub amount: Money,
}

impl Posting {
    /// The posting that takes this one back.
    pub fn reversed(&self) -> Posting {
        Posting { job: self.job, debit: self.credit.clone(), credit: self.debit.clone(), amount: self.amount }
    }
}

/// A credit of a tenant, as far as it is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// What is left of it.
    pub left: Money,
    /// What was paid with it, and may be given back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub used: Money,
    /// Until when it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

fn is_zero(money: &Money) -> bool {
    *money == Money::ZERO
}

impl Credit {
    /// A credit of so much, good until an instant.
    pub fn of(left: Money, until: Option<Time>) -> Credit {
        Credit { left, used: Money::ZERO, until }
    }

    /// Which goes first: what ends first.
    fn turn(&self) -> Time {
        self.until.unwrap_or(Time(i64::MAX))
    }
}

/// Every account's balance (what it received minus what it paid), what is held, and credits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    balances: BTreeMap<Account, Money>,
    /// Of tenants, for places that are not yet paid.
    holds: BTreeMap<TenantId, Money>,
    credits: BTreeMap<TenantId, Vec<Credit>>,
    /// How many postings were made.
    pub postings: u64,
}

impl Book {
    /// Takes a posting over.
    pub fn post(&mut self, posting: &Posting) {
        *self.balances.entry(posting.debit.clone()).or_default() -= posting.amount;
        *self.balances.entry(posting.credit.clone()).or_default() += posting.amount;
        self.postings += 1;
        if let Account::Credit(tenant) = posting.debit {
            let credits = self.credits.entry(tenant).or_default();
            let mut left = posting.amount;
            for credit in credits.iter_mut() {
                let part = credit.left.min(left);
                credit.left -= part;
                credit.used += if posting.credit == Account::Grants { Money::ZERO } else { part };
                left -= part;
            }
            credits.retain(|credit| credit.left > Money::ZERO || credit.used > Money::ZERO);
        }
        // What is taken back goes where it was last taken from, and ends when that does.
        if let (Account::Credit(tenant), false) = (&posting.credit, posting.debit == Account::Grants) {
            let credits = self.credits.entry(*tenant).or_default();
            let mut back = posting.amount;
            for credit in credits.iter_mut().rev() {
                let part = credit.used.min(back);
                (credit.used, credit.left) = (credit.used - part, credit.left + part);
                back -= part;
            }
            if back > Money::ZERO {
                credits.push(Credit::of(back, None));
            }
        }
    }

    /// A tenant was given a credit.
    pub fn grant(&mut self, tenant: TenantId, credit: Credit) {
        let posting = Posting { job: JobId(0), debit: Account::Grants, credit: Account::Credit(tenant), amount: credit.left };
        self.post(&posting);
        self.carry_credits(tenant, vec![credit]);
    }

    /// Adds credits without a posting, as a shortened history carries them.
    pub fn carry_credits(&mut self, tenant: TenantId, more: Vec<Credit>) {
        let credits = self.credits.entry(tenant).or_default();
        credits.extend(more);
        credits.sort_by_key(Credit::turn);
    }

    /// Money is held of a tenant, or given back where the amount is negative.
    pub fn hold(&mut self, tenant: TenantId, amount: Money) {
        if amount != Money::ZERO {
            let held = self.holds.entry(tenant).or_default();
            *held += amount;
            if *held == Money::ZERO {
                self.holds.remove(&tenant);
            }
        }
    }

    /// What is held of a tenant for places that are not yet paid.
    pub fn held(&self, tenant: TenantId) -> Money {
        self.holds.get(&tenant).copied().unwrap_or_default()
    }

    /// What is held, by tenant.
    pub fn holds(&self) -> impl Iterator<Item = (TenantId, Money)> {
        self.holds.iter().map(|(tenant, held)| (*tenant, *held))
    }

    /// What credits pay for a tenant at an instant.
    pub fn credit(&self, tenant: TenantId, at: Time) -> Money {
        let good = |credit: &&Credit| credit.until.is_none_or(|end| at < end);
        self.credits.get(&tenant).into_iter().flatten().filter(good).map(|credit| credit.left).sum()
    }

    /// All credits, by tenant.
    pub fn credits(&self) -> impl Iterator<Item = (TenantId, &[Credit])> {
        self.credits.iter().filter(|(_, credits)| !credits.is_empty()).map(|(tenant, credits)| (*tenant, credits.as_slice()))
    }

    /// What is left of credits that have ended by an instant, by tenant.
    pub fn expired(&self, at: Time) -> Vec<(TenantId, Money)> {
        let over = |credit: &&Credit| credit.until.is_some_and(|end| end <= at);
        let left = |(tenant, credits): (TenantId, &[Credit])| {
            let left: Money = credits.iter().filter(over).map(|credit| credit.left).sum();
            (left > Money::ZERO).then_some((tenant, left))
        };
        self.credits().filter_map(left).collect()
    }

    /// Sets a balance, as a shortened history carries it.
    pub fn carry(&mut self, account: Account, balance: Money) {
        self.balances.insert(account, balance);
    }

    /// When the next of the credits ends of which something is left.
    pub fn next_end(&self) -> Option<Time> {
        self.credits.values().flatten().filter(|credit| credit.left > Money::ZERO).filter_map(|credit| credit.until).min()
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
