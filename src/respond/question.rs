//! From a request's path, query and body to what a mock is asked.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::domain::{PriceRequest, Quantity};
use crate::mapping::{RequestProblem, decode_request};

/// What a mock is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The product's name, decoded.
    pub product: String,
    /// How many pieces.
    pub quantity: Quantity,
}

/// Where a request goes: `/{supplier}/quotes` or `/{supplier}/lookup`, and what is asked there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The supplier's name, decoded.
    pub(super) supplier: String,
    /// Whether ids are asked for, which come before quotes.
    pub(super) is_lookup: bool,
    /// The product, when the path names it. Encoded slashes are part of it, and so are plain ones.
    pub(super) product: Option<String>,
}

/// Why a request cannot be answered; the text goes to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QuestionError {
    /// The path is not one that mocks listen on.
    #[error("no such path, ask `/{{supplier}}/quotes/{{product}}?quantity=N`")]
    Path,
    /// A part of the path is not UTF-8 when it is decoded.
    #[error("path is not UTF-8")]
    Encoding,
    /// The path ends where the product belongs.
    #[error("no product in the path")]
    Product,
    /// There is no quantity, or none that can be ordered.
    #[error("{0}, ask with `?quantity=N`, 1 to 1000000000")]
    Quantity(String),
    /// The body is not a request.
    #[error("body is no quote request: {0}")]
    Body(#[from] RequestProblem),
}

impl Target {
    /// Reads a path as it was sent.
    ///
    /// # Errors
    /// When mocks do not listen there.
    pub(super) fn read(path: &str) -> Result<Self, QuestionError> {
        let (supplier, rest) =
            path.strip_prefix('/').and_then(|path| path.split_once('/')).ok_or(QuestionError::Path)?;
        let (is_lookup, product) = match (rest.strip_prefix("quotes"), rest.strip_prefix("lookup")) {
            (Some(product), _) => (false, product),
            (None, Some(product)) => (true, product),
            (None, None) => return Err(QuestionError::Path),
        };
        let product = match product {
            "" => None,
            product => Some(decode(product.strip_prefix('/').ok_or(QuestionError::Path)?)?),
        };
        Ok(Self { supplier: decode(supplier)?, is_lookup, product })
    }
}

/// What is asked by a path that names the product, and a query.
///
/// # Errors
/// When the product is empty, or the quantity is missing or no whole number of 1 to 10⁹.
pub(super) fn from_query(product: String, query: Option<&str>) -> Result<Question, QuestionError> {
    if product.is_empty() {
        return Err(QuestionError::Product);
    }
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let mut quantities = pairs.filter(|(name, _)| *name == "quantity").map(|(_, value)| value);
    match (quantities.next(), quantities.next()) {
        (Some(value), None) => Ok(Question { product, quantity: read_quantity(value)? }),
        (None, _) => Err(QuestionError::Quantity("no quantity".into())),
        (Some(_), Some(_)) => Err(QuestionError::Quantity("more than one quantity".into())),
    }
}

fn read_quantity(written: &str) -> Result<Quantity, QuestionError> {
    let value = decode(written)?;
    // `parse` alone would accept a plus sign.
    let digits = Some(&value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .and_then(Quantity::new)
        .ok_or_else(|| QuestionError::Quantity(format!("quantity `{value}` is out of range or no whole number")))
}

/// What is asked by the wire's own request.
///
/// # Errors
/// When the body is no such request.
pub(super) fn from_body(body: &[u8]) -> Result<Question, QuestionError> {
    let PriceRequest { product, quantity, .. } = decode_request(body)?;
    Ok(Question { product, quantity })
}

/// Encodes a supplier's name for a path, so that [`Target::read`] gets it back, and a URI template has no
/// expression in it.
pub(super) fn path_segment(text: &str) -> String {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn decode(encoded: &str) -> Result<String, QuestionError> {
    let decoded = percent_decode_str(encoded).decode_utf8().map_err(|_| QuestionError::Encoding)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Result<(String, Option<String>), QuestionError> {
        Target::read(path).map(|target| (target.supplier, target.product))
    }

    #[test]
    fn a_path_names_the_supplier_and_the_product() {
        assert_eq!(target("/acme/quotes/widget"), Ok(("acme".into(), Some("widget".into()))));
        assert_eq!(target("/acme/quotes"), Ok(("acme".into(), None)));
        assert_eq!(target("/a%2Fb%20c/quotes/x%2Fy%C3%A9"), Ok(("a/b c".into(), Some("x/yé".into()))));
        assert_eq!(target("/acme/quotes/a/b+c"), Ok(("acme".into(), Some("a/b+c".into()))));
        let is_lookup = |path| Target::read(path).map(|target| target.is_lookup);
        assert_eq!((is_lookup("/acme/lookup/widget"), is_lookup("/lookup/quotes/x")), (Ok(true), Ok(false)));
        assert_eq!(target("/quotes/quotes/quotes"), Ok(("quotes".into(), Some("quotes".into()))));
        assert_eq!(target("/acme/quotes/"), Ok(("acme".into(), Some(String::new()))));
    }

    #[test]
    fn other_paths_are_refused() {
        for path in ["", "/", "/acme", "/acme/", "/acme/quote/widget", "/acme/quotesx", "*"] {
            assert_eq!(target(path), Err(QuestionError::Path), "{path}");
        }
        assert_eq!(target("/acme/quotes/%ff"), Err(QuestionError::Encoding));
    }

    #[test]
    fn a_segment_comes_back_as_it_was() {
        for name in ["acme", "a/b", "50 %", "{x}", "é?#&"] {
            let path = format!("/{}/quotes", path_segment(name));
            assert!(!path.contains('{'), "{path}");
            assert_eq!(target(&path), Ok((name.into(), None)));
        }
    }

    #[test]
    fn the_quantity_comes_from_the_query() {
        let quantity = |query| from_query("widget".into(), query).map(|question| question.quantity.get());
        assert_eq!(quantity(Some("quantity=95")), Ok(95));
        assert_eq!(quantity(Some("currency=EUR&quantity=%31000000000&x")), Ok(1_000_000_000));
        let message = |query| quantity(query).unwrap_err().to_string();
        assert_eq!(message(None), "no quantity, ask with `?quantity=N`, 1 to 1000000000");
        assert_eq!(
            message(Some("quantity=%2B5")),
            "quantity `+5` is out of range or no whole number, ask with `?quantity=N`, 1 to 1000000000"
        );
        for query in ["", "quantity", "Quantity=1", "quantity=", "quantity=0", "quantity=1000000001", "quantity=1.5"] {
            assert!(quantity(Some(query)).is_err(), "{query}");
        }
        assert!(message(Some("quantity=1&quantity=2")).starts_with("more than one quantity"));
        assert_eq!(from_query(String::new(), Some("quantity=1")), Err(QuestionError::Product));
    }

    #[test]
    fn the_wires_request_is_read_from_the_body() {
        let question = from_body(br#"{"productId": "a\u00e9", "quantity": 95, "currency": "EUR"}"#).unwrap();
        assert_eq!(question, Question { product: "aé".into(), quantity: Quantity::new(95).unwrap() });
        let problem = from_body(br#"{"productId": "a", "quantity": 0, "currency": "EUR"}"#).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "body is no quote request: `quantity` is not a whole number from 1 to 1000000000"
        );
    }
}
