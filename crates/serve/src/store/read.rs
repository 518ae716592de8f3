//! Reading the tables beside the live writer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use dispatch::{Fact, Place, Spec};
use measure::{JobId, Precision, Time};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};
use settle::{Account, Bill, Body, Entry, Ledger};

use super::StoreFault;
use super::sqlite::{fold_until, open_read_only};
use crate::export::ChargeLine;
use crate::webhooks::{Webhook, Whose};

/// A few connections that change nothing.
pub(crate) struct Reader {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// Which jobs to list, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobFilter {
    pub(crate) tenant: Option<String>,
    /// Only at one of these pools, where they are told.
    pub(crate) pools: Option<Vec<String>>,
    /// Only in one of these states; in any where there is none.
    pub(crate) states: Vec<&'static str>,
    pub(crate) name: Option<String>,
    /// Only with this in its name, or of this id.
    pub(crate) search: Option<String>,
    /// Submitted from then on.
    pub(crate) from: Option<Time>,
    /// Submitted before.
    pub(crate) until: Option<Time>,
    /// Only jobs before this one.
    pub(crate) before: Option<JobId>,
    pub(crate) limit: u32,
}

/// A job as the tables have it.
#[derive(Debug, Clone)]
pub(crate) struct JobRow {
    pub(crate) id: JobId,
    pub(crate) name: String,
    pub(crate) tenant: String,
    pub(crate) state: String,
    pub(crate) pool: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) ask: Option<u8>,
    pub(crate) end: Option<String>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) submitted: Time,
    pub(crate) placed: Option<Time>,
    pub(crate) started: Option<Time>,
    pub(crate) ended: Option<Time>,
    pub(crate) run: Option<i64>,
    pub(crate) cpu: Option<i64>,
    pub(crate) peak_memory: Option<i64>,
    pub(crate) energy: Option<i64>,
    pub(crate) energy_source: Option<String>,
    pub(crate) carbon: Option<i64>,
    pub(crate) price: Option<i64>,
    pub(crate) spec: Spec,
}

/// A line of a statement: jobs of one pool and one counterpart.
#[derive(Debug, Clone)]
pub(crate) struct StatementRow {
    pub(crate) pool: String,
    pub(crate) counterpart: String,
    pub(crate) jobs: u64,
    pub(crate) device_time: i64,
    pub(crate) core_time: i64,
    pub(crate) energy: i64,
    /// `None` if it is unknown for any of the jobs.
    pub(crate) energy_cost: Option<i64>,
    pub(crate) carbon: Option<i64>,
    pub(crate) price: i64,
    pub(crate) fee: i64,
}

/// A dispute.
#[derive(Debug, Clone)]
pub(crate) struct DisputeRow {
    pub(crate) seq: u64,
    pub(crate) of: u64,
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    pub(crate) at: Time,
    pub(crate) by: String,
    pub(crate) reason: String,
    pub(crate) judged: Option<Time>,
    pub(crate) finding: Option<String>,
}

/// What jobs of a pool were metered to do.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    pub(crate) pool: String,
    pub(crate) precision: Option<Precision>,
    /// Millions of operations.
    pub(crate) mega: u64,
    /// Whether some of them have no reading.
    pub(crate) unmetered: bool,
}

/// What one account received and paid.
#[derive(Debug, Clone)]
pub(crate) struct BookRow {
    pub(crate) account: Account,
    pub(crate) received: i64,
    pub(crate) paid: i64,
}

const JOB: &str = "SELECT job.id, job.name, tenant.name, job.state, pool.name, pool.provider, job.ask, job.end, job.exit_code,
    job.submitted, job.placed, job.started, job.ended, job.run, job.cpu, job.peak_memory, job.energy, job.energy_source,
    job.carbon, CASE WHEN job.price IS NOT NULL THEN (SELECT coalesce(sum(price), 0) FROM charge WHERE charge.job = job.id) END, entry.body
  FROM job JOIN tenant ON tenant.id = job.tenant JOIN entry ON entry.seq = job.submit_seq LEFT JOIN pool ON pool.id = job.pool";

fn job_row(row: &Row) -> rusqlite::Result<JobRow> {
    let body: Body = serde_json::from_str(row.get_ref(20)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(20, rusqlite::types::Type::Text, error.into()))?;
    let Body::Fact(Fact::Submitted(_, spec)) = body else {
        return Err(rusqlite::Error::InvalidColumnType(20, "body".to_owned(), rusqlite::types::Type::Text));
    };
    Ok(JobRow {
        id: JobId(row.get::<_, i64>(0)?.cast_unsigned()),
        name: row.get(1)?,
        tenant: row.get(2)?,
        state: row.get(3)?,
        pool: row.get(4)?,
        provider: row.get(5)?,
        ask: row.get(6)?,
        end: row.get::<_, Option<String>>(7)?.filter(|end| !end.is_empty()),
        exit_code: row.get(8)?,
        submitted: Time(row.get(9)?),
        placed: row.get::<_, Option<i64>>(10)?.map(Time),
        started: row.get::<_, Option<i64>>(11)?.map(Time),
        ended: row.get::<_, Option<i64>>(12)?.map(Time),
        run: row.get(13)?,
        cpu: row.get(14)?,
        peak_memory: row.get(15)?,
        energy: row.get(16)?,
        energy_source: row.get(17)?,
        carbon: row.get(18)?,
        price: row.get(19)?,
        spec: std::sync::Arc::unwrap_or_clone(spec),
    })
}

