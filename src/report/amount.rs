//! Exact digits: amounts, percentages and durations as text.
//!
//! Owns how many digits a number is written with. Refuses to round an amount: what is written is what was ranked.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use rust_decimal::Decimal;

/// Writes an amount with at least `digits` decimals and no further trailing zero. A total, which is rounded to its
/// currency's minor unit, so has exactly those.
#[must_use]
pub fn amount(value: Decimal, digits: u32) -> String {
    let mut value = value.normalize();
    if value.scale() < digits {
        value.rescale(digits);
    }
    value.to_string()
}

/// Writes a number without trailing zeros.
#[must_use]
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Writes a time as milliseconds with up to three decimals, without a unit.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    thousandths(time.as_micros())
}

/// Writes a time for people: `850us`, `120ms`, `2s`, `1.5s`, `2m 5s`; whole milliseconds from 1 ms on.
#[must_use]
pub fn time(time: Duration) -> String {
    let milliseconds = time.as_millis();
    match milliseconds {
        0 => format!("{}us", time.as_micros()),
        1..1000 => format!("{milliseconds}ms"),
        1000..60_000 => format!("{}s", thousandths(milliseconds)),
        _ => {
            let (minutes, seconds) = (milliseconds / 60_000, milliseconds % 60_000 / 1000);
            if seconds == 0 { format!("{minutes}m") } else { format!("{minutes}m {seconds}s") }
        }
    }
}

/// Writes a moment for people, in UTC and to the minute: `20 Nov 14:05`, with the year where it is not that of `now`.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp) -> String {
    let [at, now] = [at, now].map(|time| Offset::UTC.to_datetime(time));
    let year = if at.year() == now.year() { "" } else { " %Y" };
    at.strftime(&format!("%-d %b{year} %H:%M")).to_string()
}

/// Writes since when, for people and in UTC: `20 Nov`, with the year where it is not that of `now`, and `14:05` on the same day.
#[must_use]
pub fn since(at: Timestamp, now: Timestamp) -> String {
    let [at, now] = [at, now].map(|time| Offset::UTC.to_datetime(time));
    let format = match () {
        () if at.date() == now.date() => "%H:%M",
        () if at.year() == now.year() => "%-d %b",
        () => "%-d %b %Y",
    };
    at.strftime(format).to_string()
}

/// Writes a change with its sign: `+4 %`, `-2.5 %`, `0 %`.
#[must_use]
pub fn with_sign(percent: Decimal) -> String {
    let sign = if percent > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{} %", plain(percent))
}

/// Writes a number of thousandths as a decimal without trailing zeros.
fn thousandths(count: u128) -> String {
    let (whole, fraction) = (count / 1000, count % 1000);
    let fraction = format!("{fraction:03}");
    match fraction.trim_end_matches('0') {
        "" => whole.to_string(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_the_minor_units_digits_and_no_further_zero() {
        let written = |text: &str, digits| amount(text.parse().unwrap(), digits);
        assert_eq!(written("4.9", 2), "4.90");
        assert_eq!(written("4.9000", 2), "4.90");
        assert_eq!(written("0.378159", 2), "0.378159");
        assert_eq!(written("0.0300", 2), "0.03");
        assert_eq!(written("120", 0), "120");
        assert_eq!(written("0", 3), "0.000");
        assert_eq!(written("-0.00", 2), "0.00");
        assert_eq!(written("999999999999.999999999999", 2), "999999999999.999999999999");
    }

    #[test]
    fn a_moment_has_a_year_only_where_it_is_another() {
        let written = |at: &str| moment(at.parse().unwrap(), "2026-11-24T10:00:00Z".parse().unwrap());
        assert_eq!(written("2026-11-20T14:05:59Z"), "20 Nov 14:05");
        assert_eq!(written("2025-12-01T00:00:00+01:00"), "30 Nov 2025 23:00");
    }

    #[test]
    fn since_when_is_a_time_today_and_else_a_day() {
        let written = |at: &str| since(at.parse().unwrap(), "2026-11-24T10:00:00Z".parse().unwrap());
        assert_eq!(written("2026-11-24T09:05:59Z"), "09:05");
        assert_eq!(written("2026-11-23T23:59:59Z"), "23 Nov");
        assert_eq!(written("2025-11-24T09:05:59Z"), "24 Nov 2025");
    }

    #[test]
    fn times_are_exact_for_scripts_and_short_for_people() {
        assert_eq!(milliseconds(Duration::from_micros(120_450)), "120.45");
        assert_eq!(milliseconds(Duration::from_secs(2)), "2000");
        assert_eq!(milliseconds(Duration::from_micros(7)), "0.007");
        let shown = |milliseconds| time(Duration::from_millis(milliseconds));
        assert_eq!(
            [shown(250), shown(2000), shown(1500), shown(2003), shown(120_000), shown(125_900)],
            ["250ms", "2s", "1.5s", "2.003s", "2m", "2m 5s"]
        );
        assert_eq!(time(Duration::from_micros(850)), "850us");
    }
}
