//! How a request goes out over a broker, and how replies come back.

use std::fmt;

/// The header of a request that says until when a reply is of use, in Unix milliseconds. A worker drops requests whose time
/// is over.
pub const DEADLINE_HEADER: &str = "x-deadline-ms";

/// Where a request is published on RabbitMQ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AmqpTarget {
    /// A queue, by way of the default exchange.
    Queue(String),
    /// An exchange, which decides where it goes.
    Exchange {
        /// Its name, never empty.
        name: String,
        /// What it decides by, if it looks at that.
        routing_key: String,
    },
}

/// How replies come back on RabbitMQ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReplyMode {
    /// By direct reply-to, without a queue.
    #[default]
    Direct,
    /// By a queue of this connection's own, which goes away with it.
    ExclusiveQueue,
}

impl ReplyMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Direct, Self::ExclusiveQueue];

    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::ExclusiveQueue => "exclusive-queue",
        }
    }
}

/// When a reply topic that was made for one run is deleted after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TopicDeletion {
    /// Once every request that was sent is answered: a late reply to a topic that is gone makes some responders stand
    /// still.
    #[default]
    Answered,
    /// In any case.
    Always,
}

impl TopicDeletion {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Answered, Self::Always];

    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Always => "always",
        }
    }
}

/// Where replies come back on Kafka.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReplyTopic {
    /// On a topic that is made for the run.
    Temporary(TopicDeletion),
    /// On a topic that is there already, and that all runs share.
    Lasting(String),
}

/// Replies that belong to no request which is open, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrayReplies {
    /// Those with an id that nobody has given.
    pub unknown: usize,
    /// Those to a request that was answered or given up before.
    pub late: usize,
    /// Those without an id, while several requests were open.
    pub without_id: usize,
}

impl StrayReplies {
    /// All of them.
    #[must_use]
    pub const fn count(self) -> usize {
        self.unknown + self.late + self.without_id
    }
}

/// Says how many were ignored, and why: `2 replies ignored (unknown correlation id 2)`.
impl fmt::Display for StrayReplies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count();
        write!(formatter, "{count} {} ignored (", if count == 1 { "reply" } else { "replies" })?;
        let parts = [
            ("unknown correlation id", self.unknown),
            ("late or repeated", self.late),
            ("no correlation id", self.without_id),
        ];
        for (index, (what, count)) in parts.into_iter().filter(|(_, count)| *count > 0).enumerate() {
            write!(formatter, "{}{what} {count}", if index == 0 { "" } else { ", " })?;
        }
        write!(formatter, ")")
    }
}

/// One request that many responders read, each of which makes offers under its own name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Auction {
    /// How many responders are waited for, 1 or more; `None` = as long as there is time.
    pub expect: Option<u16>,
}

/// A reply topic that a run has left on a broker, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftTopic {
    /// The brokers, as they may be shown.
    pub brokers: String,
    /// Its name.
    pub name: String,
    /// When its run ended at the latest.
    pub ended_at: jiff::Timestamp,
    /// What became of it.
    pub fate: TopicFate,
}

/// What became of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicFate {
    /// It is there.
    Left,
    /// It was removed.
    Removed,
    /// It could not be removed, and why.
    Failed(String),
}
