//! A part of the journal as a file of its own: consecutive entries in Parquet, which any program for tables reads. The file is never
//! changed, and proves itself: the hash of its last entry follows from what it holds and from the hash before its first.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use measure::Time;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::chain::{Hash, hex, link};

/// Entries that are decoded together: whoever wants one entry reads so many.
pub(super) const GROUP: usize = 2048;

/// Instants are milliseconds since 1970 in UTC; `kind` is the fact's name, `job` its job where it has one, `body` the very bytes.
const SCHEMA: &str = "message entry {
  REQUIRED INT64 seq; REQUIRED INT64 at (TIMESTAMP(MILLIS,true)); REQUIRED BYTE_ARRAY kind (UTF8); OPTIONAL INT64 job;
  REQUIRED BYTE_ARRAY body (UTF8);
}";
const SEQ: usize = 0;
const AT: usize = 1;
const BODY: usize = 4;

/// An entry as it stands: its number, its instant and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) at: Time,
    pub(crate) body: String,
}

/// The name of a fact: the first of a body's keys that is not its kind's.
fn kind(body: &str) -> &str {
    let inner = body.strip_prefix("{\"Fact\":{\"").or_else(|| body.strip_prefix("{\"")).unwrap_or_default();
    inner.split('"').next().unwrap_or_default()
}

