//! What goes with a request and with a reply, by the names that Spring has for it.

use jiff::Timestamp;
use rdkafka::message::{Header, OwnedHeaders};

use crate::domain::DEADLINE_HEADER;

/// What a reply is told by: the bytes of a request's are sent back.
pub(super) const CORRELATION_ID: &str = "kafka_correlationId";
const REPLY_TOPIC: &str = "kafka_replyTopic";
const REPLY_PARTITION: &str = "kafka_replyPartition";
/// When an answer is of no use any more, Unix milliseconds.
const DEADLINE: &str = DEADLINE_HEADER;
/// The run's own id.
const RUN: &str = "x-correlation-id";
/// What a body is, where a responder says so.
pub(super) const CONTENT_TYPE: &str = "content-type";

/// One request.
pub(super) struct Request<'a> {
    /// Where it goes.
    pub(super) topic: &'a str,
    /// Its correlation id, the text of a UUID.
    pub(super) id: &'a str,
    /// The run's id.
    pub(super) run: &'a str,
    /// When an answer is of no use any more.
    pub(super) deadline: Timestamp,
    /// Its body.
    pub(super) body: &'a str,
}

/// The headers of a request whose reply is wanted on that partition of a topic.
pub(super) fn of(request: &Request<'_>, reply_topic: &str, reply_partition: i32) -> OwnedHeaders {
    let deadline = request.deadline.as_millisecond().to_string();
    let partition = reply_partition.to_be_bytes();
    let headers: [(&str, &[u8]); 5] = [
        (CORRELATION_ID, request.id.as_bytes()),
        (REPLY_TOPIC, reply_topic.as_bytes()),
        (REPLY_PARTITION, &partition),
        (DEADLINE, deadline.as_bytes()),
        (RUN, request.run.as_bytes()),
    ];
    let all = OwnedHeaders::new_with_capacity(headers.len());
    headers.into_iter().fold(all, |all, (key, value)| all.insert(Header { key, value: Some(value) }))
}

/// What is shown of them before there is a connection.
pub(super) fn shown(reply_topic: &str, run: &str, deadline: Timestamp) -> Vec<(String, String)> {
    let deadline = deadline.as_millisecond().to_string();
    let headers = [
        (CORRELATION_ID, "the text of a UUID"),
        (REPLY_TOPIC, reply_topic),
        (REPLY_PARTITION, "4 bytes"),
        (DEADLINE, &*deadline),
        (RUN, run),
    ];
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::message::Headers;

    #[test]
    fn a_request_says_where_its_reply_goes() {
        let deadline = Timestamp::from_millisecond(1_790_000_000_123).unwrap();
        let request = Request { topic: "quotes", id: "an-id", run: "a-run", deadline, body: "{}" };
        let headers = of(&request, "replies", 258);
        let found: Vec<(&str, &[u8])> = headers.iter().map(|header| (header.key, header.value.unwrap())).collect();
        let expected: [(&str, &[u8]); 5] = [
            ("kafka_correlationId", b"an-id"),
            ("kafka_replyTopic", b"replies"),
            ("kafka_replyPartition", &[0, 0, 1, 2]),
            ("x-deadline-ms", b"1790000000123"),
            ("x-correlation-id", b"a-run"),
        ];
        assert_eq!(found, expected);
    }
}
