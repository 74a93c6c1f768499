//! The contract of every transport, on those that need no broker. `tests/contract_brokers.rs` has the others.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[macro_use]
mod suite;
#[path = "../support/mod.rs"]
mod support;

mod http;
mod price_list;
