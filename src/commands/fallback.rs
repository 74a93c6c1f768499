//! What earlier runs know, in the place of suppliers that did not respond.

use std::time::Duration;

use crate::compare::SupplierQuote;
use crate::config::{Settings, Supplier};
use crate::domain::{Fallback, Gathered, Outcome, PastOffer, stand_in};
use crate::mapping::decode_offer;
use crate::plan::Plan;
use crate::store::SeenOffer;

use super::state::State;

/// Whether history may stand in for anybody.
pub(super) fn is_wanted(settings: &Settings) -> bool {
    settings.suppliers.iter().any(|supplier| supplier.fallback != Fallback::Off)
}

/// What stands in for the suppliers that did not respond, by their order. The rates are those of the plan.
pub(super) fn stand_ins(
    state: &mut State,
    settings: &Settings,
    plan: &Plan,
    gathered: &Gathered,
) -> Vec<SupplierQuote> {
    let suppliers = settings.suppliers.iter().zip(&gathered.reports).enumerate();
    let silent: Vec<(usize, &Supplier, Duration)> = suppliers
        .filter_map(|(number, (supplier, report))| match (&report.outcome, supplier.fallback) {
            (Outcome::Failed(_), Fallback::History(age)) => Some((number, supplier, age)),
            _ => None,
        })
        .collect();
    let Some(longest) = silent.iter().map(|(_, _, age)| *age).max() else { return Vec::new() };
    let seen = state.with(|store| store.offers_over_time(&plan.request.product, longest, plan.started_at));
    let seen = seen.unwrap_or_default();
    let quotes = silent.into_iter().flat_map(|(number, supplier, age)| {
        let oldest = plan.started_at.checked_sub(age).unwrap_or_default();
        let past: Vec<PastOffer> = seen
            .iter()
            .filter(|seen| seen.supplier == supplier.name && seen.quoted_at >= oldest)
            .filter_map(past)
            .collect();
        let quotes = stand_in(&past, &plan.context(number));
        quotes.into_iter().map(|quote| SupplierQuote::new(supplier.name.clone(), quote))
    });
    quotes.collect()
}

/// A stored offer; `None` when it cannot be read any more.
fn past(seen: &SeenOffer) -> Option<PastOffer> {
    let offer = match &seen.offer {
        Some(text) => Some(decode_offer(text, &seen.supplier)?),
        None => None,
    };
    Some(PastOffer { quoted_at: seen.quoted_at, quantity: seen.quantity, offer })
}
