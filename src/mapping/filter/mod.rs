//! jq filters over exact decimals: what a supplier is sent, what its reply means, what a user wants of the output.
//!
//! Owns the language's values, functions and bounds. Refuses to know what an offer is: it hands over JSON. A filter
//! reads its input and nothing else, and whatever it does, it ends: within its steps, its stack and its number of
//! outputs. The main type is [`Filter`].
//!
//! Numbers are exact. Beside jq's own functions, as far as they fit that, there are:
//!
//! ```text
//! "12.50" | tonumber                     12.50     the text of a JSON number, nothing else
//! "1.234,56 €" | tonumber("."; ",")      1234.56   price text with the declared separators
//! 12.5 / 100                             0.125     exact; 1 / 3 is an error that names div
//! 10 | div(3; 2)                         3.33      rounded, half away from zero
//! 12.345 | round(2)                      12.35     rounded, half away from zero
//! ```

mod access;
mod definitions;
mod document;
mod fault;
mod form;
mod functions;
mod json_text;
mod map;
mod meter;
mod nesting;
mod number;
mod operators;
mod order;
mod prepare;
mod program;
pub(super) mod reading;
mod rows;
mod run;
mod trace;
mod value;

pub(super) use rows::RowProgram;
pub(super) use run::STACK;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::bindings::{Bindings, Bound, Names};
use super::{json, wire};
use crate::domain::{ErrorKind, Failure, PriceRequest, ReplyPart, TracedField};
use meter::Allowance;
use program::Program;
use reading::much_for;
use run::Trouble;
use value::Value;

pub(crate) use functions::read_price;

/// What may be used on the caller's thread, which has other things to do: about a millisecond.
const LITTLE: Allowance = Allowance { steps: 20_000, stack: 384 << 10 };
/// What a request may use; it is made of three values.
const REQUEST: Allowance = Allowance { steps: 200_000, stack: 384 << 10 };
/// What may be used on a thread of its own, and two steps more for each byte of the document: less than half a second
/// for small documents. Half of the stack is left for what does not take steps.
const MUCH: Allowance = Allowance { steps: 3_000_000, stack: run::STACK / 2 };

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct FilterProblem {
    /// The line within the filter, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// A compiled filter. Cheap to clone; two are equal when their texts and the names that they may refer to are.
#[derive(Clone)]
pub struct Filter {
    source: Arc<str>,
    names: Names,
    program: Arc<Program>,
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names && self.source == other.source
    }
}

impl Eq for Filter {}

impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Filter").field(&self.source).finish()
    }
}

impl Filter {
    /// Compiles a filter that may refer to the names, as `$product`: at most 16,000 characters, with brackets at most
    /// 100 deep.
    ///
    /// # Errors
    /// When the text is no filter, or refers to a function or a name that does not exist.
    ///
    /// ```
    /// use pricecmp::mapping::{Filter, Names};
    /// let problem = Filter::compile(".parts[] |\n  {sku: .id", &Names::of_request()).unwrap_err();
    /// assert_eq!(problem.to_string(), "line 2, column 3: `{` is never closed");
    /// ```
    pub fn compile(source: &str, names: &Names) -> Result<Self, FilterProblem> {
        let variables: Vec<String> = names.iter().map(|name| format!("${name}")).collect();
        let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
        let program = Arc::new(program::compile(source, &variables)?);
        Ok(Self { source: source.into(), names: names.clone(), program })
    }

    /// The filter's text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Traces the fields of the first `most` offers of a reply back to where they come from, offers in the order in which
    /// the filter yields them. It may take a second or more.
    ///
    /// # Errors
    /// As in [`Filter::apply`]; it does not mind what is no offer.
    pub fn trace(&self, reply: &[u8], bindings: &Bindings, most: usize) -> Result<Vec<Vec<TracedField>>, Failure> {
        self.traced(reply, bindings, |outputs, sources| trace::fields(outputs, sources, most))
    }

