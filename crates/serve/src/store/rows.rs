//! From entries to the tables people read: one update a job and batch, however many things happened to it.

use std::collections::BTreeMap;

use dispatch::{End, Fact};
use measure::{JobId, PoolId, Time};
use rusqlite::{Transaction, params};
use settle::{Account, Bill, Body, Entry};

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
                } else {
                    self.attempt(entry, bill)?;
                }
                let mut insert = self.transaction.prepare_cached(
                    "INSERT INTO posting (seq, n, at, job, debit, credit, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?;
                for (n, posting) in bill.postings.iter().enumerate() {
                    let (debit, credit) = (posting.debit.to_string(), posting.credit.to_string());
                    let job = posting.job.0.cast_signed();
                    insert.execute(params![entry.seq.cast_signed(), n as i64, at.0, job, debit, credit, posting.amount.0])?;
                }
            }
            Body::Fact(
                Fact::Census(_) | Fact::Seen(..) | Fact::Occupied(..) | Fact::Served(..) | Fact::Contact(..) | Fact::Settled(_),
            ) => {}
            Body::Fact(Fact::Data(..) | Fact::Hosted(..) | Fact::HostContact(..) | Fact::Heard(..)) => {}
            Body::Fact(Fact::Expected(..) | Fact::Reserved(..) | Fact::Closed(..) | Fact::Limited(..) | Fact::Arranged(..)) => {}
            Body::Fact(Fact::HalfLife(..) | Fact::Tried(..) | Fact::Remembered(..) | Fact::Demanded(..)) => {}
            Body::Fact(Fact::Counted { .. }) | Body::Carried(..) => {}
        }
        Ok(())
    }

    /// What an attempt that is over used and cost; the job itself goes on.
    fn attempt(&self, entry: &Entry, bill: &Bill) -> rusqlite::Result<()> {
        let Some((pool, _)) = &bill.place else { return Ok(()) };
        let fee: i64 =
            bill.postings.iter().filter(|posting| posting.credit == Account::Hub).map(|posting| posting.amount.0).sum();
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO attempt (seq, job, tenant, pool, settled, device_time, core_time, energy, energy_cost, carbon, price, fee)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        let (seq, job) = (entry.seq.cast_signed(), bill.job.0.cast_signed());
        let (cost, carbon) = (bill.energy_cost.map(|cost| cost.0), bill.carbon.map(|carbon| carbon.0));
        let used = (bill.devices.0, bill.cores.0, bill.energy.0);
        insert.execute(params![
            seq,
            job,
            bill.tenant.0,
            pool.0,
            entry.at.0,
            used.0,
            used.1,
            used.2,
            cost,
            carbon,
            bill.price.0,
            fee
        ])?;
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
                let fee: i64 =
                    bill.postings.iter().filter(|posting| posting.credit == Account::Hub).map(|posting| posting.amount.0).sum();
                let source = match bill.energy_source {
                    dispatch::EnergySource::Unknown => "unknown",
                    dispatch::EnergySource::Rapl => "rapl",
                    dispatch::EnergySource::Modelled => "modelled",
                    dispatch::EnergySource::Cluster => "cluster",
                };
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
