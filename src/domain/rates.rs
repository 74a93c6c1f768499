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

    /// What one unit of the base buys, by currency, the base itself included.
    pub fn per_base(&self) -> impl Iterator<Item = (Currency, Decimal)> {
        self.per_base.iter().map(|(currency, rate)| (*currency, *rate))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn rates(table: &[(&str, i64, u32)]) -> Result<Rates, RatesProblem> {
        let table = table.iter().map(|(code, rate, scale)| (currency(code), Decimal::new(*rate, *scale)));
        Rates::new(currency("EUR"), jiff::civil::date(2026, 11, 20), table)
    }

    #[test]
    fn every_ratio_goes_through_the_base() {
        let rates = rates(&[("USD", 10842, 4), ("GBP", 8731, 4)]).unwrap();
        let ratio = |from, to| rates.ratio(currency(from), currency(to)).unwrap();
        let (dollar, pound) = (Decimal::new(10842, 4), Decimal::new(8731, 4));
        assert_eq!(ratio("USD", "EUR"), Ratio { multiply: Decimal::ONE, divide: dollar });
        assert_eq!(ratio("EUR", "USD"), Ratio { multiply: dollar, divide: Decimal::ONE });
        assert_eq!(ratio("USD", "GBP"), Ratio { multiply: pound, divide: dollar });
    }

    #[test]
    fn a_currency_without_a_rate_leads_nowhere() {
        let rates = rates(&[("USD", 10842, 4)]).unwrap();
        let expected = |from: &str, to: &str| Err(CurrencyProblem::NoRate(from.into(), to.into()));
        assert_eq!(rates.ratio(currency("JPY"), currency("EUR")), expected("JPY", "EUR"));
        assert_eq!(rates.ratio(currency("EUR"), currency("JPY")), expected("EUR", "JPY"));
    }

    #[test]
    fn rates_are_above_nothing_and_the_base_is_one() {
        assert_eq!(rates(&[("USD", 0, 0)]), Err(RatesProblem::NotPositive(currency("USD"))));
        assert_eq!(rates(&[("USD", -1, 0)]), Err(RatesProblem::NotPositive(currency("USD"))));
        assert_eq!(rates(&[("EUR", 2, 0)]), Err(RatesProblem::Base(currency("EUR"))));
        assert!(rates(&[("EUR", 100, 2)]).is_ok());
    }
}