/// Writes entries, the first of which follows an entry of this hash, to a file that appears whole or not at all; the last one's hash.
///
/// # Errors
/// Where the file cannot be written.
pub(super) fn write(path: &Path, before: Hash, lines: &[Line], job: impl Fn(&str) -> Option<i64>) -> Result<Hash, ParquetError> {
    let head = lines.iter().fold(before, |head, line| link(&head, line.seq, line.at, line.body.as_bytes()));
    let told = [("shugu.before", hex(&before)), ("shugu.head", hex(&head))];
    let told = told.map(|(key, value)| KeyValue::new(key.to_owned(), value)).to_vec();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(6)?))
        .set_column_dictionary_enabled("body".into(), false)
        .set_column_statistics_enabled("body".into(), EnabledStatistics::None)
        .set_key_value_metadata(Some(told))
        .build();
    let new = path.with_extension("parquet.new");
    let mut writer = SerializedFileWriter::new(File::create(&new)?, Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?;
    for some in lines.chunks(GROUP) {
        let mut group = writer.next_row_group()?;
        let mut column =
            |write: &mut dyn FnMut(&mut parquet::file::writer::SerializedColumnWriter) -> Result<usize, ParquetError>| {
                let mut column = group.next_column()?.expect("the schema has this column");
                write(&mut column)?;
                column.close()
            };
        let texts = |pick: fn(&Line) -> &str| some.iter().map(|line| ByteArray::from(pick(line))).collect::<Vec<_>>();
        let jobs: Vec<Option<i64>> = some.iter().map(|line| job(&line.body)).collect();
        let levels: Vec<i16> = jobs.iter().map(|job| i16::from(job.is_some())).collect();
        let jobs: Vec<i64> = jobs.into_iter().flatten().collect();
        let numbers: Vec<i64> = some.iter().map(|line| line.seq.cast_signed()).collect();
        let instants: Vec<i64> = some.iter().map(|line| line.at.0).collect();
        column(&mut |column| column.typed::<Int64Type>().write_batch(&numbers, None, None))?;
        column(&mut |column| column.typed::<Int64Type>().write_batch(&instants, None, None))?;
        column(&mut |column| column.typed::<ByteArrayType>().write_batch(&texts(|line| kind(&line.body)), None, None))?;
        column(&mut |column| column.typed::<Int64Type>().write_batch(&jobs, Some(&levels), None))?;
        column(&mut |column| column.typed::<ByteArrayType>().write_batch(&texts(|line| &line.body), None, None))?;
        group.close()?;
    }
    writer.into_inner()?.sync_all()?;
    std::fs::rename(&new, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(head)
}

/// A file that is read.
pub(super) struct Segment {
    reader: SerializedFileReader<File>,
    path: PathBuf,
    first: u64,
}

impl Segment {
    /// Opens the file of entries from `first` on.
    pub(super) fn open(path: &Path, first: u64) -> Result<Segment, String> {
        let open = || SerializedFileReader::new(File::open(path)?);
        let reader = open().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Segment { reader, path: path.to_owned(), first })
    }

    /// How many groups of entries it has.
    pub(super) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// In which group an entry is.
    pub(super) fn group_of(&self, seq: u64) -> usize {
        (seq.saturating_sub(self.first) / GROUP as u64) as usize
    }

    /// The entries of a group, in order.
    pub(super) fn group(&self, at: usize) -> Result<Vec<Line>, String> {
        let told = |problem: String| format!("{}: {problem}", self.path.display());
        let lines = self.read(at).map_err(|error| told(error.to_string()))?;
        let first = self.first + (at * GROUP) as u64;
        match lines.iter().zip(first..).find(|(line, seq)| line.seq != *seq) {
            Some((line, seq)) => Err(told(format!("it has entry {} where entry {seq} should be", line.seq))),
            None => Ok(lines),
        }
    }

    fn read(&self, at: usize) -> Result<Vec<Line>, ParquetError> {
        if at >= self.groups() {
            return Err(ParquetError::General(format!("it has no group {at}")));
        }
        let group = self.reader.get_row_group(at)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0).min(GROUP);
        fn column<T: DataType>(
            group: &dyn parquet::file::reader::RowGroupReader,
            column: usize,
            rows: usize,
        ) -> Result<Vec<T::T>, ParquetError> {
            let mut values = Vec::with_capacity(rows);
            let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
            while values.len() < rows {
                let (records, ..) = reader.read_records(rows - values.len(), None, None, &mut values)?;
                if records == 0 {
                    return Err(ParquetError::EOF("it ends too early".to_owned()));
                }
            }
            Ok(values)
        }
        // A file of another kind has other columns.
        let schema = self.reader.metadata().file_metadata().schema_descr();
        if schema.num_columns() != 5 || schema.column(BODY).name() != "body" {
            return Err(ParquetError::General("it holds no entries of a journal".to_owned()));
        }
        let seqs = column::<Int64Type>(&*group, SEQ, rows)?;
        let instants = column::<Int64Type>(&*group, AT, rows)?;
        let bodies = column::<ByteArrayType>(&*group, BODY, rows)?;
        let lines = seqs
            .into_iter()
            .zip(instants)
            .zip(bodies)
            .map(|((seq, at), body)| Ok(Line { seq: seq.cast_unsigned(), at: Time(at), body: body.as_utf8()?.to_owned() }));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use measure::Time;

    use super::{GROUP, Line, Segment, kind, write};
    use crate::store::chain::{NO_ENTRY, link};

    #[test]
    fn what_is_written_is_read_again_and_has_the_hash_of_its_last_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.parquet");
        let line = |seq: u64| Line { seq, at: Time(seq as i64 * 10), body: format!("{{\"Fact\":{{\"Started\":{seq}}}}}") };
        let lines: Vec<Line> = (5..5 + GROUP as u64 + 100).map(line).collect();
        let head = write(&path, NO_ENTRY, &lines, |_| Some(1)).unwrap();
        let expected = lines.iter().fold(NO_ENTRY, |head, line| link(&head, line.seq, line.at, line.body.as_bytes()));
        assert_eq!(head, expected);
        let segment = Segment::open(&path, 5).unwrap();
        let read: Vec<Line> = (0..segment.groups()).flat_map(|at| segment.group(at).unwrap()).collect();
        assert_eq!(read, lines);
        let at = segment.group_of(5 + GROUP as u64);
        assert_eq!(segment.group(at).unwrap()[0], lines[GROUP]);
        assert!(Segment::open(&path, 6).unwrap().group(0).unwrap_err().contains("it has entry 5 where entry 6 should be"));
    }

    #[test]
    fn a_kind_is_the_name_of_the_fact() {
        assert_eq!(kind("{\"Fact\":{\"Submitted\":[1,{}]}}"), "Submitted");
        assert_eq!(kind("{\"Settled\":{}}"), "Settled");
    }
}
