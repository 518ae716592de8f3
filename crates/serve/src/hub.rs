//! The one thread that owns the hub. Requests come in batches; each batch is one durable transaction before
//! anyone is answered. A failed append ends the process: a restart folds what is durable.

mod accounts;
mod ask;
pub(crate) mod change;
mod leases;
pub(crate) mod standby;

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use dispatch::{End, Fact, LostReason, Place, Policy, Refusal, Report, Request, Usage};
use measure::{JobId, Span, Time};
use settle::{Body, Entry, Ledger};
use tokio::sync::{broadcast, oneshot};

use crate::clock::{self, Moment};
use crate::metrics::{EndLabel, Metrics};
use crate::post::Post;
use crate::store::{Asked, Beside, Journal, StoreFault};
use crate::wanted::WantedLog;
pub(crate) use accounts::Accounts;
pub(crate) use ask::{ASKER, Ask, Asker, Away, HubHandle, NAMED, Named, Receipt, Receipts};
use ask::{Account, Answered, Answers, Do, Look, Think, Told, Write};
pub(crate) use change::Change;
use change::Known;
use leases::Leases;
use standby::{Duty, Heart};

/// At most so many requests share a transaction.
const BATCH_MOST: usize = 20_000;
/// What only looks waits for a batch at most, and so that is short: no more is begun after so long.
const BATCH_LONGEST: Duration = Duration::from_millis(200);
/// An agent that has said nothing for so long is silent.
const SILENT_AFTER: Duration = Duration::from_secs(60);
/// Between two looks at who is silent: there may be tens of thousands.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// What was answered is written with the next entries, or by itself after so long, or once there is so much.
const NOTED_WITHIN: Duration = Duration::from_secs(1);
const NOTED_MOST: usize = 4096;

/// Answers to requests of a name are kept so long.
const ANSWERS_KEPT: Span = Span::seconds(24 * 3600);
/// Between two looks at which of them are older.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// What the thread shares with the handlers.
pub(crate) struct Shared {
    pub(crate) wanted: WantedLog,
    pub(crate) metrics: Metrics,
    pub(crate) changes: broadcast::Sender<Arc<Change>>,
}

/// The thread's own state.
pub(crate) struct Writer {
    ledger: Ledger,
    store: Journal,
    shared: Arc<Shared>,
    placed: BTreeMap<JobId, Arc<Place>>,
    heard: BTreeMap<Post, Moment>,
    leases: Leases,
    watched: Moment,
    shortened: u64,
    tidied: Option<Moment>,
    /// The last row of the log of who did what, and answers that are not in it yet.
    asked: i64,
    unwritten: (Vec<Asked>, Vec<(i64, u16)>),
    noted: Moment,
    /// What was asked and is not taken up yet.
    asks: VecDeque<Ask>,
    /// Jobs where an agent has been silent for so long are taken for lost.
    lost_after: Duration,
}

impl Writer {
    pub(crate) fn new(mut ledger: Ledger, store: Journal, shared: Arc<Shared>, policy: Policy, lost_after: Span) -> Writer {
        let fair = policy.fair && !execute::bug("unfair");
        ledger.hub.adopt(Policy { fair, ..policy });
        let held = |(id, job): (JobId, &dispatch::Job)| job.stage.held().map(|place| (id, place.clone()));
        let placed = ledger.hub.jobs.iter().filter_map(held).collect();
        // After a start, agents have as long as ever to be heard of.
        let posts = ledger.hub.pools.iter().flat_map(|(id, pool)| Post::all(*id, pool));
        let heard = posts.map(|post| (post, Moment::now())).collect();
        let leases = Leases::of(&ledger.hub);
        let shortened = ledger.seq;
        let lost_after = Duration::from_millis(lost_after.0.max(0).unsigned_abs());
        Writer {
            ledger,
            store,
            shared,
            placed,
            heard,
            leases,
            watched: Moment::now(),
            shortened,
            tidied: None,
            asked: 0,
            unwritten: Default::default(),
            noted: Moment::now(),
            asks: VecDeque::new(),
            lost_after,
        }
    }

