//! The wire's own format: a request as it is sent, and offers as they come back.
//!
//! A reply is one offer or an array of offers, camelCase, null = absent, unknown fields ignored. A fault inside one
//! offer rejects that offer and no other; a reply that is not made of objects is no reply at all.

mod encode;
mod explanation;
mod offer;
mod read;
mod request;

pub use encode::{decode_offer, encode_offer};
pub use explanation::error_message;
pub(super) use offer::NAMES as FIELDS;
pub use request::{RequestProblem, decode_request, encode_request};

use super::json::{self, Object, Repeated, Value};
use crate::domain::{ErrorKind, Failure, OfferReply, SupplierName};

/// How many offers a reply may have.
pub const MAX_OFFERS: usize = 10_000;

/// Reads the offers of a reply, in their order.
///
/// # Errors
/// `malformed_json`, `supplier_error` or `mapping`.
pub(super) fn decode(body: &[u8], supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
    let document =
        json::parse(body).map_err(|error| Failure::new(ErrorKind::MalformedJson).with_detail(error.to_string()))?;
    decode_document(&document, supplier)
}

/// Reads the offers of a reply that is parsed already.
///
/// # Errors
/// `malformed_json`, `supplier_error` or `mapping`.
pub(super) fn decode_document(document: &Value<'_>, supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
    match document {
        Value::Array(elements) => decode_elements(elements.iter(), supplier),
        Value::Object(object) => decode_sole(object, supplier),
        other => Err(mapping(format!("the reply is {}, not an object or an array", other.kind()))),
    }
}

/// Reads the offers that a filter yields: objects, and arrays of objects, in their order. A single object is read as a
/// reply that is one, and may be an error.
///
/// # Errors
/// `malformed_json`, `supplier_error` or `mapping`.
pub(super) fn decode_outputs(outputs: &[Value<'_>], supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
    if let [Value::Object(object)] = outputs {
        return decode_sole(object, supplier);
    }
    let mut elements = Vec::new();
    for output in outputs {
        match output {
            Value::Array(offers) => elements.extend(offers.iter()),
            Value::Object(_) => elements.push(output),
            other => return Err(mapping(format!("the filter yields {}, not an object or an array", other.kind()))),
        }
    }
    decode_elements(elements.into_iter(), supplier)
}

/// Reads one row of a price list as an offer.
///
/// # Errors
/// `malformed_json` when a key that is read stands twice.
pub(super) fn decode_row(object: &Object<'_>, supplier: &SupplierName) -> Result<OfferReply, Failure> {
    offer::decode(object, supplier).map_err(|path| repeated(&path))
}

/// Reads the offers that a filter yields for one row of a price list: objects, and arrays of objects. An `error` of
/// theirs is a field like any other.
///
/// # Errors
/// `malformed_json` or `mapping`.
pub(super) fn decode_row_outputs(outputs: &[Value<'_>], supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
    let mut offers = Vec::new();
    for output in outputs {
        match output {
            Value::Object(object) => offers.push(decode_row(object, supplier)?),
            Value::Array(elements) => offers.extend(decode_elements(elements.iter(), supplier)?),
            other => return Err(mapping(format!("the filter yields {}, not an object or an array", other.kind()))),
        }
    }
    Ok(offers)
}

/// What an error object says, in the forms that [`error_message`] reads.
pub(super) fn explanation_of(error: &Value<'_>) -> Option<String> {
    match error {
        Value::Object(object) => explanation::read(object).ok().flatten(),
        _ => None,
    }
}

fn decode_sole(object: &Object<'_>, supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
    if let Some(error) = supplier_error(object)? {
        return Err(error);
    }
    Ok(vec![offer::decode(object, supplier).map_err(|path| repeated(&path))?])
}

fn decode_elements<'v, 'a: 'v>(
    elements: impl ExactSizeIterator<Item = &'v Value<'a>>,
    supplier: &SupplierName,
) -> Result<Vec<OfferReply>, Failure> {
    if elements.len() > MAX_OFFERS {
        return Err(mapping(format!("{} offers, more than {MAX_OFFERS}", elements.len())));
    }
    elements.enumerate().map(|(index, element)| decode_element(index, element, supplier)).collect()
}

fn decode_element(index: usize, element: &Value<'_>, supplier: &SupplierName) -> Result<OfferReply, Failure> {
    match element {
        Value::Object(object) => offer::decode(object, supplier).map_err(|path| repeated(&format!("[{index}].{path}"))),
        other => Err(mapping(format!("element {index} is {}, not an object", other.kind()))),
    }
}

/// An object with an error and without a price is the supplier's way to say no. Where there is a price, the object
/// is an offer, whatever its `error` says.
fn supplier_error(object: &Object<'_>) -> Result<Option<Failure>, Failure> {
    match object.get("error").map_err(|Repeated(key)| repeated(key))? {
        None | Some(Value::Bool(false)) => return Ok(None),
        Some(Value::Array(errors)) if errors.is_empty() => return Ok(None),
        Some(_) => {}
    }
    let prices = object.pick(&["unitPrice", "totalPrice", "priceBreaks"]).map_err(|Repeated(key)| repeated(key))?;
    if prices.iter().any(Option::is_some) {
        return Ok(None);
    }
    let detail = explanation::read(object).map_err(|path| repeated(&path))?;
    Ok(Some(Failure { detail, ..Failure::new(ErrorKind::SupplierError) }))
}

fn mapping(detail: String) -> Failure {
    Failure::new(ErrorKind::Mapping).with_detail(detail)
}

fn repeated(path: &str) -> Failure {
    Failure::new(ErrorKind::MalformedJson).with_detail(format!("key `{path}` stands twice"))
}

#[cfg(test)]
mod tests;
