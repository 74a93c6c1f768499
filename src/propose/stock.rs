//! Whether there is stock, and how much: in counts, in words and in texts with counts.
//!
//! Owns which words mean that there is some. Refuses to know where an offer is.

use super::path::quoted;
use super::samples::{Scalar, Writing, are_dates, are_texts, are_whole, is_grouped, writing};
use super::words::{any, has_stem};

const STOCK: &str = "stock inventory onhand availab lagerbestand bestand disponib existenc lieferbar verfügbar verfuegbar \
    giacenza voorraad instock vorrat";
const NO_STOCK: &str = "mindest meldebestand ort platz date fecha datum backorder not next date factory policy management lead url order coupons coupon min minimum max \
    maximum eta normally since location warehouse id zone region time threshold reserved manufacturer \
    from days code type group item org";

pub(super) fn is_stock(words: &[String], parent: &[String]) -> bool {
    let named = has_stem(words, STOCK)
        || words == ["inv"]
        || words == ["lager"]
        || (any(words, "quantity qty level status count") && has_stem(parent, STOCK));
    named && !any(words, NO_STOCK)
}

pub(super) fn stock_quantity(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    let counts = are_whole(samples, i64::MIN) && samples.iter().all(|sample| !matches!(sample, Scalar::Bool(_)));
    let with_words = are_texts(samples) && samples.iter().filter_map(Scalar::words).all(begins_with_a_count);
    match () {
        () if !is_stock(words, parent) => 0,
        () if counts => 100,
        () if decimal_count(samples).is_some() => 90,
        () if with_words && !are_dates(samples) => 60,
        () => 0,
    }
}

/// How counts are written that have decimals, such as `12,00`.
pub(super) fn decimal_count(samples: &[Scalar]) -> Option<Writing> {
    let has_decimals = |writing: &Writing| writing.values.iter().any(|value| value.scale() > 0);
    let is_grouped = samples.iter().filter_map(Scalar::words).any(is_grouped);
    let found = writing(samples).filter(|writing| has_decimals(writing) && writing.currency.is_none());
    found.filter(|writing| !is_grouped && writing.ambiguous.is_none() && writing.contrary.is_none())
}

/// `1,234 in stock`, `500+`, `> 1.000`, but not `123-4567`.
fn begins_with_a_count(text: &str) -> bool {
    let text = text.trim_start_matches(['>', ' ']);
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || ".,'".contains(letter));
    let count = &text[..text.len() - rest.len()];
    let is_count = is_grouped(count) || count.bytes().all(|byte| byte.is_ascii_digit());
    !count.is_empty() && is_count && text.len() < 60 && (rest.is_empty() || rest.starts_with([' ', '+']))
}

pub(super) fn in_stock(words: &[String], parent: &[String], samples: &[Scalar]) -> i32 {
    let is_flag = |sample: &Scalar| matches!(sample, Scalar::Bool(_));
    let flags = samples.iter().any(is_flag) && samples.iter().all(|sample| is_flag(sample) || sample.is_blank());
    let status = are_texts(samples) && !in_stock_words(".", samples).is_empty();
    match () {
        () if !is_stock(words, parent) => 0,
        () if flags => 80,
        () if status => 50,
        () => 0,
    }
}

/// Says of each text whether it means that there is some, by the ones that were seen.
pub(super) fn in_stock_words(path: &str, samples: &[Scalar]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for text in samples.iter().filter_map(Scalar::words) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    let list = |texts: Vec<&str>| texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let positive: Vec<&str> = seen.iter().copied().filter(|text| says_yes(text)).collect();
    let negative: Vec<&str> = seen.iter().copied().filter(|text| says_no(text)).collect();
    match (positive.is_empty(), negative.is_empty()) {
        (false, _) => format!("({path} | IN({}))", list(positive)),
        (true, false) => format!("({path} | IN({}) | not)", list(negative)),
        (true, true) => String::new(),
    }
}

fn says_no(text: &str) -> bool {
    const SIGNS: [&str; 24] = [
        "out",
        "not",
        "unavail",
        "sold",
        "nicht",
        "agotado",
        "épuisé",
        "rupture",
        "discontinued",
        "false",
        "nolonger",
        "noavail",
        "noin",
        "nodisp",
        "nondisp",
        "indisp",
        "sinstock",
        "sinexist",
        "horsstock",
        "pasen",
        "pasdisp",
        "kein",
        "ausverkauft",
        "vergriffen",
    ];
    let plain = plain(text);
    SIGNS.iter().any(|sign| plain.contains(sign)) || ["no", "n", "nein", "non", "0"].contains(&plain.as_str())
}

fn says_yes(text: &str) -> bool {
    const SIGNS: [&str; 14] = [
        "instock",
        "avail",
        "lager",
        "lieferbar",
        "disponib",
        "enstock",
        "limited",
        "lowstock",
        "true",
        "vorrätig",
        "vorhanden",
        "verfügbar",
        "verfuegbar",
        "existencia",
    ];
    const WORDS: [&str; 13] = ["yes", "y", "ja", "j", "si", "sí", "oui", "o", "1", "x", "✓", "✔", "sofort"];
    let plain = plain(text);
    // What has a number speaks of a day, or of how long it takes.
    let is_plain = plain == "1" || !plain.contains(|letter: char| letter.is_ascii_digit());
    let is_word = WORDS.contains(&plain.as_str());
    is_plain && !says_no(text) && (is_word || SIGNS.iter().any(|sign| plain.contains(sign)))
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace(['_', '-', ' '], "")
}
