//! What jobs used, and what it costs whom.

use std::collections::BTreeSet;

use measure::{JobId, Precision, Time};
use settle::{Account, Bill};

use super::Reader;
use crate::export::ChargeLine;
use crate::store::schema::OF_CENSUS;
use crate::store::sql::{Outcome, Row, Trouble, Value, values};
use crate::store::{StoreFault, archive, hex};

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
    pub(crate) price: i64,
    pub(crate) fee: i64,
    pub(crate) emitted: Emitted,
}

/// What was emitted, by location and by market, and what would have been had all begun at once where it first fitted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Emitted {
    pub(crate) carbon: Option<i64>,
    pub(crate) market: Option<i64>,
    pub(crate) carbon_at_once: Option<i64>,
    pub(crate) market_at_once: Option<i64>,
}

/// What was used and charged in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) attempts: i64,
    pub(crate) device_time: i64,
    pub(crate) energy: i64,
    pub(crate) price: i64,
    pub(crate) fee: i64,
    pub(crate) emitted: Emitted,
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

const CHARGES: &str =
    "SELECT charge.seq, charge.of, charge.at, charge.job, job.name, charge.attempt, tenant.name, charge.provider, pool.name,
      charge.energy_source, charge.precision, charge.utilisation, charge.run, charge.device_time, charge.core_time, charge.cpu,
      charge.energy, charge.energy_cost, charge.carbon, charge.carbon_market, charge.price, charge.fee, charge.credit, charge.delivered,
      charge.carbon_at_once, charge.market_at_once
    FROM charge JOIN tenant ON tenant.id = charge.tenant JOIN pool ON pool.id = charge.pool LEFT JOIN job ON job.id = charge.job";

fn charge_line(row: &Row) -> Outcome<ChargeLine> {
    Ok(ChargeLine {
        entry: row.get::<i64>(0)?.cast_unsigned(),
        corrects: row.get::<Option<i64>>(1)?.map(i64::cast_unsigned),
        at: row.get(2)?,
        job: JobId(row.get::<i64>(3)?.cast_unsigned()),
        job_name: row.get::<Option<String>>(4)?.unwrap_or_default(),
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
        carbon_at_once: row.get(24)?,
        market_at_once: row.get(25)?,
    })
}

/// Which charges to list, newest first.
#[derive(Debug, Clone)]
pub(crate) struct ChargePage {
    /// Only of one of these tenants, where they are told.
    pub(crate) tenants: Option<Vec<String>>,
    pub(crate) provider: Option<String>,
    pub(crate) pool: Option<String>,
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// Only charges before this entry.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u32,
}

