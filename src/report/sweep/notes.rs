//! What is said beside a sweep, on standard error.

use super::words;
use crate::compare::{Comparison, SweepComparison};
use crate::domain::Warning;
use crate::report::notes::{errors, line, warnings};
use crate::report::prose;
use crate::report::style::{Painter, Style};

/// Says what deserves attention, one line each: warnings, the interrupt, where there is no result and why, gates that
/// failed, and what to do. `quiet` leaves out everything but errors.
#[must_use]
pub fn notes(sweep: &SweepComparison, quiet: bool, color: bool) -> String {
    let painter = Painter { color };
    let mut text = if quiet { String::new() } else { warnings(&all_warnings(sweep), color) };
    for error in words::sentences(sweep, errors) {
        text.push_str(&line(painter, Style::Bad, "error", &error));
    }
    let hint = sweep.comparisons.iter().find_map(prose::hint);
    for hint in hint.into_iter().filter(|_| !quiet) {
        text.push_str(&line(painter, Style::Note, "hint", &hint));
    }
    text
}

/// What deserves attention at any quantity, each once.
fn all_warnings(sweep: &SweepComparison) -> Vec<Warning> {
    let mut all: Vec<Warning> = Vec::new();
    let of_quantities = sweep.comparisons.iter().flat_map(|Comparison { warnings, .. }| warnings);
    for warning in sweep.warnings.iter().chain(of_quantities) {
        if !all.contains(warning) {
            all.push(warning.clone());
        }
    }
    all
}
