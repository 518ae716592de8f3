//! What a worker does before its work: who it is to the hub below, what there is, and what became of attempts of before.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use measure::JobId;

use super::super::door::may_pass;
use super::super::errand::{self, Errands};
use super::super::run::{Run, Stage};
use super::super::{look, read, survey};
use super::jobs::state_of;
use super::{ERRANDS, Worker};
use crate::folder::run_of;
use crate::link::Fault;
use crate::site::News;
use crate::wire::name_at_site;

/// Why the agent cannot serve.
pub(super) enum Unfit {
    /// It may yet.
    Away(Fault),
    /// It never will as it was started.
    Wrong(String),
}

impl From<Fault> for Unfit {
    fn from(fault: Fault) -> Unfit {
        if may_pass(&fault) { Unfit::Away(fault) } else { Unfit::Wrong(fault.to_string()) }
    }
}

impl<N: Fn(News) -> bool + Send + 'static> Worker<N> {
    /// Everything there is at first: the pool, its nodes, and attempts of before.
    pub(super) fn learn(&mut self) -> Result<(), Unfit> {
        let hub = self.door.hub()?;
        if hub.role != "tenant" {
            let told = format!("the token for the hub below is of role {}; one of a tenant is needed, and does", hub.role);
            return Err(Unfit::Wrong(told));
        }
        self.tenant = hub.subject;
        let pools = self.door.pools()?;
        self.pool = survey::chosen(&pools, self.options.pool.as_deref()).map_err(Unfit::Wrong)?.name.clone();
        let reading = look::reading(&self.door, &self.pool, &self.tenant)?;
        self.recall()?;
        self.well();
        self.look_at(&reading);
        for run in self.runs.keys().copied().collect::<Vec<JobId>>() {
            self.tell_state(run);
        }
        Ok(())
    }

    /// Attempts that were begun before this start.
    fn recall(&mut self) -> Result<(), Fault> {
        self.runs.clear();
        let live = self.door.live(true)?;
        for entry in fs::read_dir(self.folder.join("jobs")).into_iter().flatten().flatten() {
            let Some(run) = entry.file_name().to_str().and_then(run_of) else { continue };
            let job = match errand::read_attempt(&entry.path()) {
                Ok(job) => job,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    tracing::warn!(%error, folder = %entry.path().display(), "an attempt cannot be read; it is left aside");
                    continue;
                }
            };
            let name = name_at_site(&self.mark, run);
            let known = live.iter().filter(|line| line.name == name).min_by_key(|line| read::number(&line.id));
            let known = match known {
                Some(line) => Some(line.clone()),
                None => self.door.named(&name)?,
            };
            // Never taken. If it is wanted it will be launched, word for word as before.
            let Some(line) = known else { continue };
            let mut known = Run::new(job, Stage::Waiting);
            errand::write_id(&self.folder, run, &line.id);
            known.below = Some(line.id.clone());
            (known.stage, known.since) = state_of(&line);
            self.runs.insert(run, known);
        }
        Ok(())
    }

    pub(super) fn start_threads(&mut self) {
        let errands = Errands {
            door: self.door.clone(),
            folder: self.folder.clone(),
            mark: self.mark.clone(),
            pool: self.pool.clone(),
            layout: self.layout.clone(),
            inbox: self.inbox.clone(),
        };
        let taken = Arc::new(Mutex::new(self.errands_taken.take().expect("threads are started once")));
        for _ in 0..ERRANDS {
            let (errands, taken) = (errands.clone(), taken.clone());
            thread::spawn(move || {
                loop {
                    let next = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(errand) = next else { return };
                    if !errands.run(&errand) {
                        return;
                    }
                }
            });
        }
        let (door, inbox) = (self.door.clone(), self.inbox.clone());
        let asks = self.looks_taken.take().expect("threads are started once");
        thread::spawn(move || look::look_at_jobs(&door, &asks, &inbox));
        let (door, inbox, pool, tenant) = (self.door.clone(), self.inbox.clone(), self.pool.clone(), self.tenant.clone());
        let asks = self.rooms_taken.take().expect("threads are started once");
        thread::spawn(move || look::look_at_nodes(&door, &pool, &tenant, &asks, &inbox));
    }
}
