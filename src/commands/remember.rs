//! What a comparison leaves for later runs to know.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::compare::{Comparison, SupplierStats};
use crate::config::Settings;
use crate::domain::{Appraised, ErrorKind, Signal};
use crate::plan::Plan;
use crate::store::Observation;

use super::state::State;
use super::{circuits, seen};

/// What a run says of its suppliers beside the comparison.
pub(super) struct Learned {
    /// What each says about its health, in their order.
    pub(super) signals: Vec<Signal>,
    /// What each offered, in their order; `None` = it did not respond.
    pub(super) offers: Vec<Option<Vec<Appraised>>>,
    /// Who was asked a second time for being slow.
    pub(super) hedged: HashSet<usize>,
}

/// Keeps how the suppliers behaved and what they offered. The result is out by now, and nothing that goes
/// wrong here changes it.
pub(super) fn remember(
    state: &mut State,
    settings: &Settings,
    (plan, comparison): (&Plan, &Comparison),
    learned: &Learned,
) {
    let Learned { signals, offers, hedged } = learned;
    let all = settings.suppliers.iter().zip(&comparison.asked).zip(signals).enumerate();
    let asked = all.filter(|(_, ((_, stats), _))| stats.latency.is_some()).collect::<Vec<_>>();
    if asked.is_empty() {
        return;
    }
    state.with(|store| {
        store.record(Timestamp::now(), |changes| {
            // Others may have had their turn while this run waited for its own.
            let now = Timestamp::now();
            asked.iter().try_for_each(|(number, ((supplier, stats), signal))| {
                if let Some(Some(offers)) = offers.get(*number) {
                    seen::keep(changes, supplier, offers, plan)?;
                }
                circuits::with_key(supplier, |key| {
                    circuits::tell(changes, key, **signal, (plan, *number), now)?;
                    let observation = observation(stats, comparison.started_at, hedged.contains(number));
                    observation.map_or(Ok(()), |observation| changes.add_observation(key, &observation))
                })
            })
        })
    });
}

/// What a supplier showed of itself; `None` when it was not asked, or the fault was on our side.
fn observation(stats: &SupplierStats, at: Timestamp, hedged: bool) -> Option<Observation> {
    let took = stats.latency?;
    let failure = stats.failure.as_ref().map(|failure| failure.kind);
    if matches!(failure, Some(ErrorKind::Cancelled | ErrorKind::LocalResource | ErrorKind::Internal)) {
        return None;
    }
    let error = failure.map(|kind| kind.as_str().to_owned());
    Some(Observation { at, took, error, extra_requests: hedged.into() })
}
