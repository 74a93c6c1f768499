//! What suppliers asked for a product over time, on a screen: the last prices as rows, and a chart of each course.
//!
//! Owns what a row and a line of the chart say. No line is wider than the screen.

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::Screen;
use super::amount::{amount, moment, with_sign};
use super::bars::bar;
use super::sanitize::{clean, cut, shorten};
use super::style::{Painter, Style};
use super::table::layout::align_decimals;
use crate::domain::{PastPrice, change_percent};

/// How many prices are listed, and how many bars a chart has.
const RECENT: usize = 20;
/// The most columns of a supplier's name.
const NAME_COLUMNS: usize = 16;
/// The space between two columns.
const GAP: &str = "  ";

/// Draws prices, which come oldest first, for a product.
#[must_use]
pub fn render(product: &str, prices: &[PastPrice], now: Timestamp, screen: Screen) -> String {
    let width = screen.width.max(Screen::LEAST_WIDTH);
    let painter = Painter { color: screen.color };
    if prices.is_empty() {
        return format!("{}\n", cut(&format!("nothing is known of {}", clean(product)), width));
    }
    let mut text = list(prices, now, width, painter);
    if prices.len() > RECENT {
        let earlier = format!("and {} earlier; `--json` and `--csv` have all", prices.len() - RECENT);
        text.extend([painter.paint(Style::Dim, &cut(&earlier, width)), "\n".to_owned()]);
    }
    text.push('\n');
    text.extend(courses(prices).iter().map(|course| format!("{}\n", cut(&chart(course, now), width))));
    text
}

/// The last prices as rows. Where there is no room, the unit prices go first.
fn list(prices: &[PastPrice], now: Timestamp, width: usize, painter: Painter) -> String {
    let recent = &prices[prices.len().saturating_sub(RECENT)..];
    let cells = |cell: &dyn Fn(&PastPrice) -> String| recent.iter().map(cell).collect::<Vec<String>>();
    let money = |value, price: &PastPrice| amount(value, price.currency.minor_digits());
    let mut columns = vec![
        ("WHEN", cells(&|price| moment(price.quoted_at, now))),
        ("SUPPLIER", cells(&|price| shorten(price.supplier.as_str(), NAME_COLUMNS))),
        ("QTY", cells(&|price| price.quantity.to_string())),
        ("UNIT PRICE", cells(&|price| money(price.unit_price, price))),
        ("TOTAL", cells(&|price| format!("{} {}", money(price.total, price), price.currency))),
        ("CHANGE", cells(&|price| price.change_percent.map(with_sign).unwrap_or_default())),
    ];
    columns
        .iter_mut()
        .filter(|(title, _)| ["QTY", "UNIT PRICE", "TOTAL"].contains(title))
        .for_each(|(_, cells)| align_decimals(cells));
    let width_of = |(title, cells): &(&str, Vec<String>)| {
        cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(title.width())
    };
    if columns.iter().map(width_of).sum::<usize>() + GAP.len() * (columns.len() - 1) > width {
        columns.retain(|(title, _)| *title != "UNIT PRICE");
    }
    let line = |cells: Vec<String>| {
        let padded = columns.iter().zip(cells).map(|(column, cell)| {
            let padding = " ".repeat(width_of(column).saturating_sub(cell.width()));
            format!("{cell}{padding}")
        });
        cut(padded.collect::<Vec<_>>().join(GAP).trim_end(), width)
    };
    let titles = line(columns.iter().map(|(title, _)| (*title).to_owned()).collect());
    let row = |row: usize| line(columns.iter().map(|(_, cells)| cells[row].clone()).collect());
    let lines = std::iter::once(painter.paint(Style::Dim, &titles)).chain((0..recent.len()).map(row));
    lines.map(|line| line + "\n").collect()
}

