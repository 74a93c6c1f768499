//! The way to a proof that a purchase is the best one, or as near to one as time permits.
//!
//! Owns what is done in which order to close the gap between the best purchase that is known and the least that any can
//! cost; how each step works is said elsewhere. Costs count a penalty for each line that is left out, so that they can
//! be compared. Its main type is [`Proof`].

use super::Basket;
use super::bound::{Bounded, Relaxation};
use super::columns::Columns;
use super::conditions::FINE;
use super::model::Program;
use super::search::Search;
use super::solve::Allowance;
use super::starts::{Set, Starts};

/// Programs of more columns are not given to the solver: it looks at the clock too rarely in them.
const MOST_COLUMNS: usize = 60_000;
/// So many sets of suppliers are looked at one by one.
const MOST_RIVALS: usize = 60;

/// The best purchase that is known, and what is known of all others.
pub(super) struct Proof<'a> {
    basket: &'a Basket,
    columns: &'a Columns,
    allowance: &'a Allowance<'a>,
    /// What a line costs that is left out.
    penalty: i128,
    search: Search<'a>,
    /// No purchase costs less.
    bound: i128,
    is_proved: bool,
}

/// What is known of the best purchase there can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// None that leaves as many lines out costs less, in the search's units.
    pub(super) bound: i128,
    /// The purchase that was found is the best of all columns.
    pub(super) is_proved: bool,
}

impl<'a> Proof<'a> {
    /// Begins with a purchase.
    pub(super) fn new(
        basket: &'a Basket,
        columns: &'a Columns,
        search: Search<'a>,
        allowance: &'a Allowance<'a>,
    ) -> Self {
        Self { basket, columns, allowance, penalty: penalty(columns), search, bound: 0, is_proved: false }
    }

    /// Makes it as good as it can in time, and returns the best purchase and what is known of the others.
    pub(super) fn finish(mut self) -> (Search<'a>, Known) {
        if !self.is_over() {
            self.close_gap();
        }
        let missing = self.search.missing_offered();
        let bound = self.bound - self.penalty * i128::try_from(missing).unwrap_or(0);
        let bound = bound.max(self.basket.simple_bound(self.columns, missing));
        (self.search, Known { bound, is_proved: self.is_proved })
    }

    fn close_gap(&mut self) {
        let relaxation = Relaxation::new(self.basket, self.columns, self.penalty);
        let mut relaxed = relaxation.bound(&self.search, &|| self.is_over());
        self.raise(relaxed.bound);
        if self.is_proved || self.is_over() {
            return;
        }
        let before = self.search.score();
        let sets = Starts::new(self.basket, self.columns, self.penalty).sets(&|| self.is_over());
        self.begin_anew(&relaxed.suppliers, sets.as_deref());
        if self.is_over() {
            return;
        }
        if self.search.score() < before {
            relaxed = relaxation.bound(&self.search, &|| self.is_over());
            self.raise(relaxed.bound);
        }
        self.ask_solver(&relaxation, &relaxed, sets);
    }

    fn is_over(&self) -> bool {
        self.allowance.is_over()
    }

    /// What the best purchase costs that is known.
    fn cost(&self) -> i128 {
        cost(&self.search, self.penalty)
    }

    /// Takes note that no purchase costs less.
    fn raise(&mut self, bound: i128) {
        self.bound = self.bound.max(self.columns.in_grains(bound));
        self.is_proved |= self.bound >= self.cost();
    }

    /// Searches again from suppliers that go well together.
    fn begin_anew(&mut self, worth: &[usize], sets: Option<&[Set]>) {
        let starts = std::iter::once(worth.to_vec()).chain(Starts::best(sets.unwrap_or_default()));
        for suppliers in starts {
            if self.is_over() {
                return;
            }
            let other = self.search.improved_from(&suppliers, &|| self.allowance.is_over());
            self.adopt(other);
        }
    }

    fn adopt(&mut self, other: Search<'a>) {
        if other.score() < self.search.score() {
            self.search = other;
        }
    }

    /// Has the solver look at what is still open: at one set of suppliers after the other where few are, or at all.
    fn ask_solver(&mut self, relaxation: &Relaxation<'_>, relaxed: &Bounded, sets: Option<Vec<Set>>) {
        let all = Set { suppliers: (0..self.columns.suppliers()).collect(), bound: self.bound, guess: 0 };
        let rivals = sets.map(|mut sets| {
            for set in &mut sets {
                set.bound = self.columns.in_grains(set.bound.max(relaxation.bound_with(relaxed, &set.suppliers)));
            }
            sets.retain(|set| set.bound < self.cost());
            sets.sort_by_key(|set| set.bound);
            sets
        });
        if let Some(rivals) = &rivals {
            // One of them is the best purchase's, unless the known one is as good.
            self.raise(rivals.iter().map(|set| set.bound).min().map_or(self.cost(), |bound| bound.min(self.cost())));
        }
        let rivals = rivals.filter(|rivals| rivals.len() <= MOST_RIVALS);
        let is_each = rivals.is_some();
        let rivals = rivals.unwrap_or_else(|| vec![all]);
        if self.is_proved {
            return;
        }
        let (mut lowest, mut is_proved) = (self.cost(), true);
        for rival in rivals {
            if rival.bound >= self.cost() {
                continue;
            }
            let (bound, is_end) = self
                .solve(&relaxed.open, &rival, if is_each { &rival.suppliers } else { &[] })
                .unwrap_or((rival.bound, false));
            lowest = lowest.min(bound.max(rival.bound));
            is_proved &= is_end || bound >= self.cost();
        }
        self.raise(lowest.min(self.cost()));
        self.is_proved |= is_proved;
    }

    /// Has the solver find the best purchase of such columns from such suppliers, with an order of some. Returns a bound of
    /// what they cost, and whether the solver came to its end; `None` when there is none.
    fn solve(&mut self, open: &[usize], set: &Set, with: &[usize]) -> Option<(i128, bool)> {
        let left = self.allowance.limit.saturating_sub((self.allowance.spent)());
        let is_theirs = |column: &usize| set.suppliers.binary_search(&self.search.supplier(*column)).is_ok();
        let open: Vec<usize> = open.iter().copied().filter(is_theirs).collect();
        if left.is_zero() || open.len() > MOST_COLUMNS {
            return None;
        }
        let may_miss = (self.search.missing_offered() > 0).then_some(self.penalty);
        let found = Program::new(self.basket, self.columns, open, may_miss, self.cost(), with).solve(left)?;
        let mut other = Search::new(self.basket, self.columns);
        found.columns.iter().for_each(|column| other.add(*column));
        self.adopt(other);
        Some((self.columns.in_grains(found.bound?), found.is_proved))
    }
}

/// What a purchase costs, with so much for each line that is left out.
pub(super) fn cost(search: &Search<'_>, penalty: i128) -> i128 {
    search.score().cost + penalty * i128::try_from(search.missing_offered()).unwrap_or(0)
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
