//! Chance, passed in as numbers: draws that are the same for the same seed, and what they make of a time.

use std::time::Duration;

/// Draws a number from a seed: the same for the same seed and the same `nth`, and else without any pattern. It is no
/// secret.
#[must_use]
pub fn draw(seed: u64, nth: u64) -> u64 {
    // SplitMix64, whose state after `nth` steps is known without taking them.
    let mut mixed = seed.wrapping_add(nth.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The share of a time that a draw stands for: 0 is none of it, the greatest number nearly all.
#[must_use]
pub fn share(time: Duration, draw: u64) -> Duration {
    let nanoseconds = (time.as_nanos() * u128::from(draw)) >> u64::BITS;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_by_seed_and_number_and_repeat() {
        let draws: std::collections::HashSet<u64> =
            (0..100).flat_map(|seed| (0..100).map(move |nth| draw(seed, nth))).collect();
        assert_eq!(draws.len(), 10_000);
        assert_eq!(draw(7, 3), draw(7, 3));
        let below_half = (0..1000).filter(|nth| draw(7, *nth) < u64::MAX / 2).count();
        assert!((450..550).contains(&below_half), "{below_half}");
    }

    #[test]
    fn a_share_is_less_than_the_whole() {
        let second = Duration::from_secs(1);
        assert_eq!(share(second, 0), Duration::ZERO);
        assert_eq!(share(second, 1 << 63), Duration::from_millis(500));
        assert_eq!(share(second, u64::MAX), Duration::from_nanos(999_999_999));
        assert_eq!(share(Duration::ZERO, u64::MAX), Duration::ZERO);
    }
}
