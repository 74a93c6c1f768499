//! The orders that were considered, as a table.

use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use crate::domain::{ConsideredOrder, Currency, PriceRequest, Study, Verdict};
use crate::report::amount::amount;
use crate::report::prose;
use crate::report::style::Style;
use crate::report::table::layout;

/// How many orders are shown.
const SHOWN: usize = 40;

/// The orders by quantity, with the fate of each. The verdicts stand behind the numbers, or below them where there is
/// no room.
pub(super) fn table(study: &Study, currency: Currency, request: &PriceRequest, canvas: Canvas) -> String {
    let orders = &study.orders[..study.orders.len().min(SHOWN)];
    let columns = columns(orders, currency);
    let row = |row: usize| {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        format!("  {}", cells.join("  "))
    };
    let title = format!("orders considered, amounts in {currency}");
    let mut text = canvas.sentence(Some(Style::Dim), &title);
    text.push_str(&canvas.painter.paint(Style::Dim, &row(0)));
    text.push('\n');
    let room = canvas.width.saturating_sub(row(0).width() + 2);
    for (position, order) in orders.iter().enumerate() {
        let verdict = verdict(order, study, request);
        let style = if order.verdict == Verdict::Chosen { Some(Style::Good) } else { None };
        if verdict.width() <= room {
            let painted = style.map_or_else(|| verdict.clone(), |style| canvas.painter.paint(style, &verdict));
            text.extend([&row(position + 1), "  ", &painted, "\n"]);
        } else {
            text.extend([&row(position + 1), "\n"]);
            for line in layout::wrap(&verdict, canvas.width.saturating_sub(4)) {
                let painted = style.map_or_else(|| line.clone(), |style| canvas.painter.paint(style, &line));
                text.extend(["    ", &painted, "\n"]);
            }
        }
    }
    if study.orders.len() > SHOWN {
        let more = study.orders.len() - SHOWN;
        text.push_str(&canvas.sentence(Some(Style::Dim), &format!("and {more} larger ones")));
    }
    text
}

/// Each column with its title, equally wide throughout. Those that say nothing are left out.
fn columns(orders: &[ConsideredOrder], currency: Currency) -> Vec<Vec<String>> {
    let money = |value| amount(value, currency.minor_digits());
    let price = |order: &ConsideredOrder| match order.price_unit {
        1 => money(order.unit_price),
        pieces => format!("{}/{pieces}", money(order.unit_price)),
    };
    let shipping = |order: &ConsideredOrder| order.shipping.map_or_else(|| "?".to_owned(), money);
    let mut columns: Vec<(&str, Vec<String>)> = vec![
        ("ORDER", orders.iter().map(|order| order.quantity.to_string()).collect()),
        ("UNIT PRICE", orders.iter().map(price).collect()),
        ("GOODS", orders.iter().map(|order| money(order.goods)).collect()),
    ];
    if orders.iter().any(|order| !order.fees.is_zero()) {
        columns.push(("FEES", orders.iter().map(|order| money(order.fees)).collect()));
    }
    columns.push(("SHIPPING", orders.iter().map(shipping).collect()));
    columns.push(("TOTAL", orders.iter().map(|order| money(order.total)).collect()));
    let finished = columns.into_iter().map(|(title, mut cells)| {
        layout::align_decimals(&mut cells);
        let width = cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(title.width());
        let padded = |cell: &str| format!("{}{cell}", " ".repeat(width - cell.width()));
        std::iter::once(padded(title)).chain(cells.iter().map(|cell| padded(cell))).collect()
    });
    finished.collect()
}

/// What became of an order.
fn verdict(order: &ConsideredOrder, study: &Study, request: &PriceRequest) -> String {
    let chosen = study.orders.iter().find(|order| order.verdict == Verdict::Chosen);
    match order.verdict {
        Verdict::Chosen => {
            let quote = study.result.as_ref().ok();
            let saving = quote.filter(|quote| quote.saving > Decimal::ZERO).map(|quote| {
                let saving = amount(quote.saving, request.currency.minor_digits());
                format!("{saving} {} less than {}", request.currency, quote.smallest_order)
            });
            let advice = quote.and_then(|quote| prose::advice(quote, request));
            let why = advice.as_deref().and_then(|advice| advice.split_once(": ")).map(|(_, why)| why.to_owned());
            match saving.or(why) {
                Some(why) => format!("chosen: {why}"),
                None if study.orders.len() > 1 => "chosen: the lowest total".to_owned(),
                None => "chosen".to_owned(),
            }
        }
        Verdict::NotCheaper if chosen.is_some_and(|chosen| chosen.landed == order.landed) => {
            "the same total for more pieces".to_owned()
        }
        Verdict::NotCheaper => "permitted, but costs more".to_owned(),
        Verdict::AboveMaximum => "above the largest order".to_owned(),
        Verdict::AboveStock => "more than there is in stock".to_owned(),
        Verdict::BelowMinimumValue => "below the minimum order value".to_owned(),
    }
}
