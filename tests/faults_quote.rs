//! The fault matrix, rows 33 to 45: offers that are wrong. The supplier responded, the offer is rejected with its
//! reason, and the supplier's other offers stand.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::Value;
use support::faults::{Fault, Told};
use support::{Scene, Supplier, offer};

/// What a supplier is told of that replies with this, beside another supplier whose quotes must not change.
fn reply(body: &str) -> Told {
    Fault::replying(body).beside_a_good_one().responded()
}

/// Asks for 10 widgets a supplier that sends one good offer and this one, and returns what became of it.
fn rejection_of(bad: &str) -> Value {
    let told = reply(&format!("[{}, {bad}]", offer("0.60"))).has_a_quote();
    let rejected = told.rejected();
    assert_eq!(rejected.len(), 1, "{bad} is a quote: {:#}", told.document);
    rejected[0].clone()
}

fn reason_of(bad: &str) -> String {
    rejection_of(bad)["reason"].as_str().unwrap().to_owned()
}

/// The one quote that this offer makes.
fn quote_of(good: &str) -> Value {
    reply(good).has_a_quote().quotes()[0].clone()
}

fn priced(price: &str) -> String {
    format!(r#"{{"unitPrice": {price}, "currency": "EUR", "inStock": true}}"#)
}

fn with(fields: &str) -> String {
    format!(r#"{{"unitPrice": 0.60, "currency": "EUR", "inStock": true, {fields}}}"#)
}

#[test]
fn row_33_huge_exponents_are_invalid() {
    for price in ["1e1000000", "1e-1000000", "\"1e1000000\"", "1e999999999999999999"] {
        let rejection = rejection_of(&priced(price));
        assert_eq!(
            (&rejection["reason"], &rejection["field"]),
            (&"invalid_quote".into(), &"unitPrice".into()),
            "{price}"
        );
    }
}

#[test]
fn row_34_words_for_numbers_are_invalid() {
    for price in ["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "\"\"", "\" \"", "\"free\"", "true", "{}", "[]"] {
        assert_eq!(reason_of(&priced(price)), "invalid_quote", "{price}");
    }
}

#[test]
fn row_35_prices_of_zero_or_less_are_invalid() {
    for price in ["0", "0.00", "-0", "-1", "\"-0.01\"", "-1e-12"] {
        assert_eq!(reason_of(&priced(price)), "invalid_quote", "{price}");
    }
}

#[test]
fn row_35_a_supplier_may_be_allowed_to_give_away() {
    let told = Fault::replying(priced("0")).with("allow-free = true").beside_a_good_one().has_a_quote();
    assert_eq!(told.quotes()[0]["totalPrice"].to_string(), "0.0");
    assert_eq!(told.document["cheapest"]["supplierId"], "bad");
}

#[test]
fn row_36_too_many_digits_are_invalid_and_never_rounded() {
    for price in ["1234567890123", "0.1234567890123", "1e12", "\"0.0000000000001\"", "0.1000000000000"] {
        assert_eq!(reason_of(&priced(price)), "invalid_quote", "{price}");
    }
    let told = Fault::replying(priced("123456789012.123456789012")).asking(1).beside_a_good_one().has_a_quote();
    assert!(told.run.stdout.contains("\"unitPrice\": 123456789012.123456789012,"), "{}", told.run.stdout);
    assert!(told.run.stdout.contains("\"goods\": 123456789012.12,"), "{}", told.run.stdout);
}

#[test]
fn row_37_other_ways_to_write_numbers_are_invalid() {
    for text in [
        "1.234,56", "1,600.00", "1,5", "1_000", "+1", ".5", "5.", "0x10", "１２", "1 000", " 1", "1 ", "€1", "1e",
        "--1",
    ] {
        assert_eq!(reason_of(&priced(&format!("\"{text}\""))), "invalid_quote", "{text}");
    }
}

#[test]
fn row_38_a_total_beyond_the_tolerance_is_invalid() {
    let rejection = rejection_of(&with(r#""totalPrice": 7.00"#));
    assert_eq!((&rejection["reason"], &rejection["field"]), (&"invalid_quote".into(), &"totalPrice".into()));
}

#[test]
fn row_38_a_total_within_the_rounding_of_the_unit_price_wins() {
    let body = r#"{"unitPrice": 0.03, "totalPrice": 33.30, "currency": "EUR", "inStock": true}"#;
    let told = Fault::replying(body).asking(1000).beside_a_good_one().has_a_quote();
    assert!(told.run.stdout.contains("\"goods\": 33.30,"), "{}", told.run.stdout);
}

#[test]
fn row_39_another_product_or_quantity_is_a_wrong_quote() {
    assert_eq!(reason_of(&with(r#""productId": "gadget""#)), "wrong_quote");
    assert_eq!(reason_of(&with(r#""quantity": 9"#)), "wrong_quote");
    assert_eq!(quote_of(&with(r#""productId": " WIDGET ", "quantity": "10""#))["orderQuantity"], 10);
}

#[test]
fn row_40_a_currency_that_cannot_be_compared_is_rejected() {
    let in_currency = |currency: &str| format!(r#"{{"unitPrice": 1, "currency": {currency}, "inStock": true}}"#);
    for currency in ["null", "\"\"", "\"euro\"", "\"XAU\"", "\"USD\"", "\"€\""] {
        let rejection = rejection_of(&in_currency(currency));
        assert_eq!((&rejection["reason"], &rejection["field"]), (&"currency".into(), &"currency".into()), "{currency}");
    }
    assert_eq!(reason_of(&in_currency("5")), "invalid_quote");
}

#[test]
fn row_41_offers_that_ended_are_expired_and_odd_dates_invalid() {
    assert_eq!(reason_of(&with(r#""validUntil": "2020-01-01""#)), "expired");
    assert_eq!(reason_of(&with(r#""validUntil": "2020-01-01T00:00:00Z""#)), "expired");
    for date in
        ["\"9999999999-01-01\"", "\"9999999999-01-01T00:00:00Z\"", "\"soon\"", "\"2026-13-01\"", "5", "\"01/02/2030\""]
    {
        assert_eq!(reason_of(&with(&format!("\"validUntil\": {date}"))), "invalid_quote", "{date}");
    }
    assert_eq!(quote_of(&with(r#""validUntil": "2199-12-31""#))["validUntil"], "2199-12-31T23:59:59Z");
}

#[test]
fn row_42_stock_decides() {
    let stocked = |stock: &str| format!(r#"{{"unitPrice": 1, "currency": "EUR", "stockQuantity": {stock}}}"#);
    assert_eq!(reason_of(&stocked("0")), "out_of_stock");
    assert_eq!(reason_of(&with("\"stockQuantity\": 0")), "out_of_stock");
    assert_eq!(reason_of(&stocked("-1")), "invalid_quote");
    assert_eq!(reason_of(&stocked("\"plenty\"")), "invalid_quote");
    assert_eq!(reason_of(r#"{"unitPrice": 1, "currency": "EUR"}"#), "invalid_quote");
    let short = rejection_of(&stocked("9"));
    assert_eq!(short["reason"], "insufficient_stock");
    assert_eq!(short["message"], "10 needed, 9 in stock");
    assert_eq!(short["stockQuantity"], 9);
    assert_eq!(quote_of(&stocked("10"))["stockQuantity"], 10);
    assert_eq!(quote_of(&stocked("1000000000"))["stockQuantity"], Value::Null);
}

#[test]
fn row_43_tiers_may_come_in_any_order_but_not_twice() {
    let tiers = |tiers: &str| format!(r#"{{"priceBreaks": {tiers}, "currency": "EUR", "inStock": true}}"#);
    assert_eq!(reason_of(&tiers("[]")), "no_tier");
    let twice = r#"[{"quantity": 1, "unitPrice": 2}, {"quantity": 1, "unitPrice": 3}]"#;
    assert_eq!(reason_of(&tiers(twice)), "invalid_quote");
    let descending = r#"[{"quantity": "100", "unitPrice": "0.40"}, {"quantity": "5", "unitPrice": 0.45}, {"quantity": 1, "unitPrice": 0.60}]"#;
    let quote = quote_of(&tiers(descending));
    assert_eq!((&quote["orderQuantity"], quote["unitPrice"].to_string().as_str()), (&10.into(), "0.45"));
    let broken = rejection_of(&tiers(r#"[{"quantity": 1, "unitPrice": 2}, {"quantity": 5, "unitPrice": "x"}]"#));
    assert_eq!(broken["field"], "priceBreaks[1].unitPrice");
}

#[test]
fn row_44_hostile_names_make_a_quote_and_no_mess() {
    let long = "x".repeat(10_000);
    let naughty = r"\u001b[31m\u202e\u200b\u0000\r\n=cmd|' /C calc'!A0 ﷽ 💥 ' OR 1=1";
    for text in [long.as_str(), naughty] {
        let body = with(&format!(r#""sku": "{text}", "seller": "{text}", "packaging": "{text}", "url": "{text}""#));
        reply(&body).has_a_quote();
        let supplier = Supplier::replying(&body);
        let scene = Scene::of(&[("acme", &supplier.url())]);
        for format in ["table", "json", "csv", "markdown"] {
            let run = scene.run(&["widget", "--qty", "10", "--format", format]);
            assert_eq!(run.code, Some(0), "{format}: {}", run.stderr);
        }
    }
}

#[test]
fn row_45_ten_thousand_offers_have_the_right_answer_and_one_more_is_an_error() {
    let offers = |count: usize| {
        let offer = |index: usize| with(&format!(r#""sku": "S-{index}", "shipping": {}.50"#, (index + 7) % 10_000));
        format!("[{}]", (0..count).map(offer).collect::<Vec<_>>().join(","))
    };
    let told = reply(&offers(10_000));
    assert_eq!(told.stats()["ranked"], 10_000);
    assert_eq!(told.quotes()[0]["sku"], "S-9993");
    Fault::replying(offers(10_001)).beside_a_good_one().failed_as("mapping");
}
