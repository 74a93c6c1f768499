use proptest::prelude::*;

use super::*;
use crate::domain::{Cause, FaultProblem, NumberProblem, Offer, PriceBreak, Rejection, parse_decimal};

fn reply(body: &str) -> Result<Vec<OfferReply>, Failure> {
    decode(body.as_bytes(), &SupplierName::new("acme"))
}

fn offers(body: &str) -> Vec<Offer> {
    let read = |reply| match reply {
        OfferReply::Readable(offer) => *offer,
        OfferReply::Faulty(rejection) => panic!("rejected: {rejection:?}"),
    };
    reply(body).unwrap().into_iter().map(read).collect()
}

fn offer(body: &str) -> Offer {
    let offers = offers(body);
    assert_eq!(offers.len(), 1);
    offers.into_iter().next().unwrap()
}

fn rejection(body: &str) -> Rejection {
    match reply(body).unwrap().remove(0) {
        OfferReply::Faulty(rejection) => *rejection,
        OfferReply::Readable(offer) => panic!("accepted: {offer:?}"),
    }
}

fn fault(body: &str) -> (String, FaultProblem) {
    match rejection(body).cause {
        Cause::Invalid(fault) => (fault.field, fault.problem),
        other => panic!("another cause: {other:?}"),
    }
}

fn failure(body: &str) -> (ErrorKind, Option<String>) {
    let failure = reply(body).unwrap_err();
    (failure.kind, failure.detail)
}

fn failed(kind: ErrorKind, detail: &str) -> (ErrorKind, Option<String>) {
    (kind, Some(detail.to_owned()))
}

#[test]
fn every_field_is_read() {
    let body = r#"{
        "supplierId": "acme", "productId": "widget", "quantity": 95, "sku": "A-1", "seller": "Acme Berlin",
        "url": "https://acme.example/a-1", "packaging": "reel", "unitPrice": 12.40, "priceUnit": 100,
        "totalPrice": "11.78", "priceBreaks": [{"quantity": 100, "unitPrice": "0.40"}, {"quantity": "1", "unitPrice": 0.60}],
        "currency": "EUR", "taxIncludedPercent": 19, "inStock": true, "stockQuantity": 5000, "minimumQuantity": 0,
        "maximumQuantity": 100000, "orderMultiple": "5", "deliveryDays": 2, "leadTimeDays": 1, "shipping": 4.90,
        "fees": 0, "validUntil": "2026-12-01", "warehouse": {"unitPrice": 1}
    }"#;
    let price = |text| parse_decimal(text).unwrap();
    let expected = Offer {
        identity: crate::domain::OfferIdentity {
            sku: Some("A-1".into()),
            seller: Some("Acme Berlin".into()),
            packaging: Some("reel".into()),
            url: Some("https://acme.example/a-1".into()),
        },
        product: Some("widget".into()),
        quantity: Some(95),
        unit_price: Some(price("12.40")),
        price_unit: Some(100),
        total_price: Some(price("11.78")),
        price_breaks: Some(vec![
            PriceBreak { quantity: 100, unit_price: price("0.40") },
            PriceBreak { quantity: 1, unit_price: price("0.60") },
        ]),
        currency: Some("EUR".into()),
        tax_included_percent: Some(price("19")),
        in_stock: Some(true),
        stock_quantity: Some(5000),
        minimum_quantity: Some(0),
        maximum_quantity: Some(100_000),
        order_multiple: Some(5),
        delivery_days: Some(2),
        lead_time_days: Some(1),
        shipping: Some(price("4.90")),
        fees: Some(price("0")),
        valid_until: Some("2026-12-01T23:59:59Z".parse().unwrap()),
    };
    let read = offer(body);
    assert_eq!(read, expected);
    assert_eq!(read.unit_price.unwrap().to_string(), "12.40", "trailing zeros are kept");
}

#[test]
fn null_is_absent_and_an_empty_object_is_an_offer_without_a_price() {
    let nulls = r#"{"supplierId":null,"productId":null,"quantity":null,"sku":null,"seller":null,"url":null,"packaging":null,
        "unitPrice":null,"priceUnit":null,"totalPrice":null,"priceBreaks":null,"currency":null,"taxIncludedPercent":null,
        "inStock":null,"stockQuantity":null,"minimumQuantity":null,"maximumQuantity":null,"orderMultiple":null,
        "deliveryDays":null,"leadTimeDays":null,"shipping":null,"fees":null,"validUntil":null,"error":null}"#;
    assert_eq!(offer(nulls), Offer::default());
    assert_eq!(offer("{}"), Offer::default());
    assert_eq!(offers("[{}, {}]").len(), 2);
}

