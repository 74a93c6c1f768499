//! What the engine tells while it works.

use super::SupplierReport;

/// Something that happened in a run. Suppliers are indices into the plan's list.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A supplier is being asked.
    Asked {
        /// Which.
        supplier: usize,
    },
    /// A supplier is done, one way or another.
    Done {
        /// Which.
        supplier: usize,
        /// What it did.
        report: &'a SupplierReport,
    },
}
