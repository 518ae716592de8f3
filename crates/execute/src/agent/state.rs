//! What the agent knows and does: what is wanted, what is seen, and what closes the gap.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use dispatch::{End, LostReason, Report, Usage};
use measure::JobId;

use super::threads::{Outboxes, Saying};
use super::{Event, Executor, Options, Stopped};
use crate::below;
use crate::data::{self, Bringer, Delivery};
use crate::folder;
use crate::lease::Lease;
use crate::reconcile::{Command, SeenJob, SeenReplica, Wish, reconcile};
use crate::site::{News, Order, Site};
use crate::wire::{Inventory, LogAsk, Wanted, WantedJob, WantedReplica, at_site, from_site};

/// What was last said about a job, so that it is not said again with every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Launched,
    Started,
    Ended,
}

pub(crate) struct State {
    options: Arc<Options>,
    /// The one machine it serves, where it serves one: replicas on others are for the agents of others.
    pub(crate) host: Option<String>,
    site: Box<dyn Site>,
    reports: Sender<(JobId, Saying)>,
    inventories: Sender<Inventory>,
    /// What the site has.
    pub(crate) inventory: Inventory,
    wanted: BTreeMap<JobId, WantedJob>,
    seen: BTreeMap<JobId, SeenJob>,
    said: BTreeMap<JobId, Said>,
    /// Jobs the site was ordered to stop.
    stopping: BTreeSet<JobId>,
    /// Ends that the hub has taken, with its entry then: older answers about what is wanted must not revive them.
    done: BTreeMap<JobId, u64>,
    lease: Lease,
    /// Runs that were ended because the lease was over.
    given_up: BTreeSet<JobId>,
    pub(crate) as_of: u64,
    orders: Vec<Order>,
    /// Nodes that should sleep, as the site was last told.
    sleep: Vec<String>,
    launches: Vec<WantedJob>,
    forget: Vec<JobId>,
    bringer: Bringer,
    /// Runs whose inputs are being brought, with what ends that, and those whose inputs are there.
    bringing: BTreeMap<JobId, Arc<AtomicBool>>,
    brought: BTreeMap<JobId, BTreeMap<String, String>>,
    /// Runs whose outputs are being delivered, with what ends that, and what became of it.
    delivering: BTreeMap<JobId, Arc<AtomicBool>>,
    delivered: BTreeMap<JobId, Result<(), String>>,
    events: Sender<Event>,
}

impl State {
    pub(crate) fn new(
        options: Arc<Options>,
        host: Option<String>,
        site: Box<dyn Site>,
        lease: Lease,
        events: Sender<Event>,
        (reports, inventories): Outboxes,
    ) -> State {
        State {
            options,
            host,
            site,
            reports,
            inventories,
            inventory: Inventory::default(),
            wanted: BTreeMap::new(),
            seen: BTreeMap::new(),
            said: BTreeMap::new(),
            stopping: BTreeSet::new(),
            done: BTreeMap::new(),
            lease,
            given_up: BTreeSet::new(),
            as_of: 0,
            orders: Vec::new(),
            sleep: Vec::new(),
            launches: Vec::new(),
            forget: Vec::new(),
            bringer: Bringer::default(),
            bringing: BTreeMap::new(),
            brought: BTreeMap::new(),
            delivering: BTreeMap::new(),
            delivered: BTreeMap::new(),
            events,
        }
    }

