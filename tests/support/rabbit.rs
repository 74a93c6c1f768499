//! The other end of a RabbitMQ: responders that answer as told, and a wire to the broker that can be cut.
//!
//! The broker is real: `./tests/run` starts one, and `PRICECMP_TEST_AMQP` names it. Main types: [`Responder`] and [`Wire`].

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use futures_core::Stream;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::Value;

/// The URL of the broker, without a path.
pub fn url() -> String {
    let url = std::env::var("PRICECMP_TEST_AMQP");
    url.unwrap_or_else(|_| panic!("PRICECMP_TEST_AMQP names no RabbitMQ; ./tests/run starts one"))
}

/// A name that nobody else uses.
pub fn name(what: &str) -> String {
    format!("{what}.{}", uuid::Uuid::new_v4())
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub body: Value,
    pub properties: BasicProperties,
    /// How many came before it.
    pub number: usize,
}

impl Request {
    pub fn id(&self) -> String {
        self.properties.correlation_id().as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// A message that a responder sends to where replies are wanted.
pub struct Message {
    pub body: Vec<u8>,
    pub id: Option<String>,
}

impl Message {
    /// The reply to a request.
    pub fn to(request: &Request, body: impl AsRef<[u8]>) -> Self {
        Self { body: body.as_ref().to_vec(), id: Some(request.id()) }
    }

    pub fn with_id(self, id: Option<&str>) -> Self {
        Self { id: id.map(str::to_owned), ..self }
    }
}

/// A responder on a queue of its own, until it is dropped.
pub struct Responder {
    pub queue: String,
    requests: Arc<Mutex<Vec<Request>>>,
    answered: Arc<AtomicUsize>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

type Answer = Box<dyn FnMut(&Request) -> Vec<Message> + Send>;

impl Responder {
    /// Answers every request as told.
    pub fn new(answer: impl FnMut(&Request) -> Vec<Message> + Send + 'static) -> Self {
        Self::at(&url(), None, answer)
    }

    /// Answers every request with this body.
    pub fn replying(body: impl Into<String>) -> Self {
        let body = body.into();
        Self::new(move |request| vec![Message::to(request, &body)])
    }

    /// Answers what comes over a fanout exchange, which is made if it is not there.
    pub fn of_exchange(exchange: &str, answer: impl FnMut(&Request) -> Vec<Message> + Send + 'static) -> Self {
        Self::at(&url(), Some(exchange), answer)
    }

    /// Answers at a broker.
    pub fn at(
        broker: &str,
        exchange: Option<&str>,
        answer: impl FnMut(&Request) -> Vec<Message> + Send + 'static,
    ) -> Self {
        let (queue, requests, answered) = (name("quotes"), Arc::default(), Arc::default());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        let work = Work {
            broker: broker.to_owned(),
            exchange: exchange.map(str::to_owned),
            queue: queue.clone(),
            requests: Arc::clone(&requests),
            answered: Arc::clone(&answered),
        };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = work.run(ready, Box::new(answer)) => {}
                    _ = stopped => {}
                }
            });
        });
        is_ready.recv().unwrap();
        Self { queue, requests, answered, stop: Some(stop) }
    }

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many requests were dealt with: what was to be sent is sent.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        // It may have ended by itself, when its broker was stopped.
        let _ = self.stop.take().map(|stop| stop.send(()));
    }
}

struct Work {
    broker: String,
    exchange: Option<String>,
    queue: String,
    requests: Arc<Mutex<Vec<Request>>>,
    answered: Arc<AtomicUsize>,
}

