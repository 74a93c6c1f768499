//! Holds the rules to a second reading of them: every order is tried, in exact rationals.

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::{Charges, OrderReason, PriceBreak, Quantity, Reason, Verdict};

/// The largest order that the brute force tries; offers without maximum and stock may go beyond it.
const TRIED: u64 = 300;

fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from(number.into())
}

fn exact(value: Decimal) -> BigRational {
    BigRational::new(value.mantissa().into(), BigInt::from(10).pow(value.scale()))
}

/// Half away from zero, by the definition of it.
fn rounded(value: &BigRational, digits: u32) -> BigRational {
    let power = whole(BigInt::from(10).pow(digits));
    let half = BigRational::new(1.into(), 2.into());
    let scaled = value * &power;
    if scaled < whole(0) { (scaled - half).ceil() / power } else { (scaled + half).floor() / power }
}

/// The parts of one order's gross total.
#[derive(Clone, Debug, PartialEq)]
struct Gross {
    goods: BigRational,
    fees: BigRational,
    shipping: Option<BigRational>,
}

impl Gross {
    fn total(&self) -> BigRational {
        &self.goods + &self.fees + self.shipping.clone().unwrap_or_else(|| whole(0))
    }
}

/// The rules once more, slowly. It covers offers whose fields are all in range and whose currency has a rate.
struct Model<'a> {
    offer: &'a Offer,
    context: Context<'a>,
    currency: Currency,
}

