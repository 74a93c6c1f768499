//! One connection, from the queue's first request to the last one that is finished.
//!
//! Owns what is taken from the queue, and when it is acknowledged: after the broker has the reply, so that a worker that
//! is killed before leaves the request to another. Main type: [`Session`].

use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, Consumer};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::AmqpWorker;
use super::publisher::Publisher;
use super::request::{self, Address};
use crate::domain::{ErrorKind, Failure};
use crate::respond::worker::task::{Task, Verdict, work};
use crate::respond::worker::{Ending, GRACE, WorkerEvent};

/// How AMQP is told that all is well.
const REPLY_SUCCESS: u16 = 200;

/// A connection on which requests come.
pub(super) struct Session {
    connection: Arc<Connection>,
    channel: Channel,
    consumer: Consumer,
    publisher: Arc<Publisher>,
}

/// Why a session ended.
pub(super) enum End {
    /// It was to stop; so many requests were left.
    Stopped { left: usize },
    /// The connection, or the queue, is gone.
    Lost(Failure),
}

/// Requests that are being worked on, each until it is acknowledged.
type Working = JoinSet<Result<(), Failure>>;

impl Session {
    /// Connects, finds the queue and begins to take requests from it.
    ///
    /// # Errors
    /// Those of connecting; `broker_unroutable` when there is no queue, `broker_auth` when it is not ours to read.
    pub(super) async fn open(worker: &AmqpWorker) -> Result<Self, Failure> {
        let failed = |error: lapin::Error| worker.door.explain(&error);
        let connection = Arc::new(worker.door.open().await?);
        find(worker, &connection).await?;
        let channel = connection.create_channel().await.map_err(failed)?;
        let publisher = Publisher::open(Arc::clone(&connection), Arc::clone(&worker.door)).await?;
        channel.basic_qos(worker.concurrency, BasicQosOptions::default()).await.map_err(failed)?;
        let (queue, options) = (short(&worker.queue)?, BasicConsumeOptions::default());
        let consumer = channel.basic_consume(queue, "".into(), options, FieldTable::default()).await.map_err(failed)?;
        Ok(Self { connection, channel, consumer, publisher: Arc::new(publisher) })
    }

    /// Answers until it is to stop, or the connection is lost.
    pub(super) async fn serve(
        mut self,
        worker: &Arc<AmqpWorker>,
        mut stop: Pin<&mut (impl Future<Output = ()> + ?Sized)>,
    ) -> End {
        let mut working = Working::new();
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return self.finish(working).await,
                Some(done) = working.join_next(), if !working.is_empty() => {
                    if let Err(failure) = judge(done) {
                        return End::Lost(failure);
                    }
                }
                coming = next(&mut self.consumer) => match coming {
                    Some(Ok(delivery)) => {
                        working.spawn(handle(Arc::clone(worker), Arc::clone(&self.publisher), delivery));
                    }
                    Some(Err(error)) => return End::Lost(worker.door.explain(&error)),
                    None => return End::Lost(self.why_ended(&worker.queue)),
                },
            }
        }
    }

    /// Takes no further request, and finishes those that are being worked on. What else came already goes back to the
    /// queue when the channel closes.
    async fn finish(self, mut working: Working) -> End {
        let until = Instant::now() + GRACE;
        let options = BasicCancelOptions::default();
        // What cannot be cancelled is lost, and ends below.
        let _ = tokio::time::timeout_at(until, self.channel.basic_cancel(self.consumer.tag(), options)).await;
        while let Ok(Some(done)) = tokio::time::timeout_at(until, working.join_next()).await {
            if judge(done).is_err() {
                break;
            }
        }
        let left = working.len();
        let closing = self.connection.close(REPLY_SUCCESS, "".into());
        // The broker notices either way.
        let _ = tokio::time::timeout(GRACE / 10, closing).await;
        End::Stopped { left }
    }

    fn why_ended(&self, queue: &str) -> Failure {
        if self.connection.status().connected() {
            return Failure::new(ErrorKind::BrokerUnroutable).with_detail(format!("queue `{queue}` was deleted"));
        }
        Failure::new(ErrorKind::BrokerUnreachable).with_detail("the connection was lost")
    }
}

/// Makes sure that the queue is there. It is looked for before it is made: to make one that is there in another way is an
/// error. The channel that is used for it breaks when there is none.
async fn find(worker: &AmqpWorker, connection: &Connection) -> Result<(), Failure> {
    let failed = |error: lapin::Error| worker.door.explain(&error);
    let declare = async |options| {
        let channel = connection.create_channel().await.map_err(failed)?;
        let declared = channel.queue_declare(short(&worker.queue)?, options, FieldTable::default()).await;
        declared.map(drop).map_err(failed)
    };
    let found = declare(QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() }).await;
    let is_missing = found.as_ref().is_err_and(|failure| failure.kind == ErrorKind::BrokerUnroutable);
    match (is_missing, worker.declare) {
        (true, true) => declare(QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() }).await,
        _ => found,
    }
}

/// Answers one request, and acknowledges it once the broker has the reply.
///
/// # Errors
/// When the connection is lost. The broker then gives the request to another worker.
async fn handle(worker: Arc<AmqpWorker>, publisher: Arc<Publisher>, mut delivery: Delivery) -> Result<(), Failure> {
    let (came, in_flight) = (Instant::now(), worker.progress.begin());
    let (task, address) = request::read(&mut delivery);
    let (request, ending) = match address {
        None => (None, Ending::Unwanted),
        Some(address) => answer(&worker, &publisher, task, &address).await?,
    };
    delivery.ack(BasicAckOptions::default()).await.map_err(|error| worker.door.explain(&error))?;
    in_flight.end(ending);
    (worker.on_event)(&WorkerEvent::Done { request: request.as_ref(), ending, took: came.elapsed() });
    Ok(())
}

async fn answer(
    worker: &AmqpWorker,
    publisher: &Publisher,
    task: Task,
    address: &Address,
) -> Result<(Option<crate::domain::PriceRequest>, Ending), Failure> {
    let Verdict { request, reply, ending } = work(Arc::clone(&worker.answerer), task).await;
    let ending = match reply {
        None => ending,
        Some(body) => publisher.send(address, &body, ending).await?,
    };
    Ok((request, ending))
}

async fn next(consumer: &mut Consumer) -> Option<lapin::Result<Delivery>> {
    std::future::poll_fn(|context| Pin::new(&mut *consumer).poll_next(context)).await
}

fn judge(done: Result<Result<(), Failure>, JoinError>) -> Result<(), Failure> {
    let defect = |_| Failure::new(ErrorKind::Internal).with_detail("a request was lost");
    done.map_err(defect)?
}

/// A name that AMQP can carry.
fn short(name: &str) -> Result<ShortString, Failure> {
    let too_long = |_| Failure::new(ErrorKind::BrokerUnroutable).with_detail("its name is longer than 255 bytes");
    ShortString::try_new(name).map_err(too_long)
}
