//! Heads and bodies: too large, broken, lawless.

use pricecmp::domain::ErrorKind;

use crate::support::hostile::http::{self, Compression};
use crate::{ask, failure, kind, nothing, settings};

#[tokio::test]
async fn too_many_or_too_large_headers() {
    assert_eq!(ask(settings(&http::many_headers(99).url())).await, nothing(200));
    for (name, server) in [
        ("101 headers", http::many_headers(101)),
        ("1,000 headers", http::many_headers(1_000)),
        ("70 kB", http::large_headers(70_000)),
        ("600 kB", http::large_headers(600_000)),
    ] {
        assert_eq!(kind(&server.url()).await, ErrorKind::HeadersTooLarge, "{name}");
    }
    assert_eq!(ask(settings(&http::large_headers(60_000).url())).await, nothing(200));
}

#[tokio::test]
async fn an_endless_body() {
    assert_eq!(kind(&http::endless_body().url()).await, ErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn bombs_stop_at_the_decoded_cap() {
    for compression in Compression::ALL {
        let failure = failure(&http::bomb(compression, 64 * 1024 * 1024).url()).await;
        assert_eq!(failure.kind, ErrorKind::BodyTooLarge, "{compression:?}");
        assert_eq!(failure.http_status, Some(200));
    }
}

#[tokio::test]
async fn a_body_just_under_the_cap_is_read() {
    let mut body = vec![b' '; 8 * 1024 * 1024];
    body[..2].copy_from_slice(b"[]");
    assert_eq!(ask(settings(&http::good(&body).url())).await, nothing(200));
    body.push(b' ');
    assert_eq!(kind(&http::good(&body).url()).await, ErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn every_encoding_is_undone() {
    for compression in Compression::ALL {
        assert_eq!(ask(settings(&http::compressed(compression, b"[]").url())).await, nothing(200), "{compression:?}");
    }
}

#[tokio::test]
async fn broken_and_chained_encodings() {
    for compression in Compression::ALL {
        assert_eq!(kind(&http::cut(compression).url()).await, ErrorKind::BadEncoding, "{compression:?}");
        let encoding = format!("Content-Encoding: {}", compression.name());
        let plain = http::replying("200 OK", &[&encoding], b"[1, 2, 3, 4, 5]");
        assert_eq!(kind(&plain.url()).await, ErrorKind::BadEncoding, "{compression:?}");
    }
    assert_eq!(kind(&http::chained_gzip(6).url()).await, ErrorKind::BadEncoding);
    let unknown = http::replying("200 OK", &["Content-Encoding: compress"], b"[]");
    assert_eq!(kind(&unknown.url()).await, ErrorKind::BadEncoding);
    let untold = http::good(&Compression::Gzip.compress(b"[]", 1));
    assert_eq!(kind(&untold.url()).await, ErrorKind::BadEncoding);
}

#[tokio::test]
async fn a_length_that_is_wrong() {
    assert_eq!(kind(&http::content_length_too_long().url()).await, ErrorKind::ConnectionClosed);
    assert_eq!(kind(&http::content_length_too_short().url()).await, ErrorKind::MalformedJson);
}

#[tokio::test]
async fn what_breaks_the_rules_of_http() {
    for (name, server) in http::lawless() {
        let failure = failure(&server.url()).await;
        assert_eq!(failure.kind, ErrorKind::HttpProtocol, "{name}: {failure:?}");
    }
}

#[tokio::test]
async fn html_is_not_json() {
    let failure = failure(&http::good(b"<html><body>Welcome</body></html>").url()).await;
    assert_eq!((failure.kind, failure.http_status), (ErrorKind::MalformedJson, Some(200)));
}

#[tokio::test]
async fn an_error_object_is_the_suppliers_error() {
    let failure = failure(&http::good(br#"{"error": {"message": "no such part"}}"#).url()).await;
    assert_eq!((failure.kind, failure.detail.as_deref()), (ErrorKind::SupplierError, Some("no such part")));
}

#[tokio::test]
async fn a_large_body_is_worked_out_as_a_small_one() {
    let offer = br#"{"sku":"A-1","unitPrice":0.45,"currency":"EUR","inStock":true}"#;
    let many = [b"[".to_vec(), vec![offer.to_vec(); 2_000].join(&b","[..]), b"]".to_vec()].concat();
    let reply = ask(settings(&http::good(&many).url())).await.unwrap();
    assert_eq!(reply.offers.len(), 2_000);
}
