//! The only place of the hub that asks what time it is.

use std::time::SystemTime;

use measure::Time;

/// Now, to the millisecond.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
