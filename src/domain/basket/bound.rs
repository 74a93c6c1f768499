//! How little any purchase can cost, and which columns none of the best ones has.
//!
//! A price is set on each line, and paid to whoever brings it. Every seller then decides for itself what it is worth to
//! bring, and what all lines are paid, less what the sellers make of it, is never more than the best purchase costs
//! (Lagrange's relaxation). The prices are moved towards what makes that the most. All of it is counted in whole
//! numbers, and rounded towards the lower bound, so that it is a proof however good or bad the prices are. Its main type
//! is [`Relaxation`].

use std::ops::Range;

use super::Basket;
use super::columns::Columns;
use super::proof::cost;
use super::search::Search;

/// How often the prices are moved.
const ROUNDS: u32 = 400;
/// Rounds without a better bound before the steps become smaller.
const PATIENCE: u32 = 8;
/// Into how many shares shipping is cut that is counted against the goods which bring it down to nothing.
const PARTS: usize = 4;
/// How many shares of it may be counted so.
const SHARES: usize = PARTS + 1;

/// What sellers make of prices.
#[derive(Clone, Debug)]
struct Worth {
    bound: i128,
    /// What each seller's order adds at least, if it has one; below 0 when it is worth an order.
    sellers: Vec<i128>,
    /// The share of its shipping that was counted against its goods.
    shares: Vec<usize>,
    /// What each supplier's orders add that are worth it.
    suppliers: Vec<i128>,
    /// Whether each supplier has orders.
    open: Vec<bool>,
    /// The least that the last supplier which still may have orders adds, when no other may.
    last: Option<i128>,
}

/// The relaxed basket.
pub(super) struct Relaxation<'a> {
    basket: &'a Basket,
    columns: &'a Columns,
    /// By seller.
    groups: Vec<Group>,
    /// The groups of each seller.
    of_seller: Vec<Range<usize>>,
    /// The points of all groups, by group, then share, then pieces.
    points: Vec<Point>,
    penalty: i128,
}

/// Columns of a line at a seller, or where it may be split of an offer: one of them may be bought at most.
#[derive(Clone, Debug)]
struct Group {
    line: u32,
    columns: Vec<u32>,
    /// Where the points of each share begin, and where the last ones end.
    points: [u32; SHARES + 1],
}

/// A column that is the best of its group at some price of a piece: a corner of what they all cost by pieces.
#[derive(Clone, Copy, Debug)]
struct Point {
    /// Without what is paid for it.
    cost: i64,
    covers: u32,
}

/// The best bound, and what was found on the way.
pub(super) struct Bounded {
    /// No purchase costs less; lines that are left out cost the penalty.
    pub(super) bound: i128,
    /// The columns that a purchase may have which costs less than the known one.
    pub(super) open: Vec<usize>,
    /// The suppliers that are worth an order at the prices of the bound.
    pub(super) suppliers: Vec<usize>,
    /// What all lines are paid.
    paid: i128,
    /// What each seller's order adds at least, if it has one.
    sellers: Vec<i128>,
}

impl<'a> Relaxation<'a> {
    /// Prepares it; `penalty` is what a line costs that is left out.
    pub(super) fn new(basket: &'a Basket, columns: &'a Columns, penalty: i128) -> Self {
        let key = |index: &u32| {
            let column = &columns.all()[*index as usize];
            (column.seller, column.pick.line, if basket.limits.split { column.pick.offer } else { 0 })
        };
        let mut order: Vec<u32> = (0..columns.all().len()).filter_map(|index| u32::try_from(index).ok()).collect();
        order.sort_unstable_by_key(|index| (key(index), *index));
        let mut relaxation =
            Self { basket, columns, groups: Vec::new(), of_seller: Vec::new(), points: Vec::new(), penalty };
        for group in order.chunk_by(|left, right| key(left) == key(right)) {
            relaxation.add_group(group);
        }
        let seller = |group: &Group| columns.all()[group.columns[0] as usize].seller as usize;
        let groups = &relaxation.groups;
        relaxation.of_seller = (0..columns.sellers.len())
            .map(|of| {
                groups.partition_point(|group| seller(group) < of)..groups.partition_point(|group| seller(group) <= of)
            })
            .collect();
        relaxation
    }

