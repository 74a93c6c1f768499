//! Each rule with its example.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;
use crate::domain::fixtures::money;
use crate::domain::{Fault, FaultProblem, OrderReason, PriceBreak, Quantity, RatesDay, Reason, Terms, Verdict};

fn currency_of(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

/// A supplier, a question and the run around them; tests change what they are about.
struct Run {
    request: PriceRequest,
    terms: Terms,
    rates: Option<Rates>,
    exact: bool,
    within_days: Option<u16>,
    now: Timestamp,
}

fn run(need: u64) -> Run {
    let currency = currency_of("EUR");
    Run {
        request: PriceRequest { product: "widget".into(), quantity: Quantity::new(need).unwrap(), currency },
        terms: Terms::plain(currency),
        rates: None,
        exact: false,
        within_days: None,
        now: "2026-11-23T10:15:02Z".parse().unwrap(),
    }
}

impl Run {
    fn context(&self) -> Context<'_> {
        Context {
            request: &self.request,
            terms: &self.terms,
            rates: self.rates.as_ref(),
            exact: self.exact,
            within_days: self.within_days,
            now: self.now,
        }
    }

    fn quote(&self, offer: &Offer) -> Quote {
        evaluate(offer, &self.context()).unwrap()
    }

    fn rejection(&self, offer: &Offer) -> Rejection {
        evaluate(offer, &self.context()).unwrap_err()
    }

    fn reason(&self, offer: &Offer) -> (Reason, String) {
        let cause = self.rejection(offer).cause;
        (cause.reason(), cause.field().to_owned())
    }

    fn with_dollars(mut self) -> Self {
        let date = jiff::civil::date(2026, 11, 20);
        let rates = [(currency_of("USD"), money("1.0842")), (currency_of("GBP"), money("0.8731"))];
        self.rates = Some(Rates::new(currency_of("EUR"), date, rates).unwrap());
        self
    }

    fn shipping(mut self, cost: &str, free_from: Option<&str>) -> Self {
        self.terms.shipping = Some(money(cost));
        self.terms.free_shipping_from = free_from.map(money);
        self
    }

    fn minimum_value(mut self, value: &str) -> Self {
        self.terms.minimum_order_value = Some(money(value));
        self
    }
}

fn offer() -> Offer {
    Offer { currency: Some("EUR".into()), in_stock: Some(true), ..Offer::default() }
}

fn unit(price: &str) -> Offer {
    Offer { unit_price: Some(money(price)), ..offer() }
}

fn tiers(prices: &[(u64, &str)]) -> Offer {
    let tier = |(quantity, price): &(u64, &str)| PriceBreak { quantity: *quantity, unit_price: money(price) };
    Offer { price_breaks: Some(prices.iter().map(tier).collect()), ..offer() }
}

/// Order and total.
fn order(quote: &Quote) -> (u64, String) {
    (quote.order_quantity, quote.charges.total.to_string())
}

// Order quantity.

#[test]
fn minimum_and_multiple_force_the_order_up() {
    let offer = Offer { minimum_quantity: Some(15), order_multiple: Some(3), ..unit("1.00") };
    let expected = [
        (1, 15, OrderReason::Minimum),
        (13, 15, OrderReason::Minimum),
        (15, 15, OrderReason::Exact),
        (16, 18, OrderReason::Multiple),
        (18, 18, OrderReason::Exact),
    ];
    for (need, quantity, reason) in expected {
        let quote = run(need).quote(&offer);
        assert_eq!((quote.order_quantity, quote.order_reason), (quantity, reason), "need {need}");
        assert_eq!(quote.saving, Decimal::ZERO);
    }
}

#[test]
fn a_minimum_that_is_no_multiple_is_rounded_up() {
    let offer = Offer { minimum_quantity: Some(15), order_multiple: Some(4), ..unit("1.00") };
    let quote = run(13).quote(&offer);
    assert_eq!((quote.order_quantity, quote.order_reason), (16, OrderReason::Minimum));
}

#[test]
fn zero_is_no_minimum_and_no_multiple() {
    let offer = Offer { minimum_quantity: Some(0), order_multiple: Some(0), ..unit("1.00") };
    assert_eq!(order(&run(7).quote(&offer)), (7, "7.00".into()));
}

#[test]
fn the_lowest_tier_is_a_minimum_too() {
    let quote = run(3).quote(&tiers(&[(10, "0.50"), (20, "0.40")]));
    assert_eq!((quote.order_quantity, quote.order_reason), (10, OrderReason::Minimum));
}

#[test]
fn minimum_and_multiple_beyond_every_order_are_above_the_maximum() {
    for (minimum, multiple) in [(2_000_000_000, 1), (1, 3_000_000_000), (u64::MAX, 1), (1, u64::MAX), (u64::MAX, 2)] {
        let offer = Offer { minimum_quantity: Some(minimum), order_multiple: Some(multiple), ..unit("1.00") };
        assert_eq!(run(1).reason(&offer), (Reason::AboveMaximum, "maximumQuantity".into()));
    }
}

// Tiers.

#[test]
fn tiers_come_in_any_order_and_the_largest_within_the_order_prices_all_of_it() {
    let offer = tiers(&[(100, "0.40"), (1, "0.60"), (50, "0.45")]);
    for (need, total) in [(1, "0.60"), (30, "18.00"), (50, "22.50"), (80, "36.00"), (100, "40.00"), (200, "80.00")] {
        assert_eq!(order(&run(need).quote(&offer)), (need, total.into()));
    }
}

