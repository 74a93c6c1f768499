//! The texts of offers, which may repeat what the supplier was sent: a link with our key in it, for one.

use super::HttpSupplier;
use super::echo;
use crate::domain::{Cause, FaultProblem, Offer, OfferIdentity, OfferReply};
use crate::mapping::Bindings;

/// A text that is no longer is a currency's code, and no secret.
const CODE: usize = 3;

impl HttpSupplier {
    /// The offers, no text of which repeats a secret of the request.
    pub(super) fn harmless(&self, mut offers: Vec<OfferReply>, bindings: &Bindings) -> Vec<OfferReply> {
        let mut secrets = self.step.secrets(bindings);
        secrets.extend(self.lookup.iter().flat_map(|lookup| lookup.step.secrets(bindings)));
        if !secrets.is_empty() {
            for text in offers.iter_mut().flat_map(texts) {
                let sent = secrets.iter().map(|(sent, shown)| (&**sent, &**shown));
                *text = echo::without(std::mem::take(text), sent);
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
