//! A real Kafka for tests: topics, responders on them, and what is left on the broker.
//!
//! The broker that `PRICECMP_TEST_KAFKA` names is shared by all tests, so each test has topics of its own. A test that stops
//! its broker has one of its own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use tempfile::TempDir;
use uuid::Uuid;

use super::PATIENCE;
pub use super::until;

/// Fails the test, by a panic of its responder, when an answer is not delivered.
struct Loud;

impl ClientContext for Loud {}

impl ProducerContext for Loud {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            panic!("an answer of {} bytes was not delivered: {error}", message.payload_len());
        }
    }
}

/// A broker.
pub struct Broker {
    address: String,
    /// Settings of whoever is let in.
    settings: Vec<(String, String)>,
    /// That of a broker of the test's own, which is stopped in the end.
    folder: Option<TempDir>,
}

/// What a request says.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub id: Vec<u8>,
    pub reply_topic: String,
    pub reply_partition: Vec<u8>,
    pub deadline: String,
    pub run: String,
    pub key: Option<Vec<u8>>,
    pub body: String,
}

/// What is sent back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: Option<Vec<u8>>,
    pub body: Vec<u8>,
}

/// Answers the requests on a topic until it is dropped.
pub struct Responder {
    seen: Arc<Mutex<Vec<Request>>>,
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Request {
    /// The answer that it wants, with this body.
    pub fn answer(&self, body: impl Into<Vec<u8>>) -> Answer {
        Answer { id: Some(self.id.clone()), body: body.into() }
    }
}

impl Broker {
    /// The one that all tests share.
    pub fn shared() -> Self {
        let address = std::env::var("PRICECMP_TEST_KAFKA")
            .unwrap_or_else(|_| panic!("PRICECMP_TEST_KAFKA names no broker; ./tests/run starts one"));
        Self { address, settings: Vec::new(), folder: None }
    }

    /// A new one, with these variables for `start-kafka` and these additional properties.
    pub fn own(variables: &[(&str, &str)], properties: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("extra.properties"), properties).unwrap();
        let address = start(folder.path(), &[], variables);
        Self { address, settings: Vec::new(), folder: Some(folder) }
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().expect("the shared broker is not stopped").path()
    }

    /// Stops it with a signal.
    pub fn stop(&self, signal: &str) {
        let status = Command::new(script("stop")).arg(self.folder()).arg(signal).status().unwrap();
        assert!(status.success());
    }

    /// Starts it again on the same port, with what was on it.
    pub fn start_again(&self) {
        let port = self.address.rsplit(':').next().unwrap().to_owned();
        assert_eq!(start(self.folder(), &[&port], &[]), self.address);
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its address as a supplier's.
    pub fn url(&self) -> String {
        format!("kafka://{}", self.address)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.address).set("message.max.bytes", "100000000");
        config.set("linger.ms", "0").set("reconnect.backoff.ms", "10").set("reconnect.backoff.max.ms", "200");
        for (name, value) in &self.settings {
            config.set(name, value);
        }
        config
    }

    /// A new topic with so many partitions and these settings.
    pub fn topic_with(&self, partitions: i32, settings: &[(&str, &str)]) -> String {
        let name = format!("test.{}", Uuid::new_v4().simple());
        self.make(&name, partitions, settings);
        name
    }

    /// A new topic.
    pub fn topic(&self) -> String {
        self.topic_with(1, &[])
    }

    /// Makes a topic of that name.
    pub fn make(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let topic = settings.iter().fold(topic, |topic, (key, value)| topic.set(key, value));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let made = runtime.block_on(admin.create_topics([&topic], &options)).unwrap();
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        until(|| self.topics().iter().any(|topic| topic == name));
    }

    /// The names of all topics.
    pub fn topics(&self) -> Vec<String> {
        let consumer: BaseConsumer = self.config().create().unwrap();
        let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
        metadata.topics().iter().map(|topic| topic.name().to_owned()).collect()
    }

