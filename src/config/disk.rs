//! Files that the configuration names. A pipe or a device is not even opened: it might never say anything, or never end.
//!
//! Refuses to know what is in them. Main function: [`read`].

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::Path;

use crate::domain::system_words;

/// Reads a regular file of at most so many bytes, with what is known of it.
///
/// # Errors
/// Why it cannot be read, in words; `beyond` when it is longer.
pub(super) fn read(path: &Path, limit: u64, beyond: &str) -> Result<(Vec<u8>, Metadata), String> {
    let metadata = fs::metadata(path).map_err(|error| system_words(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(|error| system_words(&error))?;
    if bytes.len() as u64 > limit {
        return Err(beyond.to_owned());
    }
    Ok((bytes, metadata))
}
