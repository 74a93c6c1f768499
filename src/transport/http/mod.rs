//! Suppliers that are reached over HTTP.
//!
//! Owns one exchange: the request, the reply's status, redirects within the same server, the body. Refuses to know
//! deadlines and retries (the engine owns time), and what a body means (`mapping` does). Main type:
//! [`HttpSupplier`]; its connections come from a [`HttpClient`], which many suppliers share. [`Page`] is a document
//! that no supplier offers, over the same connections.
//!
//! ```text
//! target, request ─► client: dns, proxy, tls, phase; classify ─► status ─► body ─► work: mapping
//! ```

mod body;
mod classify;
mod client;
mod dns;
mod echo;
mod fetch;
mod oauth2;
mod offers;
mod phase;
mod proxy;
mod record;
mod request;
mod status;
mod target;
mod tls;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::{Response, StatusCode, Url};
use thiserror::Error;

pub use self::client::{HttpClient, HttpClients};
pub use self::fetch::Page;
pub use self::oauth2::{TokenSource, TokenSources};
pub use self::proxy::Proxies;
pub use self::tls::{TlsProblem, TlsSettings};

use self::oauth2::Token;
use self::record::Sent;
use self::request::{BodySource, Header};
use self::status::Verdict;
use super::{Asking, Exchange, Inquiry, PhaseMark, Preview, Recorder, Reply, Transport};
use crate::domain::{ErrorKind, Failure, Method, Phase, Redirects, RequestFormat, Secret, SupplierName, TransportKind};
use crate::mapping::{Binding, Bindings, Filter, Mapping, UrlTemplate, error_message};

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
    /// Where tokens come from, where the supplier wants one.
    pub tokens: Option<Arc<TokenSource>>,
    /// Other secrets that may come back, such as what stands encoded in a header.
    pub secrets: Vec<Secret>,
    /// Statuses that mean that the supplier does not carry the product.
    pub no_offer_status: Vec<u16>,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Where connections come from.
    pub client: Arc<HttpClient>,
    /// What makes the body of a request; `None` = the request in the wire's own format.
    pub request: Option<Filter>,
    /// How that body is written.
    pub request_format: RequestFormat,
    /// How offers are made of a reply's body.
    pub mapping: Mapping,
    /// What the templates and filters may refer to beside the request.
    pub vars: Arc<[Binding]>,
    /// Who wants to see what is said.
    pub recorder: Recorder,
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
    tokens: Option<Arc<TokenSource>>,
    secrets: Box<[Secret]>,
    no_offer_status: Box<[u16]>,
    redirects: Redirects,
    client: Arc<HttpClient>,
    body: BodySource,
    mapping: Mapping,
    vars: Arc<[Binding]>,
    recorder: Recorder,
}

