//! What fuzzing found worth keeping, and some hundred histories of chance, replayed without a fuzzer; see `docs/fuzzing.md`.

#[path = "../../../fuzz/src/history.rs"]
mod history;

use std::path::{Path, PathBuf};

use history::History;

/// Prints the history that broke something.
struct Told<'a>(&'a str, &'a History);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}: {:?}", self.0, self.1);
        }
    }
}

fn replay(name: &str, bytes: &[u8]) {
    let history = History::read(bytes);
    let told = Told(name, &history);
    history.replay();
    drop(told);
}

#[test]
fn the_corpus_breaks_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/history");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "a corpus of nothing shows nothing");
    for file in files {
        replay(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
}

#[test]
fn bytes_of_chance_break_nothing() {
    for seed in 0..400 {
        let mut state: u64 = seed;
        let mut byte = || {
            // SplitMix64.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (mixed >> 56) as u8
        };
        let length = 64 + usize::from(byte()) + usize::from(byte());
        let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
        replay(&format!("seed {seed}"), &bytes);
    }
}
