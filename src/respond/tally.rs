//! How often what was asked: the counts that `fail-first` and the draws depend on.

use std::collections::HashMap;

use crate::domain::Quantity;

/// So many different questions are told apart; a client that makes up names cannot fill the memory.
const MAX_QUESTIONS: usize = 100_000;

/// The requests that one mock has had in this process.
#[derive(Debug, Default)]
pub(super) struct Tally {
    all: u64,
    such: HashMap<(String, Quantity), u64>,
}

/// Which request it is, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    /// Among all that the mock had.
    pub(super) nth: u64,
    /// Among those for the same product and quantity.
    pub(super) nth_such: u64,
}

impl Tally {
    /// Counts one more request. Beyond 100,000 different ones, a new one is always the first of its kind.
    pub(super) fn count(&mut self, product: &str, quantity: Quantity) -> Counts {
        self.all += 1;
        let key = (product.to_owned(), quantity);
        if self.such.len() >= MAX_QUESTIONS && !self.such.contains_key(&key) {
            return Counts { nth: self.all, nth_such: 1 };
        }
        let such = self.such.entry(key).or_default();
        *such += 1;
        Counts { nth: self.all, nth_such: *such }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_requests_and_each_kind() {
        let mut tally = Tally::default();
        let (one, ten) = (Quantity::new(1).unwrap(), Quantity::new(10).unwrap());
        let counts = [("widget", ten), ("widget", one), ("gadget", ten), ("widget", ten)]
            .map(|(product, quantity)| tally.count(product, quantity))
            .map(|counts| (counts.nth, counts.nth_such));
        assert_eq!(counts, [(1, 1), (2, 1), (3, 1), (4, 2)]);
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let mut tally = Tally::default();
        let quantity = Quantity::new(1).unwrap();
        for product in 0..=MAX_QUESTIONS {
            tally.count(&product.to_string(), quantity);
        }
        assert_eq!(tally.such.len(), MAX_QUESTIONS);
        assert_eq!(tally.count("0", quantity).nth_such, 2);
        assert_eq!(tally.count("late", quantity).nth_such, 1);
    }
}
