//! From an offer to a quote: the rules, in the order in which they apply.

use jiff::Timestamp;

use super::{Offer, PriceRequest, Quote, Rates, Rejection, Terms};

/// What an offer is evaluated against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What was asked.
    pub request: &'a PriceRequest,
    /// What the configuration says of the supplier's prices.
    pub terms: &'a Terms,
    /// The declared exchange rates, if there are any.
    pub rates: Option<&'a Rates>,
    /// Never order beyond what minimum and multiple force.
    pub exact: bool,
    /// The latest delivery that is accepted, calendar days.
    pub within_days: Option<u16>,
    /// The run's start.
    pub now: Timestamp,
}

/// Works an offer out for a request.
///
/// # Errors
/// When the offer cannot be ranked, with the first reason that holds.
#[expect(clippy::result_large_err, reason = "a rejection is as usual as a quote, and both are kept")]
pub fn evaluate(offer: &Offer, context: &Context<'_>) -> Result<Quote, Rejection> {
    let _ = context;
    Err(Rejection {
        identity: offer.identity.clone(),
        cause: super::Cause::NoTier,
        order_quantity: None,
        stock_quantity: None,
        currency: None,
        unit_price: None,
        total_price: None,
    })
}
