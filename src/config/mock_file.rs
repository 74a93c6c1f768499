//! `[suppliers.NAME.mock]` as written.
//!
//! Owns how a mock's keys are read and checked. Refuses to read recorded replies: whether they are needed is not
//! known here. Main type: [`MockTable`].

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use toml::de::{DeTable, DeValue};

use super::document::{At, Findings, Span};
use super::error::{Problem, quoted};
use super::mock::{Latency, MockError, MockOffer, Validity};
use super::reader::{Context, Fields, duration};
use super::schema;
use super::values::{self, LONGEST_VALIDITY, LONGEST_WAIT, Read, SHORTEST_WAIT, number_text, wrong_type};
use crate::domain::{parse_decimal, parse_integer};

pub(super) const MOCK_KEYS: &[&str] = &[
    "latency",
    "error-rate",
    "error",
    "retry-after",
    "fail-first",
    "seed",
    "offers",
    "body",
    "body-file",
    "status",
    "lookup-body",
    "lookup-body-file",
];
pub(super) const LATENCY_KEYS: &[&str] = &["min", "max", "median", "p99"];
pub(super) const PRICE_BREAK_KEYS: &[&str] = &["quantity", "unit-price"];
/// The keys of an offer, those of the wire in its order; `product`, `valid-for` and `valid-until` are the mock's own.
pub(super) const OFFER_KEYS: &[&str] = &[
    "product",
    "supplier-id",
    "product-id",
    "quantity",
    "sku",
    "seller",
    "url",
    "packaging",
    "unit-price",
    "price-unit",
    "total-price",
    "price-breaks",
    "currency",
    "tax-included-percent",
    "in-stock",
    "stock-quantity",
    "minimum-quantity",
    "maximum-quantity",
    "order-multiple",
    "delivery-days",
    "lead-time-days",
    "shipping",
    "fees",
    "valid-for",
    "valid-until",
];

/// How a mock supplier answers. It answers with no offers, at once, unless told otherwise.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct MockTable {
    /// How long it takes to answer: a time, `{ min, max }` (uniform) or `{ median, p99 }` (log-normal). Default: 0ms.
    #[schemars(with = "Option<schema::LatencyForms>")]
    pub(super) latency: Option<At<Latency>>,
    /// The share of requests that fail, 0 to 1. Default: 0.
    #[schemars(with = "Option<schema::Share>")]
    pub(super) error_rate: Option<At<Decimal>>,
    /// How they fail: a status from 400 to 599, or a word. Default: 503.
    #[schemars(with = "Option<schema::MockErrorForms>")]
    pub(super) error: Option<At<MockError>>,
    /// Sent with 429 and 503; whole seconds.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) retry_after: Option<At<Duration>>,
    /// So many first requests of the process fail, whatever `error-rate`. Default: 0.
    #[schemars(with = "Option<u32>")]
    pub(super) fail_first: Option<At<u64>>,
    /// Where the draws start from. Default: made from the supplier's name.
    #[schemars(with = "Option<u64>")]
    pub(super) seed: Option<At<u64>>,
    /// What it offers, in the wire's fields.
    #[schemars(with = "Vec<schema::Offer>", default)]
    pub(super) offers: Vec<MockOffer>,
    /// A recorded reply, in place of `offers`. For a price list: some of its rows, with the header, in its format; of a
    /// workbook, as CSV.
    #[schemars(with = "Option<String>")]
    pub(super) body: Option<At<String>>,
    /// A file with a recorded reply, relative to this file. For a price list: a list in its format, or in that which the
    /// file's name says.
    #[schemars(with = "Option<String>")]
    pub(super) body_file: Option<At<String>>,
    /// The status of a recorded reply. Default: 200.
    #[schemars(with = "Option<schema::Status>")]
    pub(super) status: Option<At<u16>>,
    /// A recorded reply to the supplier's `lookup`.
    #[schemars(with = "Option<String>")]
    pub(super) lookup_body: Option<At<String>>,
    /// A file with a recorded reply to the supplier's `lookup`, relative to this file.
    #[schemars(with = "Option<String>")]
    pub(super) lookup_body_file: Option<At<String>>,
}

