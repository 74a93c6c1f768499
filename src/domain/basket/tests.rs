//! What orders of many lines cost, by hand.

use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::domain::fixtures::{eur, money};
use crate::domain::{PriceRequest, Rates, Terms};

/// An offer of so much a piece, in euros.
pub(super) fn offer(unit_price: &str) -> Offer {
    Offer {
        unit_price: Some(money(unit_price)),
        currency: Some("EUR".to_owned()),
        in_stock: Some(true),
        ..Offer::default()
    }
}

/// Shipping for 4.90, free from 50.00.
pub(super) fn shipping() -> Terms {
    Terms { shipping: Some(money("4.90")), free_shipping_from: Some(money("50")), ..Terms::plain(eur()) }
}

pub(super) fn free() -> Terms {
    Terms { shipping: Some(money("0")), ..Terms::plain(eur()) }
}

/// A basket of lines that need so many pieces; each offer is for a line, from a supplier.
pub(super) fn basket(
    limits: Limits,
    needs: &[u64],
    suppliers: &[Terms],
    offers: &[(usize, u32, Offer)],
    rates: Option<&Rates>,
) -> Basket {
    let mut basket = Basket::new(eur(), limits);
    for need in needs {
        basket.add_line(Quantity::new(*need).unwrap());
    }
    for (line, supplier, offer) in offers {
        let quantity = Quantity::new(needs[*line]).unwrap();
        let request = PriceRequest { product: "part".to_owned(), quantity, currency: eur() };
        let terms = &suppliers[*supplier as usize];
        let context =
            Context { request: &request, terms, rates, exact: false, within_days: None, now: Timestamp::UNIX_EPOCH };
        // An offer that is rejected is part of no purchase; a test that expects one there fails by that.
        let _ = basket.add_offer(*line, *supplier, offer, &context);
    }
    basket
}

pub(super) fn solved(basket: &Basket) -> Solution {
    basket.solve(&Allowance { limit: Duration::MAX, spent: &|| Duration::ZERO })
}

/// Total and orders as text: supplier, then line × quantity at goods, then shipping.
fn text(purchase: &Purchase) -> String {
    let line = |line: &OrderLine| format!("{}×{} {}", line.line, line.quantity, line.goods);
    let order = |order: &Order| {
        let lines: Vec<String> = order.lines.iter().map(line).collect();
        format!("{}: {} + {} + {}", order.supplier, lines.join(", "), order.amounts.fees, order.amounts.shipping)
    };
    let orders: Vec<String> = purchase.orders.iter().map(order).collect();
    format!("{} = {}", purchase.total, orders.join("; "))
}

#[test]
fn shipping_is_charged_once_an_order_and_is_free_for_all_lines_together() {
    let offers = [(0, 0, offer("2.00")), (1, 0, offer("3.00"))];
    let small = basket(Limits::default(), &[5, 5], &[shipping()], &offers, None);
    assert_eq!(text(&solved(&small).purchase), "29.90 = 0: 0×5 10.00, 1×5 15.00 + 0.00 + 4.90");
    let large = basket(Limits::default(), &[10, 10], &[shipping()], &offers, None);
    assert_eq!(text(&solved(&large).purchase), "50.00 = 0: 0×10 20.00, 1×10 30.00 + 0.00 + 0.00");
}

#[test]
fn one_supplier_is_worth_a_dearer_part() {
    // Each line where it is cheapest: 5.00 + 4.90 and 5.00 + 4.90; together 5.00 + 5.40 + 4.90.
    let offers = [(0, 0, offer("5.00")), (0, 1, offer("6.00")), (1, 0, offer("5.40")), (1, 1, offer("5.00"))];
    let basket = basket(Limits::default(), &[1, 1], &[shipping(), shipping()], &offers, None);
    assert_eq!(text(&solved(&basket).purchase), "15.30 = 0: 0×1 5.00, 1×1 5.40 + 0.00 + 4.90");
    let naive = basket.naive();
    assert_eq!(naive.cheapest_lines.total, money("19.80"));
    assert_eq!(naive.one_supplier.map(|purchase| purchase.total), Some(money("15.30")));
}

