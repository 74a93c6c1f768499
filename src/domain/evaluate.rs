//! From an offer to a quote: the rules, in the order in which they apply.
//!
//! The first rule that an offer breaks is the reason for its rejection, so that an offer with several faults
//! is always rejected for the same one: the answer to another question, faulty prices and amounts, currency, a
//! stated total that contradicts the unit price, validity, stock, the order, delivery. Owns that sequence; each
//! rule itself is in the file of its subject.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::extras::{Extras, check_amounts};
use super::landing::{GrossCharges, Landing, from_minor};
use super::order::{Candidate, Choice, NoOrder, Rules};
use super::price::{Prices, Stated, too_large};
use super::study::{ConsideredOrder, Study};
use super::{
    Cause, Currency, Offer, OfferReply, PriceRequest, Quote, Rates, Rejection, Source, Terms, delivery, stock,
};

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
    work_out(offer, context, |_| {}).map_err(|refusal| refusal.rejection(offer, context.terms))
}

/// Works an offer out for a request, and keeps every order that was considered on the way.
#[must_use]
pub fn study(offer: &OfferReply, context: &Context<'_>) -> Study {
    let offer = match offer {
        OfferReply::Readable(offer) => offer,
        OfferReply::Faulty(rejection) => {
            let rejection = rejection.clone().or_currency_of(context.terms);
            return Study { currency: None, orders: Vec::new(), result: Err(Box::new(rejection)) };
        }
    };
    let mut orders = Vec::new();
    let mut quoted_in = None;
    let result = work_out(offer, context, |considered| {
        quoted_in = Some(considered.currency);
        orders = considered.orders();
    });
    let result = result.map_err(|refusal| Box::new(refusal.rejection(offer, context.terms))).map(Box::new);
    Study { currency: quoted_in, orders, result }
}

/// Every order that is considered for an offer, by quantity; none when the offer is rejected before that.
#[must_use]
pub fn candidates(offer: &Offer, context: &Context<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    // Why an offer is rejected is for `evaluate` to say; the candidates are there either way.
    let _ = work_out(offer, context, |considered| candidates = considered.candidates.to_vec());
    candidates
}

/// The orders that were considered for an offer, and what they are weighed with.
struct Considered<'a> {
    candidates: &'a [Candidate],
    currency: Currency,
    prices: &'a Prices,
    extras: &'a Extras,
    landing: &'a Landing<'a>,
}

impl Considered<'_> {
    /// The orders with their amounts; one whose amounts are beyond exact arithmetic is left out.
    fn orders(&self) -> Vec<ConsideredOrder> {
        self.candidates.iter().filter_map(|candidate| self.order(candidate)).collect()
    }

    fn order(&self, candidate: &Candidate) -> Option<ConsideredOrder> {
        let amount = |minor| from_minor(minor, self.currency);
        Some(ConsideredOrder {
            quantity: candidate.quantity,
            unit_price: self.prices.price_at(candidate.quantity),
            price_unit: self.prices.price_unit,
            goods: amount(candidate.goods)?,
            fees: amount(self.extras.fees)?,
            shipping: match candidate.shipping {
                Some(shipping) => Some(amount(shipping)?),
                None => None,
            },
            total: amount(candidate.total)?,
            landed: self.landing.landed(candidate.total)?,
            verdict: candidate.verdict,
        })
    }
}

fn work_out(offer: &Offer, context: &Context<'_>, look: impl FnOnce(&Considered<'_>)) -> Result<Quote, Refusal> {
    let Context { request, terms, rates, exact, within_days, .. } = *context;
    let need = request.quantity.get();
    let prepared = Prepared::read(offer, context)?;
    let Prepared { currency, prices, extras, landing, .. } = &prepared;
    let mut candidates = Vec::new();
    let solved = prepared.rules(need, exact).solve(|total| landing.amount(total), &mut candidates);
    look(&Considered { candidates: &candidates, currency: *currency, prices, extras, landing });
    let choice = solved.map_err(|problem| Refusal::no_order(problem, need, *currency, extras, prices))?;
    let delivery_days = delivery::delivery_days(offer, terms.transit_days);
    let day = rates.filter(|_| landing.exchanges() || extras.converted).map(Rates::day);
    delivery::check_within(delivery_days, within_days)
        .and_then(|()| quote(offer, choice, prices, extras, landing, delivery_days))
        .map(|quote| Quote { rates: day, ..quote })
        .map_err(|cause| Refusal::tried(cause, choice.order.quantity, prices))
}

/// An offer that keeps every rule which its order quantity has no part in.
pub(super) struct Prepared<'a> {
    pub(super) currency: Currency,
    pub(super) prices: Prices,
    pub(super) extras: Extras,
    pub(super) landing: Landing<'a>,
    pub(super) stated: Option<Stated>,
    /// What the supplier has; `None` = enough, as far as is known.
    pub(super) stock: Option<u64>,
    offer: &'a Offer,
}

impl<'a> Prepared<'a> {
    /// Checks everything about an offer that comes before its order.
    ///
    /// # Errors
    /// When a rule is broken, with the first that is.
    pub(super) fn read(offer: &'a Offer, context: &Context<'a>) -> Result<Self, Cause> {
        let Context { request, terms, rates, now, .. } = *context;
        let need = request.quantity.get();
        check_echo(offer, request)?;
        let prices = Prices::read(offer, need, terms.allow_free)?;
        check_amounts(offer)?;
        delivery::check_days(offer)?;
        let currency = currency(offer, terms)?;
        let tax_percent = offer.tax_included_percent.unwrap_or(terms.tax_included_percent);
        let landing = Landing::new(currency, request.currency, tax_percent, rates)?;
        let extras = Extras::read(offer, terms, currency, rates)?;
        let mut prepared = Self { currency, prices, extras, landing, stated: None, stock: None, offer };
        let smallest = prepared.rules(need, context.exact).smallest_order();
        prepared.stated = prepared.prices.stated(need, smallest, currency.minor_digits())?;
        check_validity(offer, now)?;
        prepared.stock = stock::available(offer)?;
        Ok(prepared)
    }