    fn add_group(&mut self, columns: &[u32]) {
        let mut starts = [0; SHARES + 1];
        for (share, start) in starts.iter_mut().enumerate() {
            *start = u32::try_from(self.points.len()).unwrap_or(u32::MAX);
            if share < SHARES {
                let mut points: Vec<Point> = columns.iter().map(|index| self.point(*index as usize, share)).collect();
                keep_corners(&mut points);
                self.points.append(&mut points);
            }
        }
        let line = self.columns.all()[columns[0] as usize].pick.line;
        self.groups.push(Group { line, columns: columns.to_vec(), points: starts });
    }

    /// A column when such a share of shipping is counted against its goods: never more than it costs.
    ///
    /// An order below the limit pays the shipping, and its goods bring less than all of that share down. One that
    /// reaches it by a single column is free, be its goods what they may, so that they count up to the limit.
    fn point(&self, index: usize, share: usize) -> Point {
        let column = &self.columns.all()[index];
        let credit = match self.columns.sellers[column.seller as usize].free_shipping {
            Some((cost, from)) if share > 0 => {
                ceiling(cost * share as i128 * column.goods.min(from), PARTS as i128 * from)
            }
            _ => 0,
        };
        // Costs are far within 64 bits; too low a cost is no harm.
        Point { cost: i64::try_from(column.floor - credit).unwrap_or(i64::MIN), covers: column.covers }
    }

    fn need(&self, line: usize) -> i128 {
        i128::from(self.basket.lines[line].quantity.get())
    }

    /// Finds a good bound, starting from a purchase; `is_over` ends it early.
    pub(super) fn bound(&self, start: &Search<'_>, is_over: &dyn Fn() -> bool) -> Bounded {
        let most = cost(start, self.penalty);
        let mut prices = self.first_prices(start);
        let mut best = (self.worth(&prices), prices.clone());
        let (mut step, mut idle) = (1_000, 0);
        for _ in 0..ROUNDS {
            if is_over() || self.columns.in_grains(best.0.bound) >= most {
                break;
            }
            let worth = self.worth(&prices);
            if worth.bound > best.0.bound {
                (best, idle) = ((worth.clone(), prices.clone()), 0);
            } else {
                idle += 1;
                if idle % PATIENCE == 0 {
                    step /= 2;
                    prices.clone_from(&best.1);
                }
            }
            self.move_prices(&mut prices, &worth, most, step);
        }
        // What costs less than the known purchase costs at least a grain less.
        let open = self.open(&best.0, &best.1, most - self.columns.grain);
        let suppliers = (0..best.0.open.len()).filter(|supplier| best.0.open[*supplier]).collect();
        Bounded { open, suppliers, bound: best.0.bound, paid: self.paid(&best.1), sellers: best.0.sellers }
    }

    /// What a piece of each line costs in a purchase, or what it would at least.
    fn first_prices(&self, start: &Search<'_>) -> Vec<i128> {
        let mut prices = vec![0; self.columns.lines()];
        for index in start.columns() {
            let column = &self.columns.all()[index];
            prices[column.pick.line as usize] += column.floor;
        }
        for (line, price) in prices.iter_mut().enumerate() {
            if *price == 0 {
                let least = self.columns.of_line(line).map(|column| self.columns.all()[column].floor).min();
                *price = least.unwrap_or(0).min(self.penalty);
            }
            *price /= self.need(line);
        }
        prices
    }

    /// The least that a group adds at prices, and the pieces that it brings then; nothing is always possible.
    fn least(&self, group: &Group, prices: &[i128], share: usize) -> (i128, u32) {
        let price = prices[group.line as usize];
        let points = &self.points[group.points[share] as usize..group.points[share + 1] as usize];
        let adds = |point: &Point| (i128::from(point.cost) - price * i128::from(point.covers), point.covers);
        points.iter().map(adds).min().unwrap_or_default().min((0, 0))
    }

