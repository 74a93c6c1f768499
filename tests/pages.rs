//! Errors inside a 200, and replies in several pages: suppliers with `error` and `next` filters, asked over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::Value;
use support::{CANARY, Run, Scene, Supplier, offer, stats};

/// A configuration with one supplier, which has these keys.
fn scene(keys: &str) -> Scene {
    Scene::new(&format!("currency = \"EUR\"\n[suppliers.acme]\n{keys}\n"))
}

/// Asks for a widget a supplier that answers so, at `/list`, with these keys.
fn asked(supplier: &Supplier, keys: &str) -> (Value, Run) {
    scene(&format!("url = \"{}/list?q={{product}}\"\n{keys}", supplier.origin())).json(&["widget"])
}

/// The kind of the supplier's failure, and what is said of it.
fn failure(document: &Value) -> (String, String) {
    let stats = stats(document, "acme");
    let text = |key: &str| stats[key].as_str().unwrap_or_default().to_owned();
    (text("errorKind"), text("error"))
}

fn totals(document: &Value) -> Vec<String> {
    document["allQuotes"].as_array().unwrap().iter().map(|quote| quote["totalPrice"].to_string()).collect()
}

#[test]
fn an_error_inside_a_200_is_the_suppliers_error() {
    let supplier = Supplier::replying(r#"{"Errors": [{"Code": 7, "Text": "no credit"}], "Parts": []}"#);
    let (document, run) =
        asked(&supplier, "error = '.Errors[]? | .Text'\nquotes = '.Parts[]'\nheaders = { X-Key = \"k\" }");
    assert_eq!(run.code, Some(3));
    assert_eq!(failure(&document), ("supplier_error".into(), "supplier reports an error: no credit".into()));
    assert_eq!(stats(&document, "acme")["responded"], false);
}

#[test]
fn an_error_filter_works_on_pricecmps_own_format_and_on_error_statuses() {
    let supplier = Supplier::replying(&offer("0.60").replace('{', r#"{"warning": "test key", "#));
    let (document, run) = asked(&supplier, "error = '.fault'");
    assert_eq!((run.code, totals(&document)), (Some(0), vec!["0.6".to_owned()]));
    let (document, _) = asked(&supplier, "error = '.warning'");
    assert_eq!(failure(&document).1, "supplier reports an error: test key");

    let supplier = Supplier::with_status("400 Bad Request", br#"{"Fault": {"Reason": "quota exceeded"}}"#);
    let (document, _) = asked(&supplier, "error = '.Fault.Reason'");
    let expected = "HTTP status 400, bad request: quota exceeded".to_owned();
    assert_eq!(failure(&document), ("http_status".into(), expected));
}

#[test]
fn what_an_error_says_holds_neither_secrets_nor_control_characters() {
    let body = format!(r#"{{"fault": "bad key {CANARY}\u001b[2J\u202e"}}"#);
    let supplier = Supplier::replying(&body);
    let keys = format!("error = '.fault'\nheaders = {{ Authorization = \"Bearer {CANARY}\" }}");
    let (document, _) = asked(&supplier, &keys);
    assert!(failure(&document).1.starts_with("supplier reports an error: bad key ***"), "{document:#}");
}

#[test]
fn no_such_part_is_no_error() {
    for (status, body, keys) in [
        ("200 OK", r#"{"parts": []}"#, "error = '.fault'\nquotes = '.parts[]'"),
        ("200 OK", "[]", "error = '.fault?'"),
        ("404 Not Found", "nothing here", "no-offer-status = [404]\nerror = '.fault'"),
    ] {
        let supplier = Supplier::with_status(status, body.as_bytes());
        let (document, run) = asked(&supplier, keys);
        assert_eq!(run.code, Some(1), "{keys}");
        let stats = stats(&document, "acme");
        assert_eq!((&stats["responded"], &stats["offers"], &stats["error"]), (&true.into(), &0.into(), &Value::Null));
        let screen = scene(&format!("url = \"{}\"\n{keys}", supplier.origin())).run(&["widget"]).stdout;
        assert!(screen.contains("No offers\n  acme  does not carry the product\n"), "{screen}");
    }
}

/// A supplier with so many pages of one offer each; the first is number 1.
fn paged(count: usize, next: impl Fn(usize) -> String + Send + Sync + 'static) -> Supplier {
    Supplier::answering(move |request| {
        let number =
            request.split("page=").nth(1).map_or(1, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        let next = if number < count { next(number + 1) } else { "null".to_owned() };
        ("200 OK", format!(r#"{{"offers": [{}], "next": {next}}}"#, offer(&format!("{number}.00"))))
    })
}

const QUOTES: &str = "quotes = '.offers[]'\n";

#[test]
fn the_next_page_is_where_a_url_says() {
    for form in ["\"/list?page=N\"", "\"?page=N\"", "\"list?page=N#top\""] {
        let supplier = paged(3, move |number| form.replace('N', &number.to_string()));
        let keys = format!("{QUOTES}next = '.next'\nheaders = {{ X-Key = \"k7\" }}");
        let (document, run) = asked(&supplier, &keys);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(totals(&document), ["1.0", "2.0", "3.0"]);
        assert_eq!(supplier.heads(), ["GET /list?q=widget", "GET /list?page=2", "GET /list?page=3"], "{form}");
        assert!(supplier.requests().iter().all(|request| request.contains("x-key: k7\r\n")));
        assert_eq!(document["supplierStats"][0]["offers"], 3);
    }
}

#[test]
fn an_absolute_url_of_the_same_server_is_followed() {
    let supplier = Supplier::answering(|request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
        let next = if request.contains("/more") { "null".to_owned() } else { format!("\"http://{host}/more\"") };
        ("200 OK", format!(r#"{{"offers": [{}], "next": {next}}}"#, offer("1")))
    });
    let (document, _) = asked(&supplier, &format!("{QUOTES}next = '.next'"));
    assert_eq!((totals(&document).len(), supplier.heads()[1].as_str()), (2, "GET /more"));
}

#[test]
fn a_token_is_added_to_the_first_query() {
    let supplier = paged(3, |number| format!("\"{number}\""));
    let keys = format!("{QUOTES}next = '.next // \"\" | select(. != \"\") | \"&page=\" + @uri'");
    let (document, _) = asked(&supplier, &keys);
    assert_eq!(totals(&document).len(), 3);
    assert_eq!(supplier.heads()[1..], ["GET /list?q=widget&page=2", "GET /list?q=widget&page=3"]);
}

#[test]
fn a_body_is_the_next_request_by_the_same_method() {
    let supplier = Supplier::answering(|request| {
        let page = if request.ends_with(r#"{"part":"widget","after":7.10}"#) { "null" } else { "7.10" };
        ("200 OK", format!(r#"{{"offers": [{}], "last": {page}}}"#, offer("1")))
    });
    let next = "next = '.last | values | {part: $product, after: .}'";
    let (document, _) = asked(&supplier, &format!("{QUOTES}request = '{{part: $product}}'\n{next}"));
    assert_eq!(totals(&document).len(), 2, "{document:#}");
    assert_eq!(supplier.heads(), ["POST /list?q=widget"; 2]);

    let (document, _) = asked(&supplier, &format!("{QUOTES}{next}"));
    let expected = "mapping failed: `next` yields an object, the body of a request, and a `GET` has none";
    assert_eq!(failure(&document), ("mapping".into(), expected.into()));
}

#[test]
fn a_url_after_a_post_is_fetched_by_get() {
    let supplier = paged(2, |number| format!("\"/list?page={number}\""));
    let (document, _) = asked(&supplier, &format!("{QUOTES}request = '.'\nnext = '.next'"));
    assert_eq!(
        (totals(&document).len(), supplier.heads()),
        (2, vec!["POST /list?q=widget".into(), "GET /list?page=2".into()])
    );
    assert!(!supplier.requests()[1].contains("content-type"), "{}", supplier.requests()[1]);
}

#[test]
fn endless_pages_end_with_a_warning() {
    let supplier = paged(usize::MAX, |number| format!("\"/list?page={number}\""));
    for (keys, pages) in [("", 10), ("max-pages = 2\n", 2), ("max-pages = 1\n", 1)] {
        let (document, run) = asked(&supplier, &format!("{QUOTES}{keys}next = '.next'"));
        assert_eq!((run.code, totals(&document).len()), (Some(0), pages));
        let count = if pages == 1 { "1 page".to_owned() } else { format!("{pages} pages") };
        let message =
            format!("supplier `acme` has more than {count}, the rest was not read: `max-pages` sets how many are");
        let warning = &document["warnings"][0];
        assert_eq!((&warning["kind"], &warning["supplier"]), (&"pages_left".into(), &"acme".into()));
        assert_eq!(warning["message"], message);
        assert!(run.stderr.contains(&format!("warning: {message}\n")), "{}", run.stderr);
    }
    let (document, _) =
        asked(&paged(10, |number| format!("\"/list?page={number}\"")), &format!("{QUOTES}next = '.next'"));
    assert_eq!((totals(&document).len(), document["warnings"].as_array().unwrap().len()), (10, 0));
}

/// What comes of a first page whose `next` is this text.
fn followed(next: &str) -> (String, String, usize) {
    let next = Value::from(next).to_string();
    let supplier = paged(usize::MAX, move |_| next.clone());
    let (document, run) = asked(&supplier, &format!("{QUOTES}next = '.next'\nheaders = {{ X-Key = \"{CANARY}\" }}"));
    assert_eq!(run.code, Some(3));
    let (kind, error) = failure(&document);
    (kind, error, supplier.requests().len())
}

#[test]
fn the_same_page_again_is_an_error() {
    let again = "mapping failed: on page 2: `next` leads to a page that was read already";
    let (kind, error, requests) = followed("/list?q=widget");
    assert_eq!(
        (kind.as_str(), error.as_str(), requests),
        ("mapping", "mapping failed: `next` leads to a page that was read already", 1)
    );
    assert_eq!(followed("/list?page=7"), ("mapping".into(), again.into(), 2));
    assert_eq!(followed("/list?page=7#a").2, 2);
}

#[test]
fn no_page_is_fetched_from_another_server() {
    let other = Supplier::replying("{}");
    for (next, why) in [
        ("http://127.0.0.2:1/list", "to another host"),
        (other.origin().as_str(), "to another port"),
        ("https://127.0.0.1/list", "to another scheme"),
        ("//evil.example/list", "to another host"),
        ("file:///etc/passwd", "to another host"),
        ("file:list", "to another host"),
        ("data:,x", "to another host"),
        ("http://[", "to a malformed location"),
    ] {
        let (kind, error, requests) = followed(next);
        assert_eq!((kind.as_str(), requests), ("mapping", 1), "{next}: {error}");
        assert_eq!(error, format!("mapping failed: `next` leads {why}"), "{next}");
    }
    assert_eq!(other.requests(), [""; 0]);
}

#[test]
fn ten_thousand_offers_are_the_most_of_all_pages() {
    let supplier = |count: usize| {
        Supplier::answering(move |request| {
            let (offers, next) =
                if request.contains("page=2") { (count - 6_000, "null") } else { (6_000, "\"?page=2\"") };
            let offers = vec![offer("1"); offers].join(",");
            ("200 OK", format!(r#"{{"offers": [{offers}], "next": {next}}}"#))
        })
    };
    let keys = format!("{QUOTES}next = '.next'");
    let (document, _) = asked(&supplier(10_000), &keys);
    assert_eq!(document["supplierStats"][0]["offers"], 10_000);
    let (document, _) = asked(&supplier(10_001), &keys);
    let expected = "mapping failed: on page 2: 10001 offers on all pages, more than 10000";
    assert_eq!(failure(&document), ("mapping".into(), expected.into()));
}

#[test]
fn a_page_that_fails_fails_the_supplier_and_says_which() {
    let supplier = |status: &'static str, body: &'static str| {
        Supplier::answering(move |request| {
            if request.contains("page=2") {
                return (status, body.to_owned());
            }
            ("200 OK", format!(r#"{{"offers": [{}], "next": "?page=2"}}"#, offer("1")))
        })
    };
    let keys = format!("{QUOTES}next = '.next'\nerror = '.fault'\nno-offer-status = [404]\ntimeout = \"2s\"");
    for (status, body, kind, error) in [
        ("500 Oops", "", "http_status", "HTTP status 500, internal server error: on page 2"),
        (
            "200 OK",
            "{,",
            "malformed_json",
            "reply is not valid JSON: on page 2: line 1, column 2: expected a key in double quotes, found `,`",
        ),
        ("200 OK", r#"{"fault": "enough"}"#, "supplier_error", "supplier reports an error: on page 2: enough"),
        ("200 OK", "{}", "mapping", "mapping failed: on page 2: cannot iterate over null (null) at .offers"),
        ("", "", "timeout", "no reply within 2s: on page 2"),
    ] {
        let (document, run) = asked(&supplier(status, body), &keys);
        assert_eq!((run.code, failure(&document)), (Some(3), (kind.into(), error.into())));
    }
    let (document, run) = asked(&supplier("404 Not Found", ""), &keys);
    assert_eq!((run.code, totals(&document).len()), (Some(0), 1));
}

#[test]
fn a_mock_has_one_page() {
    let keys = r#"url = "https://acme.example/list"
quotes = '.offers[]'
next = '.next'
[suppliers.acme.mock]
body = '{"offers": [{"unitPrice": 1, "inStock": true, "currency": "EUR"}], "next": "https://acme.example/list?page=2"}'"#;
    let (document, run) = scene(keys).json(&["widget", "--mock"]);
    assert_eq!((run.code, totals(&document).len()), (Some(0), 1), "{}", run.stderr);
}
