//! The document of `explain`, and its schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::number::Number;
use super::view::{Quote, Rejected, Stats};
use super::words::Word;
use super::{schema_of, written};
use crate::compare::{SupplierQuote, SupplierRejection};
use crate::domain::{ConsideredOrder, Currency, Verdict};
use crate::report::explain::{Exchanged, Explanation, Received, advice};
use crate::report::study::{StudiedOffer, fields};

/// Writes an explanation as one indented JSON document with a final newline.
///
/// # Panics
/// Never: memory takes every document, and JSON is UTF-8.
#[must_use]
pub fn document(explanation: &Explanation<'_>) -> String {
    let comparison = explanation.comparison;
    // A document refers to quotes and rejections; here each offer has its own.
    let named = explanation.offers.iter().map(|offer| Named::new(explanation, offer)).collect::<Vec<_>>();
    let document = Document {
        schema_version: 1,
        pricecmp_version: env!("CARGO_PKG_VERSION"),
        correlation_id: &comparison.correlation_id,
        supplier: explanation.supplier.as_str(),
        product_id: &comparison.request.product,
        quantity: comparison.request.quantity.get(),
        currency: comparison.request.currency.code(),
        exchanges: explanation.exchanges.iter().map(ExchangeView::new).collect(),
        offers: explanation
            .offers
            .iter()
            .zip(&named)
            .map(|(offer, named)| OfferView::new(explanation, offer, named))
            .collect(),
        stats: comparison.asked.first().map(Stats::new),
        advice: advice(explanation),
        exit_code: comparison.exit_code(),
    };
    written(&document, 16 * 1024)
}

/// Writes the JSON Schema (draft 2020-12) that every such document follows, with a final newline.
#[must_use]
pub fn schema() -> String {
    schema_of::<Document<'static>>()
}

/// One supplier's answer, step by step.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp explain")]
struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    /// The run's id, as sent to the supplier.
    correlation_id: &'a str,
    /// The supplier's configured name.
    supplier: &'a str,
    product_id: &'a str,
    quantity: u64,
    /// The currency of quotes, and of `comparedTotal`.
    currency: &'a str,
    /// What was said, in order.
    exchanges: Vec<ExchangeView<'a>>,
    /// The offers that the mapping made of the reply, in its order.
    offers: Vec<OfferView<'a>>,
    /// What the supplier did; `null` = it was not asked.
    stats: Option<Stats<'a>>,
    /// What could be changed in the configuration so that more offers become quotes.
    advice: Vec<String>,
    /// The exit code that the process ends with if the output can be written.
    exit_code: u8,
}

/// A request, and the reply to it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Exchange")]
struct ExchangeView<'a> {
    request: RequestView<'a>,
    /// `null` = there was none.
    reply: Option<ReplyView<'a>>,
}

/// What was sent, secrets masked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "SentRequest")]
struct RequestView<'a> {
    /// The first line.
    head: &'a str,
    headers: Vec<HeaderView<'a>>,
    body: Option<&'a str>,
}

/// One header of a request.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Header")]
struct HeaderView<'a> {
    name: &'a str,
    value: &'a str,
}

/// What came back, secrets of the request masked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Reply")]
struct ReplyView<'a> {
    status: Option<u16>,
    content_type: Option<&'a str>,
    /// Its size, bytes.
    size: usize,
    /// Its body as text; what is no text in it is replaced. Of a price list, the rows about the product, each a line of
    /// JSON.
    body: &'a str,
    /// Where the rows of a price list stand that `body` has, such as `line 3`; `null` = it is none.
    places: Option<&'a [String]>,
    /// How many rows of a price list are about the product; `null` = it is none.
    rows: Option<usize>,
}

/// An offer, and what came of it: a quote or a rejection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Offer")]
struct OfferView<'a> {
    /// The fields that it has, by the wire's names, as text.
    fields: BTreeMap<&'static str, String>,
    /// The currency of the orders' amounts; `null` = none was considered.
    order_currency: Option<String>,
    /// Every order that was considered, by quantity.
    orders: Vec<OrderView>,
    quote: Option<Quote<'a>>,
    rejection: Option<Rejected<'a>>,
}

/// An order that was considered. Amounts are the supplier's own, but for `comparedTotal`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, rename = "Order")]
struct OrderView {
    quantity: u64,
    /// The price of `priceUnit` pieces at this quantity.
    unit_price: Number,
    price_unit: u64,
    goods: Number,
    fees: Number,
    /// `null` = unknown.
    shipping: Option<Number>,
    total: Number,
    /// What the total counts for: in the comparison's currency, net of tax.
    compared_total: Number,
    /// What became of it.
    verdict: Word<Verdict>,
}

/// A quote or a rejection with its supplier's name, which a view borrows.
struct Named(Result<SupplierQuote, SupplierRejection>);

impl Named {
    fn new(explanation: &Explanation<'_>, offer: &StudiedOffer) -> Self {
        let supplier = explanation.supplier.clone();
        Self(match &offer.study.result {
            Ok(quote) => Ok(SupplierQuote::new(supplier, (**quote).clone())),
            Err(rejection) => Err(SupplierRejection { supplier, rejection: (**rejection).clone() }),
        })
    }
}

impl<'a> ExchangeView<'a> {
    fn new(exchanged: &'a Exchanged) -> Self {
        let header = |(name, value): &'a (String, String)| HeaderView { name, value };
        Self {
            request: RequestView {
                head: &exchanged.head,
                headers: exchanged.headers.iter().map(header).collect(),
                body: exchanged.request_body.as_deref(),
            },
            reply: exchanged.reply.as_ref().map(ReplyView::new),
        }
    }
}

impl<'a> ReplyView<'a> {
    fn new(received: &'a Received) -> Self {
        Self {
            status: received.status,
            content_type: received.content_type.as_deref(),
            size: received.size,
            body: &received.body,
            places: received.rows.as_ref().map(|rows| &rows.places[..]),
            rows: received.rows.as_ref().map(|rows| rows.count),
        }
    }
}

impl<'a> OfferView<'a> {
    fn new(explanation: &'a Explanation<'_>, offer: &StudiedOffer, named: &'a Named) -> Self {
        let comparison = explanation.comparison;
        let compared_in = comparison.request.currency;
        let study = &offer.study;
        let orders = study
            .currency
            .map(|currency| study.orders.iter().map(|order| OrderView::new(order, currency, compared_in)).collect());
        Self {
            fields: fields::fields(&offer.offer).into_iter().collect(),
            order_currency: study.currency.map(|currency| currency.to_string()),
            orders: orders.unwrap_or_default(),
            quote: named.0.as_ref().ok().map(|quote| Quote::new(&comparison.request, quote)),
            rejection: named.0.as_ref().err().map(|rejected| Rejected::new(comparison, rejected)),
        }
    }
}

impl OrderView {
    fn new(order: &ConsideredOrder, currency: Currency, compared_in: Currency) -> Self {
        let amount = |value| Number::amount(value, currency);
        Self {
            quantity: order.quantity,
            unit_price: amount(order.unit_price),
            price_unit: order.price_unit,
            goods: amount(order.goods),
            fees: amount(order.fees),
            shipping: order.shipping.map(amount),
            total: amount(order.total),
            compared_total: Number::amount(order.landed, compared_in),
            verdict: Word::of(&order.verdict),
        }
    }
}
