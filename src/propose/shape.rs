//! The shape of a reply: every array's elements laid over each other, with samples of what stands in them.
//!
//! Owns which parts of a document are alike. Refuses to know what the names mean. Bounded, however large the document
//! is. Main type: [`Shape`].

use std::collections::HashSet;

use super::path::Step;
use super::samples::Scalar;
use crate::mapping::json::Value;

/// How many values are looked at.
const MOST_VALUES: usize = 100_000;
/// How many members of an object are told apart.
const MOST_FIELDS: usize = 200;
/// How many values of a list are looked at.
const MOST_VALUES_OF_LIST: usize = 2_000_000;
/// How many scalars of a place are kept, whatever they look like.
const MOST_SAMPLES: usize = 40;
/// How many scalars of a place are kept that look different.
const MOST_FORMS: usize = 400;
/// How many arrays of a place are kept.
const MOST_LISTS: usize = 8;

/// What is known of all values of one place.
#[derive(Debug, Default)]
pub(super) struct Shape<'v> {
    /// How often there was a value, null included.
    pub(super) times: usize,
    /// How often it was null.
    pub(super) nulls: usize,
    /// Scalars: the first ones, and those that look different from all before.
    pub(super) scalars: Vec<Scalar>,
    /// What they look like.
    forms: HashSet<String>,
    /// How often it was an object.
    pub(super) objects: usize,
    /// The members of the objects.
    pub(super) fields: Vec<Field<'v>>,
    /// How often it was an array.
    pub(super) arrays: usize,
    /// The elements of the arrays, or the values of objects whose keys are data.
    pub(super) element: Option<Box<Shape<'v>>>,
    /// Whether the elements are values of objects whose keys are counts.
    pub(super) keyed_by_count: bool,
    /// The step that leads to each element.
    pub(super) each: Option<Step>,
    /// The first elements of the arrays.
    pub(super) first: Option<Box<Shape<'v>>>,
    /// The arrays themselves, the first ones.
    pub(super) lists: Vec<&'v [Value<'v>]>,
}

/// A member of objects, or a column of rows.
#[derive(Debug)]
pub(super) struct Field<'v> {
    /// What it is called.
    pub(super) name: String,
    /// How it is reached.
    pub(super) step: Step,
    /// What stands there.
    pub(super) shape: Shape<'v>,
}

impl<'v> Shape<'v> {
    /// Looks at a document. A member that is named like the product counts as the product's.
    pub(super) fn of(document: &'v Value<'v>, product: Option<&str>) -> Self {
        let mut shape = Self::default();
        shape.absorb(document, &mut { MOST_VALUES });
        shape.settle(product);
        shape
    }

