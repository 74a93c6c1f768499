//! The document of one product at several quantities, as types.

use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Number, whole_milliseconds};
use super::view::{self, WarningView};
use super::words::Word;
use crate::compare::{Change, ChangeCause, SweepComparison};
use crate::domain::{Strategy, SupplierName, Termination};

/// One product at several quantities.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp, several quantities")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The run's id. Each quantity has one of its own, which is what suppliers are sent.
    correlation_id: &'a str,
    /// When the run started, RFC 3339 in UTC.
    started_at: String,
    /// How long the run took.
    elapsed_ms: u64,
    request: Request<'a>,
    /// Why the run stopped asking.
    termination: Word<Termination>,
    /// The exit code that the process ends with if the output can be written.
    exit_code: u8,
    /// What a comparison at each quantity prints, ascending.
    comparisons: Vec<view::Document<'a>>,
    /// Where the cheapest supplier changes, ascending.
    changes: Vec<ChangeView<'a>>,
    /// What deserves attention at every quantity.
    warnings: Vec<WarningView<'a>>,
}

/// What was asked, and under which conditions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "SweepRequest")]
struct Request<'a> {
    product_id: &'a str,
    /// Ascending, each once.
    quantities: Vec<u64>,
    /// The currency of every amount outside `original` and `rejected`.
    currency: &'a str,
    strategy: Word<Strategy>,
    /// How many suppliers must respond at each quantity.
    min_responses: usize,
    /// The suppliers that must respond at each quantity.
    required: Vec<&'a str>,
    /// The time for all quantities together.
    timeout_ms: u64,
    /// The latest delivery that is accepted, calendar days.
    within_days: Option<u16>,
    /// The highest total at any quantity.
    max_total: Option<Number>,
    /// By how many percent the total at any quantity may be above what its supplier asked before.
    max_increase_percent: Option<Number>,
    /// Whether orders beyond what minimum and multiple force are ruled out.
    exact_quantity: bool,
}

/// Two neighbouring quantities with different cheapest suppliers. Where between them it changes was not asked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Change")]
struct ChangeView<'a> {
    from_quantity: u64,
    to_quantity: u64,
    /// Who is cheapest at the smaller quantity; `null` = nobody can deliver.
    from: Option<&'a str>,
    /// Who is cheapest at the larger one; `null` = nobody can deliver.
    to: Option<&'a str>,
    /// `price`: both have a quote for both quantities. `cannot_deliver`: one of them has none for one of them.
    /// `no_response`: one of them did not respond about one, so that it may be no change at all.
    cause: Word<ChangeCause>,
}

impl<'a> Document<'a> {
    /// Views a sweep, and its changes, as the document that it is written as.
    pub(super) fn new(sweep: &'a SweepComparison, changes: &'a [Change]) -> Self {
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            correlation_id: &sweep.correlation_id,
            started_at: format!("{:.3}", sweep.started_at),
            elapsed_ms: whole_milliseconds(sweep.elapsed),
            request: Request::new(sweep),
            termination: Word::of(&sweep.termination),
            exit_code: sweep.exit_code(),
            comparisons: sweep.comparisons.iter().map(view::Document::new).collect(),
            changes: changes.iter().map(ChangeView::new).collect(),
            warnings: sweep.warnings.iter().map(WarningView::new).collect(),
        }
    }
}

impl<'a> Request<'a> {
    fn new(sweep: &'a SweepComparison) -> Self {
        let criteria = &sweep.criteria;
        Self {
            product_id: &sweep.product,
            quantities: sweep.comparisons.iter().map(|comparison| comparison.request.quantity.get()).collect(),
            currency: sweep.currency.code(),
            strategy: Word::of(&criteria.strategy),
            min_responses: criteria.min_responses,
            required: criteria.required.iter().map(SupplierName::as_str).collect(),
            timeout_ms: whole_milliseconds(criteria.timeout),
            within_days: criteria.within_days,
            max_total: criteria.max_total.map(|limit| Number::amount(limit, sweep.currency)),
            max_increase_percent: criteria.max_increase_percent.map(Number::plain),
            exact_quantity: criteria.exact,
        }
    }
}

impl<'a> ChangeView<'a> {
    fn new(change: &'a Change) -> Self {
        Self {
            from_quantity: change.from_quantity.get(),
            to_quantity: change.to_quantity.get(),
            from: change.from.as_ref().map(SupplierName::as_str),
            to: change.to.as_ref().map(SupplierName::as_str),
            cause: Word::of(&change.cause),
        }
    }
}
