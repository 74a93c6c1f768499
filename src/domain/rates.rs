//! Declared exchange rates.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Currency, CurrencyProblem};

/// Exchange rates of one day: one unit of the base buys so many of each currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    base: Currency,
    date: Date,
    per_base: BTreeMap<Currency, Decimal>,
}

/// Why a table of rates cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatesProblem {
    /// A rate is 0 or less.
    #[error("the rate of `{0}` must be above 0")]
    NotPositive(Currency),
    /// The base has a rate of its own that is not 1.
    #[error("the rate of the base `{0}` is 1 by definition")]
    Base(Currency),
}

/// The exact ratio that takes an amount from one currency to another: multiply by `multiply`, divide by `divide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator; above 0.
    pub multiply: Decimal,
    /// Denominator; above 0.
    pub divide: Decimal,
}

impl Rates {
    /// Makes a table; `per_base` says what one unit of `base` buys.
    ///
    /// # Errors
    /// When a rate is not above 0, or the base is given a rate other than 1.
    pub fn new(
        base: Currency,
        date: Date,
        per_base: impl IntoIterator<Item = (Currency, Decimal)>,
    ) -> Result<Self, RatesProblem> {
        let mut table = BTreeMap::new();
        for (currency, rate) in per_base {
            if rate <= Decimal::ZERO {
                return Err(RatesProblem::NotPositive(currency));
            }
            if currency == base && rate != Decimal::ONE {
                return Err(RatesProblem::Base(base));
            }
            table.insert(currency, rate);
        }
        table.insert(base, Decimal::ONE);
        Ok(Self { base, date, per_base: table })
    }

    /// The currency that the rates are given for.
    #[must_use]
    pub fn base(&self) -> Currency {
        self.base
    }

    /// The day that the rates are of.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// The ratio from one currency to another, through the base.
    ///
    /// # Errors
    /// When either currency has no rate.
    pub fn ratio(&self, from: Currency, to: Currency) -> Result<Ratio, CurrencyProblem> {
        let missing = || CurrencyProblem::NoRate(from.code().to_owned(), to.code().to_owned());
        let divide = *self.per_base.get(&from).ok_or_else(missing)?;
        let multiply = *self.per_base.get(&to).ok_or_else(missing)?;
        Ok(Ratio { multiply, divide })
    }
}