impl MockTable {
    /// Reads a mock; what is wrong goes to `findings`.
    pub(super) fn read(name: &str, table: (&DeTable<'_>, Span), findings: &mut Findings) -> Self {
        let mut fields = Fields::new(table, Context::Mock(name), MOCK_KEYS, findings);
        let mock = Self {
            latency: fields.read("latency", read_latency),
            error_rate: fields.number("error-rate", |text| values::decimal(text, &(Decimal::ZERO..=Decimal::ONE))),
            error: fields.read("error", read_error),
            retry_after: fields.read("retry-after", read_retry_after),
            fail_first: fields.number("fail-first", |text| values::count(text, &(0..=i64::from(u32::MAX)))),
            seed: fields.number("seed", |text| values::count(text, &(0..=999_999_999_999))),
            offers: read_offers(name, &mut fields),
            body: fields.text("body"),
            body_file: fields.text("body-file"),
            status: fields.number("status", |text| values::count(text, &(200..=599))),
            lookup_body: fields.text("lookup-body"),
            lookup_body_file: fields.text("lookup-body-file"),
        };
        check_answer(&mut fields, &mock);
        mock
    }
}

fn check_answer(fields: &mut Fields<'_, '_, '_>, mock: &MockTable) {
    for (key, beside, body, file) in [
        ("body-file", "body", &mock.body, &mock.body_file),
        ("lookup-body-file", "lookup-body", &mock.lookup_body, &mock.lookup_body_file),
    ] {
        if let (Some(_), Some(file)) = (body, file) {
            let problem = Problem::new(format!("it cannot stand beside `{beside}`")).with_hint("remove one of them");
            fields.complain(key, file.span, problem);
        }
    }
    let body = mock.body.as_ref().or(mock.body_file.as_ref());
    if let (Some(_), Some(offers)) = (body, fields.raw("offers")) {
        let problem = Problem::new("they cannot stand beside a recorded reply");
        fields.complain(
            "offers",
            offers.span().into(),
            problem.with_hint("remove `offers`, or `body` and `body-file`"),
        );
    }
    if let (None, Some(status)) = (body, &mock.status) {
        let problem = Problem::new("it is the status of a recorded reply, and there is none");
        fields.complain("status", status.span, problem.with_hint("add `body` or `body-file`, or use `error`"));
    }
}

fn read_latency(value: &DeValue<'_>) -> Read<Latency> {
    let bounds = Duration::ZERO..=LONGEST_WAIT;
    let Some(table) = value.as_table() else { return duration(value, &bounds).map(Latency::Fixed) };
    let part = |key: &str| {
        let value = table.get(key).map(|value| duration(value.get_ref(), &bounds)).transpose();
        value.map_err(|problem| Problem { message: format!("`{key}`: {}", problem.message), ..problem })
    };
    let latency = match (table.len(), part("min")?, part("max")?, part("median")?, part("p99")?) {
        (2, Some(min), Some(max), None, None) if min <= max => Latency::Uniform { min, max },
        (2, None, None, Some(median), Some(p99)) if Duration::ZERO < median && median <= p99 => {
            Latency::LogNormal { median, p99 }
        }
        (2, Some(_), Some(_), None, None) => return Err(Problem::new("`min` is above `max`").with_hint("swap them")),
        (2, None, None, Some(_), Some(_)) => {
            return Err(Problem::new("`median` must be above 0 and not above `p99`").with_hint("correct one of them"));
        }
        _ => {
            let problem = Problem::new("a table of latencies has `min` and `max`, or `median` and `p99`");
            return Err(problem.with_hint("write `{ min = \"80ms\", max = \"250ms\" }`"));
        }
    };
    Ok(latency)
}

/// The words of `error`.
pub(super) const ERROR_WORDS: [(&str, MockError); 6] = [
    ("timeout", MockError::Timeout),
    ("reset", MockError::Reset),
    ("close", MockError::Close),
    ("malformed", MockError::Malformed),
    ("supplier-error", MockError::SupplierError),
    ("wrong-product", MockError::WrongProduct),
];

fn read_error(value: &DeValue<'_>) -> Read<MockError> {
    let words = || ERROR_WORDS.map(|(word, _)| format!("`\"{word}\"`")).join(", ");
    let hint = || format!("a status from 400 to 599, or {}", words());
    if let DeValue::String(text) = value {
        let word = ERROR_WORDS.into_iter().find(|(word, _)| word == text).map(|(_, error)| error);
        return word.ok_or_else(|| Problem::new(format!("{} is not a way to fail", quoted(text))).with_hint(hint()));
    }
    let text = number_text(value).ok_or_else(|| wrong_type("a status or a word", value).with_hint(hint()))?;
    values::count(text, &(400..=599)).map(MockError::Status).map_err(|problem| problem.with_hint(hint()))
}

/// HTTP's `Retry-After` counts whole seconds.
fn read_retry_after(value: &DeValue<'_>) -> Read<Duration> {
    let wait = duration(value, &(Duration::ZERO..=Duration::from_hours(24)))?;
    if wait.subsec_nanos() == 0 {
        return Ok(wait);
    }
    Err(Problem::new("it is sent in whole seconds").with_hint("write `\"1s\"` or more"))
}

fn read_offers(name: &str, fields: &mut Fields<'_, '_, '_>) -> Vec<MockOffer> {
    let Some(value) = fields.raw("offers") else { return Vec::new() };
    let Some(elements) = value.get_ref().as_array() else {
        let problem = wrong_type("a list of tables", value.get_ref());
        fields.complain(
            "offers",
            value.span().into(),
            problem.with_hint(format!("write `[[suppliers.{name}.mock.offers]]`")),
        );
        return Vec::new();
    };
    let mut offers = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        match element.get_ref().as_table() {
            Some(table) => offers.push(read_offer(name, index + 1, (table, element.span().into()), fields.findings)),
            None => fields.complain("offers", element.span().into(), wrong_type("a table", element.get_ref())),
        }
    }
    offers
}

