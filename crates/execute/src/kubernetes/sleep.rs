//! Which nodes are switched off to save power, and on again for work. That a node sleeps is written at the node itself, in the
//! cluster: whoever lists nodes sees it, and an agent that was started anew knows it. No I/O here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use measure::{Span, Time};

use super::asking::Ask;
use super::room::Room;

/// A node that was told to sleep may go on saying that it is ready for so long; told to wake before, it may still go off.
const FALLS_ASLEEP_WITHIN: Span = Span::seconds(180);
/// Between two tries to put to sleep what does not fall asleep.
const SLEEP_AGAIN: Duration = Duration::from_secs(600);
/// Between two tries to wake what does not wake: one that was still going off would stay off.
const WAKE_AGAIN: Duration = Duration::from_secs(60);
/// What does not wake within this is out of service until it does.
const WAKE_PATIENCE: Duration = Duration::from_secs(900);
/// As which reason that is told.
pub(super) const DOES_NOT_WAKE: &str = "asleep, and does not wake";

/// A node that is wanted awake.
#[derive(Debug)]
struct Waking {
    since: Instant,
    asked: Option<Instant>,
    /// It was seen off, or had the time to go off: ready means awake.
    was_off: bool,
    /// It is let have pods again.
    rises: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sleep {
    /// Those that the hub would have asleep.
    wanted: BTreeSet<String>,
    /// When each was last told to sleep.
    told: BTreeMap<String, Instant>,
    /// Those that are being put to sleep: what wakes them now would be undone.
    falling: BTreeSet<String>,
    waking: BTreeMap<String, Waking>,
}

impl Sleep {
    pub(super) fn want(&mut self, nodes: Vec<String>) {
        self.wanted = nodes.into_iter().collect();
    }

    /// What is to be asked now, where attempts that are not over have these nodes.
    pub(super) fn next(&mut self, room: &Room, taken: &BTreeSet<String>, clock: Time, now: Instant) -> Vec<Ask> {
        let mut asks = Vec::new();
        for name in self.wanted.iter().filter(|name| !taken.contains(*name) && !self.waking.contains_key(*name)) {
            let Some(seen) = room.node(name).filter(|seen| seen.reason.is_empty() && !seen.silent) else { continue };
            // One that sleeps and is ready was not switched off, or is on again.
            let settled = seen.asleep.is_none_or(|since| since + FALLS_ASLEEP_WITHIN <= clock);
            let again = self.told.get(name).is_none_or(|at| *at + SLEEP_AGAIN <= now);
            if settled && again && !room.works(name) {
                self.told.insert(name.clone(), now);
                self.falling.insert(name.clone());
                asks.push(Ask::Sleep(name.clone()));
            }
        }
        self.told.retain(|name, at| self.wanted.contains(name) || *at + SLEEP_AGAIN > now);
        for name in taken.iter().filter(|name| room.asleep(name).is_some()) {
            let waking = || Waking { since: now, asked: None, was_off: false, rises: false };
            self.waking.entry(name.clone()).or_insert_with(waking);
            self.told.remove(name);
        }
        self.waking.retain(|name, waking| {
            let Some((seen, since)) = room.node(name).and_then(|seen| Some((seen, seen.asleep?))) else { return false };
            waking.was_off |= seen.silent || since + FALLS_ASLEEP_WITHIN <= clock;
            let ready = !seen.silent && waking.was_off;
            let again = waking.asked.is_none_or(|at| at + WAKE_AGAIN <= now);
            if (ready != waking.rises || again) && !self.falling.contains(name) {
                (waking.rises, waking.asked) = (ready, Some(now));
                asks.push(if ready { Ask::Rise(name.clone()) } else { Ask::Wake(name.clone()) });
            }
            true
        });
        asks
    }

    /// A node was put to sleep, or could not be.
    pub(super) fn done(&mut self, node: &str) {
        self.falling.remove(node);
    }

    /// Nodes that should have woken and did not.
    pub(super) fn lost(&self, now: Instant) -> BTreeSet<String> {
        let lost = self.waking.iter().filter(|(_, waking)| waking.since + WAKE_PATIENCE <= now);
        lost.map(|(name, _)| name.clone()).collect()
    }

    /// As if so much time had passed.
    #[cfg(test)]
    pub(super) fn pass(&mut self, time: Duration) {
        for waking in self.waking.values_mut() {
            (waking.since, waking.asked) = (waking.since - time, waking.asked.map(|at| at - time));
        }
    }
}
