//! Whom the circuit breakers let a run ask, and what a run says to them.
//!
//! Owns which breaker belongs to which supplier. Refuses to know when a circuit opens and closes (`domain` does), and
//! where breakers are kept.

use jiff::Timestamp;

use crate::config::{Settings, Supplier};
use crate::domain::{Admission, Breaker, Circuit, Gathered, Signal, draw, signals};
use crate::plan::Plan;
use crate::store::{Changes, StoreError, SupplierKey};

use super::state::State;

/// Decides whom the run may ask, in the suppliers' order; none at all = everybody. Where a circuit is half-open, one run
/// gets the right to probe it before anybody is asked.
pub(super) fn admissions(state: &mut State, settings: &Settings, plan: &Plan) -> Vec<Admission> {
    if settings.ask_open {
        return Vec::new();
    }
    let now = plan.started_at;
    let known = state.with(|store| {
        let circuit = |supplier| with_key(supplier, |key| Ok(store.breaker(key)?.circuit(now)));
        settings.suppliers.iter().map(circuit).collect::<Result<Vec<Circuit>, StoreError>>()
    });
    let known = known.unwrap_or_default();
    let claimed = if known.contains(&Circuit::HalfOpen) { claim(state, settings, plan, &known) } else { None };
    claimed.unwrap_or_else(|| known.into_iter().map(as_known).collect())
}

/// Asks for the right to probe where a circuit is half-open.
fn claim(state: &mut State, settings: &Settings, plan: &Plan, known: &[Circuit]) -> Option<Vec<Admission>> {
    let whole = plan.criteria.timeout;
    let admit = |supplier: &Supplier, breaker: &mut Breaker, now| {
        breaker.admit(&plan.correlation_id, supplier.timeout.unwrap_or(whole).min(whole), now)
    };
    state.with(|store| {
        store.claim(plan.started_at, |changes| {
            // Others may have had their turn since the run started: what they left must not look like the future.
            let now = Timestamp::now();
            let admission = |(supplier, circuit): (&Supplier, &Circuit)| match circuit {
                Circuit::HalfOpen => {
                    with_key(supplier, |key| changes.update_breaker(key, |breaker| admit(supplier, breaker, now)))
                }
                Circuit::Closed | Circuit::Open(_) => Ok(as_known(*circuit)),
            };
            settings.suppliers.iter().zip(known).map(admission).collect()
        })
    })
}

/// What a circuit lets happen when nobody can be asked for a lease.
const fn as_known(circuit: Circuit) -> Admission {
    match circuit {
        Circuit::Closed | Circuit::HalfOpen => Admission::Ask,
        Circuit::Open(left) => Admission::Refused(left),
    }
}

/// What a run says about its suppliers' health, in their order.
pub(super) fn of_run(gathered: &Gathered, settings: &Settings) -> Vec<Signal> {
    let own_times: Vec<_> = settings.suppliers.iter().map(|supplier| supplier.timeout).collect();
    signals(&gathered.reports, &own_times)
}

/// Tells a supplier's breaker. It gives back the lease, if the run had it.
pub(super) fn tell(
    changes: &Changes<'_>,
    key: SupplierKey<'_>,
    signal: Signal,
    (plan, supplier): (&Plan, usize),
    now: Timestamp,
) -> Result<(), StoreError> {
    let chance = draw(!plan.seed, supplier as u64);
    changes.update_breaker(key, |breaker| breaker.note(signal, &plan.correlation_id, now, chance))
}

/// What stored facts about a supplier belong to.
pub(super) fn with_key<T>(supplier: &Supplier, work: impl FnOnce(SupplierKey<'_>) -> T) -> T {
    work(SupplierKey { supplier: &supplier.name, origin: &supplier.endpoint.origin() })
}
