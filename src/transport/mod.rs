//! One trait for every way to reach a supplier; one file a protocol.
//!
//! Owns how a request is put on the wire and how a reply comes off it as offers. Refuses to know deadlines,
//! retries, strategies and the other suppliers: the engine drops the future when the time is over, and reads
//! from the [`PhaseMark`] what the supplier was doing, or that its failure was certain already.

#[cfg(feature = "amqp")]
pub mod amqp;
#[cfg(any(feature = "amqp", feature = "kafka"))]
mod auction;
mod bodies;
mod dns;
mod echo;
mod faults;
pub mod file;
mod harmless;
pub mod http;
#[cfg(feature = "kafka")]
pub mod kafka;
mod memory;
mod phase;
mod question;
mod recording;
#[cfg(any(feature = "amqp", feature = "kafka"))]
mod replies;
mod saved;
mod tls;
mod work;

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{Failure, OfferReply, Phase, PriceRequest, SupplierName, TransportKind, WarningKind};

pub use memory::{LookupKey, LookupMemory};
pub use recording::{Exchange, ListRows, Mapped, Recorder, Recording, Watched};
pub use saved::{SavedList, SavedReplies, SavedReply};

/// One request to one supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// What is asked.
    pub request: Arc<PriceRequest>,
    /// All lines that are asked about at once, where these are several; the first one is `request`. Else there are none.
    pub lines: Arc<[Arc<PriceRequest>]>,
    /// The run's id, a UUID in text, sent along over every transport.
    pub correlation_id: Arc<str>,
    /// When the run ends at the latest, whoever has not answered by then. An answer is of no use any more.
    pub deadline: Timestamp,
}

/// What came back, before it is worked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The offers, in the reply's order; none = the supplier does not carry the product.
    pub offers: Vec<OfferReply>,
    /// The status, where the protocol has one.
    pub http_status: Option<u16>,
    /// When the price list that it was read from was last changed, if it is a file.
    pub file_modified_at: Option<Timestamp>,
    /// What deserves attention, such as offers that were not read.
    pub warnings: Vec<WarningKind>,
    /// Who answered, where one request was for many; the offers are theirs, in this order.
    pub responders: Vec<Responding>,
}

/// One of many who answered the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responding {
    /// Its name.
    pub name: SupplierName,
    /// How many of the reply's offers are its own.
    pub offers: usize,
    /// How long it took.
    pub took: Duration,
    /// Why what it said is no answer; `None` = it is one.
    pub failure: Option<Failure>,
}

/// A request as it would be sent, fit to be shown: every secret in it is already masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The first line, such as `GET https://api.acme.example/quotes/widget?quantity=10`.
    pub head: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
}

/// A reply, or why there is none.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

/// One supplier that can be asked. Dropping the future cancels the request and frees what it held.
pub trait Transport: Send + Sync {
    /// How the supplier is reached.
    fn kind(&self) -> TransportKind;

    /// Asks once. The future marks every phase that it enters.
    ///
    /// # Errors
    /// Every kind but `timeout`, `cancelled` and `internal`, which are the engine's.
    fn ask<'a>(&'a self, inquiry: &'a Inquiry, phase: &'a PhaseMark) -> Asking<'a>;

    /// Shows what [`Transport::ask`] would send.
    fn preview(&self, inquiry: &Inquiry) -> Preview;

    /// Shows what it would send before that, if the request depends on the reply.
    fn preview_first(&self, _inquiry: &Inquiry) -> Option<Preview> {
        None
    }
}

/// What is known of an exchange while it lasts, shared between the transport's hooks and the engine's clock: the phase
/// that it is in, at which of several steps that is, and its failure once that is settled.
#[derive(Clone, Debug)]
pub struct PhaseMark(Arc<Mark>);

#[derive(Debug)]
struct Mark {
    phase: AtomicU8,
    settled: OnceLock<Failure>,
    presumed: Mutex<Option<Failure>>,
    leader: Mutex<Option<PhaseMark>>,
    gathered: Mutex<Option<Reply>>,
    step: Mutex<Option<String>>,
}

/// All phases; the position is what [`PhaseMark`] stores.
const PHASES: [Phase; 7] =
    [Phase::Dns, Phase::Connect, Phase::Tls, Phase::Headers, Phase::Body, Phase::Reply, Phase::Mapping];

impl PhaseMark {
    /// Starts in `phase`.
    #[must_use]
    pub fn new(phase: Phase) -> Self {
        let mark = Self(Arc::new(Mark {
            phase: AtomicU8::new(0),
            settled: OnceLock::new(),
            presumed: Mutex::default(),
            leader: Mutex::default(),
            gathered: Mutex::default(),
            step: Mutex::default(),
        }));
        mark.enter(phase);
        mark
    }

    /// Notes that the exchange is in `phase` now.
    pub fn enter(&self, phase: Phase) {
        *self.0.leader.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let position = PHASES.iter().position(|known| *known == phase).unwrap_or(0);
        self.0.phase.store(u8::try_from(position).unwrap_or(0), Ordering::Relaxed);
    }

    /// Notes that the exchange waits for what `leader` is the mark of, and is in its phase until it enters one itself.
    pub fn follow(&self, leader: &Self) {
        *self.0.leader.lock().unwrap_or_else(PoisonError::into_inner) = Some(leader.clone());
    }

    /// The phase that was entered last.
    #[must_use]
    pub fn current(&self) -> Phase {
        if let Some(leader) = &*self.0.leader.lock().unwrap_or_else(PoisonError::into_inner) {
            return leader.current();
        }
        PHASES[usize::from(self.0.phase.load(Ordering::Relaxed)) % PHASES.len()]
    }

    /// Notes at which of several steps it is, such as ``in `lookup` ``; `None` = there is one, or it is the first.
    pub fn at_step(&self, step: Option<String>) {
        *self.0.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    /// The failure, which says at which step it happened.
    #[must_use]
    pub fn tell_step(&self, failure: Failure) -> Failure {
        match &*self.0.step.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(step) => failure.at_step(step),
            None => failure,
        }
    }

    /// Notes that the exchange has failed so, whatever else there is to find out about it. The first failure stays.
    pub fn settle(&self, failure: Failure) {
        // A second one is what came of the first.
        let _ = self.0.settled.set(self.tell_step(failure));
    }

    /// Notes what came so far of a reply that more can be added to. When the time is over, that is the reply.
    pub fn gather(&self, reply: Reply) {
        *self.0.gathered.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }

    /// Gives out what came so far.
    #[must_use]
    pub fn take_gathered(&self) -> Option<Reply> {
        self.0.gathered.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Notes what is the reason if nothing comes before the time is over. The last reason counts.
    pub fn presume(&self, failure: Failure) {
        *self.0.presumed.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tell_step(failure));
    }

    /// The failure that is certain although the exchange goes on, such as for an error's message, or else the one that is
    /// presumed; it is told in place of a timeout when the time is over.
    #[must_use]
    pub fn settled(&self) -> Option<Failure> {
        let presumed = || self.0.presumed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.0.settled.get().cloned().or_else(presumed)
    }
}