    /// Hears the site out; true if it knows nothing from before.
    pub(crate) fn hear_all(&mut self, inbox: &Receiver<Event>) -> Result<bool, Stopped> {
        while let Ok(event) = inbox.recv() {
            match event {
                Event::News(News::Seen(job, replica, seen)) => self.hear(job, replica, seen),
                Event::News(News::Listed { fresh }) => return Ok(fresh && !crate::bug("ignores-fresh")),
                Event::News(News::Noted(..)) => {}
                Event::News(News::Nodes(nodes)) => self.inventory.nodes = nodes,
                Event::News(News::Others(others)) => self.inventory.others = others,
                Event::News(News::Gone(source)) => return Err(self.gone(source)),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    fn gone(&self, source: io::Error) -> Stopped {
        Stopped::Machine { what: format!("cannot go on in {}", self.options.folder.display()), source }
    }

    fn hear(&mut self, job: JobId, replica: u32, seen: crate::reconcile::SeenReplica) {
        let known = self.seen.entry(job).or_default();
        let at = replica as usize;
        if known.replicas.len() <= at {
            known.replicas.resize(at + 1, None);
        }
        known.replicas[at] = Some(seen);
    }

    /// Jobs placed before this agent's time of which nothing is known here: they may have run, and are never run again.
    pub(crate) fn lost(&mut self, before: &Wanted) -> Vec<(JobId, Report)> {
        let runs = before.jobs.iter().map(|job| at_site(job.job, job.attempt));
        let unknown = runs.filter(|job| !self.seen.contains_key(job));
        let lost: Vec<JobId> = unknown.collect();
        self.said.extend(lost.iter().map(|job| (*job, Said::Ended)));
        lost.into_iter().map(|job| (job, Report::Ended(End::Lost(LostReason::MachineRestarted), Usage::default()))).collect()
    }

    pub(crate) fn order(&mut self, orders: Vec<Order>) -> Result<(), Stopped> {
        self.site.order(orders).map_err(|source| self.gone(source))
    }

    /// Takes over what is wanted and returns the jobs it concerns.
    pub(crate) fn want(&mut self, news: Wanted) -> BTreeSet<JobId> {
        let mut touched = BTreeSet::new();
        if news.full {
            touched.extend(self.wanted.keys().chain(self.seen.keys()));
            self.wanted.clear();
        }
        let revived = |job: &JobId| self.done.get(job).is_some_and(|done| news.as_of < *done);
        for job in news.jobs {
            let run = at_site(job.job, job.attempt);
            if revived(&run) {
                continue;
            }
            // A job has one attempt at a time.
            for earlier in 1..job.attempt {
                let over = at_site(job.job, earlier);
                if self.wanted.remove(&over).is_some() {
                    touched.insert(over);
                }
            }
            touched.insert(run);
            self.wanted.insert(run, job);
        }
        if !news.gone.is_empty() {
            let gone: BTreeSet<JobId> = news.gone.into_iter().collect();
            let over: Vec<JobId> = self.wanted.keys().copied().filter(|run| gone.contains(&from_site(*run).0)).collect();
            for run in over {
                touched.insert(run);
                self.wanted.remove(&run);
            }
        }
        if self.sleep != news.sleep {
            self.sleep.clone_from(&news.sleep);
            self.orders.push(Order::Sleep(news.sleep));
        }
        self.lease.set(news.lease);
        self.given_up.retain(|run| self.wanted.contains_key(run) || self.seen.contains_key(run));
        self.as_of = news.as_of;
        self.done.retain(|_, done| *done > news.as_of);
        for ask in news.log_asks {
            answer_logs(&self.options, ask);
        }
        touched
    }

    pub(crate) fn work(&mut self, inbox: &Receiver<Event>) -> Result<(), Stopped> {
        self.turn(Vec::new(), true)?;
        loop {
            match inbox.recv_timeout(Duration::from_secs(1)) {
                Ok(first) => self.turn(std::iter::once(first).chain(inbox.try_iter().take(9999)).collect(), false)?,
                Err(RecvTimeoutError::Timeout) => self.tick()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Nothing happened for a while.
    pub(crate) fn tick(&mut self) -> Result<(), Stopped> {
        if self.lease.over() { self.give_up() } else { Ok(()) }
    }

    /// Takes in what happened, and closes the gaps that it concerns; all there are at the beginning.
    pub(crate) fn turn(&mut self, happened: Vec<Event>, all: bool) -> Result<(), Stopped> {
        let mut touched: BTreeSet<JobId> = match all {
            true => self.wanted.keys().chain(self.seen.keys()).copied().collect(),
            false => BTreeSet::new(),
        };
        for event in happened {
            match event {
                Event::News(News::Seen(job, replica, seen)) => {
                    self.hear(job, replica, seen);
                    touched.insert(job);
                }
                Event::News(News::Listed { .. }) => {}
                Event::News(News::Noted(run, text)) => {
                    let _ = self.reports.send((run, Saying::Note(text)));
                }
                Event::News(News::Nodes(nodes)) => {
                    self.inventory.nodes = nodes;
                    let _ = self.inventories.send(self.inventory.clone());
                }
                Event::News(News::Others(others)) => {
                    self.inventory.others = others;
                    let _ = self.inventories.send(self.inventory.clone());
                }
                Event::News(News::Gone(source)) => return Err(self.gone(source)),
                Event::Wanted(wanted) => touched.extend(self.want(wanted)),
                Event::Reported { sent, answer } => {
                    for (job, reason) in &answer.refused {
                        tracing::warn!(%job, reason, "the hub does not take a report");
                    }
                    for job in sent {
                        self.wanted.remove(&job);
                        self.done.insert(job, answer.as_of);
                        touched.insert(job);
                    }
                }
                Event::Brought(run, outcome) => {
                    self.take_brought(run, outcome);
                    touched.insert(run);
                }
                Event::Delivered(run, outcome) => {
                    if self.delivering.remove(&run).is_some() {
                        self.delivered.insert(run, outcome);
                        touched.insert(run);
                    }
                }
                Event::Tidy => {
                    let inputs: Vec<_> = self.wanted.values().flat_map(|job| job.inputs.clone()).collect();
                    let live = self.wanted.keys().chain(self.seen.keys()).copied().collect();
                    let (folder, keep) = (self.options.folder.clone(), self.options.keep_output);
                    thread::spawn(move || {
                        folder::tidy(&folder, keep, &live);
                        data::tidy(&folder, keep, &inputs);
                    });
                }
                Event::Refused(fault) => return Err(fault.into()),
            }
        }
        for job in touched {
            self.close_gap(job);
        }
        self.send_orders()
    }

    /// Ends what runs, because the hub will soon take it for lost.
    pub(crate) fn give_up(&mut self) -> Result<(), Stopped> {
        let over = |seen: &SeenJob| seen.replicas.iter().flatten().all(|one| matches!(one, SeenReplica::Ended { .. }));
        let runs: BTreeSet<JobId> = self.wanted.keys().chain(self.seen.keys()).copied().collect();
        let live = |run: &JobId| self.seen.get(run).is_none_or(|seen| !over(seen)) && !self.given_up.contains(run);
        let runs: Vec<JobId> = runs.into_iter().filter(live).collect();
        if runs.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            runs = runs.len(),
            "the hub has been away for too long; what runs is ended before the hub takes it for lost"
        );
        for run in runs {
            self.given_up.insert(run);
            self.close_gap(run);
        }
        self.send_orders()
    }

    fn close_gap(&mut self, id: JobId) {
        let wish = match self.wanted.get(&id) {
            None => Wish::Nothing,
            Some(job) if job.stop || self.given_up.contains(&id) => Wish::Stop(self.replicas(job)),
            Some(job) => Wish::Run(self.replicas(job)),
        };
        let said = self.said.get(&id).copied();
        if !matches!(wish, Wish::Run(_)) {
            self.brought.remove(&id);
            if let Some(unwanted) = self.bringing.remove(&id) {
                unwanted.store(true, Ordering::Relaxed);
            }
            if let Some(unwanted) = self.delivering.get(&id) {
                unwanted.store(true, Ordering::Relaxed);
            }
        }
        for command in reconcile(wish, self.seen.get(&id)) {
            match command {
                Command::Launch if said.is_none() => {
                    if let Some(job) = self.with_inputs(id) {
                        self.launches.push(job);
                        self.said.insert(id, Said::Launched);
                    }
                }
                Command::Stop => self.stop(id),
                // It is being launched: the site will say what became of it.
                Command::Tell(Report::Ended(..)) if said == Some(Said::Launched) && !self.seen.contains_key(&id) => self.stop(id),
                Command::Tell(report) => {
                    // Stopped, and not because anybody asked: for a silence of the hub.
                    let asked = self.wanted.get(&id).is_some_and(|job| job.stop);
                    let report = match report {
                        Report::Ended(End::Cancelled, usage) if !asked => Report::Ended(End::Lost(LostReason::Silent), usage),
                        report => report,
                    };
                    let report = match report {
                        Report::Ended(end, usage) => {
                            Report::Ended(end, Usage { facility: self.options.executor.counts_facility(), ..usage })
                        }
                        report => report,
                    };
                    let Some(report) = self.with_outputs(id, report) else { continue };
                    let saying = if report == Report::Started { Said::Started } else { Said::Ended };
                    if said < Some(saying) {
                        self.said.insert(id, saying);
                        let _ = self.reports.send((id, Saying::Report(report)));
                    }
                }
                Command::Forget => self.forget.push(id),
                Command::Launch => {}
            }
        }
        if wish == Wish::Nothing && (self.forget.last() == Some(&id) || !self.seen.contains_key(&id)) {
            self.seen.remove(&id);
            // A launch that is on its way is heard of later, and stopped then.
            self.said.remove(&id);
            self.stopping.remove(&id);
            self.delivering.remove(&id);
            self.delivered.remove(&id);
        }
    }

    /// An end as it is told, once what the job wrote is where it should be; has it delivered before.
    fn with_outputs(&mut self, id: JobId, report: Report) -> Option<Report> {
        let Report::Ended(End::Exited(0), usage) = &report else { return Some(report) };
        let delivers = |job: &&WantedJob| !job.outputs.is_empty() && self.options.executor.carries_data();
        let Some(job) = self.wanted.get(&id).filter(delivers) else { return Some(report) };
        // Of a gang over several machines, that of the first replica delivers.
        let first = job.replicas.first().is_some_and(|first| self.host.as_ref().is_none_or(|host| first.node == *host));
        if !first || self.said.get(&id) == Some(&Said::Ended) {
            return Some(report);
        }
        match self.delivered.remove(&id) {
            Some(Ok(())) => return Some(report),
            Some(Err(told)) if !job.stop => {
                return Some(Report::Ended(End::Undelivered(told.chars().take(500).collect()), *usage));
            }
            // What it sends is not waited for: the other side may never answer.
            _ if job.stop => {
                if let Some(unwanted) = self.delivering.remove(&id) {
                    unwanted.store(true, Ordering::Relaxed);
                }
                return Some(Report::Ended(End::Cancelled, *usage));
            }
            _ if self.delivering.contains_key(&id) => return None,
            _ => {}
        }
        let unwanted = Arc::new(AtomicBool::new(false));
        let delivery = Delivery {
            folder: folder::job_folder(&self.options.folder, id),
            outputs: job.outputs.clone(),
            tenant: job.tenant.clone(),
            stores: self.options.stores.clone(),
        };
        self.delivering.insert(id, unwanted.clone());
        let (events, reports) = (self.events.clone(), self.reports.clone());
        thread::spawn(move || {
            let tell = |told| drop(reports.send((id, Saying::Note(told))));
            let outcome = data::deliver(&delivery, &unwanted, &tell);
            let _ = events.send(Event::Delivered(id, outcome));
        });
        None
    }

    /// How many replicas of a job run where this agent starts them.
    fn replicas(&self, job: &WantedJob) -> u32 {
        let here = |replica: &&WantedReplica| self.host.as_ref().is_none_or(|host| replica.node == *host);
        job.replicas.iter().filter(here).count() as u32
    }

    /// A job as it is launched, once its inputs are at the site; has them brought before.
    fn with_inputs(&mut self, id: JobId) -> Option<WantedJob> {
        let mut job = self.wanted[&id].clone();
        if job.inputs.is_empty() || !self.options.executor.carries_data() {
            return Some(job);
        }
        if let Some(found) = self.brought.remove(&id) {
            job.command.env.extend(found);
            return Some(job);
        }
        if self.bringing.contains_key(&id) {
            return None;
        }
        let unwanted = Arc::new(AtomicBool::new(false));
        self.bringing.insert(id, unwanted.clone());
        let (bringer, folder, events) = (self.bringer.clone(), self.options.folder.clone(), self.events.clone());
        let reports = self.reports.clone();
        thread::spawn(move || {
            let tell = |told| drop(reports.send((id, Saying::Note(told))));
            let outcome = bringer.bring(&folder, &job.inputs, &unwanted, &tell);
            let _ = events.send(Event::Brought(id, outcome));
        });
        None
    }

    fn take_brought(&mut self, id: JobId, outcome: Result<BTreeMap<String, String>, String>) {
        // Not wanted any more, or wanted anew meanwhile.
        if self.bringing.get(&id).is_none_or(|unwanted| unwanted.load(Ordering::Relaxed)) {
            return;
        }
        self.bringing.remove(&id);
        match outcome {
            Ok(found) => drop(self.brought.insert(id, found)),
            Err(told) => {
                self.said.insert(id, Said::Ended);
                let report = Report::Ended(End::NotStarted(told), Usage::default());
                let _ = self.reports.send((id, Saying::Report(report)));
            }
        }
    }

    /// Orders a job stopped, once. A site follows orders in turn, so a launch sent before is stopped too.
    fn stop(&mut self, id: JobId) {
        if self.stopping.insert(id) {
            self.orders.push(match self.wanted.get(&id).and_then(|job| job.notice) {
                Some(notice) => Order::Notify(id, notice.signal, notice.grace),
                None => Order::Stop(id, self.options.grace),
            });
        }
    }

    fn send_orders(&mut self) -> Result<(), Stopped> {
        let mut orders = std::mem::take(&mut self.orders);
        if !self.launches.is_empty() {
            orders.push(Order::Launch(std::mem::take(&mut self.launches)));
        }
        if !self.forget.is_empty() {
            orders.push(Order::Forget(std::mem::take(&mut self.forget)));
        }
        if orders.is_empty() {
            return Ok(());
        }
        self.order(orders)
    }
}

/// Sends a piece of output, from a thread of its own: reading may be slow, starting jobs may not.
fn answer_logs(options: &Options, ask: LogAsk) {
    let (link, folder, executor) = (options.link.clone(), options.folder.clone(), options.executor.clone());
    thread::spawn(move || {
        let piece = match &executor {
            Executor::Hub(hub) => below::read_piece(&folder, hub, &ask),
            _ => folder::read_piece(&folder, &ask).ok(),
        };
        let (from, bytes, found) = match piece {
            Some((from, bytes)) => (from, bytes, true),
            None => (0, Vec::new(), false),
        };
        let path = format!("/v1/agent/logs/{}?from={from}&found={found}", ask.id);
        if let Err(fault) = link.post_bytes(&path, &bytes) {
            tracing::debug!(%fault, "output could not be sent");
        }
    });
}
