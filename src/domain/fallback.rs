//! What earlier runs know, in the place of suppliers that do not respond.

use std::time::Duration;

use jiff::Timestamp;

use super::{Context, Offer, Quote, Source, evaluate};

/// What stands in for a supplier that does not respond, when a run has too few responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing.
    #[default]
    Off,
    /// What it last offered, if that is no older.
    History(Duration),
}

impl Fallback {
    /// The age of history that names none.
    pub const USUAL_AGE: Duration = Duration::from_hours(24);
}

/// What a supplier offered in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastOffer {
    /// When it was quoted; the offers of one reply share it.
    pub quoted_at: Timestamp,
    /// How many pieces were asked for, 1…10⁹.
    pub quantity: u64,
    /// The offer; `None` = the supplier answered, and offered nothing.
    pub offer: Option<Offer>,
}

/// Works out again what a supplier last offered, for this request; none when that is not known, does not hold any more, or
/// cannot be ranked.
///
/// An offer with tiers says what every quantity costs. One without was made for the quantity that was asked for, and
/// is used for no other. That a supplier had nothing is used for every quantity: what it offered before is no offer any more.
#[must_use]
pub fn stand_in(past: &[PastOffer], context: &Context<'_>) -> Vec<Quote> {
    let says_something = |past: &&PastOffer| applies(past, context.request.quantity.get());
    let Some(newest) = past.iter().filter(says_something).map(|past| past.quoted_at).max() else { return Vec::new() };
    let last_reply = past.iter().filter(|past| past.quoted_at == newest).filter(says_something);
    last_reply.filter_map(|past| solve(past, context)).collect()
}

fn applies(past: &PastOffer, need: u64) -> bool {
    let Some(offer) = &past.offer else { return true };
    past.quantity == need || has_tiers(offer) || offer.in_stock == Some(false) || offer.stock_quantity == Some(0)
}

fn has_tiers(offer: &Offer) -> bool {
    offer.price_breaks.as_ref().is_some_and(|tiers| !tiers.is_empty())
}

fn solve(past: &PastOffer, context: &Context<'_>) -> Option<Quote> {
    let mut offer = past.offer.clone()?;
    // The answer was found to be one to the question of its run.
    (offer.product, offer.quantity) = (None, None);
    if past.quantity != context.request.quantity.get() {
        // It is the price of another quantity. Who has stock and tiers has a price without it.
        offer.total_price = None;
    }
    let quote = evaluate(&offer, context).ok()?;
    Some(Quote { source: Source::History, quoted_at: Some(past.quoted_at), ..quote })
}

#[cfg(test)]
mod tests;
