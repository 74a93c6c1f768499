//! Somebody who asks over RabbitMQ by direct reply-to, and knows nothing of pricecmp.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use futures_core::Stream;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use tokio::runtime::Handle;

use crate::WIDGETS;
use crate::support::rabbit;

/// How long a reply is waited for that must come.
const PATIENCE: Duration = Duration::from_mins(1);
/// Where direct replies go.
const DIRECT: &str = "amq.rabbitmq.reply-to";

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) id: Option<String>,
    pub(crate) body: String,
}

/// Asks over a queue of its own, which goes away with it.
pub(crate) struct Asker {
    pub(crate) queue: String,
    handle: Handle,
    connection: Arc<Connection>,
    channel: Channel,
    replies: mpsc::Receiver<Reply>,
}

impl Asker {
    /// Makes the queue.
    pub(crate) fn new() -> Self {
        let asker = Self::without_queue();
        let (channel, queue) = (asker.channel.clone(), ShortString::from(asker.queue.as_str()));
        asker.wait(async move {
            channel.queue_declare(queue, QueueDeclareOptions::default(), FieldTable::default()).await.unwrap();
        });
        asker
    }

    /// Leaves it to others to make the queue.
    pub(crate) fn without_queue() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        let (send, replies) = mpsc::channel();
        let (connection, channel) = wait(&handle, async {
            let connection = Connection::connect(&rabbit::url(), ConnectionProperties::default()).await.unwrap();
            let channel = connection.create_channel().await.unwrap();
            let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
            let begun = channel.basic_consume(DIRECT.into(), "".into(), options, FieldTable::default());
            let mut consumer = begun.await.unwrap();
            channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
            tokio::spawn(async move {
                while let Some(Ok(delivery)) =
                    std::future::poll_fn(|context| Pin::new(&mut consumer).poll_next(context)).await
                {
                    let id = delivery.properties.correlation_id().as_ref().map(ToString::to_string);
                    let body = String::from_utf8(delivery.data).unwrap();
                    if send.send(Reply { id, body }).is_err() {
                        return;
                    }
                }
            });
            (Arc::new(connection), channel)
        });
        Self { queue: rabbit::name("quotes"), handle, connection, channel, replies }
    }

    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        wait(&self.handle, work)
    }

    /// Asks for 10 widgets, as everybody does, and does not wait for the reply.
    pub(crate) fn ask(&self, id: &str) {
        let properties = BasicProperties::default().with_reply_to(DIRECT.into()).with_correlation_id(id.into());
        self.send(WIDGETS.as_bytes(), properties);
    }

    /// Sends what may be no request at all.
    pub(crate) fn send(&self, body: &[u8], properties: BasicProperties) {
        let (channel, queue) = (self.channel.clone(), ShortString::from(self.queue.as_str()));
        let (body, options) =
            (body.to_vec(), BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() });
        let confirmed = self.wait(async move {
            channel.basic_publish("".into(), queue, options, &body, properties).await.unwrap().await.unwrap()
        });
        assert!(confirmed.is_ack(), "{confirmed:?}");
    }

    /// The next reply.
    pub(crate) fn reply(&self) -> Reply {
        self.replies.recv_timeout(PATIENCE).expect("a reply comes")
    }

    /// Whether no reply is there that nobody has taken.
    pub(crate) fn has_no_reply(&self) -> bool {
        self.replies.try_recv().is_err()
    }

    /// How many requests wait in the queue, beside those that workers hold.
    pub(crate) fn waiting(&self) -> u32 {
        let (connection, queue) = (Arc::clone(&self.connection), ShortString::from(self.queue.as_str()));
        self.wait(async move {
            // On a channel of its own, which breaks if there is no queue.
            let channel = connection.create_channel().await.unwrap();
            let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(queue, options, FieldTable::default()).await.unwrap().message_count()
        })
    }

    /// Waits until so many requests wait in the queue.
    pub(crate) fn wait_until_waiting(&self, count: u32) {
        let end = std::time::Instant::now() + PATIENCE;
        while self.waiting() != count {
            assert!(std::time::Instant::now() < end, "{} requests wait, not {count}", self.waiting());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let (connection, queue) = (Arc::clone(&self.connection), ShortString::from(self.queue.as_str()));
        // The queue may never have been made.
        self.handle.spawn(async move {
            if let Ok(channel) = connection.create_channel().await {
                let _ = channel.queue_delete(queue, QueueDeleteOptions::default()).await;
            }
        });
    }
}

fn wait<T: Send + 'static>(handle: &Handle, work: impl Future<Output = T> + Send + 'static) -> T {
    let (send, done) = mpsc::channel();
    handle.spawn(async move { send.send(work.await) });
    done.recv_timeout(PATIENCE).expect("the broker answers")
}

/// Properties of a request that wants a direct reply.
pub(crate) fn properties() -> BasicProperties {
    BasicProperties::default().with_reply_to(DIRECT.into())
}

/// A header with a number.
pub(crate) fn header(name: &str, number: i64) -> FieldTable {
    FieldTable::from(BTreeMap::from([(ShortString::from(name), AMQPValue::LongLongInt(number))]))
}
