//! The result of a basket: what to buy where, what else there was, and what became of every line.
//!
//! Owns the verdict on a basket, and why a line is bought where it is. Refuses to know how the best order was found.
//! Main type: [`BasketComparison`].

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Gate, GateKind};
use crate::domain::basket::{Limits, Naive, Optimality, Purchase};
use crate::domain::{
    Criteria, Currency, Failure, OfferIdentity, Outcome, Quantity, Rejection, SupplierName, SupplierReport,
    Termination, TransportKind, Warning,
};

/// The result of a run about many lines.
#[derive(Clone, Debug)]
pub struct BasketComparison {
    /// The run's id, a UUID in text. Each line has one of its own, too.
    pub correlation_id: String,
    /// When the run started.
    pub started_at: Timestamp,
    /// How long it took, the search for the best order included.
    pub elapsed: Duration,
    /// The currency of the totals.
    pub currency: Currency,
    /// What limits the orders.
    pub limits: Limits,
    /// The time for everything; `None` = as much as it takes.
    pub timeout: Option<Duration>,
    /// The conditions of every line; its highest total is that of the whole order.
    pub criteria: Criteria,
    /// Whether a line may have no supplier.
    pub partial: bool,
    /// Why the run stopped asking.
    pub termination: Termination,
    /// The lines, in the file's order.
    pub lines: Vec<BasketLine>,
    /// The suppliers, in the configuration's order.
    pub suppliers: Vec<BasketSupplier>,
    /// What to buy where.
    pub purchase: Purchase,
    /// Whether there can be a better order; `None` = none was looked for.
    pub optimality: Option<Optimality>,
    /// From whom each line is bought, by the suppliers' positions.
    pub bought_from: Vec<Vec<usize>>,
    /// What others would buy.
    pub naive: Naive,
    /// Who is the cheapest for each line alone.
    pub cheapest_at: Vec<Option<usize>>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

/// One line of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketLine {
    /// The lines of the file that it stands in; several when they are about the same product.
    pub numbers: Vec<u64>,
    /// The product.
    pub product: String,
    /// How many pieces are needed.
    pub quantity: Quantity,
    /// What is offered, by the numbers that [`Purchase`] has.
    pub offers: Vec<BasketOffer>,
    /// Why suppliers offer nothing for it; kept only where nobody offers anything.
    pub obstacles: Vec<Obstacle>,
    /// Whether every supplier was asked and done.
    pub is_complete: bool,
}

/// Whose an offer is, and its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketOffer {
    /// The supplier's position.
    pub supplier: usize,
    /// The names; `None` = it has none.
    pub identity: Option<Box<OfferIdentity>>,
}

/// Why a supplier offers nothing for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The supplier's position.
    pub supplier: usize,
    /// Why.
    pub why: Why,
}

/// Why a supplier offers nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It did not respond.
    Failed(Box<Failure>),
    /// An offer of it cannot be part of an order.
    Rejected(Box<Rejection>),
    /// It does not carry the product.
    NotCarried,
}

/// Why a line is bought where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motive {
    /// Nobody else offers it.
    Only,
    /// It is the cheapest there, whatever else is bought.
    Cheapest,
    /// Another supplier would be cheaper for this line alone, and dearer for the order as a whole.
    Together {
        /// That supplier's position.
        other: usize,
    },
}

/// What a supplier did, in all lines together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketSupplier {
    /// Its name.
    pub name: SupplierName,
    /// How it was asked.
    pub transport: TransportKind,
    /// About how many lines it was asked.
    pub asked: u64,
    /// For how many it responded.
    pub responded: u64,
    /// How long those that were asked took together.
    pub time: Duration,
    /// How it failed, by the words of the failures: how often, and one of them.
    pub failures: BTreeMap<&'static str, (u64, Failure)>,
}

