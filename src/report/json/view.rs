//! The document as types: one a JSON object, fields in the order in which they are written.
//!
//! Their comments are the descriptions in the published schema.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Number, whole_milliseconds};
use super::words::Word;
use crate::compare::{Comparison, Gate, GateKind, RunFailure, SupplierQuote, SupplierRejection, SupplierStats};
use crate::domain::{
    Conversion, Currency, ErrorKind, OrderReason, Phase, PriceRequest, Reason, Source, Strategy, SupplierName,
    Termination, TransportKind, Warning, WarningKind,
};
use crate::report::prose;

/// The result of one comparison.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp output")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The run's id, as sent to every supplier.
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
    /// Why there is no result.
    failure: Option<RunFailureView>,
    /// Whether stored offers stand in for suppliers that did not respond.
    degraded: bool,
    /// How the suppliers agreed; only with strategy `majority`.
    quorum: Option<Quorum<'a>>,
    /// The quote that the strategy selects.
    selected: Option<Quote<'a>>,
    /// The quote with the lowest total.
    cheapest: Option<Quote<'a>>,
    /// The quote with the shortest delivery.
    fastest: Option<Quote<'a>>,
    /// Every ranked quote.
    all_quotes: Vec<Quote<'a>>,
    /// Every offer that is not ranked.
    rejected: Vec<Rejected<'a>>,
    /// What every supplier did, in the configuration's order.
    supplier_stats: Vec<Stats<'a>>,
    /// The conditions on the selected quote.
    gates: Vec<GateView>,
    /// What deserves attention.
    warnings: Vec<WarningView<'a>>,
}

/// What was asked, and under which conditions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Request<'a> {
    product_id: &'a str,
    quantity: u64,
    /// The currency of every amount outside `original` and `rejected`.
    currency: &'a str,
    strategy: Word<Strategy>,
    /// How many suppliers must agree; only with strategy `majority`.
    quorum: Option<usize>,
    /// How far the totals of one group may be apart, percent; only with strategy `majority`.
    agree_within_percent: Option<Number>,
    min_responses: usize,
    /// The suppliers that must respond.
    required: Vec<&'a str>,
    timeout_ms: u64,
    /// The latest delivery that is accepted, calendar days.
    within_days: Option<u16>,
    max_total: Option<Number>,
    /// By how many percent the selected total may be above what its supplier asked before.
    max_increase_percent: Option<Number>,
    /// Whether orders beyond what minimum and multiple force are ruled out.
    exact_quantity: bool,
}

/// Why there is no result.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "RunFailure")]
struct RunFailureView {
    kind: Word<RunFailure>,
    message: String,
    /// How many suppliers were needed.
    required: Option<usize>,
    /// How many there were.
    got: Option<usize>,
}

/// How the suppliers agreed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Quorum<'a> {
    /// How many had to agree.
    required: usize,
    /// The size of the largest group.
    got: usize,
    /// Its members.
    suppliers: Vec<&'a str>,
}

/// An offer worked out for the request: what to order and what it costs, net of tax.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(super) struct Quote<'a> {
    /// The supplier's configured name.
    supplier_id: &'a str,
    /// The product that was asked for.
    product_id: &'a str,
    sku: Option<&'a str>,
    seller: Option<&'a str>,
    packaging: Option<&'a str>,
    url: Option<&'a str>,
    /// The quantity that was asked for.
    quantity: u64,
    /// The quantity to order.
    order_quantity: u64,
    order_reason: Word<OrderReason>,
    /// What this order costs less than the smallest permitted one.
    saving: Number,
    currency: &'a str,
    /// The price of one piece; informative.
    unit_price: Number,
    goods: Number,
    fees: Number,
    /// `null` = unknown, and then not in the total.
    shipping: Option<Number>,
    shipping_known: bool,
    /// Goods, fees and shipping.
    total_price: Number,
    /// What the supplier quoted, if it was converted or tax was taken out.
    original: Option<Original<'a>>,
    in_stock: bool,
    /// `null` = the count is unknown.
    stock_quantity: Option<u64>,
    /// Calendar days until it is here.
    delivery_days: Option<u16>,
    /// Days until the supplier can ship.
    lead_time_days: Option<u16>,
    /// The last moment at which the offer holds, RFC 3339.
    valid_until: Option<String>,
    source: Word<Source>,
    /// When it was quoted, unless live.
    quoted_at: Option<String>,
    /// What the supplier's cheapest quote for the same product, quantity and currency came to in an earlier run; at its
    /// cheapest quote of this run only. `null` = nothing is known.
    previous: Option<Previous>,
}

