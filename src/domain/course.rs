//! What suppliers asked for over time.

use std::collections::HashMap;

use ethnum::I256;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::number::{multiply, power_of_ten, round_to};
use super::{Currency, SupplierName};

/// A total that a supplier quoted in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPrice {
    /// Who quoted it.
    pub supplier: SupplierName,
    /// For how many pieces, 1…10⁹.
    pub quantity: u64,
    /// The currency of both amounts.
    pub currency: Currency,
    /// What a piece cost.
    pub unit_price: Decimal,
    /// What the order cost in all.
    pub total: Decimal,
    /// When.
    pub quoted_at: Timestamp,
    /// How much more than the time before it was, percent, to a tenth; `None` = there was no time before.
    pub change_percent: Option<Decimal>,
}

/// Leaves the cheapest price of each reply, in the order in which they came, and says what changed from one to the next
/// of the same supplier, quantity and currency. They come oldest first.
#[must_use]
pub fn over_time(prices: Vec<PastPrice>) -> Vec<PastPrice> {
    let mut cheapest: Vec<PastPrice> = Vec::new();
    let mut places = HashMap::new();
    for price in prices {
        let reply = (price.supplier.clone(), price.quantity, price.currency.code().to_owned(), price.quoted_at);
        match places.get(&reply) {
            None => {
                places.insert(reply, cheapest.len());
                cheapest.push(price);
            }
            Some(place) if price.total < cheapest[*place].total => cheapest[*place] = price,
            Some(_) => {}
        }
    }
    let mut last = HashMap::new();
    for price in &mut cheapest {
        let course = (price.supplier.clone(), price.quantity, price.currency.code().to_owned());
        let before = last.insert(course, price.total);
        price.change_percent = before.and_then(|before| change_percent(before, price.total));
    }
    cheapest
}

/// By how many percent `to` is above `from`, to a tenth, half away from zero; below 0 when it is less. `None` from nothing, and
/// beyond exact arithmetic.
#[must_use]
pub fn change_percent(from: Decimal, to: Decimal) -> Option<Decimal> {
    change(from, to, 1)
}

/// The same to six decimals, for what is judged by it.
pub(super) fn fine_change_percent(from: Decimal, to: Decimal) -> Option<Decimal> {
    change(from, to, 6)
}

fn change(from: Decimal, to: Decimal, decimals: u32) -> Option<Decimal> {
    let scale = from.scale().max(to.scale());
    let units = |value: Decimal| multiply(I256::from(value.mantissa()), power_of_ten(scale - value.scale())?);
    let (from, to) = (units(from)?, units(to)?);
    if from == I256::ZERO {
        return None;
    }
    Some(round_to(multiply(to.checked_sub(from)?, I256::from(100))?, from, decimals)?.normalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fixtures::{eur, money};

    fn price(supplier: &str, quantity: u64, total: &str, second: i64) -> PastPrice {
        PastPrice {
            supplier: SupplierName::new(supplier),
            quantity,
            currency: eur(),
            unit_price: money(total),
            total: money(total),
            quoted_at: Timestamp::from_second(second).unwrap(),
            change_percent: None,
        }
    }

    #[test]
    fn each_course_is_a_suppliers_at_one_quantity() {
        let known = vec![
            price("acme", 95, "10.00", 1),
            price("acme", 10, "2.00", 1),
            price("acme", 95, "9.00", 1),
            price("bolt", 95, "5.00", 1),
            price("acme", 95, "9.36", 2),
            price("bolt", 95, "4.90", 3),
        ];
        let found: Vec<(String, String, Option<String>)> = over_time(known)
            .into_iter()
            .map(|price| {
                let change = price.change_percent.map(|change| change.to_string());
                (format!("{} {}", price.supplier, price.quantity), price.total.to_string(), change)
            })
            .collect();
        let line = |course: &str, total: &str, change: Option<&str>| {
            (course.to_owned(), total.to_owned(), change.map(str::to_owned))
        };
        assert_eq!(
            found,
            [
                line("acme 95", "9.00", None),
                line("acme 10", "2.00", None),
                line("bolt 95", "5.00", None),
                line("acme 95", "9.36", Some("4")),
                line("bolt 95", "4.90", Some("-2")),
            ]
        );
        assert_eq!(over_time(Vec::new()), []);
    }

    #[test]
    fn a_change_is_rounded_once_and_is_none_from_nothing() {
        let change = |from, to| change_percent(money(from), money(to)).map(|change| change.to_string());
        assert_eq!(change("3.00", "4.00").as_deref(), Some("33.3"));
        assert_eq!(change("8", "8.004").as_deref(), Some("0.1"));
        assert_eq!(change("8", "7.996").as_deref(), Some("-0.1"));
        assert_eq!(change("0.00", "4.00"), None);
        assert_eq!(change("4.00", "0").as_deref(), Some("-100"));
    }

    proptest! {
        #[test]
        fn a_change_is_what_exact_arithmetic_says(from in 1..10_000_000_i64, to in 0..10_000_000_i64) {
            let found = change_percent(Decimal::new(from, 2), Decimal::new(to, 2)).unwrap();
            let tenths = found.checked_mul(Decimal::TEN).unwrap().normalize();
            prop_assert_eq!(tenths.scale(), 0);
            let (found, exact) = (tenths.mantissa() * i128::from(from) * 2, i128::from(to - from) * 2000);
            prop_assert!((found - exact).abs() <= i128::from(from), "{} {}", found, exact);
        }
    }
}
