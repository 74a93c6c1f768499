//! CSV by RFC 4180, strictly: a row that is not one is an error, and never another row.
//!
//! Libraries guess at what a stray or an unclosed quote may mean, and would read a cut-off file as one whose last cell
//! is long. Owns the grammar; refuses to know what cells mean. Main type: [`Csv`].

use std::io::Read;

use super::text::Text;
use super::unreadable;
use crate::domain::Failure;

/// The longest row, in bytes of UTF-8. It bounds the memory, also where a quote is never closed.
const LONGEST_ROW: usize = 1 << 20;

/// Rows of a text.
pub(super) struct Csv<R> {
    text: Text<R>,
    delimiter: u8,
    cells: Vec<Range>,
    /// Cells that have quotes within, without their doubling.
    unquoted: String,
    line: u64,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: usize,
    end: usize,
    /// Whether it is in the unquoted text, and not in the window.
    is_unquoted: bool,
    /// Whether it stands in quotes.
    is_quoted: bool,
}

/// What comes of looking for a row.
#[derive(Debug, PartialEq, Eq)]
enum Split {
    /// A row, with so many bytes, its end included.
    Row(usize),
    /// More text is needed.
    More,
    /// It is no row, for this reason at this byte.
    Broken(usize, &'static str),
}

impl<R: Read> Csv<R> {
    /// Begins to read rows; `delimiter` is an ASCII character.
    pub(super) fn new(text: Text<R>, delimiter: u8) -> Self {
        Self { text, delimiter, cells: Vec::new(), unquoted: String::new(), line: 1 }
    }

    /// Skips so many lines, whatever they hold.
    ///
    /// # Errors
    /// `file_unreadable` when there are fewer.
    pub(super) fn skip_lines(&mut self, lines: u32) -> Result<(), Failure> {
        for _ in 0..lines {
            let mut seen = 0;
            let end = loop {
                if let Some(end) = memchr::memchr(b'\n', &self.text.rest().as_bytes()[seen..]) {
                    break seen + end + 1;
                }
                seen = self.text.rest().len();
                if self.text.is_complete() {
                    let (last, _) = self.text.place_of(seen);
                    return Err(unreadable(format!("it ends in line {last}, before the header")));
                }
                self.check_length()?;
                self.text.fill()?;
            };
            self.text.take(end);
        }
        Ok(())
    }

    /// Goes to the next row that is not an empty line; `false` = there is none.
    ///
    /// # Errors
    /// `file_unreadable` when it is not what RFC 4180 calls a row.
    pub(super) fn next(&mut self) -> Result<bool, Failure> {
        loop {
            self.cells.clear();
            self.unquoted.clear();
            let rest = self.text.rest();
            if let Some(after) = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")) {
                self.text.take(rest.len() - after.len());
                continue;
            }
            if rest.is_empty() && self.text.is_complete() {
                return Ok(false);
            }
            let found = split(rest, self.text.is_complete(), self.delimiter, &mut self.cells, &mut self.unquoted);
            match found {
                Split::Row(length) => {
                    self.line = self.text.place().0;
                    // The cells stay where they are in the window.
                    let (_, start) = self.text.window();
                    for cell in self.cells.iter_mut().filter(|cell| !cell.is_unquoted) {
                        (cell.start, cell.end) = (cell.start + start, cell.end + start);
                    }
                    self.text.take(length);
                    return Ok(true);
                }
                Split::More => {
                    self.check_length()?;
                    self.text.fill()?;
                }
                Split::Broken(offset, problem) => {
                    let (line, column) = self.text.place_of(offset);
                    return Err(unreadable(format!("line {line}, column {column}: {problem}")));
                }
            }
        }
    }

    fn check_length(&self) -> Result<(), Failure> {
        if self.text.rest().len() <= LONGEST_ROW {
            return Ok(());
        }
        let line = self.text.place().0;
        Err(unreadable(format!("line {line}: the row is longer than 1 MiB; is a quote not closed?")))
    }

    /// How many cells the row has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the row, as it was before it was written down.
    pub(super) fn cell(&self, column: usize) -> &str {
        let Some(cell) = self.cells.get(column) else { return "" };
        let (window, _) = self.text.window();
        let text = if cell.is_unquoted { &self.unquoted } else { window };
        &text[cell.start..cell.end]
    }

    /// Whether a cell stands in quotes.
    pub(super) fn is_quoted(&self, column: usize) -> bool {
        self.cells.get(column).is_some_and(|cell| cell.is_quoted)
    }

    /// Line and column of what comes after the row, from 1.
    pub(super) fn place(&self) -> (u64, usize) {
        self.text.place()
    }

    /// The line in which the row begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }
}

/// Takes the first row of a text apart. `is_complete` = nothing comes after the text.
fn split(text: &str, is_complete: bool, delimiter: u8, cells: &mut Vec<Range>, unquoted: &mut String) -> Split {
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        let end = if bytes.get(start) == Some(&b'"') {
            match quoted(text, start, is_complete, cells, unquoted) {
                Ok(end) => end,
                Err(split) => return split,
            }
        } else {
            let found = memchr::memchr3(delimiter, b'\n', b'"', &bytes[start..]);
            let end = found.map_or(bytes.len(), |found| start + found);
            if bytes.get(end) == Some(&b'"') {
                return Split::Broken(end, "a quote within a cell that does not begin with one");
            }
            if end == bytes.len() && !is_complete {
                return Split::More;
            }
            let is_last = bytes.get(end) != Some(&delimiter);
            let cell = if is_last {
                text[start..end].strip_suffix('\r').unwrap_or(&text[start..end])
            } else {
                &text[start..end]
            };
            if let Some(lone) = memchr::memchr(b'\r', cell.as_bytes()) {
                return Split::Broken(start + lone, "a carriage return that no line feed follows");
            }
            cells.push(Range { start, end: start + cell.len(), is_unquoted: false, is_quoted: false });
            end
        };
        match &bytes[end..] {
            [] if is_complete => return Split::Row(end),
            [] | [b'\r'] if !is_complete => return Split::More,
            [b'\r', b'\n', ..] => return Split::Row(end + 2),
            [b'\n', ..] | [b'\r'] => return Split::Row(end + 1),
            [next, ..] if *next == delimiter => start = end + 1,
            _ => return Split::Broken(end, "something follows the quote that closes a cell"),
        }
    }
}

/// Takes a cell in quotes apart, and returns where it ends.
fn quoted(
    text: &str,
    open: usize,
    is_complete: bool,
    cells: &mut Vec<Range>,
    unquoted: &mut String,
) -> Result<usize, Split> {
    let bytes = text.as_bytes();
    let before = unquoted.len();
    // From where on the cell was not copied yet.
    let mut from = open + 1;
    let mut seen = from;
    loop {
        let Some(quote) = memchr::memchr(b'"', &bytes[seen..]).map(|found| seen + found) else {
            let never = Split::Broken(open, "a quote that is never closed");
            return Err(if is_complete { never } else { Split::More });
        };
        match bytes.get(quote + 1) {
            Some(b'"') => {
                unquoted.push_str(&text[from..=quote]);
                from = quote + 2;
                seen = from;
            }
            None if !is_complete => return Err(Split::More),
            _ => {
                let is_unquoted = from > open + 1;
                if is_unquoted {
                    unquoted.push_str(&text[from..quote]);
                }
                let (start, end) = if is_unquoted { (before, unquoted.len()) } else { (from, quote) };
                cells.push(Range { start, end, is_unquoted, is_quoted: true });
                return Ok(quote + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests;
