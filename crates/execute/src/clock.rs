//! What time it is, for whoever asks in this thread: the machine's, or that of a simulation, which says it anew for each of its
//! processes in turn.

use std::cell::Cell;
use std::ops::Add;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use measure::Time;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

thread_local! {
    /// Wall time and steady time, where they are told.
    static TOLD: Cell<Option<(Time, Moment)>> = const { Cell::new(None) };
}

/// Now, to the millisecond. It may be set back.
pub fn now() -> Time {
    if let Some((wall, _)) = TOLD.get() {
        return wall;
    }
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// An instant of a clock that goes on steadily and tells no date; in nanoseconds since some moment of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// Now.
    pub fn now() -> Moment {
        static BEGUN: OnceLock<Instant> = OnceLock::new();
        match TOLD.get() {
            Some((_, moment)) => moment,
            None => Moment::after(BEGUN.get_or_init(Instant::now).elapsed()),
        }
    }

    /// So long after the moment from which it is counted.
    pub fn after(span: Duration) -> Moment {
        Moment(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX))
    }

    /// How long after the moment from which it is counted.
    fn since_begin(self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(u64::try_from(Moment::now().0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// The moment so long before, also if that is before the process.
    pub fn before(self, span: Duration) -> Moment {
        Moment(self.0.saturating_sub(Moment::after(span).0))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;
    fn add(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(Moment::after(span).0))
    }
}

/// Time since the machine was started, for comparing across processes: whoever sets the date changes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Uptime {
    /// Which start of the machine it is counted from.
    boot: String,
    /// In milliseconds.
    ms: u64,
}

impl Uptime {
    /// Now; `None` where the system does not say.
    pub(crate) fn now() -> Option<Uptime> {
        let milliseconds = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        if let Some((_, moment)) = TOLD.get() {
            return Some(Uptime { boot: "told".to_owned(), ms: milliseconds(moment.since_begin()) });
        }
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let up = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
        Some(Uptime { boot: boot.trim().to_owned(), ms: milliseconds(up.into()) })
    }

    /// The same so many milliseconds before.
    pub(crate) fn before(self, ms: u64) -> Uptime {
        Uptime { ms: self.ms.saturating_sub(ms), ..self }
    }

    /// How long ago it was; `None` if the machine was started since.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        let now = Uptime::now().filter(|now| now.boot == self.boot)?;
        Some(Duration::from_millis(now.ms.saturating_sub(self.ms)))
    }
}

/// Whether this thread is told what time it is.
pub(crate) fn is_told() -> bool {
    TOLD.get().is_some()
}

/// From now on this thread is told this time.
pub fn tell(wall: Time, moment: Moment) {
    TOLD.set(Some((wall, moment)));
}
