//! Replies on their way back, each confirmed by the broker.
//!
//! They have a channel of their own: a reply that the broker does not permit closes its channel, and must not cost the
//! requests that others hold. Main type: [`Publisher`].

use std::sync::Arc;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use tokio::sync::Mutex;

use super::AmqpDoor;
use super::request::Address;
use crate::domain::Failure;
use crate::respond::worker::Ending;

/// How often a reply is published at most, when the channel breaks. One that breaks it each time is given up.
const ATTEMPTS: usize = 2;
/// The type of every body of ours.
const JSON: &str = "application/json";
/// What the address of a direct reply begins with.
const DIRECT: &str = "amq.rabbitmq.reply-to";
/// The delivery mode of messages that a broker need not keep.
const TRANSIENT: u8 = 1;

/// Publishes replies.
pub(super) struct Publisher {
    connection: Arc<Connection>,
    door: Arc<dyn AmqpDoor>,
    channel: Mutex<Channel>,
}

impl Publisher {
    /// Opens the channel.
    ///
    /// # Errors
    /// When the broker is gone, or permits no channel.
    pub(super) async fn open(connection: Arc<Connection>, door: Arc<dyn AmqpDoor>) -> Result<Self, Failure> {
        let channel = channel(&connection, &*door).await?;
        Ok(Self { connection, door, channel: Mutex::new(channel) })
    }

    /// Publishes a reply and waits until the broker has it; returns `ending`, or that nobody waits for it, or that the
    /// broker does not take it.
    ///
    /// # Errors
    /// When the connection is lost: whether the reply arrived is not known.
    pub(super) async fn send(&self, address: &Address, body: &[u8], ending: Ending) -> Result<Ending, Failure> {
        let mut properties =
            BasicProperties::default().with_content_type(ShortString::from(JSON)).with_delivery_mode(TRANSIENT);
        if let Some(id) = &address.correlation_id {
            properties = properties.with_correlation_id(id.clone());
        }
        // A direct reply has no queue: the broker delivers it, and would say that it cannot.
        let mandatory = !address.reply_to.as_str().starts_with(DIRECT);
        let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
        for _ in 0..ATTEMPTS {
            let channel = self.channel().await?;
            let (reply_to, properties) = (address.reply_to.clone(), properties.clone());
            let confirmation = match channel.basic_publish("".into(), reply_to, options, body, properties).await {
                Ok(confirm) => confirm.await,
                Err(error) => Err(error),
            };
            match confirmation {
                Ok(Confirmation::Ack(None) | Confirmation::NotRequested) => return Ok(ending),
                Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))) => return Ok(Ending::Unwanted),
                Err(error) if !self.connection.status().connected() => return Err(self.door.explain(&error)),
                Ok(Confirmation::Nack(None)) | Err(_) => {}
            }
        }
        Ok(Ending::Undelivered)
    }

    /// The channel, or a new one if it broke.
    async fn channel(&self) -> Result<Channel, Failure> {
        let mut current = self.channel.lock().await;
        if !current.status().connected() {
            *current = channel(&self.connection, &*self.door).await?;
        }
        Ok(current.clone())
    }
}

async fn channel(connection: &Connection, door: &dyn AmqpDoor) -> Result<Channel, Failure> {
    let failed = |error: lapin::Error| door.explain(&error);
    let channel = connection.create_channel().await.map_err(failed)?;
    channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(failed)?;
    Ok(channel)
}
