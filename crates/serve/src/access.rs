//! Who may do what. Tokens are random, kept as hashes, and bound to a role and a subject.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use execute::credential::{JOINING, SECRET, new_secret};
use measure::{Malformed, Name, Time};
use sha2::{Digest, Sha256};

/// What a token's bearer is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs the hub: sees and may do everything.
    Operator,
    /// Owns pools: sees what runs there, and its money.
    Provider,
    /// Submits jobs: sees its own, and its money.
    Tenant,
    /// Serves one pool.
    Agent,
    /// May become the agent of one pool, once.
    Joining,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Role::Operator => "operator",
            Role::Provider => "provider",
            Role::Tenant => "tenant",
            Role::Agent => "agent",
            Role::Joining => "joining",
        })
    }
}

impl FromStr for Role {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Role, Malformed> {
        let all = [Role::Operator, Role::Provider, Role::Tenant, Role::Agent, Role::Joining];
        let found = all.into_iter().find(|role| role.to_string() == text);
        found.ok_or_else(|| Malformed::new(text, "a role: operator, provider, tenant or agent"))
    }
}

/// What a valid token grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Number of the token.
    pub id: i64,
    /// To do what.
    pub role: Role,
    /// As whom: the provider's, tenant's or pool's name; an operator's own.
    pub subject: Name,
    /// Until when.
    pub expires: Option<Time>,
    /// The mark of the only agent that it is good for; `None` for any bearer.
    pub agent: Option<String>,
}

/// The tokens that are valid now, by hash.
#[derive(Default)]
pub(crate) struct Access(RwLock<BTreeMap<[u8; 32], Grant>>);

/// Whether an agent's own secret looks like one that was made at random.
pub(crate) fn is_secret(text: &str) -> bool {
    let digits = text.strip_prefix(SECRET).unwrap_or_default();
    let kinds: std::collections::BTreeSet<u8> = digits.bytes().collect();
    digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && kinds.len() > 4
}

/// A token is 256 random bits, so a fast hash is enough: there is nothing to guess from.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A new token for one role.
pub(crate) fn new_token(role: Role) -> String {
    let kind = if role == Role::Joining { JOINING } else { SECRET };
    new_secret(kind).expect("the system has randomness")
}

impl Access {
    pub(crate) fn grant(&self, hash: [u8; 32], grant: Grant) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(hash, grant);
    }

    /// These, and no others.
    pub(crate) fn replace(&self, grants: impl Iterator<Item = ([u8; 32], Grant)>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = grants.collect();
    }

    /// Lets a token end at an instant.
    pub(crate) fn end(&self, id: i64, at: Time) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.values_mut().filter(|grant| grant.id == id).for_each(|grant| grant.expires = Some(at));
    }

    pub(crate) fn revoke(&self, id: i64) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = all.len();
        all.retain(|_, grant| grant.id != id);
        all.len() < before
    }

    /// What a token grants at an instant.
    pub(crate) fn of(&self, token: &str, now: Time) -> Option<Grant> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&hash(token)).filter(|grant| grant.expires.is_none_or(|end| now < end)).cloned()
    }
}
