//! What is sent, and what is shown of it.

use std::time::Duration;

use pricecmp::config::mock::{Latency, Mock, MockAnswer, MockError, MockOffer};
use pricecmp::domain::{ErrorKind, Method, OfferReply, SupplierName};
use pricecmp::mapping::{Names, UrlTemplate};
use pricecmp::respond::Embedded;
use pricecmp::transport::Transport;
use pricecmp::transport::http::{HttpProblem, HttpSettings, HttpSupplier};
use rust_decimal::Decimal;

use crate::support::hostile::http;
use crate::{ask, header, inquiry, nothing, settings};

/// A template at a server, with credentials and a key.
fn secret_url(address: std::net::SocketAddr) -> String {
    format!("http://user:hunter2@{address}/{{product}}?key=hunter3{{&quantity}}")
}

#[tokio::test]
async fn a_request_has_what_every_supplier_gets() {
    let server = http::good(b"[]");
    assert_eq!(ask(settings(&secret_url(server.address()))).await, nothing(200));
    let head = server.heads().remove(0);
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("GET /widget?key=hunter3&quantity=95 HTTP/1.1"));
    let mut headers: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    headers.sort_unstable();
    let host = format!("host: {}", server.address());
    let expected = [
        "accept-encoding: gzip, br, zstd",
        "accept: application/json",
        "authorization: Basic dXNlcjpodW50ZXIy",
        "connection: close",
        host.as_str(),
        concat!("user-agent: pricecmp/", env!("CARGO_PKG_VERSION")),
        "x-correlation-id: 0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11",
    ];
    assert_eq!(headers, expected);
}

#[tokio::test]
async fn configured_headers_replace_ours_and_may_repeat() {
    let server = http::good(b"[]");
    let headers = vec![
        header("User-Agent", "acme-client"),
        header("Authorization", "Bearer t"),
        header("X-Twice", "1"),
        header("X-Twice", "2"),
    ];
    let url = secret_url(server.address());
    assert_eq!(ask(HttpSettings { headers, ..settings(&url) }).await, nothing(200));
    let head = server.heads().remove(0);
    assert_eq!(head.matches("user-agent: ").count(), 1, "{head}");
    assert!(head.contains("user-agent: acme-client\r\n"), "{head}");
    assert_eq!(head.matches("authorization: ").count(), 1, "{head}");
    assert!(head.contains("authorization: Bearer t\r\n"), "{head}");
    assert!(head.contains("x-twice: 1\r\nx-twice: 2\r\n"), "{head}");
}

#[tokio::test]
async fn no_failure_and_no_preview_shows_a_secret() {
    let servers = [http::replying("500 Error", &[], b""), http::endless_body(), crate::support::hostile::refused()];
    for server in servers {
        let mut settings = settings(&secret_url(server.address()));
        settings.headers = vec![header("Authorization", "Bearer hunter4")];
        let failure = ask(settings).await.unwrap_err();
        let shown = format!("{failure:?}");
        assert!(!shown.contains("hunter") && !shown.contains("http://"), "{shown}");
    }
}

#[tokio::test]
async fn a_preview_is_masked_and_sends_nothing() {
    let server = http::good(b"[]");
    let mut settings = settings(&secret_url(server.address()));
    settings.shown_url =
        UrlTemplate::parse("http://***@acme.example/{product}?key=***{&quantity}", &Names::of_request()).unwrap();
    settings.headers = vec![header("Authorization", "Bearer hunter4")];
    let supplier = HttpSupplier::new(settings).unwrap();
    let preview = supplier.preview(&inquiry());
    assert_eq!(preview.head, "GET http://***@acme.example/widget?key=***&quantity=95");
    assert!(preview.headers.contains(&("authorization".to_owned(), "***".to_owned())));
    assert!(preview.headers.iter().any(|(name, _)| name == "x-correlation-id"));
    assert_eq!(preview.body, None);
    assert!(!format!("{preview:?} {supplier:?}").contains("hunter"));
    assert_eq!(server.connections(), 0);
}

