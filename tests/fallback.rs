//! `--fallback history` and the key `fallback`, on the real binary: what stands in for suppliers that do not respond.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use jiff::{SignedDuration, Timestamp};
use pricecmp::domain::{Currency, SupplierName};
use pricecmp::store::{SeenOffer, Store};
use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Run, Scene, Supplier, offer, stats};

const STATE: &str = ".local/state/pricecmp/state.db";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";
/// A price for every quantity.
const TIERS: &str = r#"{"sku": "A-1", "currency": "EUR", "inStock": true, "shipping": 0, "priceBreaks":
    [{"quantity": 1, "unitPrice": 0.60}, {"quantity": 100, "unitPrice": 0.40}]}"#;

/// Suppliers with their further keys.
fn configure(scene: &Scene, suppliers: &[(&str, &str, &str)]) {
    let table =
        |(name, url, keys): &(&str, &str, &str)| format!("[suppliers.{name}]\nurl = \"{url}\"\nretries = 0\n{keys}\n");
    let tables: String = suppliers.iter().map(table).collect();
    scene.write("suppliers.toml", format!("currency = \"EUR\"\n{tables}").as_bytes());
}

/// One supplier that answered once with this, and is silent now.
fn gone(body: &str, quantity: &str) -> Scene {
    let scene = Scene::new("");
    let supplier = Supplier::replying(body);
    configure(&scene, &[("acme", &supplier.url(), "")]);
    scene.run(&["widget", "--qty", quantity]);
    configure(&scene, &[("acme", NOWHERE, "")]);
    scene
}

/// Puts an offer of a silent supplier into the state, so many hours old.
fn known(supplier: &str, body: &str, hours: i64) -> Scene {
    let scene = Scene::new("");
    configure(&scene, &[(supplier, NOWHERE, "")]);
    know(&scene, supplier, body, hours);
    scene
}

fn know(scene: &Scene, supplier: &str, body: &str, hours: i64) {
    let mut store = Store::open(&scene.path(STATE)).unwrap().store;
    let now = Timestamp::now();
    let seen = SeenOffer {
        supplier: SupplierName::new(supplier),
        product: "widget".to_owned(),
        quantity: 10,
        currency: Currency::parse("EUR").unwrap(),
        price: None,
        offer: Some(body.to_owned()),
        valid_until: None,
        quoted_at: now - SignedDuration::from_hours(hours),
    };
    store.record(now, |changes| changes.add_offer(&seen)).unwrap();
}

fn rows(scene: &Scene) -> i64 {
    let connection = Connection::open(scene.path(STATE)).unwrap();
    connection.query_row("SELECT count(*) FROM offer", [], |row| row.get(0)).unwrap()
}

fn ten(scene: &Scene, flags: &[&str]) -> (Value, Run) {
    scene.json(&[&["widget", "--qty", "10"], flags].concat())
}

/// The suppliers whose quotes are listed, with their sources.
fn sources(document: &Value) -> Vec<(&str, &str)> {
    let quotes = document["allQuotes"].as_array().unwrap().iter();
    quotes.map(|quote| (quote["supplierId"].as_str().unwrap(), quote["source"].as_str().unwrap())).collect()
}

#[test]
fn what_a_silent_supplier_last_offered_stands_in_and_says_so() {
    let scene = gone(&offer("1.50"), "10");
    assert_eq!(ten(&scene, &[]).1.code, Some(3));
    let (document, run) = ten(&scene, &["--fallback", "history"]);
    assert_eq!((run.code, &document["degraded"], &document["failure"]), (Some(0), &json!(true), &Value::Null));
    let selected = &document["selected"];
    assert_eq!((&selected["source"], &selected["totalPrice"]), (&json!("history"), &json!(15.0)));
    let quoted_at: Timestamp = selected["quotedAt"].as_str().unwrap().parse().unwrap();
    assert!(quoted_at < document["startedAt"].as_str().unwrap().parse().unwrap());
    let acme = stats(&document, "acme");
    assert_eq!(
        (&acme["responded"], &acme["ranked"], &acme["errorKind"]),
        (&json!(false), &json!(0), &json!("connect"))
    );
    let warning = &document["warnings"][0];
    assert_eq!((&warning["kind"], &warning["supplier"]), (&json!("history_used"), &json!("acme")));
    let table = scene.run(&["widget", "--qty", "10", "--fallback", "history"]).stdout;
    assert!(table.contains("as of ") && table.contains(", from history"), "{table}");
    assert!(table.contains("0 of 1 supplier responded"), "{table}");
}

