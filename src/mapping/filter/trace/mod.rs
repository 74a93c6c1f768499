//! Where the fields of mapped offers come from, and what a reply is made of.
//!
//! A value that a filter passed on still is the document's own, and knows it: its place is certain. One that was made
//! by the filter is looked for among the document's values that say the same, near those that the offer was made of;
//! what is found so is told as what it is. Main functions: [`fields`] and [`outline()`].

mod leaves;
mod outline;
mod source;

use super::value::Value;
use crate::domain::{Origin, TracedField};
use crate::mapping::wire;
use leaves::{Leaf, Leaves};

pub(super) use outline::outline;

/// How many characters of a value are kept to be shown.
const SHOWN: usize = 60;
/// How many price breaks of an offer are traced.
const MOST_BREAKS: usize = 50;
/// How many places are named where there are several.
const NAMED: usize = 3;

/// What offers are traced back to.
pub(super) struct Sources<'a> {
    /// The reply.
    pub(super) document: &'a Value,
    /// The filter's text.
    pub(super) filter: &'a str,
    /// What the filter's variables held.
    pub(super) variables: &'a [Value],
}

/// The fields of the first `most` offers among a filter's outputs. Absent ones and those that are null are left out.
pub(super) fn fields(outputs: &[Value], sources: &Sources<'_>, most: usize) -> Vec<Vec<TracedField>> {
    let leaves = Leaves::of(sources.document);
    let tracer = Tracer { sources, leaves: &leaves };
    elements(outputs).take(most).map(|offer| tracer.offer(&flatten(offer))).collect()
}

/// The first `most` values among a filter's outputs, each as a field of this name.
pub(super) fn values(outputs: &[Value], sources: &Sources<'_>, name: &'static str, most: usize) -> Vec<TracedField> {
    let leaves = Leaves::of(sources.document);
    let tracer = Tracer { sources, leaves: &leaves };
    let field = |value| Field { name: name.to_owned(), key: name, is_known: true, value, group: 0 };
    elements(outputs).take(most).flat_map(|value| tracer.offer(&[field(value)])).collect()
}

/// The outputs, those of arrays one by one.
fn elements(outputs: &[Value]) -> impl Iterator<Item = &Value> {
    outputs.iter().flat_map(|output| match output {
        Value::Array(array) => array.items(),
        other => std::slice::from_ref(other),
    })
}

/// A field that is to be traced.
struct Field<'v> {
    /// Its name, with what it is a part of.
    name: String,
    /// Its own name.
    key: &'static str,
    is_known: bool,
    value: &'v Value,
    /// The number of its price break, from 1; 0 = it is the offer's own.
    group: usize,
}

struct Tracer<'a> {
    sources: &'a Sources<'a>,
    leaves: &'a Leaves<'a>,
}

impl Tracer<'_> {
    fn offer(&self, fields: &[Field<'_>]) -> Vec<TracedField> {
        let certain: Vec<Option<Leaf>> = fields.iter().map(|field| self.leaves.same(field.value)).collect();
        let mut origins: Vec<Option<Origin>> = certain
            .iter()
            .zip(fields)
            .map(|(leaf, field)| match leaf {
                Some(leaf) => Some(Origin::Reply(self.leaves.path(*leaf))),
                None => self.written(field),
            })
            .collect();
        // What was found for one field of a price break helps to find the others.
        let mut found = certain;
        for _ in 0..2 {
            for (position, field) in fields.iter().enumerate() {
                if found[position].is_none() && origins[position].is_none() {
                    let near = near(fields, &found, field.group);
                    if let [leaf] = self.leaves.saying(field.value, &near).as_slice() {
                        found[position] = Some(*leaf);
                        origins[position] = Some(Origin::Read(self.leaves.path(*leaf)));
                    }
                }
            }
        }
        let traced = fields.iter().zip(origins).map(|(field, origin)| TracedField {
            name: field.name.clone(),
            value: super::json_text::preview(field.value, SHOWN),
            is_known: field.is_known,
            origin: origin.unwrap_or_else(|| self.ambiguous(field, &near(fields, &found, field.group))),
        });
        traced.collect()
    }

    /// What does not come from the reply for certain.
    fn written(&self, field: &Field<'_>) -> Option<Origin> {
        let is_variable = |variable: &Value| match (variable, field.value) {
            (Value::Text(variable), Value::Text(value)) => std::rc::Rc::ptr_eq(variable, value),
            _ => false,
        };
        if self.sources.variables.iter().any(is_variable) {
            return Some(Origin::Variable);
        }
        source::is_written(self.sources.filter, field.key, field.value).then_some(Origin::Filter)
    }

    fn ambiguous(&self, field: &Field<'_>, near: &[Leaf]) -> Origin {
        let saying = self.leaves.saying(field.value, near);
        if saying.is_empty() {
            return Origin::Computed;
        }
        let places = saying.iter().take(NAMED).map(|leaf| self.leaves.path(*leaf)).collect();
        Origin::OneOf { places, count: saying.len() }
    }
}

/// The places that were found for the fields of a group, else those of the whole offer.
fn near(fields: &[Field<'_>], found: &[Option<Leaf>], group: usize) -> Vec<Leaf> {
    let of = |wanted: Option<usize>| -> Vec<Leaf> {
        let pairs = fields.iter().zip(found);
        pairs
            .filter(|(field, _)| wanted.is_none_or(|group| field.group == group))
            .filter_map(|(_, leaf)| *leaf)
            .collect()
    };
    let own = of(Some(group));
    if own.is_empty() { of(None) } else { own }
}

/// The fields of an offer, each price break's own among them.
fn flatten(offer: &Value) -> Vec<Field<'_>> {
    let Value::Object(offer) = offer else { return Vec::new() };
    let mut fields = Vec::new();
    for (name, value) in offer.raw() {
        match (name.as_str(), value) {
            (_, Value::Null(_) | Value::Repeated) => {}
            ("priceBreaks", Value::Array(breaks)) => {
                for (index, tier) in breaks.items().iter().enumerate().take(MOST_BREAKS) {
                    add_break(&mut fields, index, tier);
                }
            }
            (name, value) => {
                let known = wire::FIELDS.iter().find(|known| **known == name);
                let key = known.copied().unwrap_or_default();
                fields.push(Field { name: name.to_owned(), key, is_known: known.is_some(), value, group: 0 });
            }
        }
    }
    fields
}

fn add_break<'v>(fields: &mut Vec<Field<'v>>, index: usize, tier: &'v Value) {
    let Value::Object(tier) = tier else { return };
    for key in ["quantity", "unitPrice"] {
        let value = tier.raw().iter().find(|(name, _)| name.as_str() == key).map(|(_, value)| value);
        if let Some(value) = value.filter(|value| !matches!(value, Value::Null(_) | Value::Repeated)) {
            let name = format!("priceBreaks[{index}].{key}");
            fields.push(Field { name, key, is_known: true, value, group: index + 1 });
        }
    }
}
