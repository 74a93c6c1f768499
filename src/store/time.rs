//! Times as the file has them: milliseconds since 1970 in UTC.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Clocks of one machine may be set back a little between two runs.
pub(super) const SLACK: SignedDuration = SignedDuration::from_mins(1);

/// A stored time; `None` when no calendar has it.
pub(super) fn stamp(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}

/// Whether a time is at most so long ago. What lies in the future was written under a wrong clock, and is not.
pub(super) fn is_within(at: Timestamp, max_age: Duration, now: Timestamp) -> bool {
    let age = now.duration_since(at);
    age >= -SLACK && age <= SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::moment;
    use super::*;

    #[test]
    fn a_time_of_the_future_is_not_fresh() {
        let within = |at, now| is_within(moment(at), Duration::from_secs(10), moment(now));
        assert!(within(100, 100) && within(100, 110) && within(130, 100));
        assert!(!within(100, 111) && !within(161, 100) && !within(i64::from(u32::MAX), 100));
        assert!(is_within(Timestamp::MIN, Duration::MAX, Timestamp::MAX));
        assert!(!is_within(Timestamp::MAX, Duration::MAX, Timestamp::MIN));
    }
}
