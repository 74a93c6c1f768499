//! A worker as a member of its group: how it joins, which partitions are its own, and up to where they are done.
//!
//! Main types: [`Member`], for as long as the worker lives, and [`Membership`], for as long as its client does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};

use super::KafkaWorker;
use super::offsets::{Offsets, Place};

/// How a group is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// By the protocol of brokers from 4.0 on, in a tenth of a second.
    Consumer,
    /// By the one that every broker has, in seconds.
    Classic,
}

/// Settings that the user's may replace.
const PROPOSED: [(&str, &str); 6] = [
    ("auto.offset.reset", "earliest"),
    ("auto.commit.interval.ms", "100"),
    ("fetch.min.bytes", "1"),
    ("fetch.error.backoff.ms", "100"),
    ("reconnect.backoff.ms", "100"),
    ("reconnect.backoff.max.ms", "10000"),
];
/// Settings on which it depends that no request is lost. What is done is stored by us, and committed by the library.
const NEEDED: [(&str, &str); 3] =
    [("enable.auto.commit", "true"), ("enable.auto.offset.store", "false"), ("allow.auto.create.topics", "false")];
/// How much of a topic is fetched ahead, kB. It costs memory alone: other members have partitions of their own.
const AHEAD: &str = "4096";
/// After which time a member of the classic protocol that is silent is taken for dead, milliseconds. It is the shortest that
/// brokers permit.
const SILENCE: &str = "6000";

/// How long whoever reads may take to stop.
const READING: Duration = Duration::from_secs(1);

/// A worker in its group.
pub(super) struct Member {
    topic: String,
    consumer: Mutex<Option<Arc<BaseConsumer<Watch>>>>,
    watched: Arc<Watched>,
}

/// A client that is in the group, or on its way there.
pub(super) struct Membership {
    pub(super) consumer: Arc<BaseConsumer<Watch>>,
    /// Whether the broker may not know the protocol.
    pub(super) may_be_unsupported: bool,
}

/// What is known of the partitions.
#[derive(Default)]
struct Watched {
    offsets: Mutex<Offsets>,
    is_assigned: AtomicBool,
}

/// Hears which partitions come and go.
pub(super) struct Watch(Arc<Watched>);

impl ClientContext for Watch {}

impl ConsumerContext for Watch {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(_) => self.0.is_assigned.store(true, Ordering::Relaxed),
            Rebalance::Revoke(revoked) => {
                let mut offsets = self.0.offsets.lock().unwrap_or_else(PoisonError::into_inner);
                for place in revoked.elements() {
                    offsets.forget(place.partition());
                }
            }
            Rebalance::Error(_) => {}
        }
    }
}

impl Member {
    /// One that has not joined yet.
    pub(super) fn new(topic: String) -> Self {
        Self { topic, consumer: Mutex::default(), watched: Arc::default() }
    }

    /// Makes a client, in the place of the one before. Nothing is read yet.
    ///
    /// # Errors
    /// When the client library does not take the settings.
    pub(super) fn join(&self, worker: &KafkaWorker, protocol: Protocol) -> KafkaResult<Membership> {
        self.leave();
        let ahead = [("queued.max.messages.kbytes", AHEAD)];
        let mut config = worker.door.config(&[&PROPOSED[..], &ahead].concat());
        for (name, value) in NEEDED {
            config.set(name, value);
        }
        config.set("group.id", &worker.group);
        let is_ours = config.get("group.protocol").is_none();
        match protocol {
            Protocol::Consumer if is_ours => {
                config.set("group.protocol", "consumer");
            }
            Protocol::Classic if is_ours && config.get("session.timeout.ms").is_none() => {
                config.set("session.timeout.ms", SILENCE);
            }
            Protocol::Consumer | Protocol::Classic => {}
        }
        let consumer: Arc<BaseConsumer<Watch>> =
            Arc::new(config.create_with_context(Watch(Arc::clone(&self.watched)))?);
        *self.current() = Some(Arc::clone(&consumer));
        Ok(Membership { consumer, may_be_unsupported: is_ours && protocol == Protocol::Consumer })
    }

    /// Whether it was given a partition.
    pub(super) fn is_assigned(&self) -> bool {
        self.watched.is_assigned.load(Ordering::Relaxed)
    }

    /// Notes that a request is being worked on.
    pub(super) fn begin(&self, place: Place) {
        self.offsets().begin(place);
    }

    /// Notes that a request is done; it is told to the group soon.
    pub(super) fn end(&self, place: Place) {
        let Some(position) = self.offsets().end(place) else { return };
        let Some(consumer) = self.current().clone() else { return };
        let mut positions = TopicPartitionList::new();
        let added = positions.add_partition_offset(&self.topic, place.partition, Offset::Offset(position));
        // A partition that has just become somebody else's is read again there.
        let _ = added.and_then(|()| consumer.store_offsets(&positions));
    }

    /// Leaves the group: what is done is told to it, and the partitions go to others. It blocks for a moment.
    pub(super) fn leave(&self) {
        if let Some(consumer) = self.current().take() {
            // Whoever lets go of it last waits until the broker knows: that is to be us.
            let until = Instant::now() + READING;
            while Arc::strong_count(&consumer) > 1 && Instant::now() < until {
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.watched.is_assigned.store(false, Ordering::Relaxed);
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<BaseConsumer<Watch>>>> {
        self.consumer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offsets(&self) -> MutexGuard<'_, Offsets> {
        self.watched.offsets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
