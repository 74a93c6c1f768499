//! The listener on a queue of RabbitMQ.
//!
//! Owns how long a connection is kept, and what is done when it is lost. Refuses to know how one is opened: a door does
//! that. Main type: [`AmqpWorker`].
//!
//! ```text
//! door ─► session: queue, prefetch ─► request ─► task ─► publisher: reply, confirmed ─► acknowledgement
//! ```

mod publisher;
mod request;
mod session;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use lapin::Connection;
use tokio::time::Instant;
use uuid::Uuid;

use self::session::{End, Session};
use super::pause::{self, pause};
use super::{Answerer, OnEvent, Progress, WorkerEvent, is_final};
use crate::domain::{ErrorKind, Failure};

/// How long opening a connection and finding the queue may take.
const OPENING: Duration = Duration::from_secs(10);

/// A connection in the making.
pub type AmqpConnecting<'a> = Pin<Box<dyn Future<Output = Result<Connection, Failure>> + Send + 'a>>;

/// Opens connections to a broker.
pub trait AmqpDoor: Send + Sync {
    /// Opens one.
    ///
    /// # Errors
    /// When there is none to be had.
    fn open(&self) -> AmqpConnecting<'_>;

    /// What an error of a connection means.
    fn explain(&self, error: &lapin::Error) -> Failure;
}

/// Answers what comes to a queue.
pub struct AmqpWorker {
    /// Where the broker is.
    pub door: Arc<dyn AmqpDoor>,
    /// The queue.
    pub queue: String,
    /// Whether the queue is made if it is not there. It outlives the broker, and the worker.
    pub declare: bool,
    /// How many requests are worked on at a time, 1 or more. So many are taken from the queue, and no more.
    pub concurrency: u16,
    /// Who answers.
    pub answerer: Arc<dyn Answerer>,
    /// Where requests are counted.
    pub progress: Progress,
    /// Who hears of what happens.
    pub on_event: OnEvent,
}

impl AmqpWorker {
    /// Answers until `stop` is over, then finishes what it holds, for ten seconds at most; the rest goes back to the
    /// queue. A connection that is lost is opened again. Returns how many requests went back.
    ///
    /// # Errors
    /// When the broker refuses at the start: access, the queue, or its certificate.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<usize, Failure> {
        let worker = Arc::new(self);
        let mut stop = std::pin::pin!(stop);
        let (mut failures, mut was_ready) = (0, false);
        loop {
            let opened = tokio::select! {
                biased;
                () = &mut stop => return Ok(0),
                opened = worker.open() => opened,
            };
            let failure = match opened {
                Err(failure) if !was_ready && is_final(&failure) => return Err(failure),
                Err(failure) => failure,
                Ok(session) => {
                    was_ready = true;
                    (worker.on_event)(&WorkerEvent::Ready);
                    let since = Instant::now();
                    match session.serve(&worker, stop.as_mut()).await {
                        End::Stopped { left } => return Ok(left),
                        End::Lost(failure) => {
                            // Whoever loses each connection at once must not try without end.
                            failures = if since.elapsed() > pause::LONGEST { 0 } else { failures };
                            failure
                        }
                    }
                }
            };
            failures += 1;
            let pause = pause(failures, Uuid::new_v4().as_u64_pair().0);
            (worker.on_event)(&WorkerEvent::Lost { failure: &failure, pause });
            tokio::select! {
                () = &mut stop => return Ok(0),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn open(&self) -> Result<Session, Failure> {
        let late = |_| Failure::new(ErrorKind::BrokerUnreachable).with_detail("it does not answer");
        tokio::time::timeout(OPENING, Session::open(self)).await.map_err(late)?
    }
}
