//! The orders of a basket one by one, for spreadsheets and for those who place them.

use crate::compare::{BasketComparison, BasketOffer};
use crate::domain::OfferIdentity;
use crate::domain::basket::{Order, OrderLine};
use crate::report::amount::amount;
use crate::report::csv::text;

/// The columns. Amounts are what the supplier charges: in its currency, tax included.
const COLUMNS: [&str; 12] = [
    "productId",
    "sku",
    "seller",
    "packaging",
    "url",
    "quantity",
    "unitPrice",
    "goods",
    "currency",
    "deliveryDays",
    "line",
    "neededQuantity",
];

/// What is ordered from one supplier in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierOrder {
    /// The supplier's name, as it is configured.
    pub supplier: String,
    /// The order as CSV: a header, and one row a line.
    pub csv: String,
}

/// Writes each order of a basket.
#[must_use]
pub fn orders(basket: &BasketComparison) -> Vec<SupplierOrder> {
    let order = |order: &Order| SupplierOrder {
        supplier: basket.suppliers[order.supplier].name.as_str().to_owned(),
        csv: render(basket, order),
    };
    basket.purchase.orders.iter().map(order).collect()
}

fn render(basket: &BasketComparison, order: &Order) -> String {
    let mut csv = format!("{}\n", COLUMNS.join(","));
    for ordered in &order.lines {
        csv.push_str(&row(basket, order, ordered).join(","));
        csv.push('\n');
    }
    csv
}

fn row(basket: &BasketComparison, order: &Order, ordered: &OrderLine) -> [String; COLUMNS.len()] {
    let line = &basket.lines[ordered.line];
    let identity = line.offers.get(ordered.offer).and_then(|BasketOffer { identity, .. }| identity.as_deref());
    let name = |pick: fn(&OfferIdentity) -> &Option<String>| {
        identity.and_then(|names| pick(names).as_deref()).map_or_else(String::new, text)
    };
    let digits = order.currency.minor_digits();
    [
        text(&line.product),
        name(|names| &names.sku),
        name(|names| &names.seller),
        name(|names| &names.packaging),
        name(|names| &names.url),
        ordered.quantity.to_string(),
        amount(ordered.unit_price_quoted, digits),
        amount(ordered.goods_quoted, digits),
        order.currency.code().to_owned(),
        ordered.delivery_days.map(|days| days.to_string()).unwrap_or_default(),
        line.numbers.first().map(ToString::to_string).unwrap_or_default(),
        line.quantity.to_string(),
    ]
}
