//! Documents by GET that are no supplier's.

use std::time::Duration;

use pricecmp::domain::{ErrorKind, Failure, Phase, Secret};
use pricecmp::transport::PhaseMark;
use pricecmp::transport::http::{HttpClients, Page, Proxies, TlsSettings};

use crate::PLENTY;
use crate::support::hostile::{self, http, tls};

const TYPES: &str = "application/xml, application/json;q=0.9";

fn page(url: &str) -> Page {
    Page { url: Secret::new(url), shown_url: url.to_owned(), accept: TYPES, body: None }
}

async fn fetch_with(page: &Page, tls: &TlsSettings, limit: Duration) -> Result<Vec<u8>, Failure> {
    let client = HttpClients::new(Proxies::none()).client(tls).unwrap();
    let mark = PhaseMark::new(Phase::Headers);
    match tokio::time::timeout(limit, page.fetch(&client, &mark)).await {
        Ok(fetched) => fetched,
        Err(_) => Err(mark.settled().unwrap_or_else(|| Failure::timeout(mark.current(), limit))),
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, Failure> {
    fetch_with(&page(url), &TlsSettings::default(), PLENTY).await
}

#[tokio::test]
async fn a_page_is_its_bytes_whatever_they_are() {
    let server = http::good(b"<?xml version=\"1.0\"?>\0\xff");
    let page = Page { url: Secret::new(server.url().replace("//", "//user:hunter2@")), ..page("http://***@acme/") };
    let fetched = fetch_with(&page, &TlsSettings::default(), PLENTY).await;
    assert_eq!(fetched.unwrap(), b"<?xml version=\"1.0\"?>\0\xff");
    let head = server.heads().remove(0);
    let preview = page.preview();
    assert_eq!(preview.head, "GET http://***@acme/");
    assert_eq!(preview.headers.len(), 5);
    for (name, value) in preview.headers {
        let value = value.replace("***", "dXNlcjpodW50ZXIy");
        assert!(head.contains(&format!("{name}: {value}\r\n")), "{name}: {value} is not in {head}");
    }
}

#[tokio::test]
async fn what_is_no_success_is_a_failure() {
    for (status, kind, number) in [
        ("204 No Content", ErrorKind::HttpStatus, 204),
        ("404 Not Found", ErrorKind::HttpStatus, 404),
        ("429 Too Many Requests", ErrorKind::RateLimited, 429),
        ("500 Internal Server Error", ErrorKind::HttpStatus, 500),
    ] {
        let failure = fetch(&http::replying(status, &[], b"{\"error\": \"why\"}").url()).await.unwrap_err();
        assert_eq!((failure.kind, failure.http_status), (kind, Some(number)));
    }
    assert_eq!(fetch(&hostile::refused().url()).await.unwrap_err().kind, ErrorKind::Connect);
    assert_eq!(fetch("http://nobody.invalid/").await.unwrap_err().kind, ErrorKind::Dns);
    assert_eq!(fetch("ftp://acme.example/").await.unwrap_err().kind, ErrorKind::Internal);
}

#[tokio::test]
async fn the_same_server_may_redirect_and_no_other_is_asked() {
    let moved = http::reply("301 Moved Permanently", &["Location: /daily.xml"], b"");
    let server = http::replying_in_turn(vec![moved, http::reply("200 OK", &[], b"here")]);
    assert_eq!(fetch(&server.url()).await.unwrap(), b"here");
    assert!(server.heads()[1].starts_with("GET /daily.xml HTTP/1.1\r\n"), "{:?}", server.heads());
    let witness = http::good(b"there");
    let failure = fetch(&http::redirecting("302 Found", &witness.url()).url()).await.unwrap_err();
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::RedirectRefused, Some(302)));
    assert_eq!(witness.connections(), 0);
    let circle = http::redirecting("302 Found", "/again");
    assert_eq!(fetch(&circle.url()).await.unwrap_err().kind, ErrorKind::RedirectRefused);
    assert_eq!(circle.connections(), 6);
}

#[tokio::test]
async fn a_page_is_trusted_and_bounded_as_a_supplier_is() {
    let authority = tls::Authority::new();
    let server = tls::good(&authority);
    assert_eq!(fetch(&server.url()).await.unwrap_err().kind, ErrorKind::Tls);
    let trust = TlsSettings { ca_file: Some(authority.file()), client_certificate: None, is_unverified: false };
    assert_eq!(fetch_with(&page(&server.url()), &trust, PLENTY).await.unwrap(), http::NO_OFFERS);
    assert_eq!(fetch(&http::endless_body().url()).await.unwrap_err().kind, ErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn whoever_waits_no_longer_knows_what_for() {
    let short = crate::SHORT;
    for (server, phase) in [(hostile::silent(), Phase::Headers), (http::slow_body(short / 10), Phase::Body)] {
        let failure = fetch_with(&page(&server.url()), &TlsSettings::default(), short).await.unwrap_err();
        assert_eq!((failure.kind, failure.phase), (ErrorKind::Timeout, Some(phase)));
    }
    let failure = fetch_with(&page(&http::slow_error().url()), &TlsSettings::default(), short).await.unwrap_err();
    assert_eq!(failure.http_status, Some(500));
}

#[tokio::test]
async fn a_secret_that_is_sent_back_is_not_shown() {
    let server = http::answering(|head| {
        let path = head.split(' ').nth(1).unwrap();
        http::reply("403 Forbidden", &[], format!("{{\"error\": \"no access with {path}\"}}").as_bytes())
    });
    let page = Page {
        url: Secret::new(format!("{}?key=hunter2", server.url())),
        ..page(&format!("{}?key=***", server.url()))
    };
    let failure = fetch_with(&page, &TlsSettings::default(), PLENTY).await.unwrap_err();
    assert_eq!(failure.detail.as_deref(), Some("no access with /?key=***"));
}
