//! Suppliers that are reached over HTTP.
//!
//! Owns the requests that a supplier takes, page after page, and each exchange: the request, the reply's status,
//! redirects within the same server, the body. Refuses to know deadlines and retries (the engine owns time), and what a
//! body means (`mapping` does). Main type: [`HttpSupplier`]; its connections come from a [`HttpClient`], which many suppliers share. [`Page`] is a document
//! that no supplier offers, over the same connections.
//!
//! ```text
//! lookup ─► step ─► pages ─► exchange: client (proxy), status, body; classify ─► bodies: mapping
//! ```

mod body;
mod classify;
mod client;
mod exchange;
mod fetch;
mod lookup;
mod oauth2;
mod pages;
mod proxy;
mod record;
mod request;
mod status;
mod step;
mod target;

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

pub use self::client::{HttpClient, HttpClients};
pub use self::fetch::Page;
pub use self::oauth2::{TokenSource, TokenSources};
pub use self::proxy::Proxies;

pub use super::tls::{TlsProblem, TlsSettings};

use self::lookup::LookupStep;
use self::pages::Found;
use self::request::Header;
use self::step::Step;
use super::question::BodySource;
use super::{Asking, Inquiry, LookupMemory, PhaseMark, Preview, Recorder, Reply, SavedReplies, Transport, harmless};
use crate::domain::{
    Failure, Method, OfferReply, Phase, Redirects, RequestFormat, Secret, SupplierName, TransportKind,
};
use crate::mapping::{self, Binding, Bindings, Filter, Mapping, UrlTemplate};

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
    /// What is asked first, for ids that the templates and filters refer to.
    pub lookup: Option<LookupSettings>,
    /// How many pages are read at most, 1 or more.
    pub max_pages: usize,
    /// What the templates and filters may refer to beside the request.
    pub vars: Arc<[Binding]>,
    /// Whether one request may ask about several lines, which the filters see.
    pub takes_lines: bool,
    /// What was replied in an earlier run: then nobody is asked.
    pub saved: Option<Arc<SavedReplies>>,
    /// Who wants to see what is said.
    pub recorder: Recorder,
}

/// What is needed to look ids up. What is not named here is as it is for quotes.
#[derive(Clone, Debug)]
pub struct LookupSettings {
    /// The method.
    pub method: Method,
    /// The URL's template. It may hold secrets.
    pub url: UrlTemplate,
    /// The same with every secret masked.
    pub shown_url: UrlTemplate,
    /// Additional headers, in the configuration's order.
    pub headers: Vec<HeaderSetting>,
    /// Where tokens come from, where one is wanted.
    pub tokens: Option<Arc<TokenSource>>,
    /// Statuses that mean that the supplier does not carry the product.
    pub no_offer_status: Vec<u16>,
    /// Where connections come from.
    pub client: Arc<HttpClient>,
    /// What makes the body of a request; `None` = the request in the wire's own format.
    pub request: Option<Filter>,
    /// How ids are made of a reply's body.
    pub mapping: mapping::Lookup,
    /// Whether quotes are asked for id by id, bound to `id`, and not for all at once, bound to `ids`.
    pub each: bool,
    /// For how many ids quotes are asked at most, 1 or more.
    pub max_ids: usize,
    /// Where ids are remembered, and for how long.
    pub memory: Option<(Arc<dyn LookupMemory>, Duration)>,
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
    step: Step,
    mapping: Mapping,
    lookup: Option<LookupStep>,
    max_pages: usize,
    vars: Arc<[Binding]>,
    takes_lines: bool,
    saved: Option<Arc<SavedReplies>>,
    recorder: Recorder,
}

/// One inquiry, and what the templates and filters may refer to in it.
struct Question<'a> {
    inquiry: &'a Inquiry,
    bindings: Bindings,
}

impl<'a> Question<'a> {
    /// The same with one value more.
    fn with(&self, more: Binding) -> Question<'a> {
        Question { inquiry: self.inquiry, bindings: self.bindings.with([more]) }
    }
}