impl Model<'_> {
    fn need(&self) -> u64 {
        self.context.request.quantity.get()
    }

    fn rate(&self, from: Currency, to: Currency) -> BigRational {
        if from == to {
            return whole(1);
        }
        let ratio = self.context.rates.unwrap().ratio(from, to).unwrap();
        exact(ratio.multiply) / exact(ratio.divide)
    }

    /// One unit of the supplier's gross amounts in the comparison.
    fn factor(&self) -> BigRational {
        let tax = self.offer.tax_included_percent.unwrap_or(self.context.terms.tax_included_percent);
        let net = whole(100) / (whole(100) + exact(tax));
        self.rate(self.currency, self.context.request.currency) * net
    }

    fn landed(&self, gross: &BigRational) -> BigRational {
        rounded(&(gross * self.factor()), self.context.request.currency.minor_digits())
    }

    fn printed(&self, value: &BigRational) -> BigRational {
        rounded(value, self.currency.minor_digits())
    }

    fn configured(&self, amount: Decimal) -> BigRational {
        self.printed(&(exact(amount) * self.rate(self.context.terms.amounts_in, self.currency)))
    }

    fn limit(&self, amount: Decimal) -> BigRational {
        if self.context.terms.amounts_in == self.currency { exact(amount) } else { self.configured(amount) }
    }

    fn only_total(&self) -> bool {
        self.offer.unit_price.is_none() && self.offer.price_breaks.as_ref().is_none_or(Vec::is_empty)
    }

    fn lowest_tier(&self) -> u64 {
        let quantities = self.offer.price_breaks.iter().flatten().map(|tier| tier.quantity);
        quantities.min().unwrap_or(1)
    }

    /// The start of the tier that prices an order, and the price of a piece in it.
    fn tier(&self, order: u64) -> (u64, BigRational) {
        let breaks = self.offer.price_breaks.iter().flatten();
        let tier =
            breaks.filter(|tier| tier.quantity <= order.max(self.lowest_tier())).max_by_key(|tier| tier.quantity);
        let (from, price) = match (tier, self.offer.unit_price) {
            (Some(tier), _) => (tier.quantity, tier.unit_price),
            (None, Some(price)) => (1, price),
            (None, None) => return (1, exact(self.offer.total_price.unwrap()) / whole(self.need())),
        };
        (from, exact(price) / whole(self.offer.price_unit.unwrap_or(1)))
    }

    fn goods(&self, order: u64) -> BigRational {
        let (tier, price) = self.tier(order);
        let goods = self.printed(&(price * whole(order)));
        let Some((quantity, stated)) = self.stated() else { return goods };
        let computed = self.printed(&(self.tier(quantity).1 * whole(quantity)));
        let apart = if stated > computed { &stated - computed } else { computed - &stated };
        if order == quantity {
            stated
        } else if !self.only_total() && (apart > self.minor_unit() || tier == self.tier(quantity).0) {
            goods.max(stated)
        } else {
            goods
        }
    }

    /// The stated total and the order that it is for.
    fn stated(&self) -> Option<(u64, BigRational)> {
        let stated = self.printed(&exact(self.offer.total_price?));
        let for_smallest = !self.only_total() && !self.total_agrees_at(self.need());
        Some((if for_smallest { self.smallest() } else { self.need() }, stated))
    }

    fn minor_unit(&self) -> BigRational {
        BigRational::new(1.into(), BigInt::from(10).pow(self.currency.minor_digits()))
    }

    fn gross(&self, order: u64) -> Gross {
        let terms = self.context.terms;
        let goods = self.goods(order);
        let fees = match (self.offer.fees, terms.fees) {
            (Some(fees), _) => self.printed(&exact(fees)),
            (None, Some(fees)) => self.configured(fees),
            (None, None) => whole(0),
        };
        let shipping = match (self.offer.shipping, terms.shipping, terms.free_shipping_from) {
            (Some(shipping), _, _) => Some(self.printed(&exact(shipping))),
            (None, Some(_), Some(from)) if goods >= self.limit(from) => Some(whole(0)),
            (None, Some(cost), _) => Some(self.configured(cost)),
            (None, None, _) => None,
        };
        Gross { goods, fees, shipping }
    }

    /// Whether minimum, lowest tier and multiple allow an order, whatever it costs.
    fn has_a_permitted_size(&self, order: u64) -> bool {
        let at_least = self.need().max(self.offer.minimum_quantity.unwrap_or(0)).max(self.lowest_tier());
        order >= at_least && order.is_multiple_of(self.offer.order_multiple.unwrap_or(0).max(1))
    }

    fn smallest(&self) -> u64 {
        (1..=TRIED).find(|order| self.has_a_permitted_size(*order)).unwrap()
    }

    fn may_order_more(&self) -> bool {
        !self.context.exact && !self.only_total()
    }

    fn is_permitted(&self, order: u64) -> bool {
        self.has_a_permitted_size(order)
            && (self.may_order_more() || order == self.smallest())
            && self.offer.maximum_quantity.is_none_or(|maximum| order <= maximum)
            && stock::stated_count(self.offer).is_none_or(|count| order <= count)
            && self.context.terms.minimum_order_value.is_none_or(|value| self.goods(order) >= self.limit(value))
    }

    fn total_agrees(&self) -> bool {
        self.total_agrees_at(self.need()) || self.total_agrees_at(self.smallest())
    }

    fn total_agrees_at(&self, order: u64) -> bool {
        let (Some(stated), false) = (self.offer.total_price, self.only_total()) else { return true };
        let tiers = self.offer.price_breaks.iter().flatten();
        let start = self.tier(order).0;
        let price = tiers
            .filter(|tier| tier.quantity == start)
            .map(|tier| tier.unit_price)
            .max_by_key(Decimal::scale)
            .or(self.offer.unit_price)
            .unwrap();
        let half_digit = BigRational::new(1.into(), BigInt::from(10).pow(price.scale()) * 2);
        let pieces = BigRational::new(order.into(), self.offer.price_unit.unwrap_or(1).into());
        let difference = exact(stated) - exact(price) * &pieces;
        let difference = if difference < whole(0) { -difference } else { difference };
        difference <= pieces * half_digit + self.minor_unit()
    }

    /// Why there is no order, when none is permitted.
    fn no_order(&self) -> Reason {
        let forced = self.offer.minimum_quantity.unwrap_or(0).max(self.lowest_tier());
        let smallest = self.smallest();
        if self.context.exact && forced > self.need() || self.only_total() && smallest != self.need() {
            Reason::BelowMinimum
        } else if self.offer.maximum_quantity.is_some_and(|maximum| smallest > maximum) {
            Reason::AboveMaximum
        } else if stock::stated_count(self.offer).is_some_and(|count| smallest > count) {
            Reason::InsufficientStock
        } else {
            Reason::BelowMinimumValue
        }
    }

    /// The reason of a rejection that comes before or instead of an order.
    fn fault(&self, permitted: &[u64]) -> Option<Reason> {
        let out = self.offer.in_stock == Some(false) || self.offer.stock_quantity == Some(0);
        if !self.total_agrees() {
            Some(Reason::InvalidQuote)
        } else if out {
            Some(Reason::OutOfStock)
        } else {
            let exact_minimum = self.no_order() == Reason::BelowMinimum;
            (permitted.is_empty() || exact_minimum).then(|| self.no_order())
        }
    }

    /// The word for an order, from its definition: the first that fits.
    fn order_reason(&self, order: u64, base: u64) -> OrderReason {
        let forced = self.offer.minimum_quantity.unwrap_or(0).max(self.lowest_tier());
        let smallest = self.smallest();
        if order == self.need() {
            return OrderReason::Exact;
        }
        if order == smallest {
            return if forced > self.need() { OrderReason::Minimum } else { OrderReason::Multiple };
        }
        let without = self.gross(if order == base { smallest } else { base });
        let with = self.gross(order);
        if with.total() >= without.total() {
            OrderReason::MinimumValue
        } else if self.tier(order).1 < self.tier(if order == base { smallest } else { base }).1 {
            OrderReason::PriceBreak
        } else {
            OrderReason::FreeShipping
        }
    }

    fn check_charges(&self, charges: &Charges, order: u64) {
        let gross = self.gross(order);
        let total = self.landed(&gross.total());
        let amounts = |charges: &Charges| {
            (exact(charges.goods), exact(charges.fees), charges.shipping.map(exact), exact(charges.total))
        };
        let (goods, fees, shipping, printed) = amounts(charges);
        assert_eq!(printed, total);
        assert_eq!(charges.total.scale(), self.context.request.currency.minor_digits());
        assert_eq!(&goods + &fees + shipping.clone().unwrap_or_else(|| whole(0)), total, "parts add up");
        assert!(goods >= whole(0) && fees >= whole(0));
        assert_eq!(shipping.is_some(), gross.shipping.is_some());
        let landed_fees = self.landed(&gross.fees);
        let landed_shipping = self.landed(&gross.shipping.clone().unwrap_or_else(|| whole(0)));
        if &landed_fees + &landed_shipping <= total {
            assert_eq!(fees, landed_fees);
            assert_eq!(shipping.unwrap_or_else(|| whole(0)), landed_shipping);
        }
    }

    fn check_quote(&self, quote: &Quote, permitted: &[u64]) {
        let order = quote.order_quantity;
        assert!(self.is_permitted(order), "{order} is no permitted order");
        let total = self.landed(&self.gross(order).total());
        for other in permitted {
            let other_total = self.landed(&self.gross(*other).total());
            assert!(total <= other_total, "{other} costs less than {order}");
            assert!(total < other_total || order <= *other, "{other} costs the same as {order}");
        }
        if let Some(smallest) = permitted.first() {
            assert_eq!(quote.smallest_order, *smallest);
        }
        let base = quote.smallest_order;
        assert!(self.is_permitted(base) && base <= order);
        assert_eq!(exact(quote.saving), self.landed(&self.gross(base).total()) - &total);
        assert_eq!(quote.order_reason, self.order_reason(order, base));
        self.check_charges(&quote.charges, order);
        self.check_original(quote);
    }

    fn check_original(&self, quote: &Quote) {
        let order = quote.order_quantity;
        let price = self.tier(order).1;
        let gross = self.gross(order);
        let quoted = match &quote.original {
            None => {
                assert_eq!(self.factor(), whole(1));
                &quote.charges
            }
            Some(original) => {
                assert_eq!(exact(quote.charges.unit_price), rounded(&(&price * self.factor()), 6));
                assert!(quote.charges.unit_price.scale() <= 6);
                assert_eq!(original.currency, self.currency);
                assert_eq!(original.rate.is_some(), self.currency != self.context.request.currency);
                &original.charges
            }
        };
        assert_eq!(exact(quoted.unit_price), rounded(&price, 12));
        assert_eq!(exact(quoted.goods), gross.goods);
        assert_eq!(exact(quoted.fees), gross.fees);
        assert_eq!(quoted.shipping.map(exact), gross.shipping);
        assert_eq!(exact(quoted.total), gross.total());
    }

    /// Evaluates the offer and compares.
    fn check(&self) {
        let permitted: Vec<u64> = (1..=TRIED).filter(|order| self.is_permitted(*order)).collect();
        let result = evaluate(self.offer, &self.context);
        match (&result, self.fault(&permitted)) {
            (Err(rejection), Some(reason)) => assert_eq!(rejection.cause.reason(), reason),
            (Ok(quote), None) => self.check_quote(quote, &permitted),
            // Orders beyond the brute force's reach.
            (Ok(quote), Some(Reason::BelowMinimumValue)) if quote.order_quantity > TRIED => {
                self.check_quote(quote, &permitted);
            }
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
        self.check_candidates(result.ok().map(|quote| quote.order_quantity));
    }

    fn check_candidates(&self, chosen: Option<u64>) {
        let candidates = candidates(self.offer, &self.context);
        assert!(candidates.is_sorted_by(|left, right| left.quantity < right.quantity));
        for candidate in candidates {
            let gross = self.gross(candidate.quantity);
            let minor = |value: &BigRational| value * whole(BigInt::from(10).pow(self.currency.minor_digits()));
            assert_eq!(whole(candidate.goods), minor(&gross.goods));
            assert_eq!(whole(candidate.total), minor(&gross.total()));
            assert_eq!(candidate.verdict == Verdict::Chosen, chosen == Some(candidate.quantity));
        }
    }
}

