//! What happens in a run, line by line, for `--verbose`.

use super::amount::time;
use super::prose;
use super::sanitize::clean;
use crate::domain::{Event, Outcome, SupplierName, SupplierReport};

/// Says what an event means, in one line; `suppliers` are the plan's, in its order.
#[must_use]
pub fn event_line(event: &Event<'_>, suppliers: &[SupplierName]) -> String {
    let name = |supplier: usize| suppliers.get(supplier).map(|name| clean(name.as_str())).unwrap_or_default();
    match event {
        Event::Asked { supplier } => format!("{}: asked\n", name(*supplier)),
        Event::Done { supplier, report } => format!("{}: {}\n", name(*supplier), done(report)),
    }
}

fn done(report: &SupplierReport) -> String {
    let after = report.latency.map(|latency| format!(" after {}", time(latency))).unwrap_or_default();
    match &report.outcome {
        Outcome::Answered(answer) => {
            let (ranked, rejected) = (answer.quotes.len(), answer.rejections.len());
            let offers = prose::count(ranked as u64, "offer", "offers");
            format!("answered{after}, {offers} ranked, {rejected} rejected")
        }
        Outcome::Failed(failure) => format!("failed{after}: {}", prose::failure(failure)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{Answer, ErrorKind, Failure, TransportKind};

    fn line(outcome: Outcome) -> String {
        let report = SupplierReport {
            supplier: SupplierName::new("acme"),
            transport: TransportKind::Http,
            latency: Some(Duration::from_millis(92)),
            attempts: 1,
            http_status: None,
            outcome,
        };
        event_line(&Event::Done { supplier: 0, report: &report }, &[SupplierName::new("acme")])
    }

    #[test]
    fn every_event_is_one_line() {
        assert_eq!(event_line(&Event::Asked { supplier: 0 }, &[SupplierName::new("acme")]), "acme: asked\n");
        let answered = line(Outcome::Answered(Answer::default()));
        assert_eq!(answered, "acme: answered after 92ms, 0 offers ranked, 0 rejected\n");
        let failed = line(Outcome::Failed(Failure::new(ErrorKind::Connect).with_detail("refused\nby\u{1b}[2J")));
        assert_eq!(failed.matches('\n').count(), 1, "{failed}");
        assert!(failed.starts_with("acme: failed after 92ms: ") && !failed.contains('\u{1b}'), "{failed}");
    }
}
