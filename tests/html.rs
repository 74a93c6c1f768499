//! `--html` and `--orders`: files beside the result.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;

use support::{Scene, Supplier, offer};

/// The rows of a CSV file, its header among them.
fn rows(scene: &Scene, file: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(scene.path(file)).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_product_has_a_page_beside_its_table() {
    let scene = Scene::without_configuration();
    let run = scene.run(&["--mock", "widget", "--qty", "95", "--html", "report.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("95 × widget\n"), "the table is printed as ever");
    let page = fs::read_to_string(scene.path("report.html")).unwrap();
    for part in ["<h1>95 × widget</h1>", "<h2>Price by quantity</h2>", "class=\"curves\"", "95 asked for", "</html>\n"]
    {
        assert!(page.contains(part), "{part}");
    }
    for outside in [" src=", "<link", "url(", "@import", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_basket_has_a_page_and_a_file_an_order() {
    let scene = Scene::without_configuration();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/order.csv");
    scene.write("orders/older.csv", b"product\n");
    scene.write("orders/acme.csv", b"older\n");
    let run = scene.run(&["basket", file, "--mock", "--html", "report.html", "--orders", "orders"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "wrote 2 orders to `orders`\nwarning: not of this order, but in the same folder: `older.csv`\n"
    );
    let page = fs::read_to_string(scene.path("report.html")).unwrap();
    assert!(page.contains("<h1>12 lines for 116.05 EUR in 2 orders, all there in 12 days</h1>"), "{page}");
    assert!(page.contains("10.08 more") && page.contains("all from acme"));
    let acme = rows(&scene, "orders/acme.csv");
    assert_eq!(acme.len(), 1 + 8);
    assert_eq!(acme[0][..2], ["productId", "sku"]);
    assert_eq!(acme[1], ["widget", "A-100", "", "", "", "24", "0.60", "14.40", "EUR", "9", "2", "24"]);
    assert_eq!(rows(&scene, "orders/foundry.csv").len(), 1 + 4);
}

#[test]
fn an_order_is_what_its_supplier_charges_and_runs_nowhere() {
    let body =
        r#"{"unitPrice": "0.378159", "currency": "USD", "inStock": true, "shipping": 0, "sku": "=HYPERLINK(1)"}"#;
    let supplier = Supplier::replying(body);
    let configuration = format!(
        "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = 1.0842\n[suppliers.acme]\nurl = \"{}\"\n",
        supplier.url()
    );
    let scene = Scene::new(&configuration);
    scene.write("order.csv", b"product,qty\n+1,95\n");
    let run = scene.run(&["basket", "order.csv", "--orders", "new/orders", "-q"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let row = &rows(&scene, "new/orders/acme.csv")[1];
    assert_eq!(row[..2], ["'+1", "'=HYPERLINK(1)"]);
    // A rounded total divided by its quantity would be 0.378211.
    assert_eq!(row[5..9], ["95", "0.378159", "35.93", "USD"]);
}

#[test]
fn a_page_that_cannot_be_written_is_exit_5_and_the_result_is_printed() {
    let supplier = Supplier::replying(&offer("7.00"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"product,qty\nwidget,1\n");
    for arguments in
        [&["widget", "--html"][..], &["basket", "order.csv", "--html"], &["basket", "order.csv", "--orders"]]
    {
        let run = scene.run(&[arguments, &["suppliers.toml/x"]].concat());
        assert_eq!(run.code, Some(5), "{arguments:?}: {}", run.stderr);
        assert!(run.stdout.contains("7.00"), "{}", run.stdout);
        assert!(
            run.stderr.contains("error: the result could not be written to `suppliers.toml/x`: "),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn what_has_no_order_has_no_page() {
    let supplier = Supplier::replying(&offer("7.00"));
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"product,qty\nwidget,1\n");
    for flag in ["--html", "--orders"] {
        let run = scene.run(&["basket", "order.csv", "--no-optimize", "--format", "ndjson", flag, "x"]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.ends_with("hint: leave out `--html` and `--orders`, or use `--json`\n"), "{}", run.stderr);
    }
    let run = scene.run(&["widget", "--dry-run", "--html", "x"]);
    assert_eq!(run.code, Some(2), "a dry run has no result");
    assert_eq!(supplier.requests(), [] as [String; 0]);
}
