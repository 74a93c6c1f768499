//! Workbooks are archives, and a small one may unpack to more than memory holds. So before one is opened, all of it is
//! unpacked once, to nowhere, and its cells are counted where a few characters can stand for millions of them.
//!
//! Main functions: [`check`] and [`check_repeats`].

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};

use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::unreadable;
use crate::domain::{Failure, plain_words, shortened, system_words};

/// The largest workbook, bytes.
const LARGEST_FILE: u64 = 64 << 20;
/// The most that it may unpack to, bytes.
const LARGEST_CONTENT: u64 = 256 << 20;
/// The most files in it.
const MOST_FILES: usize = 10_000;
/// The most cells of a sheet, empty ones within included.
const MOST_CELLS: u64 = 2_000_000;
/// Where the cells of an `OpenDocument` sheet are.
const CONTENT: &str = "content.xml";

/// Checks what a workbook unpacks to.
///
/// # Errors
/// `file_unreadable` when that is too much, or cannot be done.
pub(super) fn check(file: File) -> Result<BufReader<File>, Failure> {
    let length = file.metadata().map_err(|error| unreadable(system_words(&error)))?.len();
    if length > LARGEST_FILE {
        return Err(unreadable("the workbook is larger than 64 MiB; CSV may be as long as it likes"));
    }
    let mut book = BufReader::new(file);
    let mut archive = ZipArchive::new(&mut book).map_err(|error| no_workbook(&error))?;
    if archive.len() > MOST_FILES {
        return Err(unreadable("the workbook is broken: it is made of more than 10,000 files"));
    }
    let mut left = LARGEST_CONTENT;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| no_workbook(&error))?;
        // What an entry says of its length may be a lie.
        let unpacked = io::copy(&mut entry.by_ref().take(left + 1), &mut io::sink());
        let unpacked =
            unpacked.map_err(|error| unreadable(format!("the workbook is broken: {}", system_words(&error))))?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| unreadable("the workbook unpacks to more than 256 MiB; CSV may be as long as it likes"))?;
    }
    drop(archive);
    book.rewind().map_err(|error| unreadable(system_words(&error)))?;
    Ok(book)
}

/// Loads an `OpenDocument` workbook whose sheets have a bounded number of cells.
///
/// # Errors
/// `file_unreadable` when there are too many, or it cannot be read.
pub(super) fn check_repeats(mut book: BufReader<File>) -> Result<Cursor<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    book.read_to_end(&mut bytes).map_err(|error| unreadable(system_words(&error)))?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_workbook(&error))?;
    let content = archive.by_name(CONTENT).map_err(|error| no_workbook(&error))?;
    let mut reader = XmlReader::from_reader(BufReader::new(content));
    let mut sheet = Extent::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => sheet.note(&element),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => return Err(unreadable(format!("the workbook is broken: {}", short(&error.to_string())))),
        }
        if sheet.is_too_large() {
            return Err(unreadable(
                "a sheet of the workbook has more than 2,000,000 cells; CSV may have as many as it likes",
            ));
        }
    }
    drop(reader);
    Ok(archive.into_inner())
}

/// How far a sheet reaches, seen from its first cell.
#[derive(Default)]
struct Extent {
    /// Rows so far, and how far they reach to something that is not empty.
    rows: u64,
    filled_rows: u64,
    /// How often the row that is being read stands there.
    repeats: u64,
    /// Cells of that row so far.
    cells: u64,
    /// The widest row, seen to its last cell that is not empty.
    widest: u64,
}

impl Extent {
    fn note(&mut self, element: &BytesStart<'_>) {
        match element.name().as_ref() {
            "table:table" => *self = Self::default(),
            "table:table-row" => {
                self.repeats = repeats(element, "table:number-rows-repeated");
                self.rows = self.rows.saturating_add(self.repeats);
                self.cells = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.cells = self.cells.saturating_add(repeats(element, "table:number-columns-repeated"));
                if is_filled(element) {
                    self.widest = self.widest.max(self.cells);
                    self.filled_rows = self.rows;
                }
            }
            _ => {}
        }
    }

    fn is_too_large(&self) -> bool {
        self.filled_rows.saturating_mul(self.widest) > MOST_CELLS
    }
}

/// Whether a cell holds something: its value or its type is an attribute.
fn is_filled(cell: &BytesStart<'_>) -> bool {
    let says_so = |name: &str| name.starts_with("office:") || name.starts_with("calcext:") || name == "table:formula";
    cell.attributes().with_checks(false).flatten().any(|attribute| says_so(attribute.key.as_ref()))
}

/// How often an element stands there.
fn repeats(element: &BytesStart<'_>, name: &str) -> u64 {
    let attribute = element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name);
    let count = attribute.map(|attribute| attribute.value.parse().unwrap_or(u64::MAX));
    count.unwrap_or(1).max(1)
}

fn no_workbook(error: &zip::result::ZipError) -> Failure {
    unreadable(format!("it is no workbook: {}", short(&error.to_string())))
}

fn short(message: &str) -> String {
    shortened(&plain_words(message), 120)
}
