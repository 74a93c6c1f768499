//! Everything that pricecmp says about a run, as sentences.
//!
//! Owns the wording, one file a subject: a supplier's failure, an offer's rejection, the run as a whole. Refuses to
//! know where a sentence is printed. A sentence is lower-case, has the value in backticks and no full stop; foreign
//! text in it is cleaned and shortened, so it always fits one line of a terminal.

mod failure;
mod gate;
mod guidance;
mod rejection;
mod run;

pub use failure::{attempts, failure};
pub use gate::gate;
pub use guidance::{
    Wrong, after_failure, after_no_row, after_nothing, after_quote, after_rejection, no_column, topic, unknown_columns,
};
pub use rejection::rejection;
pub use run::{advice, hint, quorum, run_failure, termination, warning};

use super::sanitize;

/// How many columns of a value are quoted in a sentence.
const VALUE_COLUMNS: usize = 60;
/// How many columns of a system's or a supplier's message are repeated in a sentence.
const DETAIL_COLUMNS: usize = 200;

/// Quotes a foreign value.
pub(super) fn quoted(value: &str) -> String {
    format!("`{}`", sanitize::shorten(value, VALUE_COLUMNS))
}

/// Writes a count with the noun that fits it.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
