//! The circuit breakers of suppliers, which concurrent processes change one after the other.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};
use serde::{Deserialize, Serialize};

use super::{Changes, Store, StoreError, SupplierKey, time};
use crate::domain::{Breaker, Lease, PastOutcome, Period};

/// The table.
pub(super) const STEP: &str = "
    CREATE TABLE breaker (
        id INTEGER PRIMARY KEY,
        supplier TEXT NOT NULL,
        origin TEXT NOT NULL,
        state TEXT NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (supplier, origin)
    ) STRICT;
    CREATE INDEX breaker_at ON breaker (at);
";

/// A breaker as the file has it, with times in milliseconds.
#[derive(Debug, Deserialize, Serialize)]
struct Written {
    /// When, and whether it failed.
    recent: Vec<(i64, bool)>,
    openings: u32,
    /// Since when and until when.
    pause: Option<(i64, i64)>,
    /// Who, since when and until when.
    probe: Option<(String, i64, i64)>,
}

impl Written {
    fn of(breaker: &Breaker) -> Self {
        let Breaker { recent, openings, pause, probe } = breaker;
        let bounds = |period: &Period| (period.since.as_millisecond(), period.until.as_millisecond());
        Self {
            recent: recent.iter().map(|outcome| (outcome.at.as_millisecond(), outcome.failed)).collect(),
            openings: *openings,
            pause: pause.as_ref().map(bounds),
            probe: probe.as_ref().map(|lease| {
                let (since, until) = bounds(&lease.period);
                (lease.holder.clone(), since, until)
            }),
        }
    }

    /// What it means; `None` when it makes no sense.
    fn understood(self) -> Option<Breaker> {
        let period = |since, until| Some(Period { since: time::stamp(since)?, until: time::stamp(until)? });
        let outcome = |(at, failed)| Some(PastOutcome { at: time::stamp(at)?, failed });
        Some(Breaker {
            recent: self.recent.into_iter().map(outcome).collect::<Option<Vec<_>>>()?,
            openings: self.openings,
            pause: match self.pause {
                Some((since, until)) => Some(period(since, until)?),
                None => None,
            },
            probe: match self.probe {
                Some((holder, since, until)) => Some(Lease { holder, period: period(since, until)? }),
                None => None,
            },
        })
    }
}

impl Store {
    /// The breaker of a supplier; the default when nothing is known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn breaker(&self, key: SupplierKey<'_>) -> Result<Breaker, StoreError> {
        read(&self.connection, key)
    }
}

impl Changes<'_> {
    /// Changes the breaker of a supplier, and returns what `change` does. Nobody else changes it meanwhile.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn update_breaker<T>(
        &self,
        key: SupplierKey<'_>,
        change: impl FnOnce(&mut Breaker) -> T,
    ) -> Result<T, StoreError> {
        let before = read(&self.transaction, key)?;
        let mut breaker = before.clone();
        let done = change(&mut breaker);
        if breaker != before {
            write(&self.transaction, key, &breaker, self.now)?;
        }
        Ok(done)
    }
}

fn read(connection: &Connection, key: SupplierKey<'_>) -> Result<Breaker, StoreError> {
    let query = "SELECT state FROM breaker WHERE supplier = ?1 AND origin = ?2";
    let mut statement = connection.prepare_cached(query)?;
    let text = statement.query_row([key.supplier.as_str(), key.origin], |row| row.get::<_, String>(0)).optional()?;
    let written = text.and_then(|text| serde_json::from_str::<Written>(&text).ok());
    Ok(written.and_then(Written::understood).unwrap_or_default())
}

fn write(connection: &Connection, key: SupplierKey<'_>, breaker: &Breaker, now: Timestamp) -> Result<(), StoreError> {
    let change =
        "INSERT OR REPLACE INTO breaker (supplier, origin, state, at) VALUES (:supplier, :origin, :state, :at)";
    connection.prepare_cached(change)?.execute(named_params! {
        ":supplier": key.supplier.as_str(),
        ":origin": key.origin,
        ":state": serde_json::json!(Written::of(breaker)).to_string(),
        ":at": now.as_millisecond(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::fixtures::moment;
    use super::*;
    use crate::domain::{Admission, Signal, SupplierName};

    fn key(supplier: &SupplierName) -> SupplierKey<'_> {
        SupplierKey { supplier, origin: "https://a.example:443" }
    }

    fn update<T>(store: &mut Store, key: SupplierKey<'_>, change: impl FnOnce(&mut Breaker) -> T) -> T {
        store.claim(moment(0), |changes| changes.update_breaker(key, change)).unwrap()
    }

    #[test]
    fn a_breaker_belongs_to_a_supplier_at_a_place() {
        let (mut store, acme, bolt) =
            (Store::in_memory().unwrap(), SupplierName::new("acme"), SupplierName::new("bolt"));
        for second in 0..5 {
            update(&mut store, key(&acme), |breaker| breaker.note(Signal::Failure, "run", moment(second), 0));
        }
        let admitted = |key| store.breaker(key).unwrap().admit("run", Duration::ZERO, moment(5));
        assert!(matches!(admitted(key(&acme)), Admission::Refused(_)));
        assert_eq!(admitted(key(&bolt)), Admission::Ask);
        assert_eq!(admitted(SupplierKey { origin: "https://b.example:443", ..key(&acme) }), Admission::Ask);
    }

    #[test]
    fn a_change_that_fails_to_be_kept_is_not_there() {
        let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
        let failed = store.claim(moment(0), |changes| {
            changes.update_breaker(key(&acme), |breaker| breaker.openings = 3)?;
            Err::<(), _>(StoreError::Busy)
        });
        assert!(failed.is_err());
        assert_eq!(store.breaker(key(&acme)).unwrap(), Breaker::default());
    }

    #[test]
    fn a_breaker_that_makes_no_sense_is_closed() {
        let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
        update(&mut store, key(&acme), |breaker| breaker.openings = 3);
        for broken in
            [r"{", r"[]", r#"{"recent": [], "openings": 0, "pause": [0, 9223372036854775807], "probe": null}"#]
        {
            store.connection.execute("UPDATE breaker SET state = ?1", [broken]).unwrap();
            assert_eq!(store.breaker(key(&acme)).unwrap(), Breaker::default(), "{broken}");
        }
        update(&mut store, key(&acme), |breaker| breaker.openings = 4);
        assert_eq!(store.breaker(key(&acme)).unwrap().openings, 4);
    }

    fn period() -> impl Strategy<Value = Period> {
        (0..1_000_000_i64, 0..1_000_000_i64)
            .prop_map(|(since, until)| Period { since: moment(since), until: moment(until) })
    }

    fn breaker() -> impl Strategy<Value = Breaker> {
        let outcome = (0..1_000_000_i64, any::<bool>()).prop_map(|(at, failed)| PastOutcome { at: moment(at), failed });
        let lease = ("\\PC{0,40}", period()).prop_map(|(holder, period)| Lease { holder, period });
        let recent = prop::collection::vec(outcome, 0..20);
        (recent, any::<u32>(), prop::option::of(period()), prop::option::of(lease))
            .prop_map(|(recent, openings, pause, probe)| Breaker { recent, openings, pause, probe })
    }

    proptest! {
        #[test]
        fn every_breaker_comes_back_as_it_was(breakers in prop::collection::vec(breaker(), 1..5)) {
            let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
            for new in breakers {
                update(&mut store, key(&acme), |breaker| *breaker = new.clone());
                prop_assert_eq!(store.breaker(key(&acme)).unwrap(), new);
            }
        }
    }
}
