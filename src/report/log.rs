//! What happens in a run, line by line, for `--verbose`.

use std::time::Duration;

use super::amount::time;
use super::prose;
use super::sanitize::clean;
use crate::domain::{Event, Outcome, RatesDay, SupplierName, SupplierReport};

/// Says what an event means, in one line; `suppliers` are the plan's, in its order.
#[must_use]
pub fn event_line(event: &Event<'_>, suppliers: &[SupplierName]) -> String {
    let name = |supplier: usize| suppliers.get(supplier).map(|name| clean(name.as_str())).unwrap_or_default();
    match event {
        Event::Asked { supplier } => format!("{}: asked\n", name(*supplier)),
        Event::Retrying { supplier, attempts, failure, pause } => {
            let (name, failure, pause) = (name(*supplier), prose::failure(failure), time(*pause));
            format!("{name}: attempt {attempts} failed, the next is in {pause}: {failure}\n")
        }
        Event::Hedged { supplier } => format!("{}: was slow, and asked once more beside\n", name(*supplier)),
        Event::Done { supplier, report } => format!("{}: {}\n", name(*supplier), done(report)),
    }
}

/// Says which rates a run uses, in one line; `took` is how long they were fetched, nothing for those that were known.
#[must_use]
pub fn rates_line(day: RatesDay, took: Duration) -> String {
    let after = if took.is_zero() { String::new() } else { format!(" after {}", time(took)) };
    format!("rates: those of {}, base {}{after}\n", day.date, day.base)
}

fn done(report: &SupplierReport) -> String {
    let after = report.latency.map(|latency| format!(" after {}", time(latency))).unwrap_or_default();
    let attempts = prose::attempts(report.attempts).map(|attempts| format!(", {attempts}")).unwrap_or_default();
    match &report.outcome {
        Outcome::Answered(answer) => {
            let (ranked, rejected) = (answer.quotes.len(), answer.rejections.len());
            let offers = prose::count(ranked as u64, "offer", "offers");
            format!("answered{after}{attempts}, {offers} ranked, {rejected} rejected")
        }
        Outcome::Failed(failure) => format!("failed{after}{attempts}: {}", prose::failure(failure)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, ErrorKind, Failure, TransportKind};

    fn line(outcome: Outcome) -> String {
        line_after(1, outcome)
    }

    fn line_after(attempts: u32, outcome: Outcome) -> String {
        let report = SupplierReport {
            supplier: SupplierName::new("acme"),
            transport: TransportKind::Http,
            latency: Some(Duration::from_millis(92)),
            attempts,
            http_status: None,
            file_modified_at: None,
            outcome,
        };
        event_line(&Event::Done { supplier: 0, report: &report }, &[SupplierName::new("acme")])
    }

    #[test]
    fn rates_are_one_line() {
        let day = RatesDay { base: crate::report::scene::eur(), date: jiff::civil::date(2026, 11, 20) };
        assert_eq!(rates_line(day, Duration::ZERO), "rates: those of 2026-11-20, base EUR\n");
        assert_eq!(rates_line(day, Duration::from_millis(92)), "rates: those of 2026-11-20, base EUR after 92ms\n");
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

    #[test]
    fn attempts_are_told_when_there_were_several() {
        let busy = Failure::new(ErrorKind::HttpStatus).with_status(503);
        let retrying = Event::Retrying { supplier: 0, attempts: 1, failure: &busy, pause: Duration::from_millis(31) };
        let line = event_line(&retrying, &[SupplierName::new("acme")]);
        assert_eq!(line, "acme: attempt 1 failed, the next is in 31ms: HTTP status 503, service unavailable\n");
        let hedged = event_line(&Event::Hedged { supplier: 0 }, &[SupplierName::new("acme")]);
        assert_eq!(hedged, "acme: was slow, and asked once more beside\n");
        let answered = line_after(2, Outcome::Answered(Answer::default()));
        assert_eq!(answered, "acme: answered after 92ms, 2 attempts, 0 offers ranked, 0 rejected\n");
        let failed = line_after(3, Outcome::Failed(busy));
        assert_eq!(failed, "acme: failed after 92ms, 3 attempts: HTTP status 503, service unavailable\n");
    }
}
