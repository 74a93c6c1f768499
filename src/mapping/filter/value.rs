//! The values that a filter computes with: exact, shared, and of bounded depth.
//!
//! A value of the document knows which one it is (by its serial number, or by what it shares), so that an error can
//! name its place; a null knows which key was not there. Copies are cheap, and contents are shared until
//! one of the owners changes them.

use std::fmt;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::json_text;
use super::map::Map;
use super::meter::{self, Stop};
use super::number::Digits;

/// How deep arrays and objects may be nested. It bounds the stack wherever a value is walked or dropped.
const MAX_DEPTH: u16 = 400;
/// How many missing keys in a row are remembered for an error's place.
const MAX_MISSING: u8 = 40;
/// How many characters of a value an error shows.
const SHOWN: usize = 40;

/// The number of a scalar in its document, from 1; 0 = it is not of the document.
pub(super) type Serial = u32;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// `null`
    Null(Origin),
    /// `true` or `false`
    Bool(bool, Serial),
    /// A number that can be computed with.
    Number(Decimal, Serial),
    /// A number of more than 28 digits, as its text.
    Long(Rc<str>),
    /// A text.
    Text(Rc<String>),
    /// An array.
    Array(Rc<Array>),
    /// An object.
    Object(Rc<Map>),
    /// What stands for the values of a key that stands twice. It is found in objects only, and never read.
    Repeated,
}

/// Where a null comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The filter.
    Filter,
    /// The document.
    Document(Serial),
    /// A key that is not there.
    Missing(Rc<Missing>),
}

/// A key that was looked up and is not there.
#[derive(Debug)]
pub(super) struct Missing {
    /// What has no such key.
    pub(super) parent: Value,
    /// The key: a text or a number.
    pub(super) key: Value,
    /// How many parents are missing, too.
    depth: u8,
}

/// An array's elements.
#[derive(Clone, Debug)]
pub(super) struct Array {
    items: Vec<Value>,
    depth: u16,
}

impl Array {
    /// Makes an array.
    pub(super) fn new(items: Vec<Value>) -> Self {
        let depth = items.iter().map(Value::depth).max().unwrap_or(0);
        Self { items, depth: deeper(depth) }
    }

    /// The elements.
    pub(super) fn items(&self) -> &[Value] {
        &self.items
    }

    /// The elements, to be taken.
    pub(super) fn into_items(self) -> Vec<Value> {
        self.items
    }

    /// Appends elements.
    pub(super) fn extend(&mut self, items: impl Iterator<Item = Value>) {
        for item in items {
            meter::charge_bytes(size_of::<Value>());
            self.depth = self.depth.max(deeper(item.depth()));
            self.items.push(item);
        }
    }

    /// Takes an element out, to be replaced or removed afterwards; beyond the end there are nulls.
    pub(super) fn take(&mut self, position: usize) -> Value {
        self.items.get_mut(position).map_or(Value::NULL, |item| std::mem::replace(item, Value::NULL))
    }

    /// Puts an element in the place of another one.
    pub(super) fn replace(&mut self, position: usize, item: Value) {
        self.depth = self.depth.max(deeper(item.depth()));
        self.items[position] = item;
    }

    /// Takes an element away.
    pub(super) fn remove(&mut self, position: usize) {
        meter::charge_bytes(size_of_val(&self.items[position..]));
        self.items.remove(position);
    }
}

/// The depth of what holds something of this depth.
pub(super) fn deeper(depth: u16) -> u16 {
    if depth >= MAX_DEPTH {
        meter::stop(Stop::Nesting);
    }
    depth + 1
}

impl Value {
    /// The null that no key led to.
    pub(super) const NULL: Self = Self::Null(Origin::Filter);

    /// A number, from a length or a position.
    pub(super) fn from_usize(number: usize) -> Self {
        Self::Number(Decimal::from(number), 0)
    }

    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        meter::charge_bytes(text.len());
        Self::Text(Rc::new(text))
    }

    /// An array.
    pub(super) fn array(items: Vec<Self>) -> Self {
        Self::Array(Rc::new(Array::new(items)))
    }

    /// Reads a number's text by JSON's grammar; one that is too long to be computed with stays a text.
    pub(super) fn number(text: &str, serial: Serial) -> Option<Self> {
        let digits = Digits::read(text)?;
        Some(digits.exact().map_or_else(|| Self::Long(text.into()), |number| Self::Number(number, serial)))
    }

    /// The null of a key that is not there.
    pub(super) fn missing(parent: Self, key: Self) -> Self {
        let depth = match &parent {
            Self::Null(Origin::Missing(missing)) => missing.depth + 1,
            _ => 0,
        };
        if depth > MAX_MISSING {
            return Self::NULL;
        }
        Self::Null(Origin::Missing(Rc::new(Missing { parent, key, depth })))
    }

    /// How deep the value is nested.
    pub(super) fn depth(&self) -> u16 {
        match self {
            Self::Array(array) => array.depth,
            Self::Object(map) => map.depth(),
            _ => 0,
        }
    }

    /// jq's word for the value's type.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null(_) | Self::Repeated => "null",
            Self::Bool(..) => "boolean",
            Self::Number(..) | Self::Long(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether the value counts as true: everything but `null` and `false` does.
    pub(super) const fn is_true(&self) -> bool {
        !matches!(self, Self::Null(_) | Self::Bool(false, _))
    }

    /// The number as a position. `None` = it has a fraction, or is far out of range, or no number.
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Number(number, _) if number.is_integer() => i64::try_from(number.trunc().mantissa()).ok(),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The value as an error shows it: its type, and its first characters as JSON.
pub(super) fn shown(value: &Value) -> String {
    format!("{} ({value})", value.kind())
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&json_text::preview(self, SHOWN))
    }
}
