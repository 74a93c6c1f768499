//! The quotes as rows and columns that fit the screen.
//!
//! Owns which columns there is room for. Supplier, total, delivery and the marks always stay; the others come as
//! room allows, the dearest first. A row never takes more than one line.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use super::columns::{Column, Subject, columns};
use super::layout::align_decimals;
use super::marks::{Mark, Marker, SEPARATOR, Wording, join};
use crate::compare::Comparison;
use crate::report::sanitize::cut;
use crate::report::style::{Painter, Style};

/// The space between two columns.
const GAP: usize = 2;
/// What a supplier's name is never cut below.
const LEAST_NAME: usize = 6;

/// The quotes, drawn.
pub(super) struct Grid {
    /// The header and one line a quote.
    pub(super) lines: String,
    /// What there was room to say in the rows.
    pub(super) wording: Wording,
}

/// Draws the quotes at `rows`, in that order.
pub(super) fn draw(comparison: &Comparison, rows: &[usize], width: usize, painter: Painter) -> Grid {
    let mut columns = columns(comparison, rows);
    for column in &mut columns {
        match column.subject.limit() {
            Some(limit) => column.cells.iter_mut().for_each(|cell| *cell = cut(cell, limit)),
            None => align_decimals(&mut column.cells),
        }
        column.title = column.title.to_uppercase();
    }
    let (wording, marks) = choose_marks(comparison, rows, &columns, width);
    let room = width.saturating_sub(column_of(&marks));
    shrink_names(&mut columns, room);
    keep_what_fits(&mut columns, room, wording);
    Grid { lines: print(&columns, &marks, width, painter), wording }
}

/// The most telling marks that leave room for the needed columns, and for the order if that has no mark. Since when prices
/// moved must not cost a column: one note can say it for all of them.
fn choose_marks(
    comparison: &Comparison,
    rows: &[usize],
    columns: &[Column],
    width: usize,
) -> (Wording, Vec<Vec<Mark>>) {
    let marker = Marker::new(comparison);
    let needed = needed_width(columns);
    let all = columns.iter().map(|column| width_of(column) + GAP).sum::<usize>().saturating_sub(GAP);
    let order =
        columns.iter().find(|column| column.subject == Subject::Order).map_or(0, |column| width_of(column) + GAP);
    let wording = |saving, since, order| Wording { saving, since, order };
    let wordings = [
        (wording(true, true, false), all),
        (wording(true, false, false), needed + order),
        (wording(true, false, true), needed),
        (wording(false, false, false), needed + order),
        (wording(false, false, true), needed),
    ];
    let marks = |wording| rows.iter().map(|row| marker.marks(*row, wording)).collect::<Vec<_>>();
    for (wording, others) in wordings {
        let marks = marks(wording);
        if others + column_of(&marks) <= width {
            return (wording, marks);
        }
    }
    let least = wording(false, false, true);
    (least, marks(least))
}

/// The width of all needed columns with the gaps between them, names uncut.
fn needed_width(columns: &[Column]) -> usize {
    let needed = columns.iter().filter(|column| column.subject.is_needed());
    needed.map(|column| width_of(column) + GAP).sum::<usize>().saturating_sub(GAP)
}

/// The width that the marks take beside the other columns.
fn column_of(marks: &[Vec<Mark>]) -> usize {
    marks.iter().map(|marks| join(marks).width()).max().filter(|width| *width > 0).map_or(0, |width| width + GAP)
}

fn width_of(column: &Column) -> usize {
    column.cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(column.title.width())
}

/// Cuts the suppliers' names as far as the needed columns ask for.
fn shrink_names(columns: &mut [Column], room: usize) {
    let excess = needed_width(columns).saturating_sub(room);
    if let Some(names) = columns.iter_mut().find(|column| column.subject == Subject::Supplier && excess > 0) {
        let limit = width_of(names).saturating_sub(excess).max(LEAST_NAME);
        names.cells.iter_mut().chain([&mut names.title]).for_each(|cell| *cell = cut(cell, limit));
    }
}

/// Drops every column that there is no room for.
fn keep_what_fits(columns: &mut Vec<Column>, room: usize, wording: Wording) {
    let mut free = room.saturating_sub(needed_width(columns));
    let mut candidates: Vec<(Subject, usize)> =
        columns.iter().map(|column| (column.subject, width_of(column) + GAP)).collect();
    candidates.sort_by_key(|(subject, _)| *subject);
    candidates.retain(|(subject, width)| {
        let fits = *width <= free && !(wording.order && *subject == Subject::Order);
        if !subject.is_needed() && fits {
            free -= *width;
        }
        subject.is_needed() || fits
    });
    columns.retain(|column| candidates.iter().any(|(subject, _)| *subject == column.subject));
}

fn print(columns: &[Column], marks: &[Vec<Mark>], width: usize, painter: Painter) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|column| column.title.as_str()));
    for row in 0..marks.len() {
        table.add_row(columns.iter().map(|column| column.cells[row].as_str()));
    }
    for (position, column) in columns.iter().enumerate() {
        if let Some(settings) = table.column_mut(position) {
            settings.set_padding((0, u16::try_from(GAP).unwrap_or(0)));
            let alignment = if column.subject.limit().is_some() { CellAlignment::Left } else { CellAlignment::Right };
            settings.set_cell_alignment(alignment);
        }
    }
    let mut drawn = String::new();
    let mut lines = table.lines();
    if let Some(header) = lines.next() {
        drawn.push_str(&painter.paint(Style::Dim, &cut(header.trim_end(), width)));
        drawn.push('\n');
    }
    for (line, marks) in lines.zip(marks) {
        drawn.push_str(&finish(&line, marks, width, painter));
        drawn.push('\n');
    }
    drawn
}

/// Puts the marks behind a line, as far as there is room.
fn finish(line: &str, marks: &[Mark], width: usize, painter: Painter) -> String {
    let words = cut(&join(marks), width.saturating_sub(line.width()));
    if words.is_empty() {
        return cut(line.trim_end(), width);
    }
    let colored = if words == join(marks) {
        marks.iter().map(|mark| painter.paint(mark.style, &mark.text)).collect::<Vec<_>>().join(SEPARATOR)
    } else {
        painter.paint(marks[0].style, &words)
    };
    format!("{line}{colored}")
}
