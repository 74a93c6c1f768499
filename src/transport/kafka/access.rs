//! Clients for whoever needs some of its own, such as a worker.
//!
//! Refuses to know what the clients are for. Main type: [`KafkaAccess`].

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::errors;
use super::setup::KafkaSetup;
use crate::domain::Failure;

/// Brokers, and how to speak to them.
#[derive(Clone, Debug)]
pub struct KafkaAccess {
    setup: KafkaSetup,
}

impl KafkaAccess {
    /// Takes the setup. Nothing is sent.
    #[must_use]
    pub const fn new(setup: KafkaSetup) -> Self {
        Self { setup }
    }

    /// The settings of a client. The user's go before `own`, and those before what every client of ours has.
    #[must_use]
    pub fn config(&self, own: &[(&str, &str)]) -> ClientConfig {
        self.setup.with(own.iter().copied())
    }

    /// What an error of a client means; `topic` is the one that it works with.
    #[must_use]
    pub fn explain(topic: &str, error: &KafkaError) -> Failure {
        match (error, error.rdkafka_error_code()) {
            (KafkaError::ClientConfig(..) | KafkaError::ClientCreation(_), _) => errors::of_client(error),
            (
                _,
                Some(
                    code @ (RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::InvalidTopic
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::GroupAuthorizationFailed),
                ),
            ) => errors::of_topic(topic, code),
            _ => errors::of_listing(error),
        }
    }
}
