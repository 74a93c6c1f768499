//! What the engine tells while it works.

use std::time::Duration;

use super::{Failure, SupplierReport};

/// Something that happened in a run. Suppliers are indices into the plan's list.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A supplier is being asked.
    Asked {
        /// Which.
        supplier: usize,
    },
    /// A supplier failed, and will be asked again.
    Retrying {
        /// Which.
        supplier: usize,
        /// How often it was asked so far.
        attempts: u32,
        /// Why it failed.
        failure: &'a Failure,
        /// How long it is left alone before.
        pause: Duration,
    },
    /// A supplier was slow, and was asked a second time beside the first.
    Hedged {
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
