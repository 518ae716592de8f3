//! What entries change, for those who follow: as it happens, and once more for whoever was away for a while.

use std::sync::OnceLock;

use dispatch::{Fact, Hub};
use measure::{JobId, PoolId, TenantId};
use settle::{Bill, Body, Entry};

use crate::access::lineage;

/// Something that changed, for those who follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The entry of the journal that says so, if it is one.
    pub(crate) entry: Option<u64>,
    /// `job`, `pool`, `census`, `tenant`, `closing`, `data`, `money` or `study`.
    pub(crate) kind: &'static str,
    /// The job, if it is one.
    pub(crate) job: Option<JobId>,
    /// Its state, or the name of what changed.
    pub(crate) what: String,
    /// Whose job it is.
    pub(crate) tenant: Option<String>,
    /// The tenants of whose projects that tenant is one.
    pub(crate) above: Vec<String>,
    /// Whose pool it is.
    pub(crate) provider: Option<String>,
    /// As everybody is told of it: written once, however many follow.
    pub(crate) text: OnceLock<String>,
}

impl Change {
    /// One that concerns nobody in particular.
    pub(crate) fn of(kind: &'static str, what: &str) -> Change {
        let what = what.to_owned();
        Change { entry: None, kind, job: None, what, tenant: None, above: Vec::new(), provider: None, text: OnceLock::new() }
    }
}

/// What is known beside an entry.
pub(crate) struct Known<'a> {
    pub(crate) hub: &'a Hub,
    /// Whose job it is.
    pub(crate) tenant: &'a dyn Fn(JobId) -> Option<String>,
    /// In whose pool the job was at an entry.
    pub(crate) provider: &'a dyn Fn(JobId, u64) -> Option<String>,
    /// How a job ended that is settled.
    pub(crate) end: &'a dyn Fn(JobId) -> Option<String>,
}

/// What an entry changes for those who follow, if anything.
pub(crate) fn of(entry: &Entry, known: &Known) -> Option<Change> {
    let hub = known.hub;
    let of_job = |id: &JobId, what: &str, provider: Option<String>| {
        Some(Change { job: Some(*id), tenant: (known.tenant)(*id), provider, ..Change::of("job", what) })
    };
    let at_its_pool = |id: &JobId| (known.provider)(*id, entry.seq);
    let of_pool = |id: &PoolId| {
        let join = &hub.pools.get(id)?.join;
        Some(Change { provider: Some(join.provider.to_string()), ..Change::of("pool", join.name.as_str()) })
    };
    let name = |id: &TenantId| hub.tenants.get(id).map(|tenant| tenant.name.to_string());
    let of_tenant = |kind: &'static str, id: &TenantId, provider: Option<String>| {
        let tenant = name(id);
        Some(Change { tenant: tenant.clone(), provider, ..Change::of(kind, &tenant.unwrap_or_default()) })
    };
    let of_bill = |bill: &Bill| {
        let provider = bill.place.as_ref().map(|(_, provider)| provider.to_string());
        let change = of_tenant("money", &bill.tenant, provider)?;
        Some(Change { job: Some(bill.job), what: "bill".to_owned(), ..change })
    };
    let change = match &entry.body {
        Body::Fact(Fact::Submitted(id, _)) => of_job(id, "waiting", None),
        Body::Fact(Fact::Placed(id, place)) => {
            let provider = hub.pools.get(&place.pool).map(|pool| pool.join.provider.to_string());
            of_job(id, "placed", provider)
        }
        Body::Fact(Fact::Started(id)) => of_job(id, "running", at_its_pool(id)),
        Body::Fact(Fact::StopWanted(id, _)) => of_job(id, "stopping", at_its_pool(id)),
        Body::Fact(Fact::Yielded(id, ..)) => of_job(id, "waiting", None),
        // A job that was settled in the same batch has left the hub; its bill still says whose it was.
        Body::Settled(bill) => {
            let provider = bill.place.as_ref().map(|(_, provider)| provider.to_string());
            let what = (known.end)(bill.job).unwrap_or_else(|| "done".to_owned());
            Some(Change { job: Some(bill.job), tenant: name(&bill.tenant), provider, ..Change::of("job", &what) })
        }
        Body::Fact(
            Fact::Joined(id, _)
            | Fact::Seen(id, _)
            | Fact::Occupied(id, _)
            | Fact::Served(id, _)
            | Fact::Contact(id, _)
            | Fact::Hosted(id, ..)
            | Fact::HostContact(id, ..)
            | Fact::Limited(id, _),
        ) => of_pool(id),
        Body::Fact(Fact::Admitted(id, _) | Fact::Arranged(id, _) | Fact::Funded(id, _)) => of_tenant("tenant", id, None),
        Body::Granted(id, ..) | Body::Expired(id, _) => of_tenant("money", id, None),
        Body::Attempted(bill) => of_bill(bill),
        Body::Corrected(correction) => of_bill(&correction.bill),
        Body::Disputed(_) | Body::Judged(_) => Some(Change::of("money", "dispute")),
        Body::Fact(Fact::Closed(..)) => Some(Change::of("closing", "closing")),
        Body::Fact(Fact::Data(name, _)) => Some(Change::of("data", name.as_str())),
        Body::Fact(Fact::Census(_)) => Some(Change::of("census", "census")),
        _ => None,
    }?;
    let above = change.tenant.as_deref().map(|tenant| lineage(hub, tenant)).unwrap_or_default();
    let above = above.into_iter().skip(1).map(str::to_owned).collect();
    Some(Change { entry: Some(entry.seq), above, ..change })
}
