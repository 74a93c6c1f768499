//! What an error object says: the bodies in which the field's APIs explain themselves.

use crate::domain::shortened;
use crate::mapping::json::{self, Object, Repeated, Value};

/// How many characters of a supplier's message are kept.
const MAX_MESSAGE: usize = 200;

/// The message in the body of an error, at most 200 characters; `None` when it is no JSON object or has none.
#[must_use]
pub fn error_message(body: &[u8]) -> Option<String> {
    match json::parse(body).ok()? {
        Value::Object(object) => read(&object).ok()?,
        _ => None,
    }
}

/// The message of an error object: its `error`, be it a text, an object with a `message` or an array of texts, else
/// its `message`, else its `detail`.
///
/// # Errors
/// The path of a key that is read and stands twice.
pub(super) fn read(object: &Object<'_>) -> Result<Option<String>, String> {
    let keys = object.pick(&["error", "message", "detail"]);
    let [error, message, detail] = keys.map_err(|Repeated(key)| key.to_owned())?;
    let error = match error {
        Some(Value::Object(error)) => error.get("message").map_err(|Repeated(key)| format!("error.{key}"))?,
        Some(Value::Array(errors)) => errors.first(),
        other => other,
    };
    let said = [error, message, detail].into_iter().flatten().find_map(text);
    Ok(said.map(|text| shortened(text, MAX_MESSAGE)))
}

fn text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        error_message(body.as_bytes())
    }

    #[test]
    fn the_usual_shapes_of_an_error_are_read() {
        for body in [
            r#"{"error": "no such key"}"#,
            r#"{"error": {"code": 7, "message": " no such key "}}"#,
            r#"{"error": ["no such key", "and more"]}"#,
            r#"{"error": true, "message": "no such key"}"#,
            r#"{"message": "no such key", "status": 401}"#,
            r#"{"type": "about:blank", "detail": "no such key"}"#,
        ] {
            assert_eq!(message(body).as_deref(), Some("no such key"), "{body}");
        }
    }

    #[test]
    fn everything_else_has_no_message() {
        for body in [
            "",
            "<html>",
            "[]",
            r#"{"error": ""}"#,
            r#"{"error": {"code": 7}}"#,
            r#"{"message": 5}"#,
            r#"{"message": "a", "message": "b"}"#,
        ] {
            assert_eq!(message(body), None, "{body}");
        }
    }

    #[test]
    fn a_message_is_short() {
        let body = format!(r#"{{"error": "{}"}}"#, "é".repeat(5000));
        assert_eq!(message(&body), Some(format!("{}…", "é".repeat(200))));
    }
}
