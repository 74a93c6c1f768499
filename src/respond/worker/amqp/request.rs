//! A message of RabbitMQ as a request: who wants the reply, and until when.

use jiff::Timestamp;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, ShortString};

use crate::domain::DEADLINE_HEADER;
use crate::respond::worker::task::Task;
use crate::respond::worker::{RUN, moment};

/// Where the reply goes.
pub(super) struct Address {
    /// The queue.
    pub(super) reply_to: ShortString,
    /// What tells whoever asked which request it is the reply to, if anything does.
    pub(super) correlation_id: Option<ShortString>,
}

/// What a message asks, and who wants to know; `None` = nobody does.
pub(super) fn read(delivery: &mut Delivery) -> (Task, Option<Address>) {
    let body = std::mem::take(&mut delivery.data);
    let properties = &delivery.properties;
    let header = |name: &str| {
        let headers = properties.headers().as_ref()?;
        headers.inner().iter().find(|(key, _)| key.as_str().eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let expiration = properties.expiration().as_ref().and_then(|left| left.as_str().parse().ok());
    let task = Task { body, deadline: deadline(header(DEADLINE_HEADER), expiration), run: header(RUN).and_then(text) };
    let reply_to = properties.reply_to().clone().filter(|reply_to| !reply_to.as_str().is_empty());
    let correlation_id = properties.correlation_id().clone();
    (task, reply_to.map(|reply_to| Address { reply_to, correlation_id }))
}

/// Until when a reply is of use: as the header says, or else as the broker would keep the message, which is at least as
/// long as anybody waits.
fn deadline(header: Option<&AMQPValue>, expiration: Option<u64>) -> Option<Timestamp> {
    let stated = header.and_then(number).and_then(moment);
    let kept = || Timestamp::now().checked_add(std::time::Duration::from_millis(expiration?)).ok();
    stated.or_else(kept)
}

/// A whole number, or the text of one.
fn number(value: &AMQPValue) -> Option<i64> {
    match value {
        AMQPValue::LongLongInt(number) => Some(*number),
        AMQPValue::LongInt(number) => Some((*number).into()),
        AMQPValue::LongUInt(number) => Some((*number).into()),
        AMQPValue::Timestamp(number) => i64::try_from(*number).ok(),
        other => text(other)?.parse().ok(),
    }
}

fn text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_until_when_and_else_the_expiration() {
        let at = moment(1_764_000_000_000);
        for value in [
            AMQPValue::LongLongInt(1_764_000_000_000),
            AMQPValue::LongString("1764000000000".into()),
            AMQPValue::Timestamp(1_764_000_000_000),
        ] {
            assert_eq!(deadline(Some(&value), Some(5)), at);
        }
        for value in [None, Some(AMQPValue::LongString("soon".into())), Some(AMQPValue::Boolean(true))] {
            assert_eq!(deadline(value.as_ref(), None), None);
            let kept = deadline(value.as_ref(), Some(60_000)).unwrap();
            assert!(kept > Timestamp::now());
        }
        assert_eq!(deadline(None, Some(u64::MAX)), None);
    }
}
