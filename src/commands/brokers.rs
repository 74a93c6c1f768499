//! Suppliers on brokers: their transports, and the connections that these share.
//!
//! Owns what is built in. Main type: [`Brokers`].

use std::error::Error;
use std::sync::Arc;

use crate::config::{KafkaEndpoint, Supplier};
#[cfg(feature = "kafka")]
use crate::domain::Failure;
use crate::transport::Transport;
#[cfg(feature = "kafka")]
use crate::transport::kafka::{KafkaClients, KafkaSettings, KafkaSetup, KafkaSupplier};

use super::endpoints::Ends;

/// The connections to brokers of one run. Dropping them leaves nothing of the run on a broker.
#[derive(Default)]
pub(super) struct Brokers {
    #[cfg(feature = "kafka")]
    kafka: KafkaClients,
}

impl Brokers {
    /// Leaves nothing of the run on a broker. It takes a moment.
    #[cfg_attr(not(feature = "kafka"), expect(clippy::unused_self, reason = "there is nothing to be left"))]
    pub(super) fn clean_up(&mut self) {
        #[cfg(feature = "kafka")]
        self.kafka.clean_up();
    }

    /// The transport of a supplier on Kafka.
    ///
    /// # Errors
    /// When the client library does not take the settings.
    #[cfg(feature = "kafka")]
    pub(super) fn kafka(
        &mut self,
        supplier: &Supplier,
        endpoint: &KafkaEndpoint,
        ends: Ends<'_>,
    ) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
        let client = self.kafka.client(kafka_setup(endpoint));
        let KafkaEndpoint { shown_brokers, topic, auction, secrets, .. } = endpoint.clone();
        Ok(Arc::new(KafkaSupplier::new(KafkaSettings {
            name: supplier.name.clone(),
            client: client.map_err(|Failure { detail, .. }| detail.unwrap_or_default())?,
            shown_brokers,
            topic,
            auction,
            secrets,
            request: supplier.request.clone(),
            mapping: supplier.quotes.clone(),
            vars: Arc::clone(&supplier.vars),
            saved: ends.saved.cloned(),
            recorder: ends.recorder.clone(),
        })))
    }

    /// There is none.
    ///
    /// # Errors
    /// Always. The configuration says so before.
    #[cfg(not(feature = "kafka"))]
    #[expect(clippy::unused_self, reason = "it is called as the other one")]
    pub(super) fn kafka(
        &mut self,
        _supplier: &Supplier,
        _endpoint: &KafkaEndpoint,
        _ends: Ends<'_>,
    ) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
        Err("Kafka is not built in".into())
    }
}

/// The brokers of a supplier, and how to speak to them.
#[cfg(feature = "kafka")]
pub(super) fn kafka_setup(endpoint: &KafkaEndpoint) -> KafkaSetup {
    let KafkaEndpoint { brokers, replies, properties, .. } = endpoint.clone();
    let properties = properties.iter().map(|property| (property.name.clone(), property.value.clone())).collect();
    KafkaSetup { brokers, properties, replies }
}
