//! The fault matrix, rows 1 to 11: names, connections, TLS and proxies. The real binary asks a good supplier and a
//! bad one.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use support::faults::{ASKED, Fault};
use support::hostile::tls::Authority;
use support::hostile::{self, Server, http, tls};
use support::resolver::{self, Resolver};
use support::{Supplier, offer};

#[test]
fn row_1_a_name_that_does_not_exist_is_dns() {
    let told = Fault::at("http://nobody.invalid/").beside_a_good_one().failed_as("dns");
    assert!(told.error().starts_with("name could not be resolved"), "{}", told.error());
}

#[cfg(target_os = "linux")]
#[test]
fn row_2_a_resolver_that_never_answers_is_a_timeout_and_the_process_still_ends() {
    let resolver = Resolver::compiled();
    let fault = Fault::at(&format!("http://{}/", resolver::STUCK)).resolver(&resolver).flags(&["--timeout", "1s"]);
    let told = fault.beside_a_good_one().stalled_in("dns").ended_within(Duration::from_secs(1));
    assert_eq!(told.document["termination"], "deadline");
}

#[test]
fn row_3_a_refused_connection_is_connect() {
    let told = Fault::of(&hostile::refused()).beside_a_good_one().failed_as("connect");
    assert!(told.error().contains("refused"), "{}", told.error());
}

#[test]
fn row_4_a_dropped_syn_is_a_timeout_of_connect() {
    Fault::of(&hostile::unreachable()).with_little_time().beside_a_good_one().stalled_in("connect");
}

/// Whether this machine has IPv6 on loopback. Without it, an address fails at once and is not blackholed.
fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

/// A server on IPv4 whose port answers no SYN on IPv6.
fn blackholed_on_ipv6() -> Server {
    loop {
        let server = http::good(offer("0.70").as_bytes());
        let address = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], server.address().port()));
        // Another program may have the port.
        if hostile::full_queue(address).is_ok() || !has_ipv6() {
            return server;
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn row_5_a_blackholed_ipv6_address_hides_no_good_ipv4_address() {
    let (resolver, server) = (Resolver::compiled(), blackholed_on_ipv6());
    let fault = Fault::at(&server.url_as(resolver::DUAL)).resolver(&resolver);
    fault.beside_a_good_one().has_a_quote();
    assert_eq!(server.connections(), ASKED);
    if has_ipv6() {
        let alone = Fault::at(&server.url_as("[::1]")).with_little_time();
        alone.beside_a_good_one().stalled_in("connect");
    }
}

#[test]
fn row_6_silence_is_a_timeout_of_the_headers() {
    Fault::of(&hostile::silent()).with_little_time().beside_a_good_one().stalled_in("headers");
}

#[test]
fn row_7_a_reset_in_the_body_is_a_closed_connection() {
    Fault::of(&http::reset_in_body()).beside_a_good_one().failed_as("connection_closed");
}

#[test]
fn row_8_a_connection_that_is_closed_at_once_is_told_so() {
    for server in [hostile::closing(), hostile::resetting()] {
        Fault::of(&server).beside_a_good_one().failed_as("connection_closed");
    }
}

#[test]
fn row_9_a_wrong_certificate_is_tls_with_its_cause() {
    let authority = Authority::new();
    for (server, cause) in [
        (tls::expired(&authority), "the certificate has expired"),
        (tls::self_signed(), "the certificate is self-signed or its issuer is unknown"),
        (tls::wrong_host(&authority), "the certificate is for another host"),
        (tls::plain_http(), "the server does not speak TLS"),
    ] {
        let told = Fault::of(&server).trusting(&authority).beside_a_good_one().failed_as("tls");
        assert!(told.error().contains(cause), "{}", told.error());
        assert!(server.heads().is_empty(), "a request was sent: {cause}");
    }
}

#[test]
fn row_10_a_stalled_handshake_is_a_timeout_of_tls() {
    let authority = Authority::new();
    let fault = Fault::of(&tls::stalling()).trusting(&authority).with_little_time();
    fault.beside_a_good_one().stalled_in("tls");
}

#[test]
fn row_11_a_dead_proxy_is_proxy_and_no_proxy_is_honoured() {
    for scheme in ["http", "https"] {
        // The good supplier is on the address that goes around the proxy.
        let fault = Fault::at(&format!("{scheme}://acme.invalid/"))
            .variable(&format!("{scheme}_proxy"), &hostile::refused().url())
            .variable("no_proxy", "127.0.0.1");
        fault.beside_a_good_one().failed_as("proxy");
    }
}

#[test]
fn row_11_without_no_proxy_everybody_goes_through_the_proxy() {
    let dead = hostile::refused().url().replace("://", &format!("://buyer:{}@", support::CANARY));
    let good = Supplier::replying(&offer("0.60"));
    let configuration = format!("currency = \"EUR\"\n[suppliers.good]\nurl = \"{}\"\n", good.url());
    let fault = Fault::at("https://acme.invalid/").variable("HTTP_PROXY", &dead).variable("HTTPS_PROXY", &dead);
    let told = fault.run(&configuration).failed_as("proxy");
    assert_eq!(told.run.code, Some(3));
    assert_eq!(support::stats(&told.document, "good")["errorKind"], "proxy");
    assert_eq!(told.document["selected"], Value::Null);
    assert!(good.requests().is_empty());
}
