//! Which part of a reply is an offer: the objects that have the likeliest price.
//!
//! Owns how candidates are compared, and what is said of the ones that lose. Main type: [`Choice`].

use super::doubts;
use super::money::{LEAST, Money, prices};
use super::path::{Step, render};
use super::places::places;
use super::shape::Shape;
use super::tiers::{self, Tiers, tiers};

/// How deep lists may be nested, and how many rows are compared.
const DEPTH: usize = 8;
const MOST_ROWS: usize = 300;
/// How much less a price must weigh to go without saying.
const CLEAR: i32 = 30;

/// Objects of a list, within those of the list around it.
#[derive(Clone, Debug)]
pub(super) struct Level<'s> {
    /// How they are reached from the level before; nothing for the document.
    pub(super) path: Vec<Step>,
    /// What they look like.
    pub(super) shape: &'s Shape<'s>,
}

/// A price that was chosen.
#[derive(Clone, Debug)]
pub(super) enum Price<'s> {
    /// By quantity.
    Breaks(Box<Tiers<'s>>),
    /// Of a piece.
    Unit(Box<Money<'s>>),
    /// Of the whole order.
    Total(Box<Money<'s>>),
}

/// The objects that are offers, and their price.
#[derive(Clone, Debug)]
pub(super) struct Choice<'s> {
    /// The document first, the offers last.
    pub(super) levels: Vec<Level<'s>>,
    /// The price.
    pub(super) price: Price<'s>,
    /// How likely it is.
    score: i32,
    /// What the user must look at.
    pub(super) checks: Vec<String>,
    /// Whether that makes another price of the price.
    pub(super) is_unsure: bool,
}

impl<'s> Choice<'s> {
    /// The same, and the price is in doubt.
    pub(super) fn doubt(&mut self, check: String) {
        self.checks.push(check);
        self.is_unsure = true;
    }

    /// The path from the document to the offers.
    fn path(&self) -> Vec<Step> {
        self.levels.iter().flat_map(|level| level.path.clone()).collect()
    }

    /// The one number that the price is read from, if it is one.
    pub(super) fn money(&self) -> Option<&Money<'s>> {
        match &self.price {
            Price::Breaks(tiers) => tiers.price.as_ref(),
            Price::Unit(money) | Price::Total(money) => Some(money),
        }
    }

    /// The path from the offers to the price, or to the list of its breaks.
    pub(super) fn price_path(&self) -> &[Step] {
        match &self.price {
            Price::Breaks(tiers) => &tiers.path,
            Price::Unit(money) | Price::Total(money) => &money.place.path,
        }
    }

    fn shown(&self) -> String {
        render("", &[&self.path(), self.price_path()].concat())
    }
}

/// Chooses the offers of a reply; `None` = nothing in it is like a price.
pub(super) fn choose<'s>(document: &'s Shape<'s>) -> Option<Choice<'s>> {
    let mut rows = Vec::new();
    collect("", document, &[Level { path: Vec::new(), shape: document }], &[], &mut rows);
    // Where nothing else has a price, it is shipping that is bought.
    let weighed =
        [false, true].map(|of_shipping| rows.iter().filter_map(|row| weigh(row, of_shipping)).collect::<Vec<_>>());
    let mut candidates: Vec<Choice<'s>> = weighed.into_iter().find(|found| !found.is_empty())?;
    candidates.sort_by_key(|choice| std::cmp::Reverse(choice.score));
    let mut candidates = candidates.into_iter();
    let mut best = candidates.next()?;
    let rivals: Vec<String> = candidates
        .take_while(|other| other.score + CLEAR > best.score)
        .map(|other| other.shown())
        .filter(|shown| *shown != best.shown())
        .take(3)
        .collect();
    if !rivals.is_empty() {
        best.checks.push(format!("there are prices elsewhere, too: {}; took {}", rivals.join(", "), best.shown()));
    }
    Some(best)
}

/// Finds all objects that can be offers: the document, the elements of lists, and what is named like the product.
fn collect<'s>(
    name: &'s str,
    shape: &'s Shape<'s>,
    levels: &[Level<'s>],
    path: &[Step],
    rows: &mut Vec<Vec<Level<'s>>>,
) {
    if levels.len() > DEPTH || rows.len() >= MOST_ROWS || path.len() > 2 * DEPTH {
        return;
    }
    if path.is_empty() && shape.objects > 0 {
        rows.push(levels.to_vec());
    }
    for field in &shape.fields {
        let path = [path, std::slice::from_ref(&field.step)].concat();
        if field.step == Step::Product && field.shape.objects > 0 {
            let level = Level { path, shape: &field.shape };
            collect(&field.name, &field.shape, &[levels, &[level]].concat(), &[], rows);
        } else {
            collect(&field.name, &field.shape, levels, &path, rows);
        }
    }
    if let (Some(element), Some(each)) = (&shape.element, &shape.each)
        && !tiers::is_list(name, shape)
    {
        let level = Level { path: [path, std::slice::from_ref(each)].concat(), shape: element };
        collect(name, element, &[levels, &[level]].concat(), &[], rows);
    }
}

