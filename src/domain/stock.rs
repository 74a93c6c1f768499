//! What an offer says about stock.

use super::price::fault;
use super::{Cause, FaultProblem, MAX_QUANTITY, Offer};

/// How many a supplier has, as far as the offer says: `None` for an unknown count, which a negative count and
/// 10⁹ or more stand for.
#[must_use]
pub fn stated_count(offer: &Offer) -> Option<u64> {
    offer.stock_quantity.and_then(|count| u64::try_from(count).ok()).filter(|count| *count < MAX_QUANTITY)
}

/// The stock that an order can be taken from; `None` = enough, as far as is known. Where the two fields of an
/// offer disagree, the pessimistic one counts.
///
/// # Errors
/// When there is none, or the offer does not say.
pub(super) fn available(offer: &Offer) -> Result<Option<u64>, Cause> {
    let count = stated_count(offer);
    match (offer.in_stock, offer.stock_quantity) {
        (None, None) => Err(fault("inStock", FaultProblem::Missing)),
        (None, Some(..0)) => Err(fault("stockQuantity", FaultProblem::NoStockInformation)),
        (Some(false), _) => Err(Cause::OutOfStock),
        _ if count == Some(0) => Err(Cause::NoneLeft),
        _ => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    fn stock(in_stock: Option<bool>, stock_quantity: Option<i64>) -> Result<Option<u64>, Reason> {
        let offer = Offer { in_stock, stock_quantity, ..Offer::default() };
        available(&offer).map_err(|cause| cause.reason())
    }

    #[test]
    fn a_count_says_it_all() {
        assert_eq!(stock(None, Some(60)), Ok(Some(60)));
        assert_eq!(stock(None, Some(0)), Err(Reason::OutOfStock));
    }

    #[test]
    fn a_billion_or_more_is_an_unknown_count() {
        assert_eq!(stock(None, Some(999_999_999)), Ok(Some(999_999_999)));
        assert_eq!(stock(None, Some(1_000_000_000)), Ok(None));
        assert_eq!(stock(None, Some(i64::MAX)), Ok(None));
    }

    #[test]
    fn a_negative_count_is_unknown_beside_in_stock_and_nothing_alone() {
        assert_eq!(stock(Some(true), Some(-1)), Ok(None));
        assert_eq!(stock(None, Some(-1)), Err(Reason::InvalidQuote));
        assert_eq!(stock(None, Some(i64::MIN)), Err(Reason::InvalidQuote));
    }

    #[test]
    fn the_pessimistic_field_counts() {
        assert_eq!(stock(Some(false), Some(500)), Err(Reason::OutOfStock));
        assert_eq!(stock(Some(true), Some(0)), Err(Reason::OutOfStock));
        assert_eq!(stock(Some(false), Some(-1)), Err(Reason::OutOfStock));
        assert_eq!(stock(Some(true), Some(5)), Ok(Some(5)));
    }

    #[test]
    fn in_stock_alone_leaves_the_count_open() {
        assert_eq!(stock(Some(true), None), Ok(None));
        assert_eq!(stock(Some(false), None), Err(Reason::OutOfStock));
    }

    #[test]
    fn no_word_about_stock_is_a_fault_of_in_stock() {
        let cause = available(&Offer::default()).unwrap_err();
        assert_eq!((cause.reason(), cause.field()), (Reason::InvalidQuote, "inStock"));
    }
}
