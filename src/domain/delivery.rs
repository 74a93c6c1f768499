//! When an offer would arrive.

use super::price::fault;
use super::{Cause, FaultProblem, Offer};

/// The longest delivery and lead time that are believed, days: ten years.
pub const MAX_DAYS: u16 = 3650;

/// Checks the days that an offer states.
///
/// # Errors
/// When they are more than ten years.
pub(super) fn check_days(offer: &Offer) -> Result<(), Cause> {
    for (field, days) in [("deliveryDays", offer.delivery_days), ("leadTimeDays", offer.lead_time_days)] {
        if let Some(days) = days
            && days > MAX_DAYS
        {
            let problem = FaultProblem::OutOfRange { found: days.to_string(), least: 0, most: i64::from(MAX_DAYS) };
            return Err(fault(field, problem));
        }
    }
    Ok(())
}

/// Calendar days until the goods are here. A lead time alone only counts to the dispatch, so that it takes
/// configured transit days to know; `None` = unknown, which is never 0.
pub(super) fn delivery_days(offer: &Offer, transit_days: Option<u16>) -> Option<u16> {
    offer.delivery_days.or_else(|| Some(offer.lead_time_days?.saturating_add(transit_days?)))
}

/// Holds the delivery to the latest one that is accepted.
///
/// # Errors
/// When it is later or unknown.
pub(super) fn check_within(days: Option<u16>, within: Option<u16>) -> Result<(), Cause> {
    match (days, within) {
        (None, Some(within)) => Err(Cause::DeliveryUnknown { within }),
        (Some(days), Some(within)) if days > within => Err(Cause::TooLate { days, within }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    fn days(delivery_days: Option<u16>, lead_time_days: Option<u16>, transit: Option<u16>) -> Option<u16> {
        super::delivery_days(&Offer { delivery_days, lead_time_days, ..Offer::default() }, transit)
    }

    #[test]
    fn a_lead_time_needs_transit_days_to_become_a_delivery() {
        assert_eq!(days(None, Some(3), None), None);
        assert_eq!(days(None, Some(3), Some(2)), Some(5));
        assert_eq!(days(None, None, Some(2)), None);
    }

    #[test]
    fn stated_delivery_wins_over_a_lead_time() {
        assert_eq!(days(Some(9), Some(3), Some(2)), Some(9));
        assert_eq!(days(Some(0), Some(3), None), Some(0));
    }

    #[test]
    fn within_days_refuses_later_and_unknown_deliveries() {
        assert_eq!(check_within(Some(5), Some(5)), Ok(()));
        assert_eq!(check_within(Some(6), Some(5)), Err(Cause::TooLate { days: 6, within: 5 }));
        assert_eq!(check_within(None, Some(5)), Err(Cause::DeliveryUnknown { within: 5 }));
        assert_eq!(check_within(None, None), Ok(()));
        assert_eq!(check_within(Some(0), Some(0)), Ok(()));
    }

    #[test]
    fn more_than_ten_years_is_a_fault() {
        let offer = |lead| Offer { delivery_days: Some(3650), lead_time_days: Some(lead), ..Offer::default() };
        assert_eq!(check_days(&offer(3650)), Ok(()));
        let cause = check_days(&offer(3651)).unwrap_err();
        assert_eq!((cause.reason(), cause.field()), (Reason::InvalidQuote, "leadTimeDays"));
    }
}