    /// Serves until asked to stop.
    ///
    /// # Errors
    /// Where the store fails; nothing that was answered is lost.
    pub(crate) fn run(mut self, inbox: &Receiver<Ask>, duty: Arc<Duty>) -> Result<(), StoreFault> {
        let heart = self.store.heart(duty);
        let outcome = self.serve(inbox, &heart);
        heart.stop();
        outcome
    }

    fn serve(&mut self, inbox: &Receiver<Ask>, heart: &Heart) -> Result<(), StoreFault> {
        loop {
            if heart.alive() {
                return Err(standby::fenced(self.store.place()));
            }
            let first = if self.asks.is_empty() {
                match inbox.recv_timeout(Duration::from_secs(1)) {
                    Ok(ask) => Some(ask),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return self.finish(),
                }
            } else {
                None
            };
            if self.turn(first, inbox)? {
                return self.finish();
            }
        }
    }

    /// Does what was asked so far, in one transaction; whether it was asked to stop.
    pub(crate) fn turn(&mut self, first: Option<Ask>, inbox: &Receiver<Ask>) -> Result<bool, StoreFault> {
        self.asks.extend(first);
        let mut batch = Batch::default();
        let (begun, mut stop) = (Moment::now(), false);
        loop {
            // Whoever only looks is answered after this batch, however much waits to be changed.
            while let Ok(ask) = inbox.try_recv() {
                match ask {
                    Ask::Look(look) => batch.looks.push(look),
                    Ask::Think(think) => batch.thinks.push(think),
                    ask => self.asks.push_back(ask),
                }
            }
            let Some(ask) = self.asks.pop_front() else { break };
            match ask {
                Ask::Do(asked) => self.decide(asked, &mut batch)?,
                Ask::Account(act, name, asker) => self.account(act, name, asker, &mut batch)?,
                Ask::Recall(name, answer) => drop(answer.send(self.answered_before(&name, &batch)?)),
                Ask::Look(look) => batch.looks.push(look),
                Ask::Think(think) => batch.thinks.push(think),
                Ask::Write(write, asker) => self.write(write, asker)?,
                Ask::Heard(post) => drop(self.heard.insert(post, Moment::now())),
                Ask::Held(tenant, holder) => {
                    if let Some(tenant) = self.ledger.hub.tenant_named(&tenant) {
                        self.leases.heard(tenant, holder);
                    }
                }
                Ask::Answered(asker, status) => self.note(&asker, status),
                Ask::Flush(done) => batch.flushes.push(done),
                Ask::Stop => stop = true,
            }
            if batch.requests >= BATCH_MOST || stop || begun.elapsed() > BATCH_LONGEST {
                break;
            }
        }
        self.watch_agents(&mut batch);
        self.commit(batch)?;
        Ok(stop)
    }

    /// A row of the log of who did what, of entries after `before` or of something that is not history.
    fn row(&mut self, asker: &Asker, at: Time, status: Option<u16>, entries: Option<(u64, u64)>) -> Asked {
        self.asked += 1;
        Asked {
            id: self.asked,
            at,
            token: asker.token,
            role: asker.role.to_string(),
            subject: asker.subject.to_string(),
            method: asker.method.clone(),
            path: asker.path.clone(),
            status,
            entries,
            made: None,
        }
    }

    /// Notes that what somebody asked for brought entries about.
    fn caused(&mut self, asker: Option<Arc<Asker>>, before: u64, batch: &mut Batch) {
        if let Some(asker) = asker
            && self.ledger.seq > before
        {
            let row = self.row(&asker, clock::now(), None, Some((before + 1, self.ledger.seq)));
            asker.rows.lock().unwrap_or_else(PoisonError::into_inner).push(row.id);
            batch.asked.push(row);
        }
    }

