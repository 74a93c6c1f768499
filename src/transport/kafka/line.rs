//! The connection to a broker, and the topic that replies come back on.
//!
//! Owns the order in which a connection is made, which decides what a run costs: make the reply topic while the broker says
//! which topics there are, then a reader that stands at a known place before anything is sent. The library's calls block,
//! so they are made on a thread of their own, which nobody waits for. Refuses to know who asks. Main type: [`Line`].

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{Headers, Message};
use rdkafka::metadata::{Metadata, MetadataTopic};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::desk::{Parcel, Ticket};
use super::headers::{self, CONTENT_TYPE, CORRELATION_ID};
use super::setup::KafkaSetup;
use super::topics::Topics;
use super::watch::Watch;
use super::{errors, names};
use crate::domain::{ErrorKind, Failure, ReplyTopic, StrayReplies, TopicDeletion};
use crate::transport::bodies::LARGEST;
use crate::transport::work::local_resource;

/// How long a call waits when nothing depends on it.
const PATIENCE: Duration = Duration::from_millis(500);

/// The most topics of earlier runs that are removed at a time.
const MOST_STALE: usize = 100;

/// A connection that is there, with a reader that stands where the replies will be.
pub(super) struct Line {
    watch: Watch,
    producer: ThreadedProducer<Watch>,
    /// Topics that the broker showed us, and what is wrong with them.
    topics: HashMap<String, Option<RDKafkaErrorCode>>,
    /// Where replies come back, and on which partition.
    pub(super) reply_topic: String,
    pub(super) reply_partition: i32,
    /// What there is to remove in the end.
    leftovers: Leftovers,
}

/// Topics to remove when the run is over.
struct Leftovers {
    setup: KafkaSetup,
    /// What makes and removes topics; `None` = there was nothing to make.
    admin: Option<Topics>,
    /// What earlier runs left.
    stale: Vec<String>,
}

/// Begins to connect, on a thread of its own, for as long as `deadline` is ahead. `watch` learns what comes of it, after
/// the connection, if it is there, was put into `place`.
///
/// # Errors
/// When the client library does not take the settings, or the system has no thread left.
pub(super) fn begin(
    setup: &KafkaSetup,
    watch: &Watch,
    place: &Arc<OnceLock<Arc<Line>>>,
    deadline: Timestamp,
) -> Result<(), Failure> {
    let (setup, watch, place) = (setup.clone(), watch.clone(), Arc::clone(place));
    let connecting = move || match open(&setup, &watch, deadline) {
        Ok((line, consumer)) => {
            let line = Arc::new(line);
            // Taking a connection down costs a tenth of a second. The process ends without that.
            std::mem::forget(Arc::clone(&line));
            // Nobody else puts one there.
            let _ = place.set(Arc::clone(&line));
            watch.is_open();
            read(&line, &consumer);
        }
        Err(failure) => watch.is_closed(failure),
    };
    let spawned = thread::Builder::new().name("kafka".to_owned()).spawn(connecting);
    spawned.map(drop).map_err(|error| local_resource(&error))
}

fn open(setup: &KafkaSetup, watch: &Watch, deadline: Timestamp) -> Result<(Line, BaseConsumer<Watch>), Failure> {
    // That the time is over is the engine's to say.
    let until = Instant::now() + left(deadline) + PATIENCE;
    let rest = || until.saturating_duration_since(Instant::now());
    // Faults of a connection that is not there yet are known to this client's thread long before the calls below end.
    let producer: ThreadedProducer<Watch> =
        setup.writing(left(deadline)).create_with_context(watch.clone()).map_err(|error| errors::of_client(&error))?;
    let list = || {
        let metadata = producer.client().fetch_metadata(None, rest()).map_err(|error| errors::of_listing(&error))?;
        watch.is_connected();
        Ok(metadata)
    };
    let (reply_topic, admin, metadata) = match &setup.replies {
        ReplyTopic::Lasting(topic) => (topic.clone(), None, list()?),
        ReplyTopic::Temporary(_) => {
            let (topic, admin) = (names::make(deadline), Topics::connect(setup)?);
            watch.is_making();
            match meanwhile(|| admin.make(&topic, rest()), list)? {
                // Who may make no topic learns that rather than what came of it.
                (Err(failure), _) => return Err(failure),
                (Ok(()), Err(failure)) => return Err(give_up(&admin, &topic, failure)),
                (Ok(()), Ok(metadata)) => (topic, Some(admin), metadata),
            }
        }
    };
    let topics = listed(&metadata);
    if admin.is_none() && !topics.contains_key(&reply_topic) {
        return Err(errors::missing(&reply_topic));
    }
    let (consumer, partitions) = reader(setup, watch, &reply_topic, rest).map_err(|failure| match &admin {
        Some(admin) => give_up(admin, &reply_topic, failure),
        None => failure,
    })?;
    let leftovers = Leftovers { setup: setup.clone(), admin, stale: stale(&topics) };
    let reply_partition = random_partition(partitions);
    Ok((Line { watch: watch.clone(), producer, topics, reply_topic, reply_partition, leftovers }, consumer))
}

