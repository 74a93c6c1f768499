//! Functions of texts.

use super::collections::items;
use super::{Result, Value, fault, meter};
use crate::mapping::filter::value::shown;
use crate::mapping::filter::{document, operators};
use crate::mapping::json;

/// The text, or an error.
pub(super) fn text(value: &Value) -> Result<&str> {
    let text = value.as_text().ok_or_else(|| fault::wrong_type(value, "a string"))?;
    meter::charge_bytes(text.len());
    Ok(text)
}

/// Reads one strict JSON document that is in the text.
pub(super) fn from_json(value: &Value) -> Result {
    let text = text(value)?;
    meter::charge(text.len());
    match json::parse(text.as_bytes()) {
        Ok(parsed) => Ok(document::read_without_places(parsed)),
        Err(error) => Err(fault::about(format!("{} is not JSON: {error}", shown(value)), &[value])),
    }
}

/// How many bytes the text has in UTF-8.
pub(super) fn byte_length(value: &Value) -> Result {
    text(value).map(|text| Value::from_usize(text.len()))
}

/// A to Z as a to z.
pub(super) fn lower_case(value: &Value) -> Result {
    text(value).map(|text| Value::text(text.to_ascii_lowercase()))
}

/// a to z as A to Z.
pub(super) fn upper_case(value: &Value) -> Result {
    text(value).map(|text| Value::text(text.to_ascii_uppercase()))
}

/// Without white space at both ends.
pub(super) fn trim(value: &Value) -> Result {
    text(value).map(|text| Value::text(text.trim()))
}

/// Without white space at the start.
pub(super) fn trim_start(value: &Value) -> Result {
    text(value).map(|text| Value::text(text.trim_start()))
}

/// Without white space at the end.
pub(super) fn trim_end(value: &Value) -> Result {
    text(value).map(|text| Value::text(text.trim_end()))
}

/// The code points of the text.
pub(super) fn explode(value: &Value) -> Result {
    let code_point = |character| Value::from_usize(u32::from(character) as usize);
    text(value).map(|text| text.chars().map(code_point).collect())
}

/// The text of code points.
pub(super) fn implode(value: &Value) -> Result {
    let character = |item: &Value| {
        let code_point = item.as_integer().and_then(|number| u32::try_from(number).ok());
        code_point.and_then(char::from_u32).ok_or_else(|| fault::wrong_type(item, "a code point"))
    };
    Ok(Value::text(items(value)?.iter().map(character).collect::<Result<String>>()?))
}

/// Whether the text begins so.
pub(super) fn starts_with(value: &Value, part: &Value) -> Result {
    Ok(Value::from(text(value)?.starts_with(text(part)?)))
}

/// Whether the text ends so.
pub(super) fn ends_with(value: &Value, part: &Value) -> Result {
    Ok(Value::from(text(value)?.ends_with(text(part)?)))
}

/// The text without that start. What is no text, or begins otherwise, stays as it is.
pub(super) fn without_start(value: &Value, part: &Value) -> Value {
    let rest = value.as_text().zip(part.as_text()).and_then(|(text, part)| text.strip_prefix(part)).map(Value::text);
    rest.unwrap_or_else(|| value.clone())
}

/// The text without that end. What is no text, or ends otherwise, stays as it is.
pub(super) fn without_end(value: &Value, part: &Value) -> Value {
    let rest = value.as_text().zip(part.as_text()).and_then(|(text, part)| text.strip_suffix(part)).map(Value::text);
    rest.unwrap_or_else(|| value.clone())
}

/// The parts between the separators.
pub(super) fn split(value: &Value, separator: &Value) -> Result {
    Ok(operators::split(text(value)?, text(separator)?))
}

/// The elements as texts, with the separator in between; null counts as an empty text.
pub(super) fn join(value: &Value, separator: &Value) -> Result {
    let separator = text(separator)?;
    let mut joined = String::new();
    for (position, item) in items(value)?.iter().enumerate() {
        if position > 0 {
            meter::charge_bytes(separator.len());
            joined.push_str(separator);
        }
        match item {
            Value::Null(_) => {}
            Value::Text(part) => {
                meter::charge_bytes(part.len());
                joined.push_str(part);
            }
            Value::Number(..) | Value::Long(_) | Value::Bool(..) => joined.push_str(&item.to_string()),
            other => return Err(fault::about(format!("{} cannot be joined", shown(other)), &[other])),
        }
    }
    Ok(Value::text(joined))
}
