//! What was charged, line by line, for other programs: Parquet for analysts. FOCUS is in `focus.rs`.

use std::sync::Arc;

use measure::{JobId, Time};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

/// A charge or the correction of one, as the journal has it; amounts of a correction are differences.
#[derive(Debug, Clone)]
pub(crate) struct ChargeLine {
    /// The entry that says so.
    pub(crate) entry: u64,
    /// The entry of the bill that it corrects.
    pub(crate) corrects: Option<u64>,
    pub(crate) at: Time,
    pub(crate) job: JobId,
    pub(crate) job_name: String,
    pub(crate) attempt: u32,
    pub(crate) tenant: String,
    pub(crate) provider: String,
    pub(crate) pool: String,
    pub(crate) energy_source: String,
    pub(crate) precision: Option<String>,
    pub(crate) utilisation: Option<u16>,
    pub(crate) run: i64,
    pub(crate) device_time: i64,
    pub(crate) core_time: i64,
    pub(crate) cpu: i64,
    pub(crate) energy: i64,
    pub(crate) energy_cost: Option<i64>,
    pub(crate) carbon: Option<i64>,
    pub(crate) carbon_market: Option<i64>,
    pub(crate) price: i64,
    pub(crate) fee: i64,
    pub(crate) credit: i64,
    /// Millions of operations.
    pub(crate) delivered: Option<i64>,
    pub(crate) carbon_at_once: Option<i64>,
    pub(crate) market_at_once: Option<i64>,
}

/// Columns of text, of whole numbers and of numbers, in the order of the file. Instants are milliseconds since 1970 in UTC; money
/// is exact in millionths of a yuan beside its value as a number.
const SCHEMA: &str = "message charge {
  REQUIRED INT64 entry; OPTIONAL INT64 corrects; REQUIRED INT64 at (TIMESTAMP(MILLIS,true));
  REQUIRED BYTE_ARRAY job (UTF8); REQUIRED BYTE_ARRAY job_name (UTF8); REQUIRED INT64 attempt;
  REQUIRED BYTE_ARRAY tenant (UTF8); REQUIRED BYTE_ARRAY provider (UTF8); REQUIRED BYTE_ARRAY pool (UTF8);
  REQUIRED DOUBLE run_s; REQUIRED DOUBLE device_hours; REQUIRED DOUBLE core_hours; REQUIRED DOUBLE cpu_core_hours;
  REQUIRED DOUBLE energy_kwh; REQUIRED BYTE_ARRAY energy_source (UTF8); OPTIONAL DOUBLE energy_cost_yuan;
  OPTIONAL DOUBLE carbon_kg; OPTIONAL DOUBLE carbon_market_kg; OPTIONAL BYTE_ARRAY precision (UTF8); OPTIONAL DOUBLE delivered_tflop;
  OPTIONAL DOUBLE utilisation; REQUIRED INT64 price_microyuan; REQUIRED DOUBLE price_yuan; REQUIRED DOUBLE fee_yuan;
  REQUIRED DOUBLE credit_yuan; OPTIONAL DOUBLE carbon_at_once_kg; OPTIONAL DOUBLE carbon_market_at_once_kg;
}";

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn texts(group: &mut Group, values: &[Option<&str>], optional: bool) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<ByteArray> = values.iter().flatten().map(|text| ByteArray::from(*text)).collect();
    let mut column = group.next_column()?.expect("the schema has this column");
    column.typed::<ByteArrayType>().write_batch(&values, optional.then_some(&levels[..]), None)?;
    column.close()
}

fn wholes(group: &mut Group, values: &[Option<i64>], optional: bool) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<i64> = values.iter().copied().flatten().collect();
    let mut column = group.next_column()?.expect("the schema has this column");
    column.typed::<Int64Type>().write_batch(&values, optional.then_some(&levels[..]), None)?;
    column.close()
}

