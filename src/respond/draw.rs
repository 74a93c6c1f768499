//! Chance that repeats itself: draws that depend on what was asked alone, and what is made of them.
//!
//! The same seed, product, quantity and count give the same draws on every machine and in every run.

use std::time::Duration;

use ethnum::U256;
use rust_decimal::Decimal;

use crate::config::mock::Latency;

/// No mock takes longer than this, whatever its distribution says.
const MAX_LATENCY: Duration = Duration::from_hours(1);
/// The 99th percentile of the standard normal distribution.
const Z_99: f64 = 2.326_347_874_040_841;

/// The draws for one request, each independent of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Draws {
    /// Decides whether the request fails.
    pub(super) failure: u64,
    /// Decide how long it takes.
    pub(super) latency: [u64; 2],
}

impl Draws {
    /// Draws for the `nth` request (from 1) for this product and quantity.
    pub(super) fn new(seed: u64, product: &str, quantity: u64, nth: u64) -> Self {
        let numbers = [seed, quantity, nth].into_iter().flat_map(u64::to_le_bytes);
        let mut state = fnv_1a(numbers.chain(product.bytes()));
        let mut next = || split_mix_64(&mut state);
        Self { failure: next(), latency: [next(), next()] }
    }
}

/// The seed of a supplier whose mock has none: the same on every machine.
pub(super) fn seed_of(supplier: &str) -> u64 {
    fnv_1a(supplier.bytes())
}

/// Whether a draw falls within a share of 0 to 1. The comparison is exact: `draw ÷ 2⁶⁴ < share`.
pub(super) fn is_within(draw: u64, share: Decimal) -> bool {
    let Ok(mantissa) = u128::try_from(share.mantissa()) else { return false };
    U256::from(draw) * U256::from(10_u8).pow(share.scale()) < U256::from(mantissa) << 64
}

/// How long a request takes, at most an hour.
pub(super) fn duration(latency: Latency, draws: [u64; 2]) -> Duration {
    let wanted = match latency {
        Latency::Fixed(duration) => duration,
        Latency::Uniform { min, max } => uniform(min, max, draws[0]),
        Latency::LogNormal { median, p99 } => log_normal(median, p99, draws),
    };
    wanted.min(MAX_LATENCY)
}

/// Any of the nanoseconds from `min` to `max`, both included.
fn uniform(min: Duration, max: Duration, draw: u64) -> Duration {
    let (min, max) = (min.min(MAX_LATENCY), max.min(MAX_LATENCY));
    let choices = max.saturating_sub(min).as_nanos() + 1;
    let above = (choices * u128::from(draw)) >> 64;
    min + Duration::from_nanos(u64::try_from(above).unwrap_or(0))
}

/// Box and Muller's transform ("A Note on the Generation of Random Normal Deviates", 1958) makes a standard normal
/// number of two even draws. The result is cut to whole microseconds, so that the last bit of a machine's
/// logarithm does not show.
#[expect(clippy::float_arithmetic, reason = "a log-normal distribution has no exact form, and no amount depends on it")]
fn log_normal(median: Duration, p99: Duration, draws: [u64; 2]) -> Duration {
    if median.is_zero() {
        return median;
    }
    let [radius, angle] = draws.map(|draw| (f64::from(upper_half(draw)) + 0.5) / (f64::from(u32::MAX) + 1.0));
    let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
    let spread = p99.max(median).div_duration_f64(median).ln() / Z_99;
    let seconds = median.as_secs_f64() * (spread * normal).exp();
    let wanted = Duration::try_from_secs_f64(seconds).unwrap_or(MAX_LATENCY);
    Duration::from_micros(u64::try_from(wanted.as_micros()).unwrap_or(u64::MAX))
}

fn upper_half(draw: u64) -> u32 {
    u32::try_from(draw >> 32).unwrap_or(u32::MAX)
}