/// One inquiry, and what the templates and filters may refer to in it.
struct Question<'a> {
    inquiry: &'a Inquiry,
    bindings: Bindings,
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
            tokens: settings.tokens,
            secrets: settings.secrets.into(),
            no_offer_status: settings.no_offer_status.into(),
            redirects: settings.redirects,
            client: settings.client,
            body: BodySource { filter: settings.request, format: settings.request_format },
            mapping: settings.mapping,
            vars: settings.vars,
            recorder: settings.recorder,
        })
    }

    /// What is asked, with what the templates and filters may refer to.
    fn question<'a>(&self, inquiry: &'a Inquiry) -> Question<'a> {
        Question { inquiry, bindings: Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.vars)) }
    }

    /// Asks and makes offers of the answer.
    async fn reply(&self, question: &Question<'_>, phase: &PhaseMark) -> Result<Reply, Failure> {
        let Question { inquiry, bindings } = question;
        let mut url = target::parse(&self.url.expand(bindings))?;
        let mut method = self.method;
        phase.enter(Phase::Mapping);
        let body = self.body.make(method, bindings)?;
        let mut token = self.token(None, phase).await?;
        let mut may_renew = token.is_some();
        let mut followed = 0;
        loop {
            let in_header = token.as_ref().map(Token::header);
            let headers = request::headers(&self.headers, in_header, self.body.content_type(method), &url, inquiry)?;
            let body = body.clone().filter(|_| method.has_body());
            let mut response = self.client.send(method, &url, headers, body, phase).await?;
            let status = response.status();
            let exchange = self.exchange(&Sent { method, url: &url, is_first: followed == 0 }, question, &response);
            if status == StatusCode::UNAUTHORIZED && may_renew {
                self.keep(exchange, None, bindings);
                token = self.token(token.as_ref(), phase).await?;
                may_renew = false;
                continue;
            }
            match status::judge(status, response.headers(), &self.no_offer_status, Timestamp::now()) {
                Verdict::NoOffer => {
                    if exchange.is_some() {
                        self.read_short(&mut response, exchange, bindings).await;
                    }
                    return Ok(Reply { http_status: Some(status.as_u16()), ..Reply::default() });
                }
                Verdict::Read => {
                    let read = self.read(&mut response, exchange, bindings, phase).await;
                    return read.map_err(|failure| failure.with_status(status.as_u16()));
                }
                Verdict::Fail(failure) => {
                    phase.enter(Phase::Body);
                    // The status says it all: when the time is over before its message is there, it is no timeout.
                    phase.settle(failure.clone());
                    let body = self.read_short(&mut response, exchange, bindings).await;
                    return Err(Failure { detail: body.as_deref().and_then(error_message), ..failure });
                }
                Verdict::Redirect { location, with_get } => {
                    self.keep(exchange, None, bindings);
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

    /// A token, where the supplier wants one; another one than was `refused`.
    async fn token(&self, refused: Option<&Token>, phase: &PhaseMark) -> Result<Option<Token>, Failure> {
        match &self.tokens {
            Some(tokens) => tokens.token(refused, phase).await.map(Some),
            None => Ok(None),
        }
    }

    /// What is shown of a token, where the supplier wants one.
    fn any_token(&self) -> Option<Header> {
        self.tokens.as_ref().map(|_| Header::any_bearer())
    }

    /// Reads the offers.
    async fn read(
        &self,
        response: &mut Response,
        exchange: Option<Exchange>,
        bindings: &Bindings,
        phase: &PhaseMark,
    ) -> Result<Reply, Failure> {
        phase.enter(Phase::Body);
        let body = body::read(response).await;
        self.keep(exchange, body.as_deref().ok(), bindings);
        let body = body?;
        phase.enter(Phase::Mapping);
        let offers = work::offers(&self.mapping, body, bindings, &self.name).await?;
        let offers = self.harmless(offers, bindings);
        Ok(Reply { offers, http_status: Some(response.status().as_u16()), ..Reply::default() })
    }

    /// Reads what an error says, if it is there at once.
    async fn read_short(
        &self,
        response: &mut Response,
        exchange: Option<Exchange>,
        bindings: &Bindings,
    ) -> Option<Vec<u8>> {
        let body = body::read_short(response, exchange.is_some()).await;
        self.keep(exchange, body.as_deref(), bindings);
        body
    }

    /// A failure whose particulars, which may be the supplier's own words, repeat no secret of the request.
    fn without_secrets(&self, failure: Failure, bindings: &Bindings) -> Failure {
        let detail = failure.detail.map(|detail| self.mask(bindings, detail));
        Failure { detail, ..failure }
    }

    /// A text without the secrets of the request.
    fn mask(&self, bindings: &Bindings, text: String) -> String {
        let (url, shown_url) = (self.url.expand(bindings), self.shown_url.expand(&bindings.masked()));
        let in_headers = self.headers.iter().map(Header::secret);
        let of_tokens = self.tokens.as_ref().map(|tokens| tokens.secrets()).unwrap_or_default();
        let others = self.secrets.iter().chain(&of_tokens).map(|secret| (secret.expose(), "***"));
        let sent = bindings.secrets().chain([(&*url, &*shown_url)]).chain(in_headers).chain(others);
        echo::without(text, sent)
    }

    /// Where a redirect leads, if it may be followed.
    fn follow(&self, url: &Url, location: &str, followed: usize) -> Result<Url, Failure> {
        let next = target::redirected(url, location, followed)?;
        match self.redirects {
            Redirects::None => Err(Failure::new(ErrorKind::RedirectRefused)
                .with_detail("within the same host, which `redirects = \"same-host\"` would allow")),
            Redirects::SameHost => Ok(next),
        }
    }
}

impl Transport for HttpSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Http
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let question = self.question(inquiry);
            let reply = self.reply(&question, phase).await;
            reply.map_err(|failure| self.without_secrets(failure, &question.bindings))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let bindings = self.question(inquiry).bindings;
        // A product may break the host; what is shown then is what would be sent if it did not.
        let url = target::parse(&self.url.expand(&bindings)).ok();
        let headers = request::shown_headers(
            &self.headers,
            self.any_token().as_ref(),
            self.body.content_type(self.method),
            url.as_ref(),
            inquiry,
        );
        let url = self.shown_url.expand(&bindings.masked());
        let body = self.body.shown(self.method, &bindings);
        Preview { head: format!("{} {url}", self.method.as_str()), headers, body }
    }
}
