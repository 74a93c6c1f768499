//! The fault matrix, rows 50 to 53 and 55: what reaches terminals, spreadsheets and scripts, and what an interrupt
//! leaves. Row 54 stands with the exit codes.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::io;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::hostile::tls::{self, Authority};
use support::hostile::{self, Client, Server, http};
use support::{Scene, Supplier, csv_rows, offer, stats};
use unicode_width::UnicodeWidthStr;

const FORMATS: [&str; 4] = ["table", "json", "csv", "markdown"];

/// A run that has not asked anybody after this time is broken.
const PATIENCE: Duration = Duration::from_secs(20);

fn template(server: &Server) -> String {
    server.url() + "quotes/{product}{?quantity}"
}

/// Every control, bidi and zero-width character, and the sequences that terminals obey.
fn escapes() -> String {
    let ranges = [
        ('\u{0}', '\u{1f}'),
        ('\u{7f}', '\u{9f}'),
        ('\u{200b}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2060}', '\u{206f}'),
        ('\u{fff9}', '\u{fffb}'),
        ('\u{e0000}', '\u{e007f}'),
    ];
    let all: String = ranges.into_iter().flat_map(|(first, last)| first..=last).collect();
    format!(
        "a\u{1b}[31;5mb\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}]8;;http://x\u{1b}\\c\u{9b}1A\u{61c}d\u{feff}\u{202e}e{all}f"
    )
}

/// An offer of ten at a price for one, with this text wherever text may stand.
fn texts(text: &str, price: &str) -> String {
    json!([{
        "sku": text, "seller": text, "packaging": text, "url": text, "inStock": true, "currency": "EUR",
        "unitPrice": price,
    }])
    .to_string()
}

/// The lines of a table that hold a total, cut behind it.
fn up_to_total(table: &str, total: &str) -> Vec<String> {
    let cut = |line: &str| line.find(total).map(|at| line[..at + total.len()].to_owned());
    table.lines().filter_map(cut).collect()
}

#[test]
fn row_50_no_escape_of_a_field_reaches_the_terminal_and_columns_stay_aligned() {
    let (escapes, wide) = (escapes(), "日本語 ｱｲｳ 💥 e\u{301}\u{301} Ω");
    let suppliers = [
        Supplier::replying(&texts(&escapes, "7.11")),
        Supplier::replying(&texts(wide, "7.22")),
        Supplier::replying(&texts("plain", "7.33")),
    ];
    let [first, second, third] = suppliers.each_ref().map(Supplier::url);
    let scene = Scene::of(&[("escapes", &first), ("wide", &second), ("plain", &third)]);
    for format in FORMATS {
        let run = scene.run(&["widget", "--qty", "10", "-vv", "--format", format]);
        assert_eq!(run.code, Some(0), "{format}: {}", run.stderr);
    }
    let table = scene.run(&["widget", "--qty", "10", "-vv"]).stdout;
    let widths: Vec<usize> = ["TOTAL EUR", "71.10", "72.20", "73.30"]
        .iter()
        .map(|total| {
            let lines = up_to_total(&table, total);
            assert_eq!(lines.len(), 1, "{total} stands once:\n{table}");
            lines[0].width()
        })
        .collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}:\n{table}");
    let (document, _) = scene.json(&["widget", "--qty", "10"]);
    for field in ["sku", "seller", "packaging", "url"] {
        assert_eq!(document["cheapest"][field], escapes, "JSON keeps it, escaped");
    }
}

/// Replies that lead this text into a message.
fn errors_with(text: &str) -> Vec<(&'static str, Supplier)> {
    let error = json!({ "error": text }).to_string();
    let located = |text: &str| format!("Location: http://other.example/{text}");
    let mut suppliers = vec![
        ("status-error", Supplier::with_status("500 Oops", error.as_bytes())),
        ("error", Supplier::replying(&error)),
        ("message", Supplier::replying(&json!({ "error": { "message": text } }).to_string())),
        ("reason", Supplier::with_status("500 \u{9b}31m\u{202e}", b"")),
        ("redirect", Supplier::with_headers("302 Found", &[&located("\u{202e}\u{9b}2J")], b"")),
        ("retry", Supplier::with_headers("429 Slow Down", &["Retry-After: \u{202e}\u{9b}2J"], b"")),
        ("encoding", Supplier::with_headers("200 OK", &["Content-Encoding: \u{202e}\u{9b}2J"], b"[]")),
        ("broken", Supplier::with_status("200 OK", text.as_bytes())),
        ("broken-key", Supplier::replying(&format!("[{{{}: 1, }}]", json!(text)))),
    ];
    for (name, field) in [
        ("unit-price", "unitPrice"),
        ("currency", "currency"),
        ("product", "productId"),
        ("quantity", "quantity"),
        ("valid-until", "validUntil"),
        ("stock", "stockQuantity"),
        ("in-stock", "inStock"),
        ("delivery", "deliveryDays"),
        ("breaks", "priceBreaks"),
    ] {
        let mut offer = json!({ "sku": text, "unitPrice": 1, "currency": "EUR", "inStock": true });
        offer[field] = text.into();
        suppliers.push((name, Supplier::replying(&offer.to_string())));
    }
    suppliers
}

