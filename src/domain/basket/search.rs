//! The search for a good purchase, step by step: it is quick, and always has an answer.
//!
//! Owns the cost of a purchase as it is changed, and the changes that are tried: another choice for one line, to buy
//! nothing more from a seller, to buy from one more. Its main type is [`Search`].

use std::cmp::Reverse;

use super::columns::{Column, Columns, Once};
use super::conditions::Conditions;
use super::{Basket, Pick};

/// How many choices of a line are looked at when time is over.
const IN_HASTE: usize = 3;

/// What makes a purchase better, the weightiest first; lower is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    /// Orders below their minimum value, and suppliers beyond the most.
    pub(super) violations: usize,
    /// Lines that are not bought.
    pub(super) missing: usize,
    /// The total, as the search counts.
    pub(super) cost: i128,
    /// Orders whose shipping is unknown.
    pub(super) unknown: usize,
}

/// What is bought from a seller.
#[derive(Clone, Debug, Default)]
struct Bought {
    lines: usize,
    goods: i128,
    net: i128,
    /// The conditions of its lines, and of how many.
    conditions: Vec<(u32, usize)>,
    score: Score,
}

/// A purchase that is being improved.
#[derive(Clone, Debug)]
pub(super) struct Search<'a> {
    basket: &'a Basket,
    columns: &'a Columns,
    /// The columns that are bought for each line; none = it is missing.
    chosen: Vec<Vec<usize>>,
    bought: Vec<Bought>,
    /// How many columns are bought from each supplier.
    suppliers: Vec<usize>,
    open_suppliers: usize,
    sum: Score,
}

impl<'a> Search<'a> {
    /// Nothing is bought yet.
    pub(super) fn new(basket: &'a Basket, columns: &'a Columns) -> Self {
        Self {
            basket,
            columns,
            chosen: vec![Vec::new(); columns.lines()],
            bought: vec![Bought::default(); columns.sellers.len()],
            suppliers: vec![0; columns.suppliers()],
            open_suppliers: 0,
            sum: Score { missing: columns.lines(), ..Score::default() },
        }
    }

    /// What the purchase is worth.
    pub(super) fn score(&self) -> Score {
        let most = self.basket.limits.max_suppliers.unwrap_or(usize::MAX);
        Score { violations: self.sum.violations + self.open_suppliers.saturating_sub(most), ..self.sum }
    }

    /// How many lines are offered and not bought.
    pub(super) fn missing_offered(&self) -> usize {
        let is_missing = |line: &usize| self.chosen[*line].is_empty() && !self.columns.of_line(*line).is_empty();
        (0..self.columns.lines()).filter(is_missing).count()
    }

