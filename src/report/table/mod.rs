//! The screen: what was asked, the quotes as rows, what was rejected, who failed, how the run went.
//!
//! Owns the order of these parts and which of them a comparison needs. No line is wider than the screen, rows of
//! quotes are never wrapped, and everything that is said in colour is said in words too.

mod columns;
mod grid;
pub(super) mod layout;
mod marks;
mod moves;

pub(super) use columns::{Column, Subject, columns};
pub(super) use marks::{Marker, Wording, join, shipping_stated};

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::amount::time;
use super::sanitize::{clean, cut, shorten};
use super::style::{Painter, Style};
use super::{Screen, prose};
use crate::compare::{Comparison, SupplierStats};
use crate::domain::{RatesDay, Strategy, age_words};

/// The least width that is drawn for.
const LEAST_WIDTH: usize = 40;
/// The most columns that the label of a list takes.
const LABEL_COLUMNS: usize = 24;

/// Where no supplier states shipping, this is said once.
pub(super) const NO_SHIPPING: &str = "no supplier states shipping, totals are without it";

/// Draws a comparison. With strategy `best` the selected quote stands alone, without the lists of what was rejected
/// and who failed; they are drawn if nothing was selected.
#[must_use]
pub fn render(comparison: &Comparison, screen: Screen) -> String {
    let width = screen.width.max(LEAST_WIDTH);
    let painter = Painter { color: screen.color };
    let rows = rows(comparison);
    let alone = comparison.criteria.strategy == Strategy::Best && !rows.is_empty();
    let mut parts = vec![format!("{}\n", painter.paint(Style::Bold, &title(comparison, width)))];
    if !rows.is_empty() {
        let grid = grid::draw(comparison, &rows, width, painter);
        parts.push(grid.lines);
        parts.push(notes(comparison, &rows, grid.wording, width, painter));
    }
    if !alone {
        parts.push(list("Rejected", Style::Caution, &rejected(comparison), width, painter));
        parts.push(list("Failed", Style::Bad, &failed(comparison), width, painter));
        parts.push(list("No offers", Style::Dim, &without_offers(comparison), width, painter));
    }
    parts.push(summary(comparison, width, painter));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The quotes to draw, as indices.
pub(super) fn rows(comparison: &Comparison) -> Vec<usize> {
    match comparison.criteria.strategy {
        Strategy::Best => comparison.selected.into_iter().filter(|row| *row < comparison.quotes.len()).collect(),
        _ => (0..comparison.quotes.len()).collect(),
    }
}

/// What was asked, such as `95 × widget`.
pub(super) fn title(comparison: &Comparison, width: usize) -> String {
    shorten(&format!("{} × {}", comparison.request.quantity, clean(&comparison.request.product)), width)
}

/// What is worth knowing about the quotes: what cheapest saves and since when prices moved if the rows had no room for it, shipping that nobody
/// states, the day of the rates that amounts are converted by, and why the distinguished quotes order another quantity.
fn notes(comparison: &Comparison, rows: &[usize], wording: Wording, width: usize, painter: Painter) -> String {
    let mut text = String::new();
    if !wording.saving
        && rows.iter().any(|row| comparison.cheapest == Some(*row))
        && let Some(saving) = marks::advantage(comparison)
    {
        paragraph(&mut text, painter, Style::Good, &saving, width);
    }
    if let Some(since) = moves::note(comparison, rows).filter(|_| !wording.since) {
        paragraph(&mut text, painter, Style::Dim, &since, width);
    }
    for advice in advice(comparison, rows) {
        paragraph(&mut text, painter, Style::Note, &advice, width);
    }
    if !shipping_stated(comparison) {
        paragraph(&mut text, painter, Style::Dim, NO_SHIPPING, width);
    }
    // All quotes share the same rates.
    if let Some(day) = rows.iter().find_map(|row| comparison.quotes[*row].quote.rates) {
        paragraph(&mut text, painter, Style::Dim, &rates_note(day), width);
    }
    text
}

/// Says by the rates of which day amounts are converted.
pub(super) fn rates_note(day: RatesDay) -> String {
    format!("other currencies are converted by the rates of {}", day.date)
}

/// The advice for the selected, the cheapest and the fastest of the quotes at `rows`, each once, with its supplier's
/// name. The others are not about to be ordered.
pub(super) fn advice(comparison: &Comparison, rows: &[usize]) -> Vec<String> {
    let mut seen = vec![];
    for index in [comparison.selected, comparison.cheapest, comparison.fastest] {
        if let Some(index) = index.filter(|index| rows.contains(index) && !seen.contains(index)) {
            seen.push(index);
        }
    }
    let sentence = |index: usize| {
        let offered = comparison.quote(Some(index))?;
        let advice = prose::advice(&offered.quote, &comparison.request)?;
        Some(format!("{}: {advice}", shorten(offered.supplier.as_str(), LABEL_COLUMNS)))
    };
    seen.into_iter().filter_map(sentence).collect()
}

/// What was rejected: supplier with the offer's number, and why.
pub(super) fn rejected(comparison: &Comparison) -> Vec<(String, String)> {
    let entry = |rejected: &crate::compare::SupplierRejection| {
        let supplier = shorten(rejected.supplier.as_str(), LABEL_COLUMNS);
        let label = match rejected.rejection.identity.sku.as_deref().map(|sku| shorten(sku, LABEL_COLUMNS)) {
            Some(sku) if !sku.is_empty() => format!("{supplier} {sku}"),
            _ => supplier,
        };
        (label, prose::rejection(&rejected.rejection.cause, &comparison.criteria))
    };
    comparison.rejected.iter().map(entry).collect()
}

/// Who did not respond, why, and after how many attempts.
pub(super) fn failed(comparison: &Comparison) -> Vec<(String, String)> {
    let entry = |stats: &SupplierStats| {
        let failure = prose::failure(stats.failure.as_ref()?);
        let attempts = prose::attempts(stats.attempts).map(|attempts| format!(", after {attempts}"));
        Some((shorten(stats.supplier.as_str(), LABEL_COLUMNS), failure + &attempts.unwrap_or_default()))
    };
    comparison.suppliers.iter().filter_map(entry).collect()
}

/// Who responded without an offer.
pub(super) fn without_offers(comparison: &Comparison) -> Vec<(String, String)> {
    let carries_nothing = |stats: &&SupplierStats| stats.failure.is_none() && stats.offers == 0;
    let entry = |stats: &SupplierStats| {
        (shorten(stats.supplier.as_str(), LABEL_COLUMNS), "does not carry the product".to_owned())
    };
    comparison.suppliers.iter().filter(carries_nothing).map(entry).collect()
}

/// Draws labels with sentences below a heading; nothing of it when there are none.
pub(super) fn list(
    heading: &str,
    style: Style,
    entries: &[(String, String)],
    width: usize,
    painter: Painter,
) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let widest = entries.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let label_width = widest.min(LABEL_COLUMNS).min(width / 3);
    let mut text = format!("{}\n", painter.paint(style, heading));
    for (label, sentence) in entries {
        text.push_str(&layout::entry(label, label_width, sentence, width));
    }
    text
}

