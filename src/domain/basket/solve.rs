//! The best purchase for a basket: what is tried, in which order, and what is known of the result.

use std::time::Duration;

use rust_decimal::Decimal;

use super::super::landing::from_minor;
use super::columns::Columns;
use super::conditions::FINE;
use super::search::Search;
use super::{Basket, Purchase};

/// How long the search for the best purchase may take.
#[derive(Clone, Copy)]
pub struct Allowance<'a> {
    /// From the call on.
    pub limit: Duration,
    /// How much of it is gone; the domain has no clock.
    pub spent: &'a dyn Fn() -> Duration,
}

impl Allowance<'_> {
    /// Whether it is used up.
    fn is_over(&self) -> bool {
        (self.spent)() >= self.limit
    }
}

/// The best purchase that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// What to buy where.
    pub purchase: Purchase,
    /// Whether there can be a better one.
    pub optimality: Optimality,
}

/// What is known of purchases that were not found. Only those count that leave no more lines out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimality {
    /// No purchase costs less.
    Proved {
        /// But for so much, in the basket's currency, which roundings hide: 0 unless amounts are converted or taxed.
        within: Decimal,
    },
    /// There was no time for a proof.
    Gap {
        /// No purchase costs less than this, in the basket's currency.
        bound: Decimal,
        /// How much of the total that is less, in percent with two decimals, rounded up.
        percent: Decimal,
    },
}

impl Basket {
    /// Finds the purchase that leaves the fewest lines out, and of those the one with the lowest total.
    #[must_use]
    pub fn solve(&self, allowance: &Allowance<'_>) -> Solution {
        let columns = Columns::of(self);
        let is_over = || allowance.is_over();
        let mut search = Search::new(self, &columns);
        search.improve(&is_over);
        let purchase = self.purchase(&search.picks()).unwrap_or_else(|| self.nothing());
        let bound: i128 = (0..columns.lines())
            .filter_map(|line| columns.of_line(line).map(|column| columns.all()[column].net).min())
            .sum();
        let optimality = self.gap(&purchase, bound);
        Solution { purchase, optimality }
    }

    /// The gap between a purchase and a bound, which is in the search's units.
    fn gap(&self, purchase: &Purchase, bound: i128) -> Optimality {
        let bound = from_minor(bound.div_euclid(FINE), self.currency).unwrap_or_default();
        let percent = (purchase.total - bound).checked_mul(Decimal::ONE_HUNDRED);
        let percent = percent.and_then(|difference| difference.checked_div(purchase.total)).unwrap_or_default();
        Optimality::Gap {
            bound,
            percent: percent.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::AwayFromZero),
        }
    }
}
