//! Numbers with units, and how sure they are: `559 kW`, `1 .. 2 .. 4 M yuan`.

use serde::Serialize;

/// What is measured. Inside a plan each has one unit, told here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Facility or IT power, in kW.
    Power,
    /// In millions of yuan.
    Money,
    /// Computing power, in PFLOPS.
    Computing,
    /// Yuan per kWh.
    EnergyPrice,
    /// Kilograms of CO2 equivalent per kWh.
    CarbonFactor,
    /// Yuan per tonne of CO2 equivalent.
    CarbonPrice,
    /// Thousands of tonnes of CO2 equivalent.
    Carbon,
    /// Months.
    Time,
    /// Yuan for a PFLOPS that is missing for a month.
    Shortage,
    /// A part of a whole, 0 to 1.
    Share,
    /// A number of things, or a ratio.
    Plain,
}

/// Every unit that is understood, and how many of the plan's own unit one is.
const UNITS: &[(Unit, &str, f64)] = &[
    (Unit::Power, "kW", 1.0),
    (Unit::Power, "MW", 1e3),
    (Unit::Power, "GW", 1e6),
    (Unit::Money, "M yuan", 1.0),
    (Unit::Money, "yuan", 1e-6),
    (Unit::Money, "k yuan", 1e-3),
    (Unit::Money, "bn yuan", 1e3),
    (Unit::Computing, "PFLOPS", 1.0),
    (Unit::Computing, "TFLOPS", 1e-3),
    (Unit::Computing, "EFLOPS", 1e3),
    (Unit::EnergyPrice, "yuan/kWh", 1.0),
    (Unit::EnergyPrice, "yuan/MWh", 1e-3),
    (Unit::CarbonFactor, "kg/kWh", 1.0),
    (Unit::CarbonFactor, "g/kWh", 1e-3),
    (Unit::CarbonPrice, "yuan/t", 1.0),
    (Unit::Carbon, "kt", 1.0),
    (Unit::Carbon, "t", 1e-3),
    (Unit::Carbon, "Mt", 1e3),
    (Unit::Time, "months", 1.0),
    (Unit::Time, "month", 1.0),
    (Unit::Time, "years", 12.0),
    (Unit::Time, "year", 12.0),
    (Unit::Shortage, "yuan/PFLOPS-month", 1.0),
    (Unit::Share, "%", 0.01),
    (Unit::Share, "", 1.0),
    (Unit::Plain, "", 1.0),
];

impl Unit {
    /// The units in which it may be told.
    fn known(self) -> impl Iterator<Item = (&'static str, f64)> {
        UNITS.iter().filter(move |(unit, ..)| *unit == self).map(|(_, name, factor)| (*name, *factor))
    }
}

/// A number between a low and a high one, and the likeliest; all alike where it is sure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least it may be.
    pub low: f64,
    /// The likeliest.
    pub likely: f64,
    /// The most it may be.
    pub high: f64,
}

impl Range {
    /// A number that is sure.
    pub const fn exactly(number: f64) -> Range {
        Range { low: number, likely: number, high: number }
    }

    /// Whether nothing about it is unsure.
    pub fn is_sure(&self) -> bool {
        self.low == self.high
    }

    /// The value below which a part `level` (0 to 1) of a triangular distribution over the range lies.
    ///
    /// Source: the inverse of the triangular distribution function (Kotz and van Dorp, Beyond Beta, 2004, chapter 1).
    pub fn quantile(&self, level: f64) -> f64 {
        let Range { low, likely, high } = *self;
        let width = high - low;
        if width <= 0.0 {
            return likely;
        }
        let split = (likely - low) / width;
        match level <= split {
            true => low + (level * width * (likely - low)).max(0.0).sqrt(),
            false => high - ((1.0 - level) * width * (high - likely)).max(0.0).sqrt(),
        }
    }

    /// The same range, each end through a growing function.
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Range {
        Range { low: change(self.low), likely: change(self.likely), high: change(self.high) }
    }
}

