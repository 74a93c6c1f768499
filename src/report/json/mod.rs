//! The JSON document and its published schema.
//!
//! Owns the field names, their order and how each value is written; `view::Document` is what is written. The
//! same types make the schema, so the two cannot differ. Text of suppliers stands as it came, with every character
//! that could act on a terminal as an escape.

mod basket;
pub mod explain;
mod health;
mod history;
mod number;
mod sweep;
mod topics;
mod view;
mod words;

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::sanitize;
use crate::compare::{BasketComparison, Comparison, SweepComparison};
use crate::domain::{LeftTopic, PastPrice, Record};

/// Writes the whole comparison as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn document(comparison: &Comparison) -> String {
    let size = 4096 + 1024 * comparison.quotes.len() + 512 * comparison.suppliers.len();
    written(&view::Document::new(comparison), size)
}

/// Writes the whole comparison as one JSON document in one line, with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn line(comparison: &Comparison) -> String {
    let size = 2048 + 768 * comparison.quotes.len() + 384 * comparison.suppliers.len();
    written_as(&view::Document::new(comparison), size, CompactFormatter)
}

/// Writes the comparison of a basket's line as one JSON document in one line, with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn basket_line(number: u64, comparison: &Comparison) -> String {
    let size = 2048 + 768 * comparison.quotes.len() + 384 * comparison.suppliers.len();
    written_as(&basket::LineDocument::new(number, comparison), size, CompactFormatter)
}

/// Writes the result of a basket as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn basket(basket: &BasketComparison) -> String {
    written(&basket::Document::new(basket), 4096 + 512 * basket.lines.len())
}

/// Writes the result of a sweep as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn sweep(sweep: &SweepComparison) -> String {
    written(&sweep::Document::new(sweep, &sweep.changes()), 8192 * sweep.comparisons.len())
}

/// Writes the result of a sweep as one JSON document in one line, with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn sweep_line(sweep: &SweepComparison) -> String {
    written_as(&sweep::Document::new(sweep, &sweep.changes()), 4096 * sweep.comparisons.len(), CompactFormatter)
}

/// Writes what is known of the suppliers as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn health(records: &[Record]) -> String {
    written(&health::Document::new(records), 4096)
}

/// Writes what suppliers asked for a product over time as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn history(product: &str, prices: &[PastPrice]) -> String {
    written(&history::Document::new(product, prices), 1024 + 256 * prices.len())
}

/// Writes what became of reply topics that runs had left as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn topics(topics: &[LeftTopic]) -> String {
    written(&topics::Document::new(topics), 512 + 256 * topics.len())
}

/// Writes a value as an indented JSON document with a final newline, `size` bytes or so.
fn written(value: &impl Serialize, size: usize) -> String {
    written_as(value, size, PrettyFormatter::new())
}

fn written_as(value: &impl Serialize, size: usize, formatter: impl Formatter) -> String {
    let mut bytes = Vec::with_capacity(size);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Escaping(formatter));
    value.serialize(&mut serializer).expect("memory takes every document");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Writes the JSON Schema (draft 2020-12) that every document follows, with a final newline.
#[must_use]
pub fn schema() -> String {
    schema_of::<view::Document<'static>>()
}

/// Writes the JSON Schema of what is known of the suppliers, with a final newline.
#[must_use]
pub fn health_schema() -> String {
    schema_of::<health::Document<'static>>()
}

/// Writes the JSON Schema of what suppliers asked for over time, with a final newline.
#[must_use]
pub fn history_schema() -> String {
    schema_of::<history::Document<'static>>()
}

/// Writes the JSON Schema of the result of a basket, with a final newline.
#[must_use]
pub fn basket_schema() -> String {
    schema_of::<basket::Document<'static>>()
}

/// Writes the JSON Schema of the comparison of a basket's line, with a final newline.
#[must_use]
pub fn basket_line_schema() -> String {
    schema_of::<basket::LineDocument<'static>>()
}

/// Writes the JSON Schema of the result of a sweep, with a final newline.
#[must_use]
pub fn sweep_schema() -> String {
    schema_of::<sweep::Document<'static>>()
}

/// Writes the JSON Schema of what became of reply topics, with a final newline.
#[must_use]
pub fn topics_schema() -> String {
    schema_of::<topics::Document<'static>>()
}

fn schema_of<T: schemars::JsonSchema>() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    format!("{:#}\n", schema.as_value())
}

/// Writes as the formatter within does, and escapes what could act on a terminal.
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut start = 0;
        // Fragments hold nothing below U+0020. Looking at every byte without an early end is faster than with one.
        if fragment.bytes().fold(0, u8::max) >= 0x7f {
            for (at, character) in fragment.char_indices().filter(|(_, character)| sanitize::needs_escape(*character)) {
                CompactFormatter.write_string_fragment(writer, &fragment[start..at])?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                start = at + character.len_utf8();
            }
        }
        CompactFormatter.write_string_fragment(writer, &fragment[start..])
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests;
