//! Exact numbers: the one grammar that reads them and the one function that rounds them.
//!
//! A price has at most 12 integer digits and 12 decimals, and an order at most 10⁹ pieces, so every product and
//! sum of them fits 256-bit integers. `rust_decimal` only carries values: its `from_str` rounds beyond 28
//! digits, and its checked arithmetic drops digits silently.

use ethnum::I256;
use rust_decimal::Decimal;

/// The most digits before the decimal point.
const MAX_INTEGER_DIGITS: i64 = 12;
/// The most digits after the decimal point. Trailing zeros count.
const MAX_DECIMALS: i64 = 12;
/// The largest percentage, be it of tax or of tolerance.
pub const MAX_PERCENT: u8 = 100;
/// The longest text that is looked at; nothing longer can be within the bounds without being padded.
const MAX_TEXT: usize = 100;

/// What the number grammar objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// The text is not `-?digits(.digits)?([eE][+-]?digits)?`.
    #[error("not a number")]
    NotANumber,
    /// More than 12 digits before the decimal point.
    #[error("more than 12 integer digits")]
    TooManyIntegerDigits,
    /// More than 12 digits after the decimal point.
    #[error("more than 12 decimals")]
    TooManyDecimals,
    /// A fraction where a whole number belongs.
    #[error("not a whole number")]
    NotWhole,
}

/// Reads `-?digits(.digits)?([eE][+-]?digits)?` exactly: 12 integer digits and 12 decimals at most, after the
/// exponent is expanded. Nothing is rounded; trailing zeros are kept (`0.030` has three decimals).
///
/// # Errors
/// When the text is no such number, or has too many digits.
///
/// ```
/// use pricecmp::domain::{NumberProblem, parse_decimal};
/// assert_eq!(parse_decimal("1.50e-1").unwrap().to_string(), "0.150");
/// assert_eq!(parse_decimal("1,50"), Err(NumberProblem::NotANumber));
/// assert_eq!(parse_decimal("1e1000000"), Err(NumberProblem::TooManyIntegerDigits));
/// ```
pub fn parse_decimal(text: &str) -> Result<Decimal, NumberProblem> {
    let parts = NumberText::read(text)?;
    if parts.is_zero() {
        let decimals = parts.decimals().clamp(0, MAX_DECIMALS + 1);
        return if decimals > MAX_DECIMALS {
            Err(NumberProblem::TooManyDecimals)
        } else {
            Ok(Decimal::new(0, u32::try_from(decimals).unwrap_or(0)))
        };
    }
    if parts.decimals() > MAX_DECIMALS {
        return Err(NumberProblem::TooManyDecimals);
    }
    if parts.integer_digits() > MAX_INTEGER_DIGITS {
        return Err(NumberProblem::TooManyIntegerDigits);
    }
    let mut mantissa = parts.mantissa();
    let mut scale = parts.decimals();
    while scale < 0 {
        mantissa *= 10;
        scale += 1;
    }
    let scale = u32::try_from(scale).map_err(|_| NumberProblem::TooManyDecimals)?;
    let signed = if parts.negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, scale).map_err(|_| NumberProblem::TooManyIntegerDigits)
}

/// Reads a whole number by the same grammar: `5`, `5.0` and `5e2` are whole, `5.5` is not.
///
/// # Errors
/// When the text is no number, has a fraction, or has more than 12 integer digits.
pub fn parse_integer(text: &str) -> Result<i64, NumberProblem> {
    let value = parse_decimal(text)?;
    let whole = value.normalize();
    if whole.scale() > 0 {
        return Err(NumberProblem::NotWhole);
    }
    i64::try_from(whole.mantissa()).map_err(|_| NumberProblem::TooManyIntegerDigits)
}

