//! The price of one piece by the size of the order, a line for each supplier.
//!
//! Owns where a line runs: quantities on a logarithmic scale, prices on one that begins at 0. The digits of a price never
//! come from a place on the chart.

use rust_decimal::Decimal;

use super::bars::share;
use super::markup::{Markup, element, labelled, own};
use super::page::remark;
use super::table::{Cell, Row, Table};
use crate::domain::{Currency, PriceCurve, PricePoint, PriceRequest};
use crate::report::amount::amount;

/// How many lines a chart has; each has a colour and a pattern of its own.
const MOST_LINES: usize = 8;
/// The least and the greatest place of a quantity, in the chart's own units.
const ACROSS: (u64, u64) = (84, 704);
/// The highest and the lowest place of a price.
const DOWN: (u64, u64) = (26, 266);
/// At most so many prices stand beside the chart, 0 apart.
const STEPS: u64 = 6;

/// Draws the curves, the first ones if there are many, and lists every price; nothing when nobody has price breaks.
pub(super) fn curves(curves: &[PriceCurve], request: &PriceRequest) -> Markup {
    if !curves.iter().any(PriceCurve::has_breaks) {
        return Markup::default();
    }
    let drawn = &curves[..curves.len().min(MOST_LINES)];
    let left_out = match curves.len() - drawn.len() {
        0 => String::new(),
        more => format!("The chart leaves out {more} dearer suppliers."),
    };
    let about = format!(
        "The price of one piece in {}, without fees and shipping, from each order quantity on. Who states no price breaks is \
         known at one quantity alone.",
        request.currency
    );
    [chart(drawn, request), legend(drawn), remark(&about), remark(&left_out), prices(curves, request.currency)]
        .into_iter()
        .collect()
}

/// The scales of a chart.
struct Scales {
    quantities: (u64, u64),
    step: Decimal,
    most: Decimal,
}

impl Scales {
    fn of(curves: &[PriceCurve], request: &PriceRequest) -> Self {
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let asked = request.quantity.get();
        let quantities = points().map(|point| point.quantity).chain([asked]);
        let (least, most) = quantities.fold((asked, asked), |(least, most), at| (least.min(at), most.max(at)));
        let highest = points().map(|point| point.unit_price).max().unwrap_or_default();
        let step = step(highest);
        let steps = (1..=STEPS).map(|count| step.saturating_mul(count.into()));
        let most_price = steps.clone().find(|top| *top >= highest).unwrap_or(highest);
        // The last price holds beyond the quantity that it begins at.
        Self { quantities: (least, most.saturating_mul(2)), step, most: most_price }
    }

