//! `pricecmp` asks every supplier at once what a product costs, waits no longer than it was told to, and says
//! which offer is cheapest, which arrives first, what every supplier did, and why each rejected offer was
//! rejected.
//!
//! The pipeline, one way and never back:
//!
//! ```text
//! argv ─► cli ─► config ─► plan ─► gather ─► compare ─► report ─► stdout
//!                                  │  ▲
//!                                  ▼  │
//!                                transport          store: what earlier runs learned
//!                                  ▲
//!                 respond: mock suppliers, the other end
//! ```
//!
//! A basket asks about every line of an `order_file`.
//!
//! `commands` holds one composition root a subcommand; `domain` is the language that all of them speak.

pub mod cli;
pub mod commands;
pub mod compare;
pub mod config;
pub mod domain;
pub mod gather;
pub mod mapping;
pub mod order_file;
pub mod plan;
pub mod propose;
pub mod report;
pub mod respond;
pub mod store;
pub mod transport;
