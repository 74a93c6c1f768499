//! Making and removing topics.
//!
//! Refuses to know which ones. Main type: [`Topics`].

use std::mem::ManuallyDrop;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::runtime;

use super::errors;
use super::setup::KafkaSetup;
use crate::domain::Failure;
use crate::transport::work::local_resource;

/// How long a broker keeps replies that nobody has removed.
const RETENTION: &str = "900000";

/// The largest message on a reply topic, bytes: the largest reply, and what goes with it.
const LARGEST_MESSAGE: &str = "10485760";

/// Makes and removes topics. It is never taken down, which would cost a tenth of a second.
pub(super) struct Topics(ManuallyDrop<AdminClient<DefaultClientContext>>);

impl Topics {
    /// A client of its own.
    ///
    /// # Errors
    /// When the client library does not take the settings.
    pub(super) fn connect(setup: &KafkaSetup) -> Result<Self, Failure> {
        let admin = setup.administering().create().map_err(|error| errors::of_client(&error))?;
        Ok(Self(ManuallyDrop::new(admin)))
    }

    /// Makes a topic for replies, with one partition.
    ///
    /// # Errors
    /// When it was not made.
    pub(super) fn make(&self, name: &str, patience: Duration) -> Result<(), Failure> {
        let topic = NewTopic::new(name, 1, TopicReplication::Fixed(-1))
            .set("cleanup.policy", "delete")
            .set("retention.ms", RETENTION)
            .set("max.message.bytes", LARGEST_MESSAGE);
        let failed = |error: KafkaError| match error.rdkafka_error_code() {
            Some(code) => errors::of_making(code),
            None => errors::of_listing(&error),
        };
        let results = wait_for(self.0.create_topics([&topic], &options(patience)))?.map_err(failed)?;
        match results.into_iter().find_map(Result::err) {
            Some((_, code)) => Err(errors::of_making(code)),
            None => Ok(()),
        }
    }

    /// Removes topics, and says of each that is left why. A topic that is gone already is no fault.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub(super) fn remove(
        &self,
        names: &[&str],
        patience: Duration,
    ) -> Result<Vec<(String, RDKafkaErrorCode)>, Failure> {
        let results = wait_for(self.0.delete_topics(names, &options(patience)))?;
        let results = results.map_err(|error| errors::of_listing(&error))?;
        let is_gone = |code: &RDKafkaErrorCode| *code == RDKafkaErrorCode::UnknownTopicOrPartition;
        Ok(results.into_iter().filter_map(Result::err).filter(|(_, code)| !is_gone(code)).collect())
    }
}

/// Waits for what comes from a thread of the library; there is no event loop in it.
///
/// # Errors
/// When the system refuses what that takes.
pub(super) fn wait_for<T>(answer: impl Future<Output = T>) -> Result<T, Failure> {
    let waiting = runtime::Builder::new_current_thread().build();
    waiting.map(|waiting| waiting.block_on(answer)).map_err(|error| local_resource(&error))
}

fn options(patience: Duration) -> AdminOptions {
    AdminOptions::new().request_timeout(Some(patience)).operation_timeout(Some(patience))
}