    #[expect(clippy::float_arithmetic, reason = "a place on a chart is no amount")]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "quantities are below 10¹⁰, and the place is on the chart"
    )]
    fn x(&self, quantity: u64) -> u64 {
        let (least, most) = (self.quantities.0 as f64, self.quantities.1 as f64);
        let ratio = (quantity as f64 / least).ln() / (most / least).ln();
        ACROSS.0 + (ratio.clamp(0.0, 1.0) * (ACROSS.1 - ACROSS.0) as f64).round() as u64
    }

    fn y(&self, price: Decimal) -> u64 {
        DOWN.1 - share(price, self.most, DOWN.1 - DOWN.0)
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that reaches a price in at most [`STEPS`] steps.
fn step(price: Decimal) -> Decimal {
    let factors = [Decimal::TWO, Decimal::new(25, 1), Decimal::TWO];
    let mut step = Decimal::new(1, 12);
    for factor in factors.into_iter().cycle() {
        let next = step.checked_mul(factor);
        match next {
            Some(next) if step.saturating_mul(STEPS.into()) < price => step = next.normalize(),
            _ => break,
        }
    }
    step
}

fn chart(curves: &[PriceCurve], request: &PriceRequest) -> Markup {
    let scales = Scales::of(curves, request);
    let lines = curves.iter().enumerate().map(|(position, curve)| line(&scales, position, &curve.points));
    let parts: Markup = [grid(&scales), asked(&scales, request), lines.collect()].into_iter().collect();
    let attributes =
        [("viewBox", "0 0 720 300"), ("class", "curves"), ("role", "img"), ("aria-label", "Unit price by quantity")];
    element("svg", &attributes, &parts)
}

fn grid(scales: &Scales) -> Markup {
    let (left, right) = (ACROSS.0.to_string(), ACROSS.1.to_string());
    let prices =
        (0..=STEPS).map(|count| scales.step.saturating_mul(count.into())).filter(|price| *price <= scales.most);
    let across = prices.map(|price| {
        let (y, below) = (scales.y(price).to_string(), (scales.y(price) + 4).to_string());
        let line =
            element("line", &[("class", "grid"), ("x1", &left), ("x2", &right), ("y1", &y), ("y2", &y)], &own(""));
        let label = (ACROSS.0 - 8).to_string();
        let digits = amount(price, scales.step.scale());
        [line, labelled("text", &[("x", &label), ("y", &below), ("text-anchor", "end")], &digits)].into_iter().collect()
    });
    let quantities = tick_quantities(scales.quantities).into_iter().map(|quantity| {
        let (x, y) = (scales.x(quantity).to_string(), (DOWN.1 + 18).to_string());
        labelled("text", &[("x", &x), ("y", &y), ("text-anchor", "middle")], &quantity.to_string())
    });
    across.chain(quantities).collect()
}

/// The quantities that stand below a chart: powers of ten, or the ends when there are too few of them.
fn tick_quantities((least, most): (u64, u64)) -> Vec<u64> {
    let powers: Vec<u64> =
        (0..11).map(|power| 10_u64.pow(power)).filter(|power| (least..=most).contains(power)).collect();
    if powers.len() > 1 { powers } else { vec![least, most] }
}

/// Where the quantity is that was asked for.
fn asked(scales: &Scales, request: &PriceRequest) -> Markup {
    let (x, top, bottom) = (scales.x(request.quantity.get()).to_string(), (DOWN.0 - 8).to_string(), DOWN.1.to_string());
    let label = (DOWN.0 - 13).to_string();
    let line = element("line", &[("class", "asked"), ("x1", &x), ("x2", &x), ("y1", &top), ("y2", &bottom)], &own(""));
    let words = format!("{} asked for", request.quantity);
    [line, labelled("text", &[("x", &x), ("y", &label), ("text-anchor", "middle")], &words)].into_iter().collect()
}

/// A line of steps; a dot where one quantity alone has a price.
fn line(scales: &Scales, position: usize, points: &[PricePoint]) -> Markup {
    if let [PricePoint { quantity, unit_price }] = points {
        let (x, y) = (scales.x(*quantity).to_string(), scales.y(*unit_price).to_string());
        return element("circle", &[("class", &format!("f{position}")), ("cx", &x), ("cy", &y), ("r", "4")], &own(""));
    }
    let mut path = String::new();
    for (number, point) in points.iter().enumerate() {
        let (x, y) = (scales.x(point.quantity), scales.y(point.unit_price));
        let step = if number == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
        path += &step;
    }
    let end = format!("H{}", ACROSS.1);
    element("path", &[("class", &format!("l{position}")), ("d", &(path + &end))], &own(""))
}

fn legend(curves: &[PriceCurve]) -> Markup {
    let items = curves.iter().enumerate().map(|(position, curve)| {
        let shape = if curve.has_breaks() {
            element("path", &[("class", &format!("l{position}")), ("d", "M0 5H24")], &own(""))
        } else {
            element("circle", &[("class", &format!("f{position}")), ("cx", "12"), ("cy", "5"), ("r", "4")], &own(""))
        };
        let sample = element("svg", &[("viewBox", "0 0 24 10"), ("aria-hidden", "true")], &shape);
        element("li", &[], &[sample, labelled("span", &[], curve.supplier.as_str())].into_iter().collect())
    });
    element("ul", &[("class", "legend")], &items.collect())
}

/// Every price, in digits.
fn prices(curves: &[PriceCurve], currency: Currency) -> Markup {
    let row = |curve: &PriceCurve, point: &PricePoint| {
        let price = amount(point.unit_price, currency.minor_digits());
        let holds = if curve.has_breaks() { "from" } else { "at" };
        let cells = vec![
            Cell::text(curve.supplier.as_str()),
            Cell::text(curve.sku.as_deref().unwrap_or_default()),
            Cell::of(&format!("{holds} {}", point.quantity), Some(point.quantity.into())),
            Cell::of(&price, Some(point.unit_price)),
        ];
        Row { cells, is_best: false }
    };
    let rows = curves.iter().flat_map(|curve| curve.points.iter().map(move |point| row(curve, point))).collect();
    let columns = [("Supplier", false), ("SKU", false), ("Order", true), ("Unit price", true)];
    Table { columns: columns.map(|(title, is_number)| (title.to_owned(), is_number)).into(), rows }.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SupplierName;
    use crate::report::scene::{self, money};

    fn curve(supplier: &str, points: &[(u64, &str)]) -> PriceCurve {
        let point = |(quantity, price): &(u64, &str)| PricePoint { quantity: *quantity, unit_price: money(price) };
        PriceCurve { supplier: SupplierName::new(supplier), sku: None, points: points.iter().map(point).collect() }
    }

    #[test]
    fn the_steps_of_a_scale_are_round() {
        let steps = [("0.45", "0.1"), ("1", "0.2"), ("1.21", "0.5"), ("0", "0.000000000001"), ("123456", "50000")];
        for (price, expected) in steps {
            assert_eq!(step(money(price)).to_string(), expected, "{price}");
        }
        assert!(step(Decimal::MAX) > Decimal::ZERO);
        assert_eq!(tick_quantities((1, 2000)), [1, 10, 100, 1000]);
        assert_eq!(tick_quantities((95, 190)), [95, 190]);
    }

    #[test]
    fn a_line_has_a_step_at_each_price_break() {
        let lines = [curve("<acme>", &[(1, "0.50"), (10, "0.40"), (100, "0.30")]), curve("globex", &[(95, "0.45")])];
        let page = curves(&lines, &scene::empty().request).into_text();
        assert!(page.contains("d=\"M84 26H353V74H623V122H704\""), "{page}");
        assert!(page.contains("<circle") && page.contains("&lt;acme&gt;") && page.contains("95 asked for"), "{page}");
        assert!(page.contains(">0.50</td>") && page.contains(">from 100</td>") && page.contains(">at 95</td>"));
        let flat = [curve("globex", &[(95, "0.45")])];
        assert!(curves(&flat, &scene::empty().request).is_empty());
    }

    #[test]
    fn many_lines_are_cut_and_said_so() {
        let many: Vec<PriceCurve> = (0..11).map(|number| curve(&format!("s{number}"), &[(1, "2"), (9, "1")])).collect();
        let page = curves(&many, &scene::empty().request).into_text();
        assert_eq!(page.matches("<path class=\"l").count(), 2 * MOST_LINES);
        assert!(page.contains("leaves out 3 dearer suppliers"));
    }
}
