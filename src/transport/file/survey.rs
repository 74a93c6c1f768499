//! Looking at a list that nobody has described yet: its encoding, and its first rows in every way that they may be meant.
//!
//! Refuses to decide which way is right, since that depends on what the titles mean. Main functions: [`script`] and
//! [`heads`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::csv::Csv;
use super::open::List;
use super::text::Text;
use super::unreadable;
use super::workbook::{self, Value};
use crate::domain::{ErrorKind, Failure, ListFormat, ListHead, system_words};

/// What may stand between cells, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How much of a text is looked at for its rows, bytes.
const HEAD: u64 = 256 << 10;
/// How many rows are looked at.
const MOST_ROWS: usize = 200;
/// How many lines before the rows may be none.
const MOST_SKIPPED: usize = 40;
/// How many rows below one that is none show that it is a mistake, and not a title.
const ENOUGH: usize = 20;
/// How many sheets are looked at.
const MOST_SHEETS: usize = 12;
/// How many cells of a row are looked at.
const MOST_CELLS: usize = 1_000;
/// How many characters of a cell are looked at.
const MOST_CHARACTERS: usize = 300;
/// How many bytes are decoded at a time.
const CHUNK: usize = 64 << 10;
/// How much of a word is shown, in characters.
const SHOWN: usize = 40;

/// How the text of a list is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The encoding of a text without a mark, as far as it can be told.
    pub encoding: &'static Encoding,
    /// A word of it that would be another one in another encoding, where that is not sure.
    pub doubtful: Option<String>,
}

/// Finds the encoding of a text. All of it is looked at.
///
/// # Errors
/// `file_unreadable` when it cannot be read.
pub fn script(path: &Path) -> Result<Script, Failure> {
    let list = List::open(path)?;
    let mut file = list.file()?.take(list.facts.length);
    let mut begin = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut begin).map_err(|error| unreadable(system_words(&error)))?;
    if Encoding::for_bom(&begin).is_some() {
        return Ok(Script { encoding: UTF_8, doubtful: None });
    }
    if let Some(encoding) = utf_16(&begin) {
        return Ok(Script { encoding, doubtful: None });
    }
    Ok(match first_foreign(begin, file)? {
        None => Script { encoding: UTF_8, doubtful: None },
        Some(word) => Script { encoding: WINDOWS_1252, doubtful: Some(word) },
    })
}

/// UTF-16 without a mark has zeros in every other byte, where it is of languages with Latin letters.
fn utf_16(begin: &[u8]) -> Option<&'static Encoding> {
    let zeros = |first: usize| begin.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = begin.len() / 2;
    match () {
        () if odd * 4 > half * 3 && even * 4 < half => Some(UTF_16LE),
        () if even * 4 > half * 3 && odd * 4 < half => Some(UTF_16BE),
        () => None,
    }
}

/// The first word that is not UTF-8, as windows-1252 has it.
fn first_foreign(begin: Vec<u8>, mut file: impl Read) -> Result<Option<String>, Failure> {
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut bytes = begin;
    // So that a word is whole that begins in the bytes before.
    let mut before: Vec<u8> = Vec::new();
    let mut text = String::with_capacity(2 * CHUNK);
    loop {
        let is_last = bytes.is_empty();
        let mut rest = &bytes[..];
        loop {
            text.clear();
            let (result, taken) = decoder.decode_to_string_without_replacement(rest, &mut text, is_last);
            match result {
                encoding_rs::DecoderResult::InputEmpty => break,
                encoding_rs::DecoderResult::OutputFull => rest = &rest[taken..],
                encoding_rs::DecoderResult::Malformed(..) => {
                    let at = before.len() + bytes.len() - rest.len() + taken;
                    before.extend_from_slice(&bytes);
                    return Ok(Some(word_at(&before, at.saturating_sub(1))));
                }
            }
        }
        if is_last {
            return Ok(None);
        }
        before = bytes.split_off(bytes.len().saturating_sub(SHOWN));
        bytes.clear();
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(system_words(&error)))?;
    }
}

/// The word around a byte of a text in windows-1252.
fn word_at(bytes: &[u8], at: usize) -> String {
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || b"\",;|".contains(byte);
    let start = bytes[..at].iter().rposition(is_edge).map_or(0, |edge| edge + 1);
    let end = bytes[at..].iter().position(is_edge).map_or(bytes.len(), |edge| at + edge);
    let mut decoder = WINDOWS_1252.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(4 * (end - start));
    let (result, ..) = decoder.decode_to_string(&bytes[start..end], &mut text, true);
    debug_assert_eq!(result, CoderResult::InputEmpty, "there is room for three bytes of UTF-8 a byte");
    text.chars().take(SHOWN).collect()
}

/// The first rows of a table: CSV with every delimiter, a workbook's sheets that are not hidden.
///
/// # Errors
/// `file_unreadable` when it cannot be read, or decoded.
pub fn heads(path: &Path, format: ListFormat, encoding: &'static Encoding) -> Result<Vec<ListHead>, Failure> {
    let list = List::open(path)?;
    if format.is_workbook() {
        return sheets(&list, format);
    }
    let head = text_head(&list, encoding)?;
    Ok(DELIMITERS.into_iter().flat_map(|delimiter| csv_heads(&head, delimiter)).collect())
}