    fn write(&mut self, write: Write, asker: Option<Arc<Asker>>) -> Result<(), StoreFault> {
        let Some(asker) = asker else { return write(&mut self.store) };
        let row = self.row(&asker, clock::now(), None, None);
        let id = row.id;
        self.store.to_note(row);
        write(&mut self.store)?;
        // What only read has changed nothing, and is no row.
        if self.store.noted() {
            asker.rows.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
        Ok(())
    }

    /// Notes what was answered: of requests that changed nothing it is all there is to tell.
    fn note(&mut self, asker: &Asker, status: u16) {
        let rows = std::mem::take(&mut *asker.rows.lock().unwrap_or_else(PoisonError::into_inner));
        if rows.is_empty() {
            let row = self.row(asker, clock::now(), Some(status), None);
            self.unwritten.0.push(row);
        }
        self.unwritten.1.extend(rows.into_iter().map(|row| (row, status)));
    }

    fn decide(&mut self, asked: Do, batch: &mut Batch) -> Result<(), StoreFault> {
        let Do { requests, name, asker, _room, answer } = asked;
        let (now, begun) = (clock::now(), self.ledger.seq);
        batch.requests += requests.len();
        let before: Option<Receipts> = match &name {
            None => None,
            Some(name) => match self.answered_before(name, batch)? {
                Err(away) => {
                    batch.answers.push((answer, Err(away)));
                    return Ok(());
                }
                Ok(before) => before,
            },
        };
        let mut one = |(at, request): (usize, Request)| {
            if let Some(Some((job, seq))) = before.as_ref().and_then(|before| before.get(at)) {
                return Ok(Receipt { job: job.map(JobId), seq: *seq });
            }
            let before = batch.entries.len();
            self.ledger.ask(now, request, &mut batch.entries)?;
            let submitted = batch.entries[before..].iter().find_map(|entry| match &entry.body {
                Body::Fact(Fact::Submitted(id, _)) => Some(*id),
                _ => None,
            });
            Ok(Receipt { job: submitted, seq: self.ledger.seq })
        };
        let answers: Answers = requests.into_iter().enumerate().map(&mut one).collect();
        if let Some(name) = name {
            let receipt =
                |answer: &Result<Receipt, Refusal>| answer.as_ref().ok().map(|told| (told.job.map(|job| job.0), told.seq));
            batch.named.insert(name, answers.iter().map(receipt).collect());
        }
        batch.answers.push((answer, Ok(answers)));
        self.caused(asker, begun, batch);
        Ok(())
    }

    /// What was answered to a request of this name before, if anything was.
    fn answered_before(&self, name: &Named, batch: &Batch) -> Result<Result<Option<Receipts>, Away>, StoreFault> {
        let unwritten = batch.named.iter().find(|(known, _)| (known.asker, &known.name) == (name.asker, &name.name));
        let known = match unwritten {
            Some((known, receipts)) => Some((known.digest, receipts.clone())),
            None => self.store.answer(name)?,
        };
        Ok(match known {
            _ if execute::bug("repeats-applied") => Ok(None),
            Some((digest, _)) if digest != name.digest => Err(Away::Misnamed),
            known => Ok(known.map(|(_, receipts)| receipts)),
        })
    }

    fn account(
        &mut self,
        act: Account,
        name: Option<Named>,
        asker: Option<Arc<Asker>>,
        batch: &mut Batch,
    ) -> Result<(), StoreFault> {
        if let Some(name) = name {
            let refused = match self.answered_before(&name, batch)? {
                Err(away) => Some(away),
                Ok(Some(_)) => Some(Away::Repeated),
                Ok(None) => None,
            };
            if let Some(away) = refused {
                batch.told.push(act(Err(away)));
                return Ok(());
            }
            batch.named.insert(name, Receipts::new());
        }
        // Nothing is paid with credits that have ended.
        self.ledger.expire(clock::now(), &mut batch.entries);
        let begun = self.ledger.seq;
        let mut accounts = Accounts { ledger: &mut self.ledger, store: &self.store, entries: &mut batch.entries };
        batch.told.push(act(Ok(&mut accounts)));
        self.caused(asker, begun, batch);
        Ok(())
    }

    /// Where an agent has fallen silent nothing more is placed until it is heard again; what ran there is lost in the end.
    fn watch_agents(&mut self, batch: &mut Batch) {
        if self.watched.elapsed() < WATCH_EVERY {
            return;
        }
        self.watched = Moment::now();
        for job in self.leases.over() {
            // It may be being stopped already.
            if self.ledger.ask(clock::now(), Request::Cancel(job), &mut batch.entries).is_ok() {
                tracing::warn!(%job, "whoever holds its lease is silent; it is cancelled");
            }
        }
        let Writer { ledger, heard, lost_after, .. } = self;
        let silent_after = SILENT_AFTER.min(*lost_after / 2);
        let (mut lost, mut silent) = (Vec::new(), Vec::new());
        for (id, pool) in &ledger.hub.pools {
            for post in Post::all(*id, pool) {
                // One that is new has as long as any other to be heard of.
                let quiet = heard.entry(post).or_insert_with(Moment::now).elapsed();
                match post.contact(&ledger.hub) {
                    _ if execute::bug("lost-too-early") && pool.jobs_len() > 0 && quiet > Duration::from_secs(2) => {
                        lost.push(post)
                    }
                    true if quiet > silent_after => silent.push(post),
                    false if pool.jobs_len() > 0 && quiet > *lost_after => lost.push(post),
                    _ => {}
                }
            }
        }
        for post in lost {
            let jobs = self.jobs_at(post);
            if !jobs.is_empty() {
                let told = "an agent has been silent for too long; its jobs are taken for lost";
                tracing::warn!(pool = %post.pool, host = post.host, jobs = jobs.len(), "{told}");
            }
            for job in jobs {
                // Nothing is known of what it used, and nobody pays for what is not known.
                let report = Report::Ended(End::Lost(LostReason::Silent), Usage::default());
                let request = post.report(job, 0, report);
                self.ledger.ask(clock::now(), request, &mut batch.entries).expect("a job that holds a place there can end");
            }
        }
        for post in silent {
            tracing::warn!(pool = %post.pool, host = post.host, "an agent is silent");
            let request = post.touch(false);
            self.ledger.ask(clock::now(), request, &mut batch.entries).expect("who is in touch can fall silent");
        }
    }

    /// The jobs that hold a place at a post and have not been told of as over there.
    fn jobs_at(&self, post: Post) -> Vec<JobId> {
        let hub = &self.ledger.hub;
        let Some(pool) = hub.pools.get(&post.pool) else { return Vec::new() };
        pool.jobs().filter(|job| post.host.is_none_or(|node| hub.runs_on(*job, node))).collect()
    }

    fn commit(&mut self, mut batch: Batch) -> Result<(), StoreFault> {
        let now = clock::now();
        let due = self.ledger.next_wake().is_some_and(|at| at <= now);
        let begun = Instant::now();
        if due || !batch.entries.is_empty() {
            self.ledger.round(now, &mut batch.entries);
        }
        if execute::bug("answered-early") {
            batch.answers.drain(..).for_each(|(answer, answers)| drop(answer.send(answers)));
        }
        if !batch.entries.is_empty() {
            let rounded = Instant::now();
            let (new, known) = std::mem::take(&mut self.unwritten);
            batch.asked.extend(new);
            self.store.append(&batch.entries, &Beside { named: &batch.named, asked: &batch.asked, answered: &known })?;
            self.noted = Moment::now();
            let metrics = &self.shared.metrics;
            metrics.round_seconds.observe((rounded - begun).as_secs_f64());
            metrics.commit_seconds.observe(rounded.elapsed().as_secs_f64());
            self.publish(&batch.entries);
        }
        let unwritten = self.unwritten.0.len() + self.unwritten.1.len();
        let late = self.noted.elapsed() > NOTED_WITHIN || unwritten > NOTED_MOST || !batch.flushes.is_empty();
        if late && unwritten > 0 {
            let (new, known) = std::mem::take(&mut self.unwritten);
            self.store.note(&new, &known)?;
            self.noted = Moment::now();
        }
        for done in batch.flushes {
            let _ = done.send(());
        }
        for (answer, answers) in batch.answers {
            // Whoever asked may be gone; what was decided stands.
            let _ = answer.send(answers);
        }
        for told in batch.told {
            told();
        }
        for look in batch.looks {
            look(&self.ledger);
        }
        for think in batch.thinks {
            think(&mut self.ledger.hub);
        }
        if self.tidied.is_none_or(|at| at.elapsed() > TIDY_EVERY) {
            self.tidied = Some(Moment::now());
            self.store.forget_answers(Time(now.0 - ANSWERS_KEPT.0))?;
        }
        Ok(())
    }

    fn publish(&mut self, entries: &[Entry]) {
        let (hub, metrics) = (&self.ledger.hub, &self.shared.metrics);
        self.shared.wanted.note(entries, hub, &mut self.placed);
        self.leases.note(entries);
        metrics.entries.inc_by(entries.len() as u64);
        metrics.batches.inc();
        metrics.waiting.set(hub.waiting() as i64);
        metrics.by_choice.set(hub.waiting_by_choice() as i64);
        metrics.live.set(hub.jobs.len() as i64);
        for entry in entries {
            match &entry.body {
                Body::Fact(Fact::Submitted(..)) => drop(metrics.submitted.inc()),
                Body::Fact(Fact::Ended(_, end, _)) => drop(metrics.ended.get_or_create(&EndLabel { state: end.state() }).inc()),
                _ => {}
            }
        }
        if self.shared.changes.receiver_count() > 0 {
            let how = |entry: &Entry| match &entry.body {
                Body::Fact(Fact::Ended(id, end, _)) => Some((*id, end.state())),
                _ => None,
            };
            // Each job is settled in the batch in which it ends.
            let ends: BTreeMap<JobId, &str> = entries.iter().filter_map(how).collect();
            let known = Known {
                hub,
                tenant: &|job| Some(hub.tenants.get(&hub.jobs.get(&job)?.spec.tenant)?.name.to_string()),
                provider: &|job, _| self.provider_of(job),
                end: &|job| ends.get(&job).map(|end| (*end).to_owned()),
            };
            for change in entries.iter().filter_map(|entry| change::of(entry, &known)) {
                let _ = self.shared.changes.send(Arc::new(change));
            }
        }
    }

    /// Who owns the pool at which a job has its place.
    fn provider_of(&self, job: JobId) -> Option<String> {
        let pool = self.ledger.hub.pools.get(&self.placed.get(&job)?.pool)?;
        Some(pool.join.provider.to_string())
    }

    /// Leaves a shortened history, so that the next start is quick.
    fn finish(&mut self) -> Result<(), StoreFault> {
        let (new, known) = std::mem::take(&mut self.unwritten);
        self.store.note(&new, &known)?;
        if self.ledger.seq > self.shortened {
            self.store.shorten(&self.ledger)?;
        }
        self.store.give_back()
    }
}

/// What one turn of the loop gathered.
#[derive(Default)]
struct Batch {
    requests: usize,
    entries: Vec<Entry>,
    answers: Vec<(oneshot::Sender<Answered>, Answered)>,
    named: BTreeMap<Named, Receipts>,
    asked: Vec<Asked>,
    flushes: Vec<oneshot::Sender<()>>,
    told: Vec<Told>,
    looks: Vec<Look>,
    thinks: Vec<Think>,
}
