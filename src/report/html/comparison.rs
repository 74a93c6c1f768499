//! The page of one product: what is cheapest, every offer, what it costs by quantity, who was slow, and what was rejected.

use std::time::Duration;

use rust_decimal::Decimal;

use super::bars::{Bar, bars};
use super::curves::curves;
use super::markup::{Markup, element, labelled, link};
use super::page::{list, page, remark, section};
use super::table::{Cell, Row, Table};
use crate::compare::{Comparison, SupplierQuote, SupplierStats};
use crate::domain::PriceCurve;
use crate::report::amount::{amount, time};
use crate::report::prose;
use crate::report::table::{self as screen, Marker, Wording, columns, join, shipping_stated};

/// How many entries a list has.
const MOST_ENTRIES: usize = 100;

/// Writes the page of a comparison, with the price curves of its suppliers, the cheapest one's first.
#[must_use]
pub fn comparison(comparison: &Comparison, prices: &[PriceCurve]) -> String {
    let title = format!("{} × {}", comparison.request.quantity, comparison.request.product);
    let sections = [
        cards(comparison),
        section("Offers", offers(comparison)),
        section(&format!("Totals in {}", comparison.request.currency), [totals(comparison)]),
        section("Price by quantity", [curves(prices, &comparison.request)]),
        section("Latency by supplier", [latencies(comparison)]),
        list("Rejected", &screen::rejected(comparison), MOST_ENTRIES),
        list("Failed", &screen::failed(comparison), MOST_ENTRIES),
        list("No offers", &screen::without_offers(comparison), MOST_ENTRIES),
        warnings(comparison),
    ];
    page(&title, &below(comparison), sections)
}

/// What stands below the title.
fn below(comparison: &Comparison) -> Vec<String> {
    let mut sentences = vec![format!("{:.0} · {}", comparison.started_at, screen::responses(comparison))];
    sentences.extend(screen::price_lists(comparison));
    sentences.extend(prose::termination(comparison.termination).map(str::to_owned));
    sentences.extend(comparison.quorum.as_ref().map(prose::quorum));
    sentences.extend(comparison.failure.as_ref().map(|failure| format!("error: {}", prose::run_failure(failure))));
    sentences.extend(comparison.gates.iter().map(|gate| prose::gate(gate, comparison)));
    sentences
}

/// The distinguished quotes.
fn cards(comparison: &Comparison) -> Markup {
    let distinguished = [
        ("Selected", comparison.selected.filter(|selected| comparison.cheapest != Some(*selected))),
        ("Cheapest", comparison.cheapest),
        ("Fastest", comparison.fastest),
    ];
    let card = |(title, index): (&str, Option<usize>)| {
        let offered = comparison.quote(index)?;
        let total = amount(offered.quote.charges.total, comparison.request.currency.minor_digits());
        let advice = prose::advice(&offered.quote, &comparison.request).unwrap_or_default();
        Some(super::card(
            title,
            &format!("{total} {}", comparison.request.currency),
            offered.supplier.as_str(),
            &advice,
        ))
    };
    let cards: Markup = distinguished.into_iter().filter_map(card).collect();
    if cards.is_empty() { cards } else { element("div", &[("class", "cards")], &cards) }
}

/// Every ranked quote, with the columns of the table on a screen.
fn offers(comparison: &Comparison) -> Vec<Markup> {
    let rows: Vec<usize> = (0..comparison.quotes.len()).collect();
    let columns = columns(comparison, &rows);
    let marker = Marker::new(comparison);
    let row = |row: usize| {
        let offered = &comparison.quotes[row];
        let mut cells: Vec<Cell> = columns.iter().map(|column| cell(column, row, offered)).collect();
        cells.push(Cell::text(&join(&marker.marks(row, Wording { saving: true, since: true, order: false }))));
        Row { cells, is_best: comparison.cheapest == Some(row) }
    };
    let mut titles: Vec<(String, bool)> =
        columns.iter().map(|column| (column.title.clone(), column.subject.limit().is_none())).collect();
    titles.push((String::new(), false));
    let note = if shipping_stated(comparison) { "" } else { screen::NO_SHIPPING };
    let table = Table { columns: titles, rows: rows.into_iter().map(row).collect() }.render();
    if table.is_empty() { Vec::new() } else { vec![table, remark(note)] }
}

fn cell(column: &screen::Column, row: usize, offered: &SupplierQuote) -> Cell {
    let shown = &column.cells[row];
    let quote = &offered.quote;
    match column.subject {
        screen::Subject::Supplier => Cell::text(shown).showing(link(quote.identity.url.as_deref(), shown)),
        screen::Subject::Delivery => Cell::of(shown, quote.delivery_days.map(Decimal::from)),
        subject if subject.limit().is_some() => Cell::text(shown),
        _ => Cell::number(shown),
    }
}

fn totals(comparison: &Comparison) -> Markup {
    let money = |value| amount(value, comparison.request.currency.minor_digits());
    let bar = |(index, offered): (usize, &SupplierQuote)| {
        let charges = &offered.quote.charges;
        let unknown = if charges.shipping.is_none() { " + shipping" } else { "" };
        Bar {
            label: label(offered),
            parts: vec![charges.goods, charges.fees, charges.shipping.unwrap_or_default()],
            shown: format!("{}{unknown}", money(charges.total)),
            is_best: comparison.cheapest == Some(index),
        }
    };
    let all: Vec<Bar> = comparison.quotes.iter().enumerate().map(bar).collect();
    bars(&all, &["Goods", "Fees", "Shipping"])
}

/// Whose a quote is, and which.
fn label(offered: &SupplierQuote) -> String {
    let supplier = offered.supplier.as_str();
    offered.quote.identity.sku.as_deref().map_or_else(|| supplier.to_owned(), |sku| format!("{supplier} {sku}"))
}

fn latencies(comparison: &Comparison) -> Markup {
    let bar = |stats: &SupplierStats| {
        let latency = stats.latency?;
        let failed = if stats.failure.is_some() { ", failed" } else { "" };
        Some(super::latency(stats.supplier.as_str(), latency, &format!("{}{failed}", time(latency))))
    };
    let mut asked: Vec<&SupplierStats> = comparison.suppliers.iter().collect();
    asked.sort_by_key(|stats| stats.latency.unwrap_or(Duration::MAX));
    bars(&asked.into_iter().filter_map(bar).collect::<Vec<_>>(), &["Latency"])
}

fn warnings(comparison: &Comparison) -> Markup {
    let items: Markup =
        comparison.warnings.iter().map(|warning| labelled("li", &[], &prose::warning(warning))).collect();
    section("Warnings", if items.is_empty() { None } else { Some(element("ul", &[], &items)) })
}
