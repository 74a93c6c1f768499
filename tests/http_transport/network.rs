//! Names, connections, proxies, and floods that would starve everybody else.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use pricecmp::domain::{ErrorKind, Phase};
use pricecmp::transport::http::{HttpSupplier, Proxies, TlsSettings};
use pricecmp::transport::{PhaseMark, Transport};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::support::hostile::{self, http, proxy, tls};
use crate::{SHORT, ask, failure, inquiry, kind, nothing, settings, settings_with, stalled_in};

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let failure = failure("http://nobody.invalid/").await;
    assert_eq!(failure.kind, ErrorKind::Dns);
    assert!(!failure.detail.unwrap().contains("nobody"));
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let failure = failure(&hostile::refused().url()).await;
    assert_eq!(failure.kind, ErrorKind::Connect);
    assert_eq!(failure.detail.as_deref(), Some("connection refused"));
}

#[tokio::test]
async fn a_host_that_never_answers_a_connection() {
    assert_eq!(stalled_in(settings(&hostile::unreachable().url())).await, Phase::Connect);
}

#[tokio::test]
async fn a_name_is_resolved_and_its_good_address_found() {
    // `localhost` may also be `::1`, where nobody listens.
    assert_eq!(ask(settings(&http::good(b"[]").url_as("localhost"))).await, nothing(200));
}

#[tokio::test]
async fn silence_after_the_connection() {
    assert_eq!(stalled_in(settings(&hostile::silent().url())).await, Phase::Headers);
}

#[tokio::test]
async fn a_connection_that_is_closed_or_reset() {
    assert_eq!(kind(&hostile::closing().url()).await, ErrorKind::ConnectionClosed);
    assert_eq!(kind(&hostile::resetting().url()).await, ErrorKind::ConnectionClosed);
    assert_eq!(kind(&http::reset_in_body().url()).await, ErrorKind::ConnectionClosed);
}

#[tokio::test]
async fn slow_headers_and_a_slow_body() {
    let pause = Duration::from_millis(100);
    assert_eq!(stalled_in(settings(&http::slow_headers(pause).url())).await, Phase::Headers);
    assert_eq!(stalled_in(settings(&http::slow_body(pause).url())).await, Phase::Body);
}

#[tokio::test]
async fn some_interim_replies_are_skipped() {
    assert_eq!(ask(settings(&http::some_interim(100).url())).await, nothing(200));
}

/// An event loop on a thread of its own, as the engine asks on: the clock is on another one.
fn another_loop() -> (Handle, oneshot::Sender<()>) {
    let (end, ended) = oneshot::channel();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        tell.send(runtime.handle().clone()).unwrap();
        runtime.block_on(ended)
    });
    (told.recv().unwrap(), end)
}

#[tokio::test]
async fn the_clock_goes_on_beside_ten_floods_of_interim_replies() {
    let server = http::endless_interim();
    let (workers, _end) = another_loop();
    let mut asking = JoinSet::new();
    let marks: Vec<PhaseMark> = (0..10).map(|_| PhaseMark::new(Phase::Dns)).collect();
    for mark in marks.clone() {
        let settings = settings(&server.url());
        let ask = async move { HttpSupplier::new(settings).unwrap().ask(&inquiry(), &mark).await };
        asking.spawn_on(ask, &workers);
    }
    let started = Instant::now();
    let nobody = tokio::time::timeout(SHORT, asking.join_next()).await;
    assert!(nobody.is_err(), "{nobody:?}");
    // That it ends is the whole point: on one loop with the floods the clock does not get to ring. The bound is far
    // above what the busiest machine needs, and below what anybody would wait.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    // Those whose turn has not come yet are still at their connection.
    let reached = marks.iter().filter(|mark| mark.current() == Phase::Headers).count();
    assert!(reached > 0, "{:?}", marks.iter().map(PhaseMark::current).collect::<Vec<_>>());
}

