//! By turns, those who follow events are told: of ten thousand who all wrote at once, those who read would wait behind them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::hub::Change;

/// So many groups are told one after another.
const GROUPS: usize = 256;
/// What is set aside for telling one follower: with it, a quarter of one core tells them all, and those who read have the rest.
const FOR_EACH: Duration = Duration::from_micros(100);
/// Nobody waits longer than this for what happened, however many follow.
const LONGEST: Duration = Duration::from_millis(1000);
/// A shorter pause than this is none.
const SHORTEST: Duration = Duration::from_millis(1);

/// Groups of followers, each with a bell that rings when there may be something to tell.
pub(crate) struct Turns {
    bells: Vec<watch::Sender<()>>,
    next: AtomicUsize,
}

impl Turns {
    pub(crate) fn new() -> Turns {
        Turns { bells: (0..GROUPS).map(|_| watch::Sender::new(())).collect(), next: AtomicUsize::new(0) }
    }

    /// The bell of one more follower.
    pub(crate) fn join(&self) -> watch::Receiver<()> {
        self.bells[self.next.fetch_add(1, Ordering::Relaxed) % GROUPS].subscribe()
    }

    /// The pause between two groups: none for few followers.
    fn pause(&self) -> Duration {
        let followers: usize = self.bells.iter().map(watch::Sender::receiver_count).sum();
        let whole = FOR_EACH.saturating_mul(u32::try_from(followers).unwrap_or(u32::MAX)).min(LONGEST);
        whole / GROUPS as u32
    }

    /// Rings for every change, or for many together, until there are no more.
    pub(crate) async fn ring(self: Arc<Turns>, mut changes: broadcast::Receiver<Arc<Change>>) {
        loop {
            match changes.recv().await {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
            // What happened since is told by the same turn.
            changes = changes.resubscribe();
            let pause = self.pause();
            for bell in self.bells.iter().filter(|bell| bell.receiver_count() > 0) {
                bell.send_replace(());
                if pause >= SHORTEST {
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
}
