//! What the recorder is given of an exchange: what is shown of the request, and the reply, without its secrets.

use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Response, Url};

use super::step::Call;
use super::{HttpSupplier, Question};
use crate::domain::Method;
use crate::transport::{Exchange, Preview, faults};

/// A request that was sent.
pub(super) struct Sent<'a> {
    /// What was to be sent.
    pub(super) call: &'a Call<'a>,
    /// With which method.
    pub(super) method: Method,
    /// Where to.
    pub(super) url: &'a Url,
    /// Whether it is the one that was to be sent, and not where a redirect leads.
    pub(super) is_first: bool,
}

impl HttpSupplier {
    /// An exchange whose body is not read yet; `None` when nobody wants it.
    pub(super) fn exchange(&self, sent: &Sent<'_>, response: &Response) -> Option<Exchange> {
        if !self.recorder.is_on() {
            return None;
        }
        let text = |name| {
            let value = String::from_utf8_lossy(response.headers().get(name)?.as_bytes()).into_owned();
            Some(self.mask(sent.call.question, value))
        };
        Some(Exchange {
            supplier: self.name.clone(),
            question: sent.call.question.inquiry.request.clone(),
            request: self.shown(sent),
            status: Some(response.status().as_u16()),
            content_type: text(CONTENT_TYPE).map(|name| faults::short(&name)),
            retry_after: text(RETRY_AFTER),
            location: text(LOCATION),
            list: None,
            body: Vec::new(),
        })
    }

    /// Gives an exchange to the recorder. A body that is no text is kept as it is, unless a secret is in it.
    pub(super) fn keep(&self, exchange: Option<Exchange>, body: Option<&[u8]>, question: &Question<'_>) {
        let Some(exchange) = exchange else { return };
        let mask = |body: &[u8]| {
            let text = String::from_utf8_lossy(body);
            let masked = self.mask(question, text.clone().into_owned());
            if masked == text { body.to_owned() } else { masked.into_bytes() }
        };
        self.recorder.keep(Exchange { body: body.map(mask).unwrap_or_default(), ..exchange });
    }

    /// What is shown of a request.
    pub(super) fn shown(&self, sent: &Sent<'_>) -> Preview {
        let Sent { call, method, url, is_first } = *sent;
        if is_first && call.is_first {
            return call.step.preview(call.question);
        }
        let mut masked = url.clone();
        if masked.password().is_some() {
            // It fails for URLs without a host, which have no password either.
            let _ = masked.set_password(Some("***"));
        }
        let body = call.body.clone().filter(|_| method.has_body());
        Preview {
            head: format!("{} {}", method.as_str(), self.mask(call.question, masked.into())),
            headers: call.step.shown_headers(method, Some(url), call.question),
            body: body.map(|body| self.mask(call.question, body)),
        }
    }
}
