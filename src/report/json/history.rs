//! The document of what suppliers asked for over time, as types.

use schemars::JsonSchema;
use serde::Serialize;

use super::number::Number;
use crate::domain::PastPrice;

/// What suppliers asked for a product over time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, title = "pricecmp history")]
pub(super) struct Document<'a> {
    /// The version of this format. It changes when a field changes its meaning or goes.
    schema_version: u32,
    /// The version of pricecmp.
    pricecmp_version: &'static str,
    product_id: &'a str,
    /// The cheapest quote of each reply, oldest first.
    prices: Vec<Past<'a>>,
}

/// A price at a time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Past<'a> {
    supplier_id: &'a str,
    /// The quantity that was asked for.
    quantity: u64,
    /// The currency of that comparison.
    currency: &'a str,
    unit_price: Number,
    total_price: Number,
    /// When it was quoted, RFC 3339 in UTC.
    quoted_at: String,
    /// How much the total is above the one before it of the same supplier, quantity and currency, percent to a tenth.
    change_percent: Option<Number>,
}

impl<'a> Document<'a> {
    /// Views prices as the document that they are written as.
    pub(super) fn new(product: &'a str, prices: &'a [PastPrice]) -> Self {
        Self {
            schema_version: 1,
            pricecmp_version: env!("CARGO_PKG_VERSION"),
            product_id: product,
            prices: prices.iter().map(Past::new).collect(),
        }
    }
}

impl<'a> Past<'a> {
    fn new(price: &'a PastPrice) -> Self {
        Self {
            supplier_id: price.supplier.as_str(),
            quantity: price.quantity,
            currency: price.currency.code(),
            unit_price: Number::amount(price.unit_price, price.currency),
            total_price: Number::amount(price.total, price.currency),
            quoted_at: format!("{:.3}", price.quoted_at),
            change_percent: price.change_percent.map(Number::plain),
        }
    }
}
