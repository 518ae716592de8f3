//! Years, months and days of accounts, in the hub's local time.

use settle::Period;

fn check(text: &str, utc_offset_hours: i64, expected: &str) {
    let told = match Period::parse(text, utc_offset_hours) {
        Ok(period) => {
            assert_eq!(period.to_string(), text);
            format!("{} to {}", period.from, period.to)
        }
        Err(problem) => problem.to_string(),
    };
    assert_eq!(told, expected);
}

#[test]
fn a_period_ends_where_the_next_begins() {
    check("2026-01", 0, "2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z");
    check("2026-09", 0, "2026-09-01T00:00:00Z to 2026-10-01T00:00:00Z");
    check("2026-12", 0, "2026-12-01T00:00:00Z to 2027-01-01T00:00:00Z");
    check("2024-02", 0, "2024-02-01T00:00:00Z to 2024-03-01T00:00:00Z");
    check("2026", 0, "2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z");
    check("2026-12-31", 0, "2026-12-31T00:00:00Z to 2027-01-01T00:00:00Z");
    check("2024-02-28", 0, "2024-02-28T00:00:00Z to 2024-02-29T00:00:00Z");
}

#[test]
fn a_period_begins_at_the_local_midnight() {
    check("2026-01", 8, "2025-12-31T16:00:00Z to 2026-01-31T16:00:00Z");
    check("2026-03-01", 8, "2026-02-28T16:00:00Z to 2026-03-01T16:00:00Z");
    check("2026", -5, "2026-01-01T05:00:00Z to 2027-01-01T05:00:00Z");
}

#[test]
fn what_is_no_period_is_refused() {
    for text in ["", "2026-13", "2026-00", "2026-1", "2026-02-30", "26-01", "last month", "2026-01-01T00:00:00Z", "abcd", "二"] {
        check(text, 8, &format!("`{text}` is not a period: a year, month or day, such as 2026-11"));
    }
}
