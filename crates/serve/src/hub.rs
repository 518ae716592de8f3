//! The one thread that owns the hub. Requests come in batches; each batch is one durable transaction before
//! anyone is answered. A failed append ends the process: a restart folds what is durable.

pub(crate) mod standby;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use dispatch::{End, Fact, LostReason, Place, Policy, Refusal, Report, Request, Usage};
use measure::{JobId, PoolId, Span, Time};
use settle::{Bill, Body, Entry, Ledger};
use tokio::sync::{broadcast, oneshot};

use crate::clock::{self, Moment};
use crate::metrics::{EndLabel, Metrics};
use crate::post::Post;
use crate::store::{Journal, StoreFault};
use crate::wanted::WantedLog;
use standby::{Duty, Heart};

/// At most so many requests share a transaction.
const BATCH_MOST: usize = 20_000;
/// A shortened history is written after so many entries.
const SHORTEN_EVERY: u64 = 500_000;
/// An agent that has said nothing for so long is silent.
const SILENT_AFTER: Duration = Duration::from_secs(60);
/// Between two looks at who is silent: there may be tens of thousands.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// Answers to requests of a name are kept so long.
const ANSWERS_KEPT: Span = Span::seconds(24 * 3600);
/// Between two looks at which of them are older.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The job submitted, if one was.
    pub(crate) job: Option<JobId>,
    /// The hub's last entry then.
    pub(crate) seq: u64,
}

type Answers = Vec<Result<Receipt, Refusal>>;
type Look = Box<dyn FnOnce(&Ledger) + Send>;
type Think = Box<dyn FnOnce(&mut dispatch::Hub) + Send>;
type Write = Box<dyn FnOnce(&mut Journal) -> Result<(), StoreFault> + Send>;
type Told = Box<dyn FnOnce() + Send>;
type Account = Box<dyn FnOnce(Result<&mut Accounts, Away>) -> Told + Send>;

/// By what a hub knows a request again: whose it is, the name that they gave it, and what it asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// The token's number.
    pub(crate) asker: i64,
    pub(crate) name: String,
    /// The SHA-256 of what was asked.
    pub(crate) digest: [u8; 32],
}

tokio::task_local! {
    /// The name of the request that is answered, where whoever asks gave it one.
    pub(crate) static NAMED: Named;
}

fn named() -> Option<Named> {
    NAMED.try_with(Clone::clone).ok()
}

/// What became of the parts of a named request: the job or nothing, and the hub's last entry then; `None` for what was refused.
pub(crate) type Receipts = Vec<Option<(Option<u64>, u64)>>;

/// What is asked of the thread.
pub(crate) enum Ask {
    /// Decide these, in order; each stands for itself. Of a name that was answered before, what was taken is not taken again.
    Do(Vec<Request>, Option<Named>, oneshot::Sender<Result<Answers, Away>>),
    /// Say what was answered to a request of this name before.
    Recall(Named, oneshot::Sender<Result<Option<Receipts>, Away>>),
    /// Look at the state, as of the last durable entry.
    Look(Look),
    /// Run the engine forward and undo it, as of the last durable entry.
    Think(Think),
    /// Put something about money right, which needs what the journal says of it; once, where it has a name.
    Account(Account, Option<Named>),
    /// Write something that is not history (tokens).
    Write(Write),
    /// An agent was heard.
    Heard(Post),
    /// Finish what is there and stop.
    Stop,
}

/// Something that changed, for those who follow.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// `job`, `pool`, `census`, `tenant`, `closing`, `data`, `money` or `study`.
    pub(crate) kind: &'static str,
    /// The job, if it is one.
    pub(crate) job: Option<JobId>,
    /// Its state, or the name of what changed.
    pub(crate) what: String,
    /// Whose job it is.
    pub(crate) tenant: Option<String>,
    /// Whose pool it is.
    pub(crate) provider: Option<String>,
}

impl Change {
    /// One that concerns nobody in particular.
    pub(crate) fn of(kind: &'static str, what: &str) -> Change {
        Change { kind, job: None, what: what.to_owned(), tenant: None, provider: None }
    }
}

