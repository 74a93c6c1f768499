//! Conditions on the selected quote, and what each supplier asked before, which one of them is about.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::lowest;
use crate::compare::{Gate, GateKind, SupplierQuote};
use crate::domain::{Criteria, PreviousPrice, Source, SupplierName, Warning, WarningKind};

/// Puts what each supplier asked before at the cheapest quote that it makes in this run.
pub(super) fn recall(quotes: &mut [SupplierQuote], previous: HashMap<SupplierName, PreviousPrice>) {
    for (supplier, price) in previous {
        let is_its = |offered: &SupplierQuote| offered.supplier == supplier && offered.quote.source == Source::Live;
        if let Some(index) = lowest(quotes, is_its) {
            quotes[index].previous = Some(price);
        }
    }
}

/// How the gates that are wanted turn out, in the order of [`GateKind`].
pub(super) fn gates(criteria: &Criteria, selected: Option<&SupplierQuote>) -> Vec<Gate> {
    let total = criteria.max_total.map(|limit| max_total(limit, selected));
    let increase = criteria.max_increase_percent.map(|limit| max_increase(limit, selected));
    total.into_iter().chain(increase).collect()
}

fn max_total(limit: Decimal, selected: Option<&SupplierQuote>) -> Gate {
    let actual = selected.map(|offered| offered.quote.charges.total);
    Gate { kind: GateKind::MaxTotal, limit, actual, passed: actual.is_some_and(|actual| actual <= limit) }
}

/// A price that nothing is known to compare with is no increase. One that was 0 cannot rise by a percentage, and passes
/// only if it is 0 still.
fn max_increase(limit: Decimal, selected: Option<&SupplierQuote>) -> Gate {
    let before = selected.and_then(|offered| Some((offered.quote.charges.total, offered.previous?)));
    let actual = before.and_then(|(total, previous)| previous.change_percent(total));
    let passed = match before {
        Some((total, previous)) => actual.map_or(total <= previous.total, |actual| actual <= limit),
        None => selected.is_some(),
    };
    Gate { kind: GateKind::MaxIncrease, limit, actual, passed }
}

/// Warns when the gate has nothing to compare with. A gate that is open must not look like one that holds.
pub(super) fn nothing_to_compare(criteria: &Criteria, selected: Option<&SupplierQuote>) -> Option<Warning> {
    let offered = selected.filter(|offered| criteria.max_increase_percent.is_some() && offered.previous.is_none())?;
    Some(Warning { kind: WarningKind::NoEarlierPrice, supplier: Some(offered.supplier.clone()) })
}
