//! What stored facts about a supplier belong to.

use crate::domain::SupplierName;

/// A supplier where it was reached: at another place it starts afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplierKey<'a> {
    /// The supplier.
    pub supplier: &'a SupplierName,
    /// Scheme, host and port, or what else tells its place. It is stored as it is and must hold no secret.
    pub origin: &'a str,
}
