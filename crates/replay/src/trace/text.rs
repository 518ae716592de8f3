//! A file as text, compressed or not.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::wrong::{Error, Spot, Wrong};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The whole text of a file. What begins like gzip, or is named so, is decompressed.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let unreadable = |problem| Error::Unreadable { file: path.to_owned(), problem };
    let mut bytes = std::fs::read(path).map_err(unreadable)?;
    if bytes.starts_with(&GZIP_MAGIC) || path.extension().is_some_and(|suffix| suffix == "gz") {
        let mut plain = Vec::with_capacity(bytes.len() * 8);
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).map_err(unreadable)?;
        bytes = plain;
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() as u64;
        let file = path.display().to_string();
        Error::Wrong(Wrong { file, spot: Spot::Line(line), field: None, problem: "is not UTF-8".to_owned() })
    })
}