#[test]
fn an_offer_is_solved_again_for_this_quantity() {
    let scene = gone(TIERS, "10");
    let total = |quantity: &str| {
        let (document, _) = scene.json(&["widget", "--qty", quantity, "--fallback", "history"]);
        document["selected"]["totalPrice"].clone()
    };
    assert_eq!((total("10"), total("20"), total("200")), (json!(6.0), json!(12.0), json!(80.0)));
}

#[test]
fn a_price_that_was_asked_for_another_quantity_is_none_for_this_one() {
    let scene = gone(&offer("1.50"), "1000");
    assert_eq!(ten(&scene, &["--fallback", "history"]).1.code, Some(3));
}

#[test]
fn history_is_not_used_while_there_are_enough_responses_and_counts_for_none() {
    let scene = known("acme", &offer("1.00"), 1);
    let other = Supplier::replying(&offer("2.00"));
    configure(&scene, &[("acme", NOWHERE, ""), ("other", &other.url(), "")]);
    let (document, _) = ten(&scene, &["--fallback", "history"]);
    assert_eq!((sources(&document), &document["degraded"]), (vec![("other", "live")], &json!(false)));
    let (document, run) = ten(&scene, &["--fallback", "history", "--min-responses", "2"]);
    assert_eq!((run.code, sources(&document)), (Some(0), vec![("acme", "history"), ("other", "live")]));
    let (document, run) = ten(&scene, &["--fallback", "history", "--min-responses", "2", "--require", "acme"]);
    assert_eq!((run.code, sources(&document)), (Some(3), vec![("other", "live")]));
    assert_eq!(ten(&scene, &["--fallback", "history", "--require", "acme"]).0["failure"]["kind"], "required_missing");
}

#[test]
fn who_answered_is_never_stood_in_for() {
    let sold_out = r#"{"unitPrice": 1, "currency": "EUR", "inStock": false}"#;
    for answer in [sold_out, "[]"] {
        let scene = known("acme", &offer("1.00"), 1);
        let supplier = Supplier::replying(answer);
        configure(&scene, &[("acme", &supplier.url(), ""), ("other", NOWHERE, "")]);
        let (document, run) = ten(&scene, &["--fallback", "history", "--min-responses", "2"]);
        assert_eq!((run.code, sources(&document)), (Some(3), vec![]), "{answer}");
        let (document, run) = ten(&scene, &["--fallback", "history"]);
        assert_eq!((run.code, sources(&document)), (Some(1), vec![]), "{answer}");
        // It said so later than it made the offer, and that is what is known of it now.
        configure(&scene, &[("acme", NOWHERE, "")]);
        assert_eq!(ten(&scene, &["--fallback", "history"]).1.code, Some(3), "{answer}");
    }
}

#[test]
fn offers_that_are_too_old_or_have_ended_do_not_stand_in() {
    let scene = known("acme", &offer("1.00"), 30);
    let code = |flag: &str| ten(&scene, &["--fallback", flag]).1.code;
    assert_eq!(
        (code("history"), code("history=29h"), code("history=36h"), code("none")),
        (Some(3), Some(3), Some(0), Some(3))
    );
    let ended = r#"{"unitPrice": 1, "currency": "EUR", "inStock": true, "validUntil": "2020-01-01"}"#;
    assert_eq!(ten(&known("acme", ended, 1), &["--fallback", "history"]).1.code, Some(3));
    assert_eq!(ten(&known("acme", "garbage", 1), &["--fallback", "history"]).1.code, Some(3));
}

