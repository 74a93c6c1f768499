//! The fault matrix, rows 12 to 25: heads, bodies, encodings, redirects and statuses. The real binary asks a good
//! supplier and a bad one.

mod support;

use std::time::Duration;

use support::faults::{Fault, Told};
use support::hostile::http::{self, Compression};
use support::hostile::tls::{self, Authority};
use support::hostile::{Server, http2};
use support::{CANARY, Scene, Supplier, offer};

/// A byte each.
const DRIP: Duration = Duration::from_millis(100);

const MIB: u64 = 1024 * 1024;

/// What a run may hold: the program itself, and a body at its cap of 8 MiB in a few copies.
const MOST_MEMORY: u64 = 64 * MIB;

/// What a bomb becomes. A program that held it would hold more than [`MOST_MEMORY`].
const BOMB: usize = 256 * 1024 * 1024;

fn asked(server: &Server) -> Told {
    Fault::of(server).beside_a_good_one()
}

fn assert_little_memory(told: &Told) {
    let most = told.run.most_memory;
    assert!(most > 0 && most < MOST_MEMORY, "{} MiB", most / MIB);
}

#[test]
fn row_12_slow_headers_are_a_timeout_of_the_headers() {
    Fault::of(&http::slow_headers(DRIP)).with_little_time().beside_a_good_one().stalled_in("headers");
}

#[test]
fn row_13_a_slow_body_is_a_timeout_although_bytes_keep_coming() {
    let fault = Fault::of(&http::slow_body(DRIP)).flags(&["--timeout", "1s"]);
    let told = fault.beside_a_good_one().stalled_in("body").ended_within(Duration::from_secs(1));
    assert_eq!(told.document["termination"], "deadline");
}

#[test]
fn row_14_endless_interim_replies_are_a_timeout_of_the_headers() {
    let server = http::endless_interim();
    let fault = Fault::of(&server).flags(&["--timeout", "1s"]);
    let told = fault.beside_a_good_one().stalled_in("headers").ended_within(Duration::from_secs(1));
    assert!(server.written() > 0);
    assert_little_memory(&told);
}

#[test]
fn row_15_too_many_or_too_large_headers_are_refused() {
    for (name, server) in [("101 headers", http::many_headers(101)), ("600 kB", http::large_headers(600_000))] {
        println!("{name}");
        asked(&server).failed_as("headers_too_large");
    }
}

#[test]
fn row_16_headers_over_http2_are_refused_as_well() {
    let authority = Authority::new();
    for (name, server) in [
        ("101 headers", http2::many_headers(&authority, 101)),
        ("600 kB", http2::large_headers(&authority, 600_000)),
        ("endless", http2::endless_headers(&authority)),
    ] {
        println!("{name}");
        let told = Fault::of(&server).trusting(&authority).beside_a_good_one().failed_as("headers_too_large");
        assert_little_memory(&told);
    }
}

#[test]
fn row_16_stalls_over_http2_do_not_hang() {
    let authority = Authority::new();
    for server in [http2::silent(&authority), http2::endless_interim(&authority)] {
        let fault = Fault::of(&server).trusting(&authority).with_little_time();
        fault.beside_a_good_one().stalled_in("headers");
    }
}

#[test]
fn row_17_an_endless_body_is_too_large() {
    let server = http::endless_body();
    let told = asked(&server).failed_as("body_too_large").with_status(200);
    assert_little_memory(&told);
    // The cap, and what the system's buffers hold.
    assert!((server.written() as u64) < 64 * MIB, "{} bytes were read", server.written());
}

#[test]
fn row_18_bombs_are_too_large_at_the_decoded_cap() {
    for compression in Compression::ALL {
        println!("{compression:?}");
        let told = asked(&http::bomb(compression, BOMB)).failed_as("body_too_large").with_status(200);
        assert_little_memory(&told);
    }
}

#[test]
fn row_19_broken_and_chained_encodings_are_bad() {
    for server in [http::cut(Compression::Gzip), http::chained_gzip(6)] {
        asked(&server).failed_as("bad_encoding");
    }
}

#[test]
fn row_20_a_wrong_content_length_is_noticed() {
    asked(&http::content_length_too_long()).failed_as("connection_closed");
    asked(&http::content_length_too_short()).failed_as("malformed_json");
}

