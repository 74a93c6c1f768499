//! Where the search for a good purchase begins: which suppliers are worth a try together.
//!
//! Owns the choice of sets of suppliers; every other change of a purchase is small, and does not get from one good set
//! to the next. Its main type is [`Starts`].

use super::Basket;
use super::columns::Columns;

/// How many prices of lines are looked at most to weigh all sets of suppliers.
const WEIGHED: usize = 50_000_000;
/// How many of them are tried.
const TRIED: usize = 8;

/// What each line costs at each supplier.
pub(super) struct Starts {
    suppliers: usize,
    /// The least that all that a line needs costs, by line and supplier; `None` = not offered.
    goods: Vec<Option<i128>>,
    /// What an order adds at each supplier, and what it adds at least.
    opening: Vec<(i128, i128)>,
    penalty: i128,
    most: usize,
}

/// Suppliers that may have orders together.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// In order.
    pub(super) suppliers: Vec<usize>,
    /// No purchase that has an order of each of them, and no other, costs less.
    pub(super) bound: i128,
    /// About what such a purchase costs.
    pub(super) guess: i128,
}

impl Starts {
    /// Reads what lines cost; `penalty` is for a line that is not offered.
    pub(super) fn new(basket: &Basket, columns: &Columns, penalty: i128) -> Self {
        let suppliers = columns.suppliers();
        let mut goods: Vec<Option<i128>> = vec![None; suppliers * columns.lines()];
        for column in columns.all() {
            let line = column.pick.line as usize;
            let need = i128::from(basket.lines[line].quantity.get());
            let supplier = columns.sellers[column.seller as usize].supplier as usize;
            // A part costs at least its share of the whole, wherever the others are bought.
            let whole = if column.is_whole { column.floor } else { column.floor * need / i128::from(column.covers) };
            let least = &mut goods[line * suppliers + supplier];
            *least = Some(least.map_or(whole, |least| least.min(whole)));
        }
        let mut opening = vec![(i128::MAX, i128::MAX); suppliers];
        for facts in &columns.sellers {
            let (guess, least) = &mut opening[facts.supplier as usize];
            let shipping = facts.least_shipping;
            let sure = if facts.free_shipping.is_some() { 0 } else { shipping };
            *guess = facts.least_fees.saturating_add(shipping).min(*guess);
            *least = facts.least_fees.saturating_add(sure).min(*least);
        }
        let most = basket.limits.max_suppliers.unwrap_or(usize::MAX).min(suppliers);
        Self { suppliers, goods, opening, penalty, most }
    }

    /// All sets of so many suppliers as may have orders; `None` where there are too many to weigh them, or no time.
    pub(super) fn sets(&self, is_over: &dyn Fn() -> bool) -> Option<Vec<Set>> {
        let is_known = |supplier: &usize| self.opening[*supplier].0 < i128::MAX;
        let all: Vec<usize> = (0..self.suppliers).filter(is_known).collect();
        if self.count(all.len()).saturating_mul(self.goods.len() / self.suppliers.max(1)) > WEIGHED {
            return None;
        }
        let (mut sets, mut set) = (Vec::new(), Vec::new());
        while self.next(&mut set, all.len()) {
            if is_over() {
                return None;
            }
            sets.push(self.set(set.iter().map(|position| all[*position]).collect()));
        }
        Some(sets)
    }

    /// The sets that promise the most, the best first.
    pub(super) fn best(sets: &[Set]) -> impl Iterator<Item = Vec<usize>> {
        let mut best: Vec<&Set> = sets.iter().collect();
        best.sort_by_key(|set| set.guess);
        best.into_iter().take(TRIED).map(|set| set.suppliers.clone())
    }

    /// How many sets there are of so many suppliers.
    fn count(&self, suppliers: usize) -> usize {
        let (mut sets, mut of_size) = (0_usize, 1_usize);
        for size in 0..self.most.min(suppliers) {
            of_size = of_size.saturating_mul(suppliers - size) / (size + 1);
            sets = sets.saturating_add(of_size);
        }
        sets
    }

    /// Goes on to the next set, in the order of a dictionary; `false` after the last one.
    fn next(&self, set: &mut Vec<usize>, suppliers: usize) -> bool {
        let after = set.last().map_or(0, |last| last + 1);
        if after < suppliers && set.len() < self.most {
            set.push(after);
            return true;
        }
        while let Some(last) = set.pop() {
            if last + 1 < suppliers {
                set.push(last + 1);
                return true;
            }
        }
        false
    }

    fn set(&self, suppliers: Vec<usize>) -> Set {
        let line = |goods: &[Option<i128>]| suppliers.iter().filter_map(|supplier| goods[*supplier]).min();
        let is_offered = |goods: &&[Option<i128>]| goods.iter().any(Option::is_some);
        let goods = self.goods.chunks(self.suppliers.max(1)).filter(is_offered);
        let goods: i128 = goods.map(|goods| line(goods).unwrap_or(self.penalty)).sum();
        let guess = goods + suppliers.iter().map(|supplier| self.opening[*supplier].0).sum::<i128>();
        let bound = goods + suppliers.iter().map(|supplier| self.opening[*supplier].1).sum::<i128>();
        Set { suppliers, bound, guess }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::conditions::FINE;
    use super::super::tests::{basket, free, offer, shipping};
    use super::*;

    #[test]
    fn every_set_that_is_permitted_has_a_bound() {
        let limits = Limits { max_suppliers: Some(2), ..Limits::default() };
        let offers = [(0, 0, offer("5.00")), (0, 1, offer("6.00")), (1, 2, offer("3.00"))];
        let basket = basket(limits, &[1, 1], &[shipping(), free(), free()], &offers, None);
        let columns = Columns::of(&basket);
        let sets = Starts::new(&basket, &columns, 100_000 * FINE).sets(&|| false).unwrap();
        let bounds: Vec<_> = sets.iter().map(|set| (&set.suppliers[..], set.bound / FINE)).collect();
        let left_out = 100_000;
        // Shipping may become free, so that it is in no bound.
        let expected: [(&[usize], i128); 6] = [
            (&[0], 500 + left_out),
            (&[0, 1], 500 + left_out),
            (&[0, 2], 800),
            (&[1], 600 + left_out),
            (&[1, 2], 900),
            (&[2], 300 + left_out),
        ];
        assert_eq!(bounds, expected);
        assert_eq!(Starts::best(&sets).next().as_deref(), Some(&[1, 2][..]));
    }
}
