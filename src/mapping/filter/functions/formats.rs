//! `@csv` and its like: values as text for other programs.

use std::fmt::Write as _;

use super::collections::items;
use super::{Result, Value, fault, json_text, meter};
use crate::mapping::filter::value::shown;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text itself, or the value as JSON.
pub(super) fn text(value: &Value) -> Value {
    Value::text(plain(value))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => {
            meter::charge_bytes(text.len());
            text.to_string()
        }
        other => json_text::write(other),
    }
}

/// A row of comma-separated values; texts in double quotes.
pub(super) fn csv(value: &Value) -> Result {
    row(value, ",", |text| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// A row of tab-separated values.
pub(super) fn tsv(value: &Value) -> Result {
    row(value, "\t", |text| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\r', "\\r").replace('\n', "\\n"))
}

fn row(value: &Value, separator: &str, quoted: impl Fn(&str) -> String) -> Result {
    let cell = |item: &Value| match item {
        Value::Null(_) => Ok(String::new()),
        Value::Text(text) => {
            meter::charge_bytes(text.len());
            Ok(quoted(text))
        }
        Value::Array(_) | Value::Object(_) => {
            Err(fault::about(format!("{} cannot be a cell of a row", shown(item)), &[item]))
        }
        scalar => Ok(json_text::write(scalar)),
    };
    Ok(Value::text(items(value)?.iter().map(cell).collect::<Result<Vec<_>>>()?.join(separator)))
}

/// With `<`, `>`, `&`, `'` and `"` as entities.
pub(super) fn html(value: &Value) -> Value {
    let text = plain(value).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Value::text(text.replace('\'', "&#39;").replace('"', "&quot;"))
}

/// Percent-encoded, but for unreserved characters.
pub(super) fn uri(value: &Value) -> Value {
    let mut encoded = String::new();
    for byte in plain(value).bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // A `String` takes everything.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Value::text(encoded)
}

/// Quoted for a shell; an array as several words.
pub(super) fn shell(value: &Value) -> Result {
    let word = |item: &Value| match item {
        Value::Text(text) => {
            meter::charge_bytes(text.len());
            Ok(format!("'{}'", text.replace('\'', "'\\''")))
        }
        Value::Array(_) | Value::Object(_) => {
            Err(fault::about(format!("{} cannot be a word of a shell", shown(item)), &[item]))
        }
        scalar => Ok(json_text::write(scalar)),
    };
    let words = match value {
        Value::Array(array) => array.items().iter().map(word).collect::<Result<Vec<_>>>()?.join(" "),
        other => word(other)?,
    };
    Ok(Value::text(words))
}

/// In base 64, padded.
pub(super) fn base64(value: &Value) -> Value {
    let mut encoded = String::new();
    for chunk in plain(value).as_bytes().chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, place| bits << 8 | usize::from(chunk.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = BASE64[bits >> (18 - 6 * place) & 63];
            encoded.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    Value::text(encoded)
}

/// The text that is encoded in base 64.
pub(super) fn base64_decoded(value: &Value) -> Result {
    let encoded = plain(value);
    let digits = encoded.trim_end_matches('=').bytes();
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        let position =
            BASE64.iter().position(|known| *known == digit).and_then(|position| u32::try_from(position).ok());
        let Some(position) = position else {
            return Err(fault::about(format!("{} is not base 64", shown(value)), &[value]));
        };
        bits = (bits << 6 | position) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    Ok(Value::text(String::from_utf8_lossy(&bytes)))
}
