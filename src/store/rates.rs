//! Exchange rates as they were fetched.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};
use rust_decimal::Decimal;

use super::time::{self, is_within};
use super::{Changes, Store, StoreError};
use crate::domain::{Currency, Rates};

/// The table.
pub(super) const STEP: &str = "
    CREATE TABLE rates (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL UNIQUE,
        base TEXT NOT NULL,
        date TEXT NOT NULL,
        per_base TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX rates_at ON rates (at);
";

/// Rates that were fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedRates {
    /// The rates.
    pub rates: Rates,
    /// When they were fetched, which says nothing of the day that they are of.
    pub at: Timestamp,
}

/// A row as it stands in the file.
struct Row {
    base: String,
    date: String,
    per_base: String,
    at: i64,
}

impl Store {
    /// The rates that were last fetched from a URL; `None` when there are none, or they were fetched longer than `max_age`
    /// ago or in the future.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rates(&self, url: &str, max_age: Duration, now: Timestamp) -> Result<Option<FetchedRates>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT base, date, per_base, at FROM rates WHERE url = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Row { base: row.get(0)?, date: row.get(1)?, per_base: row.get(2)?, at: row.get(3)? })
        };
        let fetched = statement.query_row([url], read).optional()?.and_then(Row::understood);
        Ok(fetched.filter(|fetched| is_within(fetched.at, max_age, now)))
    }
}

impl Row {
    /// What it means; `None` when it makes no sense.
    fn understood(self) -> Option<FetchedRates> {
        let base = Currency::parse(&self.base).ok()?;
        let texts: Vec<(String, String)> = serde_json::from_str(&self.per_base).ok()?;
        let rate =
            |(code, rate): &(String, String)| Some((Currency::parse(code).ok()?, Decimal::from_str_exact(rate).ok()?));
        let per_base = texts.iter().map(rate).collect::<Option<Vec<_>>>()?;
        let rates = Rates::new(base, self.date.parse().ok()?, per_base).ok()?;
        Some(FetchedRates { rates, at: time::stamp(self.at)? })
    }
}

impl Changes<'_> {
    /// Keeps rates that were fetched just now, in place of those of the same URL. The URL must hold no secret.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put_rates(&self, url: &str, rates: &Rates) -> Result<(), StoreError> {
        let texts: Vec<[String; 2]> =
            rates.per_base().map(|(currency, rate)| [currency.code().to_owned(), rate.to_string()]).collect();
        let change = "INSERT OR REPLACE INTO rates (url, base, date, per_base, at)
            VALUES (:url, :base, :date, :per_base, :at)";
        self.transaction.prepare_cached(change)?.execute(named_params! {
            ":url": url,
            ":base": rates.base().code(),
            ":date": rates.date().to_string(),
            ":per_base": serde_json::json!(texts).to_string(),
            ":at": self.now.as_millisecond(),
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{DAY, moment};
    use super::*;

    const URL: &str = "https://rates.example/daily";

    fn rates(table: &[(&str, &str)]) -> Rates {
        let table =
            table.iter().map(|(code, rate)| (Currency::parse(code).unwrap(), Decimal::from_str_exact(rate).unwrap()));
        Rates::new(Currency::parse("EUR").unwrap(), jiff::civil::date(2026, 11, 20), table).unwrap()
    }

    #[test]
    fn rates_come_back_with_every_digit() {
        let mut store = Store::in_memory().unwrap();
        let old = rates(&[("USD", "1.0842")]);
        let new = rates(&[
            ("USD", "1.08420"),
            ("JPY", "161.1234567890123456789012"),
            ("GBP", "0.0000000000000000000000000001"),
        ]);
        store.record(moment(1), |changes| changes.put_rates(URL, &old)).unwrap();
        store.record(moment(2), |changes| changes.put_rates(URL, &new)).unwrap();
        let found = store.rates(URL, DAY, moment(3)).unwrap().unwrap();
        let texts = |rates: &Rates| rates.per_base().map(|(_, rate)| rate.to_string()).collect::<Vec<_>>();
        assert_eq!(texts(&found.rates), texts(&new));
        assert_eq!(found, FetchedRates { rates: new, at: moment(2) });
        assert_eq!(store.rates("https://other.example/", DAY, moment(3)).unwrap(), None);
    }

    #[test]
    fn rates_that_are_old_or_of_the_future_are_none() {
        let mut store = Store::in_memory().unwrap();
        store.record(moment(100_000), |changes| changes.put_rates(URL, &rates(&[]))).unwrap();
        let known = |seconds| store.rates(URL, DAY, moment(seconds)).unwrap().is_some();
        assert_eq!([99_000, 100_000, 186_400, 186_401].map(known), [false, true, true, false]);
    }

    #[test]
    fn rates_that_make_no_sense_are_none() {
        let mut store = Store::in_memory().unwrap();
        store.record(moment(1), |changes| changes.put_rates(URL, &rates(&[("USD", "1.1")]))).unwrap();
        for broken in ["base = 'XXX'", "date = '2026-13-01'", "per_base = '[[\"USD\", \"-1\"]]'", "per_base = '{'"] {
            let known = |store: &Store| store.rates(URL, DAY, moment(2)).unwrap().is_some();
            assert!(known(&store));
            let undo = store.connection.unchecked_transaction().unwrap();
            undo.execute(&format!("UPDATE rates SET {broken}"), []).unwrap();
            assert!(!known(&store), "{broken}");
            undo.rollback().unwrap();
        }
    }
}
