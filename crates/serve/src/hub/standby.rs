//! A hub that stands by: it follows the journal that another hub writes, answers who reads, and takes over when that one falls silent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use census::Census;
use dispatch::Request;
use measure::Span;
use tokio::sync::watch;

use super::leases::Leases;
use super::{Ask, Batch, Writer};
use crate::access::Access;
use crate::clock::{self, Moment};
use crate::post::Post;
use crate::server::{StartFault, granted, operator_token};
use crate::store::{Lease, Store, StoreFault, Trouble};

/// Between two looks at the journal.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Between two beats of a writer.
const BEAT_EVERY: Duration = Duration::from_millis(300);
/// A writer whose beat has stood still for so long is silent.
const SILENT_AFTER: Duration = Duration::from_millis(1800);
/// A writer answers agents only for so long after it last proved that it is the writer: shorter than the silence after which another may be,
/// so that no agent is told what a hub wanted that others have taken for dead.
const SURE_FOR: Duration = Duration::from_millis(1300);
/// A writer that gets nothing done for so long does not say that it lives.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// Whether this hub writes, for everybody who asks it.
pub(crate) struct Duty {
    /// Where the hub is that does, while this one stands by; it may not be known.
    standby: RwLock<Option<String>>,
    leads: watch::Sender<bool>,
    /// When it last began to prove that it still is the writer, and did; none where no other hub can be.
    proved: RwLock<Option<Moment>>,
}

impl Duty {
    /// Of a hub that does not write yet.
    pub(crate) fn new() -> Duty {
        Duty { standby: RwLock::new(Some(String::new())), leads: watch::channel(false).0, proved: RwLock::new(None) }
    }

