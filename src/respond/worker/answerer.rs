//! Who answers a worker's requests: a mock, or whatever the composition root has made of a supplier.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::Asked;
use crate::config::mock::Mock;
use crate::domain::SupplierName;
use crate::respond::Question;
use crate::respond::answer::Answer;
use crate::respond::behaviour::{Action, Behaviour, Decision};
use crate::respond::tally::Tally;

/// What is to be sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// A reply with offers, or without any.
    Offers(Vec<u8>),
    /// A reply that says what is wrong.
    Error(Vec<u8>),
    /// Nothing, ever.
    Silence,
}

/// An answer in the making. It may be dropped at any time.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

/// Answers quote requests, several at a time.
pub trait Answerer: Send + Sync + 'static {
    /// Answers one request.
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answering<'a>;
}

/// The body of a reply that says what is wrong.
#[must_use]
pub fn error_body(message: &str) -> Vec<u8> {
    Answer::error(500, message).body
}

/// Answers as a mock does.
pub struct MockAnswerer {
    supplier: SupplierName,
    mock: Mock,
    tally: Mutex<Tally>,
}

impl MockAnswerer {
    /// Answers in the place of `supplier`.
    #[must_use]
    pub fn new(supplier: SupplierName, mock: Mock) -> Self {
        Self { supplier, mock, tally: Mutex::default() }
    }
}

impl Answerer for MockAnswerer {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answering<'a> {
        Box::pin(async {
            let question = Question { product: asked.request.product.clone(), quantity: asked.request.quantity };
            let counts = {
                let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.count(&question.product, question.quantity)
            };
            let behaviour = Behaviour { supplier: &self.supplier, mock: &self.mock };
            let Decision { latency, action, .. } = behaviour.decide(&question, counts, Timestamp::now());
            tokio::time::sleep(latency).await;
            match action {
                // A broker has no place for a status.
                Action::Answer(Answer { status, body, .. }) if status >= 400 => Answered::Error(body),
                Action::Answer(Answer { body, .. }) => Answered::Offers(body),
                // Nor has it a connection to whoever asks, that could be broken.
                Action::Reset | Action::Close | Action::Silence => Answered::Silence,
            }
        })
    }
}

impl fmt::Debug for MockAnswerer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MockAnswerer").field("supplier", &self.supplier).finish_non_exhaustive()
    }
}
