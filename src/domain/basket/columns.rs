//! The choices of each line: how much of which offer, and what that costs.
//!
//! Owns which orders of an offer are worth a look in an order of many lines, and which of them cannot be part of the
//! best one. Its main type is [`Columns`]; the name is that of linear programming, where a choice is a column.

use std::ops::Range;

use super::super::order::Shipping;
use super::conditions::Conditions;
use super::line_offer::LineOffer;
use super::{Basket, Pick};

/// How many orders of one tier are looked at that reach a limit together with other lines. More than these are thinned
/// out evenly.
const STEPS: u64 = 100;

/// An amount of an offer that may be bought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) pick: Pick,
    pub(super) conditions: u32,
    pub(super) seller: u32,
    /// How many of the pieces that the line needs it brings.
    pub(super) covers: u32,
    /// Whether that is all of them.
    pub(super) is_whole: bool,
    /// In the seller's minor units.
    pub(super) goods: i128,
    /// Goods and the line's own fees, as the search counts.
    pub(super) net: i128,
}

/// All columns by line, cheaper ones first.
#[derive(Debug)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Where each line's columns begin, and where the last one's end.
    starts: Vec<usize>,
    /// What is known of each seller.
    pub(super) sellers: Vec<SellerFacts>,
    /// How much more than the best purchase of all the best one of these columns may cost, as the search counts, since
    /// orders were thinned out.
    pub(super) thinned: i128,
}

/// What the columns of a seller have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SellerFacts {
    pub(super) supplier: u32,
    /// The most that its shipping can cost, as the search counts.
    most_shipping: i128,
    /// The goods at which its shipping becomes free, where it has such a limit. It counts all goods of an order, also
    /// those of offers that state a shipping of their own.
    free_from: Option<i128>,
    /// Orders with goods below this are refused.
    minimum_value: Option<i128>,
    /// What thinning out may cost here.
    thinned: i128,
}

impl SellerFacts {
    /// Whether more goods can be worth more than they are.
    fn has_limit(&self) -> bool {
        self.free_from.is_some() || self.minimum_value.is_some()
    }
}

impl Columns {
    /// The worthwhile columns of a basket. A column whose amounts are beyond exact arithmetic is left out.
    pub(super) fn of(basket: &Basket) -> Self {
        let mut columns = Self { columns: Vec::new(), starts: vec![0], sellers: facts(basket), thinned: 0 };
        let mut of_line = Vec::new();
        for line in 0..basket.lines.len() {
            columns.collect(basket, line, &mut of_line);
            columns.keep_worthwhile(basket, &mut of_line);
            columns.columns.append(&mut of_line);
            columns.starts.push(columns.columns.len());
        }
        columns.columns.shrink_to_fit();
        columns.thinned = columns.sellers.iter().map(|seller| seller.thinned).sum();
        columns
    }

    pub(super) fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// The numbers of a line's columns.
    pub(super) fn of_line(&self, line: usize) -> Range<usize> {
        self.starts[line]..self.starts[line + 1]
    }

    /// Those of them that bring all that the line needs.
    pub(super) fn whole(&self, line: usize) -> impl Iterator<Item = usize> {
        self.of_line(line).filter(|column| self.columns[*column].is_whole)
    }

    /// All columns.
    pub(super) fn all(&self) -> &[Column] {
        &self.columns
    }

    fn collect(&mut self, basket: &Basket, line: usize, columns: &mut Vec<Column>) {
        let need = basket.lines[line].quantity.get();
        for (number, offer) in basket.lines[line].offers.iter().enumerate() {
            let conditions = basket.conditions(offer);
            let mut add = |quantity: u64, goods: i128| {
                let pick = Pick { line: narrow(line as u64), offer: narrow(number as u64), quantity: narrow(quantity) };
                let net = goods.checked_add(conditions.line_fees).and_then(|sum| conditions.fine(sum));
                columns.extend(net.map(|net| Column {
                    pick,
                    conditions: offer.conditions,
                    seller: conditions.seller,
                    covers: narrow(quantity.min(need)),
                    is_whole: quantity >= need,
                    goods,
                    net,
                }));
            };
            let digits = basket.minor_digits(conditions.seller);
            let facts = self.sellers[conditions.seller as usize];
            let orders = Orders { offer, conditions, need, exact: basket.limits.exact, digits, facts };
            // An offer whose amounts are beyond exact arithmetic has no columns from there on.
            let gap = orders.whole(&mut add).unwrap_or_default();
            let facts = &mut self.sellers[conditions.seller as usize];
            facts.thinned = facts.thinned.max(gap);
        }
    }

    /// Leaves out what another column makes useless, and sorts the rest.
    fn keep_worthwhile(&self, basket: &Basket, columns: &mut Vec<Column>) {
        columns.sort_unstable_by_key(|column| (column.net, column.pick.quantity, column.pick.offer));
        if basket.limits.max_suppliers.is_none() {
            let at_most = columns.iter().filter_map(|column| basket.alone(column)).min();
            columns.retain(|column| {
                let facts = self.sellers[column.seller as usize];
                facts.minimum_value.is_some()
                    || at_most.is_none_or(|at_most| column.net - facts.most_shipping <= at_most)
            });
        }
        let mut kept: Vec<Column> = Vec::with_capacity(columns.len());
        for column in columns.iter() {
            let facts = self.sellers[column.seller as usize];
            let (has_limit, has_minimum) = (facts.has_limit(), facts.minimum_value.is_some());
            let is_useless = kept.iter().any(|other| {
                let is_like = other.conditions == column.conditions && other.covers >= column.covers;
                let is_enough = !has_limit
                    || other.goods >= column.goods
                    || (!has_minimum && other.net + facts.most_shipping <= column.net);
                is_like && is_enough
            });
            if !is_useless {
                kept.push(*column);
            }
        }
        *columns = kept;
    }
}

