//! What a hub itself has lived through: its jobs with the time they ran, its pools and its census.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use census::Census;
use dispatch::{DataSet, End, Fact, Join, LostReason, Node, Spec};
use measure::{Cpu, Devices, JobId, Name, PoolId, Span, TenantId, Time};
use rusqlite::{Connection, OpenFlags};
use settle::Body;

use super::{Trace, TraceJob, note};
use crate::wrong::{Error, Spot, Wrong};

/// The database in a hub's data folder.
const FILE: &str = "journal.db";

/// Reads the journal of a hub: its data folder or the database in it. Nothing is written there.
pub(super) fn read(path: &Path) -> Result<Trace, Error> {
    let file = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
    // SQLite would only say that it cannot open it; the system says why.
    std::fs::metadata(&file).map_err(|problem| Error::Unreadable { file: file.clone(), problem })?;
    let (mut past, name) = (Past::default(), file.display().to_string());
    let failed = |problem| Error::Journal { file: file.clone(), problem };
    let database = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let mut entries = database.prepare("SELECT seq, at, body FROM entry ORDER BY seq").map_err(failed)?;
    let mut rows = entries.query(()).map_err(failed)?;
    let mut next = None;
    while let Some(row) = rows.next().map_err(failed)? {
        let seq: i64 = row.get(0).map_err(failed)?;
        if next.is_some_and(|next| seq != next) {
            let problem = "the one before it is missing; where it is in the hub's archive, name the hub's data folder".to_owned();
            return Err(Error::Wrong(Wrong { file: file.display().to_string(), spot: Spot::Entry(seq), field: None, problem }));
        }
        next = Some(seq + 1);
        let at = Time(row.get(1).map_err(failed)?);
        let text = row.get_ref(2).and_then(|body| Ok(body.as_str()?)).map_err(failed)?;
        past.read(&name, seq, at, text)?;
    }
    Ok(past.trace())
}

/// What of a history matters here.
#[derive(Default)]
pub(super) struct Past {
    census: Census,
    data: BTreeMap<Name, DataSet>,
    tenants: BTreeMap<TenantId, Name>,
    pools: BTreeMap<PoolId, (Join, Vec<Node>)>,
    jobs: BTreeMap<JobId, PastJob>,
}

struct PastJob {
    submitted: Time,
    spec: Arc<Spec>,
    placed: bool,
    /// How long attempts ran that were suspended.
    kept: Span,
    ended: Option<(End, Span)>,
}

impl Past {
    /// Reads an entry and takes it over.
    pub(super) fn read(&mut self, file: &str, seq: i64, at: Time, body: &str) -> Result<(), Wrong> {
        let wrong = |problem: String| {
            let (file, field) = (file.to_owned(), Some("body".to_owned()));
            Wrong { file, spot: Spot::Entry(seq), field, problem }
        };
        match serde_json::from_str(body).map_err(|error| wrong(error.to_string()))? {
            Body::Fact(fact) => self.take(at, fact).map_err(wrong),
            _ => Ok(()),
        }
    }

