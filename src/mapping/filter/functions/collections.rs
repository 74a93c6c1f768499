//! Functions of arrays and objects.

use std::rc::Rc;

use super::{Result, Value, fault, meter, numbers};
use crate::mapping::filter::access::occurrences;
use crate::mapping::filter::map::Map;
use crate::mapping::filter::value::shown;

/// The elements of an array.
pub(super) fn items(value: &Value) -> Result<&[Value]> {
    match value {
        Value::Array(array) => Ok(array.items()),
        other => Err(fault::wrong_type(other, "an array")),
    }
}

/// How many elements, keys or characters; of a number its size; of null 0.
pub(super) fn length(value: &Value) -> Result {
    match value {
        Value::Null(_) => Ok(Value::from_usize(0)),
        Value::Text(text) => {
            meter::charge_bytes(text.len());
            Ok(Value::from_usize(text.chars().count()))
        }
        Value::Array(array) => Ok(Value::from_usize(array.items().len())),
        Value::Object(map) => Ok(Value::from_usize(map.len())),
        Value::Number(..) | Value::Long(_) => numbers::abs(value),
        Value::Bool(..) | Value::Repeated => Err(fault::about(format!("{} has no length", shown(value)), &[value])),
    }
}

/// The keys in alphabetical order, or the positions.
pub(super) fn keys(value: &Value) -> Result {
    match value {
        Value::Object(map) => Ok(map.sorted_keys().into_iter().map(|key| Value::Text(Rc::clone(key))).collect()),
        _ => keys_unsorted(value),
    }
}

/// The keys in their order, or the positions.
pub(super) fn keys_unsorted(value: &Value) -> Result {
    match value {
        Value::Object(map) => Ok(map.keys().map(|key| Value::Text(Rc::clone(key))).collect()),
        Value::Array(array) => Ok((0..array.items().len()).map(Value::from_usize).collect()),
        other => Err(fault::about(format!("{} has no keys", shown(other)), &[other])),
    }
}

/// Whether there is such a key or position.
pub(super) fn has(value: &Value, key: &Value) -> Result {
    match (value, key) {
        (Value::Object(map), Value::Text(name)) => Ok(Value::from(map.position(name).is_some())),
        (Value::Array(array), Value::Number(..)) => {
            let position = key.as_integer().and_then(|position| usize::try_from(position).ok());
            Ok(Value::from(position.is_some_and(|position| position < array.items().len())))
        }
        _ => Err(fault::about(format!("{} cannot have a key like {key}", shown(value)), &[value])),
    }
}

/// Whether the value has everything that the part has; texts contain parts of texts.
pub(super) fn contains(value: &Value, part: &Value) -> Result {
    contains_part(value, part).map(Value::from)
}

