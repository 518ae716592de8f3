//! What a benchmark found on a pool, beside the peak that its maker gives.

use measure::{AnyFlops, Class, Cpu, Devices, JobId, Kind, Name, Precision, Sparsity, Time};
use serde::{Deserialize, Serialize};

/// A run of a benchmark through a pool's own executor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The pool.
    pub pool: Name,
    /// The job that ran it.
    pub job: JobId,
    /// When it ended.
    pub at: Time,
    /// Class of the computing power measured.
    pub class: Class,
    /// At which precision.
    pub precision: Precision,
    /// What it ran on.
    pub devices: Devices,
    /// What it ran on, where there are no accelerators.
    pub cores: Cpu,
    /// The rate it reached, in millions of operations a second, of all of that together.
    pub mega: u64,
    /// What ran, in words.
    pub method: String,
}

impl Measured {
    /// The rate it reached.
    pub fn flops(&self) -> AnyFlops {
        AnyFlops { kind: Kind { class: self.class, precision: self.precision, sparsity: Sparsity::Dense }, mega: self.mega }
    }
}
