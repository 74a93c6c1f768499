//! How much is kept: 90 days and 100,000 rows a table.
//!
//! Every table has an `id` that grows with each row, and an index on `at`, when it was written. Both bounds are found at
//! the ends of these, so that looking whether there is anything to let go of takes the same few steps however much there
//! is.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, named_params};

use super::StoreError;

/// How long a row is kept. One that lies as far ahead was written under a wrong clock, and goes as well.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many rows of a table are kept.
pub(super) const MOST_ROWS: i64 = 100_000;

/// The tables that are bounded.
const TABLES: &[&str] = &["lookup", "rates", "latency", "breaker"];

/// Lets go of rows that are too old or too many.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let now = now.as_millisecond();
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    let (oldest, latest) = (now.saturating_sub(kept), now.saturating_add(kept));
    for table in TABLES {
        let by_age = format!("DELETE FROM {table} WHERE at < :oldest OR at > :latest");
        connection.prepare_cached(&by_age)?.execute(named_params! { ":oldest": oldest, ":latest": latest })?;
        let by_count = format!("DELETE FROM {table} WHERE id <= (SELECT max(id) FROM {table}) - :most");
        connection.prepare_cached(&by_count)?.execute(named_params! { ":most": MOST_ROWS })?;
    }
    Ok(())
}