    /// Lays the rows of a list over each other. Each is a document of its own.
    pub(super) fn of_rows(rows: &'v [Value<'v>]) -> Self {
        let mut shape = Self::default();
        let left = &mut { MOST_VALUES_OF_LIST };
        for row in rows {
            shape.absorb(row, left);
        }
        shape.settle(None);
        shape
    }

    /// The shape of rows of cells: what stands in each column, by its name.
    pub(super) fn of_columns(columns: Vec<(String, Shape<'v>)>, rows: usize) -> Self {
        let field = |(name, shape): (String, Shape<'v>)| Field { step: Step::Key(name.clone()), name, shape };
        Self { times: rows, objects: rows, fields: columns.into_iter().map(field).collect(), ..Self::default() }
    }

    /// Takes a scalar that stands at this place.
    pub(super) fn note(&mut self, scalar: Scalar) {
        self.times += 1;
        self.keep(scalar);
    }

    fn keep(&mut self, scalar: Scalar) {
        let is_new = self.forms.len() < MOST_FORMS && self.forms.insert(scalar.form());
        if is_new || self.scalars.len() < MOST_SAMPLES {
            self.scalars.push(scalar);
        }
    }

    fn absorb(&mut self, value: &'v Value<'v>, left: &mut usize) {
        let Some(fewer) = left.checked_sub(1) else { return };
        *left = fewer;
        self.times += 1;
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                if let Some(scalar) = Scalar::of(value) {
                    self.keep(scalar);
                }
            }
            Value::Array(items) => self.absorb_list(items, left),
            Value::Object(object) => {
                self.objects += 1;
                for (key, value) in object.members() {
                    self.absorb_member(key, value, left);
                }
            }
        }
    }

    fn absorb_list(&mut self, items: &'v [Value<'v>], left: &mut usize) {
        self.arrays += 1;
        if self.lists.len() < MOST_LISTS && !items.is_empty() {
            self.lists.push(items);
        }
        if let Some(first) = items.first() {
            self.first.get_or_insert_default().absorb(first, left);
        }
        for item in items {
            self.element.get_or_insert_default().absorb(item, left);
        }
    }

    fn absorb_member(&mut self, key: &str, value: &'v Value<'v>, left: &mut usize) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == key) {
            field.shape.absorb(value, left);
        } else if self.fields.len() < MOST_FIELDS {
            let mut field = Field { name: key.to_owned(), step: Step::Key(key.to_owned()), shape: Shape::default() };
            field.shape.absorb(value, left);
            self.fields.push(field);
        } else {
            self.element.get_or_insert_default().absorb(value, left);
        }
    }

    /// Tells data that serve as keys from names, and rows with a header from arrays.
    fn settle(&mut self, product: Option<&str>) {
        for field in &mut self.fields {
            if Some(field.name.as_str()) == product {
                field.step = Step::Product;
            }
            field.shape.settle(product);
        }
        for inner in [&mut self.element, &mut self.first].into_iter().flatten() {
            inner.settle(product);
        }
        let optional = self.nulls > 0;
        self.each = self.element.is_some().then_some(Step::Each { optional, skip: 0 });
        if self.keys_are_data() {
            self.fields_become_elements(optional);
        }
        self.header_becomes_fields(optional);
        self.columns_become_fields();
    }

    /// Whether this many objects of the parent lack it, or have null there.
    pub(super) fn is_optional(&self, parents: usize) -> bool {
        self.nulls > 0 || self.times < parents
    }

    /// Whether an object's keys are data: each leads to an object, and they are many alike, or look like numbers of
    /// products.
    fn keys_are_data(&self) -> bool {
        let all_objects = self.fields.iter().all(|field| field.shape.objects > 0);
        if self.fields.is_empty() || !all_objects || self.fields.iter().any(|field| field.step == Step::Product) {
            return false;
        }
        let shared = |field: &Field<'_>| {
            let names = |shape: &Shape<'_>| shape.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
            let (own, others) = (names(&field.shape), names(&self.fields[0].shape));
            let alike = own.iter().filter(|name| others.contains(name)).count();
            alike * 2 > own.len().max(others.len())
        };
        let alike = self.fields.iter().all(shared);
        let like_numbers = self.fields.iter().all(|field| looks_like_a_number(&field.name));
        alike && (self.fields.len() > 3 || like_numbers)
    }

    fn fields_become_elements(&mut self, optional: bool) {
        let is_count = |field: &Field<'_>| field.name.bytes().all(|byte| byte.is_ascii_digit());
        self.keyed_by_count = self.fields.iter().all(is_count);
        let mut fields = std::mem::take(&mut self.fields).into_iter().map(|field| field.shape);
        let Some(mut element) = fields.next() else { return };
        fields.for_each(|shape| element.lay_over(shape));
        self.element = Some(Box::new(element));
        self.each = Some(Step::Each { optional, skip: 0 });
        self.objects = 0;
    }

    /// Adds what is known of another place to this one.
    fn lay_over(&mut self, other: Self) {
        self.times += other.times;
        self.nulls += other.nulls;
        self.objects += other.objects;
        self.arrays += other.arrays;
        other.scalars.into_iter().for_each(|scalar| self.keep(scalar));
        self.lists.extend(other.lists);
        self.lists.truncate(MOST_LISTS);
        self.each = self.each.take().or(other.each);
        for field in other.fields {
            if let Some(own) = self.fields.iter_mut().find(|own| own.name == field.name) {
                own.shape.lay_over(field.shape);
            } else if self.fields.len() < MOST_FIELDS {
                self.fields.push(field);
            }
        }
        for (own, others) in [(&mut self.element, other.element), (&mut self.first, other.first)] {
            match (own, others) {
                (Some(own), Some(others)) => own.lay_over(*others),
                (own @ None, others) => *own = others,
                _ => {}
            }
        }
    }

    /// Rows of scalars below a row of texts are a table with a header.
    fn header_becomes_fields(&mut self, optional: bool) {
        let [rows] = self.lists.as_slice() else { return };
        let [Value::Array(header), rest @ ..] = *rows else { return };
        let names: Option<Vec<&str>> = header.iter().map(text_of).collect();
        let Some(names) = names.filter(|names| names.len() > 1 && is_header(names) && !rest.is_empty()) else { return };
        self.element = rows_as_objects(&names, rest);
        self.each = Some(Step::Each { optional, skip: 1 });
    }

    /// An array of column names beside an array of rows.
    fn columns_become_fields(&mut self) {
        let columns = self.fields.iter().find_map(|field| {
            let [list] = field.shape.lists.as_slice() else { return None };
            let names: Vec<&str> = list.iter().map(column_name).collect::<Option<_>>()?;
            (names.len() > 1 && is_header(&names)).then_some(names)
        });
        let Some(names) = columns else { return };
        for field in &mut self.fields {
            let [rows] = field.shape.lists.as_slice() else { continue };
            let fits = |row: &Value<'_>| matches!(row, Value::Array(cells) if cells.len() == names.len());
            if rows.iter().all(fits) {
                let rows: &'v [Value<'v>] = rows;
                field.shape.element = rows_as_objects(&names, rows);
                field.shape.each = Some(Step::EACH);
            }
        }
    }
}

