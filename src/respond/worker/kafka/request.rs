//! A record of Kafka as a request, by the headers that Spring has for it.

use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};

use super::offsets::Place;
use crate::domain::DEADLINE_HEADER;
use crate::respond::worker::task::Task;
use crate::respond::worker::{RUN, moment};

const CORRELATION_ID: &str = "kafka_correlationId";
const REPLY_TOPIC: &str = "kafka_replyTopic";
const REPLY_PARTITION: &str = "kafka_replyPartition";

/// Where the reply goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) topic: String,
    /// `None` = any.
    pub(super) partition: Option<i32>,
    /// What tells whoever asked which request it is the reply to, if anything does: any bytes.
    correlation_id: Option<Vec<u8>>,
}

/// A request as it came.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) place: Place,
    pub(super) task: Task,
    /// Who wants to know; `None` = nobody.
    pub(super) address: Option<Address>,
}

impl Address {
    /// The headers of the reply.
    pub(super) fn headers(&self) -> OwnedHeaders {
        let id = self.correlation_id.as_deref().map(|id| Header { key: CORRELATION_ID, value: Some(id) });
        id.into_iter().fold(OwnedHeaders::new(), OwnedHeaders::insert)
    }
}

/// What a record asks.
pub(super) fn read(message: &BorrowedMessage<'_>) -> Request {
    let header = |name: &str| {
        let mut headers = message.headers()?.iter();
        headers.find(|header| header.key.eq_ignore_ascii_case(name))?.value
    };
    let text = |name: &str| std::str::from_utf8(header(name)?).ok();
    let deadline = text(DEADLINE_HEADER).and_then(|number| number.parse().ok()).and_then(moment);
    let address = text(REPLY_TOPIC).filter(|topic| !topic.is_empty()).map(|topic| Address {
        topic: topic.to_owned(),
        partition: header(REPLY_PARTITION).and_then(partition),
        correlation_id: header(CORRELATION_ID).map(<[u8]>::to_vec),
    });
    let body = message.payload().unwrap_or_default().to_vec();
    Request {
        place: Place { partition: message.partition(), offset: message.offset() },
        task: Task { body, deadline, run: text(RUN).map(str::to_owned) },
        address,
    }
}

/// Four bytes, big-endian; a negative number is none.
fn partition(bytes: &[u8]) -> Option<i32> {
    bytes.try_into().ok().map(i32::from_be_bytes).filter(|partition| *partition >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_four_bytes() {
        assert_eq!(partition(&[0, 0, 1, 2]), Some(258));
        for bytes in [&[][..], &[0, 1, 2], &[0, 0, 0, 0, 1], &[255, 255, 255, 255], b"7"] {
            assert_eq!(partition(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_reply_has_the_id_as_it_came_or_none() {
        let address = |id: Option<&[u8]>| Address {
            topic: "replies".into(),
            partition: None,
            correlation_id: id.map(<[u8]>::to_vec),
        };
        let headers = address(Some(&[0, 255])).headers();
        assert_eq!(
            headers.iter().map(|header| (header.key, header.value)).collect::<Vec<_>>(),
            [(CORRELATION_ID, Some(&[0, 255][..]))]
        );
        assert_eq!(address(None).headers().count(), 0);
    }
}
