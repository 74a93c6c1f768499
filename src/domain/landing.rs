//! From what a supplier charges to what is compared: tax is taken out and the currency converted, in one step.
//!
//! A total is rounded once, at its end. Owns that ratio; refuses to know which parts a total has. Its main type
//! is [`Landing`].

use ethnum::I256;
use rust_decimal::Decimal;

use super::number::{multiply, power_of_ten, round_ratio, round_to};
use super::price::too_large;
use super::{Cause, Charges, Conversion, Currency, CurrencyProblem, Rates, Ratio};

/// The most decimals of a converted unit price.
const UNIT_PRICE_DECIMALS: u32 = 6;
/// The most decimals of a shown rate.
const RATE_DECIMALS: u32 = 12;

/// The way from one supplier's amounts to the comparison's.
#[derive(Debug)]
pub(super) struct Landing<'a> {
    from: Currency,
    to: Currency,
    tax_percent: Decimal,
    /// Declared rates and their ratio; `None` when the currency stays.
    exchange: Option<(&'a Rates, Ratio)>,
    /// What one unit of the supplier's currency, tax included, counts for; above 0.
    numerator: I256,
    denominator: I256,
    /// The same from minor units to minor units.
    minor: MinorRatio,
}

/// What one minor unit of a supplier's, tax included, counts for in minor units of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MinorRatio {
    numerator: I256,
    denominator: I256,
}

impl MinorRatio {
    /// Whether amounts stay what they are, so that nothing is ever rounded.
    pub(super) fn changes_nothing(self) -> bool {
        self.numerator == self.denominator
    }

    /// An amount as it counts in the comparison, rounded to its minor units.
    pub(super) fn amount(self, minor: i128) -> Option<i128> {
        self.finer_amount(minor, 0)
    }

    /// The same with `digits` decimals of a minor unit, as a whole number.
    pub(super) fn finer_amount(self, minor: i128, digits: u32) -> Option<i128> {
        if self.changes_nothing() {
            return minor.checked_mul(power_of_ten(digits)?.as_i128());
        }
        let numerator = multiply(self.numerator, power_of_ten(digits)?)?;
        round_ratio(multiply(I256::from(minor), numerator)?, self.denominator)
    }

    /// The parts of a total as they count, such that they add up: fees and shipping are rounded, goods are the
    /// rest. Where two roundings would leave less than nothing for the goods, the parts before them take less. The
    /// unit price stays.
    pub(super) fn parts(self, gross: GrossCharges) -> Option<GrossCharges> {
        let total = self.amount(gross.total)?;
        let fees = self.amount(gross.fees)?.min(total);
        let shipping = match gross.shipping {
            Some(shipping) => Some(self.amount(shipping)?.min(total - fees)),
            None => None,
        };
        Some(GrossCharges { goods: total - fees - shipping.unwrap_or(0), fees, shipping, total, ..gross })
    }
}

impl<'a> Landing<'a> {
    /// Prepares the way from `from`, with `tax_percent` ≥ 0 included, to `to`.
    ///
    /// # Errors
    /// When no rate leads there, or rate and tax have more digits than can be computed exactly.
    pub(super) fn new(
        from: Currency,
        to: Currency,
        tax_percent: Decimal,
        rates: Option<&'a Rates>,
    ) -> Result<Self, Cause> {
        let exchange = exchange(from, to, rates)?;
        let ratio = exchange.map_or(Ratio { multiply: Decimal::ONE, divide: Decimal::ONE }, |(_, ratio)| ratio);
        let (numerator, denominator) = factor(ratio, tax_percent).ok_or_else(too_large)?;
        let scaled = |value: I256, currency: Currency| multiply(value, power_of_ten(currency.minor_digits())?);
        Ok(Self {
            from,
            to,
            tax_percent,
            exchange,
            numerator,
            denominator,
            minor: MinorRatio {
                numerator: scaled(numerator, to).ok_or_else(too_large)?,
                denominator: scaled(denominator, from).ok_or_else(too_large)?,
            },
        })
    }

    /// What one minor unit counts for.
    pub(super) fn minor_ratio(&self) -> MinorRatio {
        self.minor
    }

    /// Whether the currency changes.
    pub(super) fn exchanges(&self) -> bool {
        self.exchange.is_some()
    }

    /// Whether amounts stay what they are.
    fn changes_nothing(&self) -> bool {
        self.exchange.is_none() && self.tax_percent.is_zero()
    }

    /// An amount of the supplier's in minor units, as it counts in the comparison, rounded to its minor units.
    pub(super) fn amount(&self, minor: i128) -> Option<i128> {
        self.minor.amount(minor)
    }

    /// The same as an amount.
    pub(super) fn landed(&self, minor: i128) -> Option<Decimal> {
        from_minor(self.amount(minor)?, self.to)
    }