/// Divides and rounds to a whole number, half away from zero. It is the only place where an amount is rounded.
/// `None` when the denominator is 0 or the result exceeds the 28 digits that every amount keeps within.
#[must_use]
pub fn round_ratio(numerator: I256, denominator: I256) -> Option<i128> {
    let (quotient, remainder) = divide(numerator, denominator)?;
    let away = remainder.unsigned_abs() >= denominator.unsigned_abs() - remainder.unsigned_abs();
    let step = if (numerator < 0) == (denominator < 0) { I256::ONE } else { I256::MINUS_ONE };
    let rounded = if away { quotient + step } else { quotient };
    let limit = I256::from(10_i128.pow(28));
    (-limit < rounded && rounded < limit).then(|| rounded.as_i128())
}

/// Rounds the exact ratio to a decimal with `digits` decimals, half away from zero. `None` as in [`round_ratio`],
/// or when the scaled numerator would not fit 256 bits.
#[must_use]
pub fn round_to(numerator: I256, denominator: I256, digits: u32) -> Option<Decimal> {
    let scaled = multiply(numerator, power_of_ten(digits)?)?;
    Decimal::try_from_i128_with_scale(round_ratio(scaled, denominator)?, digits).ok()
}

/// Rounds an amount to minor units of so many decimals.
pub(super) fn to_minor(amount: Decimal, minor_digits: u32) -> Option<i128> {
    let numerator = multiply(I256::from(amount.mantissa()), power_of_ten(minor_digits)?)?;
    round_ratio(numerator, power_of_ten(amount.scale())?)
}

/// The smallest whole number that is not below the ratio, for a numerator ≥ 0. `None` unless the denominator is
/// above 0. It rounds no amount: it finds the first count that satisfies an inequality.
pub(super) fn ceil_ratio(numerator: I256, denominator: I256) -> Option<I256> {
    let (quotient, remainder) = divide(numerator, denominator).filter(|_| denominator > 0)?;
    Some(if remainder > 0 { quotient + I256::ONE } else { quotient })
}

/// 10 to a power of at most 38.
pub(super) fn power_of_ten(exponent: u32) -> Option<I256> {
    10_i128.checked_pow(exponent).map(I256::from)
}

/// Multiplies; `None` when the product exceeds 256 bits. `I256::checked_mul` divides to find that out, which
/// two short factors never need.
pub(super) fn multiply(left: I256, right: I256) -> Option<I256> {
    if short(left).is_some() && short(right).is_some() {
        Some(left.wrapping_mul(right))
    } else {
        left.checked_mul(right)
    }
}

/// Quotient, towards zero, and remainder. Division of 128 bits is several times faster, and almost always enough.
fn divide(numerator: I256, denominator: I256) -> Option<(I256, I256)> {
    if let (Some(numerator), Some(denominator)) = (short(numerator), short(denominator)) {
        let quotient = numerator.checked_div(denominator)?;
        return Some((I256::from(quotient), I256::from(numerator - quotient * denominator)));
    }
    let quotient = numerator.checked_div(denominator)?;
    Some((quotient, numerator - quotient * denominator))
}

/// The number in 128 bits, if it fits.
fn short(number: I256) -> Option<i128> {
    let short = number.as_i128();
    (I256::from(short) == number).then_some(short)
}

/// A number's text, taken apart by `-?digits(.digits)?([eE][+-]?digits)?`; digits are ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberText<'a> {
    /// Whether it begins with a minus.
    pub negative: bool,
    /// The digits before the point, at least one, leading zeros included.
    pub integer: &'a [u8],
    /// The digits after the point, trailing zeros included; none without a point.
    pub fraction: &'a [u8],
    /// Clamped far outside every bound, so that it can be added to lengths.
    pub exponent: i64,
}

