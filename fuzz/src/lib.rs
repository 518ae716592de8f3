//! What must hold of everything that reads bytes from outside, whatever the bytes: a function a target. See `docs/fuzzing.md`.
//!
//! Two programs call them: the fuzzer, by `fuzz_targets/`, and the tests `corpus` of the workspace, which replay what fuzzing left.

pub mod census;
pub mod clusters;
pub mod history;
pub mod jobs;
pub mod journal;
pub mod policies;
pub mod quantities;
pub mod requests;
pub mod traces;

/// A target: what it is called, and what holds of any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name.
pub const TARGETS: [Target; 9] = [
    ("history", |bytes| history::History::read(bytes).replay()),
    ("quantities", quantities::hold),
    ("census", census::hold),
    ("policies", policies::hold),
    ("traces", traces::hold),
    ("jobs", jobs::hold),
    ("clusters", clusters::hold),
    ("journal", journal::hold),
    ("requests", requests::hold),
];

/// A mistake names the file that it is in, and is not much longer than what it tells of.
fn told(problem: &str, file: &str, text: &str) {
    assert!(problem.contains(file), "a mistake does not say in which file: {problem}");
    // What cannot be seen is written as an escape of six characters.
    assert!(problem.len() < 4000 + 6 * text.len(), "a mistake of {} bytes: {problem}", problem.len());
}