/// FNV-1a, 64 bits, by Fowler, Noll and Vo (RFC 9923).
fn fnv_1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `SplitMix64` by Steele, Lea and Flood ("Fast Splittable Pseudorandom Number Generators", 2014).
fn split_mix_64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn draws(count: u64) -> impl Iterator<Item = Draws> {
        (1..=count).map(|nth| Draws::new(7, "widget", 10, nth))
    }

    #[test]
    fn hashes_agree_with_their_published_vectors() {
        assert_eq!(fnv_1a("".bytes()), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a("a".bytes()), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a("foobar".bytes()), 0x8594_4171_f739_67e8);
        let mut state = 1_234_567;
        let mixed = [(); 3].map(|()| split_mix_64(&mut state));
        assert_eq!(mixed, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_supplier_without_a_seed_has_its_own() {
        assert_eq!(seed_of("acme"), 514_768_821_131_075_087);
        assert_ne!(seed_of("acme"), seed_of("bolt"));
    }

    #[test]
    fn the_share_is_compared_exactly() {
        let half = Decimal::new(5, 1);
        assert!(is_within((1 << 63) - 1, half));
        assert!(!is_within(1 << 63, half));
        assert!(is_within(u64::MAX, Decimal::ONE));
        assert!(!is_within(0, Decimal::ZERO));
        assert!(!is_within(0, Decimal::NEGATIVE_ONE));
        let smallest = Decimal::from_i128_with_scale(1, 28);
        assert!(is_within(0, smallest) && !is_within(1, smallest));
    }

    #[test]
    fn every_part_of_the_question_changes_the_draws() {
        let base = Draws::new(7, "widget", 10, 1);
        assert_eq!(base, Draws::new(7, "widget", 10, 1));
        for other in [
            Draws::new(8, "widget", 10, 1),
            Draws::new(7, "widgets", 10, 1),
            Draws::new(7, "widget", 11, 1),
            Draws::new(7, "widget", 10, 2),
        ] {
            assert_ne!(base, other);
        }
        assert_ne!(base.failure, base.latency[0]);
        assert_ne!(base.latency[0], base.latency[1]);
    }

    #[test]
    fn uniform_covers_both_ends_and_nothing_else() {
        assert_eq!(uniform(ms(80), ms(250), 0), ms(80));
        assert_eq!(uniform(ms(80), ms(250), u64::MAX), ms(250));
        assert_eq!(uniform(ms(80), ms(80), 1 << 63), ms(80));
        assert_eq!(uniform(ms(80), ms(250), 1 << 63), ms(165));
    }

    #[test]
    fn nothing_takes_longer_than_an_hour() {
        assert_eq!(duration(Latency::Fixed(Duration::MAX), [0, 0]), MAX_LATENCY);
        assert_eq!(duration(Latency::Uniform { min: ms(0), max: Duration::MAX }, [u64::MAX, 0]), MAX_LATENCY);
        assert_eq!(duration(Latency::LogNormal { median: ms(1), p99: Duration::MAX }, [0, 0]), MAX_LATENCY);
    }

    #[test]
    fn log_normal_has_its_median_and_its_99th_percentile() {
        let latency = Latency::LogNormal { median: ms(80), p99: ms(900) };
        let latencies: Vec<Duration> = draws(10_000).map(|draw| duration(latency, draw.latency)).collect();
        let above = |limit| latencies.iter().filter(|duration| **duration > limit).count();
        // About 5,000 and 100 are expected; one standard deviation is 50 and 10.
        assert!((4_850..=5_150).contains(&above(ms(80))), "{} above the median", above(ms(80)));
        assert!((70..=130).contains(&above(ms(900))), "{} above the 99th percentile", above(ms(900)));
    }

    #[test]
    fn log_normal_without_a_spread_or_a_median_is_fixed() {
        for draw in draws(100) {
            assert_eq!(log_normal(ms(80), ms(80), draw.latency), ms(80));
            assert_eq!(log_normal(ms(0), ms(80), draw.latency), ms(0));
        }
    }
}
