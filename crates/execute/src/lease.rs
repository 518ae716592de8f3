//! How long an agent may act without its hub. A hub that has heard nothing for the time of the lease takes the jobs of the
//! pool for lost and may start them elsewhere; the agent ends them before, so that none runs twice. It counts from when it
//! last sent something that was answered, which the hub heard no earlier, and remembers that over its own death.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use measure::Span;
use serde::{Deserialize, Serialize};

use crate::clock::{self, Moment, Uptime};

/// What is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    lease_ms: u64,
    /// When the hub last answered something, milliseconds since 1970.
    contact_ms: u64,
    /// The same by a clock that nobody sets, while the machine runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<Uptime>,
}

impl Kept {
    /// How long ago the hub last answered. By the date only where the machine was started since, and then no less than nothing: a date
    /// that was set back meanwhile would make the lease longer than it is.
    fn ago(&self) -> Duration {
        let steady = self.contact.as_ref().filter(|_| !crate::bug("lease-by-date")).and_then(Uptime::elapsed);
        steady.unwrap_or_else(|| Duration::from_millis(wall().saturating_sub(self.contact_ms)))
    }
}

#[derive(Debug)]
struct State {
    lease: Option<Duration>,
    contact: Moment,
    written: Option<Moment>,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    file: PathBuf,
    state: Arc<Mutex<State>>,
}

fn wall() -> u64 {
    u64::try_from(clock::now().0).unwrap_or(0)
}

/// How long before the lease is over the agent begins to stop what runs.
fn margin(lease: Duration) -> Duration {
    (lease / 3).min(Duration::from_secs(120))
}

impl Lease {
    /// The lease that is remembered in a folder; none if none is.
    pub(crate) fn recall(folder: &Path) -> Lease {
        let file = folder.join("lease.json");
        let kept = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let now = Moment::now();
        let state = match kept {
            Some(kept) => {
                State { lease: Some(Duration::from_millis(kept.lease_ms)), contact: now.before(kept.ago()), written: Some(now) }
            }
            None => State { lease: None, contact: now, written: None },
        };
        Lease { file, state: Arc::new(Mutex::new(state)) }
    }

    /// The hub answered something that was sent then.
    pub(crate) fn answered(&self, sent: Moment) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.contact = state.contact.max(sent);
        self.write(&mut state);
    }

    /// The hub says how long the lease is.
    pub(crate) fn set(&self, lease: Option<Span>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = lease.map(|lease| Duration::from_millis(lease.0.max(0).unsigned_abs()));
        if state.lease != lease {
            state.lease = lease;
            state.written = None;
        }
        self.write(&mut state);
    }

    /// Writes it down, not with every answer.
    fn write(&self, state: &mut State) {
        let Some(lease) = state.lease else { return };
        if state.written.is_some_and(|written| written.elapsed() < (lease / 20).min(Duration::from_secs(60))) {
            return;
        }
        let ago = u64::try_from(state.contact.elapsed().as_millis()).unwrap_or(u64::MAX);
        let kept = Kept {
            lease_ms: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
            contact_ms: wall().saturating_sub(ago),
            contact: Uptime::now().map(|now| now.before(ago)),
        };
        let new = self.file.with_extension("new");
        let written = serde_json::to_vec(&kept).map_err(std::io::Error::other);
        let written = written.and_then(|bytes| std::fs::write(&new, bytes)).and_then(|()| std::fs::rename(&new, &self.file));
        match written {
            Ok(()) => state.written = Some(Moment::now()),
            Err(error) => tracing::warn!(%error, "the lease cannot be written down"),
        }
    }

    /// How long whatever runs may go on without a word of this agent: as long as this agent may without one of its hub.
    pub(crate) fn without_word(&self) -> Option<Span> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let span = state.lease.map(|lease| lease - margin(lease));
        span.and_then(|span| i64::try_from(span.as_millis()).ok()).map(Span)
    }

    /// Whether it is so near its end that nothing may run any more.
    pub(crate) fn over(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        !crate::bug("lease-ignored") && state.lease.is_some_and(|lease| state.contact.elapsed() >= lease - margin(lease))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_over_before_its_hub_thinks_so_and_outlives_its_agent() {
        let folder = tempfile::tempdir().unwrap();
        let lease = Lease::recall(folder.path());
        assert!(!lease.over(), "without a lease nothing is over");
        lease.set(Some(Span(300)));
        lease.answered(Moment::now());
        assert!(!lease.over());
        std::thread::sleep(Duration::from_millis(210));
        assert!(lease.over(), "two thirds of it are gone");
        assert!(Lease::recall(folder.path()).over(), "a new agent knows");
        lease.answered(Moment::now());
        assert!(!lease.over() && !Lease::recall(folder.path()).over());
        lease.set(None);
        std::thread::sleep(Duration::from_millis(310));
        assert!(!lease.over());
    }

    #[test]
    fn a_date_that_is_set_back_while_the_agent_is_away_makes_no_lease_longer() {
        let folder = tempfile::tempdir().unwrap();
        let tell =
            |date_s: i64, steady_s: u64| clock::tell(measure::Time(date_s * 1000), Moment::after(Duration::from_secs(steady_s)));
        tell(1_000_000, 5000);
        let lease = Lease::recall(folder.path());
        lease.set(Some(Span::seconds(20)));
        lease.answered(Moment::now());
        // Of a lease of 20 s two thirds are gone after 14 s, whatever the date is.
        for (date_s, steady_s, over) in
            [(1_000_012, 5012, false), (999_950, 5012, false), (999_950, 5014, true), (1_000_090, 5012, false)]
        {
            tell(date_s, steady_s);
            assert_eq!(Lease::recall(folder.path()).over(), over, "{date_s} {steady_s}");
        }
    }
}
