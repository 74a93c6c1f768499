//! The choices of each line: how much of which offer, and what that costs.
//!
//! Owns which orders of an offer are worth a look in an order of many lines, and which of them cannot be part of the
//! best one. Its main type is [`Columns`]; the name is that of linear programming, where a choice is a column.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use super::super::order::Shipping;
use super::conditions::{Conditions, FINE, MOST_AMOUNT};
use super::line_offer::LineOffer;
use super::{Basket, Limits, Pick};

/// How many orders of one tier are looked at, beside the smallest, that help to reach a limit or are a part of a line.
/// More than these are thinned out evenly.
const STEPS: u64 = 1_000;
/// How many there may be of all offers.
const ALL_STEPS: u64 = 100_000;
/// How many parts of lines there may be, which are the more useful ones: they bring pieces.
const ALL_PARTS: u64 = 400_000;

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
    /// No order costs less that brings as many pieces and as much goods, or less of both, but more than the next
    /// smaller column of the offer: below `net` where orders between the two were thinned out.
    pub(super) floor: i128,
}

/// All columns by line, cheaper ones first.
#[derive(Debug)]
pub(super) struct Columns {
    all: Vec<Column>,
    /// Where each line's columns begin, and where the last one's end.
    starts: Vec<usize>,
    /// What is known of each seller.
    pub(super) sellers: Vec<SellerFacts>,
    /// What each conditions ask for once an order, as the search counts.
    pub(super) once: Vec<Once>,
    /// Whether lines may be bought in parts.
    pub(super) is_split: bool,
    /// Every purchase costs a multiple of this, as the search counts: a minor unit, unless amounts are converted or
    /// taxed.
    pub(super) grain: i128,
    steps: u64,
    part_steps: u64,
}

/// What is asked for once an order, as the search counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Once {
    /// The limit on goods is in the seller's minor units, as ever.
    pub(super) shipping: Shipping,
    pub(super) fees: i128,
}

/// What the columns of a seller have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SellerFacts {
    pub(super) supplier: u32,
    /// The most that its shipping can cost, as the search counts.
    most_shipping: i128,
    /// What every order there pays at least, as the search counts, were shipping never free.
    pub(super) least_shipping: i128,
    /// The same for fees of the order.
    pub(super) least_fees: i128,
    /// The least shipping of an order and the goods at which it becomes free; `None` where there is no such limit.
    pub(super) free_shipping: Option<(i128, i128)>,
    /// The goods at which its shipping becomes free, where it has such a limit. It counts all goods of an order, also
    /// those of offers that state a shipping of their own.
    free_from: Option<i128>,
    /// Orders with goods below this are refused.
    minimum_value: Option<i128>,
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
        let offers: usize = basket.lines.iter().map(|line| line.offers.len()).sum();
        let mut columns = Self {
            all: Vec::new(),
            starts: vec![0],
            sellers: facts(basket),
            once: basket.conditions.iter().map(Once::of).collect(),
            is_split: basket.limits.split,
            grain: if basket.conditions.iter().all(|conditions| conditions.ratio.changes_nothing()) { FINE } else { 1 },
            steps: (ALL_STEPS / (offers as u64).max(1)).clamp(2, STEPS),
            part_steps: (ALL_PARTS / (offers as u64).max(1)).clamp(2, STEPS),
        };
        let mut of_line = Vec::new();
        for line in 0..basket.lines.len() {
            columns.collect(basket, line, &mut of_line);
            columns.keep_worthwhile(basket, &mut of_line);
            columns.all.append(&mut of_line);
            columns.starts.push(columns.all.len());
        }
        columns.all.shrink_to_fit();
        columns
    }

    pub(super) fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// One more than the highest number of a supplier.
    pub(super) fn suppliers(&self) -> usize {
        self.sellers.iter().map(|seller| seller.supplier as usize + 1).max().unwrap_or(0)
    }

    /// The least that a purchase can cost which costs no less than a bound.
    pub(super) fn in_grains(&self, bound: i128) -> i128 {
        -(-bound).div_euclid(self.grain) * self.grain
    }

    /// The numbers of a line's columns.
    pub(super) fn of_line(&self, line: usize) -> Range<usize> {
        self.starts[line]..self.starts[line + 1]
    }

    /// Those of them that bring all that the line needs.
    pub(super) fn whole(&self, line: usize) -> impl Iterator<Item = usize> {
        self.of_line(line).filter(|column| self.all[*column].is_whole)
    }

    /// All columns.
    pub(super) fn all(&self) -> &[Column] {
        &self.all
    }

    fn collect(&self, basket: &Basket, line: usize, columns: &mut Vec<Column>) {
        let need = basket.lines[line].quantity.get();
        for (number, offer) in basket.lines[line].offers.iter().enumerate() {
            let conditions = basket.conditions(offer);
            let mut add = |quantity: u64, goods: i128, least: i128| {
                let pick = Pick { line: narrow(line as u64), offer: narrow(number as u64), quantity: narrow(quantity) };
                let is_small = |amount: &i128| *amount <= MOST_AMOUNT;
                let sum = |goods: i128| goods.checked_add(conditions.line_fees).filter(is_small);
                let net = |goods: i128| conditions.fine(sum(goods)?).filter(is_small);
                columns.extend(net(goods).zip(net(least)).map(|(net, floor)| Column {
                    pick,
                    conditions: offer.conditions,
                    seller: conditions.seller,
                    covers: narrow(quantity.min(need)),
                    is_whole: quantity >= need,
                    goods,
                    net,
                    floor,
                }));
            };
            let digits = basket.minor_digits(conditions.seller);
            let facts = self.sellers[conditions.seller as usize];
            let exact = basket.limits.exact;
            let orders = Orders { offer, conditions, need, exact, digits, facts };
            // An offer whose amounts are beyond exact arithmetic has no columns from there on.
            let _ = orders.whole(self.steps, &mut add);
            if basket.limits.split && need > 1 {
                let _ = orders.parts(self.part_steps, &mut add);
            }
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
        let mut kept: HashMap<u32, Kept> = HashMap::new();
        columns.retain(|column| {
            // Two offers may be bought together for a line that may be split, and one of them twice may not.
            let like = if basket.limits.split { column.pick.offer } else { column.conditions };
            let facts = self.sellers[column.seller as usize];
            kept.entry(like).or_default().is_worthwhile(column, &facts, basket.limits)
        });
    }
}

