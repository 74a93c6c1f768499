//! What the user wants of a comparison: when to stop asking, what to accept, what to select.

use std::time::Duration;

use rust_decimal::Decimal;

/// When a comparison stops, and what it selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Wait for every supplier; select the cheapest.
    All,
    /// As `All`; the table shows the cheapest alone.
    Best,
    /// Stop at the first ranked reply; select its cheapest quote.
    First,
    /// Stop when a quorum of suppliers agrees on the total; select the cheapest of the winning group.
    Majority,
}

impl Strategy {
    /// The word of the command line and of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Best => "best",
            Self::First => "first",
            Self::Majority => "majority",
        }
    }
}

/// The conditions of one comparison, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// When to stop and what to select.
    pub strategy: Strategy,
    /// How many suppliers must agree, 1…; only with `Majority`, where it is always known.
    pub quorum: Option<usize>,
    /// How far the totals of one group may be apart, percent; only with `Majority`, where it is always known.
    pub agree_within_percent: Option<Decimal>,
    /// How many suppliers must respond for the run to count.
    pub min_responses: usize,
    /// Names of the suppliers that must respond, in the order of the configuration.
    pub required: Vec<super::SupplierName>,
    /// The whole deadline.
    pub timeout: Duration,
    /// The latest delivery that is accepted, calendar days.
    pub within_days: Option<u16>,
    /// The highest total of the selected quote that passes, in the comparison's currency.
    pub max_total: Option<Decimal>,
    /// By how many percent the selected quote's total may be above what its supplier asked before.
    pub max_increase_percent: Option<Decimal>,
    /// Never order beyond what minimum and multiple force.
    pub exact: bool,
}
