//! Opening a price list: it is a regular file, and not too old.
//!
//! Main type: [`List`].

use std::fs::{self, File, Metadata};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::unreadable;
use crate::domain::{ErrorKind, Failure, age_words, system_words};

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Bytes.
    pub(super) length: u64,
    /// When it was last changed, where the system knows.
    pub(super) modified: Option<SystemTime>,
}

impl Facts {
    /// Looks at a file.
    ///
    /// # Errors
    /// `file_unreadable` when there is none, or it is none: a pipe or a device might never end.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let metadata = fs::metadata(path).map_err(|error| unreadable(system_words(&error)))?;
        Self::of_metadata(&metadata)
    }

    fn of_metadata(metadata: &Metadata) -> Result<Self, Failure> {
        if metadata.is_dir() {
            return Err(unreadable("it is a folder"));
        }
        if !metadata.is_file() {
            return Err(unreadable("it is no regular file"));
        }
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }

    /// How long ago it was changed; nothing, if that is in the future.
    pub(super) fn age(&self) -> Duration {
        self.modified.and_then(|modified| modified.elapsed().ok()).unwrap_or_default()
    }

    /// When it was last changed.
    pub(super) fn modified_at(&self) -> Option<Timestamp> {
        Timestamp::try_from(self.modified?).ok()
    }

    /// Whether it is older than it may be.
    ///
    /// # Errors
    /// `file_stale` when it is.
    pub(super) fn check_age(&self, max_age: Option<Duration>) -> Result<(), Failure> {
        match max_age {
            Some(most) if self.age() > most => {
                let detail =
                    format!("it was changed {} ago, and `max-age` is {}", age_words(self.age()), age_words(most));
                Err(Failure::new(ErrorKind::FileStale).with_detail(detail))
            }
            _ => Ok(()),
        }
    }
}

/// A price list that is being read.
pub(super) struct List {
    file: File,
    pub(super) facts: Facts,
}

impl List {
    /// Opens a file.
    ///
    /// # Errors
    /// `file_unreadable` when it cannot be read, is no regular file, or is empty.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        // A pipe is not even opened, since that waits for who writes into it.
        Facts::of(path)?;
        let file = File::open(path).map_err(|error| unreadable(system_words(&error)))?;
        let facts = Facts::of_metadata(&file.metadata().map_err(|error| unreadable(system_words(&error)))?)?;
        if facts.length == 0 {
            return Err(unreadable("it is empty"));
        }
        Ok(Self { file, facts })
    }

    /// A file that holds these bytes as long as it is read: those that did not come from a file.
    ///
    /// # Errors
    /// `file_unreadable` when there are none, or no room for them.
    pub(super) fn holding(bytes: &[u8]) -> Result<Self, Failure> {
        if bytes.is_empty() {
            return Err(unreadable("it is empty"));
        }
        let written = tempfile::tempfile().and_then(|mut file| {
            file.write_all(bytes)?;
            file.rewind()?;
            Ok(file)
        });
        let file = written.map_err(|error| unreadable(system_words(&error)))?;
        Ok(Self { file, facts: Facts { length: bytes.len() as u64, modified: None } })
    }

    /// The file, to be read.
    ///
    /// # Errors
    /// `file_unreadable` when the system has no descriptor left.
    pub(super) fn file(&self) -> Result<File, Failure> {
        self.file.try_clone().map_err(|error| unreadable(system_words(&error)))
    }

    /// Checks, after it was read, that nobody has changed it meanwhile: half a list has wrong prices.
    ///
    /// # Errors
    /// `file_unreadable` when somebody has.
    pub(super) fn check_unchanged(&self) -> Result<(), Failure> {
        let metadata = self.file.metadata().map_err(|error| unreadable(system_words(&error)))?;
        if self.facts.modified.is_none() || Facts::of_metadata(&metadata)? == self.facts {
            return Ok(());
        }
        Err(unreadable("it was changed while it was read"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_list_that_grows_while_it_is_read_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(List::open(file.path()).map(|_| ()).unwrap_err().detail.as_deref(), Some("it is empty"));
        file.write_all(b"sku,price\n").unwrap();
        let list = List::open(file.path()).unwrap();
        assert_eq!(list.check_unchanged(), Ok(()));
        file.write_all(b"A-1,").unwrap();
        let detail = list.check_unchanged().unwrap_err().detail.unwrap();
        assert_eq!(detail, "it was changed while it was read");
    }

    #[test]
    fn a_file_of_the_future_is_new() {
        let modified = SystemTime::now().checked_add(Duration::from_hours(1));
        let facts = Facts { length: 1, modified };
        assert_eq!(facts.age(), Duration::ZERO);
        assert_eq!(facts.check_age(Some(Duration::from_mins(1))), Ok(()));
    }
}