fn entry_row(row: &Row) -> rusqlite::Result<Entry> {
    let broken =
        |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, error.into());
    let body = serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(broken)?;
    Ok(Entry { seq: row.get::<_, i64>(0)?.cast_unsigned(), at: Time(row.get(1)?), body })
}

const CHARGES: &str =
    "SELECT charge.seq, charge.of, charge.at, charge.job, job.name, charge.attempt, tenant.name, charge.provider, pool.name,
      charge.energy_source, charge.precision, charge.utilisation, charge.run, charge.device_time, charge.core_time, charge.cpu,
      charge.energy, charge.energy_cost, charge.carbon, charge.carbon_market, charge.price, charge.fee, charge.credit, charge.delivered
    FROM charge JOIN tenant ON tenant.id = charge.tenant JOIN pool ON pool.id = charge.pool LEFT JOIN job ON job.id = charge.job";

fn charge_line(row: &Row) -> rusqlite::Result<ChargeLine> {
    Ok(ChargeLine {
        entry: row.get::<_, i64>(0)?.cast_unsigned(),
        corrects: row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned),
        at: Time(row.get(2)?),
        job: JobId(row.get::<_, i64>(3)?.cast_unsigned()),
        job_name: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        attempt: row.get(5)?,
        tenant: row.get(6)?,
        provider: row.get(7)?,
        pool: row.get(8)?,
        energy_source: row.get(9)?,
        precision: row.get(10)?,
        utilisation: row.get(11)?,
        run: row.get(12)?,
        device_time: row.get(13)?,
        core_time: row.get(14)?,
        cpu: row.get(15)?,
        energy: row.get(16)?,
        energy_cost: row.get(17)?,
        carbon: row.get(18)?,
        carbon_market: row.get(19)?,
        price: row.get(20)?,
        fee: row.get(21)?,
        credit: row.get(22)?,
        delivered: row.get(23)?,
    })
}

/// Which charges to list, newest first.
#[derive(Debug, Clone)]
pub(crate) struct ChargePage {
    pub(crate) tenant: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) pool: Option<String>,
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// Only charges before this entry.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u32,
}

/// What attempts held that ran in one pool from one hour to another, hours counted from 1970: in the first hour, in each hour between, in the last.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) pool: String,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) devices: [f64; 3],
    pub(crate) cores: [f64; 3],
}

/// A way into the table of jobs, by id, newest first.
enum Way {
    /// Parts of three characters of the name.
    Name(String),
    State(&'static str),
    Pool(i64),
    Tenant,
    All,
}

impl JobFilter {
    fn takes(&self, row: &JobRow) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| *tenant == row.tenant)
            && self.pools.as_ref().is_none_or(|pools| row.pool.as_ref().is_some_and(|pool| pools.contains(pool)))
            && (self.states.is_empty() || self.states.contains(&row.state.as_str()))
            && self.name.as_ref().is_none_or(|name| *name == row.name)
            && self.from.is_none_or(|from| row.submitted >= from)
            && self.until.is_none_or(|until| row.submitted < until)
    }

    /// The shortest ways that together reach everything wanted.
    fn ways(&self, pools: Option<&[i64]>, tenant: Option<i64>) -> Vec<Way> {
        let text = self.search.as_deref().or(self.name.as_deref()).unwrap_or_default();
        let letters: Vec<char> = text.chars().collect();
        if letters.len() >= 3 {
            let parts: Vec<String> =
                letters.windows(3).map(|part| format!("\"{}\"", part.iter().collect::<String>().replace('"', "\"\""))).collect();
            return vec![Way::Name(parts.join(" AND "))];
        }
        // Most jobs are done or wait: whose they are, or where, says more.
        let rare = !self.states.is_empty() && !self.states.iter().any(|state| ["done", "waiting"].contains(state));
        match (pools, tenant) {
            _ if rare => self.states.iter().map(|state| Way::State(state)).collect(),
            (Some(pools), _) => pools.iter().map(|pool| Way::Pool(*pool)).collect(),
            (_, Some(_)) => vec![Way::Tenant],
            _ if !self.states.is_empty() => self.states.iter().map(|state| Way::State(state)).collect(),
            _ => vec![Way::All],
        }
    }
}

