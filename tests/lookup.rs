//! Suppliers that are asked in two steps: for ids, and then for quotes by these ids; over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use support::{CANARY, Run, Scene, Supplier, offer, stats};

/// A configuration with one supplier, which has these keys.
fn scene(keys: &str) -> Scene {
    Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\n{keys}\n"))
}

/// The keys of a supplier whose ids are those of the search's reply, and whose quotes are asked at `/parts`.
fn keys(supplier: &Supplier, quotes: &str, lookup: &str) -> String {
    let origin = supplier.origin();
    format!(
        "url = \"{origin}/parts/{quotes}\n[suppliers.acme.lookup]\nurl = \"{origin}/search{{?product}}\"\n\
         ids = '.parts[].id'\n{lookup}"
    )
}

/// A supplier that gives these ids, and an offer at the price of a piece of each part's number.
fn two_steps(ids: Value) -> Supplier {
    Supplier::answering(move |request| {
        let head = request.lines().next().unwrap();
        if head.contains("/search") {
            let parts: Vec<Value> = ids.as_array().unwrap().iter().map(|id| json!({ "id": id })).collect();
            return ("200 OK", json!({ "parts": parts }).to_string());
        }
        ("200 OK", offer("2.50"))
    })
}

fn failure(document: &Value) -> (String, String) {
    let stats = stats(document, "acme");
    let text = |key: &str| stats[key].as_str().unwrap_or_default().to_owned();
    (text("errorKind"), text("error"))
}

fn offers(document: &Value) -> usize {
    document["allQuotes"].as_array().unwrap().len()
}

fn asked(keys: &str) -> (Value, Run) {
    scene(keys).json(&["widget"])
}

