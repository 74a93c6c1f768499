//! Lines that are about the same product become one.

use std::collections::HashMap;

use super::line::OrderLine;
use crate::domain::{MAX_QUANTITY, Quantity, shortened};

/// How many characters of a product are shown.
const SHOWN: usize = 60;

/// Lines that became one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The product.
    pub product: String,
    /// Where it stands, in the file's order.
    pub numbers: Vec<u64>,
    /// What is needed in all.
    pub quantity: Quantity,
}

/// Adds up the quantities of lines with the same product; each stays where the product stood first. Names are the same
/// when every character is.
///
/// # Errors
/// Says which product is needed more than 10⁹ times in all.
pub fn merge(lines: Vec<OrderLine>) -> Result<(Vec<OrderLine>, Vec<Merged>), String> {
    let mut positions: HashMap<String, usize> = HashMap::with_capacity(lines.len());
    let mut kept: Vec<OrderLine> = Vec::with_capacity(lines.len());
    let mut numbers: HashMap<usize, Vec<u64>> = HashMap::new();
    for line in lines {
        let Some(&position) = positions.get(&line.product) else {
            positions.insert(line.product.clone(), kept.len());
            kept.push(line);
            continue;
        };
        let first = &mut kept[position];
        first.quantity = Quantity::new(first.quantity.get() + line.quantity.get()).ok_or_else(|| {
            let product = shortened(&line.product, SHOWN);
            format!("the lines of `{product}` add up to more than {MAX_QUANTITY}")
        })?;
        numbers.entry(position).or_insert_with(|| vec![first.number]).push(line.number);
    }
    let mut merged: Vec<(usize, Vec<u64>)> = numbers.into_iter().collect();
    merged.sort_unstable();
    let merged = merged.into_iter().map(|(position, numbers)| {
        let OrderLine { product, quantity, .. } = &kept[position];
        Merged { product: product.clone(), numbers, quantity: *quantity }
    });
    let merged = merged.collect();
    Ok((kept, merged))
}
