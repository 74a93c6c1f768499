//! Which currency a price is in: a member that says so, a sign in the price, a code in a name.

use super::money::is_currency_name;
use super::path::{Step, render};
use super::places::Place;
use super::rows::{Choice, Price};
use super::samples::{Scalar, are_currencies};
use super::words::{any, words};

/// Where the currency of the offers comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A member, of the level at this position.
    Member(usize, Vec<Step>),
    /// It is always this one, since a name or a sign says so.
    Always(&'static str),
    /// A sign says so that several currencies have.
    Perhaps(&'static str),
    /// Nothing says so.
    Unsaid,
}

/// Finds it. `places` are those of each level of the choice.
pub(super) fn find(choice: &Choice<'_>, places: &[Vec<Place<'_>>]) -> Source {
    let by_name = choice.money().and_then(|money| money.name.currency);
    if let Some(code) = by_name {
        return Source::Always(code);
    }
    let row = places.len() - 1;
    if let Some(path) = member(&places[row], choice, true) {
        return Source::Member(row, path);
    }
    let written = match &choice.price {
        Price::Breaks(tiers) => tiers.currency,
        Price::Unit(money) | Price::Total(money) => money.writing.currency,
    };
    if let Some((code, true)) = written {
        return Source::Always(code);
    }
    for level in (0..row).rev() {
        if let Some(path) = member(&places[level], choice, false) {
            return Source::Member(level, path);
        }
    }
    written.map_or(Source::Unsaid, |(code, _)| Source::Perhaps(code))
}

fn member(places: &[Place<'_>], choice: &Choice<'_>, of_row: bool) -> Option<Vec<Step>> {
    let beside = beside_the_price(choice);
    let weigh = |place: &Place<'_>| {
        let named = place.names.iter().rev().take(2).any(|name| is_currency_name(name));
        let words = words(place.name());
        let other = "retail list base local original quote default from source";
        let parent = place.path.split_last().map_or(&[][..], |(_, parent)| parent);
        let is_beside = of_row && parent == beside;
        let length = i32::try_from(place.path.len() + words.len()).unwrap_or(0);
        let weight = 50 + 40 * i32::from(is_beside)
            - 20 * i32::from(any(&words, other))
            - 45 * i32::from(place.of_list && !is_beside)
            - 2 * length;
        if named && are_currencies(place.samples) { weight } else { 0 }
    };
    let weighed = places.iter().map(|place| (place, weigh(place))).filter(|(_, weight)| *weight > 0);
    weighed.rev().max_by_key(|(_, weight)| *weight).map(|(place, _)| place.path.clone())
}

/// The object that the price is a member of, from the row.
fn beside_the_price(choice: &Choice<'_>) -> Vec<Step> {
    let of_tiers = match &choice.price {
        Price::Breaks(tiers) => [tiers.path.as_slice(), &[Step::At(0)]].concat(),
        _ => Vec::new(),
    };
    let within = choice.money().map_or(&[][..], |money| &money.place.path);
    let parent = within.split_last().map_or(&[][..], |(_, parent)| parent);
    [of_tiers.as_slice(), parent].concat()
}

impl Source {
    /// What a filter reads: `bases` are the levels' names.
    pub(super) fn expression(&self, bases: &[String], places: &[Vec<Place<'_>>]) -> Option<String> {
        match self {
            Self::Member(level, path) => {
                let member = render(&bases[*level], path);
                let place = places[*level].iter().find(|place| place.path == *path);
                let is_blank = place.is_some_and(|place| place.samples.iter().any(Scalar::is_blank));
                Some(if is_blank { format!("({member} | if . == \"\" then null else . end)") } else { member })
            }
            Self::Always(code) | Self::Perhaps(code) => Some(format!("\"{code}\"")),
            Self::Unsaid => None,
        }
    }
}
