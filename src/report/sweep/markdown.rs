//! A sweep as GitHub-flavoured Markdown: the table with every column, then the lists and the summary.

use super::cells::{Cell, Row, legend, rows};
use super::words::{self, by_quantity};
use crate::compare::SweepComparison;
use crate::report::markdown::{escape, item, list, push_cell};
use crate::report::table;

/// Writes a sweep as Markdown. With strategy `best` the cheapest suppliers stand alone, as on the screen.
pub(super) fn render(sweep: &SweepComparison) -> String {
    let rows = rows(sweep);
    let mut parts = vec![format!("**{}**\n", escape(&words::title(sweep)))];
    if !rows.is_empty() {
        parts.push(quotes(sweep, &rows));
    }
    let sentences = std::iter::once(words::changes(sweep)).chain(words::advice(sweep));
    let sentences = sentences.chain(words::footnotes(sweep, &rows));
    parts.push(sentences.chain(legend(&rows).into_iter().map(str::to_owned)).map(|sentence| item(&sentence)).collect());
    if !words::stands_alone(sweep, &rows) {
        parts.push(list("Rejected", &by_quantity(sweep, words::rejected)));
        parts.push(list("Failed", &by_quantity(sweep, table::failed)));
        parts.push(list("No offers", &by_quantity(sweep, table::without_offers)));
    }
    parts.push(summary(sweep));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn quotes(sweep: &SweepComparison, rows: &[Row<'_>]) -> String {
    let mut text = String::from("|");
    push_cell(&mut text, "Supplier");
    for comparison in &sweep.comparisons {
        push_cell(&mut text, &comparison.request.quantity.to_string());
    }
    text.push_str("\n| --- |");
    text.push_str(&" ---: |".repeat(sweep.comparisons.len()));
    text.push('\n');
    for row in rows {
        text.push('|');
        push_cell(&mut text, row.supplier.as_str());
        for cell in &row.cells {
            push_cell(&mut text, &words_of(cell));
        }
        text.push('\n');
    }
    text
}

/// A total with the price of one piece, and whether it is the cheapest.
fn words_of(cell: &Cell) -> String {
    let Cell { total, unit_price, is_cheapest } = cell;
    let each = if unit_price.is_empty() { String::new() } else { format!(" ({unit_price} each)") };
    format!("{total}{each}{}", if *is_cheapest { ", cheapest" } else { "" })
}

fn summary(sweep: &SweepComparison) -> String {
    let mut sentences = vec![words::responses(sweep)];
    sentences.extend(sweep.comparisons.first().and_then(table::price_lists));
    sentences.extend(words::terminations(sweep));
    sentences.extend(words::gates(sweep, |_| true));
    sentences.extend(words::failures(sweep).into_iter().map(|failure| format!("error: {failure}")));
    let items: String = sentences.iter().map(|sentence| item(sentence)).collect();
    format!("**Run**\n\n{items}")
}
