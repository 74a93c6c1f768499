//! What was said between us and suppliers, for those who want to see it.
//!
//! Owns the exchanges in the order in which they came to an end, all suppliers in one list. Refuses to know what
//! is done with them. A transport puts each exchange in whose reply it saw, with every secret masked; requests for
//! tokens and the like, whose replies are secrets, are none. Main types: [`Recorder`], which a transport is made
//! with, and [`Exchange`].

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{PriceRequest, SupplierName};

use super::Preview;

/// One request and what came back. No secret of the request is in it, also where the supplier repeats one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Who was asked.
    pub supplier: SupplierName,
    /// The question that this is a part of.
    pub question: Arc<PriceRequest>,
    /// What was sent.
    pub request: Preview,
    /// The reply's status, where the protocol has one.
    pub status: Option<u16>,
    /// What the supplier calls its reply, such as `application/json`.
    pub content_type: Option<String>,
    /// The reply's body, decoded; empty when there was none, or it could not be read.
    pub body: Vec<u8>,
}

/// Keeps exchanges, or nothing at all, which is the default. Clones keep in the same place.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Option<Arc<Mutex<Vec<Exchange>>>>);

impl Recorder {
    /// One that keeps what it is given.
    #[must_use]
    pub fn keeping() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether anything is kept. A transport does nothing for a recording that nobody wants.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps an exchange.
    pub fn keep(&self, exchange: Exchange) {
        if let Some(kept) = &self.0 {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        }
    }

    /// Gives out what was kept so far, and forgets it.
    #[must_use]
    pub fn take(&self) -> Vec<Exchange> {
        let take = |kept: &Arc<Mutex<Vec<Exchange>>>| {
            std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.0.as_ref().map(take).unwrap_or_default()
    }
}
