//! Files that the configuration names. A pipe or a device is not even opened: it might never say anything, or never end.
//!
//! Refuses to know what is in them. Main functions: [`read`] and [`check`].

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::Path;

use crate::domain::system_words;

/// Reads a regular file of at most so many bytes, with what is known of it.
///
/// # Errors
/// Why it cannot be read, in words; `beyond` when it is longer.
pub(super) fn read(path: &Path, limit: u64, beyond: &str) -> Result<(Vec<u8>, Metadata), String> {
    let (file, metadata) = open(path)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| system_words(&error))?;
    if bytes.len() as u64 > limit {
        return Err(beyond.to_owned());
    }
    Ok((bytes, metadata))
}

/// Checks that a regular file can be opened, however long it is.
///
/// # Errors
/// Why not, in words.
pub(super) fn check(path: &Path) -> Result<(), String> {
    open(path).map(drop)
}

fn open(path: &Path) -> Result<(File, Metadata), String> {
    let metadata = fs::metadata(path).map_err(|error| system_words(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    Ok((File::open(path).map_err(|error| system_words(&error))?, metadata))
}
