//! The other end of a quote request: suppliers that answer from their configuration.
//!
//! Owns what a mock does with a request (`behaviour`: pure, the clock is passed in), the HTTP listener that does
//! it on real sockets ([`Listener`], or [`Embedded`] inside the asking process), and the listeners on brokers (`worker`).
//! Refuses to know the asking side, how its replies are compared, and where log lines go: the caller gets a [`Served`] for
//! each request over HTTP.

mod answer;
mod behaviour;
mod draw;
mod embedded;
mod http;
mod question;
mod served;
mod service;
mod tally;
#[cfg(any(feature = "amqp", feature = "kafka"))]
pub mod worker;

pub use embedded::Embedded;
pub use http::{ListenError, Listener};
pub use question::Question;
pub use served::{Outcome, Served};

#[cfg(test)]
mod tests;