    /// The price of one piece as it counts in the comparison, when `pieces` of them cost `price`.
    fn unit_price(&self, price: Decimal, pieces: u64) -> Option<Decimal> {
        let numerator = multiply(I256::from(price.mantissa()), self.numerator)?;
        let pieces = multiply(power_of_ten(price.scale())?, I256::from(pieces))?;
        Some(round_to(numerator, multiply(self.denominator, pieces)?, UNIT_PRICE_DECIMALS)?.normalize())
    }

    /// The difference of two of the supplier's totals as it shows in the comparison.
    pub(super) fn saving(&self, from: i128, to: i128) -> Option<Decimal> {
        from_minor(self.amount(from)?.checked_sub(self.amount(to)?)?, self.to)
    }

    /// What a supplier's charges count for, and the charges as they were quoted, if that differs.
    ///
    /// `price` is what `pieces` pieces cost.
    ///
    /// # Errors
    /// When an amount is beyond exact arithmetic.
    pub(super) fn land(
        &self,
        gross: GrossCharges,
        price: Decimal,
        pieces: u64,
    ) -> Result<(Charges, Option<Conversion>), Cause> {
        let quoted = gross.charges(self.from).ok_or_else(too_large)?;
        if self.changes_nothing() {
            return Ok((quoted, None));
        }
        let unit_price = self.unit_price(price, pieces).ok_or_else(too_large)?;
        let landed = self
            .minor
            .parts(GrossCharges { unit_price, ..gross })
            .and_then(|parts| parts.charges(self.to))
            .ok_or_else(too_large)?;
        Ok((landed, Some(self.conversion(quoted).ok_or_else(too_large)?)))
    }

    fn conversion(&self, charges: Charges) -> Option<Conversion> {
        let rate = match self.exchange {
            Some((_, ratio)) => {
                let (numerator, denominator) = fraction(ratio.divide, ratio.multiply)?;
                Some(round_to(numerator, denominator, RATE_DECIMALS)?.normalize())
            }
            None => None,
        };
        Some(Conversion {
            currency: self.from,
            charges,
            tax_percent_removed: self.tax_percent,
            rate,
            rate_base: self.exchange.map(|(rates, _)| rates.base()),
            rate_date: self.exchange.map(|(rates, _)| rates.date()),
        })
    }
}

/// The parts of a total in minor units.
#[derive(Clone, Copy, Debug)]
pub(super) struct GrossCharges {
    /// The price of one piece, in whole units.
    pub(super) unit_price: Decimal,
    /// The price of the order.
    pub(super) goods: i128,
    /// What is added to the goods.
    pub(super) fees: i128,
    /// What shipping costs; `None` = unknown.
    pub(super) shipping: Option<i128>,
    /// The sum.
    pub(super) total: i128,
}

impl GrossCharges {
    fn charges(self, currency: Currency) -> Option<Charges> {
        let amount = |minor| from_minor(minor, currency);
        let shipping = match self.shipping {
            Some(shipping) => Some(amount(shipping)?),
            None => None,
        };
        Some(Charges {
            unit_price: self.unit_price,
            goods: amount(self.goods)?,
            fees: amount(self.fees)?,
            shipping,
            total: amount(self.total)?,
        })
    }
}

/// An amount with exactly the decimals of its currency.
pub(super) fn from_minor(minor: i128, currency: Currency) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(minor, currency.minor_digits()).ok()
}

/// Rates and ratio between two currencies; `None` when they are the same.
///
/// # Errors
/// When no rate leads from one to the other.
pub(super) fn exchange(from: Currency, to: Currency, rates: Option<&Rates>) -> Result<Option<(&Rates, Ratio)>, Cause> {
    if from == to {
        return Ok(None);
    }
    let no_rate = || CurrencyProblem::NoRate(from.code().to_owned(), to.code().to_owned());
    let rates = rates.ok_or_else(no_rate).map_err(Cause::Currency)?;
    Ok(Some((rates, rates.ratio(from, to).map_err(Cause::Currency)?)))
}

/// multiply ÷ divide ÷ (1 + tax ÷ 100) as a ratio of whole numbers.
fn factor(ratio: Ratio, tax_percent: Decimal) -> Option<(I256, I256)> {
    let (numerator, denominator) = fraction(ratio.multiply, ratio.divide)?;
    let tax = tax_percent.normalize();
    let hundred = power_of_ten(tax.scale() + 2)?;
    let taxed = hundred.checked_add(I256::from(tax.mantissa()))?;
    Some((multiply(numerator, hundred)?, multiply(denominator, taxed)?))
}

/// The ratio of two decimals as a ratio of whole numbers.
fn fraction(numerator: Decimal, denominator: Decimal) -> Option<(I256, I256)> {
    let (numerator, denominator) = (numerator.normalize(), denominator.normalize());
    let scale = numerator.scale().min(denominator.scale());
    Some((
        multiply(I256::from(numerator.mantissa()), power_of_ten(denominator.scale() - scale)?)?,
        multiply(I256::from(denominator.mantissa()), power_of_ten(numerator.scale() - scale)?)?,
    ))
}