/// Columns of a line that can replace each other, and cost no more than those to come.
#[derive(Default)]
struct Kept {
    /// How many pieces, how much goods, and what they cost.
    columns: Vec<(u32, i128, i128)>,
}

impl Kept {
    /// Whether none of them makes a column useless; then it is one of them.
    fn is_worthwhile(&mut self, column: &Column, facts: &SellerFacts, limits: Limits) -> bool {
        let has_minimum = facts.minimum_value.is_some();
        let is_useless = |(covers, goods, net): &(u32, i128, i128)| {
            let is_enough = !facts.has_limit()
                || *goods >= column.goods
                || (!has_minimum && net + facts.most_shipping <= column.net);
            is_enough && if limits.exact { *covers == column.covers } else { *covers >= column.covers }
        };
        // The last ones have the most goods.
        let is_useless = self.columns.iter().rev().any(is_useless);
        if !is_useless {
            self.columns.push((column.covers, column.goods, column.net));
        }
        !is_useless
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
    let mut known = vec![false; facts.len()];
    for conditions in &basket.conditions {
        let facts = &mut facts[conditions.seller as usize];
        facts.minimum_value = facts.minimum_value.max(conditions.minimum_value);
        facts.free_from = facts.free_from.max(conditions.free_from());
        let once = Once::of(conditions);
        let shipping = once.shipping.cost(0).unwrap_or(0);
        if conditions.free_from().is_some() {
            facts.most_shipping = facts.most_shipping.max(shipping + 1);
        }
        let is_first = !std::mem::replace(&mut known[conditions.seller as usize], true);
        facts.least_shipping = if is_first { shipping } else { facts.least_shipping.min(shipping) };
        facts.least_fees = if is_first { once.fees } else { facts.least_fees.min(once.fees) };
    }
    for facts in &mut facts {
        facts.free_shipping = facts.free_from.filter(|from| *from > 0).map(|from| (facts.least_shipping, from));
        // A limit of nothing is always reached.
        if facts.free_from.is_some_and(|from| from <= 0) {
            facts.least_shipping = 0;
        }
    }
    facts
}

impl Once {
    fn of(conditions: &Conditions) -> Self {
        let fine = |amount| conditions.fine(amount).unwrap_or(i128::MAX >> 32);
        let shipping = match conditions.shipping {
            Shipping::Unknown => Shipping::Unknown,
            Shipping::Fixed(cost) => Shipping::Fixed(fine(cost)),
            Shipping::FreeFrom { cost, from } => Shipping::FreeFrom { cost: fine(cost), from },
        };
        Self { shipping, fees: fine(conditions.order_fees) }
    }
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
    /// that may help to reach a limit. `add` takes the order, its goods, and the least goods of those that it stands
    /// for. `None` when amounts are too large.
    ///
    /// A larger order than the smallest of its tier only pays if it brings the order's goods to a limit. To free
    /// shipping it pays as long as it costs no more than the shipping, and no order beyond the one that reaches the
    /// limit by itself is needed.
    fn whole(&self, steps: u64, add: &mut impl FnMut(u64, i128, i128)) -> Option<()> {
        let rules = self.offer.rules(self.need, self.exact, self.conditions, self.digits);
        let smallest = rules.smallest_order();
        let most = rules.maximum.unwrap_or(0);
        for index in rules.tiers_from(smallest) {
            let Some(tier) = rules.tier_orders(index, smallest).ok()? else { continue };
            let (least, most) = (tier.least, tier.most.min(most));
            if least > most {
                break;
            }
            let goods = tier.goods(least).ok()?;
            add(least, goods, goods);
            if !rules.may_order_more() {
                break;
            }
            let limits = [self.facts.free_from, self.facts.minimum_value].into_iter().flatten();
            let mut end = least;
            for limit in limits.filter(|limit| *limit > goods) {
                end = end.max(rules.first_reaching(&tier, limit).ok()?.min(most - most % rules.multiple));
            }
            let goods_of = |order| tier.goods(order).ok();
            let end = self.worthwhile(least, end, goods, &goods_of)?;
            self.steps(steps, least..=end, goods_of, add)?;
        }
        Some(())
    }

