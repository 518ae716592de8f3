//! Power, energy and the carbon it emits.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{Malformed, Unit, parse_in, parse_scaled, print_in, print_scaled};
use crate::device::additive;
use crate::time::Span;

/// Electrical power in milliwatts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Power(pub i64);

/// Energy in millijoules. One kWh is 3.6 × 10^9 of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Energy(pub i64);

/// Carbon dioxide equivalent in micrograms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Carbon(pub i64);

/// Carbon emitted for energy taken, in milligrams per kWh (0.4989 kg/kWh is 498 900).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CarbonFactor(pub i64);

/// Power usage effectiveness in thousandths: facility energy over IT energy (ISO/IEC 30134-2), at least 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pue(pub u32);

impl Pue {
    /// All of the energy reaches the machines.
    pub const LEAST: Pue = Pue(1000);
}

additive!(Power, Energy, Carbon);

const MILLIJOULES_PER_KWH: i128 = 3_600_000_000;

/// Power drawn for a span is energy; milliwatts × milliseconds are microjoules, rounded down.
impl Mul<Span> for Power {
    type Output = Energy;
    fn mul(self, span: Span) -> Energy {
        let microjoules = i128::from(self.0) * i128::from(span.0);
        Energy(i64::try_from(microjoules / 1000).unwrap_or(i64::MAX))
    }
}

/// IT energy × PUE is facility energy, rounded down.
impl Mul<Pue> for Energy {
    type Output = Energy;
    fn mul(self, pue: Pue) -> Energy {
        Energy((i128::from(self.0) * i128::from(pue.0) / 1000) as i64)
    }
}

/// Energy × factor is carbon: mJ × mg/kWh, in micrograms, rounded down.
impl Mul<CarbonFactor> for Energy {
    type Output = Carbon;
    fn mul(self, factor: CarbonFactor) -> Carbon {
        let micrograms = i128::from(self.0) * i128::from(factor.0) * 1000 / MILLIJOULES_PER_KWH;
        Carbon(i64::try_from(micrograms).unwrap_or(i64::MAX))
    }
}

impl Energy {
    /// In kWh, for printing only.
    pub fn as_kwh(self) -> f64 {
        self.0 as f64 / MILLIJOULES_PER_KWH as f64
    }
}

impl Carbon {
    /// In kilograms, for printing only.
    pub fn as_kg(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

const POWER_UNITS: [Unit; 4] = [("mW", 0), ("W", 3), ("kW", 6), ("MW", 9)];
const ENERGY_UNITS: [Unit; 5] = [("mJ", 0), ("J", 3), ("kJ", 6), ("MJ", 9), ("GJ", 12)];
const CARBON_UNITS: [Unit; 5] = [("µg", 0), ("mg", 3), ("g", 6), ("kg", 9), ("t", 12)];

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_in(self.0, &POWER_UNITS))
    }
}

impl FromStr for Power {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Power, Malformed> {
        parse_in(text, &POWER_UNITS, "a power, such as 350 W or 1.86 MW").map(Power)
    }
}

impl fmt::Display for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_in(self.0, &ENERGY_UNITS))
    }
}

impl FromStr for Energy {
    type Err = Malformed;
    /// Reads joules (`0.6 J`) or kWh (`2 kWh`).
    fn from_str(text: &str) -> Result<Energy, Malformed> {
        let wanted = "an energy, such as 0.6 J, 12 MJ or 2 kWh";
        if let Some(number) = text.trim().strip_suffix("kWh") {
            let wrong = || Malformed::new(text, wanted);
            let milli_kwh = parse_scaled(number.trim_end(), 3).map_err(|_| wrong())?;
            return milli_kwh.checked_mul(3_600_000).map(Energy).ok_or_else(wrong);
        }
        parse_in(text, &ENERGY_UNITS, wanted).map(Energy)
    }
}

impl fmt::Display for Carbon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_in(self.0, &CARBON_UNITS))
    }
}

impl FromStr for Carbon {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Carbon, Malformed> {
        parse_in(text, &CARBON_UNITS, "a mass of CO2 equivalent, such as 83 µg or 1.2 kg").map(Carbon)
    }
}

impl fmt::Display for CarbonFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kg/kWh", print_scaled(self.0, 6))
    }
}

impl FromStr for CarbonFactor {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<CarbonFactor, Malformed> {
        let wanted = "a carbon factor, such as 0.4989 kg/kWh";
        let number = text.trim().strip_suffix("kg/kWh").ok_or_else(|| Malformed::new(text, wanted))?;
        parse_scaled(number.trim_end(), 6).map(CarbonFactor).map_err(|_| Malformed::new(text, wanted))
    }
}

impl fmt::Display for Pue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_scaled(i64::from(self.0), 3))
    }
}

impl FromStr for Pue {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Pue, Malformed> {
        let wrong = || Malformed::new(text, "a PUE of at least 1, such as 1.2");
        let thousandths = parse_scaled(text, 3).map_err(|_| wrong())?;
        match u32::try_from(thousandths) {
            Ok(pue) if pue >= 1000 => Ok(Pue(pue)),
            _ => Err(wrong()),
        }
    }
}
