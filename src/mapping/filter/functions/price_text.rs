//! `tonumber($group; $point)`: prices as people write them, with the separators that the filter declares.
//!
//! Nothing is guessed: the separators are declared, what stands around the digits must be a currency or a sign, and
//! groups must be complete. So a range, a price per hundred or a price in brackets is an error and not a price.

use super::texts::text;
use super::{Result, Value, fault};
use crate::domain::Currency;
use crate::mapping::filter::value::shown;

/// How many bytes a price's text can have.
const MAX_TEXT: usize = 100;
/// Signs and abbreviations of currencies, beside the codes of ISO 4217.
const SIGNS: [&str; 56] = [
    "€", "$", "£", "¥", "₹", "₽", "₩", "₺", "₴", "₪", "₫", "₱", "฿", "₦", "₡", "₲", "₵", "₸", "₼", "₾", "₭", "₮", "元",
    "円", "US$", "A$", "AU$", "C$", "CA$", "HK$", "NT$", "NZ$", "S$", "R$", "MX$", "CN¥", "JP¥", "kr", "kr.", "Kr",
    "Kr.", "zł", "Kč", "Ft", "lei", "лв", "лв.", "руб.", "Fr", "Fr.", "SFr", "SFr.", "Rs", "Rs.", "RM", "Rp",
];

/// Reads `"1.234,56 €" | tonumber("."; ",")` as 1234.56. A number stays as it is.
pub(super) fn parse(value: &Value, group: &Value, point: &Value) -> Result {
    if matches!(value, Value::Number(..) | Value::Long(_)) {
        return Ok(value.clone());
    }
    let (group, point) = (separator(group)?, separator(point)?);
    if group.is_some() && group == point {
        return Err(fault::about("the two separators of tonumber are the same".to_owned(), &[]));
    }
    let number = read(text(value)?, group, point);
    number.and_then(|number| Value::number(&number, 0)).ok_or_else(|| {
        let separators = |separator: Option<char>| separator.map(String::from).unwrap_or_default();
        let (group, point) = (separators(group), separators(point));
        fault::about(
            format!("{} is not a price with `{group}` between groups and `{point}` before decimals", shown(value)),
            &[value],
        )
    })
}

/// The separators that people use, of groups and of decimals.
const USUAL: [(char, char); 6] = [(',', '.'), ('.', ','), (' ', ','), (' ', '.'), ('\'', '.'), ('\'', ',')];

/// The usual separators by which a text is a price, with the text of that price as a JSON number; those first that
/// are all there. Separators that make the same price as others before are left out.
pub(in crate::mapping::filter) fn readings(text: &str) -> Vec<(char, char, String)> {
    if text.len() > MAX_TEXT || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let mut readings: Vec<(char, char, String)> = Vec::new();
    for (group, point) in USUAL {
        if let Some(number) = digits(text, Some(group), Some(point))
            && readings.iter().all(|(.., known)| *known != number)
        {
            readings.push((group, point, number));
        }
    }
    readings
}

/// Reads price text with these separators as the text of a JSON number; `None` = it is no price with them.
pub(crate) fn read(price: &str, group: Option<char>, point: Option<char>) -> Option<String> {
    if price.len() > MAX_TEXT { None } else { digits(price, group, point) }
}

/// One character, or none: then there are no groups, or no decimals.
fn separator(value: &Value) -> Result<Option<char>> {
    let mut characters = text(value)?.chars();
    let first = characters.next().map(unified);
    let means_something = first.is_some_and(|first| first.is_alphanumeric() || matches!(first, '-' | '+'));
    if characters.next().is_some() || means_something {
        return Err(fault::wrong_type(value, "a separator: one character, or none"));
    }
    Ok(first)
}

/// The spaces that do not break a line are spaces, and both kinds of apostrophe are one.
fn unified(character: char) -> char {
    match character {
        '\u{A0}' | '\u{2009}' | '\u{202F}' => ' ',
        '’' => '\'',
        '−' => '-',
        other => other,
    }
}

/// The price as the text of a JSON number.
fn digits(price: &str, group: Option<char>, point: Option<char>) -> Option<String> {
    let price: String = price.chars().map(unified).collect();
    let is_digit = |character: char| character.is_ascii_digit();
    let (start, end) = (price.find(is_digit)?, price.rfind(is_digit)? + 1);
    let negative = is_negative(price[..start].trim(), price[end..].trim())?;
    let number = &price[start..end];
    let (integer, decimals) = match point.and_then(|point| number.split_once(point)) {
        Some((integer, decimals)) => (integer, Some(decimals)),
        None => (number, None),
    };
    let integer = ungrouped(integer, group)?;
    let decimals = match decimals {
        Some(decimals) if decimals.is_empty() || !decimals.chars().all(is_digit) => return None,
        Some(decimals) => format!(".{decimals}"),
        None => String::new(),
    };
    Some(format!("{}{integer}{decimals}", if negative { "-" } else { "" }))
}

/// Reads what stands around the digits: at most one currency, and at most one sign.
fn is_negative(before: &str, after: &str) -> Option<bool> {
    let (before, sign_before) = match before.strip_prefix('-').or_else(|| before.strip_suffix('-')) {
        Some(rest) => (rest.trim(), true),
        None => (before, false),
    };
    let (after, sign_after) = match after.strip_prefix('-').or_else(|| after.strip_suffix('-')) {
        Some(rest) => (rest.trim(), true),
        None => (after, false),
    };
    let one_currency = match (before, after) {
        ("", "") => true,
        (currency, "") | ("", currency) => is_currency(currency),
        _ => false,
    };
    (one_currency && !(sign_before && sign_after)).then_some(sign_before || sign_after)
}

fn is_currency(text: &str) -> bool {
    SIGNS.contains(&text)
        || (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) && Currency::parse(text).is_ok())
}

/// The digits without the separators between them. Groups have three digits; or two, with three in the last (India).
fn ungrouped(integer: &str, group: Option<char>) -> Option<String> {
    let groups: Vec<&str> = match group {
        Some(group) => integer.split(group).collect(),
        None => vec![integer],
    };
    let all_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let complete = match groups.as_slice() {
        [_] => true,
        [first, middle @ .., last] => {
            let of_three = first.len() <= 3 && middle.iter().all(|group| group.len() == 3);
            let of_two = first.len() <= 2 && middle.iter().all(|group| group.len() == 2);
            last.len() == 3 && (of_three || of_two) && !first.starts_with('0')
        }
        [] => false,
    };
    (all_digits && complete).then(|| groups.concat())
}
