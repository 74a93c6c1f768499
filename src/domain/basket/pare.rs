//! Takes pieces off a purchase that nothing needs, which are there because orders were thinned out.

use super::{Basket, Pick};

impl Basket {
    /// The picks with the smallest quantities, at the same price of a piece, that still bring what their lines need and
    /// keep the limits that their orders reach.
    pub(super) fn pared(&self, mut picks: Vec<Pick>) -> Vec<Pick> {
        let mut brought = vec![0_u64; self.lines.len()];
        for pick in &picks {
            brought[pick.line as usize] += u64::from(pick.quantity);
        }
        let mut goods = vec![0_i128; self.sellers.len()];
        for pick in &picks {
            goods[self.conditions(self.offer(*pick)).seller as usize] += self.goods(*pick).unwrap_or(0);
        }
        for pick in &mut picks {
            let (line, seller) = (pick.line as usize, self.conditions(self.offer(*pick)).seller as usize);
            let others = brought[line] - u64::from(pick.quantity);
            let need = self.lines[line].quantity.get().saturating_sub(others);
            let spare = goods[seller] - self.reached(seller, goods[seller]);
            let Some((quantity, saved)) = self.least(*pick, need.max(1), spare) else { continue };
            brought[line] -= u64::from(pick.quantity - quantity);
            goods[seller] -= saved;
            pick.quantity = quantity;
        }
        picks
    }

    /// The highest limit that a seller's goods reach.
    fn reached(&self, seller: usize, goods: i128) -> i128 {
        let of_seller = self.conditions.iter().filter(|conditions| conditions.seller as usize == seller);
        let limits = of_seller.flat_map(|conditions| [conditions.free_from(), conditions.minimum_value]);
        limits.flatten().filter(|limit| *limit <= goods).max().unwrap_or(0)
    }

    /// The smallest quantity of a pick's tier that brings `need` and costs at most `spare` less, and how much less.
    fn least(&self, pick: Pick, need: u64, spare: i128) -> Option<(u32, i128)> {
        let offer = self.offer(pick);
        let conditions = self.conditions(offer);
        let rules = offer.rules(need, false, conditions, self.minor_digits(conditions.seller));
        let quantity = u64::from(pick.quantity);
        let smallest = rules.smallest_order().min(quantity);
        let tier = rules.tier_orders(rules.tiers_from(quantity).start, smallest).ok()??;
        let goods = self.goods(pick)?;
        let least = rules.first_reaching(&tier, goods - spare).ok()?.clamp(tier.least, quantity);
        let saved = goods - tier.goods(least).ok()?;
        (saved > 0 && saved <= spare).then_some((u32::try_from(least).ok()?, saved))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::tests::{basket, free, offer, shipping};
    use super::*;

    #[test]
    fn pieces_go_that_neither_the_line_nor_a_limit_needs() {
        let pick = |line, quantity| Pick { line, offer: 0, quantity };
        let offers = [(0, 0, offer("46.00")), (1, 0, offer("1.00"))];
        let pared = |terms, quantity| {
            let basket = basket(Limits::default(), &[1, 2], &[terms], &offers, None);
            basket.pared(vec![pick(0, 1), pick(1, quantity)])
        };
        // Four of them make shipping free.
        assert_eq!(pared(shipping(), 9), [pick(0, 1), pick(1, 4)]);
        assert_eq!(pared(shipping(), 3), [pick(0, 1), pick(1, 2)]);
        assert_eq!(pared(free(), 9), [pick(0, 1), pick(1, 2)]);
    }
}
