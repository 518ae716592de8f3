//! Exact decimals as scaled integers: the one place where decimal text is read and written.

/// Text that does not say a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct Malformed {
    /// What was written.
    pub text: String,
    /// What would have been understood, with an example.
    pub wanted: &'static str,
}

impl Malformed {
    /// Says that `text` was read where `wanted` was needed.
    pub fn new(text: &str, wanted: &'static str) -> Malformed {
        let mut text = text.to_owned();
        if text.len() > 80 {
            let cut = (0..=77).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        Malformed { text, wanted }
    }
}

/// Reads a plain decimal ("-12.5") as an integer of 10^-`places`. More digits than `places` are refused,
/// never rounded: what cannot be kept exactly must not be accepted silently.
pub fn parse_scaled(text: &str, places: u32) -> Result<i64, Malformed> {
    let wrong = || Malformed::new(text, "a plain decimal number, such as 12.5");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let empty_fraction = digits.contains('.') && fraction.is_empty();
    if whole.is_empty() || empty_fraction || !all_digits(whole) || !all_digits(fraction) {
        return Err(wrong());
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > places as usize {
        return Err(Malformed::new(text, "a decimal number with fewer decimal places"));
    }
    let mut value: i64 = 0;
    let padding = places as usize - kept.len();
    for byte in whole.bytes().chain(kept.bytes()).chain(std::iter::repeat_n(b'0', padding)) {
        // There is one negative number more than there are positive ones.
        let digit = if negative { -i64::from(byte - b'0') } else { i64::from(byte - b'0') };
        value = value.checked_mul(10).and_then(|value| value.checked_add(digit)).ok_or_else(wrong)?;
    }
    Ok(value)
}

/// Writes an integer of 10^-`places` as a plain decimal without trailing zeros.
pub fn print_scaled(value: i64, places: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let scale = 10_u64.pow(places);
    let (whole, fraction) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let digits = format!("{fraction:0width$}", width = places as usize);
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// A unit's symbol and how many decimal places of it one stored step is.
pub(crate) type Unit = (&'static str, u32);

/// Writes `value` in the largest of `units` (smallest first) that leaves at least one before the point.
pub(crate) fn print_in(value: i64, units: &[Unit]) -> String {
    let fits = |(_, places): &&Unit| value.unsigned_abs() >= 10_u64.pow(*places);
    let (symbol, places) = units.iter().rev().find(fits).unwrap_or(&units[0]);
    format!("{} {symbol}", print_scaled(value, *places))
}

/// Reads what [`print_in`] writes; the blank before the unit may be left out.
pub(crate) fn parse_in(text: &str, units: &[Unit], wanted: &'static str) -> Result<i64, Malformed> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic() || c == 'µ').ok_or_else(|| Malformed::new(text, wanted))?;
    let (number, symbol) = text.split_at(split);
    let (_, places) = units.iter().find(|(unit, _)| *unit == symbol).ok_or_else(|| Malformed::new(text, wanted))?;
    parse_scaled(number.trim_end(), *places).map_err(|_| Malformed::new(text, wanted))
}