#[test]
fn quotes_are_asked_for_each_id_in_order() {
    let supplier = two_steps(json!(["A-1", 17, "A-1", null]));
    let (document, run) = asked(&keys(&supplier, "{id}{?quantity}\"\nquotes = '. + {sku: $id}'", ""));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{document:#}");
    assert_eq!(
        supplier.heads(),
        ["GET /search?product=widget", "GET /parts/A-1?quantity=1", "GET /parts/17?quantity=1"]
    );
    let skus: Vec<&Value> = document["allQuotes"].as_array().unwrap().iter().map(|quote| &quote["sku"]).collect();
    assert_eq!(skus, ["17", "A-1"]);
    assert_eq!(stats(&document, "acme")["offers"], 2);
}

#[test]
fn one_request_can_take_all_ids() {
    for (quotes, second) in [
        ("{?ids}\"", "GET /parts/?ids=A-1,17"),
        ("{?ids*}\"", "GET /parts/?ids=A-1&ids=17"),
        ("\"\nrequest = '{parts: $ids, count: $quantity}'", "POST /parts/"),
    ] {
        let supplier = two_steps(json!(["A-1", 17]));
        let (document, run) = asked(&keys(&supplier, quotes, ""));
        assert_eq!((run.code, offers(&document)), (Some(0), 1), "{}", run.stderr);
        assert_eq!(supplier.heads()[1..], [second]);
        assert!(!second.starts_with("POST") || supplier.requests()[1].ends_with(r#"{"parts":["A-1","17"],"count":1}"#));
    }
}

#[test]
fn a_lookup_can_be_a_post() {
    let supplier = two_steps(json!(["A"]));
    let lookup = "request = '{search: $product}'\nheaders = { X-Kind = \"search\" }";
    let (document, _) = asked(&keys(&supplier, "{id}\"\nheaders = { X-Kind = \"quote\" }", lookup));
    assert_eq!(offers(&document), 1);
    let requests = supplier.requests();
    assert!(requests[0].starts_with("POST /search?product=widget ") && requests[0].ends_with(r#"{"search":"widget"}"#));
    assert!(requests[0].contains("x-kind: search\r\n") && requests[1].contains("x-kind: quote\r\n"));
}

#[test]
fn no_id_means_that_the_supplier_does_not_carry_the_product() {
    for (status, body, lookup) in [
        ("200 OK", r#"{"parts": []}"#, ""),
        ("404 Not Found", "", "no-offer-status = [404]"),
        ("200 OK", r#"{"parts": [{"id": null}]}"#, ""),
    ] {
        let supplier = Supplier::with_status(status, body.as_bytes());
        let keys = keys(&supplier, "{id}\"", lookup);
        let (document, run) = asked(&keys);
        assert_eq!((run.code, supplier.requests().len()), (Some(1), 1));
        let stats = stats(&document, "acme");
        assert_eq!((&stats["responded"], &stats["offers"]), (&true.into(), &0.into()));
        assert!(scene(&keys).run(&["widget"]).stdout.contains("acme  does not carry the product\n"));
    }
}

#[test]
fn a_failure_says_in_which_step() {
    let quotes = "{id}\"\ntimeout = \"2s\"\nerror = '.fault'";
    for (status, body, kind, error) in [
        ("500 Oops", "", "http_status", "HTTP status 500, internal server error: in `lookup`"),
        ("400 No", r#"{"fault": "bad key"}"#, "http_status", "HTTP status 400, bad request: in `lookup`: bad key"),
        ("200 OK", r#"{"fault": "no credit"}"#, "supplier_error", "supplier reports an error: in `lookup`: no credit"),
        (
            "200 OK",
            "<html>",
            "malformed_json",
            "reply is not valid JSON: in `lookup`: line 1, column 1: expected a value, found `<`, as in HTML",
        ),
        ("200 OK", "{}", "mapping", "mapping failed: in `lookup`: in `ids`: cannot iterate over null (null) at .parts"),
        (
            "200 OK",
            r#"{"parts": [{"id": {}}]}"#,
            "mapping",
            "mapping failed: in `lookup`: `ids` yields an object, not a text or a number",
        ),
        ("", "", "timeout", "no reply within 2s: in `lookup`"),
    ] {
        let supplier = Supplier::answering(move |_| (status, body.to_owned()));
        let (document, run) = asked(&keys(&supplier, quotes, ""));
        assert_eq!((run.code, failure(&document)), (Some(3), (kind.into(), error.into())));
        assert_eq!(supplier.requests().len(), 1);
    }
}

#[test]
fn a_failure_of_one_id_names_it() {
    let supplier = Supplier::answering(|request| match request {
        search if search.contains("/search") => ("200 OK", r#"{"parts": [{"id": "A"}, {"id": "B"}]}"#.to_owned()),
        second if second.contains("/parts/B") => ("503 Busy", String::new()),
        _ => ("200 OK", offer("1")),
    });
    let (document, _) = asked(&keys(&supplier, "{id}\"\nretries = 0", ""));
    assert_eq!(failure(&document).1, "HTTP status 503, service unavailable: for id `B`");
}

#[test]
fn the_deadline_is_one_for_both_steps() {
    let supplier = Supplier::answering(|request| {
        if request.contains("/search") {
            ("200 OK", r#"{"parts": [{"id": 1}]}"#.to_owned())
        } else {
            ("", String::new())
        }
    });
    let (document, run) = asked(&keys(&supplier, "{id}\"\ntimeout = \"1500ms\"", ""));
    assert_eq!((run.code, failure(&document)), (Some(3), ("timeout".into(), "no reply within 1.5s".into())));
    assert_eq!(supplier.requests().len(), 2);
}

#[test]
fn so_many_ids_are_asked_for_and_no_more() {
    let supplier = two_steps((0..10_000).collect());
    for (lookup, asked_for) in [("", 20), ("max-ids = 3", 3)] {
        let before = supplier.requests().len();
        let (document, run) = asked(&keys(&supplier, "{id}\"", lookup));
        assert_eq!((run.code, supplier.requests().len() - before), (Some(0), 1 + asked_for));
        let message = format!("supplier `acme` has 10000 ids, {asked_for} were asked for: `max-ids` sets how many are");
        assert_eq!(
            (&document["warnings"][0]["kind"], &document["warnings"][0]["message"]),
            (&"ids_left".into(), &message.into())
        );
    }
}

#[test]
fn hostile_ids_stay_within_their_place() {
    let ids = json!(["a/b?c#d&e=f", "a\r\nX-Evil: 1\u{1b}[2J", "é\u{202e}%2F", "{id}${HOME}"]);
    let supplier = two_steps(ids);
    let (document, run) = asked(&keys(&supplier, "{id}\"\nquotes = '. + {sku: $id}'", ""));
    assert_eq!((run.code, offers(&document)), (Some(0), 4), "{document:#}");
    let expected = [
        "GET /parts/a%2Fb%3Fc%23d%26e%3Df",
        "GET /parts/a%0D%0AX-Evil%3A%201%1B%5B2J",
        "GET /parts/%C3%A9%E2%80%AE%252F",
        "GET /parts/%7Bid%7D%24%7BHOME%7D",
    ];
    assert_eq!(supplier.heads()[1..], expected);
    assert!(supplier.requests().iter().all(|request| !request.contains("\r\nX-Evil")));
    for id in ["..", "%2e%2e", "a/../../b", "."] {
        let supplier = two_steps(json!([id]));
        for place in ["{id}\"", "{+id}\""] {
            let (document, _) = asked(&keys(&supplier, place, ""));
            let expected = format!("mapping failed: in `lookup`: `ids` yields `{id}`, which would lead elsewhere");
            assert_eq!(failure(&document), ("mapping".into(), expected));
        }
        assert!(supplier.heads().iter().all(|head| head.starts_with("GET /search")));
    }
}

#[test]
fn what_is_meant_for_the_supplier_goes_to_no_other_server() {
    let search = two_steps(json!(["A"]));
    let quotes = two_steps(json!([]));
    let keys = |headers: &str| {
        format!(
            "url = \"{}/parts/{{id}}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}\n[suppliers.acme.lookup]\n\
             url = \"{}/search\"\nids = '.parts[].id'\n{headers}",
            quotes.origin(),
            search.origin()
        )
    };
    let (document, _) = asked(&keys(""));
    assert_eq!(offers(&document), 1);
    assert!(!search.requests()[0].contains(CANARY) && quotes.requests()[0].contains(CANARY));
    asked(&keys("headers = { X-Search = \"s7\" }"));
    assert!(search.requests()[1].contains("x-search: s7\r\n") && !search.requests()[1].contains(CANARY));

    let both = two_steps(json!(["A"]));
    let quotes = format!("{{id}}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}");
    asked(&self::keys(&both, &quotes, ""));
    assert!(both.requests().iter().all(|request| request.contains(CANARY)));
}

#[test]
fn secrets_of_both_steps_are_masked() {
    for (status, second) in [("400 No", false), ("200 OK", false), ("200 OK", true)] {
        let body = format!(r#"{{"fault": "bad keys {CANARY}1 {CANARY}2", "parts": [{{"id": "A"}}]}}"#);
        let supplier = Supplier::answering(move |request| {
            if second && request.contains("/search") {
                ("200 OK", r#"{"parts": [{"id": 1}]}"#.to_owned())
            } else {
                (status, body.clone())
            }
        });
        let origin = supplier.origin();
        let keys = format!(
            "url = \"{origin}/parts/{{id}}?key={CANARY}1\"\nerror = '.fault'\n[suppliers.acme.lookup]\n\
             url = \"{origin}/search?token={CANARY}2\"\nids = '.parts[].id'"
        );
        let (document, run) = asked(&keys);
        assert!(failure(&document).1.ends_with("bad keys *** ***"), "{document:#}");
        let verbose = scene(&keys).run(&["widget", "-vv"]);
        assert!(verbose.stderr.contains("/search?token=***\n"), "{}{}", run.stderr, verbose.stderr);
    }
}

#[test]
fn a_dry_run_shows_both_requests_and_sends_none() {
    let supplier = two_steps(json!(["A"]));
    let origin = supplier.origin();
    let preview = scene(&keys(&supplier, "{id}/price\"", "")).run(&["widget", "--dry-run"]).stdout;
    assert!(preview.starts_with(&format!("acme, lookup\n  GET {origin}/search?product=widget\n")), "{preview}");
    let second = format!("\n\nacme, with what the lookup yields for ID\n  GET {origin}/parts/ID/price\n");
    assert!(preview.contains(&second), "{preview}");
    let preview =
        scene(&keys(&supplier, "{?ids}\"\nrequest = '{parts: $ids}'", "")).run(&["widget", "--dry-run"]).stdout;
    assert!(
        preview.contains("/parts/?ids=ID1,ID2\n") && preview.ends_with("{\"parts\":[\"ID1\",\"ID2\"]}\n"),
        "{preview}"
    );
    assert_eq!(supplier.requests(), [""; 0]);
}

#[test]
fn ids_are_remembered_for_their_time_and_no_longer() {
    let supplier = two_steps(json!(["A", "B"]));
    let searches = || supplier.heads().iter().filter(|head| head.contains("/search")).count();
    let scene = scene(&keys(&supplier, "{id}\"", "max-age = \"1h\""));
    for _ in 0..3 {
        let (document, run) = scene.json(&["widget"]);
        assert_eq!((run.code, offers(&document), searches()), (Some(0), 2, 1), "{}", run.stderr);
    }
    scene.json(&["gadget"]);
    assert_eq!(searches(), 2);
    scene.json(&["widget", "--no-state"]);
    assert_eq!(searches(), 3);
    // Another question: nothing that it depends on may have changed.
    let changed = std::fs::read_to_string(scene.path("suppliers.toml")).unwrap().replace(".parts[].id", ".parts[0].id");
    scene.write("suppliers.toml", changed.as_bytes());
    scene.json(&["widget"]);
    assert_eq!(searches(), 4);

    let forgetful = self::scene(&keys(&supplier, "{id}\"", ""));
    forgetful.json(&["widget"]);
    forgetful.json(&["widget"]);
    assert_eq!(searches(), 6);
}

/// A supplier whose part has the number of the generation that it is in.
fn renumbering(generation: &Arc<AtomicUsize>, gone: (&'static str, &'static str)) -> Supplier {
    let generation = Arc::clone(generation);
    Supplier::answering(move |request| {
        let number = generation.load(Ordering::SeqCst);
        if request.contains("/search") {
            return ("200 OK", format!(r#"{{"parts": [{{"id": "N{number}"}}]}}"#));
        }
        if request.contains(&format!("/parts/N{number} ")) {
            ("200 OK", offer("1"))
        } else {
            (gone.0, gone.1.to_owned())
        }
    })
}

#[test]
fn ids_that_lead_to_nothing_are_looked_up_again() {
    for gone in [("404 Not Found", ""), ("200 OK", "[]")] {
        let generation = Arc::new(AtomicUsize::new(1));
        let supplier = renumbering(&generation, gone);
        let scene = scene(&keys(&supplier, "{id}\"\nno-offer-status = [404]", "max-age = \"1h\""));
        let run = || offers(&scene.json(&["widget"]).0);
        assert_eq!((run(), run()), (1, 1));
        generation.store(2, Ordering::SeqCst);
        assert_eq!((run(), run()), (1, 1));
        let expected = ["/search", "/parts/N1", "/parts/N1", "/parts/N1", "/search", "/parts/N2", "/parts/N2"];
        let heads: Vec<String> =
            supplier.heads().iter().map(|head| head.replace("GET ", "").replace("?product=widget", "")).collect();
        assert_eq!(heads, expected, "{gone:?}");
    }
}

#[test]
fn ids_that_are_gone_are_forgotten() {
    let generation = Arc::new(AtomicUsize::new(1));
    let supplier = renumbering(&generation, ("410 Gone", ""));
    let scene = scene(&keys(&supplier, "{id}\"", "max-age = \"1h\""));
    scene.json(&["widget"]);
    generation.store(2, Ordering::SeqCst);
    assert_eq!(failure(&scene.json(&["widget"]).0).1, "HTTP status 410, gone");
    assert_eq!(offers(&scene.json(&["widget"]).0), 1);
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_secret_is_remembered() {
    let supplier = two_steps(json!(["A"]));
    let quotes =
        format!("{{id}}\"\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}\nvars = {{ api_key = \"{CANARY}\" }}");
    let lookup = "request = '{key: $api_key}'\nmax-age = \"1h\"";
    let keys =
        keys(&supplier, &quotes, lookup).replace("/search{?product}", &format!("/search?key={CANARY}{{&product}}"));
    let scene = scene(&keys);
    assert_eq!(offers(&scene.json(&["widget"]).0), 1);
    assert!(supplier.requests()[0].ends_with(&format!(r#"{{"key":"{CANARY}"}}"#)), "{}", supplier.requests()[0]);
    let files: Vec<PathBuf> =
        files(&scene.path(".")).into_iter().filter(|path| !path.ends_with("suppliers.toml")).collect();
    let state: Vec<u8> = files.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    let holds = |text: &str| state.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("/search?key=***"), "{files:?}");
    assert!(!holds(CANARY));
}

#[test]
fn nothing_is_remembered_of_failures_and_of_no_ids() {
    let supplier = two_steps(json!([]));
    let scene = scene(&keys(&supplier, "{id}\"", "max-age = \"1h\""));
    for searches in 1..=2 {
        scene.json(&["widget"]);
        assert_eq!(supplier.requests().len(), searches);
    }
}

const MOCKED: &str = r#"
url = "https://api.acme.example/parts/{id}{?quantity}"
headers = { Authorization = "Bearer ${ACME_TOKEN}" }
quotes = '.tiers[] | {sku: $id, unitPrice: .p, currency: "EUR", inStock: true, shipping: 0}'

[suppliers.acme.lookup]
url = "https://search.acme.example/find{?product}"
request = '{find: $product}'
ids = '.found[] | .number'

[suppliers.acme.mock]
lookup-body = '{"found": [{"number": 17}]}'
body = '{"tiers": [{"p": 0.25}]}'"#;

#[test]
fn both_steps_can_be_tried_on_recorded_replies() {
    let (document, run) = scene(MOCKED).json(&["widget", "--qty", "4", "--mock"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{document:#}");
    assert_eq!((&document["cheapest"]["sku"], document["cheapest"]["goods"].to_string()), (&"17".into(), "1.0".into()));
    let wrong = scene(&MOCKED.replace(".found[] | .number", ".none[]"));
    let (document, _) = wrong.json(&["widget", "--mock"]);
    assert_eq!(failure(&document).1, "mapping failed: in `lookup`: in `ids`: cannot iterate over null (null) at .none");
}

/// A configuration whose supplier needs a variable, and a saved reply of its search.
fn trial(ids: &str, reply: &str) -> Scene {
    let scene = scene(&format!(
        "url = \"https://acme.example/parts/{{id}}?key=${{UNSET}}\"\n[suppliers.acme.lookup]\n\
         url = \"https://acme.example/search{{?product}}\"\nids = '{ids}'\nmax-ids = 3"
    ));
    scene.write("found.json", reply.as_bytes());
    scene
}

const FOUND: &str = r#"{"parts": [{"id": 7, "name": "widget"}, {"id": " A-8 ", "name": "widget XL"}, {"id": 7}]}"#;

#[test]
fn a_lookup_is_tried_on_a_saved_reply() {
    let run = trial(".parts[].id", FOUND).run(&["check", "--lookup-reply", "found.json", "--product", "widget"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(run.stdout, @"
    acme, lookup: found.json, widget
      7    .parts[0].id
      A-8  .parts[1].id

    2 ids: quotes are asked for each
    ");
    let picked = trial(".parts[] | select(.name == $product) | \"N\\(.id)\"", FOUND);
    let run = picked.run(&["check", "--lookup-reply", "found.json", "--product", "widget"]);
    assert!(run.stdout.contains("  N7  computed\n\n1 id: quotes are asked for it\n"), "{}", run.stdout);
    let run = picked.run(&["check", "--lookup-reply", "found.json"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("the filter looks for `$product`: say which one with `--product`"), "{}", run.stdout);
}

#[test]
fn what_a_lookup_does_not_find_or_understand_is_told_with_what_to_change() {
    let tried = |ids: &str, reply: &str| {
        let run = trial(ids, reply).run(&["check", "--lookup-reply", "found.json"]);
        assert_eq!(run.stderr, "");
        (run.code, run.stdout)
    };
    let (code, nothing) = tried(".hits[]?.id", FOUND);
    assert_eq!(code, Some(1));
    assert!(nothing.contains("`ids` yields nothing of this reply: compare it with the parts below"), "{nothing}");
    assert!(nothing.contains("an array of 3\n"), "{nothing}");
    assert!(nothing.ends_with("\n0 ids: the supplier does not carry the product\n"), "{nothing}");
    let (code, many) = tried("range(5)", FOUND);
    assert_eq!(code, Some(0));
    assert!(many.contains("only the first 3 are asked for: raise `max-ids` of `lookup`"), "{many}");
    for (ids, reply, said) in [
        (".parts[]", FOUND, "`ids` yields an object, not a text or a number"),
        (".hits[]", FOUND, "there is no array at that place"),
        (".parts[].id", "<html>", "this is HTML or XML"),
    ] {
        let (code, failed) = tried(ids, reply);
        assert_eq!(code, Some(3), "{failed}");
        let ends = failed.ends_with("\nThe lookup fails on this reply\n");
        assert!(failed.contains(said) && ends, "{failed}");
    }
}

#[test]
fn a_reply_of_a_lookup_that_cannot_be_tried_is_an_error_with_a_hint() {
    let scene = trial(".parts[].id", FOUND);
    let plain = Scene::of(&[("plain", "http://127.0.0.1:1/")]);
    plain.write("found.json", FOUND.as_bytes());
    for (scene, arguments, said) in [
        (&scene, &["--lookup-reply", "none.json"][..], "`--lookup-reply`: `none.json` cannot be read: no such file"),
        (&scene, &["--lookup-reply", "found.json", "--reply", "found.json"], "cannot be used with"),
        (
            &plain,
            &["--lookup-reply", "found.json"],
            "supplier `plain` has no `lookup`\nhint: `--reply` tries its `quotes`",
        ),
    ] {
        let run = scene.run(&[&["check"], arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{said}");
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
}
