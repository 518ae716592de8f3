//! Quantities, times, ids and names, as people and files write them: each prints what it reads.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use census::{SeriesKind, Stated};
use measure::{
    AnyFlops, Carbon, CarbonFactor, Class, Cpu, Devices, Energy, JobId, Kind, Malformed, Memory, Money, Name, PoolId, Power,
    Precision, Pue, Span, Sparsity, TenantId, Time, parse_scaled, print_scaled,
};

/// The text as each of them, and the first bytes as a number of each.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    reads(&text);
    if let Some(number) = bytes.first_chunk().copied().map(i64::from_le_bytes) {
        prints(number);
    }
}

fn reads(text: &str) {
    read::<Time>(text);
    read::<Span>(text);
    read::<Money>(text);
    read::<Devices>(text);
    read::<Cpu>(text);
    read::<Memory>(text);
    read::<Power>(text);
    read::<Energy>(text);
    read::<Carbon>(text);
    read::<CarbonFactor>(text);
    read::<Pue>(text);
    read::<Kind>(text);
    read::<Class>(text);
    read::<Precision>(text);
    read::<Sparsity>(text);
    read::<AnyFlops>(text);
    read::<JobId>(text);
    read::<TenantId>(text);
    read::<PoolId>(text);
    read::<Name>(text);
    read::<SeriesKind>(text);
    if let Some(stated) = read::<Stated>(text) {
        assert!(stated.least() <= stated.most(), "`{text}` is at least {} and at most {}", stated.least(), stated.most());
    }
    if let Ok(time) = Time::parse_date(text) {
        same(time, text);
        assert_eq!(Time::parse_date(&time.to_string()), Ok(time), "`{text}`");
    }
    if let Ok(money) = Money::parse_yuan(text) {
        assert_eq!(Money::parse_yuan(&money.yuan()), Ok(money), "`{text}`");
    }
    for places in 0..=9 {
        if let Ok(value) = parse_scaled(text, places) {
            assert_eq!(parse_scaled(&print_scaled(value, places), places), Ok(value), "`{text}` with {places} places");
        }
    }
}

/// What it reads it prints so that it reads the same; what it does not read it says in a few words.
fn read<T: FromStr<Err = Malformed> + Display + Debug + PartialEq + Clone>(text: &str) -> Option<T> {
    match text.parse::<T>() {
        Ok(value) => {
            same(value.clone(), text);
            Some(value)
        }
        Err(problem) => {
            assert!(problem.to_string().len() < 400, "{problem}");
            None
        }
    }
}

fn same<T: FromStr<Err = Malformed> + Display + Debug + PartialEq>(value: T, text: &str) {
    let printed = value.to_string();
    match printed.parse::<T>() {
        Ok(again) => assert_eq!(again, value, "`{text}` is printed as `{printed}`"),
        Err(problem) => panic!("`{text}` is printed as `{printed}`: {problem}"),
    }
}

fn prints(number: i64) {
    let text = &format!("the number {number}");
    let amount = number.unsigned_abs() >> 1;
    same(Time(number), text);
    same(Span(number), text);
    same(Money(number), text);
    same(Power(number), text);
    same(Energy(number), text);
    same(Carbon(number), text);
    same(CarbonFactor(number), text);
    same(Cpu(amount), text);
    same(Memory(number.cast_unsigned()), text);
    same(JobId(number.cast_unsigned()), text);
    same(Devices(number as u32), text);
    same(Pue((number as u32).max(Pue::LEAST.0)), text);
}
