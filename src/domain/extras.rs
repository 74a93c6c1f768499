//! What comes on top of the goods, and the limits on them, in the currency of the offer.
//!
//! The offer's own shipping and fees win over the configured ones. Configured amounts may be in another
//! currency than the offer; then they are converted.

use std::cell::Cell;

use ethnum::I256;
use rust_decimal::Decimal;

use super::landing::exchange;
use super::number::{ceil_ratio, multiply, power_of_ten, round_ratio, to_minor};
use super::order::Shipping;
use super::price::{fault, too_large};
use super::{Cause, Currency, FaultProblem, Offer, Rates, Ratio, Terms};

/// Fees, shipping and limits of one offer, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// What is added to every order.
    pub(super) fees: i128,
    /// What shipping costs.
    pub(super) shipping: Shipping,
    /// Orders with goods below this are refused.
    pub(super) minimum_value: Option<i128>,
    /// Whether any of them was converted from another currency.
    pub(super) converted: bool,
}

impl Extras {
    /// Works them out for an offer in `currency`.
    ///
    /// # Errors
    /// When a configured amount is in another currency and no rate leads to the offer's.
    pub(super) fn read(offer: &Offer, terms: &Terms, currency: Currency, rates: Option<&Rates>) -> Result<Self, Cause> {
        let digits = currency.minor_digits();
        let own = |amount: Decimal| to_minor(amount, digits).ok_or_else(too_large);
        let is_foreign = terms.amounts_in != currency;
        let converted = Cell::new(false);
        let configured = |amount: Decimal| {
            converted.set(converted.get() || (is_foreign && !amount.is_zero()));
            configured_amount(amount, terms.amounts_in, currency, rates)
        };
        let limit = |amount: Decimal| {
            if is_foreign {
                return configured(amount);
            }
            least_reaching(amount, digits).ok_or_else(too_large)
        };
        let fees = match (offer.fees, terms.fees) {
            (Some(fees), _) => own(fees)?,
            (None, fees) => fees.map_or(Ok(0), configured)?,
        };
        let shipping = match (offer.shipping, terms.shipping, terms.free_shipping_from) {
            (Some(shipping), _, _) => Shipping::Fixed(own(shipping)?),
            (None, None, _) => Shipping::Unknown,
            (None, Some(cost), None) => Shipping::Fixed(configured(cost)?),
            (None, Some(cost), Some(from)) => Shipping::FreeFrom { cost: configured(cost)?, from: limit(from)? },
        };
        let minimum_value = terms.minimum_order_value.map(limit).transpose()?;
        Ok(Self { fees, shipping, minimum_value, converted: converted.get() })
    }
}

/// Checks the amounts that an offer adds to its goods.
///
/// # Errors
/// When one is negative.
pub(super) fn check_amounts(offer: &Offer) -> Result<(), Cause> {
    let amounts =
        [("taxIncludedPercent", offer.tax_included_percent), ("shipping", offer.shipping), ("fees", offer.fees)];
    for (field, amount) in amounts {
        if let Some(amount) = amount
            && amount < Decimal::ZERO
        {
            return Err(fault(field, FaultProblem::Negative(amount)));
        }
    }
    Ok(())
}

/// A configured amount in minor units of the offer's currency. Nothing is nothing in every currency.
fn configured_amount(amount: Decimal, from: Currency, to: Currency, rates: Option<&Rates>) -> Result<i128, Cause> {
    if amount.is_zero() {
        return Ok(0);
    }
    let converted = match exchange(from, to, rates)? {
        None => to_minor(amount, to.minor_digits()),
        Some((_, ratio)) => convert(amount, ratio, to.minor_digits()),
    };
    converted.ok_or_else(too_large)
}

fn convert(amount: Decimal, ratio: Ratio, digits: u32) -> Option<i128> {
    let (times, divide) = (ratio.multiply.normalize(), ratio.divide.normalize());
    let numerator = multiply(I256::from(amount.mantissa()), I256::from(times.mantissa()))?;
    let denominator = multiply(I256::from(divide.mantissa()), power_of_ten(amount.scale())?)?;
    round_ratio(
        multiply(numerator, power_of_ten(divide.scale() + digits)?)?,
        multiply(denominator, power_of_ten(times.scale())?)?,
    )
}

/// The least goods in minor units that reach a limit, which may have more decimals than the minor unit.
fn least_reaching(limit: Decimal, digits: u32) -> Option<i128> {
    if limit <= Decimal::ZERO {
        return Some(0);
    }
    let numerator = multiply(I256::from(limit.mantissa()), power_of_ten(digits)?)?;
    Some(ceil_ratio(numerator, power_of_ten(limit.scale())?)?.as_i128())
}
