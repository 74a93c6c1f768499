//! Statuses.

use std::task::Poll;
use std::time::Duration;

use pricecmp::domain::{ErrorKind, Phase};
use pricecmp::transport::http::HttpSupplier;
use pricecmp::transport::{PhaseMark, Transport};

use crate::support::hostile::http;
use crate::{ask, failure, inquiry, nothing, settings};

#[tokio::test]
async fn a_status_that_is_no_success_is_kept() {
    for (line, number) in [("500 Internal Server Error", 500), ("401 Unauthorized", 401), ("404 Not Found", 404)] {
        let failure = failure(&http::replying(line, &[], b"<html>").url()).await;
        assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(number)));
        assert_eq!(failure.detail, None);
    }
    let failure = failure(&http::raw(*b"HTTP/1.1 204 No Content\r\n\r\n").url()).await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(204)));
}

#[tokio::test]
async fn an_error_may_explain_itself() {
    let explained = http::replying("401 Unauthorized", &[], br#"{"error": "the key has expired"}"#);
    assert_eq!(failure(&explained.url()).await.detail.as_deref(), Some("the key has expired"));
}

#[tokio::test]
async fn an_error_that_is_slow_to_explain_itself_stays_an_error() {
    let failure = failure(&http::slow_error().url()).await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(500)));
}

#[tokio::test]
async fn a_status_is_known_before_its_message() {
    let supplier = HttpSupplier::new(settings(&http::slow_error().url())).unwrap();
    let (inquiry, mark) = (inquiry(), PhaseMark::new(Phase::Headers));
    assert_eq!(mark.settled(), None);
    let mut asking = supplier.ask(&inquiry, &mark);
    let settled = std::future::poll_fn(|context| {
        let answered = asking.as_mut().poll(context).is_ready();
        assert!(!answered, "the message takes longer than this");
        mark.settled().map_or(Poll::Pending, Poll::Ready)
    });
    let failure = settled.await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::HttpStatus, Some(500)));
    assert_eq!(mark.current(), Phase::Body);
}

#[tokio::test]
async fn a_rate_limit_says_how_long_if_it_makes_sense() {
    let year = Duration::from_hours(365 * 24);
    for (value, expected) in [
        ("2", Some(Duration::from_secs(2))),
        ("9223372037", Some(year)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(Duration::ZERO)),
        ("soon", None),
    ] {
        let server = http::replying("429 Too Many Requests", &[&format!("Retry-After: {value}")], b"");
        let failure = failure(&server.url()).await;
        assert_eq!((failure.kind, failure.http_status), (ErrorKind::RateLimited, Some(429)));
        assert_eq!(failure.retry_in, expected, "{value}");
    }
}

#[tokio::test]
async fn a_configured_status_means_no_offer() {
    let missing = http::replying("404 Not Found", &[], b"<html>");
    let mut settings = settings(&missing.url());
    settings.no_offer_status = vec![404];
    assert_eq!(ask(settings).await, nothing(404));
}

#[tokio::test]
async fn another_success_than_200_is_read() {
    assert_eq!(ask(settings(&http::replying("201 Created", &[], b"[]").url())).await, nothing(201));
}
