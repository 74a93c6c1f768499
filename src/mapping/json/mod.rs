//! JSON as it was sent: exact, ordered, nothing lost.
//!
//! Owns the value type and what is wrong with a text that is no JSON. Numbers keep their text, objects keep the
//! order of their keys and every key that stands twice. A repeated key is an error only for those who read it.
//! The main types are [`Value`] and [`JsonError`].

mod error;
mod pretty;
mod scan;

use std::borrow::Cow;

pub use error::{JsonError, JsonProblem};
pub(super) use pretty::compact;
pub use pretty::{is_json, pretty};
pub(crate) use scan::parse;

/// One JSON value, borrowed from the text where it needs no unescaping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, character for character as it was sent.
    Number(Cow<'a, str>),
    /// A text, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Box<[Value<'a>]>),
    /// An object.
    Object(Object<'a>),
}

impl Value<'_> {
    /// What the value is, in words: `a number`, `text`, `an object`.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// An object's keys and values in the order of the text. A key may stand twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object<'a>(Box<[(Cow<'a, str>, Value<'a>)]>);

/// A key that was read and stands twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeated(pub(super) &'static str);

impl<'a> Object<'a> {
    /// Makes an object of keys and values, in their order.
    pub(super) fn from_members(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        Self(members.into())
    }

    /// The keys and values in their order.
    pub(super) fn into_members(self) -> Vec<(Cow<'a, str>, Value<'a>)> {
        self.0.into()
    }

    /// The keys and values in their order, to be looked at.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The keys in their order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }

    /// Reads several keys in one pass, so that an object of a million keys costs no more than its length. `None`
    /// = absent, or null.
    ///
    /// # Errors
    /// When one of the keys stands twice.
    pub(super) fn pick<const N: usize>(&self, keys: &[&'static str; N]) -> Result<[Option<&Value<'a>>; N], Repeated> {
        let mut picked = [None; N];
        for (key, value) in &self.0 {
            if let Some(position) = keys.iter().position(|wanted| wanted == key) {
                if picked[position].is_some() {
                    return Err(Repeated(keys[position]));
                }
                picked[position] = Some(value);
            }
        }
        Ok(picked.map(|value| value.filter(|value| **value != Value::Null)))
    }

    /// Reads one key by any name. `None` = absent, or null.
    ///
    /// # Errors
    /// When the key stands twice.
    pub(super) fn find(&self, key: &str) -> Result<Option<&Value<'a>>, ()> {
        let mut found = self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(()),
            (value, None) => Ok(value.filter(|value| **value != Value::Null)),
        }
    }

    /// Reads one key. `None` = absent, or null.
    ///
    /// # Errors
    /// When the key stands twice.
    pub(super) fn get(&self, key: &'static str) -> Result<Option<&Value<'a>>, Repeated> {
        self.pick(&[key]).map(|[value]| value)
    }
}

#[cfg(test)]
mod tests;
