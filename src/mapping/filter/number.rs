//! Exact decimal arithmetic for filters: at most 28 digits and 28 decimals, never rounded but where it says so.
//!
//! What a computation yields is either the exact result or nothing. A computed number has no trailing zeros, so that
//! `0.5 + 0.5` is written `1`; a number that was only read keeps its digits.

use std::cmp::Ordering;

use ethnum::I256;
use rust_decimal::Decimal;

use crate::domain::{NumberText, round_to};

/// The most significant digits, and the most decimals, of a number that can be computed with.
pub(super) const MAX_DIGITS: usize = 28;
/// The most decimals that a division or a rounding can be asked for: a price has no more.
pub(super) const MAX_ROUNDED: u32 = 12;

/// As many digits as 64 bits always hold. Almost every number has no more.
const FEW_DIGITS: usize = 18;

/// Why a division has no exact result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inexact {
    /// The divisor is 0.
    ByZero,
    /// The result has endless decimals.
    Endless,
    /// The result has more than 28 digits.
    TooLong,
}

/// A number's text, taken apart by JSON's grammar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digits<'a> {
    negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
    /// Clamped far outside of every bound, so that it can be added to lengths.
    exponent: i64,
}

impl<'a> Digits<'a> {
    /// Reads `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?` and nothing around it.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let NumberText { negative, integer, fraction, exponent } = NumberText::split(text)?;
        let is_padded = integer.len() > 1 && integer[0] == b'0';
        (!is_padded).then_some(Self { negative, integer, fraction, exponent })
    }

    /// The number, if it has at most 28 digits and 28 decimals. Trailing zeros are kept where they fit.
    pub(super) fn exact(&self) -> Option<Decimal> {
        if self.exponent == 0 && self.integer.len() + self.fraction.len() <= FEW_DIGITS {
            let digits = self.integer.iter().chain(self.fraction);
            let mantissa = digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
            let signed = if self.negative { -mantissa } else { mantissa };
            return u32::try_from(self.fraction.len()).ok().map(|scale| Decimal::new(signed, scale));
        }
        let zeros = self.significant().rev().take_while(|digit| *digit == b'0').count();
        self.without_zeros(0).or_else(|| (0..=zeros).find_map(|dropped| self.without_zeros(dropped)))
    }

    fn without_zeros(&self, dropped: usize) -> Option<Decimal> {
        let count = self.significant().count() - dropped;
        if count == 0 {
            let scale = self.scale(0).clamp(0, i64::MAX);
            return Some(Decimal::new(0, u32::try_from(scale).ok().filter(|s| *s <= 28).unwrap_or(0)));
        }
        if count > MAX_DIGITS {
            return None;
        }
        let mantissa = self.significant().take(count).fold(0, |value, digit| value * 10 + i128::from(digit - b'0'));
        let scale = self.scale(dropped);
        let appended = u32::try_from(scale.min(0).unsigned_abs()).ok()?;
        let mantissa = mantissa.checked_mul(10_i128.checked_pow(appended)?)?;
        let signed = if self.negative { -mantissa } else { mantissa };
        within_bounds(signed, u32::try_from(scale.max(0)).ok()?)
    }

    /// How many decimals the number has when its exponent is expanded; negative = so many zeros are appended.
    fn scale(&self, dropped: usize) -> i64 {
        let decimals = i64::try_from(self.fraction.len()).unwrap_or(i64::MAX);
        decimals.saturating_sub(self.exponent).saturating_sub(i64::try_from(dropped).unwrap_or(i64::MAX))
    }

    /// The digits without leading zeros.
    fn significant(&self) -> impl DoubleEndedIterator<Item = u8> + Clone + 'a {
        let (integer, fraction) = (self.integer, self.fraction);
        let leading = integer.iter().chain(fraction).take_while(|digit| **digit == b'0').count();
        let fraction_leading = leading.saturating_sub(integer.len());
        integer[leading.min(integer.len())..].iter().chain(&fraction[fraction_leading..]).copied()
    }

    /// Orders two numbers of any length by their values.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.significant().next().is_some(), number.negative) {
            (false, _) => 0,
            (true, true) => -1,
            (true, false) => 1,
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || sign(self) == 0 {
            return by_sign;
        }
        let size = self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let length = self.significant().count().max(other.significant().count());
            let zeros = || std::iter::repeat(b'0');
            self.significant().chain(zeros()).take(length).cmp(other.significant().chain(zeros()).take(length))
        });
        if self.negative { size.reverse() } else { size }
    }

    /// The power of ten that the first digit stands for.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.significant().count()).unwrap_or(i64::MAX).saturating_sub(self.scale(0))
    }
}

/// Adds exactly. `None` = the sum has more than 28 digits.
pub(super) fn add(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right, scale) = aligned(left, right);
    fitted(left + right, scale)
}

