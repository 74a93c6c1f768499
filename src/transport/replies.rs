//! What suppliers on brokers have in common: what is made of a reply's body, and what of it may be shown and kept.
//!
//! Refuses to know how a reply came. Main type: [`Replies`].

use std::sync::Arc;

use super::{Exchange, Inquiry, Preview, Recorder, bodies, echo, harmless};
use crate::domain::{Failure, OfferReply, Secret, SupplierName};
use crate::mapping::{Binding, Bindings, Mapping};

/// What stands in the place of a secret of the connection.
const MASK: &str = "***";

/// How the replies of a supplier are read.
#[derive(Debug)]
pub(super) struct Replies {
    /// The configured name.
    pub(super) name: SupplierName,
    /// How offers are made of a body.
    pub(super) mapping: Mapping,
    /// What the filters may refer to beside the request.
    pub(super) vars: Arc<[Binding]>,
    /// Secrets of the connection that may come back.
    pub(super) secrets: Vec<Secret>,
    /// Who wants to see what is said.
    pub(super) recorder: Recorder,
}

impl Replies {
    /// What the filters of a request may refer to.
    pub(super) fn bindings(&self, inquiry: &Inquiry) -> Bindings {
        Bindings::new(Arc::clone(&inquiry.request), Arc::clone(&self.vars))
    }

    /// The offers in a body.
    pub(super) async fn offers(&self, body: Vec<u8>, bindings: &Bindings) -> Result<Vec<OfferReply>, Failure> {
        let page = bodies::page_of_broker(&self.mapping, body, bindings, &self.name).await?;
        Ok(harmless::harmless(page.offers, &self.secrets(bindings)))
    }

    /// A failure whose particulars, which may be the supplier's own words, repeat no secret.
    pub(super) fn without_secrets(&self, failure: Failure, bindings: &Bindings) -> Failure {
        let detail = failure.detail.map(|detail| self.mask(bindings, detail));
        Failure { detail, ..failure }
    }

    /// Gives what was said to the recorder. `request` is the one that was answered.
    pub(super) fn keep(
        &self,
        inquiry: &Inquiry,
        request: impl FnOnce() -> Preview,
        content_type: Option<&str>,
        body: &[u8],
        bindings: &Bindings,
    ) {
        if !self.recorder.is_on() {
            return;
        }
        let text = String::from_utf8_lossy(body);
        let masked = self.mask(bindings, text.clone().into_owned());
        self.recorder.keep(Exchange {
            supplier: self.name.clone(),
            question: Arc::clone(&inquiry.request),
            request: request(),
            status: None,
            content_type: content_type.map(|name| self.mask(bindings, name.to_owned())),
            retry_after: None,
            location: None,
            list: None,
            body: if masked == text { body.to_owned() } else { masked.into_bytes() },
        });
    }

    /// What may come back and must not be shown, each with what is shown of it.
    fn secrets(&self, bindings: &Bindings) -> Vec<(String, String)> {
        let own = self.secrets.iter().map(|secret| (secret.expose(), MASK));
        let all = bindings.secrets().chain(own).filter(|(sent, shown)| sent != shown && !sent.is_empty());
        all.map(|(sent, shown)| (sent.to_owned(), shown.to_owned())).collect()
    }

    fn mask(&self, bindings: &Bindings, text: String) -> String {
        let secrets = self.secrets(bindings);
        echo::without(text, secrets.iter().map(|(sent, shown)| (&**sent, &**shown)))
    }
}