    /// What an order adds at a seller apart from its columns.
    fn opening(&self, seller: usize, share: usize) -> i128 {
        let facts = &self.columns.sellers[seller];
        // With a share of the shipping against the goods, only that share is sure; nothing is lost by it below the limit.
        let shipping =
            facts.free_shipping.map_or(facts.least_shipping, |(cost, _)| cost * share as i128 / PARTS as i128);
        facts.least_fees + shipping
    }

    /// What all lines are paid.
    fn paid(&self, prices: &[i128]) -> i128 {
        prices.iter().enumerate().map(|(line, price)| price * self.need(line)).sum()
    }

    /// No purchase costs less that has an order of each of such suppliers, and no other.
    pub(super) fn bound_with(&self, bounded: &Bounded, suppliers: &[usize]) -> i128 {
        let mut least = vec![None; suppliers.len()];
        for (facts, value) in self.columns.sellers.iter().zip(&bounded.sellers) {
            if let Ok(position) = suppliers.binary_search(&(facts.supplier as usize)) {
                // One order of it at least, and all those that are worth it.
                let other: i128 = least[position].unwrap_or(i128::MAX);
                least[position] = Some(if other < 0 && *value < 0 { other + value } else { other.min(*value) });
            }
        }
        bounded.paid + least.into_iter().flatten().sum::<i128>()
    }

    fn worth(&self, prices: &[i128]) -> Worth {
        let sellers = self.of_seller.len();
        let mut worth = Worth {
            bound: 0,
            sellers: vec![0; sellers],
            shares: vec![0; sellers],
            suppliers: Vec::new(),
            open: Vec::new(),
            last: None,
        };
        let suppliers = self.columns.suppliers();
        let mut of_supplier = vec![0_i128; suppliers];
        for seller in 0..sellers {
            let groups = &self.groups[self.of_seller[seller].clone()];
            let value = |share: usize| {
                self.opening(seller, share)
                    + groups.iter().map(|group| self.least(group, prices, share).0).sum::<i128>()
            };
            let has_limit = self.columns.sellers[seller].free_shipping.is_some();
            let shares = 0..if has_limit { SHARES } else { 1 };
            let (best, share) = shares.map(|share| (value(share), share)).max().unwrap_or_default();
            (worth.sellers[seller], worth.shares[seller]) = (best, share);
            of_supplier[self.columns.sellers[seller].supplier as usize] += best.min(0);
        }
        let mut order: Vec<usize> = (0..suppliers).filter(|supplier| of_supplier[*supplier] < 0).collect();
        order.sort_by_key(|supplier| of_supplier[*supplier]);
        if let Some(most) = self.basket.limits.max_suppliers
            && order.len() >= most
        {
            order.truncate(most);
            worth.last = order.last().map(|supplier| of_supplier[*supplier]);
        }
        worth.open = vec![false; suppliers];
        for supplier in &order {
            worth.open[*supplier] = true;
        }
        worth.bound = self.paid(prices) + order.iter().map(|supplier| of_supplier[*supplier]).sum::<i128>();
        worth.suppliers = of_supplier;
        worth
    }

    /// Raises the prices of lines that nobody brings, and lowers those of lines that several do.
    fn move_prices(&self, prices: &mut [i128], worth: &Worth, most: i128, step: i128) {
        const WHOLE: i128 = 1_000;
        let mut lacks = vec![WHOLE; prices.len()];
        for (seller, groups) in self.of_seller.iter().enumerate() {
            let is_open = worth.open[self.columns.sellers[seller].supplier as usize] && worth.sellers[seller] < 0;
            for group in self.groups[groups.clone()].iter().filter(|_| is_open) {
                let (_, covers) = self.least(group, prices, worth.shares[seller]);
                let line = group.line as usize;
                lacks[line] -= WHOLE * i128::from(covers) / self.need(line);
            }
        }
        let square: i128 = lacks.iter().map(|lack| lack * lack).sum();
        for (line, price) in prices.iter_mut().enumerate() {
            let need = self.need(line);
            let change = (most - worth.bound) * lacks[line] * WHOLE / 1_000 * step / square.max(1) / need;
            *price = (*price + change).clamp(0, self.penalty / need);
            if self.columns.of_line(line).is_empty() {
                *price = 0;
            }
        }
    }

