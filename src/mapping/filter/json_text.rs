//! Values as JSON text: exact digits, no spaces.

use std::fmt::{self, Write};

use super::map::Map;
use super::meter;
use super::value::Value;

/// Writes a value in full.
pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    // A `String` takes everything.
    let _ = write_value(value, &mut text, true);
    text
}

/// The first characters of the value's JSON, with `…` for the rest.
pub(super) fn preview(value: &Value, characters: usize) -> String {
    let mut preview = Preview { text: String::new(), left: characters };
    match write_value(value, &mut preview, false) {
        Ok(()) => preview.text,
        Err(fmt::Error) => preview.text + "…",
    }
}

/// Takes so many characters and refuses the next one.
struct Preview {
    text: String,
    left: usize,
}

impl Write for Preview {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

/// `reads` = keys that stand twice are read, which ends the evaluation.
fn write_value(value: &Value, out: &mut impl Write, reads: bool) -> fmt::Result {
    meter::charge(1);
    match value {
        Value::Null(_) | Value::Repeated => out.write_str("null"),
        Value::Bool(bool, _) => write!(out, "{bool}"),
        Value::Number(number, _) => write!(out, "{number}"),
        Value::Long(text) => out.write_str(text),
        Value::Text(text) => write_text(text, out),
        Value::Array(array) => {
            out.write_char('[')?;
            for (position, item) in array.items().iter().enumerate() {
                if position > 0 {
                    out.write_char(',')?;
                }
                write_value(item, out, reads)?;
            }
            out.write_char(']')
        }
        Value::Object(map) => write_object(map, out, reads),
    }
}

fn write_object(map: &Map, out: &mut impl Write, reads: bool) -> fmt::Result {
    out.write_char('{')?;
    for (position, (key, value)) in map.raw().iter().enumerate() {
        if position > 0 {
            out.write_char(',')?;
        }
        write_text(key, out)?;
        out.write_char(':')?;
        let value = if reads { map.read(position).1 } else { value };
        write_value(value, out, reads)?;
    }
    out.write_char('}')
}

/// Writes a text in double quotes.
pub(super) fn write_text(text: &str, out: &mut impl Write) -> fmt::Result {
    meter::charge_bytes(text.len());
    out.write_char('"')?;
    let mut rest = text;
    while let Some(position) = rest.find(|character: char| matches!(character, '"' | '\\') || character < ' ') {
        let (plain, special) = rest.split_at(position);
        out.write_str(plain)?;
        match special.as_bytes().first() {
            Some(b'"') => out.write_str("\\\"")?,
            Some(b'\\') => out.write_str("\\\\")?,
            Some(b'\n') => out.write_str("\\n")?,
            Some(b'\r') => out.write_str("\\r")?,
            Some(b'\t') => out.write_str("\\t")?,
            Some(control) => write!(out, "\\u{control:04x}")?,
            None => {}
        }
        // The special characters are all one byte long.
        rest = special.get(1..).unwrap_or_default();
    }
    out.write_str(rest)?;
    out.write_char('"')
}
