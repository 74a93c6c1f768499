//! The connections of a run: suppliers on the same brokers share one, with its reply topic.
//!
//! Owns when a connection is made, which is when the first supplier needs it, and that nothing of a run is left on a broker
//! when the run is over, however it ends. Refuses to know what is asked. Main types: [`KafkaClients`] and [`KafkaClient`].

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::errors;
use super::line::{self, Line};
use super::setup::KafkaSetup;
use super::watch::{State, Watch};
use crate::domain::{ErrorKind, Failure, ReplyTopic};

/// How long the end of a run waits for a broker.
const PATIENCE: Duration = Duration::from_secs(3);

/// Makes clients; those with equal settings are one. Dropping it cleans up after all of them.
#[derive(Default)]
pub struct KafkaClients {
    made: Vec<Arc<KafkaClient>>,
}

/// A connection that is made when it is needed.
pub struct KafkaClient {
    setup: KafkaSetup,
    current: Mutex<Option<Connection>>,
}

/// A connection that is there, or on its way.
#[derive(Clone)]
struct Connection {
    watch: Watch,
    /// Set once the watch says that it is open.
    line: Arc<OnceLock<Arc<Line>>>,
}

impl KafkaClients {
    /// The client for these settings. Nothing is sent.
    ///
    /// # Errors
    /// When the client library does not take the settings.
    pub fn client(&mut self, setup: KafkaSetup) -> Result<Arc<KafkaClient>, Failure> {
        if let Some(client) = self.made.iter().find(|client| client.setup == setup) {
            return Ok(Arc::clone(client));
        }
        setup.reading().create_native_config().map_err(|error| errors::of_client(&error))?;
        let client = Arc::new(KafkaClient { setup, current: Mutex::default() });
        self.made.push(Arc::clone(&client));
        Ok(client)
    }

    /// Removes the topics that were made for this run and are not needed any more, and those that earlier runs left. It
    /// takes no longer than three seconds. Called again, it does nothing.
    pub fn clean_up(&mut self) {
        for client in self.made.drain(..) {
            client.clean_up();
        }
    }
}

impl Drop for KafkaClients {
    fn drop(&mut self) {
        self.clean_up();
    }
}

impl KafkaClient {
    /// Where replies come back.
    pub(super) const fn replies(&self) -> &ReplyTopic {
        &self.setup.replies
    }

    /// The connection, which is made now unless it is there or on its way. One that failed is tried again.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn line(&self, deadline: Timestamp) -> Result<Arc<Line>, Failure> {
        let Connection { watch, line } = self.connection(deadline)?;
        watch.opened().await?;
        line.get().cloned().ok_or_else(|| Failure::new(ErrorKind::Internal).with_detail("there is no connection"))
    }

    fn connection(&self, deadline: Timestamp) -> Result<Connection, Failure> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = current.as_ref().filter(|there| !matches!(there.watch.state(), State::Closed(_))) {
            return Ok(there.clone());
        }
        let connection = Connection { watch: Watch::new(), line: Arc::default() };
        line::begin(&self.setup, &connection.watch, &connection.line, deadline)?;
        Ok(current.insert(connection).clone())
    }

    fn clean_up(&self) {
        let Some(Connection { watch, line }) = self.current.lock().unwrap_or_else(PoisonError::into_inner).take()
        else {
            return;
        };
        let until = Instant::now() + PATIENCE;
        // The run may have ended while the topic was being made.
        while matches!(watch.state(), State::Opening) && watch.may_have_made() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        if let Some(line) = line.get() {
            line.clear(until.saturating_duration_since(Instant::now()));
        }
    }
}
