//! Ids that suppliers gave for products, remembered between runs.
//!
//! What was learned is written when the result is out. The state is read when a supplier first asks for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::Warning;
use crate::store;
use crate::transport::{LookupKey, LookupMemory};

use super::state::State;

/// What is remembered.
pub(super) struct Memory {
    state: Mutex<State>,
    /// What is to be kept, and what is to be forgotten, in the order in which it was learned.
    learned: Mutex<Vec<(LookupKey, Option<Vec<String>>)>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// A memory in this state. It is not opened unless a supplier asks.
    pub(super) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), learned: Mutex::default() }
    }

    /// Remembers in this state from now on.
    pub(super) fn remember_in(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Writes what was learned, and says what deserves attention.
    pub(super) fn write(&self) -> Vec<Warning> {
        let learned = std::mem::take(&mut *self.learned.lock().unwrap_or_else(PoisonError::into_inner));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !learned.is_empty() {
            state.with(|store| {
                store.record(Timestamp::now(), |changes| {
                    learned.iter().try_for_each(|(key, ids)| match ids {
                        Some(ids) => changes.put_lookup(stored(key), ids),
                        None => changes.forget_lookup(stored(key)),
                    })
                })
            });
        }
        state.take_warnings()
    }

    fn learn(&self, key: LookupKey, ids: Option<Vec<String>>) {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner).push((key, ids));
    }
}

impl LookupMemory for Memory {
    fn recall(&self, key: &LookupKey, max_age: Duration) -> Option<Vec<String>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.with(|store| store.lookup(stored(key), max_age, Timestamp::now())).flatten();
        known.map(|lookup| lookup.ids)
    }

    fn keep(&self, key: LookupKey, ids: Vec<String>) {
        self.learn(key, Some(ids));
    }

    fn forget(&self, key: LookupKey) {
        self.learn(key, None);
    }
}

fn stored(key: &LookupKey) -> store::LookupKey<'_> {
    store::LookupKey { supplier: &key.supplier, origin: &key.origin, question: &key.question }
}