fn decimal(
    mantissa: impl Strategy<Value = i64>,
    scales: std::ops::RangeInclusive<u32>,
) -> impl Strategy<Value = Decimal> {
    (mantissa, scales).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn currency_code() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "USD", "JPY", "BHD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

/// Prices as a supplier would have them: falling with the quantity, or anything.
fn price_breaks() -> impl Strategy<Value = Vec<PriceBreak>> {
    let anything = prop::collection::btree_map(1..90_u64, decimal(0..3000_i64, 0..=5), 1..5);
    let falling = (prop::collection::btree_set(1..90_u64, 1..5), prop::collection::vec(1..900_i64, 5), 1..=4_u32);
    let falling = falling.prop_map(|(quantities, mut prices, scale)| {
        prices.sort_unstable_by(|left, right| right.cmp(left));
        quantities.into_iter().zip(prices.into_iter().map(|price| Decimal::new(price, scale))).collect()
    });
    prop_oneof![anything, falling].prop_flat_map(|tiers| {
        let tiers = tiers.into_iter().map(|(quantity, unit_price)| PriceBreak { quantity, unit_price });
        Just(tiers.collect::<Vec<_>>()).prop_shuffle()
    })
}

fn prices() -> impl Strategy<Value = (Option<Decimal>, Option<Vec<PriceBreak>>, Option<Decimal>)> {
    let price = || decimal(0..3000_i64, 0..=5);
    let total = || decimal(0..9_000_i64, 0..=3);
    // A total for 37 pieces about as far from a rough unit price as rounding may put it.
    let near = (1..60_i64, 1..=2_u32, -60..=60_i64).prop_map(|(price, scale, percent)| {
        let off = percent * 37;
        let total = Decimal::new((price * 3700 + off).max(0), scale + 2);
        (Some(Decimal::new(price, scale)), None, Some(total))
    });
    prop_oneof![
        3 => price_breaks().prop_map(|tiers| (None, Some(tiers), None)),
        2 => price().prop_map(|price| (Some(price), None, None)),
        1 => (price_breaks(), total()).prop_map(|(tiers, total)| (None, Some(tiers), Some(total))),
        1 => total().prop_map(|total| (None, None, Some(total))),
        2 => near,
    ]
}

prop_compose! {
    fn offers()(
        (unit_price, price_breaks, total_price) in prices(),
        price_unit in option::weighted(0.3, prop::sample::select(vec![1, 3, 7, 100])),
        tax_included_percent in option::weighted(0.3, decimal(0..4000_i64, 1..=2)),
        in_stock in prop_oneof![9 => Just(Some(true)), 1 => Just(Some(false))],
        stock_quantity in option::weighted(0.4, prop_oneof![0..150_i64, 36..45_i64]),
        minimum_quantity in option::weighted(0.4, prop_oneof![0..40_u64, 38..40_u64]),
        maximum_quantity in option::weighted(0.4, prop_oneof![1..120_u64, 36..45_u64]),
        order_multiple in option::weighted(0.5, prop::sample::select(vec![0, 1, 2, 3, 5, 7, 12, 30])),
        shipping in option::weighted(0.3, decimal(0..3000_i64, 0..=3)),
        fees in option::weighted(0.3, decimal(0..900_i64, 0..=3)),
    ) -> Offer {
        Offer {
            unit_price, price_unit, total_price, price_breaks, tax_included_percent, in_stock, stock_quantity,
            minimum_quantity, maximum_quantity, order_multiple, shipping, fees, ..Offer::default()
        }
    }
}

prop_compose! {
    fn terms()(
        amounts_in in currency_code(),
        shipping in option::weighted(0.6, decimal(0..2000_i64, 1..=3)),
        free_shipping_from in option::weighted(0.7, decimal(0..20_000_i64, 1..=3)),
        minimum_order_value in option::weighted(0.4, decimal(0..9000_i64, 1..=3)),
        fees in option::weighted(0.3, decimal(0..900_i64, 0..=3)),
        tax_included_percent in prop_oneof![3 => Just(Decimal::ZERO), 1 => decimal(0..4000_i64, 1..=2)],
    ) -> Terms {
        Terms {
            shipping, free_shipping_from, minimum_order_value, fees, tax_included_percent,
            allow_free: true, ..Terms::plain(amounts_in)
        }
    }
}

/// Rates near one, so that amounts stay comparable, with many digits.
fn rates() -> impl Strategy<Value = Rates> {
    prop::collection::vec(decimal(1000..90_000_i64, 3..=5), 4).prop_map(|rates| {
        let codes = ["USD", "JPY", "BHD", "CLF"].map(|code| Currency::parse(code).unwrap());
        let base = Currency::parse("EUR").unwrap();
        Rates::new(base, jiff::civil::date(2026, 11, 20), codes.into_iter().zip(rates)).unwrap()
    })
}

fn request(need: u64, currency: Currency) -> PriceRequest {
    PriceRequest { product: "widget".into(), quantity: Quantity::new(need).unwrap(), currency }
}

fn context<'a>(request: &'a PriceRequest, terms: &'a Terms, rates: &'a Rates, exact: bool) -> Context<'a> {
    Context { request, terms, rates: Some(rates), exact, within_days: None, now: Timestamp::UNIX_EPOCH }
}