/// The prices of each supplier at each quantity, in the order in which they first came.
fn courses(prices: &[PastPrice]) -> Vec<Vec<&PastPrice>> {
    let mut courses: Vec<Vec<&PastPrice>> = Vec::new();
    let key = |price: &PastPrice| (price.supplier.clone(), price.quantity, price.currency);
    for price in prices {
        match courses.iter_mut().find(|course| key(course[0]) == key(price)) {
            Some(course) => course.push(price),
            None => courses.push(vec![price]),
        }
    }
    courses
}

/// A bar for each of the last prices, from the lowest to the highest of them, and what they were.
fn chart(course: &[&PastPrice], now: Timestamp) -> String {
    let recent = &course[course.len().saturating_sub(RECENT)..];
    let totals = || recent.iter().map(|price| price.total);
    let (lowest, highest) = (totals().min().unwrap_or_default(), totals().max().unwrap_or_default());
    let scale = totals().map(|total| total.scale()).max().unwrap_or(0);
    let units = |mut value: rust_decimal::Decimal| {
        value.rescale(scale);
        value.mantissa()
    };
    let above = |value| units(value).saturating_sub(units(lowest)).unsigned_abs();
    let bars: String = totals().map(|total| bar(above(total), above(highest))).collect();
    let (first, last) = (recent[0], recent[recent.len() - 1]);
    let money = |value| amount(value, last.currency.minor_digits());
    let span = if lowest == highest { money(lowest) } else { format!("{} to {}", money(lowest), money(highest)) };
    let moved = change_percent(first.total, last.total).filter(|_| recent.len() > 1);
    let moved = moved.map(|change| format!(", {} since {}", with_sign(change), moment(first.quoted_at, now)));
    let name = shorten(last.supplier.as_str(), NAME_COLUMNS);
    format!("{name} × {}  {bars}  {span} {}{}", last.quantity, last.currency, moved.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::{eur, money};
    use crate::domain::{SupplierName, over_time};

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn price(supplier: &str, total: &str, at: &str) -> PastPrice {
        PastPrice {
            supplier: SupplierName::new(supplier),
            quantity: 95,
            currency: eur(),
            unit_price: money("0.378159"),
            total: money(total),
            quoted_at: at.parse().unwrap(),
            change_percent: None,
        }
    }

    fn prices() -> Vec<PastPrice> {
        over_time(vec![
            price("acme", "40.00", "2025-12-30T08:00:00Z"),
            price("hooli\u{1b}[2J", "9.00", "2026-11-20T14:05:00Z"),
            price("acme", "50.00", "2026-11-21T08:00:00Z"),
            price("acme", "41.60", "2026-11-24T09:59:00Z"),
        ])
    }

    #[test]
    fn prices_are_listed_and_drawn() {
        let screen = Screen { width: 100, color: false };
        insta::assert_snapshot!(render("widget", &prices(), now(), screen), @r"
        WHEN               SUPPLIER   QTY  UNIT PRICE  TOTAL      CHANGE
        30 Dec 2025 08:00  acme       95   0.378159    40.00 EUR
        20 Nov 14:05       hooli�[2J  95   0.378159     9.00 EUR
        21 Nov 08:00       acme       95   0.378159    50.00 EUR  +25 %
        24 Nov 09:59       acme       95   0.378159    41.60 EUR  -16.8 %

        acme × 95  ▁█▂  40.00 to 50.00 EUR, +4 % since 30 Dec 2025 08:00
        hooli�[2J × 95  ▁  9.00 EUR
        ");
        assert_eq!(render("wid\u{1b}get", &[], now(), screen), "nothing is known of wid\u{fffd}get\n");
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let many: Vec<PastPrice> = prices().into_iter().cycle().take(50).collect();
        for width in 0..120 {
            let text = render("widget", &many, now(), Screen { width, color: false });
            assert!(text.lines().all(|line| line.width() <= width.max(40)), "{width}:\n{text}");
        }
        assert!(render("widget", &many, now(), Screen::default()).contains("and 30 earlier"));
    }
}