impl HttpSupplier {
    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// When a header is none.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpProblem> {
        let (redirects, secrets) = (settings.redirects, settings.secrets);
        let lookup = settings.lookup.map(|lookup| lookup_step(lookup, redirects, &secrets)).transpose()?;
        let step = Step {
            method: settings.method,
            url: settings.url,
            shown_url: settings.shown_url,
            headers: checked(settings.headers)?,
            no_offer_status: settings.no_offer_status.into(),
            redirects,
            client: settings.client,
            body: BodySource { filter: settings.request, format: settings.request_format },
            tokens: settings.tokens,
            secrets: secrets.into(),
        };
        let HttpSettings { name, mapping, max_pages, vars, takes_lines, saved, recorder, .. } = settings;
        Ok(Self { name, step, mapping, lookup, max_pages, vars, takes_lines, saved, recorder })
    }

    /// What is asked, with what the templates and filters may refer to.
    fn question<'a>(&self, inquiry: &'a Inquiry) -> Question<'a> {
        let bindings = Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.vars));
        if !self.takes_lines {
            return Question { inquiry, bindings };
        }
        let sole = || [Arc::clone(&inquiry.request)].into();
        let lines = if inquiry.lines.is_empty() { sole() } else { Arc::clone(&inquiry.lines) };
        Question { inquiry, bindings: bindings.with([Binding::lines(lines)]) }
    }

    /// Asks and makes offers of the answer.
    async fn reply(&self, question: &Question<'_>, phase: &PhaseMark) -> Result<Reply, Failure> {
        if let Some(lookup) = &self.lookup {
            return self.two_steps(lookup, question, phase).await;
        }
        phase.enter(Phase::Mapping);
        let mut found = Found::default();
        self.pages(self.step.call(question)?, &mut found, phase, None).await?;
        Ok(found.reply())
    }

    /// The offers, no text of which repeats a secret of the request.
    fn harmless(&self, offers: Vec<OfferReply>, bindings: &Bindings) -> Vec<OfferReply> {
        let mut secrets = self.step.secrets(bindings);
        secrets.extend(self.lookup.iter().flat_map(|lookup| lookup.step.secrets(bindings)));
        harmless::harmless(offers, &secrets)
    }

    /// A failure whose particulars, which may be the supplier's own words, repeat no secret of the request.
    fn without_secrets(&self, failure: Failure, question: &Question<'_>) -> Failure {
        let detail = failure.detail.map(|detail| self.mask(question, detail));
        Failure { detail, ..failure }
    }

    /// A text without the secrets of the request.
    fn mask(&self, question: &Question<'_>, text: String) -> String {
        let text = self.step.mask(&question.bindings, text);
        match &self.lookup {
            Some(lookup) => lookup.step.mask(&question.bindings, text),
            None => text,
        }
    }
}

fn checked(headers: Vec<HeaderSetting>) -> Result<Box<[Header]>, HttpProblem> {
    headers.into_iter().map(Header::new).collect()
}

fn lookup_step(settings: LookupSettings, redirects: Redirects, secrets: &[Secret]) -> Result<LookupStep, HttpProblem> {
    let LookupSettings { method, url, shown_url, headers, no_offer_status, client, request, tokens, .. } = settings;
    let (headers, no_offer_status) = (checked(headers)?, no_offer_status.into());
    let body = BodySource { filter: request, format: RequestFormat::Json };
    let secrets = secrets.into();
    let step = Step { method, url, shown_url, headers, no_offer_status, redirects, client, body, tokens, secrets };
    let LookupSettings { mapping, each, max_ids, memory, .. } = settings;
    Ok(LookupStep { step, mapping, each, max_ids, memory })
}

impl Transport for HttpSupplier {
    fn kind(&self) -> TransportKind {
        TransportKind::Http
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let question = self.question(inquiry);
            let reply = self.reply(&question, phase).await;
            reply.map_err(|failure| self.without_secrets(phase.tell_step(failure), &question))
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        let question = self.question(inquiry);
        match &self.lookup {
            Some(lookup) => self.step.preview(&lookup.shown_question(&question)),
            None => self.step.preview(&question),
        }
    }

    fn preview_first(&self, inquiry: &Inquiry) -> Option<Preview> {
        self.lookup.as_ref().map(|lookup| lookup.preview(&self.question(inquiry)))
    }
}