/// What the thread shares with the handlers.
pub(crate) struct Shared {
    pub(crate) wanted: WantedLog,
    pub(crate) metrics: Metrics,
    pub(crate) changes: broadcast::Sender<Arc<Change>>,
}

/// A way to ask the thread.
#[derive(Clone)]
pub(crate) struct HubHandle {
    sender: Sender<Ask>,
    duty: Arc<Duty>,
}

/// The hub takes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Away {
    /// It ends.
    #[error("the hub is stopping")]
    Stopping,
    /// A request of this name was carried out before, and what was answered then is not kept.
    #[error("a request of this name was carried out before; it is not carried out again")]
    Repeated,
    /// The name belongs to another request.
    #[error("another request had this name: each has its own")]
    Misnamed,
    /// It stands by; the hub that writes is there, if that is known.
    #[error("this hub stands by{}", if .0.is_empty() { "; none writes at the moment".to_owned() } else { format!("; the one that writes is at {}", .0) })]
    Standby(String),
}

impl HubHandle {
    pub(crate) fn new(sender: Sender<Ask>, duty: Arc<Duty>) -> HubHandle {
        HubHandle { sender, duty }
    }

    /// Where the hub is that writes; none where it is this one.
    pub(crate) fn writer(&self) -> Option<String> {
        self.duty.writer()
    }

    /// Whether this hub writes for certain, as whoever acts on what it wants must know.
    pub(crate) fn surely_leads(&self) -> Result<(), Away> {
        self.leads()?;
        if self.duty.is_sure() { Ok(()) } else { Err(Away::Standby(String::new())) }
    }

    /// Whether this hub writes; otherwise who does.
    pub(crate) fn leads(&self) -> Result<(), Away> {
        self.writer().map_or(Ok(()), |writer| Err(Away::Standby(writer)))
    }

    /// Resolves once this hub writes.
    pub(crate) async fn leading(&self) {
        drop(self.duty.leads().wait_for(|leads| *leads).await);
    }

    pub(crate) fn stop(&self) {
        let _ = self.sender.send(Ask::Stop);
    }

    /// Why there was no answer.
    fn away(&self) -> Away {
        self.leads().err().unwrap_or(Away::Stopping)
    }

    async fn send<T>(&self, ask: Ask, receiver: oneshot::Receiver<T>) -> Result<T, Away> {
        self.sender.send(ask).map_err(|_| Away::Stopping)?;
        receiver.await.map_err(|_| self.away())
    }

    /// Decides requests together, and answers once what follows from them is durable.
    pub(crate) async fn ask(&self, requests: Vec<Request>) -> Result<Answers, Away> {
        let (sender, receiver) = oneshot::channel();
        let name = named().filter(|_| requests.iter().any(|request| matches!(request, Request::Submit(_))));
        self.send(Ask::Do(requests, name, sender), receiver).await?
    }

    /// Looks at the state.
    pub(crate) async fn look<T: Send + 'static>(&self, look: impl FnOnce(&Ledger) -> T + Send + 'static) -> Result<T, Away> {
        let (sender, receiver) = oneshot::channel();
        let look = move |ledger: &Ledger| drop(sender.send(look(ledger)));
        self.send(Ask::Look(Box::new(look)), receiver).await
    }

    /// Lets the engine think ahead; what it does to the hub it undoes.
    pub(crate) async fn think<T: Send + 'static>(
        &self,
        think: impl FnOnce(&mut dispatch::Hub) -> T + Send + 'static,
    ) -> Result<T, Away> {
        let (sender, receiver) = oneshot::channel();
        let think = move |hub: &mut dispatch::Hub| drop(sender.send(think(hub)));
        self.send(Ask::Think(Box::new(think)), receiver).await
    }

    /// Writes something that is not history.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Journal) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, Away> {
        let (sender, receiver) = oneshot::channel();
        let write = move |store: &mut Journal| write(store).map(|value| drop(sender.send(value)));
        self.send(Ask::Write(Box::new(write)), receiver).await
    }

    /// What was answered to the request that is answered now, if it was sent before.
    pub(crate) async fn recall(&self) -> Result<Option<Receipts>, Away> {
        let Some(name) = named() else { return Ok(None) };
        let (sender, receiver) = oneshot::channel();
        self.send(Ask::Recall(name, sender), receiver).await?
    }

    /// Does something about money, and answers once it is durable.
    pub(crate) async fn account<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Accounts) -> T + Send + 'static,
    ) -> Result<T, Away> {
        let (sender, receiver) = oneshot::channel();
        let act = move |accounts: Result<&mut Accounts, Away>| -> Told {
            let outcome = accounts.map(act);
            Box::new(move || drop(sender.send(outcome)))
        };
        self.send(Ask::Account(Box::new(act), named()), receiver).await?
    }

    /// Notes that an agent was heard.
    pub(crate) fn heard(&self, post: Post) {
        let _ = self.sender.send(Ask::Heard(post));
    }
}

