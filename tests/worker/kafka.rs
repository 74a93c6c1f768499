//! Workers on a real Kafka.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::Value;

use crate::support::kafka::{Broker, until};
use crate::support::{Running, Scene, Supplier, stats};
use crate::{MOCK, WIDGETS, gate, refused};

/// How long anything is waited for that must come.
const PATIENCE: Duration = Duration::from_mins(1);
/// Settings of a broker that takes a silent member for dead after two seconds, instead of 45.
const QUICK_TO_BURY: &str = "group.consumer.min.session.timeout.ms=1000\ngroup.consumer.session.timeout.ms=2000\n\
                             group.consumer.min.heartbeat.interval.ms=200\ngroup.consumer.heartbeat.interval.ms=500\n";

/// Asks on a topic, and reads the replies on another one, both its own.
struct Asker {
    topic: String,
    replies: String,
    producer: BaseProducer,
    consumer: BaseConsumer,
}

/// A reply.
#[derive(Debug, PartialEq, Eq)]
struct Reply {
    id: Option<String>,
    body: String,
}

impl Asker {
    fn new(broker: &Broker, partitions: i32) -> Self {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", broker.address()).set("linger.ms", "0").set("group.id", "unused");
        let (topic, replies) = (broker.topic_with(partitions, &[]), broker.topic());
        let consumer: BaseConsumer = config.create().unwrap();
        let mut places = TopicPartitionList::new();
        places.add_partition_offset(&replies, 0, Offset::Beginning).unwrap();
        consumer.assign(&places).unwrap();
        Self { topic, replies, producer: config.create().unwrap(), consumer }
    }

    /// Asks for 10 widgets, as everybody does, and does not wait for the reply.
    fn ask(&self, id: &str) {
        self.send(WIDGETS.as_bytes(), Some(id), &self.replies, None);
    }

    /// Sends what may be no request at all.
    fn send(&self, body: &[u8], id: Option<&str>, replies: &str, deadline: Option<i64>) {
        let deadline = deadline.map(|deadline| deadline.to_string());
        let headers = [
            ("kafka_correlationId", id.map(str::as_bytes)),
            ("kafka_replyTopic", Some(replies.as_bytes()).filter(|replies| !replies.is_empty())),
            ("kafka_replyPartition", Some(&[0, 0, 0, 0][..])),
            ("x-deadline-ms", deadline.as_deref().map(str::as_bytes)),
        ];
        let headers = headers.into_iter().filter(|(_, value)| value.is_some());
        let headers = headers.fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value }));
        let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(&self.topic).payload(body).headers(headers);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.poll(Duration::ZERO);
    }

    /// The next reply.
    fn reply(&self) -> Reply {
        self.producer.flush(PATIENCE).unwrap();
        let end = Instant::now() + PATIENCE;
        let message = loop {
            assert!(Instant::now() < end, "no reply comes");
            // A broker may be away for a while.
            if let Some(Ok(message)) = self.consumer.poll(Duration::from_secs(1)) {
                break message;
            }
        };
        let id =
            message.headers().and_then(|headers| headers.iter().find(|header| header.key == "kafka_correlationId"));
        let id = id.map(|id| String::from_utf8(id.value.unwrap().to_vec()).unwrap());
        Reply { id, body: String::from_utf8(message.payload().unwrap().to_vec()).unwrap() }
    }

    /// How many requests a group is done with, of all partitions together.
    fn done(&self, broker: &Broker, group: &str, partitions: i32) -> i64 {
        let mut config = ClientConfig::new();
        let config = config.set("bootstrap.servers", broker.address()).set("group.id", group);
        let consumer: BaseConsumer = config.create().unwrap();
        let mut places = TopicPartitionList::new();
        places.add_partition_range(&self.topic, 0, partitions - 1);
        let committed = consumer.committed_offsets(places, PATIENCE).unwrap();
        // A partition to which nothing came has no position.
        committed.elements().iter().filter_map(|place| place.offset().to_raw()).filter(|offset| *offset > 0).sum()
    }
}

