//! `--replay` and `mock --from`: what was saved of a run gives the same result again, and nobody is asked.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::fs;

use serde_json::Value;
use support::hostile::{self, http};
use support::{Running, Scene, Supplier, offer, stats};

/// Suppliers of every kind, one in dollars, with secrets in URL, header and body.
struct Market {
    plain: Supplier,
    pages: Supplier,
    lookup: Supplier,
    broken: Supplier,
    silent: Supplier,
    mapped: Supplier,
    busy: hostile::Server,
}

impl Market {
    fn new() -> Self {
        let page = |head: &str| match head.lines().next().unwrap_or_default() {
            line if line.contains("page=2") => {
                ("200 OK", r#"{"parts": [{"id": "P-2", "price": "0.55"}], "next": null}"#.to_owned())
            }
            _ => ("200 OK", r#"{"parts": [{"id": "P-1", "price": "0.65"}], "next": "&page=2"}"#.to_owned()),
        };
        let lookup = |head: &str| match head.lines().next().unwrap_or_default() {
            line if line.contains("/search") => ("200 OK", r#"{"parts": [{"id": 7}, {"id": 8}]}"#.to_owned()),
            line if line.contains("/parts/7") => ("200 OK", offer("0.71")),
            _ => ("200 OK", offer("0.72")),
        };
        let unavailable = http::reply("503 Busy", &["Retry-After: 0"], b"{\"error\": \"try later\"}");
        let good = http::reply("200 OK", &["Content-Type: application/json"], offer("0.44").as_bytes());
        Self {
            plain: Supplier::replying(&offer("0.60")),
            pages: Supplier::answering(page),
            lookup: Supplier::answering(lookup),
            broken: Supplier::with_status("500 Oops", br#"{"error": {"message": "out of order"}}"#),
            silent: Supplier::silent(),
            mapped: Supplier::replying(r#"{"hits": [{"p": "41", "left": 500}]}"#),
            busy: http::replying_in_turn(vec![unavailable, good]),
        }
    }

    fn configuration(&self, rate: &str) -> String {
        let Self { plain, pages, lookup, broken, silent, mapped, busy } = self;
        let (plain, pages, lookup, broken) = (plain.origin(), pages.origin(), lookup.origin(), broken.origin());
        let (silent, mapped, busy) = (silent.origin(), mapped.origin(), busy.url());
        format!(
            r#"currency = "EUR"
rates = {{ base = "EUR", date = 2026-11-20, USD = "{rate}" }}

[suppliers.plain]
url = "{plain}/quotes?key=${{KEY}}"
headers = {{ Authorization = "Bearer ${{TOKEN}}" }}

[suppliers.pages]
url = "{pages}/list?key=${{KEY}}"
quotes = '.parts[] | {{sku: .id, unitPrice: .price, currency: "EUR", inStock: true}}'
next = '.next'

[suppliers.lookup]
url = "{lookup}/parts/{{id}}"
[suppliers.lookup.lookup]
url = "{lookup}/search{{?product}}"
ids = '.parts[].id'
max-age = "1h"

[suppliers.broken]
url = "{broken}/"

[suppliers.silent]
url = "{silent}/"
timeout = "300ms"

[suppliers.refused]
url = "http://127.0.0.1:1/"
retries = 0

[suppliers.mapped]
url = "{mapped}/search"
request = '{{q: $product, n: $quantity, key: $key}}'
vars = {{ key = "${{KEY}}" }}
quotes = '.hits[] | {{unitPrice: (.p | tonumber / 100), currency: "USD", stockQuantity: .left}}'

[suppliers.busy]
url = "{busy}"

[suppliers.list]
url = "file:prices.csv"
currency = "EUR"
quotes = 'select(.part == $product) | {{unitPrice: .price, inStock: true}}'
max-age = "1d"
"#
        )
    }

    fn scene(&self) -> Scene {
        let scene = Scene::new(&self.configuration("1.0842"));
        scene.write("prices.csv", b"part,price\nwidget,0.81\ngadget,5\n");
        scene.with_variable("KEY", "canary-7f3a9c-key").with_variable("TOKEN", "canary-7f3a9c-token")
    }

    /// How many requests came in.
    fn requests(&self) -> usize {
        let Self { plain, pages, lookup, broken, silent, mapped, busy } = self;
        let suppliers = [plain, pages, lookup, broken, silent, mapped];
        suppliers.iter().map(|supplier| supplier.requests().len()).sum::<usize>() + busy.connections()
    }
}

/// The same scene for somebody who has no secrets.
fn without_variables(mut scene: Scene) -> Scene {
    scene.variables.clear();
    scene
}

#[test]
fn a_saved_run_gives_the_same_result_to_the_byte_and_nobody_is_asked() {
    let market = Market::new();
    let scene = market.scene();
    let saved = scene.run(&["widget", "--qty", "95", "--json", "--save-replies", "replies"]);
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    let document = saved.json();
    assert_eq!(document["cheapest"]["supplierId"], "mapped");
    assert_eq!(document["cheapest"]["original"]["rate"].to_string(), "1.0842");
    assert_eq!(stats(&document, "busy")["attempts"], 2);
    for (supplier, kind) in [("broken", "http_status"), ("silent", "timeout"), ("refused", "connect")] {
        assert_eq!(stats(&document, supplier)["errorKind"], kind, "{supplier}");
    }
    for (supplier, offers) in [("pages", 2), ("lookup", 2), ("list", 1)] {
        assert_eq!(stats(&document, supplier)["offers"], offers, "{supplier}");
    }
    let asked = market.requests();
    for file in fs::read_dir(scene.path("replies")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains(support::CANARY), "{text}");
    }

    let scene = without_variables(scene);
    // Neither what is declared now nor the list of today counts, and whoever has no list is served as well.
    scene.write("suppliers.toml", market.configuration("2").as_bytes());
    fs::remove_file(scene.path("prices.csv")).unwrap();
    let state = scene.path(".local/state/pricecmp/state.db");
    fs::remove_file(&state).unwrap();
    for _ in 0..2 {
        let replayed = scene.run(&["widget", "--qty", "95", "--json", "--replay", "replies"]);
        assert_eq!((replayed.code, &*replayed.stdout, &*replayed.stderr), (Some(0), &*saved.stdout, ""));
    }
    assert_eq!(market.requests(), asked);
    assert!(!state.exists());
}

#[test]
fn other_flags_and_filters_make_another_result_of_the_same_replies() {
    let market = Market::new();
    let scene = market.scene();
    scene.run(&["widget", "--qty", "95", "--save-replies", "replies"]);
    let scene = without_variables(scene);
    let dearer = market.configuration("1").replace("tonumber / 100", "tonumber / 10");
    scene.write("suppliers.toml", dearer.as_bytes());
    let (document, run) = scene.json(&["widget", "--qty", "95", "--replay", "replies", "--max-total", "40"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert_eq!(document["cheapest"]["supplierId"], "busy");
    assert_eq!(document["cheapest"]["totalPrice"].to_string(), "41.8");
    let arguments = ["--qty", "95", "--replay", "replies", "--supplier", "plain,pages", "--strategy", "first"];
    let (document, _) = scene.json(&[&["widget"], &arguments[..]].concat());
    assert_eq!((&document["termination"], &document["exitCode"]), (&"first".into(), &0.into()));
    let kinds: Vec<&Value> =
        document["supplierStats"].as_array().unwrap().iter().map(|stats| &stats["errorKind"]).collect();
    assert_eq!(kinds.iter().filter(|kind| ***kind == "cancelled").count(), 1, "{kinds:?}");
    let explained = scene.run(&["explain", "lookup", "widget", "--qty", "95", "--replay", "replies"]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    assert!(explained.stdout.contains("/search?product=widget"), "{}", explained.stdout);
}

#[test]
fn an_early_end_and_a_deadline_are_what_they_were() {
    let (fast, slow) = (Supplier::replying(&offer("0.60")), Supplier::silent());
    let scene = Scene::of(&[("slow", &slow.url()), ("fast", &fast.url())]);
    for flags in [&["--strategy", "first"][..], &["--timeout", "400ms"]] {
        let saved = scene.run(&[&["widget", "--json", "--save-replies", "replies"], flags].concat());
        let replayed = scene.run(&[&["widget", "--json", "--replay", "replies"], flags].concat());
        assert_eq!((replayed.code, replayed.stdout), (saved.code, saved.stdout));
    }
    let (document, _) = scene.json(&["widget", "--replay", "replies", "--timeout", "400ms"]);
    assert_eq!(document["termination"], "deadline");
    assert_eq!(stats(&document, "slow")["errorPhase"], "headers");
}

#[test]
fn what_was_not_saved_is_named() {
    let supplier = Supplier::replying(&offer("0.60"));
    let scene = Scene::of(&[("acme", &supplier.url()), ("globex", &supplier.url())]);
    scene.run(&["widget", "--qty", "95", "--supplier", "acme", "--save-replies", "saved"]);
    let asked = supplier.requests().len();
    let acme = |more: &[&str]| {
        let run = scene.run(&[&["--supplier", "acme", "--replay", "saved"], more].concat());
        assert_eq!((run.code, &*run.stdout), (Some(2), ""));
        run.stderr
    };
    assert_eq!(
        acme(&["gadget", "--qty", "95"]),
        "error: `saved` has replies about 95 × `widget`, not about 95 × `gadget`\n\
         hint: ask for the same product and `--qty`, or save replies about this one\n"
    );
    assert!(acme(&["widget"]).starts_with("error: `saved` has replies about 95 × `widget`, not about 1 × `widget`\n"));
    let run = scene.run(&["widget", "--qty", "95", "--replay", "saved"]);
    assert_eq!(
        (run.code, &*run.stderr),
        (
            Some(2),
            "error: `saved` has nothing of supplier `globex`, only of `acme`\n\
             hint: leave it out with `--exclude`, or save its replies with `--save-replies`\n"
        )
    );
    let run = scene.run(&["widget", "--replay", "nowhere"]);
    assert_eq!(
        (run.code, &*run.stderr),
        (
            Some(2),
            "error: `nowhere` holds no replies to use: cannot read `replies.toml`: no such file or directory\n\
             hint: name a folder that `--save-replies` has filled\n"
        )
    );
    let run = scene.run(&["check", "--live", "--product", "widget", "--replay", "saved"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.starts_with("error: `--replay` is for comparisons and for `explain`\n"), "{}", run.stderr);
    let configuration = fs::read_to_string(scene.path("suppliers.toml")).unwrap();
    scene.write("suppliers.toml", configuration.replace("/quotes/", "/v2/").as_bytes());
    assert!(acme(&["widget", "--qty", "95"]).starts_with("error: `saved` has no reply to `GET http://127.0.0.1:"));
    let index = fs::read_to_string(scene.path("saved/replies.toml")).unwrap();
    scene.write("saved/replies.toml", index.replace("acme.json", "../suppliers.toml").as_bytes());
    let expected = "error: `saved` holds no replies to use: `../suppliers.toml` is not a file beside `replies.toml`\n";
    assert!(acme(&["widget", "--qty", "95"]).starts_with(expected));
    assert_eq!(supplier.requests().len(), asked);
}

#[test]
fn what_was_saved_under_mock_is_replayed_without_it() {
    let scene = Scene::without_configuration();
    let saved = scene.run(&["--mock", "widget", "--qty", "10", "--json", "--save-replies", "replies"]);
    let replayed = scene.run(&["widget", "--qty", "10", "--json", "--replay", "replies"]);
    assert_eq!((replayed.code, &*replayed.stdout), (Some(0), &*saved.stdout));
}

#[test]
fn a_pipe_in_the_place_of_a_reply_or_of_the_index_is_not_waited_for() {
    for name in ["acme.json", "replies.toml"] {
        let scene = Scene::without_configuration();
        scene.run(&["--mock", "widget", "--supplier", "acme", "--save-replies", "replies"]);
        fs::remove_file(scene.path("replies").join(name)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(scene.path("replies").join(name)).status().unwrap();
        assert!(made.success());
        let replayed = scene.run(&["widget", "--supplier", "acme", "--replay", "replies"]);
        assert_eq!(replayed.code, Some(2));
        let why = format!("cannot read `{name}`: it is no regular file\n");
        assert!(replayed.stderr.contains(&why), "{}", replayed.stderr);
        // What is known of a saved reply is left out, and nothing waits for it.
        scene.write("reply.json", b"[]");
        fs::rename(scene.path("reply.json"), scene.path("replies").join("reply.json")).unwrap();
        assert_eq!(
            scene.run(&["check", "--mock", "--supplier", "acme", "--reply", "replies/reply.json"]).code,
            Some(1)
        );
    }
}

#[test]
fn a_mock_serves_what_was_saved_in_order_with_status_and_content_type() {
    let market = Market::new();
    let scene = market.scene();
    scene.run(&["widget", "--qty", "95", "--save-replies", "replies", "--exclude", "silent"]);
    let asked = market.requests();
    let scene = without_variables(scene);
    fs::remove_file(scene.path("suppliers.toml")).unwrap();
    let mut mock = Running::of(&mut scene.command(&["mock", "--from", "replies", "--listen", "0"]));
    let lines: Vec<String> = (0..7).map(|_| mock.next_line()).collect();
    let names: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
    assert_eq!(names, ["plain", "pages", "lookup", "broken", "refused", "mapped", "busy"]);
    let port = lines[0].split([':', '/']).nth(4).unwrap().to_owned();
    let get = |supplier: &str, quantity: u64| {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let target = format!("/{supplier}/quotes/widget?quantity={quantity}");
        write!(stream, "GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let first = get("busy", 95);
    assert!(first.starts_with("HTTP/1.1 503 ") && first.contains("retry-after: 0\r\n"), "{first}");
    assert!(!first.contains("content-type"), "{first}");
    let second = get("busy", 95);
    assert!(second.starts_with("HTTP/1.1 200 OK") && second.contains("content-type: application/json\r\n"), "{second}");
    assert!(get("busy", 95).starts_with("HTTP/1.1 503 "), "it begins again");
    assert!(get("pages", 95).contains("P-1") && get("pages", 95).contains("P-2"));
    assert!(get("broken", 95).contains("out of order"));
    assert_eq!(get("refused", 95), "");
    let other = get("plain", 1);
    assert!(other.starts_with("HTTP/1.1 404 ") && other.contains("these replies are about 95 × `widget`"), "{other}");
    mock.signal("INT");
    assert_eq!(mock.finish().code, Some(0));
    assert_eq!(market.requests(), asked);
}
