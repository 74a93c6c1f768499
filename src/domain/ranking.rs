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
