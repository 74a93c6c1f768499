//! Reading one list for one request, on a thread that may take its time.

use std::fs::File;
use std::io::{self, Read as _, Take};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::csv::Csv;
use super::open::List;
use super::source::{Input, Source};
use super::text::Text;
use super::workbook::{self, Value};
use super::{FileSettings, json, unreadable};
use crate::domain::{ErrorKind, Failure, ListFormat};
use crate::mapping::{Bindings, Cell, KeptRows, Look, RowMapping, RowPlace};
use crate::transport::Reply;

/// What delimits cells where nothing is configured.
const COMMA: u8 = b',';
/// What else may do so, with its name in the configuration.
const OTHERS: [(char, &str); 3] = [(';', ";"), ('\t', "\\t"), ('|', "|")];

/// A list that is read for a request.
pub(super) struct Reading<'a> {
    pub(super) settings: &'a FileSettings,
    pub(super) source: &'a Source,
    pub(super) bindings: &'a Bindings,
    /// Whether somebody still waits for the reply.
    pub(super) is_wanted: &'a dyn Fn() -> bool,
    /// Which rows are kept to be seen.
    pub(super) look: Option<Look>,
}

/// What came of a reading.
pub(super) struct Read {
    /// The offers, or why there are none.
    pub(super) reply: Result<Reply, Failure>,
    /// The rows that were kept.
    pub(super) kept: KeptRows,
    /// The size of the list, bytes; `None` = it could not be opened.
    pub(super) size: Option<u64>,
}

impl Read {
    /// There were no rows to read.
    pub(super) fn nothing() -> Self {
        Self { reply: Ok(Reply::default()), kept: KeptRows::default(), size: None }
    }

    /// There was no list to read.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { reply: Err(failure), ..Self::nothing() }
    }
}

impl Reading<'_> {
    /// The offers in the file: `file_unreadable`, `file_stale`, `malformed_json` or `mapping` when there are none,
    /// `cancelled` when nobody waits any more.
    pub(super) fn read(&self) -> Read {
        let FileSettings { name, path: template, mapping, .. } = self.settings;
        let column = self.source.layout.product_column.as_deref();
        let rows = RowMapping::new(mapping, self.bindings, name, column, template.names_product());
        let mut rows = rows.of_excerpt(self.source.is_excerpt).looking(self.look);
        let list = match self.open() {
            Ok(list) => list,
            Err(failure) => return Read::failed(failure),
        };
        let modified = self.rows(&list, &mut rows);
        let kept = rows.take_kept();
        let reply = modified.map(|at| Reply { offers: rows.finish(), file_modified_at: at, ..Reply::default() });
        Read { reply, kept, size: Some(list.facts.length) }
    }

    fn open(&self) -> Result<List, Failure> {
        match &self.source.input {
            Input::Path(path) => List::open(path),
            Input::Bytes(bytes) => List::holding(bytes),
        }
    }

    /// Hands over the rows, and says when the list was last changed.
    fn rows(&self, list: &List, rows: &mut RowMapping<'_>) -> Result<Option<Timestamp>, Failure> {
        let layout = &self.source.layout;
        list.facts.check_age(layout.max_age)?;
        let mut places = self.source.places.iter();
        let read = match layout.format {
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
        list.check_unchanged()?;
        Ok(list.facts.modified_at())
    }

    /// The file's text. What is written to it meanwhile does not make it longer.
    fn text(&self, list: &List) -> Result<Text<Take<File>>, Failure> {
        Ok(Text::new(list.file()?.take(list.facts.length), self.source.layout.encoding))
    }

    fn check_wanted(&self, rows: &RowMapping<'_>) -> Result<(), Failure> {
        if (self.is_wanted)() && !rows.is_full() { Ok(()) } else { Err(Failure::new(ErrorKind::Cancelled)) }
    }

    fn csv(&self, text: Text<impl io::Read>, rows: &mut RowMapping<'_>) -> Result<(), Failure> {
        let layout = &self.source.layout;
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

    fn workbook(&self, file: File, rows: &mut RowMapping<'_>) -> Result<(), Failure> {
        let layout = &self.source.layout;
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
                    Value::Text(name) => column_name(name, column),
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
                Some(Value::Truth(truth)) => Cell::Truth(*truth),
            };
            rows.row(cell, RowPlace::Row(number))
        };
        let read = || workbook::rows(file, layout.format, layout.sheet.as_deref(), take);
        // Workbooks are complicated, and a broken one may be more than the library is prepared for.
        let read = catch_unwind(AssertUnwindSafe(read));
        read.unwrap_or_else(|_| Err(unreadable("the workbook is broken")))
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
