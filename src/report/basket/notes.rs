//! What is said beside a basket, on standard error.

use super::words;
use crate::compare::{BasketComparison, BasketFailure};
use crate::domain::Termination;
use crate::report::notes::{line, warnings};
use crate::report::style::{Painter, Style};

/// Says what deserves attention, one line each: warnings, the interrupt, why the result is not complete, gates that failed,
/// and what to do. `quiet` leaves out everything but errors.
#[must_use]
pub fn notes(basket: &BasketComparison, quiet: bool, color: bool) -> String {
    let painter = Painter { color };
    let mut text = if quiet { String::new() } else { warnings(&basket.warnings, color) };
    for error in errors(basket) {
        text.push_str(&line(painter, Style::Bad, "error", &error));
    }
    for hint in hint(basket).into_iter().filter(|_| !quiet) {
        text.push_str(&line(painter, Style::Note, "hint", hint));
    }
    text
}

fn errors(basket: &BasketComparison) -> Vec<String> {
    if basket.termination == Termination::Interrupted {
        return vec!["interrupted before every line was done".to_owned()];
    }
    if let Some(failure) = basket.failure() {
        return vec![words::failure(&failure)];
    }
    basket.gates().iter().filter(|gate| !gate.passed).map(|gate| words::gate(basket, gate)).collect()
}

fn hint(basket: &BasketComparison) -> Option<&'static str> {
    let was_cut_off = basket.termination == Termination::Deadline;
    match basket.failure()? {
        _ if was_cut_off => Some("allow more time with --timeout"),
        BasketFailure::WithoutSupplier(_) => Some("each of them says why; --partial goes on without them"),
        BasketFailure::NoResponses => Some("each supplier that failed says why"),
    }
}
