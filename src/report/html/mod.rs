//! A result as a page for a browser: one file that needs nothing else, and asks nobody for anything.
//!
//! Owns how tables and charts become a page, and that no text of a supplier is more than text there. Refuses to know where
//! the page goes. Doors: [`comparison()`] and [`basket()`].

mod bars;
mod basket;
mod comparison;
mod curves;
mod markup;
mod page;
mod table;
#[cfg(test)]
mod tests;

pub use basket::basket;
pub use comparison::comparison;

use std::time::Duration;

use rust_decimal::Decimal;

use bars::Bar;
use markup::{Markup, element, labelled};

/// A figure to look at first: what it is, how much, whose, and what else there is to say.
fn card(title: &str, amount: &str, whose: &str, remark: &str) -> Markup {
    let parts: Markup = [
        labelled("dt", &[], title),
        labelled("dd", &[("class", "amount")], amount),
        labelled("dd", &[], whose),
        if remark.is_empty() { Markup::default() } else { labelled("dd", &[("class", "remark")], remark) },
    ]
    .into_iter()
    .collect();
    element("dl", &[("class", "card")], &parts)
}

/// A bar as long as somebody took.
fn latency(supplier: &str, took: Duration, shown: &str) -> Bar {
    let length = Decimal::from(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    Bar { label: supplier.to_owned(), parts: vec![length], shown: shown.to_owned(), is_best: false }
}
