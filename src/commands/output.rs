//! Where results go: standard output, or a file that is complete or not there.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The exit code of a run whose result could not be written.
pub(super) const EXIT_CODE: u8 = 5;

/// A result that could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Standard output is full or broken. A closed pipe is neither.
    #[error("the result could not be written to standard output")]
    Stdout(#[source] io::Error),
    /// The user's filter fails on the result.
    #[error("`--jq`: {0}")]
    Filter(String),
    /// The file could not be written.
    #[error("the result could not be written to `{}`", path.display())]
    File {
        /// The file, as the user named it.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes to standard output. A reader that has closed the pipe has read enough: that is no error.
///
/// # Errors
/// When the output is full or broken.
pub(super) fn to_stdout(text: &str) -> Result<(), WriteError> {
    add_to_stdout(text).map(|_| ())
}

/// Who reads standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody, as far as is known.
    There,
    /// Nobody any more.
    Gone,
}

/// Writes a part of what goes to standard output, and says whether more is of any use.
///
/// # Errors
/// When the output is full or broken.
pub(super) fn add_to_stdout(text: &str) -> Result<Reader, WriteError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(WriteError::Stdout(error)),
    }
}

/// Writes to standard error. If that fails, there is nobody left to tell.
pub(super) fn to_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to a file, atomically: readers see the old content or the new one. A device or a pipe is written to
/// as it is, and a link keeps being one.
///
/// # Errors
/// When the file cannot be written; what stood there still stands then.
pub(super) fn to_file(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| end_of_link(path));
    let is_special = fs::metadata(&target).is_ok_and(|found| !found.is_file());
    let written = if is_special { fs::write(&target, content) } else { replace(&target, content) };
    written.map_err(|source| WriteError::File { path: path.to_path_buf(), source })
}

/// What became of a file that must be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewFile {
    /// It is there now, complete.
    Written,
    /// There was something already, which stays as it is.
    InTheWay,
}

/// Writes a file that is not there yet, atomically, for its owner alone: it may come to hold secrets. `shown` is how the
/// user would name it.
///
/// # Errors
/// When it cannot be written.
pub(super) fn to_new_file(path: &Path, shown: &Path, text: &str) -> Result<NewFile, WriteError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let open = |path: &Path| fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = tempfile::Builder::new().prefix(".pricecmp-").make_in(folder, open).and_then(|mut file| {
        file.as_file_mut().write_all(text.as_bytes())?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(NewFile::Written),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(NewFile::InTheWay),
            Err(error) => Err(error.error),
        }
    });
    written.map_err(|source| WriteError::File { path: shown.to_path_buf(), source })
}

/// Where a link leads whose target is not there yet.
fn end_of_link(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_path_buf(),
    }
}

fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Opened and written to without the crate's help, which adds the temporary name to every error. A new file gets
    // what the user's mask leaves of this mode.
    let open = |path: &Path| fs::OpenOptions::new().write(true).create_new(true).mode(0o666).open(path);
    let mut file = tempfile::Builder::new().prefix(".pricecmp-").make_in(folder, open)?;
    file.as_file_mut().write_all(content)?;
    if let Ok(old) = fs::metadata(target) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        to_file(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        to_file(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        to_file(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_file(&file).unwrap();
        to_file(&link, b"newer").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "newer");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_device_is_written_to_and_stays() {
        to_file(Path::new("/dev/null"), b"text").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = to_file(Path::new("no/such/folder/file"), b"text").unwrap_err();
        assert_eq!(error.to_string(), "the result could not be written to `no/such/folder/file`");
        let cause = std::error::Error::source(&error).unwrap();
        assert_eq!(cause.to_string(), "No such file or directory (os error 2)");
    }
}
