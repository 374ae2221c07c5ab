//! A clock's time in the form that events carry.

use chrono::{DateTime, Utc};

use crate::clock::Clock;

/// The time as `clock` has it.
pub(super) fn utc_now(clock: &dyn Clock) -> DateTime<Utc> {
    // A clock that has more microseconds than an i64, or than a calendar, is nowhere.
    i64::try_from(clock.utc_us()).ok().and_then(DateTime::from_timestamp_micros).unwrap_or_default()
}
