//! What a comparison says of prices that moved, and `--max-increase`, on the real binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::sync::{Arc, Mutex};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use pricecmp::domain::{Currency, SupplierName};
use pricecmp::store::{SeenOffer, SeenPrice, Store};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{Scene, Supplier, csv_rows, in_terminal, offer, without_times};

const STATE: &str = ".local/state/pricecmp/state.db";

/// What a supplier asked for ten widgets: its name, cents, and how many hours ago.
type Known<'a> = (&'a str, i64, i64);

/// Puts prices into the state of a scene.
fn know(scene: &Scene, known: &[Known<'_>]) {
    let mut store = Store::open(&scene.path(STATE)).unwrap().store;
    let now = Timestamp::now();
    let seen = |(name, cents, hours): &Known<'_>| SeenOffer {
        supplier: SupplierName::new(name),
        product: "widget".to_owned(),
        quantity: 10,
        currency: Currency::parse("EUR").unwrap(),
        price: Some(SeenPrice { unit: Decimal::new(*cents, 3), total: Decimal::new(*cents, 2) }),
        offer: Some(offer("1")),
        valid_until: None,
        quoted_at: now - SignedDuration::from_hours(*hours),
    };
    store.record(now, |changes| known.iter().try_for_each(|price| changes.add_offer(&seen(price)))).unwrap();
}