    /// Traces the first `most` values of a reply, each of the name `name`, back to where they come from; those of an array
    /// one by one. It may take as long as [`Filter::trace`].
    ///
    /// # Errors
    /// As in [`Filter::apply`].
    pub(super) fn trace_values(
        &self,
        reply: &[u8],
        bindings: &Bindings,
        (name, most): (&'static str, usize),
    ) -> Result<Vec<TracedField>, Failure> {
        self.traced(reply, bindings, |outputs, sources| trace::values(outputs, sources, name, most))
    }

    fn traced<T: Send>(
        &self,
        reply: &[u8],
        bindings: &Bindings,
        trace: impl FnOnce(&[Value], &trace::Sources<'_>) -> T + Send,
    ) -> Result<T, Failure> {
        run::on_own_thread(|| {
            let document = read(reply)?;
            let variables = self.variables(bindings);
            let bound = variables.clone();
            run::run(&self.program, &document, variables, &mut much_for(reply.len()), |outputs| {
                trace(outputs, &trace::Sources { document: &document, filter: &self.source, variables: &bound })
            })
            .map_err(Trouble::failure)
        })?
    }

    /// Makes the body of a request: compact JSON with exact digits. The filter's input is the request in the
    /// wire's own format, so that `.` sends just that.
    ///
    /// # Errors
    /// `mapping` when the filter raises an error, uses up what it may use, or does not yield exactly one value.
    pub fn request_body(&self, bindings: &Bindings) -> Result<String, Failure> {
        self.request(bindings, |body| Ok(json_text::write(body)))
    }

    /// Makes the body of a request as `application/x-www-form-urlencoded`, in the order of the object that the filter
    /// yields: texts, numbers and booleans; a list repeats its key, and null is left out.
    ///
    /// # Errors
    /// As in [`Filter::request_body`], and when it yields anything else.
    pub fn request_form(&self, bindings: &Bindings) -> Result<String, Failure> {
        self.request(bindings, form::write)
    }

    fn request(
        &self,
        bindings: &Bindings,
        write: impl FnOnce(&Value) -> Result<String, String>,
    ) -> Result<String, Failure> {
        let input = wire::encode_request(bindings.request());
        let document = json::parse(input.as_bytes()).map_or(Value::NULL, document::read);
        let body =
            run::run(
                &self.program,
                &document,
                self.variables(bindings),
                &mut REQUEST.clone(),
                |outputs| match outputs {
                    [body] => write(body),
                    outputs => Err(format!("the request filter yields {} values, not one", outputs.len())),
                },
            );
        match body {
            Ok(body) => body.map_err(|detail| Failure::new(ErrorKind::Mapping).with_detail(detail)),
            Err(trouble) => Err(trouble.failure_in("request")),
        }
    }

    /// Applies the filter to a document; each output is a text as it is, or else compact JSON with exact digits. Such
    /// a text may hold control characters.
    ///
    /// # Errors
    /// `malformed_json` when the document is not one strict JSON document, or the filter reads a key that stands twice;
    /// `mapping` when the filter raises an error or uses up what it may use; `local_resource` without memory for a thread.
    pub fn apply(&self, document: &[u8]) -> Result<Vec<String>, Failure> {
        self.apply_and(document, |value| value.as_text().map_or_else(|| json_text::write(value), str::to_owned))
    }

    /// Applies the filter to a document; each output is compact JSON with exact digits.
    ///
    /// # Errors
    /// As in [`Filter::apply`].
    pub fn apply_as_json(&self, document: &[u8]) -> Result<Vec<String>, Failure> {
        self.apply_and(document, json_text::write)
    }

    fn apply_and(&self, document: &[u8], write: impl Fn(&Value) -> String + Sync) -> Result<Vec<String>, Failure> {
        run::on_own_thread(|| {
            let mut allowance = much_for(document.len());
            let document = read(document)?;
            run::run(&self.program, &document, Vec::new(), &mut allowance, |outputs| {
                outputs.iter().map(&write).collect()
            })
            .map_err(Trouble::failure)
        })?
    }

    /// The values of the names; null for one that has none.
    fn variables(&self, bindings: &Bindings) -> Vec<Value> {
        let value = |name: &str| match bindings.get(name) {
            Some(Bound::Text(text) | Bound::Masked(text)) => Value::text(text),
            Some(Bound::Number(number)) => Value::Number(number, 0),
            Some(Bound::Texts(texts)) => {
                Value::Array(Rc::new(value::Array::new(texts.iter().map(|text| Value::text(text.as_str())).collect())))
            }
            Some(Bound::Lines(lines)) => Value::array(lines.iter().map(|line| line_value(line)).collect()),
            None => Value::NULL,
        };
        self.names.iter().map(value).collect()
    }
}

/// A line as filters see it, in the words of the wire.
fn line_value(line: &PriceRequest) -> Value {
    let mut object = map::Map::with_capacity(2);
    object.set(Rc::new("productId".to_owned()), Value::text(line.product.as_str()));
    object.set(Rc::new("quantity".to_owned()), Value::Number(line.quantity.get().into(), 0));
    Value::Object(Rc::new(object))
}

/// The first `most` parts of a reply, in its order.
///
/// # Errors
/// `malformed_json` when the reply is not one strict JSON document; `local_resource` without memory for a thread.
pub fn outline(reply: &[u8], most: usize) -> Result<Vec<ReplyPart>, Failure> {
    run::on_own_thread(|| read(reply).map(|document| trace::outline(&document, most)))?
}

/// The separators by which a text is a price, those of groups and those of decimals, with that price; none, if it is
/// not the text of a price.
#[must_use]
pub fn price_readings(text: &str) -> Vec<(char, char, String)> {
    functions::price_text::readings(text)
}

/// A reply as a filter sees it.
fn read(reply: &[u8]) -> Result<Value, Failure> {
    let document = json::parse(reply).map(document::read);
    document.map_err(|error| Failure::new(ErrorKind::MalformedJson).with_detail(error.to_string()))
}

/// Writes the JSON object of a request as a form, as [`Filter::request_form`] does.
///
/// # Errors
/// `mapping` when it is no object that a form can hold.
pub fn json_as_form(json: &str) -> Result<String, Failure> {
    read(json.as_bytes()).and_then(|document| {
        form::write(&document).map_err(|detail| Failure::new(ErrorKind::Mapping).with_detail(detail))
    })
}

#[cfg(test)]
mod tests;