/// How a field of the wire is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Text,
    Amount,
    Count,
    Truth,
    PriceBreaks,
    /// A key that is not sent as it stands.
    Own,
}

/// How a key of an offer is written.
pub(super) fn field_kind(key: &str) -> FieldKind {
    match key {
        "product" | "valid-for" | "valid-until" => FieldKind::Own,
        "unit-price" | "total-price" | "tax-included-percent" | "shipping" | "fees" => FieldKind::Amount,
        "quantity" | "price-unit" | "stock-quantity" | "minimum-quantity" | "maximum-quantity" | "order-multiple"
        | "delivery-days" | "lead-time-days" => FieldKind::Count,
        "in-stock" => FieldKind::Truth,
        "price-breaks" => FieldKind::PriceBreaks,
        _ => FieldKind::Text,
    }
}

fn read_offer(name: &str, number: usize, table: (&DeTable<'_>, Span), findings: &mut Findings) -> MockOffer {
    let mut fields = Fields::new(table, Context::Offer(name, number), OFFER_KEYS, findings);
    let mut sent = Vec::new();
    for key in OFFER_KEYS.iter().filter(|key| field_kind(key) != FieldKind::Own) {
        let text = match field_kind(key) {
            FieldKind::PriceBreaks => read_price_breaks(name, number, &mut fields),
            kind => fields.read(key, |value| json(kind, value)).map(|at| at.value),
        };
        sent.extend(text.map(|text| (camel_case(key), text)));
    }
    if !sent.iter().any(|(field, _)| field == "inStock" || field == "stockQuantity") {
        sent.push(("inStock".to_owned(), "true".to_owned()));
    }
    let validity = match (fields.read("valid-for", read_valid_for), fields.read("valid-until", read_valid_until)) {
        (Some(_), Some(until)) => {
            let problem = Problem::new("it cannot stand beside `valid-for`").with_hint("remove one of them");
            fields.complain("valid-until", until.span, problem);
            None
        }
        (span, until) => span.map(|at| Validity::For(at.value)).or(until.map(|at| Validity::Until(at.value))),
    };
    let product = fields.word("product", read_product).and_then(|at| at.value);
    MockOffer { product, fields: sent, validity }
}

fn read_product(text: &str) -> Read<Option<String>> {
    if text.trim().is_empty() {
        return Err(Problem::new("it is empty").with_hint("name a product, or write `\"*\"` for any other"));
    }
    Ok((text != "*").then(|| text.to_owned()))
}

fn read_valid_for(value: &DeValue<'_>) -> Read<Duration> {
    duration(value, &(SHORTEST_WAIT..=LONGEST_VALIDITY))
}

const VALID_UNTIL_HINT: &str = "write `2026-12-01` or `2026-12-01T12:00:00Z`";

fn read_valid_until(value: &DeValue<'_>) -> Read<String> {
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        _ => return Err(wrong_type("a date or a moment", value).with_hint(VALID_UNTIL_HINT)),
    };
    if text.parse::<Timestamp>().is_ok() || (text.len() == 10 && text.parse::<Date>().is_ok()) {
        return Ok(text);
    }
    let problem = Problem::new(format!("{} is neither a date nor a moment with an offset", quoted(&text)));
    Err(problem.with_hint(VALID_UNTIL_HINT))
}

