//! One product at several quantities as text.
//!
//! Owns what is said of all quantities together. Refuses to know how one comparison looks. [`sweep`] is the door to all
//! formats.

mod cells;
mod markdown;
mod notes;
mod table;
mod words;

pub use notes::notes as sweep_notes;

use super::{Format, Screen, csv, json};
use crate::compare::SweepComparison;

/// Writes the result of a sweep; the text ends with a newline. Only the table depends on the screen.
#[must_use]
pub fn sweep(sweep: &SweepComparison, format: Format, screen: Screen) -> String {
    match format {
        Format::Table => table::render(sweep, screen),
        Format::Json => json::sweep(sweep),
        Format::Ndjson => json::sweep_line(sweep),
        Format::Csv => csv::sweep(&sweep.comparisons),
        Format::Markdown => markdown::render(sweep),
    }
}
