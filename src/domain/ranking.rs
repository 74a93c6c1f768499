//! The order in which quotes are ranked.

use std::cmp::Ordering;

use super::{Quote, SupplierName};

/// Compares two quotes, the better one first: the lower total, known shipping before unknown, the shorter delivery
/// with unknown last, then the supplier's name and the sku, an absent one first. Quotes that are equal in all of
/// it stay in the order of their replies: sort with a stable sort.
#[must_use]
pub fn compare_quotes(left: (&SupplierName, &Quote), right: (&SupplierName, &Quote)) -> Ordering {
    fn key<'a>(supplier: &'a SupplierName, quote: &'a Quote) -> impl Ord + use<'a> {
        let delivery = (quote.delivery_days.is_none(), quote.delivery_days);
        (quote.charges.total, quote.charges.shipping.is_none(), delivery, supplier, &quote.identity.sku)
    }
    key(left.0, left.1).cmp(&key(right.0, right.1))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::fixtures;

    /// A quote of 10.00 with shipping known, delivery unknown, no sku.
    fn quote() -> Quote {
        fixtures::quote("10.00")
    }

    fn with(change: impl FnOnce(&mut Quote)) -> Quote {
        let mut quote = quote();
        change(&mut quote);
        quote
    }

    #[test]
    fn ties_are_broken_in_the_order_of_the_rule() {
        // Each line is worse than the one before it by a weightier criterion, and better in all lighter ones.
        let ranked = [
            (
                "z",
                with(|quote| {
                    quote.charges.total = Decimal::new(999, 2);
                    quote.charges.shipping = None;
                }),
            ),
            ("y", with(|quote| quote.delivery_days = Some(0))),
            ("x", with(|quote| quote.delivery_days = Some(9))),
            ("b", with(|quote| quote.identity.sku = Some("B".into()))),
            ("c", quote()),
            ("c", with(|quote| quote.identity.sku = Some("A".into()))),
            ("c", with(|quote| quote.identity.sku = Some("B".into()))),
            (
                "a",
                with(|quote| {
                    quote.charges.shipping = None;
                    quote.delivery_days = Some(1);
                }),
            ),
        ]
        .map(|(name, quote)| (SupplierName::new(name), quote));
        for (left, (left_name, left_quote)) in ranked.iter().enumerate() {
            for (right, (right_name, right_quote)) in ranked.iter().enumerate() {
                let found = compare_quotes((left_name, left_quote), (right_name, right_quote));
                assert_eq!(found, left.cmp(&right), "{left} against {right}");
            }
        }
    }

    #[test]
    fn trailing_zeros_do_not_rank() {
        let name = SupplierName::new("a");
        let longer = with(|quote| quote.charges.total = Decimal::new(10_0000, 4));
        assert_eq!(compare_quotes((&name, &longer), (&name, &quote())), Ordering::Equal);
    }
}