fn summary(comparison: &Comparison, width: usize, painter: Painter) -> String {
    let mut text = String::new();
    let mut say = |style, sentence: &str| paragraph(&mut text, painter, style, sentence, width);
    say(Style::Dim, &responses(comparison));
    if let Some(lists) = price_lists(comparison) {
        say(Style::Dim, &lists);
    }
    if let Some(stopped) = prose::termination(comparison.termination) {
        say(Style::Caution, stopped);
    }
    if let Some(quorum) = &comparison.quorum {
        say(Style::Dim, &prose::quorum(quorum));
    }
    // A gate that failed is an error, which is told beside the result.
    for gate in comparison.gates.iter().filter(|gate| gate.passed) {
        say(Style::Good, &prose::gate(gate, comparison));
    }
    text
}

/// How many suppliers responded, how long it took, and by which strategy.
pub(super) fn responses(comparison: &Comparison) -> String {
    let responded = comparison.suppliers.iter().filter(|stats| stats.failure.is_none()).count();
    let asked = comparison.suppliers.len();
    let noun = if asked == 1 { "supplier" } else { "suppliers" };
    let strategy = comparison.criteria.strategy.as_str();
    format!("{responded} of {asked} {noun} responded in {}, strategy {strategy}", time(comparison.elapsed))
}

/// How old the price lists are that suppliers answered from; `None` = there are none.
pub(super) fn price_lists(comparison: &Comparison) -> Option<String> {
    let age = |stats: &SupplierStats| {
        let age = Duration::try_from(comparison.started_at.duration_since(stats.file_modified_at?)).unwrap_or_default();
        Some(format!("{} {} old", shorten(stats.supplier.as_str(), LABEL_COLUMNS), age_words(age)))
    };
    let ages: Vec<String> = comparison.suppliers.iter().filter_map(age).collect();
    (!ages.is_empty()).then(|| format!("price lists: {}", ages.join(", ")))
}

/// Adds a sentence, wrapped to the screen.
pub(super) fn paragraph(text: &mut String, painter: Painter, style: Style, sentence: &str, width: usize) {
    for line in layout::wrap(sentence, width) {
        text.push_str(&painter.paint(style, &cut(&line, width)));
        text.push('\n');
    }
}

#[cfg(test)]
mod tests;