/// Subtracts exactly. `None` = the difference has more than 28 digits.
pub(super) fn subtract(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right, scale) = aligned(left, right);
    fitted(left - right, scale)
}

/// Multiplies exactly. `None` = the product has more than 28 digits.
pub(super) fn multiply(left: Decimal, right: Decimal) -> Option<Decimal> {
    fitted(I256::from(left.mantissa()) * I256::from(right.mantissa()), left.scale() + right.scale())
}

/// Divides exactly.
///
/// # Errors
/// When there is no exact result.
pub(super) fn divide(dividend: Decimal, divisor: Decimal) -> Result<Decimal, Inexact> {
    let (numerator, denominator) = (dividend.mantissa(), divisor.mantissa());
    if denominator == 0 {
        return Err(Inexact::ByZero);
    }
    let common = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
    let common = i128::try_from(common).map_err(|_| Inexact::TooLong)?;
    let (numerator, denominator) = (numerator / common, denominator / common);
    let (numerator, denominator) = if denominator < 0 { (-numerator, -denominator) } else { (numerator, denominator) };
    // Only a denominator of twos and fives has a decimal result.
    let (twos, rest) = factors(denominator, 2);
    let (fives, rest) = factors(rest, 5);
    if rest != 1 {
        return Err(Inexact::Endless);
    }
    let decimals = twos.max(fives);
    let shift = i64::from(decimals) + i64::from(dividend.scale()) - i64::from(divisor.scale());
    let multiplier = power(5, decimals - fives).zip(power(2, decimals - twos)).and_then(|(a, b)| a.checked_mul(b));
    multiplier
        .and_then(|multiplier| multiplier.checked_mul(I256::from(numerator)))
        .and_then(|quotient| {
            let appended = power(10, u32::try_from(shift.min(0).unsigned_abs()).ok()?)?;
            fitted(quotient.checked_mul(appended)?, u32::try_from(shift.max(0)).ok()?)
        })
        .ok_or(Inexact::TooLong)
}

/// The number with the other sign, its digits kept. There is no negative zero.
pub(super) fn negate(number: Decimal) -> Decimal {
    if number.is_zero() { number } else { -number }
}

/// The exact remainder, with the dividend's sign. `None` = the divisor is 0.
pub(super) fn remainder(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let (dividend, divisor, scale) = aligned(dividend, divisor);
    fitted(dividend.checked_rem(divisor)?, scale)
}

/// Divides and rounds to so many decimals, half away from zero. `None` = the result has more than 28 digits, more
/// than 12 decimals are asked for, or the divisor is 0.
pub(super) fn divide_rounded(dividend: Decimal, divisor: Decimal, decimals: u32) -> Option<Decimal> {
    let (numerator, denominator, _) = aligned(dividend, divisor);
    round_to(numerator, denominator, Some(decimals).filter(|decimals| *decimals <= MAX_ROUNDED)?)
}

/// The nearest whole number, half away from zero.
pub(super) fn nearest(number: Decimal) -> Option<Decimal> {
    divide_rounded(number, Decimal::ONE, 0)
}

/// The largest whole number that is not above the number.
pub(super) fn floor(number: Decimal) -> Option<Decimal> {
    let denominator = 10_i128.checked_pow(number.scale())?;
    within_bounds(number.mantissa().div_euclid(denominator), 0)
}

/// Orders two numbers.
pub(super) fn compare(left: Decimal, right: Decimal) -> Ordering {
    if left.scale() == right.scale() {
        return left.mantissa().cmp(&right.mantissa());
    }
    let (left, right, _) = aligned(left, right);
    left.cmp(&right)
}

/// Both mantissas at the larger scale. They have at most 56 digits, which 256 bits hold with room for a sum.
fn aligned(left: Decimal, right: Decimal) -> (I256, I256, u32) {
    let scale = left.scale().max(right.scale());
    let at_scale =
        |number: Decimal| I256::from(number.mantissa()) * power(10, scale - number.scale()).unwrap_or(I256::ONE);
    (at_scale(left), at_scale(right), scale)
}

/// The shortest decimal of that value.
fn fitted(mut mantissa: I256, mut scale: u32) -> Option<Decimal> {
    while i128::try_from(mantissa).is_err() && scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    let mut mantissa = i128::try_from(mantissa).ok()?;
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    within_bounds(mantissa, scale)
}

fn within_bounds(mantissa: i128, scale: u32) -> Option<Decimal> {
    let fits = mantissa.unsigned_abs() < 10_u128.pow(28) && scale <= 28;
    fits.then(|| Decimal::try_from_i128_with_scale(mantissa, scale).ok()).flatten()
}

fn power(base: i128, exponent: u32) -> Option<I256> {
    I256::from(base).checked_pow(exponent)
}

fn factors(mut number: i128, prime: i128) -> (u32, i128) {
    let mut count = 0;
    while number % prime == 0 {
        number /= prime;
        count += 1;
    }
    (count, number)
}

fn greatest_common_divisor(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests;
