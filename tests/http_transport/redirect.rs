//! Redirects.

use pricecmp::domain::{ErrorKind, Failure, Method, Redirects};
use pricecmp::transport::Reply;
use pricecmp::transport::http::{HttpSettings, Proxies, TlsSettings};

use crate::support::hostile::{http, tls};
use crate::{ask, failure, header, nothing, settings, settings_with};

/// Settings that allow redirects within the host.
fn allowing(url: &str) -> HttpSettings {
    HttpSettings { redirects: Redirects::SameHost, ..settings(url) }
}

/// The reason of a refusal.
fn refusal(reply: Result<Reply, Failure>) -> String {
    let failure = reply.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::RedirectRefused, "{failure:?}");
    assert!(failure.http_status.is_some());
    failure.detail.unwrap()
}

/// A reply that redirects.
fn redirect(status: &str, location: &str) -> Vec<u8> {
    http::reply(status, &[&format!("Location: {location}")], b"")
}

#[tokio::test]
async fn another_host_sees_no_request() {
    let witness = http::good(b"[]");
    for location in [witness.url_as("localhost"), witness.url()] {
        for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let server = http::redirecting(status, &location);
            for redirects in [Redirects::None, Redirects::SameHost] {
                let mut settings = HttpSettings { redirects, ..settings(&server.url()) };
                settings.headers = vec![header("Authorization", "Bearer hunter2")];
                let reason = refusal(ask(settings).await);
                assert!(reason == "to another host" || reason == "to another port", "{reason}");
            }
        }
    }
    assert_eq!(witness.connections(), 0);
}

#[tokio::test]
async fn https_is_not_left() {
    let authority = tls::Authority::new();
    let witness = http::good(b"[]");
    let server = tls::redirecting(&authority, &witness.url());
    let trust = TlsSettings { ca_file: Some(authority.file()), client_certificate: None, is_unverified: false };
    let settings = settings_with(&server.url(), Proxies::none(), &trust);
    let reason = refusal(ask(HttpSettings { redirects: Redirects::SameHost, ..settings }).await);
    assert_eq!(reason, "from https to another scheme");
    assert_eq!(witness.connections(), 0);
}

#[tokio::test]
async fn the_same_host_is_followed_only_where_it_is_allowed() {
    let server = || http::replying_in_turn(vec![redirect("302 Found", "/v2?x=1"), http::reply("200 OK", &[], b"[]")]);
    let refused = server();
    assert!(refusal(ask(settings(&refused.url())).await).starts_with("within the same host"));
    assert_eq!(refused.connections(), 1);
    let allowed = server();
    assert_eq!(ask(allowing(&allowed.url())).await, nothing(200));
    assert!(allowed.heads()[1].starts_with("GET /v2?x=1 HTTP/1.1\r\n"), "{:?}", allowed.heads());
}

#[tokio::test]
async fn a_circle_ends() {
    let server = http::redirecting("302 Found", "/again");
    assert_eq!(refusal(ask(allowing(&server.url())).await), "more than 5 in a row");
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn see_other_turns_into_a_get_and_the_others_do_not() {
    for (status, expected) in [("303 See Other", "GET /b "), ("307 Temporary Redirect", "POST /b ")] {
        let server = http::replying_in_turn(vec![redirect(status, "/b"), http::reply("200 OK", &[], b"[]")]);
        let settings = HttpSettings { method: Method::Post, ..allowing(&server.url()) };
        assert_eq!(ask(settings).await, nothing(200));
        assert!(server.heads()[1].starts_with(expected), "{:?}", server.heads());
    }
}

#[tokio::test]
async fn a_redirect_without_a_location_is_a_status() {
    let failure = failure(&http::replying("302 Found", &[], b"").url()).await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(302)));
}
