//! Between JSON as it was sent and the values of a filter.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::map::Map;
use super::meter;
use super::value::{Origin, Serial, Value};
use crate::mapping::json;

/// How many different keys are kept once for the whole document; the keys of real replies are few.
const SHARED_KEYS: usize = 1000;
/// How many characters of a key a path shows.
const SHOWN_KEY: usize = 60;

/// Makes a filter's value of a document.
pub(super) fn read(document: json::Value<'_>) -> Value {
    Reader { scalars: Some(0), keys: HashMap::new() }.value(document)
}

/// Makes a filter's value of JSON that is not the document.
pub(super) fn read_without_places(text: json::Value<'_>) -> Value {
    Reader { scalars: None, keys: HashMap::new() }.value(text)
}

struct Reader {
    /// How many scalars were read; `None` = they are not counted.
    scalars: Option<Serial>,
    keys: HashMap<String, Rc<String>>,
}

impl Reader {
    fn value(&mut self, value: json::Value<'_>) -> Value {
        match value {
            json::Value::Null => Value::Null(Origin::Document(self.serial())),
            json::Value::Bool(bool) => Value::Bool(bool, self.serial()),
            json::Value::Number(text) => Value::number(&text, self.serial()).unwrap_or(Value::NULL),
            json::Value::String(text) => Value::Text(Rc::new(text.into_owned())),
            json::Value::Array(items) => Value::array(items.into_iter().map(|item| self.value(item)).collect()),
            json::Value::Object(object) => {
                let members = object.into_members();
                let mut map = Map::with_capacity(members.len());
                for (key, value) in members {
                    let key = self.key(&key);
                    map.set_once(key, self.value(value));
                }
                Value::Object(Rc::new(map))
            }
        }
    }

    fn serial(&mut self) -> Serial {
        self.scalars = self.scalars.map(|count| count + 1);
        self.scalars.unwrap_or(0)
    }

    fn key(&mut self, key: &str) -> Rc<String> {
        if let Some(shared) = self.keys.get(key) {
            return Rc::clone(shared);
        }
        let new = Rc::new(key.to_owned());
        if self.keys.len() < SHARED_KEYS {
            self.keys.insert(key.to_owned(), Rc::clone(&new));
        }
        new
    }
}

/// Makes JSON of a filter's output. A key that stands twice still does, so that whoever reads it finds out.
pub(super) fn write(value: &Value) -> json::Value<'_> {
    // A value and its key take three or four times what is copied in a step.
    meter::charge(4);
    match value {
        Value::Null(_) | Value::Repeated => json::Value::Null,
        Value::Bool(bool, _) => json::Value::Bool(*bool),
        Value::Number(number, _) => json::Value::Number(Cow::Owned(number.to_string())),
        Value::Long(text) => json::Value::Number(Cow::Borrowed(text)),
        Value::Text(text) => json::Value::String(Cow::Borrowed(text)),
        Value::Array(array) => json::Value::Array(array.items().iter().map(write).collect()),
        Value::Object(map) => {
            let mut members = Vec::with_capacity(map.len());
            for (key, value) in map.raw() {
                members.push((Cow::Borrowed(key.as_str()), write(value)));
                if matches!(value, Value::Repeated) {
                    members.push((Cow::Borrowed(key.as_str()), json::Value::Null));
                }
            }
            json::Value::Object(json::Object::from_members(members))
        }
    }
}

/// The path of a key of the object that is at that address; only the key, if the object is not of the document.
pub(super) fn place_of_key(document: &Value, object: usize, key: &str) -> String {
    let mut steps = vec![Value::text(key)];
    find(document, &|value| matches!(value, Value::Object(map) if map.address() == object), &mut steps);
    path(&steps)
}

/// The path of a value in its document, such as `.parts[3].breaks`. `None` = it is not of the document.
pub(super) fn place(document: &Value, wanted: &Value) -> Option<String> {
    let mut steps = Vec::new();
    let mut wanted = wanted;
    while let Value::Null(Origin::Missing(missing)) = wanted {
        steps.push(missing.key.clone());
        wanted = &missing.parent;
    }
    find(document, &|value| is_same(value, wanted), &mut steps).then(|| path(&steps))
}

/// Writes a path; the last key comes first.
pub(super) fn path(steps: &[Value]) -> String {
    let path: String = steps.iter().rev().map(step).collect();
    // The document itself is `.`, which a key's own point says already.
    if path.starts_with('.') { path } else { format!(".{path}") }
}

/// Looks for a value and adds the keys that lead to it, the last one first.
fn find(within: &Value, wanted: &impl Fn(&Value) -> bool, steps: &mut Vec<Value>) -> bool {
    if wanted(within) {
        return true;
    }
    match within {
        Value::Array(array) => array.items().iter().enumerate().any(|(position, item)| {
            find(item, wanted, steps) && {
                steps.push(Value::from_usize(position));
                true
            }
        }),
        Value::Object(map) => map.raw().iter().any(|(key, value)| {
            find(value, wanted, steps) && {
                steps.push(Value::Text(Rc::clone(key)));
                true
            }
        }),
        _ => false,
    }
}

/// Whether both are one and the same part of a document, not merely equal.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => Rc::ptr_eq(one, other),
        (Value::Object(one), Value::Object(other)) => Rc::ptr_eq(one, other),
        (Value::Text(one), Value::Text(other)) => Rc::ptr_eq(one, other),
        (Value::Long(one), Value::Long(other)) => Rc::ptr_eq(one, other),
        (Value::Number(_, one), Value::Number(_, other))
        | (Value::Bool(_, one), Value::Bool(_, other))
        | (Value::Null(Origin::Document(one)), Value::Null(Origin::Document(other))) => *one == *other && *one > 0,
        _ => false,
    }
}

fn step(key: &Value) -> String {
    match key {
        Value::Text(name) if is_plain(name) => format!(".{name}"),
        Value::Text(_) => format!(".[{}]", super::json_text::preview(key, SHOWN_KEY)),
        other => format!("[{other}]"),
    }
}

fn is_plain(name: &str) -> bool {
    name.len() <= SHOWN_KEY
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
