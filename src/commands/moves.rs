//! What suppliers asked before for what they are asked for now.

use std::collections::HashMap;

use crate::domain::{Gathered, PreviousPrice, SupplierName};
use crate::plan::Plan;

use super::state::State;

/// What the suppliers that have a quote asked before, as far as it is known. It is read when everybody is done, so that
/// no request waits for it.
pub(super) fn previous(state: &mut State, plan: &Plan, gathered: &Gathered) -> HashMap<SupplierName, PreviousPrice> {
    let settled = plan.started_at.checked_sub(PreviousPrice::SETTLED_AFTER).unwrap_or_default();
    let has_quote = |answer: &crate::domain::Answer| !answer.quotes.is_empty();
    let names = gathered.reports.iter().filter(|report| report.answer().is_some_and(has_quote));
    let names: Vec<&SupplierName> = names.map(|report| &report.supplier).collect();
    if names.is_empty() {
        return HashMap::new();
    }
    let known = state.with(|store| {
        let mut known = HashMap::new();
        for name in names {
            let reply = store.earlier_prices(name, &plan.request, settled, plan.started_at)?;
            if let Some(cheapest) = reply.into_iter().min_by_key(|price| price.total) {
                known.insert(name.clone(), cheapest);
            }
        }
        Ok(known)
    });
    known.unwrap_or_default()
}
