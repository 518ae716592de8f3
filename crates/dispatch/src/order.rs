//! Who goes next: priority, then age.

use std::cmp::Reverse;

use measure::{JobId, Time};

/// What happens behind a job that does not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// Smaller work behind it may start.
    #[default]
    Default,
    /// Nothing behind it starts: strictly first come, first served within a priority.
    Fifo,
}

impl Policy {
    /// The policy of that name, if there is one.
    pub fn named(name: &str) -> Option<Policy> {
        match name {
            "default" | "bestfit" => Some(Policy::Default),
            "fifo" => Some(Policy::Fifo),
            _ => None,
        }
    }
}

/// The key by which waiting jobs are served, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    priority: Reverse<i16>,
    since: Time,
    job: JobId,
}

impl Turn {
    pub(crate) fn new(priority: i16, since: Time, job: JobId) -> Turn {
        Turn { priority: Reverse(priority), since, job }
    }

    pub(crate) fn job(self) -> JobId {
        self.job
    }
}
