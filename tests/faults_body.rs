//! The fault matrix, rows 26 to 32: bodies that are no offers. The real binary asks a good supplier and a bad one.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::Value;
use support::{Scene, Supplier, offer, stats};

/// Runs a good supplier beside one that sends `body`, and checks what must hold whatever the bad one sends: the
/// good one's quote is what it is alone, and the run has a result.
fn beside_a_good_one(body: &[u8]) -> Value {
    let good = Supplier::replying(&offer("0.60"));
    let bad = Supplier::with_headers("200 OK", &["content-type: application/json"], body);
    let alone = Scene::of(&[("good", &good.url())]);
    let both = Scene::of(&[("good", &good.url()), ("bad", &bad.url())]);
    let (expected, _) = alone.json(&["widget", "--qty", "10"]);
    let (document, run) = both.json(&["widget", "--qty", "10", "-vv"]);
    assert_eq!(run.code, Some(0), "stderr:\n{}", run.stderr);
    let quotes_of_good = |document: &Value| {
        let quotes = document["allQuotes"].as_array().unwrap().iter();
        quotes.filter(|quote| quote["supplierId"] == "good").cloned().collect::<Vec<_>>()
    };
    assert_eq!(quotes_of_good(&document), quotes_of_good(&expected));
    document
}

fn error_of(body: &[u8]) -> (String, String) {
    let document = beside_a_good_one(body);
    let stats = stats(&document, "bad");
    assert_eq!(stats["responded"], false, "{stats}");
    (stats["errorKind"].as_str().unwrap().to_owned(), stats["error"].as_str().unwrap().to_owned())
}

fn answers(body: &[u8]) -> Value {
    let document = beside_a_good_one(body);
    assert_eq!(stats(&document, "bad")["errorKind"], Value::Null, "{}", stats(&document, "bad"));
    document
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
        let (kind, error) = error_of(body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(kind, "malformed_json", "{shown}: {error}");
        assert!(error.contains("line 1") || error.contains("line 2"), "{shown}: {error}");
        assert!(error.contains("column "), "{shown}: {error}");
    }
}

#[test]
fn row_26_a_byte_order_mark_or_a_lone_surrogate_escape_is_a_quote() {
    let marked = format!("\u{feff}{}", offer("0.70"));
    assert_eq!(stats(&answers(marked.as_bytes()), "bad")["ranked"], 1);
    let lone = offer("0.70").replace("{\"unitPrice\"", r#"{"sku": "\ud800", "unitPrice""#);
    let document = answers(lone.as_bytes());
    let quote = document["allQuotes"].as_array().unwrap().iter().find(|quote| quote["supplierId"] == "bad").unwrap();
    assert_eq!(quote["sku"], "\u{fffd}");
}

#[test]
fn row_27_a_duplicate_key_that_is_read_names_its_path() {
    let read = r#"[{"unitPrice": 0.70, "unitPrice": 0.10, "currency": "EUR", "inStock": true}]"#;
    let (kind, error) = error_of(read.as_bytes());
    assert_eq!(kind, "malformed_json");
    assert!(error.contains("unitPrice"), "{error}");
}

#[test]
fn row_27_a_duplicate_key_that_is_not_read_is_a_quote() {
    let unread = r#"[{"colour": 1, "colour": 2, "unitPrice": 0.70, "currency": "EUR", "inStock": true}]"#;
    assert_eq!(stats(&answers(unread.as_bytes()), "bad")["ranked"], 1);
}

#[test]
fn row_28_html_with_200_is_malformed_json() {
    let (kind, _) = error_of(b"<!DOCTYPE html><html><body>Maintenance</body></html>");
    assert_eq!(kind, "malformed_json");
}

#[test]
fn row_29_a_number_in_disguise_is_rejected() {
    let disguised = r#"{"unitPrice": {"$serde_json::private::Number": "1"}, "currency": "EUR", "inStock": true}"#;
    let document = answers(disguised.as_bytes());
    let rejected = &document["rejected"][0];
    assert_eq!((&rejected["reason"], &rejected["field"]), (&"invalid_quote".into(), &"unitPrice".into()));
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
        let (kind, error) = error_of(body.as_bytes());
        assert_eq!(kind, "mapping", "{body}: {error}");
    }
}

#[test]
fn row_31_a_million_elements_are_bounded() {
    let body = format!("[{}0]", "0,".repeat(999_999));
    let (kind, _) = error_of(body.as_bytes());
    assert!(["mapping", "malformed_json"].contains(&kind.as_str()), "{kind}");
}

#[test]
fn row_32_an_error_object_in_a_200_is_a_supplier_error_with_its_message() {
    for body in [r#"{"error": "no such account"}"#, r#"{"error": {"message": "no such account"}}"#] {
        let (kind, error) = error_of(body.as_bytes());
        assert_eq!(kind, "supplier_error");
        assert!(error.contains("no such account"), "{error}");
    }
}
