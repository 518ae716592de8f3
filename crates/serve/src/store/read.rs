//! Reading the tables beside the live writer.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use dispatch::{Fact, Place, Spec};
use measure::{JobId, Precision, Time};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};
use settle::{Account, Bill, Body, Ledger};

use super::StoreFault;
use super::sqlite::{fold_until, open_read_only};
use crate::export::ChargeLine;

/// A few connections that change nothing.
pub(crate) struct Reader {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// Which jobs to list, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobFilter {
    pub(crate) tenant: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) pool: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) name: Option<String>,
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
    pub(crate) fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreFault> {
        let mut conditions = vec!["1 = 1".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let mut when = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                conditions.push(condition.replace('?', &format!("?{}", values.len())));
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        when("job.tenant = (SELECT id FROM tenant WHERE name = ?)", text(&filter.tenant));
        when("pool.provider = ?", text(&filter.provider));
        when("pool.name = ?", text(&filter.pool));
        // The names of live states are written out so that their own index serves them.
        let live = filter.state.as_deref().filter(|state| ["waiting", "placed", "running", "stopping"].contains(state));
        match live {
            Some(state) => when(&format!("job.state = '{state}' AND 1 = ?"), Some(Value::Integer(1))),
            None => when("job.state = ?", text(&filter.state)),
        }
        when("job.name = ?", text(&filter.name));
        when("job.id < ?", filter.before.map(|id| Value::Integer(id.0.cast_signed())));
        values.push(Value::Integer(i64::from(filter.limit)));
        let sql = format!("{JOB} WHERE {} ORDER BY job.id DESC LIMIT ?{}", conditions.join(" AND "), values.len());
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            select.query_map(params_from_iter(values), job_row)?.collect()
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
        let sql = "SELECT charge.seq, charge.of, charge.at, charge.job, job.name, charge.attempt, tenant.name, charge.provider, pool.name,
              charge.energy_source, charge.precision, charge.utilisation, charge.run, charge.device_time, charge.core_time, charge.cpu,
              charge.energy, charge.energy_cost, charge.carbon, charge.carbon_market, charge.price, charge.fee, charge.credit, charge.delivered
            FROM charge JOIN tenant ON tenant.id = charge.tenant JOIN pool ON pool.id = charge.pool LEFT JOIN job ON job.id = charge.job
            WHERE charge.at >= ?1 AND charge.at < ?2 ORDER BY charge.seq";
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let row = |row: &Row| {
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
            };
            select.query_map([from.0, to.0], row)?.collect()
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
            OR (seq >= (SELECT submit_seq FROM job WHERE id = ?1)
              AND seq <= (SELECT max(seq) FROM charge WHERE job = ?1) AND (body LIKE ?2 OR body LIKE ?3 OR body LIKE ?4 OR body LIKE ?5
                OR body LIKE ?6))
            ORDER BY seq";
        let of_census =
            "SELECT seq, at, body, hash FROM entry WHERE seq <= coalesce((SELECT max(seq) FROM charge WHERE job = ?1), 0)
            AND (body LIKE '{\"Fact\":{\"Census\":{\"Tariff\"%' OR body LIKE '{\"Fact\":{\"Census\":{\"Conditions\"%'
              OR body LIKE '{\"Fact\":{\"Census\":{\"Green\"%' OR body LIKE '{\"Fact\":{\"Census\":{\"Effectiveness\"%'
              OR body LIKE '{\"Fact\":{\"Census\":{\"Hub\"%') ORDER BY seq";
        let likes =
            ["Placed", "Started", "StopWanted", "Ended", "Yielded"].map(|fact| format!("{{\"Fact\":{{\"{fact}\":[{},%", job.0));
        let likes =
            likes.map(|like| if like.contains("Started") { format!("{{\"Fact\":{{\"Started\":{}}}}}", job.0) } else { like });
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
            let [a, b, c, d, e] = &likes;
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
            let entries = read(of_job, &[&job_id, a, b, c, d, e])?;
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