impl Basket {
    /// What a column adds at most to the cost of a purchase, if it is permitted whatever else is bought.
    fn alone(&self, column: &Column) -> Option<i128> {
        let conditions = &self.conditions[column.conditions as usize];
        if !column.is_whole || conditions.minimum_value.is_some_and(|minimum| column.goods < minimum) {
            return None;
        }
        let once = conditions.shipping.cost(column.goods).unwrap_or(0).checked_add(conditions.order_fees)?;
        // Each amount of an order is rounded by itself in the search.
        column.net.checked_add(conditions.fine(once)? + 1)
    }
}

fn facts(basket: &Basket) -> Vec<SellerFacts> {
    let fact = |seller: &super::Seller| SellerFacts { supplier: seller.supplier, ..SellerFacts::default() };
    let mut facts: Vec<SellerFacts> = basket.sellers.iter().map(fact).collect();
    for conditions in &basket.conditions {
        let facts = &mut facts[conditions.seller as usize];
        facts.minimum_value = facts.minimum_value.max(conditions.minimum_value);
        facts.free_from = facts.free_from.max(conditions.free_from());
        if let Shipping::FreeFrom { cost, .. } = conditions.shipping {
            facts.most_shipping = facts.most_shipping.max(conditions.fine(cost).unwrap_or(i128::MAX / 4) + 1);
        }
    }
    facts
}

/// The orders of one offer.
struct Orders<'a> {
    offer: &'a LineOffer,
    conditions: &'a Conditions,
    need: u64,
    exact: bool,
    digits: u32,
    facts: SellerFacts,
}

impl Orders<'_> {
    /// Calls `add` for every order that brings all that the line needs: of each tier the smallest, and those above it
    /// that may help to reach a limit. Returns what thinning them out may cost, `None` when amounts are too large.
    ///
    /// A larger order than the smallest of its tier only pays if it brings the order's goods to a limit. To free
    /// shipping it pays as long as it costs no more than the shipping, and no order beyond the one that reaches the
    /// limit by itself is needed.
    fn whole(&self, add: &mut impl FnMut(u64, i128)) -> Option<i128> {
        let rules = self.offer.rules(self.need, self.exact, self.conditions, self.digits);
        let smallest = rules.smallest_order();
        let most = rules.maximum.unwrap_or(0);
        let mut gap = 0;
        for index in rules.tiers_from(smallest) {
            let Some(tier) = rules.tier_orders(index, smallest).ok()? else { continue };
            let (least, most) = (tier.least, tier.most.min(most));
            if least > most {
                break;
            }
            let goods = tier.goods(least).ok()?;
            add(least, goods);
            if !rules.may_order_more() {
                break;
            }
            let limits = [self.facts.free_from, self.facts.minimum_value].into_iter().flatten();
            let mut last = least;
            for limit in limits.filter(|limit| *limit > goods) {
                last = last.max(rules.first_reaching(&tier, limit).ok()?.min(most - most % rules.multiple));
            }
            gap = gap.max(self.steps(least, last, goods, |order| tier.goods(order).ok(), add)?);
        }
        Some(gap)
    }

    /// The orders above `least` up to `last`; the last one always, as it may reach a limit by itself.
    fn steps(
        &self,
        least: u64,
        last: u64,
        base: i128,
        goods: impl Fn(u64) -> Option<i128>,
        add: &mut impl FnMut(u64, i128),
    ) -> Option<i128> {
        let multiple = self.offer.multiple();
        let worth = self.worthwhile(least, last, base, &goods)?;
        let count = (worth - least) / multiple;
        let stride = count.div_ceil(STEPS).max(1);
        let (mut before, mut gap) = (base, 0);
        for step in (1..=count).filter(|step| step % stride == 0 || *step == count) {
            let order = least + step * multiple;
            let goods = goods(order)?;
            add(order, goods);
            if stride > 1 {
                gap = gap.max(self.conditions.fine(goods - before)?);
            }
            before = goods;
        }
        Some(gap)
    }

    /// The largest order whose goods above the base may pay; all of them where there is a minimum order value.
    fn worthwhile(&self, least: u64, last: u64, base: i128, goods: &impl Fn(u64) -> Option<i128>) -> Option<u64> {
        if self.facts.minimum_value.is_some() {
            return Some(last);
        }
        let multiple = self.offer.multiple();
        let (mut low, mut high) = (0, (last - least) / multiple);
        while low < high {
            let middle = (low + high).div_ceil(2);
            let more = goods(least + middle * multiple)? - base;
            if self.conditions.fine(more)? <= self.facts.most_shipping {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Some(least + low * multiple)
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
