//! Reading one list, row by row, on a thread that may take its time.
//!
//! Refuses to know who takes the rows, and what for. Main type: [`Reading`].

use std::fs::File;
use std::io::{self, Read as _, Take};

use super::csv::Csv;
use super::open::List;
use super::text::Text;
use super::workbook::{self, Value};
use super::{json, unreadable};
use crate::domain::{ErrorKind, Failure, ListFormat, ListLayout};
use crate::mapping::{Cell, RowPlace, Rows};

/// What delimits cells where nothing is configured.
const COMMA: u8 = b',';
/// What else may do so, with its name in the configuration.
const OTHERS: [(char, &str); 3] = [(';', ";"), ('\t', "\\t"), ('|', "|")];

/// A list that is read.
pub(super) struct Reading<'a> {
    pub(super) layout: &'a ListLayout,
    /// Where the rows stand in the list that they were taken from; none = where they are found.
    pub(super) places: &'a [RowPlace],
    /// Whether somebody still waits for them.
    pub(super) is_wanted: &'a dyn Fn() -> bool,
}

impl Reading<'_> {
    /// Hands over the rows until they are all or no further one is wanted.
    ///
    /// # Errors
    /// `file_unreadable`; `cancelled` when nobody waits any more; and those of who takes the rows.
    pub(super) fn rows(&self, list: &List, rows: &mut impl Rows) -> Result<(), Failure> {
        let mut places = self.places.iter();
        let read = match self.layout.format {
            ListFormat::Csv => self.csv(self.text(list)?, rows),
            ListFormat::Json => json::document(&mut self.text(list)?, |text, place| {
                self.check_wanted(rows)?;
                rows.json(text, place)
            }),
            ListFormat::Ndjson => json::lines(&mut self.text(list)?, |text, place| {
                self.check_wanted(rows)?;
                rows.json(text, places.next().copied().unwrap_or(place))
            }),
            ListFormat::Xlsx | ListFormat::Ods => self.workbook(list.file()?, rows),
        };
        match read {
            Err(failure) if failure.kind == ErrorKind::Cancelled && rows.is_full() => {}
            read => read?,
        }
        list.check_unchanged()
    }

    /// The file's text. What is written to it meanwhile does not make it longer.
    fn text(&self, list: &List) -> Result<Text<Take<File>>, Failure> {
        Ok(Text::new(list.file()?.take(list.facts.length), self.layout.encoding))
    }

    fn check_wanted(&self, rows: &impl Rows) -> Result<(), Failure> {
        if (self.is_wanted)() && !rows.is_full() { Ok(()) } else { Err(Failure::new(ErrorKind::Cancelled)) }
    }

    fn csv(&self, text: Text<impl io::Read>, rows: &mut impl Rows) -> Result<(), Failure> {
        let layout = self.layout;
        let mut csv = Csv::new(text, layout.delimiter.unwrap_or(COMMA));
        csv.skip_lines(layout.header_row.saturating_sub(1))?;
        if !csv.next()? {
            let what = if layout.header_row == 0 { "rows" } else { "header" };
            return Err(unreadable(format!("it has no {what}")));
        }
        if layout.delimiter.is_none() {
            check_guess(&csv, layout.header_row > 0)?;
        }
        let columns = csv.len();
        let has_header = layout.header_row > 0;
        let name = |column| if has_header { column_name(csv.cell(column), column) } else { column_name("", column) };
        rows.columns((0..columns).map(name).collect())?;
        let mut is_row = !has_header || csv.next()?;
        while is_row {
            self.check_wanted(rows)?;
            if csv.len() != columns {
                let (line, cells) = (csv.line(), csv.len());
                let first = if has_header { "the header" } else { "the first row" };
                return Err(unreadable(format!("line {line}: {}, and {first} has {columns}", counted(cells))));
            }
            rows.row(|column| Cell::Text(csv.cell(column)), RowPlace::Line(csv.line(), 1))?;
            is_row = csv.next()?;
        }
        Ok(())
    }

    fn workbook(&self, file: File, rows: &mut impl Rows) -> Result<(), Failure> {
        let layout = self.layout;
        let mut columns = None;
        let take = |number: u64, cells: &[Value]| {
            self.check_wanted(rows)?;
            if number < u64::from(layout.header_row) {
                return Ok(());
            }
            let has_header = layout.header_row > 0;
            if columns.is_none() && has_header {
                if number > u64::from(layout.header_row) {
                    return Err(unreadable(format!("row {}, where the header should be, is empty", layout.header_row)));
                }
                columns = Some(cells.len());
                let name = |(column, cell): (usize, &Value)| match cell {
                    Value::Text(name) | Value::Number(name) => column_name(name, column),
                    Value::Empty | Value::Truth(_) => column_name("", column),
                };
                return rows.columns(cells.iter().enumerate().map(name).collect());
            }
            let columns = if let Some(columns) = columns {
                columns
            } else {
                rows.columns((0..cells.len()).map(|column| column_name("", column)).collect())?;
                *columns.insert(cells.len())
            };
            if cells.len() > columns {
                return Err(unreadable(format!(
                    "row {number}: {}, and the header has {columns}",
                    counted(cells.len())
                )));
            }
            let cell = |column: usize| match cells.get(column) {
                None | Some(Value::Empty) => Cell::Text(""),
                Some(Value::Text(text)) => Cell::Text(text),
                Some(Value::Number(digits)) => Cell::Number(digits),
                Some(Value::Truth(truth)) => Cell::Truth(*truth),
            };
            rows.row(cell, RowPlace::Row(number))
        };
        workbook::rows(file, layout.format, layout.sheet.as_deref(), take)
    }
}

/// A comma is what delimits cells, unless the header looks as if something else did: then that must be said, since rows
/// that are cut at the wrong places may still look like rows.
fn check_guess(csv: &Csv<impl io::Read>, has_header: bool) -> Result<(), Failure> {
    let cell = if has_header { "the name of a column" } else { "a cell" };
    for (other, written) in OTHERS {
        if (0..csv.len()).any(|column| !csv.is_quoted(column) && csv.cell(column).contains(other)) {
            let line = csv.line();
            return Err(unreadable(format!(
                "line {line}: `{written}` is in {cell}; set `delimiter = \"{written}\"`, or `\",\"` if it belongs there"
            )));
        }
    }
    Ok(())
}

/// The name of a column, from its cell in the header.
fn column_name(cell: &str, column: usize) -> String {
    if cell.is_empty() { format!("c{}", column + 1) } else { cell.to_owned() }
}

fn counted(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}
