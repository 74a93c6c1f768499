//! What a supplier calls a product, as it was looked up before.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::time::{self, is_within};
use super::{Changes, Store, StoreError};
use crate::domain::SupplierName;

/// The table.
pub(super) const STEP: &str = "
    CREATE TABLE lookup (
        id INTEGER PRIMARY KEY,
        supplier TEXT NOT NULL,
        origin TEXT NOT NULL,
        question TEXT NOT NULL,
        answer TEXT NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (supplier, origin, question)
    ) STRICT;
    CREATE INDEX lookup_at ON lookup (at);
";

/// What was looked up where. It is stored as it is and must hold no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookupKey<'a> {
    /// The supplier.
    pub supplier: &'a SupplierName,
    /// Scheme, host and port of where it was asked: another one has other answers.
    pub origin: &'a str,
    /// What was asked, or a digest of it.
    pub question: &'a str,
}

/// What came of a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// What the supplier calls it, in the supplier's order; empty when it has nothing.
    pub ids: Vec<String>,
    /// When it was looked up.
    pub at: Timestamp,
}

impl Store {
    /// What came of a lookup; `None` when it is not known, is older than `max_age`, or lies in the future.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn lookup(&self, key: LookupKey<'_>, max_age: Duration, now: Timestamp) -> Result<Option<Lookup>, StoreError> {
        let query =
            "SELECT answer, at FROM lookup WHERE supplier = :supplier AND origin = :origin AND question = :question";
        let mut statement = self.connection.prepare_cached(query)?;
        let LookupKey { supplier, origin, question } = key;
        let parameters = named_params! { ":supplier": supplier.as_str(), ":origin": origin, ":question": question };
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
        let found = statement.query_row(parameters, read).optional()?;
        Ok(found.and_then(|(answer, at)| {
            let ids = serde_json::from_str(&answer).ok()?;
            let at = time::stamp(at).filter(|at| is_within(*at, max_age, now))?;
            Some(Lookup { ids, at })
        }))
    }
}

impl Changes<'_> {
    /// Keeps what came of a lookup, in place of what was known.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_lookup(&self, key: LookupKey<'_>, ids: &[String]) -> Result<(), StoreError> {
        let change = "INSERT OR REPLACE INTO lookup (supplier, origin, question, answer, at)
            VALUES (:supplier, :origin, :question, :answer, :at)";
        let LookupKey { supplier, origin, question } = key;
        let answer = serde_json::Value::from(ids).to_string();
        self.transaction.prepare_cached(change)?.execute(named_params! {
            ":supplier": supplier.as_str(),
            ":origin": origin,
            ":question": question,
            ":answer": answer,
            ":at": self.now.as_millisecond(),
        })?;
        Ok(())
    }

    /// Forgets what came of a lookup, such as when the supplier knows an id no more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget_lookup(&self, key: LookupKey<'_>) -> Result<(), StoreError> {
        let change = "DELETE FROM lookup WHERE supplier = :supplier AND origin = :origin AND question = :question";
        let LookupKey { supplier, origin, question } = key;
        self.transaction.prepare_cached(change)?.execute(named_params! {
            ":supplier": supplier.as_str(),
            ":origin": origin,
            ":question": question,
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{DAY, moment};
    use super::*;

    fn key<'a>(supplier: &'a SupplierName, question: &'a str) -> LookupKey<'a> {
        LookupKey { supplier, origin: "https://a.example:443", question }
    }

    fn put(store: &mut Store, key: LookupKey<'_>, ids: &[&str], at: Timestamp) {
        let ids: Vec<String> = ids.iter().copied().map(str::to_owned).collect();
        store.record(at, |changes| changes.put_lookup(key, &ids)).unwrap();
    }

    #[test]
    fn the_newest_answer_to_the_same_question_counts() {
        let (mut store, acme, bolt) =
            (Store::in_memory().unwrap(), SupplierName::new("acme"), SupplierName::new("bolt"));
        let widget = key(&acme, "widget");
        put(&mut store, widget, &["A-1", "ä\"2\n"], moment(1));
        put(&mut store, key(&acme, "gadget"), &[], moment(2));
        let ids = |key, seconds| store.lookup(key, DAY, moment(seconds)).unwrap().map(|found| found.ids);
        assert_eq!(ids(widget, 3), Some(vec!["A-1".to_owned(), "ä\"2\n".to_owned()]));
        assert_eq!(ids(key(&acme, "gadget"), 3), Some(vec![]));
        assert_eq!(ids(key(&bolt, "widget"), 3), None);
        assert_eq!(ids(LookupKey { origin: "https://b.example:443", ..widget }, 3), None);
        put(&mut store, widget, &["A-3"], moment(4));
        let expected = Lookup { ids: vec!["A-3".to_owned()], at: moment(4) };
        assert_eq!(store.lookup(widget, DAY, moment(5)).unwrap(), Some(expected));
    }

    #[test]
    fn an_answer_that_is_old_or_of_the_future_is_none() {
        let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
        put(&mut store, key(&acme, "widget"), &["A-1"], moment(100_000));
        let known = |seconds| store.lookup(key(&acme, "widget"), DAY, moment(seconds)).unwrap().is_some();
        assert_eq!([99_000, 100_000, 186_400, 186_401].map(known), [false, true, true, false]);
    }

    #[test]
    fn what_was_forgotten_is_not_known() {
        let (mut store, acme) = (Store::in_memory().unwrap(), SupplierName::new("acme"));
        put(&mut store, key(&acme, "widget"), &["A-1"], moment(1));
        put(&mut store, key(&acme, "gadget"), &["A-2"], moment(1));
        store.record(moment(2), |changes| changes.forget_lookup(key(&acme, "widget"))).unwrap();
        let known = |question| store.lookup(key(&acme, question), DAY, moment(3)).unwrap().is_some();
        assert_eq!(["widget", "gadget"].map(known), [false, true]);
    }
}
