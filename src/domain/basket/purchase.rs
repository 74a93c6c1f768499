//! What is bought where, and what it costs.

use rust_decimal::Decimal;

use super::super::Currency;

/// Orders for a basket. Amounts are in the basket's currency, net of tax, and add up exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purchase {
    /// One a supplier and currency that something is bought from, by supplier.
    pub orders: Vec<Order>,
    /// The lines that are not bought, by number.
    pub missing: Vec<usize>,
    /// The sum of the orders' totals.
    pub total: Decimal,
    /// Whether every order's shipping is known; otherwise the total is without what is not known.
    pub shipping_known: bool,
    /// When the last order arrives, calendar days; `None` = unknown for at least one of them, or no orders.
    pub delivery_days: Option<u16>,
}

/// What is bought from one supplier in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The supplier's number.
    pub supplier: usize,
    /// The supplier's currency.
    pub currency: Currency,
    /// What is ordered, by line and offer.
    pub lines: Vec<OrderLine>,
    /// What it costs, in the basket's currency, net of tax.
    pub amounts: Amounts,
    /// What the supplier charges: in its currency, tax included.
    pub quoted: Amounts,
    /// Whether shipping is known for every line; otherwise `shipping` is what is known of it.
    pub shipping_known: bool,
    /// When the whole order is here, calendar days; `None` = unknown for at least one of its lines.
    pub delivery_days: Option<u16>,
}

/// The parts of an order's total, each rounded to its minor unit. They add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// The sum of the lines' goods.
    pub goods: Decimal,
    /// What is added: the lines' own fees, and those of the order.
    pub fees: Decimal,
    /// What shipping costs, as far as it is known.
    pub shipping: Decimal,
    /// The sum.
    pub total: Decimal,
}

/// A line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The number of the basket's line.
    pub line: usize,
    /// The number of the offer among the line's.
    pub offer: usize,
    /// How many pieces are ordered.
    pub quantity: u64,
    /// What one piece costs in the supplier's currency, tax included: exact, or rounded to 12 decimals. Informative.
    pub unit_price_quoted: Decimal,
    /// What they cost, in the basket's currency, net of tax. The order's lines add up to its goods.
    pub goods: Decimal,
    /// What they cost in the supplier's currency, tax included. The order's lines add up to its goods.
    pub goods_quoted: Decimal,
    /// Calendar days until they arrive; `None` = unknown.
    pub delivery_days: Option<u16>,
}