#[test]
fn a_few_pieces_more_of_any_line_may_make_shipping_free() {
    // 46.00 + 2.00 = 48.00, and 4.90 for shipping; two pieces more of the cheap line reach 50.00.
    let offers = [(0, 0, offer("46.00")), (1, 0, offer("1.00"))];
    let basket = basket(Limits::default(), &[1, 2], &[shipping()], &offers, None);
    assert_eq!(text(&solved(&basket).purchase), "50.00 = 0: 0×1 46.00, 1×4 4.00 + 0.00 + 0.00");
}

#[test]
fn the_highest_shipping_of_the_lines_is_charged() {
    let stated = |shipping: &str| Offer { shipping: Some(money(shipping)), ..offer("1.00") };
    let offers = [(0, 0, stated("3.00")), (1, 0, stated("7.00")), (2, 0, offer("1.00"))];
    let basket = basket(Limits::default(), &[1, 1, 1], &[shipping()], &offers, None);
    assert_eq!(text(&solved(&basket).purchase), "10.00 = 0: 0×1 1.00, 1×1 1.00, 2×1 1.00 + 0.00 + 7.00");
}

#[test]
fn stated_fees_add_up_and_configured_ones_are_charged_once() {
    let reel = |fees: &str| Offer { fees: Some(money(fees)), ..offer("1.00") };
    let terms = Terms { fees: Some(money("2.50")), ..free() };
    let offers = [(0, 0, reel("7.00")), (1, 0, reel("7.00")), (2, 0, offer("1.00")), (3, 0, offer("1.00"))];
    let all = basket(Limits::default(), &[1, 1, 1, 1], std::slice::from_ref(&terms), &offers, None);
    assert_eq!(solved(&all).purchase.orders[0].amounts.fees, money("16.50"));
    let stated = basket(Limits::default(), &[1, 1], &[terms], &offers[..2], None);
    assert_eq!(solved(&stated).purchase.orders[0].amounts.fees, money("14.00"));
}

#[test]
fn an_order_is_converted_once_and_its_lines_add_up() {
    // 3 × 0.33 USD = 0.99 USD, and 0.99 ÷ 1.0842 = 0.9131 → 0.91, while 0.33 ÷ 1.0842 = 0.3044 → 0.30 each.
    let usd = Currency::parse("USD").unwrap();
    let rates = Rates::new(eur(), jiff::civil::date(2026, 11, 20), [(usd, money("1.0842"))]).unwrap();
    let dollars = Offer { currency: Some("USD".to_owned()), ..offer("0.33") };
    let offers = [(0, 0, dollars.clone()), (1, 0, dollars.clone()), (2, 0, dollars)];
    let basket = basket(Limits::default(), &[1, 1, 1], &[free()], &offers, Some(&rates));
    let purchase = solved(&basket).purchase;
    assert_eq!(text(&purchase), "0.91 = 0: 0×1 0.30, 1×1 0.30, 2×1 0.31 + 0.00 + 0.00");
    assert_eq!(purchase.orders[0].quoted.total, money("0.99"));
}

#[test]
fn unknown_shipping_is_marked_and_loses_ties() {
    let known = basket(
        Limits::default(),
        &[1],
        &[Terms::plain(eur()), free()],
        &[(0, 0, offer("1.00")), (0, 1, offer("1.00"))],
        None,
    );
    let purchase = solved(&known).purchase;
    assert_eq!((purchase.orders[0].supplier, purchase.shipping_known), (1, true));
    let cheaper = basket(Limits::default(), &[1], &[Terms::plain(eur())], &[(0, 0, offer("0.99"))], None);
    assert!(!solved(&cheaper).purchase.shipping_known);
}

#[test]
fn a_minimum_order_value_counts_all_lines() {
    let minimum = Terms { minimum_order_value: Some(money("10")), ..free() };
    let offers = [(0, 0, offer("4.00")), (1, 0, offer("6.00"))];
    let enough = basket(Limits::default(), &[1, 1], std::slice::from_ref(&minimum), &offers, None);
    assert_eq!(text(&solved(&enough).purchase), "10.00 = 0: 0×1 4.00, 1×1 6.00 + 0.00 + 0.00");
    let alone = basket(Limits { exact: true, ..Limits::default() }, &[1], &[minimum], &offers[..1], None);
    let solution = solved(&alone);
    assert_eq!(solution.purchase.missing, [0]);
    assert_eq!(solution.purchase.total, money("0.00"));
}
