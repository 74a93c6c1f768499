//! Values for tests, each plain; a test names the fields that it is about and takes the others from here.

use std::time::Duration;

use rust_decimal::Decimal;

use super::{Charges, Criteria, Currency, OfferIdentity, OrderReason, Quote, Source, Strategy};

/// The euro.
pub(crate) fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

/// An amount from its text, which may be longer than a supplier's.
pub(crate) fn money(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Charges of goods alone: no fees, and shipping known to be free.
pub(crate) fn charges(unit_price: &str, total: &str) -> Charges {
    let total = money(total);
    Charges { unit_price: money(unit_price), goods: total, fees: Decimal::ZERO, shipping: Some(Decimal::ZERO), total }
}

/// A quote for one piece at this price. It is anonymous, in stock, and says nothing of delivery.
pub(crate) fn quote(total: &str) -> Quote {
    Quote {
        identity: OfferIdentity::default(),
        order_quantity: 1,
        order_reason: OrderReason::Exact,
        saving: Decimal::ZERO,
        smallest_order: 1,
        charges: charges(total, total),
        original: None,
        rates: None,
        stock_quantity: None,
        delivery_days: None,
        lead_time_days: None,
        valid_until: None,
        source: Source::Live,
        quoted_at: None,
    }
}

/// The conditions of a run with no other flag than the strategy. A majority is two that agree to the cent.
pub(crate) fn criteria(strategy: Strategy) -> Criteria {
    let majority = strategy == Strategy::Majority;
    Criteria {
        strategy,
        quorum: majority.then_some(2),
        agree_within_percent: majority.then_some(Decimal::ZERO),
        min_responses: 1,
        required: Vec::new(),
        timeout: Duration::from_secs(5),
        within_days: None,
        max_total: None,
        max_increase_percent: None,
        exact: false,
    }
}
