//! `pricecmp suppliers`: what earlier runs have learned of every supplier.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::{Flags, Format};
use crate::config::{self, Errand, Settings, Supplier};
use crate::domain::{Breaker, Circuit, Record, Sighting};
use crate::report;
use crate::store::{Observation, Store, StoreError};

use super::error::Failed;
use super::state::State;
use super::{Surroundings, circuits, output, publish};

/// What is older says nothing about a supplier's health.
const LATELY: Duration = Duration::from_hours(90 * 24);

/// Prints what is known of every supplier, as a table or as JSON.
///
/// # Errors
/// When the command line or the configuration is wrong, or the result could not be written.
pub(super) fn list(flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let settings = config::load(flags, Errand::Survey, &surroundings.environment)?;
    let presentation = &settings.presentation;
    if !matches!(presentation.format, Format::Table | Format::Json) {
        let message = "`suppliers` writes a table or JSON, and `--format` asks for something else".to_owned();
        return Err(Failed::Usage { message, hint: "use `--json`, or leave `--format` out" });
    }
    let now = Timestamp::now();
    let mut state = State::at(settings.state.clone());
    let records = state.with(|store| settings.suppliers.iter().map(|supplier| record(store, supplier, now)).collect());
    let records: Vec<Record> = records.unwrap_or_else(|| settings.suppliers.iter().map(unknown).collect());
    warn(&mut state, &settings, surroundings);
    let screen = publish::screen(presentation, surroundings.terminal);
    let render = |format| match format {
        Format::Json => report::json::health(&records),
        Format::Table | Format::Csv | Format::Markdown | Format::Ndjson => {
            report::health::render(&records, now, screen)
        }
    };
    publish::publish(render, presentation, surroundings.terminal)?;
    Ok(0)
}

/// Closes the circuits of suppliers and forgets what is known of them.
///
/// # Errors
/// When a name is none of the configuration's, or the configuration is wrong.
pub(super) fn reset(names: Vec<String>, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let chosen = Flags { supplier: names, ..flags.clone() };
    let settings = config::load(&chosen, Errand::Survey, &surroundings.environment)?;
    let mut state = State::at(settings.state.clone());
    let done = state.with(|store| {
        store.record(Timestamp::now(), |changes| {
            settings.suppliers.iter().try_for_each(|supplier| {
                circuits::with_key(supplier, |key| {
                    changes.update_breaker(key, |breaker| *breaker = Breaker::default())?;
                    changes.forget_observations(key)
                })
            })
        })
    });
    warn(&mut state, &settings, surroundings);
    if done.is_none() {
        let message = "nothing was reset: there is no state that could be written".to_owned();
        return Err(Failed::remark(
            message,
            "leave `--no-state` out, or name a file that can be written with `--state`",
        ));
    }
    let line = |supplier: &Supplier| format!("{}: circuit closed, record empty\n", supplier.name);
    output::to_stdout(&settings.suppliers.iter().map(line).collect::<String>())?;
    Ok(0)
}

fn record(store: &Store, supplier: &Supplier, now: Timestamp) -> Result<Record, StoreError> {
    circuits::with_key(supplier, |key| {
        let circuit = store.breaker(key)?.circuit(now);
        let sightings = store.observations(key, LATELY, now)?.into_iter().map(sighting).collect();
        Ok(Record { supplier: supplier.name.clone(), circuit, sightings })
    })
}

fn sighting(observation: Observation) -> Sighting {
    let Observation { at, took, error, extra_requests: _ } = observation;
    Sighting { at, took, error }
}

/// A supplier that was never asked.
fn unknown(supplier: &Supplier) -> Record {
    Record { supplier: supplier.name.clone(), circuit: Circuit::Closed, sightings: Vec::new() }
}

fn warn(state: &mut State, settings: &Settings, surroundings: &Surroundings) {
    surroundings.warn(settings);
    if !settings.presentation.quiet {
        let color = settings.presentation.color.on(surroundings.terminal.stderr);
        output::to_stderr(&report::warnings(&state.take_warnings(), color));
    }
}
