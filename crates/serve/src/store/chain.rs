//! The hashes that link entries.

use measure::Time;
use sha2::{Digest, Sha256};

use super::archive;
use super::sql::{Database, Outcome, values};

/// The SHA-256 of an entry and of the one before it.
pub(crate) type Hash = [u8; 32];

/// What the first entry follows.
pub(crate) const NO_ENTRY: Hash = [0; 32];

/// The hash of an entry: of that before it, its number, its instant and its body, numbers as eight bytes, the highest first.
pub(crate) fn link(before: &Hash, seq: u64, at: Time, body: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(at.0.to_be_bytes());
    hasher.update(body);
    hasher.finalize().into()
}

/// A hash as people write it.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of the last entry.
pub(crate) fn head(database: &Database) -> Outcome<Hash> {
    let last = "SELECT hash FROM entry ORDER BY seq DESC LIMIT 1";
    Ok(database.first(last, &[], |row| row.get(0))?.unwrap_or(NO_ENTRY))
}

/// What is wrong with which entry.
type Broken = Vec<(u64, String)>;

/// Whether each file of the archive holds what was archived, and what the store has of that too; what is wrong, each with its entry.
/// And up to which entry the store itself need not be whole, with that one's hash.
fn broken_files(database: &Database) -> Outcome<(Broken, u64, Hash)> {
    let (mut broken, mut next, mut head) = (Vec::new(), 1, NO_ENTRY);
    let dropped = archive::dropped(database)?;
    let (mut whole_until, mut whole_head) = (0, NO_ENTRY);
    for file in archive::files(database)? {
        let mut say = |seq: u64, told: &str| broken.push((seq, format!("{}: {told}", file.path.display())));
        if file.first != next {
            say(next, "the file before it is missing");
        }
        let (mut found, mut last) = (head, file.first - 1);
        let read = archive::read(&file, |lines| {
            let numbers: Vec<i64> = lines.iter().map(|line| line.seq.cast_signed()).collect();
            let here = database.all_of("SELECT seq, at, body FROM entry", "seq", &numbers, |row| {
                Ok((row.get::<i64>(0)?.cast_unsigned(), (row.get::<Time>(1)?, row.get::<String>(2)?)))
            })?;
            let here: std::collections::BTreeMap<u64, (Time, String)> = here.into_iter().collect();
            for line in &lines {
                found = link(&found, line.seq, line.at, line.body.as_bytes());
                last = line.seq;
                match here.get(&line.seq) {
                    Some((at, body)) if (*at, body) != (line.at, &line.body) => say(line.seq, "the store has it otherwise"),
                    None if line.seq > dropped => say(line.seq, "it is missing in the store"),
                    _ => {}
                }
            }
            Ok(())
        });
        match read {
            Err(trouble) => broken.push((file.first, trouble.to_string())),
            Ok(()) if last != file.last => say(last + 1, "it ends too early"),
            Ok(()) if found != file.head => say(last, "its hash is not that of what was archived: the file was changed"),
            Ok(()) => {}
        }
        (next, head) = (file.last + 1, file.head);
        if file.last <= dropped {
            (whole_until, whole_head) = (file.last, file.head);
        }
    }
    Ok((broken, whole_until, whole_head))
}

/// Whether each entry's hash is that of what it holds and of the one before it, in the archive and in the store; those that are not or are
/// missing, at most so many, each with what is wrong, and the last one's hash. A change of one entry is found there and nowhere else: the next ones are linked to the hash that stands there.
pub(crate) fn broken_links(database: &Database, most: usize) -> Outcome<(Broken, Hash)> {
    let (mut broken, until, mut before) = broken_files(database)?;
    broken.truncate(most);
    let mut next = until + 1;
    // Whatever bytes stand there, text or not.
    let body = if matches!(database, Database::Sqlite(_)) { "CAST(body AS BLOB)" } else { "convert_to(body, 'UTF8')" };
    let select = format!("SELECT seq, at, {body}, hash FROM entry WHERE seq > ?1 ORDER BY seq LIMIT 5000");
    // Whatever has a number that cannot be is found, too.
    let mut after = if until == 0 { i64::MIN } else { until.cast_signed() };
    loop {
        let page = database.all(&select, &values![after], |row| {
            let stands: Option<Hash> = row.get(3).unwrap_or(None);
            Ok((row.get::<i64>(0)?, row.get::<Time>(1)?, row.get::<Vec<u8>>(2)?, stands))
        })?;
        let Some((last, ..)) = page.last() else { return Ok((broken, before)) };
        after = *last;
        for (seq, at, body, stands) in page {
            let seq = seq.cast_unsigned();
            let expected = link(&before, seq, at, &body);
            if broken.len() < most {
                let told =
                    "its hash is not that of its content and of the entries before it: it was changed after it was written";
                match seq == next {
                    // Its own hash follows one that is gone, and says nothing.
                    false => broken.push((next, format!("is missing; the next one found is {seq}"))),
                    true if stands != Some(expected) => broken.push((seq, told.to_owned())),
                    true => {}
                }
            }
            next = seq + 1;
            before = stands.unwrap_or(expected);
        }
    }
}
