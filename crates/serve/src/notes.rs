//! What sites say of jobs that they have and have not started: for people, for the moment, and never kept.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use measure::JobId;

/// So many jobs are noted; beyond, the oldest are forgotten.
const NOTED_MOST: usize = 10_000;
/// So much of a note is kept.
const LENGTH_MOST: usize = 300;

/// The notes, by job and attempt.
#[derive(Default)]
pub(crate) struct Notes(Mutex<BTreeMap<JobId, (u32, String)>>);

impl Notes {
    pub(crate) fn note(&self, job: JobId, attempt: u32, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(job, (attempt, text.chars().filter(|letter| !letter.is_control()).take(LENGTH_MOST).collect()));
        while all.len() > NOTED_MOST {
            all.pop_first();
        }
    }

    pub(crate) fn of(&self, job: JobId, attempt: u32) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&job).filter(|(noted, _)| *noted == attempt).map(|(_, text)| text.clone())
    }
}
