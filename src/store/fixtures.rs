//! Times for the tests of the store.

use std::time::Duration;

use jiff::Timestamp;

pub(super) const DAY: Duration = Duration::from_hours(24);

/// A moment of the year 2026, so many seconds after it began.
pub(super) fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).unwrap()
}
