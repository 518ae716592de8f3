//! What of the journal is in files of an archive, and what of that is there only.
//!
//! The table `segment` knows the files: consecutive entries from the first on. `meta.dropped` is the last entry up to which the store
//! need not have entries any more; those that the tables are made from again and again ([`stays`]) it keeps even so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dispatch::Fact;
use measure::Time;
use settle::{Body, Entry};

use super::chain::{Hash, NO_ENTRY, link};
pub(crate) use super::segment::Line;
use super::segment::{self, Segment};
use super::sql::{Database, Outcome, Row, Rows, Trouble, values};

/// A file of the archive.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The hash of its last entry.
    pub(crate) head: Hash,
    /// When its first entry was written, and its last.
    pub(crate) from: Time,
    pub(crate) until: Time,
    pub(crate) path: PathBuf,
}

const FILES: &str = "SELECT first, last, head, begins, ends, file FROM segment";

fn file(database: &Database, row: &Row) -> Outcome<File> {
    Ok(File {
        first: row.get::<i64>(0)?.cast_unsigned(),
        last: row.get::<i64>(1)?.cast_unsigned(),
        head: row.get(2)?,
        from: row.get(3)?,
        until: row.get(4)?,
        // What is not absolute lies beside the journal, and is carried with it.
        path: database.folder().join(row.get::<&str>(5)?),
    })
}

/// Every file, the oldest first.
pub(crate) fn files(database: &Database) -> Outcome<Vec<File>> {
    database.all(&format!("{FILES} ORDER BY first"), &[], |row| file(database, row))
}

/// The file that has an entry.
fn file_of(database: &Database, seq: u64) -> Outcome<File> {
    let select = format!("{FILES} WHERE first <= ?1 ORDER BY first DESC LIMIT 1");
    let found = database.first(&select, &values![seq.cast_signed()], |row| file(database, row))?;
    let found = found.filter(|file| seq <= file.last);
    found.ok_or_else(|| Trouble::Shape(format!("entry {seq} is neither in the store nor in its archive")))
}

/// The last entry up to which entries may be in the archive only.
pub(crate) fn dropped(database: &Database) -> Outcome<u64> {
    let select = "SELECT value FROM meta WHERE key = 'dropped'";
    Ok(database.first(select, &[], |row| row.get::<i64>(0))?.unwrap_or(0).cast_unsigned())
}

fn open(file: &File) -> Outcome<Segment> {
    Segment::open(&file.path, file.first).map_err(Trouble::Archive)
}

/// Entries of the archive from one on: those that lie together with it, up to the last that was dropped.
pub(super) fn lines_from(database: &Database, seq: u64, dropped: u64) -> Outcome<Vec<Line>> {
    let file = file_of(database, seq)?;
    let segment = open(&file)?;
    let mut lines = segment.group(segment.group_of(seq)).map_err(Trouble::Archive)?;
    lines.retain(|line| line.seq >= seq && line.seq <= dropped);
    if lines.first().is_none_or(|line| line.seq != seq) {
        return Err(Trouble::Archive(format!("{}: entry {seq} is missing", file.path.display())));
    }
    Ok(lines)
}

/// Shows every entry of a file, group by group.
pub(crate) fn read(file: &File, mut show: impl FnMut(Vec<Line>) -> Outcome<()>) -> Outcome<()> {
    let segment = open(file)?;
    (0..segment.groups()).try_for_each(|at| show(segment.group(at).map_err(Trouble::Archive)?))
}

/// These entries, from the store or its archive, and others that lie beside them.
pub(crate) fn lines(database: &Database, seqs: impl IntoIterator<Item = u64>) -> Outcome<BTreeMap<u64, Line>> {
    let wanted: BTreeSet<i64> = seqs.into_iter().map(u64::cast_signed).collect();
    let here = database.all_of("SELECT seq, at, body FROM entry", "seq", &wanted.iter().copied().collect::<Vec<_>>(), |row| {
        Ok(Line { seq: row.get::<i64>(0)?.cast_unsigned(), at: row.get(1)?, body: row.get(2)? })
    })?;
    let mut found: BTreeMap<u64, Line> = here.into_iter().map(|line| (line.seq, line)).collect();
    let away: Vec<u64> = wanted.into_iter().map(i64::cast_unsigned).filter(|seq| !found.contains_key(seq)).collect();
    let mut last: Option<(File, Segment)> = None;
    for seq in away {
        // Entries of one time lie together, and were read together.
        if found.contains_key(&seq) {
            continue;
        }
        let (file, segment) = match last.take().filter(|(file, _)| seq <= file.last) {
            Some(open) => open,
            None => {
                let file = file_of(database, seq)?;
                let segment = open(&file)?;
                (file, segment)
            }
        };
        let lines = segment.group(segment.group_of(seq)).map_err(Trouble::Archive)?;
        found.extend(lines.into_iter().map(|line| (line.seq, line)));
        if !found.contains_key(&seq) {
            return Err(Trouble::Archive(format!("{}: entry {seq} is missing", file.path.display())));
        }
        last = Some((file, segment));
    }
    Ok(found)
}

/// Where the files are from now on.
pub(crate) fn place(database: &Database, path: impl Fn(&File) -> PathBuf) -> Outcome<()> {
    for file in files(database)? {
        let (path, first) = (path(&file), file.first.cast_signed());
        let path = path.to_string_lossy();
        database.execute("UPDATE segment SET file = ?2 WHERE first = ?1", &values![first, path.as_ref()])?;
    }
    Ok(())
}

