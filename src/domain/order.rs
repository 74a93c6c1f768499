//! The order solver: how many pieces to order, and why.
//!
//! Within one tier a larger order never costs less goods, so the cheapest order of a tier is its smallest
//! permitted one, or the smallest whose goods reach free shipping. These few candidates hold the optimum over
//! all permitted orders. Owns that search; refuses to know what a field of an offer is called and which currency
//! the minor units are of. Its main type is [`Rules`].

use super::price::{PiecePrice, Prices, Stated};
use super::{MAX_QUANTITY, OrderReason};

/// What shipping costs, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shipping {
    /// It is not known, which is not free.
    Unknown,
    /// The same for every order.
    Fixed(i128),
    /// `cost` for goods below `from`, nothing from there on.
    FreeFrom {
        /// Below the limit.
        cost: i128,
        /// The limit.
        from: i128,
    },
}

impl Shipping {
    /// What it is for an order with such goods; `None` = unknown.
    pub(super) fn cost(self, goods: i128) -> Option<i128> {
        match self {
            Self::Unknown => None,
            Self::Fixed(cost) => Some(cost),
            Self::FreeFrom { cost, from } => Some(if goods >= from { 0 } else { cost }),
        }
    }
}

/// An order that was considered. Amounts are the supplier's own: minor units of its currency, tax included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How many pieces, 1…10⁹.
    pub quantity: u64,
    /// What they cost.
    pub goods: i128,
    /// What shipping costs; `None` = unknown.
    pub shipping: Option<i128>,
    /// Goods, fees and shipping as far as it is known.
    pub total: i128,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a candidate: the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the order.
    Chosen,
    /// It is permitted, but costs more than the chosen order, or the same for more pieces.
    NotCheaper,
    /// The supplier does not sell so many at once.
    AboveMaximum,
    /// The supplier does not have so many.
    AboveStock,
    /// Its goods stay below the minimum order value.
    BelowMinimumValue,
}

/// Everything that decides on the order. Amounts are in minor units.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    /// How many pieces are needed, 1…10⁹.
    pub(super) need: u64,
    /// The supplier's smallest order; 0 = none.
    pub(super) minimum: u64,
    /// Orders are multiples of this; 0 = 1.
    pub(super) multiple: u64,
    /// The supplier's largest order.
    pub(super) maximum: Option<u64>,
    /// What the supplier has; `None` = enough, as far as is known.
    pub(super) stock: Option<u64>,
    /// The prices.
    pub(super) prices: &'a Prices,
    /// The goods that the supplier stated. They win over what the unit price gives.
    pub(super) stated: Option<Stated>,
    /// The decimals of the minor unit.
    pub(super) minor_digits: u32,
    /// What shipping costs.
    pub(super) shipping: Shipping,
    /// What is added to every order.
    pub(super) fees: i128,
    /// Orders with goods below this are refused.
    pub(super) minimum_value: Option<i128>,
    /// Never go beyond what minimum and multiple force.
    pub(super) exact: bool,
}

/// The solver's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The order.
    pub(super) order: Candidate,
    /// Why that many.
    pub(super) reason: OrderReason,
    /// The smallest permitted order, which a saving is measured against.
    pub(super) smallest: Candidate,
}

/// Why no order is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoOrder {
    /// The smallest order is above the need and may not be.
    BelowMinimum { smallest: u64 },
    /// The smallest order is above the maximum.
    AboveMaximum { smallest: u64, maximum: u64 },
    /// The smallest order is above the stock.
    InsufficientStock { smallest: u64, stock: u64 },
    /// No permitted order reaches the minimum order value; `order` is the one that comes closest.
    BelowMinimumValue { order: u64, goods: i128 },
    /// An amount is beyond exact arithmetic.
    TooLarge,
}

impl NoOrder {
    /// The order that was tried.
    pub(super) fn tried(self) -> Option<u64> {
        match self {
            Self::BelowMinimum { smallest }
            | Self::AboveMaximum { smallest, .. }
            | Self::InsufficientStock { smallest, .. } => Some(smallest),
            Self::BelowMinimumValue { order, .. } => Some(order),
            Self::TooLarge => None,
        }
    }
}