#[test]
fn row_50_no_escape_of_an_error_reaches_the_terminal() {
    let suppliers = errors_with(&escapes());
    let urls: Vec<(&str, String)> = suppliers.iter().map(|(name, supplier)| (*name, supplier.url())).collect();
    let scene = Scene::of(&urls.iter().map(|(name, url)| (*name, url.as_str())).collect::<Vec<_>>());
    for format in FORMATS {
        // `Run` holds what is printed.
        let run = scene.run(&["widget", "-vv", "--format", format]);
        assert!(matches!(run.code, Some(1)), "{format}: {:?} {}", run.code, run.stderr);
    }
    let (document, _) = scene.json(&["widget"]);
    for (name, _) in &suppliers {
        let stats = stats(&document, name);
        assert!(stats["errorKind"] != Value::Null || stats["rejected"] == 1, "{stats}");
    }
    let table = scene.run(&["widget"]).stdout;
    // The texts themselves are told, made harmless.
    assert!(table.matches("[31;5m").count() >= 5, "{table}");
}

#[test]
fn row_51_a_newline_forges_no_row() {
    for newline in ["\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        let forged = format!("x{newline}forged  1  0.01  0.01{newline}| forged | 0.01 |");
        let supplier = Supplier::replying(&texts(&forged, "7.11"));
        let scene = Scene::of(&[("acme", &supplier.url())]);
        for (format, rows) in [("table", 1), ("csv", 1), ("markdown", 1)] {
            let run = scene.run(&["widget", "--qty", "10", "--format", format]);
            let begins = |line: &&str| line.trim_start_matches(['|', ' ']).starts_with("forged");
            assert_eq!(run.stdout.lines().filter(begins).count(), 0, "{newline:?} in {format}:\n{}", run.stdout);
            let holds_total = |line: &&str| line.contains("71.10");
            assert_eq!(run.stdout.lines().filter(holds_total).count(), rows, "{format}:\n{}", run.stdout);
        }
        let markdown = scene.run(&["widget", "--qty", "10", "--format", "markdown"]).stdout;
        let row = markdown.lines().find(|line| line.contains("71.10")).unwrap();
        let header = markdown.lines().find(|line| line.contains("Total EUR")).unwrap();
        let cells = |line: &str| line.replace(r"\|", "").matches('|').count();
        assert_eq!(cells(row), cells(header), "{markdown}");
    }
}

#[test]
fn row_52_formulas_are_neutralised_in_csv_and_numbers_are_untouched() {
    for formula in [
        "=1+1",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "\"=1+1\"",
        "＝1+1",
        "=cmd|' /C calc'!A0",
        "\u{200b}=1+1",
        "a;=1+1",
    ] {
        let supplier = Supplier::replying(&texts(formula, "7.11"));
        let run = Scene::of(&[("acme", &supplier.url())]).run(&["widget", "--qty", "10", "--format", "csv"]);
        let rows = csv_rows(&run.stdout);
        assert_eq!((rows.len(), rows[0].len()), (2, rows[1].len()), "{}", run.stdout);
        let cell = |name: &str| &rows[1][rows[0].iter().position(|column| column == name).unwrap()];
        for name in ["sku", "seller", "packaging", "url"] {
            for part in cell(name).split(';') {
                let start = part.trim_start().chars().next().unwrap();
                assert!(!['=', '+', '-', '@', '＝', '"'].contains(&start), "{formula:?} became {part:?}");
            }
        }
        for (name, number) in [("unitPrice", "7.11"), ("totalPrice", "71.10"), ("saving", "0.00"), ("quantity", "10")] {
            assert_eq!(cell(name), number, "{name}");
        }
    }
}

