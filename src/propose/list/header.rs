//! Which row of a list has the titles, and so how its cells and sheets are told apart.

use super::super::Refusal;
use super::super::columns::is_quantity_alone;
use super::super::fields::{names_product, names_stock};
use super::super::money::is_currency_name;
use super::super::path::quoted;
use super::super::samples::{Scalar, writing};
use super::super::words::{any, break_weight, has_stem, price_name, words};
use crate::domain::ListHead;

/// How many rows the titles may be below.
const DEEPEST: usize = 40;
/// How many rows below the titles are looked at for a price.
const BELOW: usize = 20;
/// What titles must say together.
const LEAST: u32 = 5;
/// How many rows, and how much of each, are shown where no titles are found.
const SHOWN: usize = 5;
const SHOWN_CHARACTERS: usize = 100;

/// Where the titles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which of the heads is meant.
    pub head: usize,
    /// The line or row, from 1.
    pub row: u32,
}

/// Finds the titles of a list among the ways to take it apart.
///
/// # Errors
/// When no row looks like titles of a product and a price with such below them.
pub fn header(heads: &[ListHead]) -> Result<Header, Refusal> {
    let mut best: Option<(u32, Header)> = None;
    for (index, head) in heads.iter().enumerate() {
        for position in 0..head.rows.len().min(DEEPEST) {
            let score = weigh(head, position);
            // Of equals the first: a list may repeat its titles.
            if score >= LEAST && best.is_none_or(|(most, _)| score > most) {
                best = Some((score, Header { head: index, row: head.rows[position].0 }));
            }
        }
    }
    best.map(|(_, header)| header).ok_or_else(|| Refusal::NoHeader(first_rows(heads)))
}

/// How much a row is like titles; 0 = not at all.
fn weigh(head: &ListHead, position: usize) -> u32 {
    let (_, titles) = &head.rows[position];
    let below = &head.rows[position + 1..];
    let filled = titles.iter().filter(|title| !title.trim().is_empty()).count();
    // In text a row as wide as no other would be an error.
    let fits = |cells: &Vec<String>| match head.delimiter {
        Some(_) => cells.len() == titles.len(),
        None => cells.len() <= titles.len(),
    };
    if filled < 2
        || below.is_empty()
        || !below.iter().all(|(_, cells)| fits(cells))
        || titles.iter().any(|title| is_amount(title))
    {
        return 0;
    }
    let has_prices = |column: usize| {
        let cells = below.iter().take(BELOW).filter_map(|(_, cells)| cells.get(column));
        let samples: Vec<Scalar> = cells.map(|cell| Scalar::of_text(cell)).collect();
        writing(&samples).is_some()
    };
    let is_priced = titles.iter().enumerate().any(|(column, title)| names_price(title) && has_prices(column));
    if is_priced { titles.iter().map(|title| title_weight(title)).sum() } else { 0 }
}

fn title_weight(title: &str) -> u32 {
    let words = words(title);
    let is_text =
        any(&words, "description bezeichnung beschreibung name désignation designation descripción descripcion text");
    match () {
        () if names_price(title) => 3,
        () if names_product(title) => 2,
        () if names_stock(title) || is_currency_name(title) || is_text || break_weight(title) > 0 => 1,
        () if has_stem(&words, "liefer delivery lead unit einheit mindest valid gültig") => 1,
        () => 0,
    }
}

fn names_price(title: &str) -> bool {
    price_name(&[title], false).weight >= 60 || is_quantity_alone(title)
}

/// An amount is no title: `12,50`.
fn is_amount(title: &str) -> bool {
    let digits = title.chars().filter(char::is_ascii_digit).count();
    digits > 0
        && title.chars().all(|letter| letter.is_ascii_digit() || " .,'€$£-".contains(letter))
        && title.contains(['.', ',', '€', '$', '£'])
}

fn first_rows(heads: &[ListHead]) -> Vec<String> {
    let widest = heads.iter().max_by_key(|head| head.rows.iter().map(|(_, cells)| cells.len()).max());
    let line = |(number, cells): &(u32, Vec<String>)| {
        let cells = cells.iter().take(SHOWN * 2).map(|cell| quoted(cell)).collect::<Vec<_>>().join(" ");
        format!("{number}: {}", cells.chars().take(SHOWN_CHARACTERS).collect::<String>())
    };
    widest.map(|head| head.rows.iter().take(SHOWN).map(line).collect()).unwrap_or_default()
}