/// What a supplier asked before, in the comparison's currency.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Previous {
    total_price: Number,
    unit_price: Number,
    /// When it was quoted, RFC 3339.
    quoted_at: String,
    /// How much more the total is now, percent, to six decimals; below 0 when it is less. `null` = it was 0.
    change_percent: Option<Number>,
}

/// The supplier's own amounts, in its currency, tax included.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Original<'a> {
    currency: &'a str,
    unit_price: Number,
    goods: Number,
    fees: Number,
    shipping: Option<Number>,
    total_price: Number,
    /// The tax that was taken out, percent.
    tax_percent_removed: Number,
    /// How many units of this currency one unit of the comparison's currency buys.
    rate: Option<Number>,
    rate_base: Option<&'a str>,
    /// The day that the rates are of.
    rate_date: Option<String>,
}

/// An offer that is not ranked. Currency and amounts are as quoted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(super) struct Rejected<'a> {
    supplier_id: &'a str,
    product_id: &'a str,
    sku: Option<&'a str>,
    seller: Option<&'a str>,
    reason: Word<Reason>,
    /// The reason as a sentence.
    message: String,
    /// The field of the offer that decided.
    field: &'a str,
    /// The order that was tried.
    order_quantity: Option<u64>,
    stock_quantity: Option<u64>,
    currency: Option<&'a str>,
    unit_price: Option<Number>,
    total_price: Option<Number>,
}

/// What one supplier did.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(super) struct Stats<'a> {
    supplier: &'a str,
    transport: Word<TransportKind>,
    /// Whether its reply was understood, be it without offers.
    responded: bool,
    /// From the first attempt's start to the outcome; `null` = not asked.
    latency_ms: Option<Number>,
    attempts: u32,
    offers: usize,
    ranked: usize,
    rejected: usize,
    /// Why it did not respond, as a sentence.
    error: Option<String>,
    error_kind: Option<Word<ErrorKind>>,
    /// Where a timeout happened.
    error_phase: Option<Word<Phase>>,
    http_status: Option<u16>,
    /// When the price list that it answered from was last changed, RFC 3339; only for files.
    file_modified_at: Option<String>,
    /// How long to wait before the next request: as it asked, or as its open circuit says.
    retry_in_ms: Option<u64>,
}

/// A condition on the selected quote.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Gate")]
pub(super) struct GateView {
    gate: Word<GateKind>,
    /// An amount in the comparison's currency for `max_total`, percent for `max_increase`.
    limit: Number,
    /// `null` = nothing was selected; of `max_increase` also that nothing is known to compare with, or that it was 0.
    actual: Option<Number>,
    passed: bool,
}

/// Something that deserves attention.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Warning")]
pub(super) struct WarningView<'a> {
    kind: Word<WarningKind>,
    /// The supplier it concerns.
    supplier: Option<&'a str>,
    message: String,
}

