//! A basket on a screen: what it costs, which line goes where and why, the suppliers' orders, what nobody can deliver, and
//! what others would pay.
//!
//! No line is wider than the screen.

use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::words;
use crate::compare::{BasketComparison, BasketFailure, BasketOffer, BasketSupplier};
use crate::domain::basket::{Order, OrderLine, Purchase};
use crate::domain::{Failure, Termination};
use crate::report::amount::{amount, time};
use crate::report::sanitize::{clean, cut, shorten};
use crate::report::style::{Painter, Style};
use crate::report::table::layout::align_decimals;
use crate::report::{Screen, prose};

/// The space between two columns.
const GAP: usize = 2;
/// The most columns of a name.
const NAME: usize = 24;
/// How many lines that nobody can deliver are explained.
const EXPLAINED: usize = 20;

/// Draws a basket.
pub(super) fn render(basket: &BasketComparison, screen: Screen) -> String {
    let width = screen.width.max(Screen::LEAST_WIDTH);
    let painter = Painter { color: screen.color };
    let parts = [
        head(basket, width, painter),
        grid(&lines(basket, NAME), width, painter),
        grid(&orders(basket, NAME), width, painter),
        missing(basket, width, painter),
        grid(&others(basket, NAME), width, painter),
        suppliers(basket, width, painter),
        foot(basket, width, painter),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn money(basket: &BasketComparison, value: Decimal) -> String {
    amount(value, basket.currency.minor_digits())
}

fn days(days: Option<u16>) -> String {
    days.map(|days| prose::count(days.into(), "day", "days")).unwrap_or_default()
}

fn painted(text: &str, style: Style, width: usize, painter: Painter) -> String {
    format!("{}\n", painter.paint(style, &cut(text, width)))
}

fn head(basket: &BasketComparison, width: usize, painter: Painter) -> String {
    let title = painted(&title(basket), Style::Bold, width, painter);
    if basket.purchase.orders.is_empty() {
        return title;
    }
    title + &painted(&words::optimality(basket), Style::Dim, width, painter)
}

/// What is bought, for how much, and when it is here.
pub(in crate::report) fn title(basket: &BasketComparison) -> String {
    let Purchase { orders, total, shipping_known, delivery_days, .. } = &basket.purchase;
    let lines = prose::count(basket.lines.len() as u64, "line", "lines");
    if orders.is_empty() {
        return format!("{lines}, and nothing to order");
    }
    let shipping = if *shipping_known { "" } else { " + shipping" };
    let suppliers = prose::count(orders.len() as u64, "order", "orders");
    let arrival = delivery_days.map(|days| format!(", all there in {}", self::days(Some(days)))).unwrap_or_default();
    format!("{lines} for {} {}{shipping} in {suppliers}{arrival}", money(basket, *total), basket.currency)
}

/// A table: its titles, whether each column is of numbers, and its rows.
pub(in crate::report) struct Grid {
    pub(in crate::report) titles: Vec<(&'static str, bool)>,
    pub(in crate::report) rows: Vec<Vec<String>>,
}

/// Which line goes where, and why. Names have so many columns.
pub(in crate::report) fn lines(basket: &BasketComparison, name: usize) -> Grid {
    let mut bought: Vec<(&Order, &OrderLine)> =
        basket.purchase.orders.iter().flat_map(|order| order.lines.iter().map(move |line| (order, line))).collect();
    bought.sort_by_key(|(_, ordered)| ordered.line);
    let row = |(order, ordered): (&Order, &OrderLine)| {
        let line = &basket.lines[ordered.line];
        let identity = line.offers.get(ordered.offer).and_then(|BasketOffer { identity, .. }| identity.as_deref());
        let sku = identity.and_then(|names| names.sku.as_deref()).unwrap_or_default();
        vec![
            line.numbers.first().map(ToString::to_string).unwrap_or_default(),
            shorten(&line.product, name),
            line.quantity.to_string(),
            shorten(basket.suppliers[order.supplier].name.as_str(), name),
            shorten(sku, name),
            ordered.quantity.to_string(),
            money(basket, ordered.goods),
            days(ordered.delivery_days),
            words::motive(basket, basket.motive(ordered.line, order.supplier)),
        ]
    };
    Grid {
        titles: vec![
            ("LINE", true),
            ("PRODUCT", false),
            ("NEED", true),
            ("SUPPLIER", false),
            ("SKU", false),
            ("ORDER", true),
            ("GOODS", true),
            ("DELIVERY", true),
            ("WHY", false),
        ],
        rows: bought.into_iter().map(row).collect(),
    }
}

/// What each supplier's order costs. Names have so many columns.
pub(in crate::report) fn orders(basket: &BasketComparison, name: usize) -> Grid {
    let row = |order: &Order| {
        let amounts = order.amounts;
        let shipping = if order.shipping_known { money(basket, amounts.shipping) } else { "unknown".to_owned() };
        vec![
            shorten(basket.suppliers[order.supplier].name.as_str(), name),
            order.lines.len().to_string(),
            money(basket, amounts.goods),
            money(basket, amounts.fees),
            shipping,
            money(basket, amounts.total),
            days(order.delivery_days),
        ]
    };
    Grid {
        titles: vec![
            ("ORDER FROM", false),
            ("LINES", true),
            ("GOODS", true),
            ("FEES", true),
            ("SHIPPING", true),
            ("TOTAL", true),
            ("DELIVERY", true),
        ],
        rows: basket.purchase.orders.iter().map(row).collect(),
    }
}

/// Draws a table; nothing of it without rows.
fn grid(grid: &Grid, width: usize, painter: Painter) -> String {
    if grid.rows.is_empty() {
        return String::new();
    }
    let mut columns: Vec<Vec<String>> =
        (0..grid.titles.len()).map(|column| grid.rows.iter().map(|row| row[column].clone()).collect()).collect();
    for (column, (_, is_number)) in columns.iter_mut().zip(&grid.titles) {
        if *is_number {
            align_decimals(column);
        }
    }
    let widths: Vec<usize> = columns
        .iter()
        .zip(&grid.titles)
        .map(|(cells, (title, _))| cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(title.width()))
        .collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().enumerate().map(|(column, cell)| {
            let padding = " ".repeat(widths[column].saturating_sub(cell.width()));
            let gap = if column == 0 { String::new() } else { " ".repeat(GAP) };
            if grid.titles[column].1 { format!("{gap}{padding}{cell}") } else { format!("{gap}{cell}{padding}") }
        });
        cut(padded.collect::<String>().trim_end(), width)
    };
    let titles = line(grid.titles.iter().map(|(title, _)| *title).collect());
    let mut text = format!("{}\n", painter.paint(Style::Dim, &titles));
    for row in 0..grid.rows.len() {
        text.push_str(&line(columns.iter().map(|cells| cells[row].as_str()).collect()));
        text.push('\n');
    }
    text
}

/// The lines that are not bought, each with what every supplier says.
fn missing(basket: &BasketComparison, width: usize, painter: Painter) -> String {
    let missing = &basket.purchase.missing;
    if missing.is_empty() {
        return String::new();
    }
    let mut text = painted("Not bought", Style::Bad, width, painter);
    for position in missing.iter().take(EXPLAINED) {
        let line = &basket.lines[*position];
        let number = line.numbers.first().copied().unwrap_or_default();
        let what = format!("  line {number}: {} × {}", line.quantity, shorten(&line.product, NAME));
        text.push_str(&painted(&what, Style::Caution, width, painter));
        if !line.offers.is_empty() {
            text.push_str(&painted("    what is offered fits no permitted order", Style::Dim, width, painter));
        } else if !line.is_complete {
            text.push_str(&painted("    not every supplier was asked in time", Style::Dim, width, painter));
        }
        for obstacle in &line.obstacles {
            let supplier = shorten(basket.suppliers[obstacle.supplier].name.as_str(), NAME);
            let sentence = format!("    {supplier}: {}", words::obstacle(basket, &obstacle.why));
            text.push_str(&painted(&sentence, Style::Dim, width, painter));
        }
    }
    if missing.len() > EXPLAINED {
        let more = format!("  and {} more", missing.len() - EXPLAINED);
        text.push_str(&painted(&more, Style::Dim, width, painter));
    }
    text
}

/// What others would buy, each by the name of its rule; none where nothing better was looked for.
pub(in crate::report) fn ways(basket: &BasketComparison, name: usize) -> Vec<(String, &Purchase)> {
    if basket.optimality.is_none() || basket.purchase.orders.is_empty() {
        return Vec::new();
    }
    let naive = &basket.naive;
    let sole = |purchase: &Purchase| {
        let order = purchase.orders.first()?;
        Some(format!("all from {}", shorten(basket.suppliers[order.supplier].name.as_str(), name)))
    };
    let one = naive.one_supplier.as_ref().and_then(|purchase| Some((sole(purchase)?, purchase)));
    let ways = [
        Some(("each line's cheapest".to_owned(), &naive.cheapest_lines)),
        one,
        Some(("each line's fastest".to_owned(), &naive.fastest_lines)),
    ];
    ways.into_iter().flatten().collect()
}

/// How much more another way to buy costs, in words.
pub(in crate::report) fn costs(basket: &BasketComparison, purchase: &Purchase) -> String {
    match basket.more(purchase) {
        Some(more) if more.is_zero() => "the same".to_owned(),
        Some(more) if more.is_sign_positive() => format!("{} more", money(basket, more)),
        Some(less) => format!("{} less", money(basket, -less)),
        None => format!("{} not bought", prose::count(purchase.missing.len() as u64, "line", "lines")),
    }
}

/// What others would pay, where something better was looked for.
fn others(basket: &BasketComparison, name: usize) -> Grid {
    let row = |(name, purchase): (String, &Purchase)| {
        let more = costs(basket, purchase);
        vec![name, purchase.orders.len().to_string(), money(basket, purchase.total), days(purchase.delivery_days), more]
    };
    let titles = vec![("INSTEAD", false), ("ORDERS", true), ("TOTAL", true), ("DELIVERY", true), ("COSTS", false)];
    Grid { titles, rows: ways(basket, name).into_iter().map(row).collect() }
}

/// The suppliers that failed, and how often.
fn suppliers(basket: &BasketComparison, width: usize, painter: Painter) -> String {
    let row =
        |(name, sentence): (String, String)| painted(&format!("  {name}: {sentence}"), Style::Dim, width, painter);
    let rows: String = failed(basket).into_iter().map(row).collect();
    if rows.is_empty() { rows } else { painted("Failed", Style::Bad, width, painter) + &rows }
}

/// The suppliers that failed, each with how often and how.
pub(in crate::report) fn failed(basket: &BasketComparison) -> Vec<(String, String)> {
    let of_supplier = |supplier: &BasketSupplier| {
        let name = shorten(supplier.name.as_str(), NAME);
        let sentence = |(lines, failure): &(u64, Failure)| {
            (name.clone(), format!("{lines} of {}: {}", basket.lines.len(), prose::failure(failure)))
        };
        supplier.failures.values().map(sentence).collect::<Vec<_>>()
    };
    basket.suppliers.iter().flat_map(of_supplier).collect()
}

fn foot(basket: &BasketComparison, width: usize, painter: Painter) -> String {
    let mut text = painted(&responses(basket), Style::Dim, width, painter);
    for gate in basket.gates() {
        text.push_str(&painted(
            &words::gate(basket, &gate),
            if gate.passed { Style::Good } else { Style::Bad },
            width,
            painter,
        ));
    }
    if let Some(failure @ BasketFailure::WithoutSupplier(_)) = basket.failure() {
        text.push_str(&painted(&clean(&words::failure(&failure)), Style::Bad, width, painter));
    }
    text
}

/// How many suppliers responded, how long it took, and what ended it.
pub(in crate::report) fn responses(basket: &BasketComparison) -> String {
    let responded = basket.suppliers.iter().filter(|supplier| supplier.responded > 0).count();
    let ended = match basket.termination {
        Termination::Interrupted => ", interrupted",
        Termination::Deadline => ", the time was over",
        _ => "",
    };
    let count = basket.suppliers.len();
    format!("{responded} of {count} suppliers responded in {}{ended}", time(basket.elapsed))
}