    /// Takes a fact over. What places and rates the hub chose is left behind: a replay chooses again.
    fn take(&mut self, at: Time, fact: Fact) -> Result<(), String> {
        match fact {
            Fact::Census(change) => self.census.apply(&change),
            // What was forgotten later was there for some job.
            Fact::Data(name, data) => self.data.extend(data.map(|data| (name, *data))),
            Fact::Admitted(id, name) => drop(self.tenants.insert(id, name)),
            Fact::Joined(id, join) => drop(self.pools.insert(id, (join, Vec::new()))),
            Fact::Seen(id, nodes) => {
                let (_, seen) = self.pools.get_mut(&id).ok_or_else(|| format!("{id} never joined"))?;
                *seen = nodes;
            }
            Fact::Hosted(id, at, node, _) => {
                let (_, seen) = self.pools.get_mut(&id).ok_or_else(|| format!("{id} never joined"))?;
                match seen.get_mut(at as usize) {
                    Some(known) => *known = *node,
                    None => seen.push(*node),
                }
            }
            Fact::Submitted(id, spec) => {
                if !self.tenants.contains_key(&spec.tenant) {
                    return Err(format!("{} was never admitted", spec.tenant));
                }
                self.jobs.insert(id, PastJob { submitted: at, spec, placed: false, kept: Span::ZERO, ended: None });
            }
            Fact::Placed(id, _) => self.job(id)?.placed = true,
            Fact::Ended(id, end, usage) => {
                let job = self.job(id)?;
                job.ended = Some((end, job.kept + usage.run));
            }
            // What was suspended goes on from there.
            Fact::Yielded(id, End::Cancelled, usage, _) => {
                let job = self.job(id)?;
                job.kept += job.spec.suspend.map_or(Span::ZERO, |_| usage.run);
            }
            // What others held is not known of another time or place: history is replayed without them.
            Fact::Occupied(..)
            | Fact::Served(..)
            | Fact::Contact(..)
            | Fact::HostContact(..)
            | Fact::Heard(..)
            | Fact::Started(..)
            | Fact::StopWanted(..)
            | Fact::Settled(..) => {}
            Fact::Expected(..)
            | Fact::PutOff(..)
            | Fact::AtOnce(..)
            | Fact::Yielded(..)
            | Fact::Reserved(..)
            | Fact::Closed(..)
            | Fact::Limited(..) => {}
            Fact::Arranged(..)
            | Fact::HalfLife(..)
            | Fact::Tried(..)
            | Fact::Remembered(..)
            | Fact::Load(..)
            | Fact::Demanded(..) => {}
            // Budgets and what was left of them are of another time.
            Fact::Counted { .. } | Fact::Funded(..) | Fact::Drawn(..) => {}
        }
        Ok(())
    }

    fn job(&mut self, id: JobId) -> Result<&mut PastJob, String> {
        self.jobs.get_mut(&id).ok_or_else(|| format!("{id} was never submitted"))
    }

    pub(super) fn trace(self) -> Trace {
        let begins = self.jobs.values().map(|job| job.submitted).min();
        let mut trace = Trace { begins, ..Trace::default() };
        let (mut unended, mut unplaced, mut unseen) = (0, 0, 0_u64);
        for job in self.jobs.into_values() {
            match &job.ended {
                None => unended += 1,
                Some(_) if !job.placed => unplaced += 1,
                Some((end, run)) => {
                    unseen += u64::from(matches!(end, End::Lost(LostReason::ExitUnseen | LostReason::MachineRestarted)));
                    trace.jobs.push(TraceJob {
                        submit: job.submitted - begins.unwrap_or_default(),
                        run: *run,
                        tenant: self.tenants[&job.spec.tenant].clone(),
                        name: job.spec.name.clone(),
                        shape: job.spec.shape.clone(),
                        spreads: false,
                        time_limit: job.spec.time_limit,
                        priority: job.spec.priority,
                        // What it waited for has no counterpart here, and its command does not run.
                        spec: Spec {
                            deadline: None,
                            after: Vec::new(),
                            array: None,
                            apart: None,
                            command: dispatch::Command::default(),
                            ..(*job.spec).clone()
                        },
                    });
                }
            }
        }
        note(&mut trace.notes, "Jobs left out because they have not ended", unended);
        note(&mut trace.notes, "Jobs left out because they ended before they had a place", unplaced);
        note(&mut trace.notes, "Jobs that ended unseen, which run here for as long as they were known to run", unseen);
        // A node that is gone keeps its position in the journal, without capacity; here nothing refers to it.
        let there = |node: &Node| node.cpu > Cpu(0) || node.devices > Devices(0);
        let pools = self.pools.into_values().map(|(join, nodes)| (join, nodes.into_iter().filter(there).collect()));
        trace.pools = Some(pools.collect());
        trace.census = Some(self.census);
        trace.data = self.data;
        trace
    }
}
