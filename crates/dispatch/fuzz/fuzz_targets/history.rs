//! Whatever the bytes, the history they stand for breaks nothing of the engine.

#![no_main]

#[path = "../history.rs"]
mod history;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| history::History::read(bytes).replay());