    /// Calls `add` for orders that bring a part of what the line needs.
    fn parts(&self, steps: u64, add: &mut impl FnMut(u64, i128, i128)) -> Option<()> {
        let rules = self.offer.rules(1, false, self.conditions, self.digits);
        if !rules.may_order_less() {
            return None;
        }
        let smallest = rules.smallest_order();
        for index in rules.tiers_from(smallest) {
            let Some(tier) = rules.tier_orders(index, smallest).ok()? else { continue };
            let most = tier.most.min(rules.maximum.unwrap_or(0)).min(self.need - 1);
            let end = most - most % rules.multiple;
            if tier.least > end {
                break;
            }
            let goods = tier.goods(tier.least).ok()?;
            add(tier.least, goods, goods);
            self.steps(steps, tier.least..=end, |order| tier.goods(order).ok(), add)?;
        }
        Some(())
    }

    /// So many of the orders above the first, up to the last, which is always one of them.
    fn steps(
        &self,
        steps: u64,
        orders: RangeInclusive<u64>,
        goods: impl Fn(u64) -> Option<i128>,
        add: &mut impl FnMut(u64, i128, i128),
    ) -> Option<()> {
        let (least, multiple) = (*orders.start(), self.offer.multiple());
        let count = (orders.end() - least) / multiple;
        let stride = count.div_ceil(steps).max(1);
        let mut before = 0;
        for step in (1..=count).filter(|step| step % stride == 0 || *step == count) {
            add(least + step * multiple, goods(least + step * multiple)?, goods(least + (before + 1) * multiple)?);
            before = step;
        }
        Some(())
    }

    /// The largest order whose goods above the base may pay; all of them where there is a minimum order value.
    fn worthwhile(&self, least: u64, end: u64, base: i128, goods: &impl Fn(u64) -> Option<i128>) -> Option<u64> {
        if self.facts.minimum_value.is_some() {
            return Some(end);
        }
        let multiple = self.offer.multiple();
        let (mut low, mut high) = (0, (end - least) / multiple);
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
