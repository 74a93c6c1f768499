//! Keys of suppliers on a broker as written, and which of them fit together.
//!
//! Owns what can be said of queues, exchanges and topics without asking a broker. Refuses to know addresses: `amqp` and
//! `kafka` have them. Main type: [`BrokerTable`].

use schemars::JsonSchema;
use toml::de::DeValue;

use super::document::{At, Span};
use super::error::{Problem, quoted};
use super::kafka;
use super::reader::Fields;
use super::schema;
use super::values::{self, Read, wrong_type};
use super::way::Way;
use crate::domain::{AmqpTarget, Auction, ReplyMode, ReplyTopic, TopicDeletion};

/// The most responders that an auction can wait for.
const MOST_RESPONDERS: i64 = 10_000;
/// The longest name that AMQP can carry, bytes.
const LONGEST_NAME: usize = 255;
/// The longest name of a topic.
const LONGEST_TOPIC: usize = 249;

/// How a supplier is reached on a broker, as written.
#[derive(Clone, Default, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) struct BrokerTable {
    /// The queue of RabbitMQ that requests are published to, by way of the default exchange.
    #[schemars(with = "Option<String>")]
    pub(super) queue: Option<At<String>>,
    /// The exchange of RabbitMQ that requests are published to, in the place of a queue. All who answer are in the
    /// comparison, unless `auction = false`.
    #[schemars(with = "Option<String>")]
    pub(super) exchange: Option<At<String>>,
    /// What the exchange routes requests by, taken as it stands. Default: nothing.
    #[schemars(with = "Option<String>")]
    pub(super) routing_key: Option<At<String>>,
    /// How replies come back over RabbitMQ: by direct reply-to, or by a queue of the run's own where that does not work,
    /// as across a federation. Default: direct.
    #[schemars(with = "Option<schema::ReplyModeWord>")]
    pub(super) reply_mode: Option<At<ReplyMode>>,
    /// The topic of Kafka that requests are written to.
    #[schemars(with = "Option<String>")]
    pub(super) topic: Option<At<String>>,
    /// Brokers of Kafka, each `HOST` or `HOST:PORT`, in the place of `url`; `${VAR}` is replaced from the environment.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) brokers: Option<At<String>>,
    /// The topic that replies come back on; it must be there, and all runs may share it. Default: a topic that is made
    /// for each run.
    #[schemars(with = "Option<String>")]
    pub(super) reply_topic: Option<At<String>>,
    /// When the topic that was made for a run is deleted after it: once every request is answered, or always. A
    /// responder that answers late to a topic that is gone may stand still for a minute. Default: answered.
    #[schemars(with = "Option<schema::TopicDeletionWord>")]
    pub(super) reply_topic_delete: Option<At<TopicDeletion>>,
    /// Whether one request is for many, and all who answer until the deadline are in the comparison, each under its own
    /// name (`NAME/SUPPLIER`). Default: true with `exchange`, else false.
    #[schemars(with = "Option<bool>")]
    pub(super) auction: Option<At<bool>>,
    /// How many answers an auction waits for. Default: as many as come until the deadline.
    #[schemars(with = "Option<schema::Responders>")]
    pub(super) expect: Option<At<u16>>,
}

impl BrokerTable {
    /// Keys that RabbitMQ alone has.
    pub(super) const OF_AMQP: [&str; 4] = ["queue", "exchange", "routing-key", "reply-mode"];
    /// Keys that Kafka alone has.
    pub(super) const OF_KAFKA: [&str; 4] = ["topic", "brokers", "reply-topic", "reply-topic-delete"];