impl Way {
    /// The statement, whose last values are the first id, the id that is no more wanted, and how many.
    ///
    /// A plus sign before a column keeps SQLite from taking another way than the one meant.
    fn select(&self, filter: &JobFilter, pools: Option<&[i64]>, tenant: Option<i64>) -> (String, Vec<Value>) {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let mut when = |condition: String, value: Option<Value>| {
            values.extend(value);
            conditions.push(condition.replace('?', &format!("?{}", values.len())));
        };
        let (from, id) = match self {
            Way::Name(parts) => {
                when("job_name MATCH ?".to_owned(), Some(Value::Text(parts.clone())));
                (
                    JOB.replace("FROM job JOIN", "FROM job_name CROSS JOIN job ON job.id = job_name.rowid CROSS JOIN"),
                    "job_name.rowid",
                )
            }
            Way::State(state) => {
                let kind = if LIVE.contains(state) { LIVE } else { OVER };
                let names: Vec<String> = kind.iter().map(|state| format!("'{state}'")).collect();
                // As the index says it, so that SQLite sees that it holds.
                when(format!("job.state IN ({}) AND job.state = '{state}'", names.join(", ")), None);
                let index = if LIVE.contains(state) { "job_live" } else { "job_ended" };
                (JOB.replace("FROM job JOIN", &format!("FROM job INDEXED BY {index} CROSS JOIN")), "job.id")
            }
            Way::Pool(pool) => {
                when("job.pool = ?".to_owned(), Some(Value::Integer(*pool)));
                (JOB.replace("FROM job JOIN", "FROM job INDEXED BY job_pool CROSS JOIN"), "job.id")
            }
            Way::Tenant => {
                when("job.tenant = ?".to_owned(), tenant.map(Value::Integer));
                (JOB.replace("FROM job JOIN", "FROM job INDEXED BY job_tenant CROSS JOIN"), "job.id")
            }
            Way::All => (JOB.replace("FROM job JOIN", "FROM job CROSS JOIN"), "job.id"),
        };
        if !matches!(self, Way::Tenant)
            && let Some(tenant) = tenant
        {
            when("+job.tenant = ?".to_owned(), Some(Value::Integer(tenant)));
        }
        if !matches!(self, Way::Pool(_))
            && let Some(pools) = pools
        {
            let pools: Vec<String> = pools.iter().map(ToString::to_string).collect();
            when(format!("+job.pool IN ({})", pools.join(", ")), None);
        }
        if !matches!(self, Way::State(_)) && !filter.states.is_empty() {
            let names: Vec<String> = filter.states.iter().map(|state| format!("'{state}'")).collect();
            when(format!("+job.state IN ({})", names.join(", ")), None);
        }
        if let Some(name) = &filter.name {
            when("job.name = ?".to_owned(), Some(Value::Text(name.clone())));
        }
        if let Some(text) = &filter.search {
            when("instr(lower(job.name), lower(?)) > 0".to_owned(), Some(Value::Text(text.clone())));
        }
        let bounds = values.len();
        let sql = format!(
            "{from} WHERE {} {id} >= ?{} AND {id} < ?{} ORDER BY {id} DESC LIMIT ?{}",
            conditions.iter().map(|condition| format!("{condition} AND")).collect::<Vec<_>>().join(" "),
            bounds + 1,
            bounds + 2,
            bounds + 3
        );
        (sql, values)
    }
}

/// States of jobs that have not ended.
pub(crate) const LIVE: [&str; 4] = ["waiting", "placed", "running", "stopping"];
/// States of jobs that have.
pub(crate) const OVER: [&str; 4] = ["done", "failed", "cancelled", "lost"];

