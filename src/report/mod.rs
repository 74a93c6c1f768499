//! From a comparison to text: table, JSON, CSV, Markdown, and the progress of a run.
//!
//! Owns every word that a person reads and every field that a script reads. Refuses to know how a comparison came
//! about, where its text goes, and whether that is a terminal: width and colour are passed in, text is returned.

pub mod amount;
pub mod csv;
pub mod json;
pub mod markdown;
pub mod preview;
pub mod prose;
pub mod sanitize;
#[cfg(test)]
mod scene;
mod style;
pub mod table;