/// The name of a column: a text, or an object's `name`.
fn column_name<'v>(value: &'v Value<'v>) -> Option<&'v str> {
    match value {
        Value::Object(object) => {
            let named = |key: &str| ["name", "label", "field", "title"].contains(&key);
            object.members().find(|(key, _)| named(key)).and_then(|(_, value)| text_of(value))
        }
        other => text_of(other),
    }
}

fn text_of<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Whether texts can be names of columns: different, and none a number.
fn is_header(names: &[&str]) -> bool {
    let is_name = |name: &&str| !name.trim().is_empty() && !name.starts_with(|first: char| first.is_ascii_digit());
    names.iter().all(is_name) && names.iter().enumerate().all(|(index, name)| !names[..index].contains(name))
}

fn rows_as_objects<'v>(names: &[&str], rows: &'v [Value<'v>]) -> Option<Box<Shape<'v>>> {
    let fields = names
        .iter()
        .enumerate()
        .map(|(index, name)| Field { name: (*name).to_owned(), step: Step::At(index), shape: Shape::default() })
        .collect();
    let mut element = Shape { fields, ..Shape::default() };
    for row in rows.iter().take(MOST_SAMPLES) {
        let Value::Array(cells) = row else { return None };
        element.times += 1;
        element.objects += 1;
        for (field, cell) in element.fields.iter_mut().zip(cells) {
            field.shape.absorb(cell, &mut { MOST_SAMPLES });
        }
    }
    Some(Box::new(element))
}

/// Whether a key looks like the number of a product, a pair of currencies or the like, rather than a name that a
/// programmer chose.
fn looks_like_a_number(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    let no_lower_case = !key.bytes().any(|byte| byte.is_ascii_lowercase());
    (digits > 0 && digits * 3 >= key.len()) || (no_lower_case && key.len() > 4) || (digits > 0 && key.contains('-'))
}
