//! What suppliers asked before for what they are asked for now.

use std::collections::HashMap;
use std::thread;

use crate::domain::{PreviousPrice, SupplierName};
use crate::plan::Plan;

use super::error::Failed;
use super::state::State;

/// What each supplier asked before, as far as it is known.
pub(super) type Previous = HashMap<SupplierName, PreviousPrice>;

/// Asks, and meanwhile reads what was asked before: nobody waits for it, however much is known.
///
/// # Errors
/// When asking fails, or the system refuses a thread.
pub(super) fn read_while<T>(
    state: &mut State,
    plan: &Plan,
    ask: impl FnOnce() -> Result<T, Failed>,
) -> Result<(T, Previous), Failed> {
    if !state.is_there() {
        return Ok((ask()?, Previous::new()));
    }
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("state".to_owned());
        let reading = reader.spawn_scoped(scope, || previous(state, plan)).map_err(Failed::Start)?;
        let asked = ask()?;
        Ok((asked, reading.join().unwrap_or_default()))
    })
}

/// What each supplier asked before for what the plan asks for.
pub(super) fn previous(state: &mut State, plan: &Plan) -> Previous {
    let settled = plan.started_at.checked_sub(PreviousPrice::SETTLED_AFTER).unwrap_or_default();
    let known = state.with(|store| {
        let mut known = Previous::new();
        for supplier in &*plan.suppliers {
            let reply = store.earlier_prices(&supplier.name, &plan.request, settled, plan.started_at)?;
            if let Some(cheapest) = reply.into_iter().min_by_key(|price| price.total) {
                known.insert(supplier.name.clone(), cheapest);
            }
        }
        Ok(known)
    });
    known.unwrap_or_default()
}
