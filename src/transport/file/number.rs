//! Numbers and dates of a sheet, as text.
//!
//! A sheet holds floats, and shows 15 digits of them: 0.1 + 0.2 is stored as 0.30000000000000004 and means 0.3. So 15
//! digits are what a number has here, too.

use calamine::ExcelDateTime;

/// How many digits are written behind the first one.
const DECIMALS: usize = 14;
/// Numbers with more zeros than this before or after the digits are written with an exponent.
const MOST_ZEROS: i32 = 20;

/// The 15 significant digits of a number, without trailing zeros, by JSON's grammar.
pub(super) fn text(number: f64) -> String {
    let scientific = format!("{number:.DECIMALS$e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    if exponent.abs() > MOST_ZEROS {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}e{exponent}");
    }
    // How many digits stand before the point.
    match usize::try_from(exponent + 1) {
        Err(_) | Ok(0) => {
            let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
            format!("{sign}0.{zeros}{digits}")
        }
        Ok(whole) if whole >= digits.len() => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
        Ok(whole) => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
    }
}

/// A date as `2026-11-24`, and with a time as `2026-11-24T09:30:00`.
pub(super) fn moment(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, millisecond) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, millisecond) {
        (0, 0, 0, 0) => date,
        (.., 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_a_sheet_shows() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1.1 * 1.1, "1.21"),
            (19.99, "19.99"),
            (-0.045, "-0.045"),
            (1_234_567.891, "1234567.891"),
            (4_006_381_333_931.0, "4006381333931"),
            (0.000_012_5, "0.0000125"),
            (100.0, "100"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345_680.0, "123456789012346000"),
            (1.5e300, "1.5e300"),
            (-2e-300, "-2e-300"),
        ] {
            assert_eq!(text(number), expected);
        }
    }
}
