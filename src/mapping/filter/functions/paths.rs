//! Deleting what paths lead to. What is not there stays away: nothing is made on the way.

use std::rc::Rc;

use jaq_core::ValT as _;
use jaq_core::path::Opt;

use super::collections::items;
use super::{Result, Value, fault, meter};
use crate::mapping::filter::operators::own_map;
use crate::mapping::filter::value::{Origin, shown};

/// The value without all that the paths lead to.
pub(super) fn delete(value: &Value, paths: &Value) -> Result {
    let mut paths: Vec<&Value> = items(paths)?.iter().collect();
    // The last ones first, so that the positions of the others stay what they are.
    paths.sort();
    paths.into_iter().rev().try_fold(value.clone(), |value, path| without(value, items(path)?))
}

fn without(value: Value, path: &[Value]) -> Result {
    meter::charge(1);
    let Some((key, rest)) = path.split_first() else { return Ok(Value::NULL) };
    if !rest.is_empty() {
        let child = value.clone().index(key)?;
        return if matches!(child, Value::Null(_)) { Ok(value) } else { replaced(value, key, without(child, rest)?) };
    }
    match (value, key) {
        (Value::Null(origin), _) => Ok(Value::Null(origin)),
        (Value::Object(mut map), Value::Text(name)) => {
            if map.position(name).is_some() {
                own_map(&mut map).remove(name);
            }
            Ok(Value::Object(map))
        }
        (value @ Value::Array(_), Value::Number(..)) => match value.clone().index(key)? {
            Value::Null(Origin::Missing(_)) => Ok(value),
            _ => updated(value, key, None),
        },
        (value @ Value::Array(_), Value::Object(_)) => updated(value, key, Some(&Value::array(Vec::new()))),
        (value, _) => Err(fault::about(format!("cannot delete {key} of {}", shown(&value)), &[&value])),
    }
}

fn replaced(value: Value, key: &Value, child: Value) -> Result {
    match (value, key) {
        (Value::Object(mut map), Value::Text(name)) => {
            own_map(&mut map).set(Rc::clone(name), child);
            Ok(Value::Object(map))
        }
        (value, key) => updated(value, key, Some(&child)),
    }
}

/// The value with `child` at `key`, or without anything there.
fn updated(value: Value, key: &Value, child: Option<&Value>) -> Result {
    let updated = value.map_index(key, Opt::Essential, |_| child.cloned().map(Ok).into_iter());
    updated.map_err(|exception| match exception.get_err() {
        Ok(error) => error,
        Err(_) => fault::about("cannot delete".to_owned(), &[]),
    })
}
