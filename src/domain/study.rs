//! An offer worked out step by step, for those who want to see why a quote is what it is.

use rust_decimal::Decimal;

use super::{Currency, Quote, Rejection, Verdict};

/// What came of an offer, and what was considered on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Study {
    /// The currency that the orders' amounts are in; `None` when the offer was rejected before an order was considered.
    pub currency: Option<Currency>,
    /// Every order that was considered, by quantity; none when the offer was rejected before that.
    pub orders: Vec<ConsideredOrder>,
    /// The quote, or why there is none.
    pub result: Result<Box<Quote>, Box<Rejection>>,
}

/// An order that was considered. Amounts are the supplier's own: in its currency, tax included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsideredOrder {
    /// How many pieces, 1…10⁹.
    pub quantity: u64,
    /// The price of `price_unit` pieces at this quantity.
    pub unit_price: Decimal,
    /// How many pieces the unit price is for; 1 or more.
    pub price_unit: u64,
    /// What the pieces cost.
    pub goods: Decimal,
    /// What is added to the goods.
    pub fees: Decimal,
    /// What shipping costs; `None` = unknown.
    pub shipping: Option<Decimal>,
    /// Goods, fees and shipping as far as it is known.
    pub total: Decimal,
    /// What the total counts for in the comparison: in its currency, net of tax.
    pub landed: Decimal,
    /// What became of it.
    pub verdict: Verdict,
}
