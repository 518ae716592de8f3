//! Reading the tables beside the live writer.

mod asked;
mod charges;
mod jobs;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use measure::Time;
use settle::{Entry, Ledger};

pub(crate) use asked::AskedPage;
pub(crate) use charges::{BookRow, ChargePage, Delivered, DisputeRow, Emitted, Load, StatementRow};
pub(crate) use jobs::{JobFilter, JobRow, LIVE, OVER};

use super::fold::{entries_from, fold_until};
use super::schema::OF_CENSUS;
use super::sql::{Database, Outcome, Row, Trouble, values};
use super::{Store, StoreFault, archive};
use crate::webhooks::{Webhook, Whose};

/// A few connections that change nothing.
pub(crate) struct Reader {
    store: Store,
    idle: Mutex<Vec<Database>>,
}

/// What somebody missed who was away.
pub(crate) struct Missed {
    pub(crate) entries: Vec<Entry>,
    pub(crate) jobs: BTreeMap<measure::JobId, JobThen>,
}

/// What is told of a job beside its entries.
pub(crate) struct JobThen {
    pub(crate) tenant: String,
    /// Whose pool it is at, or was last.
    pub(crate) provider: Option<String>,
    pub(crate) state: String,
}

/// So many questions are put to the store at a time, each on a connection that is kept for the next one: more threads only stand in each
/// other's way, and a connection that is opened for one question costs more than its answer.
pub(crate) static QUESTIONS_MOST: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(4, |cores| (2 * cores.get()).max(4)));

/// An entry in a row of its number, its instant and its body.
pub(crate) fn entry_row(row: &Row) -> Outcome<Entry> {
    let body = serde_json::from_str(row.get(2)?).map_err(|error| Trouble::Shape(error.to_string()))?;
    Ok(Entry { seq: row.get::<i64>(0)?.cast_unsigned(), at: row.get(1)?, body })
}

impl Reader {
    pub(crate) fn new(store: &Store) -> Reader {
        Reader { store: store.clone(), idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn with<T>(&self, read: impl FnOnce(&Database) -> Outcome<T>) -> Result<T, StoreFault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().filter(Database::alive);
        let database = match idle {
            Some(database) => database,
            None => self.store.open_read_only()?,
        };
        let outcome = read(&database).map_err(self.store.fault());
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < *QUESTIONS_MOST {
            idle.push(database);
        }
        outcome
    }

    /// Everything that the journal says of a row of the census, oldest first.
    pub(crate) fn history(&self, id: &measure::Name) -> Result<Vec<serde_json::Value>, StoreFault> {
        let sql = &format!("SELECT seq, at, body FROM entry WHERE {OF_CENSUS} AND (body LIKE ?1 OR body LIKE ?2) ORDER BY seq");
        self.with(|database| {
            database.all(sql, &values![format!("%\"id\":\"{id}\"%"), format!("%Gone\":\"{id}\"%")], |row| {
                let said = serde_json::from_str::<serde_json::Value>(row.get(2)?).map(|body| body["Fact"]["Census"].clone());
                let known_from = row.get::<Time>(1)?.to_string();
                Ok(serde_json::json!({ "entry": row.get::<i64>(0)?, "known_from": known_from, "said": said.unwrap_or_default() }))
            })
        })
    }

    /// The entries after one, at most so many.
    fn entries_after(&self, database: &Database, seq: u64, most: u32) -> Outcome<Vec<Entry>> {
        let fault = |fault: StoreFault| match fault {
            StoreFault::Trouble { source, .. } => source,
            other => Trouble::Shape(other.to_string()),
        };
        let entries = entries_from(&self.store, database, seq + 1, most as usize).map_err(fault)?;
        entries.into_iter().map(|entry| entry.map_err(fault)).collect()
    }

    /// The hub as it was at an instant.
    pub(crate) fn past(&self, until: Time) -> Result<Ledger, StoreFault> {
        fold_until(&self.store, until)
    }

    /// Who is told of what happens, by name.
    pub(crate) fn webhooks(&self) -> Result<Vec<Webhook>, StoreFault> {
        let sql = "SELECT name, url, events, tenant, made, told, trouble FROM webhook";
        self.with(|database| {
            let mut hooks = database.all(sql, &[], |row| {
                Ok(Webhook {
                    name: row.get(0)?,
                    url: row.get(1)?,
                    events: row.get::<&str>(2)?.split(',').map(str::to_owned).collect(),
                    tenant: row.get(3)?,
                    made: row.get(4)?,
                    told: row.get::<i64>(5)?.cast_unsigned(),
                    trouble: row.get(6)?,
                })
            })?;
            hooks.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(hooks)
        })
    }

    /// The entries after one, at most so many, and the names of what they tell of.
    #[expect(clippy::type_complexity, reason = "names of jobs, tenants and pools")]
    pub(crate) fn told_after(
        &self,
        seq: u64,
        most: u32,
    ) -> Result<(Vec<Entry>, Whose, BTreeMap<measure::TenantId, String>, BTreeMap<measure::PoolId, String>), StoreFault> {
        self.with(|database| {
            let entries = self.entries_after(database, seq, most)?;
            let mut whose = Whose::new();
            let of = "SELECT job.name, tenant.name FROM job JOIN tenant ON tenant.id = job.tenant WHERE job.id = ?1";
            for job in entries.iter().filter_map(|entry| super::rows::job_of(&entry.body)) {
                if let std::collections::btree_map::Entry::Vacant(free) = whose.entry(job)
                    && let Some(known) =
                        database.first(of, &values![job.0.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?
                {
                    free.insert(known);
                }
            }
            let names = |sql: &str| database.all(sql, &[], |row| Ok((row.get::<u32>(0)?, row.get::<String>(1)?)));
            let tenants = names("SELECT id, name FROM tenant")?.into_iter().map(|(id, name)| (measure::TenantId(id), name));
            let pools = names("SELECT id, name FROM pool")?.into_iter().map(|(id, name)| (measure::PoolId(id), name));
            Ok((entries, whose, tenants.collect(), pools.collect()))
        })
    }

    /// The entries after one and the jobs that they tell of; `None` where there are more than so many.
    pub(crate) fn missed(&self, seq: u64, most: u32) -> Result<Option<Missed>, StoreFault> {
        self.with(|database| {
            // Who was away so long that what happened is in the archive looks for itself.
            if seq < archive::dropped(database)? {
                return Ok(None);
            }
            let entries = self.entries_after(database, seq, most + 1)?;
            if entries.len() > most as usize {
                return Ok(None);
            }
            let of = "SELECT tenant.name, pool.provider, job.state FROM job JOIN tenant ON tenant.id = job.tenant
                LEFT JOIN pool ON pool.id = job.pool WHERE job.id = ?1";
            let mut jobs = BTreeMap::new();
            for job in entries.iter().filter_map(|entry| super::rows::job_of(&entry.body)) {
                if let std::collections::btree_map::Entry::Vacant(free) = jobs.entry(job) {
                    let row = |row: &Row| Ok(JobThen { tenant: row.get(0)?, provider: row.get(1)?, state: row.get(2)? });
                    database.first(of, &values![job.0.cast_signed()], row)?.map(|known| free.insert(known));
                }
            }
            Ok(Some(Missed { entries, jobs }))
        })
    }

    /// The hash of the first entry, which no other hub has.
    pub(crate) fn first_hash(&self) -> Result<String, StoreFault> {
        self.with(|database| {
            let hash: Vec<u8> = database.one("SELECT hash FROM entry ORDER BY seq LIMIT 1", &[])?;
            Ok(super::hex(&hash))
        })
    }
}
