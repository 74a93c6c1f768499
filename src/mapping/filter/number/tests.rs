use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use super::*;

type Exact = BigRational;

fn ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

fn exact(number: Decimal) -> Exact {
    Exact::new(number.mantissa().into(), ten(number.scale()))
}

/// Whether a number of this value can be computed with.
fn is_representable(value: &Exact) -> bool {
    let scaled = value * Exact::from(ten(28));
    let mut mantissa = scaled.numer().clone();
    if !scaled.is_integer() {
        return false;
    }
    let mut scale = 28;
    while scale > 0 && (&mantissa % 10) == BigInt::ZERO {
        mantissa /= 10;
        scale -= 1;
    }
    mantissa.magnitude() < ten(28).magnitude()
}

/// Half away from zero.
fn rounded(value: &Exact, decimals: u32) -> Exact {
    (value * Exact::from(ten(decimals))).round() / Exact::from(ten(decimals))
}

#[track_caller]
fn assert_exact(result: Option<Decimal>, expected: &Exact) {
    match result {
        Some(result) => assert_eq!(&exact(result), expected),
        None => assert!(!is_representable(expected), "{expected} was refused"),
    }
}

fn any_number() -> impl Strategy<Value = Decimal> {
    let long = (0_i128..10_i128.pow(28), 0_u32..=28);
    let short = (0_i128..100_000, 0_u32..=6);
    (prop_oneof![long, short], any::<bool>()).prop_map(|((mantissa, scale), negative)| {
        Decimal::from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale)
    })
}

proptest! {
    #[test]
    fn sums_are_exact(left in any_number(), right in any_number()) {
        assert_exact(add(left, right), &(exact(left) + exact(right)));
        assert_exact(subtract(left, right), &(exact(left) - exact(right)));
    }

    #[test]
    fn products_are_exact(left in any_number(), right in any_number()) {
        assert_exact(multiply(left, right), &(exact(left) * exact(right)));
    }

    #[test]
    fn quotients_are_exact_or_refused(left in any_number(), right in any_number()) {
        match divide(left, right) {
            Err(Inexact::ByZero) => prop_assert!(right.is_zero()),
            outcome => assert_exact(outcome.ok(), &(exact(left) / exact(right))),
        }
    }

    #[test]
    fn quotients_of_products_are_found_again(left in any_number(), right in any_number()) {
        if let Some(product) = multiply(left, right).filter(|_| !right.is_zero()) {
            prop_assert_eq!(divide(product, right).map(exact), Ok(exact(left)));
        }
    }

    #[test]
    fn remainders_are_exact(left in any_number(), right in any_number()) {
        match remainder(left, right) {
            None if right.is_zero() => {}
            result => {
                let quotient = (exact(left) / exact(right)).trunc();
                assert_exact(result, &(exact(left) - quotient * exact(right)));
            }
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero(left in any_number(), right in any_number(), decimals in 0_u32..=12) {
        assert_rounded(divide_rounded(left, Decimal::ONE, decimals), &exact(left), decimals);
        if !right.is_zero() {
            assert_rounded(divide_rounded(left, right, decimals), &(exact(left) / exact(right)), decimals);
        }
        assert_exact(nearest(left), &rounded(&exact(left), 0));
        assert_exact(floor(left), &exact(left).floor());
    }

    #[test]
    fn the_order_is_exact(left in any_number(), right in any_number()) {
        prop_assert_eq!(compare(left, right), exact(left).cmp(&exact(right)));
        let (one, other) = (left.to_string(), right.to_string());
        prop_assert_eq!(Digits::read(&one).unwrap().compare(&Digits::read(&other).unwrap()), exact(left).cmp(&exact(right)));
    }

    #[test]
    fn texts_are_read_exactly(
        negative in any::<bool>(), integer in "0|[1-9][0-9]{0,30}", fraction in "[0-9]{0,30}", exponent in -40_i32..40,
    ) {
        let sign = if negative { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let text = format!("{sign}{integer}{point}{fraction}e{exponent}");
        let digits: BigInt = format!("{sign}{integer}{fraction}").parse().unwrap();
        let shift = exponent - i32::try_from(fraction.len()).unwrap();
        let factor = Exact::from(ten(shift.unsigned_abs()));
        let expected = Exact::from(digits) * if shift < 0 { factor.recip() } else { factor };
        assert_exact(Digits::read(&text).unwrap().exact(), &expected);
    }

    #[test]
    fn long_texts_are_ordered_exactly(one in "-?[1-9][0-9]{0,40}(\\.[0-9]{1,40})?", other in "-?[1-9][0-9]{0,40}(\\.[0-9]{1,40})?") {
        let value = |text: &str| {
            let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
            let digits: BigInt = format!("{integer}{fraction}").parse().unwrap();
            Exact::new(digits, ten(u32::try_from(fraction.len()).unwrap()))
        };
        prop_assert_eq!(Digits::read(&one).unwrap().compare(&Digits::read(&other).unwrap()), value(&one).cmp(&value(&other)));
    }
}

#[track_caller]
fn assert_rounded(result: Option<Decimal>, value: &Exact, decimals: u32) {
    let expected = rounded(value, decimals);
    match result {
        Some(result) => assert_eq!((exact(result), result.scale()), (expected, decimals)),
        None => assert!(!is_representable(&(expected * Exact::from(ten(decimals)))), "{value} was refused"),
    }
}

#[test]
fn a_read_number_keeps_its_digits_where_they_fit() {
    let read = |text: &str| Digits::read(text).unwrap().exact().map(|number| number.to_string());
    for text in ["0", "0.00", "12.50", "1.000000000000000000000000000", "1234567890123456789012345678"] {
        assert_eq!(read(text).as_deref(), Some(text));
    }
    assert_eq!(read("1.50e3").as_deref(), Some("1500"));
    assert_eq!(read("15e-4").as_deref(), Some("0.0015"));
    assert_eq!(read("-0").as_deref(), Some("0"));
    assert_eq!(read(&format!("1.{}", "0".repeat(60))).as_deref(), Some("1.000000000000000000000000000"));
    assert_eq!(read(&format!("0e{}", "9".repeat(60))).as_deref(), Some("0"));
    assert_eq!(read("12345678901234567890123456789"), None);
    assert_eq!(read("1e28"), None);
    assert_eq!(read("1e-29"), None);
    assert_eq!(read(&format!("1e{}", "9".repeat(60))), None);
}

#[test]
fn only_numbers_of_json_are_read() {
    for text in ["", "-", "01", "1.", ".1", "1e", "1e+", "+1", " 1", "1 ", "1_0", "1,0", "0x1", "NaN", "１"] {
        assert!(Digits::read(text).is_none(), "{text}");
    }
}
