//! What orders cost, exactly: the one place where a purchase's amounts are worked out, however it was found.

use super::super::Currency;
use super::super::landing::{GrossCharges, MinorRatio, from_minor};
use super::conditions::Conditions;
use super::{Amounts, Basket, Order, OrderLine, Pick, Purchase};

/// The part of an order that counts at one ratio.
struct Part {
    ratio: MinorRatio,
    gross: GrossCharges,
    landed: GrossCharges,
}

impl Basket {
    /// What picks cost: at most one for each offer. `None` when an order stays below its minimum order value, or an
    /// amount is beyond exact arithmetic.
    pub(super) fn purchase(&self, picks: &[Pick]) -> Option<Purchase> {
        let seller_of = |pick: &Pick| self.conditions(self.offer(*pick)).seller;
        let supplier_of = |pick: &Pick| self.sellers[seller_of(pick) as usize].supplier;
        let mut picks = picks.to_vec();
        picks.sort_unstable_by_key(|pick| (supplier_of(pick), seller_of(pick), *pick));
        let orders: Option<Vec<Order>> =
            picks.chunk_by(|left, right| seller_of(left) == seller_of(right)).map(|picks| self.order(picks)).collect();
        let orders = orders?;
        let mut bought = vec![false; self.lines.len()];
        for pick in &picks {
            bought[pick.line as usize] = true;
        }
        let zero = from_minor(0, self.currency)?;
        Some(Purchase {
            missing: (0..self.lines.len()).filter(|line| !bought[*line]).collect(),
            total: orders.iter().try_fold(zero, |sum, order| sum.checked_add(order.amounts.total))?,
            shipping_known: orders.iter().all(|order| order.shipping_known),
            delivery_days: last(orders.iter().map(|order| order.delivery_days)),
            orders,
        })
    }

    /// The goods of a pick, in its seller's minor units.
    pub(super) fn goods(&self, pick: Pick) -> Option<i128> {
        let offer = self.offer(pick);
        let conditions = self.conditions(offer);
        let quantity = u64::from(pick.quantity);
        let need = self.lines[pick.line as usize].quantity.get();
        let rules = offer.rules(need, self.limits.exact, conditions, self.minor_digits(conditions.seller));
        rules.goods(quantity).ok()
    }

    /// The decimals of a seller's minor unit.
    pub(super) fn minor_digits(&self, seller: u32) -> u32 {
        self.sellers[seller as usize].currency.minor_digits()
    }

    /// The order of all picks, which have one seller and are in order; there is at least one.
    fn order(&self, picks: &[Pick]) -> Option<Order> {
        let goods: Vec<i128> = picks.iter().map(|pick| self.goods(*pick)).collect::<Option<_>>()?;
        let total = goods.iter().try_fold(0_i128, |sum, goods| sum.checked_add(*goods))?;
        let conditions: Vec<&Conditions> = picks.iter().map(|pick| self.conditions(self.offer(*pick))).collect();
        if conditions.iter().any(|conditions| conditions.minimum_value.is_some_and(|minimum| total < minimum)) {
            return None;
        }
        let mut parts = parts(&conditions, &goods);
        let shipping = highest(&conditions, |conditions| conditions.shipping.cost(total))?;
        part_of(&mut parts, shipping.0)?.gross.shipping = Some(shipping.1);
        let fees = highest(&conditions, |conditions| Some(conditions.order_fees))?;
        part_of(&mut parts, fees.0)?.gross.fees += fees.1;
        for part in &mut parts {
            let GrossCharges { goods, fees, shipping, .. } = part.gross;
            part.gross.total = goods.checked_add(fees)?.checked_add(shipping.unwrap_or(0))?;
            part.landed = part.ratio.parts(part.gross)?;
        }
        let seller = self.sellers[conditions.first()?.seller as usize];
        let lines = self.order_lines(picks, &goods, &conditions, &parts, seller.currency)?;
        Some(Order {
            supplier: seller.supplier as usize,
            currency: seller.currency,
            amounts: amounts(parts.iter().map(|part| part.landed), self.currency)?,
            quoted: amounts(parts.iter().map(|part| part.gross), seller.currency)?,
            shipping_known: conditions.iter().all(|conditions| conditions.shipping.cost(total).is_some()),
            delivery_days: last(lines.iter().map(|line| line.delivery_days)),
            lines,
        })
    }

