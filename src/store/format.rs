//! The format of the file and how it moves on.
//!
//! Every version of the format is the one before and a step; a step that was ever released never changes. `user_version`
//! has the number of steps that a file went through.

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreError, breaker, latency, lookup, offer, rates};

/// Marks a database as ours: `pric`.
const APPLICATION: i32 = 0x7072_6963;

/// What makes each version of the format of the one before.
pub(super) const STEPS: &[&str] = &[lookup::STEP, rates::STEP, latency::STEP, breaker::STEP, offer::STEP];

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label {
    application: i32,
    version: usize,
    is_empty: bool,
}

impl Label {
    fn of(connection: &Connection) -> Result<Self, StoreError> {
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        // Reads all definitions, so that damage there is seen at once.
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let version = usize::try_from(version).map_err(|_| StoreError::Foreign)?;
        Ok(Self { application, version, is_empty: tables == 0 })
    }

    /// How many steps are behind it.
    fn steps(self, known: usize) -> Result<usize, StoreError> {
        match self {
            Self { application: 0, version: 0, is_empty: true } => Ok(0),
            Self { application: APPLICATION, version, .. } if version <= known => Ok(version),
            Self { application: APPLICATION, version: found, .. } => Err(StoreError::Later { found, known }),
            _ => Err(StoreError::Foreign),
        }
    }
}

/// Takes a database through the steps that it has not gone through yet.
///
/// # Errors
/// When it is not ours, has gone further, or cannot be read or written.
pub(super) fn bring_up(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    if Label::of(connection)?.steps(steps.len())? == steps.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it meanwhile.
    let done = Label::of(&transaction)?.steps(steps.len())?;
    for step in &steps[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1);";
    const TWO: &str = "ALTER TABLE one ADD COLUMN b TEXT; UPDATE one SET b = 'two';";

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn every_step_is_taken_once_and_keeps_what_is_there() {
        let mut connection = empty();
        bring_up(&mut connection, &[ONE]).unwrap();
        bring_up(&mut connection, &[ONE]).unwrap();
        bring_up(&mut connection, &[ONE, TWO]).unwrap();
        bring_up(&mut connection, &[ONE, TWO]).unwrap();
        let row = connection.query_row("SELECT a, b FROM one", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(row, (1, "two".to_owned()));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before() {
        let mut connection = empty();
        bring_up(&mut connection, &[ONE]).unwrap();
        bring_up(&mut connection, &[ONE, "CREATE TABLE two (a) STRICT"]).unwrap_err();
        let label = Label::of(&connection).unwrap();
        assert_eq!(label, Label { application: APPLICATION, version: 1, is_empty: false });
    }

    #[test]
    fn a_later_version_is_left_alone() {
        let mut connection = empty();
        bring_up(&mut connection, &[ONE, TWO]).unwrap();
        let error = bring_up(&mut connection, &[ONE]).unwrap_err();
        assert_eq!(error.to_string(), "it was made by a later version: it has format 2, and this version knows 1");
        connection.pragma_update(None, "user_version", i32::MAX).unwrap();
        assert!(matches!(bring_up(&mut connection, &[ONE]), Err(StoreError::Later { .. })));
    }

    #[test]
    fn a_database_of_another_program_is_left_alone() {
        for made in [
            "CREATE TABLE theirs (a)",
            "PRAGMA application_id = 77",
            "PRAGMA user_version = 1",
            "PRAGMA user_version = -1",
        ] {
            let mut connection = empty();
            connection.execute_batch(made).unwrap();
            let error = bring_up(&mut connection, &[ONE]).unwrap_err();
            assert_eq!(error.to_string(), "it belongs to another program", "{made}");
            assert!(connection.prepare("SELECT * FROM one").is_err());
        }
    }
}
