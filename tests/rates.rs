//! Exchange rates that are fetched: once a day, never silently of another day, and with every fault of the list told.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::sync::mpsc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use pricecmp::domain::{Currency, Rates, parse_decimal};
use pricecmp::store::Store;
use serde_json::Value;
use support::hostile::{self, Server, http};
use support::{CANARY, Run, Scene, Supplier, offer};

fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}

/// The European Central Bank's XML of a day.
fn xml(date: &str, rate: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <e:Envelope xmlns:e="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
        <Cube><Cube time='{date}'><Cube currency='USD' rate='{rate}'/><Cube currency='XAU' rate='0.0004'/></Cube></Cube>
        </e:Envelope>"#
    )
}

/// A bank whose list is right, of today.
fn bank() -> Server {
    http::good(xml(&today().to_string(), "1.25").as_bytes())
}

/// A supplier that asks for 10.00 dollars.
fn in_dollars() -> Supplier {
    Supplier::replying(&offer("10.00").replace("EUR", "USD"))
}

/// A configuration with these lines on rates and one supplier.
fn scene(lines: &str, supplier: &Supplier) -> Scene {
    Scene::new(&format!("currency = \"EUR\"\n{lines}\n[suppliers.acme]\nurl = \"{}\"\n", supplier.url()))
}

fn url_of(server: &Server) -> String {
    format!("rates-url = \"{}daily.xml\"", server.url())
}

