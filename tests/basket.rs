//! Baskets: files of many lines, asked about over real sockets, and what is said of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::hostile::{self, Server};
use support::{Run, Running, Scene, Supplier, offer};

/// A document, held to what `pricecmp schema SUBJECT` prints.
fn valid(text: &str, subject: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"));
    let schema = Command::new(env!("CARGO_BIN_EXE_pricecmp")).args(["schema", subject]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "the output breaks its schema: {errors:#?}");
    document
}

/// Asks about the lines of a file, and reads the document.
fn basket(scene: &Scene, lines: &str, flags: &[&str]) -> (Value, Run) {
    scene.write("order.csv", lines.as_bytes());
    let run = scene.run(&[&["basket", "order.csv", "--json"], flags].concat());
    assert!(!run.stdout.is_empty(), "{}", run.stderr);
    (valid(&run.stdout, "basket"), run)
}

/// The product that a request is about.
fn product(request: &str) -> String {
    let path = request.split(['?', ' ']).nth(1).unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A supplier that offers everything at this price, with this shipping, but not what is named so.
fn shop(price: &'static str, shipping: &'static str, not: &'static [&'static str]) -> Supplier {
    Supplier::answering(move |request| {
        if not.contains(&product(request).as_str()) {
            return ("200 OK", "[]".to_owned());
        }
        let body = offer(price).replace(r#""shipping": 0"#, &format!(r#""shipping": {shipping}"#));
        ("200 OK", body)
    })
}

fn orders(document: &Value) -> Vec<(String, Vec<u64>)> {
    let lines =
        |order: &Value| order["lines"].as_array().unwrap().iter().map(|line| line["line"].as_u64().unwrap()).collect();
    let orders = document["orders"].as_array().unwrap();
    orders.iter().map(|order| (order["supplierId"].as_str().unwrap().to_owned(), lines(order))).collect()
}

#[test]
fn the_shipped_basket_beats_what_people_would_buy() {
    let scene = Scene::without_configuration();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/order.csv");
    let run = scene.run(&["basket", file, "--mock", "--json"]);
    let document = valid(&run.stdout, "basket");
    assert_eq!((run.code, document["lines"].as_array().unwrap().len()), (Some(0), 12));
    for naive in ["cheapestLines", "oneSupplier", "fastestLines"] {
        let more = document["naive"][naive]["more"].as_f64().unwrap();
        assert!(more > 0.0, "{naive}: {more}");
    }
    let bought: usize = orders(&document).iter().map(|(_, lines)| lines.len()).sum();
    assert_eq!(bought, 12);
}

#[test]
fn lines_that_travel_together_pay_shipping_once() {
    let (dear, cheap) = (shop("2.00", "1.00", &[]), shop("1.00", "5.00", &[]));
    let scene = Scene::of(&[("dear", &dear.url()), ("cheap", &cheap.url())]);
    let (document, run) = basket(&scene, "product,qty\na,1\nb,1\nc,1\nd,1\ne,1\n", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(orders(&document), [("cheap".to_owned(), vec![2, 3, 4, 5, 6])]);
    assert_eq!(document["purchase"]["totalPrice"].to_string(), "10.0");
    assert_eq!(document["naive"]["cheapestLines"]["totalPrice"].to_string(), "11.0");
    let first = &document["orders"][0]["lines"][0];
    assert_eq!(
        (&first["motive"], &first["reason"]),
        (&"together".into(), &"cheaper with the rest; alone dear is".into())
    );
    assert_eq!((dear.requests().len(), cheap.requests().len()), (5, 5));
    let (document, _) = basket(&scene, "a,1\nb,1\n", &["--no-optimize"]);
    assert_eq!((&document["optimality"], orders(&document)[0].0.as_str()), (&Value::Null, "dear"));
}

#[test]
fn every_bad_line_is_told_before_anything_is_sent() {
    let supplier = shop("1.00", "0", &[]);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"part;menge\nwidget;1.000\n;2\ngadget;3\n\"nut\n;4\n");
    let run = scene.run(&["basket", "order.csv", "--json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        run.stderr,
        "error: 3 wrong lines of `order.csv`:\n  line 2: the quantity `1.000` is not a whole number, written in digits \
         alone\n  line 3: it names no product\n  line 5, column 1: a quote that is never closed\nhint: what follows \
         cannot be told apart, so that it cannot be left out\n"
    );
    scene.write("order.csv", b"part;menge\nwidget;1.000\ngadget;3\n");
    let run = scene.run(&["basket", "order.csv", "--json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.ends_with("\nhint: correct them, or leave them out with `--skip-bad`\n"), "{}", run.stderr);
    assert_eq!(supplier.requests(), [] as [String; 0]);
    let (document, run) = basket(&scene, "part;menge\nwidget;1.000\ngadget;3\n", &["--skip-bad"]);
    assert_eq!((run.code, document["lines"].as_array().unwrap().len()), (Some(0), 1));
    assert!(run.stderr.starts_with("warning: left out, 1 wrong line:\n  line 2: "), "{}", run.stderr);
    scene.write("order.csv", b"part;menge\n");
    let run = scene.run(&["basket", "order.csv"]);
    assert_eq!((run.code, run.stderr.lines().next()), (Some(2), Some("error: `order.csv` has no line to ask about")));
}

#[test]
fn the_same_product_twice_is_asked_once_and_said_so() {
    let supplier = shop("1.00", "0", &[]);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let (document, run) = basket(&scene, "widget,2\ngadget,1\nwidget,3\n", &[]);
    assert_eq!(run.stderr, "note: lines 1, 3 are about `widget`, 5 in all\n");
    let lines: Vec<_> =
        document["lines"].as_array().unwrap().iter().map(|line| (&line["lines"], &line["quantity"])).collect();
    assert_eq!(lines, [(&serde_json::json!([1, 3]), &5.into()), (&serde_json::json!([2]), &1.into())]);
    assert_eq!(supplier.requests().len(), 2);
}

#[test]
fn a_line_that_nobody_can_deliver_is_told_with_every_reason() {
    let (has, fails) = (shop("1.00", "0", &["unobtainium"]), Supplier::with_status("500 Internal Server Error", b""));
    let scene = Scene::of(&[("has", &has.url()), ("fails", &fails.url())]);
    let lines = "widget,2\nunobtainium,1\n";
    let (document, run) = basket(&scene, lines, &[]);
    assert_eq!((run.code, &document["failure"]["kind"]), (Some(1), &"lines_without_supplier".into()));
    let kinds: Vec<_> = document["lines"][1]["obstacles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|obstacle| (obstacle["supplierId"].as_str().unwrap(), obstacle["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("has", "not_carried"), ("fails", "failed")]);
    assert_eq!(document["purchase"]["missingLines"], 1);
    let (document, run) = basket(&scene, lines, &["--partial"]);
    assert_eq!((run.code, &document["failure"]), (Some(0), &Value::Null));
    let table = scene.run(&["basket", "order.csv"]);
    for expected in ["Not bought", "line 2: 1 × unobtainium", "has: does not carry it", "fails: HTTP status 500"] {
        assert!(table.stdout.contains(expected), "{}", table.stdout);
    }
    let (_, run) = basket(&Scene::of(&[("fails", &fails.url())]), lines, &["--partial"]);
    assert_eq!(run.code, Some(3), "nobody responded");
    let (document, run) = basket(&scene, "widget,2\n", &["--max-total", "1.99"]);
    assert_eq!((run.code, &document["gates"][0]["passed"]), (Some(4), &false.into()));
}

#[test]
fn each_line_is_written_as_soon_as_it_is_complete() {
    let supplier = Supplier::answering(|request| match product(request).as_str() {
        "slow" => ("", String::new()),
        _ => ("200 OK", offer("1.50")),
    });
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"product,qty\nslow,1\nwidget,2\nwidget,3\n");
    let flags = ["basket", "order.csv", "--no-optimize", "--format", "ndjson", "--timeout", "60s"];
    let mut running = scene.start(&flags);
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let document = valid(&running.next_line(), "basket-line");
        assert_eq!(document["cheapest"]["unitPrice"].to_string(), "1.5");
        numbers.push(document["line"].as_u64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [3, 4], "lines about the same product stay apart where nothing is kept");
    running.signal("INT");
    let run = running.finish();
    assert_eq!(run.code, Some(130));
    let last = valid(run.stdout.lines().last().unwrap(), "basket-line");
    assert_eq!((&last["line"], &last["termination"]), (&2.into(), &"interrupted".into()));
}

#[test]
fn an_interrupted_basket_prints_what_is_there() {
    let supplier = Supplier::answering(|request| match product(request).as_str() {
        "slow" => ("", String::new()),
        _ => ("200 OK", offer("1.50")),
    });
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"product,qty\nslow,1\nwidget,2\n");
    let mut running = scene.start(&["basket", "order.csv", "--json", "-v", "--timeout", "60s"]);
    running.wait_for("line 3: acme: answered");
    running.signal("INT");
    let run = running.finish();
    let document = valid(&run.stdout, "basket");
    assert_eq!((run.code, &document["termination"]), (Some(130), &"interrupted".into()));
    assert_eq!(orders(&document), [("acme".to_owned(), vec![3])]);
    assert_eq!((&document["lines"][0]["complete"], &document["lines"][1]["complete"]), (&false.into(), &true.into()));
}

#[test]
fn one_deadline_is_for_everything() {
    let silent = Supplier::silent();
    let scene = Scene::of(&[("silent", &silent.url())]);
    let (document, run) = basket(&scene, "a,1\nb,1\n", &["--timeout", "300ms"]);
    assert_eq!(
        (run.code, &document["termination"], &document["request"]["timeoutMs"]),
        (Some(3), &"deadline".into(), &300.into())
    );
}

#[test]
fn one_request_asks_for_many_lines() {
    let supplier = Supplier::answering(|request| {
        let body: Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let part = |part: &Value| {
            let mut reply = serde_json::json!({"mpn": part["mpn"], "price": 2, "wanted": part["qty"]});
            if part["mpn"] == "b" {
                reply["price"] = 3.into();
            }
            reply
        };
        let parts: Vec<Value> = body["parts"].as_array().unwrap().iter().rev().map(part).collect();
        ("200 OK", serde_json::json!({ "parts": parts }).to_string())
    });
    let configuration = format!(
        "currency = \"EUR\"\n[suppliers.acme]\nurl = \"{}/quotes\"\nbatch = 2\nmax-in-flight = 1\n\
         request = '{{parts: [$lines[] | {{mpn: .productId, qty: .quantity}}]}}'\n\
         quotes = '.parts[] | {{productId: .mpn, unitPrice: .price, quantity: .wanted, currency: \"EUR\", inStock: true}}'\n",
        supplier.origin()
    );
    let scene = Scene::new(&configuration);
    let (document, run) = basket(&scene, "a,1\nb,2\nc,3\n", &[]);
    assert_eq!((run.code, document["purchase"]["totalPrice"].to_string()), (Some(0), "14.0".to_owned()));
    let asked: Vec<String> =
        supplier.requests().iter().map(|request| request.split("\r\n\r\n").nth(1).unwrap().to_owned()).collect();
    assert_eq!(asked, [r#"{"parts":[{"mpn":"a","qty":1},{"mpn":"b","qty":2}]}"#, r#"{"parts":[{"mpn":"c","qty":3}]}"#]);
    let (document, _) = scene.json(&["b", "--qty", "2"]);
    assert_eq!(document["cheapest"]["goods"].to_string(), "6.0", "one product is a list with one line");
}

#[test]
fn standard_input_may_be_anything() {
    let supplier = shop("1.00", "0", &[]);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    for (input, flags) in [
        (&b"MPN\tQty\nwidget\t5\n"[..], &[][..]),
        (b"[{\"sku\": \"widget\", \"qty\": 5}]", &[]),
        (b"{\"sku\": \"widget\", \"qty\": 5}\n", &[]),
        (b"{\"sku\": \"widget\", \"qty\": 5}\n", &["--input-format", "ndjson"]),
        (b"Teil;St\xfcck\nwidget;5\n", &["--encoding", "windows-1252"]),
        (b"x;y\nwidget;5\n", &["--columns", "product=x,quantity=y"]),
    ] {
        let mut command = scene.command(&[&["basket", "-", "--json"], flags].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let document = valid(&run.stdout, "basket");
        assert_eq!(
            (&document["lines"][0]["productId"], &document["lines"][0]["quantity"]),
            (&"widget".into(), &5.into())
        );
    }
}

#[test]
fn what_makes_no_sense_for_a_basket_is_refused() {
    let scene = Scene::of(&[("acme", "http://127.0.0.1:9/")]);
    scene.write("order.csv", b"widget,1\n");
    for (flags, expected) in [
        (&["--format", "ndjson"][..], "`--format ndjson` writes each line's comparison, and no order"),
        (&["--save-replies", "x"], "`--save-replies` is for a comparison of one product"),
        (&["--strategy", "first"], "`--strategy` is for a comparison of one product"),
        (&["--format", "markdown"], "a basket is not written as Markdown"),
        (&["--columns", "price=x"], "`--columns`: `price=x` is not `product=COLUMN` or `quantity=COLUMN`"),
        (&["--max-suppliers", "0"], "`--max-suppliers`: `0` is out of range"),
    ] {
        let run = scene.run(&[&["basket", "order.csv"], flags].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{flags:?}");
        assert_eq!(run.stderr.lines().next().unwrap(), format!("error: {expected}"));
    }
    let run = scene.run(&["basket", "nothing.csv"]);
    assert_eq!(
        (run.code, run.stderr.lines().next()),
        (Some(2), Some("error: `nothing.csv` cannot be read: no such file or directory"))
    );
}

#[test]
fn a_dry_run_shows_the_first_request_and_sends_nothing() {
    let supplier = shop("1.00", "0", &[]);
    let scene = Scene::of(&[("acme", &supplier.url())]);
    scene.write("order.csv", b"widget,7\ngadget,1\n");
    let run = scene.run(&["basket", "order.csv", "--dry-run"]);
    assert!(run.stdout.contains("/quotes/widget?quantity=7"), "{}", run.stdout);
    assert_eq!((run.code, supplier.requests().len()), (Some(0), 0));
}

#[test]
fn a_reader_that_goes_away_ends_the_run_silently() {
    let supplier = Supplier::answering(|request| match product(request).as_str() {
        "slow" => ("", String::new()),
        _ => ("200 OK", offer("1.50")),
    });
    let scene = Scene::of(&[("acme", &supplier.url())]);
    let lines =
        (0..200).map(|number| format!("p{number},1")).chain(["slow,1".to_owned()]).collect::<Vec<_>>().join("\n");
    scene.write("order.csv", lines.as_bytes());
    let binary = env!("CARGO_BIN_EXE_pricecmp");
    let pipe =
        format!("{binary} basket order.csv --no-optimize --format ndjson --timeout 60s | head -n 1 | cut -c 1-8");
    let mut command = Command::new("sh");
    command
        .args(["-c", &pipe])
        .current_dir(scene.path(""))
        .env_clear()
        .env("HOME", scene.path(""))
        .env("PATH", "/usr/bin:/bin");
    let run = Running::of(&mut command).finish();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("{\"line\":\n", ""));
}

/// A supplier that answers so many requests over one connection, and then closes it without having said so.
fn closing_after(requests: usize) -> Server {
    hostile::serve("http", move |mut client| {
        let body = offer("1.00");
        for _ in 0..requests {
            client.read_head()?;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            client.stream.write_all(format!("{head}{body}").as_bytes())?;
        }
        Ok(())
    })
}

#[test]
fn connections_are_kept_for_the_next_line() {
    let lines = (0..20).map(|number| format!("p{number},1")).collect::<Vec<_>>().join("\n");
    for (each, connections) in [(100, 1), (1, 20), (7, 3)] {
        let server = closing_after(each);
        let configuration =
            format!("currency = \"EUR\"\n[suppliers.acme]\nurl = \"{}{{product}}\"\nmax-in-flight = 1\n", server.url());
        let (document, run) = basket(&Scene::new(&configuration), &lines, &[]);
        assert_eq!((run.code, &document["supplierStats"][0]["responded"]), (Some(0), &20.into()), "{document:#}");
        assert_eq!((server.heads().len(), server.connections()), (20, connections));
    }
}
