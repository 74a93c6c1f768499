//! What suppliers call products, remembered between runs.
//!
//! Owns what a lookup is remembered by. Refuses to know where it is kept. Main type: [`LookupMemory`].

use std::fmt;
use std::time::Duration;

use crate::domain::SupplierName;

/// What was looked up where. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupKey {
    /// The supplier.
    pub supplier: SupplierName,
    /// Scheme, host and port of where it was asked.
    pub origin: String,
    /// Everything that the reply depends on: the request, and what ids are made of.
    pub question: String,
}

/// Remembers ids that led to offers. It may be slow, so it is never called on an event loop.
pub trait LookupMemory: fmt::Debug + Send + Sync {
    /// What is remembered and is not older than `max_age`.
    fn recall(&self, key: &LookupKey, max_age: Duration) -> Option<Vec<String>>;

    /// Remembers ids, in place of what was remembered. It may become true later.
    fn keep(&self, key: LookupKey, ids: Vec<String>);

    /// Forgets ids that led to nothing. It may become true later.
    fn forget(&self, key: LookupKey);
}
