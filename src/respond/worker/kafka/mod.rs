//! The listener on a topic of Kafka, as a member of a consumer group.
//!
//! Owns when a request counts as done: after the broker has the reply. Refuses to know how a client is set up: a door does
//! that. Main type: [`KafkaWorker`].
//!
//! ```text
//! door ─► reader: group, partitions ─► request ─► task ─► writer: reply, acknowledged ─► offsets
//! ```

mod member;
mod offsets;
mod reader;
mod request;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::member::Member;
use self::reader::{Coming, Reader};
use self::request::Request;
use self::writer::Writer;
use super::task::{LONGEST, Verdict, work};
use super::{Answerer, Ending, GRACE, OnEvent, Progress, WorkerEvent};
use crate::domain::{ErrorKind, Failure};

/// How long leaving the group may take.
const LEAVING: Duration = Duration::from_secs(3);

/// Sets clients up for the brokers.
pub trait KafkaDoor: Send + Sync {
    /// The settings of a client; the user's go before `own`.
    fn config(&self, own: &[(&str, &str)]) -> ClientConfig;

    /// What an error of a client means.
    fn explain(&self, error: &KafkaError) -> Failure;
}

/// Answers what comes to a topic.
pub struct KafkaWorker {
    /// Where the brokers are.
    pub door: Arc<dyn KafkaDoor>,
    /// The topic.
    pub topic: String,
    /// The consumer group: its members share the topic's partitions.
    pub group: String,
    /// How many requests are worked on at a time, 1 or more, whatever their partition.
    pub concurrency: u16,
    /// Who answers.
    pub answerer: Arc<dyn Answerer>,
    /// Where requests are counted.
    pub progress: Progress,
    /// Who hears of what happens.
    pub on_event: OnEvent,
}

impl KafkaWorker {
    /// Answers until `stop` is over, then finishes what it holds, for ten seconds at most; the rest is read by others of the
    /// group. A broker that is away is waited for. Returns how many requests were left.
    ///
    /// # Errors
    /// When the broker refuses at the start: access, the topic, or its certificate.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<usize, Failure> {
        let no_thread = |error: std::io::Error| Failure::new(ErrorKind::LocalResource).with_detail(error.to_string());
        let worker = Arc::new(self);
        let writer = Arc::new(Writer::new(&worker)?);
        let places = Arc::new(Semaphore::new(worker.concurrency.into()));
        let (reader, mut coming) = Reader::start(Arc::clone(&worker), Arc::clone(&places)).map_err(no_thread)?;
        let mut stop = std::pin::pin!(stop);
        let mut working = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = working.join_next(), if !working.is_empty() => {}
                next = coming.recv() => match next {
                    Some(Coming::Request(request, place)) => {
                        let duty = Duty { worker: Arc::clone(&worker), writer: Arc::clone(&writer), place };
                        working.spawn(duty.handle(Arc::clone(&reader.member), *request));
                    }
                    Some(Coming::Ready) => (worker.on_event)(&WorkerEvent::Ready),
                    Some(Coming::Lost(failure, pause)) => {
                        (worker.on_event)(&WorkerEvent::Lost { failure: &failure, pause });
                    }
                    Some(Coming::Refused(failure)) => return Err(failure),
                    None => return Err(Failure::new(ErrorKind::Internal).with_detail("the topic is not read any more")),
                },
            }
        }
        reader.stop();
        places.close();
        let until = Instant::now() + GRACE;
        while let Ok(Some(_)) = tokio::time::timeout_at(until, working.join_next()).await {}
        let left = working.len();
        // It blocks, and nobody waits for a broker that is away.
        let leaving = tokio::task::spawn_blocking(move || reader.member.leave());
        let _ = tokio::time::timeout(LEAVING, leaving).await;
        Ok(left)
    }
}

/// What is needed to answer one request.
struct Duty {
    worker: Arc<KafkaWorker>,
    writer: Arc<Writer>,
    /// It is free again when the request is done.
    place: OwnedSemaphorePermit,
}

impl Duty {
    /// Answers one request, and notes it as done once the broker has the reply.
    async fn handle(self, member: Arc<Member>, request: Request) {
        let Self { worker, writer, place } = self;
        let (came, in_flight) = (Instant::now(), worker.progress.begin());
        let Request { place: at, task, address } = request;
        let (asked, ending) = match address {
            None => (None, Ending::Unwanted),
            Some(address) => {
                let until = task.deadline.or_else(|| Timestamp::now().checked_add(LONGEST).ok());
                let Verdict { request, reply, ending } = work(Arc::clone(&worker.answerer), task).await;
                let ending = match reply {
                    None => ending,
                    Some(body) => writer.send(&address, body, ending, until.unwrap_or(Timestamp::MAX)).await,
                };
                (request, ending)
            }
        };
        member.end(at);
        drop(place);
        in_flight.end(ending);
        (worker.on_event)(&WorkerEvent::Done { request: asked.as_ref(), ending, took: came.elapsed() });
    }
}