/// Reads `559 kW`, `1 .. 4 M yuan` (the likeliest is the middle) or `1 .. 2 .. 4 M yuan`.
///
/// # Errors
/// In words, for whoever wrote it.
pub fn parse(text: &str, unit: Unit) -> Result<Range, String> {
    let parts: Vec<&str> = text.split("..").map(str::trim).collect();
    let last = parts.last().copied().unwrap_or_default();
    let end = last.find(|letter: char| !(letter.is_ascii_digit() || ".+-eE_".contains(letter))).unwrap_or(last.len());
    // An exponent ends with a digit; `E` alone begins EFLOPS.
    let end = last[..end].trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).len();
    let (number, name) = (&last[..end], last[end..].trim());
    let Some((_, factor)) = unit.known().find(|(known, _)| *known == name) else {
        let all: Vec<String> =
            unit.known().map(|(known, _)| if known.is_empty() { "no unit".to_owned() } else { format!("`{known}`") }).collect();
        let said = if name.is_empty() { "it has no unit".to_owned() } else { format!("`{name}` is no unit of it") };
        return Err(format!("{said}; {} would be", all.join(", ")));
    };
    let one = |text: &str| {
        let plain = text.replace('_', "");
        plain.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| format!("`{text}` is not a plain number"))
    };
    let scaled = |text: &str| {
        let number = one(text)? * factor;
        number.is_finite().then_some(number).ok_or_else(|| format!("`{text}` is more than can be counted with"))
    };
    let range = match parts.as_slice() {
        [_] => Range::exactly(scaled(number)?),
        [low, _] => {
            let (low, high) = (scaled(low)?, scaled(number)?);
            Range { low, likely: low / 2.0 + high / 2.0, high }
        }
        [low, likely, _] => Range { low: scaled(low)?, likely: scaled(likely)?, high: scaled(number)? },
        _ => return Err("a range is `low .. high` or `low .. likeliest .. high`".to_owned()),
    };
    match range.low <= range.likely && range.likely <= range.high {
        true => Ok(range),
        false => Err(format!("`{text}` does not run from the least over the likeliest to the most")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unit: Unit, expected: Result<[f64; 3], &str>) {
        let found = parse(text, unit).map(|range| [range.low, range.likely, range.high]);
        assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|problem| *problem), "{text}");
    }

    #[test]
    fn a_number_has_a_unit_and_may_be_a_range() {
        check("559 kW", Unit::Power, Ok([559.0; 3]));
        check("1.5MW", Unit::Power, Ok([1500.0; 3]));
        check("1 .. 2 .. 4 M yuan", Unit::Money, Ok([1.0, 2.0, 4.0]));
        check("25 .. 75 %", Unit::Share, Ok([0.25, 0.5, 0.75]));
        check("150 EFLOPS", Unit::Computing, Ok([150_000.0; 3]));
        check("1e3 yuan/t", Unit::CarbonPrice, Ok([1000.0; 3]));
        check("5 horsepower", Unit::Power, Err("`horsepower` is no unit of it; `kW`, `MW`, `GW` would be"));
        check("5", Unit::Power, Err("it has no unit; `kW`, `MW`, `GW` would be"));
        check("4 .. 1 M yuan", Unit::Money, Err("`4 .. 1 M yuan` does not run from the least over the likeliest to the most"));
        check("1e308 GW", Unit::Power, Err("`1e308` is more than can be counted with"));
        check("0 .. 1.7e308 kW", Unit::Power, Ok([0.0, 0.85e308, 1.7e308]));
        check("about 5 kW", Unit::Power, Err("`about 5 kW` is no unit of it; `kW`, `MW`, `GW` would be"));
    }

    #[test]
    fn quantiles_run_from_the_least_to_the_most() {
        let range = Range { low: 1.0, likely: 2.0, high: 5.0 };
        assert_eq!((range.quantile(0.0), range.quantile(0.25), range.quantile(1.0)), (1.0, 2.0, 5.0));
        assert_eq!(Range::exactly(3.0).quantile(0.7), 3.0);
    }
}
