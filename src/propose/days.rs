//! Days: how long a delivery takes, and until when a price holds.
//!
//! Owns how such texts are read. What can be read in two ways is not read at all. Refuses to know rows.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;

use super::samples::{Scalar, are_dates, are_whole};
use super::words::{any, has_stem, words};

/// Words for seven days.
const WEEKS: &str = "week weeks woche wochen semaine semaines semana semanas wk wks";
/// Words for a day.
const DAYS: &str = "day days tag tage tagen jour jours día días dia dias werktage werktag business working ouvrés";

/// How much a name sounds like the days until the goods are here.
pub(super) fn delivery(names: &[String], samples: &[Scalar]) -> i32 {
    let arrives =
        any(names, "delivery transit estimated est eta arrival shipping business livraison entrega plazo délai delai")
            || has_stem(names, "liefer");
    let says_days = any(names, DAYS) || any(names, WEEKS) || has_stem(names, "lieferzeit liefertage lieferfrist");
    let is_other =
        any(names, "guaranteed max lead return refund date datum fecha status from ab bar") || says_no_time(names);
    match () {
        () if is_other || !arrives => 0,
        () if says_days && are_days(samples) => 70 - 5 * i32::from(any(names, "est")),
        () if are_days(samples) && speak_of_days(samples) => 65,
        () => 0,
    }
}

fn says_no_time(names: &[String]) -> bool {
    has_stem(names, "lieferbar lieferant liefermenge")
}

/// How much a name sounds like the days until the supplier can ship.
pub(super) fn lead_time(names: &[String], samples: &[Scalar]) -> i32 {
    let leads = has_stem(names, "leadtime leaddays leadweeks wiederbeschaffung dispatchdays dispatchtime");
    let known = any(names, DAYS) || any(names, WEEKS) || speak_of_days(samples) || names.len() <= 2;
    if leads && known && are_days(samples) { 70 } else { 0 }
}

/// Whole numbers of days, or texts with one or two: `3`, `3-5 Tage`.
fn are_days(samples: &[Scalar]) -> bool {
    let fits = |sample: &Scalar| sample.number().is_none_or(|days| days <= Decimal::from(365));
    let is_time = |sample: &Scalar| sample.is_blank() || days_of(sample).is_some() || has_no_digit(sample);
    let texts = || samples.iter().any(|sample| days_of(sample).is_some()) && samples.iter().all(is_time);
    samples.iter().all(fits) && (are_whole(samples, 0) || texts())
}

fn has_no_digit(sample: &Scalar) -> bool {
    sample.words().is_some_and(|text| !text.contains(|letter: char| letter.is_ascii_digit()))
}

/// The larger number of a text that has one or two, and words for days or weeks beside them.
fn days_of(sample: &Scalar) -> Option<u32> {
    let words = words(sample.text()?);
    let is_number = |word: &&String| word.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<u32> = words.iter().filter(is_number).filter_map(|word| word.parse().ok()).collect();
    let is_known = |word: &String| {
        let word = std::slice::from_ref(word);
        any(word, DAYS) || any(word, WEEKS) || any(word, "bis to a à ca approx d ab in")
    };
    let all_known = words.iter().filter(|word| !is_number(word)).all(is_known);
    let most = numbers.iter().max().copied().filter(|most| *most <= 365)?;
    (all_known && (1..=2).contains(&numbers.len())).then_some(most)
}

fn speak_of_days(samples: &[Scalar]) -> bool {
    samples.iter().filter_map(Scalar::words).any(|text| any(&words(text), DAYS) || any(&words(text), WEEKS))
}

/// What a filter makes of days: the larger number of a range, and seven days a week. What has no number is unknown.
pub(super) fn read(path: &str, name: &str, samples: &[Scalar]) -> String {
    let of_weeks = any(&words(name), WEEKS) || has_stem(&words(name), "leadweeks");
    let texts_of_weeks = samples.iter().filter_map(Scalar::words).any(|text| any(&words(text), WEEKS));
    let plain = are_whole(samples, 0);
    let days = match (of_weeks, texts_of_weeks) {
        (true, _) => " * 7",
        (false, true) => " * (if test(\"week|woche|semain|seman|wk\"; \"i\") then 7 else 1 end)",
        (false, false) if plain => return blank_is_null(path, samples),
        (false, false) => "",
    };
    let text = if samples.iter().all(|sample| sample.words().is_some()) { "" } else { "tostring | " };
    format!("({path} | {text}try (([scan(\"[0-9]+\") | tonumber] | max){days}) catch null)")
}

fn blank_is_null(path: &str, samples: &[Scalar]) -> String {
    if samples.iter().any(Scalar::is_blank) {
        format!("({path} | if . == \"\" then null else . end)")
    } else {
        path.to_owned()
    }
}

