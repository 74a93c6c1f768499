//! A price list in the commands that look at a supplier step by step: what is shown, saved, replayed and mocked of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{Scene, stats};

/// A list as Germany exports it.
const LIST: &[u8] = b"Artikel;Preis;Gr\xf6\xdfe;Lager\r\nother;2,00;b;5\r\nwidget;1.234,50;a;10\r\nwidget;3,00;c;7\r\n";
/// How it is read.
const KEYS: &str = "currency = \"EUR\"\nshipping = 0\ntransit-days = 2\ndelimiter = \";\"\nencoding = \"windows-1252\"";
const COLUMN: &str = "product-column = \"Artikel\"";
const QUOTES: &str = r#"quotes = '''
{sku: (.Artikel + .["Größe"]), stockQuantity: .Lager, unitPrice: (.Preis | tonumber("."; ",")), leadTimeDays: 1}'''"#;

/// A supplier `acme` whose list this is.
fn scene(keys: &str, list: &[u8]) -> Scene {
    let scene =
        Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"file:prices/acme.csv\"\n{KEYS}\n{keys}\n"));
    scene.write("prices/acme.csv", list);
    scene
}

/// The same supplier with a mock that gives this out.
fn mocked(keys: &str, mock: &str) -> Scene {
    Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.acme]\nurl = \"file:${{FOLDER}}/acme.csv\"\n{KEYS}\n{keys}\n[suppliers.acme.mock]\n\
         {mock}\n"
    ))
}

fn articles(document: &Value) -> Vec<&str> {
    let quotes = document["allQuotes"].as_array().unwrap();
    quotes.iter().map(|quote| quote["sku"].as_str().unwrap()).collect()
}

/// The document of `explain`.
fn document_of(scene: &Scene) -> Value {
    serde_json::from_str(&scene.run(&["explain", "acme", "widget", "--json"]).stdout).unwrap()
}

/// A screen without what differs from run to run.
fn settled(screen: &str) -> String {
    let line = |line: &str| match line.split_once(" answered in ").and_then(|(_, rest)| rest.split_once(": ")) {
        Some((_, rest)) => format!("  answered in 1ms: {rest}\n"),
        None if line.starts_with("  changed: ") => "  changed: just now\n".to_owned(),
        None => format!("{line}\n"),
    };
    screen.lines().map(line).collect()
}

#[test]
fn a_list_is_explained_by_the_rows_about_the_product() {
    let scene = scene(&format!("{COLUMN}\n{QUOTES}"), LIST);
    let run = scene.run(&["explain", "acme", "widget", "--qty", "2"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let screen = settled(&run.stdout);
    insta::assert_snapshot!(screen.split_once("\nOffer 2").unwrap().0, @r#"
    acme: 2 × widget

    Request
      READ prices/acme.csv
      format: csv
      size: 82 bytes
      changed: just now

    Rows
      2 rows about the product

      line 3
      {
        "Artikel": "widget",
        "Preis": "1.234,50",
        "Größe": "a",
        "Lager": "10"
      }
      line 4
      {
        "Artikel": "widget",
        "Preis": "3,00",
        "Größe": "c",
        "Lager": "7"
      }

    Offer 1: widgeta
      sku            widgeta
      unitPrice      1234.50
      stockQuantity  10
      leadTimeDays   1
      currency       EUR (configuration)
      shipping       0.00 EUR (configuration)

      orders considered, amounts in EUR
      ORDER  UNIT PRICE    GOODS  SHIPPING    TOTAL
          2     1234.50  2469.00      0.00  2469.00  chosen

      quote: 2 pieces for 2469.00 EUR (goods 2469.00 + shipping 0.00), delivery in 3 days
    "#);
    let live = scene.run(&["check", "--live", "--product", "widget"]);
    assert!(live.stdout.contains("\n  2 rows about the product\n  Offer 1: widgeta"), "{}", live.stdout);
    let document = document_of(&scene);
    let schema: Value = serde_json::from_str(&scene.run(&["schema", "explain"]).stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document), "{document:#}");
    let reply = &document["exchanges"][0]["reply"];
    assert_eq!((&reply["places"], &reply["rows"]), (&json!(["line 3", "line 4"]), &json!(2)));
    assert_eq!(reply["body"].as_str().unwrap().lines().count(), 2);
}

#[test]
fn a_list_without_rows_about_the_product_or_that_is_not_there_is_told_apart() {
    let scene = scene(&format!("{COLUMN}\n{QUOTES}"), LIST);
    let none = scene.run(&["explain", "acme", "gadget"]);
    assert_eq!(none.code, Some(1));
    assert!(none.stdout.contains("\nRows\n  no row about the product\n\nResult\n"), "{}", none.stdout);
    fs::remove_file(scene.path("prices/acme.csv")).unwrap();
    let missing = scene.run(&["explain", "acme", "widget"]);
    assert_eq!(missing.code, Some(3));
    let said = "  error: no such file or directory\n\nResult\n  price list cannot be read: `prices/acme.csv`";
    assert!(missing.stdout.contains(said), "{}", missing.stdout);
}

#[test]
fn hostile_and_many_rows_stay_text_on_one_screen() {
    let row = "widget;1,00;\x1b]0;x\x07\u{202e};7\n".replace(";x", "x");
    let list = format!("\u{feff}Artikel;Preis;Größe;Lager\n{}", row.repeat(2_000));
    let scene = scene(&format!("{COLUMN}\n{QUOTES}"), list.as_bytes());
    // Every run is held to output without control characters.
    let run = scene.run(&["explain", "acme", "widget"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("\n  2000 rows about the product\n\n  line 2\n"), "{}", run.stdout);
    assert!(run.stdout.contains(" more lines: `--save-replies` keeps all of it\n"), "{}", run.stdout);
    assert!(run.stdout.lines().count() < 250);
    let document = document_of(&scene);
    assert_eq!(document["exchanges"][0]["reply"]["places"].as_array().unwrap().len(), 2_000);
}

#[test]
fn a_replay_reads_the_rows_that_were_about_the_product_then() {
    for keys in [format!("{COLUMN}\n{QUOTES}"), QUOTES.replace("{sku", "select(.Artikel == $product) | {sku")] {
        let scene = scene(&keys, LIST);
        let arguments = ["widget", "--qty", "2", "--json"];
        let saved = scene.run(&[&arguments[..], &["--save-replies", "replies"]].concat());
        assert_eq!((saved.code, saved.stderr.as_str()), (Some(0), "saved 1 reply in `replies`\n"));
        assert_eq!(articles(&saved.json()), ["widgetc", "widgeta"]);
        let explained = settled(&scene.run(&["explain", "acme", "widget", "--qty", "2"]).stdout);
        let rows = fs::read_to_string(scene.path("replies/acme.ndjson")).unwrap();
        assert!(!rows.contains("other") && rows.lines().count() == 2, "{rows}");
        for list in [Some(&b"Artikel;Preis;Gr\xf6\xdfe;Lager\r\nwidget;0,01;z;10\r\n"[..]), Some(b"broken"), None] {
            match list {
                Some(list) => drop(scene.write("prices/acme.csv", list)),
                None => fs::remove_file(scene.path("prices/acme.csv")).unwrap(),
            }
            let replayed = scene.run(&[&arguments[..], &["--replay", "replies"]].concat());
            assert_eq!((replayed.code, replayed.stdout), (Some(0), saved.stdout.clone()));
            let again = scene.run(&["explain", "acme", "widget", "--qty", "2", "--replay", "replies"]);
            assert_eq!(settled(&again.stdout), explained);
        }
        // Another mapping makes another result of the same rows.
        let configuration = fs::read_to_string(scene.path("suppliers.toml")).unwrap();
        scene.write("suppliers.toml", configuration.replace("leadTimeDays: 1", "leadTimeDays: 5").as_bytes());
        let (document, _) = scene.json(&["widget", "--qty", "2", "--replay", "replies"]);
        assert_eq!(document["cheapest"]["deliveryDays"], 7);
        // The rows are a list to try, too.
        let tried = scene.run(&["check", "--reply", "replies/acme.ndjson"]);
        assert_eq!(tried.code, Some(0), "{}{}", tried.stdout, tried.stderr);
        assert!(
            tried.stdout.starts_with("acme: replies/acme.ndjson, 2 × widget\n  2 rows about it\n"),
            "{}",
            tried.stdout
        );
    }
}

#[test]
fn failures_of_a_list_and_lists_without_the_product_are_replayed() {
    let keys = format!("{COLUMN}\n{QUOTES}\nmax-age = \"1h\"");
    let broken: Vec<u8> = LIST.iter().map(|byte| if *byte == b'3' { b'x' } else { *byte }).collect();
    for (list, product, kind) in [
        (Some(LIST), "gadget", Value::Null),
        (Some(&broken[..]), "widget", json!("mapping")),
        (Some(&b"Artikel;Preis\nwidget\n"[..]), "widget", json!("file_unreadable")),
        (Some(b"Part;Price\n"), "widget", json!("mapping")),
        (None, "widget", json!("file_unreadable")),
    ] {
        let scene = scene(&keys, list.unwrap_or_default());
        if list.is_none() {
            fs::remove_file(scene.path("prices/acme.csv")).unwrap();
        }
        let saved = scene.run(&[product, "--json", "--save-replies", "replies"]);
        assert_eq!(stats(&saved.json(), "acme")["errorKind"], kind);
        scene.write("prices/acme.csv", LIST);
        let replayed = scene.run(&[product, "--json", "--replay", "replies"]);
        assert_eq!((replayed.code, replayed.stdout), (saved.code, saved.stdout));
        if kind == "mapping" {
            // What stands behind the row that failed was never read, so another filter makes no whole result of it.
            let filter = "quotes = '{sku: \"x\", unitPrice: 1, inStock: true}'";
            let configuration = fs::read_to_string(scene.path("suppliers.toml")).unwrap();
            scene.write("suppliers.toml", configuration.replace(QUOTES, filter).as_bytes());
            let (document, _) = scene.json(&[product, "--replay", "replies"]);
            assert_eq!(stats(&document, "acme")["errorKind"], "mapping");
        }
    }
}

#[test]
fn a_run_of_which_no_list_was_saved_is_not_replayed_with_the_list_of_today() {
    let scene = scene(&format!("{COLUMN}\n{QUOTES}"), LIST);
    scene.run(&["widget", "--save-replies", "replies"]);
    let index = fs::read_to_string(scene.path("replies/replies.toml")).unwrap();
    scene.write("replies/replies.toml", index.split("[[reply]]").next().unwrap().as_bytes());
    let replayed = scene.run(&["widget", "--replay", "replies"]);
    assert_eq!((replayed.code, replayed.stdout.as_str()), (Some(2), ""));
    assert!(replayed.stderr.starts_with("error: `replies` has no reply to `READ prices/acme.csv`\n"));
    scene.write("replies/replies.toml", index.as_bytes());
    fs::remove_file(scene.path("replies/acme.ndjson")).unwrap();
    let replayed = scene.run(&["widget", "--replay", "replies"]);
    assert_eq!(replayed.code, Some(2));
    assert!(replayed.stderr.contains("cannot read `acme.ndjson`: no such file"), "{}", replayed.stderr);
}

#[test]
fn a_mock_gives_out_rows_of_the_list_in_its_own_format() {
    let keys = format!("{COLUMN}\n{QUOTES}");
    let own = mocked(&keys, "body-file = \"excerpt.csv\"");
    own.write("excerpt.csv", LIST);
    let text = mocked(
        &keys,
        "body = '''\nArtikel;Preis;Größe;Lager\nother;1,00;ä;9\nwidget;3,00;c;7\nwidget;1.234,50;a;10\n'''",
    );
    let rows = br#"{"Artikel": "widget", "Preis": "3,00", "Gr\u00f6\u00dfe": "c", "Lager": 7}
        {"Artikel": "widget", "Preis": "1.234,50", "Gr\u00f6\u00dfe": "a", "Lager": "10"}"#;
    let ndjson = mocked(&keys, "body-file = \"rows.ndjson\"");
    ndjson.write("rows.ndjson", rows);
    let array = mocked(&keys, "body-file = \"rows.json\"");
    array.write("rows.json", format!("[{}]", String::from_utf8_lossy(rows).replace('\n', ",")).as_bytes());
    for scene in [own, text, ndjson, array] {
        let (document, run) = scene.json(&["widget", "--mock"]);
        assert_eq!((run.code, articles(&document)), (Some(0), vec!["widgetc", "widgeta"]), "{}", run.stderr);
        assert_eq!(stats(&document, "acme")["transport"], "file");
        let (document, run) = scene.json(&["gadget", "--mock"]);
        assert_eq!((run.code, &document["allQuotes"]), (Some(1), &json!([])));
        let explained = scene.run(&["explain", "acme", "widget", "--mock"]);
        assert!(explained.stdout.contains("\nRows\n  2 rows about the product\n"), "{}", explained.stdout);
        // What was saved of mocks is replayed without them, and without a variable.
        let saved = scene.run(&["widget", "--mock", "--json", "--save-replies", "replies"]);
        let replayed = scene.run(&["widget", "--json", "--replay", "replies"]);
        assert_eq!((replayed.code, replayed.stdout), (saved.code, saved.stdout), "{}", replayed.stderr);
    }
}

#[test]
fn a_mock_of_a_list_that_is_wrong_or_fails_says_so() {
    let keys = format!("{COLUMN}\n{QUOTES}\nretries = 0");
    for (mock, kind, said) in [
        ("body = '''\nPart;Price\nwidget;1,00\n'''", "mapping", "there is no column `Artikel`; the columns are `Part`"),
        ("body = '''\nArtikel;Preis;Größe;Lager\nwidget;x;c;7\n'''", "mapping", "line 2: "),
        ("body = '''\nArtikel;Preis\nwidget\n'''", "file_unreadable", "line 2: 1 cell, and the header has 2"),
        ("body = '''\nArtikel;Preis\n'''\nstatus = 500", "http_status", "500"),
        ("body = '''\nArtikel;Preis\n'''\nerror-rate = 1\nerror = \"close\"", "connection_closed", ""),
    ] {
        let (document, _) = mocked(&keys, mock).json(&["widget", "--mock"]);
        let acme = stats(&document, "acme");
        assert_eq!(acme["errorKind"], kind, "{acme:#}");
        assert!(acme["error"].as_str().unwrap().contains(said), "{acme:#}");
    }
    let again = mocked(
        &keys.replace("retries = 0", "retries = 1"),
        "body = '''\nArtikel;Preis;Größe;Lager\nwidget;3,00;c;7\n'''\nfail-first = 1",
    );
    let saved = again.run(&["widget", "--mock", "--json", "--save-replies", "replies"]);
    assert_eq!((stats(&saved.json(), "acme")["attempts"].clone(), saved.code), (json!(2), Some(0)));
    assert_eq!(again.run(&["widget", "--json", "--replay", "replies"]).stdout, saved.stdout);
}

#[test]
fn a_mock_of_a_list_in_the_wires_own_columns_may_have_offers() {
    let mock = "[[suppliers.acme.mock.offers]]\nunit-price = \"4\"\nsku = \"M-1\"";
    let scene = mocked(COLUMN, mock);
    let (document, run) = scene.json(&["widget", "--mock", "--save-replies", "replies"]);
    assert_eq!(document["cheapest"]["sku"], "M-1", "{}", run.stderr);
    let (document, _) = scene.json(&["widget", "--replay", "replies"]);
    assert_eq!(document["cheapest"]["sku"], "M-1");
}
