//! What a comparison leaves for later runs to know.

use jiff::Timestamp;

use crate::compare::{Comparison, SupplierStats};
use crate::config::{Settings, Supplier};
use crate::domain::ErrorKind;
use crate::store::{Observation, SupplierKey};

use super::state::State;

/// Keeps how the suppliers behaved. The result is out by now, and nothing that goes wrong here changes it.
pub(super) fn remember(state: &mut State, settings: &Settings, comparison: &Comparison) {
    let seen: Vec<(&Supplier, Observation)> = settings
        .suppliers
        .iter()
        .zip(&comparison.suppliers)
        .filter_map(|(supplier, stats)| Some((supplier, observation(stats, comparison.started_at)?)))
        .collect();
    if seen.is_empty() {
        return;
    }
    state.with(|store| {
        store.record(Timestamp::now(), |changes| {
            seen.iter().try_for_each(|(supplier, observation)| {
                let key = SupplierKey { supplier: &supplier.name, origin: &supplier.endpoint.origin() };
                changes.add_observation(key, observation)
            })
        })
    });
}

/// What a supplier showed of itself; `None` when it was not asked, or the fault was on our side.
fn observation(stats: &SupplierStats, at: Timestamp) -> Option<Observation> {
    let took = stats.latency?;
    let failure = stats.failure.as_ref().map(|failure| failure.kind);
    if matches!(failure, Some(ErrorKind::Cancelled | ErrorKind::LocalResource | ErrorKind::Internal)) {
        return None;
    }
    let error = failure.map(|kind| kind.as_str().to_owned());
    Some(Observation { at, took, error, extra_requests: 0 })
}
