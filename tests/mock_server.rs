//! `pricecmp mock` and `--mock`: the real binary on both ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};
use support::{Run, Running, Scene, csv_rows, stats, without_measured};

/// The configuration that ships.
const SHIPPED: &str = include_str!("../suppliers.toml");

/// Where the shipped configuration expects its mocks.
const USUAL_ADDRESS: &str = "127.0.0.1:7171";

/// Mocks that listen.
struct Mocks {
    running: Running,
    /// What was printed: a name and a URL for each.
    lines: Vec<(String, String)>,
}

impl Mocks {
    /// Serves the mocks of a scene, of which there are so many.
    fn of(scene: &Scene, count: usize, flags: &[&str]) -> Self {
        let mut running = scene.start(&[&["mock", "--listen", "127.0.0.1:0"], flags].concat());
        let lines = (0..count).map(|_| {
            let line = running.next_line();
            let (name, url) = line.split_once(' ').expect("a name and a URL");
            (name.to_owned(), url.to_owned())
        });
        Self { lines: lines.collect(), running }
    }

    /// Host and port.
    fn address(&self) -> &str {
        self.lines[0].1.strip_prefix("http://").unwrap().split('/').next().unwrap()
    }

    /// Sends a request and returns the head of the answer in small letters, and its body.
    fn exchange(&self, method: &str, target: &str, body: &str) -> (String, String) {
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.to_owned())
    }

    /// Interrupts them.
    fn stop(self) -> Run {
        self.running.signal("INT");
        self.running.finish()
    }
}

/// Suppliers with these mocks, each a name, lines of its own and lines of its mock.
fn configuration(suppliers: &[(&str, &str, &str)]) -> String {
    let supplier = |(name, lines, mock): &(&str, &str, &str)| {
        format!(
            "[suppliers.{name}]\nurl = \"http://{USUAL_ADDRESS}/{name}/quotes/{{product}}{{?quantity}}\"\n\
             currency = \"EUR\"\n{lines}\n[suppliers.{name}.mock]\n{mock}\n"
        )
    };
    format!("currency = \"EUR\"\n{}", suppliers.iter().map(supplier).collect::<Vec<_>>().concat())
}

/// The same suppliers, at mocks that listen.
fn at(mocks: &Mocks, configuration: &str) -> Scene {
    Scene::new(&configuration.replace(USUAL_ADDRESS, mocks.address()))
}

const OFFERS: &str = "offers = [{ sku = \"A\", unit-price = \"0.60\", delivery-days = 2 }]";

#[test]
fn one_line_a_supplier_says_where_it_is_and_an_interrupt_ends_in_order() {
    let scene = Scene::new(&configuration(&[("acme", "", OFFERS), ("globex", "", "")]));
    let mocks = Mocks::of(&scene, 2, &[]);
    let template = |name: &str| format!("http://{}/{name}/quotes/{{product}}{{?quantity}}", mocks.address());
    let expected = ["acme", "globex"].map(|name| (name.to_owned(), template(name)));
    assert_eq!(mocks.lines, expected);
    let run = mocks.stop();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
}

#[test]
fn a_quote_comes_for_a_query_and_for_the_wires_request() {
    let scene = Scene::new(&configuration(&[("acme", "", OFFERS)]));
    let mocks = Mocks::of(&scene, 1, &[]);
    let (head, body) = mocks.exchange("GET", "/acme/quotes/wid%20get?quantity=95", "");
    assert!(head.starts_with("http/1.1 200 ok\r\n") && head.contains("content-type: application/json"), "{head}");
    let offers: Value = serde_json::from_str(&body).unwrap();
    let expected = json!([{
        "supplierId": "acme", "productId": "wid get", "quantity": 95, "sku": "A", "unitPrice": 0.60,
        "deliveryDays": 2, "inStock": true,
    }]);
    assert_eq!(offers, expected);
    let request = json!({ "productId": "wid get", "quantity": 95, "currency": "EUR" }).to_string();
    assert_eq!(mocks.exchange("POST", "/acme/quotes", &request).1, body);
    for (method, target, sent, problem) in [
        ("POST", "/acme/quotes", "{}", "body is no quote request"),
        ("GET", "/acme/quotes/widget", "", "no quantity"),
        ("GET", "/acme/quotes/widget?quantity=0", "", "quantity `0` is out of range"),
    ] {
        let (head, body) = mocks.exchange(method, target, sent);
        assert!(head.starts_with("http/1.1 400 "), "{target}: {head}");
        assert!(body.contains(problem), "{target}: {body}");
    }
}

#[test]
fn an_unknown_supplier_is_404_and_the_known_ones_are_named() {
    let scene = Scene::new(&configuration(&[("acme", "", OFFERS), ("globex", "", "")]));
    let mocks = Mocks::of(&scene, 2, &[]);
    let (head, body) = mocks.exchange("GET", "/initech/quotes/widget?quantity=1", "");
    assert!(head.starts_with("http/1.1 404 "), "{head}");
    let message = serde_json::from_str::<Value>(&body).unwrap()["error"]["message"].clone();
    assert_eq!(message, "no supplier `initech` here, known are `acme`, `globex`");
}

