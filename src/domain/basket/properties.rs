//! Holds the search for the best purchase to brute force: every way to buy a small basket is counted, in exact
//! rationals.

use num_rational::Ratio;
use proptest::option;
use proptest::prelude::*;

use super::tests::solved;
use super::*;
use crate::domain::{PriceBreak, PriceRequest, Rates, Terms, fixtures};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// An exact amount; those of small baskets fit.
type Exact = Ratio<i128>;

fn whole(number: u64) -> Exact {
    Ratio::from(i128::from(number))
}

fn exact(value: Decimal) -> Exact {
    Ratio::new(value.mantissa(), 10_i128.pow(value.scale()))
}

/// To cents, half up: no amount is negative.
fn rounded(value: Exact) -> Exact {
    (value * whole(100) + Ratio::new(1, 2)).floor() / whole(100)
}

/// The largest order.
const MOST: u64 = 18;

fn cents(least: i64, most: i64) -> impl Strategy<Value = Decimal> {
    (least..=most).prop_map(|cents| Decimal::new(cents, 2))
}

fn offers() -> impl Strategy<Value = Offer> {
    let tiers = prop::collection::btree_map(1..12_u64, 1..900_i64, 1..3);
    let limits = (option::weighted(0.3, 0..8_u64), option::weighted(0.3, 1..4_u64), 6..=MOST);
    let stock = option::weighted(0.4, 1..20_i64);
    let extras = (option::weighted(0.2, cents(0, 500)), option::weighted(0.2, cents(0, 300)));
    (tiers, 2..=3_u32, limits, stock, extras, option::weighted(0.2, Just(Decimal::from(19)))).prop_map(
        |(tiers, scale, (minimum, multiple, maximum), stock, (shipping, fees), tax)| Offer {
            price_breaks: Some(
                tiers
                    .into_iter()
                    .map(|(quantity, price)| PriceBreak { quantity, unit_price: Decimal::new(price, scale) })
                    .collect(),
            ),
            minimum_quantity: minimum,
            order_multiple: multiple,
            maximum_quantity: Some(maximum),
            stock_quantity: stock,
            in_stock: Some(true),
            shipping,
            fees,
            tax_included_percent: tax,
            currency: Some("EUR".to_owned()),
            ..Offer::default()
        },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    (
        option::weighted(0.8, cents(0, 900)),
        option::weighted(0.5, cents(0, 6000)),
        option::weighted(0.3, cents(0, 4000)),
        option::weighted(0.3, cents(0, 500)),
    )
        .prop_map(|(shipping, free_shipping_from, minimum_order_value, fees)| Terms {
            shipping,
            free_shipping_from,
            minimum_order_value,
            fees,
            ..Terms::plain(fixtures::eur())
        })
}

/// A basket as it was written down: needs, terms by supplier, offers by line and supplier.
#[derive(Clone, Debug)]
struct Written {
    needs: Vec<u64>,
    terms: Vec<Terms>,
    offers: Vec<(usize, u32, Offer)>,
    limits: Limits,
    /// The supplier whose amounts are dollars.
    abroad: Option<u32>,
}

fn dollars() -> Currency {
    Currency::parse("USD").unwrap()
}

/// How many dollars a euro is.
fn rate() -> Decimal {
    Decimal::new(10_842, 4)
}

/// A basket of 2 or 3 lines and suppliers, where each supplier has an offer for most lines.
fn written(taxed: bool, split: bool) -> impl Strategy<Value = Written> {
    let abroad = option::weighted(0.6, 0..3_u32).prop_map(move |abroad| abroad.filter(|_| taxed));
    let limits = (option::weighted(0.3, 1..=2_usize), prop::bool::weighted(0.2), abroad);
    (prop::collection::vec(1..8_u64, 2..=3), prop::collection::vec(terms(), 2..=3), limits)
        .prop_flat_map(move |(needs, mut terms, limits)| {
            // More are too many ways.
            terms.truncate(if split { 4 } else { 6 } / needs.len());
            let pairs = needs.len() * terms.len();
            let offers = prop::collection::vec(option::weighted(0.85, offers()), pairs);
            (Just(needs), Just(terms), offers, Just(limits))
        })
        .prop_map(move |(needs, mut terms, offers, (max_suppliers, exact, abroad))| {
            let suppliers = terms.len();
            if let Some(terms) = abroad.and_then(|abroad| terms.get_mut(abroad as usize)) {
                terms.amounts_in = dollars();
            }
            let offers = offers.into_iter().enumerate().filter_map(|(pair, offer)| {
                let mut offer = offer?;
                offer.tax_included_percent = offer.tax_included_percent.filter(|_| taxed);
                if split {
                    offer.maximum_quantity = offer.maximum_quantity.map(|most| most.min(9));
                }
                let supplier = u32::try_from(pair % suppliers).unwrap();
                if abroad == Some(supplier) {
                    offer.currency = Some("USD".to_owned());
                }
                Some((pair / suppliers, supplier, offer))
            });
            let limits = Limits { max_suppliers, split, exact, ..Limits::default() };
            Written { offers: offers.collect(), needs, terms, limits, abroad }
        })
}

/// One way to buy a line: offers, quantities and goods; none = it is left out.
type Way = Vec<(usize, u64, Exact)>;

impl Written {
    fn basket(&self) -> Basket {
        let mut basket = Basket::new(fixtures::eur(), self.limits);
        for need in &self.needs {
            basket.add_line(Quantity::new(*need).unwrap());
        }
        let rates = Rates::new(fixtures::eur(), jiff::civil::date(2026, 11, 20), [(dollars(), rate())]).unwrap();
        for (line, supplier, offer) in &self.offers {
            let request = self.request(*line);
            let context = Context { rates: Some(&rates), ..self.context(*supplier, &request) };
            let _ = basket.add_offer(*line, *supplier, offer, &context);
        }
        basket
    }

    fn request(&self, line: usize) -> PriceRequest {
        let quantity = Quantity::new(self.needs[line]).unwrap();
        PriceRequest { product: "part".to_owned(), quantity, currency: fixtures::eur() }
    }

    fn context<'a>(&'a self, supplier: u32, request: &'a PriceRequest) -> Context<'a> {
        Context {
            request,
            terms: &self.terms[supplier as usize],
            rates: None,
            exact: self.limits.exact,
            within_days: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// Every way to buy a line, slowly: all quantities that are permitted of one offer, or of several.
    fn ways(&self, line: usize) -> Vec<Way> {
        let need = self.needs[line];
        let mut ways: Vec<Way> = vec![Vec::new()];
        for (index, (_, _, offer)) in self.offers.iter().enumerate().filter(|(_, (of, ..))| *of == line) {
            let orders = orders(offer).map(|(quantity, goods)| (index, quantity, goods));
            let others = if self.limits.split { ways.clone() } else { vec![Vec::new()] };
            for order in orders {
                ways.extend(others.iter().map(|way| way.iter().copied().chain([order]).collect()));
            }
        }
        ways.retain(|way| way.is_empty() || self.is_permitted(need, way));
        ways
    }

    fn is_permitted(&self, need: u64, way: &Way) -> bool {
        let brought: u64 = way.iter().map(|(_, quantity, _)| quantity).sum();
        if !self.limits.exact {
            return brought >= need;
        }
        let [(index, quantity, _)] = way[..] else { return brought == need };
        let offer = &self.offers[index].2;
        let multiple = offer.order_multiple.unwrap_or(1);
        smallest(offer) <= need && quantity == need.div_ceil(multiple) * multiple
    }

    /// What a purchase costs; `None` when it is not permitted.
    fn cost(&self, ways: &[&Way]) -> Option<Exact> {
        let zero = || whole(0);
        let (mut total, mut suppliers) = (zero(), 0);
        for (supplier, terms) in self.terms.iter().enumerate() {
            let bought = ways.iter().copied().flatten();
            let bought: Vec<_> = bought
                .map(|(index, _, goods)| (&self.offers[*index], goods))
                .filter(|((_, of, _), _)| *of as usize == supplier)
                .collect();
            if bought.is_empty() {
                continue;
            }
            suppliers += 1;
            let goods = bought.iter().fold(zero(), |sum, (_, goods)| sum + *goods);
            if terms.minimum_order_value.is_some_and(|minimum| goods < exact(minimum)) {
                return None;
            }
            let net = |offer: &Offer, amount: Exact| {
                let tax = exact(offer.tax_included_percent.unwrap_or_default());
                let rate = if self.abroad == u32::try_from(supplier).ok() { exact(rate()) } else { whole(1) };
                amount * whole(100) / (whole(100) + tax) / rate
            };
            // By tax, as each of its parts is rounded.
            let mut parts: HashMap<Option<Decimal>, Exact> = HashMap::new();
            let (mut shipping, mut fees) = ((zero(), None, zero()), (zero(), None, zero()));
            for ((_, _, offer), goods) in &bought {
                let part = parts.entry(offer.tax_included_percent).or_insert_with(zero);
                *part += *goods + exact(offer.fees.unwrap_or_default());
                let is_free = terms.free_shipping_from.is_some_and(|from| goods_reach(&bought, from));
                let configured = if is_free { Decimal::ZERO } else { terms.shipping.unwrap_or_default() };
                let charge = exact(offer.shipping.unwrap_or(configured));
                if net(offer, charge) > shipping.2 {
                    shipping = (charge, Some(offer.tax_included_percent), net(offer, charge));
                }
                let charge = if offer.fees.is_some() { zero() } else { exact(terms.fees.unwrap_or_default()) };
                if net(offer, charge) > fees.2 {
                    fees = (charge, Some(offer.tax_included_percent), net(offer, charge));
                }
            }
            for (charge, tax, _) in [shipping, fees] {
                if let Some(tax) = tax {
                    *parts.entry(tax).or_insert_with(zero) += charge;
                }
            }
            for (tax, part) in parts {
                let offer = Offer { tax_included_percent: tax, ..Offer::default() };
                total += rounded(net(&offer, part));
            }
        }
        (suppliers <= self.limits.max_suppliers.unwrap_or(usize::MAX)).then_some(total)
    }

    /// The fewest lines that are missing, and the lowest total of purchases with so many.
    fn best(&self) -> (usize, Exact) {
        let ways: Vec<Vec<Way>> = (0..self.needs.len()).map(|line| self.ways(line)).collect();
        let mut best: Option<(usize, Exact)> = None;
        let mut chosen = vec![0; ways.len()];
        loop {
            let purchase: Vec<&Way> = chosen.iter().zip(&ways).map(|(way, ways)| &ways[*way]).collect();
            let missing = purchase.iter().filter(|way| way.is_empty()).count();
            if best.as_ref().is_none_or(|(most, _)| missing <= *most)
                && let Some(cost) = self.cost(&purchase)
                && best.as_ref().is_none_or(|best| (missing, &cost) < (best.0, &best.1))
            {
                best = Some((missing, cost));
            }
            let Some(next) = (0..chosen.len()).find(|line| chosen[*line] + 1 < ways[*line].len()) else { break };
            chosen[next] += 1;
            chosen[..next].fill(0);
        }
        best.unwrap()
    }
}

/// What the supplier demands at least, before the multiple.
fn smallest(offer: &Offer) -> u64 {
    let lowest = offer.price_breaks.iter().flatten().map(|tier| tier.quantity).min();
    offer.minimum_quantity.unwrap_or(0).max(lowest.unwrap())
}

/// Every order that an offer permits, and its goods.
fn orders(offer: &Offer) -> impl Iterator<Item = (u64, Exact)> {
    let stock = offer.stock_quantity.and_then(|stock| u64::try_from(stock).ok()).unwrap_or(MOST);
    let orders = smallest(offer)..=offer.maximum_quantity.unwrap().min(stock);
    orders.filter(|quantity| quantity % offer.order_multiple.unwrap_or(1) == 0).map(|quantity| {
        let tiers = offer.price_breaks.iter().flatten().filter(|tier| tier.quantity <= quantity);
        let price = exact(tiers.max_by_key(|tier| tier.quantity).unwrap().unit_price);
        (quantity, rounded(price * whole(quantity)))
    })
}

fn goods_reach(bought: &[(&(usize, u32, Offer), &Exact)], limit: Decimal) -> bool {
    bought.iter().fold(whole(0), |sum, (_, goods)| sum + *goods) >= exact(limit)
}

fn check_sums(purchase: &Purchase) {
    let total: Decimal = purchase.orders.iter().map(|order| order.amounts.total).sum();
    assert_eq!(total, purchase.total);
    for order in &purchase.orders {
        for amounts in [order.amounts, order.quoted] {
            assert_eq!(amounts.goods + amounts.fees + amounts.shipping, amounts.total);
        }
        assert_eq!(order.lines.iter().map(|line| line.goods).sum::<Decimal>(), order.amounts.goods);
        assert_eq!(order.lines.iter().map(|line| line.goods_quoted).sum::<Decimal>(), order.quoted.goods);
    }
}

fn is_proved_best(written: &Written) -> Result<(), TestCaseError> {
    let solution = solved(&written.basket());
    check_sums(&solution.purchase);
    let (missing, total) = written.best();
    prop_assert_eq!(solution.purchase.missing.len(), missing);
    prop_assert_eq!(exact(solution.purchase.total), total);
    prop_assert_eq!(solution.optimality, Optimality::Proved { within: Decimal::ZERO });
    Ok(())
}

proptest! {
    #[test]
    fn no_purchase_is_better_than_the_one_that_is_proved_best(written in written(false, false)) {
        is_proved_best(&written)?;
    }

    #[test]
    fn no_split_of_lines_is_better_than_the_one_that_is_proved_best(written in written(false, true)) {
        is_proved_best(&written)?;
    }

    #[test]
    fn roundings_hide_no_more_than_is_said(written in written(true, false)) {
        let solution = solved(&written.basket());
        check_sums(&solution.purchase);
        let (missing, total) = written.best();
        prop_assert_eq!(solution.purchase.missing.len(), missing);
        let found = exact(solution.purchase.total);
        prop_assert!(found >= total);
        let Optimality::Proved { within } = solution.optimality else { panic!("{solution:?}") };
        prop_assert!(within <= Decimal::new(4, 2));
        prop_assert!(found - exact(within) <= total);
    }
}
