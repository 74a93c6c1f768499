//! What the client library says of a fault, in our words.
//!
//! Refuses to know when a fault is final. Main functions: one for each thing that is done with a broker.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::domain::{ErrorKind, Failure};

/// The longest text of the library that is passed on, characters.
const LONGEST: usize = 200;

/// What the broker thinks of our credentials, if that is what a code says.
pub(super) fn of_access(code: RDKafkaErrorCode, reason: &str) -> Option<Failure> {
    let kind = match code {
        RDKafkaErrorCode::Authentication
        | RDKafkaErrorCode::SaslAuthenticationFailed
        | RDKafkaErrorCode::UnsupportedSASLMechanism
        | RDKafkaErrorCode::IllegalSASLState
        | RDKafkaErrorCode::ClusterAuthorizationFailed => ErrorKind::BrokerAuth,
        RDKafkaErrorCode::SSL => ErrorKind::Tls,
        _ => return None,
    };
    Some(Failure::new(kind).with_detail(words(reason)))
}

/// No broker can be reached; `reason` is what happened to the last connection.
pub(super) fn unreachable(reason: &str) -> Failure {
    Failure::new(ErrorKind::BrokerUnreachable).with_detail(words(reason))
}

/// The connection was there, and is gone.
pub(super) fn lost(reason: &str) -> Failure {
    let detail = format!("the connection was lost while the reply was waited for: {}", words(reason));
    Failure::new(ErrorKind::BrokerUnreachable).with_detail(detail)
}

/// The client cannot be made.
pub(super) fn of_client(error: &KafkaError) -> Failure {
    let detail = match error {
        // The value that it names may be a secret.
        KafkaError::ClientConfig(_, _, name, _) => format!("the client library does not take `{name}` of `[kafka]`"),
        KafkaError::ClientCreation(reason) => words(reason),
        _ => words(&error.to_string()),
    };
    Failure::new(ErrorKind::BrokerUnreachable).with_detail(detail)
}

/// The broker does not say what topics there are.
pub(super) fn of_listing(error: &KafkaError) -> Failure {
    of_any(error, ErrorKind::BrokerUnreachable)
}

/// The topic for replies cannot be made.
pub(super) fn of_making(code: RDKafkaErrorCode) -> Failure {
    let detail = match code {
        RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed => {
            "this user may make no topic for replies: name a lasting one with `reply-topic`".to_owned()
        }
        _ => format!("no topic for replies can be made: {}", words(&code.to_string())),
    };
    Failure::new(ErrorKind::BrokerTopic).with_detail(detail)
}

/// A topic that is not there.
pub(super) fn missing(topic: &str) -> Failure {
    let detail = format!("the broker has no topic `{topic}`, or does not show it to this user");
    Failure::new(ErrorKind::BrokerTopic).with_detail(detail)
}

/// A topic that is there and cannot be used.
pub(super) fn of_topic(topic: &str, code: RDKafkaErrorCode) -> Failure {
    match code {
        RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition => missing(topic),
        RDKafkaErrorCode::TopicAuthorizationFailed => {
            Failure::new(ErrorKind::BrokerTopic).with_detail(format!("this user may not use topic `{topic}`"))
        }
        _ => Failure::new(ErrorKind::BrokerTopic).with_detail(format!("topic `{topic}`: {}", words(&code.to_string()))),
    }
}

/// A request that the broker did not take.
pub(super) fn of_sending(topic: &str, error: &KafkaError) -> Failure {
    match error.rdkafka_error_code() {
        Some(
            code @ (RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownPartition
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::InvalidTopic),
        ) => of_topic(topic, code),
        Some(code @ (RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::MessageBatchTooLarge)) => {
            Failure::new(ErrorKind::BrokerTopic).with_detail(format!("topic `{topic}`: {}", words(&code.to_string())))
        }
        _ => of_any(error, ErrorKind::BrokerUnreachable),
    }
}

/// Replies cannot be read.
pub(super) fn of_reading(topic: &str, error: &KafkaError) -> Failure {
    match error.rdkafka_error_code() {
        Some(code @ RDKafkaErrorCode::TopicAuthorizationFailed) => of_topic(topic, code),
        Some(code @ (RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition)) => {
            of_topic(topic, code)
        }
        Some(RDKafkaErrorCode::BadMessage | RDKafkaErrorCode::BadCompression | RDKafkaErrorCode::NotImplemented) => {
            let detail = format!("a reply cannot be unpacked: {}", words(&error.to_string()));
            Failure::new(ErrorKind::BrokerReply).with_detail(detail)
        }
        _ => of_any(error, ErrorKind::BrokerUnreachable),
    }
}

/// So many replies came that nobody can tell whose they are.
pub(super) fn anonymous(count: usize) -> Failure {
    let replies = if count == 1 { "1 reply".to_owned() } else { format!("{count} replies") };
    // Spring sends a list as so many records, unless it is told not to.
    let hint = "a listener that returns a list needs `splitIterables = false`";
    Failure::new(ErrorKind::BrokerReply).with_detail(format!("{replies} came without a correlation id; {hint}"))
}

fn of_any(error: &KafkaError, otherwise: ErrorKind) -> Failure {
    let reason = words(&error.to_string());
    let access = error.rdkafka_error_code().and_then(|code| of_access(code, &reason));
    access.unwrap_or_else(|| Failure::new(otherwise).with_detail(reason))
}

/// The library's words on one line, without what it says of its own inside.
pub(super) fn words(reason: &str) -> String {
    let reason = reason.split(" (after ").next().unwrap_or(reason);
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_setting_is_repeated() {
        let mut config = rdkafka::ClientConfig::new();
        config.set("sasl.passwort", "hunter2");
        let error = config.create_native_config().err().unwrap();
        let failure = of_client(&error);
        assert_eq!(failure.detail.as_deref(), Some("the client library does not take `sasl.passwort` of `[kafka]`"));
        config.remove("sasl.passwort").set("socket.timeout.ms", "hunter2");
        let failure = of_client(&config.create_native_config().err().unwrap());
        assert!(!failure.detail.unwrap().contains("hunter2"));
    }

    #[test]
    fn what_happened_is_said_without_the_librarys_inside() {
        let reason = "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)";
        assert_eq!(words(reason), "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused");
        assert_eq!(words(&"a\n".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_missing_topic_and_a_forbidden_one_are_told_apart() {
        let failure = |code| of_sending("quotes.acme", &KafkaError::MessageProduction(code));
        assert!(failure(RDKafkaErrorCode::UnknownTopic).detail.unwrap().contains("has no topic `quotes.acme`"));
        let forbidden = failure(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert_eq!(forbidden.kind, ErrorKind::BrokerTopic);
        assert_eq!(failure(RDKafkaErrorCode::BrokerTransportFailure).kind, ErrorKind::BrokerUnreachable);
        assert_eq!(failure(RDKafkaErrorCode::Authentication).kind, ErrorKind::BrokerAuth);
    }
}