/// The headers that a server was sent, without what HTTP's framing adds, each on a line and sorted.
fn sent(head: &str) -> Vec<String> {
    let lines = head.lines().skip(1).filter(|line| !line.is_empty());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.retain(|line| !line.starts_with("host: ") && !line.starts_with("content-length: "));
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent() {
    for method in Method::ALL {
        for headers in [vec![], vec![header("Authorization", "***"), header("X-Twice", "***")]] {
            let server = http::good(b"[]");
            let made = || HttpSettings { method, headers: headers.clone(), ..settings(&secret_url(server.address())) };
            let preview = HttpSupplier::new(made()).unwrap().preview(&inquiry());
            assert_eq!(ask(made()).await, nothing(200));
            let shown = preview.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
            let masked = server.heads()[0].replace("Basic dXNlcjpodW50ZXIy", "Basic ***");
            assert_eq!(sent(&format!("\n{}", shown.collect::<String>())), sent(&masked), "{method:?}");
            assert_eq!(preview.body.is_some(), masked.contains("\r\ncontent-length: "), "{masked}");
        }
    }
}

#[tokio::test]
async fn a_method_with_a_body_sends_the_wires_request() {
    let mock = Mock {
        latency: Latency::Fixed(Duration::ZERO),
        error_rate: Decimal::ZERO,
        error: MockError::Status(503),
        retry_after: None,
        fail_first: 0,
        lookup: None,
        list: None,
        seed: None,
        answer: MockAnswer::Offers(vec![MockOffer { product: None, fields: Vec::new(), validity: None }]),
    };
    let mocks = Embedded::start(vec![(SupplierName::new("acme"), mock)]).unwrap();
    let url = format!("http://{}/acme/quotes", mocks.local_addr());
    for method in [Method::Post, Method::Put, Method::Patch] {
        let settings = HttpSettings { method, ..settings(&url) };
        let preview = HttpSupplier::new(settings.clone()).unwrap().preview(&inquiry());
        assert_eq!(preview.body.as_deref(), Some(r#"{"productId":"widget","quantity":95,"currency":"EUR"}"#));
        assert!(preview.headers.contains(&("content-type".to_owned(), "application/json".to_owned())));
        let reply = ask(settings).await.unwrap();
        let [OfferReply::Readable(offer)] = reply.offers.as_slice() else { panic!("{reply:?}") };
        assert_eq!((offer.product.as_deref(), offer.quantity), (Some("widget"), Some(95)), "{method:?}");
    }
    let refused = ask(settings(&url)).await.unwrap_err();
    assert_eq!(refused.http_status, Some(400), "a GET has no body to say what is asked");
}

#[test]
fn settings_that_http_does_not_allow_are_refused() {
    let refused = |settings: HttpSettings| HttpSupplier::new(settings).unwrap_err();
    let with_header =
        |name: &str, value: &str| HttpSettings { headers: vec![header(name, value)], ..settings("http://a/") };
    assert_eq!(refused(with_header("X Y", "1")), HttpProblem::HeaderName("X Y".to_owned()));
    assert_eq!(refused(with_header("X-Y", "hunter2\n")), HttpProblem::HeaderValue("X-Y".to_owned()));
    assert_eq!(refused(with_header("Content-Length", "1")), HttpProblem::Reserved("Content-Length".to_owned()));
    assert_eq!(refused(with_header("Connection", "keep-alive")), HttpProblem::Reserved("Connection".to_owned()));
}

#[tokio::test]
async fn a_product_that_breaks_the_host_is_told_apart() {
    let url = "http://{+product}.acme.invalid/";
    let mut inquiry = inquiry();
    let mut request = (*inquiry.request).clone();
    request.product = "a b".to_owned();
    inquiry.request = std::sync::Arc::new(request);
    let supplier = HttpSupplier::new(settings(url)).unwrap();
    let mark = pricecmp::transport::PhaseMark::new(pricecmp::domain::Phase::Headers);
    let failure = supplier.ask(&inquiry, &mark).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Dns);
}
