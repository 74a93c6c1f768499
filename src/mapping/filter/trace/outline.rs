//! What a reply is made of.

use std::rc::Rc;

use crate::domain::ReplyPart;
use crate::mapping::filter::value::Value;
use crate::mapping::filter::{document, json_text};

/// How many characters of a value are kept to be shown.
const SHOWN: usize = 40;
/// How deep a reply is told.
const DEPTH: usize = 12;

/// The first `most` parts of a document, in its order: each key of an object, and the first element of an array.
pub(in crate::mapping::filter) fn outline(document: &Value, most: usize) -> Vec<ReplyPart> {
    let mut parts = Vec::new();
    add(document, &mut Vec::new(), &mut parts, most);
    parts
}

fn add(value: &Value, steps: &mut Vec<Value>, parts: &mut Vec<ReplyPart>, most: usize) {
    if parts.len() >= most {
        return;
    }
    let (kind, count) = match value {
        Value::Object(map) => ("an object", Some(map.len())),
        Value::Array(array) => ("an array", Some(array.items().len())),
        Value::Text(_) => ("text", None),
        Value::Number(..) | Value::Long(_) => ("a number", None),
        Value::Bool(..) => ("a boolean", None),
        Value::Null(_) | Value::Repeated => ("null", None),
    };
    let shown = count.is_none().then(|| json_text::preview(value, SHOWN));
    let path = document::path(&steps.iter().rev().cloned().collect::<Vec<_>>());
    parts.push(ReplyPart { path, kind, count, value: shown });
    if steps.len() >= DEPTH {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map.raw() {
                steps.push(Value::Text(Rc::clone(key)));
                add(value, steps, parts, most);
                steps.pop();
            }
        }
        Value::Array(array) => {
            if let Some(first) = array.items().first() {
                steps.push(Value::from_usize(0));
                add(first, steps, parts, most);
                steps.pop();
            }
        }
        _ => {}
    }
}