/// How much a name sounds like the last day that a price holds on.
pub(super) fn valid_until(names: &[String], samples: &[Scalar]) -> i32 {
    if is_until(names) && order(samples).is_some() { 80 } else { 0 }
}

/// Whether a name says until when a price holds, whatever stands there.
pub(super) fn is_until(names: &[String]) -> bool {
    (any(names, "valid valable válido valido vigente validez")
        && any(names, "until to till through thru jusqu au hasta"))
        || any(names, "expires expiry expiration")
        || has_stem(names, "gueltigbis gültigbis validuntil validto")
}

/// Whether a name says since when a price holds, whatever stands there.
pub(super) fn is_since(names: &[String]) -> bool {
    (any(names, "valid effective valable válido valido") && any(names, "from since dès desde partir"))
        || has_stem(names, "gueltigab gültigab validfrom effectivedate gueltigvon gültigvon")
}

/// In which order the parts of dates stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// `2026-12-31`
    Iso,
    /// `31.12.2026`
    DayFirst(char),
    /// `12/31/2026`
    MonthFirst(char),
}

/// The order of all dates, if it is sure. With points the day is first everywhere.
fn order(samples: &[Scalar]) -> Option<Order> {
    let filled: Vec<Scalar> = samples.iter().filter(|sample| !sample.is_blank()).cloned().collect();
    if are_dates(&filled) {
        return Some(Order::Iso);
    }
    let separator = filled.first()?.words()?.chars().find(|letter| !letter.is_ascii_digit())?;
    let dates: Vec<(u32, u32)> =
        filled.iter().map(|sample| parts(sample.words()?, separator)).collect::<Option<_>>()?;
    let fit = |days: RangeInclusive<u32>, months: RangeInclusive<u32>| {
        dates.iter().all(|(one, two)| days.contains(one) && months.contains(two))
    };
    let (day_first, month_first) = (fit(1..=31, 1..=12), fit(1..=12, 1..=31));
    match separator {
        '.' if day_first => Some(Order::DayFirst('.')),
        '/' | '-' if day_first && !month_first => Some(Order::DayFirst(separator)),
        '/' | '-' if month_first && !day_first => Some(Order::MonthFirst(separator)),
        _ => None,
    }
}

/// The first two parts of a date that ends with its year.
fn parts(text: &str, separator: char) -> Option<(u32, u32)> {
    let parts: Vec<&str> = text.trim().split(separator).collect();
    let [one, two, year] = parts.as_slice() else { return None };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !digits(year) || one.len() > 2 || two.len() > 2 {
        return None;
    }
    Some((one.parse().ok()?, two.parse().ok()?))
}

/// What a filter makes of such dates: those of ISO 8601.
pub(super) fn read_date(path: &str, samples: &[Scalar]) -> String {
    let (first, second, separator) = match order(samples) {
        Some(Order::DayFirst(separator)) => ("d", "m", separator),
        Some(Order::MonthFirst(separator)) => ("m", "d", separator),
        Some(Order::Iso) | None => return blank_is_null(path, samples),
    };
    let blank = if samples.iter().any(Scalar::is_blank) { "if . == \"\" then null else " } else { "" };
    let end = if blank.is_empty() { "" } else { " end" };
    let pattern = format!("^ *(?<{first}>[0-9]+)[{separator}](?<{second}>[0-9]+)[{separator}](?<y>[0-9]+)");
    // A day or a month of one digit is filled up to two.
    let date = "\"\\(.y)-\\((\"0\" + .m)[-2:])-\\((\"0\" + .d)[-2:])\"";
    format!("({path} | {blank}((capture(\"{pattern}\") | {date}) // .){end})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<Scalar> {
        texts.iter().map(|text| Scalar::Text((*text).to_owned())).collect()
    }

    #[test]
    fn a_date_is_read_where_its_order_is_sure() {
        for (dates, expected) in [
            (&["2026-12-31", ""][..], Some(Order::Iso)),
            (&["01.02.2026"], Some(Order::DayFirst('.'))),
            (&["01/02/2026", "31/12/2026"], Some(Order::DayFirst('/'))),
            (&["01/02/2026", "12/31/2026"], Some(Order::MonthFirst('/'))),
            (&["01/02/2026", "03/04/2026"], None),
            (&["13/13/2026"], None),
            (&["1.2.26"], None),
            (&["soon"], None),
            (&[""], None),
        ] {
            assert_eq!(order(&texts(dates)), expected, "{dates:?}");
        }
    }

    #[test]
    fn a_time_is_one_or_two_numbers_with_words_for_days() {
        for (text, days) in [("3", 3), ("3-5 Tage", 5), ("2 Wochen", 2), ("ca. 10 jours", 10)] {
            assert_eq!(days_of(&texts(&[text])[0]), Some(days), "{text}");
        }
        for text in ["", "sofort", "12.03.2026", "5000", "3 Paletten"] {
            assert_eq!(days_of(&texts(&[text])[0]), None, "{text}");
        }
    }
}
