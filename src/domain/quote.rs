//! An offer worked out for one request.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Currency, OfferIdentity, RatesDay};

/// Why the order has the size it has. When several fit, the first of this list that holds, `Exact` only if none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderReason {
    /// The order is what was asked for.
    Exact,
    /// The supplier's minimum, or its lowest tier, forces it.
    Minimum,
    /// The packaging's multiple forces it.
    Multiple,
    /// A higher tier makes the larger order cheaper.
    PriceBreak,
    /// Free shipping makes the larger order cheaper.
    FreeShipping,
    /// The supplier's minimum order value forces it.
    MinimumValue,
}

impl OrderReason {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Minimum => "minimum",
            Self::Multiple => "multiple",
            Self::PriceBreak => "price_break",
            Self::FreeShipping => "free_shipping",
            Self::MinimumValue => "minimum_value",
        }
    }
}

/// Where a quote comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From a reply in this run.
    Live,
    /// From what the supplier offered in an earlier run, worked out again.
    History,
}

impl Source {
    /// The word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::History => "history",
        }
    }
}

/// The parts of a total, in one currency, each rounded to its minor unit. They add up to `total` exactly, with
/// unknown shipping counted as nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charges {
    /// The price of one piece. Informative: totals never derive from it.
    pub unit_price: Decimal,
    /// The price of the order.
    pub goods: Decimal,
    /// What is added to the goods.
    pub fees: Decimal,
    /// What shipping costs; `None` = unknown.
    pub shipping: Option<Decimal>,
    /// The sum.
    pub total: Decimal,
}

/// What the supplier quoted, where it is not what is compared: another currency, or tax inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The supplier's currency.
    pub currency: Currency,
    /// The supplier's amounts, tax included.
    pub charges: Charges,
    /// The tax that was taken out, percent; 0 = none.
    pub tax_percent_removed: Decimal,
    /// Units of the original currency that one unit of the comparison's currency buys; `None` = same currency.
    pub rate: Option<Decimal>,
    /// The base of the declared rates.
    pub rate_base: Option<Currency>,
    /// The date of the declared rates.
    pub rate_date: Option<jiff::civil::Date>,
}

/// An offer worked out for this request: what to order and what it costs, in the comparison's currency, net of tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What names the offer.
    pub identity: OfferIdentity,
    /// How many pieces to order.
    pub order_quantity: u64,
    /// Why that many.
    pub order_reason: OrderReason,
    /// What this order costs less than the smallest permitted one; 0 if it is that one.
    pub saving: Decimal,
    /// The smallest permitted order, which `saving` is measured against.
    pub smallest_order: u64,
    /// What it costs.
    pub charges: Charges,
    /// What the supplier quoted, if that is something else.
    pub original: Option<Conversion>,
    /// The rates that any amount in it was converted by: the offer's, or one that is configured for the supplier;
    /// `None` = nothing was converted.
    pub rates: Option<RatesDay>,
    /// How many the supplier has; `None` = in stock, count unknown.
    pub stock_quantity: Option<u64>,
    /// Calendar days until it is here; `None` = unknown.
    pub delivery_days: Option<u16>,
    /// Days until the supplier can ship; `None` = unknown.
    pub lead_time_days: Option<u16>,
    /// The last moment at which the offer holds.
    pub valid_until: Option<Timestamp>,
    /// Where it comes from.
    pub source: Source,
    /// When it was quoted, unless live.
    pub quoted_at: Option<Timestamp>,
}
