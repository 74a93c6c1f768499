//! The log beside the file, which changes are written to first.
//!
//! It lets readers and a writer work at the same time, and a change is kept without waiting for the disk. To move what it
//! holds into the file waits for the disk, so this is done seldom, and when the result is out. It must stay short
//! nevertheless: who opens the file when nobody else has it open reads the log through.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::wait;

/// How long the log may be, in pages of 4 KiB. A run with one supplier adds four, with ten 13 to 40, and to read a page
/// takes 1.5 µs.
const MOST_PAGES: i64 = 250;

/// How long it may become while so many processes write that there is always something left to move. From then on they
/// have to wait until it is empty.
const FAR_TOO_MANY_PAGES: i64 = 16 * MOST_PAGES;

/// Turns the log on. The file remembers it. If another process is in the way, it is right as well, only slower, and the next
/// run tries again.
pub(super) fn begin(connection: &Connection) {
    let _ = connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
}

/// Keeps SQLite from emptying the log of its own accord: at the end, and when it has grown.
pub(super) fn leave_alone(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
}

/// How long the log is, in pages; not above 0 where there is none.
pub(super) fn pages(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))
}

/// Moves what the log holds into the file and empties it, each time that it has grown by so much since it had `before`
/// pages. What others are in the way of is left to the next time.
pub(super) fn empty_if_long(connection: &Connection, before: i64) -> rusqlite::Result<()> {
    if pages(connection)? / MOST_PAGES == before / MOST_PAGES {
        return Ok(());
    }
    connection.busy_timeout(Duration::ZERO)?;
    // It waits for the disk, and nobody has to wait for it. Emptying keeps others from writing, so it must have nothing
    // left to move: what they added meanwhile.
    let moved: i64 = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2))?;
    let left = pages(connection)?;
    if left >= FAR_TOO_MANY_PAGES {
        connection.busy_timeout(wait::SHORT)?;
    }
    if moved == left || left >= FAR_TOO_MANY_PAGES {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixtures::moment;
    use super::super::{LookupKey, Store};
    use crate::domain::SupplierName;

    #[test]
    fn the_log_stays_short_over_many_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let acme = SupplierName::new("acme");
        let mut lengths = Vec::new();
        for number in 0..200 {
            let mut store = Store::open(&path).unwrap().store;
            let question = number.to_string();
            let key = LookupKey { supplier: &acme, origin: "", question: &question };
            store.record(moment(0), |changes| changes.put_lookup(key, &[])).unwrap();
            drop(store);
            lengths.push(fs::metadata(folder.path().join("state.db-wal")).unwrap().len() / 4096);
        }
        assert!(lengths.iter().all(|pages| *pages <= 260), "{lengths:?}");
        let emptied = lengths.iter().filter(|pages| **pages == 0).count();
        assert!((1..=10).contains(&emptied), "{lengths:?}");
    }
}
