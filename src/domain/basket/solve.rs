//! The best purchase for a basket: what is tried, in which order, and what is known of the result.

use std::collections::HashSet;
use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

use super::super::landing::from_minor;
use super::bound::Relaxation;
use super::columns::Columns;
use super::conditions::FINE;
use super::model::Program;
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

/// What is known of the best purchase there can be.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// None costs less, in the search's units.
    bound: i128,
    /// The purchase that was found is the best of all columns.
    is_proved: bool,
}

/// Programs of more columns are not given to the solver: it looks at the clock too rarely in them.
const MOST_COLUMNS: usize = 50_000;

impl Basket {
    /// Finds the purchase that leaves the fewest lines out, and of those the one with the lowest total.
    #[must_use]
    pub fn solve(&self, allowance: &Allowance<'_>) -> Solution {
        let columns = Columns::of(self);
        let mut search = Search::new(self, &columns);
        search.improve(&|| allowance.is_over());
        let known = self.prove(&columns, &mut search, allowance);
        let picks = self.pared(search.picks());
        let purchase = self.purchase(&picks).unwrap_or_else(|| self.nothing());
        let optimality = self.optimality(&columns, &purchase, known);
        Solution { purchase, optimality }
    }

    /// Looks for a better purchase, and returns what is known of the best there can be.
    fn prove<'a>(&'a self, columns: &'a Columns, search: &mut Search<'a>, allowance: &Allowance<'_>) -> Known {
        let penalty = penalty(columns);
        let relaxed = Relaxation::new(self, columns, penalty).bound(search, &|| allowance.is_over());
        let known = |bound: i128, search: &Search<'_>| {
            let missing = i128::try_from(search.missing_offered()).unwrap_or(0);
            let bound = bound - penalty * missing;
            Known {
                bound: bound.max(self.simple_bound(columns, search.missing_offered())),
                is_proved: bound >= search.score().cost,
            }
        };
        if known(relaxed.bound, search).is_proved || relaxed.open.len() > MOST_COLUMNS {
            return known(relaxed.bound, search);
        }
        // The known purchase is one of those to choose from, though none with its columns may be better.
        let mut open = relaxed.open;
        open.extend(search.columns());
        open.sort_unstable();
        open.dedup();
        let may_miss = (search.missing_offered() > 0).then_some(penalty);
        let left = allowance.limit.saturating_sub((allowance.spent)());
        let Some(found) = Program::new(self, columns, open, may_miss).solve(search, left) else {
            return known(relaxed.bound, search);
        };
        let before = search.score();
        let mut better = Search::new(self, columns);
        for column in found.columns {
            better.add(column);
        }
        let of_missing = better.score().missing;
        if better.score() < before {
            *search = better;
        }
        let simple = known(relaxed.bound, search);
        // A bound is about purchases that leave as many lines out as the one that it came with. What the relaxation
        // closed is no better than the purchase that was known before.
        let bound = found.bound.filter(|_| search.score().missing == of_missing);
        let bound = bound.map(|bound| if of_missing == before.missing { bound.min(before.cost) } else { bound });
        bound.map_or(simple, |bound| Known { bound: bound.max(simple.bound), is_proved: found.is_proved })
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
    fn simple_bound(&self, columns: &Columns, missing: usize) -> i128 {
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

/// What it costs to leave a line out: more than purchases of the same lines can differ by.
fn penalty(columns: &Columns) -> i128 {
    let once = |index: usize| {
        let column = &columns.all()[index];
        let once = &columns.once[column.conditions as usize];
        column.net + once.shipping.cost(0).unwrap_or(0) + once.fees
    };
    let dearest = |line: usize| columns.of_line(line).map(once).max().unwrap_or(0);
    let parts = |line: usize| i128::try_from(columns.of_line(line).len()).unwrap_or(1);
    (0..columns.lines())
        .map(|line| if columns.is_split { dearest(line) * parts(line) } else { dearest(line) })
        .sum::<i128>()
        + FINE
}
