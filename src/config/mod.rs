//! The configuration: as written, as resolved, and its errors.

pub mod mock;
