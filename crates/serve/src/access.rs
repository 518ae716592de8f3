//! Who may do what. Tokens are random, kept as hashes, and bound to a role and a subject.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use dispatch::Hub;
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
    /// Submits jobs: sees its own and its projects', and their money.
    Tenant,
    /// Sees what an operator sees but what jobs wrote, and changes nothing.
    Auditor,
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
            Role::Auditor => "auditor",
            Role::Agent => "agent",
            Role::Joining => "joining",
        })
    }
}

impl FromStr for Role {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Role, Malformed> {
        let found = Role::ALL.into_iter().find(|role| role.to_string() == text);
        found.ok_or_else(|| Malformed::new(text, "a role: operator, auditor, provider, tenant or agent"))
    }
}

impl Role {
    /// Every role, people's first.
    pub const ALL: [Role; 6] = [Role::Operator, Role::Auditor, Role::Provider, Role::Tenant, Role::Agent, Role::Joining];
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

/// Whose things somebody may reach: the one place that says so, for jobs, charges, statements, accounts, disputes and events alike.
/// Which routes they may ask at all is the table of rules of the API; whether they may only look is said there too.
impl Grant {
    /// Whether everything that anybody has is shown.
    pub(crate) fn sees_all(&self) -> bool {
        matches!(self.role, Role::Operator | Role::Auditor)
    }

    /// Whether what a tenant has is within reach: a tenant's own is, and that of its projects, however deep; never that of those
    /// above it or beside it.
    pub(crate) fn reaches(&self, hub: &Hub, tenant: &str) -> bool {
        match self.role {
            Role::Operator | Role::Auditor => true,
            Role::Tenant => tenant == self.subject.as_str() || lineage(hub, tenant).contains(&self.subject.as_str()),
            Role::Provider | Role::Agent | Role::Joining => false,
        }
    }

    /// The tenants whose things are shown, where it is by tenant that they are; `None` where it is not.
    pub(crate) fn tenants(&self, hub: &Hub) -> Option<Vec<String>> {
        if self.role != Role::Tenant {
            return None;
        }
        let own = self.subject.as_str();
        let below =
            hub.tenants.values().map(|tenant| tenant.name.as_str()).filter(|name| *name != own && self.reaches(hub, name));
        Some(std::iter::once(own).chain(below).map(str::to_owned).collect())
    }

    /// The provider in whose pools it must have been, where that is what somebody is shown.
    pub(crate) fn provider(&self) -> Option<&Name> {
        (self.role == Role::Provider).then_some(&self.subject)
    }

    /// Whether what concerns a provider is shown with its inner figures.
    pub(crate) fn owns(&self, provider: Option<&Name>) -> bool {
        self.sees_all() || (self.role == Role::Provider && provider == Some(&self.subject))
    }
}

/// A tenant and those that it is a project of, up to its organisation.
pub(crate) fn lineage<'a>(hub: &'a Hub, tenant: &str) -> Vec<&'a str> {
    let first = tenant.parse().ok().and_then(|name| hub.tenant_named(&name));
    let all = std::iter::successors(first, |id| hub.tenants.get(id)?.terms.parent);
    all.filter_map(|id| hub.tenants.get(&id)).map(|tenant| tenant.name.as_str()).collect()
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

#[cfg(test)]
mod tests {
    use dispatch::{Fact, Terms};
    use measure::TenantId;

    use super::*;

    fn grant(role: Role, subject: &str) -> Grant {
        Grant { id: 1, role, subject: subject.parse().unwrap(), expires: None, agent: None }
    }

    /// university ← lab ← thesis, and beside it company.
    fn hub() -> Hub {
        let mut hub = Hub::default();
        let tenants = [(1, "university", None), (2, "lab", Some(1)), (3, "thesis", Some(2)), (4, "company", None)];
        for (id, name, parent) in tenants {
            hub.apply(Time(0), &Fact::Admitted(TenantId(id), name.parse().unwrap()));
            let terms = Terms { parent: parent.map(TenantId), ..Terms::default() };
            hub.apply(Time(0), &Fact::Arranged(TenantId(id), terms));
        }
        hub
    }

    #[test]
    fn a_tenant_reaches_its_own_and_what_is_below_it_and_nothing_else() {
        let hub = hub();
        let names = ["university", "lab", "thesis", "company", "nobody"];
        let reached = |role, subject: &str| -> Vec<&str> {
            let who = grant(role, subject);
            names.into_iter().filter(|name| who.reaches(&hub, name)).collect()
        };
        assert_eq!(reached(Role::Tenant, "university"), ["university", "lab", "thesis"]);
        assert_eq!(reached(Role::Tenant, "lab"), ["lab", "thesis"]);
        assert_eq!(reached(Role::Tenant, "thesis"), ["thesis"]);
        assert_eq!(reached(Role::Tenant, "company"), ["company"]);
        for role in [Role::Operator, Role::Auditor] {
            assert_eq!(reached(role, "anna"), names);
        }
        // Who is called like a tenant is none by that.
        for role in [Role::Provider, Role::Agent, Role::Joining] {
            assert!(reached(role, "university").is_empty(), "{role}");
        }
        assert_eq!(grant(Role::Tenant, "lab").tenants(&hub), Some(vec!["lab".to_owned(), "thesis".to_owned()]));
        assert_eq!(grant(Role::Auditor, "lab").tenants(&hub), None);
    }

    #[test]
    fn every_role_parses_what_it_prints() {
        assert!(Role::ALL.into_iter().all(|role| role.to_string().parse() == Ok(role)));
        assert!("root".parse::<Role>().is_err());
    }
}
