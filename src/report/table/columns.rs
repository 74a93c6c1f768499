//! What the table says of each quote, before anything is fitted to a screen.
//!
//! Owns the columns, their titles and the text of their cells. A column that would say nothing is left out.

use std::collections::HashMap;

use crate::compare::{Comparison, SupplierQuote};
use crate::report::amount::amount;
use crate::report::sanitize::clean;

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Subject {
    /// The supplier's name.
    Supplier,
    /// The total, in the comparison's currency.
    Total,
    /// Days until it is here.
    Delivery,
    /// The quantity to order.
    Order,
    /// The total in the supplier's currency.
    Quoted,
    /// The price of one piece.
    UnitPrice,
    /// What shipping costs.
    Shipping,
    /// How many the supplier has.
    Stock,
    /// Who sells.
    Seller,
    /// The supplier's number of the offer.
    Sku,
    /// How it is packed.
    Packaging,
    /// How long the supplier took.
    Latency,
}

impl Subject {
    /// All of them, in the order in which they stand side by side. Their order as values is how dear they are when
    /// room is short.
    const SIDE_BY_SIDE: [Self; 12] = [
        Self::Supplier,
        Self::Sku,
        Self::Packaging,
        Self::Seller,
        Self::Order,
        Self::UnitPrice,
        Self::Shipping,
        Self::Total,
        Self::Quoted,
        Self::Delivery,
        Self::Stock,
        Self::Latency,
    ];

    /// Whether the table is of no use without it.
    pub(in crate::report) const fn is_needed(self) -> bool {
        matches!(self, Self::Supplier | Self::Total | Self::Delivery)
    }

    /// The most columns of a screen that it may take; numbers take what they need.
    pub(in crate::report) const fn limit(self) -> Option<usize> {
        match self {
            Self::Supplier | Self::Sku | Self::Seller => Some(24),
            Self::Packaging => Some(16),
            _ => None,
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Column {
    /// What it is about.
    pub(in crate::report) subject: Subject,
    /// Its title, in sentence case.
    pub(in crate::report) title: String,
    /// One cell a row, cleaned.
    pub(in crate::report) cells: Vec<String>,
}

/// Makes every column that says something, for the quotes at `rows`.
pub(in crate::report) fn columns(comparison: &Comparison, rows: &[usize]) -> Vec<Column> {
    let latencies: HashMap<&str, u128> = comparison
        .suppliers
        .iter()
        .filter_map(|stats| Some((stats.supplier.as_str(), stats.latency?.as_millis())))
        .collect();
    let quotes = || rows.iter().filter_map(|row| comparison.quotes.get(*row));
    let column = |subject| {
        let cells: Vec<Option<String>> = quotes().map(|quote| cell(comparison, &latencies, subject, quote)).collect();
        let says_something = subject.is_needed() || cells.iter().any(Option::is_some);
        let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| unknown(subject).to_owned())).collect();
        says_something.then(|| Column { subject, title: title(comparison, subject), cells })
    };
    Subject::SIDE_BY_SIDE.into_iter().filter_map(column).collect()
}

fn title(comparison: &Comparison, subject: Subject) -> String {
    let title = match subject {
        Subject::Supplier => "Supplier",
        Subject::Total => return format!("Total {}", comparison.request.currency),
        Subject::Delivery => "Delivery",
        Subject::Order => "Order",
        Subject::Quoted => "As quoted",
        Subject::UnitPrice => "Unit price",
        Subject::Shipping => "Shipping",
        Subject::Stock => "Stock",
        Subject::Latency => "Latency",
        Subject::Sku => "SKU",
        Subject::Packaging => "Packaging",
        Subject::Seller => "Seller",
    };
    title.to_owned()
}

/// What stands where a quote does not say.
const fn unknown(subject: Subject) -> &'static str {
    match subject {
        Subject::Delivery | Subject::Shipping => "unknown",
        Subject::Stock => "yes",
        _ => "",
    }
}

fn cell(
    comparison: &Comparison,
    latencies: &HashMap<&str, u128>,
    subject: Subject,
    offered: &SupplierQuote,
) -> Option<String> {
    let SupplierQuote { supplier, quote, .. } = offered;
    let money = |value| amount(value, comparison.request.currency.minor_digits());
    let text = |text: &Option<String>| text.as_deref().map(clean).filter(|text| !text.is_empty()).map(String::from);
    match subject {
        Subject::Supplier => Some(clean(supplier.as_str()).into_owned()),
        Subject::Total => Some(money(quote.charges.total)),
        Subject::Delivery => quote.delivery_days.map(|days| match days {
            0 => "same day".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        }),
        Subject::Order => Some(quote.order_quantity.to_string()),
        Subject::Quoted => quote.original.as_ref().map(|original| {
            let total = amount(original.charges.total, original.currency.minor_digits());
            format!("{total} {}", original.currency)
        }),
        Subject::UnitPrice => Some(money(quote.charges.unit_price)),
        Subject::Shipping => quote.charges.shipping.map(money),
        Subject::Stock => quote.stock_quantity.map(|count| count.to_string()),
        Subject::Latency => latencies.get(supplier.as_str()).map(|latency| format!("{latency}ms")),
        Subject::Sku => text(&quote.identity.sku),
        Subject::Packaging => text(&quote.identity.packaging),
        Subject::Seller => text(&quote.identity.seller),
    }
}
