//! Values as people write them, in a file or behind a flag: amounts, counts, percents, durations.
//!
//! Owns the grammars, their bounds and what is said when one does not hold. Refuses to know keys, flags and places:
//! the caller puts them in front of the message.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use jiff::{SignedDuration, SpanRelativeTo};
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::error::{Problem, quoted};
use crate::domain::{
    Currency, Fallback, MAX_PERCENT, MAX_QUANTITY, NumberProblem, Quantity, parse_decimal, parse_integer,
};

/// The longest time that a comparison may take.
pub(super) const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// The longest time that an offer of a mock may hold: ten years.
pub(super) const LONGEST_VALIDITY: Duration = Duration::from_hours(3_650 * 24);
/// The shortest time that is a timeout.
pub(super) const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The highest increase that is a limit, percent.
const MOST_INCREASE: u16 = 1000;

const DURATION_HINT: &str = "write a number and a unit, such as `500ms`, `5s` or `1m 30s`";
const NUMBER_HINT: &str = "write plain digits with a decimal point, such as `4.90`";

/// A value that was read, or what is wrong with it.
pub(super) type Read<T> = Result<T, Problem>;

/// Reads a duration such as `500ms` or `1m 30s`.
pub(super) fn duration(text: &str, bounds: &RangeInclusive<Duration>) -> Read<Duration> {
    let text = text.trim();
    if parse_decimal(text).is_ok() {
        let problem = Problem::new(format!("{} has no unit", quoted(text)));
        return Err(problem.with_hint(format!("write `{}s`", text.trim_start_matches('-'))));
    }
    let signed: SignedDuration = SpanParser::new().parse_duration(text).map_err(|_| not_a_duration(text))?;
    let Ok(value) = Duration::try_from(signed) else {
        return Err(Problem::new(format!("{} is negative", quoted(text))).with_hint(DURATION_HINT));
    };
    if value < *bounds.start() {
        let least = show_duration(*bounds.start());
        return Err(Problem::new(format!("{} is too short", quoted(text))).with_hint(format!("at least `{least}`")));
    }
    if value > *bounds.end() {
        let most = show_duration(*bounds.end());
        return Err(Problem::new(format!("{} is too long", quoted(text))).with_hint(format!("at most `{most}`")));
    }
    Ok(value)
}

/// Reads an age such as `36h` or `7d`, from a minute to ten years. A day has 24 hours.
pub(super) fn age(text: &str) -> Read<Duration> {
    const HINT: &str = "write a number and a unit, such as `36h` or `7d`";
    let text = text.trim();
    if parse_decimal(text).is_ok() {
        return Err(Problem::new(format!("{} has no unit", quoted(text))).with_hint(format!("write `{text}d`")));
    }
    let span = SpanParser::new().parse_span(text).ok();
    let signed = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let value = signed.and_then(|signed| Duration::try_from(signed).ok());
    match value {
        Some(value) if (Duration::from_mins(1)..=LONGEST_VALIDITY).contains(&value) => Ok(value),
        Some(_) => {
            let problem = Problem::new(format!("{} is out of range", quoted(text)));
            Err(problem.with_hint("from `1m` to `3650d`"))
        }
        None => Err(Problem::new(format!("{} is not an age", quoted(text))).with_hint(HINT)),
    }
}

/// Reads what stands in for a silent supplier: `history`, `history=36h` or `none`.
pub(super) fn fallback(text: &str) -> Read<Fallback> {
    match text.trim() {
        "none" => Ok(Fallback::Off),
        "history" => Ok(Fallback::History(Fallback::USUAL_AGE)),
        other => {
            match other.strip_prefix("history=") {
                Some(limit) => age(limit).map(Fallback::History),
                None => Err(Problem::new(format!("{} is no choice", quoted(text)))
                    .with_hint("`history`, `history=36h` or `none`")),
            }
        }
    }
}

fn not_a_duration(text: &str) -> Problem {
    Problem::new(format!("{} is not a duration", quoted(text))).with_hint(DURATION_HINT)
}

/// `1500 ms` as `1s 500ms`.
fn show_duration(value: Duration) -> String {
    SignedDuration::try_from(value).map_or_else(|_| String::new(), |signed| format!("{signed:#}"))
}

/// Reads a decimal within bounds.
pub(super) fn decimal(text: &str, bounds: &RangeInclusive<Decimal>) -> Read<Decimal> {
    let value = parse_decimal(text).map_err(|problem| not_a_number(text, problem))?;
    if value.is_sign_negative() && !value.is_zero() && bounds.start().is_zero() {
        return Err(Problem::new(format!("{} is negative", quoted(text))).with_hint("write 0 or more"));
    }
    if !bounds.contains(&value) {
        return Err(out_of_range(text, bounds.start(), bounds.end()));
    }
    Ok(value)
}

/// Reads an amount of money, 0 or more.
pub(super) fn amount(text: &str) -> Read<Decimal> {
    decimal(text, &(Decimal::ZERO..=Decimal::MAX))
}