fn read_price_breaks(name: &str, offer: usize, fields: &mut Fields<'_, '_, '_>) -> Option<String> {
    let value = fields.raw("price-breaks")?;
    let Some(elements) = value.get_ref().as_array() else {
        let problem = wrong_type("a list of tables", value.get_ref());
        let hint = "write `[{ quantity = 1, unit-price = \"0.60\" }]`";
        fields.complain("price-breaks", value.span().into(), problem.with_hint(hint));
        return None;
    };
    let mut tiers = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let Some(table) = element.get_ref().as_table() else {
            fields.complain("price-breaks", element.span().into(), wrong_type("a table", element.get_ref()));
            continue;
        };
        let context = Context::PriceBreak(name, offer, index + 1);
        let mut tier = Fields::new((table, element.span().into()), context, PRICE_BREAK_KEYS, fields.findings);
        for key in PRICE_BREAK_KEYS {
            if tier.raw(key).is_none() {
                tier.complain_of_table(&format!("has no `{key}`"), "write `{ quantity = 1, unit-price = \"0.60\" }`");
            }
        }
        let quantity = tier.read("quantity", |value| json(FieldKind::Count, value));
        let price = tier.read("unit-price", |value| json(FieldKind::Amount, value));
        if let (Some(quantity), Some(price)) = (quantity, price) {
            tiers.push(format!(r#"{{"quantity":{},"unitPrice":{}}}"#, quantity.value, price.value));
        }
    }
    Some(format!("[{}]", tiers.join(",")))
}

/// A value as JSON. Numbers keep the digits of the file, be they in quotes or not; a mock may well offer nonsense,
/// such as a price below 0, since that is what mocks are for.
fn json(kind: FieldKind, value: &DeValue<'_>) -> Read<String> {
    match kind {
        FieldKind::Truth => {
            value.as_bool().map(|truth| truth.to_string()).ok_or_else(|| wrong_type("true or false", value))
        }
        FieldKind::Amount | FieldKind::Count => {
            let text = number_text(value).ok_or_else(|| wrong_type("a number", value))?;
            if kind == FieldKind::Count {
                parse_integer(text).map_err(|problem| values::not_a_number(text, problem))?;
            } else {
                parse_decimal(text).map_err(|problem| values::not_a_number(text, problem))?;
            }
            Ok(json_number(text))
        }
        FieldKind::Text | FieldKind::PriceBreaks | FieldKind::Own => {
            let text = value.as_str().ok_or_else(|| wrong_type("text", value))?;
            Ok(serde_json::Value::from(text).to_string())
        }
    }
}

/// JSON allows no leading zeros, which text in quotes may have.
fn json_number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let trimmed = digits.trim_start_matches('0');
    let zero = if trimmed.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
    format!("{sign}{zero}{trimmed}")
}

/// `unit-price` as `unitPrice`.
pub(super) fn camel_case(key: &str) -> String {
    let mut words = key.split('-');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

/// How a list of offers is described in the schema: key and kind, with the tiers described apart.
pub(super) fn offer_schema(
    describe: impl Fn(FieldKind) -> schemars::Schema,
) -> BTreeMap<&'static str, schemars::Schema> {
    OFFER_KEYS.iter().map(|key| (*key, describe(field_kind(key)))).collect()
}
