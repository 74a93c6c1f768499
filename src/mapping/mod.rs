//! Between a supplier's bytes and the domain: what a reply says, how a request is written, where it is sent.
//!
//! Owns the strict JSON scan, the wire's own offer format and URL templates. Refuses to know protocols, deadlines
//! and what an offer is worth: it reads what is there and says what cannot be read. Everything is a pure function
//! of its arguments, so a transport may call it on any thread. The main type is [`Mapping`].

mod json;
mod template;
mod wire;

pub use json::{JsonError, JsonProblem};
pub use template::{TemplateProblem, UrlTemplate};
pub use wire::{MAX_OFFERS, RequestProblem, decode_request, encode_request};

use crate::domain::{Failure, OfferReply, SupplierName};

/// How a supplier's replies become offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mapping {
    /// The replies are in the wire's own format.
    #[default]
    Wire,
}

impl Mapping {
    /// Reads the offers of a reply, in their order; none = the supplier does not carry the product. `supplier` is
    /// the configured name: a reply that names itself differently shows its own name as the seller.
    ///
    /// # Errors
    /// `malformed_json` when the body is not one strict JSON document, or a key that is read stands twice;
    /// `supplier_error` when it is an error object; `mapping` when it is not made of objects, or of more than
    /// [`MAX_OFFERS`].
    pub fn offers(&self, body: &[u8], supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
        match self {
            Self::Wire => wire::decode(body, supplier),
        }
    }
}