/// The first job that was submitted at an instant or later: ids and instants grow together.
fn first_since(connection: &Connection, at: Time) -> rusqlite::Result<i64> {
    let mut after = connection.prepare_cached("SELECT id, submitted FROM job WHERE id >= ?1 ORDER BY id LIMIT 1")?;
    let last: Option<i64> = connection.query_row("SELECT max(id) FROM job", [], |row| row.get(0))?;
    let (mut low, mut high) = (0_i64, last.unwrap_or(0) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, i64)> = after.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((id, submitted)) if submitted < at.0 => low = id + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

impl Reader {
    pub(crate) fn new(path: &Path) -> Reader {
        Reader { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    fn with<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_read_only(&self.path)?,
        };
        let outcome = read(&connection).map_err(|source| StoreFault::Sqlite { path: self.path.clone(), source });
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < 4 {
            idle.push(connection);
        }
        outcome
    }

    pub(crate) fn job(&self, id: JobId) -> Result<Option<JobRow>, StoreFault> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(&format!("{JOB} WHERE job.id = ?1"))?;
            select.query_row([id.0.cast_signed()], job_row).optional()
        })
    }

    /// What a provider charges for a job, if any attempt of it ran there.
    pub(crate) fn charged_by(&self, job: JobId, provider: &str) -> Result<Option<i64>, StoreFault> {
        self.with(|connection| {
            let select = "SELECT sum(price) FROM charge WHERE job = ?1 AND provider = ?2";
            connection.prepare_cached(select)?.query_row(rusqlite::params![job.0.cast_signed(), provider], |row| row.get(0))
        })
    }

    /// Where a job was last placed.
    pub(crate) fn place(&self, id: JobId) -> Result<Option<Place>, StoreFault> {
        self.with(|connection| {
            let select = "SELECT entry.body FROM job JOIN entry ON entry.seq = job.placed_seq WHERE job.id = ?1";
            let body = connection.prepare_cached(select)?.query_row([id.0.cast_signed()], |row| row.get::<_, String>(0));
            Ok(match body.optional()?.and_then(|body| serde_json::from_str(&body).ok()) {
                Some(Body::Fact(Fact::Placed(_, place))) => Some(std::sync::Arc::unwrap_or_clone(place)),
                _ => None,
            })
        })
    }

    /// Jobs, newest first.
    ///
    /// However many there are, no page is found by looking at all of them: each way into the table (a part of a name, a state, a pool, a
    /// tenant) has an index by id, and the pages of several ways are merged.
    pub(crate) fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreFault> {
        if let Some(id) = filter.search.as_deref().and_then(|text| text.trim().parse::<JobId>().ok()) {
            let row = self.job(id)?.filter(|row| filter.before.is_none_or(|before| row.id < before));
            return Ok(row.into_iter().filter(|row| filter.takes(row)).collect());
        }
        self.with(|connection| {
            let ids = |pool: &String| {
                connection.prepare_cached("SELECT id FROM pool WHERE name = ?1")?.query_row([pool], |row| row.get(0)).optional()
            };
            let pools: Option<Vec<i64>> = match &filter.pools {
                None => None,
                Some(pools) => Some(pools.iter().filter_map(|pool| ids(pool).transpose()).collect::<rusqlite::Result<_>>()?),
            };
            if pools.as_ref().is_some_and(Vec::is_empty) {
                return Ok(Vec::new());
            }
            let tenant: Option<i64> = match &filter.tenant {
                None => None,
                Some(name) => {
                    let id =
                        connection.prepare_cached("SELECT id FROM tenant WHERE name = ?1")?.query_row([name], |row| row.get(0));
                    let Some(id) = id.optional()? else { return Ok(Vec::new()) };
                    Some(id)
                }
            };
            let first = filter.from.map(|at| first_since(connection, at)).transpose()?;
            let until = filter.until.map(|at| first_since(connection, at)).transpose()?;
            let last = until.into_iter().chain(filter.before.map(|id| id.0.cast_signed())).min();
            let mut rows = Vec::new();
            for way in filter.ways(pools.as_deref(), tenant) {
                let (sql, mut values) = way.select(filter, pools.as_deref(), tenant);
                values.extend([first.unwrap_or(i64::MIN), last.unwrap_or(i64::MAX), i64::from(filter.limit)].map(Value::Integer));
                let mut select = connection.prepare_cached(&sql)?;
                let found = select.query_map(params_from_iter(values), job_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
                rows.extend(found);
            }
            rows.sort_by_key(|row: &JobRow| std::cmp::Reverse(row.id));
            rows.truncate(filter.limit as usize);
            Ok(rows)
        })
    }

    /// What a tenant (by name) or a provider is to pay or receive for jobs settled from `from` to `to`, exclusive.
    pub(crate) fn statement(
        &self,
        tenant: Option<&str>,
        provider: Option<&str>,
        from: Time,
        to: Time,
    ) -> Result<Vec<StatementRow>, StoreFault> {
        let (counterpart, condition, who) = match (tenant, provider) {
            (Some(tenant), _) => ("pool.provider", "tenant.name = ?1", tenant),
            (None, Some(provider)) => ("tenant.name", "pool.provider = ?1", provider),
            (None, None) => return Ok(Vec::new()),
        };
        let sql = format!(
            "SELECT pool.name, {counterpart}, count(DISTINCT used.job), sum(used.device_time), sum(used.core_time), sum(used.energy),
               CASE WHEN count(used.energy_cost) = count(*) THEN sum(used.energy_cost) END,
               CASE WHEN count(used.carbon) = count(*) THEN sum(used.carbon) END, sum(used.price), sum(used.fee)
             FROM (SELECT * FROM charge WHERE at >= ?2 AND at < ?3) AS used
             JOIN tenant ON tenant.id = used.tenant JOIN pool ON pool.id = used.pool
             WHERE {condition}
             GROUP BY pool.name, {counterpart} ORDER BY pool.name, {counterpart}"
        );
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let row = |row: &Row| {
                Ok(StatementRow {
                    pool: row.get(0)?,
                    counterpart: row.get(1)?,
                    jobs: row.get::<_, i64>(2)?.cast_unsigned(),
                    device_time: row.get(3)?,
                    core_time: row.get(4)?,
                    energy: row.get(5)?,
                    energy_cost: row.get(6)?,
                    carbon: row.get(7)?,
                    price: row.get(8)?,
                    fee: row.get(9)?,
                })
            };
            select.query_map(rusqlite::params![who, from.0, to.0], row)?.collect()
        })
    }

    /// What was charged and corrected from `from` to `to`, exclusive, in the order of the journal.
    pub(crate) fn charges(&self, from: Time, to: Time) -> Result<Vec<ChargeLine>, StoreFault> {
        let sql = format!("{CHARGES} WHERE charge.at >= ?1 AND charge.at < ?2 ORDER BY charge.seq");
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            select.query_map([from.0, to.0], charge_line)?.collect()
        })
    }

    /// The same lines, each with the bill of its entry.
    pub(crate) fn bills(&self, from: Time, to: Time) -> Result<Vec<(ChargeLine, Bill)>, StoreFault> {
        let lines = self.charges(from, to)?;
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT body FROM entry WHERE seq = ?1")?;
            let bill = |line: ChargeLine| {
                let body: String = select.query_row([line.entry.cast_signed()], |row| row.get(0))?;
                Ok((line, super::rows::bill_in(&body)?))
            };
            lines.into_iter().map(bill).collect()
        })
    }

    /// The lines of everybody's statements for a period, by tenant, provider and pool.
    pub(crate) fn all_statements(&self, from: Time, to: Time) -> Result<Vec<(String, StatementRow)>, StoreFault> {
        let sql = "SELECT tenant.name, pool.name, pool.provider, jobs, device_time, core_time, energy, energy_cost, carbon, price, fee FROM (
              SELECT tenant, pool, count(DISTINCT job) AS jobs, sum(device_time) AS device_time, sum(core_time) AS core_time,
                sum(energy) AS energy, CASE WHEN count(energy_cost) = count(*) THEN sum(energy_cost) END AS energy_cost,
                CASE WHEN count(carbon) = count(*) THEN sum(carbon) END AS carbon, sum(price) AS price, sum(fee) AS fee
              FROM charge WHERE at >= ?1 AND at < ?2 GROUP BY tenant, pool
            ) AS used JOIN tenant ON tenant.id = used.tenant JOIN pool ON pool.id = used.pool ORDER BY tenant.name, pool.name";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
                Ok((
                    row.get(0)?,
                    StatementRow {
                        pool: row.get(1)?,
                        counterpart: row.get(2)?,
                        jobs: row.get::<_, i64>(3)?.cast_unsigned(),
                        device_time: row.get(4)?,
                        core_time: row.get(5)?,
                        energy: row.get(6)?,
                        energy_cost: row.get(7)?,
                        carbon: row.get(8)?,
                        price: row.get(9)?,
                        fee: row.get(10)?,
                    },
                ))
            };
            select.query_map([from.0, to.0], row)?.collect()
        })
    }

    /// What was used and charged from `from` to `to`, exclusive, in all: attempts, device-milliseconds, energy, carbon by location and
    /// by market (`None` where unknown for any), price and fee.
    #[expect(clippy::type_complexity, reason = "a row of sums")]
    pub(crate) fn totals(&self, from: Time, to: Time) -> Result<(i64, i64, i64, Option<i64>, Option<i64>, i64, i64), StoreFault> {
        let sql = "SELECT coalesce(sum(of IS NULL), 0), coalesce(sum(device_time), 0), coalesce(sum(energy), 0),
              CASE WHEN count(carbon) = count(*) THEN coalesce(sum(carbon), 0) END,
              CASE WHEN count(carbon_market) = count(*) THEN coalesce(sum(carbon_market), 0) END,
              coalesce(sum(price), 0), coalesce(sum(fee), 0)
            FROM charge WHERE at >= ?1 AND at < ?2";
        self.with(|connection| {
            let row = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?));
            connection.prepare_cached(sql)?.query_row([from.0, to.0], row)
        })
    }

    /// Disputes about bills of a tenant or of a provider (by name), or this one of them; newest first.
    pub(crate) fn disputes(
        &self,
        tenant: Option<&str>,
        provider: Option<&str>,
        seq: Option<u64>,
    ) -> Result<Vec<DisputeRow>, StoreFault> {
        let sql = "SELECT dispute.seq, dispute.of, charge.job, charge.attempt, dispute.at, by, reason, judged, finding
            FROM dispute JOIN charge ON charge.seq = dispute.of JOIN tenant ON tenant.id = charge.tenant
            WHERE (?1 IS NULL OR tenant.name = ?1) AND (?2 IS NULL OR charge.provider = ?2) AND (?3 IS NULL OR dispute.seq = ?3)
            ORDER BY dispute.seq DESC LIMIT 1000";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
                Ok(DisputeRow {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    of: row.get::<_, i64>(1)?.cast_unsigned(),
                    job: JobId(row.get::<_, i64>(2)?.cast_unsigned()),
                    attempt: row.get(3)?,
                    at: Time(row.get(4)?),
                    by: row.get(5)?,
                    reason: row.get(6)?,
                    judged: row.get::<_, Option<i64>>(7)?.map(Time),
                    finding: row.get(8)?,
                })
            };
            select.query_map(rusqlite::params![tenant, provider, seq.map(u64::cast_signed)], row)?.collect()
        })
    }

    /// Every entry that tells of a job, and of disputes about its bills, in order.
    pub(crate) fn life(&self, job: JobId) -> Result<Vec<Entry>, StoreFault> {
        let sql = "SELECT entry.seq, entry.at, entry.body FROM entry WHERE seq IN (
              SELECT seq FROM life WHERE job = ?1
              UNION SELECT dispute.seq FROM dispute JOIN charge ON charge.seq = dispute.of WHERE charge.job = ?1)
            ORDER BY seq";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            select.query_map([job.0.cast_signed()], entry_row)?.collect()
        })
    }

    /// What was charged and corrected from `from` to `to`, exclusive, newest first: of one tenant, provider and pool where they are told.
    pub(crate) fn charge_page(&self, page: &ChargePage) -> Result<Vec<ChargeLine>, StoreFault> {
        // By number, newest first, along the index of whose they are; a plus sign keeps SQLite from sorting a whole month instead.
        let mut conditions = vec!["+charge.at >= ?1 AND +charge.at < ?2 AND charge.seq < ?3".to_owned()];
        let before = page.before.map_or(i64::MAX, u64::cast_signed);
        let mut values = vec![Value::Integer(page.from.0), Value::Integer(page.to.0), Value::Integer(before)];
        let told = [
            ("charge.tenant = (SELECT id FROM tenant WHERE name = ?)", &page.tenant),
            ("+charge.provider = ?", &page.provider),
            ("+charge.pool = (SELECT id FROM pool WHERE name = ?)", &page.pool),
        ];
        for (condition, wanted) in told {
            if let Some(wanted) = wanted {
                values.push(Value::Text(wanted.clone()));
                conditions.push(condition.replace('?', &format!("?{}", values.len())));
            }
        }
        values.push(Value::Integer(page.limit.into()));
        let sql = format!("{CHARGES} WHERE {} ORDER BY charge.seq DESC LIMIT ?{}", conditions.join(" AND "), values.len());
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            select.query_map(params_from_iter(values), charge_line)?.collect()
        })
    }

    /// How much of what was held from `from` on lies in which hour, by pool: device-milliseconds and milli-core-milliseconds, of attempts
    /// that are billed.
    pub(crate) fn load(&self, from: Time) -> Result<Vec<Load>, StoreFault> {
        // An attempt lies in its first hour, its last, and all of those between, by its length in each.
        let sql = "SELECT pool.name, (charge.at - run) / 3600000 AS first, charge.at / 3600000 AS last,
              sum(device_time * 1.0 * min(run, 3600000 - (charge.at - run) % 3600000) / run),
              sum(device_time * 3600000.0 / run), sum(device_time * (charge.at % 3600000 * 1.0) / run),
              sum(core_time * 1.0 * min(run, 3600000 - (charge.at - run) % 3600000) / run),
              sum(core_time * 3600000.0 / run), sum(core_time * (charge.at % 3600000 * 1.0) / run)
            FROM charge JOIN pool ON pool.id = charge.pool
            WHERE charge.at >= ?1 AND charge.of IS NULL AND run > 0 GROUP BY pool.name, first, last";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
                Ok(Load {
                    pool: row.get(0)?,
                    first: row.get(1)?,
                    last: row.get(2)?,
                    devices: [row.get(3)?, row.get(4)?, row.get(5)?],
                    cores: [row.get(6)?, row.get(7)?, row.get(8)?],
                })
            };
            select.query_map([from.0], row)?.collect()
        })
    }

    /// Everything behind a job's bills, each entry as it stands in the journal, with its hash and that of the one before it, so that
    /// anybody can prove it was not changed: what is said of the job itself, and the prices, factors and conditions of then.
    ///
    /// Of prices and conditions, those that the job's own tenant and providers know. `None` where `provider` asks and the job had attempts
    /// elsewhere.
    pub(crate) fn bundle(&self, job: JobId, provider: Option<&str>) -> Result<Option<serde_json::Value>, StoreFault> {
        let of_job = "SELECT seq, at, body, hash FROM entry WHERE seq IN (
              SELECT submit_seq FROM job WHERE id = ?1 UNION SELECT placed_seq FROM job WHERE id = ?1
              UNION SELECT seq FROM charge WHERE job = ?1 UNION SELECT of FROM charge WHERE job = ?1
              UNION SELECT dispute.seq FROM dispute JOIN charge ON charge.seq = dispute.of WHERE charge.job = ?1)
            OR seq IN (SELECT seq FROM life WHERE job = ?1)
            ORDER BY seq";
        let of_census =
            "SELECT seq, at, body, hash FROM entry WHERE seq <= coalesce((SELECT max(seq) FROM charge WHERE job = ?1), 0)
            AND (body LIKE '{\"Fact\":{\"Census\":{\"Tariff\"%' OR body LIKE '{\"Fact\":{\"Census\":{\"Conditions\"%'
              OR body LIKE '{\"Fact\":{\"Census\":{\"Green\"%' OR body LIKE '{\"Fact\":{\"Census\":{\"Effectiveness\"%'
              OR body LIKE '{\"Fact\":{\"Census\":{\"Hub\"%') ORDER BY seq";
        self.with(|connection| {
            let hex = |hash: Option<Vec<u8>>| hash.map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            let before = |seq: i64| -> rusqlite::Result<Option<String>> {
                let found: Option<Option<Vec<u8>>> =
                    connection.prepare_cached("SELECT hash FROM entry WHERE seq = ?1")?.query_row([seq - 1], |row| row.get(0)).optional()?;
                Ok(hex(found.flatten()))
            };
            let read = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<Vec<serde_json::Value>> {
                let mut select = connection.prepare_cached(sql)?;
                let mut rows = select.query(values)?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    let (seq, body): (i64, String) = (row.get(0)?, row.get(2)?);
                    all.push(serde_json::json!({
                        "seq": seq,
                        "at_ms": row.get::<_, i64>(1)?,
                        "at": Time(row.get(1)?).to_string(),
                        // The very bytes: the hash is of them.
                        "body": body,
                        "sha256_before": before(seq)?,
                        "sha256": hex(row.get(3)?),
                    }));
                }
                Ok(all)
            };
            let job_id = job.0.cast_signed();
            let mut select = connection.prepare_cached(
                "SELECT DISTINCT charge.provider, pool.name, tenant.name FROM charge JOIN pool ON pool.id = charge.pool
                 JOIN tenant ON tenant.id = charge.tenant WHERE charge.job = ?1",
            )?;
            let sides: Vec<(String, String, String)> =
                select.query_map([job_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
            if provider.is_some_and(|provider| sides.iter().any(|(other, ..)| other != provider)) {
                return Ok(None);
            }
            let concerns = |entry: &serde_json::Value| {
                let said: serde_json::Value = entry["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
                let said = &said["Fact"]["Census"];
                let own = |text: &serde_json::Value, pick: fn(&(String, String, String)) -> &String| {
                    text.as_str().is_some_and(|text| sides.iter().any(|side| pick(side) == text))
                };
                if let Some(terms) = said.get("Conditions") {
                    return own(&terms["provider"], |side| &side.0) && (terms["tenant"] == "*" || own(&terms["tenant"], |side| &side.2));
                }
                let scope = said["Tariff"]["scope"].as_str().or(said["Green"]["scope"].as_str()).unwrap_or_default();
                let of = scope.split('/').next().unwrap_or_default();
                match of.split_once(':') {
                    Some(("provider", id)) => sides.iter().any(|side| side.0 == id),
                    Some(("pool", name)) => sides.iter().any(|side| side.1 == name),
                    _ => true,
                }
            };
            let entries = read(of_job, &[&job_id])?;
            let rules: Vec<serde_json::Value> = read(of_census, &[&job_id])?.into_iter().filter(concerns).collect();
            let bill = super::sqlite::bill_of(connection, job, None)?.map(|(seq, bill, _)| serde_json::json!({ "entry": seq, "bill": bill }));
            Ok(Some(serde_json::json!({
                "job": job.to_string(),
                "stands": bill,
                "entries": entries,
                "rules": rules,
                "how_to_check": "sha256 = SHA-256(sha256_before as 32 bytes ‖ seq as 8 bytes, highest first ‖ at_ms likewise ‖ body in UTF-8); the first entry follows 32 zero bytes",
            })))
        })
    }

    /// Everything that the journal says of a row of the census, oldest first.
    pub(crate) fn history(&self, id: &measure::Name) -> Result<Vec<serde_json::Value>, StoreFault> {
        let sql = "SELECT seq, at, body FROM entry WHERE body LIKE '{\"Fact\":{\"Census\":%' AND (body LIKE ?1 OR body LIKE ?2) ORDER BY seq";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let mut rows = select.query([format!("%\"id\":\"{id}\"%"), format!("%Gone\":\"{id}\"%")])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let body: String = row.get(2)?;
                let said = serde_json::from_str::<serde_json::Value>(&body).map(|body| body["Fact"]["Census"].clone()).unwrap_or_default();
                all.push(serde_json::json!({ "entry": row.get::<_, i64>(0)?, "known_from": Time(row.get(1)?).to_string(), "said": said }));
            }
            Ok(all)
        })
    }

    /// The hub as it was at an instant.
    pub(crate) fn past(&self, until: Time) -> Result<Ledger, StoreFault> {
        fold_until(&self.path, until)
    }

    /// What jobs that ended from `from` to `to`, inclusive, were metered to do in that time, by pool and precision: of one that began
    /// before, the part of its run that lies in it.
    pub(crate) fn delivered(&self, from: Time, to: Time) -> Result<Vec<Delivered>, StoreFault> {
        let sql =
            "SELECT pool.name, charge.precision, sum(charge.delivered * min(1.0, (first.at - ?1) * 1.0 / max(first.run, 1))),
              sum(charge.of IS NULL AND charge.delivered IS NULL AND charge.run > 0)
            FROM charge first JOIN charge ON charge.seq = first.seq OR (charge.of = first.seq AND charge.job = first.job)
              JOIN pool ON pool.id = charge.pool
            WHERE first.at > ?1 AND first.at <= ?2 AND first.of IS NULL GROUP BY pool.name, charge.precision";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
                let precision: Option<String> = row.get(1)?;
                Ok(Delivered {
                    pool: row.get(0)?,
                    precision: precision.and_then(|text| text.parse().ok()),
                    mega: row.get::<_, Option<f64>>(2)?.unwrap_or(0.0).max(0.0) as u64,
                    unmetered: row.get::<_, i64>(3)? > 0,
                })
            };
            select.query_map([from.0, to.0], row)?.collect()
        })
    }

    /// Who is told of what happens, by name.
    pub(crate) fn webhooks(&self) -> Result<Vec<Webhook>, StoreFault> {
        let sql = "SELECT name, url, events, tenant, made, told, trouble FROM webhook ORDER BY name";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
                Ok(Webhook {
                    name: row.get(0)?,
                    url: row.get(1)?,
                    events: row.get::<_, String>(2)?.split(',').map(str::to_owned).collect(),
                    tenant: row.get(3)?,
                    made: Time(row.get(4)?),
                    told: row.get::<_, i64>(5)?.cast_unsigned(),
                    trouble: row.get(6)?,
                })
            };
            select.query_map([], row)?.collect()
        })
    }

    /// The entries after one, at most so many, and the names of what they tell of.
    #[expect(clippy::type_complexity, reason = "names of jobs, tenants and pools")]
    pub(crate) fn told_after(
        &self,
        seq: u64,
        most: u32,
    ) -> Result<(Vec<Entry>, Whose, BTreeMap<measure::TenantId, String>, BTreeMap<measure::PoolId, String>), StoreFault> {
        self.with(|connection| {
            let mut select = connection.prepare_cached("SELECT seq, at, body FROM entry WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let entries: Vec<Entry> =
                select.query_map(rusqlite::params![seq.cast_signed(), most], entry_row)?.collect::<rusqlite::Result<_>>()?;
            let mut whose = Whose::new();
            let sql = "SELECT job.name, tenant.name FROM job JOIN tenant ON tenant.id = job.tenant WHERE job.id = ?1";
            let mut of = connection.prepare_cached(sql)?;
            for job in entries.iter().filter_map(|entry| super::rows::job_of(&entry.body)) {
                if let std::collections::btree_map::Entry::Vacant(free) = whose.entry(job)
                    && let Some(known) = of.query_row([job.0.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?
                {
                    free.insert(known);
                }
            }
            let names = |sql: &str| -> rusqlite::Result<Vec<(u32, String)>> {
                connection.prepare_cached(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            };
            let tenants = names("SELECT id, name FROM tenant")?.into_iter().map(|(id, name)| (measure::TenantId(id), name));
            let pools = names("SELECT id, name FROM pool")?.into_iter().map(|(id, name)| (measure::PoolId(id), name));
            Ok((entries, whose, tenants.collect(), pools.collect()))
        })
    }

    /// The hash of the first entry, which no other hub has.
    pub(crate) fn first_hash(&self) -> Result<String, StoreFault> {
        let sql = "SELECT lower(hex(hash)) FROM entry ORDER BY seq LIMIT 1";
        self.with(|connection| connection.prepare_cached(sql)?.query_row([], |row| row.get(0)))
    }

    /// Pools of which an attempt was ever metered.
    pub(crate) fn metered(&self) -> Result<std::collections::BTreeSet<String>, StoreFault> {
        // One look a pool, not one a charge.
        let sql = "SELECT name FROM pool WHERE EXISTS (SELECT 1 FROM charge INDEXED BY charge_pool WHERE charge.pool = pool.id)";
        self.with(|connection| connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect())
    }

    /// Every account's movements in a period, and how many postings there were.
    pub(crate) fn book(&self, from: Time, to: Time) -> Result<(Vec<BookRow>, u64), StoreFault> {
        self.with(|connection| {
            let count = "SELECT count(*) FROM posting WHERE at >= ?1 AND at < ?2";
            let postings: i64 = connection.query_row(count, [from.0, to.0], |row| row.get(0))?;
            let mut select = connection.prepare_cached(
                "SELECT account, sum(received), sum(paid) FROM (
                   SELECT credit AS account, sum(amount) AS received, 0 AS paid FROM posting WHERE at >= ?1 AND at < ?2 GROUP BY credit
                   UNION ALL
                   SELECT debit, 0, sum(amount) FROM posting WHERE at >= ?1 AND at < ?2 GROUP BY debit
                 ) GROUP BY account ORDER BY account",
            )?;
            let row = |row: &Row| {
                let account: String = row.get(0)?;
                let account = account
                    .parse()
                    .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))?;
                Ok(BookRow { account, received: row.get(1)?, paid: row.get(2)? })
            };
            let rows = select.query_map([from.0, to.0], row)?.collect::<rusqlite::Result<_>>()?;
            Ok((rows, postings.cast_unsigned()))
        })
    }
}
