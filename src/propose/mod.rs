//! From one reply of an unknown API, or from an unknown price list, to a filter that makes offers of it: a proposal, to
//! be looked at.
//!
//! Owns how prices, price breaks, stock and currencies are recognised: by names in several languages, by the forms of
//! values, and by structure. Refuses to know where the reply comes from and where the filter is written. Where two
//! members may be the price, it says so: a wrong price is worse than none. Bounded, whatever the reply is. Main function:
//! [`propose`]; that of lists begins with a [`ListSample`].

mod bounds;
mod columns;
mod currency;
mod days;
mod doubts;
mod envelope;
mod fields;
mod filter;
mod list;
mod money;
mod path;
mod places;
#[cfg(test)]
mod properties;
mod request;
mod rows;
mod samples;
mod shape;
mod stock;
#[cfg(test)]
mod tests;
mod tiers;
mod words;

pub use list::{Header, ListProposal, ListSample, header, is_list};
pub use request::{RequestProposal, RequestRefusal, request};

use crate::domain::{Failure, OfferReply, SupplierName};
use crate::mapping::{Bindings, Filter, Mapping, Names, json};
use shape::Shape;

/// How many lines of a reply's outline are shown.
const OUTLINE: usize = 20;

/// A filter for the replies of a supplier, and what it makes of the one that was looked at.
#[derive(Debug)]
pub struct Proposal {
    /// The filter's text, comments included; `None` = the reply is in the wire's own format already.
    pub filter: Option<String>,
    /// Whether the offers say their currency; else the supplier needs one.
    pub says_currency: bool,
    /// What the user must look at, a sentence each. They stand in the filter as comments, too.
    pub checks: Vec<String>,
    /// Whether the price itself is in doubt, so that the filter fails until somebody has looked.
    pub is_unsure: bool,
    /// The offers that the filter makes of the reply.
    pub offers: Result<Vec<OfferReply>, Failure>,
}

/// Why nothing is proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The reply is no JSON.
    #[error("the reply is not JSON: {0}")]
    NotJson(String),
    /// The reply is an error of the supplier's, in these words.
    #[error("the reply is an error: {0}")]
    Error(String),
    /// The reply has nothing to learn from.
    #[error("the reply has no offer to learn from: {} is empty", .0.join(" and "))]
    Empty(Vec<String>),
    /// Nothing in the reply is like a price. The lines are its outline: paths and what stands there.
    #[error("nothing in the reply looks like a price")]
    NoPrice(Vec<String>),
    /// No row of a list is like its header. The lines are the first rows.
    #[error("no line of the list has titles that look like a product and a price")]
    NoHeader(Vec<String>),
    /// A list has no column that says which product a row is of.
    #[error("no column of the list says which product a row is of")]
    NoProduct,
    /// No row of a list is of the product.
    #[error("no row of the list is of `{0}`")]
    OtherProducts(String),
}

/// Looks at a reply and proposes a filter. `bindings` has what was asked for, `product` its product if the user named one.
///
/// # Errors
/// When the reply is no JSON, is an error, is empty, or holds nothing that is like a price.
pub fn propose(reply: &[u8], product: Option<&str>, bindings: &Bindings) -> Result<Proposal, Refusal> {
    let document = json::parse(reply).map_err(|error| Refusal::NotJson(error.to_string()))?;
    let supplier = SupplierName::new("supplier");
    if let Some(offers) = wire_offers(reply, bindings, &supplier) {
        return Ok(Proposal {
            filter: None,
            says_currency: offers.1,
            checks: Vec::new(),
            is_unsure: false,
            offers: Ok(offers.0),
        });
    }
    let shape = Shape::of(&document, product);
    let written = rows::choose(&shape).map(|choice| filter::write(&choice, &shape, product));
    let compiled = written.and_then(|written| {
        let filter = Filter::compile(&written.text, &Names::of_request()).ok()?;
        Some((written, filter))
    });
    let Some((mut written, filter)) = compiled else { return Err(refusal(&document, &shape)) };
    let offers = Mapping::of(filter).offers(reply, bindings, &supplier);
    if let Ok(offers) = &offers {
        written.doubt(doubts::about_offers(offers));
    }
    Ok(Proposal {
        filter: Some(written.guarded()),
        says_currency: written.says_currency,
        checks: written.checks,
        is_unsure: written.is_unsure,
        offers,
    })
}

/// The offers of a reply that needs no filter, and whether all name their currency.
fn wire_offers(reply: &[u8], bindings: &Bindings, supplier: &SupplierName) -> Option<(Vec<OfferReply>, bool)> {
    let offers = Mapping::default().offers(reply, bindings, supplier).ok().filter(|offers| !offers.is_empty())?;
    let is_complete = |reply: &OfferReply| match reply {
        OfferReply::Readable(offer) => {
            let has_price = offer.unit_price.is_some() || offer.total_price.is_some() || offer.price_breaks.is_some();
            has_price && (offer.in_stock.is_some() || offer.stock_quantity.is_some())
        }
        OfferReply::Faulty(_) => false,
    };
    let names = |reply: &OfferReply| matches!(reply, OfferReply::Readable(offer) if offer.currency.is_some());
    let says_currency = offers.iter().all(names);
    offers.iter().all(is_complete).then_some((offers, says_currency))
}

fn refusal(document: &json::Value<'_>, shape: &Shape<'_>) -> Refusal {
    if let Some(words) = envelope::error_words(document) {
        return Refusal::Error(words);
    }
    let empty = envelope::empty_lists(shape);
    let outline = envelope::outline(shape, OUTLINE);
    if !empty.is_empty() && outline.len() < OUTLINE / 2 { Refusal::Empty(empty) } else { Refusal::NoPrice(outline) }
}
