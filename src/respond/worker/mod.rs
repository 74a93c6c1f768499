//! Workers: quote requests that come over a broker are answered, and acknowledged when the reply is safe.
//!
//! Owns what becomes of a request, whoever answers it and whatever brought it (`task`), and a listener for each broker.
//! A listener refuses to know what answers, an [`Answerer`] refuses to know the protocol. Main types: `AmqpWorker` and
//! `KafkaWorker`, and [`Progress`] for whoever shows what a worker does.
//!
//! ```text
//! broker ─► listener ─► task ─► answerer: a mock, or another supplier
//! ```

#[cfg(feature = "amqp")]
mod amqp;
mod answerer;
#[cfg(feature = "kafka")]
mod kafka;
mod pause;
mod progress;
mod task;

#[cfg(feature = "amqp")]
pub use amqp::{AmqpConnecting, AmqpDoor, AmqpWorker};
pub use answerer::{Answered, Answerer, Answering, MockAnswerer, error_body};
#[cfg(feature = "kafka")]
pub use kafka::{KafkaDoor, KafkaWorker};
pub use progress::{Figures, Progress};
pub use task::{Asked, Ending};

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{ErrorKind, Failure, PriceRequest};

/// How long a worker that was told to stop may take for what it holds. The rest is left to other workers.
pub const GRACE: Duration = Duration::from_secs(10);

/// The header that carries the asking run's id, in any case.
const RUN: &str = "x-correlation-id";

/// What happens to a worker.
#[derive(Debug)]
pub enum WorkerEvent<'a> {
    /// From now on it takes requests.
    Ready,
    /// It has no connection, and tries again after the pause.
    Lost {
        /// Why.
        failure: &'a Failure,
        /// How long it waits.
        pause: Duration,
    },
    /// It is done with a request.
    Done {
        /// What was asked; `None` = nobody could read it.
        request: Option<&'a PriceRequest>,
        /// What became of it.
        ending: Ending,
        /// From its arrival on.
        took: Duration,
    },
}

/// Hears of what happens to a worker.
pub type OnEvent = Box<dyn Fn(&WorkerEvent<'_>) + Send + Sync>;

/// Whether a failure at the start is the user's to put right, so that waiting is of no use.
fn is_final(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        ErrorKind::BrokerAuth | ErrorKind::BrokerUnroutable | ErrorKind::BrokerTopic | ErrorKind::Tls
    )
}

/// The moment that a number of Unix milliseconds means; `None` = none that a calendar has.
fn moment(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
