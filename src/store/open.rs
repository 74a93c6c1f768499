//! Opening the file: its folder, its mode, and what SQLite is told.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::aside::{set_aside, with_suffix};
use super::{Store, StoreError, format, log, wait};

/// A store that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Where the file is that was damaged and made way for it, if there was one.
    pub set_aside: Option<PathBuf>,
}

pub(super) fn open(path: &Path) -> Result<Opened, StoreError> {
    match connect(path) {
        Err(error) if error.is_damage() => {
            let set_aside = set_aside(path)?;
            Ok(Opened { store: connect(path)?, set_aside })
        }
        connected => Ok(Opened { store: connected?, set_aside: None }),
    }
}

fn connect(path: &Path) -> Result<Store, StoreError> {
    make(path)?;
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    wait::at_most(&mut connection, wait::SHORT)?;
    log::leave_alone(&connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    format::bring_up(&mut connection, format::STEPS)?;
    log::begin(&connection);
    Ok(Store { connection })
}

/// Makes the file, for its owner alone, with the folders that lead to it. SQLite gives its other files the same mode.
fn make(path: &Path) -> Result<(), StoreError> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return create(path),
        found => found.map_err(StoreError::Folder)?,
    };
    if !found.is_file() {
        return Err(StoreError::NoFile);
    }
    if found.permissions().mode() & 0o077 != 0 {
        for suffix in ["", "-wal", "-shm"] {
            // Some are not there, and the file of somebody else keeps its mode.
            let _ = fs::set_permissions(with_suffix(path, suffix), Permissions::from_mode(0o600));
        }
    }
    Ok(())
}

