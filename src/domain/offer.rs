//! An offer as a supplier made it: parsed, but not yet worked out for a request.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Rejection;

/// What names an offer to a person. Every text is the supplier's own and may hold anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferIdentity {
    /// The supplier's number for what it would deliver.
    pub sku: Option<String>,
    /// Who sells, where the supplier is a marketplace or names itself differently than its configuration does.
    pub seller: Option<String>,
    /// How it is packed: reel, bag, cut tape.
    pub packaging: Option<String>,
    /// Where a person can look at the offer.
    pub url: Option<String>,
}

/// A price that holds from an order quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBreak {
    /// The smallest order that gets this price, 1…10⁹.
    pub quantity: u64,
    /// The price of [`Offer::price_unit`] pieces.
    pub unit_price: Decimal,
}

/// One thing that a supplier would sell. Numbers are within the grammar's bounds (12 integer digits, 12
/// decimals); everything else about them is checked when the offer is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What names the offer.
    pub identity: OfferIdentity,
    /// The product that the supplier says it answers for.
    pub product: Option<String>,
    /// The quantity that the supplier says it answers for.
    pub quantity: Option<u64>,
    /// The price of `price_unit` pieces.
    pub unit_price: Option<Decimal>,
    /// How many pieces a unit price is for, 1…10⁹; absent = 1.
    pub price_unit: Option<u64>,
    /// The goods' price for the whole quantity, without shipping.
    pub total_price: Option<Decimal>,
    /// Tiers, in the supplier's order; `Some` and empty is a statement too.
    pub price_breaks: Option<Vec<PriceBreak>>,
    /// The currency as the supplier wrote it.
    pub currency: Option<String>,
    /// The tax contained in the prices, percent, 0…100.
    pub tax_included_percent: Option<Decimal>,
    /// Whether the supplier says that it has the product.
    pub in_stock: Option<bool>,
    /// How many the supplier says it has; negative or ≥ 10⁹ = it does not say how many. Saturated at ±10¹⁸.
    pub stock_quantity: Option<i64>,
    /// The smallest order; 0 = no minimum. May be above 10⁹, which no order reaches.
    pub minimum_quantity: Option<u64>,
    /// The largest order.
    pub maximum_quantity: Option<u64>,
    /// Orders must be a multiple of this; 0 = 1.
    pub order_multiple: Option<u64>,
    /// Calendar days until the goods arrive, 0…3650.
    pub delivery_days: Option<u16>,
    /// Days until the supplier can ship, 0…3650.
    pub lead_time_days: Option<u16>,
    /// What shipping costs; 0 = free.
    pub shipping: Option<Decimal>,
    /// What is added to the goods.
    pub fees: Option<Decimal>,
    /// The last moment at which the offer holds.
    pub valid_until: Option<Timestamp>,
}

/// One element of a reply: an offer that could be read, or one that could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferReply {
    /// The offer was read.
    Readable(Box<Offer>),
    /// A field of the offer is wrong; the supplier's other offers stand.
    Faulty(Box<Rejection>),
}
