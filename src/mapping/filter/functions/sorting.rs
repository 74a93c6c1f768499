//! Sorting, grouping and choosing by keys. The keys are compared exactly; equal ones keep their order.

use std::cmp::Ordering;

use super::collections::items;
use super::{Result, Value, fault, meter};

/// The elements in jq's order.
pub(super) fn sort(value: &Value) -> Result {
    meter::charge_bytes(size_of_val(items(value)?));
    let mut sorted = items(value)?.to_vec();
    sorted.sort();
    Ok(Value::array(sorted))
}

/// The elements in the order of their keys, which `keys` has at the same positions.
pub(super) fn sort_by(value: &Value, keys: &Value) -> Result {
    Ok(Value::array(sorted(value, keys)?.into_iter().map(|(_, item)| item.clone()).collect()))
}

/// The elements in one array for each key, in the order of the keys.
pub(super) fn group_by(value: &Value, keys: &Value) -> Result {
    let sorted = sorted(value, keys)?;
    let groups = sorted.chunk_by(|(key, _), (next, _)| key == next);
    Ok(groups.map(|group| Value::array(group.iter().map(|(_, item)| (*item).clone()).collect())).collect())
}

/// The first element for each key, in the order of the keys.
pub(super) fn unique_by(value: &Value, keys: &Value) -> Result {
    let sorted = sorted(value, keys)?;
    Ok(sorted.chunk_by(|(key, _), (next, _)| key == next).map(|group| group[0].1.clone()).collect())
}

/// The first element with the smallest key; null if there are none.
pub(super) fn min_by(value: &Value, keys: &Value) -> Result {
    chosen(value, keys, Ordering::is_lt)
}

/// The last element with the largest key; null if there are none.
pub(super) fn max_by(value: &Value, keys: &Value) -> Result {
    chosen(value, keys, Ordering::is_ge)
}

fn chosen(value: &Value, keys: &Value, replaces: fn(Ordering) -> bool) -> Result {
    let mut pairs = pairs(value, keys)?;
    let Some(mut best) = pairs.next() else { return Ok(Value::NULL) };
    for (key, item) in pairs {
        if replaces(key.cmp(best.0)) {
            best = (key, item);
        }
    }
    Ok(best.1.clone())
}

fn sorted<'v>(value: &'v Value, keys: &'v Value) -> Result<Vec<(&'v Value, &'v Value)>> {
    let mut pairs: Vec<_> = pairs(value, keys)?.collect();
    meter::charge(2 * pairs.len());
    pairs.sort_by_key(|(key, _)| *key);
    Ok(pairs)
}

fn pairs<'v>(value: &'v Value, keys: &'v Value) -> Result<impl Iterator<Item = (&'v Value, &'v Value)>> {
    match (value, keys) {
        (Value::Array(values), Value::Array(keys)) => Ok(keys.items().iter().zip(values.items())),
        (other, _) => Err(fault::wrong_type(other, "an array")),
    }
}
