//! What people buy who do not optimise, to measure the best purchase against.

use std::collections::BTreeMap;

use super::{Basket, Pick, Purchase};

/// Purchases that each follow one simple rule. Every offer is bought as if it were the only one, in the quantity of its
/// quote, so that each order is permitted; what is bought together is then charged together. The most suppliers that
/// an order may have do not count here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naive {
    /// Each line where its own quote is the cheapest.
    pub cheapest_lines: Purchase,
    /// Everything from one supplier: the one that has the most lines, the cheapest of equal ones. `None` when nothing
    /// is offered.
    pub one_supplier: Option<Purchase>,
    /// Each line where it is delivered first, the cheapest of equal ones; an unknown delivery is the last.
    pub fastest_lines: Purchase,
}

/// An offer that is bought alone.
#[derive(Clone, Copy, Debug)]
struct Alone {
    pick: Pick,
    supplier: u32,
    /// What its quote says.
    total: i128,
    shipping_unknown: bool,
    delivery: (bool, Option<u16>),
}

impl Alone {
    fn by_total(&self) -> impl Ord + use<> {
        (self.total, self.shipping_unknown, self.delivery, self.supplier, self.pick)
    }

    fn by_delivery(&self) -> impl Ord + use<> {
        (self.delivery, self.by_total())
    }
}

impl Basket {
    /// The naive purchases.
    #[must_use]
    pub fn naive(&self) -> Naive {
        let lines: Vec<Vec<Alone>> = (0..self.lines.len()).map(|line| self.alone_offers(line)).collect();
        let cheapest = lines.iter().filter_map(|offers| offers.iter().min_by_key(|offer| offer.by_total()));
        let fastest = lines.iter().filter_map(|offers| offers.iter().min_by_key(|offer| offer.by_delivery()));
        Naive {
            cheapest_lines: self.bought(cheapest.map(|offer| offer.pick)),
            one_supplier: self.one_supplier(&lines),
            fastest_lines: self.bought(fastest.map(|offer| offer.pick)),
        }
    }

    fn bought(&self, picks: impl Iterator<Item = Pick>) -> Purchase {
        self.purchase(&picks.collect::<Vec<_>>()).unwrap_or_else(|| self.nothing())
    }

    /// A purchase of nothing.
    pub(super) fn nothing(&self) -> Purchase {
        Purchase { missing: (0..self.lines.len()).collect(), shipping_known: true, ..Purchase::default() }
    }

    fn one_supplier(&self, lines: &[Vec<Alone>]) -> Option<Purchase> {
        let mut suppliers: BTreeMap<u32, Vec<Pick>> = BTreeMap::new();
        for offers in lines {
            let mut cheapest: BTreeMap<u32, &Alone> = BTreeMap::new();
            for offer in offers {
                let best = cheapest.entry(offer.supplier).or_insert(offer);
                if offer.by_total() < best.by_total() {
                    *best = offer;
                }
            }
            for offer in cheapest.values() {
                suppliers.entry(offer.supplier).or_default().push(offer.pick);
            }
        }
        let most = suppliers.values().map(Vec::len).max()?;
        let complete = suppliers.values().filter(|picks| picks.len() == most);
        let bought = complete.map(|picks| self.bought(picks.iter().copied()));
        bought.min_by_key(|purchase| (purchase.missing.len(), purchase.total, !purchase.shipping_known))
    }

    /// The offers of a line that can be bought alone.
    fn alone_offers(&self, line: usize) -> Vec<Alone> {
        let alone = |(number, offer): (usize, &super::LineOffer)| {
            let (line, number) = (u32::try_from(line).ok()?, u32::try_from(number).ok()?);
            let pick = Pick { line, offer: number, quantity: offer.alone };
            if offer.alone == 0 {
                return None;
            }
            let (conditions, goods) = (self.conditions(offer), self.goods(pick)?);
            let shipping = conditions.shipping.cost(goods);
            let fees = conditions.order_fees + conditions.line_fees;
            Some(Alone {
                pick,
                supplier: self.sellers[conditions.seller as usize].supplier,
                total: conditions.ratio.amount(goods + fees + shipping.unwrap_or(0))?,
                shipping_unknown: shipping.is_none(),
                delivery: (offer.delivery_days.is_none(), offer.delivery_days),
            })
        };
        self.lines[line].offers.iter().enumerate().filter_map(alone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::tests::{basket, free, offer};
    use super::*;
    use crate::domain::Offer;

    fn suppliers(purchase: &Purchase) -> Vec<usize> {
        purchase.orders.iter().map(|order| order.supplier).collect()
    }

    #[test]
    fn the_fastest_is_the_one_that_says_so() {
        let within = |price, days| Offer { delivery_days: days, ..offer(price) };
        let offers = [(0, 0, within("5.00", None)), (0, 1, within("7.00", Some(2))), (0, 2, within("6.00", Some(2)))];
        let naive = basket(Limits::default(), &[1], &[free(), free(), free()], &offers, None).naive();
        assert_eq!(suppliers(&naive.cheapest_lines), [0]);
        assert_eq!(suppliers(&naive.fastest_lines), [2]);
    }

    #[test]
    fn one_supplier_is_the_one_with_the_most_lines() {
        let offers = [(0, 0, offer("1.00")), (0, 1, offer("9.00")), (1, 1, offer("9.00"))];
        let naive = basket(Limits::default(), &[1, 1], &[free(), free()], &offers, None).naive();
        let one = naive.one_supplier.unwrap();
        assert_eq!((suppliers(&one), one.missing), (vec![1], vec![]));
        assert_eq!(basket(Limits::default(), &[1], &[free()], &[], None).naive().one_supplier, None);
    }
}
