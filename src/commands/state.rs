//! The state of a run: opened when somebody first needs it, and given up at the first trouble.
//!
//! Owns what becomes of the store's errors: a warning, and a run that goes on as if nothing were known. Refuses to know
//! what is read and written.

use std::path::{Path, PathBuf};

use crate::domain::{Warning, WarningKind, cause_words};
use crate::store::{self, Opened, Store, StoreError};

/// The state of a run.
pub(super) struct State {
    /// Where it is; `None` = there is none, or none any more.
    path: Option<PathBuf>,
    store: Option<Store>,
    warnings: Vec<Warning>,
}

impl State {
    /// A state that is not opened yet; `None` = a run without one.
    pub(super) fn at(path: Option<PathBuf>) -> Self {
        Self { path, store: None, warnings: Vec::new() }
    }

    /// Whether there is one, as far as is known by now.
    pub(super) const fn is_there(&self) -> bool {
        self.path.is_some()
    }

    /// Reads or writes. `None` when the run has no state, or loses it here: then there is a warning.
    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T, StoreError>) -> Option<T> {
        let path = self.path.clone()?;
        let done = match &mut self.store {
            Some(store) => work(store),
            None => self.open(&path).and_then(work),
        };
        done.map_err(|error| self.give_up(&path, &error)).ok()
    }

    /// What deserves attention since the last call.
    pub(super) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    fn open(&mut self, path: &Path) -> Result<&mut Store, StoreError> {
        let Opened { store, set_aside } = Store::open(path)?;
        if let Some(kept) = set_aside {
            self.warn_of_damage(path, Some(&kept));
        }
        Ok(self.store.insert(store))
    }

    fn give_up(&mut self, path: &Path, error: &StoreError) {
        self.path = None;
        self.store = None;
        // Damage that did not show when the file was opened. The next run finds none.
        if error.is_damage()
            && let Ok(kept) = store::set_aside(path)
        {
            return self.warn_of_damage(path, kept.as_deref());
        }
        let kind = WarningKind::StateUnusable { path: path.display().to_string(), reason: cause_words(error) };
        self.warnings.push(Warning { kind, supplier: None });
    }

    fn warn_of_damage(&mut self, path: &Path, kept: Option<&Path>) {
        let kept = kept.map(|kept| kept.display().to_string());
        let kind = WarningKind::StateDamaged { path: path.display().to_string(), kept };
        self.warnings.push(Warning { kind, supplier: None });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::Timestamp;

    use super::*;

    fn touch(state: &mut State) -> bool {
        state.with(|store| store.claim(Timestamp::UNIX_EPOCH, |_| Ok(()))).is_some()
    }

    #[test]
    fn nothing_is_opened_before_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let mut state = State::at(Some(path.clone()));
        assert!(!path.exists());
        assert!(touch(&mut state) && touch(&mut state) && path.exists());
        assert_eq!(state.take_warnings(), []);
    }

    #[test]
    fn a_run_without_a_state_needs_no_warning() {
        let mut state = State::at(None);
        assert!(!touch(&mut state));
        assert_eq!(state.take_warnings(), []);
    }

    #[test]
    fn trouble_ends_in_one_warning() {
        let mut state = State::at(Some(PathBuf::from("/dev/null")));
        assert!(!touch(&mut state) && !touch(&mut state));
        let kind = WarningKind::StateUnusable { path: "/dev/null".to_owned(), reason: "it is no file".to_owned() };
        assert_eq!(state.take_warnings(), [Warning { kind, supplier: None }]);
        assert_eq!(state.take_warnings(), []);
    }

    #[test]
    fn damage_is_kept_aside_whenever_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let kept = |number| Some(format!("{}.corrupt-{number}", path.display()));
        let damaged = |number| {
            let kind = WarningKind::StateDamaged { path: path.display().to_string(), kept: kept(number) };
            vec![Warning { kind, supplier: None }]
        };
        fs::write(&path, "garbage").unwrap();
        let mut state = State::at(Some(path.clone()));
        assert!(touch(&mut state), "the run goes on with a new one");
        assert_eq!(state.take_warnings(), damaged(1));
        assert!(state.with(|_| Err::<(), _>(StoreError::Damaged)).is_none());
        assert_eq!(state.take_warnings(), damaged(2));
        assert!(!touch(&mut state) && !path.exists());
    }
}
