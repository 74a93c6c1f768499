//! How suppliers behaved lately: how long they took, whether they responded, and how.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::named_params;

use super::time::{self, is_within};
use super::{Changes, Store, StoreError, SupplierKey};

/// How many observations of a supplier are kept.
const MOST: u32 = 200;

/// The table.
pub(super) const STEP: &str = "
    CREATE TABLE latency (
        id INTEGER PRIMARY KEY,
        supplier TEXT NOT NULL,
        origin TEXT NOT NULL,
        took_us INTEGER NOT NULL,
        error TEXT,
        extra INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX latency_key ON latency (supplier, origin);
    CREATE INDEX latency_at ON latency (at);
";

/// What a supplier did when it was asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When it was asked.
    pub at: Timestamp,
    /// How long it took to respond or to fail, to the microsecond.
    pub took: Duration,
    /// The stable word of its failure; `None` = it responded.
    pub error: Option<String>,
    /// How many more requests it was sent to be faster, 0…
    pub extra_requests: u32,
}

impl Store {
    /// What a supplier did lately, oldest first: the last 200 times at most, and none that are older than `max_age` or lie
    /// in the future.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn observations(
        &self,
        key: SupplierKey<'_>,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<Vec<Observation>, StoreError> {
        let query = "SELECT at, took_us, error, extra FROM latency WHERE supplier = ?1 AND origin = ?2 ORDER BY id";
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map([key.supplier.as_str(), key.origin], |row| {
            Ok(Observation {
                at: time::stamp(row.get(0)?).unwrap_or(Timestamp::MAX),
                took: Duration::from_micros(u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default()),
                error: row.get(2)?,
                extra_requests: row.get(3)?,
            })
        })?;
        let mut observations = rows.collect::<Result<Vec<_>, _>>()?;
        observations.retain(|observation| is_within(observation.at, max_age, now));
        Ok(observations)
    }
}

impl Changes<'_> {
    /// Keeps what a supplier did, and forgets what it did 200 times ago.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_observation(&self, key: SupplierKey<'_>, observation: &Observation) -> Result<(), StoreError> {
        let Observation { at, took, error, extra_requests } = observation;
        let change = "INSERT INTO latency (supplier, origin, took_us, error, extra, at)
            VALUES (:supplier, :origin, :took, :error, :extra, :at)";
        self.transaction.prepare_cached(change)?.execute(named_params! {
            ":supplier": key.supplier.as_str(),
            ":origin": key.origin,
            ":took": i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
            ":error": error,
            ":extra": extra_requests,
            ":at": at.as_millisecond(),
        })?;
        let forget = "DELETE FROM latency WHERE supplier = :supplier AND origin = :origin AND id <= (
            SELECT id FROM latency WHERE supplier = :supplier AND origin = :origin
            ORDER BY id DESC LIMIT 1 OFFSET :most)";
        self.transaction.prepare_cached(forget)?.execute(named_params! {
            ":supplier": key.supplier.as_str(),
            ":origin": key.origin,
            ":most": MOST,
        })?;
        Ok(())
    }

    /// Forgets what a supplier did.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget_observations(&self, key: SupplierKey<'_>) -> Result<(), StoreError> {
        let change = "DELETE FROM latency WHERE supplier = ?1 AND origin = ?2";
        self.transaction.prepare_cached(change)?.execute([key.supplier.as_str(), key.origin])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{DAY, moment};
    use super::*;
    use crate::domain::SupplierName;

    fn observation(number: u32) -> Observation {
        let error = number.is_multiple_of(3).then(|| "timeout".to_owned());
        let took = Duration::from_micros(u64::from(number) * 1_001);
        Observation { at: moment(i64::from(number)), took, error, extra_requests: number % 2 }
    }

    fn add(store: &mut Store, key: SupplierKey<'_>, numbers: std::ops::Range<u32>) {
        let add = |changes: &Changes<'_>| {
            numbers.clone().try_for_each(|number| changes.add_observation(key, &observation(number)))
        };
        store.record(moment(500), add).unwrap();
    }

    #[test]
    fn the_last_two_hundred_are_kept_for_each_supplier_and_origin() {
        let (mut store, acme, bolt) =
            (Store::in_memory().unwrap(), SupplierName::new("acme"), SupplierName::new("bolt"));
        let key = SupplierKey { supplier: &acme, origin: "https://a.example:443" };
        let elsewhere = SupplierKey { origin: "https://b.example:443", ..key };
        add(&mut store, key, 0..150);
        add(&mut store, elsewhere, 7..9);
        add(&mut store, key, 150..350);
        let seen = |key| store.observations(key, DAY, moment(500)).unwrap();
        assert_eq!(seen(key), (150..350).map(observation).collect::<Vec<_>>());
        assert_eq!(seen(elsewhere), [observation(7), observation(8)]);
        assert_eq!(seen(SupplierKey { supplier: &bolt, ..key }), []);
    }

    #[test]
    fn what_is_old_or_of_the_future_does_not_count() {
        let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
        let key = SupplierKey { supplier: &acme, origin: "" };
        add(&mut store, key, 100..400);
        let seen = |age, now| store.observations(key, Duration::from_secs(age), moment(now)).unwrap();
        assert_eq!(seen(10, 300), (290..=360).map(observation).collect::<Vec<_>>());
        assert_eq!(seen(10, 100), []);
    }

    #[test]
    fn what_is_forgotten_is_of_one_supplier() {
        let (mut store, acme, bolt) =
            (Store::in_memory().unwrap(), SupplierName::new("acme"), SupplierName::new("bolt"));
        let [acme, bolt] = [&acme, &bolt].map(|supplier| SupplierKey { supplier, origin: "https://a.example:443" });
        add(&mut store, acme, 0..3);
        add(&mut store, bolt, 0..2);
        store.record(moment(500), |changes| changes.forget_observations(acme)).unwrap();
        let seen = |key| store.observations(key, DAY, moment(500)).unwrap().len();
        assert_eq!((seen(acme), seen(bolt)), (0, 2));
    }
}
