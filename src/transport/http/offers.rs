//! The texts of offers, which may repeat what the supplier was sent: a link with our key in it, for one.

use super::HttpSupplier;
use super::echo;
use super::request::Header;
use crate::domain::{Cause, FaultProblem, Offer, OfferIdentity, OfferReply};
use crate::mapping::Bindings;

/// A text that is no longer is a currency's code, and no secret.
const CODE: usize = 3;

impl HttpSupplier {
    /// The offers, no text of which repeats a secret of the request.
    pub(super) fn harmless(&self, mut offers: Vec<OfferReply>, bindings: &Bindings) -> Vec<OfferReply> {
        let step = &self.step;
        let (url, shown_url) = (step.url.expand(bindings), step.shown_url.expand(&bindings.masked()));
        let all = bindings.secrets().chain(step.headers.iter().map(Header::secret));
        let all = all.chain(std::iter::once((&*url, &*shown_url)));
        let secrets: Vec<(&str, &str)> = all.filter(|(sent, shown)| sent != shown).collect();
        if !secrets.is_empty() {
            for text in offers.iter_mut().flat_map(texts) {
                *text = echo::without(std::mem::take(text), secrets.iter().copied());
            }
        }
        offers
    }
}

/// Every text of an offer that is the supplier's own.
fn texts(offer: &mut OfferReply) -> Vec<&mut String> {
    let (identity, currency, more) = match offer {
        OfferReply::Readable(offer) => {
            let Offer { identity, currency, product, .. } = &mut **offer;
            (identity, currency, product.as_mut())
        }
        OfferReply::Faulty(rejection) => {
            let found = match &mut rejection.cause {
                Cause::Invalid(fault) => match &mut fault.problem {
                    FaultProblem::Number { found, .. }
                    | FaultProblem::OutOfRange { found, .. }
                    | FaultProblem::NotADate(found) => Some(found),
                    _ => None,
                },
                _ => None,
            };
            (&mut rejection.identity, &mut rejection.currency, found)
        }
    };
    let OfferIdentity { sku, seller, packaging, url } = identity;
    let currency = currency.as_mut().filter(|text| text.len() > CODE);
    [sku, seller, packaging, url].into_iter().flatten().chain(currency).chain(more).collect()
}