impl<'a> Document<'a> {
    /// Views a comparison as the document that it is written as.
    pub(super) fn new(comparison: &'a Comparison) -> Self {
        let quote = |quote: &'a SupplierQuote| Quote::new(&comparison.request, quote);
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            correlation_id: &comparison.correlation_id,
            started_at: format!("{:.3}", comparison.started_at),
            elapsed_ms: whole_milliseconds(comparison.elapsed),
            request: Request::new(comparison),
            termination: Word::of(&comparison.termination),
            exit_code: comparison.exit_code(),
            failure: comparison.failure.as_ref().map(RunFailureView::new),
            degraded: comparison.is_degraded(),
            quorum: comparison.quorum.as_ref().map(|quorum| Quorum {
                required: quorum.required,
                got: quorum.got,
                suppliers: quorum.suppliers.iter().map(SupplierName::as_str).collect(),
            }),
            selected: comparison.quote(comparison.selected).map(quote),
            cheapest: comparison.quote(comparison.cheapest).map(quote),
            fastest: comparison.quote(comparison.fastest).map(quote),
            all_quotes: comparison.quotes.iter().map(quote).collect(),
            rejected: comparison.rejected.iter().map(|rejected| Rejected::new(comparison, rejected)).collect(),
            supplier_stats: comparison.suppliers.iter().map(Stats::new).collect(),
            gates: comparison.gates.iter().map(|gate| GateView::new(gate, comparison.request.currency)).collect(),
            warnings: comparison.warnings.iter().map(WarningView::new).collect(),
        }
    }
}

impl<'a> Request<'a> {
    fn new(comparison: &'a Comparison) -> Self {
        let (request, criteria) = (&comparison.request, &comparison.criteria);
        Self {
            product_id: &request.product,
            quantity: request.quantity.get(),
            currency: request.currency.code(),
            strategy: Word::of(&criteria.strategy),
            quorum: criteria.quorum,
            agree_within_percent: criteria.agree_within_percent.map(Number::plain),
            min_responses: criteria.min_responses,
            required: criteria.required.iter().map(SupplierName::as_str).collect(),
            timeout_ms: whole_milliseconds(criteria.timeout),
            within_days: criteria.within_days,
            max_total: criteria.max_total.map(|limit| Number::amount(limit, request.currency)),
            max_increase_percent: criteria.max_increase_percent.map(Number::plain),
            exact_quantity: criteria.exact,
        }
    }
}

impl RunFailureView {
    fn new(failure: &RunFailure) -> Self {
        let (required, got) = match failure {
            RunFailure::NoAvailableSupplier | RunFailure::AllCircuitsOpen => (None, None),
            RunFailure::InsufficientResponses { required, got } | RunFailure::QuorumNotReached { required, got } => {
                (Some(*required), Some(*got))
            }
            RunFailure::RequiredMissing { required, missing } => {
                (Some(*required), Some(required.saturating_sub(missing.len())))
            }
        };
        Self { kind: Word::of(failure), message: prose::run_failure(failure), required, got }
    }
}

impl<'a> Quote<'a> {
    pub(super) fn new(request: &'a PriceRequest, offered: &'a SupplierQuote) -> Self {
        let SupplierQuote { supplier, quote, previous } = offered;
        let amount = |value| Number::amount(value, request.currency);
        Self {
            supplier_id: supplier.as_str(),
            product_id: &request.product,
            sku: quote.identity.sku.as_deref(),
            seller: quote.identity.seller.as_deref(),
            packaging: quote.identity.packaging.as_deref(),
            url: quote.identity.url.as_deref(),
            quantity: request.quantity.get(),
            order_quantity: quote.order_quantity,
            order_reason: Word::of(&quote.order_reason),
            saving: amount(quote.saving),
            currency: request.currency.code(),
            unit_price: amount(quote.charges.unit_price),
            goods: amount(quote.charges.goods),
            fees: amount(quote.charges.fees),
            shipping: quote.charges.shipping.map(amount),
            shipping_known: quote.charges.shipping.is_some(),
            total_price: amount(quote.charges.total),
            original: quote.original.as_ref().map(Original::new),
            // A quote that is not in stock is not ranked.
            in_stock: true,
            stock_quantity: quote.stock_quantity,
            delivery_days: quote.delivery_days,
            lead_time_days: quote.lead_time_days,
            valid_until: quote.valid_until.map(moment),
            source: Word::of(&quote.source),
            quoted_at: quote.quoted_at.map(moment),
            previous: previous.as_ref().map(|previous| Previous {
                total_price: amount(previous.total),
                unit_price: amount(previous.unit_price),
                quoted_at: moment(previous.quoted_at),
                change_percent: previous.change_percent(quote.charges.total).map(Number::plain),
            }),
        }
    }
}