/// Makes the file where nobody sees it and puts it into its place when it is complete, so that no other process is in the
/// way while it is made. One that was faster is right.
fn create(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(StoreError::Folder)?;
    let file = tempfile::Builder::new().prefix(".state-").tempfile_in(folder).map_err(StoreError::Folder)?;
    let mut connection = Connection::open(file.path())?;
    // Who loses power now has lost nothing.
    connection.pragma_update(None, "synchronous", "OFF")?;
    format::bring_up(&mut connection, format::STEPS)?;
    log::begin(&connection);
    connection.close().map_err(|(_, error)| error)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(StoreError::Folder(error.error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixtures::{DAY, moment};
    use super::super::{LookupKey, StoreError};
    use super::*;
    use crate::domain::SupplierName;

    /// A place for a file, in a folder that is not there yet.
    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/pricecmp/state.db");
        (folder, path)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn put(store: &mut Store, question: &str) {
        let acme = SupplierName::new("acme");
        let key = LookupKey { supplier: &acme, origin: "", question };
        store.record(moment(1), |changes| changes.put_lookup(key, &["A-1".to_owned()])).unwrap();
    }

    fn knows(store: &Store, question: &str) -> bool {
        let acme = SupplierName::new("acme");
        store.lookup(LookupKey { supplier: &acme, origin: "", question }, DAY, moment(2)).unwrap().is_some()
    }

    fn refusal(path: &Path) -> String {
        Store::open(path).unwrap_err().to_string()
    }

    #[test]
    fn what_is_missing_is_made_for_its_owner_alone() {
        let (folder, path) = place();
        let mut opened = Store::open(&path).unwrap();
        put(&mut opened.store, "widget");
        assert_eq!(opened.set_aside, None);
        for suffix in ["", "-wal", "-shm"] {
            assert_eq!(mode(&with_suffix(&path, suffix)), 0o600, "{suffix}");
        }
        assert_eq!([mode(&folder.path().join("state")), mode(path.parent().unwrap())], [0o700; 2]);
        drop(opened);
        assert!(knows(&Store::open(&path).unwrap().store, "widget"));
    }

    #[test]
    fn a_file_that_others_could_read_is_closed_to_them() {
        let (_folder, path) = place();
        put(&mut Store::open(&path).unwrap().store, "widget");
        for suffix in ["", "-wal", "-shm"] {
            fs::set_permissions(with_suffix(&path, suffix), Permissions::from_mode(0o644)).unwrap();
        }
        assert!(knows(&Store::open(&path).unwrap().store, "widget"));
        assert_eq!(["", "-wal", "-shm"].map(|suffix| mode(&with_suffix(&path, suffix))), [0o600; 3]);
    }

    #[test]
    fn the_file_logs_ahead_and_is_not_tidied_up_at_the_end() {
        let (_folder, path) = place();
        let mut store = Store::open(&path).unwrap().store;
        let mode: String = store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        put(&mut store, "widget");
        drop(store);
        assert!(fs::metadata(with_suffix(&path, "-wal")).unwrap().len() > 0);
    }

    #[test]
    fn an_empty_file_is_a_new_one() {
        let (_folder, path) = place();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        put(&mut Store::open(&path).unwrap().store, "widget");
        assert!(knows(&Store::open(&path).unwrap().store, "widget"));
    }

    #[test]
    fn garbage_makes_way_and_is_kept() {
        let (_folder, path) = place();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let page = [&b"SQLite format 3\0"[..], &[0xA5; 5000]].concat();
        for (number, garbage) in [b"xy".to_vec(), b"garbage ".repeat(2000), page].into_iter().enumerate() {
            fs::write(&path, &garbage).unwrap();
            let mut opened = Store::open(&path).unwrap();
            let kept = opened.set_aside.unwrap();
            assert_eq!(kept, with_suffix(&path, &format!(".corrupt-{}", number + 1)));
            assert_eq!(fs::read(&kept).unwrap(), garbage);
            put(&mut opened.store, "widget");
            assert!(knows(&opened.store, "widget"));
            drop(opened.store);
            fs::remove_file(with_suffix(&path, "-wal")).unwrap();
            fs::remove_file(with_suffix(&path, "-shm")).unwrap();
        }
    }

    #[test]
    fn the_log_of_a_damaged_file_goes_with_it() {
        let (_folder, path) = place();
        put(&mut Store::open(&path).unwrap().store, "widget");
        let log = fs::read(with_suffix(&path, "-wal")).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "garbage").unwrap();
        let opened = Store::open(&path).unwrap();
        assert!(!knows(&opened.store, "widget"));
        assert_eq!(fs::read(with_suffix(&opened.set_aside.unwrap(), "-wal")).unwrap(), log);
    }

    #[test]
    fn damage_that_shows_later_can_be_set_aside() {
        let (_folder, path) = place();
        let mut store = Store::open(&path).unwrap().store;
        (0..500).for_each(|number| put(&mut store, &format!("{number}")));
        store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(store);
        // The definitions are on the first page.
        let mut bytes = fs::read(&path).unwrap();
        bytes[4096..].fill(0xA5);
        fs::write(&path, bytes).unwrap();
        let store = Store::open(&path).unwrap().store;
        let acme = SupplierName::new("acme");
        let key = LookupKey { supplier: &acme, origin: "", question: "1" };
        assert!(store.lookup(key, DAY, moment(2)).unwrap_err().is_damage());
        drop(store);
        assert_eq!(super::super::set_aside(&path).unwrap(), Some(with_suffix(&path, ".corrupt-1")));
        assert_eq!(super::super::set_aside(&path).unwrap(), None);
        assert!(!knows(&Store::open(&path).unwrap().store, "1"));
    }

    #[test]
    fn what_is_not_ours_is_left_as_it_is() {
        let (folder, path) = place();
        put(&mut Store::open(&path).unwrap().store, "widget");
        let later = Connection::open(&path).unwrap();
        later.pragma_update(None, "user_version", 1000).unwrap();
        assert!(refusal(&path).starts_with("it was made by a later version: it has format 1000, "));
        later.pragma_update(None, "user_version", 1).unwrap();
        later.pragma_update(None, "application_id", 77).unwrap();
        assert_eq!(refusal(&path), "it belongs to another program");
        assert_eq!(refusal(folder.path()), "it is no file");
        assert_eq!(refusal(Path::new("/dev/null")), "it is no file");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 3, "nothing was moved");
    }

    #[test]
    fn a_place_that_cannot_be_made_is_told() {
        let (_folder, path) = place();
        fs::create_dir_all(path.parent().unwrap().parent().unwrap()).unwrap();
        fs::write(path.parent().unwrap(), "a file where the folder belongs").unwrap();
        let error = Store::open(&path).unwrap_err();
        assert_eq!(crate::domain::cause_words(&error), "its folder cannot be used: not a directory");
        assert!(matches!(error, StoreError::Folder(_)));
    }

    #[test]
    fn a_file_that_another_process_holds_is_given_up() {
        let (_folder, path) = place();
        let mut store = Store::open(&path).unwrap().store;
        put(&mut store, "widget");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(knows(&store, "widget"), "reading waits for nobody");
        let claimed = store.claim(moment(2), |_| Ok(()));
        assert_eq!(claimed.unwrap_err().to_string(), "other processes hold it");
        other.execute_batch("ROLLBACK").unwrap();
        store.claim(moment(2), |_| Ok(())).unwrap();
    }
}
