//! Suppliers that are reached over HTTP.
//!
//! Owns one exchange: the request, the reply's status, redirects within the same server, the body. Refuses to know
//! deadlines and retries (the engine owns time), and what a body means (`mapping` does). Main type:
//! [`HttpSupplier`]; its connections come from a [`HttpClient`], which many suppliers share.
//!
//! ```text
//! target ─► client: dns, proxy, tls, phase; classify ─► status ─► body ─► work: mapping
//! ```

mod body;
mod classify;
mod client;
mod dns;
mod phase;
mod proxy;
mod status;
mod target;
mod tls;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, Url};
use thiserror::Error;

pub use self::client::{HttpClient, HttpClients};
pub use self::proxy::Proxies;
pub use self::tls::{TlsProblem, TlsSettings};

use self::status::Verdict;
use super::{Asking, Inquiry, PhaseMark, Preview, Reply, Transport};
use crate::domain::{ErrorKind, Failure, Method, Phase, Redirects, Secret, SupplierName, TransportKind};
use crate::mapping::{Mapping, UrlTemplate, is_reserved_header};

/// The most redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// The header that carries the run's id.
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("pricecmp/", env!("CARGO_PKG_VERSION"));

/// A header of a supplier's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderSetting {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub value: Secret,
    /// What is shown instead, every secret in it masked.
    pub shown: String,
}

/// What is needed to reach a supplier over HTTP.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The configured name.
    pub name: SupplierName,
    /// The method.
    pub method: Method,
    /// The URL's template. It may hold secrets.
    pub url: UrlTemplate,
    /// The same with every secret masked.
    pub shown_url: UrlTemplate,
    /// Additional headers, in the configuration's order.
    pub headers: Vec<HeaderSetting>,
    /// Statuses that mean that the supplier does not carry the product.
    pub no_offer_status: Vec<u16>,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Where connections come from.
    pub client: Arc<HttpClient>,
    /// How offers are made of a body.
    pub mapping: Mapping,
}

/// Why settings cannot be used. It never holds a header's value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpProblem {
    /// A header's name is no token.
    #[error("`{0}` is not a header name")]
    HeaderName(String),
    /// A header's value has characters that no header may have.
    #[error("header `{0}` has a value that HTTP does not allow")]
    HeaderValue(String),
    /// The header belongs to the connection.
    #[error("header `{0}` is set by pricecmp itself")]
    Reserved(String),
}

/// A supplier that is asked over HTTP.
#[derive(Debug)]
pub struct HttpSupplier {
    name: SupplierName,
    method: Method,
    url: UrlTemplate,
    shown_url: UrlTemplate,
    headers: Box<[Header]>,
    no_offer_status: Box<[u16]>,
    redirects: Redirects,
    client: Arc<HttpClient>,
    mapping: Mapping,
}

/// A header that was checked.
#[derive(Debug)]
struct Header {
    name: HeaderName,
    value: HeaderValue,
    shown: Box<str>,
}