impl<'a> Original<'a> {
    fn new(conversion: &'a Conversion) -> Self {
        let amount = |value| Number::amount(value, conversion.currency);
        Self {
            currency: conversion.currency.code(),
            unit_price: amount(conversion.charges.unit_price),
            goods: amount(conversion.charges.goods),
            fees: amount(conversion.charges.fees),
            shipping: conversion.charges.shipping.map(amount),
            total_price: amount(conversion.charges.total),
            tax_percent_removed: Number::plain(conversion.tax_percent_removed),
            rate: conversion.rate.map(Number::plain),
            rate_base: conversion.rate_base.as_ref().map(Currency::code),
            rate_date: conversion.rate_date.map(|date| date.to_string()),
        }
    }
}

impl<'a> Rejected<'a> {
    pub(super) fn new(comparison: &'a Comparison, rejected: &'a SupplierRejection) -> Self {
        let SupplierRejection { supplier, rejection } = rejected;
        let currency = rejection.currency.as_deref().and_then(|code| Currency::parse(code).ok());
        let amount = |value| match currency {
            Some(currency) => Number::amount(value, currency),
            None => Number::plain(value),
        };
        Self {
            supplier_id: supplier.as_str(),
            product_id: &comparison.request.product,
            sku: rejection.identity.sku.as_deref(),
            seller: rejection.identity.seller.as_deref(),
            reason: Word::of(&rejection.cause.reason()),
            message: prose::rejection(&rejection.cause, &comparison.criteria),
            field: rejection.cause.field(),
            order_quantity: rejection.order_quantity,
            stock_quantity: rejection.stock_quantity,
            currency: rejection.currency.as_deref(),
            unit_price: rejection.unit_price.map(amount),
            total_price: rejection.total_price.map(amount),
        }
    }
}

impl<'a> Stats<'a> {
    pub(super) fn new(stats: &'a SupplierStats) -> Self {
        let failure = stats.failure.as_ref();
        Self {
            supplier: stats.supplier.as_str(),
            transport: Word::of(&stats.transport),
            responded: failure.is_none(),
            latency_ms: stats.latency.map(Number::milliseconds),
            attempts: stats.attempts,
            offers: stats.offers,
            ranked: stats.ranked,
            rejected: stats.rejected,
            error: failure.map(prose::failure),
            error_kind: failure.map(|failure| Word::of(&failure.kind)),
            error_phase: failure.and_then(|failure| failure.phase.as_ref()).map(Word::of),
            http_status: stats.http_status,
            file_modified_at: stats.file_modified_at.map(moment),
            retry_in_ms: failure.and_then(|failure| failure.retry_in).map(whole_milliseconds),
        }
    }
}

impl GateView {
    /// Views a gate whose amounts are in `currency`.
    pub(super) fn new(gate: &Gate, currency: Currency) -> Self {
        let value = |value| match gate.kind {
            GateKind::MaxTotal => Number::amount(value, currency),
            GateKind::MaxIncrease => Number::plain(value),
        };
        Self {
            gate: Word::of(&gate.kind),
            limit: value(gate.limit),
            actual: gate.actual.map(value),
            passed: gate.passed,
        }
    }
}

impl<'a> WarningView<'a> {
    /// Views a warning.
    pub(super) fn new(warning: &'a Warning) -> Self {
        Self {
            kind: Word::of(&warning.kind),
            supplier: warning.supplier.as_ref().map(SupplierName::as_str),
            message: prose::warning(warning),
        }
    }
}

/// Writes a moment as RFC 3339. What is later than every moment that can be held is the end of the year 9999, which
/// suppliers write for "without end".
fn moment(moment: Timestamp) -> String {
    if moment == Timestamp::MAX { "9999-12-31T23:59:59Z".to_owned() } else { moment.to_string() }
}
