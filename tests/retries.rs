//! Asking again, on the real binary and over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::Value;
use support::{Scene, hostile, stats};

/// Suppliers with keys of their own and of their mocks, each of which offers widgets.
fn scene(suppliers: &[(&str, &str, &str)]) -> Scene {
    let table = |(name, keys, mock): &(&str, &str, &str)| {
        format!(
            "[suppliers.{name}]\nurl = \"http://127.0.0.1:7171/{name}\"\n{keys}\n[suppliers.{name}.mock]\n{mock}\n\
             [[suppliers.{name}.mock.offers]]\nunit-price = \"0.60\"\ncurrency = \"EUR\"\nin-stock = true\n"
        )
    };
    Scene::new(&format!("currency = \"EUR\"\n{}", suppliers.iter().map(table).collect::<String>()))
}

/// Attempts, kind of the error and the last status.
fn told<'a>(document: &'a Value, supplier: &str) -> (u64, Option<&'a str>, u64) {
    let stats = stats(document, supplier);
    (stats["attempts"].as_u64().unwrap(), stats["errorKind"].as_str(), stats["httpStatus"].as_u64().unwrap_or(0))
}

#[test]
fn a_supplier_that_is_busy_for_a_moment_has_a_quote_after_all() {
    let scene = scene(&[
        ("busy", "", "fail-first = 1"),
        ("gateway", "", "fail-first = 1\nerror = 502"),
        ("late", "", "fail-first = 1\nerror = 504"),
        ("posted", "method = \"POST\"", "fail-first = 1"),
        ("patient", "retries = 3", "fail-first = 3"),
    ]);
    let (document, run) = scene.json(&["--mock", "widget"]);
    assert_eq!(run.code, Some(0));
    for supplier in ["busy", "gateway", "late", "posted"] {
        assert_eq!(told(&document, supplier), (2, None, 200), "{supplier}");
    }
    assert_eq!(told(&document, "patient"), (4, None, 200));
    assert_eq!(document["allQuotes"].as_array().unwrap().len(), 5);
}

#[test]
fn what_does_not_pass_is_not_tried_again() {
    let scene = scene(&[
        ("broken", "", "fail-first = 1\nerror = 500"),
        ("unknown", "", "fail-first = 1\nerror = 404"),
        ("closing", "", "fail-first = 1\nerror = \"close\""),
        ("resetting", "", "fail-first = 1\nerror = \"reset\""),
        ("garbled", "", "fail-first = 1\nerror = \"malformed\""),
        ("limited", "", "fail-first = 1\nerror = 429"),
        ("impatient", "retries = 0", "fail-first = 1"),
    ]);
    let (document, run) = scene.json(&["--mock", "widget"]);
    assert_eq!(run.code, Some(3), "nobody has a quote");
    assert_eq!(told(&document, "broken"), (1, Some("http_status"), 500));
    assert_eq!(told(&document, "unknown"), (1, Some("http_status"), 404));
    assert_eq!(told(&document, "closing"), (1, Some("connection_closed"), 0));
    assert_eq!(told(&document, "resetting"), (1, Some("connection_closed"), 0));
    assert_eq!(told(&document, "garbled"), (1, Some("malformed_json"), 200));
    assert_eq!(told(&document, "limited"), (1, Some("rate_limited"), 429));
    assert_eq!(told(&document, "impatient"), (1, Some("http_status"), 503));
}

#[test]
fn a_wait_that_a_supplier_asks_for_is_kept_if_its_time_allows() {
    let scene = scene(&[
        ("limited", "", "fail-first = 1\nerror = 429\nretry-after = \"1s\""),
        ("busy", "", "fail-first = 1\nretry-after = \"1s\""),
        ("hasty", "timeout = \"900ms\"", "fail-first = 1\nretry-after = \"1s\""),
        ("closed", "", "fail-first = 1\nerror = 429\nretry-after = \"1h\""),
    ]);
    let (document, _) = scene.json(&["--mock", "widget", "--timeout", "20s"]);
    for supplier in ["limited", "busy"] {
        assert_eq!(told(&document, supplier), (2, None, 200), "{supplier}");
        let latency = stats(&document, supplier)["latencyMs"].as_f64().unwrap();
        assert!(latency >= 1000.0, "{supplier}: {latency}");
    }
    assert_eq!(told(&document, "hasty"), (1, Some("http_status"), 503));
    assert_eq!(told(&document, "closed"), (1, Some("rate_limited"), 429));
    assert_eq!(stats(&document, "closed")["retryInMs"], 3_600_000);
}

#[test]
fn a_date_is_a_wait_as_well() {
    let past = hostile::http::replying("429 Too Many Requests", &["Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"], b"");
    let future =
        hostile::http::replying("503 Service Unavailable", &["Retry-After: Thu, 30 Dec 9999 20:00:00 GMT"], b"");
    let (document, _) = Scene::of(&[("past", &past.url()), ("future", &future.url())]).json(&["widget"]);
    assert_eq!(told(&document, "past"), (2, Some("rate_limited"), 429));
    assert_eq!(told(&document, "future"), (1, Some("http_status"), 503));
    assert_eq!((past.heads().len(), future.heads().len()), (2, 1));
}

#[test]
fn attempts_are_told_in_the_table_and_by_verbose() {
    let scene = scene(&[("busy", "", "error-rate = 1"), ("acme", "", "")]);
    let run = scene.run(&["--mock", "widget", "-v"]);
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("answers 503 as configured, after 2 attempts 1 of 2"), "{}", run.stdout);
    assert!(run.stderr.contains("busy: attempt 1 failed, the next is in "), "{}", run.stderr);
    assert!(run.stderr.contains(", 2 attempts: HTTP status 503"), "{}", run.stderr);
    let refused = Scene::of(&[("acme", &hostile::refused().url())]).json(&["widget"]).0;
    assert_eq!(told(&refused, "acme"), (2, Some("connect"), 0));
}
