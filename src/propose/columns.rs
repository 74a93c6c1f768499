//! Price breaks in members beside each other, as columns of a table are: `Price 1` and `Price 10`, `1+` and `10+`,
//! `Menge1` with `Preis1`.
//!
//! Owns which number of a name is a quantity. Where it may be a mere position, there are no price breaks. Main function:
//! [`tiers`].

use super::money::Money;
use super::path::{Step, render};
use super::places::Place;
use super::samples::{Scalar, are_whole, writing};
use super::shape::{Field, Shape};
use super::tiers::Tiers;
use super::words::{any, break_weight, is_in, price_name, words};

/// Words beside the quantity of a column that has no other name.
const BESIDE: &str = "ab from qty stk st stück stueck pcs pc pieces piece menge quantity partir de dès des desde min und \
    and plus more mehr up ud uds unidades pièces pieza piezas units unit staffel tier break ea each vanaf od za";
/// Words that say that the price is for so many pieces.
const FOR_SO_MANY: &str = "per pro par por je les";
/// Words that say that the number is the last that the price holds for.
const UP_TO: &str = "bis to hasta jusqu jusque max below under unter fino";

/// A column with a number in its name.
struct Numbered<'f, 'v> {
    field: &'f Field<'v>,
    /// The words of the name, without the number.
    words: Vec<String>,
    /// Those of them that are not about the quantity.
    stem: Vec<String>,
    /// The number, or the lower one of two.
    number: u64,
}

/// All groups of columns that are price breaks.
pub(super) fn tiers<'s>(object: &'s Shape<'_>, path: &[Step]) -> Vec<Tiers<'s>> {
    let numbered: Vec<Numbered<'_, '_>> = object.fields.iter().filter_map(numbered).collect();
    let mut stems: Vec<&Vec<String>> = Vec::new();
    for column in &numbered {
        if !stems.contains(&&column.stem) {
            stems.push(&column.stem);
        }
    }
    stems.into_iter().filter_map(|stem| group(object, path, &numbered, stem)).collect()
}

/// The names of columns that may be prices by quantity or by something else, so that they are neither.
pub(super) fn levels(object: &Shape<'_>) -> Option<Vec<String>> {
    let all: Vec<Numbered<'_, '_>> = object.fields.iter().filter_map(numbered).collect();
    let quantities = |number| all.iter().any(|other| other.number == number && is_quantity(other));
    let of_stem = |stem: &Vec<String>| -> Vec<&Numbered<'_, '_>> {
        let priced =
            |column: &&Numbered<'_, '_>| column.stem == *stem && is_priced(column) && !quantities(column.number);
        all.iter().filter(priced).collect()
    };
    let found = all.iter().map(|column| of_stem(&column.stem)).find(|group| group.len() > 1 && are_positions(group))?;
    Some(found.iter().map(|column| column.field.name.clone()).collect())
}

