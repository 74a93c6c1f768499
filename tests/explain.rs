//! `explain` and `check --live`: what one supplier, or every supplier, answered; and `--save-replies`.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;

use serde_json::Value;
use support::{CANARY, Scene, Supplier, offer, without_measured};

/// A reply in another API's format.
const REPLY: &str = r#"{"parts": [
  {"id": "GX-9", "qty": 5000, "days": 9,
   "breaks": [{"min": 1, "price": "$0.55"}, {"min": 50, "price": "$0.41"}, {"min": 100, "price": "$0.30"}]},
  {"id": "GX-10", "qty": 50, "days": 2, "breaks": [{"min": 1, "price": "$0.20"}]}]}"#;

/// The keys of the supplier that sends it.
const KEYS: &str = r#"
tax-included-percent = 19
shipping = "4.90"
quotes = '''
  .parts[] | {sku: .id, currency: "USD", stockQuantity: .qty, deliveryDays: .days,
              priceBreaks: [.breaks[] | {quantity: .min, unitPrice: (.price | tonumber(","; "."))}]}'''"#;

/// A configuration with one supplier at this URL, with a secret header.
fn scene(url: &str, keys: &str) -> Scene {
    Scene::new(&format!(
        "currency = \"EUR\"\n[rates]\nbase = \"EUR\"\ndate = 2026-11-20\nUSD = \"1.0842\"\n[suppliers.globex]\n\
         url = \"{url}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}\n{keys}\n"
    ))
}

