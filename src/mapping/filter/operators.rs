//! `+`, `-`, `*`, `/`, `%` and the sign: exact on numbers, jq's meaning on everything else.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

use rust_decimal::Decimal;

use super::fault::{self, Result};
use super::map::Map;
use super::meter;
use super::number::{self, Inexact, MAX_DIGITS};
use super::value::{Value, shown};

impl Add for Value {
    type Output = Result;

    fn add(self, right: Self) -> Result {
        match (self, right) {
            (Self::Null(_), value) | (value, Self::Null(_)) => Ok(value),
            (Self::Number(left, _), Self::Number(right, _)) => computed(number::add(left, right), left, "+", right),
            (Self::Text(mut left), Self::Text(right)) => {
                if left.is_empty() {
                    return Ok(Self::Text(right));
                }
                let copied = if Rc::strong_count(&left) > 1 { left.len() } else { 0 };
                meter::charge_bytes(copied + right.len());
                Rc::make_mut(&mut left).push_str(&right);
                Ok(Self::Text(left))
            }
            (Self::Array(mut left), Self::Array(right)) => {
                let copied = if Rc::strong_count(&left) > 1 { left.items().len() } else { 0 };
                meter::charge_bytes(copied * size_of::<Self>());
                Rc::make_mut(&mut left).extend(right.items().iter().cloned());
                Ok(Self::Array(left))
            }
            (Self::Object(mut left), Self::Object(right)) => {
                let map = own_map(&mut left);
                for (key, value) in right.raw() {
                    map.set(Rc::clone(key), value.clone());
                }
                Ok(Self::Object(left))
            }
            (left, right) => Err(no_result("added", &left, &right)),
        }
    }
}

impl Sub for Value {
    type Output = Result;

    fn sub(self, right: Self) -> Result {
        match (self, right) {
            (Self::Number(left, _), Self::Number(right, _)) => {
                computed(number::subtract(left, right), left, "-", right)
            }
            (Self::Array(left), Self::Array(right)) => {
                let kept = left.items().iter().filter(|item| !right.items().contains(item));
                Ok(Self::array(kept.cloned().collect()))
            }
            (left, right) => Err(no_result("subtracted", &left, &right)),
        }
    }
}

impl Mul for Value {
    type Output = Result;

    fn mul(self, right: Self) -> Result {
        match (self, right) {
            (Self::Number(left, _), Self::Number(right, _)) => {
                computed(number::multiply(left, right), left, "*", right)
            }
            (Self::Text(text), Self::Number(count, _)) | (Self::Number(count, _), Self::Text(text)) => {
                Ok(repeated(&text, count))
            }
            (Self::Object(left), Self::Object(right)) => Ok(Self::Object(deep_merge(left, &right))),
            (left, right) => Err(no_result("multiplied", &left, &right)),
        }
    }
}

impl Div for Value {
    type Output = Result;

    fn div(self, right: Self) -> Result {
        match (self, right) {
            (Self::Number(left, _), Self::Number(right, _)) => number::divide(left, right)
                .map(|quotient| Self::Number(quotient, 0))
                .map_err(|inexact| no_quotient(left, right, inexact)),
            (Self::Text(text), Self::Text(separator)) => Ok(split(&text, &separator)),
            (left, right) => Err(no_result("divided", &left, &right)),
        }
    }
}

impl Rem for Value {
    type Output = Result;

    fn rem(self, right: Self) -> Result {
        match (self, right) {
            (Self::Number(left, _), Self::Number(right, _)) => number::remainder(left, right)
                .map(|remainder| Self::Number(remainder, 0))
                .ok_or_else(|| no_quotient(left, right, Inexact::ByZero)),
            (left, right) => Err(no_result("divided", &left, &right)),
        }
    }
}

impl Neg for Value {
    type Output = Result;

    fn neg(self) -> Result {
        match self {
            Self::Number(number, _) => Ok(Self::Number(number::negate(number), 0)),
            Self::Long(text) => Ok(Self::Long(match text.strip_prefix('-') {
                Some(size) => size.into(),
                None => format!("-{text}").into(),
            })),
            other => Err(fault::about(format!("{} cannot be negated", shown(&other)), &[&other])),
        }
    }
}

/// What stands in an object of our own, copied if others share it.
pub(super) fn own_map(map: &mut Rc<Map>) -> &mut Map {
    if Rc::strong_count(map) > 1 {
        meter::charge_bytes(map.len() * size_of::<(Rc<String>, Value)>());
    }
    Rc::make_mut(map)
}

/// Splits a text at each separator; an empty separator splits it into its characters.
pub(super) fn split(text: &str, separator: &str) -> Value {
    meter::charge(text.len());
    let parts: Vec<_> = match (text.is_empty(), separator.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => text.chars().map(Value::text).collect(),
        (false, false) => text.split(separator).map(Value::text).collect(),
    };
    meter::charge_bytes(parts.len() * 4 * size_of::<Value>());
    Value::array(parts)
}

/// An error about a number that has too many digits to be computed with.
pub(super) fn too_long(value: &Value) -> fault::Error {
    fault::about(format!("{} has more than {MAX_DIGITS} digits", shown(value)), &[value])
}

fn computed(result: Option<Decimal>, left: Decimal, operator: &str, right: Decimal) -> Result {
    result
        .map(|number| Value::Number(number, 0))
        .ok_or_else(|| fault::about(format!("{left} {operator} {right} has more than {MAX_DIGITS} digits"), &[]))
}

fn no_quotient(left: Decimal, right: Decimal, inexact: Inexact) -> fault::Error {
    let message = match inexact {
        Inexact::ByZero => format!("{left} cannot be divided by 0"),
        Inexact::Endless => format!("{left} / {right} has no exact result; div({right}; digits) rounds it"),
        Inexact::TooLong => {
            format!("{left} / {right} has more than {MAX_DIGITS} digits; div({right}; digits) rounds it")
        }
    };
    fault::about(message, &[])
}

fn no_result(verb: &str, left: &Value, right: &Value) -> fault::Error {
    match (left, right) {
        (Value::Long(_), Value::Number(..) | Value::Long(_)) => too_long(left),
        (Value::Number(..), Value::Long(_)) => too_long(right),
        _ => fault::cannot_be(verb, left, right),
    }
}

/// As often as the number says, rounded up; never = null.
fn repeated(text: &str, count: Decimal) -> Value {
    let count = number::floor(-count).map_or(0, |negated| -negated.mantissa());
    let Ok(count) = usize::try_from(count) else {
        return if count > 0 { Value::text(too_much()) } else { Value::NULL };
    };
    if count == 0 {
        return Value::NULL;
    }
    meter::charge_bytes(text.len().saturating_mul(count));
    Value::Text(Rc::new(text.repeat(count)))
}

/// More copies than memory has addresses for: it takes more steps than there are.
fn too_much() -> &'static str {
    meter::charge(usize::MAX);
    ""
}

/// The right object's values win, but objects on both sides are merged in their turn.
fn deep_merge(mut left: Rc<Map>, right: &Map) -> Rc<Map> {
    let map = own_map(&mut left);
    for (key, value) in right.iter() {
        let merged = match (map.get(key), value) {
            (Some(Value::Object(left)), Value::Object(right)) => Value::Object(deep_merge(Rc::clone(left), right)),
            _ => value.clone(),
        };
        map.set(Rc::clone(key), merged);
    }
    left
}
