//! Tokens for client credentials (RFC 6749, section 4.4).
//!
//! Owns one token for each credentials: asked for once however many requests wait for it, kept for the run, and asked
//! for again when it is over or was refused. Refuses to know suppliers; each waits within its own time, and when the one
//! who asks gives up, the next one asks. Nothing here is recorded, stored or shown. Main types: [`TokenSources`], the
//! factory, and [`TokenSource`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::sync::Mutex;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::request::{self, Header};
use super::status::{self, Verdict};
use super::{HttpClient, body, target};
use crate::domain::{ClientAuthentication, ClientCredentials, ErrorKind, Failure, Method, Phase, Secret};
use crate::mapping::{decode_token, token_error};
use crate::transport::question::{FORM, JSON};
use crate::transport::{PhaseMark, echo, faults};

/// Makes sources of tokens; those with equal credentials over the same client are one.
#[derive(Debug, Default)]
pub struct TokenSources(HashMap<(ClientCredentials, usize), Arc<TokenSource>>);

impl TokenSources {
    /// The source for `credentials`. Nothing is asked yet.
    pub fn source(&mut self, credentials: ClientCredentials, client: &Arc<HttpClient>) -> Arc<TokenSource> {
        let key = (credentials.clone(), Arc::as_ptr(client).addr());
        let make = || Arc::new(TokenSource::new(credentials, Arc::clone(client)));
        Arc::clone(self.0.entry(key).or_insert_with(make))
    }
}

/// Where tokens for one set of credentials come from.
#[derive(Debug)]
pub struct TokenSource {
    credentials: ClientCredentials,
    client: Arc<HttpClient>,
    /// What came of the last request. Whoever holds it asks, and everybody else waits for that.
    last: Mutex<Option<Result<Token, Failure>>>,
    /// How many requests came to an end.
    finished: AtomicU64,
    /// Every token that was issued, to be kept out of what is shown.
    issued: Lock<Vec<Secret>>,
}

/// A token as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Token {
    header: Arc<Header>,
    over_at: Option<Instant>,
}

impl Token {
    /// The header that it is sent in.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    fn is_over(&self) -> bool {
        self.over_at.is_some_and(|over_at| Instant::now() >= over_at)
    }
}

impl TokenSource {
    fn new(credentials: ClientCredentials, client: Arc<HttpClient>) -> Self {
        let (last, issued) = (Mutex::new(None), Lock::default());
        Self { credentials, client, last, finished: AtomicU64::new(0), issued }
    }

    /// A token that is good, and is not the one that was `refused`. Of all who want one at the same time, one asks; what
    /// it is told, a failure too, holds for all of them.
    ///
    /// # Errors
    /// When none is issued; the detail says that it is about a token, and repeats no secret.
    pub(super) async fn token(&self, refused: Option<&Token>, phase: &PhaseMark) -> Result<Token, Failure> {
        let before = self.finished.load(Ordering::Acquire);
        phase.enter(Phase::Headers);
        let mut last = self.last.lock().await;
        let is_new = self.finished.load(Ordering::Acquire) != before;
        match &*last {
            Some(Ok(token))
                if !token.is_over() && refused.is_none_or(|refused| !Arc::ptr_eq(&refused.header, &token.header)) =>
            {
                return Ok(token.clone());
            }
            Some(Err(failure)) if is_new => return Err(failure.clone()),
            _ => {}
        }
        let outcome = self.ask(phase).await.map_err(|failure| {
            let about = "a token was asked for";
            let detail = failure.detail.map_or(about.to_owned(), |detail| format!("{about}: {detail}"));
            Failure { detail: Some(self.without_secrets(detail)), ..failure }
        });
        *last = Some(outcome.clone());
        self.finished.fetch_add(1, Ordering::Release);
        outcome
    }

    /// Asks for a token.
    async fn ask(&self, phase: &PhaseMark) -> Result<Token, Failure> {
        let started = Instant::now();
        let url = target::parse(self.credentials.token_url.expose())?;
        let (headers, body) = self.request()?;
        let mut response = self.client.send(Method::Post, &url, headers, Some(body), phase).await?;
        let status = response.status();
        match status::judge(status, response.headers(), &[], Timestamp::now()) {
            Verdict::Read => {}
            Verdict::Fail(failure) => {
                phase.enter(Phase::Body);
                phase.settle(Failure { detail: Some("a token was asked for".to_owned()), ..failure.clone() });
                let body = body::read_short(&mut response, false).await;
                let detail = body.as_deref().and_then(token_error).map(|error| faults::short(&error));
                return Err(Failure { detail, ..failure });
            }
            Verdict::NoOffer | Verdict::Redirect { .. } => {
                let refused = Failure::new(ErrorKind::RedirectRefused).with_detail("credentials go nowhere else");
                return Err(refused.with_status(status.as_u16()));
            }
        }
        phase.enter(Phase::Body);
        let read = body::read(&mut response).await.and_then(|body| decode_token(&body));
        let reply = read.map_err(|failure| {
            let detail = failure.detail.map(|detail| faults::short(&detail));
            Failure { detail, ..failure }.with_status(status.as_u16())
        })?;
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).push(reply.access_token.clone());
        let header = Header::bearer(reply.access_token.expose()).ok_or_else(|| {
            Failure::new(ErrorKind::Mapping)
                .with_detail("the token cannot stand in a header")
                .with_status(status.as_u16())
        })?;
        let over_at = reply.expires_in.and_then(|time| started.checked_add(time));
        Ok(Token { header: Arc::new(header), over_at })
    }

    /// The headers and the body of the request for a token.
    fn request(&self) -> Result<(HeaderMap, String), Failure> {
        let ClientCredentials { client_id, client_secret, scope, audience, authentication, .. } = &self.credentials;
        let mut headers = request::headers_of_page(JSON, Some(FORM), &[]);
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        for (key, value) in [("scope", scope), ("audience", audience)] {
            form.extend_pairs(value.iter().map(|value| (key, value)));
        }
        match authentication {
            ClientAuthentication::Basic => {
                let mut value = HeaderValue::from_str(&format!("Basic {}", self.basic()))
                    .map_err(|_| Failure::new(ErrorKind::Internal).with_detail("the credentials are no header"))?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
            ClientAuthentication::Body => {
                form.append_pair("client_id", client_id.expose()).append_pair("client_secret", client_secret.expose());
            }
        }
        Ok((headers, form.finish()))
    }

    /// Name and secret as the standard encodes them: each as in a form, then both in base64.
    fn basic(&self) -> String {
        let encoded = |secret: &Secret| byte_serialize(secret.expose().as_bytes()).collect::<String>();
        BASE64.encode(format!("{}:{}", encoded(&self.credentials.client_id), encoded(&self.credentials.client_secret)))
    }

    /// Everything that must not be shown.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let secret = &self.credentials.client_secret;
        let encoded = byte_serialize(secret.expose().as_bytes()).collect::<String>();
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner).clone();
        [secret.clone(), Secret::new(encoded), Secret::new(self.basic())].into_iter().chain(issued).collect()
    }

    fn without_secrets(&self, text: String) -> String {
        let secrets = self.secrets();
        echo::without(text, secrets.iter().map(|secret| (secret.expose(), "***")))
    }
}
