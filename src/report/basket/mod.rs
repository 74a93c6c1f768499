//! A basket as text.
//!
//! Owns what is said of an order of many lines. Refuses to know how it was found. [`basket`] is the door to all formats.

mod csv;
mod notes;
mod orders;
mod progress;
pub(super) mod table;
pub(super) mod words;

pub use notes::notes as basket_notes;
pub use orders::{SupplierOrder, orders};
pub use progress::BasketProgress;

use super::{Format, Screen, json};
use crate::compare::{BasketComparison, Comparison};

/// Writes the result of a basket; the text ends with a newline. Only the table depends on the screen.
#[must_use]
pub fn basket(basket: &BasketComparison, format: Format, screen: Screen) -> String {
    match format {
        Format::Json | Format::Ndjson => json::basket(basket),
        Format::Csv => csv::render(basket),
        Format::Table | Format::Markdown => table::render(basket, screen),
    }
}

/// Writes the comparison of the line of a file as one JSON document in one line.
#[must_use]
pub fn basket_line(number: u64, comparison: &Comparison) -> String {
    json::basket_line(number, comparison)
}
