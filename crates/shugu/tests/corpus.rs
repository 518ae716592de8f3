//! What fuzzing found worth keeping, and some hundred slips of it, without a fuzzer; see `docs/fuzzing.md`.

#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use std::path::{Path, PathBuf};

/// The corpus of a target, by name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "a corpus of nothing shows nothing");
    files.into_iter().map(|file| (file.display().to_string(), std::fs::read(&file).unwrap())).collect()
}

/// Says which bytes broke something.
struct Told<'a>(&'a str, &'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}: \"{}\"", self.0, self.1.escape_ascii());
        }
    }
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}

/// What numbers are replaced by.
const NUMBERS: [&str; 10] = [
    "0",
    "-1",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1e308",
    "0.0000001",
    "99999999999999999999999999",
];

/// Bytes with a few slips: a byte changed, some left out, some twice, some of another file, another number.
fn slipped(chance: &mut Chance, corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].1.clone();
    for _ in 0..=chance.below(4) {
        let from = chance.below(bytes.len());
        let to = (from + 1 + chance.below(16)).min(bytes.len());
        match chance.below(5) {
            0 if !bytes.is_empty() => bytes[from] = chance.below(256) as u8,
            1 => drop(bytes.drain(from..to)),
            2 => {
                let some = bytes[from..to].to_vec();
                bytes.splice(from..from, some);
            }
            3 => {
                let other = &corpus[chance.below(corpus.len())].1;
                let begin = chance.below(other.len());
                let some = other[begin..(begin + 1 + chance.below(64)).min(other.len())].to_vec();
                bytes.splice(from..from, some);
            }
            _ => {
                let digits = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect::<Vec<_>>();
                let Some(begin) = digits.get(chance.below(digits.len())).copied() else { continue };
                let length = bytes[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                bytes.splice(begin..begin + length, NUMBERS[chance.below(NUMBERS.len())].bytes());
            }
        }
    }
    bytes
}

fn hold(target: &str, slips: u64) {
    let (_, holds) = fuzz::TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let corpus = corpus(target);
    let one = |name: &str, bytes: &[u8]| {
        let told = Told(name, bytes);
        holds(bytes);
        drop(told);
    };
    corpus.iter().for_each(|(name, bytes)| one(name, bytes));
    for seed in 0..slips {
        one(&format!("slip {seed}"), &slipped(&mut Chance(seed), &corpus));
    }
}

/// A test for each target; those of the engine are in `dispatch`.
macro_rules! held {
    ($($target:ident: $slips:literal,)*) => {
        $(#[test]
        fn $target() {
            hold(stringify!($target), $slips);
        })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = ["history", $(stringify!($target)),*];
            assert_eq!(fuzz::TARGETS.map(|(name, _)| name), replayed);
        }
    };
}

held! {
    quantities: 2000,
    census: 200,
    policies: 500,
    traces: 500,
    jobs: 2000,
    clusters: 1000,
    journal: 500,
    requests: 150,
}
