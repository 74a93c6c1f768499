//! What was said between us and suppliers, for those who want to see it.
//!
//! Owns the exchanges in the order in which they came to an end, all suppliers in one list. Refuses to know what
//! is done with them. A transport puts each exchange in whose reply it saw, with every secret masked; requests for
//! tokens and the like, whose replies are secrets, are none. Main types: [`Recorder`], which a transport is made
//! with, and [`Exchange`].

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{OfferReply, PriceRequest, SupplierName, TransportKind};
use crate::mapping::RowPlace;

use super::{Asking, Inquiry, PhaseMark, Preview, Transport};

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
    /// When the supplier wants to be asked again, in its words.
    pub retry_after: Option<String>,
    /// Where else it sends us.
    pub location: Option<String>,
    /// What is known of the price list that was read in the place of a reply.
    pub list: Option<ListRows>,
    /// The reply's body, decoded; empty when there was none, or it could not be read. Of a price list, the rows about the
    /// product, each a line of JSON.
    pub body: Vec<u8>,
}

/// The rows about a product that a price list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRows {
    /// Where those rows stand that were kept, in their order.
    pub places: Vec<RowPlace>,
    /// How many there are, those included that were not kept.
    pub count: usize,
    /// The size of the list, bytes; `None` = it could not be opened, or is no file.
    pub size: Option<u64>,
}

/// The offers of one reply, as they were mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Whose offers they are.
    pub supplier: SupplierName,
    /// What was asked.
    pub question: Arc<PriceRequest>,
    /// The offers, in the reply's order.
    pub offers: Vec<OfferReply>,
}

/// What was recorded so far, in the order in which it came to an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
    /// The offers of replies that were understood; only of suppliers that are [`Watched`].
    pub mapped: Vec<Mapped>,
}

/// Keeps a recording, or nothing at all, which is the default. Clones keep in the same place.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Option<Arc<Mutex<Recording>>>);

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
        self.add(|recording| recording.exchanges.push(exchange));
    }

    fn add(&self, add: impl FnOnce(&mut Recording)) {
        if let Some(recording) = &self.0 {
            add(&mut recording.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Gives out what was kept so far, and forgets it.
    #[must_use]
    pub fn take(&self) -> Recording {
        let mut taken = Recording::default();
        self.add(|recording| taken = std::mem::take(recording));
        taken
    }
}

/// A supplier whose offers are kept.
pub struct Watched {
    supplier: SupplierName,
    inner: Arc<dyn Transport>,
    recorder: Recorder,
}

impl Watched {
    /// Watches a supplier.
    #[must_use]
    pub fn new(supplier: SupplierName, inner: Arc<dyn Transport>, recorder: Recorder) -> Self {
        Self { supplier, inner, recorder }
    }
}

impl Transport for Watched {
    fn kind(&self) -> TransportKind {
        self.inner.kind()
    }

    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a> {
        Box::pin(async {
            let reply = self.inner.ask(inquiry, phase).await?;
            let (supplier, question) = (self.supplier.clone(), Arc::clone(&inquiry.request));
            let mapped = Mapped { supplier, question, offers: reply.offers.clone() };
            self.recorder.add(|recording| recording.mapped.push(mapped));
            Ok(reply)
        })
    }

    fn preview(&self, inquiry: &Inquiry) -> Preview {
        self.inner.preview(inquiry)
    }
}