impl HttpSupplier {
    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// When a header is none.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpProblem> {
        Ok(Self {
            name: settings.name,
            method: settings.method,
            url: settings.url,
            shown_url: settings.shown_url,
            headers: settings.headers.into_iter().map(Header::new).collect::<Result<_, _>>()?,
            no_offer_status: settings.no_offer_status.into(),
            redirects: settings.redirects,
            client: settings.client,
            mapping: settings.mapping,
        })
    }

    /// Asks and makes offers of the answer.
    async fn reply(&self, inquiry: &Inquiry, phase: &PhaseMark) -> Result<Reply, Failure> {
        let mut url = target::parse(&self.url.expand(&inquiry.request))?;
        let mut method = self.method;
        let mut followed = 0;
        loop {
            let headers = self.request_headers(inquiry)?;
            let mut response = self.client.send(method, &url, headers, phase).await?;
            let status = response.status();
            match status::judge(status, response.headers(), &self.no_offer_status, Timestamp::now()) {
                Verdict::NoOffer => return Ok(Reply { offers: Vec::new(), http_status: Some(status.as_u16()) }),
                Verdict::Read => {
                    let read = self.read(&mut response, inquiry, phase).await;
                    return read.map_err(|failure| failure.with_status(status.as_u16()));
                }
                Verdict::Fail(failure) => {
                    phase.enter(Phase::Body);
                    // The status says it all: when the time is over before its message is there, it is no timeout.
                    phase.settle(failure.clone());
                    return Err(Failure { detail: body::read_message(&mut response).await, ..failure });
                }
                Verdict::Redirect { location, with_get } => {
                    let next = self.follow(&url, &location, followed);
                    url = next.map_err(|failure| failure.with_status(status.as_u16()))?;
                    followed += 1;
                    if with_get {
                        method = Method::Get;
                    }
                }
            }
        }
    }

    /// Reads the offers.
    async fn read(&self, response: &mut Response, inquiry: &Inquiry, phase: &PhaseMark) -> Result<Reply, Failure> {
        phase.enter(Phase::Body);
        let body = body::read(response).await?;
        phase.enter(Phase::Mapping);
        let offers = work::offers(&self.mapping, body, &inquiry.request, &self.name).await?;
        Ok(Reply { offers, http_status: Some(response.status().as_u16()) })
    }

    /// Where a redirect leads, if it may be followed.
    fn follow(&self, url: &Url, location: &str, followed: usize) -> Result<Url, Failure> {
        let next = target::redirected(url, location)?;
        let refused = |why: &str| Err(Failure::new(ErrorKind::RedirectRefused).with_detail(why));
        match self.redirects {
            Redirects::None => refused("within the same host, which `redirects = \"same-host\"` would allow"),
            Redirects::SameHost if followed >= REDIRECTS => refused("more than 5 in a row"),
            Redirects::SameHost => Ok(next),
        }
    }

    /// The headers of a request. What the configuration sets replaces what pricecmp would send.
    fn request_headers(&self, inquiry: &Inquiry) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::with_capacity(8 + self.headers.len());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(body::ENCODINGS));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        // There is nothing more to ask, and a server that closes first keeps our ports free.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        for own in &self.headers {
            headers.remove(&own.name);
        }
        for own in &self.headers {
            headers.append(own.name.clone(), own.value.clone());
        }
        let id = HeaderValue::from_str(&inquiry.correlation_id)
            .map_err(|_| Failure::new(ErrorKind::Internal).with_detail("the correlation id is not a header value"))?;
        headers.insert(CORRELATION_ID, id);
        Ok(headers)
    }
}

impl Header {
    /// Checks a header.
    fn new(setting: HeaderSetting) -> Result<Self, HttpProblem> {
        let Ok(name) = HeaderName::from_bytes(setting.name.as_bytes()) else {
            return Err(HttpProblem::HeaderName(setting.name));
        };
        if is_reserved_header(name.as_str()) {
            return Err(HttpProblem::Reserved(setting.name));
        }
        let Ok(mut value) = HeaderValue::from_str(setting.value.expose()) else {
            return Err(HttpProblem::HeaderValue(setting.name));
        };
        value.set_sensitive(true);
        Ok(Self { name, value, shown: setting.shown.into() })
    }
}

impl Transport for HttpSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Http
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(self.reply(inquiry, phase))
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("accept-encoding".to_owned(), body::ENCODINGS.to_owned()),
            ("user-agent".to_owned(), USER_AGENT.to_owned()),
        ];
        headers.retain(|(name, _)| self.headers.iter().all(|own| own.name.as_str() != name));
        headers.extend(self.headers.iter().map(|own| (own.name.to_string(), own.shown.to_string())));
        headers.push((CORRELATION_ID.to_string(), inquiry.correlation_id.to_string()));
        let url = self.shown_url.expand(&inquiry.request);
        Preview { head: format!("{} {url}", self.method.as_str()), headers, body: None }
    }
}