/// Reads a percentage, 0 to 100; a percent sign may follow.
pub(super) fn percent(text: &str) -> Read<Decimal> {
    decimal(text.strip_suffix('%').map_or(text, str::trim_end), &(Decimal::ZERO..=Decimal::from(MAX_PERCENT)))
}

/// Reads by how much a price may rise, 0 % to 1000 %. It needs its percent sign: without one it looks like an amount.
pub(super) fn increase(text: &str) -> Read<Decimal> {
    let text = text.trim();
    let Some(digits) = text.strip_suffix('%') else {
        let value = parse_decimal(text).map_err(|_| not_an_increase(text))?;
        let problem = Problem::new(format!("{} has no percent sign", quoted(text)));
        return Err(problem.with_hint(format!("write `{}%`", value.abs())));
    };
    let digits = digits.trim_end();
    parse_decimal(digits).map_err(|_| not_an_increase(text))?;
    decimal(digits, &(Decimal::ZERO..=Decimal::from(MOST_INCREASE)))
}

fn not_an_increase(text: &str) -> Problem {
    Problem::new(format!("{} is not a percentage", quoted(text)))
        .with_hint("write a number and a percent sign, such as `5%`")
}

/// Reads a whole number within bounds.
pub(super) fn integer(text: &str, bounds: &RangeInclusive<i64>) -> Read<i64> {
    let value = match parse_integer(text) {
        Ok(value) => value,
        Err(NumberProblem::TooManyIntegerDigits) => return Err(out_of_range(text, bounds.start(), bounds.end())),
        // Who writes no number at all where a count belongs is not helped by an example with decimals.
        Err(_) => return Err(not_a_number(text, NumberProblem::NotWhole)),
    };
    if bounds.contains(&value) { Ok(value) } else { Err(out_of_range(text, bounds.start(), bounds.end())) }
}

/// Reads a count, 0 or more, within bounds.
pub(super) fn count<T: TryFrom<i64>>(text: &str, bounds: &RangeInclusive<i64>) -> Read<T> {
    let value = integer(text, bounds)?;
    T::try_from(value).map_err(|_| out_of_range(text, bounds.start(), bounds.end()))
}

/// Reads a quantity.
pub(super) fn quantity(text: &str) -> Read<Quantity> {
    let most = i64::try_from(MAX_QUANTITY).unwrap_or(i64::MAX);
    let count = count(text, &(1..=most))?;
    Quantity::new(count).ok_or_else(|| out_of_range(text, &1, &most))
}

/// Reads one of several quantities. One that begins with 0 is what a comma left of a longer number.
pub(super) fn one_quantity(text: &str) -> Read<Quantity> {
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let problem = Problem::new(format!("{} is not a quantity", quoted(text)));
        return Err(problem.with_hint("commas separate quantities: write `1000` for a thousand"));
    }
    quantity(text)
}

/// Reads a currency.
pub(super) fn currency(text: &str) -> Read<Currency> {
    Currency::parse(text).map_err(|_| {
        // The reason is told in a way of its own, since the text may be of any length.
        let known = iso_currency::Currency::from_code(&text.trim().to_ascii_uppercase()).is_some();
        let what = if known { "has no minor unit" } else { "is not a currency of ISO 4217" };
        Problem::new(format!("{} {what}", quoted(text))).with_hint("write a code such as `EUR` or `USD`")
    })
}

pub(super) fn not_a_number(text: &str, problem: NumberProblem) -> Problem {
    let what = match problem {
        NumberProblem::NotANumber => "is not a number",
        NumberProblem::NotWhole => {
            let problem = Problem::new(format!("{} is not a whole number", quoted(text)));
            return problem.with_hint("write digits only, such as `10`");
        }
        NumberProblem::TooManyIntegerDigits | NumberProblem::TooManyDecimals => {
            let problem = Problem::new(format!("{} has too many digits", quoted(text)));
            return problem.with_hint("at most 12 before and 12 after the decimal point");
        }
    };
    Problem::new(format!("{} {what}", quoted(text))).with_hint(NUMBER_HINT)
}

fn out_of_range(text: &str, least: &impl std::fmt::Display, most: &impl std::fmt::Display) -> Problem {
    Problem::new(format!("{} is out of range", quoted(text))).with_hint(format!("a number from {least} to {most}"))
}

/// The text of a number in a file: as written, without the underscores and the plus sign that TOML allows.
pub(super) fn number_text<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    let text = match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        DeValue::String(text) => return Some(text),
        _ => return None,
    };
    Some(text.strip_prefix('+').unwrap_or(text))
}

