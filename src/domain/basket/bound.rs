//! How little any purchase can cost, and which columns none of the best ones has.
//!
//! A price is set on each line, and paid to whoever brings it. Every seller then decides for itself what it is worth to
//! bring, and what all lines are paid, less what the sellers make of it, is never more than the best purchase costs
//! (Lagrange's relaxation). The prices are moved towards what makes that the most. All of it is counted in whole
//! numbers, and rounded towards the lower bound, so that it is a proof however good or bad the prices are. Its main type
//! is [`Relaxation`].

use super::Basket;
use super::columns::Columns;
use super::search::Search;

/// How often the prices are moved.
const ROUNDS: u32 = 150;
/// Rounds without a better bound before the steps become smaller.
const PATIENCE: u32 = 8;
/// Shares of the shipping that is counted against the goods which bring it down to nothing, in halves.
const SHARES: [i128; 3] = [0, 1, 2];

/// What sellers make of prices.
#[derive(Clone, Debug)]
struct Worth {
    bound: i128,
    /// What each seller's order adds at least, if it has one; below 0 when it is worth an order.
    sellers: Vec<i128>,
    /// The share of its shipping that was counted against its goods.
    shares: Vec<i128>,
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
    /// Columns by seller and line, of which one may be bought at most.
    groups: Vec<Vec<usize>>,
    /// The groups of each seller.
    of_seller: Vec<std::ops::Range<usize>>,
    penalty: i128,
}

/// The best bound, and what was found on the way.
pub(super) struct Bounded {
    /// No purchase costs less; lines that are left out cost the penalty.
    pub(super) bound: i128,
    /// The columns that a purchase may have which costs less than the known one.
    pub(super) open: Vec<usize>,
}

impl<'a> Relaxation<'a> {
    /// Prepares it; `penalty` is what a line costs that is left out.
    pub(super) fn new(basket: &'a Basket, columns: &'a Columns, penalty: i128) -> Self {
        let key = |index: &usize| {
            let column = &columns.all()[*index];
            (column.seller, column.pick.line, if basket.limits.split { column.pick.offer } else { 0 })
        };
        let mut order: Vec<usize> = (0..columns.all().len()).collect();
        order.sort_by_key(key);
        let groups: Vec<Vec<usize>> =
            order.chunk_by(|left, right| key(left) == key(right)).map(<[usize]>::to_vec).collect();
        let seller = |group: &Vec<usize>| columns.all()[group[0]].seller as usize;
        let of_seller = (0..columns.sellers.len())
            .map(|of| {
                groups.partition_point(|group| seller(group) < of)..groups.partition_point(|group| seller(group) <= of)
            })
            .collect();
        Self { basket, columns, groups, of_seller, penalty }
    }

    /// Finds a good bound, starting from a purchase; `is_over` ends it early.
    pub(super) fn bound(&self, start: &Search<'_>, is_over: &dyn Fn() -> bool) -> Bounded {
        let missing = i128::try_from(start.missing_offered()).unwrap_or(0);
        let most = start.score().cost + self.penalty * missing;
        let mut prices = self.first_prices(start);
        let mut best = (self.worth(&prices), prices.clone());
        let (mut step, mut idle) = (1_000, 0);
        for _ in 0..ROUNDS {
            if is_over() || best.0.bound >= most {
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
        let open = self.open(&best.0, &best.1, most);
        Bounded { bound: best.0.bound, open }
    }

    /// What each line costs in a purchase, or what it would at least.
    fn first_prices(&self, start: &Search<'_>) -> Vec<i128> {
        let mut prices = vec![0; self.columns.lines()];
        for index in start.columns() {
            let column = &self.columns.all()[index];
            prices[column.pick.line as usize] += column.floor;
        }
        for (line, price) in prices.iter_mut().enumerate().filter(|(_, price)| **price == 0) {
            let least = self.columns.of_line(line).map(|column| self.columns.all()[column].floor).min();
            *price = least.unwrap_or(0).min(self.penalty);
        }
        prices
    }

    /// What a column adds at prices, when such a share of shipping is counted against goods: never more than it does.
    fn adds(&self, index: usize, prices: &[i128], share: i128) -> i128 {
        let column = &self.columns.all()[index];
        let line = column.pick.line as usize;
        let need = i128::from(self.basket.lines[line].quantity.get());
        let paid = if column.is_whole { prices[line] } else { ceiling(prices[line] * i128::from(column.covers), need) };
        let facts = &self.columns.sellers[column.seller as usize];
        let credit = match facts.free_shipping {
            Some((cost, from)) if share > 0 => ceiling(cost * share * column.goods, 2 * from),
            _ => 0,
        };
        column.floor - credit - paid
    }

    /// What an order adds at a seller apart from its columns.
    fn opening(&self, seller: usize, share: i128) -> i128 {
        let facts = &self.columns.sellers[seller];
        // With a share of the shipping against the goods, only that share is sure; nothing is lost by it below the limit.
        let shipping = facts.free_shipping.map_or(facts.least_shipping, |(cost, _)| cost * share / 2);
        facts.least_fees + shipping
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
        let suppliers = self.columns.sellers.iter().map(|facts| facts.supplier as usize + 1).max().unwrap_or(0);
        let mut of_supplier = vec![0_i128; suppliers];
        for seller in 0..sellers {
            let value = |share: i128| {
                let group = |group: &Vec<usize>| {
                    group.iter().map(|index| self.adds(*index, prices, share)).min().unwrap_or(0).min(0)
                };
                self.opening(seller, share)
                    + self.groups[self.of_seller[seller].clone()].iter().map(group).sum::<i128>()
            };
            let has_limit = self.columns.sellers[seller].free_shipping.is_some();
            let shares = SHARES.into_iter().take(if has_limit { SHARES.len() } else { 1 });
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
        worth.bound = prices.iter().sum::<i128>() + order.iter().map(|supplier| of_supplier[*supplier]).sum::<i128>();
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
                let adds = |index: &usize| (self.adds(*index, prices, worth.shares[seller]), *index);
                if let Some((..0, index)) = group.iter().map(adds).min() {
                    let pick = self.columns.all()[index].pick;
                    let need = i128::from(self.basket.lines[pick.line as usize].quantity.get());
                    lacks[pick.line as usize] -= WHOLE * i128::from(self.columns.all()[index].covers) / need;
                }
            }
        }
        let square: i128 = lacks.iter().map(|lack| lack * lack).sum();
        for (line, price) in prices.iter_mut().enumerate() {
            let change = (most - worth.bound) * lacks[line] * WHOLE / 1_000 * step / square.max(1);
            *price = (*price + change).clamp(0, self.penalty);
            if self.columns.of_line(line).is_empty() {
                *price = 0;
            }
        }
    }

    /// The columns with which a purchase may cost less than `most`.
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
                let adds = |index: &usize| self.adds(*index, prices, worth.shares[seller]);
                let least = group.iter().map(adds).min().unwrap_or(0).min(0);
                open.extend(group.iter().filter(|index| forced - least + adds(index) < most));
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
