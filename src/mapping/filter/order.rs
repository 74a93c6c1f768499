//! jq's order of all values: null, false, true, numbers, texts, arrays, objects. Numbers are compared exactly.

use std::cmp::Ordering;
use std::rc::Rc;

use super::map::Map;
use super::meter;
use super::number::{self, Digits};
use super::value::Value;

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(one), Self::Object(another)) => Rc::ptr_eq(one, another) || equal(one, another),
            (Self::Array(one), Self::Array(another)) if one.items().len() != another.items().len() => false,
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        meter::charge(1);
        match (self, other) {
            (Self::Number(one, _), Self::Number(another, _)) => number::compare(*one, *another),
            (Self::Number(..) | Self::Long(_), Self::Number(..) | Self::Long(_)) => long_order(self, other),
            (Self::Text(one), Self::Text(another)) => {
                meter::charge_bytes(one.len().min(another.len()));
                one.cmp(another)
            }
            (Self::Array(one), Self::Array(another)) if Rc::ptr_eq(one, another) => Ordering::Equal,
            (Self::Array(one), Self::Array(another)) => one.items().cmp(another.items()),
            (Self::Object(one), Self::Object(another)) if Rc::ptr_eq(one, another) => Ordering::Equal,
            (Self::Object(one), Self::Object(another)) => object_order(one, another),
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

const fn rank(value: &Value) -> u8 {
    match value {
        Value::Null(_) | Value::Repeated => 0,
        Value::Bool(false, _) => 1,
        Value::Bool(true, _) => 2,
        Value::Number(..) | Value::Long(_) => 3,
        Value::Text(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

fn long_order(one: &Value, another: &Value) -> Ordering {
    let text = |value: &Value| match value {
        Value::Number(number, _) => number.to_string(),
        Value::Long(text) => text.to_string(),
        _ => String::new(),
    };
    let (one, another) = (text(one), text(another));
    match (Digits::read(&one), Digits::read(&another)) {
        (Some(one), Some(another)) => one.compare(&another),
        _ => one.cmp(&another),
    }
}

fn equal(one: &Map, another: &Map) -> bool {
    one.len() == another.len()
        && one.iter().all(|(key, value)| {
            meter::charge(1);
            another.get(key).is_some_and(|other| value == other)
        })
}

/// By the sorted keys first, then by the values in the order of the keys.
fn object_order(one: &Map, another: &Map) -> Ordering {
    let (keys, other_keys) = (one.sorted_keys(), another.sorted_keys());
    keys.cmp(&other_keys).then_with(|| {
        let values = |map: &Map| keys.iter().filter_map(|key| map.get(key).cloned()).collect::<Vec<_>>();
        values(one).cmp(&values(another))
    })
}
