//! Functions of numbers: reading, rounding, ranges, dates.

use jaq_core::box_iter::box_once;
use jaq_core::{Exn, ValXs};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::meter;
use super::{Result, Value, fault};
use crate::mapping::filter::number::{self, MAX_ROUNDED};
use crate::mapping::filter::operators::too_long;
use crate::mapping::filter::value::shown;

/// `"12.50" | tonumber` is 12.50: the text of a JSON number and nothing else, with its digits.
pub(super) fn parse(value: &Value) -> Result {
    match value {
        Value::Number(..) | Value::Long(_) => Ok(value.clone()),
        Value::Text(text) if text.len() <= MAX_TEXT => {
            Value::number(text, 0).ok_or_else(|| fault::about(format!("{} is not a number", shown(value)), &[value]))
        }
        _ => Err(fault::about(format!("{} is not a number", shown(value)), &[value])),
    }
}

/// How long a number's text can be.
const MAX_TEXT: usize = 100;

/// `12.5 | floor` is 12.
pub(super) fn floor(value: &Value) -> Result {
    rounded(value, number::floor)
}

/// `12.5 | ceil` is 13.
pub(super) fn ceil(value: &Value) -> Result {
    rounded(value, |number| number::floor(-number).map(number::negate))
}

/// `12.5 | round` is 13; half away from zero.
pub(super) fn round(value: &Value) -> Result {
    rounded(value, number::nearest)
}

/// `-12.5 | trunc` is -12.
pub(super) fn trunc(value: &Value) -> Result {
    rounded(value, |number| {
        let whole = number::floor(number.abs())?;
        Some(if number.is_sign_negative() { number::negate(whole) } else { whole })
    })
}

/// `12.345 | round(2)` is 12.35, with exactly two decimals.
pub(super) fn round_to(value: &Value, decimals: &Value) -> Result {
    let decimals = decimals_of(decimals)?;
    rounded(value, |number| number::divide_rounded(number, Decimal::ONE, decimals))
}

/// `10 | div(3; 2)` is 3.33, with exactly two decimals, half away from zero.
pub(super) fn divide(value: &Value, divisor: &Value, decimals: &Value) -> Result {
    let decimals = decimals_of(decimals)?;
    let divisor = operand(divisor)?;
    if divisor.is_zero() {
        return Err(fault::about(format!("{} cannot be divided by 0", shown(value)), &[value]));
    }
    rounded(value, |number| number::divide_rounded(number, divisor, decimals))
}

/// The size without the sign, its digits kept.
pub(super) fn abs(value: &Value) -> Result {
    match value {
        Value::Number(number, _) if number.is_sign_negative() => Ok(Value::Number(number::negate(*number), 0)),
        other => operand(other).map(|_| other.clone()),
    }
}

/// Seconds since 1970 as RFC 3339: `1425599621 | todate` is `2015-03-05T23:53:41Z`.
pub(super) fn to_date(value: &Value) -> Result {
    let seconds = number::floor(operand(value)?).and_then(|whole| i64::try_from(whole.mantissa()).ok());
    let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    match moment {
        Some(moment) => Ok(Value::text(moment.to_string())),
        None => Err(fault::about(format!("{} is not a date", shown(value)), &[value])),
    }
}

/// The reverse of [`to_date`].
pub(super) fn from_date(value: &Value) -> Result {
    match value.as_text().filter(|text| text.ends_with('Z')).and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(moment) => Ok(Value::Number(Decimal::from(moment.as_second()), 0)),
        None => Err(fault::about(format!("{} is not a date", shown(value)), &[value])),
    }
}

/// From the start, by the step, as long as the end is not reached.
pub(super) fn range<'a>(start: &Value, end: &Value, step: &Value) -> ValXs<'a, Value> {
    let bounds = || Ok::<_, fault::Error>((operand(start)?, operand(end)?, operand(step)?));
    let (start, end, step) = match bounds() {
        Ok(bounds) => bounds,
        Err(error) => return box_once(Err(Exn::from(error))),
    };
    let goes_down = step.is_sign_negative();
    let mut next = Some(start);
    Box::new(std::iter::from_fn(move || {
        meter::charge(1);
        let order = number::compare(next?, end);
        let current = next.take_if(|_| if goes_down { order.is_gt() } else { order.is_lt() })?;
        next = number::add(current, step);
        Some(Ok(Value::Number(current, 0)))
    }))
}

fn rounded(value: &Value, round: impl FnOnce(Decimal) -> Option<Decimal>) -> Result {
    match round(operand(value)?) {
        Some(number) => Ok(Value::Number(number, 0)),
        None => Err(fault::about(format!("the result for {} has too many digits", shown(value)), &[value])),
    }
}

fn operand(value: &Value) -> Result<Decimal> {
    match value {
        Value::Number(number, _) => Ok(*number),
        Value::Long(_) => Err(too_long(value)),
        other => Err(fault::wrong_type(other, "a number")),
    }
}

fn decimals_of(value: &Value) -> Result<u32> {
    let decimals = value.as_integer().and_then(|decimals| u32::try_from(decimals).ok());
    decimals.filter(|decimals| *decimals <= MAX_ROUNDED).ok_or_else(|| {
        fault::about(format!("{} is not a number of decimals from 0 to {MAX_ROUNDED}", shown(value)), &[value])
    })
}