/// Says that a value of a file has the wrong type. The value itself is not repeated.
pub(super) fn wrong_type(expected: &str, value: &DeValue<'_>) -> Problem {
    let found = match value {
        DeValue::String(_) => "text",
        DeValue::Integer(integer) if integer.radix() != 10 => "a number that is not decimal",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(moment) if moment.time.is_some() => "a date with a time",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let hint = match expected {
        "text" => "write it in quotes",
        "true or false" => "write `true` or `false`, without quotes",
        "a number" => "write digits, such as `4.90` or `\"4.90\"`",
        "a table" => "write `{ … }`, or a table of its own in `[…]`",
        _ => return Problem::new(format!("expected {expected}, found {found}")),
    };
    Problem::new(format!("expected {expected}, found {found}")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(read: Read<T>) -> String {
        let problem = read.unwrap_err();
        format!("{} / {}", problem.message, problem.hint.unwrap_or_default())
    }

    #[test]
    fn durations_have_a_number_a_unit_and_bounds() {
        let wait = |text| duration(text, &(SHORTEST_WAIT..=LONGEST_WAIT));
        assert_eq!(wait("120ms").unwrap(), Duration::from_millis(120));
        assert_eq!(wait("1m 30s").unwrap(), Duration::from_secs(90));
        assert_eq!(wait("1.5 seconds").unwrap(), Duration::from_millis(1_500));
        for (text, expected) in [
            ("5", "`5` has no unit / write `5s`"),
            ("0.5", "`0.5` has no unit / write `0.5s`"),
            ("-5", "`-5` has no unit / write `5s`"),
            ("soon", "`soon` is not a duration / write a number and a unit, such as `500ms`, `5s` or `1m 30s`"),
            ("", "`` is not a duration / write a number and a unit, such as `500ms`, `5s` or `1m 30s`"),
            ("-5s", "`-5s` is negative / write a number and a unit, such as `500ms`, `5s` or `1m 30s`"),
            ("0s", "`0s` is too short / at least `1ms`"),
            ("2h", "`2h` is too long / at most `1h`"),
        ] {
            assert_eq!(said(wait(text)), expected);
        }
    }

    #[test]
    fn ages_have_days() {
        assert_eq!(age("7d").unwrap(), Duration::from_hours(7 * 24));
        assert_eq!(age("1 day 12h").unwrap(), Duration::from_hours(36));
        for (text, expected) in [
            ("7", "`7` has no unit / write `7d`"),
            ("old", "`old` is not an age / write a number and a unit, such as `36h` or `7d`"),
            ("1mo", "`1mo` is not an age / write a number and a unit, such as `36h` or `7d`"),
            ("30s", "`30s` is out of range / from `1m` to `3650d`"),
            ("9999d", "`9999d` is out of range / from `1m` to `3650d`"),
        ] {
            assert_eq!(said(age(text)), expected);
        }
    }

    #[test]
    fn amounts_are_exact_and_not_negative() {
        assert_eq!(amount("0.10").unwrap().to_string(), "0.10");
        for (text, expected) in [
            ("-1", "`-1` is negative / write 0 or more"),
            ("1,50", "`1,50` is not a number / write plain digits with a decimal point, such as `4.90`"),
            ("4.90 EUR", "`4.90 EUR` is not a number / write plain digits with a decimal point, such as `4.90`"),
            ("1e13", "`1e13` has too many digits / at most 12 before and 12 after the decimal point"),
        ] {
            assert_eq!(said(amount(text)), expected);
        }
        assert_eq!(percent("2.5 %").unwrap(), Decimal::new(25, 1));
        assert_eq!(said(percent("101")), "`101` is out of range / a number from 0 to 100");
    }

    #[test]
    fn an_increase_needs_its_percent_sign() {
        assert_eq!(["5%", " 2.5 % ", "0%"].map(|text| increase(text).unwrap().to_string()), ["5", "2.5", "0"]);
        for (text, expected) in [
            ("5", "`5` has no percent sign / write `5%`"),
            ("-0.5", "`-0.5` has no percent sign / write `0.5%`"),
            ("-5%", "`-5` is negative / write 0 or more"),
            ("1001%", "`1001` is out of range / a number from 0 to 1000"),
            ("5 EUR", "`5 EUR` is not a percentage / write a number and a percent sign, such as `5%`"),
            ("%", "`%` is not a percentage / write a number and a percent sign, such as `5%`"),
        ] {
            assert_eq!(said(increase(text)), expected);
        }
    }

    #[test]
    fn counts_are_whole_and_in_range() {
        assert_eq!(quantity("1e3").unwrap().get(), 1_000);
        for (text, expected) in [
            ("0", "`0` is out of range / a number from 1 to 1000000000"),
            ("-1", "`-1` is out of range / a number from 1 to 1000000000"),
            ("10000000000", "`10000000000` is out of range / a number from 1 to 1000000000"),
            ("99999999999999999999", "`99999999999999999999` is out of range / a number from 1 to 1000000000"),
            ("1.5", "`1.5` is not a whole number / write digits only, such as `10`"),
            ("ten", "`ten` is not a whole number / write digits only, such as `10`"),
        ] {
            assert_eq!(said(quantity(text)), expected);
        }
    }

    #[test]
    fn currencies_are_of_iso_4217_with_a_minor_unit() {
        assert_eq!(currency("eur").unwrap().code(), "EUR");
        let hint = "write a code such as `EUR` or `USD`";
        assert_eq!(said(currency("EURO")), format!("`EURO` is not a currency of ISO 4217 / {hint}"));
        assert_eq!(said(currency("XAU")), format!("`XAU` has no minor unit / {hint}"));
    }
}