#[test]
fn a_quantity_twice_is_a_fault_only_at_another_price() {
    let offer = tiers(&[(10, "0.50"), (1, "0.60"), (10, "0.5")]);
    assert_eq!(order(&run(10).quote(&offer)), (10, "5.00".into()));
    let conflicting = tiers(&[(10, "0.50"), (1, "0.60"), (10, "0.51")]);
    let Cause::Invalid(Fault { field, problem }) = run(10).rejection(&conflicting).cause else { panic!() };
    assert_eq!(field, "priceBreaks[2].quantity");
    assert_eq!(problem, FaultProblem::ConflictingTiers { quantity: 10 });
}

#[test]
fn tiers_win_over_a_unit_price() {
    let offer = Offer { unit_price: Some(money("9.99")), ..tiers(&[(1, "0.60")]) };
    assert_eq!(order(&run(2).quote(&offer)), (2, "1.20".into()));
}

#[test]
fn no_tiers_are_absent_beside_a_price_and_no_tier_alone() {
    assert_eq!(run(2).reason(&tiers(&[])), (Reason::NoTier, "priceBreaks".into()));
    let with_unit = Offer { unit_price: Some(money("0.60")), ..tiers(&[]) };
    assert_eq!(order(&run(2).quote(&with_unit)), (2, "1.20".into()));
    let with_total = Offer { total_price: Some(money("1.20")), ..tiers(&[]) };
    assert_eq!(order(&run(2).quote(&with_total)), (2, "1.20".into()));
}

// Order more, pay less.

#[test]
fn a_higher_tier_makes_the_larger_order_cheaper() {
    let quote = run(6).quote(&tiers(&[(1, "0.60"), (10, "0.25")]));
    assert_eq!(order(&quote), (10, "2.50".into()));
    assert_eq!((quote.order_reason, quote.saving, quote.smallest_order), (OrderReason::PriceBreak, money("1.10"), 6));
}

#[test]
fn order_100_is_2_75_less_than_95() {
    let quote = run(95).quote(&tiers(&[(1, "0.60"), (50, "0.45"), (100, "0.40")]));
    assert_eq!(order(&quote), (100, "40.00".into()));
    assert_eq!((quote.saving.to_string(), quote.smallest_order), ("2.75".into(), 95));
}

#[test]
fn nine_with_free_shipping_cost_less_than_eight_without() {
    let quote = run(8).shipping("6.95", Some("50")).quote(&unit("5.90"));
    assert_eq!(order(&quote), (9, "53.10".into()));
    assert_eq!((quote.order_reason, quote.saving), (OrderReason::FreeShipping, money("1.05")));
    assert_eq!(quote.charges.shipping, Some(Decimal::ZERO));
}

#[test]
fn a_reel_costs_less_than_cut_tape() {
    let quote = run(2600).quote(&tiers(&[(1, "0.031"), (3000, "0.026")]));
    assert_eq!(order(&quote), (3000, "78.00".into()));
    assert_eq!(quote.saving, money("2.60"));
}

#[test]
fn equal_totals_take_the_smaller_order() {
    assert_eq!(order(&run(5).quote(&tiers(&[(1, "1.00"), (10, "0.50")]))), (5, "5.00".into()));
    // Several orders round to the same goods.
    assert_eq!(order(&run(3).quote(&unit("0.001"))), (3, "0.00".into()));
}

#[test]
fn totals_that_are_equal_once_converted_take_the_smaller_order() {
    let mut run = run(5);
    run.request.currency = currency_of("JPY");
    let rates = [(currency_of("JPY"), money("1"))];
    run.rates = Some(Rates::new(currency_of("EUR"), jiff::civil::date(2026, 11, 20), rates).unwrap());
    // 5.00 against 4.90 euros: both are 5 yen.
    let quote = run.quote(&tiers(&[(1, "1.00"), (10, "0.49")]));
    assert_eq!((quote.order_quantity, quote.charges.total), (5, money("5")));
}

#[test]
fn a_higher_tier_is_rounded_up_to_the_multiple() {
    let offer = Offer { order_multiple: Some(7), ..tiers(&[(1, "1.00"), (10, "0.10")]) };
    assert_eq!(order(&run(7).quote(&offer)), (14, "1.40".into()));
}

#[test]
fn stock_and_maximum_keep_a_cheaper_larger_order_out_of_reach() {
    let offer = tiers(&[(1, "0.60"), (50, "0.45"), (100, "0.40")]);
    let scarce = Offer { stock_quantity: Some(97), ..offer.clone() };
    assert_eq!(order(&run(95).quote(&scarce)), (95, "42.75".into()));
    let limited = Offer { maximum_quantity: Some(99), ..offer };
    assert_eq!(order(&run(95).quote(&limited)), (95, "42.75".into()));
}

#[test]
fn all_of_the_stock_and_the_maximum_itself_can_be_ordered() {
    let offer = tiers(&[(1, "0.60"), (100, "0.40")]);
    let limits = [(Some(100), None), (None, Some(100)), (Some(100), Some(100))];
    for (stock_quantity, maximum_quantity) in limits {
        let offer = Offer { stock_quantity, maximum_quantity, ..offer.clone() };
        assert_eq!(run(95).quote(&offer).order_quantity, 100);
        assert_eq!(run(100).quote(&offer).order_quantity, 100);
    }
    let neither = Offer { stock_quantity: Some(99), maximum_quantity: Some(99), ..offer };
    assert_eq!(run(95).quote(&neither).order_quantity, 95);
    assert_eq!(run(99).quote(&neither).order_quantity, 99);
    assert_eq!(run(100).reason(&neither).0, Reason::AboveMaximum);
}

