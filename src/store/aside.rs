//! Moving a damaged file out of the way.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::StoreError;

/// Moves a damaged file out of the way, to `….corrupt-1` or the next number that is free, with what SQLite keeps beside
/// it. Returns where it is now; `None` when another process was faster.
///
/// # Errors
/// When it cannot be moved.
pub fn set_aside(path: &Path) -> Result<Option<PathBuf>, StoreError> {
    move_away(path).map_err(StoreError::Folder)
}

fn move_away(path: &Path) -> io::Result<Option<PathBuf>> {
    let damaged = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    // Others may see the same damage now. One of them moves the file, and none a new file that took its place.
    if damaged.try_lock().is_err() || !is_at(&damaged, path)? {
        return Ok(None);
    }
    let mut names = (1_u32..).map(|number| with_suffix(path, &format!(".corrupt-{number}")));
    let Some(kept) = names.find(|name| fs::symlink_metadata(name).is_err()) else { return Ok(None) };
    for suffix in ["-wal", "-shm"] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &kept)?;
    Ok(Some(kept))
}

/// Whether a path still leads to a file.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let file = file.metadata()?;
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        found => found.map(|found| (found.dev(), found.ino()) == (file.dev(), file.ino())),
    }
}

/// The path with something behind its last name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