/// A reader that stands where the replies will be, and how many partitions there are.
fn reader(
    setup: &KafkaSetup,
    watch: &Watch,
    topic: &str,
    rest: impl Fn() -> Duration,
) -> Result<(BaseConsumer<Watch>, i32), Failure> {
    let consumer: BaseConsumer<Watch> =
        setup.reading().create_with_context(watch.clone()).map_err(|error| errors::of_client(&error))?;
    let partitions = partitions(&consumer, topic, &rest)?;
    let places = match &setup.replies {
        ReplyTopic::Temporary(_) => beginning(topic, partitions),
        ReplyTopic::Lasting(_) => end(&consumer, topic, partitions, rest())?,
    };
    consumer.assign(&places).map_err(|error| errors::of_reading(topic, &error))?;
    Ok((consumer, partitions))
}

/// Removes a topic that nothing was sent for.
fn give_up(admin: &Topics, topic: &str, failure: Failure) -> Failure {
    // What cannot be removed, a later run finds.
    let _ = admin.remove(&[topic], PATIENCE);
    failure
}

fn stale(topics: &HashMap<String, Option<RDKafkaErrorCode>>) -> Vec<String> {
    let now = Timestamp::now();
    topics.keys().filter(|name| names::is_stale(name, now, names::STALE_AFTER)).take(MOST_STALE).cloned().collect()
}

/// Does both at the same time; the first on a thread of its own.
fn meanwhile<T>(
    first: impl FnOnce() -> Result<(), Failure> + Send,
    second: impl FnOnce() -> T,
) -> Result<(Result<(), Failure>, T), Failure> {
    thread::scope(|scope| {
        let spawned = thread::Builder::new().name("kafka topic".to_owned()).spawn_scoped(scope, first);
        let first = spawned.map_err(|error| local_resource(&error))?;
        let second = second();
        let panicked = |_| Err(Failure::new(ErrorKind::Internal).with_detail("making the reply topic panicked"));
        Ok((first.join().unwrap_or_else(panicked), second))
    })
}

/// What is left until a deadline.
pub(super) fn left(deadline: Timestamp) -> Duration {
    Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or_default()
}

fn listed(metadata: &Metadata) -> HashMap<String, Option<RDKafkaErrorCode>> {
    let topics = metadata.topics().iter();
    topics.map(|topic| (topic.name().to_owned(), topic.error().map(RDKafkaErrorCode::from))).collect()
}

