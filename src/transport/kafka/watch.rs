//! What the client library reports while it works: faults of the connection, and what became of requests.
//!
//! Owns the state of a connection, and tells those who wait as soon as it is known. Refuses to know what is done with a
//! connection. Main type: [`Watch`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use tokio::sync::watch;

use super::desk::Desk;
use super::errors;
use crate::domain::Failure;

/// The state of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is being made.
    Opening,
    /// It is there.
    Open,
    /// There is none.
    Closed(Failure),
}

/// Watches over a connection. Clones watch over the same one.
#[derive(Clone)]
pub(super) struct Watch(Arc<Watched>);

struct Watched {
    state: watch::Sender<State>,
    desk: Arc<Desk>,
    /// Whether a broker has ever answered.
    is_connected: AtomicBool,
    /// Whether no broker could be reached when that was last known.
    is_down: AtomicBool,
    /// Whether the broker was asked for a topic that would have to be removed.
    is_making: AtomicBool,
    /// What happened to the last connection that broke.
    reason: Mutex<String>,
}

impl Watch {
    /// Watches over a connection that is to be made.
    pub(super) fn new() -> Self {
        Self(Arc::new(Watched {
            state: watch::Sender::new(State::Opening),
            desk: Arc::default(),
            is_connected: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            is_making: AtomicBool::new(false),
            reason: Mutex::default(),
        }))
    }

    /// Who waits for replies.
    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }

    /// The state as it is now.
    pub(super) fn state(&self) -> State {
        self.0.state.borrow().clone()
    }

    /// Waits until the connection is there.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn opened(&self) -> Result<(), Failure> {
        let mut states = self.0.state.subscribe();
        loop {
            match &*states.borrow_and_update() {
                State::Opening => {}
                State::Open => return Ok(()),
                State::Closed(failure) => return Err(failure.clone()),
            }
            if states.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Notes that the connection is there.
    pub(super) fn is_open(&self) {
        self.change(State::Open);
    }

    /// Notes that there will be none.
    pub(super) fn is_closed(&self, failure: Failure) {
        self.change(State::Closed(failure));
    }

    /// The first thing that is known stays.
    fn change(&self, state: State) {
        self.0.state.send_if_modified(|current| {
            let is_news = matches!(current, State::Opening);
            if is_news {
                *current = state;
            }
            is_news
        });
    }

    /// Notes that a broker has answered.
    pub(super) fn is_connected(&self) {
        self.0.is_connected.store(true, Ordering::Relaxed);
        self.0.is_down.store(false, Ordering::Relaxed);
    }

    /// Notes that the broker is asked for a topic.
    pub(super) fn is_making(&self) {
        self.0.is_making.store(true, Ordering::Relaxed);
    }

    /// Whether a topic may be there, or come to be, that would have to be removed.
    pub(super) fn may_have_made(&self) -> bool {
        self.0.is_making.load(Ordering::Relaxed) && self.0.is_connected.load(Ordering::Relaxed)
    }

    /// Whether an error of reading is nothing new: [`ClientContext::error`] hears of it as well, or it is without
    /// consequence.
    pub(super) fn is_told(error: &KafkaError) -> bool {
        matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::AllBrokersDown
                    | RDKafkaErrorCode::BrokerTransportFailure
                    | RDKafkaErrorCode::Resolve
                    | RDKafkaErrorCode::Authentication
                    | RDKafkaErrorCode::SSL
                    | RDKafkaErrorCode::OperationTimedOut
                    // Nothing is wanted of a group.
                    | RDKafkaErrorCode::GroupAuthorizationFailed
            )
        )
    }

    /// Tells those who wait that no broker can be reached, once it is known why.
    fn tell_if_down(&self) {
        let reason = self.0.reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !self.0.is_down.load(Ordering::Relaxed) {
            return;
        }
        if self.0.is_connected.load(Ordering::Relaxed) {
            self.desk().let_doubt(&errors::lost(&reason));
        } else if !reason.is_empty() && !reason.contains("timed out") {
            // Who does not answer at all may still do so.
            self.is_closed(errors::unreachable(&reason));
        }
    }
}

impl ClientContext for Watch {
    /// What it logs is for those who debug the library.
    fn log(&self, _level: RDKafkaLogLevel, _facility: &str, _message: &str) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        if let Some(failure) = errors::of_access(code, reason) {
            self.is_closed(failure.clone());
            return self.desk().let_doubt(&failure);
        }
        match code {
            RDKafkaErrorCode::AllBrokersDown => {
                self.0.is_down.store(true, Ordering::Relaxed);
                self.tell_if_down();
            }
            RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::Resolve => {
                reason.clone_into(&mut self.0.reason.lock().unwrap_or_else(PoisonError::into_inner));
                self.tell_if_down();
            }
            _ => {}
        }
    }
}

impl ConsumerContext for Watch {}

impl ProducerContext for Watch {
    /// The correlation id.
    type DeliveryOpaque = Box<String>;

    fn delivery(&self, result: &DeliveryResult<'_>, id: Self::DeliveryOpaque) {
        if let Err((error, message)) = result {
            let failure = errors::of_sending(message.topic(), error);
            match error.rdkafka_error_code() {
                // It may have got there all the same.
                Some(RDKafkaErrorCode::MessageTimedOut | RDKafkaErrorCode::BrokerTransportFailure) => {
                    self.desk().let_one_doubt(&id, failure);
                }
                _ => self.desk().is_not_delivered(&id, failure),
            }
        }
    }
}
