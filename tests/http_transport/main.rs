//! The HTTP transport against servers that misbehave, over real sockets, one test for each row of what can go wrong
//! with one supplier.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "../support/mod.rs"]
mod support;

mod body;
mod network;
mod oauth2;
mod page;
mod recording;
mod redirect;
mod request;
mod status;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use pricecmp::domain::{
    Currency, ErrorKind, Failure, Method, Phase, PriceRequest, Quantity, Redirects, RequestFormat, Secret, SupplierName,
};
use pricecmp::mapping::{Mapping, Names, UrlTemplate};
use pricecmp::transport::http::{HeaderSetting, HttpClients, HttpSettings, HttpSupplier, Proxies, TlsSettings};
use pricecmp::transport::{Inquiry, PhaseMark, Recorder, Reply, Transport};

/// Long enough for everything that is not stalled, also on a busy machine.
const PLENTY: Duration = Duration::from_secs(20);

/// Short, for what stalls for ever.
const SHORT: Duration = Duration::from_millis(400);

/// The settings of a supplier at `url`, with everything else as it is by default.
fn settings(url: &str) -> HttpSettings {
    settings_with(url, Proxies::none(), &TlsSettings::default())
}

/// The same with proxies and TLS settings of its own.
fn settings_with(url: &str, proxies: Proxies, tls: &TlsSettings) -> HttpSettings {
    HttpSettings {
        name: SupplierName::new("acme"),
        method: Method::Get,
        url: UrlTemplate::parse(url, &Names::of_request()).unwrap(),
        shown_url: UrlTemplate::parse(url, &Names::of_request()).unwrap(),
        headers: Vec::new(),
        tokens: None,
        secrets: Vec::new(),
        no_offer_status: Vec::new(),
        redirects: Redirects::None,
        client: HttpClients::new(proxies).client(tls).unwrap(),
        request: None,
        request_format: RequestFormat::Json,
        mapping: Mapping::default(),
        lookup: None,
        max_pages: 10,
        takes_lines: false,
        vars: Arc::new([]),
        saved: None,
        recorder: Recorder::default(),
    }
}

/// A header with a secret.
fn header(name: &str, value: &str) -> HeaderSetting {
    HeaderSetting { name: name.to_owned(), value: Secret::new(value), shown: "***".to_owned() }
}

/// What every test asks.
fn inquiry() -> Inquiry {
    Inquiry {
        lines: [].into(),
        request: Arc::new(PriceRequest {
            product: "widget".to_owned(),
            quantity: Quantity::new(95).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
        }),
        correlation_id: "0b6f3c1e-8f1d-4c55-9d0e-2f6f0a3f7c11".into(),
        deadline: Timestamp::MAX,
    }
}

/// Asks as the engine does: the future is dropped when the time is over, and the mark says what it knows by then.
async fn ask_within(settings: HttpSettings, limit: Duration) -> Result<Reply, Failure> {
    let supplier = HttpSupplier::new(settings).unwrap();
    let inquiry = inquiry();
    let mark = PhaseMark::new(Phase::Headers);
    match tokio::time::timeout(limit, supplier.ask(&inquiry, &mark)).await {
        Ok(reply) => reply,
        Err(_) => Err(mark.settled().unwrap_or_else(|| Failure::timeout(mark.current(), limit))),
    }
}

/// Asks a supplier that answers or fails.
async fn ask(settings: HttpSettings) -> Result<Reply, Failure> {
    ask_within(settings, PLENTY).await
}

/// The failure of a supplier at `url`.
async fn failure(url: &str) -> Failure {
    ask(settings(url)).await.unwrap_err()
}

/// The kind of that failure.
async fn kind(url: &str) -> ErrorKind {
    failure(url).await.kind
}

/// The phase in which a stalling supplier times out.
async fn stalled_in(settings: HttpSettings) -> Phase {
    let failure = ask_within(settings, SHORT).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Timeout, "{failure:?}");
    failure.phase.unwrap()
}

/// An answer without offers.
#[expect(clippy::unnecessary_wraps, reason = "it is compared with what `ask` gives")]
fn nothing(status: u16) -> Result<Reply, Failure> {
    Ok(Reply { http_status: Some(status), ..Reply::default() })
}