/// Suppliers that ask 15.60 for ten widgets now, and what is known of them.
fn scene(known: &[Known<'_>]) -> (Scene, Supplier) {
    let supplier = Supplier::replying(&offer("1.56"));
    let scene = Scene::of(&[("acme", &supplier.url()), ("bolt", &supplier.url())]);
    know(&scene, known);
    (scene, supplier)
}

/// A supplier that asks what it is told to, once it is told something else.
fn changing() -> (Scene, Supplier, Arc<Mutex<&'static str>>) {
    let price = Arc::new(Mutex::new("1.50"));
    let asked = Arc::clone(&price);
    let supplier = Supplier::answering(move |_| ("200 OK", offer(&asked.lock().unwrap())));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    (scene, supplier, price)
}

const TEN: [&str; 3] = ["widget", "--qty", "10"];

fn ten(scene: &Scene, flags: &[&str]) -> (Value, support::Run) {
    scene.json(&[&TEN[..], flags].concat())
}

/// The totals that the quotes are compared with and the changes, by supplier.
fn moves(scene: &Scene, flags: &[&str]) -> Vec<Value> {
    let (document, _) = ten(scene, flags);
    let quotes = document["allQuotes"].as_array().unwrap().iter();
    let mut moves: Vec<_> = quotes
        .map(|quote| {
            let previous = &quote["previous"];
            json!([quote["supplierId"], previous["totalPrice"], previous["changePercent"]])
        })
        .collect();
    moves.sort_by_key(Value::to_string);
    moves
}

#[test]
fn a_quote_says_what_its_supplier_asked_before() {
    let (scene, _supplier) = scene(&[("acme", 1500, 100), ("acme", 1400, 200), ("bolt", 2000, 50), ("gone", 1, 50)]);
    let (document, run) = ten(&scene, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let acme = &document["selected"]["previous"];
    assert_eq!((&acme["totalPrice"], &acme["unitPrice"]), (&json!(15.0), &json!(1.5)));
    let quoted_at: Timestamp = acme["quotedAt"].as_str().unwrap().parse().unwrap();
    let started_at: Timestamp = document["startedAt"].as_str().unwrap().parse().unwrap();
    let age = started_at.duration_since(quoted_at).as_hours();
    assert!((99..=100).contains(&age), "{age} hours");
    assert_eq!(moves(&scene, &[]), [json!(["acme", 15.0, 4]), json!(["bolt", 20.0, -22])]);
    let unknown = |(document, _): (Value, support::Run)| document["selected"]["previous"].clone();
    assert_eq!(unknown(scene.json(&["widget", "--qty", "11"])), Value::Null);
    assert_eq!(unknown(scene.json(&["Widget", "--qty", "10"])), Value::Null);
    assert_eq!(unknown(ten(&scene, &["--no-state"])), Value::Null);
}

#[test]
fn a_run_that_is_made_once_more_finds_the_same_move() {
    let (scene, _supplier, price) = changing();
    assert_eq!(moves(&scene, &[]), [json!(["acme", null, null])], "the first run knows nothing");
    assert_eq!(moves(&scene, &[]), [json!(["acme", 15.0, 0])]);
    *price.lock().unwrap() = "1.56";
    for _ in 0..3 {
        assert_eq!(moves(&scene, &[]), [json!(["acme", 15.0, 4])]);
    }
    know(&scene, &[("acme", 1300, 11), ("acme", 1200, 13), ("acme", 1100, 30)]);
    assert_eq!(moves(&scene, &[]), [json!(["acme", 12.0, 30])], "the newest that is older than twelve hours");
}

#[test]
fn only_the_cheapest_quote_of_a_supplier_is_compared() {
    let two = r#"[{"sku": "dear", "unitPrice": 2, "currency": "EUR", "inStock": true, "shipping": 0},
        {"sku": "cheap", "unitPrice": 1.56, "currency": "EUR", "inStock": true, "shipping": 0}]"#;
    let supplier = Supplier::replying(two);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    know(&scene, &[("acme", 1700, 20), ("acme", 1500, 20)]);
    let (document, _) = ten(&scene, &[]);
    let previous = |quote: usize| &document["allQuotes"][quote]["previous"];
    assert_eq!((&previous(0)["totalPrice"], previous(1)), (&json!(15.0), &Value::Null));
}

#[test]
fn a_spreadsheet_gets_the_same() {
    let (scene, _supplier) = scene(&[("acme", 1500, 100)]);
    let rows = csv_rows(&scene.run(&[&TEN[..], &["-f", "csv"]].concat()).stdout);
    let cell = |row: usize, name: &str| rows[row][rows[0].iter().position(|title| title == name).unwrap()].clone();
    assert_eq!((cell(1, "supplierId"), cell(2, "supplierId")), ("acme".to_owned(), "bolt".to_owned()));
    let moved = ["previousTotalPrice", "previousUnitPrice", "previousChangePercent"];
    assert_eq!(moved.map(|name| cell(1, name)), ["15.00", "1.50", "4"]);
    assert!(cell(1, "previousQuotedAt").ends_with('Z'));
    assert_eq!(moved.map(|name| cell(2, name)), ["", "", ""]);
}

/// A text with the day that the selected price is compared with as `20 Nov`, whatever it is.
fn with_fixed_day(scene: &Scene, text: &str) -> String {
    let (document, _) = ten(scene, &[]);
    let moment = |value: &Value| Offset::UTC.to_datetime(value.as_str().unwrap().parse::<Timestamp>().unwrap());
    let day = moment(&document["selected"]["previous"]["quotedAt"]);
    let year = if day.year() == moment(&document["startedAt"]).year() { "" } else { " %Y" };
    without_times(text).replace(&day.strftime(&format!("%-d %b{year}")).to_string(), "20 Nov")
}

#[test]
fn tables_say_it_in_words_at_every_width() {
    let (scene, _supplier) = scene(&[("acme", 1500, 100), ("bolt", 2000, 100)]);
    let screen = |columns| {
        let flags = [&TEN[..], &["--state", STATE, "--color", "never", "--no-progress"]].concat();
        with_fixed_day(&scene, &in_terminal(&scene, columns, &flags))
    };
    insta::assert_snapshot!(screen(60), @"
    10 × widget

    SUPPLIER  TOTAL EUR  DELIVERY
    acme          15.60    3 days  cheapest · fastest · +4 %
    bolt          15.60    3 days  -22 %

    changes are since 20 Nov

    2 of 2 suppliers responded in 405ms, strategy all
    ");
    insta::assert_snapshot!(screen(80), @"
    10 × widget

    SUPPLIER  ORDER  UNIT PRICE  TOTAL EUR  DELIVERY
    acme         10        1.56      15.60    3 days  cheapest · fastest · +4 %
    bolt         10        1.56      15.60    3 days  -22 %

    changes are since 20 Nov

    2 of 2 suppliers responded in 405ms, strategy all
    ");
    let wide = screen(120);
    assert!(wide.contains("fastest · +4 % since 20 Nov\n") && wide.contains("  -22 % since 20 Nov\n"), "{wide}");
    let markdown = with_fixed_day(&scene, &scene.run(&[&TEN[..], &["-f", "markdown"]].concat()).stdout);
    assert!(markdown.contains(" · fastest · +4 % since 20 Nov |"), "{markdown}");
    assert!(markdown.contains("| \\-22 % since 20 Nov |"), "{markdown}");
}

#[test]
fn a_gate_on_the_increase_is_exit_4_after_the_result() {
    let (scene, _supplier) = scene(&[("acme", 1500, 100), ("bolt", 1, 100)]);
    let (document, run) = ten(&scene, &["--max-increase", "4%"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let gate = json!({ "gate": "max_increase", "limit": 4, "actual": 4, "passed": true });
    assert_eq!((&document["gates"], &document["request"]["maxIncreasePercent"]), (&json!([gate]), &json!(4)));
    let (document, run) = ten(&scene, &["--max-increase", "3.9%", "--max-total", "15"]);
    assert_eq!((run.code, &document["exitCode"], &document["failure"]), (Some(4), &json!(4), &Value::Null));
    assert_eq!(document["selected"]["supplierId"], "acme");
    let kinds: Vec<_> = document["gates"].as_array().unwrap().iter().map(|gate| &gate["gate"]).collect();
    assert_eq!(kinds, ["max_total", "max_increase"]);
    assert_eq!((&document["gates"][1]["actual"], &document["gates"][1]["passed"]), (&json!(4), &json!(false)));
    let expected = "error: gate failed: total 15.60 EUR is above 15.00 EUR\n\
                    error: gate failed: +4 % since 20 Nov is above 3.9 %\n";
    assert_eq!(with_fixed_day(&scene, &run.stderr), expected);
}

#[test]
fn a_gate_does_not_open_when_the_run_is_made_once_more() {
    let (scene, _supplier, price) = changing();
    ten(&scene, &[]);
    *price.lock().unwrap() = "2.00";
    for _ in 0..2 {
        assert_eq!(ten(&scene, &["--max-increase", "5%"]).1.code, Some(4));
    }
}

#[test]
fn without_an_earlier_price_the_gate_passes_and_says_so() {
    let (scene, _supplier) = scene(&[]);
    let warning =
        "warning: `--max-increase`: nothing is known of what supplier `acme` asked before, so nothing was compared\n";
    let (document, run) = ten(&scene, &["--max-increase", "0%"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), warning));
    assert_eq!((&document["gates"][0]["actual"], &document["gates"][0]["passed"]), (&Value::Null, &json!(true)));
    let told = &document["warnings"][0];
    assert_eq!((&told["kind"], &told["supplier"]), (&json!("no_earlier_price"), &json!("acme")));
    for flags in [&["--no-state"][..], &["--save-replies", "replies", "--no-state"], &["--replay", "replies"]] {
        let run = scene.run(&[&TEN[..], &["--max-increase", "0%"], flags].concat());
        assert_eq!(run.code, Some(0), "{flags:?}");
        assert!(run.stderr.starts_with(warning), "{flags:?}: {}", run.stderr);
        assert!(run.stdout.contains("gate passed: no earlier price is known, the limit is 0 %\n"), "{}", run.stdout);
    }
    let (document, run) = Scene::without_configuration().json(&["--mock", "widget", "--max-increase", "5%"]);
    assert_eq!((run.code, &document["selected"]["previous"]), (Some(0), &Value::Null));
}

#[test]
fn a_replay_compares_with_what_the_run_compared_with() {
    let (scene, supplier) = scene(&[("acme", 1500, 100)]);
    let keys = "rates = { base = \"EUR\", date = 2026-11-20, USD = \"1.1\" }";
    let configuration = format!("currency = \"EUR\"\n{keys}\n[suppliers.acme]\nurl = \"{}\"\n", supplier.url());
    scene.write("suppliers.toml", configuration.as_bytes());
    let gate = ["--max-increase", "3%"];
    let saved = ten(&scene, &[&["--save-replies", "replies"], &gate[..]].concat()).1;
    know(&scene, &[("acme", 1, 50)]);
    let replayed = ten(&scene, &[&["--replay", "replies"], &gate[..]].concat()).1;
    assert_eq!((replayed.code, &replayed.stdout), (Some(4), &saved.stdout));
    let (document, _) = ten(&scene, &["--replay", "replies", "--currency", "USD"]);
    assert_eq!(document["selected"]["totalPrice"], 17.16);
    assert_eq!(document["selected"]["previous"], Value::Null, "it was in euros");
}

#[test]
fn a_limit_without_its_percent_sign_gets_it_proposed() {
    let (scene, supplier) = scene(&[]);
    let run = scene.run(&["widget", "--max-increase", "5"]);
    let message = "error: `--max-increase`: `5` has no percent sign\nhint: write `5%`\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(2), "", message));
    assert!(supplier.requests().is_empty(), "nothing was sent");
}

#[test]
fn a_state_that_cannot_be_read_is_a_warning() {
    let (scene, _supplier) = scene(&[]);
    std::fs::write(scene.path(STATE), "garbage").unwrap();
    let (document, run) = ten(&scene, &["--max-increase", "5%"]);
    let kinds: Vec<_> = document["warnings"].as_array().unwrap().iter().map(|warning| &warning["kind"]).collect();
    assert_eq!((run.code, kinds), (Some(0), vec![&json!("state_damaged"), &json!("no_earlier_price")]));
}
