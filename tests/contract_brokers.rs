//! The contract of every transport, on those that need a broker. `tests/contract` has the contract, and the others.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "contract/suite.rs"]
#[macro_use]
mod suite;
mod support;

#[path = "contract/kafka.rs"]
mod kafka;
#[path = "contract/rabbitmq.rs"]
mod rabbitmq;
