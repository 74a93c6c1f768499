//! TLS and HTTP/2.

use pricecmp::domain::{ErrorKind, Failure, Phase};
use pricecmp::transport::Reply;
use pricecmp::transport::http::{HttpClients, Proxies, TlsSettings};

use crate::support::hostile::tls::Authority;
use crate::support::hostile::{Server, http, http2, tls};
use crate::{ask, nothing, settings, settings_with, stalled_in};

/// Trusts an authority.
fn trusting(authority: &Authority) -> TlsSettings {
    TlsSettings { ca_file: Some(authority.file()), client_certificate: None, is_unverified: false }
}

/// Asks a server whose authority is trusted.
async fn ask_trusting(server: &Server, authority: &Authority) -> Result<Reply, Failure> {
    ask(settings_with(&server.url(), Proxies::none(), &trusting(authority))).await
}

/// The kind of its failure.
async fn kind_of(server: &Server, authority: &Authority) -> ErrorKind {
    ask_trusting(server, authority).await.unwrap_err().kind
}

/// Holds that a TLS failure names its cause.
async fn assert_cause(server: &Server, authority: &Authority, cause: &str) {
    let failure = ask_trusting(server, authority).await.unwrap_err();
    assert_eq!((failure.kind, failure.detail.as_deref()), (ErrorKind::Tls, Some(cause)));
}

#[tokio::test]
async fn a_good_certificate_over_both_protocols() {
    let authority = Authority::new();
    assert_eq!(ask_trusting(&tls::good(&authority), &authority).await, nothing(200));
    assert_eq!(ask_trusting(&http2::good(&authority), &authority).await, nothing(200));
}

#[tokio::test]
async fn wrong_certificates_are_told_apart() {
    let authority = Authority::new();
    assert_cause(&tls::expired(&authority), &authority, "the certificate has expired").await;
    assert_cause(&tls::wrong_host(&authority), &authority, "the certificate is for another host").await;
    let unknown = "the certificate is self-signed or its issuer is unknown";
    assert_cause(&tls::self_signed(), &authority, unknown).await;
    assert_cause(&tls::good(&Authority::new()), &authority, unknown).await;
    assert_cause(&tls::plain_http(), &authority, "the server does not speak TLS").await;
    assert_cause(&tls::closing(), &authority, "the connection was closed during the TLS handshake").await;
}

#[tokio::test]
async fn a_stalled_handshake() {
    let authority = Authority::new();
    let settings = settings_with(&tls::stalling().url(), Proxies::none(), &trusting(&authority));
    assert_eq!(stalled_in(settings).await, Phase::Tls);
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_configured() {
    let authority = Authority::new();
    let server = tls::wanting_client_certificate(&authority);
    assert_cause(&server, &authority, "the server wants a client certificate").await;
    let both = TlsSettings { client_certificate: Some(authority.client_file()), ..trusting(&authority) };
    assert_eq!(ask(settings_with(&server.url(), Proxies::none(), &both)).await, nothing(200));
}

#[tokio::test]
async fn a_cut_body_is_noticed_although_its_length_is_unknown() {
    let authority = Authority::new();
    assert_eq!(kind_of(&tls::closing_rudely(&authority), &authority).await, ErrorKind::ConnectionClosed);
}

#[tokio::test]
async fn clients_differ_only_where_settings_do() {
    let authority = Authority::new();
    let mut clients = HttpClients::new(Proxies::none());
    let first = clients.client(&trusting(&authority)).unwrap();
    let second = clients.client(&trusting(&authority)).unwrap();
    let other = clients.client(&TlsSettings::default()).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert!(!std::sync::Arc::ptr_eq(&first, &other));
}

#[tokio::test]
async fn plain_http_needs_no_certificates() {
    // The default settings trust the system's authorities, which a machine need not have.
    assert_eq!(ask(settings(&http::good(b"[]").url())).await, nothing(200));
}

#[tokio::test]
async fn too_many_or_too_large_headers_over_http2() {
    let authority = Authority::new();
    for (name, server) in [
        ("101 headers", http2::many_headers(&authority, 101)),
        ("70 kB", http2::large_headers(&authority, 70_000)),
        ("600 kB", http2::large_headers(&authority, 600_000)),
        ("endless", http2::endless_headers(&authority)),
    ] {
        assert_eq!(kind_of(&server, &authority).await, ErrorKind::HeadersTooLarge, "{name}");
    }
    assert_eq!(ask_trusting(&http2::many_headers(&authority, 99), &authority).await, nothing(200));
}

#[tokio::test]
async fn faults_over_http2() {
    let authority = Authority::new();
    // It ignores how much we are willing to take, so either bound may come first.
    let endless = kind_of(&http2::endless_body(&authority), &authority).await;
    assert!(matches!(endless, ErrorKind::BodyTooLarge | ErrorKind::HttpProtocol), "{endless:?}");
    assert_eq!(kind_of(&http2::resetting_stream(&authority), &authority).await, ErrorKind::HttpProtocol);
    assert_eq!(kind_of(&http2::going_away(&authority), &authority).await, ErrorKind::ConnectionClosed);
    assert_eq!(kind_of(&http2::garbage(&authority), &authority).await, ErrorKind::HttpProtocol);
}

#[tokio::test]
async fn stalls_over_http2() {
    let authority = Authority::new();
    for server in [http2::silent(&authority), http2::endless_interim(&authority)] {
        let settings = settings_with(&server.url(), Proxies::none(), &trusting(&authority));
        assert_eq!(stalled_in(settings).await, Phase::Headers);
    }
}

#[tokio::test]
async fn without_verification_any_certificate_is_accepted_and_only_this_machine_is_asked() {
    let unverified = TlsSettings { is_unverified: true, ..TlsSettings::default() };
    // No proxy stands between, whatever the environment says.
    let proxies = || Proxies::all("http://127.0.0.1:1", "").unwrap();
    let server = tls::self_signed();
    for url in [server.url(), server.url_as("localhost")] {
        assert_eq!(ask(settings_with(&url, proxies(), &unverified)).await, nothing(200), "{url}");
        assert_eq!(ask(settings(&url)).await.unwrap_err().kind, ErrorKind::Tls, "{url}");
    }
    let failure = ask(settings_with("https://acme.example/", proxies(), &unverified)).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Tls);
    assert_eq!(failure.detail.as_deref(), Some("without verification only this machine is asked"));
}
