//! Asking the hub's thread: what can be asked, who asks, under which name, and what it means that nothing is answered.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use dispatch::{Refusal, Request};
use measure::{JobId, Name};
use settle::Ledger;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::Accounts;
use super::standby::Duty;
use crate::access::{Grant, Role};
use crate::post::Post;
use crate::store::{Journal, StoreFault};

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The job submitted, if one was.
    pub(crate) job: Option<JobId>,
    /// The hub's last entry then.
    pub(crate) seq: u64,
}

pub(super) type Answers = Vec<Result<Receipt, Refusal>>;
pub(super) type Answered = Result<Answers, Away>;
pub(super) type Look = Box<dyn FnOnce(&Ledger) + Send>;
pub(super) type Think = Box<dyn FnOnce(&mut dispatch::Hub) + Send>;
pub(super) type Write = Box<dyn FnOnce(&mut Journal) -> Result<(), StoreFault> + Send>;
pub(super) type Told = Box<dyn FnOnce() + Send>;
pub(super) type Account = Box<dyn FnOnce(Result<&mut Accounts, Away>) -> Told + Send>;

/// By what a hub knows a request again: whose it is, the name that they gave it, and what it asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// The token's number.
    pub(crate) asker: i64,
    pub(crate) name: String,
    /// The SHA-256 of what was asked.
    pub(crate) digest: [u8; 32],
}

/// Who asks for a change, for the log of who did what.
#[derive(Debug)]
pub(crate) struct Asker {
    /// The token's number; 0 where somebody signs in and has none yet.
    pub(crate) token: i64,
    pub(crate) role: Role,
    pub(crate) subject: Name,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The rows of the log that tell of this request.
    pub(super) rows: Mutex<Vec<i64>>,
}

impl Asker {
    pub(crate) fn new(who: &Grant, method: &str, path: &str) -> Asker {
        let (method, path) = (method.to_owned(), path.to_owned());
        Asker { token: who.id, role: who.role, subject: who.subject.clone(), method, path, rows: Mutex::default() }
    }
}

tokio::task_local! {
    /// The name of the request that is answered, where whoever asks gave it one.
    pub(crate) static NAMED: Named;
    /// Who asks for the change that is being made.
    pub(crate) static ASKER: Arc<Asker>;
}

fn named() -> Option<Named> {
    NAMED.try_with(Clone::clone).ok()
}

fn asker() -> Option<Arc<Asker>> {
    ASKER.try_with(Clone::clone).ok()
}

/// What became of the parts of a named request: the job or nothing, and the hub's last entry then; `None` for what was refused.
pub(crate) type Receipts = Vec<Option<(Option<u64>, u64)>>;

/// What is asked of the thread.
pub(crate) enum Ask {
    /// Decide these, in order; each stands for itself. Of a name that was answered before, what was taken is not taken again.
    Do(Do),
    /// Say what was answered to a request of this name before.
    Recall(Named, oneshot::Sender<Result<Option<Receipts>, Away>>),
    /// Look at the state, as of the last durable entry.
    Look(Look),
    /// Run the engine forward and undo it, as of the last durable entry.
    Think(Think),
    /// Put something about money right, which needs what the journal says of it; once, where it has a name.
    Account(Account, Option<Named>, Option<Arc<Asker>>),
    /// Write something that is not history (tokens).
    Write(Write, Option<Arc<Asker>>),
    /// Note what was answered to whoever asked for a change.
    Answered(Arc<Asker>, u16),
    /// Write down what was noted, and say so.
    Flush(oneshot::Sender<()>),
    /// An agent was heard.
    Heard(Post),
    /// Whoever holds leases of a tenant's jobs was heard.
    Held(Name, String),
    /// Finish what is there and stop.
    Stop,
}

/// Requests that are decided together.
pub(crate) struct Do {
    pub(super) requests: Vec<Request>,
    pub(super) name: Option<Named>,
    pub(super) asker: Option<Arc<Asker>>,
    /// The room that they take up until they are decided.
    pub(super) _room: Option<OwnedSemaphorePermit>,
    pub(super) answer: oneshot::Sender<Answered>,
}

/// A way to ask the thread.
#[derive(Clone)]
pub(crate) struct HubHandle {
    sender: Sender<Ask>,
    duty: Arc<Duty>,
    /// The room for requests that wait, and how many that is.
    room: Arc<Semaphore>,
    most: u32,
}

/// The hub takes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Away {
    /// It ends.
    #[error("the hub is stopping")]
    Stopping,
    /// As much as may wait does.
    #[error("the hub has as many requests waiting as it takes; ask again in a moment")]
    Busy,
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
    /// `most` is how many requests of people may wait.
    pub(crate) fn new(sender: Sender<Ask>, duty: Arc<Duty>, most: u32) -> HubHandle {
        HubHandle { sender, duty, room: Arc::new(Semaphore::new(most as usize)), most }
    }

    /// Room for so many requests of whoever asks; a batch of more than there ever is waits for all of it. What agents tell is
    /// not kept waiting: there are so many of them and no more, and each tells one thing at a time.
    fn room(&self, asker: Option<&Arc<Asker>>, requests: usize) -> Result<Option<OwnedSemaphorePermit>, Away> {
        let Some(_) = asker.filter(|asker| asker.role != Role::Agent) else { return Ok(None) };
        let wanted = u32::try_from(requests).unwrap_or(u32::MAX).clamp(1, self.most);
        self.room.clone().try_acquire_many_owned(wanted).map(Some).map_err(|_| Away::Busy)
    }

    /// Notes what was answered to whoever asked for a change.
    pub(crate) fn answered(&self, asker: Arc<Asker>, status: u16) {
        let _ = self.sender.send(Ask::Answered(asker, status));
    }

    /// Resolves once the log of who did what holds all that was answered before. A hub that stands by has nothing to write.
    pub(crate) async fn flush(&self) {
        let (sender, receiver) = oneshot::channel();
        drop(self.send(Ask::Flush(sender), receiver).await);
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
        let asker = asker();
        let _room = self.room(asker.as_ref(), requests.len())?;
        self.send(Ask::Do(Do { requests, name, asker, _room, answer: sender }), receiver).await?
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
        self.send(Ask::Write(Box::new(write), asker()), receiver).await
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
        let asker = asker();
        let _room = self.room(asker.as_ref(), 1)?;
        self.send(Ask::Account(Box::new(act), named(), asker), receiver).await?
    }

    /// Notes that whoever holds leases of a tenant's jobs was heard.
    pub(crate) fn held(&self, tenant: Name, holder: String) {
        let _ = self.sender.send(Ask::Held(tenant, holder));
    }

    /// Notes that an agent was heard.
    pub(crate) fn heard(&self, post: Post) {
        let _ = self.sender.send(Ask::Heard(post));
    }
}