    /// The columns that are bought.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.chosen.iter().flatten().copied()
    }

    /// What is bought.
    pub(super) fn picks(&self) -> Vec<Pick> {
        self.columns().map(|column| self.columns.all()[column].pick).collect()
    }

    /// Whether anything is bought from a seller.
    fn buys_from(&self, seller: usize) -> bool {
        self.bought[seller].lines > 0
    }

    /// Buys other columns for a line, and returns those before.
    pub(super) fn buy(&mut self, line: usize, columns: Vec<usize>) -> Vec<usize> {
        let before = std::mem::replace(&mut self.chosen[line], columns);
        for column in &before {
            self.change(&self.columns.all()[*column], false);
        }
        for index in 0..self.chosen[line].len() {
            self.change(&self.columns.all()[self.chosen[line][index]], true);
        }
        self.sum.missing += usize::from(self.chosen[line].is_empty());
        self.sum.missing -= usize::from(before.is_empty());
        before
    }

    /// Buys one more column for its line.
    pub(super) fn add(&mut self, column: usize) {
        let line = self.columns.all()[column].pick.line as usize;
        let mut columns = self.chosen[line].clone();
        columns.push(column);
        self.buy(line, columns);
    }

    fn change(&mut self, column: &Column, add: bool) {
        let supplier = self.columns.sellers[column.seller as usize].supplier as usize;
        let bought = &mut self.bought[column.seller as usize];
        let known = bought.conditions.iter().position(|(conditions, _)| *conditions == column.conditions);
        if add {
            bought.lines += 1;
            bought.goods += column.goods;
            bought.net += column.net;
            match known {
                Some(index) => bought.conditions[index].1 += 1,
                None => bought.conditions.push((column.conditions, 1)),
            }
            self.open_suppliers += usize::from(self.suppliers[supplier] == 0);
            self.suppliers[supplier] += 1;
        } else {
            bought.lines -= 1;
            bought.goods -= column.goods;
            bought.net -= column.net;
            if let Some(index) = known {
                bought.conditions[index].1 -= 1;
                if bought.conditions[index].1 == 0 {
                    bought.conditions.swap_remove(index);
                }
            }
            self.suppliers[supplier] -= 1;
            self.open_suppliers -= usize::from(self.suppliers[supplier] == 0);
        }
        let after = bought.worth(&self.basket.conditions, &self.columns.once);
        let before = std::mem::replace(&mut bought.score, after);
        self.sum.violations = self.sum.violations + after.violations - before.violations;
        self.sum.cost += after.cost - before.cost;
        self.sum.unknown = self.sum.unknown + after.unknown - before.unknown;
    }

    /// The purchase that comes of buying each line where its goods are the cheapest of such suppliers, when every change
    /// is made that helps.
    pub(super) fn improved_from(&self, suppliers: &[usize], is_over: &dyn Fn() -> bool) -> Self {
        let mut search = Self::new(self.basket, self.columns);
        for line in 0..self.columns.lines() {
            let is_theirs = |column: &usize| suppliers.contains(&self.supplier(*column));
            let cheapest = self.columns.whole(line).find(is_theirs);
            search.buy(line, cheapest.into_iter().collect());
        }
        search.improve(is_over);
        search
    }

    /// Whose a column is.
    pub(super) fn supplier(&self, column: usize) -> usize {
        self.columns.sellers[self.columns.all()[column].seller as usize].supplier as usize
    }

    /// Buys each line where it costs least beside what is bought already, and then makes every change that helps, until
    /// none does or `is_over` says so.
    pub(super) fn improve(&mut self, is_over: &dyn Fn() -> bool) {
        for line in 0..self.columns.lines() {
            // Without time a line is bought all the same, at one of the cheapest.
            match is_over() {
                false => self.improve_line(line, usize::MAX),
                true if self.chosen[line].is_empty() => self.improve_line(line, IN_HASTE),
                true => {}
            }
        }
        loop {
            let before = self.score();
            for line in 0..self.columns.lines() {
                if is_over() {
                    return;
                }
                self.improve_line(line, usize::MAX);
            }
            for seller in 0..self.bought.len() {
                if is_over() {
                    return;
                }
                if self.buys_from(seller) {
                    self.try_without(seller);
                } else {
                    self.try_with(seller);
                }
            }
            if self.score() >= before {
                return;
            }
        }
    }

    /// Takes the best of so many choices for one line, cheaper ones first, while all others stay.
    fn improve_line(&mut self, line: usize, choices: usize) {
        let columns = self.columns;
        let (mut best, mut kept) = (self.score(), self.chosen[line].clone());
        for column in columns.whole(line).take(choices) {
            self.buy(line, vec![column]);
            if self.score() < best {
                (best, kept) = (self.score(), vec![column]);
            }
        }
        if choices > IN_HASTE
            && let Some(parts) = self.parts(line)
        {
            self.buy(line, parts.clone());
            if self.score() < best {
                kept = parts;
            }
        }
        self.buy(line, kept);
    }

    /// What a line needs in parts, the cheapest pieces first; `None` where it may not be split, or not that way.
    fn parts(&self, line: usize) -> Option<Vec<usize>> {
        if !self.basket.limits.split {
            return None;
        }
        let column = |index: usize| &self.columns.all()[index];
        let mut left = u32::try_from(self.basket.lines[line].quantity.get()).ok()?;
        let mut parts: Vec<usize> = Vec::new();
        while left > 0 {
            let is_new = |index: &usize| parts.iter().all(|part| column(*part).pick.offer != column(*index).pick.offer);
            let fits = |index: &usize| !self.basket.limits.exact || column(*index).covers <= left;
            let price = |index: &usize| {
                let brings = column(*index).covers.min(left);
                (column(*index).net * 1_000_000 / i128::from(brings.max(1)), Reverse(brings))
            };
            let next = self.columns.of_line(line).filter(|index| is_new(index) && fits(index)).min_by_key(price)?;
            left = left.saturating_sub(column(next).covers);
            parts.push(next);
        }
        Some(parts)
    }

    /// Moves all lines of a seller elsewhere, each to where it costs least; takes them back when that is no better.
    fn try_without(&mut self, seller: usize) {
        let columns = self.columns;
        let before = self.score();
        let is_from = |column: &usize| self.columns.all()[*column].seller as usize == seller;
        let lines: Vec<usize> = (0..self.chosen.len()).filter(|line| self.chosen[*line].iter().any(is_from)).collect();
        let mut taken: Vec<(usize, Vec<usize>)> =
            lines.into_iter().map(|line| (line, self.buy(line, Vec::new()))).collect();
        for (line, _) in &taken {
            let mut best = (self.score(), None);
            for column in columns.whole(*line) {
                if self.columns.all()[column].seller as usize == seller {
                    continue;
                }
                self.buy(*line, vec![column]);
                best = best.min((self.score(), Some(column)));
            }
            self.buy(*line, best.1.into_iter().collect());
        }
        if self.score() >= before {
            for (line, columns) in taken.drain(..) {
                self.buy(line, columns);
            }
        }
    }

    /// Moves all lines to a seller that have cheaper goods there; takes them back when that is no better.
    fn try_with(&mut self, seller: usize) {
        let before = self.score();
        let mut moved = Vec::new();
        for line in 0..self.columns.lines() {
            let is_from = |column: &usize| self.columns.all()[*column].seller as usize == seller;
            let Some(column) = self.columns.whole(line).find(is_from) else {
                continue;
            };
            let net: i128 = self.chosen[line].iter().map(|column| self.columns.all()[*column].net).sum();
            if self.chosen[line].is_empty() || self.columns.all()[column].net < net {
                moved.push((line, self.buy(line, vec![column])));
            }
        }
        if self.score() >= before {
            for (line, columns) in moved {
                self.buy(line, columns);
            }
        }
    }
}

impl Bought {
    /// What it costs, and whether it is permitted.
    fn worth(&self, all: &[Conditions], once: &[Once]) -> Score {
        let (mut shipping, mut fees) = (0, 0);
        let mut worth = Score { cost: self.net, ..Score::default() };
        for (number, _) in &self.conditions {
            let (conditions, once) = (&all[*number as usize], once[*number as usize]);
            match once.shipping.cost(self.goods) {
                Some(cost) => shipping = cost.max(shipping),
                None => worth.unknown = 1,
            }
            fees = once.fees.max(fees);
            worth.violations |= usize::from(conditions.minimum_value.is_some_and(|minimum| self.goods < minimum));
        }
        worth.cost += shipping + fees;
        worth
    }
}
