//! How the client library is set up.
//!
//! Owns the settings that are ours, and which of them can be had otherwise. Refuses to know what is done with a client.
//! Main type: [`KafkaSetup`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;

use crate::domain::{ReplyTopic, Secret};

/// Settings of every client. They matter where a run has a few seconds: as the library has them, it waits a tenth of a
/// second here and there.
const ALL: [(&str, &str); 11] = [
    ("client.id", "pricecmp"),
    ("reconnect.backoff.ms", "1"),
    ("reconnect.backoff.max.ms", "200"),
    ("retry.backoff.ms", "5"),
    ("retry.backoff.max.ms", "100"),
    ("topic.metadata.refresh.fast.interval.ms", "5"),
    ("enable.metrics.push", "false"),
    ("socket.connection.setup.timeout.ms", "1000"),
    ("api.version.request.timeout.ms", "1000"),
    // Which broker it was is said in our words.
    ("log.connection.close", "false"),
    ("socket.nagle.disable", "true"),
];

/// Settings of the client that writes requests. A missing topic is an error at once, and none is made.
const WRITING: [(&str, &str); 4] = [
    ("linger.ms", "0"),
    ("sticky.partitioning.linger.ms", "0"),
    ("allow.auto.create.topics", "false"),
    ("topic.metadata.propagation.max.ms", "0"),
];

/// Settings of the client that reads replies. It joins no group; the library only assigns places to who has the name of
/// one. What is larger than a reply may be is taken in all the
/// same: a topic that cannot be read beyond one reply is of no use to anybody.
const READING: [(&str, &str); 9] = [
    ("group.id", "pricecmp.replies"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "earliest"),
    ("fetch.min.bytes", "1"),
    ("fetch.error.backoff.ms", "5"),
    ("fetch.max.bytes", "16777216"),
    ("receive.message.max.bytes", "268435456"),
    ("allow.auto.create.topics", "false"),
];

/// Brokers, how to speak to them, and where replies come back. Suppliers for which all of that is the same share a
/// connection and a reply topic.
#[derive(Clone, PartialEq, Eq)]
pub struct KafkaSetup {
    /// The brokers, `HOST:PORT`, with commas between them.
    pub brokers: String,
    /// Settings of the client library by its own names; they go before ours.
    pub properties: Arc<[(String, Secret)]>,
    /// Where replies come back.
    pub replies: ReplyTopic,
}

impl fmt::Debug for KafkaSetup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KafkaSetup").field("replies", &self.replies).finish_non_exhaustive()
    }
}

impl KafkaSetup {
    /// Whether the other one reaches the same brokers in the same way.
    #[must_use]
    pub fn reaches_the_same(&self, other: &Self) -> bool {
        (&self.brokers, &self.properties) == (&other.brokers, &other.properties)
    }

    /// A client that writes, for as long as `left`.
    pub(super) fn writing(&self, left: Duration) -> ClientConfig {
        let timeout = left.as_millis().clamp(1, 900_000).to_string();
        self.with([("message.timeout.ms", &*timeout)].into_iter().chain(WRITING))
    }

    /// A client that reads.
    pub(super) fn reading(&self) -> ClientConfig {
        self.with(READING)
    }

    /// A client that makes and removes topics.
    pub(super) fn administering(&self) -> ClientConfig {
        self.with([])
    }

    /// Any client: what is its `own` goes before what all have, and the user's settings go before that.
    pub(super) fn with<'a>(&self, own: impl IntoIterator<Item = (&'a str, &'a str)>) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in ALL.into_iter().chain(own) {
            config.set(name, value);
        }
        for (name, value) in &*self.properties {
            config.set(name, value.expose());
        }
        config.set("bootstrap.servers", &self.brokers);
        config
    }
}
