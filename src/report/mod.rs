//! From a comparison to text: table, JSON, CSV, Markdown, and the progress of a run.
//!
//! Owns every word that a person reads and every field that a script reads. Refuses to know how a comparison came
//! about, where its text goes, and whether that is a terminal: width and colour are passed in, text is returned.
//! [`render`] is the one door to all formats.

pub mod amount;
mod bars;
mod basket;
pub mod csv;
mod explain;
pub mod health;
pub mod history;
pub mod html;
pub mod json;
mod live;
mod log;
mod lookup_trial;
pub mod markdown;
mod notes;
mod offers;
pub mod preview;
pub mod progress;
pub mod prose;
pub mod sanitize;
#[cfg(test)]
mod scene;
mod study;
mod style;
mod sweep;
pub mod table;
pub mod topics;
mod trial;

pub use basket::{BasketProgress, SupplierOrder, basket, basket_line, basket_notes, orders};
pub use explain::{Exchanged, Explanation, Received, ReceivedRows, explain};
pub use json::explain::{document as explain_document, schema as explain_schema};
pub use json::{
    basket_line_schema, basket_schema, health_schema, history_schema, schema as output_schema, sweep_schema,
    topics_schema,
};
pub use live::live;
pub use log::{event_line, rates_line};
pub use lookup_trial::{LookupTrial, lookup_trial};
pub use notes::{notes, warnings};
pub use offers::{ProposalNotes, offers, proposal_notes};
pub use progress::Progress;
pub use study::StudiedOffer;
pub use sweep::{sweep, sweep_notes};
pub use trial::{Trial, TriedList, TriedOffer, trial};

use crate::compare::Comparison;

/// What a comparison is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people, on a screen.
    #[default]
    Table,
    /// For scripts: the whole comparison.
    Json,
    /// For spreadsheets: every ranked quote.
    Csv,
    /// For pages and comments: the table.
    Markdown,
    /// For programs that read line by line: the whole comparison in one.
    Ndjson,
}

/// What is known of the place that the text is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns; below 40 counts as 40.
    pub width: usize,
    /// Whether escape sequences for colour may be written.
    pub color: bool,
}

impl Screen {
    /// The width where there is no terminal to ask.
    pub const DEFAULT_WIDTH: usize = 100;
    /// The least width that is drawn for.
    pub(crate) const LEAST_WIDTH: usize = 40;
}

impl Default for Screen {
    /// A plain screen of the default width.
    fn default() -> Self {
        Self { width: Self::DEFAULT_WIDTH, color: false }
    }
}

/// Writes a comparison; the text ends with a newline. Only the table depends on the screen.
#[must_use]
pub fn render(comparison: &Comparison, format: Format, screen: Screen) -> String {
    match format {
        Format::Table => table::render(comparison, screen),
        Format::Json => json::document(comparison),
        Format::Csv => csv::render(comparison),
        Format::Markdown => markdown::render(comparison),
        Format::Ndjson => json::line(comparison),
    }
}