#[test]
fn a_tier_that_rises_with_the_quantity_is_not_taken_freely() {
    let offer = tiers(&[(1, "1.00"), (10, "3.00"), (20, "0.90")]);
    assert_eq!(order(&run(9).quote(&offer)), (9, "9.00".into()));
    assert_eq!(order(&run(10).quote(&offer)), (20, "18.00".into()));
}

#[test]
fn exact_never_goes_beyond_what_minimum_and_multiple_force() {
    let exact = |need| Run { exact: true, ..run(need) };
    let offer = tiers(&[(1, "0.60"), (10, "0.25")]);
    assert_eq!(order(&exact(6).quote(&offer)), (6, "3.60".into()));
    let free = exact(8).shipping("6.95", Some("50"));
    assert_eq!(order(&free.quote(&unit("5.90"))), (8, "54.15".into()));
    let multiple = Offer { order_multiple: Some(5), ..unit("1.00") };
    assert_eq!(order(&exact(6).quote(&multiple)), (10, "10.00".into()));
    let minimum = Offer { minimum_quantity: Some(15), order_multiple: Some(4), ..unit("1.00") };
    let rejection = exact(13).rejection(&minimum);
    assert_eq!(rejection.cause, Cause::BelowMinimum { needed: 13, smallest: 16 });
    assert_eq!(rejection.order_quantity, Some(16));
    assert_eq!(exact(3).reason(&tiers(&[(10, "0.50")])).0, Reason::BelowMinimum);
    assert_eq!(exact(8).minimum_value("50").reason(&unit("5.90")).0, Reason::BelowMinimumValue);
}

#[test]
fn a_minimum_order_value_forces_a_larger_order() {
    let quote = run(8).minimum_value("50").quote(&unit("5.90"));
    assert_eq!(order(&quote), (9, "53.10".into()));
    assert_eq!((quote.order_reason, quote.saving, quote.smallest_order), (OrderReason::MinimumValue, Decimal::ZERO, 9));
}

#[test]
fn a_saving_is_measured_against_the_order_that_meets_the_minimum_value() {
    let quote = run(60).minimum_value("40").quote(&tiers(&[(1, "0.60"), (100, "0.40")]));
    assert_eq!(order(&quote), (100, "40.00".into()));
    assert_eq!((quote.order_reason, quote.saving, quote.smallest_order), (OrderReason::PriceBreak, money("0.20"), 67));
}

#[test]
fn an_order_that_meets_two_limits_is_explained_by_the_one_that_saves() {
    let quote = run(8).shipping("6.95", Some("50")).minimum_value("50").quote(&unit("5.90"));
    assert_eq!((quote.order_quantity, quote.order_reason), (9, OrderReason::FreeShipping));
}

#[test]
fn a_minimum_order_value_may_be_out_of_reach() {
    let run = run(8).minimum_value("50");
    let cause = |goods: &str| Cause::BelowMinimumValue {
        goods: money(goods),
        minimum_value: money("50.00"),
        currency: currency_of("EUR"),
    };
    let scarce = run.rejection(&Offer { stock_quantity: Some(8), ..unit("5.90") });
    assert_eq!((scarce.cause, scarce.order_quantity), (cause("47.20"), Some(8)));
    let limited = run.rejection(&Offer { maximum_quantity: Some(10), order_multiple: Some(4), ..unit("5.90") });
    assert_eq!((limited.cause, limited.order_quantity), (cause("47.20"), Some(8)));
    let mut free = run;
    free.terms.allow_free = true;
    assert_eq!(free.rejection(&unit("0")).cause, cause("0.00"));
}

#[test]
fn an_order_above_both_maximum_and_stock_is_above_the_maximum() {
    let offer = Offer { maximum_quantity: Some(50), stock_quantity: Some(60), ..unit("1.00") };
    assert_eq!(run(95).rejection(&offer).cause, Cause::AboveMaximum { order: 95, maximum: 50 });
}

#[test]
fn every_candidate_says_what_became_of_it() {
    let run = run(95).shipping("4.90", Some("41"));
    let offer = Offer {
        stock_quantity: Some(600),
        maximum_quantity: Some(500),
        ..tiers(&[(1, "0.60"), (50, "0.45"), (100, "0.40"), (501, "0.30"), (1000, "0.20")])
    };
    let seen: Vec<_> = candidates(&offer, &run.context())
        .into_iter()
        .map(|candidate| (candidate.quantity, candidate.total, candidate.verdict))
        .collect();
    assert_eq!(
        seen,
        [
            (95, 4275, Verdict::NotCheaper),
            (100, 4490, Verdict::NotCheaper),
            (103, 4120, Verdict::Chosen),
            (501, 15030, Verdict::AboveMaximum),
            (1000, 20000, Verdict::AboveMaximum),
        ]
    );
}

#[test]
fn a_study_weighs_every_order_and_agrees_with_the_evaluation() {
    let run = run(95).shipping("4.90", None);
    let offer = Offer { tax_included_percent: Some(money("19")), ..tiers(&[(1, "0.60"), (100, "0.40")]) };
    let study = study(&OfferReply::Readable(Box::new(offer.clone())), &run.context());
    let seen: Vec<_> = study
        .orders
        .iter()
        .map(|order| (order.quantity, order.goods.to_string(), order.total.to_string(), order.landed.to_string()))
        .collect();
    let order = |quantity, goods: &str, total: &str, landed: &str| {
        (quantity, goods.to_owned(), total.to_owned(), landed.to_owned())
    };
    assert_eq!(seen, [order(95, "57.00", "61.90", "52.02"), order(100, "40.00", "44.90", "37.73")]);
    assert_eq!(study.result.map(|quote| *quote).ok(), evaluate(&offer, &run.context()).ok());
    let faulty = rejected(&offer);
    assert_eq!(faulty, "EUR");
}

