//! Several rows of one product: price breaks in rows, or prices that nothing tells apart.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::super::doubts;
use super::super::money::Money;
use super::super::path::Step;
use super::super::places::Place;
use super::super::rows::{Choice, Price};
use super::super::samples::Scalar;
use super::super::tiers::{Tiers, is_quantity, quantity_expression};
use super::super::words::{any, break_weight, words};
use super::product::Product;
use super::sample::Table;

/// A row of a product: from which quantity on, where a column says it, at which price.
type Row = (Option<Decimal>, Decimal);

/// Makes price breaks of rows that are such, and says so where rows of one product have several prices.
pub(super) fn judge<'s>(choice: &mut Choice<'s>, table: &Table, places: &[Place<'s>], product: &Product) {
    let Price::Unit(money) = &choice.price else { return };
    let (Some(named), [Step::Key(price)]) = (&product.column, money.place.path.as_slice()) else { return };
    let (Some(product), Some(price)) = (table.position(named), table.position(price)) else { return };
    let columns = Columns { table, product, price };
    let repeated = |groups: &HashMap<&str, Vec<Row>>| groups.values().any(|rows| rows.len() > 1);
    let single = columns.groups(money, None);
    let mut candidates: Vec<(i32, &Place<'s>)> =
        places.iter().filter(|place| place.name() != named).map(|place| (break_weight(place.name()), place)).collect();
    candidates.retain(|(weight, place)| {
        *weight > 0 && place.path.len() == 1 && place.path != money.place.path && is_filled_quantity(place.samples)
    });
    candidates.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    if !repeated(&single) {
        let begins = |place: &Place<'_>| any(&words(place.name()), "ab from staffel staffelmenge break tier");
        if let Some((_, place)) = candidates.iter().find(|(_, place)| begins(place)) {
            let breaks = of_rows(money, place, places);
            choice.checks.extend(breaks.checks.clone());
            choice.price = Price::Breaks(Box::new(breaks));
        }
        return;
    }
    let tells_apart = |place: &Place<'_>| {
        let groups = table.position(place.name()).map(|quantity| columns.groups(money, Some(quantity)));
        groups.filter(|groups| groups.values().all(|rows| are_distinct(rows)))
    };
    let found = candidates.iter().find_map(|(_, place)| Some((*place, tells_apart(place)?)));
    if let Some((place, groups)) = found {
        let rises = groups.values().any(|rows| rises(rows));
        let breaks = of_rows(money, place, places);
        choice.checks.extend(breaks.checks.clone());
        choice.price = Price::Breaks(Box::new(breaks));
        if rises {
            choice.doubt(
                "a price rises with the quantity, as totals do; if it is for all the pieces, divide it".to_owned(),
            );
        }
    } else if let Some(name) = single.iter().find(|(_, rows)| rows.iter().any(|row| row.1 != rows[0].1)).map(first) {
        let name: String = name.chars().take(40).collect();
        choice.doubt(format!(
            "several rows are of `{name}`, at different prices, and no column says from which quantity on; the cheapest counts"
        ));
    }
}

fn first<'a>((name, _): (&&'a str, &Vec<Row>)) -> &'a str {
    name
}

/// Quantities, some of which may be missing.
fn is_filled_quantity(samples: &[Scalar]) -> bool {
    let filled: Vec<Scalar> = samples.iter().filter(|sample| !sample.is_blank()).cloned().collect();
    is_quantity(&filled)
}

struct Columns<'t> {
    table: &'t Table,
    product: usize,
    price: usize,
}

impl<'t> Columns<'t> {
    /// The rows of each product, as far as they have a price.
    fn groups(&self, money: &Money<'_>, quantity: Option<usize>) -> HashMap<&'t str, Vec<Row>> {
        let mut groups: HashMap<&str, Vec<Row>> = HashMap::new();
        for row in &self.table.rows {
            let cell = |column: usize| row.get(column).and_then(Option::as_ref);
            let Some(name) = cell(self.product).and_then(Scalar::text).map(str::trim) else { continue };
            let Some(price) = cell(self.price).and_then(|price| money.writing.read(price)) else { continue };
            let quantity = quantity.and_then(cell).map(|sample| leading_number(sample).unwrap_or(Decimal::ONE));
            if !name.is_empty() {
                groups.entry(name).or_default().push((quantity, price));
            }
        }
        groups
    }
}

/// The number that a quantity begins with: 10 of `10+`.
fn leading_number(sample: &Scalar) -> Option<Decimal> {
    let text = sample.text()?.trim_start_matches(['>', '=', '≥', ' ']);
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

fn are_distinct(rows: &[Row]) -> bool {
    rows.iter().enumerate().all(|(index, row)| rows[..index].iter().all(|other| other.0 != row.0))
}

fn rises(rows: &[Row]) -> bool {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.windows(2).any(|pair| pair[0].1 < pair[1].1)
}

/// The price break that a row is.
fn of_rows<'s>(money: &Money<'s>, quantity: &Place<'_>, places: &[Place<'s>]) -> Tiers<'s> {
    let rest: Vec<Place<'s>> = places.iter().filter(|place| place.path != quantity.path).cloned().collect();
    Tiers {
        score: money.score,
        expression: format!("[{{quantity: {}, unitPrice: {}}}]", quantity_expression(quantity), money.expression()),
        path: money.place.path.clone(),
        price: Some(money.clone()),
        begins_above_one: false,
        maximum: None,
        currency: money.writing.currency.or(money.name.currency.map(|code| (code, true))),
        checks: doubts::about(money, &rest, false),
        is_unsure: false,
    }
}
