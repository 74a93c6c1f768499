//! One step of asking a supplier: where a question goes and how it is put. Most suppliers are asked in one step.
//!
//! Refuses to know what replies mean. Main types: [`Step`], and [`Call`], a request of it that is made up.

use std::sync::Arc;

use reqwest::Url;
use reqwest::header::CONNECTION;

use super::oauth2::{Token, TokenSource};
use super::request::{self, Header};
use super::{HttpClient, Question, target};
use crate::domain::{Failure, Method, Redirects, Secret};
use crate::mapping::{Bindings, UrlTemplate};
use crate::transport::question::BodySource;
use crate::transport::{PhaseMark, Preview, echo};

/// Where and how one kind of question is asked.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) method: Method,
    pub(super) url: UrlTemplate,
    pub(super) shown_url: UrlTemplate,
    pub(super) headers: Box<[Header]>,
    pub(super) no_offer_status: Box<[u16]>,
    pub(super) redirects: Redirects,
    pub(super) client: Arc<HttpClient>,
    /// What makes the body of a request.
    pub(super) body: BodySource,
    /// Where tokens come from, where one is wanted.
    pub(super) tokens: Option<Arc<TokenSource>>,
    /// Other secrets that may come back.
    pub(super) secrets: Box<[Secret]>,
}

/// One request.
#[derive(Clone)]
pub(super) struct Call<'a> {
    /// The step that it is of.
    pub(super) step: &'a Step,
    /// What it asks.
    pub(super) question: &'a Question<'a>,
    /// Whether it is as the step makes it, and not changed for a further page.
    pub(super) is_first: bool,
    /// The method.
    pub(super) method: Method,
    /// Where it goes.
    pub(super) url: Url,
    /// Its body.
    pub(super) body: Option<String>,
}

impl Step {
    /// The request that asks.
    ///
    /// # Errors
    /// `dns` when the product breaks the host; those of the `request` filter.
    pub(super) fn call<'a>(&'a self, question: &'a Question<'a>) -> Result<Call<'a>, Failure> {
        let bindings = &question.bindings;
        let url = target::parse(&self.url.expand(bindings))?;
        let body = self.body.make(self.method, bindings)?;
        Ok(Call { step: self, question, is_first: true, method: self.method, url, body })
    }

    /// What is shown of that request.
    pub(super) fn preview(&self, question: &Question<'_>) -> Preview {
        let bindings = &question.bindings;
        // A product may break the host; what is shown then is what would be sent if it did not.
        let url = target::parse(&self.url.expand(bindings)).ok();
        let headers = self.shown_headers(self.method, url.as_ref(), question);
        let body = self.body.shown(self.method, bindings);
        Preview {
            head: format!("{} {}", self.method.as_str(), self.shown_url.expand(&bindings.masked())),
            headers,
            body,
        }
    }

    /// A text without the secrets of that request.
    pub(super) fn mask(&self, bindings: &Bindings, text: String) -> String {
        let secrets = self.secrets(bindings);
        echo::without(text, secrets.iter().map(|(sent, shown)| (&**sent, &**shown)))
    }

    /// What is sent with that request, each with what is shown of it, as far as that is not the same.
    pub(super) fn secrets(&self, bindings: &Bindings) -> Vec<(String, String)> {
        let (url, shown_url) = (self.url.expand(bindings), self.shown_url.expand(&bindings.masked()));
        let in_headers = self.headers.iter().map(Header::secret);
        let of_tokens = self.tokens.as_ref().map(|tokens| tokens.secrets()).unwrap_or_default();
        let of_user = echo::user_info(&url);
        let others = self.secrets.iter().chain(&of_tokens).chain(&of_user).map(|secret| (secret.expose(), "***"));
        let sent = bindings.secrets().chain([(&*url, &*shown_url)]).chain(in_headers).chain(others);
        sent.filter(|(sent, shown)| sent != shown).map(|(sent, shown)| (sent.to_owned(), shown.to_owned())).collect()
    }

    /// What is shown of the headers of a request of this step by that method.
    pub(super) fn shown_headers(
        &self,
        method: Method,
        url: Option<&Url>,
        question: &Question<'_>,
    ) -> Vec<(String, String)> {
        let token = self.tokens.as_ref().map(|_| Header::any_bearer());
        let content_type = self.body.content_type(method);
        let mut shown = request::shown_headers(&self.headers, token.as_ref(), content_type, url, question.inquiry);
        shown.retain(|(name, _)| !self.client.keeps() || name != CONNECTION.as_str());
        shown
    }

    /// A token, where one is wanted; another one than was `refused`.
    ///
    /// # Errors
    /// When none can be had.
    pub(super) async fn token(&self, refused: Option<&Token>, phase: &PhaseMark) -> Result<Option<Token>, Failure> {
        match &self.tokens {
            Some(tokens) => tokens.token(refused, phase).await.map(Some),
            None => Ok(None),
        }
    }
}