/// The currency that a study says of an offer that could not be read.
fn rejected(offer: &Offer) -> String {
    let run = run(1);
    let terms = Terms { currency: Some(currency_of("EUR")), ..Terms::plain(currency_of("EUR")) };
    let rejection = Rejection {
        product: None,
        identity: offer.identity.clone(),
        cause: Cause::NoTier,
        order_quantity: None,
        stock_quantity: None,
        currency: None,
        unit_price: None,
        total_price: None,
    };
    let context = Context { terms: &terms, ..run.context() };
    let study = study(&OfferReply::Faulty(Box::new(rejection)), &context);
    study.result.unwrap_err().currency.unwrap_or_default()
}

// Price unit, goods, stated totals.

#[test]
fn a_price_for_a_hundred_is_divided_last() {
    let quote = run(250).quote(&Offer { price_unit: Some(100), ..unit("12.40") });
    assert_eq!(order(&quote), (250, "31.00".into()));
    assert_eq!(quote.charges.unit_price, money("0.124"));
    let third = run(3).quote(&Offer { price_unit: Some(3), ..unit("1.00") });
    assert_eq!((order(&third).1, third.charges.unit_price.to_string()), ("1.00".into(), "0.333333333333".into()));
}

#[test]
fn goods_are_rounded_once_a_line() {
    assert_eq!(order(&run(95).quote(&unit("0.0499"))), (95, "4.74".into()));
    assert_eq!(order(&run(5).quote(&unit("0.001"))), (5, "0.01".into()));
}

#[test]
fn a_stated_total_wins_within_the_rounding_of_the_unit_price() {
    let quote = run(1000).quote(&Offer { total_price: Some(money("33.30")), ..unit("0.03") });
    assert_eq!((order(&quote), quote.charges.goods), ((1000, "33.30".into()), money("33.30")));
    // 1000 × 0.005 + 0.01 around 30.00.
    for (total, valid) in [("35.01", true), ("35.02", false), ("24.99", true), ("24.98", false)] {
        let offer = Offer { total_price: Some(money(total)), ..unit("0.03") };
        assert_eq!(evaluate(&offer, &run(1000).context()).is_ok(), valid, "{total}");
    }
}

#[test]
fn trailing_zeros_of_the_unit_price_narrow_what_a_total_may_be() {
    let offer = |price| Offer { total_price: Some(money("33.30")), ..unit(price) };
    assert_eq!(run(1000).reason(&offer("0.030")), (Reason::InvalidQuote, "totalPrice".into()));
    let Cause::Invalid(Fault { problem, .. }) = run(1000).rejection(&offer("0.030")).cause else { panic!() };
    assert_eq!(problem, FaultProblem::TotalDisagrees { stated: money("33.30"), computed: money("30.00") });
    assert_eq!(order(&run(1000).quote(&offer("0.033"))), (1000, "33.30".into()));
}

#[test]
fn the_price_unit_narrows_what_a_total_may_be() {
    // 1000 pieces at 3.0 a hundred: 30 ± (1000 × 0.05 ÷ 100 + 0.01).
    for (total, valid) in [("30.51", true), ("30.52", false)] {
        let offer = Offer { price_unit: Some(100), total_price: Some(money(total)), ..unit("3.0") };
        assert_eq!(evaluate(&offer, &run(1000).context()).is_ok(), valid, "{total}");
    }
}

#[test]
fn a_stated_total_is_held_to_the_quantity_that_was_asked_for() {
    let offer = Offer { total_price: Some(money("10.00")), minimum_quantity: Some(20), ..unit("1.00") };
    assert_eq!(order(&run(10).quote(&offer)), (20, "20.00".into()));
}

#[test]
fn a_larger_order_at_the_same_unit_price_is_not_believed_to_cost_less_than_the_stated_total() {
    // The unit price alone would make 1001 pieces 30.03, and free shipping from 33 is reached by the stated goods.
    let offer = Offer { total_price: Some(money("33.30")), ..unit("0.03") };
    let quote = run(1000).shipping("5", Some("33")).quote(&offer);
    assert_eq!((order(&quote), quote.order_reason), ((1000, "33.30".into()), OrderReason::Exact));
    let quote = run(1000).shipping("5", Some("34")).quote(&offer);
    assert_eq!((order(&quote), quote.order_reason), ((1134, "34.02".into()), OrderReason::FreeShipping));
}

#[test]
fn a_stated_total_below_a_limit_does_not_reach_it_although_the_unit_price_would() {
    let offer = Offer { total_price: Some(money("28.00")), ..unit("0.03") };
    let quote = run(1000).shipping("5", Some("29")).quote(&offer);
    assert_eq!((order(&quote), quote.order_reason), ((1001, "30.03".into()), OrderReason::FreeShipping));
    assert_eq!(quote.saving, money("2.97"));
}

#[test]
fn a_minimum_just_above_the_request_costs_no_less_than_the_stated_total() {
    let offer = Offer { total_price: Some(money("33.30")), minimum_quantity: Some(1001), ..unit("0.03") };
    assert_eq!(order(&run(1000).quote(&offer)), (1001, "33.30".into()));
}

#[test]
fn a_stated_total_may_be_that_of_the_smallest_order_instead() {
    let offer = |total| Offer { total_price: Some(money(total)), minimum_quantity: Some(15), ..unit("1.00") };
    assert_eq!(order(&run(10).quote(&offer("15.01"))), (15, "15.01".into()));
    assert_eq!(order(&run(10).quote(&offer("10.00"))), (15, "15.00".into()));
    assert_eq!(run(10).rejection(&offer("12.00")).cause.field(), "totalPrice");
}

