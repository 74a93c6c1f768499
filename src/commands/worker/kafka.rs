//! The worker of a supplier on Kafka.

use std::sync::Arc;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use crate::config::{KafkaEndpoint, Supplier};
use crate::domain::Failure;
use crate::respond::worker::{KafkaDoor, KafkaWorker};
use crate::transport::kafka::KafkaAccess;

use super::super::brokers;
use super::Parts;

/// Sets clients up for the supplier's brokers.
struct Door {
    access: KafkaAccess,
    topic: String,
}

impl KafkaDoor for Door {
    fn config(&self, own: &[(&str, &str)]) -> ClientConfig {
        self.access.config(own)
    }

    fn explain(&self, error: &KafkaError) -> Failure {
        KafkaAccess::explain(&self.topic, error)
    }
}

/// Makes the worker. Nothing is sent.
pub(super) fn worker(supplier: &Supplier, endpoint: &KafkaEndpoint, parts: Parts<'_>) -> KafkaWorker {
    let Parts { arguments, concurrency, answerer, shift } = parts;
    let of_all = endpoint.properties.iter().find(|property| property.name == "group.id");
    let of_all = of_all.map(|property| property.value.expose().to_owned());
    let group = arguments.group.clone().or(of_all).unwrap_or_else(|| format!("pricecmp-worker-{}", supplier.name));
    KafkaWorker {
        door: Arc::new(Door {
            access: KafkaAccess::new(brokers::kafka_setup(endpoint)),
            topic: endpoint.topic.clone(),
        }),
        topic: endpoint.topic.clone(),
        group,
        concurrency,
        answerer,
        progress: shift.progress.clone(),
        on_event: shift.on_event(),
    }
}
