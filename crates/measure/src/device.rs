//! Devices, cores and memory, and the time they are held.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{Malformed, parse_scaled, print_scaled};
use crate::time::Span;

/// Gives an integer newtype its sums and differences; nothing else is defined between two of a kind.
macro_rules! additive {
    ($($name:ident),*) => { $(
        impl Add for $name {
            type Output = $name;
            fn add(self, other: $name) -> $name { $name(self.0 + other.0) }
        }
        impl Sub for $name {
            type Output = $name;
            fn sub(self, other: $name) -> $name { $name(self.0 - other.0) }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: $name) { self.0 += other.0; }
        }
        impl SubAssign for $name {
            fn sub_assign(&mut self, other: $name) { self.0 -= other.0; }
        }
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = $name>>(all: I) -> $name { $name(all.map(|one| one.0).sum()) }
        }
    )* };
}
pub(crate) use additive;

/// A number of whole accelerators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Devices(pub u32);

/// Processor capacity in thousandths of a core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpu(pub u64);

/// Main memory in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(pub u64);

/// Devices held for a time, in device-milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceTime(pub i64);

/// Cores held or used for a time, in thousandths of a core × milliseconds (core-microseconds).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CoreTime(pub i64);

additive!(Devices, Cpu, Memory, DeviceTime, CoreTime);

/// Devices held for a span are device-time; no other product of the two exists.
impl Mul<Span> for Devices {
    type Output = DeviceTime;
    fn mul(self, span: Span) -> DeviceTime {
        DeviceTime(i64::from(self.0).saturating_mul(span.0))
    }
}

/// Cores held for a span are core-time.
impl Mul<Span> for Cpu {
    type Output = CoreTime;
    fn mul(self, span: Span) -> CoreTime {
        CoreTime(i64::try_from(self.0).unwrap_or(i64::MAX).saturating_mul(span.0))
    }
}

impl Devices {
    /// This many devices for each of `replicas`.
    pub fn times(self, replicas: u32) -> Devices {
        Devices(self.0.saturating_mul(replicas))
    }
}

impl Cpu {
    /// Whole cores.
    pub const fn cores(cores: u64) -> Cpu {
        Cpu(cores.saturating_mul(1000))
    }

    /// This much for each of `replicas`.
    pub fn times(self, replicas: u32) -> Cpu {
        Cpu(self.0.saturating_mul(u64::from(replicas)))
    }
}

impl Memory {
    /// Whole mebibytes.
    pub const fn mebibytes(mebibytes: u64) -> Memory {
        Memory(mebibytes.saturating_mul(1 << 20))
    }

    /// This much for each of `replicas`.
    pub fn times(self, replicas: u32) -> Memory {
        Memory(self.0.saturating_mul(u64::from(replicas)))
    }
}

impl CoreTime {
    /// Core-time of whole core-milliseconds, as the system's own accounting gives it.
    pub const fn core_milliseconds(milliseconds: i64) -> CoreTime {
        CoreTime(milliseconds * 1000)
    }

    /// In core-seconds, for printing only.
    pub fn as_core_seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl DeviceTime {
    /// In device-hours, for printing only.
    pub fn as_device_hours(self) -> f64 {
        self.0 as f64 / 3.6e6
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Devices {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Devices, Malformed> {
        text.parse().map(Devices).map_err(|_| Malformed::new(text, "a whole number of devices, such as 8"))
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_scaled(i64::try_from(self.0).unwrap_or(i64::MAX), 3))
    }
}

impl FromStr for Cpu {
    type Err = Malformed;
    /// Reads cores (`2`, `0.5`) or thousandths (`500m`).
    fn from_str(text: &str) -> Result<Cpu, Malformed> {
        let wrong = || Malformed::new(text, "a number of cores, such as 2, 0.5 or 500m");
        let milli = match text.strip_suffix('m') {
            Some(milli) => parse_scaled(milli, 0),
            None => parse_scaled(text, 3),
        };
        let milli = milli.map_err(|_| wrong())?;
        u64::try_from(milli).map(Cpu).map_err(|_| wrong())
    }
}

const MEMORY_UNITS: [(&str, u32); 5] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];

impl fmt::Display for Memory {
    /// In the largest unit that keeps it whole: `1536MiB`, never `1.5GiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, shift): &&(&str, u32)| self.0 >> shift << shift == self.0 && self.0 >> shift > 0;
        let (unit, shift) = MEMORY_UNITS.iter().find(whole).unwrap_or(&("B", 0));
        write!(f, "{}{unit}", self.0 >> shift)
    }
}

impl FromStr for Memory {
    type Err = Malformed;
    /// Reads `512MiB`, `4GiB`, `4G` (the same) or plain bytes.
    fn from_str(text: &str) -> Result<Memory, Malformed> {
        let wrong = || Malformed::new(text, "an amount of memory, such as 512MiB or 4GiB");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
        let unit = text[digits..].trim();
        let named = |(name, _): &&(&str, u32)| unit == *name || (unit.len() == 1 && name.starts_with(unit));
        let shift = match unit {
            "" => 0,
            _ => MEMORY_UNITS.iter().find(named).ok_or_else(wrong)?.1,
        };
        number.checked_mul(1 << shift).map(Memory).ok_or_else(wrong)
    }
}
