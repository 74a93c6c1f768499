//! Past offers, worked out again.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::fixtures::{eur, money};
use crate::domain::{PriceBreak, PriceRequest, Quantity, Terms};

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + hour * 3600).unwrap()
}

fn flat(price: &str) -> Offer {
    Offer { unit_price: Some(money(price)), currency: Some("EUR".into()), in_stock: Some(true), ..Offer::default() }
}

fn tiered(tiers: &[(u64, &str)]) -> Offer {
    let tier = |(quantity, price): &(u64, &str)| PriceBreak { quantity: *quantity, unit_price: money(price) };
    Offer { unit_price: None, price_breaks: Some(tiers.iter().map(tier).collect()), ..flat("1") }
}

fn past(hour: i64, quantity: u64, offer: Offer) -> PastOffer {
    PastOffer { quoted_at: at(hour), quantity, offer: Some(offer) }
}

fn nothing(hour: i64, quantity: u64) -> PastOffer {
    PastOffer { quoted_at: at(hour), quantity, offer: None }
}

fn solved(past: &[PastOffer], need: u64) -> Vec<Quote> {
    let request = PriceRequest { product: "widget".into(), quantity: Quantity::new(need).unwrap(), currency: eur() };
    let terms = Terms::plain(eur());
    let context =
        Context { request: &request, terms: &terms, rates: None, exact: false, within_days: None, now: at(100) };
    stand_in(past, &context)
}

fn totals(past: &[PastOffer], need: u64) -> Vec<String> {
    solved(past, need).iter().map(|quote| quote.charges.total.to_string()).collect()
}

#[test]
fn the_last_reply_stands_in_and_says_when_it_was_made() {
    let known =
        [past(1, 10, flat("0.50")), past(3, 10, flat("0.70")), past(3, 10, flat("0.60")), past(2, 10, flat("0.40"))];
    let quotes = solved(&known, 10);
    assert_eq!(totals(&known, 10), ["7.00", "6.00"]);
    assert!(quotes.iter().all(|quote| quote.source == Source::History && quote.quoted_at == Some(at(3))));
    assert_eq!(totals(&[], 10), [""; 0]);
}

#[test]
fn tiers_are_solved_for_another_quantity_and_a_price_alone_is_not() {
    let tiers = tiered(&[(1, "0.60"), (100, "0.40")]);
    assert_eq!(totals(&[past(1, 10, tiers.clone())], 200), ["80.00"]);
    assert_eq!(totals(&[past(1, 10, flat("0.60"))], 200), [""; 0]);
    assert_eq!(totals(&[past(1, 200, flat("0.30")), past(2, 10, flat("0.60"))], 200), ["60.00"]);
    let with_total = Offer { total_price: Some(money("6.00")), ..tiers };
    assert_eq!(totals(&[past(1, 10, with_total.clone())], 10), ["6.00"]);
    assert_eq!(totals(&[past(1, 10, with_total)], 20), ["12.00"]);
}

#[test]
fn the_echo_of_another_question_is_no_obstacle() {
    let echoing = Offer { quantity: Some(10), product: Some("WIDGET".into()), ..tiered(&[(1, "0.60")]) };
    assert_eq!(totals(&[past(1, 10, echoing)], 20), ["12.00"]);
}

#[test]
fn who_had_nothing_last_has_nothing_now() {
    let before = past(1, 10, flat("0.50"));
    assert_eq!(totals(&[before.clone(), nothing(2, 10)], 10), [""; 0]);
    assert_eq!(totals(&[before.clone(), nothing(2, 99)], 10), [""; 0]);
    let sold_out = Offer { in_stock: Some(false), ..flat("0.50") };
    assert_eq!(totals(&[before.clone(), past(2, 99, sold_out)], 10), [""; 0]);
    let none_left = Offer { in_stock: None, stock_quantity: Some(0), ..flat("0.50") };
    assert_eq!(totals(&[before, past(2, 99, none_left)], 10), [""; 0]);
}

#[test]
fn an_offer_that_has_ended_does_not_stand_in() {
    let until = |hour| Offer { valid_until: Some(at(hour)), ..flat("0.50") };
    assert_eq!(totals(&[past(1, 10, until(99))], 10), [""; 0]);
    assert_eq!(totals(&[past(1, 10, until(100))], 10), ["5.00"]);
}

proptest! {
    #[test]
    fn a_total_is_the_tier_times_the_quantity(
        cents in 1..100_000_i64, asked in 1..10_000_u64, need in 1..10_000_u64, hours in prop::collection::vec(0..99_i64, 1..6),
    ) {
        let price = Decimal::new(cents, 2);
        let of = |hour: i64| Offer {
            price_breaks: Some(vec![PriceBreak { quantity: 1, unit_price: price + Decimal::from(hour) }]),
            ..tiered(&[])
        };
        let known: Vec<PastOffer> = hours.iter().map(|hour| past(*hour, asked, of(*hour))).collect();
        let newest = *hours.iter().max().unwrap();
        let expected = (price + Decimal::from(newest)) * Decimal::from(need);
        let quotes = solved(&known, need);
        prop_assert!(!quotes.is_empty());
        for quote in quotes {
            prop_assert_eq!(quote.charges.total, expected);
            prop_assert_eq!(quote.quoted_at, Some(at(newest)));
        }
    }
}
