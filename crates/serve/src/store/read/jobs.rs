//! Finding jobs.

use dispatch::{Fact, Place, Spec};
use measure::{JobId, Time};
use settle::{Body, Entry};

use super::Reader;
use crate::store::sql::{Database, Outcome, Row, Trouble, Value, values};
use crate::store::{StoreFault, archive};

/// Which jobs to list, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobFilter {
    /// Only of one of these tenants, where they are told.
    pub(crate) tenants: Option<Vec<String>>,
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
    /// What was submitted; empty until [`specs`] has read it.
    pub(crate) spec: Spec,
    submit_seq: u64,
    /// How long attempts ran that were over before the job was, and when the last of them was.
    pub(crate) ran_before: Option<i64>,
    pub(crate) over_before: Option<Time>,
}

const JOB: &str = "SELECT job.id, job.name, tenant.name, job.state, pool.name, pool.provider, job.ask, job.\"end\", job.exit_code,
    job.submitted, job.placed, job.started, job.ended, job.run, job.cpu, job.peak_memory, job.energy, job.energy_source,
    job.carbon, CASE WHEN job.price IS NOT NULL THEN (SELECT CAST(coalesce(sum(price), 0) AS BIGINT) FROM charge WHERE charge.job = job.id) END, job.submit_seq,
    (SELECT CAST(sum(run) AS BIGINT) FROM charge WHERE charge.job = job.id AND charge.at < coalesce(job.ended, 9223372036854775807)),
    (SELECT max(at) FROM charge WHERE charge.job = job.id AND charge.at < coalesce(job.ended, 9223372036854775807))
  FROM job JOIN tenant ON tenant.id = job.tenant LEFT JOIN pool ON pool.id = job.pool";

fn job_row(row: &Row) -> Outcome<JobRow> {
    Ok(JobRow {
        id: JobId(row.get::<i64>(0)?.cast_unsigned()),
        name: row.get(1)?,
        tenant: row.get(2)?,
        state: row.get(3)?,
        pool: row.get(4)?,
        provider: row.get(5)?,
        ask: row.get(6)?,
        end: row.get::<Option<String>>(7)?.filter(|end| !end.is_empty()),
        exit_code: row.get(8)?,
        submitted: row.get(9)?,
        placed: row.get(10)?,
        started: row.get(11)?,
        ended: row.get(12)?,
        run: row.get(13)?,
        cpu: row.get(14)?,
        peak_memory: row.get(15)?,
        energy: row.get(16)?,
        energy_source: row.get(17)?,
        carbon: row.get(18)?,
        price: row.get(19)?,
        spec: Spec::default(),
        submit_seq: row.get::<i64>(20)?.cast_unsigned(),
        ran_before: row.get(21)?,
        over_before: row.get(22)?,
    })
}

/// Reads what was submitted, from the store or its archive.
fn specs(database: &Database, rows: &mut [JobRow]) -> Outcome<()> {
    let lines = archive::lines(database, rows.iter().map(|row| row.submit_seq))?;
    for row in rows {
        let line = lines.get(&row.submit_seq).ok_or_else(|| Trouble::Shape(format!("{} was never submitted", row.id)))?;
        let Body::Fact(Fact::Submitted(_, spec)) = archive::entry(line)?.body else {
            return Err(Trouble::Shape(format!("the entry by which {} was submitted is another", row.id)));
        };
        row.spec = std::sync::Arc::unwrap_or_clone(spec);
    }
    Ok(())
}

/// A way into the table of jobs, by id, newest first.
enum Way {
    /// Parts of three characters of the name.
    Name(String),
    State(&'static str),
    Pool(i64),
    Tenant(i64),
    All,
}

impl JobFilter {
    fn takes(&self, row: &JobRow) -> bool {
        self.tenants.as_ref().is_none_or(|tenants| tenants.contains(&row.tenant))
            && self.pools.as_ref().is_none_or(|pools| row.pool.as_ref().is_some_and(|pool| pools.contains(pool)))
            && (self.states.is_empty() || self.states.contains(&row.state.as_str()))
            && self.name.as_ref().is_none_or(|name| *name == row.name)
            && self.from.is_none_or(|from| row.submitted >= from)
            && self.until.is_none_or(|until| row.submitted < until)
    }

