//! `pricecmp worker` where no broker is built in.

use crate::cli::{Flags, Worker};

use super::Surroundings;
use super::error::Failed;

/// Does nothing.
///
/// # Errors
/// Always.
pub(super) fn work(_: &Worker, _: &Flags, _: &Surroundings) -> Result<u8, Failed> {
    let message = "this pricecmp was built without RabbitMQ and Kafka, which workers answer on".to_owned();
    Err(Failed::remark(message, "build it with `cargo install --path . --features amqp,kafka`"))
}
