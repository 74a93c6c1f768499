//! How long a worker waits before it tries to reach its broker again.

use std::time::Duration;

use crate::domain::share;

/// The longest wait before the first attempt; twice as long each next time.
const FIRST: Duration = Duration::from_millis(100);
/// The longest wait.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// The wait after `failures` failures in a row (1…): at least half of its limit, so that a broker that is down is left
/// alone, and drawn beyond that, so that the workers of one broker do not come back together. `chance` is any number,
/// drawn anew each time.
pub(super) fn pause(failures: u32, chance: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let half = FIRST.saturating_mul(1 << doublings).min(LONGEST) / 2;
    half + share(half, chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_is_never_nothing() {
        let bounds = |failures| (pause(failures, 0).as_millis(), pause(failures, u64::MAX).as_millis());
        assert_eq!(bounds(1), (50, 99));
        assert_eq!(bounds(2), (100, 199));
        assert_eq!(bounds(7), (3_200, 6_399));
        assert_eq!(bounds(8), (5_000, 9_999));
        assert_eq!(bounds(u32::MAX), (5_000, 9_999));
    }
}
