//! What is known from earlier runs, in one SQLite file that concurrent processes share.
//!
//! Owns the file: its place on the disk, its format and how that moves on, how long anything waits for it, and how much
//! of it is kept. Refuses to know what the rows are good for, where the file stands by default, and any clock: `now` is
//! passed in. It is a help and never a condition, so every error here is for the caller to warn of and go on.
//!
//! Main type: [`Store`]. Reading is a method of it; what is written goes through [`Changes`], all at once or not at all.
//! [`Store::in_memory`] is the same store without a file.

mod aside;
mod breaker;
mod error;
#[cfg(test)]
mod fixtures;
mod format;
mod key;
mod latency;
mod log;
mod lookup;
mod offer;
mod open;
mod prune;
mod rates;
mod time;
mod wait;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use aside::set_aside;
pub use error::StoreError;
pub use key::SupplierKey;
pub use latency::Observation;
pub use lookup::{Lookup, LookupKey};
pub use offer::{SeenOffer, SeenPrice};
pub use open::Opened;
pub use rates::FetchedRates;

/// The state between runs.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

/// What is being written: all of it is kept, or nothing.
#[derive(Debug)]
pub struct Changes<'a> {
    transaction: Transaction<'a>,
    now: Timestamp,
}

impl Store {
    /// Opens the file, and makes it and its folder where they are missing. A file that is damaged is moved out of the
    /// way, and a new one begun.
    ///
    /// # Errors
    /// When the file cannot be opened or made, is locked for too long, belongs to something else, or was made by a later
    /// version; it is left as it is then.
    pub fn open(path: &std::path::Path) -> Result<Opened, StoreError> {
        open::open(path)
    }

    /// A store without a file: it is empty, and gone with the process.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        format::bring_up(&mut connection, format::STEPS)?;
        Ok(Self { connection })
    }

    /// Writes what must be settled before anybody is asked, such as who may probe. It waits a quarter of a second for
    /// other processes at most.
    ///
    /// # Errors
    /// When another process holds the file for longer, or it cannot be written. Nothing of it is kept then.
    pub fn claim<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&Changes<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        change(begin(&self.connection)?, now, work)
    }

    /// Writes what was learned, when the result is out, and lets go of what is old. It waits for other processes: a minute
    /// while they write one after the other, and five seconds where nobody gets on.
    ///
    /// # Errors
    /// When other processes hold the file for longer, or it cannot be written. Nothing of it is kept then.
    pub fn record<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&Changes<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        wait::at_most(&mut self.connection, wait::LONG)?;
        let before = log::pages(&self.connection)?;
        let done = wait::for_a_turn(&self.connection, begin).and_then(|transaction| {
            change(transaction, now, |changes| {
                let done = work(changes)?;
                prune::prune(&changes.transaction, now)?;
                Ok(done)
            })
        });
        if done.is_ok() {
            // Everything is kept by now. If this does not work, the next run does it.
            let _ = log::empty_if_long(&self.connection, before);
        }
        wait::at_most(&mut self.connection, wait::SHORT).and(done)
    }
}

/// Begins to write. Immediate, since one that reads first and then writes cannot wait for others: it would have to start
/// again.
fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?)
}

fn change<T>(
    transaction: Transaction<'_>,
    now: Timestamp,
    work: impl FnOnce(&Changes<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let changes = Changes { transaction, now };
    let done = work(&changes)?;
    changes.transaction.commit()?;
    Ok(done)
}