fn numbers(group: &mut Group, values: &[Option<f64>], optional: bool) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<f64> = values.iter().copied().flatten().collect();
    let mut column = group.next_column()?.expect("the schema has this column");
    column.typed::<DoubleType>().write_batch(&values, optional.then_some(&levels[..]), None)?;
    column.close()
}

/// Writes lines as a Parquet file.
///
/// # Errors
/// What the library says.
pub(crate) fn parquet(lines: &[ChargeLine]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties)?;
    for some in lines.chunks(100_000) {
        let mut group = writer.next_row_group()?;
        let whole = |pick: fn(&ChargeLine) -> Option<i64>| some.iter().map(pick).collect::<Vec<_>>();
        let number = |pick: fn(&ChargeLine) -> Option<f64>| some.iter().map(pick).collect::<Vec<_>>();
        fn text(some: &[ChargeLine], pick: fn(&ChargeLine) -> Option<&str>) -> Vec<Option<&str>> {
            some.iter().map(pick).collect()
        }
        let jobs: Vec<String> = some.iter().map(|line| line.job.to_string()).collect();
        wholes(&mut group, &whole(|line| Some(line.entry.cast_signed())), false)?;
        wholes(&mut group, &whole(|line| line.corrects.map(u64::cast_signed)), true)?;
        wholes(&mut group, &whole(|line| Some(line.at.0)), false)?;
        texts(&mut group, &jobs.iter().map(|job| Some(job.as_str())).collect::<Vec<_>>(), false)?;
        texts(&mut group, &text(some, |line| Some(&line.job_name)), false)?;
        wholes(&mut group, &whole(|line| Some(i64::from(line.attempt))), false)?;
        texts(&mut group, &text(some, |line| Some(&line.tenant)), false)?;
        texts(&mut group, &text(some, |line| Some(&line.provider)), false)?;
        texts(&mut group, &text(some, |line| Some(&line.pool)), false)?;
        numbers(&mut group, &number(|line| Some(line.run as f64 / 1e3)), false)?;
        numbers(&mut group, &number(|line| Some(line.device_time as f64 / 3.6e6)), false)?;
        numbers(&mut group, &number(|line| Some(line.core_time as f64 / 3.6e9)), false)?;
        numbers(&mut group, &number(|line| Some(line.cpu as f64 / 3.6e9)), false)?;
        numbers(&mut group, &number(|line| Some(line.energy as f64 / 3.6e9)), false)?;
        texts(&mut group, &text(some, |line| Some(&line.energy_source)), false)?;
        numbers(&mut group, &number(|line| line.energy_cost.map(|cost| cost as f64 / 1e6)), true)?;
        numbers(&mut group, &number(|line| line.carbon.map(|carbon| carbon as f64 / 1e9)), true)?;
        numbers(&mut group, &number(|line| line.carbon_market.map(|carbon| carbon as f64 / 1e9)), true)?;
        texts(&mut group, &text(some, |line| line.precision.as_deref()), true)?;
        numbers(&mut group, &number(|line| line.delivered.map(|mega| mega as f64 / 1e6)), true)?;
        numbers(&mut group, &number(|line| line.utilisation.map(|permille| f64::from(permille) / 1e3)), true)?;
        wholes(&mut group, &whole(|line| Some(line.price)), false)?;
        numbers(&mut group, &number(|line| Some(line.price as f64 / 1e6)), false)?;
        numbers(&mut group, &number(|line| Some(line.fee as f64 / 1e6)), false)?;
        numbers(&mut group, &number(|line| Some(line.credit as f64 / 1e6)), false)?;
        numbers(&mut group, &number(|line| line.carbon_at_once.map(|carbon| carbon as f64 / 1e9)), true)?;
        numbers(&mut group, &number(|line| line.market_at_once.map(|carbon| carbon as f64 / 1e9)), true)?;
        group.close()?;
    }
    writer.into_inner()
}