impl<'a> NumberText<'a> {
    /// Takes a text apart; `None` when it does not follow the grammar, or something stands around the number.
    #[must_use]
    pub fn split(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, rest) = match bytes.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, bytes),
        };
        let (integer, rest) = digits(rest);
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => Some(digits(rest)).filter(|(fraction, _)| !fraction.is_empty())?,
            None => (&rest[..0], rest),
        };
        let exponent = read_exponent(rest)?;
        (!integer.is_empty()).then_some(Self { negative, integer, fraction, exponent })
    }

    /// Takes a text apart that may be an amount, without leading zeros.
    fn read(text: &'a str) -> Result<Self, NumberProblem> {
        let split = Self::split(text).ok_or(NumberProblem::NotANumber)?;
        let integer = &split.integer[split.integer.iter().take_while(|digit| **digit == b'0').count()..];
        if integer.len() > MAX_TEXT {
            return Err(NumberProblem::TooManyIntegerDigits);
        }
        if split.fraction.len() > MAX_TEXT {
            return Err(NumberProblem::TooManyDecimals);
        }
        Ok(Self { integer, ..split })
    }

    fn is_zero(&self) -> bool {
        self.integer.iter().chain(self.fraction).all(|digit| *digit == b'0')
    }

    /// How many decimals are left when the exponent is expanded; negative = that many zeros are appended.
    fn decimals(&self) -> i64 {
        i64::try_from(self.fraction.len()).unwrap_or(i64::MAX).saturating_sub(self.exponent)
    }

    /// How many significant digits stand before the point when the exponent is expanded.
    fn integer_digits(&self) -> i64 {
        let leading = if self.integer.is_empty() {
            -i64::try_from(self.fraction.iter().take_while(|digit| **digit == b'0').count()).unwrap_or(i64::MAX)
        } else {
            i64::try_from(self.integer.len()).unwrap_or(i64::MAX)
        };
        leading.saturating_add(self.exponent)
    }

    /// All digits as one number. Within the bounds it has at most 24 digits.
    fn mantissa(&self) -> i128 {
        self.integer.iter().chain(self.fraction).fold(0, |value, digit| value * 10 + i128::from(digit - b'0'))
    }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn read_exponent(rest: &[u8]) -> Option<i64> {
    let Some((marker, rest)) = rest.split_first() else { return Some(0) };
    if !matches!(marker, b'e' | b'E') {
        return None;
    }
    let (negative, rest) = match rest.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, rest),
    };
    let (exponent, rest) = digits(rest);
    if exponent.is_empty() || !rest.is_empty() {
        return None;
    }
    let size = exponent.iter().fold(0_i64, |value, digit| (value * 10 + i64::from(digit - b'0')).min(1 << 50));
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    fn text(value: &str) -> String {
        parse_decimal(value).unwrap().to_string()
    }

    #[test]
    fn digits_are_kept_as_they_are_written() {
        assert_eq!(text("0.030"), "0.030");
        assert_eq!(text("12"), "12");
        assert_eq!(text("-4.90"), "-4.90");
        assert_eq!(text("007"), "7");
        assert_eq!(text("0"), "0");
        assert_eq!(text("0.00"), "0.00");
        assert_eq!(parse_decimal("-0"), Ok(Decimal::ZERO));
    }

    #[test]
    fn exponents_are_expanded_exactly() {
        assert_eq!(text("1e3"), "1000");
        assert_eq!(text("1.50E-1"), "0.150");
        assert_eq!(text("1.5e+1"), "15");
        assert_eq!(text("0.000000000000001e15"), "1");
        assert_eq!(text("123456789012345e-3"), "123456789012.345");
        assert_eq!(text("0e5"), "0");
    }

    #[test]
    fn the_bounds_are_twelve_digits_on_either_side() {
        assert_eq!(text("999999999999.999999999999"), "999999999999.999999999999");
        assert_eq!(parse_decimal("1000000000000"), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(parse_decimal("0.1234567890123"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal("1.0000000000000"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal("0e-13"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(text("0000000000000000000000001.5"), "1.5");
    }

    #[test]
    fn huge_exponents_are_refused_without_being_expanded() {
        assert_eq!(parse_decimal("1e1000000"), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(parse_decimal("1e-1000000"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal("1e99999999999999999999999"), Err(NumberProblem::TooManyIntegerDigits));
    }

    #[test]
    fn a_megabyte_of_digits_is_refused_without_being_worked_out() {
        // Work that grows with the value, or with the square of the length, would not end while a test may run: a
        // power of ten with a billion digits, or 10¹² steps.
        let digits = "9".repeat(1_000_000);
        assert_eq!(parse_decimal("1e999999999"), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(parse_decimal("1e-999999999"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal("0e-999999999"), Err(NumberProblem::TooManyDecimals));
        assert_eq!(text("0e999999999"), "0");
        assert_eq!(parse_decimal(&format!("1e{digits}")), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(parse_decimal(&format!("1e-{digits}")), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal(&digits), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(parse_decimal(&format!("0.{digits}")), Err(NumberProblem::TooManyDecimals));
        assert_eq!(parse_decimal(&format!("{digits}e-{digits}")), Err(NumberProblem::TooManyIntegerDigits));
        assert_eq!(text(&format!("{}1.5", "0".repeat(1_000_000))), "1.5");
    }

    #[test]
    fn what_other_parsers_let_through_is_no_number() {
        let texts = [
            "", "-", ".", "+1", ".5", "1.", "-.5", "1_000", "0x1", "1,5", "1.234,56", "1,600.00", " 1", "1 ", "1e",
            "1e+", "e5", "1.e5", "1.5.5", "--1", "NaN", "Infinity", "inf", "1f", "１", "１.５", "1.٥", "1\u{a0}",
            "1\0", "−1", "1e1.5", "1e--1", "¼",
        ];
        for text in texts {
            assert_eq!(parse_decimal(text), Err(NumberProblem::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn whole_numbers_may_be_written_in_any_form_that_is_whole() {
        for text in ["500", "5e2", "500.00", "5000e-1"] {
            assert_eq!(parse_integer(text), Ok(500), "{text}");
        }
        assert_eq!(parse_integer("5.5"), Err(NumberProblem::NotWhole));
        assert_eq!(parse_integer("-3"), Ok(-3));
        assert_eq!(parse_integer("999999999999"), Ok(999_999_999_999));
        assert_eq!(parse_integer("1e12"), Err(NumberProblem::TooManyIntegerDigits));
    }

    #[test]
    fn halves_round_away_from_zero() {
        let rounded = |numerator: i128| round_ratio(I256::from(numerator), I256::from(10));
        let expected = [(4, 0), (5, 1), (14, 1), (15, 2), (25, 3), (-4, 0), (-5, -1), (-14, -1), (-15, -2)];
        for (numerator, whole) in expected {
            assert_eq!(rounded(numerator), Some(whole), "{numerator}");
            assert_eq!(round_ratio(I256::from(-numerator), I256::from(-10)), Some(whole), "-{numerator}");
        }
    }

    #[test]
    fn rounding_survives_every_extreme() {
        let (least, most) = (I256::MIN, I256::MAX);
        assert_eq!(round_ratio(I256::ONE, I256::ZERO), None);
        assert_eq!(round_ratio(least, I256::MINUS_ONE), None);
        assert_eq!(round_ratio(least, I256::ONE), None);
        assert_eq!(round_ratio(most, I256::ONE), None);
        assert_eq!(round_ratio(least, least), Some(1));
        assert_eq!(round_ratio(most, least), Some(-1));
        assert_eq!(round_ratio(I256::ONE, least), Some(0));
        assert_eq!(round_ratio(I256::from(i128::MIN), I256::MINUS_ONE), None);
        assert_eq!(round_to(most, I256::ONE, 2), None);
        assert_eq!(round_to(I256::ONE, I256::ONE, 39), None);
    }

    /// The value that the grammar gives a text, found without any of the code above; `None` outside the grammar.
    fn reference(text: &str) -> Option<(BigRational, i64)> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |text: &str| !text.is_empty() && text.chars().all(|letter| "0123456789".contains(letter));
        if !digits(whole) || !fraction.is_none_or(digits) {
            return None;
        }
        let exponent = match exponent {
            Some(text) if digits(text.strip_prefix(['-', '+']).unwrap_or(text)) => text.parse::<i64>().unwrap(),
            Some(_) => return None,
            None => 0,
        };
        let fraction = fraction.unwrap_or("");
        let all: BigInt = format!("{whole}{fraction}").parse().unwrap();
        let decimals = i64::try_from(fraction.len()).unwrap() - exponent;
        let power = BigInt::from(10).pow(u32::try_from(decimals.abs()).unwrap());
        let value =
            if decimals >= 0 { BigRational::new(all * sign, power) } else { BigRational::from(all * sign * power) };
        Some((value, decimals.max(0)))
    }

    fn exact(value: Decimal) -> BigRational {
        BigRational::new(value.mantissa().into(), BigInt::from(10).pow(value.scale()))
    }

    fn check_against_reference(text: &str) {
        let bound = BigRational::from(BigInt::from(10).pow(12));
        match (parse_decimal(text), reference(text)) {
            (Err(NumberProblem::NotANumber), expected) => assert_eq!(expected, None, "{text:?}"),
            (Ok(value), Some((expected, decimals))) => {
                assert_eq!(exact(value), expected, "{text:?}");
                assert_eq!(i64::from(value.scale()), decimals, "{text:?}");
                assert!(decimals <= 12 && expected < bound && expected > -bound, "{text:?}");
            }
            (Err(NumberProblem::TooManyDecimals), Some((_, decimals))) => assert!(decimals > 12, "{text:?}"),
            (Err(NumberProblem::TooManyIntegerDigits), Some((value, _))) => {
                assert!(value >= bound || value <= -bound, "{text:?}");
            }
            (found, expected) => panic!("{text:?}: {found:?}, expected {expected:?}"),
        }
    }

    proptest! {
        #[test]
        fn numbers_of_the_grammar_have_their_exact_value(text in r"-?[0-9]{1,16}(\.[0-9]{1,16})?([eE][+-]?[0-9]{1,2})?") {
            check_against_reference(&text);
        }

        #[test]
        fn nearly_numbers_are_told_from_numbers(text in r"[-+]?[0-9.]{0,8}[eE]?[-+]?[0-9_, .]{0,3}") {
            check_against_reference(&text);
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            prop_assert_eq!(parse_decimal(&text).is_ok(), reference(&text).is_some_and(|(_, decimals)| decimals <= 12));
            let _ = parse_integer(&text);
        }

        #[test]
        fn rounding_is_to_the_nearest_and_halves_go_away_from_zero(
            numerator in any::<i128>(), denominator in any::<i128>(), short in 1_i128..1_000, wide in any::<bool>(),
        ) {
            let denominator = if denominator % 2 == 0 { short } else { denominator };
            let factor = if wide { I256::from(10_i128.pow(37)) } else { I256::ONE };
            let Some(rounded) = round_ratio(I256::from(numerator) * factor, I256::from(denominator) * factor) else {
                let limit = BigRational::from(BigInt::from(10).pow(28)) - BigRational::from(BigInt::from(1));
                let ratio = BigRational::new(numerator.into(), denominator.into());
                prop_assert!(ratio > limit || ratio < -limit);
                return Ok(());
            };
            let exact = BigRational::new(numerator.into(), denominator.into());
            let half = BigRational::new(1.into(), 2.into());
            let zero = BigRational::from(BigInt::from(0));
            let expected = if exact < zero { (&exact - half).ceil() } else { (&exact + half).floor() };
            prop_assert_eq!(BigRational::from(BigInt::from(rounded)), expected);
        }

        #[test]
        fn products_are_exact_or_refused(left in any::<(i128, i128)>(), right in any::<(i128, i128)>(), shape in 0..4) {
            let wide = |(high, low): (i128, i128), is_wide: bool| {
                if is_wide { I256::from_words(high >> 20, low) } else { I256::from(low) }
            };
            let (left, right) = (wide(left, shape & 1 == 1), wide(right, shape & 2 == 2));
            prop_assert_eq!(multiply(left, right), left.checked_mul(right));
        }

        #[test]
        fn the_ceiling_is_the_first_that_reaches(numerator in 0_i128..1_000_000, denominator in 1_i128..1_000) {
            let first = ceil_ratio(I256::from(numerator), I256::from(denominator)).unwrap().as_i128();
            prop_assert!(first * denominator >= numerator && (first - 1) * denominator < numerator);
        }
    }
}
