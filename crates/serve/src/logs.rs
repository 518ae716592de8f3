//! Output of jobs, fetched from the pool's agent when somebody wants to read it: agents connect outward only.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use execute::wire::{LogAsk, Stream};
use measure::JobId;
use tokio::sync::oneshot;

use crate::post::Post;

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
    asked: BTreeMap<Post, Vec<LogAsk>>,
    open: BTreeMap<u64, (Post, oneshot::Sender<Piece>)>,
}

/// Open questions, by post.
#[derive(Default)]
pub(crate) struct LogDesk(Mutex<Desk>);

impl LogDesk {
    /// Asks an agent for a piece; it must be woken for it.
    pub(crate) fn ask(
        &self,
        post: Post,
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
        desk.open.insert(id, (post, sender));
        desk.asked.entry(post).or_default().push(LogAsk { id, job, replica, stream, from, most });
        receiver
    }

    /// What an agent has to be asked and was not told yet.
    pub(crate) fn take(&self, post: Post) -> Vec<LogAsk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.remove(&post).unwrap_or_default()
    }

    /// Whether an agent has to be asked something that it was not told yet.
    pub(crate) fn has(&self, post: Post) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.contains_key(&post)
    }

    /// Answers; false if nobody asked that of this agent.
    pub(crate) fn answer(&self, post: Post, id: u64, piece: Piece) -> bool {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match desk.open.get(&id) {
            Some((of, _)) if *of == post => {
                let (_, sender) = desk.open.remove(&id).expect("it was just there");
                let _ = sender.send(piece);
                true
            }
            _ => false,
        }
    }
}
