//! An offer for a line, checked, and small enough to keep a million of.
//!
//! Owns the goods of every order of it. Its main type is [`LineOffer`].

use rust_decimal::Decimal;

use super::super::evaluate::Prepared;
use super::super::order::{NoOrder, Rules, Shipping};
use super::super::price::{Prices, Stated};
use super::super::{MAX_QUANTITY, Offer, Quantity};
use super::Limits;
use super::conditions::Conditions;

/// What is left of an offer when everything but the order has been decided.
#[derive(Debug)]
pub(super) struct LineOffer {
    prices: Prices,
    stated: Option<Box<Stated>>,
    minimum: u32,
    multiple: u32,
    /// The largest order that maximum and stock allow.
    most: u32,
    /// The order that is the cheapest when nothing else is bought; 0 when none is permitted alone.
    pub(super) alone: u32,
    /// The number of what it asks for beside its goods.
    pub(super) conditions: u32,
    /// Calendar days until the goods arrive; `None` = unknown.
    pub(super) delivery_days: Option<u16>,
}

impl LineOffer {
    /// Checks that there is an order of it for a line of `need` pieces, be its goods what they may, and returns the
    /// smallest. Where lines may be split, an order may be smaller than the need.
    ///
    /// # Errors
    /// When there is no order.
    pub(super) fn check(prepared: &Prepared<'_>, need: Quantity, limits: Limits) -> Result<u64, NoOrder> {
        let rules = prepared.rules(need.get(), limits.exact);
        let smallest = rules.smallest_order();
        match rules.check_smallest(smallest) {
            Ok(()) => Ok(smallest),
            Err(problem) => {
                let part = prepared.rules(1, limits.exact).smallest_order();
                let is_part = limits.split && rules.may_order_less() && part < need.get();
                if is_part && part <= most(&rules) { Ok(part) } else { Err(problem) }
            }
        }
    }

    /// Keeps what decides on orders of an offer that was checked.
    pub(super) fn new(
        prepared: Prepared<'_>,
        offer: &Offer,
        need: Quantity,
        limits: Limits,
        conditions: u32,
        delivery_days: Option<u16>,
    ) -> Self {
        let rules = prepared.rules(need.get(), limits.exact);
        let alone = rules.solve(|total| prepared.landing.amount(total), &mut Vec::new());
        Self {
            alone: alone.map_or(0, |choice| bounded(choice.order.quantity)),
            minimum: bounded(offer.minimum_quantity.unwrap_or(0)),
            multiple: bounded(offer.order_multiple.unwrap_or(1).max(1)),
            most: bounded(most(&rules)),
            stated: prepared.stated.map(Box::new),
            prices: prepared.prices,
            conditions,
            delivery_days,
        }
    }

    /// Orders are multiples of this; 1 or more.
    pub(super) fn multiple(&self) -> u64 {
        u64::from(self.multiple)
    }

    /// The price of one piece at an order: exact if that takes at most 12 decimals, else rounded to 12.
    pub(super) fn piece_price_at(&self, order: u64) -> Option<Decimal> {
        self.prices.piece_price_at(order)
    }

    /// What decides on an order of `need` pieces under such conditions.
    pub(super) fn rules(&self, need: u64, exact: bool, conditions: &Conditions, minor_digits: u32) -> Rules<'_> {
        Rules {
            need,
            minimum: u64::from(self.minimum),
            multiple: u64::from(self.multiple),
            maximum: Some(u64::from(self.most)),
            stock: None,
            prices: &self.prices,
            stated: self.stated.as_deref().copied(),
            minor_digits,
            shipping: Shipping::Unknown,
            fees: 0,
            minimum_value: conditions.minimum_value,
            exact,
        }
    }
}

fn most(rules: &Rules<'_>) -> u64 {
    MAX_QUANTITY.min(rules.maximum.unwrap_or(u64::MAX)).min(rules.stock.unwrap_or(u64::MAX))
}

/// A quantity in 32 bits; whatever is above every order stays so.
fn bounded(quantity: u64) -> u32 {
    u32::try_from(quantity).unwrap_or(u32::MAX)
}
