//! The texts of offers, which may repeat what the supplier was sent: a link with our key in it, for one.
//!
//! Main function: [`harmless`].

use super::echo;
use crate::domain::{Cause, FaultProblem, Offer, OfferIdentity, OfferReply};

/// A text that is no longer is a currency's code, and no secret.
const CODE: usize = 3;

/// The offers, no text of which repeats a secret: what was sent, each with what is shown of it.
pub(super) fn harmless(mut offers: Vec<OfferReply>, secrets: &[(String, String)]) -> Vec<OfferReply> {
    if !secrets.is_empty() {
        for text in offers.iter_mut().flat_map(texts) {
            let sent = secrets.iter().map(|(sent, shown)| (&**sent, &**shown));
            *text = echo::without(std::mem::take(text), sent);
        }
    }
    offers
}

/// Every text of an offer that is the supplier's own.
fn texts(offer: &mut OfferReply) -> Vec<&mut String> {
    let (identity, currency, product, more) = match offer {
        OfferReply::Readable(offer) => {
            let Offer { identity, currency, product, .. } = &mut **offer;
            (identity, currency, product.as_mut(), None)
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
            (&mut rejection.identity, &mut rejection.currency, rejection.product.as_mut(), found)
        }
    };
    let OfferIdentity { sku, seller, packaging, url } = identity;
    let currency = currency.as_mut().filter(|text| text.len() > CODE);
    [sku, seller, packaging, url].into_iter().flatten().chain(currency).chain(product).chain(more).collect()
}
