//! A basket for spreadsheets: one row a line of an order, and one for each line that is not bought.

use crate::compare::{BasketComparison, BasketLine, BasketOffer};
use crate::domain::OfferIdentity;
use crate::domain::basket::{Order, OrderLine};
use crate::report::amount;
use crate::report::csv::text;

/// The columns, with the names of the JSON document.
const COLUMNS: [&str; 13] = [
    "line",
    "productId",
    "quantity",
    "supplierId",
    "sku",
    "seller",
    "packaging",
    "url",
    "orderQuantity",
    "goods",
    "currency",
    "deliveryDays",
    "reason",
];

/// Writes the orders, supplier by supplier, and then what is not bought.
pub(super) fn render(basket: &BasketComparison) -> String {
    let mut csv = format!("{}\n", COLUMNS.join(","));
    let ordered = |order| move |line| bought(basket, order, line);
    let rows = basket.purchase.orders.iter().flat_map(|order| order.lines.iter().map(ordered(order)));
    for row in rows.chain(basket.purchase.missing.iter().map(|line| missing(&basket.lines[*line]))) {
        csv.push_str(&row.join(","));
        csv.push('\n');
    }
    csv
}

fn bought(basket: &BasketComparison, order: &Order, ordered: &OrderLine) -> Vec<String> {
    let line = &basket.lines[ordered.line];
    let identity = line.offers.get(ordered.offer).and_then(|BasketOffer { identity, .. }| identity.as_deref());
    let name = |pick: fn(&OfferIdentity) -> &Option<String>| {
        identity.and_then(|names| pick(names).as_deref()).map_or_else(String::new, text)
    };
    let motive = basket.motive(ordered.line, order.supplier);
    let mut cells = needed(line);
    cells.extend([
        text(basket.suppliers[order.supplier].name.as_str()),
        name(|names| &names.sku),
        name(|names| &names.seller),
        name(|names| &names.packaging),
        name(|names| &names.url),
        ordered.quantity.to_string(),
        amount::amount(ordered.goods, basket.currency.minor_digits()),
        basket.currency.code().to_owned(),
        ordered.delivery_days.map(|days| days.to_string()).unwrap_or_default(),
        text(&super::words::motive(basket, motive)),
    ]);
    cells
}

fn missing(line: &BasketLine) -> Vec<String> {
    let mut cells = needed(line);
    cells.resize(COLUMNS.len(), String::new());
    cells
}

fn needed(line: &BasketLine) -> Vec<String> {
    let number = line.numbers.first().map(ToString::to_string).unwrap_or_default();
    vec![number, text(&line.product), line.quantity.to_string()]
}
