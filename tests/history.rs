//! `pricecmp history`, on the real binary: what suppliers asked for in earlier runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use pricecmp::domain::{Currency, SupplierName};
use pricecmp::store::{SeenOffer, SeenPrice, Store};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{Scene, Supplier, csv_rows, offer};

/// A supplier that answers, and what it and another asked for before: cents, and so many days ago.
fn scene(known: &[(&str, i64, i64)]) -> (Scene, Supplier) {
    let supplier = Supplier::replying(&offer("1.56"));
    let scene = Scene::of(&[("acme", &supplier.url()), ("bolt", &supplier.url())]);
    let mut store = Store::open(&scene.path(".local/state/pricecmp/state.db")).unwrap().store;
    let now = Timestamp::now();
    let seen = |(name, cents, days): &(&str, i64, i64)| SeenOffer {
        supplier: SupplierName::new(name),
        product: "widget".to_owned(),
        quantity: 10,
        currency: Currency::parse("EUR").unwrap(),
        price: Some(SeenPrice { unit: Decimal::new(*cents, 3), total: Decimal::new(*cents, 2) }),
        offer: Some(offer("1")),
        valid_until: None,
        quoted_at: now - SignedDuration::from_hours(24 * days),
    };
    store.record(now, |changes| known.iter().try_for_each(|offer| changes.add_offer(&seen(offer)))).unwrap();
    (scene, supplier)
}

/// The document, held to its published schema.
fn prices(scene: &Scene, flags: &[&str]) -> Vec<Value> {
    let run = scene.run(&[&["history", "widget", "--json"], flags].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let schema = Command::new(env!("CARGO_BIN_EXE_pricecmp")).args(["schema", "history"]).output().unwrap().stdout;
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [String; 0], "{document:#}");
    assert_eq!((&document["schemaVersion"], &document["productId"]), (&json!(1), &json!("widget")));
    document["prices"].as_array().unwrap().clone()
}

#[test]
fn what_was_quoted_is_listed_for_scripts_with_what_changed() {
    let (scene, _supplier) = scene(&[("acme", 1600, 4), ("acme", 1500, 2), ("bolt", 2000, 1), ("gone", 1, 1)]);
    assert_eq!(scene.run(&["widget", "--qty", "10"]).code, Some(0));
    assert_eq!(scene.run(&["widget", "--qty", "3"]).code, Some(0));
    let line = |price: &Value| json!([price["supplierId"], price["totalPrice"], price["changePercent"]]);
    let found: Vec<Value> = prices(&scene, &["--qty", "10"]).iter().map(line).collect();
    let expected = [
        json!(["acme", 16.0, null]),
        json!(["acme", 15.0, -6.3]),
        json!(["bolt", 20.0, null]),
        json!(["acme", 15.6, 4]),
        json!(["bolt", 15.6, -22]),
    ];
    assert_eq!(found, expected);
    assert_eq!(prices(&scene, &[]).len(), 7, "every quantity");
    assert_eq!(prices(&scene, &["--supplier", "bolt"]).len(), 3);
}

#[test]
fn a_spreadsheet_gets_the_same() {
    let (scene, _supplier) = scene(&[("acme", 1600, 4), ("acme", 1500, 2)]);
    let run = scene.run(&["history", "widget", "--csv"]);
    let rows = csv_rows(&run.stdout);
    assert_eq!((run.code, rows.len()), (Some(0), 3));
    assert_eq!(rows[0].join(","), "supplierId,productId,quantity,currency,unitPrice,totalPrice,quotedAt,changePercent");
    assert_eq!((rows[2][5].as_str(), rows[2][7].as_str()), ("15.00", "-6.3"));
    assert_eq!(scene.run(&["history", "widget", "--csv", "--json"]).code, Some(2));
    let markdown = scene.run(&["history", "widget", "-f", "markdown"]);
    assert_eq!(
        (markdown.code, &*markdown.stderr),
        (
            Some(2),
            "error: `history` writes a table, JSON or CSV, and `--format` asks for something else\n\
             hint: use `--json` or `--csv`, or leave `--format` out\n"
        )
    );
}

#[test]
fn people_get_rows_and_a_chart() {
    let (scene, _supplier) = scene(&[("acme", 1600, 4), ("acme", 1500, 2), ("acme", 1560, 1)]);
    let table = scene.run(&["history", "widget"]).stdout;
    assert!(table.starts_with("WHEN") && table.contains("15.60 EUR  +4 %"), "{table}");
    assert!(table.contains("acme × 10  █▁▅  15.00 to 16.00 EUR, -2.5 % since "), "{table}");
    assert_eq!(scene.run(&["history", "gadget"]).stdout, "nothing is known of gadget\n");
    assert_eq!(scene.run(&["history", "widget", "--no-state"]).stdout, "nothing is known of widget\n");
}