#[test]
fn requests_are_logged_on_stderr_unless_quiet() {
    let scene = Scene::new(&configuration(&[("acme", "", OFFERS)]));
    let targets =
        ["/acme/quotes/widget?quantity=95", "/acme/quotes/%1b%5b2J%e2%80%ae?quantity=1", "/nobody/quotes/x?quantity=1"];
    let log = |flags: &[&str]| {
        let mocks = Mocks::of(&scene, 1, flags);
        for target in targets {
            mocks.exchange("GET", target, "");
        }
        mocks.stop().stderr
    };
    let lines = log(&[]);
    // A line begins with its time, which ends at the first space.
    let lines: Vec<&str> = lines.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    let expected = [
        "acme `widget` × 95: 200 after 0 ms",
        r"acme `\u{1b}[2J\u{202e}` × 1: 200 after 0 ms",
        "`/nobody/quotes/x?quantity=1`: 404",
    ];
    assert_eq!(lines, expected);
    assert_eq!(log(&["-q"]), "");
}

#[test]
fn an_address_in_use_is_a_clear_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = Scene::new(&configuration(&[("acme", "", "")])).run(&["mock", "--listen", &address]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let start = format!("error: cannot listen on `{address}`: address already in use");
    assert!(run.stderr.starts_with(&start), "{}", run.stderr);
    assert!(run.stderr.ends_with("\nhint: `--listen 127.0.0.1:0` takes any free port\n"), "{}", run.stderr);
}