impl Work {
    async fn run(self, ready: mpsc::Sender<()>, mut answer: Answer) {
        // Large frames cost much memory, which a run that is started inherits for a moment.
        let broker = format!("{}/%2f?frame_max=8192", self.broker);
        let connection = Connection::connect(&broker, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let options = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(self.queue.as_str().into(), options, FieldTable::default()).await.unwrap();
        if let Some(exchange) = &self.exchange {
            let options = ExchangeDeclareOptions { auto_delete: true, ..ExchangeDeclareOptions::default() };
            let declared = channel.exchange_declare(
                exchange.as_str().into(),
                ExchangeKind::Fanout,
                options,
                FieldTable::default(),
            );
            declared.await.unwrap();
            let (queue, exchange) = (self.queue.as_str().into(), exchange.as_str().into());
            channel
                .queue_bind(queue, exchange, "".into(), QueueBindOptions::default(), FieldTable::default())
                .await
                .unwrap();
        }
        let options = BasicConsumeOptions::default();
        let begun = channel.basic_consume(self.queue.as_str().into(), "".into(), options, FieldTable::default());
        let mut consumer = begun.await.unwrap();
        ready.send(()).unwrap();
        loop {
            let next = std::future::poll_fn(|context| std::pin::Pin::new(&mut consumer).poll_next(context)).await;
            let Some(Ok(delivery)) = next else { return };
            let number = self.requests.lock().unwrap().len();
            let body = serde_json::from_slice(&delivery.data).unwrap_or_default();
            let request = Request { body, properties: delivery.properties.clone(), number };
            self.requests.lock().unwrap().push(request.clone());
            for message in answer(&request) {
                publish(&channel, &request, message).await;
            }
            self.answered.fetch_add(1, Ordering::SeqCst);
            // A broker that is gone needs no acknowledgement.
            let _ = delivery.ack(BasicAckOptions::default()).await;
        }
    }
}

async fn publish(channel: &Channel, request: &Request, message: Message) {
    let reply_to = request.properties.reply_to().clone().unwrap();
    let properties = BasicProperties::default().with_content_type("application/json".into());
    let properties = match message.id {
        Some(id) => properties.with_correlation_id(id.into()),
        None => properties,
    };
    // Who asked may be gone.
    let _ = channel.basic_publish("".into(), reply_to, BasicPublishOptions::default(), &message.body, properties).await;
}

/// The name of a queue that a program makes, which is removed when this is dropped.
pub struct SharedQueue {
    pub name: String,
}

impl SharedQueue {
    pub fn new() -> Self {
        Self { name: name("quotes") }
    }
}

impl Drop for SharedQueue {
    fn drop(&mut self) {
        let name = self.name.as_str();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let connection = Connection::connect(&format!("{}/%2f", url()), ConnectionProperties::default()).await;
            let channel = connection.unwrap().create_channel().await.unwrap();
            // One that was never made is gone as well.
            let _ = channel.queue_delete(name.into(), QueueDeleteOptions::default()).await;
        });
    }
}

/// A wire between a supplier's transport and the broker.
pub struct Wire {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
    is_closed: Arc<AtomicBool>,
}

impl Wire {
    /// Leads to the broker.
    pub fn new() -> Self {
        let parsed = url::Url::parse(&url()).unwrap();
        let broker = format!("{}:{}", parsed.host_str().unwrap(), parsed.port().unwrap_or(5672));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Self { address: listener.local_addr().unwrap(), open: Arc::default(), is_closed: Arc::default() };
        let (open, is_closed) = (Arc::clone(&wire.open), Arc::clone(&wire.is_closed));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if is_closed.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(&broker).unwrap();
                open.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                    // It ends when the wire is cut.
                    thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
                }
            }
        });
        wire
    }

    /// The broker's URL over this wire.
    pub fn url(&self) -> String {
        let mut parsed = url::Url::parse(&url()).unwrap();
        parsed.set_port(Some(self.address.port())).unwrap();
        parsed.set_host(Some("127.0.0.1")).unwrap();
        parsed.to_string().trim_end_matches('/').to_owned()
    }

    /// What cuts it.
    pub fn cutter(&self) -> Cutter {
        Cutter { open: Arc::clone(&self.open), is_closed: Arc::clone(&self.is_closed) }
    }
}

/// Cuts a wire.
pub struct Cutter {
    open: Arc<Mutex<Vec<TcpStream>>>,
    is_closed: Arc<AtomicBool>,
}

impl Cutter {
    /// Cuts what is connected.
    pub fn cut(&self) {
        for socket in self.open.lock().unwrap().drain(..) {
            // The other end may have closed it before.
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Cuts it, and connects nobody any more.
    pub fn cut_for_good(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.cut();
    }
}

/// A broker of a test's own, for the time in which it is stopped.
pub struct OwnBroker {
    folder: tempfile::TempDir,
    pub url: String,
}

impl OwnBroker {
    pub fn start() -> Self {
        Self::start_with(|_| String::new())
    }

    /// Starts it with further lines of its configuration, given its folder.
    pub fn start_with(configuration: impl FnOnce(&std::path::Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("extra.conf"), configuration(folder.path())).unwrap();
        let started = script("start-rabbitmq").arg(folder.path()).output().unwrap();
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        let url = String::from_utf8(started.stdout).unwrap().trim().to_owned();
        Self { folder, url }
    }

    /// What stops it.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let folder = self.folder.path().to_owned();
        move || assert!(script("stop").arg(&folder).status().unwrap().success())
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        self.stopper()();
    }
}

fn script(name: &str) -> Command {
    Command::new(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/brokers").join(name))
}