/// Waits until the reader knows who leads each partition of a topic, and says how many there are. Assigned earlier, it
/// would wait for a second.
fn partitions(consumer: &BaseConsumer<Watch>, topic: &str, rest: impl Fn() -> Duration) -> Result<i32, Failure> {
    loop {
        let metadata = consumer.fetch_metadata(Some(topic), rest()).map_err(|error| errors::of_listing(&error))?;
        let partitions = metadata.topics().first().map(MetadataTopic::partitions).unwrap_or_default();
        let is_led = !partitions.is_empty() && partitions.iter().all(|partition| partition.leader() >= 0);
        if is_led {
            return Ok(i32::try_from(partitions.len()).unwrap_or(i32::MAX));
        }
        if rest().is_zero() {
            return Err(Failure::new(ErrorKind::BrokerTopic).with_detail(format!("topic `{topic}` has no leader")));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The places of a topic that is new.
fn beginning(topic: &str, partitions: i32) -> TopicPartitionList {
    let mut places = TopicPartitionList::new();
    for partition in 0..partitions {
        // It fails for places that are not allowed, and this one is.
        let _ = places.add_partition_offset(topic, partition, Offset::Offset(0));
    }
    places
}

/// The places of a topic behind which replies will be that nobody has sent yet.
fn end(
    consumer: &BaseConsumer<Watch>,
    topic: &str,
    partitions: i32,
    rest: Duration,
) -> Result<TopicPartitionList, Failure> {
    let mut wanted = TopicPartitionList::new();
    for partition in 0..partitions {
        let _ = wanted.add_partition_offset(topic, partition, Offset::End);
    }
    let failed = |error| errors::of_reading(topic, &error);
    let found = consumer.offsets_for_times(wanted, rest).map_err(failed)?;
    match found.elements().iter().find_map(|place| place.error().err()) {
        Some(error) => Err(failed(error)),
        None => Ok(found),
    }
}

/// The partition that replies are wanted on: runs at the same time are better spread.
fn random_partition(partitions: i32) -> i32 {
    let random = u32::from_be_bytes(uuid::Uuid::new_v4().as_bytes()[..4].try_into().unwrap_or_default());
    i32::try_from(random % u32::try_from(partitions.max(1)).unwrap_or(1)).unwrap_or(0)
}

/// Gives out what comes back, for ever: the process ends without it.
fn read(line: &Line, consumer: &BaseConsumer<Watch>) {
    loop {
        match consumer.poll(PATIENCE) {
            Some(Ok(message)) => {
                let values = |name: &'static str| {
                    let headers = message.headers().into_iter().flat_map(Headers::iter);
                    headers.filter(move |header| header.key == name).filter_map(|header| header.value)
                };
                let content_type =
                    || values(CONTENT_TYPE).next().map(|name| String::from_utf8_lossy(name).into_owned());
                let body = message.payload().unwrap_or_default();
                line.watch.desk().take_in(values(CORRELATION_ID), || match body.len() {
                    0..=LARGEST => Ok(Parcel { body: body.to_vec(), content_type: content_type() }),
                    _ => Err(Failure::new(ErrorKind::BodyTooLarge)),
                });
            }
            Some(Err(error)) if !Watch::is_told(&error) => {
                line.watch.desk().let_doubt(&errors::of_reading(&line.reply_topic, &error));
            }
            Some(Err(_)) | None => {}
        }
    }
}

impl Line {
    /// What came back since the last call and was nobody's reply. On a topic that all runs share, the replies to others are
    /// nothing to speak of.
    pub(super) fn take_strays(&self) -> StrayReplies {
        let strays = self.watch.desk().take_strays();
        match self.leftovers.setup.replies {
            ReplyTopic::Lasting(_) => StrayReplies { unknown: 0, without_id: 0, ..strays },
            ReplyTopic::Temporary(_) => strays,
        }
    }

    /// Takes a place for the reply with that correlation id.
    pub(super) fn wait_for(&self, id: String, is_for_many: bool) -> Ticket {
        self.watch.desk().wait_for(id, is_for_many)
    }

    /// Sends a request. What the broker thinks of it, the desk is told.
    ///
    /// # Errors
    /// `broker_topic` when the broker has no such topic, and what the client library refuses.
    pub(super) fn send(&self, request: &headers::Request<'_>) -> Result<(), Failure> {
        match self.topics.get(request.topic) {
            None => return Err(errors::missing(request.topic)),
            Some(Some(code)) => return Err(errors::of_topic(request.topic, *code)),
            Some(None) => {}
        }
        let id = request.id.to_owned();
        // There is no key: a responder may read keys of any type.
        let record: BaseRecord<'_, (), str, Box<String>> = BaseRecord::with_opaque_to(request.topic, Box::new(id))
            .payload(request.body)
            .headers(headers::of(request, &self.reply_topic, self.reply_partition));
        // Whoever answers is not faster than this.
        self.watch.desk().is_sent(request.id);
        self.producer.send(record).map_err(|(error, _)| {
            let failure = errors::of_sending(request.topic, &error);
            self.watch.desk().is_not_delivered(request.id, failure.clone());
            failure
        })
    }

    /// Removes the topics that nobody needs any more; `patience` is how long that may take.
    pub(super) fn clear(&self, patience: Duration) {
        let Leftovers { setup, admin, stale } = &self.leftovers;
        let goes = match setup.replies {
            ReplyTopic::Lasting(_) => false,
            ReplyTopic::Temporary(TopicDeletion::Always) => true,
            ReplyTopic::Temporary(TopicDeletion::Answered) => !self.watch.desk().is_any_unanswered(),
        };
        let own = goes.then_some(&*self.reply_topic);
        let topics: Vec<&str> = own.into_iter().chain(stale.iter().map(String::as_str)).collect();
        if topics.is_empty() {
            return;
        }
        let remove = |admin: &Topics| drop(admin.remove(&topics, patience));
        match admin {
            Some(admin) => remove(admin),
            // What cannot be removed now, the next run finds as stale.
            None => drop(Topics::connect(setup).map(|admin| remove(&admin))),
        }
    }
}
