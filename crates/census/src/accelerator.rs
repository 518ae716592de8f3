//! What a device model can do, from `accelerators.csv`.

use std::collections::BTreeMap;
use std::str::FromStr;

use measure::{AnyFlops, Class, Kind, Malformed, Power, Precision, Sparsity};
use serde::{Deserialize, Serialize};

use crate::row::{Row, Stated, Wrong};

/// Whether a row is an accelerator or a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcceleratorKind {
    /// Counted as intelligent computing.
    Accelerator,
    /// Counted as general computing.
    Cpu,
}

impl FromStr for AcceleratorKind {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<AcceleratorKind, Malformed> {
        match text {
            "accelerator" => Ok(AcceleratorKind::Accelerator),
            "cpu" => Ok(AcceleratorKind::Cpu),
            _ => Err(Malformed::new(text, "accelerator or cpu")),
        }
    }
}

/// A device model. A figure that no document was found for is `None`, never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accelerator {
    /// The maker.
    pub vendor: String,
    /// The model, unique; what a job asks for.
    pub model: String,
    /// Accelerator or processor.
    pub kind: AcceleratorKind,
    /// Year of release.
    pub year: Option<Stated>,
    /// Device memory in GB (10^9 bytes, as makers count).
    pub memory_gb: Option<Stated>,
    /// Thermal design power.
    pub tdp: Option<Power>,
    /// Dense peaks by precision, in millions of operations a second. fp64 is the vector rate, without tensor units.
    pub dense_peak_mega: BTreeMap<Precision, u64>,
    /// How well founded the row is: A (best) to D, `measured` or `unknown`.
    pub confidence: String,
    /// Columns whose value no document was found for; shown wherever such a value is used.
    pub recalled: Vec<String>,
    /// Where the figures come from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const COLUMNS: &[&str] = &[
    "vendor",
    "model",
    "kind",
    "year",
    "memory_gb",
    "mem_bw_gbs",
    "tdp_w",
    "fp64",
    "fp64_tensor",
    "fp32",
    "tf32",
    "fp16_bf16_dense",
    "fp8_dense",
    "fp4_dense",
    "int8_tops_dense",
    "interconnect",
    "interconnect_gbs",
    "confidence",
    "fields_recalled_not_found",
    "source",
    "notes",
];

const PEAKS: [(&str, Precision); 7] = [
    ("fp64", Precision::Fp64),
    ("fp32", Precision::Fp32),
    ("tf32", Precision::Tf32),
    ("fp16_bf16_dense", Precision::Fp16),
    ("fp8_dense", Precision::Fp8),
    ("fp4_dense", Precision::Fp4),
    ("int8_tops_dense", Precision::Int8),
];

impl Accelerator {
    pub(crate) fn read(row: &Row) -> Result<Accelerator, Wrong> {
        let mut dense_peak_mega = BTreeMap::new();
        for (column, precision) in PEAKS {
            if let Some(tera) = row.amount(column)? {
                dense_peak_mega.insert(precision, tera.micro.unsigned_abs());
            }
        }
        Ok(Accelerator {
            vendor: row.said("vendor")?,
            model: row.said("model")?,
            kind: row.parse("kind")?,
            year: row.amount("year")?,
            memory_gb: row.amount("memory_gb")?,
            tdp: row.amount("tdp_w")?.map(|watts| Power(watts.micro / 1000)),
            dense_peak_mega,
            confidence: row.said("confidence")?,
            recalled: row
                .text("fields_recalled_not_found")
                .split([';', ' ', ','])
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            source: row.said("source")?,
            note: row.text("notes").to_owned(),
        })
    }

    /// The class its power is counted in.
    pub fn class(&self) -> Class {
        match self.kind {
            AcceleratorKind::Accelerator => Class::Intelligent,
            AcceleratorKind::Cpu => Class::General,
        }
    }

    /// Its dense peak at each precision it is known at.
    pub fn peaks(&self) -> impl Iterator<Item = AnyFlops> + '_ {
        let class = self.class();
        let kind = move |precision| Kind { class, precision, sparsity: Sparsity::Dense };
        self.dense_peak_mega.iter().map(move |(precision, mega)| AnyFlops { kind: kind(*precision), mega: *mega })
    }
}
