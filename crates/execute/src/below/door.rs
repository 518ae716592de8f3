//! The way to the hub below: what any tenant may ask, and nothing else.

use std::path::PathBuf;

use serde::de::DeserializeOwned;

use super::Options;
use super::read::{
    AccountLine, DataLine, DataList, HubLine, JobLine, JobList, NodeLine, NodeList, PoolLine, PoolList, Submitted, TenantLine,
    TenantList, WhyLine, number,
};
use crate::hubs::encode;
use crate::link::{Fault, Link};

/// So many of a list are asked for at a time.
const PAGE: usize = 1000;
/// Where a piece of output begins: a header of its answer.
const FROM_HEADER: &str = "x-shugu-from";

/// Asks. Copies share their connections.
#[derive(Debug, Clone)]
pub(super) struct Door {
    link: Link,
    token: PathBuf,
}

/// Whether an answer leaves open that the same may be taken later: a hub that is away or has too much to do, a token that has to be
/// renewed. What is refused otherwise is refused for good.
pub(super) fn may_pass(fault: &Fault) -> bool {
    fault.retryable() || matches!(fault, Fault::Refused { status: 401 | 403, .. } | Fault::Untrusted { .. })
}

impl Door {
    /// `mark` is by what this agent is known there as whoever holds the leases of its jobs; empty for one that holds none.
    pub(super) fn new(options: &Options, mark: &str) -> Door {
        Door { link: Link::new(&options.url, "", options.fingerprint).marked(mark), token: options.token.clone() }
    }

    /// Shows the token as it is now.
    fn shown(&self) -> Result<&Link, Fault> {
        let read = std::fs::read_to_string(&self.token);
        let token =
            read.map_err(|error| Fault::Refused { status: 401, message: format!("{}: {error}", self.token.display()) })?;
        self.link.show(token.trim());
        Ok(&self.link)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        self.shown()?.get(path)
    }

    /// All pages of a list.
    fn pages<P: DeserializeOwned, T>(&self, path: &str, open: fn(P) -> (Vec<T>, Option<String>)) -> Result<Vec<T>, Fault> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let (some, next) = open(self.get(&format!("{path}limit={PAGE}{after}"))?);
            all.extend(some);
            match next {
                Some(next) => after = format!("&after={}", encode(&next)),
                None => return Ok(all),
            }
        }
    }

    pub(super) fn url(&self) -> &str {
        self.link.url()
    }

    pub(super) fn hub(&self) -> Result<HubLine, Fault> {
        self.get("/v1/hub")
    }

    pub(super) fn pools(&self) -> Result<Vec<PoolLine>, Fault> {
        self.get("/v1/pools").map(|list: PoolList| list.pools)
    }

    pub(super) fn nodes(&self, pool: &str) -> Result<Vec<NodeLine>, Fault> {
        self.pages(&format!("/v1/pools/{}/nodes?", encode(pool)), |list: NodeList| (list.nodes, list.next))
    }

    /// The tenant's jobs that have a place; with those that wait, where all are asked for, which takes the longer the more it ever had.
    pub(super) fn live(&self, waiting: bool) -> Result<Vec<JobLine>, Fault> {
        let states = if waiting { "waiting,placed,running,stopping" } else { "placed,running,stopping" };
        self.pages(&format!("/v1/jobs?state={states}&"), |list: JobList| (list.jobs, list.next))
    }

    /// The first of the jobs of a name that is not over, else the first of them.
    pub(super) fn named(&self, name: &str) -> Result<Option<JobLine>, Fault> {
        let found: JobList = self.get(&format!("/v1/jobs?name={}&limit=100", encode(name)))?;
        let own = found.jobs.into_iter().filter(|job| job.name == name);
        Ok(own.min_by_key(|job| (job.ended_at.is_some(), number(&job.id))))
    }

    /// A job; `None` where there is none.
    pub(super) fn job(&self, id: &str) -> Result<Option<JobLine>, Fault> {
        match self.get(&format!("/v1/jobs/{}", encode(id))) {
            Ok(job) => Ok(Some(job)),
            Err(Fault::Refused { status: 404, .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Why a job waits.
    pub(super) fn why(&self, id: &str) -> Result<String, Fault> {
        self.get(&format!("/v1/jobs/{}/why", encode(id))).map(|why: WhyLine| why.message)
    }

    /// Submits a job of a name, and returns its id. However often the same is sent, there is one.
    pub(super) fn submit(&self, name: &str, form: &str) -> Result<String, Fault> {
        self.shown()?.post_named("/v1/jobs", name, form).map(|submitted: Submitted| submitted.id)
    }

    /// What would become of a job: `would start`, or why it would wait.
    pub(super) fn try_out(&self, form: &serde_json::Value) -> Result<WhyLine, Fault> {
        self.shown()?.post("/v1/jobs?dry_run=true", form)
    }

    /// Stops a job, if it is not over.
    pub(super) fn cancel(&self, id: &str) -> Result<(), Fault> {
        let path = format!("/v1/jobs/{}/cancel", encode(id));
        match self.shown()?.post::<_, serde::de::IgnoredAny>(&path, &serde_json::json!({})) {
            Ok(_) | Err(Fault::Refused { status: 404 | 409, .. }) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// What a tenant may hold and holds.
    pub(super) fn tenant(&self, name: &str) -> Result<Option<TenantLine>, Fault> {
        self.get("/v1/tenants").map(|list: TenantList| list.tenants.into_iter().find(|tenant| tenant.name == name))
    }

    /// Yuan that are left of a tenant's budget; `None` where it has none.
    pub(super) fn left(&self, tenant: &str) -> Result<Option<f64>, Fault> {
        let account: AccountLine = self.get(&format!("/v1/tenants/{}/account", encode(tenant)))?;
        Ok(account.budget.map(|budget| budget.left_yuan))
    }

    pub(super) fn data(&self) -> Result<Vec<DataLine>, Fault> {
        self.get("/v1/data").map(|list: DataList| list.data)
    }

    /// A piece of what a job wrote, and the byte it begins at; `None` where there is none. `from` counts from the end if negative.
    pub(super) fn output(
        &self,
        id: &str,
        stream: &str,
        replica: u32,
        from: i64,
        most: u64,
    ) -> Result<Option<(u64, Vec<u8>)>, Fault> {
        let from =
            if from < 0 { format!("tail={}", from.unsigned_abs().min(u64::from(u32::MAX))) } else { format!("from={from}") };
        let path = format!("/v1/jobs/{}/logs?stream={stream}&replica={replica}&{from}", encode(id));
        let (begins, bytes) = self.shown()?.get_piece(&path, FROM_HEADER, most)?;
        Ok(begins.map(|begins| (begins, bytes)))
    }
}
