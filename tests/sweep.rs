//! Sweeps: one product at several quantities, over real sockets, and what is said of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use support::{Run, Scene, Supplier, csv_rows, without_times};

/// Runs a sweep over suppliers and reads its document, held to its schema.
fn sweep(scene: &Scene, flags: &[&str]) -> (Value, Run) {
    let run = scene.run(&[&["widget", "--json"], flags].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    let schema = Command::new(env!("CARGO_BIN_EXE_pricecmp")).args(["schema", "sweep"]).output().unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema.stdout).unwrap()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "the output breaks its schema: {errors:#?}");
    (document, run)
}

/// The quantity that a request asks for.
fn quantity(request: &str) -> u64 {
    let (_, rest) = request.split_once("quantity=").unwrap();
    rest.split([' ', '&']).next().unwrap().parse().unwrap()
}

/// A supplier with a price of its own for each quantity; 0 = it has none in stock.
fn shop(price: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Supplier {
    Supplier::answering(move |request| {
        let price = price(quantity(request));
        let body = json!({"sku": "S", "unitPrice": price.max(1), "currency": "EUR", "inStock": price > 0,
                          "shipping": 0, "deliveryDays": 3});
        ("200 OK", body.to_string())
    })
}

/// Suppliers that are asked with the quantity in their URL.
fn scene(suppliers: &[(&str, &Supplier)]) -> Scene {
    let tables = suppliers.iter().map(|(name, supplier)| {
        format!("[suppliers.{name}]\nurl = \"{}/{{product}}{{?quantity}}\"\n", supplier.origin())
    });
    Scene::new(&format!("currency = \"EUR\"\n{}", tables.collect::<String>()))
}

/// A screen of the shipped mocks.
fn screen(columns: usize, arguments: &str) -> String {
    let arguments = format!("--mock widget {arguments} --no-progress");
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    without_times(&support::in_terminal(&Scene::without_configuration(), columns, &arguments))
}

#[test]
fn sixty_columns() {
    insta::assert_snapshot!(screen(60, "--qty 1,10,500 --color never"), @"
    1, 10, 500 × widget, totals in EUR

    SUPPLIER       1      10       500
    corner      3.31  10.41     376.88
    acme        3.50   8.90     202.90
    dakota      4.81  10.79     336.19
    everest     5.18  12.60*  rejected
    bolt        7.50  17.40     556.40
    foundry     7.88  10.23*    465.00
    cheapest  corner    acme      acme

    corner is cheapest at 1, acme from 10; it changes between 1
    and 10
    other currencies are converted by the rates of 2026-11-20
    * the total of an order that is not the quantity asked for

    Rejected
      globex GX-1   out of stock
      everest E-12  at 500: only 360 in stock

    Failed
      hooli    HTTP status 503, service unavailable: this mock
               supplier answers 503 as configured, retry in 30s
      initech  no reply within 400ms

    7 of 9 suppliers responded in 405ms, at every quantity
    ");
}

#[test]
fn a_hundred_columns() {
    insta::assert_snapshot!(screen(100, "--qty 1 --qty 500,10,1 --sort supplier --max-total 300 --color never"), @"
    1, 10, 500 × widget, totals in EUR

    SUPPLIER     1      EACH      10      EACH       500      EACH
    acme      3.50  0.60       8.90   0.60        202.90  0.40
    bolt      7.50  1.10      17.40   1.10        556.40  1.10
    corner    3.31  0.798319  10.41   0.747899    376.88  0.747899
    dakota    4.81  0.664084  10.79   0.664084    336.19  0.664084
    everest   5.18  0.98      12.60*  0.70      rejected
    foundry   7.88  0.93      10.23*  0.93        465.00  0.93
    cheapest          corner              acme                acme

    corner is cheapest at 1, acme from 10; it changes between 1 and 10
    other currencies are converted by the rates of 2026-11-20
    * the total of an order that is not the quantity asked for

    Rejected
      globex GX-1   out of stock
      everest E-12  at 500: only 360 in stock

    Failed
      hooli    HTTP status 503, service unavailable: this mock supplier answers 503 as configured, retry
               in 30s
      initech  no reply within 400ms

    7 of 9 suppliers responded in 405ms, at every quantity
    at 1: gate passed: total 3.31 EUR is within 300.00 EUR
    at 10: gate passed: total 8.90 EUR is within 300.00 EUR
    at 500: gate passed: total 202.90 EUR is within 300.00 EUR
    ");
}

#[test]
fn quantities_that_do_not_fit_beside_each_other_follow_below() {
    let quantities = "--qty 1,2,5,10,20,50,100,200,500,1000 --supplier acme,corner --color never";
    insta::assert_snapshot!(screen(60, quantities), @"
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 × widget, totals in
    EUR

    SUPPLIER       1     2     5     10     20     50    100
    corner      3.31  4.11  6.50  10.41  17.89  40.33  77.72
    acme        3.50  4.10  5.90   8.90  14.90  25.40  42.90
    cheapest  corner  acme  acme   acme   acme   acme   acme

    SUPPLIER     200     500    1000
    corner    152.51  376.88  750.83
    acme       82.90  202.90  402.90
    cheapest    acme    acme    acme

    corner is cheapest at 1, acme from 2; it changes between 1
    and 2

    2 of 2 suppliers responded in 405ms, at every quantity
    ");
}

#[test]
fn in_colour_and_the_cheapest_alone() {
    let text = screen(60, "--qty 1,10 --strategy best").replace('\u{1b}', "␛");
    insta::assert_snapshot!(text, @"
    ␛[1m1, 10 × widget, totals in EUR␛[0m

    ␛[2mSUPPLIER     1      EACH     10      EACH␛[0m
    corner    ␛[1;32m3.31  0.798319␛[0m  10.41  0.747899
    acme      3.50  0.60       ␛[1;32m8.90  0.60    ␛[0m
    cheapest          ␛[1;32mcorner␛[0m             ␛[1;32macme␛[0m

    ␛[1;32mcorner is cheapest at 1, acme at 10; it changes between 1␛[0m
    ␛[1;32mand 10␛[0m
    ␛[2mother currencies are converted by the rates of 2026-11-20␛[0m

    ␛[2m7 of 9 suppliers responded in 405ms, at every quantity␛[0m
    ");
}

#[test]
fn every_quantity_has_the_document_of_a_comparison() {
    let (low, high) = (shop(|quantity| if quantity < 50 { 2 } else { 9 }), shop(|_| 5));
    let scene = scene(&[("low", &low), ("high", &high)]);
    let (document, run) = sweep(&scene, &["--qty", "100,10", "-n", "20", "--qty", "10"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(document["request"]["quantities"], json!([10, 20, 100]));
    let change = json!({"fromQuantity": 20, "toQuantity": 100, "from": "low", "to": "high", "cause": "price"});
    assert_eq!(document["changes"], json!([change]));
    assert_eq!((low.requests().len(), high.requests().len()), (3, 3));
    let mut ids = Vec::new();
    for (comparison, expected) in document["comparisons"].as_array().unwrap().iter().zip([20, 40, 500]) {
        support::assert_valid(comparison);
        assert_eq!(comparison["cheapest"]["totalPrice"].to_string(), format!("{expected}.0"));
        ids.push(comparison["correlationId"].as_str().unwrap());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each quantity has an id of its own");
    let line = scene.run(&["widget", "--qty", "10,20", "--format", "ndjson"]);
    assert_eq!(line.stdout.lines().count(), 1);
    let cheapest = scene.run(&["widget", "--qty", "10,100", "--jq", ".comparisons[].cheapest.supplierId"]);
    assert_eq!(cheapest.stdout, "low\nhigh\n");
}

#[test]
fn csv_has_a_row_a_quote_and_quantity() {
    let supplier = shop(|_| 5);
    let run = scene(&[("acme", &supplier)]).run(&["widget", "--qty", "10,20", "--format", "csv"]);
    let rows = csv_rows(&run.stdout);
    let column = |name| rows[0].iter().position(|column| column == name).unwrap();
    let cells: Vec<_> = rows[1..].iter().map(|row| (&*row[column("quantity")], &*row[column("totalPrice")])).collect();
    assert_eq!(cells, [("10", "50.00"), ("20", "100.00")]);
}

#[test]
fn markdown_names_the_cheapest_in_its_cell() {
    let (dear, cheap) = (shop(|_| 5), shop(|quantity| if quantity < 50 { 2 } else { 0 }));
    let run = scene(&[("dear", &dear), ("cheap", &cheap)]).run(&["widget", "--qty", "10,60", "--format", "markdown"]);
    insta::assert_snapshot!(without_times(&run.stdout), @"
    **10, 60 × widget, totals in EUR**

    | Supplier | 10 | 60 |
    | --- | ---: | ---: |
    | cheap | 20.00 (2.00 each), cheapest | rejected |
    | dear | 50.00 (5.00 each) | 300.00 (5.00 each), cheapest |

    - cheap is cheapest at 10, dear at 60; it changes between 10 and 60 (one of the two cannot deliver both)

    **Rejected**

    - cheap S: at 60: out of stock

    **Run**

    - 2 of 2 suppliers responded in 405ms, at every quantity
    ");
}

#[test]
fn a_supplier_that_takes_many_lines_is_asked_for_each_quantity_alone() {
    let supplier = Supplier::answering(|request| {
        let total = quantity(request) * 2;
        ("200 OK", json!({"productId": "widget", "totalPrice": total, "currency": "EUR", "inStock": true}).to_string())
    });
    let scene = Scene::new(&format!(
        "currency = \"EUR\"\n[suppliers.acme]\nurl = \"{}/{{?quantity}}\"\nbatch = 50\n\
         request = '{{parts: [$lines[].productId]}}'\nmethod = \"POST\"\n",
        supplier.origin()
    ));
    let (document, run) = sweep(&scene, &["--qty", "10,20,30"]);
    let total = |at: usize| document["comparisons"][at]["cheapest"]["totalPrice"].to_string();
    assert_eq!([total(0), total(1), total(2)], ["20.0", "40.0", "60.0"], "{}", run.stderr);
    assert_eq!(supplier.requests().len(), 3);
}

#[test]
fn what_is_missing_is_told_by_quantity_and_the_gravest_code_counts() {
    let (few, failing) =
        (shop(|quantity| if quantity < 50 { 2 } else { 0 }), Supplier::with_status("404 Not Found", b""));
    let scene = scene(&[("few", &few), ("failing", &failing)]);
    let (document, run) = sweep(&scene, &["--qty", "10,60"]);
    assert_eq!((run.code, &document["exitCode"]), (Some(1), &json!(1)));
    let change = json!({"fromQuantity": 10, "toQuantity": 60, "from": "few", "to": null, "cause": "cannot_deliver"});
    assert_eq!(document["changes"], json!([change]));
    assert!(run.stderr.starts_with("error: at 60: no supplier can deliver\nhint: "), "{}", run.stderr);
    let table = scene.run(&["widget", "--qty", "10,60"]);
    for expected in [
        "few is cheapest at 10, nobody can deliver at 60; it changes between 10 and 60 (one of the two cannot deliver both)",
        "  few S  at 60: out of stock",
        "  failing  HTTP status 404",
    ] {
        assert!(table.stdout.replace('\n', " ").contains(expected), "{expected} in\n{}", table.stdout);
    }
    let (_, run) = sweep(&scene, &["--qty", "10,20", "--max-total", "30"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(4), "error: at 20: gate failed: total 40.00 EUR is above 30.00 EUR\n")
    );
    let (_, run) = sweep(&scene, &["--qty", "10,60", "--require", "failing"]);
    assert_eq!(run.code, Some(3));
}

#[test]
fn a_supplier_that_is_silent_at_one_quantity_costs_only_that_one() {
    let flaky = Supplier::answering(|request| match quantity(request) {
        10 => ("404 Not Found", String::new()),
        _ => ("200 OK", support::offer("1.00")),
    });
    let steady = shop(|_| 5);
    let scene = scene(&[("flaky", &flaky), ("steady", &steady)]);
    let (document, _) = sweep(&scene, &["--qty", "10,20"]);
    assert_eq!(document["changes"][0]["cause"], "no_response");
    let table = scene.run(&["widget", "--qty", "10,20"]);
    assert!(table.stdout.contains("(one of the two did not respond)"), "{}", table.stdout);
    assert!(table.stdout.contains("\n1 of 2 suppliers responded in "), "{}", table.stdout);
}

#[test]
fn one_deadline_is_for_all_quantities() {
    let (silent, quick) = (Supplier::silent(), shop(|_| 5));
    let scene = scene(&[("silent", &silent), ("quick", &quick)]);
    let (document, run) = sweep(&scene, &["--qty", "10,20", "--timeout", "300ms"]);
    assert_eq!((run.code, &document["termination"]), (Some(0), &json!("deadline")));
    for comparison in document["comparisons"].as_array().unwrap() {
        assert_eq!(support::stats(comparison, "silent")["errorKind"], "timeout");
        assert_eq!(comparison["cheapest"]["supplierId"], "quick");
    }
}

#[test]
fn history_stands_in_and_prices_that_moved_are_told_by_quantity() {
    let is_gone = Arc::new(AtomicBool::new(false));
    let (asked, answer) = (Arc::clone(&is_gone), support::offer("5"));
    let supplier = Supplier::answering(move |_| {
        if asked.load(Ordering::SeqCst) {
            return ("404 Not Found", String::new());
        }
        ("200 OK", answer.clone())
    });
    let scene = scene(&[("acme", &supplier)]);
    let flags = ["--qty", "10,20", "--state", "s.db"];
    let (_, run) = sweep(&scene, &flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let (document, _) = sweep(&scene, &[&flags[..], &["--max-increase", "5%"]].concat());
    for (comparison, total) in document["comparisons"].as_array().unwrap().iter().zip(["50.0", "100.0"]) {
        assert_eq!(comparison["cheapest"]["previous"]["totalPrice"].to_string(), total);
        assert_eq!(comparison["gates"][0]["passed"], true);
    }
    is_gone.store(true, Ordering::SeqCst);
    let (document, run) = sweep(&scene, &[&flags[..], &["--fallback", "history"]].concat());
    assert_eq!((run.code, &document["comparisons"][1]["degraded"]), (Some(0), &json!(true)), "{}", run.stderr);
    let table = scene.run(&[&["widget", "--fallback", "history"], &flags[..]].concat());
    assert!(table.stdout.contains("~ an earlier offer, from history"), "{}", table.stdout);
}

#[test]
fn a_dry_run_shows_the_request_for_each_quantity() {
    let supplier = shop(|_| 5);
    let run = scene(&[("acme", &supplier)]).run(&["widget", "--qty", "10,20", "--dry-run"]);
    assert!(run.stdout.contains("?quantity=10\n") && run.stdout.contains("?quantity=20\n"), "{}", run.stdout);
    assert_eq!(supplier.requests(), [] as [String; 0]);
}

#[test]
fn what_means_nothing_at_several_quantities_is_refused_with_a_hint() {
    let scene = Scene::without_configuration();
    let refused = |arguments: &[&str]| {
        let run = scene.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        run.stderr
    };
    let sweep = |flags: &[&str]| refused(&[&["widget", "--mock", "--qty", "10,20"], flags].concat());
    let strategy = "error: `--strategy first` and `majority` stop before everybody has answered, which does not tell who \
                    is cheapest at which quantity\nhint: leave `--strategy` out, or give one `--qty`\n";
    assert_eq!(sweep(&["--strategy", "first"]), strategy);
    assert_eq!(sweep(&["--strategy", "majority"]), strategy);
    assert_eq!(
        sweep(&["--save-replies", "replies"]),
        "error: `--save-replies` keeps the replies to one quantity\nhint: give one `--qty`, and a folder to each\n"
    );
    assert_eq!(
        sweep(&["--html", "report.html"]),
        "error: `--html` writes the page of one quantity\nhint: give one `--qty`, and a file to each\n"
    );
    assert_eq!(
        refused(&["widget", "--qty", "10,20", "--replay", "replies"]),
        "error: `--replay` is for a comparison at one quantity\nhint: give the `--qty` that was asked for\n"
    );
    for command in [&["check"][..], &["explain", "acme", "widget"], &["history", "widget"], &["mock"]] {
        let told = refused(&[command, &["--qty", "10,20"]].concat());
        let expected =
            "error: several quantities are for a comparison of one product\nhint: give one `--qty`, or none\n";
        assert_eq!(told, expected, "{command:?}");
    }
}
