//! The fault matrix, rows 26 to 32: bodies that are no offers. The real binary asks a good supplier and a bad one.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use support::faults::{Fault, Told};
use support::offer;

fn error_of(body: impl AsRef<[u8]>, kind: &str) -> String {
    Fault::replying(body).beside_a_good_one().failed_as(kind).error().to_owned()
}

fn quote_of(body: impl AsRef<[u8]>) -> Told {
    Fault::replying(body).beside_a_good_one().has_a_quote()
}

#[test]
fn row_26_malformed_json_has_line_and_column() {
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let utf_16: Vec<u8> = "[{}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bodies: [&[u8]; 16] = [
        b"",
        b" ",
        b"{",
        b"[{\"unitPrice\": 1.",
        b"[{\"unitPrice\": 1,}]",
        b"[{},]",
        b"[NaN]",
        b"[Infinity]",
        b"[undefined]",
        b"[+1]",
        b"[01]",
        b"{'a': 1}",
        b"[{}] // comment",
        b"[] []",
        b"[\"\xff\"]",
        b"[\"\n\"]",
    ];
    for body in bodies.into_iter().chain([deep.as_slice(), utf_16.as_slice()]) {
        let error = error_of(body, "malformed_json");
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert!(error.contains("line 1") || error.contains("line 2"), "{shown}: {error}");
        assert!(error.contains("column "), "{shown}: {error}");
    }
}

#[test]
fn row_26_a_byte_order_mark_or_a_lone_surrogate_escape_is_a_quote() {
    quote_of(format!("\u{feff}{}", offer("0.70")));
    let lone = offer("0.70").replace("{\"unitPrice\"", r#"{"sku": "\ud800", "unitPrice""#);
    assert_eq!(quote_of(lone).quotes()[0]["sku"], "\u{fffd}");
}

#[test]
fn row_27_a_duplicate_key_that_is_read_names_its_path() {
    let read = r#"[{"unitPrice": 0.70, "unitPrice": 0.10, "currency": "EUR", "inStock": true}]"#;
    let error = error_of(read, "malformed_json");
    assert!(error.contains("unitPrice"), "{error}");
}

#[test]
fn row_27_a_duplicate_key_that_is_not_read_is_a_quote() {
    quote_of(r#"[{"colour": 1, "colour": 2, "unitPrice": 0.70, "currency": "EUR", "inStock": true}]"#);
}

#[test]
fn row_28_html_with_200_is_malformed_json() {
    error_of("<!DOCTYPE html><html><body>Maintenance</body></html>", "malformed_json");
}

#[test]
fn row_29_a_number_in_disguise_is_rejected() {
    let disguised = r#"{"unitPrice": {"$serde_json::private::Number": "1"}, "currency": "EUR", "inStock": true}"#;
    let told = Fault::replying(disguised).beside_a_good_one().responded();
    let rejected = told.rejected();
    assert_eq!((&rejected[0]["reason"], &rejected[0]["field"]), (&"invalid_quote".into(), &"unitPrice".into()));
}

#[test]
fn row_30_a_number_or_text_for_an_offer_is_a_mapping_error() {
    let good = offer("0.70");
    for body in [
        "5".to_owned(),
        "\"text\"".to_owned(),
        "true".to_owned(),
        format!("[{good}, 5]"),
        format!("[{good}, null]"),
        "[[]]".to_owned(),
    ] {
        error_of(body, "mapping");
    }
}

#[test]
fn row_31_a_million_elements_are_bounded() {
    let error = error_of(format!("[{}0]", "0,".repeat(999_999)), "mapping");
    assert!(error.contains("1000000 offers, more than 10000"), "{error}");
    // Beyond that, the body is not even kept in memory as values.
    let error = error_of(format!("[{}0]", "0,".repeat(1_999_999)), "malformed_json");
    assert!(error.contains("values"), "{error}");
}

#[test]
fn row_32_an_error_object_in_a_200_is_a_supplier_error_with_its_message() {
    for body in [r#"{"error": "no such account"}"#, r#"{"error": {"message": "no such account"}}"#] {
        let error = error_of(body, "supplier_error");
        assert!(error.contains("no such account"), "{error}");
    }
}
