//! The best order for many lines over many suppliers.
//!
//! A [`Basket`] holds lines (a product and how many pieces of it) and what every supplier offers for them; it finds
//! what to buy where for the lowest total. Owns what an order of several lines costs, which orders are permitted, the
//! search for the best one and the proof that it is the best. Refuses to know who the suppliers and products are
//! (both are numbers here), how offers were gathered, and any clock.
//!
//! What one offer costs alone is said by the rules of a quote. Of several lines at one supplier:
//!
//! - An *order* is all lines that go to one supplier in one currency. Its goods are the sum of the lines' goods, each
//!   rounded as ever to the supplier's minor unit.
//! - Limits (free shipping, minimum order value) compare the goods of the whole order: gross, in its currency.
//! - Shipping is charged once an order, as its lines travel together. Where the lines' offers ask for different
//!   shipping, the highest of them is charged. 3.00 stated by one offer and 4.90 by another: 4.90.
//! - Fees that an offer states are that line's (a reel fee) and add up. Configured fees are added to every order once,
//!   when at least one of its offers states none.
//! - The part of an order that has one tax rate is converted once, after it is summed, and rounded once; orders of one
//!   rate, which are nearly all, are rounded once. The order of a single line costs what its quote says.
//! - Unknown shipping counts as nothing and is marked. At equal totals the order with known shipping wins.

mod bound;
mod columns;
mod conditions;
mod costs;
mod line_offer;
mod model;
mod naive;
mod pare;
mod proof;
mod purchase;
mod search;
mod solve;
mod starts;

use std::collections::HashMap;

use self::conditions::{Conditions, FINE_DIGITS, MOST_AMOUNT, Seller};
use self::line_offer::LineOffer;
use super::evaluate::{Prepared, Refusal};
use super::price::too_large;
use super::{Cause, Context, Currency, Offer, Quantity, Rejection, delivery};

pub use self::naive::Naive;
pub use self::purchase::{Amounts, Order, OrderLine, Purchase};
pub use self::solve::{Allowance, Optimality, Solution};

/// What limits the orders for a basket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Orders go to at most so many suppliers.
    pub max_suppliers: Option<usize>,
    /// A line may be bought from several offers.
    pub split: bool,
    /// Never order beyond what minimum and multiple force.
    pub exact: bool,
    /// The latest delivery that is accepted, calendar days.
    pub within_days: Option<u16>,
}

/// The lines and what is offered for them. Lines, and the offers of each line, are numbered from 0 in the order in
/// which they are added; suppliers have the numbers that the caller gives them.
#[derive(Debug)]
pub struct Basket {
    currency: Currency,
    limits: Limits,
    lines: Vec<Line>,
    sellers: Vec<Seller>,
    conditions: Vec<Conditions>,
    known: HashMap<Conditions, u32>,
}

#[derive(Debug)]
struct Line {
    quantity: Quantity,
    offers: Vec<LineOffer>,
}

/// How much of an offer is bought for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pick {
    line: u32,
    offer: u32,
    quantity: u32,
}

impl Basket {
    /// An empty basket whose totals are in `currency`.
    #[must_use]
    pub fn new(currency: Currency, limits: Limits) -> Self {
        Self { currency, limits, lines: Vec::new(), sellers: Vec::new(), conditions: Vec::new(), known: HashMap::new() }
    }

    /// The currency of the totals.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Adds a line that needs so many pieces, and returns its number.
    pub fn add_line(&mut self, quantity: Quantity) -> usize {
        self.lines.push(Line { quantity, offers: Vec::new() });
        self.lines.len() - 1
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Adds what a supplier offers for a line, and returns the number of the offer. Of the context, `exact` and
    /// `within_days` are the basket's own; its request must be the line's.
    ///
    /// # Errors
    /// When the offer can be part of no order, with the first reason that holds. A minimum order value is no such
    /// reason, since the other lines of the order count for it.
    ///
    /// # Panics
    /// When there is no such line.
    #[expect(clippy::result_large_err, reason = "a rejection is as usual as an offer that stands")]
    pub fn add_offer(
        &mut self,
        line: usize,
        supplier: u32,
        offer: &Offer,
        context: &Context<'_>,
    ) -> Result<usize, Rejection> {
        let Limits { exact, within_days, .. } = self.limits;
        let context = Context { exact, within_days, ..*context };
        let offer = self
            .read(self.lines[line].quantity, supplier, offer, &context)
            .map_err(|refusal| refusal.rejection(offer, context.terms))?;
        let offers = &mut self.lines[line].offers;
        if offers.len() == offers.capacity() {
            // A hundred offers a line for ten thousand lines: doubling would waste what the memory is short of.
            offers.reserve_exact((offers.len() / 8).max(4));
        }
        offers.push(offer);
        Ok(offers.len() - 1)
    }

    fn read(
        &mut self,
        need: Quantity,
        supplier: u32,
        offer: &Offer,
        context: &Context<'_>,
    ) -> Result<LineOffer, Refusal> {
        let prepared = Prepared::read(offer, context)?;
        let conditions = Conditions::of(&prepared, offer, self.seller(supplier, prepared.currency));
        let delivery_days = delivery::delivery_days(offer, context.terms.transit_days);
        let conditions = self.number(conditions);
        let limits = self.limits;
        let refuse =
            |problem| Refusal::no_order(problem, need.get(), prepared.currency, &prepared.extras, &prepared.prices);
        let smallest = LineOffer::check(&prepared, need, limits).map_err(refuse)?;
        delivery::check_within(delivery_days, limits.within_days)
            .map_err(|cause| Refusal::tried(cause, smallest, &prepared.prices))?;
        Self::check_size(&prepared, smallest)?;
        Ok(LineOffer::new(prepared, offer, need, limits, conditions, delivery_days))
    }

    /// Holds the amounts of the smallest order to what can be summed up and weighed without a thought of overflow.
    fn check_size(prepared: &Prepared<'_>, smallest: u64) -> Result<(), Cause> {
        let goods = prepared.rules(smallest, false).goods(smallest).map_err(|_| too_large())?;
        let shipping = prepared.extras.shipping.cost(0).unwrap_or(0);
        let ratio = prepared.landing.minor_ratio();
        let is_small = [goods, shipping, prepared.extras.fees].into_iter().all(|amount| {
            let fine = ratio.finer_amount(amount, FINE_DIGITS);
            amount <= MOST_AMOUNT && fine.is_some_and(|fine| fine <= MOST_AMOUNT)
        });
        if is_small { Ok(()) } else { Err(too_large()) }
    }

    /// The number of a supplier's orders in a currency.
    fn seller(&mut self, supplier: u32, currency: Currency) -> u32 {
        let seller = Seller { supplier, currency };
        // Offers of one supplier come together, so that it is one of the last.
        let known = self.sellers.iter().rposition(|known| *known == seller);
        let position = known.unwrap_or_else(|| {
            self.sellers.push(seller);
            self.sellers.len() - 1
        });
        u32::try_from(position).unwrap_or(u32::MAX)
    }

    fn number(&mut self, conditions: Conditions) -> u32 {
        let next = u32::try_from(self.conditions.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(conditions).or_insert(next);
        if number == next {
            self.conditions.push(conditions);
        }
        number
    }

    fn offer(&self, pick: Pick) -> &LineOffer {
        &self.lines[pick.line as usize].offers[pick.offer as usize]
    }

    fn conditions(&self, offer: &LineOffer) -> &Conditions {
        &self.conditions[offer.conditions as usize]
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
