//! What may make another price of a price, and is no price itself: units, surcharges, quantities, prices beside it.
//!
//! Owns the sentences about it. Refuses to decide: what is doubtful is said, and the price stays as it is.

use rust_decimal::Decimal;

use super::money::Money;
use super::path::{Step, render};
use super::places::Place;
use super::samples::Scalar;
use super::words::{PIECE, any, has_stem, is_shipping, words};
use crate::domain::{Offer, OfferReply};

/// How many members a sentence names.
const NAMED: usize = 3;

/// All doubts about a price among the places of its row, or of its price break. `is_told` = it is known already for how
/// many pieces it is.
pub(super) fn about(price: &Money<'_>, places: &[Place<'_>], is_told: bool) -> Vec<String> {
    let beside: Vec<&Place<'_>> = places.iter().filter(|place| is_beside(place, price)).collect();
    let mut doubts = Vec::new();
    if !is_told {
        doubts.extend(said_by_name(price));
        doubts.extend(unit(&beside));
    }
    doubts.extend(extras(&beside));
    doubts.extend(quantity(price, &beside));
    doubts
}

/// A member of the row itself, or of the object that the price is in.
fn is_beside(place: &Place<'_>, price: &Money<'_>) -> bool {
    let parent = |path: &[Step]| path.split_last().map(|(_, parent)| parent.to_vec());
    let same = parent(&place.path) == parent(&price.place.path);
    place.path != price.place.path && !place.of_scalars && (place.path.len() == 1 || same)
}

/// For how many pieces a price is, as its name says: `pricePer1000`, `Preis je 100 Stk`, `EUR/100`.
pub(super) fn pieces_in_name(price: &Money<'_>) -> Option<u32> {
    let name = price.place.name();
    let number = |text: &str| -> Option<u32> { text.parse().ok().filter(|number| *number > 1) };
    let behind_slash = || {
        let (_, behind) = name.split_once('/')?;
        number(words(behind).first()?)
    };
    word_behind_per(name).and_then(|word| number(&word)).or_else(behind_slash)
}

fn word_behind_per(name: &str) -> Option<String> {
    let words = words(name);
    let per = words.iter().position(|word| ["per", "pro", "por", "par", "je", "za", "les"].contains(&word.as_str()));
    words.get(per? + 1).cloned()
}

/// Whether a price is for a pack, by its name, of which nobody knows how many pieces it has.
pub(super) fn is_of_pack(price: &Money<'_>) -> bool {
    const PACKS: &str =
        "box boxes pack package karton packung vpe ve carton case caja boîte reel rolle bag beutel palette pallet";
    word_behind_per(price.place.name()).is_some_and(|word| any(&[word], PACKS))
}

/// `pricePerKg`.
fn said_by_name(price: &Money<'_>) -> Option<String> {
    let word = word_behind_per(price.place.name())?;
    let is_piece = any(std::slice::from_ref(&word), PIECE);
    (!is_piece).then(|| format!("{} speaks of a price per {word}; it is taken for that of one piece", price.shown()))
}

/// A unit that is not one piece.
fn unit(beside: &[&Place<'_>]) -> Option<String> {
    let is_unit = |place: &&&Place<'_>| {
        let words = words(place.name());
        let named = words.iter().all(|word| super::words::is_in(word, "uom unit units per pe basis measure of code"))
            || has_stem(&words, "priceunit pricingunit priceper preiseinheit pricebasis unitofmeasure perquantity");
        named && !any(&words, "id url")
    };
    let other = |sample: &Scalar| {
        let text = sample.text().unwrap_or_default().trim().to_lowercase();
        let is_one = any(&[text.trim_end_matches('.').to_owned()], PIECE) || text == "per piece" || text == "per unit";
        (!is_one && !text.is_empty()).then_some(text)
    };
    beside.iter().filter(is_unit).find_map(|place| {
        let text = place.samples.iter().find_map(other)?;
        let path = render("", &place.path);
        let short: String = text.chars().take(20).collect();
        Some(format!(
            "{path} such as `{short}` may say how many pieces a price is for; if it is not one, add a priceUnit"
        ))
    })
}

/// Surcharges, discounts, fees and the like.
fn extras(beside: &[&Place<'_>]) -> Option<String> {
    const EXTRAS: &str = "surcharge surcharges discount discounts rabatt deposit pfand fee fees zuschlag handling setup \
        duty duties tariff tariffs insurance toll";
    let counts = |sample: &Scalar| sample.number().is_some_and(|number| !number.is_zero());
    let is_extra = |place: &&&Place<'_>| {
        let words = words(place.name());
        let named = any(&words, EXTRAS) || has_stem(&words, "surcharge zuschlag");
        named && !is_shipping(&place.names) && !any(&words, "id code") && place.samples.iter().any(counts)
    };
    let named: Vec<String> = beside.iter().filter(is_extra).map(|place| render("", &place.path)).take(NAMED).collect();
    let is_some = !named.is_empty();
    is_some.then(|| format!("the price is taken without {}; if that is to be paid, work it in", named.join(", ")))
}

/// A price of nothing in particular beside a quantity may be that of all the pieces.
fn quantity(price: &Money<'_>, beside: &[&Place<'_>]) -> Option<String> {
    let name = words(price.place.name());
    if price.name.total || any(&name, "unit each per piece item") || has_stem(&name, "unit einzel stück stueck") {
        return None;
    }
    let is_quantity = |place: &&&Place<'_>| {
        let words = words(place.name());
        let above_one = |sample: &Scalar| sample.whole().is_some_and(|number| number > Decimal::ONE);
        let named = any(&words, "quantity qty menge contents content pieces") && words.len() <= 2;
        let is_else = any(&words, "min minimum max maximum available stock hand order from to in multiple");
        named && !is_else && place.samples.iter().any(above_one)
    };
    let path = render("", &beside.iter().find(is_quantity)?.path);
    Some(format!("if {} is the price of all {path} pieces, divide it: / {path}", price.shown()))
}

/// Doubts about the offers that come of the reply.
pub(super) fn about_offers(offers: &[OfferReply]) -> Vec<String> {
    let readable =
        |offer: &OfferReply| if let OfferReply::Readable(offer) = offer { Some(offer.clone()) } else { None };
    let offers: Vec<_> = offers.iter().filter_map(readable).collect();
    let mut doubts = Vec::new();
    if offers.iter().any(|offer| rises(offer)) {
        doubts.push("a price rises with the quantity, as totals do; if it is for all the pieces, divide it".to_owned());
    }
    let twice =
        offers.iter().enumerate().find(|(index, offer)| offers[..*index].iter().any(|other| rivals(offer, other)));
    if let Some((_, offer)) = twice {
        let sku: String = offer.identity.sku.as_deref().unwrap_or_default().chars().take(40).collect();
        doubts.push(format!("several offers are of `{sku}`, at different prices; the cheapest counts, so leave out those that are not for you"));
    }
    doubts
}

fn rises(offer: &Offer) -> bool {
    let mut tiers = offer.price_breaks.clone().unwrap_or_default();
    tiers.sort_by_key(|tier| tier.quantity);
    tiers.windows(2).any(|pair| pair[0].unit_price < pair[1].unit_price)
}

/// Whether nothing tells two offers apart but the price.
fn rivals(offer: &Offer, other: &Offer) -> bool {
    let (one, two) = (&offer.identity, &other.identity);
    one.sku.is_some() && one == two && offer.unit_price.is_some() && offer.unit_price != other.unit_price
}
