//! Which suppliers are asked a second time when they are slow, by what earlier runs have learned.

use std::time::Duration;

use crate::config::{Settings, Supplier};
use crate::domain::{Hedging, Usual, hedge_after};
use crate::plan::Plan;
use crate::store::{Observation, Store, StoreError};

use super::circuits;
use super::state::State;

/// What is older says nothing about how fast a supplier is.
const LATELY: Duration = Duration::from_hours(30 * 24);

/// After which time each supplier is asked a second time, in the suppliers' order; none at all = nobody ever is. Without
/// a state there is no budget that could be kept.
pub(super) fn waits(state: &mut State, settings: &Settings, plan: &Plan) -> Vec<Option<Duration>> {
    if settings.suppliers.iter().all(|supplier| supplier.hedging == Hedging::Off) {
        return Vec::new();
    }
    let waits = state.with(|store| settings.suppliers.iter().map(|supplier| wait(store, supplier, plan)).collect());
    waits.unwrap_or_default()
}

fn wait(store: &Store, supplier: &Supplier, plan: &Plan) -> Result<Option<Duration>, StoreError> {
    if supplier.hedging == Hedging::Off {
        return Ok(None);
    }
    let observations = circuits::with_key(supplier, |key| store.observations(key, LATELY, plan.started_at))?;
    Ok(hedge_after(supplier.hedging, usual(&observations)))
}

fn usual(observations: &[Observation]) -> Usual {
    let answers = observations.iter().filter(|observation| observation.error.is_none());
    let (once, twice): (Vec<_>, Vec<_>) = answers.partition(|observation| observation.extra_requests == 0);
    let took = |answers: Vec<&Observation>| answers.into_iter().map(|observation| observation.took).collect();
    Usual {
        answers: took(once),
        first_of_two: took(twice),
        runs: observations.len(),
        extra: observations.iter().map(|observation| observation.extra_requests as usize).sum(),
    }
}