fn parsed(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

/// A supplier `initech` on a topic, whose mock has these further keys, and what else there is in the file.
fn scene(broker: &Broker, topic: &str, mock: &str, others: &str) -> Scene {
    Scene::new(&format!(
        "currency = \"EUR\"\ntimeout = \"60s\"\n{others}\n[suppliers.initech]\nurl = \"{}\"\ntopic = \"{topic}\"\n\
         [suppliers.initech.mock]\n{mock}\n{MOCK}",
        broker.url()
    ))
}

/// Starts a worker, and returns when it takes requests.
fn start(scene: &Scene, group: &str, arguments: &[&str]) -> Running {
    let mut worker = scene.start(&[&["worker", "--supplier", "initech", "--group", group], arguments].concat());
    assert!(worker.next_line().starts_with("initech kafka://"));
    worker
}

/// Lets a worker finish, which must go well, and returns the last that it says.
fn finish(worker: Running) -> String {
    worker.signal("TERM");
    let run = worker.finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stderr.lines().last().unwrap_or_default().to_owned()
}

/// A group that nobody else has.
fn group() -> String {
    format!("workers.{}", uuid::Uuid::new_v4())
}

#[test]
fn a_worker_answers_a_comparison_from_its_mock() {
    let broker = Broker::shared();
    let topic = broker.topic();
    let scene = scene(&broker, &topic, "", "");
    let worker = start(&scene, &group(), &[]);
    let (document, run) = scene.json(&["widget", "--qty", "10"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(document["cheapest"]["totalPrice"], 5.0);
    assert_eq!(stats(&document, "initech")["transport"], "kafka");
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors");
}

#[test]
fn an_upstream_is_asked_and_a_reply_echoes_the_id_or_has_none() {
    let broker = Broker::shared();
    let asker = Asker::new(&broker, 1);
    let acme = Supplier::replying(r#"{"price": "0.70"}"#);
    let others = format!(
        "[suppliers.acme]\nurl = \"{}\"\nquotes = '{{unitPrice: .price, currency: \"EUR\", inStock: true}}'",
        acme.url()
    );
    let worker = start(&scene(&broker, &asker.topic, "", &others), &group(), &["--upstream", "acme"]);
    asker.ask("anything at all");
    let reply = asker.reply();
    assert_eq!(reply.id.as_deref(), Some("anything at all"));
    assert_eq!(parsed(&reply)[0]["unitPrice"], 0.7);
    asker.send(WIDGETS.as_bytes(), None, &asker.replies, None);
    assert_eq!(asker.reply().id, None);
    assert_eq!(finish(worker), "initech: 2 answered, 0 errors");
}

#[test]
fn poison_is_answered_once_and_what_nobody_waits_for_is_dropped() {
    let broker = Broker::shared();
    let (asker, group) = (Asker::new(&broker, 1), group());
    let scene = scene(&broker, &asker.topic, "", "");
    let worker = start(&scene, &group, &["--concurrency", "1"]);
    for (index, body) in ["x", "", "[]", r#"{"keyword": "widget"}"#].into_iter().enumerate() {
        asker.send(body.as_bytes(), Some(&index.to_string()), &asker.replies, None);
        let reply = asker.reply();
        assert_eq!(reply.id, Some(index.to_string()));
        let error = parsed(&reply)["error"]["message"].clone();
        assert!(error.as_str().unwrap().starts_with("body is no quote request: "), "{error}");
    }
    // Nobody wants to know; the topic for the reply is gone; the time is over.
    let now = jiff::Timestamp::now().as_millisecond();
    asker.send(WIDGETS.as_bytes(), Some("5"), "", None);
    asker.send(WIDGETS.as_bytes(), Some("6"), &format!("gone.{}", uuid::Uuid::new_v4()), None);
    asker.send(WIDGETS.as_bytes(), Some("7"), &asker.replies, Some(now - 1));
    asker.send(WIDGETS.as_bytes(), Some("8"), &asker.replies, Some(now + 60_000));
    assert_eq!(asker.reply().id.as_deref(), Some("8"));
    assert_eq!(finish(worker), "initech: 1 answered, 4 errors, 3 dropped");
    assert_eq!(asker.done(&broker, &group, 1), 8);
    // Nothing of it comes back.
    let other = start(&scene, &group, &[]);
    asker.ask("9");
    assert_eq!(asker.reply().id.as_deref(), Some("9"));
    assert_eq!(finish(other), "initech: 1 answered, 0 errors");
}

#[test]
fn a_topic_that_is_missing_is_an_error() {
    let scene = scene(&Broker::shared(), "quotes.missing", "", "");
    assert_eq!(
        refused(&scene, &["--supplier", "initech"]),
        "error: supplier `initech`: topic cannot be used: the broker has no topic `quotes.missing`, or does not show it to \
         this user\nhint: make the topic, or look at the rights of this user\n"
    );
}

#[test]
fn a_setting_that_the_library_does_not_know_is_an_error() {
    let scene = scene(&Broker::shared(), "quotes", "", "[kafka]\n\"no.such.setting\" = \"x\"");
    let said = refused(&scene, &["--supplier", "initech"]);
    assert!(said.contains("does not take `no.such.setting`"), "{said}");
}

#[test]
fn a_worker_that_is_terminated_finishes_what_it_holds_and_leaves_the_rest() {
    let broker = Broker::shared();
    let (asker, group) = (Asker::new(&broker, 1), group());
    let (acme, release) = gate();
    let others = format!("[suppliers.acme]\nurl = \"{}\"", acme.url());
    let scene = scene(&broker, &asker.topic, "", &others);
    let arguments = ["--concurrency", "1", "--upstream", "acme"];
    let mut worker = start(&scene, &group, &arguments);
    for id in ["first", "held", "left"] {
        asker.ask(id);
    }
    release.send(()).unwrap();
    assert_eq!(asker.reply().id.as_deref(), Some("first"));
    until(|| acme.heads().len() == 2);
    worker.signal("TERM");
    worker.wait_for("initech: finishes 1 request");
    release.send(()).unwrap();
    let run = worker.finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.ends_with("initech: 2 answered, 0 errors\n"), "{}", run.stderr);
    assert_eq!(asker.reply().id.as_deref(), Some("held"));
    // Another one takes what was left, and nothing else.
    let other = start(&scene, &group, &arguments);
    release.send(()).unwrap();
    assert_eq!(asker.reply().id.as_deref(), Some("left"));
    assert_eq!(finish(other), "initech: 1 answered, 0 errors");
}

#[test]
fn requests_of_one_partition_are_worked_on_at_a_time_and_in_no_order() {
    let broker = Broker::shared();
    let asker = Asker::new(&broker, 1);
    let mock = "latency = \"1h\"\n[[suppliers.initech.mock.offers]]\nunit-price = \"1\"\ncurrency = \"EUR\"";
    let slow = scene(&broker, &asker.topic, mock, "");
    let worker = start(&slow, &group(), &["--concurrency", "3"]);
    let now = jiff::Timestamp::now().as_millisecond();
    // Two hold a place each for as long as they have, and do not hold up what is behind them.
    asker.send(WIDGETS.as_bytes(), Some("1"), &asker.replies, Some(now + 3_600_000));
    asker.send(WIDGETS.as_bytes(), Some("2"), &asker.replies, Some(now + 3_600_000));
    asker.send(b"x", Some("3"), &asker.replies, None);
    asker.send(b"x", Some("4"), &asker.replies, None);
    assert_eq!([asker.reply().id.unwrap(), asker.reply().id.unwrap()], ["3", "4"]);
    worker.signal("KILL");
    assert_eq!(worker.finish().code, None);
}

#[test]
fn a_broker_without_the_new_protocol_has_the_old_one() {
    let broker = Broker::own(&[], "group.coordinator.rebalance.protocols=classic\n");
    let asker = Asker::new(&broker, 1);
    let worker = start(&scene(&broker, &asker.topic, "", ""), &group(), &[]);
    asker.ask("1");
    assert_eq!(asker.reply().id.as_deref(), Some("1"));
    assert_eq!(finish(worker), "initech: 1 answered, 0 errors");
}

#[test]
fn a_broker_that_goes_away_is_waited_for() {
    let broker = Broker::own(&[], QUICK_TO_BURY);
    let asker = Asker::new(&broker, 1);
    let mut worker = start(&scene(&broker, &asker.topic, "", ""), &group(), &[]);
    asker.ask("before");
    assert_eq!(asker.reply().id.as_deref(), Some("before"));
    broker.stop("KILL");
    worker.wait_for("initech: broker cannot be reached: ");
    broker.start_again();
    worker.wait_for("initech: is connected again");
    asker.ask("after");
    // What was not yet committed when the broker went away may be answered again.
    while asker.reply().id.as_deref() != Some("after") {}
    finish(worker);
}

#[test]
fn row_67_every_request_is_answered_although_workers_are_killed() {
    const REQUESTS: usize = 400;
    let broker = Broker::own(&[], QUICK_TO_BURY);
    let (asker, group) = (Asker::new(&broker, 4), group());
    let scene = scene(&broker, &asker.topic, "latency = \"5ms\"", "");
    let lasting = start(&scene, &group, &["--concurrency", "2"]);
    let mut killed = Some(start(&scene, &group, &["--concurrency", "2"]));
    for id in 0..REQUESTS {
        asker.ask(&id.to_string());
    }
    let mut answered = HashSet::new();
    while answered.len() < REQUESTS {
        let reply = asker.reply();
        assert_eq!(parsed(&reply)[0]["unitPrice"], 0.5);
        answered.insert(reply.id.unwrap());
        if answered.len() % 100 == 50
            && let Some(worker) = killed.take()
        {
            worker.signal("KILL");
            assert_eq!(worker.finish().code, None);
            killed = (answered.len() < 250).then(|| start(&scene, &group, &["--concurrency", "2"]));
        }
    }
    killed.into_iter().chain([lasting]).for_each(|worker| drop(finish(worker)));
    assert_eq!(asker.done(&broker, &group, 4), 400);
}
