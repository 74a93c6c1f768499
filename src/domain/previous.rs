//! What a supplier asked before for what it is asked for now.

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::course::{change_percent, fine_change_percent};

/// What a supplier's cheapest quote for the same product, quantity and currency came to in an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousPrice {
    /// What a piece cost.
    pub unit_price: Decimal,
    /// What the order cost in all.
    pub total: Decimal,
    /// When it was quoted.
    pub quoted_at: Timestamp,
}

impl PreviousPrice {
    /// A quote that is younger is compared with only where there is no older one, and then the oldest is. A run that is
    /// simply made once more so finds the same moves as the first one, and a gate does not open for it.
    pub const SETTLED_AFTER: Duration = Duration::from_hours(12);

    /// By how many percent `total` is above this one, to six decimals; below 0 when it is less. `None` from nothing.
    #[must_use]
    pub fn change_percent(&self, total: Decimal) -> Option<Decimal> {
        fine_change_percent(self.total, total)
    }

    /// The same for people, to a tenth; `None` too when nothing of it is left.
    #[must_use]
    pub fn move_percent(&self, total: Decimal) -> Option<Decimal> {
        change_percent(self.total, total).filter(|change| !change.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::money;

    #[test]
    fn a_move_is_fine_for_scripts_and_a_tenth_for_people() {
        let previous =
            |total| PreviousPrice { unit_price: money(total), total: money(total), quoted_at: Timestamp::UNIX_EPOCH };
        let both = |from, to: &str| {
            let (previous, to) = (previous(from), money(to));
            [previous.change_percent(to), previous.move_percent(to)].map(|change| change.map(|it| it.to_string()))
        };
        let texts = |[fine, tenth]: [Option<&str>; 2]| [fine, tenth].map(|text| text.map(str::to_owned));
        assert_eq!(both("15.00", "15.60"), texts([Some("4"), Some("4")]));
        assert_eq!(both("3.00", "4.00"), texts([Some("33.333333"), Some("33.3")]));
        assert_eq!(both("10000.00", "10000.01"), texts([Some("0.0001"), None]));
        assert_eq!(both("5.00", "5.00"), texts([Some("0"), None]));
        assert_eq!(both("0.00", "5.00"), texts([None, None]));
    }
}
