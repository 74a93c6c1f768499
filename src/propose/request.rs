//! From the body of one request to a filter that makes such a body for any product and quantity.
//!
//! Refuses to know how it is sent. Main function: [`request`].

use super::path::{is_plain, quoted};
use super::words::{any, words};
use crate::mapping::json::{self, Value};
use crate::mapping::{Filter, Names};

/// The largest body that is looked at, bytes.
const MOST_BYTES: usize = 64 << 10;
/// Names of numbers that are a quantity, whatever they are.
const QUANTITIES: &str = "quantity qty menge cantidad quantité quantite anzahl";

/// A filter for the body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestProposal {
    /// Its text.
    pub filter: String,
    /// Whether the product is in it.
    pub asks_for_product: bool,
    /// Whether the quantity is in it.
    pub asks_for_quantity: bool,
}

/// Why a body is no example.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// It is too long to be one.
    #[error("the request is larger than 64 KiB")]
    TooLong,
    /// It is no JSON.
    #[error("the request is not JSON: {0}")]
    NotJson(String),
    /// It holds a secret, which is never written down.
    #[error("`{0}` in the request may be a secret, and none is written into a configuration")]
    Secret(String),
}

/// Proposes a filter for requests like this one, which was for the product and the quantity, as far as they are known.
/// `is_secret` says which members are never written.
///
/// # Errors
/// When the body is no JSON, is too long, or holds a secret.
pub fn request(
    body: &[u8],
    product: Option<&str>,
    quantity: Option<u64>,
    is_secret: &dyn Fn(&str) -> bool,
) -> Result<RequestProposal, RequestRefusal> {
    if body.len() > MOST_BYTES {
        return Err(RequestRefusal::TooLong);
    }
    let document = json::parse(body).map_err(|error| RequestRefusal::NotJson(error.to_string()))?;
    let product = product.map(str::trim).filter(|product| !product.is_empty());
    let quantity = quantity.map(|quantity| quantity.to_string());
    let mut writer =
        Writer { product, quantity, is_secret, asks_for_product: false, asks_for_quantity: false, has_named: false };
    writer.has_named = has_named_quantity(&document);
    let filter = writer.value("", &document)?;
    // A number that is too long, or the like, is none in the filter's language.
    Filter::compile(&filter, &Names::of_request()).map_err(|problem| RequestRefusal::NotJson(problem.to_string()))?;
    let Writer { asks_for_product, asks_for_quantity, .. } = writer;
    Ok(RequestProposal { filter, asks_for_product, asks_for_quantity })
}

struct Writer<'a> {
    product: Option<&'a str>,
    quantity: Option<String>,
    is_secret: &'a dyn Fn(&str) -> bool,
    asks_for_product: bool,
    asks_for_quantity: bool,
    /// Whether a member has the name of a quantity, so that other numbers are none.
    has_named: bool,
}

impl Writer<'_> {
    fn value(&mut self, name: &str, value: &Value<'_>) -> Result<String, RequestRefusal> {
        Ok(match value {
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(text) if self.is_quantity(name, text) => self.of_quantity("$quantity"),
            Value::Number(text) if self.is_product(text) => self.of_product("($product | tonumber)"),
            Value::Number(text) => text.to_string(),
            Value::String(text) if self.is_product(text) => self.of_product("$product"),
            Value::String(text) if self.is_quantity(name, text) => self.of_quantity("($quantity | tostring)"),
            Value::String(text) => quoted(text),
            Value::Array(items) => {
                let items: Result<Vec<String>, _> = items.iter().map(|item| self.value(name, item)).collect();
                format!("[{}]", items?.join(", "))
            }
            Value::Object(object) => {
                let mut members = Vec::new();
                for (key, value) in object.members() {
                    if matches!(value, Value::String(text) if !text.is_empty() && !self.is_product(text))
                        && (self.is_secret)(key)
                    {
                        return Err(RequestRefusal::Secret(key.to_owned()));
                    }
                    let written = if is_plain(key) { key.to_owned() } else { quoted(key) };
                    members.push(format!("{written}: {}", self.value(key, value)?));
                }
                format!("{{{}}}", members.join(", "))
            }
        })
    }

    fn is_product(&self, text: &str) -> bool {
        self.product.is_some_and(|product| text.trim().eq_ignore_ascii_case(product))
    }

    fn of_product(&mut self, expression: &str) -> String {
        self.asks_for_product = true;
        expression.to_owned()
    }

    fn of_quantity(&mut self, expression: &str) -> String {
        self.asks_for_quantity = true;
        expression.to_owned()
    }

    fn is_quantity(&self, name: &str, text: &str) -> bool {
        let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_given = self.quantity.as_deref() == Some(text);
        if is_named(name) {
            return is_whole && (is_given || self.quantity.is_none());
        }
        // Many numbers are 1.
        is_given && text != "1" && !self.has_named
    }
}

fn is_named(name: &str) -> bool {
    let words = words(name);
    any(&words, QUANTITIES) && !any(&words, "min max minimum maximum available stock")
}

fn has_named_quantity(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) => object.members().any(|(key, value)| is_named(key) || has_named_quantity(value)),
        Value::Array(items) => items.iter().any(has_named_quantity),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(body: &str, product: Option<&str>, quantity: Option<u64>) -> String {
        match request(body.as_bytes(), product, quantity, &|name| name == "apiKey") {
            Ok(proposal) => proposal.filter,
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn product_and_quantity_come_to_stand_in_their_places() {
        for (body, product, quantity, expected) in [
            (
                r#"{"keyword": "widget", "count": 5, "page": 1}"#,
                Some("widget"),
                Some(5),
                "{keyword: $product, count: $quantity, page: 1}",
            ),
            (
                r#"{"q": "Widget", "lines": [{"qty": "7", "n": 7}]}"#,
                Some("widget"),
                Some(7),
                "{q: $product, lines: [{qty: ($quantity | tostring), n: 7}]}",
            ),
            (
                r#"{"id": 4711, "quantity": 3, "page": 3}"#,
                Some("4711"),
                None,
                "{id: ($product | tonumber), quantity: $quantity, page: 3}",
            ),
            (r#"{"a-b": "\"\\(1)", "if": null, "n": 1}"#, None, Some(1), r#"{"a-b": "\"\\(1)", "if": null, n: 1}"#),
            (
                r#"{"apiKey": "hunter2"}"#,
                None,
                None,
                "`apiKey` in the request may be a secret, and none is written into a configuration",
            ),
            (
                "{",
                None,
                None,
                "the request is not JSON: line 1, column 2: expected a key in double quotes, but the text ends",
            ),
        ] {
            assert_eq!(proposed(body, product, quantity), expected);
        }
    }
}
