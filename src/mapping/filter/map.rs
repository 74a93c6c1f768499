//! An object's keys and values, in the order in which they were first set.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::meter::{self, Stop};
use super::value::{Value, deeper};

/// Up to so many keys are looked up one by one; most objects have fewer.
const FEW: usize = 24;

/// Where keys stand, behind one pointer: there are hundreds of thousands of objects, and few of them have this.
#[derive(Clone, Debug)]
struct Positions(HashMap<String, usize>);

/// An object. Its main property: every key stands once.
#[derive(Clone, Debug, Default)]
pub(super) struct Map {
    entries: Vec<(Rc<String>, Value)>,
    /// Where each key stands, made on first use when there are many.
    positions: OnceCell<Box<Positions>>,
    depth: u16,
}

impl Map {
    /// Makes an object with room for so many keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self { entries: Vec::with_capacity(keys), positions: OnceCell::new(), depth: 1 }
    }

    /// Where the object is in memory.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How deep the object is nested, itself included.
    pub(super) fn depth(&self) -> u16 {
        self.depth.max(1)
    }

    /// The keys in their order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Rc<String>> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The keys in alphabetical order.
    pub(super) fn sorted_keys(&self) -> Vec<&Rc<String>> {
        let mut keys: Vec<_> = self.keys().collect();
        meter::charge(keys.len());
        keys.sort_unstable();
        keys
    }

    /// Everything as it is, keys that stand twice included.
    pub(super) fn raw(&self) -> &[(Rc<String>, Value)] {
        &self.entries
    }

    /// Where a key stands.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            return self.entries.iter().position(|(known, _)| known.as_str() == key);
        }
        let positions = self.positions.get_or_init(|| {
            meter::charge(2 * self.entries.len());
            let positions = self.entries.iter().enumerate().map(|(position, (key, _))| (key.to_string(), position));
            Box::new(Positions(positions.collect()))
        });
        positions.0.get(key).copied()
    }

    /// Reads a value by its position.
    pub(super) fn read(&self, position: usize) -> (&Rc<String>, &Value) {
        let (key, value) = &self.entries[position];
        if matches!(value, Value::Repeated) {
            meter::stop(Stop::Repeated { object: self.address(), key: key.to_string() });
        }
        (key, value)
    }

    /// Reads a value by its key.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|position| self.read(position).1)
    }

    /// Reads everything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Rc<String>, &Value)> {
        (0..self.entries.len()).map(|position| self.read(position))
    }

    /// Sets a key; a new one comes last.
    pub(super) fn set(&mut self, key: Rc<String>, value: Value) {
        self.depth = self.depth().max(deeper(value.depth()));
        if let Some(position) = self.position(&key) {
            self.entries[position].1 = value;
            return;
        }
        meter::charge_bytes(size_of::<(Rc<String>, Value)>());
        if let Some(positions) = self.positions.get_mut() {
            positions.0.insert(key.to_string(), self.entries.len());
        }
        self.entries.push((key, value));
    }

    /// The value at a position, to be replaced by one that is not nested.
    pub(super) fn slot(&mut self, position: usize) -> &mut Value {
        &mut self.entries[position].1
    }

    /// Adds a key of the document: one that is there already is repeated from now on.
    pub(super) fn set_once(&mut self, key: Rc<String>, value: Value) {
        let value = if self.position(&key).is_some() { Value::Repeated } else { value };
        self.set(key, value);
    }

    /// Takes a value out, to be set or removed afterwards: nobody else shares it then, and it is changed in place.
    /// Null, if the key is not there.
    pub(super) fn take(&mut self, key: &str) -> Value {
        let position = self.position(key);
        position.map_or(Value::NULL, |position| std::mem::replace(&mut self.entries[position].1, Value::NULL))
    }

    /// Takes a key away.
    pub(super) fn remove(&mut self, key: &str) {
        if let Some(position) = self.position(key) {
            meter::charge(self.entries.len() - position);
            self.entries.remove(position);
            self.positions.take();
        }
    }
}

impl FromIterator<(Rc<String>, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Rc<String>, Value)>>(entries: I) -> Self {
        let mut map = Self::with_capacity(0);
        for (key, value) in entries {
            map.set(key, value);
        }
        map
    }
}
