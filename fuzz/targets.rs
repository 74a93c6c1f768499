//! What is fuzzed, each a function that panics when something must not be: bytes of a stranger to offers, the number
//! grammar, prices as text, the configuration, and what is printed of a stranger's text.
//!
//! `cargo fuzz` runs them on bytes of its own making; a test of the program replays the corpus on any toolchain.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use pricecmp::cli;
use pricecmp::config::{self, Environment, Errand};
use pricecmp::domain::{
    Context, Currency, OfferReply, PriceRequest, Quantity, SupplierName, Terms, evaluate, parse_decimal,
};
use pricecmp::mapping::{Bindings, Filter, Mapping, Names};
use pricecmp::report::sanitize;

/// A target and its name, which is that of its folder in the corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 5] = [
    ("reply", reply),
    ("number", number),
    ("price_text", price_text),
    ("configuration", configuration),
    ("sanitize", sanitized),
];

/// A reply becomes offers or a failure, and each offer a quote that adds up or a rejection, by every kind of mapping.
pub fn reply(bytes: &[u8]) {
    let supplier = SupplierName::new("acme");
    let currency = Currency::parse("EUR").expect("it is a currency");
    for quantity in [1, 95] {
        let quantity = Quantity::new(quantity).expect("it is a quantity");
        let request = PriceRequest { product: "widget".to_owned(), quantity, currency };
        for filter in
            ["", ".", ".. | objects", ".parts[]? | {sku: .id, unitPrice: .price, currency: \"EUR\", inStock: true}"]
        {
            let mapping = match filter {
                "" => Mapping::default(),
                source => Mapping::of(Filter::compile(source, &Names::of_request()).expect("it is a filter")),
            };
            let bindings = Bindings::new(Arc::new(request.clone()), Arc::new([]));
            for offer in mapping.offers(bytes, &bindings, &supplier).into_iter().flatten() {
                worked_out(&offer, &request);
            }
        }
    }
}

fn worked_out(reply: &OfferReply, request: &PriceRequest) {
    let OfferReply::Readable(offer) = reply else { return };
    let context = Context {
        request,
        terms: &Terms::plain(request.currency),
        rates: None,
        exact: false,
        within_days: None,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let Ok(quote) = evaluate(offer, &context) else { return };
    let charges = &quote.charges;
    let parts = [charges.goods, charges.fees, charges.shipping.unwrap_or_default()];
    let sum = parts.iter().fold(exact(0), |sum, part| sum + exact(part));
    assert_eq!(sum, exact(charges.total), "the parts add up");
    assert!(quote.order_quantity >= request.quantity.get(), "what is needed is ordered");
    assert!(exact(charges.goods) > exact(0), "nothing is free unless that is allowed");
}

/// A value of the program's own, as an exact fraction.
fn exact(value: impl Display) -> BigRational {
    let text = value.to_string();
    rational(&text).unwrap_or_else(|| panic!("`{text}` is no plain number"))
}

/// Plain digits with an optional sign and fraction, read digit by digit.
fn rational(text: &str) -> Option<BigRational> {
    let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{integer}{fraction}").parse().ok()?;
    Some(BigRational::new(digits, BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?)))
}

/// What the grammar reads is what the digits say; what it refuses is not a number of its bounds.
pub fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let Ok(value) = parse_decimal(text) else { return };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    assert!(plain(integer) && plain(fraction), "`{text}` is read as {value}");
    assert!(plain(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)), "`{text}` is read as {value}");
    let read = exact(value);
    let expected = rational(mantissa).expect("it has digits");
    let is_zero = expected == exact(0);
    // Only a zero can have an exponent that is out of all bounds.
    let shift: i32 = exponent.parse().unwrap_or(0);
    let power = BigInt::from(10).pow(shift.unsigned_abs().min(1_000));
    let expected = if shift < 0 { expected / power } else { expected * power };
    assert!(is_zero || read == expected, "`{text}` is read as {value}");
    assert!(value.scale() <= 12, "`{text}` has more than 12 decimals");
}

/// A price as text is an error, or has the digits that the text has, in their order.
pub fn price_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let input = serde_json::to_vec(text).expect("a text is JSON");
    for (source, point) in [("tonumber(\",\"; \".\")", '.'), ("tonumber(\".\"; \",\")", ','), ("tonumber", '.')] {
        let filter = Filter::compile(source, &Names::none()).expect("it is a filter");
        let Ok(outputs) = filter.apply(&input) else { continue };
        let [value] = outputs.as_slice() else { panic!("`{text}` gives {outputs:?}") };
        if source == "tonumber" {
            // Its exponent makes digits of its own, which `number` looks at.
            continue;
        }
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let decimals = |text: &str, point: char| text.rsplit_once(point).map_or(0, |(_, tail)| digits(tail).len());
        // The mark of a currency may have a point of its own, as `SFr.` has.
        let bare = text.trim_matches(|letter: char| !letter.is_ascii_digit());
        let written = digits(text).trim_start_matches('0').to_owned();
        let read = digits(value).trim_start_matches('0').to_owned();
        let lost = decimals(bare, point).checked_sub(decimals(value, '.')).expect("no decimal is invented");
        assert_eq!(
            written,
            format!("{read}{}", "0".repeat(if read.is_empty() { 0 } else { lost })),
            "`{text}`: {value}"
        );
        assert!(!text.chars().any(|letter| letter.is_numeric() && !letter.is_ascii()), "`{text}`: {value}");
    }
}

/// A configuration is read or refused; the refusal never shows what a secret's key holds, and it has a hint or a place.
pub fn configuration(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("suppliers.toml");
    std::fs::write(&path, bytes).expect("the file is written");
    let environment = Environment::new([], folder.path(), jiff::civil::date(2026, 11, 24));
    let flags = cli::Flags { config: Some(path), ..cli::Flags::default() };
    for errand in [Errand::Compare, Errand::Check, Errand::Serve] {
        match config::load(&flags, errand, &environment) {
            Ok(settings) => assert!(!settings.suppliers.is_empty(), "somebody is asked"),
            Err(error) => assert!(!error.to_string().is_empty(), "an error says something"),
        }
    }
}

/// Nothing that a terminal would obey is left of a text, cleaning is done once, and what was fit stays as it was.
pub fn sanitized(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let clean = sanitize::clean(&text);
    assert_eq!(sanitize::clean(&clean), clean, "what is clean stays as it is");
    harmless(&clean, &[]);
    harmless(&sanitize::clean_shape(&text), &['\n', '\t']);
    for columns in [0, 1, 7, 80] {
        harmless(&sanitize::shorten(&text, columns), &[]);
    }
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        assert_eq!(words(&text), words(&clean), "no word of a harmless text is lost");
    }
}

fn harmless(text: &str, allowed: &[char]) {
    // Direction marks, zero-width characters, separators and tags, by their code points of Unicode.
    let hidden = |letter: char| matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    let harmful = |letter: &char| !allowed.contains(letter) && (letter.is_control() || hidden(*letter));
    assert_eq!(text.chars().find(harmful), None, "{text:?}");
}
