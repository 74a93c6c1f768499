//! What is kept of a list that is looked at: the forms of every column, the first rows, and where the product stands.
//!
//! Bounded, however long the list is. Main type: [`ListSample`].

use std::collections::HashMap;

use super::super::Refusal;
use super::super::path::Step;
use super::super::samples::Scalar;
use super::super::shape::Shape;
use super::ListProposal;
use crate::domain::Failure;
use crate::mapping::json::{self, Value};
use crate::mapping::{Cell, RowPlace, Rows};

/// How much text of a list is looked at, bytes, and how many cells.
const MOST_TEXT: usize = 64 << 20;
const MOST_CELLS: usize = 4_000_000;
/// How much text of JSON rows is looked at, bytes.
const MOST_JSON: usize = 8 << 20;
/// How many columns are told apart.
const MOST_COLUMNS: usize = 200;
/// How many rows are kept as they are.
const MOST_ROWS: usize = 2_000;

/// Rows of a list, as far as they are looked at.
#[derive(Debug, Default)]
pub struct ListSample {
    product: Option<String>,
    columns: Vec<(String, Shape<'static>)>,
    texts: Vec<String>,
    table: Table,
    bytes: usize,
    cells: usize,
}

/// What is known of the rows together.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The product that the user named.
    pub(super) product: Option<String>,
    /// The names of columns.
    pub(super) names: Vec<String>,
    /// The first rows, a scalar a column.
    pub(super) rows: Vec<Vec<Option<Scalar>>>,
    /// How many rows there were.
    pub(super) count: usize,
    /// In which columns the product stands, and how often.
    pub(super) hits: HashMap<String, usize>,
    /// Names that several columns have.
    pub(super) twice: Vec<String>,
    /// Whether there are more rows than were looked at.
    pub(super) is_cut: bool,
}

impl ListSample {
    /// Begins to look at a list, for a product if the user named one.
    #[must_use]
    pub fn new(product: Option<&str>) -> Self {
        let product = product.map(|product| product.trim().to_owned());
        let table = Table { product: product.clone(), ..Table::default() };
        Self { product, table, ..Self::default() }
    }

    /// Proposes how the rows become offers.
    ///
    /// # Errors
    /// When nothing in them is like a price, or says which product they are of.
    pub fn propose(mut self) -> Result<ListProposal, Refusal> {
        if self.texts.is_empty() {
            let columns = std::mem::take(&mut self.columns);
            let is_single = |(name, _): &(String, Shape<'_>)| !self.table.twice.contains(name);
            let shape = Shape::of_columns(columns.into_iter().filter(is_single).collect(), self.table.count);
            return super::propose(&self.table, &shape);
        }
        let values: Vec<Value<'_>> = self.texts.iter().filter_map(|text| json::parse(text.as_bytes()).ok()).collect();
        let shape = Shape::of_rows(&values);
        let names = shape.fields.iter().filter(|field| matches!(field.step, Step::Key(_)));
        self.table.names = names.map(|field| field.name.clone()).take(MOST_COLUMNS).collect();
        for value in &values {
            self.table.keep_object(value);
        }
        super::propose(&self.table, &shape)
    }

    /// Whether another row of so many bytes and cells is still looked at.
    fn takes(&mut self, bytes: usize, cells: usize, most_bytes: usize) -> bool {
        self.bytes += bytes;
        self.cells += cells;
        self.table.is_cut = self.bytes > most_bytes || self.cells > MOST_CELLS;
        self.table.count += usize::from(!self.table.is_cut);
        !self.table.is_cut
    }
}

impl Table {
    fn keep_object(&mut self, value: &Value<'_>) {
        let Value::Object(object) = value else { return };
        let members: HashMap<&str, &Value<'_>> = object.members().collect();
        let scalar = |name: &String| members.get(name.as_str()).and_then(|value| Scalar::of(value));
        let row: Vec<Option<Scalar>> = self.names.iter().map(scalar).collect();
        for (name, scalar) in self.names.iter().zip(&row) {
            let text = scalar.as_ref().and_then(Scalar::text).map(str::trim);
            if text.is_some() && text == self.product.as_deref() {
                *self.hits.entry(name.clone()).or_default() += 1;
            }
        }
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        }
    }

    /// The position of a column.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }
}

impl Rows for ListSample {
    fn columns(&mut self, names: Vec<String>) -> Result<(), Failure> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *seen.entry(name).or_default() += 1;
        }
        let is_again = |name: &&String| seen[name.as_str()] > 1;
        let mut twice: Vec<String> = names.iter().filter(is_again).cloned().collect();
        twice.sort_unstable();
        twice.dedup();
        self.table.twice = twice;
        self.table.names = names.into_iter().take(MOST_COLUMNS).collect();
        self.columns = self.table.names.iter().map(|name| (name.clone(), Shape::default())).collect();
        Ok(())
    }

    fn row<'c>(&mut self, cell: impl Fn(usize) -> Cell<'c>, _: RowPlace) -> Result<(), Failure> {
        let count = self.columns.len();
        let length = |column| match cell(column) {
            Cell::Text(text) | Cell::Number(text) => text.len(),
            Cell::Truth(_) => 1,
        };
        if !self.takes((0..count).map(length).sum(), count, MOST_TEXT) {
            return Ok(());
        }
        let keeps = self.table.rows.len() < MOST_ROWS;
        let mut row = Vec::new();
        for (column, (name, shape)) in self.columns.iter_mut().enumerate() {
            let scalar = match cell(column) {
                Cell::Text(text) => Scalar::of_text(text),
                Cell::Number(digits) => Scalar::Cell(digits.to_owned()),
                Cell::Truth(truth) => Scalar::Bool(truth),
            };
            if let Cell::Text(text) | Cell::Number(text) = cell(column)
                && self.product.as_deref() == Some(text.trim())
            {
                *self.table.hits.entry(name.clone()).or_default() += 1;
            }
            if keeps {
                row.push(Some(scalar.clone()));
            }
            shape.note(scalar);
        }
        if keeps {
            self.table.rows.push(row);
        }
        Ok(())
    }

    fn json(&mut self, text: &str, _: RowPlace) -> Result<(), Failure> {
        if self.takes(text.len(), 1, MOST_JSON) {
            self.texts.push(text.to_owned());
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.table.is_cut
    }
}
