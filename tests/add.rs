//! `pricecmp init` and `pricecmp add`: from nothing to a comparison.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::Value;
use support::{Run, Scene, Supplier};

const SEARCH: &str = r#"{"Errors": [], "Found": {"Parts": [
    {"PartNumber": "other", "Stock": "12", "PriceBreaks": [{"Quantity": 1, "Price": "9,50 €", "Currency": "EUR"}]},
    {"PartNumber": "widget", "Stock": "5.000", "PriceBreaks": [
        {"Quantity": 1, "Price": "0,62 €", "Currency": "EUR"}, {"Quantity": 100, "Price": "0,41 €", "Currency": "EUR"}]}]}}"#;

const EMPTY: &str = "# mine\ncurrency = \"EUR\"   # ours\n";

fn text(scene: &Scene) -> String {
    fs::read_to_string(scene.path("suppliers.toml")).unwrap()
}

/// Where the supplier answers, asked for these.
fn asked(supplier: &Supplier, rest: &str) -> String {
    supplier.url().replace("/quotes/{product}{?quantity}", rest)
}

fn unit_price(scene: &Scene, arguments: &[&str]) -> (Value, Value) {
    let (document, run) = scene.json(arguments);
    assert_eq!(run.code, Some(0), "{}{}", run.stderr, run.stdout);
    (document["cheapest"]["unitPrice"].clone(), document["cheapest"]["currency"].clone())
}

fn failed(run: &Run, code: i32, words: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{words}");
    assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
}