#[test]
fn where_a_stated_total_shows_rounded_prices_no_larger_order_is_believed_to_cost_less() {
    let offer = |breaks, total| Offer { total_price: Some(money(total)), ..tiers(breaks) };
    let quote = run(1000).quote(&offer(&[(1, "0.03"), (1100, "0.03")], "33.30"));
    assert_eq!((order(&quote), quote.order_reason), ((1000, "33.30".into()), OrderReason::Exact));
    let quote = run(990).quote(&offer(&[(1, "0.05"), (100, "0.03"), (1000, "0.03")], "32.97"));
    assert_eq!((order(&quote), quote.order_reason), ((990, "32.97".into()), OrderReason::Exact));
    // A cent may be the rounding of the total itself.
    let quote = run(95).quote(&offer(&[(1, "0.4499"), (100, "0.40")], "42.75"));
    assert_eq!((order(&quote), quote.order_reason), ((100, "40.00".into()), OrderReason::PriceBreak));
}

#[test]
fn of_equal_tiers_the_order_does_not_matter() {
    for breaks in [[(1, "0.03"), (1, "0.030")], [(1, "0.030"), (1, "0.03")]] {
        let offer = Offer { total_price: Some(money("33.30")), ..tiers(&breaks) };
        assert_eq!(run(1000).rejection(&offer).cause.field(), "totalPrice");
    }
}

#[test]
fn a_total_alone_is_the_price_of_the_request() {
    let alone = Offer { total_price: Some(money("10.00")), ..offer() };
    let quote = run(3).quote(&alone);
    assert_eq!((order(&quote), quote.charges.unit_price.to_string()), ((3, "10.00".into()), "3.333333333333".into()));
    let echoed = Offer { quantity: Some(3), ..alone.clone() };
    assert_eq!(order(&run(3).quote(&echoed)), (3, "10.00".into()));
    for changed in
        [Offer { minimum_quantity: Some(5), ..alone.clone() }, Offer { order_multiple: Some(2), ..alone.clone() }]
    {
        assert_eq!(run(3).reason(&changed), (Reason::BelowMinimum, "minimumQuantity".into()));
    }
    assert_eq!(run(3).reason(&Offer { stock_quantity: Some(2), ..alone.clone() }).0, Reason::InsufficientStock);
    assert_eq!(run(3).reason(&Offer { maximum_quantity: Some(2), ..alone.clone() }).0, Reason::AboveMaximum);
    assert_eq!(run(3).minimum_value("10.01").reason(&alone).0, Reason::BelowMinimumValue);
    assert_eq!(order(&run(3).minimum_value("10").quote(&alone)), (3, "10.00".into()));
    // It cannot be stretched to free shipping.
    assert_eq!(order(&run(3).shipping("5", Some("11")).quote(&alone)), (3, "15.00".into()));
}

// Totals, shipping and fees.

#[test]
fn a_total_is_goods_fees_and_shipping() {
    let mut run = run(10).shipping("4.90", None);
    run.terms.fees = Some(money("1.50"));
    let configured = run.quote(&unit("1.00")).charges;
    assert_eq!(
        (configured.goods, configured.fees, configured.shipping, configured.total),
        (money("10.00"), money("1.50"), Some(money("4.90")), money("16.40"))
    );
    let stated = Offer { shipping: Some(money("0")), fees: Some(money("2")), ..unit("1.00") };
    let stated = run.quote(&stated).charges;
    assert_eq!((stated.fees, stated.shipping, stated.total), (money("2"), Some(Decimal::ZERO), money("12.00")));
}

#[test]
fn unknown_shipping_is_unknown_and_not_in_the_total() {
    let charges = run(10).quote(&unit("1.00")).charges;
    assert_eq!((charges.shipping, charges.total), (None, money("10.00")));
    let mut limit_alone = run(10);
    limit_alone.terms.free_shipping_from = Some(money("5"));
    assert_eq!(limit_alone.quote(&unit("1.00")).charges.shipping, None);
}

#[test]
fn free_shipping_applies_to_configured_shipping_only() {
    let run = run(10).shipping("4.90", Some("5"));
    assert_eq!(run.quote(&unit("1.00")).charges.shipping, Some(Decimal::ZERO));
    let stated = Offer { shipping: Some(money("3.00")), ..unit("1.00") };
    assert_eq!(run.quote(&stated).charges.shipping, Some(money("3.00")));
}

#[test]
fn limits_are_compared_with_printed_goods() {
    // 95 × 0.0526 = 4.997 is printed as 5.00.
    assert_eq!(run(95).shipping("1", Some("5")).quote(&unit("0.0526")).charges.shipping, Some(Decimal::ZERO));
    // 5.00 does not reach 5.001.
    let limit = run(95).minimum_value("5.001");
    assert_eq!(order(&limit.quote(&unit("0.0526"))), (96, "5.05".into()));
}

// Tax.

#[test]
fn contained_tax_is_taken_out() {
    let taxed = Offer { tax_included_percent: Some(money("23")), ..unit("12.30") };
    let quote = run(1).quote(&taxed);
    assert_eq!(order(&quote), (1, "10.00".into()));
    let original = quote.original.unwrap();
    assert_eq!((original.charges.total, original.tax_percent_removed), (money("12.30"), money("23")));
    assert_eq!((original.rate, original.rate_base, original.rate_date), (None, None, None));
    let mut configured = run(1);
    configured.terms.tax_included_percent = money("23");
    assert_eq!(order(&configured.quote(&unit("12.30"))), (1, "10.00".into()));
    let untaxed = Offer { tax_included_percent: Some(Decimal::ZERO), ..unit("12.30") };
    assert_eq!((order(&configured.quote(&untaxed)).1, configured.quote(&untaxed).original), ("12.30".into(), None));
}

