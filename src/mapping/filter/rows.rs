//! A filter on the rows of a price list, one after the other.
//!
//! There may be a million of them, so what one row needs is kept for the next: the object, its keys and the memory of
//! its texts.

use std::rc::Rc;

use super::map::Map;
use super::reading::much_for;
use super::run::{self, Trouble};
use super::value::Value;
use super::{Filter, document};
use crate::domain::{Failure, OfferReply, SupplierName};
use crate::mapping::rows::Cell;
use crate::mapping::{Bindings, json, wire};

/// A filter with its variables, and the row that it is at. It stays on the thread that it was made on, which needs a
/// stack of [`super::STACK`].
pub(in crate::mapping) struct RowProgram<'f> {
    filter: &'f Filter,
    variables: Vec<Value>,
    row: Rc<Map>,
    /// Where the value of each column stands in the row; `None` = there are two of the name.
    slots: Vec<Option<usize>>,
}

impl<'f> RowProgram<'f> {
    /// Prepares a filter for the values that are bound.
    pub(in crate::mapping) fn new(filter: &'f Filter, bindings: &Bindings) -> Self {
        Self { filter, variables: filter.variables(bindings), row: Rc::default(), slots: Vec::new() }
    }

    /// Says which columns the rows have.
    pub(in crate::mapping) fn columns(&mut self, names: &[String]) {
        let mut row = Map::with_capacity(names.len());
        for name in names {
            row.set_once(Rc::new(name.clone()), Value::NULL);
        }
        let is_single = |name: &String| names.iter().filter(|other| *other == name).count() == 1;
        let slot = |name: &String| row.position(name).filter(|_| is_single(name));
        self.slots = names.iter().map(slot).collect();
        self.row = Rc::new(row);
    }

    /// The offers that the filter makes of a row of cells.
    ///
    /// # Errors
    /// As [`crate::mapping::Mapping::offers`].
    pub(in crate::mapping) fn cells<'c>(
        &mut self,
        cell: impl Fn(usize) -> Cell<'c>,
        supplier: &SupplierName,
    ) -> Result<Vec<OfferReply>, Failure> {
        // What an error remembers of the last row is forgotten by now, and so the row is not shared.
        let row = Rc::make_mut(&mut self.row);
        let mut bytes = 0;
        for (column, slot) in self.slots.iter().enumerate() {
            if let Some(slot) = slot {
                bytes += refill(row.slot(*slot), &cell(column));
            }
        }
        let row = Value::Object(Rc::clone(&self.row));
        self.run(&row, bytes, supplier)
    }

    /// The offers that the filter makes of a JSON value, whose text has so many bytes.
    ///
    /// # Errors
    /// As [`crate::mapping::Mapping::offers`].
    pub(in crate::mapping) fn json(
        &mut self,
        value: json::Value<'_>,
        bytes: usize,
        supplier: &SupplierName,
    ) -> Result<Vec<OfferReply>, Failure> {
        self.run(&document::read(value), bytes, supplier)
    }

    fn run(&self, row: &Value, bytes: usize, supplier: &SupplierName) -> Result<Vec<OfferReply>, Failure> {
        let outputs = run::run(&self.filter.program, row, self.variables.clone(), &mut much_for(bytes), |outputs| {
            if outputs.is_empty() {
                return Ok(Vec::new());
            }
            let outputs: Vec<json::Value<'_>> = outputs.iter().map(document::write).collect();
            wire::decode_row_outputs(&outputs, supplier)
        });
        outputs.map_err(Trouble::failure)?
    }
}

/// Puts a cell into its place, in the memory of what was there if nobody else has it, and returns its length.
fn refill(value: &mut Value, cell: &Cell<'_>) -> usize {
    match cell {
        Cell::Truth(truth) => {
            *value = Value::Bool(*truth, 0);
            size_of::<Value>()
        }
        Cell::Text(text) | Cell::Number(text) => {
            let kept = if let Value::Text(kept) = value { Rc::get_mut(kept) } else { None };
            match kept {
                Some(kept) => {
                    kept.clear();
                    kept.push_str(text);
                }
                None => *value = Value::Text(Rc::new((*text).to_owned())),
            }
            text.len()
        }
    }
}