    /// The shortest ways that together reach everything wanted.
    fn ways(&self, pools: Option<&[i64]>, tenants: Option<&[i64]>) -> Vec<Way> {
        let text = self.search.as_deref().or(self.name.as_deref()).unwrap_or_default();
        if text.chars().nth(2).is_some() {
            return vec![Way::Name(text.to_owned())];
        }
        // Most jobs are done or wait: whose they are, or where, says more.
        let rare = !self.states.is_empty() && !self.states.iter().any(|state| ["done", "waiting"].contains(state));
        match (pools, tenants) {
            _ if rare => self.states.iter().map(|state| Way::State(state)).collect(),
            (Some(pools), _) => pools.iter().map(|pool| Way::Pool(*pool)).collect(),
            (_, Some(tenants)) => tenants.iter().map(|tenant| Way::Tenant(*tenant)).collect(),
            _ if !self.states.is_empty() => self.states.iter().map(|state| Way::State(state)).collect(),
            _ => vec![Way::All],
        }
    }
}

impl Way {
    /// The statement, whose last values are the first id, the id that is no more wanted, and how many.
    fn select(
        &self,
        database: &Database,
        filter: &JobFilter,
        pools: Option<&[i64]>,
        tenants: Option<&[i64]>,
    ) -> (String, Vec<Value>) {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let mut when = |condition: String, value: Option<Value>| {
            values.extend(value);
            conditions.push(condition.replace('?', &format!("?{}", values.len())));
        };
        let then = database.then_join();
        let by = |index: &str| JOB.replace("FROM job JOIN", &format!("FROM {} {then}", database.by_index("job", index)));
        let (from, id) = match self {
            Way::Name(text) => match database {
                Database::Sqlite(_) => {
                    when("job_name MATCH ?".to_owned(), Some(Value::Text(parts(text))));
                    let from = "FROM job_name CROSS JOIN job ON job.id = job_name.rowid CROSS JOIN";
                    (JOB.replace("FROM job JOIN", from), "job_name.rowid")
                }
                Database::Postgres(_) => {
                    when("lower(job.name) LIKE ?".to_owned(), Some(Value::Text(pattern(text))));
                    (JOB.to_owned(), "job.id")
                }
            },
            Way::State(state) => {
                let kind = if LIVE.contains(state) { LIVE } else { OVER };
                let names: Vec<String> = kind.iter().map(|state| format!("'{state}'")).collect();
                // As the index says it, so that it is seen to hold.
                when(format!("job.state IN ({}) AND job.state = '{state}'", names.join(", ")), None);
                (by(if LIVE.contains(state) { "job_live" } else { "job_ended" }), "job.id")
            }
            Way::Pool(pool) => {
                when("job.pool = ?".to_owned(), Some(Value::Integer(*pool)));
                (by("job_pool"), "job.id")
            }
            Way::Tenant(tenant) => {
                when("job.tenant = ?".to_owned(), Some(Value::Integer(*tenant)));
                (by("job_tenant"), "job.id")
            }
            Way::All => (JOB.replace("FROM job JOIN", &format!("FROM job {then}")), "job.id"),
        };
        let among = |ids: &[i64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if !matches!(self, Way::Tenant(_))
            && let Some(tenants) = tenants
        {
            when(format!("{} IN ({})", database.not_by("job.tenant"), among(tenants)), None);
        }
        if !matches!(self, Way::Pool(_))
            && let Some(pools) = pools
        {
            when(format!("{} IN ({})", database.not_by("job.pool"), among(pools)), None);
        }
        if !matches!(self, Way::State(_)) && !filter.states.is_empty() {
            let names: Vec<String> = filter.states.iter().map(|state| format!("'{state}'")).collect();
            when(format!("{} IN ({})", database.not_by("job.state"), names.join(", ")), None);
        }
        if let Some(name) = &filter.name {
            when("job.name = ?".to_owned(), Some(Value::Text(name.clone())));
        }
        if let Some(text) = &filter.search {
            match database {
                Database::Sqlite(_) => when("instr(lower(job.name), lower(?)) > 0".to_owned(), Some(Value::Text(text.clone()))),
                Database::Postgres(_) => when("lower(job.name) LIKE ?".to_owned(), Some(Value::Text(pattern(text)))),
            }
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

/// What is like a name with this text in it, for an index of parts of names.
fn pattern(text: &str) -> String {
    let plain = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}

/// A text in parts of three characters, all of which must be there.
fn parts(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let parts = letters.windows(3).map(|part| format!("\"{}\"", part.iter().collect::<String>().replace('"', "\"\"")));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// States of jobs that have not ended.
pub(crate) const LIVE: [&str; 4] = ["waiting", "placed", "running", "stopping"];
/// States of jobs that have.
pub(crate) const OVER: [&str; 4] = ["done", "failed", "cancelled", "lost"];

/// The first job that was submitted at an instant or later: ids and instants grow together.
fn first_since(database: &Database, at: Time) -> Outcome<i64> {
    let after = "SELECT id, submitted FROM job WHERE id >= ?1 ORDER BY id LIMIT 1";
    let last: Option<i64> = database.one("SELECT max(id) FROM job", &[])?;
    let (mut low, mut high) = (0_i64, last.unwrap_or(0) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match database.first(after, &values![middle], |row| Ok((row.get::<i64>(0)?, row.get::<Time>(1)?)))? {
            Some((id, submitted)) if submitted < at => low = id + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

impl Reader {
    pub(crate) fn job(&self, id: JobId) -> Result<Option<JobRow>, StoreFault> {
        self.with(|database| {
            let mut row = database.first(&format!("{JOB} WHERE job.id = ?1"), &values![id.0.cast_signed()], job_row)?;
            specs(database, row.as_mut_slice())?;
            Ok(row)
        })
    }

    /// Where a job was last placed.
    pub(crate) fn place(&self, id: JobId) -> Result<Option<Place>, StoreFault> {
        let select = "SELECT placed_seq FROM job WHERE id = ?1";
        self.with(|database| {
            let seq = database.first(select, &values![id.0.cast_signed()], |row| row.get::<Option<i64>>(0))?.flatten();
            let Some(seq) = seq else { return Ok(None) };
            let body = archive::body(database, seq.cast_unsigned())?;
            Ok(match serde_json::from_str(&body).ok() {
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
        self.with(|database| {
            let named = |table: &str, name: &String| {
                database.first(&format!("SELECT id FROM {table} WHERE name = ?1"), &values![name], |row| row.get::<i64>(0))
            };
            let known = |table: &str, names: &Option<Vec<String>>| -> Outcome<Option<Vec<i64>>> {
                let Some(names) = names else { return Ok(None) };
                names.iter().filter_map(|name| named(table, name).transpose()).collect::<Outcome<_>>().map(Some)
            };
            let (pools, tenants) = (known("pool", &filter.pools)?, known("tenant", &filter.tenants)?);
            if [&pools, &tenants].into_iter().flatten().any(Vec::is_empty) {
                return Ok(Vec::new());
            }
            let first = filter.from.map(|at| first_since(database, at)).transpose()?;
            let until = filter.until.map(|at| first_since(database, at)).transpose()?;
            let last = until.into_iter().chain(filter.before.map(|id| id.0.cast_signed())).min();
            let mut rows = Vec::new();
            for way in filter.ways(pools.as_deref(), tenants.as_deref()) {
                let (sql, mut values) = way.select(database, filter, pools.as_deref(), tenants.as_deref());
                values.extend([first.unwrap_or(i64::MIN), last.unwrap_or(i64::MAX), i64::from(filter.limit)].map(Value::Integer));
                rows.extend(database.all(&sql, &values, job_row)?);
            }
            rows.sort_by_key(|row: &JobRow| std::cmp::Reverse(row.id));
            rows.truncate(filter.limit as usize);
            specs(database, &mut rows)?;
            Ok(rows)
        })
    }

    /// Every entry that tells of a job, and of disputes about its bills, in order.
    pub(crate) fn life(&self, job: JobId) -> Result<Vec<Entry>, StoreFault> {
        let sql = "SELECT seq FROM life WHERE job = ?1
            UNION SELECT dispute.seq FROM dispute JOIN charge ON charge.seq = dispute.of WHERE charge.job = ?1 ORDER BY 1";
        self.with(|database| {
            let seqs = database.all(sql, &values![job.0.cast_signed()], |row| Ok(row.get::<i64>(0)?.cast_unsigned()))?;
            let lines = archive::lines(database, seqs.iter().copied())?;
            seqs.iter().filter_map(|seq| lines.get(seq)).map(archive::entry).collect()
        })
    }
}
