//! What a command says on stderr about a result.

use crate::cli;
use crate::compare::{BasketComparison, Comparison, SweepComparison};
use crate::config::Presentation;
use crate::domain::Warning;
use crate::report;

use super::output;
use super::terminal::Terminal;

/// Says what there is to say about the result.
pub(super) fn comment(comparison: &Comparison, presentation: &Presentation, terminal: Terminal) {
    let misspelt = cli::nearest_command(&comparison.request.product);
    let color = presentation.color.on(terminal.stderr);
    output::to_stderr(&report::notes(comparison, misspelt.as_deref(), presentation.quiet, color));
}

/// Says what there is to say about the result of a basket.
pub(super) fn comment_basket(basket: &BasketComparison, presentation: &Presentation, terminal: Terminal) {
    output::to_stderr(&report::basket_notes(basket, presentation.quiet, presentation.color.on(terminal.stderr)));
}

/// Says what there is to say about the result of a sweep.
pub(super) fn comment_sweep(sweep: &SweepComparison, presentation: &Presentation, terminal: Terminal) {
    output::to_stderr(&report::sweep_notes(sweep, presentation.quiet, presentation.color.on(terminal.stderr)));
}

/// Says what deserves attention.
pub(super) fn warn(warnings: &[Warning], presentation: &Presentation, terminal: Terminal) {
    if !presentation.quiet {
        output::to_stderr(&report::warnings(warnings, presentation.color.on(terminal.stderr)));
    }
}
