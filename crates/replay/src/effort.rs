//! What the engine's work took, on this machine. The one file that looks at the clock: what it sees is
//! printed, and never decides or is hashed.

use std::time::{Duration, Instant};

/// What the engine's work took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Jobs placed.
    pub placements: u64,
    /// Scheduling passes.
    pub rounds: u64,
    /// Wall time spent inside the engine (requests and rounds), without reading, hashing and counting.
    pub wall: Duration,
}

impl Effort {
    /// Does `work` and adds the time it took.
    pub(crate) fn spend<T>(&mut self, work: impl FnOnce() -> T) -> T {
        #[expect(clippy::disallowed_methods, reason = "the speed of the engine is a figure, not an input")]
        let begun = Instant::now();
        let done = work();
        self.wall += begun.elapsed();
        done
    }
}

/// The most memory this process ever held, in bytes; `None` where the system does not say.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
