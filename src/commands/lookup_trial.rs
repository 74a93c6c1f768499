//! `pricecmp check --lookup-reply FILE`: which ids a supplier's lookup finds in a saved reply. Nobody is asked.

use std::path::Path;
use std::sync::Arc;

use crate::cli::{Check, Flags};
use crate::mapping::{Bindings, outline};
use crate::report::{self, LookupTrial, Screen};

use super::error::Failed;
use super::trial::{self, MOST, NOT_UNDERSTOOD, NOTHING, PARTS, TRACED};
use super::{Surroundings, output};

/// The flag that names the reply.
const LOOKUP_REPLY: &str = "--lookup-reply";
/// The exit code when there is an id.
const FOUND: u8 = 0;

/// Runs the lookup of the one supplier that is selected on the reply, and prints which ids it finds.
///
/// # Errors
/// When the configuration is wrong, several suppliers are selected, the one has no lookup, or the reply cannot be read.
pub(super) fn try_reply(file: &Path, check: &Check, flags: &Flags, surroundings: &Surroundings) -> Result<u8, Failed> {
    let (settings, plan) = trial::prepare(file, LOOKUP_REPLY, check, flags, surroundings)?;
    let supplier = &settings.suppliers[0];
    let Some(lookup) = &supplier.lookup else {
        let message = format!("`{LOOKUP_REPLY}`: supplier `{}` has no `lookup`", supplier.name);
        return Err(Failed::Usage { message, hint: "`--reply` tries its `quotes`" });
    };
    let body = trial::read(file, LOOKUP_REPLY, MOST)?;
    let bindings = Bindings::new(Arc::clone(&plan.request), Arc::clone(&supplier.vars));
    let outcome = lookup.mapping.read(&body, &bindings);
    // A trace that fails has failed as the lookup would.
    let traced = lookup.mapping.trace(&body, &bindings, TRACED).unwrap_or_default();
    let trial = LookupTrial {
        supplier: &supplier.name,
        reply: file.to_string_lossy().into_owned(),
        body: &body,
        product: &plan.request.product,
        filter: lookup.mapping.ids.source(),
        most: lookup.max_ids.into(),
        each: lookup.each,
        outcome,
        traced,
        parts: outline(&body, PARTS).unwrap_or_default(),
    };
    let (color, width) = (settings.presentation.color, surroundings.terminal.width);
    let screen = Screen { width, color: color.on(surroundings.terminal.stdout) };
    output::to_stdout(&report::lookup_trial(&trial, screen))?;
    Ok(match &trial.outcome {
        Ok(ids) if ids.is_empty() => NOTHING,
        Ok(_) => FOUND,
        Err(_) => NOT_UNDERSTOOD,
    })
}
