//! From outcomes to a comparison: ranks, selects, judges.
//!
//! Owns ties, majority, gates and the run's verdict. Refuses to know how outcomes came about and how a
//! comparison looks. A run in which nobody answered is a [`Comparison`] too.

mod basket;
mod judge;
mod sweep;

pub use basket::{
    BasketComparison, BasketFailure, BasketLine, BasketOffer, BasketSupplier, Motive, Obstacle, Why, bought_from,
};
pub use judge::{Inputs, compare};
pub use sweep::{Change, ChangeCause, SweepComparison, cheapest_of};

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::{
    Criteria, Failure, PreviousPrice, PriceRequest, Quote, Rejection, Source, SupplierName, Termination, TransportKind,
    Warning,
};

/// A quote and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierQuote {
    /// The configured name.
    pub supplier: SupplierName,
    /// The quote.
    pub quote: Quote,
    /// What the supplier asked before; at its cheapest quote only, and `None` when that is from history or nothing is known.
    pub previous: Option<PreviousPrice>,
}

impl SupplierQuote {
    /// A quote of which nothing else is known.
    #[must_use]
    pub const fn new(supplier: SupplierName, quote: Quote) -> Self {
        Self { supplier, quote, previous: None }
    }
}

/// A rejected offer and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierRejection {
    /// The configured name.
    pub supplier: SupplierName,
    /// The offer and why it was rejected.
    pub rejection: Rejection,
}

/// What one supplier did, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierStats {
    /// Its name.
    pub supplier: SupplierName,
    /// How it was asked.
    pub transport: TransportKind,
    /// First attempt's start to outcome; `None` = not asked.
    pub latency: Option<Duration>,
    /// How often it was asked.
    pub attempts: u32,
    /// The status of its last reply.
    pub http_status: Option<u16>,
    /// When the price list that it answered from was last changed, if it is a file.
    pub file_modified_at: Option<Timestamp>,
    /// Offers in its reply; the sum of the next two.
    pub offers: usize,
    /// Offers that are ranked.
    pub ranked: usize,
    /// Offers that are not.
    pub rejected: usize,
    /// Why it did not respond; `None` = it responded.
    pub failure: Option<Failure>,
}

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunFailure {
    /// Suppliers answered, and none of them can deliver.
    NoAvailableSupplier,
    /// Fewer suppliers responded than `--min-responses`.
    InsufficientResponses {
        /// How many were needed.
        required: usize,
        /// How many there were.
        got: usize,
    },
    /// A supplier that had to respond did not.
    RequiredMissing {
        /// How many had to respond.
        required: usize,
        /// Those that did not, in the configuration's order.
        missing: Vec<SupplierName>,
    },
    /// Nobody was asked, since every supplier failed too often lately.
    AllCircuitsOpen,
    /// Too few suppliers agreed.
    QuorumNotReached {
        /// How many were needed.
        required: usize,
        /// The size of the largest group.
        got: usize,
    },
}

impl RunFailure {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoAvailableSupplier => "no_available_supplier",
            Self::InsufficientResponses { .. } => "insufficient_responses",
            Self::RequiredMissing { .. } => "required_missing",
            Self::AllCircuitsOpen => "all_circuits_open",
            Self::QuorumNotReached { .. } => "quorum_not_reached",
        }
    }

    /// The exit code.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoAvailableSupplier => 1,
            _ => 3,
        }
    }
}

/// A condition on the selected quote, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What is limited.
    pub kind: GateKind,
    /// The limit.
    pub limit: Decimal,
    /// The selected quote's value; `None` = nothing was selected, or of an increase that nothing is known to compare with or that
    /// it was 0.
    pub actual: Option<Decimal>,
    /// Whether it holds.
    pub passed: bool,
}

/// What a gate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateKind {
    /// The total, in the comparison's currency.
    MaxTotal,
    /// By how many percent the total is above what the supplier asked before.
    MaxIncrease,
}

impl GateKind {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxTotal => "max_total",
            Self::MaxIncrease => "max_increase",
        }
    }
}

/// How the suppliers agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// How many had to agree.
    pub required: usize,
    /// The size of the largest group.
    pub got: usize,
    /// Its members, in the configuration's order.
    pub suppliers: Vec<SupplierName>,
}

/// How quotes are listed. It changes nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Cheapest first.
    #[default]
    Total,
    /// Fastest first, unknown delivery last.
    Delivery,
    /// Lowest unit price first.
    Unit,
    /// By the supplier's name.
    Supplier,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The run's id, a UUID in text.
    pub correlation_id: String,
    /// When the run started.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// What was asked.
    pub request: PriceRequest,
    /// Under which conditions.
    pub criteria: Criteria,
    /// Why the run stopped asking.
    pub termination: Termination,
    /// Why there is no result.
    pub failure: Option<RunFailure>,
    /// Every ranked quote, sorted as was asked.
    pub quotes: Vec<SupplierQuote>,
    /// The quote that the strategy selects, an index into `quotes`.
    pub selected: Option<usize>,
    /// The lowest total, an index into `quotes`.
    pub cheapest: Option<usize>,
    /// The shortest delivery, an index into `quotes`; `None` when no delivery is known.
    pub fastest: Option<usize>,
    /// Every rejected offer, by supplier in the configuration's order.
    pub rejected: Vec<SupplierRejection>,
    /// What every supplier did, in the configuration's order. Who answered a request that was for many is one of its own.
    pub suppliers: Vec<SupplierStats>,
    /// What came of every supplier of the configuration, in its order.
    pub asked: Vec<SupplierStats>,
    /// The gates that were asked for.
    pub gates: Vec<Gate>,
    /// How the suppliers agreed; only with strategy `majority`.
    pub quorum: Option<Quorum>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

impl Comparison {
    /// The exit code of the run: the first of 130, 3, 1, 4, 0 that applies.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.failure {
            _ if self.termination == Termination::Interrupted => 130,
            Some(failure) => failure.exit_code(),
            None if self.gates.iter().any(|gate| !gate.passed) => 4,
            None => 0,
        }
    }

    /// Whether the run has no result for want of responses, so that history may help.
    #[must_use]
    pub const fn may_fall_back(&self) -> bool {
        matches!(
            self.failure,
            Some(
                RunFailure::InsufficientResponses { .. }
                    | RunFailure::QuorumNotReached { .. }
                    | RunFailure::AllCircuitsOpen
            )
        )
    }

    /// Whether a quote is from history.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.quotes.iter().any(|offered| offered.quote.source == Source::History)
    }

    /// The quote at one of the indices that this comparison holds.
    #[must_use]
    pub fn quote(&self, index: Option<usize>) -> Option<&SupplierQuote> {
        self.quotes.get(index?)
    }
}