#[test]
fn no_tiers_at_all_is_a_statement() {
    assert_eq!(offer(r#"{"priceBreaks": []}"#).price_breaks, Some(vec![]));
}

#[test]
fn an_empty_array_carries_nothing() {
    assert_eq!(reply("[]"), Ok(vec![]));
    assert_eq!(reply("\u{feff} [ ] \n"), Ok(vec![]));
}

#[test]
fn another_supplier_id_is_the_seller_unless_one_is_named() {
    let seller = |body| offer(body).identity.seller;
    assert_eq!(seller(r#"{"supplierId": "acme"}"#), None);
    assert_eq!(seller(r#"{"supplierId": "acme-eu"}"#), Some("acme-eu".into()));
    assert_eq!(seller(r#"{"supplierId": "acme-eu", "seller": "Bolt Bros"}"#), Some("Bolt Bros".into()));
    assert_eq!(seller(r#"{"supplierId": 17, "seller": " "}"#), Some("17".into()));
}

#[test]
fn names_may_be_numbers_and_echoes_are_kept_as_they_came() {
    let read = offer(r#"{"sku": 4711, "productId": 12.50, "quantity": 2000000000}"#);
    assert_eq!(read.identity.sku, Some("4711".into()));
    assert_eq!((read.product, read.quantity), (Some("12.50".into()), Some(2_000_000_000)));
}

#[test]
fn a_fault_rejects_its_offer_and_no_other() {
    let replies = reply(r#"[{"sku":"A"}, {"sku":"B","unitPrice":"1,50"}, {"sku":"C"}]"#).unwrap();
    let readable: Vec<bool> = replies.iter().map(|reply| matches!(reply, OfferReply::Readable(_))).collect();
    assert_eq!(readable, [true, false, true]);
}

#[test]
fn a_rejected_offer_still_says_which_one_it_is() {
    let body = r#"{"deliveryDays": "soon", "supplierId": "acme-eu", "sku": "A-1", "packaging": "bag", "url": "u", "stockQuantity": 60,
        "currency": "EUR", "unitPrice": 0.35, "totalPrice": "33.25"}"#;
    let rejected = rejection(body);
    assert_eq!(rejected.cause.field(), "deliveryDays");
    assert_eq!(rejected.identity.sku, Some("A-1".into()));
    assert_eq!(rejected.identity.seller, Some("acme-eu".into()));
    assert_eq!(rejected.identity.packaging, Some("bag".into()));
    assert_eq!((rejected.stock_quantity, rejected.currency), (Some(60), Some("EUR".into())));
    assert_eq!(rejected.unit_price, parse_decimal("0.35").ok());
    assert_eq!(rejected.total_price, parse_decimal("33.25").ok());
    let unknown_count = rejection(r#"{"deliveryDays": -1, "stockQuantity": 1000000000}"#);
    assert_eq!(unknown_count.stock_quantity, None);
}

#[test]
fn of_several_faults_the_same_one_is_told_in_any_order() {
    let first = fault(r#"{"fees": true, "unitPrice": true}"#);
    assert_eq!(first, fault(r#"{"unitPrice": true, "fees": true}"#));
    assert_eq!(first.0, "unitPrice");
}

#[test]
fn a_fault_has_the_path_of_its_field() {
    let wrong = |expected, found| FaultProblem::WrongType { expected, found };
    for (body, field, problem) in [
        (r#"{"unitPrice": {"amount": 1}}"#, "unitPrice", wrong("a number", "an object")),
        (r#"{"priceBreaks": {}}"#, "priceBreaks", wrong("an array", "an object")),
        (r#"{"priceBreaks": [{"quantity":1,"unitPrice":1}, 5]}"#, "priceBreaks[1]", wrong("an object", "a number")),
        (r#"{"priceBreaks": [{"unitPrice":1}]}"#, "priceBreaks[0].quantity", FaultProblem::Missing),
        (r#"{"priceBreaks": [{"quantity":1,"unitPrice":null}]}"#, "priceBreaks[0].unitPrice", FaultProblem::Missing),
        (
            r#"{"priceBreaks": [{"quantity":1,"unitPrice":2},{"quantity":10,"unitPrice":"1,5"}]}"#,
            "priceBreaks[1].unitPrice",
            FaultProblem::Number { found: "1,5".into(), problem: NumberProblem::NotANumber },
        ),
        (
            r#"{"priceBreaks": [{"quantity":0,"unitPrice":2}]}"#,
            "priceBreaks[0].quantity",
            FaultProblem::OutOfRange { found: "0".into(), least: 1, most: 1_000_000_000 },
        ),
        (r#"{"inStock": "yes"}"#, "inStock", wrong("a boolean", "text")),
        (r#"{"validUntil": "9999999999-01-01"}"#, "validUntil", FaultProblem::NotADate("9999999999-01-01".into())),
        (
            r#"{"deliveryDays": 3651}"#,
            "deliveryDays",
            FaultProblem::OutOfRange { found: "3651".into(), least: 0, most: 3650 },
        ),
        (
            r#"{"leadTimeDays": 1.5}"#,
            "leadTimeDays",
            FaultProblem::Number { found: "1.5".into(), problem: NumberProblem::NotWhole },
        ),
        (
            r#"{"priceUnit": 0}"#,
            "priceUnit",
            FaultProblem::OutOfRange { found: "0".into(), least: 1, most: 1_000_000_000 },
        ),
        (r#"{"currency": 978}"#, "currency", wrong("text", "a number")),
    ] {
        assert_eq!(fault(body), (field.to_owned(), problem), "{body}");
    }
}

#[test]
fn prices_that_no_grammar_knows_are_invalid() {
    for text in ["NaN", "Infinity", "", "1.234,56", "1,600.00", "1_000", "+1", ".5", "１２"] {
        let (field, problem) = fault(&format!(r#"{{"unitPrice": "{text}"}}"#));
        assert_eq!(field, "unitPrice");
        assert_eq!(problem, FaultProblem::Number { found: text.into(), problem: NumberProblem::NotANumber });
    }
    for (text, problem) in [
        ("1e1000000", NumberProblem::TooManyIntegerDigits),
        ("1e-1000000", NumberProblem::TooManyDecimals),
        ("1234567890123", NumberProblem::TooManyIntegerDigits),
        ("0.1234567890123", NumberProblem::TooManyDecimals),
    ] {
        let (_, found) = fault(&format!(r#"{{"unitPrice": {text}}}"#));
        assert_eq!(found, FaultProblem::Number { found: text.into(), problem });
    }
}

#[test]
fn an_object_that_another_library_takes_for_a_number_is_an_object() {
    for field in ["unitPrice", "stockQuantity", "deliveryDays", "shipping"] {
        let (at, problem) = fault(&format!(r#"{{"{field}": {{"$serde_json::private::Number": "1e999"}}}}"#));
        assert_eq!(at, field);
        assert_eq!(problem, FaultProblem::WrongType { expected: "a number", found: "an object" });
    }
}

#[test]
fn a_repeated_key_is_poison_only_where_it_is_read() {
    for (body, path) in [
        (r#"{"unitPrice": 1, "unitPrice": 2}"#, "unitPrice"),
        (r#"{"unitPrice": null, "unitPrice": 2}"#, "unitPrice"),
        (r#"[{"sku": "a", "sku": "a"}]"#, "[0].sku"),
        (r#"[{}, {"unitPrice": "bad", "fees": 1, "f\u0065es": 1}]"#, "[1].fees"),
        (r#"[{"priceBreaks": [{"quantity": 1, "quantity": 1}]}]"#, "[0].priceBreaks[0].quantity"),
        (r#"{"error": "a", "error": "b"}"#, "error"),
        (r#"{"error": {"message": "a", "message": "b"}}"#, "error.message"),
    ] {
        assert_eq!(failure(body), failed(ErrorKind::MalformedJson, &format!("key `{path}` stands twice")), "{body}");
    }
    assert_eq!(offers(r#"{"message": 1, "message": 2}"#).len(), 1);
    assert_eq!(offers(r#"[{"note": 1, "note": 2, "x": {"sku": 1, "sku": 2}, "priceBreaks": [{"quantity": 1, "unitPrice": 1, "n": 1, "n": 2}]}]"#).len(), 1);
}

#[test]
fn an_error_object_is_the_suppliers_error() {
    for (body, message) in [
        (r#"{"error": "no such product"}"#, Some("no such product")),
        (r#"{"error": {"code": 7, "message": "quota exceeded"}}"#, Some("quota exceeded")),
        (r#"{"error": {"code": 7}}"#, None),
        (r#"{"error": true, "message": "try later"}"#, Some("try later")),
        (r#"{"error": 404}"#, None),
        (r#"{"error": ["unknown pair"], "result": {}}"#, Some("unknown pair")),
        (r#"{"productId": "widget", "error": "not carried", "unitPrice": null}"#, Some("not carried")),
    ] {
        let failure = reply(body).unwrap_err();
        assert_eq!((failure.kind, failure.detail.as_deref()), (ErrorKind::SupplierError, message), "{body}");
    }
}

#[test]
fn an_offer_with_a_price_or_without_an_error_is_an_offer() {
    for body in [
        r#"{"error": null, "unitPrice": 1}"#,
        r#"{"error": "", "unitPrice": 1}"#,
        r#"{"error": "stock is old", "unitPrice": 1}"#,
        r#"{"error": "stock is old", "priceBreaks": []}"#,
        r#"{"error": false, "sku": "A"}"#,
        r#"{"error": [], "sku": "A"}"#,
        r#"[{"error": "not here"}]"#,
    ] {
        assert_eq!(offers(body).len(), 1, "{body}");
    }
}

#[test]
fn a_reply_that_is_not_made_of_objects_is_no_reply() {
    for (body, detail) in [
        ("5", "the reply is a number, not an object or an array"),
        (r#""sold out""#, "the reply is text, not an object or an array"),
        ("null", "the reply is null, not an object or an array"),
        ("true", "the reply is a boolean, not an object or an array"),
        (r#"[{"unitPrice": 1}, 5]"#, "element 1 is a number, not an object"),
        ("[null]", "element 0 is null, not an object"),
        ("[[{}]]", "element 0 is an array, not an object"),
    ] {
        assert_eq!(failure(body), failed(ErrorKind::Mapping, detail));
    }
}

#[test]
fn what_is_not_json_says_where() {
    assert_eq!(
        failure("<!DOCTYPE html>\n<html>"),
        failed(ErrorKind::MalformedJson, "line 1, column 1: expected a value, found `<`, as in HTML")
    );
    assert_eq!(failure(""), failed(ErrorKind::MalformedJson, "line 1, column 1: expected a value, but the text ends"));
    assert_eq!(
        failure("[{\"sku\": \"é\",\n  \"unitPrice\": NaN}]"),
        failed(ErrorKind::MalformedJson, "line 2, column 16: expected a value, found `N`")
    );
}

#[test]
fn ten_thousand_offers_are_read_and_one_more_is_too_many() {
    let of = |count: usize| format!("[{}]", vec![r#"{"unitPrice":1}"#; count].join(","));
    assert_eq!(reply(&of(10_000)).unwrap().len(), 10_000);
    assert_eq!(failure(&of(10_001)), failed(ErrorKind::Mapping, "10001 offers, more than 10000"));
    let million = format!("[{}1]", "1,".repeat(999_999));
    assert_eq!(failure(&million), failed(ErrorKind::Mapping, "1000000 offers, more than 10000"));
}

#[test]
fn hostile_text_is_kept_as_it_came() {
    for text in [
        "\u{202e}gpj.exe",
        "a\u{200b}b",
        "=cmd|'/c calc'!A1",
        "\u{1b}]0;x\u{7}",
        "line\nline",
        "😀",
        &"x".repeat(10_000),
    ] {
        let body = format!(r#"{{"sku": {}}}"#, serde_json::Value::from(text));
        assert_eq!(offer(&body).identity.sku.as_deref(), Some(text));
    }
    assert_eq!(offer(r#"{"sku": "a\ud800b"}"#).identity.sku, Some("a\u{fffd}b".into()));
}

/// A reply such as real suppliers send, to be damaged.
const REPLY: &str = r#"[{"supplierId":"acme","productId":"widget","quantity":95,"sku":"A-1","packaging":"bag",
 "priceBreaks":[{"quantity":1,"unitPrice":"0.60"},{"quantity":50,"unitPrice":0.45},{"quantity":100,"unitPrice":4e-1}],
 "currency":"EUR","inStock":true,"stockQuantity":5000,"deliveryDays":2,"shipping":4.90,"validUntil":"2026-12-01T10:00:00Z"},
 {"sku":"A\u002d2","unitPrice":12.40,"priceUnit":100,"currency":"USD","stockQuantity":-1,"taxIncludedPercent":null}]"#;

proptest! {
    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&body, &SupplierName::new("acme"));
    }

    #[test]
    fn a_damaged_reply_is_read_or_refused(places in prop::collection::vec((0..REPLY.len(), any::<u8>()), 1..4)) {
        let mut body = REPLY.as_bytes().to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        if let Err(failure) = decode(&body, &SupplierName::new("acme")) {
            prop_assert!(matches!(failure.kind, ErrorKind::MalformedJson | ErrorKind::Mapping), "{:?}", failure);
        }
    }

    #[test]
    fn no_value_in_any_field_panics_or_breaks_the_reply(
        field in prop::sample::select(&[
            "sku", "productId", "quantity", "unitPrice", "priceUnit", "priceBreaks", "currency", "inStock",
            "stockQuantity", "minimumQuantity", "deliveryDays", "validUntil", "taxIncludedPercent",
        ]),
        value in prop_oneof![
            Just("true".to_owned()), Just("[]".to_owned()), Just("[[1]]".to_owned()), Just("{}".to_owned()),
            Just("[{}]".to_owned()), "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,15})?(e-?[0-9]{1,3})?", "\"[ -!#-\\[\\]-~]{0,30}\"",
        ],
    ) {
        let body = format!(r#"[{{"{field}": {value}}}, {{"sku": "other"}}]"#);
        prop_assert_eq!(reply(&body).map(|offers| offers.len()), Ok(2), "{}", body);
    }
}
