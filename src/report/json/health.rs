//! The document of what is known of the suppliers, as types.

use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Number, whole_milliseconds};
use super::words::Word;
use crate::domain::{Circuit, Record, Sighting};

/// What is known of the suppliers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp suppliers")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The suppliers, in the configuration's order.
    suppliers: Vec<Health<'a>>,
}

/// What is known of one supplier.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Health<'a> {
    supplier: &'a str,
    circuit: Word<Circuit>,
    /// How long it is not asked yet; only when its circuit is open.
    retry_in_ms: Option<u64>,
    /// How many runs are known, at most the last 200.
    runs: usize,
    /// The share of them in which it answered, 0 to 1; `null` = no run is known.
    success_rate: Option<Number>,
    /// The time within which it gave half of its answers.
    p50_ms: Option<Number>,
    /// The time within which it gave 95 % of its answers.
    p95_ms: Option<Number>,
    /// When it answered last, RFC 3339 in UTC.
    last_seen: Option<String>,
    last_error: Option<LastError<'a>>,
    /// The runs, oldest first.
    recent: Vec<Run<'a>>,
}

/// How a supplier failed last.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct LastError<'a> {
    at: String,
    /// The word of the failure, as in a comparison.
    error_kind: &'a str,
}

/// What it did in one run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Run<'a> {
    at: String,
    latency_ms: Number,
    /// `null` = it answered.
    error_kind: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// Views records as the document that they are written as.
    pub(super) fn new(records: &'a [Record]) -> Self {
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            suppliers: records.iter().map(Health::new).collect(),
        }
    }
}

impl<'a> Health<'a> {
    fn new(record: &'a Record) -> Self {
        let rate = |per_mille| Number::plain(Decimal::new(i64::try_from(per_mille).unwrap_or(i64::MAX), 3));
        Self {
            supplier: record.supplier.as_str(),
            circuit: Word::of(&record.circuit),
            retry_in_ms: match record.circuit {
                Circuit::Open(left) => Some(whole_milliseconds(left)),
                Circuit::Closed | Circuit::HalfOpen => None,
            },
            runs: record.sightings.len(),
            success_rate: record.success_per_mille().map(rate),
            p50_ms: record.percentile(50).map(Number::milliseconds),
            p95_ms: record.percentile(95).map(Number::milliseconds),
            last_seen: record.last_seen().map(moment),
            last_error: record.last_error().map(|(at, kind)| LastError { at: moment(at), error_kind: kind }),
            recent: record.sightings.iter().map(Run::new).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn new(sighting: &'a Sighting) -> Self {
        let Sighting { at, took, error } = sighting;
        Self { at: moment(*at), latency_ms: Number::milliseconds(*took), error_kind: error.as_deref() }
    }
}

fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}