#[test]
fn row_21_what_breaks_the_rules_of_http_is_told_so() {
    for (name, server) in http::lawless() {
        println!("{name}");
        asked(&server).failed_as("http_protocol");
    }
}

#[test]
fn row_22_another_host_sees_no_request() {
    let witness = http::good(offer("0.10").as_bytes());
    for location in [witness.url_as("localhost"), witness.url(), format!("{}?apikey={CANARY}", witness.url())] {
        for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let server = http::redirecting(status, &location);
            for redirects in ["none", "same-host"] {
                let fault = Fault::of(&server).with(&format!("redirects = \"{redirects}\""));
                fault.beside_a_good_one().failed_as("redirect_refused");
            }
        }
    }
    assert_eq!(witness.connections(), 0);
}

#[test]
fn row_22_https_is_not_left() {
    let (authority, witness) = (Authority::new(), http::good(offer("0.10").as_bytes()));
    let server = tls::redirecting(&authority, &witness.url());
    let fault = Fault::of(&server).trusting(&authority).with("redirects = \"same-host\"");
    fault.beside_a_good_one().failed_as("redirect_refused");
    assert_eq!(witness.connections(), 0);
}

#[test]
fn row_23_a_rate_limit_never_sleeps_past_the_deadline() {
    let year = 365 * 24 * 60 * 60 * 1000;
    for (value, retry) in [
        ("9223372037", Some(year)),
        ("Thu, 30 Dec 9999 20:00:00 GMT", Some(year)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
        ("soon", None),
        ("-1", None),
        ("", None),
    ] {
        let server = http::replying("429 Too Many Requests", &[&format!("Retry-After: {value}")], b"");
        let told = asked(&server).failed_as("rate_limited").with_status(429).ended_within(Duration::from_secs(5));
        assert_eq!(told.stats()["retryInMs"].as_u64(), retry, "{value}");
    }
}

#[test]
fn row_24_a_status_that_is_no_success_is_told() {
    for (line, status) in [("500 Internal Server Error", 500), ("401 Unauthorized", 401)] {
        let told = asked(&http::replying(line, &[], b"<html>")).failed_as("http_status").with_status(status);
        assert!(told.error().contains(&status.to_string()), "{}", told.error());
    }
    asked(&http::raw(*b"HTTP/1.1 204 No Content\r\n\r\n")).failed_as("http_status").with_status(204);
}

/// A supplier that is asked for a plain reply.
fn asked_for_plain(server: &Server) -> Told {
    let told = Fault::of(server).with("headers.Accept-Encoding = \"identity\"").beside_a_good_one();
    let head = server.heads()[0].to_ascii_lowercase();
    assert!(head.contains("accept-encoding: identity\r\n") && !head.contains("gzip"), "{head}");
    told
}

#[test]
fn row_25_what_is_compressed_unasked_is_decoded_under_the_cap() {
    for compression in Compression::ALL {
        asked_for_plain(&http::compressed(compression, offer("0.70").as_bytes())).has_a_quote();
        asked_for_plain(&http::bomb(compression, 16 * 1024 * 1024)).failed_as("body_too_large");
    }
}

#[test]
fn row_25_an_encoding_that_nobody_knows_is_bad() {
    for encoding in ["compress", "snappy"] {
        let server = http::replying("200 OK", &[&format!("Content-Encoding: {encoding}")], b"[]");
        asked_for_plain(&server).failed_as("bad_encoding");
    }
    // Compressed, and not even told so.
    asked(&http::good(&Compression::Gzip.compress(offer("0.70").as_bytes(), 1))).failed_as("bad_encoding");
}

#[test]
fn a_secret_that_a_supplier_sends_back_is_in_no_output() {
    let bodies =
        [format!(r#"{{"error": "bad token {CANARY}"}}"#), format!(r#"{{"error": {{"message": "{CANARY}"}}}}"#)];
    for (status, body) in
        ["401 Unauthorized", "200 OK"].into_iter().flat_map(|status| bodies.iter().map(move |body| (status, body)))
    {
        let supplier = Supplier::with_status(status, body.as_bytes());
        let scene = Scene::of(&[("acme", &supplier.url())]);
        for format in ["json", "table", "markdown"] {
            let run = scene.run(&["widget", "-vv", "-f", format]);
            assert!(run.stdout.contains("***") || run.stdout.contains(r"\*\*\*"), "{}", run.stdout);
        }
    }
}
