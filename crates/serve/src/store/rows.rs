//! From entries to the tables people read: one update a job and batch, however many things happened to it.

use std::collections::BTreeMap;

use dispatch::{End, Fact};
use measure::{JobId, PoolId, Time};
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};
use settle::{Account, Bill, Body, Correction, Entry, Posting};

/// What a batch changes of one job.
#[derive(Default)]
struct JobChange {
    state: Option<&'static str>,
    place: Option<(PoolId, u8, Time, u64)>,
    started: Option<Time>,
    ended: Option<(String, Option<i32>, Time)>,
    bill: Option<(Time, Box<Bill>)>,
}

/// Collects a batch's changes.
pub(super) struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    jobs: BTreeMap<JobId, JobChange>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>) -> Rows<'a> {
        Rows { transaction, jobs: BTreeMap::new() }
    }

    /// Takes an entry in.
    pub(super) fn take(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let at = entry.at;
        live(self.transaction, entry)?;
        match &entry.body {
            Body::Fact(Fact::Admitted(id, name)) => {
                let mut insert = self.transaction.prepare_cached("INSERT OR REPLACE INTO tenant (id, name) VALUES (?1, ?2)")?;
                insert.execute(params![id.0, name.as_str()])?;
            }
            Body::Fact(Fact::Joined(id, join)) => {
                let mut insert =
                    self.transaction.prepare_cached("INSERT OR REPLACE INTO pool (id, name, provider) VALUES (?1, ?2, ?3)")?;
                insert.execute(params![id.0, join.name.as_str(), join.provider.as_str()])?;
            }
            Body::Fact(Fact::Submitted(id, spec)) => {
                let mut insert = self.transaction.prepare_cached(
                    "INSERT INTO job (id, tenant, name, submit_seq, state, submitted) VALUES (?1, ?2, ?3, ?4, 'waiting', ?5)",
                )?;
                insert.execute(params![id.0.cast_signed(), spec.tenant.0, spec.name, entry.seq.cast_signed(), at.0])?;
                let mut insert = self.transaction.prepare_cached("INSERT INTO job_name (rowid, name) VALUES (?1, ?2)")?;
                insert.execute(params![id.0.cast_signed(), spec.name])?;
            }
            Body::Fact(Fact::Placed(id, place)) => {
                let job = self.job(*id, "placed");
                job.place = Some((place.pool, place.ask, at, entry.seq));
            }
            Body::Fact(Fact::Started(id)) => self.job(*id, "running").started = Some(at),
            Body::Fact(Fact::StopWanted(id, _)) => drop(self.job(*id, "stopping")),
            Body::Fact(Fact::Ended(id, end, _)) => {
                let told = match end {
                    End::Exited(0) => String::new(),
                    end => end.to_string(),
                };
                self.job(*id, end.state()).ended = Some((told, end.exit_code(), at));
            }
            Body::Fact(Fact::Yielded(id, ..)) => drop(self.job(*id, "waiting")),
            Body::Settled(bill) | Body::Attempted(bill) => {
                if matches!(entry.body, Body::Settled(_)) {
                    self.jobs.entry(bill.job).or_default().bill = Some((at, Box::new(bill.clone())));
                }
                charge(self.transaction, entry, None, bill)?;
                self.post(entry, &bill.postings)?;
            }
            Body::Corrected(correction) => {
                let Correction { reversed, bill, .. } = &**correction;
                charge(self.transaction, entry, Some(correction.of), bill)?;
                let settled = "SELECT count(*) FROM job WHERE id = ?1 AND settled IS NOT NULL";
                let settled: i64 = self.transaction.query_row(settled, [bill.job.0.cast_signed()], |row| row.get(0))?;
                let newer = "SELECT count(*) FROM charge WHERE job = ?1 AND attempt > ?2";
                let newer: i64 =
                    self.transaction.query_row(newer, [bill.job.0.cast_signed(), i64::from(bill.attempt)], |row| row.get(0))?;
                // What a job's own row tells is of its last attempt.
                if settled > 0 && newer == 0 {
                    self.jobs.entry(bill.job).or_default().bill = Some((at, Box::new(bill.clone())));
                }
                let all: Vec<Posting> = reversed.iter().chain(&bill.postings).cloned().collect();
                self.post(entry, &all)?;
            }
            Body::Disputed(dispute) => {
                let mut insert = self
                    .transaction
                    .prepare_cached("INSERT INTO dispute (seq, of, at, by, reason) VALUES (?1, ?2, ?3, ?4, ?5)")?;
                insert.execute(params![entry.seq.cast_signed(), dispute.of.cast_signed(), at.0, dispute.by, dispute.reason])?;
            }
            Body::Judged(verdict) => {
                let mut update =
                    self.transaction.prepare_cached("UPDATE dispute SET judged = ?2, finding = ?3 WHERE seq = ?1")?;
                update.execute(params![verdict.dispute.cast_signed(), at.0, verdict.finding])?;
            }
            Body::Granted(tenant, credit, _) => {
                let (debit, to) = (Account::Grants, Account::Credit(*tenant));
                self.post(entry, &[Posting { job: JobId(0), debit, credit: to, amount: credit.left }])?;
            }
            Body::Expired(tenant, left) => {
                let (debit, credit) = (Account::Credit(*tenant), Account::Grants);
                self.post(entry, &[Posting { job: JobId(0), debit, credit, amount: *left }])?;
            }
            Body::Fact(
                Fact::Census(_) | Fact::Seen(..) | Fact::Occupied(..) | Fact::Served(..) | Fact::Contact(..) | Fact::Settled(_),
            ) => {}
            Body::Fact(Fact::Data(..) | Fact::Hosted(..) | Fact::HostContact(..) | Fact::Heard(..)) => {}
            Body::Fact(Fact::Expected(..) | Fact::Reserved(..) | Fact::Closed(..) | Fact::Limited(..) | Fact::Arranged(..)) => {}
            Body::Fact(
                Fact::HalfLife(..)
                | Fact::Funded(..)
                | Fact::Drawn(..)
                | Fact::Tried(..)
                | Fact::Remembered(..)
                | Fact::Demanded(..),
            ) => {}
            Body::Fact(Fact::Counted { .. }) | Body::Carried(..) | Body::Credits(..) => {}
        }
        Ok(())
    }

    fn post(&self, entry: &Entry, postings: &[Posting]) -> rusqlite::Result<()> {
        let mut insert = self
            .transaction
            .prepare_cached("INSERT INTO posting (seq, n, at, job, debit, credit, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        for (n, posting) in postings.iter().enumerate() {
            let (debit, credit) = (posting.debit.to_string(), posting.credit.to_string());
            let job = posting.job.0.cast_signed();
            insert.execute(params![entry.seq.cast_signed(), n as i64, entry.at.0, job, debit, credit, posting.amount.0])?;
        }
        Ok(())
    }

    fn job(&mut self, id: JobId, state: &'static str) -> &mut JobChange {
        let job = self.jobs.entry(id).or_default();
        job.state = Some(state);
        job
    }

    /// Writes every change.
    pub(super) fn write(self) -> rusqlite::Result<()> {
        let mut life = self.transaction.prepare_cached(
            "UPDATE job SET state = coalesce(?2, state), pool = coalesce(?3, pool), ask = coalesce(?4, ask),
               placed = coalesce(?5, placed), started = coalesce(?6, started), end = coalesce(?7, end),
               exit_code = coalesce(?8, exit_code), ended = coalesce(?9, ended), placed_seq = coalesce(?10, placed_seq) WHERE id = ?1",
        )?;
        let mut money = self.transaction.prepare_cached(
            "UPDATE job SET provider = ?2, settled = ?3, run = ?4, device_time = ?5, core_time = ?6, cpu = ?7, peak_memory = ?8,
               energy = ?9, energy_source = ?10, energy_cost = ?11, carbon = ?12, price = ?13, fee = ?14 WHERE id = ?1",
        )?;
        for (id, job) in self.jobs {
            let id = id.0.cast_signed();
            if job.state.is_some() {
                let (pool, ask, placed, seq) = match job.place {
                    Some((pool, ask, at, seq)) => (Some(pool.0), Some(ask), Some(at.0), Some(seq.cast_signed())),
                    None => (None, None, None, None),
                };
                let (end, code, ended) = job.ended.map_or((None, None, None), |(end, code, at)| (Some(end), code, Some(at.0)));
                life.execute(params![id, job.state, pool, ask, placed, job.started.map(|at| at.0), end, code, ended, seq])?;
            }
            if let Some((at, bill)) = job.bill {
                let provider = bill.place.as_ref().map(|(_, provider)| provider.as_str());
                let fee = bill.fee().0;
                let source = source(bill.energy_source);
                money.execute(params![
                    id,
                    provider,
                    at.0,
                    bill.run.0,
                    bill.devices.0,
                    bill.cores.0,
                    bill.cpu.0,
                    bill.peak_memory.0.cast_signed(),
                    bill.energy.0,
                    source,
                    bill.energy_cost.map(|cost| cost.0),
                    bill.carbon.map(|carbon| carbon.0),
                    bill.price.0,
                    fee,
                ])?;
            }
        }
        Ok(())
    }
}

