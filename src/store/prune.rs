//! How much is kept: 90 days and 100,000 rows a table.
//!
//! Every table has an `id` that grows with each row, and an index on `at`, when it was written. Both bounds are found at
//! the ends of these, so that looking whether there is anything to let go of takes the same few steps however much there
//! is.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::StoreError;

/// How long a row is kept. One that lies as far ahead was written under a wrong clock, and goes as well.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many rows of a table are kept.
pub(super) const MOST_ROWS: i64 = 100_000;

/// The tables that are bounded.
const TABLES: [&str; 5] = ["lookup", "rates", "latency", "breaker", "offer"];

/// Lets go of rows that are too old or too many.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let now = now.as_millisecond();
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    let (oldest, latest) = (now.saturating_sub(kept), now.saturating_add(kept));
    for table in TABLES {
        for (change, bound) in changes(table).iter().zip([oldest, latest, MOST_ROWS]) {
            connection.prepare_cached(change)?.execute([bound])?;
        }
    }
    Ok(())
}

/// What lets go of the rows of a table that are older than a time, later than a time, and more than so many.
fn changes(table: &str) -> [String; 3] {
    [
        format!("DELETE FROM {table} WHERE at < ?1"),
        format!("DELETE FROM {table} WHERE at > ?1"),
        format!("DELETE FROM {table} WHERE id <= (SELECT max(id) FROM {table}) - ?1"),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::moment;
    use super::super::{Store, format};
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn store() -> Store {
        Store::in_memory().unwrap()
    }

    /// Adds a row of rates at a time.
    fn add(store: &Store, id: i64, at: Timestamp) {
        let change = "INSERT INTO rates VALUES (?1, ?1, 'EUR', '2026-11-20', '[]', ?2)";
        store.connection.execute(change, (id, at.as_millisecond())).unwrap();
    }

    fn ids(store: &Store) -> Vec<i64> {
        let mut statement = store.connection.prepare("SELECT id FROM rates ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn rows_go_after_ninety_days_and_so_do_those_of_a_wrong_clock() {
        let store = store();
        for (id, day) in [(1, -91), (2, -89), (3, 0), (4, 89), (5, 91), (6, 50_000)] {
            add(&store, id, moment(day * DAY));
        }
        prune(&store.connection, moment(0)).unwrap();
        assert_eq!(ids(&store), [2, 3, 4]);
    }

    #[test]
    fn the_last_rows_are_kept() {
        let store = store();
        for id in [1, 2, 3, MOST_ROWS + 1, MOST_ROWS + 2] {
            add(&store, id, moment(0));
        }
        prune(&store.connection, moment(0)).unwrap();
        assert_eq!(ids(&store), [3, MOST_ROWS + 1, MOST_ROWS + 2]);
    }

    #[test]
    fn a_run_at_the_ends_of_time_is_no_trouble() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let store = store();
            add(&store, 1, now);
            prune(&store.connection, now).unwrap();
            assert_eq!(ids(&store), [1]);
        }
    }

    #[test]
    fn every_table_is_bounded_without_reading_it_through() {
        let store = store();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = store.connection.prepare(names).unwrap();
        let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        let mut bounded = TABLES.to_vec();
        bounded.sort_unstable();
        assert_eq!(
            (tables, bounded.len()),
            (bounded.iter().copied().map(str::to_owned).collect(), format::STEPS.len())
        );
        for change in TABLES.iter().flat_map(|table| changes(table)) {
            let plan = format!("EXPLAIN QUERY PLAN {change}");
            let mut statement = store.connection.prepare(&plan).unwrap();
            let parameters = statement.parameter_count();
            let steps: Vec<String> = statement
                .query_map(rusqlite::params_from_iter(vec![0; parameters]), |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert!(!steps.is_empty() && steps.iter().all(|step| !step.starts_with("SCAN")), "{change}: {steps:?}");
        }
    }
}