    /// The lines, whose goods are rounded each; what that leaves of a part's goods is the largest line's.
    fn order_lines(
        &self,
        picks: &[Pick],
        goods: &[i128],
        conditions: &[&Conditions],
        parts: &[Part],
        currency: Currency,
    ) -> Option<Vec<OrderLine>> {
        let landed = |(conditions, goods): (&&Conditions, &i128)| conditions.ratio.amount(*goods);
        let mut landed: Vec<i128> = conditions.iter().zip(goods).map(landed).collect::<Option<_>>()?;
        for part in parts {
            let of_part = || (0..picks.len()).filter(|index| conditions[*index].ratio == part.ratio);
            let sum: i128 = of_part().map(|index| landed[index]).sum();
            let largest = of_part().max_by_key(|index| goods[*index])?;
            landed[largest] += part.landed.goods - sum;
        }
        let line = |index: usize| {
            let pick = picks[index];
            Some(OrderLine {
                line: pick.line as usize,
                offer: pick.offer as usize,
                quantity: u64::from(pick.quantity),
                unit_price_quoted: self.offer(pick).piece_price_at(u64::from(pick.quantity))?,
                goods: from_minor(landed[index], self.currency)?,
                goods_quoted: from_minor(goods[index], currency)?,
                delivery_days: self.offer(pick).delivery_days,
            })
        };
        (0..picks.len()).map(line).collect()
    }
}

/// The goods and the lines' own fees by ratio.
fn parts(conditions: &[&Conditions], goods: &[i128]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (conditions, goods) in conditions.iter().zip(goods) {
        let none = || GrossCharges { unit_price: 0.into(), goods: 0, fees: 0, shipping: None, total: 0 };
        let known = parts.iter().position(|part| part.ratio == conditions.ratio);
        let index = known.unwrap_or_else(|| {
            parts.push(Part { ratio: conditions.ratio, gross: none(), landed: none() });
            parts.len() - 1
        });
        parts[index].gross.goods += goods;
        parts[index].gross.fees += conditions.line_fees;
    }
    parts
}

fn part_of(parts: &mut [Part], ratio: MinorRatio) -> Option<&mut Part> {
    parts.iter_mut().find(|part| part.ratio == ratio)
}

/// The charge that counts most, and its ratio: the first of equal ones, 0 when none is known.
fn highest(conditions: &[&Conditions], charge: impl Fn(&Conditions) -> Option<i128>) -> Option<(MinorRatio, i128)> {
    let mut highest = (conditions.first()?.ratio, 0, 0);
    for conditions in conditions {
        let Some(charge) = charge(conditions) else { continue };
        let fine = conditions.fine(charge)?;
        if fine > highest.2 {
            highest = (conditions.ratio, charge, fine);
        }
    }
    Some((highest.0, highest.1))
}

fn amounts(parts: impl Iterator<Item = GrossCharges>, currency: Currency) -> Option<Amounts> {
    let (mut goods, mut fees, mut shipping) = (0_i128, 0_i128, 0_i128);
    for part in parts {
        goods = goods.checked_add(part.goods)?;
        fees = fees.checked_add(part.fees)?;
        shipping = shipping.checked_add(part.shipping.unwrap_or(0))?;
    }
    let amount = |minor| from_minor(minor, currency);
    let total = goods.checked_add(fees)?.checked_add(shipping)?;
    Some(Amounts { goods: amount(goods)?, fees: amount(fees)?, shipping: amount(shipping)?, total: amount(total)? })
}

/// The latest of deliveries that are all known.
fn last(mut deliveries: impl Iterator<Item = Option<u16>>) -> Option<u16> {
    deliveries.try_fold(None, |last, days| Some(last.max(Some(days?))))?
}
