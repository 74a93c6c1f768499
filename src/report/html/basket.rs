//! The page of a basket: what to buy where, what others would pay, every line, and who was slow.

use super::bars::{Bar, bars};
use super::markup::{Markup, element};
use super::page::{list, page, section};
use super::table::{Cell, Row, Table};
use crate::compare::{BasketComparison, BasketFailure, BasketLine, BasketSupplier};
use crate::domain::basket::Purchase;
use crate::report::amount::{amount, time};
use crate::report::basket::{table as screen, words};
use crate::report::prose;
use crate::report::sanitize::shorten;

/// The most columns of a name. A page has room.
const NAME: usize = 80;
/// How many lines that nobody can deliver are explained, and how many entries a list has.
const MOST_ENTRIES: usize = 100;
/// How many suppliers say why they cannot deliver a line.
const MOST_REASONS: usize = 10;

/// Writes the page of a basket.
#[must_use]
pub fn basket(basket: &BasketComparison) -> String {
    let instead = screen::ways(basket, NAME);
    let sections = [
        cards(basket, &instead),
        section(&format!("Totals in {}", basket.currency), [totals(basket, &instead)]),
        section("Orders", [table(&screen::orders(basket, NAME))]),
        section("Lines", [table(&screen::lines(basket, NAME))]),
        list("Not bought", &missing(basket), MOST_ENTRIES),
        section("Latency by supplier, mean of its lines", [latencies(basket)]),
        list("Failed", &screen::failed(basket), MOST_ENTRIES),
        list("Warnings", &warnings(basket), MOST_ENTRIES),
    ];
    page(&screen::title(basket), &below(basket), sections)
}

fn below(basket: &BasketComparison) -> Vec<String> {
    let mut sentences = vec![format!("{:.0} · {}", basket.started_at, screen::responses(basket))];
    if !basket.purchase.orders.is_empty() {
        sentences.push(words::optimality(basket));
    }
    sentences.extend(basket.gates().iter().map(|gate| words::gate(basket, gate)));
    sentences
        .extend(basket.failure().as_ref().map(|failure: &BasketFailure| format!("error: {}", words::failure(failure))));
    sentences
}

fn money(basket: &BasketComparison, purchase: &Purchase) -> String {
    let shipping = if purchase.shipping_known { "" } else { " + shipping" };
    format!("{}{shipping}", amount(purchase.total, basket.currency.minor_digits()))
}

fn cards(basket: &BasketComparison, instead: &[(String, &Purchase)]) -> Markup {
    let card = |title: &str, purchase: &Purchase, remark: &str| {
        let orders = prose::count(purchase.orders.len() as u64, "order", "orders");
        super::card(title, &format!("{} {}", money(basket, purchase), basket.currency), &orders, remark)
    };
    if basket.purchase.orders.is_empty() {
        return Markup::default();
    }
    let this = card("this order", &basket.purchase, "");
    let others = instead.iter().map(|(name, purchase)| card(name, purchase, &screen::costs(basket, purchase)));
    element("div", &[("class", "cards")], &[this].into_iter().chain(others).collect())
}

/// This order's total beside what others would pay.
fn totals(basket: &BasketComparison, instead: &[(String, &Purchase)]) -> Markup {
    let bar = |label: &str, purchase: &Purchase, is_best| {
        let sum = |part: fn(&crate::domain::basket::Amounts) -> rust_decimal::Decimal| {
            purchase.orders.iter().map(|order| part(&order.amounts)).sum()
        };
        let parts = vec![sum(|amounts| amounts.goods), sum(|amounts| amounts.fees), sum(|amounts| amounts.shipping)];
        Bar { label: label.to_owned(), parts, shown: money(basket, purchase), is_best }
    };
    if basket.purchase.orders.is_empty() {
        return Markup::default();
    }
    let this = bar("this order", &basket.purchase, true);
    let others = instead.iter().map(|(name, purchase)| bar(name, purchase, false));
    bars(&[this].into_iter().chain(others).collect::<Vec<_>>(), &["Goods", "Fees", "Shipping"])
}

/// A table of the screen, with titles in sentence case.
fn table(grid: &screen::Grid) -> Markup {
    let columns: Vec<(String, bool)> =
        grid.titles.iter().map(|(title, is_number)| (sentence_case(title), *is_number)).collect();
    let cell = |(cell, (_, is_number)): (&String, &(String, bool))| {
        if *is_number { Cell::number(cell) } else { Cell::text(cell) }
    };
    let row = |row: &Vec<String>| Row { cells: row.iter().zip(&columns).map(cell).collect(), is_best: false };
    let rows = grid.rows.iter().map(row).collect();
    Table { columns, rows }.render()
}

fn sentence_case(title: &str) -> String {
    if title == "SKU" {
        return title.to_owned();
    }
    let mut letters = title.chars();
    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
}

/// The lines that are not bought, each with what suppliers say.
fn missing(basket: &BasketComparison) -> Vec<(String, String)> {
    let entry = |position: &usize| {
        let line = &basket.lines[*position];
        let number = line.numbers.first().copied().unwrap_or_default();
        let label = format!("line {number}: {} × {}", line.quantity, shorten(&line.product, NAME));
        (label, reasons(basket, line))
    };
    basket.purchase.missing.iter().map(entry).collect()
}

fn reasons(basket: &BasketComparison, line: &BasketLine) -> String {
    if !line.offers.is_empty() {
        return "what is offered fits no permitted order".to_owned();
    }
    let unasked = (!line.is_complete).then(|| "not every supplier was asked in time".to_owned());
    let of_suppliers = line.obstacles.iter().take(MOST_REASONS).map(|obstacle| {
        let supplier = shorten(basket.suppliers[obstacle.supplier].name.as_str(), NAME);
        format!("{supplier}: {}", words::obstacle(basket, &obstacle.why))
    });
    let more = match line.obstacles.len().saturating_sub(MOST_REASONS) {
        0 => None,
        more => Some(format!("and {more} more")),
    };
    unasked.into_iter().chain(of_suppliers).chain(more).collect::<Vec<_>>().join("; ")
}

fn latencies(basket: &BasketComparison) -> Markup {
    let mut asked: Vec<_> =
        basket.suppliers.iter().filter_map(|supplier| Some((supplier.mean_time()?, supplier))).collect();
    asked.sort_by_key(|(mean, _)| *mean);
    let bar = |(mean, supplier): (std::time::Duration, &BasketSupplier)| {
        let responded = format!("{} · {} of {} responded", time(mean), supplier.responded, supplier.asked);
        super::latency(supplier.name.as_str(), mean, &responded)
    };
    bars(&asked.into_iter().map(bar).collect::<Vec<_>>(), &["Latency"])
}

fn warnings(basket: &BasketComparison) -> Vec<(String, String)> {
    basket.warnings.iter().map(|warning| ("warning".to_owned(), prose::warning(warning))).collect()
}