#[test]
fn limits_compare_gross_amounts() {
    // 50.00 gross reaches the limit, although 40.65 net is compared.
    let run = run(10).shipping("4.90", Some("50"));
    let quote = run.quote(&Offer { tax_included_percent: Some(money("23")), ..unit("5.00") });
    assert_eq!((order(&quote), quote.charges.shipping), ((10, "40.65".into()), Some(Decimal::ZERO)));
}

#[test]
fn parts_without_tax_add_up_to_the_total_that_is_rounded_once() {
    let offer = Offer {
        tax_included_percent: Some(money("19")),
        shipping: Some(money("4.90")),
        fees: Some(money("0.99")),
        ..unit("0.333")
    };
    // 33.30 + 0.99 + 4.90 = 39.19; ÷ 1.19 = 32.9327…
    let charges = run(100).quote(&offer).charges;
    assert_eq!(
        (charges.total, charges.fees, charges.shipping, charges.goods),
        (money("32.93"), money("0.83"), Some(money("4.12")), money("27.98"))
    );
}

// Currency.

#[test]
fn a_total_is_converted_once_and_the_original_is_kept() {
    let offer = Offer { currency: Some("USD".into()), shipping: Some(Decimal::ZERO), ..unit("0.41") };
    let quote = run(95).with_dollars().quote(&offer);
    assert_eq!(order(&quote), (95, "35.93".into()));
    assert_eq!((quote.charges.goods, quote.charges.unit_price), (money("35.93"), money("0.378159")));
    assert_eq!(quote.rates, Some(RatesDay { base: currency_of("EUR"), date: jiff::civil::date(2026, 11, 20) }));
    let original = quote.original.unwrap();
    assert_eq!((original.currency, original.charges.total), (currency_of("USD"), money("38.95")));
    assert_eq!(original.charges.unit_price, money("0.41"));
    assert_eq!((original.rate, original.rate_base), (Some(money("1.0842")), Some(currency_of("EUR"))));
    assert_eq!(original.rate_date, Some(jiff::civil::date(2026, 11, 20)));
}

#[test]
fn cross_rates_go_through_the_base() {
    let mut run = run(100).with_dollars();
    run.request.currency = currency_of("GBP");
    let quote = run.quote(&Offer { currency: Some("USD".into()), ..unit("1.00") });
    // 100.00 × 0.8731 ÷ 1.0842 = 80.5294…
    assert_eq!(order(&quote), (100, "80.53".into()));
    assert_eq!(quote.original.unwrap().rate, Some(money("1.241782155538")));
}

#[test]
fn converted_parts_add_up() {
    let offer = Offer {
        currency: Some("USD".into()),
        shipping: Some(money("4.99")),
        fees: Some(money("0.77")),
        ..unit("0.41")
    };
    let charges = run(95).with_dollars().quote(&offer).charges;
    // 44.71, 0.77 and 4.99 ÷ 1.0842 = 41.2378…, 0.7102…, 4.6025…
    assert_eq!(
        (charges.total, charges.fees, charges.shipping, charges.goods),
        (money("41.24"), money("0.71"), Some(money("4.60")), money("35.93"))
    );
}

#[test]
fn goods_are_never_less_than_nothing_however_the_parts_round() {
    let mut run = run(1);
    run.terms.allow_free = true;
    run.request.currency = currency_of("JPY");
    run.rates = Some(
        Rates::new(currency_of("EUR"), jiff::civil::date(2026, 11, 20), [(currency_of("JPY"), money("1"))]).unwrap(),
    );
    let offer = Offer { shipping: Some(money("0.50")), fees: Some(money("0.50")), ..unit("0") };
    let charges = run.quote(&offer).charges;
    assert_eq!(
        (charges.total, charges.fees, charges.shipping, charges.goods),
        (money("1"), money("1"), Some(money("0")), money("0"))
    );
}

#[test]
fn tax_and_currency_are_rounded_together_once() {
    let offer = Offer { currency: Some("USD".into()), tax_included_percent: Some(money("19")), ..unit("0.41") };
    // 38.95 ÷ 1.0842 ÷ 1.19 = 30.1889…; 0.41 ÷ 1.0842 ÷ 1.19 = 0.3177808…
    let quote = run(95).with_dollars().quote(&offer);
    assert_eq!((quote.charges.total, quote.charges.unit_price), (money("30.19"), money("0.317781")));
}

#[test]
fn configured_amounts_are_converted_into_the_currency_of_the_offer() {
    let offer = Offer { currency: Some("USD".into()), ..unit("5.00") };
    // 4.90 EUR = 5.31 USD, free from 50 EUR = 54.21 USD: 11 pieces of 5.00.
    let run = run(8).with_dollars().shipping("4.90", Some("50"));
    let original = run.quote(&offer).original.unwrap();
    assert_eq!((original.charges.goods, original.charges.shipping), (money("40.00"), Some(money("5.31"))));
    let dearer = Run { request: PriceRequest { quantity: Quantity::new(10).unwrap(), ..run.request.clone() }, ..run };
    let quote = dearer.quote(&offer);
    assert_eq!((quote.order_quantity, quote.order_reason), (11, OrderReason::FreeShipping));
}