/// A screen without what differs from run to run: ports, the run's id, times.
fn settled(screen: &str) -> String {
    let line = |line: &str| {
        if line.starts_with("  x-correlation-id: ") {
            return "  x-correlation-id: ID\n".to_owned();
        }
        let answered =
            line.split_once(" answered in ").and_then(|(before, after)| Some((before, after.split_once(": ")?.1)));
        let line = match answered {
            Some((before, after)) => format!("{before} answered in 12ms: {after}"),
            None => line.to_owned(),
        };
        let port = line.split_once("127.0.0.1:").map(|(before, after)| {
            format!("{before}127.0.0.1:PORT{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit()))
        });
        port.unwrap_or(line) + "\n"
    };
    screen.lines().map(line).collect()
}

/// Holds a document to what `pricecmp schema explain` prints.
fn assert_valid(scene: &Scene, document: &Value) {
    let schema: Value = serde_json::from_str(&scene.run(&["schema", "explain"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The explanation of the supplier that sends the reply.
fn explained() -> String {
    let supplier = Supplier::with_headers("200 OK", &["content-type: application/json"], REPLY.as_bytes());
    let run = scene(&supplier.url(), KEYS).run(&["explain", "globex", "widget", "--qty", "95"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    settled(&run.stdout)
}

#[test]
fn the_request_and_the_reply_are_shown_as_they_were() {
    let screen = explained();
    let (exchange, _) = screen.split_once("Offer 1").unwrap();
    insta::assert_snapshot!(exchange, @r#"
    globex: 95 × widget

    Request
      GET http://127.0.0.1:PORT/quotes/widget?quantity=95
      accept: application/json
      accept-encoding: gzip, br, zstd
      user-agent: pricecmp/0.1.0
      connection: close
      authorization: Bearer ***
      x-correlation-id: ID

    Reply
      HTTP status 200, application/json, 245 bytes

      {
        "parts": [
          {
            "id": "GX-9",
            "qty": 5000,
            "days": 9,
            "breaks": [
              {
                "min": 1,
                "price": "$0.55"
              },
              {
                "min": 50,
                "price": "$0.41"
              },
              {
                "min": 100,
                "price": "$0.30"
              }
            ]
          },
          {
            "id": "GX-10",
            "qty": 50,
            "days": 2,
            "breaks": [
              {
                "min": 1,
                "price": "$0.20"
              }
            ]
          }
        ]
      }
    "#);
}

#[test]
fn offers_are_explained_step_by_step() {
    let screen = explained();
    let start = screen.find("Offer 1").unwrap();
    insta::assert_snapshot!(&screen[start..], @r#"
    Offer 1: GX-9
      sku                 GX-9
      priceBreaks         0.55 from 1, 0.41 from 50, 0.30 from 100
      currency            USD
      stockQuantity       5000
      deliveryDays        9
      shipping            4.90 EUR (configuration)
      taxIncludedPercent  19 (configuration)

      orders considered, amounts in USD
      ORDER  UNIT PRICE  GOODS  SHIPPING  TOTAL
         95        0.41  38.95      5.31  44.26  permitted, but costs more
        100        0.30  30.00      5.31  35.31  chosen: 6.93 EUR less than 95

      conversion: 35.31 USD with 19 % tax at 1.0842 USD a EUR (rates with base EUR of 2026-11-20) =
      27.37 EUR
      quote: 100 pieces for 27.37 EUR (goods 23.25 + shipping 4.12), delivery in 9 days

    Offer 2: GX-10
      sku                 GX-10
      priceBreaks         0.20 from 1
      currency            USD
      stockQuantity       50
      deliveryDays        2
      shipping            4.90 EUR (configuration)
      taxIncludedPercent  19 (configuration)

      orders considered, amounts in USD
      ORDER  UNIT PRICE  GOODS  SHIPPING  TOTAL
         95        0.20  19.00      5.31  24.31  more than there is in stock

      rejected: 95 needed, 50 in stock

    Result
      answered in 12ms: 2 offers, 1 quote, 1 rejected
      cheapest: GX-9, 100 pieces for 27.37 EUR (goods 23.25 + shipping 4.12), delivery in 9 days
    "#);
}

#[test]
fn an_explanation_fits_a_narrow_terminal() {
    let scene = Scene::without_configuration();
    let screen =
        support::in_terminal(&scene, 60, &["explain", "acme", "widget", "-n", "95", "--mock", "--no-progress"]);
    let plain: Vec<String> = screen.lines().map(without_colour).collect();
    assert!(plain.iter().all(|line| line.chars().count() <= 60), "{plain:#?}");
    assert!(screen.contains("\u{1b}[1mOffer 1: A-100\u{1b}[0m"), "{screen}");
    let orders: Vec<&str> =
        plain.iter().map(String::as_str).skip_while(|line| !line.contains("orders considered")).take(6).collect();
    insta::assert_snapshot!(orders.join("\n"), @"
    orders considered, amounts in EUR
    ORDER  UNIT PRICE  GOODS  SHIPPING  TOTAL
       95        0.45  42.75      2.90  45.65
      permitted, but costs more
      100        0.40  40.00      2.90  42.90
      chosen: 2.75 EUR less than 95
    ");
}

fn without_colour(line: &str) -> String {
    let parts = line.split("\u{1b}[").enumerate();
    parts
        .map(|(position, part)| if position == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
        .collect()
}

#[test]
fn the_document_has_every_step() {
    let supplier = Supplier::replying(REPLY);
    let scene = scene(&supplier.url(), KEYS);
    let arguments = ["explain", "globex", "widget", "--qty", "95"];
    let run = scene.run(&[&arguments[..], &["--json"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_valid(&scene, &document);
    assert_eq!(document["exchanges"][0]["reply"]["body"], REPLY);
    assert_eq!(document["offers"][1]["rejection"]["reason"], "insufficient_stock");
    let filter = ".offers[0].orders[] | \"\\(.quantity) \\(.total) \\(.comparedTotal) \\(.verdict)\"";
    let filtered = scene.run(&[&arguments[..], &["--jq", filter, "--output", "orders.txt"]].concat());
    assert_eq!(filtered.code, Some(0), "{}", filtered.stderr);
    assert_eq!(
        fs::read_to_string(scene.path("orders.txt")).unwrap(),
        "95 44.26 34.30 not_cheaper\n100 35.31 27.37 chosen\n"
    );
    assert!(filtered.stdout.starts_with("globex: 95 × widget\n"));
}

#[test]
fn an_explanation_exits_as_a_comparison_of_this_supplier_alone() {
    let empty = Supplier::replying("[]");
    let broken = Supplier::with_status("500 Oops", b"<html>");
    let out = Supplier::replying(r#"{"unitPrice": 1, "currency": "EUR", "inStock": false}"#);
    for (url, code, said) in [
        (empty.url(), 1, "does not carry the product"),
        (out.url(), 1, "rejected: out of stock"),
        (broken.url(), 3, "HTTP status 500, internal server error"),
        ("http://127.0.0.1:1/".to_owned(), 3, "could not connect"),
    ] {
        let scene = scene(&url, "retries = 0");
        let run = scene.run(&["explain", "globex", "widget"]);
        assert_eq!(run.code, Some(code), "{}", run.stdout);
        assert!(
            run.stdout.contains(said) && run.stdout.contains("\nRequest\n  GET http://127.0.0.1:"),
            "{}",
            run.stdout
        );
        let document = scene.run(&["explain", "globex", "widget", "--json"]);
        assert_eq!(document.code, Some(code));
        let document: Value = serde_json::from_str(&document.stdout).unwrap();
        assert_valid(&scene, &document);
        assert_eq!(document["exitCode"], code);
    }
}

#[test]
fn what_cannot_be_explained_is_an_error() {
    let supplier = Supplier::replying("[]");
    let scene = scene(&supplier.url(), "");
    for (arguments, message) in [
        (vec!["explain", "globox", "widget"], "no supplier is named `globox`"),
        (vec!["explain", "globex"], "<PRODUCT>"),
        (vec!["explain", "globex", ".."], "is no product, but a step in a path"),
        (vec!["explain", "globex", "widget", "--format", "csv"], "writes a table or JSON"),
        (vec!["explain", "globex", "widget", "--mock"], "no supplier has a mock"),
    ] {
        let run = scene.run(&arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{message}");
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
    assert_eq!(scene.run(&["explain", "globex", "widget", "--dry-run"]).code, Some(0));
    assert_eq!(supplier.requests(), [""; 0]);
}

#[test]
fn a_secret_that_comes_back_is_masked_and_hostile_text_stays_text() {
    let reply = format!(
        r#"[{{"sku": "\u001b[2J\u202eevil", "url": "{CANARY}", "unitPrice": "\u001b]0;x\u0007", "currency": "EUR"}}]"#
    );
    let supplier = Supplier::with_headers("200 OK", &[&format!("content-type: text/{CANARY}")], reply.as_bytes());
    let scene = scene(&supplier.url(), "");
    // Every run is held to output without the secret and without control characters.
    for flags in [&[][..], &["--json"], &["--save-replies", "replies"]] {
        let run = scene.run(&[&["explain", "globex", "widget"], flags].concat());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stdout.contains("***"), "{}", run.stdout);
    }
    for file in ["globex.json", "replies.toml"] {
        let text = fs::read_to_string(scene.path("replies").join(file)).unwrap();
        assert!(!text.contains(CANARY) && text.contains("***"), "{text}");
    }
    assert_eq!(scene.run(&["check", "--live", "--product", "widget"]).code, Some(0));
}

#[test]
fn a_long_reply_is_cut_and_kept_whole_in_a_file() {
    let offers: Vec<String> = (1..500).map(|price| offer(&price.to_string())).collect();
    let reply = format!("[{}]", offers.join(","));
    let supplier = Supplier::replying(&reply);
    let scene = scene(&supplier.url(), "");
    let run = scene.run(&["explain", "globex", "widget", "--save-replies", "a/b"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "saved 1 reply in `a/b`\n"));
    assert!(run.stdout.contains(" more lines: `--save-replies` keeps all of it\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  and 489 more offers: `--json` has them all\n"), "{}", run.stdout);
    assert!(run.stdout.lines().count() < 250);
    assert_eq!(fs::read_to_string(scene.path("a/b/globex.json")).unwrap(), reply);
}

#[test]
fn a_saved_reply_serves_as_a_mock_that_gives_the_same_quotes() {
    let supplier = Supplier::replying(REPLY);
    let keys = format!("{KEYS}\n[suppliers.broken]\nurl = \"http://127.0.0.1:1/\"\nretries = 0");
    let scene = scene(&supplier.url(), &keys);
    let compared = scene.run(&["widget", "--qty", "95", "--json", "--save-replies", "replies"]);
    assert_eq!((compared.code, compared.stderr.as_str()), (Some(0), "saved 1 reply in `replies`\n"));
    let configuration = fs::read_to_string(scene.path("suppliers.toml")).unwrap();
    let with_mock = format!("{configuration}\n[suppliers.globex.mock]\nbody-file = \"replies/globex.json\"\n");
    scene.write("mocked.toml", with_mock.as_bytes());
    let replayed = scene.run(&["widget", "--qty", "95", "--json", "--mock", "-c", "mocked.toml", "--quiet"]);
    let quotes = |text: &str| {
        let document: Value = serde_json::from_str(&without_measured(text)).unwrap();
        (document["allQuotes"].clone(), document["rejected"].clone())
    };
    assert_eq!(quotes(&replayed.stdout), quotes(&compared.stdout));
    assert_eq!(quotes(&compared.stdout).0.as_array().unwrap().len(), 1);
    let index = settled(&fs::read_to_string(scene.path("replies/replies.toml")).unwrap());
    insta::assert_snapshot!(&index[index.find("[supplier.failure]").unwrap()..], @r#"
    [supplier.failure]
    kind = "connect"
    detail = "connection refused"

    [[reply]]
    file = "globex.json"
    supplier = "globex"
    product = "widget"
    quantity = 95
    request = "GET http://127.0.0.1:PORT/quotes/widget?quantity=95"
    status = 200
    "#);
    let tried = scene.run(&["check", "--reply", "replies/globex.json"]);
    assert!(tried.stdout.starts_with("globex: replies/globex.json, 95 × widget\n"), "{}{}", tried.stdout, tried.stderr);
}

#[test]
fn every_reply_is_saved_errors_as_well_and_a_folder_that_cannot_be_made_is_told() {
    let (good, bad) = (Supplier::replying(&offer("1")), Supplier::with_status("500 Oops", b"<html>oops</html>"));
    let scene = Scene::of(&[("acme", &good.url()), ("globex", &bad.url()), ("hooli", "http://127.0.0.1:1/")]);
    let run = scene.run(&["widget", "--save-replies", "replies"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut files: Vec<String> = fs::read_dir(scene.path("replies"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["acme.json", "globex.html", "replies.toml"]);
    scene.write("file", b"");
    let run = scene.run(&["widget", "--save-replies", "file/replies", "--json"]);
    assert_eq!(run.code, Some(5));
    run.json();
    assert!(run.stderr.contains("could not be written to `file/replies`: not a directory"), "{}", run.stderr);
}

#[test]
fn every_supplier_is_asked_once_and_told_what_to_change() {
    let filter = "retries = 3\nquotes = '.parts[] | {sku: .id, unitPrice: .breaks[0].price, stockQuantity: .qty}'";
    let (odd, good, broken) =
        (Supplier::replying(REPLY), Supplier::replying(&offer("1.50")), Supplier::with_status("401 No", b"who?"));
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.odd]\nurl = \"{}\"\n{filter}\n[suppliers.good]\nurl = \"{}\"\n\
         [suppliers.broken]\nurl = \"{}\"\nretries = 3\n",
        odd.url(),
        good.url(),
        broken.url()
    ));
    let run = scene.run(&["check", "--live", "--product", "widget", "--qty", "10"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""));
    insta::assert_snapshot!(settled(&run.stdout), @r#"
    10 × widget

    odd
      answered in 12ms: 2 offers, 0 quotes, 2 rejected
      HTTP status 200, 245 bytes
      Offer 1: GX-9   rejected: `unitPrice` is `$0.55`: not a number
      Offer 2: GX-10  rejected: `unitPrice` is `$0.20`: not a number
      - `unitPrice` is `$0.55`: write `unitPrice: (… | tonumber(","; "."))`, which makes 0.55 of it

    good
      answered in 12ms: 1 offer, 1 quote, 0 rejected
      HTTP status 200, 89 bytes
      Offer 1  10 pieces for 15.00 EUR (goods 15.00 + shipping 0.00), delivery in 3 days

    broken
      HTTP status 401, unauthorized
      HTTP status 401, 4 bytes
      - look at the credentials in `headers` or `url` of `[suppliers.broken]`

    2 of 3 suppliers answered something understood
    "#);
    for supplier in [&odd, &good, &broken] {
        assert_eq!(supplier.requests().len(), 1);
    }
    let some = scene.run(&["check", "--live", "--product", "widget", "--exclude", "broken"]);
    assert_eq!(some.code, Some(0), "{}", some.stdout);
    let nothing = scene.run(&["check", "--live"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""));
    assert_eq!(nothing.stderr, "error: `--live` asks for a product, and none is named\nhint: add `--product NAME`\n");
    let unasked = scene.run(&["check", "--save-replies", "replies"]);
    assert_eq!((unasked.code, unasked.stdout.as_str()), (Some(2), ""));
    let told = "error: `--save-replies` has nothing to save: no supplier is asked\nhint: add `--live`\n";
    assert_eq!(unasked.stderr, told);
}

#[test]
fn the_mocks_are_asked_for_what_they_have() {
    let run = Scene::without_configuration().run(&["check", "--live", "--mock", "--supplier", "acme,bolt"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("1 × widget\n\nacme\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n2 of 2 suppliers answered something understood\n"), "{}", run.stdout);
}

#[test]
fn an_interrupt_shows_what_there_is() {
    let (good, silent) = (Supplier::replying(&offer("1")), Supplier::silent());
    let scene = Scene::of(&[("good", &good.url()), ("silent", &silent.url())]);
    for (arguments, shown) in [
        (&["check", "--live", "--product", "widget"][..], "\nsilent\n  cancelled before it answered\n"),
        (&["explain", "silent", "widget", "--exclude", "good"][..], "\nResult\n  cancelled before it answered\n"),
    ] {
        let mut running = scene.start(&[arguments, &["-v", "--timeout", "30s"]].concat());
        running.wait_for("silent: asked");
        running.signal("INT");
        let run = running.finish();
        assert_eq!(run.code, Some(130), "{}", run.stderr);
        assert!(run.stdout.contains(shown), "{}", run.stdout);
        assert!(run.stderr.ends_with("error: interrupted before every supplier was done\n"), "{}", run.stderr);
    }
}
