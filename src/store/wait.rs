//! Waiting for other processes.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::StoreError;

/// How long a run that has no result yet waits, at most.
pub(super) const SHORT: Duration = Duration::from_millis(250);
/// How long a run that has printed its result waits while nobody writes, at most.
pub(super) const LONG: Duration = Duration::from_secs(5);
/// How often it does, as long as others have written meanwhile: a crowd gets on, a process that only holds the file does not.
const TURNS: usize = 12;

/// Between two looks, at first and at most. A change takes less than the first. SQLite's own pauses grow to a hundred times
/// as much, and among many who write without a break the one who has waited longest then hardly gets a turn. If they did not
/// grow at all, hundreds who wait would keep the one who writes from the processor.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));

/// Lets a connection wait so long, each time, until it gives up.
pub(super) fn at_most(connection: &mut Connection, limit: Duration) -> Result<(), StoreError> {
    let mut since = Instant::now();
    connection.busy_handler(Some(move |looks: i32| {
        if looks == 0 {
            since = Instant::now();
        }
        let waited = since.elapsed();
        let goes_on = waited < limit;
        if goes_on {
            thread::sleep((waited / 20).clamp(PAUSES.0, PAUSES.1));
        }
        goes_on
    }))?;
    Ok(())
}

/// Begins what others may be in the way of, and gives up where none of them has written for as long as [`at_most`] lets it
/// wait.
pub(super) fn for_a_turn<'a, T>(
    connection: &'a Connection,
    begin: impl Fn(&'a Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut seen = version(connection)?;
    for _ in 1..TURNS {
        match begin(connection) {
            Err(StoreError::Busy) => {}
            outcome => return outcome,
        }
        let now = version(connection)?;
        if now == seen {
            return Err(StoreError::Busy);
        }
        seen = now;
    }
    begin(connection)
}

/// Changes whenever another process has written.
fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_turn_is_waited_for_while_others_write_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE one (a INTEGER)").unwrap();
        let connection = Connection::open(&path).unwrap();
        let tried = Cell::new(0);
        let turn = |writes: usize, comes: usize| {
            tried.set(0);
            for_a_turn(&connection, |_| {
                tried.set(tried.get() + 1);
                if tried.get() <= writes {
                    other.execute_batch("INSERT INTO one VALUES (1)").unwrap();
                }
                if tried.get() > comes { Ok(()) } else { Err(StoreError::Busy) }
            })
        };
        assert!(turn(0, 0).is_ok() && tried.get() == 1, "it is free");
        assert!(turn(3, 3).is_ok() && tried.get() == 4, "others write");
        assert!(matches!(turn(0, 9), Err(StoreError::Busy)) && tried.get() == 1, "somebody only holds it");
        assert!(matches!(turn(2, 9), Err(StoreError::Busy)) && tried.get() == 3, "somebody stays");
        assert!(matches!(turn(99, 99), Err(StoreError::Busy)) && tried.get() == TURNS, "there is an end");
    }
}