/// The ledger, with what the journal says of bills that have left it.
pub(crate) struct Accounts<'a> {
    pub(crate) ledger: &'a mut Ledger,
    store: &'a Journal,
    entries: &'a mut Vec<Entry>,
}

impl Accounts<'_> {
    /// Takes something over; it is durable before anybody is answered.
    pub(crate) fn record(&mut self, body: Body) -> u64 {
        self.ledger.record(clock::now(), body, self.entries);
        self.ledger.seq
    }

    /// The bill of an attempt of a job as it stands: the entry that says so, the bill, and when the attempt was billed first.
    pub(crate) fn bill(&self, job: JobId, attempt: Option<u32>) -> Result<Option<(u64, Bill, Time)>, StoreFault> {
        let known = self.store.bill(job, attempt)?;
        // What is not written yet is newer than what is, but may be of an earlier attempt.
        let unwritten = self.entries.iter().filter_map(|entry| {
            let bill = match &entry.body {
                Body::Settled(bill) | Body::Attempted(bill) => bill,
                Body::Corrected(correction) => &correction.bill,
                _ => return None,
            };
            let wanted = bill.job == job && bill.place.is_some() && attempt.is_none_or(|attempt| attempt == bill.attempt);
            wanted.then(|| (entry.seq, bill.clone(), bill.held.map_or(entry.at, |held| held.until)))
        });
        Ok(unwritten.chain(known).max_by_key(|(seq, bill, _)| (bill.attempt, *seq)))
    }
}

/// The thread's own state.
pub(crate) struct Writer {
    ledger: Ledger,
    store: Journal,
    shared: Arc<Shared>,
    placed: BTreeMap<JobId, Arc<Place>>,
    heard: BTreeMap<Post, Moment>,
    watched: Moment,
    shortened: u64,
    tidied: Option<Moment>,
    /// Jobs where an agent has been silent for so long are taken for lost.
    lost_after: Duration,
}