/// From whom each of so many lines is bought, by the suppliers' positions.
#[must_use]
pub fn bought_from(purchase: &Purchase, lines: usize) -> Vec<Vec<usize>> {
    let mut suppliers = vec![Vec::new(); lines];
    for order in &purchase.orders {
        for ordered in &order.lines {
            let suppliers: &mut Vec<usize> = &mut suppliers[ordered.line];
            if !suppliers.contains(&order.supplier) {
                suppliers.push(order.supplier);
            }
        }
    }
    suppliers
}

/// Why a basket has no complete result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BasketFailure {
    /// Lines that nobody can deliver, by their number.
    WithoutSupplier(usize),
    /// Nobody responded to anything.
    NoResponses,
}

impl BasketSupplier {
    /// One that was not asked yet.
    #[must_use]
    pub const fn new(name: SupplierName, transport: TransportKind) -> Self {
        Self { name, transport, asked: 0, responded: 0, time: Duration::ZERO, failures: BTreeMap::new() }
    }

    /// Counts what it did about a line.
    pub fn count(&mut self, report: &SupplierReport) {
        self.asked += u64::from(report.attempts > 0);
        self.time += report.latency.unwrap_or_default();
        match &report.outcome {
            Outcome::Answered(_) => self.responded += 1,
            Outcome::Failed(failure) => {
                self.failures.entry(failure.kind.as_str()).or_insert_with(|| (0, failure.clone())).0 += 1;
            }
        }
    }

    /// How long a line took; `None` = it was not asked.
    #[must_use]
    pub fn mean_time(&self) -> Option<Duration> {
        let asked = u32::try_from(self.asked).ok().filter(|asked| *asked > 0)?;
        Some(self.time / asked)
    }
}

impl BasketFailure {
    /// The `snake_case` word of the output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::WithoutSupplier(_) => "lines_without_supplier",
            Self::NoResponses => "insufficient_responses",
        }
    }

    /// The exit code.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::WithoutSupplier(_) => 1,
            Self::NoResponses => 3,
        }
    }
}

impl BasketComparison {
    /// Why there is no complete result; an interrupted run needs no reason.
    #[must_use]
    pub fn failure(&self) -> Option<BasketFailure> {
        let nobody = self.suppliers.iter().all(|supplier| supplier.responded == 0);
        let missing = self.purchase.missing.len();
        match self.termination {
            Termination::Interrupted => None,
            _ if nobody => Some(BasketFailure::NoResponses),
            _ => (missing > 0 && !self.partial).then_some(BasketFailure::WithoutSupplier(missing)),
        }
    }

    /// The gates that were asked for.
    #[must_use]
    pub fn gates(&self) -> Vec<Gate> {
        let actual = (!self.purchase.orders.is_empty()).then_some(self.purchase.total);
        let passed = |limit| actual.is_some_and(|actual| actual <= limit);
        let gate = |limit| Gate { kind: GateKind::MaxTotal, limit, actual, passed: passed(limit) };
        self.criteria.max_total.map(gate).into_iter().collect()
    }

    /// The exit code of the run: the first of 130, 3, 1, 4, 0 that applies.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.failure() {
            _ if self.termination == Termination::Interrupted => 130,
            Some(failure) => failure.exit_code(),
            None if self.gates().iter().any(|gate| !gate.passed) => 4,
            None => 0,
        }
    }

    /// Why a line is bought from a supplier. Both are positions.
    #[must_use]
    pub fn motive(&self, line: usize, supplier: usize) -> Motive {
        let offers = &self.lines[line].offers;
        if offers.iter().all(|offer| offer.supplier == supplier) {
            return Motive::Only;
        }
        match self.cheapest_at.get(line).copied().flatten() {
            Some(other) if other != supplier => Motive::Together { other },
            _ => Motive::Cheapest,
        }
    }

    /// How much more another way to buy costs; `None` = it does not get the same lines, so that totals say nothing.
    #[must_use]
    pub fn more(&self, other: &Purchase) -> Option<Decimal> {
        (other.missing == self.purchase.missing).then(|| other.total - self.purchase.total)
    }
}
