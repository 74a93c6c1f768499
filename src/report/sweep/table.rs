//! A sweep on a screen: one row a supplier, one column a quantity, and below them who is the cheapest in each.
//!
//! Owns what there is room for: prices of one piece stand beside the totals if every quantity has room for both, and
//! quantities that do not fit beside each other follow below. No line is wider than the screen.

use unicode_width::UnicodeWidthStr;

use super::cells::{Row, cheapest, legend, rows};
use super::words::{self, by_quantity};
use crate::compare::SweepComparison;
use crate::report::Screen;
use crate::report::sanitize::{clean, cut, shorten};
use crate::report::style::{Painter, Style};
use crate::report::table::layout::align_decimals;
use crate::report::table::{self, list, paragraph};

/// The space between two columns.
const GAP: usize = 2;
/// The most columns of a supplier's name, and of that of the cheapest below a quantity.
const NAME: usize = 24;
const CHEAPEST_NAME: usize = 12;
/// What stands above names, and before those of the cheapest.
const SUPPLIER: &str = "SUPPLIER";
const CHEAPEST: &str = "cheapest";

/// Draws a sweep. With strategy `best` the cheapest suppliers stand alone, without the lists of what was rejected and who
/// failed; they are drawn if nobody can deliver.
pub(super) fn render(sweep: &SweepComparison, screen: Screen) -> String {
    let width = screen.width.max(Screen::LEAST_WIDTH);
    let painter = Painter { color: screen.color };
    let rows = rows(sweep);
    let mut title = String::new();
    paragraph(&mut title, painter, Style::Bold, &words::title(sweep), width);
    let mut parts = vec![title];
    if !rows.is_empty() {
        parts.extend(grids(sweep, &rows, width, painter));
    }
    parts.push(notes(sweep, &rows, width, painter));
    if !words::stands_alone(sweep, &rows) {
        parts.push(list("Rejected", Style::Caution, &by_quantity(sweep, words::rejected), width, painter));
        parts.push(list("Failed", Style::Bad, &by_quantity(sweep, table::failed), width, painter));
        parts.push(list("No offers", Style::Dim, &by_quantity(sweep, table::without_offers), width, painter));
    }
    parts.push(summary(sweep, width, painter));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// What stands below one quantity, every line equally wide.
struct Column {
    title: String,
    cells: Vec<(String, bool)>,
    cheapest: String,
}

impl Column {
    fn width(&self) -> usize {
        self.title.width()
    }
}

/// The quantities beside each other, in as many tables as it takes.
fn grids(sweep: &SweepComparison, rows: &[Row<'_>], width: usize, painter: Painter) -> Vec<String> {
    let names: Vec<String> = rows.iter().map(|row| shorten(row.supplier.as_str(), NAME.min(width / 3))).collect();
    let name_width = names.iter().map(|name| name.width()).max().unwrap_or(0).max(SUPPLIER.len());
    let columns = |with_unit_prices| -> Vec<Column> {
        (0..sweep.comparisons.len()).map(|at| column(sweep, rows, at, with_unit_prices)).collect()
    };
    let room = width.saturating_sub(name_width);
    let taken = |columns: &[Column]| columns.iter().map(|column| GAP + column.width()).sum::<usize>();
    let full = columns(true);
    let columns = if taken(&full) <= room { full } else { columns(false) };
    let mut grids = Vec::new();
    let mut rest = &columns[..];
    while !rest.is_empty() {
        let fitting = (1..=rest.len()).take_while(|count| taken(&rest[..*count]) <= room).last().unwrap_or(1);
        let (beside, below) = rest.split_at(fitting);
        grids.push(grid(beside, &names, (name_width, width), painter));
        rest = below;
    }
    grids
}

fn column(sweep: &SweepComparison, rows: &[Row<'_>], at: usize, with_unit_prices: bool) -> Column {
    let comparison = &sweep.comparisons[at];
    let mut totals: Vec<String> = rows.iter().map(|row| row.cells[at].total.clone()).collect();
    align_decimals(&mut totals);
    let mut title = comparison.request.quantity.to_string();
    widen(&mut totals, &mut title);
    let mut cells = totals;
    let mut unit_prices: Vec<String> = rows.iter().map(|row| row.cells[at].unit_price.clone()).collect();
    if with_unit_prices && unit_prices.iter().any(|price| !price.is_empty()) {
        align_decimals(&mut unit_prices);
        let mut each = "EACH".to_owned();
        widen(&mut unit_prices, &mut each);
        title = format!("{title}{}{each}", " ".repeat(GAP));
        for (cell, price) in cells.iter_mut().zip(unit_prices) {
            *cell = format!("{cell}{}{price}", " ".repeat(GAP));
        }
    }
    let mut cheapest =
        cheapest(comparison).map_or_else(|| "nobody".to_owned(), |name| clean(name.as_str()).into_owned());
    cheapest = cut(&cheapest, CHEAPEST_NAME.max(title.width()));
    let width = title.width().max(cheapest.width());
    let wide = |text: String| format!("{}{text}", " ".repeat(width - text.width()));
    let marks = rows.iter().map(|row| row.cells[at].is_cheapest);
    Column { cells: cells.into_iter().map(wide).zip(marks).collect(), title: wide(title), cheapest: wide(cheapest) }
}

/// Makes cells that are equally wide, and their title, all equally wide, flush right.
fn widen(cells: &mut [String], title: &mut String) {
    let width = cells.first().map_or(0, |cell| cell.width()).max(title.width());
    for text in cells.iter_mut().chain([title]) {
        *text = format!("{}{text}", " ".repeat(width - text.width()));
    }
}

fn grid(columns: &[Column], names: &[String], (name_width, width): (usize, usize), painter: Painter) -> String {
    let line = |name: &str, cells: Vec<(&str, Option<Style>)>| {
        let mut plain = format!("{name}{}", " ".repeat(name_width.saturating_sub(name.width())));
        let mut drawn = plain.clone();
        let gap = " ".repeat(GAP);
        for (cell, style) in cells {
            let text = cell.trim_start();
            let before = &cell[..cell.len() - text.len()];
            plain.extend([&gap, cell]);
            drawn.extend([&gap, before]);
            drawn.push_str(&style.map_or_else(|| text.to_owned(), |style| painter.paint(style, text)));
        }
        // A screen on which one quantity has no room shows what there is of it, without colour.
        let shown = if plain.width() <= width { drawn } else { cut(&plain, width) };
        format!("{}\n", shown.trim_end())
    };
    let titles: String = line(SUPPLIER, columns.iter().map(|column| (&*column.title, None)).collect());
    let mut text = format!("{}\n", painter.paint(Style::Dim, titles.trim_end()));
    for (row, name) in names.iter().enumerate() {
        let cell = |column: &'_ Column| column.cells[row].1.then_some(Style::Good);
        text.push_str(&line(name, columns.iter().map(|column| (&*column.cells[row].0, cell(column))).collect()));
    }
    text.push_str(&line(CHEAPEST, columns.iter().map(|column| (&*column.cheapest, Some(Style::Good))).collect()));
    text
}

/// Where the cheapest changes, and what is worth knowing about the totals.
fn notes(sweep: &SweepComparison, rows: &[Row<'_>], width: usize, painter: Painter) -> String {
    let mut text = String::new();
    paragraph(&mut text, painter, Style::Good, &words::changes(sweep), width);
    for advice in words::advice(sweep) {
        paragraph(&mut text, painter, Style::Note, &advice, width);
    }
    for note in words::footnotes(sweep, rows) {
        paragraph(&mut text, painter, Style::Dim, &note, width);
    }
    for meaning in legend(rows) {
        paragraph(&mut text, painter, Style::Dim, meaning, width);
    }
    text
}

fn summary(sweep: &SweepComparison, width: usize, painter: Painter) -> String {
    let mut text = String::new();
    paragraph(&mut text, painter, Style::Dim, &words::responses(sweep), width);
    if let Some(lists) = sweep.comparisons.first().and_then(table::price_lists) {
        paragraph(&mut text, painter, Style::Dim, &lists, width);
    }
    for stopped in words::terminations(sweep) {
        paragraph(&mut text, painter, Style::Caution, &stopped, width);
    }
    // A gate that failed is an error, which is told beside the result.
    for gate in words::gates(sweep, |gate| gate.passed) {
        paragraph(&mut text, painter, Style::Good, &gate, width);
    }
    text
}
