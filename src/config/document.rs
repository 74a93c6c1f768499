//! A configuration file as text: which line a place is on, and whether that line may be shown.
//!
//! Owns positions and the rule that keeps secrets out of excerpts: a line is shown only when every value on it
//! belongs to a key that is known to hold no secret. Refuses to know what the values mean. Main type: [`Document`].

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Excerpt, Place, Problem, nearest};
use super::file::{ALL_KEYS, SECRET_KEYS};

/// A part of a document, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(range.start), end: narrow(range.end) }
    }
}

impl Span {
    /// The same as a range of bytes.
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// A configuration file, read.
pub(super) struct Document {
    /// The file, as the user would name it.
    pub(super) name: String,
    /// Where the paths in it start from.
    pub(super) folder: PathBuf,
    /// Its text.
    pub(super) text: String,
}

/// What was found to be wrong, collected so that all of it can be told at once.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<(Option<Span>, Problem)>);

impl Findings {
    /// Notes a problem of a place.
    pub(super) fn at(&mut self, span: Span, problem: Problem) {
        self.0.push((Some(span), problem));
    }

    /// Notes a problem that has no place, such as one of a flag.
    pub(super) fn anywhere(&mut self, problem: Problem) {
        self.0.push((None, problem));
    }

    /// Everything as an error, by position, flags first; `Ok` when nothing is wrong.
    pub(super) fn into_result(mut self, document: Option<&Document>) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(span, _)| span.map(|span| span.start));
        let visible = document.map(|document| Visible::of(&document.text));
        let placed = self.0.into_iter().map(|(span, problem)| match (span, document, &visible) {
            (Some(span), Some(document), Some(visible)) => {
                Problem { place: Some(Box::new(document.place(span, Some(visible)))), ..problem }
            }
            _ => problem,
        });
        Err(placed.collect())
    }
}

impl Document {
    /// Where a span starts; with an excerpt where `visible` allows one.
    pub(super) fn place(&self, span: Span, visible: Option<&Visible>) -> Place {
        let start = (span.start as usize).min(self.text.len());
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        let line = self.text[..line_start].matches('\n').count() + 1;
        let column = self.text[line_start..start].chars().count() + 1;
        let excerpt = visible.and_then(|visible| visible.end_of(line_start..line_end)).map(|end| {
            let text = self.text[line_start..end.max(start)].trim_end_matches('\r').to_owned();
            let marked_end = (span.end as usize).clamp(start, line_start + text.len());
            Excerpt { marked: start - line_start..marked_end - line_start, text }
        });
        Place { path: self.name.clone(), line, column, excerpt }
    }
}

/// Which parts of a document may be shown.
#[derive(Default)]
pub(super) struct Visible {
    /// Values that may be secret.
    hidden: Vec<Range<usize>>,
    /// Ends of keys and values; what follows the last one on a line is a comment, which may hold anything.
    ends: Vec<usize>,
    /// Strings, which may go on over several lines.
    strings: Vec<Range<usize>>,
}

/// What the keys of a table are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Document,
    SupplierNames,
    Currencies,
    Settings,
}

impl Visible {
    fn of(text: &str) -> Self {
        let mut visible = Self::default();
        // What cannot be parsed shows nothing.
        if let Ok(root) = DeTable::parse(text) {
            visible.visit(root.get_ref(), Keys::Document);
        } else {
            visible.hidden.push(0..text.len());
        }
        visible
    }

    /// Where the shown part of a line ends; `None` when the line may hold a secret.
    fn end_of(&self, line: Range<usize>) -> Option<usize> {
        let touches = |span: &&Range<usize>| span.start < line.end && span.end > line.start;
        if self.hidden.iter().any(|span| touches(&span)) {
            return None;
        }
        if self.strings.iter().any(|span| touches(&span) && span.end > line.end) {
            return Some(line.end);
        }
        self.ends.iter().copied().filter(|end| (line.start..=line.end).contains(end)).max()
    }

    fn visit(&mut self, table: &DeTable<'_>, keys: Keys) {
        for (key, value) in table {
            self.ends.push(key.span().end);
            let name: &str = key.get_ref();
            match (keys, value.get_ref()) {
                (Keys::Document, DeValue::Table(inner)) if name == "suppliers" => {
                    self.descend(value, inner, Keys::SupplierNames);
                }
                (Keys::Document, DeValue::Table(inner)) if name == "rates" => {
                    self.descend(value, inner, Keys::Currencies);
                }
                (Keys::SupplierNames, DeValue::Table(inner)) => self.descend(value, inner, Keys::Settings),
                (Keys::Currencies, DeValue::Table(_) | DeValue::Array(_)) | (Keys::SupplierNames, _) => {
                    self.hide(value);
                }
                (Keys::Currencies, _) => self.show(value),
                _ if is_public(name) => self.show(value),
                _ => self.hide(value),
            }
        }
    }

    fn descend(&mut self, value: &Spanned<DeValue<'_>>, inner: &DeTable<'_>, keys: Keys) {
        self.ends.push(value.span().end);
        self.visit(inner, keys);
    }

    fn show(&mut self, value: &Spanned<DeValue<'_>>) {
        self.ends.push(value.span().end);
        match value.get_ref() {
            DeValue::Table(inner) => self.visit(inner, Keys::Settings),
            DeValue::Array(elements) => elements.iter().for_each(|element| self.show(element)),
            DeValue::String(_) => self.strings.push(value.span()),
            _ => {}
        }
    }

    fn hide(&mut self, value: &Spanned<DeValue<'_>>) {
        self.hidden.push(value.span());
        match value.get_ref() {
            // The spans of dotted keys and of tables with headers do not cover what is in them.
            DeValue::Table(inner) => inner.iter().for_each(|(_, value)| self.hide(value)),
            DeValue::Array(elements) => elements.iter().for_each(|element| self.hide(element)),
            _ => {}
        }
    }
}

/// Whether a key, or the key that it was meant to be, is known to hold no secret.
fn is_public(key: &str) -> bool {
    let known = ALL_KEYS.iter().flat_map(|keys| keys.iter().copied());
    nearest(key, known).is_some_and(|meant| !SECRET_KEYS.contains(&meant))
}