#[test]
fn a_key_turns_it_on_for_one_supplier_and_off_for_another() {
    let scene = known("acme", &offer("1.00"), 30);
    know(&scene, "other", &offer("2.00"), 30);
    let listed = |acme: &str, other: &str, flags: &[&str]| {
        configure(&scene, &[("acme", NOWHERE, acme), ("other", NOWHERE, other)]);
        let (document, _) = ten(&scene, flags);
        sources(&document).into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("fallback = \"history=2d\"", "", &[]), ["acme"]);
    assert_eq!(listed("fallback = \"history\"", "", &["--fallback", "history=2d"]), ["other"]);
    assert_eq!(listed("fallback = \"none\"", "", &["--fallback", "history=2d"]), ["other"]);
    assert_eq!(listed("fallback = \"history=2d\"", "", &["--fallback", "none"]), [""; 0]);
}

#[test]
fn when_every_circuit_is_open_history_stands_in() {
    let scene = Scene::new("");
    let failing = Supplier::with_status("500 Oops", b"");
    configure(&scene, &[("acme", &failing.url(), "")]);
    know(&scene, "acme", &offer("1.00"), 1);
    for _ in 0..5 {
        assert_eq!(ten(&scene, &[]).1.code, Some(3));
    }
    assert_eq!(ten(&scene, &[]).0["failure"]["kind"], "all_circuits_open");
    let (document, run) = ten(&scene, &["--fallback", "history"]);
    assert_eq!((run.code, &document["termination"]), (Some(0), &json!("not_started")));
    assert_eq!(sources(&document), [("acme", "history")]);
}

#[test]
fn a_vote_from_history_may_make_a_quorum() {
    let scene = known("acme", &offer("1.00"), 1);
    let [one, two] = ["1.00", "2.00"].map(|price| Supplier::replying(&offer(price)));
    let vote = |first: &Supplier| {
        configure(&scene, &[("acme", NOWHERE, ""), ("one", &first.url(), ""), ("two", &two.url(), "")]);
        let (document, run) = ten(&scene, &["--strategy", "majority", "--quorum", "2", "--fallback", "history"]);
        (run.code, document["quorum"]["got"].clone(), document["degraded"].clone())
    };
    assert_eq!(vote(&one), (Some(0), json!(2), json!(true)));
    let three = Supplier::replying(&offer("3.00"));
    assert_eq!(vote(&three), (Some(3), json!(1), json!(false)));
}

#[test]
fn only_what_suppliers_really_said_is_kept() {
    let scene = gone(&offer("1.50"), "10");
    assert_eq!(rows(&scene), 1);
    assert_eq!(ten(&scene, &["--fallback", "history"]).1.code, Some(0));
    assert_eq!(rows(&scene), 1, "what stands in is no news");
    let pretending = Scene::without_configuration();
    assert_eq!(pretending.run(&["--mock", "widget", "--fallback", "history"]).code, Some(0));
    assert!(!pretending.path(STATE).exists());
    let wrong = r#"{"productId": "gadget", "unitPrice": 1, "currency": "EUR", "inStock": true}"#;
    assert_eq!(ten(&gone(wrong, "10"), &["--fallback", "history"]).1.code, Some(3));
}

#[test]
fn an_interrupted_run_shows_what_was_gathered_and_nothing_old() {
    let scene = known("acme", &offer("1.00"), 1);
    let silent = Supplier::silent();
    configure(&scene, &[("acme", &silent.url(), "")]);
    let mut running =
        scene.start(&["widget", "--qty", "10", "--fallback", "history", "--json", "--timeout", "1m", "-v"]);
    running.wait_for("acme: asked");
    running.signal("INT");
    let run = running.finish();
    assert_eq!((run.code, sources(&run.json())), (Some(130), vec![]));
}
