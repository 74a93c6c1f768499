//! What the recorder is given of an exchange: what is shown of the request, and the reply, without its secrets.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, Url};

use super::{HttpSupplier, Question, classify, request};
use crate::domain::Method;
use crate::mapping::Bindings;
use crate::transport::{Exchange, Preview, Transport};

/// A request that was sent.
pub(super) struct Sent<'a> {
    /// With which method.
    pub(super) method: Method,
    /// Where to.
    pub(super) url: &'a Url,
    /// Whether it is the one that the configuration describes, and not where a redirect leads.
    pub(super) is_first: bool,
}

impl HttpSupplier {
    /// An exchange whose body is not read yet; `None` when nobody wants it.
    pub(super) fn exchange(&self, sent: &Sent<'_>, question: &Question<'_>, response: &Response) -> Option<Exchange> {
        if !self.recorder.is_on() {
            return None;
        }
        let name = response.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Some(Exchange {
            supplier: self.name.clone(),
            question: question.inquiry.request.clone(),
            request: self.shown(sent, question),
            status: Some(response.status().as_u16()),
            content_type: name.map(|name| self.mask(&question.bindings, classify::short(&name))),
            body: Vec::new(),
        })
    }

    /// Gives an exchange to the recorder. A body that is no text is kept as it is, unless a secret is in it.
    pub(super) fn keep(&self, exchange: Option<Exchange>, body: Option<&[u8]>, bindings: &Bindings) {
        let Some(exchange) = exchange else { return };
        let mask = |body: &[u8]| {
            let text = String::from_utf8_lossy(body);
            let masked = self.mask(bindings, text.clone().into_owned());
            if masked == text { body.to_owned() } else { masked.into_bytes() }
        };
        self.recorder.keep(Exchange { body: body.map(mask).unwrap_or_default(), ..exchange });
    }

    /// What is shown of a request.
    fn shown(&self, sent: &Sent<'_>, question: &Question<'_>) -> Preview {
        let Question { inquiry, bindings } = question;
        if sent.is_first {
            return self.preview(inquiry);
        }
        let mut url = sent.url.clone();
        if url.password().is_some() {
            // It fails for URLs without a host, which have no password either.
            let _ = url.set_password(Some("***"));
        }
        let url = self.mask(bindings, url.into());
        Preview {
            head: format!("{} {url}", sent.method.as_str()),
            headers: request::shown_headers(
                &self.headers,
                self.any_token().as_ref(),
                self.body.content_type(sent.method),
                Some(sent.url),
                inquiry,
            ),
            body: self.body.shown(sent.method, bindings),
        }
    }
}
