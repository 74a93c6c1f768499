//! Exchange rates, declared or fetched, and how long fetched ones last.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use rust_decimal::Decimal;

use super::{Currency, CurrencyProblem};

/// Exchange rates of one day: one unit of the base buys so many of each currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    base: Currency,
    date: Date,
    per_base: BTreeMap<Currency, Decimal>,
}

/// Which rates an amount was converted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatesDay {
    /// The currency that they are given for.
    pub base: Currency,
    /// The day that they are of.
    pub date: Date,
}

/// When the rates of a working day are out, UTC: the European Central Bank publishes at about 16:00 in Frankfurt,
/// which is 15:00 UTC at the latest.
const PUBLISHED: Time = Time::constant(15, 30, 0, 0);

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

    /// Base and date.
    #[must_use]
    pub fn day(&self) -> RatesDay {
        RatesDay { base: self.base, date: self.date }
    }

    /// What one unit of the base buys, by currency, the base itself included.
    pub fn per_base(&self) -> impl Iterator<Item = (Currency, Decimal)> {
        self.per_base.iter().map(|(currency, rate)| (*currency, *rate))
    }

    /// Whether rates that were fetched at `fetched` need not be fetched again at `now`. They last for their day, UTC;
    /// once more they are fetched in the afternoon, if they are not of that day by then.
    #[must_use]
    pub fn last(&self, fetched: Timestamp, now: Timestamp) -> bool {
        let (fetched, now) = (Offset::UTC.to_datetime(fetched), Offset::UTC.to_datetime(now));
        let is_fetched_today = fetched.date() == now.date() && fetched <= now;
        let is_newest = self.date >= now.date() || now.time() < PUBLISHED || fetched.time() >= PUBLISHED;
        is_fetched_today && is_newest
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
    fn fetched_rates_last_for_their_day_and_are_looked_for_once_more_in_the_afternoon() {
        let rates = rates(&[("USD", 10842, 4)]).unwrap();
        let last = |fetched: &str, now: &str| rates.last(fetched.parse().unwrap(), now.parse().unwrap());
        for (fetched, now, expected) in [
            ("2026-11-20T16:00:00Z", "2026-11-20T23:59:59Z", true),
            ("2026-11-20T16:00:00Z", "2026-11-21T00:00:00Z", false),
            ("2026-11-21T00:00:00Z", "2026-11-21T15:29:59Z", true),
            ("2026-11-21T00:00:00Z", "2026-11-21T15:30:00Z", false),
            ("2026-11-21T15:30:00Z", "2026-11-21T23:59:59Z", true),
            // They are of that day already.
            ("2026-11-20T09:00:00Z", "2026-11-20T15:30:00Z", true),
            // The clock was set back.
            ("2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z", false),
            ("2026-11-22T10:00:00Z", "2026-11-21T09:00:00Z", false),
        ] {
            assert_eq!(last(fetched, now), expected, "{fetched} {now}");
        }
    }

    #[test]
    fn what_is_in_a_table_can_be_listed() {
        let table: Vec<_> = rates(&[("USD", 10842, 4), ("GBP", 8731, 4)]).unwrap().per_base().collect();
        let expected = [("EUR", Decimal::ONE), ("GBP", Decimal::new(8731, 4)), ("USD", Decimal::new(10842, 4))];
        assert_eq!(table, expected.map(|(code, rate)| (currency(code), rate)));
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
