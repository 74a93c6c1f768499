//! JSON values in a text, one after the other: lines of NDJSON, or elements of a document's array.
//!
//! Owns where a value begins and ends; whether it is one is for `mapping` to say, whose scan is strict. Main functions:
//! [`lines`] and [`document`].

use std::io::Read;

use super::text::Text;
use super::unreadable;
use crate::domain::Failure;
use crate::mapping::{RowMapping, RowPlace};

/// The longest value, in bytes of UTF-8. It bounds the memory.
const LONGEST: usize = 8 << 20;

/// Hands each line that is not blank to `take`.
///
/// # Errors
/// `file_unreadable` when a line is too long or cannot be read, and those of `take`.
pub(super) fn lines<R: Read>(
    text: &mut Text<R>,
    mut take: impl FnMut(&str, RowPlace) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        let mut seen = 0;
        let end = loop {
            if let Some(end) = memchr::memchr(b'\n', &text.rest().as_bytes()[seen..]) {
                break seen + end + 1;
            }
            seen = text.rest().len();
            if text.is_complete() {
                break seen;
            }
            more(text, "the line")?;
        };
        if end == 0 {
            return Ok(());
        }
        let line = text.rest()[..end].trim_end_matches(['\r', '\n']);
        if !line.trim_matches([' ', '\t']).is_empty() {
            let (number, column) = text.place();
            take(line, RowPlace::Line(number, column))?;
        }
        text.take(end);
    }
}

/// Hands each element of the document's array to `take`, or else the document.
///
/// # Errors
/// `file_unreadable` when a value is too long or cannot be read, or the array is none; and those of `take`.
pub(super) fn document<R: Read>(
    text: &mut Text<R>,
    mut take: impl FnMut(&str, RowPlace) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if skip_blanks(text)? != Some('[') {
        while !text.is_complete() {
            more(text, "the document is no array and")?;
        }
        return take(text.rest(), RowPlace::Document);
    }
    text.take(1);
    if skip_blanks(text)? == Some(']') {
        text.take(1);
        return end(text);
    }
    for element in 0.. {
        skip_blanks(text)?;
        let length = element_length(text)?;
        let (line, column) = text.place();
        if length == 0 {
            return Err(RowMapping::unexpected("a value", text.rest().chars().next(), (line, column)));
        }
        take(&text.rest()[..length], RowPlace::Element(element, line, column))?;
        text.take(length);
        match skip_blanks(text)? {
            Some(',') => text.take(1),
            Some(']') => {
                text.take(1);
                break;
            }
            found => return Err(RowMapping::unexpected("`,` or `]`", found, text.place())),
        }
    }
    end(text)
}

fn end<R: Read>(text: &mut Text<R>) -> Result<(), Failure> {
    match skip_blanks(text)? {
        None => Ok(()),
        found => Err(RowMapping::unexpected("the end of the text", found, text.place())),
    }
}

/// Takes what JSON has between its words, and returns what comes next; `None` = nothing.
fn skip_blanks<R: Read>(text: &mut Text<R>) -> Result<Option<char>, Failure> {
    loop {
        let rest = text.rest();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let next = rest[blanks..].chars().next();
        text.take(blanks);
        if next.is_some() || text.is_complete() {
            return Ok(next);
        }
        text.fill()?;
    }
}

/// How long the element is that begins here: up to the `,` or the bracket that closes the array, or a blank.
fn element_length<R: Read>(text: &mut Text<R>) -> Result<usize, Failure> {
    loop {
        match value_length(text.rest().as_bytes()) {
            Some(length) => return Ok(length),
            None if text.is_complete() => return Ok(text.rest().len()),
            None => more(text, "the element")?,
        }
    }
}

/// How long the value is that a text begins with; `None` = its end is not there.
fn value_length(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut position = 0;
    loop {
        match bytes.get(position)? {
            b'"' => {
                position = string_end(bytes, position + 1)?;
                if depth == 0 {
                    return Some(position);
                }
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = match depth.checked_sub(1) {
                    None => return Some(position),
                    Some(0) => return Some(position + 1),
                    Some(depth) => depth,
                };
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return Some(position),
            _ => {}
        }
        position += 1;
    }
}

/// Where a string ends whose content begins here.
fn string_end(bytes: &[u8], mut position: usize) -> Option<usize> {
    loop {
        let found = position + memchr::memchr2(b'"', b'\\', bytes.get(position..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        position = found + 2;
    }
}

/// Reads on, unless there is too much already.
fn more<R: Read>(text: &mut Text<R>, what: &str) -> Result<(), Failure> {
    if text.rest().len() > LONGEST {
        let line = text.place().0;
        let hint = "an array, or NDJSON, may be as long as it likes";
        return Err(unreadable(format!("line {line}: {what} is longer than 8 MiB; {hint}")));
    }
    text.fill()
}

#[cfg(test)]
mod tests;