fn group<'s>(
    object: &'s Shape<'_>,
    path: &[Step],
    numbered: &[Numbered<'s, '_>],
    stem: &[String],
) -> Option<Tiers<'s>> {
    let priced: Vec<&Numbered<'_, '_>> =
        numbered.iter().filter(|column| column.stem == stem && is_priced(column)).collect();
    let [first, _, ..] = priced.as_slice() else { return None };
    let partner = |number| numbered.iter().find(|other| other.number == number && is_quantity(other));
    let has_partners = priced.iter().all(|column| partner(column.number).is_some());
    if !has_partners && (are_positions(&priced) || !rise(&priced)) {
        return None;
    }
    let value = |column: &Numbered<'_, '_>| render("", &[path, std::slice::from_ref(&column.field.step)].concat());
    let all: Vec<Scalar> = priced.iter().flat_map(|column| column.field.shape.scalars.clone()).collect();
    let joint = writing(&all)?;
    let (mut breaks, mut checks, mut price) = (Vec::new(), Vec::new(), None);
    for column in &priced {
        let quantity = match partner(column.number).filter(|_| has_partners) {
            Some(partner) => format!("({} | if . == \"\" then null else . end)", value(partner)),
            None => column.number.to_string(),
        };
        let mut money = Money::of_column(&place(column.field, object, path))?;
        money.writing = joint.clone();
        money.writing.blanks = true;
        breaks.push(format!("{{quantity: {quantity}, unitPrice: {}}}", money.expression()));
        checks.extend(money.checks.clone().into_iter().take(usize::from(price.is_none())));
        money.writing.other = None;
        price.get_or_insert(money);
    }
    if !has_partners && stem.is_empty() {
        checks.push(format!("{} and the like are taken for the prices from so many pieces on", value(first)));
    }
    if joint.other.is_some() {
        checks.push(format!("a price break whose price is none, as in {}, is left out", value(first)));
    }
    let lowest = match partner(first.number).filter(|_| has_partners) {
        Some(partner) => partner.field.shape.scalars.iter().filter_map(Scalar::whole).min(),
        None => Some(first.number.into()),
    };
    Some(Tiers {
        score: 108,
        expression: format!("[{} | select(.unitPrice != null and .quantity != null)]", breaks.join(", ")),
        path: [path, std::slice::from_ref(&first.field.step)].concat(),
        price,
        begins_above_one: lowest.is_some_and(|lowest| lowest > 1.into()),
        maximum: None,
        currency: joint.currency.or_else(|| name_of(stem, first).currency.map(|code| (code, true))),
        checks,
        is_unsure: false,
    })
}

fn name_of(stem: &[String], column: &Numbered<'_, '_>) -> super::words::PriceName {
    let name = stem.join(" ");
    let by_stem = price_name(&[&name], false);
    if by_stem.currency.is_some() { by_stem } else { price_name(&[&column.field.name], false) }
}

/// A column that holds prices, by its name or since it has none but a quantity.
fn is_priced(column: &Numbered<'_, '_>) -> bool {
    let Some(writing) = writing(&column.field.shape.scalars) else { return false };
    let by_name = price_name(&[&column.stem.join(" ")], false).weight > 60;
    let is_bare = column.stem.is_empty();
    let is_money = writing.currency.is_some() || writing.values.iter().any(|value| value.scale() > 0);
    by_name || (is_bare && is_money)
}

fn is_quantity(column: &Numbered<'_, '_>) -> bool {
    break_weight(&column.words.join(" ")) > 0 && are_whole(&column.field.shape.scalars, 1)
}

/// Whether the numbers count the columns, as those of price lists for several kinds of customers do.
fn are_positions(columns: &[&Numbered<'_, '_>]) -> bool {
    let counts = columns.windows(2).all(|pair| pair[0].number + 1 == pair[1].number);
    counts && !columns.iter().any(|column| says_from(column))
}

/// Whether the name says that its number is where a price begins: `2+`, `from 2`.
fn says_from(column: &Numbered<'_, '_>) -> bool {
    column.field.name.contains(['+', '≥']) || any(&column.words, "ab from partir dès desde vanaf od")
}

fn rise(columns: &[&Numbered<'_, '_>]) -> bool {
    columns.windows(2).all(|pair| pair[0].number < pair[1].number) && columns.iter().all(|column| column.number > 0)
}

fn place<'s>(field: &'s Field<'_>, object: &'s Shape<'_>, path: &[Step]) -> Place<'s> {
    Place {
        path: [path, std::slice::from_ref(&field.step)].concat(),
        names: vec![field.name.as_str()],
        samples: &field.shape.scalars,
        optional: field.shape.is_optional(object.objects),
        of_list: false,
        of_scalars: false,
        siblings: &object.fields,
        around: &[],
    }
}

