//! The rows of a sheet.
//!
//! Owns which text a cell has, and that a broken workbook ends nothing but its own reading. Refuses to know what cells
//! mean. Sheets of Excel are read cell by cell; those of `OpenDocument` are loaded, after [`bounds`] has seen that they
//! fit. Main function: [`rows`].

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Ods, OdsError, Reader, Sheet, SheetVisible, Xlsx, XlsxError};

use super::bounds;
use super::number;
use super::unreadable;
use crate::domain::{Failure, ListFormat, plain_words, shortened};

/// The last column that a sheet of Excel has.
const LAST_COLUMN: u32 = 16_383;
/// How many names of sheets an error lists.
const LISTED: usize = 8;
/// How much of a library's message is kept, in characters.
const MESSAGE: usize = 120;

/// A cell's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Text, or what is one: a date.
    Text(String),
    /// A number's digits.
    Number(String),
    /// True or false.
    Truth(bool),
}

impl Value {
    /// What stands in the cell, for people.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(text) => text,
            Self::Truth(true) => "true",
            Self::Truth(false) => "false",
        }
    }
}

/// Hands each row that is not empty to `take`, with its number from 1; the first one is at column A.
///
/// # Errors
/// `file_unreadable` when it is no workbook, has no such sheet, or is too large; and those of `take`.
pub(super) fn rows(
    file: File,
    format: ListFormat,
    sheet: Option<&str>,
    take: impl FnMut(u64, &[Value]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    guarded(|| {
        let book = bounds::check(file)?;
        match format {
            ListFormat::Ods => opendocument(book, sheet, take),
            _ => excel(book, sheet, take),
        }
    })
}

/// The names of the sheets that are not hidden.
///
/// # Errors
/// `file_unreadable` when it is no workbook, or is too large.
pub(super) fn sheets(file: File, format: ListFormat) -> Result<Vec<String>, Failure> {
    let sheets = guarded(|| {
        let book = bounds::check(file)?;
        Ok(match format {
            ListFormat::Ods => {
                let book: Ods<_> =
                    Ods::new(bounds::check_repeats(book)?).map_err(|error| broken_opendocument(&error))?;
                book.sheets_metadata().to_vec()
            }
            _ => Xlsx::new(book).map_err(|error| broken_excel(&error))?.sheets_metadata().to_vec(),
        })
    })?;
    let visible = sheets.into_iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    Ok(visible.map(|sheet| sheet.name).collect())
}

/// Workbooks are complicated, and a broken one may be more than the library is prepared for.
fn guarded<T>(read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable("the workbook is broken")))
}

fn excel(
    book: BufReader<File>,
    sheet: Option<&str>,
    mut take: impl FnMut(u64, &[Value]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut book = Xlsx::new(book).map_err(|error| broken_excel(&error))?;
    let name = sheet_name(sheet, book.sheets_metadata())?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken_excel(&error))?;
    let mut row: (u32, Vec<Value>) = (0, Vec::new());
    let mut last = None;
    while let Some(cell) = cells.next_cell().map_err(|error| broken_excel(&error))? {
        let (number, column) = cell.get_position();
        // A cell that stands twice is not in order either: one of the two would be lost.
        if last.is_some_and(|last| (number, column) <= last) || column > LAST_COLUMN {
            return Err(unreadable("the workbook is broken: its cells are not in order"));
        }
        last = Some((number, column));
        if number > row.0 {
            give(&row, &mut take)?;
            row.0 = number;
            row.1.clear();
        }
        let value = of_excel(cell.get_value());
        let position = column as usize;
        if value != Value::Empty {
            row.1.resize(row.1.len().max(position + 1), Value::Empty);
            row.1[position] = value;
        }
    }
    give(&row, &mut take)
}

fn give(
    (number, cells): &(u32, Vec<Value>),
    take: &mut impl FnMut(u64, &[Value]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if cells.is_empty() { Ok(()) } else { take(u64::from(*number) + 1, cells) }
}

fn opendocument(
    book: BufReader<File>,
    sheet: Option<&str>,
    mut take: impl FnMut(u64, &[Value]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let book = bounds::check_repeats(book)?;
    let mut book: Ods<Cursor<Vec<u8>>> = Ods::new(book).map_err(|error| broken_opendocument(&error))?;
    let name = sheet_name(sheet, book.sheets_metadata())?;
    let range = book.worksheet_range(&name).map_err(|error| broken_opendocument(&error))?;
    let (first, left) = range.start().unwrap_or_default();
    let mut row = Vec::new();
    for (number, cells) in range.rows().enumerate() {
        row.clear();
        row.resize(left as usize, Value::Empty);
        row.extend(cells.iter().map(of_opendocument));
        if row.iter().any(|value| *value != Value::Empty) {
            take(u64::from(first) + u64::try_from(number).unwrap_or(0) + 1, &row)?;
        }
    }
    Ok(())
}

/// The sheet to read. Who opens a workbook does not see its hidden sheets, and does not mean them.
fn sheet_name(wanted: Option<&str>, sheets: &[Sheet]) -> Result<String, Failure> {
    let found = match wanted {
        None => sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible),
        Some(wanted) => sheets.iter().find(|sheet| sheet.name == wanted),
    };
    found.map(|sheet| sheet.name.clone()).ok_or_else(|| {
        let listed = sheets.iter().take(LISTED).map(|sheet| format!("`{}`", sheet.name)).collect::<Vec<_>>().join(", ");
        match wanted {
            Some(wanted) => unreadable(format!("there is no sheet `{wanted}`; the sheets are {listed}")),
            None => unreadable("the workbook has no sheet that is not hidden"),
        }
    })
}

fn of_excel(value: &DataRef<'_>) -> Value {
    match value {
        DataRef::Empty => Value::Empty,
        DataRef::Int(number) => Value::Number(number.to_string()),
        DataRef::Float(number) => Value::Number(number::text(*number)),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Bool(truth) => Value::Truth(*truth),
        DataRef::DateTime(moment) if moment.is_datetime() => Value::Text(number::moment(moment)),
        DataRef::DateTime(duration) => Value::Text(number::text(duration.as_f64())),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => of_text(text),
        DataRef::Error(error) => Value::Text(error.to_string()),
    }
}

fn of_opendocument(value: &Data) -> Value {
    match value {
        Data::Empty => Value::Empty,
        Data::Int(number) => Value::Number(number.to_string()),
        Data::Float(number) => Value::Number(number::text(*number)),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => of_text(text),
        Data::Bool(truth) => Value::Truth(*truth),
        Data::DateTime(moment) => Value::Text(number::moment(moment)),
        Data::Error(error) => Value::Text(error.to_string()),
    }
}

fn of_text(text: &str) -> Value {
    if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) }
}

fn broken_excel(error: &XlsxError) -> Failure {
    match error {
        XlsxError::Password => locked(),
        other => broken(&other.to_string()),
    }
}

fn broken_opendocument(error: &OdsError) -> Failure {
    match error {
        OdsError::Password => locked(),
        other => broken(&other.to_string()),
    }
}

fn locked() -> Failure {
    unreadable("the workbook is protected by a password")
}

fn broken(message: &str) -> Failure {
    unreadable(format!("the workbook is broken: {}", shortened(&plain_words(message), MESSAGE)))
}