    /// Where the hub is that writes; none where it is this one.
    pub(crate) fn writer(&self) -> Option<String> {
        self.standby.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn leads(&self) -> watch::Receiver<bool> {
        self.leads.subscribe()
    }

    /// Whether it certainly is the writer now.
    pub(crate) fn is_sure(&self) -> bool {
        let proved = *self.proved.read().unwrap_or_else(PoisonError::into_inner);
        proved.is_none_or(|proved| proved.elapsed() < SURE_FOR || execute::bug("answers-stale"))
    }

    /// It was the writer at some moment after this one.
    fn proved(&self, begun: Moment) {
        *self.proved.write().unwrap_or_else(PoisonError::into_inner) = Some(begun);
    }

    fn stand_by(&self, writer: &str) {
        *self.standby.write().unwrap_or_else(PoisonError::into_inner) = Some(writer.to_owned());
    }

    pub(super) fn lead(&self) {
        *self.standby.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.leads.send_replace(true);
    }
}

/// What a hub needs to know before it may write.
pub(crate) struct Standing {
    pub(crate) duty: Arc<Duty>,
    pub(crate) access: Arc<Access>,
    /// Its data folder.
    pub(crate) folder: std::path::PathBuf,
    /// By which the process is told from others.
    pub(crate) holder: String,
    /// Where others reach this hub.
    pub(crate) url: String,
    /// What it brings along.
    pub(crate) census: Option<Census>,
    /// A census for a journal that is empty.
    pub(crate) when_new: Option<Census>,
    pub(crate) half_life: Span,
}

/// What a hub that stands by knows of the one that writes.
#[derive(Default)]
pub(crate) struct Following {
    /// The writer's row, and since when it has stood still.
    seen: Option<(Lease, Moment)>,
    /// How often tokens had been changed when they were last read.
    tokens: Option<i64>,
}

/// What became of following.
pub(crate) enum Turn {
    /// This hub writes from now on.
    Leads,
    /// It was asked to stop.
    Stops,
}

impl Writer {
    /// Follows until it is this hub's turn to write. A store that no other hub can reach is its own at once.
    pub(crate) fn follow(&mut self, inbox: &Receiver<Ask>, standing: &Standing) -> Result<Turn, StoreFault> {
        let mut following = Following::default();
        loop {
            if self.look_for_turn(&mut following, standing)? {
                return Ok(Turn::Leads);
            }
            let until = Instant::now() + LOOK_EVERY;
            loop {
                match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(Ask::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(Turn::Stops),
                    Ok(ask) => self.answer_as_standby(ask),
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
        }
    }

    /// Takes in what is new in the store; whether this hub writes from now on.
    pub(crate) fn look_for_turn(&mut self, following: &mut Following, standing: &Standing) -> Result<bool, StoreFault> {
        let Some(lease) = self.store.lease()? else { return Ok(true) };
        if following.tokens != Some(lease.tokens) {
            let rows = self.store.tokens()?;
            let valid = rows.iter().filter(|token| token.revoked.is_none());
            standing.access.replace(valid.filter_map(|token| Some((token.hash, granted(token)?))));
            following.tokens = Some(lease.tokens);
        }
        self.catch_up()?;
        let seen = following.seen.as_ref();
        if seen.is_none_or(|(seen, _)| (seen.fence, seen.beat) != (lease.fence, lease.beat)) {
            following.seen = Some((lease.clone(), Moment::now()));
        }
        let silent = following.seen.as_ref().is_some_and(|(_, since)| since.elapsed() > SILENT_AFTER);
        if lease.holder.is_empty() || silent {
            let begun = Moment::now();
            if self.store.lead(&lease, &standing.holder, &standing.url)? {
                standing.duty.proved(begun);
                // Whatever the other hub wrote before is there now, and it can write no more.
                self.catch_up()?;
                return Ok(true);
            }
            following.seen = None;
        }
        standing.duty.stand_by(&lease.url);
        Ok(false)
    }

    /// The number by which it writes, where others might.
    pub(crate) fn fence(&self) -> Option<i64> {
        self.store.fence()
    }

    /// For simulations: the store grows no more.
    pub(crate) fn fill_disk(&self) {
        self.store.fill_disk();
    }

    /// The last entry that it knows.
    pub(crate) fn seq(&self) -> u64 {
        self.ledger.seq
    }

    /// The number of whoever may write now, if it can be known.
    pub(crate) fn newest_fence(&self) -> Option<i64> {
        self.store.lease().ok().flatten().map(|lease| lease.fence)
    }

    /// Shows that it lives; whether it still is the writer.
    pub(crate) fn beat(&self, duty: &Duty) -> Result<bool, StoreFault> {
        let begun = Moment::now();
        let is_writer = self.store.beat()?;
        if is_writer && self.store.fence().is_some() {
            duty.proved(begun);
        }
        Ok(is_writer)
    }

    pub(crate) fn answer_as_standby(&mut self, ask: Ask) {
        match ask {
            Ask::Look(look) => look(&self.ledger),
            Ask::Think(think) => think(&mut self.ledger.hub),
            // Dropped with what it would be answered by: whoever asked is told who writes.
            Ask::Do(_) | Ask::Account(..) | Ask::Recall(..) | Ask::Write(..) | Ask::Heard(_) | Ask::Held(..) | Ask::Stop => {}
            Ask::Answered(..) | Ask::Flush(_) => {}
        }
    }

    /// Takes in what another hub has written.
    fn catch_up(&mut self) -> Result<(), StoreFault> {
        loop {
            let entries = self.store.after(self.ledger.seq)?;
            let more = entries.len() == crate::store::FOLLOWED_AT_ONCE;
            for entry in &entries {
                self.ledger.apply(entry);
            }
            if !entries.is_empty() {
                self.publish(&entries);
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Begins to write: takes over what the hub was started with.
    pub(crate) fn begin(&mut self, standing: &mut Standing) -> Result<(), StartFault> {
        self.asked = self.store.resume()?;
        operator_token(&standing.folder, &mut self.store, &standing.access)?;
        self.shortened = self.ledger.seq;
        // Agents have as long as ever to be heard of.
        let posts = self.ledger.hub.pools.iter().flat_map(|(id, pool)| Post::all(*id, pool));
        self.heard = posts.map(|post| (post, Moment::now())).collect();
        self.leases = Leases::of(&self.ledger.hub);
        let now = clock::now();
        let mut batch = Batch::default();
        let census = standing.census.take();
        let census = census.or_else(|| standing.when_new.take().filter(|_| self.ledger.seq == 0));
        let changes = census.map(|census| self.ledger.hub.census.changes_to(&census)).unwrap_or_default();
        if !changes.is_empty() {
            self.ledger.ask(now, Request::Census(changes), &mut batch.entries).expect("a hub takes any census over");
        }
        let half_life = Request::HalfLife(standing.half_life);
        self.ledger.ask(now, half_life, &mut batch.entries).expect("a hub takes any half-life over");
        self.commit(batch)?;
        standing.duty.lead();
        Ok(())
    }
}

/// Shows other hubs that this one lives, from a thread of its own: a long batch is no silence.
pub(crate) struct Heart {
    started: Instant,
    /// When the hub's thread last got something done, in milliseconds since then.
    progress: AtomicU64,
    fenced: AtomicBool,
    stop: AtomicBool,
}

impl Heart {
    /// Beats until the hub ends. A store that no other hub can reach needs none.
    pub(crate) fn start(store: &Store, fence: Option<i64>, duty: Arc<Duty>) -> Arc<Heart> {
        let (progress, fenced, stop) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
        let heart = Arc::new(Heart { started: Instant::now(), progress, fenced, stop });
        if let Some(fence) = fence {
            let (store, heart) = (store.clone(), heart.clone());
            let beats = std::thread::Builder::new().name("heart".to_owned()).spawn(move || heart.beat(&store, fence, &duty));
            beats.expect("a thread that shows that the hub lives");
        }
        heart
    }

    /// The hub's thread got something done; whether another hub has taken over.
    pub(crate) fn alive(&self) -> bool {
        self.progress.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.fenced.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn beat(&self, store: &Store, fence: i64, duty: &Duty) {
        let mut database = None;
        while !self.stop.load(Ordering::Relaxed) {
            let quiet = self.started.elapsed().saturating_sub(Duration::from_millis(self.progress.load(Ordering::Relaxed)));
            if quiet < STUCK_AFTER {
                let begun = Moment::now();
                let outcome = match &database {
                    Some(database) => crate::store::beat(database, fence),
                    None => match store.open_writable() {
                        Ok(opened) => crate::store::beat(database.insert(opened), fence),
                        Err(StoreFault::Trouble { source, .. }) => Err(source),
                        Err(_) => return,
                    },
                };
                match outcome {
                    Ok(true) => duty.proved(begun),
                    Ok(false) => {
                        self.fenced.store(true, Ordering::Relaxed);
                        return;
                    }
                    Err(trouble) => {
                        tracing::warn!(%trouble, "other hubs cannot be shown that this one lives");
                        database = None;
                    }
                }
            }
            std::thread::sleep(BEAT_EVERY);
        }
    }
}

/// That another hub writes now.
pub(crate) fn fenced(store: &Store) -> StoreFault {
    StoreFault::Trouble { store: store.to_string(), source: Trouble::Fenced }
}