#[test]
fn configured_amounts_need_a_rate_only_when_they_are_used() {
    let mut run = run(1).shipping("4.90", None);
    run.terms.amounts_in = currency_of("USD");
    assert_eq!(run.reason(&unit("1.00")), (Reason::Currency, "currency".into()));
    let stated = Offer { shipping: Some(money("3")), ..unit("1.00") };
    assert_eq!(order(&run.quote(&stated)), (1, "4.00".into()));
    run.terms.shipping = Some(Decimal::ZERO);
    assert_eq!(run.quote(&unit("1.00")).charges.shipping, Some(Decimal::ZERO));
}

#[test]
fn a_quote_says_by_which_rates_any_amount_of_it_was_converted() {
    let in_dollars = |amount: fn(&mut Terms)| {
        let mut run = run(8).with_dollars();
        run.terms.amounts_in = currency_of("USD");
        amount(&mut run.terms);
        run
    };
    let rates = |run: &Run, offer: &Offer| run.quote(offer).rates.map(|day| day.date.to_string());
    let some = Some("2026-11-20".to_owned());
    let offer = unit("5.00");
    assert_eq!(rates(&run(8).with_dollars().shipping("4.90", Some("50")), &offer), None);
    assert_eq!(rates(&in_dollars(|_| ()), &offer), None);
    let shipped = in_dollars(|terms| terms.shipping = Some(money("4.90")));
    assert_eq!(shipped.quote(&offer).original, None);
    assert_eq!(rates(&shipped, &offer), some);
    assert_eq!(rates(&shipped, &Offer { shipping: Some(money("3")), ..offer.clone() }), None, "it is not used");
    assert_eq!(rates(&in_dollars(|terms| terms.shipping = Some(Decimal::ZERO)), &offer), None);
    assert_eq!(rates(&in_dollars(|terms| terms.fees = Some(money("1"))), &offer), some);
    assert_eq!(rates(&in_dollars(|terms| terms.minimum_order_value = Some(money("1"))), &offer), some);
}

#[test]
fn a_currency_is_never_guessed() {
    let of = |code: Option<&str>| Offer { currency: code.map(str::to_owned), ..unit("1.00") };
    let run = run(1).with_dollars();
    assert_eq!(run.rejection(&of(None)).cause, Cause::NoCurrency);
    for code in ["XAU", "XTS", "EURO", "", "€", "JPY"] {
        assert_eq!(run.reason(&of(Some(code))), (Reason::Currency, "currency".into()), "{code}");
    }
    assert_eq!(order(&run.quote(&of(Some(" eur ")))), (1, "1.00".into()));
    let mut configured = run;
    configured.terms.currency = Some(currency_of("EUR"));
    assert_eq!(order(&configured.quote(&of(None))), (1, "1.00".into()));
    assert_eq!(configured.quote(&of(Some("USD"))).original.unwrap().currency, currency_of("USD"));
}

// Delivery, validity, stock.

#[test]
fn a_lead_time_is_a_delivery_only_with_transit_days() {
    let offer = Offer { lead_time_days: Some(3), ..unit("1.00") };
    let mut run = run(1);
    let quote = run.quote(&offer);
    assert_eq!((quote.delivery_days, quote.lead_time_days), (None, Some(3)));
    run.terms.transit_days = Some(2);
    assert_eq!(run.quote(&offer).delivery_days, Some(5));
    run.within_days = Some(4);
    let rejection = run.rejection(&offer);
    assert_eq!(rejection.cause, Cause::TooLate { days: 5, within: 4 });
    assert_eq!((rejection.order_quantity, rejection.unit_price), (Some(1), Some(money("1.00"))));
    run.terms.transit_days = None;
    assert_eq!(run.rejection(&offer).cause, Cause::DeliveryUnknown { within: 4 });
}

#[test]
fn an_offer_holds_to_its_last_moment() {
    let mut run = run(1);
    run.now = "2026-12-01T23:59:59Z".parse().unwrap();
    let end: Timestamp = "2026-12-01T23:59:59Z".parse().unwrap();
    let offer = Offer { valid_until: Some(end), ..unit("1.00") };
    assert_eq!(run.quote(&offer).valid_until, Some(end));
    run.now = "2026-12-01T23:59:59.000000001Z".parse().unwrap();
    assert_eq!(run.rejection(&offer).cause, Cause::Expired(end));
}

#[test]
fn the_order_must_be_in_stock() {
    let tiered = tiers(&[(1, "0.45"), (90, "0.35")]);
    let rejection = run(95).rejection(&Offer { stock_quantity: Some(60), ..tiered.clone() });
    assert_eq!(rejection.cause, Cause::InsufficientStock { needed: 95, in_stock: 60 });
    assert_eq!(rejection.cause.field(), "stockQuantity");
    assert_eq!((rejection.order_quantity, rejection.stock_quantity), (Some(95), Some(60)));
    assert_eq!((rejection.unit_price, rejection.total_price), (Some(money("0.35")), None));
    assert_eq!(rejection.currency.as_deref(), Some("EUR"));
    let gone = run(95).rejection(&Offer { stock_quantity: Some(0), ..tiered });
    assert_eq!((gone.cause, gone.stock_quantity, gone.order_quantity), (Cause::NoneLeft, Some(0), None));
}

#[test]
fn a_multiple_may_need_more_than_the_stock_although_the_need_is_there() {
    let offer = Offer { order_multiple: Some(50), stock_quantity: Some(99), ..unit("1.00") };
    assert_eq!(run(60).rejection(&offer).cause, Cause::InsufficientStock { needed: 100, in_stock: 99 });
}

#[test]
fn a_quote_knows_the_count_when_the_offer_does() {
    let count = |stock_quantity| run(1).quote(&Offer { stock_quantity, ..unit("1.00") }).stock_quantity;
    assert_eq!((count(Some(5)), count(None), count(Some(1_000_000_000)), count(Some(-1))), (Some(5), None, None, None));
}