/// How energy is known, in the word that people read.
pub(super) fn source(source: dispatch::EnergySource) -> &'static str {
    match source {
        dispatch::EnergySource::Unknown => "unknown",
        dispatch::EnergySource::Rapl => "rapl",
        dispatch::EnergySource::Modelled => "modelled",
        dispatch::EnergySource::Cluster => "cluster",
        dispatch::EnergySource::Read => "read",
    }
}

/// The job of whose life an entry tells.
pub(super) fn job_of(body: &Body) -> Option<JobId> {
    match body {
        Body::Fact(
            Fact::Submitted(id, _)
            | Fact::Expected(id, _)
            | Fact::Placed(id, _)
            | Fact::Started(id)
            | Fact::Heard(id, ..)
            | Fact::StopWanted(id, _)
            | Fact::Ended(id, ..)
            | Fact::Yielded(id, ..)
            | Fact::Reserved(id, _),
        ) => Some(*id),
        Body::Settled(bill) | Body::Attempted(bill) => Some(bill.job),
        Body::Corrected(correction) => Some(correction.bill.job),
        _ => None,
    }
}

/// Notes that an entry tells of a job's life.
pub(super) fn live(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let Some(job) = job_of(&entry.body) else { return Ok(()) };
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO life (job, seq) VALUES (?1, ?2)")?;
    insert.execute(params![job.0.cast_signed(), entry.seq.cast_signed()])?;
    Ok(())
}

