//! The rows of any file that people keep lists in, for readers other than suppliers.
//!
//! Owns which format a file is in and what delimits its cells, where nobody says so. Refuses to know what a row means.
//! Main function: [`rows`].

use std::fs::File;
use std::io::{self, Read, Seek};

use encoding_rs::Encoding;
use zip::ZipArchive;

use super::csv::Csv;
use super::text::Text;
use super::workbook::{self, Value};
use super::{json, unreadable};
use crate::domain::{Failure, ListFormat, system_words};
use crate::mapping::{RowPlace, is_json};

/// What may delimit the cells of CSV. Of those that a header has equally often, the first one does.
const DELIMITERS: [u8; 3] = [b'\t', b';', b','];
/// How much of a file is looked at to find out what it is, bytes.
const LOOKED_AT: u64 = 64 << 10;
/// How the archive begins that a workbook is.
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// Where an archive says what it is, if it is an `OpenDocument`.
const MIME_TYPE: &str = "mimetype";

/// One row of a file.
#[derive(Debug)]
pub enum Row<'a> {
    /// The cells of a table. A cell without text is empty.
    Cells(&'a [&'a str]),
    /// A JSON value, which may be none: nobody has looked at it.
    Json(&'a str),
}

/// Finds out which format a file is in by how it begins. What is neither a workbook nor JSON is CSV.
///
/// # Errors
/// `file_unreadable`.
pub fn format_of(file: &mut File) -> Result<ListFormat, Failure> {
    let mut start = Vec::new();
    let read = file.rewind().and_then(|()| file.by_ref().take(LOOKED_AT).read_to_end(&mut start));
    read.and_then(|_| file.rewind()).map_err(|error| broken(&error))?;
    if start.starts_with(ARCHIVE) {
        let is_open = ZipArchive::new(&mut *file).is_ok_and(|archive| archive.index_for_name(MIME_TYPE).is_some());
        file.rewind().map_err(|error| broken(&error))?;
        return Ok(if is_open { ListFormat::Ods } else { ListFormat::Xlsx });
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(match text.first() {
        Some(b'{') if is_json(first_line) => ListFormat::Ndjson,
        Some(b'[' | b'{') => ListFormat::Json,
        _ => ListFormat::Csv,
    })
}

/// Hands every row of a file that is not empty to `take`, from the file's beginning; the header is a row like any other.
/// Of a workbook, the first sheet is read that is not hidden.
///
/// # Errors
/// `file_unreadable` when the file is not what the format has it be, and whatever `take` returns, which ends the reading.
pub fn rows(
    file: &File,
    format: ListFormat,
    encoding: &'static Encoding,
    take: &mut dyn FnMut(Row<'_>, RowPlace) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut file = file.try_clone().map_err(|error| broken(&error))?;
    file.rewind().map_err(|error| broken(&error))?;
    match format {
        ListFormat::Csv => csv(Text::new(file, encoding), take),
        ListFormat::Json => json::document(&mut Text::new(file, encoding), |text, place| take(Row::Json(text), place)),
        ListFormat::Ndjson => json::lines(&mut Text::new(file, encoding), |text, place| take(Row::Json(text), place)),
        ListFormat::Xlsx | ListFormat::Ods => sheet(file, format, take),
    }
}

fn csv(
    mut text: Text<impl Read>,
    take: &mut dyn FnMut(Row<'_>, RowPlace) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let delimiter = delimiter(&mut text)?;
    let mut csv = Csv::new(text, delimiter);
    while csv.next()? {
        let cells: Vec<&str> = (0..csv.len()).map(|column| csv.cell(column)).collect();
        take(Row::Cells(&cells), RowPlace::Line(csv.line(), 1))?;
    }
    Ok(())
}

/// What the first line has most often outside of quotes; a comma, if it has nothing of the kind.
fn delimiter(text: &mut Text<impl Read>) -> Result<u8, Failure> {
    let first_line = loop {
        let rest = text.rest().trim_start_matches(['\r', '\n']);
        match rest.split_once('\n') {
            Some((line, _)) => break line,
            None if text.is_complete() || u64::try_from(rest.len()).is_ok_and(|length| length > LOOKED_AT) => {
                break rest;
            }
            None => text.fill()?,
        }
    };
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in first_line.bytes() {
        is_quoted ^= byte == b'"';
        if let Some(found) = DELIMITERS.iter().position(|delimiter| *delimiter == byte && !is_quoted) {
            counts[found] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let found = counts.iter().position(|count| *count == most && most > 0);
    Ok(found.map_or(b',', |found| DELIMITERS[found]))
}

fn sheet(
    file: File,
    format: ListFormat,
    take: &mut dyn FnMut(Row<'_>, RowPlace) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let row = |number: u64, cells: &[Value]| {
        let cells: Vec<&str> = cells.iter().map(Value::text).collect();
        take(Row::Cells(&cells), RowPlace::Row(number))
    };
    workbook::rows(file, format, None, row)
}

fn broken(error: &io::Error) -> Failure {
    unreadable(system_words(error))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use encoding_rs::{UTF_8, WINDOWS_1252};

    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file
    }

    fn read(content: &[u8], encoding: &'static Encoding) -> Vec<String> {
        let mut file = file(content);
        let format = format_of(&mut file).unwrap();
        let mut seen = Vec::new();
        let read = rows(&file, format, encoding, &mut |row, place| {
            seen.push(match row {
                Row::Cells(cells) => format!("{place}: {}", cells.join("|")),
                Row::Json(text) => format!("{place}: {text}"),
            });
            Ok(())
        });
        seen.extend(read.err().and_then(|failure| failure.detail));
        seen
    }

    #[test]
    fn the_header_says_what_delimits_cells() {
        for (content, expected) in [
            ("a,b;c,d\n1,2", ["line 1: a|b;c|d", "line 2: 1|2"]),
            ("a;\"b,c,d\"\n1;2,5", ["line 1: a|b,c,d", "line 2: 1|2,5"]),
            ("\u{feff}a\tb, c\r\n1\t2", ["line 1: a|b, c", "line 2: 1|2"]),
            ("\n\na\nb", ["line 3: a", "line 4: b"]),
        ] {
            assert_eq!(read(content.as_bytes(), UTF_8), expected, "{content:?}");
        }
    }

    #[test]
    fn json_is_recognised_by_its_begin() {
        assert_eq!(read(b" [{\"a\":1},\n2]", UTF_8), ["element 0: {\"a\":1}", "element 1: 2"]);
        assert_eq!(read(b"{\"a\":1}\n{\"a\":2}\n", UTF_8), ["line 1: {\"a\":1}", "line 2: {\"a\":2}"]);
        assert_eq!(read(b"{\n\"a\":1}", UTF_8), [": {\n\"a\":1}"]);
    }

    #[test]
    fn an_encoding_is_what_it_is_said_to_be() {
        assert_eq!(read(b"St\xfcck;1", WINDOWS_1252), ["line 1: Stück|1"]);
        assert_eq!(read(b"St\xfcck;1", UTF_8), ["line 1, column 3: not UTF-8; `encoding` says what it is"]);
    }
}
