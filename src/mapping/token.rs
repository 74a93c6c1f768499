//! What a token endpoint answers (RFC 6749, section 5): strict JSON. No message repeats a token.

use std::time::Duration;

use super::json::{self, Value};
use crate::domain::{ErrorKind, Failure, Secret, parse_integer};

/// A token that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReply {
    /// The token itself.
    pub access_token: Secret,
    /// How long it is good for; `None` = the server does not say.
    pub expires_in: Option<Duration>,
}

/// Reads the reply of a token endpoint. A reply without `token_type` is taken for one of a bearer token.
///
/// # Errors
/// `malformed_json` when it is not strict JSON; `supplier_error` when it is an error of the standard; `mapping` when it
/// holds no token, or one of another type.
pub fn decode_token(body: &[u8]) -> Result<TokenReply, Failure> {
    let value =
        json::parse(body).map_err(|error| Failure::new(ErrorKind::MalformedJson).with_detail(error.to_string()))?;
    if let Some(error) = error_of(&value) {
        return Err(Failure::new(ErrorKind::SupplierError).with_detail(error));
    }
    let mapping = |detail: &str| Failure::new(ErrorKind::Mapping).with_detail(detail);
    let Value::Object(object) = &value else { return Err(mapping("the reply is not an object")) };
    let picked = object.pick(&["access_token", "token_type", "expires_in"]);
    let [token, kind, expires_in] = picked.map_err(|repeated| {
        Failure::new(ErrorKind::MalformedJson).with_detail(format!("key `{}` stands twice", repeated.0))
    })?;
    let Some(Value::String(token)) = token.filter(|token| **token != Value::String("".into())) else {
        return Err(mapping("the reply has no `access_token`"));
    };
    match kind {
        None => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err(mapping("the reply's `token_type` is not `Bearer`")),
    }
    let seconds = match expires_in {
        Some(Value::Number(text) | Value::String(text)) => parse_integer(text).ok(),
        _ => None,
    };
    let expires_in = seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    Ok(TokenReply { access_token: Secret::new(token.clone()), expires_in })
}

/// What a token endpoint says of an error, such as `invalid_client (no such client)`; `None` when it says nothing.
#[must_use]
pub fn token_error(body: &[u8]) -> Option<String> {
    error_of(&json::parse(body).ok()?)
}

fn error_of(value: &Value<'_>) -> Option<String> {
    let Value::Object(object) = value else { return None };
    let [error, description] = object.pick(&["error", "error_description"]).ok()?;
    let Some(Value::String(error)) = error else { return None };
    Some(match description {
        Some(Value::String(description)) => format!("{error} ({description})"),
        _ => error.clone().into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_and_lasts_as_long_as_is_said() {
        for (body, seconds) in [
            (r#"{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}"#, Some(3600)),
            (r#"{"access_token": "t", "token_type": "bEARER", "expires_in": "60", "scope": "x"}"#, Some(60)),
            (r#"{"access_token": "t", "expires_in": -1}"#, None),
            (r#"{"access_token": "t", "token_type": "bearer"}"#, None),
            (r#"{"access_token": "t", "error": null, "expires_in": 1.5}"#, None),
        ] {
            let expires_in = seconds.map(Duration::from_secs);
            assert_eq!(decode_token(body.as_bytes()), Ok(TokenReply { access_token: Secret::new("t"), expires_in }));
        }
    }

    #[test]
    fn what_is_no_token_says_why_and_repeats_nothing() {
        for (body, kind, detail) in [
            ("{'access_token'}", ErrorKind::MalformedJson, None),
            (
                r#"{"access_token": "hunter2", "access_token": "x"}"#,
                ErrorKind::MalformedJson,
                Some("key `access_token` stands twice"),
            ),
            (r#"["hunter2"]"#, ErrorKind::Mapping, Some("the reply is not an object")),
            (r#"{"access_token": ""}"#, ErrorKind::Mapping, Some("the reply has no `access_token`")),
            (r#"{"access_token": ["hunter2"]}"#, ErrorKind::Mapping, Some("the reply has no `access_token`")),
            (
                r#"{"access_token": "hunter2", "token_type": "mac"}"#,
                ErrorKind::Mapping,
                Some("the reply's `token_type` is not `Bearer`"),
            ),
            (
                r#"{"error": "invalid_scope", "error_description": "no such"}"#,
                ErrorKind::SupplierError,
                Some("invalid_scope (no such)"),
            ),
        ] {
            let failure = decode_token(body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, kind, "{body}");
            let said = failure.detail.unwrap();
            assert!(!said.contains("hunter2") && detail.is_none_or(|detail| detail == said), "{said}");
        }
        assert_eq!(token_error(br#"{"error": "invalid_client"}"#).as_deref(), Some("invalid_client"));
        assert_eq!(token_error(b"<html>"), None);
    }
}
