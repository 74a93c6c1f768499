//! The best purchase for a basket, and what is known of it, said in amounts that can be printed.

use std::collections::HashSet;
use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

use super::super::landing::from_minor;
use super::columns::Columns;
use super::conditions::FINE;
use super::proof::{Known, Proof};
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
    pub(super) fn is_over(&self) -> bool {
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
        let mut search = Search::new(self, &columns);
        search.improve(&|| allowance.is_over());
        let (search, known) = Proof::new(self, &columns, search, allowance).finish();
        let picks = self.pared(search.picks());
        let purchase = self.purchase(&picks).unwrap_or_else(|| self.nothing());
        let optimality = self.optimality(&columns, &purchase, known);
        Solution { purchase, optimality }
    }

    /// What is known, said in printed amounts.
    ///
    /// Without conversions and taxes all costs are whole minor units: the total is the best one if the bound, rounded
    /// up, reaches it. What is converted or taxed is rounded where it is printed, so that each part of an order may
    /// print half a unit less. Where orders were thinned out, the bound
    /// is that of all of them, and what is found is proved to be the best only if it comes as near to it.
    fn optimality(&self, columns: &Columns, purchase: &Purchase, known: Known) -> Optimality {
        let hidden = self.rounded_parts(columns) * FINE / 2;
        let lowest = -(hidden - known.bound).div_euclid(FINE);
        let bound = from_minor(lowest, self.currency).unwrap_or_default().min(purchase.total);
        let within = purchase.total - bound;
        let is_whole = within <= from_minor(2 * hidden / FINE + 1, self.currency).unwrap_or_default();
        if within.is_zero() || (known.is_proved && is_whole) {
            return Optimality::Proved { within };
        }
        let percent = (within * Decimal::ONE_HUNDRED).checked_div(purchase.total).unwrap_or_default();
        let percent = percent.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero);
        Optimality::Gap { bound, percent }
    }

    /// How many parts of orders there can be at most whose sums are rounded.
    fn rounded_parts(&self, columns: &Columns) -> i128 {
        let rounded =
            columns.all().iter().map(|column| (column.seller, &self.conditions[column.conditions as usize].ratio));
        let rounded: HashSet<_> = rounded.filter(|(_, ratio)| !ratio.changes_nothing()).collect();
        i128::try_from(rounded.len()).unwrap_or(0)
    }

    /// Every line at its cheapest goods, without shipping and fees; so many lines, the dearest, are left out.
    pub(super) fn simple_bound(&self, columns: &Columns, missing: usize) -> i128 {
        let cheapest = |line: usize| {
            let need = i128::from(self.lines[line].quantity.get());
            let share = |column: usize| {
                let column = &columns.all()[column];
                column.floor * need / i128::from(column.covers.max(1))
            };
            columns.of_line(line).map(share).min()
        };
        let mut cheapest: Vec<i128> = (0..columns.lines()).filter_map(cheapest).collect();
        cheapest.sort_unstable();
        cheapest.truncate(cheapest.len() - missing);
        cheapest.iter().sum()
    }
}
