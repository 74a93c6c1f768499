//! What an offer asks for beside its goods, and whom an order with it goes to.
//!
//! Many offers of a supplier share them, so that each is kept once. Its main type is [`Conditions`].

use super::super::evaluate::Prepared;
use super::super::landing::MinorRatio;
use super::super::order::Shipping;
use super::super::{Currency, Offer};

/// The decimals of a minor unit that costs are searched with. What is found is counted again without them.
pub(super) const FINE_DIGITS: u32 = 6;
/// How many of the search's units a minor unit has.
pub(super) const FINE: i128 = 10_i128.pow(FINE_DIGITS);

/// The largest amount of an order of one line, in the search's units, and in the seller's minor units: ten billion of the
/// basket's currency. Whole baskets of it, times any quantity, fit 128 bits.
pub(super) const MOST_AMOUNT: i128 = 10_i128.pow(18);

/// A supplier and a currency: everything that it sells in one currency goes into one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seller {
    pub(super) supplier: u32,
    pub(super) currency: Currency,
}

/// What is asked for beside the goods. Amounts are in the seller's minor units, tax included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Conditions {
    pub(super) seller: u32,
    /// What a minor unit counts for.
    pub(super) ratio: MinorRatio,
    /// Once an order.
    pub(super) shipping: Shipping,
    /// Once an order.
    pub(super) order_fees: i128,
    /// Once a line.
    pub(super) line_fees: i128,
    /// Orders with goods below this are refused.
    pub(super) minimum_value: Option<i128>,
}

impl Conditions {
    /// Those of an offer.
    pub(super) fn of(prepared: &Prepared<'_>, offer: &Offer, seller: u32) -> Self {
        let extras = prepared.extras;
        let (line_fees, order_fees) = if offer.fees.is_some() { (extras.fees, 0) } else { (0, extras.fees) };
        Self {
            seller,
            ratio: prepared.landing.minor_ratio(),
            shipping: extras.shipping,
            order_fees,
            line_fees,
            minimum_value: extras.minimum_value,
        }
    }

    /// The goods at which shipping becomes free.
    pub(super) fn free_from(&self) -> Option<i128> {
        match self.shipping {
            Shipping::FreeFrom { from, .. } => Some(from),
            Shipping::Unknown | Shipping::Fixed(_) => None,
        }
    }

    /// An amount as the search counts it.
    pub(super) fn fine(&self, amount: i128) -> Option<i128> {
        self.ratio.finer_amount(amount, FINE_DIGITS)
    }
}
