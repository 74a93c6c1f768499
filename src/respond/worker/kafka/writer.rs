//! Replies on their way back, each acknowledged by the broker.
//!
//! Owns what is done with a reply that does not get through. Main type: [`Writer`].

use std::time::Duration;

use jiff::Timestamp;
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseRecord, DeliveryResult, ProducerContext, ThreadedProducer};
use tokio::sync::oneshot;

use super::KafkaWorker;
use super::request::Address;
use crate::domain::Failure;
use crate::respond::worker::{Ending, error_body};

/// How long the library tries to write a reply. A topic that is gone is known sooner.
const ATTEMPT: &str = "5000";
/// How long a topic that a broker does not know may be on its way there, milliseconds.
const PROPAGATION: &str = "2000";
/// The pause before the next attempt.
const PAUSE: Duration = Duration::from_millis(100);

/// Writes replies.
pub(super) struct Writer(ThreadedProducer<Acknowledgements>);

/// Tells whoever wrote a reply what became of it.
struct Acknowledgements;

impl ClientContext for Acknowledgements {}

impl ProducerContext for Acknowledgements {
    type DeliveryOpaque = Box<oneshot::Sender<KafkaResult<()>>>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Self::DeliveryOpaque) {
        let result = result.as_ref().map(drop).map_err(|(error, _)| error.clone());
        // Whoever wrote it may have been stopped.
        let _ = waiting.send(result);
    }
}

impl Writer {
    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    /// When the client library does not take the settings.
    pub(super) fn new(worker: &KafkaWorker) -> Result<Self, Failure> {
        let mut config = worker.door.config(&[
            ("linger.ms", "0"),
            ("sticky.partitioning.linger.ms", "0"),
            ("message.timeout.ms", ATTEMPT),
            ("topic.metadata.propagation.max.ms", PROPAGATION),
        ]);
        config.set("allow.auto.create.topics", "false");
        config.create_with_context(Acknowledgements).map(Self).map_err(|error| worker.door.explain(&error))
    }

    /// Writes a reply and waits until the broker has it; returns `ending`, or what became of it instead. A broker that is
    /// away is waited for until nobody waits for the reply any more.
    pub(super) async fn send(&self, address: &Address, body: Vec<u8>, ending: Ending, until: Timestamp) -> Ending {
        let (mut body, mut ending) = (body, ending);
        loop {
            let Err(error) = self.write(address, &body).await else { return ending };
            match error.rdkafka_error_code() {
                Some(
                    Code::UnknownTopic
                    | Code::UnknownTopicOrPartition
                    | Code::UnknownPartition
                    | Code::InvalidTopic
                    | Code::TopicAuthorizationFailed,
                ) => return Ending::Unwanted,
                Some(Code::MessageSizeTooLarge | Code::MessageBatchTooLarge) if ending != Ending::Refused => {
                    body = error_body("the reply is too large for its topic");
                    ending = Ending::Refused;
                }
                Some(Code::MessageSizeTooLarge | Code::MessageBatchTooLarge) => return Ending::Undelivered,
                _ if Timestamp::now() < until => tokio::time::sleep(PAUSE).await,
                _ => return Ending::Undelivered,
            }
        }
    }

    async fn write(&self, address: &Address, body: &[u8]) -> KafkaResult<()> {
        let (waiting, written) = oneshot::channel();
        let record: BaseRecord<'_, (), [u8], _> = BaseRecord::with_opaque_to(&address.topic, Box::new(waiting));
        let record = record.payload(body).headers(address.headers());
        let record = match address.partition {
            Some(partition) => record.partition(partition),
            None => record,
        };
        self.0.send(record).map_err(|(error, _)| error)?;
        // It is told of every reply, unless it is being shut down.
        written.await.unwrap_or(Err(KafkaError::Canceled))
    }
}
