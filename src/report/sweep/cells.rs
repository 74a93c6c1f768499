//! What a sweep says of each supplier at each quantity, before anything is fitted to a screen.
//!
//! A total that is not what it seems has a sign behind it, which a legend explains.

use crate::compare::{Comparison, SupplierQuote, SweepComparison, cheapest_of};
use crate::domain::{Source, Strategy, SupplierName};
use crate::report::amount::amount;
use crate::report::table::shipping_stated;

/// The signs and what they mean.
const LEGEND: [(char, &str); 3] = [
    ('*', "* the total of an order that is not the quantity asked for"),
    ('+', "+ without shipping, which is not known"),
    ('~', "~ an earlier offer, from history"),
];

/// A supplier at a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its total with signs, or why there is none, in a word.
    pub(super) total: String,
    /// The price of one piece; empty without a total.
    pub(super) unit_price: String,
    /// Whether nobody is cheaper there.
    pub(super) is_cheapest: bool,
}

/// A supplier at every quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// Who.
    pub(super) supplier: &'a SupplierName,
    /// One a quantity.
    pub(super) cells: Vec<Cell>,
}

/// Makes the rows; with strategy `best`, of those alone who are the cheapest somewhere.
pub(super) fn rows(sweep: &SweepComparison) -> Vec<Row<'_>> {
    let stated = sweep.comparisons.iter().any(shipping_stated);
    let row = |supplier| Row {
        supplier,
        cells: sweep.comparisons.iter().map(|comparison| cell(comparison, supplier, stated)).collect(),
    };
    let mut rows: Vec<Row<'_>> = sweep.suppliers().into_iter().map(row).collect();
    if sweep.criteria.strategy == Strategy::Best {
        rows.retain(|row| row.cells.iter().any(|cell| cell.is_cheapest));
    }
    rows
}

/// What the signs in the rows mean.
pub(super) fn legend(rows: &[Row<'_>]) -> Vec<&'static str> {
    let is_there = |sign| rows.iter().flat_map(|row| &row.cells).any(|cell| cell.total.contains(sign));
    LEGEND.into_iter().filter(|(sign, _)| is_there(*sign)).map(|(_, meaning)| meaning).collect()
}

/// The cheapest supplier at a quantity.
pub(super) fn cheapest(comparison: &Comparison) -> Option<&SupplierName> {
    comparison.quote(comparison.cheapest).map(|offered| &offered.supplier)
}

/// `stated` says whether anybody states shipping: if nobody does, one note for all is enough.
fn cell(comparison: &Comparison, supplier: &SupplierName, stated: bool) -> Cell {
    let is_cheapest = cheapest(comparison) == Some(supplier);
    let Some(offered) = cheapest_of(comparison, supplier) else {
        return Cell { total: why_none(comparison, supplier).to_owned(), unit_price: String::new(), is_cheapest };
    };
    let money = |value| amount(value, comparison.request.currency.minor_digits());
    let charges = &offered.quote.charges;
    let total = money(charges.total) + &signs(comparison, offered, stated);
    Cell { total, unit_price: money(charges.unit_price), is_cheapest }
}

fn signs(comparison: &Comparison, SupplierQuote { quote, .. }: &SupplierQuote, stated: bool) -> String {
    let applies = |sign: char| match sign {
        '*' => quote.order_quantity != comparison.request.quantity.get(),
        '+' => stated && quote.charges.shipping.is_none(),
        _ => quote.source == Source::History,
    };
    LEGEND.into_iter().map(|(sign, _)| sign).filter(|sign| applies(*sign)).collect()
}

/// Why a supplier has no total, in a word; the reasons follow below the table.
fn why_none(comparison: &Comparison, supplier: &SupplierName) -> &'static str {
    match comparison.suppliers.iter().find(|stats| stats.supplier == *supplier) {
        Some(stats) if stats.failure.is_some() => "failed",
        Some(stats) if stats.rejected > 0 => "rejected",
        Some(_) => "no offer",
        None => "silent",
    }
}