fn contains_part(value: &Value, part: &Value) -> Result<bool> {
    meter::charge(1);
    match (value, part) {
        (Value::Object(map), Value::Object(part)) => {
            for (key, wanted) in part.iter() {
                match map.get(key) {
                    Some(value) if contains_part(value, wanted)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::Array(array), Value::Array(part)) => {
            for wanted in part.items() {
                let mut found = false;
                for item in array.items() {
                    found = found || (item.kind() == wanted.kind() && contains_part(item, wanted)?);
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Text(text), Value::Text(part)) => {
            meter::charge_bytes(text.len());
            Ok(text.contains(part.as_str()))
        }
        _ if value.kind() == part.kind() => Ok(value == part),
        _ => Err(fault::about(
            format!("{} and {} cannot have their containment checked", shown(value), shown(part)),
            &[value, part],
        )),
    }
}

/// The sum of all elements, from null on.
pub(super) fn add(value: &Value) -> Result {
    let parts: Vec<Value> = match value {
        Value::Object(map) => map.iter().map(|(_, value)| value.clone()).collect(),
        _ => items(value)?.to_vec(),
    };
    meter::charge(parts.len());
    // The first part is copied once, and then grows in place.
    parts.into_iter().try_fold(Value::NULL, |sum, part| sum + part)
}

/// `{"a": 1}` as `[{"key": "a", "value": 1}]`; an array with its positions as keys.
pub(super) fn to_entries(value: &Value) -> Result {
    let (key_name, value_name) = (Rc::new("key".to_owned()), Rc::new("value".to_owned()));
    let entry = |key: Value, value: &Value| {
        let entry = [(&key_name, key), (&value_name, value.clone())];
        Value::Object(Rc::new(entry.into_iter().map(|(name, value)| (Rc::clone(name), value)).collect()))
    };
    match value {
        Value::Object(map) => Ok(map.iter().map(|(key, value)| entry(Value::Text(Rc::clone(key)), value)).collect()),
        Value::Array(array) => {
            let items = array.items().iter().enumerate();
            Ok(items.map(|(position, item)| entry(Value::from_usize(position), item)).collect())
        }
        other => Err(fault::about(format!("{} has no keys", shown(other)), &[other])),
    }
}

/// The reverse of [`to_entries`]; `k`, `name`, `Key`, `K`, `Name` and `v`, `Value`, `V` are understood, too.
pub(super) fn from_entries(value: &Value) -> Result {
    let mut result = Map::default();
    for entry in items(value)? {
        let Value::Object(entry) = entry else { return Err(fault::wrong_type(entry, "an object")) };
        let first = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| entry.get(name));
            found.clone().find(|value| value.is_true()).or_else(|| found.next_back()).cloned().unwrap_or(Value::NULL)
        };
        let key = match first(&["key", "k", "name", "Name", "Key", "K"]) {
            Value::Text(key) => key,
            Value::Number(number, _) => Rc::new(number.to_string()),
            Value::Bool(bool, _) => Rc::new(bool.to_string()),
            Value::Null(_) => Rc::new("null".to_owned()),
            other => return Err(fault::about(format!("{} cannot be a key", shown(&other)), &[&other])),
        };
        result.set(key, first(&["value", "v", "Value", "V"]));
    }
    Ok(Value::Object(Rc::new(result)))
}

/// Puts the elements of inner arrays in their place, so many levels deep.
pub(super) fn flatten(value: &Value, levels: &Value) -> Result {
    let levels = levels.as_integer().filter(|levels| *levels >= 0);
    let levels = levels.ok_or_else(|| fault::about("flatten needs a whole number of levels from 0".to_owned(), &[]))?;
    let mut flat = Vec::new();
    flatten_into(items(value)?, levels, &mut flat);
    Ok(Value::array(flat))
}

fn flatten_into(items: &[Value], levels: i64, flat: &mut Vec<Value>) {
    for item in items {
        meter::charge(2);
        match item {
            Value::Array(inner) if levels > 0 => flatten_into(inner.items(), levels - 1, flat),
            other => flat.push(other.clone()),
        }
    }
}

/// The elements, or the characters, from the last to the first.
pub(super) fn reverse(value: &Value) -> Result {
    match value {
        Value::Null(_) => Ok(Value::array(Vec::new())),
        Value::Text(text) => Ok(Value::text(text.chars().rev().collect::<String>())),
        _ => Ok(items(value)?.iter().rev().cloned().collect()),
    }
}

/// Rows as columns; what is missing in a row is null.
pub(super) fn transpose(value: &Value) -> Result {
    let rows = items(value)?.iter().map(items).collect::<Result<Vec<_>>>()?;
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let column = |position: usize| rows.iter().map(|row| row.get(position).cloned().unwrap_or(Value::NULL)).collect();
    Ok((0..width).map(column).collect())
}

/// The value itself if it is an array, else an array of it.
pub(super) fn to_array(value: &Value) -> Value {
    match value {
        Value::Array(_) => value.clone(),
        other => Value::array(vec![other.clone()]),
    }
}

/// Where a value, a part of an array, or a part of a text stands.
pub(super) fn indices(value: &Value, part: &Value) -> Result {
    match (value, part) {
        (Value::Null(_), _) => Ok(Value::NULL),
        (Value::Text(_), Value::Text(part)) if part.is_empty() => Ok(Value::NULL),
        (Value::Text(text), Value::Text(part)) => {
            meter::charge(text.len());
            let found =
                text.char_indices().enumerate().filter(|(_, (start, _))| text[*start..].starts_with(part.as_str()));
            Ok(found.map(|(position, _)| Value::from_usize(position)).collect())
        }
        (Value::Array(array), Value::Array(part)) => Ok(occurrences(array.items(), part.items())),
        (Value::Array(array), _) => Ok(occurrences(array.items(), std::slice::from_ref(part))),
        _ => Err(fault::about(format!("cannot look for {part} in {}", shown(value)), &[value])),
    }
}