fn numbered<'f, 'v>(field: &'f Field<'v>) -> Option<Numbered<'f, 'v>> {
    let (words, number) = quantity_in(&field.name)?;
    let stem = words.iter().filter(|word| !is_in(word, BESIDE)).cloned().collect();
    Some(Numbered { field, words, stem, number })
}

/// The quantity that the name of a column has, and its other words. It is the first number of `10-49`, and with
/// `> 10` the one behind that. `Price per 100` has none: that is no price from 100 pieces on.
fn quantity_in(name: &str) -> Option<(Vec<String>, u64)> {
    let (numbers, rest) = numbers(name);
    let stem = words(&rest);
    let before = |number: &Number| rest[..number.at].trim_end();
    let first = numbers.first()?;
    if any(&stem, FOR_SO_MANY) || before(first).ends_with(['/', '<', '≤']) || first.value == 0 && numbers.len() > 1 {
        return None;
    }
    let above = u64::from(before(first).ends_with('>'));
    match numbers.as_slice() {
        [only] if !any(&stem, UP_TO) => Some((stem, only.value.checked_add(above)?)),
        [from, to] if from.value < to.value => {
            let between = rest[from.at..to.at].trim();
            let is_range = ["-", "–", "—", "bis", "to", "à", "a", "..", "..."].contains(&between);
            let stem = words(&format!("{}{}", &rest[..from.at], &rest[to.at..]));
            is_range.then_some((stem, from.value))
        }
        _ => None,
    }
}

/// Whether a title is that of prices from a quantity on, and says nothing else: `10+`, `ab 100 Stk`. A mere number is
/// no title.
pub(super) fn is_quantity_alone(title: &str) -> bool {
    let is_number = title.bytes().all(|byte| byte.is_ascii_digit());
    !is_number && quantity_in(title).is_some_and(|(words, _)| words.iter().all(|word| is_in(word, BESIDE)))
}

/// A number in a name, and where it stood in the rest.
struct Number {
    value: u64,
    at: usize,
}

/// Takes the numbers out of a name. Groups of three digits are of one number: `1.000`.
fn numbers(name: &str) -> (Vec<Number>, String) {
    let letters: Vec<char> = name.chars().collect();
    let digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
    let (mut found, mut rest, mut index) = (Vec::new(), String::new(), 0);
    while index < letters.len() {
        if !digit(index) {
            rest.push(letters[index]);
            index += 1;
            continue;
        }
        let mut digits = String::new();
        loop {
            while digit(index) {
                digits.push(letters[index]);
                index += 1;
            }
            let is_group =
                letters.get(index).is_some_and(|letter| ['.', ',', '\'', '\u{a0}', '\u{202f}'].contains(letter))
                    && (1..=3).all(|ahead| digit(index + ahead))
                    && !digit(index + 4);
            if !is_group {
                break;
            }
            index += 1;
        }
        // A number of a hundred digits is no quantity, nor is the name then one of a price break.
        found.push(Number { value: digits.parse().unwrap_or(0), at: rest.len() });
        rest.push(' ');
    }
    (found, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantity_of_a_name_is_where_its_price_begins() {
        for (name, stem, number) in [
            ("Price 10", "price", 10),
            ("price_10", "price", 10),
            ("1+", "", 1),
            ("ab 100 Stk.", "ab stk", 100),
            ("Preis ab 1.000", "preis ab", 1000),
            ("10 - 49", "", 10),
            ("10 bis 49", "", 10),
            ("Staffel 2 Preis", "staffel preis", 2),
            ("> 100", "", 101),
            ("Menge1", "menge", 1),
        ] {
            let (words, found) = quantity_in(name).unwrap();
            assert_eq!((words.join(" ").as_str(), found), (stem, number), "{name}");
        }
        for name in ["Price", "Price per 100", "EUR/100", "bis 99", "< 10", "A1 B2", "Preis je 100 Stk", ""] {
            assert_eq!(quantity_in(name), None, "{name}");
        }
    }
}
