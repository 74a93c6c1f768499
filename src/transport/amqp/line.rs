//! One channel with its consumer of replies.
//!
//! Owns the order in which a channel is made ready, and what the broker says to a request. Refuses to know whose replies
//! they are: [`Pending`] does. Main type: [`Line`].

use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection, Consumer, PublisherConfirm};

use super::errors;
use super::pending::{Pending, Received};
use crate::domain::{AmqpTarget, ErrorKind, Failure, ReplyMode};
use crate::transport::faults::short;

/// The address of direct replies; it is no queue.
const DIRECT: &str = "amq.rabbitmq.reply-to";

/// What a broker says to a request that no queue is there for.
const NO_ROUTE: u16 = 312;

/// A channel on which replies come.
pub(super) struct Line {
    channel: Channel,
    /// Where replies are to be sent.
    pub(super) reply_to: ShortString,
    pub(super) pending: Arc<Pending>,
}

impl Line {
    /// Makes a channel ready for requests. `mark` stands in the place of bodies that are too large.
    ///
    /// # Errors
    /// When the broker refuses, or is gone.
    pub(super) async fn open(connection: &Connection, mode: ReplyMode, mark: Arc<[u8]>) -> Result<Self, Failure> {
        let failed = |error: lapin::Error| errors::failure(&error);
        let channel = connection.create_channel().await.map_err(failed)?;
        let reply_to: ShortString = match mode {
            ReplyMode::Direct => DIRECT.into(),
            ReplyMode::ExclusiveQueue => {
                let options =
                    QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
                let queue = channel.queue_declare("".into(), options, FieldTable::default()).await;
                queue.map_err(failed)?.name().clone()
            }
        };
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let consumer = channel.basic_consume(reply_to.clone(), "".into(), options, FieldTable::default()).await;
        let consumer = consumer.map_err(failed)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(failed)?;
        let pending = Arc::new(Pending::default());
        tokio::spawn(listen(consumer, Arc::clone(&pending), mark));
        Ok(Self { channel, reply_to, pending })
    }

    /// Whether requests can be sent.
    pub(super) fn is_open(&self) -> bool {
        self.channel.status().connected()
    }

    /// Sends a request; it is to be delivered, or to come back.
    ///
    /// # Errors
    /// When the channel is gone.
    pub(super) async fn publish(
        &self,
        target: &AmqpTarget,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<PublisherConfirm, Failure> {
        let (exchange, routing_key) = match target {
            AmqpTarget::Queue(queue) => ("", queue.as_str()),
            AmqpTarget::Exchange { name, routing_key } => (name.as_str(), routing_key.as_str()),
        };
        let (exchange, routing_key) = (short_string(exchange)?, short_string(routing_key)?);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = self.channel.basic_publish(exchange, routing_key, options, body, properties).await;
        sent.map_err(|error| errors::failure(&error))
    }
}

/// Whether the broker has taken a request.
///
/// # Errors
/// `broker_unroutable` when it has no place for it, `broker_auth` when it permits it not.
pub(super) fn judge(confirmation: lapin::Result<Confirmation>, target: &AmqpTarget) -> Result<(), Failure> {
    let unroutable = |detail: &str| Err(Failure::new(ErrorKind::BrokerUnroutable).with_detail(detail));
    match confirmation {
        Err(error) => Err(errors::failure(&error)),
        Ok(Confirmation::Ack(None) | Confirmation::NotRequested) => Ok(()),
        Ok(Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned))) => {
            match (returned.reply_code, target) {
                (NO_ROUTE, AmqpTarget::Queue(queue)) => unroutable(&format!("there is no queue `{queue}`")),
                (NO_ROUTE, AmqpTarget::Exchange { name, routing_key }) if routing_key.is_empty() => {
                    unroutable(&format!("exchange `{name}` has no queue for it"))
                }
                (NO_ROUTE, AmqpTarget::Exchange { name, routing_key }) => {
                    unroutable(&format!("exchange `{name}` has no queue for routing key `{routing_key}`"))
                }
                (number, _) => unroutable(&format!("it came back: {} ({number})", short(returned.reply_text.as_str()))),
            }
        }
        Ok(Confirmation::Nack(None)) => unroutable("the broker did not take it: its queue may be full"),
    }
}

/// A text that AMQP can carry in a name.
pub(super) fn short_string(text: &str) -> Result<ShortString, Failure> {
    let too_long = |_| Failure::new(ErrorKind::BrokerUnroutable).with_detail("a name is longer than 255 bytes");
    ShortString::try_new(text).map_err(too_long)
}

/// Hands out replies until the channel is gone.
async fn listen(mut consumer: Consumer, pending: Arc<Pending>, mark: Arc<[u8]>) {
    let end = loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut consumer).poll_next(context)).await;
        match next {
            Some(Ok(delivery)) => deliver(delivery, &pending, &mark),
            Some(Err(error)) => break errors::failure(&error),
            None => break errors::lost(),
        }
    };
    pending.end(&end);
}

fn deliver(delivery: Delivery, pending: &Pending, mark: &[u8]) {
    let Delivery { data, properties, .. } = delivery;
    let id = properties.correlation_id().as_ref().map(ShortString::as_str);
    let body = (data != mark).then_some(data);
    let content_type = properties.content_type().as_ref().map(|name| short(name.as_str()));
    pending.deliver(id, Received { body, content_type, has_id: id.is_some() });
}