/// The only warning: its kind and what it says.
fn warning(document: &Value) -> (&str, &str) {
    let warnings = document["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    (warnings[0]["kind"].as_str().unwrap(), warnings[0]["message"].as_str().unwrap())
}

/// What the offer counts for, and the day of the rates that it was converted by.
fn converted(document: &Value) -> (String, &str) {
    let quote = &document["cheapest"];
    (quote["totalPrice"].to_string(), quote["original"]["rateDate"].as_str().unwrap())
}

const TABLE: &str = "[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.0\"";

/// Puts rates of one dollar and 60 cents a euro into the state, as if they had been fetched so many days ago.
fn know(scene: &Scene, url: &str, days: i64) -> String {
    let then = Timestamp::now() - Span::new().hours(24 * days);
    let date = Offset::UTC.to_datetime(then).date();
    let currency = |code| Currency::parse(code).unwrap();
    let rates = Rates::new(currency("EUR"), date, [(currency("USD"), parse_decimal("1.60").unwrap())]).unwrap();
    let mut store = Store::open(&scene.path(".local/state/pricecmp/state.db")).unwrap().store;
    store.record(then, |changes| changes.put_rates(url, &rates)).unwrap();
    date.to_string()
}

#[test]
fn the_banks_list_converts_and_is_fetched_once_a_day() {
    let (bank, supplier) = (bank(), in_dollars());
    let scene = scene(&url_of(&bank), &supplier);
    let day = today();
    let first = scene.json(&["widget"]).0;
    assert_eq!(converted(&first), ("8.0".to_owned(), &*day.to_string()));
    assert_eq!(
        (&first["cheapest"]["original"]["rate"].to_string()[..], &first["warnings"]),
        ("1.25", &Value::Array(vec![]))
    );
    let head = bank.heads().remove(0);
    assert!(
        head.starts_with("GET /daily.xml HTTP/1.1\r\n") && head.contains("accept: application/xml, text/xml\r\n"),
        "{head}"
    );
    let again = scene.run(&["widget", "-v"]);
    assert!(again.stdout.contains("other currencies are converted by the rates of "), "{}", again.stdout);
    assert!(again.stderr.contains(&format!("rates: those of {day}, base EUR")), "{}", again.stderr);
    // Unless midnight has come meanwhile, in which case the list is of another day.
    assert_eq!(bank.connections(), if today() == day { 1 } else { 2 });
}

#[test]
fn without_a_state_rates_are_fetched_in_every_run() {
    let (bank, supplier) = (bank(), in_dollars());
    let scene = scene(&url_of(&bank), &supplier);
    for run in 1..=2 {
        assert_eq!(scene.run(&["widget", "--no-state"]).code, Some(0));
        assert_eq!(bank.connections(), run);
    }
}

#[test]
fn another_filter_makes_other_rates_of_the_same_page() {
    let list = format!(r#"{{"base": "EUR", "date": "{}", "rates": {{"USD": 1.25}}}}"#, today());
    let (server, supplier) = (http::good(list.as_bytes()), in_dollars());
    let configuration = |filter: &str| {
        let lines = format!("{}\nrates-filter = '{filter}'", url_of(&server));
        format!("currency = \"EUR\"\n{lines}\n[suppliers.acme]\nurl = \"{}\"\n", supplier.url())
    };
    let scene = Scene::new("");
    for (filter, total) in [("{base, date, rates}", "8.0"), ("{base, date, rates: {USD: 2}}", "5.0")] {
        scene.write("suppliers.toml", configuration(filter).as_bytes());
        assert_eq!(converted(&scene.json(&["widget"]).0).0, total);
    }
}

/// Every fault of a list, with what is said of it.
fn faults() -> Vec<(Server, &'static str)> {
    let rate = |rate: &str| http::good(xml("2026-11-20", rate).as_bytes());
    let entities = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
    vec![
        (hostile::refused(), "could not connect: connection refused"),
        (hostile::closing(), "connection closed before the reply was complete"),
        (
            http::replying("500 Internal Server Error", &[], b"{\"error\": \"down\"}"),
            "HTTP status 500, internal server error: down",
        ),
        (http::replying("204 No Content", &[], b""), "HTTP status 204, no content"),
        (http::redirecting("302 Found", "http://rates.example/"), "redirect refused: to another host"),
        (http::good(b"<html>down for maintenance"), "not well-formed XML: the root node was opened but never closed"),
        (http::good(b"<!DOCTYPE html><html></html>"), "XML with a document type, as in HTML, is refused"),
        (http::good(entities.as_bytes()), "XML with a document type, as in HTML, is refused"),
        (http::good("<a>".repeat(20_000).as_bytes()), "more than 1000 parts for the rates of a day"),
        (http::good(&[b' '; 70_000]), "body of the reply is too large: more than 64 KiB for the rates of a day"),
        (http::good(b"{\"base\": \"EUR\"}"), "it is JSON, of which only a `rates-filter` makes rates"),
        (http::bomb(http::Compression::Gzip, 16 << 20), "body of the reply is too large"),
        (rate("0"), "the rate of `USD` is `0`, not above 0"),
        (rate("-1.25"), "the rate of `USD` is `-1.25`, not above 0"),
        (rate("1e999"), "the rate of `USD` is `1e999`, more than 12 integer digits"),
        (rate("1,08"), "the rate of `USD` is `1,08`, not a number"),
        (rate("\u{1b}[2J\u{202e}1.08"), "not well-formed XML: "),
        (http::good(xml("2062-11-20", "1.25").as_bytes()), "the date `2062-11-20` is in the future"),
    ]
}

#[test]
fn a_list_that_is_wrong_is_told_and_the_declared_rates_are_the_last_resort() {
    let supplier = in_dollars();
    for (server, cause) in faults() {
        let without = scene(&url_of(&server), &supplier);
        let (document, run) = without.json(&["widget"]);
        let (kind, message) = warning(&document);
        let expected = "rates could not be fetched and none are known, offers in other currencies are rejected: ";
        assert!(kind == "rates_missing" && message.starts_with(&format!("{expected}{cause}")), "{message}");
        assert_eq!((run.code, &document["rejected"][0]["reason"]), (Some(1), &Value::from("currency")), "{cause}");
        assert!(run.stderr.contains(&format!("warning: {message}\n")), "{}", run.stderr);

        let declared = scene(&format!("{}\n{TABLE}", url_of(&server)), &supplier);
        let (document, run) = declared.json(&["widget"]);
        let (kind, message) = warning(&document);
        let expected = "rates could not be fetched, those of `[rates]` of 2026-11-20 are used: ";
        assert!(kind == "rates_fallback" && message.starts_with(&format!("{expected}{cause}")), "{message}");
        assert_eq!((run.code, converted(&document)), (Some(0), ("10.0".to_owned(), "2026-11-20")));
    }
}

#[test]
fn offline_on_another_day_the_last_known_rates_are_used_and_their_day_is_told() {
    let (server, supplier) = (hostile::refused(), in_dollars());
    let url = format!("{}daily.xml", server.url());
    for (lines, days) in [(String::new(), 1), (String::new(), 60), (TABLE.replace("2026-11-20", "2020-01-02"), 3)] {
        let scene = scene(&format!("{}\n{lines}", url_of(&server)), &supplier);
        let date = know(&scene, &url, days);
        let (document, run) = scene.json(&["widget"]);
        assert_eq!((run.code, converted(&document)), (Some(0), ("6.25".to_owned(), &*date)));
        let warnings = document["warnings"].as_array().unwrap();
        let expected = format!(
            "rates could not be fetched, the last known of {date} are used: could not connect: connection refused"
        );
        assert_eq!((&warnings[0]["kind"], &warnings[0]["message"]), (&"rates_fallback".into(), &expected.into()));
        let is_old = warnings.iter().any(|warning| warning["kind"] == "rates_old");
        assert_eq!(is_old, days > 7, "{warnings:#?}");
        assert!(scene.run(&["widget"]).stdout.contains(&format!("converted by the rates of {date}\n")));
    }
    let forgotten = scene(&url_of(&server), &supplier);
    know(&forgotten, &url, 120);
    assert_eq!(warning(&forgotten.json(&["widget"]).0).0, "rates_missing");
}

#[test]
fn declared_rates_that_are_newer_than_the_last_known_go_first() {
    let (server, supplier) = (hostile::refused(), in_dollars());
    let newer = TABLE.replace("2026-11-20", &today().to_string());
    let scene = scene(&format!("{}\n{newer}", url_of(&server)), &supplier);
    know(&scene, &format!("{}daily.xml", server.url()), 5);
    assert_eq!(converted(&scene.json(&["widget"]).0).0, "10.0");
}

#[test]
fn a_new_day_is_fetched_and_takes_the_place_of_the_old_one() {
    let (bank, supplier) = (bank(), in_dollars());
    let scene = scene(&url_of(&bank), &supplier);
    know(&scene, &format!("{}daily.xml", bank.url()), 2);
    for _ in 0..2 {
        assert_eq!(converted(&scene.json(&["widget"]).0).0, "8.0");
    }
}

#[test]
fn a_slow_bank_has_half_of_the_time_and_the_deadline_holds() {
    let supplier = in_dollars();
    for (server, phase) in [
        (hostile::silent(), "no reply within 500ms"),
        (http::slow_body(Duration::from_millis(50)), "reply not complete within 500ms"),
        (http::endless_interim(), "no reply within 500ms"),
    ] {
        let scene = scene(&format!("{}\n{TABLE}", url_of(&server)), &supplier);
        let (document, run) = scene.json(&["widget", "--timeout", "1s"]);
        let (kind, message) = warning(&document);
        assert!(kind == "rates_fallback" && message.ends_with(phase), "{message}");
        assert_eq!((run.code, &document["request"]["timeoutMs"]), (Some(0), &Value::from(1000)));
        assert!(document["elapsedMs"].as_f64().unwrap() >= 500.0, "the time for the rates counts");
    }
    let (server, silent) = (hostile::silent(), Supplier::silent());
    let run = scene(&url_of(&server), &silent).run(&["widget", "--timeout", "1s", "--json"]);
    let document = run.json();
    assert_eq!((run.code, &document["termination"]), (Some(3), &Value::from("deadline")));
    let elapsed = document["elapsedMs"].as_f64().unwrap();
    assert!((1000.0..1500.0).contains(&elapsed), "{elapsed}");
}

#[test]
fn an_interrupt_while_rates_are_fetched_ends_the_run() {
    let (asked, is_asked) = mpsc::channel();
    let server = hostile::serve("http", move |mut client| {
        client.read_head()?;
        asked.send(()).unwrap();
        client.wait_for_close()
    });
    let supplier = in_dollars();
    let scene = scene(&url_of(&server), &supplier);
    let running = scene.start(&["widget", "--json", "--timeout", "60s"]);
    is_asked.recv().unwrap();
    running.signal("INT");
    let run = running.finish();
    assert_eq!((run.code, &run.json()["termination"]), (Some(130), &Value::from("interrupted")));
}

#[test]
fn nothing_is_fetched_where_nobody_is_asked() {
    let bank = bank();
    let lines = format!("rates-url = \"{}daily?key=${{KEY}}\"", bank.url());
    let mock =
        "[suppliers.acme.mock]\n[[suppliers.acme.mock.offers]]\nunit-price = 1\ncurrency = \"USD\"\nshipping = 0\n";
    let configuration = format!("currency = \"EUR\"\n{lines}\n[suppliers.acme]\nurl = \"http://127.0.0.1:9\"\n{mock}");
    let scene = Scene::new(&configuration).with_variable("KEY", CANARY);
    let dry = scene.run(&["widget", "--dry-run"]);
    let expected = format!("rates\n  GET {}daily?key=***\n  accept: application/xml, text/xml\n", bank.url());
    assert!(dry.code == Some(0) && dry.stdout.starts_with(&expected), "{}", dry.stdout);
    assert!(!scene.path(".local").exists(), "a dry run leaves nothing behind");
    assert_eq!(scene.run(&["check"]).code, Some(0));
    let (document, run) = scene.json(&["widget", "--mock"]);
    let said = "`--mock` fetches no rates and none are declared, offers in other currencies are rejected";
    assert_eq!((warning(&document), run.code), (("rates_missing", said), Some(1)));
    assert_eq!(bank.connections(), 0);
}

#[test]
fn json_of_any_shape_is_read_through_a_filter_and_its_key_stays_secret() {
    let list =
        format!(r#"{{"success": true, "base": "USD", "date": "{}", "rates": {{"EUR": 0.8, "usd": 1}}}}"#, today());
    let (server, supplier) = (http::good(list.as_bytes()), in_dollars());
    let url = format!("{}latest?access_key=${{KEY}}", server.url());
    let lines = |filter: &str| format!("rates-url = \"{url}\"\nrates-filter = '{filter}'");
    let with = |filter: &str| scene(&lines(filter), &supplier).with_variable("KEY", CANARY);
    let right = with("{base, date, rates}");
    let (document, run) = right.json(&["widget", "-vv"]);
    assert_eq!(converted(&document), ("8.0".to_owned(), &*today().to_string()));
    assert!(run.stderr.starts_with("rates\n  GET http://127.0.0.1:") && run.stderr.contains("latest?access_key=***\n"));
    assert!(server.heads()[0].contains(CANARY) && server.heads()[0].contains("accept: application/json\r\n"));
    let state = std::fs::read(right.path(".local/state/pricecmp/state.db")).unwrap();
    assert!(!String::from_utf8_lossy(&state).contains(CANARY), "a secret is in the state");
    let wrong = with(".rates").json(&["widget"]).0;
    assert!(warning(&wrong).1.ends_with(": `rates-filter` yields `EUR` beside `base`, `date` and `rates`"));
    let broken = with(".quotes[]").json(&["widget"]).0;
    assert!(warning(&broken).1.ends_with(": cannot iterate over null (null) at .quotes"), "{}", warning(&broken).1);
    // Each run is searched for the key.
    let echo = format!(r#"{{"base": "EUR", "date": "{}", "rates": {{"USD": "{CANARY}"}}}}"#, today());
    let server = http::good(echo.as_bytes());
    let lines = format!("rates-url = \"{}latest?access_key=${{KEY}}\"\nrates-filter = \".\"", server.url());
    let repeated = scene(&lines, &supplier).with_variable("KEY", CANARY).json(&["widget"]).0;
    assert!(warning(&repeated).1.ends_with(": the rate of `USD` is `***`, not a number"), "{}", warning(&repeated).1);
}

#[test]
fn a_file_is_read_in_every_run() {
    let supplier = in_dollars();
    let scene = scene("rates-url = \"file:rates.xml\"", &supplier);
    let missing = scene.json(&["widget"]).0;
    assert!(warning(&missing).1.ends_with(": `rates.xml` cannot be read: no such file or directory"));
    let checked = scene.run(&["check"]);
    assert_eq!(checked.code, Some(2));
    let expected = "error: `rates-url`: cannot read `rates.xml`: no such file or directory\n --> suppliers.toml:";
    assert!(checked.stderr.starts_with(expected), "{}", checked.stderr);
    assert!(checked.stderr.ends_with("hint: paths start from the configuration's folder\n"), "{}", checked.stderr);
    for (rate, total) in [("1.25", "8.0"), ("2", "5.0")] {
        scene.write("rates.xml", xml("2026-11-20", rate).as_bytes());
        assert_eq!(converted(&scene.json(&["widget"]).0), (total.to_owned(), "2026-11-20"));
    }
    assert_eq!(scene.run(&["check"]).code, Some(0));
}

#[test]
fn what_is_missing_shows_no_variable() {
    let scene = scene("rates-url = \"file:${KEY}/rates.xml\"", &in_dollars()).with_variable("KEY", CANARY);
    let checked = scene.run(&["check"]);
    assert_eq!(checked.code, Some(2));
    assert!(checked.stderr.starts_with("error: `rates-url`: cannot read `file:***/rates.xml`: "), "{}", checked.stderr);
}

#[test]
fn old_rates_are_warned_of_also_where_they_convert_configured_amounts_alone() {
    let supplier = Supplier::replying(&offer("10.00"));
    let old = TABLE.replace("2026-11-20", "2020-01-02");
    let configuration = format!(
        "currency = \"EUR\"\n{old}\n[suppliers.acme]\nurl = \"{}\"\ncurrency = \"USD\"\nfees = \"2.00\"\n",
        supplier.url()
    );
    let run: Run = Scene::new(&configuration).run(&["widget", "--json"]);
    let document = run.json();
    assert_eq!(
        (&document["cheapest"]["original"], document["cheapest"]["fees"].to_string()),
        (&Value::Null, "2.0".into())
    );
    assert_eq!(warning(&document).0, "rates_old");
}