    /// The columns with which a purchase may cost `most` or less.
    fn open(&self, worth: &Worth, prices: &[i128], most: i128) -> Vec<usize> {
        let mut open = Vec::new();
        for (seller, groups) in self.of_seller.iter().enumerate() {
            let value = worth.sellers[seller];
            // The bound of purchases that have an order here.
            let supplier = self.columns.sellers[seller].supplier as usize;
            let others = worth.suppliers[supplier] - value.min(0);
            let room = if worth.open[supplier] { worth.suppliers[supplier] } else { worth.last.unwrap_or(0) };
            let forced = worth.bound - room + others + value;
            for group in &self.groups[groups.clone()] {
                let price = prices[group.line as usize];
                let (least, _) = self.least(group, prices, worth.shares[seller]);
                let adds = |index: &usize| {
                    let point = self.point(*index, worth.shares[seller]);
                    i128::from(point.cost) - price * i128::from(point.covers)
                };
                let columns = group.columns.iter().map(|index| *index as usize);
                open.extend(columns.filter(|index| forced - least + adds(index) <= most));
            }
        }
        open.sort_unstable();
        open
    }
}

/// Rounds up a ratio of a number that is not below 0.
fn ceiling(numerator: i128, denominator: i128) -> i128 {
    -(-numerator).div_euclid(denominator)
}

/// Leaves the points that cost the least at some price of a piece, by pieces: the lower convex hull.
fn keep_corners(points: &mut Vec<Point>) {
    points.sort_unstable_by_key(|point| (point.covers, point.cost));
    points.dedup_by_key(|point| point.covers);
    let mut corners: Vec<Point> = Vec::with_capacity(2);
    for point in points.drain(..) {
        while let [.., left, middle] = corners[..] {
            let (wide, narrow) = (point.covers - left.covers, middle.covers - left.covers);
            let rise = |to: Point| i128::from(to.cost) - i128::from(left.cost);
            if rise(middle) * i128::from(wide) < rise(point) * i128::from(narrow) {
                break;
            }
            corners.pop();
        }
        corners.push(point);
    }
    *points = corners;
}

#[cfg(test)]
mod tests {
    use super::super::tests::{basket, offer, shipping};
    use super::super::{Limits, conditions::FINE};
    use super::*;

    #[test]
    fn the_bound_lies_between_the_goods_and_the_best_purchase() {
        // The best is all from the first: 5.00 + 5.40 + 4.90.
        let offers = [(0, 0, offer("5.00")), (0, 1, offer("6.00")), (1, 0, offer("5.40")), (1, 1, offer("5.00"))];
        let basket = basket(Limits::default(), &[1, 1], &[shipping(), shipping()], &offers, None);
        let columns = Columns::of(&basket);
        let mut search = Search::new(&basket, &columns);
        search.improve(&|| false);
        let relaxation = Relaxation::new(&basket, &columns, 100_000 * FINE);
        let bounded = relaxation.bound(&search, &|| false);
        assert!((1_000 * FINE..=1_530 * FINE).contains(&bounded.bound), "{}", bounded.bound);
        assert!(relaxation.bound_with(&bounded, &[0]) <= 1_530 * FINE);
        // Both is 5.00 + 5.00 and shipping twice, which is dearer than what is known.
        assert!(relaxation.bound_with(&bounded, &[0, 1]) <= 1_980 * FINE);
    }

    #[test]
    fn only_corners_are_kept_of_what_columns_cost() {
        let point = |(covers, cost)| Point { cost, covers };
        // 4 pieces for 9 are dearer than what lies between 2 for 2 and 6 for 10; of equal pieces the cheapest stays.
        let mut points: Vec<Point> = [(6, 10), (2, 2), (4, 9), (2, 3), (5, 7)].map(point).to_vec();
        keep_corners(&mut points);
        let corners: Vec<(u32, i64)> = points.iter().map(|point| (point.covers, point.cost)).collect();
        assert_eq!(corners, [(2, 2), (5, 7), (6, 10)]);
    }
}
