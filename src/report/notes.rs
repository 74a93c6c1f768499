//! What is said beside a result, on standard error: warnings, why there is no result, what to do about it.

use super::prose;
use super::style::{Painter, Style};
use crate::compare::Comparison;
use crate::domain::{Termination, Warning};

/// A command with a name so long is hardly meant as a product by who writes nearly the same.
const LONG_NAME: usize = 5;

/// Says what deserves attention, one line each: warnings, the interrupt, the run's failure, gates that failed, and
/// hints. `misspelt` is the command that the product's name resembles. `quiet` leaves out everything but errors.
#[must_use]
pub fn notes(comparison: &Comparison, misspelt: Option<&str>, quiet: bool, color: bool) -> String {
    let painter = Painter { color };
    let mut text = if quiet { String::new() } else { warnings(&comparison.warnings, color) };
    for error in errors(comparison) {
        text.push_str(&line(painter, Style::Bad, "error", &error));
    }
    let nobody_has_it = comparison.quotes.is_empty() && comparison.rejected.is_empty();
    let command = misspelt.filter(|command| nobody_has_it || command.len() >= LONG_NAME);
    let command = command.map(|command| format!("did you mean the command `pricecmp {command}`?"));
    for hint in prose::hint(comparison).into_iter().chain(command).filter(|_| !quiet) {
        text.push_str(&line(painter, Style::Note, "hint", &hint));
    }
    text
}

/// Says what warnings warn of, one line each.
#[must_use]
pub fn warnings(warnings: &[Warning], color: bool) -> String {
    let painter = Painter { color };
    warnings.iter().map(|warning| line(painter, Style::Caution, "warning", &prose::warning(warning))).collect()
}

/// Why the run has no result, or which of its gates failed.
pub(super) fn errors(comparison: &Comparison) -> Vec<String> {
    if comparison.termination == Termination::Interrupted {
        return vec!["interrupted before every supplier was done".to_owned()];
    }
    if let Some(failure) = &comparison.failure {
        return vec![prose::run_failure(failure)];
    }
    let failed = comparison.gates.iter().filter(|gate| !gate.passed);
    failed.map(|gate| prose::gate(gate, comparison)).collect()
}

/// One line with its label.
pub(super) fn line(painter: Painter, style: Style, label: &str, sentence: &str) -> String {
    format!("{} {sentence}\n", painter.paint(style, &format!("{label}:")))
}

#[cfg(test)]
mod tests {
    use super::super::scene;
    use super::*;
    use crate::compare::RunFailure;
    use crate::domain::{SupplierName, WarningKind};

    fn failed() -> Comparison {
        Comparison {
            failure: Some(RunFailure::InsufficientResponses { required: 2, got: 0 }),
            warnings: vec![Warning { kind: WarningKind::NoMock, supplier: Some(SupplierName::new("acme")) }],
            ..scene::empty()
        }
    }

    fn result() -> Comparison {
        Comparison { warnings: Vec::new(), ..scene::full() }
    }

    #[test]
    fn a_run_without_a_result_says_why_and_what_to_do() {
        let expected = "warning: supplier `acme` has no mock and was left out\n\
                        error: too few suppliers responded: 2 needed, 0 did\n\
                        hint: each supplier that failed says why; `--min-responses` sets how many must respond\n";
        assert_eq!(notes(&failed(), None, false, false), expected);
    }

    #[test]
    fn quiet_leaves_errors_alone() {
        let expected = "error: too few suppliers responded: 2 needed, 0 did\n";
        assert_eq!(notes(&failed(), Some("check"), true, false), expected);
    }

    #[test]
    fn a_result_needs_no_notes() {
        assert_eq!(notes(&result(), None, false, true), "");
    }

    #[test]
    fn a_failed_gate_is_an_error() {
        let mut comparison = result();
        comparison.gates[0].passed = false;
        let expected = "error: gate failed: total 35.93 EUR is above 40.00 EUR\n";
        assert_eq!(notes(&comparison, None, true, false), expected);
    }

    #[test]
    fn an_interrupt_is_an_error() {
        let comparison = Comparison { termination: Termination::Interrupted, ..result() };
        let expected = "error: interrupted before every supplier was done\n";
        assert_eq!(notes(&comparison, None, true, false), expected);
    }

    #[test]
    fn a_misspelt_command_is_proposed_when_it_is_long_or_nobody_has_such_a_product() {
        assert_eq!(notes(&result(), Some("check"), false, false), "hint: did you mean the command `pricecmp check`?\n");
        assert_eq!(notes(&result(), Some("man"), false, false), "");
        let nothing = notes(&scene::empty(), Some("man"), false, false);
        assert!(nothing.ends_with("hint: did you mean the command `pricecmp man`?\n"), "{nothing}");
    }
}
