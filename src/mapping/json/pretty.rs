//! JSON for people: one value a line, indented, nothing of it changed.

use super::{Value, scan};

/// Writes a document with a line for each value: numbers as they were sent, keys in their order, also those that
/// stand twice. `None` = it is not one strict JSON document.
#[must_use]
pub fn pretty(document: &[u8]) -> Option<String> {
    let value = scan::parse(document).ok()?;
    let mut text = String::with_capacity(2 * document.len());
    write(&value, 0, &mut text);
    Some(text)
}

/// Writes a value within one line.
pub(in crate::mapping) fn compact(value: &Value<'_>) -> String {
    let mut text = String::new();
    write_line(value, &mut text);
    text
}

fn write_line(value: &Value<'_>, text: &mut String) {
    let separate = |position: usize, text: &mut String| text.push_str(if position > 0 { ", " } else { "" });
    match value {
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                separate(position, text);
                write_line(item, text);
            }
            text.push(']');
        }
        Value::Object(object) => {
            text.push('{');
            for (position, (key, value)) in object.members().enumerate() {
                separate(position, text);
                write_text(key, text);
                text.push_str(": ");
                write_line(value, text);
            }
            text.push('}');
        }
        scalar => write(scalar, 0, text),
    }
}

/// Whether a text is one strict JSON document.
#[must_use]
pub fn is_json(text: &[u8]) -> bool {
    scan::parse(text).is_ok()
}

fn write(value: &Value<'_>, depth: usize, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
        Value::Number(number) => text.push_str(number),
        Value::String(string) => write_text(string, text),
        Value::Array(items) => {
            let write = |item: &Value<'_>, text: &mut String| write(item, depth + 1, text);
            write_members(['[', ']'], items.iter(), depth, text, write);
        }
        Value::Object(object) => {
            let member = |(key, value): &(std::borrow::Cow<'_, str>, Value<'_>), text: &mut String| {
                write_text(key, text);
                text.push_str(": ");
                write(value, depth + 1, text);
            };
            write_members(['{', '}'], object.0.iter(), depth, text, member);
        }
    }
}

fn write_members<T>(
    [open, close]: [char; 2],
    members: impl ExactSizeIterator<Item = T>,
    depth: usize,
    text: &mut String,
    write: impl Fn(T, &mut String),
) {
    text.push(open);
    let is_empty = members.len() == 0;
    for (position, member) in members.enumerate() {
        text.push_str(if position > 0 { ",\n" } else { "\n" });
        text.push_str(&"  ".repeat(depth + 1));
        write(member, text);
    }
    if !is_empty {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    }
    text.push(close);
}

fn write_text(string: &str, text: &mut String) {
    // A text is always JSON.
    text.push_str(&serde_json::to_string(string).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_changed_but_the_space_between() {
        let text = pretty(br#"{"b":[1.50,1E2,{}],"a":"\u00e9\"","b":[]}"#).unwrap();
        insta::assert_snapshot!(text, @r#"
        {
          "b": [
            1.50,
            1E2,
            {}
          ],
          "a": "é\"",
          "b": []
        }
        "#);
        assert_eq!(pretty(b"{} {}"), None);
    }
}
