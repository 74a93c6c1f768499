//! Why the state could not be used, in words that follow "the state was not used: ".

use std::io;

use rusqlite::ErrorCode;

/// Why the state could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Its folder cannot be made, read or written.
    #[error("its folder cannot be used")]
    Folder(#[source] io::Error),
    /// What stands at the path is a folder, a device or the like.
    #[error("it is no file")]
    NoFile,
    /// It is a database of another program.
    #[error("it belongs to another program")]
    Foreign,
    /// A later version of pricecmp has made it.
    #[error("it was made by a later version: it has format {found}, and this version knows {known}")]
    Later {
        /// The format that it has.
        found: usize,
        /// The newest format that this version knows.
        known: usize,
    },
    /// Its content is damaged.
    #[error("it is damaged")]
    Damaged,
    /// Other processes hold it.
    #[error("other processes hold it")]
    Busy,
    /// Anything else, such as a full disk.
    #[error("{}", words(.0))]
    Database(rusqlite::Error),
}

impl StoreError {
    /// Whether the content is at fault, so that [`set_aside`](super::set_aside) is what helps.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            _ => Self::Database(error),
        }
    }
}

/// The message, in our words where the cause is known; it says all that there is to say.
fn words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "it may not be written".to_owned(),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => "it cannot be opened".to_owned(),
        Some(ErrorCode::SystemIoFailure) => "the disk fails or is full".to_owned(),
        _ => error.to_string(),
    }
}