fn sheets(list: &List, format: ListFormat) -> Result<Vec<ListHead>, Failure> {
    let names = workbook::sheets(list.file()?, format)?;
    let head = |name: String| {
        let mut rows = Vec::new();
        let take = |number: u64, cells: &[Value]| {
            let text = |cell: &Value| shortened(cell.text());
            rows.push((u32::try_from(number).unwrap_or(u32::MAX), cells.iter().take(MOST_CELLS).map(text).collect()));
            if rows.len() < MOST_ROWS { Ok(()) } else { Err(Failure::new(ErrorKind::Cancelled)) }
        };
        match workbook::rows(list.file()?, format, Some(&name), take) {
            Err(failure) if failure.kind != ErrorKind::Cancelled => Err(failure),
            _ => Ok(ListHead { delimiter: None, sheet: Some(name), rows }),
        }
    };
    names.into_iter().take(MOST_SHEETS).map(head).collect()
}

/// The first lines of a text.
fn text_head(list: &List, encoding: &'static Encoding) -> Result<String, Failure> {
    let is_whole = list.facts.length <= HEAD;
    // A character that the end cuts in two is none.
    let mut text: Text<std::io::Take<File>> = Text::new(list.file()?.take(HEAD), encoding);
    let decoded = loop {
        match text.fill() {
            Ok(()) if text.is_complete() => break Ok(()),
            Ok(()) => {}
            Err(failure) => break Err(failure),
        }
    };
    if is_whole {
        decoded?;
    }
    let head = text.rest();
    let end = if is_whole { head.len() } else { head.rfind('\n').map_or(head.len(), |end| end + 1) };
    Ok(head[..end].to_owned())
}

/// The first rows of CSV. Lines that are no rows may be titles of the list, above its table: so what is before such a
/// line is one head, and what is behind it another.
fn csv_heads(head: &str, delimiter: u8) -> Vec<ListHead> {
    let mut heads = Vec::new();
    let mut skipped: u32 = 0;
    for _ in 0..MOST_SKIPPED {
        let (rows, broken) = csv_rows(head, delimiter, skipped);
        let is_enough = rows.len() >= ENOUGH;
        if !rows.is_empty() {
            heads.push(ListHead { delimiter: Some(delimiter), sheet: None, rows });
        }
        match broken {
            Some(line) if !is_enough => skipped = line,
            _ => break,
        }
    }
    heads
}

/// Rows from a line on, and the line of the first one that is none, both from 1.
fn csv_rows(head: &str, delimiter: u8, skipped: u32) -> (Vec<(u32, Vec<String>)>, Option<u32>) {
    let mut rows = Vec::new();
    let mut csv = Csv::new(Text::new(head.as_bytes(), UTF_8), delimiter);
    if csv.skip_lines(skipped).is_err() {
        return (rows, None);
    }
    while rows.len() < MOST_ROWS {
        match csv.next() {
            Ok(true) => {
                let line = u32::try_from(csv.line()).unwrap_or(u32::MAX);
                let cells = (0..csv.len().min(MOST_CELLS)).map(|column| shortened(csv.cell(column))).collect();
                rows.push((line, cells));
            }
            Ok(false) => return (rows, None),
            Err(_) => return (rows, Some(u32::try_from(csv.place().0).unwrap_or(u32::MAX))),
        }
    }
    (rows, None)
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn script_of(bytes: &[u8]) -> Script {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        script(file.path()).unwrap()
    }

    #[test]
    fn the_encoding_is_told_by_the_bytes() {
        let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let be: Vec<u8> = "Preis;Stück".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding, doubtful) in [
            ("Stück".as_bytes().to_vec(), UTF_8, None),
            ("\u{feff}Stück".as_bytes().to_vec(), UTF_8, None),
            (utf16("\u{feff}Preis"), UTF_8, None),
            (utf16("Preis;Stück"), UTF_16LE, None),
            (be, UTF_16BE, None),
            (b"Preis;St\xFCck;x".to_vec(), WINDOWS_1252, Some("Stück")),
            ([vec![b'a'; 70_000], b" 5,90 \x80\n".to_vec()].concat(), WINDOWS_1252, Some("€")),
        ] {
            let found = script_of(&bytes);
            assert_eq!((found.encoding, found.doubtful.as_deref()), (encoding, doubtful));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_rows_or_an_error(bytes in prop::collection::vec(any::<u8>(), 1..300), separator in any::<u8>()) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            // So that there are more cells than chance has.
            let bytes: Vec<u8> = bytes.into_iter().map(|byte| if byte % 5 == 0 { separator } else { byte }).collect();
            file.write_all(&bytes).unwrap();
            let encoding = script(file.path()).unwrap().encoding;
            for format in [ListFormat::Csv, ListFormat::Xlsx, ListFormat::Ods] {
                let _ = heads(file.path(), format, encoding);
            }
        }
    }

    #[test]
    fn lines_above_the_table_are_no_rows() {
        let head = "Liste \"Winter\"\nvom 1.1.\n\nsku;price\nA;1\n";
        let rows = csv_heads(head, b';').pop().unwrap().rows;
        assert_eq!(rows.last().unwrap(), &(5, vec!["A".to_owned(), "1".to_owned()]));
        assert!(rows.iter().any(|(line, cells)| *line == 4 && cells.len() == 2), "{rows:?}");
    }
}