/// Marks for names, which are added to the values of a statement.
fn among(names: &[String], values: &mut Vec<Value>) -> String {
    let mark = |name: &String| {
        values.push(Value::Text(name.clone()));
        format!("?{}", values.len())
    };
    names.iter().map(mark).collect::<Vec<_>>().join(", ")
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

/// The sums of a statement's line, over rows of charges called `used`.
const SUMS: &str = "CAST(sum(used.device_time) AS BIGINT) AS device_time, CAST(sum(used.core_time) AS BIGINT) AS core_time,
    CAST(sum(used.energy) AS BIGINT) AS energy,
    CASE WHEN count(used.energy_cost) = count(*) THEN CAST(sum(used.energy_cost) AS BIGINT) END AS energy_cost,
    CAST(sum(used.price) AS BIGINT) AS price, CAST(sum(used.fee) AS BIGINT) AS fee";

/// What charges emitted and would have, by location and by market: nothing where it is unknown for any of them.
const EMITTED: &str = "CASE WHEN count(carbon) = count(*) THEN CAST(coalesce(sum(carbon), 0) AS BIGINT) END AS carbon,
    CASE WHEN count(carbon_market) = count(*) THEN CAST(coalesce(sum(carbon_market), 0) AS BIGINT) END AS carbon_market,
    CASE WHEN count(carbon_at_once) = count(*) THEN CAST(coalesce(sum(carbon_at_once), 0) AS BIGINT) END AS carbon_at_once,
    CASE WHEN count(market_at_once) = count(*) THEN CAST(coalesce(sum(market_at_once), 0) AS BIGINT) END AS market_at_once";

/// The columns of [`EMITTED`], of which this is the first.
fn emitted(row: &Row, at: usize) -> Outcome<Emitted> {
    let [carbon, market, carbon_at_once, market_at_once] = [at, at + 1, at + 2, at + 3];
    Ok(Emitted {
        carbon: row.get(carbon)?,
        market: row.get(market)?,
        carbon_at_once: row.get(carbon_at_once)?,
        market_at_once: row.get(market_at_once)?,
    })
}

/// A statement's line, whose first column is this one.
fn statement_row(row: &Row, at: usize) -> Outcome<StatementRow> {
    Ok(StatementRow {
        pool: row.get(at)?,
        counterpart: row.get(at + 1)?,
        jobs: row.get::<i64>(at + 2)?.cast_unsigned(),
        device_time: row.get(at + 3)?,
        core_time: row.get(at + 4)?,
        energy: row.get(at + 5)?,
        energy_cost: row.get(at + 6)?,
        price: row.get(at + 7)?,
        fee: row.get(at + 8)?,
        emitted: emitted(row, at + 9)?,
    })
}

impl Reader {
    /// What a provider charges for a job, if any attempt of it ran there.
    pub(crate) fn charged_by(&self, job: JobId, provider: &str) -> Result<Option<i64>, StoreFault> {
        let select = "SELECT CAST(sum(price) AS BIGINT) FROM charge WHERE job = ?1 AND provider = ?2";
        self.with(|database| database.one(select, &values![job.0.cast_signed(), provider]))
    }

    /// What a job's attempts emitted in all, and would have; those at a provider only where one is told.
    pub(crate) fn emitted(&self, job: JobId, provider: Option<&str>) -> Result<Option<Emitted>, StoreFault> {
        let sql =
            format!("SELECT {EMITTED} FROM charge WHERE job = ?1 AND provider = coalesce(?2, provider) HAVING count(*) > 0");
        self.with(|database| database.first(&sql, &values![job.0.cast_signed(), provider], |row| emitted(row, 0)))
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
            "SELECT pool.name, {counterpart}, count(DISTINCT used.job), {SUMS}, {EMITTED}
             FROM (SELECT * FROM charge WHERE at >= ?2 AND at < ?3) AS used
             JOIN tenant ON tenant.id = used.tenant JOIN pool ON pool.id = used.pool
             WHERE {condition} GROUP BY pool.name, {counterpart}"
        );
        self.with(|database| {
            let mut rows = database.all(&sql, &values![who, from, to], |row| statement_row(row, 0))?;
            rows.sort_by(|one, other| (&one.pool, &one.counterpart).cmp(&(&other.pool, &other.counterpart)));
            Ok(rows)
        })
    }

    /// What was charged and corrected from `from` to `to`, exclusive, in the order of the journal.
    pub(crate) fn charges(&self, from: Time, to: Time) -> Result<Vec<ChargeLine>, StoreFault> {
        let sql = format!("{CHARGES} WHERE charge.at >= ?1 AND charge.at < ?2 ORDER BY charge.seq");
        self.with(|database| database.all(&sql, &values![from, to], charge_line))
    }

    /// The same lines, each with the bill of its entry.
    pub(crate) fn bills(&self, from: Time, to: Time) -> Result<Vec<(ChargeLine, Bill)>, StoreFault> {
        let lines = self.charges(from, to)?;
        let select = "SELECT entry.seq, entry.body FROM charge JOIN entry ON entry.seq = charge.seq
            WHERE charge.at >= ?1 AND charge.at < ?2 ORDER BY charge.seq";
        self.with(|database| {
            let bills = database.all(select, &values![from, to], |row| {
                Ok((row.get::<i64>(0)?.cast_unsigned(), crate::store::rows::bill_in(row.get(1)?)?))
            })?;
            // A charge that came in between the two questions is in the second only.
            let mut bills = bills.into_iter().peekable();
            let with_bill = lines.into_iter().map(|line| {
                let found = bills.by_ref().find(|(seq, _)| *seq == line.entry);
                let (_, bill) = found.ok_or_else(|| Trouble::Shape(format!("entry {} has gone", line.entry)))?;
                Ok((line, bill))
            });
            with_bill.collect()
        })
    }

    /// The lines of everybody's statements for a period, by tenant, provider and pool.
    pub(crate) fn all_statements(&self, from: Time, to: Time) -> Result<Vec<(String, StatementRow)>, StoreFault> {
        let sql = format!(
            "SELECT tenant.name, pool.name, pool.provider, jobs, device_time, core_time, energy, energy_cost, price, fee,
              carbon, carbon_market, carbon_at_once, market_at_once FROM (
              SELECT tenant, pool, count(DISTINCT job) AS jobs, {SUMS}, {EMITTED} FROM charge AS used WHERE at >= ?1 AND at < ?2 GROUP BY tenant, pool
            ) AS used JOIN tenant ON tenant.id = used.tenant JOIN pool ON pool.id = used.pool"
        );
        self.with(|database| {
            let mut rows = database.all(&sql, &values![from, to], |row| Ok((row.get::<String>(0)?, statement_row(row, 1)?)))?;
            rows.sort_by(|one, other| (&one.0, &one.1.pool).cmp(&(&other.0, &other.1.pool)));
            Ok(rows)
        })
    }

    /// What was used and charged from `from` to `to`, exclusive, in all: attempts, device-milliseconds, energy, carbon, price and fee.
    pub(crate) fn totals(&self, from: Time, to: Time) -> Result<Totals, StoreFault> {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE of IS NULL), CAST(coalesce(sum(device_time), 0) AS BIGINT),
              CAST(coalesce(sum(energy), 0) AS BIGINT),
              CAST(coalesce(sum(price), 0) AS BIGINT), CAST(coalesce(sum(fee), 0) AS BIGINT), {EMITTED}
            FROM charge WHERE at >= ?1 AND at < ?2"
        );
        self.with(|database| {
            let found = database.first(&sql, &values![from, to], |row| {
                Ok(Totals {
                    attempts: row.get(0)?,
                    device_time: row.get(1)?,
                    energy: row.get(2)?,
                    price: row.get(3)?,
                    fee: row.get(4)?,
                    emitted: emitted(row, 5)?,
                })
            })?;
            found.ok_or_else(|| Trouble::Shape("there are no totals".to_owned()))
        })
    }

    /// Disputes about bills of tenants or of a provider (by name), or this one of them; newest first.
    pub(crate) fn disputes(
        &self,
        tenants: Option<&[String]>,
        provider: Option<&str>,
        seq: Option<u64>,
    ) -> Result<Vec<DisputeRow>, StoreFault> {
        let mut all = values![provider, seq.map(u64::cast_signed)].to_vec();
        let of = tenants.map_or_else(String::new, |names| format!("AND tenant.name IN ({})", among(names, &mut all)));
        let sql = format!(
            "SELECT dispute.seq, dispute.of, charge.job, charge.attempt, dispute.at, dispute.by, reason, judged, finding
            FROM dispute JOIN charge ON charge.seq = dispute.of JOIN tenant ON tenant.id = charge.tenant
            WHERE (CAST(?1 AS TEXT) IS NULL OR charge.provider = ?1) AND (CAST(?2 AS BIGINT) IS NULL OR dispute.seq = ?2) {of}
            ORDER BY dispute.seq DESC LIMIT 1000"
        );
        self.with(|database| {
            database.all(&sql, &all, |row| {
                Ok(DisputeRow {
                    seq: row.get::<i64>(0)?.cast_unsigned(),
                    of: row.get::<i64>(1)?.cast_unsigned(),
                    job: JobId(row.get::<i64>(2)?.cast_unsigned()),
                    attempt: row.get(3)?,
                    at: row.get(4)?,
                    by: row.get(5)?,
                    reason: row.get(6)?,
                    judged: row.get(7)?,
                    finding: row.get(8)?,
                })
            })
        })
    }

    /// What was charged and corrected from `from` to `to`, exclusive, newest first: of some tenants, a provider and a pool where they are
    /// told.
    pub(crate) fn charge_page(&self, page: &ChargePage) -> Result<Vec<ChargeLine>, StoreFault> {
        let Some(tenants) = &page.tenants else { return self.charges_of(page, None) };
        // Each tenant's own page, along its index; of those the newest.
        let mut lines = Vec::new();
        for tenant in tenants {
            lines.extend(self.charges_of(page, Some(tenant))?);
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.entry));
        lines.truncate(page.limit as usize);
        Ok(lines)
    }

    fn charges_of(&self, page: &ChargePage, tenant: Option<&String>) -> Result<Vec<ChargeLine>, StoreFault> {
        self.with(|database| {
            // By number, newest first, along the index of whose they are, rather than by sorting a whole month.
            let at = database.not_by("charge.at");
            let mut conditions = vec![format!("{at} >= ?1 AND {at} < ?2 AND charge.seq < ?3")];
            let before = page.before.map_or(i64::MAX, u64::cast_signed);
            let mut all = values![page.from, page.to, before].to_vec();
            let told = [
                ("charge.tenant = (SELECT id FROM tenant WHERE name = ?)".to_owned(), tenant),
                (format!("{} = ?", database.not_by("charge.provider")), page.provider.as_ref()),
                (format!("{} = (SELECT id FROM pool WHERE name = ?)", database.not_by("charge.pool")), page.pool.as_ref()),
            ];
            for (condition, wanted) in told {
                if let Some(wanted) = wanted {
                    all.push(Value::Text(wanted.clone()));
                    conditions.push(condition.replace('?', &format!("?{}", all.len())));
                }
            }
            all.push(Value::Integer(page.limit.into()));
            let sql = format!("{CHARGES} WHERE {} ORDER BY charge.seq DESC LIMIT ?{}", conditions.join(" AND "), all.len());
            database.all(&sql, &all, charge_line)
        })
    }

    /// How much of what was held from `from` on lies in which hour, by pool: device-milliseconds and milli-core-milliseconds, of attempts
    /// that are billed.
    pub(crate) fn load(&self, from: Time) -> Result<Vec<Load>, StoreFault> {
        // An attempt lies in its first hour, its last, and all of those between, by its length in each.
        let in_first =
            "CASE WHEN run < 3600000 - (charge.at - run) % 3600000 THEN run ELSE 3600000 - (charge.at - run) % 3600000 END";
        let real = |sum: String| format!("CAST(sum({sum}) AS DOUBLE PRECISION)");
        let three = |what: &str| {
            let parts = [
                format!("{what} * 1.0 * ({in_first}) / run"),
                format!("{what} * 3600000.0 / run"),
                format!("{what} * (charge.at % 3600000 * 1.0) / run"),
            ];
            parts.map(real).join(", ")
        };
        let sql = format!(
            "SELECT pool.name, (charge.at - run) / 3600000 AS first_hour, charge.at / 3600000 AS last_hour, {}, {}
            FROM charge JOIN pool ON pool.id = charge.pool
            WHERE charge.at >= ?1 AND charge.of IS NULL AND run > 0 GROUP BY pool.name, first_hour, last_hour",
            three("device_time"),
            three("core_time")
        );
        self.with(|database| {
            database.all(&sql, &values![from], |row| {
                Ok(Load {
                    pool: row.get(0)?,
                    first: row.get(1)?,
                    last: row.get(2)?,
                    devices: [row.get(3)?, row.get(4)?, row.get(5)?],
                    cores: [row.get(6)?, row.get(7)?, row.get(8)?],
                })
            })
        })
    }

    /// Everything behind a job's bills, each entry as it stands in the journal, with its hash and that of the one before it, so that
    /// anybody can prove it was not changed: what is said of the job itself, and the prices, factors and conditions of then.
    ///
    /// Of prices and conditions, those that the job's own tenant and providers know. `None` where `provider` asks and the job had attempts
    /// elsewhere.
    pub(crate) fn bundle(&self, job: JobId, provider: Option<&str>) -> Result<Option<serde_json::Value>, StoreFault> {
        let of_job = "SELECT seq FROM life WHERE job = ?1 UNION SELECT seq FROM charge WHERE job = ?1
            UNION SELECT dispute.seq FROM dispute JOIN charge ON charge.seq = dispute.of WHERE charge.job = ?1 ORDER BY 1";
        let of_census = format!(
            "SELECT seq FROM entry WHERE seq <= coalesce((SELECT max(seq) FROM charge WHERE job = ?1), 0) AND {OF_CENSUS}
            AND (body LIKE '{{\"Fact\":{{\"Census\":{{\"Tariff\"%' OR body LIKE '{{\"Fact\":{{\"Census\":{{\"Conditions\"%'
              OR body LIKE '{{\"Fact\":{{\"Census\":{{\"Green\"%' OR body LIKE '{{\"Fact\":{{\"Census\":{{\"Effectiveness\"%'
              OR body LIKE '{{\"Fact\":{{\"Census\":{{\"Hub\"%') ORDER BY seq"
        );
        self.with(|database| {
            let job_id = job.0.cast_signed();
            let read = |sql: &str| -> Outcome<Vec<serde_json::Value>> {
                let seqs = database.all(sql, &values![job_id], |row| Ok(row.get::<i64>(0)?.cast_unsigned()))?;
                let lines = archive::lines(database, seqs.iter().copied())?;
                let linked = seqs.iter().flat_map(|seq| [seq - 1, *seq]).collect();
                let hashes = archive::hashes(database, &linked)?;
                let told = |seq: u64| hashes.get(&seq).map(|hash| hex(hash));
                let entry = |line: &archive::Line| {
                    serde_json::json!({
                        "seq": line.seq,
                        "at_ms": line.at.0,
                        "at": line.at.to_string(),
                        // The very bytes: the hash is of them.
                        "body": line.body,
                        "sha256_before": told(line.seq - 1),
                        "sha256": told(line.seq),
                    })
                };
                Ok(seqs.iter().filter_map(|seq| lines.get(seq)).map(entry).collect())
            };
            let sides = "SELECT DISTINCT charge.provider, pool.name, tenant.name FROM charge JOIN pool ON pool.id = charge.pool
                 JOIN tenant ON tenant.id = charge.tenant WHERE charge.job = ?1";
            let sides: Vec<(String, String, String)> =
                database.all(sides, &values![job_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
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
            let entries = read(of_job)?;
            let rules: Vec<serde_json::Value> = read(&of_census)?.into_iter().filter(concerns).collect();
            let bill = crate::store::journal::bill_of(database, job, None)?;
            let bill = bill.map(|(seq, bill, _)| serde_json::json!({ "entry": seq, "bill": bill }));
            Ok(Some(serde_json::json!({
                "job": job.to_string(),
                "stands": bill,
                "entries": entries,
                "rules": rules,
                "how_to_check": "sha256 = SHA-256(sha256_before as 32 bytes ‖ seq as 8 bytes, highest first ‖ at_ms likewise ‖ body in UTF-8); the first entry follows 32 zero bytes",
            })))
        })
    }

    /// What jobs that ended from `from` to `to`, inclusive, were metered to do in that time, by pool and precision: of one that began
    /// before, the part of its run that lies in it.
    pub(crate) fn delivered(&self, from: Time, to: Time) -> Result<Vec<Delivered>, StoreFault> {
        let sql = "SELECT pool.name, charge.precision, CAST(sum(charge.delivered * CASE
                WHEN first.at - ?1 >= first.run THEN 1.0 ELSE (first.at - ?1) * 1.0 / first.run END) AS DOUBLE PRECISION),
              count(*) FILTER (WHERE charge.of IS NULL AND charge.delivered IS NULL AND charge.run > 0)
            FROM charge AS first JOIN charge ON charge.seq = first.seq OR (charge.of = first.seq AND charge.job = first.job)
              JOIN pool ON pool.id = charge.pool
            WHERE first.at > ?1 AND first.at <= ?2 AND first.of IS NULL GROUP BY pool.name, charge.precision";
        self.with(|database| {
            database.all(sql, &values![from, to], |row| {
                Ok(Delivered {
                    pool: row.get(0)?,
                    precision: row.get::<Option<&str>>(1)?.and_then(|text| text.parse().ok()),
                    mega: row.get::<Option<f64>>(2)?.unwrap_or(0.0).max(0.0) as u64,
                    unmetered: row.get::<i64>(3)? > 0,
                })
            })
        })
    }

    /// Pools of which an attempt was ever metered.
    pub(crate) fn metered(&self) -> Result<BTreeSet<String>, StoreFault> {
        self.with(|database| {
            // One look a pool, not one a charge.
            let charges = database.by_index("charge", "charge_pool");
            let sql = format!("SELECT name FROM pool WHERE EXISTS (SELECT 1 FROM {charges} WHERE charge.pool = pool.id)");
            Ok(database.all(&sql, &[], |row| row.get(0))?.into_iter().collect())
        })
    }

    /// Every account's movements in a period, and how many postings there were.
    pub(crate) fn book(&self, from: Time, to: Time) -> Result<(Vec<BookRow>, u64), StoreFault> {
        let select = "SELECT account, CAST(sum(received) AS BIGINT), CAST(sum(paid) AS BIGINT) FROM (
               SELECT credit AS account, sum(amount) AS received, 0 AS paid FROM posting WHERE at >= ?1 AND at < ?2 GROUP BY credit
               UNION ALL
               SELECT debit, 0, sum(amount) FROM posting WHERE at >= ?1 AND at < ?2 GROUP BY debit
             ) AS moved GROUP BY account";
        self.with(|database| {
            let count = "SELECT count(*) FROM posting WHERE at >= ?1 AND at < ?2";
            let postings: i64 = database.one(count, &values![from, to])?;
            let mut rows = database.all(select, &values![from, to], |row| {
                let account: String = row.get(0)?;
                let known: Account = account.parse().map_err(|_| Trouble::Shape(format!("`{account}` is no account")))?;
                Ok((account, BookRow { account: known, received: row.get(1)?, paid: row.get(2)? }))
            })?;
            rows.sort_by(|one, other| one.0.cmp(&other.0));
            Ok((rows.into_iter().map(|(_, row)| row).collect(), postings.cast_unsigned()))
        })
    }
}