#[tokio::test]
async fn ten_endless_bodies_do_not_keep_us_busy() {
    let flooding = http::endless_body();
    let good = http::good(b"[]");
    let mut asking = JoinSet::new();
    for _ in 0..10 {
        asking.spawn(ask(settings(&flooding.url())));
    }
    assert_eq!(ask(settings(&good.url())).await, nothing(200));
    while let Some(reply) = asking.join_next().await {
        assert_eq!(reply.unwrap().unwrap_err().kind, ErrorKind::BodyTooLarge);
    }
}

#[tokio::test]
async fn a_dead_proxy() {
    let dead = Proxies::all(&hostile::refused().url(), "").unwrap();
    let target = http::good(b"[]");
    let failure = ask(settings_with(&target.url(), dead, &TlsSettings::default())).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Proxy);
    assert_eq!(failure.detail.as_deref(), Some("connection refused"));
    assert_eq!(target.connections(), 0);

    let socks = hostile::refused().url().replace("http:", "socks5:");
    for url in ["http://nobody.invalid:3128", &socks] {
        let proxies = Proxies::all(url, "").unwrap();
        let failure = ask(settings_with(&target.url(), proxies, &TlsSettings::default())).await.unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Proxy, "{failure:?}");
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn no_proxy_goes_around_a_dead_proxy() {
    let dead = Proxies::all(&hostile::refused().url(), "127.0.0.1").unwrap();
    let target = http::good(b"[]");
    assert_eq!(ask(settings_with(&target.url(), dead, &TlsSettings::default())).await, nothing(200));
}

#[tokio::test]
async fn a_proxy_forwards_plain_http() {
    let proxy = proxy::forwarding();
    let address = proxy.address();
    let proxies = Proxies::all(&format!("http://user:pass@{address}"), "").unwrap();
    let reply = ask(settings_with("http://acme.invalid/a?b=1", proxies, &TlsSettings::default())).await;
    assert_eq!(reply, nothing(200));
    let head = &proxy.heads()[0];
    assert!(head.starts_with("GET http://acme.invalid/a?b=1 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: Basic dXNlcjpwYXNz\r\n"), "{head}");
    assert!(head.contains("host: acme.invalid\r\n"), "{head}");
}

#[tokio::test]
async fn a_proxy_tunnels_https() {
    let authority = tls::Authority::new();
    let trust = TlsSettings { ca_file: Some(authority.file()), client_certificate: None, is_unverified: false };
    let proxy = proxy::tunnelling();
    let target = tls::good(&authority);
    let reply = ask(settings_with(&target.url(), Proxies::all(&proxy.url(), "").unwrap(), &trust)).await;
    assert_eq!(reply, nothing(200));
    assert!(proxy.heads()[0].starts_with(&format!("CONNECT {} HTTP/1.1\r\n", target.address())));
}

#[tokio::test]
async fn a_proxy_that_refuses_or_talks_nonsense() {
    for url in ["http://acme.invalid/", "https://acme.invalid/"] {
        let wanting = proxy::refusing("407 Proxy Authentication Required");
        let proxies = Proxies::all(&wanting.url(), "").unwrap();
        let failure = ask(settings_with(url, proxies, &TlsSettings::default())).await.unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Proxy, "{url}");
        assert_eq!(failure.detail.as_deref(), Some("the proxy wants credentials"), "{url}");
    }
    let proxies = Proxies::all(&proxy::garbage().url(), "").unwrap();
    let failure = ask(settings_with("https://acme.invalid/", proxies, &TlsSettings::default())).await.unwrap_err();
    assert_eq!(failure.detail.as_deref(), Some("the proxy refused to open a tunnel"));
    let proxies = Proxies::all(&hostile::silent().url(), "").unwrap();
    assert_eq!(
        stalled_in(settings_with("https://acme.invalid/", proxies, &TlsSettings::default())).await,
        Phase::Connect
    );
}
