//! Price breaks that say up to which quantity each holds: `[{up_to: 10, unit_amount: 500}, {up_to: null, unit_amount: 400}]`.
//!
//! Owns what such a list means as price breaks from a quantity on. Of graduated prices, where each prices its own part of
//! an order, only the first is one: larger orders are left out. Main function: [`tiers`].

use super::doubts;
use super::money::{Money, prices};
use super::path::{Step, render};
use super::places::{Place, places};
use super::rows::rivals_of;
use super::samples::Scalar;
use super::shape::Shape;
use super::tiers::Tiers;
use super::words::{any, break_weight, has_stem, is_list_of_breaks, words};

/// How the prices of a list belong together, as a member beside it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The last one that is reached prices the whole order.
    Volume,
    /// Each one prices its own part of the order.
    Graduated,
    /// Nothing says so.
    Unsaid,
}

impl Mode {
    /// What the members of the object say that the list is in.
    pub(super) fn of(object: Option<&Shape<'_>>) -> Self {
        let fields = object.map(|object| object.fields.as_slice()).unwrap_or_default();
        let texts = || {
            let named = fields.iter().filter(|field| has_stem(&words(&field.name), "mode scheme type model method"));
            named.flat_map(|field| field.shape.scalars.iter().filter_map(Scalar::words)).map(str::to_lowercase)
        };
        let says = |signs: &[&str]| texts().any(|text| signs.iter().any(|sign| text.contains(sign)));
        match () {
            () if says(&["graduated", "progressive", "incremental", "slab", "marginal"]) => Self::Graduated,
            () if says(&["volume", "all_units", "all-units"]) => Self::Volume,
            () => Self::Unsaid,
        }
    }

    /// What the user must look at, of a list whose elements say in `bound` up to which quantity they hold.
    fn doubt(self, list: &str, bound: &str) -> Option<String> {
        match self {
            Self::Volume => None,
            Self::Graduated => Some(format!(
                "the prices of {list} are graduated, of which each prices its own part; only the first one can be \
                 compared, and orders above its {bound} are rejected"
            )),
            Self::Unsaid => {
                Some(format!("nothing says whether each price of {list} is for the whole order, or for its own part"))
            }
        }
    }
}

/// Whether a member says up to which quantity a price holds.
fn is_bound(place: &Place<'_>) -> bool {
    let words = words(place.name());
    let is_named = words == ["up", "to"]
        || (words.len() == 1 && any(&words, "upto max maximum to until bis hasta end last"))
        || has_stem(&words, "maxq maximumq qtyto quantityto toq upperq endq");
    let is_last = |sample: &Scalar| {
        sample.words().is_some_and(|text| {
            ["", "inf", "infinity", "+inf", "∞", "unlimited"].contains(&text.to_lowercase().as_str())
        })
    };
    let is_whole = |sample: &Scalar| sample.whole().is_some_and(|number| !number.is_sign_negative());
    is_named
        && place.samples.iter().any(is_whole)
        && place.samples.iter().all(|sample| is_whole(sample) || is_last(sample))
}

/// Whether a list's elements say up to which quantity they hold, and not from which on.
pub(super) fn are_bounds(places: &[Place<'_>]) -> bool {
    places.iter().any(is_bound) && !places.iter().any(|place| !is_bound(place) && break_weight(place.name()) >= 60)
}

/// The price breaks of a list within `object`, if it is such a list.
pub(super) fn tiers<'s>(
    name: &'s str,
    list: &'s Shape<'_>,
    path: &[Step],
    object: Option<&'s Shape<'_>>,
) -> Option<Tiers<'s>> {
    let element = list.element.as_deref().filter(|element| element.objects > 0 && is_list_of_breaks(name))?;
    let around = object.map(|object| object.fields.as_slice()).unwrap_or_default();
    let all: Vec<Place<'s>> = places(element).into_iter().map(|place| Place { around, ..place }).collect();
    if !are_bounds(&all) {
        return None;
    }
    let bound = all.iter().find(|place| is_bound(place))?;
    let rest: Vec<Place<'s>> =
        all.iter().filter(|place| place.path != bound.path && !is_flat(place)).cloned().collect();
    let money: Vec<Money<'s>> = prices(&rest, false).into_iter().filter(|money| !money.name.total).collect();
    let price = money.first()?.clone();
    let mut checks = price.checks.clone();
    checks.extend(rivals_of(&price, &money));
    checks.extend(doubts::about(&price, &rest, false));
    let (shown, bound) = (render("", path), render("", &bound.path));
    let mode = Mode::of(object);
    let mut is_unsure = mode == Mode::Unsaid;
    checks.extend(mode.doubt(&shown, &bound));
    if all.iter().any(|place| is_flat(place) && place.samples.iter().any(costs)) {
        is_unsure = true;
        checks.push(format!("{shown} has prices for an order beside those for a piece, which are left out"));
    }
    let unit = price.expression();
    let base = if list.nulls > 0 { format!("({shown} // [])") } else { shown };
    let (expression, maximum) = if mode == Mode::Graduated {
        let only = format!("[{base}[0] | {{quantity: 1, unitPrice: {unit}}}]");
        (only, Some(format!("({base}[0]{bound} | if type == \"number\" then . else null end)")))
    } else {
        let from = format!("(if $n == 0 then 1 else ($tiers[$n - 1]{bound} | tonumber) + 1 end)");
        let tier = format!("{{quantity: {from}, unitPrice: ($tiers[$n] | {unit})}}");
        (format!("[{base} as $tiers | range($tiers | length) as $n | {tier}]"), None)
    };
    Some(Tiers {
        score: price.score.min(115) + 9,
        expression,
        path: path.to_vec(),
        currency: price.writing.currency.or(price.name.currency.map(|code| (code, true))),
        price: Some(price),
        begins_above_one: false,
        maximum,
        checks,
        is_unsure,
    })
}

/// Whether a member is a price for the whole order, whatever its quantity.
fn is_flat(place: &Place<'_>) -> bool {
    any(&words(place.name()), "flat fixed fee")
}

fn costs(sample: &Scalar) -> bool {
    sample.number().is_some_and(|number| !number.is_zero())
}
