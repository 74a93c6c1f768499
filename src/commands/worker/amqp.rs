//! The worker of a supplier on RabbitMQ.

use std::sync::Arc;

use crate::config::{AmqpEndpoint, Supplier};
use crate::domain::{AmqpTarget, Failure, cause_words};
use crate::respond::worker::{AmqpConnecting, AmqpDoor, AmqpWorker};
use crate::transport::amqp::AmqpAccess;

use super::super::endpoints;
use super::super::error::Failed;
use super::Parts;

/// Opens connections to the supplier's broker.
struct Door(AmqpAccess);

impl AmqpDoor for Door {
    fn open(&self) -> AmqpConnecting<'_> {
        Box::pin(self.0.open())
    }

    fn explain(&self, error: &lapin::Error) -> Failure {
        AmqpAccess::explain(error)
    }
}

/// Makes the worker. Nothing is sent.
///
/// # Errors
/// When a file of certificates cannot be used.
pub(super) fn worker(supplier: &Supplier, endpoint: &AmqpEndpoint, parts: Parts<'_>) -> Result<AmqpWorker, Failed> {
    let Parts { arguments, concurrency, answerer, shift } = parts;
    let (address, tls) = endpoints::amqp_address(endpoint);
    let access = AmqpAccess::new(address, tls.as_ref())
        .map_err(|problem| Failed::Supplier(format!("supplier `{}`: {}", supplier.name, cause_words(&problem))))?;
    let queue = match &endpoint.target {
        AmqpTarget::Queue(name) | AmqpTarget::Exchange { name, .. } => name.clone(),
    };
    Ok(AmqpWorker {
        door: Arc::new(Door(access)),
        queue,
        declare: arguments.declare,
        concurrency,
        answerer,
        progress: shift.progress.clone(),
        on_event: shift.on_event(),
    })
}