impl Writer {
    pub(crate) fn new(mut ledger: Ledger, store: Journal, shared: Arc<Shared>, policy: Policy, lost_after: Span) -> Writer {
        ledger.hub.adopt(policy);
        let held = |(id, job): (JobId, &dispatch::Job)| job.stage.held().map(|place| (id, place.clone()));
        let placed = ledger.hub.jobs.iter().filter_map(held).collect();
        // After a start, agents have as long as ever to be heard of.
        let posts = ledger.hub.pools.iter().flat_map(|(id, pool)| Post::all(*id, pool));
        let heard = posts.map(|post| (post, Moment::now())).collect();
        let shortened = ledger.seq;
        let lost_after = Duration::from_millis(lost_after.0.max(0).unsigned_abs());
        Writer { ledger, store, shared, placed, heard, watched: Moment::now(), shortened, tidied: None, lost_after }
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
            let first = match inbox.recv_timeout(Duration::from_secs(1)) {
                Ok(ask) => Some(ask),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            };
            if self.turn(first, inbox)? {
                return self.finish();
            }
        }
    }

    /// Does what was asked so far, in one transaction; whether it was asked to stop.
    pub(crate) fn turn(&mut self, first: Option<Ask>, inbox: &Receiver<Ask>) -> Result<bool, StoreFault> {
        let mut batch = Batch::default();
        let mut stop = false;
        for ask in first.into_iter().chain(std::iter::from_fn(|| inbox.try_recv().ok())) {
            match ask {
                Ask::Do(requests, name, answer) => self.decide(requests, name, answer, &mut batch)?,
                Ask::Account(act, name) => self.account(act, name, &mut batch)?,
                Ask::Recall(name, answer) => drop(answer.send(self.answered(&name, &batch)?)),
                Ask::Look(look) => batch.looks.push(look),
                Ask::Think(think) => batch.thinks.push(think),
                Ask::Write(write) => write(&mut self.store)?,
                Ask::Heard(post) => drop(self.heard.insert(post, Moment::now())),
                Ask::Stop => stop = true,
            }
            if batch.requests >= BATCH_MOST || stop {
                break;
            }
        }
        self.watch_agents(&mut batch);
        self.commit(batch)?;
        Ok(stop)
    }

    fn decide(
        &mut self,
        requests: Vec<Request>,
        name: Option<Named>,
        answer: oneshot::Sender<Result<Answers, Away>>,
        batch: &mut Batch,
    ) -> Result<(), StoreFault> {
        let now = clock::now();
        batch.requests += requests.len();
        let before: Option<Receipts> = match &name {
            None => None,
            Some(name) => match self.answered(name, batch)? {
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
        Ok(())
    }

    /// What was answered to a request of this name before, if anything was.
    fn answered(&self, name: &Named, batch: &Batch) -> Result<Result<Option<Receipts>, Away>, StoreFault> {
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

    fn account(&mut self, act: Account, name: Option<Named>, batch: &mut Batch) -> Result<(), StoreFault> {
        if let Some(name) = name {
            let refused = match self.answered(&name, batch)? {
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
        let mut accounts = Accounts { ledger: &mut self.ledger, store: &self.store, entries: &mut batch.entries };
        batch.told.push(act(Ok(&mut accounts)));
        Ok(())
    }

    /// Where an agent has fallen silent nothing more is placed until it is heard again; what ran there is lost in the end.
    fn watch_agents(&mut self, batch: &mut Batch) {
        if self.watched.elapsed() < WATCH_EVERY {
            return;
        }
        self.watched = Moment::now();
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
            self.store.append(&batch.entries, &batch.named)?;
            let metrics = &self.shared.metrics;
            metrics.round_seconds.observe((rounded - begun).as_secs_f64());
            metrics.commit_seconds.observe(rounded.elapsed().as_secs_f64());
            self.publish(&batch.entries);
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
        if self.ledger.seq - self.shortened >= SHORTEN_EVERY {
            self.store.shorten(&self.ledger)?;
            self.shortened = self.ledger.seq;
        }
        Ok(())
    }

    fn publish(&mut self, entries: &[Entry]) {
        let (hub, metrics) = (&self.ledger.hub, &self.shared.metrics);
        self.shared.wanted.note(entries, hub, &mut self.placed);
        metrics.entries.inc_by(entries.len() as u64);
        metrics.batches.inc();
        metrics.waiting.set(hub.waiting() as i64);
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
            let ends: BTreeMap<JobId, &str> = entries.iter().filter_map(how).collect();
            for change in entries.iter().filter_map(|entry| self.change(entry, &ends)) {
                let _ = self.shared.changes.send(Arc::new(change));
            }
        }
    }

    /// `ends` is how the jobs of this batch ended: each is settled in the batch in which it ends.
    fn change(&self, entry: &Entry, ends: &BTreeMap<JobId, &str>) -> Option<Change> {
        let hub = &self.ledger.hub;
        let of_job = |id: &JobId, what: &str, provider: Option<String>| {
            let tenant = hub.jobs.get(id).and_then(|job| hub.tenants.get(&job.spec.tenant));
            Some(Change {
                kind: "job",
                job: Some(*id),
                what: what.to_owned(),
                tenant: tenant.map(|tenant| tenant.name.to_string()),
                provider,
            })
        };
        let of_pool = |id: &PoolId| {
            let join = &hub.pools.get(id)?.join;
            let provider = Some(join.provider.to_string());
            Some(Change { kind: "pool", job: None, what: join.name.to_string(), tenant: None, provider })
        };
        let tenant_name = |id: &measure::TenantId| hub.tenants.get(id).map(|tenant| tenant.name.to_string());
        let of_tenant = |kind: &'static str, id: &measure::TenantId, provider: Option<String>| {
            let tenant = tenant_name(id);
            Some(Change { tenant: tenant.clone(), provider, ..Change::of(kind, &tenant.unwrap_or_default()) })
        };
        let of_bill = |bill: &Bill| {
            let provider = bill.place.as_ref().map(|(_, provider)| provider.to_string());
            let change = of_tenant("money", &bill.tenant, provider)?;
            Some(Change { job: Some(bill.job), what: "bill".to_owned(), ..change })
        };
        match &entry.body {
            Body::Fact(Fact::Submitted(id, _)) => of_job(id, "waiting", None),
            Body::Fact(Fact::Placed(id, place)) => {
                let provider = hub.pools.get(&place.pool).map(|pool| pool.join.provider.to_string());
                of_job(id, "placed", provider)
            }
            Body::Fact(Fact::Started(id)) => of_job(id, "running", self.provider_of(*id)),
            Body::Fact(Fact::StopWanted(id, _)) => of_job(id, "stopping", self.provider_of(*id)),
            Body::Fact(Fact::Yielded(id, ..)) => of_job(id, "waiting", None),
            // A job that was settled in the same batch has left the hub; its bill still says whose it was.
            Body::Settled(bill) => {
                let tenant = hub.tenants.get(&bill.tenant).map(|tenant| tenant.name.to_string());
                let provider = bill.place.as_ref().map(|(_, provider)| provider.to_string());
                let what = ends.get(&bill.job).copied().unwrap_or("done").to_owned();
                Some(Change { kind: "job", job: Some(bill.job), what, tenant, provider })
            }
            Body::Fact(
                Fact::Joined(id, _)
                | Fact::Seen(id, _)
                | Fact::Occupied(id, _)
                | Fact::Served(id, _)
                | Fact::Contact(id, _)
                | Fact::Hosted(id, ..)
                | Fact::HostContact(id, ..),
            ) => of_pool(id),
            Body::Fact(Fact::Admitted(id, _) | Fact::Arranged(id, _) | Fact::Funded(id, _)) => of_tenant("tenant", id, None),
            Body::Granted(id, ..) | Body::Expired(id, _) => of_tenant("money", id, None),
            Body::Attempted(bill) => of_bill(bill),
            Body::Corrected(correction) => of_bill(&correction.bill),
            Body::Disputed(_) | Body::Judged(_) => Some(Change::of("money", "dispute")),
            Body::Fact(Fact::Limited(id, _)) => of_pool(id),
            Body::Fact(Fact::Closed(..)) => Some(Change::of("closing", "closing")),
            Body::Fact(Fact::Data(name, _)) => Some(Change::of("data", name.as_str())),
            Body::Fact(Fact::Census(_)) => Some(Change::of("census", "census")),
            _ => None,
        }
    }

    /// Who owns the pool at which a job has its place.
    fn provider_of(&self, job: JobId) -> Option<String> {
        let pool = self.ledger.hub.pools.get(&self.placed.get(&job)?.pool)?;
        Some(pool.join.provider.to_string())
    }

    /// Leaves a shortened history, so that the next start is quick.
    fn finish(&mut self) -> Result<(), StoreFault> {
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
    answers: Vec<(oneshot::Sender<Result<Answers, Away>>, Result<Answers, Away>)>,
    named: BTreeMap<Named, Receipts>,
    told: Vec<Told>,
    looks: Vec<Look>,
    thinks: Vec<Think>,
}
