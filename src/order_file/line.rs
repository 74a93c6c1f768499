//! One line: a product and a quantity, or what is wrong with it.

use std::fmt;

use super::columns::{ColumnWishes, Columns};
use crate::domain::{MAX_QUANTITY, Quantity, shortened};
use crate::mapping::RowPlace;
use crate::mapping::json::{self, Value};

/// The longest name of a product, in characters.
const LONGEST_PRODUCT: usize = 1_000;
/// How many characters of a wrong value are shown.
const SHOWN: usize = 60;

/// What is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The line or row of the file, or the element of its array, from 1.
    pub number: u64,
    /// The product.
    pub product: String,
    /// How many pieces.
    pub quantity: Quantity,
}

/// A line that cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Where it is.
    pub place: RowPlace,
    /// Why; it may hold text of the file.
    pub reason: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            RowPlace::Document => formatter.write_str(&self.reason),
            place => write!(formatter, "{place}: {}", self.reason),
        }
    }
}

/// Reads a row of cells.
///
/// # Errors
/// When it is not plainly a product and a quantity.
pub(super) fn of_cells(cells: &[&str], place: RowPlace, columns: &Columns) -> Result<OrderLine, BadLine> {
    let bad = |reason| BadLine { place, reason };
    let beyond = cells.get(columns.count..).unwrap_or_default();
    if beyond.iter().any(|cell| !cell.trim().is_empty()) {
        // A name with the delimiter in it, which is not in quotes, moves the quantity to another column.
        return Err(bad(format!("{} cells, and the first row has {}", cells.len(), columns.count)));
    }
    let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
    line(cell(columns.product), cell(columns.quantity), place).map_err(bad)
}

/// Reads a JSON object.
///
/// # Errors
/// When it is not plainly a product and a quantity.
pub(super) fn of_json(text: &str, place: RowPlace, wishes: &ColumnWishes) -> Result<OrderLine, BadLine> {
    let read = || {
        let value = json::parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let Value::Object(object) = &value else { return Err("it is no object".to_owned()) };
        let product = only(object.members().filter(|(key, _)| wishes.is_product(key)), "product")?;
        let quantity = only(object.members().filter(|(key, _)| wishes.is_quantity(key)), "quantity")?;
        line(&product, &quantity, place)
    };
    read().map_err(|reason| BadLine { place, reason })
}

/// The text of the only member that has what is wanted.
fn only<'m>(mut members: impl Iterator<Item = (&'m str, &'m Value<'m>)>, what: &str) -> Result<String, String> {
    let Some((key, value)) = members.next() else { return Err(format!("no key has a usual name of a {what}")) };
    if let Some((other, _)) = members.next() {
        let (key, other) = (shortened(key, SHOWN), shortened(other, SHOWN));
        return Err(format!("the {what} may be in `{key}` or in `{other}`"));
    }
    match value {
        Value::String(text) | Value::Number(text) => Ok(text.clone().into_owned()),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(format!("the {what} is neither text nor a number")),
    }
}

fn line(product: &str, quantity: &str, place: RowPlace) -> Result<OrderLine, String> {
    let product = product.trim();
    check_product(product)?;
    let quantity = read_quantity(quantity)?;
    Ok(OrderLine { number: number(place), product: product.to_owned(), quantity })
}

fn check_product(product: &str) -> Result<(), String> {
    match product {
        "" => Err("it names no product".to_owned()),
        // As a part of a URL's path they mean another place, in every way they can be written.
        "." | ".." => Err(format!("`{product}` is no product, but a step in a path")),
        _ if product.chars().any(char::is_control) => Err("the product has a control character".to_owned()),
        _ if product.chars().count() > LONGEST_PRODUCT => {
            Err(format!("the product is longer than {LONGEST_PRODUCT} characters"))
        }
        _ => Ok(()),
    }
}

/// Digits, and nothing that might be a separator: `1.000` is a thousand to some, and one to others.
fn read_quantity(text: &str) -> Result<Quantity, String> {
    let text = text.trim();
    let shown = || shortened(text, SHOWN);
    if text.is_empty() {
        return Err("it has no quantity".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("the quantity `{}` is not a whole number, written in digits alone", shown()));
    }
    let count = text.parse().ok().and_then(Quantity::new);
    count.ok_or_else(|| format!("the quantity `{}` is not within 1 and {MAX_QUANTITY}", shown()))
}

/// Whether a cell is a quantity.
pub(super) fn is_quantity(cell: &str) -> bool {
    read_quantity(cell).is_ok()
}

fn number(place: RowPlace) -> u64 {
    match place {
        RowPlace::Line(number, _) | RowPlace::Row(number) => number,
        RowPlace::Element(element, ..) => element + 1,
        RowPlace::Document => 1,
    }
}
