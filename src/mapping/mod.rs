//! Between a supplier's bytes and the domain: what a reply says, how a request is written, where it is sent.
//!
//! Owns the strict JSON scan, the wire's own offer format, jq filters, rows of price lists, lists of exchange rates and
//! URL templates. Refuses to know protocols, deadlines and what an offer is worth: it reads what is there and says what
//! cannot be read. Everything is a pure function of its arguments, so a transport may call it on any thread. The main
//! type is [`Mapping`].

mod bindings;
mod filter;
mod headers;
pub(crate) mod json;
mod rates;
mod rows;
mod template;
mod token;
mod wire;

pub use bindings::{Binding, Bindings, Names};
pub(crate) use filter::read_price;
pub use filter::{Filter, FilterProblem, outline, price_readings};
pub use headers::is_reserved_header;
pub use json::{JsonError, JsonProblem, is_json, pretty};
pub use rates::RatesFormat;
pub use rows::{Cell, ROW_STACK, RowMapping, RowPlace};
pub use template::{TemplateProblem, UrlTemplate};
pub use token::{TokenReply, decode_token, token_error};
pub use wire::{MAX_OFFERS, RequestProblem, decode_request, encode_request, error_message};

use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName, TracedField};

/// The largest body that is read at once, bytes.
const SMALL_BODY: usize = 64 << 10;

/// How a supplier's replies become offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mapping {
    /// The replies are in the wire's own format.
    #[default]
    Wire,
    /// A filter makes offers in the wire's format of them.
    Filter(Filter),
}

impl Mapping {
    /// Reads the offers of a reply to the request that is bound, in their order; none = the supplier does not carry the product.
    /// `supplier` is the configured name: a reply that names itself differently shows its own name as the seller. A
    /// filter may take about a second.
    ///
    /// # Errors
    /// `malformed_json` when the body is not one strict JSON document, or a key that is read stands twice;
    /// `supplier_error` when it is an error object; `mapping` when it is not made of objects, or of more than
    /// [`MAX_OFFERS`], or when the filter fails; `local_resource` without memory for the filter's thread.
    pub fn offers(
        &self,
        body: &[u8],
        bindings: &Bindings,
        supplier: &SupplierName,
    ) -> Result<Vec<OfferReply>, Failure> {
        match self {
            Self::Wire => wire::decode(body, supplier),
            Self::Filter(filter) => filter.offers(body, bindings, supplier),
        }
    }

    /// Does what [`Mapping::offers`] does, if that takes no more than about a millisecond; else `None`. An event
    /// loop tries this first, and does the rest on another thread.
    #[must_use]
    pub fn offers_at_once(
        &self,
        body: &[u8],
        bindings: &Bindings,
        supplier: &SupplierName,
    ) -> Option<Result<Vec<OfferReply>, Failure>> {
        match self {
            Self::Wire => (body.len() <= SMALL_BODY).then(|| wire::decode(body, supplier)),
            Self::Filter(filter) => filter.offers_at_once(body, bindings, supplier),
        }
    }

    /// Traces the fields of the first `most` offers of a reply back to where they come from, offers in the order of
    /// [`Mapping::offers`]. It may take as long as that.
    ///
    /// # Errors
    /// As in [`Mapping::offers`], but it does not mind what is no offer.
    pub fn trace(&self, body: &[u8], bindings: &Bindings, most: usize) -> Result<Vec<Vec<TracedField>>, Failure> {
        match self {
            Self::Filter(filter) => filter.trace(body, bindings, most),
            // What is passed on as it is is its own mapping.
            Self::Wire => match Filter::compile(".", &Names::none()) {
                Ok(filter) => filter.trace(body, bindings, most),
                Err(problem) => Err(Failure::new(ErrorKind::Internal).with_detail(problem.to_string())),
            },
        }
    }
}
