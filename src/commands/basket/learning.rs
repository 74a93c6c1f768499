//! What a basket leaves for later runs to know: a bounded part of what its suppliers did.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::config::Settings;
use crate::domain::{Appraised, ErrorKind, Gathered, Outcome, Signal, SupplierReport, signals};
use crate::plan::Plan;
use crate::store::Observation;

use super::super::state::State;
use super::super::{circuits, seen};

/// How many of a supplier's last signals count; a breaker remembers no more.
const MOST_SIGNALS: usize = 20;
/// How many of a supplier's times are kept, so that one basket does not crowd out other runs.
const MOST_TIMES: usize = 50;
/// How many answers are kept in all, of the first lines that were complete.
const MOST_ANSWERS: usize = 2_000;

/// What was learned.
#[derive(Debug)]
pub(in crate::commands) struct Learning {
    suppliers: Vec<OfSupplier>,
    own_times: Vec<Option<Duration>>,
    answers: Vec<(Arc<Plan>, usize, Vec<Appraised>)>,
}

#[derive(Debug, Default)]
struct OfSupplier {
    signals: VecDeque<Signal>,
    times: Vec<Observation>,
}

impl Learning {
    /// Nothing yet.
    pub(in crate::commands) fn new(settings: &Settings) -> Self {
        let suppliers = settings.suppliers.iter().map(|_| OfSupplier::default()).collect();
        let own_times = settings.suppliers.iter().map(|supplier| supplier.timeout).collect();
        Self { suppliers, own_times, answers: Vec::new() }
    }

    /// Takes in what came of a line.
    pub(in crate::commands) fn note(&mut self, plan: &Arc<Plan>, gathered: &Gathered) {
        let signals = signals(&gathered.reports, &self.own_times);
        for (number, (report, signal)) in gathered.reports.iter().zip(signals).enumerate() {
            let known = &mut self.suppliers[number];
            if report.attempts == 0 {
                continue;
            }
            if signal != Signal::Neutral {
                known.signals.push_back(signal);
                known.signals.drain(..known.signals.len().saturating_sub(MOST_SIGNALS));
            }
            if known.times.len() < MOST_TIMES {
                known.times.extend(observation(report, plan.started_at));
            }
            if let Outcome::Answered(answer) = &report.outcome
                && self.answers.len() < MOST_ANSWERS
            {
                self.answers.push((Arc::clone(plan), number, answer.appraised.clone()));
            }
        }
    }

    /// Keeps it. `plan` is what the lines have in common.
    pub(in crate::commands) fn keep(&self, state: &mut State, settings: &Settings, plan: &Plan) {
        if self.suppliers.iter().all(|supplier| supplier.times.is_empty()) {
            return;
        }
        state.with(|store| {
            store.record(Timestamp::now(), |changes| {
                let now = Timestamp::now();
                for (plan, supplier, offers) in &self.answers {
                    seen::keep(changes, &settings.suppliers[*supplier], offers, plan)?;
                }
                for (number, (supplier, known)) in settings.suppliers.iter().zip(&self.suppliers).enumerate() {
                    circuits::with_key(supplier, |key| {
                        for signal in &known.signals {
                            circuits::tell(changes, key, *signal, (plan, number), now)?;
                        }
                        known.times.iter().try_for_each(|time| changes.add_observation(key, time))
                    })?;
                }
                Ok(())
            })
        });
    }
}

/// What a supplier showed of itself; `None` when the fault was on our side.
fn observation(report: &SupplierReport, at: Timestamp) -> Option<Observation> {
    let took = report.latency?;
    let failure = match &report.outcome {
        Outcome::Answered(_) => None,
        Outcome::Failed(failure) => Some(failure.kind),
    };
    if matches!(failure, Some(ErrorKind::Cancelled | ErrorKind::LocalResource | ErrorKind::Internal)) {
        return None;
    }
    Some(Observation { at, took, error: failure.map(|kind| kind.as_str().to_owned()), extra_requests: 0 })
}