impl Rules<'_> {
    /// Finds the order with the lowest total, the smallest of them when totals are equal. `landed` makes of a
    /// supplier's total the one that is compared; it never makes a larger total the smaller one. `candidates`
    /// is filled with every order that was considered, by quantity, also when none of them is permitted.
    ///
    /// # Errors
    /// When no order is permitted.
    pub(super) fn solve(
        &self,
        landed: impl Fn(i128) -> Option<i128>,
        candidates: &mut Vec<Candidate>,
    ) -> Result<Choice, NoOrder> {
        let smallest = self.smallest_order();
        if smallest <= MAX_QUANTITY {
            self.collect(smallest, candidates)?;
        }
        self.check_smallest(smallest)?;
        let unforced = candidates.first().copied();
        let landed = |candidate: &Candidate| landed(candidate.total).ok_or(NoOrder::TooLarge);
        let mut permitted = candidates.iter_mut().filter(|candidate| candidate.verdict == Verdict::NotCheaper);
        let (Some(base), Some(unforced)) = (permitted.next(), unforced) else {
            return Err(self.closest_to_minimum_value(smallest));
        };
        let smallest = *base;
        let (mut best_total, mut best) = (landed(base)?, base);
        for candidate in permitted {
            let total = landed(candidate)?;
            if total < best_total {
                (best_total, best) = (total, candidate);
            }
        }
        best.verdict = Verdict::Chosen;
        Ok(Choice { order: *best, reason: self.reason(*best, smallest, unforced), smallest })
    }

    /// What the supplier and the lowest tier demand at least, before the multiple.
    fn forced_minimum(&self) -> u64 {
        self.minimum.max(self.prices.lowest_quantity())
    }

    /// The smallest order that minimum, lowest tier and multiple allow; `u64::MAX` stands for anything larger.
    pub(super) fn smallest_order(&self) -> u64 {
        self.round_up(self.need.max(self.forced_minimum()))
    }

    fn round_up(&self, quantity: u64) -> u64 {
        quantity.checked_next_multiple_of(self.multiple.max(1)).unwrap_or(u64::MAX)
    }

    /// Whether an order may be smaller than the need, where others bring the rest.
    pub(super) fn may_order_less(&self) -> bool {
        !self.prices.only_total
    }

    /// The goods of an order that minimum and multiple allow.
    ///
    /// # Errors
    /// When they are beyond exact arithmetic, or the order is none that is allowed.
    pub(super) fn goods(&self, order: u64) -> Result<i128, NoOrder> {
        self.tier_orders(self.prices.tier_at(order), order)?.ok_or(NoOrder::TooLarge)?.goods(order)
    }

    /// The indices of the tiers that an order of `smallest` or more may be of.
    pub(super) fn tiers_from(&self, smallest: u64) -> std::ops::Range<usize> {
        self.prices.tier_at(smallest)..self.prices.tiers().len()
    }

    /// Whether a larger order than the smallest may be taken.
    pub(super) fn may_order_more(&self) -> bool {
        !self.exact && !self.prices.only_total
    }

    /// Checks that the smallest order is permitted, as far as its goods have no part in it.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn check_smallest(&self, smallest: u64) -> Result<(), NoOrder> {
        let too_small =
            (self.exact && self.forced_minimum() > self.need) || (self.prices.only_total && smallest != self.need);
        if too_small {
            return Err(NoOrder::BelowMinimum { smallest });
        }
        match (self.maximum, self.stock) {
            (Some(maximum), _) if smallest > maximum => Err(NoOrder::AboveMaximum { smallest, maximum }),
            (_, Some(stock)) if smallest > stock => Err(NoOrder::InsufficientStock { smallest, stock }),
            _ if smallest > MAX_QUANTITY => Err(NoOrder::AboveMaximum { smallest, maximum: MAX_QUANTITY }),
            _ => Ok(()),
        }
    }

    /// Fills in the candidates by quantity: of each tier from the smallest order on, the smallest order and
    /// those that reach a limit.
    fn collect(&self, smallest: u64, candidates: &mut Vec<Candidate>) -> Result<(), NoOrder> {
        let free_from = match self.shipping {
            Shipping::FreeFrom { from, .. } => Some(from),
            Shipping::Unknown | Shipping::Fixed(_) => None,
        };
        for index in self.tiers_from(smallest) {
            let Some(tier) = self.tier_orders(index, smallest)? else { continue };
            let least = self.candidate(tier.least, tier.goods(tier.least)?)?;
            candidates.push(least);
            if !self.may_order_more() {
                break;
            }
            for limit in [free_from, self.minimum_value].into_iter().flatten().filter(|limit| *limit > least.goods) {
                let order = self.first_reaching(&tier, limit)?;
                if order <= tier.most {
                    candidates.push(self.candidate(order, tier.goods(order)?)?);
                }
            }
        }
        candidates.sort_unstable_by_key(|candidate| candidate.quantity);
        candidates.dedup_by_key(|candidate| candidate.quantity);
        Ok(())
    }

    /// The orders that a tier prices; `None` when the multiple skips it.
    pub(super) fn tier_orders(&self, index: usize, smallest: u64) -> Result<Option<TierOrders>, NoOrder> {
        let tiers = self.prices.tiers();
        let Some(tier) = tiers.get(index) else { return Ok(None) };
        let least = self.round_up(tier.quantity.max(smallest));
        let most = tiers.get(index + 1).map_or(MAX_QUANTITY, |next| next.quantity - 1);
        if least > most {
            return Ok(None);
        }
        let price = PiecePrice::new(tier.unit_price, self.prices.price_unit, self.minor_digits);
        let is_of_tier = |stated: &Stated| index == self.prices.tier_at(stated.quantity);
        let stated = self.stated.filter(|stated| stated.is_finer || is_of_tier(stated));
        Ok(Some(TierOrders { price: price.ok_or(NoOrder::TooLarge)?, stated, least, most }))
    }

    /// The smallest order of a tier whose goods reach `limit`, which those of its least order do not; `u64::MAX`
    /// when there is none.
    pub(super) fn first_reaching(&self, tier: &TierOrders, limit: i128) -> Result<u64, NoOrder> {
        let order = self.round_up(tier.price.first_reaching(limit).max(tier.least));
        if order <= tier.most && tier.goods(order)? < limit {
            // The total stated for just this order stays below; the next one has the goods of its unit price.
            return Ok(order.saturating_add(self.multiple.max(1)));
        }
        Ok(order)
    }

    fn candidate(&self, quantity: u64, goods: i128) -> Result<Candidate, NoOrder> {
        let shipping = self.shipping.cost(goods);
        let total = goods.checked_add(self.fees).and_then(|sum| sum.checked_add(shipping.unwrap_or(0)));
        let verdict = if self.maximum.is_some_and(|maximum| quantity > maximum) {
            Verdict::AboveMaximum
        } else if self.stock.is_some_and(|stock| quantity > stock) {
            Verdict::AboveStock
        } else if self.minimum_value.is_some_and(|minimum| goods < minimum) {
            Verdict::BelowMinimumValue
        } else {
            Verdict::NotCheaper
        };
        Ok(Candidate { quantity, goods, shipping, total: total.ok_or(NoOrder::TooLarge)?, verdict })
    }

    /// The permitted order with the most goods, when all of them stay below the minimum order value.
    fn closest_to_minimum_value(&self, smallest: u64) -> NoOrder {
        let mut closest = None;
        for index in self.tiers_from(smallest) {
            let tier = match self.tier_orders(index, smallest) {
                Ok(Some(tier)) => tier,
                Ok(None) => continue,
                Err(problem) => return problem,
            };
            let limit = tier.most.min(self.maximum.unwrap_or(tier.most)).min(self.stock.unwrap_or(tier.most));
            if tier.least > limit {
                break;
            }
            let more = self.may_order_more();
            let largest = if more { limit - limit % self.multiple.max(1) } else { tier.least };
            for order in [tier.least, largest] {
                match tier.goods(order) {
                    Ok(goods) if closest.is_none_or(|(_, most)| goods > most) => closest = Some((order, goods)),
                    Ok(_) => {}
                    Err(problem) => return problem,
                }
            }
            if !more {
                break;
            }
        }
        closest.map_or(NoOrder::TooLarge, |(order, goods)| NoOrder::BelowMinimumValue { order, goods })
    }

    /// Why the order has its size. `smallest` is the smallest permitted order, `unforced` the smallest one before
    /// a minimum order value.
    fn reason(&self, order: Candidate, smallest: Candidate, unforced: Candidate) -> OrderReason {
        if order.quantity == self.need {
            return OrderReason::Exact;
        }
        if order.quantity == unforced.quantity {
            let minimum = self.forced_minimum() > self.need;
            return if minimum { OrderReason::Minimum } else { OrderReason::Multiple };
        }
        // An order that only just meets the minimum value may be the cheaper one as well, and that is said first.
        let without = if order.quantity == smallest.quantity { unforced } else { smallest };
        if order.total >= without.total {
            OrderReason::MinimumValue
        } else if self.prices.price_at(order.quantity) < self.prices.price_at(without.quantity) {
            OrderReason::PriceBreak
        } else {
            OrderReason::FreeShipping
        }
    }
}

/// The orders that one tier prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct TierOrders {
    price: PiecePrice,
    /// Goods that were stated for a quantity of this tier, or that show that unit prices are rounded.
    stated: Option<Stated>,
    /// The smallest.
    pub(super) least: u64,
    /// No order of this tier is larger.
    pub(super) most: u64,
}

impl TierOrders {
    /// The goods of an order. Where a total is stated it wins for the quantity it was stated for, and a larger
    /// order at the same unit price, or at any that is as rounded, is not believed to cost less.
    pub(super) fn goods(&self, order: u64) -> Result<i128, NoOrder> {
        let goods = self.price.goods(order).ok_or(NoOrder::TooLarge)?;
        Ok(match self.stated {
            Some(stated) if order == stated.quantity => stated.goods,
            Some(stated) => goods.max(stated.goods),
            None => goods,
        })
    }
}
