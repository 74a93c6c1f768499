//! Somebody who asks over RabbitMQ.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use tokio::runtime::{Builder, Runtime};

use super::{Asker, PATIENCE, REQUEST, Result};

/// Where direct replies go.
const DIRECT: &str = "amq.rabbitmq.reply-to";

/// Asks over a queue of its own.
pub(super) struct RabbitAsker {
    url: String,
    queue: String,
    runtime: Runtime,
    _connection: Connection,
    channel: Channel,
    consumer: Consumer,
}

impl RabbitAsker {
    /// Makes the queue.
    pub(super) fn new(url: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let queue = format!("bench.{}", uuid::Uuid::new_v4());
        let (connection, channel, consumer) = runtime.block_on(async {
            let connection = Connection::connect(url, ConnectionProperties::default()).await?;
            let channel = connection.create_channel().await?;
            let name = ShortString::from(queue.as_str());
            channel.queue_declare(name, QueueDeclareOptions::default(), FieldTable::default()).await?;
            let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
            let consumer = channel.basic_consume(DIRECT.into(), "".into(), options, FieldTable::default()).await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            lapin::Result::Ok((connection, channel, consumer))
        })?;
        Ok(Self { url: url.to_owned(), queue, runtime, _connection: connection, channel, consumer })
    }
}

impl Asker for RabbitAsker {
    fn keys(&self) -> String {
        format!("url = \"{}\"\nqueue = \"{}\"", self.url, self.queue)
    }

    fn killed_every(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn ask(&mut self, id: &str) -> Result<()> {
        let properties = BasicProperties::default().with_reply_to(DIRECT.into()).with_correlation_id(id.into());
        let (queue, options) = (ShortString::from(self.queue.as_str()), BasicPublishOptions::default());
        self.runtime.block_on(self.channel.basic_publish("".into(), queue, options, REQUEST, properties))?;
        Ok(())
    }

    fn sent(&mut self) -> Result<()> {
        self.runtime.block_on(self.channel.wait_for_confirms())?;
        Ok(())
    }

    fn reply(&mut self) -> Result<String> {
        let Self { runtime, consumer, .. } = self;
        let reply = runtime.block_on(async {
            let next = std::future::poll_fn(|context| Pin::new(&mut *consumer).poll_next(context));
            tokio::time::timeout(PATIENCE, next).await
        });
        let reply = reply?.ok_or("the broker is gone")??;
        Ok(reply.properties.correlation_id().as_ref().map(ToString::to_string).unwrap_or_default())
    }
}

impl Drop for RabbitAsker {
    fn drop(&mut self) {
        let queue = ShortString::from(self.queue.as_str());
        // A broker that is gone has no queue either.
        let _ = self.runtime.block_on(self.channel.queue_delete(queue, QueueDeleteOptions::default()));
    }
}