    /// Reads the keys of a supplier; what is wrong is noted.
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        Self {
            queue: fields.word("queue", |text| read_name(text, 1)),
            exchange: fields.word("exchange", read_exchange),
            routing_key: fields.word("routing-key", |text| read_name(text, 0)),
            reply_mode: fields.word("reply-mode", |text| choice(text, ReplyMode::ALL, ReplyMode::as_str)),
            topic: fields.word("topic", read_topic),
            brokers: fields.read("brokers", read_brokers),
            reply_topic: fields.word("reply-topic", read_topic),
            reply_topic_delete: fields
                .word("reply-topic-delete", |text| choice(text, TopicDeletion::ALL, TopicDeletion::as_str)),
            auction: fields.boolean("auction"),
            expect: fields.number("expect", |text| values::count(text, &(1..=MOST_RESPONDERS))),
        }
    }

    /// Checks which of the keys stand together; what is wrong is noted.
    pub(super) fn check(&self, fields: &mut Fields<'_, '_, '_>, way: Way) {
        match way {
            Way::Http | Way::File => return,
            Way::Amqp => self.check_amqp(fields),
            Way::Kafka => Self::check_kafka(fields),
        }
        if self.auction(way).is_some() {
            for key in ["hedge", "hedge-after"] {
                let problem = Problem::new("an auction is for many already, who would all be asked twice");
                complain(fields, key, problem.with_hint("remove it"));
            }
        }
        if let (Some(expect), None) = (&self.expect, self.auction(way)) {
            let problem = Problem::new("one answer is expected anyway, since it is no auction");
            let hint = "remove it, or add `auction = true`";
            fields.complain("expect", expect.span, problem.with_hint(hint));
        }
    }

    fn check_amqp(&self, fields: &mut Fields<'_, '_, '_>) {
        let has = |key: &str| fields.raw(key).is_some();
        match (has("queue"), has("exchange")) {
            (false, false) => {
                let hint = "add `queue = \"quotes.acme\"`, or `exchange` where many answer";
                fields.complain_of_table("has neither a `queue` nor an `exchange`", hint);
            }
            (true, true) => {
                let problem = Problem::new("the request goes to `queue` already");
                complain(fields, "exchange", problem.with_hint("leave one of the two"));
            }
            (true, false) => {
                let problem = Problem::new("a queue has no use for it");
                complain(
                    fields,
                    "routing-key",
                    problem.with_hint("remove it, or name the `exchange` that looks at it"),
                );
                if self.auction.as_ref().is_some_and(|auction| auction.value) {
                    let problem = Problem::new("a queue gives each request to one responder");
                    complain(fields, "auction", problem.with_hint("name an `exchange` that many queues are bound to"));
                }
            }
            (false, true) => {}
        }
    }

    fn check_kafka(fields: &mut Fields<'_, '_, '_>) {
        if fields.raw("topic").is_none() {
            fields.complain_of_table("has no `topic`", "add `topic = \"quotes.acme\"`");
        }
        if fields.raw("brokers").is_some() {
            let problem = Problem::new("the brokers are in `brokers` already");
            complain(fields, "url", problem.with_hint("leave one of the two"));
        }
        if fields.raw("reply-topic").is_some() {
            let problem = Problem::new("a lasting `reply-topic` is never deleted");
            complain(fields, "reply-topic-delete", problem.with_hint("leave one of the two"));
        }
    }

    /// Where requests are published on RabbitMQ; `None` = the keys do not say, which was noted.
    pub(super) fn target(&self) -> Option<AmqpTarget> {
        match (&self.queue, &self.exchange) {
            (Some(queue), _) => Some(AmqpTarget::Queue(queue.value.clone())),
            (None, Some(exchange)) => Some(AmqpTarget::Exchange {
                name: exchange.value.clone(),
                routing_key: self.routing_key.as_ref().map(|at| at.value.clone()).unwrap_or_default(),
            }),
            (None, None) => None,
        }
    }

    /// Where replies come back on Kafka.
    pub(super) fn replies(&self) -> ReplyTopic {
        match &self.reply_topic {
            Some(topic) => ReplyTopic::Lasting(topic.value.clone()),
            None => ReplyTopic::Temporary(self.reply_topic_delete.as_ref().map(|at| at.value).unwrap_or_default()),
        }
    }

    /// The auction; `None` = there is none.
    pub(super) fn auction(&self, way: Way) -> Option<Auction> {
        let default = way == Way::Amqp && self.exchange.is_some();
        let is_one = self.auction.as_ref().map_or(default, |at| at.value);
        is_one.then(|| Auction { expect: self.expect.as_ref().map(|at| at.value) })
    }

    /// The URL that brokers in the place of one come to, if there are any.
    pub(super) fn url(&self) -> Option<At<String>> {
        self.brokers.as_ref().map(|at| At { value: format!("kafka://{}", at.value), span: at.span })
    }
}

/// Complains of a key, if it is there.
fn complain(fields: &mut Fields<'_, '_, '_>, key: &str, problem: Problem) {
    let span = fields.raw(key).map(|value| Span::from(value.span()));
    if let Some(span) = span {
        fields.complain(key, span, problem);
    }
}

/// Reads one of a few words.
fn choice<T: Copy, const N: usize>(text: &str, all: [T; N], word: impl Fn(T) -> &'static str) -> Read<T> {
    let found = all.into_iter().find(|choice| word(*choice) == text);
    found.ok_or_else(|| {
        let words = all.map(|choice| format!("`{}`", word(choice))).join(" or ");
        Problem::new(format!("{} is no choice", quoted(text))).with_hint(words)
    })
}

fn read_name(text: &str, shortest: usize) -> Read<String> {
    if text.len() < shortest {
        return Err(Problem::new("it is empty").with_hint("write a name, such as `quotes.acme`"));
    }
    if text.len() > LONGEST_NAME {
        return Err(Problem::new("it is too long").with_hint(format!("at most {LONGEST_NAME} bytes")));
    }
    Ok(text.to_owned())
}

fn read_exchange(text: &str) -> Read<String> {
    if text.is_empty() {
        return Err(Problem::new("it is empty").with_hint("the default exchange is what `queue` uses"));
    }
    read_name(text, 1)
}

fn read_topic(text: &str) -> Read<String> {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.is_empty() || text.len() > LONGEST_TOPIC || !text.bytes().all(is_right) || matches!(text, "." | "..") {
        let problem = Problem::new(format!("{} is not a name of a topic", quoted(text)));
        return Err(problem.with_hint(format!("use up to {LONGEST_TOPIC} letters, digits, `.`, `_` and `-`")));
    }
    Ok(text.to_owned())
}

/// Reads a list of brokers as one text, as Kafka's own tools take it. No broker is repeated: it may be misspelt.
fn read_brokers(value: &DeValue<'_>) -> Read<String> {
    let hint = "write `[\"a.example:9092\", \"b.example:9092\"]`";
    let DeValue::Array(elements) = value else { return Err(wrong_type("a list of brokers", value).with_hint(hint)) };
    let brokers = elements.iter().map(|element| super::headers::secret_text(element.get_ref()));
    let brokers = brokers.collect::<Read<Vec<String>>>()?.join(",");
    if brokers.is_empty() {
        return Err(Problem::new("there is no broker in it").with_hint(hint));
    }
    kafka::check_brokers(&brokers)?;
    Ok(brokers)
}