/// Decimals that no reader would let through.
fn any_decimal() -> impl Strategy<Value = Decimal> {
    let extremes = vec![Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::ONE, Decimal::new(1, 28)];
    let bits = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0..=28_u32);
    prop_oneof![
        prop::sample::select(extremes),
        bits.prop_map(|(low, middle, high, negative, scale)| Decimal::from_parts(low, middle, high, negative, scale)),
        decimal(any::<i64>(), 0..=12),
    ]
}

fn any_count() -> impl Strategy<Value = u64> {
    let extremes = vec![0, 1, MOST, MOST - 1, MOST + 1, u64::MAX, u64::MAX - 1, 1 << 63];
    prop_oneof![prop::sample::select(extremes), any::<u64>(), 0..50_u64]
}

const MOST: u64 = crate::domain::MAX_QUANTITY;

prop_compose! {
    fn any_offers()(
        (unit_price, total_price, tax_included_percent) in
            (option::of(any_decimal()), option::of(any_decimal()), option::of(any_decimal())),
        price_breaks in option::of(prop::collection::vec((any_count(), any_decimal()), 0..4)),
        (price_unit, quantity) in (option::of(any_count()), option::weighted(0.1, any_count())),
        (minimum_quantity, maximum_quantity, order_multiple) in
            (option::of(any_count()), option::of(any_count()), option::of(any_count())),
        currency in prop::sample::select(vec!["EUR", "USD", "JPY", "XAU", ""]),
        (in_stock, stock_quantity) in (option::of(any::<bool>()), option::of(any::<i64>())),
        (delivery_days, lead_time_days) in (option::of(any::<u16>()), option::of(any::<u16>())),
        (shipping, fees) in (option::of(any_decimal()), option::of(any_decimal())),
    ) -> Offer {
        let tier = |(quantity, unit_price)| PriceBreak { quantity, unit_price };
        Offer {
            unit_price, total_price, tax_included_percent, price_unit, quantity, minimum_quantity, maximum_quantity,
            order_multiple, in_stock, stock_quantity, delivery_days, lead_time_days, shipping, fees,
            price_breaks: price_breaks.map(|tiers| tiers.into_iter().map(tier).collect()),
            currency: Some(currency.to_owned()),
            ..Offer::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn evaluation_agrees_with_trying_every_order(
        mut offer in offers(),
        terms in terms(),
        rates in rates(),
        need in prop_oneof![Just(37), 1..60_u64],
        (own, compared) in prop_oneof![
            currency_code().prop_map(|code| (code, code)),
            (currency_code(), currency_code()),
        ],
        exact in prop::bool::weighted(0.2),
    ) {
        offer.currency = Some(own.code().to_owned());
        let request = request(need, compared);
        let context = context(&request, &terms, &rates, exact);
        Model { offer: &offer, context, currency: own }.check();
    }

    #[test]
    fn no_offer_makes_the_evaluation_panic(
        offer in any_offers(),
        terms in terms(),
        rates in rates(),
        need in prop_oneof![1..=MOST, Just(MOST), 1..50_u64],
        (exact, within_days) in (any::<bool>(), option::of(any::<u16>())),
        (amounts, transit) in ([any_decimal(), any_decimal(), any_decimal(), any_decimal()], option::of(any::<u16>())),
    ) {
        let [shipping, from, value, rate] = amounts;
        let terms = Terms {
            shipping: Some(shipping), free_shipping_from: Some(from), minimum_order_value: Some(value),
            transit_days: transit, ..terms
        };
        let euro = Currency::parse("EUR").unwrap();
        let odd = Rates::new(euro, jiff::civil::date(2026, 11, 20), [(Currency::parse("USD").unwrap(), rate)]);
        let rates = odd.unwrap_or(rates);
        let request = request(need, euro);
        let context = Context { within_days, ..context(&request, &terms, &rates, exact) };
        let first = evaluate(&offer, &context);
        prop_assert_eq!(&first, &evaluate(&offer, &context));
        if let Ok(quote) = first {
            let Charges { goods, fees, shipping, total, .. } = quote.charges;
            prop_assert_eq!(goods + fees + shipping.unwrap_or_default(), total);
        }
        let _ = candidates(&offer, &context);
    }
}