    /// Answers the requests on a topic, each with whatever `answer` makes of it, in that order.
    pub fn respond(&self, topic: &str, answer: impl Fn(&Request) -> Vec<Answer> + Send + 'static) -> Responder {
        let consumer = self.reader(topic);
        let producer: BaseProducer<Loud> = self.config().create_with_context(Loud).unwrap();
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen_there, stop_there) = (Arc::clone(&seen), Arc::clone(&stop));
        let answered = Arc::new(AtomicUsize::new(0));
        let answered_there = Arc::clone(&answered);
        let respond = move || {
            while !stop_there.load(Ordering::Relaxed) {
                let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) else { continue };
                let request = read(&message);
                seen_there.lock().unwrap().push(request.clone());
                for answer in answer(&request) {
                    send(&producer, &request, &answer);
                }
                // Who is not there any more is not waited for.
                let _ = producer.flush(Duration::from_secs(5));
                answered_there.fetch_add(1, Ordering::SeqCst);
            }
        };
        Responder { seen, answered, stop, thread: Some(thread::spawn(respond)) }
    }

    /// Answers every request on a topic with this body.
    pub fn reply(&self, topic: &str, body: &str) -> Responder {
        let body = body.to_owned();
        self.respond(topic, move |request| vec![request.answer(body.clone())])
    }

    /// Writes a message.
    pub fn write(&self, topic: &str, body: &[u8], headers: &[(&str, &[u8])]) {
        let producer: BaseProducer = self.config().create().unwrap();
        let headers = headers
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(*value) }));
        let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(topic).payload(body).partition(0).headers(headers);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        producer.flush(PATIENCE).unwrap();
    }

    /// A reader of the first partition of a topic, from its beginning.
    fn reader(&self, topic: &str) -> BaseConsumer {
        let mut config = self.config();
        config.set("group.id", "unused").set("enable.auto.commit", "false").set("fetch.wait.max.ms", "100");
        let consumer: BaseConsumer = config.create().unwrap();
        let mut places = TopicPartitionList::new();
        places.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&places).unwrap();
        consumer
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = Command::new(script("stop")).arg(folder.path()).arg("KILL").status();
        }
    }
}

impl Responder {
    /// The requests that it has seen so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests were dealt with: what was to be sent is sent.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Waits for its first request.
    pub fn first(&self) -> Request {
        until(|| !self.seen().is_empty());
        self.seen()[0].clone()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of its has failed its test already, or does not matter.
            let _ = thread.join();
        }
    }
}

fn read<M: Message>(message: &M) -> Request {
    let header = |name: &str| {
        let found = message.headers().and_then(|headers| headers.iter().find(|header| header.key == name));
        found.and_then(|header| header.value).unwrap_or_default().to_vec()
    };
    let text = |name| String::from_utf8(header(name)).unwrap();
    Request {
        id: header("kafka_correlationId"),
        reply_topic: text("kafka_replyTopic"),
        reply_partition: header("kafka_replyPartition"),
        deadline: text("x-deadline-ms"),
        run: text("x-correlation-id"),
        key: message.key().map(<[u8]>::to_vec),
        body: String::from_utf8(message.payload().unwrap_or_default().to_vec()).unwrap(),
    }
}

fn send(producer: &BaseProducer<Loud>, request: &Request, answer: &Answer) {
    let partition = i32::from_be_bytes(request.reply_partition.clone().try_into().unwrap());
    let mut headers = OwnedHeaders::new();
    if let Some(id) = &answer.id {
        headers = headers.insert(Header { key: "kafka_correlationId", value: Some(id) });
    }
    let record: BaseRecord<'_, (), [u8]> =
        BaseRecord::to(&request.reply_topic).partition(partition).payload(&answer.body[..]).headers(headers);
    producer.send(record).map_err(|(error, _)| error).unwrap();
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/brokers").join(name)
}

fn start(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(script("start-kafka"));
    let output = command.arg(folder).args(arguments).envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
