//! Waiting for other processes.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::StoreError;

/// How long a run that has no result yet waits, at most.
pub(super) const SHORT: Duration = Duration::from_millis(250);
/// How long a run that has printed its result waits, at most.
pub(super) const LONG: Duration = Duration::from_secs(5);

/// Between two looks. A change takes less. SQLite's own pauses grow to a hundred times as much, and among many who write
/// without a break the one who has waited longest then hardly gets a turn.
const PAUSE: Duration = Duration::from_millis(1);

/// Lets a connection wait so long, each time, until it gives up.
pub(super) fn at_most(connection: &mut Connection, limit: Duration) -> Result<(), StoreError> {
    let mut since = Instant::now();
    connection.busy_handler(Some(move |looks: i32| {
        if looks == 0 {
            since = Instant::now();
        }
        let goes_on = since.elapsed() < limit;
        if goes_on {
            thread::sleep(PAUSE);
        }
        goes_on
    }))?;
    Ok(())
}
