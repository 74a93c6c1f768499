//! The single values of a document, to be found by what they are and by what they say.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use rust_decimal::Decimal;

use crate::mapping::filter::document;
use crate::mapping::filter::functions::price_text;
use crate::mapping::filter::value::Value;

/// A single value of the document, by its number.
pub(super) type Leaf = usize;

/// What tells the document's values apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    /// Scalars have numbers.
    Serial(u32),
    /// Texts share their memory with what was made of them.
    Address(usize),
}

/// The key that leads to a node.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a Rc<String>),
    Position(usize),
}

/// A value of the document and what holds it.
struct Node<'a> {
    /// `None` = the document itself.
    parent: Option<(usize, Step<'a>)>,
    depth: usize,
    value: &'a Value,
}

/// All values of a document.
pub(super) struct Leaves<'a> {
    nodes: Vec<Node<'a>>,
    identities: HashMap<Identity, Leaf>,
    /// What values say, made on first use.
    sayings: OnceCell<Sayings>,
}

/// Leaves by what they say.
#[derive(Default)]
struct Sayings {
    /// With the decimals that each is written with.
    numbers: HashMap<Decimal, Vec<(Leaf, u32)>>,
    texts: HashMap<String, Vec<Leaf>>,
}

impl<'a> Leaves<'a> {
    /// Walks through a document once.
    pub(super) fn of(document: &'a Value) -> Self {
        let mut leaves = Self { nodes: Vec::new(), identities: HashMap::new(), sayings: OnceCell::new() };
        leaves.add(document, None, 0);
        leaves
    }

    fn add(&mut self, value: &'a Value, parent: Option<(usize, Step<'a>)>, depth: usize) {
        let node = self.nodes.len();
        self.nodes.push(Node { parent, depth, value });
        match value {
            Value::Array(array) => {
                for (position, item) in array.items().iter().enumerate() {
                    self.add(item, Some((node, Step::Position(position))), depth + 1);
                }
            }
            Value::Object(map) => {
                for (key, value) in map.raw() {
                    self.add(value, Some((node, Step::Key(key))), depth + 1);
                }
            }
            scalar => {
                if let Some(identity) = identity(scalar) {
                    self.identities.entry(identity).or_insert(node);
                }
            }
        }
    }

    /// The leaf that a value is, if it is one and was not made anew.
    pub(super) fn same(&self, value: &Value) -> Option<Leaf> {
        self.identities.get(&identity(value)?).copied()
    }

    /// The path of a leaf, such as `.parts[3].price`.
    pub(super) fn path(&self, leaf: Leaf) -> String {
        let mut steps = Vec::new();
        let mut parent = self.nodes[leaf].parent;
        while let Some((node, step)) = parent {
            steps.push(match step {
                Step::Key(key) => Value::Text(Rc::clone(key)),
                Step::Position(position) => Value::from_usize(position),
            });
            parent = self.nodes[node].parent;
        }
        document::path(&steps)
    }

    /// The leaves that say what a value says, as a number or a text, those nearest to `near` only. Leaves of other
    /// elements than `near` are of are left out.
    pub(super) fn saying(&self, value: &Value, near: &[Leaf]) -> Vec<Leaf> {
        let sayings = self.sayings.get_or_init(|| self.sayings());
        match value {
            Value::Number(number, _) => {
                let all = sayings.numbers.get(&number.normalize()).map(Vec::as_slice).unwrap_or_default();
                let mut nearest = self.nearest(all.to_vec(), near);
                // `10` is rather of "10" than of "$10.00".
                if nearest.iter().any(|(_, decimals)| *decimals == number.scale()) {
                    nearest.retain(|(_, decimals)| *decimals == number.scale());
                }
                nearest.into_iter().map(|(leaf, _)| leaf).collect()
            }
            Value::Long(text) => self.nearest_texts(text, near),
            Value::Text(text) => self.nearest_texts(text.trim(), near),
            _ => Vec::new(),
        }
    }

    fn nearest_texts(&self, text: &str, near: &[Leaf]) -> Vec<Leaf> {
        let sayings = self.sayings.get_or_init(|| self.sayings());
        let all = sayings.texts.get(text).into_iter().flatten().map(|leaf| (*leaf, 0)).collect();
        self.nearest(all, near).into_iter().map(|(leaf, _)| leaf).collect()
    }

    fn nearest(&self, all: Vec<(Leaf, u32)>, near: &[Leaf]) -> Vec<(Leaf, u32)> {
        if near.is_empty() {
            return all;
        }
        let distances = all.into_iter().filter_map(|entry| Some((self.nearness(entry.0, near)?, entry)));
        let distances: Vec<(usize, (Leaf, u32))> = distances.collect();
        let nearest = distances.iter().map(|(nearness, _)| *nearness).max();
        distances.into_iter().filter(|(nearness, _)| Some(*nearness) == nearest).map(|(_, entry)| entry).collect()
    }

    /// How deep the deepest value is that holds a leaf and one of `near`; `None` where only an array holds both, in
    /// different elements.
    fn nearness(&self, leaf: Leaf, near: &[Leaf]) -> Option<usize> {
        near.iter().filter_map(|other| self.common(leaf, *other)).max()
    }

    fn common(&self, one: Leaf, other: Leaf) -> Option<usize> {
        let (mut one, mut other) = (one, other);
        while one != other {
            let (node, next) =
                if self.nodes[one].depth >= self.nodes[other].depth { (one, &mut one) } else { (other, &mut other) };
            *next = self.nodes[node].parent?.0;
        }
        let holder = &self.nodes[one];
        match holder.value {
            Value::Array(_) => None,
            Value::Object(_) => Some(holder.depth),
            // A leaf is no nearer to itself than what stands beside it.
            _ => Some(holder.depth.saturating_sub(1)),
        }
    }

    fn sayings(&self) -> Sayings {
        let mut sayings = Sayings::default();
        for (leaf, node) in self.nodes.iter().enumerate() {
            match node.value {
                Value::Number(number, _) => {
                    sayings.numbers.entry(number.normalize()).or_default().push((leaf, number.scale()));
                    sayings.texts.entry(number.to_string()).or_default().push(leaf);
                }
                Value::Long(text) => sayings.texts.entry(text.to_string()).or_default().push(leaf),
                Value::Text(text) => {
                    sayings.texts.entry(text.trim().to_owned()).or_default().push(leaf);
                    for number in numbers(text) {
                        sayings.numbers.entry(number.normalize()).or_default().push((leaf, number.scale()));
                    }
                }
                _ => {}
            }
        }
        sayings
    }
}

/// The numbers that a text may stand for, each once: that of its grammar, or those of a price.
fn numbers(text: &str) -> Vec<Decimal> {
    let strict = Value::number(text, 0).into_iter();
    let priced = price_text::readings(text).into_iter().filter_map(|(.., number)| Value::number(&number, 0));
    let mut numbers: Vec<Decimal> = Vec::new();
    for value in strict.chain(priced) {
        if let Value::Number(number, _) = value
            && !numbers.contains(&number)
        {
            numbers.push(number);
        }
    }
    numbers
}

fn identity(value: &Value) -> Option<Identity> {
    match value {
        Value::Number(_, serial) | Value::Bool(_, serial) => (*serial > 0).then_some(Identity::Serial(*serial)),
        Value::Text(text) => Some(Identity::Address(Rc::as_ptr(text).addr())),
        Value::Long(text) => Some(Identity::Address(Rc::as_ptr(text).cast::<u8>().addr())),
        _ => None,
    }
}
