//! Output of jobs, fetched from the pool's agent when somebody wants to read it: agents connect outward only.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use execute::wire::{LogAsk, Stream};
use measure::{JobId, PoolId};
use tokio::sync::oneshot;

/// A piece of output.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The byte it begins at.
    pub(crate) from: u64,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// False if the site has no such output (yet, or any more).
    pub(crate) found: bool,
}

#[derive(Default)]
struct Desk {
    last: u64,
    asked: BTreeMap<PoolId, Vec<LogAsk>>,
    open: BTreeMap<u64, (PoolId, oneshot::Sender<Piece>)>,
}

/// Open questions, by pool.
#[derive(Default)]
pub(crate) struct LogDesk(Mutex<Desk>);

impl LogDesk {
    /// Asks a pool for a piece; the agent must be woken for it.
    pub(crate) fn ask(
        &self,
        pool: PoolId,
        job: JobId,
        replica: u32,
        stream: Stream,
        from: i64,
        most: u64,
    ) -> oneshot::Receiver<Piece> {
        let (sender, receiver) = oneshot::channel();
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.last += 1;
        let id = desk.last;
        // Whoever gave up waiting is not kept.
        desk.open.retain(|_, (_, sender)| !sender.is_closed());
        desk.open.insert(id, (pool, sender));
        desk.asked.entry(pool).or_default().push(LogAsk { id, job, replica, stream, from, most });
        receiver
    }

    /// What a pool has been asked and not yet told.
    pub(crate) fn take(&self, pool: PoolId) -> Vec<LogAsk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.remove(&pool).unwrap_or_default()
    }

    /// Whether a pool has been asked something it was not told yet.
    pub(crate) fn has(&self, pool: PoolId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.contains_key(&pool)
    }

    /// Answers; false if nobody asked that of this pool.
    pub(crate) fn answer(&self, pool: PoolId, id: u64, piece: Piece) -> bool {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match desk.open.get(&id) {
            Some((of, _)) if *of == pool => {
                let (_, sender) = desk.open.remove(&id).expect("it was just there");
                let _ = sender.send(piece);
                true
            }
            _ => false,
        }
    }
}
