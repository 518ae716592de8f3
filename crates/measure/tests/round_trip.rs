//! Whatever a quantity prints, it reads back exactly.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use measure::*;
use proptest::prelude::*;

fn check_round_trip<T: Display + FromStr<Err = Malformed> + PartialEq + Debug>(value: T) {
    assert_eq!(value.to_string().parse::<T>().as_ref(), Ok(&value));
}

fn check_json<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: T) {
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value);
}

fn any_kind() -> impl Strategy<Value = Kind> {
    let class = prop::sample::select(Class::ALL);
    let precision = prop::sample::select(Precision::ALL);
    let sparsity = prop::sample::select(Sparsity::ALL);
    (class, precision, sparsity).prop_map(|(class, precision, sparsity)| Kind { class, precision, sparsity })
}

proptest! {
    #[test]
    fn quantities_read_what_they_print(signed in -10_i64.pow(15)..10_i64.pow(15), small: u32, large in 0_u64..1 << 60, kind in any_kind()) {
        check_round_trip(Power(signed));
        check_round_trip(Energy(signed));
        check_round_trip(Carbon(signed));
        check_round_trip(CarbonFactor(signed));
        check_round_trip(Money(signed));
        check_round_trip(Span(signed));
        check_round_trip(Time(signed));
        check_round_trip(Devices(small));
        check_round_trip(Pue(1000 + small / 2));
        check_round_trip(Memory(large));
        check_round_trip(Cpu(large));
        check_round_trip(JobId(large));
        check_round_trip(TenantId(small));
        check_round_trip(PoolId(small));
        check_round_trip(kind);
        check_round_trip(AnyFlops { kind, mega: large });
        check_json(AnyFlops { kind, mega: large });
        check_json(Rate { device_hour: Money(signed), core_hour: Money(1) });
    }

    #[test]
    fn names_read_what_they_print(text in "[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?") {
        let name: Name = text.parse().unwrap();
        check_round_trip(name.clone());
        check_json(name);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,24}") {
        let _ = text.parse::<Power>();
        let _ = text.parse::<Energy>();
        let _ = text.parse::<Carbon>();
        let _ = text.parse::<CarbonFactor>();
        let _ = text.parse::<Money>();
        let _ = text.parse::<Span>();
        let _ = text.parse::<Time>();
        let _ = text.parse::<Memory>();
        let _ = text.parse::<Cpu>();
        let _ = text.parse::<AnyFlops>();
        let _ = text.parse::<Name>();
        let _ = text.parse::<JobId>();
    }

    #[test]
    fn a_split_adds_up_to_the_whole(amount in 0_i64..1 << 50, permille in 0_u32..=1000) {
        let whole = Money(amount);
        let part = whole.permille(permille);
        let rest = whole - part;
        prop_assert_eq!(part + rest, whole);
        prop_assert!(part.0 >= 0 && rest.0 >= 0);
    }

    #[test]
    fn a_price_is_never_off_by_more_than_half_a_step(price in 0_i64..1 << 40, devices in 0_u32..1 << 20, milliseconds in 0_i64..1 << 35) {
        let rate = Rate { device_hour: Money(price), core_hour: Money::ZERO };
        let used = Devices(devices) * Span(milliseconds);
        let exact = i128::from(price) * i128::from(used.0);
        if let Ok(expected) = i64::try_from(exact / 3_600_000) {
            let error = i128::from(rate.price(used, CoreTime(0)).0) * 3_600_000 - exact;
            prop_assert!(error.abs() * 2 <= 3_600_000, "{expected}");
        }
    }
}

#[test]
fn people_write_quantities_in_more_ways_than_one() {
    assert_eq!("90".parse(), Ok(Span::seconds(90)));
    assert_eq!("1h30m".parse(), Ok(Span::seconds(5400)));
    assert_eq!("4G".parse(), Ok(Memory::mebibytes(4096)));
    assert_eq!("500m".parse(), Ok(Cpu(500)));
    assert_eq!("0.5".parse(), Ok(Cpu(500)));
    assert_eq!("2 kWh".parse(), Ok(Energy(7_200_000_000)));
    assert_eq!("job-42".parse(), Ok(JobId(42)));
    assert_eq!("42".parse(), Ok(JobId(42)));
}

#[test]
fn what_is_not_a_quantity_is_refused() {
    for text in ["", "-", "1.", ".5", "1e3", "1,000", "12.3456789 CNY", "99999999999999999999 CNY", "12.3"] {
        assert!(text.parse::<Money>().is_err(), "{text}");
    }
    assert!("312 TFLOPS".parse::<AnyFlops>().is_err(), "a bare figure");
    assert!("0.9".parse::<Pue>().is_err());
    assert!("-1".parse::<Devices>().is_err());
    assert!("LLM Lab".parse::<Name>().is_err());
}

#[test]
fn a_kilowatt_hour_in_guizhou_emits_half_a_kilogram() {
    let factor: CarbonFactor = "0.4989 kg/kWh".parse().unwrap();
    let energy: Energy = "1 kWh".parse().unwrap();
    assert_eq!((energy * factor).to_string(), "498.9 g");
    let power: Power = "350 W".parse().unwrap();
    assert_eq!(power * Span::HOUR, Energy(1_260_000_000));
}

#[test]
fn kinds_are_counted_apart() {
    let dense = Kind::usual(Class::Intelligent);
    let sparse = Kind { sparsity: Sparsity::Sparse, ..dense };
    let mut tally = Tally::default();
    tally.add(AnyFlops { kind: dense, mega: 1 }.times(3));
    tally.add(AnyFlops { kind: sparse, mega: 10 });
    assert_eq!(tally.of(dense), Some(AnyFlops { kind: dense, mega: 3 }));
    assert_eq!(tally.of(sparse), Some(AnyFlops { kind: sparse, mega: 10 }));
    assert_eq!(tally.of(Kind::usual(Class::Super)), None);
}

#[test]
fn a_conversion_carries_its_assumption() {
    let dense: Flops<Of<Intelligent, Fp16, Dense>> = Flops::mega(1000);
    let converted = dense.assuming::<Of<Intelligent, Fp16, Sparse>>(2000, "2:4 sparsity doubles the rate");
    assert_eq!(converted.flops.as_mega(), 2000);
    assert_eq!(converted.assumption, "2:4 sparsity doubles the rate");
}

#[test]
fn the_least_and_the_largest_numbers_are_read_as_they_are_printed() {
    for number in [i64::MIN, i64::MIN + 1, i64::MAX] {
        check_round_trip(Span(number));
        check_round_trip(Time(number));
        check_round_trip(Money(number));
        check_round_trip(Power(number));
        check_round_trip(CarbonFactor(number));
    }
    assert_eq!(Time(i64::MAX) - Time(i64::MIN), Span(i64::MAX));
    assert_eq!(Memory::mebibytes(u64::MAX), Memory(u64::MAX));
}