/// Adds to a copy of the entries of a store those that are in its archive only.
pub(crate) fn fill(from: &Database, to: &Database) -> Outcome<()> {
    let dropped = dropped(from)?;
    for file in files(from)?.iter().filter(|file| file.last <= dropped) {
        let mut head = before(from, file)?;
        read(file, |lines| {
            let numbers: Vec<i64> = lines.iter().map(|line| line.seq.cast_signed()).collect();
            let here = to.all_of("SELECT seq FROM entry", "seq", &numbers, |row| row.get::<i64>(0))?;
            let here: BTreeSet<i64> = here.into_iter().collect();
            let mut rows = Rows::default();
            for line in lines {
                head = link(&head, line.seq, line.at, line.body.as_bytes());
                if !here.contains(&line.seq.cast_signed()) {
                    rows.add(&super::tables::ENTRY, values![line.seq.cast_signed(), line.at, line.body, head]);
                }
            }
            to.transaction(None, || to.write(&rows))
        })?;
    }
    to.execute("DELETE FROM meta WHERE key = 'dropped'", &[]).map(drop)
}

/// The body of an entry, from the store or its archive.
pub(crate) fn body(database: &Database, seq: u64) -> Outcome<String> {
    let mut lines = lines(database, [seq])?;
    lines.remove(&seq).map(|line| line.body).ok_or_else(|| Trouble::Shape(format!("there is no entry {seq}")))
}

/// The hashes of these entries, from the store or by what its archive holds.
pub(crate) fn hashes(database: &Database, seqs: &BTreeSet<u64>) -> Outcome<BTreeMap<u64, Hash>> {
    let numbers: Vec<i64> = seqs.iter().copied().map(u64::cast_signed).collect();
    let here = database.all_of("SELECT seq, hash FROM entry", "seq", &numbers, |row| {
        Ok((row.get::<i64>(0)?.cast_unsigned(), row.get::<Option<Hash>>(1)?))
    })?;
    let mut found: BTreeMap<u64, Hash> = here.into_iter().filter_map(|(seq, hash)| Some((seq, hash?))).collect();
    let dropped = dropped(database)?;
    for seq in seqs.iter().copied().filter(|seq| (1..=dropped).contains(seq)) {
        if found.contains_key(&seq) {
            continue;
        }
        let file = file_of(database, seq)?;
        let mut head = before(database, &file)?;
        read(&file, |lines| {
            for line in lines {
                head = link(&head, line.seq, line.at, line.body.as_bytes());
                if seqs.contains(&line.seq) {
                    found.insert(line.seq, head);
                }
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// What the first entry of a file follows.
pub(crate) fn before(database: &Database, file: &File) -> Outcome<Hash> {
    let select = "SELECT head FROM segment WHERE last = ?1";
    let last = file.first.saturating_sub(1).cast_signed();
    Ok(database.first(select, &values![last], |row| row.get(0))?.unwrap_or(NO_ENTRY))
}

/// Whether the store keeps an entry that is in the archive: what is said of the census, of tenants, pools and money, which is read
/// again long after, and not how jobs fared and nodes did, which is nearly everything.
pub(crate) fn stays(entry: &Entry) -> bool {
    // By the first one a hub is known.
    entry.seq == 1
        || match &entry.body {
            Body::Fact(fact) => {
                matches!(fact, Fact::Census(_) | Fact::Admitted(..) | Fact::Joined(..) | Fact::Funded(..) | Fact::Data(..))
            }
            Body::Corrected(_) | Body::Disputed(_) | Body::Judged(_) | Body::Granted(..) | Body::Expired(..) => true,
            Body::Settled(_) | Body::Attempted(_) | Body::Carried(..) | Body::Credits(..) => false,
        }
}

/// The entry of a line.
pub(crate) fn entry(line: &Line) -> Outcome<Entry> {
    let body = serde_json::from_str(&line.body).map_err(|error| Trouble::Shape(format!("entry {}: {error}", line.seq)))?;
    Ok(Entry { seq: line.seq, at: line.at, body })
}

/// Writes consecutive entries to a new file in a folder, and reads it again; they end with the hash that they have in the journal.
pub(crate) fn write(folder: &Path, before: Hash, lines: &[Line], head: Hash) -> Outcome<File> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Err(Trouble::Shape("no entries are no file of an archive".to_owned()));
    };
    let path = folder.join(format!("{:012}-{:012}.parquet", first.seq, last.seq));
    let job = |body: &str| {
        let body: Body = serde_json::from_str(body).ok()?;
        super::rows::job_of(&body).map(|job| job.0.cast_signed())
    };
    let written = segment::write(&path, before, lines, job);
    let written = written.map_err(|error| Trouble::Archive(format!("{}: {error}", path.display())))?;
    let file = File { first: first.seq, last: last.seq, head, from: first.at, until: last.at, path };
    let mut found = before;
    read(&file, |lines| {
        found = lines.iter().fold(found, |found, line| link(&found, line.seq, line.at, line.body.as_bytes()));
        Ok(())
    })?;
    match written == head && found == head {
        true => Ok(file),
        false => Err(Trouble::Archive(format!("{}: its last entry has another hash than in the journal", file.path.display()))),
    }
}