#[test]
fn init_writes_a_starter_that_works_at_once() {
    let scene = Scene::without_configuration();
    let run = scene.run(&["init"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("wrote `suppliers.toml`\n\n  pricecmp --mock widget --qty 60 "), "{}", run.stdout);
    let mode = fs::metadata(scene.path("suppliers.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it may come to hold secrets");
    assert_eq!(scene.run(&["check"]).stdout, "suppliers.toml: ok, 2 suppliers to ask: acme, globex\n");
    let (document, run) = scene.json(&["--mock", "widget"]);
    assert_eq!((run.code, document["allQuotes"].as_array().unwrap().len()), (Some(0), 2), "{}", run.stderr);
    assert_eq!(document["warnings"], Value::Array(Vec::new()));
}

#[test]
fn a_hostile_name_of_a_file_is_shown_without_harm() {
    let scene = Scene::new(EMPTY);
    // Each run is searched for control characters when it ends.
    for code in [0, 2] {
        let run = scene.run(&["init", "a\u{1b}[31m\u{202e}\n.toml"]);
        assert_eq!(run.code, Some(code), "{}", run.stderr);
    }
}

#[test]
fn init_leaves_what_is_there_alone() {
    let scene = Scene::new(EMPTY);
    failed(
        &scene.run(&["init"]),
        2,
        "error: `suppliers.toml` is there already, and stays as it is\nhint: name another file",
    );
    assert_eq!(text(&scene), EMPTY);
    for (arguments, name) in [(&["init", "b.toml"], "b.toml"), (&["init", "--config=c.toml"], "c.toml")] {
        let run = scene.run(arguments);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains(&format!("pricecmp --config {name} check")), "{}", run.stdout);
        assert_eq!(scene.run(&["check", "--config", name]).code, Some(0));
    }
    failed(&scene.run(&["init", "no/such/folder/x.toml"]), 5, "could not be written to `no/such/folder/x.toml`");
}

#[test]
fn a_supplier_is_added_by_its_url_and_asked_at_once() {
    let supplier = Supplier::replying(SEARCH);
    let scene = Scene::new(EMPTY);
    let url = asked(&supplier, "/search?keyword=widget&quantity=5");
    let run = scene.run(&["add", "acme", &url, "--product", "widget", "--qty", "5"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("[suppliers.acme]\nurl = \"http://127.0.0.1:"), "{}", run.stdout);
    assert!(run.stdout.contains("/search?keyword={product}{&quantity}\"\n"), "{}", run.stdout);
    assert!(run.stdout.contains("widget   5000  EUR       0.62 from 1, 0.41 from 100\n"), "{}", run.stdout);
    assert!(run.stderr.contains("`suppliers.toml` has supplier `acme`\n"), "{}", run.stderr);
    let written = text(&scene);
    assert!(written.starts_with(EMPTY) && run.stdout.starts_with(&written[EMPTY.len() + 1..]), "{written}");
    let mode = fs::metadata(scene.path("suppliers.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    assert_eq!(scene.run(&["check"]).code, Some(0));
    assert_eq!(unit_price(&scene, &["widget", "--qty", "5"]).0.to_string(), "0.62");
    assert_eq!(unit_price(&scene, &["widget", "--qty", "200"]).0.to_string(), "0.41");
    assert_eq!(unit_price(&scene, &["other"]).0.to_string(), "9.5");
    assert!(supplier.requests().last().unwrap().starts_with("GET /search?keyword=other&quantity=1 HTTP/1.1\r\n"));
}

#[test]
fn secrets_are_sent_and_never_written() {
    let supplier = Supplier::replying(r#"{"sku": "A", "unit_price": 2.5, "currency": "EUR", "in_stock": true}"#);
    let scene = Scene::new(EMPTY);
    let url = asked(&supplier, "/p/widget?apikey=hunter2");
    let arguments =
        ["add", "acme", &url, "--product", "widget", "-H", "Authorization: Bearer hunter3", "-H", "X-Lang: de"];
    let dry = scene.run(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert!(
        dry.stdout.contains("/p/widget?apikey=***\n") && dry.stdout.contains("Authorization: Bearer ***\n"),
        "{}",
        dry.stdout
    );
    assert_eq!((supplier.requests().len(), text(&scene).as_str()), (0, EMPTY));

    let run = scene.run(&[&arguments[..], &["-vv"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let request = supplier.requests()[0].to_lowercase();
    assert!(request.starts_with("get /p/widget?apikey=hunter2 http/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: bearer hunter3\r\n") && request.contains("x-lang: de\r\n"), "{request}");
    for shown in [&run.stdout, &run.stderr, &dry.stdout, &dry.stderr, &text(&scene)] {
        assert!(!shown.contains("hunter"), "{shown}");
    }
    for name in ["ACME_APIKEY", "ACME_TOKEN"] {
        assert!(run.stderr.contains(&format!("hint: set the variable `{name}`")), "{}", run.stderr);
    }
    failed(&scene.run(&["widget"]), 2, "the environment has no variable `ACME_APIKEY`");
    let scene = scene.with_variable("ACME_APIKEY", "hunter2").with_variable("ACME_TOKEN", "hunter3");
    assert_eq!(unit_price(&scene, &["widget"]).0.to_string(), "2.5");
    assert_eq!(supplier.requests()[1].to_lowercase().lines().next(), request.lines().next());
}

#[test]
fn secrets_that_a_reply_repeats_are_neither_written_nor_shown() {
    let offer = r#"{"sku": "hunter2", "price": 2.5, "currency": "EUR", "in_stock": "hunter3: yes, in stock"}"#;
    for reply in [format!(r#"{{"of hunter2": [{offer}]}}"#), r#"{"error": "not hunter2, nor hunter3"}"#.to_owned()] {
        let supplier = Supplier::replying(&reply);
        let scene = Scene::new(EMPTY);
        let url = asked(&supplier, "/p/widget?apikey=hunter2");
        let run = scene.run(&["add", "acme", &url, "-H", "Authorization: Bearer hunter3", "-vv"]);
        for shown in [&run.stdout, &run.stderr, &text(&scene)] {
            assert!(!shown.contains("hunter"), "{shown}");
        }
    }
}

#[test]
fn a_saved_reply_is_looked_at_and_tried_as_a_mock() {
    let scene = Scene::new("currency = \"USD\"\n");
    let reply = scene.write("reply.json", br#"{"items": [{"sku": "S-1", "price_cents": 1999, "stock": 3}]}"#);
    let run = scene.run(&["add", "shop", "reply.json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("check: the reply names no currency; `currency` is set to the one"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: set `url`: a file does not say where"), "{}", run.stderr);
    assert!(text(&scene).contains("# check: where the supplier is asked\nurl = "), "{}", text(&scene));
    fs::write(scene.path("suppliers.toml"), text(&scene) + "mock.body-file = \"reply.json\"\n").unwrap();
    let (price, currency) = unit_price(&scene, &["--mock", "widget"]);
    assert_eq!((price.to_string(), currency), ("19.99".to_owned(), "USD".into()));
    drop(reply);
}

#[test]
fn an_api_that_is_asked_by_post_gets_its_request() {
    let supplier = Supplier::replying(SEARCH);
    let scene = Scene::new(EMPTY);
    scene.write("request.json", br#"{"keyword": "widget", "lines": [{"count": 5}], "page": 10}"#);
    let url = asked(&supplier, "/search");
    let arguments = ["add", "acme", &url, "--product", "widget", "--qty", "5", "--request", "request.json"];
    let dry = scene.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(dry.stdout.contains("POST ") && dry.stdout.contains("\"widget\""), "{}{}", dry.stdout, dry.stderr);
    let run = scene.run(&arguments);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("asks the same"), "{}", run.stderr);
    let filter = "request = \"{keyword: $product, lines: [{count: $quantity}], page: 10}\"\n";
    assert!(text(&scene).contains(filter), "{}", text(&scene));
    assert_eq!(unit_price(&scene, &["widget", "--qty", "200"]).0.to_string(), "0.41");
    let requests = supplier.requests();
    let sent = [
        r#"{"keyword":"widget","lines":[{"count":5}],"page":10}"#,
        r#"{"keyword":"widget","lines":[{"count":200}],"page":10}"#,
    ];
    for (request, body) in requests.iter().zip(sent) {
        assert!(request.starts_with("POST /search HTTP/1.1\r\n") && request.ends_with(body), "{request}");
        assert!(request.to_lowercase().contains("content-type: application/json\r\n"), "{request}");
    }
    scene.write("secret.json", br#"{"apiKey": "hunter2"}"#);
    let run = scene.run(&["add", "b", &url, "--request", "secret.json"]);
    failed(&run, 2, "`apiKey` in the request may be a secret, and none is written into a configuration\nhint: ");
    scene.write("same.json", br#"{"q": "x"}"#);
    let run = scene.run(&["add", "b", &url, "--request", "same.json", "--product", "widget"]);
    assert!(run.stderr.contains("`request` asks the same whatever the quantity is"), "{}", run.stderr);
    assert!(run.stderr.contains("it asks the same whatever the product is"), "{}", run.stderr);
}

#[test]
fn stdin_and_the_prices_currency_and_url_can_be_given() {
    let scene = Scene::new(EMPTY);
    let line = ["add", "shop", "-", "--prices-in", "usd", "--url", "https://shop.example/{product}?key=${MINE}"];
    let mut command = scene.command(&line);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"[{\"sku\": \"S\", \"price\": 3}]").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = text(&scene);
    assert!(
        written.contains("url = \"https://shop.example/{product}?key=${MINE}\"\ncurrency = \"USD\"\n"),
        "{written}"
    );
    failed(&scene.run(&["add", "b", "-", "--prices-in", "dollars"]), 2, "`--prices-in`: `dollars` is not a currency");
}

#[test]
fn what_goes_wrong_is_told_and_writes_nothing() {
    let good = scene_file("good.json", r#"[{"price": 3, "sku": "A"}]"#);
    for (arguments, code, words) in [
        (
            &["add", "acme", "good.json"][..],
            2,
            "there is a supplier `acme` in `suppliers.toml`\nhint: choose another name, or `--replace` it",
        ),
        (&["add", "a b", "good.json"], 2, "`a b` is not a name of a supplier"),
        (&["add", "b", "missing.json"], 2, "cannot read `missing.json`: no such file or directory"),
        (&["add", "b", "broken.json"], 2, "the reply is not JSON: line 1, column 1"),
        (&["add", "b", "weights.json"], 2, "nothing in the reply looks like a price\n  .weight = 3\nhint: "),
        (&["add", "b", "error.json"], 2, "the reply is an error: no such key"),
        (&["add", "b", "http://127.0.0.1:9/x"], 3, "the supplier did not answer: could not connect"),
        (&["add", "b", "ftp://a.example/x"], 2, "`url` of supplier `b`"),
        (&["add", "b", "good.json", "-H", "nonsense"], 2, "`--header` has no `:`"),
        (&["add", "b", "http://127.0.0.1:9/x", "-H", "Upgrade: x"], 2, "header `Upgrade` is set by pricecmp itself"),
        (&["add", "b", "http://127.0.0.1:9/${UNSET}"], 2, "the environment has no variable `UNSET`"),
    ] {
        let before = text(&good);
        failed(&good.run(arguments), code, words);
        assert_eq!(text(&good), before, "{words}");
    }
    let none = Scene::without_configuration();
    none.write("good.json", b"[{\"price\": 3}]");
    let hint = "there is no configuration that a supplier could be added to\nhint: `pricecmp init` writes one";
    failed(&none.run(&["add", "b", "good.json"]), 2, hint);
    let wrong = Scene::new("currencey = \"EUR\"\n");
    failed(&wrong.run(&["add", "b", "good.json"]), 2, "did you mean `currency`?");
}

fn scene_file(name: &str, content: &str) -> Scene {
    let scene = Scene::new("currency = \"EUR\"\n[suppliers.acme]\nurl = \"https://a.example/{product}\"\n");
    scene.write(name, content.as_bytes());
    scene.write("broken.json", b"<html>");
    scene.write("weights.json", b"{\"weight\": 3}");
    scene.write("error.json", b"{\"error\": \"no such key\"}");
    scene
}

#[test]
fn an_answer_that_is_an_error_is_told_as_a_comparison_does() {
    let refusing = Supplier::with_status("403 Forbidden", br#"{"message": "key hunter2 is not allowed"}"#);
    let scene = Scene::new(EMPTY);
    let run = scene.run(&["add", "acme", &asked(&refusing, "/p?key=hunter2")]);
    failed(&run, 3, "the supplier did not answer: HTTP status 403, forbidden: key *** is not allowed");
    let silent = Supplier::silent();
    let run = scene.run(&["add", "acme", &asked(&silent, "/p"), "--timeout", "200ms"]);
    failed(&run, 3, "the supplier did not answer: no reply within 200ms");
    assert_eq!(text(&scene), EMPTY);
}

#[test]
fn a_supplier_is_replaced_and_nothing_else() {
    let scene = scene_file("good.json", r#"[{"price": 3, "sku": "A", "currency": "EUR"}]"#);
    let before = text(&scene) + "\n# the other\n[suppliers.other]\nurl = \"https://b.example\" # b\n";
    fs::write(scene.path("suppliers.toml"), &before).unwrap();
    let run = scene.run(&["add", "acme", "good.json", "--replace", "--url", "https://c.example/{product}", "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let after = text(&scene);
    assert!(
        after.starts_with("currency = \"EUR\"\n[suppliers.acme]\nurl = \"https://c.example/{product}\"\n"),
        "{after}"
    );
    assert!(after.ends_with("\n# the other\n[suppliers.other]\nurl = \"https://b.example\" # b\n"), "{after}");
}

#[test]
fn hostile_names_in_a_reply_do_no_harm() {
    let scene = Scene::new(EMPTY);
    let reply = r#"{"'''\n[suppliers.evil]\u001b[31m\u202e": [{"price": 2.5, "\"\"\"\\(1)": "x", "currency": "EUR", "sku": "\u001b[2J"}]}"#;
    scene.write("hostile.json", reply.as_bytes());
    let run = scene.run(&["add", "b", "hostile.json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for shown in [&run.stdout, &run.stderr, &text(&scene)] {
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
    assert_eq!(scene.run(&["check"]).stdout, "suppliers.toml: ok, 1 supplier to ask: b\n");
}