// Echo, prices, several faults.

#[test]
fn an_echo_must_be_that_of_the_request() {
    let product = |text: &str| Offer { product: Some(text.into()), ..unit("1.00") };
    assert_eq!(order(&run(1).quote(&product(" WidGet\n"))), (1, "1.00".into()));
    assert_eq!(run(1).rejection(&product("gadget")).cause, Cause::WrongProduct { found: "gadget".into() });
    let quantity = Offer { quantity: Some(2), ..unit("1.00") };
    assert_eq!(run(1).rejection(&quantity).cause, Cause::WrongQuantity { found: 2 });
    let mut german = run(1);
    german.request.product = "straße Ä".into();
    assert_eq!(german.reason(&product("straße ä")).0, Reason::WrongQuote);
    assert_eq!(order(&german.quote(&product("STRAßE Ä"))), (1, "1.00".into()));
}

#[test]
fn a_price_is_above_nothing_unless_free_is_allowed() {
    let field = |offer: &Offer| run(1).reason(offer);
    assert_eq!(field(&unit("0")), (Reason::InvalidQuote, "unitPrice".into()));
    assert_eq!(field(&unit("-1")), (Reason::InvalidQuote, "unitPrice".into()));
    assert_eq!(field(&tiers(&[(1, "1"), (5, "0")])), (Reason::InvalidQuote, "priceBreaks[1].unitPrice".into()));
    let total = Offer { total_price: Some(money("0.00")), ..offer() };
    assert_eq!(field(&total), (Reason::InvalidQuote, "totalPrice".into()));
    let mut free = run(5);
    free.terms.allow_free = true;
    assert_eq!(order(&free.quote(&unit("0"))), (5, "0.00".into()));
    assert_eq!(order(&free.quote(&total)), (5, "0.00".into()));
    assert_eq!(order(&free.quote(&tiers(&[(1, "1"), (6, "0")]))), (6, "0.00".into()));
    assert_eq!(free.reason(&unit("-0.01")), (Reason::InvalidQuote, "unitPrice".into()));
}

#[test]
fn numbers_out_of_range_name_their_field() {
    let base = || unit("1.00");
    let expected: [(Offer, &str); 9] = [
        (offer(), "unitPrice"),
        (Offer { price_unit: Some(0), ..base() }, "priceUnit"),
        (Offer { price_unit: Some(1_000_000_001), ..base() }, "priceUnit"),
        (tiers(&[(0, "1")]), "priceBreaks[0].quantity"),
        (tiers(&[(1, "1"), (1_000_000_001, "1")]), "priceBreaks[1].quantity"),
        (Offer { tax_included_percent: Some(money("-1")), ..base() }, "taxIncludedPercent"),
        (Offer { shipping: Some(money("-1")), ..base() }, "shipping"),
        (Offer { fees: Some(money("-0.01")), ..base() }, "fees"),
        (Offer { delivery_days: Some(3651), ..base() }, "deliveryDays"),
    ];
    for (offer, field) in expected {
        assert_eq!(run(1).reason(&offer), (Reason::InvalidQuote, field.to_owned()));
    }
}

#[test]
fn of_several_faults_the_first_in_the_order_of_the_rules_is_told() {
    let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let mut run = run(10);
    run.within_days = Some(1);
    let mut offer = Offer {
        product: Some("gadget".into()),
        quantity: Some(3),
        unit_price: Some(money("-1")),
        shipping: Some(money("-1")),
        currency: Some("XXX".into()),
        total_price: Some(money("99")),
        valid_until: Some(past),
        in_stock: Some(false),
        stock_quantity: Some(4),
        maximum_quantity: Some(5),
        delivery_days: Some(2),
        ..Offer::default()
    };
    let mut told = |mend: fn(&mut Offer)| {
        let reason = run.reason(&offer);
        mend(&mut offer);
        reason
    };
    assert_eq!(told(|offer| offer.product = None), (Reason::WrongQuote, "productId".into()));
    assert_eq!(told(|offer| offer.quantity = None), (Reason::WrongQuote, "quantity".into()));
    assert_eq!(told(|offer| offer.unit_price = Some(Decimal::ONE)), (Reason::InvalidQuote, "unitPrice".into()));
    assert_eq!(told(|offer| offer.shipping = None), (Reason::InvalidQuote, "shipping".into()));
    assert_eq!(told(|offer| offer.currency = Some("EUR".into())), (Reason::Currency, "currency".into()));
    assert_eq!(told(|offer| offer.total_price = None), (Reason::InvalidQuote, "totalPrice".into()));
    assert_eq!(told(|offer| offer.valid_until = None), (Reason::Expired, "validUntil".into()));
    assert_eq!(told(|offer| offer.in_stock = None), (Reason::OutOfStock, "inStock".into()));
    assert_eq!(told(|offer| offer.maximum_quantity = None), (Reason::AboveMaximum, "maximumQuantity".into()));
    assert_eq!(told(|offer| offer.stock_quantity = Some(10)), (Reason::InsufficientStock, "stockQuantity".into()));
    assert_eq!(told(|offer| offer.delivery_days = Some(1)), (Reason::TooLate, "deliveryDays".into()));
    assert_eq!(run.quote(&offer).order_quantity, 10);
}

#[test]
fn the_largest_amounts_are_exact() {
    let offer = unit("999999999999.999999999999");
    let quote = run(1_000_000_000).quote(&offer);
    assert_eq!(order(&quote).1, "1000000000000000000000.00");
    assert_eq!(quote.charges.unit_price, money("999999999999.999999999999"));
}