#[test]
fn without_a_configuration_the_shipped_one_gives_the_same_quotes_as_in_the_process() {
    let elsewhere = Scene::without_configuration();
    let names =
        ["acme", "bolt", "corner", "dakota", "everest", "foundry", "globex", "hooli", "initech"].map(str::to_owned);
    let mocks = Mocks::of(&elsewhere, names.len(), &[]);
    assert_eq!(mocks.lines.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
    let flags = ["widget", "--qty", "10"];
    let (served, run) = at(&mocks, SHIPPED).json(&flags);
    let (_, inside) = elsewhere.json(&[&["--mock"], &flags[..]].concat());
    assert_eq!((run.code, served["allQuotes"].as_array().unwrap().len()), (Some(0), 7));
    assert_eq!(without_measured(&run.stdout), without_measured(&inside.stdout));
    let csv = at(&mocks, SHIPPED).run(&[&flags[..], &["--format", "csv"]].concat()).stdout;
    assert_eq!(csv_rows(&csv).len(), 8, "{csv}");
}

/// A way to fail, what the supplier has to be told for it, and what a comparison has to say: the kind of the error, the
/// status and the wait.
struct Failure {
    name: &'static str,
    mock: &'static str,
    kind: &'static str,
    status: Value,
    retry_in: Value,
}

fn failures() -> Vec<Failure> {
    let failure = |name, mock, kind, status: u16| Failure {
        name,
        mock,
        kind,
        status: if status == 0 { Value::Null } else { status.into() },
        retry_in: Value::Null,
    };
    let waiting = |failure: Failure| Failure { retry_in: 2000.into(), ..failure };
    vec![
        failure("default", "", "http_status", 503),
        failure("teapot", "error = 418", "http_status", 418),
        failure("broken", "error = 500\nretry-after = \"2s\"", "http_status", 500),
        waiting(failure("down", "error = 503\nretry-after = \"2s\"", "http_status", 503)),
        waiting(failure("limited", "error = 429\nretry-after = \"2s\"", "rate_limited", 429)),
        failure("unlimited", "error = 429", "rate_limited", 429),
        failure("silent", "error = \"timeout\"", "timeout", 0),
        failure("resetting", "error = \"reset\"", "connection_closed", 0),
        failure("closing", "error = \"close\"", "connection_closed", 0),
        failure("garbled", "error = \"malformed\"", "malformed_json", 200),
        failure("refusing", "error = \"supplier-error\"", "supplier_error", 200),
    ]
}

#[test]
fn every_way_to_fail_is_told_as_what_it_is() {
    let failures = failures();
    let mocks: Vec<String> =
        failures.iter().map(|failure| format!("error-rate = 1\n{}\n{OFFERS}", failure.mock)).collect();
    let mut suppliers: Vec<(&str, &str, &str)> = failures
        .iter()
        .zip(&mocks)
        .map(|(failure, mock)| (failure.name, "timeout = \"400ms\"", mock.as_str()))
        .collect();
    let mixed_up = format!("error-rate = 1\nerror = \"wrong-product\"\n{OFFERS}");
    suppliers.extend([("mistaken", "", mixed_up.as_str()), ("good", "", OFFERS)]);
    let text = configuration(&suppliers);
    let scene = Scene::new(&text);
    let served = Mocks::of(&scene, suppliers.len(), &[]);
    for (document, run) in [scene.json(&["--mock", "widget"]), at(&served, &text).json(&["widget"])] {
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for failure in &failures {
            let stats = stats(&document, failure.name);
            let told = (&stats["errorKind"], &stats["httpStatus"], &stats["retryInMs"]);
            assert_eq!(told, (&failure.kind.into(), &failure.status, &failure.retry_in), "{}", failure.name);
            assert_eq!((&stats["responded"], &stats["offers"]), (&false.into(), &0.into()), "{}", failure.name);
        }
        assert_eq!(stats(&document, "silent")["errorPhase"], "headers");
        let mistaken = stats(&document, "mistaken");
        assert_eq!((&mistaken["responded"], &mistaken["rejected"]), (&true.into(), &1.into()));
        let rejected = &document["rejected"][0];
        assert_eq!((&rejected["supplierId"], &rejected["reason"]), (&"mistaken".into(), &"wrong_quote".into()));
        assert_eq!(document["allQuotes"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_first_requests_of_a_process_fail_and_those_after_them_do_not() {
    let text = configuration(&[("acme", "", &format!("fail-first = 2\nerror = \"close\"\n{OFFERS}"))]);
    let mocks = Mocks::of(&Scene::new(&text), 1, &[]);
    let scene = at(&mocks, &text);
    let codes: Vec<Option<i32>> = (0..4).map(|_| scene.run(&["widget", "-q"]).code).collect();
    assert_eq!(codes, [Some(3), Some(3), Some(0), Some(0)]);
    // A new process counts from its start.
    assert_eq!(Scene::new(&text).json(&["--mock", "widget"]).1.code, Some(3));
}

#[test]
fn a_recorded_reply_is_replayed_with_its_status() {
    let recorded = r#"[{"unitPrice": 0.70, "currency": "EUR", "inStock": true, "sku": "REC"}]"#;
    let text = configuration(&[
        ("file", "", "body-file = \"mocks/reply.json\""),
        ("text", "", &format!("body = '{recorded}'\nstatus = 203")),
        ("down", "", "body = '{\"error\": \"closed for today\"}'\nstatus = 503"),
        ("without", "no-offer-status = [404]", "body = 'whatever'\nstatus = 404"),
        ("garbled", "", "body = '<html>'"),
    ]);
    let scene = Scene::new(&text);
    scene.write("mocks/reply.json", recorded.as_bytes());
    let served = Mocks::of(&scene, 5, &[]);
    assert_eq!(served.exchange("GET", "/file/quotes/widget?quantity=1", "").1, recorded);
    let asking = at(&served, &text);
    asking.write("mocks/reply.json", b"[]");
    for (document, _) in [scene.json(&["--mock", "widget"]), asking.json(&["widget"])] {
        let skus: Vec<&Value> = document["allQuotes"].as_array().unwrap().iter().map(|quote| &quote["sku"]).collect();
        assert_eq!(skus, ["REC", "REC"]);
        let told = |name: &str| {
            let stats = stats(&document, name);
            (stats["httpStatus"].clone(), stats["errorKind"].clone(), stats["responded"].clone())
        };
        assert_eq!(told("file"), (200.into(), Value::Null, true.into()));
        assert_eq!(told("text"), (203.into(), Value::Null, true.into()));
        assert_eq!(told("down"), (503.into(), "http_status".into(), false.into()));
        assert_eq!(told("without"), (404.into(), Value::Null, true.into()));
        assert_eq!(told("garbled"), (200.into(), "malformed_json".into(), false.into()));
        let error = stats(&document, "down")["error"].as_str().unwrap();
        assert!(error.contains("closed for today"), "{error}");
    }
}

/// Twenty suppliers that fail half of the time.
fn unreliable(seed: u64) -> String {
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let mocks: Vec<String> = (0..20)
        .map(|number| {
            format!(
                "error-rate = 0.5\nlatency = {{ min = \"0ms\", max = \"9ms\" }}\nseed = {}\n{OFFERS}",
                seed + number
            )
        })
        .collect();
    configuration(&names.iter().zip(&mocks).map(|(name, mock)| (name.as_str(), "", mock.as_str())).collect::<Vec<_>>())
}

#[test]
fn a_seed_gives_the_same_document_but_for_its_times() {
    let document = |seed, product: &str| {
        let (document, run) = Scene::new(&unreliable(seed)).json(&["--mock", product, "--qty", "10"]);
        let ranked = document["allQuotes"].as_array().unwrap().len();
        assert!(ranked > 0 && ranked < 20, "{ranked} of 20");
        without_measured(&run.stdout)
    };
    assert_eq!(document(1, "widget"), document(1, "widget"));
    assert_ne!(document(1, "widget"), document(1001, "widget"));
    // Another product is another draw.
    assert_ne!(document(1, "widget"), document(1, "gadget").replace("gadget", "widget"));
}
