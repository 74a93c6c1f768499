//! What became of one request, for whoever keeps the log.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::Question;
use crate::config::mock::MockError;
use crate::domain::SupplierName;

/// The most characters of a client's text in a log line.
const MAX_TEXT: usize = 100;

/// One request, as it is about to be answered. Its text form is one line, in which what the client sent is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// A mock does what it was told to do.
    Asked {
        /// When the request came.
        at: Timestamp,
        /// Which mock.
        supplier: SupplierName,
        /// What it was asked.
        question: Question,
        /// How long it lets the client wait.
        latency: Duration,
        /// What it does then.
        outcome: Outcome,
    },
    /// A mock answers with its recorded ids.
    LookedUp {
        /// When the request came.
        at: Timestamp,
        /// Which mock.
        supplier: SupplierName,
    },
    /// The request was none for a mock, and was answered with an error at once.
    Refused {
        /// When the request came.
        at: Timestamp,
        /// Its path and query.
        target: String,
        /// The HTTP status of the answer.
        status: u16,
    },
}

/// What a mock does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answers with this HTTP status.
    Answered(u16),
    /// Fails as configured.
    Failed(MockError),
}

impl fmt::Display for Served {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked { at, supplier, question, latency, outcome } => write!(
                formatter,
                "{at:.3} {} `{}` × {}: {outcome} after {} ms",
                harmless(supplier.as_str()),
                harmless(&question.product),
                question.quantity,
                latency.as_millis()
            ),
            Self::LookedUp { at, supplier } => write!(formatter, "{at:.3} {} lookup: 200", harmless(supplier.as_str())),
            Self::Refused { at, target, status } => write!(formatter, "{at:.3} `{}`: {status}", harmless(target)),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) | Self::Failed(MockError::Status(status)) => status.fmt(formatter),
            Self::Failed(MockError::Timeout) => formatter.write_str("no answer"),
            Self::Failed(MockError::Reset) => formatter.write_str("reset"),
            Self::Failed(MockError::Close) => formatter.write_str("closed"),
            Self::Failed(MockError::Malformed) => formatter.write_str("200, malformed"),
            Self::Failed(MockError::SupplierError) => formatter.write_str("200, error object"),
            Self::Failed(MockError::WrongProduct) => formatter.write_str("200, wrong product"),
        }
    }
}

/// Escapes everything that is not a visible character or a space, and shortens.
fn harmless(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_TEXT).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_TEXT).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Quantity;

    fn asked(product: &str, outcome: Outcome) -> String {
        Served::Asked {
            at: "2026-11-24T12:00:00.25Z".parse().unwrap(),
            supplier: SupplierName::new("acme"),
            question: Question { product: product.into(), quantity: Quantity::new(95).unwrap() },
            latency: Duration::from_millis(120),
            outcome,
        }
        .to_string()
    }

    #[test]
    fn a_line_says_who_was_asked_what_and_what_came_of_it() {
        assert_eq!(
            asked("widget", Outcome::Answered(200)),
            "2026-11-24T12:00:00.250Z acme `widget` × 95: 200 after 120 ms"
        );
        assert_eq!(
            asked("widget", Outcome::Failed(MockError::Timeout)),
            "2026-11-24T12:00:00.250Z acme `widget` × 95: no answer after 120 ms"
        );
    }

    #[test]
    fn a_client_cannot_write_to_the_terminal() {
        let line = asked("a\u{1b}[2J\n\u{202e}\u{200b}\u{feff}\u{9b}é", Outcome::Answered(200));
        assert!(line.contains(r"`a\u{1b}[2J\n\u{202e}\u{200b}\u{feff}\u{9b}é`"), "{line}");
        let long = asked(&"x".repeat(1000), Outcome::Answered(200));
        assert!(long.contains(&format!("`{}…`", "x".repeat(MAX_TEXT))), "{long}");
    }
}
