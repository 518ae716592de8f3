//! Sees every entry once and keeps none: figures and a hash are all that remains of a replay.

use settle::Entry;
use sha2::{Digest, Sha256};

use crate::figures::Figures;

/// What is kept of the entries seen.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    figures: Figures,
    hash: Sha256,
    /// Reused, so that writing an entry down allocates nothing.
    lines: Vec<u8>,
}

impl Witness {
    pub(crate) fn see(&mut self, entries: &[Entry]) {
        self.lines.clear();
        for entry in entries {
            self.figures.take(entry);
            serde_json::to_writer(&mut self.lines, entry).expect("an entry is JSON, and memory takes it");
            self.lines.push(b'\n');
        }
        self.hash.update(&self.lines);
    }

    /// The figures, and the hash in lower-case hexadecimal digits.
    pub(crate) fn finish(self) -> (Figures, String) {
        let digits = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.figures, digits)
    }
}