/// Writes what a bill charges, or by what a correction changes that: rows are only ever added, so that a month that was told
/// stays as it was told. A bill without a place charges nothing.
pub(super) fn charge(connection: &Connection, entry: &Entry, of: Option<u64>, bill: &Bill) -> rusqlite::Result<()> {
    let Some(row) = charge_row(connection, entry, of, bill)? else { return Ok(()) };
    let marks: Vec<String> = (1..=row.len()).map(|at| format!("?{at}")).collect();
    let sql = format!("INSERT INTO charge ({CHARGE}) VALUES ({})", marks.join(", "));
    connection.prepare_cached(&sql)?.execute(params_from_iter(row))?;
    Ok(())
}

/// The columns of a charge.
pub(crate) const CHARGE: &str = "seq, of, at, job, attempt, tenant, pool, provider, energy_source, precision, utilisation,
    run, device_time, core_time, cpu, energy, energy_cost, carbon, carbon_market, price, fee, credit, delivered";

/// The row of [`charge`], which follows from the journal alone.
pub(crate) fn charge_row(
    connection: &Connection,
    entry: &Entry,
    of: Option<u64>,
    bill: &Bill,
) -> rusqlite::Result<Option<Vec<Value>>> {
    let Some((pool, provider)) = &bill.place else { return Ok(None) };
    let seq = entry.seq.cast_signed();
    let delivered = |bill: &Bill| bill.delivered.map(|(_, mega)| mega.cast_signed());
    let amounts = |bill: &Bill| {
        [
            Some(bill.run.0),
            Some(bill.devices.0),
            Some(bill.cores.0),
            Some(bill.cpu.0),
            Some(bill.energy.0),
            bill.energy_cost.map(|cost| cost.0),
            bill.carbon.map(|carbon| carbon.0),
            bill.carbon_market.map(|carbon| carbon.0),
            Some(bill.price.0),
            Some(bill.fee().0),
            Some(bill.paid_by_credit().0),
            delivered(bill),
        ]
    };
    let mut now = amounts(bill);
    let mut first = None;
    if let Some(of) = of {
        let select = "SELECT coalesce(charge.of, charge.seq), entry.body FROM charge JOIN entry ON entry.seq = charge.seq WHERE charge.seq = ?1";
        let (original, body): (i64, String) =
            connection.prepare_cached(select)?.query_row([of.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let old = bill_in(&body)?;
        for (now, was) in now.iter_mut().zip(amounts(&old)) {
            *now = now.map(|now| now - was.unwrap_or(0));
        }
        first = Some(original);
    }
    let precision = bill.delivered.map(|(precision, _)| precision.to_string());
    let whole = |number: Option<i64>| number.map_or(Value::Null, Value::Integer);
    let mut row = vec![
        Value::Integer(seq),
        whole(first),
        Value::Integer(entry.at.0),
        Value::Integer(bill.job.0.cast_signed()),
        Value::Integer(bill.attempt.into()),
        Value::Integer(bill.tenant.0.into()),
        Value::Integer(pool.0.into()),
        Value::Text(provider.to_string()),
        Value::Text(source(bill.energy_source).to_owned()),
        precision.map_or(Value::Null, Value::Text),
        whole(bill.utilisation.map(i64::from)),
    ];
    row.extend(now.map(whole));
    Ok(Some(row))
}

/// The bill in an entry's body.
pub(super) fn bill_in(body: &str) -> rusqlite::Result<Bill> {
    let wrong = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
    };
    match serde_json::from_str(body).map_err(|error| wrong(error.into()))? {
        Body::Settled(bill) | Body::Attempted(bill) => Ok(bill),
        Body::Corrected(correction) => Ok(correction.bill),
        _ => Err(wrong("there is no bill in this entry".into())),
    }
}
