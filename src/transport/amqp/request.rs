//! One request: its properties, and what is shown of it.
//!
//! Refuses to know how it is sent, and what comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use super::AmqpSupplier;
use super::line::short_string;
use crate::domain::{AmqpTarget, DEADLINE_HEADER, Failure, Method, ReplyMode};
use crate::transport::question::JSON;
use crate::transport::{Inquiry, Preview};

/// The property that carries the run's id.
const CORRELATION_ID: &str = "X-Correlation-Id";
/// The delivery mode of messages that a broker need not keep.
const TRANSIENT: u8 = 1;

impl AmqpSupplier {
    /// The properties of a request with this id.
    ///
    /// # Errors
    /// When one of them is longer than AMQP can carry.
    pub(super) fn properties(
        &self,
        inquiry: &Inquiry,
        id: &str,
        reply_to: &ShortString,
    ) -> Result<BasicProperties, Failure> {
        let run: &str = &inquiry.correlation_id;
        let run = AMQPValue::LongString(run.as_bytes().to_vec().into());
        let expiration = self.expiration(inquiry);
        let deadline = AMQPValue::LongLongInt(of_use_until(expiration));
        let headers = FieldTable::from(BTreeMap::from([
            (short_string(CORRELATION_ID)?, run),
            (short_string(DEADLINE_HEADER)?, deadline),
        ]));
        Ok(BasicProperties::default()
            .with_reply_to(reply_to.clone())
            .with_correlation_id(short_string(id)?)
            .with_message_id(short_string(id)?)
            .with_expiration(short_string(&expiration.to_string())?)
            .with_content_type(short_string(JSON)?)
            .with_delivery_mode(TRANSIENT)
            .with_headers(headers))
    }

    /// How long the request is of use, milliseconds.
    fn expiration(&self, inquiry: &Inquiry) -> u128 {
        let left = inquiry.deadline.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or_default();
        self.timeout.map_or(left, |own| own.min(left)).as_millis().max(1)
    }

    /// The request as it would be sent, secrets masked.
    pub(super) fn shown(&self, inquiry: &Inquiry) -> Preview {
        let Self { shown_url, target, reply_mode, .. } = self;
        let place = match target {
            AmqpTarget::Queue(queue) => format!("queue {queue}"),
            AmqpTarget::Exchange { name, routing_key } if routing_key.is_empty() => format!("exchange {name}"),
            AmqpTarget::Exchange { name, routing_key } => format!("exchange {name}, routing key {routing_key}"),
        };
        let reply_to = match reply_mode {
            ReplyMode::Direct => "amq.rabbitmq.reply-to",
            ReplyMode::ExclusiveQueue => "a queue of its own",
        };
        let bindings = self.replies.bindings(inquiry);
        let properties = [
            ("reply-to", reply_to),
            ("correlation-id", "a UUID"),
            ("message-id", "the same"),
            ("expiration", "what is left of the deadline"),
            ("content-type", JSON),
            ("delivery-mode", "1"),
            (CORRELATION_ID, &inquiry.correlation_id),
            (DEADLINE_HEADER, "when that is"),
        ];
        Preview {
            head: format!("PUBLISH {shown_url} → {place}"),
            headers: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: self.body.shown(Method::Post, &bindings),
        }
    }
}

/// The moment in so many milliseconds, in Unix milliseconds.
fn of_use_until(left: u128) -> i64 {
    i64::try_from(left).map_or(i64::MAX, |left| Timestamp::now().as_millisecond().saturating_add(left))
}