/// Every fault that needs no time, by a name of its own.
fn many_faults(authority: &Authority) -> Vec<(String, Server)> {
    let mut faults = vec![
        ("refused".to_owned(), hostile::refused()),
        ("closing".to_owned(), hostile::closing()),
        ("resetting".to_owned(), hostile::resetting()),
        ("reset-in-body".to_owned(), http::reset_in_body()),
        ("self-signed".to_owned(), tls::self_signed()),
        ("plain-http".to_owned(), tls::plain_http()),
        ("expired".to_owned(), tls::expired(authority)),
        ("headers".to_owned(), http::many_headers(101)),
        ("endless-body".to_owned(), http::endless_body()),
        ("broken-gzip".to_owned(), http::cut(http::Compression::Gzip)),
        ("too-long".to_owned(), http::content_length_too_long()),
        ("too-short".to_owned(), http::content_length_too_short()),
        ("redirect".to_owned(), http::redirecting("302 Found", "http://other.example/")),
        ("slow-down".to_owned(), http::replying("429 Slow Down", &["Retry-After: 2"], b"")),
        ("down".to_owned(), http::replying("503 Down", &[], b"<html>")),
        ("html".to_owned(), http::good(b"<html>")),
        ("error".to_owned(), http::good(br#"{"error": "no such account"}"#)),
        ("number".to_owned(), http::good(b"5")),
        ("wrong".to_owned(), http::good(br#"{"unitPrice": "free", "currency": "EUR", "inStock": true}"#)),
        ("nothing".to_owned(), http::good(b"[]")),
    ];
    let lawless = http::lawless().into_iter().enumerate();
    faults.extend(lawless.map(|(number, (_, server))| (format!("lawless-{number}"), server)));
    faults
}

#[test]
fn row_53_json_is_strict_and_valid_beside_many_faults_at_once() {
    let authority = Authority::new();
    let (faults, good) = (many_faults(&authority), Supplier::replying(&offer("7.00")));
    let urls: Vec<(&str, String)> = faults.iter().map(|(name, server)| (name.as_str(), template(server))).collect();
    let good_url = good.url();
    let mut suppliers: Vec<(&str, &str)> = urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
    suppliers.push(("good", &good_url));
    let scene = Scene::of(&suppliers);
    for strategy in ["all", "best", "first", "majority"] {
        let (document, run) = scene.json(&["widget", "-vv", "--strategy", strategy]);
        // One quote is no majority.
        let expected = if strategy == "majority" { 3 } else { 0 };
        assert_eq!((run.code, &document["exitCode"]), (Some(expected), &expected.into()), "{strategy}: {}", run.stderr);
        assert_eq!(document["supplierStats"].as_array().unwrap().len(), suppliers.len());
    }
    let (document, _) = scene.json(&["widget"]);
    assert_eq!(document["cheapest"]["supplierId"], "good");
    assert_eq!(document["termination"], "all", "{:#}", document["supplierStats"]);
    for format in ["table", "csv", "markdown"] {
        assert_eq!(scene.run(&["widget", "-vv", "--format", format]).code, Some(0), "{format}");
    }
}

#[test]
fn row_53_json_keeps_every_digit_and_writes_no_key_twice() {
    let supplier = Supplier::replying(&texts("a", "123456789012.123456789012"));
    let run = Scene::of(&[("acme", &supplier.url())]).run(&["widget", "--json"]);
    assert!(run.stdout.contains("\"unitPrice\": 123456789012.123456789012,"), "{}", run.stdout);
    // A reader keeps the last of two equal keys: written again, the document would be shorter.
    let fields = run.stdout.matches("\": ").count();
    assert_eq!(run.json().to_string().matches("\":").count(), fields, "{}", run.stdout);
}

/// A supplier that tells when it was asked, and never answers.
fn telling_when_asked() -> (Server, Receiver<()>) {
    let (tell, told) = mpsc::channel();
    let server = hostile::serve("http", move |mut client: Client| {
        client.read_head()?;
        tell.send(()).map_err(io::Error::other)?;
        client.wait_for_close()
    });
    (server, told)
}

#[test]
fn row_55_an_interrupt_prints_what_was_gathered_within_a_second() {
    let good = Supplier::replying(&offer("7.00"));
    let (silent, is_asked) = telling_when_asked();
    let scene = Scene::of(&[("good", &good.url()), ("silent", &template(&silent))]);
    let mut running = scene.start(&["widget", "--json", "-v", "--timeout", "30s"]);
    running.wait_for("good: answered");
    is_asked.recv_timeout(PATIENCE).unwrap();
    let since = Instant::now();
    running.signal("INT");
    let run = running.finish();
    let took = since.elapsed();
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    assert!(took < Duration::from_secs(1), "{took:?}");
    let document = run.json();
    assert_eq!((&document["termination"], &document["exitCode"]), (&"interrupted".into(), &130.into()));
    assert_eq!((&document["failure"], &document["cheapest"]["supplierId"]), (&Value::Null, &"good".into()));
    assert_eq!(stats(&document, "silent")["errorKind"], "cancelled");
}

#[test]
fn row_55_an_interrupt_before_any_reply_prints_an_empty_result() {
    let (silent, is_asked) = telling_when_asked();
    for format in FORMATS {
        let scene = Scene::of(&[("silent", &template(&silent))]);
        let running = scene.start(&["widget", "--timeout", "30s", "--format", format]);
        is_asked.recv_timeout(PATIENCE).unwrap();
        running.signal("INT");
        let run = running.finish();
        assert_eq!(run.code, Some(130), "{format}: {}", run.stderr);
        assert!(!run.stdout.is_empty(), "{format}");
    }
}
