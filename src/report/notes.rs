//! What is said beside a result, on standard error: warnings, why there is no result, what to do about it.

use super::prose;
use super::style::{Painter, Style};
use crate::compare::Comparison;

/// Says what deserves attention, one line each: warnings, the run's failure, gates that failed, and a hint. `quiet`
/// leaves out everything but errors.
#[must_use]
pub fn notes(comparison: &Comparison, quiet: bool, color: bool) -> String {
    let painter = Painter { color };
    let mut lines: Vec<String> = Vec::new();
    let mut say = |style, label: &str, sentence: &str| {
        lines.push(format!("{} {sentence}\n", painter.paint(style, &format!("{label}:"))));
    };
    if !quiet {
        for warning in &comparison.warnings {
            say(Style::Caution, "warning", &prose::warning(warning));
        }
    }
    if let Some(failure) = &comparison.failure {
        say(Style::Bad, "error", &prose::run_failure(failure));
    } else {
        for gate in comparison.gates.iter().filter(|gate| !gate.passed) {
            say(Style::Bad, "error", &prose::gate(gate, &comparison.request));
        }
    }
    if let Some(hint) = prose::hint(comparison).filter(|_| !quiet) {
        say(Style::Note, "hint", &hint);
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::super::scene;
    use super::*;
    use crate::compare::RunFailure;
    use crate::domain::{SupplierName, Warning, WarningKind};

    fn failed() -> Comparison {
        Comparison {
            failure: Some(RunFailure::InsufficientResponses { required: 2, got: 0 }),
            warnings: vec![Warning { kind: WarningKind::NoMock, supplier: Some(SupplierName::new("acme")) }],
            ..scene::empty()
        }
    }

    #[test]
    fn a_run_without_a_result_says_why_and_what_to_do() {
        let expected = "warning: supplier `acme` has no mock and was left out\n\
                        error: too few suppliers responded: 2 needed, 0 did\n\
                        hint: each supplier that failed says why; --min-responses sets how many must respond\n";
        assert_eq!(notes(&failed(), false, false), expected);
    }

    #[test]
    fn quiet_leaves_errors_alone() {
        assert_eq!(notes(&failed(), true, false), "error: too few suppliers responded: 2 needed, 0 did\n");
    }

    #[test]
    fn a_result_needs_no_notes() {
        assert_eq!(notes(&Comparison { warnings: Vec::new(), ..scene::full() }, false, true), "");
    }

    #[test]
    fn a_failed_gate_is_an_error() {
        let mut comparison = scene::full();
        comparison.gates[0].passed = false;
        assert_eq!(notes(&comparison, true, false), "error: gate failed: total 35.93 EUR is above 40.00 EUR\n");
    }
}
