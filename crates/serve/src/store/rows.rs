//! From entries to the tables people read: one update a job and batch, however many things happened to it.

use std::collections::BTreeMap;

use dispatch::{End, Fact};
use measure::{JobId, PoolId, Time};
use settle::{Account, Bill, Body, Correction, Entry, Posting};

use super::sql::{self, Database, Outcome, Trouble, Value, values};
use super::tables::{CHARGE, DISPUTE, ENTRY, JOB, LIFE, MONEY, NAME, POSTING, STATE, VERDICT};

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
    database: &'a Database,
    jobs: BTreeMap<JobId, JobChange>,
    new: sql::Rows,
}

impl<'a> Rows<'a> {
    pub(super) fn new(database: &'a Database) -> Rows<'a> {
        Rows { database, jobs: BTreeMap::new(), new: sql::Rows::default() }
    }

    /// Takes an entry in, whose body as text and whose hash are these.
    pub(super) fn take(&mut self, entry: &Entry, body: String, hash: super::chain::Hash) -> Outcome<()> {
        let at = entry.at;
        self.new.add(&ENTRY, values![entry.seq.cast_signed(), at, body, hash]);
        live(entry, &mut self.new);
        match &entry.body {
            Body::Fact(Fact::Admitted(id, name)) => {
                let insert = "INSERT INTO tenant (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = excluded.name";
                self.database.execute(insert, &values![id.0, name.as_str()])?;
            }
            Body::Fact(Fact::Joined(id, join)) => {
                let insert = "INSERT INTO pool (id, name, provider) VALUES (?1, ?2, ?3)
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name, provider = excluded.provider";
                self.database.execute(insert, &values![id.0, join.name.as_str(), join.provider.as_str()])?;
            }
            Body::Fact(Fact::Submitted(id, spec)) => {
                let number = id.0.cast_signed();
                self.new.add(&JOB, values![number, spec.tenant.0, &spec.name, entry.seq.cast_signed(), "waiting", at]);
                if matches!(self.database, Database::Sqlite(_)) {
                    self.new.add(&NAME, values![number, &spec.name]);
                }
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
                charge(self.database, entry, None, bill, &mut self.new)?;
                self.post(entry, &bill.postings);
            }
            Body::Corrected(correction) => {
                let Correction { reversed, bill, .. } = &**correction;
                // What is corrected may be of this very batch.
                self.database.write(&std::mem::take(&mut self.new))?;
                charge(self.database, entry, Some(correction.of), bill, &mut self.new)?;
                let job = bill.job.0.cast_signed();
                let settled = "SELECT count(*) FROM job WHERE id = ?1 AND settled IS NOT NULL";
                let settled: i64 = self.database.one(settled, &values![job])?;
                let newer = "SELECT count(*) FROM charge WHERE job = ?1 AND attempt > ?2";
                let newer: i64 = self.database.one(newer, &values![job, bill.attempt])?;
                // What a job's own row tells is of its last attempt.
                if settled > 0 && newer == 0 {
                    self.jobs.entry(bill.job).or_default().bill = Some((at, Box::new(bill.clone())));
                }
                let all: Vec<Posting> = reversed.iter().chain(&bill.postings).cloned().collect();
                self.post(entry, &all);
            }
            Body::Disputed(dispute) => {
                let (seq, of) = (entry.seq.cast_signed(), dispute.of.cast_signed());
                self.new.add(&DISPUTE, values![seq, of, at, &dispute.by, &dispute.reason]);
            }
            Body::Judged(verdict) => {
                self.new.add(&VERDICT, values![verdict.dispute.cast_signed(), at, &verdict.finding]);
            }
            Body::Granted(tenant, credit, _) => {
                let (debit, to) = (Account::Grants, Account::Credit(*tenant));
                self.post(entry, &[Posting { job: JobId(0), debit, credit: to, amount: credit.left }]);
            }
            Body::Expired(tenant, left) => {
                let (debit, credit) = (Account::Credit(*tenant), Account::Grants);
                self.post(entry, &[Posting { job: JobId(0), debit, credit, amount: *left }]);
            }
            Body::Fact(
                Fact::Census(_) | Fact::Seen(..) | Fact::Occupied(..) | Fact::Served(..) | Fact::Contact(..) | Fact::Settled(_),
            ) => {}
            Body::Fact(Fact::Data(..) | Fact::Hosted(..) | Fact::HostContact(..) | Fact::Heard(..)) => {}
            Body::Fact(
                Fact::Expected(..)
                | Fact::PutOff(..)
                | Fact::AtOnce(..)
                | Fact::Reserved(..)
                | Fact::Closed(..)
                | Fact::Limited(..)
                | Fact::Arranged(..),
            ) => {}
            Body::Fact(
                Fact::HalfLife(..)
                | Fact::Funded(..)
                | Fact::Drawn(..)
                | Fact::Tried(..)
                | Fact::Remembered(..)
                | Fact::Load(..)
                | Fact::Demanded(..),
            ) => {}
            Body::Fact(Fact::Counted { .. }) | Body::Carried(..) | Body::Credits(..) => {}
        }
        Ok(())
    }

    /// Keeps what was answered to a request; where part of it was refused before, it may have been taken since.
    pub(super) fn answered(&mut self, row: [Value; 5]) -> Outcome<()> {
        let insert = "INSERT INTO answer (asker, name, at, request, receipts) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (asker, name) DO UPDATE SET receipts = excluded.receipts";
        self.database.execute(insert, &row).map(drop)
    }

    fn post(&mut self, entry: &Entry, postings: &[Posting]) {
        for (n, posting) in postings.iter().enumerate() {
            let (debit, credit) = (posting.debit.to_string(), posting.credit.to_string());
            let job = posting.job.0.cast_signed();
            let amount = posting.amount.0 + i64::from(execute::bug("unbalanced") && entry.seq.is_multiple_of(7));
            let row = values![entry.seq.cast_signed(), n as i64, entry.at, job, debit, credit, amount];
            self.new.add(&POSTING, row);
        }
    }

    fn job(&mut self, id: JobId, state: &'static str) -> &mut JobChange {
        let job = self.jobs.entry(id).or_default();
        job.state = Some(state);
        job
    }

    /// Writes every change.
    pub(super) fn write(mut self) -> Outcome<()> {
        for (id, job) in self.jobs {
            let id = id.0.cast_signed();
            if job.state.is_some() {
                let (pool, ask, placed, seq) = match job.place {
                    Some((pool, ask, at, seq)) => (Some(pool.0), Some(ask), Some(at), Some(seq.cast_signed())),
                    None => (None, None, None, None),
                };
                let (end, code, ended) = job.ended.map_or((None, None, None), |(end, code, at)| (Some(end), code, Some(at)));
                self.new.add(&STATE, values![id, job.state, pool, ask, placed, job.started, end, code, ended, seq]);
            }
            if let Some((at, bill)) = job.bill {
                let provider = bill.place.as_ref().map(|(_, provider)| provider.as_str());
                self.new.add(
                    &MONEY,
                    values![
                        id,
                        provider,
                        at,
                        bill.run.0,
                        bill.devices.0,
                        bill.cores.0,
                        bill.cpu.0,
                        bill.peak_memory.0.cast_signed(),
                        bill.energy.0,
                        source(bill.energy_source),
                        bill.energy_cost.map(|cost| cost.0),
                        bill.carbon.map(|carbon| carbon.0),
                        bill.price.0,
                        bill.fee().0,
                    ],
                );
            }
        }
        self.database.write(&self.new)
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
            | Fact::PutOff(id, _)
            | Fact::AtOnce(id, ..)
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
pub(super) fn live(entry: &Entry, new: &mut sql::Rows) {
    if let Some(job) = job_of(&entry.body) {
        new.add(&LIFE, values![job.0.cast_signed(), entry.seq.cast_signed()]);
    }
}

/// Writes what a bill charges, or by what a correction changes that: rows are only ever added, so that a month that was told
/// stays as it was told. A bill without a place charges nothing.
pub(super) fn charge(database: &Database, entry: &Entry, of: Option<u64>, bill: &Bill, new: &mut sql::Rows) -> Outcome<()> {
    if let Some(row) = charge_row(database, entry, of, bill)? {
        new.extend(&CHARGE, row.into_iter());
    }
    Ok(())
}

/// The row of [`charge`], which follows from the journal alone.
pub(crate) fn charge_row(database: &Database, entry: &Entry, of: Option<u64>, bill: &Bill) -> Outcome<Option<Vec<Value>>> {
    let Some((pool, provider)) = &bill.place else { return Ok(None) };
    let seq = entry.seq.cast_signed();
    let delivered = |bill: &Bill| bill.delivered.map(|(_, mega)| mega.cast_signed());
    // What made no use of a choice would have emitted what it did.
    let at_once = |bill: &Bill, of: fn(&settle::AtOnce) -> Option<measure::Carbon>, emitted: Option<measure::Carbon>| {
        bill.at_once.as_ref().map_or(emitted, of).map(|carbon| carbon.0)
    };
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
            at_once(bill, |compared| compared.carbon, bill.carbon),
            at_once(bill, |compared| compared.carbon_market, bill.carbon_market),
        ]
    };
    let mut now = amounts(bill);
    let mut first = None;
    if let Some(of) = of {
        let select = "SELECT coalesce(of, seq) FROM charge WHERE seq = ?1";
        let found = database.first(select, &values![of.cast_signed()], |row| row.get::<i64>(0))?;
        let original = found.ok_or_else(|| Trouble::Shape(format!("entry {of}, which is corrected, charged nothing")))?;
        let old = bill_in(&super::archive::body(database, of)?)?;
        for (now, was) in now.iter_mut().zip(amounts(&old)) {
            *now = now.map(|now| now - was.unwrap_or(0));
        }
        first = Some(original);
    }
    let precision = bill.delivered.map(|(precision, _)| precision.to_string());
    let of_what = values![
        seq,
        first,
        entry.at,
        bill.job.0.cast_signed(),
        bill.attempt,
        bill.tenant.0,
        pool.0,
        provider.as_str(),
        source(bill.energy_source),
        precision,
        bill.utilisation.map(i64::from),
    ];
    Ok(Some(of_what.into_iter().chain(now.map(Value::from)).collect()))
}

/// The bill in an entry's body.
pub(super) fn bill_in(body: &str) -> Outcome<Bill> {
    match serde_json::from_str(body).map_err(|error| Trouble::Shape(error.to_string()))? {
        Body::Settled(bill) | Body::Attempted(bill) => Ok(bill),
        Body::Corrected(correction) => Ok(correction.bill),
        _ => Err(Trouble::Shape("there is no bill in this entry".to_owned())),
    }
}
