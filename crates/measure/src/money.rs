//! Money: exact integers, one currency, rounding named once.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{Malformed, parse_scaled, print_scaled};
use crate::device::{CoreTime, DeviceTime, additive};
use crate::energy::Energy;

/// An amount in millionths of a yuan. A job of a tenth of a second costs far less than a fen, and a book
/// that dropped it would not be honest; what is paid is rounded to fen on an invoice, never in the book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub i64);

additive!(Money);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// The ISO 4217 code of every amount here.
    pub const CURRENCY: &'static str = "CNY";

    /// The amount as a plain decimal of yuan, exactly.
    pub fn yuan(self) -> String {
        print_scaled(self.0, 6)
    }

    /// Reads a plain decimal of yuan; more than six decimal places are refused.
    pub fn parse_yuan(text: &str) -> Result<Money, Malformed> {
        parse_scaled(text, 6).map(Money)
    }

    /// `permille` thousandths of this amount, rounded down; the rest of a split is found by subtraction,
    /// so that the parts always add up to the whole.
    pub fn permille(self, permille: u32) -> Money {
        Money((i128::from(self.0) * i128::from(permille) / 1000) as i64)
    }

    /// This price per kWh × energy, rounded half to even.
    pub fn per_kwh(self, energy: Energy) -> Money {
        half_even(i128::from(self.0) * i128::from(energy.0), 3_600_000_000)
    }
}

/// What an hour costs, agreed when a job is placed and never looked up again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rate {
    /// Yuan per device-hour.
    pub device_hour: Money,
    /// Yuan per core-hour.
    pub core_hour: Money,
}

impl Rate {
    /// The price of the time held: the two products are summed exactly and rounded once, half to even.
    pub fn price(self, devices: DeviceTime, cores: CoreTime) -> Money {
        // Device-milliseconds and milli-core-milliseconds, brought to the finer of the two.
        let device_part = i128::from(self.device_hour.0) * i128::from(devices.0) * 1000;
        let core_part = i128::from(self.core_hour.0) * i128::from(cores.0);
        half_even(device_part + core_part, 3_600_000_000)
    }
}

fn half_even(numerator: i128, denominator: i128) -> Money {
    let (quotient, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let up = match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => quotient & 1,
        std::cmp::Ordering::Greater => 1,
    };
    // Nine trillion yuan stand for all that is more: what a hub is asked must not end it.
    let exact = quotient + up;
    Money(i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX }))
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.yuan(), Money::CURRENCY)
    }
}

impl FromStr for Money {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Money, Malformed> {
        let wanted = "an amount with its currency, such as 12.34 CNY";
        let number = text.trim().strip_suffix(Money::CURRENCY).ok_or_else(|| Malformed::new(text, wanted))?;
        Money::parse_yuan(number.trim_end()).map_err(|_| Malformed::new(text, wanted))
    }
}
