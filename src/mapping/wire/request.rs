//! The request in the wire's format: what suppliers are sent, and what mocks and workers read.

use crate::domain::{Currency, CurrencyProblem, FaultProblem, MAX_QUANTITY, PriceRequest, Quantity};
use crate::mapping::json::{self, JsonError, Repeated, Value};

use super::read;

/// Why a body is not a request. A field's value is never repeated, since the sender knows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// The body is not one strict JSON document.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document is no object.
    #[error("the request is {0}, not an object")]
    NotAnObject(&'static str),
    /// A key stands twice.
    #[error("key `{0}` stands twice")]
    Repeated(&'static str),
    /// A field is absent, or null.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The product is no text, or an empty one.
    #[error("`productId` is not a text that names a product")]
    Product,
    /// The quantity is no whole number of its range.
    #[error("`quantity` is not a whole number from 1 to {MAX_QUANTITY}")]
    Quantity,
    /// The currency is no text.
    #[error("`currency` is not a text")]
    CurrencyType,
    /// The currency is not one that money can be counted in.
    #[error("`currency`: {0}")]
    Currency(#[from] CurrencyProblem),
}

/// Writes a request: `{"productId":"widget","quantity":95,"currency":"EUR"}`.
#[must_use]
pub fn encode_request(request: &PriceRequest) -> String {
    let product = serde_json::Value::from(request.product.as_str());
    format!(r#"{{"productId":{product},"quantity":{},"currency":"{}"}}"#, request.quantity, request.currency)
}

/// Reads a request. Fields that it does not know are ignored.
///
/// # Errors
/// When the body is no request, with the field that is wrong.
pub fn decode_request(body: &[u8]) -> Result<PriceRequest, RequestProblem> {
    let object = match json::parse(body)? {
        Value::Object(object) => object,
        other => return Err(RequestProblem::NotAnObject(other.kind())),
    };
    let [product, quantity, currency] =
        object.pick(&["productId", "quantity", "currency"]).map_err(|Repeated(key)| RequestProblem::Repeated(key))?;
    let product = read::text(product.ok_or(RequestProblem::Missing("productId"))?)
        .ok()
        .filter(|product| !product.is_empty())
        .ok_or(RequestProblem::Product)?;
    let quantity: Result<u64, FaultProblem> =
        read::integer(quantity.ok_or(RequestProblem::Missing("quantity"))?, 1, read::MAX_PIECES);
    let quantity = quantity.ok().and_then(Quantity::new).ok_or(RequestProblem::Quantity)?;
    let currency =
        read::text(currency.ok_or(RequestProblem::Missing("currency"))?).map_err(|_| RequestProblem::CurrencyType)?;
    Ok(PriceRequest { product, quantity, currency: Currency::parse(&currency)? })
}

#[cfg(test)]
mod tests;