    /// What decides on an order of `need` pieces.
    pub(super) fn rules(&self, need: u64, exact: bool) -> Rules<'_> {
        Rules {
            need,
            minimum: self.offer.minimum_quantity.unwrap_or(0),
            multiple: self.offer.order_multiple.unwrap_or(0),
            maximum: self.offer.maximum_quantity,
            stock: self.stock,
            prices: &self.prices,
            stated: self.stated,
            minor_digits: self.currency.minor_digits(),
            shipping: self.extras.shipping,
            fees: self.extras.fees,
            minimum_value: self.extras.minimum_value,
            exact,
        }
    }
}

/// An echo must be the question's: the product after trimming and ASCII case-folding, the quantity exactly.
fn check_echo(offer: &Offer, request: &PriceRequest) -> Result<(), Cause> {
    if let Some(found) = &offer.product
        && !found.trim().eq_ignore_ascii_case(request.product.trim())
    {
        return Err(Cause::WrongProduct { found: found.clone() });
    }
    match offer.quantity {
        Some(found) if found != request.quantity.get() => Err(Cause::WrongQuantity { found }),
        _ => Ok(()),
    }
}

/// The offer's currency, else the configured one. It is never guessed.
fn currency(offer: &Offer, terms: &Terms) -> Result<Currency, Cause> {
    match &offer.currency {
        Some(text) => Currency::parse(text).map_err(Cause::Currency),
        None => terms.currency.ok_or(Cause::NoCurrency),
    }
}

fn check_validity(offer: &Offer, now: Timestamp) -> Result<(), Cause> {
    match offer.valid_until {
        Some(end) if end < now => Err(Cause::Expired(end)),
        _ => Ok(()),
    }
}

fn quote(
    offer: &Offer,
    choice: Choice,
    prices: &Prices,
    extras: &Extras,
    landing: &Landing<'_>,
    delivery_days: Option<u16>,
) -> Result<Quote, Cause> {
    let Choice { order, reason, smallest } = choice;
    let gross = GrossCharges {
        unit_price: prices.piece_price_at(order.quantity).ok_or_else(too_large)?,
        goods: order.goods,
        fees: extras.fees,
        shipping: order.shipping,
        total: order.total,
    };
    let price = prices.price_at(order.quantity);
    let (charges, original) = landing.land(gross, price, prices.price_unit)?;
    let saving = landing.saving(smallest.total, order.total).ok_or_else(too_large)?;
    Ok(Quote {
        identity: offer.identity.clone(),
        order_quantity: order.quantity,
        order_reason: reason,
        saving,
        smallest_order: smallest.quantity,
        charges,
        original,
        rates: None,
        stock_quantity: stock::stated_count(offer),
        delivery_days,
        lead_time_days: offer.lead_time_days,
        valid_until: offer.valid_until,
        source: Source::Live,
        quoted_at: None,
    })
}

/// A cause and the order that was tried, when it came that far.
pub(super) struct Refusal {
    cause: Cause,
    order_quantity: Option<u64>,
    unit_price: Option<Decimal>,
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self { cause, order_quantity: None, unit_price: None }
    }
}

impl Refusal {
    pub(super) fn tried(cause: Cause, order: u64, prices: &Prices) -> Self {
        Self { cause, order_quantity: Some(order), unit_price: Some(prices.price_at(order)) }
    }

    pub(super) fn no_order(problem: NoOrder, need: u64, currency: Currency, extras: &Extras, prices: &Prices) -> Self {
        let amount = |minor| from_minor(minor, currency);
        let cause = match problem {
            NoOrder::BelowMinimum { smallest } => Some(Cause::BelowMinimum { needed: need, smallest }),
            NoOrder::AboveMaximum { smallest, maximum } => Some(Cause::AboveMaximum { order: smallest, maximum }),
            NoOrder::InsufficientStock { smallest, stock } => {
                Some(Cause::InsufficientStock { needed: smallest, in_stock: stock })
            }
            NoOrder::BelowMinimumValue { goods, .. } => {
                let limit = extras.minimum_value.and_then(amount);
                amount(goods).zip(limit).map(|(goods, minimum_value)| Cause::BelowMinimumValue {
                    goods,
                    minimum_value,
                    currency,
                })
            }
            NoOrder::TooLarge => None,
        };
        let cause = cause.unwrap_or_else(too_large);
        match problem.tried() {
            Some(order) => Self::tried(cause, order, prices),
            None => cause.into(),
        }
    }

    pub(super) fn rejection(self, offer: &Offer, terms: &Terms) -> Rejection {
        Rejection {
            product: offer.product.clone(),
            identity: offer.identity.clone(),
            cause: self.cause,
            order_quantity: self.order_quantity,
            stock_quantity: stock::stated_count(offer),
            currency: offer.currency.clone().or_else(|| terms.currency.map(|currency| currency.code().to_owned())),
            unit_price: self.unit_price.or(offer.unit_price),
            total_price: offer.total_price,
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