/// The likeliest price of a row.
fn weigh<'s>(levels: &[Level<'s>], of_shipping: bool) -> Option<Choice<'s>> {
    let row = levels.last()?.shape;
    let money = prices(&places(row), of_shipping);
    let mut breaks = tiers(row).into_iter();
    let (first, other_breaks) = (breaks.next(), breaks.collect::<Vec<_>>());
    let breaks = first.map(|first| beside_others(first, &other_breaks));
    let unit = money.iter().find(|money| !money.name.total);
    let total = money.iter().find(|money| money.name.total);
    let (price, score) = match (breaks, unit, total) {
        (Some(mut breaks), unit, _) if unit.is_none_or(|unit| unit.score < breaks.score + 30) => {
            let score = breaks.score + 30;
            if let Some(unit) = unit {
                begin_with(&mut breaks, unit);
                same_pieces(&mut breaks, unit);
            }
            (Price::Breaks(Box::new(breaks)), score)
        }
        (_, Some(unit), total) if total.is_none_or(|total| total.score - 15 <= unit.score) => {
            (Price::Unit(Box::new(unit.clone())), unit.score)
        }
        (_, _, Some(total)) => (Price::Total(Box::new(total.clone())), total.score - 15),
        _ => return None,
    };
    let mut checks = rivals(&price, &money);
    checks.extend(match &price {
        Price::Breaks(breaks) => breaks.checks.clone(),
        Price::Unit(money) => money.checks.clone(),
        Price::Total(money) => {
            let mut checks = money.checks.clone();
            checks.push(format!("{} is taken for the price of the whole order, as its name says", money.shown()));
            checks
        }
    });
    let depth = i32::try_from(levels.len()).unwrap_or(0);
    let is_unsure = matches!(&price, Price::Breaks(breaks) if breaks.is_unsure);
    (score >= LEAST).then(|| Choice { levels: levels.to_vec(), price, score: score - 3 * depth, checks, is_unsure })
}

/// Breaks that begin above one piece, beside a dearer price: that is the price of fewer.
fn begin_with(breaks: &mut Tiers<'_>, unit: &Money<'_>) {
    let amounts = |money: &Money<'_>| money.amounts().into_iter().max();
    let dearest = breaks.price.as_ref().and_then(amounts);
    let is_dearer = dearest.is_some() && amounts(unit) > dearest;
    if breaks.begins_above_one && is_dearer {
        breaks.expression = format!("[{{quantity: 1, unitPrice: {}}}] + {}", unit.expression(), breaks.expression);
        breaks.checks.push(format!("{} is taken for the price below the first price break", unit.shown()));
    }
}

/// A price beside the breaks that is for many pieces, while theirs do not say so, puts them in doubt.
fn same_pieces(breaks: &mut Tiers<'_>, unit: &Money<'_>) {
    let own = breaks.price.as_ref().and_then(doubts::pieces_in_name);
    if let Some(pieces) = doubts::pieces_in_name(unit).filter(|pieces| Some(*pieces) != own) {
        breaks.is_unsure = true;
        breaks.checks.push(format!("{} is for {pieces} pieces; those by quantity may be, too", unit.shown()));
    }
}

/// The price breaks that were chosen, with a word on other ones.
fn beside_others<'s>(mut chosen: Tiers<'s>, others: &[Tiers<'s>]) -> Tiers<'s> {
    let own = render("", &chosen.path);
    let mut names: Vec<String> =
        others.iter().map(|other| render("", &other.path)).filter(|name| *name != own).collect();
    names.dedup();
    names.truncate(3);
    if !names.is_empty() {
        chosen.checks.push(format!("there are other price breaks: {}; took {own}", names.join(", ")));
    }
    chosen
}

/// What is said of the other prices of the same row.
pub(super) fn rivals_of(chosen: &Money<'_>, money: &[Money<'_>]) -> Vec<String> {
    let differs = |other: &&Money<'_>| other.place.path != chosen.place.path && !other.agrees_with(chosen);
    let others: Vec<String> = money.iter().filter(differs).map(Money::shown).take(4).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let count = if others.len() == 1 { "two fields look" } else { "several fields look" };
    vec![format!("{count} like the price: {} and {}; took {}", chosen.shown(), others.join(", "), chosen.shown())]
}

fn rivals(price: &Price<'_>, money: &[Money<'_>]) -> Vec<String> {
    match price {
        Price::Breaks(_) => Vec::new(),
        Price::Unit(chosen) | Price::Total(chosen) => rivals_of(chosen, money),
    }
}
