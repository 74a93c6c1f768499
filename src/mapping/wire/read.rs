//! Single values of an offer: from what JSON holds to what the domain holds.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use rust_decimal::Decimal;

use crate::domain::{FaultProblem, MAX_PERCENT, MAX_QUANTITY, NumberProblem, parse_decimal, parse_integer, shortened};
use crate::mapping::json::Value;

/// The most pieces that a request, a tier or a price unit can be for.
#[expect(clippy::cast_possible_wrap, reason = "10⁹ fits")]
pub(super) const MAX_PIECES: i64 = MAX_QUANTITY as i64;
/// Where a limit of the order is cut off: far above every order, and the largest count of the number grammar.
const MAX_LIMIT: i64 = 999_999_999_999;
/// Where a stock count is cut off. Everything from 10⁹ on means the same: not counted.
const STOCK_LIMIT: i64 = 1_000_000_000_000_000_000;
/// How many characters of a wrong value are kept to be shown.
const SHOWN: usize = 60;

/// Reads a text.
pub(super) fn text(value: &Value<'_>) -> Result<String, FaultProblem> {
    match value {
        Value::String(text) => Ok(text.clone().into_owned()),
        other => Err(wrong_type("text", other)),
    }
}

/// Reads what names something. Many suppliers number their articles and send the number as one: its digits are the
/// name.
pub(super) fn name(value: &Value<'_>) -> Result<String, FaultProblem> {
    match value {
        Value::Number(digits) => Ok(digits.clone().into_owned()),
        other => text(other),
    }
}

/// Reads `true` or `false`, and nothing that is like them.
pub(super) fn boolean(value: &Value<'_>) -> Result<bool, FaultProblem> {
    match value {
        Value::Bool(bool) => Ok(*bool),
        other => Err(wrong_type("a boolean", other)),
    }
}

/// Reads an exact decimal, from a number or from a text of the same grammar.
pub(super) fn decimal(value: &Value<'_>) -> Result<Decimal, FaultProblem> {
    let text = number_text(value)?;
    parse_decimal(text).map_err(|problem| number_problem(text, problem))
}

/// Reads a percentage of tax, 0 to 100 as in the configuration.
pub(super) fn tax_percent(value: &Value<'_>) -> Result<Decimal, FaultProblem> {
    let percent = decimal(value)?;
    if percent < Decimal::ZERO || percent > Decimal::from(MAX_PERCENT) {
        return Err(FaultProblem::OutOfRange { found: percent.to_string(), least: 0, most: i64::from(MAX_PERCENT) });
    }
    Ok(percent)
}

/// Reads a whole number from `least` to `most`; integer texts such as `"50"` are numbers too.
pub(super) fn integer<T: TryFrom<i64>>(value: &Value<'_>, least: i64, most: i64) -> Result<T, FaultProblem> {
    let text = number_text(value)?;
    let out_of_range = || FaultProblem::OutOfRange { found: shortened(text, SHOWN), least, most };
    match parse_integer(text) {
        Ok(number) if (least..=most).contains(&number) => T::try_from(number).map_err(|_| out_of_range()),
        Ok(_) | Err(NumberProblem::TooManyIntegerDigits) => Err(out_of_range()),
        Err(problem) => Err(number_problem(text, problem)),
    }
}

/// Reads a count that an order is held against, 0 or more. However large it is, it is one: "no limit" is often sent
/// as the largest number that the sender's machine has.
pub(super) fn limit(value: &Value<'_>) -> Result<u64, FaultProblem> {
    let count = stock(value)?.min(MAX_LIMIT);
    u64::try_from(count).map_err(|_| FaultProblem::OutOfRange { found: count.to_string(), least: 0, most: MAX_LIMIT })
}

/// Reads a stock count. However large it is, it is one.
pub(super) fn stock(value: &Value<'_>) -> Result<i64, FaultProblem> {
    let text = number_text(value)?;
    match parse_integer(text) {
        Ok(number) => Ok(number),
        Err(NumberProblem::TooManyIntegerDigits) if text.starts_with('-') => Ok(-STOCK_LIMIT),
        Err(NumberProblem::TooManyIntegerDigits) => Ok(STOCK_LIMIT),
        Err(problem) => Err(number_problem(text, problem)),
    }
}

/// Reads the last moment of a validity: RFC 3339, or a date, which holds until the end of its day in UTC.
pub(super) fn moment(value: &Value<'_>) -> Result<Timestamp, FaultProblem> {
    let Value::String(text) = value else { return Err(wrong_type("text", value)) };
    let text = text.trim();
    date_end(text).or_else(|| date_time(text)).ok_or_else(|| FaultProblem::NotADate(shortened(text, SHOWN)))
}

fn date_end(text: &str) -> Option<Timestamp> {
    has_shape(text, "dddd-dd-dd").then_some(())?;
    let date: Date = text.parse().ok()?;
    Some(at_offset(date.at(23, 59, 59, 0), Offset::UTC))
}

fn date_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = time.split_at_checked(8)?;
    let (fraction, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-'])?);
    let digits = fraction.strip_prefix('.').unwrap_or(fraction);
    let is_fraction = fraction.is_empty() || (digits.len() + 1 == fraction.len() && !digits.is_empty());
    let well_formed = has_shape(date, "dddd-dd-dd")
        && has_shape(time, "dd:dd:dd")
        && is_fraction
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then_some(())?;
    // A fraction finer than a nanosecond cannot matter.
    let fraction = &fraction[..fraction.len().min(10)];
    let local: DateTime = format!("{date}T{time}{fraction}").parse().ok()?;
    Some(at_offset(local, utc_offset(offset)?))
}

fn utc_offset(text: &str) -> Option<Offset> {
    let sign = match text {
        "Z" | "z" => return Some(Offset::UTC),
        east if east.starts_with('+') => 1,
        west if west.starts_with('-') => -1,
        _ => return None,
    };
    has_shape(&text[1..], "dd:dd").then_some(())?;
    let (hours, minutes): (i32, i32) = (text[1..3].parse().ok()?, text[4..].parse().ok()?);
    (hours < 24 && minutes < 60).then_some(())?;
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

/// The last days of the year 9999 stand for "for ever" and are beyond what a timestamp can hold.
fn at_offset(local: DateTime, offset: Offset) -> Timestamp {
    offset.to_timestamp(local).unwrap_or(Timestamp::MAX)
}

/// Whether the text has digits where the shape has `d`, and the shape's own characters elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            literal => byte == literal,
        })
}

/// What a value is instead of what it must be.
pub(super) fn wrong_type(expected: &'static str, found: &Value<'_>) -> FaultProblem {
    FaultProblem::WrongType { expected, found: found.kind() }
}

fn number_text<'v>(value: &'v Value<'_>) -> Result<&'v str, FaultProblem> {
    match value {
        Value::Number(text) | Value::String(text) => Ok(text),
        other => Err(wrong_type("a number", other)),
    }
}

fn number_problem(text: &str, problem: NumberProblem) -> FaultProblem {
    FaultProblem::Number { found: shortened(text, SHOWN), problem }
}

#[cfg(test)]
mod tests;
