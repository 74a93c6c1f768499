//! Sentences about a basket.

use crate::compare::{BasketComparison, BasketFailure, Gate, Motive, Why};
use crate::domain::basket::Optimality;
use crate::report::sanitize::shorten;
use crate::report::{amount, prose};

/// How many columns of a supplier's name a sentence has.
const NAME_COLUMNS: usize = 24;

/// Says why there is no complete result.
pub(in crate::report) fn failure(failure: &BasketFailure) -> String {
    match failure {
        BasketFailure::WithoutSupplier(1) => "1 line has no supplier that can deliver it".to_owned(),
        BasketFailure::WithoutSupplier(lines) => format!("{lines} lines have no supplier that can deliver them"),
        BasketFailure::NoResponses => "no supplier responded".to_owned(),
    }
}

/// Says why a line is bought where it is.
pub(in crate::report) fn motive(basket: &BasketComparison, motive: Motive) -> String {
    match motive {
        Motive::Only => "nobody else offers it".to_owned(),
        Motive::Cheapest => "the cheapest".to_owned(),
        Motive::Together { other } => {
            let other = shorten(basket.suppliers[other].name.as_str(), NAME_COLUMNS);
            format!("cheaper with the rest; alone {other} is")
        }
    }
}

/// Says why a supplier offers nothing for a line.
pub(in crate::report) fn obstacle(basket: &BasketComparison, why: &Why) -> String {
    match why {
        Why::Failed(failure) => prose::failure(failure),
        Why::Rejected(rejection) => prose::rejection(&rejection.cause, &basket.criteria),
        Why::NotCarried => "does not carry it".to_owned(),
    }
}

/// Says how a gate turned out.
pub(in crate::report) fn gate(basket: &BasketComparison, gate: &Gate) -> String {
    let money = |value| format!("{} {}", amount::amount(value, basket.currency.minor_digits()), basket.currency.code());
    let limit = money(gate.limit);
    match (gate.actual, gate.passed) {
        (Some(actual), true) => format!("gate passed: total {} is within {limit}", money(actual)),
        (Some(actual), false) => format!("gate failed: total {} is above {limit}", money(actual)),
        (None, _) => format!("gate failed: nothing is ordered, the limit is {limit}"),
    }
}

/// Says whether there can be a cheaper order.
pub(in crate::report) fn optimality(basket: &BasketComparison) -> String {
    let money = |value| format!("{} {}", amount::amount(value, basket.currency.minor_digits()), basket.currency.code());
    match basket.optimality {
        None => "each line's cheapest quote; no better order was looked for".to_owned(),
        Some(Optimality::Proved { within }) if within.is_zero() => "no order costs less: proved".to_owned(),
        Some(Optimality::Proved { within }) => {
            format!("no order costs less, but for {} that rounding may hide: proved", money(within))
        }
        Some(Optimality::Gap { bound, percent }) => {
            format!("no order costs less than {}, {} % below", money(bound), amount::plain(percent))
        }
    }
}
